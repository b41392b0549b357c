/* SPDX-License-Identifier: MIT */
/* UEs with keys of KMSs, and runs of method eccsi-sakke between them. */
#ifndef SELFTESTS_UNIT_ECCSI_SAKKE_LAB_H
#define SELFTESTS_UNIT_ECCSI_SAKKE_LAB_H

#include "keying_kms_lab.h"

#include "keying/eccsi_sakke/eccsi_sakke.h"

#define REQUEST_LEN	129
#define PAYLOAD_LEN	273
#define COMMAND_LEN	(PAYLOAD_LEN + 129)

/* A UE: the method whose keys it has, and the one that is tested. */
struct device {
	const char *communities[8];
	const char *keys[4];
	const char *deny;
	const struct device *before;
	struct keying_method *keyed, *method;
};

/* NULL ends lists of the names of files in the folder. */
LAB_UNUSED static int try_device(struct device *device)
{
	const char *communities[8], *keys[4], *deny;
	struct mikey_sakke_files files = {
		.communities = communities, .keys = keys, .deny = &deny, .now = LAB_NOW,
		.before = device->before ? device->before->keyed : NULL,
	};

	files.n_communities = lab_paths(communities, device->communities, 8);
	files.n_keys = lab_paths(keys, device->keys, 4);
	if (device->deny) {
		deny = lab_path("%s", device->deny);
		files.n_deny = 1;
	}
	device->keyed = mikey_sakke_new(&files, why, sizeof(why));
	if (!device->keyed)
		fail_msg("%s", why);
	device->method = eccsi_sakke_new(device->keyed,
					 device->before ? device->before->method : NULL, why,
					 sizeof(why));
	return device->method ? 0 : -1;
}

LAB_UNUSED static void make(struct device *device)
{
	if (try_device(device))
		fail_msg("%s", why);
}

LAB_UNUSED static void drop(struct device *device)
{
	eccsi_sakke_free(device->method);
	mikey_sakke_free(device->keyed);
}

/* It takes longer to load keys than to use them. */
static struct device ue_1 = { .communities = { "ours" }, .keys = { "ue1.11" } };
static struct device ue_2 = { .communities = { "ours" }, .keys = { "ue2.11" } };

/*
 * A run between two UEs, as request and command carry it. Both ends have seen the same unless a test
 * changes the context of one.
 */
struct call {
	struct lab_side side[2];
	struct keying_buffer request, command;
	const char *claimed;		/* by the command */
};

LAB_UNUSED static void call_init(struct call *call, const struct device *a, const struct device *b)
{
	*call = (struct call){ .claimed = mikey_sakke_identity(b->keyed) };
	call->side[KEYING_UE_1].method = a->method;
	call->side[KEYING_UE_2].method = b->method;
	for (int role = 0; role < 2; role++) {
		lab_context(&call->side[role].context, (enum keying_role)role);
		call->side[role].context.embedded = true;
	}
	strcpy(call->side[KEYING_UE_1].context.peer_identity, mikey_sakke_identity(b->keyed));
	strcpy(call->side[KEYING_UE_2].context.peer_identity, mikey_sakke_identity(a->keyed));
	/* Each has to be accepted once by the methods that all tests share. */
	for (int role = 0; role < 2; role++) {
		static uint32_t number;

		number += !role;
		memcpy(call->side[role].context.nonce_1, &number, sizeof(number));
	}
}

LAB_UNUSED static struct keying_session *open_side(struct lab_side *side)
{
	const struct keying_context *context = &side->context;
	struct keying_context at_first = *context;

	if (context->role == KEYING_UE_1) {
		memset(at_first.nonce_2, 0, sizeof(at_first.nonce_2));
		memset(at_first.request_hash, 0, sizeof(at_first.request_hash));
	}
	return side->method->open(side->method, &at_first, &side->error);
}

LAB_UNUSED static void ask(struct call *call)
{
	struct lab_side *side = &call->side[KEYING_UE_1];

	side->session = open_side(side);
	if (!side->session)
		fail_msg("UE_1: %s", side->error.text);
	side->status = side->method->step(side->session, NULL, 0, &call->request, &side->result,
					  &side->error);
	assert_int_equal(side->status, KEYING_SEND);
}

/* From an allocation of its own, for the address sanitizer to see its end. */
LAB_UNUSED static enum keying_status step(struct lab_side *side, const void *data, size_t len,
					  struct keying_buffer *out)
{
	uint8_t *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	if (len)
		memcpy(copy, data, len);
	side->status = side->method->step(side->session, len ? copy : NULL, len, out,
					  &side->result, &side->error);
	free(copy);
	return side->status;
}

LAB_UNUSED static enum keying_status answer_with(struct call *call, const void *data, size_t len)
{
	struct lab_side *side = &call->side[KEYING_UE_2];

	free(call->command.data);
	call->command = (struct keying_buffer){ 0 };
	side->session = open_side(side);
	if (!side->session)
		return side->status = KEYING_FAILED;
	step(side, data, len, &call->command);
	/* Who it is from stands at the end, as it does in the message. */
	if (side->status == KEYING_DONE) {
		assert_true(call->command.len > COMMAND_LEN);
		call->command.len = COMMAND_LEN;
	} else {
		assert_null(call->command.data);
	}
	side->method->close(side->session);
	side->session = NULL;
	return side->status;
}

LAB_UNUSED static enum keying_status take_with(struct call *call, const void *data, size_t len)
{
	struct lab_side *side = &call->side[KEYING_UE_1];
	uint8_t command[COMMAND_LEN + 1 + KEYING_TEXT_MAX];
	size_t claimed = len < COMMAND_LEN ? 0 : strlen(call->claimed);
	struct keying_buffer out;

	memcpy(command, data, len);
	memcpy(command + len, call->claimed, claimed);
	side->method->bind(side->session, side->context.nonce_2, side->context.request_hash);
	step(side, command, len + claimed, &out);
	assert_null(out.data);
	return side->status;
}

LAB_UNUSED static enum keying_status answer(struct call *call)
{
	return answer_with(call, call->request.data, call->request.len);
}

/* The request of a rekeying, when what is known of UE_1 came with that result. */
LAB_UNUSED static enum keying_status answer_rekeying(struct call *call, const struct device *device,
						     const struct keying_result *known)
{
	struct lab_side *side = &call->side[KEYING_UE_2];

	side->method = device->method;
	side->context.rekeying = true;
	side->context.evidence = known->evidence;
	side->context.evidence_len = known->evidence_len;
	return answer_with(call, NULL, 0);
}

LAB_UNUSED static enum keying_status take(struct call *call)
{
	return take_with(call, call->command.data, call->command.len);
}

LAB_UNUSED static void run(struct call *call)
{
	ask(call);
	if (answer(call) == KEYING_DONE)
		take(call);
}

LAB_UNUSED static void run_pair(struct call *call, const struct device *a, const struct device *b)
{
	call_init(call, a, b);
	run(call);
}

LAB_UNUSED static void finish(struct call *call)
{
	struct lab_side *side = &call->side[KEYING_UE_1];

	side->method->close(side->session);
	free(call->request.data);
	free(call->command.data);
}

LAB_UNUSED static bool same_kd(const struct call *call)
{
	return !memcmp(call->side[0].result.kd, call->side[1].result.kd, KEYING_KD_LEN);
}

LAB_UNUSED static void agreed(const struct call *call)
{
	lab_agreed(&call->side[KEYING_UE_1], &call->side[KEYING_UE_2]);
	for (int role = 0; role < 2; role++)
		assert_string_equal(call->side[role].result.peer_identity,
				    call->side[role].context.peer_identity);
}

LAB_UNUSED static void refuses(const struct call *call, enum keying_role role, const char *says)
{
	lab_failed(&call->side[role], says);
}

#define NOT_SIGNED	"the signature is not that of "

LAB_UNUSED static int setup(void **state)
{
	if (kms_files_setup(state))
		return -1;
	make(&ue_1);
	make(&ue_2);
	return 0;
}

LAB_UNUSED static int teardown(void **state)
{
	drop(&ue_1);
	drop(&ue_2);
	return kms_files_teardown(state);
}

#endif
