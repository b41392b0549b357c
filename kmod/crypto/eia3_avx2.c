// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* 128-EIA3 with AVX2, AES-NI and PCLMULQDQ; see eia3.c. */

#include "avx2.h"
#include "eia3_avx2.h"
#include "zuc_avx2.h"

/* How much key stream is made at once, in blocks. */
#define BATCH	16

/* The bits of each octet the other way round. */
static __always_inline v16u8 reverse_octets(v16u8 x)
{
	static const v16u8 low = {
		0x00, 0x80, 0x40, 0xc0, 0x20, 0xa0, 0x60, 0xe0,
		0x10, 0x90, 0x50, 0xd0, 0x30, 0xb0, 0x70, 0xf0,
	};
	static const v16u8 high = {
		0x00, 0x08, 0x04, 0x0c, 0x02, 0x0a, 0x06, 0x0e,
		0x01, 0x09, 0x05, 0x0d, 0x03, 0x0b, 0x07, 0x0f,
	};
	const v16u8 mask = all16(0x0f);

	return shuffle16(low, x & mask) ^ shuffle16(high, (v16u8)((v8u16)x >> 4) & mask);
}

/*
 * What a block adds to T, in its second word; z0 to z3 in @z, z1 to z4 in @next. A word
 * of the message read from the other end is its octets as they are in memory, the bits
 * of each reversed.
 */
static __always_inline v4u32 add_block(v16u8 block, v4u32 z, v4u32 next)
{
	const v4u32 zero = { };
	v4u32 m = (v4u32)reverse_octets(block);
	/* z1 || z0 and z2 || z1, z3 || z2 and z4 || z3, the most significant word last. */
	v4u32 z01 = __builtin_shufflevector(next, z, 0, 4, 1, 5);
	v4u32 z23 = __builtin_shufflevector(next, z, 2, 6, 3, 7);
	v4u32 m01 = __builtin_shufflevector(m, zero, 0, 4, 1, 4);
	v4u32 m23 = __builtin_shufflevector(m, zero, 2, 4, 3, 4);

	return (v4u32)(CLMUL(z01, m01, 0x00) ^ CLMUL(z01, m01, 0x11) ^
		       CLMUL(z23, m23, 0x00) ^ CLMUL(z23, m23, 0x11));
}

/**
 * eia3_avx2_start() - as eia3_start()
 * @mac: a MAC
 * @key: PIK
 * @prefix: as for eia3_iv()
 *
 * Context: the caller holds the FPU.
 */
void eia3_avx2_start(struct eia3 *mac, const u8 key[EIA3_KEY_LEN],
		     const u8 prefix[EIA3_PREFIX_LEN])
{
	u8 iv[ZUC_IV_LEN];

	eia3_iv(iv, prefix);
	zuc_avx2_init(&mac->stream, key, iv);
	zuc_avx2_words(&mac->stream, &mac->z, 1);
	mac->t = 0;
}

/**
 * eia3_avx2_blocks() - as eia3_blocks()
 * @mac: a MAC begun
 * @p: the message
 * @n: how many blocks of EIA3_BLOCK_LEN octets
 *
 * Context: the caller holds the FPU.
 */
void eia3_avx2_blocks(struct eia3 *mac, const u8 *p, size_t n)
{
	u32 z[1 + 4 * BATCH];
	v4u32 t = { };

	z[0] = mac->z;
	while (n) {
		size_t batch = min_t(size_t, n, BATCH);
		size_t i;

		zuc_avx2_words(&mac->stream, z + 1, 4 * batch);
		for (i = 0; i < batch; i++, p += EIA3_BLOCK_LEN)
			t ^= add_block(*(const v16u8_mem *)p,
				       (v4u32)*(const v16u8_mem *)(z + 4 * i),
				       (v4u32)*(const v16u8_mem *)(z + 4 * i + 1));
		z[0] = z[4 * batch];
		n -= batch;
	}
	mac->t ^= t[1];
	mac->z = z[0];
	memzero_explicit(z, sizeof(z));
}

/**
 * eia3_avx2_finish() - as eia3_finish()
 * @mac: a MAC begun; wiped
 * @rest: what is left of the message
 * @len: octets of it, less than EIA3_BLOCK_LEN
 * @out: where to put MAC-I
 *
 * Context: the caller holds the FPU.
 */
void eia3_avx2_finish(struct eia3 *mac, const u8 *rest, size_t len, u8 out[EIA3_MAC_LEN])
{
	u32 z[1 + EIA3_END_WORDS(EIA3_BLOCK_LEN)];

	z[0] = mac->z;
	zuc_avx2_words(&mac->stream, z + 1, EIA3_END_WORDS(len));
	eia3_end(mac, rest, len, z, out);
}
