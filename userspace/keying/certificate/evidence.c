// SPDX-License-Identifier: MIT
#include "evidence.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "../sentence.h"
#include "../x509_text.h"
#include "verify.h"

#define VERSION		1
#define HASH_LEN	32
#define HEAD_LEN	(1 + HASH_LEN + 1)
#define ENTRY_MAX	(HASH_LEN + 1 + EVIDENCE_SERIAL_MAX + 8)
#define NEGATIVE	0x80

/* A device, those between, a root. */
#define CHAIN_MAX	(VERIFY_DEPTH_MAX + 2)

_Static_assert(HEAD_LEN + CHAIN_MAX * ENTRY_MAX <= KEYING_EVIDENCE_MAX,
	       "evidence of the longest chain has its place");

/* One certificate, as it is kept. */
struct entry {
	const uint8_t *issuer;
	const uint8_t *serial;
	size_t serial_len;
	bool negative;
	time_t not_after;
};

/*
 * Names that are equal (RFC 5280 7.1) may differ in the type of their strings, in upper and
 * lower case and in blanks; OpenSSL compares them so, but does not tell what it compares.
 */
static size_t fold(char *text, size_t len)
{
	size_t i, at = 0;

	for (i = 0; i < len; i++) {
		if (text[i] == ' ' && at && text[at - 1] == ' ')
			continue;
		text[at++] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] | 0x20) : text[i];
	}
	return at;
}

static int hash_name(const X509_NAME *name, uint8_t hash[HASH_LEN])
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;
	int ok;

	ok = bio && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0;
	len = ok ? BIO_get_mem_data(bio, &text) : 0;
	ok = ok && EVP_Digest(len > 0 ? text : "", len > 0 ? fold(text, (size_t)len) : 0, hash,
			      NULL, EVP_sha256(), NULL);
	BIO_free(bio);
	return ok ? 0 : -1;
}

int evidence_anchor(X509 *root, uint8_t anchor[HASH_LEN])
{
	uint8_t name[HASH_LEN];
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char *key = NULL;
	int key_len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(root), &key);
	int ok;

	ok = context && key_len > 0 && !hash_name(X509_get_subject_name(root), name) &&
	     EVP_DigestInit_ex(context, EVP_sha256(), NULL) &&
	     EVP_DigestUpdate(context, name, sizeof(name)) &&
	     EVP_DigestUpdate(context, key, (size_t)key_len) &&
	     EVP_DigestFinal_ex(context, anchor, NULL);
	EVP_MD_CTX_free(context);
	OPENSSL_free(key);
	return ok ? 0 : -1;
}

/* Octets put at @at, or 0. */
static size_t put_entry(X509 *certificate, uint8_t *at)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(certificate);
	uint64_t not_after = (uint64_t)x509_time(X509_get0_notAfter(certificate));
	int len = ASN1_STRING_length(serial), i;

	if (len < 0 || len > EVIDENCE_SERIAL_MAX ||
	    hash_name(X509_get_issuer_name(certificate), at))
		return 0;
	at += HASH_LEN;
	*at++ = (uint8_t)len | (ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER ? NEGATIVE : 0);
	memcpy(at, ASN1_STRING_get0_data(serial), (size_t)len);
	at += len;
	for (i = 56; i >= 0; i -= 8)
		*at++ = (uint8_t)(not_after >> i);
	return HASH_LEN + 1 + (size_t)len + 8;
}

size_t evidence_of(STACK_OF(X509) *chain, uint8_t out[KEYING_EVIDENCE_MAX])
{
	int n = sk_X509_num(chain), i;
	size_t len = HEAD_LEN, put;

	memset(out, 0, KEYING_EVIDENCE_MAX);
	if (n < 1 || n > CHAIN_MAX)
		return 0;
	out[0] = VERSION;
	out[1 + HASH_LEN] = (uint8_t)n;
	if (evidence_anchor(sk_X509_value(chain, n - 1), out + 1))
		return 0;
	for (i = 0; i < n; i++) {
		put = put_entry(sk_X509_value(chain, i), out + len);
		if (!put)
			return 0;
		len += put;
	}
	return len;
}

/* Steps over one entry; what is left of the octets, or -1. */
static int take_entry(const uint8_t **at, size_t *len, struct entry *entry)
{
	uint64_t not_after = 0;
	int i;

	if (*len < HASH_LEN + 1)
		return -1;
	entry->issuer = *at;
	entry->serial_len = (*at)[HASH_LEN] & ~NEGATIVE;
	entry->negative = (*at)[HASH_LEN] & NEGATIVE;
	*at += HASH_LEN + 1;
	*len -= HASH_LEN + 1;
	if (entry->serial_len > EVIDENCE_SERIAL_MAX || *len < entry->serial_len + 8)
		return -1;
	entry->serial = *at;
	*at += entry->serial_len;
	for (i = 0; i < 8; i++)
		not_after = not_after << 8 | *(*at)++;
	entry->not_after = (time_t)not_after;
	*len -= entry->serial_len + 8;
	return 0;
}

static bool anchored(const struct credentials *credentials, const uint8_t anchor[HASH_LEN])
{
	STACK_OF(X509_OBJECT) *objects =
		X509_STORE_get0_objects(SSL_CTX_get_cert_store(credentials->ssl));
	uint8_t own[HASH_LEN];
	X509 *ca;
	int i;

	for (i = 0; i < sk_X509_OBJECT_num(objects); i++) {
		ca = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
		/* Only a self-signed one ends a chain. */
		if (ca && (X509_get_extension_flags(ca) & EXFLAG_SS) &&
		    !evidence_anchor(ca, own) && !memcmp(own, anchor, HASH_LEN))
			return true;
	}
	return false;
}

static ASN1_INTEGER *serial_of(const struct entry *entry)
{
	ASN1_INTEGER *serial = ASN1_INTEGER_new();

	if (!serial || !ASN1_STRING_set(serial, entry->serial, (int)entry->serial_len)) {
		ASN1_INTEGER_free(serial);
		return NULL;
	}
	if (entry->negative)
		serial->type = V_ASN1_NEG_INTEGER;
	return serial;
}

static int say_revoked(const char *who, const ASN1_INTEGER *number, X509_CRL *crl,
		       X509_REVOKED *revoked, char *text, size_t text_len)
{
	char serial[X509_TEXT_SERIAL], date[X509_TEXT_TIME], issuer[X509_TEXT_NAME];

	x509_text_serial(number, serial, sizeof(serial));
	x509_text_time(x509_time(X509_REVOKED_get0_revocationDate(revoked)), date, sizeof(date));
	/* The day is what people look for. */
	date[strcspn(date, " ")] = '\0';
	x509_text_name(X509_CRL_get_issuer(crl), issuer, sizeof(issuer));
	return keying_sentence(text, text_len, "%s was revoked on %s (serial %s, CRL of %s)",
			       who, date, serial, issuer);
}

/*
 * All CRLs of the issuer's name count: which of them is of its very key is not kept, and
 * two that have one name do not use the same numbers.
 */
static int judge_crls(const struct credentials *credentials, const struct entry *entry,
		      const char *who, time_t now, char *text, size_t text_len)
{
	ASN1_INTEGER *serial = serial_of(entry);
	bool found = false, in_time = false;
	X509_REVOKED *revoked = NULL;
	uint8_t issuer[HASH_LEN];
	time_t due = -1;
	X509_CRL *crl;
	int i, ret = 0;

	if (!serial)
		return keying_sentence(text, text_len, "%s cannot be judged: out of memory", who);
	for (i = 0; !ret && i < sk_X509_CRL_num(credentials->crl_list); i++) {
		crl = sk_X509_CRL_value(credentials->crl_list, i);
		if (hash_name(X509_CRL_get_issuer(crl), issuer) ||
		    memcmp(issuer, entry->issuer, HASH_LEN))
			continue;
		found = true;
		due = x509_time(X509_CRL_get0_nextUpdate(crl));
		in_time = in_time || verify_crl_days_late(credentials, due, now) >= 0;
		/* 2 is "removed from CRL", of delta CRLs, which are not used. */
		if (X509_CRL_get0_by_serial(crl, &revoked, serial) == 1)
			ret = say_revoked(who, serial, crl, revoked, text, text_len);
	}
	ASN1_INTEGER_free(serial);
	if (ret)
		return ret;
	if (!found && credentials->crl_policy == CERTIFICATE_CRL_REQUIRE)
		return keying_sentence(text, text_len,
				       "%s cannot be checked any more: there is no CRL of its issuer in %s; get one, or let the CRL policy be if-present",
				       who, credentials->crls);
	if (found && !in_time) {
		char date[X509_TEXT_TIME];

		return keying_sentence(text, text_len,
				       "%s cannot be checked any more: the CRL of its issuer was to be renewed by %s, over %u days ago; get a new one",
				       who, x509_text_time(due, date, sizeof(date)),
				       credentials->crl_grace_days);
	}
	return 0;
}

static int judge_entry(const struct credentials *credentials, const struct entry *entry,
		       const char *who, time_t now, char *text, size_t text_len)
{
	char date[X509_TEXT_TIME], clock[X509_TEXT_TIME];

	if (now >= entry->not_after)
		return keying_sentence(text, text_len,
				       "%s expired on %s; renew it, or set the clock of this UE (%s)",
				       who, x509_text_time(entry->not_after, date, sizeof(date)),
				       x509_text_time(now, clock, sizeof(clock)));
	return judge_crls(credentials, entry, who, now, text, text_len);
}

int evidence_judge(const struct credentials *credentials, const uint8_t *evidence, size_t len,
		   time_t now, char *text, size_t text_len)
{
	const uint8_t *at = evidence + HEAD_LEN;
	struct entry entry;
	unsigned int n, i;
	int ret = 0;

	if (len < HEAD_LEN || evidence[0] != VERSION || !evidence[1 + HASH_LEN])
		return keying_sentence(text, text_len,
				       "what is stored about its certificate is not of this version");
	if (!anchored(credentials, evidence + 1))
		return keying_sentence(text, text_len,
				       "the root that its certificate goes back to is no longer one of those in %s",
				       credentials->roots);
	n = evidence[1 + HASH_LEN];
	len -= HEAD_LEN;
	for (i = 0; !ret && i < n; i++) {
		if (take_entry(&at, &len, &entry))
			return keying_sentence(text, text_len,
					       "what is stored about its certificate is damaged");
		ret = judge_entry(credentials, &entry, !i ? "its certificate" : i + 1 < n ?
				  "a CA certificate above its own" :
				  "the root that its certificate goes back to", now, text,
				  text_len);
	}
	if (!ret && len)
		ret = keying_sentence(text, text_len,
				      "what is stored about its certificate is damaged");
	ERR_clear_error();
	return ret;
}
