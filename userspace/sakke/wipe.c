// SPDX-License-Identifier: MIT
/* The stack below, wipe.h. */
#include "wipe.h"

#include <stdint.h>

#include <openssl/crypto.h>

#define DEPTH	(32 * 1024)

__attribute__((noinline)) void wipe_stack(void)
{
	uint8_t below[DEPTH];

	OPENSSL_cleanse(below, sizeof(below));
}
