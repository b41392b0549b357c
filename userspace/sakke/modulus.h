/* SPDX-License-Identifier: MIT */
/* Arithmetic modulo the orders of groups, with scalars as limbs: few and secret. */
#ifndef PROSE_SAKKE_MODULUS_H
#define PROSE_SAKKE_MODULUS_H

#include "limb.h"

/**
 * struct modulus - an odd prime
 * @n: limbs of it; R is what does not fit in them any more
 * @inverse: -1/m mod what does not fit in a limb
 * @m: itself
 * @r2: R^2 mod m
 */
struct modulus {
	size_t n;
	limb inverse;
	limb m[LIMBS], r2[LIMBS];
};

/* q of SAKKE's parameter set 1, q of P-256. */
extern const struct modulus modulus_sakke, modulus_p256;

/* Scalars have @n limbs. a may be any number of so many, b and results are below m; r may be a or b. */
void modulus_reduce(const struct modulus *modulus, limb *r, const limb *a);
void modulus_add(const struct modulus *modulus, limb *r, const limb *a, const limb *b);
void modulus_mul(const struct modulus *modulus, limb *r, const limb *a, const limb *b);
/* a to the power of m - 2, always the same steps; 0 becomes 0. */
void modulus_invert(const struct modulus *modulus, limb *r, const limb *a);

/* -1 when the octets are not in 1..m-1, or in @octets those of a random one from OpenSSL's private DRBG. */
int modulus_from_octets(const struct modulus *modulus, limb *r, const uint8_t *octets);
int modulus_random(const struct modulus *modulus, uint8_t *octets);

#endif
