// SPDX-License-Identifier: MIT
/*
 * Direct link setup, TS 24.334 10.4.2, with the connection identities of TR 33.833 6.4.1.4.2
 * in ACCEPT (its Direct-Connection-Response) and CONNECTION COMPLETE.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "identity.h"
#include "link.h"

#define FAREWELL_ANSWERS	8

/*
 * The identity the user asked for, as long as he waits for it, or that is configured for the
 * Layer-2 ID. A wish that was not fulfilled says nothing about who may ask later.
 */
const char *setup_expected(const struct link *link)
{
	const struct ue_config *config = &link->ue->config;
	const char *configured;

	if (link->connecting && *link->wanted)
		return link->wanted;
	configured = config->expected ? config->expected(config->context, link->l2_id) : NULL;
	return configured ? configured : "";
}

static uint64_t random_delay(struct ue *ue, uint32_t below)
{
	uint32_t value;

	ue->config.random(ue->config.context, (uint8_t *)&value, sizeof(value));
	return below ? 1 + value % below : 1;
}

int setup_connect(struct link *link, uint64_t now, const char *identity, char *why,
		  size_t why_len)
{
	if (link->live) {
		snprintf(why, why_len, "%s is already connected.", NAME(link));
		return -1;
	}
	if (link->release.running) {
		snprintf(why, why_len, "The link to %s is being released; connect when it is gone.",
			 NAME(link));
		return -1;
	}
	if (link->connecting) {
		snprintf(why, why_len, "A connection with %s is being set up already.", NAME(link));
		return -1;
	}
	snprintf(link->wanted, sizeof(link->wanted), "%s", identity ? identity : "");
	link->connecting = true;
	link->revealing = false;
	/* A setup by the peer that runs may fulfil the wish; else it is ours that follows. */
	if (!link->procedure)
		setup_start(link, now, 0);
	return 0;
}

/* UE_1 begins, or begins afresh with new nonces. */
void setup_start(struct link *link, uint64_t now, uint32_t restarts)
{
	static const uint8_t none[16];
	struct ue *ue = link->ue;
	const struct ue_config *config = &ue->config;
	const char *expected = setup_expected(link);
	struct pc5s_message message = { .type = PC5S_REQUEST };
	struct procedure *procedure;
	char why[KEYING_TEXT_MAX];

	if (*link->identity && *expected && strcmp(link->identity, expected)) {
		/* what was kept belongs to somebody else */
		idle_wipe(link);
		memset(link->identity, 0, sizeof(link->identity));
		idle_changed(link, false);
	}
	procedure = procedure_new(link, now, PROCEDURE_SETUP, KEYING_UE_1);
	if (!procedure) {
		link->connecting = false;
		link_set_failure(link, now, "Connecting to %s failed: out of memory.", NAME(link));
		report(link, UE_REPORT_FAILED, 0, false, "%s", link->failure);
		return;
	}
	procedure->restarts = restarts;
	message.ip_config = PC5S_IP_CONFIG_NONE;
	message.max_inactivity = keepalive_period(ue);
	config->random(config->context, message.nonce_1, sizeof(message.nonce_1));
	message.capabilities = negotiate_capabilities(config);
	if (!idle_offer(link, now, &message, why, sizeof(why))) {
		procedure_fail(link, now, 0, false, why);
		return;
	}
	/* else it is told under protection, among the overlay addresses */
	if (memcmp(config->link_local, none, sizeof(none)) && !layer2_wanted(ue)) {
		message.has |= PC5S_BIT(PC5S_IE_LINK_LOCAL);
		memcpy(message.link_local, config->link_local, sizeof(message.link_local));
	}
	procedure_offer(link, &message);
	if (config->asks)
		expressions_put(config, config->asks(config->context, link->l2_id), &message);
	expressions_take(&message, &procedure->expressions);
	if (!config->strict_24334 && !procedure->hidden && *expected) {
		message.has |= PC5S_BIT(PC5S_IE_TARGET_INFO);
		identity_to_user_info(expected, &message.target_info);
	}
	if (!embedded_offer(link, now, &message, why, sizeof(why))) {
		procedure_fail(link, now, PC5S_CAUSE_AUTHENTICATION, false, why);
		return;
	}
	if (!ids_pick_msb(link, &message.msb_kd_sess_id) ||
	    !link_encode(ue, &message, UE_BEARER_PLAIN, UE_PROTECT_NONE, 0, &procedure->first) ||
	    !procedure_set_request(procedure, procedure->first.data, procedure->first.len)) {
		procedure_fail(link, now, PC5S_CAUSE_RESOURCES, false,
			       "No KD-sess ID or no memory is left for a request.");
		return;
	}
	procedure_take_echoes(procedure, &message);
	procedure->sent.kd_id = link->kd.id;	/* and not how it is written */
	procedure->deadline = now + jittered(ue, config->timers.t4100);
	link_send(link, &procedure->first, NULL);
	link_show(link);
}

/*
 * An unprotected REJECT, remembered for a peer that does not hear it, unless it may come to
 * another end soon.
 */
static void reject(struct link *link, const uint8_t *hash, const uint8_t *nonce_1,
		   const struct ue_carrier_addr *carrier, uint8_t cause, const uint8_t *cookie)
{
	struct ue *ue = link->ue;
	struct pc5s_message message = { .type = PC5S_REJECT, .cause = cause };
	struct outgoing outgoing = { 0 };
	struct farewell *farewell;

	/*
	 * TS 24.334 binds a REJECT to its request by nothing at all. The hash keeps at least
	 * one that was late or blindly forged from being taken for the answer.
	 */
	if (!ue->config.strict_24334) {
		message.has |= PC5S_BIT(PC5S_IE_REQUEST_HASH);
		memcpy(message.request_hash, hash, sizeof(message.request_hash));
	}
	if (cookie) {
		message.has |= PC5S_BIT(PC5S_IE_COOKIE);
		memcpy(message.cookie, cookie, sizeof(message.cookie));
	}
	if (!link_encode(ue, &message, UE_BEARER_PLAIN, UE_PROTECT_NONE, 0, &outgoing))
		return;
	link_send(link, &outgoing, carrier);
	if (cause == PC5S_CAUSE_RESOURCES) {
		/* there may be room when the request is repeated */
		outgoing_free(&outgoing);
		return;
	}
	farewell = &ue->farewells[ue->next_farewell++ % FAREWELLS_MAX];
	outgoing_free(&farewell->message);
	farewell->l2_id = link->l2_id;
	memcpy(farewell->nonce_1, nonce_1, PC5S_NONCE_LEN);
	farewell->message = outgoing;
	farewell->left = FAREWELL_ANSWERS;
}

void setup_reject(struct link *link, uint8_t cause)
{
	const struct procedure *procedure = link->procedure;

	reject(link, procedure->hash, procedure->nonce_1, procedure_carrier(procedure), cause, NULL);
}

/* Keeps a copy of the last word of the procedure that is about to end. */
void setup_remember_farewell(struct link *link, const struct outgoing *outgoing)
{
	struct ue *ue = link->ue;
	struct farewell *farewell;
	uint8_t *copy;

	if (!outgoing->data)
		return;
	copy = malloc(outgoing->len);
	if (!copy)
		return;
	memcpy(copy, outgoing->data, outgoing->len);
	farewell = &ue->farewells[ue->next_farewell++ % FAREWELLS_MAX];
	outgoing_free(&farewell->message);
	farewell->l2_id = link->l2_id;
	memcpy(farewell->nonce_1, link->procedure->nonce_1, PC5S_NONCE_LEN);
	farewell->message = *outgoing;
	farewell->message.data = copy;
	farewell->left = FAREWELL_ANSWERS;
}

/* Does the message belong to a setup that is over? Then its last word is said again. */
bool setup_farewell(struct ue *ue, const struct ue_receive *receive, const uint8_t *nonce_1)
{
	for (size_t i = 0; i < FAREWELLS_MAX; i++) {
		struct farewell *farewell = &ue->farewells[i];

		if (!farewell->message.data || farewell->l2_id != receive->l2_id ||
		    memcmp(farewell->nonce_1, nonce_1, PC5S_NONCE_LEN))
			continue;
		if (farewell->left) {
			farewell->left--;
			ue->stats.sent++;
			ue->stats.retransmitted++;
			action_send(ue, receive->l2_id, &farewell->message,
				    &receive->carrier_addr);
		}
		return true;
	}
	return false;
}

/* Setups of others that are half open when a request comes. */
struct half_open {
	size_t all, same;	/* of all carrier addresses, of the request's */
	struct link *oldest;	/* whose source never answered, and had the time for it */
};

static struct half_open half_open_now(struct ue *ue, uint64_t now, const struct ue_receive *receive)
{
	struct half_open half_open = { 0 };

	for (struct link *link = ue->links; link; link = link->next) {
		const struct procedure *procedure = link->procedure;

		if (!procedure || !procedure_half_open(procedure) || link->l2_id == receive->l2_id)
			continue;
		half_open.all++;
		if (same_station(&procedure->carrier, &receive->carrier_addr))
			half_open.same++;
		if (!procedure->heard && now - procedure->started_ms >= 2 * ue->config.timers.ke &&
		    (!half_open.oldest ||
		     procedure->started_ms < half_open.oldest->procedure->started_ms))
			half_open.oldest = link;
	}
	return half_open;
}

/*
 * Would a signature have to be verified, when many were lately? Of a method that has an exchange the
 * container is left alone then, which costs nothing.
 */
static bool costs_much(struct ue *ue, uint64_t now, const struct ue_receive *receive,
		       const struct pc5s_message *message)
{
	struct pc5s_method_container container;
	const struct keying_method *method;

	if (!embedded_in_request(message, &container))
		return false;
	method = establish_method(ue, container.method);
	return method && embedded_only(method) &&
	       station_crowded(ue, &receive->carrier_addr, now);
}

/*
 * Has the sender of a request shown that it hears what is sent to it, or need it not? Else it is
 * sent a cookie, and nothing of it is kept. Strict TS 24.334 has no cookies.
 */
static bool shown_to_listen(struct link *link, uint64_t now, const struct ue_receive *receive,
			    const struct pc5s_message *message, const struct half_open *half_open)
{
	struct ue *ue = link->ue;
	uint8_t hash[KEYING_HASH_LEN], cookie[PROSE_COOKIE_LEN];

	if (ue->config.strict_24334 ||
	    (half_open->all < PROSE_HALF_OPEN_COOKIE && !costs_much(ue, now, receive, message)))
		return true;
	SHA256(receive->message, procedure_request_len(message, receive->len), hash);
	if (pc5s_has(message, PC5S_IE_COOKIE) &&
	    cookie_valid(ue, now, receive, hash, message->cookie))
		return true;
	ue->stats.cookies++;
	if (cookie_make(ue, now, receive, hash, cookie))
		reject(link, hash, message->nonce_1, &receive->carrier_addr, PC5S_CAUSE_RESOURCES,
		       cookie);
	return false;
}

/*
 * Room for one more half-open setup? Of one carrier address there are at most a few, so
 * that one transmitter that makes up Layer-2 IDs does not take all; when the table is
 * full, the oldest whose source never answered goes.
 */
static bool half_open_room(const struct half_open *half_open)
{
	if (half_open->same >= PROSE_HALF_OPEN_SOURCE_MAX)
		return false;
	if (half_open->all < PROSE_HALF_OPEN_MAX)
		return true;
	if (!half_open->oldest)
		return false;
	vouched_interrupt(half_open->oldest);
	return true;
}

/* The checks that cost nothing. Returns a cause and the reason, or 0. */
static uint8_t check_request(struct link *link, const struct pc5s_message *message,
			     char claimed[PROSE_IDENTITY_MAX + 1], char *why, size_t why_len)
{
	const struct ue_config *config = &link->ue->config;
	const char *expected = setup_expected(link);
	char target[PROSE_IDENTITY_MAX + 1];
	struct agreement agreement;
	const char *refused;
	uint8_t cause;

	cause = idle_claimed(link->ue, message, claimed, why, why_len);
	if (cause)
		return cause;
	if (link->live && strcmp(link->identity, claimed)) {
		snprintf(why, why_len,
			 "It claims to be %.80s, but this Layer-2 ID is linked to %.80s.",
			 claimed, link->identity);
		return PC5S_CAUSE_L2_ID_CONFLICT;
	}
	if (*expected && strcmp(expected, claimed)) {
		snprintf(why, why_len,
			 "It claims to be %.80s, but %.80s is expected at Layer-2 ID %06x.",
			 claimed, expected, link->l2_id);
		return PC5S_CAUSE_AUTHENTICATION;
	}
	if (pc5s_has(message, PC5S_IE_TARGET_INFO) &&
	    (!identity_from_user_info(&message->target_info, target) ||
	     strcmp(target, config->identity))) {
		snprintf(why, why_len, "It is meant for another UE.");
		return PC5S_CAUSE_NOT_ALLOWED;
	}
	if (config->strict_24334 && pc5s_has_extensions(message)) {
		snprintf(why, why_len,
			 "It uses extensions, and this UE is configured to keep to TS 24.334 strictly.");
		return PC5S_CAUSE_UNSPECIFIED;
	}
	if (!config->strict_24334 && !pc5s_has(message, PC5S_IE_SECURITY_POLICY)) {
		snprintf(why, why_len, "It names no security policy.");
		return PC5S_CAUSE_CAPABILITIES;
	}
	refused = expressions_refused(config, message);
	if (refused) {
		snprintf(why, why_len, "It asks for the service %.48s, which this UE does not accept.",
			 refused);
		return PC5S_CAUSE_NOT_ALLOWED;
	}
	return negotiate(config, message->capabilities,
			 config->strict_24334 ? NULL : &message->policy, &agreement, why, why_len) ?
		0 : PC5S_CAUSE_CAPABILITIES;
}

/*
 * What a request means for what already runs with this peer. Returns true when it is to
 * be worked through; what it replaces is then discarded by the caller.
 */
static bool admissible(struct link *link, uint64_t now, const struct ue_receive *receive,
		       const struct pc5s_message *message)
{
	struct ue *ue = link->ue;
	struct procedure *procedure = link->procedure;
	int order;

	/* Answered already: a duplicate that was late, or one whose answer was lost. */
	if (link->answer_until_ms > now &&
	    !memcmp(link->answer_nonce, message->nonce_1, PC5S_NONCE_LEN)) {
		if (link->answer.data && !link->context.is_ue_1)
			link_send_again(link, &link->answer, NULL);
		return false;
	}
	if (link->release.running)
		return false;
	if (!procedure)
		return true;
	order = memcmp(message->nonce_1, procedure->nonce_1, PC5S_NONCE_LEN);
	if (procedure->kind == PROCEDURE_REKEY) {
		ue->stats.unexpected++;
		return false;
	}
	if (procedure->role == KEYING_UE_2) {
		if (!order) {
			size_t len = procedure_request_len(message, receive->len);

			if (len != procedure->request_len ||
			    memcmp(receive->message, procedure->request, len)) {
				ue->stats.unexpected++;
				return false;
			}
			/* a retransmission: never a second procedure */
			if (procedure->step == STEP_SECURING &&
			    procedure->extended < ue->config.timers.retries) {
				procedure->extended++;
				procedure->deadline = now + ue->config.timers.t4111;
			}
			procedure_resend(link);
			return false;
		}
		/* authenticated already; a stranger's request does not undo that */
		return procedure->step != STEP_ACCEPTING;
	}
	/*
	 * Both ends sent a request. TS 24.334 has a rule for rekeying only (10.4.8.6); the
	 * same one is used: who receives the larger Nonce_1 becomes the commanding UE.
	 */
	if (procedure->step == STEP_BACKOFF)
		return true;
	if (procedure->step != STEP_REQUESTED || order < 0)
		return false;
	if (!order) {
		if (procedure->restarts < ue->config.timers.retries) {
			procedure->step = STEP_BACKOFF;
			procedure->deadline = now + random_delay(ue, ue->config.timers.t4100);
		}
		return false;
	}
	return true;
}

/* The request that came last has the proof that the one before it has, or that one goes on. */
static void supersede(struct link *link, uint64_t now, struct procedure *before,
		      const struct pc5s_method_container *embedded)
{
	struct procedure *procedure = link->procedure;

	if (!establish_vouch(link, now, embedded)) {
		procedure_end(link);
		link->procedure = before;
		link->ue->stats.unexpected++;
		return;
	}
	link->procedure = before;
	vouched_interrupt(link);
	link->procedure = procedure;
	establish_secure(link, now);
}

void setup_receive_request(struct ue *ue, uint64_t now, const struct ue_receive *receive,
			   const struct pc5s_message *message)
{
	const struct ue_carrier_addr *carrier = &receive->carrier_addr;
	char claimed[PROSE_IDENTITY_MAX + 1], why[KEYING_TEXT_MAX];
	struct pc5s_method_container container;
	struct procedure *procedure, *before = NULL;
	struct half_open half_open;
	struct link *link;
	uint8_t cause;
	bool embedded;

	if (setup_farewell(ue, receive, message->nonce_1))
		return;
	link = link_get(ue, receive->l2_id);
	if (!link || !admissible(link, now, receive, message))
		return;
	half_open = half_open_now(ue, now, receive);
	if (!shown_to_listen(link, now, receive, message, &half_open))
		return;
	cause = check_request(link, message, claimed, why, sizeof(why));
	if (!cause && !half_open_room(&half_open)) {
		ue->stats.half_open_full++;
		cause = PC5S_CAUSE_RESOURCES;
		snprintf(why, sizeof(why), "Too many setups are half open.");
	}
	if (cause) {
		struct procedure probe = { .kind = PROCEDURE_SETUP };

		if (!procedure_set_request(&probe, receive->message,
					   procedure_request_len(message, receive->len)))
			return;
		reject(link, probe.hash, message->nonce_1, carrier, cause, NULL);
		free(probe.request);
		if (!link->live && !link->procedure)
			link_set_failure(link, now, "A request by %s was refused: %s", NAME(link),
					 why);
		report_limited(link, now, UE_REPORT_NOTICE, cause, false,
			       "A request by %s was refused: %s", NAME(link), why);
		return;
	}

	if (vouched(link->procedure)) {
		before = link->procedure;
		link->procedure = NULL;
	}
	procedure_discard(link);
	procedure = procedure_new(link, now, PROCEDURE_SETUP, KEYING_UE_2);
	if (!procedure || !procedure_set_request(procedure, receive->message,
						 procedure_request_len(message, receive->len))) {
		procedure_end(link);
		link->procedure = before;
		return;
	}
	procedure_take_echoes(procedure, message);
	procedure_heard_from(procedure, receive);
	snprintf(procedure->claimed, sizeof(procedure->claimed), "%s", claimed);
	expressions_take(message, &procedure->expressions);
	procedure->taken_ms = now;
	embedded = embedded_in_request(message, &container);
	if (before) {
		supersede(link, now, before, embedded ? &container : NULL);
		return;
	}

	/* TR 33.833 6.4.1.4.4: KD may be one that both still hold */
	if (idle_take_kd(link, now, message) &&
	    procedure_authenticate(link, procedure->kd.identity, &cause, why, sizeof(why))) {
		smc_command(link, now);
	} else {
		procedure->identity[0] = 0;
		kd_wipe(&procedure->kd);
		establish_start(link, now, embedded ? &container : NULL);
	}
}

/*
 * UE_2 is flooded and wants to see that we hear it: the same request again, with its cookie. A
 * forged one costs a message; the true one is sent again for each request with a wrong one.
 */
static void take_cookie(struct link *link, uint64_t now, const uint8_t cookie[PROSE_COOKIE_LEN])
{
	struct procedure *procedure = link->procedure;
	size_t len = procedure->request_len;
	uint8_t *data;

	if (procedure->step != STEP_REQUESTED || procedure->cookies >= PROSE_COOKIES_TAKEN_MAX)
		return;
	data = malloc(len + PC5S_COOKIE_IE_LEN);
	if (!data)
		return;
	procedure->cookies++;
	memcpy(data, procedure->request, len);
	data[len] = PC5S_IEI_COOKIE;
	data[len + 1] = PROSE_COOKIE_LEN;
	memcpy(data + len + 2, cookie, PROSE_COOKIE_LEN);
	free(procedure->first.data);
	procedure->first.data = data;
	procedure->first.len = len + PC5S_COOKIE_IE_LEN;
	procedure->deadline = now + link->ue->config.timers.t4100;
	link_send_again(link, &procedure->first, NULL);
}

/*
 * REJECT is not protected and TS 24.334 gives it nothing that binds it to a request, so
 * anybody can send one. It is remembered, and believed when T4100 has run out without
 * anything better (threat 5).
 */
void setup_receive_reject(struct link *link, uint64_t now, const struct pc5s_message *message)
{
	struct ue *ue = link->ue;
	struct procedure *procedure = link->procedure;

	if (!procedure || procedure->kind != PROCEDURE_SETUP || procedure->role != KEYING_UE_1 ||
	    procedure->step == STEP_SECURING || procedure->step == STEP_BACKOFF ||
	    (pc5s_has(message, PC5S_IE_REQUEST_HASH) &&
	     memcmp(message->request_hash, procedure->hash, sizeof(procedure->hash)))) {
		ue->stats.unprotected_ignored++;
		return;
	}
	if (!ue->config.strict_24334 && pc5s_has(message, PC5S_IE_COOKIE) &&
	    pc5s_has(message, PC5S_IE_REQUEST_HASH))
		take_cookie(link, now, message->cookie);
	else
		procedure->rejected = message->cause;
}

/* IEs of ACCEPT and CONNECTION COMPLETE: how the peer may call us, where we are. */
static void introduce(struct link *link, struct pc5s_message *message)
{
	static const uint8_t none[sizeof(link->ue->config.link_local)];
	const struct ue_config *config = &link->ue->config;

	message->has |= PC5S_BIT(PC5S_IE_CONNECTION_ID) | PC5S_BIT(PC5S_IE_ADDRESSES);
	memcpy(message->connection_id, idle_new_local_id(link), UE_CONNECTION_ID_LEN);
	expressions_put(config, &config->announces, message);
	message->addresses.n = (uint8_t)config->n_addresses;
	for (size_t i = 0; i < config->n_addresses; i++) {
		message->addresses.a[i].family = config->addresses[i].family;
		memcpy(message->addresses.a[i].addr, config->addresses[i].addr,
		       sizeof(config->addresses[i].addr));
	}
	if (layer2_wanted(link->ue) && memcmp(config->link_local, none, sizeof(none)) &&
	    message->addresses.n < PC5S_ADDRESSES_MAX) {
		message->addresses.a[message->addresses.n].family = 6;
		memcpy(message->addresses.a[message->addresses.n++].addr, config->link_local,
		       sizeof(config->link_local));
	}
}

static void connected(struct link *link, uint64_t now)
{
	bool kd_is_new = link->procedure->kd_is_new;

	report(link, UE_REPORT_CONNECTED, 0, link->procedure->role == KEYING_UE_2,
	       "Connected with %s by %s%s%s%s.", NAME(link),
	       kd_is_new ? "keying method " : "the KD both had, of keying method ",
	       link->context.method, *link->context.detail ? ": " : "", link->context.detail);
	link->ue->last->action.report.kd_changed = kd_is_new;
	(void)now;
}

/*
 * The addresses the peer named: is it allowed to have them? Else the link is released at
 * once under the new context, for the peer is who it says and can be told the truth.
 */
static bool authorise_addresses(struct link *link, uint64_t now,
				const struct ue_address *addresses, size_t n_addresses)
{
	const struct ue_config *config = &link->ue->config;
	struct procedure *procedure = link->procedure;
	struct pc5s_message message = { .type = PC5S_RELEASE,
					.release_reason = PC5S_RELEASE_NOT_ALLOWED };
	char why[KEYING_TEXT_MAX];

	snprintf(why, sizeof(why), "%.80s is not authorised to use its overlay addresses.",
		 procedure->identity);
	if (!config->authorise ||
	    config->authorise(config->context, procedure->identity, link->l2_id, addresses,
			      n_addresses, why, sizeof(why)))
		return true;
	link_send_protected(link, &message, procedure->kd_sess_id, NULL);
	procedure_fail(link, now, PC5S_CAUSE_NOT_ALLOWED, false, why);
	return false;
}

static void take_peer(struct link *link, const struct pc5s_message *message,
		      const struct ue_address *addresses, size_t n_addresses)
{
	memset(link->addresses, 0, sizeof(link->addresses));
	memcpy(link->addresses, addresses, n_addresses * sizeof(addresses[0]));
	link->n_addresses = n_addresses;
	expressions_take(message, &link->announced);
	idle_take_remote_id(link, message);
	link_peer_add(link, NULL, true);
}

/* UE_2: the security mode procedure ended well. ACCEPT, TR: Direct-Connection-Response. */
void setup_secured(struct link *link, uint64_t now)
{
	static const uint8_t none[16];
	const struct ue_config *config = &link->ue->config;
	struct procedure *procedure = link->procedure;
	struct pc5s_message message = { .type = PC5S_ACCEPT, .ip_config = PC5S_IP_CONFIG_NONE };

	if (memcmp(config->link_local, none, sizeof(none)) && !layer2_wanted(link->ue)) {
		message.has |= PC5S_BIT(PC5S_IE_LINK_LOCAL);
		memcpy(message.link_local, config->link_local, sizeof(message.link_local));
	}
	if (!config->strict_24334)
		introduce(link, &message);
	layer2_offer(link, &message);
	procedure->step = STEP_ACCEPTING;
	procedure->tries = 0;
	procedure->deadline = now + ladder(config->timers.accept, 0);
	procedure_send(link, &message, UE_BEARER_SIGNALLING, UE_PROTECT_FULL,
		       procedure->kd_sess_id);
	if (config->strict_24334) {
		struct ue_address addresses[UE_ADDRESSES_MAX] = { 0 };
		size_t n = 0;

		link_take_addresses(&message, procedure->sent.has_link_local ?
				    procedure->sent.link_local : NULL, addresses, &n);
		if (!authorise_addresses(link, now, addresses, n))
			return;
		take_peer(link, &message, addresses, n);
		procedure_commit(link, now);
		connected(link, now);
		link_remember_answer(link, &procedure->last, procedure->nonce_1, now);
		procedure_end(link);
	}
	link_show(link);
}

/* UE_1: ACCEPT. It goes on to CONNECTION COMPLETE and may send data. */
void setup_receive_accept(struct link *link, uint64_t now, const struct ue_receive *receive,
			  const struct pc5s_message *message)
{
	const struct ue_config *config = &link->ue->config;
	struct procedure *procedure = link->procedure;
	struct pc5s_message complete = { .type = PC5S_CONNECTION_COMPLETE };
	struct ue_address addresses[UE_ADDRESSES_MAX] = { 0 };
	struct outgoing outgoing = { 0 };
	size_t n = 0;

	if (link->live && !procedure && receive->kd_sess_id == link_tx_id(link) &&
	    link->context.is_ue_1 && link->answer.data) {
		/* CONNECTION COMPLETE was lost */
		link_send_again(link, &link->answer, NULL);
		return;
	}
	if (!procedure || procedure->kind != PROCEDURE_SETUP || procedure->role != KEYING_UE_1 ||
	    procedure->step != STEP_SECURING || receive->kd_sess_id != procedure->kd_sess_id) {
		link->ue->stats.unexpected++;
		return;
	}
	link_take_addresses(message, pc5s_has(message, PC5S_IE_LINK_LOCAL) ?
			    message->link_local : NULL, addresses, &n);
	if (!authorise_addresses(link, now, addresses, n))
		return;
	take_peer(link, message, addresses, n);
	layer2_answer(link, message, &complete);
	if (link->remote_l2_id)
		smc_log_keys(link);
	procedure_commit(link, now);
	if (!config->strict_24334) {
		introduce(link, &complete);
		if (link_encode(link->ue, &complete, UE_BEARER_SIGNALLING, UE_PROTECT_FULL,
				procedure->kd_sess_id, &outgoing)) {
			outgoing.in_setup = true;
			link_send(link, &outgoing, NULL);
		}
	}
	connected(link, now);
	link_remember_answer(link, &outgoing, procedure->nonce_1, now);
	procedure_end(link);
	link_show(link);
}

/* UE_2: CONNECTION COMPLETE. */
void setup_receive_complete(struct link *link, uint64_t now, const struct ue_receive *receive,
			    const struct pc5s_message *message)
{
	struct procedure *procedure = link->procedure;
	struct ue_address addresses[UE_ADDRESSES_MAX] = { 0 };
	size_t n = 0;

	if (!procedure || procedure->step != STEP_ACCEPTING ||
	    receive->kd_sess_id != procedure->kd_sess_id) {
		link->ue->stats.unexpected++;
		return;
	}
	link_take_addresses(message, procedure->sent.has_link_local ?
			    procedure->sent.link_local : NULL, addresses, &n);
	idle_move(link, now);
	if (!authorise_addresses(link, now, addresses, n))
		return;
	take_peer(link, message, addresses, n);
	layer2_take(link, message);
	if (link->remote_l2_id)
		smc_log_keys(link);
	procedure_commit(link, now);
	idle_confirm_local_id(link);
	connected(link, now);
	link_remember_answer(link, NULL, procedure->nonce_1, now);
	procedure_end(link);
	link_show(link);
}
