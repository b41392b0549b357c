// SPDX-License-Identifier: MIT
/*
 * Peers with one association each on a device of this namespace, with keys that both ends make the
 * same way: what is measured needs no daemon.
 *
 * usage: peers DEVICE OWN PEER ADDRESS CARRIER EEA EIA INTEGRITY [TALKING N]
 *
 * OWN and PEER are Layer-2 IDs in hexadecimal; the end with the lower is UE_2, DIRECTION 1. ADDRESS
 * is the peer's, CARRIER its Ethernet address or IPv4:PORT, INTEGRITY 1 if user data has MAC-I.
 * TALKING peers have IDs from PEER on and addresses one of the third octet apart; among N in all, the
 * others of which nobody talks to, with addresses in 100.64.0.0/10.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prose-nl.h"

static struct prose_nl *nl;
static unsigned int ifindex;

static void die(const char *what)
{
	fprintf(stderr, "peers: %s: %s\n", what, prose_nl_error(nl));
	exit(1);
}

/* Where its frames go, as both carriers have it; false if @text is neither's. */
static bool carrier_of(const char *text, struct prose_nl_peer *peer)
{
	unsigned int mac[6], port, i;
	char ip[16];

	if (sscanf(text, "%x:%x:%x:%x:%x:%x", mac, mac + 1, mac + 2, mac + 3, mac + 4, mac + 5) == 6) {
		peer->carrier_addr_len = 6;
		for (i = 0; i < 6; i++)
			peer->carrier_addr[i] = (uint8_t)mac[i];
		return true;
	}
	/* IPv4-mapped, then the port. */
	if (sscanf(text, "%15[0-9.]:%u", ip, &port) != 2 ||
	    inet_pton(AF_INET, ip, peer->carrier_addr + 12) != 1)
		return false;
	memset(peer->carrier_addr + 10, 0xff, 2);
	peer->carrier_addr[16] = (uint8_t)(port >> 8);
	peer->carrier_addr[17] = (uint8_t)port;
	peer->carrier_addr_len = 18;
	return true;
}

/* @address: IPv4, network order; @like: a peer with what all of them have in common */
static void add(uint32_t own, uint32_t l2_id, const uint8_t address[4],
		const struct prose_nl_peer *like, const struct prose_nl_assoc_config *how)
{
	struct prose_nl_peer peer = *like;
	struct prose_nl_assoc_config config = *how;
	uint32_t low = own < l2_id ? own : l2_id, high = own < l2_id ? l2_id : own;
	size_t i;

	peer.ifindex = ifindex;
	peer.l2_id = l2_id;
	peer.n_addresses = 1;
	peer.addresses[0].family = 4;
	memcpy(peer.addresses[0].addr, address, 4);
	if (prose_nl_peer_new(nl, &peer, NULL))
		die("peer");
	for (i = 0; i < sizeof(config.pek); i++) {
		config.pek[i] = (uint8_t)(low >> 8 * (i % 3));
		config.pik[i] = (uint8_t)(high >> 8 * (i % 3) ^ 0x55);
	}
	config.direction = own == low;
	if (prose_nl_assoc_new(nl, ifindex, l2_id, &config, NULL))
		die("association");
}

int main(int argc, char **argv)
{
	struct prose_nl_assoc_config how = {
		.kd_sess_id = 0x0101, .count_start = 1, .count_limit = 0xffffffff, .window = 2048,
		.tx = true,
	};
	unsigned long own, peer, n = 1, talking = 1, i;
	struct prose_nl_peer like = { 0 };
	uint8_t address[4];
	char why[256] = "";

	if (argc != 9 && argc != 11) {
		fprintf(stderr, "usage: peers DEVICE OWN PEER ADDRESS CARRIER EEA EIA INTEGRITY [TALKING N]\n");
		return 2;
	}
	own = strtoul(argv[2], NULL, 16);
	peer = strtoul(argv[3], NULL, 16);
	if (!carrier_of(argv[5], &like)) {
		fprintf(stderr, "peers: '%s' is no Ethernet address and no IPv4:PORT\n", argv[5]);
		return 2;
	}
	if (inet_pton(AF_INET, argv[4], address) != 1) {
		fprintf(stderr, "peers: '%s' is no IPv4 address\n", argv[4]);
		return 2;
	}
	how.eea = (uint8_t)atoi(argv[6]);
	how.eia = (uint8_t)atoi(argv[7]);
	how.up_integrity = atoi(argv[8]);
	if (argc == 11) {
		talking = strtoul(argv[9], NULL, 10);
		n = strtoul(argv[10], NULL, 10);
	}

	nl = prose_nl_open(why, sizeof(why));
	ifindex = if_nametoindex(argv[1]);
	if (!nl || !ifindex) {
		fprintf(stderr, "peers: %s\n", nl ? "there is no such device here" : why);
		return 1;
	}
	for (i = 0; i < talking; i++, address[2]++)
		add((uint32_t)own, (uint32_t)(peer + i), address, &like, &how);
	for (; i < n; i++) {
		const uint8_t idle[4] = { 100, (uint8_t)(64 + (i >> 16)), (uint8_t)(i >> 8), (uint8_t)i };

		add((uint32_t)own, (uint32_t)(0x800000 + i), idle, &like, &how);
	}
	prose_nl_close(nl);
	return 0;
}
