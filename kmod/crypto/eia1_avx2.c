// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* UIA2 with AVX2, AES-NI and PCLMULQDQ; see eia1.c. */

#include "avx2.h"
#include "eia1_avx2.h"
#include "snow3g_avx2.h"

/* Below so many blocks the powers of P cost more than they save: 8 of them, and 16. */
#define POWERS_PAY	16
#define MORE_POWERS_PAY	96

/* A polynomial of 128 bits modulo x^64 + x^4 + x^3 + x + 1, in the lower half. */
static __always_inline v2u64 reduce(v2u64 x)
{
	const v2u64 rest = { 0x1b };
	/* The upper half times the rest has 4 bits too many, and these no more. */
	v2u64 once = CLMUL(x, rest, 0x01);
	v2u64 again = CLMUL(once, rest, 0x01);

	/* What the upper half holds now means nothing. */
	return (x ^ once ^ again) & (v2u64){ ~0ull };
}

static __always_inline v2u64 mul(v2u64 v, v2u64 p)
{
	return reduce(CLMUL(v, p, 0x00));
}

static __always_inline v2u64 block(const u8 *p)
{
	return (v2u64){ prose_load64(p) };
}

static __always_inline v2u64 two_blocks(const u8 *p)
{
	static const v16u8 swap = { 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8 };

	return (v2u64)shuffle16(*(const v16u8_mem *)p, swap);
}

static __always_inline v2u64 pair(v2u64 first, v2u64 second)
{
	return __builtin_shufflevector(first, second, 0, 2);
}

/* Two products, added. */
static __always_inline v2u64 products(v2u64 v, v2u64 powers)
{
	return CLMUL(v, powers, 0x00) ^ CLMUL(v, powers, 0x11);
}

/* Eight blocks, each times its power, added; not reduced. @powers: the highest first */
static __always_inline v2u64 eight_blocks(const u8 *p, v2u64 eval, const v2u64 powers[4])
{
	return products(eval ^ two_blocks(p), powers[0]) ^
	       products(two_blocks(p + 16), powers[1]) ^
	       products(two_blocks(p + 32), powers[2]) ^
	       products(two_blocks(p + 48), powers[3]);
}

/**
 * eia1_avx2_start() - as eia1_start()
 * @mac: a MAC
 * @key: PIK
 * @prefix: as for eia1_iv()
 *
 * Context: the caller holds the FPU.
 */
void eia1_avx2_start(struct eia1 *mac, const u8 key[EIA1_KEY_LEN],
		     const u8 prefix[EIA1_PREFIX_LEN])
{
	struct snow3g stream;
	u32 iv[SNOW3G_IV_WORDS];
	u32 z[EIA1_STREAM_WORDS];

	eia1_iv(iv, prefix);
	snow3g_avx2_init(&stream, key, iv);
	snow3g_avx2_words(&stream, z, EIA1_STREAM_WORDS);
	eia1_load(mac, z);
	memzero_explicit(&stream, sizeof(stream));
}

/**
 * eia1_avx2_blocks() - as eia1_blocks()
 * @mac: a MAC begun
 * @p: the message
 * @n: how many blocks of EIA1_BLOCK_LEN octets
 *
 * Context: the caller holds the FPU.
 */
void eia1_avx2_blocks(struct eia1 *mac, const u8 *p, size_t n)
{
	v2u64 eval = { mac->eval }, p1 = { mac->p };

	mac->len += n * EIA1_BLOCK_LEN;

	/* Many blocks to a reduction, each times the power of P it would end with. */
	if (n >= POWERS_PAY) {
		v2u64 p2 = mul(p1, p1), p3 = mul(p2, p1), p4 = mul(p2, p2);
		v2u64 p5 = mul(p4, p1), p6 = mul(p3, p3), p7 = mul(p4, p3), p8 = mul(p4, p4);
		const v2u64 low[4] = { pair(p8, p7), pair(p6, p5), pair(p4, p3), pair(p2, p1) };

		if (n >= MORE_POWERS_PAY) {
			const v2u64 high[4] = {
				pair(mul(p8, p8), mul(p8, p7)), pair(mul(p8, p6), mul(p8, p5)),
				pair(mul(p8, p4), mul(p8, p3)), pair(mul(p8, p2), mul(p8, p1)),
			};

			for (; n >= 16; n -= 16, p += 16 * EIA1_BLOCK_LEN)
				eval = reduce(eight_blocks(p, eval, high) ^
					      eight_blocks(p + 64, (v2u64){ }, low));
		}
		for (; n >= 8; n -= 8, p += 8 * EIA1_BLOCK_LEN)
			eval = reduce(eight_blocks(p, eval, low));
		if (n >= 4) {
			eval = reduce(products(eval ^ two_blocks(p), low[2]) ^
				      products(two_blocks(p + 16), low[3]));
			n -= 4;
			p += 4 * EIA1_BLOCK_LEN;
		}
	}
	for (; n--; p += EIA1_BLOCK_LEN)
		eval = mul(eval ^ block(p), p1);
	mac->eval = eval[0];
}

/**
 * eia1_avx2_finish() - as eia1_finish()
 * @mac: a MAC begun; wiped
 * @rest: what is left of the message
 * @len: octets of it, less than EIA1_BLOCK_LEN
 * @out: where to put MAC-I
 *
 * Context: the caller holds the FPU.
 */
void eia1_avx2_finish(struct eia1 *mac, const u8 *rest, size_t len, u8 out[EIA1_MAC_LEN])
{
	u8 last[EIA1_BLOCK_LEN] = { };
	v2u64 eval;

	if (len) {
		memcpy(last, rest, len);
		eia1_avx2_blocks(mac, last, 1);
		mac->len -= EIA1_BLOCK_LEN - len;
	}
	eval = mul((v2u64){ mac->eval ^ mac->len * 8 }, (v2u64){ mac->q });
	prose_store32(out, (u32)(eval[0] >> 32) ^ mac->otp);
	memzero_explicit(mac, sizeof(*mac));
	memzero_explicit(last, sizeof(last));
}
