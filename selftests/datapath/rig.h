/* SPDX-License-Identifier: MIT */
/*
 * One UE under test, the test program at the other end of the wire:
 *
 *	prose0 (0a:0b:0c, 10.0.0.1/24, fd00::1/64)
 *	  |
 *	eth0 ---------- wire0 <- this program, as peer 0a:0b:0d (10.0.0.2, fd00::2)
 *
 * all in one network namespace; *.sh beside this file makes it. What is delivered is seen by
 * a packet socket on prose0, what is sent by one on wire0.
 */
#ifndef SELFTESTS_RIG_H
#define SELFTESTS_RIG_H

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../netlink/ktap.h"
#include "pdu.h"
#include "prose-nl.h"

#define OWN_ID		0x0a0b0cu
#define PEER_ID		0x0a0b0du
#define OTHER_ID	0x0a0b0eu	/* another peer */
#define OWN_IPV4	0x0a000001u
#define PEER_IPV4	0x0a000002u
#define OTHER_IPV4	0x0a000003u
#define PORT		7777
/*
 * An emulated machine may be slow; nobody waits this long. Once a test has failed it is not worth
 * much time any more, so that a broken module is reported in minutes.
 */
#define PATIENCE_MS	(ktap_failures ? 200 : 20000)

static const uint8_t own_ipv6[16] = { 0xfd, [15] = 1 };
static const uint8_t peer_ipv6[16] = { 0xfd, [15] = 2 };

#define EVENTS_MAX	512

struct seen_event {
	struct prose_nl_event event;
	uint8_t message[2048];
};

static struct {
	struct prose_nl *nl, *events;
	uint32_t ifindex, lower;
	int wire, tap, udp;
	uint8_t lower_mac[6], wire_mac[6];
	struct seen_event seen[EVENTS_MAX];
	size_t n_seen;
	bool resynced;
} rig;

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

__attribute__((unused))
static void pause_ms(long ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

static int packet_socket(const char *dev, int type)
{
	int size = 32 * 1024 * 1024, on = 1, fd = socket(AF_PACKET, type, htons(ETH_P_ALL));
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(dev),
	};

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		printf("Bail out! no packet socket on %s: %s\n", dev, strerror(errno));
		exit(KTAP_FAIL);
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on));
	return fd;
}

static void mac_of(const char *dev, uint8_t mac[6])
{
	struct ifreq ifr = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	if (ioctl(fd, SIOCGIFHWADDR, &ifr) < 0) {
		printf("Bail out! no address of %s: %s\n", dev, strerror(errno));
		exit(KTAP_FAIL);
	}
	memcpy(mac, ifr.ifr_hwaddr.sa_data, 6);
	close(fd);
}

static void note_event(void *context, const struct prose_nl_event *event)
{
	struct seen_event *seen;

	(void)context;
	if (rig.n_seen == EVENTS_MAX)
		return;
	seen = &rig.seen[rig.n_seen++];
	seen->event = *event;
	if (event->type == PROSE_NL_SIGNAL && event->signal.len <= sizeof(seen->message)) {
		memcpy(seen->message, event->signal.message, event->signal.len);
		seen->event.signal.message = seen->message;
	}
}

static void note_resync(void *context)
{
	(void)context;
	rig.resynced = true;
}

/* The event socket, in place of one that was closed. */
__attribute__((unused))
static void rig_events(void)
{
	static const struct prose_nl_ops ops = { .event = note_event, .resync = note_resync };
	char why[256] = "";

	rig.events = prose_nl_events_open(&ops, NULL, why, sizeof(why));
	need(rig.events, "%s", why);
}

/* Opens everything; own says whether to register as owner of the signalling. */
__attribute__((unused))
static void rig_open(bool own)
{
	static const struct prose_nl_ops ops = { .event = note_event, .resync = note_resync };
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	char why[256] = "";

	rig.ifindex = if_nametoindex("prose0");
	rig.lower = if_nametoindex("eth0");
	rig.nl = prose_nl_open(why, sizeof(why));
	if (rig.nl)
		rig.events = prose_nl_events_open(&ops, NULL, why, sizeof(why));
	if (!rig.ifindex || !rig.nl || !rig.events) {
		printf("Bail out! prose0 is index %u; %s\n", rig.ifindex, why);
		exit(KTAP_FAIL);
	}
	if (own && prose_nl_signal_register(rig.events, rig.ifindex)) {
		printf("Bail out! cannot own prose0: %s\n", prose_nl_error(rig.events));
		exit(KTAP_FAIL);
	}
	rig.wire = packet_socket("wire0", SOCK_RAW);
	rig.tap = packet_socket("prose0", SOCK_DGRAM);
	mac_of("eth0", rig.lower_mac);
	mac_of("wire0", rig.wire_mac);
	/* Takes what is delivered, so that no ICMP answers come in between. */
	rig.udp = socket(AF_INET, SOCK_DGRAM, 0);
	if (bind(rig.udp, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		printf("Bail out! no UDP socket: %s\n", strerror(errno));
		exit(KTAP_FAIL);
	}
}

/* One packet of a packet socket that went the way asked for, or 0 when there is none. */
static size_t packet_take(int fd, bool outgoing, uint8_t *buf, size_t size)
{
	struct sockaddr_ll from;
	socklen_t from_len;
	ssize_t got;

	for (;;) {
		from_len = sizeof(from);
		got = recvfrom(fd, buf, size, MSG_DONTWAIT | MSG_TRUNC,
			       (struct sockaddr *)&from, &from_len);
		/* Whoever listens on a device that goes down is told so once. */
		if (got < 0 && errno == ENETDOWN)
			continue;
		if (got < 0)
			return 0;
		if ((from.sll_pkttype == PACKET_OUTGOING) == outgoing)
			return (size_t)got;
	}
}

__attribute__((unused))
static size_t packet_wait(int fd, bool outgoing, uint8_t *buf, size_t size, int ms)
{
	long long end = now_ms() + ms;

	for (;;) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		size_t got = packet_take(fd, outgoing, buf, size);
		long long left = end - now_ms();

		if (got || left <= 0)
			return got;
		poll(&wait, 1, (int)left);
	}
}

static void drain(int fd)
{
	uint8_t buf[64];

	while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT | MSG_TRUNC) >= 0 || errno == ENETDOWN)
		;
}

__attribute__((unused))
static void wire_send(const uint8_t *frame, size_t len)
{
	ssize_t sent = send(rig.wire, frame, len, 0);

	need(sent == (ssize_t)len, "sending %zu octets on wire0: %s", len, strerror(errno));
}

/* Events. */

static void events_take(void)
{
	int err = prose_nl_dispatch(rig.events);

	need(!err, "event socket: %s", prose_nl_error(rig.events));
}

static void events_clear(void)
{
	do {
		rig.n_seen = 0;
		events_take();
	} while (rig.n_seen);
	rig.resynced = false;
}

/* How many of one type have been seen since the last events_clear(). */
__attribute__((unused))
static size_t events_of(enum prose_nl_event_type type)
{
	size_t i, n = 0;

	for (i = 0; i < rig.n_seen; i++)
		n += rig.seen[i].event.type == type;
	return n;
}

/* The first of one type, waited for; NULL when none comes. */
__attribute__((unused))
static const struct prose_nl_event *event_wait(enum prose_nl_event_type type, int ms)
{
	long long end = now_ms() + ms;
	size_t i;

	for (;;) {
		struct pollfd wait = { .fd = prose_nl_fd(rig.events), .events = POLLIN };
		long long left = end - now_ms();

		events_take();
		for (i = 0; i < rig.n_seen; i++)
			if (rig.seen[i].event.type == type)
				return &rig.seen[i].event;
		if (left <= 0)
			return NULL;
		poll(&wait, 1, (int)left);
	}
}

/* Counters. */

static void device(struct prose_nl_device *out)
{
	int err = prose_nl_device_get(rig.nl, rig.ifindex, out);

	need(!err, "dev-get: %s", prose_nl_error(rig.nl));
}

__attribute__((unused))
static uint64_t stat_in(const struct prose_nl_device *from, const char *name)
{
	size_t i;

	for (i = 0; i < from->n_stats; i++)
		if (!strcmp(from->stats[i].name, name))
			return from->stats[i].value;
	need(false, "there is no counter %s", name);
	return 0;
}

__attribute__((unused))
static uint64_t stat_now(const char *name)
{
	struct prose_nl_device now;

	device(&now);
	return stat_in(&now, name);
}

/* Waits until a counter has reached a value, and returns what it is then. */
__attribute__((unused))
static uint64_t stat_wait(const char *name, uint64_t value)
{
	long long end = now_ms() + PATIENCE_MS;
	uint64_t now;

	do {
		now = stat_now(name);
		if (now < value)
			pause_ms(1);
	} while (now < value && now_ms() < end);
	return now;
}

/* The peer and its association, anew for each test, with keys of their own. */

__attribute__((unused))
static void fresh_keys(struct keys *keys, uint16_t id)
{
	memset(keys, 0, sizeof(*keys));
	openssl_or_die(RAND_bytes(keys->pek, sizeof(keys->pek)));
	openssl_or_die(RAND_bytes(keys->pik, sizeof(keys->pik)));
	keys->eea = 2;
	keys->up_integrity = true;
	keys->id = id;
}

__attribute__((unused))
static void assoc_config(const struct keys *keys, struct prose_nl_assoc_config *config)
{
	memset(config, 0, sizeof(*config));
	config->kd_sess_id = keys->id;
	memcpy(config->pek, keys->pek, sizeof(keys->pek));
	memcpy(config->pik, keys->pik, sizeof(keys->pik));
	config->eea = keys->eea;
	config->eia = 2;
	config->up_integrity = keys->up_integrity;
}

__attribute__((unused))
static void assoc_add(const struct prose_nl_assoc_config *config)
{
	int err = prose_nl_assoc_new(rig.nl, rig.ifindex, PEER_ID, config, NULL);

	need(!err, "assoc-new: %s", prose_nl_error(rig.nl));
}

__attribute__((unused))
static void peer_add(uint32_t l2_id, uint32_t ipv4, const uint8_t *ipv6, const uint8_t *mac)
{
	struct prose_nl_peer peer = { .ifindex = rig.ifindex, .l2_id = l2_id };
	uint32_t be = htonl(ipv4);
	int err;

	if (mac) {
		peer.carrier_addr_len = 6;
		memcpy(peer.carrier_addr, mac, 6);
	}
	peer.addresses[peer.n_addresses].family = 4;
	memcpy(peer.addresses[peer.n_addresses++].addr, &be, 4);
	if (ipv6) {
		peer.addresses[peer.n_addresses].family = 6;
		memcpy(peer.addresses[peer.n_addresses++].addr, ipv6, 16);
	}
	err = prose_nl_peer_new(rig.nl, &peer, NULL);
	need(!err, "peer-new: %s", prose_nl_error(rig.nl));
}

static void peers_clear(void)
{
	struct prose_nl_peer *list;
	size_t n, i;
	int err = prose_nl_peer_dump(rig.nl, rig.ifindex, &list, &n);

	need(!err, "peer dump: %s", prose_nl_error(rig.nl));
	for (i = 0; i < n; i++) {
		err = prose_nl_peer_del(rig.nl, rig.ifindex, list[i].l2_id);
		check(!err, "peer-del: %s", prose_nl_error(rig.nl));
	}
	free(list);
}

__attribute__((unused))
static void peer_now(struct prose_nl_peer *out)
{
	int err = prose_nl_peer_get(rig.nl, rig.ifindex, PEER_ID, out);

	need(!err, "peer-get: %s", prose_nl_error(rig.nl));
}

__attribute__((unused))
static void assoc_now(uint16_t id, struct prose_nl_assoc *out)
{
	int err = prose_nl_assoc_get(rig.nl, rig.ifindex, PEER_ID, id, out);

	need(!err, "assoc-get: %s", prose_nl_error(rig.nl));
}

/* Settings a test changed must not reach the next one. */
__attribute__((unused))
static void rig_reset(void)
{
	struct prose_nl_device_config config = {
		.has_ethertype = true, .ethertype = PDU_ETHERTYPE, .has_pad = true,
		.has_unprotected_rate = true, .unprotected_rate = 100000,
		.has_integrity_threshold = true, .integrity_threshold = 0x7fffffff,
	};
	int err = prose_nl_device_set(rig.nl, rig.ifindex, &config);

	need(!err, "dev-set: %s", prose_nl_error(rig.nl));
	peers_clear();
	drain(rig.wire);
	drain(rig.tap);
	drain(rig.udp);
	events_clear();
}

#endif
