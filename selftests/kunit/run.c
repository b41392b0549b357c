// SPDX-License-Identifier: MIT
/* Runs suites as the kernel's KUnit does, see include/kunit/test.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kunit/test.h>

/* No header of its own in the allocation: its bounds are what ASan watches. */
struct kunit_memory {
	struct kunit_memory *next;
	void *p;
};

void (*kunit_after)(struct kunit *test);

void *kunit_memory_get(struct kunit *test, size_t size)
{
	struct kunit_memory *entry = malloc(sizeof(*entry));
	void *p = calloc(1, size ? size : 1);

	if (!entry || !p)
		abort();
	/* Of nothing, no octet may be read. */
	if (!size) {
		free(p);
		p = malloc(0);
	}
	entry->p = p;
	entry->next = test->memory;
	test->memory = entry;
	return p;
}

void kunit_memory_put(struct kunit *test, const void *p)
{
	struct kunit_memory **at, *entry;

	for (at = &test->memory; *at; at = &(*at)->next) {
		entry = *at;
		if (entry->p != p)
			continue;
		*at = entry->next;
		free(entry->p);
		free(entry);
		return;
	}
	KUNIT_FAIL(test, "freed what it does not have");
}

void kunit_say(struct kunit *test, const char *file, int line, const char *format, ...)
{
	va_list args;

	/* What the macros make of no message. */
	if (!strcmp(format, " "))
		return;
	printf("    # %s: %s:%d: ", test->name, file, line);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
}

void kunit_abort(struct kunit *test)
{
	longjmp(test->end, 1);
}

static void run_one(const struct kunit_suite *suite, const struct kunit_case *one,
		    struct kunit *test)
{
	if (!setjmp(test->end)) {
		int err = suite->init ? suite->init(test) : 0;

		if (err)
			KUNIT_FAIL(test, "init: %d", err);
		else
			one->run_case(test);
	}
	/* An assertion in it leaves it. */
	if (suite->exit && !setjmp(test->end))
		suite->exit(test);
	while (test->memory)
		kunit_memory_put(test, test->memory->p);
	if (kunit_after)
		kunit_after(test);
}

static bool run_suite(const struct kunit_suite *suite)
{
	const struct kunit_case *one;
	bool good = true;
	int n = 0;

	for (one = suite->test_cases; one->run_case; one++)
		n++;
	printf("    KTAP version 1\n    # Subtest: %s\n    1..%d\n", suite->name, n);
	n = 0;
	for (one = suite->test_cases; one->run_case; one++) {
		struct kunit test = { .name = one->name };

		run_one(suite, one, &test);
		printf("    %s %d %s%s%s\n", test.failed ? "not ok" : "ok", ++n, one->name,
		       test.skipped ? " # SKIP " : "", test.skipped ? test.skipped : "");
		fflush(stdout);
		good = good && !test.failed;
	}
	return good;
}

int kunit_run(struct kunit_suite *const *suites, size_t n)
{
	bool good = true;
	size_t i;

	printf("KTAP version 1\n1..%zu\n", n);
	for (i = 0; i < n; i++) {
		bool suite = run_suite(suites[i]);

		printf("%s %zu %s\n", suite ? "ok" : "not ok", i + 1, suites[i]->name);
		good = good && suite;
	}
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
