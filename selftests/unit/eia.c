// SPDX-License-Identifier: MIT
/* 128-EIA1 to 128-EIA3 and 128-EEA1 to 128-EEA3 against the shared vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "core/eea.h"
#include "vectors.h"

#define OCTETS_MAX	2100

struct vector {
	uint8_t key[EIA_KEY_LEN];
	struct eia_input input;
	size_t bits, len, out_len;
	uint8_t in[OCTETS_MAX], out[OCTETS_MAX];
};

static void load(json_t *entry, struct vector *v)
{
	uint8_t count[4];

	memset(v, 0, sizeof(*v));
	assert_int_equal(vectors_hex(entry, "key", v->key, sizeof(v->key)), EIA_KEY_LEN);
	assert_int_equal(vectors_hex(entry, "count", count, sizeof(count)), 4);
	v->input.count = (uint32_t)count[0] << 24 | (uint32_t)count[1] << 16 | count[2] << 8 |
			 count[3];
	v->input.bearer = (uint8_t)json_integer_value(json_object_get(entry, "bearer"));
	v->input.direction = (uint8_t)json_integer_value(json_object_get(entry, "direction"));
	v->bits = (size_t)json_integer_value(json_object_get(entry, "length_bits"));
	v->len = vectors_hex(entry, "input", v->in, sizeof(v->in));
	v->out_len = vectors_hex(entry, "output", v->out, sizeof(v->out));
}

/* All whose messages are whole octets, as every PDCP PDU is. Returns how many there are. */
static size_t eia_vectors(const char *name, uint8_t algorithm)
{
	json_t *root = vectors_load(), *entry;
	json_t *list = json_object_get(json_object_get(root, "algorithms"), name);
	size_t i, done = 0;

	json_array_foreach(list, i, entry) {
		struct vector v;
		uint8_t mac[EIA_MAC_LEN];

		load(entry, &v);
		if (v.bits % 8)
			continue;
		/* some are padded to words */
		assert_true(v.len >= v.bits / 8);
		v.len = v.bits / 8;
		/* in every split of header and message up to 16 octets, and as a whole */
		for (size_t cut = 0; cut <= v.len && cut <= 16; cut++) {
			assert_int_equal(eia(algorithm, v.key, &v.input, v.in, cut, v.in + cut,
					     v.len - cut, mac), 0);
			assert_memory_equal(mac, v.out, EIA_MAC_LEN);
		}
		done++;
	}
	json_decref(root);
	return done;
}

/* EIA3 has none; kmod/tests and unit/streams say what it is compared with. */
static void mac_vectors(void **context)
{
	(void)context;
	assert_int_equal(eia_vectors("EIA1", EIA1), 2);
	assert_int_equal(eia_vectors("EIA2", EIA2), 3);
}

/* Returns how many there are. */
static size_t eea_vectors(const char *name, uint8_t algorithm)
{
	json_t *root = vectors_load(), *entry;
	json_t *list = json_object_get(json_object_get(root, "algorithms"), name);
	size_t i, done = 0;

	json_array_foreach(list, i, entry) {
		struct vector v;
		uint8_t out[OCTETS_MAX];
		size_t len;

		load(entry, &v);
		len = (v.bits + 7) / 8;
		assert_true(len <= v.len && len <= v.out_len);
		assert_int_equal(eea(algorithm, v.key, &v.input, v.in, len, out), 0);
		/* bits after the length are zero in the vectors */
		if (v.bits % 8)
			out[len - 1] &= (uint8_t)(0xff << (8 - v.bits % 8));
		assert_memory_equal(out, v.out, len);
		/* in place, and back */
		assert_int_equal(eea(algorithm, v.key, &v.input, v.in, len, v.in), 0);
		if (v.bits % 8)
			v.in[len - 1] &= (uint8_t)(0xff << (8 - v.bits % 8));
		assert_memory_equal(v.in, v.out, len);
		done++;
	}
	json_decref(root);
	return done;
}

static void cipher_vectors(void **context)
{
	(void)context;
	assert_int_equal(eea_vectors("EEA1", EEA1), 11);
	assert_int_equal(eea_vectors("EEA2", EEA2), 6);
	assert_int_equal(eea_vectors("EEA3", EEA3), 5);
}

static void null_cipher(void **context)
{
	const uint8_t key[EIA_KEY_LEN] = { 1 }, in[3] = { 1, 2, 3 };
	const struct eia_input input = { 1, 1, 1 };
	uint8_t out[3] = { 0 };

	(void)context;
	assert_int_equal(eea(EEA0, key, &input, in, sizeof(in), out), 0);
	assert_memory_equal(in, out, sizeof(in));
	assert_true(eea_supported(EEA0) && eea_supported(EEA3));
	assert_false(eea_supported(4));
	assert_int_equal(eea(4, key, &input, in, sizeof(in), out), -1);
}

/* The MAC covers each input. */
static void inputs_matter_to(uint8_t algorithm)
{
	const uint8_t key[EIA_KEY_LEN] = { 1 }, other[EIA_KEY_LEN] = { 2 };
	const struct eia_input input = { 1, 29, 1 };
	const struct eia_input changed[] = { { 2, 29, 1 }, { 1, 30, 1 }, { 1, 29, 0 } };
	const uint8_t header[5] = { 0x40, 1, 2, 0, 1 }, message[3] = { 12, 0, 0 };
	uint8_t mac[EIA_MAC_LEN], got[EIA_MAC_LEN];

	assert_int_equal(eia(algorithm, key, &input, header, 5, message, 3, mac), 0);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(eia(algorithm, key, &changed[i], header, 5, message, 3, got), 0);
		assert_memory_not_equal(mac, got, EIA_MAC_LEN);
	}
	assert_int_equal(eia(algorithm, other, &input, header, 5, message, 3, got), 0);
	assert_memory_not_equal(mac, got, EIA_MAC_LEN);
	assert_int_equal(eia(algorithm, key, &input, header, 4, message, 3, got), 0);
	assert_memory_not_equal(mac, got, EIA_MAC_LEN);
}

static void inputs_matter(void **context)
{
	(void)context;
	for (uint8_t algorithm = EIA1; algorithm <= EIA3; algorithm++)
		inputs_matter_to(algorithm);
}

/* EIA0 is no integrity, and what we cannot compute we do not accept. */
static void refused(void **context)
{
	const uint8_t key[EIA_KEY_LEN] = { 0 };
	const struct eia_input input = { 1, 29, 1 };
	static const uint8_t longest[8188];
	uint8_t mac[EIA_MAC_LEN];

	(void)context;
	assert_int_equal(eia(EIA0, key, &input, NULL, 0, NULL, 0, mac), -1);
	assert_int_equal(eia(4, key, &input, NULL, 0, NULL, 0, mac), -1);
	/* the longest PDU there is, and longer */
	assert_int_equal(eia(EIA1, key, &input, longest, 5, longest, 8188, mac), 0);
	assert_int_equal(eia(EIA3, key, &input, longest, 5, longest, 8188, mac), 0);
	assert_int_equal(eia(EIA1, key, &input, key, 1, key, EIA_MESSAGE_MAX, mac), -1);
	assert_int_equal(eia(EIA3, key, &input, key, EIA_MESSAGE_MAX + 1, NULL, 0, mac), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mac_vectors),
		cmocka_unit_test(cipher_vectors),
		cmocka_unit_test(null_cipher),
		cmocka_unit_test(inputs_matter),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests_name("eia", tests, NULL, NULL);
}
