// SPDX-License-Identifier: MIT
#include "issue.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "../sentence.h"

/* RFC 5280 A.1: the longest common name. */
#define COMMON_NAME_MAX		64
#define SERIAL_BITS		127
#define RSA_BITS		3072

static int failed(const char *what, char *why, size_t why_len)
{
	return keying_sentence(why, why_len, "%s was not made: %s", what,
			       keying_openssl_reason());
}

EVP_PKEY *pki_make_key(const char *type, char *why, size_t why_len)
{
	EVP_PKEY *key;

	if (!type || !strcasecmp(type, "P-256")) {
		key = EVP_EC_gen("P-256");
	} else if (!strcasecmp(type, "P-384")) {
		key = EVP_EC_gen("P-384");
	} else if (!strcasecmp(type, "ED25519")) {
		key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	} else if (!strcasecmp(type, "RSA-3072")) {
		key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)RSA_BITS);
	} else {
		keying_sentence(why, why_len,
				"there is no key type %.40s; it is one of P-256, P-384, ED25519, RSA-3072",
				type);
		return NULL;
	}
	if (!key)
		failed("the key", why, why_len);
	return key;
}

/* Ed25519 has its hash built in; P-384 deserves a hash of its size. */
static const EVP_MD *digest_for(EVP_PKEY *key)
{
	if (EVP_PKEY_is_a(key, "ED25519"))
		return NULL;
	return EVP_PKEY_get_bits(key) == 384 ? EVP_sha384() : EVP_sha256();
}

static int set_serial(X509 *certificate)
{
	BIGNUM *number = BN_new();
	int ok = number && BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) &&
		 BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));

	BN_free(number);
	return ok;
}

/*
 * An identity that is longer than a common name can be lives in the alternative name
 * alone; the subject then is the beginning of it, for people.
 */
static int set_subject(X509 *certificate, const char *identity)
{
	size_t len = strlen(identity);

	if (len > COMMON_NAME_MAX)
		len = COMMON_NAME_MAX;
	while (len && len < strlen(identity) && ((unsigned char)identity[len] & 0xc0) == 0x80)
		len--;
	return X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_commonName,
					  MBSTRING_UTF8, (const unsigned char *)identity,
					  (int)len, -1, 0);
}

static int add_extension(X509 *certificate, X509V3_CTX *context, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, context, nid, value);
	int ok = extension && X509_add_ext(certificate, extension, -1);

	X509_EXTENSION_free(extension);
	return ok;
}

static bool is_uri(const char *identity)
{
	size_t scheme = strspn(identity,
			       "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-.");
	const char *c;

	if (!scheme || identity[scheme] != ':' || !identity[scheme + 1] ||
	    !((identity[0] | 0x20) >= 'a' && (identity[0] | 0x20) <= 'z'))
		return false;
	for (c = identity; *c; c++)
		if (*c <= ' ' || *c > '~')
			return false;
	return true;
}

static bool is_host(const char *identity)
{
	size_t len = strlen(identity);

	return identity[0] != '.' && identity[0] != '-' &&
	       strspn(identity,
		      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._") == len;
}

/*
 * By hand and not by X509V3_EXT_conf_nid(): its value language gives meaning to commas
 * and colons, and an identity is not to be taken for a configuration.
 */
static int add_alternative_name(X509 *certificate, const char *identity)
{
	GENERAL_NAMES *names;
	GENERAL_NAME *name;
	ASN1_IA5STRING *text;
	int ok = 0;

	if (!is_uri(identity) && !is_host(identity))
		return 1;
	names = GENERAL_NAMES_new();
	name = GENERAL_NAME_new();
	text = ASN1_IA5STRING_new();
	if (names && name && text && ASN1_STRING_set(text, identity, -1)) {
		GENERAL_NAME_set0_value(name, is_uri(identity) ? GEN_URI : GEN_DNS, text);
		text = NULL;
		if (sk_GENERAL_NAME_push(names, name)) {
			name = NULL;
			ok = X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, 0);
		}
	}
	ASN1_IA5STRING_free(text);
	GENERAL_NAME_free(name);
	GENERAL_NAMES_free(names);
	return ok == 1;
}

static int add_extensions(X509 *certificate, X509 *issuer, const struct pki_subject *subject)
{
	const char *purposes = subject->extended_key_usage;
	X509V3_CTX context;

	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	X509V3_set_ctx_nodb(&context);
	if (!add_extension(certificate, &context, NID_subject_key_identifier, "hash"))
		return 0;
	if (!add_extension(certificate, &context, NID_authority_key_identifier, "keyid"))
		return 0;
	if (subject->authority)
		return add_extension(certificate, &context, NID_basic_constraints,
				     "critical,CA:TRUE") &&
		       add_extension(certificate, &context, NID_key_usage,
				     "critical,keyCertSign,cRLSign");
	return add_extension(certificate, &context, NID_basic_constraints,
			     "critical,CA:FALSE") &&
	       add_extension(certificate, &context, NID_key_usage,
			     "critical,digitalSignature") &&
	       add_extension(certificate, &context, NID_ext_key_usage,
			     purposes ? purposes : "clientAuth,serverAuth") &&
	       add_alternative_name(certificate, subject->identity);
}

static int set_times(X509 *certificate, time_t not_before, time_t not_after)
{
	return ASN1_TIME_adj(X509_getm_notBefore(certificate), not_before, 0, 0) &&
	       ASN1_TIME_adj(X509_getm_notAfter(certificate), not_after, 0, 0);
}

X509 *pki_make_certificate(const struct pki_issuer *issuer, const struct pki_subject *subject,
			   char *why, size_t why_len)
{
	X509 *certificate, *above;

	if (strlen(subject->identity) > COMMON_NAME_MAX &&
	    (subject->authority || (!is_uri(subject->identity) && !is_host(subject->identity)))) {
		keying_sentence(why, why_len,
				"%.64s...: a name that is neither a URI nor a host name has at most %u octets",
				subject->identity, COMMON_NAME_MAX);
		return NULL;
	}
	certificate = X509_new();
	above = issuer->certificate ? issuer->certificate : certificate;
	if (!certificate || !X509_set_version(certificate, X509_VERSION_3) ||
	    !set_serial(certificate) ||
	    !set_times(certificate, subject->not_before, subject->not_after) ||
	    !set_subject(certificate, subject->identity) ||
	    !X509_set_issuer_name(certificate, X509_get_subject_name(above)) ||
	    !X509_set_pubkey(certificate, subject->key) ||
	    !add_extensions(certificate, above, subject) ||
	    !X509_sign(certificate, issuer->key, digest_for(issuer->key))) {
		failed("the certificate", why, why_len);
		X509_free(certificate);
		return NULL;
	}
	return certificate;
}

static int add_revoked(X509_CRL *crl, const struct pki_entry *entry)
{
	X509_REVOKED *revoked = X509_REVOKED_new();
	ASN1_TIME *when = ASN1_TIME_adj(NULL, entry->revoked, 0, 0);
	ASN1_INTEGER *serial = NULL;
	BIGNUM *number = NULL;
	int ok;

	ok = revoked && when && BN_hex2bn(&number, entry->serial) &&
	     (serial = BN_to_ASN1_INTEGER(number, NULL)) &&
	     X509_REVOKED_set_serialNumber(revoked, serial) &&
	     X509_REVOKED_set_revocationDate(revoked, when) && X509_CRL_add0_revoked(crl, revoked);
	if (!ok)
		X509_REVOKED_free(revoked);
	ASN1_INTEGER_free(serial);
	ASN1_TIME_free(when);
	BN_free(number);
	return ok;
}

static int add_all_revoked(X509_CRL *crl, const struct pki_index *index)
{
	size_t i;

	for (i = 0; i < index->n; i++)
		if (index->entries[i].revoked && !add_revoked(crl, &index->entries[i]))
			return 0;
	return X509_CRL_sort(crl);
}

static int add_crl_extensions(X509_CRL *crl, const struct pki_issuer *issuer, long number)
{
	ASN1_INTEGER *value = ASN1_INTEGER_new();
	X509_EXTENSION *key_id = NULL;
	X509V3_CTX context;
	int ok;

	X509V3_set_ctx(&context, issuer->certificate, NULL, NULL, crl, 0);
	X509V3_set_ctx_nodb(&context);
	ok = value && ASN1_INTEGER_set(value, number) &&
	     X509_CRL_add1_ext_i2d(crl, NID_crl_number, value, 0, 0) == 1 &&
	     (key_id = X509V3_EXT_conf_nid(NULL, &context, NID_authority_key_identifier,
					   "keyid")) &&
	     X509_CRL_add_ext(crl, key_id, -1);
	X509_EXTENSION_free(key_id);
	ASN1_INTEGER_free(value);
	return ok;
}

X509_CRL *pki_make_crl(const struct pki_issuer *issuer, const struct pki_index *index,
		       long number, time_t now, time_t next, char *why, size_t why_len)
{
	ASN1_TIME *this_update = ASN1_TIME_adj(NULL, now, 0, 0);
	ASN1_TIME *next_update = ASN1_TIME_adj(NULL, next, 0, 0);
	X509_CRL *crl = X509_CRL_new();
	int ok;

	ok = crl && this_update && next_update && X509_CRL_set_version(crl, X509_CRL_VERSION_2) &&
	     X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->certificate)) &&
	     X509_CRL_set1_lastUpdate(crl, this_update) &&
	     X509_CRL_set1_nextUpdate(crl, next_update) && add_all_revoked(crl, index) &&
	     add_crl_extensions(crl, issuer, number) &&
	     X509_CRL_sign(crl, issuer->key, digest_for(issuer->key));
	ASN1_TIME_free(this_update);
	ASN1_TIME_free(next_update);
	if (ok)
		return crl;
	failed("the CRL", why, why_len);
	X509_CRL_free(crl);
	return NULL;
}
