// SPDX-License-Identifier: MIT

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <string.h>

#include "crypto.h"
#include "octets.h"
#include "snow3g.h"
#include "zuc.h"

#define FC_ALGORITHM_KEY	0x4b

static EVP_CIPHER_CTX *ctr;
static EVP_MAC *cmac;
static EVP_MAC_CTX *cmac_ctx;

bool crypto_derive(const uint8_t kd_sess[32], bool pik, uint8_t algorithm,
		   uint8_t out[CRYPTO_KEY_LEN])
{
	/* S = FC || P0 || L0 || P1 || L1 */
	const uint8_t s[] = { FC_ALGORITHM_KEY, pik, 0, 1, algorithm, 0, 1 };
	uint8_t derived[32];
	unsigned int len = sizeof(derived);

	if (!HMAC(EVP_sha256(), kd_sess, 32, s, sizeof(s), derived, &len) ||
	    len != sizeof(derived))
		return false;
	memcpy(out, derived + sizeof(derived) - CRYPTO_KEY_LEN, CRYPTO_KEY_LEN);
	return true;
}

static void fill_prefix(const struct crypto_input *input, uint8_t *prefix)
{
	put32(prefix, input->count);
	prefix[4] = (uint8_t)(input->bearer << 3 | input->direction << 2);
}

static bool eea2(const struct crypto_input *input, const uint8_t *in, size_t len, uint8_t *out)
{
	uint8_t block[16] = { 0 };
	int done = 0;

	fill_prefix(input, block);
	if (!ctr)
		ctr = EVP_CIPHER_CTX_new();
	return ctr && EVP_EncryptInit_ex(ctr, EVP_aes_128_ctr(), NULL, input->key, block) &&
	       EVP_EncryptUpdate(ctr, out, &done, in, (int)len) && (size_t)done == len;
}

static bool eia2(const struct crypto_input *input, const uint8_t header[CRYPTO_HDR_LEN],
		 const uint8_t *sdu, size_t len, uint8_t mac[CRYPTO_MAC_LEN])
{
	char cipher[] = "AES-128-CBC";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0),
		OSSL_PARAM_construct_end(),
	};
	uint8_t prefix[8] = { 0 }, tag[16];
	size_t tag_len = 0;

	fill_prefix(input, prefix);
	if (!cmac)
		cmac = EVP_MAC_fetch(NULL, "CMAC", NULL);
	if (cmac && !cmac_ctx)
		cmac_ctx = EVP_MAC_CTX_new(cmac);
	if (!cmac_ctx || !EVP_MAC_init(cmac_ctx, input->key, CRYPTO_KEY_LEN, params) ||
	    !EVP_MAC_update(cmac_ctx, prefix, sizeof(prefix)) ||
	    !EVP_MAC_update(cmac_ctx, header, CRYPTO_HDR_LEN) ||
	    !EVP_MAC_update(cmac_ctx, sdu, len) ||
	    !EVP_MAC_final(cmac_ctx, tag, &tag_len, sizeof(tag)) || tag_len != sizeof(tag))
		return false;
	memcpy(mac, tag, CRYPTO_MAC_LEN);
	return true;
}

bool crypto_eea(uint8_t algorithm, const struct crypto_input *input, const uint8_t *in, size_t len,
		uint8_t *out)
{
	switch (algorithm) {
	case CRYPTO_SNOW3G:
		snow3g_eea1(input, in, len, out);
		return true;
	case CRYPTO_AES:
		return eea2(input, in, len, out);
	case CRYPTO_ZUC:
		zuc_eea3(input, in, len, out);
		return true;
	default:
		return false;
	}
}

bool crypto_eia(uint8_t algorithm, const struct crypto_input *input,
		const uint8_t header[CRYPTO_HDR_LEN], const uint8_t *sdu, size_t len,
		uint8_t mac[CRYPTO_MAC_LEN])
{
	static uint8_t message[CRYPTO_HDR_LEN + CRYPTO_SDU_MAX];

	if (algorithm == CRYPTO_AES)
		return eia2(input, header, sdu, len, mac);
	if ((algorithm != CRYPTO_SNOW3G && algorithm != CRYPTO_ZUC) || len > CRYPTO_SDU_MAX)
		return false;
	memcpy(message, header, CRYPTO_HDR_LEN);
	memcpy(message + CRYPTO_HDR_LEN, sdu, len);
	put32(mac, algorithm == CRYPTO_SNOW3G ?
	      snow3g_eia1(input, message, CRYPTO_HDR_LEN + len) :
	      zuc_eia3(input, message, CRYPTO_HDR_LEN + len));
	return true;
}

void crypto_free(void)
{
	EVP_CIPHER_CTX_free(ctr);
	EVP_MAC_CTX_free(cmac_ctx);
	EVP_MAC_free(cmac);
	ctr = NULL;
	cmac_ctx = NULL;
	cmac = NULL;
}
