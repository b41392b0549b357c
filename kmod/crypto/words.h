/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the algorithms need of their surroundings. They are pure and also compile in
 * userspace, for prosed, tests and benchmarks; the *_module.c, and the headers these
 * alone include, are the kernel's only.
 */
#ifndef _PROSE_CRYPTO_WORDS_H
#define _PROSE_CRYPTO_WORDS_H

#ifdef __KERNEL__

#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>

#else

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

#define be32_to_cpu(x)		be32toh(x)
#define be64_to_cpu(x)		be64toh(x)
#define cpu_to_be32(x)		htobe32(x)
#define cpu_to_be64(x)		htobe64(x)
#define memzero_explicit(p, n)	explicit_bzero(p, n)

#ifndef min_t	/* beside the tests' stand-in for the kernel, it is that one's */
#define min_t(type, a, b)	\
	__extension__({ type _a = (a), _b = (b); _a < _b ? _a : _b; })
#endif

static inline u32 rol32(u32 x, unsigned int n)
{
	return x << (n & 31) | x >> (-n & 31);
}

#endif

/* The most significant octet first, at any address: how the standards write words. */

static inline u32 prose_load32(const u8 *p)
{
	__be32 x;

	memcpy(&x, p, sizeof(x));
	return be32_to_cpu(x);
}

static inline u64 prose_load64(const u8 *p)
{
	__be64 x;

	memcpy(&x, p, sizeof(x));
	return be64_to_cpu(x);
}

static inline void prose_store32(u8 *p, u32 val)
{
	__be32 x = cpu_to_be32(val);

	memcpy(p, &x, sizeof(x));
}

/* What is left of octets when whole words of the key stream are added: less than the word @z. */
static inline void prose_add_rest(u8 *dst, const u8 *src, size_t len, u32 z)
{
	u8 last[4];
	size_t i;

	prose_store32(last, z);
	for (i = 0; i < len; i++)
		dst[i] = src[i] ^ last[i];
	memzero_explicit(last, sizeof(last));
}

#endif /* _PROSE_CRYPTO_WORDS_H */
