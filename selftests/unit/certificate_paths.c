// SPDX-License-Identifier: MIT
/*
 * Chains that break one rule each, and chains just within it: path length, name constraints,
 * key usage of CA and device, extensions, CRLs. The judge knows the root and the CRLs alone,
 * and has its own certificate of another root.
 */
#include "certificate_lab.h"

/*
 * The judge is UE_1, then UE_2, of a run with the device. @says NULL: both agree. Else it is
 * what the judge says.
 */
static void judged(const struct chain *chain, const char *says)
{
	struct keying_method *judge, *ue;
	struct lab_run run;
	int role;

	chain_make(chain);
	judge = chain_method("judge", NULL);
	ue = chain_method("ue", NULL);
	for (role = 0; role < 2; role++) {
		lab_run_init(&run, role ? ue : judge, role ? judge : ue);
		lab_run(&run);
		if (says) {
			const struct lab_side *side = &run.side[role];

			if (side->status != KEYING_FAILED)
				fail_msg("the judge did not say: %s", says);
			lab_contains(side->error.text, says);
			assert_int_equal(side->error.cause, 2);
			assert_false(lab_has_kd(&side->result));
			assert_int_equal(side->result.evidence_len, 0);
			assert_false(lab_has_kd(&run.side[!role].result));
		} else {
			for (int i = 0; i < 2; i++)
				if (run.side[i].status != KEYING_DONE)
					fail_msg("%s", run.side[i].error.text);
			assert_true(lab_same_kd(&run));
			assert_true(run.side[role].result.evidence_len);
		}
		lab_close(&run);
	}
	/* Where it is the own chain, it is warned of. */
	if (says && !strstr(warnings, "our own"))
		fail_msg("no warning about the own chain, but \"%s\"", warnings);
	certificate_free(judge);
	certificate_free(ue);
}

#define GOOD(...)		judged(&(struct chain){ __VA_ARGS__ }, NULL)
#define REFUSED(says, ...)	judged(&(struct chain){ __VA_ARGS__ }, says)

static void length_of_chains(void **state)
{
	(void)state;
	GOOD(.n_cas = 1);
	GOOD(.n_cas = 2);
	GOOD(.n_cas = 5);
	REFUSED("was not accepted: certificate chain too long", .n_cas = 6);
	REFUSED("was not accepted: certificate chain too long", .n_cas = 7);
}

static void path_length(void **state)
{
	(void)state;
	GOOD(.cas[0].basic = "critical,CA:TRUE,pathlen:0");
	GOOD(.n_cas = 2, .cas[0].basic = "critical,CA:TRUE,pathlen:1");
	GOOD(.n_cas = 2, .cas[1].basic = "critical,CA:TRUE,pathlen:0");
	GOOD(.n_cas = 3, .cas[1].basic = "critical,CA:TRUE,pathlen:1");
	REFUSED("CA 0 above the peer's has more CAs below it than its path length allows",
		.n_cas = 2, .cas[0].basic = "critical,CA:TRUE,pathlen:0");
	REFUSED("CA 0 above the peer's has more CAs below it",
		.n_cas = 3, .cas[0].basic = "critical,CA:TRUE,pathlen:1");
	REFUSED("CA 1 above the peer's has more CAs below it",
		.n_cas = 3, .cas[1].basic = "critical,CA:TRUE,pathlen:0");
}

/* URIs are limited by their host, RFC 5280 4.2.1.10. */
static void name_constraints_on_uris(void **state)
{
	(void)state;
	GOOD(.n_cas = 2, .cas[1].constraints = "critical,permitted;URI:.example.org");
	GOOD(.n_cas = 2, .cas[1].constraints = "critical,permitted;URI:ue.example.org");
	GOOD(.n_cas = 2, .cas[1].constraints = "critical,excluded;URI:.example.com");
	GOOD(.n_cas = 2, .cas[1].constraints = "permitted;URI:.example.com,"
		"permitted;URI:.example.org");
	GOOD(.cas[0].constraints = "critical,permitted;URI:.example.org");
	REFUSED("has a name that the name constraints of a CA above it do not allow",
		.n_cas = 2, .cas[1].constraints = "critical,permitted;URI:.example.com");
	REFUSED("has a name that the name constraints of a CA above it do not allow",
		.n_cas = 2, .cas[1].constraints = "critical,excluded;URI:.example.org");
	/* Not critical, and they count all the same. */
	REFUSED("has a name that the name constraints of a CA above it do not allow",
		.n_cas = 2, .cas[1].constraints = "permitted;URI:.example.com");
	/* The root's own. */
	REFUSED("has a name that the name constraints of a CA above it do not allow",
		.cas[0].constraints = "critical,permitted;URI:.example.com");
	/* Each CA's, not the nearest one's alone. */
	REFUSED("has a name that the name constraints of a CA above it do not allow",
		.n_cas = 3, .cas[1].constraints = "critical,permitted;URI:.example.com",
		.cas[2].constraints = "critical,permitted;URI:.example.org");
	/* One good name does not make up for another. */
	REFUSED("has a name that the name constraints of a CA above it do not allow",
		.n_cas = 2, .cas[1].constraints = "critical,permitted;URI:.example.org",
		.device.names = CHAIN_URI ",URI:prose://ue.example.com/1");
}

/* A urn: names no host, so no constraint on URIs can be applied to it. */
static void name_constraints_on_urns(void **state)
{
	(void)state;
	GOOD(.n_cas = 2, .device.names = "URI:urn:prose:ue1");
	GOOD(.n_cas = 2, .device.names = "URI:urn:prose:ue1",
	     .cas[1].constraints = "critical,excluded;DNS:example.com");
	REFUSED("cannot be held against the name constraints of a CA above it",
		.n_cas = 2, .device.names = "URI:urn:prose:ue1",
		.cas[1].constraints = "critical,permitted;URI:.example.org");
	REFUSED("cannot be held against the name constraints of a CA above it",
		.n_cas = 2, .device.names = "URI:urn:prose:ue1",
		.cas[1].constraints = "critical,excluded;URI:.example.org");
}

/* Who may sign for hosts may not sign for URIs, though RFC 5280 would let it. */
static void name_constraints_of_other_kinds(void **state)
{
	(void)state;
	GOOD(.n_cas = 2, .device.names = "DNS:ue.example.org",
	     .cas[1].constraints = "critical,permitted;DNS:example.org");
	REFUSED("has a name that the name constraints of a CA above it do not allow",
		.n_cas = 2, .device.names = "DNS:ue.example.com",
		.cas[1].constraints = "critical,permitted;DNS:example.org");
	REFUSED("may sign for other kinds of names only: its name constraints permit no URIs",
		.n_cas = 2, .cas[1].constraints = "critical,permitted;DNS:example.org");
	REFUSED("its name constraints permit no DNS names",
		.n_cas = 2, .device.names = "DNS:ue.example.org",
		.cas[1].constraints = "critical,permitted;URI:.example.org");
	REFUSED("CA 0 may sign for other kinds of names only",
		.n_cas = 2, .cas[0].constraints = "critical,permitted;email:example.org");
	/* A common name is part of the directory name. */
	REFUSED("its name constraints permit no directory names",
		.n_cas = 2, .device.names = "",
		.cas[1].constraints = "critical,permitted;DNS:ue");
	/* A kind that OpenSSL does not compare. */
	REFUSED("cannot be held against the name constraints of a CA above it",
		.n_cas = 2, .device.names = CHAIN_URI ",RID:1.2.3.4",
		.cas[1].constraints = "critical,permitted;URI:.example.org,permitted;RID:1.2.3.4");
}

static void key_usage_of_cas(void **state)
{
	(void)state;
	GOOD(.n_cas = 2, .cas[1].usage = "critical,keyCertSign,cRLSign,digitalSignature");
	REFUSED("CA 1 above the peer's may not sign others", .n_cas = 2,
		.cas[1].usage = "critical,cRLSign,digitalSignature");
	REFUSED("the key usage of CN=CA 1 does not allow to sign CRLs", .n_cas = 2,
		.cas[1].usage = "critical,keyCertSign");
	REFUSED("the key usage of CN=CA 0 does not allow to sign CRLs",
		.cas[0].usage = "critical,keyCertSign");
	REFUSED("CA 1 above the peer's may not sign others", .n_cas = 2,
		.cas[1].basic = "critical,CA:FALSE");
	REFUSED("CA 1 above the peer's", .n_cas = 2, .cas[1].basic = "");
	/* What a CA may be used for limits what is below it. */
	GOOD(.n_cas = 2, .cas[1].extended = "clientAuth,serverAuth");
	REFUSED("CA 1 above the peer's is not meant for this", .n_cas = 2,
		.cas[1].extended = "emailProtection");
}

static void key_usage_of_devices(void **state)
{
	(void)state;
	GOOD(.device.usage = "critical,digitalSignature,keyAgreement");
	GOOD(.device.usage = "", .device.extended = "");
	REFUSED("CN=ue is not meant for this", .device.usage = "critical,keyAgreement");
	REFUSED("CN=ue is not meant for this", .device.extended = "codeSigning");
	REFUSED("is a CA certificate, not one of a device",
		.device.basic = "critical,CA:TRUE",
		.device.usage = "critical,digitalSignature,keyCertSign");
}

static void unknown_extensions(void **state)
{
	(void)state;
	GOOD(.n_cas = 2, .device.unknown = "");
	GOOD(.n_cas = 2, .cas[1].unknown = "");
	REFUSED("CN=ue has a critical extension that is not known here",
		.n_cas = 2, .device.unknown = "critical");
	REFUSED("CN=CA 1 above the peer's has a critical extension that is not known here",
		.n_cas = 2, .cas[1].unknown = "critical");
}

static void policies(void **state)
{
	(void)state;
	GOOD(.n_cas = 2, .cas[1].policy_constraints = "critical,requireExplicitPolicy:0",
	     .cas[1].policies = "1.3.6.1.4.1.55555.2", .device.policies = "1.3.6.1.4.1.55555.2");
	REFUSED("does not keep to the certificate policies", .n_cas = 2,
		.cas[1].policy_constraints = "critical,requireExplicitPolicy:0",
		.cas[1].policies = "1.3.6.1.4.1.55555.2");
	REFUSED("does not keep to the certificate policies", .n_cas = 2,
		.cas[1].policy_constraints = "critical,requireExplicitPolicy:0",
		.cas[1].policies = "1.3.6.1.4.1.55555.2",
		.device.policies = "1.3.6.1.4.1.55555.3");
}

static void serial_numbers(void **state)
{
	(void)state;
	GOOD(.n_cas = 2, .device.serial_len = 20, .cas[1].serial_len = 20);
	GOOD(.device.serial_len = 1);
	REFUSED("a serial number of more than 20 octets", .device.serial_len = 21);
	REFUSED("a serial number of more than 20 octets", .n_cas = 2, .cas[1].serial_len = 40);
}

static void add_unknown(X509_CRL *crl)
{
	X509_EXTENSION *unknown = chain_unknown(true);

	assert_true(X509_CRL_add_ext(crl, unknown, -1));
	X509_EXTENSION_free(unknown);
}

static void other_issuer(X509_CRL *crl)
{
	X509_NAME *name = X509_NAME_new();

	X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, (const uint8_t *)"CA 9",
				   -1, -1, 0);
	assert_true(X509_CRL_set_issuer_name(crl, name));
	X509_NAME_free(name);
}

static void crls(void **state)
{
	struct keying_method *judge;

	(void)state;
	REFUSED("the CRL of CN=CA 1 has a critical extension that is not known here",
		.n_cas = 2, .spoil = add_unknown, .spoil_at = 1);
	/* Of somebody else, though signed by the right one. */
	REFUSED("no CRL of CN=CA 1 in", .n_cas = 2, .spoil = other_issuer, .spoil_at = 1);
	REFUSED("no CRL of CN=CA 1 in", .n_cas = 2, .without_crl = 2);
	/* The judge does not know CA 1 before the device brings it. */
	chain_make(&(struct chain){ .n_cas = 2, .foreign_signature = true, .spoil_at = 1 });
	judge = chain_method("judge", NULL);
	certificate_free(judge);
	assert_null(chain_try("ue", NULL));
	lab_contains(why, "the CRL in the name of CN=CA 1 is not signed by it");
	/* The root it knows. */
	chain_make(&(struct chain){ .foreign_signature = true, .spoil_at = 0 });
	assert_null(chain_try("judge", NULL));
	lab_contains(why, "the CRL in the name of CN=CA 0 is not signed by it");
}

/* .. and finds out then, from a device whose own CRLs are in order. */
static void crl_of_another_key(void **state)
{
	struct chain chain = { .n_cas = 2 };
	struct keying_method *judge, *ue;
	struct lab_run run;

	(void)state;
	chain_make(&chain);
	ue = chain_method("ue", NULL);
	chain.foreign_signature = true;
	chain.spoil_at = 1;
	chain_write_crls(&chain);
	judge = chain_method("judge", NULL);
	lab_run_init(&run, judge, ue);
	lab_run(&run);
	assert_int_equal(run.side[0].status, KEYING_FAILED);
	lab_contains(run.side[0].error.text, "the CRL in the name of CN=CA 1 is not signed by it");
	/* Not the device's fault, and it is not told so. */
	lab_contains(run.side[1].error.text, "certificate not checked");
	lab_close(&run);
	certificate_free(judge);
	certificate_free(ue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(length_of_chains),
		cmocka_unit_test(path_length),
		cmocka_unit_test(name_constraints_on_uris),
		cmocka_unit_test(name_constraints_on_urns),
		cmocka_unit_test(name_constraints_of_other_kinds),
		cmocka_unit_test(key_usage_of_cas),
		cmocka_unit_test(key_usage_of_devices),
		cmocka_unit_test(unknown_extensions),
		cmocka_unit_test(policies),
		cmocka_unit_test(serial_numbers),
		cmocka_unit_test(crls),
		cmocka_unit_test(crl_of_another_key),
	};

	return cmocka_run_group_tests_name("certificate_paths", tests, chain_setup,
					   chain_teardown);
}
