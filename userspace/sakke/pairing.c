// SPDX-License-Identifier: MIT
/*
 * The pairing, pairing.h.
 *
 * Miller's loop goes over q - 1 in non-adjacent form. The accumulated point is in Jacobian coordinates,
 * and a line is only known but for a factor in F_p, so nothing is inverted: such factors are gone in
 * the result, which stands for a class modulo F_p. So are the vertical lines, and with them the line
 * of the last addition, q - 1 having become q. On the way the accumulated point is never the point, its
 * opposite or infinity: its multiples are above 1 and below q - 1.
 *
 * A line is a xQ + b + c yQ i at [i](xQ, yQ) = (-xQ, yQ i). Stored ones are divided by c, all at once, so
 * that two values are kept of each and one product is left to do for it.
 *
 * Constant time: the sequence of steps is that of the digits of q - 1, which are public, whatever the
 * points; the rest is fp.c's and fp2.c's.
 */
#include "pairing.h"

#include <stdlib.h>

#include <openssl/crypto.h>

#include "modulus.h"
#include "params.h"

/* The digits of q - 1 below the topmost, and a line for each and one more for each that is not 0. */
#define DIGITS		(PARAMS_Q_BITS - 1)
#define LINES_MAX	(2 * DIGITS)

struct jacobian {
	struct fp x, y, z;
};

/* a xQ + b + c yQ i. */
struct line {
	struct fp a, b, c;
};

/* The same divided by c. */
struct stored {
	struct fp a, b;
};

struct lines {
	size_t n;
	struct stored lines[];
};

/* The lowest first; the topmost is 1. */
static void digits_of_loop(int digits[DIGITS])
{
	limb q[LIMBS + 1] = { 0 }, three[LIMBS + 1], carry = 0;

	for (size_t i = 0; i < LIMBS; i++)
		q[i] = modulus_sakke.m[i];
	/* q is odd. */
	q[0] -= 1;
	for (size_t i = 0; i <= LIMBS; i++)
		three[i] = limb_mul_add(q[i], 3, 0, &carry);
	for (size_t i = 0; i < DIGITS; i++) {
		size_t at = i + 1;

		digits[i] = (int)(three[at / LIMB_BITS] >> at % LIMB_BITS & 1) -
			    (int)(q[at / LIMB_BITS] >> at % LIMB_BITS & 1);
	}
}

/* c = 2c, and the tangent there. */
static void doubling_step(struct jacobian *c, struct line *line)
{
	struct fp zz, yy, alpha, t, s, z;

	fp_sqr(&zz, &c->z);
	fp_sqr(&yy, &c->y);
	fp_sub(&t, &c->x, &zz);
	fp_add(&s, &c->x, &zz);
	fp_mul(&t, &t, &s);
	fp_add(&alpha, &t, &t);
	fp_add(&alpha, &alpha, &t);
	fp_mul(&z, &c->y, &c->z);
	fp_add(&z, &z, &z);

	fp_mul(&line->a, &alpha, &zz);
	fp_mul(&line->b, &alpha, &c->x);
	fp_add(&yy, &yy, &yy);
	fp_sub(&line->b, &line->b, &yy);
	fp_mul(&line->c, &z, &zz);

	/* s = 4 x y^2, x' = alpha^2 - 2s, y' = alpha (s - x') - 8 y^4 */
	fp_mul(&s, &c->x, &yy);
	fp_add(&s, &s, &s);
	fp_sqr(&c->x, &alpha);
	fp_sub(&c->x, &c->x, &s);
	fp_sub(&c->x, &c->x, &s);
	fp_sub(&t, &s, &c->x);
	fp_mul(&c->y, &alpha, &t);
	fp_sqr(&yy, &yy);
	fp_add(&yy, &yy, &yy);
	fp_sub(&c->y, &c->y, &yy);
	c->z = z;
}

/* c = c + r, and the line through both. */
static void addition_step(struct jacobian *c, const struct affine *r, struct line *line)
{
	struct fp zz, h, hh, slope, t, s;

	fp_sqr(&zz, &c->z);
	fp_mul(&h, &r->x, &zz);
	fp_sub(&h, &h, &c->x);
	fp_mul(&zz, &zz, &c->z);
	fp_mul(&slope, &r->y, &zz);
	fp_sub(&slope, &slope, &c->y);
	fp_mul(&c->z, &c->z, &h);

	line->a = slope;
	fp_mul(&line->b, &slope, &r->x);
	fp_mul(&t, &r->y, &c->z);
	fp_sub(&line->b, &line->b, &t);
	line->c = c->z;

	/* x' = slope^2 - h^3 - 2 x h^2, y' = slope (x h^2 - x') - y h^3 */
	fp_sqr(&hh, &h);
	fp_mul(&s, &c->x, &hh);
	fp_mul(&hh, &hh, &h);
	fp_sqr(&c->x, &slope);
	fp_sub(&c->x, &c->x, &hh);
	fp_sub(&c->x, &c->x, &s);
	fp_sub(&c->x, &c->x, &s);
	fp_sub(&t, &s, &c->x);
	fp_mul(&t, &slope, &t);
	fp_mul(&c->y, &c->y, &hh);
	fp_sub(&c->y, &t, &c->y);
}

static void line_at(struct fp2 *value, const struct line *line, const struct affine *q)
{
	fp_mul(&value->re, &line->a, &q->x);
	fp_add(&value->re, &value->re, &line->b);
	fp_mul(&value->im, &line->c, &q->y);
}

static void stored_at(struct fp2 *value, const struct stored *line, const struct affine *q)
{
	fp_mul(&value->re, &line->a, &q->x);
	fp_add(&value->re, &value->re, &line->b);
	value->im = q->y;
}

/* What a loop over a point has under way. All of it is wiped when it ends. */
struct loop {
	struct affine r, opposite;
	struct jacobian c;
	struct line line;
	struct fp2 value;
	int digits[DIGITS];
};

static void loop_begin(struct loop *loop, const struct affine *r)
{
	loop->r = *r;
	loop->opposite.x = r->x;
	fp_sub(&loop->opposite.y, &fp_zero, &r->y);
	loop->c = (struct jacobian){ r->x, r->y, fp_one };
	digits_of_loop(loop->digits);
}

struct lines *lines_new(const struct affine *r)
{
	struct lines *lines = malloc(sizeof(*lines) + LINES_MAX * sizeof(lines->lines[0]));
	struct fp *c = malloc(LINES_MAX * sizeof(*c)), *scratch = malloc(LINES_MAX * sizeof(*scratch));
	struct loop loop;
	size_t n = 0;

	if (!lines || !c || !scratch) {
		free(lines);
		lines = NULL;
		goto out;
	}
	loop_begin(&loop, r);
	for (size_t i = DIGITS; i-- > 0;) {
		for (int step = 0; step < (loop.digits[i] ? 2 : 1); step++, n++) {
			if (!step)
				doubling_step(&loop.c, &loop.line);
			else
				addition_step(&loop.c, loop.digits[i] > 0 ? &loop.r : &loop.opposite,
					      &loop.line);
			lines->lines[n] = (struct stored){ loop.line.a, loop.line.b };
			c[n] = loop.line.c;
		}
	}
	fp_invert_all(c, n, scratch);
	for (size_t i = 0; i < n; i++) {
		fp_mul(&lines->lines[i].a, &lines->lines[i].a, &c[i]);
		fp_mul(&lines->lines[i].b, &lines->lines[i].b, &c[i]);
	}
	lines->n = n;
	OPENSSL_cleanse(&loop, sizeof(loop));
	OPENSSL_cleanse(c, n * sizeof(*c));
	OPENSSL_cleanse(scratch, n * sizeof(*scratch));
out:
	free(c);
	free(scratch);
	return lines;
}

void lines_free(struct lines *lines)
{
	if (!lines)
		return;
	OPENSSL_cleanse(lines->lines, lines->n * sizeof(lines->lines[0]));
	free(lines);
}

void pairing(struct fp2 *w, const struct affine *r, const struct lines *lines, const struct affine *q)
{
	struct loop loop;
	size_t n = 0;

	loop_begin(&loop, r);
	*w = (struct fp2){ fp_one, fp_zero };
	for (size_t i = DIGITS; i-- > 0;) {
		fp2_sqr(w, w);
		for (int step = 0; step < (loop.digits[i] ? 2 : 1); step++) {
			if (lines) {
				stored_at(&loop.value, &lines->lines[n++], q);
			} else {
				if (!step)
					doubling_step(&loop.c, &loop.line);
				else
					addition_step(&loop.c, loop.digits[i] > 0 ? &loop.r : &loop.opposite,
						      &loop.line);
				line_at(&loop.value, &loop.line, q);
			}
			fp2_mul(w, w, &loop.value);
		}
	}
	/* The cofactor, 4. */
	fp2_sqr(w, w);
	fp2_sqr(w, w);
	OPENSSL_cleanse(&loop, sizeof(loop));
}

void pairing_value(struct fp *value, const struct fp2 *w)
{
	fp_invert(value, &w->re);
	fp_mul(value, value, &w->im);
}
