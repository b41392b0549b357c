// SPDX-License-Identifier: MIT
/*
 * Layer-2 IDs of a link: an own one that frames are taken under whoever they say they are from,
 * and a remote one that frames go to. Signalling and data, both ways, and what is refused.
 */
#include "rig.h"

#define LOCAL_ID	0x0c0c01u	/* own, for the peer */
#define LOCAL2_ID	0x0c0c02u
#define REMOTE_ID	0x0d0d01u	/* what the peer has for the link */
#define SETUP_ID	0x0d0d02u	/* somebody whom nobody knows */

static struct keys keys;
static struct prose_nl_assoc_config config;
static uint32_t next_count;	/* of what the peer sends as data */
static int from;		/* connected UDP socket, the local sender */
static uint8_t frame[PDU_MAX];

/* Changes the IDs of the peer's link; negative leaves one. */
static int ids(long local, long remote)
{
	struct prose_nl_peer peer = {
		.ifindex = rig.ifindex, .l2_id = PEER_ID,
		.has_local_l2_id = local >= 0, .local_l2_id = (uint32_t)local,
		.has_remote_l2_id = remote >= 0, .remote_l2_id = (uint32_t)remote,
	};

	return prose_nl_peer_set(rig.nl, &peer);
}

static void sets(long local, long remote)
{
	need(!ids(local, remote), "peer-set: %s", prose_nl_error(rig.nl));
}

/* Refused with that errno and that sentence, and nothing changed. */
static void refuses(int got, int err, const char *says)
{
	struct prose_nl_peer peer;

	check(got == err && strstr(prose_nl_error(rig.nl), says), "not refused with %d for \"%s\": %d, %s",
	      err, says, got, prose_nl_error(rig.nl));
	peer_now(&peer);
	check(peer.n_addresses == 1, "the peer's addresses changed");
}

static void shows(uint32_t local, uint32_t remote)
{
	struct prose_nl_peer peer;

	peer_now(&peer);
	check(peer.has_local_l2_id == !!local && peer.local_l2_id == local,
	      "local-l2-id is %06x, not %06x", peer.local_l2_id, local);
	check(peer.has_remote_l2_id == !!remote && peer.remote_l2_id == remote,
	      "remote-l2-id is %06x, not %06x", peer.remote_l2_id, remote);
}

static void begin(void)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr.s_addr = htonl(PEER_IPV4),
	};

	if (from > 0)
		close(from);
	from = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	need(from >= 0 && !connect(from, (struct sockaddr *)&to, sizeof(to)), "sender: %s",
	     strerror(errno));
	fresh_keys(&keys, 0x4242);
	assoc_config(&keys, &config);
	config.direction = 0;
	config.tx = true;
	config.count_start = 1;
	next_count = 1;
	peers_clear();
	peer_add(PEER_ID, PEER_IPV4, NULL, rig.wire_mac);
	assoc_add(&config);
	drain(rig.wire);
	drain(rig.tap);
	events_clear();
}

static size_t data_frame(uint32_t src, uint32_t dst, uint32_t count, uint8_t *inner, size_t *len)
{
	struct pdu pdu = {
		.ethertype = PDU_ETHERTYPE, .octet1 = 0x30, .src = src, .dst = dst,
		.lcid = LCID_DATA, .second = LCID_PADDING, .sdu_type = SDU_IP,
		.kd_sess_id = keys.id, .count = count, .direction = 1, .ciphered = true, .mac = true,
	};

	*len = ipv4_udp(inner, PEER_IPV4, OWN_IPV4, PORT, "linked", 6);
	memcpy(pdu.eth_dst, rig.lower_mac, 6);
	memcpy(pdu.eth_src, rig.wire_mac, 6);
	pdu.data = inner;
	pdu.len = *len;
	return pdu_build(&pdu, &keys, frame);
}

static void taken(uint32_t src, uint32_t dst, const char *what)
{
	uint8_t inner[64], got[64];
	size_t len, inner_len;

	len = data_frame(src, dst, next_count++, inner, &inner_len);
	wire_send(frame, len);
	len = packet_wait(rig.tap, false, got, sizeof(got), PATIENCE_MS);
	check(len == inner_len && !memcmp(got, inner, len), "%s: not delivered", what);
}

static void dropped(uint32_t src, uint32_t dst, const char *counter, const char *what)
{
	uint64_t before = stat_now(counter);
	uint8_t inner[64], got[64];
	size_t len, inner_len;

	len = data_frame(src, dst, next_count++, inner, &inner_len);
	wire_send(frame, len);
	check(stat_wait(counter, before + 1) == before + 1, "%s: not counted as %s", what, counter);
	check(!packet_take(rig.tap, false, got, sizeof(got)), "%s: delivered", what);
}

/* The next frame of ours on the wire, which must go from @src to @dst. */
static bool goes(uint32_t src, uint32_t dst, struct parsed *pdu, const char *what)
{
	size_t len;

	do {
		len = packet_wait(rig.wire, false, frame, sizeof(frame), PATIENCE_MS);
		if (!check(len, "%s: no frame", what))
			return false;
	} while (get_be16(frame + 12) != PDU_ETHERTYPE);
	need(pdu_parse(frame, len, pdu), "%s: a frame that is none", what);
	return check(pdu->src == src && pdu->dst == dst, "%s: from %06x to %06x, not %06x to %06x",
		     what, pdu->src, pdu->dst, src, dst);
}

static void data_goes(uint32_t src, uint32_t dst, const char *what)
{
	struct parsed pdu;

	need(send(from, "data", 4, 0) == 4, "%s: %s", what, strerror(errno));
	goes(src, dst, &pdu, what);
	check(pdu.lcid == LCID_DATA, "%s: LCID %u", what, pdu.lcid);
}

static int message_send(uint8_t lcid, uint32_t local)
{
	struct prose_nl_signal signal = {
		.l2_id = PEER_ID, .bearer = lcid, .local_l2_id = local,
		.protection = lcid == LCID_PLAIN ? PROSE_PROTECTION_NONE : PROSE_PROTECTION_FULL,
		.kd_sess_id = lcid == LCID_PLAIN ? 0 : keys.id,
		.message = (const uint8_t *)"\x05message", .len = 8,
	};

	return prose_nl_signal_send(rig.events, rig.ifindex, &signal, NULL);
}

static void message_goes(uint8_t lcid, uint32_t local, uint32_t src, uint32_t dst,
			 const char *what)
{
	struct parsed pdu;

	need(!message_send(lcid, local), "%s: %s", what, prose_nl_error(rig.events));
	goes(src, dst, &pdu, what);
	check(pdu.lcid == lcid, "%s: LCID %u", what, pdu.lcid);
}

static void all_go(uint32_t src, uint32_t dst, const char *what)
{
	data_goes(src, dst, what);
	message_goes(LCID_PLAIN, 0, src, dst, what);
	message_goes(LCID_SMC, 0, src, dst, what);
	message_goes(LCID_SIGNAL, 0, src, dst, what);
}

/* Sends a message, and waits until it came up. */
static void message_comes(uint8_t lcid, uint16_t id, uint32_t src, uint32_t dst, uint32_t says,
			  enum prose_protection protection, const char *what)
{
	struct pdu pdu = {
		.ethertype = PDU_ETHERTYPE, .octet1 = 0x30, .src = src, .dst = dst, .lcid = lcid,
		.second = LCID_PADDING, .sdu_type = SDU_PC5S, .kd_sess_id = id, .direction = 1,
		.ciphered = lcid == LCID_SIGNAL, .mac = lcid != LCID_PLAIN,
		.data = (const uint8_t *)"\x05up", .len = 3,
	};
	const struct prose_nl_event *event;

	pdu.count = lcid == LCID_PLAIN ? 0 : next_count++;
	memcpy(pdu.eth_dst, rig.lower_mac, 6);
	memcpy(pdu.eth_src, rig.wire_mac, 6);
	events_clear();
	wire_send(frame, pdu_build(&pdu, &keys, frame));
	event = event_wait(PROSE_NL_SIGNAL, PATIENCE_MS);
	if (!check(event, "%s: nothing came up", what))
		return;
	check(event->signal.l2_id == says, "%s: from %06x, not %06x", what, event->signal.l2_id, says);
	check(event->signal.local_l2_id == dst, "%s: to %06x, not %06x", what,
	      event->signal.local_l2_id, dst);
	check(event->signal.protection == protection, "%s: protection %u", what,
	      event->signal.protection);
}

/* --- the tests */

static void sends(void)
{
	begin();
	all_go(OWN_ID, PEER_ID, "without IDs");
	/* The receiving side is open; the other end may not be ready. */
	sets(LOCAL_ID, -1);
	all_go(OWN_ID, PEER_ID, "local-l2-id alone");
	sets(-1, REMOTE_ID);
	all_go(LOCAL_ID, REMOTE_ID, "both");
	sets(LOCAL2_ID, -1);
	all_go(LOCAL2_ID, REMOTE_ID, "another local-l2-id");
	/* A setup beside the link. */
	message_goes(LCID_PLAIN, OWN_ID, OWN_ID, PEER_ID, "in setup");
	check(message_send(LCID_PLAIN, LOCAL2_ID) == -EADDRNOTAVAIL &&
	      strstr(prose_nl_error(rig.events), "signal.local-l2-id: not the device's own"),
	      "sent from another own ID: %s", prose_nl_error(rig.events));
	sets(0, 0);
	all_go(OWN_ID, PEER_ID, "taken away");
}

static void receives(void)
{
	begin();
	taken(PEER_ID, OWN_ID, "without IDs");
	dropped(PEER_ID, LOCAL_ID, "rx-not-for-us", "an ID of nobody");
	sets(LOCAL_ID, -1);
	taken(PEER_ID, OWN_ID, "to the device's");
	taken(PEER_ID, LOCAL_ID, "to the peer's");
	taken(REMOTE_ID, LOCAL_ID, "from the ID to come");
	sets(-1, REMOTE_ID);
	taken(SETUP_ID, LOCAL_ID, "from anyone");
	taken(PEER_ID, OWN_ID, "as before the change");
	dropped(REMOTE_ID, OWN_ID, "rx-no-peer", "the device's ID is for those it knows");
	sets(LOCAL2_ID, -1);
	taken(REMOTE_ID, LOCAL2_ID, "to the next");
	dropped(REMOTE_ID, LOCAL_ID, "rx-not-for-us", "to the one before");
	dropped(0, LOCAL2_ID, "rx-reserved", "from 0");
	dropped(LOCAL2_ID, LOCAL2_ID, "rx-own-source", "from itself");
	dropped(OWN_ID, LOCAL2_ID, "rx-own-source", "from the device");
	dropped(LOCAL2_ID, OWN_ID, "rx-own-source", "to the device");
	dropped(LOCAL2_ID, SETUP_ID, "rx-own-source", "our own, reflected");
}

/* Anyone can name the ID; the MAC says who may. */
static void forged(void)
{
	struct prose_nl_assoc before, after;
	struct keys real;
	int i;

	begin();
	sets(LOCAL_ID, REMOTE_ID);
	assoc_now(keys.id, &before);
	real = keys;
	for (i = 0; i < 3; i++) {
		keys.pik[0] ^= 0x80 >> i;
		dropped(SETUP_ID, LOCAL_ID, "rx-integrity", "forged");
		keys = real;
	}
	assoc_now(keys.id, &after);
	check(after.integrity_failures == before.integrity_failures + 3,
	      "%llu integrity failures", (unsigned long long)after.integrity_failures);
	keys.id++;
	dropped(REMOTE_ID, LOCAL_ID, "rx-no-assoc", "an association that is not");
	keys = real;
	taken(REMOTE_ID, LOCAL_ID, "genuine");
}

/* The owner hears of a peer by its name, whatever it goes by on the link. */
static void messages_come(void)
{
	begin();
	message_comes(LCID_PLAIN, 0, SETUP_ID, OWN_ID, SETUP_ID, PROSE_PROTECTION_NONE, "a stranger");
	message_comes(LCID_SMC, 0x777, SETUP_ID, OWN_ID, SETUP_ID, PROSE_PROTECTION_UNVERIFIED,
		      "a stranger's COMMAND");
	sets(LOCAL_ID, REMOTE_ID);
	message_comes(LCID_PLAIN, 0, REMOTE_ID, LOCAL_ID, PEER_ID, PROSE_PROTECTION_NONE,
		      "unprotected");
	message_comes(LCID_PLAIN, 0, SETUP_ID, LOCAL_ID, PEER_ID, PROSE_PROTECTION_NONE,
		      "unprotected from anyone");
	message_comes(LCID_SMC, 0x777, REMOTE_ID, LOCAL_ID, PEER_ID, PROSE_PROTECTION_UNVERIFIED,
		      "unverified");
	message_comes(LCID_SMC, keys.id, REMOTE_ID, LOCAL_ID, PEER_ID, PROSE_PROTECTION_INTEGRITY,
		      "security mode");
	message_comes(LCID_SIGNAL, keys.id, REMOTE_ID, LOCAL_ID, PEER_ID, PROSE_PROTECTION_FULL,
		      "protected");
	message_comes(LCID_SIGNAL, keys.id, PEER_ID, OWN_ID, PEER_ID, PROSE_PROTECTION_FULL,
		      "protected, to the device's");
	message_comes(LCID_PLAIN, 0, REMOTE_ID, OWN_ID, REMOTE_ID, PROSE_PROTECTION_NONE,
		      "unprotected to the device's");
}

static void refused(void)
{
	struct prose_nl_peer peer = {
		.ifindex = rig.ifindex, .l2_id = LOCAL_ID, .has_local_l2_id = true,
	};
	uint32_t be = htonl(OTHER_IPV4);

	begin();
	peer_add(OTHER_ID, OTHER_IPV4, NULL, NULL);
	refuses(ids(-1, REMOTE_ID), -EINVAL, "peer.remote-l2-id: needs a local-l2-id");
	refuses(ids(OWN_ID, -1), -EADDRINUSE, "peer.local-l2-id: in use on the carrier");
	refuses(ids(PEER_ID, -1), -EADDRINUSE, "peer.local-l2-id: is that of a peer");
	refuses(ids(OTHER_ID, -1), -EADDRINUSE, "peer.local-l2-id: is that of a peer");
	refuses(ids(0x1000000, -1), -ERANGE, "");
	refuses(ids(LOCAL_ID, OWN_ID), -EADDRINUSE, "peer.remote-l2-id: the device's own");
	refuses(ids(LOCAL_ID, LOCAL_ID), -EADDRINUSE, "peer.remote-l2-id: the device's own");
	shows(0, 0);
	sets(LOCAL_ID, REMOTE_ID);
	shows(LOCAL_ID, REMOTE_ID);
	sets(LOCAL_ID, REMOTE_ID);
	shows(LOCAL_ID, REMOTE_ID);
	refuses(ids(0, -1), -EBUSY, "peer.local-l2-id: the peer has a remote-l2-id");
	shows(LOCAL_ID, REMOTE_ID);

	/* Another peer can have neither, and who has an own ID as name is no peer. */
	peer.local_l2_id = 0;
	refuses(prose_nl_peer_new(rig.nl, &peer, NULL), -EADDRINUSE, "peer.l2-id: the device's own");
	peer.l2_id = OTHER_ID;
	peer.local_l2_id = LOCAL_ID;
	refuses(prose_nl_peer_set(rig.nl, &peer), -EADDRINUSE, "peer.local-l2-id: in use");
	peer.l2_id = SETUP_ID;
	refuses(prose_nl_peer_new(rig.nl, &peer, NULL), -EADDRINUSE, "peer.local-l2-id: in use");
	peer.local_l2_id = SETUP_ID;
	refuses(prose_nl_peer_new(rig.nl, &peer, NULL), -EADDRINUSE, "peer.local-l2-id: is that of a peer");

	/* A request that fails for another reason leaves its ID free. */
	peer.local_l2_id = LOCAL2_ID;
	peer.n_addresses = 1;
	peer.addresses[0].family = 4;
	memcpy(peer.addresses[0].addr, &be, 4);
	refuses(prose_nl_peer_new(rig.nl, &peer, NULL), -EEXIST, "another peer's");
	peer.l2_id = PEER_ID;
	refuses(prose_nl_peer_set(rig.nl, &peer), -EEXIST, "another peer's");
	shows(LOCAL_ID, REMOTE_ID);
	sets(LOCAL2_ID, -1);
	sets(LOCAL_ID, -1);
}

/* What a peer had is free when it goes, or has another. */
static void freed(void)
{
	struct prose_nl_peer peer = {
		.ifindex = rig.ifindex, .l2_id = OTHER_ID, .has_local_l2_id = true,
		.local_l2_id = LOCAL_ID, .has_remote_l2_id = true, .remote_l2_id = REMOTE_ID,
	}, made;
	int i;

	begin();
	for (i = 0; i < 3; i++) {
		sets(LOCAL_ID, REMOTE_ID);
		need(!prose_nl_peer_del(rig.nl, rig.ifindex, PEER_ID), "%s", prose_nl_error(rig.nl));
		need(!prose_nl_peer_new(rig.nl, &peer, &made), "not freed: %s", prose_nl_error(rig.nl));
		check(made.local_l2_id == LOCAL_ID && made.remote_l2_id == REMOTE_ID,
		      "the answer shows %06x and %06x", made.local_l2_id, made.remote_l2_id);
		need(!prose_nl_peer_del(rig.nl, rig.ifindex, OTHER_ID), "%s", prose_nl_error(rig.nl));
		begin();
	}
	sets(LOCAL_ID, -1);
	sets(LOCAL2_ID, -1);
	need(!prose_nl_peer_new(rig.nl, &peer, NULL), "not freed by the next: %s",
	     prose_nl_error(rig.nl));
}

/* Both families of change are told: the events name the peer and show its IDs. */
static void told(void)
{
	const struct prose_nl_event *event;

	begin();
	sets(LOCAL_ID, REMOTE_ID);
	event = event_wait(PROSE_NL_PEER_CHANGED, PATIENCE_MS);
	need(event, "peer-ntf did not come");
	check(event->peer.l2_id == PEER_ID && event->peer.local_l2_id == LOCAL_ID &&
	      event->peer.remote_l2_id == REMOTE_ID, "peer-ntf: %06x, %06x, %06x",
	      event->peer.l2_id, event->peer.local_l2_id, event->peer.remote_l2_id);
}

int main(int argc, char **argv)
{
	static const struct ktap_test tests[] = {
		{ "sends", sends },
		{ "receives", receives },
		{ "forged", forged },
		{ "messages_come", messages_come },
		{ "refused", refused },
		{ "freed", freed },
		{ "told", told },
	};

	rig_open(true);
	return KTAP_MAIN(tests, rig_reset, argc, argv);
}
