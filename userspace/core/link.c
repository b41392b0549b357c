// SPDX-License-Identifier: MIT
/* A link to one other UE: its life, its associations, what it sends, what it shows. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "identity.h"
#include "link.h"

void kd_wipe(struct kd *kd)
{
	OPENSSL_cleanse(kd, sizeof(*kd));
}

void outgoing_free(struct outgoing *outgoing)
{
	free(outgoing->data);
	memset(outgoing, 0, sizeof(*outgoing));
}

/* The low octet may be the same in all of them, or the others: both have a say. */
static size_t bucket(uint32_t l2_id)
{
	return (l2_id ^ l2_id >> 8 ^ l2_id >> 16) % LINK_BUCKETS;
}

struct link *link_find(const struct ue *ue, uint32_t l2_id)
{
	struct link *link = ue->buckets[bucket(l2_id)];

	while (link && link->l2_id != l2_id)
		link = link->beside;
	return link;
}

struct link *link_get(struct ue *ue, uint32_t l2_id)
{
	struct link *link = link_find(ue, l2_id);

	if (link)
		return link;
	link = calloc(1, sizeof(*link));
	if (!link)
		return NULL;
	link->ue = ue;
	link->l2_id = l2_id;
	link->t4101 = link->t4102 = link->t4108 = NEVER;
	link->next = ue->links;
	ue->links = link;
	link->beside = ue->buckets[bucket(l2_id)];
	ue->buckets[bucket(l2_id)] = link;
	return link;
}

void link_free(struct link *link)
{
	struct link **p = &link->ue->links;

	while (*p != link)
		p = &(*p)->next;
	*p = link->next;
	p = &link->ue->buckets[bucket(link->l2_id)];
	while (*p != link)
		p = &(*p)->beside;
	*p = link->beside;
	procedure_end(link);
	outgoing_free(&link->answer);
	outgoing_free(&link->keepalive);
	outgoing_free(&link->release.message);
	OPENSSL_cleanse(link, sizeof(*link));
	free(link);
}

static bool unused(const struct link *link)
{
	return !link->live && !link->procedure && !link->release.running && !link->connecting &&
	       !link->peer_added && !link->kd.held;
}

/*
 * Frees links that hold nothing. Those that failed are kept to be shown, the most recent
 * ones, for a stranger can make us have as many as there are Layer-2 IDs.
 */
void links_sweep(struct ue *ue)
{
	struct link *link, *next, *oldest = NULL;
	size_t remembered = 0;

	for (link = ue->links; link; link = next) {
		next = link->next;
		if (!unused(link))
			continue;
		if (!*link->failure) {
			link_free(link);
			continue;
		}
		remembered++;
		if (!oldest || link->failed_ms < oldest->failed_ms)
			oldest = link;
	}
	if (remembered > LINK_REMEMBERED_MAX)
		link_free(oldest);
}

enum ue_link_state link_state(const struct link *link)
{
	const struct procedure *procedure = link->procedure;

	if (link->release.running)
		return UE_LINK_RELEASING;
	if (link->live)
		return procedure && procedure->kind == PROCEDURE_REKEY ? UE_LINK_REKEYING :
			UE_LINK_CONNECTED;
	if (procedure) {
		switch (procedure->step) {
		case STEP_REQUESTED:
		case STEP_BACKOFF:
			return UE_LINK_REQUESTED;
		case STEP_KEYING:
			return UE_LINK_KEYING;
		case STEP_SECURING:
			return UE_LINK_SECURING;
		case STEP_ACCEPTING:
			return UE_LINK_ACCEPTING;
		}
	}
	return link->kd.held ? UE_LINK_IDLE : UE_LINK_NULL;
}

/*
 * Reports the state when it changed. A setup that a stranger began is not shown before he
 * has proven who he is: each forged request would be a line in the log.
 */
void link_show(struct link *link)
{
	enum ue_link_state state = link_state(link);

	if (!link->live && link->procedure && procedure_half_open(link->procedure))
		state = link->kd.held ? UE_LINK_IDLE : UE_LINK_NULL;
	if (state == link->shown)
		return;
	link->shown = state;
	report(link, UE_REPORT_STATE, 0, false, "The link to %s is now in state %s.", NAME(link),
	       ue_state_name(state));
}

void link_set_failure(struct link *link, uint64_t now, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(link->failure, sizeof(link->failure), format, args);
	va_end(args);
	text_clean(link->failure);
	link->failed_ms = now;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t link_deadline(const struct link *link)
{
	uint64_t deadline = NEVER;

	if (link->procedure)
		deadline = earlier(deadline, link->procedure->deadline);
	if (link->release.running)
		deadline = earlier(deadline, link->release.deadline);
	if (link->live) {
		deadline = earlier(deadline, link->t4101);
		deadline = earlier(deadline, link->t4102);
		deadline = earlier(deadline, link->t4108);
	}
	deadline = earlier(deadline, lifetime_deadline(link));
	for (size_t i = 0; i < link->n_assocs; i++)
		deadline = earlier(deadline, link->assocs[i].delete_ms);
	return deadline;
}

void link_expire(struct link *link, uint64_t now)
{
	for (size_t i = 0; i < link->n_assocs;) {
		if (link->assocs[i].delete_ms <= now)
			link_assoc_delete(link, link->assocs[i].kd_sess_id);
		else
			i++;
	}
	if (link->release.running && link->release.deadline <= now)
		release_expire(link, now);
	if (link->procedure && link->procedure->deadline <= now)
		procedure_expire(link, now);
	if (link->live && !link->release.running)
		keepalive_expire(link, now);
	lifetime_expire(link, now);
}

/* Makes the kernel peer, or tells it the addresses of the peer. */
void link_peer_add(struct link *link, const struct ue_carrier_addr *carrier_addr, bool with_addresses)
{
	struct ue_action *action;

	if (link->peer_added && !with_addresses)
		return;
	action = action_new(link->ue, UE_PEER_ADD);
	action->peer.l2_id = link->l2_id;
	if (carrier_addr)
		action->peer.carrier_addr = *carrier_addr;
	if (with_addresses) {
		memcpy(action->peer.addresses, link->addresses, sizeof(link->addresses));
		action->peer.n_addresses = link->n_addresses;
	}
	link->peer_added = true;
}

/* Tells the kernel under which Layer-2 IDs the link goes on; 0 for those of the devices. */
void link_peer_ids(struct link *link, uint32_t local_l2_id, uint32_t remote_l2_id)
{
	struct ue_action *action;

	if (link->local_l2_id == local_l2_id && link->remote_l2_id == remote_l2_id)
		return;
	action = action_new(link->ue, UE_PEER_ADD);
	action->peer.l2_id = link->l2_id;
	action->peer.has_link_ids = true;
	action->peer.local_l2_id = local_l2_id;
	action->peer.remote_l2_id = remote_l2_id;
	link->local_l2_id = local_l2_id;
	link->remote_l2_id = remote_l2_id;
	link->peer_added = true;
}

/* And all associations with it. */
void link_peer_delete(struct link *link)
{
	if (link->peer_added)
		action_new(link->ue, UE_PEER_DEL)->peer.l2_id = link->l2_id;
	link->peer_added = false;
	link->local_l2_id = 0;
	link->remote_l2_id = 0;
	link->n_assocs = 0;
}

struct assoc_ref *link_assoc(struct link *link, uint16_t kd_sess_id)
{
	for (size_t i = 0; i < link->n_assocs; i++)
		if (link->assocs[i].kd_sess_id == kd_sess_id)
			return &link->assocs[i];
	return NULL;
}

uint16_t link_tx_id(const struct link *link)
{
	for (size_t i = 0; i < link->n_assocs; i++)
		if (link->assocs[i].tx)
			return link->assocs[i].kd_sess_id;
	return 0;
}

/* Room is made by giving up the oldest association that does not send. */
void link_assoc_note(struct link *link, uint16_t kd_sess_id)
{
	if (link->n_assocs == LINK_ASSOCS_MAX)
		for (size_t i = 0; i < link->n_assocs; i++)
			if (!link->assocs[i].tx) {
				link_assoc_delete(link, link->assocs[i].kd_sess_id);
				break;
			}
	link->assocs[link->n_assocs++] = (struct assoc_ref){
		.kd_sess_id = kd_sess_id, .delete_ms = NEVER };
}

static void assoc_action(struct link *link, enum ue_action_type type, uint16_t kd_sess_id)
{
	struct ue_action *action = action_new(link->ue, type);

	action->assoc.l2_id = link->l2_id;
	action->assoc.kd_sess_id = kd_sess_id;
}

void link_assoc_tx(struct link *link, uint16_t kd_sess_id)
{
	for (size_t i = 0; i < link->n_assocs; i++)
		link->assocs[i].tx = link->assocs[i].kd_sess_id == kd_sess_id;
	assoc_action(link, UE_ASSOC_TX, kd_sess_id);
}

void link_assoc_forget(struct link *link, uint16_t kd_sess_id)
{
	struct assoc_ref *assoc = link_assoc(link, kd_sess_id);

	if (!assoc)
		return;
	link->n_assocs--;
	memmove(assoc, assoc + 1,
		(size_t)(link->assocs + link->n_assocs - assoc) * sizeof(*assoc));
}

void link_assoc_delete(struct link *link, uint16_t kd_sess_id)
{
	if (!link_assoc(link, kd_sess_id))
		return;
	link_assoc_forget(link, kd_sess_id);
	assoc_action(link, UE_ASSOC_DEL, kd_sess_id);
}

void link_retire_others(struct link *link, uint16_t kd_sess_id, uint64_t when)
{
	for (size_t i = 0; i < link->n_assocs;) {
		struct assoc_ref *assoc = &link->assocs[i];

		if (assoc->kd_sess_id == kd_sess_id) {
			assoc->delete_ms = NEVER;
			i++;
		} else if (when) {
			assoc->delete_ms = earlier(assoc->delete_ms, when);
			i++;
		} else {
			link_assoc_delete(link, assoc->kd_sess_id);
		}
	}
}

/* Ends the link in the kernel and here; without KD nothing of it remains (D2D-Null). */
void link_down(struct link *link, bool keep_kd)
{
	procedure_end(link);
	keepalive_stop(link);
	outgoing_free(&link->answer);
	outgoing_free(&link->release.message);
	memset(&link->release, 0, sizeof(link->release));
	link->answer_until_ms = 0;
	link_peer_delete(link);
	link->n_addresses = 0;
	memset(&link->announced, 0, sizeof(link->announced));
	link->live = false;
	link->connecting = false;
	if (!keep_kd) {
		idle_wipe(link);
		memset(link->identity, 0, sizeof(link->identity));
	}
	/* how much went under KD is to be kept as well */
	idle_changed(link, false);
	link_show(link);
}

/* Addresses a peer named under protection, and its link-local one if it has one. */
void link_take_addresses(const struct pc5s_message *message, const uint8_t *link_local,
			 struct ue_address *addresses, size_t *n_addresses)
{
	static const uint8_t none[16];
	size_t n = 0;

	if (pc5s_has(message, PC5S_IE_ADDRESSES)) {
		for (; n < message->addresses.n && n < UE_ADDRESSES_MAX; n++) {
			addresses[n].family = message->addresses.a[n].family;
			memcpy(addresses[n].addr, message->addresses.a[n].addr,
			       sizeof(addresses[n].addr));
		}
	}
	if (link_local && memcmp(link_local, none, sizeof(none)) && n < UE_ADDRESSES_MAX) {
		bool there = false;

		for (size_t i = 0; i < n; i++)
			there |= addresses[i].family == 6 && !memcmp(addresses[i].addr, link_local, 16);
		if (!there) {
			addresses[n].family = 6;
			memcpy(addresses[n].addr, link_local, 16);
			n++;
		}
	}
	*n_addresses = n;
}

/* Numbers and encodes a new message; what @outgoing held is freed. */
bool link_encode(struct ue *ue, struct pc5s_message *message, enum ue_bearer bearer,
		 enum ue_protection protection, uint16_t kd_sess_id, struct outgoing *outgoing)
{
	static _Thread_local uint8_t buffer[PC5S_MAX_LEN];
	uint8_t *data;
	int len;

	message->sequence = ++ue->sequence;
	len = pc5s_encode(message, buffer, sizeof(buffer), NULL);
	data = len > 0 ? malloc((size_t)len) : NULL;
	if (!data)
		return false;
	memcpy(data, buffer, (size_t)len);
	outgoing_free(outgoing);
	*outgoing = (struct outgoing){ data, (size_t)len, bearer, protection, kd_sess_id,
				       protection == UE_PROTECT_NONE };
	return true;
}

void link_send(struct link *link, const struct outgoing *outgoing, const struct ue_carrier_addr *carrier_addr)
{
	link->ue->stats.sent++;
	action_send(link->ue, link->l2_id, outgoing, carrier_addr);
}

void link_send_again(struct link *link, const struct outgoing *outgoing,
		     const struct ue_carrier_addr *carrier_addr)
{
	if (!outgoing->data)
		return;
	link->ue->stats.retransmitted++;
	link_send(link, outgoing, carrier_addr);
}

bool link_send_protected(struct link *link, struct pc5s_message *message, uint16_t kd_sess_id,
			 struct outgoing *keep)
{
	struct outgoing once = { 0 };

	if (!kd_sess_id || !link_encode(link->ue, message, UE_BEARER_SIGNALLING, UE_PROTECT_FULL,
					kd_sess_id, keep ? keep : &once))
		return false;
	link_send(link, keep ? keep : &once, NULL);
	outgoing_free(&once);
	return true;
}

void link_remember_answer(struct link *link, struct outgoing *outgoing,
			  const uint8_t nonce_1[PC5S_NONCE_LEN], uint64_t now)
{
	const struct ue_timers *timers = &link->ue->config.timers;
	uint32_t longest = timers->t4100 > timers->t4112 ? timers->t4100 : timers->t4112;

	outgoing_free(&link->answer);
	if (outgoing) {
		link->answer = *outgoing;
		memset(outgoing, 0, sizeof(*outgoing));
	}
	memcpy(link->answer_nonce, nonce_1, PC5S_NONCE_LEN);
	link->answer_until_ms = now + (uint64_t)longest * (timers->retries + 2) +
				2 * patience(link->ue);
}
