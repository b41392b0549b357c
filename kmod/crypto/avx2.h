/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Vectors in C, for the files that are compiled with AVX2 and AES-NI (Kbuild).
 *
 * The compiler may use a vector register anywhere in such a file, so whatever is in
 * one is called with the FPU in hand: between kernel_fpu_begin() and kernel_fpu_end().
 */
#ifndef _PROSE_CRYPTO_AVX2_H
#define _PROSE_CRYPTO_AVX2_H

#include "words.h"

typedef u32 v4u32 __attribute__((__vector_size__(16)));
typedef long long v2s64 __attribute__((__vector_size__(16)));
typedef unsigned long long v2u64 __attribute__((__vector_size__(16)));
typedef u8 v16u8 __attribute__((__vector_size__(16)));
typedef u16 v8u16 __attribute__((__vector_size__(16)));
typedef u16 v16u16 __attribute__((__vector_size__(32)));
typedef u32 v8u32 __attribute__((__vector_size__(32)));
typedef u8 v32u8 __attribute__((__vector_size__(32)));
/* The kernel has char unsigned since 6.2; these are what the compiler's functions take. */
typedef signed char v16s8 __attribute__((__vector_size__(16)));
typedef char v16char __attribute__((__vector_size__(16)));
typedef char v32char __attribute__((__vector_size__(32)));
/* At any address, and whatever else is there. */
typedef u8 v16u8_mem __attribute__((__vector_size__(16), __aligned__(1), __may_alias__));

static __always_inline v16u8 all16(u8 c)
{
	return (v16u8){ c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c };
}

static __always_inline v32u8 all32(u8 c)
{
	return (v32u8){ c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c,
			c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c };
}

static __always_inline v16u8 shuffle16(v16u8 table, v16u8 index)
{
	return (v16u8)__builtin_ia32_pshufb128((v16char)table, (v16char)index);
}

/* Either half of @index from its half of @table. */
static __always_inline v32u8 shuffle32(v32u8 table, v32u8 index)
{
	return (v32u8)__builtin_ia32_pshufb256((v32char)table, (v32char)index);
}

/* Signed octets, -128 being the least there is. */
static __always_inline v32u8 sub_saturated(v32u8 p, v32u8 q)
{
	v32u8 difference;

	__asm__("vpsubsb %2, %1, %0" : "=x" (difference) : "x" (p), "xm" (q));
	return difference;
}

/* ShiftRows and SubBytes of AES. */
static __always_inline v16u8 aes_shift_sub(v16u8 state)
{
	const v2s64 no_key = { 0 };

	return (v16u8)__builtin_ia32_aesenclast128((v2s64)state, no_key);
}

/* ShiftRows, SubBytes and MixColumns of AES. */
static __always_inline v16u8 aes_shift_sub_mix(v16u8 state)
{
	const v2s64 no_key = { 0 };

	return (v16u8)__builtin_ia32_aesenc128((v2s64)state, no_key);
}

/* The product of the lower halves over GF(2), and of others by bits 0 and 4 of @which. */
#define CLMUL(p, q, which) \
	((v2u64)__builtin_ia32_pclmulqdq128((v2s64)(p), (v2s64)(q), which))

static __always_inline v32u8 halves(v16u8 lo, v16u8 hi)
{
	return __builtin_shufflevector(lo, hi, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
				       15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
				       29, 30, 31);
}

static __always_inline v16u8 low_half(v32u8 x)
{
	return __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

static __always_inline v16u8 high_half(v32u8 x)
{
	return __builtin_shufflevector(x, x, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
				       29, 30, 31);
}

static __always_inline v16u8 swap_words(v16u8 x)
{
	return shuffle16(x, (v16u8){ 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12 });
}

#endif /* _PROSE_CRYPTO_AVX2_H */
