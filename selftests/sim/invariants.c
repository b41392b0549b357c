// SPDX-License-Identifier: MIT
/* What must hold, invariants.h. */
#include "invariants.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/eia.h"
#include "core/pc5s.h"
#include "world.h"

bool invariant_check(struct world *world, enum tally_invariant which, bool holds,
		     const char *format, ...)
{
	struct tally *tally = world->tally;
	struct tally_failure *failure;
	va_list args;

	tally->checks[which]++;
	if (holds)
		return true;
	/* what follows from the first one says nothing new */
	if (world->failed)
		return false;
	world->failed = true;
	tally->violations[which]++;
	if (tally->n_failures == TALLY_FAILURES_MAX)
		return false;
	failure = &tally->failures[tally->n_failures++];
	failure->seed = world->seed;
	failure->invariant = which;
	va_start(args, format);
	vsnprintf(failure->text, sizeof(failure->text), format, args);
	va_end(args);
	world_trace(world, -1, "VIOLATED: %s", failure->text);
	return false;
}

static void excuse(struct world *world, size_t a, size_t b)
{
	uint64_t until = world->now + world_silence(world) + world_procedure(world);

	world->invariants.excused[a][b] = world->invariants.excused[b][a] = until;
}

void invariant_excuse(struct world *world, int a, int b)
{
	for (size_t i = 0; i < world->settings.stations; i++)
		for (size_t j = 0; j < world->settings.stations; j++)
			if ((a < 0 || i == (size_t)a) && (b < 0 || j == (size_t)b))
				excuse(world, i, j);
}

static const char *name(const struct station *station)
{
	return station->config.identity;
}

static bool live(enum ue_link_state state)
{
	return state == UE_LINK_CONNECTED || state == UE_LINK_REKEYING;
}

/* The best that both have, by the preferences of UE_2; 0xff if nothing. */
static uint8_t best(const uint8_t order[4], uint16_t ue_2, uint16_t ue_1, unsigned int shift,
		    bool not_null)
{
	for (size_t i = 0; i < 4; i++)
		if (order[i] < 8 && ue_1 & ue_2 & (0x80 >> order[i]) << shift &&
		    (order[i] || !not_null))
			return order[i];
	return 0xff;
}

/* Ciphering, by the policies of both: TS 33.536 5.3.3.1.4, and EEA0 is none. */
static uint8_t best_eea(const struct offer *ue_2, const struct offer *ue_1, bool strict)
{
	if (!ue_2->up_ciphering || (!strict && !ue_1->up_ciphering))
		return EEA0;
	return best(ue_2->eea_order, ue_2->capabilities, ue_1->capabilities, 8,
		    ue_2->up_ciphering == UE_REQUIRED || ue_1->up_ciphering == UE_REQUIRED);
}

/*
 * eccsi-sakke is there for who signs the request, which who hides its name or has no keys for the day cannot;
 * and a new KD comes by it where the last one did.
 */
static uint8_t best_method(const struct offer *ue_2, const struct request *request, bool strict)
{
	const struct offer *ue_1 = &request->offer;

	if (request->rekeying && request->isolated)
		return KEYING_ECCSI_SAKKE;
	for (size_t i = 0; i < ue_2->n_methods; i++) {
		if (strict && ue_2->exchange[i])
			continue;
		if (ue_2->methods[i] == KEYING_ECCSI_SAKKE && !request->isolated)
			continue;
		for (size_t j = 0; j < ue_1->n_methods; j++)
			if (ue_1->methods[j] == ue_2->methods[i])
				return ue_2->methods[i];
	}
	return 0;
}

/* UE_1 believes a COMMAND: is what it then installs the best that both had? */
static void bidding_down(struct station *station, const struct assoc *assoc,
			 const struct end *ue_2)
{
	struct world *world = station->world;
	const struct request *request = &station->requests[ue_2->station->index];
	const struct offer *ue_1 = &request->offer;
	const struct offer *offer = &ue_2->offer;
	const struct key *key = assoc->key;
	uint8_t eea = best_eea(offer, ue_1, world->settings.strict);
	uint8_t eia = best(offer->eia_order, offer->capabilities, ue_1->capabilities, 0, true);

	invariant_check(world, INVARIANT_algorithms, key->eea == eea && key->eia == eia,
			"%s and %s use EEA%u and EIA%u, but the best they both had were EEA%u and EIA%u",
			name(station), name(ue_2->station), key->eea, key->eia, eea, eia);
	/* strictly TS 24.334, a rekeying does not say which method it would go on with */
	invariant_check(world, INVARIANT_algorithms, !key->kd_is_new || !key->method ||
			(world->settings.strict && request->rekeying) ||
			key->method == best_method(offer, request, world->settings.strict),
			"%s and %s use keying method %u, but the best they both had was %u",
			name(station), name(ue_2->station), key->method,
			best_method(offer, request, world->settings.strict));
	invariant_check(world, INVARIANT_algorithms, assoc->a.up_integrity ==
			(offer->up_integrity && (world->settings.strict || ue_1->up_integrity)),
			"user data of %s and %s has %s, which is not what their policies come to",
			name(station), name(ue_2->station),
			assoc->a.up_integrity ? "integrity" : "no integrity");
	invariant_check(world, INVARIANT_algorithms,
			(assoc->a.up_integrity || (ue_1->up_integrity != UE_REQUIRED &&
						   offer->up_integrity != UE_REQUIRED)) &&
			(key->eea || (ue_1->up_ciphering != UE_REQUIRED &&
				      offer->up_ciphering != UE_REQUIRED)),
			"%s and %s have less than one of them requires: EEA%u, %sintegrity",
			name(station), name(ue_2->station), key->eea,
			assoc->a.up_integrity ? "" : "no ");
	invariant_check(world, INVARIANT_algorithms, ue_1->count_profile == offer->count_profile &&
			ue_1->count_profile == (assoc->a.count_start == 1 ? UE_COUNT_HFN :
						UE_COUNT_SESS_ID),
			"%s counts otherwise with %s than it asked for", name(station),
			name(ue_2->station));
}

/* A COMMAND of TS 24.334 with a payload: UE_1 believes it, and it was made for UE_1. */
static void proven(struct station *station, const struct key *key, const struct end *ue_2)
{
	struct world *world = station->world;
	const uint8_t *nonce_1 = station->requests[ue_2->station->index].nonce_1;

	world_count(world, TALLY_isolated_keys);
	invariant_check(world, INVARIANT_signed,
			signatures_command(station, ue_2->station->index, nonce_1, key->payload),
			"%s installs a key by eccsi-sakke with %s, whose signature it has not found good",
			name(station), name(ue_2->station));
	invariant_check(world, INVARIANT_signed, key->rekeying ||
			(key->asked && key->request.signer == station->index &&
			 !memcmp(key->request.nonce_1, nonce_1, sizeof(key->request.nonce_1))),
			"%s answered %s by eccsi-sakke, whose signature it has not found good",
			name(ue_2->station), name(station));
}

void invariant_installed(struct station *station, const struct assoc *assoc)
{
	struct world *world = station->world;
	const struct signature *asked = signatures_request(station);
	const struct ue_assoc *a = &assoc->a;
	struct end *own = &assoc->key->ends[a->direction];
	const struct end *other = &assoc->key->ends[!a->direction];

	invariant_check(world, INVARIANT_once, !own->station,
			"%s installs for KD-sess %04x, as UE_%u, a key that %s had already, as KD-sess %04x",
			name(station), a->kd_sess_id, a->direction + 1,
			own->station ? name(own->station) : "", own->kd_sess_id);
	*own = (struct end){
		.station = station,
		.peer = a->l2_id,
		.kd_sess_id = a->kd_sess_id,
		.count_start = a->count_start,
		.count_limit = a->count_limit,
		.up_integrity = a->up_integrity,
		.holds = true,
		.last_ms = world->now,
		.next = { a->count_start, a->count_start, a->count_start },
	};
	ledger_offer(&station->config, &own->offer);
	if (a->direction) {
		assoc->key->asked = asked;
		if (asked)
			assoc->key->request = *asked;
		return;
	}
	/* who has the key and sends COMMANDs under it is UE_2, who has it as well, for us */
	if (invariant_check(world, INVARIANT_authentic, other->station &&
			    assoc->key->commanded && other->station->l2_id == a->l2_id &&
			    other->peer == station->l2_id && other->kd_sess_id == a->kd_sess_id,
			    "%s takes a COMMAND of %06x, who has no such key for it",
			    name(station), a->l2_id)) {
		bidding_down(station, assoc, other);
		if (assoc->key->has_payload)
			proven(station, assoc->key, other);
	}
	invariant_check(world, INVARIANT_agreement, other->up_integrity == a->up_integrity &&
			other->count_start == a->count_start && other->count_limit == a->count_limit,
			"%s and %06x install KD-sess %04x with different policies", name(station),
			a->l2_id, a->kd_sess_id);
}

void invariant_removed(struct station *station, const struct assoc *assoc)
{
	struct end *own = &assoc->key->ends[assoc->a.direction];

	if (own->station != station)
		return;
	own->holds = false;
	own->last_ms = station->world->now;
}

/*
 * What is under a key that the peer does not hold cannot arrive. A UE may send such a thing
 * for a while only: as long as it takes to notice that the peer has gone, with all the
 * procedures on the way. So user data and signalling may leave under a key if, not longer ago
 * than that,
 *
 *  - the peer's kernel held the key, or
 *  - something verified under it here: an attacker may hold back what the peer had sent, and
 *    who hears it cannot know, or
 *  - the daemon came back that was away: without it, the kernel's links live on (D11).
 *
 * A key that the peer never held is sent under by nobody, but for the COMMAND that brings it
 * into being.
 */
static bool may_send(const struct station *station, const struct end *own, const struct end *peer)
{
	const struct world *world = station->world;
	uint64_t patience = world_silence(world) + world_procedure(world);

	if (!peer->station)
		return false;
	return peer->holds || world->now - peer->last_ms <= patience ||
	       (own->verified_ms && world->now - own->verified_ms <= patience) ||
	       !station->ue || world->now - station->started_ms <= patience;
}

void invariant_protected(struct station *station, const struct assoc *assoc, uint8_t lcid,
			 unsigned int bearer, uint64_t count)
{
	struct world *world = station->world;
	struct end *own = &assoc->key->ends[assoc->a.direction];
	const struct end *peer = &assoc->key->ends[!assoc->a.direction];

	invariant_check(world, INVARIANT_limit, count >= own->count_start &&
			count <= own->count_limit,
			"%s sends COUNT %llx under KD-sess %04x, which is good from %x to %x",
			name(station), (unsigned long long)count, own->kd_sess_id,
			own->count_start, own->count_limit);
	invariant_check(world, INVARIANT_keystream, count >= own->next[bearer],
			"%s sends COUNT %llx under KD-sess %04x once more", name(station),
			(unsigned long long)count, own->kd_sess_id);
	own->next[bearer] = count + 1;
	if (lcid == UE_BEARER_SMC && assoc->a.direction)
		return;
	invariant_check(world, INVARIANT_deleted, may_send(station, own, peer),
			"%s sends %s to %06x under KD-sess %04x, which that %s", name(station),
			lcid == UE_BEARER_DATA ? "user data" : "signalling", assoc->a.l2_id,
			own->kd_sess_id, peer->station ? "has deleted long ago" : "never had");
}

void invariant_unprotected(struct station *station, const struct pc5s_message *message)
{
	invariant_check(station->world, INVARIANT_clear, message->type == PC5S_REQUEST ||
			message->type == PC5S_REJECT || message->type == PC5S_SMC_REJECT ||
			message->type == PC5S_KEY_ESTABLISHMENT, "%s sends %s in clear",
			name(station), pc5s_type_name(message->type));
}

void invariant_commanded(struct station *station, const struct assoc *assoc,
			 const struct pc5s_message *message, bool in_setup)
{
	const struct settings *settings = &station->world->settings;
	struct key *key = assoc->key;

	if (settings->identity && !key->commanded && pc5s_has(message, PC5S_IE_METHOD_CONTAINER))
		world_count(station->world, TALLY_embedded);
	key->commanded = true;
	key->kd_is_new = pc5s_has(message, PC5S_IE_MSB_KD_ID);
	key->rekeying = !in_setup;
	key->has_payload = pc5s_has(message, PC5S_IE_ENCRYPTED_PAYLOAD) &&
			   message->encrypted_payload.len == sizeof(key->payload);
	if (key->has_payload)
		memcpy(key->payload, message->encrypted_payload.data, sizeof(key->payload));
	/* TS 24.334 names no method, and has one that makes a KD in the command */
	if (settings->strict && settings->isolated)
		key->method = key->has_payload ? KEYING_ECCSI_SAKKE : KEYING_PSK;
	else
		key->method = pc5s_has(message, PC5S_IE_SELECTED_METHOD) ?
			message->selected_method : 0;
	invariant_check(station->world, INVARIANT_signed, !key->has_payload || key->rekeying ||
			key->asked, "%s answers %06x by eccsi-sakke, who has not signed a request",
			name(station), assoc->a.l2_id);
}

/* Does it take a key of a link away? One of a setup that nobody has confirmed yet is no link's. */
static bool disconnects(const struct station *station, const struct ue_action *action)
{
	bool all = action->type == UE_PEER_DEL;
	const struct kernel_peer *peer = station_peer(station, all ? action->peer.l2_id :
						      action->assoc.l2_id);

	for (size_t i = 0; peer && i < peer->n_assocs; i++) {
		const struct assoc *assoc = &peer->assocs[i];

		if ((all || assoc->a.kd_sess_id == action->assoc.kd_sess_id) &&
		    (assoc->tx || assoc->verified))
			return true;
	}
	return false;
}

void invariant_unmoving(struct station *station, const struct ue_action *action)
{
	bool moves = action->type == UE_PEER_ADD || action->type == UE_ASSOC_ADD ||
		     action->type == UE_ASSOC_TX ||
		     ((action->type == UE_PEER_DEL || action->type == UE_ASSOC_DEL) &&
		      disconnects(station, action));

	invariant_check(station->world, INVARIANT_unmoved, !moves,
			"%s changes its kernel's keys for a message that nobody signed", name(station));
}

void invariant_unmoved(struct station *station, size_t index, enum ue_link_state was,
		       uint16_t kd_sess_id)
{
	const struct view *view = &station->views[index];

	invariant_check(station->world, INVARIANT_unmoved, live(was) == live(view->state) &&
			(!live(was) || (view->state == was && view->info.kd_sess_id == kd_sess_id)),
			"the link of %s to %s changes for a message that nobody signed",
			name(station), name(&station->world->stations[index]));
}

/* Both say that they are connected, under the same KD-sess ID. */
static void agreement(struct station *a, struct station *b, const struct assoc *x)
{
	struct world *world = a->world;
	const struct view *v = &a->views[b->index], *w = &b->views[a->index];
	const struct assoc *y = station_tx(station_peer(b, a->l2_id));

	if (!invariant_check(world, INVARIANT_agreement, y && y->key == x->key,
			     "%s and %s are connected under KD-sess %04x, but hold other keys",
			     name(a), name(b), v->info.kd_sess_id))
		return;
	invariant_check(world, INVARIANT_agreement, x->a.direction != y->a.direction &&
			v->info.is_ue_1 != w->info.is_ue_1,
			"%s and %s are both UE_%u of KD-sess %04x", name(a), name(b),
			v->info.is_ue_1 ? 1 : 2, v->info.kd_sess_id);
	invariant_check(world, INVARIANT_agreement, v->info.eea == w->info.eea &&
			v->info.eia == w->info.eia &&
			v->info.up_integrity == w->info.up_integrity &&
			v->info.count_profile == w->info.count_profile,
			"%s and %s do not agree on the algorithms or policies of KD-sess %04x",
			name(a), name(b), v->info.kd_sess_id);
	invariant_check(world, INVARIANT_agreement, v->info.local_l2_id == w->info.remote_l2_id &&
			v->info.remote_l2_id == w->info.local_l2_id,
			"%s and %s are connected, but under other Layer-2 IDs: %06x to %06x, and %06x to %06x",
			name(a), name(b), v->info.local_l2_id, v->info.remote_l2_id,
			w->info.local_l2_id, w->info.remote_l2_id);
	/* who was restarted lost KD, and keeps the link */
	invariant_check(world, INVARIANT_agreement, !v->info.kd_id || !w->info.kd_id ||
			v->info.kd_id == w->info.kd_id,
			"%s and %s are connected, but their KD are %08x and %08x", name(a),
			name(b), v->info.kd_id, w->info.kd_id);
}

static bool refuse(enum ue_policy a, enum ue_policy b)
{
	return (a == UE_REQUIRED && b == UE_NOT_NEEDED) || (a == UE_NOT_NEEDED && b == UE_REQUIRED);
}

/*
 * A rekeying of two whose policies are no longer the same ends the link, too, and so does one
 * whose credentials are not valid by the clock or who may not talk any more, a medium that is
 * too slow for the timers, and a UE without a daemon.
 */
static bool excused(const struct world *world, const struct station *a, const struct station *b)
{
	return world->invariants.excused[a->index][b->index] >= world->now ||
	       a->clock_offset || b->clock_offset || !a->ue || !b->ue ||
	       a->refuses || b->refuses ||
	       world_slow(world) ||
	       refuse(a->config.up_integrity, b->config.up_integrity) ||
	       refuse(a->config.up_ciphering, b->config.up_ciphering) ||
	       ((a->config.up_ciphering == UE_NOT_NEEDED || b->config.up_ciphering == UE_NOT_NEEDED) &&
		!(a->config.capabilities & b->config.capabilities & 0x8000));
}

/*
 * A run that began before may end after it, and is judged then, and a daemon that comes back judges what it
 * took over: at once, but not in the same event.
 */
static void denied(struct station *station, const struct view *view)
{
	struct world *world = station->world;
	uint64_t since = station->identity.denied_ms;

	if (station->started_ms > since)
		since = station->started_ms;
	if (view->known && view->info.connected_ms > since)
		since = view->info.connected_ms;
	if (view->known && view->info.rekeyed_ms > since)
		since = view->info.rekeyed_ms;
	invariant_check(world, INVARIANT_denied, !live(view->state) ||
			(strcmp(view->info.method, "mikey-sakke") &&
			 strcmp(view->info.method, "eccsi-sakke")) || world->now <= since,
			"%s has %s on its deny list, and is connected with it", name(station),
			view->info.identity);
}

void invariant_view(struct station *station, size_t index, enum ue_link_state was)
{
	struct world *world = station->world;
	struct station *peer = &world->stations[index];
	const struct view *view = &station->views[index], *theirs = &peer->views[station->index];
	const struct assoc *tx = station_tx(station_peer(station, peer->l2_id));
	const struct end *end;

	if (live(was) && !live(view->state) && view->state != UE_LINK_RELEASING)
		invariant_check(world, INVARIANT_survives, excused(world, station, peer),
				"%s gives up its link to %s, and nothing was lost or asked for: %s",
				name(station), name(peer), view->info.failure);
	if (station->identity.denied == (int)index)
		denied(station, view);
	/* its kernel has told it of changes that it has not heard of yet */
	if (station->gone)
		return;
	if (!live(view->state)) {
		invariant_check(world, INVARIANT_kernel, !tx ||
				view->state == UE_LINK_RELEASING,
				"%s is not connected with %s, but its kernel sends", name(station),
				name(peer));
		return;
	}
	if (!invariant_check(world, INVARIANT_kernel, tx &&
			     tx->a.kd_sess_id == view->info.kd_sess_id,
			     "%s says it sends to %s under KD-sess %04x, its kernel under %04x",
			     name(station), name(peer), view->info.kd_sess_id,
			     tx ? tx->a.kd_sess_id : 0))
		return;
	invariant_check(world, INVARIANT_kernel, tx->a.eea == view->info.eea ||
			view->state == UE_LINK_REKEYING,
			"%s says it ciphers for %s with EEA%u, its kernel does with EEA%u",
			name(station), name(peer), view->info.eea, tx->a.eea);
	end = &tx->key->ends[!tx->a.direction];
	invariant_check(world, INVARIANT_authentic, end->station == peer &&
			end->peer == station->l2_id && view->info.authenticated &&
			!strcmp(view->info.identity, peer->config.identity),
			"%s says it is connected with %s, who has never had this key for it",
			name(station), view->info.identity);
	if (peer->ue && !peer->gone && theirs->state == UE_LINK_CONNECTED &&
	    view->state == UE_LINK_CONNECTED &&
	    theirs->info.kd_sess_id == view->info.kd_sess_id)
		agreement(station, peer, tx);
}
