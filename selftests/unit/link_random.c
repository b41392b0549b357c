// SPDX-License-Identifier: MIT
/*
 * Random schedules: two UEs, a bad medium, users who connect, rekey, release, and daemons
 * that die, all by a seed. Then the medium turns fair, and both must come to agree.
 *
 * LINK_RANDOM_SEEDS=N runs N seeds, LINK_RANDOM_SEED=N that one only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../sim/sim.h"

#define A	0x0a0b0c
#define B	0x111213
#define SEEDS	500	/* sim/schedules has the many */

static struct {
	unsigned int connected, rekeyed, kd_changed, released, failed, restarted;
} seen;

static uint32_t below(struct sim *sim, uint32_t n)
{
	return (uint32_t)(sim_random(&sim->rng) % n);
}

/* What the daemon does after it died: adopt what its store says was connected. */
static void restart(struct sim_ue *u)
{
	struct sim *sim = u->sim;

	sim_drain(sim);
	for (size_t i = 0; i < SIM_PEERS_MAX; i++) {
		struct sim_peer *peer = &u->peers[i];
		struct ue_link_info info = { 0 };
		bool live;

		if (!peer->used)
			continue;
		ue_link(u->ue, peer->l2_id, &info);
		live = info.state == UE_LINK_CONNECTED || info.state == UE_LINK_REKEYING;
		ue_free(u->ue);
		sim_start(u);
		if (live && sim_tx(peer)) {
			uint16_t ids[SIM_ASSOCS_MAX];

			for (size_t n = 0; n < peer->n_assocs; n++)
				ids[n] = peer->assocs[n].a.kd_sess_id;
			/* of the present context the kernel knows more than the store */
			info.kd_sess_id = sim_tx(peer)->a.kd_sess_id;
			info.is_ue_1 = sim_tx(peer)->a.direction == 0;
			assert_int_equal(ue_adopt(u->ue, sim->now, &info, ids, peer->n_assocs), 0);
		} else {
			memset(peer, 0, sizeof(*peer));
		}
		seen.restarted++;
		return;
	}
	ue_free(u->ue);
	sim_start(u);
}

static void act(struct sim *sim)
{
	struct sim_ue *u = &sim->ues[below(sim, 2)], *v = &sim->ues[1 - u->index];

	switch (below(sim, 16)) {
	case 0: case 1: case 2: case 3:
		sim_connect(u, v);
		break;
	case 4: case 5:
		sim_rekey(u, v, false);
		break;
	case 6:
		sim_rekey(u, v, true);
		break;
	case 7:		/* both at once */
		sim_rekey(u, v, below(sim, 2));
		sim_rekey(v, u, below(sim, 2));
		break;
	case 8:
		sim_connect(u, v);
		sim_connect(v, u);
		break;
	case 9:
		if (!below(sim, 3))
			sim_release(u, v);
		break;
	case 10:
		if (!below(sim, 4))
			restart(u);
		break;
	case 11:
		if (sim_tx(sim_peer(u, v->config.l2_id)))
			ue_count_soft(u->ue, sim->now, v->config.l2_id,
				      sim_tx(sim_peer(u, v->config.l2_id))->a.kd_sess_id);
		break;
	default:
		sim_data(u, v->config.l2_id);
		break;
	}
}

static void configure(struct sim *sim)
{
	bool up_integrity = below(sim, 2), sess_id = below(sim, 2), strict = !below(sim, 8);
	unsigned int containers = 2 + below(sim, 5);
	uint32_t fragment = 256 + below(sim, 900);
	bool shared_only = strict || !below(sim, 4);

	for (size_t i = 0; i < sim->n; i++) {
		struct sim_ue *u = &sim->ues[i];

		u->config.up_integrity = up_integrity;
		u->config.count_profile = sess_id ? UE_COUNT_SESS_ID : UE_COUNT_HFN;
		u->config.strict_24334 = strict;
		u->config.ke_fragment = fragment + (uint32_t)i * 100;
		u->exchange.method.containers = containers;
		u->exchange.credentials.size = 80 + below(sim, 3000);
		if (i)
			u->exchange.credentials.size = sim->ues[0].exchange.credentials.size;
		u->exchange.credentials.bind_hash = true;
		u->shared.credentials.bind_hash = true;
		if (shared_only) {
			u->config.methods[0] = &u->shared.method;
			u->config.n_methods = 1;
		}
		sim_start(u);
	}
	sim->loss = below(sim, 300);
	sim->duplicate = below(sim, 200);
	sim->delay_min = 1 + below(sim, 20);
	sim->delay_max = sim->delay_min + below(sim, 500);
}

static void settled(uint64_t seed, struct sim *sim)
{
	struct sim_ue *a = &sim->ues[0], *b = &sim->ues[1];

	for (size_t i = 0; i < 2; i++) {
		struct sim_ue *u = &sim->ues[i], *v = &sim->ues[1 - i];
		enum ue_link_state state = sim_state(u, v->config.l2_id);
		struct sim_peer *peer = sim_peer(u, v->config.l2_id);

		if (state != UE_LINK_CONNECTED && state != UE_LINK_IDLE && state != UE_LINK_NULL)
			fail_msg("seed %llu: %06x hangs in state %s", (unsigned long long)seed,
				 u->config.l2_id, ue_state_name(state));
		/* keys of what failed or was replaced are gone */
		if (state == UE_LINK_CONNECTED ? !peer || peer->n_assocs != 1 : !!peer)
			fail_msg("seed %llu: %06x in state %s has %zu associations",
				 (unsigned long long)seed, u->config.l2_id, ue_state_name(state),
				 peer ? peer->n_assocs : 0);
	}
	if (sim_both(a, b, UE_LINK_CONNECTED)) {
		const char *differs = sim_agree(a, b);

		if (differs)
			fail_msg("seed %llu: they differ: %s", (unsigned long long)seed, differs);
	}
}

static void run(uint64_t seed)
{
	struct sim *sim = sim_new(seed);
	struct sim_ue *a = sim_add(sim, A), *b = sim_add(sim, B);

	configure(sim);
	sim_connect(below(sim, 2) ? a : b, below(sim, 2) ? a : b);
	for (uint32_t n = 10 + below(sim, 30); n; n--) {
		sim_run(sim, 1 + below(sim, below(sim, 4) ? 400 : 6000));
		act(sim);
		/* the medium changes its mind */
		if (!below(sim, 10))
			sim->loss = below(sim, 300);
	}

	sim->loss = sim->duplicate = 0;
	sim->delay_min = sim->delay_max = 5;
	/* keepalives find out about a link that only one end still believes in */
	sim_run(sim, 120000);
	settled(seed, sim);
	if (!sim_both(a, b, UE_LINK_CONNECTED)) {
		sim_connect(a, b);
		if (sim_state(a, B) != UE_LINK_CONNECTED)
			sim_until(sim, a, b, UE_LINK_CONNECTED, 30000);
		if (!sim_until(sim, a, b, UE_LINK_CONNECTED, 30000))
			fail_msg("seed %llu: no connection on a fair medium: %s, %s",
				 (unsigned long long)seed, sim_info(a, B).failure,
				 sim_info(b, A).failure);
		sim_run(sim, 60000);
		settled(seed, sim);
	}

	/* data and a rekeying of each kind, nothing lost */
	for (int round = 0; round < 4; round++) {
		struct sim_peer *at_b = sim_peer(b, A), *at_a = sim_peer(a, B);
		uint32_t sent = 0, before;

		before = at_a->data_received + at_b->data_received;
		assert_int_equal(sim_rekey(round & 1 ? a : b, round & 1 ? b : a, round & 2), 0);
		for (int i = 0; i < 60; i++) {
			sent += sim_data(a, B);
			sent += sim_data(b, A);
			sim_run(sim, 7);
		}
		sim_run(sim, 10000);
		assert_int_equal(sent, 120);
		if (at_a->data_received + at_b->data_received - before != sent)
			fail_msg("seed %llu: of %u packets %u arrived around a rekeying",
				 (unsigned long long)seed, sent,
				 at_a->data_received + at_b->data_received - before);
		settled(seed, sim);
		assert_true(sim_both(a, b, UE_LINK_CONNECTED));
	}

	for (size_t i = 0; i < 2; i++) {
		struct sim_ue *u = &sim->ues[i];

		seen.connected += u->reports[UE_REPORT_CONNECTED];
		seen.rekeyed += u->reports[UE_REPORT_REKEYED];
		seen.released += u->reports[UE_REPORT_RELEASED];
		seen.failed += u->reports[UE_REPORT_FAILED];
		seen.kd_changed += u->last[UE_REPORT_REKEYED].kd_changed;
		assert_int_equal(u->mac_failures, 0);
		assert_true(u->max_assocs <= SIM_ASSOCS_MAX);
	}
	/* and out */
	assert_int_equal(sim_release(a, b), 0);
	sim_run(sim, 10000);
	assert_null(sim_peer(a, B));
	assert_null(sim_peer(b, A));
	assert_false(sim_data(a, B));
	sim_free(sim);
}

static void random_schedules(void **context)
{
	const char *one = getenv("LINK_RANDOM_SEED"), *many = getenv("LINK_RANDOM_SEEDS");
	uint64_t n = many ? strtoull(many, NULL, 0) : SEEDS;

	(void)context;
	if (one) {
		run(strtoull(one, NULL, 0));
		return;
	}
	for (uint64_t seed = 1; seed <= n; seed++)
		run(seed);
	print_message("# connected %u, rekeyed %u (last with new KD: %u), released %u, "
		      "failed %u, restarted %u\n",
		      seen.connected, seen.rekeyed, seen.kd_changed, seen.released, seen.failed,
		      seen.restarted);
	/* the schedules reach what they are for */
	assert_true(seen.connected > n && seen.rekeyed > n && seen.released > n / 4 &&
		    seen.failed > n / 20 && seen.restarted > n / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_schedules),
	};

	return cmocka_run_group_tests_name("link_random", tests, NULL, NULL);
}
