// SPDX-License-Identifier: MIT
/* F_p^2, fp2.h: sums of products are reduced once, so a product costs three of F_p and two reductions. */
#include "fp2.h"

void fp2_mul(struct fp2 *r, const struct fp2 *a, const struct fp2 *b)
{
	struct fp_wide re, im, both;
	struct fp x, y;

	fp_add(&x, &a->re, &a->im);
	fp_add(&y, &b->re, &b->im);
	fp_wide_mul(&im, &x, &y);
	fp_wide_mul(&re, &a->re, &b->re);
	fp_wide_mul(&both, &a->im, &b->im);
	fp_wide_sub(&im, &re);
	fp_wide_sub(&im, &both);
	fp_wide_sub(&re, &both);
	fp_reduce(&r->re, &re);
	fp_reduce(&r->im, &im);
}

void fp2_sqr(struct fp2 *r, const struct fp2 *a)
{
	struct fp sum, difference;

	fp_add(&sum, &a->re, &a->im);
	fp_sub(&difference, &a->re, &a->im);
	fp_mul(&r->im, &a->re, &a->im);
	fp_add(&r->im, &r->im, &r->im);
	fp_mul(&r->re, &sum, &difference);
}

void fp2_mul_one(struct fp2 *r, const struct fp2 *a, const struct fp *t)
{
	struct fp x, y;

	fp_mul(&x, &a->re, t);
	fp_mul(&y, &a->im, t);
	fp_sub(&r->re, &a->re, &y);
	fp_add(&r->im, &a->im, &x);
}
