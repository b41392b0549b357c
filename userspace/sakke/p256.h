/* SPDX-License-Identifier: MIT */
/* Points of P-256 by OpenSSL, scalars as limbs. */
#ifndef PROSE_SAKKE_P256_H
#define PROSE_SAKKE_P256_H

#include <openssl/ec.h>

#include "eccsi.h"
#include "limb.h"

/**
 * p256_point() - decode a point
 * @group: P-256
 * @octets: 04 || x || y
 *
 * Return: to be freed with EC_POINT_free(), or NULL when it is not that, or not on the curve.
 */
EC_POINT *p256_point(const EC_GROUP *group, const uint8_t octets[ECCSI_POINT_LEN]);

/* -1 for the point at infinity. */
int p256_octets(const EC_GROUP *group, const EC_POINT *point, uint8_t octets[ECCSI_POINT_LEN]);

/* [k]G of a secret k, LIMBS_OF(256) limbs and not 0; NULL when the library fails. */
EC_POINT *p256_multiple(const EC_GROUP *group, const limb *k);

/* [k]G + [m]point of public k and m; @k may be NULL: [m]point. NULL when the library fails. */
EC_POINT *p256_sum(const EC_GROUP *group, const limb *k, const EC_POINT *point, const limb *m);

#endif
