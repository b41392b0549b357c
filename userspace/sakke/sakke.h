/* SPDX-License-Identifier: MIT */
/*
 * SAKKE, RFC 6508 with parameter set 1 of RFC 6509: a secret (SSV) encapsulated to an identity.
 * Points are uncompressed, 04 || x || y.
 *
 * An identity is at most SAKKE_ID_MAX octets; as an integer, most significant octet first, it has to lie
 * in 2..q-1, or every function here refuses it. Text of up to 127 octets always does.
 */
#ifndef PROSE_SAKKE_SAKKE_H
#define PROSE_SAKKE_SAKKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SAKKE_L			128			/* octets of p */
#define SAKKE_SCALAR_LEN	SAKKE_L			/* z */
#define SAKKE_POINT_LEN		(1 + 2 * SAKKE_L)	/* Z, RSK, R */
#define SAKKE_SSV_LEN		16			/* n = 128 */
#define SAKKE_DATA_LEN		(SAKKE_POINT_LEN + SAKKE_SSV_LEN)	/* R || H */
#define SAKKE_ID_MAX		SAKKE_L			/* octets of an identity */

/* A community, known by its Z, with tables for it: 2 MB. Nothing in it is secret or changes. */
struct sakke_domain;

/* An identity's own key, made ready to decapsulate. All of it is secret. */
struct sakke_key;

/**
 * sakke_domain_new() - a community by its public key
 * @z_public: Z, the KMS Public Key
 *
 * Takes some 70 ms: Z is tried whether it is a point of the curve in its one encoding and of order q,
 * and tables are made.
 *
 * Return: the domain, to be freed with sakke_domain_free(), or NULL.
 */
struct sakke_domain *sakke_domain_new(const uint8_t z_public[SAKKE_POINT_LEN]);

/**
 * sakke_domain_free() - the end of it
 * @domain: or NULL; no key of it may be left
 */
void sakke_domain_free(struct sakke_domain *domain);

/**
 * sakke_encapsulate() - to an identity of a community (RFC 6508 6.2.1)
 * @domain: the community
 * @id: the identity
 * @id_len: its octets
 * @ssv: what to send; as random as a key
 * @data: gets R || H
 *
 * Return: 0, or -1 when the identity is out of range or the library fails; @data is then wiped.
 */
int sakke_encapsulate(const struct sakke_domain *domain, const uint8_t *id, size_t id_len,
		      const uint8_t ssv[SAKKE_SSV_LEN], uint8_t data[SAKKE_DATA_LEN]);

/**
 * sakke_key_new() - a Receiver Secret Key, once it was found to be the identity's (RFC 6508 6.1.2)
 * @domain: the community; has to outlive the key
 * @id: the identity
 * @id_len: its octets
 * @rsk: as received
 * @stored: keep the lines of the Miller loop (350 kB), so that it takes half the time
 *
 * Return: the key, to be freed with sakke_key_free(), or NULL when @rsk is no point of order q of the
 * curve in its one encoding, or not this identity's in this community.
 */
struct sakke_key *sakke_key_new(const struct sakke_domain *domain, const uint8_t *id, size_t id_len,
				const uint8_t rsk[SAKKE_POINT_LEN], bool stored);

/**
 * sakke_key_free() - wipe it
 * @key: or NULL
 */
void sakke_key_free(struct sakke_key *key);

/**
 * sakke_decapsulate() - with one's own key (RFC 6508 6.2.2)
 * @key: the key
 * @data: R || H
 * @len: SAKKE_DATA_LEN, or it is refused
 * @ssv: gets the secret; wiped when it fails
 *
 * Of why it failed nothing is told. What is not on the curve is refused at once, since everyone can see
 * that of it; all that depends on the key costs the same whether it succeeds or not. To be asked after
 * the signature has verified.
 *
 * Return: 0 or -1.
 */
int sakke_decapsulate(const struct sakke_key *key, const uint8_t *data, size_t len,
		      uint8_t ssv[SAKKE_SSV_LEN]);

#endif
