// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * 128-EIA3: each bit of the message that is set adds the 32 bits of key stream which
 * begin at its place. Two messages under one key and IV give the key stream away:
 * whose COUNT is not new, must not come here.
 */

#include "clmul.h"
#include "eia3.h"

/* The 32 bits at bit @i of two words of key stream; @i is no secret. */
static u32 window(u32 z0, u32 z1, unsigned int i)
{
	return (u32)(((u64)z0 << 32 | z1) >> (32 - i));
}

/*
 * What a word of the message adds to T. Its bit i, the most significant being 0, adds
 * z0 || z1 moved up by i places: a product with the word read from the other end.
 */
static u32 word_sum(u32 m, u32 z0, u32 z1)
{
	return (u32)(clmul_low((u64)z0 << 32 | z1, reverse64(m) >> 32) >> 32);
}

/**
 * eia3_iv() - the initial vector
 * @iv: where to put it
 * @prefix: COUNT, and BEARER and DIRECTION as in EIA2's input: BEARER << 3 | DIRECTION << 2
 *	and 3 octets of 0
 *
 * Context: any.
 */
void eia3_iv(u8 iv[ZUC_IV_LEN], const u8 prefix[EIA3_PREFIX_LEN])
{
	u8 direction = (prefix[4] >> 2 & 1) << 7;

	memcpy(iv, prefix, 4);
	iv[4] = prefix[4] & 0xf8;
	memset(iv + 5, 0, 3);
	memcpy(iv + 8, iv, 8);
	iv[8] ^= direction;
	iv[14] ^= direction;
}

/**
 * eia3_start() - begin a MAC
 * @mac: it
 * @key: PIK
 * @prefix: as for eia3_iv()
 *
 * Context: any.
 */
void eia3_start(struct eia3 *mac, const u8 key[EIA3_KEY_LEN], const u8 prefix[EIA3_PREFIX_LEN])
{
	u8 iv[ZUC_IV_LEN];

	eia3_iv(iv, prefix);
	zuc_init(&mac->stream, key, iv);
	zuc_words(&mac->stream, &mac->z, 1);
	mac->t = 0;
}

/**
 * eia3_blocks() - go on with whole blocks
 * @mac: a MAC begun
 * @p: the message
 * @n: how many blocks of EIA3_BLOCK_LEN octets
 *
 * Context: any.
 */
void eia3_blocks(struct eia3 *mac, const u8 *p, size_t n)
{
	for (n *= EIA3_BLOCK_LEN / 4; n--; p += 4) {
		u32 next;

		zuc_words(&mac->stream, &next, 1);
		mac->t ^= word_sum(prose_load32(p), mac->z, next);
		mac->z = next;
	}
}

/**
 * eia3_end() - the last octets, and MAC-I, with the key stream they take
 * @mac: a MAC begun; wiped
 * @rest: what is left of the message
 * @len: octets of it, less than EIA3_BLOCK_LEN
 * @z: @mac->z and EIA3_END_WORDS(@len) words after it; wiped
 * @out: where to put MAC-I
 *
 * Context: any.
 */
void eia3_end(struct eia3 *mac, const u8 *rest, size_t len, u32 *z, u8 out[EIA3_MAC_LEN])
{
	size_t words = 1 + EIA3_END_WORDS(len);
	const u32 *at = z;
	u8 last[4] = { };
	u32 after;

	for (; len >= 4; len -= 4, rest += 4, at++)
		mac->t ^= word_sum(prose_load32(rest), at[0], at[1]);

	/* The bit after the message counts as set. */
	after = at[0];
	if (len) {
		memcpy(last, rest, len);
		mac->t ^= word_sum(prose_load32(last), at[0], at[1]);
		after = window(at[0], at[1], 8 * (u32)len);
		at++;
	}
	prose_store32(out, mac->t ^ after ^ at[1]);
	memzero_explicit(mac, sizeof(*mac));
	memzero_explicit(last, sizeof(last));
	memzero_explicit(z, words * sizeof(*z));
}

/**
 * eia3_finish() - the last octets, and MAC-I
 * @mac: a MAC begun; wiped
 * @rest: what is left of the message
 * @len: octets of it, less than EIA3_BLOCK_LEN
 * @out: where to put MAC-I
 *
 * Context: any.
 */
void eia3_finish(struct eia3 *mac, const u8 *rest, size_t len, u8 out[EIA3_MAC_LEN])
{
	u32 z[1 + EIA3_END_WORDS(EIA3_BLOCK_LEN)];

	z[0] = mac->z;
	zuc_words(&mac->stream, z + 1, EIA3_END_WORDS(len));
	eia3_end(mac, rest, len, z, out);
}
