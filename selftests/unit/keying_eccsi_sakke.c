// SPDX-License-Identifier: MIT
/*
 * Keying method eccsi-sakke: agreement, what is signed, each container broken, exchanged, replayed and
 * sent back, months, communities, whom a KMS has denied, and rekeying.
 */
#include "keying_lab.h"
#include "kms_lab.h"

#include <openssl/bn.h>

#include "core/pc5s.h"
#include "keying/eccsi_sakke/eccsi_sakke.h"
#include "keying/eccsi_sakke/seen.h"

#define REQUEST_LEN	129
#define PAYLOAD_LEN	273
#define COMMAND_LEN	(PAYLOAD_LEN + 129)

static struct kms ours, theirs, fake;
static char why[KEYING_TEXT_MAX];

/* A UE: the method whose keys it has, and the one that is tested. */
struct device {
	const char *communities[8];
	const char *keys[4];
	const char *deny;
	const struct device *before;
	struct keying_method *keyed, *method;
};

/* NULL ends lists of the names of files in the folder. */
static int try_device(struct device *device)
{
	const char *communities[8], *keys[4], *deny;
	struct mikey_sakke_files files = {
		.communities = communities, .keys = keys, .deny = &deny, .now = LAB_NOW,
		.before = device->before ? device->before->keyed : NULL,
	};

	for (; files.n_communities < 8 && device->communities[files.n_communities];
	     files.n_communities++)
		communities[files.n_communities] =
			lab_path("%s", device->communities[files.n_communities]);
	for (; files.n_keys < 4 && device->keys[files.n_keys]; files.n_keys++)
		keys[files.n_keys] = lab_path("%s", device->keys[files.n_keys]);
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

static void make(struct device *device)
{
	if (try_device(device))
		fail_msg("%s", why);
}

static void drop(struct device *device)
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

static void call_init(struct call *call, const struct device *a, const struct device *b)
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

static struct keying_session *open_side(struct lab_side *side)
{
	const struct keying_context *context = &side->context;
	struct keying_context at_first = *context;

	if (context->role == KEYING_UE_1) {
		memset(at_first.nonce_2, 0, sizeof(at_first.nonce_2));
		memset(at_first.request_hash, 0, sizeof(at_first.request_hash));
	}
	return side->method->open(side->method, &at_first, &side->error);
}

static void ask(struct call *call)
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
static enum keying_status step(struct lab_side *side, const void *data, size_t len,
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

static enum keying_status answer_with(struct call *call, const void *data, size_t len)
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

static enum keying_status take_with(struct call *call, const void *data, size_t len)
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

static enum keying_status answer(struct call *call)
{
	return answer_with(call, call->request.data, call->request.len);
}

static enum keying_status take(struct call *call)
{
	return take_with(call, call->command.data, call->command.len);
}

static void run(struct call *call)
{
	ask(call);
	if (answer(call) == KEYING_DONE)
		take(call);
}

static void run_pair(struct call *call, const struct device *a, const struct device *b)
{
	call_init(call, a, b);
	run(call);
}

static void finish(struct call *call)
{
	struct lab_side *side = &call->side[KEYING_UE_1];

	side->method->close(side->session);
	free(call->request.data);
	free(call->command.data);
}

static bool same_kd(const struct call *call)
{
	return !memcmp(call->side[0].result.kd, call->side[1].result.kd, KEYING_KD_LEN);
}

static void agreed(const struct call *call)
{
	for (int role = 0; role < 2; role++) {
		const struct lab_side *side = &call->side[role];

		if (side->status != KEYING_DONE)
			fail_msg("UE_%d: %s", role + 1, side->error.text);
		assert_string_equal(side->result.peer_identity, side->context.peer_identity);
	}
	assert_true(lab_has_kd(&call->side[0].result));
	assert_true(same_kd(call));
}

static void refuses(const struct call *call, enum keying_role role, const char *says)
{
	static const struct keying_result nothing;
	const struct lab_side *side = &call->side[role];

	assert_int_equal(side->status, KEYING_FAILED);
	lab_contains(side->error.text, says);
	assert_int_equal(side->error.cause, 2);
	assert_memory_equal(&side->result, &nothing, sizeof(nothing));
}

#define NOT_SIGNED	"the signature is not that of "

static int setup(void **state)
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
	kms_extract(&theirs, KMS_UE_1, KMS_NOVEMBER, lab_path("ue1.theirs"));
	kms_extract(&fake, KMS_UE_1, KMS_NOVEMBER, lab_path("ue1.fake"));
	kms_extract(&fake, KMS_UE_2, KMS_NOVEMBER, lab_path("ue2.fake"));
	make(&ue_1);
	make(&ue_2);
	return 0;
}

static int teardown(void **state)
{
	drop(&ue_1);
	drop(&ue_2);
	kms_free(&ours);
	kms_free(&theirs);
	kms_free(&fake);
	return lab_teardown(state);
}

static void agrees(void **state)
{
	struct call call, again;

	(void)state;
	assert_int_equal(ue_1.method->id, KEYING_ECCSI_SAKKE);
	assert_int_equal(ue_1.method->containers, 0);
	run_pair(&call, &ue_1, &ue_2);
	agreed(&call);
	assert_int_equal(call.request.len, REQUEST_LEN);
	assert_int_equal(call.command.len, COMMAND_LEN);
	assert_memory_equal(call.command.data + COMMAND_LEN, KMS_UE_2, strlen(KMS_UE_2));
	lab_contains(call.side[0].result.detail, "ECCSI and SAKKE, 2026-11, KMS kms.example.org");
	/* Another KD each time, and the roles may be changed. */
	run_pair(&again, &ue_1, &ue_2);
	agreed(&again);
	assert_memory_not_equal(call.side[0].result.kd, again.side[0].result.kd, KEYING_KD_LEN);
	finish(&again);
	run_pair(&again, &ue_2, &ue_1);
	agreed(&again);
	finish(&again);
	finish(&call);
}

/* The value of User Info as the codec puts it on the air; from where, the codec says too. */
static size_t user_info(const char *identity, uint8_t out[PC5S_USER_INFO_MAX + 1])
{
	struct pc5s_message m = { .type = PC5S_REQUEST, .ip_config = PC5S_IP_CONFIG_NONE };
	uint8_t octets[600];
	int len;

	m.user_info.type = PC5S_USER_INFO_UPPER_LAYERS;
	m.user_info.len = (uint8_t)strlen(identity);
	memcpy(m.user_info.value, identity, m.user_info.len);
	len = pc5s_encode(&m, octets, sizeof(octets), NULL);
	assert_int_equal(len, 28 + octets[3]);
	memcpy(out, octets + 4, octets[3]);
	return octets[3];
}

static void verifies(const char *identity, const uint8_t *data, size_t len,
		     const uint8_t *signature)
{
	struct mikey_identifier id;

	assert_int_equal(mikey_identifier(identity, strlen(identity), &KMS_NOVEMBER, &id), 0);
	assert_int_equal(eccsi_verify(ours.community->eccsi, id.octets, id.len, data, len,
				      signature, ECCSI_SIGNATURE_LEN), 0);
}

/* Put together here of what goes on the air, and verified with the primitive. */
static void signs_what_is_on_the_air(void **state)
{
	uint8_t data[PC5S_USER_INFO_MAX + 1 + KEYING_NONCE_LEN + PAYLOAD_LEN];
	struct call call;
	size_t len;

	(void)state;
	run_pair(&call, &ue_1, &ue_2);
	agreed(&call);
	len = user_info(KMS_UE_1, data);
	memcpy(data + len, call.side[0].context.nonce_1, KEYING_NONCE_LEN);
	verifies(KMS_UE_1, data, len + KEYING_NONCE_LEN, call.request.data);
	len = user_info(KMS_UE_2, data);
	memcpy(data + len, call.side[0].context.nonce_1, KEYING_NONCE_LEN);
	len += KEYING_NONCE_LEN;
	memcpy(data + len, call.command.data, PAYLOAD_LEN);
	verifies(KMS_UE_2, data, len + PAYLOAD_LEN, call.command.data + PAYLOAD_LEN);
	finish(&call);
}

/* What no signature covers makes another KD, and MAC-I of the command will not verify. */
static void bound_to_the_context(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++) {
		struct keying_context *context;
		struct call call;

		call_init(&call, &ue_1, &ue_2);
		context = &call.side[i & 1].context;
		switch (i) {
		case 0:
			context->ue_1_l2_id ^= 1;
			break;
		case 1:
			context->ue_2_l2_id ^= 0x800000;
			break;
		case 2:
			context->nonce_2[0] ^= 0x80;
			break;
		case 3:
			context->request_hash[31] ^= 1;
			break;
		default:
			context->ue_1_l2_id = 0x1a1b1c;
			context->ue_2_l2_id = 0x0a0b0c;
		}
		run(&call);
		assert_int_equal(call.side[KEYING_UE_1].status, KEYING_DONE);
		assert_int_equal(call.side[KEYING_UE_2].status, KEYING_DONE);
		assert_false(same_kd(&call));
		finish(&call);
	}
}

/* The signatures do cover Nonce_1. */
static void bound_to_nonce_1(void **state)
{
	struct call call;

	(void)state;
	call_init(&call, &ue_1, &ue_2);
	call.side[KEYING_UE_2].context.nonce_1[15] ^= 1;
	run(&call);
	refuses(&call, KEYING_UE_2, NOT_SIGNED KMS_UE_1);
	finish(&call);
}

static void names_of_peers(void **state)
{
	struct device ue_3 = { .communities = { "ours" }, .keys = { "ue3.11" } };
	struct lab_side *side;
	struct call call;

	(void)state;
	make(&ue_3);
	/* UE_1 need not know whom it calls: the command says it. */
	call_init(&call, &ue_1, &ue_2);
	call.side[KEYING_UE_1].context.peer_identity[0] = '\0';
	run(&call);
	strcpy(call.side[KEYING_UE_1].context.peer_identity, KMS_UE_2);
	agreed(&call);
	finish(&call);
	/* It may leave it out, when it is known. */
	call_init(&call, &ue_1, &ue_2);
	call.claimed = "";
	run(&call);
	agreed(&call);
	finish(&call);
	/* Who it is has to be known from somewhere. */
	call_init(&call, &ue_1, &ue_2);
	call.claimed = call.side[KEYING_UE_1].context.peer_identity;
	call.side[KEYING_UE_1].context.peer_identity[0] = '\0';
	run(&call);
	refuses(&call, KEYING_UE_1, "the command does not say who it is from");
	finish(&call);
	call_init(&call, &ue_1, &ue_2);
	call.side[KEYING_UE_2].context.peer_identity[0] = '\0';
	run(&call);
	refuses(&call, KEYING_UE_2, "the request does not say who it is from");
	finish(&call);
	/* UE_3 as UE_1, then as UE_2: by its name, and by the name of whom it would like to be. */
	call_init(&call, &ue_3, &ue_2);
	strcpy(call.side[KEYING_UE_2].context.peer_identity, KMS_UE_1);
	run(&call);
	refuses(&call, KEYING_UE_2, NOT_SIGNED KMS_UE_1);
	finish(&call);
	call_init(&call, &ue_1, &ue_3);
	strcpy(call.side[KEYING_UE_1].context.peer_identity, KMS_UE_2);
	run(&call);
	refuses(&call, KEYING_UE_1, "from 'urn:prose:ue3', and 'urn:prose:ue2' was awaited");
	call.claimed = KMS_UE_2;
	take(&call);
	refuses(&call, KEYING_UE_1, NOT_SIGNED KMS_UE_2);
	finish(&call);
	/* What is no name of a user costs no signature, and oneself is no peer. */
	call_init(&call, &ue_1, &ue_2);
	side = &call.side[KEYING_UE_1];
	strcpy(side->context.peer_identity, "UE two");
	assert_null(open_side(side));
	lab_contains(side->error.text, "the peer's 'UE two' ");
	assert_int_equal(side->error.cause, 2);
	memset(side->context.peer_identity, 'a', MIKEY_URI_MAX + 1);
	assert_null(open_side(side));
	lab_contains(side->error.text, "longer than the 118 octets");
	strcpy(side->context.peer_identity, KMS_UE_1);
	assert_null(open_side(side));
	lab_contains(side->error.text, "the identity of this UE itself");
	drop(&ue_3);
}

static void embedded_only(void **state)
{
	struct keying_error error = { 0 };
	struct keying_context context;

	(void)state;
	for (int role = 0; role < 2; role++) {
		lab_context(&context, (enum keying_role)role);
		strcpy(context.peer_identity, role ? KMS_UE_1 : KMS_UE_2);
		assert_null(ue_1.method->open(role ? ue_2.method : ue_1.method, &context, &error));
		lab_contains(error.text, "needs the signature of the peer in its request");
		assert_int_equal(error.cause, 2);
	}
}

/* At each octet, and a bit of each. */
static void broken_request(void **state)
{
	uint8_t longer[REQUEST_LEN + 1] = { 0 };
	struct call call;

	(void)state;
	call_init(&call, &ue_1, &ue_2);
	ask(&call);
	for (size_t len = 0; len < REQUEST_LEN; len++) {
		answer_with(&call, call.request.data, len);
		refuses(&call, KEYING_UE_2, "octets, and those of ECCSI have 129");
	}
	memcpy(longer, call.request.data, REQUEST_LEN);
	answer_with(&call, longer, sizeof(longer));
	refuses(&call, KEYING_UE_2, "has 130 octets");
	for (size_t at = 0; at < REQUEST_LEN; at++) {
		call.request.data[at] ^= (uint8_t)(1 << at % 8);
		answer(&call);
		refuses(&call, KEYING_UE_2, NOT_SIGNED KMS_UE_1);
		call.request.data[at] ^= (uint8_t)(1 << at % 8);
	}
	/* None of them was authentic, so none is remembered; and it is good indeed. */
	assert_int_equal(answer(&call), KEYING_DONE);
	take(&call);
	agreed(&call);
	finish(&call);
}

/*
 * Nobody but the peer can make a command that ends the run: UE_1 takes the true one after all that were
 * broken. None of these is decapsulated, or it would be that which failed.
 */
static void broken_command(void **state)
{
	uint8_t longer[COMMAND_LEN + 1] = { 0 };
	struct call call;

	(void)state;
	call_init(&call, &ue_1, &ue_2);
	ask(&call);
	answer(&call);
	for (size_t len = 0; len < COMMAND_LEN; len++) {
		take_with(&call, call.command.data, len);
		refuses(&call, KEYING_UE_1, "has no Encrypted Payload and Signature");
	}
	/* What is behind them is a name. */
	memcpy(longer, call.command.data, COMMAND_LEN);
	longer[COMMAND_LEN] = 'x';
	take_with(&call, longer, sizeof(longer));
	refuses(&call, KEYING_UE_1, "from 'xurn:prose:ue2', and 'urn:prose:ue2' was awaited");
	for (size_t at = 0; at < COMMAND_LEN; at++) {
		call.command.data[at] ^= (uint8_t)(1 << at % 8);
		take(&call);
		refuses(&call, KEYING_UE_1, NOT_SIGNED KMS_UE_2);
		call.command.data[at] ^= (uint8_t)(1 << at % 8);
	}
	take(&call);
	agreed(&call);
	/* The same under another Nonce_2, and then under the true one again. */
	call.side[KEYING_UE_1].context.nonce_2[3] ^= 1;
	assert_int_equal(take(&call), KEYING_DONE);
	assert_false(same_kd(&call));
	call.side[KEYING_UE_1].context.nonce_2[3] ^= 1;
	take(&call);
	agreed(&call);
	/* What was opened is no excuse for what was changed since. */
	call.command.data[COMMAND_LEN - 1] ^= 1;
	take(&call);
	refuses(&call, KEYING_UE_1, NOT_SIGNED KMS_UE_2);
	finish(&call);
}

/* s becomes q - s, which verifies as well. */
static void negate(uint8_t *signature)
{
	BIGNUM *q = NULL, *s = BN_bin2bn(signature + ECCSI_N, ECCSI_N, NULL);

	assert_true(BN_hex2bn(&q, "FFFFFFFF00000000FFFFFFFFFFFFFFFF"
				  "BCE6FAADA7179E84F3B9CAC2FC632551"));
	assert_true(BN_sub(s, q, s));
	assert_int_equal(BN_bn2binpad(s, signature + ECCSI_N, ECCSI_N), ECCSI_N);
	BN_free(q);
	BN_free(s);
}

/* A request that was recorded costs UE_2 neither a signature nor an encapsulation. */
static void replayed_request(void **state)
{
	struct device b = { .communities = { "ours" }, .keys = { "ue2.11" } };
	struct device reloaded = { .communities = { "ours" }, .keys = { "ue2.11" }, .before = &b };
	struct device restarted = { .communities = { "ours" }, .keys = { "ue2.11" } };
	struct call call;

	(void)state;
	make(&b);
	run_pair(&call, &ue_1, &b);
	agreed(&call);
	answer(&call);
	refuses(&call, KEYING_UE_2, "it is a replay");
	negate(call.request.data);
	answer(&call);
	refuses(&call, KEYING_UE_2, "it is a replay");
	/* The configuration read again in between. */
	make(&reloaded);
	drop(&b);
	call.side[KEYING_UE_2].method = reloaded.method;
	answer(&call);
	refuses(&call, KEYING_UE_2, "it is a replay");
	/* After a restart it is answered, with a secret that only UE_1 can open. */
	make(&restarted);
	call.side[KEYING_UE_2].method = restarted.method;
	assert_int_equal(answer(&call), KEYING_DONE);
	assert_false(same_kd(&call));
	drop(&reloaded);
	drop(&restarted);
	finish(&call);
}

static void remembers_so_many(void **state)
{
	uint8_t nonce[KEYING_NONCE_LEN] = { 0 };
	struct seen *seen = seen_new();

	(void)state;
	assert_non_null(seen);
	for (unsigned int i = 0; i <= SEEN_MAX; i++) {
		nonce[0] = (uint8_t)i;
		nonce[1] = (uint8_t)(i >> 8);
		assert_false(seen_has(seen, "a", nonce));
		seen_add(seen, "a", nonce);
		assert_true(seen_has(seen, "a", nonce));
		/* One may not use up the nonces of another. */
		assert_false(seen_has(seen, "b", nonce));
	}
	memset(nonce, 0, sizeof(nonce));
	assert_false(seen_has(seen, "a", nonce));
	nonce[0] = 1;
	assert_true(seen_has(seen, "a", nonce));
	assert_ptr_equal(seen_share(seen), seen);
	seen_release(seen);
	assert_true(seen_has(seen, "a", nonce));
	seen_release(seen);
	seen_release(NULL);
}

/* Containers of one run in another, in each other's place, and put together anew. */
static void exchanged(void **state)
{
	uint8_t mixed[COMMAND_LEN];
	struct call first, call;

	(void)state;
	run_pair(&first, &ue_1, &ue_2);
	agreed(&first);
	call_init(&call, &ue_1, &ue_2);
	ask(&call);
	answer_with(&call, first.request.data, REQUEST_LEN);
	refuses(&call, KEYING_UE_2, NOT_SIGNED KMS_UE_1);
	answer_with(&call, first.command.data, COMMAND_LEN);
	refuses(&call, KEYING_UE_2, "has 402 octets");
	answer_with(&call, first.command.data + PAYLOAD_LEN, REQUEST_LEN);
	refuses(&call, KEYING_UE_2, NOT_SIGNED KMS_UE_1);
	answer(&call);
	take_with(&call, first.command.data, COMMAND_LEN);
	refuses(&call, KEYING_UE_1, NOT_SIGNED KMS_UE_2);
	take_with(&call, first.request.data, REQUEST_LEN);
	refuses(&call, KEYING_UE_1, "has no Encrypted Payload and Signature");
	/* The payload of one with the signature of the other, and of the request. */
	memcpy(mixed, first.command.data, PAYLOAD_LEN);
	memcpy(mixed + PAYLOAD_LEN, call.command.data + PAYLOAD_LEN, REQUEST_LEN);
	take_with(&call, mixed, sizeof(mixed));
	refuses(&call, KEYING_UE_1, NOT_SIGNED KMS_UE_2);
	memcpy(mixed + PAYLOAD_LEN, call.request.data, REQUEST_LEN);
	take_with(&call, mixed, sizeof(mixed));
	refuses(&call, KEYING_UE_1, NOT_SIGNED KMS_UE_2);
	take(&call);
	agreed(&call);
	finish(&call);
	finish(&first);
}

/* A command to somebody else, of the true UE_2, in a run of the same Nonce_1. */
static void for_somebody_else(void **state)
{
	struct device ue_3 = { .communities = { "ours" }, .keys = { "ue3.11" } };
	struct call call, other;

	(void)state;
	make(&ue_3);
	call_init(&call, &ue_1, &ue_2);
	ask(&call);
	call_init(&other, &ue_3, &ue_2);
	for (int role = 0; role < 2; role++)
		memcpy(other.side[role].context.nonce_1, call.side[0].context.nonce_1,
		       KEYING_NONCE_LEN);
	run(&other);
	agreed(&other);
	/* Its signature names no receiver; that it cannot be opened is what is left. */
	take_with(&call, other.command.data, COMMAND_LEN);
	refuses(&call, KEYING_UE_1, "the secret in the command could not be opened");
	answer(&call);
	take(&call);
	agreed(&call);
	finish(&other);
	finish(&call);
	drop(&ue_3);
}

/* UE_1's own words sent back. */
static void reflected(void **state)
{
	struct lab_side *side;
	struct call call;

	(void)state;
	call_init(&call, &ue_1, &ue_2);
	ask(&call);
	side = &call.side[KEYING_UE_2];
	side->method = ue_1.method;
	assert_null(open_side(side));
	lab_contains(side->error.text, "the identity of this UE itself");
	/* And as the word of UE_2. */
	strcpy(side->context.peer_identity, KMS_UE_2);
	answer(&call);
	refuses(&call, KEYING_UE_2, NOT_SIGNED KMS_UE_2);
	finish(&call);
}

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
	finish(&call);
	run_pair(&call, &over_1, &ue_2);
	refuses(&call, KEYING_UE_1, "whether urn:prose:ue2 is on the next one is not known");
	finish(&call);
	run_pair(&call, &ue_1, &good);
	agreed(&call);
	result = call.side[KEYING_UE_2].result;
	/* In rekeying as in a setup. */
	call.side[KEYING_UE_2].method = over_2.method;
	call.side[KEYING_UE_2].context.rekeying = true;
	call.side[KEYING_UE_2].context.evidence = result.evidence;
	call.side[KEYING_UE_2].context.evidence_len = result.evidence_len;
	answer_with(&call, NULL, 0);
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
	call.side[KEYING_UE_2].method = knows_2.method;
	call.side[KEYING_UE_2].context.rekeying = true;
	call.side[KEYING_UE_2].context.evidence = result.evidence;
	call.side[KEYING_UE_2].context.evidence_len = result.evidence_len;
	answer_with(&call, NULL, 0);
	refuses(&call, KEYING_UE_2, "KMS kms.example.org has denied tel:+447700900123");
	finish(&call);
	drop(&knows_1);
	drop(&knows_2);
	drop(&other);
}

/* A KD after the first, with what is known of the peer from it. */
static void rekey(struct call *call, const struct device *a, const struct device *b,
		  const struct keying_result *known, time_t now)
{
	call_init(call, a, b);
	for (int role = 0; role < 2; role++) {
		call->side[role].context.rekeying = true;
		call->side[role].context.evidence = known ? known[role].evidence : NULL;
		call->side[role].context.evidence_len = known ? known[role].evidence_len : 0;
		call->side[role].context.now = now;
	}
	run(call);
}

static void rekeys(void **state)
{
	struct device a = { .communities = { "ours", "theirs" }, .keys = { "ue1.theirs", "ue1.12" } };
	struct device b = { .communities = { "ours", "theirs" }, .keys = { "ue2.11", "ue2.12" } };
	struct keying_result known[2];
	struct call first, call;

	(void)state;
	make(&a);
	make(&b);
	run_pair(&first, &a, &b);
	agreed(&first);
	known[0] = first.side[0].result;
	known[1] = first.side[1].result;
	lab_contains(known[1].detail, "kms.example.net");
	rekey(&call, &a, &b, known, LAB_NOW);
	agreed(&call);
	assert_int_equal(call.request.len, 0);
	assert_int_equal(call.command.len, COMMAND_LEN);
	lab_contains(call.side[KEYING_UE_2].result.detail, "kms.example.net");
	assert_memory_not_equal(call.side[0].result.kd, known[0].kd, KEYING_KD_LEN);
	/* The command of another run, and one that is broken. */
	take_with(&call, first.command.data, COMMAND_LEN);
	refuses(&call, KEYING_UE_1, NOT_SIGNED KMS_UE_2);
	call.command.data[PAYLOAD_LEN - 1] ^= 1;
	take(&call);
	refuses(&call, KEYING_UE_1, NOT_SIGNED KMS_UE_2);
	/* Where there is a signature in a request it is no rekeying. */
	answer_with(&call, first.request.data, REQUEST_LEN);
	refuses(&call, KEYING_UE_2, "the rekeying request has a signature");
	finish(&call);
	finish(&first);
	/* In December UE_1 has keys of ours, and UE_2 has no way to know of it. */
	rekey(&call, &a, &b, known, KMS_BEGIN);
	refuses(&call, KEYING_UE_1, "the secret in the command could not be opened");
	finish(&call);
	/* KD came from something else: the community of UE_2 itself is the one. */
	rekey(&call, &ue_1, &ue_2, NULL, LAB_NOW);
	agreed(&call);
	finish(&call);
	drop(&a);
	drop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees),
		cmocka_unit_test(signs_what_is_on_the_air),
		cmocka_unit_test(bound_to_the_context),
		cmocka_unit_test(bound_to_nonce_1),
		cmocka_unit_test(names_of_peers),
		cmocka_unit_test(embedded_only),
		cmocka_unit_test(broken_request),
		cmocka_unit_test(broken_command),
		cmocka_unit_test(replayed_request),
		cmocka_unit_test(remembers_so_many),
		cmocka_unit_test(exchanged),
		cmocka_unit_test(for_somebody_else),
		cmocka_unit_test(reflected),
		cmocka_unit_test(months),
		cmocka_unit_test(communities),
		cmocka_unit_test(few_communities),
		cmocka_unit_test(false_kms),
		cmocka_unit_test(denied),
		cmocka_unit_test(deny_list_ends),
		cmocka_unit_test(rekeys),
	};

	return cmocka_run_group_tests_name("keying_eccsi_sakke", tests, setup, teardown);
}
