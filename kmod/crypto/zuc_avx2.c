// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ZUC-128 with AVX2 and AES-NI; the names are those of zuc.c and the standard.
 *
 * Constant time: tables are in registers, read by shuffles. The LFSR has a word depend
 * on the one before, so it stays in general registers; a vector has both S-boxes of
 * both words at once.
 */

#include "avx2.h"
#include "zuc_avx2.h"

static __always_inline v16u8 low_bits(v16u8 x)
{
	return x & all16(0x0f);
}

static __always_inline v16u8 high_bits(v16u8 x)
{
	return (v16u8)((v8u16)x >> 4) & all16(0x0f);
}

/* S0: three rounds of a Feistel network over the two halves, then a rotation by 5. */
static __always_inline v16u8 s0(v16u8 x)
{
	static const v16u8 p1 = { 9, 15, 0, 14, 15, 15, 2, 10, 0, 4, 0, 12, 7, 5, 3, 9 };
	static const v16u8 p2 = { 8, 13, 6, 5, 7, 0, 12, 4, 11, 1, 14, 10, 15, 3, 9, 2 };
	static const v16u8 p3 = { 2, 6, 10, 6, 0, 13, 10, 15, 3, 3, 13, 5, 0, 9, 12, 13 };
	static const v16u8 rotated = {
		0x00, 0x20, 0x40, 0x60, 0x80, 0xa0, 0xc0, 0xe0,
		0x01, 0x21, 0x41, 0x61, 0x81, 0xa1, 0xc1, 0xe1,
	};
	v16u8 lo = low_bits(x), hi = high_bits(x);

	hi ^= shuffle16(p1, lo);
	lo ^= shuffle16(p2, hi);
	hi ^= shuffle16(p3, lo);
	return shuffle16(rotated, lo) ^ (hi + hi);
}

/*
 * S1 is the inverse in one field, a matrix and a constant; the S-box of AES is the same
 * in another field. So it is the S-box of AES between two linear maps: each of these is
 * a table for the low four bits and one for the high, the constants are in @out_low.
 */
static __always_inline v16u8 s1(v16u8 x)
{
	static const v16u8 in_low = {
		0x00, 0x01, 0x32, 0x33, 0x73, 0x72, 0x41, 0x40,
		0x75, 0x74, 0x47, 0x46, 0x06, 0x07, 0x34, 0x35,
	};
	static const v16u8 in_high = {
		0x00, 0xd9, 0xe8, 0x31, 0xcd, 0x14, 0x25, 0xfc,
		0x2d, 0xf4, 0xc5, 0x1c, 0xe0, 0x39, 0x08, 0xd1,
	};
	static const v16u8 out_low = {
		0xfe, 0xb1, 0x6e, 0x21, 0xb5, 0xfa, 0x25, 0x6a,
		0xc9, 0x86, 0x59, 0x16, 0x82, 0xcd, 0x12, 0x5d,
	};
	static const v16u8 out_high = {
		0x00, 0x34, 0x42, 0x76, 0x36, 0x02, 0x74, 0x40,
		0x66, 0x52, 0x24, 0x10, 0x50, 0x64, 0x12, 0x26,
	};

	x = shuffle16(in_low, low_bits(x)) ^ shuffle16(in_high, high_bits(x));
	x = aes_shift_sub(x);
	return shuffle16(out_low, low_bits(x)) ^ shuffle16(out_high, high_bits(x));
}

/*
 * S of two words. S1 is for their octets 0 and 2, counted from the least significant.
 * These are rows 0 and 2 of what AES sees, which ShiftRows turns by none and two of the
 * four columns: with the words twice side by side it changes nothing there.
 */
static __always_inline u64 sbox(u64 vu)
{
	static const v16u8 odd = {
		0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff,
	};
	const v2u64 twice = { vu, vu };
	v16u8 x = (v16u8)twice;
	v2u64 y = (v2u64)((s0(x) & odd) | (s1(x) & ~odd));

	return y[0];
}

static __always_inline u32 l1(u32 x)
{
	return x ^ rol32(x, 2) ^ rol32(x, 10) ^ rol32(x, 18) ^ rol32(x, 24);
}

static __always_inline u32 l2(u32 x)
{
	return x ^ rol32(x, 8) ^ rol32(x, 14) ^ rol32(x, 22) ^ rol32(x, 30);
}

/* The generator: the LFSR grows into the second half of @s, s0 is s[pos]. */
struct state {
	u32 s[32];
	u32 r1, r2;
	u32 pos;
};

static __always_inline u32 upper(const u32 *s)
{
	return *s >> 15;
}

static __always_inline u32 lower(const u32 *s)
{
	return *s & 0xffff;
}

static __always_inline u32 clock_f(struct state *st, const u32 *s)
{
	u32 x0 = (s[15] << 1 & 0xffff0000) | lower(s + 14);
	u32 x1 = lower(s + 11) << 16 | upper(s + 9);
	u32 x2 = lower(s + 7) << 16 | upper(s + 5);
	u32 w = (x0 ^ st->r1) + st->r2;
	u32 w1 = st->r1 + x1;
	u32 w2 = st->r2 ^ x2;
	u32 u = l1(w1 << 16 | w2 >> 16);
	u32 v = l2(w2 << 16 | w1 >> 16);
	u64 vu = sbox((u64)v << 32 | u);

	st->r1 = (u32)vu;
	st->r2 = (u32)(vu >> 32);
	return w;
}

static __always_inline void clock_lfsr(struct state *st, u32 *s, u32 u)
{
	u64 sum = ((u64)s[15] << 15) + ((u64)s[13] << 17) + ((u64)s[10] << 21) +
		  ((u64)s[4] << 20) + ((u64)s[0] << 8) + s[0] + u;

	sum = (sum & 0x7fffffff) + (sum >> 31);
	s[16] = (u32)((sum & 0x7fffffff) + (sum >> 31));
	if (++st->pos == 16) {
		memcpy(st->s, st->s + 16, sizeof(st->s) / 2);
		st->pos = 0;
	}
}

static __always_inline u32 next_word(struct state *st)
{
	u32 *s = st->s + st->pos;
	u32 x3 = lower(s + 2) << 16 | upper(s);
	u32 z = clock_f(st, s) ^ x3;

	clock_lfsr(st, s, 0);
	return z;
}

static __always_inline v4u32 next_words(struct state *st)
{
	u32 z0 = next_word(st), z1 = next_word(st), z2 = next_word(st), z3 = next_word(st);

	return (v4u32){ z0, z1, z2, z3 };
}

/* From and to the common form; here its s0 is its first word. */

static __always_inline void load(struct state *v, const struct zuc *st)
{
	u32 first = 16 - st->pos;

	memcpy(v->s, st->s + st->pos, first * sizeof(*st->s));
	memcpy(v->s + first, st->s, st->pos * sizeof(*st->s));
	v->r1 = st->r1;
	v->r2 = st->r2;
	v->pos = 0;
}

static __always_inline void store(struct zuc *st, struct state *v)
{
	memcpy(st->s, v->s + v->pos, sizeof(st->s));
	st->r1 = v->r1;
	st->r2 = v->r2;
	st->pos = 0;
	memzero_explicit(v, sizeof(*v));
}

/**
 * zuc_avx2_init() - as zuc_init()
 * @st: the key stream
 * @key: CK or IK
 * @iv: the initial vector
 *
 * Context: the caller holds the FPU.
 */
void zuc_avx2_init(struct zuc *st, const u8 key[ZUC_KEY_LEN], const u8 iv[ZUC_IV_LEN])
{
	struct state v;
	int i;

	zuc_load(st, key, iv);
	load(&v, st);
	for (i = 0; i < 32; i++) {
		u32 *s = v.s + v.pos;

		clock_lfsr(&v, s, clock_f(&v, s) >> 1);
	}
	/* The first output is not used. */
	next_word(&v);
	store(st, &v);
}

/**
 * zuc_avx2_words() - as zuc_words()
 * @st: the key stream
 * @z: where to put them
 * @n: how many
 *
 * Context: the caller holds the FPU.
 */
void zuc_avx2_words(struct zuc *st, u32 *z, size_t n)
{
	struct state v;

	load(&v, st);
	while (n--)
		*z++ = next_word(&v);
	store(st, &v);
}

/**
 * zuc_avx2_crypt() - as zuc_crypt()
 * @st: the key stream
 * @dst: where to put the sum
 * @src: the octets; may be @dst
 * @len: how many; unless a multiple of 16, what is left of the last four words is lost
 *
 * Context: the caller holds the FPU.
 */
void zuc_avx2_crypt(struct zuc *st, u8 *dst, const u8 *src, size_t len)
{
	struct state v;

	load(&v, st);
	for (; len >= 16; len -= 16, dst += 16, src += 16)
		*(v16u8_mem *)dst = *(const v16u8_mem *)src ^ swap_words((v16u8)next_words(&v));
	if (len) {
		v16u8 last = swap_words((v16u8)next_words(&v));
		size_t i;

		for (i = 0; i < len; i++)
			dst[i] = src[i] ^ last[i];
	}
	store(st, &v);
}
