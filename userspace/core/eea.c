// SPDX-License-Identifier: MIT
/* 128-EEA1 to 128-EEA3, eea.h. */
#include "eea.h"

#include <string.h>

#include <openssl/crypto.h>

#include "../../kmod/crypto/snow3g.h"
#include "../../kmod/crypto/zuc.h"

bool eea_supported(uint8_t algorithm)
{
	return algorithm <= EEA3;
}

/* BEARER || DIRECTION || 0..., the second half of both initialisation vectors. */
static uint32_t second_word(const struct eia_input *input)
{
	return (uint32_t)input->bearer << 27 | (uint32_t)(input->direction & 1) << 26;
}

static void eea1(const uint8_t *key, const struct eia_input *input, const uint8_t *in, size_t len,
		 uint8_t *out)
{
	const uint32_t second = second_word(input);
	const u32 iv[SNOW3G_IV_WORDS] = { second, input->count, second, input->count };
	struct snow3g st;

	snow3g_init(&st, key, iv);
	snow3g_crypt(&st, out, in, len);
	OPENSSL_cleanse(&st, sizeof(st));
}

static void eea3(const uint8_t *key, const struct eia_input *input, const uint8_t *in, size_t len,
		 uint8_t *out)
{
	const uint32_t words[2] = { htobe32(input->count), htobe32(second_word(input)) };
	uint8_t iv[ZUC_IV_LEN];
	struct zuc st;

	memcpy(iv, words, sizeof(words));
	memcpy(iv + sizeof(words), words, sizeof(words));
	zuc_init(&st, key, iv);
	zuc_crypt(&st, out, in, len);
	OPENSSL_cleanse(&st, sizeof(st));
}

int eea(uint8_t algorithm, const uint8_t key[EIA_KEY_LEN], const struct eia_input *input,
	const uint8_t *in, size_t len, uint8_t *out)
{
	switch (algorithm) {
	case EEA0:
		memmove(out, in, len);
		return 0;
	case EEA1:
		eea1(key, input, in, len, out);
		return 0;
	case EEA2:
		return eea2(key, input, in, len, out);
	case EEA3:
		eea3(key, input, in, len, out);
		return 0;
	default:
		return -1;
	}
}
