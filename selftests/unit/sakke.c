// SPDX-License-Identifier: MIT
/*
 * SAKKE against the vectors of RFC 6508 and 6509 and messages from the field, its arithmetic against
 * OpenSSL's, and all that has to be refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/sha.h>

#include "sakke/extract.h"
#include "sakke/modulus.h"
#include "sakke/pairing.h"
#include "sakke/params.h"
#include "sakke/range.h"
#include "sakke/sakke.h"
#include "sakke/table.h"
#include "vectors.h"

static json_t *root, *rfc;

/* The RFC's community and user. */
static struct sakke_domain *domain;
static struct sakke_key *key;
static uint8_t z_public[SAKKE_POINT_LEN], rsk[SAKKE_POINT_LEN], data[SAKKE_DATA_LEN];
static uint8_t id[64], ssv[SAKKE_SSV_LEN];
static size_t id_len;

/* The field and the curve, by OpenSSL. */
static BN_CTX *ctx;
static BIGNUM *p, *q;
static EC_GROUP *group;

static void hex(json_t *from, const char *name, uint8_t *out, size_t len)
{
	assert_int_equal(vectors_hex(from, name, out, len), len);
}

static void hex_point(const char *x, const char *y, uint8_t out[SAKKE_POINT_LEN])
{
	out[0] = 4;
	hex(rfc, x, out + 1, SAKKE_L);
	hex(rfc, y, out + 1 + SAKKE_L, SAKKE_L);
}

static BIGNUM *hex_number(const char *name)
{
	uint8_t octets[SAKKE_L];

	hex(rfc, name, octets, sizeof(octets));
	return BN_bin2bn(octets, sizeof(octets), NULL);
}

static int setup(void **state)
{
	BIGNUM *a, *b = BN_new();

	(void)state;
	root = vectors_load_file("identity-vectors.json", NULL);
	rfc = json_object_get(root, "sakke");
	hex_point("z_x", "z_y", z_public);
	hex_point("rsk_x", "rsk_y", rsk);
	hex_point("r_x", "r_y", data);
	hex(rfc, "h", data + SAKKE_POINT_LEN, SAKKE_SSV_LEN);
	hex(rfc, "ssv", ssv, sizeof(ssv));
	id_len = vectors_hex(rfc, "id", id, sizeof(id));
	domain = sakke_domain_new(z_public);
	assert_non_null(domain);
	key = sakke_key_new(domain, id, id_len, rsk, true);
	assert_non_null(key);

	ctx = BN_CTX_new();
	p = hex_number("p");
	q = hex_number("q");
	a = BN_dup(p);
	BN_sub_word(a, 3);
	group = EC_GROUP_new_curve_GFp(p, a, b, ctx);
	BN_free(a);
	BN_free(b);
	assert_non_null(group);
	srand(6508);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	EC_GROUP_free(group);
	BN_free(p);
	BN_free(q);
	BN_CTX_free(ctx);
	sakke_key_free(key);
	sakke_domain_free(domain);
	json_decref(root);
	return 0;
}

static BIGNUM *below(const BIGNUM *limit)
{
	uint8_t octets[SAKKE_L];
	BIGNUM *number;

	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)rand();
	number = BN_bin2bn(octets, sizeof(octets), NULL);
	assert_true(BN_mod(number, number, limit, ctx));
	return number;
}

/* --- arithmetic */

static void fp_of(struct fp *r, const BIGNUM *number)
{
	uint8_t octets[FP_LEN];

	assert_int_equal(BN_bn2binpad(number, octets, FP_LEN), FP_LEN);
	assert_int_equal(fp_from_octets(r, octets), 0);
}

static void same_fp(const struct fp *got, const BIGNUM *want)
{
	uint8_t octets[FP_LEN], wanted[FP_LEN];

	fp_to_octets(got, octets);
	assert_int_equal(BN_bn2binpad(want, wanted, FP_LEN), FP_LEN);
	assert_memory_equal(octets, wanted, FP_LEN);
}

/* Those where carries, borrows and halves meet: 0, 1, -1, 2^512 and around, -2^512, and random ones. */
static BIGNUM *operand(int i)
{
	BIGNUM *r = BN_new();

	switch (i) {
	case 0:
		break;
	case 1:
	case 2:
		BN_one(r);
		break;
	case 3:
	case 4:
	case 5:
	case 6:
		BN_set_bit(r, 512);
		break;
	case 7:
		BN_one(r);
		BN_lshift(r, r, 512);
		BN_add_word(r, 1);
		break;
	default:
		BN_free(r);
		return below(p);
	}
	if (i == 2 || i == 4)
		BN_sub(r, p, r);
	if (i == 5)
		BN_sub_word(r, 1);
	if (i == 6)
		BN_add_word(r, 1);
	return r;
}

enum { OPERANDS = 24 };

/* F_p, and sums of products, against OpenSSL's modular arithmetic. */
static void field(void **state)
{
	BIGNUM *want = BN_new();

	(void)state;
	for (int i = 0; i < OPERANDS; i++) {
		for (int j = 0; j < OPERANDS; j++) {
			BIGNUM *x = operand(i), *y = operand(j);
			struct fp a, b, r;
			struct fp_wide s, t;

			fp_of(&a, x);
			fp_of(&b, y);
			BN_mod_add(want, x, y, p, ctx);
			fp_add(&r, &a, &b);
			same_fp(&r, want);
			BN_mod_sub(want, x, y, p, ctx);
			fp_sub(&r, &a, &b);
			same_fp(&r, want);
			BN_mod_mul(want, x, y, p, ctx);
			fp_mul(&r, &a, &b);
			same_fp(&r, want);
			r = a;
			fp_mul(&r, &r, &r);
			BN_mod_sqr(want, x, p, ctx);
			same_fp(&r, want);
			fp_sqr(&r, &a);
			same_fp(&r, want);
			/* a^2 + a b and a^2 - a b */
			fp_wide_sqr(&s, &a);
			fp_wide_mul(&t, &a, &b);
			fp_wide_add(&s, &t);
			fp_reduce(&r, &s);
			BN_mod_add(want, x, y, p, ctx);
			BN_mod_mul(want, want, x, p, ctx);
			same_fp(&r, want);
			fp_wide_sqr(&s, &a);
			fp_wide_sub(&s, &t);
			fp_reduce(&r, &s);
			BN_mod_sub(want, x, y, p, ctx);
			BN_mod_mul(want, want, x, p, ctx);
			same_fp(&r, want);
			assert_int_equal(fp_equal(&a, &b), BN_cmp(x, y) == 0);
			assert_int_equal(fp_is_zero(&a), BN_is_zero(x));
			BN_free(x);
			BN_free(y);
		}
	}
	BN_free(want);
}

static void inverses(void **state)
{
	struct fp values[OPERANDS], kept[OPERANDS], scratch[OPERANDS], product;

	(void)state;
	for (int i = 1; i < OPERANDS; i++) {
		BIGNUM *x = operand(i), *want = BN_mod_inverse(NULL, x, p, ctx);

		fp_of(&values[i], x);
		kept[i] = values[i];
		fp_invert(&product, &values[i]);
		same_fp(&product, want);
		BN_free(x);
		BN_free(want);
	}
	fp_invert_all(values + 1, OPERANDS - 1, scratch);
	for (int i = 1; i < OPERANDS; i++) {
		fp_mul(&product, &values[i], &kept[i]);
		assert_true(fp_equal(&product, &fp_one));
	}
	fp_invert(&product, &fp_zero);
	assert_true(fp_is_zero(&product));
}

/* Both orders, against OpenSSL's; the first factor may be above the modulus. */
static void scalars(void **state)
{
	const struct modulus *both[] = { &modulus_sakke, &modulus_p256 };

	(void)state;
	for (int m = 0; m < 2; m++) {
		size_t n = both[m]->n, len = n * LIMB_LEN;
		uint8_t octets[SAKKE_L], wanted[SAKKE_L];
		BIGNUM *order, *x, *y, *want = BN_new();
		limb a[LIMBS], b[LIMBS], r[LIMBS];

		limbs_to_octets(both[m]->m, n, octets);
		order = BN_bin2bn(octets, (int)len, NULL);
		for (int i = 0; i < 40; i++) {
			for (size_t j = 0; j < len; j++)
				octets[j] = i ? (uint8_t)rand() : 0xff;
			x = BN_bin2bn(octets, (int)len, NULL);
			limbs_from_octets(a, n, octets);
			y = i == 1 ? BN_dup(order) : below(order);
			if (i == 1)
				BN_sub_word(y, 1);
			BN_bn2binpad(y, octets, (int)len);
			assert_int_equal(modulus_from_octets(both[m], b, octets), 0);

			modulus_reduce(both[m], r, a);
			BN_mod(want, x, order, ctx);
			BN_bn2binpad(want, wanted, (int)len);
			limbs_to_octets(r, n, octets);
			assert_memory_equal(octets, wanted, len);
			modulus_add(both[m], r, r, b);
			BN_mod_add(want, want, y, order, ctx);
			BN_bn2binpad(want, wanted, (int)len);
			limbs_to_octets(r, n, octets);
			assert_memory_equal(octets, wanted, len);
			modulus_mul(both[m], r, a, b);
			BN_mod_mul(want, x, y, order, ctx);
			BN_bn2binpad(want, wanted, (int)len);
			limbs_to_octets(r, n, octets);
			assert_memory_equal(octets, wanted, len);
			modulus_invert(both[m], r, b);
			BN_mod_inverse(want, y, order, ctx);
			BN_bn2binpad(want, wanted, (int)len);
			limbs_to_octets(r, n, octets);
			assert_memory_equal(octets, wanted, len);
			BN_free(x);
			BN_free(y);
		}
		/* 1..m-1, and nothing else. */
		BN_bn2binpad(order, octets, (int)len);
		assert_int_equal(modulus_from_octets(both[m], r, octets), -1);
		memset(octets, 0, len);
		assert_int_equal(modulus_from_octets(both[m], r, octets), -1);
		memset(octets, 0xff, len);
		assert_int_equal(modulus_from_octets(both[m], r, octets), -1);
		BN_free(order);
		BN_free(want);
	}
}

/* The digits are odd, and sum up to the scalar. */
static void recoding(void **state)
{
	BIGNUM *want = BN_new(), *sum = BN_new(), *term = BN_new();

	(void)state;
	for (int i = 0; i < 200; i++) {
		struct digit digits[RECODE_DIGITS];
		uint8_t octets[SAKKE_L];
		limb k[LIMBS];

		if (i < 4) {
			BN_set_word(want, (BN_ULONG)i);
		} else if (i < 8) {
			BN_copy(want, q);
			BN_sub_word(want, (BN_ULONG)i - 3);
		} else {
			BN_free(want);
			want = below(q);
		}
		BN_bn2binpad(want, octets, SAKKE_L);
		limbs_from_octets(k, LIMBS, octets);
		recode(digits, k);
		BN_zero(sum);
		for (int j = 0; j < RECODE_DIGITS; j++) {
			assert_in_range(digits[j].index, 0, RECODE_ENTRIES - 1);
			BN_set_word(term, 2 * (BN_ULONG)digits[j].index + 1);
			BN_lshift(term, term, RECODE_WINDOW * j);
			assert_true(!digits[j].negative || digits[j].negative == (limb)-1);
			if (digits[j].negative)
				BN_sub(sum, sum, term);
			else
				BN_add(sum, sum, term);
		}
		BN_nnmod(sum, sum, q, ctx);
		assert_int_equal(BN_cmp(sum, want), 0);
	}
	BN_free(want);
	BN_free(sum);
	BN_free(term);
}

/* --- points */

static EC_POINT *theirs(const struct affine *point)
{
	EC_POINT *r = EC_POINT_new(group);
	uint8_t octets[POINT_LEN];

	point_to_octets(point, octets);
	assert_true(EC_POINT_oct2point(group, r, octets, sizeof(octets), ctx));
	return r;
}

static void same_point(const struct point *got, const EC_POINT *want)
{
	uint8_t octets[POINT_LEN], wanted[POINT_LEN];
	struct affine affine;

	if (EC_POINT_is_at_infinity(group, want)) {
		assert_int_equal(point_to_affine(&affine, got), -1);
		assert_false(fp_is_zero(&got->y));
		return;
	}
	assert_int_equal(point_to_affine(&affine, got), 0);
	point_to_octets(&affine, octets);
	assert_int_equal(EC_POINT_point2oct(group, want, POINT_CONVERSION_UNCOMPRESSED, wanted,
					    sizeof(wanted), ctx), sizeof(wanted));
	assert_memory_equal(octets, wanted, sizeof(octets));
}

static void scalar_of(limb k[LIMBS], const BIGNUM *number)
{
	uint8_t octets[SAKKE_L];

	BN_bn2binpad(number, octets, SAKKE_L);
	limbs_from_octets(k, LIMBS, octets);
}

/* Multiples by both ways, against OpenSSL's, of scalars on the edges and random ones. */
static void multiples(void **state)
{
	struct affine base;
	struct table *table;
	EC_POINT *point, *want = EC_POINT_new(group);

	(void)state;
	assert_int_equal(point_from_octets(&base, rsk), 0);
	table = table_new(&base);
	point = theirs(&base);
	for (int i = 0; i < 14; i++) {
		struct digit digits[RECODE_DIGITS];
		struct point r;
		limb k[LIMBS];
		BIGNUM *scalar = i < 4 || i > 7 ? below(q) : BN_dup(q);

		if (i < 4)
			BN_set_word(scalar, (BN_ULONG)i);
		else if (i < 8)
			BN_sub_word(scalar, (BN_ULONG)i - 3);
		scalar_of(k, scalar);
		assert_true(EC_POINT_mul(group, want, NULL, point, scalar, ctx));
		point_mul(&r, &base, k);
		same_point(&r, want);
		recode(digits, k);
		point_infinity(&r);
		table_mul_add(table, &r, digits);
		same_point(&r, want);
		/* From the same point: a doubling, in the formulas for sums. */
		table_mul_add(table, &r, digits);
		assert_true(EC_POINT_dbl(group, want, want, ctx));
		same_point(&r, want);
		BN_free(scalar);
	}
	free(table);
	EC_POINT_free(point);
	EC_POINT_free(want);
}

/* Sums with infinity, of a point with itself and with its opposite. */
static void sums(void **state)
{
	struct affine base, opposite;
	struct point infinity, a, b, r;
	EC_POINT *point, *want = EC_POINT_new(group);

	(void)state;
	assert_int_equal(point_from_octets(&base, rsk), 0);
	opposite = base;
	fp_negate_if(&opposite.y, (limb)-1);
	point = theirs(&base);
	point_infinity(&infinity);
	point_from_affine(&a, &base);
	point_from_affine(&b, &opposite);
	point_add(&r, &infinity, &infinity);
	EC_POINT_set_to_infinity(group, want);
	same_point(&r, want);
	point_add(&r, &a, &b);
	same_point(&r, want);
	point_add_affine(&r, &a, &opposite);
	same_point(&r, want);
	point_add(&r, &infinity, &a);
	same_point(&r, point);
	point_add(&r, &a, &infinity);
	same_point(&r, point);
	point_add_affine(&r, &infinity, &base);
	same_point(&r, point);
	EC_POINT_dbl(group, want, point, ctx);
	point_add(&r, &a, &a);
	same_point(&r, want);
	point_add_affine(&r, &a, &base);
	same_point(&r, want);
	EC_POINT_free(point);
	EC_POINT_free(want);
}

/* A random point of E of whatever order: x, and one of the roots of x^3 - 3x. */
static EC_POINT *any_point(void)
{
	EC_POINT *point = EC_POINT_new(group);
	int found;

	do {
		BIGNUM *x = below(p);

		found = EC_POINT_set_compressed_coordinates(group, point, x, rand() & 1, ctx);
		BN_free(x);
	} while (!found);
	return point;
}

static void encode(const EC_POINT *point, uint8_t octets[POINT_LEN])
{
	assert_int_equal(EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, octets,
					    POINT_LEN, ctx), POINT_LEN);
}

/* (0, 0), whose order is 2, and one of order 4: q times a random one. */
static EC_POINT *small_point(int order)
{
	EC_POINT *point = EC_POINT_new(group), *twice = EC_POINT_new(group);
	BIGNUM *zero = BN_new();

	if (order == 2) {
		assert_true(EC_POINT_set_affine_coordinates(group, point, zero, zero, ctx));
	} else {
		do {
			EC_POINT *random = any_point();

			assert_true(EC_POINT_mul(group, point, NULL, random, q, ctx));
			EC_POINT_free(random);
			EC_POINT_dbl(group, twice, point, ctx);
		} while (EC_POINT_is_at_infinity(group, twice));
	}
	BN_free(zero);
	EC_POINT_free(twice);
	return point;
}

/* Both coordinates have to fit: with each other, and when points are compared. */
static void coordinates(void **state)
{
	uint8_t octets[POINT_LEN];
	struct affine base, other;
	struct point point;

	(void)state;
	assert_int_equal(point_from_octets(&base, rsk), 0);
	for (size_t i = 0; i < POINT_LEN; i++) {
		memcpy(octets, rsk, sizeof(octets));
		octets[i] ^= 1;
		assert_int_equal(point_from_octets(&other, octets), -1);
	}
	point_from_affine(&point, &base);
	point_add(&point, &point, &point);
	assert_int_equal(point_to_affine(&base, &point), 0);
	assert_int_equal(point_equal(&point, &base), 1);
	other = base;
	fp_negate_if(&other.y, (limb)-1);
	assert_int_equal(point_equal(&point, &other), 0);
	other = base;
	fp_negate_if(&other.x, (limb)-1);
	assert_int_equal(point_equal(&point, &other), 0);
	point_infinity(&point);
	assert_int_equal(point_equal(&point, &base), 0);
}

/* Is the order q? OpenSSL's answer and ours, for points of all subgroups. */
static void orders(void **state)
{
	EC_POINT *product = EC_POINT_new(group);
	uint8_t octets[POINT_LEN];
	struct affine affine;
	int of_order_q = 0;

	(void)state;
	for (int i = 0; i < 12; i++) {
		EC_POINT *point = i == 0 ? small_point(2) : i == 1 ? small_point(4) : any_point();
		limb want;

		/* Every other of the random ones is brought into the subgroup. */
		if (i > 1 && i % 2) {
			EC_POINT_dbl(group, point, point, ctx);
			EC_POINT_dbl(group, point, point, ctx);
		}
		assert_true(EC_POINT_mul(group, product, NULL, point, q, ctx));
		want = (limb)EC_POINT_is_at_infinity(group, product);
		encode(point, octets);
		assert_int_equal(point_from_octets(&affine, octets), 0);
		assert_int_equal(point_has_order_q(&affine), want);
		of_order_q += (int)want;
		EC_POINT_free(point);
	}
	assert_in_range(of_order_q, 5, 11);
	EC_POINT_free(product);
}

/* --- vectors */

/* p, q, P and g are those of RFC 6509, and g = <P,P>. */
static void parameters(void **state)
{
	uint8_t octets[FP_LEN], want[FP_LEN];
	struct lines *lines;
	struct fp value;
	struct fp2 w;

	(void)state;
	limbs_to_octets(modulus_sakke.m, LIMBS, octets);
	hex(rfc, "q", want, sizeof(want));
	assert_memory_equal(octets, want, sizeof(want));
	/* p is the first number that is no element. */
	hex(rfc, "p", want, sizeof(want));
	assert_int_equal(fp_from_octets(&value, want), -1);
	want[FP_LEN - 1] -= 1;
	assert_int_equal(fp_from_octets(&value, want), 0);
	fp_add(&value, &value, &fp_one);
	assert_true(fp_is_zero(&value));
	fp_to_octets(&params_p.x, octets);
	hex(rfc, "p_x", want, sizeof(want));
	assert_memory_equal(octets, want, sizeof(want));
	fp_to_octets(&params_p.y, octets);
	hex(rfc, "p_y", want, sizeof(want));
	assert_memory_equal(octets, want, sizeof(want));
	assert_true(point_has_order_q(&params_p));
	fp_to_octets(&params_g, octets);
	hex(rfc, "g", want, sizeof(want));
	assert_memory_equal(octets, want, sizeof(want));

	pairing(&w, &params_p, NULL, &params_p);
	pairing_value(&value, &w);
	assert_true(fp_equal(&value, &params_g));
	lines = lines_new(&params_p);
	pairing(&w, &params_p, lines, &params_p);
	pairing_value(&value, &w);
	assert_true(fp_equal(&value, &params_g));
	lines_free(lines);
}

/* A, h_i and v_i as the RFC prints them, from SHA-256 alone; r out of them. */
static void hashing(void **state)
{
	json_t *hashes = json_object_get(rfc, "hash"), *values = json_object_get(rfc, "v");
	uint8_t input[128], both[64] = { 0 }, v[32], want[SAKKE_L], octets[SAKKE_L];
	limb r[LIMBS];

	(void)state;
	memcpy(input, ssv, sizeof(ssv));
	memcpy(input + sizeof(ssv), id, id_len);
	SHA256(input, sizeof(ssv) + id_len, both + 32);
	hex(rfc, "a", want, 32);
	assert_memory_equal(both + 32, want, 32);
	assert_int_equal(json_array_size(hashes), 4);
	for (size_t i = 0; i < 4; i++) {
		SHA256(both, 32, v);
		memcpy(both, v, 32);
		SHA256(both, 64, v);
		vectors_hex_string(json_string_value(json_array_get(hashes, i)), want, 32);
		assert_memory_equal(both, want, 32);
		vectors_hex_string(json_string_value(json_array_get(values, i)), want, 32);
		assert_memory_equal(v, want, 32);
	}
	assert_int_equal(range_q(r, ssv, sizeof(ssv), id, id_len), 0);
	limbs_to_octets(r, LIMBS, octets);
	hex(rfc, "r", want, sizeof(want));
	assert_memory_equal(octets, want, sizeof(want));
	/* Too much input is refused, not cut. */
	assert_int_equal(range_q(r, ssv, sizeof(ssv), id, 512), -1);
}

/* g^r, the mask, w = <R, RSK> by both ways. */
static void masking(void **state)
{
	uint8_t want[SAKKE_L], octets[SAKKE_L], mask[16];
	struct powers *powers = powers_new(&params_g);
	struct digit digits[RECODE_DIGITS];
	struct affine point, own;
	struct lines *lines;
	struct fp value;
	limb r[LIMBS];
	struct fp2 w;

	(void)state;
	hex(rfc, "r", want, sizeof(want));
	limbs_from_octets(r, LIMBS, want);
	hex(rfc, "w", want, sizeof(want));
	recode(digits, r);
	powers_raise(powers, &w, digits);
	pairing_value(&value, &w);
	fp_to_octets(&value, octets);
	assert_memory_equal(octets, want, sizeof(want));
	assert_int_equal(range_mask(mask, octets, sizeof(octets)), 0);
	hex(rfc, "mask", want, 16);
	assert_memory_equal(mask, want, 16);

	hex(rfc, "w", want, sizeof(want));
	assert_int_equal(point_from_octets(&point, data), 0);
	assert_int_equal(point_from_octets(&own, rsk), 0);
	lines = lines_new(&own);
	for (int way = 0; way < 3; way++) {
		pairing(&w, way < 2 ? &own : &point, way ? NULL : lines, way < 2 ? &point : &own);
		pairing_value(&value, &w);
		fp_to_octets(&value, octets);
		assert_memory_equal(octets, want, sizeof(want));
	}
	lines_free(lines);
	free(powers);
}

/* The whole of the RFC's example, from z to SSV. */
static void example(void **state)
{
	uint8_t z[SAKKE_SCALAR_LEN], got[SAKKE_DATA_LEN], secret[SAKKE_SSV_LEN];
	struct sakke_key *plain;

	(void)state;
	hex(rfc, "z", z, sizeof(z));
	assert_int_equal(sakke_master_public(z, got), 0);
	assert_memory_equal(got, z_public, sizeof(z_public));
	assert_int_equal(sakke_extract(z, id, id_len, got), 0);
	assert_memory_equal(got, rsk, sizeof(rsk));
	assert_int_equal(sakke_encapsulate(domain, id, id_len, ssv, got), 0);
	assert_memory_equal(got, data, sizeof(data));
	assert_int_equal(sakke_decapsulate(key, data, sizeof(data), secret), 0);
	assert_memory_equal(secret, ssv, sizeof(ssv));
	plain = sakke_key_new(domain, id, id_len, rsk, false);
	assert_non_null(plain);
	memset(secret, 0, sizeof(secret));
	assert_int_equal(sakke_decapsulate(plain, data, sizeof(data), secret), 0);
	assert_memory_equal(secret, ssv, sizeof(ssv));
	sakke_key_free(plain);
}

/* Messages that others' implementations sent. */
static void fielded(void **state)
{
	json_t *given = json_object_get(root, "fielded"), *users = json_object_get(given, "users");
	json_t *messages = json_object_get(given, "messages"), *entry;
	uint8_t octets[SAKKE_POINT_LEN], sent[SAKKE_DATA_LEN], user[32], want[16], got[16];
	struct sakke_domain *their_domain;
	size_t i;

	(void)state;
	hex(given, "z", octets, sizeof(octets));
	their_domain = sakke_domain_new(octets);
	assert_non_null(their_domain);
	assert_int_equal(json_array_size(messages), 2);
	json_array_foreach(messages, i, entry) {
		size_t to = (size_t)json_integer_value(json_object_get(entry, "to"));
		struct sakke_key *user_key;

		hex(json_array_get(users, to), "id", user, sizeof(user));
		hex(json_array_get(users, to), "rsk", octets, sizeof(octets));
		hex(entry, "sakke", sent, sizeof(sent));
		hex(entry, "ssv", want, sizeof(want));
		user_key = sakke_key_new(their_domain, user, sizeof(user), octets, i);
		assert_non_null(user_key);
		assert_int_equal(sakke_decapsulate(user_key, sent, sizeof(sent), got), 0);
		assert_memory_equal(got, want, sizeof(want));
		sakke_key_free(user_key);
		/* Neither is it the other's key. */
		hex(json_array_get(users, !to), "id", user, sizeof(user));
		assert_null(sakke_key_new(their_domain, user, sizeof(user), octets, i));
		assert_null(sakke_key_new(domain, user, sizeof(user), octets, i));
	}
	sakke_domain_free(their_domain);
}

/* A community of its own, identities of all lengths, each way of decapsulation. */
static void round_trips(void **state)
{
	uint8_t z[SAKKE_SCALAR_LEN], public[SAKKE_POINT_LEN], own[SAKKE_POINT_LEN];
	uint8_t sent[SAKKE_DATA_LEN], secret[16], got[16], user[127];
	struct sakke_domain *community;

	(void)state;
	assert_int_equal(sakke_master_make(z, public), 0);
	community = sakke_domain_new(public);
	assert_non_null(community);
	for (int i = 0; i < 4; i++) {
		size_t len = (size_t[]){ 1, 27, 32, 127 }[i];
		struct sakke_key *user_key;

		for (size_t j = 0; j < len; j++)
			user[j] = (uint8_t)(2 + rand() % 250);
		for (size_t j = 0; j < sizeof(secret); j++)
			secret[j] = (uint8_t)rand();
		assert_int_equal(sakke_extract(z, user, len, own), 0);
		user_key = sakke_key_new(community, user, len, own, i % 2);
		assert_non_null(user_key);
		assert_int_equal(sakke_encapsulate(community, user, len, secret, sent), 0);
		assert_int_equal(sakke_decapsulate(user_key, sent, sizeof(sent), got), 0);
		assert_memory_equal(got, secret, sizeof(secret));
		/* To someone else, and of another community. */
		user[0] ^= 1;
		assert_int_equal(sakke_encapsulate(community, user, len, secret, sent), 0);
		assert_int_equal(sakke_decapsulate(user_key, sent, sizeof(sent), got), -1);
		user[0] ^= 1;
		assert_int_equal(sakke_encapsulate(domain, user, len, secret, sent), 0);
		assert_int_equal(sakke_decapsulate(user_key, sent, sizeof(sent), got), -1);
		sakke_key_free(user_key);
	}
	sakke_domain_free(community);
}

/* --- refused */

static bool refused(const uint8_t *octets, size_t len)
{
	uint8_t got[SAKKE_SSV_LEN];
	int rc;

	memset(got, 0x55, sizeof(got));
	rc = sakke_decapsulate(key, octets, len, got);
	if (rc)
		for (size_t i = 0; i < sizeof(got); i++)
			assert_int_equal(got[i], 0);
	return rc == -1;
}

/* Each bit of H, some of R, every length. */
static void changed_data(void **state)
{
	uint8_t changed[SAKKE_DATA_LEN + 1] = { 0 };

	(void)state;
	memcpy(changed, data, sizeof(data));
	for (size_t bit = 0; bit < 8 * sizeof(data); bit += bit < 8 * SAKKE_POINT_LEN ? 1 : 11) {
		changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_true(refused(changed, sizeof(data)));
		changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t len = 0; len <= sizeof(changed); len++)
		assert_int_equal(refused(changed, len), len != sizeof(data));
}

/* @octets = @octets + p, if it still fits. */
static bool add_p(uint8_t octets[SAKKE_L])
{
	BIGNUM *x = BN_bin2bn(octets, SAKKE_L, NULL);
	bool fits;

	BN_add(x, x, p);
	fits = BN_bn2binpad(x, octets, SAKKE_L) == SAKKE_L;
	BN_free(x);
	return fits;
}

/* R with its opposite, of other orders, beside the curve, infinite, and not in its one encoding. */
static void other_points(void **state)
{
	EC_POINT *point = EC_POINT_new(group), *small;
	uint8_t changed[SAKKE_DATA_LEN];
	int not_canonical = 0;

	(void)state;
	memcpy(changed, data, sizeof(data));
	for (int order = 2; order <= 4; order += 2) {
		small = small_point(order);
		encode(small, changed);
		assert_true(refused(changed, sizeof(changed)));
		assert_null(sakke_domain_new(changed));
		assert_null(sakke_key_new(domain, id, id_len, changed, false));
		/* R, Z and RSK, each with a part of small order, which a pairing with it may not see. */
		for (int which = 0; which < 3; which++) {
			const uint8_t *of = which == 0 ? data : which == 1 ? z_public : rsk;

			assert_true(EC_POINT_oct2point(group, point, of, SAKKE_POINT_LEN, ctx));
			assert_true(EC_POINT_add(group, point, point, small, ctx));
			encode(point, changed);
			if (which == 0)
				assert_true(refused(changed, sizeof(changed)));
			else if (which == 1)
				assert_null(sakke_domain_new(changed));
			else
				assert_null(sakke_key_new(domain, id, id_len, changed, order == 2));
		}
		EC_POINT_free(small);
	}
	assert_true(EC_POINT_oct2point(group, point, data, SAKKE_POINT_LEN, ctx));
	assert_true(EC_POINT_invert(group, point, ctx));
	encode(point, changed);
	assert_true(refused(changed, sizeof(changed)));
	EC_POINT_free(point);

	for (int head = 0; head < 256; head++) {
		memcpy(changed, data, sizeof(data));
		changed[0] = (uint8_t)head;
		assert_int_equal(refused(changed, sizeof(changed)), head != 4);
	}
	memset(changed, 0, SAKKE_POINT_LEN);
	assert_true(refused(changed, sizeof(changed)));
	assert_null(sakke_domain_new(changed));
	/* As many coordinates as are small enough to have another encoding, of P's multiples. */
	for (limb i = 1; i < 12; i++) {
		limb k[LIMBS] = { i };
		struct affine affine, again;
		struct point multiple;

		point_mul(&multiple, &params_p, k);
		assert_int_equal(point_to_affine(&affine, &multiple), 0);
		for (int y = 0; y < 2; y++) {
			point_to_octets(&affine, changed);
			assert_int_equal(point_from_octets(&again, changed), 0);
			if (!add_p(changed + 1 + y * SAKKE_L))
				continue;
			not_canonical++;
			assert_int_equal(point_from_octets(&again, changed), -1);
			assert_true(refused(changed, sizeof(changed)));
			assert_null(sakke_domain_new(changed));
			assert_null(sakke_key_new(domain, id, id_len, changed, false));
		}
	}
	assert_in_range(not_canonical, 3, 24);
}

/* A key that is another's, of another community, or the opposite one. */
static void other_keys(void **state)
{
	uint8_t z[SAKKE_SCALAR_LEN] = { 0 }, other[SAKKE_POINT_LEN], user[64];
	EC_POINT *point = EC_POINT_new(group);

	(void)state;
	memcpy(user, id, id_len);
	user[3] ^= 1;
	assert_null(sakke_key_new(domain, user, id_len, rsk, true));
	assert_null(sakke_key_new(domain, id, id_len - 1, rsk, true));
	z[SAKKE_SCALAR_LEN - 1] = 7;
	assert_int_equal(sakke_extract(z, id, id_len, other), 0);
	assert_null(sakke_key_new(domain, id, id_len, other, true));
	assert_true(EC_POINT_oct2point(group, point, rsk, sizeof(rsk), ctx));
	assert_true(EC_POINT_invert(group, point, ctx));
	encode(point, other);
	assert_null(sakke_key_new(domain, id, id_len, other, false));
	EC_POINT_free(point);
	for (size_t i = 0; i < SAKKE_POINT_LEN; i += 16) {
		memcpy(other, rsk, sizeof(other));
		other[i] ^= 1;
		assert_null(sakke_key_new(domain, id, id_len, other, false));
	}
}

/* Identities from 2 to q - 1, master secrets likewise, and not z = -b. */
static void ranges(void **state)
{
	uint8_t octets[SAKKE_SCALAR_LEN + 1] = { 0 }, z[SAKKE_SCALAR_LEN], out[SAKKE_DATA_LEN];
	BIGNUM *number = BN_dup(q);

	(void)state;
	hex(rfc, "z", z, sizeof(z));
	for (int i = -3; i <= 3; i++) {
		bool good = i >= 2;

		/* q - 3 ... q, 1 ... 3 */
		if (i <= 0) {
			BN_copy(number, q);
			BN_sub_word(number, (BN_ULONG)-i);
			good = i < 0;
		} else {
			BN_set_word(number, (BN_ULONG)i);
		}
		BN_bn2binpad(number, octets, SAKKE_SCALAR_LEN);
		assert_int_equal(sakke_encapsulate(domain, octets, SAKKE_SCALAR_LEN, ssv, out),
				 good ? 0 : -1);
		assert_int_equal(sakke_extract(z, octets, SAKKE_SCALAR_LEN, out), good ? 0 : -1);
		assert_int_equal(sakke_master_public(octets, out), good ? 0 : -1);
		assert_int_equal(sakke_extract(octets, id, id_len, out), good ? 0 : -1);
		if (!good) {
			assert_null(sakke_key_new(domain, octets, SAKKE_SCALAR_LEN, rsk, false));
			for (size_t j = 0; j < SAKKE_POINT_LEN; j++)
				assert_int_equal(out[j], 0);
		}
	}
	memset(octets, 0xff, sizeof(octets));
	assert_int_equal(sakke_encapsulate(domain, octets, SAKKE_SCALAR_LEN, ssv, out), -1);
	assert_int_equal(sakke_encapsulate(domain, octets, 0, ssv, out), -1);
	memset(octets, 0, sizeof(octets));
	octets[SAKKE_SCALAR_LEN] = 9;
	assert_int_equal(sakke_encapsulate(domain, octets, sizeof(octets), ssv, out), -1);
	assert_int_equal(sakke_master_public(octets, out), -1);
	/* b = q - z has no key. */
	BN_bin2bn(z, sizeof(z), number);
	BN_sub(number, q, number);
	BN_bn2binpad(number, octets, SAKKE_SCALAR_LEN);
	assert_int_equal(sakke_extract(z, octets, SAKKE_SCALAR_LEN, out), -1);
	assert_int_equal(sakke_encapsulate(domain, octets, SAKKE_SCALAR_LEN, ssv, out), -1);
	assert_null(sakke_key_new(domain, octets, SAKKE_SCALAR_LEN, rsk, true));
	BN_free(number);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(field),
		cmocka_unit_test(inverses),
		cmocka_unit_test(scalars),
		cmocka_unit_test(recoding),
		cmocka_unit_test(multiples),
		cmocka_unit_test(sums),
		cmocka_unit_test(coordinates),
		cmocka_unit_test(orders),
		cmocka_unit_test(parameters),
		cmocka_unit_test(hashing),
		cmocka_unit_test(masking),
		cmocka_unit_test(example),
		cmocka_unit_test(fielded),
		cmocka_unit_test(round_trips),
		cmocka_unit_test(changed_data),
		cmocka_unit_test(other_points),
		cmocka_unit_test(other_keys),
		cmocka_unit_test(ranges),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
