/* SPDX-License-Identifier: MIT */
/*
 * Limbs, least significant first, and what is done to them without branches: 64 bits where the
 * compiler has a type for their products, 32 elsewhere.
 */
#ifndef PROSE_SAKKE_LIMB_H
#define PROSE_SAKKE_LIMB_H

#include <stddef.h>
#include <stdint.h>

#ifdef __SIZEOF_INT128__
typedef uint64_t limb;
typedef unsigned __int128 wide;
#define LIMB_BITS	64
#define W(word)		word##u
#else
typedef uint32_t limb;
typedef uint64_t wide;
#define LIMB_BITS	32
#define W(word)		(limb)word##ull, (limb)(word##ull >> 32)
#endif

#define LIMB_LEN	(LIMB_BITS / 8)
#define LIMBS_OF(bits)	((bits) / LIMB_BITS)
#define LIMBS		LIMBS_OF(1024)	/* of the largest numbers here */

/* The compiler is not to see that a mask is all ones or none, and to make a branch of it. */
static inline limb limb_hide(limb x)
{
	__asm__("" : "+r"(x));
	return x;
}

/* All ones when @bit is 1, none when it is 0. */
static inline limb limb_mask(limb bit)
{
	return limb_hide((limb)0 - bit);
}

/* 1 when x is 0. */
static inline limb limb_is_zero(limb x)
{
	return (limb)(~x & (x - 1)) >> (LIMB_BITS - 1);
}

/* a + b + *carry. */
static inline limb limb_add(limb a, limb b, limb *carry)
{
	wide sum = (wide)a + b + *carry;

	*carry = (limb)(sum >> LIMB_BITS);
	return (limb)sum;
}

/* a - b - *borrow. */
static inline limb limb_sub(limb a, limb b, limb *borrow)
{
	wide difference = (wide)a - b - *borrow;

	*borrow = (limb)(difference >> LIMB_BITS) & 1;
	return (limb)difference;
}

/* a * b + c + *carry: it always fits. */
static inline limb limb_mul_add(limb a, limb b, limb c, limb *carry)
{
	wide product = (wide)a * b + c + *carry;

	*carry = (limb)(product >> LIMB_BITS);
	return (limb)product;
}

/* From and to octets, most significant first; as many as the limbs have. */
static inline void limbs_from_octets(limb *x, size_t n, const uint8_t *octets)
{
	for (size_t i = 0; i < n; i++) {
		const uint8_t *at = octets + (n - 1 - i) * LIMB_LEN;

		x[i] = 0;
		for (size_t j = 0; j < LIMB_LEN; j++)
			x[i] = (limb)(x[i] << 8 | at[j]);
	}
}

static inline void limbs_to_octets(const limb *x, size_t n, uint8_t *octets)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < LIMB_LEN; j++)
			octets[(n - i) * LIMB_LEN - 1 - j] = (uint8_t)(x[i] >> 8 * j);
}

/* 1 when a < b. */
static inline limb limbs_less(const limb *a, const limb *b, size_t n)
{
	limb borrow = 0;

	for (size_t i = 0; i < n; i++)
		limb_sub(a[i], b[i], &borrow);
	return borrow;
}

/* 1 when all are 0. */
static inline limb limbs_are_zero(const limb *x, size_t n)
{
	limb all = 0;

	for (size_t i = 0; i < n; i++)
		all |= x[i];
	return limb_is_zero(all);
}

/* @from into @to where @mask is all ones; nothing where it is none. */
static inline void limbs_select(limb *to, const limb *from, limb mask, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] ^= (to[i] ^ from[i]) & mask;
}

#endif
