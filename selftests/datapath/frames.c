// SPDX-License-Identifier: MIT
/*
 * What the device does with frames it receives, one hand-made frame at a time. A frame that must
 * be dropped has to move exactly the counter named, deliver nothing and change no state; then
 * the genuine frame with the next COUNT must still pass.
 */
#include "rig.h"

static struct keys keys;	/* of the association under test */
static uint32_t next_count;	/* next genuine COUNT on the data bearer */
static uint8_t inner[2048];	/* the packet inside the last frame */
static size_t inner_len;

/* The association a test will install; it may change this before. */
static struct prose_nl_assoc_config config;

static void prepare(uint16_t id, uint32_t start, uint32_t limit, uint32_t window, bool integrity)
{
	fresh_keys(&keys, id);
	keys.up_integrity = integrity;
	assoc_config(&keys, &config);
	config.direction = 0;	/* what we send as the peer has DIRECTION 1 */
	config.count_start = start;
	config.count_limit = limit;
	config.window = window;
	next_count = start;
}

/* A fresh peer with that association. */
static void install(void)
{
	peers_clear();
	peer_add(PEER_ID, PEER_IPV4, peer_ipv6, NULL);
	assoc_add(&config);
	drain(rig.tap);
	events_clear();
}

static void begin_with(uint16_t id, uint32_t start, uint32_t limit, uint32_t window, bool integrity)
{
	prepare(id, start, limit, window, integrity);
	install();
}

static void begin(void)
{
	begin_with(0x1234, 1, 0xffffffff, 0, true);
}

/* A genuine data frame with this COUNT, of whose fields a test may then spoil some. */
static struct pdu data_frame(uint32_t count)
{
	struct pdu pdu = {
		.ethertype = PDU_ETHERTYPE, .octet1 = 0x30, .src = PEER_ID, .dst = OWN_ID,
		.lcid = LCID_DATA, .second = LCID_PADDING, .sdu_type = SDU_IP,
		.kd_sess_id = keys.id, .count = count, .direction = 1,
		.ciphered = true, .mac = keys.up_integrity,
	};
	char payload[48];

	memcpy(pdu.eth_dst, rig.lower_mac, 6);
	memcpy(pdu.eth_src, rig.wire_mac, 6);
	snprintf(payload, sizeof(payload), "COUNT %08x, not to be seen by others", count);
	inner_len = ipv4_udp(inner, PEER_IPV4, OWN_IPV4, PORT, payload, strlen(payload));
	pdu.data = inner;
	pdu.len = inner_len;
	return pdu;
}

/* A PC5-S message on one of its bearers. */
static struct pdu signal_frame(uint8_t lcid, uint32_t count, const void *message, size_t len)
{
	struct pdu pdu = data_frame(count);

	pdu.lcid = lcid;
	pdu.sdu_type = SDU_PC5S;
	pdu.mac = lcid != LCID_PLAIN;
	pdu.ciphered = lcid == LCID_SIGNAL;	/* DIRECTION is 1: a COMMAND is not ciphered */
	if (lcid == LCID_PLAIN) {
		pdu.kd_sess_id = 0;
		pdu.count = 0;
	}
	pdu.data = message;
	pdu.len = len;
	return pdu;
}

static size_t build(const struct pdu *pdu, uint8_t *frame)
{
	return pdu_build(pdu, &keys, frame);
}

struct snapshot {
	struct prose_nl_device device;
	struct prose_nl_peer peer;
	struct prose_nl_assoc assoc;
};

static void snapshot(struct snapshot *to)
{
	device(&to->device);
	peer_now(&to->peer);
	assoc_now(keys.id, &to->assoc);
}

static const struct prose_nl_bearer *bearer(const struct prose_nl_assoc *assoc, uint8_t lcid)
{
	size_t i;

	for (i = 0; i < assoc->n_bearers; i++)
		if (assoc->bearers[i].lcid == lcid)
			return &assoc->bearers[i];
	return NULL;
}

/* Counters that received frames move; the device's own chatter moves the others. */
static bool receive_counter(const char *name)
{
	return !strncmp(name, "rx-", 3) || !strncmp(name, "signal-", 7);
}

static void same_counters(const struct snapshot *before, const struct snapshot *after,
			  const char *except, const char *what)
{
	size_t i;

	for (i = 0; i < before->device.n_stats; i++) {
		const char *name = before->device.stats[i].name;
		uint64_t moved = after->device.stats[i].value - before->device.stats[i].value;

		if (except && !strcmp(name, except))
			check(moved == 1, "%s: %s moved by %llu, not by 1", what, name,
			      (unsigned long long)moved);
		else if (receive_counter(name))
			check(!moved, "%s: %s moved by %llu", what, name,
			      (unsigned long long)moved);
	}
}

static void same_state(const struct snapshot *before, const struct snapshot *after,
		       const char *counter, const char *what)
{
	const struct prose_nl_assoc *a = &before->assoc, *b = &after->assoc;
	size_t i;

	check(a->rx_packets == b->rx_packets && a->rx_bytes == b->rx_bytes,
	      "%s: the association counts it as received", what);
	check(b->integrity_failures - a->integrity_failures == !strcmp(counter, "rx-integrity"),
	      "%s: integrity-failures moved by %llu", what,
	      (unsigned long long)(b->integrity_failures - a->integrity_failures));
	check(b->replays - a->replays == !strcmp(counter, "rx-replay"), "%s: replays moved by %llu",
	      what, (unsigned long long)(b->replays - a->replays));
	check(a->n_bearers == b->n_bearers, "%s: bearers came or went", what);
	for (i = 0; i < a->n_bearers && i < b->n_bearers; i++)
		check(a->bearers[i].lcid == b->bearers[i].lcid &&
		      a->bearers[i].has_rx_highest == b->bearers[i].has_rx_highest &&
		      a->bearers[i].rx_highest == b->bearers[i].rx_highest,
		      "%s: the window of LCID %u moved", what, a->bearers[i].lcid);
	check(before->peer.rx_packets == after->peer.rx_packets &&
	      before->peer.rx_bytes == after->peer.rx_bytes,
	      "%s: the peer counts it as received", what);
	check(before->peer.carrier_addr_len == after->peer.carrier_addr_len &&
	      !memcmp(before->peer.carrier_addr, after->peer.carrier_addr, 6),
	      "%s: the peer's carrier address changed", what);
	check(before->peer.has_last_rx == after->peer.has_last_rx &&
	      after->peer.last_rx_ms >= before->peer.last_rx_ms, "%s: last-rx moved", what);
}

/* Sends octets that must be dropped under @counter. */
static bool dropped(const uint8_t *frame, size_t len, const char *counter, const char *what)
{
	struct snapshot before, after;
	uint8_t got[2048];
	int failures = ktap_failures;

	snapshot(&before);
	wire_send(frame, len);
	stat_wait(counter, stat_in(&before.device, counter) + 1);
	snapshot(&after);
	same_counters(&before, &after, counter, what);
	same_state(&before, &after, counter, what);
	check(!packet_take(rig.tap, false, got, sizeof(got)), "%s: something was delivered", what);
	return failures == ktap_failures;
}

/* Sends octets whose inner packet must come out as it went in. */
static bool delivered(const uint8_t *frame, size_t len, const char *what)
{
	struct snapshot before, after;
	uint8_t got[2048];
	size_t got_len;

	snapshot(&before);
	wire_send(frame, len);
	got_len = packet_wait(rig.tap, false, got, sizeof(got), PATIENCE_MS);
	if (!check(got_len, "%s: not delivered", what)) {
		size_t i;

		snapshot(&after);
		for (i = 0; i < after.device.n_stats; i++)
			if (after.device.stats[i].value != before.device.stats[i].value)
				ktap_say("%s moved", after.device.stats[i].name);
		return false;
	}
	check(got_len == inner_len && !memcmp(got, inner, inner_len),
	      "%s: delivered, but not what was sent", what);
	snapshot(&after);
	same_counters(&before, &after, NULL, what);
	check(after.assoc.rx_packets == before.assoc.rx_packets + 1 &&
	      after.assoc.rx_bytes == before.assoc.rx_bytes + inner_len,
	      "%s: the association's counters are wrong", what);
	check(after.peer.rx_packets == before.peer.rx_packets + 1 &&
	      after.peer.rx_bytes == before.peer.rx_bytes + inner_len,
	      "%s: the peer's counters are wrong", what);
	return true;
}

static bool delivers(uint32_t count, const char *what)
{
	struct pdu pdu = data_frame(count);
	uint8_t frame[PDU_MAX];
	size_t len = build(&pdu, frame);

	return delivered(frame, len, what);
}

static bool drops(uint32_t count, const char *counter, const char *what)
{
	struct pdu pdu = data_frame(count);
	uint8_t frame[PDU_MAX];
	size_t len = build(&pdu, frame);

	return dropped(frame, len, counter, what);
}

/* The genuine frame with the next COUNT. */
static bool still_good(const char *what)
{
	char after[96];

	snprintf(after, sizeof(after), "genuine frame after %s", what);
	return delivers(next_count++, after);
}

static bool dropped_pdu(const struct pdu *pdu, const char *counter, const char *what)
{
	uint8_t frame[PDU_MAX];
	size_t len = build(pdu, frame);

	return dropped(frame, len, counter, what) & still_good(what);
}

/* --- the tests */

/* This program's own EEA2 and EIA2, against TS 33.401 annex C: else the rest proves nothing. */
static void own_algorithms(void)
{
	struct keys k = { .pek = { 0xd3, 0xc5, 0xd5, 0x92, 0x32, 0x7f, 0xb1, 0x1c,
				   0x40, 0x35, 0xc6, 0x68, 0x0a, 0xf8, 0xc6, 0xd1 }, .eea = 2 };
	uint8_t text[] = { 0x98, 0x1b, 0xa6, 0x82, 0x4c, 0x1b, 0xfb, 0x1a };
	static const uint8_t ciphered[] = { 0xe9, 0xfe, 0xd8, 0xa6, 0x3d, 0x15, 0x53, 0x04 };
	static const uint8_t message[] = { 0x48, 0x45, 0x83, 0xd5, 0xaf, 0xe0, 0x82, 0xae };
	static const uint8_t mac[] = { 0xb9, 0x37, 0x87, 0xe6 };
	uint8_t got[MAC_I_LEN];

	eea(&k, 0x398a59b4, 0x15, 1, text, sizeof(text));
	check(!memcmp(text, ciphered, sizeof(text)), "128-EEA2, test set 1");
	memcpy(k.pik, k.pek, sizeof(k.pik));
	eia(&k, 0x398a59b4, 0x1a, 1, message, sizeof(message), got);
	check(!memcmp(got, mac, sizeof(mac)), "128-EIA2, test set 2");
}

static void good_frame(void)
{
	struct prose_nl_assoc assoc;
	struct prose_nl_peer peer;
	uint32_t i;

	begin();
	peer_now(&peer);
	check(!peer.has_last_rx, "last-rx-ms is there before anything was received");
	for (i = 0; i < 5; i++)
		still_good("nothing");
	assoc_now(keys.id, &assoc);
	check(bearer(&assoc, LCID_DATA) && bearer(&assoc, LCID_DATA)->has_rx_highest &&
	      bearer(&assoc, LCID_DATA)->rx_highest == 5, "rx-highest is not 5");
	peer_now(&peer);
	check(peer.has_last_rx, "last-rx-ms is absent after verified frames");
}

static void good_ipv6(void)
{
	struct pdu pdu;
	uint8_t frame[PDU_MAX];

	begin();
	pdu = data_frame(next_count++);
	inner_len = ipv6_none(inner, peer_ipv6, own_ipv6, "six", 3);
	pdu.len = inner_len;
	delivered(frame, build(&pdu, frame), "IPv6");
}

static void ciphering_off(void)
{
	struct pdu pdu;
	uint8_t frame[PDU_MAX];

	prepare(0x4321, 1, 0xffffffff, 0, true);
	keys.eea = 0;
	config.eea = 0;
	install();
	still_good("EEA0 was installed");
	pdu = data_frame(next_count);
	pdu.mac = false;
	dropped(frame, build(&pdu, frame), "rx-integrity", "EEA0 without MAC-I");
	still_good("EEA0 without MAC-I");
}

/* One bit of every octet of the PDCP PDU, and each bit of the MAC-I. */
static void wrong_mac(void)
{
	struct pdu pdu;
	uint8_t frame[PDU_MAX];
	size_t at, len, from = ETH_LEN + SL_LEN;
	char what[64];
	int bit;

	/* A COUNT that stays within its limits, and ahead, whichever bit of the SN turns. */
	begin();
	delivers(0x5555, "far ahead");
	next_count = 0x5556;
	pdu = data_frame(next_count);
	len = build(&pdu, frame);
	for (at = from; at < len; at++) {
		const char *counter = "rx-integrity";
		bool mac = at >= len - MAC_I_LEN;

		/* KD-sess ID: it is another association then. */
		if (at == from + 1 || at == from + 2)
			counter = "rx-no-assoc";
		for (bit = 0; bit < 8; bit++) {
			/* 0 to 4: the R bits in octet 1, any bit elsewhere. */
			if (!mac && bit != (int)(at % 5))
				continue;
			snprintf(what, sizeof(what), "octet %zu of %zu, bit %d", at - from,
				 len - from, bit);
			build(&pdu, frame);
			frame[at] ^= 1 << bit;
			dropped(frame, len, counter, what);
		}
		data_frame(next_count);
	}
	still_good("frames with a wrong bit");

	pdu = data_frame(next_count);
	len = build(&pdu, frame);
	memset(frame + len - MAC_I_LEN, 0, MAC_I_LEN);
	dropped(frame, len, "rx-integrity", "MAC-I of zeros");
	still_good("MAC-I of zeros");
}

/* The MAC-I is over COUNT, BEARER and DIRECTION too. */
static void wrong_inputs(void)
{
	struct keys right;
	struct pdu pdu;
	uint8_t frame[PDU_MAX], other[PDU_MAX];
	size_t len;

	begin();
	still_good("nothing");

	pdu = data_frame(next_count);
	pdu.direction = 0;
	dropped_pdu(&pdu, "rx-integrity", "the other DIRECTION (reflection)");

	pdu = data_frame(next_count);
	pdu.lcid = LCID_SIGNAL;
	len = build(&pdu, frame);
	frame[ETH_LEN + 7] = LCID_DATA;
	dropped(frame, len, "rx-integrity", "another BEARER in the algorithms");
	still_good("another BEARER in the algorithms");

	pdu = data_frame(next_count + 0x10000);
	dropped_pdu(&pdu, "rx-integrity", "another HFN in the algorithms");

	right = keys;
	keys.pik[15] ^= 1;
	pdu = data_frame(next_count);
	len = build(&pdu, frame);
	keys = right;
	dropped(frame, len, "rx-integrity", "one bit of PIK");
	still_good("one bit of PIK");

	/* Another PEK gives other plaintext, which the MAC-I over the plaintext shows. */
	keys.pek[0] ^= 0x80;
	pdu = data_frame(next_count);
	len = build(&pdu, frame);
	keys = right;
	dropped(frame, len, "rx-integrity", "one bit of PEK");
	still_good("one bit of PEK");

	/* MAC-I computed over the ciphertext, as another reading of the standard might. */
	pdu = data_frame(next_count);
	len = build(&pdu, frame);
	eia(&keys, next_count, LCID_DATA, 1, frame + ETH_LEN + SL_LEN,
	    len - ETH_LEN - SL_LEN - MAC_I_LEN, other);
	memcpy(frame + len - MAC_I_LEN, other, MAC_I_LEN);
	dropped(frame, len, "rx-integrity", "MAC-I over ciphertext");
	still_good("MAC-I over ciphertext");
}

/* The same frame again, at once and later, in every position of the window. */
static void replay(void)
{
	uint32_t count;

	begin_with(0x1234, 1, 0xffffffff, 64, true);
	drops(0, "rx-count-limit", "COUNT 0");
	for (count = 1; count <= 20; count++) {
		delivers(count, "first time");
		drops(count, "rx-replay", "same frame at once again");
	}
	for (count = 1; count <= 20; count++)
		drops(count, "rx-replay", "same frame later again");
	next_count = 21;
	still_good("replays");
	delivers(60, "after a gap");
	for (count = 22; count < 60; count += 7) {
		delivers(count, "late, first time");
		drops(count, "rx-replay", "late, second time");
	}
	for (count = 1; count <= 21; count++)
		drops(count, "rx-replay", "old ones are still known");
	next_count = 61;
	still_good("replays after a gap");
}

static void edges(uint32_t window, uint32_t base)
{
	char what[96];
	uint32_t highest = base + 1000 + 2 * window;

	begin_with(0x1234, base, 0xffffffff, window, true);
	delivers(base, "the first");
	if (highest - base < 32000) {
		delivers(highest, "the highest");
	} else {
		delivers(base + 30000, "on the way to the highest");
		delivers(base + 60000, "on the way to the highest");
		if (highest > base + 60000)
			delivers(highest, "the highest");
		else
			highest = base + 60000;
	}
	snprintf(what, sizeof(what), "window %u, just outside", window);
	/* With the greatest window the SN just outside means the COUNT 65536 higher. */
	drops(highest - window, window < 32768 ? "rx-replay" : "rx-integrity", what);
	snprintf(what, sizeof(what), "window %u, just inside", window);
	delivers(highest - window + 1, what);
	drops(highest - window + 1, "rx-replay", what);
	delivers(highest - 1, "just behind the highest");
	drops(highest, "rx-replay", "the highest again");
	if (window < 32768)
		drops(highest - window - 1, "rx-replay", "further outside");
	drops(highest - window + 1, "rx-replay", "just inside, third time");

	/* One step on: what was just inside is out now, its neighbour just inside. */
	delivers(highest + 1, "one step");
	drops(highest - window + 1, window < 32768 ? "rx-replay" : "rx-integrity",
	      "was inside until the step");
	delivers(highest - window + 2, "just inside after the step");

	/* A jump of a whole window leaves nothing but the jump's end. */
	delivers(highest + 1 + window, "a jump of one window");
	delivers(highest + 2, "just inside after the jump");
	drops(highest + 1, window < 32768 ? "rx-replay" : "rx-integrity",
	      "just outside after the jump");
	next_count = highest + 2 + window;
	still_good("the window's edges");
}

static void window_edges(void)
{
	edges(64, 1);
	edges(64, 0x0001ff00);
	edges(1024, 1);
	edges(2048, 0x7fff0001);
	edges(32768, 1);
}

/* A request for 65 gives 128 (netlink contract: rounded up to a power of two). */
static void window_rounded(void)
{
	struct prose_nl_assoc assoc;

	begin_with(0x1234, 1, 0xffffffff, 65, true);
	assoc_now(keys.id, &assoc);
	check(assoc.window == 128, "window 65 became %u", assoc.window);
	delivers(1000, "the highest");
	drops(1000 - 128, "rx-replay", "just outside");
	delivers(1000 - 127, "just inside");
	begin();
	assoc_now(keys.id, &assoc);
	check(assoc.window == 2048, "the default window is %u", assoc.window);
}

/* A long random walk against the plainest of models. The seed makes it repeatable. */
static void window_walk(void)
{
	static bool had[4096];
	uint32_t highest = 0, count, window = 128, i;
	unsigned int seed = 20240607;

	begin_with(0x1234, 1, 0xffffffff, window, true);
	memset(had, 0, sizeof(had));
	for (i = 0; i < 400; i++) {
		int how = rand_r(&seed) % 10;

		if (how < 4 || !highest)
			count = highest + 1;
		else if (how < 5)
			count = highest + 1 + (uint32_t)rand_r(&seed) % 200;
		else
			count = highest - (uint32_t)rand_r(&seed) % 160 % highest;
		if (count >= sizeof(had) / sizeof(had[0]))
			break;
		if (count + window <= highest || had[count]) {
			if (!drops(count, "rx-replay", "model says no"))
				break;
		} else {
			if (!delivers(count, "model says yes"))
				break;
			had[count] = true;
			if (count > highest)
				highest = count;
		}
	}
	check(i > 100, "the walk ended after %u steps", i);
}

/* Each bearer has its own window, and each direction its own COUNT. */
static void bearers_apart(void)
{
	struct prose_nl_assoc assoc;
	struct pdu pdu;
	uint8_t frame[PDU_MAX];
	size_t len;

	begin();
	delivers(5000, "data far ahead");
	pdu = signal_frame(LCID_SIGNAL, 3, "\x05hello", 6);
	len = build(&pdu, frame);
	wire_send(frame, len);
	need(event_wait(PROSE_NL_SIGNAL, PATIENCE_MS), "LCID 30: COUNT 3 is not taken");
	dropped(frame, len, "rx-replay", "LCID 30: COUNT 3 again");
	assoc_now(keys.id, &assoc);
	check(bearer(&assoc, LCID_SIGNAL) && bearer(&assoc, LCID_SIGNAL)->has_rx_highest &&
	      bearer(&assoc, LCID_SIGNAL)->rx_highest == 3, "rx-highest of LCID 30 is not 3");
	check(bearer(&assoc, LCID_DATA) && bearer(&assoc, LCID_DATA)->rx_highest == 5000,
	      "rx-highest of LCID 1 is not 5000");
	next_count = 5001;
	still_good("signalling");
}

static void unknown_kd_sess_id(void)
{
	struct pdu pdu;
	uint8_t frame[PDU_MAX];

	begin();
	still_good("nothing");
	pdu = data_frame(next_count);
	pdu.kd_sess_id = 0x1235;
	dropped_pdu(&pdu, "rx-no-assoc", "unknown KD-sess ID");
	pdu = signal_frame(LCID_SIGNAL, 1, "\x05", 1);
	pdu.kd_sess_id = 0xffff;
	dropped(frame, build(&pdu, frame), "rx-no-assoc", "unknown KD-sess ID on LCID 30");
	pdu = data_frame(next_count);
	pdu.src = OTHER_ID;
	dropped_pdu(&pdu, "rx-no-peer", "unknown source");
	/* A KD-sess ID belongs to a peer: another peer may not use it. */
	peer_add(OTHER_ID, OTHER_IPV4, NULL, NULL);
	pdu = data_frame(next_count);
	pdu.src = OTHER_ID;
	dropped_pdu(&pdu, "rx-no-assoc", "another peer's KD-sess ID");
}

static void reserved_sdu_type(void)
{
	static const char message[] = "\x05x";
	uint8_t type, lcid;
	char what[64];

	begin();
	still_good("nothing");
	for (type = 0; type < 8; type++) {
		struct pdu pdu = data_frame(next_count);

		if (type != SDU_IP) {
			pdu.sdu_type = type;
			snprintf(what, sizeof(what), "SDU type %u on LCID 1", type);
			dropped_pdu(&pdu, type > SDU_NON_IP ? "rx-reserved" : "rx-sdu-type", what);
		}
		for (lcid = LCID_PLAIN; lcid <= LCID_SIGNAL; lcid++) {
			uint8_t frame[PDU_MAX];

			if (type == SDU_PC5S)
				continue;
			pdu = signal_frame(lcid, 1, message, 2);
			pdu.sdu_type = type;
			snprintf(what, sizeof(what), "SDU type %u on LCID %u", type, lcid);
			dropped(frame, build(&pdu, frame),
				type > SDU_NON_IP ? "rx-reserved" : "rx-sdu-type", what);
		}
	}
	check(!events_of(PROSE_NL_SIGNAL), "a message was handed up");
}

static void reserved_version(void)
{
	struct pdu pdu;
	char what[64];
	uint8_t v;

	begin();
	still_good("nothing");
	for (v = 0; v < 16; v++) {
		if (v == 3)
			continue;
		pdu = data_frame(next_count);
		pdu.octet1 = v << 4;
		snprintf(what, sizeof(what), "V = %u", v);
		dropped_pdu(&pdu, "rx-reserved", what);
	}
}

/* R bits are ignored on receipt, in all three places; those of PDCP are under the MAC. */
static void reserved_bits(void)
{
	struct pdu pdu;
	uint8_t frame[PDU_MAX];

	begin();
	pdu = data_frame(next_count++);
	pdu.octet1 = 0x3f;
	delivered(frame, build(&pdu, frame), "R bits of the SL-SCH subheader");
	pdu = data_frame(next_count++);
	pdu.lcid = LCID_DATA;
	build(&pdu, frame);
	frame[ETH_LEN + 7] |= 0xc0;
	delivered(frame, build(&pdu, frame), "R bits of the MAC subheader");
	pdu = data_frame(next_count++);
	pdu.reserved = 0x1f;
	delivered(frame, build(&pdu, frame), "R bits of the PDCP header");
}

static void every_short_length(void)
{
	struct pdu pdu;
	uint8_t frame[PDU_MAX];
	size_t whole, len, least = ETH_LEN + SL_LEN + PDCP_LEN + 1 + MAC_I_LEN;
	char what[64];

	begin();
	still_good("nothing");
	pdu = data_frame(next_count);
	whole = build(&pdu, frame);
	for (len = ETH_LEN; len < whole; len++) {
		snprintf(what, sizeof(what), "%zu of %zu octets", len - ETH_LEN, whole - ETH_LEN);
		dropped(frame, len, len < least ? "rx-short" : "rx-integrity", what);
	}
	still_good("short frames");

	/* A MAC-I that is right does not make an SDU of nothing. */
	pdu = data_frame(next_count);
	pdu.len = 0;
	dropped_pdu(&pdu, "rx-short", "an empty SDU");
	pdu = signal_frame(LCID_SIGNAL, 1, "", 0);
	dropped(frame, build(&pdu, frame), "rx-short", "an empty message");
	pdu = signal_frame(LCID_PLAIN, 0, "", 0);
	dropped(frame, build(&pdu, frame), "rx-short", "an empty unprotected message");

	begin_with(0x1234, 1, 0xffffffff, 0, false);
	still_good("nothing");
	pdu = data_frame(next_count);
	build(&pdu, frame);
	for (len = ETH_LEN; len < ETH_LEN + SL_LEN + PDCP_LEN; len++) {
		snprintf(what, sizeof(what), "without integrity, %zu octets", len - ETH_LEN);
		dropped(frame, len, "rx-short", what);
	}
	still_good("short frames");

	/* Unprotected and unverified signalling. */
	pdu = signal_frame(LCID_PLAIN, 0, "\x01", 1);
	build(&pdu, frame);
	for (len = ETH_LEN; len < ETH_LEN + SL_LEN + PDCP_LEN; len++) {
		snprintf(what, sizeof(what), "LCID 28, %zu octets", len - ETH_LEN);
		dropped(frame, len, "rx-short", what);
	}
	pdu = signal_frame(LCID_SMC, 1, "", 0);
	pdu.kd_sess_id = 0x7777;
	whole = build(&pdu, frame);
	for (len = ETH_LEN; len < whole; len++) {
		snprintf(what, sizeof(what), "LCID 29, unknown KD-sess ID, %zu octets",
			 len - ETH_LEN);
		dropped(frame, len, "rx-short", what);
	}
	check(!events_of(PROSE_NL_SIGNAL), "a short message was handed up");
}

/* MAC subheaders with a length, TS 36.321 6.1.2 and 6.2.1. */
static void length_forms(void)
{
	struct pdu pdu;
	uint8_t frame[PDU_MAX], big[1200];
	size_t len, from = ETH_LEN + SL_LEN;
	char what[64];
	int pad;

	begin();
	for (pad = 0; pad < 12; pad++) {
		pdu = data_frame(next_count++);
		pdu.form = FORM_F0;
		pdu.pad = (size_t)pad;
		pdu.pad_octet = pad & 1 ? 0xa5 : 0;
		snprintf(what, sizeof(what), "F = 0, %d octets of padding", pad);
		delivered(frame, build(&pdu, frame), what);
		pdu = data_frame(next_count++);
		pdu.form = FORM_F1;
		pdu.pad = (size_t)pad;
		snprintf(what, sizeof(what), "F = 1, %d octets of padding", pad);
		delivered(frame, build(&pdu, frame), what);
	}
	/* A length beyond 7 bits. */
	memset(big, 'b', sizeof(big));
	pdu = data_frame(next_count++);
	inner_len = ipv4_udp(inner, PEER_IPV4, OWN_IPV4, PORT, big, sizeof(big));
	pdu.len = inner_len;
	pdu.form = FORM_F1;
	pdu.pad = 9;
	delivered(frame, build(&pdu, frame), "F = 1, a length beyond 7 bits");

	/* Lies about the length: too long is short of data, too short fails the MAC. */
	pdu = data_frame(next_count);
	pdu.form = FORM_F0;
	pdu.length_lie = 1;
	dropped_pdu(&pdu, "rx-short", "F = 0, L one too long");
	pdu = data_frame(next_count);
	pdu.form = FORM_F1;
	pdu.length_lie = 1;
	dropped_pdu(&pdu, "rx-short", "F = 1, L one too long");
	pdu = data_frame(next_count);
	pdu.form = FORM_F1;
	pdu.length_lie = 0x7fff - PDCP_LEN - MAC_I_LEN - (int)pdu.len;
	dropped_pdu(&pdu, "rx-short", "F = 1, L = 32767");
	pdu = data_frame(next_count);
	pdu.form = FORM_F0;
	pdu.length_lie = -1;
	dropped_pdu(&pdu, "rx-integrity", "F = 0, L one too short");
	pdu = data_frame(next_count);
	pdu.form = FORM_F0;
	pdu.pad = 7;
	pdu.length_lie = 7;
	dropped_pdu(&pdu, "rx-integrity", "F = 0, L takes the padding in");
	for (pad = 0; pad <= PDCP_LEN + MAC_I_LEN; pad++) {
		pdu = data_frame(next_count);
		pdu.form = FORM_F1;
		pdu.length_lie = pad - PDCP_LEN - MAC_I_LEN - (int)pdu.len;
		snprintf(what, sizeof(what), "F = 1, L = %d", pad);
		dropped_pdu(&pdu, "rx-short", what);
	}

	/* The frame ends within its subheaders. */
	pdu = data_frame(next_count);
	pdu.form = FORM_F0;
	build(&pdu, frame);
	for (len = from; len < from + 2; len++) {
		snprintf(what, sizeof(what), "F = 0, %zu octets", len - ETH_LEN);
		dropped(frame, len, "rx-short", what);
	}
	pdu.form = FORM_F1;
	build(&pdu, frame);
	for (len = from; len < from + 3; len++) {
		snprintf(what, sizeof(what), "F = 1, %zu octets", len - ETH_LEN);
		dropped(frame, len, "rx-short", what);
	}
	still_good("frames cut in their subheaders");

	/* A second SDU, and a third subheader. */
	pdu = data_frame(next_count);
	pdu.form = FORM_F0;
	pdu.second = LCID_DATA;
	dropped_pdu(&pdu, "rx-reserved", "a second SDU on LCID 1");
	pdu = data_frame(next_count);
	pdu.form = FORM_F1;
	pdu.second = LCID_SIGNAL;
	dropped_pdu(&pdu, "rx-reserved", "a second SDU on LCID 30");
	pdu = data_frame(next_count);
	pdu.form = FORM_F0;
	pdu.second = LCID_PADDING | 0x20;
	dropped_pdu(&pdu, "rx-reserved", "a third subheader");
}

static void own_source(void)
{
	struct pdu pdu;

	begin();
	still_good("nothing");
	pdu = data_frame(next_count);
	pdu.src = OWN_ID;
	dropped_pdu(&pdu, "rx-own-source", "own Layer-2 ID as source");
	pdu = signal_frame(LCID_PLAIN, 0, "\x01", 1);
	pdu.src = OWN_ID;
	dropped_pdu(&pdu, "rx-own-source", "own Layer-2 ID as source, LCID 28");
	check(!events_of(PROSE_NL_SIGNAL), "a message was handed up");
}

static void other_destination(void)
{
	static const uint32_t others[] = { PEER_ID, OTHER_ID, 0, 0xffffff, OWN_ID ^ 1,
					   OWN_ID ^ 0x800000, OWN_ID << 8 & 0xffffff };
	struct pdu pdu;
	char what[64];
	size_t i;

	begin();
	still_good("nothing");
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		pdu = data_frame(next_count);
		pdu.dst = others[i];
		snprintf(what, sizeof(what), "destination %06x", others[i]);
		dropped_pdu(&pdu, "rx-not-for-us", what);
	}
	pdu = signal_frame(LCID_PLAIN, 0, "\x01", 1);
	pdu.dst = OTHER_ID;
	dropped_pdu(&pdu, "rx-not-for-us", "another destination, LCID 28");
	check(!events_of(PROSE_NL_SIGNAL), "a message was handed up");
}

/* SN goes round; the HFN has to be found again, with frames lost around the wrap. */
static void hfn_wrap(void)
{
	static const uint32_t counts[] = {
		0xfff0, 0xfffe, 0xffff, 0x10000, 0x10001,	/* no loss */
		0x1ffff, 0x20001,				/* SN 0 lost */
		0x2fff0, 0x30010, 0x2fffe, 0x30000, 0x2ffff,	/* lost, and late over the wrap */
		0x37000, 0x3e000, 0x44000,			/* great losses */
		0x4bfff, 0x53fff, 0x5bfff, 0x63fff,		/* the greatest there can be */
	};
	size_t i;
	char what[64];

	begin_with(0x1234, 0xffe0, 0xffffffff, 2048, true);
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		uint32_t count = counts[i];
		uint32_t from = next_count;

		/* Not further in one step than Window_Size allows. */
		while (count > from && count - from > 32767) {
			from += 32000;
			delivers(from, "step");
		}
		snprintf(what, sizeof(what), "COUNT %08x", count);
		delivers(count, what);
		drops(count, "rx-replay", what);
		if (count >= next_count)
			next_count = count + 1;
	}
	still_good("HFN changed");
}

/* The furthest SN that still counts as ahead or behind (TS 38.323 5.2.2, Window_Size 32768). */
static void hfn_edges(void)
{
	/* Reference, the COUNT after the highest: SN low, middle and high, HFN 0 and others. */
	static const uint32_t highests[] = { 0x9000, 0xffff, 0x10000, 0x17fff, 0x18000, 0x1ffff,
					     0x7fff7ffe };
	uint32_t ref;
	char what[96];
	size_t i;

	for (i = 0; i < sizeof(highests) / sizeof(highests[0]); i++) {
		prepare(0x1234, 1, 0xffffffff, 32768, true);
		/* The state after a long life, without sending so many frames. */
		config.n_seen = 1;
		config.seen[0].lcid = LCID_DATA;
		config.seen[0].has_rx_highest = true;
		config.seen[0].rx_highest = highests[i];
		install();
		ref = highests[i] + 1;

		snprintf(what, sizeof(what), "highest %08x, 1 too far ahead", highests[i]);
		drops(ref + 32768, ref > 32768 ? "rx-integrity" : "rx-count-limit", what);
		snprintf(what, sizeof(what), "highest %08x again", highests[i]);
		drops(highests[i], "rx-replay", what);
		if (ref > 32769) {
			snprintf(what, sizeof(what), "highest %08x, 1 too far behind", highests[i]);
			drops(ref - 32769, "rx-integrity", what);
		}
		if (ref > 32768) {
			/* The last of the window, and the last SN taken as behind. */
			snprintf(what, sizeof(what), "highest %08x, as far behind as can be",
				 highests[i]);
			delivers(ref - 32768, what);
		}
		snprintf(what, sizeof(what), "highest %08x, as far ahead as can be", highests[i]);
		delivers(ref + 32767, what);
		next_count = ref + 32768;
		still_good("the edge of the HFN");
	}

	/* Before HFN 0 there is none, so from the start on any SN is of HFN 0. */
	begin();
	delivers(50000, "more than half the SNs lost at the start");
	drops(50001 + 32768, "rx-integrity", "1 too far ahead after that");
	delivers(50001 + 32767, "as far ahead as can be after that");
}

static void count_limits(void)
{
	struct pdu pdu;
	uint8_t frame[PDU_MAX];
	uint32_t count;

	begin_with(0x1234, 100, 200, 64, true);
	drops(99, "rx-count-limit", "COUNT start - 1");
	drops(1, "rx-count-limit", "COUNT 1");
	drops(0, "rx-count-limit", "COUNT 0");
	drops(201, "rx-count-limit", "limit + 1, before anything");
	delivers(100, "COUNT start");
	drops(99, "rx-count-limit", "start - 1 after start");
	delivers(199, "limit - 1");
	delivers(200, "limit");
	drops(201, "rx-count-limit", "limit + 1");
	drops(300, "rx-count-limit", "far beyond");
	drops(200, "rx-replay", "limit again");
	delivers(150, "between, late");

	/* Signalling ends there too. */
	pdu = signal_frame(LCID_SIGNAL, 201, "\x05", 1);
	dropped(frame, build(&pdu, frame), "rx-count-limit", "limit + 1 on LCID 30");
	pdu = signal_frame(LCID_SMC, 99, "\x05", 1);
	dropped(frame, build(&pdu, frame), "rx-count-limit", "start - 1 on LCID 29");

	/* The last COUNT there is. */
	begin_with(0x1234, 0xffffff00, 0xffffffff, 64, true);
	drops(0xfffffeff, "rx-count-limit", "start - 1, HFN ffff");
	for (count = 0xfffffffc; count; count++)
		delivers(count, "up to the last COUNT");
	drops(0, "rx-count-limit", "COUNT after the last");
	drops(1, "rx-count-limit", "COUNT after the last but one");
	drops(0xffffffff, "rx-replay", "the last COUNT again");
	delivers(0xfffffff0, "late");

	/* One single COUNT. */
	begin_with(0x1234, 7, 7, 64, true);
	drops(6, "rx-count-limit", "before the only one");
	drops(8, "rx-count-limit", "after the only one");
	delivers(7, "the only one");
	drops(7, "rx-replay", "the only one again");
}

/* COUNT = KD-sess ID || SN (profile sess-id): no HFN moves. */
static void sess_id_profile(void)
{
	static const uint16_t ids[] = { 1, 0x1234, 0x8000, 0xffff };
	size_t i;

	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		uint32_t hfn = (uint32_t)ids[i] << 16;

		begin_with(ids[i], hfn | 1, hfn | 0xffff, 2048, true);
		drops(hfn, "rx-count-limit", "SN 0");
		delivers(hfn | 1, "SN 1");
		delivers(hfn | 30000, "SN 30000");
		delivers(hfn | 60000, "SN 60000");
		delivers(hfn | 0xfffe, "SN 65534");
		/* There is no next HFN, so SN 2 can only be COUNT 2, whose MAC-I is another. */
		drops(hfn | 2, "rx-replay", "SN 2, far behind");
		drops(hfn + 0x10000 + 2, "rx-integrity", "SN 2 of the next HFN");
		delivers(hfn | 0xffff, "SN 65535");
		drops(hfn + 0x10000, "rx-count-limit", "SN 0 of the next HFN");
		drops(hfn | 0xffff, "rx-replay", "SN 65535 again");
		delivers(hfn | 0xfff0, "SN 65520, late");

		/* For the same reason a gap beyond half of all SNs ends nothing. */
		begin_with(ids[i], hfn | 1, hfn | 0xffff, 2048, true);
		delivers(hfn | 1, "SN 1");
		delivers(hfn | 0x8002, "SN 32770, after a long gap");
		delivers(hfn | 0xffff, "SN 65535");
	}
}

/* KD-sess ID 0 where protection is required, and a KD-sess ID where there is none. */
static void unprotected(void)
{
	struct pdu pdu;
	uint8_t frame[PDU_MAX];

	begin();
	still_good("nothing");
	pdu = data_frame(next_count);
	pdu.kd_sess_id = 0;
	dropped_pdu(&pdu, "rx-unprotected", "KD-sess ID 0 on data, protected");
	pdu = data_frame(0);
	pdu.kd_sess_id = 0;
	pdu.mac = false;
	pdu.ciphered = false;
	dropped(frame, build(&pdu, frame), "rx-unprotected", "data in clear");
	still_good("data in clear");
	pdu = signal_frame(LCID_SMC, 1, "\x05", 1);
	pdu.kd_sess_id = 0;
	dropped_pdu(&pdu, "rx-unprotected", "KD-sess ID 0 on LCID 29");
	pdu = signal_frame(LCID_SIGNAL, 1, "\x05", 1);
	pdu.kd_sess_id = 0;
	dropped_pdu(&pdu, "rx-unprotected", "KD-sess ID 0 on LCID 30");
	pdu = signal_frame(LCID_SIGNAL, 0, "\x05", 1);
	pdu.kd_sess_id = 0;
	pdu.mac = false;
	pdu.ciphered = false;
	dropped_pdu(&pdu, "rx-unprotected", "LCID 30 in clear");
	pdu = signal_frame(LCID_PLAIN, 0, "\x01", 1);
	pdu.kd_sess_id = keys.id;
	dropped_pdu(&pdu, "rx-reserved", "a KD-sess ID on LCID 28");
	pdu = signal_frame(LCID_PLAIN, 0, "\x01", 1);
	pdu.count = 1;
	dropped_pdu(&pdu, "rx-reserved", "an SN on LCID 28");
	/* Data in clear on the bearer for unprotected signalling. */
	pdu = data_frame(0);
	pdu.lcid = LCID_PLAIN;
	pdu.kd_sess_id = 0;
	pdu.mac = false;
	pdu.ciphered = false;
	dropped_pdu(&pdu, "rx-sdu-type", "data in clear on LCID 28");
	check(!events_of(PROSE_NL_SIGNAL), "a message was handed up");
}

static void data_without_mac(void)
{
	struct pdu pdu;

	begin();
	still_good("nothing");
	pdu = data_frame(next_count);
	pdu.mac = false;
	dropped_pdu(&pdu, "rx-integrity", "data without MAC-I where it is required");
}

/* Profile rel12: data ciphered only. The window still stops replays, signalling keeps its MAC. */
static void rel12(void)
{
	struct prose_nl_peer peer;
	struct pdu pdu;
	uint8_t frame[PDU_MAX];
	uint32_t count;
	size_t len;

	begin_with(0x1234, 1, 0xffffffff, 64, false);
	for (count = 1; count <= 5; count++) {
		delivers(count, "rel12");
		drops(count, "rx-replay", "rel12, again");
	}
	peer_now(&peer);
	check(!peer.has_last_rx, "data without integrity counts for last-rx-ms");
	check(!peer.carrier_addr_len ||
	      !memcmp(peer.carrier_addr, "\xff\xff\xff\xff\xff\xff", 6),
	      "the carrier address was learned from data without integrity");
	delivers(500, "rel12, after a gap");
	drops(500 - 64, "rx-replay", "rel12, behind the window");
	delivers(500 - 63, "rel12, just inside");

	pdu = signal_frame(LCID_SIGNAL, 1, "\x05signal", 7);
	pdu.mac = false;
	dropped(frame, build(&pdu, frame), "rx-integrity", "signalling without MAC-I");
	pdu = signal_frame(LCID_SIGNAL, 1, "\x05signal", 7);
	len = build(&pdu, frame);
	wire_send(frame, len);
	check(event_wait(PROSE_NL_SIGNAL, PATIENCE_MS), "signalling is not handed up");
	dropped(frame, len, "rx-replay", "signalling again");
	peer_now(&peer);
	check(peer.has_last_rx, "verified signalling does not count for last-rx-ms");
	check(peer.carrier_addr_len && !memcmp(peer.carrier_addr, rig.wire_mac, 6),
	      "the carrier address was not learned from verified signalling");

	/* Forged data far ahead moves the window of data: that is the profile. Not the others'. */
	delivers(20000, "rel12, far ahead");
	pdu = signal_frame(LCID_SIGNAL, 2, "\x05signal", 7);
	events_clear();
	wire_send(frame, build(&pdu, frame));
	check(event_wait(PROSE_NL_SIGNAL, PATIENCE_MS),
	      "data without integrity moved the window of signalling");
}

static void lcid_not_configured(void)
{
	struct pdu pdu;
	uint8_t lcid;
	char what[64];

	begin();
	still_good("nothing");
	for (lcid = 0; lcid < 32; lcid++) {
		if (lcid == LCID_DATA || (lcid >= LCID_PLAIN && lcid <= LCID_SIGNAL))
			continue;
		pdu = data_frame(next_count);
		pdu.lcid = lcid;
		snprintf(what, sizeof(what), "LCID %u", lcid);
		dropped_pdu(&pdu, lcid >= 2 && lcid <= 10 ? "rx-bearer" : "rx-reserved", what);
	}
}

/* Sends a packet in a genuine frame: it verifies, COUNT is used, but it must not come out. */
static void inner_dropped(const uint8_t *packet, size_t len, const char *counter, const char *what)
{
	struct pdu pdu = data_frame(next_count++);
	struct snapshot before, after;
	uint8_t frame[PDU_MAX], got[64];

	pdu.data = packet;
	pdu.len = len;
	snapshot(&before);
	wire_send(frame, build(&pdu, frame));
	stat_wait(counter, stat_in(&before.device, counter) + 1);
	snapshot(&after);
	same_counters(&before, &after, counter, what);
	check(before.peer.rx_packets == after.peer.rx_packets, "%s: counted as delivered", what);
	check(!packet_take(rig.tap, false, got, sizeof(got)), "%s: delivered", what);
	still_good(what);
}

/* The inner source has to route back to the peer the frame came from. */
static void spoofed_source(void)
{
	static const struct {
		uint32_t from;
		const char *what;
	} forged[] = {
		{ OTHER_IPV4, "another peer's address" },
		{ OWN_IPV4, "own address" },
		{ 0x0a000063, "nobody's address" },
		{ 0x08080808, "an address beyond" },
		{ 0x7f000001, "loopback" },
		{ 0, "0.0.0.0" },
		{ 0xffffffff, "broadcast" },
		{ 0xe0000001, "multicast" },
	};
	static const uint8_t other_ipv6[16] = { 0xfd, [15] = 3 };
	uint8_t packet[128];
	size_t i, len;

	begin();
	peer_add(OTHER_ID, OTHER_IPV4, other_ipv6, NULL);
	still_good("nothing");
	for (i = 0; i < sizeof(forged) / sizeof(forged[0]); i++) {
		len = ipv4_udp(packet, forged[i].from, OWN_IPV4, PORT, "forged", 6);
		inner_dropped(packet, len, "rx-spoofed", forged[i].what);
	}
	len = ipv6_none(packet, other_ipv6, own_ipv6, "forged", 6);
	inner_dropped(packet, len, "rx-spoofed", "another peer's IPv6 address");
	len = ipv6_none(packet, own_ipv6, own_ipv6, "forged", 6);
	inner_dropped(packet, len, "rx-spoofed", "own IPv6 address");
}

/* A network behind the peer: its addresses route back to it, so they are no forgery. */
static void routed_source(void)
{
	struct pdu pdu;
	uint8_t frame[PDU_MAX], packet[128];
	size_t len;

	begin();
	peer_add(OTHER_ID, OTHER_IPV4, NULL, NULL);
	need(!system("ip route add 192.0.2.0/25 via 10.0.0.2 dev prose0 && "
		     "ip route add 192.0.2.128/25 via 10.0.0.3 dev prose0"), "no routes");
	pdu = data_frame(next_count++);
	inner_len = ipv4_udp(inner, 0xc0000207, OWN_IPV4, PORT, "behind", 6);
	pdu.len = inner_len;
	delivered(frame, build(&pdu, frame), "a network behind the peer");
	len = ipv4_udp(packet, 0xc0000287, OWN_IPV4, PORT, "behind", 6);
	inner_dropped(packet, len, "rx-spoofed", "a network behind another peer");
	check(!system("ip route del 192.0.2.0/25 && ip route del 192.0.2.128/25"), "routes stay");
}

/* A default route to the peer does not make it the owner of addresses that are elsewhere. */
static void routed_elsewhere(void)
{
	struct pdu pdu;
	uint8_t frame[PDU_MAX], packet[128];
	size_t len;

	begin();
	need(!system("ip route add default via 10.0.0.2 dev prose0 && "
		     "ip route add 203.0.113.0/24 dev eth0"), "no routes");
	pdu = data_frame(next_count++);
	inner_len = ipv4_udp(inner, 0xc6120001, OWN_IPV4, PORT, "far", 3);
	pdu.len = inner_len;
	delivered(frame, build(&pdu, frame), "an address that the default route covers");
	len = ipv4_udp(packet, 0xcb007105, OWN_IPV4, PORT, "far", 3);
	inner_dropped(packet, len, "rx-spoofed", "an address that is behind eth0");
	len = ipv4_udp(packet, OWN_IPV4, OWN_IPV4, PORT, "far", 3);
	inner_dropped(packet, len, "rx-spoofed", "own address");
	check(!system("ip route del default && ip route del 203.0.113.0/24"), "routes stay");
}

static void non_ip(void)
{
	uint8_t packet[128];
	size_t i, len = ipv4_udp(packet, PEER_IPV4, OWN_IPV4, PORT, "some data", 9);
	char what[64];

	begin();
	still_good("nothing");
	for (i = 0; i < 16; i++) {
		if (i == 4 || i == 6)
			continue;
		packet[0] = (uint8_t)(i << 4 | 5);
		snprintf(what, sizeof(what), "version %zu", i);
		inner_dropped(packet, len, "rx-not-ip", what);
	}
	packet[0] = 0x45;
	for (i = 1; i < 20; i++) {
		snprintf(what, sizeof(what), "%zu octets of an IPv4 header", i);
		inner_dropped(packet, i, "rx-not-ip", what);
	}
	ipv6_none(packet, peer_ipv6, own_ipv6, "x", 1);
	for (i = 1; i < 40; i += 6) {
		snprintf(what, sizeof(what), "%zu octets of an IPv6 header", i);
		inner_dropped(packet, i, "rx-not-ip", what);
	}
}

/* Takes the event that a frame on a signalling bearer must give, and checks it. */
static void handed_up(const struct pdu *pdu, const uint8_t *frame, size_t len,
		      enum prose_protection protection, const char *what)
{
	const struct prose_nl_event *event;
	const struct prose_nl_signal *signal;
	uint32_t count = pdu->count;

	events_clear();
	wire_send(frame, len);
	event = event_wait(PROSE_NL_SIGNAL, PATIENCE_MS);
	if (!check(event, "%s: not handed up", what))
		return;
	signal = &event->signal;
	check(event->ifindex == rig.ifindex, "%s: ifindex %u", what, event->ifindex);
	check(signal->l2_id == pdu->src, "%s: source %06x", what, signal->l2_id);
	check(signal->bearer == pdu->lcid, "%s: bearer %u", what, signal->bearer);
	check(signal->protection == protection, "%s: protection %s, not %s", what,
	      prose_nl_protection_name(signal->protection), prose_nl_protection_name(protection));
	check(signal->len == pdu->len && !memcmp(signal->message, pdu->data, pdu->len),
	      "%s: not the message that was sent", what);
	check(signal->carrier_addr_len && !memcmp(signal->carrier_addr, pdu->eth_src, 6),
	      "%s: not the carrier address it came from", what);
	if (protection == PROSE_PROTECTION_NONE) {
		check(!signal->has_count && !signal->kd_sess_id, "%s: COUNT or KD-sess ID", what);
	} else {
		check(signal->kd_sess_id == pdu->kd_sess_id, "%s: KD-sess ID %04x", what,
		      signal->kd_sess_id);
		if (protection == PROSE_PROTECTION_UNVERIFIED)
			count &= 0xffff;
		check(signal->has_count && signal->count == count, "%s: COUNT %08x", what,
		      signal->count);
	}
	check(signal->has_mac_i == (protection == PROSE_PROTECTION_UNVERIFIED),
	      "%s: mac-i %s", what, signal->has_mac_i ? "is there" : "is absent");
	if (signal->has_mac_i) {
		check(!memcmp(signal->mac_i, frame + len - MAC_I_LEN, MAC_I_LEN),
		      "%s: not the mac-i that was sent", what);
		check(!memcmp(signal->pdcp_header, frame + ETH_LEN + SL_LEN, PDCP_LEN),
		      "%s: not the pdcp-header that was sent", what);
	}
	events_take();
	check(events_of(PROSE_NL_SIGNAL) == 1, "%s: %zu events for one frame", what,
	      events_of(PROSE_NL_SIGNAL));
}

static void signalling_up(void)
{
	struct snapshot before, after;
	struct pdu pdu;
	uint8_t frame[PDU_MAX], stranger[6] = { 2, 0, 0, 0, 0, 0x77 }, longest[1400];
	size_t len;

	begin();
	snapshot(&before);
	pdu = signal_frame(LCID_PLAIN, 0, "\x01request", 8);
	memcpy(pdu.eth_src, stranger, 6);
	handed_up(&pdu, frame, build(&pdu, frame), PROSE_PROTECTION_NONE, "LCID 28");
	pdu.src = OTHER_ID;
	handed_up(&pdu, frame, build(&pdu, frame), PROSE_PROTECTION_NONE, "LCID 28, no peer");
	snapshot(&after);
	same_state(&before, &after, "", "LCID 28");

	pdu = signal_frame(LCID_SMC, 1, "\x0b" "command", 8);
	len = build(&pdu, frame);
	handed_up(&pdu, frame, len, PROSE_PROTECTION_INTEGRITY, "LCID 29, DIRECTION 1");
	dropped(frame, len, "rx-replay", "LCID 29 again");
	pdu = signal_frame(LCID_SMC, 2, "\x0b" "command", 8);
	pdu.ciphered = true;
	dropped(frame, build(&pdu, frame), "rx-integrity", "LCID 29, DIRECTION 1, ciphered");
	pdu = signal_frame(LCID_SIGNAL, 1, "\x05keepalive", 10);
	len = build(&pdu, frame);
	handed_up(&pdu, frame, len, PROSE_PROTECTION_FULL, "LCID 30");
	dropped(frame, len, "rx-replay", "LCID 30 again");
	pdu = signal_frame(LCID_SIGNAL, 2, "\x05keepalive", 10);
	pdu.ciphered = false;
	dropped(frame, build(&pdu, frame), "rx-integrity", "LCID 30, not ciphered");
	memset(longest, 'm', sizeof(longest));
	pdu = signal_frame(LCID_SIGNAL, 2, longest, sizeof(longest));
	handed_up(&pdu, frame, build(&pdu, frame), PROSE_PROTECTION_FULL, "LCID 30, long");
	pdu = signal_frame(LCID_SIGNAL, 3, "\x05padded", 7);
	pdu.form = FORM_F0;
	pdu.pad = 5;
	events_clear();
	wire_send(frame, build(&pdu, frame));
	check(event_wait(PROSE_NL_SIGNAL, PATIENCE_MS), "LCID 30 in a padded frame: not handed up");

	/* The other role: what the peer sends has DIRECTION 0, a COMPLETE is ciphered. */
	prepare(0x1234, 1, 0xffffffff, 0, true);
	config.direction = 1;
	install();
	pdu = signal_frame(LCID_SMC, 1, "\x0c" "complete", 9);
	pdu.direction = 0;
	pdu.ciphered = true;
	handed_up(&pdu, frame, build(&pdu, frame), PROSE_PROTECTION_FULL, "LCID 29, DIRECTION 0");
	pdu = signal_frame(LCID_SMC, 2, "\x0c" "complete", 9);
	pdu.direction = 0;
	dropped(frame, build(&pdu, frame), "rx-integrity", "LCID 29, DIRECTION 0, not ciphered");
}

/* LCID 29 under a KD-sess ID the kernel does not hold: the owner has to verify it. */
static void unverified_up(void)
{
	struct snapshot before, after;
	struct pdu pdu;
	uint8_t frame[PDU_MAX];

	begin();
	still_good("nothing");
	snapshot(&before);
	pdu = signal_frame(LCID_SMC, 0x20007, "\x0b" "command", 8);
	pdu.kd_sess_id = 0x9999;
	pdu.reserved = 0x15;
	handed_up(&pdu, frame, build(&pdu, frame), PROSE_PROTECTION_UNVERIFIED, "unverified");
	handed_up(&pdu, frame, build(&pdu, frame), PROSE_PROTECTION_UNVERIFIED, "unverified again");
	pdu.src = OTHER_ID;
	handed_up(&pdu, frame, build(&pdu, frame), PROSE_PROTECTION_UNVERIFIED,
		  "unverified, no peer");
	snapshot(&after);
	same_counters(&before, &after, NULL, "unverified");
	same_state(&before, &after, "", "unverified");
	still_good("unverified messages");
}

/* What nobody vouches for comes at a bounded rate; what verified is not held up by it. */
static void unprotected_rate(void)
{
	struct prose_nl_device_config slow = {
		.has_unprotected_rate = true, .unprotected_rate = 20,
	};
	uint64_t before = stat_now("signal-rate"), limited;
	struct pdu pdu;
	uint8_t frame[PDU_MAX];
	long long start, took;
	size_t len, i, up, sent = 200;

	begin();
	need(!prose_nl_device_set(rig.nl, rig.ifindex, &slow), "%s", prose_nl_error(rig.nl));
	start = now_ms();
	for (i = 0; i < sent; i++) {
		if (i & 1) {
			pdu = signal_frame(LCID_SMC, 9, "\x0b", 1);
			pdu.kd_sess_id = 0x9999;
		} else {
			pdu = signal_frame(LCID_PLAIN, 0, "\x01", 1);
		}
		len = build(&pdu, frame);
		wire_send(frame, len);
	}
	pdu = signal_frame(LCID_SIGNAL, 1, "\x05verified", 9);
	wire_send(frame, build(&pdu, frame));
	while (!(rig.n_seen && rig.seen[rig.n_seen - 1].event.type == PROSE_NL_SIGNAL &&
		 rig.seen[rig.n_seen - 1].event.signal.bearer == LCID_SIGNAL)) {
		events_take();
		if (now_ms() - start > PATIENCE_MS)
			break;
	}
	took = now_ms() - start;
	up = events_of(PROSE_NL_SIGNAL);
	check(up && rig.seen[rig.n_seen - 1].event.signal.bearer == LCID_SIGNAL,
	      "the verified message did not come through");
	up--;
	limited = stat_wait("signal-rate", before + sent - up) - before;
	check(up >= 20, "only %zu unprotected messages of %zu came up", up, sent);
	check(up <= 20 + 20u * (size_t)took / 1000 + 2,
	      "%zu unprotected messages came up in %lld ms", up, took);
	check(limited + up == sent, "%zu up, %llu over the rate, of %zu", up,
	      (unsigned long long)limited, sent);

	/* The allowance comes back with time. */
	events_clear();
	pdu = signal_frame(LCID_PLAIN, 0, "\x01", 1);
	len = build(&pdu, frame);
	start = now_ms();
	do {
		pause_ms(20);
		wire_send(frame, len);
		events_take();
	} while (!events_of(PROSE_NL_SIGNAL) && now_ms() - start < PATIENCE_MS);
	check(events_of(PROSE_NL_SIGNAL), "the allowance does not come back");

	/* Rate 0: none at all. */
	slow.unprotected_rate = 0;
	need(!prose_nl_device_set(rig.nl, rig.ifindex, &slow), "%s", prose_nl_error(rig.nl));
	events_clear();
	before = stat_now("signal-rate");
	wire_send(frame, len);
	check(stat_wait("signal-rate", before + 1) == before + 1, "rate 0 lets a message up");
	events_take();
	check(!events_of(PROSE_NL_SIGNAL), "rate 0 lets a message up");
}

static void no_owner(void)
{
	struct prose_nl_device now;
	struct pdu pdu;
	uint8_t frame[PDU_MAX];
	uint64_t before;

	begin();
	device(&now);
	check(now.owned, "owned is not shown");
	prose_nl_close(rig.events);
	device(&now);
	check(!now.owned, "owned is shown though the owner's socket is closed");
	pdu = signal_frame(LCID_PLAIN, 0, "\x01", 1);
	dropped(frame, build(&pdu, frame), "signal-no-owner", "LCID 28 without an owner");
	pdu = signal_frame(LCID_SMC, 1, "\x0b", 1);
	pdu.kd_sess_id = 0x9999;
	dropped(frame, build(&pdu, frame), "signal-no-owner", "unverified without an owner");
	pdu = signal_frame(LCID_SIGNAL, 1, "\x05", 1);
	before = stat_now("signal-no-owner");
	wire_send(frame, build(&pdu, frame));
	check(stat_wait("signal-no-owner", before + 1) == before + 1, "LCID 30 without an owner");
	still_good("messages without an owner");
	rig_events();
	need(!prose_nl_signal_register(rig.events, rig.ifindex), "%s", prose_nl_error(rig.events));
	pdu = signal_frame(LCID_SIGNAL, 2, "\x05", 1);
	handed_up(&pdu, frame, build(&pdu, frame), PROSE_PROTECTION_FULL, "after a new owner came");
}

/* An owner that does not read loses messages, is told so, and the kernel counts them. */
static void owner_asleep(void)
{
	uint64_t before = stat_now("signal-queue");
	struct pdu pdu;
	uint8_t frame[PDU_MAX];
	size_t len, i;

	begin();
	pdu = signal_frame(LCID_PLAIN, 0, "\x01", 1);
	len = build(&pdu, frame);
	for (i = 0; i < 40000; i++) {
		wire_send(frame, len);
		if (i % 256 == 255 && stat_now("signal-queue") > before)
			break;
	}
	check(stat_now("signal-queue") > before, "%zu messages fit into the queue", i);
	check(!rig.resynced, "resync came before the owner read");
	while (!rig.resynced && i--)
		events_take();
	check(rig.resynced, "the owner is not told that messages were lost");
	events_clear();
	pdu = signal_frame(LCID_SIGNAL, 1, "\x05", 1);
	handed_up(&pdu, frame, build(&pdu, frame), PROSE_PROTECTION_FULL, "after the loss");
}

/* The peer's Ethernet address follows verified frames, and nothing else. */
static void carrier_address(void)
{
	static const uint8_t moved[6] = { 2, 0, 0, 0, 0, 0x55 };
	static const uint8_t forged[6] = { 2, 0, 0, 0, 0, 0x66 };
	struct prose_nl_peer peer;
	struct pdu pdu;
	uint8_t frame[PDU_MAX];
	size_t len;

	begin();
	peer_now(&peer);
	check(peer.carrier_addr_len && !memcmp(peer.carrier_addr, "\xff\xff\xff\xff\xff\xff", 6),
	      "a new peer's carrier address is not broadcast");
	pdu = data_frame(next_count);
	memcpy(pdu.eth_src, forged, 6);
	len = build(&pdu, frame);
	frame[len - 1] ^= 1;
	dropped(frame, len, "rx-integrity", "wrong MAC from elsewhere");
	still_good("wrong MAC from elsewhere");
	peer_now(&peer);
	check(!memcmp(peer.carrier_addr, rig.wire_mac, 6), "the address was not learned");

	pdu = data_frame(next_count++);
	memcpy(pdu.eth_src, moved, 6);
	len = build(&pdu, frame);
	wire_send(frame, len);
	need(packet_wait(rig.tap, false, inner, sizeof(inner), PATIENCE_MS), "not delivered");
	peer_now(&peer);
	check(!memcmp(peer.carrier_addr, moved, 6), "the new address was not learned");

	/* A replay from elsewhere has a MAC that verifies, and must not steer. */
	memcpy(frame + 6, forged, 6);
	dropped(frame, len, "rx-replay", "replay from elsewhere");
	pdu = signal_frame(LCID_PLAIN, 0, "\x01", 1);
	memcpy(pdu.eth_src, forged, 6);
	handed_up(&pdu, frame, build(&pdu, frame), PROSE_PROTECTION_NONE, "LCID 28 from elsewhere");
	peer_now(&peer);
	check(!memcmp(peer.carrier_addr, moved, 6), "an unprotected message moved the address");
}

/* Several associations receive at once, each with its own keys and windows (D6). */
static void several_associations(void)
{
	struct prose_nl_assoc_config second;
	struct keys first, later;
	uint32_t i;

	begin();
	first = keys;
	fresh_keys(&later, 0x1235);
	assoc_config(&later, &second);
	assoc_add(&second);
	for (i = 1; i <= 5; i++) {
		keys = first;
		delivers(i, "first association");
		keys = later;
		delivers(i, "second association");
		drops(i, "rx-replay", "second association again");
		keys = first;
		drops(i, "rx-replay", "first association again");
	}
	/* The one's ID with the other's keys. */
	keys = later;
	keys.id = first.id;
	drops(6, "rx-integrity", "keys of the second, KD-sess ID of the first");
	keys = first;
	need(!prose_nl_assoc_del(rig.nl, rig.ifindex, PEER_ID, later.id), "%s",
	     prose_nl_error(rig.nl));
	delivers(6, "first association after the second went");
	{
		struct pdu pdu = data_frame(6);
		uint8_t frame[PDU_MAX];
		size_t len;

		pdu.kd_sess_id = later.id;
		len = pdu_build(&pdu, &later, frame);
		dropped(frame, len, "rx-no-assoc", "an association that was deleted");
	}
}

/* Another EtherType is not ours; changing it takes effect at once. */
static void ethertype(void)
{
	struct prose_nl_device_config set = { .has_ethertype = true, .ethertype = 0x88b6 };
	struct snapshot before, after;
	struct pdu pdu;
	uint8_t frame[PDU_MAX], got[64];

	begin();
	still_good("nothing");
	snapshot(&before);
	pdu = data_frame(next_count);
	pdu.ethertype = 0x88b6;
	wire_send(frame, build(&pdu, frame));
	still_good("a frame of another EtherType");
	snapshot(&after);
	same_counters(&before, &after, NULL, "another EtherType");

	need(!prose_nl_device_set(rig.nl, rig.ifindex, &set), "%s", prose_nl_error(rig.nl));
	pdu = data_frame(next_count++);
	pdu.ethertype = 0x88b6;
	delivered(frame, build(&pdu, frame), "the new EtherType");
	pdu = data_frame(next_count);
	wire_send(frame, build(&pdu, frame));
	check(!packet_wait(rig.tap, false, got, sizeof(got), 200),
	      "the old EtherType is still taken");
}

/* Where ciphers end in another context, the last frames are still on their way. */
static void settle(void)
{
	uint64_t before, now = UINT64_MAX;
	struct snapshot seen;
	size_t i;

	do {
		before = now;
		pause_ms(50);
		snapshot(&seen);
		for (now = 0, i = 0; i < seen.device.n_stats; i++)
			if (receive_counter(seen.device.stats[i].name))
				now += seen.device.stats[i].value;
	} while (now != before);
}

/* Octets without sense, of every length: nothing comes out, the machine stays up. */
static void noise(void)
{
	struct snapshot before, after;
	uint8_t frame[1514], got[64];
	unsigned int seed = 20240607;
	uint64_t moved = 0;
	size_t i, n, sent = 0;

	begin();
	still_good("nothing");
	snapshot(&before);
	for (n = 0; n < 3000; n++) {
		struct pdu pdu = data_frame(next_count);
		size_t len = ETH_LEN + (size_t)rand_r(&seed) % 120;

		build(&pdu, frame);
		/* From each octet on by turns, so that noise gets past every check. */
		for (i = ETH_LEN + (n % 16 ? n % 16 : 0); i < len; i++)
			frame[i] = rand_r(&seed) & 0xff;
		wire_send(frame, len);
		sent++;
	}
	settle();
	still_good("noise");
	snapshot(&after);
	for (i = 0; i < before.device.n_stats; i++)
		if (receive_counter(before.device.stats[i].name))
			moved += after.device.stats[i].value - before.device.stats[i].value;
	events_take();
	/* Unprotected ones may have been handed up instead. */
	check(moved + events_of(PROSE_NL_SIGNAL) == sent, "%zu frames, %llu counted, %zu handed up",
	      sent, (unsigned long long)moved, events_of(PROSE_NL_SIGNAL));
	check(!packet_take(rig.tap, false, got, sizeof(got)), "noise was delivered");
}

int main(int argc, char **argv)
{
	static const struct ktap_test tests[] = {
		{ "own_algorithms", own_algorithms },
		{ "good_frame", good_frame },
		{ "good_ipv6", good_ipv6 },
		{ "ciphering_off", ciphering_off },
		{ "wrong_mac", wrong_mac },
		{ "wrong_inputs", wrong_inputs },
		{ "replay", replay },
		{ "window_edges", window_edges },
		{ "window_rounded", window_rounded },
		{ "window_walk", window_walk },
		{ "bearers_apart", bearers_apart },
		{ "unknown_kd_sess_id", unknown_kd_sess_id },
		{ "reserved_sdu_type", reserved_sdu_type },
		{ "reserved_version", reserved_version },
		{ "reserved_bits", reserved_bits },
		{ "every_short_length", every_short_length },
		{ "length_forms", length_forms },
		{ "own_source", own_source },
		{ "other_destination", other_destination },
		{ "hfn_wrap", hfn_wrap },
		{ "hfn_edges", hfn_edges },
		{ "count_limits", count_limits },
		{ "sess_id_profile", sess_id_profile },
		{ "unprotected", unprotected },
		{ "data_without_mac", data_without_mac },
		{ "rel12", rel12 },
		{ "lcid_not_configured", lcid_not_configured },
		{ "spoofed_source", spoofed_source },
		{ "routed_source", routed_source },
		{ "routed_elsewhere", routed_elsewhere },
		{ "non_ip", non_ip },
		{ "signalling_up", signalling_up },
		{ "unverified_up", unverified_up },
		{ "unprotected_rate", unprotected_rate },
		{ "no_owner", no_owner },
		{ "owner_asleep", owner_asleep },
		{ "carrier_address", carrier_address },
		{ "several_associations", several_associations },
		{ "ethertype", ethertype },
		{ "noise", noise },
	};

	rig_open(true);
	return KTAP_MAIN(tests, rig_reset, argc, argv);
}
