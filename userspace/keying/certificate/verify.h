/* SPDX-License-Identifier: MIT */
/* Is a certificate chain good, and if not, why, in words. */
#ifndef PROSE_KEYING_VERIFY_H
#define PROSE_KEYING_VERIFY_H

#include <stdbool.h>

#include <openssl/x509_vfy.h>

#include "credentials.h"

/* Certificates between a device's and its root; more is no chain, it is an attack. */
#define VERIFY_DEPTH_MAX	4

/**
 * struct verify - one verification
 * @credentials: roots, CRLs and policy
 * @own: the chain is our own, else the peer's
 * @now: wall-clock time
 * @expected: identity the certificate must name, empty for any
 * @identity: out: the identity it names
 * @issuer: out: who signed it
 * @crl_days_late: out: the latest of the CRLs used, 0 when none is late
 * @early: out: something is not valid yet, and the clock may be late
 * @crl_missing: out: an issuer has no CRL and policy let it pass
 * @evidence: out: what to judge the chain by later
 * @evidence_len: out: octets of it
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
	bool early;
	bool crl_missing;
	uint8_t evidence[KEYING_EVIDENCE_MAX];
	size_t evidence_len;
	char text[KEYING_TEXT_MAX];
};

/**
 * verify_chain() - verify what @context was set up with
 * @context: certificate, untrusted ones, store and purpose; on failure it gets the error
 *	     from which TLS chooses its alert
 * @verify: in and out
 *
 * Chain to any of the roots, validity at @now, basicConstraints with path length, keyUsage,
 * extended key usage by the purpose, name and policy constraints, no critical extension that
 * is not known, CRLs of the whole chain, identity.
 */
bool verify_chain(X509_STORE_CTX *context, struct verify *verify);

/* By how many days a CRL that was due is late: 0 in time, -1 too late to be taken. */
int verify_crl_days_late(const struct credentials *credentials, time_t due, time_t now);

#endif
