// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit suites of the module's logic: prose_kunit.ko.
 *
 * A module of its own, which compiles the sources under test once more. prose.ko
 * exports nothing, and should not for the sake of tests; suites inside it would run
 * whenever it is loaded, so that no test had the module that users have, and could not
 * put fakes (fakes.c) in the place of netlink, which is how they see what is notified.
 */

#include <linux/module.h>

#include "suites.h"

kunit_test_suites(&prose_pdcp_suite, &prose_count_suite, &prose_replay_suite,
		  &prose_algs_suite, &prose_assoc_suite);

MODULE_DESCRIPTION("KUnit suites of prose");
MODULE_AUTHOR("The prose authors");
MODULE_LICENSE("GPL");
