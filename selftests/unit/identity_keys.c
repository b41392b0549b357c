// SPDX-License-Identifier: MIT
/* What a UE has from its KMS: files of keys and deny lists, sealed or not, and all that can be wrong. */
#include "keying_lab.h"

#include <openssl/crypto.h>

#include "keying/identity/deny.h"
#include "keying/identity/keys.h"
#include "keying/sealed_file.h"
#include "mikey/key_file.h"
#include "sakke/extract.h"

#define ALICE	"tel:+447700900123"
#define BOB	"sip:bob@example.org"

/* Two KMSs, the second of which calls itself as the first one in one of the tests. */
struct kms {
	uint8_t ksak[ECCSI_SCALAR_LEN], z[SAKKE_SCALAR_LEN];
	struct mikey_community *community;
	char path[PATH_MAX];
};

static struct kms ours, other;
static struct identity_trust trust;
static char why[512];

static const struct mikey_month november = { 2026, 11 }, december = { 2026, 12 };

static void make_kms(struct kms *kms, const char *name, const char *file_name)
{
	uint8_t kpak[ECCSI_POINT_LEN], z[SAKKE_POINT_LEN];
	struct keying_file file;

	assert_int_equal(eccsi_master_make(kms->ksak, kpak), 0);
	assert_int_equal(sakke_master_make(kms->z, z), 0);
	kms->community = mikey_community_new(name, kpak, z, why, sizeof(why));
	assert_non_null(kms->community);
	assert_int_equal(mikey_key_file_format(kms->community, NULL, NULL, &file), 0);
	strcpy(kms->path, lab_write(lab_path("%s", file_name), file.data, 0644));
	keying_file_free(&file);
}

/* Keys of an identity and a month, as text behind what is in @file. */
static void add(struct keying_file *file, const struct kms *kms, const char *uri,
		const struct mikey_month *month)
{
	struct mikey_key_material material;
	struct keying_file part;
	struct mikey_user user;

	assert_int_equal(mikey_user_by_month(uri, month, &user, why, sizeof(why)), 0);
	assert_int_equal(eccsi_extract(kms->ksak, user.id.octets, user.id.len, NULL, material.ssk,
				       material.pvt), 0);
	assert_int_equal(sakke_extract(kms->z, user.id.octets, user.id.len, material.rsk), 0);
	assert_int_equal(mikey_key_file_format(kms->community, &user, &material, &part), 0);
	file->data = realloc(file->data, file->len + part.len + 1);
	assert_non_null(file->data);
	memcpy(file->data + file->len, part.data, part.len + 1);
	file->len += part.len;
	keying_file_free(&part);
}

static int setup(void **state)
{
	if (lab_setup(state))
		return -1;
	make_kms(&ours, "kms.example.org", "ours");
	make_kms(&other, "kms.example.com", "other");
	if (identity_trust_add(&trust, ours.path, why, sizeof(why)))
		fail_msg("%s", why);
	return 0;
}

static int teardown(void **state)
{
	identity_trust_free(&trust);
	mikey_community_free(ours.community);
	mikey_community_free(other.community);
	return lab_teardown(state);
}

static void refused(const struct keying_file *file, const char *sentence)
{
	why[0] = 0;
	if (identity_keys_parse("FILE", file, &trust, why, sizeof(why)))
		fail_msg("taken; expected: %s", sentence);
	if (strncmp(why, "FILE: ", 6) || !strstr(why, sentence))
		fail_msg("'%s'; expected: %s", why, sentence);
}

static void months_in_one_file(void **state)
{
	struct keying_file file = { 0 };
	struct identity_keys *keys;
	const struct mikey_keys *one;

	(void)state;
	add(&file, &ours, ALICE, &december);
	add(&file, &ours, BOB, &november);
	add(&file, &ours, ALICE, &november);
	keys = identity_keys_load(lab_write(lab_path("a.keys"), file.data, 0600), NULL, &trust, why,
				  sizeof(why));
	if (!keys)
		fail_msg("%s", why);
	assert_int_equal(identity_keys_count(keys), 3);
	one = identity_keys_find(keys, "kms.example.org", ALICE, &december);
	assert_non_null(one);
	assert_string_equal(one->user.uri, ALICE);
	assert_int_equal(one->user.month.month, 12);
	/* By identity, then by month. */
	assert_string_equal(identity_keys_at(keys, 0)->user.uri, BOB);
	assert_int_equal(identity_keys_at(keys, 1)->user.month.month, 11);
	assert_null(identity_keys_at(keys, 3));
	assert_null(identity_keys_find(keys, NULL, BOB, &december));
	assert_null(identity_keys_find(keys, "kms.example.com", ALICE, &december));
	assert_non_null(identity_keys_find(keys, NULL, NULL, &november));
	identity_keys_free(keys);
	add(&file, &ours, ALICE, &december);
	refused(&file, "twice");
	keying_file_free(&file);
}

static void rights(void **state)
{
	struct keying_file file = { 0 };
	const char *path;

	(void)state;
	add(&file, &ours, ALICE, &november);
	path = lab_write(lab_path("b.keys"), file.data, 0640);
	assert_null(identity_keys_load(path, NULL, &trust, why, sizeof(why)));
	lab_contains(why, "chmod 600");
	keying_file_free(&file);
}

static void other_community(void **state)
{
	struct keying_file file = { 0 };
	struct kms false_one;

	(void)state;
	add(&file, &other, ALICE, &november);
	refused(&file, "of KMS kms.example.com, which is not trusted here");
	keying_file_free(&file);
	/* Its keys are good by the parameters that come with them. */
	make_kms(&false_one, "kms.example.org", "false");
	add(&file, &false_one, ALICE, &november);
	refused(&file, "calls itself kms.example.org and has other public parameters");
	keying_file_free(&file);
	assert_int_equal(identity_trust_add(&trust, false_one.path, why, sizeof(why)), -1);
	lab_contains(why, "one of the two is not its");
	assert_int_equal(identity_trust_add(&trust, ours.path, why, sizeof(why)), -1);
	lab_contains(why, "trusted already");
	assert_int_equal(trust.n, 1);
	mikey_community_free(false_one.community);
}

static void several_communities(void **state)
{
	struct keying_file file = { 0 };
	struct identity_trust both = { 0 };
	struct identity_keys *keys;

	(void)state;
	assert_int_equal(identity_trust_add(&both, ours.path, why, sizeof(why)), 0);
	assert_int_equal(identity_trust_add(&both, other.path, why, sizeof(why)), 0);
	add(&file, &ours, ALICE, &november);
	add(&file, &other, ALICE, &november);
	keys = identity_keys_parse("FILE", &file, &both, why, sizeof(why));
	if (!keys)
		fail_msg("%s", why);
	assert_string_equal(identity_keys_find(keys, "kms.example.com", ALICE, &november)
				    ->community->kms, "kms.example.com");
	identity_keys_free(keys);
	/* A file of keys is no file of public parameters. */
	assert_int_equal(identity_trust_add(&both, lab_write(lab_path("c.keys"), file.data, 0600),
					    why, sizeof(why)), -1);
	identity_trust_free(&both);
	keying_file_free(&file);
}

/* Public parameters alone, no file at all, and a line number that counts from the top of the whole. */
static void not_keys(void **state)
{
	struct keying_file file = { 0 }, empty = { strdup("# nothing\n\n"), 11 };
	char *second;

	(void)state;
	refused(&empty, "is empty");
	keying_file_free(&empty);
	assert_int_equal(mikey_key_file_format(ours.community, NULL, NULL, &file), 0);
	refused(&file, "public parameters only");
	keying_file_free(&file);
	add(&file, &ours, ALICE, &november);
	add(&file, &ours, ALICE, &december);
	second = strstr(strstr(file.data, "month ") + 1, "month ");
	memcpy(second, "mouth", 5);
	refused(&file, "line 15: 'mouth'");
	memcpy(second, "month", 5);
	memcpy(file.data, "version 2", 9);
	refused(&file, "line 1: is of version 2; this program knows version 1");
	keying_file_free(&file);
}

/* Another digit in any of the keys, another month, another name: they are not that identity's. */
static void not_theirs(void **state)
{
	static const char *const words[] = { "\nssk ", "\npvt ", "\nrsk ", "\nkpak ", "\nz " };
	struct keying_file file = { 0 };
	char *at;

	(void)state;
	add(&file, &ours, ALICE, &november);
	for (size_t i = 0; i < 5; i++) {
		at = strchr(strstr(file.data, words[i]), ' ') + 20;
		*at ^= 1;
		why[0] = 0;
		assert_null(identity_keys_parse("FILE", &file, &trust, why, sizeof(why)));
		lab_contains(why, "FILE: ");
		*at ^= 1;
	}
	at = strstr(file.data, "2026-11");
	memcpy(at, "2026-12", 7);
	refused(&file, "are not those that KMS kms.example.org makes");
	memcpy(at, "2026-11", 7);
	strstr(file.data, ALICE)[16] = '4';
	refused(&file, "are not those that KMS kms.example.org makes");
	keying_file_free(&file);
}

static void truncated(void **state)
{
	struct keying_file file = { 0 }, part;

	(void)state;
	add(&file, &ours, ALICE, &november);
	/* The last line's end may be missing, nothing else. */
	for (size_t len = 0; len + 1 < file.len; len += len + 40 < file.len ? 23 : 1) {
		part = (struct keying_file){ malloc(len + 1), len };
		memcpy(part.data, file.data, len);
		part.data[len] = 0;
		refused(&part, "");
		keying_file_free(&part);
	}
	keying_file_free(&file);
}

static void sealed(void **state)
{
	const char *right = lab_path("right"), *wrong = lab_path("wrong"), *path = lab_path("s.keys");
	struct sealing_key key;
	struct keying_file file = { 0 }, octets;
	struct identity_keys *keys;

	(void)state;
	memset(key.octets, 'k', sizeof(key.octets));
	lab_write(right, "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk", 0600);
	lab_write(wrong, "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww", 0600);
	add(&file, &ours, ALICE, &november);
	assert_int_equal(sealed_file_write(path, &key, file.data, file.len, false, why,
					   sizeof(why)), 0);
	keys = identity_keys_load(path, right, &trust, why, sizeof(why));
	if (!keys)
		fail_msg("%s", why);
	assert_int_equal(identity_keys_count(keys), 1);
	identity_keys_free(keys);
	assert_null(identity_keys_load(path, NULL, &trust, why, sizeof(why)));
	lab_contains(why, "is sealed, and no key is named");
	assert_null(identity_keys_load(path, wrong, &trust, why, sizeof(why)));
	lab_contains(why, "sealed with another key");
	assert_null(identity_keys_load(path, lab_path("none"), &trust, why, sizeof(why)));
	lab_contains(why, "No such file");
	assert_null(identity_keys_load(lab_write(lab_path("p.keys"), file.data, 0600), right, &trust,
				       why, sizeof(why)));
	lab_contains(why, "is not a sealed file");
	keying_file_free(&file);

	/* Each octet of it matters; and nothing of the contents is readable. */
	assert_int_equal(keying_file_read(path, true, &octets, why, sizeof(why)), 0);
	assert_null(memmem(octets.data, octets.len, "ssk", 3));
	for (size_t i = 0; i < octets.len; i += i < 64 ? 1 : 101) {
		octets.data[i] ^= 1;
		assert_int_equal(sealed_file_open("FILE", &key, &octets, &file, why, sizeof(why)), -1);
		assert_null(file.data);
		lab_contains(why, "FILE: ");
		octets.data[i] ^= 1;
	}
	for (size_t len = octets.len; len--;) {
		struct keying_file part = { octets.data, len };

		assert_int_equal(sealed_file_open("FILE", &key, &part, &file, why, sizeof(why)), -1);
	}
	keying_file_free(&octets);
}

/* A list of the KMS, signed by it, unless @signer is another. */
static void make_deny(struct deny_list *list, const struct kms *signer, struct keying_file *file)
{
	uint8_t ssk[ECCSI_SCALAR_LEN], pvt[ECCSI_POINT_LEN], signature[ECCSI_SIGNATURE_LEN];
	struct mikey_identifier id;
	struct eccsi_key key;

	strcpy(list->kms, "kms.example.org");
	assert_int_equal(deny_format(list, file), 0);
	assert_int_equal(deny_identifier(list->kms, &id), 0);
	assert_int_equal(eccsi_extract(signer->ksak, id.octets, id.len, NULL, ssk, pvt), 0);
	assert_int_equal(eccsi_key_check(signer->community->eccsi, id.octets, id.len, ssk, pvt, &key),
			 0);
	assert_int_equal(eccsi_sign(signer->community->eccsi, &key, (const uint8_t *)file->data,
				    file->len, signature), 0);
	assert_int_equal(deny_append(file, signature), 0);
}

static struct deny_list *parse_deny(const struct keying_file *file)
{
	why[0] = 0;
	return deny_parse("FILE", file, ours.community, why, sizeof(why));
}

static void deny_there_and_back(void **state)
{
	char *identities[] = { (char *)"sip:a@example.org", (char *)BOB, (char *)ALICE };
	struct deny_list list = { .number = 7, .issued = LAB_NOW, .until = LAB_NOW + 30 * LAB_DAY,
				  .identities = identities, .n = 3 };
	struct keying_file file;
	struct deny_list *read, *later;

	(void)state;
	make_deny(&list, &ours, &file);
	read = deny_load(lab_write(lab_path("deny"), file.data, 0644), ours.community, why,
			 sizeof(why));
	if (!read)
		fail_msg("%s", why);
	assert_true(read->number == 7 && read->issued == LAB_NOW && read->n == 3);
	assert_true(read->until == LAB_NOW + 30 * LAB_DAY);
	assert_true(deny_has(read, ALICE) && deny_has(read, BOB));
	assert_false(deny_has(read, "tel:+447700900124"));
	assert_false(deny_has(read, "tel:+44770090012"));
	keying_file_free(&file);

	/* An older one does not take its place, nor one of another KMS. */
	list = (struct deny_list){ .number = 8, .issued = LAB_NOW - 5 };
	make_deny(&list, &ours, &file);
	later = parse_deny(&file);
	assert_non_null(later);
	assert_false(deny_has(later, ALICE));
	assert_true(deny_replaces(later, read) && deny_replaces(read, NULL));
	assert_false(deny_replaces(read, later));
	later->number = 7;
	assert_false(deny_replaces(later, read));
	later->number = 9;
	strcpy(later->kms, "kms.example.com");
	assert_false(deny_replaces(later, read));
	deny_free(read);
	deny_free(later);
	keying_file_free(&file);
}

static void deny_refused(void **state)
{
	char *identities[] = { (char *)BOB, (char *)ALICE };
	char *twice[] = { (char *)ALICE, (char *)ALICE };
	struct deny_list list = { .number = 7, .issued = LAB_NOW, .until = LAB_NOW + LAB_DAY,
				  .identities = identities, .n = 2 };
	struct keying_file file;

	(void)state;
	/* What the reader takes has one form: another octet anywhere, and it is not signed. */
	make_deny(&list, &ours, &file);
	for (size_t i = 0; i < file.len; i++) {
		file.data[i] ^= 1;
		if (parse_deny(&file))
			fail_msg("taken with octet %zu changed", i);
		if (strncmp(why, "FILE: ", 6))
			fail_msg("octet %zu: %s", i, why);
		file.data[i] ^= 1;
	}
	for (size_t len = file.len; len--;) {
		struct keying_file part = { malloc(len + 1), len };

		memcpy(part.data, file.data, len);
		part.data[len] = 0;
		assert_null(parse_deny(&part));
		keying_file_free(&part);
	}
	keying_file_free(&file);

	make_deny(&list, &other, &file);
	assert_null(parse_deny(&file));
	lab_contains(why, "signature is not that of KMS kms.example.org");
	assert_null(deny_parse("FILE", &file, other.community, why, sizeof(why)));
	lab_contains(why, "of KMS kms.example.org, not of kms.example.com");
	keying_file_free(&file);

	list.identities = twice;
	make_deny(&list, &ours, &file);
	assert_null(parse_deny(&file));
	lab_contains(why, "line 7: a deny list has identities in order");
	keying_file_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(months_in_one_file),
		cmocka_unit_test(rights),
		cmocka_unit_test(other_community),
		cmocka_unit_test(several_communities),
		cmocka_unit_test(not_keys),
		cmocka_unit_test(not_theirs),
		cmocka_unit_test(truncated),
		cmocka_unit_test(sealed),
		cmocka_unit_test(deny_there_and_back),
		cmocka_unit_test(deny_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
