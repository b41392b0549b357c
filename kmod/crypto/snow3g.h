/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* SNOW 3G, the key stream generator of UEA2/UIA2 and 128-EEA1/128-EIA1 (TS 35.216). */
#ifndef _PROSE_CRYPTO_SNOW3G_H
#define _PROSE_CRYPTO_SNOW3G_H

#include "words.h"

#define SNOW3G_KEY_LEN		16
#define SNOW3G_IV_WORDS		4

/**
 * struct snow3g - a key stream at some place
 * @s: the linear feedback shift register: s0 is @s[@pos], s1 the one after, cyclically
 * @r: R1, R2, R3 of the finite state machine
 * @pos: where s0 is
 *
 * All of it is as secret as the key; whoever has one wipes it.
 */
struct snow3g {
	u32 s[16];
	u32 r[3];
	u32 pos;
};

void snow3g_init(struct snow3g *st, const u8 key[SNOW3G_KEY_LEN], const u32 iv[SNOW3G_IV_WORDS]);
void snow3g_words(struct snow3g *st, u32 *z, size_t n);
void snow3g_crypt(struct snow3g *st, u8 *dst, const u8 *src, size_t len);

#endif /* _PROSE_CRYPTO_SNOW3G_H */
