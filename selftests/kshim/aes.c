// SPDX-License-Identifier: MIT
/*
 * See aes.h. The block cipher is OpenSSL's; CMAC (RFC 4493) around it is done here, because its
 * own MAC needs more time to be made than a packet has octets, and a fuzzer makes many. An
 * operation that OpenSSL refuses is a defect of the test.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "aes.h"

#define BLOCK	16

struct aes_ctr {
	EVP_CIPHER_CTX *ctx;
};

struct aes_cmac {
	EVP_CIPHER_CTX *ctx;
	unsigned char k1[BLOCK], k2[BLOCK];
	unsigned char state[BLOCK], last[BLOCK];
	size_t n;
};

static void must(int good)
{
	if (good)
		return;
	fprintf(stderr, "kshim: OpenSSL refused an AES operation\n");
	abort();
}

/* Looked up by its name once. */
static EVP_CIPHER_CTX *ctx_new(EVP_CIPHER **cipher, const char *name, const unsigned char key[16])
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

	if (!*cipher)
		*cipher = EVP_CIPHER_fetch(NULL, name, NULL);
	must(ctx && *cipher && EVP_EncryptInit_ex(ctx, *cipher, NULL, key, NULL));
	return ctx;
}

struct aes_ctr *aes_ctr_new(const unsigned char key[16])
{
	static EVP_CIPHER *cipher;
	struct aes_ctr *ctr = malloc(sizeof(*ctr));

	must(ctr != NULL);
	ctr->ctx = ctx_new(&cipher, "AES-128-CTR", key);
	return ctr;
}

void aes_ctr_free(struct aes_ctr *ctr)
{
	EVP_CIPHER_CTX_free(ctr->ctx);
	free(ctr);
}

void aes_ctr_crypt(struct aes_ctr *ctr, const unsigned char iv[16], unsigned char *data,
		   size_t len)
{
	int n;

	must(EVP_EncryptInit_ex(ctr->ctx, NULL, NULL, NULL, iv));
	must(EVP_EncryptUpdate(ctr->ctx, data, &n, data, (int)len) && (size_t)n == len);
}

static void block(struct aes_cmac *cmac, const unsigned char in[BLOCK], unsigned char out[BLOCK])
{
	int n;

	must(EVP_EncryptUpdate(cmac->ctx, out, &n, in, BLOCK) && n == BLOCK);
}

static void twice(const unsigned char in[BLOCK], unsigned char out[BLOCK])
{
	int i;

	for (i = 0; i < BLOCK; i++)
		out[i] = (unsigned char)(in[i] << 1 | (i + 1 < BLOCK ? in[i + 1] >> 7 : 0));
	if (in[0] & 0x80)
		out[BLOCK - 1] ^= 0x87;
}

struct aes_cmac *aes_cmac_new(const unsigned char key[16])
{
	static EVP_CIPHER *cipher;
	struct aes_cmac *cmac = calloc(1, sizeof(*cmac));
	unsigned char zero[BLOCK] = { 0 };

	must(cmac != NULL);
	cmac->ctx = ctx_new(&cipher, "AES-128-ECB", key);
	block(cmac, zero, zero);
	twice(zero, cmac->k1);
	twice(cmac->k1, cmac->k2);
	return cmac;
}

void aes_cmac_free(struct aes_cmac *cmac)
{
	EVP_CIPHER_CTX_free(cmac->ctx);
	free(cmac);
}

void aes_cmac_init(struct aes_cmac *cmac)
{
	memset(cmac->state, 0, sizeof(cmac->state));
	cmac->n = 0;
}

static void mix(struct aes_cmac *cmac, const unsigned char mask[BLOCK])
{
	int i;

	for (i = 0; i < BLOCK; i++)
		cmac->state[i] ^= (unsigned char)(cmac->last[i] ^ (mask ? mask[i] : 0));
	block(cmac, cmac->state, cmac->state);
}

/* The last block is kept back: it is masked. */
void aes_cmac_update(struct aes_cmac *cmac, const unsigned char *data, size_t len)
{
	while (len) {
		size_t some = BLOCK - cmac->n < len ? BLOCK - cmac->n : len;

		if (!some) {
			mix(cmac, NULL);
			cmac->n = 0;
			continue;
		}
		memcpy(cmac->last + cmac->n, data, some);
		cmac->n += some;
		data += some;
		len -= some;
	}
}

void aes_cmac_final(struct aes_cmac *cmac, unsigned char out[BLOCK])
{
	if (cmac->n == BLOCK) {
		mix(cmac, cmac->k1);
	} else {
		memset(cmac->last + cmac->n, 0, BLOCK - cmac->n);
		cmac->last[cmac->n] = 0x80;
		mix(cmac, cmac->k2);
	}
	memcpy(out, cmac->state, BLOCK);
}
