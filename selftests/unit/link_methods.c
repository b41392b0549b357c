// SPDX-License-Identifier: MIT
/* Links on a virtual clock with the product's own keying methods, psk and certificate. */
#include "keying_lab.h"

#include "keying/certificate/certificate.h"
#include "keying/pki/issue.h"
#include "keying/pki/pki.h"
#include "keying/psk/psk.h"

#include "../sim/pair.h"

static char why[KEYING_TEXT_MAX];
static const struct pki_options at_now = { .now = LAB_NOW };

static time_t lab_now = LAB_NOW;

static int64_t lab_clock(void *context)
{
	(void)context;
	return lab_now;
}

static struct keying_method *certificate(const char *root, const char *name)
{
	char ca[PATH_MAX], crl[PATH_MAX], pem[PATH_MAX], key[PATH_MAX];
	const char *cas[] = { ca }, *crls[] = { crl };
	struct certificate_files files = {
		.certificate = pem, .key = key, .ca = cas, .n_ca = 1, .crl = crls, .n_crl = 1,
		.crl_grace_days = CERTIFICATE_CRL_GRACE_DAYS, .now = LAB_NOW,
	};
	struct keying_method *method;

	snprintf(pem, PATH_MAX, "%s/%s/%s.pem", lab, root, name);
	snprintf(key, PATH_MAX, "%s/%s/%s.key", lab, root, name);
	snprintf(ca, PATH_MAX, "%s/%s/ca.pem", lab, root);
	snprintf(crl, PATH_MAX, "%s/%s/crl.pem", lab, root);
	method = certificate_new(&files, why, sizeof(why));
	if (!method)
		fail_msg("%s", why);
	return method;
}

static void done(int ret)
{
	if (ret)
		fail_msg("%s", why);
}

static int setup(void **state)
{
	if (lab_setup(state))
		return -1;
	done(pki_init(lab_path("root"), "test root", &at_now, why, sizeof(why)));
	done(pki_issue(lab_path("root"), "ue-0a0b0c", &at_now, why, sizeof(why)));
	done(pki_issue(lab_path("root"), "ue-111213", &at_now, why, sizeof(why)));
	done(pki_init(lab_path("other"), "other root", &at_now, why, sizeof(why)));
	done(pki_issue(lab_path("other"), "ue-111213", &at_now, why, sizeof(why)));
	return 0;
}

static struct pair pair_of(struct keying_method *a, struct keying_method *b)
{
	struct pair p = pair_new();

	p.a->config.methods[0] = a;
	p.b->config.methods[0] = b;
	p.a->config.n_methods = p.b->config.n_methods = 1;
	p.a->config.wall_clock = p.b->config.wall_clock = lab_clock;
	return p;
}

static void by_certificate(void **context)
{
	struct keying_method *a = certificate("root", "ue-0a0b0c");
	struct keying_method *b = certificate("root", "ue-111213");

	(void)context;
	for (uint32_t loss = 0; loss < 2; loss++)
		for (uint32_t fragment = 256; fragment < 4000; fragment += 900) {
			struct pair p = pair_of(a, b);

			p.a->config.ke_fragment = p.b->config.ke_fragment = fragment;
			p.sim->loss = 80 * loss;
			p.sim->duplicate = 80 * loss;
			p.sim->delay_max = 5 + 60 * loss;
			pair_start(&p);
			pair_connect(&p);
			assert_string_equal(sim_info(p.a, B).method, "certificate");
			assert_non_null(strstr(sim_info(p.a, B).detail, "TLSv1.3"));
			assert_int_equal(sim_rekey(p.b, p.a, true), 0);
			sim_run(p.sim, 30000);
			p.sim->loss = 0;
			sim_run(p.sim, 30000);
			assert_int_equal(sim_info(p.a, B).kd_rekeys, 1);
			pair_agree(&p);
			assert_int_equal(sim_release(p.a, p.b), 0);
			sim_run(p.sim, 10000);
			sim_free(p.sim);
		}
	certificate_free(a);
	certificate_free(b);
}

/* Both ends have a sentence with the reason, and nothing is left in a kernel. */
static void wrong_root(void **context)
{
	struct keying_method *a = certificate("root", "ue-0a0b0c");
	struct keying_method *b = certificate("other", "ue-111213");

	(void)context;
	for (int from_b = 0; from_b < 2; from_b++) {
		struct pair p = pair_of(a, b);

		pair_start(&p);
		sim_connect(from_b ? p.b : p.a, from_b ? p.a : p.b);
		/* at once, not by a timeout */
		sim_run(p.sim, 500);
		assert_int_equal(p.a->last[UE_REPORT_FAILED].cause, PC5S_CAUSE_AUTHENTICATION);
		assert_int_equal(p.b->last[UE_REPORT_FAILED].cause, PC5S_CAUSE_AUTHENTICATION);
		assert_true(*sim_info(p.a, B).failure && *sim_info(p.b, A).failure);
		sim_run(p.sim, 30000);
		assert_int_equal(p.a->reports[UE_REPORT_FAILED], 1);
		assert_int_equal(p.b->reports[UE_REPORT_FAILED], 1);
		assert_null(sim_peer(p.a, B));
		assert_null(sim_peer(p.b, A));
		sim_free(p.sim);
	}
	certificate_free(a);
	certificate_free(b);
}

/*
 * Key-compromise impersonation: who has stolen A's credentials can be A to others, until they are
 * revoked, but nobody else to A: not B, for that takes B's key, nor A itself.
 */
static void stolen_credentials(void **context)
{
	struct keying_method *a = certificate("root", "ue-0a0b0c");
	struct keying_method *stolen = certificate("root", "ue-0a0b0c");

	(void)context;
	for (int named = 0; named < 2; named++)
		for (int from_b = 0; from_b < 2; from_b++) {
			struct pair p = pair_of(a, stolen);
			char text[KEYING_TEXT_MAX];

			/* B's Layer-2 ID is anybody's, and so is its name in a request */
			pair_start(&p);
			if (from_b)
				sim_connect(p.b, p.a);
			else
				assert_int_equal(ue_connect(p.a->ue, p.sim->now, B,
							    named ? "ue-111213" : "", text,
							    sizeof(text)), 0);
			sim_run(p.sim, 30000);
			assert_int_equal(p.a->reports[UE_REPORT_CONNECTED], 0);
			assert_int_equal(p.b->reports[UE_REPORT_CONNECTED], 0);
			assert_int_equal(p.a->last[UE_REPORT_FAILED].cause,
					 PC5S_CAUSE_AUTHENTICATION);
			/* the method holds the certificate against a name, where there is one */
			assert_non_null(strstr(sim_info(p.a, B).failure,
					       named || from_b ? "ue-0a0b0c" : "itself"));
			assert_null(sim_peer(p.a, B));
			sim_free(p.sim);
		}
	certificate_free(a);
	certificate_free(stolen);
}

/*
 * Unknown key share: M passes between A, which wants a link to M, and B what both say, under its own
 * Layer-2 ID. Each authenticates the other, and they would share keys that A takes for those of a
 * link to M's Layer-2 ID and B too; but each derives KD from the Layer-2 IDs it sees.
 */
#define M	0x333333

static bool pass_on(struct sim *sim, struct sim_frame *frame)
{
	(void)sim;
	if (frame->src == A && frame->dst == M) {
		frame->src = M;
		frame->dst = B;
	} else if (frame->src == B && frame->dst == M) {
		frame->src = M;
		frame->dst = A;
	}
	return true;
}

static void unknown_key_share(void **context)
{
	struct keying_method *a = certificate("root", "ue-0a0b0c");
	struct keying_method *b = certificate("root", "ue-111213");
	struct pair p = pair_of(a, b);
	char text[KEYING_TEXT_MAX];

	(void)context;
	pair_start(&p);
	p.sim->tap = pass_on;
	assert_int_equal(ue_connect(p.a->ue, p.sim->now, M, "", text, sizeof(text)), 0);
	sim_run(p.sim, 120000);
	assert_int_equal(p.a->reports[UE_REPORT_CONNECTED], 0);
	assert_int_equal(p.b->reports[UE_REPORT_CONNECTED], 0);
	/* the certificates were good, so it was KD that differed */
	assert_non_null(strstr(sim_info(p.a, M).failure, "did not verify"));
	assert_null(sim_peer(p.a, M));
	assert_null(sim_peer(p.b, M));
	sim_free(p.sim);
	certificate_free(a);
	certificate_free(b);
}

/* Revoked while connected: the next KD does not come about and the link ends. */
static void revoked_while_connected(void **context)
{
	struct keying_method *a, *b, *renewed;
	struct pair p;
	struct ue_config config;

	(void)context;
	done(pki_issue(lab_path("root"), "ue-revoked", &at_now, why, sizeof(why)));
	a = certificate("root", "ue-0a0b0c");
	b = certificate("root", "ue-revoked");
	p = pair_of(a, b);
	snprintf(p.b->config.identity, sizeof(p.b->config.identity), "ue-revoked");
	pair_start(&p);
	pair_connect(&p);
	done(pki_revoke(lab_path("root"), "ue-revoked", &at_now, why, sizeof(why)));
	renewed = certificate("root", "ue-0a0b0c");
	config = p.a->config;
	config.methods[0] = renewed;
	assert_int_equal(ue_reconfigure(p.a->ue, &config, why, sizeof(why)), 0);
	assert_false(ue_method_in_use(p.a->ue, a));
	certificate_free(a);
	/* whoever asks, and without asking for a new KD */
	assert_int_equal(sim_rekey(p.b, p.a, false), 0);
	sim_run(p.sim, 30000);
	assert_false(pair_connected(&p));
	assert_non_null(strstr(sim_info(p.a, B).failure, "revoked"));
	assert_int_equal(p.a->last[UE_REPORT_FAILED].cause, PC5S_CAUSE_AUTHENTICATION);
	assert_null(sim_peer(p.a, B));
	assert_null(sim_peer(p.b, A));
	sim_connect(p.b, p.a);
	sim_run(p.sim, 30000);
	assert_false(pair_connected(&p));
	sim_free(p.sim);
	certificate_free(renewed);
	certificate_free(b);
}

/* What p.a knows from now on: the files as they are, or those of another root. */
static void renew(struct pair *p, struct keying_method **a, const char *identity)
{
	struct keying_method *renewed = certificate("root", "ue-0a0b0c");
	struct ue_config config = p->a->config;

	config.methods[0] = renewed;
	if (identity)
		snprintf(config.identity, sizeof(config.identity), "%s", identity);
	assert_int_equal(ue_reconfigure(p->a->ue, &config, why, sizeof(why)), 0);
	assert_false(ue_method_in_use(p->a->ue, *a));
	certificate_free(*a);
	*a = renewed;
	p->a->config = config;
	ue_recheck(p->a->ue, p->sim->now);
	sim_run(p->sim, 2000);
}

static struct pair pair_with(struct keying_method **a, struct keying_method **b, const char *name)
{
	struct pair p;

	done(pki_issue(lab_path("root"), name, &at_now, why, sizeof(why)));
	*a = certificate("root", "ue-0a0b0c");
	*b = certificate("root", name);
	p = pair_of(*a, *b);
	snprintf(p.b->config.identity, sizeof(p.b->config.identity), "%s", name);
	pair_start(&p);
	pair_connect(&p);
	return p;
}

/* A CRL comes that says nothing of this peer: the link goes on, and so does its KD. */
static void revoked_somebody_else(void **context)
{
	struct keying_method *a, *b;
	struct pair p = pair_with(&a, &b, "ue-good");

	(void)context;
	done(pki_issue(lab_path("root"), "ue-else", &at_now, why, sizeof(why)));
	done(pki_revoke(lab_path("root"), "ue-else", &at_now, why, sizeof(why)));
	renew(&p, &a, NULL);
	assert_true(pair_connected(&p));
	assert_int_equal(sim_rekey(p.b, p.a, false), 0);
	sim_run(p.sim, 2000);
	assert_int_equal(sim_info(p.a, B).rekeys, 1);
	assert_int_equal(sim_info(p.a, B).kd_rekeys, 0);
	/* Idle as well. */
	assert_int_equal(sim_release(p.a, p.b), 0);
	sim_run(p.sim, 2000);
	renew(&p, &a, NULL);
	assert_int_equal(sim_state(p.a, B), UE_LINK_IDLE);
	/* Who calls itself otherwise now has proven nothing by that name. */
	renew(&p, &a, "ue-other");
	assert_int_equal(sim_state(p.a, B), UE_LINK_NULL);
	sim_free(p.sim);
	certificate_free(a);
	certificate_free(b);
}

/* The same for one that is revoked: the link ends at once, and both know why. */
static void revoked_ends_the_link(void **context)
{
	struct keying_method *a, *b;
	struct pair p = pair_with(&a, &b, "ue-ended");

	(void)context;
	done(pki_revoke(lab_path("root"), "ue-ended", &at_now, why, sizeof(why)));
	renew(&p, &a, NULL);
	assert_int_equal(sim_state(p.a, B), UE_LINK_NULL);
	assert_int_equal(sim_state(p.b, A), UE_LINK_NULL);
	lab_contains(sim_info(p.a, B).failure,
		     "(ue-ended) is released: its certificate was revoked on 2026-11-28");
	lab_contains(sim_info(p.b, A).failure, "no longer allowed");
	assert_int_equal(p.a->last[UE_REPORT_FAILED].cause, PC5S_CAUSE_AUTHENTICATION);
	assert_int_equal(p.b->last[UE_REPORT_RELEASED].cause, PC5S_RELEASE_NOT_ALLOWED);
	assert_null(sim_peer(p.a, B));
	assert_null(sim_peer(p.b, A));
	sim_free(p.sim);
	certificate_free(a);
	certificate_free(b);
}

static void revoked_while_idle(void **context)
{
	struct keying_method *a, *b;
	struct pair p = pair_with(&a, &b, "ue-idle");

	(void)context;
	assert_int_equal(sim_release(p.a, p.b), 0);
	sim_run(p.sim, 2000);
	assert_int_equal(sim_state(p.a, B), UE_LINK_IDLE);
	done(pki_revoke(lab_path("root"), "ue-idle", &at_now, why, sizeof(why)));
	renew(&p, &a, NULL);
	assert_int_equal(sim_state(p.a, B), UE_LINK_NULL);
	lab_contains(sim_info(p.a, B).failure,
		     "(ue-idle) is forgotten: its certificate was revoked on 2026-11-28");
	sim_free(p.sim);
	certificate_free(a);
	certificate_free(b);
}

/* A rekeying to a new KD runs while the CRL comes: it ends under the old, and then all ends. */
static void revoked_while_rekeying(void **context)
{
	(void)context;
	for (uint32_t at = 0; at < 120; at += 4) {
		char name[32];
		struct keying_method *a, *b, *renewed;
		struct ue_config config;
		struct pair p;

		snprintf(name, sizeof(name), "ue-rekeys-%u", at);
		p = pair_with(&a, &b, name);
		done(pki_revoke(lab_path("root"), name, &at_now, why, sizeof(why)));
		renewed = certificate("root", "ue-0a0b0c");
		assert_int_equal(sim_rekey(p.b, p.a, true), 0);
		sim_run(p.sim, at);
		config = p.a->config;
		config.methods[0] = renewed;
		assert_int_equal(ue_reconfigure(p.a->ue, &config, why, sizeof(why)), 0);
		ue_recheck(p.a->ue, p.sim->now);
		sim_run(p.sim, 30000);
		assert_false(pair_connected(&p));
		assert_int_equal(sim_state(p.a, B), UE_LINK_NULL);
		lab_contains(sim_info(p.a, B).failure, "revoked");
		assert_null(sim_peer(p.a, B));
		sim_free(p.sim);
		certificate_free(a);
		certificate_free(b);
		certificate_free(renewed);
	}
}

/* .. and the same within a setup, which then does not come about, or not for long. */
static void revoked_while_connecting(void **context)
{
	(void)context;
	for (uint32_t at = 0; at < 120; at += 4) {
		char name[32];
		struct keying_method *a, *b, *renewed;
		struct ue_config config;
		struct pair p;

		snprintf(name, sizeof(name), "ue-connects-%u", at);
		done(pki_issue(lab_path("root"), name, &at_now, why, sizeof(why)));
		a = certificate("root", "ue-0a0b0c");
		b = certificate("root", name);
		p = pair_of(a, b);
		snprintf(p.b->config.identity, sizeof(p.b->config.identity), "%s", name);
		pair_start(&p);
		done(pki_revoke(lab_path("root"), name, &at_now, why, sizeof(why)));
		renewed = certificate("root", "ue-0a0b0c");
		assert_int_equal(at & 4 ? sim_connect(p.b, p.a) : sim_connect(p.a, p.b), 0);
		sim_run(p.sim, at);
		config = p.a->config;
		config.methods[0] = renewed;
		assert_int_equal(ue_reconfigure(p.a->ue, &config, why, sizeof(why)), 0);
		ue_recheck(p.a->ue, p.sim->now);
		sim_run(p.sim, 60000);
		assert_false(pair_connected(&p));
		assert_null(sim_peer(p.a, B));
		sim_free(p.sim);
		certificate_free(a);
		certificate_free(b);
		certificate_free(renewed);
	}
}

/* Without any new credentials: the peer's certificate runs out. */
static void expired_while_connected(void **context)
{
	struct keying_method *a, *b;
	struct pair p = pair_with(&a, &b, "ue-expires");

	(void)context;
	lab_now += 100 * LAB_DAY;
	ue_recheck(p.a->ue, p.sim->now);
	sim_run(p.sim, 2000);
	assert_true(pair_connected(&p));
	lab_now += 300 * LAB_DAY;
	ue_recheck(p.a->ue, p.sim->now);
	sim_run(p.sim, 2000);
	lab_now = LAB_NOW;
	assert_int_equal(sim_state(p.a, B), UE_LINK_NULL);
	assert_int_equal(sim_state(p.b, A), UE_LINK_NULL);
	/* Its CRL ran out before that. */
	lab_contains(sim_info(p.a, B).failure, "is released: its certificate");
	sim_free(p.sim);
	certificate_free(a);
	certificate_free(b);
}

/* After a restart there is no KD, but what the peer was taken for is still known. */
static void revoked_after_adoption(void **context)
{
	struct keying_method *a, *b, *renewed;
	struct pair p = pair_with(&a, &b, "ue-adopted");
	struct ue_link_info info = sim_info(p.a, B);
	struct ue_config config = p.a->config;
	const struct ue_action *action;
	bool deleted = false;
	struct ue *ue;

	(void)context;
	assert_true(info.evidence_len);
	ue = ue_new(&config, why, sizeof(why));
	assert_non_null(ue);
	assert_int_equal(ue_adopt(ue, p.sim->now, &info, &info.kd_sess_id, 1), 0);
	ue_recheck(ue, p.sim->now);
	assert_true(ue_link(ue, B, &info));
	assert_int_equal(info.state, UE_LINK_CONNECTED);
	done(pki_revoke(lab_path("root"), "ue-adopted", &at_now, why, sizeof(why)));
	renewed = certificate("root", "ue-0a0b0c");
	config.methods[0] = renewed;
	assert_int_equal(ue_reconfigure(ue, &config, why, sizeof(why)), 0);
	ue_recheck(ue, p.sim->now);
	assert_true(ue_link(ue, B, &info));
	assert_int_equal(info.state, UE_LINK_NULL);
	lab_contains(info.failure, "was revoked on");
	for (; (action = ue_action(ue)); ue_action_done(ue))
		deleted |= action->type == UE_PEER_DEL;
	assert_true(deleted);
	ue_free(ue);
	sim_free(p.sim);
	certificate_free(a);
	certificate_free(b);
	certificate_free(renewed);
}

static void by_psk(void **context)
{
	static const char key[] =
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
	char text[128];
	struct keying_method *a, *b;

	(void)context;
	snprintf(text, sizeof(text), "ue-111213 %s\n", key);
	a = psk_new(lab_write(lab_path("a.psk"), text, 0600), why, sizeof(why));
	assert_non_null(a);
	snprintf(text, sizeof(text), "ue-0a0b0c %s\n", key);
	b = psk_new(lab_write(lab_path("b.psk"), text, 0600), why, sizeof(why));
	assert_non_null(b);
	for (int strict = 0; strict < 2; strict++)
		for (int named = 0; named < 2; named++) {
			struct pair p = pair_of(a, b);

			p.a->config.strict_24334 = p.b->config.strict_24334 = strict;
			pair_start(&p);
			assert_int_equal(ue_connect(p.a->ue, p.sim->now, B,
						    named ? "ue-111213" : NULL, why,
						    sizeof(why)), 0);
			assert_true(sim_until(p.sim, p.a, p.b, UE_LINK_CONNECTED, 3000));
			pair_agree(&p);
			assert_int_equal(sim_rekey(p.b, p.a, true), 0);
			sim_run(p.sim, 3000);
			pair_agree(&p);
			assert_int_equal(sim_info(p.a, B).kd_rekeys, 1);
			pair_data(&p);
			sim_free(p.sim);
		}
	psk_free(a);
	psk_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_certificate),
		cmocka_unit_test(wrong_root),
		cmocka_unit_test(stolen_credentials),
		cmocka_unit_test(unknown_key_share),
		cmocka_unit_test(revoked_while_connected),
		cmocka_unit_test(revoked_somebody_else),
		cmocka_unit_test(revoked_ends_the_link),
		cmocka_unit_test(revoked_while_idle),
		cmocka_unit_test(revoked_while_rekeying),
		cmocka_unit_test(revoked_while_connecting),
		cmocka_unit_test(expired_while_connected),
		cmocka_unit_test(revoked_after_adoption),
		cmocka_unit_test(by_psk),
	};

	return cmocka_run_group_tests_name("link_methods", tests, setup, lab_teardown);
}
