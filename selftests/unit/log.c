// SPDX-License-Identifier: MIT
/* What the log says to a journal, to standard error, and how much of it. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/journal.h"
#include "daemon/log.h"

/* A journal, and a pipe in the place of standard error that it is said to read. */
struct bench {
	char folder[32], path[64];
	int journal, error, old_error;
};

static int setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char stream[64];
	struct stat st;
	int pipes[2];

	assert_non_null(bench);
	strcpy(bench->folder, "/tmp/prose-log-XXXXXX");
	assert_non_null(mkdtemp(bench->folder));
	snprintf(bench->path, sizeof(bench->path), "%s/socket", bench->folder);
	strcpy(address.sun_path, bench->path);
	bench->journal = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(bench->journal, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(pipe(pipes), 0);
	bench->old_error = dup(STDERR_FILENO);
	dup2(pipes[1], STDERR_FILENO);
	close(pipes[1]);
	bench->error = pipes[0];
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev,
		 (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_init_journal(LOG_LEVEL_INFO, bench->path);
	log_device("");
	*state = bench;
	return 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;

	unsetenv("JOURNAL_STREAM");
	dup2(bench->old_error, STDERR_FILENO);
	close(bench->old_error);
	close(bench->error);
	if (bench->journal >= 0)
		close(bench->journal);
	unlink(bench->path);
	rmdir(bench->folder);
	log_init_journal(LOG_LEVEL_ERROR, "/nonexistent");
	free(bench);
	return 0;
}

static void expect_journal(struct bench *bench, const char *text)
{
	char got[4096] = "";
	ssize_t len = recv(bench->journal, got, sizeof(got) - 1, 0);

	if (!text) {
		assert_int_equal(len, -1);
		return;
	}
	assert_true(len >= 0);
	got[len] = '\0';
	assert_string_equal(got, text);
}

static void expect_error(struct bench *bench, const char *text)
{
	char got[4096] = "";
	ssize_t len = read(bench->error, got, sizeof(got) - 1);

	assert_true(len >= 0);
	assert_string_equal(got, text);
}

static void fields(void **state)
{
	static const struct log_about about = {
		.peer = "urn:prose:ue2", .l2_id = "0a:0b:0d", .event = "failed",
	};
	struct log_limit limit = LOG_LIMIT(1, 1000);

	log_info("plain %d", 1);
	expect_journal(*state, "MESSAGE=plain 1\nPRIORITY=6\nSYSLOG_IDENTIFIER=prosed\n");
	log_debug("not shown");
	expect_journal(*state, NULL);
	log_device("prose0");
	log_limited_about(&limit, 0, LOG_LEVEL_WARNING, &about, "it %s", "failed");
	expect_journal(*state, "MESSAGE=it failed\nPRIORITY=4\nSYSLOG_IDENTIFIER=prosed\n"
		       "PROSE_DEVICE=prose0\nPROSE_PEER=urn:prose:ue2\nPROSE_L2_ID=0a:0b:0d\n"
		       "PROSE_EVENT=failed\n");
	/* Too many, and how many that were. */
	log_limited_about(&limit, 1, LOG_LEVEL_WARNING, &about, "more");
	log_limited(&limit, 2, LOG_LEVEL_WARNING, "more");
	expect_journal(*state, NULL);
	log_limited(&limit, 1000, LOG_LEVEL_WARNING, "again");
	expect_journal(*state, "MESSAGE=again (2 like it not shown)\nPRIORITY=4\n"
		       "SYSLOG_IDENTIFIER=prosed\nPROSE_DEVICE=prose0\n");
}

/* No message and no identity makes a field of its own. */
static void no_field_from_a_value(void **state)
{
	const struct log_about about = { .peer = "ue2\nPRIORITY=0", .l2_id = "0a:0b:0d" };
	struct log_limit limit = LOG_LIMIT(1, 1000);
	char got[4096];
	ssize_t len;
	char want[] = "MESSAGE=a?PRIORITY=0\nPRIORITY=5\nSYSLOG_IDENTIFIER=prosed\n"
		      "PROSE_PEER\n\x0e\0\0\0\0\0\0\0ue2\nPRIORITY=0\nPROSE_L2_ID=0a:0b:0d\n";

	log_limited_about(&limit, 0, LOG_LEVEL_NOTICE, &about, "%s", "a\nPRIORITY=0");
	len = recv(((struct bench *)*state)->journal, got, sizeof(got), 0);
	assert_int_equal(len, sizeof(want) - 1);
	assert_memory_equal(got, want, sizeof(want) - 1);
}

static void encoding(void **state)
{
	const struct journal_field some[] = {
		{ "A", "b" }, { "LEFT_OUT", NULL }, { "EMPTY", "" }, { "LINES", "x\n" }, { 0 }
	};
	static const char want[] = "A=b\nEMPTY=\nLINES\n\x02\0\0\0\0\0\0\0x\n\n";
	char buffer[64];
	size_t len;

	(void)state;
	assert_int_equal(journal_encode(some, buffer, sizeof(buffer)), sizeof(want) - 1);
	assert_memory_equal(buffer, want, sizeof(want) - 1);
	/* All of it, or nothing. */
	for (len = 0; len < sizeof(want) - 1; len++)
		assert_int_equal(journal_encode(some, buffer, len), 0);
	assert_int_equal(journal_encode(some, buffer, sizeof(want) - 1), sizeof(want) - 1);
}

/* What the journal does not take is not lost. */
static void falls_back(void **state)
{
	struct bench *bench = *state;
	struct pollfd written = { .fd = bench->error, .events = POLLIN };
	char line[2048];
	ssize_t len;
	int i;

	/* Full: it does not wait. */
	for (i = 0; i < 100000 && !poll(&written, 1, 0); i++)
		log_info("line %d", i);
	assert_int_equal(poll(&written, 1, 0), 1);
	len = read(bench->error, line, sizeof(line));
	assert_true(len > 8 && line[len - 1] == '\n');
	assert_memory_equal(line, "<6>line ", 8);
	/* Gone. */
	close(bench->journal);
	bench->journal = -1;
	errno = ENOTTY;
	log_warning("all the same");
	assert_int_equal(errno, ENOTTY);
	expect_error(bench, "<4>all the same\n");
	/* Never there. */
	log_init_journal(LOG_LEVEL_INFO, "/nonexistent/socket");
	log_warning("and now");
	expect_error(bench, "<4>and now\n");
}

static void keep(void *context, enum log_level level, const char *text)
{
	char *kept = context;

	snprintf(kept, 64, "%d %s", level, text);
}

static void diverted(void **state)
{
	char kept[64] = "";

	log_divert(keep, kept);
	log_warning("for %s", "another");
	log_debug("too much");
	log_divert(NULL, NULL);
	assert_string_equal(kept, "4 for another");
	expect_journal(*state, NULL);
	log_warning("again");
	expect_journal(*state, "MESSAGE=again\nPRIORITY=4\nSYSLOG_IDENTIFIER=prosed\n");
}

/* Somebody else reads standard error, whatever the environment says of an earlier one. */
static void plain_for_people(void **state)
{
	setenv("JOURNAL_STREAM", "1:1", 1);
	log_init_journal(LOG_LEVEL_INFO, ((struct bench *)*state)->path);
	log_warning("to a terminal");
	expect_error(*state, "prosed: to a terminal\n");
	expect_journal(*state, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(fields, setup, teardown),
		cmocka_unit_test_setup_teardown(no_field_from_a_value, setup, teardown),
		cmocka_unit_test(encoding),
		cmocka_unit_test_setup_teardown(falls_back, setup, teardown),
		cmocka_unit_test_setup_teardown(diverted, setup, teardown),
		cmocka_unit_test_setup_teardown(plain_for_people, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
