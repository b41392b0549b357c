/* SPDX-License-Identifier: MIT */
/*
 * UEs on a virtual clock: each has the product's core and a fake kernel with real keys,
 * MACs, COUNTs and replay windows; between them a medium that loses, duplicates, delays
 * and reorders frames by a seeded generator. A run is a function of its seed.
 *
 * A frame is what the carrier would show: Layer-2 IDs, LCID and a PDCP PDU in octets, so a
 * test can play the attacker on it.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/eia.h"
#include "core/pc5s.h"
#include "core/ue.h"
#include "fake_methods.h"

#ifndef SIM_UES_MAX
#define SIM_UES_MAX	8
#endif
#define SIM_PEERS_MAX	160
#define SIM_ASSOCS_MAX	8
#define SIM_FRAMES_MAX	8192
#define SIM_KEYS_MAX	4096
#ifndef SIM_WINDOW
#define SIM_WINDOW	4096
#endif
#define SIM_PDU_MAX	2600
#define SIM_NEVER	UINT64_MAX

#define PDCP_HEADER	5
#define SDU_IP		0
#define SDU_PC5S	2

struct sim_frame {
	uint64_t at;
	uint64_t order;
	uint32_t src, dst;
	uint8_t lcid;
	uint8_t carrier[6];
	size_t len;
	uint8_t pdu[SIM_PDU_MAX];
};

struct sim_bearer {
	uint32_t tx_next;			/* offset from count_start */
	uint8_t seen[SIM_WINDOW / 8];
};

struct sim_assoc {
	struct ue_assoc a;
	bool tx;
	uint64_t made, delete_at;
	struct sim_bearer bearers[3];		/* 1, 29, 30 */
};

struct sim_peer {
	bool used;
	uint32_t l2_id;
	uint32_t local_l2_id, remote_l2_id;	/* for this link, 0: none */
	size_t n_addresses;
	struct ue_address addresses[UE_ADDRESSES_MAX];
	size_t n_assocs;
	struct sim_assoc assocs[SIM_ASSOCS_MAX];
	uint32_t data_received, data_sent, data_dropped;
};

struct sim;

struct sim_ue {
	struct sim *sim;
	size_t index;
	struct ue *ue;
	struct ue_config config;
	struct fake_method exchange, shared;
	uint64_t rng;
	struct sim_peer peers[SIM_PEERS_MAX];
	size_t n_peers;				/* none is used from here on */
	/* what was reported */
	uint32_t reports[UE_REPORT_NOTICE + 1];
	struct ue_report last[UE_REPORT_NOTICE + 1];
	uint32_t key_logs, idle_changes;
	/* ue_config callbacks */
	bool refuse_identity, refuse_addresses;
	char expected[64];
	uint32_t expected_l2_id;
	/* what the fake kernel refuses next */
	bool refuse_action;
	enum ue_action_type refused;
	uint32_t mac_failures, replays, no_assoc;
	size_t max_assocs;
};

struct sim {
	uint64_t now;
	uint64_t rng;
	uint64_t order;
	uint32_t loss, duplicate;		/* per mille */
	uint32_t delay_min, delay_max;		/* ms */
	size_t n;
	struct sim_ue ues[SIM_UES_MAX];
	size_t n_frames;
	struct sim_frame *frames[SIM_FRAMES_MAX];
	/* Returns false to swallow the frame; may change it. */
	bool (*tap)(struct sim *sim, struct sim_frame *frame);
	void *tap_context;
	/* every PEK any UE ever installed: none twice by one UE */
	size_t n_keys;
	struct {
		uint8_t pek[16];
		size_t ue;
		uint8_t direction;
	} keys[SIM_KEYS_MAX];
	uint64_t frames_sent;
	bool verbose;
};

static inline uint64_t sim_random(uint64_t *state)
{
	/* splitmix64 */
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void sim_ue_random(void *context, uint8_t *out, size_t len)
{
	struct sim_ue *u = context;

	while (len--)
		*out++ = (uint8_t)(sim_random(&u->rng) >> 24);
}

static int64_t sim_wall_clock(void *context)
{
	struct sim_ue *u = context;

	return 1700000000 + (int64_t)(u->sim->now / 1000);
}

static bool sim_authorise(void *context, const char *identity, uint32_t l2_id,
			  const struct ue_address *addresses, size_t n_addresses,
			  char *why, size_t why_len)
{
	struct sim_ue *u = context;

	(void)identity;
	(void)l2_id;
	(void)addresses;
	if (u->refuse_identity || (u->refuse_addresses && n_addresses)) {
		snprintf(why, why_len, "The access list does not have it.");
		return false;
	}
	return true;
}

static const char *sim_expected(void *context, uint32_t l2_id)
{
	struct sim_ue *u = context;

	return *u->expected && l2_id == u->expected_l2_id ? u->expected : NULL;
}

static inline struct sim *sim_new(uint64_t seed)
{
	struct sim *sim = calloc(1, sizeof(*sim));

	sim_check(sim);
	sim->rng = seed * 2654435761u + 1;
	sim->now = 1000;
	sim->delay_min = sim->delay_max = 5;
	sim->verbose = getenv("SIM_VERBOSE");
	return sim;
}

/* Adds a UE called "ue-<L2 ID>" and fills its configuration; sim_start() makes it. */
static inline struct sim_ue *sim_add(struct sim *sim, uint32_t l2_id)
{
	struct sim_ue *u = &sim->ues[sim->n];
	struct ue_config *config = &u->config;
	char name[16];

	sim_check(sim->n < SIM_UES_MAX);
	u->sim = sim;
	u->index = sim->n++;
	u->rng = sim_random(&sim->rng);
	ue_config_defaults(config);
	config->l2_id = l2_id;
	snprintf(name, sizeof(name), "ue-%06x", l2_id);
	memcpy(config->identity, name, sizeof(name));
	config->random = sim_ue_random;
	config->wall_clock = sim_wall_clock;
	config->authorise = sim_authorise;
	config->expected = sim_expected;
	config->context = u;
	fake_exchange(&u->exchange, name, 4, 1500);
	fake_shared(&u->shared);
	config->methods[0] = &u->exchange.method;
	config->methods[1] = &u->shared.method;
	config->n_methods = 2;
	config->addresses[0].family = 4;
	config->addresses[0].addr[0] = 10;
	config->addresses[0].addr[3] = (uint8_t)l2_id;
	config->n_addresses = 1;
	return u;
}

static inline void sim_start(struct sim_ue *u)
{
	char why[KEYING_TEXT_MAX] = "";

	u->ue = ue_new(&u->config, why, sizeof(why));
	if (!u->ue) {
		fprintf(stderr, "ue_new: %s\n", why);
		abort();
	}
}

static inline struct sim_ue *sim_by_l2_id(struct sim *sim, uint32_t l2_id)
{
	for (size_t i = 0; i < sim->n; i++)
		if (sim->ues[i].config.l2_id == l2_id)
			return &sim->ues[i];
	return NULL;
}

/* As the kernel has it: of a link's own Layer-2 ID the peer is known, whatever SRC says. */
static inline struct sim_ue *sim_by_dst(struct sim *sim, uint32_t dst, uint32_t *l2_id)
{
	for (size_t i = 0; i < sim->n; i++)
		for (size_t p = 0; p < sim->ues[i].n_peers; p++)
			if (sim->ues[i].peers[p].used && dst &&
			    sim->ues[i].peers[p].local_l2_id == dst) {
				*l2_id = sim->ues[i].peers[p].l2_id;
				return &sim->ues[i];
			}
	return sim_by_l2_id(sim, dst);
}

static inline void sim_free(struct sim *sim)
{
	for (size_t i = 0; i < sim->n; i++) {
		ue_free(sim->ues[i].ue);
		/* each run of a method was closed */
		sim_check(!sim->ues[i].exchange.credentials.open_sessions);
		sim_check(!sim->ues[i].shared.credentials.open_sessions);
	}
	for (size_t i = 0; i < sim->n_frames; i++)
		free(sim->frames[i]);
	free(sim);
}

/* The medium */

static inline void sim_queue(struct sim *sim, const struct sim_frame *frame, uint64_t at)
{
	struct sim_frame *copy = malloc(sizeof(*copy));

	sim_check(copy && sim->n_frames < SIM_FRAMES_MAX);
	*copy = *frame;
	copy->at = at;
	copy->order = sim->order++;
	sim->frames[sim->n_frames++] = copy;
}

static inline uint64_t sim_delay(struct sim *sim)
{
	return sim->delay_min +
	       sim_random(&sim->rng) % (sim->delay_max - sim->delay_min + 1);
}

static inline void sim_transmit(struct sim *sim, struct sim_frame *frame)
{
	sim->frames_sent++;
	if (sim->tap && !sim->tap(sim, frame))
		return;
	if (sim_random(&sim->rng) % 1000 >= sim->loss)
		sim_queue(sim, frame, sim->now + sim_delay(sim));
	if (sim_random(&sim->rng) % 1000 < sim->duplicate)
		sim_queue(sim, frame, sim->now + sim_delay(sim));
}

/* The fake kernel */

static inline struct sim_peer *sim_peer(struct sim_ue *u, uint32_t l2_id)
{
	for (size_t i = 0; i < u->n_peers; i++)
		if (u->peers[i].used && u->peers[i].l2_id == l2_id)
			return &u->peers[i];
	return NULL;
}

static inline struct sim_assoc *sim_assoc(struct sim_peer *peer, uint16_t kd_sess_id)
{
	for (size_t i = 0; peer && i < peer->n_assocs; i++)
		if (peer->assocs[i].a.kd_sess_id == kd_sess_id)
			return &peer->assocs[i];
	return NULL;
}

static inline struct sim_assoc *sim_tx(struct sim_peer *peer)
{
	for (size_t i = 0; peer && i < peer->n_assocs; i++)
		if (peer->assocs[i].tx)
			return &peer->assocs[i];
	return NULL;
}

static inline void sim_assoc_remove(struct sim_peer *peer, struct sim_assoc *assoc)
{
	size_t i = (size_t)(assoc - peer->assocs);

	peer->n_assocs--;
	memmove(assoc, assoc + 1, (peer->n_assocs - i) * sizeof(*assoc));
}

static inline struct sim_bearer *sim_bearer(struct sim_assoc *assoc, uint8_t lcid)
{
	return &assoc->bearers[lcid == 1 ? 0 : lcid == 29 ? 1 : 2];
}

static inline bool sim_ciphered(uint8_t lcid, uint8_t direction)
{
	return lcid != 29 || direction == 0;
}

/* Protects one SDU under an association; returns octets of the PDU. */
static inline size_t sim_protect(struct sim_assoc *assoc, uint8_t lcid, uint8_t sdu_type,
				 const uint8_t *sdu, size_t len, uint8_t *pdu)
{
	struct sim_bearer *bearer = sim_bearer(assoc, lcid);
	uint32_t count = assoc->a.count_start + bearer->tx_next++;
	struct eia_input input = { count, lcid, assoc->a.direction };
	bool mac = lcid != 1 || assoc->a.up_integrity;

	sim_check(count <= assoc->a.count_limit);
	sim_check(len + PDCP_HEADER + 4 <= SIM_PDU_MAX);
	pdu[0] = (uint8_t)(sdu_type << 5);
	pdu[1] = (uint8_t)(assoc->a.kd_sess_id >> 8);
	pdu[2] = (uint8_t)assoc->a.kd_sess_id;
	pdu[3] = (uint8_t)(count >> 8);
	pdu[4] = (uint8_t)count;
	if (mac)
		sim_check(!eia(assoc->a.eia, assoc->a.pik, &input, pdu, PDCP_HEADER, sdu, len,
			    pdu + PDCP_HEADER + len));
	if (sim_ciphered(lcid, assoc->a.direction) && assoc->a.eea == EEA2)
		sim_check(!eea2(assoc->a.pek, &input, sdu, len, pdu + PDCP_HEADER));
	else
		memcpy(pdu + PDCP_HEADER, sdu, len);
	return PDCP_HEADER + len + (mac ? 4 : 0);
}

static inline void sim_frame_init(struct sim_frame *frame, uint32_t src, uint32_t dst,
				  uint8_t lcid)
{
	memset(frame, 0, sizeof(*frame));
	frame->src = src;
	frame->dst = dst;
	frame->lcid = lcid;
	frame->carrier[0] = 2;
	frame->carrier[3] = (uint8_t)(src >> 16);
	frame->carrier[4] = (uint8_t)(src >> 8);
	frame->carrier[5] = (uint8_t)src;
}

/* An unprotected PC5-S message of anybody's making. */
static inline void sim_plain(struct sim *sim, uint32_t src, uint32_t dst, const uint8_t *message,
			     size_t len)
{
	struct sim_frame frame;

	sim_frame_init(&frame, src, dst, 28);
	frame.pdu[0] = SDU_PC5S << 5;
	sim_check(len + PDCP_HEADER <= SIM_PDU_MAX);
	memcpy(frame.pdu + PDCP_HEADER, message, len);
	frame.len = PDCP_HEADER + len;
	sim_queue(sim, &frame, sim->now + 1);
}

/* Under the Layer-2 IDs of the link, if it has any. */
static inline void sim_address(struct sim_frame *frame, const struct sim_ue *u,
			       const struct sim_peer *peer, uint32_t l2_id, uint8_t lcid)
{
	bool link_ids = peer && peer->remote_l2_id;

	sim_frame_init(frame, u->config.l2_id, link_ids ? peer->remote_l2_id : l2_id, lcid);
	if (link_ids)
		frame->src = peer->local_l2_id;
}

static inline const char *sim_kernel_send(struct sim_ue *u, const struct ue_send *send)
{
	struct sim_peer *peer = sim_peer(u, send->l2_id);
	struct sim_assoc *assoc = sim_assoc(peer, send->kd_sess_id);
	struct sim_frame frame;

	sim_address(&frame, u, send->in_setup ? NULL : peer, send->l2_id, (uint8_t)send->bearer);
	if (send->bearer == UE_BEARER_PLAIN) {
		sim_check(send->protection == UE_PROTECT_NONE && !send->kd_sess_id);
		frame.pdu[0] = SDU_PC5S << 5;
		memcpy(frame.pdu + PDCP_HEADER, send->message, send->len);
		frame.len = PDCP_HEADER + send->len;
	} else {
		if (!assoc)
			return "no such association";
		sim_check(send->protection == (send->bearer == UE_BEARER_SMC && assoc->a.direction ?
					    UE_PROTECT_INTEGRITY : UE_PROTECT_FULL));
		frame.len = sim_protect(assoc, frame.lcid, SDU_PC5S, send->message, send->len,
					frame.pdu);
	}
	sim_transmit(u->sim, &frame);
	return NULL;
}

static inline const char *sim_assoc_add(struct sim_ue *u, const struct ue_assoc *a)
{
	struct sim_peer *peer = sim_peer(u, a->l2_id);
	struct sim *sim = u->sim;
	struct sim_assoc *assoc;

	if (!peer)
		return "no such peer";
	/* an ID is free, and no key is ever installed twice */
	sim_check(a->kd_sess_id && !sim_assoc(peer, a->kd_sess_id));
	sim_check(peer->n_assocs < SIM_ASSOCS_MAX && sim->n_keys < SIM_KEYS_MAX);
	sim_check(a->eea <= EEA3 && eia_supported(a->eia));
	for (size_t i = 0; i < sim->n_keys; i++)
		if (!memcmp(sim->keys[i].pek, a->pek, 16)) {
			sim_check(sim->keys[i].ue != u->index);
			sim_check(sim->keys[i].direction != a->direction);
		}
	for (size_t i = 0; i < u->n_peers; i++)
		if (u->peers[i].used && a->direction)
			sim_check(!sim_assoc(&u->peers[i], a->kd_sess_id));
	memcpy(sim->keys[sim->n_keys].pek, a->pek, 16);
	sim->keys[sim->n_keys].ue = u->index;
	sim->keys[sim->n_keys++].direction = a->direction;
	assoc = &peer->assocs[peer->n_assocs++];
	memset(assoc, 0, sizeof(*assoc));
	assoc->a = *a;
	assoc->made = sim->now;
	assoc->delete_at = SIM_NEVER;
	if (a->smc_seen) {
		uint32_t i = a->smc_count - a->count_start;

		assoc->bearers[1].seen[i / 8] |= (uint8_t)(1 << i % 8);
	}
	if (peer->n_assocs > u->max_assocs)
		u->max_assocs = peer->n_assocs;
	return NULL;
}

static inline const char *sim_kernel(struct sim_ue *u, const struct ue_action *action)
{
	struct sim_peer *peer;
	struct sim_assoc *assoc;

	if (u->refuse_action && u->refused == action->type) {
		u->refuse_action = false;
		return "refused by the test";
	}
	switch (action->type) {
	case UE_SEND:
		return sim_kernel_send(u, &action->send);
	case UE_PEER_ADD:
		peer = sim_peer(u, action->peer.l2_id);
		for (size_t i = 0; !peer && i < SIM_PEERS_MAX; i++)
			if (!u->peers[i].used) {
				peer = &u->peers[i];
				memset(peer, 0, sizeof(*peer));
				peer->used = true;
				peer->l2_id = action->peer.l2_id;
				if (i >= u->n_peers)
					u->n_peers = i + 1;
			}
		sim_check(peer);
		if (action->peer.n_addresses) {
			peer->n_addresses = action->peer.n_addresses;
			memcpy(peer->addresses, action->peer.addresses, sizeof(peer->addresses));
		}
		if (action->peer.has_link_ids) {
			sim_check(action->peer.local_l2_id || !action->peer.remote_l2_id);
			peer->local_l2_id = action->peer.local_l2_id;
			peer->remote_l2_id = action->peer.remote_l2_id;
		}
		return NULL;
	case UE_PEER_DEL:
		peer = sim_peer(u, action->peer.l2_id);
		if (!peer)
			return "no such peer";
		memset(peer, 0, sizeof(*peer));
		return NULL;
	case UE_ASSOC_ADD:
		return sim_assoc_add(u, &action->assoc);
	case UE_ASSOC_TX:
		peer = sim_peer(u, action->assoc.l2_id);
		if (!sim_assoc(peer, action->assoc.kd_sess_id))
			return "no such association";
		for (size_t i = 0; i < peer->n_assocs; i++)
			peer->assocs[i].tx =
				peer->assocs[i].a.kd_sess_id == action->assoc.kd_sess_id;
		return NULL;
	case UE_ASSOC_DEL:
		peer = sim_peer(u, action->assoc.l2_id);
		assoc = sim_assoc(peer, action->assoc.kd_sess_id);
		if (!assoc)
			return "no such association";
		sim_assoc_remove(peer, assoc);
		return NULL;
	case UE_REPORT:
		if (u->sim->verbose)
			printf("# %8llu %06x [%d] %s\n", (unsigned long long)u->sim->now,
			       u->config.l2_id, action->report.kind, action->report.text);
		sim_check(*action->report.text);
		u->reports[action->report.kind]++;
		u->last[action->report.kind] = action->report;
		return NULL;
	case UE_KEY_LOG:
		u->key_logs++;
		return NULL;
	case UE_IDLE:
		u->idle_changes++;
		return NULL;
	}
	return "unknown action";
}

static inline void sim_drain(struct sim *sim)
{
	for (size_t i = 0; i < sim->n; i++) {
		struct sim_ue *u = &sim->ues[i];
		const struct ue_action *action;

		while (u->ue && (action = ue_action(u->ue))) {
			const char *reason = sim_kernel(u, action);

			if (reason)
				ue_action_failed(u->ue, sim->now, action, reason);
			ue_action_done(u->ue);
		}
	}
}

/* Verified under the association that sends: the older ones live for the grace time. */
static inline void sim_supersede(struct sim *sim, struct sim_peer *peer,
				 const struct sim_assoc *assoc)
{
	if (!assoc->tx)
		return;
	for (size_t i = 0; i < peer->n_assocs; i++)
		if (&peer->assocs[i] != assoc && peer->assocs[i].delete_at == SIM_NEVER &&
		    peer->assocs[i].made <= assoc->made)
			peer->assocs[i].delete_at = sim->now + peer->assocs[i].a.grace_ms;
}

/* @l2_id: by which the kernel has the peer, or SRC */
static inline void sim_hand_up(struct sim_ue *u, const struct sim_frame *frame, uint32_t l2_id,
			       struct ue_receive *receive, const uint8_t *message, size_t len)
{
	/* an exact allocation, so that a sanitizer sees every overread */
	uint8_t *copy = malloc(len ? len : 1);

	sim_check(copy);
	memcpy(copy, message, len);
	receive->l2_id = l2_id;
	receive->bearer = frame->lcid;
	receive->carrier_addr.len = 6;
	memcpy(receive->carrier_addr.octets, frame->carrier, 6);
	receive->message = copy;
	receive->len = len;
	ue_receive(u->ue, u->sim->now, receive);
	free(copy);
}

static inline void sim_deliver(struct sim *sim, const struct sim_frame *frame)
{
	uint32_t l2_id = frame->src;
	struct sim_ue *u = sim_by_dst(sim, frame->dst, &l2_id);
	const uint8_t *pdu = frame->pdu;
	struct ue_receive receive = { 0 };
	uint8_t sdu[SIM_PDU_MAX];
	struct sim_assoc *assoc;
	struct sim_peer *peer;
	struct sim_bearer *bearer;
	struct eia_input input;
	bool has_mac;
	size_t len;
	uint32_t i;

	if (!u || !u->ue || frame->len < PDCP_HEADER || frame->src == frame->dst)
		return;
	receive.kd_sess_id = (uint16_t)(pdu[1] << 8 | pdu[2]);
	receive.count = (uint32_t)(pdu[3] << 8 | pdu[4]);
	if (frame->lcid == 28) {
		if (!receive.kd_sess_id)
			sim_hand_up(u, frame, l2_id, &receive, pdu + PDCP_HEADER,
				    frame->len - PDCP_HEADER);
		return;
	}
	peer = sim_peer(u, l2_id);
	assoc = sim_assoc(peer, receive.kd_sess_id);
	if (!assoc) {
		u->no_assoc++;
		if (frame->lcid != 29 || !receive.kd_sess_id || frame->len < PDCP_HEADER + 4)
			return;
		receive.protection = UE_PROTECT_UNVERIFIED;
		memcpy(receive.pdcp_header, pdu, PDCP_HEADER);
		memcpy(receive.mac_i, pdu + frame->len - 4, 4);
		sim_hand_up(u, frame, l2_id, &receive, pdu + PDCP_HEADER,
			    frame->len - PDCP_HEADER - 4);
		return;
	}
	has_mac = frame->lcid != 1 || assoc->a.up_integrity;
	if (frame->len < PDCP_HEADER + (has_mac ? 4u : 0))
		return;
	len = frame->len - PDCP_HEADER - (has_mac ? 4 : 0);
	input.count = (assoc->a.count_start & 0xffff0000) | receive.count;
	input.bearer = frame->lcid;
	input.direction = !assoc->a.direction;
	i = input.count - assoc->a.count_start;
	if (input.count < assoc->a.count_start || i >= SIM_WINDOW)
		return;
	if (sim_ciphered(frame->lcid, input.direction) && assoc->a.eea == EEA2)
		sim_check(!eea2(assoc->a.pek, &input, pdu + PDCP_HEADER, len, sdu));
	else
		memcpy(sdu, pdu + PDCP_HEADER, len);
	if (has_mac) {
		uint8_t mac[4];

		sim_check(!eia(assoc->a.eia, assoc->a.pik, &input, pdu, PDCP_HEADER, sdu, len, mac));
		if (memcmp(mac, pdu + frame->len - 4, 4)) {
			u->mac_failures++;
			return;
		}
	}
	bearer = sim_bearer(assoc, frame->lcid);
	if (bearer->seen[i / 8] & 1 << i % 8) {
		u->replays++;
		return;
	}
	bearer->seen[i / 8] |= (uint8_t)(1 << i % 8);
	receive.count = input.count;
	sim_supersede(sim, peer, assoc);
	if (frame->lcid == 1) {
		/* without MAC-I anybody can change what is ciphered */
		sim_check(!has_mac || (len == 4 && !memcmp(sdu, "data", 4)));
		peer->data_received++;
		if (has_mac)
			ue_activity(u->ue, sim->now, l2_id);
		return;
	}
	receive.protection = sim_ciphered(frame->lcid, input.direction) ? UE_PROTECT_FULL :
		UE_PROTECT_INTEGRITY;
	sim_hand_up(u, frame, l2_id, &receive, sdu, len);
}

/* One packet of user data; dropped, and counted, when nothing protects it. */
static inline bool sim_data(struct sim_ue *u, uint32_t l2_id)
{
	struct sim_peer *peer = sim_peer(u, l2_id);
	struct sim_assoc *assoc = sim_tx(peer);
	struct sim_frame frame;

	if (!assoc) {
		if (peer)
			peer->data_dropped++;
		return false;
	}
	sim_address(&frame, u, peer, l2_id, 1);
	frame.len = sim_protect(assoc, 1, SDU_IP, (const uint8_t *)"data", 4, frame.pdu);
	peer->data_sent++;
	sim_transmit(u->sim, &frame);
	return true;
}

/* The clock */

static inline uint64_t sim_next(const struct sim *sim)
{
	uint64_t next = SIM_NEVER;

	for (size_t i = 0; i < sim->n_frames; i++)
		if (sim->frames[i]->at < next)
			next = sim->frames[i]->at;
	for (size_t i = 0; i < sim->n; i++) {
		const struct sim_ue *u = &sim->ues[i];

		if (u->ue && ue_deadline(u->ue) < next)
			next = ue_deadline(u->ue);
		for (size_t p = 0; p < u->n_peers; p++)
			for (size_t a = 0; u->peers[p].used && a < u->peers[p].n_assocs; a++)
				if (u->peers[p].assocs[a].delete_at < next)
					next = u->peers[p].assocs[a].delete_at;
	}
	return next;
}

static inline void sim_expire_assocs(struct sim *sim, struct sim_ue *u)
{
	for (size_t p = 0; p < u->n_peers; p++) {
		struct sim_peer *peer = &u->peers[p];

		for (size_t a = 0; peer->used && a < peer->n_assocs;) {
			uint16_t id = peer->assocs[a].a.kd_sess_id;

			if (peer->assocs[a].delete_at > sim->now) {
				a++;
				continue;
			}
			sim_assoc_remove(peer, &peer->assocs[a]);
			ue_assoc_gone(u->ue, sim->now, peer->l2_id, id);
		}
	}
}

/* The next event, if there is one until then. */
static inline bool sim_step(struct sim *sim, uint64_t until)
{
	uint64_t next;
	size_t best = SIZE_MAX;

	sim_drain(sim);
	next = sim_next(sim);
	if (next > until)
		return false;
	/* a deadline in the past means: now */
	if (next > sim->now)
		sim->now = next;
	for (size_t i = 0; i < sim->n_frames; i++)
		if (sim->frames[i]->at <= sim->now &&
		    (best == SIZE_MAX || sim->frames[i]->at < sim->frames[best]->at ||
		     (sim->frames[i]->at == sim->frames[best]->at &&
		      sim->frames[i]->order < sim->frames[best]->order)))
			best = i;
	if (best != SIZE_MAX) {
		struct sim_frame *frame = sim->frames[best];

		sim->frames[best] = sim->frames[--sim->n_frames];
		sim_deliver(sim, frame);
		free(frame);
	} else {
		for (size_t i = 0; i < sim->n; i++) {
			if (!sim->ues[i].ue)
				continue;
			sim_expire_assocs(sim, &sim->ues[i]);
			ue_expire(sim->ues[i].ue, sim->now);
			/* a timer that ran leaves nothing due: else the clock stands still */
			sim_check(ue_deadline(sim->ues[i].ue) > sim->now);
		}
	}
	sim_drain(sim);
	return true;
}

static inline void sim_run(struct sim *sim, uint64_t ms)
{
	uint64_t until = sim->now + ms;

	while (sim_step(sim, until))
		;
	sim->now = until;
}

static inline enum ue_link_state sim_state(const struct sim_ue *u, uint32_t l2_id)
{
	struct ue_link_info info;

	return ue_link(u->ue, l2_id, &info) ? info.state : UE_LINK_NULL;
}

static inline struct ue_link_info sim_info(const struct sim_ue *u, uint32_t l2_id)
{
	struct ue_link_info info = { 0 };

	ue_link(u->ue, l2_id, &info);
	return info;
}

static inline bool sim_both(const struct sim_ue *a, const struct sim_ue *b,
			    enum ue_link_state state)
{
	return sim_state(a, b->config.l2_id) == state && sim_state(b, a->config.l2_id) == state;
}

/* Runs until both are in the state, at most so long. */
static inline bool sim_until(struct sim *sim, const struct sim_ue *a, const struct sim_ue *b,
			     enum ue_link_state state, uint64_t ms)
{
	uint64_t until = sim->now + ms;

	while (!sim_both(a, b, state))
		if (!sim_step(sim, until))
			return false;
	return true;
}

static inline int sim_connect(struct sim_ue *a, const struct sim_ue *b)
{
	char why[KEYING_TEXT_MAX];
	int ret = ue_connect(a->ue, a->sim->now, b->config.l2_id, NULL, why, sizeof(why));

	sim_drain(a->sim);
	return ret;
}

static inline int sim_rekey(struct sim_ue *a, const struct sim_ue *b, bool kd)
{
	char why[KEYING_TEXT_MAX];
	int ret = ue_rekey(a->ue, a->sim->now, b->config.l2_id, kd, why, sizeof(why));

	sim_drain(a->sim);
	return ret;
}

static inline int sim_release(struct sim_ue *a, const struct sim_ue *b)
{
	char why[KEYING_TEXT_MAX];
	int ret = ue_release(a->ue, a->sim->now, b->config.l2_id, why, sizeof(why));

	sim_drain(a->sim);
	return ret;
}

/*
 * Both connected: they agree on everything that was negotiated, and each kernel sends by an
 * association that the other holds with the same keys and the other direction. Returns
 * NULL, or what differs.
 */
static inline const char *sim_agree(struct sim_ue *a, struct sim_ue *b)
{
	struct ue_link_info i = sim_info(a, b->config.l2_id), j = sim_info(b, a->config.l2_id);
	struct sim_peer *p = sim_peer(a, b->config.l2_id), *q = sim_peer(b, a->config.l2_id);
	struct sim_assoc *x = sim_tx(p), *y = sim_tx(q), *z;

	if (!x || !y)
		return "a kernel does not send";
	z = sim_assoc(q, x->a.kd_sess_id);
	if (!z || memcmp(z->a.pek, x->a.pek, 16) || memcmp(z->a.pik, x->a.pik, 16) ||
	    z->a.eea != x->a.eea || z->a.eia != x->a.eia ||
	    z->a.up_integrity != x->a.up_integrity || z->a.direction == x->a.direction ||
	    z->a.count_start != x->a.count_start || z->a.count_limit != x->a.count_limit)
		return "the peer's kernel lacks the sending association";
	z = sim_assoc(p, y->a.kd_sess_id);
	if (!z || memcmp(z->a.pek, y->a.pek, 16) || z->a.direction == y->a.direction)
		return "the kernel lacks the peer's sending association";
	if (strcmp(i.identity, b->config.identity) || strcmp(j.identity, a->config.identity))
		return "identities";
	if (i.kd_sess_id != x->a.kd_sess_id || j.kd_sess_id != y->a.kd_sess_id)
		return "a core and its kernel differ over who sends";
	if (i.state == UE_LINK_CONNECTED && j.state == UE_LINK_CONNECTED) {
		if (i.kd_sess_id != j.kd_sess_id)
			return "KD-sess IDs";
		if (i.eea != j.eea || i.eia != j.eia || i.up_integrity != j.up_integrity ||
		    i.count_profile != j.count_profile)
			return "algorithms or policies";
		if (i.is_ue_1 == j.is_ue_1)
			return "roles";
	}
	return NULL;
}

#endif
