/* SPDX-License-Identifier: MIT */
/* UEs with keys of KMSs, for the tests of method mikey-sakke. */
#ifndef SELFTESTS_UNIT_MIKEY_SAKKE_LAB_H
#define SELFTESTS_UNIT_MIKEY_SAKKE_LAB_H

#include "keying_lab.h"
#include "kms_lab.h"

#include "mikey/mikey.h"
#include "mikey/profile.h"

static struct kms ours, theirs, fake;
static char why[KEYING_TEXT_MAX], warnings[1024];

LAB_UNUSED static void on_warn(void *context, const char *sentence)
{
	(void)context;
	snprintf(warnings, sizeof(warnings), "%s", sentence);
}

/* A UE, by the names of its files in the folder. NULL ends lists. */
struct device {
	const char *communities[4];
	const char *keys[4];
	const char *deny[4];
	bool optional, exchange_only;
	const struct keying_method *before;
	const char *seen;
	time_t now;
};

LAB_UNUSED static struct keying_method *try_device(const struct device *device)
{
	const char *communities[4], *keys[4], *deny[4];
	struct mikey_sakke_files files = {
		.communities = communities, .keys = keys, .deny = deny, .reply_optional = device->optional,
		.in_request = !device->exchange_only, .before = device->before,
		.seen = device->seen ? lab_path("%s", device->seen) : NULL,
		.now = device->now ? device->now : LAB_NOW, .warn = on_warn,
	};

	why[0] = warnings[0] = '\0';
	for (; files.n_communities < 4 && device->communities[files.n_communities];
	     files.n_communities++)
		communities[files.n_communities] =
			lab_path("%s", device->communities[files.n_communities]);
	for (; files.n_keys < 4 && device->keys[files.n_keys]; files.n_keys++)
		keys[files.n_keys] = lab_path("%s", device->keys[files.n_keys]);
	for (; files.n_deny < 4 && device->deny[files.n_deny]; files.n_deny++)
		deny[files.n_deny] = lab_path("%s", device->deny[files.n_deny]);
	return mikey_sakke_new(&files, why, sizeof(why));
}

LAB_UNUSED static struct keying_method *method(const struct device *device)
{
	struct keying_method *made = try_device(device);

	if (!made)
		fail_msg("%s", why);
	return made;
}

#define DEVICE(...)	method(&(struct device){ __VA_ARGS__ })

#define UE_1_ALONE()	DEVICE(.communities = { "ours" }, .keys = { "ue1.11" })
#define UE_2_ALONE()	DEVICE(.communities = { "ours" }, .keys = { "ue2.11" })

/* It takes longer to load keys than to use them: these are for all tests that stay in LAB_NOW. */
static struct keying_method *shared_1, *shared_2;

LAB_UNUSED static struct keying_method *ue_1(void)
{
	return shared_1;
}

LAB_UNUSED static struct keying_method *ue_2(void)
{
	return shared_2;
}

LAB_UNUSED static void drop(struct keying_method *made)
{
	if (made != shared_1 && made != shared_2)
		mikey_sakke_free(made);
}

/* UE_1 knows whom it calls, UE_2 who says to be calling. */
LAB_UNUSED static void prepare(struct lab_run *run, const struct keying_method *a,
		    const struct keying_method *b)
{
	lab_run_init(run, a, b);
	strcpy(run->side[KEYING_UE_1].context.peer_identity, KMS_UE_2);
	strcpy(run->side[KEYING_UE_2].context.peer_identity, KMS_UE_1);
}

LAB_UNUSED static void run_pair(struct lab_run *run, const struct keying_method *a,
		     const struct keying_method *b)
{
	prepare(run, a, b);
	lab_run(run);
}

LAB_UNUSED static void finish(struct lab_run *run)
{
	lab_close(run);
	for (int role = 0; role < 2; role++)
		drop((struct keying_method *)run->side[role].method);
}

LAB_UNUSED static void agreed(const struct lab_run *run)
{
	for (int role = 0; role < 2; role++)
		if (run->side[role].status != KEYING_DONE)
			fail_msg("UE_%d: %s", role + 1, run->side[role].error.text);
	assert_true(lab_has_kd(&run->side[0].result));
	assert_true(lab_same_kd(run));
	assert_string_equal(run->side[KEYING_UE_1].result.peer_identity, KMS_UE_2);
	assert_string_equal(run->side[KEYING_UE_2].result.peer_identity, KMS_UE_1);
}

LAB_UNUSED static void side_failed(const struct lab_side *side, const char *says)
{
	static const struct keying_result nothing;

	assert_int_equal(side->status, KEYING_FAILED);
	lab_contains(side->error.text, says);
	assert_int_equal(side->error.cause, 2);
	assert_memory_equal(&side->result, &nothing, sizeof(nothing));
}

LAB_UNUSED static int setup(void **state)
{
	if (lab_setup(state))
		return -1;
	kms_init(&ours, "kms.example.org");
	kms_init(&theirs, "kms.example.net");
	kms_init(&fake, "kms.example.org");
	kms_public(&ours, lab_path("ours"));
	kms_public(&theirs, lab_path("theirs"));
	kms_public(&fake, lab_path("fake"));
	kms_extract(&ours, KMS_UE_1, KMS_NOVEMBER, lab_path("ue1.11"));
	kms_extract(&ours, KMS_UE_1, KMS_DECEMBER, lab_path("ue1.12"));
	kms_extract(&ours, KMS_UE_2, KMS_NOVEMBER, lab_path("ue2.11"));
	kms_extract(&ours, KMS_UE_2, KMS_DECEMBER, lab_path("ue2.12"));
	kms_extract(&ours, "urn:prose:ue3", KMS_NOVEMBER, lab_path("ue3.11"));
	kms_extract(&theirs, KMS_UE_2, KMS_NOVEMBER, lab_path("ue2.theirs"));
	kms_extract(&fake, KMS_UE_1, KMS_NOVEMBER, lab_path("ue1.fake"));
	kms_extract(&fake, KMS_UE_2, KMS_NOVEMBER, lab_path("ue2.fake"));
	shared_1 = UE_1_ALONE();
	shared_2 = UE_2_ALONE();
	return 0;
}

LAB_UNUSED static int teardown(void **state)
{
	mikey_sakke_free(shared_1);
	mikey_sakke_free(shared_2);
	kms_free(&ours);
	kms_free(&theirs);
	kms_free(&fake);
	return lab_teardown(state);
}

#endif
