// SPDX-License-Identifier: MIT
/*
 * Keying method certificate: agreement, what it is bound to, whom it refuses and what it
 * says then, broken containers, strange TLS peers, and files that are wrong. Certificates
 * are made as the tests run, so none of them ever expires.
 */
#include "keying_lab.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "core/constants.h"
#include "keying/certificate/certificate.h"
#include "keying/certificate/groups.h"
#include "keying/pki/issue.h"
#include "keying/pki/pki.h"

static char why[KEYING_TEXT_MAX];

/* What the constructors of this test warned of, all of it. */
static char warnings[2048];

static const struct pki_options at_now = { .now = LAB_NOW };

static void on_warn(void *context, const char *sentence)
{
	size_t len = strlen(warnings);

	(void)context;
	snprintf(warnings + len, sizeof(warnings) - len, "%s\n", sentence);
}

static void done(int ret)
{
	if (ret)
		fail_msg("%s", why);
}

/* The common case: certificate and key of @name in authority @own, trust in @trusted. */
struct device {
	const char *own, *name, *trusted;
	const char *ca, *crl;		/* instead of those of @trusted */
	bool no_crl;
	enum certificate_crl_policy policy;
	int grace;			/* 0 = default, -1 = none */
};

static struct keying_method *try_device(const struct device *device)
{
	char certificate[PATH_MAX], key[PATH_MAX], ca[PATH_MAX], crl[PATH_MAX];
	const char *cas[] = { device->ca ? device->ca : ca };
	const char *crls[] = { device->crl ? device->crl : crl };
	struct certificate_files files = {
		.certificate = certificate, .key = key, .ca = cas, .n_ca = 1, .crl = crls,
		.n_crl = device->no_crl ? 0 : 1, .crl_policy = device->policy,
		.crl_grace_days = device->grace ? 0 : CERTIFICATE_CRL_GRACE_DAYS,
		.now = LAB_NOW, .warn = on_warn,
	};

	why[0] = '\0';
	snprintf(certificate, PATH_MAX, "%s/%s/%s.pem", lab, device->own, device->name);
	snprintf(key, PATH_MAX, "%s/%s/%s.key", lab, device->own, device->name);
	snprintf(ca, PATH_MAX, "%s/%s/ca.pem", lab, device->trusted);
	snprintf(crl, PATH_MAX, "%s/%s/crl.pem", lab, device->trusted);
	return certificate_new(&files, why, sizeof(why));
}

static struct keying_method *method(const struct device *device)
{
	struct keying_method *made = try_device(device);

	if (!made)
		fail_msg("%s", why);
	return made;
}

static struct keying_method *plain(const char *own, const char *name)
{
	return method(&(struct device){ .own = own, .name = name, .trusted = own });
}

static void issue(const char *dir, const char *identity)
{
	done(pki_issue(lab_path("%s", dir), identity, &at_now, why, sizeof(why)));
}

static void run_pair(struct lab_run *run, struct keying_method *ue_1, struct keying_method *ue_2)
{
	lab_run_init(run, ue_1, ue_2);
	lab_run(run);
}

static void finish(struct lab_run *run)
{
	struct keying_method *ue_1 = (struct keying_method *)run->side[0].method;
	struct keying_method *ue_2 = (struct keying_method *)run->side[1].method;

	lab_close(run);
	certificate_free(ue_1);
	if (ue_2 != ue_1)
		certificate_free(ue_2);
}

static void agreed(const struct lab_run *run)
{
	lab_agreed(&run->side[KEYING_UE_1], &run->side[KEYING_UE_2]);
}

/* UE_2's certificate is at fault: UE_1 finds out and says so, in TLS as well. */
static void ue_1_refuses(struct lab_run *run, const char *says, const char *peer_says)
{
	lab_failed(&run->side[KEYING_UE_1], says);
	lab_failed(&run->side[KEYING_UE_2], peer_says);
	assert_int_equal(run->n, 4);
}

static void ue_2_refuses(struct lab_run *run, const char *says, const char *peer_says)
{
	lab_failed(&run->side[KEYING_UE_2], says);
	lab_failed(&run->side[KEYING_UE_1], peer_says);
	assert_int_equal(run->n, 3);
}

static int setup(void **state)
{
	if (lab_setup(state))
		return -1;
	done(pki_init(lab_path("root"), "test root", &at_now, why, sizeof(why)));
	issue("root", "ue1");
	issue("root", "ue2");
	done(pki_init(lab_path("other"), "other root", &at_now, why, sizeof(why)));
	issue("other", "ue1");
	issue("other", "ue2");
	return 0;
}

static int forget(void **state)
{
	(void)state;
	warnings[0] = '\0';
	return 0;
}

static void four_containers(void **state)
{
	struct lab_run run;
	unsigned int i;

	(void)state;
	run_pair(&run, plain("root", "ue1"), plain("root", "ue2"));
	assert_string_equal(warnings, "");
	agreed(&run);
	assert_int_equal(run.n, run.side[0].method->containers);
	assert_int_equal(run.n, 4);
	assert_string_equal(run.side[KEYING_UE_1].result.peer_identity, "ue2");
	assert_string_equal(run.side[KEYING_UE_2].result.peer_identity, "ue1");
	assert_string_equal(certificate_identity(run.side[0].method), "ue1");
	lab_contains(run.side[0].result.detail, "TLSv1.3, ");
	lab_contains(run.side[0].result.detail, "issuer CN=test root");
	assert_string_equal(run.side[0].result.detail, run.side[1].result.detail);
	print_message("%s; octets:", run.side[0].result.detail);
	for (i = 0; i < run.n; i++) {
		print_message(" %zu", run.containers[i].len);
		assert_true(run.containers[i].len <= 4000);
	}
	print_message("\n");
	/* The identity of UE_2 goes out under TLS. */
	assert_null(memmem(run.containers[2].data, run.containers[2].len, "ue2", 3));
	assert_null(memmem(run.containers[1].data, run.containers[1].len, "ue1", 3));
	finish(&run);
}

static void forward_secrecy(void **state)
{
	struct keying_method *ue_1 = plain("root", "ue1"), *ue_2 = plain("root", "ue2");
	struct lab_run first, second;

	(void)state;
	run_pair(&first, ue_1, ue_2);
	agreed(&first);
	lab_close(&first);
	/* Roles the other way round, with the same objects. */
	run_pair(&second, ue_2, ue_1);
	agreed(&second);
	assert_memory_not_equal(first.side[0].result.kd, second.side[0].result.kd,
				KEYING_KD_LEN);
	assert_string_equal(second.side[KEYING_UE_1].result.peer_identity, "ue1");
	finish(&second);
}

static void kinds_of_keys(void **state)
{
	static const char *const types[] = { "P-256", "P-384", "ED25519", "RSA-3072" };
	struct pki_options options = at_now;
	struct lab_run run;
	size_t i, j;

	(void)state;
	for (i = 0; i < 4; i++) {
		options.key_type = types[i];
		done(pki_init(lab_path("root-%s", types[i]), "root", &options, why, sizeof(why)));
		for (j = 0; j < 2; j++)
			done(pki_issue(lab_path("root-%s", types[i]), j ? "ue2" : "ue1", &options,
				       why, sizeof(why)));
	}
	for (i = 0; i < 4; i++) {
		char own[32];

		snprintf(own, sizeof(own), "root-%s", types[i]);
		run_pair(&run, plain(own, "ue1"), plain(own, "ue2"));
		agreed(&run);
		finish(&run);
	}
}

/* Ends that differ in anything the run is bound to do not get the same KD. */
static void kd_is_bound_to_the_context(void **state)
{
	struct keying_method *ue_1 = plain("root", "ue1"), *ue_2 = plain("root", "ue2");
	struct lab_run run;

	(void)state;
	for (int i = 0; i < 2 * LAB_DIFFERENCES; i++) {
		lab_run_init(&run, ue_1, ue_2);
		lab_differ(&run.side[i & 1].context, (enum lab_difference)(i >> 1));
		lab_run(&run);
		assert_int_equal(run.side[0].status, KEYING_DONE);
		assert_int_equal(run.side[1].status, KEYING_DONE);
		assert_false(lab_same_kd(&run));
		lab_close(&run);
	}
	certificate_free(ue_1);
	certificate_free(ue_2);
}

/*
 * A certificate @name for the tests, of the authority root, with @options. Both roles are
 * tried with it: @says is what the peer finds, @peer_says what the owner hears.
 */
static void refused_both_ways(const char *name, const char *says, const char *peer_says)
{
	struct lab_run run;

	run_pair(&run, plain("root", "ue1"), plain("root", name));
	ue_1_refuses(&run, says, peer_says);
	finish(&run);
	run_pair(&run, plain("root", name), plain("root", "ue2"));
	ue_2_refuses(&run, says, peer_says);
	finish(&run);
}

static void expired(void **state)
{
	const struct pki_options options = {
		.now = LAB_NOW, .not_before = LAB_NOW - 60 * LAB_DAY,
		.not_after = LAB_NOW - 1,
	};

	(void)state;
	done(pki_issue(lab_path("root"), "expired", &options, why, sizeof(why)));
	refused_both_ways("expired",
			  "the peer's certificate CN=expired expired on 2026-11-28 11:59 UTC; renew it, or set the clock of this UE (2026-11-28 12:00 UTC)",
			  "the peer refused our certificate CN=expired (it has expired): certificate expired");
	certificate_free(plain("root", "expired"));
	lab_contains(warnings, "our own certificate CN=expired expired on 2026-11-28");
}

static void not_yet_valid(void **state)
{
	const struct pki_options options = { .now = LAB_NOW, .not_before = LAB_NOW + 1 };

	(void)state;
	done(pki_issue(lab_path("root"), "future", &options, why, sizeof(why)));
	refused_both_ways("future",
			  "the peer's certificate CN=future is not valid before 2026-11-28 12:00 UTC; check the clock of this UE (2026-11-28 12:00 UTC)",
			  "our certificate CN=future (it is not valid yet): certificate expired or not valid yet");
	certificate_free(plain("root", "future"));
	lab_contains(warnings, "our own certificate CN=future is not valid before");
}

/* To the second, as OpenSSL sees them; the clock is the context's, not the host's. */
static void borders_of_validity(void **state)
{
	const struct pki_options options = {
		.now = LAB_NOW, .not_before = LAB_NOW, .not_after = LAB_NOW + LAB_DAY,
	};
	static const struct {
		time_t at;
		enum keying_status status;
	} times[] = {
		{ -1, KEYING_FAILED }, { 0, KEYING_DONE }, { LAB_DAY - 1, KEYING_DONE },
		{ LAB_DAY, KEYING_FAILED },
	};
	struct lab_run run;
	size_t i;

	(void)state;
	done(pki_issue(lab_path("root"), "border", &options, why, sizeof(why)));
	for (i = 0; i < 4; i++) {
		lab_run_init(&run, plain("root", "ue1"), plain("root", "border"));
		run.side[0].context.now = LAB_NOW + times[i].at;
		lab_run(&run);
		assert_int_equal(run.side[0].status, times[i].status);
		finish(&run);
	}
}

static void revoked(void **state)
{
	const struct pki_options then = { .now = LAB_NOW - 27 * LAB_DAY };
	char sentence[KEYING_TEXT_MAX], serial[64];
	struct keying_method *before;
	struct lab_run run;
	X509 *certificate;
	BIGNUM *number;
	FILE *file;
	char *hex;

	(void)state;
	done(pki_init(lab_path("revoking"), "revoking root", &then, why, sizeof(why)));
	done(pki_issue(lab_path("revoking"), "ue1", &then, why, sizeof(why)));
	done(pki_issue(lab_path("revoking"), "bad", &then, why, sizeof(why)));
	before = plain("revoking", "ue1");
	done(pki_revoke(lab_path("revoking"), "bad", &then, why, sizeof(why)));

	file = fopen(lab_path("revoking/bad.pem"), "r");
	certificate = PEM_read_X509(file, NULL, NULL, NULL);
	fclose(file);
	number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
	hex = BN_bn2hex(number);
	snprintf(serial, sizeof(serial), "%s", hex);
	OPENSSL_free(hex);
	BN_free(number);
	X509_free(certificate);
	snprintf(sentence, sizeof(sentence),
		 "the peer's certificate CN=bad was revoked on 2026-11-01 (serial %s, CRL of CN=revoking root)",
		 serial);

	run_pair(&run, plain("revoking", "ue1"), plain("revoking", "bad"));
	lab_contains(warnings, "our own certificate CN=bad was revoked on 2026-11-01");
	ue_1_refuses(&run, sentence,
		     "the peer refused our certificate CN=bad: certificate revoked");
	finish(&run);
	run_pair(&run, plain("revoking", "bad"), plain("revoking", "ue1"));
	ue_2_refuses(&run, sentence,
		     "the peer refused our certificate CN=bad: certificate revoked");
	finish(&run);
	/* Credentials do not change under a running daemon: the old ones know the old CRL. */
	run_pair(&run, before, plain("revoking", "bad"));
	agreed(&run);
	finish(&run);
}

static void wrong_root(void **state)
{
	struct lab_run run;

	(void)state;
	/* Each trusts its own root only. */
	run_pair(&run, plain("root", "ue1"), plain("other", "ue2"));
	lab_failed(&run.side[KEYING_UE_2],
		    "the peer's certificate CN=ue1 is not signed by any of the roots in ");
	lab_contains(run.side[KEYING_UE_2].error.text,
		     "/other/ca.pem (its issuer is CN=test root)");
	lab_failed(&run.side[KEYING_UE_1],
		    "the peer refused our certificate CN=ue1: unknown CA");
	finish(&run);
	/* UE_2 trusts the root of UE_1, but not the other way round. */
	run_pair(&run, plain("root", "ue1"),
		 method(&(struct device){ .own = "other", .name = "ue2", .trusted = "root" }));
	lab_contains(warnings, "our own certificate CN=ue2 is not signed by any of the roots");
	ue_1_refuses(&run, "the peer's certificate CN=ue2 is not signed by any of the roots",
		     "the peer refused our certificate CN=ue2: unknown CA");
	finish(&run);
	/* Same name of the root, another key. */
	done(pki_init(lab_path("namesake"), "test root", &at_now, why, sizeof(why)));
	issue("namesake", "ue2");
	run_pair(&run, plain("root", "ue1"),
		 method(&(struct device){ .own = "namesake", .name = "ue2", .trusted = "root" }));
	ue_1_refuses(&run, "the peer's certificate CN=ue2 is not signed by any of the roots",
		     "the peer refused our certificate CN=ue2: unknown CA");
	finish(&run);
}

static void wrong_purpose(void **state)
{
	struct pki_options options = at_now;
	struct lab_run run;

	(void)state;
	options.extended_key_usage = "codeSigning";
	done(pki_issue(lab_path("root"), "signer", &options, why, sizeof(why)));
	refused_both_ways("signer", "the peer's certificate CN=signer is not meant for this",
			  "refused our certificate CN=signer: unsupported certificate");
	/* As a client it will do, as a server it will not. */
	options.extended_key_usage = "clientAuth";
	done(pki_issue(lab_path("root"), "half", &options, why, sizeof(why)));
	run_pair(&run, plain("root", "ue1"), plain("root", "half"));
	lab_contains(warnings, "our own certificate CN=half is not meant for this");
	agreed(&run);
	finish(&run);
	run_pair(&run, plain("root", "half"), plain("root", "ue2"));
	ue_2_refuses(&run, "is not meant for this", "unsupported certificate");
	finish(&run);
}

/* Own certificates by hand, for what the authority refuses to make. */
static EVP_PKEY *read_key(const char *path)
{
	FILE *file = fopen(path, "r");
	EVP_PKEY *key;

	assert_non_null(file);
	key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
	fclose(file);
	assert_non_null(key);
	return key;
}

static X509 *read_certificate(const char *path)
{
	FILE *file = fopen(path, "r");
	X509 *certificate;

	assert_non_null(file);
	certificate = PEM_read_X509(file, NULL, NULL, NULL);
	fclose(file);
	assert_non_null(certificate);
	return certificate;
}

static void write_pair(const char *dir, const char *name, X509 *certificate, EVP_PKEY *key)
{
	FILE *file = fopen(lab_path("%s/%s.pem", dir, name), "w");

	assert_int_equal(PEM_write_X509(file, certificate), 1);
	fclose(file);
	file = fopen(lab_path("%s/%s.key", dir, name), "w");
	assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
	fclose(file);
	assert_int_equal(chmod(lab_path("%s/%s.key", dir, name), 0600), 0);
}

enum handmade {
	SELF_SIGNED,
	IS_A_CA,
	NO_DIGITAL_SIGNATURE,
	EMPTY_SUBJECT,
	NUL_IN_NAME,
	CONTROL_IN_NAME,
	WEAK_KEY,
};

static void replace_extension(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;

	X509_EXTENSION_free(X509_delete_ext(certificate,
					    X509_get_ext_by_NID(certificate, nid, -1)));
	if (!value)
		return;
	X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
	X509V3_set_ctx_nodb(&context);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	assert_non_null(extension);
	assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

static void set_alternative_name(X509 *certificate, const char *name, int len)
{
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	GENERAL_NAME *entry = GENERAL_NAME_new();
	ASN1_IA5STRING *text = ASN1_IA5STRING_new();

	assert_int_equal(ASN1_STRING_set(text, name, len), 1);
	GENERAL_NAME_set0_value(entry, GEN_URI, text);
	sk_GENERAL_NAME_push(names, entry);
	replace_extension(certificate, NID_subject_alt_name, NULL);
	assert_int_equal(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, 0), 1);
	GENERAL_NAMES_free(names);
}

static void by_hand(const char *name, enum handmade what)
{
	EVP_PKEY *ca_key = read_key(lab_path("root/ca.key"));
	X509 *ca = read_certificate(lab_path("root/ca.pem"));
	EVP_PKEY *key = what == WEAK_KEY ? EVP_RSA_gen(1024) :
			pki_make_key(NULL, why, sizeof(why));
	const struct pki_issuer issuer = {
		.certificate = what == SELF_SIGNED ? NULL : ca,
		.key = what == SELF_SIGNED ? key : ca_key,
	};
	const struct pki_subject subject = {
		.identity = name, .key = key, .authority = what == IS_A_CA,
		.not_before = LAB_NOW - 3600, .not_after = LAB_NOW + LAB_DAY,
	};
	X509 *certificate = pki_make_certificate(&issuer, &subject, why, sizeof(why));
	X509_NAME *empty = X509_NAME_new();

	assert_non_null(certificate);
	switch (what) {
	case NO_DIGITAL_SIGNATURE:
		replace_extension(certificate, NID_key_usage, "keyAgreement");
		break;
	case EMPTY_SUBJECT:
		X509_set_subject_name(certificate, empty);
		replace_extension(certificate, NID_subject_alt_name, NULL);
		break;
	case NUL_IN_NAME:
		set_alternative_name(certificate, "ue2\0.evil", 9);
		break;
	case CONTROL_IN_NAME:
		set_alternative_name(certificate, "ue2\033[2J", 7);
		break;
	case IS_A_CA:
		replace_extension(certificate, NID_key_usage, "digitalSignature,keyCertSign");
		break;
	default:
		break;
	}
	if (what != SELF_SIGNED)
		assert_true(X509_sign(certificate, ca_key, EVP_sha256()) > 0);
	write_pair("root", name, certificate, key);
	X509_NAME_free(empty);
	X509_free(certificate);
	X509_free(ca);
	EVP_PKEY_free(key);
	EVP_PKEY_free(ca_key);
}

static void self_signed(void **state)
{
	(void)state;
	by_hand("alone", SELF_SIGNED);
	refused_both_ways("alone",
			  "the peer's certificate CN=alone is self-signed, not signed by any of the roots in ",
			  "refused our certificate CN=alone: unknown CA");
}

static void not_of_a_device(void **state)
{
	(void)state;
	/* It has no alternative name, so the common name is its identity. */
	by_hand("issuer", IS_A_CA);
	refused_both_ways("issuer", "the peer's certificate is a CA certificate",
			  "unsupported certificate");
	by_hand("agree", NO_DIGITAL_SIGNATURE);
	refused_both_ways("agree", "the peer's certificate CN=agree is not meant for this",
			  "unsupported certificate");
}

static void names_that_are_no_names(void **state)
{
	static const enum handmade kinds[] = { EMPTY_SUBJECT, NUL_IN_NAME, CONTROL_IN_NAME };
	const struct device device = { .own = "root", .name = "noname", .trusted = "root" };
	struct keying_method *made;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		by_hand("noname", kinds[i]);
		made = try_device(&device);
		assert_null(made);
		lab_contains(why, "noname.pem: item 1: ");
		lab_contains(why, "has no identity: neither a subject alternative name");
	}
	by_hand("weak", WEAK_KEY);
	assert_null(try_device(&(struct device){ .own = "root", .name = "weak",
						 .trusted = "root" }));
	lab_contains(why, "weak.pem: CN=weak cannot be used: ee key too small");
}

static void expects_an_identity(void **state)
{
	struct lab_run run;

	(void)state;
	lab_run_init(&run, plain("root", "ue1"), plain("root", "ue2"));
	strcpy(run.side[0].context.peer_identity, "ue2");
	strcpy(run.side[1].context.peer_identity, "ue1");
	lab_run(&run);
	agreed(&run);
	finish(&run);

	lab_run_init(&run, plain("root", "ue1"), plain("root", "ue2"));
	strcpy(run.side[0].context.peer_identity, "ue3");
	lab_run(&run);
	ue_1_refuses(&run, "the peer's certificate CN=ue2 names ue2, not ue3 as expected",
		     "the peer refused our certificate CN=ue2: bad certificate; it may expect another identity");
	finish(&run);

	/* Octet by octet: no case folding, no beginnings. */
	lab_run_init(&run, plain("root", "ue1"), plain("root", "ue2"));
	strcpy(run.side[1].context.peer_identity, "UE1");
	lab_run(&run);
	ue_2_refuses(&run, "names ue1, not UE1 as expected", "bad certificate");
	finish(&run);
	lab_run_init(&run, plain("root", "ue1"), plain("root", "ue2"));
	strcpy(run.side[1].context.peer_identity, "ue");
	lab_run(&run);
	ue_2_refuses(&run, "names ue1, not ue as expected", "bad certificate");
	finish(&run);
	lab_run_init(&run, plain("root", "ue1"), plain("root", "ue2"));
	strcpy(run.side[1].context.peer_identity, "ue12");
	lab_run(&run);
	ue_2_refuses(&run, "names ue1, not ue12 as expected", "bad certificate");
	finish(&run);
}

static void kinds_of_identities(void **state)
{
	static const char *const identities[] = {
		"urn:prose:ue9", "sip:ue9@example.org", "ue9.example.org", "Grüner Wagen 9",
	};
	static const char *const files[] = {
		"urn:prose:ue9", "sip:ue9@example.org", "ue9.example.org",
		"Gr%C3%BCner%20Wagen%209",
	};
	struct lab_run run;
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		issue("root", identities[i]);
		lab_run_init(&run, plain("root", "ue1"), plain("root", files[i]));
		strcpy(run.side[0].context.peer_identity, identities[i]);
		lab_run(&run);
		agreed(&run);
		assert_string_equal(run.side[0].result.peer_identity, identities[i]);
		finish(&run);
	}
}

static void missing_crl(void **state)
{
	struct device strict = { .own = "root", .name = "ue1", .trusted = "root",
				 .crl = lab_path("other/crl.pem") };
	struct device lax = strict;
	struct lab_run run;

	(void)state;
	run_pair(&run, method(&strict), plain("root", "ue2"));
	ue_1_refuses(&run,
		     "the peer's certificate CN=ue2 cannot be checked: no CRL of CN=test root in ",
		     "certificate not checked; the peer's CRL may be missing or too old");
	lab_contains(run.side[0].error.text, "/other/crl.pem; get one");
	finish(&run);

	lax.policy = CERTIFICATE_CRL_IF_PRESENT;
	run_pair(&run, method(&lax), plain("root", "ue2"));
	agreed(&run);
	lab_contains(run.side[0].result.detail, ", no CRL");
	finish(&run);
	lax.no_crl = true;
	run_pair(&run, method(&lax), plain("root", "ue2"));
	agreed(&run);
	finish(&run);

	strict.no_crl = true;
	assert_null(try_device(&strict));
	lab_contains(why, "no CRL is configured");
}

/* if-present is about missing CRLs: what is revoked stays revoked. */
static void if_present_still_revokes(void **state)
{
	struct device lax = { .own = "revoking2", .name = "ue1", .trusted = "revoking2",
			      .policy = CERTIFICATE_CRL_IF_PRESENT };
	struct lab_run run;

	(void)state;
	done(pki_init(lab_path("revoking2"), "root", &at_now, why, sizeof(why)));
	issue("revoking2", "ue1");
	issue("revoking2", "bad");
	done(pki_revoke(lab_path("revoking2"), "bad", &at_now, why, sizeof(why)));
	run_pair(&run, method(&lax), plain("revoking2", "bad"));
	ue_1_refuses(&run, "CN=bad was revoked", "certificate revoked");
	finish(&run);
}

static void late_crl(void **state)
{
	struct pki_options options = { .now = LAB_NOW - 60 * LAB_DAY, .crl_days = 30 };
	struct device device = { .own = "late", .name = "ue1", .trusted = "late" };
	struct lab_run run;

	(void)state;
	done(pki_init(lab_path("late"), "late root", &options, why, sizeof(why)));
	done(pki_issue(lab_path("late"), "ue1", &options, why, sizeof(why)));
	done(pki_issue(lab_path("late"), "ue2", &options, why, sizeof(why)));
	/* 30 days late to the second. */
	run_pair(&run, method(&device), plain("late", "ue2"));
	lab_contains(warnings, "the CRL of CN=late root was to be renewed by 2026-10-29 12:00 UTC");
	agreed(&run);
	lab_contains(run.side[0].result.detail, "CRL 30 days late");
	finish(&run);
	/* And a second more. */
	lab_run_init(&run, method(&device), plain("late", "ue2"));
	run.side[0].context.now++;
	lab_run(&run);
	ue_1_refuses(&run,
		     "the CRL of CN=late root was to be renewed by 2026-10-29 12:00 UTC, over 30 days ago; get a new one",
		     "certificate not checked; the peer's CRL may be missing or too old");
	finish(&run);
	/* No grace at all. */
	device.grace = -1;
	lab_run_init(&run, method(&device), plain("late", "ue2"));
	run.side[0].context.now = LAB_NOW - 30 * LAB_DAY + 1;
	run.side[1].context.now = LAB_NOW - 30 * LAB_DAY + 1;
	lab_run(&run);
	ue_1_refuses(&run, "over 0 days ago", "certificate not checked");
	finish(&run);
	/* A late CRL revokes as well. */
	options.now++;
	done(pki_revoke(lab_path("late"), "ue2", &options, why, sizeof(why)));
	run_pair(&run, plain("late", "ue1"), plain("late", "ue2"));
	ue_1_refuses(&run, "CN=ue2 was revoked on 2026-09-29", "certificate revoked");
	finish(&run);
}

static void append(const char *to, const char *from)
{
	char *text = lab_read(from);
	FILE *file = fopen(to, "a");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	free(text);
}

/* An older CRL that is still in time does not hide what a newer, late one revokes. */
static void newest_crl_counts(void **state)
{
	struct pki_options options = { .now = LAB_NOW - 60 * LAB_DAY, .crl_days = 100 };
	const char *dir = lab_path("rollback"), *one = lab_path("rollback/crl.pem");
	unsigned int order;
	struct lab_run run;

	(void)state;
	done(pki_init(dir, "rollback root", &options, why, sizeof(why)));
	done(pki_issue(dir, "ue1", &options, why, sizeof(why)));
	done(pki_issue(dir, "bad", &options, why, sizeof(why)));
	append(lab_path("old-new.crl"), one);
	options.crl_days = 50;
	done(pki_revoke(dir, "bad", &options, why, sizeof(why)));
	append(lab_path("new-old.crl"), one);
	append(lab_path("new-old.crl"), lab_path("old-new.crl"));
	append(lab_path("old-new.crl"), one);
	for (order = 0; order < 2; order++) {
		run_pair(&run,
			 method(&(struct device){ .own = "rollback", .name = "ue1",
						  .trusted = "rollback",
						  .crl = lab_path(order ? "new-old.crl" :
								  "old-new.crl") }),
			 plain("rollback", "bad"));
		ue_1_refuses(&run, "CN=bad was revoked on 2026-09-29", "certificate revoked");
		finish(&run);
	}
}

static void crl_of_the_future(void **state)
{
	const struct pki_options tomorrow = { .now = LAB_NOW + LAB_DAY };
	struct lab_run run;

	(void)state;
	done(pki_init(lab_path("early"), "early root", &at_now, why, sizeof(why)));
	issue("early", "ue1");
	issue("early", "ue2");
	done(pki_crl(lab_path("early"), &tomorrow, why, sizeof(why)));
	run_pair(&run, plain("early", "ue1"),
		 method(&(struct device){ .own = "early", .name = "ue2", .trusted = "early",
					  .crl = lab_path("root/crl.pem"),
					  .policy = CERTIFICATE_CRL_IF_PRESENT }));
	ue_1_refuses(&run,
		     "the CRL of CN=early root is dated 2026-11-29 12:00 UTC; check the clock",
		     "certificate not checked");
	finish(&run);
}

static void intermediate_ca(void **state)
{
	struct device device = { .own = "middle", .name = "ue1", .trusted = "root" };
	struct lab_run run;

	(void)state;
	done(pki_subordinate(lab_path("middle"), lab_path("root"), "middle", &at_now, why,
			     sizeof(why)));
	issue("middle", "ue1");
	issue("middle", "ue2");
	append(lab_path("both.crl"), lab_path("root/crl.pem"));
	append(lab_path("both.crl"), lab_path("middle/crl.pem"));
	device.crl = lab_path("both.crl");
	run_pair(&run, method(&device),
		 method(&(struct device){ .own = "root", .name = "ue2", .trusted = "root",
					  .crl = device.crl }));
	assert_string_equal(warnings, "");
	agreed(&run);
	lab_contains(run.side[1].result.detail, "issuer CN=middle");
	finish(&run);

	/* The CRL of the root alone does not do: all of the chain is checked. */
	run_pair(&run, method(&device), plain("root", "ue2"));
	ue_2_refuses(&run, "the peer's certificate CN=ue1 cannot be checked: no CRL of CN=middle",
		     "certificate not checked");
	finish(&run);

	/* Without the intermediate certificate there is no chain. */
	assert_int_equal(rename(lab_path("middle/ue1.pem"), lab_path("middle/full.pem")), 0);
	{
		X509 *leaf = read_certificate(lab_path("middle/full.pem"));
		EVP_PKEY *key = read_key(lab_path("middle/ue1.key"));

		write_pair("middle", "ue1", leaf, key);
		X509_free(leaf);
		EVP_PKEY_free(key);
	}
	run_pair(&run, method(&device), plain("root", "ue2"));
	ue_2_refuses(&run, "is not signed by any of the roots", "unknown CA");
	finish(&run);
	assert_int_equal(rename(lab_path("middle/full.pem"), lab_path("middle/ue1.pem")), 0);

	/* The root revokes the one in the middle, and all below is gone. */
	done(pki_init(lab_path("root3"), "root three", &at_now, why, sizeof(why)));
	done(pki_subordinate(lab_path("middle3"), lab_path("root3"), "middle three", &at_now, why,
			     sizeof(why)));
	issue("middle3", "ue1");
	issue("root3", "ue2");
	done(pki_revoke(lab_path("root3"), "middle three", &at_now, why, sizeof(why)));
	append(lab_path("both3.crl"), lab_path("root3/crl.pem"));
	append(lab_path("both3.crl"), lab_path("middle3/crl.pem"));
	run_pair(&run,
		 method(&(struct device){ .own = "middle3", .name = "ue1", .trusted = "root3",
					  .crl = lab_path("both3.crl") }),
		 method(&(struct device){ .own = "root3", .name = "ue2", .trusted = "root3",
					  .crl = lab_path("both3.crl") }));
	ue_2_refuses(&run, "certificate CN=middle three above the peer's was revoked on 2026-11-28",
		     "certificate revoked");
	finish(&run);
}

/* A device that signs for others is no CA, even with the right names. */
static void device_as_ca(void **state)
{
	EVP_PKEY *ue_key = read_key(lab_path("root/ue2.key"));
	X509 *ue = read_certificate(lab_path("root/ue2.pem"));
	EVP_PKEY *key = pki_make_key(NULL, why, sizeof(why));
	const struct pki_issuer issuer = { .certificate = ue, .key = ue_key };
	const struct pki_subject subject = {
		.identity = "forged", .key = key, .not_before = LAB_NOW - 3600,
		.not_after = LAB_NOW + LAB_DAY,
	};
	X509 *certificate = pki_make_certificate(&issuer, &subject, why, sizeof(why));
	struct lab_run run;

	(void)state;
	write_pair("root", "forged", certificate, key);
	append(lab_path("root/forged.pem"), lab_path("root/ue2.pem"));
	/* Not even where CRLs are not looked at. */
	run_pair(&run,
		 method(&(struct device){ .own = "root", .name = "ue1", .trusted = "root",
					  .policy = CERTIFICATE_CRL_IF_PRESENT }),
		 plain("root", "forged"));
	ue_1_refuses(&run, "certificate CN=ue2 above the peer's",
		     "the peer refused our certificate");
	finish(&run);
	X509_free(certificate);
	X509_free(ue);
	EVP_PKEY_free(key);
	EVP_PKEY_free(ue_key);
}

static void several_roots(void **state)
{
	struct certificate_files files = { .crl_grace_days = 30, .now = LAB_NOW, .warn = on_warn };
	const char *cas[2], *crls[2];
	struct keying_method *made;
	struct lab_run run;

	(void)state;
	/* As two files .. */
	cas[0] = lab_path("root/ca.pem");
	cas[1] = lab_path("other/ca.pem");
	crls[0] = lab_path("root/crl.pem");
	crls[1] = lab_path("other/crl.pem");
	files.certificate = lab_path("root/ue1.pem");
	files.key = lab_path("root/ue1.key");
	files.ca = cas;
	files.n_ca = 2;
	files.crl = crls;
	files.n_crl = 2;
	made = certificate_new(&files, why, sizeof(why));
	assert_non_null(made);
	/* .. and as directories. */
	assert_int_equal(mkdir(lab_path("cas"), 0755), 0);
	assert_int_equal(mkdir(lab_path("crls"), 0755), 0);
	append(lab_path("cas/a.pem"), cas[0]);
	append(lab_path("cas/b.crt"), cas[1]);
	append(lab_path("crls/all.crl"), crls[0]);
	append(lab_path("crls/all.crl"), crls[1]);
	lab_write(lab_path("cas/README"), "not a certificate", 0644);
	lab_write(lab_path("cas/.hidden.pem"), "not a certificate", 0644);
	run_pair(&run, made,
		 method(&(struct device){ .own = "other", .name = "ue2", .ca = lab_path("cas"),
					  .crl = lab_path("crls") }));
	agreed(&run);
	lab_contains(run.side[0].result.detail, "issuer CN=other root");
	lab_contains(run.side[1].result.detail, "issuer CN=test root");
	finish(&run);
}

/* Containers that are not what was sent. */
static void cut(struct lab_run *run, unsigned int index, struct keying_buffer *container)
{
	if (index == run->meddle_index && run->meddle_at < container->len)
		container->len = run->meddle_at;
}

static void flip(struct lab_run *run, unsigned int index, struct keying_buffer *container)
{
	if (index == run->meddle_index)
		container->data[run->meddle_at % container->len] ^=
			(uint8_t)(1 << run->meddle_at % 8);
}

static void lengthen(struct lab_run *run, unsigned int index, struct keying_buffer *container)
{
	if (index != run->meddle_index)
		return;
	container->data = realloc(container->data, container->len + run->meddle_at);
	assert_non_null(container->data);
	memset(container->data + container->len, 0x17, run->meddle_at);
	container->len += run->meddle_at;
}

static void garbage(struct lab_run *run, unsigned int index, struct keying_buffer *container)
{
	uint32_t seed = (uint32_t)run->meddle_at * 2654435761u;
	size_t i;

	if (index != run->meddle_index)
		return;
	for (i = 0; i < container->len; i++) {
		seed = seed * 1664525 + 1013904223;
		container->data[i] = (uint8_t)(seed >> 24);
	}
	/* Some with a header that makes TLS read on. */
	if (run->meddle_at & 1)
		memcpy(container->data, "\x16\x03\x03\x00\x20", 5);
}

static void meddle(struct lab_run *run, struct keying_method *ue_1, struct keying_method *ue_2,
		   void (*how)(struct lab_run *, unsigned int, struct keying_buffer *),
		   unsigned int index, size_t at)
{
	lab_run_init(run, ue_1, ue_2);
	run->meddle = how;
	run->meddle_index = index;
	run->meddle_at = at;
	lab_run(run);
}

static void every_prefix(void **state)
{
	struct keying_method *ue_1 = plain("root", "ue1"), *ue_2 = plain("root", "ue2");
	struct lab_side *receiver;
	struct lab_run run;
	size_t len, step, lens[4];
	unsigned int i;

	(void)state;
	run_pair(&run, ue_1, ue_2);
	agreed(&run);
	for (i = 0; i < 4; i++)
		lens[i] = run.containers[i].len;
	lab_close(&run);
	for (i = 0; i < 4; i++) {
		/* Signatures have 70 to 72 octets, so stay off the very end. */
		step = lens[i] > 400 ? 3 : 1;
		for (len = 0; len + 8 < lens[i] || (i == 3 && len < lens[i]); len += step) {
			meddle(&run, ue_1, ue_2, cut, i, len);
			receiver = &run.side[i & 1 ? KEYING_UE_2 : KEYING_UE_1];
			assert_int_equal(receiver->status, KEYING_FAILED);
			assert_int_equal(receiver->error.cause, 2);
			assert_true(receiver->error.text[0]);
			assert_false(lab_has_kd(&receiver->result));
			lab_close(&run);
		}
	}
	certificate_free(ue_1);
	certificate_free(ue_2);
}

/*
 * A changed bit is either noticed by one of the two, or it did not matter (the record's
 * version in the clear); then both have the same KD.
 */
static void changed_bits(void **state)
{
	struct keying_method *ue_1 = plain("root", "ue1"), *ue_2 = plain("root", "ue2");
	unsigned int i, unnoticed = 0, noticed = 0;
	struct lab_run run;
	size_t at;

	(void)state;
	for (i = 0; i < 4; i++) {
		for (at = 0; at < 600; at += i == 3 ? 1 : 5) {
			meddle(&run, ue_1, ue_2, flip, i, at);
			if (run.side[0].status == KEYING_DONE &&
			    run.side[1].status == KEYING_DONE) {
				agreed(&run);
				unnoticed++;
			} else {
				noticed++;
			}
			/* UE_1 may be done before a changed last container, UE_2 never. */
			if (i == 3)
				assert_int_equal(run.side[KEYING_UE_2].status, KEYING_FAILED);
			lab_close(&run);
		}
	}
	print_message("%u noticed, %u did not matter\n", noticed, unnoticed);
	assert_true(noticed > 100 * unnoticed);
	certificate_free(ue_1);
	certificate_free(ue_2);
}

static void too_long_and_garbage(void **state)
{
	struct keying_method *ue_1 = plain("root", "ue1"), *ue_2 = plain("root", "ue2");
	static const size_t extra[] = { 1, 4, 5, 6, 300 };
	struct lab_side *receiver;
	struct lab_run run;
	unsigned int i;
	size_t j;

	(void)state;
	for (i = 0; i < 4; i++) {
		for (j = 0; j < 5; j++) {
			meddle(&run, ue_1, ue_2, lengthen, i, extra[j]);
			receiver = &run.side[i & 1 ? KEYING_UE_2 : KEYING_UE_1];
			lab_failed(receiver, "key establishment message");
			lab_close(&run);
		}
		for (j = 0; j < 40; j++) {
			meddle(&run, ue_1, ue_2, garbage, i, j);
			receiver = &run.side[i & 1 ? KEYING_UE_2 : KEYING_UE_1];
			assert_int_equal(receiver->status, KEYING_FAILED);
			lab_close(&run);
		}
	}
	certificate_free(ue_1);
	certificate_free(ue_2);
}

static void steps_out_of_turn(void **state)
{
	struct keying_method *made = plain("root", "ue1");
	uint8_t *large = calloc(1, PROSE_KE_CONTAINER_MAX + 1);
	struct keying_buffer out = { 0 };
	struct keying_result result;
	struct keying_error error = { 0 };
	struct keying_context context;
	struct keying_session *session;
	unsigned int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		lab_context(&context, i == 0 ? KEYING_UE_2 : KEYING_UE_1);
		session = made->open(made, &context, &error);
		assert_non_null(session);
		switch (i) {
		case 0:		/* UE_2 begins, there is nothing to take in yet */
			assert_int_equal(made->step(session, large, 10, &out, &result, &error),
					 KEYING_FAILED);
			break;
		case 1:		/* UE_1 has to be given something */
			assert_int_equal(made->step(session, NULL, 0, &out, &result, &error),
					 KEYING_FAILED);
			lab_contains(error.text, "impossible length");
			break;
		case 2:
			assert_int_equal(made->step(session, large, PROSE_KE_CONTAINER_MAX + 1,
						    &out, &result, &error), KEYING_FAILED);
			lab_contains(error.text, "impossible length");
			break;
		default:
			assert_int_equal(made->step(session, large, 10, &out, &result, &error),
					 KEYING_FAILED);
			free(out.data);
			assert_int_equal(made->step(session, large, 10, &out, &result, &error),
					 KEYING_FAILED);
			lab_contains(error.text, "is over");
			break;
		}
		assert_int_equal(error.cause, 2);
		free(out.data);
		out = (struct keying_buffer){ 0 };
		made->close(session);
	}
	/* A run that ended well is over as well, and so is one that never began. */
	lab_context(&context, KEYING_UE_2);
	made->close(made->open(made, &context, &error));
	made->close(NULL);
	certificate_free(made);
	certificate_free(NULL);
	free(large);
}

/* A TLS peer of our own making, for what the method itself never does. */
struct stranger {
	SSL_CTX *context;
	SSL *ssl;
	BIO *in, *out;
};

static void stranger_init(struct stranger *stranger, bool client, const char *name)
{
	stranger->context = SSL_CTX_new(client ? TLS_client_method() : TLS_server_method());
	assert_non_null(stranger->context);
	if (name) {
		assert_int_equal(SSL_CTX_use_certificate_file(stranger->context,
							      lab_path("root/%s.pem", name),
							      SSL_FILETYPE_PEM), 1);
		assert_int_equal(SSL_CTX_use_PrivateKey_file(stranger->context,
							     lab_path("root/%s.key", name),
							     SSL_FILETYPE_PEM), 1);
	}
	stranger->ssl = SSL_new(stranger->context);
	stranger->in = BIO_new(BIO_s_mem());
	stranger->out = BIO_new(BIO_s_mem());
	SSL_set_bio(stranger->ssl, stranger->in, stranger->out);
	if (client)
		SSL_set_connect_state(stranger->ssl);
	else
		SSL_set_accept_state(stranger->ssl);
}

static void stranger_free(struct stranger *stranger)
{
	SSL_free(stranger->ssl);
	SSL_CTX_free(stranger->context);
}

/* One step of the method with what the stranger has written; its answer goes back. */
static enum keying_status give(struct lab_side *side, struct stranger *stranger)
{
	struct keying_buffer out = { 0 };
	char *data;
	long len = BIO_get_mem_data(stranger->out, &data);

	side->status = side->method->step(side->session, (uint8_t *)data, (size_t)len, &out,
					  &side->result, &side->error);
	(void)BIO_reset(stranger->out);
	if (out.data)
		BIO_write(stranger->in, out.data, (int)out.len);
	free(out.data);
	return side->status;
}

static void side_open(struct lab_side *side, struct keying_method *made, enum keying_role role)
{
	*side = (struct lab_side){ .method = made };
	lab_context(&side->context, role);
	side->session = made->open(made, &side->context, &side->error);
	assert_non_null(side->session);
}

static void side_free(struct lab_side *side)
{
	side->method->close(side->session);
	certificate_free((struct keying_method *)side->method);
}

static void no_client_certificate(void **state)
{
	struct stranger stranger;
	struct lab_side side;

	(void)state;
	stranger_init(&stranger, true, NULL);
	side_open(&side, plain("root", "ue1"), KEYING_UE_1);
	SSL_do_handshake(stranger.ssl);
	assert_int_equal(give(&side, &stranger), KEYING_SEND);
	assert_int_equal(SSL_do_handshake(stranger.ssl), 1);
	assert_int_equal(give(&side, &stranger), KEYING_FAILED);
	lab_failed(&side, "the peer sent no certificate");
	side_free(&side);
	stranger_free(&stranger);
}

static void older_tls(void **state)
{
	struct stranger stranger;
	struct lab_side side;

	(void)state;
	stranger_init(&stranger, true, "ue2");
	assert_int_equal(SSL_set_max_proto_version(stranger.ssl, TLS1_2_VERSION), 1);
	side_open(&side, plain("root", "ue1"), KEYING_UE_1);
	SSL_do_handshake(stranger.ssl);
	assert_int_equal(give(&side, &stranger), KEYING_FAILED);
	lab_contains(side.error.text, "unsupported protocol");
	side_free(&side);
	stranger_free(&stranger);
}

/* UE_1 asks for a group of its own: two containers more, and it still ends well. */
static void hello_retry(void **state)
{
	struct stranger stranger;
	struct lab_side side;
	uint8_t word = 0xff;

	(void)state;
	stranger_init(&stranger, true, "ue2");
	assert_int_equal(SSL_set1_groups_list(stranger.ssl, "P-384:P-256"), 1);
	side_open(&side, plain("root", "ue1"), KEYING_UE_1);
	SSL_do_handshake(stranger.ssl);
	assert_int_equal(give(&side, &stranger), KEYING_SEND);
	assert_int_equal(SSL_do_handshake(stranger.ssl), -1);
	assert_int_equal(give(&side, &stranger), KEYING_SEND);
	assert_int_equal(SSL_do_handshake(stranger.ssl), 1);
	assert_int_equal(give(&side, &stranger), KEYING_DONE);
	assert_int_equal(SSL_read(stranger.ssl, &word, 1), 1);
	assert_int_equal(word, 0);
	/* No ticket came with it. */
	assert_int_equal(SSL_SESSION_is_resumable(SSL_get0_session(stranger.ssl)), 0);
	side_free(&side);
	stranger_free(&stranger);

	/* Nothing in common. */
	stranger_init(&stranger, true, "ue2");
	assert_int_equal(SSL_set1_groups_list(stranger.ssl, "P-521"), 1);
	side_open(&side, plain("root", "ue1"), KEYING_UE_1);
	SSL_do_handshake(stranger.ssl);
	assert_int_equal(give(&side, &stranger), KEYING_FAILED);
	side_free(&side);
	stranger_free(&stranger);
}

/* A peer without our first group costs no second round: its own is offered as well. */
static void older_groups(void **state)
{
	struct stranger stranger;
	struct lab_side side;

	(void)state;
	stranger_init(&stranger, true, "ue2");
	assert_int_equal(SSL_set1_groups_list(stranger.ssl, "X25519:P-256"), 1);
	side_open(&side, plain("root", "ue1"), KEYING_UE_1);
	SSL_do_handshake(stranger.ssl);
	assert_int_equal(give(&side, &stranger), KEYING_SEND);
	assert_int_equal(SSL_do_handshake(stranger.ssl), 1);
	assert_int_equal(give(&side, &stranger), KEYING_DONE);
	lab_contains(side.result.detail, "TLSv1.3, x25519, ");
	side_free(&side);
	stranger_free(&stranger);

	stranger_init(&stranger, false, "ue1");
	assert_int_equal(SSL_set1_groups_list(stranger.ssl, "X25519:P-256"), 1);
	SSL_set_num_tickets(stranger.ssl, 0);
	side_open(&side, plain("root", "ue2"), KEYING_UE_2);
	assert_int_equal(give(&side, &stranger), KEYING_SEND);
	SSL_do_handshake(stranger.ssl);
	assert_int_equal(give(&side, &stranger), KEYING_SEND);
	assert_int_equal(SSL_do_handshake(stranger.ssl), 1);
	assert_int_equal(SSL_write(stranger.ssl, "", 1), 1);
	assert_int_equal(give(&side, &stranger), KEYING_DONE);
	lab_contains(side.result.detail, "TLSv1.3, x25519, ");
	side_free(&side);
	stranger_free(&stranger);
}

/* Those this OpenSSL has, whichever these are; what it has not does not spoil the rest. */
static void groups_at_hand(void **state)
{
	static const struct group some[] = {
		{ "NoSuchGroup", true }, { "P-384", true }, { "x99", false }, { "P-256", true },
	};
	SSL_CTX *context = SSL_CTX_new(TLS_method());
	const char *expected = NULL;
	struct stranger stranger;
	struct lab_side side;
	struct lab_run run;
	size_t i;

	(void)state;
	assert_non_null(context);
	for (i = 0; !expected; i++) {
		assert_in_range(i, 0, GROUPS_N - 1);
		if (SSL_CTX_set1_groups_list(context, groups[i].name))
			expected = groups[i].name;
	}
	print_message("best of this OpenSSL: %s\n", expected);
	run_pair(&run, plain("root", "ue1"), plain("root", "ue2"));
	agreed(&run);
	if (!strcasestr(run.side[0].result.detail, expected))
		fail_msg("%s is not in \"%s\"", expected, run.side[0].result.detail);
	assert_int_equal(run.n, 4);
	finish(&run);

	assert_false(groups_set(context, some, 1));
	assert_false(groups_set(context, some, 0));
	SSL_CTX_free(context);
	stranger_init(&stranger, true, "ue2");
	assert_true(groups_set(stranger.context, some, 4));
	SSL_free(stranger.ssl);
	stranger.ssl = SSL_new(stranger.context);
	stranger.in = BIO_new(BIO_s_mem());
	stranger.out = BIO_new(BIO_s_mem());
	SSL_set_bio(stranger.ssl, stranger.in, stranger.out);
	SSL_set_connect_state(stranger.ssl);
	side_open(&side, plain("root", "ue1"), KEYING_UE_1);
	SSL_do_handshake(stranger.ssl);
	assert_int_equal(give(&side, &stranger), KEYING_SEND);
	SSL_do_handshake(stranger.ssl);
	if (give(&side, &stranger) == KEYING_SEND) {	/* asked for the other one */
		assert_int_equal(SSL_do_handshake(stranger.ssl), 1);
		assert_int_equal(give(&side, &stranger), KEYING_DONE);
	}
	/* P-384 is not ours, so the next that the stranger has was found. */
	lab_contains(side.result.detail, "TLSv1.3, secp256r1, ");
	side_free(&side);
	stranger_free(&stranger);
}

static int any(int ok, X509_STORE_CTX *context)
{
	(void)ok;
	(void)context;
	return 1;
}

enum last_word { GOOD, OTHER_WORD, LONG_WORD, TWO_WORDS, TICKET_ONLY, CLOSE };

/* UE_2 is done with the one good word only. */
static void last_words(void **state)
{
	enum last_word word;

	(void)state;
	for (word = GOOD; word <= CLOSE; word++) {
		struct stranger stranger;
		struct lab_side side;

		stranger_init(&stranger, false, "ue1");
		SSL_set_verify(stranger.ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
			       any);
		SSL_set_num_tickets(stranger.ssl, word == TICKET_ONLY);
		SSL_CTX_set_session_id_context(stranger.context, (const uint8_t *)"x", 1);
		SSL_set_session_id_context(stranger.ssl, (const uint8_t *)"x", 1);
		side_open(&side, plain("root", "ue2"), KEYING_UE_2);
		assert_int_equal(give(&side, &stranger), KEYING_SEND);
		assert_int_equal(SSL_do_handshake(stranger.ssl), -1);
		assert_int_equal(give(&side, &stranger), KEYING_SEND);
		assert_false(lab_has_kd(&side.result));
		assert_int_equal(SSL_do_handshake(stranger.ssl), 1);
		switch (word) {
		case GOOD:
			assert_int_equal(SSL_write(stranger.ssl, "", 1), 1);
			assert_int_equal(give(&side, &stranger), KEYING_DONE);
			assert_string_equal(side.result.peer_identity, "ue1");
			break;
		case OTHER_WORD:
			assert_int_equal(SSL_write(stranger.ssl, "\1", 1), 1);
			break;
		case LONG_WORD:
			assert_int_equal(SSL_write(stranger.ssl, "\0", 2), 2);
			break;
		case TWO_WORDS:
			assert_int_equal(SSL_write(stranger.ssl, "", 1), 1);
			assert_int_equal(SSL_write(stranger.ssl, "", 1), 1);
			break;
		case TICKET_ONLY:
			break;
		case CLOSE:
			SSL_shutdown(stranger.ssl);
			break;
		}
		if (word != GOOD) {
			assert_int_equal(give(&side, &stranger), KEYING_FAILED);
			lab_failed(&side, "key establishment message 2 of the peer");
		}
		side_free(&side);
		stranger_free(&stranger);
	}
}

static void bad_files(const struct certificate_files *files, const char *first, const char *says)
{
	why[0] = '\0';
	assert_null(certificate_new(files, why, sizeof(why)));
	lab_contains(why, first);
	lab_contains(why, says);
}

static void refuses_bad_files(void **state)
{
	const char *ca = lab_path("root/ca.pem"), *crl = lab_path("root/crl.pem"), *one;
	struct certificate_files good = { .ca = &ca, .n_ca = 1, .crl = &crl, .n_crl = 1,
					  .crl_grace_days = 30, .now = LAB_NOW };
	struct certificate_files files;
	char certificate[PATH_MAX], key[PATH_MAX], ca_path[PATH_MAX], crl_path[PATH_MAX];
	EVP_PKEY *private;
	char *text;
	FILE *file;

	(void)state;
	ca = strcpy(ca_path, ca);
	crl = strcpy(crl_path, crl);
	good.certificate = strcpy(certificate, lab_path("root/ue1.pem"));
	good.key = strcpy(key, lab_path("root/ue1.key"));
	certificate_free(certificate_new(&good, why, sizeof(why)));

	/* Certificate. */
	files = good;
	files.certificate = lab_path("none.pem");
	bad_files(&files, "/none.pem: ", "No such file");
	files.certificate = lab_write(lab_path("bad.pem"), "hello\n", 0644);
	bad_files(&files, "/bad.pem: ", "holds no PEM block of type CERTIFICATE");
	lab_write(lab_path("bad.pem"), "", 0644);
	bad_files(&files, "/bad.pem: ", "holds no PEM block of type CERTIFICATE");
	lab_write(lab_path("bad.pem"),
		  "text\n-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", 0644);
	bad_files(&files, "/bad.pem: line 2: ", "item 1 is not a valid certificate");
	text = lab_read(certificate);
	lab_write(lab_path("bad.pem"), text, 0644);
	file = fopen(lab_path("bad.pem"), "a");
	fputs("-----BEGIN CERTIFICATE-----\n%%%%\n-----END CERTIFICATE-----\n", file);
	fclose(file);
	bad_files(&files, "/bad.pem: line ", "item 2 is not a valid certificate");
	text[strlen(text) - 30] = '\0';
	lab_write(lab_path("bad.pem"), text, 0644);
	free(text);
	bad_files(&files, "/bad.pem: line 1: ", "has no END line");
	files.certificate = key;
	bad_files(&files, "ue1.key: line 1: ", "is a PRIVATE KEY, expected a CERTIFICATE");

	/* Key. */
	files = good;
	files.key = lab_path("root/ue2.key");
	bad_files(&files, "ue2.key: line 1: ", "is not the private key of CN=ue1");
	text = lab_read(key);
	files.key = lab_write(lab_path("open.key"), text, 0640);
	bad_files(&files, "open.key: ", "run chmod 600");
	free(text);
	private = read_key(key);
	file = fopen(lab_path("open.key"), "w");
	assert_int_equal(PEM_write_PKCS8PrivateKey(file, private, EVP_aes_128_cbc(), "x", 1, NULL,
						   NULL), 1);
	fclose(file);
	EVP_PKEY_free(private);
	chmod(lab_path("open.key"), 0600);
	bad_files(&files, "open.key: line 1: ", "is encrypted");
	lab_write(lab_path("open.key"), "", 0600);
	bad_files(&files, "open.key: ", "holds no PEM private key");
	files.key = certificate;
	chmod(certificate, 0600);
	bad_files(&files, "ue1.pem: line 1: ", "is not a valid private key");

	/* Roots. */
	files = good;
	files.n_ca = 0;
	bad_files(&files, "no CA certificate is configured", "");
	files.n_ca = 1;
	files.ca = &one;
	one = certificate;
	bad_files(&files, "ue1.pem: line 1: item 1: CN=ue1 is not a CA certificate",
		  "basic constraints");
	assert_int_equal(mkdir(lab_path("empty"), 0755), 0);
	one = lab_path("empty");
	bad_files(&files, "/empty: ", "holds no file *.pem or *.crt");
	done(pki_subordinate(lab_path("notroot"), lab_path("root"), "middle", &at_now, why,
			     sizeof(why)));
	one = lab_path("notroot/ca.pem");
	bad_files(&files, "notroot/ca.pem: ", "holds no self-signed root");
	/* A directory is refused for one bad file in it. */
	one = lab_path("root");
	bad_files(&files, "/root/", ".pem: line 1: item 1");

	/* CRLs. */
	files = good;
	files.crl = &one;
	one = ca;
	bad_files(&files, "ca.pem: line 1: ", "is a CERTIFICATE, expected a X509 CRL");
	done(pki_init(lab_path("namesake2"), "test root", &at_now, why, sizeof(why)));
	one = lab_path("namesake2/crl.pem");
	bad_files(&files, "namesake2/crl.pem: line 1: ",
		  "the CRL in the name of CN=test root is not signed by it");
}

static void warns_of_what_will_fail(void **state)
{
	const struct pki_options old = { .now = LAB_NOW - 20 * LAB_DAY, .days = 10 };

	(void)state;
	done(pki_init(lab_path("old"), "old root", &old, why, sizeof(why)));
	done(pki_issue(lab_path("old"), "ue1", &at_now, why, sizeof(why)));
	certificate_free(plain("old", "ue1"));
	lab_contains(warnings, "CN=old root has expired; nothing it signed will be accepted");
	lab_contains(warnings, "certificate CN=old root above our own expired on 2026-11-18");
}

/* Memory of OpenSSL: the allocation that fails, counted down; negative = none does. */
static long fail_at = -1;
static bool has_failed;

static bool fails_now(void)
{
	if (fail_at < 0 || fail_at--)
		return false;
	has_failed = true;
	return true;
}

static void *failing_malloc(size_t len, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails_now() ? NULL : malloc(len);
}

static void *failing_realloc(void *old, size_t len, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails_now() ? NULL : realloc(old, len);
}

static void plain_free(void *old, const char *file, int line)
{
	(void)file;
	(void)line;
	free(old);
}

/* One run in which allocation @at fails, in whichever end it falls. */
static void run_without_memory(struct lab_run *run, long at)
{
	struct lab_side *side;
	int role;

	has_failed = false;
	fail_at = at;
	for (role = 0; role < 2; role++) {
		side = &run->side[role];
		side->session = side->method->open(side->method, &side->context, &side->error);
		if (!side->session)
			side->status = KEYING_FAILED;
	}
	for (role = KEYING_UE_2; run->n < LAB_CONTAINERS; role = !role) {
		const struct keying_buffer *in = run->n ? &run->containers[run->n - 1] : NULL;
		struct keying_buffer *out = &run->containers[run->n];

		side = &run->side[role];
		if (side->status != KEYING_SEND)
			break;
		side->status = side->method->step(side->session, in ? in->data : NULL,
						  in ? in->len : 0, out, &side->result,
						  &side->error);
		if (!out->data)
			break;
		run->n++;
	}
	fail_at = -1;
}

/* Nothing is leaked, and nothing is taken for good (run it with AddressSanitizer too). */
static void memory_runs_out(void **state)
{
	struct keying_method *ue_1 = plain("root", "ue1"), *ue_2 = plain("root", "ue2"), *made;
	const struct device device = { .own = "root", .name = "ue1", .trusted = "root" };
	const struct lab_side *side;
	unsigned int refused = 0;
	struct lab_run run;
	long at;
	int role;

	(void)state;
	for (has_failed = true, at = 0; has_failed; at += 7) {
		lab_run_init(&run, ue_1, ue_2);
		run_without_memory(&run, at);
		for (role = 0; role < 2; role++) {
			side = &run.side[role];
			if (side->status != KEYING_FAILED)
				continue;
			refused++;
			assert_int_equal(side->error.cause, 2);
			assert_true(side->error.text[0]);
			assert_false(lab_has_kd(&side->result));
		}
		if (run.side[0].status == KEYING_DONE && run.side[1].status == KEYING_DONE)
			assert_true(lab_same_kd(&run));
		lab_close(&run);
	}
	print_message("%ld allocations, %u times an end refused\n", at, refused);
	assert_true(refused > 10);
	for (has_failed = true, at = 0; has_failed; at += 41) {
		has_failed = false;
		fail_at = at;
		made = try_device(&device);
		fail_at = -1;
		assert_true(made || why[0]);
		certificate_free(made);
	}
	certificate_free(ue_1);
	certificate_free(ue_2);
}

#define TEST(name)	cmocka_unit_test_setup(name, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(four_containers),
		TEST(forward_secrecy),
		TEST(kinds_of_keys),
		TEST(kd_is_bound_to_the_context),
		TEST(expired),
		TEST(not_yet_valid),
		TEST(borders_of_validity),
		TEST(revoked),
		TEST(wrong_root),
		TEST(wrong_purpose),
		TEST(self_signed),
		TEST(not_of_a_device),
		TEST(names_that_are_no_names),
		TEST(expects_an_identity),
		TEST(kinds_of_identities),
		TEST(missing_crl),
		TEST(if_present_still_revokes),
		TEST(late_crl),
		TEST(newest_crl_counts),
		TEST(crl_of_the_future),
		TEST(intermediate_ca),
		TEST(device_as_ca),
		TEST(several_roots),
		TEST(every_prefix),
		TEST(changed_bits),
		TEST(too_long_and_garbage),
		TEST(steps_out_of_turn),
		TEST(no_client_certificate),
		TEST(older_tls),
		TEST(hello_retry),
		TEST(older_groups),
		TEST(groups_at_hand),
		TEST(last_words),
		TEST(refuses_bad_files),
		TEST(warns_of_what_will_fail),
		TEST(memory_runs_out),
	};

	/* Before OpenSSL has taken any memory. */
	if (!CRYPTO_set_mem_functions(failing_malloc, failing_realloc, plain_free))
		return 1;
	return cmocka_run_group_tests_name("keying_certificate", tests, setup, lab_teardown);
}
