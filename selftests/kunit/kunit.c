// SPDX-License-Identifier: MIT
/*
 * The KUnit suites of code that is pure, as a program. It needs libc alone, so that it can
 * be built for a machine of the other byte order and run there (qemu-user).
 */
#include "../../kmod/tests/suites.h"

int main(void)
{
	static struct kunit_suite *const suites[] = {
		&prose_pdcp_suite, &prose_count_suite, &prose_replay_suite,
	};

	return kunit_run(suites, ARRAY_SIZE(suites));
}
