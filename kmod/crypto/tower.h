/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * GF(2^8) without tables: four octets at a time, bit by bit.
 *
 * A table lookup tells the cache, and so whoever shares it, which entry was read,
 * and the inputs of these S-boxes are key. Here an octet is eight planes; plane i
 * of a word has bit i of each of its four octets, at the lowest bit of each. What
 * is done to a plane is done to the four octets, with no branch and no address
 * that depends on them.
 *
 * The field is written as GF(16)[y] / (y^2 + y + lambda), with GF(16) =
 * GF(2)[x] / (x^4 + x + 1) and lambda = x^3 + x: multiplication and inversion come
 * down to a few of GF(16). The standards write their fields as GF(2)[x] / p, with
 * different p; tower_from_*() goes from there to here. Of the eight maps that do,
 * and of the lambdas that can be, these take the fewest exclusive ors together.
 * The map back is linear as well, so it is one with the linear part of the S-box
 * and takes the eight columns of that: tower_join().
 */
#ifndef _PROSE_CRYPTO_TOWER_H
#define _PROSE_CRYPTO_TOWER_H

#include "words.h"

#define TOWER_PLANE	0x01010101u

/* An element of GF(16) in each octet: the coefficients of 1, x, x^2, x^3. */
struct gf16 {
	u32 a, b, c, d;
};

/* An element of GF(2^8) in each octet: hi * y + lo. */
struct tower {
	struct gf16 hi, lo;
};

/* One octet in each of the word's four. */
static inline u32 tower_each(u8 octet)
{
	return octet * TOWER_PLANE;
}

static __always_inline struct gf16 gf16_add(struct gf16 p, struct gf16 q)
{
	return (struct gf16){ p.a ^ q.a, p.b ^ q.b, p.c ^ q.c, p.d ^ q.d };
}

static __always_inline struct gf16 gf16_square(struct gf16 p)
{
	return (struct gf16){ p.a ^ p.c, p.c, p.b ^ p.d, p.d };
}

static __always_inline struct gf16 gf16_times_lambda(struct gf16 p)
{
	u32 bd = p.b ^ p.d, ac = p.a ^ p.c;

	return (struct gf16){ bd, bd ^ ac, bd ^ p.c, ac ^ p.d };
}

static __always_inline struct gf16 gf16_mul(struct gf16 p, struct gf16 q)
{
	/* What x^4 = x + 1, x^5 and x^6 are multiplied with. */
	u32 x4 = (p.b & q.d) ^ (p.c & q.c) ^ (p.d & q.b);
	u32 x5 = (p.c & q.d) ^ (p.d & q.c);
	u32 x6 = p.d & q.d;

	return (struct gf16){
		(p.a & q.a) ^ x4,
		(p.a & q.b) ^ (p.b & q.a) ^ x4 ^ x5,
		(p.a & q.c) ^ (p.b & q.b) ^ (p.c & q.a) ^ x5 ^ x6,
		(p.a & q.d) ^ (p.b & q.c) ^ (p.c & q.b) ^ (p.d & q.a) ^ x6,
	};
}

/* 1 / p, and 0 for 0: each bit as a polynomial in the four of p. */
static __always_inline struct gf16 gf16_invert(struct gf16 p)
{
	u32 ab = p.a & p.b, ac = p.a & p.c, ad = p.a & p.d;
	u32 bc = p.b & p.c, bd = p.b & p.d, cd = p.c & p.d;
	u32 bcd = bc & p.d;

	return (struct gf16){
		p.a ^ p.b ^ p.c ^ p.d ^ ac ^ bc ^ (ab & p.c) ^ bcd,
		ab ^ ac ^ bc ^ p.d ^ bd ^ (ab & p.d),
		ab ^ p.c ^ ac ^ p.d ^ ad ^ (ac & p.d),
		p.b ^ p.c ^ p.d ^ ad ^ bd ^ cd ^ bcd,
	};
}

static __always_inline struct tower tower_square(struct tower p)
{
	struct gf16 hi = gf16_square(p.hi);

	return (struct tower){ hi, gf16_add(gf16_times_lambda(hi), gf16_square(p.lo)) };
}

static __always_inline struct tower tower_mul(struct tower p, struct tower q)
{
	struct gf16 hi = gf16_mul(p.hi, q.hi);
	struct gf16 lo = gf16_mul(p.lo, q.lo);
	struct gf16 sums = gf16_mul(gf16_add(p.hi, p.lo), gf16_add(q.hi, q.lo));

	return (struct tower){ gf16_add(sums, lo), gf16_add(gf16_times_lambda(hi), lo) };
}

/* 1 / p, and 0 for 0: the conjugate over the norm. */
static __always_inline struct tower tower_invert(struct tower p)
{
	struct gf16 sum = gf16_add(p.hi, p.lo);
	struct gf16 norm = gf16_add(gf16_times_lambda(gf16_square(p.hi)), gf16_mul(p.lo, sum));
	struct gf16 inverse = gf16_invert(norm);

	return (struct tower){ gf16_mul(p.hi, inverse), gf16_mul(sum, inverse) };
}

static __always_inline u32 tower_bit(u32 octets, int i)
{
	return (octets >> i) & TOWER_PLANE;
}

/* From GF(2)[x] / (x^8 + x^4 + x^3 + x + 1), the field of AES. */
static __always_inline struct tower tower_from_11b(u32 octets)
{
	u32 b0 = tower_bit(octets, 0), b1 = tower_bit(octets, 1), b2 = tower_bit(octets, 2);
	u32 b3 = tower_bit(octets, 3), b4 = tower_bit(octets, 4), b5 = tower_bit(octets, 5);
	u32 b6 = tower_bit(octets, 6), b7 = tower_bit(octets, 7);
	u32 b57 = b5 ^ b7, b257 = b2 ^ b57, b67 = b6 ^ b7;

	return (struct tower){
		.lo = { b0 ^ b257, b6 ^ b257, b2, b3 ^ b4 },
		.hi = { b1 ^ b57, b2 ^ b3, b1 ^ b4 ^ b67, b57 },
	};
}

/* From GF(2)[x] / (x^8 + x^7 + x^3 + x + 1), the field of ZUC's S1. */
static __always_inline struct tower tower_from_18b(u32 octets)
{
	u32 b0 = tower_bit(octets, 0), b1 = tower_bit(octets, 1), b2 = tower_bit(octets, 2);
	u32 b3 = tower_bit(octets, 3), b4 = tower_bit(octets, 4), b5 = tower_bit(octets, 5);
	u32 b6 = tower_bit(octets, 6), b7 = tower_bit(octets, 7);
	u32 b34 = b3 ^ b4, b3467 = b34 ^ b6 ^ b7, b14 = b1 ^ b4;

	return (struct tower){
		.lo = { b0 ^ b14, b6 ^ b14, b2 ^ b3467, b4 ^ b5 },
		.hi = { b3467, b5 ^ b34, b2 ^ b4, b1 ^ b2 ^ b3467 },
	};
}

/* From GF(2)[x] / (x^8 + x^6 + x^5 + x^3 + 1), the field of SNOW 3G's SQ. */
static __always_inline struct tower tower_from_169(u32 octets)
{
	u32 b0 = tower_bit(octets, 0), b1 = tower_bit(octets, 1), b2 = tower_bit(octets, 2);
	u32 b3 = tower_bit(octets, 3), b4 = tower_bit(octets, 4), b5 = tower_bit(octets, 5);
	u32 b6 = tower_bit(octets, 6), b7 = tower_bit(octets, 7);
	u32 b26 = b2 ^ b6, b36 = b3 ^ b6, b136 = b1 ^ b36, b124 = b1 ^ b2 ^ b4;

	return (struct tower){
		.lo = { b0 ^ b5 ^ b26, b136, b124, b26 },
		.hi = { b5 ^ b124, b7 ^ b3 ^ b5, b7, b36 },
	};
}

/*
 * Packed octets again, through a linear map: the column c<i> is what bit i of the
 * element becomes. A plane has one bit in each octet, so a product with an octet
 * stays inside it.
 */
static __always_inline u32 tower_join(struct tower p, u32 c0, u32 c1, u32 c2, u32 c3, u32 c4,
				      u32 c5, u32 c6, u32 c7)
{
	return p.lo.a * c0 ^ p.lo.b * c1 ^ p.lo.c * c2 ^ p.lo.d * c3 ^
	       p.hi.a * c4 ^ p.hi.b * c5 ^ p.hi.c * c6 ^ p.hi.d * c7;
}

#endif /* _PROSE_CRYPTO_TOWER_H */
