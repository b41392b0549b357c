// SPDX-License-Identifier: MIT
#include "signed.h"

#include <string.h>

#define UPPER_LAYERS	1

/*
 * TS 24.334 12.5.1.3: the type is in the low bits of the first octet, and a name begins in its high
 * ones, so that it is shifted by a nibble. The codec of messages writes the same; that it does is tested.
 */
static size_t put_user_info(const char *identity, uint8_t *out)
{
	size_t len = strlen(identity);

	out[0] = UPPER_LAYERS;
	for (size_t i = 0; i < len; i++) {
		uint8_t octet = (uint8_t)identity[i];

		out[i] |= octet >> 4 << (i ? 0 : 4);
		out[i + 1] = (uint8_t)(octet << 4);
	}
	return len + 1;
}

size_t signed_request(const char *identity, const uint8_t nonce_1[static KEYING_NONCE_LEN],
		      uint8_t out[static SIGNED_MAX])
{
	size_t len = put_user_info(identity, out);

	memcpy(out + len, nonce_1, KEYING_NONCE_LEN);
	return len + KEYING_NONCE_LEN;
}

size_t signed_command(const char *identity, const uint8_t nonce_1[static KEYING_NONCE_LEN],
		      const uint8_t payload[static SAKKE_DATA_LEN],
		      uint8_t out[static SIGNED_MAX])
{
	size_t len = signed_request(identity, nonce_1, out);

	memcpy(out + len, payload, SAKKE_DATA_LEN);
	return len + SAKKE_DATA_LEN;
}
