// SPDX-License-Identifier: MIT

#include <stdbool.h>

#include "octets.h"
#include "snow3g.h"

struct snow3g {
	uint32_t s[16], r1, r2, r3;
};

static uint8_t sr[256], sq[256];

/* TS 35.216 3.1.1 and 3.1.2. */
static uint8_t mulx(uint8_t v, uint8_t c)
{
	return (uint8_t)(v << 1 ^ (v & 0x80 ? c : 0));
}

static uint8_t mulx_pow(uint8_t v, int i, uint8_t c)
{
	while (i--)
		v = mulx(v, c);
	return v;
}

static uint8_t times(uint8_t a, uint8_t b, uint8_t c)
{
	uint8_t sum = 0;

	for (int i = 0; i < 8; i++)
		if (b & 1 << i)
			sum ^= mulx_pow(a, i, c);
	return sum;
}

static uint8_t power(uint8_t a, int n, uint8_t c)
{
	uint8_t product = 1;

	while (n--)
		product = times(product, a, c);
	return product;
}

/* SR is the S-box of AES, SQ is given by its polynomial: 3.3.1 and 3.3.2. */
static void make_boxes(void)
{
	static const int powers[] = { 1, 9, 13, 15, 33, 41, 45, 47, 49 };

	for (int x = 0; x < 256; x++) {
		uint8_t inverse = power((uint8_t)x, 254, 0x1b), affine = 0x63;

		for (int i = 0; i < 5; i++)
			affine ^= (uint8_t)(inverse << i | inverse >> (8 - i));
		sr[x] = affine;
		sq[x] = 0x25;
		for (size_t i = 0; i < sizeof(powers) / sizeof(powers[0]); i++)
			sq[x] ^= power((uint8_t)x, powers[i], 0x69);
	}
}

static uint32_t substitute(uint32_t w, const uint8_t *box, uint8_t c)
{
	uint8_t b[4], r[4];

	for (int i = 0; i < 4; i++)
		b[i] = box[w >> (24 - 8 * i) & 0xff];
	for (int i = 0; i < 4; i++)
		r[i] = mulx(b[i], c) ^ b[(i + 1) % 4] ^ b[(i + 2) % 4] ^
		       mulx(b[(i + 3) % 4], c) ^ b[(i + 3) % 4];
	return get32(r);
}

/* One octet to a word: the powers of 3.4.2 and 3.4.3. */
static uint32_t four_powers(uint8_t v, int a, int b, int c, int d)
{
	return (uint32_t)mulx_pow(v, a, 0xa9) << 24 | (uint32_t)mulx_pow(v, b, 0xa9) << 16 |
	       (uint32_t)mulx_pow(v, c, 0xa9) << 8 | mulx_pow(v, d, 0xa9);
}

static uint32_t clock_fsm(struct snow3g *st)
{
	uint32_t f = (st->s[15] + st->r1) ^ st->r2;
	uint32_t r = st->r2 + (st->r3 ^ st->s[5]);

	st->r3 = substitute(st->r2, sq, 0x69);
	st->r2 = substitute(st->r1, sr, 0x1b);
	st->r1 = r;
	return f;
}

static void clock_lfsr(struct snow3g *st, uint32_t f)
{
	uint32_t v = st->s[0] << 8 ^ four_powers((uint8_t)(st->s[0] >> 24), 23, 245, 48, 239) ^
		     st->s[2] ^ st->s[11] >> 8 ^
		     four_powers((uint8_t)st->s[11], 16, 39, 6, 64) ^ f;

	for (int i = 0; i < 15; i++)
		st->s[i] = st->s[i + 1];
	st->s[15] = v;
}

static uint32_t next(struct snow3g *st)
{
	uint32_t z = clock_fsm(st) ^ st->s[0];

	clock_lfsr(st, 0);
	return z;
}

static void start(struct snow3g *st, const uint8_t *key, const uint32_t iv[4])
{
	static bool made;

	if (!made)
		make_boxes();
	made = true;

	for (int i = 0; i < 4; i++) {
		uint32_t k = get32(key + 4 * (3 - i));

		st->s[i] = st->s[i + 8] = k ^ 0xffffffff;
		st->s[i + 4] = st->s[i + 12] = k;
	}
	st->s[15] ^= iv[0];
	st->s[12] ^= iv[1];
	st->s[10] ^= iv[2];
	st->s[9] ^= iv[3];
	st->r1 = st->r2 = st->r3 = 0;
	for (int i = 0; i < 32; i++)
		clock_lfsr(st, clock_fsm(st));
	next(st);
}

/* TS 33.401 B.1.2. */
void snow3g_eea1(const struct crypto_input *input, const uint8_t *in, size_t len, uint8_t *out)
{
	uint32_t rest = (uint32_t)input->bearer << 27 | (uint32_t)input->direction << 26;
	const uint32_t iv[4] = { rest, input->count, rest, input->count };
	struct snow3g st;
	uint32_t z = 0;

	start(&st, input->key, iv);
	for (size_t i = 0; i < len; i++) {
		if (i % 4 == 0)
			z = next(&st);
		out[i] = in[i] ^ (uint8_t)(z >> (24 - 8 * (i % 4)));
	}
}

/* MUL of TS 35.215 4.3.3, c = 0x1b. */
static uint64_t multiply(uint64_t v, uint64_t p)
{
	uint64_t sum = 0;

	for (int i = 0; i < 64; i++) {
		if (p >> i & 1)
			sum ^= v;
		v = v << 1 ^ (v >> 63 ? 0x1b : 0);
	}
	return sum;
}

/* TS 33.401 B.2.2, TS 35.215 4.4. */
uint32_t snow3g_eia1(const struct crypto_input *input, const uint8_t *message, size_t len)
{
	uint32_t fresh = (uint32_t)input->bearer << 27, direction = input->direction;
	const uint32_t iv[4] = {
		fresh ^ direction << 15, input->count ^ direction << 31, fresh, input->count,
	};
	uint64_t p, q, eval = 0;
	struct snow3g st;

	start(&st, input->key, iv);
	p = (uint64_t)next(&st) << 32;
	p |= next(&st);
	q = (uint64_t)next(&st) << 32;
	q |= next(&st);
	for (size_t i = 0; i < len; i += 8) {
		uint64_t m = 0;

		for (size_t j = i; j < i + 8; j++)
			m = m << 8 | (j < len ? message[j] : 0);
		eval = multiply(eval ^ m, p);
	}
	eval = multiply(eval ^ 8 * (uint64_t)len, q);
	return (uint32_t)(eval >> 32) ^ next(&st);
}
