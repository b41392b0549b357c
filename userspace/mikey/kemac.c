// SPDX-License-Identifier: MIT
#include "kemac.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "payload.h"
#include "prf.h"

/* -1 for AES key wrap, which is for MIKEY-TICKET only. */
static int encr_key_len(uint8_t alg)
{
	switch (alg) {
	case MIKEY_ENCR_NULL:
		return 0;
	case MIKEY_ENCR_AES_CM_128:
		return 16;
	case MIKEY_ENCR_AES_CM_256:
		return 32;
	default:
		return -1;
	}
}

int mikey_kemac_keys(const struct mikey_message *message, const struct mikey_octets *key,
		     struct mikey_kemac_keys *keys)
{
	const struct mikey_payload *kemac = mikey_find(message, MIKEY_KEMAC, 0);
	const struct mikey_payload *rand = mikey_find(message, MIKEY_RAND, 0);
	int encr, auth;

	memset(keys, 0, sizeof(*keys));
	if (!kemac || !rand)
		return -1;
	encr = encr_key_len(kemac->type);
	auth = mikey_mac_len(kemac->mac_alg);
	if (encr < 0 || auth < 0)
		return -1;
	if (mikey_derive(message->prf, MIKEY_KEY_ENCR, key, MIKEY_OWN_CS, message->csb_id,
			 &rand->data, keys->encr, (size_t)encr) ||
	    mikey_derive(message->prf, MIKEY_KEY_SALT, key, MIKEY_OWN_CS, message->csb_id,
			 &rand->data, keys->salt, sizeof(keys->salt)) ||
	    mikey_derive(message->prf, MIKEY_KEY_AUTH, key, MIKEY_OWN_CS, message->csb_id,
			 &rand->data, keys->auth, (size_t)auth)) {
		OPENSSL_cleanse(keys, sizeof(*keys));
		return -1;
	}
	return 0;
}

/* IV = (S xor (0x0000 || CSB ID || T)) || 0x0000, with T of 64 bits. */
static int make_iv(const struct mikey_message *message, const uint8_t salt[static 14],
		   uint8_t iv[static 16])
{
	const struct mikey_payload *t = mikey_find(message, MIKEY_T, 0);
	uint8_t input[14] = { 0 };

	if (!t)
		return -1;
	for (int i = 0; i < 4; i++)
		input[2 + i] = (uint8_t)(message->csb_id >> (24 - 8 * i));
	/* A counter is padded in front, seconds alone behind. */
	memcpy(input + (t->type == MIKEY_TS_COUNTER ? 10 : 6), t->data.data, t->data.len);
	memset(iv, 0, 16);
	for (size_t i = 0; i < sizeof(input); i++)
		iv[i] = salt[i] ^ input[i];
	return 0;
}

int mikey_kemac_crypt(const struct mikey_message *message, const struct mikey_kemac_keys *keys,
		      const struct mikey_octets *in, uint8_t *out)
{
	const struct mikey_payload *kemac = mikey_find(message, MIKEY_KEMAC, 0);
	EVP_CIPHER_CTX *context = NULL;
	uint8_t iv[16];
	int len, ret = -1;

	memset(out, 0, in->len);
	if (!kemac || in->len > MIKEY_MAX_LEN || encr_key_len(kemac->type) < 0)
		return -1;
	if (kemac->type == MIKEY_ENCR_NULL) {
		if (in->len)
			memcpy(out, in->data, in->len);
		return 0;
	}
	if (make_iv(message, keys->salt, iv))
		return -1;
	context = EVP_CIPHER_CTX_new();
	if (context &&
	    EVP_EncryptInit_ex(context, kemac->type == MIKEY_ENCR_AES_CM_128 ? EVP_aes_128_ctr() :
			       EVP_aes_256_ctr(), NULL, keys->encr, iv) &&
	    EVP_EncryptUpdate(context, out, &len, in->data, (int)in->len))
		ret = 0;
	EVP_CIPHER_CTX_free(context);
	OPENSSL_cleanse(iv, sizeof(iv));
	if (ret)
		OPENSSL_cleanse(out, in->len);
	return ret;
}

int mikey_kemac_mac(const struct mikey_message *message, const struct mikey_kemac_keys *keys,
		    const uint8_t *data, uint8_t mac[static MIKEY_MAC_MAX])
{
	const struct mikey_payload *kemac = mikey_find(message, MIKEY_KEMAC, 0);
	int len = kemac ? mikey_mac_len(kemac->mac_alg) : -1;

	memset(mac, 0, MIKEY_MAC_MAX);
	if (len <= 0)
		return len;
	if (!HMAC(kemac->mac_alg == MIKEY_MAC_SHA_1 ? EVP_sha1() : EVP_sha256(), keys->auth, len,
		  data, mikey_covered(kemac), mac, NULL))
		return -1;
	return len;
}

bool mikey_kemac_verify(const struct mikey_message *message, const struct mikey_kemac_keys *keys,
			const uint8_t *data)
{
	const struct mikey_payload *kemac = mikey_find(message, MIKEY_KEMAC, 0);
	uint8_t mac[MIKEY_MAC_MAX];
	int len = mikey_kemac_mac(message, keys, data, mac);
	bool right = len > 0 && !CRYPTO_memcmp(mac, kemac->mac.data, (size_t)len);

	OPENSSL_cleanse(mac, sizeof(mac));
	return right;
}
