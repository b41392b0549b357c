/* SPDX-License-Identifier: MIT */
/*
 * As much of <kunit/test.h> as the suites of kmod/tests use, for programs: KTAP on
 * standard output, a failed assertion ends its test, what a test allocated ends with it.
 */
#ifndef _SELFTESTS_KUNIT_TEST_H
#define _SELFTESTS_KUNIT_TEST_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>

struct kunit_memory;

struct kunit {
	const char *name;
	void *priv;
	bool failed;
	const char *skipped;
	jmp_buf end;
	struct kunit_memory *memory;
};

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char *name;
};

struct kunit_suite {
	const char *name;
	int (*init)(struct kunit *test);
	void (*exit)(struct kunit *test);
	struct kunit_case *test_cases;
};

/* All suites in one KTAP stream; the exit status of the program. */
int kunit_run(struct kunit_suite *const *suites, size_t n);

/* Told after each test that what it leaves behind is to be looked for; may be NULL. */
extern void (*kunit_after)(struct kunit *test);

void kunit_say(struct kunit *test, const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void kunit_abort(struct kunit *test) __attribute__((noreturn));
void *kunit_memory_get(struct kunit *test, size_t size);
void kunit_memory_put(struct kunit *test, const void *p);

#define KUNIT_CASE(fn)		{ .run_case = fn, .name = #fn }

/* Memory is what the kernel's flags would have it be elsewhere. */
#define kunit_kzalloc(test, size, gfp)	kunit_memory_get(test, size)
#define kunit_kfree(test, p)		kunit_memory_put(test, p)

#define kunit_skip(test, ...) do {						\
	(test)->skipped = __VA_ARGS__;						\
	kunit_abort(test);							\
} while (0)

#define KUNIT_FAIL(test, ...) do {						\
	(test)->failed = true;							\
	kunit_say(test, __FILE__, __LINE__, __VA_ARGS__);			\
} while (0)

#define _KUNIT_CHECK(test, cond, text, end, ...) do {				\
	if (!(cond)) {								\
		(test)->failed = true;						\
		kunit_say(test, __FILE__, __LINE__, "%s", text);		\
		kunit_say(test, __FILE__, __LINE__, " " __VA_ARGS__);		\
		if (end)							\
			kunit_abort(test);					\
	}									\
} while (0)

#define _KUNIT_BINARY(test, left, op, right, end, ...) do {			\
	__auto_type _left = (left);						\
	__typeof__(_left) _right = (right);					\
										\
	if (!(_left op _right)) {						\
		(test)->failed = true;						\
		kunit_say(test, __FILE__, __LINE__, "%s %s %s: %lld, %lld", #left, #op,	\
			  #right, (long long)_left, (long long)_right);		\
		kunit_say(test, __FILE__, __LINE__, " " __VA_ARGS__);		\
		if (end)							\
			kunit_abort(test);					\
	}									\
} while (0)

#define KUNIT_EXPECT_TRUE(test, cond)	_KUNIT_CHECK(test, cond, #cond, false)
#define KUNIT_EXPECT_TRUE_MSG(test, cond, ...)	_KUNIT_CHECK(test, cond, #cond, false, __VA_ARGS__)
#define KUNIT_EXPECT_FALSE(test, cond)	_KUNIT_CHECK(test, !(cond), "not " #cond, false)
#define KUNIT_ASSERT_TRUE(test, cond)	_KUNIT_CHECK(test, cond, #cond, true)
#define KUNIT_ASSERT_FALSE(test, cond)	_KUNIT_CHECK(test, !(cond), "not " #cond, true)
#define KUNIT_ASSERT_NOT_NULL(test, p)	_KUNIT_CHECK(test, p, #p " is not NULL", true)

#define KUNIT_EXPECT_EQ(test, a, b)	_KUNIT_BINARY(test, a, ==, b, false)
#define KUNIT_EXPECT_EQ_MSG(test, a, b, ...)	_KUNIT_BINARY(test, a, ==, b, false, __VA_ARGS__)
#define KUNIT_EXPECT_NE(test, a, b)	_KUNIT_BINARY(test, a, !=, b, false)
#define KUNIT_EXPECT_GT(test, a, b)	_KUNIT_BINARY(test, a, >, b, false)
#define KUNIT_EXPECT_LT(test, a, b)	_KUNIT_BINARY(test, a, <, b, false)
#define KUNIT_EXPECT_LE(test, a, b)	_KUNIT_BINARY(test, a, <=, b, false)
#define KUNIT_EXPECT_GE(test, a, b)	_KUNIT_BINARY(test, a, >=, b, false)
#define KUNIT_ASSERT_EQ(test, a, b)	_KUNIT_BINARY(test, a, ==, b, true)
#define KUNIT_ASSERT_EQ_MSG(test, a, b, ...)	_KUNIT_BINARY(test, a, ==, b, true, __VA_ARGS__)
#define KUNIT_ASSERT_GE(test, a, b)	_KUNIT_BINARY(test, a, >=, b, true)
#define KUNIT_ASSERT_LE(test, a, b)	_KUNIT_BINARY(test, a, <=, b, true)

/* Pointers are compared and shown as such. */
#define _KUNIT_PTR(test, left, op, right, end) do {				\
	const void *_left = (left), *_right = (right);				\
										\
	if (!(_left op _right)) {						\
		(test)->failed = true;						\
		kunit_say(test, __FILE__, __LINE__, "%s %s %s: %p, %p", #left, #op,	\
			  #right, _left, _right);				\
		if (end)							\
			kunit_abort(test);					\
	}									\
} while (0)

#define KUNIT_EXPECT_PTR_EQ(test, a, b)	_KUNIT_PTR(test, a, ==, b, false)
#define KUNIT_ASSERT_PTR_EQ(test, a, b)	_KUNIT_PTR(test, a, ==, b, true)
#define KUNIT_EXPECT_PTR_NE(test, a, b)	_KUNIT_PTR(test, a, !=, b, false)

#ifndef __KERNEL__
/* What suites of pure code find in the kernel's headers. */
#include <string.h>

#include <linux/types.h>

typedef __s16 s16;

#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define min_t(type, a, b)	((type)(a) < (type)(b) ? (type)(a) : (type)(b))
#endif

#endif /* _SELFTESTS_KUNIT_TEST_H */
