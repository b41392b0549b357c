/* SPDX-License-Identifier: MIT */
/* What a UE holds to authenticate itself and others with certificates. */
#ifndef PROSE_KEYING_CREDENTIALS_H
#define PROSE_KEYING_CREDENTIALS_H

#include <stdbool.h>

#include <openssl/ssl.h>

#include "certificate.h"

/* 112 bits: RSA of 2048 bits, curves of 224, SHA-256; nothing weaker, in any place. */
#define CREDENTIALS_SECURITY_LEVEL	2

/**
 * struct credentials - immutable once made; sessions read it without a lock
 * @method: what the caller holds
 * @ssl: own certificate, chain and key, and the store of roots and CRLs
 * @crl_policy: what a missing CRL means
 * @crl_grace_days: how late a CRL may be
 * @clock_untrusted: the clock may be late by any time
 * @token: where the private key is, NULL when it is in a file
 * @identity: own
 * @subject: own name, for sentences
 * @file: where the own certificate is from, for sentences
 * @not_before: validity of the own certificate
 * @not_after: end of it
 * @newest: latest time that is proven to be past
 * @roots: where the roots are from, for sentences
 * @crls: where the CRLs are from, for sentences
 * @crl_list: the CRLs in force; the store has them too
 */
struct credentials {
	struct keying_method method;
	SSL_CTX *ssl;
	enum certificate_crl_policy crl_policy;
	unsigned int crl_grace_days;
	bool clock_untrusted;
	struct token *token;
	char identity[KEYING_TEXT_MAX];
	char subject[64];
	char file[64];
	time_t not_before, not_after;
	time_t newest;
	char roots[64];
	char crls[64];
	STACK_OF(X509_CRL) *crl_list;
};

/* Reads all files; NULL with a sentence when anything is wrong with any. */
struct credentials *credentials_load(const struct certificate_files *files,
				     char *why, size_t why_len);

/* NULL is allowed. */
void credentials_free(struct credentials *credentials);

#endif
