/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * 128-EEA2 and 128-EIA2 (TS 33.401 B.1.3, B.2.3): AES-128 in counter mode and CMAC, with AVX2 and
 * AES-NI, for who holds the FPU. Any processor's AES is the kernel's.
 */
#ifndef _PROSE_CRYPTO_AES_AVX2_H
#define _PROSE_CRYPTO_AES_AVX2_H

#include "words.h"

#define EEA2_IV_LEN	8
#define EIA2_PREFIX_LEN	8
#define EIA2_MAC_LEN	4
#define AES_BLOCK_LEN	16
#define EIA2_LAST_MAX	(2 * AES_BLOCK_LEN)
#define AES_128_ROUNDS	10
#define AES_128_KEYS	(AES_128_ROUNDS + 1)

/**
 * struct aes_keys - an expanded key
 * @round: the round keys, FIPS 197
 * @k1: what is added to the last block of a MAC if it is whole, RFC 4493
 * @k2: and if it is not
 *
 * As secret as the key.
 */
struct aes_keys {
	u8 round[AES_128_KEYS][AES_BLOCK_LEN];
	u8 k1[AES_BLOCK_LEN];
	u8 k2[AES_BLOCK_LEN];
};

/**
 * struct eea2 - a key stream at some place
 * @keys: of PEK; not owned
 * @iv: COUNT, BEARER and DIRECTION; the first half of each counter block
 * @n: the second half of the next one, which starts at 0
 */
struct eea2 {
	const struct aes_keys *keys;
	u8 iv[EEA2_IV_LEN];
	u64 n;
};

/**
 * struct eia2 - a MAC under way
 * @keys: of PIK; not owned
 * @x: the chain so far
 * @carry: the last octets so far. The prefix is half a block, so that one of these always
 *	waits for its other half; and nothing else has to be held back, as the last block
 *	is never known to be it before the end.
 */
struct eia2 {
	const struct aes_keys *keys;
	u8 x[AES_BLOCK_LEN];
	u8 carry[EIA2_PREFIX_LEN];
};

/* These two touch no vector, and serve the MAC and the key stream of any processor. */

static inline void eea2_start(struct eea2 *st, const struct aes_keys *keys,
			      const u8 iv[EEA2_IV_LEN])
{
	st->keys = keys;
	memcpy(st->iv, iv, EEA2_IV_LEN);
	st->n = 0;
}

static inline void eia2_start(struct eia2 *mac, const struct aes_keys *keys,
			      const u8 prefix[EIA2_PREFIX_LEN])
{
	mac->keys = keys;
	memset(mac->x, 0, sizeof(mac->x));
	memcpy(mac->carry, prefix, EIA2_PREFIX_LEN);
}

/*
 * The end of a message: what waits and the @len octets of @rest, less than a block, as one
 * block or two. Returns how many; the last has its key already added.
 */
static inline size_t eia2_last(const struct eia2 *mac, const u8 *rest, size_t len,
			       u8 last[EIA2_LAST_MAX])
{
	size_t total = EIA2_PREFIX_LEN + len, n = total > AES_BLOCK_LEN ? 2 : 1, i;
	const u8 *key = total % AES_BLOCK_LEN ? mac->keys->k2 : mac->keys->k1;

	memset(last, 0, EIA2_LAST_MAX);
	memcpy(last, mac->carry, EIA2_PREFIX_LEN);
	if (len)
		memcpy(last + EIA2_PREFIX_LEN, rest, len);
	if (total % AES_BLOCK_LEN)
		last[total] = 0x80;
	for (i = 0; i < AES_BLOCK_LEN; i++)
		last[(n - 1) * AES_BLOCK_LEN + i] ^= key[i];
	return n;
}

void eea2_avx2_crypt(struct eea2 *st, u8 *dst, const u8 *src, size_t len);
void eia2_avx2_blocks(struct eia2 *mac, const u8 *p, size_t n);
void eia2_avx2_finish(struct eia2 *mac, const u8 *rest, size_t len, u8 out[EIA2_MAC_LEN]);

#endif /* _PROSE_CRYPTO_AES_AVX2_H */
