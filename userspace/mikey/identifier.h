/* SPDX-License-Identifier: MIT */
/*
 * Identifiers: the octets that stand for a user in ECCSI and SAKKE.
 *
 * By month (RFC 6509 3.2): "YYYY-MM", 0, URI, 0. Whoever has the URI and the time has the public key;
 * only the KMS can make the secret ones. Both ends have to form the same octets, so a URI has one
 * form only, and another one is refused rather than put right: what is put right differently at
 * both ends would be two users.
 *
 * By UID (3GPP, for mission critical services): a hash of URI, KMS and key period, which is what
 * the message has in place of the URI.
 */
#ifndef PROSE_MIKEY_IDENTIFIER_H
#define PROSE_MIKEY_IDENTIFIER_H

#include "profile.h"
#include "timestamp.h"

/* SAKKE takes an identifier as a number below q, which has 1022 bits: 127 octets are always. */
#define MIKEY_IDENTIFIER_MAX	127
#define MIKEY_URI_MAX		(MIKEY_IDENTIFIER_MAX - 8 - 1)
#define MIKEY_UID_LEN		32

/* ID scheme of SAKKE. */
enum mikey_scheme {
	MIKEY_SCHEME_TEL	= 1,	/* tel URI with monthly keys */
	MIKEY_SCHEME_UID	= 2,	/* 3GPP UID */
	MIKEY_SCHEME_URI	= MIKEY_SCHEME_PRIVATE,	/* any URI in normal form, with monthly keys */
};

/* The octets. */
struct mikey_identifier {
	uint8_t octets[MIKEY_IDENTIFIER_MAX];
	size_t len;
};

/* How long a key is good in the scheme UID, all in seconds since 1900 or of them. */
struct mikey_uid_period {
	const char *kms_uri;
	uint32_t length;
	uint32_t offset;
	uint32_t number;
};

/**
 * mikey_uri_fault() - what is wrong with a URI
 * @scheme: MIKEY_SCHEME_TEL or MIKEY_SCHEME_URI
 * @uri: the URI
 * @len: its octets
 *
 * Tel, and a tel URI in scheme URI: "tel:+", 1 to 15 digits; no separators, no parameters. URI:
 * normal form as far as it can be seen without knowing the scheme (RFC 3986 6.2.2): scheme in small
 * letters, only characters that a URI may have, percent-encodings in capitals and only of what needs
 * it; a host in small letters with
 * sip: and sips:, the namespace in small letters with urn:.
 *
 * Return: NULL when it is well, else a text that goes on behind the URI.
 */
const char *mikey_uri_fault(uint8_t scheme, const char *uri, size_t len);

/* The scheme an identity is used with: a tel URI of the form above is one. */
uint8_t mikey_scheme_of(const char *uri, size_t len);

/**
 * mikey_identifier() - identifier by month
 * @uri: the URI, which has no fault
 * @len: its octets
 * @month: the month
 * @identifier: gets it
 *
 * Return: 0 or -1, when the URI is too long, or the year has not four digits.
 */
int mikey_identifier(const char *uri, size_t len, const struct mikey_month *month,
		     struct mikey_identifier *identifier);

/**
 * mikey_uid() - identifier by UID
 * @uri: the URI
 * @period: key period
 * @uid: gets it
 *
 * Return: 0 or -1.
 */
int mikey_uid(const char *uri, const struct mikey_uid_period *period,
	      uint8_t uid[static MIKEY_UID_LEN]);

#endif
