// SPDX-License-Identifier: MIT
/*
 * The MIKEY codec: messages of others and of our own octet by octet there and back, every
 * truncation, every one-octet change, every rule about which payloads there may be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mikey/key_data.h"
#include "mikey/mikey.h"
#include "mikey_vectors.h"

static const struct {
	const char *name, *within;
} messages[] = {
	{ "psk_sha_1", NULL }, { "psk_sha_256", NULL }, { "group_call", NULL }, { "own", NULL },
	{ "fielded", "gmk" }, { "fielded", "csk" },
};

#define MESSAGES	(sizeof(messages) / sizeof(messages[0]))

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

static struct octets message(size_t n)
{
	json_t *of = json_object_get(vectors, messages[n].name);

	return messages[n].within ? mikey_vector(of, messages[n].within, "message") :
				    mikey_vector(of, "message", NULL);
}

/* In an allocation of its exact size, for AddressSanitizer to guard. */
static int decode_exact(struct mikey_message *m, const uint8_t *data, size_t len,
			struct mikey_error *error, uint8_t **copy)
{
	*copy = malloc(len ? len : 1);
	assert_non_null(*copy);
	memcpy(*copy, data, len);
	return mikey_decode(m, *copy, len, error);
}

static void there_and_back(void **state)
{
	struct mikey_error error;
	struct mikey_message m;
	uint8_t out[MIKEY_TEST_MAX];

	(void)state;
	for (size_t i = 0; i < MESSAGES; i++) {
		struct octets whole = message(i);

		assert_int_equal(mikey_decode(&m, whole.data, whole.len, &error), 0);
		assert_int_equal(mikey_encode(&m, out, sizeof(out), &error), whole.len);
		assert_memory_equal(out, whole.data, whole.len);
		/* not into less */
		assert_int_equal(mikey_encode(&m, out, whole.len - 1, &error), -1);
		assert_string_equal(error.where, "message");
	}
}

static void same(const struct mikey_octets *a, const void *data, size_t len)
{
	assert_int_equal(a->len, len);
	assert_memory_equal(a->data, data, len);
}

/* The message of our own: everything that is in it, read from the facts and not from the codec. */
static void what_is_in_it(void **state)
{
	static const uint8_t order[] = {
		MIKEY_T, MIKEY_RAND, MIKEY_IDR, MIKEY_IDR, MIKEY_SAKKE, MIKEY_SIGN,
	};
	static const uint8_t t[] = { 0xd1, 0x52, 0xb1, 0xc0, 0, 0, 0, 0 };
	struct octets whole = message(3);
	struct mikey_message m;

	(void)state;
	assert_int_equal(mikey_decode(&m, whole.data, whole.len, NULL), 0);
	assert_int_equal(m.data_type, MIKEY_DATA_SAKKE);
	assert_false(m.verify);
	assert_int_equal(m.prf, MIKEY_PRF_SHA_256);
	assert_int_equal(m.csb_id, 0x0df9bc39);
	assert_int_equal(m.n_cs, 0);
	assert_int_equal(m.map_type, MIKEY_MAP_EMPTY);
	assert_int_equal(m.n, sizeof(order));
	for (size_t i = 0; i < m.n; i++)
		assert_int_equal(m.payload[i].payload, order[i]);
	assert_int_equal(m.payload[0].type, MIKEY_TS_NTP_UTC);
	same(&m.payload[0].data, t, sizeof(t));
	assert_int_equal(m.payload[1].data.len, 16);
	same(&mikey_find_role(&m, MIKEY_ROLE_INITIATOR)->data, "tel:+447700900123", 17);
	same(&mikey_find_role(&m, MIKEY_ROLE_RESPONDER)->data, "tel:+447700900456", 17);
	assert_null(mikey_find_role(&m, MIKEY_ROLE_KMS));
	assert_int_equal(m.payload[2].type, MIKEY_ID_URI);
	assert_int_equal(m.payload[4].role, 1);
	assert_int_equal(m.payload[4].type, 1);
	assert_int_equal(m.payload[4].data.len, 273);
	assert_int_equal(m.payload[5].type, MIKEY_SIGN_ECCSI);
	assert_int_equal(m.payload[5].data.len, 129);
	assert_int_equal(mikey_covered(&m.payload[5]), whole.len - 129);
}

/* The one that was in the field: crypto sessions, a policy, extensions. */
static void what_is_in_the_fielded_one(void **state)
{
	struct octets whole = message(4);
	const struct mikey_payload *p;
	struct mikey_message m;
	struct mikey_tlv tlv;
	struct mikey_cs cs;
	size_t at = 0, n = 0;

	(void)state;
	assert_int_equal(mikey_decode(&m, whole.data, whole.len, NULL), 0);
	assert_int_equal(m.n_cs, 1);
	assert_int_equal(m.map_type, MIKEY_MAP_GENERIC);
	assert_int_equal(mikey_cs_next(&m, &at, &cs), 1);
	assert_int_equal(cs.cs_id, 4);
	assert_int_equal(cs.policies.len, 1);
	assert_int_equal(cs.spi.len, 8);
	assert_int_equal(mikey_cs_next(&m, &at, &cs), 0);
	p = mikey_find(&m, MIKEY_SP, 0);
	for (at = 0; mikey_tlv_next(&p->data, &at, &tlv) > 0; n++)
		;
	assert_int_equal(n, 9);
	assert_int_equal(mikey_find_role(&m, MIKEY_ROLE_INITIATOR_UID)->data.len, 32);
	same(&mikey_find_role(&m, MIKEY_ROLE_INITIATOR_KMS)->data, "kms.mydev.streamwide.com", 24);
	p = mikey_find(&m, MIKEY_EXTENSION, 0);
	assert_int_equal(p->type, MIKEY_EXT_3GPP_KEY);
	assert_int_equal(mikey_find(&m, MIKEY_SAKKE, 0)->type, 2);
	assert_null(mikey_find(&m, MIKEY_SP, 1));
}

static void truncated(void **state)
{
	struct mikey_error error;
	struct mikey_message m;
	uint8_t *copy;

	(void)state;
	for (size_t i = 0; i < MESSAGES; i++) {
		struct octets whole = message(i);

		for (size_t len = 0; len < whole.len; len++) {
			error = (struct mikey_error){ 0 };
			assert_int_equal(decode_exact(&m, whole.data, len, &error, &copy), -1);
			assert_true(error.offset <= len && error.where && error.reason);
			free(copy);
		}
		/* and longer by one, which no payload is behind */
		whole.data[whole.len] = 0;
		assert_int_equal(decode_exact(&m, whole.data, whole.len + 1, &error, &copy), -1);
		assert_int_equal(error.offset, whole.len);
		free(copy);
	}
}

/* Refused, or another message: what decodes has one encoding. */
static void each_octet_changed(void **state)
{
	struct mikey_message m;
	uint8_t out[MIKEY_TEST_MAX], *copy;
	size_t refused = 0, taken = 0;

	(void)state;
	for (size_t i = 0; i < MESSAGES; i++) {
		struct octets whole = message(i);

		for (size_t at = 0; at < whole.len; at++) {
			for (unsigned int with = 1; with < 256; with <<= 1) {
				whole.data[at] ^= (uint8_t)with;
				if (decode_exact(&m, whole.data, whole.len, NULL, &copy)) {
					refused++;
				} else {
					taken++;
					assert_int_equal(mikey_encode(&m, out, sizeof(out), NULL),
							 whole.len);
					assert_memory_equal(out, whole.data, whole.len);
				}
				free(copy);
				whole.data[at] ^= (uint8_t)with;
			}
		}
	}
	assert_true(refused > 500 && taken > 500);
}

/* Of all kinds that there are, for the rules about them. */
static const uint8_t zeros[64];

static struct mikey_payload payload(uint8_t what)
{
	struct mikey_payload p = { .payload = what };

	switch (what) {
	case MIKEY_T:
	case MIKEY_TR:
		p.data = (struct mikey_octets){ zeros, 8 };
		break;
	case MIKEY_CHASH:
		p.data = (struct mikey_octets){ zeros, 20 };
		break;
	case MIKEY_V:
		p.type = MIKEY_MAC_SHA_256;
		p.data = (struct mikey_octets){ zeros, 32 };
		break;
	case MIKEY_ERR:
		break;
	case MIKEY_KEMAC:
		p.type = MIKEY_ENCR_AES_CM_128;
		p.mac_alg = MIKEY_MAC_SHA_1;
		p.mac = (struct mikey_octets){ zeros, 20 };
		/* fall through */
	default:
		p.data = (struct mikey_octets){ zeros, 20 };
	}
	return p;
}

static int encode(const struct mikey_message *m, uint8_t *out, struct mikey_error *error)
{
	*error = (struct mikey_error){ 0 };
	return mikey_encode(m, out, MIKEY_TEST_MAX, error);
}

static void every_payload(void **state)
{
	static const uint8_t all[] = {
		MIKEY_T, MIKEY_RAND, MIKEY_ID, MIKEY_IDR, MIKEY_CERT, MIKEY_SP, MIKEY_TR,
		MIKEY_RANDR, MIKEY_ERR, MIKEY_EXTENSION, MIKEY_SAKKE, MIKEY_KEMAC, MIKEY_CHASH,
		MIKEY_PKE, MIKEY_SIGN,
	};
	struct mikey_message m = { .map_type = MIKEY_MAP_EMPTY, .verify = true }, back;
	struct mikey_error error;
	uint8_t out[MIKEY_TEST_MAX];
	int len;

	(void)state;
	for (size_t i = 0; i < sizeof(all); i++)
		m.payload[m.n++] = payload(all[i]);
	m.payload[m.n - 1].type = MIKEY_SIGN_ECCSI;
	m.payload[m.n - 2].type = 2;
	len = encode(&m, out, &error);
	assert_true(len > 0);
	assert_int_equal(mikey_decode(&back, out, (size_t)len, NULL), 0);
	assert_true(back.verify);
	assert_int_equal(back.n, sizeof(all));
	for (size_t i = 0; i < back.n; i++) {
		assert_int_equal(back.payload[i].payload, all[i]);
		assert_int_equal(back.payload[i].type, m.payload[i].type);
		assert_int_equal(back.payload[i].data.len, m.payload[i].data.len);
	}
	assert_int_equal(mikey_covered(&back.payload[11]), back.payload[12].offset - 20);

	/* V instead of SIGN */
	m.payload[m.n - 1] = payload(MIKEY_V);
	len = encode(&m, out, &error);
	assert_int_equal(mikey_decode(&back, out, (size_t)len, NULL), 0);
	assert_int_equal(mikey_covered(&back.payload[back.n - 1]), len - 32);
}

static void expect_refused(const struct mikey_message *m, const char *where, const char *reason)
{
	struct mikey_error error;
	uint8_t out[MIKEY_TEST_MAX];

	assert_int_equal(encode(m, out, &error), -1);
	assert_string_equal(error.where, where);
	assert_non_null(strstr(error.reason, reason));
}

static void once_only(void **state)
{
	static const uint8_t single[] = {
		MIKEY_T, MIKEY_RAND, MIKEY_SAKKE, MIKEY_KEMAC, MIKEY_CHASH, MIKEY_PKE, MIKEY_IDR,
		MIKEY_TR, MIKEY_RANDR,
	};
	struct mikey_message m = { .map_type = MIKEY_MAP_EMPTY, .n = 2 };
	struct mikey_error error;
	uint8_t out[MIKEY_TEST_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(single); i++) {
		m.payload[0] = m.payload[1] = payload(single[i]);
		expect_refused(&m, mikey_payload_name(single[i]), "is there twice");
	}
	/* another role is another payload, another number another policy */
	m.payload[0] = m.payload[1] = payload(MIKEY_IDR);
	m.payload[1].role = 2;
	assert_true(encode(&m, out, &error) > 0);
	m.payload[0] = m.payload[1] = payload(MIKEY_SP);
	expect_refused(&m, "SP", "policy number");
	m.payload[1].role = 1;
	assert_true(encode(&m, out, &error) > 0);
	m.n = 3;
	m.payload[0] = m.payload[1] = m.payload[2] = payload(MIKEY_ID);
	expect_refused(&m, "ID", "three times");
	m.n = 2;
	assert_true(encode(&m, out, &error) > 0);
	/* chains of certificates, lists of errors, extensions */
	m.payload[0] = m.payload[1] = payload(MIKEY_CERT);
	assert_true(encode(&m, out, &error) > 0);
	m.payload[0] = m.payload[1] = payload(MIKEY_ERR);
	assert_true(encode(&m, out, &error) > 0);
	m.n = MIKEY_PAYLOADS_MAX;
	for (size_t i = 0; i < m.n; i++)
		m.payload[i] = payload(MIKEY_EXTENSION);
	assert_true(encode(&m, out, &error) > 0);
	m.n++;
	expect_refused(&m, "message", "too many");
}

/* Octets that no encoder of ours makes: SIGN, or V, and something behind it; and so on. */
static void refused_by_octets(void **state)
{
	static const struct {
		const char *hex, *where, *reason;
		uint8_t number;
	} cases[] = {
		/* version, data type, PRF, map type */
		{ "02000000000000000001", "HDR", "version", 12 },
		{ "010c00000000000000", "HDR", "too early", 12 },
		{ "01070000000000000001", "HDR", "data type", 13 },
		{ "01000002000000000001", "HDR", "PRF", 2 },
		{ "01000000000000000003", "HDR", "map type", 12 },
		/* maps that are shorter than their number of sessions */
		{ "01000000000000000100", "CS ID map", "too early", 12 },
		{ "0100000000000000010001000000000000", "CS ID map", "too early", 12 },
		{ "01000000000000000102000081", "CS ID map", "too early", 12 },
		{ "010000000000000001020000000001", "CS ID map", "too early", 12 },
		{ "01000000000000000102000000000000ff", "message", "behind", 12 },
		/* unknown: nothing is said to be right, nor stepped over */
		{ "01001b0000000000000100", "payload", "not known", 12 },
		{ "0100030000000000000100", "DH", "not known", 12 },
		{ "0100140000000000000100", "Key data", "not known", 12 },
		{ "01000500000000000001000400000000", "T", "not known", 1 },
		{ "010009000000000000010003", "V", "not known", 3 },
		{ "010008000000000000010003", "CHASH", "not known", 5 },
		{ "01000100000000000001000400000000", "KEMAC", "encryption", 4 },
		{ "01000100000000000001000100000300", "KEMAC", "MAC", 3 },
		/* lengths */
		{ "01000b00000000000001000200", "RAND", "too early", 12 },
		{ "0100150000000000000100000001", "General Extension", "too early", 12 },
		{ "01000c0000000000000100000001", "ERR", "reserved", 12 },
		{ "01000a00000000000001000000000101", "SP", "too late", 10 },
		{ "01000a000000000000010000000003010200", "SP", "too late", 10 },
		{ "010015000000000000010003000100", "General Extension", "too late", 12 },
		/* behind SIGN, which cannot say so, and behind V, which can */
		{ "010004000000000000012000" "00", "message", "behind SIGN", 12 },
		{ "01000900000000000001" "0b00" "0000", "RAND", "behind the payload", 12 },
	};
	uint8_t data[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = vectors_hex_string(cases[i].hex, data, sizeof(data));
		struct mikey_error error = { 0 };
		struct mikey_message m;
		uint8_t *copy;

		if (!decode_exact(&m, data, len, &error, &copy) || strcmp(error.where, cases[i].where) ||
		    !strstr(error.reason, cases[i].reason) || error.number != cases[i].number)
			fail_msg("%s: %s %s, error no %u", cases[i].hex, error.where, error.reason,
				 error.number);
		free(copy);
	}
}

/* Extensions, roles, types of identities, policies of another protocol: taken as they are. */
static void unknown_but_delimited(void **state)
{
	static const char *const taken[] = {
		"010015000000000000010063000268690000",	/* see below: the last octet is cut */
		"01000e000000000000010063630002686900",
		"01000a000000000000010001630003630101",
		"0100070000000000000100630001ff",
	};
	struct mikey_message m;
	uint8_t data[64];

	(void)state;
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		size_t len = vectors_hex_string(taken[i], data, sizeof(data));

		if (i < 2)
			len -= i ? 1 : 2;
		assert_int_equal(mikey_decode(&m, data, len, NULL), 0);
		assert_int_equal(m.n, 1);
	}
}

static void not_to_be_encoded(void **state)
{
	struct mikey_message m = { .map_type = MIKEY_MAP_EMPTY, .n = 1 };
	static uint8_t long_one[MIKEY_MAX_LEN + 1];

	(void)state;
	m.payload[0] = payload(MIKEY_DH);
	expect_refused(&m, "payload", "not known");
	m.payload[0] = payload(MIKEY_T);
	m.payload[0].data.len = 4;
	expect_refused(&m, "T", "length");
	m.payload[0] = payload(MIKEY_KEMAC);
	m.payload[0].mac.len = 32;
	expect_refused(&m, "KEMAC", "MAC");
	m.payload[0] = payload(MIKEY_RAND);
	m.payload[0].data = (struct mikey_octets){ long_one, 256 };
	expect_refused(&m, "RAND", "too long");
	m.payload[0] = payload(MIKEY_SIGN);
	m.payload[0].data = (struct mikey_octets){ long_one, 4096 };
	expect_refused(&m, "SIGN", "too long");
	m.payload[0].data.len = 1;
	m.payload[0].type = 16;
	expect_refused(&m, "SIGN", "four bits");
	m.payload[0] = payload(MIKEY_PKE);
	m.payload[0].type = 4;
	expect_refused(&m, "PKE", "two bits");
	m.payload[0] = payload(MIKEY_CERT);
	m.payload[0].data = (struct mikey_octets){ long_one, 65536 };
	expect_refused(&m, "CERT", "too long");
	m.payload[0].data.len = 2000;
	expect_refused(&m, "message", "does not fit");
	m.payload[0] = payload(MIKEY_T);
	m.prf = 0x81;
	expect_refused(&m, "HDR", "seven bits");
	m.prf = 2;
	expect_refused(&m, "HDR", "PRF");
	m.prf = 0;
	m.n_cs = 1;
	m.map_type = MIKEY_MAP_SRTP;
	expect_refused(&m, "CS ID map", "not as many");
	m.map = (struct mikey_octets){ zeros, 18 };
	expect_refused(&m, "CS ID map", "not as many");
	m.map.len = 9;
	m.payload[0].payload = MIKEY_RAND;
	assert_int_equal(encode(&m, (uint8_t[MIKEY_TEST_MAX]){ 0 }, &(struct mikey_error){ 0 }), 29);
	m.map_type = MIKEY_MAP_EMPTY;
	expect_refused(&m, "CS ID map", "not as many");
}

static void srtp_map(void **state)
{
	static const char hex[] = "0100000000000007" "0200" "010000000a00000001" "020000000b00000002";
	struct mikey_message m;
	struct mikey_cs cs;
	uint8_t data[64];
	size_t len = vectors_hex_string(hex, data, sizeof(data)), at = 0;

	(void)state;
	assert_int_equal(mikey_decode(&m, data, len, NULL), 0);
	assert_int_equal(mikey_cs_next(&m, &at, &cs), 1);
	assert_true(cs.cs_id == 1 && cs.policy == 1 && cs.ssrc == 10 && cs.roc == 1);
	assert_int_equal(mikey_cs_next(&m, &at, &cs), 1);
	assert_true(cs.cs_id == 2 && cs.policy == 2 && cs.ssrc == 11 && cs.roc == 2);
	assert_int_equal(mikey_cs_next(&m, &at, &cs), 0);
}

static void key_data(void **state)
{
	static const struct mikey_octets a = { (const uint8_t *)"aaaaaaaaaaaaaaaa", 16 };
	static const struct mikey_octets b = { (const uint8_t *)"bbbbbbbbbbbbbb", 14 };
	static const struct mikey_octets c = { (const uint8_t *)"cccc", 4 };
	static const struct mikey_key_data keys[] = {
		{ .type = MIKEY_TGK, .key = a },
		{ .type = MIKEY_TEK_SALT, .key = a, .salt = b, .validity = MIKEY_KV_SPI, .spi = c },
		{ .type = MIKEY_GTGK, .key = a, .validity = MIKEY_KV_INTERVAL, .from = c, .to = b },
	};
	struct mikey_key_data back[MIKEY_KEYS_MAX], bad;
	struct octets known = mikey_vector(vectors, "psk_sha_1", "key_data");
	uint8_t out[256], *copy;
	int len;

	(void)state;
	/* that of Annex A.4 */
	assert_int_equal(mikey_key_data_decode(&(struct mikey_octets){ known.data, known.len }, back),
			 1);
	assert_int_equal(back[0].type, MIKEY_TGK);
	assert_int_equal(back[0].key.len, 16);
	same(&back[0].spi, "\0\0\0\1", 4);
	assert_int_equal(mikey_key_data_encode(back, 1, out, sizeof(out)), known.len);
	assert_memory_equal(out, known.data, known.len);

	len = mikey_key_data_encode(keys, 3, out, sizeof(out));
	assert_true(len > 0);
	for (int i = 0; i <= len; i++) {
		copy = malloc(i ? (size_t)i : 1);
		memcpy(copy, out, (size_t)i);
		assert_int_equal(mikey_key_data_decode(&(struct mikey_octets){ copy, (size_t)i }, back),
				 i == len ? 3 : -1);
		if (i == len) {
			same(&back[1].salt, b.data, b.len);
			same(&back[2].to, b.data, b.len);
		}
		free(copy);
		if (i < len)
			assert_int_equal(mikey_key_data_encode(keys, 3, out, (size_t)i), -1);
		len = mikey_key_data_encode(keys, 3, out, sizeof(out));
	}
	/* one octet more than there is */
	assert_int_equal(mikey_key_data_decode(&(struct mikey_octets){ out, (size_t)len + 1 }, back), -1);
	/* the chain goes on to something else; a type, a validity, a length of nothing */
	out[0] = MIKEY_T;
	assert_int_equal(mikey_key_data_decode(&(struct mikey_octets){ out, (size_t)len }, back), -1);
	bad = keys[0];
	bad.type = 7;
	assert_int_equal(mikey_key_data_encode(&bad, 1, out, sizeof(out)), -1);
	bad = keys[0];
	bad.validity = 3;
	assert_int_equal(mikey_key_data_encode(&bad, 1, out, sizeof(out)), -1);
	bad = keys[0];
	bad.key.len = 0;
	assert_int_equal(mikey_key_data_encode(&bad, 1, out, sizeof(out)), -1);
	assert_int_equal(mikey_key_data_encode(&bad, 0, out, sizeof(out)), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(what_is_in_it),
		cmocka_unit_test(what_is_in_the_fielded_one),
		cmocka_unit_test(truncated),
		cmocka_unit_test(each_octet_changed),
		cmocka_unit_test(every_payload),
		cmocka_unit_test(once_only),
		cmocka_unit_test(refused_by_octets),
		cmocka_unit_test(unknown_but_delimited),
		cmocka_unit_test(not_to_be_encoded),
		cmocka_unit_test(srtp_map),
		cmocka_unit_test(key_data),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
