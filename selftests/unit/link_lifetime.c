// SPDX-License-Identifier: MIT
/* How long KD-sess and KD live: soft limits bring new ones in time, hard ones end the old. */
#include "../sim/pair.h"

#define HOUR	3600000u

static struct pair lifetimes_pair(const struct ue_lifetimes *limits)
{
	struct pair p = pair_new();

	p.a->config.lifetimes = p.b->config.lifetimes = *limits;
	pair_start(&p);
	pair_connect(&p);
	return p;
}

/* Each hour a new KD-sess, each day a new KD, and packets pass all the time. */
static void soft_by_time(void **context)
{
	struct ue_lifetimes limits = { .kd_sess_soft.ms = HOUR, .kd_sess_hard.ms = 2 * HOUR,
				       .kd_soft.ms = 24 * HOUR, .kd_hard.ms = 48 * HOUR };
	struct pair p = lifetimes_pair(&limits);
	struct ue_link_info info;

	(void)context;
	for (int hour = 0; hour < 49; hour++) {
		sim_run(p.sim, HOUR);
		assert_true(pair_connected(&p));
		pair_data(&p);
	}
	info = sim_info(p.a, B);
	/* up to a tenth of each period is taken off by chance, so that not both ends begin */
	assert_in_range(info.rekeys, 48, 55);
	assert_in_range(info.kd_rekeys, 2, 3);
	assert_int_equal(p.a->reports[UE_REPORT_FAILED] + p.b->reports[UE_REPORT_FAILED], 0);
	pair_agree(&p);
	sim_free(p.sim);
}

/* A limit that is loaded later counts from when the key was made. */
static void shortened(void **context)
{
	struct ue_lifetimes limits = { 0 };
	struct pair p = lifetimes_pair(&limits);
	char why[KEYING_TEXT_MAX];

	(void)context;
	sim_run(p.sim, 10 * HOUR);
	assert_int_equal(sim_info(p.a, B).rekeys, 0);
	p.a->config.lifetimes.kd_sess_soft.ms = HOUR;
	assert_int_equal(ue_reconfigure(p.a->ue, &p.a->config, why, sizeof(why)), 0);
	sim_run(p.sim, 1000);
	assert_int_equal(sim_info(p.a, B).rekeys, 1);
	sim_free(p.sim);
}

/* KD-sess outlives nothing: a peer that never answers a rekeying, but keepalives, is let go. */
static bool no_rekeying(struct sim *sim, struct sim_frame *frame)
{
	(void)sim;
	return frame->lcid != UE_BEARER_SMC;
}

static void hard_kd_sess(void **context)
{
	struct ue_lifetimes limits = { .kd_sess_hard.ms = HOUR };
	struct pair p = lifetimes_pair(&limits);

	(void)context;
	sim_run(p.sim, HOUR - 2000);
	assert_true(pair_connected(&p));
	sim_run(p.sim, 10000);
	assert_int_equal(sim_state(p.a, B), UE_LINK_IDLE);
	assert_int_equal(sim_state(p.b, A), UE_LINK_IDLE);
	assert_non_null(strstr(sim_info(p.a, B).failure, "end of its life"));
	assert_null(sim_peer(p.a, B));
	/* KD was kept: it is good for another KD-sess */
	assert_int_not_equal(sim_info(p.a, B).kd_id, 0);
	pair_connect(&p);
	assert_int_equal(p.a->exchange.credentials.runs, 1);
	sim_free(p.sim);
}

static void hard_kd_sess_without_rekeying(void **context)
{
	struct ue_lifetimes limits = { .kd_sess_soft.ms = HOUR, .kd_sess_hard.ms = HOUR + 3000 };
	struct pair p = lifetimes_pair(&limits);

	(void)context;
	p.sim->tap = no_rekeying;
	sim_run(p.sim, 2 * HOUR);
	assert_int_not_equal(sim_state(p.a, B), UE_LINK_CONNECTED);
	assert_int_not_equal(sim_state(p.b, A), UE_LINK_CONNECTED);
	assert_null(sim_peer(p.a, B));
	assert_null(sim_peer(p.b, A));
	sim_free(p.sim);
}

/* In D2D-Idle a KD ends too, and with it what the peer may call us by. */
static void hard_kd_idle(void **context)
{
	struct ue_lifetimes limits = { .kd_hard.ms = 24 * HOUR };
	struct pair p = lifetimes_pair(&limits);

	(void)context;
	sim_run(p.sim, HOUR);
	pair_release(&p);
	assert_int_equal(sim_state(p.a, B), UE_LINK_IDLE);
	sim_run(p.sim, 22 * HOUR);
	assert_int_equal(sim_state(p.a, B), UE_LINK_IDLE);
	sim_run(p.sim, 2 * HOUR);
	assert_int_equal(sim_state(p.a, B), UE_LINK_NULL);
	assert_int_equal(sim_state(p.b, A), UE_LINK_NULL);
	assert_int_equal(ue_deadline(p.a->ue), UINT64_MAX);
	pair_connect(&p);
	assert_int_equal(p.a->exchange.credentials.runs, 2);
	sim_free(p.sim);
}

/* Between two runs only the wall clock goes on; a KD that was too old by then is not used. */
static bool keep(void *context, const struct ue_idle *idle)
{
	*(struct ue_idle *)context = *idle;
	return false;
}

static void restored(void **context)
{
	struct ue_lifetimes limits = { .kd_hard.ms = 24 * HOUR };
	struct pair p = lifetimes_pair(&limits);
	char why[KEYING_TEXT_MAX];
	struct ue_idle idle;

	(void)context;
	pair_release(&p);
	ue_idle(p.a->ue, keep, &idle);
	assert_true(idle.kd_id);
	for (int days = 0; days < 2; days++) {
		ue_free(p.a->ue);
		sim_start(p.a);
		assert_int_equal(ue_restore(p.a->ue, p.sim->now, &idle, why, sizeof(why)), 0);
		sim_run(p.sim, 10);
		assert_int_equal(sim_state(p.a, B), days ? UE_LINK_NULL : UE_LINK_IDLE);
		idle.kd_made -= 86400;
	}
	ue_free(p.a->ue);
	sim_start(p.a);
	idle.kd_made += 86400 + 3600;	/* an hour is left of the day */
	assert_int_equal(ue_restore(p.a->ue, p.sim->now, &idle, why, sizeof(why)), 0);
	sim_run(p.sim, HOUR - 60000);
	assert_int_equal(sim_state(p.a, B), UE_LINK_IDLE);
	sim_run(p.sim, 2 * HOUR);
	assert_int_equal(sim_state(p.a, B), UE_LINK_NULL);
	sim_free(p.sim);
}

/* Octets and packets, as the kernel counted them. */
static void by_usage(void **context)
{
	struct ue_lifetimes limits = { .kd_sess_soft.octets = 1000000, .kd_sess_hard.octets = 2000000,
				       .kd_soft.packets = 5000, .kd_hard.packets = 9000 };
	struct pair p = lifetimes_pair(&limits);
	uint16_t id = sim_info(p.a, B).kd_sess_id;

	(void)context;
	assert_true(ue_wants_usage(p.a->ue));
	ue_usage(p.a->ue, p.sim->now, B, id, 100, 999999);
	sim_drain(p.sim);
	sim_run(p.sim, 1000);
	assert_int_equal(sim_info(p.a, B).rekeys, 0);
	ue_usage(p.a->ue, p.sim->now, B, id, 100, 1000000);
	sim_drain(p.sim);
	sim_run(p.sim, 1000);
	assert_int_equal(sim_info(p.a, B).rekeys, 1);
	assert_int_equal(sim_info(p.a, B).kd_rekeys, 0);

	/* KD adds up what its KD-sess did: 100 so far */
	id = sim_info(p.a, B).kd_sess_id;
	ue_usage(p.a->ue, p.sim->now, B, id, 4899, 1);
	sim_drain(p.sim);
	sim_run(p.sim, 20000);
	assert_int_equal(sim_info(p.a, B).rekeys, 1);
	ue_usage(p.a->ue, p.sim->now, B, id, 4900, 1);
	sim_drain(p.sim);
	sim_run(p.sim, 1000);
	assert_int_equal(sim_info(p.a, B).kd_rekeys, 1);

	/* so much between two questions that the hard limit is passed */
	id = sim_info(p.a, B).kd_sess_id;
	ue_usage(p.a->ue, p.sim->now, B, id, 1, 2000000);
	sim_drain(p.sim);
	assert_int_equal(sim_state(p.a, B), UE_LINK_IDLE);
	sim_run(p.sim, 1000);
	pair_connect(&p);
	id = sim_info(p.a, B).kd_sess_id;
	ue_usage(p.a->ue, p.sim->now, B, id, 9000, 1);
	sim_drain(p.sim);
	assert_int_equal(sim_state(p.a, B), UE_LINK_NULL);
	/* of what is not there nothing is counted */
	ue_usage(p.a->ue, p.sim->now, B, 77, 9000, 1);
	ue_usage(p.a->ue, p.sim->now, 0x123456, id, 9000, 1);
	sim_free(p.sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(soft_by_time),
		cmocka_unit_test(shortened),
		cmocka_unit_test(hard_kd_sess),
		cmocka_unit_test(hard_kd_sess_without_rekeying),
		cmocka_unit_test(hard_kd_idle),
		cmocka_unit_test(restored),
		cmocka_unit_test(by_usage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
