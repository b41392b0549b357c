// SPDX-License-Identifier: MIT
/*
 * A peer's credentials judged again by what a run has left of them, CRLs that must not become
 * older, and a clock that is not trusted.
 */
#include "certificate_lab.h"

#define UE_SERIAL	"5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A64"
#define CA_1_SERIAL	"5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A01"

struct evidence {
	uint8_t octets[KEYING_EVIDENCE_MAX];
	size_t len;
};

/* What the judge keeps of the device, after the run that the chain is good for. */
static struct evidence evidence_at(const struct chain *chain)
{
	struct keying_method *judge, *ue;
	struct evidence evidence;
	struct lab_run run;

	chain_make(chain);
	judge = chain_method("judge", NULL);
	ue = chain_method("ue", NULL);
	lab_run_init(&run, judge, ue);
	lab_run(&run);
	for (int i = 0; i < 2; i++)
		if (run.side[i].status != KEYING_DONE)
			fail_msg("%s", run.side[i].error.text);
	memcpy(evidence.octets, run.side[0].result.evidence, sizeof(evidence.octets));
	evidence.len = run.side[0].result.evidence_len;
	lab_close(&run);
	certificate_free(judge);
	certificate_free(ue);
	return evidence;
}

/* @says NULL: the judge, as the files are now, takes it still. */
static void rechecked(const struct evidence *evidence, const struct certificate_files *files,
		      time_t now, const char *says)
{
	struct keying_method *judge = chain_method("judge", files);
	struct keying_error error = { 0 };
	int ret = judge->recheck(judge, evidence->octets, evidence->len, now, &error);

	if (!says) {
		if (ret)
			fail_msg("%s", error.text);
		assert_string_equal(error.text, "");
	} else {
		assert_int_equal(ret, -1);
		assert_int_equal(error.cause, 2);
		lab_contains(error.text, says);
	}
	certificate_free(judge);
}

static void nothing_changed(void **state)
{
	struct evidence evidence;
	unsigned int n;

	(void)state;
	for (n = 1; n <= 5; n++) {
		evidence = evidence_at(&(struct chain){ .n_cas = n });
		assert_int_equal(evidence.len, 34 + (n + 1) * (32 + 1 + 16 + 8));
		rechecked(&evidence, NULL, LAB_NOW, NULL);
	}
}

/* The longest there can be has its place. */
static void the_longest(void **state)
{
	struct chain chain = { .n_cas = 5, .device.serial_len = 20 };
	struct evidence evidence;
	unsigned int i;

	(void)state;
	for (i = 0; i < 5; i++)
		chain.cas[i].serial_len = 20;
	evidence = evidence_at(&chain);
	assert_int_equal(evidence.len, 34 + 6 * (32 + 1 + 20 + 8));
	rechecked(&evidence, NULL, LAB_NOW, NULL);
}

static void revoked(void **state)
{
	struct chain chain = { .n_cas = 2 };
	struct evidence evidence = evidence_at(&chain);

	(void)state;
	/* Somebody else. */
	chain.revoked = "5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A65";
	chain.revoked_by = 1;
	chain_write_crls(&chain);
	rechecked(&evidence, NULL, LAB_NOW, NULL);
	/* The same number, of another CA. */
	chain.revoked = UE_SERIAL;
	chain.revoked_by = 0;
	chain_write_crls(&chain);
	rechecked(&evidence, NULL, LAB_NOW, NULL);
	chain.revoked_by = 1;
	chain_write_crls(&chain);
	rechecked(&evidence, NULL, LAB_NOW,
		  "its certificate was revoked on 2026-11-27 (serial " UE_SERIAL ", CRL of CN=CA 1)");
	rechecked(&evidence, &(struct certificate_files){
		  .crl_policy = CERTIFICATE_CRL_IF_PRESENT }, LAB_NOW, "was revoked on 2026-11-27");
	chain.revoked = CA_1_SERIAL;
	chain.revoked_by = 0;
	chain_write_crls(&chain);
	rechecked(&evidence, NULL, LAB_NOW,
		  "a CA certificate above its own was revoked on 2026-11-27");
}

static void written_otherwise(X509_CRL *crl)
{
	X509_NAME *name = X509_NAME_new();

	X509_NAME_add_entry_by_NID(name, NID_commonName, V_ASN1_PRINTABLESTRING,
				   (const uint8_t *)"ca   0", -1, -1, 0);
	assert_true(X509_CRL_set_issuer_name(crl, name));
	X509_NAME_free(name);
}

/* Whom verification takes for the issuer of a CRL is its issuer here too. */
static void names_written_otherwise(void **state)
{
	struct chain chain = { .spoil = written_otherwise };
	struct evidence evidence = evidence_at(&chain);

	(void)state;
	rechecked(&evidence, NULL, LAB_NOW, NULL);
	chain.revoked = UE_SERIAL;
	chain_write_crls(&chain);
	rechecked(&evidence, NULL, LAB_NOW, "its certificate was revoked on 2026-11-27");
}

static void root_taken_away(void **state)
{
	struct chain chain = { .n_cas = 2 };
	struct evidence evidence = evidence_at(&chain);
	X509 *root = X509_dup(chain_cas[0]), *other_root = X509_dup(chain_judge_root), *renewed;
	const struct recipe later = { .not_after = LAB_NOW + 900 * LAB_DAY, .serial_len = 9 };

	(void)state;
	chain_write_certificate(lab_path("root.pem"), "w", other_root);
	rechecked(&evidence, NULL, LAB_NOW,
		  "the root that its certificate goes back to is no longer one of those in");
	/* Renewed, with the same key: it is the same root. */
	renewed = chain_certificate(&later, true, "CA 0", 7, chain_keys[0], NULL, NULL);
	chain_write_certificate(lab_path("root.pem"), "a", renewed);
	rechecked(&evidence, NULL, LAB_NOW, NULL);
	X509_free(renewed);
	/* The same name with another key is another. */
	renewed = chain_certificate(&later, true, "CA 0", 7, chain_other_key, NULL, NULL);
	chain_write_certificate(lab_path("root.pem"), "w", other_root);
	chain_write_certificate(lab_path("root.pem"), "a", renewed);
	chain.without_crl = 1;
	chain_write_crls(&chain);
	rechecked(&evidence, NULL, LAB_NOW, "is no longer one of those in");
	X509_free(renewed);
	X509_free(root);
	X509_free(other_root);
}

static void time_goes_on(void **state)
{
	struct chain chain = { .n_cas = 2, .device.not_after = LAB_NOW + 5 * LAB_DAY };
	struct evidence evidence = evidence_at(&chain);

	(void)state;
	rechecked(&evidence, NULL, LAB_NOW + 5 * LAB_DAY - 1, NULL);
	rechecked(&evidence, NULL, LAB_NOW + 5 * LAB_DAY, "its certificate expired on 2026-12-03");
	chain.device.not_after = 0;
	chain.cas[1].not_after = LAB_NOW + 4 * LAB_DAY;
	evidence = evidence_at(&chain);
	rechecked(&evidence, NULL, LAB_NOW + 4 * LAB_DAY,
		  "a CA certificate above its own expired on 2026-12-02");
	chain.cas[1].not_after = 0;
	chain.cas[0].not_after = LAB_NOW + 3 * LAB_DAY;
	evidence = evidence_at(&chain);
	rechecked(&evidence, NULL, LAB_NOW + 3 * LAB_DAY,
		  "the root that its certificate goes back to expired on 2026-12-01");
}

static void crls_late_or_missing(void **state)
{
	const struct certificate_files lax = { .crl_policy = CERTIFICATE_CRL_IF_PRESENT };
	struct chain chain = { .n_cas = 2, .device.not_after = LAB_NOW + 900 * LAB_DAY };
	struct evidence evidence = evidence_at(&chain);
	time_t due = LAB_NOW - 3600 + 30 * LAB_DAY;

	(void)state;
	rechecked(&evidence, NULL, due + 30 * LAB_DAY, NULL);
	rechecked(&evidence, NULL, due + 30 * LAB_DAY + 1,
		  "its certificate cannot be checked any more: the CRL of its issuer was to be renewed by 2026-12-28 11:00 UTC, over 30 days ago");
	rechecked(&evidence, &lax, due + 30 * LAB_DAY + 1, "cannot be checked any more");
	chain.without_crl = 2;
	chain_write_crls(&chain);
	rechecked(&evidence, NULL, LAB_NOW,
		  "its certificate cannot be checked any more: there is no CRL of its issuer in");
	rechecked(&evidence, &lax, LAB_NOW, NULL);
}

/* It may come from a file: it is held against its bounds, and what is broken is refused. */
static void damaged(void **state)
{
	struct evidence evidence = evidence_at(&(struct chain){ .n_cas = 2 }), cut;
	struct keying_method *judge = chain_method("judge", NULL);
	struct keying_error error;
	size_t i, bit, passed = 0;
	uint8_t *copy;

	(void)state;
	for (i = 0; i < evidence.len; i++) {
		/* Behind the last octet is nothing that a sanitizer would let it read. */
		copy = malloc(i + 1);
		assert_non_null(copy);
		memcpy(copy, evidence.octets, i);
		assert_int_equal(judge->recheck(judge, copy, i, LAB_NOW, &error), -1);
		assert_true(error.text[0]);
		free(copy);
	}
	cut = evidence;
	cut.len++;
	assert_int_equal(judge->recheck(judge, cut.octets, cut.len, LAB_NOW, &error), -1);
	lab_contains(error.text, "damaged");
	for (bit = 0; bit < 8 * evidence.len; bit++) {
		cut = evidence;
		cut.octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
		passed += !judge->recheck(judge, cut.octets, cut.len, LAB_NOW, &error);
	}
	/* Serial numbers and times: each certificate has 16 and 8 octets of them. */
	assert_in_range(passed, 1, 3 * 8 * (1 + 16 + 8));
	certificate_free(judge);
}

/* What is put in place of a CRL, and whether the method made next takes it. */
static struct keying_method *after(struct keying_method *before, const struct chain *chain,
				   const char *says)
{
	struct certificate_files files = { .before = before };
	struct keying_method *next;

	warnings[0] = '\0';
	chain_write_crls(chain);
	next = chain_try("judge", &files);
	if (says) {
		assert_null(next);
		lab_contains(why, says);
		return before;
	}
	if (!next)
		fail_msg("%s", why);
	certificate_free(before);
	return next;
}

static void no_older_crl(void **state)
{
	struct chain chain = { .crl_number = 5, .revoked = UE_SERIAL };
	struct evidence evidence = evidence_at(&(struct chain){ .n_cas = 1 });
	struct keying_method *judge;
	struct keying_error error;

	(void)state;
	chain_write_crls(&chain);
	judge = chain_method("judge", NULL);
	assert_int_equal(judge->recheck(judge, evidence.octets, evidence.len, LAB_NOW, &error), -1);
	/* The one from before that revokes nothing is not taken back .. */
	chain.revoked = NULL;
	chain.crl_number = 4;
	judge = after(judge, &chain, "the CRL of CN=CA 0 is number 4 of 2026-11-28 11:00 UTC, older than number 5 of 2026-11-28 11:00 UTC that was here before");
	/* .. while the same, and a newer one, are. */
	chain.crl_number = 5;
	chain.revoked = UE_SERIAL;
	judge = after(judge, &chain, NULL);
	chain.crl_number = 256;
	judge = after(judge, &chain, NULL);
	chain.crl_number = 255;
	judge = after(judge, &chain, "number 255");
	/* Gone: what it revoked stays revoked, from load to load. */
	chain.crl_number = 256;
	chain.without_crl = 1;
	for (int i = 0; i < 2; i++) {
		judge = after(judge, &chain, NULL);
		lab_contains(warnings, "there is no CRL of CN=CA 0 any more; number 256 of");
		assert_int_equal(judge->recheck(judge, evidence.octets, evidence.len, LAB_NOW,
						&error), -1);
		lab_contains(error.text, "was revoked");
	}
	chain.without_crl = 0;
	chain.crl_number = 12;
	judge = after(judge, &chain, "number 12");
	/* A broken one changes nothing either. */
	lab_write(lab_path("crls.pem"), "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n",
		  0644);
	assert_null(chain_try("judge", &(struct certificate_files){ .before = judge }));
	lab_contains(why, "is not a valid CRL");
	/* A CA that is trusted no more has no say. */
	chain_write_certificate(lab_path("root.pem"), "w", chain_judge_root);
	chain.crl_number = 300;
	chain.without_crl = 1;
	judge = after(judge, &chain, NULL);
	assert_string_equal(warnings, "");
	certificate_free(judge);
}

/* New CRLs alone: own certificate and key need not be there any more, as on a token. */
static void own_is_kept(void **state)
{
	struct keying_method *before, *judge, *ue;
	struct lab_run run;

	(void)state;
	chain_make(&(struct chain){ .n_cas = 2 });
	before = chain_method("judge", NULL);
	ue = chain_method("ue", NULL);
	assert_int_equal(rename(lab_path("judge.key"), lab_path("gone.key")), 0);
	assert_int_equal(rename(lab_path("judge.pem"), lab_path("gone.pem")), 0);
	assert_null(chain_try("judge", &(struct certificate_files){ .before = before }));
	judge = chain_method("judge", &(struct certificate_files){ .before = before,
								   .keep_own = true });
	certificate_free(before);
	/* And the other with its chain. */
	before = ue;
	ue = chain_method("ue", &(struct certificate_files){ .before = before, .keep_own = true });
	certificate_free(before);
	lab_run_init(&run, judge, ue);
	lab_run(&run);
	for (int i = 0; i < 2; i++)
		if (run.side[i].status != KEYING_DONE)
			fail_msg("%s", run.side[i].error.text);
	assert_true(lab_same_kd(&run));
	assert_string_equal(certificate_identity(judge), "prose://ue.example.org/1");
	lab_close(&run);
	certificate_free(judge);
	certificate_free(ue);
}

static enum keying_status run_at(time_t now, bool untrusted, char error[KEYING_TEXT_MAX],
				 char detail[KEYING_TEXT_MAX])
{
	const struct certificate_files files = { .clock_untrusted = untrusted, .now = now };
	struct keying_method *judge = chain_method("judge", &files);
	struct keying_method *ue = chain_method("ue", &files);
	enum keying_status status;
	struct lab_run run;

	lab_run_init(&run, ue, judge);
	run.side[0].context.now = run.side[1].context.now = now;
	lab_run(&run);
	status = run.side[0].status;
	/* UE_2 sees the other's first, so it is the one that finds out. */
	strcpy(error, run.side[1].error.text);
	strcpy(detail, run.side[0].result.detail);
	lab_close(&run);
	certificate_free(judge);
	certificate_free(ue);
	return status;
}

static void clock_not_trusted(void **state)
{
	char error[KEYING_TEXT_MAX], detail[KEYING_TEXT_MAX];
	const time_t years_ago = LAB_NOW - 20 * 365 * LAB_DAY;
	const time_t in_years = LAB_NOW + 20 * 365 * LAB_DAY;

	(void)state;
	chain_make(&(struct chain){ .n_cas = 2 });
	assert_int_not_equal(run_at(years_ago, false, error, detail), KEYING_DONE);
	lab_contains(error, "check the clock of this UE (2006-12-03 12:00 UTC)");
	assert_int_equal(run_at(years_ago, true, error, detail), KEYING_DONE);
	lab_contains(detail, ", clock late");
	/* As it should be, it is not mentioned; and what has expired has expired. */
	assert_int_equal(run_at(LAB_NOW, true, error, detail), KEYING_DONE);
	assert_null(strstr(detail, "clock"));
	assert_int_not_equal(run_at(in_years, true, error, detail), KEYING_DONE);
	lab_contains(error, "was to be renewed by 2026-12-28 11:00 UTC, over 30 days ago");
	/* Nor does it let a revoked one pass. */
	chain_make(&(struct chain){ .n_cas = 2, .revoked = UE_SERIAL, .revoked_by = 1 });
	assert_int_not_equal(run_at(years_ago, true, error, detail), KEYING_DONE);
	lab_contains(error, "was revoked");
}

/* What proves that a time is past: a CRL of a CA that is known here. */
static void newest_time(void **state)
{
	const time_t signed_at = LAB_NOW + 40 * LAB_DAY;
	struct chain chain = { .n_cas = 2 };
	struct keying_method *judge;

	(void)state;
	chain_make(&chain);
	judge = chain_method("judge", NULL);
	assert_int_equal(certificate_newest(judge), LAB_NOW - 3600);
	certificate_free(judge);
	chain.crl_time = signed_at;
	chain_write_crls(&chain);
	judge = chain_method("judge", NULL);
	assert_int_equal(certificate_newest(judge), signed_at);
	certificate_free(judge);
	/* Of a CA that a device brings, nothing is known yet. */
	chain_write_certificate(lab_path("root.pem"), "w", chain_judge_root);
	chain.without_crl = 1;
	chain_write_crls(&chain);
	assert_int_equal(0, unlink(lab_path("crls.pem")));
	{
		FILE *file = fopen(lab_path("crls.pem"), "w");

		chain_write_crl(&chain, 1, file);
		fclose(file);
	}
	judge = chain_method("judge", NULL);
	assert_int_equal(certificate_newest(judge), LAB_NOW - 1000 * LAB_DAY);
	certificate_free(judge);
	/* Nor can one have signed after its end. */
	chain_make(&(struct chain){ .cas[0].not_after = LAB_NOW + LAB_DAY });
	chain.without_crl = 2;
	chain.crl_time = LAB_NOW + 2 * LAB_DAY;
	{
		FILE *file = fopen(lab_path("crls.pem"), "w");

		chain_write_crl(&chain, 0, file);
		fclose(file);
	}
	judge = chain_method("judge", NULL);
	assert_int_equal(certificate_newest(judge), LAB_NOW - 1000 * LAB_DAY);
	certificate_free(judge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_changed),
		cmocka_unit_test(the_longest),
		cmocka_unit_test(revoked),
		cmocka_unit_test(names_written_otherwise),
		cmocka_unit_test(root_taken_away),
		cmocka_unit_test(time_goes_on),
		cmocka_unit_test(crls_late_or_missing),
		cmocka_unit_test(damaged),
		cmocka_unit_test(no_older_crl),
		cmocka_unit_test(own_is_kept),
		cmocka_unit_test(clock_not_trusted),
		cmocka_unit_test(newest_time),
	};

	return cmocka_run_group_tests_name("certificate_recheck", tests, chain_setup,
					   chain_teardown);
}
