// SPDX-License-Identifier: MIT
/*
 * HashToIntegerRange, range.h. Constant time in the input, not in its length: the reduction is
 * modulus.c's, and 2^128 takes none.
 */
#include "range.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "modulus.h"
#include "sakke.h"

#define HASH_LEN	32
#define INPUT_MAX	512
/* q and 2^128 in hashes, rounded up. */
#define Q_HASHES	4
#define MASK_HASHES	1

static int sha256(const uint8_t *data, size_t len, uint8_t hash[HASH_LEN])
{
	unsigned int n = HASH_LEN;

	return EVP_Digest(data, len, hash, &n, EVP_sha256(), NULL) == 1 && n == HASH_LEN ? 0 : -1;
}

/* v_1 || v_2 ..., v_i = hash(h_i || A), A = hash(s), h_i = hash(h_(i-1)), h_0 = 0. */
static int stretch(uint8_t *out, size_t n, const uint8_t *s, size_t s_len)
{
	uint8_t both[2 * HASH_LEN] = { 0 };
	int rc = sha256(s, s_len, both + HASH_LEN);

	for (size_t i = 0; i < n && !rc; i++) {
		rc = sha256(both, HASH_LEN, both);
		if (!rc)
			rc = sha256(both, sizeof(both), out + i * HASH_LEN);
	}
	OPENSSL_cleanse(both, sizeof(both));
	return rc;
}

int range_q(limb r[LIMBS], const uint8_t *s, size_t s_len, const uint8_t *t, size_t t_len)
{
	uint8_t input[INPUT_MAX], v[Q_HASHES * HASH_LEN];
	int rc = -1;

	if (s_len <= sizeof(input) && t_len <= sizeof(input) - s_len) {
		memcpy(input, s, s_len);
		memcpy(input + s_len, t, t_len);
		rc = stretch(v, Q_HASHES, input, s_len + t_len);
	}
	if (rc) {
		OPENSSL_cleanse(r, LIMBS * sizeof(*r));
	} else {
		limbs_from_octets(r, LIMBS, v);
		modulus_reduce(&modulus_sakke, r, r);
	}
	OPENSSL_cleanse(input, sizeof(input));
	OPENSSL_cleanse(v, sizeof(v));
	return rc;
}

int range_mask(uint8_t mask[RANGE_MASK_LEN], const uint8_t *s, size_t s_len)
{
	uint8_t v[MASK_HASHES * HASH_LEN] = { 0 };
	int rc = stretch(v, MASK_HASHES, s, s_len);

	memcpy(mask, v + sizeof(v) - RANGE_MASK_LEN, RANGE_MASK_LEN);
	OPENSSL_cleanse(v, sizeof(v));
	return rc;
}

int range_identity(limb b[LIMBS], const uint8_t *id, size_t id_len)
{
	uint8_t octets[SAKKE_ID_MAX] = { 0 };
	limb least[LIMBS] = { 2 };

	if (!id_len || id_len > sizeof(octets))
		return -1;
	memcpy(octets + sizeof(octets) - id_len, id, id_len);
	if (modulus_from_octets(&modulus_sakke, b, octets) || limbs_less(b, least, LIMBS))
		return -1;
	return 0;
}
