// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * SNOW 3G with AVX2 and AES-NI; the names are those of snow3g.c and the standard.
 *
 * Constant time: tables are in registers, read by shuffles. S1 is a round of AES on
 * a column, SQ is looked up in all of its table at once, and the LFSR goes four words
 * a step, for no word of it depends on one less than five before.
 */

#include "avx2.h"
#include "snow3g_avx2.h"

/*
 * SQ. A shuffle takes an octet from 16 by the low four bits of the index, and gives 0 if
 * the index is negative. With 16 h subtracted, an octet finds entry h of its half if it
 * is not less than 16 h: so an entry holds the difference to the one before, and the sum
 * of all is SQ. The lower half has SQ for indices up to 127, the upper for the others.
 */
static const v32u8 sq_table[8] = {
	{ 0x25, 0x24, 0x73, 0x67, 0xd7, 0xae, 0x5c, 0x30,
	  0xa4, 0xee, 0x6e, 0xcb, 0x7d, 0xb5, 0x82, 0xdb,
	  0xeb, 0x9a, 0x1c, 0xa9, 0xd1, 0x7e, 0x0d, 0xfc,
	  0x50, 0x8a, 0xb6, 0x62, 0xf5, 0x0a, 0xf8, 0xdc },
	{ 0xc1, 0xaa, 0x3b, 0x2e, 0x98, 0xf3, 0x36, 0x48,
	  0xd4, 0x66, 0x86, 0x94, 0x23, 0x31, 0xe7, 0x39,
	  0xe8, 0xa6, 0x10, 0x90, 0x20, 0xc6, 0xfe, 0xc1,
	  0xa2, 0x5f, 0x21, 0x04, 0x74, 0x38, 0x58, 0xdc },
	{ 0x3c, 0x67, 0x84, 0xa4, 0x0f, 0x72, 0x7b, 0x50,
	  0x27, 0x5a, 0x44, 0xbc, 0x14, 0x91, 0x7e, 0x5b,
	  0x05, 0xf2, 0xfa, 0xd3, 0x46, 0xaf, 0x04, 0xb1,
	  0x8b, 0x03, 0x30, 0xd9, 0x0a, 0x0d, 0xbf, 0x53 },
	{ 0x6a, 0x69, 0x49, 0x4b, 0x6e, 0x2d, 0x56, 0x01,
	  0x50, 0x99, 0xa2, 0x22, 0x1b, 0xbf, 0x92, 0x6d,
	  0x65, 0xbb, 0xc3, 0xc6, 0xd7, 0xea, 0xd0, 0x5f,
	  0xed, 0x73, 0xdb, 0x1e, 0x8e, 0x67, 0x32, 0xee },
	{ 0x78, 0x81, 0xc3, 0x15, 0xc1, 0xdf, 0x03, 0x52,
	  0xc5, 0x34, 0xb0, 0x02, 0xce, 0x8a, 0xc5, 0xb0,
	  0xba, 0xb2, 0x9a, 0x47, 0x34, 0xf6, 0xc7, 0xeb,
	  0x90, 0x6d, 0xe1, 0x46, 0x11, 0xe9, 0xaa, 0x21 },
	{ 0x49, 0xa3, 0x2e, 0xf1, 0xfc, 0x69, 0x05, 0xb6,
	  0x78, 0xb9, 0x05, 0xae, 0xd2, 0x51, 0x6d, 0x90,
	  0x06, 0xa8, 0x56, 0xb1, 0x7e, 0xcf, 0xb9, 0x2e,
	  0x70, 0x59, 0x36, 0xc1, 0x75, 0xc7, 0xb3, 0xb7 },
	{ 0x0e, 0x12, 0x8d, 0xd1, 0xed, 0x3b, 0xa7, 0x02,
	  0xf9, 0x83, 0x8a, 0x4f, 0x7a, 0x47, 0xb7, 0x0e,
	  0x72, 0xf6, 0x02, 0xa8, 0xc6, 0xf7, 0x4b, 0xc8,
	  0xec, 0xaa, 0x6b, 0xbd, 0x5f, 0x6e, 0x24, 0x11 },
	{ 0x31, 0xbf, 0xed, 0xc1, 0xe3, 0xda, 0xfc, 0x0a,
	  0x0d, 0x66, 0x58, 0x58, 0xa5, 0xc9, 0xcd, 0xa0,
	  0xfb, 0x78, 0x8c, 0xbb, 0xf2, 0xad, 0x87, 0x7d,
	  0x08, 0x22, 0x68, 0xf7, 0x37, 0xc8, 0xe0, 0xbc },
};

/*
 * MULalpha in the lower half, DIValpha in the upper: one table for each octet of the
 * result, the least significant first, by the low and the high four bits of the index.
 */
static const v32u8 alpha_low[4] = {
	{ 0x00, 0x13, 0x26, 0x35, 0x4c, 0x5f, 0x6a, 0x79,
	  0x98, 0x8b, 0xbe, 0xad, 0xd4, 0xc7, 0xf2, 0xe1,
	  0x00, 0xcd, 0x33, 0xfe, 0x66, 0xab, 0x55, 0x98,
	  0xcc, 0x01, 0xff, 0x32, 0xaa, 0x67, 0x99, 0x54 },
	{ 0x00, 0xcf, 0x37, 0xf8, 0x6e, 0xa1, 0x59, 0x96,
	  0xdc, 0x13, 0xeb, 0x24, 0xb2, 0x7d, 0x85, 0x4a,
	  0x00, 0x40, 0x80, 0xc0, 0xa9, 0xe9, 0x29, 0x69,
	  0xfb, 0xbb, 0x7b, 0x3b, 0x52, 0x12, 0xd2, 0x92 },
	{ 0x00, 0x9f, 0x97, 0x08, 0x87, 0x18, 0x10, 0x8f,
	  0xa7, 0x38, 0x30, 0xaf, 0x20, 0xbf, 0xb7, 0x28,
	  0x00, 0x0f, 0x1e, 0x11, 0x3c, 0x33, 0x22, 0x2d,
	  0x78, 0x77, 0x66, 0x69, 0x44, 0x4b, 0x5a, 0x55 },
	{ 0x00, 0xe1, 0x6b, 0x8a, 0xd6, 0x37, 0xbd, 0x5c,
	  0x05, 0xe4, 0x6e, 0x8f, 0xd3, 0x32, 0xb8, 0x59,
	  0x00, 0x18, 0x30, 0x28, 0x60, 0x78, 0x50, 0x48,
	  0xc0, 0xd8, 0xf0, 0xe8, 0xa0, 0xb8, 0x90, 0x88 },
};

static const v32u8 alpha_high[4] = {
	{ 0x00, 0x99, 0x9b, 0x02, 0x9f, 0x06, 0x04, 0x9d,
	  0x97, 0x0e, 0x0c, 0x95, 0x08, 0x91, 0x93, 0x0a,
	  0x00, 0x31, 0x62, 0x53, 0xc4, 0xf5, 0xa6, 0x97,
	  0x21, 0x10, 0x43, 0x72, 0xe5, 0xd4, 0x87, 0xb6 },
	{ 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
	  0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff,
	  0x00, 0x5f, 0xbe, 0xe1, 0xd5, 0x8a, 0x6b, 0x34,
	  0x03, 0x5c, 0xbd, 0xe2, 0xd6, 0x89, 0x68, 0x37 },
	{ 0x00, 0xe7, 0x67, 0x80, 0xce, 0x29, 0xa9, 0x4e,
	  0x35, 0xd2, 0x52, 0xb5, 0xfb, 0x1c, 0x9c, 0x7b,
	  0x00, 0xf0, 0x49, 0xb9, 0x92, 0x62, 0xdb, 0x2b,
	  0x8d, 0x7d, 0xc4, 0x34, 0x1f, 0xef, 0x56, 0xa6 },
	{ 0x00, 0x0a, 0x14, 0x1e, 0x28, 0x22, 0x3c, 0x36,
	  0x50, 0x5a, 0x44, 0x4e, 0x78, 0x72, 0x6c, 0x66,
	  0x00, 0x29, 0x52, 0x7b, 0xa4, 0x8d, 0xf6, 0xdf,
	  0xe1, 0xc8, 0xb3, 0x9a, 0x45, 0x6c, 0x17, 0x3e },
};

/* S2 of the first word of @r; what the result has in the others means nothing. */
static __always_inline v4u32 s2(v4u32 r)
{
	/* The word itself, and turned by one, two and three octets: what the matrix adds. */
	static const v16u8 turns = { 0, 1, 2, 3, 1, 2, 3, 0, 2, 3, 0, 1, 3, 0, 1, 2 };
	/* The matrix has x and x + 1 for the first two, 1 for the others. */
	static const v4u32 doubled = { ~0u, ~0u, 0, 0 }, plain = { 0, ~0u, ~0u, ~0u };
	v16u8 octets = shuffle16((v16u8)r, turns);
	v32u8 index = halves(octets, octets ^ all16(0x80));
	const v16s8 zero = { 0 };
	v16u8 sq, twice, high;
	v32u8 sums;
	v4u32 w;

	sums = shuffle32(sq_table[0], index) ^
	       shuffle32(sq_table[1], sub_saturated(index, all32(0x10))) ^
	       shuffle32(sq_table[2], sub_saturated(index, all32(0x20))) ^
	       shuffle32(sq_table[3], sub_saturated(index, all32(0x30))) ^
	       shuffle32(sq_table[4], sub_saturated(index, all32(0x40))) ^
	       shuffle32(sq_table[5], sub_saturated(index, all32(0x50))) ^
	       shuffle32(sq_table[6], sub_saturated(index, all32(0x60))) ^
	       shuffle32(sq_table[7], sub_saturated(index, all32(0x70)));
	sq = low_half(sums) ^ high_half(sums);

	/* Times x, modulo x^8 + 0x69. */
	high = (v16u8)((v16s8)sq < zero);
	twice = (sq + sq) ^ (high & all16(0x69));
	w = ((v4u32)twice & doubled) ^ ((v4u32)sq & plain);
	w ^= __builtin_shufflevector(w, w, 2, 3, 0, 1);
	return w ^ __builtin_shufflevector(w, w, 1, 0, 3, 2);
}

/* S1 of the first word of @r, in each word. */
static __always_inline v4u32 s1(v4u32 r)
{
	/* With all columns the same, ShiftRows changes nothing. */
	return (v4u32)aes_shift_sub_mix((v16u8)__builtin_shufflevector(r, r, 0, 0, 0, 0));
}

/* The first four octets of each half of @p and @q in turn. */
static __always_inline v32u8 unpack_octets(v32u8 p, v32u8 q)
{
	return __builtin_shufflevector(p, q, 0, 32, 1, 33, 2, 34, 3, 35, 4, 36, 5, 37, 6, 38, 7, 39,
				       16, 48, 17, 49, 18, 50, 19, 51, 20, 52, 21, 53, 22, 54,
				       23, 55);
}

/* The first four pairs of octets of each half of @p and @q in turn. */
static __always_inline v32u8 unpack_pairs(v32u8 p, v32u8 q)
{
	return (v32u8)__builtin_shufflevector((v16u16)p, (v16u16)q, 0, 16, 1, 17, 2, 18, 3, 19,
					      8, 24, 9, 25, 10, 26, 11, 27);
}

/* What the next four words of the LFSR are without F: @a to @d hold s0 to s15. */
static __always_inline v4u32 feedback(v4u32 a, v4u32 b, v4u32 c, v4u32 d)
{
	static const v32u8 shifted_out = {
		3, 7, 11, 15, 0x80, 0x80, 0x80, 0x80,
		0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
		0, 4, 8, 12, 0x80, 0x80, 0x80, 0x80,
		0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
	};
	v4u32 w11 = __builtin_shufflevector(c, d, 3, 4, 5, 6);
	v4u32 w2 = __builtin_shufflevector(a, b, 2, 3, 4, 5);
	v32u8 index = shuffle32(halves((v16u8)a, (v16u8)w11), shifted_out);
	v32u8 low = index & all32(0x0f);
	v32u8 high = (v32u8)((v16u16)(index & all32(0xf0)) >> 4);
	v32u8 r0 = shuffle32(alpha_low[0], low) ^ shuffle32(alpha_high[0], high);
	v32u8 r1 = shuffle32(alpha_low[1], low) ^ shuffle32(alpha_high[1], high);
	v32u8 r2 = shuffle32(alpha_low[2], low) ^ shuffle32(alpha_high[2], high);
	v32u8 r3 = shuffle32(alpha_low[3], low) ^ shuffle32(alpha_high[3], high);
	v32u8 words = unpack_pairs(unpack_octets(r0, r1), unpack_octets(r2, r3));

	return a << 8 ^ w2 ^ w11 >> 8 ^ (v4u32)low_half(words) ^ (v4u32)high_half(words);
}

/* The generator in registers: s0 to s3 in s[0], and so on; R1 to R3 in the first words. */
struct state {
	v4u32 s[4];
	v4u32 r1, r2, r3;
};

/* The FSM with s5 and s15 in the first words: its R moves, F is returned. */
static __always_inline v4u32 clock_fsm(struct state *st, v4u32 s5, v4u32 s15)
{
	v4u32 f = (s15 + st->r1) ^ st->r2;
	v4u32 r = st->r2 + (st->r3 ^ s5);

	st->r3 = s2(st->r2);
	st->r2 = s1(st->r1);
	st->r1 = r;
	return f;
}

/* The first words of four. */
static __always_inline v4u32 gather(v4u32 w0, v4u32 w1, v4u32 w2, v4u32 w3)
{
	v2u64 w01 = (v2u64)__builtin_shufflevector(w0, w1, 0, 4, 1, 5);
	v2u64 w23 = (v2u64)__builtin_shufflevector(w2, w3, 0, 4, 1, 5);

	return (v4u32)__builtin_shufflevector(w01, w23, 0, 2);
}

static __always_inline v4u32 word(v4u32 x, int i)
{
	switch (i) {
	case 0:
		return x;
	case 1:
		return __builtin_shufflevector(x, x, 1, 1, 1, 1);
	case 2:
		return __builtin_shufflevector(x, x, 2, 2, 2, 2);
	default:
		return __builtin_shufflevector(x, x, 3, 3, 3, 3);
	}
}

/* The next four words of the key stream, s0 being the first of s[@g]. */
static __always_inline v4u32 next_words(struct state *st, int g)
{
	v4u32 a = st->s[g], b = st->s[(g + 1) & 3], c = st->s[(g + 2) & 3], d = st->s[(g + 3) & 3];
	v4u32 next = feedback(a, b, c, d);
	v4u32 f0, f1, f2, f3;

	f0 = clock_fsm(st, word(b, 1), word(d, 3));
	f1 = clock_fsm(st, word(b, 2), word(next, 0));
	f2 = clock_fsm(st, word(b, 3), word(next, 1));
	f3 = clock_fsm(st, word(c, 0), word(next, 2));
	st->s[g] = next;

	return gather(f0, f1, f2, f3) ^ a;
}

/*
 * Four clocks of initialisation. F goes into the LFSR here, and with it into the word
 * the next clock of the FSM sees as s15.
 */
static __always_inline void init_words(struct state *st, int g)
{
	v4u32 a = st->s[g], b = st->s[(g + 1) & 3], c = st->s[(g + 2) & 3], d = st->s[(g + 3) & 3];
	v4u32 next = feedback(a, b, c, d);
	v4u32 f0, f1, f2, f3;

	f0 = clock_fsm(st, word(b, 1), word(d, 3)) ^ word(next, 0);
	f1 = clock_fsm(st, word(b, 2), f0) ^ word(next, 1);
	f2 = clock_fsm(st, word(b, 3), f1) ^ word(next, 2);
	f3 = clock_fsm(st, word(c, 0), f2) ^ word(next, 3);
	st->s[g] = gather(f0, f1, f2, f3);
}

/* From and to the common form, whose s0 is the first of a vector here. */

static __always_inline void load(struct state *v, const struct snow3g *st)
{
	memcpy(v->s, st->s, sizeof(v->s));
	v->r1 = (v4u32){ st->r[0] };
	v->r2 = (v4u32){ st->r[1] };
	v->r3 = (v4u32){ st->r[2] };
}

static __always_inline void store(struct snow3g *st, struct state *v, u32 pos)
{
	memcpy(st->s, v->s, sizeof(v->s));
	st->r[0] = v->r1[0];
	st->r[1] = v->r2[0];
	st->r[2] = v->r3[0];
	st->pos = pos;
	memzero_explicit(v, sizeof(*v));
}

/**
 * snow3g_avx2_init() - as snow3g_init()
 * @st: the key stream
 * @key: CK or IK
 * @iv: IV0 to IV3
 *
 * Context: the caller holds the FPU.
 */
void snow3g_avx2_init(struct snow3g *st, const u8 key[SNOW3G_KEY_LEN],
		      const u32 iv[SNOW3G_IV_WORDS])
{
	v4u32 k = (v4u32)swap_words(*(const v16u8_mem *)key);
	v4u32 a, b, c, d, next;
	struct state v;
	int i;

	/* k3 is the first word of the key, k0 the last. */
	k = __builtin_shufflevector(k, k, 3, 2, 1, 0);
	v.s[0] = ~k;
	v.s[1] = k;
	v.s[2] = ~k ^ (v4u32){ 0, iv[3], iv[2], 0 };
	v.s[3] = k ^ (v4u32){ iv[1], 0, 0, iv[0] };
	v.r1 = (v4u32){ };
	v.r2 = (v4u32){ };
	v.r3 = (v4u32){ };

	for (i = 0; i < 8; i++)
		init_words(&v, i & 3);

	/* The first output is not used: one clock, and all words move by one place. */
	a = v.s[0];
	b = v.s[1];
	c = v.s[2];
	d = v.s[3];
	next = feedback(a, b, c, d);
	clock_fsm(&v, word(b, 1), word(d, 3));
	v.s[0] = __builtin_shufflevector(a, b, 1, 2, 3, 4);
	v.s[1] = __builtin_shufflevector(b, c, 1, 2, 3, 4);
	v.s[2] = __builtin_shufflevector(c, d, 1, 2, 3, 4);
	v.s[3] = __builtin_shufflevector(d, next, 1, 2, 3, 4);
	store(st, &v, 0);
}

/**
 * snow3g_avx2_words() - as snow3g_words()
 * @st: the key stream; nothing but these functions has moved it
 * @z: where to put them
 * @n: how many; unless a multiple of 4, what is left of the last four is lost
 *
 * Context: the caller holds the FPU.
 */
void snow3g_avx2_words(struct snow3g *st, u32 *z, size_t n)
{
	u32 g = st->pos / 4;
	struct state v;

	load(&v, st);
	for (; n; g = (g + 1) & 3) {
		v4u32 words = next_words(&v, (int)g);
		size_t take = min_t(size_t, n, 4);

		memcpy(z, &words, take * sizeof(*z));
		z += take;
		n -= take;
	}
	store(st, &v, 4 * g);
}

/**
 * snow3g_avx2_crypt() - as snow3g_crypt()
 * @st: the key stream; nothing but these functions has moved it
 * @dst: where to put the sum
 * @src: the octets; may be @dst
 * @len: how many; unless a multiple of 16, what is left of the last four words is lost
 *
 * Context: the caller holds the FPU.
 */
void snow3g_avx2_crypt(struct snow3g *st, u8 *dst, const u8 *src, size_t len)
{
	u32 g = st->pos / 4;
	struct state v;

	load(&v, st);
	for (; len >= 16; len -= 16, dst += 16, src += 16, g = (g + 1) & 3)
		*(v16u8_mem *)dst = *(const v16u8_mem *)src ^
				    swap_words((v16u8)next_words(&v, (int)g));
	if (len) {
		v16u8 last = swap_words((v16u8)next_words(&v, (int)g));
		size_t i;

		for (i = 0; i < len; i++)
			dst[i] = src[i] ^ last[i];
	}
	store(st, &v, 4 * g);
}
