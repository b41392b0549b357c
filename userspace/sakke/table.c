// SPDX-License-Identifier: MIT
/*
 * Fixed bases, table.h: one sum for each digit and no doubling.
 *
 * Constant time: the digits, which are secret, choose an entry of a row by a mask while all of the row
 * is read, and its sign by another.
 */
#include "table.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#define ALL	(RECODE_DIGITS * RECODE_ENTRIES)

/* First projective, then all of them divided by their z together. */
struct work {
	struct point points[ALL];
	struct fp z[ALL], scratch[ALL];
};

struct table *table_new(const struct affine *base)
{
	struct table *table = malloc(sizeof(*table));
	struct work *work = malloc(sizeof(*work));
	struct affine *entries;
	struct point twice;

	if (!table || !work) {
		free(table);
		free(work);
		return NULL;
	}
	point_from_affine(&work->points[0], base);
	for (size_t i = 0; i < RECODE_DIGITS; i++) {
		struct point *row = &work->points[i * RECODE_ENTRIES];

		point_add(&twice, &row[0], &row[0]);
		for (size_t j = 1; j < RECODE_ENTRIES; j++)
			point_add(&row[j], &row[j - 1], &twice);
		if (i == RECODE_DIGITS - 1)
			break;
		row[RECODE_ENTRIES] = twice;
		for (size_t j = 1; j < RECODE_WINDOW; j++)
			point_add(&row[RECODE_ENTRIES], &row[RECODE_ENTRIES], &row[RECODE_ENTRIES]);
	}
	for (size_t i = 0; i < ALL; i++)
		work->z[i] = work->points[i].z;
	fp_invert_all(work->z, ALL, work->scratch);
	entries = &table->entries[0][0];
	for (size_t i = 0; i < ALL; i++) {
		fp_mul(&entries[i].x, &work->points[i].x, &work->z[i]);
		fp_mul(&entries[i].y, &work->points[i].y, &work->z[i]);
	}
	free(work);
	return table;
}

void table_mul_add(const struct table *table, struct point *r, const struct digit *digits)
{
	struct affine entry;

	for (size_t i = 0; i < RECODE_DIGITS; i++) {
		memset(&entry, 0, sizeof(entry));
		for (limb j = 0; j < RECODE_ENTRIES; j++) {
			limb mask = limb_mask(limb_is_zero(j ^ digits[i].index));

			fp_select(&entry.x, &table->entries[i][j].x, mask);
			fp_select(&entry.y, &table->entries[i][j].y, mask);
		}
		fp_negate_if(&entry.y, digits[i].negative);
		point_add_affine(r, r, &entry);
	}
	OPENSSL_cleanse(&entry, sizeof(entry));
}

struct powers *powers_new(const struct fp *base)
{
	struct powers *powers = malloc(sizeof(*powers));
	struct fp2 *all = malloc(ALL * sizeof(*all)), twice;
	struct fp *re = malloc(ALL * sizeof(*re)), *scratch = malloc(ALL * sizeof(*scratch));

	if (powers && all && re && scratch) {
		all[0] = (struct fp2){ fp_one, *base };
		for (size_t i = 0; i < RECODE_DIGITS; i++) {
			struct fp2 *row = &all[i * RECODE_ENTRIES];

			fp2_sqr(&twice, &row[0]);
			for (size_t j = 1; j < RECODE_ENTRIES; j++)
				fp2_mul(&row[j], &row[j - 1], &twice);
			if (i == RECODE_DIGITS - 1)
				break;
			row[RECODE_ENTRIES] = twice;
			for (size_t j = 1; j < RECODE_WINDOW; j++)
				fp2_sqr(&row[RECODE_ENTRIES], &row[RECODE_ENTRIES]);
		}
		for (size_t i = 0; i < ALL; i++)
			re[i] = all[i].re;
		fp_invert_all(re, ALL, scratch);
		for (size_t i = 0; i < ALL; i++)
			fp_mul(&powers->entries[0][0] + i, &all[i].im, &re[i]);
	} else {
		free(powers);
		powers = NULL;
	}
	free(all);
	free(re);
	free(scratch);
	return powers;
}

void powers_raise(const struct powers *powers, struct fp2 *r, const struct digit *digits)
{
	struct fp entry;

	*r = (struct fp2){ fp_one, fp_zero };
	for (size_t i = 0; i < RECODE_DIGITS; i++) {
		memset(&entry, 0, sizeof(entry));
		for (limb j = 0; j < RECODE_ENTRIES; j++)
			fp_select(&entry, &powers->entries[i][j],
				  limb_mask(limb_is_zero(j ^ digits[i].index)));
		/* The inverse is the conjugate, but for a factor in F_p. */
		fp_negate_if(&entry, digits[i].negative);
		fp2_mul_one(r, r, &entry);
	}
	OPENSSL_cleanse(&entry, sizeof(entry));
}
