// SPDX-License-Identifier: MIT
/*
 * Links and the kernel's peers, brought together: after a start, when the kernel still has
 * those of an earlier run (D11), and after events were lost.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "daemon.h"

/* Of one peer, as many as the core takes: the sending one, and those within their grace. */
#define ASSOCS_MAX	8

static uint64_t now(const struct daemon *daemon)
{
	return daemon->setup.now_ms(daemon->setup.context);
}

static const struct state_link *stored(const struct state *state, uint32_t l2_id)
{
	size_t i;

	for (i = 0; state && i < state->n_links; i++)
		if (state->links[i].info.l2_id == l2_id)
			return &state->links[i];
	return NULL;
}

/* The association that sends; *ids gets all of the peer. What is too many goes at once. */
static const struct prose_nl_assoc *assocs_of(const struct kernel *kernel,
					      const struct prose_nl_assoc *assocs, size_t n,
					      uint32_t l2_id, uint16_t *ids, size_t *n_ids)
{
	const struct prose_nl_assoc *sending = NULL;
	size_t i;

	*n_ids = 0;
	for (i = 0; i < n; i++)
		if (assocs[i].l2_id == l2_id && assocs[i].tx)
			sending = &assocs[i];
	if (!sending)
		return NULL;
	ids[(*n_ids)++] = sending->kd_sess_id;
	for (i = 0; i < n; i++) {
		if (assocs[i].l2_id != l2_id || &assocs[i] == sending)
			continue;
		if (*n_ids < ASSOCS_MAX)
			ids[(*n_ids)++] = assocs[i].kd_sess_id;
		else if (kernel->ops->assoc_del(kernel->context, l2_id, assocs[i].kd_sess_id))
			log_debug("KD-sess %04x was gone already", assocs[i].kd_sess_id);
	}
	return sending;
}

/* What the kernel knows better than the store. */
static void from_kernel(struct ue_link_info *info, const struct prose_nl_peer *peer,
			const struct prose_nl_assoc *sending)
{
	uint32_t first = (uint32_t)sending->kd_sess_id << 16 | 1;
	size_t i;

	info->l2_id = peer->l2_id;
	info->local_l2_id = peer->has_local_l2_id ? peer->local_l2_id : 0;
	info->remote_l2_id = peer->has_remote_l2_id ? peer->remote_l2_id : 0;
	info->state = UE_LINK_CONNECTED;
	info->eea = sending->eea;
	info->eia = sending->eia;
	info->up_integrity = sending->up_integrity;
	/*
	 * Is the KD of that time the one this association came from? Not if there was a rekeying
	 * between the last write and the death of the daemon.
	 */
	if (info->kd_sess_id != sending->kd_sess_id)
		info->kd_id = 0;
	info->kd_sess_id = sending->kd_sess_id;
	info->is_ue_1 = !sending->direction;
	info->count_profile = sending->count_start == first ? UE_COUNT_SESS_ID : UE_COUNT_HFN;
	info->n_addresses = 0;
	for (i = 0; i < peer->n_addresses && i < UE_ADDRESSES_MAX; i++) {
		struct ue_address *address = &info->addresses[info->n_addresses++];

		address->family = peer->addresses[i].family;
		memcpy(address->addr, peer->addresses[i].addr, sizeof(address->addr));
	}
}

void daemon_restore(struct daemon *daemon, const struct store_peers *before)
{
	char why[KEYING_TEXT_MAX], id[TEXT_L2_ID_LEN];
	size_t i, restored = 0;

	for (i = 0; i < before->n; i++) {
		struct ue_idle idle = before->list[i];
		const struct config_peer *peer = config_peer(daemon->config, idle.identity);

		/* The section knows better where it is by now. */
		if (peer && peer->l2_id)
			idle.l2_id = peer->l2_id;
		if (!ue_restore(daemon->ue, now(daemon), &idle, why, sizeof(why))) {
			restored++;
		} else {
			log_notice("%s (%s): what was kept of it is dropped: %s", idle.identity,
				   text_l2_id(idle.l2_id, id), why);
			daemon->keep_ms = now(daemon);
		}
		OPENSSL_cleanse(&idle, sizeof(idle));
	}
	if (restored)
		log_info("%zu peer%s may reconnect without a key establishment", restored,
			 restored == 1 ? "" : "s");
	/*
	 * What the core has to say of it waits for daemon_start(): written now, the state would
	 * have none of the links that are about to be taken over.
	 */
}

static void drop_peer(struct daemon *daemon, uint32_t l2_id, const char *because)
{
	const struct kernel *kernel = &daemon->setup.kernel;
	char name[DAEMON_NAME_MAX];

	log_warning("%s: not taken over: %s", daemon_name(daemon, l2_id, name), because);
	if (kernel->ops->peer_del(kernel->context, l2_id))
		log_error("%s: the kernel keeps it: %s", name,
			  kernel->ops->error(kernel->context));
}

static void adopt_one(struct daemon *daemon, const struct state *before,
		      const struct prose_nl_peer *peer, const struct prose_nl_assoc *assocs,
		      size_t n_assocs)
{
	const struct state_link *known = stored(before, peer->l2_id);
	const struct prose_nl_assoc *sending;
	struct ue_link_info info = { 0 };
	char name[DAEMON_NAME_MAX], why[KEYING_TEXT_MAX];
	uint16_t ids[ASSOCS_MAX];
	size_t n_ids;

	sending = assocs_of(&daemon->setup.kernel, assocs, n_assocs, peer->l2_id, ids, &n_ids);
	if (!sending) {
		drop_peer(daemon, peer->l2_id, "its setup had not ended");
		return;
	}
	if (!known || !known->info.identity[0]) {
		drop_peer(daemon, peer->l2_id, "nothing is stored about who it is");
		return;
	}
	info = known->info;
	from_kernel(&info, peer, sending);
	if (!policy_authorise(daemon, info.identity, info.l2_id, info.addresses, info.n_addresses,
			      why, sizeof(why))) {
		drop_peer(daemon, peer->l2_id, why);
		return;
	}
	if (ue_adopt(daemon->ue, now(daemon), &info, ids, n_ids)) {
		drop_peer(daemon, peer->l2_id, "it does not fit, or memory is out");
		return;
	}
	log_notice("%s: taken over, KD-sess %04x", daemon_name(daemon, peer->l2_id, name),
		   sending->kd_sess_id);
}

void adopt_links(struct daemon *daemon, const struct state *before)
{
	const struct kernel *kernel = &daemon->setup.kernel;
	struct prose_nl_assoc *assocs = NULL;
	struct prose_nl_peer *peers = NULL;
	size_t n_assocs = 0, n_peers = 0, i;

	for (i = 0; before && i < before->n_links; i++) {
		uint32_t l2_id = before->links[i].info.l2_id;
		struct history_peer *history;

		if (!before->links[i].held)
			continue;
		history = history_touch(&daemon->history, l2_id,
					config_peer_by_l2_id(daemon->config, l2_id));
		if (history)
			history->held = true;
	}
	if (kernel->ops->peer_dump(kernel->context, &peers, &n_peers) ||
	    kernel->ops->assoc_dump(kernel->context, &assocs, &n_assocs)) {
		log_error("%s: its peers cannot be read: %s", daemon->ifname,
			  kernel->ops->error(kernel->context));
		free(peers);
		return;
	}
	for (i = 0; i < n_peers; i++)
		adopt_one(daemon, before, &peers[i], assocs, n_assocs);
	free(assocs);
	free(peers);
}

static const struct prose_nl_assoc *find_assoc(const struct prose_nl_assoc *assocs, size_t n,
					       uint32_t l2_id, uint16_t kd_sess_id)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (assocs[i].l2_id == l2_id && assocs[i].kd_sess_id == kd_sess_id)
			return &assocs[i];
	return NULL;
}

void adopt_compare(struct daemon *daemon)
{
	const struct kernel *kernel = &daemon->setup.kernel;
	struct prose_nl_assoc *assocs = NULL;
	const struct prose_nl_assoc *sending;
	size_t n_assocs = 0, n_links, i, j;
	struct ue_link_info *links;

	if (kernel->ops->assoc_dump(kernel->context, &assocs, &n_assocs)) {
		log_limited(&daemon->warnings, now(daemon), LOG_LEVEL_ERROR,
			    "%s: its associations cannot be read: %s", daemon->ifname,
			    kernel->ops->error(kernel->context));
		return;
	}
	links = daemon_links(daemon, &n_links);
	for (i = 0; i < n_links; i++) {
		if (!daemon_link_connected(links[i].state) || !links[i].kd_sess_id)
			continue;
		sending = find_assoc(assocs, n_assocs, links[i].l2_id, links[i].kd_sess_id);
		if (!sending) {
			ue_assoc_gone(daemon->ue, now(daemon), links[i].l2_id, links[i].kd_sess_id);
			continue;
		}
		for (j = 0; j < sending->n_bearers; j++) {
			const struct prose_nl_bearer *bearer = &sending->bearers[j];

			if (!bearer->has_tx_next)
				ue_count_exhausted(daemon->ue, now(daemon), links[i].l2_id,
						   links[i].kd_sess_id);
			else if (bearer->tx_next >= sending->count_soft)
				ue_count_soft(daemon->ue, now(daemon), links[i].l2_id,
					      links[i].kd_sess_id);
		}
	}
	free(links);
	free(assocs);
}
