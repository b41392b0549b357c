/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* 128-EIA1 with AVX2, AES-NI and PCLMULQDQ: what eia1.h has, for who holds the FPU. */
#ifndef _PROSE_CRYPTO_EIA1_AVX2_H
#define _PROSE_CRYPTO_EIA1_AVX2_H

#include "eia1.h"

void eia1_avx2_start(struct eia1 *mac, const u8 key[EIA1_KEY_LEN],
		     const u8 prefix[EIA1_PREFIX_LEN]);
void eia1_avx2_blocks(struct eia1 *mac, const u8 *p, size_t n);
void eia1_avx2_finish(struct eia1 *mac, const u8 *rest, size_t len, u8 out[EIA1_MAC_LEN]);

#endif /* _PROSE_CRYPTO_EIA1_AVX2_H */
