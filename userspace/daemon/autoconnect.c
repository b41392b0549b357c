// SPDX-License-Identifier: MIT
/* Connections nobody asked for by hand: auto-connect, and traffic that finds no association. */
#include <string.h>

#include "daemon.h"

/*
 * Setups that run at once because the configuration says so. More of them would only wait for each
 * other: for the air, for the kernel's limit of unprotected messages, and for the peers' of half-open
 * setups from one station.
 */
#define PENDING_MAX	16

static uint64_t now(const struct daemon *daemon)
{
	return daemon->setup.now_ms(daemon->setup.context);
}

static bool idle(const struct daemon *daemon, uint32_t l2_id)
{
	return !daemon_link_live(ue_link_state(daemon->ue, l2_id));
}

/* May one more setup begin? */
static bool has_room(const struct daemon *daemon)
{
	size_t pending = 0, i;

	for (i = 0; i < daemon->config->n_peers; i++) {
		const struct config_peer *peer = &daemon->config->peers[i];

		if (!peer->auto_connect)
			continue;
		switch (ue_link_state(daemon->ue, peer->l2_id)) {
		case UE_LINK_REQUESTED:
		case UE_LINK_KEYING:
		case UE_LINK_SECURING:
		case UE_LINK_ACCEPTING:
			pending++;
			break;
		default:
			break;
		}
	}
	return pending < PENDING_MAX;
}

static void connect_to(struct daemon *daemon, const struct config_peer *peer, const char *because)
{
	char name[DAEMON_NAME_MAX], why[KEYING_TEXT_MAX];
	struct history_peer *history = history_touch(&daemon->history, peer->l2_id, true);
	uint64_t now_ms = now(daemon);

	if (!history || history->held || history->next_try_ms > now_ms)
		return;
	log_debug("%s: connecting, %s", daemon_name(daemon, peer->l2_id, name), because);
	history->trying = true;
	pseudonym_refresh(daemon);
	if (ue_connect(daemon->ue, now_ms, peer->l2_id, peer->identity, why, sizeof(why)))
		history_failed(history, now_ms, 0, why);
	daemon_drain(daemon);
}

void autoconnect_run(struct daemon *daemon)
{
	const struct config *config = daemon->config;
	size_t i;

	if (daemon->stopping)
		return;
	/* On from where it ended last, or peers that are not there would keep others waiting. */
	for (i = 0; i < config->n_peers && has_room(daemon); i++) {
		const struct config_peer *peer;

		if (daemon->next_auto >= config->n_peers)
			daemon->next_auto = 0;
		peer = &config->peers[daemon->next_auto++];
		if (peer->auto_connect && idle(daemon, peer->l2_id))
			connect_to(daemon, peer, "as configured");
	}
}

uint64_t autoconnect_deadline(const struct daemon *daemon)
{
	uint64_t earliest = UINT64_MAX;
	size_t i;

	/* Without room it is the end of a setup, an event, that makes some. */
	if (daemon->stopping || !has_room(daemon))
		return earliest;
	for (i = 0; i < daemon->config->n_peers; i++) {
		const struct config_peer *peer = &daemon->config->peers[i];
		const struct history_peer *history;

		if (!peer->auto_connect || !idle(daemon, peer->l2_id))
			continue;
		history = history_find(&daemon->history, peer->l2_id);
		if (!history || history->held)
			continue;
		/* A link that ended without a failure is tried at once, and paced by its failures. */
		if (history->next_try_ms < earliest)
			earliest = history->next_try_ms;
	}
	return earliest;
}

void autoconnect_wanted(struct daemon *daemon, const struct prose_nl_wanted *wanted)
{
	const struct config_peer *peer = NULL;
	struct ue_address address = { 0 };

	if (!daemon->config->on_demand || daemon->stopping)
		return;
	if (wanted->has_l2_id) {
		peer = config_peer_by_l2_id(daemon->config, wanted->l2_id);
	} else if (wanted->has_address) {
		address.family = wanted->address.family;
		memcpy(address.addr, wanted->address.addr, sizeof(address.addr));
		peer = config_peer_by_address(daemon->config, &address);
	}
	if (peer && peer->l2_id && idle(daemon, peer->l2_id))
		connect_to(daemon, peer, "a packet wants to go there");
}
