// SPDX-License-Identifier: MIT
/*
 * Keying method eccsi-sakke: agreement, what is signed, each container broken, exchanged, replayed and
 * sent back, and rekeying.
 */
#include "eccsi_sakke_lab.h"

#include <openssl/bn.h>

#include "core/pc5s.h"
#include "keying/eccsi_sakke/seen.h"

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
	for (int i = 0; i < 2 * LAB_DIFFERENCES; i++) {
		enum lab_difference difference = (enum lab_difference)(i >> 1);
		struct call call;

		if (difference == LAB_NONCE_1)
			continue;
		call_init(&call, &ue_1, &ue_2);
		lab_differ(&call.side[i & 1].context, difference);
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
		assert_false(call.side[KEYING_UE_2].error.authentic);
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
		cmocka_unit_test(rekeys),
	};

	return cmocka_run_group_tests_name("keying_eccsi_sakke", tests, setup, teardown);
}
