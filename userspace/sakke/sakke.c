// SPDX-License-Identifier: MIT
/*
 * SAKKE, sakke.h.
 *
 * Constant time in SSV, r and RSK: hashes over inputs of public length, scalars by modulus.c, sums of
 * table entries that are chosen under masks (table.c), a pairing whose steps depend on q alone
 * (pairing.c), and inverses that are powers. Nothing needs to be blinded, since no operation takes
 * longer or another way for another value. Decapsulation compares the whole of TEST with the whole of R
 * and looks at the outcome once, at the end.
 *
 * What is secret in a function's frame is wiped there, what the arithmetic left below it by
 * wipe_stack().
 */
#include "sakke.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "modulus.h"
#include "pairing.h"
#include "params.h"
#include "range.h"
#include "table.h"
#include "wipe.h"

struct sakke_domain {
	struct affine z;
	struct table *p_multiples, *z_multiples;
	struct powers *g_powers;
};

struct sakke_key {
	const struct sakke_domain *domain;
	limb b[LIMBS];
	uint8_t id[SAKKE_ID_MAX];
	size_t id_len;
	struct affine rsk;
	struct lines *lines;
};

struct sakke_domain *sakke_domain_new(const uint8_t z_public[SAKKE_POINT_LEN])
{
	struct sakke_domain *domain = calloc(1, sizeof(*domain));

	if (!domain)
		return NULL;
	if (point_from_octets(&domain->z, z_public) || !point_has_order_q(&domain->z))
		goto fail;
	domain->p_multiples = table_new(&params_p);
	domain->z_multiples = table_new(&domain->z);
	domain->g_powers = powers_new(&params_g);
	if (!domain->p_multiples || !domain->z_multiples || !domain->g_powers)
		goto fail;
	return domain;
fail:
	sakke_domain_free(domain);
	return NULL;
}

void sakke_domain_free(struct sakke_domain *domain)
{
	if (!domain)
		return;
	free(domain->p_multiples);
	free(domain->z_multiples);
	free(domain->g_powers);
	free(domain);
}

/* What comes of an SSV: r, and [r]([b]P + Z) = [r b]P + [r]Z. */
struct commitment {
	struct digit r[RECODE_DIGITS], rb[RECODE_DIGITS];
	struct point point;
};

static int commit(struct commitment *c, const struct sakke_domain *domain, const limb *b,
		  const uint8_t *id, size_t id_len, const uint8_t ssv[SAKKE_SSV_LEN])
{
	limb r[LIMBS], rb[LIMBS];

	if (range_q(r, ssv, SAKKE_SSV_LEN, id, id_len))
		return -1;
	modulus_mul(&modulus_sakke, rb, r, b);
	recode(c->r, r);
	recode(c->rb, rb);
	point_infinity(&c->point);
	table_mul_add(domain->p_multiples, &c->point, c->rb);
	table_mul_add(domain->z_multiples, &c->point, c->r);
	OPENSSL_cleanse(r, sizeof(r));
	OPENSSL_cleanse(rb, sizeof(rb));
	return 0;
}

/* out = in xor HashToIntegerRange(w, 2^128). */
static int mask(uint8_t out[SAKKE_SSV_LEN], const uint8_t in[SAKKE_SSV_LEN], const struct fp2 *w)
{
	uint8_t octets[FP_LEN], stream[RANGE_MASK_LEN];
	struct fp value;
	int rc;

	pairing_value(&value, w);
	fp_to_octets(&value, octets);
	rc = range_mask(stream, octets, sizeof(octets));
	for (size_t i = 0; i < SAKKE_SSV_LEN; i++)
		out[i] = in[i] ^ stream[i];
	OPENSSL_cleanse(&value, sizeof(value));
	OPENSSL_cleanse(octets, sizeof(octets));
	OPENSSL_cleanse(stream, sizeof(stream));
	return rc;
}

int sakke_encapsulate(const struct sakke_domain *domain, const uint8_t *id, size_t id_len,
		      const uint8_t ssv[SAKKE_SSV_LEN], uint8_t data[SAKKE_DATA_LEN])
{
	struct commitment c;
	struct affine r;
	struct fp2 w;
	limb b[LIMBS];
	int rc = -1;

	if (!range_identity(b, id, id_len) && !commit(&c, domain, b, id, id_len, ssv) &&
	    !point_to_affine(&r, &c.point)) {
		point_to_octets(&r, data);
		powers_raise(domain->g_powers, &w, c.r);
		rc = mask(data + SAKKE_POINT_LEN, ssv, &w);
	}
	if (rc)
		OPENSSL_cleanse(data, SAKKE_DATA_LEN);
	OPENSSL_cleanse(&c, sizeof(c));
	OPENSSL_cleanse(&w, sizeof(w));
	wipe_stack();
	return rc;
}

/* Whether <[b]P + Z, RSK> = g. */
static bool belongs(const struct sakke_key *key)
{
	struct digit digits[RECODE_DIGITS];
	struct point sum, z;
	struct affine bp;
	struct fp value;
	struct fp2 w;
	bool ret = false;

	recode(digits, key->b);
	point_infinity(&sum);
	table_mul_add(key->domain->p_multiples, &sum, digits);
	point_from_affine(&z, &key->domain->z);
	point_add(&sum, &sum, &z);
	if (!point_to_affine(&bp, &sum)) {
		pairing(&w, &key->rsk, key->lines, &bp);
		pairing_value(&value, &w);
		ret = fp_equal(&value, &params_g);
	}
	OPENSSL_cleanse(&w, sizeof(w));
	OPENSSL_cleanse(&value, sizeof(value));
	return ret;
}

struct sakke_key *sakke_key_new(const struct sakke_domain *domain, const uint8_t *id, size_t id_len,
				const uint8_t rsk[SAKKE_POINT_LEN], bool stored)
{
	struct sakke_key *key = calloc(1, sizeof(*key));

	if (!key)
		return NULL;
	key->domain = domain;
	if (range_identity(key->b, id, id_len) || point_from_octets(&key->rsk, rsk) ||
	    !point_has_order_q(&key->rsk))
		goto fail;
	memcpy(key->id, id, id_len);
	key->id_len = id_len;
	if (stored) {
		key->lines = lines_new(&key->rsk);
		if (!key->lines)
			goto fail;
	}
	if (!belongs(key))
		goto fail;
	wipe_stack();
	return key;
fail:
	sakke_key_free(key);
	wipe_stack();
	return NULL;
}

void sakke_key_free(struct sakke_key *key)
{
	if (!key)
		return;
	lines_free(key->lines);
	OPENSSL_clear_free(key, sizeof(*key));
}

int sakke_decapsulate(const struct sakke_key *key, const uint8_t *data, size_t len,
		      uint8_t ssv[SAKKE_SSV_LEN])
{
	struct commitment c;
	struct affine r;
	struct fp2 w;
	limb same = 0;

	/* Off the curve the pairing would tell of RSK, and everyone can see that it is off the curve. */
	if (len != SAKKE_DATA_LEN || point_from_octets(&r, data)) {
		OPENSSL_cleanse(ssv, SAKKE_SSV_LEN);
		return -1;
	}
	pairing(&w, &key->rsk, key->lines, &r);
	if (!mask(ssv, data + SAKKE_POINT_LEN, &w) &&
	    !commit(&c, key->domain, key->b, key->id, key->id_len, ssv))
		same = point_equal(&c.point, &r);
	/* Not even the last steps tell whether it is the same. */
	for (size_t i = 0; i < SAKKE_SSV_LEN; i++)
		ssv[i] &= (uint8_t)limb_mask(same);
	OPENSSL_cleanse(&c, sizeof(c));
	OPENSSL_cleanse(&w, sizeof(w));
	wipe_stack();
	return (int)same - 1;
}
