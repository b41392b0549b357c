// SPDX-License-Identifier: MIT
/*
 * ECCSI, eccsi.h.
 *
 * Constant time in SSK and j: [j]G is p256_multiple(), and s = (HE + r SSK)^-1 j modulo q is modulus.c's
 * alone, the inverse a power. Verification has no secrets and hurries.
 */
#include "eccsi.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/obj_mac.h>

#include "eccsi_hash.h"
#include "modulus.h"
#include "p256.h"
#include "wipe.h"

#define N	LIMBS_OF(256)

static const struct modulus *const q = &modulus_p256;

struct eccsi_domain {
	EC_GROUP *group;
	EC_POINT *kpak;
	uint8_t kpak_octets[ECCSI_POINT_LEN];
};

struct eccsi_domain *eccsi_domain_new(const uint8_t kpak[ECCSI_POINT_LEN])
{
	struct eccsi_domain *domain = calloc(1, sizeof(*domain));

	if (!domain)
		return NULL;
	domain->group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	domain->kpak = domain->group ? p256_point(domain->group, kpak) : NULL;
	if (!domain->kpak) {
		eccsi_domain_free(domain);
		return NULL;
	}
	memcpy(domain->kpak_octets, kpak, ECCSI_POINT_LEN);
	return domain;
}

void eccsi_domain_free(struct eccsi_domain *domain)
{
	if (!domain)
		return;
	EC_POINT_free(domain->kpak);
	EC_GROUP_free(domain->group);
	free(domain);
}

/* Y = [HS]PVT + KPAK; NULL when PVT is not on the curve, or Y is infinity. */
static EC_POINT *point_y(const struct eccsi_domain *domain, const uint8_t hs[ECCSI_HASH_LEN],
			 const uint8_t pvt[ECCSI_POINT_LEN])
{
	EC_POINT *token = p256_point(domain->group, pvt), *y = NULL;
	limb scalar[N];

	if (!token)
		return NULL;
	limbs_from_octets(scalar, N, hs);
	modulus_reduce(q, scalar, scalar);
	y = p256_sum(domain->group, NULL, token, scalar);
	if (y && (EC_POINT_add(domain->group, y, y, domain->kpak, NULL) != 1 ||
		  EC_POINT_is_at_infinity(domain->group, y))) {
		EC_POINT_free(y);
		y = NULL;
	}
	EC_POINT_free(token);
	return y;
}

int eccsi_key_check(const struct eccsi_domain *domain, const uint8_t *id, size_t id_len,
		    const uint8_t ssk[ECCSI_SCALAR_LEN], const uint8_t pvt[ECCSI_POINT_LEN],
		    struct eccsi_key *key)
{
	EC_POINT *y = NULL, *public = NULL;
	limb scalar[N] = { 0 };
	int rc = -1;

	memcpy(key->ssk, ssk, sizeof(key->ssk));
	memcpy(key->pvt, pvt, sizeof(key->pvt));
	/* KPAK = [SSK]G - [HS]PVT, with PVT on the other side. */
	if (!modulus_from_octets(q, scalar, ssk) &&
	    !eccsi_hs(domain->kpak_octets, id, id_len, pvt, key->hs)) {
		y = point_y(domain, key->hs, pvt);
		public = y ? p256_multiple(domain->group, scalar) : NULL;
	}
	if (public && EC_POINT_cmp(domain->group, y, public, NULL) == 0)
		rc = 0;
	EC_POINT_free(y);
	EC_POINT_clear_free(public);
	OPENSSL_cleanse(scalar, sizeof(scalar));
	if (rc)
		OPENSSL_cleanse(key, sizeof(*key));
	wipe_stack();
	return rc;
}

int eccsi_sign_with(const struct eccsi_domain *domain, const struct eccsi_key *key,
		    const uint8_t j[ECCSI_SCALAR_LEN], const uint8_t *message, size_t len,
		    uint8_t signature[ECCSI_SIGNATURE_LEN])
{
	limb scalar[N], ssk[N], r[N], s[N];
	uint8_t point[ECCSI_POINT_LEN], he[ECCSI_HASH_LEN];
	uint8_t *const x = point + 1;
	EC_POINT *public = NULL;
	int rc = -1;

	if (!modulus_from_octets(q, scalar, j) && !modulus_from_octets(q, ssk, key->ssk))
		public = p256_multiple(domain->group, scalar);
	if (!public || p256_octets(domain->group, public, point) ||
	    eccsi_he(key->hs, x, message, len, he))
		goto out;

	limbs_from_octets(r, N, x);
	limbs_from_octets(s, N, he);
	modulus_reduce(q, s, s);
	modulus_mul(q, ssk, r, ssk);
	modulus_add(q, s, s, ssk);
	modulus_invert(q, s, s);
	modulus_mul(q, s, s, scalar);
	/* HE + r SSK was 0, and so is s; or r is, which verifies nowhere. */
	if (limbs_are_zero(s, N) | limbs_are_zero(r, N))
		goto out;
	memcpy(signature, x, ECCSI_N);
	limbs_to_octets(s, N, signature + ECCSI_N);
	memcpy(signature + 2 * ECCSI_N, key->pvt, ECCSI_POINT_LEN);
	rc = 0;
out:
	EC_POINT_clear_free(public);
	OPENSSL_cleanse(scalar, sizeof(scalar));
	OPENSSL_cleanse(ssk, sizeof(ssk));
	OPENSSL_cleanse(s, sizeof(s));
	if (rc)
		OPENSSL_cleanse(signature, ECCSI_SIGNATURE_LEN);
	wipe_stack();
	return rc;
}

int eccsi_sign(const struct eccsi_domain *domain, const struct eccsi_key *key,
	       const uint8_t *message, size_t len, uint8_t signature[ECCSI_SIGNATURE_LEN])
{
	uint8_t j[ECCSI_SCALAR_LEN];
	int rc;

	if (modulus_random(q, j)) {
		OPENSSL_cleanse(signature, ECCSI_SIGNATURE_LEN);
		return -1;
	}
	rc = eccsi_sign_with(domain, key, j, message, len, signature);
	OPENSSL_cleanse(j, sizeof(j));
	return rc;
}

int eccsi_verify(const struct eccsi_domain *domain, const uint8_t *id, size_t id_len,
		 const uint8_t *message, size_t len, const uint8_t *signature, size_t signature_len)
{
	const uint8_t *r_octets = signature, *pvt = signature + 2 * ECCSI_N;
	uint8_t hs[ECCSI_HASH_LEN], he[ECCSI_HASH_LEN], point[ECCSI_POINT_LEN];
	EC_POINT *y, *j = NULL;
	limb r[N], s[N], he_s[N];
	int rc = -1;

	if (signature_len != ECCSI_SIGNATURE_LEN || modulus_from_octets(q, s, signature + ECCSI_N))
		return -1;
	limbs_from_octets(r, N, r_octets);
	if (limbs_are_zero(r, N) || eccsi_hs(domain->kpak_octets, id, id_len, pvt, hs) ||
	    eccsi_he(hs, r_octets, message, len, he))
		return -1;
	y = point_y(domain, hs, pvt);
	if (!y)
		return -1;

	/* J = [s]([HE]G + [r]Y). */
	limbs_from_octets(he_s, N, he);
	modulus_mul(q, he_s, he_s, s);
	modulus_mul(q, r, r, s);
	j = p256_sum(domain->group, he_s, y, r);
	/* An r from p on is another's encoding, which this refuses. */
	if (j && !p256_octets(domain->group, j, point) && !memcmp(point + 1, r_octets, ECCSI_N))
		rc = 0;
	EC_POINT_free(j);
	EC_POINT_free(y);
	return rc;
}
