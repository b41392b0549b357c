// SPDX-License-Identifier: MIT
/* The PRF of MIKEY, the keys of a message, and KEMAC: published vectors, and whole messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mikey/kemac.h"
#include "mikey/key_data.h"
#include "mikey/prf.h"
#include "mikey_vectors.h"

static json_t *vectors;

static int load(void **state)
{
	(void)state;
	vectors = mikey_vectors();
	return 0;
}

static int unload(void **state)
{
	(void)state;
	json_decref(vectors);
	return 0;
}

static uint32_t number(const struct octets *octets)
{
	uint32_t value = 0;

	for (size_t i = 0; i < octets->len; i++)
		value = value << 8 | octets->data[i];
	return value;
}

static void published_prf(void **state)
{
	json_t *entry;
	size_t i;

	(void)state;
	json_array_foreach(json_object_get(vectors, "prf"), i, entry) {
		struct octets tgk = mikey_vector(entry, "tgk", NULL);
		struct octets rand = mikey_vector(entry, "rand", NULL);
		struct octets csb = mikey_vector(entry, "csb_id", NULL);
		struct octets cs = mikey_vector(entry, "cs_id", NULL);
		struct octets key = mikey_vector(entry, "out", NULL);
		struct octets salt = mikey_vector(entry, "salt", NULL);
		struct mikey_octets inkey = { tgk.data, tgk.len }, r = { rand.data, rand.len };
		bool tek = !strcmp(mikey_vector_text(entry, "key", NULL), "tek");
		uint8_t out[64];

		assert_int_equal(mikey_derive(MIKEY_PRF_SHA_256,
					      tek ? MIKEY_KEY_TEK : MIKEY_KEY_TEK_ENCR, &inkey,
					      cs.data[0], number(&csb), &r, out, key.len), 0);
		assert_memory_equal(out, key.data, key.len);
		assert_int_equal(mikey_derive(MIKEY_PRF_SHA_256, MIKEY_KEY_TEK_SALT, &inkey,
					      cs.data[0], number(&csb), &r, out, salt.len), 0);
		assert_memory_equal(out, salt.data, salt.len);
	}
	assert_int_equal(i, 4);
}

/* Keys of more than a block are blocks exclusive-or; outputs of one length begin those of another. */
static void prf_by_blocks(void **state)
{
	uint8_t key[40], label[9] = "mikey", whole[100], a[100], b[100];

	(void)state;
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	for (uint8_t prf = MIKEY_PRF_SHA_1; prf <= MIKEY_PRF_SHA_256; prf++) {
		assert_int_equal(mikey_prf(prf, key, 40, label, 9, whole, 100), 0);
		assert_int_equal(mikey_prf(prf, key, 32, label, 9, a, 100), 0);
		assert_int_equal(mikey_prf(prf, key + 32, 8, label, 9, b, 100), 0);
		for (size_t i = 0; i < sizeof(a); i++)
			assert_int_equal(whole[i], a[i] ^ b[i]);
		for (size_t len = 1; len < 100; len++) {
			assert_int_equal(mikey_prf(prf, key, 40, label, 9, a, len), 0);
			assert_memory_equal(a, whole, len);
		}
	}
	memset(a, 1, sizeof(a));
	memset(b, 0, sizeof(b));
	assert_int_equal(mikey_prf(2, key, 40, label, 9, a, 100), -1);
	assert_memory_equal(a, b, 100);
	assert_int_equal(mikey_prf(0, key, 0, label, 9, a, 100), -1);
}

static const char *const psk_messages[] = { "psk_sha_1", "psk_sha_256", "group_call" };

static void whole_messages(void **state)
{
	struct octets psk = mikey_vector(vectors, "psk", NULL);
	struct mikey_octets inkey = { psk.data, psk.len };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		json_t *of = json_object_get(vectors, psk_messages[i]);
		struct octets message = mikey_vector(of, "message", NULL);
		struct octets encr = mikey_vector(of, "encr_key", NULL);
		struct octets auth = mikey_vector(of, "auth_key", NULL);
		struct octets salt = mikey_vector(of, "salt", NULL);
		struct octets known = mikey_vector(of, "key_data", NULL);
		struct octets mac = mikey_vector(of, "mac", NULL);
		struct mikey_key_data keys[MIKEY_KEYS_MAX];
		const struct mikey_payload *kemac;
		struct mikey_kemac_keys derived;
		struct mikey_message m;
		uint8_t clear[64], again[64];

		assert_int_equal(mikey_decode(&m, message.data, message.len, NULL), 0);
		assert_int_equal(mikey_kemac_keys(&m, &inkey, &derived), 0);
		assert_memory_equal(derived.encr, encr.data, encr.len);
		assert_memory_equal(derived.auth, auth.data, auth.len);
		assert_memory_equal(derived.salt, salt.data, salt.len);
		kemac = mikey_find(&m, MIKEY_KEMAC, 0);
		assert_int_equal(kemac->mac.len, mac.len);
		assert_memory_equal(kemac->mac.data, mac.data, mac.len);
		assert_true(mikey_kemac_verify(&m, &derived, message.data));
		assert_int_equal(mikey_kemac_crypt(&m, &derived, &kemac->data, clear), 0);
		assert_int_equal(kemac->data.len, known.len);
		assert_memory_equal(clear, known.data, known.len);
		assert_int_equal(mikey_key_data_decode(&(struct mikey_octets){ clear, known.len }, keys),
				 1);
		/* and encrypted again it is what was in the message */
		assert_int_equal(mikey_kemac_crypt(&m, &derived,
						   &(struct mikey_octets){ clear, known.len }, again),
				 0);
		assert_memory_equal(again, kemac->data.data, known.len);
	}
}

/* Each octet that the MAC covers, and the MAC. */
static void changed_messages(void **state)
{
	struct octets psk = mikey_vector(vectors, "psk", NULL);
	struct mikey_octets inkey = { psk.data, psk.len };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct octets message = mikey_vector(json_object_get(vectors, psk_messages[i]),
						     "message", NULL);
		struct mikey_kemac_keys derived;
		struct mikey_message m;
		size_t end;

		assert_int_equal(mikey_decode(&m, message.data, message.len, NULL), 0);
		end = mikey_covered(mikey_find(&m, MIKEY_KEMAC, 0)) +
		      mikey_find(&m, MIKEY_KEMAC, 0)->mac.len;
		assert_int_equal(end, i == 2 ? message.len - 131 : message.len);
		for (size_t at = 0; at < end; at++) {
			message.data[at] ^= 1;
			if (!mikey_decode(&m, message.data, message.len, NULL) &&
			    !mikey_kemac_keys(&m, &inkey, &derived))
				assert_false(mikey_kemac_verify(&m, &derived, message.data));
			message.data[at] ^= 1;
		}
	}
}

/* No encryption; no MAC, which is never right; AES-CM-256; what is not supported. */
static void other_algorithms(void **state)
{
	static const uint8_t octets[32] = "0123456789abcdef";
	struct mikey_octets inkey = { octets, 16 };
	struct mikey_message m = {
		.prf = MIKEY_PRF_SHA_256, .map_type = MIKEY_MAP_EMPTY, .n = 3, .payload = {
			{ .payload = MIKEY_T, .data = { octets, 8 } },
			{ .payload = MIKEY_RAND, .data = { octets, 16 } },
			{ .payload = MIKEY_KEMAC, .type = MIKEY_ENCR_NULL, .data = { octets, 20 } },
		},
	};
	struct mikey_kemac_keys keys;
	struct mikey_message decoded;
	uint8_t out[256], clear[32], a[32], b[32];
	int len;

	(void)state;
	len = mikey_encode(&m, out, sizeof(out), NULL);
	assert_true(len > 0);
	assert_int_equal(mikey_decode(&decoded, out, (size_t)len, NULL), 0);
	assert_int_equal(mikey_kemac_keys(&decoded, &inkey, &keys), 0);
	assert_int_equal(mikey_kemac_crypt(&decoded, &keys, &m.payload[2].data, clear), 0);
	assert_memory_equal(clear, octets, 20);
	assert_false(mikey_kemac_verify(&decoded, &keys, out));

	m.payload[2].type = MIKEY_ENCR_AES_CM_256;
	assert_int_equal(mikey_kemac_keys(&m, &inkey, &keys), 0);
	assert_int_equal(mikey_kemac_crypt(&m, &keys, &m.payload[2].data, a), 0);
	assert_int_equal(mikey_kemac_crypt(&m, &keys, &(struct mikey_octets){ a, 20 }, b), 0);
	assert_memory_equal(b, octets, 20);
	assert_memory_not_equal(a, octets, 20);
	/* Without T there is no IV; the kinds of T are padded each in its way. */
	m.payload[0] = (struct mikey_payload){ .payload = MIKEY_ID };
	assert_int_equal(mikey_kemac_crypt(&m, &keys, &m.payload[2].data, b), -1);
	m.payload[0] = (struct mikey_payload){ .payload = MIKEY_T, .type = MIKEY_TS_NTP_UTC,
					       .data = { (const uint8_t *)"\1\2\3\4\0\0\0\0", 8 } };
	assert_int_equal(mikey_kemac_crypt(&m, &keys, &m.payload[2].data, a), 0);
	m.payload[0].type = MIKEY_TS_NTP_UTC_32;
	m.payload[0].data.len = 4;
	assert_int_equal(mikey_kemac_crypt(&m, &keys, &m.payload[2].data, b), 0);
	assert_memory_equal(a, b, 20);
	m.payload[0].type = MIKEY_TS_COUNTER;
	assert_int_equal(mikey_kemac_crypt(&m, &keys, &m.payload[2].data, b), 0);
	assert_memory_not_equal(a, b, 20);

	m.payload[2].type = MIKEY_ENCR_AES_KW_128;
	assert_int_equal(mikey_kemac_keys(&m, &inkey, &keys), -1);
	assert_int_equal(mikey_kemac_crypt(&m, &keys, &m.payload[2].data, b), -1);
	m.n = 2;
	assert_int_equal(mikey_kemac_keys(&m, &inkey, &keys), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_prf),
		cmocka_unit_test(prf_by_blocks),
		cmocka_unit_test(whole_messages),
		cmocka_unit_test(changed_messages),
		cmocka_unit_test(other_algorithms),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
