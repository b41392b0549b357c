/* SPDX-License-Identifier: MIT */
/* F_p of parameter set 1, 1024 bits, in Montgomery form and always below p. */
#ifndef PROSE_SAKKE_FP_H
#define PROSE_SAKKE_FP_H

#include <stddef.h>
#include <stdint.h>

#include "limb.h"

#define FP_LEN	128

struct fp {
	limb v[LIMBS];
};

/* A product, or sums of them, before it is reduced: always below p 2^1024. */
struct fp_wide {
	limb v[2 * LIMBS];
};

extern const struct fp fp_zero, fp_one;

/* r may be a or b in all of these. */
void fp_add(struct fp *r, const struct fp *a, const struct fp *b);
void fp_sub(struct fp *r, const struct fp *a, const struct fp *b);
void fp_mul(struct fp *r, const struct fp *a, const struct fp *b);
void fp_sqr(struct fp *r, const struct fp *a);

/* a to the power of p - 2, always the same steps; 0 becomes 0. */
void fp_invert(struct fp *r, const struct fp *a);

/* Where @mask is all ones: r = a, and r = -r. Where it is none, nothing. */
void fp_select(struct fp *r, const struct fp *a, limb mask);
void fp_negate_if(struct fp *r, limb mask);

/* 1 or 0. */
limb fp_is_zero(const struct fp *a);
limb fp_equal(const struct fp *a, const struct fp *b);

void fp_wide_mul(struct fp_wide *r, const struct fp *a, const struct fp *b);
void fp_wide_sqr(struct fp_wide *r, const struct fp *a);
void fp_wide_add(struct fp_wide *r, const struct fp_wide *a);
void fp_wide_sub(struct fp_wide *r, const struct fp_wide *a);
/* The element it stands for. */
void fp_reduce(struct fp *r, const struct fp_wide *a);

/**
 * fp_invert_all() - many at the price of one, and three products each
 * @values: none of them 0; become their inverses
 * @n: how many, at least 1
 * @scratch: room for @n, which is left as secret as @values
 */
void fp_invert_all(struct fp *values, size_t n, struct fp *scratch);

/* -1 when the octets are not below p: each element has one encoding. */
int fp_from_octets(struct fp *r, const uint8_t octets[FP_LEN]);
void fp_to_octets(const struct fp *a, uint8_t octets[FP_LEN]);

#endif
