// SPDX-License-Identifier: MIT
/*
 * Direct link keepalive, TS 24.334 10.4.3. Both ends probe. Only what the kernel verified
 * counts as a sign of life, else a forger could keep a dead link alive (threat 19).
 */
#include "link.h"

void keepalive_stop(struct link *link)
{
	link->t4101 = link->t4102 = link->t4108 = NEVER;
	link->keepalive_tries = 0;
	outgoing_free(&link->keepalive);
}

void keepalive_start(struct link *link, uint64_t now)
{
	keepalive_stop(link);
	link->keepalive_counter = 0;
	link->t4102 = now + link->ue->config.timers.t4102;
}

/*
 * What we call the Maximum Inactivity Period, seconds: silence in which every keepalive of
 * ours would have been lost, twice over.
 */
uint32_t keepalive_period(const struct ue *ue)
{
	const struct ue_timers *timers = &ue->config.timers;
	uint64_t ms = 2 * (timers->t4102 + (uint64_t)timers->t4101 * (timers->retries + 1));

	return ms / 1000 + 1 > UINT32_MAX ? UINT32_MAX : (uint32_t)(ms / 1000 + 1);
}

void keepalive_activity(struct link *link, uint64_t when)
{
	uint64_t next = when + link->ue->config.timers.t4102;

	if (link->t4101 != NEVER) {
		/* heard before we asked: no answer */
		if (when < link->keepalive_sent_ms)
			return;
		link->t4101 = NEVER;
		link->keepalive_tries = 0;
		link->t4102 = next;
	} else if (link->t4102 != NEVER && next > link->t4102) {
		link->t4102 = next;
	}
	if (link->t4108 != NEVER && when + link->t4108_period > link->t4108)
		link->t4108 = when + link->t4108_period;
}

/* COUNTs of the association the message goes under: what was sent, and received, so far. */
static void add_counts(const struct link *link, struct pc5s_message *message)
{
	const struct ue_config *config = &link->ue->config;
	struct ue_counts counts = { 0 };

	if (config->strict_24334 || !config->counts ||
	    !config->counts(config->context, link->l2_id, link_tx_id(link), &counts))
		return;
	for (size_t i = 0; i < counts.n && i < PC5S_COUNTS_MAX; i++) {
		message->counts.c[i].lcid = counts.c[i].bearer;
		message->counts.c[i].sent = counts.c[i].sent;
		message->counts.c[i].received = counts.c[i].received;
		message->counts.n++;
	}
	if (message->counts.n)
		message->has |= PC5S_BIT(PC5S_IE_COUNTS);
}

/*
 * Do the COUNTs of both ends still fit? NULL, or what is wrong. The peer read its own before it
 * sent the message, and ours are read now, so of what is on the way it may be behind and never
 * ahead: it can only have received more than was sent if somebody injected it, where user data has
 * no MAC-I. And it must not be so far behind that it can no longer tell the HFN.
 */
static const char *counts_differ(const struct pc5s_counts *peer, const struct ue_counts *own)
{
	for (size_t i = 0; i < peer->n; i++)
		for (size_t j = 0; j < own->n && j < PC5S_COUNTS_MAX; j++) {
			uint32_t sent = own->c[j].sent, received = peer->c[i].received;

			if (peer->c[i].lcid != own->c[j].bearer)
				continue;
			if (received > sent)
				return "it has received packets that were never sent";
			if (sent - received >= PROSE_COUNT_LOST)
				return "more packets in a row were lost than COUNT can make up for";
		}
	return NULL;
}

/* Counter check, design decision D3: new keys, and with them new COUNTs, are the cure. */
static void check_counts(struct link *link, uint64_t now, const struct ue_receive *receive,
			 const struct pc5s_message *message)
{
	const struct ue_config *config = &link->ue->config;
	struct ue_counts own = { 0 };
	char why[KEYING_TEXT_MAX];
	const char *differ;

	if (!pc5s_has(message, PC5S_IE_COUNTS) || !config->counts || link->procedure ||
	    now < link->resync_ms || receive->kd_sess_id != link_tx_id(link) ||
	    !config->counts(config->context, link->l2_id, receive->kd_sess_id, &own))
		return;
	differ = counts_differ(&message->counts, &own);
	if (!differ)
		return;
	/* who injects packets must not make us rekey without end */
	link->resync_ms = now + PROSE_RESYNC_MS;
	report_limited(link, now, UE_REPORT_NOTICE, 0, false,
		       "COUNTs with %s no longer fit: %s. New keys are made.", NAME(link), differ);
	rekey_start(link, now, false, why, sizeof(why));
}

static void ask(struct link *link, uint64_t now)
{
	struct pc5s_message message = {
		.type = PC5S_KEEPALIVE,
		.has = PC5S_BIT(PC5S_IE_MAX_INACTIVITY),
		.keepalive_counter = link->keepalive_counter,
		.max_inactivity = keepalive_period(link->ue),
	};

	add_counts(link, &message);
	link_send_protected(link, &message, link_tx_id(link), &link->keepalive);
	link->keepalive_sent_ms = now;
	link->keepalive_tries = 0;
	link->t4102 = NEVER;
	link->t4101 = now + link->ue->config.timers.t4101;
}

void keepalive_receive(struct link *link, uint64_t now, const struct ue_receive *receive,
		       const struct pc5s_message *message)
{
	struct pc5s_message ack = {
		.type = PC5S_KEEPALIVE_ACK,
		.keepalive_counter = message->keepalive_counter,
	};

	if (!link->live) {
		link->ue->stats.unexpected++;
		return;
	}
	if (pc5s_has(message, PC5S_IE_MAX_INACTIVITY) && message->max_inactivity) {
		link->t4108_period = (uint64_t)message->max_inactivity * 1000;
		link->t4108 = now + link->t4108_period;
	}
	add_counts(link, &ack);
	link_send_protected(link, &ack, link_tx_id(link), NULL);
	check_counts(link, now, receive, message);
}

void keepalive_receive_ack(struct link *link, uint64_t now, const struct ue_receive *receive,
			   const struct pc5s_message *message)
{
	if (!link->live || message->keepalive_counter != link->keepalive_counter ||
	    !link->keepalive.data) {
		link->ue->stats.unexpected++;
		return;
	}
	/* the message itself has restarted T4102 and stopped T4101 */
	link->keepalive_counter++;
	outgoing_free(&link->keepalive);
	check_counts(link, now, receive, message);
}

void keepalive_expire(struct link *link, uint64_t now)
{
	const struct ue_timers *timers = &link->ue->config.timers;

	if (link->t4108 <= now) {
		/* inactivity: 10.4.3.5 leaves the choice, a question is the milder one */
		link->t4108 = NEVER;
		if (link->t4101 == NEVER)
			ask(link, now);
	}
	if (link->t4102 <= now)
		ask(link, now);
	if (link->t4101 > now)
		return;
	if (link->keepalive_tries >= timers->retries) {
		link_set_failure(link, now, "%s no longer answers; the link is released.",
				 NAME(link));
		report(link, UE_REPORT_FAILED, 0, false, "%s", link->failure);
		release_now(link, now, PC5S_RELEASE_NOT_AVAILABLE, true);
		return;
	}
	link->keepalive_tries++;
	link->t4101 = now + timers->t4101;
	/* a rekeying may have replaced the association it went out under */
	link->keepalive.kd_sess_id = link_tx_id(link);
	link_send_again(link, &link->keepalive, NULL);
}
