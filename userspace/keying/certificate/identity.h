/* SPDX-License-Identifier: MIT */
/* Whom a certificate names. */
#ifndef PROSE_KEYING_IDENTITY_H
#define PROSE_KEYING_IDENTITY_H

#include <openssl/x509.h>

#include "../keying.h"

enum identity_status {
	IDENTITY_OK,
	IDENTITY_NONE,		/* the certificate has none that can be used */
	IDENTITY_OTHER,		/* it has one, but not the one expected */
};

/**
 * identity_of() - the identity a certificate authenticates
 * @certificate: of a device
 * @expected: identity it must name, octet by octet; empty takes any
 * @identity: gets @expected, or else the first the certificate names
 * @form: gets the kind of name that it is: GEN_URI, GEN_DNS, or GEN_DIRNAME for the common
 *	  name of the subject
 *
 * Subject alternative names of type URI are looked at first, then those of type DNS,
 * and the common name only when there is neither (as RFC 6125 6.4.4 has it). A name with
 * octets that have no place in it (an embedded NUL, control characters) is skipped.
 */
enum identity_status identity_of(X509 *certificate, const char *expected,
				 char identity[KEYING_TEXT_MAX], int *form);

#endif
