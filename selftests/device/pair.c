// SPDX-License-Identifier: MIT
/*
 * Does what two daemons would: makes two devices each other's peers and gives them common keys,
 * without a handshake. For the scripts here.
 *
 * pair make  END END		peers, and an association that sends, in both directions
 * pair rekey END END N MS	N times, MS milliseconds apart: make before break, both ways at once
 * pair unmake END END		peers deleted, and their associations with them
 * pair ids END END LOCAL REMOTE	Layer-2 IDs of the link at the first: own one, and that of the second;
 *				0 for none, - to leave one
 * pair own END			owns the signalling and takes events, until it is ended
 * pair talk END END		owns the signalling of the first, and sends the second PC5-S messages as
 *				fast as it can, protected and not, until it is ended or the device is
 * pair drops END		counters of dropped packets that are not 0
 * pair assocs END		associations: KD-sess ID, "tx" on the one that sends
 *
 * pair ethertype END [NUMBER]	sets the EtherType, or shows it
 *
 * An END is NAMESPACE/DEVICE/ADDRESS, e.g. ue1/prose0/10.0.0.1, where NAMESPACE "." is the
 * present one. Algorithms are EEA2 and EIA2, or the numbers in PAIR_EEA and PAIR_EIA.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "prose-nl.h"

#define GRACE_MS	300

struct end {
	struct prose_nl *nl;
	uint32_t ifindex, l2_id;
	struct prose_nl_address address;
};

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "pair: %s: %s\n", what, why);
	exit(1);
}

/* Goes to the namespace of an END. */
static void enter(const char *text)
{
	char ns[64], path[96];
	int fd;

	if (sscanf(text, "%63[^/]", ns) != 1)
		fail(text, "is not NAMESPACE/DEVICE/ADDRESS");
	snprintf(path, sizeof(path), "/run/netns/%s", ns);
	if (strcmp(ns, ".")) {
		fd = open(path, O_RDONLY);
		if (fd < 0 || setns(fd, CLONE_NEWNET))
			fail(path, strerror(errno));
		close(fd);
	}
}

static void end_open(struct end *end, const char *text)
{
	char dev[64], addr[64], why[256] = "";
	struct prose_nl_device device;

	if (sscanf(text, "%*[^/]/%63[^/]/%63s", dev, addr) != 2)
		fail(text, "is not NAMESPACE/DEVICE/ADDRESS");
	enter(text);
	memset(end, 0, sizeof(*end));
	end->nl = prose_nl_open(why, sizeof(why));
	if (!end->nl)
		fail(text, why);
	end->ifindex = if_nametoindex(dev);
	if (!end->ifindex || prose_nl_device_get(end->nl, end->ifindex, &device))
		fail(text, end->ifindex ? prose_nl_error(end->nl) : strerror(errno));
	end->l2_id = device.l2_id;
	end->address.family = 4;
	if (inet_pton(AF_INET, addr, end->address.addr) != 1)
		fail(addr, "is no IPv4 address");
}

static void make_peer(struct end *end, const struct end *other)
{
	struct prose_nl_peer peer = {
		.ifindex = end->ifindex, .l2_id = other->l2_id, .n_addresses = 1,
	};

	peer.addresses[0] = other->address;
	if (prose_nl_peer_new(end->nl, &peer, NULL))
		fail("peer-new", prose_nl_error(end->nl));
}

/* The next KD-sess ID that neither end has. */
static uint16_t next_id(const struct end *end, const struct end *other)
{
	struct prose_nl_assoc *list;
	uint16_t id = 0;
	size_t n, i;

	if (prose_nl_assoc_dump(end->nl, end->ifindex, &list, &n))
		fail("assoc-get", prose_nl_error(end->nl));
	for (i = 0; i < n; i++)
		if (list[i].l2_id == other->l2_id && list[i].kd_sess_id > id)
			id = list[i].kd_sess_id;
	free(list);
	return id + 1;
}

static void make_assoc(struct end *end, const struct end *other,
		       struct prose_nl_assoc_config *config, uint8_t direction)
{
	static const struct timespec pause = { .tv_nsec = 50 * 1000000l };
	int tries = 600, err;

	config->direction = direction;
	/* On a slow machine older ones go later than the next is due: there may be 8. */
	while ((err = prose_nl_assoc_new(end->nl, end->ifindex, other->l2_id, config, NULL)) &&
	       err == -ENOSPC && tries--)
		nanosleep(&pause, NULL);
	if (err)
		fail("assoc-new", prose_nl_error(end->nl));
}

static void send_with(struct end *end, const struct end *other, uint16_t id)
{
	struct prose_nl_assoc_change change = { .tx = true };

	if (prose_nl_assoc_set(end->nl, end->ifindex, other->l2_id, id, &change))
		fail("assoc-set", prose_nl_error(end->nl));
}

static uint8_t algorithm(const char *variable)
{
	const char *value = getenv(variable);

	return value ? (uint8_t)atoi(value) : 2;
}

/* Both receive before either sends: no packet can come too early. */
static void rekey(struct end ends[2])
{
	struct prose_nl_assoc_config config = {
		.kd_sess_id = next_id(&ends[0], &ends[1]), .eea = algorithm("PAIR_EEA"),
		.eia = algorithm("PAIR_EIA"), .up_integrity = true,
		.has_grace_ms = true, .grace_ms = GRACE_MS,
	};

	if (RAND_bytes(config.pek, sizeof(config.pek)) != 1 ||
	    RAND_bytes(config.pik, sizeof(config.pik)) != 1)
		fail("keys", "no random numbers");
	make_assoc(&ends[0], &ends[1], &config, 0);
	make_assoc(&ends[1], &ends[0], &config, 1);
	send_with(&ends[0], &ends[1], config.kd_sess_id);
	send_with(&ends[1], &ends[0], config.kd_sess_id);
	explicit_bzero(&config, sizeof(config));
}

static void unmake_peer(struct end *end, const struct end *other)
{
	if (prose_nl_peer_del(end->nl, end->ifindex, other->l2_id))
		fail("peer-del", prose_nl_error(end->nl));
}

/* Whether a text says a Layer-2 ID; that is left in *id. */
static bool an_id(const char *text, uint32_t *id)
{
	if (!strcmp(text, "-"))
		return false;
	*id = (uint32_t)strtoul(text, NULL, 0);
	return true;
}

static void link_ids(struct end *end, const struct end *other, const char *local,
		     const char *remote)
{
	struct prose_nl_peer peer = { .ifindex = end->ifindex, .l2_id = other->l2_id };

	peer.has_local_l2_id = an_id(local, &peer.local_l2_id);
	peer.has_remote_l2_id = an_id(remote, &peer.remote_l2_id);
	if (prose_nl_peer_set(end->nl, &peer))
		fail("peer-set", prose_nl_error(end->nl));
}

static void ignore(void *context, const struct prose_nl_event *event)
{
	(void)context;
	(void)event;
}

/* In the namespace that end_open() has entered. */
static void own(const struct end *end)
{
	static const struct prose_nl_ops ops = { .event = ignore };
	char why[256] = "";
	struct prose_nl *events = prose_nl_events_open(&ops, NULL, why, sizeof(why));
	struct pollfd wait;

	if (!events)
		fail("own", why);
	if (prose_nl_signal_register(events, end->ifindex))
		fail("signal-register", prose_nl_error(events));
	printf("registered\n");
	fflush(stdout);
	wait = (struct pollfd){ .fd = prose_nl_fd(events), .events = POLLIN };
	while (poll(&wait, 1, -1) >= 0)
		if (prose_nl_dispatch(events))
			fail("events", prose_nl_error(events));
	prose_nl_close(events);
}

/* What fails for want of a peer, keys or room is tried again: they come and go. */
static void talk(const struct end *end, const struct end *other)
{
	static const struct prose_nl_ops ops = { .event = ignore };
	char why[256] = "";
	struct prose_nl *events = prose_nl_events_open(&ops, NULL, why, sizeof(why));
	struct prose_nl_signal signal = {
		.l2_id = other->l2_id, .message = (const uint8_t *)"\x05talk", .len = 5,
	};
	struct prose_nl_assoc *list;
	size_t n, i;

	if (!events)
		fail("talk", why);
	if (prose_nl_signal_register(events, end->ifindex))
		fail("signal-register", prose_nl_error(events));
	printf("registered\n");
	fflush(stdout);
	while (!prose_nl_assoc_dump(end->nl, end->ifindex, &list, &n)) {
		signal.bearer = 28;
		signal.protection = PROSE_PROTECTION_NONE;
		signal.kd_sess_id = 0;
		prose_nl_signal_send(events, end->ifindex, &signal, NULL);
		signal.bearer = 30;
		signal.protection = PROSE_PROTECTION_FULL;
		for (i = 0; i < n; i++) {
			signal.kd_sess_id = list[i].kd_sess_id;
			if (list[i].l2_id == other->l2_id)
				prose_nl_signal_send(events, end->ifindex, &signal, NULL);
		}
		free(list);
		prose_nl_dispatch(events);
	}
	prose_nl_close(events);
}

static void show_drops(struct end *end)
{
	struct prose_nl_device device;
	size_t i;

	if (prose_nl_device_get(end->nl, end->ifindex, &device))
		fail("dev-get", prose_nl_error(end->nl));
	for (i = 0; i < device.n_stats; i++)
		if (device.stats[i].value)
			printf("%s %llu\n", device.stats[i].name,
			       (unsigned long long)device.stats[i].value);
}

static void ethertype(struct end *end, const char *number)
{
	struct prose_nl_device_config config = { .has_ethertype = true };
	struct prose_nl_device device;

	if (number) {
		config.ethertype = (uint16_t)strtoul(number, NULL, 0);
		if (prose_nl_device_set(end->nl, end->ifindex, &config))
			fail("dev-set", prose_nl_error(end->nl));
		return;
	}
	if (prose_nl_device_get(end->nl, end->ifindex, &device))
		fail("dev-get", prose_nl_error(end->nl));
	printf("%#x\n", device.ethertype);
}

static void show_assocs(struct end *end)
{
	struct prose_nl_assoc *list;
	size_t n, i;

	if (prose_nl_assoc_dump(end->nl, end->ifindex, &list, &n))
		fail("assoc-get", prose_nl_error(end->nl));
	for (i = 0; i < n; i++)
		printf("%u%s\n", list[i].kd_sess_id, list[i].tx ? " tx" : "");
	free(list);
}

int main(int argc, char **argv)
{
	struct end ends[2] = { { 0 } };
	const char *what = argc > 2 ? argv[1] : "";
	int two = strstr("make unmake rekey ids talk", what) && *what, n, i;
	struct timespec pause;

	if (argc < (two ? 4 : 3) ||
	    ((!strcmp(what, "rekey") || !strcmp(what, "ids")) && argc < 6)) {
		fprintf(stderr, "usage: pair COMMAND END [END [N MS]]\n");
		return 2;
	}
	for (i = 0; i <= two; i++)
		end_open(&ends[i], argv[2 + i]);

	if (!strcmp(what, "make")) {
		make_peer(&ends[0], &ends[1]);
		make_peer(&ends[1], &ends[0]);
		rekey(ends);
	} else if (!strcmp(what, "rekey")) {
		n = atoi(argv[4]);
		pause.tv_sec = atoi(argv[5]) / 1000;
		pause.tv_nsec = atoi(argv[5]) % 1000 * 1000000l;
		for (i = 0; i < n; i++) {
			rekey(ends);
			nanosleep(&pause, NULL);
		}
	} else if (!strcmp(what, "unmake")) {
		unmake_peer(&ends[0], &ends[1]);
		unmake_peer(&ends[1], &ends[0]);
	} else if (!strcmp(what, "ids")) {
		link_ids(&ends[0], &ends[1], argv[4], argv[5]);
	} else if (!strcmp(what, "own")) {
		own(&ends[0]);
	} else if (!strcmp(what, "talk")) {
		enter(argv[2]);
		/* A socket keeps its namespace, and that of the other end is to go meanwhile. */
		prose_nl_close(ends[1].nl);
		ends[1].nl = NULL;
		talk(&ends[0], &ends[1]);
	} else if (!strcmp(what, "drops")) {
		show_drops(&ends[0]);
	} else if (!strcmp(what, "ethertype")) {
		ethertype(&ends[0], argv[3]);
	} else if (!strcmp(what, "assocs")) {
		show_assocs(&ends[0]);
	} else {
		fail(what, "is no command");
	}
	for (i = 0; i <= two; i++)
		prose_nl_close(ends[i].nl);
	return 0;
}
