/* SPDX-License-Identifier: MIT */
/*
 * Round keys for kmod/crypto/aes_avx2.c, which in the kernel come from the kernel's AES. Here from
 * AES-NI, so that nothing is shared with what the results are compared with.
 */
#ifndef SELFTESTS_AES_KEYS_H
#define SELFTESTS_AES_KEYS_H

#include <stdint.h>
#include <string.h>

#include "../../kmod/crypto/aes_avx2.h"

typedef long long v2s64 __attribute__((__vector_size__(16)));

/* The next round key, FIPS 197 clause 5.2, of what AESKEYGENASSIST makes of the last. */
static void aes_keys_next(uint8_t next[16], const uint8_t last[16], v2s64 assist)
{
	uint8_t word[4];

	memcpy(word, (const uint8_t *)&assist + 12, sizeof(word));
	for (size_t i = 0; i < 16; i++) {
		next[i] = last[i] ^ word[i % 4];
		word[i % 4] = next[i];
	}
}

static void aes_keys_twice(uint8_t out[16], const uint8_t in[16])
{
	for (size_t i = 0; i < 16; i++)
		out[i] = (uint8_t)(in[i] << 1 | (i < 15 ? in[i + 1] >> 7 : 0));
	if (in[0] & 0x80)
		out[15] ^= 0x87;
}

__attribute__((__target__("aes")))
static void aes_keys_expand(struct aes_keys *keys, const u8 *key)
{
	uint8_t zero[16];
	v2s64 x = { 0 };

	memcpy(keys->round[0], key, 16);
#define ROUND(i, rcon) do {							\
	v2s64 last;								\
	memcpy(&last, keys->round[(i) - 1], 16);				\
	aes_keys_next(keys->round[i], keys->round[(i) - 1],			\
		      __builtin_ia32_aeskeygenassist128(last, rcon));		\
} while (0)
	ROUND(1, 0x01);
	ROUND(2, 0x02);
	ROUND(3, 0x04);
	ROUND(4, 0x08);
	ROUND(5, 0x10);
	ROUND(6, 0x20);
	ROUND(7, 0x40);
	ROUND(8, 0x80);
	ROUND(9, 0x1b);
	ROUND(10, 0x36);
#undef ROUND
	for (size_t i = 0; i <= 10; i++) {
		v2s64 round;

		memcpy(&round, keys->round[i], 16);
		x = !i ? x ^ round : i < 10 ? __builtin_ia32_aesenc128(x, round) :
					      __builtin_ia32_aesenclast128(x, round);
	}
	memcpy(zero, &x, 16);
	aes_keys_twice(keys->k1, zero);
	aes_keys_twice(keys->k2, keys->k1);
}

#endif
