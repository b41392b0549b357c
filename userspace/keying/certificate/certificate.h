/* SPDX-License-Identifier: MIT */
/*
 * Keying method certificate: mutual X.509 with TLS 1.3 in lock step, TR 33.833
 * 6.4.1.4.3.1 messages 1 to 4.
 *
 *	UE_2 (TLS client)				UE_1 (TLS server)
 *	1. ClientHello			->
 *	2.				<-	ServerHello .. Certificate .. Finished
 *	3. Certificate .. Finished	->	DONE
 *	4. DONE				<-	one octet 0 under TLS
 *
 * Message 4 is the protected success indication of RFC 9190 2.5: without it UE_2 would
 * send the security mode command without knowing that UE_1 took its certificate. Two
 * more containers come in when UE_1 asks for another group (HelloRetryRequest).
 *
 * KD = TLS exporter, label "EXPORTER-prose-kd", 32 octets, context = version (1 octet) ||
 * UE_1 Layer-2 ID (3) || UE_2 Layer-2 ID (3) || Nonce_1 || Nonce_2 || request hash.
 */
#ifndef PROSE_KEYING_CERTIFICATE_H
#define PROSE_KEYING_CERTIFICATE_H

#include <stdbool.h>

#include "../keying.h"

#define CERTIFICATE_EXPORTER_LABEL	"EXPORTER-prose-kd"
#define CERTIFICATE_EXPORTER_VERSION	1
#define CERTIFICATE_CRL_GRACE_DAYS	30

enum certificate_crl_policy {
	CERTIFICATE_CRL_REQUIRE,	/* each issuer of the chain needs a CRL here */
	CERTIFICATE_CRL_IF_PRESENT,	/* an issuer without one revokes nothing */
};

/**
 * struct certificate_files - where the credentials are
 * @certificate: PEM, own certificate first, then intermediate ones; or pkcs11:..., the own
 *		 certificate on a token, whose intermediate ones are then taken from @ca
 * @key: PEM, its private key, not encrypted, readable by its owner only; or pkcs11:...
 * @pin_file: PIN of the token, readable by its owner only; NULL when there is none
 * @ca: PEM files with roots, or directories of *.pem, *.crt
 * @n_ca: entries in @ca, at least one
 * @crl: PEM files with CRLs, or directories of *.pem, *.crl
 * @n_crl: entries in @crl; with CERTIFICATE_CRL_REQUIRE at least one
 * @crl_policy: what a missing CRL means
 * @before: the method that is to be replaced, or NULL. No CRL may be older than its CRL of
 *	    the same issuer, and one that is gone while its issuer is still a CA is kept
 * @keep_own: own certificate and key are those of @before, only the rest is read
 * @clock_untrusted: what is not valid yet is taken, for the clock may be late
 * @crl_grace_days: a CRL is taken this many days past its next update;
 *		    CERTIFICATE_CRL_GRACE_DAYS unless there is a reason
 * @now: wall-clock time for the warnings about validity
 * @warn: called with a sentence for each thing that works but should not stay so (own
 *	  certificate expired, CRL late), NULL when nobody listens
 * @context: handed to @warn
 */
struct certificate_files {
	const char *certificate;
	const char *key;
	const char *pin_file;
	const char *const *ca;
	size_t n_ca;
	const char *const *crl;
	size_t n_crl;
	enum certificate_crl_policy crl_policy;
	unsigned int crl_grace_days;
	const struct keying_method *before;
	bool keep_own;
	bool clock_untrusted;
	time_t now;
	void (*warn)(void *context, const char *sentence);
	void *context;
};

/**
 * certificate_new() - make the method from files
 * @files: what to read; not used after the call
 * @why: gets a sentence with file, line or item, and reason when it fails
 * @why_len: its size
 *
 * The object is immutable; a reload makes a new one and frees the old one when no
 * session uses it any more.
 *
 * Return: the method, to be freed with certificate_free(), or NULL.
 */
struct keying_method *certificate_new(const struct certificate_files *files,
				      char *why, size_t why_len);

/* Wipes the private key and frees. All sessions must be closed. NULL is allowed. */
void certificate_free(struct keying_method *method);

/*
 * The latest time that what was read proves to be past: a CRL of a known CA says when it was
 * signed, and the own certificate is taken to be valid. 0 when there is nothing.
 */
time_t certificate_newest(const struct keying_method *method);

/**
 * certificate_warn() - what certificate_new() warns of, at another time
 * @method: the method
 * @now: wall-clock time
 * @warn: called with a sentence for each thing that works but should not stay so, or works no more
 * @context: handed to @warn
 *
 * Certificates and CRLs end while they are in use.
 */
void certificate_warn(const struct keying_method *method, time_t now,
		      void (*warn)(void *context, const char *sentence), void *context);

/* Own identity: the one peers will authenticate. Lives as long as the method. */
const char *certificate_identity(const struct keying_method *method);

#endif
