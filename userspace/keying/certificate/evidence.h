/* SPDX-License-Identifier: MIT */
/*
 * What is kept of a verified chain, so that it can be judged again without it: a CRL may
 * revoke it later, its root may be trusted no more, and it expires.
 *
 *	version			1 octet
 *	trust anchor		32, SHA-256 of the root's name and public key
 *	certificates		1, how many follow; the device's first, the root last
 *	each:	issuer		32, SHA-256 of its name
 *		serial length	1, the highest bit set when the number is negative
 *		serial		as long as that says
 *		not after	8, seconds since the epoch
 *
 * Numbers are big-endian. There is nothing secret in it.
 */
#ifndef PROSE_KEYING_EVIDENCE_H
#define PROSE_KEYING_EVIDENCE_H

#include "credentials.h"

/* RFC 5280 4.1.2.2. Longer ones are refused when a chain is verified. */
#define EVIDENCE_SERIAL_MAX	20

/*
 * A root is what it is by name and key (RFC 5280 6.1.1), not by its octets: one that was
 * renewed with the same key vouches for what it signed before.
 */
int evidence_anchor(X509 *root, uint8_t anchor[32]);

/**
 * evidence_of() - what there is to remember of a chain
 * @chain: a verified one, the device's certificate first, the root last
 * @out: gets the octets
 *
 * Return: how many there are, 0 when there is no chain or OpenSSL failed.
 */
size_t evidence_of(STACK_OF(X509) *chain, uint8_t out[KEYING_EVIDENCE_MAX]);

/**
 * evidence_judge() - is the chain that this is left of still good?
 * @credentials: the present ones: roots, CRLs, policy
 * @evidence: octets that evidence_of() made
 * @len: how many
 * @now: wall-clock time
 * @text: gets the reason, a clause about the peer's certificate, when it is not
 * @text_len: its size
 *
 * Says what verify_chain() would say of the same certificates, as far as time has any
 * influence on it. A CRL of an issuer that was never seen here cannot be checked for its
 * signature; where such a one revokes, that counts, since verification would refuse too.
 *
 * Return: 0 or -1.
 */
int evidence_judge(const struct credentials *credentials, const uint8_t *evidence, size_t len,
		   time_t now, char *text, size_t text_len);

#endif
