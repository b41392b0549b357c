/* SPDX-License-Identifier: MIT */
/* What a chain must keep to beyond what OpenSSL asks of it. */
#ifndef PROSE_KEYING_CONSTRAINTS_H
#define PROSE_KEYING_CONSTRAINTS_H

#include "verify.h"

/**
 * constraints_check() - CAs, key usage of the device, serial numbers
 * @context: with a chain that OpenSSL has verified
 * @verify: gets a sentence where the error by itself does not say it
 *
 * Return: X509_V_OK, or the error, with the certificate it is about set in @context.
 */
int constraints_check(X509_STORE_CTX *context, struct verify *verify);

/**
 * constraints_check_name() - may the CAs above name a device like this?
 * @context: as above
 * @verify: as above
 * @form: kind of name that the identity is: GEN_URI, GEN_DNS, or GEN_DIRNAME for the
 *	  common name of the subject
 *
 * OpenSSL has compared each name with the constraints that are of its kind. By RFC 5280
 * names of a kind that is not mentioned are not limited, so a CA that may sign for hosts of
 * one domain could sign for any URI. Who limited it did not mean that: a CA that is
 * permitted anything must be permitted names of the identity's kind.
 *
 * Return: as above.
 */
int constraints_check_name(X509_STORE_CTX *context, struct verify *verify, int form);

#endif
