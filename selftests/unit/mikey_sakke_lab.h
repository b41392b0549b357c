/* SPDX-License-Identifier: MIT */
/* UEs with keys of KMSs, for the tests of method mikey-sakke. */
#ifndef SELFTESTS_UNIT_MIKEY_SAKKE_LAB_H
#define SELFTESTS_UNIT_MIKEY_SAKKE_LAB_H

#include "keying_kms_lab.h"

#include "mikey/mikey.h"
#include "mikey/profile.h"

static char warnings[1024];

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
	files.n_communities = lab_paths(communities, device->communities, 4);
	files.n_keys = lab_paths(keys, device->keys, 4);
	files.n_deny = lab_paths(deny, device->deny, 4);
	return mikey_sakke_new(&files, why, sizeof(why));
}

/* In use. */
LAB_UNUSED static struct keying_method *method(const struct device *device)
{
	struct keying_method *made = try_device(device);

	if (!made)
		fail_msg("%s", why);
	mikey_sakke_taken(made);
	return made;
}

#define DEVICE(...)	method(&(struct device){ __VA_ARGS__ })

#define UE_1_ALONE()	DEVICE(.communities = { "ours" }, .keys = { "ue1.11" })
#define UE_2_ALONE()	DEVICE(.communities = { "ours" }, .keys = { "ue2.11" })
/* With keys of two months. */
#define UE_1_MONTHS()	DEVICE(.communities = { "ours" }, .keys = { "ue1.11", "ue1.12" })
#define UE_2_MONTHS()	DEVICE(.communities = { "ours" }, .keys = { "ue2.12", "ue2.11" })
/* UE_2 as a user of the other KMS, which does or does not trust ours. */
#define STRANGER()	DEVICE(.communities = { "theirs" }, .keys = { "ue2.theirs" })
#define GUEST()		DEVICE(.communities = { "theirs", "ours" }, .keys = { "ue2.theirs" })
/* With keys of the KMS that has the name of ours. */
#define FALSE_1()	DEVICE(.communities = { "fake" }, .keys = { "ue1.fake" })
#define FALSE_2()	DEVICE(.communities = { "fake" }, .keys = { "ue2.fake" })

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

LAB_UNUSED static void sides_agreed(const struct lab_side *a, const struct lab_side *b)
{
	lab_agreed(a, b);
	assert_string_equal(a->result.peer_identity, KMS_UE_2);
	assert_string_equal(b->result.peer_identity, KMS_UE_1);
}

LAB_UNUSED static void agreed(const struct lab_run *run)
{
	sides_agreed(&run->side[KEYING_UE_1], &run->side[KEYING_UE_2]);
}

LAB_UNUSED static int setup(void **state)
{
	if (kms_files_setup(state))
		return -1;
	shared_1 = UE_1_ALONE();
	shared_2 = UE_2_ALONE();
	return 0;
}

LAB_UNUSED static int teardown(void **state)
{
	mikey_sakke_free(shared_1);
	mikey_sakke_free(shared_2);
	return kms_files_teardown(state);
}

#endif
