// SPDX-License-Identifier: MIT
/* Direct link release, TS 24.334 10.4.4. Only within the live protected context. */
#include "link.h"

static void released(struct link *link, uint64_t now, uint8_t reason, bool by_peer,
		     const char *how)
{
	char name[LINK_NAME_MAX];

	link_name(link, name);
	/* D2D-Idle keeps KD, unless the peer is no longer allowed */
	link_down(link, reason != PC5S_RELEASE_NOT_ALLOWED);
	(void)now;
	report(link, UE_REPORT_RELEASED, reason, by_peer, "The link to %s was released%s.", name,
	       how);
}

void release_start(struct link *link, uint64_t now, uint8_t reason)
{
	struct pc5s_message message = { .type = PC5S_RELEASE, .release_reason = reason };

	procedure_discard(link);
	keepalive_stop(link);
	link->release.running = true;
	link->release.reason = reason;
	link->release.tries = 0;
	link->release.deadline = now + link->ue->config.timers.t4103;
	link_send_protected(link, &message, link_tx_id(link), &link->release.message);
	link_show(link);
}

void release_now(struct link *link, uint64_t now, uint8_t reason, bool keep_kd)
{
	struct pc5s_message message = { .type = PC5S_RELEASE, .release_reason = reason };

	(void)now;
	link_send_protected(link, &message, link_tx_id(link), NULL);
	link_down(link, keep_kd);
}

void release_receive(struct link *link, uint64_t now, const struct ue_receive *receive,
		     const struct pc5s_message *message)
{
	struct pc5s_message accept = { .type = PC5S_RELEASE_ACCEPT };
	struct procedure *procedure = link->procedure;
	bool own = link->release.running;

	link_send_protected(link, &accept, receive->kd_sess_id, NULL);
	if (procedure && procedure->kind == PROCEDURE_SETUP &&
	    receive->kd_sess_id == procedure->kd_sess_id) {
		/* the peer was secured and changed its mind before the setup ended */
		procedure_fail(link, now, message->release_reason == PC5S_RELEASE_NOT_ALLOWED ?
			       PC5S_CAUSE_NOT_ALLOWED : PC5S_CAUSE_SETUP_FAILED, true,
			       message->release_reason == PC5S_RELEASE_NOT_ALLOWED ?
			       "The peer released the link: communication is not allowed." :
			       "The peer released the link before the setup had ended.");
		return;
	}
	if (!link->live)
		return;
	if (message->release_reason == PC5S_RELEASE_NOT_ALLOWED)
		link_set_failure(link, now,
				 "%s released the link: communication is no longer allowed.",
				 NAME(link));
	released(link, now, message->release_reason, !own,
		 own ? "" : message->release_reason == PC5S_RELEASE_NOT_NEEDED ?
		 " by the peer: no longer needed" :
		 message->release_reason == PC5S_RELEASE_NOT_ALLOWED ?
		 " by the peer: no longer allowed" :
		 " by the peer: the connection is not available any more");
}

void release_receive_accept(struct link *link, uint64_t now)
{
	if (!link->release.running) {
		link->ue->stats.unexpected++;
		return;
	}
	released(link, now, link->release.reason, false, "");
}

/* T4103 */
void release_expire(struct link *link, uint64_t now)
{
	const struct ue_timers *timers = &link->ue->config.timers;

	if (link->release.tries >= timers->retries) {
		released(link, now, link->release.reason, false,
			 "; the peer did not confirm it");
		return;
	}
	link->release.tries++;
	link->release.deadline = now + timers->t4103;
	link_send_again(link, &link->release.message, NULL);
}
