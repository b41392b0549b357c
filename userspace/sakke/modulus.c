// SPDX-License-Identifier: MIT
/*
 * Arithmetic modulo a prime, modulus.h.
 *
 * Constant time, by the same means as in fp.c: loops over limbs, masks, powers by the bits of what is
 * public. Only modulus_random() takes as long as it takes to find a number below the modulus, which
 * tells nothing of the one it found.
 */
#include "modulus.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

const struct modulus modulus_sakke = {
	.n = LIMBS_OF(1024),
	.inverse = (limb)0xb8a1d17d46eaa4cd,
	.m = {
		W(0xd99b601ebfaa17fb), W(0x203177c42b1eb3a1),
		W(0xff38fa08e2615f6c), W(0xa7e535abd5a5c7c7),
		W(0xa9f3cf14870f026a), W(0x6dabfd2a0c614aa0),
		W(0x144ab173595a0738), W(0x389b1921cc9ad335),
		W(0x4d5b49fd2999a9b4), W(0x39e46ce7fdf22286),
		W(0xc8a1cc354c69672c), W(0xbd02aac9f8bf03c6),
		W(0x6fa6b8d62cf8068b), W(0x905b0338672d2098),
		W(0x9971846636b4195e), W(0x265eaec7c2958ff6),
	},
	.r2 = {
		W(0xda18351aab65130d), W(0x53d2a86ff2ea3168),
		W(0x9cf2730004b7e984), W(0x7df33bab26caacf6),
		W(0xbd9ffef9a4e7d523), W(0xe4baf1d588717ce0),
		W(0x24b1bbc4bc93533a), W(0x9ad2dc261db57a34),
		W(0x422970b3838d8f48), W(0x890491f5401df1e3),
		W(0xf3d2a16bbcb013be), W(0x9b9de76d5595e10b),
		W(0x58d7c6f9f724bb45), W(0xb2074f8f97cac807),
		W(0x76271e07c569cadc), W(0x14274810a10f335f),
	},
};

const struct modulus modulus_p256 = {
	.n = LIMBS_OF(256),
	.inverse = (limb)0xccd1c8aaee00bc4f,
	.m = {
		W(0xf3b9cac2fc632551), W(0xbce6faada7179e84),
		W(0xffffffffffffffff), W(0xffffffff00000000),
	},
	.r2 = {
		W(0x83244c95be79eea2), W(0x4699799c49bd6fa6),
		W(0x2845b2392b6bec59), W(0x66e12d94f3d95620),
	},
};

/* From [0, 2m), with what did not fit in @top, to [0, m). */
static void subtract_once(const struct modulus *modulus, limb *r, const limb *a, limb top)
{
	limb difference[LIMBS], borrow = 0;

	for (size_t i = 0; i < modulus->n; i++)
		difference[i] = limb_sub(a[i], modulus->m[i], &borrow);
	limb_sub(top, 0, &borrow);
	memmove(r, a, modulus->n * sizeof(*r));
	limbs_select(r, difference, ~limb_mask(borrow), modulus->n);
}

/* r = a b / R. */
static void montgomery(const struct modulus *modulus, limb *r, const limb *a, const limb *b)
{
	limb t[LIMBS + 2] = { 0 }, carry, factor;
	size_t n = modulus->n;

	for (size_t i = 0; i < n; i++) {
		carry = 0;
		for (size_t j = 0; j < n; j++)
			t[j] = limb_mul_add(a[i], b[j], t[j], &carry);
		t[n + 1] = 0;
		t[n] = limb_add(t[n], carry, &t[n + 1]);
		factor = t[0] * modulus->inverse;
		carry = 0;
		limb_mul_add(factor, modulus->m[0], t[0], &carry);
		for (size_t j = 1; j < n; j++)
			t[j - 1] = limb_mul_add(factor, modulus->m[j], t[j], &carry);
		factor = 0;
		t[n - 1] = limb_add(t[n], carry, &factor);
		t[n] = t[n + 1] + factor;
	}
	subtract_once(modulus, r, t, t[n]);
}

void modulus_reduce(const struct modulus *modulus, limb *r, const limb *a)
{
	static const limb one[LIMBS] = { 1 };

	montgomery(modulus, r, a, modulus->r2);
	montgomery(modulus, r, r, one);
}

void modulus_add(const struct modulus *modulus, limb *r, const limb *a, const limb *b)
{
	limb sum[LIMBS], carry = 0;

	for (size_t i = 0; i < modulus->n; i++)
		sum[i] = limb_add(a[i], b[i], &carry);
	subtract_once(modulus, r, sum, carry);
}

void modulus_mul(const struct modulus *modulus, limb *r, const limb *a, const limb *b)
{
	limb t[LIMBS];

	montgomery(modulus, t, a, modulus->r2);
	montgomery(modulus, r, t, b);
}

#define WINDOW	4

void modulus_invert(const struct modulus *modulus, limb *r, const limb *a)
{
	static const limb one[LIMBS] = { 1 };
	limb powers[1 << WINDOW][LIMBS], exponent[LIMBS] = { 0 }, result[LIMBS], borrow = 0;
	size_t n = modulus->n;

	montgomery(modulus, powers[0], one, modulus->r2);
	montgomery(modulus, powers[1], a, modulus->r2);
	for (size_t i = 2; i < 1 << WINDOW; i++)
		montgomery(modulus, powers[i], powers[i - 1], powers[1]);
	for (size_t i = 0; i < n; i++)
		exponent[i] = limb_sub(modulus->m[i], i ? 0 : 2, &borrow);
	memcpy(result, powers[0], sizeof(result));
	for (size_t i = n * LIMB_BITS / WINDOW; i-- > 0;) {
		size_t at = i * WINDOW;

		for (size_t j = 0; j < WINDOW; j++)
			montgomery(modulus, result, result, result);
		/* The exponent is no secret. */
		montgomery(modulus, result, result,
			   powers[exponent[at / LIMB_BITS] >> at % LIMB_BITS & ((1 << WINDOW) - 1)]);
	}
	montgomery(modulus, r, result, one);
}

int modulus_from_octets(const struct modulus *modulus, limb *r, const uint8_t *octets)
{
	limbs_from_octets(r, modulus->n, octets);
	return limbs_less(r, modulus->m, modulus->n) & ~limbs_are_zero(r, modulus->n) & 1 ? 0 : -1;
}

int modulus_random(const struct modulus *modulus, uint8_t *octets)
{
	size_t len = modulus->n * LIMB_LEN;
	/* Of q of parameter set 1 the first two bits are 0. */
	uint8_t mask = modulus->m[modulus->n - 1] >> (LIMB_BITS - 2) ? 0xff : 0x3f;
	limb scalar[LIMBS];
	int rc;

	do {
		if (RAND_priv_bytes(octets, (int)len) != 1) {
			OPENSSL_cleanse(octets, len);
			return -1;
		}
		octets[0] &= mask;
		rc = modulus_from_octets(modulus, scalar, octets);
	} while (rc);
	OPENSSL_cleanse(scalar, sizeof(scalar));
	return 0;
}
