// SPDX-License-Identifier: MIT
#include "constraints.h"

#include <openssl/x509v3.h>

#include "../sentence.h"
#include "../x509_text.h"
#include "evidence.h"

/* The certificate that a sentence is to be about. */
static void point_at(X509_STORE_CTX *context, X509 *certificate, int depth)
{
	X509_STORE_CTX_set_error_depth(context, depth);
	X509_STORE_CTX_set_current_cert(context, certificate);
}

static int check_device(X509 *leaf, struct verify *verify)
{
	uint32_t flags = X509_get_extension_flags(leaf);

	if (flags & EXFLAG_CA) {
		keying_sentence(verify->text, sizeof(verify->text),
				"%s certificate is a CA certificate, not one of a device",
				verify->own ? "our own" : "the peer's");
		return X509_V_ERR_INVALID_PURPOSE;
	}
	/* TLS 1.3 signs: a key usage of key agreement alone does not do. */
	if ((flags & EXFLAG_KUSAGE) && !(X509_get_key_usage(leaf) & KU_DIGITAL_SIGNATURE))
		return X509_V_ERR_INVALID_PURPOSE;
	return X509_V_OK;
}

int constraints_check(X509_STORE_CTX *context, struct verify *verify)
{
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(context);
	X509 *certificate;
	uint32_t flags;
	int i;

	for (i = 0; i < sk_X509_num(chain); i++) {
		certificate = sk_X509_value(chain, i);
		point_at(context, certificate, i);
		if (ASN1_STRING_length(X509_get0_serialNumber(certificate)) > EVIDENCE_SERIAL_MAX) {
			keying_sentence(verify->text, sizeof(verify->text),
					"%s certificate has, or one above it, a serial number of more than %u octets (RFC 5280 4.1.2.2); its CA must issue it anew",
					verify->own ? "our own" : "the peer's",
					EVIDENCE_SERIAL_MAX);
			return X509_V_ERR_CERT_REJECTED;
		}
		/* OpenSSL lets pass a CA without basicConstraints, for the sake of old ones. */
		flags = X509_get_extension_flags(certificate);
		if (i && (!(flags & EXFLAG_BCONS) || !(flags & EXFLAG_CA)))
			return X509_V_ERR_INVALID_CA;
	}
	point_at(context, sk_X509_value(chain, 0), 0);
	return check_device(sk_X509_value(chain, 0), verify);
}

static bool permits_form(const NAME_CONSTRAINTS *constraints, int form)
{
	int i;

	for (i = 0; i < sk_GENERAL_SUBTREE_num(constraints->permittedSubtrees); i++)
		if (sk_GENERAL_SUBTREE_value(constraints->permittedSubtrees, i)->base->type == form)
			return true;
	return false;
}

static const char *form_name(int form)
{
	return form == GEN_URI ? "URIs" : form == GEN_DNS ? "DNS names" : "directory names";
}

int constraints_check_name(X509_STORE_CTX *context, struct verify *verify, int form)
{
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(context);
	NAME_CONSTRAINTS *constraints;
	char name[X509_TEXT_NAME];
	bool speaks;
	X509 *ca;
	int i;

	for (i = 1; i < sk_X509_num(chain); i++) {
		ca = sk_X509_value(chain, i);
		constraints = X509_get_ext_d2i(ca, NID_name_constraints, NULL, NULL);
		/* One that cannot be parsed has failed before. */
		if (!constraints)
			continue;
		speaks = sk_GENERAL_SUBTREE_num(constraints->permittedSubtrees) <= 0 ||
			 permits_form(constraints, form);
		NAME_CONSTRAINTS_free(constraints);
		if (speaks)
			continue;
		point_at(context, ca, i);
		x509_text_name(X509_get_subject_name(ca), name, sizeof(name));
		keying_sentence(verify->text, sizeof(verify->text),
				"%s certificate names %.64s, but its CA %s may sign for other kinds of names only: its name constraints permit no %s",
				verify->own ? "our own" : "the peer's", verify->identity, name,
				form_name(form));
		return X509_V_ERR_PERMITTED_VIOLATION;
	}
	return X509_V_OK;
}
