// SPDX-License-Identifier: MIT
/* Keying method psk: agreement, what KD is bound to, and key files that are wrong. */
#include "keying_lab.h"

#include "keying/psk/psk.h"

#define KEY_1	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define KEY_2	"ff0102030405060708090A0B0C0D0E0F101112131415161718191a1b1c1d1e1f"

static struct keying_method *method(const char *text)
{
	char why[KEYING_TEXT_MAX] = "";
	struct keying_method *made = psk_new(lab_write(lab_path("psk"), text, 0600), why,
					     sizeof(why));

	if (!made)
		fail_msg("%s", why);
	return made;
}

static enum keying_status run(const struct keying_method *made,
			      const struct keying_context *context, struct keying_result *result)
{
	struct keying_buffer out = { 0 };
	struct keying_error error = { 0 };
	struct keying_session *session = made->open(made, context, &error);
	enum keying_status status;

	assert_non_null(session);
	status = made->step(session, NULL, 0, &out, result, &error);
	made->close(session);
	assert_null(out.data);
	return status;
}

/*
 * HMAC-SHA-256 over f0 || 0a0b0c 0003 || 1a1b1c 0003 || 16 times 11, 0010 || 16 times 22,
 * 0010 || 32 times 33, 0020, computed with the hmac module of Python.
 */
static void known_answer(void **state)
{
	static const uint8_t expected[KEYING_KD_LEN] = {
		0x15, 0x37, 0x31, 0xfb, 0x4e, 0xc0, 0x79, 0xe1, 0xf5, 0xa7, 0x41,
		0xa5, 0x19, 0xcc, 0x49, 0x42, 0x0f, 0x78, 0x1b, 0xd7, 0x13, 0x0b,
		0xad, 0x38, 0xd7, 0x4e, 0xd0, 0x2c, 0x3b, 0x29, 0x6f, 0x58,
	};
	struct keying_method *made = method("ue2 " KEY_1 "\n");
	struct keying_context context;
	struct keying_result result;

	(void)state;
	lab_context(&context, KEYING_UE_1);
	strcpy(context.peer_identity, "ue2");
	assert_int_equal(run(made, &context, &result), KEYING_DONE);
	assert_memory_equal(result.kd, expected, sizeof(expected));
	assert_string_equal(result.peer_identity, "ue2");
	psk_free(made);
}

static void both_ends_agree(void **state)
{
	struct keying_method *ue_1 = method("# keys of ue1\n\nother " KEY_2
					    "\r\nue2\t" KEY_1 "\r\n");
	struct keying_method *ue_2 = method("  ue one  " KEY_1);
	struct keying_context context;
	struct keying_result a, b;

	(void)state;
	assert_int_equal(ue_1->id, KEYING_PSK);
	assert_int_equal(ue_1->containers, 0);
	assert_int_equal(psk_count(ue_1), 2);
	assert_int_equal(psk_count(ue_2), 1);
	lab_context(&context, KEYING_UE_1);
	strcpy(context.peer_identity, "ue2");
	assert_int_equal(run(ue_1, &context, &a), KEYING_DONE);
	context.role = KEYING_UE_2;
	strcpy(context.peer_identity, "ue one");
	assert_int_equal(run(ue_2, &context, &b), KEYING_DONE);
	assert_memory_equal(a.kd, b.kd, KEYING_KD_LEN);
	assert_string_equal(b.peer_identity, "ue one");

	lab_context(&context, KEYING_UE_1);
	strcpy(context.peer_identity, "other");
	assert_int_equal(run(ue_1, &context, &b), KEYING_DONE);
	assert_memory_not_equal(a.kd, b.kd, KEYING_KD_LEN);
	psk_free(ue_1);
	psk_free(ue_2);
}

/* Each field of the context changes KD, and no two changes give the same. */
static void kd_is_bound_to_the_context(void **state)
{
	struct keying_method *made = method("ue2 " KEY_1 "\n");
	struct keying_result results[LAB_DIFFERENCES + 1];
	struct keying_context context;
	size_t i, j;

	(void)state;
	/* The last one is as both see it. */
	for (i = 0; i <= LAB_DIFFERENCES; i++) {
		lab_context(&context, KEYING_UE_1);
		strcpy(context.peer_identity, "ue2");
		lab_differ(&context, (enum lab_difference)i);
		assert_int_equal(run(made, &context, &results[i]), KEYING_DONE);
		for (j = 0; j < i; j++)
			assert_memory_not_equal(results[i].kd, results[j].kd, KEYING_KD_LEN);
	}
	psk_free(made);
}

static void refuses_unknown_peers(void **state)
{
	struct keying_method *made = method("ue2 " KEY_1 "\n");
	struct keying_error error = { 0 };
	struct keying_context context;

	(void)state;
	lab_context(&context, KEYING_UE_1);
	assert_null(made->open(made, &context, &error));
	lab_contains(error.text, "identity of the peer");
	strcpy(context.peer_identity, "ue");
	assert_null(made->open(made, &context, &error));
	assert_int_equal(error.cause, 2);
	lab_contains(error.text, "no key for ue;");
	made->close(NULL);
	psk_free(made);
	psk_free(NULL);
}

static void refuses_containers(void **state)
{
	struct keying_method *made = method("ue2 " KEY_1 "\n");
	struct keying_buffer out = { 0 };
	struct keying_error error = { 0 };
	struct keying_result result;
	struct keying_context context;
	struct keying_session *session;

	(void)state;
	lab_context(&context, KEYING_UE_1);
	strcpy(context.peer_identity, "ue2");
	session = made->open(made, &context, &error);
	assert_non_null(session);
	assert_int_equal(made->step(session, (const uint8_t *)"x", 1, &out, &result, &error),
			 KEYING_FAILED);
	assert_false(lab_has_kd(&result));
	assert_int_equal(error.cause, 2);
	made->close(session);
	psk_free(made);
}

/* A KD is as good as its key: not when that was taken away, or replaced. */
static void judges_evidence(void **state)
{
	struct keying_method *made = method("ue2 " KEY_1 "\nue3 " KEY_2 "\n");
	struct keying_method *gone = method("ue3 " KEY_2 "\n");
	struct keying_method *replaced = method("ue2 " KEY_2 "\nue3 " KEY_1 "\n");
	struct keying_buffer out = { 0 };
	struct keying_error error = { 0 };
	struct keying_result result;
	struct keying_context context;
	struct keying_session *session;

	(void)state;
	lab_context(&context, KEYING_UE_1);
	strcpy(context.peer_identity, "ue2");
	session = made->open(made, &context, &error);
	assert_int_equal(made->step(session, NULL, 0, &out, &result, &error), KEYING_DONE);
	made->close(session);
	assert_true(result.evidence_len);
	assert_int_equal(made->recheck(made, result.evidence, result.evidence_len, LAB_NOW, &error),
			 0);
	assert_int_equal(gone->recheck(gone, result.evidence, result.evidence_len, LAB_NOW, &error),
			 -1);
	lab_contains(error.text, "no key for ue2 any more");
	assert_int_equal(replaced->recheck(replaced, result.evidence, result.evidence_len, LAB_NOW,
					   &error), -1);
	lab_contains(error.text, "another key for ue2");
	for (size_t len = 0; len < result.evidence_len; len++)
		assert_int_equal(made->recheck(made, result.evidence, len, LAB_NOW, &error), -1);
	psk_free(made);
	psk_free(gone);
	psk_free(replaced);
}

static void bad_file(const char *text, const char *says)
{
	char why[KEYING_TEXT_MAX] = "";
	const char *path = lab_write(lab_path("psk"), text, 0600);

	assert_null(psk_new(path, why, sizeof(why)));
	lab_contains(why, path);
	lab_contains(why, says);
	/* A sentence must not give a key away. */
	assert_null(strstr(why, "0102030405060708"));
}

static void refuses_bad_files(void **state)
{
	char why[KEYING_TEXT_MAX] = "";
	char line[512];

	(void)state;
	bad_file("", "holds no key");
	bad_file("# nothing\n\n", "holds no key");
	bad_file("ue2 " KEY_1 "\n\n" KEY_1 "\n", "line 3: expected an identity and a key");
	bad_file("ue2 " KEY_1 "0\n", "line 1: the key has 65 digits");
	bad_file("#\nue2 0011\n", "line 2: the key has 4 digits");
	bad_file("ue2 g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n",
		 "line 1: digit 1 of the key is not hexadecimal");
	bad_file("ue2 0x0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n",
		 "line 1: digit 2 of the key is not hexadecimal");
	bad_file("ue2 0000000000000000000000000000000000000000000000000000000000000000\n",
		 "line 1: the key is all zero");
	bad_file("ue2 " KEY_1 "\nue3 " KEY_1 "\nue2 " KEY_2 "\n",
		 "line 3: ue2 has a key on line 1 already");
	bad_file("u\xff" "2 " KEY_1 "\n", "line 1: the identity is not plain UTF-8");
	bad_file("u\x1b[2J " KEY_1 "\n", "line 1: the identity is not plain UTF-8");
	memset(line, 'a', sizeof(line));
	snprintf(line + 251, sizeof(line) - 251, " " KEY_1 "\n");
	bad_file(line, "line 1: the identity is longer than 250");

	assert_null(psk_new(lab_path("none"), why, sizeof(why)));
	lab_contains(why, "No such file");
	assert_null(psk_new(lab, why, sizeof(why)));
	lab_contains(why, "not a regular file");
	assert_int_equal(mkfifo(lab_path("fifo"), 0600), 0);
	assert_null(psk_new(lab_path("fifo"), why, sizeof(why)));
	lab_contains(why, "not a regular file");
}

static void refuses_files_others_may_use(void **state)
{
	static const mode_t modes[] = { 0640, 0604, 0620, 0602, 0610, 0601, 0777 };
	char why[KEYING_TEXT_MAX] = "";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_null(psk_new(lab_write(lab_path("psk"), "ue2 " KEY_1 "\n", modes[i]), why,
				    sizeof(why)));
		lab_contains(why, "run chmod 600");
	}
	psk_free(psk_new(lab_write(lab_path("psk"), "ue2 " KEY_1 "\n", 0400), why, sizeof(why)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answer),
		cmocka_unit_test(both_ends_agree),
		cmocka_unit_test(kd_is_bound_to_the_context),
		cmocka_unit_test(refuses_unknown_peers),
		cmocka_unit_test(refuses_containers),
		cmocka_unit_test(judges_evidence),
		cmocka_unit_test(refuses_bad_files),
		cmocka_unit_test(refuses_files_others_may_use),
	};

	return cmocka_run_group_tests_name("keying_psk", tests, lab_setup, lab_teardown);
}
