// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * SNOW 3G on any processor, TS 35.216 clauses 3 and 4; the names are the standard's.
 *
 * Constant time: no branch and no address depends on the state. The price is some
 * 700 instructions a word, nearly all of them in the two S-boxes.
 */

#include "snow3g.h"
#include "tower.h"

/* MULx of four octets at once, clause 3.1.1: times x, modulo x^8 and the octet c. */
static __always_inline u32 mulx(u32 w, u32 c)
{
	return ((w & tower_each(0x7f)) << 1) ^ tower_bit(w, 7) * c;
}

/* The matrix that S1 and S2 end with, its entries 1, x and x + 1. */
static __always_inline u32 mix(u32 w, u32 c)
{
	u32 twice = mulx(w, c);

	return twice ^ rol32(twice ^ w, 24) ^ rol32(w, 16) ^ rol32(w, 8);
}

/* S1, clause 3.3.1: the S-box and the column mix of AES. */
static __always_inline u32 s1(u32 w)
{
	u32 sr = tower_join(tower_invert(tower_from_11b(w)),
			    0x1f, 0xab, 0xad, 0x9d, 0x52, 0x65, 0x6c, 0x05);

	return mix(sr ^ tower_each(0x63), 0x1b);
}

/*
 * SQ is 0x25 and the Dickson polynomial g49(a) = a + a^9 + a^13 + a^15 + a^33 + a^41 +
 * a^45 + a^47 + a^49. Dickson polynomials compose, g49(a) = g7(g7(a)), and
 * g7(a) = a + a^5 + a^7 = a * (a^2 * (a + 1) + 1)^2 takes two products.
 */
static __always_inline struct tower dickson7(struct tower p)
{
	struct tower sum = p;

	/* 1 is all ones in plane 0. */
	sum.lo.a ^= TOWER_PLANE;
	sum = tower_mul(tower_square(p), sum);
	sum.lo.a ^= TOWER_PLANE;
	return tower_mul(p, tower_square(sum));
}

/* S2, clause 3.3.2. */
static __always_inline u32 s2(u32 w)
{
	u32 sq = tower_join(dickson7(dickson7(tower_from_169(w))),
			    0x01, 0x12, 0x6d, 0x15, 0x7d, 0x5c, 0xdc, 0x46);

	return mix(sq ^ tower_each(0x25), 0x69);
}

/* All ones if bit @i is set. */
static __always_inline u32 bit_mask(u32 w, int i)
{
	return -((w >> i) & 1);
}

/*
 * MULalpha and DIValpha, clauses 3.4.2 and 3.4.3, are linear: each bit of the octet
 * that is shifted out adds its own word.
 */
static __always_inline u32 mul_alpha(u32 s)
{
	return s << 8 ^
	       (bit_mask(s, 24) & 0xe19fcf13) ^ (bit_mask(s, 25) & 0x6b973726) ^
	       (bit_mask(s, 26) & 0xd6876e4c) ^ (bit_mask(s, 27) & 0x05a7dc98) ^
	       (bit_mask(s, 28) & 0x0ae71199) ^ (bit_mask(s, 29) & 0x1467229b) ^
	       (bit_mask(s, 30) & 0x28ce449f) ^ (bit_mask(s, 31) & 0x50358897);
}

static __always_inline u32 div_alpha(u32 s)
{
	return s >> 8 ^
	       (bit_mask(s, 0) & 0x180f40cd) ^ (bit_mask(s, 1) & 0x301e8033) ^
	       (bit_mask(s, 2) & 0x603ca966) ^ (bit_mask(s, 3) & 0xc078fbcc) ^
	       (bit_mask(s, 4) & 0x29f05f31) ^ (bit_mask(s, 5) & 0x5249be62) ^
	       (bit_mask(s, 6) & 0xa492d5c4) ^ (bit_mask(s, 7) & 0xe18d0321);
}

static __always_inline u32 *stage(struct snow3g *st, u32 i)
{
	return &st->s[(st->pos + i) & 15];
}

/* Clocks the FSM, clause 3.4.6, and returns F. */
static __always_inline u32 clock_fsm(struct snow3g *st)
{
	u32 f = (*stage(st, 15) + st->r[0]) ^ st->r[1];
	u32 r = st->r[1] + (st->r[2] ^ *stage(st, 5));

	st->r[2] = s2(st->r[1]);
	st->r[1] = s1(st->r[0]);
	st->r[0] = r;
	return f;
}

/* Clocks the LFSR, clauses 3.4.4 with F and 3.4.5 with 0. */
static __always_inline void clock_lfsr(struct snow3g *st, u32 f)
{
	u32 *s0 = stage(st, 0);

	*s0 = mul_alpha(*s0) ^ *stage(st, 2) ^ div_alpha(*stage(st, 11)) ^ f;
	st->pos = (st->pos + 1) & 15;
}

static u32 next_word(struct snow3g *st)
{
	u32 z = clock_fsm(st) ^ *stage(st, 0);

	clock_lfsr(st, 0);
	return z;
}

/**
 * snow3g_init() - load key and IV, clause 4.1, and run up to the first word
 * @st: the key stream
 * @key: CK or IK, its first octet that of the standard: k3 is the first word
 * @iv: IV0 to IV3
 *
 * Context: any.
 */
void snow3g_init(struct snow3g *st, const u8 key[SNOW3G_KEY_LEN], const u32 iv[SNOW3G_IV_WORDS])
{
	int i;

	for (i = 0; i < 4; i++) {
		u32 k = prose_load32(key + 4 * (3 - i));

		st->s[i] = ~k;
		st->s[i + 4] = k;
		st->s[i + 8] = ~k;
		st->s[i + 12] = k;
	}
	st->s[15] ^= iv[0];
	st->s[12] ^= iv[1];
	st->s[10] ^= iv[2];
	st->s[9] ^= iv[3];
	st->pos = 0;
	memset(st->r, 0, sizeof(st->r));

	for (i = 0; i < 32; i++)
		clock_lfsr(st, clock_fsm(st));
	/* Clause 4.2: the first output is not used. */
	clock_fsm(st);
	clock_lfsr(st, 0);
}

/**
 * snow3g_words() - the next words of the key stream
 * @st: the key stream
 * @z: where to put them
 * @n: how many
 *
 * Context: any.
 */
void snow3g_words(struct snow3g *st, u32 *z, size_t n)
{
	while (n--)
		*z++ = next_word(st);
}

/**
 * snow3g_crypt() - add the key stream to octets
 * @st: the key stream
 * @dst: where to put the sum
 * @src: the octets; may be @dst
 * @len: how many; unless a multiple of 4, what is left of the last word is lost
 *
 * Context: any.
 */
void snow3g_crypt(struct snow3g *st, u8 *dst, const u8 *src, size_t len)
{
	for (; len >= 4; len -= 4, dst += 4, src += 4)
		prose_store32(dst, prose_load32(src) ^ next_word(st));
	if (len)
		prose_add_rest(dst, src, len, next_word(st));
}
