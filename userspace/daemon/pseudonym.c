// SPDX-License-Identifier: MIT
/*
 * layer2-id = "random": another Layer-2 ID for each time of being connected. Every frame carries
 * it, so who listens can follow a device by it (threat 14).
 *
 * It changes just before this UE asks for a link, when it has none and the present one has been on
 * the air: the kernel has one Layer-2 ID for all links of a device, and associations depend on it.
 * Peers find what they keep of us by connection identity (core/idle.c).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/rand.h>

#include "daemon.h"

#define TRIES	8	/* another device, or a peer, may have the one drawn */

static bool quiet(const struct daemon *daemon)
{
	struct ue_link_info *links;
	bool none = true;
	size_t n, i;

	links = daemon_links(daemon, &n);
	for (i = 0; i < n; i++)
		none = none && !daemon_link_live(links[i].state);
	free(links);
	return none;
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
	uint32_t before = daemon->l2_id, l2_id;
	char why[CONFIG_WHY_MAX];
	int err = -EADDRINUSE, i;

	if (!daemon->config->l2_random || !daemon->l2_on_air || !quiet(daemon))
		return;
	for (i = 0; i < TRIES && err == -EADDRINUSE && draw(daemon, &l2_id); i++)
		err = kernel->ops->l2_id_set(kernel->context, l2_id);
	if (err) {
		log_limited(&daemon->warnings, daemon->setup.now_ms(daemon->setup.context),
			    LOG_LEVEL_WARNING, "%s keeps its Layer-2 ID: %s", daemon->ifname,
			    kernel->ops->error(kernel->context));
		return;
	}
	daemon->l2_id = l2_id;
	if (daemon_reconfigure(daemon, why, sizeof(why))) {
		/* A link that has come about this moment, or no memory: both can wait. */
		log_warning("%s keeps its Layer-2 ID: %s", daemon->ifname, why);
		daemon->l2_id = before;
		if (kernel->ops->l2_id_set(kernel->context, before))
			log_error("%s", kernel->ops->error(kernel->context));
		return;
	}
	daemon->l2_on_air = false;
	daemon->dirty = true;	/* the link-local address is another */
}
