/* SPDX-License-Identifier: MIT */
/*
 * Chains made on purpose: each CA and the device by a recipe, so that any of them can break
 * one rule. The folder then has, for the device "ue":
 *
 *	root.pem	the first CA, and another
 *	ue.pem ue.key	the device, and the CAs between
 *	crls.pem	a CRL of each CA
 *	judge.pem .key	a device of that other, which is to judge the first
 */
#ifndef SELFTESTS_UNIT_CERTIFICATE_LAB_H
#define SELFTESTS_UNIT_CERTIFICATE_LAB_H

#include "keying_lab.h"

#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "keying/certificate/certificate.h"
#include "keying/pki/issue.h"

#define CHAIN_CAS	8
#define CHAIN_URI	"URI:prose://ue.example.org/1"

/* Extensions beyond, or instead of, the usual ones of a CA or a device. */
struct recipe {
	const char *usage, *extended, *basic;	/* "" leaves it out */
	const char *names, *constraints, *policies, *policy_constraints;
	const char *unknown;			/* "critical" or "": an extension nobody knows */
	time_t not_after;
	unsigned int serial_len;		/* octets; 0: 16 */
};

struct chain {
	struct recipe cas[CHAIN_CAS];		/* the root first */
	unsigned int n_cas;			/* 0: the root alone */
	struct recipe device;
	/* Changes the CRL of the CA with this number, which is then signed again. */
	void (*spoil)(X509_CRL *crl);
	unsigned int spoil_at;
	bool foreign_signature;			/* .. by somebody else */
	unsigned int without_crl;		/* bit n: no CRL of CA n */
	long crl_number;			/* 0: 1 */
	time_t crl_time;			/* 0: LAB_NOW - an hour */
	const char *revoked;			/* serial number that its CA has revoked, in hex */
	unsigned int revoked_by;
};

static EVP_PKEY *chain_keys[CHAIN_CAS], *chain_device_key, *chain_judge_key, *chain_other_key;
static EVP_PKEY *chain_judge_root_key;
static X509 *chain_cas[CHAIN_CAS];
static X509 *chain_device, *chain_judge_root;
static char why[KEYING_TEXT_MAX];
static char warnings[4096];

static void on_warn(void *context, const char *sentence)
{
	size_t len = strlen(warnings);

	(void)context;
	snprintf(warnings + len, sizeof(warnings) - len, "%s\n", sentence);
}

static int chain_setup(void **state)
{
	unsigned int i;

	if (lab_setup(state))
		return -1;
	for (i = 0; i < CHAIN_CAS; i++)
		chain_keys[i] = pki_make_key(NULL, why, sizeof(why));
	chain_device_key = pki_make_key(NULL, why, sizeof(why));
	chain_judge_key = pki_make_key(NULL, why, sizeof(why));
	chain_other_key = pki_make_key(NULL, why, sizeof(why));
	chain_judge_root_key = pki_make_key(NULL, why, sizeof(why));
	return 0;
}

static void chain_forget(void)
{
	unsigned int i;

	for (i = 0; i < CHAIN_CAS; i++) {
		X509_free(chain_cas[i]);
		chain_cas[i] = NULL;
	}
	X509_free(chain_device);
	X509_free(chain_judge_root);
	chain_device = chain_judge_root = NULL;
}

static int chain_teardown(void **state)
{
	unsigned int i;

	chain_forget();
	for (i = 0; i < CHAIN_CAS; i++)
		EVP_PKEY_free(chain_keys[i]);
	EVP_PKEY_free(chain_device_key);
	EVP_PKEY_free(chain_judge_key);
	EVP_PKEY_free(chain_other_key);
	EVP_PKEY_free(chain_judge_root_key);
	return lab_teardown(state);
}

static void chain_extend(X509 *certificate, X509V3_CTX *context, int nid, const char *value)
{
	X509_EXTENSION *extension;

	if (!value || !*value)
		return;
	extension = X509V3_EXT_conf_nid(NULL, context, nid, value);
	if (!extension)
		fail_msg("no extension of \"%s\"", value);
	assert_true(X509_add_ext(certificate, extension, -1));
	X509_EXTENSION_free(extension);
}

static X509_EXTENSION *chain_unknown(bool critical)
{
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	ASN1_OBJECT *object = OBJ_txt2obj("1.3.6.1.4.1.55555.1", 1);
	X509_EXTENSION *extension;

	assert_true(ASN1_OCTET_STRING_set(value, (const uint8_t *)"\5", 2));
	extension = X509_EXTENSION_create_by_OBJ(NULL, object, critical, value);
	assert_non_null(extension);
	ASN1_OBJECT_free(object);
	ASN1_OCTET_STRING_free(value);
	return extension;
}

static void chain_serial(X509 *certificate, unsigned int len, unsigned int number)
{
	uint8_t octets[64];
	BIGNUM *serial;

	memset(octets, 0x5a, sizeof(octets));
	octets[len - 1] = (uint8_t)number;
	serial = BN_bin2bn(octets, (int)len, NULL);
	assert_non_null(BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(certificate)));
	BN_free(serial);
}

static X509 *chain_certificate(const struct recipe *recipe, bool ca, const char *name,
			       unsigned int number, EVP_PKEY *key, X509 *issuer,
			       EVP_PKEY *issuer_key)
{
	X509 *certificate = X509_new();
	CONF *none = NCONF_new(NULL);
	X509_EXTENSION *unknown;
	X509V3_CTX context;
	time_t not_after = recipe->not_after ? recipe->not_after : LAB_NOW + 100 * LAB_DAY;

	assert_non_null(certificate);
	X509_set_version(certificate, X509_VERSION_3);
	chain_serial(certificate, recipe->serial_len ? recipe->serial_len : 16, number);
	assert_non_null(ASN1_TIME_adj(X509_getm_notBefore(certificate),
				      LAB_NOW - 1000 * LAB_DAY, 0, 0));
	assert_non_null(ASN1_TIME_adj(X509_getm_notAfter(certificate), not_after, 0, 0));
	X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_commonName,
				   MBSTRING_UTF8, (const uint8_t *)name, -1, -1, 0);
	X509_set_issuer_name(certificate,
			     X509_get_subject_name(issuer ? issuer : certificate));
	X509_set_pubkey(certificate, key);
	X509V3_set_ctx(&context, issuer ? issuer : certificate, certificate, NULL, NULL, 0);
	X509V3_set_nconf(&context, none);
	chain_extend(certificate, &context, NID_subject_key_identifier, "hash");
	chain_extend(certificate, &context, NID_basic_constraints, recipe->basic ? recipe->basic :
		     ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
	chain_extend(certificate, &context, NID_key_usage, recipe->usage ? recipe->usage :
		     ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
	chain_extend(certificate, &context, NID_ext_key_usage, recipe->extended ?
		     recipe->extended : ca ? "" : "clientAuth,serverAuth");
	chain_extend(certificate, &context, NID_subject_alt_name, recipe->names ? recipe->names :
		     ca ? "" : CHAIN_URI);
	chain_extend(certificate, &context, NID_name_constraints, recipe->constraints);
	chain_extend(certificate, &context, NID_certificate_policies, recipe->policies);
	chain_extend(certificate, &context, NID_policy_constraints, recipe->policy_constraints);
	if (recipe->unknown) {
		unknown = chain_unknown(*recipe->unknown);
		assert_true(X509_add_ext(certificate, unknown, -1));
		X509_EXTENSION_free(unknown);
	}
	NCONF_free(none);
	assert_true(X509_sign(certificate, issuer_key ? issuer_key : key, EVP_sha256()));
	return certificate;
}

static void chain_write_certificate(const char *path, const char *mode, X509 *certificate)
{
	FILE *file = fopen(path, mode);

	assert_non_null(file);
	assert_true(PEM_write_X509(file, certificate));
	fclose(file);
}

static void chain_write_key(const char *path, EVP_PKEY *key)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL));
	fclose(file);
	chmod(path, 0600);
}

/* That of the judge's root comes last. */
static void chain_write_crl(const struct chain *chain, unsigned int ca, FILE *file)
{
	bool judge = ca == CHAIN_CAS;
	const struct pki_issuer issuer = {
		.certificate = judge ? chain_judge_root : chain_cas[ca],
		.key = judge ? chain_judge_root_key : chain_keys[ca],
	};
	struct pki_entry entry = { .revoked = LAB_NOW - LAB_DAY };
	struct pki_index index = { .entries = &entry };
	time_t now = chain->crl_time ? chain->crl_time : LAB_NOW - 3600;
	X509_CRL *crl;

	if (chain->revoked && chain->revoked_by == ca) {
		snprintf(entry.serial, sizeof(entry.serial), "%s", chain->revoked);
		index.n = 1;
	}
	crl = pki_make_crl(&issuer, &index, chain->crl_number ? chain->crl_number : 1, now,
			   now + 30 * LAB_DAY, why, sizeof(why));
	if (!crl)
		fail_msg("%s", why);
	if (chain->spoil_at == ca && (chain->spoil || chain->foreign_signature)) {
		if (chain->spoil)
			chain->spoil(crl);
		assert_true(X509_CRL_sign(crl, chain->foreign_signature ? chain_other_key :
					  chain_keys[ca], EVP_sha256()));
	}
	assert_true(PEM_write_X509_CRL(file, crl));
	X509_CRL_free(crl);
}

static void chain_write_crls(const struct chain *chain)
{
	unsigned int n = chain->n_cas ? chain->n_cas : 1, i;
	FILE *file = fopen(lab_path("crls.pem"), "w");

	assert_non_null(file);
	for (i = 0; i < n; i++)
		if (!(chain->without_crl & 1u << i))
			chain_write_crl(chain, i, file);
	chain_write_crl(chain, CHAIN_CAS, file);
	fclose(file);
}

/* Makes all files; the certificates stay in chain_cas and chain_device. */
static void chain_make(const struct chain *chain)
{
	static const struct recipe usual;
	unsigned int n = chain->n_cas ? chain->n_cas : 1, i;
	X509 *judge;
	char name[8];

	chain_forget();
	warnings[0] = '\0';
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "CA %u", i);
		chain_cas[i] = chain_certificate(&chain->cas[i], true, name, i, chain_keys[i],
						 i ? chain_cas[i - 1] : NULL,
						 i ? chain_keys[i - 1] : NULL);
	}
	chain_device = chain_certificate(&chain->device, false, "ue", 100, chain_device_key,
					 chain_cas[n - 1], chain_keys[n - 1]);
	chain_judge_root = chain_certificate(&usual, true, "judge root", 102,
					     chain_judge_root_key, NULL, NULL);
	judge = chain_certificate(&usual, false, "judge", 101, chain_judge_key, chain_judge_root,
				  chain_judge_root_key);
	chain_write_certificate(lab_path("root.pem"), "w", chain_cas[0]);
	chain_write_certificate(lab_path("root.pem"), "a", chain_judge_root);
	chain_write_certificate(lab_path("ue.pem"), "w", chain_device);
	for (i = n - 1; i; i--)
		chain_write_certificate(lab_path("ue.pem"), "a", chain_cas[i]);
	chain_write_certificate(lab_path("judge.pem"), "w", judge);
	X509_free(judge);
	chain_write_key(lab_path("ue.key"), chain_device_key);
	chain_write_key(lab_path("judge.key"), chain_judge_key);
	chain_write_crls(chain);
}

/* Credentials of "ue" or "judge"; what is not set in @files is as usual. */
static struct keying_method *chain_try(const char *name, const struct certificate_files *files)
{
	char certificate[PATH_MAX], key[PATH_MAX], ca[PATH_MAX], crl[PATH_MAX];
	const char *cas[] = { ca }, *crls[] = { crl };
	struct certificate_files wanted = files ? *files : (struct certificate_files){ 0 };

	snprintf(certificate, PATH_MAX, "%s/%s.pem", lab, name);
	snprintf(key, PATH_MAX, "%s/%s.key", lab, name);
	snprintf(ca, PATH_MAX, "%s/root.pem", lab);
	snprintf(crl, PATH_MAX, "%s/crls.pem", lab);
	if (!wanted.certificate)
		wanted.certificate = certificate;
	if (!wanted.key)
		wanted.key = key;
	if (!wanted.n_ca) {
		wanted.ca = cas;
		wanted.n_ca = 1;
	}
	if (!wanted.crl) {
		wanted.crl = crls;
		wanted.n_crl = 1;
	}
	if (!wanted.crl_grace_days)
		wanted.crl_grace_days = CERTIFICATE_CRL_GRACE_DAYS;
	if (!wanted.now)
		wanted.now = LAB_NOW;
	wanted.warn = on_warn;
	why[0] = '\0';
	return certificate_new(&wanted, why, sizeof(why));
}

static struct keying_method *chain_method(const char *name, const struct certificate_files *files)
{
	struct keying_method *method = chain_try(name, files);

	if (!method)
		fail_msg("%s", why);
	return method;
}

#endif
