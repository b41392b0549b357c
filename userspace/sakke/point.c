// SPDX-License-Identifier: MIT
/*
 * Points of E, point.h.
 *
 * Sums by the complete formulas of Renes, Costello and Batina (2015, algorithms 4 and 5, for a = -3),
 * which lose their terms in b, since b is 0 here: 12 products, 11 when one point is affine. They have no
 * case of their own for doubling, for the opposite point or for infinity, so there is nothing to branch
 * on. They fail where the difference of the points has order 2, which no two points of odd order q have.
 * Then they give 0 in all coordinates, and from there on nothing else.
 *
 * Constant time: point_mul() takes the same sums for every scalar, reading the whole table of
 * multiples for each.
 */
#include "point.h"

#include <string.h>

#include <openssl/crypto.h>

#include "modulus.h"
#include "recode.h"

void point_infinity(struct point *r)
{
	*r = (struct point){ .x = fp_zero, .y = fp_one, .z = fp_zero };
}

void point_from_affine(struct point *r, const struct affine *a)
{
	*r = (struct point){ .x = a->x, .y = a->y, .z = fp_one };
}

/* r = a b + c d, reduced once. */
static void sum_of_products(struct fp *r, const struct fp *a, const struct fp *b,
			    const struct fp *c, const struct fp *d)
{
	struct fp_wide x, y;

	fp_wide_mul(&x, a, b);
	fp_wide_mul(&y, c, d);
	fp_wide_add(&x, &y);
	fp_reduce(r, &x);
}

static void difference_of_products(struct fp *r, const struct fp *a, const struct fp *b,
				   const struct fp *c, const struct fp *d)
{
	struct fp_wide x, y;

	fp_wide_mul(&x, a, b);
	fp_wide_mul(&y, c, d);
	fp_wide_sub(&x, &y);
	fp_reduce(r, &x);
}

static void triple(struct fp *r, const struct fp *a)
{
	struct fp twice;

	fp_add(&twice, a, a);
	fp_add(r, &twice, a);
}

/**
 * struct products - of the coordinates of two points
 * @xx: x1 x2
 * @yy: y1 y2
 * @zz: z1 z2
 * @xy: x1 y2 + x2 y1
 * @yz: y1 z2 + y2 z1
 * @xz: x1 z2 + x2 z1
 */
struct products {
	struct fp xx, yy, zz, xy, yz, xz;
};

static void add_from(struct point *r, const struct products *t)
{
	struct fp sum, difference, x, y, three;

	triple(&three, &t->xz);
	fp_add(&sum, &t->yy, &three);
	fp_sub(&difference, &t->yy, &three);
	/* y = -3 (3 zz + xx), x = 3 (xx - zz) */
	triple(&y, &t->zz);
	fp_add(&y, &y, &t->xx);
	triple(&y, &y);
	fp_sub(&y, &fp_zero, &y);
	fp_sub(&x, &t->xx, &t->zz);
	triple(&x, &x);
	difference_of_products(&r->x, &t->xy, &sum, &t->yz, &y);
	sum_of_products(&r->y, &sum, &difference, &x, &y);
	sum_of_products(&r->z, &t->yz, &difference, &t->xy, &x);
}

/* r = (a + b)(c + d) - ac - bd = ad + bc, for when the products on the right are known. */
static void cross(struct fp *r, const struct fp *a, const struct fp *b, const struct fp *c,
		  const struct fp *d, const struct fp *ac, const struct fp *bd)
{
	struct fp x, y;

	fp_add(&x, a, b);
	fp_add(&y, c, d);
	fp_mul(r, &x, &y);
	fp_sub(r, r, ac);
	fp_sub(r, r, bd);
}

void point_add(struct point *r, const struct point *a, const struct point *b)
{
	struct products t;

	fp_mul(&t.xx, &a->x, &b->x);
	fp_mul(&t.yy, &a->y, &b->y);
	fp_mul(&t.zz, &a->z, &b->z);
	cross(&t.xy, &a->x, &a->y, &b->x, &b->y, &t.xx, &t.yy);
	cross(&t.yz, &a->y, &a->z, &b->y, &b->z, &t.yy, &t.zz);
	cross(&t.xz, &a->x, &a->z, &b->x, &b->z, &t.xx, &t.zz);
	add_from(r, &t);
}

void point_add_affine(struct point *r, const struct point *a, const struct affine *b)
{
	struct products t;

	fp_mul(&t.xx, &a->x, &b->x);
	fp_mul(&t.yy, &a->y, &b->y);
	t.zz = a->z;
	cross(&t.xy, &a->x, &a->y, &b->x, &b->y, &t.xx, &t.yy);
	fp_mul(&t.yz, &b->y, &a->z);
	fp_add(&t.yz, &t.yz, &a->y);
	fp_mul(&t.xz, &b->x, &a->z);
	fp_add(&t.xz, &t.xz, &a->x);
	add_from(r, &t);
}

/* The entry of the digit, with its sign. */
static void look_up(struct point *r, const struct point *multiples, const struct digit *digit)
{
	memset(r, 0, sizeof(*r));
	for (limb i = 0; i < RECODE_ENTRIES; i++) {
		limb mask = limb_mask(limb_is_zero(i ^ digit->index));

		fp_select(&r->x, &multiples[i].x, mask);
		fp_select(&r->y, &multiples[i].y, mask);
		fp_select(&r->z, &multiples[i].z, mask);
	}
	fp_negate_if(&r->y, digit->negative);
}

void point_mul(struct point *r, const struct affine *base, const limb *k)
{
	struct point multiples[RECODE_ENTRIES], twice, entry;
	struct digit digits[RECODE_DIGITS];

	recode(digits, k);
	point_from_affine(&multiples[0], base);
	point_add(&twice, &multiples[0], &multiples[0]);
	for (size_t i = 1; i < RECODE_ENTRIES; i++)
		point_add(&multiples[i], &multiples[i - 1], &twice);
	look_up(r, multiples, &digits[RECODE_DIGITS - 1]);
	for (size_t i = RECODE_DIGITS - 1; i-- > 0;) {
		for (size_t j = 0; j < RECODE_WINDOW; j++)
			point_add(r, r, r);
		look_up(&entry, multiples, &digits[i]);
		point_add(r, r, &entry);
	}
	OPENSSL_cleanse(multiples, sizeof(multiples));
	OPENSSL_cleanse(digits, sizeof(digits));
	OPENSSL_cleanse(&twice, sizeof(twice));
	OPENSSL_cleanse(&entry, sizeof(entry));
}

limb point_has_order_q(const struct affine *a)
{
	struct point r;
	limb ret;

	/* q is odd and as long as scalars get, so that no digit is anything else for it. */
	point_mul(&r, a, modulus_sakke.m);
	/* 0 in all coordinates is where the formulas failed, which they do for no such point. */
	ret = fp_is_zero(&r.z) & ~fp_is_zero(&r.y) & 1;
	OPENSSL_cleanse(&r, sizeof(r));
	return ret;
}

limb point_equal(const struct point *a, const struct affine *b)
{
	struct fp x, y;
	limb ret;

	fp_mul(&x, &b->x, &a->z);
	fp_mul(&y, &b->y, &a->z);
	ret = fp_equal(&x, &a->x) & fp_equal(&y, &a->y) & ~fp_is_zero(&a->z) & 1;
	return ret;
}

static limb is_on_curve(const struct affine *a)
{
	struct fp left, right;

	triple(&left, &fp_one);
	fp_sqr(&right, &a->x);
	fp_sub(&right, &right, &left);
	fp_mul(&right, &right, &a->x);
	fp_sqr(&left, &a->y);
	return fp_equal(&left, &right);
}

int point_from_octets(struct affine *r, const uint8_t octets[POINT_LEN])
{
	if (octets[0] != 4 || fp_from_octets(&r->x, octets + 1) ||
	    fp_from_octets(&r->y, octets + 1 + FP_LEN))
		return -1;
	return is_on_curve(r) ? 0 : -1;
}

void point_to_octets(const struct affine *a, uint8_t octets[POINT_LEN])
{
	octets[0] = 4;
	fp_to_octets(&a->x, octets + 1);
	fp_to_octets(&a->y, octets + 1 + FP_LEN);
}

int point_to_affine(struct affine *r, const struct point *a)
{
	limb infinite = fp_is_zero(&a->z);
	struct fp inverse;

	fp_invert(&inverse, &a->z);
	fp_mul(&r->x, &a->x, &inverse);
	fp_mul(&r->y, &a->y, &inverse);
	OPENSSL_cleanse(&inverse, sizeof(inverse));
	return infinite ? -1 : 0;
}
