// SPDX-License-Identifier: MIT
/* Who may connect, with which Layer-2 ID and addresses; and whom a user means. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon.h"

const char *policy_expected(void *context, uint32_t l2_id)
{
	const struct daemon *daemon = context;
	const struct config_peer *peer = config_peer_by_l2_id(daemon->config, l2_id);

	return peer ? peer->identity : NULL;
}

const struct ue_expressions *policy_asks(void *context, uint32_t l2_id)
{
	const struct daemon *daemon = context;
	const struct config_peer *peer = config_peer_by_l2_id(daemon->config, l2_id);

	return peer ? &peer->asks : NULL;
}

static bool configured_address(const struct config_peer *peer, const struct ue_address *address)
{
	size_t i;

	for (i = 0; i < peer->n_addresses; i++)
		if (text_address_equal(&peer->addresses[i], address))
			return true;
	return false;
}

/* A network's own and broadcast address belong to nobody. */
static bool usable_in(const struct ue_address *address, const struct config_address *own)
{
	uint32_t host, mask;

	if (!text_address_within(address, &own->address, own->prefix))
		return false;
	if (address->family == 6 || own->prefix >= 31)
		return true;
	mask = 0xffffffffU >> own->prefix;
	host = (uint32_t)address->addr[0] << 24 | (uint32_t)address->addr[1] << 16 |
	       (uint32_t)address->addr[2] << 8 | address->addr[3];
	host &= mask;
	return host && host != mask;
}

static bool allow_address(const struct daemon *daemon, const struct config_peer *peer,
			  uint32_t l2_id, const struct ue_address *address,
			  char *why, size_t why_len)
{
	const struct config_peer *other;
	char text[TEXT_ADDRESS_LEN];
	struct ue_link_info holder;
	size_t i;

	text_address(address, text);
	if (text_address_link_local(address)) {
		uint8_t expected[16];

		netif_local_address(l2_id, expected);
		if (!memcmp(expected, address->addr, 16))
			return true;
		/* Other stacks number as they like; only ours must not be taken. */
		netif_local_address(daemon->local_from, expected);
		if (memcmp(expected, address->addr, 16))
			goto collisions;
		snprintf(why, why_len, "It claims our own link-local address %s.", text);
		return false;
	}
	for (i = 0; i < daemon->config->n_addresses; i++) {
		if (!text_address_equal(&daemon->config->addresses[i].address, address))
			continue;
		snprintf(why, why_len, "It claims our own address %s.", text);
		return false;
	}
	if (peer && peer->n_addresses) {
		if (configured_address(peer, address))
			goto collisions;
		snprintf(why, why_len, "It claims %s, which is not among the addresses configured "
			 "for it.", text);
		return false;
	}
	for (i = 0; i < daemon->config->n_addresses; i++)
		if (usable_in(address, &daemon->config->addresses[i]))
			break;
	if (i == daemon->config->n_addresses) {
		snprintf(why, why_len, "It claims %s, which lies in none of our overlay subnets; "
			 "name it in addresses of its section peer if that is meant.", text);
		return false;
	}
collisions:
	other = config_peer_by_address(daemon->config, address);
	if (other && other != peer) {
		snprintf(why, why_len, "It claims %s, which is configured for %.160s.", text,
			 other->identity);
		return false;
	}
	if (ue_address_holder(daemon->ue, address, l2_id, &holder)) {
		snprintf(why, why_len, "It claims %s, which %.160s holds.", text, holder.identity);
		return false;
	}
	return true;
}

bool policy_authorise(void *context, const char *identity, uint32_t l2_id,
		      const struct ue_address *addresses, size_t n_addresses,
		      char *why, size_t why_len)
{
	const struct daemon *daemon = context;
	const struct config_peer *peer = config_peer(daemon->config, identity);
	const struct config_peer *other = config_peer_by_l2_id(daemon->config, l2_id);
	char id[TEXT_L2_ID_LEN];
	size_t i;

	text_l2_id(l2_id, id);
	if (daemon->stopping) {
		snprintf(why, why_len, "prosed is about to end.");
		return false;
	}
	if (!peer && !daemon->config->any_authenticated) {
		snprintf(why, why_len, "%.100s has no section peer in the configuration, and accept "
			 "is \"configured\".", identity);
		return false;
	}
	if (peer && peer->l2_id && peer->l2_id != l2_id) {
		char wanted[TEXT_L2_ID_LEN];

		snprintf(why, why_len, "%.160s is configured with Layer-2 ID %s, not %s.",
			 identity, text_l2_id(peer->l2_id, wanted), id);
		return false;
	}
	if (other && other != peer) {
		snprintf(why, why_len, "Layer-2 ID %s is configured for %.90s, not for %.90s.", id,
			 other->identity, identity);
		return false;
	}
	for (i = 0; i < n_addresses; i++)
		if (!allow_address(daemon, peer, l2_id, &addresses[i], why, why_len))
			return false;
	return true;
}

/* "ue2" of "urn:prose:ue2", the part behind the last separator. */
static const char *last_part(const char *identity)
{
	const char *last = identity, *c;

	for (c = identity; *c; c++)
		if ((*c == ':' || *c == '/') && c[1])
			last = c + 1;
	return last;
}

int policy_resolve(const struct daemon *daemon, const char *name, uint32_t *l2_id,
		   const char **identity, char *why, size_t why_len)
{
	const struct config_peer *peer = config_peer(daemon->config, name), *match = NULL;
	struct ue_link_info *links;
	size_t n, i;
	int found = 0;

	*identity = NULL;
	for (i = 0; !peer && i < daemon->config->n_peers; i++) {
		if (strcmp(last_part(daemon->config->peers[i].identity), name))
			continue;
		if (match) {
			snprintf(why, why_len, "\"%.60s\" may mean %.80s or %.80s; write it out.",
				 name, match->identity, daemon->config->peers[i].identity);
			return -1;
		}
		match = &daemon->config->peers[i];
	}
	if (!peer)
		peer = match;
	if (!peer && text_to_l2_id(name, l2_id)) {
		peer = config_peer_by_l2_id(daemon->config, *l2_id);
		*identity = peer ? peer->identity : NULL;
		return 0;
	}
	/* A peer may have come without a section, or its section without a Layer-2 ID. */
	links = daemon_links(daemon, &n);
	for (i = 0; i < n; i++) {
		if (peer ? strcmp(links[i].identity, peer->identity) :
			   strcmp(links[i].identity, name) && strcmp(last_part(links[i].identity), name))
			continue;
		*l2_id = links[i].l2_id;
		found++;
	}
	free(links);
	if (peer)
		*identity = peer->identity;
	if (peer && peer->l2_id) {
		*l2_id = peer->l2_id;
		return 0;
	}
	if (found == 1)
		return 0;
	if (peer)
		snprintf(why, why_len, "Peer %.120s has no layer2-id in its section; write one, or "
			 "let it connect to us.", peer->identity);
	else if (found)
		snprintf(why, why_len, "\"%.100s\" may mean several peers; write the Layer-2 ID.",
			 name);
	else
		snprintf(why, why_len, "There is no peer \"%.100s\"; `prose show` lists the peers, "
			 "and %.80s has room for another section peer.", name, daemon->config->path);
	return -1;
}
