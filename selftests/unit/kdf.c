// SPDX-License-Identifier: MIT
/* The KDF and the key hierarchy against the shared vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "core/constants.h"
#include "core/kdf.h"
#include "vectors.h"

/* Every vector: the KDF over the listed parameters gives the listed output. */
static void vectors(void **context)
{
	json_t *root = vectors_load(), *list = json_object_get(root, "kdf"), *entry;
	size_t i;

	(void)context;
	assert_true(json_array_size(list) >= 9);
	json_array_foreach(list, i, entry) {
		json_t *values = json_object_get(entry, "params");
		struct kdf_param params[KDF_PARAMS_MAX];
		uint8_t value[KDF_PARAMS_MAX][64], key[64], fc[1] = { 0 }, want[KDF_LEN], got[KDF_LEN];
		size_t n = json_array_size(values), key_len;

		assert_in_range(n, 1, KDF_PARAMS_MAX);
		key_len = vectors_hex(entry, "key", key, sizeof(key));
		assert_int_equal(vectors_hex(entry, "fc", fc, 1), 1);
		assert_int_equal(vectors_hex(entry, "output", want, sizeof(want)), KDF_LEN);
		for (size_t p = 0; p < n; p++) {
			params[p].data = value[p];
			params[p].len = (uint16_t)vectors_hex_string(
				json_string_value(json_array_get(values, p)), value[p],
				sizeof(value[p]));
		}
		assert_int_equal(kdf(key, key_len, fc[0], params, n, got), 0);
		assert_memory_equal(got, want, KDF_LEN);
	}
	json_decref(root);
}

/* KD -> KD-sess -> PEK, PIK: spec-facts 6.3, nonces 40..4f and 50..5f, algorithm 2. */
static void hierarchy(void **context)
{
	uint8_t kd[KDF_LEN], nonce_1[16], nonce_2[16], kd_sess[KDF_LEN], want[KDF_LEN];
	uint8_t pek[16], pik[16];

	(void)context;
	for (int i = 0; i < KDF_LEN; i++)
		kd[i] = (uint8_t)(0x20 + i);
	for (int i = 0; i < 16; i++) {
		nonce_1[i] = (uint8_t)(0x40 + i);
		nonce_2[i] = (uint8_t)(0x50 + i);
	}
	assert_int_equal(kdf_kd_sess(kd, nonce_1, nonce_2, kd_sess), 0);
	vectors_hex_string("9021c87dab33c565257d5aadabb254a406eb2189152b4688abd6dccb68b6e309",
			   want, sizeof(want));
	assert_memory_equal(kd_sess, want, KDF_LEN);
	assert_int_equal(kdf_pek(kd_sess, 2, pek), 0);
	vectors_hex_string("c9924d32f5ba12e6e5e8a2bfa2929f20", want, sizeof(want));
	assert_memory_equal(pek, want, 16);
	assert_int_equal(kdf_pik(kd_sess, 2, pik), 0);
	vectors_hex_string("41e7512f2f6ce2a532c6e5c1151e6e05", want, sizeof(want));
	assert_memory_equal(pik, want, 16);
}

static void too_long(void **context)
{
	static const uint8_t big[600];
	struct kdf_param params[KDF_PARAMS_MAX + 1] = { { big, sizeof(big) } };
	uint8_t out[KDF_LEN];
	static const uint8_t zero[KDF_LEN];

	(void)context;
	memset(out, 1, sizeof(out));
	assert_int_equal(kdf(big, 32, 1, params, 1, out), -1);
	assert_memory_equal(out, zero, sizeof(out));
	params[0].len = 1;
	assert_int_equal(kdf(big, 32, 1, params, KDF_PARAMS_MAX + 1, out), -1);
}

/* Function codes differ from each other: two keys never come from one input. */
static void function_codes(void **context)
{
	const int fc[] = { PROSE_FC_KD_SESS, PROSE_FC_ALG_KEY, PROSE_FC_PSK_KD };

	(void)context;
	for (size_t i = 0; i < sizeof(fc) / sizeof(fc[0]); i++)
		for (size_t j = 0; j < i; j++)
			assert_int_not_equal(fc[i], fc[j]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors),
		cmocka_unit_test(hierarchy),
		cmocka_unit_test(too_long),
		cmocka_unit_test(function_codes),
	};

	return cmocka_run_group_tests_name("kdf", tests, NULL, NULL);
}
