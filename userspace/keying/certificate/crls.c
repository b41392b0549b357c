// SPDX-License-Identifier: MIT
#include "load.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "../sentence.h"
#include "../x509_text.h"

enum signer {
	SIGNER_UNKNOWN,		/* no CA of its name is here: checked when a peer brings one */
	SIGNER_GOOD,
	SIGNER_BAD,		/* it has the name of a CA that is here, and another's signature */
};

/* Is it of this CA? */
static bool try_signer(X509_CRL *crl, X509 *ca, enum signer *signer)
{
	if (!ca || X509_NAME_cmp(X509_get_subject_name(ca), X509_CRL_get_issuer(crl)))
		return false;
	*signer = X509_CRL_verify(crl, X509_get0_pubkey(ca)) == 1 ? SIGNER_GOOD : SIGNER_BAD;
	ERR_clear_error();
	return *signer == SIGNER_GOOD;
}

/* A CRL that names a CA we hold must be signed by it: better found now than at a peer. */
static enum signer signer_of(const struct load *load, X509_CRL *crl, X509 **ca)
{
	X509_STORE *store = SSL_CTX_get_cert_store(load->credentials->ssl);
	STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(store);
	enum signer signer = SIGNER_UNKNOWN;
	int i;

	for (i = 0; i < sk_X509_OBJECT_num(objects); i++) {
		*ca = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
		if (try_signer(crl, *ca, &signer))
			return signer;
	}
	for (i = 0; i < sk_X509_num(load->chain); i++) {
		*ca = sk_X509_value(load->chain, i);
		if (try_signer(crl, *ca, &signer))
			return signer;
	}
	*ca = NULL;
	return signer;
}

/*
 * A CRL was signed when it says, and by whom we trust for that, so this time is past. Not
 * beyond the end of the CA itself, when it can have signed nothing.
 */
static void learn_time(struct load *load, const X509_CRL *crl, X509 *ca)
{
	time_t signed_at = x509_time(X509_CRL_get0_lastUpdate(crl));

	if (signed_at > load->credentials->newest &&
	    signed_at < x509_time(X509_get0_notAfter(ca)))
		load->credentials->newest = signed_at;
}

static bool same_extension(const X509_CRL *a, const X509_CRL *b, int nid)
{
	int at_a = X509_CRL_get_ext_by_NID(a, nid, -1), at_b = X509_CRL_get_ext_by_NID(b, nid, -1);

	if (at_a < 0 || at_b < 0)
		return at_a < 0 && at_b < 0;
	return !ASN1_OCTET_STRING_cmp(X509_EXTENSION_get_data(X509_CRL_get_ext(a, at_a)),
				      X509_EXTENSION_get_data(X509_CRL_get_ext(b, at_b)));
}

static bool newer(const X509_CRL *a, const X509_CRL *b)
{
	ASN1_INTEGER *number_a = X509_CRL_get_ext_d2i(a, NID_crl_number, NULL, NULL);
	ASN1_INTEGER *number_b = X509_CRL_get_ext_d2i(b, NID_crl_number, NULL, NULL);
	int order;

	if (number_a && number_b)
		order = ASN1_INTEGER_cmp(number_a, number_b);
	else
		order = ASN1_TIME_compare(X509_CRL_get0_lastUpdate(a),
					  X509_CRL_get0_lastUpdate(b));
	ASN1_INTEGER_free(number_a);
	ASN1_INTEGER_free(number_b);
	return order > 0;
}

/*
 * Of several CRLs of one issuer, key and scope only the newest counts. OpenSSL would
 * prefer an older one whose next update is still to come to a newer one that is late,
 * and so forget what was revoked in between.
 */
static int find_alike(const struct load *load, const X509_CRL *crl)
{
	X509_CRL *other;
	int i;

	for (i = 0; i < sk_X509_CRL_num(load->credentials->crl_list); i++) {
		other = sk_X509_CRL_value(load->credentials->crl_list, i);
		if (!X509_CRL_cmp(crl, other) &&
		    same_extension(crl, other, NID_authority_key_identifier) &&
		    same_extension(crl, other, NID_issuing_distribution_point))
			return i;
	}
	return -1;
}

static bool keep_newest(struct load *load, X509_CRL *crl)
{
	STACK_OF(X509_CRL) *list = load->credentials->crl_list;
	int at = find_alike(load, crl);

	if (at >= 0 && !newer(crl, sk_X509_CRL_value(list, at)))
		return true;
	X509_CRL_up_ref(crl);
	if (at >= 0) {
		X509_CRL_free(sk_X509_CRL_value(list, at));
		sk_X509_CRL_set(list, at, crl);
		return true;
	}
	if (sk_X509_CRL_push(list, crl))
		return true;
	X509_CRL_free(crl);
	return false;
}

static const char *number_of(const X509_CRL *crl, char *out, size_t len)
{
	ASN1_INTEGER *number = X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL);
	char *text = number ? i2s_ASN1_INTEGER(NULL, number) : NULL;
	char date[X509_TEXT_TIME];

	x509_text_time(x509_time(X509_CRL_get0_lastUpdate(crl)), date, sizeof(date));
	keying_sentence(out, len, "%s%.40s%s%s", text ? "number " : "", text ? text : "",
			text ? " of " : "the one of ", date);
	OPENSSL_free(text);
	ASN1_INTEGER_free(number);
	return out;
}

/*
 * One that was in force before, against those read now. Whoever puts an older one in its
 * place wants something revoked to be taken again; and where none is left of it, as while
 * a file is replaced in two steps, what it revoked stays revoked.
 */
static int compare_with_before(struct load *load, X509_CRL *old)
{
	char name[X509_TEXT_NAME], is[80], was[80], sentence[KEYING_TEXT_MAX];
	int at = find_alike(load, old);
	X509_CRL *new;
	X509 *ca;

	if (signer_of(load, old, &ca) != SIGNER_GOOD)
		return 0;
	new = at < 0 ? NULL : sk_X509_CRL_value(load->credentials->crl_list, at);
	if (new && !newer(old, new))
		return 0;
	x509_text_name(X509_CRL_get_issuer(old), name, sizeof(name));
	number_of(old, was, sizeof(was));
	if (new)
		return keying_sentence(load->why, load->why_len,
				       "%s: the CRL of %s is %s, older than %s that was here before; put a newer one there, or, if its CA has begun anew, restart prosed",
				       load->credentials->crls, name,
				       number_of(new, is, sizeof(is)), was);
	if (!keep_newest(load, old))
		return load_out_of_memory(load);
	keying_sentence(sentence, sizeof(sentence),
			"%s: there is no CRL of %s any more; %s stays in force",
			load->credentials->crls, name, was);
	load_warn(load, sentence);
	learn_time(load, old, ca);
	return 0;
}

static int take_crl(struct load *load, const char *path, const struct pem_block *block)
{
	X509_CRL *crl = pem_crl(path, block, load->why, load->why_len);
	char name[X509_TEXT_NAME];
	enum signer signer;
	int ret = -1;
	X509 *ca;

	if (!crl)
		return -1;
	signer = signer_of(load, crl, &ca);
	x509_text_name(X509_CRL_get_issuer(crl), name, sizeof(name));
	if (x509_time(X509_CRL_get0_nextUpdate(crl)) == -1) {
		keying_sentence(load->why, load->why_len,
				"%s: line %u: item %u: the CRL of %s has no next update (RFC 5280 5.1.2.5 requires it)",
				path, block->line, block->item, name);
	} else if (signer == SIGNER_BAD) {
		keying_sentence(load->why, load->why_len,
				"%s: line %u: item %u: the CRL in the name of %s is not signed by it",
				path, block->line, block->item, name);
	} else if (!keep_newest(load, crl)) {
		load_out_of_memory(load);
	} else {
		ret = 0;
		if (signer == SIGNER_GOOD)
			learn_time(load, crl, ca);
	}
	X509_CRL_free(crl);
	return ret;
}

int load_crls(struct load *load)
{
	static const char *const suffixes[2] = { ".pem", ".crl" };
	X509_STORE *store = SSL_CTX_get_cert_store(load->credentials->ssl);
	const struct certificate_files *files = load->files;
	int i;

	if (!files->n_crl && files->crl_policy == CERTIFICATE_CRL_REQUIRE)
		return keying_sentence(load->why, load->why_len,
				       "no CRL is configured: no peer could be accepted; name one, or let the CRL policy be if-present");
	if (load_paths(load, files->crl, files->n_crl, "X509 CRL", take_crl, suffixes))
		return -1;
	for (i = 0; load->before && i < sk_X509_CRL_num(load->before->crl_list); i++)
		if (compare_with_before(load, sk_X509_CRL_value(load->before->crl_list, i)))
			return -1;
	for (i = 0; i < sk_X509_CRL_num(load->credentials->crl_list); i++)
		if (!X509_STORE_add_crl(store, sk_X509_CRL_value(load->credentials->crl_list, i)))
			return load_out_of_memory(load);
	return 0;
}
