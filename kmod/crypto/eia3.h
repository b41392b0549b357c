/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* 128-EIA3 (TS 35.221 clause 4). */
#ifndef _PROSE_CRYPTO_EIA3_H
#define _PROSE_CRYPTO_EIA3_H

#include "words.h"
#include "zuc.h"

#define EIA3_KEY_LEN	16
#define EIA3_PREFIX_LEN	8
#define EIA3_BLOCK_LEN	16
#define EIA3_MAC_LEN	4
/* Words of key stream that the last octets take: theirs and one. */
#define EIA3_END_WORDS(len)	(((len) + 3) / 4 + 1)

/**
 * struct eia3 - a MAC under way
 * @stream: the key stream, after the words that have been used
 * @t: T so far
 * @z: the word of the key stream that begins where the message goes on
 *
 * Wiped by eia3_finish().
 */
struct eia3 {
	struct zuc stream;
	u32 t;
	u32 z;
};

void eia3_iv(u8 iv[ZUC_IV_LEN], const u8 prefix[EIA3_PREFIX_LEN]);

void eia3_start(struct eia3 *mac, const u8 key[EIA3_KEY_LEN], const u8 prefix[EIA3_PREFIX_LEN]);
void eia3_blocks(struct eia3 *mac, const u8 *p, size_t n);
void eia3_end(struct eia3 *mac, const u8 *rest, size_t len, u32 *z, u8 out[EIA3_MAC_LEN]);
void eia3_finish(struct eia3 *mac, const u8 *rest, size_t len, u8 out[EIA3_MAC_LEN]);

/* A message in one piece. */
static inline void eia3_whole(const u8 *key, const u8 *prefix, const u8 *p, size_t len, u8 *out)
{
	size_t n = len / EIA3_BLOCK_LEN;
	struct eia3 mac;

	eia3_start(&mac, key, prefix);
	eia3_blocks(&mac, p, n);
	eia3_finish(&mac, p + n * EIA3_BLOCK_LEN, len % EIA3_BLOCK_LEN, out);
}

#endif /* _PROSE_CRYPTO_EIA3_H */
