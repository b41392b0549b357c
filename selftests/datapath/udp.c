// SPDX-License-Identifier: MIT
/*
 * The udp carrier, for udp.sh: makes devices as a link_prose.so of iproute2 would, and speaks the
 * carrier by hand from another namespace, where this program is the peer 0a:0b:0d.
 *
 * udp make NS DEV [KEY=VALUE]...	a device; what refuses it is said as the kernel says it
 * udp set NS DEV KEY=VALUE...		change one, by rtnetlink
 * udp dev-set NS DEV KEY=VALUE...	change one, by generic netlink: port, remote, remote-port
 * udp show NS DEV			own port and remote
 * udp where NS DEV LAYER-2-ID		where a peer is, or "unknown"
 * udp drops NS DEV NAME		one counter
 * udp hold NS PORT			have a UDP port, until it is ended
 * udp learns				where the peer is follows genuine frames that are the newest
 * udp malformed			what is wrong is dropped under its name
 *
 * KEY is carrier, ethertype, pad, port, local, remote, remote-port, link, address, mtu, netns;
 * local and remote take either family, and remote6=::ffff:... and the like the other attribute.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/stat.h>

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "rig.h"

#define OWN_PORT	7800

/* NLMSGERR_ATTR_MSG; an old header may lack the name. */
#define ERR_ATTR_MSG	1

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "udp: %s: %s\n", what, why);
	exit(1);
}

static void enter(const char *ns)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", ns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		fail(path, strerror(errno));
	close(fd);
}

static uint32_t index_of(const char *dev)
{
	uint32_t index = if_nametoindex(dev);

	if (!index)
		fail(dev, strerror(errno));
	return index;
}

/* An address of either family into the attribute of it. */
static void put_address(struct nlmsghdr *nlh, uint16_t v4, uint16_t v6, const char *text)
{
	uint8_t octets[16];

	if (!strchr(text, ':')) {
		if (inet_pton(AF_INET, text, octets) != 1)
			fail(text, "is no address");
		mnl_attr_put(nlh, v4, 4, octets);
		return;
	}
	if (inet_pton(AF_INET6, text, octets) != 1)
		fail(text, "is no address");
	mnl_attr_put(nlh, v6, 16, octets);
}

static const char *value_of(const char *arg, const char *key)
{
	size_t len = strlen(key);

	return !strncmp(arg, key, len) && arg[len] == '=' ? arg + len + 1 : NULL;
}

/* One setting, outside of IFLA_INFO_DATA. */
static bool put_outer(struct nlmsghdr *nlh, const char *arg)
{
	const char *value;
	unsigned int l2_id[3];
	char path[96];

	value = value_of(arg, "link");
	if (value) {
		mnl_attr_put_u32(nlh, IFLA_LINK, index_of(value));
		return true;
	}
	value = value_of(arg, "mtu");
	if (value) {
		mnl_attr_put_u32(nlh, IFLA_MTU, (uint32_t)atoi(value));
		return true;
	}
	value = value_of(arg, "netns");
	if (value) {
		snprintf(path, sizeof(path), "/run/netns/%s", value);
		/* Stays open until the request is over. */
		mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, (uint32_t)open(path, O_RDONLY));
		return true;
	}
	value = value_of(arg, "address");
	if (value && sscanf(value, "%x:%x:%x", &l2_id[0], &l2_id[1], &l2_id[2]) == 3) {
		const uint8_t octets[3] = { (uint8_t)l2_id[0], (uint8_t)l2_id[1],
					    (uint8_t)l2_id[2] };

		mnl_attr_put(nlh, IFLA_ADDRESS, 3, octets);
		return true;
	}
	return false;
}

static void put_inner(struct nlmsghdr *nlh, const char *arg)
{
	const char *value;

	value = value_of(arg, "carrier");
	if (value)
		mnl_attr_put_u32(nlh, IFLA_PROSE_CARRIER,
				 !strcmp(value, "udp") ? PROSE_CARRIER_UDP :
				 !strcmp(value, "link") ? PROSE_CARRIER_LINK :
				 (uint32_t)atoi(value));
	value = value_of(arg, "ethertype");
	if (value)
		mnl_attr_put_u16(nlh, IFLA_PROSE_ETHERTYPE,
				 htons((uint16_t)strtoul(value, NULL, 0)));
	value = value_of(arg, "pad");
	if (value)
		mnl_attr_put_u8(nlh, IFLA_PROSE_PAD, (uint8_t)atoi(value));
	value = value_of(arg, "port");
	if (value)
		mnl_attr_put_u16(nlh, IFLA_PROSE_PORT, htons((uint16_t)atoi(value)));
	value = value_of(arg, "remote-port");
	if (value)
		mnl_attr_put_u16(nlh, IFLA_PROSE_REMOTE_PORT, htons((uint16_t)atoi(value)));
	value = value_of(arg, "local");
	if (value)
		put_address(nlh, IFLA_PROSE_LOCAL, IFLA_PROSE_LOCAL6, value);
	value = value_of(arg, "remote");
	if (value)
		put_address(nlh, IFLA_PROSE_REMOTE, IFLA_PROSE_REMOTE6, value);
}

/* Sends it, and returns 0, or 1 after the refusal was said. */
static int talk(struct nlmsghdr *nlh)
{
	struct mnl_socket *nl = mnl_socket_open(NETLINK_ROUTE);
	static uint8_t buf[16384];
	const struct nlmsgerr *err;
	const struct nlattr *attr;
	struct nlmsghdr *answer;
	const char *text = "";
	ssize_t got;
	int on = 1;

	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		fail("rtnetlink", strerror(errno));
	mnl_socket_setsockopt(nl, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(nl, NETLINK_CAP_ACK, &on, sizeof(on));
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		fail("rtnetlink", strerror(errno));
	got = mnl_socket_recvfrom(nl, buf, sizeof(buf));
	answer = (struct nlmsghdr *)buf;
	if (got < (ssize_t)(NLMSG_HDRLEN + sizeof(*err)) || answer->nlmsg_type != NLMSG_ERROR)
		fail("rtnetlink", "no acknowledgement");
	err = mnl_nlmsg_get_payload(answer);
	if (answer->nlmsg_flags & NLM_F_ACK_TLVS)
		mnl_attr_for_each(attr, answer, sizeof(*err))
			if (mnl_attr_get_type(attr) == ERR_ATTR_MSG)
				text = mnl_attr_get_str(attr);
	if (err->error)
		fprintf(stderr, "%s (%s)\n", text, strerror(-err->error));
	mnl_socket_close(nl);
	return err->error != 0;
}

static int link_request(const char *dev, bool make, char **args)
{
	static uint8_t buf[4096];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nlattr *info, *data;
	struct ifinfomsg *ifm;
	char **arg;

	nlh->nlmsg_type = RTM_NEWLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | (make ? NLM_F_CREATE | NLM_F_EXCL : 0);
	ifm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifm));
	ifm->ifi_family = AF_UNSPEC;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, dev);
	for (arg = args; *arg; arg++)
		put_outer(nlh, *arg);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_str(nlh, IFLA_INFO_KIND, "prose");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	for (arg = args; *arg; arg++)
		put_inner(nlh, *arg);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	return talk(nlh);
}

static void open_nl(const char *dev)
{
	char why[256] = "";

	rig.nl = prose_nl_open(why, sizeof(why));
	if (!rig.nl)
		fail(dev, why);
	rig.ifindex = index_of(dev);
}

/* "192.0.2.1:7800", "[2001:db8::1]:7800" */
static const char *address_text(const uint8_t *octets, size_t len)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	static char text[64];
	char ip[INET6_ADDRSTRLEN];

	if (len != 18)
		return "unknown";
	if (!memcmp(octets, mapped, 12))
		snprintf(text, sizeof(text), "%s:%u", inet_ntop(AF_INET, octets + 12, ip, sizeof(ip)),
			 get_be16(octets + 16));
	else
		snprintf(text, sizeof(text), "[%s]:%u", inet_ntop(AF_INET6, octets, ip, sizeof(ip)),
			 get_be16(octets + 16));
	return text;
}

static const char *where(uint32_t l2_id)
{
	struct prose_nl_peer peer;

	if (prose_nl_peer_get(rig.nl, rig.ifindex, l2_id, &peer))
		fail("peer-get", prose_nl_error(rig.nl));
	return address_text(peer.carrier_addr, peer.carrier_addr_len);
}

static int dev_set(char **args)
{
	struct prose_nl_device_config config = { 0 };
	const char *value;

	for (; *args; args++) {
		value = value_of(*args, "port");
		if (value)
			config.port = (uint16_t)atoi(value);
		value = value_of(*args, "remote-port");
		if (value)
			config.remote_port = (uint16_t)atoi(value);
		value = value_of(*args, "ethertype");
		if (value) {
			config.has_ethertype = true;
			config.ethertype = (uint16_t)strtoul(value, NULL, 0);
		}
		value = value_of(*args, "remote");
		if (value) {
			config.remote.family = strchr(value, ':') ? 6 : 4;
			if (inet_pton(config.remote.family == 6 ? AF_INET6 : AF_INET, value,
				      config.remote.addr) != 1)
				fail(value, "is no address");
		}
	}
	if (!prose_nl_device_set(rig.nl, rig.ifindex, &config))
		return 0;
	fprintf(stderr, "%s\n", prose_nl_error(rig.nl));
	return 1;
}

static int show(void)
{
	struct prose_nl_device now;

	device(&now);
	printf("%u %s\n", now.port, address_text(now.remote, now.remote_len));
	return 0;
}

static int udp_socket(const char *address, uint16_t port)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	bool six = strchr(address, ':');
	int fd = socket(six ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (six ? inet_pton(AF_INET6, address, &v6.sin6_addr) != 1 :
		  inet_pton(AF_INET, address, &v4.sin_addr) != 1)
		fail(address, "is no address");
	if (fd < 0 || (six ? bind(fd, (struct sockaddr *)&v6, sizeof(v6)) :
			     bind(fd, (struct sockaddr *)&v4, sizeof(v4))))
		fail(address, strerror(errno));
	return fd;
}

static int hold(const char *port)
{
	udp_socket("0.0.0.0", (uint16_t)atoi(port));
	printf("held\n");
	fflush(stdout);
	pause();
	return 0;
}

/* --- speaking the carrier by hand */

static struct keys keys;
static int from_a, from_b, from_6;
static struct sockaddr_in to4 = { .sin_family = AF_INET };
static struct sockaddr_in6 to6 = { .sin6_family = AF_INET6 };
static uint8_t packet[64];
static size_t packet_len;

/* Sockets in ue2, netlink and the device in ue1; a peer with an association there. */
static void carrier_open(void)
{
	struct prose_nl_assoc_config config;

	enter("ue2");
	from_a = udp_socket("192.0.2.2", 9000);
	from_b = udp_socket("192.0.2.2", 9001);
	from_6 = udp_socket("2001:db8::2", 9002);
	enter("ue1");
	open_nl("prose0");
	/* Takes what is delivered, so that no ICMP answers come in between. */
	rig.udp = udp_socket("10.0.0.1", PORT);
	to4.sin_port = htons(OWN_PORT);
	inet_pton(AF_INET, "192.0.2.1", &to4.sin_addr);
	to6.sin6_port = htons(OWN_PORT);
	inet_pton(AF_INET6, "2001:db8::1", &to6.sin6_addr);

	peer_add(PEER_ID, PEER_IPV4, NULL, NULL);
	fresh_keys(&keys, 0x0101);
	assoc_config(&keys, &config);
	config.tx = true;
	assoc_add(&config);
	packet_len = ipv4_udp(packet, PEER_IPV4, OWN_IPV4, PORT, "hello", 5);
}

static struct pdu genuine(uint32_t count)
{
	return (struct pdu){
		.octet1 = 0x30, .src = PEER_ID, .dst = OWN_ID, .lcid = LCID_DATA,
		.sdu_type = SDU_IP, .kd_sess_id = keys.id, .count = count, .direction = 1,
		.ciphered = true, .mac = true, .data = packet, .len = packet_len,
	};
}

static void datagram(int fd, const uint8_t *octets, size_t len)
{
	const void *to = fd == from_6 ? (const void *)&to6 : &to4;
	socklen_t to_len = fd == from_6 ? sizeof(to6) : sizeof(to4);
	ssize_t sent = sendto(fd, octets, len, 0, to, to_len);

	need(sent == (ssize_t)len, "sending %zu octets: %s", len, strerror(errno));
}

static void send_pdu(int fd, const struct pdu *pdu)
{
	static uint8_t frame[PDU_MAX];
	size_t len = pdu_build(pdu, &keys, frame);

	datagram(fd, frame + ETH_LEN, len - ETH_LEN);
}

static bool delivered(uint64_t n)
{
	long long end = now_ms() + PATIENCE_MS;
	struct prose_nl_peer peer;

	do
		peer_now(&peer);
	while (peer.rx_packets < n && now_ms() < end);
	return peer.rx_packets == n;
}

static void is_at(const char *text, const char *why)
{
	const char *now = where(PEER_ID);

	check(!strcmp(now, text), "%s: the peer is at %s, not at %s", why, now, text);
}

static void counted(const char *name, uint64_t value, const char *why)
{
	uint64_t now = stat_wait(name, value);

	check(now == value, "%s: %s is %llu, not %llu", why, name, (unsigned long long)now,
	      (unsigned long long)value);
}

/* What prose0 sends arrives where the peer was last heard from, whole and protected. */
static void answered_at(int fd, uint32_t count)
{
	struct sockaddr_in inner = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int out = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	static uint8_t frame[PDU_MAX];
	struct parsed pdu;
	ssize_t got;

	inner.sin_addr.s_addr = htonl(PEER_IPV4);
	need(sendto(out, "answer", 6, 0, (struct sockaddr *)&inner, sizeof(inner)) == 6,
	     "sending: %s", strerror(errno));
	close(out);
	need(poll(&wait, 1, PATIENCE_MS) == 1, "nothing came");
	got = recv(fd, frame + ETH_LEN, sizeof(frame) - ETH_LEN, 0);
	need(got > 0 && pdu_parse(frame, (size_t)got + ETH_LEN, &pdu), "what came is no frame");
	check(pdu.src == OWN_ID && pdu.dst == PEER_ID && pdu.lcid == LCID_DATA && !pdu.padded,
	      "the frame is another");
	need(pdu.sn == count, "SN is %u, not %u", pdu.sn, count);
	pdu_open(&pdu, &keys, count, 0, true, true);
	check(pdu.mac_good, "the MAC-I is wrong");
	check(pdu.len == 34 && !memcmp(pdu.data + 28, "answer", 6), "the packet is another");
}

static void learns(void)
{
	struct pdu pdu = genuine(1), plain;

	is_at("unknown", "before any frame");
	send_pdu(from_a, &pdu);
	need(delivered(1), "the first frame was not delivered");
	is_at("192.0.2.2:9000", "after the first frame");
	answered_at(from_a, 1);

	/* Another's datagrams: forged, and a copy of what was genuine once. */
	pdu.count = 20;
	pdu.mac = false;
	pdu.ciphered = false;
	send_pdu(from_b, &pdu);
	counted("rx-integrity", 1, "a forged frame");
	is_at("192.0.2.2:9000", "after a forged frame");
	pdu = genuine(1);
	send_pdu(from_b, &pdu);
	counted("rx-replay", 1, "a replayed frame");
	is_at("192.0.2.2:9000", "after a replayed frame");

	pdu = genuine(10);
	send_pdu(from_b, &pdu);
	need(delivered(2), "a frame from elsewhere was not delivered");
	is_at("192.0.2.2:9001", "after a frame from elsewhere");
	answered_at(from_b, 2);

	/* One that was held back is genuine, and tells of the past. */
	pdu = genuine(9);
	send_pdu(from_a, &pdu);
	need(delivered(3), "an older frame was not delivered");
	is_at("192.0.2.2:9001", "after an older frame");

	/* A message without protection proves nothing. */
	plain = (struct pdu){
		.octet1 = 0x30, .src = PEER_ID, .dst = OWN_ID, .lcid = LCID_PLAIN,
		.sdu_type = SDU_PC5S, .data = (const uint8_t *)"\1plain", .len = 6,
	};
	send_pdu(from_a, &plain);
	counted("signal-no-owner", 1, "an unprotected message");
	is_at("192.0.2.2:9001", "after an unprotected message");

	/* The other family. */
	pdu = genuine(11);
	send_pdu(from_6, &pdu);
	need(delivered(4), "a frame over IPv6 was not delivered");
	is_at("[2001:db8::2]:9002", "after a frame over IPv6");
	answered_at(from_6, 3);
}

static void malformed(void)
{
	static const struct {
		const char *what, *counter;
		int cut;		/* octets left, 0 for all */
		int octet, value;	/* of the frame, changed */
		uint32_t src, dst;
		uint16_t kd_sess_id;
	} wrong[] = {
		{ .what = "no octets", .counter = "rx-short", .cut = -1 },
		{ .what = "one octet", .counter = "rx-short", .cut = 1 },
		{ .what = "a MAC header alone", .counter = "rx-short", .cut = 8 },
		{ .what = "no MAC-I", .counter = "rx-short", .cut = 8 + 5 + 3 },
		{ .what = "another version", .counter = "rx-reserved", .octet = 0, .value = 0x40 },
		{ .what = "a reserved LCID", .counter = "rx-reserved", .octet = 7, .value = 11 },
		{ .what = "a bearer of others", .counter = "rx-bearer", .octet = 7, .value = 5 },
		{ .what = "for another", .counter = "rx-not-for-us", .dst = 0x0f0f0f },
		{ .what = "from ourselves", .counter = "rx-own-source", .src = OWN_ID },
		{ .what = "from a stranger", .counter = "rx-no-peer", .src = 0x0f0f0f },
		{ .what = "under another KD-sess", .counter = "rx-no-assoc",
		  .kd_sess_id = 0x0999 },
	};
	uint8_t frame[512];
	size_t i, len;
	int fd, v;

	for (v = 0; v < 2; v++) {
		fd = v ? from_6 : from_a;
		for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
			struct pdu pdu = genuine(1);
			uint64_t before = stat_now(wrong[i].counter);

			if (wrong[i].src)
				pdu.src = wrong[i].src;
			if (wrong[i].dst)
				pdu.dst = wrong[i].dst;
			if (wrong[i].kd_sess_id)
				pdu.kd_sess_id = wrong[i].kd_sess_id;
			len = pdu_build(&pdu, &keys, frame) - ETH_LEN;
			if (wrong[i].value)
				frame[ETH_LEN + wrong[i].octet] = (uint8_t)wrong[i].value;
			if (wrong[i].cut)
				len = wrong[i].cut < 0 ? 0 : (size_t)wrong[i].cut;
			datagram(fd, frame + ETH_LEN, len);
			counted(wrong[i].counter, before + 1, wrong[i].what);
		}
	}
	check(delivered(0), "something wrong was delivered");
	is_at("unknown", "after frames that are wrong");
}

static int by_hand(void (*test)(void))
{
	carrier_open();
	if (!setjmp(ktap_end_of_test))
		test();
	return ktap_failures ? 1 : 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "learns"))
		return by_hand(learns);
	if (!strcmp(what, "malformed"))
		return by_hand(malformed);
	if (argc < 4)
		fail("usage", "udp COMMAND NS DEV [KEY=VALUE]...");
	enter(argv[2]);
	if (!strcmp(what, "make") || !strcmp(what, "set"))
		return link_request(argv[3], !strcmp(what, "make"), argv + 4);
	if (!strcmp(what, "hold"))
		return hold(argv[3]);
	open_nl(argv[3]);
	if (!strcmp(what, "dev-set"))
		return dev_set(argv + 4);
	if (!strcmp(what, "show"))
		return show();
	if (!strcmp(what, "where") && argc > 4)
		return printf("%s\n", where((uint32_t)strtoul(argv[4], NULL, 16))) < 0;
	if (!strcmp(what, "drops") && argc > 4)
		return printf("%llu\n", (unsigned long long)stat_now(argv[4])) < 0;
	fail(what, "is no command");
	return 1;
}
