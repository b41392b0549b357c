/* SPDX-License-Identifier: MIT */
/* Is a certificate chain good, and if not, why, in words. */
#ifndef PROSE_KEYING_VERIFY_H
#define PROSE_KEYING_VERIFY_H

#include <stdbool.h>

#include <openssl/x509_vfy.h>

#include "credentials.h"

/**
 * struct verify - one verification
 * @credentials: roots, CRLs and policy
 * @own: the chain is our own, else the peer's
 * @now: wall-clock time
 * @expected: identity the certificate must name, empty for any
 * @identity: out: the identity it names
 * @issuer: out: who signed it
 * @crl_days_late: out: the latest of the CRLs used, 0 when none is late
 * @crl_missing: out: an issuer has no CRL and policy let it pass
 * @text: out: why not, a sentence without its end; empty when all is well
 */
struct verify {
	const struct credentials *credentials;
	bool own;
	time_t now;
	const char *expected;
	char identity[KEYING_TEXT_MAX];
	char issuer[64];
	unsigned int crl_days_late;
	bool crl_missing;
	char text[KEYING_TEXT_MAX];
};

/**
 * verify_chain() - verify what @context was set up with
 * @context: certificate, untrusted ones, store and purpose; on failure it gets the error
 *	     from which TLS chooses its alert
 * @verify: in and out
 *
 * Chain to any of the roots, validity at @now, basicConstraints and keyUsage, extended
 * key usage by the purpose, CRLs of the whole chain, identity.
 */
bool verify_chain(X509_STORE_CTX *context, struct verify *verify);

#endif
