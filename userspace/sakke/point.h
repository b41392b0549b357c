/* SPDX-License-Identifier: MIT */
/* Points of E: y^2 = x^3 - 3x over F_p. */
#ifndef PROSE_SAKKE_POINT_H
#define PROSE_SAKKE_POINT_H

#include <stdint.h>

#include "fp.h"

#define POINT_LEN	(1 + 2 * FP_LEN)

struct affine {
	struct fp x, y;
};

/* (x/z, y/z), or with z = 0 the point at infinity. */
struct point {
	struct fp x, y, z;
};

void point_infinity(struct point *r);
void point_from_affine(struct point *r, const struct affine *a);

/* Sums, of points of order q the right ones whatever they are; r may be a or b. */
void point_add(struct point *r, const struct point *a, const struct point *b);
void point_add_affine(struct point *r, const struct point *a, const struct affine *b);

/**
 * point_mul() - [k]base, for a secret k
 * @r: gets it
 * @base: of order q, or see point_has_order_q()
 * @k: limbs, below q
 */
void point_mul(struct point *r, const struct affine *base, const limb *k);

/* 1 or 0. */
limb point_has_order_q(const struct affine *a);
limb point_equal(const struct point *a, const struct affine *b);

/* 04 || x || y: -1 when it is not that, a coordinate is not below p, or the point is not on E. */
int point_from_octets(struct affine *r, const uint8_t octets[POINT_LEN]);
void point_to_octets(const struct affine *a, uint8_t octets[POINT_LEN]);

/* -1 for the point at infinity, which has no encoding; it takes as long. */
int point_to_affine(struct affine *r, const struct point *a);

#endif
