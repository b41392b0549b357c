/* SPDX-License-Identifier: MIT */
/* Scalars modulo q as digits that are odd, and so never 0. */
#ifndef PROSE_SAKKE_RECODE_H
#define PROSE_SAKKE_RECODE_H

#include "limb.h"
#include "params.h"

#define RECODE_WINDOW	5
#define RECODE_ENTRIES	(1 << (RECODE_WINDOW - 1))
#define RECODE_DIGITS	((PARAMS_Q_BITS + RECODE_WINDOW - 1) / RECODE_WINDOW)

/**
 * struct digit - one of them
 * @index: (|digit| - 1) / 2
 * @negative: all ones or none
 */
struct digit {
	limb index, negative;
};

/**
 * recode() - digits of a scalar
 * @digits: the least significant first: k = sum of digit 2^(RECODE_WINDOW i), mod q
 * @k: below q, or q
 */
void recode(struct digit digits[RECODE_DIGITS], const limb *k);

#endif
