/* SPDX-License-Identifier: MIT */
/*
 * A small certification authority, so that a newcomer or a test has credentials at once.
 *
 * A directory is one authority:
 *
 *	ca.pem			its certificate; of a subordinate one also the
 *				intermediate ones above it, without the root
 *	ca.key			its private key, mode 0600
 *	crl.pem			its present CRL
 *	index			one line for each certificate issued, tab separated:
 *				serial, not before, not after, revoked at (- if not),
 *				identity; times are RFC 3339 in UTC
 *	<identity>.pem		a device's certificate, then the intermediate ones
 *	<identity>.key		its private key, mode 0600
 *
 * In <identity> of a file name octets other than letters, digits and . _ - : @ + = , and
 * a leading dot, are written %XX.
 *
 * All files are written beside their place, synced and renamed; changes of one directory
 * are serialised by a lock on it. Nothing is overwritten unless said so.
 *
 * All functions return 0, or -1 with a sentence in @why that names the file and the
 * reason.
 */
#ifndef PROSE_KEYING_PKI_H
#define PROSE_KEYING_PKI_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define PKI_DEFAULT_DAYS_CA	3650
#define PKI_DEFAULT_DAYS_DEVICE	365
#define PKI_DEFAULT_DAYS_CRL	90
#define PKI_IDENTITY_MAX	250	/* PROSE_IDENTITY_MAX */
#define PKI_SERIAL_MAX		41	/* hexadecimal, with its end */

/**
 * struct pki_options - how to make a certificate or CRL; all zero, or NULL, is fine
 * @now: present time; 0 = the clock
 * @days: validity from @now, 0 = the default
 * @crl_days: until the next update of the CRL, 0 = PKI_DEFAULT_DAYS_CRL
 * @not_before: 0 = an hour before @now, for peers whose clock is late
 * @not_after: 0 = @now + @days
 * @key_type: "P-256" (NULL too), "P-384", "ED25519", "RSA-3072"
 * @extended_key_usage: OpenSSL's names; NULL = "clientAuth,serverAuth". Devices only
 * @replace: write over files of the same identity (renewal)
 */
struct pki_options {
	time_t now;
	unsigned int days;
	unsigned int crl_days;
	time_t not_before;
	time_t not_after;
	const char *key_type;
	const char *extended_key_usage;
	bool replace;
};

/* One line of the index. */
struct pki_entry {
	char serial[PKI_SERIAL_MAX];
	char identity[PKI_IDENTITY_MAX + 1];
	time_t not_before, not_after;
	time_t revoked;				/* 0 = not revoked */
};

/**
 * pki_init() - make a root with an empty CRL
 * @dir: made when it does not exist; must hold no authority yet
 * @name: common name, e.g. "prose test root"
 */
int pki_init(const char *dir, const char *name, const struct pki_options *options,
	     char *why, size_t why_len);

/* pki_subordinate() - the same, but signed by the authority in @parent. */
int pki_subordinate(const char *dir, const char *parent, const char *name,
		    const struct pki_options *options, char *why, size_t why_len);

/**
 * pki_issue() - make a device's key and certificate
 * @identity: what peers will authenticate: a URI (`urn:prose:ue1`) becomes a subject
 *	      alternative name of type URI, a host name one of type DNS, anything else
 *	      is the common name only
 */
int pki_issue(const char *dir, const char *identity, const struct pki_options *options,
	      char *why, size_t why_len);

/**
 * pki_revoke() - revoke and write a new CRL, number + 1
 * @what: an identity (all its certificates) or a serial number in hexadecimal
 */
int pki_revoke(const char *dir, const char *what, const struct pki_options *options,
	       char *why, size_t why_len);

/* pki_crl() - write a new CRL, number + 1, with the same revocations and a new term. */
int pki_crl(const char *dir, const struct pki_options *options, char *why, size_t why_len);

/* pki_list() - call @each for each certificate issued, oldest first, until it returns false. */
int pki_list(const char *dir, bool (*each)(void *context, const struct pki_entry *entry),
	     void *context, char *why, size_t why_len);

/**
 * pki_path() - name of a device's file
 * @suffix: "pem" or "key"
 */
int pki_path(const char *dir, const char *identity, const char *suffix,
	     char *path, size_t path_len, char *why, size_t why_len);

#endif
