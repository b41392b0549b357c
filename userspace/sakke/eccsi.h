/* SPDX-License-Identifier: MIT */
/*
 * ECCSI, RFC 6507: signatures that are verified with an identity in place of a certificate.
 * Curve P-256, SHA-256, N = 32; points are uncompressed, 04 || x || y.
 */
#ifndef PROSE_SAKKE_ECCSI_H
#define PROSE_SAKKE_ECCSI_H

#include <stddef.h>
#include <stdint.h>

#define ECCSI_N			32
#define ECCSI_SCALAR_LEN	ECCSI_N			/* KSAK, SSK, v, j */
#define ECCSI_POINT_LEN		(1 + 2 * ECCSI_N)	/* KPAK, PVT */
#define ECCSI_HASH_LEN		32			/* HS, HE */
#define ECCSI_SIGNATURE_LEN	(2 * ECCSI_N + ECCSI_POINT_LEN)	/* r || s || PVT */

/* A community, known by its KPAK. Nothing in it is secret or changes. */
struct eccsi_domain;

/**
 * struct eccsi_key - what one signs with, once it was found good
 * @ssk: Secret Signing Key; whoever has this struct wipes it
 * @pvt: Public Validation Token
 * @hs: SHA-256(G || KPAK || ID || PVT)
 */
struct eccsi_key {
	uint8_t ssk[ECCSI_SCALAR_LEN];
	uint8_t pvt[ECCSI_POINT_LEN];
	uint8_t hs[ECCSI_HASH_LEN];
};

/**
 * eccsi_domain_new() - a community by its public key
 * @kpak: KMS Public Authentication Key
 *
 * Return: the domain, to be freed with eccsi_domain_free(), or NULL when @kpak is no point of the
 * curve in its one encoding, or memory is short.
 */
struct eccsi_domain *eccsi_domain_new(const uint8_t kpak[ECCSI_POINT_LEN]);

/**
 * eccsi_domain_free() - the end of it
 * @domain: or NULL
 */
void eccsi_domain_free(struct eccsi_domain *domain);

/**
 * eccsi_key_check() - what a KMS sends is this identity's (RFC 6507 5.1.2)
 * @domain: the community
 * @id: the identity, octets of any kind
 * @id_len: how many
 * @ssk: as received
 * @pvt: as received
 * @key: gets both and HS; wiped when it fails
 *
 * Return: 0, or -1 when PVT is no point of the curve, SSK is not in 1..q-1, or they do not belong to
 * the identity and to each other.
 */
int eccsi_key_check(const struct eccsi_domain *domain, const uint8_t *id, size_t id_len,
		    const uint8_t ssk[ECCSI_SCALAR_LEN], const uint8_t pvt[ECCSI_POINT_LEN],
		    struct eccsi_key *key);

/**
 * eccsi_sign() - sign a message (RFC 6507 5.2.1)
 * @domain: the community
 * @key: from eccsi_key_check()
 * @message: octets
 * @len: how many
 * @signature: r || s || PVT
 *
 * j comes from OpenSSL's private DRBG. Return: 0, or -1 when the library fails; @signature is then
 * wiped.
 */
int eccsi_sign(const struct eccsi_domain *domain, const struct eccsi_key *key,
	       const uint8_t *message, size_t len, uint8_t signature[ECCSI_SIGNATURE_LEN]);

/* With a given @j in 1..q-1: for vectors, and for whoever derives it. -1 also when r or s would be 0. */
int eccsi_sign_with(const struct eccsi_domain *domain, const struct eccsi_key *key,
		    const uint8_t j[ECCSI_SCALAR_LEN], const uint8_t *message, size_t len,
		    uint8_t signature[ECCSI_SIGNATURE_LEN]);

/**
 * eccsi_verify() - whether an identity of a community signed a message (RFC 6507 5.2.2)
 * @domain: the community
 * @id: the identity it is said to be from
 * @id_len: its octets
 * @message: octets
 * @len: how many
 * @signature: r || s || PVT
 * @signature_len: ECCSI_SIGNATURE_LEN, or it does not verify
 *
 * (r, s) and (r, q - s) both verify, so the octets of a signature name nothing: who wants to know a
 * message again hashes what was signed.
 *
 * Return: 0 when it verifies, -1 when it does not.
 */
int eccsi_verify(const struct eccsi_domain *domain, const uint8_t *id, size_t id_len,
		 const uint8_t *message, size_t len, const uint8_t *signature, size_t signature_len);

#endif
