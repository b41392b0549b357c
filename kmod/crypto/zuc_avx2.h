/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* ZUC-128 with AVX2 and AES-NI: what zuc.h has, for who holds the FPU. */
#ifndef _PROSE_CRYPTO_ZUC_AVX2_H
#define _PROSE_CRYPTO_ZUC_AVX2_H

#include "zuc.h"

void zuc_avx2_init(struct zuc *st, const u8 key[ZUC_KEY_LEN], const u8 iv[ZUC_IV_LEN]);
void zuc_avx2_words(struct zuc *st, u32 *z, size_t n);
void zuc_avx2_crypt(struct zuc *st, u8 *dst, const u8 *src, size_t len);

#endif /* _PROSE_CRYPTO_ZUC_AVX2_H */
