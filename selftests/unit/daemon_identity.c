// SPDX-License-Identifier: MIT
/*
 * Keys from identities in a daemon that runs: a link by method mikey-sakke, what is remembered of messages
 * over a restart, deny lists and months that make a link end, what is warned of before, and identities
 * that do not fit together.
 */
#include "daemon/replay_file.h"
#include "daemon/seen_file.h"
#include "keying/mikey_sakke/mikey_sakke.h"
#include "keying/pki/pki.h"

#include "daemon_lab.h"
#include "folder_lab.h"
#include "kms_lab.h"

#define DAY	86400

static struct kms kms;
static char why[CONFIG_WHY_MAX], folder[128];

static const char *in_folder(const char *name)
{
	return folder_file(folder, "%s", name);
}

/* The month it is, or the one @ahead of it. */
static struct mikey_month month(unsigned int ahead)
{
	struct mikey_time now = { .seconds = time(NULL) };
	struct mikey_month of = mikey_month_of(&now);

	of.month += (int)ahead;
	return of.month > 12 ? (struct mikey_month){ of.year + 1, of.month - 12 } : of;
}

static time_t begin_of(struct mikey_month of)
{
	struct tm tm = { .tm_year = of.year - 1900, .tm_mon = of.month - 1, .tm_mday = 1 };

	return timegm(&tm);
}

/* Noon on a day of the next month. */
static time_t next_month(int day)
{
	return begin_of(month(1)) + (day - 1) * DAY + DAY / 2;
}

static int setup(void **state)
{
	struct lab *lab;

	if (lab_setup(state))
		return -1;
	lab = *state;
	snprintf(folder, sizeof(folder), "%s/kms", lab->folder);
	if (mkdir(folder, 0700))
		return -1;
	kms_init(&kms, "kms.example.org");
	kms_public(&kms, in_folder("public"));
	kms_deny(&kms, NULL, 1, time(NULL), in_folder("deny"));
	/* Of the next one as well, in case that it begins while the test runs. */
	kms_extract(&kms, "urn:prose:ue1", month(0), in_folder("ue1.keys"));
	kms_extract(&kms, "urn:prose:ue2", month(0), in_folder("ue2.keys"));
	kms_extract(&kms, "urn:prose:ue1", month(1), in_folder("ue1.next"));
	kms_extract(&kms, "urn:prose:ue2", month(1), in_folder("ue2.next"));
	return 0;
}

static int teardown(void **state)
{
	log_divert(NULL, NULL);
	kms_free(&kms);
	folder_remove(folder);
	return lab_teardown(state);
}

static void configure(struct lab *lab, bool both_months)
{
	char text[1024], next[64] = "";

	for (int i = 1; i <= 2; i++) {
		if (both_months)
			snprintf(next, sizeof(next), ", \"kms/ue%d.next\"", i);
		snprintf(text, sizeof(text),
			 "store = \"kms/ue%d.store\"\nmikey-sakke {\n communities = { \"kms/public\" }\n"
			 " deny = { \"kms/deny\" }\n keys = { \"kms/ue%d.keys\"%s }\n}\n", i, i, next);
		lab_configure(&lab->ue[i - 1], "", text);
	}
}

static struct lab *connected(void **state, bool both_months)
{
	struct lab *lab = *state;

	configure(lab, both_months);
	lab_start(&lab->ue[0]);
	lab_start(&lab->ue[1]);
	lab_connect(lab);
	lab_assert(&lab->ue[0], "method", "mikey-sakke");
	lab_assert(&lab->ue[1], "method", "mikey-sakke");
	return lab;
}

static void assert_failure(struct lab_ue *ue, const char *part)
{
	char text[UE_TEXT_MAX];

	lab_show(ue, "last_failure", text, sizeof(text));
	if (!strstr(text, part))
		fail_msg("'%s' not in '%s'", part, text);
}

static void keep(struct lab_ue *ue)
{
	struct daemon *daemon = ue->daemon;

	assert_int_equal(methods_keep_replay(daemon->methods, daemon->config, why, sizeof(why)), 0);
}

static void reload_files(struct lab_ue *ue)
{
	if (daemon_reload_crls(ue->daemon, why, sizeof(why)))
		fail_msg("%s", why);
	lab_run(ue->lab, 2000);
}

static void test_rekeys(void **state)
{
	struct lab *lab = connected(state, false);
	struct lab_ue *ue = &lab->ue[0];
	uint32_t l2_id;

	lab_assert(ue, "identity", "urn:prose:ue2");
	assert_int_equal(daemon_rekey(ue->daemon, "ue2", true, &l2_id, why, sizeof(why)), 0);
	lab_run(lab, 1000);
	lab_assert(ue, "kd_rekeys", "1");
	assert_int_equal(daemon_rekey(ue->daemon, "ue2", false, &l2_id, why, sizeof(why)), 0);
	lab_run(lab, 1000);
	lab_assert(ue, "rekeys", "2");
	lab_assert(ue, "kd_rekeys", "1");
}

/* The file is there when something was taken, and what is in it counts. */
static void test_remembers(void **state)
{
	struct lab *lab = connected(state, false);
	struct lab_ue *ue = &lab->ue[1];
	const char *path = in_folder("ue2.store" REPLAY_FILE_SUFFIX);
	struct stat before, after;
	uint32_t l2_id;

	assert_int_equal(stat(path, &before), -1);
	keep(ue);
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(before.st_mode & 0777, 0600);
	/* Nothing new, nothing written. */
	assert_int_equal(unlink(path), 0);
	keep(ue);
	assert_int_equal(stat(path, &after), -1);
	assert_int_equal(daemon_rekey(ue->daemon, "ue1", true, &l2_id, why, sizeof(why)), 0);
	lab_run(lab, 1000);
	keep(ue);
	assert_int_equal(stat(path, &after), 0);
	assert_true(after.st_size > before.st_size);

	/* Read again; what is damaged lets nothing in. */
	lab_kill(ue);
	lab_start(ue);
	assert_int_equal(daemon_rekey(ue->daemon, "ue1", true, &l2_id, why, sizeof(why)), 0);
	lab_run(lab, 1000);
	lab_assert(ue, "kd_rekeys", "2");
	lab_kill(ue);
	assert_int_equal(truncate(path, after.st_size - 1), 0);
	lab_start(ue);
	assert_int_equal(daemon_rekey(ue->daemon, "ue1", true, &l2_id, why, sizeof(why)), 0);
	lab_run(lab, 10000);
	assert_failure(ue, "older than what is remembered of others");
	/* That is kept too, and the file is good from then on. */
	keep(ue);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(replay_file_read(in_folder("ue2.store"), ue->daemon->methods->mikey_sakke,
					  time(NULL), why, sizeof(why)), 0);
}

static bool there(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode);
}

/* A disk that is full may have room later: it is not asked all the time, and once more at the end. */
static void test_remembers_again(void **state)
{
	struct lab *lab = connected(state, false);
	struct lab_ue *ue = &lab->ue[1];
	const char *path = in_folder("ue2.store" REPLAY_FILE_SUFFIX);
	uint32_t l2_id;

	assert_int_equal(mkdir(path, 0700), 0);
	remember_write(ue->daemon, false);
	assert_true(daemon_deadline(ue->daemon) <= lab->now_ms + KEEP_AGAIN_MS);
	/* Not gone from memory, and still in the way: nor is it the second time. */
	lab_run(lab, KEEP_AGAIN_MS);
	assert_int_equal(rmdir(path), 0);
	remember_write(ue->daemon, false);
	assert_false(there(path));
	lab_run(lab, KEEP_AGAIN_MS);
	assert_true(there(path));
	/* Then there is nothing more to write. */
	assert_int_equal(unlink(path), 0);
	remember_write(ue->daemon, true);
	lab_run(lab, 2 * KEEP_AGAIN_MS);
	assert_false(there(path));

	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(daemon_rekey(ue->daemon, "ue1", true, &l2_id, why, sizeof(why)), 0);
	lab_run(lab, 1000);
	remember_write(ue->daemon, false);
	assert_int_equal(rmdir(path), 0);
	remember_write(ue->daemon, true);
	assert_true(there(path));
}

/* Which lists were in use, likewise. */
static void test_remembers_lists_again(void **state)
{
	struct lab *lab = connected(state, false);
	struct lab_ue *ue = &lab->ue[0];
	const char *path = in_folder("ue1.store" SEEN_FILE_SUFFIX);
	struct keying_file file;

	assert_true(there(path));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	kms_deny(&kms, NULL, 2, time(NULL), in_folder("deny"));
	reload_files(ue);
	assert_int_equal(rmdir(path), 0);
	lab_run(lab, KEEP_AGAIN_MS);
	assert_int_equal(keying_file_read(path, false, &file, why, sizeof(why)), 0);
	assert_non_null(strstr(file.data, "\"number\": 2"));
	keying_file_free(&file);
	assert_int_equal(unlink(path), 0);
	lab_run(lab, 2 * KEEP_AGAIN_MS);
	assert_false(there(path));
}

static void test_denied(void **state)
{
	struct lab *lab = connected(state, false);
	struct lab_ue *ue = &lab->ue[0];

	kms_deny(&kms, "urn:prose:ue2", 2, time(NULL), in_folder("deny"));
	reload_files(ue);
	assert_int_equal(ue->kernel.n_peers, 0);
	assert_int_equal(lab->ue[1].kernel.n_peers, 0);
	assert_failure(ue, "is released: KMS kms.example.org has denied urn:prose:ue2");
	assert_failure(&lab->ue[1], "communication is no longer allowed");
	/* An old list does not bring it back. */
	kms_deny(&kms, NULL, 1, time(NULL), in_folder("deny"));
	assert_int_equal(daemon_reload(ue->daemon, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "is older (number 1) than the deny list of KMS kms.example.org"));
	kms_deny(&kms, NULL, 3, time(NULL), in_folder("deny"));
	reload_files(ue);
	lab_connect(lab);
}

static void reload_fails(struct lab_ue *ue, const char *says)
{
	assert_int_equal(daemon_reload(ue->daemon, why, sizeof(why)), -1);
	if (!strstr(why, says))
		fail_msg("'%s' not in '%s'", says, why);
}

/* What came with a reload that was refused, for whatever else was wrong, was not in use: the old one is. */
static void test_refused_list(void **state)
{
	struct lab *lab = connected(state, false);
	struct lab_ue *ue = &lab->ue[0];

	kms_deny(&kms, NULL, 2, time(NULL), in_folder("deny"));
	assert_int_equal(chmod(ue->keys, 0644), 0);
	reload_fails(ue, ": psk: ");
	assert_int_equal(chmod(ue->keys, 0600), 0);
	ue->kernel.faults.addresses = 1;
	reload_fails(ue, "cannot be added");
	assert_int_equal(ue->kernel.faults.addresses, 0);
	kms_deny(&kms, NULL, 1, time(NULL), in_folder("deny"));
	if (daemon_reload(ue->daemon, why, sizeof(why)))
		fail_msg("%s", why);
	/* One that was taken is, also after one with an error that came behind it. */
	kms_deny(&kms, NULL, 2, time(NULL), in_folder("deny"));
	reload_files(ue);
	kms_deny(&kms, NULL, 3, time(NULL), in_folder("deny"));
	ue->kernel.faults.addresses = 1;
	reload_fails(ue, "cannot be added");
	kms_deny(&kms, NULL, 1, time(NULL), in_folder("deny"));
	reload_fails(ue, "is older (number 1) than the deny list of KMS kms.example.org that was in use here (number 2)");
}

static void refused(struct lab_ue *ue, const char *says)
{
	struct config *config = config_load(ue->conf, why, sizeof(why));
	struct methods *methods;

	if (!config)
		fail_msg("%s", why);
	methods = methods_load(config, why, sizeof(why));
	assert_null(methods);
	if (!strstr(why, says))
		fail_msg("'%s' not in '%s'", says, why);
	config_free(config);
}

/* Nor after a restart; what tells it is written when it changes. */
static void test_denied_after_restart(void **state)
{
	struct lab *lab = connected(state, false);
	struct lab_ue *ue = &lab->ue[0];
	const char *path = in_folder("ue1.store" SEEN_FILE_SUFFIX);
	struct stat before, after;

	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(before.st_mode & 0777, 0600);
	reload_files(ue);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(after.st_ino, before.st_ino);
	kms_deny(&kms, "urn:prose:ue2", 2, time(NULL), in_folder("deny"));
	reload_files(ue);
	assert_int_equal(stat(path, &after), 0);
	assert_int_not_equal(after.st_ino, before.st_ino);
	lab_kill(ue);
	kms_deny(&kms, NULL, 1, time(NULL), in_folder("deny"));
	refused(ue, "is older (number 1) than the deny list of KMS kms.example.org");
	assert_int_equal(truncate(path, 10), 0);
	refused(ue, "ue1.store.seen: is damaged");
	assert_int_equal(unlink(path), 0);
	kms_deny(&kms, NULL, 3, time(NULL), in_folder("deny"));
	lab_start(ue);
	assert_int_equal(stat(path, &after), 0);
}

/* As if the clock had gone on. */
static void go_to(struct lab *lab, time_t now)
{
	for (int i = 0; i < 2; i++)
		lab->ue[i].daemon->methods->floor = now;
}

static void test_months_end(void **state)
{
	struct lab *lab = connected(state, false);
	struct lab_ue *ue = &lab->ue[0];

	go_to(lab, next_month(2));
	lab_run(lab, 3600000);
	lab_assert(ue, "state", "connected");
	go_to(lab, next_month(3));
	lab_run(lab, 3600000);
	assert_int_equal(ue->kernel.n_peers, 0);
	assert_failure(ue, "which are not in use now");
}

/* A daemon that runs for weeks says what comes before it has come: when it changes, else once a day. */
static void test_warns_in_time(void **state)
{
	struct lab *lab = *state;
	struct lab_ue *ue = &lab->ue[0];
	const struct mikey_month after = month(2);
	const time_t until = next_month(9), begins = begin_of(after);
	struct lab_said said = { .of = ": mikey-sakke: " };
	char missing[128];

	snprintf(missing, sizeof(missing),
		 "there are no keys of urn:prose:ue1 for %04d-%02d, which begins on its 1st",
		 after.year, after.month);
	kms_deny(&kms, NULL, 2, until - KMS_DENY_DAYS * DAY, in_folder("deny"));
	configure(lab, true);
	lab_listen(&said);
	lab_start(ue);
	lab_hears(ue, &said, next_month(5), 3, 0, "");
	/* The list ends within two days, and then it has. */
	lab_hears(ue, &said, until - 2 * DAY - 1, 3, 0, "");
	lab_hears(ue, &said, until - 2 * DAY, 1, 1, "the deny list of KMS kms.example.org is good until ");
	lab_hears(ue, &said, until - 1 * DAY - 1, 30, 1, "");
	lab_hears(ue, &said, until - 1 * DAY, 30, 2, "the deny list of KMS kms.example.org is good until ");
	lab_hears(ue, &said, until, 1, 3, "the deny list of KMS kms.example.org was good until ");
	/* With another one there is nothing to say, before keys are missing in two days. */
	kms_deny(&kms, NULL, 3, time(NULL), in_folder("deny"));
	reload_files(ue);
	lab_hears(ue, &said, until, 3, 3, "");
	lab_hears(ue, &said, begins - 2 * DAY - 1, 3, 3, "");
	lab_hears(ue, &said, begins - 2 * DAY, 1, 4, missing);
	lab_hears(ue, &said, begins - 1 * DAY, 1, 5, missing);
	lab_hears(ue, &said, begins, 1, 6, "which it is, and nobody can be connected to without");
	/* Clocks are set back, too. */
	lab_hears(ue, &said, begins - 2 * DAY, 1, 7, missing);
	lab_hears(ue, &said, begins - 2 * DAY + 1, 3, 7, missing);
}

static void test_month_is_crossed(void **state)
{
	struct lab *lab = connected(state, true);
	struct lab_ue *ue = &lab->ue[0];
	uint32_t l2_id;

	go_to(lab, next_month(1));
	assert_int_equal(daemon_rekey(ue->daemon, "ue2", true, &l2_id, why, sizeof(why)), 0);
	lab_run(lab, 1000);
	lab_assert(ue, "kd_rekeys", "1");
	go_to(lab, next_month(3));
	lab_run(lab, 3600000);
	lab_assert(ue, "state", "connected");
	lab_assert(&lab->ue[1], "state", "connected");
}

#define SECTION(keys)	"store = \"none\"\nmikey-sakke {\n communities = { \"kms/public\" }\n" \
			" keys = { \"kms/" keys "\" }\n}\n"

static void test_identities(void **state)
{
	static const char certificate[] =
		"certificate {\n chain = \"kms/pki/urn:prose:ue1.pem\"\n"
		" key = \"kms/pki/urn:prose:ue1.key\"\n roots = { \"kms/pki/ca.pem\" }\n"
		" crls = { \"kms/pki/crl.pem\" }\n}\n";
	struct lab *lab = *state;
	struct lab_ue *ue = &lab->ue[0];
	struct methods *methods;
	struct config *config;
	char text[2048];

	lab_configure(ue, "", SECTION("ue2.keys"));
	refused(ue, "identity: \"urn:prose:ue1\" is not the identity in the keys");
	snprintf(text, sizeof(text), "device = \"prose0\"\n%speer \"urn:prose:ue2\" { }\n",
		 SECTION("ue2.keys"));
	lab_write(ue->conf, text);
	refused(ue, "peer \"urn:prose:ue2\" is this UE itself, by the keys");
	assert_int_equal(pki_init(in_folder("pki"), "root", NULL, why, sizeof(why)), 0);
	assert_int_equal(pki_issue(in_folder("pki"), "urn:prose:ue1", NULL, why, sizeof(why)), 0);
	snprintf(text, sizeof(text), "device = \"prose0\"\n%s%s", certificate, SECTION("ue2.keys"));
	lab_write(ue->conf, text);
	refused(ue, "the keys are those of urn:prose:ue2, and the certificate that of urn:prose:ue1");
	snprintf(text, sizeof(text), "device = \"prose0\"\n%s%s", certificate, SECTION("ue1.keys"));
	lab_write(ue->conf, text);
	config = config_load(ue->conf, why, sizeof(why));
	assert_non_null(config);
	methods = methods_load(config, why, sizeof(why));
	assert_non_null(methods);
	assert_int_equal(methods->n, 2);
	assert_string_equal(methods->list[0]->name, "certificate");
	assert_string_equal(methods->list[1]->name, "mikey-sakke");
	assert_string_equal(methods_identity(methods, config), "urn:prose:ue1");
	methods_free(methods);
	config_free(config);
	lab_write(ue->conf, "device = \"prose0\"\n" SECTION("ue1.keys"));
	config = config_load(ue->conf, why, sizeof(why));
	assert_non_null(config);
	methods = methods_load(config, why, sizeof(why));
	assert_non_null(methods);
	assert_string_equal(methods_identity(methods, config), "urn:prose:ue1");
	methods_free(methods);
	config_free(config);
}

/*
 * A peer that no KMS has keys for, by a key of old: with the best method wanted first, in the request and
 * by an exchange.
 */
static void test_another_method(void **state)
{
	struct lab *lab = *state;
	struct lab_ue *ue = &lab->ue[0];
	char text[1024];
	uint32_t l2_id;

	snprintf(text, sizeof(text), "bob %064d\n", 7);
	lab_write(ue->keys, text);
	assert_int_equal(chmod(ue->keys, 0600), 0);
	for (int exchange = 0; exchange < 2; exchange++) {
		struct ue_link_info info = { 0 };

		snprintf(text, sizeof(text),
			 "store = \"none\"\nmikey-sakke {\n communities = { \"kms/public\" }\n"
			 " keys = { \"kms/ue1.keys\" }\n in-request = %s\n}\n"
			 "peer \"bob\" { layer2-id = \"00:00:99\" }\n", exchange ? "false" : "true");
		lab_configure(ue, "", text);
		lab_start(ue);
		ue->kernel.sent = 0;
		if (daemon_connect(ue->daemon, "bob", &l2_id, why, sizeof(why)))
			fail_msg("%s", why);
		assert_true(ue_link(ue->daemon->ue, l2_id, &info));
		assert_string_equal(info.failure, "");
		assert_int_equal(ue->kernel.sent, 1);
		lab_kill(ue);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rekeys, setup, teardown),
		cmocka_unit_test_setup_teardown(test_remembers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_remembers_again, setup, teardown),
		cmocka_unit_test_setup_teardown(test_remembers_lists_again, setup, teardown),
		cmocka_unit_test_setup_teardown(test_denied, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused_list, setup, teardown),
		cmocka_unit_test_setup_teardown(test_denied_after_restart, setup, teardown),
		cmocka_unit_test_setup_teardown(test_months_end, setup, teardown),
		cmocka_unit_test_setup_teardown(test_month_is_crossed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_warns_in_time, setup, teardown),
		cmocka_unit_test_setup_teardown(test_identities, setup, teardown),
		cmocka_unit_test_setup_teardown(test_another_method, setup, teardown),
	};

	return cmocka_run_group_tests_name("daemon_identity", tests, NULL, NULL);
}
