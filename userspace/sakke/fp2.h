/* SPDX-License-Identifier: MIT */
/* F_p^2 = F_p[i], i^2 = -1. */
#ifndef PROSE_SAKKE_FP2_H
#define PROSE_SAKKE_FP2_H

#include "fp.h"

struct fp2 {
	struct fp re, im;
};

/* r may be a or b. */
void fp2_mul(struct fp2 *r, const struct fp2 *a, const struct fp2 *b);
void fp2_sqr(struct fp2 *r, const struct fp2 *a);

/* r = a (1 + t i). */
void fp2_mul_one(struct fp2 *r, const struct fp2 *a, const struct fp *t);

#endif
