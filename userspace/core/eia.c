// SPDX-License-Identifier: MIT
/* 128-EIA1 to 128-EIA3 and 128-EEA2, eia.h. */
#include "eia.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "../../kmod/crypto/eia1.h"
#include "../../kmod/crypto/eia3.h"

#define BLOCK	16

/* COUNT || BEARER || DIRECTION || 0..., the head of both algorithms' input block. */
static void input_block(const struct eia_input *input, uint8_t block[BLOCK])
{
	memset(block, 0, BLOCK);
	block[0] = (uint8_t)(input->count >> 24);
	block[1] = (uint8_t)(input->count >> 16);
	block[2] = (uint8_t)(input->count >> 8);
	block[3] = (uint8_t)input->count;
	block[4] = (uint8_t)(input->bearer << 3 | (input->direction & 1) << 2);
}

bool eia_supported(uint8_t algorithm)
{
	return algorithm == EIA1 || algorithm == EIA2 || algorithm == EIA3;
}

static int eia2(const uint8_t key[EIA_KEY_LEN], const uint8_t block[BLOCK], const uint8_t *header,
		size_t header_len, const uint8_t *message, size_t len, uint8_t mac[EIA_MAC_LEN])
{
	char cipher[] = "AES-128-CBC";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0),
		OSSL_PARAM_construct_end(),
	};
	uint8_t tag[BLOCK];
	size_t tag_len = 0;
	EVP_MAC_CTX *ctx;
	EVP_MAC *cmac;
	int ret = -1;

	cmac = EVP_MAC_fetch(NULL, "CMAC", NULL);
	ctx = cmac ? EVP_MAC_CTX_new(cmac) : NULL;
	if (ctx && EVP_MAC_init(ctx, key, EIA_KEY_LEN, params) == 1 &&
	    EVP_MAC_update(ctx, block, 8) == 1 &&
	    (!header_len || EVP_MAC_update(ctx, header, header_len) == 1) &&
	    (!len || EVP_MAC_update(ctx, message, len) == 1) &&
	    EVP_MAC_final(ctx, tag, &tag_len, sizeof(tag)) == 1 && tag_len == sizeof(tag)) {
		memcpy(mac, tag, EIA_MAC_LEN);
		ret = 0;
	}
	OPENSSL_cleanse(tag, sizeof(tag));
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(cmac);
	return ret;
}

int eia(uint8_t algorithm, const uint8_t key[EIA_KEY_LEN], const struct eia_input *input,
	const uint8_t *header, size_t header_len, const uint8_t *message, size_t len,
	uint8_t mac[EIA_MAC_LEN])
{
	uint8_t block[BLOCK], whole[EIA_MESSAGE_MAX];

	input_block(input, block);
	if (algorithm == EIA2)
		return eia2(key, block, header, header_len, message, len, mac);
	if (!eia_supported(algorithm) || header_len > sizeof(whole) ||
	    len > sizeof(whole) - header_len)
		return -1;

	/* These take a message in one piece, and it is a signalling message: in clear. */
	if (header_len)
		memcpy(whole, header, header_len);
	if (len)
		memcpy(whole + header_len, message, len);
	if (algorithm == EIA1)
		eia1_whole(key, block, whole, header_len + len, mac);
	else
		eia3_whole(key, block, whole, header_len + len, mac);
	return 0;
}

int eea2(const uint8_t key[EIA_KEY_LEN], const struct eia_input *input, const uint8_t *in,
	 size_t len, uint8_t *out)
{
	uint8_t block[BLOCK];
	EVP_CIPHER_CTX *ctx;
	int n = 0, ret = -1;

	input_block(input, block);
	ctx = EVP_CIPHER_CTX_new();
	if (ctx && EVP_EncryptInit_ex(ctx, EVP_aes_128_ctr(), NULL, key, block) == 1 &&
	    (!len || EVP_EncryptUpdate(ctx, out, &n, in, (int)len) == 1) && (size_t)n == len)
		ret = 0;
	EVP_CIPHER_CTX_free(ctx);
	return ret;
}
