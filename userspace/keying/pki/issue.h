/* SPDX-License-Identifier: MIT */
/* Makes keys, certificates and CRLs in memory; pki.c puts them into files. */
#ifndef PROSE_KEYING_PKI_ISSUE_H
#define PROSE_KEYING_PKI_ISSUE_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "index.h"

/**
 * struct pki_issuer - who signs
 * @certificate: of the authority; NULL when it is about to sign its own
 * @key: its private key
 */
struct pki_issuer {
	X509 *certificate;
	EVP_PKEY *key;
};

/**
 * struct pki_subject - whom a certificate is for
 * @identity: common name, and subject alternative name of a device
 * @key: its key
 * @authority: a CA certificate, not one of a device
 * @not_before: begin of validity
 * @not_after: end of validity
 * @extended_key_usage: of a device, OpenSSL's names
 */
struct pki_subject {
	const char *identity;
	EVP_PKEY *key;
	bool authority;
	time_t not_before, not_after;
	const char *extended_key_usage;
};

/* A new key of a type of struct pki_options; NULL with a sentence. */
EVP_PKEY *pki_make_key(const char *type, char *why, size_t why_len);

/* A certificate with a random serial number of 127 bits. */
X509 *pki_make_certificate(const struct pki_issuer *issuer, const struct pki_subject *subject,
			   char *why, size_t why_len);

/* A CRL of all that is revoked in @index. */
X509_CRL *pki_make_crl(const struct pki_issuer *issuer, const struct pki_index *index,
		       long number, time_t now, time_t next, char *why, size_t why_len);

#endif
