// SPDX-License-Identifier: MIT
/*
 * Every allocation on the way of a packet out fails once, for each kind of sender: the packet
 * leaves, or its sender is told, or one counter says why it did not. No COUNT is used twice, and
 * nothing leaves in clear.
 */
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sched.h>

#include "../datapath/rig.h"
#include "inject.h"

#define MARK	"PLAINTEXT-PLAINTEXT-PLAINTEXT"
#define MARKER_ETHERTYPE	0x88b7
/*
 * The debug kernel allocates for its own ends now and then, and what was the n-th of one packet is
 * another one's of the next: once through may pass over one, and several times over the same. So
 * often at least, and at most until one of the module's own was among them.
 */
#define PASSES		4
#define PASSES_MAX	100

static struct keys keys;
static uint32_t last_count;
static int sender = -1;
static int marker = -1;

/* Sends from eth0, and takes nothing: a tap would have a copy of each packet allocated. */
static void marker_open(void)
{
	struct sockaddr_ll from = { .sll_family = AF_PACKET, .sll_ifindex = (int)rig.lower };
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	marker = socket(AF_PACKET, SOCK_RAW, 0);
	if (marker < 0 || bind(marker, (struct sockaddr *)&from, sizeof(from)) ||
	    sched_setaffinity(0, sizeof(one), &one)) {
		printf("Bail out! no marker: %s\n", strerror(errno));
		exit(KTAP_FAIL);
	}
}

/*
 * A frame of nobody's, behind all that left: the other end takes them in a softirq, which may be
 * late, but in the order in which this processor sent them.
 */
static void marker_send(uint16_t number)
{
	uint8_t frame[ETH_LEN + 46] = { 0 };

	memcpy(frame, rig.wire_mac, 6);
	memcpy(frame + 6, rig.lower_mac, 6);
	put_be16(frame + 12, MARKER_ETHERTYPE);
	put_be16(frame + ETH_LEN, number);
	need(send(marker, frame, sizeof(frame), 0) == (ssize_t)sizeof(frame), "marker: %s",
	     strerror(errno));
}

/* Frames that left, each looked at: all that come before a marker. */
static size_t frames_left(void)
{
	static uint8_t frame[PDU_MAX];
	static uint16_t marked;
	size_t n = 0, len;

	marker_send(++marked);
	for (;;) {
		struct parsed pdu;

		len = packet_wait(rig.wire, false, frame, sizeof(frame), PATIENCE_MS);
		need(len, "the other end of the wire takes nothing");
		if (len > ETH_LEN + 2 && get_be16(frame + 12) == MARKER_ETHERTYPE &&
		    get_be16(frame + ETH_LEN) == marked)
			return n;
		if (len <= ETH_LEN || get_be16(frame + 12) != PDU_ETHERTYPE)
			continue;
		n++;
		need(pdu_parse(frame, len, &pdu), "a frame of %zu octets that is none", len);
		check(!memmem(frame, len, MARK, strlen(MARK)), "it left in clear");
		check(pdu.sn > last_count, "COUNT %u after %u", pdu.sn, last_count);
		last_count = pdu.sn;
		pdu_open(&pdu, &keys, last_count, 0, true, true);
		check(pdu.mac_good, "the MAC-I of COUNT %u does not verify", last_count);
	}
}

static uint64_t drops(const char *prefix)
{
	struct prose_nl_device now;
	uint64_t sum = 0;
	size_t i;

	device(&now);
	for (i = 0; i < now.n_stats; i++)
		if (!strncmp(now.stats[i].name, prefix, strlen(prefix)))
			sum += now.stats[i].value;
	return sum;
}

/* --- senders */

static void send_udp(int family)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };
	int err;

	v4.sin_addr.s_addr = htonl(PEER_IPV4);
	memcpy(&v6.sin6_addr, peer_ipv6, 16);
	sender = socket(family, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	err = family == AF_INET ? connect(sender, (struct sockaddr *)&v4, sizeof(v4)) :
				  connect(sender, (struct sockaddr *)&v6, sizeof(v6));
	need(!err, "connect: %s", strerror(errno));
}

static void open_udp4(void)
{
	send_udp(AF_INET);
}

static void open_udp6(void)
{
	send_udp(AF_INET6);
}

static ssize_t send_mark(void)
{
	return send(sender, MARK, strlen(MARK), MSG_NOSIGNAL);
}

/* Established without the other end, whose window is open all the same: TCP_REPAIR. */
static void open_tcp(void)
{
	struct tcp_repair_window window = {
		.snd_wnd = 65535, .max_window = 65535, .rcv_wnd = 65535,
	};
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT + 1) };
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = 0 };
	int on = 1, off = -1;	/* TCP_REPAIR_OFF_NO_WP */

	to.sin_addr.s_addr = htonl(PEER_IPV4);
	own.sin_addr.s_addr = htonl(OWN_IPV4);
	sender = socket(AF_INET, SOCK_STREAM, 0);
	need(!setsockopt(sender, IPPROTO_TCP, TCP_REPAIR, &on, sizeof(on)) &&
	     !bind(sender, (struct sockaddr *)&own, sizeof(own)) &&
	     !connect(sender, (struct sockaddr *)&to, sizeof(to)) &&
	     !setsockopt(sender, IPPROTO_TCP, TCP_REPAIR_WINDOW, &window, sizeof(window)) &&
	     !setsockopt(sender, IPPROTO_TCP, TCP_REPAIR, &off, sizeof(off)) &&
	     !setsockopt(sender, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)),
	     "an established connection: %s", strerror(errno));
	fcntl(sender, F_SETFL, O_NONBLOCK);
}

/* An IP packet from a packet socket, longer than a page. */
static uint8_t packet[8192];
static size_t packet_len;

static void open_large(void)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP),
		.sll_ifindex = (int)rig.ifindex, .sll_halen = 3,
	};
	static uint8_t data[6000];

	memset(data, 'x', sizeof(data));
	memcpy(data, MARK, strlen(MARK));
	packet_len = ipv4_udp(packet, OWN_IPV4, PEER_IPV4, PORT, data, sizeof(data));
	sender = socket(AF_PACKET, SOCK_DGRAM, 0);
	need(sender >= 0 && !bind(sender, (struct sockaddr *)&to, sizeof(to)),
	     "packet socket: %s", strerror(errno));
}

static ssize_t send_large(void)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP),
		.sll_ifindex = (int)rig.ifindex, .sll_halen = 3,
	};

	return sendto(sender, packet, packet_len, 0, (struct sockaddr *)&to, sizeof(to));
}

/* An address that nobody has: the owner is asked for a peer, the sender told by ICMP. */
static void open_unknown(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT) };

	to.sin_addr.s_addr = htonl(0x0a0000c8);
	sender = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	need(!connect(sender, (struct sockaddr *)&to, sizeof(to)), "connect: %s", strerror(errno));
}

/* --- the loop */

/* Without a word to the other end, which is not there: in repair TCP sends no FIN. */
static void close_sender(void)
{
	int on = 1;

	setsockopt(sender, IPPROTO_TCP, TCP_REPAIR, &on, sizeof(on));
	close(sender);
}

struct tally {
	unsigned int failed, left, dropped, refused, elsewhere;
};

/* One packet, whose @n-th allocation fails: false if it has no n-th. */
static bool one_allocation(unsigned int n, ssize_t (*send_one)(void), bool exact, struct tally *tally)
{
	uint64_t before = drops("tx-"), now;
	size_t frames;
	ssize_t sent;
	bool failed;
	int err;

	inject_arm(n);
	sent = send_one();
	err = errno;
	failed = !inject_disarm();
	frames = frames_left();
	now = drops("tx-") - before;

	tally->failed += failed;
	tally->left += frames > 0;
	tally->dropped += now > 0;
	tally->refused += sent < 0;
	if (exact)
		check(frames + now <= 1, "allocation %u: %zu frames left, %llu counted as dropped",
		      n, frames, (unsigned long long)now);
	/* A connection that has no memory is one whose queue is full. */
	if (sent < 0)
		check(failed && (inject_error(err) || (!exact && err == EAGAIN)),
		      "allocation %u: %s", n, strerror(err));
	/* Lost before it came to the device, or after: not by prose. */
	else if (!frames && !now)
		tally->elsewhere++;
	if (!failed)
		check(sent > 0 && frames, "no allocation failed, and nothing left");
	return failed;
}

static void each_allocation(void (*open_sender)(void), ssize_t (*send_one)(void), bool exact)
{
	struct prose_nl_assoc_config config;
	struct tally tally = { 0 };
	unsigned int pass, n;

	fresh_keys(&keys, 0x11);
	assoc_config(&keys, &config);
	config.tx = true;
	peer_add(PEER_ID, PEER_IPV4, peer_ipv6, rig.wire_mac);
	assoc_add(&config);
	last_count = 0;
	open_sender();
	/* Routes are looked up, neighbours and slabs there. */
	send_one();
	frames_left();

	for (pass = 0; pass < PASSES || (!tally.dropped && pass < PASSES_MAX); pass++) {
		bool failed = true;

		for (n = 1; failed && n < INJECT_MAX && ktap_failures < KTAP_SHOWN; n++) {
			/* Nobody acknowledges: a connection sends no more than its first window. */
			if (!exact) {
				close_sender();
				open_sender();
			}
			failed = one_allocation(n, send_one, exact, &tally);
		}
	}
	ktap_say("%u allocations failed one by one, in %u passes: %u packets left, %u dropped, %u refused, %u lost elsewhere",
		 tally.failed, pass, tally.left, tally.dropped, tally.refused, tally.elsewhere);
	check(tally.failed && tally.dropped + tally.refused, "there was none to fail");
	check(tally.dropped, "none of the module's own failed");
	close_sender();
}

static void udp4(void)
{
	each_allocation(open_udp4, send_mark, true);
}

static void udp6(void)
{
	each_allocation(open_udp6, send_mark, true);
}

static void tcp(void)
{
	each_allocation(open_tcp, send_mark, false);
}

static void large(void)
{
	need(!system("ip link set eth0 mtu 9000 && ip link set wire0 mtu 9000 && ip link set prose0 mtu 8000"),
	     "no large MTU");
	each_allocation(open_large, send_large, true);
}

/* No frame may leave; the packet is counted, whatever becomes of the notification. */
static void unknown(void)
{
	unsigned int n, refused = 0;
	bool failed = true;

	open_unknown();
	send_mark();
	for (n = 1; failed && n < INJECT_MAX && ktap_failures < KTAP_SHOWN; n++) {
		uint64_t before = stat_now("tx-no-peer"), now;
		int pending, err;
		socklen_t len = sizeof(pending);
		ssize_t sent;

		/* What ICMP said of the one before. */
		getsockopt(sender, SOL_SOCKET, SO_ERROR, &pending, &len);
		events_clear();
		/* As many notifications a second as there may be. */
		pause_ms(120);
		inject_arm(n);
		sent = send_mark();
		err = errno;
		failed = !inject_disarm();
		now = stat_now("tx-no-peer") - before;
		check(!frames_left(), "a frame left");
		refused += sent < 0;
		if (sent < 0)
			check(err == EHOSTUNREACH || (failed && inject_error(err)), "allocation %u: %s",
			      n, strerror(err));
		check(now == 1 || (sent < 0 && failed), "allocation %u: counted %llu times", n,
		      (unsigned long long)now);
		events_take();
		if (now)
			check(events_of(PROSE_NL_PEER_WANTED) || rig.resynced,
			      "allocation %u: who listens was told nothing", n);
	}
	ktap_say("%u allocations failed one by one: %u sends refused", n - 2, refused);
	check(n > 2, "there was none to fail");
	close(sender);
}

/* The notifications of COUNT: the packet that causes both leaves all the same. */
static void count_marks(void)
{
	unsigned int n, told = 0;
	bool failed = true;

	open_udp4();
	for (n = 1; failed && n < INJECT_MAX && ktap_failures < KTAP_SHOWN; n++) {
		struct prose_nl_assoc_config config;
		size_t frames;
		ssize_t sent;

		peers_clear();
		fresh_keys(&keys, 0x12);
		assoc_config(&keys, &config);
		config.tx = true;
		config.count_limit = config.count_soft = 1;
		peer_add(PEER_ID, PEER_IPV4, peer_ipv6, rig.wire_mac);
		assoc_add(&config);
		events_clear();
		last_count = 0;
		inject_arm(n);
		sent = send_mark();
		failed = !inject_disarm();
		frames = frames_left();
		events_take();
		if (!frames)
			continue;
		told += events_of(PROSE_NL_COUNT_SOFT) + events_of(PROSE_NL_COUNT_EXHAUSTED);
		check(sent > 0, "it left, and was refused");
		check((events_of(PROSE_NL_COUNT_SOFT) == 1 &&
		       events_of(PROSE_NL_COUNT_EXHAUSTED) == 1) || (failed && rig.resynced),
		      "allocation %u: not told of the COUNT, nor that something is lost", n);
	}
	ktap_say("%u allocations failed one by one: %u notifications came", n - 2, told);
	check(n > 2, "there was none to fail");
	close(sender);
}

int main(int argc, char **argv)
{
	static const struct ktap_test tests[] = {
		{ "udp4", udp4 },
		{ "udp6", udp6 },
		{ "tcp", tcp },
		{ "large", large },
		{ "unknown", unknown },
		{ "count_marks", count_marks },
	};

	rig_open(false);
	marker_open();
	inject_open();
	return KTAP_MAIN(tests, rig_reset, argc, argv);
}
