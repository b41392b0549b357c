/* SPDX-License-Identifier: MIT */
/* Two UEs for a cmocka test, and a hand in the medium between them. */
#ifndef SIM_PAIR_H
#define SIM_PAIR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim.h"

#define A	0x0a0b0c
#define B	0x111213

struct pair {
	struct sim *sim;
	struct sim_ue *a, *b;
};

static inline struct pair pair_new(void)
{
	struct pair p = { .sim = sim_new(1) };

	p.a = sim_add(p.sim, A);
	p.b = sim_add(p.sim, B);
	return p;
}

static inline void pair_start(struct pair *p)
{
	sim_start(p->a);
	sim_start(p->b);
}

/* Both use the method without containers only. */
static inline void pair_shared(struct pair *p)
{
	for (size_t i = 0; i < 2; i++) {
		struct sim_ue *u = &p->sim->ues[i];

		u->config.methods[0] = &u->shared.method;
		u->config.n_methods = 1;
	}
}

static inline void pair_strict(struct pair *p)
{
	pair_shared(p);
	p->a->config.strict_24334 = p->b->config.strict_24334 = true;
}

static inline void pair_agree(struct pair *p)
{
	const char *differs = sim_agree(p->a, p->b);

	if (differs)
		fail_msg("the two UEs differ: %s", differs);
}

static inline void pair_connect(struct pair *p)
{
	assert_int_equal(sim_connect(p->a, p->b), 0);
	if (!sim_until(p->sim, p->a, p->b, UE_LINK_CONNECTED, 60000))
		fail_msg("no connection: %s / %s", sim_info(p->a, B).failure,
			 sim_info(p->b, A).failure);
	pair_agree(p);
}

static inline bool pair_connected(struct pair *p)
{
	return sim_both(p->a, p->b, UE_LINK_CONNECTED);
}

/* These methods and no others, the one it wants most first; @second may be NULL. */
static inline void pair_methods(struct sim_ue *u, const struct keying_method *first,
				const struct keying_method *second)
{
	u->config.methods[0] = first;
	u->config.methods[1] = second;
	u->config.n_methods = second ? 2 : 1;
}

/* The UE knows whom it calls by the Layer-2 ID of that peer. */
static inline void pair_knows(struct sim_ue *u, const struct sim_ue *peer)
{
	u->expected_l2_id = peer->config.l2_id;
	snprintf(u->expected, sizeof(u->expected), "%.63s", peer->config.identity);
}

/* What the UE keeps of a peer that is not connected is gone. */
static inline void pair_forget(struct sim_ue *u, uint32_t l2_id)
{
	char why[KEYING_TEXT_MAX] = "";

	if (ue_forget(u->ue, l2_id, why, sizeof(why)))
		fail_msg("%s", why);
}

/* A asks to be let go, and is. */
static inline void pair_release(struct pair *p)
{
	assert_int_equal(sim_release(p->a, p->b), 0);
	sim_run(p->sim, 5000);
}

/* Both ask for a link, B @apart ms after A: there is one in the end, and nobody was refused. */
static inline void pair_cross(struct pair *p, unsigned int apart)
{
	pair_start(p);
	sim_connect(p->a, p->b);
	sim_run(p->sim, apart);
	sim_connect(p->b, p->a);
	assert_true(sim_until(p->sim, p->a, p->b, UE_LINK_CONNECTED, 3000));
	pair_agree(p);
	sim_run(p->sim, 30000);
	assert_true(pair_connected(p));
	pair_agree(p);
	assert_int_equal(p->a->reports[UE_REPORT_CONNECTED], 1);
	assert_int_equal(p->b->reports[UE_REPORT_CONNECTED], 1);
	assert_int_equal(p->a->reports[UE_REPORT_FAILED], 0);
	assert_int_equal(p->b->reports[UE_REPORT_FAILED], 0);
}

/* One packet each way arrives. */
static inline void pair_data(struct pair *p)
{
	uint32_t at_a = sim_peer(p->a, B)->data_received, at_b = sim_peer(p->b, A)->data_received;

	assert_true(sim_data(p->a, B));
	assert_true(sim_data(p->b, A));
	sim_run(p->sim, 2 * p->sim->delay_max);
	assert_int_equal(sim_peer(p->a, B)->data_received, at_a + 1);
	assert_int_equal(sim_peer(p->b, A)->data_received, at_b + 1);
}

/* The PC5-S message in a frame that is not ciphered; false for others. */
static inline bool frame_decode(const struct sim_frame *frame, struct pc5s_message *message)
{
	size_t mac = frame->lcid == 28 ? 0 : 4;

	return (frame->lcid == 28 || frame->lcid == 29) && frame->len > PDCP_HEADER + mac &&
	       !pc5s_decode(message, frame->pdu + PDCP_HEADER, frame->len - PDCP_HEADER - mac,
			    NULL);
}

/* Puts another message into an unprotected frame. */
static inline void frame_encode(struct sim_frame *frame, const struct pc5s_message *message)
{
	int len = pc5s_encode(message, frame->pdu + PDCP_HEADER, SIM_PDU_MAX - PDCP_HEADER, NULL);

	sim_check(len > 0 && frame->lcid == 28);
	frame->len = PDCP_HEADER + (size_t)len;
}

/* Who spoils frames on their way is given each with the message in it. */
static inline void spoil_inactivity(struct sim *sim, struct sim_frame *frame,
				    struct pc5s_message *message)
{
	(void)sim;
	if (message->type != PC5S_REQUEST)
		return;
	message->max_inactivity ^= 1;
	frame_encode(frame, message);
}

/* Copies of the true command come first, of which each differs in one octet, every @step octets. */
static inline void forge_copies(struct sim *sim, const struct sim_frame *frame,
				const struct pc5s_message *message, size_t step)
{
	static struct sim_frame forged;

	if (message->type != PC5S_SMC_COMMAND)
		return;
	for (size_t at = PDCP_HEADER; at < frame->len; at += step) {
		forged = *frame;
		forged.pdu[at] ^= 0x10;
		sim_deliver(sim, &forged);
	}
}

static inline void plain_message(struct sim *sim, uint32_t src, uint32_t dst,
				 const struct pc5s_message *message)
{
	uint8_t out[SIM_PDU_MAX];
	int len = pc5s_encode(message, out, sizeof(out) - PDCP_HEADER, NULL);

	sim_check(len > 0);
	sim_plain(sim, src, dst, out, (size_t)len);
}

/* A request anybody could make. */
static inline struct pc5s_message request_of(const char *name, uint64_t nonce)
{
	struct pc5s_message m = {
		.type = PC5S_REQUEST,
		.has = PC5S_BIT(PC5S_IE_KEYING_METHODS) | PC5S_BIT(PC5S_IE_SECURITY_POLICY),
		.ip_config = PC5S_IP_CONFIG_NONE, .max_inactivity = 60, .capabilities = 0x2020,
		.msb_kd_sess_id = 7, .methods = { 2, { FAKE_EXCHANGE, FAKE_SHARED } },
		.policy = { 2, 2, 0 },
	};

	m.user_info.type = PC5S_USER_INFO_UPPER_LAYERS;
	m.user_info.len = (uint8_t)strlen(name);
	memcpy(m.user_info.value, name, m.user_info.len);
	memcpy(m.nonce_1 + 8, &nonce, 8);
	return m;
}

/*
 * A tap that drops chosen frames: the n-th (from 0) of those from @src on @lcid for which
 * bit n of @which is set. All frames pass through @seen first if it is there.
 */
struct dropper {
	uint32_t src;
	uint8_t lcid;
	uint64_t which;
	unsigned int n, dropped;
};

static inline bool dropper_tap(struct sim *sim, struct sim_frame *frame)
{
	struct dropper *d = sim->tap_context;

	if (frame->src != d->src || frame->lcid != d->lcid)
		return true;
	if (d->n < 64 && d->which >> d->n++ & 1) {
		d->dropped++;
		return false;
	}
	return true;
}

static inline void drop(struct sim *sim, struct dropper *d)
{
	sim->tap = dropper_tap;
	sim->tap_context = d;
}

/*
 * Pairs that connect while one frame is lost: each of the first @frames by either end on each
 * bearer in turn. @then goes on with the pair, and frees it. Returns how many were lost.
 */
static inline unsigned int drop_each(unsigned int frames, struct pair (*make)(void),
				     void (*then)(struct pair *p))
{
	static const uint8_t lcids[] = { 28, 29, 30 };
	unsigned int dropped = 0;

	for (size_t l = 0; l < sizeof(lcids); l++)
		for (int from_b = 0; from_b < 2; from_b++)
			for (unsigned int n = 0; n < frames; n++) {
				struct pair p = make();
				struct dropper d = { from_b ? B : A, lcids[l], UINT64_C(1) << n,
						     0, 0 };

				pair_start(&p);
				drop(p.sim, &d);
				pair_connect(&p);
				then(&p);
				dropped += d.dropped;
			}
	return dropped;
}

#endif
