// SPDX-License-Identifier: MIT
/*
 * layer2-id = "random": another Layer-2 ID for each setup. Every frame of a setup carries it, and
 * every frame of a link that has none of its own, so who listens can follow a device by it
 * (threat 14).
 *
 * It changes just before this UE asks for a link, when the present one has been on the air and
 * nothing depends on it any more. A link depends on it that has no Layer-2 IDs of its own
 * (core/layer2.c), and one that is so young that the end of its setup may have to be sent again.
 * Peers find what they keep of us by connection identity (core/idle.c).
 *
 * The link-local address stays as long as there are links: peers know us by it, under the cipher.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/rand.h>

#include "daemon.h"

#define YOUNG_MS	30000	/* longer than anybody repeats the end of a setup */
#define TRIES	8	/* another device, or a peer, may have the one drawn */

enum dependence {
	NO_LINK,
	INDEPENDENT,	/* there are links, with Layer-2 IDs of their own */
	DEPENDENT,
};

static enum dependence dependence(const struct daemon *daemon)
{
	uint64_t now_ms = daemon->setup.now_ms(daemon->setup.context);
	enum dependence found = NO_LINK;
	struct ue_link_info *links;
	size_t n, i;

	links = daemon_links(daemon, &n);
	for (i = 0; i < n && found != DEPENDENT; i++) {
		if (!daemon_link_live(links[i].state))
			continue;
		found = links[i].state == UE_LINK_CONNECTED && links[i].remote_l2_id &&
			links[i].connected_ms + YOUNG_MS <= now_ms ? INDEPENDENT : DEPENDENT;
	}
	free(links);
	return found;
}

static bool draw(const struct daemon *daemon, uint32_t *l2_id)
{
	uint8_t octets[3];

	do {
		if (RAND_bytes(octets, sizeof(octets)) != 1)
			return false;
		*l2_id = (uint32_t)octets[0] << 16 | (uint32_t)octets[1] << 8 | octets[2];
	} while (!*l2_id || *l2_id == daemon->l2_id || config_peer_by_l2_id(daemon->config, *l2_id));
	return true;
}

void pseudonym_refresh(struct daemon *daemon)
{
	const struct kernel *kernel = &daemon->setup.kernel;
	uint32_t before = daemon->l2_id, l2_id, local_from = daemon->local_from;
	enum dependence links;
	char why[CONFIG_WHY_MAX];
	int err = -EADDRINUSE, i;

	if (!daemon->config->l2_random || !daemon->l2_on_air)
		return;
	links = dependence(daemon);
	if (links == DEPENDENT)
		return;
	for (i = 0; i < TRIES && err == -EADDRINUSE && draw(daemon, &l2_id); i++)
		err = kernel->ops->l2_id_set(kernel->context, l2_id, links == NO_LINK);
	if (err) {
		log_limited(&daemon->warnings, daemon->setup.now_ms(daemon->setup.context),
			    LOG_LEVEL_WARNING, "%s keeps its Layer-2 ID: %s", daemon->ifname,
			    kernel->ops->error(kernel->context));
		return;
	}
	daemon->l2_id = l2_id;
	if (links == NO_LINK)
		daemon->local_from = l2_id;
	if (daemon_reconfigure(daemon, why, sizeof(why))) {
		/* A link that has come about this moment, or no memory: both can wait. */
		log_warning("%s keeps its Layer-2 ID: %s", daemon->ifname, why);
		daemon->l2_id = before;
		daemon->local_from = local_from;
		if (kernel->ops->l2_id_set(kernel->context, before, links == NO_LINK))
			log_error("%s", kernel->ops->error(kernel->context));
		return;
	}
	daemon->l2_on_air = false;
	daemon->dirty = true;	/* the link-local address is another */
}
