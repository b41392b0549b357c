// SPDX-License-Identifier: MIT
/*
 * Keying method mikey-sakke: agreement, what it is bound to, each container broken, replayed into
 * another run, sent back and exchanged, months and clocks, communities, and files that are wrong.
 */
#include "mikey_sakke_lab.h"

static void ue_2_refuses(const struct lab_run *run, const char *says)
{
	lab_failed(&run->side[KEYING_UE_2], says);
	assert_int_equal(run->n, 2);
	assert_int_equal(run->side[KEYING_UE_1].status, KEYING_SEND);
}

static void ue_1_refuses(const struct lab_run *run, unsigned int containers, const char *says)
{
	lab_failed(&run->side[KEYING_UE_1], says);
	assert_int_equal(run->n, containers);
}

static void three_containers(void **state)
{
	struct lab_run run;

	(void)state;
	run_pair(&run, UE_1_ALONE(), UE_2_ALONE());
	assert_string_equal(warnings, "");
	agreed(&run);
	assert_int_equal(run.n, 3);
	assert_int_equal(run.side[0].method->containers, 3);
	assert_int_equal(run.side[0].method->id, KEYING_MIKEY_SAKKE);
	assert_string_equal(mikey_sakke_identity(run.side[0].method), KMS_UE_1);
	lab_contains(run.side[0].result.detail, "MIKEY-SAKKE, 2026-11, KMS kms.example.org");
	assert_string_equal(run.side[0].result.detail, run.side[1].result.detail);
	print_message("octets: %zu %zu %zu\n", run.containers[0].len, run.containers[1].len,
		      run.containers[2].len);
	finish(&run);
}

/* Message 2 is left out only when both ends can do without. */
static void reply_is_left_out(void **state)
{
	(void)state;
	for (int optional = 0; optional < 4; optional++) {
		struct lab_run run;

		run_pair(&run,
			 DEVICE(.communities = { "ours" }, .keys = { "ue1.11" },
				.optional = optional & 1),
			 DEVICE(.communities = { "ours" }, .keys = { "ue2.11" },
				.optional = optional & 2));
		agreed(&run);
		assert_int_equal(run.n, optional == 3 ? 2 : 3);
		finish(&run);
	}
}

/* The same ends have another KD each time, and roles may be changed. */
static void runs_differ(void **state)
{
	struct keying_method *a = ue_1(), *b = ue_2();
	struct lab_run first, second, third;

	(void)state;
	run_pair(&first, a, b);
	agreed(&first);
	run_pair(&second, a, b);
	agreed(&second);
	assert_memory_not_equal(first.side[0].result.kd, second.side[0].result.kd,
				KEYING_KD_LEN);
	lab_run_init(&third, b, a);
	strcpy(third.side[KEYING_UE_1].context.peer_identity, KMS_UE_1);
	lab_run(&third);
	assert_int_equal(third.side[0].status, KEYING_DONE);
	assert_int_equal(third.side[1].status, KEYING_DONE);
	assert_true(lab_same_kd(&third));
	assert_string_equal(third.side[KEYING_UE_2].result.peer_identity, KMS_UE_2);
	lab_close(&first);
	lab_close(&second);
	finish(&third);
}

/* A message is refused where anything that the run is bound to is seen differently. */
static void bound_to_the_context(void **state)
{
	struct keying_method *a = ue_1(), *b = ue_2();

	(void)state;
	for (int i = 0; i < 2 * LAB_DIFFERENCES; i++) {
		struct lab_run run;

		prepare(&run, a, b);
		lab_differ(&run.side[i & 1].context, (enum lab_difference)(i >> 1));
		lab_run(&run);
		ue_2_refuses(&run, "the message was not made for this connection");
		lab_close(&run);
	}
	drop(a);
	drop(b);
}

static void names_of_peers(void **state)
{
	struct keying_method *a = ue_1(), *b = ue_2();
	struct keying_error error = { 0 };
	struct keying_context context;
	struct lab_run run;

	(void)state;
	/* UE_1 has to know whom it calls. */
	lab_context(&context, KEYING_UE_1);
	assert_null(a->open(a, &context, &error));
	assert_int_equal(error.cause, 2);
	lab_contains(error.text, "needs the identity of the peer");
	memset(context.peer_identity, 'a', MIKEY_URI_MAX + 1);
	assert_null(a->open(a, &context, &error));
	lab_contains(error.text, "longer than the 118 octets");
	strcpy(context.peer_identity, "UE two");
	assert_null(a->open(a, &context, &error));
	lab_contains(error.text, "'UE two' ");
	/* UE_2 need not know who calls, and then takes whom it trusts. */
	prepare(&run, a, b);
	run.side[KEYING_UE_2].context.peer_identity[0] = '\0';
	lab_run(&run);
	agreed(&run);
	lab_close(&run);
	prepare(&run, a, b);
	strcpy(run.side[KEYING_UE_2].context.peer_identity, "tel:+447700900124");
	lab_run(&run);
	ue_2_refuses(&run, "the message is from 'tel:+447700900123', and 'tel:+447700900124' was awaited");
	lab_close(&run);
	/* Someone else than was called. */
	prepare(&run, a, b);
	strcpy(run.side[KEYING_UE_1].context.peer_identity, "urn:prose:ue3");
	lab_run(&run);
	ue_2_refuses(&run, "for an identity that there are no keys of here");
	lab_close(&run);
	/* Oneself. */
	lab_run_init(&run, a, a);
	strcpy(run.side[KEYING_UE_1].context.peer_identity, KMS_UE_1);
	lab_run(&run);
	ue_2_refuses(&run, "the message is one of this UE itself");
	lab_close(&run);
	drop(a);
	drop(b);
}

static void cut(struct lab_run *run, unsigned int index, struct keying_buffer *container)
{
	if (index == run->meddle_index)
		container->len = run->meddle_at;
}

static void flip(struct lab_run *run, unsigned int index, struct keying_buffer *container)
{
	if (index == run->meddle_index)
		container->data[run->meddle_at / 8] ^= (uint8_t)(1 << run->meddle_at % 8);
}

/* One octet more behind the end. */
static void extend(struct lab_run *run, unsigned int index, struct keying_buffer *container)
{
	if (index != run->meddle_index)
		return;
	container->data = realloc(container->data, container->len + 1);
	assert_non_null(container->data);
	container->data[container->len++] = 0;
}

/* Whoever is given the container, or, with a hello that will do, what is made for it, refuses. */
static void broken(struct keying_method *a, struct keying_method *b, unsigned int index, size_t at,
		   void (*meddle)(struct lab_run *run, unsigned int i, struct keying_buffer *c))
{
	const struct lab_side *side;
	struct lab_run run;

	prepare(&run, a, b);
	run.meddle = meddle;
	run.meddle_index = index;
	run.meddle_at = at;
	lab_run(&run);
	side = &run.side[index == 1 ? KEYING_UE_2 : KEYING_UE_1];
	if (index == 0 && side->status == KEYING_SEND)
		side = &run.side[KEYING_UE_2];
	lab_failed(side, " ");
	assert_false(lab_has_kd(&run.side[KEYING_UE_1].result));
	lab_close(&run);
}

static void broken_hello(void **state)
{
	struct keying_method *a = ue_1(), *b = ue_2();

	(void)state;
	for (size_t at = 0; at < 12; at++)
		broken(a, b, 0, at, cut);
	/* The first three octets have a meaning for each bit. */
	for (size_t at = 0; at < 12 * 8; at += at < 3 * 8 ? 1 : 9)
		broken(a, b, 0, at, flip);
	broken(a, b, 0, 0, extend);
	drop(a);
	drop(b);
}

/* Message 1 for a UE_2 that has never seen it, in the same context. */
static enum keying_status give(struct keying_method *b, const uint8_t *data, size_t len,
			       struct lab_side *side)
{
	struct keying_buffer out;

	*side = (struct lab_side){ .method = b };
	lab_context(&side->context, KEYING_UE_2);
	strcpy(side->context.peer_identity, KMS_UE_1);
	side->session = b->open(b, &side->context, &side->error);
	assert_non_null(side->session);
	assert_int_equal(b->step(side->session, NULL, 0, &out, &side->result, &side->error),
			 KEYING_SEND);
	free(out.data);
	side->status = b->step(side->session, data, len, &out, &side->result, &side->error);
	assert_int_equal(!out.data, side->status == KEYING_FAILED);
	free(out.data);
	b->close(side->session);
	return side->status;
}

/* At each octet, and one bit of each. */
static void broken_message_1(void **state)
{
	struct keying_method *fresh = UE_2_ALONE();
	struct keying_buffer *message;
	struct lab_run whole;
	struct lab_side side;
	uint8_t *copy;

	(void)state;
	run_pair(&whole, ue_1(), ue_2());
	agreed(&whole);
	message = &whole.containers[1];
	for (size_t len = 0; len < message->len; len++) {
		/* Of its own, for the address sanitizer to see its end. */
		copy = malloc(len ? len : 1);
		assert_non_null(copy);
		memcpy(copy, message->data, len);
		give(fresh, copy, len, &side);
		lab_failed(&side, "malformed");
		free(copy);
	}
	for (size_t at = 0; at < message->len; at++) {
		message->data[at] ^= (uint8_t)(1 << at % 8);
		give(fresh, message->data, message->len, &side);
		lab_failed(&side, " ");
		message->data[at] ^= (uint8_t)(1 << at % 8);
	}
	/* None of them was authentic, so nothing is remembered; and it is good indeed. */
	assert_int_equal(mikey_sakke_changes(fresh), 0);
	assert_int_equal(give(fresh, message->data, message->len, &side), KEYING_DONE);
	assert_int_equal(mikey_sakke_changes(fresh), 1);
	drop(fresh);
	finish(&whole);
}

/* Bound to message 1, so that each has to be made anew: some octets of all its parts. */
static void broken_message_2(void **state)
{
	struct keying_method *a = ue_1(), *b = ue_2();
	struct lab_run whole;
	size_t len;

	(void)state;
	run_pair(&whole, a, b);
	agreed(&whole);
	len = whole.containers[2].len;
	for (size_t at = 0; at < len; at += 140)
		broken(a, b, 2, at, cut);
	for (size_t at = 3; at < 8 * len; at += 509)
		broken(a, b, 2, at, flip);
	broken(a, b, 2, 0, extend);
	finish(&whole);
}

/* What is put in the place of a container. */
static const struct keying_buffer *stored;

static void exchange(struct lab_run *run, unsigned int index, struct keying_buffer *container)
{
	if (index != run->meddle_index)
		return;
	free(container->data);
	container->data = malloc(stored->len);
	assert_non_null(container->data);
	memcpy(container->data, stored->data, stored->len);
	container->len = stored->len;
}

static void with_stored(struct lab_run *run, const struct keying_method *a,
			const struct keying_method *b, unsigned int index,
			const struct keying_buffer *container)
{
	prepare(run, a, b);
	run->meddle = exchange;
	run->meddle_index = index;
	stored = container;
	run->side[0].context.nonce_1[0] ^= 0x40;
	run->side[1].context.nonce_1[0] ^= 0x40;
	lab_run(run);
}

/* Containers of one run in another: the nonces differ. */
static void replayed_into_another_run(void **state)
{
	struct keying_method *a = ue_1(), *b = ue_2(), *fresh = UE_2_ALONE();
	struct lab_run first, run;

	(void)state;
	run_pair(&first, a, b);
	agreed(&first);
	with_stored(&run, a, b, 1, &first.containers[1]);
	ue_2_refuses(&run, "the message was not made for this connection");
	lab_close(&run);
	/* Nor where nothing is remembered of it. */
	with_stored(&run, a, fresh, 1, &first.containers[1]);
	ue_2_refuses(&run, "the message was not made for this connection");
	lab_close(&run);
	with_stored(&run, a, b, 2, &first.containers[2]);
	ue_1_refuses(&run, 3, "the message was not made for this connection");
	lab_close(&run);
	/* The first one as the second, which is its reflection to UE_1, and another hello. */
	with_stored(&run, a, b, 2, &first.containers[1]);
	ue_1_refuses(&run, 3, "the message was not made for this connection");
	lab_close(&run);
	with_stored(&run, a, b, 1, &first.containers[2]);
	ue_2_refuses(&run, "the message was not made for this connection");
	lab_close(&run);
	with_stored(&run, a, b, 1, &first.containers[0]);
	ue_2_refuses(&run, "the message is malformed");
	lab_close(&run);
	with_stored(&run, a, b, 0, &first.containers[1]);
	ue_1_refuses(&run, 1, "the peer's hello is malformed");
	lab_close(&run);
	drop(fresh);
	finish(&first);
}

static void reflect(struct lab_run *run, unsigned int index, struct keying_buffer *container)
{
	if (index != 2)
		return;
	free(container->data);
	*container = (struct keying_buffer){ malloc(run->containers[1].len),
					     run->containers[1].len };
	assert_non_null(container->data);
	memcpy(container->data, run->containers[1].data, container->len);
}

static void reflected(void **state)
{
	struct lab_run run;

	(void)state;
	prepare(&run, ue_1(), ue_2());
	run.meddle = reflect;
	lab_run(&run);
	ue_1_refuses(&run, 3, "the message was not made for this connection");
	finish(&run);
}

/* Two runs with all the same but what is random in messages: the replay cache is what is left. */
static void replayed_into_the_same_run(void **state)
{
	struct keying_method *a = ue_1(), *b = UE_2_ALONE();
	struct keying_method *again = DEVICE(.communities = { "ours" }, .keys = { "ue2.11" },
					     .before = b);
	struct lab_run first, run;

	(void)state;
	run_pair(&first, a, b);
	agreed(&first);
	prepare(&run, a, b);
	run.meddle = exchange;
	run.meddle_index = 1;
	stored = &first.containers[1];
	lab_run(&run);
	ue_2_refuses(&run, "it is a replay");
	lab_close(&run);
	/* The configuration read again in between. */
	drop(b);
	first.side[1].method = again;
	prepare(&run, a, again);
	run.meddle = exchange;
	run.meddle_index = 1;
	lab_run(&run);
	ue_2_refuses(&run, "it is a replay");
	lab_close(&run);
	finish(&first);
}

static void remembers_over_a_restart(void **state)
{
	struct keying_method *a = UE_1_ALONE(), *b = UE_2_ALONE();
	struct keying_method *restarted = UE_2_ALONE(), *damaged = UE_2_ALONE();
	struct lab_run first, run;
	uint8_t *saved;
	size_t len;

	(void)state;
	run_pair(&first, a, b);
	agreed(&first);
	assert_int_equal(mikey_sakke_changes(b), 1);
	saved = mikey_sakke_save(b, &len);
	assert_non_null(saved);
	assert_int_equal(mikey_sakke_changes(b), 1);
	mikey_sakke_saved(b);
	assert_int_equal(mikey_sakke_changes(b), 0);
	assert_int_equal(mikey_sakke_restore(restarted, saved, len, LAB_NOW), 0);
	prepare(&run, a, restarted);
	run.meddle = exchange;
	run.meddle_index = 1;
	stored = &first.containers[1];
	lab_run(&run);
	ue_2_refuses(&run, "it is a replay");
	lab_close(&run);
	run_pair(&run, a, restarted);
	agreed(&run);
	lab_close(&run);
	/* What cannot be read may have said anything. */
	assert_int_equal(mikey_sakke_restore(damaged, saved, len - 1, LAB_NOW), -1);
	assert_int_equal(mikey_sakke_changes(damaged), 1);
	run_pair(&run, a, damaged);
	ue_2_refuses(&run, "older than what is remembered");
	lab_close(&run);
	prepare(&run, a, damaged);
	run.side[0].context.now = run.side[1].context.now = LAB_NOW + 601;
	lab_run(&run);
	agreed(&run);
	lab_close(&run);
	free(saved);
	drop(restarted);
	drop(damaged);
	finish(&first);
}

static void clocks(void **state)
{
	static const struct {
		int ahead;	/* UE_1, seconds */
		const char *says;
	} clocks[] = {
		/* There are fractions of a second as well. */
		{ -599, NULL }, { 599, NULL },
		{ -601, "the timestamp is 601 seconds behind this clock" },
		{ 601, "the timestamp is 601 seconds ahead of this clock" },
	};
	struct keying_method *a = ue_1(), *b = ue_2();

	(void)state;
	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		struct lab_run run;

		prepare(&run, a, b);
		run.side[KEYING_UE_1].context.now += clocks[i].ahead;
		lab_run(&run);
		if (clocks[i].says)
			ue_2_refuses(&run, clocks[i].says);
		else
			agreed(&run);
		lab_close(&run);
	}
	drop(a);
	drop(b);
}

/* UE_1 at @at_1, UE_2 at @at_2. */
static void run_at(struct lab_run *run, struct keying_method *a, struct keying_method *b,
		   time_t at_1, time_t at_2)
{
	prepare(run, a, b);
	run->side[KEYING_UE_1].context.now = at_1;
	run->side[KEYING_UE_2].context.now = at_2;
	lab_run(run);
}

static void months(void **state)
{
	struct keying_method *a = UE_1_ALONE(), *b = UE_2_ALONE();
	struct keying_method *both_a = UE_1_MONTHS();
	struct keying_method *both_b = UE_2_MONTHS();
	struct lab_run run;

	(void)state;
	/* Their clocks in two months: each message is of that of its sender. */
	run_at(&run, both_a, both_b, KMS_END, KMS_BEGIN);
	agreed(&run);
	lab_contains(run.side[KEYING_UE_2].result.detail, "2026-11");
	lab_contains(run.side[KEYING_UE_1].result.detail, "2026-12");
	lab_close(&run);
	run_at(&run, both_a, both_b, KMS_BEGIN, KMS_END);
	agreed(&run);
	lab_close(&run);
	run_at(&run, both_a, both_b, KMS_BEGIN, KMS_BEGIN);
	agreed(&run);
	lab_close(&run);
	/* The last minute with the keys of that month, and no more after it. */
	run_at(&run, a, b, KMS_END, KMS_END);
	agreed(&run);
	lab_close(&run);
	run_at(&run, a, both_b, KMS_BEGIN, KMS_BEGIN);
	ue_1_refuses(&run, 1, "there are no keys of tel:+447700900123 for 2026-12, which it is");
	lab_close(&run);
	run_at(&run, both_a, b, KMS_BEGIN, KMS_BEGIN);
	ue_2_refuses(&run, "needs keys of 2026-12, which KMS kms.example.org has not given yet or are gone");
	lab_close(&run);
	/* A message of November comes late. */
	run_at(&run, a, b, KMS_END, KMS_BEGIN);
	lab_failed(&run.side[KEYING_UE_2], "there are no keys of urn:prose:ue2 for 2026-12");
	lab_close(&run);
	/* On the third day UE_2 has no keys that are in use, and says so in its hello. */
	run_at(&run, both_a, b, KMS_BEGIN + 2 * LAB_DAY, KMS_BEGIN + 2 * LAB_DAY);
	ue_1_refuses(&run, 1, "the peer has keys for the time it is of none of the communities");
	lab_close(&run);
	drop(a);
	drop(b);
	drop(both_a);
	drop(both_b);
}

static void communities(void **state)
{
	struct keying_method *a = ue_1(), *b = ue_2();
	struct keying_method *stranger = STRANGER();
	struct keying_method *guest = GUEST();
	struct keying_method *host = DEVICE(.communities = { "ours", "theirs" },
					    .keys = { "ue1.11" });
	struct lab_run run;

	(void)state;
	run_pair(&run, a, stranger);
	ue_1_refuses(&run, 1, "the peer trusts none of the communities that this UE has keys of");
	lab_close(&run);
	run_pair(&run, a, guest);
	ue_1_refuses(&run, 1, "of none of the communities that are trusted here");
	lab_close(&run);
	/* Users of two communities, each of which trusts both. */
	run_pair(&run, host, guest);
	agreed(&run);
	lab_contains(run.side[KEYING_UE_1].result.detail, "KMS kms.example.net");
	lab_contains(run.side[KEYING_UE_2].result.detail, "KMS kms.example.org");
	lab_close(&run);
	drop(a);
	drop(b);
	drop(stranger);
	drop(guest);
	drop(host);
}

/* Puts UE_1's hello into the form that it believes the peer to be of its own community. */
static uint8_t false_hello[12];

static void lie(struct lab_run *run, unsigned int index, struct keying_buffer *container)
{
	(void)run;
	if (index || !container->len)
		return;
	free(container->data);
	container->data = malloc(sizeof(false_hello));
	assert_non_null(container->data);
	memcpy(container->data, false_hello, sizeof(false_hello));
	container->len = sizeof(false_hello);
}

/* An attacker whose KMS has the name of ours, and keys of whomever it likes. */
static void false_kms(void **state)
{
	struct keying_method *a = ue_1(), *b = ue_2();
	struct keying_method *false_1 = FALSE_1();
	struct keying_method *false_2 = FALSE_2();
	struct lab_run true_run, run;

	(void)state;
	run_pair(&true_run, a, b);
	/* As UE_1, that will believe any hello. */
	run_pair(&run, a, false_2);
	ue_1_refuses(&run, 1, "the peer trusts none of the communities");
	lab_close(&run);
	/* As UE_2, with our hello: it cannot open what was made for the true UE_2. */
	prepare(&run, a, false_2);
	memcpy(false_hello, true_run.containers[0].data, true_run.containers[0].len);
	run.meddle = lie;
	lab_run(&run);
	assert_int_equal(run.side[KEYING_UE_2].status, KEYING_FAILED);
	assert_int_equal(run.side[KEYING_UE_1].status, KEYING_SEND);
	lab_close(&run);
	/* As UE_1: its own KMS's keys are what it signs with. */
	run_pair(&run, false_1, false_2);
	agreed(&run);
	memcpy(false_hello, run.containers[0].data, run.containers[0].len);
	lab_close(&run);
	prepare(&run, false_1, b);
	run.meddle = lie;
	lab_run(&run);
	lab_failed(&run.side[KEYING_UE_2], "not made for this connection");
	lab_close(&run);
	drop(false_1);
	drop(false_2);
	finish(&true_run);
}

static void judges_evidence(void **state)
{
	struct keying_method *a = ue_1(), *b = ue_2();
	struct keying_method *stranger = STRANGER();
	struct keying_method *renamed = FALSE_1();
	struct keying_error error = { 0 };
	struct keying_result *result;
	struct lab_run run;

	(void)state;
	run_pair(&run, a, b);
	agreed(&run);
	result = &run.side[KEYING_UE_1].result;
	assert_true(result->evidence_len);
#define RECHECK(judge, len, now) \
	(judge)->recheck(judge, result->evidence, len, now, &error)
	assert_int_equal(RECHECK(a, result->evidence_len, LAB_NOW), 0);
	/* RFC 6509 3.3: on the first two days of the next month, and not on the third. */
	assert_int_equal(RECHECK(a, result->evidence_len, KMS_BEGIN + LAB_DAY), 0);
	assert_int_equal(RECHECK(a, result->evidence_len, KMS_BEGIN + 2 * LAB_DAY), -1);
	assert_int_equal(error.cause, 2);
	lab_contains(error.text, "keys of urn:prose:ue2 for 2026-11, which are not in use now");
	assert_int_equal(RECHECK(stranger, result->evidence_len, LAB_NOW), -1);
	lab_contains(error.text, "urn:prose:ue2 is a user of is not trusted any more");
	assert_int_equal(RECHECK(renamed, result->evidence_len, LAB_NOW), -1);
	for (size_t len = 0; len <= 36; len++)
		assert_int_equal(RECHECK(a, len, LAB_NOW), -1);
	result->evidence[0]++;
	assert_int_equal(RECHECK(a, result->evidence_len, LAB_NOW), -1);
	lab_contains(error.text, "nothing tells");
	drop(stranger);
	drop(renamed);
	finish(&run);
}

/* By its own KMS, and with any keys of it. */
static void denied(void **state)
{
	struct keying_method *a = ue_1(), *b = ue_2(), *knows_1, *knows_2, *later;
	struct keying_error error = { 0 };
	struct keying_result result;
	struct lab_run run;

	(void)state;
	kms_deny(&ours, KMS_UE_1, 2, LAB_NOW, lab_path("no-ue1"));
	kms_deny(&ours, KMS_UE_2, 3, LAB_NOW, lab_path("no-ue2"));
	kms_deny(&ours, NULL, 1, LAB_NOW, lab_path("nobody"));
	kms_deny(&theirs, KMS_UE_1, 1, LAB_NOW, lab_path("their-no-ue1"));
	kms_deny(&fake, KMS_UE_1, 9, LAB_NOW, lab_path("fake-no-ue1"));
	run_pair(&run, a, b);
	agreed(&run);
	result = run.side[KEYING_UE_2].result;
	lab_close(&run);

	knows_2 = DEVICE(.communities = { "ours", "theirs" }, .keys = { "ue2.11" },
			 .deny = { "no-ue1", "their-no-ue1" });
	run_pair(&run, a, knows_2);
	ue_2_refuses(&run, "KMS kms.example.org has denied tel:+447700900123");
	lab_close(&run);
	assert_int_equal(b->recheck(b, result.evidence, result.evidence_len, LAB_NOW, &error), 0);
	assert_int_equal(knows_2->recheck(knows_2, result.evidence, result.evidence_len, LAB_NOW,
					  &error), -1);
	lab_contains(error.text, "KMS kms.example.org has denied tel:+447700900123");
	/* It is not called either. */
	knows_1 = DEVICE(.communities = { "ours" }, .keys = { "ue1.11" }, .deny = { "no-ue2" });
	run_pair(&run, knows_1, b);
	ue_1_refuses(&run, 1, "KMS kms.example.org has denied urn:prose:ue2");
	lab_close(&run);
	/* Another KMS has no say in it. */
	later = DEVICE(.communities = { "ours", "theirs" }, .keys = { "ue2.11" },
		       .deny = { "their-no-ue1" });
	run_pair(&run, a, later);
	agreed(&run);
	lab_close(&run);
	drop(later);
	/* A newer list may take its place, an older one may not. */
	later = DEVICE(.communities = { "ours" }, .keys = { "ue2.11" }, .deny = { "no-ue2" },
		       .before = knows_2);
	lab_contains(warnings, "has denied urn:prose:ue2, which is this UE");
	run_pair(&run, a, later);
	agreed(&run);
	lab_close(&run);
	drop(later);
	assert_null(try_device(&(struct device){ .communities = { "ours" }, .keys = { "ue2.11" },
						 .deny = { "nobody" }, .before = knows_2 }));
	lab_contains(why, "nobody: is older (number 1) than the deny list of KMS kms.example.org that was in use here (number 3)");
	assert_null(try_device(&(struct device){ .communities = { "ours" }, .keys = { "ue2.11" },
						 .deny = { "fake-no-ue1" } }));
	lab_contains(why, "its signature is not that of KMS kms.example.org");
	assert_null(try_device(&(struct device){ .communities = { "ours" }, .keys = { "ue2.11" },
						 .deny = { "their-no-ue1" } }));
	lab_contains(why, "of a KMS that is not trusted here");
	drop(a);
	drop(b);
	drop(knows_1);
	drop(knows_2);
}

/* A list that should have been followed by another one does not tell who is let in. */
static void deny_list_ends(void **state)
{
	const time_t end = LAB_NOW + KMS_DENY_DAYS * LAB_DAY;
	struct keying_method *a = ue_1(), *b = ue_2(), *knows;
	struct keying_error error = { 0 };
	struct keying_result result;
	struct lab_run run;

	(void)state;
	kms_deny(&ours, NULL, 1, LAB_NOW, lab_path("nobody"));
	kms_deny(&ours, NULL, 2, LAB_NOW - KMS_DENY_DAYS * LAB_DAY + 1, lab_path("good"));
	kms_deny(&ours, NULL, 2, LAB_NOW - (KMS_DENY_DAYS - 2) * LAB_DAY + 1, lab_path("some-days"));
	kms_deny(&ours, NULL, 3, LAB_NOW - KMS_DENY_DAYS * LAB_DAY, lab_path("over"));
	run_pair(&run, a, b);
	agreed(&run);
	result = run.side[KEYING_UE_2].result;
	lab_close(&run);
	/* Until then, and not from then on. */
	drop(DEVICE(.communities = { "ours" }, .keys = { "ue2.11" }, .deny = { "some-days" }));
	assert_string_equal(warnings, "");
	knows = DEVICE(.communities = { "ours" }, .keys = { "ue2.11" }, .deny = { "good" });
	lab_contains(warnings, "the deny list of KMS kms.example.org is good until 2026-11-28T12:00:01Z only");
	run_pair(&run, a, knows);
	agreed(&run);
	lab_close(&run);
	drop(knows);
	knows = DEVICE(.communities = { "ours" }, .keys = { "ue2.11" }, .deny = { "over" });
	lab_contains(warnings, "the deny list of KMS kms.example.org was good until ");
	run_pair(&run, a, knows);
	ue_2_refuses(&run, "whether tel:+447700900123 is on the next one is not known; get that");
	lab_close(&run);
	drop(knows);
	/* It is not called either. */
	knows = DEVICE(.communities = { "ours" }, .keys = { "ue1.11" }, .deny = { "over" });
	run_pair(&run, knows, b);
	ue_1_refuses(&run, 1, "the deny list of KMS kms.example.org was good until ");
	lab_close(&run);
	drop(knows);
	/* What was agreed on is judged by it too, also when the list ends later. */
	knows = DEVICE(.communities = { "ours" }, .keys = { "ue2.11" }, .deny = { "nobody" });
	assert_int_equal(knows->recheck(knows, result.evidence, result.evidence_len, LAB_NOW,
					&error), 0);
	assert_int_equal(knows->recheck(knows, result.evidence, result.evidence_len, end, &error),
			 -1);
	lab_contains(error.text, "the deny list of KMS kms.example.org was good until ");
	drop(knows);
	drop(a);
	drop(b);
}

/* What a method has seen, in a file for the next run. */
static void keep_seen(const struct keying_method *of, const char *path)
{
	char *text = mikey_sakke_seen(of);

	assert_non_null(text);
	lab_write(path, text, 0600);
	free(text);
}

static void older_list(const char *seen, const char *deny)
{
	assert_null(try_device(&(struct device){ .communities = { "ours" }, .keys = { "ue2.11" },
						 .deny = { deny }, .seen = seen }));
	lab_contains(why, "is older (number ");
}

/* Which lists were in use is known after a restart, and when there was none for a while. */
static void deny_lists_seen(void **state)
{
	static const char *const damaged[] = {
		"", "{}", "[]", "{\"seen\":2,\"lists\":[]}", "{\"seen\":1,\"lists\":{}}",
		"{\"seen\":1,\"lists\":[{}]}", "{\"seen\":1,\"lists\":[],\"more\":1}",
		"{\"seen\":1,\"lists\":[{\"kms\":\"k\",\"fingerprint\":\"00\",\"number\":1,\"issued\":1}]}",
	};
	struct keying_method *first, *bare, *next;

	(void)state;
	kms_deny(&ours, NULL, 5, LAB_NOW, lab_path("five"));
	kms_deny(&ours, NULL, 5, LAB_NOW - 1, lab_path("five-before"));
	kms_deny(&ours, NULL, 5, LAB_NOW + 1, lab_path("five-after"));
	kms_deny(&ours, NULL, 4, LAB_NOW + 9, lab_path("four"));
	kms_deny(&ours, NULL, 6, LAB_NOW - 9, lab_path("six"));
	kms_deny(&theirs, NULL, 1, LAB_NOW, lab_path("their-one"));
	kms_deny(&fake, NULL, 1, LAB_NOW, lab_path("fake-one"));
	/* No file is none seen; a list of another community has numbers of its own. */
	first = DEVICE(.communities = { "ours", "theirs" }, .keys = { "ue2.11" },
		       .deny = { "five", "their-one" }, .seen = "no-file");
	assert_string_equal(warnings, "");
	keep_seen(first, lab_path("seen"));
	older_list("seen", "four");
	older_list("seen", "five-before");
	drop(DEVICE(.communities = { "ours" }, .keys = { "ue2.11" }, .deny = { "five" }, .seen = "seen"));
	drop(DEVICE(.communities = { "ours" }, .keys = { "ue2.11" }, .deny = { "five-after" },
		    .seen = "seen"));
	next = DEVICE(.communities = { "ours" }, .keys = { "ue2.11" }, .deny = { "six" }, .seen = "seen");
	keep_seen(next, lab_path("seen"));
	drop(next);
	older_list("seen", "five-after");
	/* One that has the name of the KMS alone is another. */
	drop(DEVICE(.communities = { "fake" }, .keys = { "ue2.fake" }, .deny = { "fake-one" },
		    .seen = "seen"));
	/* With none in between, which is warned of. */
	bare = DEVICE(.communities = { "ours" }, .keys = { "ue2.11" }, .before = first);
	lab_contains(warnings, "a deny list of KMS kms.example.org was in use here, and there is none now");
	assert_null(try_device(&(struct device){ .communities = { "ours" }, .keys = { "ue2.11" },
						 .deny = { "four" }, .before = bare }));
	lab_contains(why, "is older (number 4) than");
	/* What was refused has not been in use. */
	assert_null(try_device(&(struct device){ .communities = { "ours" }, .keys = { "ue2.11" },
						 .deny = { "six", "six" }, .before = bare }));
	/* Nor what was good and was not taken, since something else was wrong. */
	next = try_device(&(struct device){ .communities = { "ours" }, .keys = { "ue2.11" },
					    .deny = { "six" }, .before = bare });
	assert_non_null(next);
	drop(next);
	next = DEVICE(.communities = { "ours" }, .keys = { "ue2.11" }, .deny = { "five" }, .before = bare);
	drop(next);
	drop(bare);
	drop(first);
	for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++) {
		lab_write(lab_path("seen"), damaged[i], 0600);
		assert_null(try_device(&(struct device){ .communities = { "ours" },
				       .keys = { "ue2.11" }, .deny = { "five" }, .seen = "seen" }));
		lab_contains(why, "seen: is damaged, and tells no more which deny lists were in use");
	}
}

static void bad_device(const struct device *device, const char *says)
{
	assert_null(try_device(device));
	lab_contains(why, says);
}

#define BAD(says, ...)	bad_device(&(struct device){ __VA_ARGS__ }, says)

static void refuses_bad_files(void **state)
{
	(void)state;
	BAD("there are no keys; name a file that prose-kms extract has made", .communities = { "ours" });
	BAD("none: ", .communities = { "none" }, .keys = { "ue1.11" });
	BAD("none: ", .communities = { "ours" }, .keys = { "none" });
	BAD("has public parameters only, and no keys", .communities = { "ours" }, .keys = { "ours" });
	BAD("other public parameters than the one trusted here", .communities = { "fake" }, .keys = { "ue1.11" });
	BAD("KMS kms.example.net, which is not trusted here", .communities = { "ours" },
	    .keys = { "ue2.theirs" });
	BAD("KMS kms.example.org is trusted already, with other parameters",
	    .communities = { "ours", "fake" }, .keys = { "ue1.11" });
	BAD("a UE has one identity", .communities = { "ours" }, .keys = { "ue1.11", "ue2.11" });
	BAD("has keys of KMS kms.example.org for 2026-11, and there are such already",
	    .communities = { "ours" }, .keys = { "ue1.11", "ue1.11" });
	assert_int_equal(chmod(lab_path("ue3.11"), 0640), 0);
	BAD("run chmod 600", .communities = { "ours" }, .keys = { "ue3.11" });
	assert_int_equal(chmod(lab_path("ue3.11"), 0600), 0);
	/* Keys of another month work, but nobody can be connected to. */
	drop(DEVICE(.communities = { "ours" }, .keys = { "ue1.12" }));
	lab_contains(warnings, "there are no keys of tel:+447700900123 for 2026-11, which it is");
	/* Those of the next one are missed from two days before it on. */
	drop(DEVICE(.communities = { "ours" }, .keys = { "ue1.11" }, .now = LAB_NOW + LAB_DAY / 2 - 1));
	assert_string_equal(warnings, "");
	drop(DEVICE(.communities = { "ours" }, .keys = { "ue1.11" }, .now = LAB_NOW + LAB_DAY / 2));
	lab_contains(warnings, "there are no keys of tel:+447700900123 for 2026-12, which begins on its 1st");
	drop(DEVICE(.communities = { "ours" }, .keys = { "ue1.11", "ue1.12" }, .now = LAB_NOW + LAB_DAY));
	assert_string_equal(warnings, "");
	mikey_sakke_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_containers),
		cmocka_unit_test(reply_is_left_out),
		cmocka_unit_test(runs_differ),
		cmocka_unit_test(bound_to_the_context),
		cmocka_unit_test(names_of_peers),
		cmocka_unit_test(broken_hello),
		cmocka_unit_test(broken_message_1),
		cmocka_unit_test(broken_message_2),
		cmocka_unit_test(replayed_into_another_run),
		cmocka_unit_test(reflected),
		cmocka_unit_test(replayed_into_the_same_run),
		cmocka_unit_test(remembers_over_a_restart),
		cmocka_unit_test(clocks),
		cmocka_unit_test(months),
		cmocka_unit_test(communities),
		cmocka_unit_test(false_kms),
		cmocka_unit_test(judges_evidence),
		cmocka_unit_test(denied),
		cmocka_unit_test(deny_list_ends),
		cmocka_unit_test(deny_lists_seen),
		cmocka_unit_test(refuses_bad_files),
	};

	return cmocka_run_group_tests_name("keying_mikey_sakke", tests, setup, teardown);
}
