// SPDX-License-Identifier: MIT
/* Key derivation, kdf.h. */
#include "kdf.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "constants.h"

#define S_MAX	(1 + 512 + 2 * KDF_PARAMS_MAX)

/* P0 of TS 33.303 A.4. */
#define TYPE_PEK	0x00
#define TYPE_PIK	0x01

int kdf(const uint8_t *key, size_t key_len, uint8_t fc, const struct kdf_param *params,
	size_t n_params, uint8_t out[KDF_LEN])
{
	uint8_t s[S_MAX];
	unsigned int out_len = KDF_LEN;
	size_t len = 0;
	int ret = -1;

	s[len++] = fc;
	if (n_params > KDF_PARAMS_MAX)
		goto out;
	for (size_t i = 0; i < n_params; i++) {
		if (params[i].len + 2u > sizeof(s) - len)
			goto out;
		memcpy(s + len, params[i].data, params[i].len);
		len += params[i].len;
		s[len++] = (uint8_t)(params[i].len >> 8);
		s[len++] = (uint8_t)params[i].len;
	}
	if (HMAC(EVP_sha256(), key, (int)key_len, s, len, out, &out_len) && out_len == KDF_LEN)
		ret = 0;
out:
	/* Parameters may be secret in other derivations of this form. */
	OPENSSL_cleanse(s, sizeof(s));
	if (ret)
		OPENSSL_cleanse(out, KDF_LEN);
	return ret;
}

int kdf_kd_sess(const uint8_t kd[KDF_LEN], const uint8_t nonce_1[KDF_NONCE_LEN],
		const uint8_t nonce_2[KDF_NONCE_LEN], uint8_t kd_sess[KDF_LEN])
{
	const struct kdf_param params[] = {
		{ nonce_1, KDF_NONCE_LEN },
		{ nonce_2, KDF_NONCE_LEN },
	};

	return kdf(kd, KDF_LEN, PROSE_FC_KD_SESS, params, 2, kd_sess);
}

static int algorithm_key(const uint8_t kd_sess[KDF_LEN], uint8_t type, uint8_t algorithm,
			 uint8_t out[KDF_KEY_LEN])
{
	const struct kdf_param params[] = { { &type, 1 }, { &algorithm, 1 } };
	uint8_t whole[KDF_LEN];
	int ret;

	ret = kdf(kd_sess, KDF_LEN, PROSE_FC_ALG_KEY, params, 2, whole);
	memcpy(out, whole + KDF_LEN - KDF_KEY_LEN, KDF_KEY_LEN);
	OPENSSL_cleanse(whole, sizeof(whole));
	return ret;
}

int kdf_pek(const uint8_t kd_sess[KDF_LEN], uint8_t algorithm, uint8_t pek[KDF_KEY_LEN])
{
	return algorithm_key(kd_sess, TYPE_PEK, algorithm, pek);
}

int kdf_pik(const uint8_t kd_sess[KDF_LEN], uint8_t algorithm, uint8_t pik[KDF_KEY_LEN])
{
	return algorithm_key(kd_sess, TYPE_PIK, algorithm, pik);
}
