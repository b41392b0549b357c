// SPDX-License-Identifier: MIT
/* Identifiers of ECCSI and SAKKE: what URIs may be in them, their octets, UIDs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mikey/identifier.h"
#include "mikey_vectors.h"

static void expect(uint8_t scheme, const char *uri, const char *fault)
{
	const char *why = mikey_uri_fault(scheme, uri, strlen(uri));

	if (!why != !fault || (why && !strstr(why, fault)))
		fail_msg("%s: %s, expected %s", uri, why ? why : "well", fault ? fault : "well");
}

static void tel_uris(void **state)
{
	(void)state;
	expect(1, "tel:+447700900123", NULL);
	expect(1, "tel:+1", NULL);
	expect(1, "tel:+123456789012345", NULL);
	expect(1, "tel:+1234567890123456", "1 to 15");
	expect(1, "tel:+", "1 to 15");
	expect(1, "tel:447700900123", "global form");
	expect(1, "Tel:+447700900123", "global form");
	expect(1, "sip:ue1@example.org", "global form");
	expect(1, "tel:+44-7700-900123", "separators");
	expect(1, "tel:+447700900123;ext=1", "separators");
	expect(1, "tel:+44 7700", "separators");
	expect(1, "", "global form");
	assert_non_null(mikey_uri_fault(1, "tel:+44\0", 8));
}

static void other_uris(void **state)
{
	char long_one[MIKEY_URI_MAX + 2] = "urn:a:";

	(void)state;
	expect(240, "urn:prose:ue1", NULL);
	expect(240, "urn:gsma:imei:90420156-025763-0", NULL);
	expect(240, "sip:User@example.org", NULL);
	expect(240, "sip:user@example.org;user=Phone?Subject=A", NULL);
	expect(240, "urn:x:%2F%3A", NULL);
	expect(240, "tel:+447700900123", NULL);
	expect(240, "URN:prose:ue1", "no URI");
	expect(240, "ue1", "no URI");
	expect(240, "urn:", "no URI");
	expect(240, ":x", "no URI");
	expect(240, "1a:x", "no URI");
	expect(240, "", "no URI");
	expect(240, "urn:Prose:ue1", "capital letters");
	expect(240, "sip:user@Example.org", "capital letters");
	expect(240, "sip:Example.org", "capital letters");
	expect(240, "sips:user@exampLe.org;x", "capital letters");
	expect(240, "urn:x:%2f", "capital letters");
	expect(240, "urn:x:%41", "needs none");
	expect(240, "urn:x:%7E", "needs none");
	expect(240, "urn:x:%4", "ends in");
	expect(240, "urn:x:%", "ends in");
	expect(240, "urn:x:%XY", "percent-encoding");
	expect(240, "urn:x:a b", "character");
	expect(240, "urn:x:\xc3\xa9", "character");
	expect(240, "urn:x:\"", "character");
	expect(240, "urn:x:<>", "character");
	assert_non_null(mikey_uri_fault(240, "urn:x:a\0b", 9));
	memset(long_one + 6, 'x', MIKEY_URI_MAX - 6);
	expect(240, long_one, NULL);
	long_one[MIKEY_URI_MAX] = 'x';
	expect(240, long_one, "longer");
	assert_int_equal(mikey_scheme_of("tel:+44", 7), MIKEY_SCHEME_TEL);
	assert_int_equal(mikey_scheme_of("urn:x:y", 7), MIKEY_SCHEME_URI);
}

static void by_month(void **state)
{
	json_t *vectors = mikey_vectors();
	struct octets known = mikey_vector(vectors, "own", "id_initiator");
	struct mikey_month month = { 2011, 4 };
	struct mikey_identifier id;
	char long_one[MIKEY_URI_MAX + 1];

	(void)state;
	assert_int_equal(mikey_identifier("tel:+447700900123", 17, &month, &id), 0);
	assert_int_equal(id.len, known.len);
	assert_memory_equal(id.octets, known.data, known.len);
	json_decref(vectors);
	/* as much as SAKKE takes */
	memset(long_one, 'x', sizeof(long_one));
	assert_int_equal(mikey_identifier(long_one, MIKEY_URI_MAX, &month, &id), 0);
	assert_int_equal(id.len, 127);
	assert_int_equal(id.octets[126], 0);
	assert_int_equal(mikey_identifier(long_one, MIKEY_URI_MAX + 1, &month, &id), -1);
	month = (struct mikey_month){ 10000, 1 };
	assert_int_equal(mikey_identifier("tel:+44", 7, &month, &id), -1);
	month = (struct mikey_month){ 2026, 13 };
	assert_int_equal(mikey_identifier("tel:+44", 7, &month, &id), -1);
	month = (struct mikey_month){ 2026, 0 };
	assert_int_equal(mikey_identifier("tel:+44", 7, &month, &id), -1);
}

static void by_uid(void **state)
{
	json_t *vectors = mikey_vectors(), *of = json_object_get(vectors, "uid"), *known;
	struct mikey_uid_period period = {
		mikey_vector_text(of, "kms_uri", NULL), 2592000, 0, 0,
	};
	uint8_t expected[MIKEY_UID_LEN], uid[MIKEY_UID_LEN];
	const char *number;
	int n = 0;

	(void)state;
	json_object_foreach(json_object_get(of, "numbers"), number, known) {
		period.number = (uint32_t)atoi(number);
		vectors_hex_string(json_string_value(known), expected, sizeof(expected));
		assert_int_equal(mikey_uid(mikey_vector_text(of, "uri", NULL), &period, uid), 0);
		assert_memory_equal(uid, expected, sizeof(uid));
		n++;
	}
	assert_int_equal(n, 2);
	json_decref(vectors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tel_uris),
		cmocka_unit_test(other_uris),
		cmocka_unit_test(by_month),
		cmocka_unit_test(by_uid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
