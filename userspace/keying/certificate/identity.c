// SPDX-License-Identifier: MIT
#include "identity.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/x509v3.h>

#include "../sentence.h"
#include "core/constants.h"

/* Takes a name if it is usable; true when it is the one looked for. */
static bool take(const unsigned char *name, int len, const char *expected,
		 char identity[KEYING_TEXT_MAX])
{
	if (len <= 0 || len > PROSE_IDENTITY_MAX || !keying_text_valid((const char *)name, len))
		return false;
	if (!identity[0]) {
		memcpy(identity, name, len);
		identity[len] = '\0';
	}
	if (!expected[0])
		return true;
	return strlen(expected) == (size_t)len && !memcmp(expected, name, len);
}

static bool take_alternatives(const GENERAL_NAMES *names, int type, const char *expected,
			      char identity[KEYING_TEXT_MAX], bool *seen)
{
	const GENERAL_NAME *name;
	int i;

	for (i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		name = sk_GENERAL_NAME_value(names, i);
		if (name->type != type)
			continue;
		*seen = true;
		/* URI and DNS are both IA5String in one place of the union. */
		if (take(ASN1_STRING_get0_data(name->d.ia5), ASN1_STRING_length(name->d.ia5),
			 expected, identity))
			return true;
	}
	return false;
}

static bool take_common_name(X509 *certificate, const char *expected,
			     char identity[KEYING_TEXT_MAX])
{
	X509_NAME *subject = X509_get_subject_name(certificate);
	const ASN1_STRING *name;
	unsigned char *text = NULL;
	int at = -1, last = -1, len;
	bool found;

	/* The last is the most specific one. */
	while ((at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0)
		last = at;
	if (last < 0)
		return false;
	name = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, last));
	len = ASN1_STRING_to_UTF8(&text, name);
	found = len > 0 && take(text, len, expected, identity);
	OPENSSL_free(text);
	return found;
}

enum identity_status identity_of(X509 *certificate, const char *expected,
				 char identity[KEYING_TEXT_MAX], int *form)
{
	GENERAL_NAMES *names;
	bool seen = false, found;
	int critical = -1;

	memset(identity, 0, KEYING_TEXT_MAX);
	names = X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, NULL);
	/* There, but twice or not to be parsed: no falling back to the common name. */
	if (!names && critical != -1)
		return IDENTITY_NONE;
	*form = GEN_URI;
	found = take_alternatives(names, GEN_URI, expected, identity, &seen);
	if (!found) {
		*form = GEN_DNS;
		found = take_alternatives(names, GEN_DNS, expected, identity, &seen);
	}
	GENERAL_NAMES_free(names);
	if (!found && !seen) {
		*form = GEN_DIRNAME;
		found = take_common_name(certificate, expected, identity);
	}
	if (found) {
		if (expected[0])
			strcpy(identity, expected);
		return IDENTITY_OK;
	}
	return identity[0] ? IDENTITY_OTHER : IDENTITY_NONE;
}
