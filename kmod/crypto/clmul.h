/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Products of polynomials over GF(2), constant time and on any processor. */
#ifndef _PROSE_CRYPTO_CLMUL_H
#define _PROSE_CRYPTO_CLMUL_H

#include "words.h"

/**
 * clmul_low() - the lower half of a product
 * @p: a polynomial, bit i the coefficient of x^i
 * @q: another
 *
 * By integer multiplication: with only every fourth bit set, at most 16 products meet
 * at a place, and their sum has its carries in the three bits that are left out. The
 * topmost place, where the sixteenth would carry out, is the end of the word.
 *
 * Return: the coefficients of x^0 to x^63.
 */
static inline u64 clmul_low(u64 p, u64 q)
{
	const u64 m0 = 0x1111111111111111, m1 = m0 << 1, m2 = m0 << 2, m3 = m0 << 3;
	u64 p0 = p & m0, p1 = p & m1, p2 = p & m2, p3 = p & m3;
	u64 q0 = q & m0, q1 = q & m1, q2 = q & m2, q3 = q & m3;

	return (((p0 * q0) ^ (p1 * q3) ^ (p2 * q2) ^ (p3 * q1)) & m0) |
	       (((p0 * q1) ^ (p1 * q0) ^ (p2 * q3) ^ (p3 * q2)) & m1) |
	       (((p0 * q2) ^ (p1 * q1) ^ (p2 * q0) ^ (p3 * q3)) & m2) |
	       (((p0 * q3) ^ (p1 * q2) ^ (p2 * q1) ^ (p3 * q0)) & m3);
}

/* The bits of each octet the other way round. */
static inline u64 reverse_bits(u64 x)
{
	x = (x >> 1 & 0x5555555555555555) | (x & 0x5555555555555555) << 1;
	x = (x >> 2 & 0x3333333333333333) | (x & 0x3333333333333333) << 2;
	return (x >> 4 & 0x0f0f0f0f0f0f0f0f) | (x & 0x0f0f0f0f0f0f0f0f) << 4;
}

/* Bit 63 as bit 0, and so on. */
static inline u64 reverse64(u64 x)
{
	x = reverse_bits(x);
	x = (x >> 8 & 0x00ff00ff00ff00ff) | (x & 0x00ff00ff00ff00ff) << 8;
	x = (x >> 16 & 0x0000ffff0000ffff) | (x & 0x0000ffff0000ffff) << 16;
	return x >> 32 | x << 32;
}

#endif /* _PROSE_CRYPTO_CLMUL_H */
