// SPDX-License-Identifier: MIT
#include "process.h"

#include <sys/prctl.h>
#include <sys/resource.h>

/* The leak checker of a sanitized build attaches to its own process. */
#if defined(__SANITIZE_ADDRESS__)
#define DUMPABLE	1
#else
#define DUMPABLE	0
#endif

int process_keep_secrets(void)
{
	const struct rlimit none = { 0, 0 };

	return setrlimit(RLIMIT_CORE, &none) || prctl(PR_SET_DUMPABLE, DUMPABLE) ? -1 : 0;
}
