// SPDX-License-Identifier: MIT
/* Files of communities and keys: there and back, and everything that can be wrong with one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mikey/key_file.h"
#include "mikey_lab.h"

static struct keying_file user_file, community_file, uid_file;
static char why[512];

static struct mikey_key_material material(json_t *of, const char *ssk, const char *pvt,
					  const char *rsk)
{
	struct octets a = mikey_vector(of, ssk, NULL), b = mikey_vector(of, pvt, NULL);
	struct octets c = mikey_vector(of, rsk, NULL);
	struct mikey_key_material m;

	memcpy(m.ssk, a.data, sizeof(m.ssk));
	memcpy(m.pvt, b.data, sizeof(m.pvt));
	memcpy(m.rsk, c.data, sizeof(m.rsk));
	return m;
}

static int load(void **state)
{
	json_t *vectors = mikey_vectors(), *gms;
	struct mikey_community *ours = lab_community(vectors, "own", LAB_KMS);
	struct mikey_community *fielded = lab_community(vectors, "fielded", "kms.example.com");
	struct mikey_month april = { 2011, 4 };
	struct mikey_key_material m;
	struct mikey_user user;

	(void)state;
	m = material(json_object_get(vectors, "own"), "ssk", "pvt", "rsk_initiator");
	assert_int_equal(mikey_user_by_month(LAB_ALICE, &april, &user, why, sizeof(why)), 0);
	assert_int_equal(mikey_key_file_format(ours, &user, &m, &user_file), 0);
	assert_int_equal(mikey_key_file_format(ours, NULL, NULL, &community_file), 0);
	gms = json_object_get(json_object_get(vectors, "fielded"), "gms");
	m = material(gms, "ssk", "pvt", "rsk");
	mikey_user_by_uid(mikey_vector(gms, "uid", NULL).data, &user);
	assert_int_equal(mikey_key_file_format(fielded, &user, &m, &uid_file), 0);
	mikey_community_free(ours);
	mikey_community_free(fielded);
	json_decref(vectors);
	return 0;
}

static int unload(void **state)
{
	(void)state;
	keying_file_free(&user_file);
	keying_file_free(&community_file);
	keying_file_free(&uid_file);
	return 0;
}

static void there_and_back(void **state)
{
	struct mikey_key_file parsed;

	(void)state;
	if (mikey_key_file_parse("a", &user_file, &parsed, why, sizeof(why)))
		fail_msg("%s", why);
	assert_string_equal(parsed.community->kms, LAB_KMS);
	assert_string_equal(parsed.keys->user.uri, LAB_ALICE);
	assert_int_equal(parsed.keys->user.scheme, MIKEY_SCHEME_TEL);
	assert_true(parsed.keys->user.month.year == 2011 && parsed.keys->user.month.month == 4);
	assert_ptr_equal(parsed.keys->community, parsed.community);
	mikey_key_file_free(&parsed);
	assert_int_equal(mikey_key_file_parse("a", &community_file, &parsed, why, sizeof(why)), 0);
	assert_null(parsed.keys);
	mikey_key_file_free(&parsed);
	assert_int_equal(mikey_key_file_parse("a", &uid_file, &parsed, why, sizeof(why)), 0);
	assert_int_equal(parsed.keys->user.scheme, MIKEY_SCHEME_UID);
	mikey_key_file_free(&parsed);
}

/* A community that is there already is shared, by its keys: one of the same name only is not. */
static void shared(void **state)
{
	struct mikey_key_file community, other, keys;
	struct mikey_community *known[2];

	(void)state;
	assert_int_equal(mikey_key_file_parse("a", &community_file, &community, why, sizeof(why)), 0);
	known[0] = community.community;
	assert_int_equal(mikey_key_file_parse_among("a", &user_file, known, 1, &keys, why,
						    sizeof(why)), 0);
	assert_ptr_equal(keys.community, known[0]);
	assert_ptr_equal(keys.keys->community, known[0]);
	assert_true(mikey_community_same(known[0], keys.community));
	mikey_key_file_free(&community);
	assert_string_equal(keys.community->kms, LAB_KMS);	/* the keys have it still */

	assert_int_equal(mikey_key_file_parse("a", &uid_file, &other, why, sizeof(why)), 0);
	strcpy(other.community->kms, LAB_KMS);
	known[0] = other.community;
	known[1] = keys.community;
	assert_false(mikey_community_same(known[0], known[1]));
	assert_int_equal(mikey_key_file_parse_among("a", &community_file, known, 2, &community, why,
						    sizeof(why)), 0);
	assert_ptr_equal(community.community, known[1]);
	mikey_key_file_free(&community);
	assert_int_equal(mikey_key_file_parse_among("a", &community_file, known, 1, &community, why,
						    sizeof(why)), 0);
	assert_ptr_not_equal(community.community, known[0]);
	mikey_key_file_free(&community);
	mikey_key_file_free(&other);
	mikey_key_file_free(&keys);
}

/* As people write: comments, empty lines, tabs, other ends of lines, capital digits. */
static void by_hand(void **state)
{
	struct keying_file file = { malloc(2 * user_file.len + 256), 0 };
	struct mikey_key_file parsed;
	char *at = file.data;

	(void)state;
	assert_non_null(at);
	at = stpcpy(at, "# keys of alice\n\n  # and\r\n\t\n");
	for (size_t i = 0; i < user_file.len; i++) {
		char c = user_file.data[i];

		if (c == '\n')
			at = stpcpy(at, "  # behind it\r\n\t");
		else
			*at++ = c == 'f' && user_file.data[i - 1] != 'o' ? 'F' : c;
	}
	file.len = (size_t)(at - file.data);
	if (mikey_key_file_parse("a", &file, &parsed, why, sizeof(why)))
		fail_msg("%s", why);
	mikey_key_file_free(&parsed);
	keying_file_free(&file);
}

/* The line that begins with a word, in place of which @with stands; NULL: left out. */
static void expect(const struct keying_file *of, const char *word, const char *with,
		   const char *sentence)
{
	char *data = malloc(of->len + 512), *line, *end;
	struct mikey_key_file parsed;
	struct keying_file file;
	size_t len;

	assert_non_null(data);
	memcpy(data, of->data, of->len + 1);
	for (line = data; strncmp(line, word, strlen(word)) || line[strlen(word)] != ' ';)
		line = strchr(line, '\n') + 1;
	end = strchr(line, '\n') + 1;
	len = with ? strlen(with) : 0;
	memmove(line + len, end, strlen(end) + 1);
	if (with)
		memcpy(line, with, len);
	file = (struct keying_file){ malloc(strlen(data) + 1), strlen(data) };
	memcpy(file.data, data, file.len + 1);
	free(data);
	why[0] = 0;
	if (!mikey_key_file_parse("FILE", &file, &parsed, why, sizeof(why)) ||
	    strncmp(why, "FILE: ", 6) || !strstr(why, sentence))
		fail_msg("%s: %s; expected %s", word, why, sentence);
	assert_true(!parsed.keys && !parsed.community);
	keying_file_free(&file);
}

static void refused(void **state)
{
	static const char *const words[] = { "kms", "kpak", "z", "month", "ssk", "pvt", "rsk" };
	char text[600], digits[600];

	(void)state;
	for (size_t i = 0; i < 7; i++) {
		snprintf(text, sizeof(text), "there is no %s in it", words[i]);
		expect(&user_file, words[i], NULL, text);
	}
	expect(&user_file, "identity", NULL, "either an identity or a uid");
	expect(&user_file, "kms", "kms\n", "line 2: kms has to have 1 to 118");
	expect(&user_file, "kms", "kms a b\n", "line 2: there is more than one value");
	expect(&user_file, "kms", "kms \xff\n", "line 2: kms has to have");
	expect(&user_file, "kms", "kms a\nkms a\n", "line 3: kms is there twice");
	expect(&user_file, "kms", "kmss a\n", "line 2: 'kmss' is no word of a key file");
	expect(&user_file, "version", "version 2\n", "line 1: is of version 2; this program knows version 1");
	expect(&user_file, "version", "version 1\nversion 1\n", "line 2: version is there twice");
	expect(&user_file, "ssk", "ssk 00\n", "ssk has 2 digits; it has to have 64");
	memset(digits, '0', sizeof(digits));
	snprintf(text, sizeof(text), "ssk %.63sx\n", digits);
	expect(&user_file, "ssk", text, "digit 64 of ssk is not hexadecimal");
	snprintf(text, sizeof(text), "ssk %.64s\n", digits);
	expect(&user_file, "ssk", text, "signing keys (SSK, PVT) are not those");
	snprintf(text, sizeof(text), "rsk 04%.512s\n", digits);
	expect(&user_file, "rsk", text, "receiver key (RSK) are not those");
	snprintf(text, sizeof(text), "z 04%.512s\n", digits);
	expect(&user_file, "z", text, "public key (Z) is no point");
	expect(&community_file, "z", text, "public key (Z) is no point");
	snprintf(text, sizeof(text), "kpak 04%.128s\n", digits);
	expect(&user_file, "kpak", text, "(KPAK) is no point");
	snprintf(text, sizeof(text), "uid %.64s\n", digits);
	expect(&uid_file, "uid", text, "are not those that KMS");
	expect(&user_file, "month", "month 2011-5\n", "is no month");
	expect(&user_file, "month", "month 2011-13\n", "no month that keys");
	expect(&user_file, "month", "month +011-04\n", "is no month");
	expect(&user_file, "month", "month 2011-+4\n", "is no month");
	expect(&user_file, "month", "month 2011\n", "is no month");
	expect(&user_file, "month", "month 2011-05\n", "are not those that KMS");
	expect(&user_file, "month", "month 2011-044\n", "month has to have 1 to 7");
	expect(&user_file, "identity", "identity tel:123\n", "'tel:123' is no tel URI in global");
	expect(&user_file, "identity", "identity tel:+447700900456\n", "are not those that KMS");
}

/* No cut is taken, except where a line ended that the last one can do without. */
static void truncated(void **state)
{
	struct mikey_key_file parsed;
	struct keying_file file;

	(void)state;
	for (size_t i = 0; i < user_file.len - 1; i++) {
		/* Points are checked at a cost: of each line its beginning, middle and end. */
		if (i % 37 && user_file.data[i] != '\n')
			continue;
		file = (struct keying_file){ malloc(i + 1), i };
		memcpy(file.data, user_file.data, i);
		file.data[i] = 0;
		if (!mikey_key_file_parse("a", &file, &parsed, why, sizeof(why))) {
			/* of the community alone */
			assert_null(parsed.keys);
			assert_true(i >= community_file.len - 1 && i <= community_file.len);
		}
		mikey_key_file_free(&parsed);
		keying_file_free(&file);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back), cmocka_unit_test(shared),
		cmocka_unit_test(by_hand),
		cmocka_unit_test(refused),
		cmocka_unit_test(truncated),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
