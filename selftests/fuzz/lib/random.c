// SPDX-License-Identifier: MIT
/* A generator of its own for OpenSSL: a handshake is then a function of the input. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "fuzz.h"

#include <openssl/rand.h>

static uint64_t state;

static int next_octets(unsigned char *to, int len)
{
	while (len-- > 0) {
		/* splitmix64 */
		uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

		z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
		*to++ = (unsigned char)(z >> 32);
	}
	return 1;
}

static int ready(void)
{
	return 1;
}

void fuzz_random(uint64_t seed)
{
	static const RAND_METHOD method = {
		.bytes = next_octets, .pseudorand = next_octets, .status = ready,
	};

	state = seed;
	fuzz_check(RAND_set_rand_method(&method) == 1);
}
