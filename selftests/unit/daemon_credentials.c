// SPDX-License-Identifier: MIT
/*
 * Credentials that change under a running daemon: CRLs read again, peers judged again, a clock
 * that is not trusted; and how changes of files are noticed.
 */
#include <fcntl.h>
#include <poll.h>

#include "daemon/clock.h"
#include "daemon/watch.h"
#include "keying/pki/pki.h"

#include "daemon_lab.h"
#include "folder_lab.h"

#define DAY	86400

static char why[CONFIG_WHY_MAX], pki[128];

static void done(int ret)
{
	if (ret)
		fail_msg("%s", why);
}

static const char *in_pki(const char *name)
{
	return folder_file(pki, "%s", name);
}

static int setup(void **state)
{
	struct lab *lab;

	if (lab_setup(state))
		return -1;
	lab = *state;
	snprintf(pki, sizeof(pki), "%s/pki", lab->folder);
	return 0;
}

static int teardown(void **state)
{
	folder_remove(pki);
	return lab_teardown(state);
}

/* A root and both certificates, made at @now; 0: by the clock. */
static void make(time_t now)
{
	const struct pki_options options = { .now = now };

	done(pki_init(pki, "root", &options, why, sizeof(why)));
	done(pki_issue(pki, "urn:prose:ue1", &options, why, sizeof(why)));
	done(pki_issue(pki, "urn:prose:ue2", &options, why, sizeof(why)));
}

static void configure(struct lab *lab, const char *more)
{
	char text[1024];
	int i;

	for (i = 0; i < 2; i++) {
		snprintf(text, sizeof(text),
			 "certificate {\n chain = \"pki/urn:prose:ue%d.pem\"\n"
			 " key = \"pki/urn:prose:ue%d.key\"\n roots = { \"pki/ca.pem\" }\n"
			 " crls = { \"pki/crl.pem\" }\n%s\n}\n", i + 1, i + 1, more);
		lab_configure(&lab->ue[i], "", text);
	}
}

static struct lab *connected(void **state, time_t now, const char *more)
{
	struct lab *lab = *state;

	make(now);
	configure(lab, more);
	lab_start(&lab->ue[0]);
	lab_start(&lab->ue[1]);
	lab_connect(lab);
	lab_assert(&lab->ue[0], "method", "certificate");
	return lab;
}

static void reload_crls(struct lab_ue *ue)
{
	done(daemon_reload_crls(ue->daemon, why, sizeof(why)));
	lab_run(ue->lab, 2000);
}

static void assert_failure(struct lab_ue *ue, const char *part)
{
	char text[UE_TEXT_MAX];

	lab_show(ue, "last_failure", text, sizeof(text));
	if (!strstr(text, part))
		fail_msg("'%s' not in '%s'", part, text);
}

static void test_revoked(void **state)
{
	struct lab *lab = connected(state, 0, "");

	done(pki_revoke(pki, "urn:prose:ue2", NULL, why, sizeof(why)));
	reload_crls(&lab->ue[0]);
	assert_int_equal(lab->ue[0].kernel.n_peers, 0);
	assert_int_equal(lab->ue[1].kernel.n_peers, 0);
	assert_failure(&lab->ue[0], "(urn:prose:ue2) is released: its certificate was revoked on ");
	assert_failure(&lab->ue[1], "communication is no longer allowed");
	assert_non_null(lab_find_event(&lab->ue[0], "failed"));
	assert_null(lab->ue[0].daemon->methods->retired);
}

/* Nobody is disturbed by a CRL that is not about him, and own certificate and key stay. */
static void test_somebody_else_revoked(void **state)
{
	struct lab *lab = connected(state, 0, "");
	struct lab_ue *ue = &lab->ue[0];
	const struct methods *before = ue->daemon->methods;
	uint32_t l2_id;

	done(pki_issue(pki, "else", NULL, why, sizeof(why)));
	done(pki_revoke(pki, "else", NULL, why, sizeof(why)));
	done(unlink(in_pki("urn:prose:ue1.key")));
	reload_crls(ue);
	assert_ptr_not_equal(ue->daemon->methods, before);
	lab_assert(ue, "state", "connected");
	/* A whole reload wants the key, and is refused. */
	assert_int_equal(daemon_reload(ue->daemon, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "urn:prose:ue1.key: No such file"));
	assert_int_equal(daemon_rekey(ue->daemon, "ue2", false, &l2_id, why, sizeof(why)), 0);
	lab_run(lab, 1000);
	lab_assert(ue, "rekeys", "1");
	lab_assert(ue, "kd_rekeys", "0");
}

static char *slurp(const char *path)
{
	char *text = calloc(1, 1 << 16);
	FILE *file = fopen(path, "r");

	assert_non_null(text);
	assert_non_null(file);
	assert_true(fread(text, 1, (1 << 16) - 1, file) > 0);
	fclose(file);
	return text;
}

static void test_broken_crl(void **state)
{
	struct lab *lab = connected(state, 0, "");
	struct lab_ue *ue = &lab->ue[0];
	const struct methods *before = ue->daemon->methods;
	char *old = slurp(in_pki("crl.pem")), *new;

	done(pki_revoke(pki, "urn:prose:ue2", NULL, why, sizeof(why)));
	new = slurp(in_pki("crl.pem"));
	lab_write(in_pki("crl.pem"), "no CRL\n");
	assert_int_equal(daemon_reload_crls(ue->daemon, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "crl.pem: holds no PEM block of type X509 CRL"));
	assert_ptr_equal(ue->daemon->methods, before);
	lab_assert(ue, "state", "connected");
	lab_write(in_pki("crl.pem"), new);
	reload_crls(ue);
	assert_int_equal(ue->kernel.n_peers, 0);
	/* Back to the old one, which does not revoke it: not in this life. */
	lab_write(in_pki("crl.pem"), old);
	assert_int_equal(daemon_reload_crls(ue->daemon, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "is number 1 of "));
	assert_int_equal(daemon_reload(ue->daemon, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "is number 1 of "));
	free(old);
	free(new);
}

/* Revoked while the daemon was away. */
static void test_adopted(void **state)
{
	struct lab *lab = connected(state, 0, "");
	struct lab_ue *ue = &lab->ue[0];

	lab_kill(ue);
	lab_start(ue);
	lab_assert(ue, "state", "connected");
	lab_kill(ue);
	done(pki_revoke(pki, "urn:prose:ue2", NULL, why, sizeof(why)));
	lab_start(ue);
	lab_run(lab, 2000);
	assert_int_equal(ue->kernel.n_peers, 0);
	assert_int_equal(lab->ue[1].kernel.n_peers, 0);
	assert_failure(ue, "its certificate was revoked on ");
}

/* Once an hour, without anybody asking. */
static void test_expires(void **state)
{
	struct lab *lab = connected(state, 0, "crl-policy = \"if-present\"\n crl-grace-days = 3650");
	struct lab_ue *ue = &lab->ue[0];

	lab_run(lab, 3600000);
	lab_assert(ue, "state", "connected");
	/* As if the clock had gone on by 400 days. */
	ue->daemon->methods->floor = time(NULL) + 400 * DAY;
	lab_run(lab, 10000);
	lab_assert(ue, "state", "connected");
	lab_run(lab, 3600000);
	assert_int_equal(ue->kernel.n_peers, 0);
	assert_failure(ue, "its certificate expired on ");
}

/*
 * A daemon that runs for months says what comes before it has come, here of certificates of 100 days and CRLs
 * of 40: when that changes, else once a day.
 */
static void test_warns_in_time(void **state)
{
	const time_t now = time(NULL);
	const struct pki_options root = { .now = now, .crl_days = 40 };
	const struct pki_options options = { .now = now, .days = 100 };
	const struct pki_options again = { .now = now, .crl_days = 3650 };
	struct lab_said said = { .of = ": certificate: " };
	struct lab *lab = *state;
	struct lab_ue *ue = &lab->ue[0];

	done(pki_init(pki, "root", &root, why, sizeof(why)));
	done(pki_issue(pki, "urn:prose:ue1", &options, why, sizeof(why)));
	configure(lab, "");
	lab_listen(&said);
	lab_start(ue);
	lab_hears(ue, &said, now + 35 * DAY, 3, 0, "");
	lab_hears(ue, &said, now + 36 * DAY + 7200, 1, 1, "crl.pem: the CRL of CN=root is to be renewed by ");
	lab_hears(ue, &said, now + 37 * DAY + 3600, 3, 1, "");
	lab_hears(ue, &said, now + 37 * DAY + 10800, 1, 2, "is to be renewed by ");
	lab_hears(ue, &said, now + 40 * DAY + 3600, 1, 3, "was to be renewed by ");
	/* With a new one there is nothing to say, before the own certificate ends. */
	done(pki_crl(pki, &again, why, sizeof(why)));
	reload_crls(ue);
	lab_hears(ue, &said, now + 89 * DAY, 3, 3, "");
	lab_hears(ue, &said, now + 91 * DAY, 1, 4, "ue1.pem: CN=urn:prose:ue1 expires on ");
	lab_hears(ue, &said, now + 101 * DAY, 1, 5,
		  "our own certificate CN=urn:prose:ue1 expired on ");
	lab_hears(ue, &said, now + 101 * DAY + 7200, 3, 5, "");
	/* In the end the root's as well, and the CRL that was made with it. */
	lab_hears(ue, &said, now + 3651 * DAY, 1, 8,
		  "certificate CN=root above our own expired on ");
}

/* Clocks stand at some year before 2040, and credentials are made as if it were then. */
static void test_clock_untrusted(void **state)
{
	const time_t then = 2209032000, later = then + 500 * DAY;
	const struct pki_options at_later = { .now = later };
	struct lab *lab = connected(state, then, "clock = \"untrusted\"\n clock-file = \"pki/clock\"");
	struct lab_ue *ue = &lab->ue[0];
	time_t floor;

	assert_int_equal(ue->daemon->methods->floor, then);
	done(clock_read(in_pki("clock"), &floor, why, sizeof(why)));
	assert_int_equal(floor, then);
	/* Kept over a restart, though no CRL proves it any more. */
	lab_kill(ue);
	done(clock_write(in_pki("clock"), then + 5, why, sizeof(why)));
	lab_start(ue);
	assert_int_equal(ue->daemon->methods->floor, then + 5);
	lab_assert(ue, "state", "connected");
	/* A new CRL moves it on, beyond the end of the peer's certificate. */
	done(pki_crl(pki, &at_later, why, sizeof(why)));
	reload_crls(ue);
	assert_int_equal(ue->daemon->methods->floor, later);
	done(clock_read(in_pki("clock"), &floor, why, sizeof(why)));
	assert_int_equal(floor, later);
	assert_int_equal(ue->kernel.n_peers, 0);
	assert_failure(ue, "its certificate expired on 2040-12-31");
	/* A file that was spoiled is not taken for none. */
	lab_write(in_pki("clock"), "yesterday\n");
	assert_int_equal(daemon_reload(ue->daemon, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "clock: is not one line with a time"));
}

static void test_clock_trusted(void **state)
{
	struct lab *lab = *state;
	uint32_t l2_id;

	make(2209032000);
	configure(lab, "clock-file = \"pki/clock\"");
	lab_start(&lab->ue[0]);
	lab_start(&lab->ue[1]);
	assert_int_equal(lab->ue[0].daemon->methods->floor, 0);
	assert_int_equal(access(in_pki("clock"), F_OK), -1);
	done(daemon_connect(lab->ue[0].daemon, "ue2", &l2_id, why, sizeof(why)));
	lab_run(lab, 3000);
	assert_failure(&lab->ue[1], "check the clock of this UE");
}

static void test_clock_file(void **state)
{
	static const char *const wrong[] = {
		"", "\n", "2026", "2030-01-01T00:00:00Z", "2030-01-01T00:00:00Z\n\n",
		"2030-13-01T00:00:00Z\n", "x2030-01-01T00:00:00Z\n",
	};
	struct lab *lab = *state;
	char *path = pki;
	time_t floor = 0;
	size_t i;

	snprintf(path, sizeof(pki), "%s/pki/clock", lab->folder);
	done(clock_read(path, &floor, why, sizeof(why)));
	assert_int_equal(floor, CLOCK_RELEASED);
	/* Makes its folder, goes up, and not down. */
	done(clock_write(path, 1900000000, why, sizeof(why)));
	done(clock_write(path, 1800000000, why, sizeof(why)));
	done(clock_read(path, &floor, why, sizeof(why)));
	assert_int_equal(floor, 1900000000);
	done(clock_write(path, 1900000001, why, sizeof(why)));
	done(clock_read(path, &floor, why, sizeof(why)));
	assert_int_equal(floor, 1900000001);
	/* Before the program was written is no time. */
	lab_write(path, "1999-01-01T00:00:00Z\n");
	done(clock_read(path, &floor, why, sizeof(why)));
	assert_int_equal(floor, CLOCK_RELEASED);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		lab_write(path, wrong[i]);
		assert_int_equal(clock_read(path, &floor, why, sizeof(why)), -1);
		assert_int_equal(clock_write(path, 1900000002, why, sizeof(why)), -1);
	}
	assert_true(clock_now(0) < clock_now(INT32_MAX));
	assert_int_equal(clock_now(4000000000), 4000000000);
	unlink(path);
	snprintf(path, sizeof(pki), "%s/pki", lab->folder);
}

static void test_watch(void **state)
{
	char file[160], folder[160], other[160], beside[160], inside[192];
	char *paths[] = { file, folder };
	struct pollfd ready = { .events = POLLIN };
	struct watch *watch;

	(void)state;
	assert_int_equal(mkdir(pki, 0755), 0);
	snprintf(file, sizeof(file), "%s/crl.pem", pki);
	snprintf(other, sizeof(other), "%s/other.pem", pki);
	snprintf(beside, sizeof(beside), "%s/crl.pem.new", pki);
	snprintf(folder, sizeof(folder), "%s/folder", pki);
	snprintf(inside, sizeof(inside), "%s/folder/a.crl", pki);
	assert_int_equal(mkdir(folder, 0755), 0);
	lab_write(file, "1");
	lab_write(other, "1");
	watch = watch_open(why, sizeof(why));
	assert_non_null(watch);
	done(watch_set(watch, paths, 2, why, sizeof(why)));
	assert_false(watch_changed(watch));
	/* Written where it is. */
	lab_write(file, "2");
	assert_true(watch_changed(watch));
	assert_false(watch_changed(watch));
	/* Its neighbour, and a new one not yet in place. */
	lab_write(other, "2");
	lab_write(beside, "3");
	assert_false(watch_changed(watch));
	assert_int_equal(rename(beside, file), 0);
	assert_true(watch_changed(watch));
	/* That one too, the file is another by now. */
	lab_write(file, "4");
	assert_true(watch_changed(watch));
	assert_int_equal(unlink(file), 0);
	assert_true(watch_changed(watch));
	assert_int_equal(symlink(other, file), 0);
	assert_true(watch_changed(watch));
	/* Any CRL in a folder, and nothing else. */
	lab_write(inside, "1");
	assert_true(watch_changed(watch));
	snprintf(other, sizeof(other), "%s/folder/prose0.state", pki);
	lab_write(other, "1");
	assert_false(watch_changed(watch));
	/* A reload reads the files, sets the same ones, and one has changed in between. */
	lab_write(file, "5");
	done(watch_set(watch, paths, 2, why, sizeof(why)));
	ready.fd = watch_fd(watch);
	assert_int_equal(poll(&ready, 1, 0), 1);
	assert_true(watch_changed(watch));
	assert_false(watch_changed(watch));
	assert_int_equal(poll(&ready, 1, 0), 0);
	/* Others from now on. */
	done(watch_set(watch, paths, 1, why, sizeof(why)));
	(void)watch_changed(watch);
	lab_write(inside, "2");
	assert_false(watch_changed(watch));
	snprintf(folder, sizeof(folder), "%s/none/crl.pem", pki);
	assert_int_equal(watch_set(watch, paths, 2, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "none/crl.pem are not noticed: No such file"));
	assert_int_equal(unlink(file), 0);
	assert_true(watch_changed(watch));
	watch_close(watch);
	watch_close(NULL);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_revoked),
		TEST(test_somebody_else_revoked),
		TEST(test_broken_crl),
		TEST(test_adopted),
		TEST(test_expires),
		TEST(test_warns_in_time),
		TEST(test_clock_untrusted),
		TEST(test_clock_trusted),
		TEST(test_clock_file),
		TEST(test_watch),
	};

	return cmocka_run_group_tests_name("daemon_credentials", tests, NULL, NULL);
}
