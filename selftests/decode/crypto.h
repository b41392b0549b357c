/* SPDX-License-Identifier: MIT */
/* Key derivation and algorithms of TS 33.220 Annex B and TS 33.401 Annex B. */
#ifndef DECODE_CRYPTO_H
#define DECODE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CRYPTO_KEY_LEN	16
#define CRYPTO_MAC_LEN	4
#define CRYPTO_SDU_MAX	8188	/* TS 36.323 4.3.1 */
#define CRYPTO_HDR_LEN	5

/* What an algorithm is fed with besides the data. */
struct crypto_input {
	const uint8_t *key;
	uint32_t count;
	uint8_t bearer, direction;
};

/*
 * TS 33.303 A.4, by the layout of TS 33.536 A.2 that could be verified; the function
 * code 0x4B is provisional. @pik: the integrity key rather than the ciphering key.
 */
bool crypto_derive(const uint8_t kd_sess[32], bool pik, uint8_t algorithm,
		   uint8_t out[CRYPTO_KEY_LEN]);

/* Algorithm identities, TS 33.401 5.1.3.2 and 5.1.4.2. */
#define CRYPTO_NULL	0
#define CRYPTO_SNOW3G	1
#define CRYPTO_AES	2
#define CRYPTO_ZUC	3

/* 128-EEA1 to 128-EEA3; enciphering and deciphering are the same. */
bool crypto_eea(uint8_t algorithm, const struct crypto_input *input, const uint8_t *in, size_t len,
		uint8_t *out);

/* 128-EIA1 to 128-EIA3 over @header and @sdu. */
bool crypto_eia(uint8_t algorithm, const struct crypto_input *input,
		const uint8_t header[CRYPTO_HDR_LEN], const uint8_t *sdu, size_t len,
		uint8_t mac[CRYPTO_MAC_LEN]);

void crypto_free(void);

#endif
