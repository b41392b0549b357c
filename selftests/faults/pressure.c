// SPDX-License-Identifier: MIT
/*
 * Many of the module's allocations fail, in every context it runs in, while packets come and go:
 * each is delivered, or counted under one name, or refused; and when memory is back all is well.
 */
#include <fcntl.h>
#include <netinet/in.h>

#include "../datapath/rig.h"
#include "inject.h"

#define PACKETS	600u
#define PERCENT	30u

static struct keys keys;
static uint32_t rx_count;
static int sender = -1;

static void install(void)
{
	struct prose_nl_assoc_config config;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT) };

	peers_clear();
	fresh_keys(&keys, 0x31);
	assoc_config(&keys, &config);
	config.tx = true;
	peer_add(PEER_ID, PEER_IPV4, peer_ipv6, rig.wire_mac);
	assoc_add(&config);
	rx_count = 0;
	if (sender >= 0)
		close(sender);
	to.sin_addr.s_addr = htonl(PEER_IPV4);
	sender = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	need(!connect(sender, (struct sockaddr *)&to, sizeof(to)), "%s", strerror(errno));
	drain(rig.wire);
	drain(rig.udp);
	events_clear();
}

static void receive(uint8_t lcid)
{
	static const uint8_t payload[1000];
	uint8_t frame[PDU_MAX], packet[1400] = { 5 };
	bool plain = lcid == LCID_PLAIN;
	struct pdu pdu = {
		.ethertype = PDU_ETHERTYPE, .octet1 = 0x30, .src = PEER_ID, .dst = OWN_ID,
		.lcid = lcid, .kd_sess_id = plain ? 0 : keys.id, .direction = 1,
		.count = plain ? 0 : ++rx_count, .ciphered = !plain, .mac = !plain, .data = packet,
		.sdu_type = lcid == LCID_DATA ? SDU_IP : SDU_PC5S, .len = 40,
	};

	memcpy(pdu.eth_dst, rig.lower_mac, 6);
	memcpy(pdu.eth_src, rig.wire_mac, 6);
	if (lcid == LCID_DATA)
		pdu.len = ipv4_udp(packet, PEER_IPV4, OWN_IPV4, PORT, payload,
				   sizeof(payload));
	wire_send(frame, pdu_build(&pdu, &keys, frame));
}

struct sums {
	uint64_t tx, rx, nomem, delivered;
};

static void sums_take(struct sums *sums)
{
	struct prose_nl_device now;
	struct prose_nl_peer peer;
	size_t i;

	memset(sums, 0, sizeof(*sums));
	device(&now);
	peer_now(&peer);
	sums->delivered = peer.rx_packets;
	for (i = 0; i < now.n_stats; i++) {
		const struct prose_nl_stat *stat = &now.stats[i];

		if (!strncmp(stat->name, "tx-", 3))
			sums->tx += stat->value;
		else
			sums->rx += stat->value;
		if (!strcmp(stat->name, "rx-nomem") || !strcmp(stat->name, "tx-nomem"))
			sums->nomem += stat->value;
	}
}

/* Until all of that many frames have been received or dropped: a softirq may be late. */
static void received(const struct sums *before, uint64_t n, struct sums *after)
{
	long long end = now_ms() + PATIENCE_MS;

	do {
		pause_ms(10);
		sums_take(after);
	} while (after->delivered - before->delivered + after->rx - before->rx < n && now_ms() < end);
}

static void data_received(void)
{
	struct sums before, after;
	uint64_t dropped, delivered;
	unsigned int i;
	int tap;

	install();
	/* Whoever keeps the frames as they came has each deciphered in a copy. */
	tap = packet_socket("eth0", SOCK_RAW);
	sums_take(&before);
	inject_pressure(PERCENT);
	for (i = 0; i < PACKETS; i++)
		receive(LCID_DATA);
	inject_pressure(0);
	received(&before, PACKETS, &after);
	dropped = after.rx - before.rx;
	delivered = after.delivered - before.delivered;
	ktap_say("%u frames: %llu delivered, %llu dropped, %llu of these for want of memory", PACKETS,
		 (unsigned long long)delivered, (unsigned long long)dropped,
		 (unsigned long long)(after.nomem - before.nomem));
	check(dropped + delivered == PACKETS, "%llu frames have no name",
	      (unsigned long long)(PACKETS - dropped - delivered));
	check(after.nomem > before.nomem, "no allocation failed");
	check(delivered, "every allocation failed");

	close(tap);
	drain(rig.udp);
	sums_take(&before);
	receive(LCID_DATA);
	received(&before, 1, &after);
	check(after.delivered == before.delivered + 1, "with memory again, nothing comes");
}

static void signalling_received(void)
{
	struct sums before, after;
	long long end;
	unsigned int i;
	size_t told;

	install();
	sums_take(&before);
	inject_pressure(PERCENT);
	for (i = 0; i < EVENTS_MAX / 2; i++) {
		receive(LCID_SIGNAL);
		receive(LCID_PLAIN);
	}
	inject_pressure(0);
	end = now_ms() + PATIENCE_MS;
	/* One call takes a bounded number. */
	do {
		pause_ms(1);
		events_take();
		told = events_of(PROSE_NL_SIGNAL);
		sums_take(&after);
	} while (told + after.rx - before.rx < EVENTS_MAX && now_ms() < end);
	ktap_say("%u frames: %zu messages came, %llu dropped", EVENTS_MAX, told,
		 (unsigned long long)(after.rx - before.rx));
	check(told + after.rx - before.rx == EVENTS_MAX, "%lld frames have no name",
	      (long long)(EVENTS_MAX - told - (after.rx - before.rx)));
	check(after.nomem > before.nomem, "no allocation failed");
	events_clear();
	receive(LCID_SIGNAL);
	check(event_wait(PROSE_NL_SIGNAL, PATIENCE_MS), "with memory again, nothing comes");
}

static void data_sent(void)
{
	struct tpacket_stats lost = { 0 };
	socklen_t len = sizeof(lost);
	struct sums before, after;
	unsigned int i, refused = 0, left = 0, drops = 0;
	uint8_t payload[1200], frame[PDU_MAX];
	long long end;
	size_t got;

	memset(payload, 'x', sizeof(payload));
	install();
	getsockopt(rig.wire, SOL_PACKET, PACKET_STATISTICS, &lost, &len);
	sums_take(&before);
	inject_pressure(PERCENT);
	for (i = 0; i < PACKETS; i++)
		refused += send(sender, payload, sizeof(payload), 0) < 0;
	inject_pressure(0);
	end = now_ms() + PATIENCE_MS;
	do {
		pause_ms(10);
		sums_take(&after);
		while ((got = packet_take(rig.wire, false, frame, sizeof(frame))))
			left += got > ETH_LEN && get_be16(frame + 12) == PDU_ETHERTYPE;
		getsockopt(rig.wire, SOL_PACKET, PACKET_STATISTICS, &lost, &len);
		drops += lost.tp_drops;
	} while (left + drops + refused + after.tx - before.tx < PACKETS && now_ms() < end);
	ktap_say("%u packets: %u left, %u lost on the wire, %llu dropped, %u refused", PACKETS, left,
		 drops, (unsigned long long)(after.tx - before.tx), refused);
	check(left + drops + refused + after.tx - before.tx == PACKETS,
	      "%lld packets have no name",
	      (long long)(PACKETS - left - drops - refused - (after.tx - before.tx)));
	check(after.nomem > before.nomem, "no allocation failed");
	check(send(sender, payload, sizeof(payload), 0) > 0 &&
	      packet_wait(rig.wire, false, frame, sizeof(frame), PATIENCE_MS),
	      "with memory again, nothing leaves");
}

int main(int argc, char **argv)
{
	static const struct ktap_test tests[] = {
		{ "data_received", data_received },
		{ "signalling_received", signalling_received },
		{ "data_sent", data_sent },
	};

	rig_open(true);
	inject_open();
	return KTAP_MAIN(tests, rig_reset, argc, argv);
}
