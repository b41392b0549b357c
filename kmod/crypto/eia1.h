/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* 128-EIA1 (TS 33.401 Annex B.2.2), which is UIA2 (TS 35.215 clause 4). */
#ifndef _PROSE_CRYPTO_EIA1_H
#define _PROSE_CRYPTO_EIA1_H

#include "snow3g.h"

#define EIA1_KEY_LEN	16
#define EIA1_PREFIX_LEN	8
#define EIA1_BLOCK_LEN	8
#define EIA1_MAC_LEN	4
/* z1 to z5. */
#define EIA1_STREAM_WORDS	5

/**
 * struct eia1 - a MAC under way
 * @p: P, what each block is multiplied with
 * @q: Q, what the whole is multiplied with
 * @eval: EVAL so far
 * @len: octets of the message so far
 * @otp: z5, what is added at the end
 *
 * Wiped by eia1_finish().
 */
struct eia1 {
	u64 p, q;
	u64 eval;
	u64 len;
	u32 otp;
};

void eia1_iv(u32 iv[SNOW3G_IV_WORDS], const u8 prefix[EIA1_PREFIX_LEN]);
void eia1_load(struct eia1 *mac, u32 z[EIA1_STREAM_WORDS]);

void eia1_start(struct eia1 *mac, const u8 key[EIA1_KEY_LEN], const u8 prefix[EIA1_PREFIX_LEN]);
void eia1_blocks(struct eia1 *mac, const u8 *p, size_t n);
void eia1_finish(struct eia1 *mac, const u8 *rest, size_t len, u8 out[EIA1_MAC_LEN]);

/* A message in one piece. */
static inline void eia1_whole(const u8 *key, const u8 *prefix, const u8 *p, size_t len, u8 *out)
{
	size_t n = len / EIA1_BLOCK_LEN;
	struct eia1 mac;

	eia1_start(&mac, key, prefix);
	eia1_blocks(&mac, p, n);
	eia1_finish(&mac, p + n * EIA1_BLOCK_LEN, len % EIA1_BLOCK_LEN, out);
}

#endif /* _PROSE_CRYPTO_EIA1_H */
