// SPDX-License-Identifier: MIT
/*
 * Digits of scalars, recode.h.
 *
 * An even k is taken as -(q - k), which is odd, under a mask. For an odd k the bits above the lowest,
 * w at a time, each group c as the digit 2c + 1 - 2^w, sum up to k - 2^(w n), so the topmost group,
 * which is small, is 2c + 1 instead.
 */
#include "recode.h"

#include <string.h>

#include <openssl/crypto.h>

#include "modulus.h"

static limb bits_at(const limb *k, size_t at, size_t n)
{
	size_t i = at / LIMB_BITS, shift = at % LIMB_BITS;
	limb bits = k[i] >> shift;

	if (shift && i + 1 < LIMBS)
		bits |= k[i + 1] << (LIMB_BITS - shift);
	return bits & (((limb)1 << n) - 1);
}

void recode(struct digit digits[RECODE_DIGITS], const limb *k)
{
	limb odd[LIMBS], opposite[LIMBS], borrow = 0, even = limb_mask(~k[0] & 1);

	for (size_t i = 0; i < LIMBS; i++)
		opposite[i] = limb_sub(modulus_sakke.m[i], k[i], &borrow);
	memcpy(odd, k, sizeof(odd));
	limbs_select(odd, opposite, even, LIMBS);
	for (size_t i = 0; i < RECODE_DIGITS; i++) {
		limb group = bits_at(odd, i * RECODE_WINDOW + 1, RECODE_WINDOW);
		limb below = limb_mask(~group >> (RECODE_WINDOW - 1) & 1);

		if (i == RECODE_DIGITS - 1) {
			digits[i] = (struct digit){ group, even };
			continue;
		}
		digits[i].index = (group ^ below) & (RECODE_ENTRIES - 1);
		digits[i].negative = below ^ even;
	}
	OPENSSL_cleanse(odd, sizeof(odd));
	OPENSSL_cleanse(opposite, sizeof(opposite));
}
