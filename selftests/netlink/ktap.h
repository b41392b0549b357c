/* SPDX-License-Identifier: MIT */
/*
 * Results in KTAP for the C programs of the guest tests. A program hands a table of tests to
 * ktap_main(); names on its command line choose some of them.
 *
 * Inside a test: check() notes a failure and goes on, need() notes it and ends the test.
 */
#ifndef SELFTESTS_KTAP_H
#define SELFTESTS_KTAP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct ktap_test {
	const char *name;
	void (*run)(void);
};

enum { KTAP_PASS = 0, KTAP_FAIL = 1, KTAP_SKIP = 4 };

static int ktap_failures;	/* of the test that runs */
static const char *ktap_skipped;
static jmp_buf ktap_end_of_test;

/* A comment line, to explain a result or what is about to be tried. */
__attribute__((format(printf, 1, 2), unused))
static void ktap_say(const char *format, ...)
{
	va_list args;

	printf("# ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

/* A flood of equal failures says no more than the first ones. */
#define KTAP_SHOWN	20

__attribute__((format(printf, 3, 4), unused))
static void ktap_note_failure(const char *file, int line, const char *format, ...)
{
	va_list args;

	if (ktap_failures++ >= KTAP_SHOWN)
		return;
	printf("# %s:%d: ", strrchr(file, '/') ? strrchr(file, '/') + 1 : file, line);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

#define check(condition, ...) \
	((condition) ? true : (ktap_note_failure(__FILE__, __LINE__, __VA_ARGS__), false))

#define need(condition, ...) do {						\
	if (!(condition)) {							\
		ktap_note_failure(__FILE__, __LINE__, __VA_ARGS__);		\
		longjmp(ktap_end_of_test, 1);					\
	}									\
} while (0)

#define skip(reason) do {							\
	ktap_skipped = (reason);						\
	longjmp(ktap_end_of_test, 1);						\
} while (0)

static bool ktap_chosen(const char *name, int argc, char **argv)
{
	int i;

	if (argc < 2)
		return true;
	for (i = 1; i < argc; i++)
		if (!strcmp(name, argv[i]))
			return true;
	return false;
}

static void ktap_run(void (*before)(void), void (*run)(void))
{
	ktap_failures = 0;
	ktap_skipped = NULL;
	if (setjmp(ktap_end_of_test))
		return;
	if (before)
		before();
	run();
}

/* Runs the tests; @before, if not NULL, goes before each. Returns the exit status. */
__attribute__((unused))
static int ktap_main(const struct ktap_test *tests, size_t n, void (*before)(void),
		     int argc, char **argv)
{
	int ran = 0, failed = 0, skipped = 0;
	size_t i, planned = 0;

	for (i = 0; i < n; i++)
		planned += ktap_chosen(tests[i].name, argc, argv);
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..%zu\n", planned);
	for (i = 0; i < n; i++) {
		if (!ktap_chosen(tests[i].name, argc, argv))
			continue;
		ktap_run(before, tests[i].run);
		ran++;
		if (ktap_failures > KTAP_SHOWN)
			ktap_say("and %d failures more", ktap_failures - KTAP_SHOWN);
		if (ktap_failures)
			failed++;
		else if (ktap_skipped)
			skipped++;
		printf("%sok %d %s%s%s\n", ktap_failures ? "not " : "", ran, tests[i].name,
		       !ktap_failures && ktap_skipped ? " # SKIP " : "",
		       !ktap_failures && ktap_skipped ? ktap_skipped : "");
	}
	printf("# Totals: pass:%d fail:%d xfail:0 xpass:0 skip:%d error:0\n",
	       ran - failed - skipped, failed, skipped);
	if (failed || !ran)
		return KTAP_FAIL;
	return skipped == ran ? KTAP_SKIP : KTAP_PASS;
}

#define KTAP_MAIN(tests, before, argc, argv) \
	ktap_main(tests, sizeof(tests) / sizeof((tests)[0]), before, argc, argv)

#endif
