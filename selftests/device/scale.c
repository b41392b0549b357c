// SPDX-License-Identifier: MIT
/*
 * As many peers as a device takes, with four associations each: made, refused one more, listed,
 * reached at random, deleted with the device. What it costs is told, and no matter of passing: an
 * emulated machine has no times worth the name.
 *
 * The rig of datapath/rig.h, whose prose0 has 100.64.0.1/10 besides; this program is every peer.
 */
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "../datapath/rig.h"

#define PEERS		4096u
#define ASSOCS		4u
#define SENDING		1u	/* of them */
#define FIRST_ID	0x200000u
#define REACHED		300	/* peers */
#define HANG_S		600

static struct keys keys;	/* of all: what is tested is who gets which packet */
static uint32_t sent[PEERS], received[PEERS];

/* Prime to their number, so that neighbours are made far apart in time. */
static uint32_t id_of(unsigned int i)
{
	return FIRST_ID + i * 2741 % PEERS * 17;
}

static uint32_t address_of(unsigned int i)
{
	return 0x64400000u + 0x100 + i;
}

/* KiB that the kernel holds in slabs and per-CPU memory. */
static long kernel_kb(void)
{
	static const char *const what[] = { "Slab:", "Percpu:" };
	FILE *file = fopen("/proc/meminfo", "r");
	char line[128];
	long sum = 0;
	size_t i;

	need(file, "/proc/meminfo: %s", strerror(errno));
	while (fgets(line, sizeof(line), file))
		for (i = 0; i < 2; i++)
			if (!strncmp(line, what[i], strlen(what[i])))
				sum += strtol(line + strlen(what[i]), NULL, 10);
	fclose(file);
	return sum;
}

static void say_memory(const char *what, long kb)
{
	ktap_say("%s: %ld octets", what, kb * 1024 / (long)PEERS);
}

static int one_peer(uint32_t l2_id, uint32_t address)
{
	struct prose_nl_peer peer = {
		.ifindex = rig.ifindex, .l2_id = l2_id, .carrier_addr_len = 6, .n_addresses = 1,
	};
	uint32_t be = htonl(address);

	memcpy(peer.carrier_addr, rig.wire_mac, 6);
	peer.addresses[0].family = 4;
	memcpy(peer.addresses[0].addr, &be, 4);
	return prose_nl_peer_new(rig.nl, &peer, NULL);
}

static void creates(void)
{
	struct prose_nl_assoc_config config;
	long start = kernel_kb(), peers, assocs;
	long long began = now_ms(), made;
	unsigned int i, j;
	int err;

	for (i = 0; i < PEERS; i++)
		need(!one_peer(id_of(i), address_of(i)), "peer %u: %s", i, prose_nl_error(rig.nl));
	peers = kernel_kb();
	made = now_ms();
	fresh_keys(&keys, 0);
	for (i = 0; i < PEERS; i++)
		for (j = 1; j <= ASSOCS; j++) {
			keys.id = (uint16_t)j;
			assoc_config(&keys, &config);
			/* The oldest sends: none is older, to go when this one is used. */
			config.tx = j == SENDING;
			err = prose_nl_assoc_new(rig.nl, rig.ifindex, id_of(i), &config, NULL);
			need(!err, "association %u of peer %u: %s", j, i, prose_nl_error(rig.nl));
		}
	assocs = kernel_kb();
	say_memory("memory of a peer without associations", peers - start);
	say_memory("memory of an idle peer with four associations", assocs - start);
	ktap_say("made in %lld ms and %lld ms", made - began, now_ms() - made);
}

static void refuses_one_more(void)
{
	int err = one_peer(FIRST_ID - 1, address_of(PEERS));

	check(err == -ENOSPC, "peer 4097: %d: %s", err, prose_nl_error(rig.nl));
	check(strstr(prose_nl_error(rig.nl), "4096 peers"), "it says: %s", prose_nl_error(rig.nl));
	check(!strcmp(prose_nl_error_attr(rig.nl), "peer"), "it names '%s'",
	      prose_nl_error_attr(rig.nl));
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Each of them, and none twice: sorted, they are what was made. */
static void same_as_made(uint64_t *found, size_t n, unsigned int each, const char *what)
{
	uint64_t *made = calloc(PEERS * each, sizeof(*made));
	size_t i;

	if (!check(n == PEERS * each, "%zu %s are listed, %u were made", n, what, PEERS * each)) {
		free(made);
		return;
	}
	for (i = 0; made && i < n; i++)
		made[i] = (uint64_t)id_of((unsigned int)(i / each)) << 16 | (each > 1 ? i % each + 1 : 0);
	qsort(found, n, sizeof(*found), compare);
	if (made)
		qsort(made, n, sizeof(*made), compare);
	check(made && !memcmp(found, made, n * sizeof(*made)), "the %s listed are not those made", what);
	free(made);
}

static void dumps_all(void)
{
	struct prose_nl_assoc *assocs;
	struct prose_nl_peer *peers;
	uint64_t *found;
	size_t n, i;

	need(!prose_nl_peer_dump(rig.nl, rig.ifindex, &peers, &n), "peers: %s", prose_nl_error(rig.nl));
	found = calloc(n + 1, sizeof(*found));
	need(found, "no memory");
	for (i = 0; i < n; i++)
		found[i] = (uint64_t)peers[i].l2_id << 16;
	same_as_made(found, n, 1, "peers");
	free(peers);
	free(found);

	need(!prose_nl_assoc_dump(rig.nl, rig.ifindex, &assocs, &n), "associations: %s",
	     prose_nl_error(rig.nl));
	found = calloc(n + 1, sizeof(*found));
	need(found, "no memory");
	for (i = 0; i < n; i++)
		found[i] = (uint64_t)assocs[i].l2_id << 16 | assocs[i].kd_sess_id;
	same_as_made(found, n, ASSOCS, "associations");
	free(assocs);
	free(found);
}

/* From the stack to a peer: the frame on the wire is that peer's, and opens with the sending keys. */
static void reach(unsigned int i, int from)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(PORT),
		.sin_addr.s_addr = htonl(address_of(i)),
	};
	uint8_t frame[2048], text[40];
	struct parsed pdu;
	size_t len;

	snprintf((char *)text, sizeof(text), "to peer %u, %u", i, sent[i]);
	need(sendto(from, text, sizeof(text), 0, (struct sockaddr *)&to, sizeof(to)) > 0, "peer %u: %s",
	     i, strerror(errno));
	len = packet_wait(rig.wire, false, frame, sizeof(frame), PATIENCE_MS);
	need(len && pdu_parse(frame, len, &pdu), "peer %u: there is no frame to it", i);
	keys.id = SENDING;
	pdu_open(&pdu, &keys, ++sent[i], 0, true, true);
	check(pdu.dst == id_of(i) && pdu.kd_sess_id == SENDING && pdu.mac_good &&
	      pdu.len == 28 + sizeof(text) && !memcmp(pdu.data + 28, text, sizeof(text)),
	      "peer %u is %06x; the frame is to %06x, with KD-sess ID %u and %s MAC-I", i, id_of(i),
	      pdu.dst, pdu.kd_sess_id, pdu.mac_good ? "a good" : "a bad");
}

/* From a peer to the stack, under any of its associations: it arrives as from that peer. */
static void hear(unsigned int i)
{
	struct sockaddr_in from = { 0 };
	socklen_t from_len = sizeof(from);
	uint8_t packet[256], frame[512], text[40], got[64];
	struct pollfd wait = { .fd = rig.udp, .events = POLLIN };
	struct pdu pdu = {
		.ethertype = PDU_ETHERTYPE, .octet1 = 0x30, .src = id_of(i), .dst = OWN_ID,
		.lcid = LCID_DATA, .kd_sess_id = (uint16_t)(1 + rand() % (int)ASSOCS),
		.count = ++received[i], .direction = 1, .ciphered = true, .mac = true, .data = packet,
	};

	memcpy(pdu.eth_dst, rig.lower_mac, 6);
	memcpy(pdu.eth_src, rig.wire_mac, 6);
	snprintf((char *)text, sizeof(text), "from peer %u, %u", i, received[i]);
	pdu.len = ipv4_udp(packet, address_of(i), 0x64400001u, PORT, text, sizeof(text));
	keys.id = pdu.kd_sess_id;
	wire_send(frame, pdu_build(&pdu, &keys, frame));
	need(poll(&wait, 1, PATIENCE_MS) == 1, "peer %u: nothing is heard of it", i);
	check(recvfrom(rig.udp, got, sizeof(got), 0, (struct sockaddr *)&from, &from_len) ==
	      sizeof(text) && !memcmp(got, text, sizeof(text)) &&
	      ntohl(from.sin_addr.s_addr) == address_of(i), "peer %u: '%.40s' is heard from %s", i, got,
	      inet_ntoa(from.sin_addr));
}

static void reaches_random_ones(void)
{
	int from = socket(AF_INET, SOCK_DGRAM, 0), n;

	need(from >= 0, "socket: %s", strerror(errno));
	drain(rig.wire);
	drain(rig.udp);
	for (n = 0; n < REACHED && ktap_failures < 5; n++) {
		reach((unsigned int)rand() % PEERS, from);
		hear((unsigned int)rand() % PEERS);
	}
	close(from);
}

/* All have sent and received; what an active one has more than an idle one is told. */
static void all_are_active(void)
{
	int from = socket(AF_INET, SOCK_DGRAM, 0);
	long start = kernel_kb();
	unsigned int i;

	need(from >= 0, "socket: %s", strerror(errno));
	for (i = 0; i < PEERS && ktap_failures < 5; i++) {
		reach(i, from);
		hear(i);
	}
	drain(rig.tap);
	close(from);
	say_memory("memory of an active peer beyond that of an idle one", kernel_kb() - start);
}

/* What "ip link del prose0" does, and its answer comes when all is gone. */
static void deletes_all(void)
{
	char buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct mnl_socket *route = mnl_socket_open(NETLINK_ROUTE);
	struct ifinfomsg *link;
	long start = kernel_kb();
	long long began;
	ssize_t got;
	int err;

	nlh->nlmsg_type = RTM_DELLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	link = mnl_nlmsg_put_extra_header(nlh, sizeof(*link));
	link->ifi_index = (int)rig.ifindex;
	need(route && !mnl_socket_bind(route, 0, MNL_SOCKET_AUTOPID), "netlink: %s", strerror(errno));
	began = now_ms();
	need(mnl_socket_sendto(route, nlh, nlh->nlmsg_len) > 0, "netlink: %s", strerror(errno));
	got = mnl_socket_recvfrom(route, buf, sizeof(buf));
	ktap_say("deleted in %lld ms, a listener being told of each", now_ms() - began);
	need(got >= (ssize_t)(NLMSG_HDRLEN + sizeof(struct nlmsgerr)), "netlink: %s", strerror(errno));
	err = ((struct nlmsgerr *)mnl_nlmsg_get_payload((struct nlmsghdr *)buf))->error;
	check(!err, "link del: %s", strerror(-err));
	mnl_socket_close(route);
	check(!if_nametoindex("prose0"), "prose0 is still there");
	say_memory("memory of a peer given back at once", start - kernel_kb());
}

int main(int argc, char **argv)
{
	/* Each builds on the one before. */
	static const struct ktap_test tests[] = {
		{ "creates", creates },
		{ "refuses_one_more", refuses_one_more },
		{ "dumps_all", dumps_all },
		{ "reaches_random_ones", reaches_random_ones },
		{ "all_are_active", all_are_active },
		{ "deletes_all", deletes_all },
	};

	alarm(HANG_S);
	srand((unsigned int)time(NULL));
	rig_open(false);
	return KTAP_MAIN(tests, NULL, argc, argv);
}
