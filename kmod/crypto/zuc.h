/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* ZUC-128, the key stream generator of 128-EEA3/128-EIA3 (TS 35.222). */
#ifndef _PROSE_CRYPTO_ZUC_H
#define _PROSE_CRYPTO_ZUC_H

#include "words.h"

#define ZUC_KEY_LEN	16
#define ZUC_IV_LEN	16

/**
 * struct zuc - a key stream at some place
 * @s: the linear feedback shift register, 31 bits each: s0 is @s[@pos], s1 the one
 *     after, cyclically
 * @r1: R1 of the nonlinear function
 * @r2: R2 of it
 * @pos: where s0 is
 *
 * All of it is as secret as the key; whoever has one wipes it.
 */
struct zuc {
	u32 s[16];
	u32 r1, r2;
	u32 pos;
};

void zuc_load(struct zuc *st, const u8 key[ZUC_KEY_LEN], const u8 iv[ZUC_IV_LEN]);
void zuc_init(struct zuc *st, const u8 key[ZUC_KEY_LEN], const u8 iv[ZUC_IV_LEN]);
void zuc_words(struct zuc *st, u32 *z, size_t n);
void zuc_crypt(struct zuc *st, u8 *dst, const u8 *src, size_t len);

#endif /* _PROSE_CRYPTO_ZUC_H */
