/* SPDX-License-Identifier: GPL-2.0-only */
/* The suites there are. */
#ifndef _PROSE_TESTS_SUITES_H
#define _PROSE_TESTS_SUITES_H

#include <kunit/test.h>

extern struct kunit_suite prose_pdcp_suite;
extern struct kunit_suite prose_count_suite;
extern struct kunit_suite prose_replay_suite;
extern struct kunit_suite prose_algs_suite;
extern struct kunit_suite prose_assoc_suite;

#endif /* _PROSE_TESTS_SUITES_H */
