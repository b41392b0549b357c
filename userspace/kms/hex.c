// SPDX-License-Identifier: MIT
#include "hex.h"

#include <string.h>

static const char digits[] = "0123456789abcdef";

void hex_put(const uint8_t *octets, size_t len, char *out)
{
	for (size_t i = 0; i < len; i++) {
		*out++ = digits[octets[i] >> 4];
		*out++ = digits[octets[i] & 0xf];
	}
	*out = 0;
}

bool hex_get(const char *text, uint8_t *octets, size_t len)
{
	if (!text || strlen(text) != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		const char *high = memchr(digits, text[2 * i], 16);
		const char *low = memchr(digits, text[2 * i + 1], 16);

		if (!high || !low)
			return false;
		octets[i] = (uint8_t)((high - digits) << 4 | (low - digits));
	}
	return true;
}
