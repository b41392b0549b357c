// SPDX-License-Identifier: MIT
#include "sealing.h"

#include <limits.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

int sealing_key_id(const struct sealing_key *key, uint8_t id[SEALING_KEY_ID_LEN])
{
	static const char label[] = "prose sealing key";
	uint8_t mac[EVP_MAX_MD_SIZE];
	unsigned int len;

	if (!HMAC(EVP_sha256(), key->octets, sizeof(key->octets), (const uint8_t *)label,
		  sizeof(label) - 1, mac, &len))
		return -1;
	memcpy(id, mac, SEALING_KEY_ID_LEN);
	OPENSSL_cleanse(mac, sizeof(mac));
	return 0;
}

int sealing_seal(const struct sealing_key *key, const uint8_t nonce[SEALING_NONCE_LEN],
		 const uint8_t *header, size_t header_len, const uint8_t *plain, size_t len,
		 uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n, rc = -1;

	if (!ctx || header_len > INT_MAX || len > INT_MAX - SEALING_TAG_LEN)
		goto out;
	if (EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->octets, nonce) != 1 ||
	    EVP_EncryptUpdate(ctx, NULL, &n, header, (int)header_len) != 1 ||
	    EVP_EncryptUpdate(ctx, out, &n, plain, (int)len) != 1 ||
	    EVP_EncryptFinal_ex(ctx, out + n, &n) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, SEALING_TAG_LEN, out + len) != 1)
		goto out;
	rc = 0;
out:
	EVP_CIPHER_CTX_free(ctx);
	return rc;
}

int sealing_open(const struct sealing_key *key, const uint8_t nonce[SEALING_NONCE_LEN],
		 const uint8_t *header, size_t header_len, const uint8_t *sealed, size_t len,
		 uint8_t *out)
{
	uint8_t tag[SEALING_TAG_LEN];
	EVP_CIPHER_CTX *ctx;
	int n, rc = -1;

	if (len < SEALING_TAG_LEN || len > INT_MAX || header_len > INT_MAX)
		return -1;
	len -= SEALING_TAG_LEN;
	memcpy(tag, sealed + len, sizeof(tag));
	ctx = EVP_CIPHER_CTX_new();
	if (ctx && EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->octets, nonce) == 1 &&
	    EVP_DecryptUpdate(ctx, NULL, &n, header, (int)header_len) == 1 &&
	    EVP_DecryptUpdate(ctx, out, &n, sealed, (int)len) == 1 &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, sizeof(tag), tag) == 1 &&
	    EVP_DecryptFinal_ex(ctx, out + n, &n) == 1)
		rc = 0;
	EVP_CIPHER_CTX_free(ctx);
	if (rc)
		OPENSSL_cleanse(out, len);
	return rc;
}
