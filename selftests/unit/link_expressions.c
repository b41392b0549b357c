// SPDX-License-Identifier: MIT
/* Expressions: services asked for, accepted and announced, bound to the link. */
#include "../sim/pair.h"

static struct ue_expressions asked;

static const struct ue_expressions *asks(void *context, uint32_t l2_id)
{
	(void)context;
	return l2_id == B ? &asked : NULL;
}

static struct ue_expressions names(const char *a, const char *b)
{
	struct ue_expressions out = { 0 };

	if (a)
		snprintf(out.name[out.n++], sizeof(out.name[0]), "%s", a);
	if (b)
		snprintf(out.name[out.n++], sizeof(out.name[0]), "%s", b);
	return out;
}

static struct pair with_services(void)
{
	struct pair p = pair_new();

	p.a->config.asks = asks;
	p.a->config.announces = names("map", NULL);
	p.b->config.accepts = names("voice", "chat");
	p.b->config.announces = names("voice", "chat");
	pair_start(&p);
	return p;
}

static void accepted(void **context)
{
	(void)context;
	for (int n = 0; n < 3; n++) {
		struct pair p = with_services();
		struct ue_link_info info;

		asked = n == 0 ? names(NULL, NULL) : n == 1 ? names("chat", NULL) :
			names("chat", "voice");
		pair_connect(&p);
		for (int end = 0; end < 2; end++) {
			info = end ? sim_info(p.b, A) : sim_info(p.a, B);
			assert_int_equal(info.expressions.n, n);
			if (n)
				assert_string_equal(info.expressions.name[0], "chat");
			assert_string_equal(info.announced.name[0], end ? "map" : "voice");
			assert_int_equal(info.announced.n, end ? 1 : 2);
		}
		/* they are the link's, whatever its keys are */
		assert_int_equal(sim_rekey(p.b, p.a, true), 0);
		sim_run(p.sim, 1000);
		assert_int_equal(sim_info(p.a, B).expressions.n, n);
		assert_int_equal(sim_info(p.b, A).expressions.n, n);
		sim_free(p.sim);
	}
}

static void refused(void **context)
{
	struct pair p = with_services();

	(void)context;
	asked = names("chat", "radar");
	assert_int_equal(sim_connect(p.a, p.b), 0);
	sim_run(p.sim, 20000);
	assert_int_equal(sim_state(p.a, B), UE_LINK_NULL);
	assert_int_equal(p.a->last[UE_REPORT_FAILED].cause, PC5S_CAUSE_NOT_ALLOWED);
	assert_non_null(strstr(sim_info(p.b, A).failure, "radar"));
	sim_free(p.sim);
}

/* The request is not protected: who takes the service out of it, or puts another in, is noticed. */
static bool change(struct sim *sim, struct sim_frame *frame)
{
	const struct ue_expressions *to = sim->tap_context;
	struct pc5s_message m;

	if (!frame_decode(frame, &m) || m.type != PC5S_REQUEST)
		return true;
	m.has &= ~PC5S_BIT(PC5S_IE_EXPRESSIONS);
	if (to->n) {
		m.has |= PC5S_BIT(PC5S_IE_EXPRESSIONS);
		m.expressions.n = (uint8_t)to->n;
		memcpy(m.expressions.name, to->name, sizeof(m.expressions.name));
	}
	frame_encode(frame, &m);
	return true;
}

static void changed(void **context)
{
	struct ue_expressions to[] = { names(NULL, NULL), names("chat", NULL) };

	(void)context;
	asked = names("voice", NULL);
	for (size_t i = 0; i < 2; i++) {
		struct pair p = with_services();

		p.sim->tap = change;
		p.sim->tap_context = &to[i];
		assert_int_equal(sim_connect(p.a, p.b), 0);
		sim_run(p.sim, 60000);
		assert_int_equal(p.a->reports[UE_REPORT_CONNECTED], 0);
		assert_int_equal(p.b->reports[UE_REPORT_CONNECTED], 0);
		assert_non_null(strstr(sim_info(p.a, B).failure, "another request"));
		sim_free(p.sim);
	}
}

/* What was asked for last is kept with KD. */
static bool keep(void *context, const struct ue_idle *idle)
{
	*(struct ue_idle *)context = *idle;
	return false;
}

static void kept(void **context)
{
	struct pair p = with_services();
	char why[KEYING_TEXT_MAX];
	struct ue_idle idle;

	(void)context;
	asked = names("voice", NULL);
	pair_connect(&p);
	pair_release(&p);
	ue_idle(p.a->ue, keep, &idle);
	assert_string_equal(idle.expressions.name[0], "voice");
	ue_free(p.a->ue);
	sim_start(p.a);
	assert_int_equal(ue_restore(p.a->ue, p.sim->now, &idle, why, sizeof(why)), 0);
	assert_string_equal(sim_info(p.a, B).expressions.name[0], "voice");
	assert_int_equal(sim_info(p.a, B).announced.n, 0);
	sim_free(p.sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepted),
		cmocka_unit_test(refused),
		cmocka_unit_test(changed),
		cmocka_unit_test(kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
