// SPDX-License-Identifier: MIT
/*
 * F_p, fp.h.
 *
 * Constant time: no branch and no address depends on a value, only on the number of limbs; sums and
 * differences are corrected under masks that the compiler cannot see through (limb_hide()), and
 * products are limb products, whose time does not depend on their factors on the processors this runs
 * on. An inverse is a power, by the bits of p, which everybody knows.
 *
 * Products are made column by column, so that what is summed up stays in registers, and reduced by
 * Montgomery's method likewise. Karatsuba's saves a quarter of the limb products and costs as much in
 * additions at this length. Sums of products are reduced once.
 */
#include "fp.h"

#include <string.h>

#if defined(__clang__)
#define UNROLL	_Pragma("clang loop unroll(full)")
#else
#define UNROLL	_Pragma("GCC unroll 32")
#endif

/* p, and -1/p mod 2^64. */
static const limb p[LIMBS] = {
	W(0x666d807afea85feb), W(0x80c5df10ac7ace87),
	W(0xfce3e82389857db0), W(0x9f94d6af56971f1f),
	W(0xa7cf3c521c3c09aa), W(0xb6aff4a831852a82),
	W(0x512ac5cd65681ce1), W(0xe26c6487326b4cd4),
	W(0x356d27f4a666a6d0), W(0xe791b39ff7c88a19),
	W(0x228730d531a59cb0), W(0xf40aab27e2fc0f1b),
	W(0xbe9ae358b3e01a2e), W(0x416c0ce19cb48261),
	W(0x65c61198dad0657a), W(0x997abb1f0a563fda),
};
static const limb p_inverse = (limb)0x290420077c8f2f3d;

/* 2^2048 mod p: into Montgomery form. */
static const struct fp into_form = { {
	W(0xe199c8ceed17b0a1), W(0x7ffd8b4be3620f7f),
	W(0xca865d5f4f76e245), W(0x623ff8dc27ecf5cb),
	W(0x229900e1d19bb697), W(0xed6aef26ea40c71f),
	W(0xa3aed42cc906365c), W(0x17d461b69eab6451),
	W(0x2009367d7d666da9), W(0x8bcad1dcb63c1d56),
	W(0x5a126231c31a92dc), W(0x5fb41b0eb8d94c5b),
	W(0xc113d394843f623c), W(0x5d8d8e74f159f1eb),
	W(0xae4ba7edb5d48c14), W(0x191640b9698af16a),
} };

const struct fp fp_zero = { { 0 } };

/* 2^1024 mod p. */
const struct fp fp_one = { {
	W(0x99927f850157a015), W(0x7f3a20ef53853178),
	W(0x031c17dc767a824f), W(0x606b2950a968e0e0),
	W(0x5830c3ade3c3f655), W(0x49500b57ce7ad57d),
	W(0xaed53a329a97e31e), W(0x1d939b78cd94b32b),
	W(0xca92d80b5999592f), W(0x186e4c60083775e6),
	W(0xdd78cf2ace5a634f), W(0x0bf554d81d03f0e4),
	W(0x41651ca74c1fe5d1), W(0xbe93f31e634b7d9e),
	W(0x9a39ee67252f9a85), W(0x668544e0f5a9c025),
} };

static inline const limb *hide(const limb *constants)
{
	__asm__("" : "+r"(constants));
	return constants;
}

/* From [0, 2p), with what did not fit in @top, to [0, p). */
static void subtract_p_once(limb *r, const limb *a, limb top)
{
	limb difference[LIMBS], borrow = 0, mask;

	UNROLL
	for (size_t i = 0; i < LIMBS; i++)
		difference[i] = limb_sub(a[i], p[i], &borrow);
	limb_sub(top, 0, &borrow);
	mask = limb_mask(borrow);
	UNROLL
	for (size_t i = 0; i < LIMBS; i++)
		r[i] = difference[i] ^ ((difference[i] ^ a[i]) & mask);
}

static void add_with(limb *r, const limb *a, const limb *b, limb carry)
{
	limb sum[LIMBS];

	UNROLL
	for (size_t i = 0; i < LIMBS; i++)
		sum[i] = limb_add(a[i], b[i], &carry);
	subtract_p_once(r, sum, carry);
}

static void sub_with(limb *r, const limb *a, const limb *b, limb borrow)
{
	limb difference[LIMBS], carry = 0, mask;

	UNROLL
	for (size_t i = 0; i < LIMBS; i++)
		difference[i] = limb_sub(a[i], b[i], &borrow);
	mask = limb_mask(borrow);
	UNROLL
	for (size_t i = 0; i < LIMBS; i++)
		r[i] = limb_add(difference[i], p[i] & mask, &carry);
}

void fp_add(struct fp *r, const struct fp *a, const struct fp *b)
{
	add_with(r->v, a->v, b->v, 0);
}

void fp_sub(struct fp *r, const struct fp *a, const struct fp *b)
{
	sub_with(r->v, a->v, b->v, 0);
}

void fp_select(struct fp *r, const struct fp *a, limb mask)
{
	limbs_select(r->v, a->v, mask, LIMBS);
}

void fp_negate_if(struct fp *r, limb mask)
{
	struct fp negative;

	fp_sub(&negative, &fp_zero, r);
	fp_select(r, &negative, mask);
}

limb fp_is_zero(const struct fp *a)
{
	return limbs_are_zero(a->v, LIMBS);
}

limb fp_equal(const struct fp *a, const struct fp *b)
{
	struct fp difference;

	fp_sub(&difference, a, b);
	return fp_is_zero(&difference);
}

/*
 * A column of products: their sum, up to three limbs of it. Adding two limbs at once and seeing by the
 * outcome whether something was carried is what compilers make three additions with carry of.
 */
struct column {
	wide low;
	limb high;
};

static inline void column_add(struct column *column, wide term)
{
	column->low += term;
	column->high += column->low < term;
}

/* The lowest limb of it; what is above belongs to the next column. */
static inline limb column_shift(struct column *column)
{
	limb lowest = (limb)column->low;

	column->low = column->low >> LIMB_BITS | (wide)column->high << LIMB_BITS;
	column->high = 0;
	return lowest;
}

/* The first and the last i of column k, of products of the limbs i and k - i. */
#define FIRST(k)	((k) < LIMBS ? 0 : (k) - LIMBS + 1)
#define LAST(k)		((k) < LIMBS ? (k) : LIMBS - 1)

void fp_wide_mul(struct fp_wide *r, const struct fp *a, const struct fp *b)
{
	struct column column = { 0 };

	UNROLL
	for (size_t k = 0; k < 2 * LIMBS - 1; k++) {
		UNROLL
		for (size_t i = FIRST(k); i <= LAST(k); i++)
			column_add(&column, (wide)a->v[i] * b->v[k - i]);
		r->v[k] = column_shift(&column);
	}
	r->v[2 * LIMBS - 1] = column_shift(&column);
}

/* Each product of two limbs once, doubled, and the squares of them. */
void fp_wide_sqr(struct fp_wide *r, const struct fp *a)
{
	struct column column = { 0 };

	UNROLL
	for (size_t k = 0; k < 2 * LIMBS - 1; k++) {
		struct column twice = { 0 };

		UNROLL
		for (size_t i = FIRST(k); 2 * i < k; i++)
			column_add(&twice, (wide)a->v[i] * a->v[k - i]);
		twice.high = twice.high << 1 | (limb)(twice.low >> (2 * LIMB_BITS - 1));
		twice.low <<= 1;
		if (k % 2 == 0)
			column_add(&twice, (wide)a->v[k / 2] * a->v[k / 2]);
		column_add(&column, twice.low);
		column.high += twice.high;
		r->v[k] = column_shift(&column);
	}
	r->v[2 * LIMBS - 1] = column_shift(&column);
}

void fp_wide_add(struct fp_wide *r, const struct fp_wide *a)
{
	limb carry = 0;

	UNROLL
	for (size_t i = 0; i < LIMBS; i++)
		r->v[i] = limb_add(r->v[i], a->v[i], &carry);
	add_with(r->v + LIMBS, r->v + LIMBS, a->v + LIMBS, carry);
}

void fp_wide_sub(struct fp_wide *r, const struct fp_wide *a)
{
	limb borrow = 0;

	UNROLL
	for (size_t i = 0; i < LIMBS; i++)
		r->v[i] = limb_sub(r->v[i], a->v[i], &borrow);
	sub_with(r->v + LIMBS, r->v + LIMBS, a->v + LIMBS, borrow);
}

/* Adds the multiple of p that makes the lower half 0; the upper one is what is wanted. */
void fp_reduce(struct fp *r, const struct fp_wide *a)
{
	/* In memory, where products find their factors; as constants they would be loaded first. */
	const limb *modulus = hide(p);
	struct column column = { 0 };
	limb factor[LIMBS] = { 0 }, sum[LIMBS];

	UNROLL
	for (size_t k = 0; k < LIMBS; k++) {
		UNROLL
		for (size_t i = 0; i < k; i++)
			column_add(&column, (wide)factor[i] * modulus[k - i]);
		column_add(&column, a->v[k]);
		factor[k] = (limb)column.low * p_inverse;
		column_add(&column, (wide)factor[k] * modulus[0]);
		column_shift(&column);
	}
	UNROLL
	for (size_t k = LIMBS; k < 2 * LIMBS - 1; k++) {
		UNROLL
		for (size_t i = FIRST(k); i < LIMBS; i++)
			column_add(&column, (wide)factor[i] * modulus[k - i]);
		column_add(&column, a->v[k]);
		sum[k - LIMBS] = column_shift(&column);
	}
	column_add(&column, a->v[2 * LIMBS - 1]);
	sum[LIMBS - 1] = column_shift(&column);
	subtract_p_once(r->v, sum, (limb)column.low);
}

void fp_mul(struct fp *r, const struct fp *a, const struct fp *b)
{
	struct fp_wide product;

	fp_wide_mul(&product, a, b);
	fp_reduce(r, &product);
}

void fp_sqr(struct fp *r, const struct fp *a)
{
	struct fp_wide product;

	fp_wide_sqr(&product, a);
	fp_reduce(r, &product);
}

#define WINDOW	4

void fp_invert(struct fp *r, const struct fp *a)
{
	struct fp powers[1 << WINDOW], result = fp_one;
	limb exponent[LIMBS], borrow = 0;

	powers[0] = fp_one;
	for (size_t i = 1; i < 1 << WINDOW; i++)
		fp_mul(&powers[i], &powers[i - 1], a);
	for (size_t i = 0; i < LIMBS; i++)
		exponent[i] = limb_sub(p[i], i ? 0 : 2, &borrow);
	for (size_t i = LIMBS * LIMB_BITS / WINDOW; i-- > 0;) {
		size_t at = i * WINDOW;

		for (size_t j = 0; j < WINDOW; j++)
			fp_sqr(&result, &result);
		/* The exponent is no secret. */
		fp_mul(&result, &result,
		       &powers[exponent[at / LIMB_BITS] >> at % LIMB_BITS & ((1 << WINDOW) - 1)]);
	}
	*r = result;
}

void fp_invert_all(struct fp *values, size_t n, struct fp *scratch)
{
	struct fp inverse, next;

	/* scratch[i] is the product of all before i. */
	scratch[0] = fp_one;
	for (size_t i = 1; i < n; i++)
		fp_mul(&scratch[i], &scratch[i - 1], &values[i - 1]);
	fp_mul(&inverse, &scratch[n - 1], &values[n - 1]);
	fp_invert(&inverse, &inverse);
	for (size_t i = n; i-- > 0;) {
		fp_mul(&next, &inverse, &values[i]);
		fp_mul(&values[i], &inverse, &scratch[i]);
		inverse = next;
	}
}

int fp_from_octets(struct fp *r, const uint8_t octets[FP_LEN])
{
	limbs_from_octets(r->v, LIMBS, octets);
	if (!limbs_less(r->v, p, LIMBS))
		return -1;
	fp_mul(r, r, &into_form);
	return 0;
}

void fp_to_octets(const struct fp *a, uint8_t octets[FP_LEN])
{
	struct fp_wide plain = { { 0 } };
	struct fp value;

	memcpy(plain.v, a->v, sizeof(a->v));
	fp_reduce(&value, &plain);
	limbs_to_octets(value.v, LIMBS, octets);
}
