// SPDX-License-Identifier: MIT
#include "verify.h"

#include <stdio.h>
#include <string.h>


#include "../sentence.h"
#include "../x509_text.h"
#include "constraints.h"
#include "evidence.h"
#include "identity.h"

#define DAY		86400

/* Names, as they are needed in the sentences on the certificate in question. */
struct words {
	char who[X509_TEXT_NAME + 40];
	char issuer[X509_TEXT_NAME];
};

static void words_of(X509_STORE_CTX *context, const struct verify *verify, struct words *words)
{
	X509 *certificate = X509_STORE_CTX_get_current_cert(context);
	char name[X509_TEXT_NAME];

	strcpy(words->issuer, "(unknown)");
	if (!certificate) {
		snprintf(words->who, sizeof(words->who), "%s certificate",
			 verify->own ? "our own" : "the peer's");
		return;
	}
	x509_text_name(X509_get_subject_name(certificate), name, sizeof(name));
	x509_text_name(X509_get_issuer_name(certificate), words->issuer, sizeof(words->issuer));
	if (X509_STORE_CTX_get_error_depth(context) == 0)
		snprintf(words->who, sizeof(words->who), "%s certificate %s",
			 verify->own ? "our own" : "the peer's", name);
	else
		snprintf(words->who, sizeof(words->who), "certificate %s above %s", name,
			 verify->own ? "our own" : "the peer's");
}

/*
 * When it was revoked; -1 when no CRL says. Looked up anew, for OpenSSL forgets the
 * current CRL when the callback has let a late one pass.
 */
static time_t revoked_at(X509_STORE_CTX *context, X509 *certificate)
{
	STACK_OF(X509_CRL) *crls;
	X509_REVOKED *entry = NULL;
	time_t when = -1;
	int i;

	crls = X509_STORE_CTX_get1_crls(context, X509_get_issuer_name(certificate));
	for (i = 0; when == -1 && i < sk_X509_CRL_num(crls); i++)
		if (X509_CRL_get0_by_cert(sk_X509_CRL_value(crls, i), &entry, certificate) == 1)
			when = x509_time(X509_REVOKED_get0_revocationDate(entry));
	sk_X509_CRL_pop_free(crls, X509_CRL_free);
	return when;
}

static void say_revoked(X509_STORE_CTX *context, struct verify *verify,
			const struct words *words)
{
	X509 *certificate = X509_STORE_CTX_get_current_cert(context);
	char serial[X509_TEXT_SERIAL], date[X509_TEXT_TIME];

	x509_text_serial(X509_get0_serialNumber(certificate), serial, sizeof(serial));
	x509_text_time(revoked_at(context, certificate), date, sizeof(date));
	/* The day is what people look for. */
	date[strcspn(date, " ")] = '\0';
	keying_sentence(verify->text, sizeof(verify->text),
			"%s was revoked on %s (serial %s, CRL of %s)", words->who, date, serial,
			words->issuer);
}

static time_t next_update(X509_STORE_CTX *context)
{
	X509_CRL *crl = X509_STORE_CTX_get0_current_crl(context);

	return crl ? x509_time(X509_CRL_get0_nextUpdate(crl)) : -1;
}

static void say(X509_STORE_CTX *context, struct verify *verify)
{
	const struct credentials *credentials = verify->credentials;
	X509 *certificate = X509_STORE_CTX_get_current_cert(context);
	char date[X509_TEXT_TIME], now[X509_TEXT_TIME + 3] = "";
	char *text = verify->text;
	size_t len = sizeof(verify->text);
	int error = X509_STORE_CTX_get_error(context);
	struct words words;
	X509_CRL *crl;

	words_of(context, verify, &words);
	/* Of our own the same is said again and again, by credentials_warn(); a log has the time. */
	if (!verify->own)
		snprintf(now, sizeof(now), " (%s)", x509_text_time(verify->now, date, sizeof(date)));
	switch (error) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		x509_text_time(x509_time(X509_get0_notAfter(certificate)), date, sizeof(date));
		keying_sentence(text, len,
				"%s expired on %s; renew it, or set the clock of this UE%s",
				words.who, date, now);
		break;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		x509_text_time(x509_time(X509_get0_notBefore(certificate)), date, sizeof(date));
		keying_sentence(text, len,
				"%s is not valid before %s; check the clock of this UE%s",
				words.who, date, now);
		break;
	case X509_V_ERR_CERT_REVOKED:
		say_revoked(context, verify, &words);
		break;
	case X509_V_ERR_UNABLE_TO_GET_CRL:
	case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
	case X509_V_ERR_DIFFERENT_CRL_SCOPE:
		keying_sentence(text, len,
				"%s cannot be checked: no CRL of %s in %s; get one, or let the CRL policy be if-present",
				words.who, words.issuer, credentials->crls);
		break;
	case X509_V_ERR_CRL_HAS_EXPIRED:
		x509_text_time(next_update(context), date, sizeof(date));
		keying_sentence(text, len,
				"%s cannot be checked: the CRL of %s was to be renewed by %s, over %u days ago; get a new one",
				words.who, words.issuer, date, credentials->crl_grace_days);
		break;
	case X509_V_ERR_CRL_NOT_YET_VALID:
		crl = X509_STORE_CTX_get0_current_crl(context);
		x509_text_time(crl ? x509_time(X509_CRL_get0_lastUpdate(crl)) : -1, date,
			       sizeof(date));
		keying_sentence(text, len,
				"%s cannot be checked: the CRL of %s is dated %s; check the clock of this UE%s",
				words.who, words.issuer, date, now);
		break;
	case X509_V_ERR_CRL_SIGNATURE_FAILURE:
		keying_sentence(text, len,
				"%s cannot be checked: the CRL in the name of %s is not signed by it; replace it",
				words.who, words.issuer);
		break;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		keying_sentence(text, len,
				"%s is self-signed, not signed by any of the roots in %s",
				words.who, credentials->roots);
		break;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
		keying_sentence(text, len,
				"%s is not signed by any of the roots in %s (its issuer is %s)",
				words.who, credentials->roots, words.issuer);
		break;
	case X509_V_ERR_INVALID_PURPOSE:
		keying_sentence(text, len,
				"%s is not meant for this: its key usage must allow signatures and its extended key usage client and server authentication",
				words.who);
		break;
	case X509_V_ERR_INVALID_CA:
		keying_sentence(text, len,
				"%s may not sign others: it is not a CA certificate, or its key usage does not allow it",
				words.who);
		break;
	case X509_V_ERR_PATH_LENGTH_EXCEEDED:
		keying_sentence(text, len,
				"%s has more CAs below it than its path length allows", words.who);
		break;
	case X509_V_ERR_PERMITTED_VIOLATION:
	case X509_V_ERR_EXCLUDED_VIOLATION:
		keying_sentence(text, len,
				"%s has a name that the name constraints of a CA above it do not allow",
				words.who);
		break;
	case X509_V_ERR_SUBTREE_MINMAX:
	case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
	case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
	case X509_V_ERR_UNSUPPORTED_NAME_SYNTAX:
		keying_sentence(text, len,
				"%s cannot be held against the name constraints of a CA above it: they speak of hosts, and a URI such as urn:... names none",
				words.who);
		break;
	case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
		keying_sentence(text, len,
				"%s has a critical extension that is not known here", words.who);
		break;
	case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
		keying_sentence(text, len,
				"%s cannot be checked: the CRL of %s has a critical extension that is not known here",
				words.who, words.issuer);
		break;
	case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
		keying_sentence(text, len,
				"%s cannot be checked: the key usage of %s does not allow to sign CRLs",
				words.who, words.issuer);
		break;
	case X509_V_ERR_NO_EXPLICIT_POLICY:
	case X509_V_ERR_INVALID_POLICY_EXTENSION:
		keying_sentence(text, len,
				"%s does not keep to the certificate policies that a CA above it requires",
				words.who);
		break;
	default:
		keying_sentence(text, len, "%s was not accepted: %s", words.who,
				X509_verify_cert_error_string(error));
		break;
	}
}

/*
 * The error as TLS shall see it, for the sake of its alert. A CRL that is missing, late or
 * early is our trouble, while the alerts OpenSSL has for it would tell the peer that its
 * certificate has expired or that its CA is unknown; an error it has no alert for goes out
 * as "certificate unknown". And "expired" covers "not currently valid" (RFC 8446 6.2).
 */
static int error_for_alert(int error)
{
	switch (error) {
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return X509_V_ERR_CERT_HAS_EXPIRED;
	case X509_V_ERR_CRL_HAS_EXPIRED:
	case X509_V_ERR_CRL_NOT_YET_VALID:
	case X509_V_ERR_CRL_SIGNATURE_FAILURE:
	case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
	case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
	case X509_V_ERR_UNABLE_TO_GET_CRL:
	case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
	case X509_V_ERR_DIFFERENT_CRL_SCOPE:
		return X509_V_ERR_CRL_PATH_VALIDATION_ERROR;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
	/* What is wrong with it as such: "bad certificate". */
	case X509_V_ERR_PERMITTED_VIOLATION:
	case X509_V_ERR_EXCLUDED_VIOLATION:
	case X509_V_ERR_SUBTREE_MINMAX:
	case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
	case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
	case X509_V_ERR_UNSUPPORTED_NAME_SYNTAX:
	case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
	case X509_V_ERR_NO_EXPLICIT_POLICY:
	case X509_V_ERR_INVALID_POLICY_EXTENSION:
		return X509_V_ERR_CERT_REJECTED;
	default:
		return error;
	}
}

/* CRLs are hard to renew without a network (TR 6.3.4.1), so a late one is better than none. */
int verify_crl_days_late(const struct credentials *credentials, time_t due, time_t now)
{
	time_t late = now - due;

	if (due == -1 || late > (time_t)credentials->crl_grace_days * DAY)
		return -1;
	return late <= 0 ? 0 : (int)((late + DAY - 1) / DAY);
}

static int late_crl_passes(X509_STORE_CTX *context, struct verify *verify)
{
	int late = verify_crl_days_late(verify->credentials, next_update(context), verify->now);

	if (late < 0)
		return 0;
	if ((unsigned int)late > verify->crl_days_late)
		verify->crl_days_late = (unsigned int)late;
	return 1;
}

static int on_error(int ok, X509_STORE_CTX *context)
{
	struct verify *verify = X509_STORE_CTX_get_app_data(context);

	if (ok)
		return 1;
	switch (X509_STORE_CTX_get_error(context)) {
	case X509_V_ERR_CRL_HAS_EXPIRED:
		if (late_crl_passes(context, verify))
			return 1;
		break;
	case X509_V_ERR_UNABLE_TO_GET_CRL:
		if (verify->credentials->crl_policy == CERTIFICATE_CRL_IF_PRESENT) {
			verify->crl_missing = true;
			return 1;
		}
		break;
	case X509_V_ERR_CERT_NOT_YET_VALID:
	case X509_V_ERR_CRL_NOT_YET_VALID:
		if (verify->credentials->clock_untrusted) {
			verify->early = true;
			return 1;
		}
		break;
	default:
		break;
	}
	say(context, verify);
	return 0;
}

static int check_identity(X509_STORE_CTX *context, struct verify *verify)
{
	X509 *leaf = sk_X509_value(X509_STORE_CTX_get0_chain(context), 0);
	struct words words;
	int form;

	x509_text_name(X509_get_issuer_name(leaf), verify->issuer, sizeof(verify->issuer));
	words_of(context, verify, &words);
	switch (identity_of(leaf, verify->expected, verify->identity, &form)) {
	case IDENTITY_OK:
		return constraints_check_name(context, verify, form);
	case IDENTITY_NONE:
		keying_sentence(verify->text, sizeof(verify->text),
				"%s has no identity: neither a subject alternative name of type URI or DNS nor a common name that can be used",
				words.who);
		break;
	case IDENTITY_OTHER:
		keying_sentence(verify->text, sizeof(verify->text),
				"%s names %.64s, not %.64s as expected; check both identities",
				words.who, verify->identity, verify->expected);
		break;
	}
	return X509_V_ERR_HOSTNAME_MISMATCH;
}

bool verify_chain(X509_STORE_CTX *context, struct verify *verify)
{
	X509_VERIFY_PARAM *parameters = X509_STORE_CTX_get0_param(context);
	int error;

	verify->identity[0] = '\0';
	verify->issuer[0] = '\0';
	verify->crl_days_late = 0;
	verify->early = false;
	verify->crl_missing = false;
	verify->evidence_len = 0;
	verify->text[0] = '\0';
	X509_VERIFY_PARAM_set_time(parameters, verify->now);
	X509_VERIFY_PARAM_set_depth(parameters, VERIFY_DEPTH_MAX);
	X509_STORE_CTX_set_verify_cb(context, on_error);

	if (!X509_VERIFY_PARAM_set_flags(parameters,
					 X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL |
					 X509_V_FLAG_POLICY_CHECK) ||
	    /* Any will do; a CA that requires one is only obeyed where policies are checked. */
	    !X509_VERIFY_PARAM_add0_policy(parameters, OBJ_nid2obj(NID_any_policy)) ||
	    !X509_STORE_CTX_set_app_data(context, verify)) {
		error = X509_V_ERR_OUT_OF_MEM;
	} else if (X509_verify_cert(context) <= 0) {
		error = X509_STORE_CTX_get_error(context);
		if (error == X509_V_OK)
			error = X509_V_ERR_UNSPECIFIED;
	} else {
		/* Errors that were let pass are still noted there. */
		X509_STORE_CTX_set_error(context, X509_V_OK);
		error = constraints_check(context, verify);
		if (error == X509_V_OK)
			error = check_identity(context, verify);
		if (error == X509_V_OK && !verify->own) {
			verify->evidence_len = evidence_of(X509_STORE_CTX_get0_chain(context),
							   verify->evidence);
			if (!verify->evidence_len)
				error = X509_V_ERR_OUT_OF_MEM;
		}
	}
	X509_STORE_CTX_set_error(context, error);
	X509_STORE_CTX_set_app_data(context, NULL);
	if (error == X509_V_OK)
		return true;
	if (!verify->text[0])
		say(context, verify);
	X509_STORE_CTX_set_error(context, error_for_alert(error));
	return false;
}
