// SPDX-License-Identifier: MIT
#include "sentence.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <openssl/err.h>

/*
 * Octets of the well-formed character at @text, 0 when there is none: RFC 3629, that is
 * without overlong forms, surrogates and values over U+10FFFF. Control characters of
 * ASCII and ISO 6429 count as malformed: terminals act on both.
 */
static size_t character(const unsigned char *text, size_t len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t value;
	size_t n, i;

	if (text[0] < 0x80)
		return text[0] >= 0x20 && text[0] != 0x7f;
	if ((text[0] & 0xe0) == 0xc0)
		n = 2;
	else if ((text[0] & 0xf0) == 0xe0)
		n = 3;
	else if ((text[0] & 0xf8) == 0xf0)
		n = 4;
	else
		return 0;
	if (n > len)
		return 0;
	value = text[0] & (0x7f >> n);
	for (i = 1; i < n; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (text[i] & 0x3f);
	}
	if (value < least[n] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff) ||
	    (value >= 0x80 && value < 0xa0))
		return 0;
	return n;
}

int keying_text_valid(const char *text, size_t len)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t n;

	while (len) {
		n = character(at, len);
		if (!n)
			return 0;
		at += n;
		len -= n;
	}
	return 1;
}

int keying_sentence(char *why, size_t why_len, const char *format, ...)
{
	size_t len, at, n;
	va_list args;
	int wanted;

	if (!why_len)
		return -1;
	va_start(args, format);
	wanted = vsnprintf(why, why_len, format, args);
	va_end(args);
	if (wanted < 0) {
		why[0] = '\0';
		return -1;
	}
	len = (size_t)wanted < why_len ? (size_t)wanted : why_len - 1;
	for (at = 0; at < len; at += n) {
		n = character((const unsigned char *)why + at, len - at);
		if (!n) {
			why[at] = '?';
			n = 1;
		}
	}
	return -1;
}

const char *keying_openssl_reason(void)
{
	unsigned long error = ERR_peek_last_error();
	const char *reason = NULL;

	if (error)
		reason = ERR_reason_error_string(error);
	ERR_clear_error();
	return reason ? reason : "no reason given by OpenSSL";
}
