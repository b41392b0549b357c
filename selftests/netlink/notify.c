// SPDX-License-Identifier: MIT
/*
 * Notifications: each comes when it must, once, and says what it is about. Traffic is made by
 * hand as in the datapath tests; the rig is theirs.
 */
#include "../datapath/rig.h"

static struct keys keys;
static struct prose_nl_assoc_config config;
static int from;

static void sender_open(void)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr.s_addr = htonl(PEER_IPV4),
	};

	if (from > 0)
		close(from);
	from = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	need(!connect(from, (struct sockaddr *)&to, sizeof(to)), "sender: %s", strerror(errno));
}

/* Sends a datagram to any address. */
static void send_to(uint32_t ipv4)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr.s_addr = htonl(ipv4),
	};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	check(sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)) == 1, "send: %s",
	      strerror(errno));
	close(fd);
}

static void prepare(uint16_t id)
{
	fresh_keys(&keys, id);
	assoc_config(&keys, &config);
	config.direction = 0;
	config.tx = true;
}

static void install(void)
{
	peers_clear();
	peer_add(PEER_ID, PEER_IPV4, peer_ipv6, rig.wire_mac);
	assoc_add(&config);
	sender_open();
	events_clear();
}

/* A data frame from the peer; @good or with a wrong MAC-I. */
static void receive(const struct keys *with, uint32_t count, bool good)
{
	uint8_t frame[PDU_MAX], packet[128];
	struct pdu pdu = {
		.ethertype = PDU_ETHERTYPE, .octet1 = 0x30, .src = PEER_ID, .dst = OWN_ID,
		.lcid = LCID_DATA, .kd_sess_id = with->id, .count = count, .direction = 1,
		.ciphered = true, .mac = true, .data = packet,
	};
	size_t len;

	memcpy(pdu.eth_dst, rig.lower_mac, 6);
	memcpy(pdu.eth_src, rig.wire_mac, 6);
	pdu.len = ipv4_udp(packet, PEER_IPV4, OWN_IPV4, PORT, "data", 4);
	len = pdu_build(&pdu, with, frame);
	if (!good)
		frame[len - 1] ^= 1;
	wire_send(frame, len);
}

/* As many events of a type as there should be, and no more some time after. */
static void settled(enum prose_nl_event_type type, size_t n, const char *what)
{
	long long end = now_ms() + PATIENCE_MS;

	while (now_ms() < end && events_of(type) < n) {
		events_take();
		pause_ms(10);
	}
	end = now_ms() + 300;
	while (now_ms() < end && events_of(type) <= n) {
		events_take();
		pause_ms(10);
	}
	check(events_of(type) == n, "%s: %zu events, not %zu", what, events_of(type), n);
}

/* --- tests */

static void peer_changed(void)
{
	struct prose_nl_peer peer = { .ifindex = rig.ifindex, .l2_id = PEER_ID };
	const struct prose_nl_event *event;

	peers_clear();
	events_clear();
	peer_add(PEER_ID, PEER_IPV4, peer_ipv6, NULL);
	event = event_wait(PROSE_NL_PEER_CHANGED, PATIENCE_MS);
	need(event, "no event for a new peer");
	check(event->ifindex == rig.ifindex && event->peer.l2_id == PEER_ID &&
	      event->peer.n_addresses == 2 && !event->peer.has_gone_reason,
	      "the event is not about the new peer");
	settled(PROSE_NL_PEER_CHANGED, 1, "a new peer");

	events_clear();
	peer.carrier_addr_len = 6;
	memcpy(peer.carrier_addr, rig.wire_mac, 6);
	need(!prose_nl_peer_set(rig.nl, &peer), "%s", prose_nl_error(rig.nl));
	event = event_wait(PROSE_NL_PEER_CHANGED, PATIENCE_MS);
	need(event, "no event for a changed peer");
	check(!memcmp(event->peer.carrier_addr, rig.wire_mac, 6), "the event has the old address");
	settled(PROSE_NL_PEER_CHANGED, 1, "a changed peer");

	events_clear();
	peer.carrier_addr_len = 0;
	peer.l2_id = OTHER_ID;
	check(prose_nl_peer_set(rig.nl, &peer) == -ENOENT, "a peer there is not was changed");
	settled(PROSE_NL_PEER_CHANGED, 0, "a refused change");
}

static void gone_requested(void)
{
	const struct prose_nl_event *event;

	prepare(0x1001);
	install();
	need(!prose_nl_assoc_del(rig.nl, rig.ifindex, PEER_ID, 0x1001), "%s",
	     prose_nl_error(rig.nl));
	event = event_wait(PROSE_NL_ASSOC_GONE, PATIENCE_MS);
	need(event, "no event for a deleted association");
	check(event->assoc.l2_id == PEER_ID && event->assoc.kd_sess_id == 0x1001 &&
	      event->assoc.has_gone_reason &&
	      event->assoc.gone_reason == PROSE_GONE_REASON_REQUESTED,
	      "association %04x of %06x, reason %s", event->assoc.kd_sess_id, event->assoc.l2_id,
	      prose_nl_gone_reason_name(event->assoc.gone_reason));
	settled(PROSE_NL_ASSOC_GONE, 1, "a deleted association");
	check(!events_of(PROSE_NL_PEER_GONE), "the peer went with it");

	/* A peer takes its associations with it, and says so of each. */
	prepare(0x1002);
	install();
	prepare(0x1003);
	config.tx = false;
	assoc_add(&config);
	events_clear();
	need(!prose_nl_peer_del(rig.nl, rig.ifindex, PEER_ID), "%s", prose_nl_error(rig.nl));
	event = event_wait(PROSE_NL_PEER_GONE, PATIENCE_MS);
	need(event, "no event for a deleted peer");
	check(event->peer.l2_id == PEER_ID && event->peer.has_gone_reason &&
	      event->peer.gone_reason == PROSE_GONE_REASON_REQUESTED, "peer %06x, reason %s",
	      event->peer.l2_id, prose_nl_gone_reason_name(event->peer.gone_reason));
	settled(PROSE_NL_PEER_GONE, 1, "a deleted peer");
	settled(PROSE_NL_ASSOC_GONE, 2, "a deleted peer's associations");
}

#define GRACE_MS	600

/*
 * Make before break: the old one goes after a packet under the new one and the grace time. False if
 * this machine stood still for longer than that, so that it cannot tell what comes within it.
 */
static bool replaced(void)
{
	struct prose_nl_assoc_change change = { .tx = true };
	const struct prose_nl_event *event;
	struct keys old;
	long long switched, verified;
	bool in_time;

	prepare(0x2001);
	config.has_grace_ms = true;
	config.grace_ms = GRACE_MS;
	install();
	old = keys;
	prepare(0x2002);
	config.tx = false;
	assoc_add(&config);
	events_clear();
	need(!prose_nl_assoc_set(rig.nl, rig.ifindex, PEER_ID, 0x2002, &change), "%s",
	     prose_nl_error(rig.nl));
	switched = now_ms();
	receive(&old, 1, true);
	while (now_ms() < switched + 900) {
		events_take();
		pause_ms(10);
	}
	check(!events_of(PROSE_NL_ASSOC_GONE),
	      "the old association went before anything was verified under the new one");
	receive(&old, 2, true);
	receive(&keys, 1, false);
	pause_ms(50);
	verified = now_ms();
	receive(&keys, 1, true);
	receive(&old, 3, true);
	in_time = now_ms() - verified < GRACE_MS;
	event = event_wait(PROSE_NL_ASSOC_GONE, PATIENCE_MS);
	need(event, "the old association stays");
	check(now_ms() - verified >= GRACE_MS - 10, "the old association went after %lld ms of %d",
	      now_ms() - verified, GRACE_MS);
	check(event->assoc.kd_sess_id == 0x2001 && event->assoc.has_gone_reason &&
	      event->assoc.gone_reason == PROSE_GONE_REASON_REPLACED, "association %04x, reason %s",
	      event->assoc.kd_sess_id, prose_nl_gone_reason_name(event->assoc.gone_reason));
	check(event->assoc.rx_packets == 3 || (!in_time && event->assoc.rx_packets == 2),
	      "the old association received %llu packets, not 3",
	      (unsigned long long)event->assoc.rx_packets);
	settled(PROSE_NL_ASSOC_GONE, 1, "a replaced association");
	return in_time;
}

static void gone_replaced(void)
{
	int tries = 1;

	while (!replaced() && tries < 10)
		tries++;
	check(tries < 10, "none of %d times a frame came within the grace time", tries);
}

/* Grace 0: at once with the first packet under the new one. */
static void gone_replaced_at_once(void)
{
	struct prose_nl_assoc_change change = { .tx = true };

	prepare(0x2001);
	config.has_grace_ms = true;
	config.grace_ms = 0;
	install();
	prepare(0x2002);
	config.tx = false;
	assoc_add(&config);
	events_clear();
	need(!prose_nl_assoc_set(rig.nl, rig.ifindex, PEER_ID, 0x2002, &change), "%s",
	     prose_nl_error(rig.nl));
	settled(PROSE_NL_ASSOC_GONE, 0, "nothing verified yet");
	receive(&keys, 1, true);
	need(event_wait(PROSE_NL_ASSOC_GONE, PATIENCE_MS), "the old association stays");
	settled(PROSE_NL_ASSOC_GONE, 1, "a replaced association");
}

static void count_marks(void)
{
	const struct prose_nl_event *event;
	int i;

	prepare(0x3001);
	config.count_limit = 20;
	config.count_soft = 10;
	install();
	for (i = 1; i <= 9; i++)
		check(send(from, "x", 1, 0) == 1, "send: %s", strerror(errno));
	settled(PROSE_NL_COUNT_SOFT, 0, "before the soft limit");
	for (; i <= 19; i++)
		check(send(from, "x", 1, 0) == 1, "send: %s", strerror(errno));
	event = event_wait(PROSE_NL_COUNT_SOFT, PATIENCE_MS);
	need(event, "no event at the soft limit");
	check(event->count.l2_id == PEER_ID && event->count.kd_sess_id == 0x3001 &&
	      event->count.lcid == LCID_DATA, "association %04x of %06x, LCID %u",
	      event->count.kd_sess_id, event->count.l2_id, event->count.lcid);
	settled(PROSE_NL_COUNT_SOFT, 1, "after the soft limit");
	check(!events_of(PROSE_NL_COUNT_EXHAUSTED), "exhausted before the limit");
	/* The last number, and some that there are not. */
	for (; i <= 30; i++)
		send(from, "x", 1, 0);
	event = event_wait(PROSE_NL_COUNT_EXHAUSTED, PATIENCE_MS);
	need(event, "no event at the limit");
	check(event->count.l2_id == PEER_ID && event->count.kd_sess_id == 0x3001 &&
	      event->count.lcid == LCID_DATA, "association %04x of %06x, LCID %u",
	      event->count.kd_sess_id, event->count.l2_id, event->count.lcid);
	settled(PROSE_NL_COUNT_EXHAUSTED, 1, "after the limit");
	settled(PROSE_NL_COUNT_SOFT, 1, "after the limit");
}

/* By default the soft limit is 7/8 of the way. */
static void count_soft_default(void)
{
	struct prose_nl_assoc assoc;
	int i;

	prepare(0x3002);
	config.count_start = 1000;
	config.count_limit = 1800;
	install();
	assoc_now(0x3002, &assoc);
	check(assoc.count_soft == 1700, "count-soft is %u", assoc.count_soft);
	prepare(0x3003);
	config.count_start = 1000;
	config.count_limit = 1016;
	install();
	for (i = 1; i <= 14; i++)
		send(from, "x", 1, 0);
	settled(PROSE_NL_COUNT_SOFT, 0, "before 7/8");
	for (; i <= 16; i++)
		send(from, "x", 1, 0);
	need(event_wait(PROSE_NL_COUNT_SOFT, PATIENCE_MS), "no event after 7/8");
	settled(PROSE_NL_COUNT_SOFT, 1, "after 7/8");
}

/* The soft limit may be moved while the association lives. */
static void count_soft_moved(void)
{
	struct prose_nl_assoc_change change = { .has_count_soft = true, .count_soft = 5 };
	int i;

	prepare(0x3004);
	config.count_limit = 100;
	install();
	need(!prose_nl_assoc_set(rig.nl, rig.ifindex, PEER_ID, 0x3004, &change), "%s",
	     prose_nl_error(rig.nl));
	for (i = 1; i <= 6; i++)
		send(from, "x", 1, 0);
	need(event_wait(PROSE_NL_COUNT_SOFT, PATIENCE_MS), "no event at the moved limit");
	settled(PROSE_NL_COUNT_SOFT, 1, "at the moved limit");
}

/* Signalling has COUNTs of its own, and its events name its bearer. */
static void count_of_signalling(void)
{
	struct prose_nl_signal signal = {
		.l2_id = PEER_ID, .bearer = LCID_SIGNAL, .protection = PROSE_PROTECTION_FULL,
		.kd_sess_id = 0x3005, .message = (const uint8_t *)"\x05", .len = 1,
	};
	const struct prose_nl_event *event;
	int i, err;

	prepare(0x3005);
	config.count_limit = 4;
	config.count_soft = 2;
	install();
	for (i = 1; i <= 4; i++) {
		err = prose_nl_signal_send(rig.events, rig.ifindex, &signal, NULL);
		need(!err, "message %d: %s", i, prose_nl_error(rig.events));
	}
	err = prose_nl_signal_send(rig.events, rig.ifindex, &signal, NULL);
	check(err < 0 && *prose_nl_error(rig.events), "a message beyond the limit was sent");
	event = event_wait(PROSE_NL_COUNT_SOFT, PATIENCE_MS);
	need(event, "no event at the soft limit");
	check(event->count.lcid == LCID_SIGNAL, "LCID %u", event->count.lcid);
	event = event_wait(PROSE_NL_COUNT_EXHAUSTED, PATIENCE_MS);
	need(event, "no event at the limit");
	check(event->count.lcid == LCID_SIGNAL, "LCID %u", event->count.lcid);
	settled(PROSE_NL_COUNT_EXHAUSTED, 1, "after the limit");
}

static void integrity_failures(void)
{
	struct prose_nl_device_config set = {
		.has_integrity_threshold = true, .integrity_threshold = 10,
	};
	const struct prose_nl_event *event;
	int i;

	prepare(0x4001);
	install();
	need(!prose_nl_device_set(rig.nl, rig.ifindex, &set), "%s", prose_nl_error(rig.nl));
	for (i = 0; i < 9; i++)
		receive(&keys, 1, false);
	settled(PROSE_NL_INTEGRITY_FAILURES, 0, "below the threshold");
	receive(&keys, 1, false);
	event = event_wait(PROSE_NL_INTEGRITY_FAILURES, PATIENCE_MS);
	need(event, "no event at the threshold");
	check(event->assoc.l2_id == PEER_ID && event->assoc.kd_sess_id == 0x4001,
	      "association %04x of %06x", event->assoc.kd_sess_id, event->assoc.l2_id);
	settled(PROSE_NL_INTEGRITY_FAILURES, 1, "at the threshold");
	for (i = 0; i < 9; i++)
		receive(&keys, 1, false);
	settled(PROSE_NL_INTEGRITY_FAILURES, 1, "below twice the threshold");
	/* What is bounded by time is given its time. */
	pause_ms(1100);
	receive(&keys, 1, false);
	settled(PROSE_NL_INTEGRITY_FAILURES, 2, "at twice the threshold");
	receive(&keys, 1, true);
	settled(PROSE_NL_INTEGRITY_FAILURES, 2, "after a good frame");
}

/* A packet without an association asks for a peer, but not once for each packet. */
static void peer_wanted(void)
{
	const struct prose_nl_event *event;
	uint32_t be = htonl(PEER_IPV4);
	long long start;
	size_t n;
	int i;

	peers_clear();
	peer_add(PEER_ID, PEER_IPV4, NULL, rig.wire_mac);
	events_clear();
	start = now_ms();
	for (i = 0; i < 50; i++)
		send_to(PEER_IPV4);
	event = event_wait(PROSE_NL_PEER_WANTED, PATIENCE_MS);
	need(event, "no event for a peer without an association");
	check(event->wanted.has_l2_id && event->wanted.l2_id == PEER_ID, "not for the peer");
	check(event->wanted.has_address && event->wanted.address.family == 4 &&
	      !memcmp(event->wanted.address.addr, &be, 4), "not the next hop's address");
	events_take();
	n = events_of(PROSE_NL_PEER_WANTED);
	check(n <= 1 + (size_t)(now_ms() - start) / 1000, "%zu events in %lld ms", n,
	      now_ms() - start);

	/* And again, when a second has gone by. */
	pause_ms(1100);
	events_clear();
	send_to(PEER_IPV4);
	need(event_wait(PROSE_NL_PEER_WANTED, PATIENCE_MS), "no event after a second");
	settled(PROSE_NL_PEER_WANTED, 1, "after a second");

	/* Nobody's address: which, but no peer. */
	pause_ms(1100);
	events_clear();
	send_to(0x0a0000c8);
	event = event_wait(PROSE_NL_PEER_WANTED, PATIENCE_MS);
	need(event, "no event for an unknown address");
	be = htonl(0x0a0000c8);
	check(!event->wanted.has_l2_id && event->wanted.has_address &&
	      !memcmp(event->wanted.address.addr, &be, 4), "not the unknown address");
	/* A scan of many addresses makes a bounded number of events. */
	events_clear();
	start = now_ms();
	for (i = 3; i < 253; i++)
		send_to(0x0a000000u + (uint32_t)i);
	events_take();
	pause_ms(200);
	events_take();
	n = events_of(PROSE_NL_PEER_WANTED);
	check(n <= 100 + 100 * (size_t)(now_ms() - start) / 1000,
	      "%zu events for 250 addresses", n);
}

/* A network behind a peer: the event names the next hop, not the far address. */
static void peer_wanted_next_hop(void)
{
	const struct prose_nl_event *event;
	uint32_t be = htonl(PEER_IPV4);

	peers_clear();
	peer_add(PEER_ID, PEER_IPV4, NULL, rig.wire_mac);
	need(!system("ip route add 192.0.2.0/24 via 10.0.0.2 dev prose0"), "no route");
	events_clear();
	send_to(0xc0000209);
	event = event_wait(PROSE_NL_PEER_WANTED, PATIENCE_MS);
	check(!system("ip route del 192.0.2.0/24"), "the route stays");
	need(event, "no event");
	check(event->wanted.has_l2_id && event->wanted.l2_id == PEER_ID &&
	      event->wanted.has_address && !memcmp(event->wanted.address.addr, &be, 4),
	      "the event is not about the next hop");
}

static void ignore(void *context, const struct prose_nl_event *event)
{
	(void)context;
	(void)event;
}

static void device_changed(void)
{
	struct prose_nl_device_config set = {
		.has_unprotected_rate = true, .unprotected_rate = 77,
	};
	static const struct prose_nl_ops deaf = { .event = ignore };
	const struct prose_nl_event *event;
	struct prose_nl *other;

	events_clear();
	need(!prose_nl_device_set(rig.nl, rig.ifindex, &set), "%s", prose_nl_error(rig.nl));
	event = event_wait(PROSE_NL_DEVICE_CHANGED, PATIENCE_MS);
	need(event, "no event for changed settings");
	check(event->device.ifindex == rig.ifindex && event->device.unprotected_rate == 77,
	      "rate %u", event->device.unprotected_rate);
	settled(PROSE_NL_DEVICE_CHANGED, 1, "changed settings");

	/* The owner goes, another comes and goes. This socket only watches meanwhile. */
	prose_nl_close(rig.events);
	rig_events();
	other = prose_nl_events_open(&deaf, NULL, NULL, 0);
	need(other, "no second socket");
	events_clear();
	need(!prose_nl_signal_register(other, rig.ifindex), "%s", prose_nl_error(other));
	event = event_wait(PROSE_NL_DEVICE_CHANGED, PATIENCE_MS);
	need(event, "no event for a new owner");
	check(event->device.owned, "not owned");
	check(prose_nl_signal_register(rig.events, rig.ifindex) == -EBUSY, "two owners");
	settled(PROSE_NL_DEVICE_CHANGED, 1, "a new owner");
	events_clear();
	prose_nl_close(other);
	event = event_wait(PROSE_NL_DEVICE_CHANGED, PATIENCE_MS);
	need(event, "no event for an owner that went");
	check(!event->device.owned, "still owned");
	settled(PROSE_NL_DEVICE_CHANGED, 1, "an owner that went");
	need(!prose_nl_signal_register(rig.events, rig.ifindex), "%s", prose_nl_error(rig.events));
}

/* What a forger can cause is bounded too: failures of an association that is gone make none. */
static void nothing_for_strangers(void)
{
	struct keys nobody;
	int i;

	prepare(0x5001);
	install();
	fresh_keys(&nobody, 0x5002);
	for (i = 0; i < 200; i++)
		receive(&nobody, 1, true);
	check(!events_of(PROSE_NL_INTEGRITY_FAILURES), "events for an unknown KD-sess ID");
	settled(PROSE_NL_SIGNAL, 0, "unknown KD-sess ID");
	settled(PROSE_NL_INTEGRITY_FAILURES, 0, "unknown KD-sess ID");
	check(rig.n_seen == 0, "%zu events for frames of strangers", rig.n_seen);
}

/* The device goes, and everything on it with that reason. This test is the last. */
static void gone_with_device(void)
{
	const struct prose_nl_event *event;

	prepare(0x6001);
	install();
	need(!system("ip link del prose0"), "the device stays");
	event = event_wait(PROSE_NL_PEER_GONE, PATIENCE_MS);
	need(event, "no event for the peer");
	check(event->ifindex == rig.ifindex && event->peer.l2_id == PEER_ID &&
	      event->peer.has_gone_reason && event->peer.gone_reason == PROSE_GONE_REASON_DEVICE,
	      "peer %06x, reason %s", event->peer.l2_id,
	      prose_nl_gone_reason_name(event->peer.gone_reason));
	event = event_wait(PROSE_NL_ASSOC_GONE, PATIENCE_MS);
	need(event, "no event for the association");
	check(event->assoc.kd_sess_id == 0x6001 && event->assoc.has_gone_reason &&
	      event->assoc.gone_reason == PROSE_GONE_REASON_DEVICE, "association %04x, reason %s",
	      event->assoc.kd_sess_id, prose_nl_gone_reason_name(event->assoc.gone_reason));
	settled(PROSE_NL_PEER_GONE, 1, "a deleted device");
	settled(PROSE_NL_ASSOC_GONE, 1, "a deleted device");
}

int main(int argc, char **argv)
{
	static const struct ktap_test tests[] = {
		{ "peer_changed", peer_changed },
		{ "gone_requested", gone_requested },
		{ "gone_replaced", gone_replaced },
		{ "gone_replaced_at_once", gone_replaced_at_once },
		{ "count_marks", count_marks },
		{ "count_soft_default", count_soft_default },
		{ "count_soft_moved", count_soft_moved },
		{ "count_of_signalling", count_of_signalling },
		{ "integrity_failures", integrity_failures },
		{ "peer_wanted", peer_wanted },
		{ "peer_wanted_next_hop", peer_wanted_next_hop },
		{ "device_changed", device_changed },
		{ "nothing_for_strangers", nothing_for_strangers },
		{ "gone_with_device", gone_with_device },
	};

	rig_open(true);
	return KTAP_MAIN(tests, rig_reset, argc, argv);
}
