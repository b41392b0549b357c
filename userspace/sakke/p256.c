// SPDX-License-Identifier: MIT
/*
 * Points of P-256, p256.h.
 *
 * Constant time in p256_multiple(): OpenSSL multiplies its generator by one scalar without branches or
 * addresses that depend on it, as its own signatures rely on. How many octets it reads of a scalar
 * depends on the highest limb that is not 0; a random scalar has 2^-64 to be shorter.
 */
#include "p256.h"

#include <openssl/bn.h>

static BIGNUM *number(const limb *k)
{
	uint8_t octets[ECCSI_SCALAR_LEN];
	BIGNUM *bn = BN_secure_new();

	limbs_to_octets(k, LIMBS_OF(256), octets);
	if (bn && !BN_bin2bn(octets, sizeof(octets), bn)) {
		BN_clear_free(bn);
		bn = NULL;
	}
	OPENSSL_cleanse(octets, sizeof(octets));
	if (bn)
		BN_set_flags(bn, BN_FLG_CONSTTIME);
	return bn;
}

EC_POINT *p256_point(const EC_GROUP *group, const uint8_t octets[ECCSI_POINT_LEN])
{
	EC_POINT *point = EC_POINT_new(group);

	/* It is on the curve and its coordinates are below p, or this fails. */
	if (octets[0] != POINT_CONVERSION_UNCOMPRESSED ||
	    !point || EC_POINT_oct2point(group, point, octets, ECCSI_POINT_LEN, NULL) != 1) {
		EC_POINT_free(point);
		return NULL;
	}
	return point;
}

int p256_octets(const EC_GROUP *group, const EC_POINT *point, uint8_t octets[ECCSI_POINT_LEN])
{
	return EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, octets, ECCSI_POINT_LEN,
				  NULL) == ECCSI_POINT_LEN ? 0 : -1;
}

static EC_POINT *multiply(const EC_GROUP *group, const limb *k, const EC_POINT *point, const limb *m)
{
	BIGNUM *k_bn = k ? number(k) : NULL, *m_bn = m ? number(m) : NULL;
	EC_POINT *r = EC_POINT_new(group);

	if (!r || (k && !k_bn) || (m && !m_bn) ||
	    EC_POINT_mul(group, r, k_bn, point, m_bn, NULL) != 1) {
		EC_POINT_clear_free(r);
		r = NULL;
	}
	BN_clear_free(k_bn);
	BN_clear_free(m_bn);
	return r;
}

EC_POINT *p256_multiple(const EC_GROUP *group, const limb *k)
{
	return multiply(group, k, NULL, NULL);
}

EC_POINT *p256_sum(const EC_GROUP *group, const limb *k, const EC_POINT *point, const limb *m)
{
	return multiply(group, k, point, m);
}
