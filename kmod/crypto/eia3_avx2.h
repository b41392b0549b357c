/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* 128-EIA3 with AVX2, AES-NI and PCLMULQDQ: what eia3.h has, for who holds the FPU. */
#ifndef _PROSE_CRYPTO_EIA3_AVX2_H
#define _PROSE_CRYPTO_EIA3_AVX2_H

#include "eia3.h"

void eia3_avx2_start(struct eia3 *mac, const u8 key[EIA3_KEY_LEN],
		     const u8 prefix[EIA3_PREFIX_LEN]);
void eia3_avx2_blocks(struct eia3 *mac, const u8 *p, size_t n);
void eia3_avx2_finish(struct eia3 *mac, const u8 *rest, size_t len, u8 out[EIA3_MAC_LEN]);

#endif /* _PROSE_CRYPTO_EIA3_AVX2_H */
