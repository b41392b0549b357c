// SPDX-License-Identifier: MIT
#include "prf.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#define INKEY_BLOCK	32		/* 256 bits, whatever the hash function */
#define DIGEST_MAX	32
#define LABEL_MAX	(4 + 1 + 4 + MIKEY_RAND_MAX)

/*
 * P(s, label, m) exclusive-or into @out: HMAC(s, A_1 || label) || HMAC(s, A_2 || label) ..., with
 * A_0 = label, A_i = HMAC(s, A_(i-1)).
 */
static int expand(const EVP_MD *md, const uint8_t *s, size_t s_len, const uint8_t *label,
		  size_t label_len, uint8_t *out, size_t out_len)
{
	uint8_t a[DIGEST_MAX + LABEL_MAX], block[DIGEST_MAX];
	size_t digest = (size_t)EVP_MD_get_size(md), n;
	int ret = -1;

	if (!HMAC(md, s, (int)s_len, label, label_len, a, NULL))
		goto out;
	while (out_len) {
		memcpy(a + digest, label, label_len);
		if (!HMAC(md, s, (int)s_len, a, digest + label_len, block, NULL))
			goto out;
		n = out_len < digest ? out_len : digest;
		for (size_t i = 0; i < n; i++)
			*out++ ^= block[i];
		out_len -= n;
		if (!HMAC(md, s, (int)s_len, a, digest, block, NULL))
			goto out;
		memcpy(a, block, digest);
	}
	ret = 0;
out:
	OPENSSL_cleanse(a, sizeof(a));
	OPENSSL_cleanse(block, sizeof(block));
	return ret;
}

int mikey_prf(uint8_t prf, const uint8_t *inkey, size_t inkey_len, const uint8_t *label,
	      size_t label_len, uint8_t *out, size_t out_len)
{
	const EVP_MD *md = prf == MIKEY_PRF_SHA_1 ? EVP_sha1() :
			   prf == MIKEY_PRF_SHA_256 ? EVP_sha256() : NULL;
	size_t n;

	memset(out, 0, out_len);
	if (!md || !inkey_len || label_len > LABEL_MAX)
		return -1;
	for (; inkey_len; inkey += n, inkey_len -= n) {
		n = inkey_len < INKEY_BLOCK ? inkey_len : INKEY_BLOCK;
		if (expand(md, inkey, n, label, label_len, out, out_len)) {
			OPENSSL_cleanse(out, out_len);
			return -1;
		}
	}
	return 0;
}

static uint8_t *put_32(uint8_t *at, uint32_t value)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		*at++ = (uint8_t)(value >> shift);
	return at;
}

int mikey_derive(uint8_t prf, enum mikey_key key, const struct mikey_octets *inkey, uint8_t cs_id,
		 uint32_t csb_id, const struct mikey_octets *rand, uint8_t *out, size_t out_len)
{
	uint8_t label[LABEL_MAX], *at = label;

	if (rand->len > MIKEY_RAND_MAX) {
		memset(out, 0, out_len);
		return -1;
	}
	at = put_32(at, key);
	*at++ = cs_id;
	at = put_32(at, csb_id);
	if (rand->len)
		memcpy(at, rand->data, rand->len);
	at += rand->len;
	return mikey_prf(prf, inkey->data, inkey->len, label, (size_t)(at - label), out, out_len);
}
