// SPDX-License-Identifier: MIT
/* COUNTs in keepalives: who was led astray, or lost too much in a row, gets new keys. */
#include "../sim/pair.h"

/* What the fake kernels say of user data beside the truth. */
static struct {
	uint32_t sent, received;
} more[2];
static unsigned int asked;

static bool counts(void *context, uint32_t l2_id, uint16_t kd_sess_id, struct ue_counts *out)
{
	struct sim_ue *u = context;
	struct sim_assoc *assoc = sim_assoc(sim_peer(u, l2_id), kd_sess_id);
	struct sim_bearer *bearer;
	uint32_t highest = 0;

	asked++;
	if (!assoc)
		return false;
	bearer = sim_bearer(assoc, UE_BEARER_DATA);
	for (uint32_t i = 0; i < SIM_WINDOW; i++)
		if (bearer->seen[i / 8] & 1 << i % 8)
			highest = i + 1;
	out->n = 1;
	out->c[0].bearer = UE_BEARER_DATA;
	out->c[0].sent = assoc->a.count_start - 1 + bearer->tx_next + more[u->index].sent;
	out->c[0].received = assoc->a.count_start - 1 + highest + more[u->index].received;
	return true;
}

static struct pair counting(bool up_integrity)
{
	struct pair p = pair_new();

	memset(more, 0, sizeof(more));
	asked = 0;
	for (size_t i = 0; i < 2; i++) {
		p.sim->ues[i].config.up_integrity = up_integrity ? UE_REQUIRED : UE_NOT_NEEDED;
		p.sim->ues[i].config.counts = counts;
	}
	pair_start(&p);
	pair_connect(&p);
	return p;
}

static uint32_t rekeys(struct pair *p)
{
	return sim_info(p->a, B).rekeys;
}

/* Packets on the way make one end's COUNTs lag behind; that is no reason for anything. */
static void in_step(void **context)
{
	(void)context;
	for (int full = 0; full < 2; full++) {
		struct pair p = counting(full);

		p.sim->loss = 300;
		for (int i = 0; i < 3000; i++) {
			sim_data(p.a, B);
			if (i % 3 == 0)
				sim_data(p.b, A);
			sim_run(p.sim, 40);
		}
		p.sim->loss = 0;
		sim_run(p.sim, 60000);
		assert_true(asked > 4);
		assert_int_equal(rekeys(&p), 0);
		assert_true(pair_connected(&p));
		sim_free(p.sim);
	}
}

/*
 * Either end can notice, by the question or by the answer: B believes to have received what A never
 * sent; or B has lost so much of what A sent that it cannot tell the HFN any more.
 */
static void out_of_step(void **context)
{
	(void)context;
	for (int who = 0; who < 2; who++)
		for (int what = 0; what < 2; what++) {
			struct pair p = counting(false);
			uint64_t since;

			sim_run(p.sim, 15000);
			assert_int_equal(rekeys(&p), 0);
			if (what)
				more[who].sent = PROSE_COUNT_LOST;
			else
				more[who].received = 1;
			since = p.sim->now;
			while (!rekeys(&p) && p.sim->now - since < 30000)
				sim_run(p.sim, 10);
			assert_int_equal(rekeys(&p), 1);
			pair_data(&p);
			/* it goes on being so: somebody injects packets all the time */
			sim_run(p.sim, 10 * PROSE_RESYNC_MS);
			assert_in_range(rekeys(&p), 9, 12);
			assert_true(pair_connected(&p));
			/* and one packet less than too many is none too many */
			memset(more, 0, sizeof(more));
			sim_run(p.sim, PROSE_RESYNC_MS);
			more[who].sent = PROSE_COUNT_LOST - 1;
			since = rekeys(&p);
			sim_run(p.sim, 2 * PROSE_RESYNC_MS);
			assert_int_equal(rekeys(&p), since);
			sim_free(p.sim);
		}
}

/* A UE that cannot tell its COUNTs, or keeps to TS 24.334, says nothing of them. */
static void strict(void **context)
{
	struct pair p = pair_new();

	(void)context;
	asked = 0;
	pair_strict(&p);
	p.a->config.counts = p.b->config.counts = counts;
	pair_start(&p);
	pair_connect(&p);
	sim_run(p.sim, 60000);
	assert_int_equal(asked, 0);
	assert_true(pair_connected(&p));
	sim_free(p.sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_step),
		cmocka_unit_test(out_of_step),
		cmocka_unit_test(strict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
