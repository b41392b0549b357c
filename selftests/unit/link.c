// SPDX-License-Identifier: MIT
/* Links between UEs on a virtual clock: the procedures when all goes well. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../sim/sim.h"

#define A	0x0a0b0c
#define B	0x111213

struct pair {
	struct sim *sim;
	struct sim_ue *a, *b;
};

static struct pair pair_new(uint64_t seed)
{
	struct pair p = { .sim = sim_new(seed) };

	p.a = sim_add(p.sim, A);
	p.b = sim_add(p.sim, B);
	return p;
}

static void pair_start(struct pair *p)
{
	sim_start(p->a);
	sim_start(p->b);
}

static void agree(struct pair *p)
{
	const char *differs = sim_agree(p->a, p->b);

	if (differs)
		fail_msg("the two UEs differ: %s", differs);
}

static void connect_pair(struct pair *p)
{
	assert_int_equal(sim_connect(p->a, p->b), 0);
	assert_true(sim_until(p->sim, p->a, p->b, UE_LINK_CONNECTED, 20000));
	agree(p);
}

static void connects(void **context)
{
	struct pair p = pair_new(1);
	struct ue_link_info i, j;

	(void)context;
	pair_start(&p);
	connect_pair(&p);
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
	assert_int_equal(p.a->reports[UE_REPORT_CONNECTED], 1);
	assert_int_equal(p.b->reports[UE_REPORT_CONNECTED], 1);
	assert_int_equal(p.a->key_logs, 1);
	assert_int_equal(p.b->key_logs, 1);
	assert_true(sim_data(p.a, B));
	assert_true(sim_data(p.b, A));
	sim_run(p.sim, 100);
	assert_int_equal(sim_peer(p.a, B)->data_received, 1);
	assert_int_equal(sim_peer(p.b, A)->data_received, 1);
	sim_free(p.sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connects),
	};

	return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
