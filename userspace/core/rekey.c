// SPDX-License-Identifier: MIT
/* Direct rekeying, TS 24.334 10.4.8 and TR 33.833 6.4.1.4.5. */
#include <stdio.h>
#include <string.h>

#include "link.h"

int rekey_start(struct link *link, uint64_t now, bool kd, char *why, size_t why_len)
{
	struct procedure *procedure = link->procedure;

	if (!link->live || link->release.running) {
		snprintf(why, why_len, "%s is not connected.", NAME(link));
		return -1;
	}
	/*
	 * One that runs ends in new keys as well, whoever began it. That our part of the
	 * last one is not over yet when the peer's is must not be the user's concern.
	 */
	if (procedure && procedure->kind == PROCEDURE_REKEY)
		return 0;
	/* what a stranger began beside the live link does not hinder it */
	procedure_discard(link);
	rekey_request(link, now, kd, 0);
	return 0;
}

/* UE_1 begins, or begins afresh with a new nonce. */
void rekey_request(struct link *link, uint64_t now, bool kd, uint32_t restarts)
{
	struct ue *ue = link->ue;
	const struct ue_config *config = &ue->config;
	struct pc5s_message message = { .type = PC5S_REKEYING_REQUEST };
	struct procedure *procedure;

	procedure = procedure_new(link, now, PROCEDURE_REKEY, KEYING_UE_1);
	if (!procedure)
		return;
	procedure->restarts = restarts;
	message.capabilities = negotiate_capabilities(config);
	config->random(config->context, message.nonce_1, sizeof(message.nonce_1));
	/* without a KD, or with one whose credentials are gone, there must be a new one */
	if (kd || !lifetime_kd_usable(link, now)) {
		message.has |= PC5S_BIT(PC5S_IE_AUTH_FLAG);
		message.auth_flag = 1;
	}
	procedure_offer(link, &message);
	embedded_rekey(link, &message);
	if (!ids_pick_msb(link, &message.msb_kd_sess_id) ||
	    !link_encode(ue, &message, UE_BEARER_SIGNALLING, UE_PROTECT_FULL, link_tx_id(link),
			 &procedure->first) ||
	    !procedure_set_request(procedure, procedure->first.data, procedure->first.len)) {
		procedure_end(link);
		report_limited(link, now, UE_REPORT_FAILED, PC5S_CAUSE_RESOURCES, false,
			       "Rekeying with %s failed: no KD-sess ID or no memory is left.",
			       NAME(link));
		return;
	}
	procedure_take_echoes(procedure, &message);
	procedure->deadline = now + jittered(ue, config->timers.t4112);
	link_send(link, &procedure->first, NULL);
	link_show(link);
}

/*
 * T4112: the same octets again. Under which association? UE_2 surely has the one under
 * which it was asked first, until it got the COMPLETE and the grace time ended; it surely
 * has the new one from its COMMAND until T4111. So both by turns.
 */
void rekey_resend_request(struct link *link)
{
	struct procedure *procedure = link->procedure;
	struct outgoing again = procedure->first;

	if (!link_assoc(link, again.kd_sess_id) ||
	    (procedure->step == STEP_SECURING && procedure->tries % 2))
		again.kd_sess_id = link_tx_id(link);
	link_send_again(link, &again, NULL);
}

/* What a request means for what already runs. Returns true when it is to be worked through. */
static bool admissible(struct link *link, uint64_t now, const struct ue_receive *receive,
		       const struct pc5s_message *message)
{
	const struct ue_timers *timers = &link->ue->config.timers;
	struct procedure *procedure = link->procedure;
	int order;

	if (!memcmp(link->answer_nonce, message->nonce_1, PC5S_NONCE_LEN) &&
	    link->answer_until_ms > now) {
		/* the RESPONSE was lost */
		if (!link->context.is_ue_1)
			link_send_again(link, &link->answer, NULL);
		return false;
	}
	order = procedure ? memcmp(message->nonce_1, procedure->nonce_1, PC5S_NONCE_LEN) : 1;
	if (procedure && procedure->kind == PROCEDURE_REKEY &&
	    procedure->role == KEYING_UE_2 && !order) {
		if (procedure->step == STEP_SECURING && procedure->extended < timers->retries) {
			procedure->extended++;
			procedure->deadline = now + timers->t4111;
		}
		procedure_resend(link);
		return false;
	}
	/* A late one, sent before the last rekeying: nobody awaits its answer. */
	if (receive->kd_sess_id != link_tx_id(link)) {
		link->ue->stats.unexpected++;
		return false;
	}
	if (!procedure || procedure->kind == PROCEDURE_SETUP || procedure->role == KEYING_UE_2 ||
	    procedure->step == STEP_BACKOFF)
		return true;
	/* 10.4.8.6: both asked. Who receives the larger Nonce_1 becomes the commanding UE. */
	if (procedure->step != STEP_REQUESTED || order < 0)
		return false;
	if (!order) {
		uint32_t value;

		/* by the text both would ignore it and both release the link in the end */
		link->ue->config.random(link->ue->config.context, (uint8_t *)&value,
					sizeof(value));
		procedure->step = STEP_BACKOFF;
		procedure->deadline = now + 1 + value % (timers->t4112 ? timers->t4112 : 1);
		return false;
	}
	return true;
}

void rekey_receive_request(struct link *link, uint64_t now, const struct ue_receive *receive,
			   const struct pc5s_message *message)
{
	struct ue *ue = link->ue;
	const struct ue_config *config = &ue->config;
	struct pc5s_method_container container;
	struct procedure *procedure;
	struct agreement agreement;
	char why[KEYING_TEXT_MAX] = "Its security policy does not come as this UE wants it.";
	bool fits;

	if (!link->live || link->release.running || !admissible(link, now, receive, message)) {
		if (!link->live)
			ue->stats.unexpected++;
		return;
	}
	procedure_discard(link);
	procedure = procedure_new(link, now, PROCEDURE_REKEY, KEYING_UE_2);
	if (!procedure || !procedure_set_request(procedure, receive->message, receive->len)) {
		procedure_end(link);
		return;
	}
	procedure->heard = true;
	procedure_take_echoes(procedure, message);
	fits = (config->strict_24334 ? !pc5s_has_extensions(message) :
		pc5s_has(message, PC5S_IE_SECURITY_POLICY)) &&
	       negotiate(config, message->capabilities,
			 config->strict_24334 ? NULL : &message->policy, &agreement, why,
			 sizeof(why));
	if (!fits) {
		/* TS 24.334 has no reject for this; the extension tells the peer */
		if (!config->strict_24334)
			establish_abort(link, PC5S_CAUSE_CAPABILITIES);
		procedure_fail(link, now, PC5S_CAUSE_CAPABILITIES, true, why);
		return;
	}
	if (procedure->sent.auth_flag || !lifetime_kd_usable(link, now)) {
		establish_start(link, now, embedded_goes_on(link, &container) ? &container : NULL);
		return;
	}
	procedure->kd = link->kd;
	snprintf(procedure->identity, sizeof(procedure->identity), "%s", link->identity);
	smc_command(link, now);
}

static void rekeyed(struct link *link, bool by_peer, bool kd_changed)
{
	report(link, UE_REPORT_REKEYED, 0, by_peer, "Rekeyed with %s: %s.", NAME(link),
	       kd_changed ? "new KD and KD-sess" : "new KD-sess");
	link->ue->last->action.report.kd_changed = kd_changed;
}

/*
 * A rekeying is over. The kernel tells of each limit of COUNT once, and may have done so
 * meanwhile, of the association that sends now: UE_1 sends under the new one before the
 * RESPONSE is there, and may use it up; or the rekeying failed, and the old one is in use
 * still. Nobody would ask again, and in the end nothing more could be sent.
 */
void rekey_worn(struct link *link, uint64_t now)
{
	bool worn = link->worn_id && link->worn_id == link_tx_id(link);
	char why[KEYING_TEXT_MAX];

	link->worn_id = 0;
	if (worn)
		rekey_start(link, now, false, why, sizeof(why));
}

/* UE_2: COMPLETE came. */
void rekey_secured(struct link *link, uint64_t now)
{
	struct procedure *procedure = link->procedure;
	struct pc5s_message message = { .type = PC5S_REKEYING_RESPONSE };

	procedure_commit(link, now);
	procedure_send(link, &message, UE_BEARER_SIGNALLING, UE_PROTECT_FULL,
		       procedure->kd_sess_id);
	rekeyed(link, true, procedure->kd_is_new);
	link_remember_answer(link, &procedure->last, procedure->nonce_1, now);
	procedure_end(link);
	link_show(link);
	rekey_worn(link, now);
}

/* UE_1: UE_2 uses the new association. */
void rekey_finish(struct link *link, uint64_t now)
{
	struct procedure *procedure = link->procedure;

	procedure_commit(link, now);
	rekeyed(link, false, procedure->kd_is_new);
	link_remember_answer(link, NULL, procedure->nonce_1, now);
	procedure_end(link);
	link_show(link);
	rekey_worn(link, now);
}

void rekey_receive_response(struct link *link, uint64_t now, const struct ue_receive *receive)
{
	struct procedure *procedure = link->procedure;

	if (!procedure || procedure->kind != PROCEDURE_REKEY || procedure->role != KEYING_UE_1 ||
	    procedure->step != STEP_SECURING || receive->kd_sess_id != procedure->kd_sess_id) {
		link->ue->stats.unexpected++;
		return;
	}
	rekey_finish(link, now);
}
