/* SPDX-License-Identifier: MIT */
/* The KMS's side of ECCSI and SAKKE: master secrets, and keys of identities out of them. */
#ifndef PROSE_SAKKE_EXTRACT_H
#define PROSE_SAKKE_EXTRACT_H

#include <stddef.h>
#include <stdint.h>

#include "eccsi.h"
#include "sakke.h"

/**
 * eccsi_master_make() - a new KSAK and its KPAK
 * @ksak: gets the master secret
 * @kpak: gets the public key
 *
 * Return: 0, or -1 when the library fails; both are then wiped.
 */
int eccsi_master_make(uint8_t ksak[ECCSI_SCALAR_LEN], uint8_t kpak[ECCSI_POINT_LEN]);

/* KPAK of a KSAK. -1 when it is not in 1..q-1. */
int eccsi_master_public(const uint8_t ksak[ECCSI_SCALAR_LEN], uint8_t kpak[ECCSI_POINT_LEN]);

/**
 * eccsi_extract() - SSK and PVT of an identity (RFC 6507 5.1.1)
 * @ksak: the master secret
 * @id: the identity
 * @id_len: its octets
 * @v: in 1..q-1, for vectors; NULL: random, as it has to be
 * @ssk: gets the Secret Signing Key
 * @pvt: gets the Public Validation Token
 *
 * Whoever learns v learns KSAK. Return: 0 or -1; both are then wiped.
 */
int eccsi_extract(const uint8_t ksak[ECCSI_SCALAR_LEN], const uint8_t *id, size_t id_len,
		  const uint8_t *v, uint8_t ssk[ECCSI_SCALAR_LEN], uint8_t pvt[ECCSI_POINT_LEN]);

/**
 * sakke_master_make() - a new z and its Z
 * @z: gets the master secret
 * @z_public: gets the public key
 *
 * Return: 0, or -1 when the library fails; both are then wiped.
 */
int sakke_master_make(uint8_t z[SAKKE_SCALAR_LEN], uint8_t z_public[SAKKE_POINT_LEN]);

/* Z of a z. -1 when it is not in 2..q-1. */
int sakke_master_public(const uint8_t z[SAKKE_SCALAR_LEN], uint8_t z_public[SAKKE_POINT_LEN]);

/**
 * sakke_extract() - RSK of an identity, [(b + z)^-1]P (RFC 6508 6.1.1)
 * @z: the master secret
 * @id: the identity
 * @id_len: its octets
 * @rsk: gets the Receiver Secret Key
 *
 * Return: 0, or -1 when the identity or @z is out of range, or b + z is 0 mod q; @rsk is then wiped.
 */
int sakke_extract(const uint8_t z[SAKKE_SCALAR_LEN], const uint8_t *id, size_t id_len,
		  uint8_t rsk[SAKKE_POINT_LEN]);

#endif
