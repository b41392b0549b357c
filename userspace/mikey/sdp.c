// SPDX-License-Identifier: MIT
#include "sdp.h"

#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

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

/* Lines that matter here. */
enum line { LINE_OTHER, LINE_MEDIUM, LINE_KEY_MGMT };

static const char *next_line(const char *sdp, size_t len, size_t *at, size_t *line_len,
			     enum line *kind)
{
	const char *line = sdp + *at, *nl, *end, *rest = line;

	if (*at >= len)
		return NULL;
	nl = memchr(line, '\n', len - *at);
	end = nl ? nl + 1 : sdp + len;
	*at = (size_t)(end - sdp);
	end = without_end(line, end);
	*line_len = (size_t)(end - line);
	*kind = skip(&rest, end, PREFIX FIELD) ? LINE_KEY_MGMT :
		skip(&rest, end, "m=") ? LINE_MEDIUM : LINE_OTHER;
	return line;
}

const char *mikey_sdp_find(const char *sdp, size_t len, size_t *at, size_t *line_len)
{
	const char *line;
	enum line kind;

	while ((line = next_line(sdp, len, at, line_len, &kind)))
		if (kind == LINE_KEY_MGMT)
			return line;
	return NULL;
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* KMPID of an attribute; 0 octets where there is none, for what is none must not look like several. */
static size_t protocol(const char *line, size_t len, const char **name)
{
	const char *at = line, *end = line + len;

	skip(&at, end, PREFIX FIELD);
	skip(&at, end, " ");
	*name = at;
	while (at < end && is_alnum(*at))
		at++;
	return at < end && *at == ' ' ? (size_t)(at - *name) : 0;
}

static bool is_mikey(const char *name, size_t len)
{
	return len == strlen(PROTOCOL) && !memcmp(name, PROTOCOL, len);
}

char *mikey_sdp_offered(const char *sdp, size_t len)
{
	char *list = malloc(len + 1), *to = list;
	size_t at = 0, line_len, name_len;
	const char *line, *name;

	/* Each line is longer than its protocol and a ';'. */
	while (list && (line = mikey_sdp_find(sdp, len, &at, &line_len))) {
		name_len = protocol(line, line_len, &name);
		memcpy(to, name, name_len);
		to += name_len;
		*to++ = ';';
	}
	if (list)
		to[to > list ? -1 : 0] = 0;
	return list;
}

bool mikey_sdp_offers(const char *list)
{
	bool found = false;
	size_t len;

	for (;; list += len + 1) {
		for (len = 0; is_alnum(list[len]); len++)
			;
		found = found || is_mikey(list, len);
		if (!len || list[len] != ';')
			return len && !list[len] && found;
	}
}

/* The section whose attributes are those of a medium, or of all: 0 is the session, -1 none. */
static ssize_t section(const char *sdp, size_t len, size_t medium, const char **reason)
{
	size_t at = 0, line_len, media = 0, of_their_own = 0, first = 0, last = 0;
	bool session = false, own = false;
	enum line kind;

	while (next_line(sdp, len, &at, &line_len, &kind)) {
		media += kind == LINE_MEDIUM;
		if (kind != LINE_KEY_MGMT)
			continue;
		session = session || !media;
		own = own || media == medium;
		of_their_own += media > last;
		last = media;
		first = first ? first : media;
	}
	if (medium > media) {
		*reason = "is of another medium: there are not as many";
		return -1;
	}
	if (medium)
		return own ? (ssize_t)medium : 0;
	if (!of_their_own || (of_their_own == 1 && (media == 1 || !session)))
		return (ssize_t)first;
	*reason = "is not the same for all media: say for which one (--media)";
	return -1;
}

const char *mikey_sdp_pick(const char *sdp, size_t len, size_t medium, size_t *line_len,
			   const char **reason)
{
	ssize_t wanted = section(sdp, len, medium, reason), media = 0;
	const char *line, *name;
	size_t at = 0, name_len;
	enum line kind;

	if (wanted < 0)
		return NULL;
	while ((line = next_line(sdp, len, &at, line_len, &kind))) {
		media += kind == LINE_MEDIUM;
		if (media != wanted || kind != LINE_KEY_MGMT)
			continue;
		name_len = protocol(line, *line_len, &name);
		if (is_mikey(name, name_len))
			return line;
	}
	*reason = "is not of the protocol mikey, or not there";
	return NULL;
}
