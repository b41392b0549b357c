// SPDX-License-Identifier: MIT
/*
 * Every allocation of every request fails once: the first, the second, and so on until one time
 * none does. A request that is refused has changed nothing; one that was done is whole, and who
 * listens is told of it, or told that something was lost.
 */
#include "../datapath/rig.h"
#include "../netlink/raw.h"
#include "inject.h"
#include "state.h"

#define LINK		"prose1"
#define LINK_INDEX	4242	/* asked for, so that a link made anew is the same */
#define LINK_ID		0x0a0b1cu
#define LINK_ETHERTYPE	0x88b6
#define MANY_PEERS	60	/* dumps of which do not fit into one buffer */

static const uint8_t link_mac[3] = { 0x0a, 0x0b, 0x1c }, other_mac[3] = { 0x0a, 0x0b, 0x1d };
static const uint8_t carrier_mac[6] = { 2, 0, 0, 0, 0, 9 };

/* Sockets: requests, requests of rtnetlink, and the one that owns the signalling of prose0. */
static struct raw genl, owner, second;
static struct mnl_socket *rtnl;
static struct keys keys;

enum outcome { DONE, REFUSED, LOST };

struct answer {
	enum outcome outcome;
	int err;
	char text[256];
	bool failed;		/* an allocation did */
};

/* One request, whose allocations fail one by one. */
struct operation {
	void (*prepare)(void);
	struct raw *from;	/* NULL for rtnetlink */
	struct nlmsghdr *(*request)(void *buf);
	void (*undo)(void);	/* back to what prepare made; NULL where nothing changes */
	int event;		/* what listeners are told, or NONE */
	size_t (*effect)(void);	/* frames that left, if that is what it is for */
};

#define NONE	(-1)

/* --- requests */

static struct nlmsghdr *genl_request(struct raw *from, void *buf, uint8_t cmd, uint32_t ifindex)
{
	struct nlmsghdr *nlh = raw_request(from, buf, cmd, 0);

	mnl_attr_put_u32(nlh, PROSE_A_IFINDEX, ifindex);
	return nlh;
}

static void put_peer_id(struct nlmsghdr *nlh, uint32_t l2_id)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, PROSE_A_PEER);

	mnl_attr_put_u32(nlh, PROSE_A_PEER_L2_ID, l2_id);
	mnl_attr_nest_end(nlh, nest);
}

static struct nlmsghdr *link_request(void *buf, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *link;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	nlh->nlmsg_seq = ++genl.seq;
	link = mnl_nlmsg_put_extra_header(nlh, sizeof(*link));
	link->ifi_index = LINK_INDEX;
	return nlh;
}

static void put_link_config(struct nlmsghdr *nlh, uint16_t ethertype, uint8_t pad)
{
	struct nlattr *info = mnl_attr_nest_start(nlh, IFLA_LINKINFO), *data;

	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "prose");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	mnl_attr_put_u16(nlh, IFLA_PROSE_ETHERTYPE, htons(ethertype));
	mnl_attr_put_u8(nlh, IFLA_PROSE_PAD, pad);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
}

static struct nlmsghdr *link_new(void *buf)
{
	struct nlmsghdr *nlh = link_request(buf, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);

	mnl_attr_put_strz(nlh, IFLA_IFNAME, LINK);
	mnl_attr_put_u32(nlh, IFLA_LINK, rig.lower);
	mnl_attr_put_u32(nlh, IFLA_MTU, 1400);
	mnl_attr_put(nlh, IFLA_ADDRESS, sizeof(link_mac), link_mac);
	put_link_config(nlh, LINK_ETHERTYPE, 1);
	return nlh;
}

static struct nlmsghdr *link_config(void *buf, uint16_t ethertype, uint8_t pad)
{
	struct nlmsghdr *nlh = link_request(buf, RTM_NEWLINK, 0);

	put_link_config(nlh, ethertype, pad);
	return nlh;
}

static struct nlmsghdr *link_change(void *buf)
{
	return link_config(buf, LINK_ETHERTYPE + 1, 0);
}

static struct nlmsghdr *link_change_back(void *buf)
{
	return link_config(buf, LINK_ETHERTYPE, 1);
}

static struct nlmsghdr *link_set_address(void *buf, const uint8_t mac[3])
{
	struct nlmsghdr *nlh = link_request(buf, RTM_NEWLINK, 0);

	mnl_attr_put(nlh, IFLA_ADDRESS, 3, mac);
	return nlh;
}

static struct nlmsghdr *link_address(void *buf)
{
	return link_set_address(buf, other_mac);
}

static struct nlmsghdr *link_address_back(void *buf)
{
	return link_set_address(buf, link_mac);
}

static struct nlmsghdr *link_del(void *buf)
{
	return link_request(buf, RTM_DELLINK, 0);
}

static struct nlmsghdr *dev_get(void *buf)
{
	return genl_request(&genl, buf, PROSE_CMD_DEV_GET, LINK_INDEX);
}

static struct nlmsghdr *dev_config(void *buf, uint16_t ethertype, uint8_t pad, uint32_t rate,
				   uint32_t threshold)
{
	struct nlmsghdr *nlh = genl_request(&genl, buf, PROSE_CMD_DEV_SET, LINK_INDEX);
	struct nlattr *nest = mnl_attr_nest_start(nlh, PROSE_A_DEVICE);

	mnl_attr_put_u16(nlh, PROSE_A_DEVICE_ETHERTYPE, htons(ethertype));
	mnl_attr_put_u8(nlh, PROSE_A_DEVICE_PAD, pad);
	mnl_attr_put_u32(nlh, PROSE_A_DEVICE_UNPROTECTED_RATE, rate);
	mnl_attr_put_u32(nlh, PROSE_A_DEVICE_INTEGRITY_THRESHOLD, threshold);
	mnl_attr_nest_end(nlh, nest);
	return nlh;
}

static struct nlmsghdr *dev_set(void *buf)
{
	return dev_config(buf, LINK_ETHERTYPE + 1, 0, 7, 9);
}

/* Rate and threshold as a new device has them. */
static struct nlmsghdr *dev_set_back(void *buf)
{
	return dev_config(buf, LINK_ETHERTYPE, 1, 50, 100);
}

static struct nlmsghdr *peer_request(void *buf, uint8_t cmd, uint8_t first)
{
	struct nlmsghdr *nlh = genl_request(&genl, buf, cmd, LINK_INDEX);
	struct nlattr *nest = mnl_attr_nest_start(nlh, PROSE_A_PEER);
	uint8_t ipv6[16] = { 0xfd, 1 };
	unsigned int i;

	mnl_attr_put_u32(nlh, PROSE_A_PEER_L2_ID, PEER_ID);
	mnl_attr_put(nlh, PROSE_A_PEER_CARRIER_ADDR, 6, carrier_mac);
	for (i = 0; i < 4; i++) {
		ipv6[15] = (uint8_t)(first + i);
		mnl_attr_put_u32(nlh, PROSE_A_PEER_IPV4, htonl(0x0a010000u + first + i));
		mnl_attr_put(nlh, PROSE_A_PEER_IPV6, sizeof(ipv6), ipv6);
	}
	mnl_attr_nest_end(nlh, nest);
	return nlh;
}

static struct nlmsghdr *peer_new(void *buf)
{
	return peer_request(buf, PROSE_CMD_PEER_NEW, 100);
}

/* Half of the addresses stay, half are new. */
static struct nlmsghdr *peer_set(void *buf)
{
	return peer_request(buf, PROSE_CMD_PEER_SET, 102);
}

static struct nlmsghdr *peer_set_back(void *buf)
{
	return peer_request(buf, PROSE_CMD_PEER_SET, 100);
}

static struct nlmsghdr *peer_get(void *buf)
{
	struct nlmsghdr *nlh = genl_request(&genl, buf, PROSE_CMD_PEER_GET, LINK_INDEX);

	put_peer_id(nlh, PEER_ID);
	return nlh;
}

static struct nlmsghdr *peer_del(void *buf)
{
	struct nlmsghdr *nlh = genl_request(&genl, buf, PROSE_CMD_PEER_DEL, LINK_INDEX);

	put_peer_id(nlh, PEER_ID);
	return nlh;
}

static struct nlmsghdr *assoc_new(void *buf)
{
	struct nlmsghdr *nlh = genl_request(&genl, buf, PROSE_CMD_ASSOC_NEW, LINK_INDEX);
	struct nlattr *nest, *bearer;

	put_peer_id(nlh, PEER_ID);
	nest = mnl_attr_nest_start(nlh, PROSE_A_ASSOC);
	mnl_attr_put_u32(nlh, PROSE_A_ASSOC_KD_SESS_ID, 2);
	mnl_attr_put(nlh, PROSE_A_ASSOC_PEK, sizeof(keys.pek), keys.pek);
	mnl_attr_put(nlh, PROSE_A_ASSOC_PIK, sizeof(keys.pik), keys.pik);
	mnl_attr_put_u32(nlh, PROSE_A_ASSOC_EEA, 2);
	mnl_attr_put_u32(nlh, PROSE_A_ASSOC_EIA, 2);
	mnl_attr_put_u8(nlh, PROSE_A_ASSOC_UP_INTEGRITY, 1);
	mnl_attr_put_u8(nlh, PROSE_A_ASSOC_DIRECTION, 0);
	mnl_attr_put_u32(nlh, PROSE_A_ASSOC_WINDOW, 32768);
	mnl_attr_put(nlh, PROSE_A_ASSOC_TX, 0, NULL);
	bearer = mnl_attr_nest_start(nlh, PROSE_A_ASSOC_BEARER);
	mnl_attr_put_u8(nlh, PROSE_A_BEARER_LCID, LCID_DATA);
	mnl_attr_put_u32(nlh, PROSE_A_BEARER_RX_HIGHEST, 5);
	mnl_attr_nest_end(nlh, bearer);
	mnl_attr_nest_end(nlh, nest);
	return nlh;
}

static struct nlmsghdr *assoc_request(void *buf, uint8_t cmd)
{
	struct nlmsghdr *nlh = genl_request(&genl, buf, cmd, LINK_INDEX);
	struct nlattr *nest;

	put_peer_id(nlh, PEER_ID);
	nest = mnl_attr_nest_start(nlh, PROSE_A_ASSOC);
	mnl_attr_put_u32(nlh, PROSE_A_ASSOC_KD_SESS_ID, 1);
	if (cmd == PROSE_CMD_ASSOC_SET) {
		mnl_attr_put_u32(nlh, PROSE_A_ASSOC_COUNT_SOFT, 77);
		mnl_attr_put_u32(nlh, PROSE_A_ASSOC_GRACE_MS, 88);
		mnl_attr_put(nlh, PROSE_A_ASSOC_TX, 0, NULL);
	}
	mnl_attr_nest_end(nlh, nest);
	return nlh;
}

static struct nlmsghdr *assoc_set(void *buf)
{
	return assoc_request(buf, PROSE_CMD_ASSOC_SET);
}

static struct nlmsghdr *assoc_get(void *buf)
{
	return assoc_request(buf, PROSE_CMD_ASSOC_GET);
}

static struct nlmsghdr *assoc_del(void *buf)
{
	return assoc_request(buf, PROSE_CMD_ASSOC_DEL);
}

static struct nlmsghdr *signal_register(void *buf)
{
	return genl_request(&second, buf, PROSE_CMD_SIGNAL_REGISTER, LINK_INDEX);
}

static struct nlmsghdr *signal_request(void *buf, uint8_t bearer, uint32_t protection)
{
	struct nlmsghdr *nlh = genl_request(&owner, buf, PROSE_CMD_SIGNAL_SEND, rig.ifindex);
	struct nlattr *nest = mnl_attr_nest_start(nlh, PROSE_A_SIGNAL);

	mnl_attr_put_u32(nlh, PROSE_A_SIGNAL_L2_ID, PEER_ID);
	mnl_attr_put_u8(nlh, PROSE_A_SIGNAL_BEARER, bearer);
	mnl_attr_put_u32(nlh, PROSE_A_SIGNAL_PROTECTION, protection);
	if (protection != PROSE_PROTECTION_NONE)
		mnl_attr_put_u32(nlh, PROSE_A_SIGNAL_KD_SESS_ID, keys.id);
	mnl_attr_put(nlh, PROSE_A_SIGNAL_MESSAGE, 4, "\x05\x01\x02\x03");
	mnl_attr_nest_end(nlh, nest);
	return nlh;
}

static struct nlmsghdr *signal_plain(void *buf)
{
	return signal_request(buf, LCID_PLAIN, PROSE_PROTECTION_NONE);
}

static struct nlmsghdr *signal_protected(void *buf)
{
	return signal_request(buf, LCID_SIGNAL, PROSE_PROTECTION_FULL);
}

/* --- one request */

static void answer_of(int fd, uint32_t seq, struct answer *answer)
{
	static uint8_t buf[65536];
	const struct nlmsghdr *nlh;
	struct raw_answer said = { 0 };
	ssize_t got;
	int left;

	answer->outcome = LOST;
	for (;;) {
		got = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		/* Said once, before what is there all the same. */
		if (got < 0 && errno == ENOBUFS)
			continue;
		if (got < 0)
			return;
		left = (int)got;
		for (nlh = (void *)buf; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
			const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);

			if (nlh->nlmsg_seq != seq || nlh->nlmsg_type != NLMSG_ERROR)
				continue;
			answer->err = -err->error;
			answer->outcome = err->error ? REFUSED : DONE;
			raw_explain(nlh, raw_refusal_len(nlh), &said);
			snprintf(answer->text, sizeof(answer->text), "%s", said.text);
			return;
		}
	}
}

static void drain_answers(int fd)
{
	uint8_t buf[64];

	while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT | MSG_TRUNC) >= 0 || errno == ENOBUFS)
		;
}

/* The @n-th allocation fails, none for 0. Netlink answers before it returns. */
static void ask(const struct operation *op, unsigned int n, struct answer *answer)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	static uint8_t buf[8192];
	struct nlmsghdr *nlh;
	ssize_t sent;
	int fd;

	memset(answer, 0, sizeof(*answer));
	nlh = op->request(buf);
	fd = mnl_socket_get_fd(op->from ? op->from->sock : rtnl);
	drain_answers(fd);
	inject_arm(n);
	sent = sendto(fd, nlh, nlh->nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof(kernel));
	answer->failed = n && !inject_disarm();
	if (sent < 0) {
		answer->outcome = REFUSED;
		answer->err = errno;
		return;
	}
	answer_of(fd, nlh->nlmsg_seq, answer);
}

static void do_or_fail(const struct operation *op)
{
	struct answer answer;

	ask(op, 0, &answer);
	need(answer.outcome == DONE, "without failing allocations: %s %s", strerror(answer.err),
	     answer.text);
}

static void quietly(struct raw *from, struct nlmsghdr *(*request)(void *buf))
{
	const struct operation op = { .from = from, .request = request };

	do_or_fail(&op);
}

/* --- states to start from */

static void no_link(void)
{
	if (if_nametoindex(LINK))
		quietly(NULL, link_del);
}

static void only_link(void)
{
	no_link();
	quietly(NULL, link_new);
}

static void only_peer(void)
{
	only_link();
	quietly(&genl, peer_new);
}

static void add_assoc(uint16_t id, bool tx)
{
	struct prose_nl_assoc_config config;
	int err;

	assoc_config(&keys, &config);
	config.kd_sess_id = id;
	config.tx = tx;
	config.direction = 0;
	err = prose_nl_assoc_new(rig.nl, LINK_INDEX, PEER_ID, &config, NULL);
	need(!err, "assoc-new: %s", prose_nl_error(rig.nl));
}

static void peer_and_assoc(void)
{
	only_peer();
	add_assoc(1, false);
}

static void peer_and_assocs(void)
{
	only_peer();
	add_assoc(1, true);
	add_assoc(3, false);
}

static void change_back(void)
{
	quietly(NULL, link_change_back);
}

static void address_back(void)
{
	quietly(NULL, link_address_back);
}

static void set_back(void)
{
	quietly(&genl, dev_set_back);
}

static void no_peer(void)
{
	quietly(&genl, peer_del);
}

static void peer_back(void)
{
	quietly(&genl, peer_set_back);
}

static void peer_again(void)
{
	no_peer();
	quietly(&genl, peer_new);
}

static void assocs_again(void)
{
	quietly(&genl, peer_new);
	add_assoc(1, true);
	add_assoc(3, false);
}

static void assoc_again(void)
{
	peer_again();
	add_assoc(1, false);
}

static void disown(void)
{
	raw_close(&second);
	need(raw_open(&second), "no socket");
}

static void link_unowned(void)
{
	only_link();
	disown();
}

static void peer_of_owned(void)
{
	struct prose_nl_assoc_config config;

	peers_clear();
	peer_add(PEER_ID, PEER_IPV4, peer_ipv6, rig.wire_mac);
	assoc_config(&keys, &config);
	config.tx = true;
	assoc_add(&config);
	drain(rig.wire);
}

static size_t frames_left(void)
{
	static uint8_t frame[PDU_MAX];
	size_t n = 0, got;

	while ((got = packet_take(rig.wire, false, frame, sizeof(frame))))
		n += got > ETH_LEN && get_be16(frame + 12) == PDU_ETHERTYPE;
	return n;
}

/* --- the loop */

struct tally {
	unsigned int failed, refused, lost, harmless;
};

static void told(const struct operation *op, unsigned int n)
{
	events_take();
	check(events_of((enum prose_nl_event_type)op->event) || rig.resynced,
	      "allocation %u: done, but who listens was told nothing", n);
}

/* What each starts from, and is brought back to. */
static struct state before;

/* True when no allocation failed any more. */
static bool once(const struct operation *op, unsigned int n, struct tally *tally)
{
	static struct state after;
	struct answer answer;
	size_t frames;
	bool same;

	events_clear();
	ask(op, n, &answer);
	state_take(&after);
	same = state_equal(&before, &after);
	frames = op->effect ? op->effect() : 0;

	tally->failed += answer.failed;
	switch (answer.outcome) {
	case REFUSED:
		tally->refused++;
		check(answer.failed, "allocation %u did not fail, but: %s %s", n,
		      strerror(answer.err), answer.text);
		/* The driver core says EINVAL of names that it could not allocate. */
		check(inject_error(answer.err) ||
		      (op->request == link_new && answer.err == EINVAL && !answer.text[0]),
		      "allocation %u: refused with %s (%s)", n,
		      strerror(answer.err), answer.text);
		/* Who reads it looks for another cause than memory. */
		check(!answer.text[0] || strstr(answer.text, "memory") ||
		      strstr(answer.text, "could not be sent"),
		      "allocation %u: refused with the words '%s'", n, answer.text);
		check(same, "allocation %u: refused with %s, but something changed", n,
		      strerror(answer.err));
		check(!frames, "allocation %u: refused with %s, but a frame left", n,
		      strerror(answer.err));
		break;
	case LOST:
		/* Done or not, the socket was told that it misses something. */
		tally->lost++;
		check(answer.failed, "no allocation failed, and no answer");
		break;
	case DONE:
		tally->harmless += answer.failed;
		check(!op->undo || !same, "allocation %u: done, but nothing changed", n);
		check(op->undo || same, "allocation %u: something changed", n);
		check(!op->effect || frames == 1, "allocation %u: done, and %zu frames left", n,
		      frames);
		break;
	}
	if (!same && op->event != NONE)
		told(op, n);
	if (!same && op->undo) {
		op->undo();
		state_take(&after);
		need(state_equal(&before, &after), "allocation %u: not to be undone", n);
	}
	return !answer.failed;
}

static void each_allocation(const struct operation *op)
{
	struct tally tally = { 0 };
	unsigned int n = 1;

	op->prepare();
	/* What is made once in a kernel's life is made now. */
	do_or_fail(op);
	if (op->undo)
		op->undo();
	if (op->effect)
		op->effect();
	state_take(&before);
	while (!once(op, n, &tally)) {
		n++;
		need(n < INJECT_MAX, "there is no end");
		need(ktap_failures < KTAP_SHOWN, "and so on");
	}
	ktap_say("%u allocations failed one by one: %u times refused, %u times no answer, %u times done all the same",
		 tally.failed, tally.refused, tally.lost, tally.harmless);
	check(tally.failed && tally.refused, "there was none to fail");
}

/* --- tests: requests */

#define TEST(name, ...) \
static void name##_test(void) \
{ \
	static const struct operation op = { .request = name, __VA_ARGS__ }; \
	each_allocation(&op); \
}

TEST(link_new, .prepare = no_link, .undo = no_link, .event = NONE)
TEST(link_change, .prepare = only_link, .undo = change_back, .event = PROSE_NL_DEVICE_CHANGED)
TEST(link_address, .prepare = only_link, .undo = address_back,
     .event = PROSE_NL_DEVICE_CHANGED)
TEST(link_del, .prepare = peer_and_assocs, .undo = peer_and_assocs, .event = PROSE_NL_ASSOC_GONE)
TEST(dev_get, .from = &genl, .prepare = only_link, .event = NONE)
TEST(dev_set, .from = &genl, .prepare = only_link, .undo = set_back,
     .event = PROSE_NL_DEVICE_CHANGED)
TEST(peer_new, .from = &genl, .prepare = only_link, .undo = no_peer,
     .event = PROSE_NL_PEER_CHANGED)
TEST(peer_set, .from = &genl, .prepare = only_peer, .undo = peer_back,
     .event = PROSE_NL_PEER_CHANGED)
TEST(peer_get, .from = &genl, .prepare = only_peer, .event = NONE)
TEST(peer_del, .from = &genl, .prepare = peer_and_assocs, .undo = assocs_again,
     .event = PROSE_NL_PEER_GONE)
TEST(assoc_new, .from = &genl, .prepare = only_peer, .undo = peer_again, .event = NONE)
TEST(assoc_set, .from = &genl, .prepare = peer_and_assoc, .undo = assoc_again, .event = NONE)
TEST(assoc_get, .from = &genl, .prepare = peer_and_assoc, .event = NONE)
TEST(assoc_del, .from = &genl, .prepare = peer_and_assoc, .undo = assoc_again,
     .event = PROSE_NL_ASSOC_GONE)
TEST(signal_register, .from = &second, .prepare = link_unowned, .undo = disown,
     .event = PROSE_NL_DEVICE_CHANGED)
TEST(signal_plain, .from = &owner, .prepare = peer_of_owned, .event = NONE,
     .effect = frames_left)
TEST(signal_protected, .from = &owner, .prepare = peer_of_owned, .undo = peer_of_owned,
     .event = NONE, .effect = frames_left)

/* --- tests: dumps */

struct dump {
	size_t len;
	unsigned int datagrams;
	int err;
	uint8_t data[STATE_MAX];
};

/*
 * A socket that has received nothing: the kernel makes the pieces of a dump as large as what its
 * reader took before, and less long ones without memory.
 */
static void fresh_socket(struct raw *raw)
{
	raw_close(raw);
	raw->sock = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	need(raw->sock && !mnl_socket_bind(raw->sock, 0, MNL_SOCKET_AUTOPID), "no socket");
	raw->family = genl.family;
}

/*
 * A dump of prose1, or of all devices, in small pieces. Every failure to send or to receive is
 * one of the dump.
 */
static void dump_take(uint8_t cmd, unsigned int n, struct dump *dump, bool *failed)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	static uint8_t buf[8192];
	struct nlmsghdr *nlh;
	bool more = true;
	ssize_t got;
	int left, fd;

	fresh_socket(&second);
	fd = mnl_socket_get_fd(second.sock);
	nlh = raw_request(&second, buf, cmd, NLM_F_DUMP);
	/* Devices are dumped all or none. */
	if (cmd != PROSE_CMD_DEV_GET)
		mnl_attr_put_u32(nlh, PROSE_A_IFINDEX, LINK_INDEX);
	memset(dump, 0, offsetof(struct dump, data));

	inject_arm(n);
	got = sendto(fd, nlh, nlh->nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof(kernel));
	while (got >= 0 && more) {
		got = recv(fd, buf, sizeof(buf), MSG_DONTWAIT | MSG_TRUNC);
		if (got < 0)
			break;
		need(got <= (ssize_t)sizeof(buf), "a datagram of %zd octets", got);
		dump->datagrams++;
		left = (int)got;
		for (nlh = (void *)buf; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
			const int *err = mnl_nlmsg_get_payload(nlh);

			if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE) {
				dump->err = -*err;
				more = false;
				break;
			}
			if (dump->len + nlh->nlmsg_len > sizeof(dump->data))
				break;
			memcpy(dump->data + dump->len, mnl_nlmsg_get_payload(nlh),
			       mnl_nlmsg_get_payload_len(nlh));
			dump->len += mnl_nlmsg_get_payload_len(nlh);
		}
	}
	if (got < 0)
		dump->err = errno;
	*failed = n && !inject_disarm();
}

static void many(void)
{
	struct prose_nl_peer peer = { .ifindex = LINK_INDEX };
	struct prose_nl_assoc_config config;
	uint32_t i;

	only_link();
	assoc_config(&keys, &config);
	for (i = 0; i < MANY_PEERS; i++) {
		peer.l2_id = 0x100 + i;
		need(!prose_nl_peer_new(rig.nl, &peer, NULL) &&
		     !prose_nl_assoc_new(rig.nl, LINK_INDEX, peer.l2_id, &config, NULL),
		     "peer %u: %s", i, prose_nl_error(rig.nl));
	}
}

static void each_of_dump(uint8_t cmd, bool long_one)
{
	static struct dump whole, now;
	unsigned int n, broken = 0;
	bool failed;

	many();
	dump_take(cmd, 0, &whole, &failed);
	need(!whole.err && whole.len, "dump: %s", strerror(whole.err));
	check(!long_one || whole.datagrams > 2, "it fits into %u datagrams", whole.datagrams);
	for (n = 1; n < INJECT_MAX && ktap_failures < KTAP_SHOWN; n++) {
		dump_take(cmd, n, &now, &failed);
		if (now.err) {
			broken++;
			check(failed, "allocation %u did not fail, but: %s", n, strerror(now.err));
			/* EAGAIN: the error was said, and the rest does not come. */
			check(inject_error(now.err) || now.err == EAGAIN,
			      "allocation %u: %s", n, strerror(now.err));
		} else {
			check(now.len == whole.len && !memcmp(now.data, whole.data, now.len),
			      "allocation %u: the dump ended well and is not whole", n);
		}
		if (!failed)
			break;
	}
	dump_take(cmd, 0, &now, &failed);
	check(!now.err && now.len == whole.len && !memcmp(now.data, whole.data, now.len),
	      "afterwards the dump is another");
	ktap_say("%u allocations failed one by one: %u dumps broke off, of %u datagrams", n - 1,
		 broken, whole.datagrams);
	check(n > 1 && broken, "there was none to fail");
}

static void dev_dump_test(void)
{
	each_of_dump(PROSE_CMD_DEV_GET, false);
}

static void peer_dump_test(void)
{
	each_of_dump(PROSE_CMD_PEER_GET, false);
}

static void assoc_dump_test(void)
{
	each_of_dump(PROSE_CMD_ASSOC_GET, true);
}

/* --- */

static void between(void)
{
	raw_close(&second);
	need(raw_open(&second), "no socket");
	no_link();
	rig_reset();
}

int main(int argc, char **argv)
{
	static const struct ktap_test tests[] = {
		{ "peer_new", peer_new_test },
		{ "peer_set", peer_set_test },
		{ "peer_get", peer_get_test },
		{ "peer_del", peer_del_test },
		{ "assoc_new", assoc_new_test },
		{ "assoc_set", assoc_set_test },
		{ "assoc_get", assoc_get_test },
		{ "assoc_del", assoc_del_test },
		{ "dev_get", dev_get_test },
		{ "dev_set", dev_set_test },
		{ "signal_register", signal_register_test },
		{ "signal_plain", signal_plain_test },
		{ "signal_protected", signal_protected_test },
		{ "dev_dump", dev_dump_test },
		{ "peer_dump", peer_dump_test },
		{ "assoc_dump", assoc_dump_test },
		{ "link_change", link_change_test },
		{ "link_address", link_address_test },
		{ "link_del", link_del_test },
		{ "link_new", link_new_test },
	};

	static struct raw_answer said;
	uint8_t buf[64];

	rig_open(false);
	state_open();
	rtnl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!rtnl || mnl_socket_bind(rtnl, 0, MNL_SOCKET_AUTOPID) < 0 || !raw_open(&genl) ||
	    !raw_open(&owner)) {
		printf("Bail out! no netlink sockets: %s\n", strerror(errno));
		return KTAP_FAIL;
	}
	fresh_keys(&keys, 1);
	inject_open();
	raw_talk(&owner, genl_request(&owner, buf, PROSE_CMD_SIGNAL_REGISTER, rig.ifindex), &said);
	if (said.err) {
		printf("Bail out! cannot own prose0: %s\n", said.text);
		return KTAP_FAIL;
	}
	return KTAP_MAIN(tests, between, argc, argv);
}
