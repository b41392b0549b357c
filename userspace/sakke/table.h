/* SPDX-License-Identifier: MIT */
/* Fixed bases: multiples of a point, powers of g. */
#ifndef PROSE_SAKKE_TABLE_H
#define PROSE_SAKKE_TABLE_H

#include "fp2.h"
#include "point.h"
#include "recode.h"

/* Of a point (2j + 1) 2^(RECODE_WINDOW i) times, for each digit i and each of its indices j. */
struct table {
	struct affine entries[RECODE_DIGITS][RECODE_ENTRIES];
};

/* Of g the same powers, each as Im/Re. */
struct powers {
	struct fp entries[RECODE_DIGITS][RECODE_ENTRIES];
};

/* To be freed with free(), since nothing of it is secret; NULL without memory. */
struct table *table_new(const struct affine *base);
struct powers *powers_new(const struct fp *base);

/* r += [k]base, for a secret k. */
void table_mul_add(const struct table *table, struct point *r, const struct digit *digits);
/* r = base^k but for a factor in F_p, for a secret k. */
void powers_raise(const struct powers *powers, struct fp2 *r, const struct digit *digits);

#endif
