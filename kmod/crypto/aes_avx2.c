// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The counter blocks of EEA2 know nothing of each other: eight at a time, as many as a
 * processor works on before the first has ended. Those of a CMAC wait for each other.
 */

#include "avx2.h"
#include "aes_avx2.h"

#define BATCH		8
#define BATCH_LEN	(BATCH * AES_BLOCK_LEN)

static __always_inline v2s64 load16(const u8 *p)
{
	return (v2s64)*(const v16u8_mem *)p;
}

static __always_inline void store16(u8 *p, v2s64 x)
{
	*(v16u8_mem *)p = (v16u8)x;
}

/* FIPS 197 clause 5.1 */
static __always_inline v2s64 encrypt(const v2s64 *round, v2s64 x)
{
	int i;

	x ^= round[0];
#pragma GCC unroll 9
	for (i = 1; i < AES_128_ROUNDS; i++)
		x = __builtin_ia32_aesenc128(x, round[i]);
	return __builtin_ia32_aesenclast128(x, round[AES_128_ROUNDS]);
}

static __always_inline void load_keys(v2s64 *round, const struct aes_keys *keys)
{
	int i;

#pragma GCC unroll 11
	for (i = 0; i <= AES_128_ROUNDS; i++)
		round[i] = load16(keys->round[i]);
}

/* The next @n blocks of key stream, BATCH at most and known to the compiler: ciphered counters. */
static __always_inline void key_stream(struct eea2 *st, v2s64 x[BATCH], int n)
{
	const struct aes_keys *keys = st->keys;
	const v2s64 key0 = load16(keys->round[0]);
	v2s64 first;
	u64 count = st->n;
	long long iv;
	int i, round;

	memcpy(&iv, st->iv, sizeof(iv));
	st->n = count + (u64)n;
	first = key0 ^ (v2s64){ iv, (long long)cpu_to_be64(count) };
	if (count % BATCH == 0) {
		/* The sum of count and i is count with the bits of i, in the last octet. */
#pragma GCC unroll 8
		for (i = 0; i < n; i++)
			x[i] = first ^ (v2s64){ 0, (long long)i << 56 };
	} else {
#pragma GCC unroll 8
		for (i = 0; i < n; i++)
			x[i] = key0 ^ (v2s64){ iv, (long long)cpu_to_be64(count + (u64)i) };
	}
#pragma GCC unroll 9
	for (round = 1; round < AES_128_ROUNDS; round++) {
		const v2s64 key = load16(keys->round[round]);

#pragma GCC unroll 8
		for (i = 0; i < n; i++)
			x[i] = __builtin_ia32_aesenc128(x[i], key);
	}
#pragma GCC unroll 8
	for (i = 0; i < n; i++)
		x[i] = __builtin_ia32_aesenclast128(x[i], load16(keys->round[AES_128_ROUNDS]));
}

static __always_inline void crypt_batch(struct eea2 *st, u8 *dst, const u8 *src)
{
	v2s64 x[BATCH];
	int i;

	key_stream(st, x, BATCH);
#pragma GCC unroll 8
	for (i = 0; i < BATCH; i++)
		store16(dst + i * AES_BLOCK_LEN, x[i] ^ load16(src + i * AES_BLOCK_LEN));
}

static __always_inline void write_stream(struct eea2 *st, u8 *stream, int n)
{
	v2s64 x[BATCH];
	int i;

	key_stream(st, x, n);
#pragma GCC unroll 8
	for (i = 0; i < n; i++)
		store16(stream + i * AES_BLOCK_LEN, x[i]);
}

/* Less than a batch. */
static void crypt_rest(struct eea2 *st, u8 *dst, const u8 *src, size_t len)
{
	u64 n = (len + AES_BLOCK_LEN - 1) / AES_BLOCK_LEN, first = st->n;
	const v2s64 zero = { };
	u8 stream[BATCH_LEN];
	size_t at;
	int i;

	/* A batch takes as long as its rounds, but costs as many instructions as it has blocks. */
	if (n > 4)
		write_stream(st, stream, 8);
	else if (n > 2)
		write_stream(st, stream, 4);
	else
		write_stream(st, stream, 2);
	st->n = first + n;
	if (len >= AES_BLOCK_LEN) {
		/* The last block may overlap the one before; what it is added to is read first. */
		const v2s64 last = load16(src + len - AES_BLOCK_LEN);

		for (at = 0; at + AES_BLOCK_LEN < len; at += AES_BLOCK_LEN)
			store16(dst + at, load16(src + at) ^ load16(stream + at));
		at = len - AES_BLOCK_LEN;
		store16(dst + at, last ^ load16(stream + at));
	} else {
		for (at = 0; at < len; at++)
			dst[at] = src[at] ^ stream[at];
	}
	/* A call for so few octets costs more than this. */
#pragma GCC unroll 8
	for (i = 0; i < BATCH; i++)
		store16(stream + i * AES_BLOCK_LEN, zero);
	__asm__ volatile("" : : "r" (stream) : "memory");
}

/**
 * eea2_avx2_crypt() - add the next octets of the key stream
 * @st: the key stream
 * @dst: where to put the sum
 * @src: what to add it to; may be @dst
 * @len: octets, a multiple of a block in all calls but the last
 *
 * Context: the caller holds the FPU.
 */
void eea2_avx2_crypt(struct eea2 *st, u8 *dst, const u8 *src, size_t len)
{
	for (; len >= BATCH_LEN; dst += BATCH_LEN, src += BATCH_LEN, len -= BATCH_LEN)
		crypt_batch(st, dst, src);
	if (len)
		crypt_rest(st, dst, src, len);
}

/**
 * eia2_avx2_blocks() - go on with whole blocks
 * @mac: a MAC begun
 * @p: the message
 * @n: how many blocks of AES_BLOCK_LEN octets
 *
 * Context: the caller holds the FPU.
 */
void eia2_avx2_blocks(struct eia2 *mac, const u8 *p, size_t n)
{
	v2s64 round[AES_128_KEYS];
	long long carry, half;
	v2s64 x;

	if (!n)
		return;
	load_keys(round, mac->keys);
	memcpy(&carry, mac->carry, sizeof(carry));
	memcpy(&half, p, sizeof(half));
	x = encrypt(round, load16(mac->x) ^ (v2s64){ carry, half });
	for (p += EIA2_PREFIX_LEN; --n; p += AES_BLOCK_LEN)
		x = encrypt(round, x ^ load16(p));
	memcpy(mac->carry, p, sizeof(mac->carry));
	store16(mac->x, x);
}

/**
 * eia2_avx2_finish() - the last octets, and MAC-I
 * @mac: a MAC begun; wiped
 * @rest: what is left of the message
 * @len: octets of it, less than a block
 * @out: where to put MAC-I
 *
 * Context: the caller holds the FPU.
 */
void eia2_avx2_finish(struct eia2 *mac, const u8 *rest, size_t len, u8 out[EIA2_MAC_LEN])
{
	v2s64 round[AES_128_KEYS], x = load16(mac->x);
	u8 last[EIA2_LAST_MAX];
	size_t n, i;

	n = eia2_last(mac, rest, len, last);
	load_keys(round, mac->keys);
	for (i = 0; i < n; i++)
		x = encrypt(round, x ^ load16(last + i * AES_BLOCK_LEN));
	memcpy(out, &x, EIA2_MAC_LEN);
	memzero_explicit(last, sizeof(last));
	memzero_explicit(mac, sizeof(*mac));
}
