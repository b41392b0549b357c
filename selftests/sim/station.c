// SPDX-License-Identifier: MIT
/* A UE: the product's core over a model of the kernel, station.h. */
#include "station.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/eia.h"
#include "core/pc5s.h"
#include "primitives.h"
#include "user.h"
#include "world.h"

#define NEVER		UINT64_MAX
#define DRAINS_MAX	1000		/* actions of one event; more of them never end */
#define RECHECK_INTERVAL_MS	60000	/* a daemon does it once an hour */

/* A packet of user data: when it is of a round that is counted, which. */
struct packet {
	char text[12];
	uint32_t round;
};

static unsigned int bearer_of(uint8_t lcid)
{
	return lcid == UE_BEARER_DATA ? 0 : lcid == UE_BEARER_SMC ? 1 : 2;
}

/* DIRECTION says so on the bearer of the security mode procedure, protocol.rst. */
static bool ciphered(uint8_t lcid, uint8_t direction)
{
	return lcid != UE_BEARER_SMC || direction == 0;
}

struct kernel_peer *station_peer_local(const struct station *station, uint32_t l2_id)
{
	for (size_t i = 0; l2_id && i < station->n_peers; i++)
		if (station->peers[i]->local_l2_id == l2_id)
			return station->peers[i];
	return NULL;
}

struct kernel_peer *station_peer(const struct station *station, uint32_t l2_id)
{
	for (size_t i = 0; i < station->n_peers; i++)
		if (station->peers[i]->l2_id == l2_id)
			return station->peers[i];
	return NULL;
}

struct assoc *station_assoc(struct kernel_peer *peer, uint16_t kd_sess_id)
{
	for (size_t i = 0; peer && i < peer->n_assocs; i++)
		if (peer->assocs[i].a.kd_sess_id == kd_sess_id)
			return &peer->assocs[i];
	return NULL;
}

struct assoc *station_tx(struct kernel_peer *peer)
{
	for (size_t i = 0; peer && i < peer->n_assocs; i++)
		if (peer->assocs[i].tx)
			return &peer->assocs[i];
	return NULL;
}

static void assoc_remove(struct station *station, struct kernel_peer *peer, struct assoc *assoc)
{
	size_t i = (size_t)(assoc - peer->assocs);

	invariant_removed(station, assoc);
	peer->n_assocs--;
	memmove(assoc, assoc + 1, (peer->n_assocs - i) * sizeof(*assoc));
}

static void peer_remove(struct station *station, struct kernel_peer *peer)
{
	while (peer->n_assocs)
		assoc_remove(station, peer, &peer->assocs[peer->n_assocs - 1]);
	for (size_t i = 0; i < station->n_peers; i++)
		if (station->peers[i] == peer)
			station->peers[i] = station->peers[--station->n_peers];
	free(peer);
}

/* The daemon is told, a little later; not at all if there is none. */
static struct upcall *call_up(struct station *station, enum upcall_kind kind, uint32_t l2_id,
			      uint16_t kd_sess_id)
{
	struct world *world = station->world;
	struct upcall *upcall;

	if (!station->ue)
		return NULL;
	upcall = calloc(1, sizeof(*upcall));
	if (!upcall)
		abort();
	upcall->kind = kind;
	upcall->l2_id = l2_id;
	upcall->kd_sess_id = kd_sess_id;
	upcall->happened = world->now;
	upcall->at = world->now + (world->settings.upcall_max ?
				   rng_below(&station->rng, world->settings.upcall_max) : 0);
	if (station->last_upcall) {
		if (upcall->at < station->last_upcall->at)
			upcall->at = station->last_upcall->at;
		station->last_upcall->next = upcall;
	} else {
		station->upcalls = upcall;
	}
	station->last_upcall = upcall;
	station->gone += kind == UPCALL_GONE;
	return upcall;
}

static struct upcall *take_upcall(struct station *station)
{
	struct upcall *upcall = station->upcalls;

	station->upcalls = upcall->next;
	if (!station->upcalls)
		station->last_upcall = NULL;
	station->gone -= upcall->kind == UPCALL_GONE;
	return upcall;
}

static void free_upcall(struct upcall *upcall)
{
	free(upcall->message);
	free(upcall);
}

/* Sending */

static struct frame *new_frame(const struct station *station, uint32_t l2_id, bool in_setup,
			       uint8_t lcid, const void *message, size_t len)
{
	const struct kernel_peer *peer = in_setup ? NULL : station_peer(station, l2_id);
	struct frame *frame = frame_new(message, len);

	frame->src = peer && peer->remote_l2_id ? peer->local_l2_id : station->l2_id;
	frame->dst = peer && peer->remote_l2_id ? peer->remote_l2_id : l2_id;
	frame->from = (int)station->index;
	frame->to = world_index(station->world, frame->dst);
	frame->lcid = lcid;
	frame->genuine = true;
	return frame;
}

/* NULL, or why not. */
static const char *protect(struct station *station, struct kernel_peer *peer,
			   struct assoc *assoc, bool in_setup, uint8_t lcid, const void *message,
			   size_t len)
{
	struct world *world = station->world;
	struct assoc_bearer *bearer = &assoc->bearers[bearer_of(lcid)];
	struct frame *frame;
	uint64_t count = bearer->next++;

	if (count > assoc->a.count_limit)
		return "COUNT is used up";
	if (count >= assoc->a.count_soft && !bearer->told) {
		bearer->told = true;
		world_count(world, TALLY_soft);
		call_up(station, UPCALL_SOFT, peer->l2_id, assoc->a.kd_sess_id);
	}
	if (count == assoc->a.count_limit) {
		world_count(world, TALLY_exhausted);
		call_up(station, UPCALL_EXHAUSTED, peer->l2_id, assoc->a.kd_sess_id);
	}
	invariant_protected(station, assoc, lcid, bearer_of(lcid), count);
	assoc->packets++;

	if (peer->remote_l2_id && !in_setup)
		world_count(world, TALLY_aliased);
	frame = new_frame(station, peer->l2_id, in_setup, lcid, message, len);
	frame->key = assoc->key;
	frame->direction = assoc->a.direction;
	frame->count = (uint32_t)count;
	frame->ciphered = ciphered(lcid, assoc->a.direction) && assoc->a.eea != EEA0;
	frame->header[0] = (uint8_t)((lcid == UE_BEARER_DATA ? SDU_IP : SDU_PC5S) << 5);
	frame->header[1] = (uint8_t)(assoc->a.kd_sess_id >> 8);
	frame->header[2] = (uint8_t)assoc->a.kd_sess_id;
	frame->header[3] = (uint8_t)(count >> 8);
	frame->header[4] = (uint8_t)count;
	if (lcid == UE_BEARER_SMC && assoc->a.direction) {
		struct eia_input input = { (uint32_t)count, lcid, assoc->a.direction };

		if (eia(assoc->a.eia, assoc->a.pik, &input, frame->header, sizeof(frame->header),
			frame->message, len, frame->mac))
			abort();
	}
	attacker_see(world, frame);
	return NULL;
}

static const char *kernel_send(struct station *station, const struct ue_send *send)
{
	struct kernel_peer *peer = station_peer(station, send->l2_id);
	struct assoc *assoc = station_assoc(peer, send->kd_sess_id);
	struct pc5s_message message;
	bool decoded = !pc5s_decode(&message, send->message, send->len, NULL);
	int to = world_index(station->world, send->l2_id);
	struct frame *frame;

	world_count(station->world, TALLY_messages);
	invariant_check(station->world, INVARIANT_kernel, decoded,
			"%s sends a message that does not decode", station->config.identity);
	if (!decoded)
		return "it does not decode";
	world_trace(station->world, (int)station->index, "-> %s %s%s", to < 0 ? "nobody" :
		    station->world->stations[to].config.identity, pc5s_type_name(message.type),
		    send->bearer == UE_BEARER_PLAIN ? ", in clear" : "");
	if (send->bearer == UE_BEARER_PLAIN) {
		invariant_unprotected(station, &message);
		frame = new_frame(station, send->l2_id, send->in_setup, UE_BEARER_PLAIN,
				  send->message, send->len);
		frame->header[0] = SDU_PC5S << 5;
		attacker_see(station->world, frame);
		return NULL;
	}
	if (!assoc)
		return "no such association";
	invariant_check(station->world, INVARIANT_clear, send->protection ==
			(ciphered((uint8_t)send->bearer, assoc->a.direction) ?
			 UE_PROTECT_FULL : UE_PROTECT_INTEGRITY),
			"%s asks for other protection of %s than the bearer has",
			station->config.identity, pc5s_type_name(message.type));
	if (message.type == PC5S_SMC_COMMAND)
		invariant_commanded(station, assoc, &message, send->in_setup);
	return protect(station, peer, assoc, send->in_setup, (uint8_t)send->bearer, send->message,
		       send->len);
}

/* Configuration of the kernel */

static const char *peer_ids(const struct station *station, struct kernel_peer *peer,
			    const struct ue_peer *config)
{
	struct kernel_peer *holder = station_peer_local(station, config->local_l2_id);

	if (!config->has_link_ids)
		return NULL;
	if (config->remote_l2_id && !config->local_l2_id)
		return "no own Layer-2 ID for the link";
	if (config->local_l2_id && (config->local_l2_id == station->l2_id ||
				    (holder && holder != peer)))
		return "the Layer-2 ID is in use";
	peer->local_l2_id = config->local_l2_id;
	peer->remote_l2_id = config->remote_l2_id;
	return NULL;
}

static const char *peer_add(struct station *station, const struct ue_peer *config)
{
	struct kernel_peer *peer = station_peer(station, config->l2_id);

	if (peer)
		return peer_ids(station, peer, config);
	invariant_check(station->world, INVARIANT_bounded, station->n_peers <
			PROSE_HALF_OPEN_MAX + STATIONS_MAX,
			"%s has %zu peers in its kernel", station->config.identity,
			station->n_peers);
	if (station->n_peers == STATION_PEERS_MAX)
		return "too many peers";
	peer = calloc(1, sizeof(*peer));
	if (!peer)
		abort();
	peer->l2_id = config->l2_id;
	station->peers[station->n_peers++] = peer;
	return peer_ids(station, peer, config);
}

static void mark(struct assoc_bearer *bearer, uint64_t count)
{
	/* what falls out of the window on the way makes room */
	while (bearer->highest < count) {
		bearer->highest++;
		bearer->seen[bearer->highest % STATION_WINDOW / 8] &=
			(uint8_t)~(1u << bearer->highest % 8);
	}
	bearer->seen[count % STATION_WINDOW / 8] |= (uint8_t)(1u << count % 8);
}

static bool replayed(const struct assoc_bearer *bearer, uint64_t count)
{
	if (count > bearer->highest)
		return false;
	return bearer->highest - count >= STATION_WINDOW ||
	       bearer->seen[count % STATION_WINDOW / 8] & 1u << count % 8;
}

static const char *assoc_add(struct station *station, const struct ue_assoc *a)
{
	struct world *world = station->world;
	struct kernel_peer *peer = station_peer(station, a->l2_id);
	struct assoc *assoc;

	if (!peer)
		return "no such peer";
	if (!invariant_check(world, INVARIANT_kernel, !station_assoc(peer, a->kd_sess_id),
			     "%s installs KD-sess %04x, which it has already",
			     station->config.identity, a->kd_sess_id))
		return "it exists";
	if (peer->n_assocs == STATION_ASSOCS_MAX)
		return "too many associations";
	assoc = &peer->assocs[peer->n_assocs++];
	memset(assoc, 0, sizeof(*assoc));
	assoc->a = *a;
	assoc->serial = station->serial++;
	assoc->retire_at = NEVER;
	assoc->key = ledger_key(&world->keys, a);
	if (world->settings.packets) {
		assoc->a.count_limit = a->count_start + world->settings.packets;
		assoc->a.count_soft = a->count_start + world->settings.packets * 3 / 4;
	} else if (!a->count_soft) {
		assoc->a.count_soft = a->count_start + (a->count_limit - a->count_start) / 8 * 7;
	}
	for (size_t i = 0; i < LEDGER_BEARERS; i++) {
		assoc->bearers[i].next = a->count_start;
		assoc->bearers[i].highest = a->count_start - 1;
	}
	if (a->smc_seen)
		mark(&assoc->bearers[1], a->smc_count);
	world_count(world, TALLY_keys);
	world_trace(world, (int)station->index, "   installs KD-sess %04x, %s, EEA%u, EIA%u",
		    a->kd_sess_id, a->direction ? "as UE_2" : "as UE_1", a->eea, a->eia);
	invariant_installed(station, assoc);
	return NULL;
}

/* assoc.c, peer_retire(): what is older has its grace time. */
static void retire(struct world *world, struct kernel_peer *peer, struct assoc *tx)
{
	if (!tx->verified)
		return;
	tx->took_over = true;
	for (size_t i = 0; i < peer->n_assocs; i++) {
		struct assoc *assoc = &peer->assocs[i];

		if (assoc->serial < tx->serial && assoc->retire_at == NEVER)
			assoc->retire_at = world->now + assoc->a.grace_ms;
	}
}

static void set_tx(struct station *station, struct kernel_peer *peer, struct assoc *tx)
{
	for (size_t i = 0; i < peer->n_assocs; i++)
		peer->assocs[i].tx = &peer->assocs[i] == tx;
	tx->retire_at = NEVER;
	tx->took_over = false;
	retire(station->world, peer, tx);
	world_trace(station->world, (int)station->index, "   sends under KD-sess %04x",
		    tx->a.kd_sess_id);
}

static void report(struct station *station, const struct ue_report *report_of)
{
	struct world *world = station->world;

	world_trace(world, (int)station->index, "   %s", report_of->text);
	switch (report_of->kind) {
	case UE_REPORT_CONNECTED:
		world_count(world, TALLY_connected);
		break;
	case UE_REPORT_REKEYED:
		world_count(world, TALLY_rekeyed);
		world->tally->counts[TALLY_kd_changed] += report_of->kd_changed;
		break;
	case UE_REPORT_RELEASED:
		world_count(world, TALLY_released);
		break;
	case UE_REPORT_FAILED:
		world_count(world, TALLY_failed);
		break;
	default:
		break;
	}
}

/* What a UE has when it makes a request is what the run is about, whatever it has later. */
static void note_request(struct station *station, const struct ue_send *send)
{
	int to = world_index(station->world, send->l2_id);
	struct pc5s_message message;
	struct request *request;

	if (to < 0 || !send->len || (send->message[0] != PC5S_REQUEST &&
				     send->message[0] != PC5S_REKEYING_REQUEST) ||
	    pc5s_decode(&message, send->message, send->len, NULL))
		return;
	request = &station->requests[to];
	if (!memcmp(request->nonce_1, message.nonce_1, sizeof(message.nonce_1)))
		return;
	memcpy(request->nonce_1, message.nonce_1, sizeof(message.nonce_1));
	request->rekeying = message.type == PC5S_REKEYING_REQUEST;
	request->isolated = pc5s_has(&message, PC5S_IE_SIGNATURE) ||
		(request->rekeying && memchr(message.methods.id, KEYING_ECCSI_SAKKE,
					     message.methods.n));
	ledger_offer(&station->config, &request->offer);
}

static bool keep(void *context, const struct ue_idle *idle)
{
	struct store *store = context;

	if (store->n_idle < sizeof(store->idle) / sizeof(store->idle[0]))
		store->idle[store->n_idle++] = *idle;
	return true;
}

static void write_store(struct station *station)
{
	station->store.n_idle = 0;
	ue_idle(station->ue, keep, &station->store);
	station->store.dirty = false;
}

/* What is to be deleted is deleted. */
static bool can_refuse(enum ue_action_type type)
{
	return type == UE_SEND || type == UE_PEER_ADD || type == UE_ASSOC_ADD ||
	       type == UE_ASSOC_TX;
}

/* NULL, or why it could not be done. */
static const char *carry_out(struct station *station, const struct ue_action *action)
{
	struct kernel_peer *peer;
	struct assoc *assoc;

	if (action->type == UE_SEND)
		note_request(station, &action->send);
	if (can_refuse(action->type) && station->refuse_after && !--station->refuse_after) {
		world_count(station->world, TALLY_refused);
		for (size_t i = 0; i < station->world->settings.stations; i++)
			invariant_excuse(station->world, (int)station->index, (int)i);
		world_trace(station->world, (int)station->index, "   the kernel refuses an action");
		return "refused by the schedule";
	}
	switch (action->type) {
	case UE_SEND:
		return kernel_send(station, &action->send);
	case UE_PEER_ADD:
		return peer_add(station, &action->peer);
	case UE_PEER_DEL:
		peer = station_peer(station, action->peer.l2_id);
		if (!peer)
			return "no such peer";
		peer_remove(station, peer);
		return NULL;
	case UE_ASSOC_ADD:
		return assoc_add(station, &action->assoc);
	case UE_ASSOC_TX:
		peer = station_peer(station, action->assoc.l2_id);
		assoc = station_assoc(peer, action->assoc.kd_sess_id);
		if (!assoc)
			return "no such association";
		set_tx(station, peer, assoc);
		return NULL;
	case UE_ASSOC_DEL:
		peer = station_peer(station, action->assoc.l2_id);
		assoc = station_assoc(peer, action->assoc.kd_sess_id);
		if (!assoc)
			return "no such association";
		assoc_remove(station, peer, assoc);
		return NULL;
	case UE_IDLE:
		station->store.dirty = true;
		if (action->idle.now)
			write_store(station);
		return NULL;
	case UE_REPORT:
		report(station, &action->report);
		return NULL;
	case UE_KEY_LOG:
		return NULL;
	}
	return "unknown action";
}

static enum ue_link_state state_of(const struct station *station, int peer)
{
	return peer < 0 ? UE_LINK_NULL : station->views[peer].state;
}

static void counted(struct station *station, int peer, unsigned int event)
{
	station->world->tally->matrix[state_of(station, peer)][event]++;
}

/* What the core says of its links to the other UEs now. */
static void look(struct station *station)
{
	struct world *world = station->world;

	for (size_t i = 0; i < world->settings.stations; i++) {
		struct view *view = &station->views[i];
		enum ue_link_state was = view->state;
		uint16_t kd_sess_id = view->info.kd_sess_id;

		if (i == station->index)
			continue;
		view->known = station->ue && ue_link(station->ue, world_l2_id(i), &view->info);
		view->state = view->known ? view->info.state : UE_LINK_NULL;
		if (station->ue)
			station->store.links[i] = *view;
		invariant_view(station, i, was);
		if (station->unsigned_event)
			invariant_unmoved(station, i, was, kd_sess_id);
	}
}

/* Carries out what the core wants done. */
static void drain(struct station *station)
{
	struct world *world = station->world;
	const struct ue_action *action;
	unsigned int n = 0;

	while (station->ue && (action = ue_action(station->ue))) {
		const char *reason;

		if (!invariant_check(world, INVARIANT_survival, n++ < DRAINS_MAX,
				     "the actions of %s never end", station->config.identity))
			return;
		if (station->die_after && !--station->die_after) {
			world_count(world, TALLY_torn);
			station_die(station, rng_below(&station->rng, 2),
				    world->now + rng_below(&station->rng, 3000));
			return;
		}
		if (station->unsigned_event)
			invariant_unmoving(station, action);
		reason = carry_out(station, action);
		if (reason) {
			counted(station, action->type == UE_SEND ?
				world_index(world, action->send.l2_id) : -1, EVENT_REFUSED);
			ue_action_failed(station->ue, world->now, action, reason);
		}
		ue_action_done(station->ue);
	}
	/* as a daemon does before it waits */
	if (station->ue)
		identity_keep(station);
	if (n)
		look(station);
}

/* Receiving */

/* @l2_id: by which the kernel has the peer, or SRC */
static void hand_up(struct station *station, const struct frame *frame, uint32_t l2_id,
		    const struct ue_receive *receive)
{
	struct world *world = station->world;
	struct upcall *upcall = call_up(station, UPCALL_MESSAGE, l2_id, receive->kd_sess_id);

	if (!upcall)
		return;
	upcall->receive = *receive;
	/* an exact allocation, so that a sanitizer sees every overread */
	upcall->message = malloc(frame->len ? frame->len : 1);
	if (!upcall->message)
		abort();
	memcpy(upcall->message, frame->message, frame->len);
	if (receive->protection == UE_PROTECT_UNVERIFIED) {
		world_count(world, TALLY_unverified);
		/* nobody has deciphered it */
		for (size_t i = 0; frame->ciphered && i < frame->len; i++)
			upcall->message[i] ^= (uint8_t)(0x5a + i + frame->count);
	}
	upcall->receive.l2_id = l2_id;
	upcall->receive.bearer = frame->lcid;
	upcall->receive.carrier_addr.len = 6;
	upcall->receive.carrier_addr.octets[0] = 2;
	/* what comes from an attacker comes from anywhere */
	upcall->receive.carrier_addr.octets[4] = (uint8_t)(frame->from < 0 ? frame->order : 0);
	upcall->receive.carrier_addr.octets[5] = (uint8_t)frame->from;
	upcall->receive.message = upcall->message;
	upcall->receive.len = frame->len;
}

static void receive_message(struct station *station, const struct ue_receive *receive)
{
	struct world *world = station->world;
	struct primitives_calls before = *primitives_calls();
	struct pc5s_message message;
	unsigned int n = 0;

	if (!pc5s_decode(&message, receive->message, receive->len, NULL)) {
		while (pc5s_type_at(n) && pc5s_type_at(n) != message.type)
			n++;
		if (EVENT_MESSAGE + n < EVENTS_N)
			counted(station, world_index(world, receive->l2_id), EVENT_MESSAGE + n);
		world_trace(world, (int)station->index, "<- %06x %s%s", receive->l2_id,
			    pc5s_type_name(message.type),
			    receive->protection == UE_PROTECT_NONE ? ", in clear" :
			    receive->protection == UE_PROTECT_UNVERIFIED ? ", unverified" : "");
	}
	signatures_begin(station);
	ue_receive(station->ue, world->now, receive);
	signatures_end();
	/* keys of two months are tried, of which one may be the right one */
	station->unsigned_event = primitives_calls()->forged > before.forged &&
				  primitives_calls()->verified == before.verified;
}

static void deliver(struct station *station, const struct upcall *upcall)
{
	struct world *world = station->world;
	int peer = world_index(world, upcall->l2_id);

	switch (upcall->kind) {
	case UPCALL_MESSAGE:
		receive_message(station, &upcall->receive);
		break;
	case UPCALL_SOFT:
		counted(station, peer, EVENT_SOFT);
		world_trace(world, (int)station->index, "   COUNT of %04x is at its soft limit",
			    upcall->kd_sess_id);
		ue_count_soft(station->ue, world->now, upcall->l2_id, upcall->kd_sess_id);
		break;
	case UPCALL_EXHAUSTED:
		counted(station, peer, EVENT_EXHAUSTED);
		world_trace(world, (int)station->index, "   COUNT of %04x is used up",
			    upcall->kd_sess_id);
		ue_count_exhausted(station->ue, world->now, upcall->l2_id, upcall->kd_sess_id);
		break;
	case UPCALL_GONE:
		counted(station, peer, EVENT_GONE);
		ue_assoc_gone(station->ue, world->now, upcall->l2_id, upcall->kd_sess_id);
		break;
	case UPCALL_ACTIVITY:
		ue_activity(station->ue, upcall->happened, upcall->l2_id);
		break;
	}
	drain(station);
	station->unsigned_event = false;
}

/* A packet or message under a key this kernel has; verified if it is what its sender sent. */
static void receive_protected(struct station *station, struct kernel_peer *peer,
			      struct assoc *assoc, const struct frame *frame)
{
	struct world *world = station->world;
	struct assoc_bearer *bearer = &assoc->bearers[bearer_of(frame->lcid)];
	bool mac = frame->lcid != UE_BEARER_DATA || assoc->a.up_integrity;
	struct ue_receive receive = {
		.kd_sess_id = assoc->a.kd_sess_id,
		.count = frame->count,
		.protection = ciphered(frame->lcid, !assoc->a.direction) ? UE_PROTECT_FULL :
			UE_PROTECT_INTEGRITY,
	};

	if (!frame->genuine || frame->key != assoc->key ||
	    frame->direction == assoc->a.direction) {
		if (mac)
			world_count(world, TALLY_forgeries_stopped);
		/*
		 * Octets of no meaning to somebody above, but their COUNT is taken for the peer's.
		 * Strictly TS 24.334 nothing cures that, so there it is left out.
		 */
		else if (!world->settings.strict && !replayed(bearer, frame->count))
			mark(bearer, frame->count);
		return;
	}
	if (replayed(bearer, frame->count)) {
		world_count(world, TALLY_replays_stopped);
		return;
	}
	mark(bearer, frame->count);
	assoc->packets++;
	assoc->key->ends[assoc->a.direction].verified_ms = world->now;
	if (mac && frame->lcid != UE_BEARER_SMC) {
		assoc->verified = true;
		if (assoc->tx && !assoc->took_over)
			retire(world, peer, assoc);
	}
	if (frame->lcid == UE_BEARER_DATA) {
		int from = world_index(world, peer->l2_id);
		struct packet packet = { 0 };

		world_count(world, TALLY_arrived);
		if (frame->len == sizeof(packet))
			memcpy(&packet, frame->message, sizeof(packet));
		if (!invariant_check(world, INVARIANT_delivery, from >= 0 &&
				     !strcmp(packet.text, "user data"),
				     "a packet to %s is not what was sent", station->config.identity))
			return;
		station->arrived[from] += packet.round == world->round;
		if (mac && world->settings.polls)
			peer->verified_ms = world->now;
		else if (mac)
			call_up(station, UPCALL_ACTIVITY, peer->l2_id, assoc->a.kd_sess_id);
		return;
	}
	hand_up(station, frame, peer->l2_id, &receive);
}

void station_receive(struct station *station, const struct frame *frame)
{
	struct ue_receive receive = { .protection = UE_PROTECT_NONE };
	uint16_t kd_sess_id = (uint16_t)(frame->header[1] << 8 | frame->header[2]);
	struct kernel_peer *peer;
	struct assoc *assoc;
	uint32_t l2_id;

	if (!station->on || frame->src == station->l2_id ||
	    station_peer_local(station, frame->src))
		return;
	/* a Layer-2 ID of our own for a link tells whose the frame is, whatever its SRC says */
	peer = station_peer_local(station, frame->dst);
	if (!peer && frame->dst != station->l2_id)
		return;
	l2_id = peer ? peer->l2_id : frame->src;
	if (frame->lcid == UE_BEARER_PLAIN) {
		if (!kd_sess_id && frame->len)
			hand_up(station, frame, l2_id, &receive);
		return;
	}
	peer = station_peer(station, l2_id);
	assoc = station_assoc(peer, kd_sess_id);
	if (assoc) {
		receive_protected(station, peer, assoc, frame);
	} else if (frame->lcid == UE_BEARER_SMC && kd_sess_id && frame->len) {
		receive.protection = UE_PROTECT_UNVERIFIED;
		receive.kd_sess_id = kd_sess_id;
		receive.count = (uint32_t)(frame->header[3] << 8 | frame->header[4]);
		memcpy(receive.pdcp_header, frame->header, sizeof(receive.pdcp_header));
		memcpy(receive.mac_i, frame->mac, sizeof(receive.mac_i));
		hand_up(station, frame, l2_id, &receive);
	}
}

/* Events of the user */

int station_connect(struct station *station, const struct station *peer, const char *identity)
{
	char why[UE_TEXT_MAX];
	int ret;

	if (!station->ue)
		return -1;
	counted(station, (int)peer->index, EVENT_CONNECT);
	ret = ue_connect(station->ue, station->world->now, peer->l2_id,
			 identity ? identity : peer->config.identity, why, sizeof(why));
	world_trace(station->world, (int)station->index, "   is to connect to %s: %s",
		    identity ? identity : peer->config.identity, ret ? why : "begins");
	drain(station);
	return ret;
}

int station_rekey(struct station *station, const struct station *peer, bool kd)
{
	char why[UE_TEXT_MAX];
	int ret;

	if (!station->ue)
		return -1;
	counted(station, (int)peer->index, EVENT_REKEY);
	ret = ue_rekey(station->ue, station->world->now, peer->l2_id, kd, why, sizeof(why));
	world_trace(station->world, (int)station->index, "   is to rekey with %s%s: %s",
		    peer->config.identity, kd ? ", KD too" : "", ret ? why : "begins");
	drain(station);
	return ret;
}

int station_release(struct station *station, const struct station *peer)
{
	char why[UE_TEXT_MAX];
	int ret;

	if (!station->ue)
		return -1;
	counted(station, (int)peer->index, EVENT_RELEASE);
	invariant_excuse(station->world, (int)station->index, (int)peer->index);
	ret = ue_release(station->ue, station->world->now, peer->l2_id, why, sizeof(why));
	world_trace(station->world, (int)station->index, "   is to release %s: %s",
		    peer->config.identity, ret ? why : "begins");
	drain(station);
	return ret;
}

bool station_data(struct station *station, const struct station *to)
{
	struct kernel_peer *peer = station_peer(station, to->l2_id);
	struct assoc *tx = station_tx(peer);
	struct packet packet = { "user data", station->world->round };

	if (!station->on || !tx ||
	    protect(station, peer, tx, false, UE_BEARER_DATA, &packet, sizeof(packet)))
		return false;
	world_count(station->world, TALLY_packets);
	return true;
}

/* Nothing that ends by a new configuration waits for it. */
static void recheck(struct station *station)
{
	station->recheck_ms = station->world->now + RECHECK_INTERVAL_MS;
	ue_recheck(station->ue, station->world->now);
}

void station_poll(struct station *station)
{
	if (station->ue && station->store.dirty)
		write_store(station);
	if (station->ue && station->world->now >= station->recheck_ms) {
		recheck(station);
		drain(station);
	}
	if (station->ue && station->identity.denied != IDENTITY_NOBODY)
		look(station);
	for (size_t i = 0; station->ue && i < station->n_peers; i++) {
		struct kernel_peer *peer = station->peers[i];

		if (peer->verified_ms)
			ue_activity(station->ue, peer->verified_ms, peer->l2_id);
		peer->verified_ms = 0;
	}
	if (!station->ue || !ue_wants_usage(station->ue))
		return;
	for (size_t i = 0; station->ue && i < station->n_peers; i++) {
		const struct kernel_peer *peer = station->peers[i];
		struct { uint16_t id; uint64_t packets; } used[STATION_ASSOCS_MAX];
		uint32_t l2_id = peer->l2_id;
		size_t n = peer->n_assocs;

		for (size_t j = 0; j < n; j++) {
			used[j].id = peer->assocs[j].a.kd_sess_id;
			used[j].packets = peer->assocs[j].packets;
		}
		for (size_t j = 0; station->ue && j < n; j++) {
			ue_usage(station->ue, station->world->now, l2_id, used[j].id,
				 used[j].packets, used[j].packets * 100);
			drain(station);
		}
	}
}

int station_reconfigure(struct station *station, const struct ue_config *config)
{
	struct world *world = station->world;
	char why[UE_TEXT_MAX];
	int ret;

	for (size_t i = 0; i < world->settings.stations; i++) {
		invariant_excuse(world, (int)station->index, (int)i);
		if (i != station->index)
			counted(station, (int)i, EVENT_RECONFIGURE);
	}
	ret = station->ue ? ue_reconfigure(station->ue, config, why, sizeof(why)) : 0;
	if (!ret)
		station->config = *config;
	if (!ret && station->ue)
		ue_recheck(station->ue, world->now);
	world_count(world, TALLY_reconfigured);
	world_trace(world, (int)station->index, "   has another configuration: %s",
		    ret ? why : "taken");
	if (station->ue)
		drain(station);
	return ret;
}

void station_lose_assoc(struct station *station, const struct station *to)
{
	struct kernel_peer *peer = station_peer(station, to->l2_id);
	uint16_t kd_sess_id;
	struct assoc *assoc;

	if (!peer || !peer->n_assocs)
		return;
	assoc = &peer->assocs[rng_below(&station->rng, (uint32_t)peer->n_assocs)];
	kd_sess_id = assoc->a.kd_sess_id;
	invariant_excuse(station->world, (int)station->index, (int)to->index);
	world_trace(station->world, (int)station->index, "   its kernel loses KD-sess %04x",
		    kd_sess_id);
	assoc_remove(station, peer, assoc);
	call_up(station, UPCALL_GONE, to->l2_id, kd_sess_id);
}

/* Time */

uint64_t station_deadline(const struct station *station)
{
	uint64_t next = station->back_at;

	if (station->upcalls && station->upcalls->at < next)
		next = station->upcalls->at;
	if (station->ue && ue_deadline(station->ue) < next)
		next = ue_deadline(station->ue);
	for (size_t i = 0; i < station->n_peers; i++)
		for (size_t j = 0; j < station->peers[i]->n_assocs; j++)
			if (station->peers[i]->assocs[j].retire_at < next)
				next = station->peers[i]->assocs[j].retire_at;
	return next;
}

static void expire_assocs(struct station *station)
{
	for (size_t i = 0; i < station->n_peers; i++) {
		struct kernel_peer *peer = station->peers[i];

		for (size_t j = 0; j < peer->n_assocs;) {
			uint16_t kd_sess_id = peer->assocs[j].a.kd_sess_id;

			if (peer->assocs[j].retire_at > station->world->now) {
				j++;
				continue;
			}
			assoc_remove(station, peer, &peer->assocs[j]);
			call_up(station, UPCALL_GONE, peer->l2_id, kd_sess_id);
		}
	}
}

void station_expire(struct station *station)
{
	struct world *world = station->world;

	if (station->back_at <= world->now) {
		station->on = true;
		station_start(station);
	}
	expire_assocs(station);
	if (station->upcalls && station->upcalls->at <= world->now) {
		struct upcall *upcall = take_upcall(station);

		deliver(station, upcall);
		free_upcall(upcall);
		return;
	}
	if (!station->ue || ue_deadline(station->ue) > world->now)
		return;
	for (size_t i = 0; i < world->settings.stations; i++)
		if (i != station->index && station->views[i].known)
			counted(station, (int)i, EVENT_EXPIRE);
	ue_expire(station->ue, world->now);
	drain(station);
	invariant_check(world, INVARIANT_survival, !station->ue ||
			ue_deadline(station->ue) > world->now,
			"a timer of %s ran and is due still: its clock stands still",
			station->config.identity);
}

/* Life */

static void station_random(void *context, uint8_t *out, size_t len)
{
	struct station *station = context;

	rng_fill(&station->rng, out, len);
}

static bool station_authorise(void *context, const char *identity, uint32_t l2_id,
			      const struct ue_address *addresses, size_t n_addresses, char *why,
			      size_t why_len)
{
	const struct station *station = context;

	(void)addresses;
	(void)n_addresses;
	snprintf(why, why_len, "%s is not to use %06x now.", identity, l2_id);
	return !station->refuses;
}

static bool station_counts(void *context, uint32_t l2_id, uint16_t kd_sess_id,
			   struct ue_counts *counts)
{
	const struct station *station = context;
	const struct assoc *assoc = station_assoc(station_peer(station, l2_id), kd_sess_id);
	static const uint8_t bearers[] = { UE_BEARER_DATA, UE_BEARER_SMC, UE_BEARER_SIGNALLING };

	if (!assoc)
		return false;
	counts->n = LEDGER_BEARERS;
	for (size_t i = 0; i < LEDGER_BEARERS; i++) {
		counts->c[i].bearer = bearers[i];
		counts->c[i].sent = (uint32_t)(assoc->bearers[i].next - 1);
		counts->c[i].received = (uint32_t)assoc->bearers[i].highest;
	}
	return true;
}

static int64_t station_wall_clock(void *context)
{
	const struct station *station = context;

	return station->world->settings.epoch + (int64_t)(station->world->now / 1000) +
	       station->clock_offset;
}

void station_init(struct world *world, struct station *station, size_t index)
{
	station->world = world;
	station->index = index;
	station->l2_id = world_l2_id(index);
	station->rng = rng_split(world->seed, 100 + index);
	station->on = true;
	station->back_at = NEVER;
	station->config.random = station_random;
	station->config.wall_clock = station_wall_clock;
	station->config.authorise = station_authorise;
	station->config.counts = station_counts;
	station->config.context = station;
	station->config.l2_id = station->l2_id;
	station->identity.denied = IDENTITY_NOBODY;
	user_configure(world, station);
	station->first_config = station->config;
	world_count(world, TALLY_stations);
	station_start(station);
}

/* @lost: what it had stored, too. */
static void end(struct station *station, bool lost)
{
	struct ue_stats stats;

	if (lost)
		memset(&station->store, 0, sizeof(station->store));
	if (!station->ue) {
		identity_stop(station, lost);
		return;
	}
	ue_get_stats(station->ue, &stats);
	station->world->tally->counts[TALLY_cookies] += stats.cookies;
	station->world->tally->counts[TALLY_containers_limited] += stats.containers_limited;
	while (station->upcalls)
		free_upcall(take_upcall(station));
	ue_free(station->ue);
	station->ue = NULL;
	identity_stop(station, lost);
}

void station_free(struct station *station)
{
	end(station, true);
	station->world->tally->counts[TALLY_embedded] += station->credentials.embedded;
	while (station->n_peers)
		peer_remove(station, station->peers[0]);
	signatures_free(station);
	invariant_check(station->world, INVARIANT_survival, !station->credentials.open,
			"%s has runs of a keying method that nobody closed",
			station->config.identity);
}

void station_die(struct station *station, bool lost, uint64_t until)
{
	struct world *world = station->world;

	world_trace(world, (int)station->index, "   its daemon dies%s", lost ?
		    ", its store with it" : "");
	for (size_t i = 0; i < world->settings.stations; i++)
		invariant_excuse(world, (int)station->index, (int)i);
	end(station, lost);
	station->die_after = station->refuse_after = 0;
	station->back_at = until;
}

void station_off(struct station *station, bool lost, uint64_t until)
{
	station_die(station, lost, until);
	station->on = false;
	while (station->n_peers)
		peer_remove(station, station->peers[0]);
}

/* daemon/adopt.c: of what the kernel has, the links that were up and whose peer is known. */
static void adopt(struct station *station, struct kernel_peer *peer)
{
	struct world *world = station->world;
	int index = world_index(world, peer->l2_id);
	struct assoc *tx = station_tx(peer);
	const struct view *stored = index < 0 ? NULL : &station->store.links[index];
	uint16_t ids[STATION_ASSOCS_MAX];
	struct ue_link_info info;

	if (!stored || !tx || !stored->known || !stored->info.authenticated) {
		peer_remove(station, peer);
		return;
	}
	info = stored->info;
	info.l2_id = peer->l2_id;
	info.local_l2_id = peer->local_l2_id;
	info.remote_l2_id = peer->remote_l2_id;
	/* is the KD of that time the one this association came from? */
	if (info.kd_sess_id != tx->a.kd_sess_id)
		info.kd_id = 0;
	info.kd_sess_id = tx->a.kd_sess_id;
	info.is_ue_1 = !tx->a.direction;
	info.eea = tx->a.eea;
	info.eia = tx->a.eia;
	info.up_integrity = tx->a.up_integrity;
	info.count_profile = tx->a.count_start == ((uint32_t)tx->a.kd_sess_id << 16 | 1) ?
		UE_COUNT_SESS_ID : UE_COUNT_HFN;
	for (size_t i = 0; i < peer->n_assocs; i++)
		ids[i] = peer->assocs[i].a.kd_sess_id;
	counted(station, index, EVENT_ADOPT);
	if (ue_adopt(station->ue, world->now, &info, ids, peer->n_assocs))
		peer_remove(station, peer);
}

void station_start(struct station *station)
{
	struct world *world = station->world;
	char why[UE_TEXT_MAX] = "";

	for (size_t i = 0; i < world->settings.stations; i++)
		invariant_excuse(world, (int)station->index, (int)i);
	station->back_at = NEVER;
	station->started_ms = world->now;
	user_load(world, station);
	station->ue = ue_new(&station->config, why, sizeof(why));
	if (!invariant_check(world, INVARIANT_survival, station->ue, "%s does not start: %s",
			     station->config.identity, why))
		return;
	for (size_t i = 0; i < station->store.n_idle; i++)
		if (!ue_restore(station->ue, world->now, &station->store.idle[i], why, sizeof(why)))
			world_count(world, TALLY_restored);
	for (size_t i = station->n_peers; i--;)
		adopt(station, station->peers[i]);
	/* what it was not told while it was not there, adopt_compare() */
	for (size_t i = 0; i < station->n_peers; i++) {
		struct assoc *tx = station_tx(station->peers[i]);

		for (size_t j = 0; tx && j < LEDGER_BEARERS; j++) {
			if (tx->bearers[j].next > tx->a.count_limit)
				call_up(station, UPCALL_EXHAUSTED, tx->a.l2_id, tx->a.kd_sess_id);
			else if (tx->bearers[j].next >= tx->a.count_soft)
				call_up(station, UPCALL_SOFT, tx->a.l2_id, tx->a.kd_sess_id);
		}
	}
	look(station);
	recheck(station);
	drain(station);
}

enum ue_link_state station_state(const struct station *station, const struct station *peer)
{
	return station->views[peer->index].state;
}
