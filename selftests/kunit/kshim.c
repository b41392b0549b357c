// SPDX-License-Identifier: MIT
/*
 * The KUnit suites that need the kernel, over the shim of it (selftests/kshim): associations,
 * and algorithms in each way a cipher can end.
 */
#include <kshim/kernel.h>

#include "../../kmod/tests/suites.h"

/* The same cases, with ciphers that end later. */
static int async_init(struct kunit *test)
{
	(void)test;
	kshim_crypto_mode = KSHIM_CRYPTO_ASYNC;
	return 0;
}

static int queued_init(struct kunit *test)
{
	(void)test;
	kshim_crypto_mode = KSHIM_CRYPTO_QUEUED;
	return 0;
}

static void sync_again(struct kunit *test)
{
	(void)test;
	kshim_crypto_mode = KSHIM_CRYPTO_SYNC;
}

/* Nothing held, nothing left; memory is LeakSanitizer's to look for. */
static void after(struct kunit *test)
{
	kshim_context_is_clean();
	kshim_run();
	KUNIT_EXPECT_EQ(test, kshim_skbs, 0UL);
}

int main(void)
{
	struct kunit_suite async = prose_algs_suite, queued = prose_algs_suite;
	struct kunit_suite *const suites[] = {
		&prose_assoc_suite, &prose_algs_suite, &async, &queued,
	};

	async.name = "prose_algs_async";
	async.init = async_init;
	async.exit = sync_again;
	queued.name = "prose_algs_queued";
	queued.init = queued_init;
	queued.exit = sync_again;
	kunit_after = after;
	return kunit_run(suites, ARRAY_SIZE(suites));
}
