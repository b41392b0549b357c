/* SPDX-License-Identifier: MIT */
/* The Tate-Lichtenbaum pairing of RFC 6508 3.2, <R,Q> = e(R, [i]Q) in F_p^2 / F_p. */
#ifndef PROSE_SAKKE_PAIRING_H
#define PROSE_SAKKE_PAIRING_H

#include "fp2.h"
#include "point.h"

/* Lines of the Miller loop over one point, as secret as the point. */
struct lines;

/**
 * lines_new() - what of a pairing depends on its first point alone
 * @r: the point, of order q
 *
 * Return: to be freed with lines_free(), or NULL without memory.
 */
struct lines *lines_new(const struct affine *r);
/* Wipes them, too. */
void lines_free(struct lines *lines);

/* <r,q>, but for a factor in F_p: @lines may be NULL, otherwise they are those of @r. */
void pairing(struct fp2 *w, const struct affine *r, const struct lines *lines, const struct affine *q);

/* What stands for it, Im/Re. */
void pairing_value(struct fp *value, const struct fp2 *w);

#endif
