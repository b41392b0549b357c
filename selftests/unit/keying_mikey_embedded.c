// SPDX-License-Identifier: MIT
/*
 * Keying method mikey-sakke in request and security mode command: agreement, what UE_2 leaves to an exchange,
 * and each of the two messages broken, replayed, sent back, exchanged, left out and moved elsewhere.
 */
#include "mikey_sakke_lab.h"

/* UE_1 is opened, and has made what goes into the request. */
struct embedded {
	struct lab_side a, b;
	struct keying_buffer request, command;
	uint8_t nonce_2[KEYING_NONCE_LEN], request_hash[KEYING_HASH_LEN];
};

static void prepare_at(struct embedded *e, const struct keying_method *a, time_t at)
{
	*e = (struct embedded){ .a.method = a };
	lab_context(&e->a.context, KEYING_UE_1);
	lab_context(&e->b.context, KEYING_UE_2);
	memcpy(e->nonce_2, e->b.context.nonce_2, sizeof(e->nonce_2));
	memcpy(e->request_hash, e->b.context.request_hash, sizeof(e->request_hash));
	memset(e->a.context.nonce_2, 0, sizeof(e->a.context.nonce_2));
	memset(e->a.context.request_hash, 0, sizeof(e->a.context.request_hash));
	e->a.context.embedded = e->b.context.embedded = true;
	e->a.context.now = at;
	strcpy(e->a.context.peer_identity, KMS_UE_2);
	strcpy(e->b.context.peer_identity, KMS_UE_1);
}

static void begin_at(struct embedded *e, const struct keying_method *a, time_t at)
{
	prepare_at(e, a, at);
	e->a.session = a->open(a, &e->a.context, &e->a.error);
	assert_non_null(e->a.session);
	e->a.status = a->step(e->a.session, NULL, 0, &e->request, &e->a.result, &e->a.error);
}

static void begin(struct embedded *e, const struct keying_method *a)
{
	begin_at(e, a, LAB_NOW);
	if (e->a.status != KEYING_SEND)
		fail_msg("%s", e->a.error.text);
	assert_non_null(e->request.data);
	assert_false(lab_has_kd(&e->a.result));
}

/* UE_2 is given a container, in the context that is in @e. */
static enum keying_status give(struct embedded *e, const struct keying_method *b,
			       const uint8_t *data, size_t len)
{
	struct lab_side *side = &e->b;

	free(e->command.data);
	side->method = b;
	side->error = (struct keying_error){ 0 };
	side->session = b->open(b, &side->context, &side->error);
	assert_non_null(side->session);
	side->status = b->step(side->session, data, len, &e->command, &side->result, &side->error);
	assert_true(side->status == KEYING_DONE || !e->command.data);
	b->close(side->session);
	return side->status;
}

static enum keying_status answer(struct embedded *e, const struct keying_method *b)
{
	return give(e, b, e->request.data, e->request.len);
}

/* UE_1 is given a command with that container. */
static enum keying_status judge(struct embedded *e, const uint8_t *data, size_t len)
{
	static const struct keying_result nothing;
	struct keying_buffer out;

	e->a.method->bind(e->a.session, e->nonce_2, e->request_hash);
	e->a.status = e->a.method->step(e->a.session, data, len, &out, &e->a.result, &e->a.error);
	assert_null(out.data);
	if (e->a.status != KEYING_DONE)
		assert_memory_equal(&e->a.result, &nothing, sizeof(nothing));
	return e->a.status;
}

static enum keying_status conclude(struct embedded *e)
{
	return judge(e, e->command.data, e->command.len);
}

static void over(struct embedded *e)
{
	e->a.method->close(e->a.session);
	free(e->request.data);
	free(e->command.data);
}

static void agree(const struct embedded *e)
{
	sides_agreed(&e->a, &e->b);
}

static void whole(struct embedded *e, const struct keying_method *a, const struct keying_method *b)
{
	begin(e, a);
	answer(e, b);
	if (e->b.status == KEYING_DONE)
		conclude(e);
	agree(e);
}

static void ue_2_fails(struct embedded *e, const char *says)
{
	lab_failed(&e->b, says);
}

static void ue_2_declines(struct embedded *e)
{
	static const struct keying_result nothing;

	assert_int_equal(e->b.status, KEYING_DECLINED);
	assert_memory_equal(&e->b.result, &nothing, sizeof(nothing));
}

static void ue_1_fails(struct embedded *e, const char *says)
{
	lab_failed(&e->a, says);
}

static void two_containers(void **state)
{
	struct embedded e, again;
	struct lab_run run;

	(void)state;
	whole(&e, ue_1(), ue_2());
	assert_true(e.request.len && e.command.len);
	assert_true(ue_1()->needs_peer);
	lab_contains(e.a.result.detail, "MIKEY-SAKKE, 2026-11, KMS kms.example.org");
	assert_string_equal(e.a.result.detail, e.b.result.detail);
	assert_true(e.a.result.evidence_len && e.b.result.evidence_len);
	assert_int_equal(ue_1()->recheck(ue_1(), e.a.result.evidence, e.a.result.evidence_len,
					 LAB_NOW, &e.a.error), 0);
	print_message("octets: %zu %zu\n", e.request.len, e.command.len);
	/* Another KD each time, and by an exchange as well. */
	whole(&again, ue_1(), ue_2());
	assert_memory_not_equal(e.a.result.kd, again.a.result.kd, KEYING_KD_LEN);
	over(&again);
	run_pair(&run, ue_1(), ue_2());
	agreed(&run);
	assert_memory_not_equal(e.a.result.kd, run.side[0].result.kd, KEYING_KD_LEN);
	finish(&run);
	over(&e);
}

/* Message 2 is left out only when both ends can do without, and by nobody else. */
static void reply_is_left_out(void **state)
{
	(void)state;
	for (int optional = 0; optional < 4; optional++) {
		struct keying_method *a = DEVICE(.communities = { "ours" }, .keys = { "ue1.11" },
						 .optional = optional & 1);
		struct keying_method *b = DEVICE(.communities = { "ours" }, .keys = { "ue2.11" },
						 .optional = optional & 2);
		struct embedded e;

		whole(&e, a, b);
		assert_int_equal(e.command.len == 0, optional == 3);
		if (optional == 3)
			lab_contains(e.a.result.detail, ", no reply");
		/* On the way, by who cannot make the MAC that the KD of UE_2 gives. */
		if (optional & 1 && optional != 3) {
			assert_int_equal(judge(&e, NULL, 0), KEYING_DONE);
			assert_memory_not_equal(e.a.result.kd, e.b.result.kd, KEYING_KD_LEN);
		} else if (optional != 3) {
			assert_int_equal(judge(&e, NULL, 0), KEYING_FAILED);
			ue_1_fails(&e, "the peer has sent no message 2, which this UE requires");
		}
		/* The true command is good after it. */
		conclude(&e);
		agree(&e);
		over(&e);
		drop(a);
		drop(b);
	}
}

static void bound_to_the_context(void **state)
{
	(void)state;
	for (int i = 0; i <= LAB_NONCE_1; i++) {
		struct embedded e;

		begin(&e, ue_1());
		lab_differ(&e.b.context, (enum lab_difference)i);
		answer(&e, ue_2());
		ue_2_fails(&e, "the message was not made for this connection");
		over(&e);
	}
	/* Of what UE_1 does not know when it sends the request, message 2 says it. */
	for (int i = 0; i < 2; i++) {
		struct embedded e;

		begin(&e, ue_1());
		answer(&e, ue_2());
		e.nonce_2[3] ^= i ? 0 : 0x10;
		e.request_hash[31] ^= i ? 1 : 0;
		conclude(&e);
		ue_1_fails(&e, "the message was not made for this connection");
		over(&e);
	}
}

/* And KD, where there is no message 2. */
static void kd_is_bound(void **state)
{
	struct keying_method *a = DEVICE(.communities = { "ours" }, .keys = { "ue1.11" },
					 .optional = true);
	struct keying_method *b = DEVICE(.communities = { "ours" }, .keys = { "ue2.11" },
					 .optional = true);
	struct embedded e;

	(void)state;
	whole(&e, a, b);
	e.nonce_2[0] ^= 1;
	assert_int_equal(conclude(&e), KEYING_DONE);
	assert_memory_not_equal(e.a.result.kd, e.b.result.kd, KEYING_KD_LEN);
	e.nonce_2[0] ^= 1;
	e.request_hash[0] ^= 1;
	assert_int_equal(conclude(&e), KEYING_DONE);
	assert_memory_not_equal(e.a.result.kd, e.b.result.kd, KEYING_KD_LEN);
	e.request_hash[0] ^= 1;
	conclude(&e);
	agree(&e);
	over(&e);
	drop(a);
	drop(b);
}

/* Cut at each octet, and one bit of each octet changed. */
static void broken_request(void **state)
{
	struct keying_method *fresh = UE_2_ALONE();
	struct embedded e;

	(void)state;
	begin(&e, ue_1());
	for (size_t len = 0; len < e.request.len; len++) {
		/* Of its own, for the address sanitizer to see its end. */
		uint8_t *copy = malloc(len ? len : 1);

		assert_non_null(copy);
		memcpy(copy, e.request.data, len);
		give(&e, fresh, copy, len);
		ue_2_fails(&e, "malformed");
		free(copy);
	}
	for (size_t at = 0; at < e.request.len; at++) {
		e.request.data[at] ^= (uint8_t)(1 << at % 8);
		assert_int_not_equal(answer(&e, fresh), KEYING_DONE);
		assert_false(e.b.error.authentic);
		assert_false(lab_has_kd(&e.b.result));
		e.request.data[at] ^= (uint8_t)(1 << at % 8);
	}
	/* None of them was authentic, so nothing is remembered; and it is good indeed. */
	assert_int_equal(mikey_sakke_changes(fresh), 0);
	assert_int_equal(answer(&e, fresh), KEYING_DONE);
	conclude(&e);
	agree(&e);
	over(&e);
	drop(fresh);
}

/* All of it in one run, which none of that ends. */
static void broken_command(void **state)
{
	struct keying_method *fresh = UE_1_ALONE();
	struct embedded e;
	uint8_t *copy;

	(void)state;
	begin(&e, fresh);
	assert_int_equal(answer(&e, ue_2()), KEYING_DONE);
	for (size_t len = 1; len < e.command.len; len++) {
		copy = malloc(len);
		assert_non_null(copy);
		memcpy(copy, e.command.data, len);
		judge(&e, copy, len);
		ue_1_fails(&e, "malformed");
		free(copy);
	}
	for (size_t at = 0; at < e.command.len; at++) {
		e.command.data[at] ^= (uint8_t)(1 << at % 8);
		conclude(&e);
		ue_1_fails(&e, " ");
		e.command.data[at] ^= (uint8_t)(1 << at % 8);
	}
	copy = malloc(e.command.len + 1);
	assert_non_null(copy);
	memcpy(copy, e.command.data, e.command.len);
	copy[e.command.len] = 0;
	judge(&e, copy, e.command.len + 1);
	ue_1_fails(&e, "malformed");
	free(copy);
	judge(&e, NULL, 0);
	ue_1_fails(&e, "no message 2");
	assert_int_equal(mikey_sakke_changes(fresh), 0);
	conclude(&e);
	agree(&e);
	over(&e);
	drop(fresh);
}

/*
 * Somebody forges a command around the true message 2 and is heard first: the message is good in the
 * true command still, though none is opened twice, and in no other run.
 */
static void message_of_a_forged_command(void **state)
{
	struct keying_method *fresh = UE_1_ALONE();
	struct embedded e, other;

	(void)state;
	begin(&e, fresh);
	assert_int_equal(answer(&e, ue_2()), KEYING_DONE);
	conclude(&e);
	agree(&e);
	assert_int_equal(mikey_sakke_changes(fresh), 1);
	conclude(&e);
	agree(&e);
	assert_int_equal(mikey_sakke_changes(fresh), 1);
	/* Known or not, it is of one Nonce_2 and one request. */
	e.nonce_2[0] ^= 1;
	conclude(&e);
	ue_1_fails(&e, "the message was not made for this connection");
	e.nonce_2[0] ^= 1;
	e.request_hash[0] ^= 1;
	conclude(&e);
	ue_1_fails(&e, "the message was not made for this connection");
	e.request_hash[0] ^= 1;
	/* A second answer to one request: UE_2 had forgotten the first. */
	other = e;
	other.command = (struct keying_buffer){ 0 };
	other.b.context.nonce_2[5] ^= 2;
	other.nonce_2[5] ^= 2;
	{
		struct keying_method *forgetful = UE_2_ALONE();

		assert_int_equal(answer(&other, forgetful), KEYING_DONE);
		drop(forgetful);
	}
	conclude(&other);
	agree(&other);
	assert_memory_not_equal(other.a.result.kd, e.b.result.kd, KEYING_KD_LEN);
	free(other.command.data);
	conclude(&e);
	ue_1_fails(&e, "it is a replay");
	over(&e);
	drop(fresh);
}

/* A message that was here is left to an exchange, before it costs anything. */
static void replayed(void **state)
{
	struct keying_method *b = UE_2_ALONE(), *restarted = UE_2_ALONE(), *fresh = UE_2_ALONE();
	struct embedded e;
	uint8_t *saved;
	size_t len;

	(void)state;
	whole(&e, ue_1(), b);
	answer(&e, b);
	ue_2_declines(&e);
	saved = mikey_sakke_save(b, &len);
	assert_non_null(saved);
	assert_int_equal(mikey_sakke_restore(restarted, saved, len, LAB_NOW), 0);
	free(saved);
	answer(&e, restarted);
	ue_2_declines(&e);
	assert_int_equal(mikey_sakke_changes(restarted), 0);
	/* In another run it is no good, whatever is remembered of it: another Nonce_1. */
	e.b.context.nonce_1[0] ^= 0x40;
	answer(&e, fresh);
	ue_2_fails(&e, "the message was not made for this connection");
	e.b.context.nonce_1[0] ^= 0x40;
	/* Late. */
	e.b.context.now = LAB_NOW + 601;
	answer(&e, fresh);
	ue_2_fails(&e, "seconds behind this clock");
	e.b.context.now = LAB_NOW - 601;
	answer(&e, fresh);
	ue_2_fails(&e, "seconds ahead of this clock");
	assert_int_equal(mikey_sakke_changes(fresh), 0);
	e.b.context.now = LAB_NOW + 599;
	assert_int_equal(answer(&e, fresh), KEYING_DONE);
	over(&e);
	drop(b);
	drop(restarted);
	drop(fresh);
}

/* The containers of other places: each is good in one. */
static void out_of_place(void **state)
{
	struct keying_method *ue_3 = DEVICE(.communities = { "ours" }, .keys = { "ue3.11" });
	struct keying_buffer command;
	struct embedded e, other;
	struct lab_run run;

	(void)state;
	whole(&e, ue_1(), ue_2());
	command = e.command;
	e.command = (struct keying_buffer){ 0 };
	run_pair(&run, ue_1(), ue_2());
	agreed(&run);
	/* Message 1 as message 2, sent back to who made it, and the other way round. */
	judge(&e, e.request.data, e.request.len);
	ue_1_fails(&e, "the message was not made for this connection");
	give(&e, ue_2(), run.containers[1].data, run.containers[1].len);
	ue_2_fails(&e, "the message was not made for this connection");
	give(&e, ue_2(), run.containers[2].data, run.containers[2].len);
	ue_2_fails(&e, "the message was not made for this connection");
	give(&e, ue_2(), run.containers[0].data, run.containers[0].len);
	ue_2_fails(&e, "malformed");
	judge(&e, run.containers[2].data, run.containers[2].len);
	ue_1_fails(&e, "the message was not made for this connection");
	/* To UE_1 itself, by its own Layer-2 IDs the other way round. */
	begin(&other, ue_1());
	other.b.context.ue_1_l2_id = other.a.context.ue_1_l2_id;
	strcpy(other.b.context.peer_identity, KMS_UE_1);
	answer(&other, ue_1());
	ue_2_fails(&other, "for an identity that there are no keys of here");
	/* To somebody else, who is at another Layer-2 ID or not. */
	answer(&other, ue_3);
	ue_2_fails(&other, "for an identity that there are no keys of here");
	other.b.context.ue_2_l2_id ^= 1;
	answer(&other, ue_3);
	ue_2_fails(&other, "the message was not made for this connection");
	other.b.context.ue_2_l2_id ^= 1;
	/* By somebody else than the request says. */
	strcpy(other.b.context.peer_identity, "tel:+447700900124");
	answer(&other, ue_2());
	ue_2_fails(&other, "the message is from 'tel:+447700900123', and 'tel:+447700900124' was awaited");
	strcpy(other.b.context.peer_identity, KMS_UE_1);
	/* The command of one request for another. */
	other.b.context.request_hash[7] ^= 1;
	assert_int_equal(answer(&other, ue_2()), KEYING_DONE);
	judge(&other, command.data, command.len);
	ue_1_fails(&other, "the message was not made for this connection");
	over(&other);
	/* In an exchange. */
	{
		struct keying_method *fresh = UE_2_ALONE();
		struct lab_side side = { .context = run.side[KEYING_UE_2].context };
		struct keying_buffer out;

		side.session = fresh->open(fresh, &side.context, &side.error);
		assert_non_null(side.session);
		assert_int_equal(fresh->step(side.session, NULL, 0, &out, &side.result,
					     &side.error), KEYING_SEND);
		free(out.data);
		side.status = fresh->step(side.session, e.request.data, e.request.len, &out,
					  &side.result, &side.error);
		lab_failed(&side, "the message was not made for this connection");
		fresh->close(side.session);
		drop(fresh);
	}
	free(command.data);
	over(&e);
	finish(&run);
	drop(ue_3);
}

/* UE_1 has nothing to offer to that peer. */
static void cannot_call(struct embedded *e, const char *says)
{
	const struct keying_method *a = e->a.method;

	e->a.session = a->open(a, &e->a.context, &e->a.error);
	assert_null(e->a.session);
	lab_contains(e->a.error.text, says);
}

/* A name that no KMS makes keys for: a peer of another method's. */
static void no_keys_for_the_peer(void **state)
{
	static const char *const names[] = { "bob", "tel:0", "urn:prose:\303\274" };
	struct embedded e;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		prepare_at(&e, ue_1(), LAB_NOW);
		strcpy(e.a.context.peer_identity, names[i]);
		cannot_call(&e, "method mikey-sakke has no keys for the peer");
		lab_contains(e.a.error.text, names[i]);
	}
	prepare_at(&e, ue_1(), LAB_NOW);
	memcpy(e.a.context.peer_identity, "urn:prose:", 10);
	memset(e.a.context.peer_identity + 10, 'x', 109);
	cannot_call(&e, "longer than the 118 octets");
}

static void months(void **state)
{
	struct keying_method *a = UE_1_ALONE(), *b = UE_2_ALONE();
	struct keying_method *both_a = UE_1_MONTHS();
	struct keying_method *both_b = UE_2_MONTHS();
	struct embedded e;

	(void)state;
	/* UE_1 has no keys for the month that it is here. */
	prepare_at(&e, a, KMS_BEGIN);
	cannot_call(&e, "there are no keys of tel:+447700900123 for 2026-12, which it is");
	/* UE_2 has none for the month that it is there. */
	begin_at(&e, both_a, KMS_BEGIN);
	e.b.context.now = KMS_BEGIN;
	answer(&e, b);
	ue_2_declines(&e);
	assert_int_equal(mikey_sakke_changes(b), 0);
	over(&e);
	/* Their clocks in two months. */
	for (int late = 0; late < 2; late++) {
		begin_at(&e, both_a, late ? KMS_END : KMS_BEGIN);
		e.b.context.now = late ? KMS_BEGIN : KMS_END;
		answer(&e, both_b);
		conclude(&e);
		agree(&e);
		lab_contains(e.b.result.detail, late ? "2026-11" : "2026-12");
		lab_contains(e.a.result.detail, late ? "2026-12" : "2026-11");
		over(&e);
	}
	drop(a);
	drop(b);
	drop(both_a);
	drop(both_b);
}

static void communities(void **state)
{
	struct keying_method *stranger = STRANGER();
	struct keying_method *guest = GUEST();
	struct keying_method *false_1 = FALSE_1();
	struct keying_method *false_2 = FALSE_2();
	struct embedded e;

	(void)state;
	begin(&e, ue_1());
	/* Not trusted there; trusted, but nothing that UE_2 has keys of. */
	answer(&e, stranger);
	ue_2_declines(&e);
	answer(&e, guest);
	ue_2_declines(&e);
	assert_int_equal(mikey_sakke_changes(stranger) + mikey_sakke_changes(guest), 0);
	/* A KMS with the name of ours: it can neither open what is ours nor sign for our users. */
	answer(&e, false_2);
	ue_2_fails(&e, "the signature of the message is not the initiator's");
	over(&e);
	begin(&e, false_1);
	answer(&e, ue_2());
	ue_2_fails(&e, "the signature of the message is not the initiator's");
	over(&e);
	/* Message 2 by it. */
	begin(&e, false_1);
	assert_int_equal(answer(&e, false_2), KEYING_DONE);
	{
		struct embedded victim;

		begin(&victim, ue_1());
		judge(&victim, e.command.data, e.command.len);
		ue_1_fails(&victim, "the message was not made for this connection");
		over(&victim);
	}
	over(&e);
	drop(stranger);
	drop(guest);
	drop(false_1);
	drop(false_2);
}

static void denied(void **state)
{
	struct keying_method *knows_1, *knows_2;
	struct embedded e;

	(void)state;
	kms_deny(&ours, KMS_UE_1, 2, LAB_NOW, lab_path("no-ue1"));
	kms_deny(&ours, KMS_UE_2, 3, LAB_NOW, lab_path("no-ue2"));
	knows_1 = DEVICE(.communities = { "ours" }, .keys = { "ue1.11" }, .deny = { "no-ue2" });
	knows_2 = DEVICE(.communities = { "ours" }, .keys = { "ue2.11" }, .deny = { "no-ue1" });
	begin(&e, ue_1());
	answer(&e, knows_2);
	ue_2_fails(&e, "KMS kms.example.org has denied tel:+447700900123");
	assert_true(e.b.error.authentic);
	over(&e);
	/* It is not called either. */
	begin_at(&e, knows_1, LAB_NOW);
	ue_1_fails(&e, "KMS kms.example.org has denied urn:prose:ue2");
	assert_null(e.request.data);
	over(&e);
	drop(knows_1);
	drop(knows_2);
}

/*
 * The time of a deny list has ended. That says nothing of users of other communities, and which one the
 * peer is of, an exchange finds out.
 */
static void deny_list_is_over(void **state)
{
	const time_t over_at = LAB_NOW - KMS_DENY_DAYS * LAB_DAY;
	struct keying_method *a, *stranger = STRANGER(), *guest = GUEST();
	struct embedded e;
	struct lab_run run;

	(void)state;
	kms_deny(&ours, NULL, 3, over_at, lab_path("over"));
	kms_deny(&theirs, KMS_UE_2, 3, LAB_NOW, lab_path("no-ue2.theirs"));
	/* Own keys of the other community: then it is as a user of that one that the peer is called. */
	a = DEVICE(.communities = { "ours", "theirs" }, .keys = { "ue1.11", "ue1.theirs" },
		   .deny = { "over" });
	whole(&e, a, stranger);
	lab_contains(e.a.result.detail, "KMS kms.example.net");
	over(&e);
	/* Who is a user of the one whose list it is, is not connected to. */
	begin(&e, a);
	answer(&e, ue_2());
	ue_2_declines(&e);
	over(&e);
	run_pair(&run, a, ue_2());
	lab_failed(&run.side[KEYING_UE_1], "the deny list of KMS kms.example.org was good until ");
	lab_close(&run);
	drop(a);
	/* Nor is called who is on a list. */
	a = DEVICE(.communities = { "ours", "theirs" }, .keys = { "ue1.11", "ue1.theirs" },
		   .deny = { "over", "no-ue2.theirs" });
	begin_at(&e, a, LAB_NOW);
	ue_1_fails(&e, "KMS kms.example.net has denied urn:prose:ue2");
	assert_null(e.request.data);
	over(&e);
	drop(a);
	/* No own keys but of that one: an exchange finds a peer of the other, and judges the right list. */
	a = DEVICE(.communities = { "ours", "theirs" }, .keys = { "ue1.11" }, .deny = { "over" });
	begin_at(&e, a, LAB_NOW);
	assert_int_equal(e.a.status, KEYING_DECLINED);
	lab_contains(e.a.error.text, "the deny list of KMS kms.example.org was good until ");
	assert_null(e.request.data);
	over(&e);
	run_pair(&run, a, guest);
	agreed(&run);
	lab_close(&run);
	run_pair(&run, a, ue_2());
	lab_failed(&run.side[KEYING_UE_1], "the deny list of KMS kms.example.org was good until ");
	lab_close(&run);
	drop(a);
	drop(stranger);
	drop(guest);
}

static void switched_off(void **state)
{
	struct keying_method *off = DEVICE(.communities = { "ours" }, .keys = { "ue1.11" },
					   .exchange_only = true);
	struct lab_run run;

	(void)state;
	assert_null(off->bind);
	assert_true(off->needs_peer);
	assert_non_null(ue_1()->bind);
	run_pair(&run, off, ue_2());
	agreed(&run);
	assert_int_equal(run.n, 3);
	finish(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_containers),
		cmocka_unit_test(reply_is_left_out),
		cmocka_unit_test(bound_to_the_context),
		cmocka_unit_test(kd_is_bound),
		cmocka_unit_test(broken_request),
		cmocka_unit_test(broken_command),
		cmocka_unit_test(message_of_a_forged_command),
		cmocka_unit_test(replayed),
		cmocka_unit_test(out_of_place),
		cmocka_unit_test(no_keys_for_the_peer),
		cmocka_unit_test(months),
		cmocka_unit_test(communities),
		cmocka_unit_test(denied),
		cmocka_unit_test(deny_list_is_over),
		cmocka_unit_test(switched_off),
	};

	return cmocka_run_group_tests_name("keying_mikey_embedded", tests, setup, teardown);
}
