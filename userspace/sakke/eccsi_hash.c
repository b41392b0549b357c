// SPDX-License-Identifier: MIT
/* The hashes of ECCSI, eccsi_hash.h. Nothing that goes into them is secret. */
#include "eccsi_hash.h"

#include <openssl/evp.h>

/* G of P-256. */
static const uint8_t generator[ECCSI_POINT_LEN] = {
	0x04,
	0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2,
	0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96,
	0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16,
	0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5,
};

struct part {
	const uint8_t *data;
	size_t len;
};

static int hash(const struct part *parts, size_t n, uint8_t out[ECCSI_HASH_LEN])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;

	for (size_t i = 0; ok && i < n; i++)
		ok = !parts[i].len || EVP_DigestUpdate(ctx, parts[i].data, parts[i].len) == 1;
	ok = ok && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	return ok ? 0 : -1;
}

int eccsi_hs(const uint8_t kpak[ECCSI_POINT_LEN], const uint8_t *id, size_t id_len,
	     const uint8_t pvt[ECCSI_POINT_LEN], uint8_t hs[ECCSI_HASH_LEN])
{
	const struct part parts[] = {
		{ generator, sizeof(generator) }, { kpak, ECCSI_POINT_LEN }, { id, id_len },
		{ pvt, ECCSI_POINT_LEN },
	};

	return hash(parts, sizeof(parts) / sizeof(*parts), hs);
}

int eccsi_he(const uint8_t hs[ECCSI_HASH_LEN], const uint8_t r[ECCSI_N], const uint8_t *message,
	     size_t len, uint8_t he[ECCSI_HASH_LEN])
{
	const struct part parts[] = {
		{ hs, ECCSI_HASH_LEN }, { r, ECCSI_N }, { message, len },
	};

	return hash(parts, sizeof(parts) / sizeof(*parts), he);
}
