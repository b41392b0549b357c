// SPDX-License-Identifier: MIT
/*
 * The KMS's side, extract.h. Constant time in KSAK, v and z by the same means as the devices' side.
 */
#include "extract.h"

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "eccsi_hash.h"
#include "modulus.h"
#include "p256.h"
#include "params.h"
#include "range.h"
#include "wipe.h"

#define N	LIMBS_OF(256)

/* [k]G, encoded. -1 when @k is not in 1..q-1, or the library fails. */
static int eccsi_public(const uint8_t k[ECCSI_SCALAR_LEN], uint8_t octets[ECCSI_POINT_LEN])
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	EC_POINT *point = NULL;
	limb scalar[N];
	int rc = -1;

	if (group && !modulus_from_octets(&modulus_p256, scalar, k))
		point = p256_multiple(group, scalar);
	if (point)
		rc = p256_octets(group, point, octets);
	EC_POINT_free(point);
	EC_GROUP_free(group);
	OPENSSL_cleanse(scalar, sizeof(scalar));
	return rc;
}

int eccsi_master_public(const uint8_t ksak[ECCSI_SCALAR_LEN], uint8_t kpak[ECCSI_POINT_LEN])
{
	int rc = eccsi_public(ksak, kpak);

	if (rc)
		OPENSSL_cleanse(kpak, ECCSI_POINT_LEN);
	wipe_stack();
	return rc;
}

int eccsi_master_make(uint8_t ksak[ECCSI_SCALAR_LEN], uint8_t kpak[ECCSI_POINT_LEN])
{
	if (!modulus_random(&modulus_p256, ksak) && !eccsi_master_public(ksak, kpak))
		return 0;
	OPENSSL_cleanse(ksak, ECCSI_SCALAR_LEN);
	OPENSSL_cleanse(kpak, ECCSI_POINT_LEN);
	return -1;
}

int eccsi_extract(const uint8_t ksak[ECCSI_SCALAR_LEN], const uint8_t *id, size_t id_len,
		  const uint8_t *v, uint8_t ssk[ECCSI_SCALAR_LEN], uint8_t pvt[ECCSI_POINT_LEN])
{
	uint8_t kpak[ECCSI_POINT_LEN], ephemeral[ECCSI_SCALAR_LEN], hs[ECCSI_HASH_LEN];
	limb v_scalar[N], hs_scalar[N], sum[N];
	int rc = -1;

	if (!v) {
		if (modulus_random(&modulus_p256, ephemeral))
			goto out;
		v = ephemeral;
	}
	if (eccsi_public(ksak, kpak) || eccsi_public(v, pvt) ||
	    eccsi_hs(kpak, id, id_len, pvt, hs))
		goto out;
	/* SSK = KSAK + HS v. */
	if (modulus_from_octets(&modulus_p256, v_scalar, v) ||
	    modulus_from_octets(&modulus_p256, sum, ksak))
		goto out;
	limbs_from_octets(hs_scalar, N, hs);
	modulus_reduce(&modulus_p256, hs_scalar, hs_scalar);
	modulus_mul(&modulus_p256, v_scalar, v_scalar, hs_scalar);
	modulus_add(&modulus_p256, sum, sum, v_scalar);
	/* With a random v neither happens while the sun shines. */
	if (limbs_are_zero(hs_scalar, N) | limbs_are_zero(sum, N))
		goto out;
	limbs_to_octets(sum, N, ssk);
	rc = 0;
out:
	OPENSSL_cleanse(ephemeral, sizeof(ephemeral));
	OPENSSL_cleanse(v_scalar, sizeof(v_scalar));
	OPENSSL_cleanse(sum, sizeof(sum));
	if (rc) {
		OPENSSL_cleanse(ssk, ECCSI_SCALAR_LEN);
		OPENSSL_cleanse(pvt, ECCSI_POINT_LEN);
	}
	wipe_stack();
	return rc;
}

/* [k]P, encoded. */
static int sakke_public(const limb *k, uint8_t octets[SAKKE_POINT_LEN])
{
	struct point point;
	struct affine affine;
	int rc;

	point_mul(&point, &params_p, k);
	rc = point_to_affine(&affine, &point);
	if (!rc)
		point_to_octets(&affine, octets);
	OPENSSL_cleanse(&point, sizeof(point));
	OPENSSL_cleanse(&affine, sizeof(affine));
	return rc;
}

/* 2..q-1; the same as of identities. */
static int master_from_octets(limb z[LIMBS], const uint8_t octets[SAKKE_SCALAR_LEN])
{
	return range_identity(z, octets, SAKKE_SCALAR_LEN);
}

int sakke_master_public(const uint8_t z[SAKKE_SCALAR_LEN], uint8_t z_public[SAKKE_POINT_LEN])
{
	limb scalar[LIMBS];
	int rc = -1;

	if (!master_from_octets(scalar, z))
		rc = sakke_public(scalar, z_public);
	if (rc)
		OPENSSL_cleanse(z_public, SAKKE_POINT_LEN);
	OPENSSL_cleanse(scalar, sizeof(scalar));
	wipe_stack();
	return rc;
}

int sakke_master_make(uint8_t z[SAKKE_SCALAR_LEN], uint8_t z_public[SAKKE_POINT_LEN])
{
	if (!modulus_random(&modulus_sakke, z) && !sakke_master_public(z, z_public))
		return 0;
	OPENSSL_cleanse(z, SAKKE_SCALAR_LEN);
	OPENSSL_cleanse(z_public, SAKKE_POINT_LEN);
	return -1;
}

int sakke_extract(const uint8_t z[SAKKE_SCALAR_LEN], const uint8_t *id, size_t id_len,
		  uint8_t rsk[SAKKE_POINT_LEN])
{
	limb b[LIMBS], sum[LIMBS];
	int rc = -1;

	if (!range_identity(b, id, id_len) && !master_from_octets(sum, z)) {
		modulus_add(&modulus_sakke, sum, sum, b);
		/* Of 0 this is 0 again, which is no point that can be encoded. */
		modulus_invert(&modulus_sakke, sum, sum);
		rc = sakke_public(sum, rsk);
	}
	if (rc)
		OPENSSL_cleanse(rsk, SAKKE_POINT_LEN);
	OPENSSL_cleanse(sum, sizeof(sum));
	wipe_stack();
	return rc;
}
