// SPDX-License-Identifier: MIT
/*
 * Fuzzes what prose.ko says to netlink: its generic netlink family, by netlink/prose.yaml, and
 * its rtnetlink links, with several devices in several namespaces and frames between them.
 *
 * Asked of every answer: it is what the specification says, it has no key in it, a refusal
 * explains itself, who may not ask is refused; and with one worker, that a refused request has
 * changed nothing (--check-state).
 *
 * Runs in the guest, started by genl.sh.
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/veth.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "message.h"
#include "spec-table.h"

#define SOCKETS		3		/* generic netlink sockets in each namespace */
#define ERR_MISS_TYPE	5		/* NLMSGERR_ATTR_MISS_TYPE, since Linux 6.1 */

/* a and b are joined by eth0; c belongs to a user namespace. */
enum { NS_A, NS_B, NS_C, NAMESPACES };

struct place {
	int ns, route, inet, wire, events;
	int genl[SOCKETS];
	int weak;			/* opened in a user namespace of its own */
};

static struct place places[NAMESPACES];
static int weak_fds[WORKERS_MAX][2];	/* in a, in c */
static uint16_t family;
static uint32_t group, seq;
static bool check_state, alone;
static struct place *here;

static const char *const names[] = {
	"prose0", "prose1", "prose2", "eth0", "dummy0", "lo", "none", "prose3",
};

/* --- the machine */

static uint32_t index_of(struct place *place, const char *name)
{
	struct ifreq ifr = { 0 };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	return ioctl(place->inet, SIOCGIFINDEX, &ifr) ? 0 : (uint32_t)ifr.ifr_ifindex;
}

static uint32_t ifindex(uint8_t c)
{
	switch (c % 16) {
	case 12: return index_of(here, "prose1");
	case 13: return index_of(here, names[c / 16 % 8]);
	case 14: return index_of(&places[c / 16 % NAMESPACES], "prose0");
	case 15: return 9999;
	default: return index_of(here, "prose0");
	}
}

static void enter(int ns)
{
	if (setns(ns, CLONE_NEWNET))
		cannot("setns: %s", strerror(errno));
}

static int netlink(int protocol)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK };
	int on = 1, fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		cannot("netlink: %s", strerror(errno));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	return fd;
}

static int netlink_in(struct place *place, int protocol)
{
	enter(place->ns);
	return netlink(protocol);
}

static int wire_in(struct place *place)
{
	int fd;

	enter(place->ns);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0)
		cannot("packet socket: %s", strerror(errno));
	return fd;
}

/* --- answers */

struct answer {
	bool ended;
	int err;
	char text[160];
	bool points;
	size_t n;
	uint64_t digest;		/* of what is not a counter */
};

static const struct spec_op *op_of(uint8_t cmd)
{
	size_t i;

	for (i = 0; i < sizeof(spec_ops) / sizeof(spec_ops[0]); i++)
		if (spec_ops[i].cmd == cmd)
			return &spec_ops[i];
	return NULL;
}

/* What moves by itself is left out: counters, and ages. */
static uint64_t digest(const struct spec_set *set, const uint8_t *p, size_t len, uint64_t hash)
{
	const uint8_t *end = p + len;
	size_t i, k;

	for (; p + NLA_HDRLEN <= end; p = ATTR_NEXT(p)) {
		const struct nlattr *nla = (const struct nlattr *)p;
		const struct spec_attr *attr = NULL;

		for (i = 0; i < set->n; i++)
			if (set->attrs[i].type == (nla->nla_type & NLA_TYPE_MASK))
				attr = &set->attrs[i];
		if (!attr || attr->kind == KIND_U64 || attr->kind == KIND_PAD)
			continue;
		hash = (hash ^ attr->type) * 0x100000001b3ull;
		if (attr->kind == KIND_NEST) {
			hash = digest(attr->nest, p + NLA_HDRLEN, nla->nla_len - NLA_HDRLEN, hash);
			continue;
		}
		for (k = NLA_HDRLEN; k < nla->nla_len; k++)
			hash = (hash ^ p[k]) * 0x100000001b3ull;
	}
	return hash;
}

static void heard(const struct nlmsghdr *nlh, struct answer *answer)
{
	const struct genlmsghdr *genl = NLMSG_DATA(nlh);
	const uint8_t *attrs = (const uint8_t *)genl + GENL_HDRLEN;
	const struct spec_op *op;
	size_t len;
	char why[200];

	if (nlh->nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN)
		failed("a message of %u octets", nlh->nlmsg_len);
	op = op_of(genl->cmd);
	len = nlh->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN;
	if (!op || !op->heard) {
		failed("the kernel sent command %u", genl->cmd);
		return;
	}
	if (!spec_check(SPEC_OUT, op->heard, attrs, len, why, sizeof(why)))
		failed("%s is not as the specification says: %s", op->name, why);
	if (answer) {
		answer->n++;
		answer->digest = digest(op->heard, attrs, len, answer->digest);
	}
}

static void explained(const struct nlmsghdr *nlh, size_t fixed, struct answer *answer)
{
	const uint8_t *p = (const uint8_t *)nlh + fixed, *end = (const uint8_t *)nlh + nlh->nlmsg_len;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	for (; p + NLA_HDRLEN <= end; p = ATTR_NEXT(p)) {
		const struct nlattr *nla = (const struct nlattr *)p;

		if ((nla->nla_type & NLA_TYPE_MASK) == NLMSGERR_ATTR_MSG)
			snprintf(answer->text, sizeof(answer->text), "%s", p + NLA_HDRLEN);
		else
			answer->points = true;
	}
}

/* Takes one datagram, at most. False when there is none. */
static bool take(int fd, uint32_t wanted, struct answer *answer, size_t room)
{
	static uint8_t buf[65536];
	struct nlmsghdr *nlh = (struct nlmsghdr *)buf;
	ssize_t got = recv(fd, buf, room < sizeof(buf) ? room : sizeof(buf), MSG_DONTWAIT);
	int left = (int)got;

	if (got < 0)
		return errno == ENOBUFS || errno == EINTR;
	if (kfuzz_key_in(buf, (size_t)got))
		failed("a key came back");
	for (; NLMSG_OK(nlh, (unsigned int)left); nlh = NLMSG_NEXT(nlh, left)) {
		bool mine = answer && nlh->nlmsg_seq == wanted;

		switch (nlh->nlmsg_type) {
		case NLMSG_ERROR:
			if (mine) {
				const struct nlmsgerr *err = NLMSG_DATA(nlh);

				answer->err = -err->error;
				answer->ended = true;
				explained(nlh, NLMSG_HDRLEN + sizeof(*err), answer);
			}
			break;
		case NLMSG_DONE:
			if (mine) {
				const int *err = NLMSG_DATA(nlh);

				answer->ended = true;
				if (nlh->nlmsg_len >= NLMSG_LENGTH(sizeof(*err)) && *err < 0) {
					answer->err = -*err;
					explained(nlh, NLMSG_LENGTH(sizeof(*err)), answer);
				}
			}
			break;
		default:
			if (nlh->nlmsg_type == family)
				heard(nlh, mine ? answer : NULL);
			break;
		}
	}
	return true;
}

static void drain(int fd)
{
	int n = 1000;

	while (n-- && take(fd, 0, NULL, 65536))
		;
}

static ssize_t say(int fd, struct message *m)
{
	/* To nobody by name: then who opened the socket counts, not only who writes to it. */
	return send(fd, m->data, m->nlh.nlmsg_len, 0);
}

/* Sends, and takes what comes. False when it was not sent. */
static bool talk(int fd, struct message *m, struct answer *answer)
{
	int n = 2000;

	memset(answer, 0, sizeof(*answer));
	if (say(fd, m) < 0)
		return false;
	while (n-- && !answer->ended && take(fd, m->nlh.nlmsg_seq, answer, 65536))
		;
	return true;
}

/* --- rtnetlink, for the fuzzer's own needs and as what is fuzzed */

static void link_begin(struct message *m, uint16_t type, uint16_t flags, uint32_t index)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC, .ifi_index = (int)index };

	message_begin(m, type, NLM_F_ACK | flags, ++seq);
	put(m, &info, sizeof(info));
}

static void put_plain(struct message *m, uint16_t type, const void *data, size_t len)
{
	enum wrong how = m->how;

	m->how = RIGHT;
	put_attr(m, type, data, len);
	m->how = how;
}

static void put_name(struct message *m, uint16_t type, const char *name)
{
	put_plain(m, type, name, strlen(name) + 1);
}

static bool finish(int fd, struct message *m, struct answer *answer)
{
	m->nlh.nlmsg_len = (uint32_t)m->len;
	return talk(fd, m, answer);
}

static void link_flags(struct place *place, uint32_t index, bool up)
{
	static struct message m;
	struct answer answer;

	m.how = RIGHT;
	link_begin(&m, RTM_NEWLINK, 0, index);
	((struct ifinfomsg *)NLMSG_DATA(&m.nlh))->ifi_flags = up ? IFF_UP : 0;
	((struct ifinfomsg *)NLMSG_DATA(&m.nlh))->ifi_change = IFF_UP;
	finish(place->route, &m, &answer);
}

static void make_dummy(struct place *place)
{
	static struct message m;
	struct answer answer;
	size_t info;

	m.how = RIGHT;
	link_begin(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
	put_name(&m, IFLA_IFNAME, "dummy0");
	info = nest_start(&m, IFLA_LINKINFO);
	put_name(&m, IFLA_INFO_KIND, "dummy");
	nest_end(&m, info);
	finish(place->route, &m, &answer);
	link_flags(place, index_of(place, "dummy0"), true);
}

static void make_wire(void)
{
	static struct message m;
	struct ifinfomsg peer_info = { .ifi_family = AF_UNSPEC };
	uint32_t peer_ns = (uint32_t)places[NS_B].ns, mtu = 9000;
	struct answer answer;
	size_t info, data, peer;

	m.how = RIGHT;
	link_begin(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
	put_name(&m, IFLA_IFNAME, "eth0");
	put_plain(&m, IFLA_MTU, &mtu, 4);
	put_plain(&m, IFLA_ADDRESS, addrs_link[0], 6);
	info = nest_start(&m, IFLA_LINKINFO);
	put_name(&m, IFLA_INFO_KIND, "veth");
	data = nest_start(&m, IFLA_INFO_DATA);
	peer = nest_start(&m, VETH_INFO_PEER);
	put(&m, &peer_info, sizeof(peer_info));
	put_name(&m, IFLA_IFNAME, "eth0");
	put_plain(&m, IFLA_MTU, &mtu, 4);
	put_plain(&m, IFLA_ADDRESS, addrs_link[1], 6);
	put_plain(&m, IFLA_NET_NS_FD, &peer_ns, 4);
	nest_end(&m, peer);
	nest_end(&m, data);
	nest_end(&m, info);
	finish(places[NS_A].route, &m, &answer);
	link_flags(&places[NS_A], index_of(&places[NS_A], "eth0"), true);
	link_flags(&places[NS_B], index_of(&places[NS_B], "eth0"), true);
}

static void add_address(struct place *place, uint32_t index, uint8_t host)
{
	static struct message m;
	struct ifaddrmsg msg = { .ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_index = index };
	uint8_t v4[4] = { 10, 77, 0, host }, v6[16] = { 0xfd, 0x77, [15] = host };
	struct answer answer;

	m.how = RIGHT;
	message_begin(&m, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE, ++seq);
	put(&m, &msg, sizeof(msg));
	put_plain(&m, IFA_LOCAL, v4, 4);
	put_plain(&m, IFA_ADDRESS, v4, 4);
	finish(place->route, &m, &answer);
	msg.ifa_family = AF_INET6;
	msg.ifa_prefixlen = 64;
	msg.ifa_flags = IFA_F_NODAD;
	message_begin(&m, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE, ++seq);
	put(&m, &msg, sizeof(msg));
	put_plain(&m, IFA_ADDRESS, v6, 16);
	finish(place->route, &m, &answer);
}

static void make_device(struct place *place, const char *lower, uint32_t l2_id)
{
	static struct message m;
	uint8_t addr[3] = { l2_id >> 16 & 0xff, l2_id >> 8 & 0xff, l2_id & 0xff };
	uint32_t index = index_of(place, lower);
	struct answer answer;
	size_t info;

	m.how = RIGHT;
	link_begin(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
	put_name(&m, IFLA_IFNAME, "prose0");
	put_plain(&m, IFLA_LINK, &index, 4);
	put_plain(&m, IFLA_ADDRESS, addr, 3);
	info = nest_start(&m, IFLA_LINKINFO);
	put_name(&m, IFLA_INFO_KIND, "prose");
	nest_end(&m, info);
	finish(place->route, &m, &answer);
	index = index_of(place, "prose0");
	link_flags(place, index, true);
	add_address(place, index, l2_id == 0x0a0b0c ? 1 : l2_id == 0x0a0b0d ? 2 : 4);
}

static void delete_link(struct place *place, uint32_t index)
{
	static struct message m;
	struct answer answer;

	m.how = RIGHT;
	link_begin(&m, RTM_DELLINK, 0, index);
	finish(place->route, &m, &answer);
}

/* Steps may have taken them away; programs begin with what they need. */
static void ensure(void)
{
	if (!index_of(&places[NS_A], "eth0"))
		make_wire();
	if (!index_of(&places[NS_A], "dummy0"))
		make_dummy(&places[NS_A]);
	if (!index_of(&places[NS_C], "dummy0"))
		make_dummy(&places[NS_C]);
	if (!index_of(&places[NS_A], "prose0"))
		make_device(&places[NS_A], "eth0", 0x0a0b0c);
	if (!index_of(&places[NS_B], "prose0"))
		make_device(&places[NS_B], "eth0", 0x0a0b0d);
	if (!index_of(&places[NS_C], "prose0"))
		make_device(&places[NS_C], "dummy0", 0x0a0b0f);
}

/* --- generic netlink requests */

static void genl_begin(struct message *m, uint8_t cmd, uint16_t flags)
{
	struct genlmsghdr genl = { .cmd = cmd, .version = 1 };

	message_begin(m, family, flags, ++seq);
	put(m, &genl, sizeof(genl));
}

/* All that is shown of the devices of a namespace. */
static uint64_t state_of(struct place *place)
{
	static const uint8_t cmds[] = { 1, 6, 12 };	/* dev-get, peer-get, assoc-get */
	static struct message m;
	struct answer answer;
	uint64_t hash = 1;
	size_t i;
	int fd = netlink_in(place, NETLINK_GENERIC);

	for (i = 0; i < sizeof(cmds); i++) {
		m.how = RIGHT;
		genl_begin(&m, cmds[i], NLM_F_DUMP);
		m.nlh.nlmsg_len = (uint32_t)m.len;
		talk(fd, &m, &answer);
		hash = hash * 31 + answer.digest + answer.n;
	}
	close(fd);
	return hash;
}

/* Errors that others than the family give, which have no words. */
static bool speechless(int err, bool dump, const struct message *m)
{
	switch (err) {
	case EPERM: case EOPNOTSUPP: case ENOMEM: case ENOBUFS: case EINTR: case EMSGSIZE:
		return true;
	case EBUSY:	/* a dump is under way on the socket */
		return dump;
	case EINVAL:	/* shorter than its header */
		return m->nlh.nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN;
	}
	return false;
}

/* What was done is what may be asked for: no attribute of a wrong length, or out of its range. */
static void may_be_asked(const struct spec_op *op, const struct message *m)
{
	const size_t head = NLMSG_HDRLEN + GENL_HDRLEN;
	char why[200];

	if (m->nlh.nlmsg_len >= head && !spec_check(SPEC_IN, op->do_request, m->data + head,
						    m->nlh.nlmsg_len - head, why, sizeof(why)))
		failed("%s was done, and its request is not as the specification says: %s",
		       op->name, why);
}

static void step_request(struct choices *from)
{
	static const uint8_t usual[] = { 4, 10, 16, 5, 6, 11, 12, 13, 7, 15, 2, 1, 4, 10, 10, 16 };
	static struct message m;
	uint8_t c = choose(from), where = choose(from), how = choose(from), tail = choose(from);
	uint8_t cmd = c < 192 ? usual[c % 16] : c % 24;
	const struct spec_op *op = op_of(cmd);
	const struct spec_set *set = NULL;
	uint16_t flags = NLM_F_ACK;
	bool weak = where >= 224, dump = how >= 232, again;
	/* Comparing takes many times as long as the request. */
	bool compare = check_state && (engine.replaying || seq % 4 == 0);
	struct answer answer;
	uint64_t before = 0;
	int fd, tries;

	here = &places[where % 8 < 5 ? NS_A : where % 8 < 7 ? NS_B : NS_C];
	if (weak)
		here = &places[where & 1 ? NS_A : NS_C];
	fd = weak ? here->weak : here->genl[where / 8 % SOCKETS];
	if (dump)
		flags |= NLM_F_DUMP;
	if (how % 64 == 63)
		flags |= (uint16_t)(how << 4);
	message_spoil(&m, from);
	genl_begin(&m, cmd, flags);
	if (how % 64 == 62)
		((struct genlmsghdr *)NLMSG_DATA(&m.nlh))->version = how;
	if (op)
		set = dump ? op->dump_request : op->do_request;
	if (op && !set)
		set = op->do_request;
	if (set)
		put_set(&m, set, from);
	m.nlh.nlmsg_len = (uint32_t)m.len;
	if (tail >= 224)	/* cut off, or with something behind */
		m.nlh.nlmsg_len = tail & 1 ? (uint32_t)(m.len - m.len * (tail & 30) / 32) :
					     (uint32_t)m.len + (tail >> 1 & 7);
	if (m.nlh.nlmsg_len < NLMSG_HDRLEN)
		m.nlh.nlmsg_len = NLMSG_HDRLEN;
	memset(m.data + m.len, 0x5a, 8);

	for (tries = 0, again = true; again && tries < 3; tries++) {
		if (compare)
			before = state_of(here);
		again = false;
		if (!talk(fd, &m, &answer))
			return;
		if (compare && answer.err && answer.err != ENOBUFS)
			again = state_of(here) != before;
	}
	/* Time passes, and ends associations; not three times in a row. */
	if (again)
		failed("%s was refused (%s: %s) and changed something", op ? op->name : "?",
		       strerror(answer.err), answer.text);
	if (!answer.err && answer.ended && op && op->admin && weak && here == &places[NS_A])
		failed("%s was done for who has no CAP_NET_ADMIN", op->name);
	if (answer.err && !answer.text[0] && !answer.points && !speechless(answer.err, dump, &m))
		failed("%s was refused with %s and no word", op ? op->name : "?",
		       strerror(answer.err));
	if (!answer.err && answer.ended && op && op->do_request && !dump)
		may_be_asked(op, &m);
	if (!answer.ended && alone && !dump && (flags & NLM_F_ACK))
		failed("%s got no answer", op ? op->name : "?");
}

/* The beginning of a dump, or a piece of one that was begun. */
static void step_dump(struct choices *from)
{
	static const uint8_t cmds[] = { 12, 6, 1, 12 };
	static struct message m;
	uint8_t where = choose(from), what = choose(from), more = choose(from);
	int fd;

	here = &places[where % NAMESPACES];
	fd = here->genl[where / 8 % SOCKETS];
	if (what < 200) {
		m.how = RIGHT;
		genl_begin(&m, cmds[what % 4], NLM_F_DUMP);
		if (what & 64) {
			uint32_t index = ifindex(choose(from));

			put_plain(&m, 1, &index, 4);
		}
		m.nlh.nlmsg_len = (uint32_t)m.len;
		say(fd, &m);
	}
	for (more %= 4; more; more--)
		take(fd, 0, NULL, 4096);
}

/* A socket goes, with all it owned, and another comes. */
static void step_close(struct choices *from)
{
	uint8_t where = choose(from);
	int *fd;

	here = &places[where % NAMESPACES];
	fd = &here->genl[where / 8 % SOCKETS];
	close(*fd);
	*fd = netlink_in(here, NETLINK_GENERIC);
}

/* Many peers: dumps of several messages, long lists. */
static void step_crowd(struct choices *from)
{
	static struct message m;
	uint8_t where = choose(from), n = choose(from) % 64;
	uint32_t base = 0x200000 + choose(from) * 16u, i, id, index, v4;
	struct answer answer;
	size_t peer;

	here = &places[where % NAMESPACES];
	index = ifindex(where / 8);
	for (i = 0; i <= n; i++) {
		id = base + i;
		v4 = htonl(0x0a4e0000 + (id & 0xffff));
		m.how = RIGHT;
		genl_begin(&m, where & 128 ? 7 : 4, NLM_F_ACK);
		put_plain(&m, 1, &index, 4);
		peer = nest_start(&m, 3);
		put_plain(&m, 1, &id, 4);
		if (!(where & 128))
			put_plain(&m, 3, &v4, 4);
		nest_end(&m, peer);
		m.nlh.nlmsg_len = (uint32_t)m.len;
		talk(here->genl[0], &m, &answer);
	}
}

static void step_events(struct choices *from)
{
	uint8_t where = choose(from);
	int i;

	here = &places[where % NAMESPACES];
	drain(here->events);
	for (i = 0; i < SOCKETS; i++)
		drain(here->genl[i]);
}

/* --- links */

static void put_link_info(struct message *m, struct choices *from, uint8_t kind)
{
	size_t info = nest_start(m, IFLA_LINKINFO), data;

	if (kind < 250)
		put_name(m, IFLA_INFO_KIND, "prose");
	if (kind % 4 != 1) {
		data = nest_start(m, IFLA_INFO_DATA);
		put_set(m, SPEC_LINK, from);
		nest_end(m, data);
	}
	nest_end(m, info);
}

static void put_link_attrs(struct message *m, struct choices *from, uint8_t which)
{
	static const uint32_t mtus[] = { 1400, 68, 67, 0, 1483, 9000, 8188, 8189, 65535, 1500 };
	uint8_t addr[8] = { 0x0a, 0x0b, 0x0c };
	uint32_t mtu;

	if (which & 1) {
		uint8_t c = choose(from);

		mtu = mtus[c % 10];
		put_plain(m, IFLA_MTU, &mtu, 4);
	}
	if (which & 2) {
		uint8_t c = choose(from);

		addr[2] = 0x0b + c % 8;
		if (c >= 240)
			memset(addr, 0, sizeof(addr));
		put_plain(m, IFLA_ADDRESS, addr, c >= 224 ? c % 8 : 3);
	}
}

static void step_newlink(struct choices *from)
{
	static struct message m;
	uint8_t where = choose(from), name = choose(from), lower = choose(from);
	uint8_t which = choose(from), kind = choose(from);
	uint32_t index;
	struct answer answer;

	here = &places[where % NAMESPACES];
	message_spoil(&m, from);
	link_begin(&m, RTM_NEWLINK, NLM_F_CREATE | (where & 64 ? 0 : NLM_F_EXCL), 0);
	put_name(&m, IFLA_IFNAME, names[name % 4 < 3 ? name % 3 : 7]);
	if (lower < 250) {
		index = index_of(here, names[lower < 128 ? 3 + (lower & 1) : lower % 8]);
		put_plain(&m, IFLA_LINK, &index, 4);
	}
	if (which & 4) {
		uint32_t other = (uint32_t)places[choose(from) % NAMESPACES].ns;

		put_plain(&m, IFLA_NET_NS_FD, &other, 4);
	}
	put_link_attrs(&m, from, which);
	put_link_info(&m, from, kind);
	finish(here->route, &m, &answer);
	if (!answer.err && !(which & 8))
		link_flags(here, index_of(here, names[name % 4 < 3 ? name % 3 : 7]), true);
}

static void step_setlink(struct choices *from)
{
	static struct message m;
	uint8_t where = choose(from), name = choose(from), which = choose(from), kind = choose(from);
	struct answer answer;
	struct ifinfomsg *info;
	uint32_t other;

	here = &places[where % NAMESPACES];
	message_spoil(&m, from);
	link_begin(&m, RTM_NEWLINK, 0, index_of(here, names[name < 128 ? name % 3 : name % 8]));
	info = NLMSG_DATA(&m.nlh);
	if (!info->ifi_index)
		return;
	if (which & 8) {
		info->ifi_flags = which & 16 ? IFF_UP : 0;
		info->ifi_change = IFF_UP;
	}
	put_link_attrs(&m, from, which);
	if (which >= 224) {
		other = (uint32_t)places[choose(from) % NAMESPACES].ns;
		put_plain(&m, IFLA_NET_NS_FD, &other, 4);
	}
	if (name % 8 != 5 && (name < 128 || name % 8 < 3) && kind < 192)
		put_link_info(&m, from, kind);
	finish(here->route, &m, &answer);
}

static void step_dellink(struct choices *from)
{
	uint8_t where = choose(from), what = choose(from);
	uint32_t index;

	here = &places[where % NAMESPACES];
	index = index_of(here, what < 128 ? names[what % 3] : what < 192 ? "dummy0" :
			       what < 224 ? names[7] : "eth0");
	if (index)
		delete_link(here, index);
	if (what & 1)
		ensure();
}

/* --- frames and packets */

static void step_frame(struct choices *from)
{
	static uint8_t frame[9014];
	struct sockaddr_ll addr = { .sll_family = AF_PACKET };
	uint8_t where = choose(from), c;
	size_t len, i;

	/* Sent from a, received by what is in b, or the other way. */
	here = &places[where & 1];
	memcpy(frame, addrs_link[where & 2 ? 2 : !(where & 1)], 6);
	memcpy(frame + 6, addrs_link[5], 6);
	memcpy(frame + 12, "\x88\xb5\x30\x0a\x0b", 5);
	frame[17] = 0x0d + choose(from) % 4;
	memcpy(frame + 18, where & 1 ? "\x0a\x0b\x0c" : "\x0a\x0b\x0d", 3);
	c = choose(from);
	frame[21] = c % 4 == 0 ? 30 : c % 4 == 1 ? 29 : c % 4 == 2 ? 1 : 28;
	if (c >= 224)
		frame[21] = choose(from);
	frame[22] = frame[21] == 1 ? 0 : 0x40;
	frame[23] = frame[21] == 28 ? 0 : 1;
	frame[24] = frame[21] == 28 ? 0 : 1 + choose(from) % 5;
	frame[25] = 0;
	frame[26] = frame[21] == 28 ? 0 : 1 + choose(from);
	c = choose(from);
	len = 60u + (c < 200 ? c : c * 30u);
	for (i = 27; i < len; i++)
		frame[i] = (uint8_t)(i * c);
	for (c = choose(from) % 4; c; c--)
		frame[14 + choose(from) % 20] = choose(from);
	addr.sll_ifindex = (int)index_of(here, "eth0");
	sendto(here->wire, frame, len, MSG_DONTWAIT, (struct sockaddr *)&addr, sizeof(addr));
}

static void step_packet(struct choices *from)
{
	static uint8_t data[9000];
	uint8_t where = choose(from), to = choose(from), c = choose(from), n = 1 + choose(from) % 8;
	struct sockaddr_in v4 = {
		.sin_family = AF_INET, .sin_port = htons(7777),
		.sin_addr.s_addr = htonl(0x0a4d0001 + to % 6),
	};
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(7777) };
	int fd;

	here = &places[where % NAMESPACES];
	if (to >= 128) {
		enter(here->ns);
		fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		memcpy(&v6.sin6_addr, addrs6[to % 3], 16);
		v6.sin6_scope_id = index_of(here, "prose0");
		while (n--)
			sendto(fd, data, c * 9u, MSG_DONTWAIT, (struct sockaddr *)&v6, sizeof(v6));
		close(fd);
		return;
	}
	while (n--)
		sendto(here->inet, data, c * 9u, MSG_DONTWAIT, (struct sockaddr *)&v4, sizeof(v4));
}

static void step(const uint8_t *data)
{
	struct choices from = { data + 1, data + STEP };

	switch (data[0] & 31) {
	default: step_request(&from); break;
	case 18: step_events(&from); break;
	case 19: case 20: step_dump(&from); break;
	case 21: step_close(&from); break;
	case 22: step_crowd(&from); break;
	case 23: case 24: step_frame(&from); break;
	case 25: case 26: step_packet(&from); break;
	case 27: case 28: step_setlink(&from); break;
	case 29: step_newlink(&from); break;
	case 30: step_dellink(&from); break;
	}
}

static void run(const uint8_t *data, size_t len)
{
	static unsigned int count;
	size_t at;
	int i;

	/* Peers of many programs would pile up. */
	if (!(++count % 32)) {
		for (i = 0; i < NAMESPACES; i++) {
			delete_link(&places[i], index_of(&places[i], "prose0"));
			delete_link(&places[i], index_of(&places[i], "prose1"));
		}
	}
	ensure();
	for (at = 0; at < len && !engine_over(); at += STEP)
		if (data[at])
			step(data + at);
	for (i = 0; i < NAMESPACES; i++)
		drain(places[i].events);
}

/* --- start */

static void find_family(int fd)
{
	static struct message m;
	static uint8_t buf[8192];
	struct genlmsghdr genl = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 };
	const uint8_t *p, *end;
	ssize_t got;

	m.how = RIGHT;
	message_begin(&m, GENL_ID_CTRL, 0, ++seq);
	put(&m, &genl, sizeof(genl));
	put_name(&m, CTRL_ATTR_FAMILY_NAME, "prose");
	m.nlh.nlmsg_len = (uint32_t)m.len;
	say(fd, &m);
	got = recv(fd, buf, sizeof(buf), 0);
	end = buf + (got > 0 ? got : 0);
	for (p = buf + NLMSG_HDRLEN + GENL_HDRLEN; p + NLA_HDRLEN <= end; p = ATTR_NEXT(p)) {
		const struct nlattr *nla = (const struct nlattr *)p;

		if ((nla->nla_type & NLA_TYPE_MASK) == CTRL_ATTR_FAMILY_ID)
			memcpy(&family, p + NLA_HDRLEN, 2);
		/* One group: its number is the u32 within two nests. */
		if ((nla->nla_type & NLA_TYPE_MASK) == CTRL_ATTR_MCAST_GROUPS) {
			const uint8_t *q = p + 2 * NLA_HDRLEN, *last = p + nla->nla_len;

			for (; q + NLA_HDRLEN <= last; q = ATTR_NEXT(q))
				if ((((const struct nlattr *)q)->nla_type & NLA_TYPE_MASK) ==
				    CTRL_ATTR_MCAST_GRP_ID)
					memcpy(&group, q + NLA_HDRLEN, 4);
		}
	}
	if (!family || !group)
		cannot("no netlink family prose; is the module loaded?");
}

/* Sockets of somebody in a user namespace: in a, where that is nothing, and in c, their own. */
static void make_weak(void)
{
	int to[2], back[2], fds[WORKERS_MAX * 2 + 1], pidfd;
	unsigned int i;
	pid_t child;

	if (pipe(to) || pipe(back))
		cannot("pipe: %s", strerror(errno));
	enter(places[NS_A].ns);
	child = fork();
	if (!child) {
		close(to[1]);
		if (unshare(CLONE_NEWUSER))
			cannot("no user namespace: %s", strerror(errno));
		for (i = 0; i < engine.workers; i++)
			fds[2 * i] = netlink(NETLINK_GENERIC);
		if (unshare(CLONE_NEWNET))
			cannot("no network namespace: %s", strerror(errno));
		for (i = 0; i < engine.workers; i++)
			fds[2 * i + 1] = netlink(NETLINK_GENERIC);
		fds[2 * engine.workers] = open("/proc/self/ns/net", O_RDONLY);
		if (write(back[1], fds, sizeof(fds)) != sizeof(fds) || read(to[0], fds, 1) < 0)
			_exit(1);
		_exit(0);
	}
	if (read(back[0], fds, sizeof(fds)) != sizeof(fds))
		cannot("the user namespace could not be made");
	pidfd = (int)syscall(SYS_pidfd_open, child, 0);
	for (i = 0; i < engine.workers; i++) {
		weak_fds[i][0] = (int)syscall(SYS_pidfd_getfd, pidfd, fds[2 * i], 0);
		weak_fds[i][1] = (int)syscall(SYS_pidfd_getfd, pidfd, fds[2 * i + 1], 0);
		if (weak_fds[i][0] < 0 || weak_fds[i][1] < 0)
			cannot("pidfd_getfd: %s", strerror(errno));
	}
	places[NS_C].ns = (int)syscall(SYS_pidfd_getfd, pidfd, fds[2 * engine.workers], 0);
	close(pidfd);
	close(to[1]);
	waitpid(child, NULL, 0);
	close(to[0]);
	close(back[0]);
	close(back[1]);
}

static void start(unsigned int worker)
{
	int i, k, fd;

	message_ifindex = ifindex;
	alone = engine.workers == 1;
	for (i = 0; i < NAMESPACES; i++) {
		struct place *place = &places[i];

		place->route = netlink_in(place, NETLINK_ROUTE);
		place->wire = wire_in(place);
		place->inet = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		for (k = 0; k < SOCKETS; k++)
			place->genl[k] = netlink(NETLINK_GENERIC);
		if (!family)
			find_family(place->genl[0]);
		place->events = netlink(NETLINK_GENERIC);
		if (setsockopt(place->events, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
			       sizeof(group)))
			cannot("cannot listen to events: %s", strerror(errno));
		/* Takes what is delivered. */
		fd = open("/proc/sys/net/ipv6/conf/default/accept_dad", O_WRONLY);
		if (fd >= 0 && write(fd, "0", 1) < 0)
			printf("# accept_dad: %s\n", strerror(errno));
		close(fd);
	}
	places[NS_A].weak = weak_fds[worker][0];
	places[NS_C].weak = weak_fds[worker][1];
	places[NS_B].weak = places[NS_B].genl[0];
	here = &places[NS_A];
	ensure();
}

/* After what it needs, a request with each of its attributes too short. */
static void wrong_lengths(struct program *program, uint8_t cmd)
{
	static const uint8_t before[] = { 4, 10 };
	size_t n = 0, k;

	/* Nothing is left of what other programs made. */
	memcpy(program->data + n++ * STEP, (uint8_t[]){ 1, 192 + 7 }, 2);
	for (k = 0; k < sizeof(before) && before[k] < cmd; k++)
		memcpy(program->data + n++ * STEP, (uint8_t[]){ 1, (uint8_t)(192 + before[k]) }, 2);
	for (k = 0; n < STEPS_MAX; k++)
		memcpy(program->data + n++ * STEP,
		       (uint8_t[]){ 1, (uint8_t)(192 + cmd), 0, 0, 0, 13 * WRONGS + LENGTH, (uint8_t)k, 3 }, 8);
	program->len = PROGRAM_MAX;
}

/* Each request as it should be, after what it needs. */
static bool seed(unsigned int i, struct program *program)
{
	static const uint8_t order[] = { 4, 10, 11, 15, 16, 5, 6, 12, 1, 2, 13, 7 };
	size_t n = 0, k;

	if (i >= 2 * sizeof(order) + 12)
		return false;
	/* First, for a run may be short, what nothing else is sure to send. */
	if (i < sizeof(order)) {
		wrong_lengths(program, order[i]);
		return true;
	}
	i -= sizeof(order);
	for (k = 0; k < sizeof(order) && k <= (i < sizeof(order) ? i : 4); k++) {
		uint8_t *one = program->data + n++ * STEP;

		one[0] = 1;
		/* Past 192, the command itself. */
		one[1] = (uint8_t)(192 + order[k]);
	}
	if (i >= sizeof(order)) {
		program->data[n * STEP] = (uint8_t)(32 + 18 + i - sizeof(order));
		n++;
	}
	program->len = (uint32_t)(n * STEP);
	return true;
}

static bool option(int c, const char *value)
{
	(void)value;
	check_state = c == 'C';
	return check_state;
}

int main(int argc, char **argv)
{
	static const struct fuzzer fuzzer = {
		.name = "genl", .usage = " [--check-state]", .start = start, .run = run,
		.seed = seed, .option = option,
	};
	int i;

	/* Known before the workers are. */
	engine.workers = 1;
	for (i = 1; i + 1 < argc; i++)
		if (!strcmp(argv[i], "--workers"))
			engine.workers = (unsigned int)strtoul(argv[i + 1], NULL, 0);
	if (engine.workers > WORKERS_MAX)
		engine.workers = WORKERS_MAX;
	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--help"))
			return engine_main(&fuzzer, argc, argv);
	places[NS_A].ns = open("/run/netns/a", O_RDONLY | O_CLOEXEC);
	places[NS_B].ns = open("/run/netns/b", O_RDONLY | O_CLOEXEC);
	if (places[NS_A].ns < 0 || places[NS_B].ns < 0) {
		fprintf(stderr, "genl: there are no namespaces a and b; run genl.sh, with selftests/vm/run\n");
		return 2;
	}
	make_weak();
	return engine_main(&fuzzer, argc, argv);
}
