// SPDX-License-Identifier: MIT
/*
 * The link state machine. An input drives two UEs on the virtual clock of sim/: what their
 * users want, how the medium treats frames, who dies, and what an attacker without keys, or
 * one peer with the keys of a link, says in between. Always:
 *
 *  - nothing is sent under a key that the other UE does not have;
 *  - a link that is up has its key, one that is not sends nothing;
 *  - what an attacker causes is bounded, and it passes: on a fair medium both UEs come to
 *    rest, and agree where both say that they are connected;
 *  - all that sim.h checks of itself: no key twice, no COUNT twice, no timer that stands still.
 */
/* No more room than an input can use: to get and to clear it takes most of the time. */
#define SIM_UES_MAX	2
#define SIM_WINDOW	512

#include "../sim/sim.h"
#include "lib/fuzz.h"

#define A		0x0a0b0c
#define B		0x111213
#define OPS_MAX		96
/* half open, remembered for their failure (LINK_REMEMBERED_MAX), and a few wanted here */
#define LINKS_MAX	(PROSE_HALF_OPEN_MAX + 64 + 8)

/* What was on the air, for the attacker to learn from. */
static struct sim_frame heard[8];
static unsigned int n_heard;

/* Each end knows what the other wants. */
static bool policies_told;

static bool overhear(struct sim *sim, struct sim_frame *frame)
{
	(void)sim;
	heard[n_heard++ % 8] = *frame;
	return true;
}

static bool count_link(void *context, const struct ue_link_info *info)
{
	size_t *n = context;

	/* What is shown must end. */
	fuzz_check(memchr(info->identity, '\0', sizeof(info->identity)));
	fuzz_check(memchr(info->failure, '\0', sizeof(info->failure)));
	(*n)++;
	return true;
}

static bool key_of_another(const struct sim *sim, size_t ue, const struct sim_assoc *assoc)
{
	for (size_t i = 0; i < sim->n_keys; i++)
		if (sim->keys[i].ue != ue && !memcmp(sim->keys[i].pek, assoc->a.pek, 16))
			return true;
	return false;
}

static void check(const struct sim *sim)
{
	static const uint8_t none[UE_KEY_LEN];

	for (size_t i = 0; i < sim->n; i++) {
		const struct sim_ue *u = &sim->ues[i];
		size_t links = 0;

		ue_links(u->ue, count_link, &links);
		fuzz_check(links <= LINKS_MAX);
		for (size_t p = 0; p < u->n_peers; p++) {
			const struct sim_peer *peer = &u->peers[p];
			struct ue_link_info info = { 0 };
			unsigned int sending = 0;

			if (!peer->used)
				continue;
			for (size_t a = 0; a < peer->n_assocs; a++) {
				const struct sim_assoc *assoc = &peer->assocs[a];

				fuzz_check(memcmp(assoc->a.pek, none, sizeof(none)) &&
					   memcmp(assoc->a.pik, none, sizeof(none)));
				if (!assoc->tx)
					continue;
				sending++;
				fuzz_check(key_of_another(sim, i, assoc));
			}
			fuzz_check(sending <= 1);
			fuzz_check(ue_link(u->ue, peer->l2_id, &info));
			if (info.state == UE_LINK_CONNECTED || info.state == UE_LINK_REKEYING)
				fuzz_check(sending == 1 && info.kd_sess_id && info.authenticated);
			if (info.state == UE_LINK_NULL || info.state == UE_LINK_IDLE ||
			    info.state == UE_LINK_REQUESTED || info.state == UE_LINK_KEYING)
				fuzz_check(!sending);
		}
	}
}

static void queue(struct sim *sim, const struct sim_frame *frame)
{
	/* The medium of sim.h is bounded. */
	if (sim->n_frames < SIM_FRAMES_MAX / 2)
		sim_queue(sim, frame, sim->now + 1);
}

/* An attacker without keys: an unprotected message, or a COMMAND nobody can verify. */
static void inject(struct sim *sim, struct fuzz_input *input, uint8_t lcid)
{
	static const uint32_t names[] = { A, B, 0xeeeeee, 0xeeeeef };
	uint8_t who = fuzz_u8(input), len = fuzz_u8(input);
	struct sim_frame frame;

	sim_frame_init(&frame, names[who & 3], who & 4 ? A : B, lcid);
	frame.pdu[0] = SDU_PC5S << 5;
	if (lcid != 28) {
		frame.pdu[1] = fuzz_u8(input);
		frame.pdu[2] = fuzz_u8(input);
	}
	frame.len = PDCP_HEADER + fuzz_octets(input, frame.pdu + PDCP_HEADER,
					      who & 8 ? len + 256u : len);
	/* A carrier address of its own for each, as a flood would have. */
	if (who & 16)
		frame.carrier[2] = who;
	queue(sim, &frame);
}

/* Many requests of many sources at once. */
static void flood(struct sim *sim, struct fuzz_input *input)
{
	struct pc5s_message m = {
		.type = PC5S_REQUEST, .ip_config = PC5S_IP_CONFIG_NONE, .capabilities = 0x2020,
		.has = PC5S_BIT(PC5S_IE_KEYING_METHODS) | PC5S_BIT(PC5S_IE_SECURITY_POLICY),
		.methods = { 2, { FAKE_EXCHANGE, FAKE_SHARED } }, .policy = { 2, 2, 0 },
		.user_info = { PC5S_USER_INFO_UPPER_LAYERS, 1, "x" },
	};
	uint8_t n = fuzz_u8(input) % 96, spread = fuzz_u8(input);

	m.policy.up_integrity = sim->ues[0].config.up_integrity;
	m.policy.count_profile = sim->ues[0].config.count_profile == UE_COUNT_SESS_ID;
	for (uint8_t i = 0; i < n; i++) {
		struct sim_frame frame;
		int len;

		sim_frame_init(&frame, 0xe00000u + i, spread & 1 ? A : B, 28);
		frame.carrier[5] = (uint8_t)(i * (spread >> 1));
		frame.pdu[0] = SDU_PC5S << 5;
		m.nonce_1[0] = i;
		m.nonce_1[1] = (uint8_t)sim->now;
		m.msb_kd_sess_id = i;
		len = pc5s_encode(&m, frame.pdu + PDCP_HEADER, SIM_PDU_MAX - PDCP_HEADER, NULL);
		fuzz_check(len > 0);
		frame.len = PDCP_HEADER + (size_t)len;
		queue(sim, &frame);
	}
}

/* Something heard before, changed a little; or as it was: a replay. */
static void meddle(struct sim *sim, struct fuzz_input *input, bool change)
{
	struct sim_frame frame = heard[fuzz_u8(input) % 8];
	uint8_t edits = change ? 1 + fuzz_u8(input) % 4 : 0, who = fuzz_u8(input);

	if (!frame.len)
		return;
	while (edits--) {
		uint16_t at = fuzz_u16(input);
		uint8_t with = fuzz_u8(input);

		if (at < frame.len)
			frame.pdu[at] ^= with;
		else if (at & 1)
			frame.len = with < frame.len ? frame.len - with : frame.len;
		else
			frame.len = frame.len + with <= SIM_PDU_MAX ? frame.len + with : frame.len;
	}
	if (who == 1)
		frame.src = 0xeeeeee;
	else if (who == 2) {
		uint32_t src = frame.src;

		/* Back to who said it. */
		frame.src = frame.dst;
		frame.dst = src;
	} else if (who >= 3 && who < 32)
		frame.lcid = who;
	queue(sim, &frame);
}

/* A message that was heard, with one field changed: near-valid. */
static void rewrite(struct sim *sim, struct fuzz_input *input)
{
	struct sim_frame frame = heard[fuzz_u8(input) % 8];
	uint8_t field = fuzz_u8(input), value = fuzz_u8(input);
	struct pc5s_message m;
	static struct sim_frame made;
	int len;

	if (frame.lcid != 28 || frame.len <= PDCP_HEADER ||
	    pc5s_decode(&m, frame.pdu + PDCP_HEADER, frame.len - PDCP_HEADER, NULL))
		return;
	switch (field % 24) {
	case 0: m.sequence = value; break;
	case 1: m.nonce_1[value % 16] ^= value; break;
	case 2: m.nonce_2[value % 16] ^= value; break;
	case 3: m.capabilities = (uint16_t)(value << 8 | 0x20); break;
	case 4: m.capabilities = value; break;
	case 5: m.msb_kd_sess_id = value; break;
	case 6: m.lsb_kd_sess_id = value; break;
	case 7: m.methods.id[0] = value; break;
	case 8: m.policy.up_integrity ^= 1; break;
	case 9: m.policy.count_profile ^= 1; break;
	case 10: m.kd_id ^= value; m.has |= PC5S_BIT(PC5S_IE_KD_ID); break;
	case 11: m.request_hash[value % 32] ^= value; break;
	case 12: m.has &= ~PC5S_BIT(value % PC5S_IE_N); break;
	case 13: m.ke_round = value; break;
	case 14: m.ke_fragment = value; break;
	case 15: m.ke_flags ^= value & 7; break;
	case 16: m.ke_total = (uint16_t)(m.ke_total + (int8_t)value); break;
	case 17: m.ke_method = value; break;
	case 18: m.cause = value; break;
	case 19: m.user_info.value[0] = value; break;
	case 20: m.target_info = m.user_info; m.has |= PC5S_BIT(PC5S_IE_TARGET_INFO); break;
	case 21: m.connection_id[value % 8] ^= value; m.has |= PC5S_BIT(PC5S_IE_CONNECTION_ID); break;
	case 22: if (m.container.len > value) m.container.len -= value; break;
	default: m.max_inactivity = value; break;
	}
	made = frame;
	len = pc5s_encode(&m, made.pdu + PDCP_HEADER, SIM_PDU_MAX - PDCP_HEADER, NULL);
	if (len < 0)
		return;
	made.len = PDCP_HEADER + (size_t)len;
	queue(sim, &made);
}

/* A peer gone bad: it has the keys of the link, and says what it likes under them. */
static bool insider(struct sim *sim, struct fuzz_input *input, uint8_t who)
{
	struct sim_ue *u = &sim->ues[who & 1], *v = &sim->ues[1 - (who & 1)];
	struct sim_assoc *assoc = sim_tx(sim_peer(u, v->config.l2_id));
	uint8_t len = fuzz_u8(input), sdu[256];
	struct sim_frame frame;

	len = (uint8_t)fuzz_octets(input, sdu, len);
	if (!assoc || assoc->bearers[2].tx_next >= SIM_WINDOW - 1 ||
	    assoc->bearers[1].tx_next >= SIM_WINDOW - 1 || !len)
		return false;
	sim_frame_init(&frame, u->config.l2_id, v->config.l2_id, who & 2 ? 29 : 30);
	frame.len = sim_protect(assoc, frame.lcid, SDU_PC5S, sdu, len, frame.pdu);
	queue(sim, &frame);
	return true;
}

/* prosed dies and comes back: it finds the kernel as it was. */
static void restart(struct sim_ue *u)
{
	struct sim *sim = u->sim;
	struct sim_ue *v = &sim->ues[1 - u->index];
	struct sim_peer *peer = sim_peer(u, v->config.l2_id);
	struct ue_link_info info = { 0 };
	bool live;

	sim_drain(sim);
	ue_link(u->ue, v->config.l2_id, &info);
	live = info.state == UE_LINK_CONNECTED || info.state == UE_LINK_REKEYING;
	ue_free(u->ue);
	sim_start(u);
	/* As adopt.c: what nobody is known to be behind is deleted. */
	for (size_t i = 0; i < u->n_peers; i++)
		if (u->peers[i].used && (&u->peers[i] != peer || !live || !sim_tx(peer)))
			memset(&u->peers[i], 0, sizeof(u->peers[i]));
	if (live && sim_tx(peer)) {
		uint16_t ids[SIM_ASSOCS_MAX];

		for (size_t i = 0; i < peer->n_assocs; i++)
			ids[i] = peer->assocs[i].a.kd_sess_id;
		info.kd_sess_id = sim_tx(peer)->a.kd_sess_id;
		info.is_ue_1 = sim_tx(peer)->a.direction == 0;
		fuzz_check(!ue_adopt(u->ue, sim->now, &info, ids, peer->n_assocs));
	}
}

static void wish(struct sim_ue *u, struct sim_ue *v, uint8_t what)
{
	static const uint32_t names[] = { A, B, 0xeeeeee };
	char why[KEYING_TEXT_MAX] = "";

	switch (what % 8) {
	case 0:
	case 1:
		sim_connect(u, v);
		break;
	case 2:
		sim_rekey(u, v, false);
		break;
	case 3:
		sim_rekey(u, v, true);
		break;
	case 4:
		sim_release(u, v);
		break;
	case 5:
		sim_connect(u, v);
		sim_connect(v, u);
		break;
	case 6:
		sim_rekey(u, v, what & 8);
		sim_rekey(v, u, what & 16);
		break;
	case 7:
		/* somebody who is not there, or oneself */
		if (ue_connect(u->ue, u->sim->now, names[(what >> 3) % 3],
			       what & 64 ? "somebody" : NULL, why, sizeof(why)))
			fuzz_check(why[0]);
		sim_drain(u->sim);
		break;
	}
}

/*
 * A reload, perhaps to something the other end does not want. Without extensions nobody can
 * tell the other its security policy: then the two may connect and differ.
 */
static void reconfigure(struct sim_ue *u, uint8_t how)
{
	struct ue_config before = u->config;
	char why[KEYING_TEXT_MAX] = "";

	u->config.up_integrity = how & 1;
	u->config.count_profile = how & 2 ? UE_COUNT_SESS_ID : UE_COUNT_HFN;
	u->config.capabilities = how & 4 ? 0xa020 : 0x2020;
	u->config.n_methods = how & 8 ? 1 : 2;
	u->config.methods[0] = how & 8 ? &u->shared.method : &u->exchange.method;
	u->config.methods[1] = &u->shared.method;
	u->config.strict_24334 = how & 8 && how & 16;
	if (before.strict_24334 || u->config.strict_24334)
		policies_told = false;
	if (ue_reconfigure(u->ue, &u->config, why, sizeof(why))) {
		fuzz_check(why[0]);
		u->config = before;
	}
}

/* Sometimes the peer is revoked, for as long as it takes to notice. */
static void recheck(struct sim_ue *u, bool revoked)
{
	u->exchange.credentials.refuses = revoked;
	ue_recheck(u->ue, u->sim->now);
	u->exchange.credentials.refuses = false;
}

static void event(struct sim_ue *u, struct sim_ue *v, uint8_t what)
{
	struct sim_assoc *assoc = sim_tx(sim_peer(u, v->config.l2_id));
	uint16_t id = assoc ? assoc->a.kd_sess_id : what;

	switch (what % 8) {
	case 0:
		ue_count_soft(u->ue, u->sim->now, v->config.l2_id, id);
		break;
	case 1:
		ue_count_exhausted(u->ue, u->sim->now, v->config.l2_id, id);
		break;
	case 2:
		u->refuse_action = true;
		u->refused = (enum ue_action_type)((what >> 3) % (UE_ASSOC_TX + 1));
		/* Nothing is told of a deletion that fails, and sim.h does not fail it. */
		if (u->refused == UE_PEER_DEL)
			u->refuse_action = false;
		break;
	case 3:
		u->refuse_identity = what & 8;
		u->refuse_addresses = what & 16;
		break;
	case 4:
		restart(u);
		break;
	case 5:
		u->exchange.credentials.failure = (enum fake_failure)((what >> 3) % 4);
		u->exchange.credentials.fail_at = what >> 5;
		break;
	case 6:
		reconfigure(u, what >> 3);
		recheck(u, what >> 7);
		break;
	case 7:
		/* Who is to be at the other end: it is, or it is not. */
		u->expected_l2_id = v->config.l2_id;
		snprintf(u->expected, sizeof(u->expected), "%s",
			 what & 8 ? v->config.identity : what & 16 ? "another" : "");
		break;
	}
	sim_drain(u->sim);
}

static void medium(struct sim *sim, uint8_t how)
{
	sim->loss = how & 3 ? (how & 3) * 100u : 0;
	sim->duplicate = how & 4 ? 200 : 0;
	sim->delay_min = 1 + (how >> 3 & 3) * 5u;
	sim->delay_max = sim->delay_min + (how >> 5) * 60u;
}

static void configure(struct sim *sim, struct fuzz_input *input)
{
	uint8_t how = fuzz_u8(input), more = fuzz_u8(input);

	for (size_t i = 0; i < 2; i++) {
		struct sim_ue *u = sim_add(sim, i ? B : A);

		u->config.up_integrity = how & 1;
		u->config.count_profile = how & 2 ? UE_COUNT_SESS_ID : UE_COUNT_HFN;
		u->config.ke_fragment = how & 4 ? PROSE_KE_FRAGMENT_MIN : 700;
		u->exchange.method.containers = 2 + (how >> 3 & 3);
		u->exchange.credentials.size = FAKE_SIGNED_MIN + more * 6u;
		u->exchange.credentials.lenient = true;
		u->exchange.credentials.judges = true;
		u->exchange.method.recheck = fake_recheck;
		/* in request and command, by who knows whom it calls */
		if (more & 1)
			fake_embeds(&u->exchange);
		u->exchange.credentials.bind_hash = u->shared.credentials.bind_hash = how & 32;
		if (how & 64) {
			u->config.methods[0] = &u->shared.method;
			u->config.n_methods = 1;
			u->config.strict_24334 = how & 128;
		}
		sim_start(u);
	}
	sim->tap = overhear;
}

static void at_rest(const struct sim *sim, bool honest)
{
	for (size_t i = 0; i < 2; i++) {
		const struct sim_ue *u = &sim->ues[i];

		for (size_t p = 0; p < u->n_peers; p++) {
			const struct sim_peer *peer = &u->peers[p];
			enum ue_link_state state;

			if (!peer->used)
				continue;
			/* Nobody gets a place in the kernel for good but who has the keys. */
			fuzz_check(peer->l2_id == sim->ues[1 - i].config.l2_id);
			state = sim_state(u, peer->l2_id);
			fuzz_check(state == UE_LINK_CONNECTED);
			if (honest)
				fuzz_check(peer->n_assocs == 1);
		}
		fuzz_check(sim_state(u, sim->ues[1 - i].config.l2_id) == UE_LINK_CONNECTED ||
			   sim_state(u, sim->ues[1 - i].config.l2_id) == UE_LINK_IDLE ||
			   sim_state(u, sim->ues[1 - i].config.l2_id) == UE_LINK_NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	struct sim *sim = sim_new(1);
	bool honest = true;
	struct sim_ue *a, *b;

	memset(heard, 0, sizeof(heard));
	n_heard = 0;
	policies_told = true;
	configure(sim, &input);
	a = &sim->ues[0];
	b = &sim->ues[1];
	for (int ops = 0; input.len && ops < OPS_MAX; ops++) {
		uint8_t op = fuzz_u8(&input), with = fuzz_u8(&input);
		struct sim_ue *u = &sim->ues[op >> 7], *v = &sim->ues[1 - (op >> 7)];

		switch (op & 15) {
		case 0:
		case 1:
			sim_run(sim, with);
			break;
		case 2:
			sim_run(sim, with * 50u);
			break;
		case 3:
			wish(u, v, with);
			break;
		case 4:
			for (int i = with % 8; i >= 0; i--)
				if (sim_tx(sim_peer(u, v->config.l2_id)) &&
				    sim_bearer(sim_tx(sim_peer(u, v->config.l2_id)), 1)->tx_next <
				    SIM_WINDOW - 1)
					sim_data(u, v->config.l2_id);
			break;
		case 5:
			medium(sim, with);
			break;
		case 6:
			event(u, v, with);
			break;
		case 7:
		case 8:
			inject(sim, &input, with & 1 ? 29 : 28);
			break;
		case 9:
			if (sim->n_frames < 200)
				flood(sim, &input);
			break;
		case 10:
		case 11:
			meddle(sim, &input, with & 1);
			break;
		case 12:
		case 13:
			rewrite(sim, &input);
			break;
		case 14:
			if (insider(sim, &input, with))
				honest = false;
			break;
		case 15:
			/* Until something has happened: no need to guess times. */
			sim_step(sim, sim->now + 60000);
			break;
		}
		sim_drain(sim);
		check(sim);
	}

	sim->loss = sim->duplicate = 0;
	sim->delay_min = sim->delay_max = 5;
	for (size_t i = 0; i < 2; i++) {
		sim->ues[i].refuse_action = sim->ues[i].refuse_identity = false;
		sim->ues[i].refuse_addresses = false;
		sim->ues[i].expected[0] = '\0';
		sim->ues[i].exchange.credentials.failure = FAKE_OK;
	}
	sim_run(sim, 180000);
	check(sim);
	at_rest(sim, honest);
	if (sim_both(a, b, UE_LINK_CONNECTED)) {
		const char *differs = sim_agree(a, b);

		if (differs && honest && policies_told)
			fprintf(stderr, "they differ: %s\n", differs);
		fuzz_check(!differs || !honest || !policies_told);
	}
	sim_free(sim);
	return 0;
}

/* Seeds. */

static struct fuzz_output out;

static void begin(uint8_t how, uint8_t more)
{
	out.len = 0;
	fuzz_put_u8(&out, how);
	fuzz_put_u8(&out, more);
}

static void op(uint8_t what, uint8_t with)
{
	fuzz_put_u8(&out, what);
	fuzz_put_u8(&out, with);
}

static void connect_and_wait(void)
{
	op(3, 0);
	op(2, 100);
}

static void end(fuzz_put *put, const char *name)
{
	put(name, out.data, out.len);
}

/* An attacker's message: op 7, LCID 28 or 29, from whom to whom. */
static void say(const struct pc5s_message *m, uint8_t who, bool smc)
{
	uint8_t octets[1024];
	int len = pc5s_encode(m, octets, 250, NULL);

	fuzz_check(len > 0);
	op(7, smc);
	fuzz_put_u8(&out, who);
	fuzz_put_u8(&out, (uint8_t)(len + (smc ? 4 : 0)));
	if (smc)
		fuzz_put_u16(&out, 0x0709);
	fuzz_put_octets(&out, octets, (size_t)len);
	if (smc)
		fuzz_put_octets(&out, "\1\2\3\4", 4);
}

static struct pc5s_message any(uint8_t type)
{
	struct pc5s_message m = {
		.type = type, .has = pc5s_optional(type), .ip_config = 3, .max_inactivity = 60,
		.capabilities = 0x2020, .msb_kd_sess_id = 7, .lsb_kd_sess_id = 9,
		.chosen_algorithms = 0x22, .cause = 2, .release_reason = 1, .auth_flag = 1,
		.info_type = 1, .selected_method = FAKE_EXCHANGE, .ke_method = FAKE_EXCHANGE,
		.methods = { 2, { FAKE_EXCHANGE, FAKE_SHARED } }, .policy = { 2, 2, 0 },
		.user_info = { PC5S_USER_INFO_UPPER_LAYERS, 9, "ue-111213" },
		.target_info = { PC5S_USER_INFO_UPPER_LAYERS, 9, "ue-0a0b0c" },
		.gpi = { (const uint8_t *)"g", 1 }, .encrypted_payload = { (const uint8_t *)"e", 1 },
		.container = { (const uint8_t *)"container", 9 }, .ke_total = 9,
		.expressions = { 1, { "e" } }, .link_l2_id = 0x0a0b0d,
		.method_container = { FAKE_EXCHANGE, { (const uint8_t *)"container", 9 } },
		.addresses = { 1, { { 4, { 10, 0, 0, 9 } } } }, .counts = { 1, { { 30, 9, 10 } } },
	};

	m.has &= ~(PC5S_BIT(PC5S_IE_SIGNATURE) | PC5S_BIT(PC5S_IE_CAUSE));
	return m;
}

void fuzz_seeds(fuzz_put *put)
{
	char name[64];
	uint8_t type;

	for (unsigned int how = 0; how < 256; how += 13) {
		begin((uint8_t)how, (uint8_t)how);
		connect_and_wait();
		op(4, 3);
		op(0x80 | 4, 3);
		op(3, 2);
		op(2, 40);
		op(0x83, 3);
		op(2, 40);
		op(3, 4);
		op(2, 40);
		snprintf(name, sizeof(name), "life-%02x", how);
		end(put, name);
	}
	/* In request and command: both know who the other is. */
	for (uint8_t i = 0; i < 16; i++) {
		begin((uint8_t)(1 | (i & 4) << 3), (uint8_t)(41 + 2 * i));
		op(6, 8 | 7);
		op(0x86, 8 | 7);
		if (i & 1)
			op(5, (uint8_t)(i * 37));
		if (i & 2)
			op(6, (uint8_t)(i << 3 | 5));
		connect_and_wait();
		op(3, 4);
		op(2, 200);
		op(0x86, i & 8 ? 4 : 3);
		op(0x83, 2);
		op(2, 200);
		snprintf(name, sizeof(name), "embedded-%u", i);
		end(put, name);
	}
	for (uint8_t i = 0; i < 8; i++) {
		begin(1, 40);
		op(5, (uint8_t)(i * 37));
		op(3, 5);
		op(2, 60);
		op(3, 6 | 8);
		op(2, 60);
		op(6, (uint8_t)(i * 8 + 4));
		op(2, 200);
		op(0x83, 2);
		op(2, 200);
		snprintf(name, sizeof(name), "medium-%u", i);
		end(put, name);
	}
	for (uint8_t i = 0; i < 64; i += 3) {
		begin(33, 200);
		op(6, (uint8_t)(i << 2 | 2));
		op(0x86, (uint8_t)(i * 5));
		connect_and_wait();
		op(6, i);
		op(3, 3);
		op(2, 200);
		op(0x86, (uint8_t)(i * 8 + 6));
		op(6, (uint8_t)(i * 8 + 7));
		op(3, 4);
		op(2, 200);
		connect_and_wait();
		snprintf(name, sizeof(name), "event-%u", i);
		end(put, name);
	}
	for (size_t n = 0; (type = pc5s_type_at(n)); n++) {
		struct pc5s_message m = any(type);
		uint8_t octets[256];
		int len;

		begin(1, 40);
		say(&m, 4, false);
		op(3, 0);
		op(1, 5);
		say(&m, 1 | 4, false);
		say(&m, 1 | 4, true);
		op(2, 40);
		say(&m, 1 | 4, false);
		snprintf(name, sizeof(name), "stranger-%s", pc5s_type_name(type));
		end(put, name);
		begin(1, 40);
		connect_and_wait();
		len = pc5s_encode(&m, octets, 250, NULL);
		fuzz_check(len > 0);
		op(14, 1);
		fuzz_put_u8(&out, (uint8_t)len);
		fuzz_put_octets(&out, octets, (size_t)len);
		op(2, 4);
		op(14, 3);
		fuzz_put_u8(&out, (uint8_t)len);
		fuzz_put_octets(&out, octets, (size_t)len);
		op(2, 100);
		snprintf(name, sizeof(name), "insider-%s", pc5s_type_name(type));
		end(put, name);
	}
	for (uint8_t field = 0; field < 24; field++) {
		begin(1, 200);
		op(3, 0);
		for (int i = 0; i < 6; i++) {
			op(15, 0);
			op(12, 0);
			fuzz_put_u8(&out, (uint8_t)i);
			fuzz_put_u8(&out, field);
			fuzz_put_u8(&out, 3);
		}
		op(2, 100);
		snprintf(name, sizeof(name), "rewrite-%u", field);
		end(put, name);
	}
	begin(1, 40);
	op(9, 0);
	fuzz_put_u8(&out, 95);
	fuzz_put_u8(&out, 3);
	op(0, 100);
	connect_and_wait();
	end(put, "flood");
	begin(1, 200);
	op(3, 0);
	for (uint8_t i = 0; i < 12; i++) {
		op(15, 0);
		op(10, i & 1);
		fuzz_put_u8(&out, i);
		fuzz_put_u8(&out, 1);
		fuzz_put_u8(&out, 0);
		fuzz_put_u16(&out, (uint16_t)(5 + i * 3));
		fuzz_put_u8(&out, 1);
	}
	op(2, 100);
	end(put, "meddle");
}
