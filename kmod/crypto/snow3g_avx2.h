/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* SNOW 3G with AVX2 and AES-NI: what snow3g.h has, for who holds the FPU. */
#ifndef _PROSE_CRYPTO_SNOW3G_AVX2_H
#define _PROSE_CRYPTO_SNOW3G_AVX2_H

#include "snow3g.h"

void snow3g_avx2_init(struct snow3g *st, const u8 key[SNOW3G_KEY_LEN],
		      const u32 iv[SNOW3G_IV_WORDS]);
void snow3g_avx2_words(struct snow3g *st, u32 *z, size_t n);
void snow3g_avx2_crypt(struct snow3g *st, u8 *dst, const u8 *src, size_t len);

#endif /* _PROSE_CRYPTO_SNOW3G_AVX2_H */
