// SPDX-License-Identifier: MIT
/*
 * Links between UEs on a virtual clock: each procedure when all goes well, when one chosen
 * message is lost, and when both ends begin at once.
 */
#include "../sim/pair.h"

static void connects(void **context)
{
	struct pair p = pair_new();
	struct ue_link_info i, j;

	(void)context;
	pair_start(&p);
	pair_connect(&p);
	i = sim_info(p.a, B);
	j = sim_info(p.b, A);
	assert_true(i.authenticated && j.authenticated);
	assert_true(i.is_ue_1 && !j.is_ue_1);
	assert_string_equal(i.method, "exchange");
	assert_int_equal(i.kd_id, j.kd_id);
	assert_true(i.kd_id);
	assert_true(i.has_connection_ids && j.has_connection_ids);
	assert_memory_equal(i.local_connection_id, j.remote_connection_id, 8);
	assert_memory_equal(i.remote_connection_id, j.local_connection_id, 8);
	assert_int_equal(i.n_addresses, 1);
	assert_int_equal(i.addresses[0].addr[3], 0x13);
	assert_int_equal(sim_peer(p.b, A)->addresses[0].addr[3], 0x0c);
	assert_int_equal(p.a->reports[UE_REPORT_CONNECTED], 1);
	assert_int_equal(p.b->reports[UE_REPORT_CONNECTED], 1);
	assert_int_equal(p.a->key_logs, 1);
	assert_int_equal(p.b->key_logs, 1);
	pair_data(&p);
	sim_free(p.sim);
}

static void connects_shared(void **context)
{
	struct pair p = pair_new();

	(void)context;
	pair_shared(&p);
	pair_start(&p);
	pair_connect(&p);
	assert_string_equal(sim_info(p.a, B).method, "psk");
	pair_data(&p);
	sim_free(p.sim);
}

/* Strictly TS 24.334: no extension is on the air, and it works. */
static bool no_extensions(struct sim *sim, struct sim_frame *frame)
{
	struct pc5s_message m;

	if (frame_decode(frame, &m) && pc5s_has_extensions(&m))
		(*(unsigned int *)sim->tap_context)++;
	return true;
}

static void connects_strict(void **context)
{
	static const uint8_t link_local[16] = { 0xfe, 0x80, [15] = 7 };
	struct pair p = pair_new();
	unsigned int extensions = 0;

	(void)context;
	pair_strict(&p);
	memcpy(p.a->config.link_local, link_local, 16);
	memcpy(p.b->config.link_local, link_local, 16);
	p.sim->tap = no_extensions;
	p.sim->tap_context = &extensions;
	pair_start(&p);
	pair_connect(&p);
	assert_int_equal(extensions, 0);
	assert_false(sim_info(p.a, B).has_connection_ids);
	assert_int_equal(sim_info(p.a, B).n_addresses, 1);
	assert_memory_equal(sim_info(p.b, A).addresses[0].addr, link_local, 16);
	pair_data(&p);
	assert_int_equal(sim_rekey(p.a, p.b, true), 0);
	sim_run(p.sim, 1000);
	assert_int_equal(sim_info(p.b, A).kd_rekeys, 1);
	assert_int_equal(extensions, 0);
	pair_data(&p);
	sim_free(p.sim);
}

/* One end keeps to the standard, the other does not: refused with a reason at each end. */
static void strict_and_not(void **context)
{
	struct pair p = pair_new();

	(void)context;
	p.b->config.strict_24334 = true;
	pair_start(&p);
	sim_connect(p.a, p.b);
	sim_run(p.sim, 20000);
	assert_false(pair_connected(&p));
	assert_non_null(strstr(sim_info(p.b, A).failure, "strictly"));
	assert_int_equal(p.a->last[UE_REPORT_FAILED].cause, PC5S_CAUSE_UNSPECIFIED);
	sim_connect(p.b, p.a);
	sim_run(p.sim, 20000);
	assert_false(pair_connected(&p));
	assert_non_null(strstr(sim_info(p.a, B).failure, "policy"));
	sim_free(p.sim);
}

static void policies(void **context)
{
	(void)context;
	for (int full = 0; full < 2; full++)
		for (int sess_id = 0; sess_id < 2; sess_id++) {
			struct pair p = pair_new();
			struct sim_assoc *assoc;

			for (size_t i = 0; i < 2; i++) {
				p.sim->ues[i].config.up_integrity = full;
				p.sim->ues[i].config.count_profile =
					sess_id ? UE_COUNT_SESS_ID : UE_COUNT_HFN;
				p.sim->ues[i].config.kd_sess_soft_packets = 100;
			}
			pair_start(&p);
			pair_connect(&p);
			pair_data(&p);
			assoc = sim_tx(sim_peer(p.a, B));
			assert_int_equal(assoc->a.up_integrity, full);
			if (sess_id) {
				assert_int_equal(assoc->a.count_start,
						 (uint32_t)assoc->a.kd_sess_id << 16 | 1);
				assert_int_equal(assoc->a.count_limit,
						 (uint32_t)assoc->a.kd_sess_id << 16 | 0xffff);
			} else {
				assert_int_equal(assoc->a.count_start, 1);
				assert_int_equal(assoc->a.count_limit, UINT32_MAX);
			}
			assert_int_equal(assoc->a.count_soft, assoc->a.count_start + 100);
			sim_free(p.sim);
		}
}

/*
 * What a pair of user-plane policies comes to, TS 33.536: required and not needed refuse each
 * other, and not needed switches off. Both ends come to the same, whoever asks, also when rekeying.
 */
static void user_plane_policies(void **context)
{
	(void)context;
	for (int what = 0; what < 2; what++)
		for (enum ue_policy a = UE_NOT_NEEDED; a <= UE_REQUIRED; a++)
			for (enum ue_policy b = UE_NOT_NEEDED; b <= UE_REQUIRED; b++) {
				bool refused = a + b == 2 && a != b;
				bool on = a != UE_NOT_NEEDED && b != UE_NOT_NEEDED;
				struct pair p = pair_new();
				struct ue_link_info info;

				p.a->config.capabilities = p.b->config.capabilities = 0xa020;
				p.a->config.eea_order[1] = p.b->config.eea_order[1] = EEA0;
				*(what ? &p.a->config.up_ciphering : &p.a->config.up_integrity) = a;
				*(what ? &p.b->config.up_ciphering : &p.b->config.up_integrity) = b;
				pair_start(&p);
				sim_connect(p.a, p.b);
				sim_run(p.sim, 20000);
				assert_int_equal(pair_connected(&p), !refused);
				if (refused) {
					assert_int_equal(p.a->last[UE_REPORT_FAILED].cause,
							 PC5S_CAUSE_CAPABILITIES);
					assert_non_null(strstr(sim_info(p.b, A).failure,
							       "not needed"));
					sim_free(p.sim);
					continue;
				}
				for (int n = 0; n < 2; n++) {
					info = sim_info(p.a, B);
					assert_int_equal(what ? info.eea != EEA0 : info.up_integrity, on);
					pair_data(&p);
					assert_int_equal(sim_rekey(n ? p.a : p.b, n ? p.b : p.a, n), 0);
					sim_run(p.sim, 1000);
				}
				sim_free(p.sim);
			}
}

/* A COUNT profile the other end does not have is refused, and so is a policy that rules it out. */
static void policy_mismatch(void **context)
{
	(void)context;
	for (int which = 0; which < 2; which++) {
		struct pair p = pair_new();

		if (which)
			p.b->config.up_integrity = UE_NOT_NEEDED;
		else
			p.b->config.count_profile = UE_COUNT_SESS_ID;
		pair_start(&p);
		sim_connect(p.a, p.b);
		sim_run(p.sim, 20000);
		assert_int_equal(sim_state(p.a, B), UE_LINK_NULL);
		assert_int_equal(p.a->last[UE_REPORT_FAILED].cause, PC5S_CAUSE_CAPABILITIES);
		assert_true(p.a->last[UE_REPORT_FAILED].by_peer);
		assert_non_null(strstr(sim_info(p.b, A).failure, which ? "user data" : "counts"));
		assert_null(sim_peer(p.a, B));
		assert_null(sim_peer(p.b, A));
		sim_free(p.sim);
	}
}

/* Strictly TS 24.334 no policy is on the air: what is required shows in what is offered. */
static void strict_ciphering(void **context)
{
	(void)context;
	for (int rekey = 0; rekey < 2; rekey++) {
		struct pair p = pair_new();

		pair_strict(&p);
		p.a->config.capabilities = p.b->config.capabilities = 0xa020;
		p.b->config.eea_order[0] = EEA0;
		p.b->config.eea_order[1] = EEA2;
		p.a->config.up_ciphering = rekey ? UE_PREFERRED : UE_REQUIRED;
		pair_start(&p);
		pair_connect(&p);
		assert_int_equal(sim_info(p.a, B).eea, rekey ? EEA0 : EEA2);
		if (rekey) {
			char why[KEYING_TEXT_MAX];

			p.a->config.up_ciphering = UE_REQUIRED;
			assert_int_equal(ue_reconfigure(p.a->ue, &p.a->config, why,
							sizeof(why)), 0);
			assert_int_equal(sim_rekey(p.a, p.b, false), 0);
			sim_run(p.sim, 1000);
			pair_agree(&p);
			assert_int_equal(sim_info(p.a, B).eea, EEA2);
		}
		sim_free(p.sim);
	}
}

static void algorithms_mismatch(void **context)
{
	struct pair p = pair_new();

	(void)context;
	p.b->config.capabilities = 0x8020;
	p.b->config.eea_order[0] = EEA0;
	pair_start(&p);
	sim_connect(p.a, p.b);
	sim_run(p.sim, 20000);
	assert_int_equal(p.a->last[UE_REPORT_FAILED].cause, PC5S_CAUSE_CAPABILITIES);
	assert_non_null(strstr(sim_info(p.b, A).failure, "algorithms in common"));
	sim_free(p.sim);
}

/* The first of UE_2's preferences that both have. */
static void algorithm_preference(void **context)
{
	struct pair p = pair_new();

	(void)context;
	p.a->config.capabilities = 0xa020;
	p.b->config.capabilities = 0xa020;
	p.b->config.eea_order[0] = EEA0;
	p.b->config.eea_order[1] = EEA2;
	pair_start(&p);
	pair_connect(&p);
	assert_int_equal(sim_info(p.a, B).eea, EEA0);
	sim_free(p.sim);
}

/* Every pair: UE_2's command carries the MAC that UE_1 computes itself. */
static void algorithm_pairs(void **context)
{
	(void)context;
	for (uint8_t eea = EEA0; eea <= EEA3; eea++) {
		for (uint8_t integrity = EIA1; integrity <= EIA3; integrity++) {
			struct pair p = pair_new();

			p.b->config.capabilities = (uint16_t)(0x8000 >> eea | 0x80 >> integrity);
			p.b->config.eea_order[0] = eea;
			p.b->config.eia_order[0] = integrity;
			p.a->config.capabilities = p.b->config.capabilities;
			p.a->config.eea_order[0] = eea;
			p.a->config.eia_order[0] = integrity;
			pair_start(&p);
			pair_connect(&p);
			assert_int_equal(sim_info(p.a, B).eea, eea);
			assert_int_equal(sim_info(p.b, A).eia, integrity);
			assert_int_equal(sim_rekey(p.a, p.b, false), 0);
			sim_run(p.sim, 1000);
			assert_int_equal(sim_info(p.a, B).rekeys, 1);
			sim_free(p.sim);
		}
	}
}

static void configuration_refused(void **context)
{
	struct pair p = pair_new();
	struct ue_config good = p.a->config, bad;
	char why[KEYING_TEXT_MAX];
	struct ue *ue;

	(void)context;
#define REFUSED(change, word) do { \
	bad = good; \
	change; \
	assert_null(ue_new(&bad, why, sizeof(why))); \
	assert_non_null(strstr(why, word)); \
} while (0)
	REFUSED(bad.l2_id = 0, "Layer-2 ID");
	REFUSED(bad.l2_id = 0x1000000, "Layer-2 ID");
	REFUSED(bad.identity[0] = 0, "identity");
	REFUSED(memcpy(bad.identity, "a\nb", 4), "identity");
	REFUSED(memcpy(bad.identity, "\xc3", 2), "identity");
	REFUSED(bad.n_methods = 0, "keying method");
	REFUSED(bad.methods[1] = bad.methods[0], "keying method");
	REFUSED((bad.strict_24334 = true, bad.n_methods = 1), "psk");
	REFUSED(bad.capabilities = 0x20a0, "EIA0");
	REFUSED(bad.capabilities = 0x2028, "integrity algorithm");
	REFUSED(bad.capabilities = 0x2000, "preferences");
	REFUSED(bad.capabilities = 0x0020, "preferences");
	REFUSED(bad.timers.t4111 = 0, "timer");
	REFUSED(bad.timers.retries = 21, "retries");
	REFUSED(bad.ke_fragment = 255, "fragment");
	REFUSED(bad.n_addresses = 9, "addresses");
	REFUSED(bad.addresses[0].family = 5, "address");
	REFUSED(bad.random = NULL, "randomness");
#undef REFUSED
	ue = ue_new(&good, why, sizeof(why));
	assert_non_null(ue);
	bad = good;
	bad.ke_fragment = 0;
	assert_int_equal(ue_reconfigure(ue, &bad, why, sizeof(why)), -1);
	assert_int_equal(ue_reconfigure(ue, &good, why, sizeof(why)), 0);
	ue_free(ue);
	sim_free(p.sim);
}

static void requests_of_the_user(void **context)
{
	struct pair p = pair_new();
	char why[KEYING_TEXT_MAX];

	(void)context;
	pair_start(&p);
	assert_int_equal(ue_connect(p.a->ue, p.sim->now, A, NULL, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "own"));
	assert_int_equal(ue_connect(p.a->ue, p.sim->now, 0, NULL, why, sizeof(why)), -1);
	assert_int_equal(ue_connect(p.a->ue, p.sim->now, B, "a\x01", why, sizeof(why)), -1);
	assert_int_equal(sim_rekey(p.a, p.b, false), -1);
	assert_int_equal(sim_release(p.a, p.b), -1);
	assert_int_equal(sim_connect(p.a, p.b), 0);
	assert_int_equal(sim_connect(p.a, p.b), -1);	/* already under way */
	assert_true(sim_until(p.sim, p.a, p.b, UE_LINK_CONNECTED, 10000));
	assert_int_equal(sim_connect(p.a, p.b), -1);
	assert_int_equal(sim_rekey(p.a, p.b, false), 0);
	/* one is running: that is the one, at either end */
	assert_int_equal(sim_rekey(p.a, p.b, true), 0);
	sim_run(p.sim, 1000);
	assert_int_equal(sim_info(p.a, B).rekeys, 1);
	assert_int_equal(sim_info(p.b, A).rekeys, 1);
	assert_int_equal(sim_info(p.a, B).kd_rekeys, 0);
	assert_int_equal(sim_release(p.a, p.b), 0);
	assert_int_equal(sim_release(p.a, p.b), -1);
	assert_int_equal(sim_connect(p.a, p.b), -1);	/* while it is being released */
	sim_run(p.sim, 1000);
	assert_int_equal(sim_connect(p.a, p.b), 0);
	assert_int_equal(sim_release(p.a, p.b), 0);	/* given up */
	assert_int_equal(sim_state(p.a, B), UE_LINK_IDLE);
	sim_free(p.sim);
}

/* No data before the link is connected, at either end. */
/* A wrong name was asked for, in vain. That does not keep the peer from asking. */
static void wrong_wish(void **context)
{
	struct pair p = pair_new();
	char why[KEYING_TEXT_MAX];

	(void)context;
	pair_start(&p);
	assert_int_equal(ue_connect(p.a->ue, p.sim->now, B, "somebody", why, sizeof(why)), 0);
	sim_run(p.sim, 60000);
	assert_int_equal(p.a->reports[UE_REPORT_FAILED], 1);
	assert_string_equal(sim_info(p.a, B).identity, "somebody");
	assert_int_equal(sim_connect(p.b, p.a), 0);
	assert_true(sim_until(p.sim, p.a, p.b, UE_LINK_CONNECTED, 5000));
	assert_string_equal(sim_info(p.a, B).identity, "ue-111213");
	sim_free(p.sim);
}

static void no_data_before_connected(void **context)
{
	struct pair p = pair_new();

	(void)context;
	pair_start(&p);
	sim_connect(p.a, p.b);
	while (!pair_connected(&p)) {
		if (sim_state(p.a, B) != UE_LINK_CONNECTED)
			assert_false(sim_data(p.a, B));
		if (sim_state(p.b, A) != UE_LINK_CONNECTED)
			assert_false(sim_data(p.b, A));
		assert_true(sim_step(p.sim, p.sim->now + 10000));
	}
	sim_free(p.sim);
}

static void rekeys(void **context)
{
	struct pair p = pair_new();
	uint32_t kd_id;
	uint16_t old;

	(void)context;
	pair_start(&p);
	pair_connect(&p);
	kd_id = sim_info(p.a, B).kd_id;
	old = sim_info(p.a, B).kd_sess_id;

	assert_int_equal(sim_rekey(p.a, p.b, false), 0);
	sim_run(p.sim, 500);
	pair_agree(&p);
	assert_int_not_equal(sim_info(p.a, B).kd_sess_id, old);
	assert_int_equal(sim_info(p.a, B).kd_id, kd_id);
	assert_int_equal(sim_info(p.b, A).rekeys, 1);
	assert_int_equal(sim_info(p.b, A).kd_rekeys, 0);
	assert_false(p.a->last[UE_REPORT_REKEYED].kd_changed);
	assert_int_equal(p.a->exchange.credentials.runs, 1);

	/* the other end, and KD too */
	assert_int_equal(sim_rekey(p.b, p.a, true), 0);
	sim_run(p.sim, 500);
	pair_agree(&p);
	assert_int_not_equal(sim_info(p.a, B).kd_id, kd_id);
	assert_int_equal(sim_info(p.a, B).kd_id, sim_info(p.b, A).kd_id);
	assert_false(sim_info(p.a, B).is_ue_1);
	assert_true(p.a->last[UE_REPORT_REKEYED].kd_changed);
	assert_true(p.a->last[UE_REPORT_REKEYED].by_peer);
	assert_int_equal(p.a->exchange.credentials.runs, 2);
	pair_data(&p);

	/* the old associations go */
	sim_run(p.sim, 20000);
	assert_int_equal(sim_peer(p.a, B)->n_assocs, 1);
	assert_int_equal(sim_peer(p.b, A)->n_assocs, 1);
	sim_free(p.sim);
}

static void rekeys_on_count(void **context)
{
	struct pair p = pair_new();
	uint16_t id;

	(void)context;
	pair_start(&p);
	pair_connect(&p);
	id = sim_info(p.a, B).kd_sess_id;
	ue_count_soft(p.a->ue, p.sim->now, B, (uint16_t)(id + 1));
	assert_int_equal(sim_state(p.a, B), UE_LINK_CONNECTED);
	ue_count_soft(p.a->ue, p.sim->now, B, id);
	assert_int_equal(sim_state(p.a, B), UE_LINK_REKEYING);
	/* meanwhile it may be said again, here and there */
	ue_count_soft(p.a->ue, p.sim->now, B, id);
	ue_count_soft(p.b->ue, p.sim->now, A, id);
	sim_run(p.sim, 3000);
	pair_agree(&p);
	assert_int_equal(sim_info(p.a, B).rekeys, 1);
	/* a late notification about the one that no longer sends begins nothing */
	ue_count_soft(p.a->ue, p.sim->now, B, id);
	assert_int_equal(sim_state(p.a, B), UE_LINK_CONNECTED);
	ue_count_exhausted(p.a->ue, p.sim->now, B, sim_info(p.a, B).kd_sess_id);
	assert_int_equal(sim_state(p.a, B), UE_LINK_REKEYING);
	sim_run(p.sim, 3000);
	assert_int_equal(sim_info(p.a, B).rekeys, 2);
	assert_non_null(strstr(p.a->last[UE_REPORT_NOTICE].text, "COUNT"));
	sim_free(p.sim);
}

/* The limit of the very key that a rekeying has just brought: it needs one more. */
static void rekeys_worn_new_key(void **context)
{
	struct dropper d = { B, 30, 1, 0, 0 };	/* the RESPONSE */
	struct pair p = pair_new();
	uint16_t old, new;

	(void)context;
	pair_start(&p);
	pair_connect(&p);
	old = sim_info(p.a, B).kd_sess_id;
	drop(p.sim, &d);
	assert_int_equal(sim_rekey(p.a, p.b, false), 0);
	sim_run(p.sim, 100);
	assert_int_equal(sim_state(p.a, B), UE_LINK_REKEYING);
	new = sim_info(p.a, B).kd_sess_id;
	assert_int_not_equal(new, old);
	ue_count_soft(p.a->ue, p.sim->now, B, new);
	ue_count_exhausted(p.a->ue, p.sim->now, B, new);
	sim_run(p.sim, 10000);
	assert_int_equal(d.dropped, 1);
	pair_agree(&p);
	assert_int_equal(sim_info(p.a, B).rekeys, 2);
	assert_int_not_equal(sim_info(p.a, B).kd_sess_id, new);
	sim_free(p.sim);
}

/* The KD that is shown is that of the association that sends, also amid a rekeying. */
static void rekeys_kd_shown(void **context)
{
	struct dropper d = { B, 30, UINT64_MAX, 0, 0 };	/* no RESPONSE */
	struct pair p = pair_new();
	uint32_t old;

	(void)context;
	pair_start(&p);
	pair_connect(&p);
	old = sim_info(p.a, B).kd_id;
	assert_int_equal(sim_rekey(p.a, p.b, true), 0);
	/* key establishment goes on the same bearer */
	while (sim_info(p.a, B).kd_sess_id == sim_info(p.b, A).kd_sess_id)
		assert_true(sim_step(p.sim, UINT64_MAX));
	drop(p.sim, &d);
	sim_run(p.sim, 100);
	assert_int_equal(sim_state(p.a, B), UE_LINK_REKEYING);
	assert_int_equal(sim_info(p.a, B).kd_sess_id, sim_info(p.b, A).kd_sess_id);
	assert_int_not_equal(sim_info(p.b, A).kd_id, old);
	assert_int_equal(sim_info(p.a, B).kd_id, sim_info(p.b, A).kd_id);
	sim_free(p.sim);
}

static void releases(void **context)
{
	(void)context;
	for (int by_b = 0; by_b < 2; by_b++) {
		struct pair p = pair_new();
		struct sim_ue *from = by_b ? p.b : p.a, *to = by_b ? p.a : p.b;

		pair_start(&p);
		pair_connect(&p);
		assert_int_equal(sim_release(from, to), 0);
		assert_int_equal(sim_state(from, to->config.l2_id), UE_LINK_RELEASING);
		sim_run(p.sim, 100);
		assert_true(sim_both(p.a, p.b, UE_LINK_IDLE));
		assert_null(sim_peer(p.a, B));
		assert_null(sim_peer(p.b, A));
		assert_false(from->last[UE_REPORT_RELEASED].by_peer);
		assert_true(to->last[UE_REPORT_RELEASED].by_peer);
		assert_false(sim_data(p.a, B));
		sim_free(p.sim);
	}
}

static void releases_both_at_once(void **context)
{
	struct pair p = pair_new();

	(void)context;
	pair_start(&p);
	pair_connect(&p);
	sim_release(p.a, p.b);
	sim_release(p.b, p.a);
	sim_run(p.sim, 10000);
	assert_true(sim_both(p.a, p.b, UE_LINK_IDLE));
	assert_int_equal(p.a->reports[UE_REPORT_RELEASED], 1);
	assert_int_equal(p.b->reports[UE_REPORT_RELEASED], 1);
	sim_free(p.sim);
}

/* D2D-Idle: the KD both kept makes a link without a new key establishment. */
static void reconnects_by_kd_id(void **context)
{
	struct pair p = pair_new();
	uint32_t kd_id;

	(void)context;
	pair_start(&p);
	pair_connect(&p);
	kd_id = sim_info(p.a, B).kd_id;
	sim_release(p.a, p.b);
	sim_run(p.sim, 1000);
	assert_int_equal(sim_connect(p.b, p.a), 0);
	assert_true(sim_until(p.sim, p.a, p.b, UE_LINK_CONNECTED, 2000));
	pair_agree(&p);
	assert_int_equal(sim_info(p.a, B).kd_id, kd_id);
	assert_int_equal(p.a->exchange.credentials.runs, 1);
	assert_string_equal(sim_info(p.a, B).method, "exchange");
	pair_data(&p);
	/* one end has lost it: a new one is made */
	sim_release(p.a, p.b);
	sim_run(p.sim, 1000);
	ue_free(p.b->ue);
	sim_start(p.b);
	pair_connect(&p);
	assert_int_not_equal(sim_info(p.a, B).kd_id, kd_id);
	assert_int_equal(p.a->exchange.credentials.runs, 2);
	sim_free(p.sim);
}

/* New credentials, a CRL for instance: what the old ones proved is not used any more. */
static void replaced_credentials_drop_kd(void **context)
{
	struct pair p = pair_new();
	struct fake_method renewed;
	struct ue_config config;
	char why[KEYING_TEXT_MAX];

	(void)context;
	pair_start(&p);
	pair_connect(&p);
	fake_exchange(&renewed, "ue-0a0b0c", 4, 1500);
	config = p.a->config;
	config.methods[0] = &renewed.method;
	assert_int_equal(ue_reconfigure(p.a->ue, &config, why, sizeof(why)), 0);
	assert_false(ue_method_in_use(p.a->ue, &p.a->exchange.method));
	assert_true(ue_method_in_use(p.a->ue, &renewed.method));
	/* live: the next rekeying takes a new KD without being told to, from either side */
	assert_int_equal(sim_rekey(p.b, p.a, false), 0);
	sim_run(p.sim, 1000);
	assert_int_equal(sim_info(p.a, B).kd_rekeys, 1);
	assert_int_equal(renewed.credentials.runs, 1);
	/* idle: KD goes at once */
	sim_release(p.a, p.b);
	sim_run(p.sim, 1000);
	assert_int_equal(sim_state(p.a, B), UE_LINK_IDLE);
	config.methods[0] = &p.a->exchange.method;
	assert_int_equal(ue_reconfigure(p.a->ue, &config, why, sizeof(why)), 0);
	assert_int_equal(sim_state(p.a, B), UE_LINK_NULL);
	pair_connect(&p);
	assert_int_equal(p.a->exchange.credentials.runs, 2);
	sim_free(p.sim);
}

static void keepalive(void **context)
{
	struct pair p = pair_new();
	uint64_t frames;

	(void)context;
	pair_start(&p);
	pair_connect(&p);
	frames = p.sim->frames_sent;
	sim_run(p.sim, 100000);
	assert_true(pair_connected(&p));
	assert_in_range(p.sim->frames_sent - frames, 18, 60);
	/* verified traffic takes its place */
	frames = p.sim->frames_sent;
	for (int i = 0; i < 100; i++) {
		sim_data(p.a, B);
		sim_data(p.b, A);
		sim_run(p.sim, 1000);
	}
	assert_int_equal(p.sim->frames_sent - frames, 200);
	/* silence: both ends find out and let go, KD stays */
	p.sim->loss = 1000;
	sim_run(p.sim, 60000);
	assert_true(sim_both(p.a, p.b, UE_LINK_IDLE));
	assert_non_null(strstr(sim_info(p.a, B).failure, "no longer answers"));
	assert_null(sim_peer(p.a, B));
	assert_null(sim_peer(p.b, A));
	sim_free(p.sim);
}

/* Data without MAC-I proves nothing: a forger must not keep a dead link alive. */
static void unverified_data_is_no_life(void **context)
{
	struct pair p = pair_new();

	(void)context;
	p.a->config.up_integrity = p.b->config.up_integrity = false;
	pair_start(&p);
	pair_connect(&p);
	ue_free(p.b->ue);
	p.b->ue = NULL;
	for (int i = 0; i < 60; i++) {
		struct sim_frame frame;

		sim_frame_init(&frame, B, A, 1);
		frame.pdu[1] = (uint8_t)(sim_info(p.a, B).kd_sess_id >> 8);
		frame.pdu[2] = (uint8_t)sim_info(p.a, B).kd_sess_id;
		frame.pdu[4] = (uint8_t)(i + 1);
		frame.len = sim_protect(sim_tx(sim_peer(p.b, A)), 1, SDU_IP,
					(const uint8_t *)"data", 4, frame.pdu);
		if (sim_state(p.a, B) == UE_LINK_CONNECTED)
			sim_queue(p.sim, &frame, p.sim->now + 1);
		sim_run(p.sim, 1000);
	}
	assert_int_equal(sim_state(p.a, B), UE_LINK_IDLE);
	sim_free(p.sim);
}

/* The kernel may tell late of what it verified before we asked: that is no answer. */
static void old_news_is_no_life(void **context)
{
	struct pair p = pair_new();
	uint64_t heard;

	(void)context;
	pair_start(&p);
	pair_connect(&p);
	heard = p.sim->now;
	p.sim->loss = 1000;
	for (int i = 0; i < 60; i++) {
		sim_run(p.sim, 500);
		ue_activity(p.a->ue, heard, B);
		sim_drain(p.sim);
	}
	assert_int_equal(sim_state(p.a, B), UE_LINK_IDLE);
	sim_free(p.sim);
}

static void rekey_and_release(struct pair *p)
{
	pair_data(p);
	assert_int_equal(sim_rekey(p->b, p->a, false), 0);
	sim_run(p->sim, 9000);
	assert_int_equal(sim_rekey(p->a, p->b, true), 0);
	sim_run(p->sim, 9000);
	assert_int_equal(sim_info(p->a, B).rekeys, 2);
	assert_int_equal(sim_info(p->b, A).rekeys, 2);
	pair_agree(p);
	pair_data(p);
	sim_release(p->a, p->b);
	sim_run(p->sim, 9000);
	assert_true(sim_both(p->a, p->b, UE_LINK_IDLE));
	sim_free(p->sim);
}

/*
 * Each message of the handshake lost once, and of both rekeyings: frame n of either side on each bearer.
 * All single losses must be healed by retransmission.
 */
static void any_one_message_lost(void **context)
{
	(void)context;
	/* that is all of them: 39 when this was written */
	assert_true(drop_each(24, pair_new, rekey_and_release) >= 36);
}

static void lost_complete(void **context)
{
	(void)context;
	/* of the setup, twice */
	for (int shared = 0; shared < 2; shared++) {
		struct pair p = pair_new();
		struct dropper d = { A, 29, 3, 0, 0 };

		if (shared)
			pair_shared(&p);
		pair_start(&p);
		drop(p.sim, &d);
		pair_connect(&p);
		assert_int_equal(d.dropped, 2);
		assert_int_equal(p.a->key_logs, 1);	/* one KD-sess, not another each time */
		/* of a rekeying, twice: data goes on meanwhile */
		d = (struct dropper){ A, 29, 3, 0, 0 };
		assert_int_equal(sim_rekey(p.a, p.b, false), 0);
		for (int i = 0; i < 50; i++) {
			pair_data(&p);
			sim_run(p.sim, 90);
		}
		assert_int_equal(d.dropped, 2);
		assert_int_equal(sim_info(p.a, B).rekeys, 1);
		assert_int_equal(sim_info(p.b, A).rekeys, 1);
		assert_int_equal(p.a->key_logs, 2);
		pair_agree(&p);
		sim_free(p.sim);
	}
}

/* T4111 at UE_2 ends while UE_1 already sends under the new association. */
static void rekey_half_done(void **context)
{
	struct pair p = pair_new();
	struct dropper d = { A, 29, UINT64_MAX, 0, 0 };

	(void)context;
	pair_start(&p);
	pair_connect(&p);
	drop(p.sim, &d);
	assert_int_equal(sim_rekey(p.a, p.b, false), 0);
	sim_run(p.sim, 60000);
	/* UE_1 gives up and says so; the other end is told or finds out */
	assert_true(sim_both(p.a, p.b, UE_LINK_IDLE));
	assert_null(sim_peer(p.a, B));
	assert_null(sim_peer(p.b, A));
	p.sim->tap = NULL;
	pair_connect(&p);
	pair_data(&p);
	sim_free(p.sim);
}

/* Both ends connect in the same millisecond, or within a round trip. */
static void crossing_requests(void **context)
{
	(void)context;
	for (unsigned int apart = 0; apart < 12; apart++)
		for (uint64_t seed = 1; seed < 20; seed++) {
			struct pair p = { .sim = sim_new(seed) };

			p.a = sim_add(p.sim, A);
			p.b = sim_add(p.sim, B);
			pair_cross(&p, apart);
			pair_data(&p);
			sim_free(p.sim);
		}
}

static void crossing_rekeys(void **context)
{
	(void)context;
	for (int kd = 0; kd < 4; kd++)
		for (unsigned int apart = 0; apart < 12; apart++)
			for (uint64_t seed = 1; seed < 8; seed++) {
				struct pair p = { .sim = sim_new(seed) };

				p.a = sim_add(p.sim, A);
				p.b = sim_add(p.sim, B);
				pair_start(&p);
				pair_connect(&p);
				sim_rekey(p.a, p.b, kd & 1);
				sim_run(p.sim, apart);
				sim_rekey(p.b, p.a, kd & 2);
				for (int i = 0; i < 60; i++)
					pair_data(&p);
				sim_run(p.sim, 30000);
				assert_true(pair_connected(&p));
				pair_agree(&p);
				assert_in_range(sim_info(p.a, B).rekeys, 1, 2);
				assert_int_equal(p.a->reports[UE_REPORT_FAILED], 0);
				assert_int_equal(p.b->reports[UE_REPORT_FAILED], 0);
				sim_free(p.sim);
			}
}

/* Equal nonces: the text would have both ignore the other and both release. */
static bool same_nonce;

static void fixed_random(void *context, uint8_t *out, size_t len)
{
	if (len == PC5S_NONCE_LEN && same_nonce)
		memset(out, 0x55, len);
	else
		sim_ue_random(context, out, len);
}

static void equal_nonces(void **context)
{
	struct pair p = pair_new();

	(void)context;
	p.a->config.random = p.b->config.random = fixed_random;
	pair_start(&p);
	same_nonce = true;
	sim_connect(p.a, p.b);
	sim_connect(p.b, p.a);
	same_nonce = false;
	assert_true(sim_until(p.sim, p.a, p.b, UE_LINK_CONNECTED, 10000));
	sim_run(p.sim, 30000);
	pair_agree(&p);
	same_nonce = true;
	sim_rekey(p.a, p.b, false);
	sim_rekey(p.b, p.a, true);
	same_nonce = false;
	sim_run(p.sim, 30000);
	assert_true(pair_connected(&p));
	pair_agree(&p);
	assert_true(sim_info(p.a, B).rekeys >= 1);
	assert_int_equal(p.a->reports[UE_REPORT_FAILED], 0);
	sim_free(p.sim);
}

/* The peer died and came back with nothing: the old link is replaced, not in the way. */
static void setup_over_a_live_link(void **context)
{
	struct pair p = pair_new();
	uint16_t old;

	(void)context;
	pair_start(&p);
	pair_connect(&p);
	old = sim_info(p.b, A).kd_sess_id;
	ue_free(p.a->ue);
	memset(p.a->peers, 0, sizeof(p.a->peers));
	sim_start(p.a);
	assert_int_equal(sim_connect(p.a, p.b), 0);
	sim_run(p.sim, 10000);
	assert_true(pair_connected(&p));
	pair_agree(&p);
	assert_int_not_equal(sim_info(p.b, A).kd_sess_id, old);
	assert_int_equal(sim_peer(p.b, A)->n_assocs, 1);
	pair_data(&p);
	sim_free(p.sim);
}

static void adopt(struct sim_ue *u, uint32_t l2_id)
{
	struct ue_link_info info = sim_info(u, l2_id);
	struct sim_peer *peer = sim_peer(u, l2_id);
	uint16_t ids[SIM_ASSOCS_MAX];

	for (size_t i = 0; i < peer->n_assocs; i++)
		ids[i] = peer->assocs[i].a.kd_sess_id;
	ue_free(u->ue);
	sim_start(u);
	assert_int_equal(ue_adopt(u->ue, u->sim->now, &info, ids, 0), -1);
	assert_int_equal(ue_adopt(u->ue, u->sim->now, &info, ids, peer->n_assocs), 0);
	assert_int_equal(ue_adopt(u->ue, u->sim->now, &info, ids, peer->n_assocs), -1);
}

/* A daemon comes back: the link lives, KD is gone and is made anew at the next rekeying. */
static void adoption(void **context)
{
	(void)context;
	for (int who = 0; who < 3; who++) {
		struct pair p = pair_new();

		pair_start(&p);
		pair_connect(&p);
		if (who != 1)
			adopt(p.a, B);
		if (who != 0)
			adopt(p.b, A);
		assert_true(pair_connected(&p));
		assert_string_equal(sim_info(p.a, B).identity, "ue-111213");
		pair_data(&p);
		sim_run(p.sim, 60000);
		assert_true(pair_connected(&p));
		assert_int_equal(sim_rekey(p.a, p.b, false), 0);
		sim_run(p.sim, 5000);
		pair_agree(&p);
		assert_int_equal(sim_info(p.a, B).kd_rekeys, 1);
		assert_int_equal(sim_info(p.a, B).kd_id, sim_info(p.b, A).kd_id);
		assert_true(sim_info(p.a, B).kd_id);
		pair_data(&p);
		sim_release(p.b, p.a);
		sim_run(p.sim, 5000);
		assert_true(sim_both(p.a, p.b, UE_LINK_IDLE));
		sim_free(p.sim);
	}
}

/* Every octet drawn alone is this one: the MSB of UE_1, where UE_2 begins to look. */
static uint8_t the_octet;

static void octet_random(void *context, uint8_t *out, size_t len)
{
	if (len == 1)
		*out = the_octet;
	else
		sim_ue_random(context, out, len);
}

/* Gives B a link that holds eight KD-sess IDs. */
static void occupy(struct pair *p, uint32_t l2_id, uint16_t first, uint16_t but, uint16_t instead)
{
	struct ue_link_info info = { .l2_id = l2_id, .identity = "other" };
	uint16_t ids[8];

	for (uint16_t i = 0; i < 8; i++)
		ids[i] = first + i == but || first + i == 0 ? instead : (uint16_t)(first + i);
	info.kd_sess_id = ids[7];
	assert_int_equal(ue_adopt(p->b->ue, p->sim->now, &info, ids, 8), 0);
}

/* KD-sess IDs: never 0, unique at UE_2, and when none is left the setup is refused. */
/* The limit of the old key, while a rekeying runs that fails: the link goes on, so it needs another. */
static void rekeys_worn_old_key(void **context)
{
	struct pair p = pair_new();
	uint16_t old;

	(void)context;
	pair_start(&p);
	pair_connect(&p);
	old = sim_info(p.a, B).kd_sess_id;
	assert_int_equal(sim_rekey(p.b, p.a, true), 0);
	sim_run(p.sim, 6);
	assert_int_equal(sim_state(p.a, B), UE_LINK_REKEYING);
	ue_count_exhausted(p.a->ue, p.sim->now, B, old);
	/* UE_1 restarts and knows nothing of it any more */
	adopt(p.b, A);
	sim_run(p.sim, 60000);
	assert_non_null(strstr(p.a->last[UE_REPORT_FAILED].text, "goes on under its old keys"));
	assert_true(pair_connected(&p));
	pair_agree(&p);
	assert_int_equal(sim_info(p.a, B).rekeys, 1);
	assert_int_not_equal(sim_info(p.a, B).kd_sess_id, old);
	sim_free(p.sim);
}

static void kd_sess_ids(void **context)
{
	static const uint16_t left[] = { 0x424d, 0x0001, 0xffff };

	(void)context;
	for (size_t i = 0; i < 3; i++)
		for (int none = 0; none < 2; none++) {
			struct pair p = pair_new();
			uint16_t msb = left[i] & 0xff00;

			p.a->config.random = octet_random;
			the_octet = (uint8_t)(left[i] >> 8);
			pair_shared(&p);
			/* those links are there only to be there */
			p.b->config.timers.t4102 = p.b->config.timers.grace = 100000000;
			pair_start(&p);
			for (uint16_t lsb = 0; lsb < 256; lsb += 8)
				occupy(&p, 0x500000u + lsb, msb | lsb, none ? 0 : left[i], 0x7777);
			sim_connect(p.a, p.b);
			sim_run(p.sim, 20000);
			assert_true(pair_connected(&p) == !none);
			if (none) {
				assert_int_equal(p.a->last[UE_REPORT_FAILED].cause,
						 PC5S_CAUSE_RESOURCES);
				assert_non_null(strstr(p.b->last[UE_REPORT_NOTICE].text,
						       "KD-sess IDs"));
			} else {
				assert_int_equal(sim_info(p.a, B).kd_sess_id, left[i]);
			}
			sim_free(p.sim);
		}
}

/* As UE_1, an MSB that no context of this peer has: its LSB could make one in use of it. */
static void kd_sess_msb(void **context)
{
	struct pair p = pair_new();

	(void)context;
	the_octet = 9;
	p.a->config.random = p.b->config.random = octet_random;
	pair_shared(&p);
	pair_start(&p);
	pair_connect(&p);
	assert_int_equal(sim_info(p.a, B).kd_sess_id, 0x0909);
	assert_int_equal(sim_rekey(p.a, p.b, false), 0);
	sim_run(p.sim, 100);
	assert_int_equal(sim_info(p.a, B).kd_sess_id, 0x0a09);
	assert_int_equal(sim_rekey(p.b, p.a, false), 0);
	sim_run(p.sim, 100);
	assert_int_equal(sim_info(p.a, B).kd_sess_id, 0x0b09);
	sim_run(p.sim, 10000);	/* the old ones are gone, their MSBs are free again */
	assert_int_equal(sim_rekey(p.b, p.a, false), 0);
	sim_run(p.sim, 100);
	assert_int_equal(sim_info(p.a, B).kd_sess_id, 0x0909);
	sim_free(p.sim);
}

/* Many peers at once: IDs and links do not get mixed up. */
static void many_links(void **context)
{
	struct sim *sim = sim_new(3);
	struct sim_ue *hub = sim_add(sim, A);

	(void)context;
	for (uint32_t i = 1; i < SIM_UES_MAX; i++)
		sim_start(sim_add(sim, A + i));
	sim_start(hub);
	sim->loss = 50;
	sim->duplicate = 50;
	sim->delay_max = 60;
	for (size_t i = 1; i < sim->n; i++)
		sim_connect(i & 1 ? hub : &sim->ues[i], i & 1 ? &sim->ues[i] : hub);
	sim_run(sim, 60000);
	for (size_t i = 1; i < sim->n; i++) {
		assert_true(sim_both(hub, &sim->ues[i], UE_LINK_CONNECTED));
		assert_null(sim_agree(hub, &sim->ues[i]));
	}
	sim_free(sim);
}

static void containers_of_all_sizes(void **context)
{
	static const size_t sizes[] = { 80, 255, 256, 257, 511, 512, 513, 1099, 1100, 1101, 2200,
					5000, 20000, 65530 };

	(void)context;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (unsigned int containers = 2; containers <= 5; containers++) {
			struct pair p = pair_new();

			for (size_t u = 0; u < 2; u++) {
				p.sim->ues[u].exchange.method.containers = containers;
				p.sim->ues[u].exchange.credentials.size = sizes[i];
				p.sim->ues[u].config.ke_fragment = i & 1 ? 256 : 1100;
			}
			pair_start(&p);
			pair_connect(&p);
			sim_free(p.sim);
		}
}

/* A method that makes a container no message can carry fails the setup, cleanly. */
static void container_too_large(void **context)
{
	struct pair p = pair_new();

	(void)context;
	p.b->exchange.credentials.size = 65536;
	p.a->exchange.credentials.size = 65536;
	pair_start(&p);
	sim_connect(p.a, p.b);
	sim_run(p.sim, 30000);
	assert_false(pair_connected(&p));
	assert_non_null(strstr(sim_info(p.b, A).failure, "cannot be sent"));
	sim_free(p.sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connects),
		cmocka_unit_test(connects_shared),
		cmocka_unit_test(connects_strict),
		cmocka_unit_test(strict_and_not),
		cmocka_unit_test(policies),
		cmocka_unit_test(user_plane_policies),
		cmocka_unit_test(policy_mismatch),
		cmocka_unit_test(strict_ciphering),
		cmocka_unit_test(algorithms_mismatch),
		cmocka_unit_test(algorithm_preference),
		cmocka_unit_test(algorithm_pairs),
		cmocka_unit_test(configuration_refused),
		cmocka_unit_test(requests_of_the_user),
		cmocka_unit_test(wrong_wish),
		cmocka_unit_test(no_data_before_connected),
		cmocka_unit_test(rekeys),
		cmocka_unit_test(rekeys_on_count),
		cmocka_unit_test(rekeys_worn_new_key),
		cmocka_unit_test(rekeys_kd_shown),
		cmocka_unit_test(releases),
		cmocka_unit_test(releases_both_at_once),
		cmocka_unit_test(reconnects_by_kd_id),
		cmocka_unit_test(replaced_credentials_drop_kd),
		cmocka_unit_test(keepalive),
		cmocka_unit_test(unverified_data_is_no_life),
		cmocka_unit_test(old_news_is_no_life),
		cmocka_unit_test(any_one_message_lost),
		cmocka_unit_test(lost_complete),
		cmocka_unit_test(rekey_half_done),
		cmocka_unit_test(crossing_requests),
		cmocka_unit_test(crossing_rekeys),
		cmocka_unit_test(equal_nonces),
		cmocka_unit_test(setup_over_a_live_link),
		cmocka_unit_test(adoption),
		cmocka_unit_test(rekeys_worn_old_key),
		cmocka_unit_test(kd_sess_ids),
		cmocka_unit_test(kd_sess_msb),
		cmocka_unit_test(many_links),
		cmocka_unit_test(containers_of_all_sizes),
		cmocka_unit_test(container_too_large),
	};

	return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
