// SPDX-License-Identifier: GPL-2.0-only
/* Algorithms through the crypto API, against the published vectors. */

#include <crypto/aes.h>
#include <linux/completion.h>
#include <linux/slab.h>

#include <linux/prose.h>

#include "../algs.h"

#include "suites.h"
#include "vectors-gen.h"

/* Some are of bits that fill no octet. PDCP never has any, so the module does not. */
static unsigned int octets(const struct vector *vector)
{
	return DIV_ROUND_UP(vector->bits, 8);
}

static void mask_unused_bits(u8 *data, u32 bits)
{
	if (bits % 8)
		data[bits / 8] &= 0xff00 >> bits % 8;
}

static void set_algs(struct kunit *test, struct prose_keys *keys, u8 eea, const u8 *pek, u8 eia,
		     const u8 *pik)
{
	KUNIT_ASSERT_EQ(test, prose_keys_set(keys, eea, pek, eia, pik, NULL), 0);
}

static void set_keys(struct kunit *test, struct prose_keys *keys, const u8 *pek, const u8 *pik)
{
	set_algs(test, keys, PROSE_EEA_EEA2, pek, PROSE_EIA_EIA2, pik);
}

struct crypt_wait {
	struct completion done;
	int err;
};

static void crypt_done(void *data, int err)
{
	struct crypt_wait *wait = data;

	if (err == -EINPROGRESS)
		return;
	wait->err = err;
	complete(&wait->done);
}

COMPAT_CRYPTO_DONE(crypt_done)

/* In place, the memory of exactly that length; whichever way the driver ends. */
static int crypt(struct kunit *test, const struct prose_keys *keys, u32 count, u8 bearer,
		 u8 direction, u8 *data, unsigned int len)
{
	struct crypt_wait wait = {};
	struct prose_eea_op *op;
	int err;

	KUNIT_ASSERT_EQ(test, prose_eea_op_get(keys, &op), 0);
	init_completion(&wait.done);
	err = prose_eea_crypt(keys, op, count, bearer, direction, data, len,
			      COMPAT_CRYPTO_DONE_FN(crypt_done), &wait);
	if (err == -EINPROGRESS) {
		wait_for_completion(&wait.done);
		err = wait.err;
	}
	kfree(op);
	return err;
}

static void eea_vectors_hold(struct kunit *test, u8 eea, const struct vector *v, size_t n)
{
	for (; n--; v++) {
		unsigned int len = octets(v);
		struct prose_keys keys;
		u8 *data = kunit_kzalloc(test, len, GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, data);
		set_algs(test, &keys, eea, v->key, PROSE_EIA_EIA2, v->key);

		memcpy(data, v->in, len);
		KUNIT_EXPECT_EQ(test, crypt(test, &keys, v->count, v->bearer, v->direction, data,
					    len), 0);
		mask_unused_bits(data, v->bits);
		KUNIT_EXPECT_EQ_MSG(test, memcmp(data, v->out, len), 0, "%s", v->name);

		/* And back. */
		KUNIT_EXPECT_EQ(test, crypt(test, &keys, v->count, v->bearer, v->direction, data,
					    len), 0);
		mask_unused_bits(data, v->bits);
		KUNIT_EXPECT_EQ_MSG(test, memcmp(data, v->in, len), 0, "%s, back", v->name);
		prose_keys_free(&keys);
	}
}

static void eea1_vectors_hold(struct kunit *test)
{
	eea_vectors_hold(test, PROSE_EEA_EEA1, eea1_vectors, ARRAY_SIZE(eea1_vectors));
}

static void eea2_vectors_hold(struct kunit *test)
{
	eea_vectors_hold(test, PROSE_EEA_EEA2, eea2_vectors, ARRAY_SIZE(eea2_vectors));
}

static void eea3_vectors_hold(struct kunit *test)
{
	eea_vectors_hold(test, PROSE_EEA_EEA3, eea3_vectors, ARRAY_SIZE(eea3_vectors));
}

/* Whatever differs in the input, the key stream is another one. */
static void eea2_depends_on_all(struct kunit *test)
{
	static const u8 pek[PROSE_KEY_LEN] = { 1 }, other[PROSE_KEY_LEN] = { 2 };
	struct prose_keys keys;
	u8 *stream = kunit_kzalloc(test, 7 * 16, GFP_KERNEL);
	int i, j;

	KUNIT_ASSERT_NOT_NULL(test, stream);
	set_keys(test, &keys, pek, pek);
	KUNIT_EXPECT_EQ(test, crypt(test, &keys, 7, 1, 0, stream, 16), 0);
	KUNIT_EXPECT_EQ(test, crypt(test, &keys, 8, 1, 0, stream + 16, 16), 0);
	KUNIT_EXPECT_EQ(test, crypt(test, &keys, 0x10007, 1, 0, stream + 32, 16), 0);
	KUNIT_EXPECT_EQ(test, crypt(test, &keys, 7, 30, 0, stream + 48, 16), 0);
	KUNIT_EXPECT_EQ(test, crypt(test, &keys, 7, 1, 1, stream + 64, 16), 0);
	KUNIT_EXPECT_EQ(test, crypt(test, &keys, 0x01000007, 1, 0, stream + 80, 16), 0);
	prose_keys_free(&keys);
	set_keys(test, &keys, other, pek);
	KUNIT_EXPECT_EQ(test, crypt(test, &keys, 7, 1, 0, stream + 96, 16), 0);
	prose_keys_free(&keys);

	for (i = 0; i < 7; i++) {
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_NE(test, memcmp(stream + 16 * i, stream + 16 * j, 16), 0);
	}
}

/* Multiplication by x in GF(2^128), for the subkeys of CMAC. */
static void gf_double(u8 block[AES_BLOCK_SIZE])
{
	u8 carry = block[0] >> 7;
	int i;

	for (i = 0; i < AES_BLOCK_SIZE - 1; i++)
		block[i] = block[i] << 1 | block[i + 1] >> 7;
	block[i] = block[i] << 1 ^ (carry ? 0x87 : 0);
}

/*
 * CMAC of a message that fills no octet, out of CMAC of one that fills the last block:
 * that one is masked with K1, the other is padded and masked with K2.
 */
static int eia2_bits(struct kunit *test, struct prose_keys *keys, const struct vector *v,
		     u8 mac[PROSE_MAC_I_LEN])
{
	unsigned int len = PROSE_EIA_PREFIX_LEN + octets(v);
	unsigned int full = round_up(len, AES_BLOCK_SIZE);
	u8 *msg = kunit_kzalloc(test, full, GFP_KERNEL);
	u8 k1[AES_BLOCK_SIZE] = {}, k2[AES_BLOCK_SIZE];
	u8 tag[AES_BLOCK_SIZE];
	SHASH_DESC_ON_STACK(desc, keys->eia);
	int i, err;

	KUNIT_ASSERT_NOT_NULL(test, msg);
	prose_eia_prefix(msg, v->count, v->bearer, v->direction);
	memcpy(msg + PROSE_EIA_PREFIX_LEN, v->in, octets(v));
	mask_unused_bits(msg + PROSE_EIA_PREFIX_LEN, v->bits);
	msg[PROSE_EIA_PREFIX_LEN + v->bits / 8] |= 0x80 >> v->bits % 8;

	/* Of an all-zero counter block the key stream is AES of zero. */
	err = crypt(test, keys, 0, 0, 0, k1, sizeof(k1));
	if (err)
		return err;
	gf_double(k1);
	memcpy(k2, k1, sizeof(k2));
	gf_double(k2);
	for (i = 0; i < AES_BLOCK_SIZE; i++)
		msg[full - AES_BLOCK_SIZE + i] ^= k1[i] ^ k2[i];

	desc->tfm = keys->eia;
	err = crypto_shash_init(desc);
	if (!err)
		err = crypto_shash_finup(desc, msg, full, tag);
	memcpy(mac, tag, PROSE_MAC_I_LEN);
	return err;
}

static void eia2_vectors_hold(struct kunit *test)
{
	unsigned int whole = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(eia2_vectors); i++) {
		const struct vector *v = &eia2_vectors[i];
		u8 mac[PROSE_MAC_I_LEN] = {};
		struct prose_keys keys;

		set_keys(test, &keys, v->key, v->key);
		if (v->bits % 8) {
			KUNIT_EXPECT_EQ(test, eia2_bits(test, &keys, v, mac), 0);
		} else {
			u8 *msg = kunit_kzalloc(test, octets(v), GFP_KERNEL);

			KUNIT_ASSERT_NOT_NULL(test, msg);
			memcpy(msg, v->in, octets(v));
			KUNIT_EXPECT_EQ(test, prose_eia_mac(&keys, v->count, v->bearer,
							    v->direction, msg, octets(v), mac), 0);
			whole++;
		}
		KUNIT_EXPECT_EQ_MSG(test, memcmp(mac, v->out, sizeof(mac)), 0, "%s", v->name);
		prose_keys_free(&keys);
	}
	/* Those go through prose_eia_mac(); else it would have been tried with nothing. */
	KUNIT_EXPECT_EQ(test, whole, 3U);
}

static void eia1_vectors_hold(struct kunit *test)
{
	unsigned int whole = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(eia1_vectors); i++) {
		const struct vector *v = &eia1_vectors[i];
		u8 mac[PROSE_MAC_I_LEN] = {};
		struct prose_keys keys;

		if (v->bits % 8)
			continue;
		set_algs(test, &keys, PROSE_EEA_EEA0, v->key, PROSE_EIA_EIA1, v->key);
		KUNIT_EXPECT_EQ(test, prose_eia_mac(&keys, v->count, v->bearer, v->direction,
						    v->in, octets(v), mac), 0);
		KUNIT_EXPECT_EQ_MSG(test, memcmp(mac, v->out, sizeof(mac)), 0, "%s", v->name);
		prose_keys_free(&keys);
		whole++;
	}
	KUNIT_EXPECT_EQ(test, whole, 2U);
}

/*
 * No published vector of 128-EIA3 is of whole octets, but its key stream is that of
 * 128-EEA3 when DIRECTION is 0: T is the sum of that from each bit which is set.
 */
static void eia3_is_its_sum(struct kunit *test)
{
	static const u8 key[PROSE_KEY_LEN] = { 7, 8, 9 };
	struct prose_keys keys;
	u8 msg[61], mac[PROSE_MAC_I_LEN];
	u8 *stream = kunit_kzalloc(test, 80, GFP_KERNEL);
	unsigned int len, bit, i;

	KUNIT_ASSERT_NOT_NULL(test, stream);
	for (i = 0; i < sizeof(msg); i++)
		msg[i] = i * 37 + 11;
	set_algs(test, &keys, PROSE_EEA_EEA3, key, PROSE_EIA_EIA3, key);
	KUNIT_EXPECT_EQ(test, crypt(test, &keys, 0x01020304, 9, 0, stream, 80), 0);

	for (len = 0; len <= sizeof(msg); len++) {
		unsigned int last = (len + 3) / 4 * 4 + 4;
		u8 sum[PROSE_MAC_I_LEN] = {};

		/* The bit after the message counts as set, and the last word is added. */
		for (bit = 0; bit <= 8 * len; bit++) {
			if (bit < 8 * len && !(msg[bit / 8] & 0x80 >> bit % 8))
				continue;
			for (i = 0; i < sizeof(sum); i++)
				sum[i] ^= (stream[bit / 8 + i] << 8 | stream[bit / 8 + i + 1]) <<
					  bit % 8 >> 8;
		}
		for (i = 0; i < sizeof(sum); i++)
			sum[i] ^= stream[last + i];
		KUNIT_EXPECT_EQ(test, prose_eia_mac(&keys, 0x01020304, 9, 0, msg, len, mac), 0);
		KUNIT_EXPECT_EQ_MSG(test, memcmp(mac, sum, sizeof(mac)), 0, "%u octets", len);
	}
	prose_keys_free(&keys);
}

static void what_is_supported(struct kunit *test)
{
	u32 alg;

	for (alg = 0; alg < 16; alg++) {
		KUNIT_EXPECT_EQ(test, prose_eea_supported(alg), alg <= PROSE_EEA_EEA3);
		KUNIT_EXPECT_EQ(test, prose_eia_supported(alg),
				alg >= PROSE_EIA_EIA1 && alg <= PROSE_EIA_EIA3);
	}
}

static void null_integrity_is_refused(struct kunit *test)
{
	static const u8 key[PROSE_KEY_LEN] = { 1 };
	struct prose_keys keys;

	KUNIT_EXPECT_EQ(test, prose_keys_set(&keys, PROSE_EEA_EEA2, key, 0, key, NULL),
			-EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, prose_keys_set(&keys, PROSE_EEA_EEA3 + 1, key, PROSE_EIA_EIA2, key,
					     NULL), -EOPNOTSUPP);
	KUNIT_EXPECT_PTR_EQ(test, keys.eea, NULL);
	KUNIT_EXPECT_PTR_EQ(test, keys.eia, NULL);
	prose_keys_free(&keys);
}

static void null_cipher_has_a_mac(struct kunit *test)
{
	static const u8 key[PROSE_KEY_LEN] = { 1 };
	struct prose_keys keys;
	u8 mac[PROSE_MAC_I_LEN];

	KUNIT_ASSERT_EQ(test, prose_keys_set(&keys, PROSE_EEA_EEA0, key, PROSE_EIA_EIA2, key,
					     NULL), 0);
	KUNIT_EXPECT_PTR_EQ(test, keys.eea, NULL);
	KUNIT_EXPECT_PTR_NE(test, keys.eia, NULL);
	KUNIT_EXPECT_EQ(test, prose_eia_mac(&keys, 1, 1, 0, key, sizeof(key), mac), 0);
	prose_keys_free(&keys);
}

static struct kunit_case prose_algs_cases[] = {
	KUNIT_CASE(what_is_supported),
	KUNIT_CASE(null_integrity_is_refused),
	KUNIT_CASE(null_cipher_has_a_mac),
	KUNIT_CASE(eea1_vectors_hold),
	KUNIT_CASE(eea2_vectors_hold),
	KUNIT_CASE(eea2_depends_on_all),
	KUNIT_CASE(eea3_vectors_hold),
	KUNIT_CASE(eia1_vectors_hold),
	KUNIT_CASE(eia2_vectors_hold),
	KUNIT_CASE(eia3_is_its_sum),
	{}
};

struct kunit_suite prose_algs_suite = {
	.name = "prose_algs",
	.test_cases = prose_algs_cases,
};
