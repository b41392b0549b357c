// SPDX-License-Identifier: MIT
/*
 * What of the credentials ends soon, or is no more what peers take. The clock alone changes that, so it is
 * asked again while they are in use.
 */
#include "warnings.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "../sentence.h"
#include "../x509_text.h"
#include "verify.h"

#define SOON_DAYS	30	/* from then on an end of validity is told */

struct warnings {
	const struct credentials *credentials;
	time_t now;
	credentials_warn_t *warn;
	void *context;
};

/* A tenth of it is left, and no more than 30 days: what lives for a day only is not always about to end. */
static bool ends_soon(time_t now, time_t begin, time_t end)
{
	return now < end && end - now < SOON_DAYS * 86400L && end - now < (end - begin) / 10;
}

static void warn_of_own(const struct warnings *warnings)
{
	const struct credentials *credentials = warnings->credentials;
	char date[X509_TEXT_TIME], sentence[KEYING_TEXT_MAX];

	if (!ends_soon(warnings->now, credentials->not_before, credentials->not_after))
		return;
	keying_sentence(sentence, sizeof(sentence), "%s: %s expires on %s; renew it in time",
			credentials->file, credentials->subject,
			x509_text_time(credentials->not_after, date, sizeof(date)));
	warnings->warn(warnings->context, sentence);
}

static void warn_of_roots(const struct warnings *warnings)
{
	X509_STORE *store = SSL_CTX_get_cert_store(warnings->credentials->ssl);
	STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(store);
	char name[X509_TEXT_NAME], date[X509_TEXT_TIME], sentence[KEYING_TEXT_MAX];
	int i;

	for (i = 0; i < sk_X509_OBJECT_num(objects); i++) {
		X509 *ca = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
		time_t begin, end;

		if (!ca)
			continue;
		begin = x509_time(X509_get0_notBefore(ca));
		end = x509_time(X509_get0_notAfter(ca));
		x509_text_name(X509_get_subject_name(ca), name, sizeof(name));
		if (end < warnings->now)
			keying_sentence(sentence, sizeof(sentence),
					"%s: %s has expired; nothing it signed will be accepted",
					warnings->credentials->roots, name);
		else if (ends_soon(warnings->now, begin, end))
			keying_sentence(sentence, sizeof(sentence),
					"%s: %s expires on %s; nothing it signed will be accepted then",
					warnings->credentials->roots, name,
					x509_text_time(end, date, sizeof(date)));
		else
			continue;
		warnings->warn(warnings->context, sentence);
	}
}

static void warn_of_crls(const struct warnings *warnings)
{
	const struct credentials *credentials = warnings->credentials;
	char name[X509_TEXT_NAME], date[X509_TEXT_TIME], sentence[KEYING_TEXT_MAX];
	int i;

	for (i = 0; i < sk_X509_CRL_num(credentials->crl_list); i++) {
		X509_CRL *crl = sk_X509_CRL_value(credentials->crl_list, i);
		time_t begin = x509_time(X509_CRL_get0_lastUpdate(crl));
		time_t end = x509_time(X509_CRL_get0_nextUpdate(crl));

		x509_text_name(X509_CRL_get_issuer(crl), name, sizeof(name));
		x509_text_time(end, date, sizeof(date));
		if (end < warnings->now)
			keying_sentence(sentence, sizeof(sentence),
					"%s: the CRL of %s was to be renewed by %s; it is taken for %u days from then",
					credentials->crls, name, date, credentials->crl_grace_days);
		else if (ends_soon(warnings->now, begin, end))
			keying_sentence(sentence, sizeof(sentence),
					"%s: the CRL of %s is to be renewed by %s",
					credentials->crls, name, date);
		else
			continue;
		warnings->warn(warnings->context, sentence);
	}
}

/* What peers with our roots and CRLs would say of us. They decide, so it only warns. */
static int warn_of_refusal(const struct warnings *warnings)
{
	struct verify verify = {
		.credentials = warnings->credentials,
		.own = true,
		.now = warnings->now,
		.expected = "",
	};
	static const char *const purposes[] = { "ssl_client", "ssl_server" };
	SSL_CTX *ssl = warnings->credentials->ssl;
	STACK_OF(X509) *chain = NULL;
	X509_STORE_CTX *context;
	size_t i;

	SSL_CTX_get0_chain_certs(ssl, &chain);
	for (i = 0; i < sizeof(purposes) / sizeof(purposes[0]) && !verify.text[0]; i++) {
		context = X509_STORE_CTX_new();
		if (!context ||
		    !X509_STORE_CTX_init(context, SSL_CTX_get_cert_store(ssl),
					 SSL_CTX_get0_certificate(ssl), chain) ||
		    !X509_STORE_CTX_set_default(context, purposes[i])) {
			X509_STORE_CTX_free(context);
			ERR_clear_error();
			return -1;
		}
		X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(context),
						 CREDENTIALS_SECURITY_LEVEL);
		verify_chain(context, &verify);
		X509_STORE_CTX_free(context);
		ERR_clear_error();
	}
	if (verify.text[0])
		warnings->warn(warnings->context, verify.text);
	return 0;
}

int credentials_warn(const struct credentials *credentials, time_t now, credentials_warn_t *warn,
		     void *context)
{
	const struct warnings warnings = { credentials, now, warn, context };

	warn_of_own(&warnings);
	warn_of_roots(&warnings);
	warn_of_crls(&warnings);
	return warn_of_refusal(&warnings);
}
