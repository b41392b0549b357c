// SPDX-License-Identifier: MIT
/*
 * Keying method eccsi-sakke: whose keys a signature was made with, which it does not say. Months,
 * communities, a KMS that has the name of another, and whom one has denied.
 */
#include "eccsi_sakke_lab.h"

static void run_at(struct call *call, const struct device *a, const struct device *b, time_t at_1,
		   time_t at_2)
{
	call_init(call, a, b);
	call->side[KEYING_UE_1].context.now = at_1;
	call->side[KEYING_UE_2].context.now = at_2;
	run(call);
}

static void months(void **state)
{
	struct device a = { .communities = { "ours" }, .keys = { "ue1.11", "ue1.12" } };
	struct device b = { .communities = { "ours" }, .keys = { "ue2.12", "ue2.11" } };
	struct lab_side *side;
	struct call call;

	(void)state;
	make(&a);
	make(&b);
	/* Their clocks in two months: each signs with keys of the one that it is there. */
	run_at(&call, &a, &b, KMS_END, KMS_BEGIN);
	agreed(&call);
	lab_contains(call.side[KEYING_UE_2].result.detail, "2026-11");
	lab_contains(call.side[KEYING_UE_1].result.detail, "2026-12");
	finish(&call);
	run_at(&call, &a, &b, KMS_BEGIN, KMS_END);
	agreed(&call);
	lab_contains(call.side[KEYING_UE_2].result.detail, "2026-12");
	finish(&call);
	run_at(&call, &a, &b, KMS_BEGIN, KMS_BEGIN);
	agreed(&call);
	finish(&call);
	/* On the second day those of last month are good still, on the third no more. */
	run_at(&call, &a, &b, KMS_END, KMS_BEGIN + LAB_DAY);
	agreed(&call);
	finish(&call);
	run_at(&call, &a, &b, KMS_END, KMS_BEGIN + 2 * LAB_DAY);
	refuses(&call, KEYING_UE_2, NOT_SIGNED KMS_UE_1);
	finish(&call);
	run_at(&call, &a, &b, KMS_BEGIN, KMS_END - 2 * LAB_DAY);
	refuses(&call, KEYING_UE_2, NOT_SIGNED KMS_UE_1);
	finish(&call);
	/* The command of a UE_2 whose clock is wrong. */
	run_at(&call, &a, &b, KMS_BEGIN, KMS_BEGIN);
	call.side[KEYING_UE_1].method->close(call.side[KEYING_UE_1].session);
	free(call.request.data);
	call.side[KEYING_UE_1].context.now = KMS_END - 2 * LAB_DAY;
	ask(&call);
	take(&call);
	refuses(&call, KEYING_UE_1, NOT_SIGNED KMS_UE_2);
	finish(&call);
	/* Without keys of the month that it is there is nothing to sign with. */
	for (int role = 0; role < 2; role++) {
		call_init(&call, &ue_1, &ue_2);
		side = &call.side[role];
		side->context.now = KMS_BEGIN;
		assert_null(open_side(side));
		lab_contains(side->error.text, role ?
			     "there are no keys of urn:prose:ue2 for 2026-12, which it is" :
			     "there are no keys of tel:+447700900123 for 2026-12, which it is");
		assert_int_equal(side->error.cause, 2);
	}
	drop(&a);
	drop(&b);
}

static void communities(void **state)
{
	struct device stranger = { .communities = { "theirs" }, .keys = { "ue2.theirs" } };
	struct device guest = { .communities = { "theirs", "ours" }, .keys = { "ue2.theirs" } };
	struct device host = { .communities = { "ours", "theirs" }, .keys = { "ue1.11" } };
	struct device both = { .communities = { "ours", "theirs" },
			       .keys = { "ue2.11", "ue2.theirs" } };
	struct device theirs_1 = { .communities = { "theirs" }, .keys = { "ue1.theirs" } };
	struct call call;

	(void)state;
	make(&stranger);
	make(&guest);
	make(&host);
	make(&both);
	make(&theirs_1);
	run_pair(&call, &ue_1, &stranger);
	refuses(&call, KEYING_UE_2, NOT_SIGNED KMS_UE_1);
	finish(&call);
	/* UE_2 knows UE_1's, but not the other way round. */
	run_pair(&call, &ue_1, &guest);
	refuses(&call, KEYING_UE_1, NOT_SIGNED KMS_UE_2);
	finish(&call);
	run_pair(&call, &host, &guest);
	agreed(&call);
	lab_contains(call.side[KEYING_UE_1].result.detail, "KMS kms.example.net");
	lab_contains(call.side[KEYING_UE_2].result.detail, "KMS kms.example.org");
	finish(&call);
	/* UE_2 has keys of two, and signs with those of the one that UE_1 has shown to know. */
	run_pair(&call, &theirs_1, &both);
	agreed(&call);
	lab_contains(call.side[KEYING_UE_1].result.detail, "KMS kms.example.net");
	finish(&call);
	run_pair(&call, &ue_1, &both);
	agreed(&call);
	lab_contains(call.side[KEYING_UE_1].result.detail, "KMS kms.example.org");
	finish(&call);
	drop(&stranger);
	drop(&guest);
	drop(&host);
	drop(&both);
	drop(&theirs_1);
}

/* Each that is trusted may cost a verification for a request that is forged. */
static void few_communities(void **state)
{
	struct device many = { .communities = { "ours", "c1", "c2", "c3", "c4" },
			       .keys = { "ue1.11" } };
	struct kms kms[4];

	(void)state;
	for (int i = 0; i < 4; i++) {
		char name[] = "kms0.example.org";

		name[3] = (char)('1' + i);
		kms_init(&kms[i], name);
		kms_public(&kms[i], lab_path("c%d", i + 1));
	}
	assert_int_equal(try_device(&many), -1);
	lab_contains(why, "tries a signature in each community, and there are more than 4");
	drop(&many);
	many.communities[4] = NULL;
	make(&many);
	drop(&many);
	for (int i = 0; i < 4; i++)
		kms_free(&kms[i]);
}

/* An attacker whose KMS has the name of ours, and keys of whomever it likes. */
static void false_kms(void **state)
{
	struct device false_1 = { .communities = { "fake" }, .keys = { "ue1.fake" } };
	struct device false_2 = { .communities = { "fake" }, .keys = { "ue2.fake" } };
	struct call call, forged;

	(void)state;
	make(&false_1);
	make(&false_2);
	run_pair(&call, &false_1, &ue_2);
	refuses(&call, KEYING_UE_2, NOT_SIGNED KMS_UE_1);
	finish(&call);
	/* As UE_2, with an answer to this Nonce_1. */
	run_pair(&forged, &false_1, &false_2);
	agreed(&forged);
	call_init(&call, &ue_1, &ue_2);
	memcpy(call.side[0].context.nonce_1, forged.side[0].context.nonce_1, KEYING_NONCE_LEN);
	ask(&call);
	take_with(&call, forged.command.data, COMMAND_LEN);
	refuses(&call, KEYING_UE_1, NOT_SIGNED KMS_UE_2);
	finish(&call);
	finish(&forged);
	drop(&false_1);
	drop(&false_2);
}

/* A list that should have been followed by another one does not tell who is let in. */
static void deny_list_ends(void **state)
{
	struct device over_1 = { .communities = { "ours" }, .keys = { "ue1.11" }, .deny = "over" };
	struct device over_2 = { .communities = { "ours" }, .keys = { "ue2.11" }, .deny = "over" };
	struct device good = { .communities = { "ours" }, .keys = { "ue2.11" }, .deny = "good" };
	struct keying_result result;
	struct call call;

	(void)state;
	kms_deny(&ours, NULL, 1, LAB_NOW - KMS_DENY_DAYS * LAB_DAY + 1, lab_path("good"));
	kms_deny(&ours, NULL, 2, LAB_NOW - KMS_DENY_DAYS * LAB_DAY, lab_path("over"));
	make(&over_1);
	make(&over_2);
	make(&good);
	run_pair(&call, &ue_1, &over_2);
	refuses(&call, KEYING_UE_2, "whether tel:+447700900123 is on the next one is not known");
	/* The signature was good; so it is a replay the next time, whoever sends it. */
	assert_true(call.side[KEYING_UE_2].error.authentic);
	call.side[KEYING_UE_2].error.authentic = false;
	answer(&call);
	refuses(&call, KEYING_UE_2, "it is a replay");
	assert_false(call.side[KEYING_UE_2].error.authentic);
	finish(&call);
	run_pair(&call, &over_1, &ue_2);
	refuses(&call, KEYING_UE_1, "whether urn:prose:ue2 is on the next one is not known");
	finish(&call);
	run_pair(&call, &ue_1, &good);
	agreed(&call);
	result = call.side[KEYING_UE_2].result;
	/* In rekeying as in a setup. */
	answer_rekeying(&call, &over_2, &result);
	refuses(&call, KEYING_UE_2, "whether tel:+447700900123 is on the next one is not known");
	finish(&call);
	drop(&over_1);
	drop(&over_2);
	drop(&good);
}

static void denied(void **state)
{
	struct device knows_1 = { .communities = { "ours" }, .keys = { "ue1.11" }, .deny = "no-ue2" };
	struct device knows_2 = { .communities = { "ours" }, .keys = { "ue2.11" }, .deny = "no-ue1" };
	struct device other = { .communities = { "ours", "theirs" }, .keys = { "ue2.11" },
				.deny = "their-no-ue1" };
	struct keying_error error = { 0 };
	struct keying_result result;
	struct call call;

	(void)state;
	kms_deny(&ours, KMS_UE_1, 2, LAB_NOW, lab_path("no-ue1"));
	kms_deny(&ours, KMS_UE_2, 2, LAB_NOW, lab_path("no-ue2"));
	kms_deny(&theirs, KMS_UE_1, 1, LAB_NOW, lab_path("their-no-ue1"));
	make(&knows_1);
	make(&knows_2);
	make(&other);
	run_pair(&call, &ue_1, &knows_2);
	refuses(&call, KEYING_UE_2, "KMS kms.example.org has denied tel:+447700900123");
	finish(&call);
	run_pair(&call, &knows_1, &ue_2);
	refuses(&call, KEYING_UE_1, "KMS kms.example.org has denied urn:prose:ue2");
	finish(&call);
	/* Another KMS has no say in it. */
	run_pair(&call, &ue_1, &other);
	agreed(&call);
	/* And what there is is judged by what is known now. */
	result = call.side[KEYING_UE_2].result;
#define RECHECK(judge, now) \
	(judge).method->recheck((judge).method, result.evidence, result.evidence_len, now, &error)
	assert_int_equal(RECHECK(other, LAB_NOW), 0);
	assert_int_equal(RECHECK(other, KMS_BEGIN + LAB_DAY), 0);
	assert_int_equal(RECHECK(other, KMS_BEGIN + 2 * LAB_DAY), -1);
	lab_contains(error.text, "keys of tel:+447700900123 for 2026-11, which are not in use now");
	assert_int_equal(RECHECK(knows_2, LAB_NOW), -1);
	lab_contains(error.text, "KMS kms.example.org has denied tel:+447700900123");
	assert_int_equal(error.cause, 2);
	/* In rekeying as in a setup. */
	answer_rekeying(&call, &knows_2, &result);
	refuses(&call, KEYING_UE_2, "KMS kms.example.org has denied tel:+447700900123");
	finish(&call);
	drop(&knows_1);
	drop(&knows_2);
	drop(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(months),
		cmocka_unit_test(communities),
		cmocka_unit_test(few_communities),
		cmocka_unit_test(false_kms),
		cmocka_unit_test(denied),
		cmocka_unit_test(deny_list_ends),
	};

	return cmocka_run_group_tests_name("keying_eccsi_signer", tests, setup, teardown);
}
