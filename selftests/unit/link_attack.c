// SPDX-License-Identifier: MIT
/*
 * Links under attack, on a virtual clock: requests changed on their way, forged and
 * replayed messages, floods, peers that are not who they should be.
 */
#include "../sim/pair.h"
#include "core/kdf.h"

/* Each REQUEST passes through @change on its way. */
static void (*change)(struct pc5s_message *message);

static bool change_request(struct sim *sim, struct sim_frame *frame)
{
	struct pc5s_message m;

	(void)sim;
	if (frame->lcid == 28 && frame_decode(frame, &m) && m.type == PC5S_REQUEST) {
		change(&m);
		frame_encode(frame, &m);
	}
	return true;
}

static void strip_eea2(struct pc5s_message *m)
{
	m->capabilities &= (uint16_t)~0x2000;
}

static void claim_eea3(struct pc5s_message *m)
{
	m->capabilities |= 0x1000;
}

static void weaken_policy(struct pc5s_message *m)
{
	m->policy.up_integrity = 0;
}

static void strip_policy_count(struct pc5s_message *m)
{
	m->policy.count_profile = 1;
}

static void strip_exchange(struct pc5s_message *m)
{
	m->methods.n = 1;
	m->methods.id[0] = FAKE_SHARED;
}

static void reorder_methods(struct pc5s_message *m)
{
	m->methods.id[0] = FAKE_SHARED;
	m->methods.id[1] = FAKE_EXCHANGE;
}

static void change_inactivity(struct pc5s_message *m)
{
	m->max_inactivity ^= 1;
}

static void strip_target(struct pc5s_message *m)
{
	m->has &= ~PC5S_BIT(PC5S_IE_TARGET_INFO);
}

static void new_link_local(struct pc5s_message *m)
{
	m->has |= PC5S_BIT(PC5S_IE_LINK_LOCAL);
	m->link_local[0] = 0xfe;
}

/*
 * Bidding down, TR 33.833 6.4.1.4.4: UE_2 sees another request than UE_1 sent, and both
 * hold the same KD all the same (the keying methods of this test do not bind the request).
 * UE_1 must see it in what the COMMAND echoes, and say which echo it was.
 */
static void bidding_down(void **context)
{
	static const struct {
		void (*change)(struct pc5s_message *message);
		bool strict, b_rel12, b_sess_id;
		const char *says;
	} cases[] = {
		{ strip_eea2, false, false, false, "security capabilities" },
		{ claim_eea3, false, false, false, "security capabilities" },
		{ strip_eea2, true, false, false, "security capabilities" },
		{ claim_eea3, true, false, false, "security capabilities" },
		{ weaken_policy, false, true, false, "security policy" },
		{ strip_policy_count, false, false, true, "security policy" },
		{ strip_exchange, false, false, false, "keying methods" },
		{ reorder_methods, false, false, false, "keying methods" },
		{ change_inactivity, false, false, false, "another request" },
		{ strip_target, false, false, false, "another request" },
		{ new_link_local, false, false, false, "another request" },
	};

	(void)context;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pair p = pair_new();
		char why[KEYING_TEXT_MAX];

		if (cases[i].strict)
			pair_strict(&p);
		/* both would take EEA0 when nothing better is there */
		p.a->config.capabilities = p.b->config.capabilities = 0xa020;
		p.a->config.eea_order[1] = p.b->config.eea_order[1] = EEA0;
		p.b->config.up_integrity = !cases[i].b_rel12;
		p.b->config.count_profile = cases[i].b_sess_id ? UE_COUNT_SESS_ID : UE_COUNT_HFN;
		pair_start(&p);
		change = cases[i].change;
		p.sim->tap = change_request;
		assert_int_equal(ue_connect(p.a->ue, p.sim->now, B, "ue-111213", why,
					    sizeof(why)), 0);
		sim_run(p.sim, 60000);
		assert_int_equal(p.a->reports[UE_REPORT_CONNECTED], 0);
		assert_int_equal(p.b->reports[UE_REPORT_CONNECTED], 0);
		assert_int_equal(p.a->reports[UE_REPORT_FAILED], 1);
		/* the sess-id profile changes COUNT, so the MAC already fails */
		if (!cases[i].b_sess_id) {
			if (!strstr(sim_info(p.a, B).failure, cases[i].says))
				fail_msg("case %zu: %s", i, sim_info(p.a, B).failure);
			assert_int_equal(p.a->last[UE_REPORT_FAILED].cause,
					 PC5S_CAUSE_CAPABILITIES);
		}
		assert_int_equal(p.a->key_logs, 0);	/* nothing was installed */
		assert_null(sim_peer(p.a, B));
		assert_null(sim_peer(p.b, A));
		sim_free(p.sim);
	}
}

/* A method that binds the request hash, as `certificate` does: different keys already. */
static void bound_request(void **context)
{
	struct pair p = pair_new();

	(void)context;
	p.a->exchange.credentials.bind_hash = p.b->exchange.credentials.bind_hash = true;
	pair_start(&p);
	change = change_inactivity;
	p.sim->tap = change_request;
	sim_connect(p.a, p.b);
	sim_run(p.sim, 60000);
	assert_int_equal(p.a->reports[UE_REPORT_CONNECTED], 0);
	assert_non_null(strstr(sim_info(p.a, B).failure, "MAC-I did not verify"));
	sim_free(p.sim);
}

/* The security mode command itself: any octet changed, and it is as if it never came. */
static unsigned int flip_at;
static bool flipped;

static bool flip_command(struct sim *sim, struct sim_frame *frame)
{
	(void)sim;
	if (frame->lcid == 29 && frame->src == B) {
		flipped = flip_at < frame->len;
		if (flipped)
			frame->pdu[flip_at] ^= 0x10;
	}
	return true;
}

static void command_changed(void **context)
{
	struct ue_stats stats;
	unsigned int failures = 0;

	(void)context;
	flipped = true;
	for (flip_at = 0; flipped; flip_at++) {
		struct pair p = pair_new();

		pair_shared(&p);
		pair_start(&p);
		p.sim->tap = flip_command;
		sim_connect(p.a, p.b);
		sim_run(p.sim, 60000);
		if (!flipped) {
			/* past the end: nothing changed, so it works */
			assert_true(pair_connected(&p));
			sim_free(p.sim);
			break;
		}
		assert_int_equal(p.a->reports[UE_REPORT_CONNECTED], 0);
		assert_int_equal(p.a->key_logs, 0);
		assert_null(sim_peer(p.a, B));
		assert_null(sim_peer(p.b, A));
		ue_get_stats(p.a->ue, &stats);
		failures += stats.mac_failed > 0;
		sim_free(p.sim);
	}
	assert_true(failures > 40);
}

/* Forged commands before the true one do no harm and get no answer. */
static void forged_command(void **context)
{
	struct pair p = pair_new();
	struct pc5s_message m = { .type = PC5S_SMC_COMMAND, .capabilities = 0x2020,
				  .chosen_algorithms = 0x22 };
	struct ue_stats stats;
	uint64_t sent;

	(void)context;
	pair_shared(&p);
	pair_start(&p);
	p.sim->delay_min = p.sim->delay_max = 300;
	sim_connect(p.a, p.b);
	sent = p.sim->frames_sent;
	for (unsigned int id = 1; id < 65536; id += 3) {
		struct sim_frame frame;
		int len;

		sim_frame_init(&frame, B, A, 29);
		frame.pdu[0] = SDU_PC5S << 5;
		frame.pdu[1] = (uint8_t)(id >> 8);
		frame.pdu[2] = (uint8_t)id;
		frame.pdu[4] = 1;
		m.lsb_kd_sess_id = (uint8_t)id;
		m.has = id & 1 ? PC5S_BIT(PC5S_IE_MSB_KD_ID) : 0;
		len = pc5s_encode(&m, frame.pdu + PDCP_HEADER, 1000, NULL);
		assert_true(len > 0);
		frame.len = PDCP_HEADER + (size_t)len + 4;
		sim_deliver(p.sim, &frame);
		sim_drain(p.sim);
	}
	assert_int_equal(p.sim->frames_sent, sent);
	assert_int_equal(sim_state(p.a, B), UE_LINK_REQUESTED);
	ue_get_stats(p.a->ue, &stats);
	assert_in_range(stats.mac_failed, 80, 90);	/* those with our MSB */
	assert_true(sim_until(p.sim, p.a, p.b, UE_LINK_CONNECTED, 10000));
	sim_free(p.sim);
}

/*
 * A peer that holds KD and does not keep to the rules: its COMMAND has a good MAC-I. Made
 * here, by the request that the tap saw.
 */
static struct pc5s_message seen_request;
static uint8_t seen_hash[32];

static bool see_request(struct sim *sim, struct sim_frame *frame)
{
	struct pc5s_message m;

	(void)sim;
	if (frame->lcid == 28 && frame_decode(frame, &m) && m.type == PC5S_REQUEST) {
		seen_request = m;
		SHA256(frame->pdu + PDCP_HEADER, frame->len - PDCP_HEADER, seen_hash);
	}
	return frame->src == A;		/* B itself is not heard */
}

static void bad_command(struct pair *p, void (*spoil)(struct pc5s_message *m))
{
	struct keying_session session = { .credentials = &p->b->shared.credentials };
	struct pc5s_message m = {
		.type = PC5S_SMC_COMMAND,
		.has = PC5S_BIT(PC5S_IE_MSB_KD_ID) | PC5S_BIT(PC5S_IE_USER_INFO) |
		       PC5S_BIT(PC5S_IE_KEYING_METHODS) | PC5S_BIT(PC5S_IE_SECURITY_POLICY) |
		       PC5S_BIT(PC5S_IE_REQUEST_HASH) | PC5S_BIT(PC5S_IE_SELECTED_METHOD) |
		       PC5S_BIT(PC5S_IE_CHOSEN_POLICY),
		.chosen_policy = 1, .capabilities = seen_request.capabilities, .chosen_algorithms = 0x22,
		.lsb_kd_sess_id = 5, .msb_kd_id = 1, .methods = seen_request.methods,
		.policy = seen_request.policy, .selected_method = FAKE_SHARED,
		.user_info = { 1, 9, "ue-111213" },
	};
	uint8_t kd[32], kd_sess[32], pik[16];
	struct eia_input input = { 1, 29, 1 };
	struct sim_frame frame;
	int len;

	memset(m.nonce_2, 0x33, sizeof(m.nonce_2));
	memcpy(m.request_hash, seen_hash, sizeof(seen_hash));
	if (spoil)
		spoil(&m);
	memcpy(session.context.nonce_1, seen_request.nonce_1, 16);
	memcpy(session.context.nonce_2, m.nonce_2, 16);
	session.context.ue_1_l2_id = A;
	session.context.ue_2_l2_id = B;
	fake_kd(&session, kd);
	assert_int_equal(kdf_kd_sess(kd, seen_request.nonce_1, m.nonce_2, kd_sess), 0);
	assert_int_equal(kdf_pik(kd_sess, 2, pik), 0);

	sim_frame_init(&frame, B, A, 29);
	frame.pdu[0] = SDU_PC5S << 5;
	frame.pdu[1] = seen_request.msb_kd_sess_id;
	frame.pdu[2] = 5;
	frame.pdu[4] = 1;
	len = pc5s_encode(&m, frame.pdu + PDCP_HEADER, 1000, NULL);
	assert_true(len > 0);
	frame.len = PDCP_HEADER + (size_t)len + 4;
	assert_int_equal(eia(EIA2, pik, &input, frame.pdu, PDCP_HEADER, frame.pdu + PDCP_HEADER,
			     (size_t)len, frame.pdu + frame.len - 4), 0);
	sim_deliver(p->sim, &frame);
	sim_drain(p->sim);
}

static void choose_eea0(struct pc5s_message *m)
{
	m->chosen_algorithms = 0x02;
}

static void choose_eia0(struct pc5s_message *m)
{
	m->chosen_algorithms = 0x20;
}

static void echo_wrong_capabilities(struct pc5s_message *m)
{
	m->capabilities |= 0x0800;
}

static void echo_no_policy(struct pc5s_message *m)
{
	m->has &= ~PC5S_BIT(PC5S_IE_SECURITY_POLICY);
}

static void echo_no_methods(struct pc5s_message *m)
{
	m->has &= ~PC5S_BIT(PC5S_IE_KEYING_METHODS);
}

static void echo_no_hash(struct pc5s_message *m)
{
	m->has &= ~PC5S_BIT(PC5S_IE_REQUEST_HASH);
}

static void choose_no_integrity(struct pc5s_message *m)
{
	m->chosen_policy = 0;
}

static void choose_nothing(struct pc5s_message *m)
{
	m->has &= ~PC5S_BIT(PC5S_IE_CHOSEN_POLICY);
}

static void other_name(struct pc5s_message *m)
{
	m->user_info.value[0] = 'x';
}

static void command_of_a_bad_peer(void **context)
{
	static const struct {
		void (*spoil)(struct pc5s_message *m);
		const char *says;
	} cases[] = {
		{ NULL, NULL },
		{ choose_eea0, "did not offer" },
		{ echo_wrong_capabilities, "security capabilities" },
		{ echo_no_policy, "security policy" },
		{ echo_no_methods, "keying methods" },
		{ echo_no_hash, "another request" },
		{ choose_no_integrity, "rules out" },
		{ choose_nothing, "rules out" },
		{ other_name, "names itself otherwise" },
		{ choose_eia0, "" },
	};

	(void)context;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pair p = pair_new();

		pair_shared(&p);
		pair_start(&p);
		p.sim->tap = see_request;
		sim_connect(p.a, p.b);
		bad_command(&p, cases[i].spoil);
		if (!cases[i].spoil) {
			/* the good one, so that the others fail for what they are for */
			assert_int_equal(sim_state(p.a, B), UE_LINK_SECURING);
			assert_int_equal(p.a->key_logs, 1);
		} else if (!*cases[i].says) {
			/* EIA0: there is no MAC to verify, so it was never heard */
			assert_int_equal(sim_state(p.a, B), UE_LINK_REQUESTED);
			assert_int_equal(p.a->key_logs, 0);
		} else {
			assert_int_equal(sim_state(p.a, B), UE_LINK_NULL);
			assert_int_equal(p.a->key_logs, 0);
			assert_null(sim_peer(p.a, B));
			if (!strstr(sim_info(p.a, B).failure, cases[i].says))
				fail_msg("case %zu: %s", i, sim_info(p.a, B).failure);
		}
		sim_free(p.sim);
	}
}

/*
 * UE_2 forgets a rekeying and answers the repeated request with a second COMMAND. The first
 * one, replayed then, must not bring its keys back: their COUNTs would begin again. The
 * fake kernel stops at the first key that is installed twice.
 */
static struct sim_frame first_command;
static bool have_command, lose_complete;

static bool keep_command(struct sim *sim, struct sim_frame *frame)
{
	(void)sim;
	if (frame->lcid != 29)
		return true;
	if (frame->src == B && !have_command) {
		first_command = *frame;
		have_command = true;
	}
	return frame->src == B || !lose_complete;
}

static void command_replayed_after_another(void **context)
{
	struct pair p = pair_new();

	(void)context;
	p.a->config.timers.t4112 = 5000;
	p.b->config.timers.t4111 = 4000;
	pair_start(&p);
	pair_connect(&p);
	have_command = false;
	lose_complete = true;
	p.sim->tap = keep_command;
	assert_int_equal(sim_rekey(p.a, p.b, false), 0);
	sim_run(p.sim, 4500);		/* UE_2 has given up */
	assert_int_equal(p.a->key_logs, 2);
	assert_true(have_command);
	sim_run(p.sim, 6000);		/* and is asked again, the second time under the old */
	assert_int_equal(p.a->key_logs, 3);
	for (int i = 0; i < 5; i++) {
		sim_deliver(p.sim, &first_command);
		sim_drain(p.sim);
		sim_run(p.sim, 10);
	}
	assert_int_equal(p.a->key_logs, 3);
	lose_complete = false;
	sim_run(p.sim, 20000);
	assert_true(pair_connected(&p));
	pair_agree(&p);
	pair_data(&p);
	sim_free(p.sim);
}

/* UE_2 awaits CONNECTION COMPLETE: the peer is authenticated, a stranger changes nothing. */
static void forged_request_while_accepting(void **context)
{
	struct pair p = pair_new();
	struct dropper d = { A, 30, 3, 0, 0 };

	(void)context;
	pair_shared(&p);
	pair_start(&p);
	drop(p.sim, &d);
	sim_connect(p.a, p.b);
	sim_run(p.sim, 50);
	assert_int_equal(sim_state(p.b, A), UE_LINK_ACCEPTING);
	for (uint64_t n = 1; n < 20; n++) {
		struct pc5s_message m = request_of("ue-0a0b0c", n);

		plain_message(p.sim, A, B, &m);
		sim_run(p.sim, 10);
		assert_int_equal(sim_state(p.b, A), UE_LINK_ACCEPTING);
	}
	assert_true(sim_until(p.sim, p.a, p.b, UE_LINK_CONNECTED, 5000));
	assert_int_equal(d.dropped, 2);
	assert_int_equal(p.b->key_logs, 1);
	pair_agree(&p);
	sim_free(p.sim);
}

/* REJECT is not protected. A forged one is believed only if nothing better comes. */
static bool forge_reject(struct sim *sim, struct sim_frame *frame)
{
	struct pc5s_message m, reject = { .type = PC5S_REJECT, .cause = PC5S_CAUSE_NOT_ALLOWED };

	if (frame->lcid == 28 && frame_decode(frame, &m) &&
	    (m.type == PC5S_REQUEST || m.type == PC5S_KEY_ESTABLISHMENT)) {
		plain_message(sim, frame->dst, frame->src, &reject);
		reject.type = PC5S_SMC_REJECT;
		plain_message(sim, frame->dst, frame->src, &reject);
	}
	return true;
}

static void forged_reject(void **context)
{
	(void)context;
	for (int shared = 0; shared < 2; shared++) {
		struct pair p = pair_new();

		if (shared)
			pair_shared(&p);
		pair_start(&p);
		p.sim->tap = forge_reject;
		pair_connect(&p);
		assert_int_equal(p.a->reports[UE_REPORT_FAILED], 0);
		sim_free(p.sim);
	}
}

/* And against a live link every unprotected message is ignored. */
static void forged_on_live_link(void **context)
{
	static const uint8_t types[] = {
		PC5S_ACCEPT, PC5S_REJECT, PC5S_KEEPALIVE, PC5S_KEEPALIVE_ACK, PC5S_RELEASE,
		PC5S_RELEASE_ACCEPT, PC5S_SMC_COMMAND, PC5S_SMC_COMPLETE, PC5S_SMC_REJECT,
		PC5S_REKEYING_REQUEST, PC5S_REKEYING_RESPONSE, PC5S_CONNECTION_COMPLETE,
		PC5S_REKEYING_TRIGGER,
	};
	struct pair p = pair_new();
	struct ue_stats before, after;
	uint64_t sent;

	(void)context;
	pair_start(&p);
	pair_connect(&p);
	sent = p.sim->frames_sent;
	ue_get_stats(p.a->ue, &before);
	for (int rekeying = 0; rekeying < 2; rekeying++) {
		for (size_t i = 0; i < sizeof(types); i++) {
			struct pc5s_message m = { .type = types[i], .cause = 1,
						  .release_reason = 1, .capabilities = 0x2020 };

			plain_message(p.sim, B, A, &m);
		}
		if (!rekeying) {
			sim_run(p.sim, 100);
			assert_true(pair_connected(&p));
			assert_int_equal(p.sim->frames_sent, sent);
			assert_int_equal(sim_rekey(p.a, p.b, false), 0);
		}
	}
	sim_run(p.sim, 1000);
	assert_true(pair_connected(&p));
	pair_agree(&p);
	assert_int_equal(sim_info(p.a, B).rekeys, 1);
	ue_get_stats(p.a->ue, &after);
	assert_int_equal(after.unprotected_ignored - before.unprotected_ignored,
			 2 * sizeof(types));
	sim_free(p.sim);
}

/* Records what goes by, to be sent again. */
static struct sim_frame recorded[64];
static size_t n_recorded;

static bool record(struct sim *sim, struct sim_frame *frame)
{
	(void)sim;
	if (n_recorded < 64)
		recorded[n_recorded++] = *frame;
	return true;
}

/*
 * Everything said in one setup, said again: while the link lives, when it is gone, to the
 * same UE and to one that has forgotten everything.
 */
static void replays(void **context)
{
	(void)context;
	for (int when = 0; when < 4; when++)
		for (int shared = 0; shared < 2; shared++) {
			struct pair p = pair_new();
			uint32_t logs;

			if (shared)
				pair_shared(&p);
			pair_start(&p);
			n_recorded = 0;
			p.sim->tap = record;
			pair_connect(&p);
			sim_run(p.sim, 1000);
			p.sim->tap = NULL;
			if (when == 1) {
				sim_run(p.sim, 60000);
			} else if (when == 2) {
				sim_release(p.a, p.b);
				sim_run(p.sim, 60000);
			} else if (when == 3) {
				sim_release(p.a, p.b);
				sim_run(p.sim, 1000);
				ue_free(p.a->ue);
				sim_start(p.a);
				ue_free(p.b->ue);
				sim_start(p.b);
			}
			logs = p.a->key_logs;
			for (size_t i = 0; i < n_recorded; i++) {
				sim_queue(p.sim, &recorded[i], p.sim->now + 1);
				sim_run(p.sim, 20);
			}
			sim_run(p.sim, 60000);
			assert_int_equal(p.a->key_logs, logs);
			assert_int_equal(p.a->reports[UE_REPORT_CONNECTED], 1);
			assert_int_equal(p.b->reports[UE_REPORT_CONNECTED], 1);
			if (when < 2) {
				assert_true(pair_connected(&p));
				pair_agree(&p);
				assert_int_equal(sim_peer(p.b, A)->n_assocs, 1);
				pair_data(&p);
			} else {
				assert_null(sim_peer(p.a, B));
				assert_null(sim_peer(p.b, A));
			}
			sim_free(p.sim);
		}
}

/*
 * A request with the victim's Layer-2 ID and User Info (threat 4), new nonce each time: the
 * live link goes on, rekeys and releases as if nothing were.
 */
static void forged_requests_on_live_link(void **context)
{
	(void)context;
	for (int shared = 0; shared < 2; shared++) {
		struct pair p = pair_new();
		uint16_t id;

		if (shared)
			pair_shared(&p);
		pair_start(&p);
		pair_connect(&p);
		id = sim_info(p.b, A).kd_sess_id;
		for (uint64_t n = 1; n < 400; n++) {
			struct pc5s_message m = request_of("ue-0a0b0c", n);

			plain_message(p.sim, A, B, &m);
			if (n % 7 == 0)
				pair_data(&p);
			sim_run(p.sim, n % 50);
			if (n == 200)
				assert_int_equal(sim_rekey(p.a, p.b, true), 0);
			if (n == 300)
				assert_int_equal(sim_rekey(p.b, p.a, false), 0);
		}
		assert_true(pair_connected(&p));
		pair_agree(&p);
		assert_int_not_equal(sim_info(p.b, A).kd_sess_id, id);
		assert_int_equal(sim_info(p.b, A).rekeys, 2);
		sim_run(p.sim, 60000);
		assert_true(pair_connected(&p));
		assert_int_equal(sim_peer(p.b, A)->n_assocs, 1);
		assert_int_equal(p.b->reports[UE_REPORT_FAILED], 0);
		sim_free(p.sim);
	}
}

/* Another name on a Layer-2 ID that is linked: cause 3, and the link goes on. */
static bool saw_conflict;

static bool see_conflict(struct sim *sim, struct sim_frame *frame)
{
	struct pc5s_message m;

	(void)sim;
	if (frame_decode(frame, &m) && m.type == PC5S_REJECT &&
	    m.cause == PC5S_CAUSE_L2_ID_CONFLICT)
		saw_conflict = true;
	return true;
}

static void l2_id_conflict(void **context)
{
	struct pair p = pair_new();
	struct pc5s_message m = request_of("mallory", 1);

	(void)context;
	pair_start(&p);
	pair_connect(&p);
	saw_conflict = false;
	p.sim->tap = see_conflict;
	plain_message(p.sim, A, B, &m);
	sim_run(p.sim, 1000);
	assert_true(saw_conflict);
	assert_true(pair_connected(&p));
	assert_string_equal(sim_info(p.b, A).identity, "ue-0a0b0c");
	assert_string_equal(sim_info(p.b, A).failure, "");
	sim_free(p.sim);
}

struct half_open {
	size_t all, links;
};

static bool count_half_open(void *context, const struct ue_link_info *info)
{
	struct half_open *count = context;

	count->links++;
	count->all += info->state == UE_LINK_KEYING || info->state == UE_LINK_SECURING;
	return true;
}

static struct half_open half_open(struct sim_ue *u)
{
	struct half_open count = { 0, 0 };

	ue_links(u->ue, count_half_open, &count);
	return count;
}

static bool see_reject(struct sim *sim, struct sim_frame *frame)
{
	struct pc5s_message m;

	if (frame_decode(frame, &m) && m.type == PC5S_REJECT)
		*(struct pc5s_message *)sim->tap_context = m;
	return true;
}

/* The request of a flood's n-th source, with a cookie if there is one to show. */
static void flood_with(struct sim *sim, uint64_t n, bool one_carrier, const uint8_t *cookie)
{
	struct pc5s_message m;
	char name[16];
	struct sim_frame frame;
	int len;

	snprintf(name, sizeof(name), "ue-%06x", 0x600000 + (unsigned int)n);
	m = request_of(name, n);
	if (cookie) {
		m.has |= PC5S_BIT(PC5S_IE_COOKIE);
		memcpy(m.cookie, cookie, sizeof(m.cookie));
	}
	sim_frame_init(&frame, one_carrier ? 0x600000 : 0x600000 + (uint32_t)n, B, 28);
	frame.src = 0x600000 + (uint32_t)n;
	frame.pdu[0] = SDU_PC5S << 5;
	len = pc5s_encode(&m, frame.pdu + PDCP_HEADER, 1000, NULL);
	frame.len = PDCP_HEADER + (size_t)len;
	sim_deliver(sim, &frame);
}

static void flood(struct pair *p, uint64_t n, bool one_carrier)
{
	flood_with(p->sim, n, one_carrier, NULL);
	sim_drain(p->sim);
}

/* An attacker that hears what is sent to the addresses it makes up. */
static bool answer_cookies(struct sim *sim, struct sim_frame *frame)
{
	struct pc5s_message m;

	if (frame->dst >= 0x600000 && frame_decode(frame, &m) && m.type == PC5S_REJECT &&
	    pc5s_has(&m, PC5S_IE_COOKIE))
		flood_with(sim, frame->dst - 0x600000, false, m.cookie);
	return true;
}

/*
 * Who only makes up 10 000 sources gets no further than to be asked for a cookie: a setup that is
 * meant takes at most three times as long as on a quiet day, and few keying methods are run.
 */
static void cookies(void **context)
{
	(void)context;
	for (int one_carrier = 0; one_carrier < 2; one_carrier++) {
		uint64_t quiet = 0, flooded = 0;

		for (int with = 0; with < 2; with++) {
			struct pair p = pair_new();
			struct ue_stats stats;
			uint64_t begun = 0, *took = with ? &flooded : &quiet;
			size_t most = 0;

			pair_start(&p);
			for (uint64_t n = 1; n <= 10000; n++) {
				if (with)
					flood(&p, n, one_carrier);
				if (n == 5000) {
					begun = p.sim->now;
					sim_connect(p.a, p.b);
				}
				sim_run(p.sim, 1);
				if (begun && !*took && pair_connected(&p))
					*took = p.sim->now - begun;
				if (half_open(p.b).links > most)
					most = half_open(p.b).links;
			}
			assert_true(pair_connected(&p));
			assert_true(*took);
			if (with) {
				ue_get_stats(p.b->ue, &stats);
				assert_in_range(stats.cookies, 9000, 10000);
				assert_true(most <= PROSE_HALF_OPEN_COOKIE + 2);
				assert_true(p.b->exchange.credentials.runs <=
					    3 * PROSE_HALF_OPEN_COOKIE);
				assert_int_equal(stats.half_open_full, 0);
			}
			sim_free(p.sim);
		}
		if (flooded > 3 * quiet)
			fail_msg("%lu ms instead of %lu", (unsigned long)flooded, (unsigned long)quiet);
	}
}

/* A cookie is good for one sender and one request, and not for ever; a wrong one is a message. */
static void cookie_of_another(void **context)
{
	struct pair p = pair_new();
	struct ue_stats stats;
	uint8_t cookie[PROSE_COOKIE_LEN];
	struct pc5s_message m = { 0 };

	(void)context;
	pair_start(&p);
	for (uint64_t n = 1; n <= PROSE_HALF_OPEN_COOKIE; n++)
		flood(&p, n, false);
	assert_int_equal(half_open(p.b).all, PROSE_HALF_OPEN_COOKIE);
	p.sim->tap = see_reject;
	p.sim->tap_context = &m;
	flood(&p, 100, false);
	assert_true(pc5s_has(&m, PC5S_IE_COOKIE));
	assert_int_equal(m.cause, PC5S_CAUSE_RESOURCES);
	memcpy(cookie, m.cookie, sizeof(cookie));
	/* to another, from elsewhere, changed */
	flood_with(p.sim, 101, false, cookie);
	flood_with(p.sim, 100, true, cookie);
	cookie[3] ^= 1;
	flood_with(p.sim, 100, false, cookie);
	sim_drain(p.sim);
	assert_int_equal(half_open(p.b).all, PROSE_HALF_OPEN_COOKIE);
	ue_get_stats(p.b->ue, &stats);
	assert_int_equal(stats.cookies, 4);
	/* its own: now something is kept for it */
	cookie[3] ^= 1;
	flood_with(p.sim, 100, false, cookie);
	sim_drain(p.sim);
	assert_int_equal(half_open(p.b).all, PROSE_HALF_OPEN_COOKIE + 1);
	/* and two periods later not any more */
	sim_run(p.sim, 2 * PROSE_COOKIE_MS + 1000);
	for (uint64_t n = 1; n <= PROSE_HALF_OPEN_COOKIE; n++)
		flood(&p, 200 + n, false);
	assert_int_equal(half_open(p.b).all, PROSE_HALF_OPEN_COOKIE);
	flood_with(p.sim, 100, false, cookie);
	sim_drain(p.sim);
	assert_int_equal(half_open(p.b).all, PROSE_HALF_OPEN_COOKIE);
	sim_free(p.sim);
}

/* Forged cookies in the middle of a setup: it goes on, be UE_2 flooded or not. */
static bool forge_cookie(struct sim *sim, struct sim_frame *frame)
{
	struct pc5s_message m, reject = { .type = PC5S_REJECT, .cause = PC5S_CAUSE_RESOURCES,
		.has = PC5S_BIT(PC5S_IE_COOKIE) | PC5S_BIT(PC5S_IE_REQUEST_HASH) };

	if (frame->src != A || !frame_decode(frame, &m) || m.type != PC5S_REQUEST)
		return true;
	SHA256(frame->pdu + PDCP_HEADER, frame->len - PDCP_HEADER -
	       (pc5s_has(&m, PC5S_IE_COOKIE) ? PC5S_COOKIE_IE_LEN : 0), reject.request_hash);
	plain_message(sim, B, A, &reject);
	return true;
}

static void forged_cookie(void **context)
{
	(void)context;
	for (int flooded = 0; flooded < 2; flooded++) {
		struct pair p = pair_new();

		pair_start(&p);
		for (uint64_t n = 1; flooded && n <= PROSE_HALF_OPEN_COOKIE; n++)
			flood(&p, n, false);
		p.sim->tap = forge_cookie;
		sim_connect(p.a, p.b);
		assert_true(sim_until(p.sim, p.a, p.b, UE_LINK_CONNECTED, 5000));
		pair_data(&p);
		sim_free(p.sim);
	}
}

/*
 * A flood of requests from made-up sources whose attacker hears what is sent to them is bounded in
 * every respect, and passes.
 */
static void half_open_flood(void **context)
{
	(void)context;
	for (int shared = 0; shared < 2; shared++) {
		struct pair p = pair_new();
		struct ue_stats stats;
		size_t most = 0;

		if (shared)
			pair_shared(&p);
		pair_start(&p);
		p.sim->tap = answer_cookies;
		for (uint64_t n = 1; n <= 3000; n++) {
			flood(&p, n, false);
			if (n % 10 == 0)
				sim_run(p.sim, 20);
			if (half_open(p.b).all > most)
				most = half_open(p.b).all;
			assert_true(half_open(p.b).links <= 2 * PROSE_HALF_OPEN_MAX + 2);
			/* in the middle of it somebody real */
			if (n == 1500)
				sim_connect(p.a, p.b);
		}
		assert_int_equal(most, PROSE_HALF_OPEN_MAX);
		ue_get_stats(p.b->ue, &stats);
		assert_true(stats.half_open_full > 100);
		/* reports are bounded too: about two a second */
		assert_true(p.b->reports[UE_REPORT_NOTICE] + p.b->reports[UE_REPORT_FAILED] < 60);
		assert_true(sim_until(p.sim, p.a, p.b, UE_LINK_CONNECTED, 30000));
		sim_run(p.sim, 120000);
		assert_int_equal(half_open(p.b).all, 0);
		assert_true(half_open(p.b).links <= 64 + 1);
		/* and the kernel holds nothing of them */
		for (size_t i = 0; i < SIM_PEERS_MAX; i++)
			assert_true(!p.b->peers[i].used || p.b->peers[i].l2_id == A);
		pair_data(&p);
		sim_free(p.sim);
	}
}

/* One transmitter that makes up Layer-2 IDs takes a few places, not all. */
static void half_open_one_source(void **context)
{
	struct pair p = pair_new();

	(void)context;
	pair_start(&p);
	for (uint64_t n = 1; n <= 300; n++) {
		flood(&p, n, true);
		if (n == 100)
			sim_connect(p.a, p.b);
		if (n % 10 == 0)
			sim_run(p.sim, 5);
		assert_true(half_open(p.b).all <= PROSE_HALF_OPEN_SOURCE_MAX + 1);
	}
	assert_true(pair_connected(&p));
	sim_free(p.sim);
}

/* Who the peer must be: as the user says, as configured, at either end. */
static void identity_mismatch(void **context)
{
	char why[KEYING_TEXT_MAX];

	(void)context;
	for (int shared = 0; shared < 2; shared++) {
		struct pair p = pair_new();

		/* the user names another: B itself says that it is not meant */
		if (shared)
			pair_shared(&p);
		pair_start(&p);
		assert_int_equal(ue_connect(p.a->ue, p.sim->now, B, "carol", why, sizeof(why)), 0);
		sim_run(p.sim, 30000);
		assert_int_equal(p.a->reports[UE_REPORT_CONNECTED], 0);
		assert_int_equal(p.a->last[UE_REPORT_FAILED].cause, PC5S_CAUSE_NOT_ALLOWED);
		assert_non_null(strstr(sim_info(p.b, A).failure, "another UE"));
		sim_free(p.sim);

		/* and if the attacker takes the target out, UE_1 notices who it is */
		p = pair_new();
		if (shared)
			pair_shared(&p);
		pair_start(&p);
		change = strip_target;
		p.sim->tap = change_request;
		assert_int_equal(ue_connect(p.a->ue, p.sim->now, B, "carol", why, sizeof(why)), 0);
		sim_run(p.sim, 30000);
		assert_int_equal(p.a->reports[UE_REPORT_CONNECTED], 0);
		assert_int_equal(p.b->reports[UE_REPORT_CONNECTED], 0);
		if (!shared) {
			assert_int_equal(p.a->last[UE_REPORT_FAILED].cause,
					 PC5S_CAUSE_AUTHENTICATION);
			assert_non_null(strstr(sim_info(p.a, B).failure, "carol is expected"));
			assert_non_null(strstr(sim_info(p.b, A).failure, "gave up"));
		}
		assert_null(sim_peer(p.a, B));
		assert_null(sim_peer(p.b, A));
		sim_free(p.sim);

		/* UE_2 expects another at that Layer-2 ID */
		p = pair_new();
		if (shared)
			pair_shared(&p);
		snprintf(p.b->expected, sizeof(p.b->expected), "carol");
		p.b->expected_l2_id = A;
		pair_start(&p);
		sim_connect(p.a, p.b);
		sim_run(p.sim, 30000);
		assert_int_equal(p.a->last[UE_REPORT_FAILED].cause, PC5S_CAUSE_AUTHENTICATION);
		assert_non_null(strstr(sim_info(p.b, A).failure, "carol is expected"));
		sim_free(p.sim);
	}
}

/* A name claimed in the request that the credentials do not bear out. */
static void claimed_identity(void **context)
{
	struct pair p = pair_new();

	(void)context;
	snprintf(p.a->exchange.credentials.identity, sizeof(p.a->exchange.credentials.identity),
		 "mallory");
	pair_start(&p);
	sim_connect(p.a, p.b);
	sim_run(p.sim, 30000);
	assert_int_equal(p.b->reports[UE_REPORT_CONNECTED], 0);
	assert_int_equal(p.a->last[UE_REPORT_FAILED].cause, PC5S_CAUSE_AUTHENTICATION);
	assert_non_null(strstr(sim_info(p.b, A).failure,
			       "claims to be ue-0a0b0c and proved to be mallory"));
	sim_free(p.sim);

	/* UE_2 names itself in the COMMAND otherwise than in its credentials */
	p = pair_new();
	snprintf(p.b->exchange.credentials.identity, sizeof(p.b->exchange.credentials.identity),
		 "mallory");
	pair_start(&p);
	sim_connect(p.a, p.b);
	sim_run(p.sim, 30000);
	assert_int_equal(p.a->reports[UE_REPORT_CONNECTED], 0);
	assert_int_equal(p.a->last[UE_REPORT_FAILED].cause, PC5S_CAUSE_AUTHENTICATION);
	assert_non_null(strstr(sim_info(p.a, B).failure, "names itself otherwise"));
	assert_null(sim_peer(p.a, B));
	assert_null(sim_peer(p.b, A));
	sim_free(p.sim);
}

static void not_authorised(void **context)
{
	(void)context;
	for (int which = 0; which < 4; which++) {
		struct pair p = pair_new();
		struct sim_ue *who = which & 1 ? p.b : p.a, *other = which & 1 ? p.a : p.b;

		who->refuse_identity = which < 2;
		who->refuse_addresses = which >= 2;
		pair_start(&p);
		sim_connect(p.a, p.b);
		sim_run(p.sim, 60000);
		assert_false(pair_connected(&p));
		assert_int_equal(who->reports[UE_REPORT_CONNECTED], 0);
		assert_int_equal(who->last[UE_REPORT_FAILED].cause, PC5S_CAUSE_NOT_ALLOWED);
		assert_non_null(strstr(sim_info(who, other->config.l2_id).failure, "access list"));
		assert_null(sim_peer(p.a, B));
		assert_null(sim_peer(p.b, A));
		assert_true(*sim_info(other, who->config.l2_id).failure);
		sim_free(p.sim);
	}
}

/* The keying method fails, at each end, at each container, with an alert and without. */
static void key_establishment_fails(void **context)
{
	(void)context;
	for (unsigned int at = 0; at < 4; at++)
		for (int alert = 0; alert < 3; alert++)
			for (uint32_t loss = 0; loss < 2; loss++) {
				struct pair p = pair_new();
				struct sim_ue *who = at & 1 ? p.b : p.a;
				struct sim_ue *other = at & 1 ? p.a : p.b;
				const char *there;

				who->exchange.credentials.failure =
					alert == 1 ? FAKE_FAIL_ALERT :
					alert ? FAKE_FAIL_LONG_ALERT : FAKE_FAIL_SILENT;
				who->exchange.credentials.fail_at = at;
				p.sim->loss = 150 * loss;
				pair_start(&p);
				sim_connect(p.a, p.b);
				sim_run(p.sim, 60000);
				assert_int_equal(p.a->reports[UE_REPORT_CONNECTED], 0);
				assert_int_equal(p.b->reports[UE_REPORT_CONNECTED], 0);
				assert_null(sim_peer(p.a, B));
				assert_null(sim_peer(p.b, A));
				assert_int_equal(p.a->reports[UE_REPORT_FAILED], 1);
				if (loss) {
					sim_free(p.sim);
					continue;
				}
				assert_int_equal(who->last[UE_REPORT_FAILED].cause,
						 PC5S_CAUSE_AUTHENTICATION);
				assert_non_null(strstr(sim_info(who, other->config.l2_id).failure,
						       "credentials are not accepted"));
				/* the other end knows that it was that, and by the alert more */
				there = sim_info(other, who->config.l2_id).failure;
				if (other->last[UE_REPORT_FAILED].cause !=
				    PC5S_CAUSE_AUTHENTICATION)
					fail_msg("container %u, alert %d: %s", at, alert, there);
				if (alert == 1 && !strstr(there, "alert") && !strstr(there, "refused the last"))
					fail_msg("container %u: %s", at, there);
				sim_free(p.sim);
			}
}

/* The same in a rekeying: who does not authenticate again is let go, by both. */
static void rekey_authentication_fails(void **context)
{
	(void)context;
	for (unsigned int at = 0; at < 4; at++)
		for (int alert = 0; alert < 2; alert++) {
			struct pair p = pair_new();
			struct sim_ue *who = at & 1 ? p.b : p.a;

			pair_start(&p);
			pair_connect(&p);
			who->exchange.credentials.failure =
				alert ? FAKE_FAIL_ALERT : FAKE_FAIL_SILENT;
			who->exchange.credentials.fail_at = at;
			assert_int_equal(sim_rekey(p.a, p.b, true), 0);
			sim_run(p.sim, 60000);
			assert_int_not_equal(sim_state(p.a, B), UE_LINK_CONNECTED);
			assert_int_not_equal(sim_state(p.b, A), UE_LINK_CONNECTED);
			assert_null(sim_peer(p.a, B));
			assert_null(sim_peer(p.b, A));
			assert_int_equal(who->last[UE_REPORT_FAILED].cause,
					 PC5S_CAUSE_AUTHENTICATION);
			sim_free(p.sim);
		}
}

/* Different provisioned keys: silence on the air, a sentence for the user. */
static void different_secrets(void **context)
{
	struct pair p = pair_new();

	(void)context;
	pair_shared(&p);
	p.b->shared.credentials.secret = 77;
	pair_start(&p);
	sim_connect(p.a, p.b);
	sim_run(p.sim, 30000);
	assert_non_null(strstr(sim_info(p.a, B).failure, "MAC-I did not verify"));
	assert_null(sim_peer(p.b, A));
	assert_int_equal(p.a->key_logs, 0);
	sim_free(p.sim);

	/* and none at all, at either end */
	for (int at_b = 0; at_b < 2; at_b++) {
		p = pair_new();
		pair_shared(&p);
		(at_b ? p.b : p.a)->shared.credentials.failure = FAKE_FAIL_SILENT;
		pair_start(&p);
		sim_connect(p.a, p.b);
		sim_run(p.sim, 30000);
		assert_non_null(strstr(at_b ? sim_info(p.b, A).failure : sim_info(p.a, B).failure,
				       "no provisioned key"));
		assert_int_equal(p.a->reports[UE_REPORT_FAILED], 1);
		sim_free(p.sim);
	}
}

static void no_common_method(void **context)
{
	struct pair p = pair_new();

	(void)context;
	p.a->config.n_methods = 1;
	p.b->config.methods[0] = &p.b->shared.method;
	p.b->config.n_methods = 1;
	pair_start(&p);
	sim_connect(p.a, p.b);
	sim_run(p.sim, 30000);
	assert_int_equal(p.a->last[UE_REPORT_FAILED].cause, PC5S_CAUSE_CAPABILITIES);
	assert_non_null(strstr(sim_info(p.b, A).failure, "keying method"));
	sim_free(p.sim);
}

/* The kernel refuses something: the procedure fails with its reason, nothing stays. */
static void kernel_refuses(void **context)
{
	static const enum ue_action_type types[] = { UE_PEER_ADD, UE_ASSOC_ADD, UE_ASSOC_TX };

	(void)context;
	for (size_t i = 0; i < 3; i++)
		for (int at_b = 0; at_b < 2; at_b++) {
			struct pair p = pair_new();
			struct sim_ue *u = at_b ? p.b : p.a;

			pair_start(&p);
			u->refuse_action = true;
			u->refused = types[i];
			sim_connect(p.a, p.b);
			sim_run(p.sim, 60000);
			assert_false(u->refuse_action);
			assert_non_null(strstr(u->last[UE_REPORT_FAILED].text, "refused by the test"));
			assert_false(pair_connected(&p));
			assert_null(sim_peer(p.a, B));
			assert_null(sim_peer(p.b, A));
			/* it was only once */
			if (sim_state(p.a, B) != UE_LINK_CONNECTED)
				pair_connect(&p);
			sim_free(p.sim);
		}
	/* in a rekeying */
	for (size_t i = 1; i < 3; i++)
		for (int at_b = 0; at_b < 2; at_b++) {
			struct pair p = pair_new();
			struct sim_ue *u = at_b ? p.b : p.a;

			pair_start(&p);
			pair_connect(&p);
			u->refuse_action = true;
			u->refused = types[i];
			assert_int_equal(sim_rekey(p.a, p.b, false), 0);
			sim_run(p.sim, 60000);
			assert_true(u->reports[UE_REPORT_FAILED] >= 1);
			if (!pair_connected(&p)) {
				assert_null(sim_peer(p.a, B));
				assert_null(sim_peer(p.b, A));
				pair_connect(&p);
			}
			pair_data(&p);
			sim_free(p.sim);
		}
}

/* Names from the air end in logs and terminals. */
static void strange_names(void **context)
{
	static const char * const names[] = { "a\x1b[2J", "\xff\xfe", "a\nb", "\xe2\x80\xae" "abc",
					      "\xc0\xaf" };
	struct pair p = pair_new();

	(void)context;
	pair_start(&p);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct pc5s_message m = request_of(names[i], i + 1);

		plain_message(p.sim, A, B, &m);
		sim_run(p.sim, 100);
		assert_int_equal(half_open(p.b).all, 0);
		assert_non_null(strstr(sim_info(p.b, A).failure, "User Info"));
	}
	sim_free(p.sim);
}

/* Octets from anywhere on every bearer: nothing happens, nothing breaks. */
static void noise(void **context)
{
	static const uint8_t lcids[] = { 28, 28, 29, 30 };
	struct pair p = pair_new();
	uint64_t rng = 5;

	(void)context;
	pair_start(&p);
	pair_connect(&p);
	n_recorded = 0;
	p.sim->tap = record;
	sim_rekey(p.a, p.b, true);
	sim_run(p.sim, 1000);
	p.sim->tap = NULL;
	for (int i = 0; i < 20000; i++) {
		struct sim_frame frame = recorded[sim_random(&rng) % n_recorded];

		if (i & 1) {
			frame.lcid = lcids[sim_random(&rng) % 4];
			if (frame.lcid == 28)
				memset(frame.pdu + 1, 0, 4);
			frame.pdu[PDCP_HEADER] = pc5s_type_at(sim_random(&rng) % 17);
		}
		for (int n = (int)(sim_random(&rng) % 4); n; n--)
			frame.pdu[sim_random(&rng) % frame.len] ^= (uint8_t)(1 + sim_random(&rng) % 255);
		frame.len = 1 + sim_random(&rng) % frame.len;
		if (frame.lcid == 28 && frame.len > PDCP_HEADER)
			frame.pdu[1] = frame.pdu[2] = 0;
		sim_deliver(p.sim, &frame);
		sim_drain(p.sim);
	}
	sim_run(p.sim, 60000);
	assert_true(pair_connected(&p));
	pair_agree(&p);
	pair_data(&p);
	sim_free(p.sim);
}

/*
 * The same while handshakes run, with true messages changed and cut: a setup may fail of it
 * (nothing protects its first messages), but nothing is installed that both do not share,
 * and when the noise ends a setup succeeds.
 */
static struct {
	uint64_t rng;
	bool on;
} meddler;

static bool meddle(struct sim *sim, struct sim_frame *frame)
{
	if (!meddler.on)
		return true;
	for (int n = 0; n < 3; n++) {
		struct sim_frame copy = *frame;
		size_t from = copy.lcid == 28 ? PDCP_HEADER : 0;

		for (uint64_t i = 1 + sim_random(&meddler.rng) % 3; i; i--)
			copy.pdu[from + sim_random(&meddler.rng) % (copy.len - from)] ^=
				(uint8_t)(1 << sim_random(&meddler.rng) % 8);
		if (sim_random(&meddler.rng) % 3 == 0)
			copy.len = from + sim_random(&meddler.rng) % (copy.len - from + 1);
		if (sim_random(&meddler.rng) % 4 == 0) {
			/* back to where it came from */
			copy.dst = frame->src;
			copy.src = frame->dst;
		}
		sim_queue(sim, &copy, sim->now + sim_random(&meddler.rng) % 12);
	}
	return true;
}

static void noise_in_handshakes(void **context)
{
	unsigned int connected = 0;

	(void)context;
	for (uint64_t seed = 1; seed <= 150; seed++) {
		struct pair p = { .sim = sim_new(seed) };

		p.a = sim_add(p.sim, A);
		p.b = sim_add(p.sim, B);
		if (seed % 3)
			pair_shared(&p);
		p.a->exchange.credentials.lenient = p.b->exchange.credentials.lenient = true;
		p.a->shared.credentials.bind_hash = p.b->shared.credentials.bind_hash = true;
		if (seed % 3 == 2)
			pair_strict(&p);
		pair_start(&p);
		meddler.rng = seed;
		meddler.on = true;
		p.sim->tap = meddle;
		sim_connect(p.a, p.b);
		sim_run(p.sim, 3000);
		connected += pair_connected(&p);
		for (int i = 0; i < 5; i++) {
			sim_rekey(i & 1 ? p.a : p.b, i & 1 ? p.b : p.a, i & 2);
			sim_run(p.sim, 3000);
		}
		meddler.on = false;
		sim_run(p.sim, 120000);
		if (!pair_connected(&p)) {
			sim_connect(p.a, p.b);
			sim_run(p.sim, 60000);
		}
		assert_true(pair_connected(&p));
		pair_agree(&p);
		pair_data(&p);
		sim_free(p.sim);
	}
	assert_true(connected > 70);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bidding_down),
		cmocka_unit_test(bound_request),
		cmocka_unit_test(command_changed),
		cmocka_unit_test(forged_command),
		cmocka_unit_test(command_of_a_bad_peer),
		cmocka_unit_test(command_replayed_after_another),
		cmocka_unit_test(forged_request_while_accepting),
		cmocka_unit_test(forged_reject),
		cmocka_unit_test(forged_on_live_link),
		cmocka_unit_test(replays),
		cmocka_unit_test(forged_requests_on_live_link),
		cmocka_unit_test(l2_id_conflict),
		cmocka_unit_test(cookies),
		cmocka_unit_test(cookie_of_another),
		cmocka_unit_test(forged_cookie),
		cmocka_unit_test(half_open_flood),
		cmocka_unit_test(half_open_one_source),
		cmocka_unit_test(identity_mismatch),
		cmocka_unit_test(claimed_identity),
		cmocka_unit_test(not_authorised),
		cmocka_unit_test(key_establishment_fails),
		cmocka_unit_test(rekey_authentication_fails),
		cmocka_unit_test(different_secrets),
		cmocka_unit_test(no_common_method),
		cmocka_unit_test(kernel_refuses),
		cmocka_unit_test(strange_names),
		cmocka_unit_test(noise),
		cmocka_unit_test(noise_in_handshakes),
	};

	return cmocka_run_group_tests_name("link_attack", tests, NULL, NULL);
}
