// SPDX-License-Identifier: MIT
/*
 * What the device sends: every frame is taken apart octet by octet, deciphered and verified with
 * this program's own code.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sched.h>
#include <sys/wait.h>

#include "rig.h"

static struct keys keys;
static struct prose_nl_assoc_config config;
static int from;		/* connected UDP socket, the local sender */
static uint8_t plain[PDU_MAX];	/* the packet as the tap on prose0 saw it leave */
static size_t plain_len;
static uint8_t frame[PDU_MAX];	/* the last frame taken from the wire */
static size_t frame_len;

static void sender_open(void)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr.s_addr = htonl(PEER_IPV4),
	};
	int on = 1;

	if (from > 0)
		close(from);
	from = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	need(from >= 0 && !connect(from, (struct sockaddr *)&to, sizeof(to)) &&
	     !setsockopt(from, IPPROTO_IP, IP_RECVERR, &on, sizeof(on)), "sender: %s",
	     strerror(errno));
}

static void prepare(uint32_t start, uint32_t limit, bool integrity, uint8_t direction)
{
	fresh_keys(&keys, 0x1234);
	keys.up_integrity = integrity;
	assoc_config(&keys, &config);
	config.direction = direction;
	config.count_start = start;
	config.count_limit = limit;
	config.tx = true;
}

static void install(void)
{
	peers_clear();
	peer_add(PEER_ID, PEER_IPV4, peer_ipv6, rig.wire_mac);
	assoc_add(&config);
	sender_open();
	drain(rig.wire);
	drain(rig.tap);
}

static void begin(void)
{
	prepare(1, 0xffffffff, true, 1);
	install();
}

static bool contains(const uint8_t *hay, size_t len, const void *needle, size_t needle_len)
{
	return memmem(hay, len, needle, needle_len);
}

/* Hands @len octets to the local UDP socket. */
static ssize_t say(const void *payload, size_t len)
{
	return send(from, payload, len, 0);
}

/* The next frame of ours on the wire. */
static bool frame_take(struct parsed *pdu, int ms)
{
	long long end = now_ms() + ms;

	for (;;) {
		frame_len = packet_wait(rig.wire, false, frame, sizeof(frame),
					(int)(end - now_ms() > 0 ? end - now_ms() : 0));
		if (!frame_len)
			return false;
		if (get_be16(frame + 12) == PDU_ETHERTYPE)
			break;
	}
	need(pdu_parse(frame, frame_len, pdu), "a frame of %zu octets that is none", frame_len);
	return true;
}

static bool silent(const char *what)
{
	struct parsed pdu;

	return check(!frame_take(&pdu, 150), "%s: a frame left, LCID %u, KD-sess ID %04x", what,
		     pdu.lcid, pdu.kd_sess_id);
}

/* The fields every frame to the peer has in common. */
static void common(const struct parsed *pdu, const char *what)
{
	check(!memcmp(pdu->eth_dst, rig.wire_mac, 6), "%s: Ethernet destination", what);
	check(!memcmp(pdu->eth_src, rig.lower_mac, 6), "%s: Ethernet source", what);
	check(pdu->octet1 == 0x30, "%s: octet 1 is %02x", what, pdu->octet1);
	check(pdu->src == OWN_ID && pdu->dst == PEER_ID, "%s: %06x to %06x", what, pdu->src,
	      pdu->dst);
	check(pdu->octet8 == (pdu->lcid | (pdu->padded ? 0x20 : 0)), "%s: octet 8 is %02x", what,
	      pdu->octet8);
}

/* Opens a data frame that must have this COUNT and be the packet the tap saw. */
static void opens(struct parsed *pdu, uint32_t count, const char *what)
{
	common(pdu, what);
	check(pdu->lcid == LCID_DATA, "%s: LCID %u", what, pdu->lcid);
	check(!pdu->pdcp1, "%s: PDCP octet 1 is %02x", what, pdu->pdcp1);
	check(pdu->kd_sess_id == keys.id, "%s: KD-sess ID %04x", what, pdu->kd_sess_id);
	check(pdu->sn == (count & 0xffff), "%s: SN %04x, not COUNT %08x", what, pdu->sn, count);
	check(plain_len > 12, "%s: the tap saw nothing", what);
	check(!keys.eea || !contains(frame, frame_len, plain + 8, plain_len - 8), "%s: in clear",
	      what);
	pdu_open(pdu, &keys, count, config.direction, true, keys.up_integrity);
	check(pdu->mac == keys.up_integrity, "%s: MAC-I", what);
	check(!pdu->mac || pdu->mac_good, "%s: the MAC-I does not verify with COUNT %08x", what,
	      count);
	udp_complete(plain, plain_len);
	check(pdu->len == plain_len && !memcmp(pdu->data, plain, plain_len),
	      "%s: not the packet that was sent", what);
}

/* Sends one packet that must leave under this COUNT. */
static bool leaves(const void *payload, size_t len, uint32_t count, const char *what)
{
	int failures = ktap_failures;
	struct parsed pdu;

	drain(rig.tap);
	if (!check(say(payload, len) == (ssize_t)len, "%s: send: %s", what, strerror(errno)))
		return false;
	if (!check(frame_take(&pdu, PATIENCE_MS), "%s: no frame on the wire", what))
		return false;
	/* Read after the frame left: had it been ciphered in place, the tap would show it. */
	plain_len = packet_wait(rig.tap, true, plain, sizeof(plain), PATIENCE_MS);
	check(plain_len == 28 + len && !memcmp(plain + 28, payload, len),
	      "%s: the tap on prose0 does not see the packet that was sent", what);
	opens(&pdu, count, what);
	return failures == ktap_failures;
}

static void counters_then(const char *counter, uint64_t before, const char *what)
{
	check(stat_wait(counter, before + 1) == before + 1, "%s: %s did not move by one", what,
	      counter);
}

/* --- the tests */

static void progression(void)
{
	struct prose_nl_device before, after;
	struct prose_nl_assoc assoc;
	struct prose_nl_peer peer;
	uint64_t octets = 0;
	char text[64];
	uint32_t count;
	size_t i;

	begin();
	device(&before);
	for (count = 1; count <= 50; count++) {
		snprintf(text, sizeof(text), "packet with COUNT %u, quite secret", count);
		leaves(text, strlen(text), count, "progression");
		octets += plain_len;
	}
	device(&after);
	for (i = 0; i < after.n_stats; i++)
		check(after.stats[i].value == before.stats[i].value, "%s moved by %llu",
		      after.stats[i].name,
		      (unsigned long long)(after.stats[i].value - before.stats[i].value));
	assoc_now(keys.id, &assoc);
	check(assoc.tx_packets == 50 && assoc.tx_bytes == octets,
	      "the association counts %llu packets, %llu octets",
	      (unsigned long long)assoc.tx_packets, (unsigned long long)assoc.tx_bytes);
	check(assoc.tx, "the association is not shown as the one that sends");
	peer_now(&peer);
	check(peer.tx_packets == 50 && peer.tx_bytes == octets,
	      "the peer counts %llu packets, %llu octets",
	      (unsigned long long)peer.tx_packets, (unsigned long long)peer.tx_bytes);
}

static void forms(void)
{
	struct parsed pdu;
	size_t i;

	for (i = 0; i < 8; i++) {
		prepare(1, 0xffffffff, i & 1, i >> 1 & 1);
		keys.eea = i & 4 ? 2 : 0;
		config.eea = keys.eea;
		install();
		leaves("some text of thirty-one octets", 30, 1, "first");
		leaves("some text of thirty-one octets", 30, 2, "second");
		check(frame_len == ETH_LEN + SL_LEN + PDCP_LEN + 58 + (i & 1) * MAC_I_LEN,
		      "a frame of %zu octets", frame_len);
	}
	check(!frame_take(&pdu, 50), "a frame too many");
}

static void ipv6(void)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	struct parsed pdu;

	begin();
	memcpy(&to.sin6_addr, peer_ipv6, 16);
	need(sendto(fd, "over six", 8, 0, (struct sockaddr *)&to, sizeof(to)) == 8, "%s",
	     strerror(errno));
	close(fd);
	need(frame_take(&pdu, PATIENCE_MS), "no frame");
	plain_len = packet_wait(rig.tap, true, plain, sizeof(plain), PATIENCE_MS);
	check(plain_len == 56 && plain[0] >> 4 == 6 && !memcmp(plain + 48, "over six", 8),
	      "the tap does not see the packet");
	opens(&pdu, 1, "IPv6");
}

/* The HFN moves on by itself; SN 0 is a COUNT like others then. */
static void hfn(void)
{
	uint32_t count;

	prepare(0xfffe, 0xffffffff, true, 1);
	install();
	for (count = 0xfffe; count <= 0x10002; count++)
		leaves("over the wrap", 13, count, "HFN 0 to 1");
	prepare(0x7ffffffe, 0xffffffff, true, 1);
	install();
	for (count = 0x7ffffffe; count <= 0x80000001; count++)
		leaves("over the sign", 13, count, "HFN 7fff to 8000");
}

static void link_set(bool up)
{
	struct ifreq ifr = { 0 };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "prose0");
	need(!ioctl(from, SIOCGIFFLAGS, &ifr), "flags: %s", strerror(errno));
	ifr.ifr_flags = (short)(up ? ifr.ifr_flags | IFF_UP : ifr.ifr_flags & ~IFF_UP);
	need(!ioctl(from, SIOCSIFFLAGS, &ifr), "flags: %s", strerror(errno));
}

/* The limit is the last COUNT, for ever, whatever happens to the link. */
static void ends(uint32_t start, uint32_t limit, const char *what)
{
	struct prose_nl_assoc assoc;
	uint32_t count = start;
	uint64_t before;
	size_t i;

	prepare(start, limit, true, 1);
	install();
	do {
		leaves("counting down", 13, count, what);
	} while (count++ != limit);
	for (i = 0; i < 3; i++) {
		before = stat_now("tx-count-limit");
		say("one too many", 12);
		counters_then("tx-count-limit", before, what);
		silent(what);
	}
	assoc_now(keys.id, &assoc);
	for (i = 0; i < assoc.n_bearers; i++)
		if (assoc.bearers[i].lcid == LCID_DATA)
			check(!assoc.bearers[i].has_tx_next, "tx-next is %08x after the limit",
			      assoc.bearers[i].tx_next);
	link_set(false);
	link_set(true);
	before = stat_now("tx-count-limit");
	say("one too many", 12);
	counters_then("tx-count-limit", before, "after link down and up");
	silent("after link down and up");
}

static void count_limit(void)
{
	ends(1, 5, "1 to 5");
	ends(7, 7, "7 only");
	ends(0x1234fffd, 0x1234ffff, "profile sess-id");
	ends(0xfffffffe, 0xffffffff, "the last COUNT there is");
}

/* Without an association, or with none that sends: nothing leaves, and the sender is told. */
static void never_in_clear(void)
{
	struct prose_nl_assoc_change change = { .tx = true };
	struct pollfd wait;
	uint64_t before;
	char got;

	peers_clear();
	sender_open();
	drain(rig.wire);
	before = stat_now("tx-no-peer");
	say("to nobody", 9);
	counters_then("tx-no-peer", before, "no peer");
	silent("no peer");
	wait = (struct pollfd){ .fd = from, .events = POLLIN };
	poll(&wait, 1, PATIENCE_MS);
	check(recv(from, &got, 1, MSG_DONTWAIT) < 0 && errno != EAGAIN,
	      "the sender is not told that there is no peer");

	peer_add(PEER_ID, PEER_IPV4, NULL, rig.wire_mac);
	sender_open();
	before = stat_now("tx-no-assoc");
	say("no key yet", 10);
	counters_then("tx-no-assoc", before, "no association");
	silent("no association");
	wait = (struct pollfd){ .fd = from, .events = POLLIN };
	poll(&wait, 1, PATIENCE_MS);
	check(recv(from, &got, 1, MSG_DONTWAIT) < 0 && errno != EAGAIN,
	      "the sender is not told that there is no association");

	/* Receive only, until told otherwise. */
	prepare(1, 0xffffffff, true, 1);
	config.tx = false;
	assoc_add(&config);
	sender_open();
	before = stat_now("tx-no-assoc");
	say("receive only", 12);
	counters_then("tx-no-assoc", before, "receive only");
	silent("receive only");
	need(!prose_nl_assoc_set(rig.nl, rig.ifindex, PEER_ID, keys.id, &change), "%s",
	     prose_nl_error(rig.nl));
	sender_open();
	drain(rig.tap);
	leaves("now it may", 10, 1, "after tx was set");

	need(!prose_nl_assoc_del(rig.nl, rig.ifindex, PEER_ID, keys.id), "%s",
	     prose_nl_error(rig.nl));
	sender_open();
	before = stat_now("tx-no-assoc");
	say("too late", 8);
	counters_then("tx-no-assoc", before, "association deleted");
	silent("association deleted");
}

/* PC5-S messages: protection by bearer and DIRECTION, a COUNT for each bearer. */
static void message(uint8_t lcid, enum prose_protection protection, uint32_t count,
		    const char *text, const char *what)
{
	struct prose_nl_signal signal = {
		.l2_id = PEER_ID, .bearer = lcid, .protection = protection, .kd_sess_id = keys.id,
		.message = (const uint8_t *)text, .len = strlen(text),
	};
	bool protected = protection != PROSE_PROTECTION_NONE;
	bool ciphered = protection == PROSE_PROTECTION_FULL;
	uint32_t got = 0xdead;
	struct parsed pdu;

	if (!check(!prose_nl_signal_send(rig.events, rig.ifindex, &signal, &got), "%s: %s", what,
		   prose_nl_error(rig.events)))
		return;
	check(got == count, "%s: the answer says COUNT %08x", what, got);
	if (!check(frame_take(&pdu, PATIENCE_MS), "%s: no frame", what))
		return;
	common(&pdu, what);
	check(pdu.lcid == lcid, "%s: LCID %u", what, pdu.lcid);
	check(pdu.pdcp1 == SDU_PC5S << 5, "%s: PDCP octet 1 is %02x", what, pdu.pdcp1);
	check(pdu.kd_sess_id == (protected ? keys.id : 0), "%s: KD-sess ID %04x", what,
	      pdu.kd_sess_id);
	check(pdu.sn == (count & 0xffff), "%s: SN %04x", what, pdu.sn);
	check(contains(frame, frame_len, text, strlen(text)) == !ciphered, "%s: %s", what,
	      ciphered ? "in clear" : "ciphered");
	pdu_open(&pdu, &keys, count, config.direction, ciphered, protected);
	check(!protected || pdu.mac_good, "%s: the MAC-I does not verify", what);
	check(pdu.len == strlen(text) && !memcmp(pdu.data, text, pdu.len), "%s: message", what);
}

static void signalling(void)
{
	struct prose_nl_assoc assoc;
	uint8_t direction;
	uint32_t i;
	size_t b;

	for (direction = 0; direction < 2; direction++) {
		enum prose_protection smc = direction ? PROSE_PROTECTION_INTEGRITY :
							PROSE_PROTECTION_FULL;

		prepare(1, 0xffffffff, direction, direction);
		install();
		leaves("data first", 10, 1, "data");
		for (i = 1; i <= 3; i++) {
			message(LCID_PLAIN, PROSE_PROTECTION_NONE, 0, "a direct request",
				"LCID 28");
			message(LCID_SMC, smc, i, "a security mode message", "LCID 29");
			message(LCID_SIGNAL, PROSE_PROTECTION_FULL, i, "a keepalive message",
				"LCID 30");
		}
		drain(rig.tap);
		leaves("data again", 10, 2, "data");
		assoc_now(keys.id, &assoc);
		for (b = 0; b < assoc.n_bearers; b++) {
			uint8_t lcid = assoc.bearers[b].lcid;

			check(assoc.bearers[b].has_tx_next &&
			      assoc.bearers[b].tx_next == (lcid == LCID_DATA ? 3 : 4),
			      "tx-next of LCID %u is %u", lcid, assoc.bearers[b].tx_next);
		}
	}
}

/* A message to someone who is no peer, or to where the peer is not. */
static void signalling_address(void)
{
	static const uint8_t there[6] = { 2, 0, 0, 0, 0, 0x44 };
	struct prose_nl_signal signal = {
		.l2_id = OTHER_ID, .bearer = LCID_PLAIN, .protection = PROSE_PROTECTION_NONE,
		.message = (const uint8_t *)"\x01", .len = 1,
	};
	struct parsed pdu;

	begin();
	need(!prose_nl_signal_send(rig.events, rig.ifindex, &signal, NULL), "%s",
	     prose_nl_error(rig.events));
	need(frame_take(&pdu, PATIENCE_MS), "no frame");
	check(pdu.dst == OTHER_ID && !memcmp(pdu.eth_dst, "\xff\xff\xff\xff\xff\xff", 6),
	      "a message to a stranger does not go to all");
	signal.carrier_addr_len = 6;
	memcpy(signal.carrier_addr, there, 6);
	need(!prose_nl_signal_send(rig.events, rig.ifindex, &signal, NULL), "%s",
	     prose_nl_error(rig.events));
	need(frame_take(&pdu, PATIENCE_MS), "no frame");
	check(!memcmp(pdu.eth_dst, there, 6), "carrier-addr is not used for a stranger");
	signal.l2_id = PEER_ID;
	need(!prose_nl_signal_send(rig.events, rig.ifindex, &signal, NULL), "%s",
	     prose_nl_error(rig.events));
	need(frame_take(&pdu, PATIENCE_MS), "no frame");
	check(!memcmp(pdu.eth_dst, there, 6), "carrier-addr does not override the peer's");
	signal.carrier_addr_len = 0;
	need(!prose_nl_signal_send(rig.events, rig.ifindex, &signal, NULL), "%s",
	     prose_nl_error(rig.events));
	need(frame_take(&pdu, PATIENCE_MS), "no frame");
	check(!memcmp(pdu.eth_dst, rig.wire_mac, 6), "the peer's own address did not stay");
}

/* The peer's carrier address is broadcast until it is known. */
static void data_address(void)
{
	static const uint8_t there[6] = { 2, 0, 0, 0, 0, 0x44 };
	struct prose_nl_peer peer = { .ifindex = rig.ifindex, .l2_id = PEER_ID };
	struct parsed pdu;

	prepare(1, 0xffffffff, true, 1);
	peers_clear();
	peer_add(PEER_ID, PEER_IPV4, NULL, NULL);
	assoc_add(&config);
	sender_open();
	say("to all", 6);
	need(frame_take(&pdu, PATIENCE_MS), "no frame");
	check(!memcmp(pdu.eth_dst, "\xff\xff\xff\xff\xff\xff", 6), "not broadcast while unknown");
	peer.carrier_addr_len = 6;
	memcpy(peer.carrier_addr, there, 6);
	need(!prose_nl_peer_set(rig.nl, &peer), "%s", prose_nl_error(rig.nl));
	say("to one", 6);
	need(frame_take(&pdu, PATIENCE_MS), "no frame");
	check(!memcmp(pdu.eth_dst, there, 6), "not to the address set");
}

/* With pad on, what is below the Ethernet minimum has a length and zeros after the SDU. */
static void padded_as(size_t short_len, const struct parsed *pdu, const char *what)
{
	size_t i;

	if (short_len >= ETH_MIN) {
		check(!pdu->padded && frame_len == short_len, "%s: %zu octets, %s", what, frame_len,
		      pdu->padded ? "padded" : "not padded");
		return;
	}
	check(pdu->padded, "%s: not padded", what);
	check(frame_len == (short_len + 2 > ETH_MIN ? short_len + 2 : ETH_MIN), "%s: %zu octets",
	      what, frame_len);
	check(pdu->second == LCID_PADDING, "%s: second subheader %02x", what, pdu->second);
	check(pdu->l == short_len - ETH_LEN - SL_LEN, "%s: L = %u", what, pdu->l);
	for (i = 0; i < pdu->padding_len; i++)
		check(!pdu->padding[i], "%s: padding octet %zu is %02x", what, i, pdu->padding[i]);
}

static void padding(void)
{
	struct prose_nl_device_config pad = { .has_pad = true, .pad = true };
	static const char text[] = "0123456789012345678901234567890123456789";
	struct prose_nl_signal signal = {
		.l2_id = PEER_ID, .bearer = LCID_PLAIN, .protection = PROSE_PROTECTION_NONE,
		.message = (const uint8_t *)text,
	};
	struct parsed pdu;
	char what[64];
	size_t len, count;
	int integrity;

	for (integrity = 0; integrity < 2; integrity++) {
		prepare(1, 0xffffffff, integrity, 1);
		install();
		need(!prose_nl_device_set(rig.nl, rig.ifindex, &pad), "%s", prose_nl_error(rig.nl));
		for (len = 0, count = 1; len < 8; len++, count++) {
			snprintf(what, sizeof(what), "%zu octets of data, integrity %d", len,
				 integrity);
			need(say(text, len) == (ssize_t)len, "%s", strerror(errno));
			need(frame_take(&pdu, PATIENCE_MS), "%s: no frame", what);
			plain_len = packet_wait(rig.tap, true, plain, sizeof(plain), PATIENCE_MS);
			padded_as(ETH_LEN + SL_LEN + PDCP_LEN + 28 + len +
				  (integrity ? MAC_I_LEN : 0), &pdu, what);
			opens(&pdu, (uint32_t)count, what);
		}
	}
	for (len = 1; len < 36; len++) {
		snprintf(what, sizeof(what), "message of %zu octets", len);
		signal.len = len;
		need(!prose_nl_signal_send(rig.events, rig.ifindex, &signal, NULL), "%s",
		     prose_nl_error(rig.events));
		need(frame_take(&pdu, PATIENCE_MS), "%s: no frame", what);
		padded_as(ETH_LEN + SL_LEN + PDCP_LEN + len, &pdu, what);
		check(pdu.len == len && !memcmp(pdu.data, text, len), "%s: changed", what);
	}
	pad.pad = false;
	need(!prose_nl_device_set(rig.nl, rig.ifindex, &pad), "%s", prose_nl_error(rig.nl));
	signal.len = 1;
	need(!prose_nl_signal_send(rig.events, rig.ifindex, &signal, NULL), "%s",
	     prose_nl_error(rig.events));
	need(frame_take(&pdu, PATIENCE_MS), "no frame");
	check(!pdu.padded && frame_len == ETH_LEN + SL_LEN + PDCP_LEN + 1,
	      "padding though pad is off");
}

static int mtu_of(const char *dev)
{
	struct ifreq ifr = { 0 };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	need(!ioctl(from, SIOCGIFMTU, &ifr), "MTU of %s: %s", dev, strerror(errno));
	return ifr.ifr_mtu;
}

static void mtu(void)
{
	static uint8_t big[8000];
	int mtu, on = IP_PMTUDISC_DO, off = IP_PMTUDISC_DONT;
	struct parsed pdu;
	size_t total = 0, i;
	uint32_t count;

	begin();
	for (i = 0; i < sizeof(big); i++)
		big[i] = (uint8_t)(i * 7 + (i >> 8));
	mtu = mtu_of("prose0");
	check(mtu == mtu_of("eth0") - SL_LEN - PDCP_LEN - MAC_I_LEN, "MTU is %d", mtu);
	setsockopt(from, IPPROTO_IP, IP_MTU_DISCOVER, &on, sizeof(on));
	leaves(big, (size_t)mtu - 28, 1, "a packet of the MTU");
	check(frame_len == ETH_LEN + (size_t)mtu_of("eth0"), "its frame has %zu octets", frame_len);
	leaves(big, (size_t)mtu - 29, 2, "one octet less");
	check(say(big, (size_t)mtu - 27) < 0 && errno == EMSGSIZE, "one octet more: %s",
	      strerror(errno));
	silent("one octet more");

	/* Fragments are packets like others. */
	setsockopt(from, IPPROTO_IP, IP_MTU_DISCOVER, &off, sizeof(off));
	need(say(big, 4000) == 4000, "%s", strerror(errno));
	for (count = 3; total < 4008; count++) {
		need(frame_take(&pdu, PATIENCE_MS), "fragments end after %zu octets", total);
		plain_len = packet_wait(rig.tap, true, plain, sizeof(plain), PATIENCE_MS);
		check(frame_len <= ETH_LEN + (size_t)mtu_of("eth0"), "a frame of %zu octets",
		      frame_len);
		opens(&pdu, count, "fragment");
		total += pdu.len - 20;
	}
	check(total == 4008, "fragments have %zu octets", total);
}

/* Sends five segments as one packet, from behind us (namespace far, see transmit.sh). */
static void segments_from_far(const uint8_t *data, size_t len)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr.s_addr = htonl(PEER_IPV4),
	};
	int fd, ns, status, size = 1000;
	pid_t child;

	fflush(stdout);
	child = fork();
	need(child >= 0, "fork: %s", strerror(errno));
	if (child) {
		waitpid(child, &status, 0);
		need(WIFEXITED(status), "the sender died");
		need(!WEXITSTATUS(status), "the sender: %s", strerror(WEXITSTATUS(status)));
		return;
	}
	ns = open("/run/netns/far", O_RDONLY);
	if (ns < 0 || setns(ns, CLONE_NEWNET))
		_exit(errno);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)) ||
	    sendto(fd, data, len, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		_exit(errno);
	_exit(0);
}

/*
 * A packet of many segments, its checksum left to the hardware, that is forwarded to us: each
 * segment leaves with a COUNT and a checksum of its own.
 */
static void segments(void)
{
	static uint8_t big[5000];
	struct parsed pdu;
	uint32_t count;
	size_t i;

	begin();
	for (i = 0; i < sizeof(big); i++)
		big[i] = (uint8_t)(i / 1000 + 1);
	segments_from_far(big, sizeof(big));
	for (count = 1; count <= 5; count++) {
		uint8_t pseudo[12 + 1008] = { 0 };

		need(frame_take(&pdu, PATIENCE_MS), "segments end after %u", count - 1);
		common(&pdu, "segment");
		pdu_open(&pdu, &keys, count, 1, true, true);
		check(pdu.mac_good && pdu.sn == count, "segment %u: SN %u, MAC-I %s", count, pdu.sn,
		      pdu.mac_good ? "good" : "wrong");
		if (!check(pdu.len == 1028, "segment %u: %zu octets", count, pdu.len))
			continue;
		for (i = 28; i < pdu.len; i++)
			check(pdu.data[i] == count, "segment %u, octet %zu", count, i);
		check(!ip_checksum(pdu.data, 20), "segment %u: IPv4 checksum", count);
		memcpy(pseudo, pdu.data + 12, 8);
		pseudo[9] = 17;
		put_be16(pseudo + 10, 1008);
		memcpy(pseudo + 12, pdu.data + 20, 1008);
		check(!ip_checksum(pseudo, sizeof(pseudo)), "segment %u: UDP checksum", count);
	}
}

/* The tap's copy shares its data with what is ciphered; it must stay as it was. */
static void shared_packet(void)
{
	static uint8_t saw[16][2048];
	struct parsed pdu;
	char text[64];
	int i;

	begin();
	for (i = 0; i < 16; i++) {
		snprintf(text, sizeof(text), "shared packet number %02d", i);
		need(say(text, strlen(text)) > 0, "%s", strerror(errno));
		need(frame_take(&pdu, PATIENCE_MS), "no frame");
		pdu_open(&pdu, &keys, (uint32_t)i + 1, 1, true, true);
		check(pdu.mac_good && contains(pdu.data, pdu.len, text, strlen(text)),
		      "frame %d does not open", i);
	}
	for (i = 0; i < 16; i++) {
		size_t len = packet_wait(rig.tap, true, saw[i], sizeof(saw[i]), PATIENCE_MS);

		snprintf(text, sizeof(text), "shared packet number %02d", i);
		check(contains(saw[i], len, text, strlen(text)), "packet %d was written to", i);
	}
}

/* Sends @n packets from a child process, on one processor. */
static pid_t flood(int cpu, int n)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr.s_addr = htonl(PEER_IPV4),
	};
	pid_t child;
	int fd, i;
	cpu_set_t set;
	char text[64];

	fflush(stdout);
	child = fork();
	need(child >= 0, "fork: %s", strerror(errno));
	if (child)
		return child;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	for (i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "CPU %d, packet %d, never in clear", cpu, i);
		sendto(fd, text, strlen(text), 0, (const struct sockaddr *)&to, sizeof(to));
		if (i % 16 == 15)
			sched_yield();
	}
	_exit(0);
}

/*
 * Opens all frames on the wire, of which that many are due; each COUNT may occur once. Returns how
 * many there were.
 */
static uint32_t unique(uint32_t start, uint32_t span, uint32_t due, uint32_t *highest)
{
	static uint8_t had[1 << 20];
	uint32_t n = 0, count;
	struct parsed pdu;

	memset(had, 0, sizeof(had));
	need(span <= sizeof(had), "span");
	*highest = 0;
	while (frame_take(&pdu, n < due ? PATIENCE_MS : 300)) {
		/* They leave nearly in order: the COUNT nearest to the highest so far. */
		uint32_t ref = *highest ? *highest : start;

		count = (ref & 0xffff0000) | pdu.sn;
		if (count + 32768 < ref)
			count += 65536;
		else if (count > ref + 32768)
			count -= 65536;
		check(!contains(frame, frame_len, "never in clear", 14), "in clear, COUNT %08x",
		      count);
		pdu_open(&pdu, &keys, count, config.direction, true, true);
		check(pdu.mac_good, "COUNT %08x does not verify", count);
		if (!check(count - start < span, "COUNT %08x is out of bounds", count))
			continue;
		check(!had[count - start], "COUNT %08x twice", count);
		had[count - start] = 1;
		if (count > *highest)
			*highest = count;
		n++;
	}
	return n;
}

/* Rule 1 of the datapath: two CPUs at once, and the link going down and up between. */
static void count_never_twice(void)
{
	int second = sysconf(_SC_NPROCESSORS_ONLN) > 1, each = 3000, flips = 0, floods = 0, status;
	struct prose_nl_assoc assoc;
	uint32_t n, highest, before;
	pid_t child[2];

	prepare(0xfc00, 0xffffffff, true, 0);
	install();
	child[0] = flood(0, each);
	child[1] = flood(second, each);
	waitpid(child[0], &status, 0);
	waitpid(child[1], &status, 0);
	n = unique(0xfc00, 1 << 20, 2u * (uint32_t)each, &highest);
	check(n == 2u * (uint32_t)each, "%u frames for %d packets", n, 2 * each);
	check(highest == 0xfc00u + n - 1, "the highest COUNT is %08x", highest);
	assoc_now(keys.id, &assoc);
	check(assoc.tx_packets == n, "tx-packets is %llu after %u frames",
	      (unsigned long long)assoc.tx_packets, n);

	/*
	 * What is sent while there is no route is refused at once: a flood may well be over before
	 * the link has been up for long enough.
	 */
	before = highest;
	do {
		child[0] = flood(0, each);
		child[1] = flood(second, each);
		do {
			link_set(false);
			link_set(true);
			flips++;
		} while (!waitpid(child[0], &status, WNOHANG));
		waitpid(child[1], &status, 0);
		n = unique(before + 1, 1 << 20, 0, &highest);
	} while (!n && ++floods < 20);
	ktap_say("%u packets left while the link went down and up %d times", n, flips);
	if (!check(n, "nothing was sent at all"))
		highest = before;
	/* Once more for certain: the numbers go on. */
	leaves("after all that", 14, highest + 1, "after link down and up");
}

/* A sender that does not stop, and the association it sends under replaced: no packet is lost. */
static void switch_over(void)
{
	struct prose_nl_assoc_change change = { .tx = true };
	struct keys generation[8];
	uint32_t next[8];
	struct parsed pdu;
	uint32_t n = 0, each = 4000;
	int status, last = 0, g;
	pid_t child;

	begin();
	generation[0] = keys;
	next[0] = 1;
	child = flood(0, (int)each);
	for (g = 1; g < 8; g++) {
		fresh_keys(&generation[g], (uint16_t)(0x1234 + g));
		assoc_config(&generation[g], &config);
		config.direction = 1;
		assoc_add(&config);
		next[g] = 1;
		need(!prose_nl_assoc_set(rig.nl, rig.ifindex, PEER_ID, generation[g].id, &change),
		     "%s", prose_nl_error(rig.nl));
		pause_ms(5);
	}
	waitpid(child, &status, 0);
	while (frame_take(&pdu, n < each ? PATIENCE_MS : 300)) {
		g = pdu.kd_sess_id - 0x1234;
		if (!check(g >= 0 && g < 8, "KD-sess ID %04x", pdu.kd_sess_id))
			continue;
		check(g >= last, "the old association sends after the new one did");
		last = g;
		check(pdu.sn == (next[g] & 0xffff), "SN %u, not %u", pdu.sn, next[g]);
		pdu_open(&pdu, &generation[g], next[g]++, 1, true, true);
		check(pdu.mac_good, "a frame under KD-sess ID %04x does not verify",
		      pdu.kd_sess_id);
		n++;
	}
	check(n == each, "%u frames for %u packets", n, each);
	ktap_say("the last of %d associations sent %u packets", last + 1, next[last] - 1);
}

int main(int argc, char **argv)
{
	static const struct ktap_test tests[] = {
		{ "progression", progression },
		{ "forms", forms },
		{ "ipv6", ipv6 },
		{ "hfn", hfn },
		{ "count_limit", count_limit },
		{ "never_in_clear", never_in_clear },
		{ "signalling", signalling },
		{ "signalling_address", signalling_address },
		{ "data_address", data_address },
		{ "padding", padding },
		{ "mtu", mtu },
		{ "segments", segments },
		{ "shared_packet", shared_packet },
		{ "count_never_twice", count_never_twice },
		{ "switch_over", switch_over },
	};

	rig_open(true);
	return KTAP_MAIN(tests, rig_reset, argc, argv);
}
