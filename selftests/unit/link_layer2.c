// SPDX-License-Identifier: MIT
/* Layer-2 IDs of a link: who listens does not see which links are of one UE. */
#include "../sim/pair.h"

/* What was on the air, in order. */
struct heard {
	size_t n;
	struct { uint32_t src, dst; uint8_t lcid; } frame[4096];
	/* one to lose: the n-th (from 1) of LCID 30 under the Layer-2 IDs of the devices from @lose_src */
	uint32_t lose_src;
	unsigned int lose;
};

static bool listen(struct sim *sim, struct sim_frame *frame)
{
	struct heard *heard = sim->tap_context;

	assert_in_range(heard->n, 0, 4095);
	heard->frame[heard->n].src = frame->src;
	heard->frame[heard->n].dst = frame->dst;
	heard->frame[heard->n++].lcid = frame->lcid;
	return frame->src != heard->lose_src || frame->lcid != 30 || !heard->lose || --heard->lose;
}

static struct pair private(struct heard *heard, bool a, bool b)
{
	struct pair p = pair_new();

	memset(heard, 0, sizeof(*heard));
	p.a->config.link_l2_ids = a;
	p.b->config.link_l2_ids = b;
	p.sim->tap = listen;
	p.sim->tap_context = heard;
	pair_start(&p);
	return p;
}

static bool device_id(uint32_t l2_id)
{
	return l2_id == A || l2_id == B;
}

/* Both know the same two, and they are new ones. */
static void under_link_ids(struct pair *p)
{
	struct ue_link_info i = sim_info(p->a, B), j = sim_info(p->b, A);

	assert_int_not_equal(i.local_l2_id, 0);
	assert_int_not_equal(i.remote_l2_id, 0);
	assert_int_equal(i.local_l2_id, j.remote_l2_id);
	assert_int_equal(i.remote_l2_id, j.local_l2_id);
	assert_int_not_equal(i.local_l2_id, i.remote_l2_id);
	assert_false(device_id(i.local_l2_id) || device_id(i.remote_l2_id));
}

/*
 * All that follows a setup: data, keepalives, rekeying with and without a new KD from either end,
 * release. And the next link has others.
 */
static void unlinkable(void **context)
{
	uint32_t before[2] = { 0 };
	struct heard heard;
	struct pair p = private(&heard, true, true);

	(void)context;
	for (int n = 0; n < 3; n++) {
		struct ue_link_info info;
		size_t i;

		pair_connect(&p);
		under_link_ids(&p);
		info = sim_info(p.a, B);
		for (i = 0; i < 2; i++)
			assert_false(before[i] == info.local_l2_id || before[i] == info.remote_l2_id);
		before[0] = info.local_l2_id;
		before[1] = info.remote_l2_id;
		for (i = 0; i < heard.n; i++)
			assert_true(device_id(heard.frame[i].src) && device_id(heard.frame[i].dst));

		heard.n = 0;
		pair_data(&p);
		sim_run(p.sim, 60000);
		assert_int_equal(sim_rekey(p.a, p.b, false), 0);
		assert_true(sim_until(p.sim, p.a, p.b, UE_LINK_CONNECTED, 30000));
		pair_data(&p);
		assert_int_equal(sim_rekey(p.b, p.a, true), 0);
		assert_true(sim_until(p.sim, p.a, p.b, UE_LINK_CONNECTED, 30000));
		pair_agree(&p);
		pair_data(&p);
		under_link_ids(&p);
		assert_int_equal(sim_release(p.a, p.b), 0);
		sim_run(p.sim, 10000);
		assert_true(heard.n > 20);
		for (i = 0; i < heard.n; i++) {
			assert_int_equal(heard.frame[i].src + heard.frame[i].dst, before[0] + before[1]);
			assert_true(heard.frame[i].src == before[0] || heard.frame[i].src == before[1]);
			assert_int_not_equal(heard.frame[i].lcid, 28);
		}
		heard.n = 0;
		/* nothing is left of them in the kernels */
		assert_null(sim_peer(p.a, B));
		assert_null(sim_peer(p.b, A));
		assert_int_equal(sim_info(p.a, B).local_l2_id, 0);
	}
	sim_free(p.sim);
}

/* One end that does not want them decides; a link is none the worse for it. */
static void declined(void **context)
{
	(void)context;
	for (int who = 0; who < 2; who++) {
		struct heard heard;
		struct pair p = private(&heard, !who, who);

		pair_connect(&p);
		pair_data(&p);
		sim_run(p.sim, 30000);
		assert_true(pair_connected(&p));
		for (size_t i = 0; i < heard.n; i++)
			assert_true(device_id(heard.frame[i].src) && device_id(heard.frame[i].dst));
		for (int i = 0; i < 2; i++) {
			struct sim_peer *peer = sim_peer(&p.sim->ues[i], i ? A : B);

			assert_int_equal(peer->local_l2_id, 0);
			assert_int_equal(peer->remote_l2_id, 0);
		}
		sim_free(p.sim);
	}
}

/* Strict TS 24.334 has no place for them. */
static void strict(void **context)
{
	struct heard heard;
	struct pair p = private(&heard, true, true);

	(void)context;
	ue_free(p.a->ue);
	ue_free(p.b->ue);
	pair_strict(&p);
	pair_start(&p);
	pair_connect(&p);
	pair_data(&p);
	assert_int_equal(sim_info(p.a, B).local_l2_id, 0);
	sim_free(p.sim);
}

/*
 * ACCEPT and CONNECTION COMPLETE are lost, each so often: UE_1 sends under the new Layer-2 IDs when
 * UE_2 does not know both yet, and what it sends arrives.
 */
static void lost(void **context)
{
	(void)context;
	for (unsigned int n = 1; n < 4; n++)
		for (int who = 0; who < 2; who++) {
			struct heard heard;
			struct pair p = private(&heard, true, true);
			uint32_t before;

			heard.lose_src = who ? B : A;
			heard.lose = n;
			assert_int_equal(sim_connect(p.a, p.b), 0);
			while (sim_state(p.a, B) != UE_LINK_CONNECTED)
				assert_true(sim_step(p.sim, 60000));
			before = sim_peer(p.b, A)->data_received;
			assert_true(sim_data(p.a, B));
			sim_run(p.sim, 3 * p.sim->delay_max);
			assert_int_equal(sim_peer(p.b, A)->data_received, before + 1);
			assert_true(sim_until(p.sim, p.a, p.b, UE_LINK_CONNECTED, 60000));
			pair_agree(&p);
			under_link_ids(&p);
			pair_data(&p);
			sim_free(p.sim);
		}
}

/* The device's Layer-2 ID may change under such a link, and KD can be renewed after it. */
static void device_changes(void **context)
{
	(void)context;
	for (int private_ids = 0; private_ids < 2; private_ids++) {
		struct heard heard;
		struct pair p = private(&heard, private_ids, private_ids);
		struct ue_config config;
		char why[UE_TEXT_MAX] = "";

		pair_connect(&p);
		config = p.a->config;
		config.l2_id = 0x222324;
		if (!private_ids) {
			assert_int_equal(ue_reconfigure(p.a->ue, &config, why, sizeof(why)), -1);
			sim_free(p.sim);
			continue;
		}
		assert_int_equal(ue_reconfigure(p.a->ue, &config, why, sizeof(why)), 0);
		p.a->config = config;
		sim_run(p.sim, 60000);
		assert_int_equal(sim_state(p.b, A), UE_LINK_CONNECTED);
		for (int who = 0; who < 2; who++) {
			struct sim_ue *u = who ? p.b : p.a;

			assert_int_equal(ue_rekey(u->ue, p.sim->now, who ? A : B, true, why,
						  sizeof(why)), 0);
			sim_run(p.sim, 10000);
			assert_int_equal(sim_info(p.a, B).kd_rekeys, who + 1);
			assert_int_equal(sim_info(p.b, A).kd_rekeys, who + 1);
		}
		assert_true(sim_data(p.a, B));
		assert_true(sim_data(p.b, A));
		sim_run(p.sim, 100);
		assert_int_equal(sim_peer(p.a, B)->data_received, 1);
		assert_int_equal(sim_peer(p.b, A)->data_received, 1);
		/* not while one is on its way */
		config.l2_id = 0x252627;
		assert_int_equal(ue_rekey(p.a->ue, p.sim->now, B, false, why, sizeof(why)), 0);
		assert_int_equal(ue_reconfigure(p.a->ue, &config, why, sizeof(why)), -1);
		sim_free(p.sim);
	}
}

/* UE_1 loses everything and comes again: the setup runs beside the old link, under device IDs. */
static void again(void **context)
{
	struct heard heard;
	struct pair p = private(&heard, true, true);
	struct ue_link_info old;

	(void)context;
	pair_connect(&p);
	old = sim_info(p.a, B);
	ue_free(p.a->ue);
	memset(p.a->peers, 0, sizeof(p.a->peers));
	p.a->n_peers = 0;
	sim_start(p.a);
	assert_int_equal(sim_connect(p.a, p.b), 0);
	sim_run(p.sim, 10000);
	assert_true(pair_connected(&p));
	pair_agree(&p);
	under_link_ids(&p);
	assert_int_not_equal(sim_info(p.a, B).local_l2_id, old.local_l2_id);
	assert_int_not_equal(sim_info(p.b, A).local_l2_id, old.remote_l2_id);
	pair_data(&p);
	sim_free(p.sim);
}

/* A restart takes the link over with its Layer-2 IDs, and what keys are bound to. */
static void adopted(void **context)
{
	struct heard heard;
	struct pair p = private(&heard, true, true);
	struct ue_config config;
	struct ue_link_info info;
	char why[UE_TEXT_MAX];

	(void)context;
	pair_connect(&p);
	config = p.a->config;
	config.l2_id = 0x222324;
	assert_int_equal(ue_reconfigure(p.a->ue, &config, why, sizeof(why)), 0);
	p.a->config = config;
	info = sim_info(p.a, B);
	ue_free(p.a->ue);
	sim_start(p.a);
	assert_int_equal(ue_adopt(p.a->ue, p.sim->now, &info, &info.kd_sess_id, 1), 0);
	assert_int_equal(ue_rekey(p.a->ue, p.sim->now, B, true, why, sizeof(why)), 0);
	sim_run(p.sim, 10000);
	assert_int_equal(sim_info(p.a, B).kd_rekeys, 1);
	assert_int_equal(sim_info(p.b, A).kd_rekeys, 1);
	assert_int_equal(sim_info(p.a, B).local_l2_id, info.local_l2_id);
	sim_free(p.sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unlinkable),
		cmocka_unit_test(declined),
		cmocka_unit_test(strict),
		cmocka_unit_test(lost),
		cmocka_unit_test(device_changes),
		cmocka_unit_test(again),
		cmocka_unit_test(adopted),
	};

	return cmocka_run_group_tests_name("core/link_layer2", tests, NULL, NULL);
}
