// SPDX-License-Identifier: MIT
/*
 * Links by keys of identities, and what messages cost that are not what they should be: how often UE_2
 * verifies a signature and computes a pairing, and what the air sees of why it refused. The linker
 * puts what counts before the primitives, and an initiator that lies behind them (ld --wrap).
 */
#include "calls_lab.h"
#include "keying_lab.h"
#include "kms_lab.h"

#include <openssl/rand.h>

#include "keying/mikey_sakke/run.h"

#include "../sim/pair.h"

/* Of the kernel, kmod/device.h: unprotected messages a second that the daemon is given. */
#define UNPROTECTED_RATE	50

/* What is wrong with the messages of UE_1, which has true keys and signs all the same. */
enum lie {
	LIE_NONE,
	LIE_HINT,		/* H, so that the SSV is another one */
	LIE_OTHER_POINT,	/* R of another SSV: a good point of order q */
	LIE_OTHER_USER,		/* what needs another RSK */
	LIE_SMALL_ORDER,	/* (0, 0), of order 2 */
	LIE_OFF_CURVE,
	LIE_NOT_BELOW_P,
	LIE_COMPRESSED,
	LIE_LAST_SECRET = LIE_COMPRESSED,
	LIE_SIGNATURE,		/* nothing but that */
	LIE_LAST = LIE_SIGNATURE,
};

static enum lie lie;

WRAP(int, eccsi_sign, const struct eccsi_domain *domain, const struct eccsi_key *key,
     const uint8_t *message, size_t len, uint8_t signature[ECCSI_SIGNATURE_LEN])
{
	int rc = __real_eccsi_sign(domain, key, message, len, signature);

	calls.sign++;
	/* in s: what it has to be otherwise takes a verification to find out */
	if (lie == LIE_SIGNATURE)
		signature[2 * ECCSI_N - 1] ^= 1;
	return rc;
}

WRAP(int, sakke_encapsulate, const struct sakke_domain *domain, const uint8_t *id, size_t id_len,
     const uint8_t ssv[SAKKE_SSV_LEN], uint8_t data[SAKKE_DATA_LEN])
{
	uint8_t other[SAKKE_DATA_LEN], other_ssv[SAKKE_SSV_LEN], other_id[SAKKE_ID_MAX];
	int rc = __real_sakke_encapsulate(domain, id, id_len, ssv, data);

	calls.encapsulate++;
	switch (lie) {
	case LIE_HINT:
		data[SAKKE_DATA_LEN - 1] ^= 1;
		break;
	case LIE_OTHER_POINT:
		memcpy(other_ssv, ssv, sizeof(other_ssv));
		other_ssv[0] ^= 1;
		rc |= __real_sakke_encapsulate(domain, id, id_len, other_ssv, other);
		memcpy(data, other, SAKKE_POINT_LEN);
		break;
	case LIE_OTHER_USER:
		memcpy(other_id, id, id_len);
		other_id[id_len - 1] ^= 1;
		rc |= __real_sakke_encapsulate(domain, other_id, id_len, ssv, data);
		break;
	case LIE_SMALL_ORDER:
		memset(data + 1, 0, 2 * SAKKE_L);
		break;
	case LIE_OFF_CURVE:
		data[2 * SAKKE_L] ^= 1;
		break;
	case LIE_NOT_BELOW_P:
		memset(data + 1, 0xff, SAKKE_L);
		break;
	case LIE_COMPRESSED:
		data[0] = 2;
		break;
	default:
		break;
	}
	return rc;
}

static struct kms kms;
static const char *files_1, *files_2;

static struct keying_method *method_that(const char *keys, bool reply_optional)
{
	const char *community = lab_path("ours");
	const struct mikey_sakke_files files = {
		.communities = &community, .n_communities = 1, .keys = &keys, .n_keys = 1,
		.reply_optional = reply_optional, .now = LAB_NOW,
	};
	char why[KEYING_TEXT_MAX] = "";
	struct keying_method *made = mikey_sakke_new(&files, why, sizeof(why));

	if (!made)
		fail_msg("%s", why);
	return made;
}

static struct keying_method *method(const char *keys)
{
	return method_that(keys, false);
}

static int setup(void **state)
{
	if (lab_setup(state))
		return -1;
	kms_init(&kms, "kms.example.org");
	kms_public(&kms, lab_path("ours"));
	files_1 = strdup(kms_extract(&kms, KMS_UE_1, KMS_NOVEMBER, lab_path("ue1")));
	files_2 = strdup(kms_extract(&kms, KMS_UE_2, KMS_NOVEMBER, lab_path("ue2")));
	return 0;
}

static int teardown(void **state)
{
	kms_free(&kms);
	free((char *)files_1);
	free((char *)files_2);
	return lab_teardown(state);
}

static int64_t lab_clock(void *context)
{
	(void)context;
	return LAB_NOW;
}

static void by_identity(struct sim_ue *u, struct keying_method *m, const char *own,
			const char *peer, uint32_t peer_l2_id)
{
	snprintf(u->config.identity, sizeof(u->config.identity), "%s", own);
	snprintf(u->expected, sizeof(u->expected), "%s", peer);
	u->expected_l2_id = peer_l2_id;
	u->config.methods[0] = m;
	u->config.n_methods = 1;
	u->config.wall_clock = lab_clock;
}

/* A is UE_1 of the files, B UE_2. */
static struct pair pair_by_identity(void)
{
	struct pair p = pair_new();

	memset(&calls, 0, sizeof(calls));
	by_identity(p.a, method(files_1), KMS_UE_1, KMS_UE_2, B);
	by_identity(p.b, method(files_2), KMS_UE_2, KMS_UE_1, A);
	return p;
}

static void pair_end(struct pair *p)
{
	struct keying_method *a = (struct keying_method *)p->a->config.methods[0];
	struct keying_method *b = (struct keying_method *)p->b->config.methods[0];

	sim_free(p->sim);
	mikey_sakke_free(a);
	mikey_sakke_free(b);
}

/* One signature, one encapsulation, one verification and one pairing for each message. */
static void connects(void **context)
{
	struct pair p = pair_by_identity();

	(void)context;
	lie = LIE_NONE;
	p.sim->duplicate = 500;
	pair_start(&p);
	pair_connect(&p);
	pair_data(&p);
	assert_string_equal(sim_info(p.a, B).method, "mikey-sakke");
	assert_string_equal(sim_info(p.b, A).identity, KMS_UE_1);
	assert_int_equal(calls.sign, 2);
	assert_int_equal(calls.encapsulate, 2);
	assert_int_equal(calls.verify, 2);
	assert_int_equal(calls.decapsulate, 2);
	assert_int_equal(sim_rekey(p.b, p.a, true), 0);
	sim_run(p.sim, 5000);
	assert_int_equal(sim_info(p.a, B).kd_rekeys, 1);
	pair_agree(&p);
	assert_int_equal(calls.verify, 4);
	assert_int_equal(calls.decapsulate, 4);
	pair_end(&p);
}

/* All that UE_2 sends, and when. */
struct record {
	size_t n, len;
	uint64_t at[32];
	uint8_t octets[16384];
};

static bool listen(struct sim *sim, struct sim_frame *frame)
{
	struct record *record = sim->tap_context;

	if (frame->src != B)
		return true;
	sim_check(record->n < 32 && record->len + frame->len <= sizeof(record->octets));
	record->at[record->n++] = sim->now;
	memcpy(record->octets + record->len, frame->pdu, frame->len);
	record->len += frame->len;
	return true;
}

/*
 * Whatever is wrong with the secret, or with the signature: the same octets at the same time. Of a
 * secret the sentence in the log is the same, too.
 */
static void refusals_look_alike(void **context)
{
	static struct record first, record;
	char said[UE_TEXT_MAX] = "";

	(void)context;
	for (lie = LIE_HINT; lie <= LIE_LAST; lie++) {
		struct pair p = pair_by_identity();
		struct record *to = lie == LIE_HINT ? &first : &record;
		const char *failure;

		memset(to, 0, sizeof(*to));
		pair_start(&p);
		p.sim->tap = listen;
		p.sim->tap_context = to;
		sim_connect(p.a, p.b);
		sim_run(p.sim, 60000);
		failure = p.b->last[UE_REPORT_FAILED].text;
		assert_int_equal(sim_state(p.b, A), UE_LINK_NULL);
		assert_int_equal(calls.verify, 1);
		assert_int_equal(calls.decapsulate, lie <= LIE_LAST_SECRET);
		assert_int_equal(p.b->reports[UE_REPORT_FAILED], 1);
		assert_int_equal(p.b->last[UE_REPORT_FAILED].cause, PC5S_CAUSE_AUTHENTICATION);
		if (lie == LIE_HINT) {
			snprintf(said, sizeof(said), "%s", failure);
			lab_contains(said, "the secret in the message could not be opened");
			/* hello, perhaps an acknowledgement, and the end */
			assert_true(first.n >= 2);
		} else {
			if (lie <= LIE_LAST_SECRET)
				assert_string_equal(failure, said);
			if (memcmp(&record, &first, sizeof(first)))
				fail_msg("lie %d: UE_2 sends %zu frames, %zu octets, the last after %lu ms, in place of %zu, %zu and %lu, or others",
					 lie, record.n, record.len,
					 (unsigned long)record.at[record.n - 1], first.n, first.len,
					 (unsigned long)first.at[first.n - 1]);
		}
		pair_end(&p);
	}
	lie = LIE_NONE;
}

/* Forged messages that name the run rightly, one after the other, and each sent more than once. */
static void forged_again_and_again(void **context)
{
	enum { RUNS = 100 };
	struct pair p = pair_by_identity();

	(void)context;
	lie = LIE_SIGNATURE;
	p.sim->duplicate = 500;
	p.sim->delay_max = 40;
	pair_start(&p);
	for (int i = 0; i < RUNS; i++) {
		sim_connect(p.a, p.b);
		sim_run(p.sim, 30000);
		assert_true(sim_both(p.a, p.b, UE_LINK_NULL));
	}
	assert_int_equal(calls.sign, RUNS);
	assert_int_equal(calls.verify, RUNS);
	assert_int_equal(calls.verified, 0);
	assert_int_equal(calls.decapsulate, 0);
	/* and no trace of them is left: who has the keys connects */
	lie = LIE_NONE;
	pair_connect(&p);
	pair_end(&p);
}

/* A flood */

#define SOURCE		0x600000
#define SOURCES		512
#define CSB_ID_AT	4

/* An attacker that makes up UEs and hears what is sent to them, or does not. */
static struct flood {
	bool hears;
	uint32_t delay;			/* until it answers, ms */
	struct pc5s_message requests[SOURCES];
	uint8_t hashes[SOURCES][KEYING_HASH_LEN];
	uint8_t message[SIM_PDU_MAX];	/* to be changed and sent */
	size_t len, extension, signature;
	unsigned int sent, cookies, forged;
} flood;

static void flood_send(struct sim *sim, uint32_t n, const struct pc5s_message *message)
{
	struct sim_frame frame;
	int len;

	sim_frame_init(&frame, SOURCE + n, B, 28);
	frame.pdu[0] = SDU_PC5S << 5;
	len = pc5s_encode(message, frame.pdu + PDCP_HEADER, SIM_PDU_MAX - PDCP_HEADER, NULL);
	sim_check(len > 0);
	frame.len = PDCP_HEADER + (size_t)len;
	flood.sent++;
	sim_queue(sim, &frame, sim->now + 1 + flood.delay);
}

static void flood_request(struct sim *sim, uint32_t n)
{
	struct pc5s_message *m = &flood.requests[n];
	uint8_t octets[SIM_PDU_MAX];
	int len;

	*m = request_of(KMS_UE_1, n + 1);
	m->methods.n = 1;
	m->methods.id[0] = KEYING_MIKEY_SAKKE;
	len = pc5s_encode(m, octets, sizeof(octets), NULL);
	sim_check(len > 0);
	SHA256(octets, (size_t)len, flood.hashes[n]);
	flood_send(sim, n, m);
}

/* I_MESSAGE for that run, as anybody can who hears it: but for the signature. */
static void flood_forge(struct sim *sim, uint32_t n, const struct pc5s_message *hello)
{
	struct keying_context context = {
		.role = KEYING_UE_1, .ue_1_l2_id = SOURCE + n, .ue_2_l2_id = B,
	};
	struct pc5s_message answer = {
		.type = PC5S_KEY_ESTABLISHMENT, .has = PC5S_BIT(PC5S_IE_CONTAINER),
		.ke_method = KEYING_MIKEY_SAKKE, .ke_round = 1,
	};
	struct run run;

	memcpy(context.nonce_1, flood.requests[n].nonce_1, KEYING_NONCE_LEN);
	memcpy(context.nonce_2, hello->nonce_2, KEYING_NONCE_LEN);
	memcpy(context.request_hash, flood.hashes[n], KEYING_HASH_LEN);
	sim_check(!run_begin(&run, &context));
	sim_check(!run_container(&run, 0, hello->container.data, hello->container.len));
	sim_check(!run_extension(&run, 1, RUN_REPLY_REQUIRED, flood.message + flood.extension));
	run_end(&run);
	/* not known for a replay by its CSB ID */
	sim_check(RAND_bytes(flood.message + CSB_ID_AT, 4) == 1);
	sim_check(RAND_bytes(flood.message + flood.signature + 1, ECCSI_N - 1) == 1);
	memcpy(answer.nonce_1, flood.requests[n].nonce_1, sizeof(answer.nonce_1));
	answer.container.data = flood.message;
	answer.container.len = answer.ke_total = (uint16_t)flood.len;
	flood.forged++;
	flood_send(sim, n, &answer);
}

static bool flood_tap(struct sim *sim, struct sim_frame *frame)
{
	uint32_t n = frame->dst - SOURCE;
	struct pc5s_message m;

	if (n >= SOURCES || !frame_decode(frame, &m))
		return true;
	if (!flood.hears)
		return false;
	if (m.type == PC5S_REJECT && pc5s_has(&m, PC5S_IE_COOKIE)) {
		flood.cookies++;
		flood.requests[n].has |= PC5S_BIT(PC5S_IE_COOKIE);
		memcpy(flood.requests[n].cookie, m.cookie, sizeof(m.cookie));
		flood_send(sim, n, &flood.requests[n]);
	} else if (m.type == PC5S_KEY_ESTABLISHMENT && pc5s_has(&m, PC5S_IE_CONTAINER)) {
		flood_forge(sim, n, &m);
	}
	return false;
}

/* A message of A to B in its octets, with what is to be changed in it. */
static bool flood_learn(struct sim *sim, struct sim_frame *frame)
{
	struct mikey_message message;
	struct pc5s_message m;

	(void)sim;
	if (frame->src != A || !frame_decode(frame, &m) || m.type != PC5S_KEY_ESTABLISHMENT ||
	    !pc5s_has(&m, PC5S_IE_CONTAINER) || m.ke_round != 1)
		return true;
	sim_check(m.container.len == m.ke_total && m.container.len <= sizeof(flood.message));
	memcpy(flood.message, m.container.data, m.container.len);
	flood.len = m.container.len;
	sim_check(!mikey_decode(&message, flood.message, flood.len, NULL));
	flood.extension = (size_t)(mikey_find(&message, MIKEY_EXTENSION, 0)->data.data -
				   flood.message);
	flood.signature = (size_t)(mikey_find(&message, MIKEY_SIGN, 0)->data.data - flood.message);
	return true;
}

/*
 * Who does not hear costs nothing that takes a public key. Who does costs one verification for each run,
 * for which it has to send two messages at least; and the more it leaves half open, the more: from some on a
 * cookie, and then no more than there are places for at a time.
 */
static void flood_of_forged(void **context)
{
	static const struct {
		const char *who;
		bool hears;
		uint32_t delay;
	} kinds[] = {
		{ "who does not hear", false, 0 }, { "who hears", true, 0 },
		{ "who takes its time", true, 300 },
	};

	(void)context;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct pair p = pair_by_identity();
		struct ue_stats stats;

		memset(&flood, 0, sizeof(flood));
		pair_start(&p);
		p.sim->tap = flood_learn;
		pair_connect(&p);
		assert_true(flood.len);
		memset(&calls, 0, sizeof(calls));
		flood.hears = kinds[i].hears;
		flood.delay = kinds[i].delay;
		p.sim->tap = flood_tap;
		for (uint32_t n = 0; n < SOURCES; n++) {
			flood_request(p.sim, n);
			if (n % 4 == 3)
				sim_run(p.sim, 1);
		}
		sim_run(p.sim, 60000);
		ue_get_stats(p.b->ue, &stats);
		print_message("%s: %u sources, %u messages, %u cookies, %u forged, %u verified, %u pairings; at %d messages a second %u verifications\n",
			      kinds[i].who, SOURCES, flood.sent, flood.cookies, flood.forged,
			      calls.verify, calls.decapsulate, UNPROTECTED_RATE,
			      UNPROTECTED_RATE * calls.verify / flood.sent);
		assert_int_equal(calls.verified, 0);
		assert_int_equal(calls.decapsulate, 0);
		assert_int_equal(calls.sign + calls.encapsulate, 0);
		assert_true(2 * calls.verify <= flood.sent);
		if (kinds[i].delay)
			assert_true(calls.verify <= flood.forged);
		else
			assert_int_equal(calls.verify, flood.forged);
		/* it is no use if nothing got that far */
		assert_int_equal(calls.verify >= PROSE_HALF_OPEN_MAX / 2, kinds[i].hears);
		assert_int_equal(stats.cookies > SOURCES / 2, !kinds[i].hears || kinds[i].delay);
		/* nor has it touched the link there was */
		assert_true(pair_connected(&p));
		p.sim->tap = NULL;
		pair_data(&p);
		pair_end(&p);
	}
}

/* What a message costs, by what is wrong with it: refused for the least that tells. */
static enum keying_status take(struct keying_method *b, const uint8_t *data, size_t len)
{
	struct keying_context context;
	struct keying_session *session;
	struct keying_result result;
	struct keying_buffer out;
	struct keying_error error;
	enum keying_status status;

	memset(&calls, 0, sizeof(calls));
	lab_context(&context, KEYING_UE_2);
	strcpy(context.peer_identity, KMS_UE_1);
	session = b->open(b, &context, &error);
	assert_non_null(session);
	assert_int_equal(b->step(session, NULL, 0, &out, &result, &error), KEYING_SEND);
	free(out.data);
	status = b->step(session, data, len, &out, &result, &error);
	free(out.data);
	b->close(session);
	OPENSSL_cleanse(&result, sizeof(result));
	return status;
}

static void costs(const char *what, enum keying_status status, enum keying_status expected,
		  unsigned int verify, unsigned int decapsulate)
{
	if (status != expected || calls.verify != verify || calls.decapsulate != decapsulate)
		fail_msg("%s: status %d, %u verifications and %u pairings in place of %u and %u",
			 what, status, calls.verify, calls.decapsulate, verify, decapsulate);
}

static void what_it_costs(void **context)
{
	struct keying_method *a = method(files_1), *b = method(files_2);
	struct mikey_message parts;
	struct lab_run run;
	uint8_t *data;
	size_t len;

	(void)context;
	/* A run that UE_2 does not end: the message is for b, which has not seen it. */
	for (int opened = 0; opened < 2; opened++) {
		lie = opened ? LIE_NONE : LIE_HINT;
		lab_run_init(&run, a, b);
		strcpy(run.side[KEYING_UE_1].context.peer_identity, KMS_UE_2);
		strcpy(run.side[KEYING_UE_2].context.peer_identity, "tel:+447700900124");
		lab_run(&run);
		lie = LIE_NONE;
		data = run.containers[1].data;
		len = run.containers[1].len;
		assert_int_equal(run.n, 2);
		assert_int_equal(mikey_decode(&parts, data, len, NULL), 0);
		if (opened) {
			costs("cut off", take(b, data, len - 1), KEYING_FAILED, 0, 0);
#define CHANGED(what, at, verify) do { \
		*(uint8_t *)(at) ^= 1; \
		costs(what, take(b, data, len), KEYING_FAILED, verify, 0); \
		*(uint8_t *)(at) ^= 1; \
	} while (0)
			CHANGED("another run", mikey_find(&parts, MIKEY_EXTENSION, 0)->data.data + 9, 0);
			CHANGED("another month", mikey_find(&parts, MIKEY_T, 0)->data.data, 0);
			CHANGED("another user", mikey_find_role(&parts, MIKEY_ROLE_RESPONDER)->data.data + 10, 0);
			CHANGED("somebody else", mikey_find_role(&parts, MIKEY_ROLE_INITIATOR)->data.data + 10, 0);
			CHANGED("another KMS", mikey_find_role(&parts, MIKEY_ROLE_INITIATOR_KMS)->data.data, 0);
			CHANGED("another RAND", mikey_find(&parts, MIKEY_RAND, 0)->data.data, 1);
			CHANGED("another R", mikey_find(&parts, MIKEY_SAKKE, 0)->data.data + 9, 1);
			CHANGED("another signature", mikey_find(&parts, MIKEY_SIGN, 0)->data.data + 9, 1);
			costs("good", take(b, data, len), KEYING_DONE, 1, 1);
		} else {
			costs("not to be opened", take(b, data, len), KEYING_FAILED, 1, 1);
		}
		/* of whoever sends it: once */
		for (int again = 0; again < 20; again++)
			costs("a replay", take(b, data, len), KEYING_FAILED, 0, 0);
		lab_close(&run);
	}
	mikey_sakke_free(a);
	mikey_sakke_free(b);
}

/* s into q - s, with which message 1 verifies as well. */
static void negate(struct lab_run *run, unsigned int index, struct keying_buffer *container)
{
	/* q of P-256 */
	static const uint8_t q[ECCSI_N] = {
		0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
	};
	uint8_t *s = container->data + container->len - ECCSI_SIGNATURE_LEN + ECCSI_N;
	int borrow = 0;

	(void)run;
	for (int i = ECCSI_N - 1; index == 1 && i >= 0; i--) {
		int digit = q[i] - s[i] - borrow;

		s[i] = (uint8_t)digit;
		borrow = digit < 0;
	}
}

/*
 * A signature has another form, which anybody can make of it: the one thing in a message that can be
 * changed on its way. Then message 2 is for another message 1, or both ends have another KD.
 */
static void other_form_of_a_signature(void **context)
{
	(void)context;
	for (int optional = 0; optional < 2; optional++) {
		struct keying_method *a = method_that(files_1, optional);
		struct keying_method *b = method_that(files_2, optional);
		struct lab_run run;

		memset(&calls, 0, sizeof(calls));
		lab_run_init(&run, a, b);
		strcpy(run.side[KEYING_UE_1].context.peer_identity, KMS_UE_2);
		strcpy(run.side[KEYING_UE_2].context.peer_identity, KMS_UE_1);
		run.meddle = negate;
		lab_run(&run);
		assert_int_equal(calls.verified, 1);
		assert_int_equal(run.side[KEYING_UE_2].status, KEYING_DONE);
		assert_int_equal(run.side[KEYING_UE_1].status, optional ? KEYING_DONE : KEYING_FAILED);
		if (optional)
			assert_false(lab_same_kd(&run));
		else
			lab_contains(run.side[KEYING_UE_1].error.text, "not made for this connection");
		lab_close(&run);
		mikey_sakke_free(a);
		mikey_sakke_free(b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connects),
		cmocka_unit_test(refusals_look_alike),
		cmocka_unit_test(forged_again_and_again),
		cmocka_unit_test(flood_of_forged),
		cmocka_unit_test(what_it_costs),
		cmocka_unit_test(other_form_of_a_signature),
	};

	return cmocka_run_group_tests_name("link_identity", tests, setup, teardown);
}
