// SPDX-License-Identifier: MIT
#include "identifier.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#define TEL		"tel:+"
#define TEL_DIGITS_MAX	15		/* E.164 */
#define UID_NAME	"MIKEY-SAKKE-UID"

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool small(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool starts(const char *text, size_t len, const char *with)
{
	return len >= strlen(with) && !memcmp(text, with, strlen(with));
}

static const char *tel_fault(const char *uri, size_t len)
{
	size_t digits = len - strlen(TEL);

	if (!starts(uri, len, TEL))
		return "is no tel URI in global form, as tel:+447700900123";
	for (size_t i = strlen(TEL); i < len; i++)
		if (!digit(uri[i]))
			return "has something else than digits behind tel:+; leave separators and parameters out";
	return digits >= 1 && digits <= TEL_DIGITS_MAX ? NULL :
							 "has not 1 to 15 digits behind tel:+";
}

/* RFC 3986 2.3 */
static bool unreserved(char c)
{
	return digit(c) || small(c) || capital(c) || (c && strchr("-._~", c));
}

/* 0 to 15; -1 for what is none or has another normal form */
static int hex(char c)
{
	return digit(c) ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static const char *character_fault(const char *uri, size_t len, size_t *i)
{
	int high, low;

	if (uri[*i] != '%')
		return unreserved(uri[*i]) || (uri[*i] && strchr(":/?#[]@!$&'()*+,;=", uri[*i])) ?
		       NULL : "has a character that no URI has";
	if (len - *i < 3)
		return "ends in a percent-encoding";
	high = hex(uri[*i + 1]);
	low = hex(uri[*i + 2]);
	if (high < 0 || low < 0)
		return "has a percent-encoding that is not of two digits or capital letters";
	if (unreserved((char)(high << 4 | low)))
		return "has a percent-encoding of a character that needs none";
	*i += 2;
	return NULL;
}

/* Where letters are the same in both sizes the small ones are the normal form. */
static const char *small_fault(const char *at, const char *end)
{
	for (; at < end; at++)
		if (capital(*at))
			return "has capital letters where small ones mean the same";
	return NULL;
}

static const char *find_any(const char *at, const char *end, const char *of)
{
	while (at < end && !strchr(of, *at))
		at++;
	return at;
}

/* sip:user@host;parameters, urn:namespace:rest */
static const char *part_fault(const char *uri, size_t len)
{
	const char *end = uri + len, *rest = memchr(uri, ':', len), *user;

	rest++;
	if (starts(uri, len, "urn:"))
		return small_fault(rest, find_any(rest, end, ":"));
	if (!starts(uri, len, "sip:") && !starts(uri, len, "sips:"))
		return NULL;
	user = memchr(rest, '@', (size_t)(end - rest));
	if (user)
		rest = user + 1;
	return small_fault(rest, find_any(rest, end, ";?"));
}

static const char *uri_fault(const char *uri, size_t len)
{
	const char *fault;
	size_t i = 0;

	while (i < len && (small(uri[i]) || (i && (digit(uri[i]) || strchr("+-.", uri[i])))))
		i++;
	if (!i || i + 1 >= len || uri[i] != ':')
		return "is no URI: it does not begin with a scheme in small letters, a colon and more";
	for (; i < len; i++) {
		fault = character_fault(uri, len, &i);
		if (fault)
			return fault;
	}
	return part_fault(uri, len);
}

const char *mikey_uri_fault(uint8_t scheme, const char *uri, size_t len)
{
	if (len > MIKEY_URI_MAX)
		return "is longer than 118 octets, which SAKKE has no room for";
	if (memchr(uri, 0, len))
		return "has a character that no URI has";
	if (scheme == MIKEY_SCHEME_TEL || starts(uri, len, "tel:"))
		return tel_fault(uri, len);
	return uri_fault(uri, len);
}

uint8_t mikey_scheme_of(const char *uri, size_t len)
{
	return mikey_uri_fault(MIKEY_SCHEME_TEL, uri, len) ? MIKEY_SCHEME_URI : MIKEY_SCHEME_TEL;
}

int mikey_identifier(const char *uri, size_t len, const struct mikey_month *month,
		     struct mikey_identifier *identifier)
{
	char date[9];

	*identifier = (struct mikey_identifier){ 0 };
	if (len > MIKEY_URI_MAX || month->year < 0 || month->year > 9999 || month->month < 1 ||
	    month->month > 12)
		return -1;
	snprintf(date, sizeof(date), "%04u-%02u", (unsigned int)month->year % 10000,
		 (unsigned int)month->month % 100);
	memcpy(identifier->octets, date, 8);
	memcpy(identifier->octets + 8, uri, len);
	identifier->len = 8 + len + 1;
	return 0;
}

static bool hash_part(EVP_MD_CTX *context, const void *part, size_t len)
{
	uint8_t width[2] = { (uint8_t)(len >> 8), (uint8_t)len };

	return EVP_DigestUpdate(context, part, len) &&
	       EVP_DigestUpdate(context, width, sizeof(width));
}

/* In as few octets as it takes, but at least one. */
static bool hash_number(EVP_MD_CTX *context, uint32_t number)
{
	uint8_t octets[4];
	size_t len = 1;

	for (int i = 0; i < 4; i++)
		octets[i] = (uint8_t)(number >> (24 - 8 * i));
	while (len < 4 && number >> 8 * len)
		len++;
	return hash_part(context, octets + 4 - len, len);
}

/* SHA-256 of FC = 0x00, and parameters and lengths as the KDF of TS 33.220 B.2 has them, no key. */
int mikey_uid(const char *uri, const struct mikey_uid_period *period,
	      uint8_t uid[static MIKEY_UID_LEN])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool done;

	done = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) &&
	       EVP_DigestUpdate(context, "", 1) &&
	       hash_part(context, UID_NAME, strlen(UID_NAME)) &&
	       hash_part(context, uri, strlen(uri)) &&
	       hash_part(context, period->kms_uri, strlen(period->kms_uri)) &&
	       hash_number(context, period->length) && hash_number(context, period->offset) &&
	       hash_number(context, period->number) && EVP_DigestFinal_ex(context, uid, NULL);
	EVP_MD_CTX_free(context);
	return done ? 0 : -1;
}
