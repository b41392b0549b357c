/* SPDX-License-Identifier: MIT */
/* HashToIntegerRange of RFC 6508 5.1, with SHA-256, and identities as integers. */
#ifndef PROSE_SAKKE_RANGE_H
#define PROSE_SAKKE_RANGE_H

#include <stddef.h>
#include <stdint.h>

#include "limb.h"

#define RANGE_MASK_LEN	16

/**
 * range_q() - HashToIntegerRange(s || t, q)
 * @r: gets the scalar
 * @s: the first part of the input
 * @s_len: its octets
 * @t: the second
 * @t_len: its octets
 *
 * Return: 0, or -1 when the library fails or the input is longer than 512 octets; @r is then wiped.
 */
int range_q(limb r[LIMBS], const uint8_t *s, size_t s_len, const uint8_t *t, size_t t_len);

/* HashToIntegerRange(s, 2^128), likewise. */
int range_mask(uint8_t mask[RANGE_MASK_LEN], const uint8_t *s, size_t s_len);

/* b of an identity: -1 when it is longer than SAKKE_ID_MAX, or not in 2..q-1. */
int range_identity(limb b[LIMBS], const uint8_t *id, size_t id_len);

#endif
