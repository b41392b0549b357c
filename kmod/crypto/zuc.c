// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ZUC-128 on any processor, TS 35.222; the names are the standard's.
 *
 * Constant time: no branch and no address depends on the state, see tower.h.
 */

#include "tower.h"
#include "zuc.h"

/* P1, P2, P3 of S0: each bit of the result as a polynomial in the four of @p. */

static __always_inline struct gf16 s0_p1(struct gf16 p)
{
	u32 bd = p.b & p.d, ac = p.a ^ p.c ^ (p.a & p.c);

	return (struct gf16){
		TOWER_PLANE ^ p.b ^ p.d ^ bd ^ (p.c & p.d),
		ac ^ (p.a & p.d),
		ac ^ (p.b & p.c),
		TOWER_PLANE ^ p.b ^ (p.a & p.b) ^ p.d ^ bd,
	};
}

static __always_inline struct gf16 s0_p2(struct gf16 p)
{
	u32 ab = p.a & p.b, ac = p.a & p.c, ad = p.a & p.d;
	u32 bc = p.b & p.c, bd = p.b & p.d, cd = p.c & p.d;
	u32 abc = ab & p.c, bcd = bc & p.d;
	u32 common = ad ^ bd ^ cd;

	return (struct gf16){
		p.a ^ p.c ^ bc ^ abc ^ p.d ^ common,
		p.b ^ ab ^ p.c ^ ac ^ p.d ^ common ^ bcd,
		p.a ^ p.b ^ ab ^ p.c ^ bc ^ ad ^ (ac & p.d) ^ bcd,
		TOWER_PLANE ^ p.b ^ p.c ^ abc ^ (ab & p.d) ^ common,
	};
}

static __always_inline struct gf16 s0_p3(struct gf16 p)
{
	u32 ac = p.a & p.c, bd = p.b & p.d;

	return (struct gf16){
		ac ^ p.d ^ (p.c & p.d),
		TOWER_PLANE ^ p.c ^ (p.b & p.c) ^ bd,
		p.a ^ (p.a & p.d) ^ bd,
		p.b ^ (p.a & p.b) ^ ac,
	};
}

/* S0: three rounds of a Feistel network over the two halves, then a rotation by 5. */
static __always_inline u32 s0(u32 octets)
{
	struct gf16 lo = {
		tower_bit(octets, 0), tower_bit(octets, 1),
		tower_bit(octets, 2), tower_bit(octets, 3),
	};
	struct gf16 hi = {
		tower_bit(octets, 4), tower_bit(octets, 5),
		tower_bit(octets, 6), tower_bit(octets, 7),
	};

	hi = gf16_add(hi, s0_p1(lo));
	lo = gf16_add(lo, s0_p2(hi));
	hi = gf16_add(hi, s0_p3(lo));
	return lo.a << 5 | lo.b << 6 | lo.c << 7 | lo.d |
	       hi.a << 1 | hi.b << 2 | hi.c << 3 | hi.d << 4;
}

/* S1: the inverse in GF(2^8), a matrix and a constant. */
static __always_inline u32 s1(u32 octets)
{
	u32 linear = tower_join(tower_invert(tower_from_18b(octets)),
				0x97, 0xcc, 0x17, 0x61, 0x05, 0xbc, 0x1f, 0x65);

	return linear ^ tower_each(0x55);
}

#define EVEN_OCTETS	0x00ff00ffu

static __always_inline u32 l1(u32 x)
{
	return x ^ rol32(x, 2) ^ rol32(x, 10) ^ rol32(x, 18) ^ rol32(x, 24);
}

static __always_inline u32 l2(u32 x)
{
	return x ^ rol32(x, 8) ^ rol32(x, 14) ^ rol32(x, 22) ^ rol32(x, 30);
}

static __always_inline u32 stage(const struct zuc *st, u32 i)
{
	return st->s[(st->pos + i) & 15];
}

/* The upper or lower 16 of the 31 bits. */
static __always_inline u32 upper(const struct zuc *st, u32 i)
{
	return stage(st, i) >> 15;
}

static __always_inline u32 lower(const struct zuc *st, u32 i)
{
	return stage(st, i) & 0xffff;
}

/* Bit reorganization and F, clauses 3.3 and 3.4: returns W. */
static __always_inline u32 clock_f(struct zuc *st)
{
	u32 x0 = upper(st, 15) << 16 | lower(st, 14);
	u32 x1 = lower(st, 11) << 16 | upper(st, 9);
	u32 x2 = lower(st, 7) << 16 | upper(st, 5);
	u32 w = (x0 ^ st->r1) + st->r2;
	u32 w1 = st->r1 + x1;
	u32 w2 = st->r2 ^ x2;
	u32 u = l1(w1 << 16 | w2 >> 16);
	u32 v = l2(w2 << 16 | w1 >> 16);
	/* S0 takes the odd octets of both words, S1 the even ones. */
	u32 odd = s0((u >> 8 & EVEN_OCTETS) | (v & ~EVEN_OCTETS));
	u32 even = s1((u & EVEN_OCTETS) | (v & EVEN_OCTETS) << 8);

	st->r1 = (odd & EVEN_OCTETS) << 8 | (even & EVEN_OCTETS);
	st->r2 = (odd & ~EVEN_OCTETS) | (even >> 8 & EVEN_OCTETS);
	return w;
}

/*
 * Clocks the LFSR, clause 3.2, with u or 0. Modulo 2^31 - 1, with that for 0: what is
 * above bit 30 counts as much as what is below, and no sum of these is 0.
 */
static __always_inline void clock_lfsr(struct zuc *st, u32 u)
{
	u64 sum = ((u64)stage(st, 15) << 15) + ((u64)stage(st, 13) << 17) +
		  ((u64)stage(st, 10) << 21) + ((u64)stage(st, 4) << 20) +
		  ((u64)stage(st, 0) << 8) + stage(st, 0) + u;

	sum = (sum & 0x7fffffff) + (sum >> 31);
	sum = (sum & 0x7fffffff) + (sum >> 31);
	st->s[st->pos] = (u32)sum;
	st->pos = (st->pos + 1) & 15;
}

static u32 next_word(struct zuc *st)
{
	u32 x3 = lower(st, 2) << 16 | upper(st, 0);
	u32 z = clock_f(st) ^ x3;

	clock_lfsr(st, 0);
	return z;
}

/**
 * zuc_load() - load key and IV, clause 3.5
 * @st: the key stream, not run yet
 * @key: CK or IK
 * @iv: the initial vector
 *
 * Context: any. What zuc_init() and zuc_avx2_init() begin with.
 */
void zuc_load(struct zuc *st, const u8 key[ZUC_KEY_LEN], const u8 iv[ZUC_IV_LEN])
{
	/* The constants D, 15 bits each. */
	static const u16 d[16] = {
		0x44d7, 0x26bc, 0x626b, 0x135e, 0x5789, 0x35e2, 0x7135, 0x09af,
		0x4d78, 0x2f13, 0x6bc4, 0x1af1, 0x5e26, 0x3c4d, 0x789a, 0x47ac,
	};
	int i;

	for (i = 0; i < 16; i++)
		st->s[i] = (u32)key[i] << 23 | (u32)d[i] << 8 | iv[i];
	st->r1 = 0;
	st->r2 = 0;
	st->pos = 0;
}

/**
 * zuc_init() - load key and IV, and run up to the first word
 * @st: the key stream
 * @key: CK or IK
 * @iv: the initial vector
 *
 * Context: any.
 */
void zuc_init(struct zuc *st, const u8 key[ZUC_KEY_LEN], const u8 iv[ZUC_IV_LEN])
{
	int i;

	zuc_load(st, key, iv);
	for (i = 0; i < 32; i++)
		clock_lfsr(st, clock_f(st) >> 1);
	/* Clause 3.6.2: the first output is not used. */
	clock_f(st);
	clock_lfsr(st, 0);
}

/**
 * zuc_words() - the next words of the key stream
 * @st: the key stream
 * @z: where to put them
 * @n: how many
 *
 * Context: any.
 */
void zuc_words(struct zuc *st, u32 *z, size_t n)
{
	while (n--)
		*z++ = next_word(st);
}

/**
 * zuc_crypt() - add the key stream to octets
 * @st: the key stream
 * @dst: where to put the sum
 * @src: the octets; may be @dst
 * @len: how many; unless a multiple of 4, what is left of the last word is lost
 *
 * Context: any.
 */
void zuc_crypt(struct zuc *st, u8 *dst, const u8 *src, size_t len)
{
	for (; len >= 4; len -= 4, dst += 4, src += 4)
		prose_store32(dst, prose_load32(src) ^ next_word(st));
	if (len)
		prose_add_rest(dst, src, len, next_word(st));
}
