// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * UIA2: a polynomial over GF(2^64), evaluated at a secret point, and a one-time pad.
 * Two messages under one key and IV give both away: whose COUNT is not new, must not
 * come here.
 */

#include "clmul.h"
#include "eia1.h"
#include "snow3g.h"

/* MUL of TS 35.215 clause 4.3.3: modulo x^64 + x^4 + x^3 + x + 1. */
static u64 mul(u64 v, u64 p)
{
	u64 lo = clmul_low(v, p);
	/* The upper half is the lower one read from the other end, less its topmost bit. */
	u64 hi = reverse64(clmul_low(reverse64(v), reverse64(p))) >> 1;
	/* x^64 = x^4 + x^3 + x + 1, and what of that leaves the word once more. */
	u64 over = hi >> 63 ^ hi >> 61 ^ hi >> 60;

	hi ^= over;
	return lo ^ hi ^ hi << 1 ^ hi << 3 ^ hi << 4;
}

/**
 * eia1_iv() - the initial vector, TS 33.401 B.2.2
 * @iv: where to put it
 * @prefix: COUNT, and BEARER and DIRECTION as in EIA2's input: BEARER << 3 | DIRECTION << 2
 *	and 3 octets of 0
 *
 * Context: any.
 */
void eia1_iv(u32 iv[SNOW3G_IV_WORDS], const u8 prefix[EIA1_PREFIX_LEN])
{
	u32 count = prose_load32(prefix);
	u32 fresh = prose_load32(prefix + 4) & 0xf8000000;
	u32 direction = prose_load32(prefix + 4) >> 26 & 1;

	iv[0] = fresh ^ direction << 15;
	iv[1] = count ^ direction << 31;
	iv[2] = fresh;
	iv[3] = count;
}

/**
 * eia1_load() - begin a MAC with its key stream
 * @mac: it
 * @z: z1 to z5; wiped
 *
 * Context: any.
 */
void eia1_load(struct eia1 *mac, u32 z[EIA1_STREAM_WORDS])
{
	mac->p = (u64)z[0] << 32 | z[1];
	mac->q = (u64)z[2] << 32 | z[3];
	mac->otp = z[4];
	mac->eval = 0;
	mac->len = 0;
	memzero_explicit(z, EIA1_STREAM_WORDS * sizeof(*z));
}

/**
 * eia1_start() - begin a MAC
 * @mac: it
 * @key: PIK
 * @prefix: as for eia1_iv()
 *
 * Context: any.
 */
void eia1_start(struct eia1 *mac, const u8 key[EIA1_KEY_LEN], const u8 prefix[EIA1_PREFIX_LEN])
{
	struct snow3g stream;
	u32 iv[SNOW3G_IV_WORDS];
	u32 z[EIA1_STREAM_WORDS];

	eia1_iv(iv, prefix);
	snow3g_init(&stream, key, iv);
	snow3g_words(&stream, z, EIA1_STREAM_WORDS);
	eia1_load(mac, z);
	memzero_explicit(&stream, sizeof(stream));
}

/**
 * eia1_blocks() - go on with whole blocks
 * @mac: a MAC begun
 * @p: the message
 * @n: how many blocks of EIA1_BLOCK_LEN octets
 *
 * Context: any.
 */
void eia1_blocks(struct eia1 *mac, const u8 *p, size_t n)
{
	mac->len += n * EIA1_BLOCK_LEN;
	for (; n--; p += EIA1_BLOCK_LEN)
		mac->eval = mul(mac->eval ^ prose_load64(p), mac->p);
}

/**
 * eia1_finish() - the last octets, and MAC-I
 * @mac: a MAC begun; wiped
 * @rest: what is left of the message
 * @len: octets of it, less than EIA1_BLOCK_LEN
 * @out: where to put MAC-I
 *
 * Context: any.
 */
void eia1_finish(struct eia1 *mac, const u8 *rest, size_t len, u8 out[EIA1_MAC_LEN])
{
	u8 last[EIA1_BLOCK_LEN] = { };
	u64 eval;

	if (len) {
		memcpy(last, rest, len);
		eia1_blocks(mac, last, 1);
		mac->len -= EIA1_BLOCK_LEN - len;
	}
	eval = mul(mac->eval ^ mac->len * 8, mac->q);
	prose_store32(out, (u32)(eval >> 32) ^ mac->otp);
	memzero_explicit(mac, sizeof(*mac));
	memzero_explicit(last, sizeof(last));
}
