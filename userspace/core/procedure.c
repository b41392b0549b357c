// SPDX-License-Identifier: MIT
/* What setup and rekeying have in common. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "eia.h"
#include "identity.h"
#include "link.h"

#define LADDER_MAX	2	/* doublings: 1, 2, 4, 4, 4, ... */

/* Wait after the n-th retransmission. Doubled against congestion, bounded for recovery. */
uint64_t ladder(uint32_t base, uint32_t tries)
{
	return (uint64_t)base << (tries < LADDER_MAX ? tries : LADDER_MAX);
}

/*
 * Wait for the answer to a request: up to a quarter shorter by chance, so that UEs which lost
 * theirs to each other on the air do not repeat them at the same time. Never longer: that two
 * repetitions fit into the grace of an old association is what lets a rekeying lose no packet.
 */
uint64_t jittered(struct ue *ue, uint32_t base)
{
	uint8_t chance;

	ue->config.random(ue->config.context, &chance, sizeof(chance));
	return base - (uint64_t)base / 4 * chance / UINT8_MAX;
}

/*
 * How long UE_1 waits for the next key establishment message: as long as UE_2 goes on
 * retransmitting its last one, and one step more.
 */
uint64_t patience(const struct ue *ue)
{
	const struct ue_timers *timers = &ue->config.timers;
	uint64_t sum = 0;

	for (uint32_t i = 0; i <= timers->retries + 1; i++)
		sum += ladder(timers->ke, i);
	return sum;
}

struct procedure *procedure_new(struct link *link, uint64_t now, enum procedure_kind kind,
				enum keying_role role)
{
	struct procedure *procedure = calloc(1, sizeof(*procedure));

	if (!procedure)
		return NULL;
	procedure->kind = kind;
	procedure->role = role;
	procedure->step = role == KEYING_UE_1 ? STEP_REQUESTED : STEP_KEYING;
	procedure->started_ms = now;
	procedure->own_l2_id = kind == PROCEDURE_SETUP ? link->ue->config.l2_id : link->own_l2_id;
	procedure->deadline = NEVER;
	/*
	 * What the request says, or was held against, and what both ends therefore count on: a
	 * configuration that is loaded before the end is for later procedures.
	 */
	procedure->up_integrity = link->ue->config.up_integrity != UE_NOT_NEEDED;
	procedure->count_profile = link->ue->config.count_profile;
	procedure_end(link);
	link->procedure = procedure;
	return procedure;
}

void procedure_end(struct link *link)
{
	struct procedure *procedure = link->procedure;

	if (!procedure)
		return;
	link->procedure = NULL;
	kexchange_close(&procedure->kx);
	embedded_close(&procedure->embedded);
	outgoing_free(&procedure->last);
	outgoing_free(&procedure->first);
	free(procedure->request);
	OPENSSL_cleanse(procedure, sizeof(*procedure));
	free(procedure);
}

/* Ends it without a word and takes its keys back from the kernel. */
void procedure_discard(struct link *link)
{
	struct procedure *procedure = link->procedure;

	if (!procedure)
		return;
	if (procedure->installed)
		link_assoc_delete(link, procedure->kd_sess_id);
	procedure_end(link);
	if (!link->live)
		link_peer_delete(link);
}

/*
 * A setup of which nothing proves that the peer exists. They are counted, capped and not
 * shown, for anybody can make us begin one.
 */
bool procedure_half_open(const struct procedure *procedure)
{
	return procedure->kind == PROCEDURE_SETUP && procedure->role == KEYING_UE_2 &&
	       procedure->step != STEP_ACCEPTING;
}

/*
 * What of a request is hashed, and compared with its repetitions: all but the cookie, so that UE_1
 * does not care which of its requests, with or without one, UE_2 has taken up.
 */
size_t procedure_request_len(const struct pc5s_message *message, size_t len)
{
	return pc5s_has(message, PC5S_IE_COOKIE) ? len - PC5S_COOKIE_IE_LEN : len;
}

bool procedure_set_request(struct procedure *procedure, const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len);

	if (!copy)
		return false;
	memcpy(copy, data, len);
	free(procedure->request);
	procedure->request = copy;
	procedure->request_len = len;
	SHA256(data, len, procedure->hash);
	return true;
}

/* Keeps what a request says and what a security mode command has to echo. */
void procedure_take_echoes(struct procedure *procedure, const struct pc5s_message *message)
{
	memcpy(procedure->nonce_1, message->nonce_1, sizeof(procedure->nonce_1));
	procedure->sent.capabilities = message->capabilities;
	procedure->sent.msb_kd_sess_id = message->msb_kd_sess_id;
	procedure->sent.has_methods = pc5s_has(message, PC5S_IE_KEYING_METHODS);
	procedure->sent.methods = message->methods;
	procedure->sent.has_policy = pc5s_has(message, PC5S_IE_SECURITY_POLICY);
	procedure->sent.policy = message->policy;
	procedure->sent.has_kd_id = pc5s_has(message, PC5S_IE_KD_ID);
	procedure->sent.kd_id = message->kd_id;
	procedure->sent.has_connection_id = pc5s_has(message, PC5S_IE_CONNECTION_ID);
	memcpy(procedure->sent.connection_id, message->connection_id,
	       sizeof(procedure->sent.connection_id));
	procedure->sent.auth_flag = pc5s_has(message, PC5S_IE_AUTH_FLAG);
	procedure->sent.has_link_local = pc5s_has(message, PC5S_IE_LINK_LOCAL);
	memcpy(procedure->sent.link_local, message->link_local,
	       sizeof(procedure->sent.link_local));
}

/* Adds the extensions that every request carries. */
void procedure_offer(const struct link *link, struct pc5s_message *message)
{
	const struct ue_config *config = &link->ue->config;

	if (config->strict_24334)
		return;
	message->has |= PC5S_BIT(PC5S_IE_KEYING_METHODS) | PC5S_BIT(PC5S_IE_SECURITY_POLICY);
	/* who chooses a method that this UE cannot run would have chosen another one instead */
	for (size_t i = 0; i < config->n_methods; i++)
		if (!config->methods[i]->needs_peer ||
		    *establish_whom(link, config->methods[i]))
			message->methods.id[message->methods.n++] = config->methods[i]->id;
	negotiate_offer(config, &message->policy);
}

void procedure_heard_from(struct procedure *procedure, const struct ue_receive *receive)
{
	procedure->carrier = receive->carrier_addr;
}

/* Where to answer. A protected message goes where the kernel has learned. */
const struct ue_carrier_addr *procedure_carrier(const struct procedure *procedure)
{
	return procedure->kind == PROCEDURE_SETUP ? &procedure->carrier : NULL;
}

bool procedure_send(struct link *link, struct pc5s_message *message, enum ue_bearer bearer,
		    enum ue_protection protection, uint16_t kd_sess_id)
{
	struct procedure *procedure = link->procedure;

	if (!link_encode(link->ue, message, bearer, protection, kd_sess_id, &procedure->last))
		return false;
	procedure->last.in_setup = procedure->kind == PROCEDURE_SETUP;
	link_send(link, &procedure->last, procedure_carrier(procedure));
	return true;
}

void procedure_resend(struct link *link)
{
	link_send_again(link, &link->procedure->last, procedure_carrier(link->procedure));
}

/*
 * May this authenticated identity be the peer of this link? Fills @cause and @why if not.
 */
bool procedure_authenticate(struct link *link, const char *identity, uint8_t *cause,
			    char *why, size_t why_len)
{
	const struct ue_config *config = &link->ue->config;
	struct procedure *procedure = link->procedure;
	const char *expected = setup_expected(link);

	*cause = PC5S_CAUSE_AUTHENTICATION;
	if (!identity_valid(identity)) {
		snprintf(why, why_len, "The keying method gave an identity that is no valid name.");
		return false;
	}
	/* who has stolen our credentials is not to be somebody else with them, and least of all us */
	if (!strcmp(identity, config->identity)) {
		snprintf(why, why_len,
			 "The peer proved to be %.80s, which is this UE itself: its credentials are in "
			 "other hands, or both UEs were given the same.", identity);
		return false;
	}
	if (*expected && strcmp(expected, identity)) {
		snprintf(why, why_len,
			 "The peer is %.80s, but %.80s is expected at Layer-2 ID %06x.",
			 identity, expected, link->l2_id);
		return false;
	}
	if (procedure->role == KEYING_UE_2 && procedure->kind == PROCEDURE_SETUP &&
	    strcmp(procedure->claimed, identity)) {
		snprintf(why, why_len, "The peer claims to be %.80s and proved to be %.80s.",
			 procedure->claimed, identity);
		return false;
	}
	if ((link->live || procedure->kind == PROCEDURE_REKEY) && *link->identity &&
	    strcmp(link->identity, identity)) {
		snprintf(why, why_len, "The peer of this link is %.80s and now proved to be %.80s.",
			 link->identity, identity);
		return false;
	}
	if (config->authorise) {
		*cause = PC5S_CAUSE_NOT_ALLOWED;
		snprintf(why, why_len, "%.80s is not authorised to use Layer-2 ID %06x.",
			 identity, link->l2_id);
		if (!config->authorise(config->context, identity, link->l2_id, NULL, 0, why,
				       why_len))
			return false;
	}
	snprintf(procedure->identity, sizeof(procedure->identity), "%s", identity);
	return true;
}

/* The setup failed; nothing of it stays, a live link goes on. */
static void setup_failed(struct link *link, uint64_t now, uint8_t cause, bool by_peer,
			 const char *text)
{
	enum keying_role role = link->procedure->role;
	bool heard = link->procedure->heard;
	char name[LINK_NAME_MAX];

	link_name(link, name);
	procedure_discard(link);
	if (role == KEYING_UE_1) {
		link->connecting = false;
		link_set_failure(link, now, "Connecting to %s failed: %s", name, text);
		report(link, UE_REPORT_FAILED, cause, by_peer, "%s", link->failure);
	} else if (link->live) {
		report_limited(link, now, UE_REPORT_NOTICE, cause, by_peer,
			       "A new setup by %s failed, the link goes on: %s", name, text);
	} else {
		/* of requests that nobody stands behind, nothing is remembered */
		if (heard)
			link_set_failure(link, now, "A setup by %s failed: %s", name, text);
		report_limited(link, now, heard ? UE_REPORT_FAILED : UE_REPORT_NOTICE, cause,
			       by_peer, "A setup by %s failed: %s", name, text);
		if (link->connecting)
			setup_start(link, now, 0);
	}
	link_show(link);
}

/*
 * The rekeying failed. TS 24.334 10.4.8: UE_1 releases the link after the last try, UE_2
 * keeps the old keys. A peer that failed to authenticate again is let go by either.
 */
static void rekey_failed(struct link *link, uint64_t now, uint8_t cause, bool by_peer,
			 const char *text)
{
	bool refused = cause == PC5S_CAUSE_AUTHENTICATION || cause == PC5S_CAUSE_NOT_ALLOWED;
	enum keying_role role = link->procedure->role;

	if (link->procedure->installed && !link->procedure->switched)
		link_assoc_delete(link, link->procedure->kd_sess_id);
	if (role == KEYING_UE_2 && !refused) {
		procedure_end(link);
		report(link, UE_REPORT_FAILED, cause, by_peer,
		       "Rekeying with %s failed, the link goes on under its old keys: %s",
		       NAME(link), text);
		link_show(link);
		rekey_worn(link, now);
		return;
	}
	procedure_end(link);
	link_set_failure(link, now, "Rekeying with %s failed, the link is released: %s", NAME(link),
			 text);
	report(link, UE_REPORT_FAILED, cause, by_peer, "%s", link->failure);
	release_now(link, now, refused ? PC5S_RELEASE_NOT_ALLOWED : PC5S_RELEASE_NOT_AVAILABLE,
		    !refused);
}

void procedure_fail(struct link *link, uint64_t now, uint8_t cause, bool by_peer,
		    const char *text)
{
	char copy[UE_TEXT_MAX];

	/* the text may live in what is about to be wiped */
	snprintf(copy, sizeof(copy), "%s", text);
	if (link->procedure->kind == PROCEDURE_SETUP)
		setup_failed(link, now, cause, by_peer, copy);
	else
		rekey_failed(link, now, cause, by_peer, copy);
}

/* UE_1 has asked for the last time. Says what is known about why. */
static void gave_up(struct link *link, uint64_t now)
{
	struct procedure *procedure = link->procedure;
	char text[UE_TEXT_MAX];
	uint8_t cause = PC5S_CAUSE_NO_RESPONSE;
	bool by_peer = false;

	if (idle_reveal(link, now))
		return;
	if (procedure->rejected == PC5S_CAUSE_SYNCHRONISATION && *procedure->hint) {
		cause = procedure->rejected;
		by_peer = true;
		snprintf(text, sizeof(text), "%s", procedure->hint);
	} else if (procedure->rejected) {
		cause = procedure->rejected;
		by_peer = true;
		snprintf(text, sizeof(text),
			 "The peer refused, cause %u, %s. (Nothing proves that the refusal is its own.)",
			 cause, ue_cause_text(cause));
	} else if (procedure->bad_macs && *procedure->hint) {
		snprintf(text, sizeof(text), "%s", procedure->hint);
	} else if (procedure->bad_macs) {
		snprintf(text, sizeof(text),
			 "%u security mode commands came whose MAC-I did not verify: the two UEs "
			 "hold different keys, the request was changed on its way, or the "
			 "commands were forged.",
			 procedure->bad_macs);
	} else if (procedure->step == STEP_SECURING) {
		snprintf(text, sizeof(text),
			 "The peer did not answer the security mode complete.");
	} else if (procedure->step == STEP_KEYING) {
		snprintf(text, sizeof(text),
			 "The peer fell silent during the key establishment.");
	} else {
		snprintf(text, sizeof(text), "The peer did not answer %u requests.",
			 procedure->tries + 1);
	}
	procedure_fail(link, now, cause, by_peer, text);
}

static void ue_1_expire(struct link *link, uint64_t now)
{
	const struct ue_timers *timers = &link->ue->config.timers;
	struct procedure *procedure = link->procedure;
	bool setup = procedure->kind == PROCEDURE_SETUP;

	if (procedure->step == STEP_BACKOFF) {
		uint32_t restarts = procedure->restarts + 1;

		if (setup)
			setup_start(link, now, restarts);
		else
			rekey_request(link, now, procedure->sent.auth_flag, restarts);
		return;
	}
	/* While key establishment runs it is UE_2 who retransmits. */
	if ((procedure->step == STEP_KEYING && procedure->kx.status == KEXCHANGE_RUNNING) ||
	    procedure->tries >= timers->retries) {
		gave_up(link, now);
		return;
	}
	procedure->tries++;
	if (setup) {
		procedure->deadline = now + jittered(link->ue, timers->t4100);
		link_send_again(link, &procedure->first, NULL);
	} else {
		procedure->deadline = now + jittered(link->ue, timers->t4112);
		rekey_resend_request(link);
	}
}

static void ue_2_expire(struct link *link, uint64_t now)
{
	const struct ue_timers *timers = &link->ue->config.timers;
	struct procedure *procedure = link->procedure;

	switch (procedure->step) {
	case STEP_KEYING:
		establish_expire(link, now);
		break;
	case STEP_SECURING:
		/* T4111. 10.4.5.6: setup ends with REJECT 10, rekeying keeps the old keys. */
		if (procedure->kind == PROCEDURE_SETUP)
			setup_reject(link, PC5S_CAUSE_NO_RESPONSE);
		procedure_fail(link, now, procedure->rejected ? procedure->rejected :
			       PC5S_CAUSE_NO_RESPONSE, procedure->rejected,
			       procedure->rejected ?
			       "The peer refused the security mode command." :
			       "The peer did not complete the security mode procedure.");
		break;
	case STEP_ACCEPTING:
		if (procedure->tries >= timers->retries) {
			struct pc5s_message message = { .type = PC5S_RELEASE,
				.release_reason = PC5S_RELEASE_NOT_AVAILABLE };

			link_send_protected(link, &message, procedure->kd_sess_id, NULL);
			procedure_fail(link, now, PC5S_CAUSE_NO_RESPONSE, false,
				       "The peer did not acknowledge that the link was accepted.");
			break;
		}
		procedure->tries++;
		procedure->deadline = now + ladder(timers->accept, procedure->tries);
		procedure_resend(link);
		break;
	default:
		procedure->deadline = NEVER;
		break;
	}
}

void procedure_expire(struct link *link, uint64_t now)
{
	if (link->procedure->role == KEYING_UE_1)
		ue_1_expire(link, now);
	else
		ue_2_expire(link, now);
}

/*
 * The procedure ended well: its keys, KD and identity are the link's, and the kernel
 * sends by them. Only now, so that each end gives up its old KD as late as it can.
 */
void procedure_commit(struct link *link, uint64_t now)
{
	const struct ue_config *config = &link->ue->config;
	const struct ue_timers *timers = &config->timers;
	struct procedure *procedure = link->procedure;
	bool setup = procedure->kind == PROCEDURE_SETUP;

	if (!procedure->switched)
		link_assoc_tx(link, procedure->kd_sess_id);
	/*
	 * After a setup the peer has nothing else. After a rekeying the kernel drops the old
	 * association itself; this is for the case that nothing ever comes under the new.
	 */
	link_retire_others(link, procedure->kd_sess_id,
			   setup ? 0 : now + 2 * (uint64_t)timers->grace + timers->t4112);
	link->context.eea = procedure->eea;
	link->context.eia = procedure->eia;
	link->context.up_integrity = procedure->up_integrity;
	link->context.count_profile = procedure->count_profile;
	link->context.is_ue_1 = procedure->role == KEYING_UE_1;
	if (procedure->kd_is_new) {
		kd_wipe(&link->kd);
		link->kd = procedure->kd;
		idle_changed(link, false);
	}
	lifetime_start(link, now, procedure->kd_is_new);
	snprintf(link->context.method, sizeof(link->context.method), "%s", link->kd.method);
	snprintf(link->context.detail, sizeof(link->context.detail), "%s", link->kd.detail);
	memcpy(link->context.evidence, link->kd.evidence, sizeof(link->context.evidence));
	link->context.evidence_len = link->kd.evidence_len;
	snprintf(link->identity, sizeof(link->identity), "%s", procedure->identity);
	link->connecting = link->revealing = false;
	link->failure[0] = 0;
	link->live = true;
	link->own_l2_id = procedure->own_l2_id;
	if (setup) {
		vouched_forget(link);
		if (procedure->role == KEYING_UE_2)
			station_known(link->ue, &procedure->carrier, now);
		link->expressions = procedure->expressions;
		link->connected_ms = now;
		link->rekeys = link->kd_rekeys = 0;
		link->rekeyed_ms = 0;
		keepalive_start(link, now);
	} else {
		link->rekeyed_ms = now;
		link->rekeys++;
		link->kd_rekeys += procedure->kd_is_new;
	}
}
