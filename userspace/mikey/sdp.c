// SPDX-License-Identifier: MIT
#include "sdp.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "mikey.h"

#define PREFIX		"a="
#define FIELD		"key-mgmt:"
#define PROTOCOL	"mikey"
#define HEAD		PREFIX FIELD PROTOCOL " "

/* With the 0 that EVP_EncodeBlock() puts behind it. */
static size_t base64_size(size_t len)
{
	return (len + 2) / 3 * 4 + 1;
}

char *mikey_sdp_encode(const uint8_t *data, size_t len)
{
	char *line;

	if (!len || len > MIKEY_MAX_LEN)
		return NULL;
	line = malloc(strlen(HEAD) + base64_size(len));
	if (!line)
		return NULL;
	memcpy(line, HEAD, strlen(HEAD));
	EVP_EncodeBlock((unsigned char *)line + strlen(HEAD), data, (int)len);
	return line;
}

static bool skip(const char **at, const char *end, const char *what)
{
	size_t len = strlen(what);

	if ((size_t)(end - *at) < len || memcmp(*at, what, len))
		return false;
	*at += len;
	return true;
}

static const char *without_end(const char *line, const char *end)
{
	if (end > line && end[-1] == '\n')
		end--;
	if (end > line && end[-1] == '\r')
		end--;
	return end;
}

/*
 * EVP_DecodeBlock() is lenient, about spaces and about bits that no octet takes up. So what it makes
 * is encoded again and has to be the same.
 */
static uint8_t *decode_base64(const char *text, size_t len, size_t *out_len)
{
	uint8_t *out = malloc(len / 4 * 3 + 1), *again = malloc(len + 1);
	size_t padding = len && text[len - 1] == '=' ? 1 + (text[len - 2] == '=') : 0;
	int got = -1;

	if (out && again)
		got = EVP_DecodeBlock(out, (const unsigned char *)text, (int)len);
	if (got < 0 || (size_t)got < padding || (size_t)got != len / 4 * 3 ||
	    EVP_EncodeBlock(again, out, got - (int)padding) != (int)len ||
	    memcmp(again, text, len) != 0) {
		free(out);
		out = NULL;
	} else {
		*out_len = (size_t)got - padding;
	}
	free(again);
	return out;
}

uint8_t *mikey_sdp_decode(const char *line, size_t len, size_t *out_len, const char **reason)
{
	const char *at = line, *end = without_end(line, line + len);
	uint8_t *out;

	*out_len = 0;
	if (skip(&at, end, PREFIX)) {
		if (!skip(&at, end, FIELD)) {
			*reason = "is not there: this is another attribute";
			return NULL;
		}
	} else {
		skip(&at, end, FIELD);
	}
	/* 0*1SP */
	skip(&at, end, " ");
	if (!skip(&at, end, PROTOCOL " ")) {
		*reason = "is not of the protocol mikey";
		return NULL;
	}
	len = (size_t)(end - at);
	if (!len || len % 4 || len >= base64_size(MIKEY_MAX_LEN)) {
		*reason = "is cut off or too long: its base64 has a length that no message has";
		return NULL;
	}
	out = decode_base64(at, len, out_len);
	if (!out)
		*reason = "is not base64";
	return out;
}

const char *mikey_sdp_find(const char *sdp, size_t len, size_t *at, size_t *line_len)
{
	while (*at < len) {
		const char *line = sdp + *at, *nl = memchr(line, '\n', len - *at);
		const char *end = nl ? nl + 1 : sdp + len, *rest = line;

		*at = (size_t)(end - sdp);
		end = without_end(line, end);
		if (skip(&rest, end, PREFIX FIELD)) {
			*line_len = (size_t)(end - line);
			return line;
		}
	}
	return NULL;
}
