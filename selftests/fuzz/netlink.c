// SPDX-License-Identifier: MIT
/*
 * What the client library makes of messages of the kernel. The library runs as it is, over a
 * socket made of the input: octet 1 is the call, the rest are the datagrams it receives, each
 * as one octet of flags, two of length, and that many octets.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "socket.h"
#include "lib/fuzz.h"

#define FAMILY		0x1c
#define PORT		4711

/* Flags of a datagram. */
#define AS_IT_IS	0x01	/* else its sequence numbers and port are made to fit */
#define LOST		0x02	/* ENOBUFS instead */
#define TRUNCATED	0x04
#define STRANGER	0x08	/* from another process, not from the kernel */

static struct fuzz_input air;
static uint32_t sequence;

static void fit(uint8_t *data, size_t len)
{
	size_t at = 0;

	while (len - at >= sizeof(struct nlmsghdr)) {
		struct nlmsghdr *nlh = (struct nlmsghdr *)(data + at);

		nlh->nlmsg_seq = sequence;
		nlh->nlmsg_pid = PORT;
		if (nlh->nlmsg_len < sizeof(*nlh) || nlh->nlmsg_len > len - at)
			break;
		at += MNL_ALIGN(nlh->nlmsg_len);
		if (at > len)
			break;
	}
}

static ssize_t fuzz_recvmsg(int fd, struct msghdr *msg, int flags)
{
	struct sockaddr_nl *from = msg->msg_name;
	uint8_t how = fuzz_u8(&air);
	size_t len = fuzz_u16(&air);

	(void)fd;
	(void)flags;
	if (!air.len) {
		errno = EAGAIN;
		return -1;
	}
	if (how & LOST) {
		errno = ENOBUFS;
		return -1;
	}
	if (len > msg->msg_iov->iov_len)
		len = msg->msg_iov->iov_len;
	/* What a datagram leaves of the buffer is not its own. */
	memset(msg->msg_iov->iov_base, 0xa5, msg->msg_iov->iov_len < 256 ?
	       msg->msg_iov->iov_len : 256);
	if (len > air.len)
		len = air.len;
	fuzz_octets(&air, msg->msg_iov->iov_base, len);
	if (!(how & AS_IT_IS))
		fit(msg->msg_iov->iov_base, len);
	*from = (struct sockaddr_nl){ .nl_family = AF_NETLINK, .nl_pid = how & STRANGER ? 1 : 0 };
	msg->msg_namelen = sizeof(*from);
	msg->msg_flags = how & TRUNCATED ? MSG_TRUNC : 0;
	return (ssize_t)len;
}

static ssize_t fuzz_sendto(const struct mnl_socket *sock, const void *data, size_t len)
{
	const struct nlmsghdr *nlh = data;

	(void)sock;
	/* What goes out is well-formed. */
	fuzz_check(len >= sizeof(*nlh) && nlh->nlmsg_len == len && len <= NL_TX_LEN);
	sequence = nlh->nlmsg_seq;
	return (ssize_t)len;
}

static int fuzz_poll(struct pollfd *fds, nfds_t n, int ms)
{
	(void)fds;
	(void)n;
	(void)ms;
	return 0;
}

static struct mnl_socket *fuzz_open(int bus, int flags)
{
	static int something;

	(void)bus;
	(void)flags;
	return (struct mnl_socket *)&something;
}

/* System calls that only have to succeed. */
static int fuzz_ok(int unused, ...)
{
	return unused;
}

static ssize_t fuzz_getrandom(void *to, size_t len, unsigned int flags)
{
	(void)flags;
	memset(to, 7, len);
	return (ssize_t)len;
}

#define recvmsg				fuzz_recvmsg
#define poll				fuzz_poll
#define getrandom			fuzz_getrandom
#define setsockopt(...)			fuzz_ok(0, __VA_ARGS__)
#define mnl_socket_sendto		fuzz_sendto
#define mnl_socket_open2		fuzz_open
#define mnl_socket_bind(...)		fuzz_ok(0, __VA_ARGS__)
#define mnl_socket_close(...)		fuzz_ok(0, __VA_ARGS__)
#define mnl_socket_setsockopt(...)	fuzz_ok(0, __VA_ARGS__)
#define mnl_socket_get_fd(sock)		((void)(sock), 0)
#define mnl_socket_get_portid(sock)	((void)(sock), (uint32_t)PORT)
#define epoll_ctl(...)			fuzz_ok(0, __VA_ARGS__)
#define read(...)			fuzz_ok(0, __VA_ARGS__)
#define write(...)			fuzz_ok(0, __VA_ARGS__)
#define epoll_create1(...)		fuzz_ok(0, __VA_ARGS__)
#define eventfd(...)			fuzz_ok(0, __VA_ARGS__)
#define close(...)			fuzz_ok(0, __VA_ARGS__)

#include "../../netlink/socket.c"

/* Uses all of an object: a length that is too great, or what was never filled in, is noticed. */
static volatile uint8_t sum;

static void use(const void *data, size_t len)
{
	const uint8_t *octets = data;

	while (len--)
		sum ^= *octets++;
}

static void use_peer(const struct prose_nl_peer *peer)
{
	fuzz_check(peer->n_addresses <= PROSE_NL_ADDRESSES_MAX);
	use(peer->addresses, peer->n_addresses * sizeof(peer->addresses[0]));
}

static void use_assoc(const struct prose_nl_assoc *assoc)
{
	fuzz_check(assoc->n_bearers <= PROSE_NL_BEARERS_MAX);
	use(assoc->bearers, assoc->n_bearers * sizeof(assoc->bearers[0]));
	prose_nl_gone_reason_name(assoc->gone_reason);
}

static void use_device(const struct prose_nl_device *device)
{
	fuzz_check(device->n_stats <= PROSE_NL_STATS_MAX);
	fuzz_check(memchr(device->ifname, '\0', sizeof(device->ifname)));
	for (size_t i = 0; i < device->n_stats; i++)
		fuzz_check(device->stats[i].name && device->stats[i].text);
}

static void on_event(void *context, const struct prose_nl_event *event)
{
	(void)context;
	switch (event->type) {
	case PROSE_NL_SIGNAL:
		use(event->signal.message, event->signal.len);
		prose_nl_protection_name(event->signal.protection);
		break;
	case PROSE_NL_DEVICE_CHANGED:
		fuzz_check(event->device.ifindex);
		use_device(&event->device);
		break;
	case PROSE_NL_PEER_CHANGED:
	case PROSE_NL_PEER_GONE:
		fuzz_check(event->peer.l2_id);
		use_peer(&event->peer);
		break;
	case PROSE_NL_ASSOC_GONE:
	case PROSE_NL_INTEGRITY_FAILURES:
		fuzz_check(event->assoc.l2_id && event->assoc.kd_sess_id);
		use_assoc(&event->assoc);
		break;
	case PROSE_NL_PEER_WANTED:
		fuzz_check(event->wanted.has_l2_id || event->wanted.has_address);
		break;
	case PROSE_NL_COUNT_SOFT:
	case PROSE_NL_COUNT_EXHAUSTED:
		fuzz_check(event->count.l2_id && event->count.kd_sess_id);
		break;
	}
	if (event->type != PROSE_NL_DEVICE_CHANGED)
		fuzz_check(event->ifindex);
}

static void on_resync(void *context)
{
	(void)context;
}

/* The message alone, in an allocation of its exact size. */
static void parse_one(void)
{
	struct prose_nl_event event;
	struct nlmsghdr *nlh;
	size_t len;

	nlh = (struct nlmsghdr *)fuzz_copy(&air, air.len, &len);
	if (len >= MNL_NLMSG_HDRLEN + sizeof(struct genlmsghdr)) {
		nlh->nlmsg_len = (uint32_t)len;
		if (!nl_parse_event(nlh, &event))
			on_event(NULL, &event);
	}
	free(nlh);
}

static const struct prose_nl_ops ops = { on_event, on_resync };

static struct prose_nl *make(bool events)
{
	struct prose_nl *nl = calloc(1, sizeof(*nl));

	fuzz_check(nl);
	nl->sock = fuzz_open(0, 0);
	nl->family = FAMILY;
	nl->epoll = nl->wakeup = -1;
	nl->pending_tail = &nl->pending;
	nl->events = events;
	nl->ops = ops;
	return nl;
}

enum call {
	PARSE, OPEN, OPEN_EVENTS, DISPATCH, DEVICE_GET, DEVICE_DUMP, DEVICE_SET, PEER_NEW, PEER_SET,
	PEER_GET, PEER_DEL, PEER_DUMP, ASSOC_NEW, ASSOC_SET, ASSOC_GET, ASSOC_DEL, ASSOC_DUMP,
	REGISTER, SEND, CALLS
};

static int call(struct prose_nl *nl, enum call what)
{
	static const struct prose_nl_signal signal = {
		.l2_id = 2, .bearer = 30, .protection = PROSE_PROTECTION_FULL, .kd_sess_id = 3,
		.message = (const uint8_t *)"hello", .len = 5, .carrier_addr_len = 6,
	};
	const struct prose_nl_peer wanted = { .ifindex = 1, .l2_id = 2, .n_addresses = 1,
					      .addresses = { { .family = 4 } } };
	const struct prose_nl_assoc_config config = { .kd_sess_id = 3, .eia = 2, .n_seen = 1,
						      .seen = { { .lcid = 29 } } };
	const struct prose_nl_assoc_change change = { .tx = true };
	const struct prose_nl_device_config device_config = { .has_pad = true };
	struct prose_nl_device device = { 0 }, *devices = NULL;
	struct prose_nl_assoc assoc = { 0 }, *assocs = NULL;
	struct prose_nl_peer peer = { 0 }, *peers = NULL;
	uint32_t count;
	size_t n = 0;
	int err = 0;

	switch (what) {
	case DISPATCH:
		err = prose_nl_dispatch(nl);
		break;
	case DEVICE_GET:
		err = prose_nl_device_get(nl, 1, &device);
		if (!err)
			use_device(&device);
		break;
	case DEVICE_DUMP:
		err = prose_nl_device_dump(nl, &devices, &n);
		for (size_t i = 0; i < n; i++)
			use_device(&devices[i]);
		fuzz_check(!n == !devices);
		free(devices);
		break;
	case DEVICE_SET:
		err = prose_nl_device_set(nl, 1, &device_config);
		break;
	case PEER_NEW:
		err = prose_nl_peer_new(nl, &wanted, &peer);
		break;
	case PEER_SET:
		err = prose_nl_peer_set(nl, &wanted);
		break;
	case PEER_GET:
		err = prose_nl_peer_get(nl, 1, 2, &peer);
		break;
	case PEER_DEL:
		err = prose_nl_peer_del(nl, 1, 2);
		break;
	case PEER_DUMP:
		err = prose_nl_peer_dump(nl, 1, &peers, &n);
		for (size_t i = 0; i < n; i++)
			use_peer(&peers[i]);
		fuzz_check(!n == !peers);
		free(peers);
		break;
	case ASSOC_NEW:
		err = prose_nl_assoc_new(nl, 1, 2, &config, &assoc);
		break;
	case ASSOC_SET:
		err = prose_nl_assoc_set(nl, 1, 2, 3, &change);
		break;
	case ASSOC_GET:
		err = prose_nl_assoc_get(nl, 1, 2, 3, &assoc);
		break;
	case ASSOC_DEL:
		err = prose_nl_assoc_del(nl, 1, 2, 3);
		break;
	case ASSOC_DUMP:
		err = prose_nl_assoc_dump(nl, 1, &assocs, &n);
		for (size_t i = 0; i < n; i++)
			use_assoc(&assocs[i]);
		fuzz_check(!n == !assocs);
		free(assocs);
		break;
	case REGISTER:
		err = prose_nl_signal_register(nl, 1);
		break;
	case SEND:
		err = prose_nl_signal_send(nl, 1, &signal, &count);
		break;
	default:
		break;
	}
	use_peer(&peer);
	use_assoc(&assoc);
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	enum call what = fuzz_u8(&input) % CALLS;
	struct prose_nl *nl;
	char error[320] = "";
	int err;

	air = input;
	sequence = 0;
	switch (what) {
	case PARSE:
		parse_one();
		return 0;
	case OPEN:
		nl = prose_nl_open(error, sizeof(error));
		fuzz_check(nl || error[0]);
		prose_nl_close(nl);
		return 0;
	case OPEN_EVENTS:
		nl = prose_nl_events_open(&ops, NULL, error, sizeof(error));
		fuzz_check(nl || error[0]);
		break;
	default:
		nl = make(what == DISPATCH || what == REGISTER || what == SEND);
		err = call(nl, what);
		/* What failed has its reason. */
		fuzz_check(err <= 0 && (!err || prose_nl_error(nl)[0]));
		fuzz_check(memchr(nl->error, '\0', sizeof(nl->error)));
		fuzz_check(memchr(nl->attr, '\0', sizeof(nl->attr)));
		break;
	}
	/* And what came meanwhile is an event. */
	if (nl && nl->events)
		prose_nl_dispatch(nl);
	prose_nl_close(nl);
	return 0;
}

/* Seeds: what a kernel answers. */

static uint8_t buf[8192] __attribute__((aligned(8)));
static struct fuzz_output out;

static struct nlmsghdr *start(uint16_t type, uint8_t cmd)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));

	nlh->nlmsg_type = type;
	genl->cmd = cmd;
	genl->version = 1;
	return nlh;
}

static void begin(enum call what)
{
	out.len = 0;
	fuzz_put_u8(&out, what);
}

static void datagram(uint8_t flags, const void *data, size_t len)
{
	fuzz_put_u8(&out, flags);
	fuzz_put_u16(&out, (uint16_t)len);
	fuzz_put_octets(&out, data, len);
}

static void message(const struct nlmsghdr *nlh)
{
	datagram(0, nlh, nlh->nlmsg_len);
}

/* The end of each answer. With @text, a refusal that points at an attribute. */
static void ack(int error, const char *text, uint32_t offset)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nlmsgerr *err = mnl_nlmsg_put_extra_header(nlh, sizeof(*err));

	nlh->nlmsg_type = NLMSG_ERROR;
	err->error = error;
	if (text) {
		nlh->nlmsg_flags = NLM_F_ACK_TLVS | NLM_F_CAPPED;
		mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, text);
		mnl_attr_put_u32(nlh, NLMSGERR_ATTR_OFFS, offset);
	}
	message(nlh);
}

static void missing(uint32_t type, uint32_t nest)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nlmsgerr *err = mnl_nlmsg_put_extra_header(nlh, sizeof(*err));

	nlh->nlmsg_type = NLMSG_ERROR;
	nlh->nlmsg_flags = NLM_F_ACK_TLVS | NLM_F_CAPPED;
	err->error = -EINVAL;
	mnl_attr_put_u32(nlh, 5, type);
	if (nest)
		mnl_attr_put_u32(nlh, 6, nest);
	message(nlh);
}

static void done(void)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	int *err = mnl_nlmsg_put_extra_header(nlh, sizeof(*err));

	nlh->nlmsg_type = NLMSG_DONE;
	nlh->nlmsg_flags = NLM_F_MULTI;
	*err = 0;
	message(nlh);
}

static struct nlmsghdr *device_message(uint8_t cmd)
{
	struct nlmsghdr *nlh = start(FAMILY, cmd);
	struct nlattr *device = mnl_attr_nest_start(nlh, PROSE_A_DEVICE), *stats;

	mnl_attr_put_u32(nlh, PROSE_A_DEVICE_IFINDEX, 7);
	mnl_attr_put_strz(nlh, PROSE_A_DEVICE_IFNAME, "prose0");
	mnl_attr_put_u32(nlh, PROSE_A_DEVICE_LOWER_IFINDEX, 3);
	mnl_attr_put_u32(nlh, PROSE_A_DEVICE_L2_ID, 0x0a0b0c);
	mnl_attr_put_u32(nlh, PROSE_A_DEVICE_CARRIER, PROSE_CARRIER_LINK);
	mnl_attr_put_u16(nlh, PROSE_A_DEVICE_ETHERTYPE, 0xb588);
	mnl_attr_put_u8(nlh, PROSE_A_DEVICE_PAD, 1);
	mnl_attr_put_u32(nlh, PROSE_A_DEVICE_UNPROTECTED_RATE, 50);
	mnl_attr_put_u32(nlh, PROSE_A_DEVICE_INTEGRITY_THRESHOLD, 100);
	mnl_attr_put(nlh, PROSE_A_DEVICE_OWNED, 0, NULL);
	stats = mnl_attr_nest_start(nlh, PROSE_A_DEVICE_STATS);
	for (uint16_t i = PROSE_A_STAT_PAD64 + 1; i <= PROSE_A_STAT_MAX; i++)
		mnl_attr_put_u64(nlh, i, i);
	mnl_attr_nest_end(nlh, stats);
	mnl_attr_nest_end(nlh, device);
	return nlh;
}

static struct nlmsghdr *peer_message(uint8_t cmd)
{
	static const uint8_t octets[16] = { 0xfd, 1 };
	struct nlmsghdr *nlh = start(FAMILY, cmd);
	struct nlattr *peer;

	mnl_attr_put_u32(nlh, PROSE_A_IFINDEX, 7);
	peer = mnl_attr_nest_start(nlh, PROSE_A_PEER);
	mnl_attr_put_u32(nlh, PROSE_A_PEER_L2_ID, 0x0a0b0d);
	mnl_attr_put(nlh, PROSE_A_PEER_CARRIER_ADDR, 6, octets);
	mnl_attr_put(nlh, PROSE_A_PEER_IPV4, 4, octets);
	mnl_attr_put(nlh, PROSE_A_PEER_IPV6, 16, octets);
	for (uint16_t i = PROSE_A_PEER_RX_PACKETS; i <= PROSE_A_PEER_LAST_RX_MS; i++)
		mnl_attr_put_u64(nlh, i, i);
	mnl_attr_put_u32(nlh, PROSE_A_PEER_GONE_REASON, PROSE_GONE_REASON_DEVICE);
	mnl_attr_nest_end(nlh, peer);
	return nlh;
}

static struct nlmsghdr *assoc_message(uint8_t cmd)
{
	struct nlmsghdr *nlh = start(FAMILY, cmd);
	struct nlattr *nest, *bearer;

	mnl_attr_put_u32(nlh, PROSE_A_IFINDEX, 7);
	mnl_attr_put_u8(nlh, PROSE_A_LCID, 30);
	nest = mnl_attr_nest_start(nlh, PROSE_A_PEER);
	mnl_attr_put_u32(nlh, PROSE_A_PEER_L2_ID, 0x0a0b0d);
	mnl_attr_nest_end(nlh, nest);
	nest = mnl_attr_nest_start(nlh, PROSE_A_ASSOC);
	mnl_attr_put_u32(nlh, PROSE_A_ASSOC_KD_SESS_ID, 0xbeef);
	mnl_attr_put_u32(nlh, PROSE_A_ASSOC_EEA, 2);
	mnl_attr_put_u32(nlh, PROSE_A_ASSOC_EIA, 2);
	mnl_attr_put_u8(nlh, PROSE_A_ASSOC_UP_INTEGRITY, 1);
	mnl_attr_put_u8(nlh, PROSE_A_ASSOC_DIRECTION, 1);
	for (uint16_t i = PROSE_A_ASSOC_COUNT_START; i <= PROSE_A_ASSOC_GRACE_MS; i++)
		mnl_attr_put_u32(nlh, i, i);
	mnl_attr_put(nlh, PROSE_A_ASSOC_TX, 0, NULL);
	for (uint8_t lcid = 28; lcid < 31; lcid++) {
		bearer = mnl_attr_nest_start(nlh, PROSE_A_ASSOC_BEARER);
		mnl_attr_put_u8(nlh, PROSE_A_BEARER_LCID, lcid);
		mnl_attr_put_u32(nlh, PROSE_A_BEARER_TX_NEXT, 77);
		mnl_attr_put_u32(nlh, PROSE_A_BEARER_RX_HIGHEST, 78);
		mnl_attr_nest_end(nlh, bearer);
	}
	for (uint16_t i = PROSE_A_ASSOC_RX_PACKETS; i <= PROSE_A_ASSOC_REPLAYS; i++)
		mnl_attr_put_u64(nlh, i, i);
	mnl_attr_nest_end(nlh, nest);
	return nlh;
}

static struct nlmsghdr *signal_message(uint8_t cmd)
{
	struct nlmsghdr *nlh = start(FAMILY, cmd);
	struct nlattr *nest;

	mnl_attr_put_u32(nlh, PROSE_A_IFINDEX, 7);
	nest = mnl_attr_nest_start(nlh, PROSE_A_SIGNAL);
	mnl_attr_put_u32(nlh, PROSE_A_SIGNAL_L2_ID, 0x0a0b0d);
	mnl_attr_put_u8(nlh, PROSE_A_SIGNAL_BEARER, 29);
	mnl_attr_put_u32(nlh, PROSE_A_SIGNAL_PROTECTION, PROSE_PROTECTION_UNVERIFIED);
	mnl_attr_put_u32(nlh, PROSE_A_SIGNAL_KD_SESS_ID, 0x1234);
	mnl_attr_put(nlh, PROSE_A_SIGNAL_CARRIER_ADDR, 6, "\2\3\4\5\6\7");
	mnl_attr_put_u32(nlh, PROSE_A_SIGNAL_COUNT, 9);
	mnl_attr_put(nlh, PROSE_A_SIGNAL_PDCP_HEADER, 5, "\x40\x12\x34\x00\x09");
	mnl_attr_put(nlh, PROSE_A_SIGNAL_MAC_I, 4, "\1\2\3\4");
	mnl_attr_put(nlh, PROSE_A_SIGNAL_MESSAGE, 3, "\x05\x06\x07");
	mnl_attr_nest_end(nlh, nest);
	return nlh;
}

static struct nlmsghdr *wanted_message(void)
{
	struct nlmsghdr *nlh = start(FAMILY, PROSE_CMD_PEER_WANTED_NTF);

	mnl_attr_put_u32(nlh, PROSE_A_IFINDEX, 7);
	mnl_attr_put(nlh, PROSE_A_IPV4, 4, "\x0a\0\0\1");
	return nlh;
}

static struct nlmsghdr *family_message(void)
{
	struct nlmsghdr *nlh = start(GENL_ID_CTRL, CTRL_CMD_NEWFAMILY);
	struct nlattr *groups, *group;

	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, PROSE_FAMILY_NAME);
	mnl_attr_put_u16(nlh, CTRL_ATTR_FAMILY_ID, FAMILY);
	groups = mnl_attr_nest_start(nlh, CTRL_ATTR_MCAST_GROUPS);
	group = mnl_attr_nest_start(nlh, 1);
	mnl_attr_put_u32(nlh, CTRL_ATTR_MCAST_GRP_ID, 5);
	mnl_attr_put_strz(nlh, CTRL_ATTR_MCAST_GRP_NAME, PROSE_MCGRP_EVENTS);
	mnl_attr_nest_end(nlh, group);
	mnl_attr_nest_end(nlh, groups);
	return nlh;
}

static void parse_seed(fuzz_put *put, const char *name, const struct nlmsghdr *nlh)
{
	begin(PARSE);
	fuzz_put_octets(&out, nlh, nlh->nlmsg_len);
	put(name, out.data, out.len);
}

static void answer_seed(fuzz_put *put, const char *name, enum call what,
			const struct nlmsghdr *nlh)
{
	begin(what);
	if (nlh)
		message(nlh);
	ack(0, NULL, 0);
	put(name, out.data, out.len);
}

static void dump_seed(fuzz_put *put, const char *objects, enum call what,
		      struct nlmsghdr *(*make_one)(uint8_t cmd), uint8_t cmd)
{
	char name[32];

	begin(what);
	for (int i = 0; i < 3; i++) {
		struct nlmsghdr *nlh = make_one(cmd);

		nlh->nlmsg_flags = NLM_F_MULTI;
		message(nlh);
	}
	done();
	snprintf(name, sizeof(name), "dump-%s", objects);
	put(name, out.data, out.len);
	begin(what);
	make_one(cmd)->nlmsg_flags = NLM_F_MULTI | NLM_F_DUMP_INTR;
	message((struct nlmsghdr *)buf);
	message(make_one(cmd));
	done();
	snprintf(name, sizeof(name), "dump-%s-again", objects);
	put(name, out.data, out.len);
}

void fuzz_seeds(fuzz_put *put)
{
	parse_seed(put, "parse-device", device_message(PROSE_CMD_DEV_NTF));
	parse_seed(put, "parse-peer", peer_message(PROSE_CMD_PEER_NTF));
	parse_seed(put, "parse-peer-gone", peer_message(PROSE_CMD_PEER_DEL_NTF));
	parse_seed(put, "parse-assoc-gone", assoc_message(PROSE_CMD_ASSOC_DEL_NTF));
	parse_seed(put, "parse-count-soft", assoc_message(PROSE_CMD_COUNT_SOFT_NTF));
	parse_seed(put, "parse-count-exhausted", assoc_message(PROSE_CMD_COUNT_EXHAUSTED_NTF));
	parse_seed(put, "parse-integrity", assoc_message(PROSE_CMD_INTEGRITY_FAILURES_NTF));
	parse_seed(put, "parse-signal", signal_message(PROSE_CMD_SIGNAL_NTF));
	parse_seed(put, "parse-wanted", wanted_message());
	answer_seed(put, "open", OPEN, family_message());
	answer_seed(put, "open-events", OPEN_EVENTS, family_message());
	answer_seed(put, "device-get", DEVICE_GET, device_message(PROSE_CMD_DEV_GET));
	answer_seed(put, "device-set", DEVICE_SET, NULL);
	answer_seed(put, "peer-new", PEER_NEW, peer_message(PROSE_CMD_PEER_NEW));
	answer_seed(put, "peer-get", PEER_GET, peer_message(PROSE_CMD_PEER_GET));
	answer_seed(put, "peer-del", PEER_DEL, NULL);
	answer_seed(put, "assoc-new", ASSOC_NEW, assoc_message(PROSE_CMD_ASSOC_NEW));
	answer_seed(put, "assoc-get", ASSOC_GET, assoc_message(PROSE_CMD_ASSOC_GET));
	answer_seed(put, "assoc-set", ASSOC_SET, NULL);
	answer_seed(put, "assoc-del", ASSOC_DEL, NULL);
	answer_seed(put, "register", REGISTER, NULL);
	answer_seed(put, "send", SEND, signal_message(PROSE_CMD_SIGNAL_SEND));
	dump_seed(put, "devices", DEVICE_DUMP, device_message, PROSE_CMD_DEV_GET);
	dump_seed(put, "peers", PEER_DUMP, peer_message, PROSE_CMD_PEER_GET);
	dump_seed(put, "assocs", ASSOC_DUMP, assoc_message, PROSE_CMD_ASSOC_GET);
	for (uint32_t offset = 16; offset < 64; offset += 8) {
		char name[32];

		begin(ASSOC_NEW);
		ack(-EEXIST, "KD-sess ID is in use", offset);
		snprintf(name, sizeof(name), "refused-at-%u", offset);
		put(name, out.data, out.len);
	}
	begin(PEER_SET);
	missing(PROSE_A_PEER_L2_ID, 28);
	put("missing-in-nest", out.data, out.len);
	begin(PEER_DEL);
	missing(PROSE_A_IFINDEX, 0);
	put("missing-at-top", out.data, out.len);
	begin(DISPATCH);
	message(signal_message(PROSE_CMD_SIGNAL_NTF));
	datagram(LOST, "", 0);
	datagram(TRUNCATED, "x", 1);
	datagram(STRANGER, "x", 1);
	message(peer_message(PROSE_CMD_PEER_NTF));
	message(assoc_message(PROSE_CMD_ASSOC_DEL_NTF));
	put("dispatch", out.data, out.len);
	begin(SEND);
	message(signal_message(PROSE_CMD_SIGNAL_NTF));
	message(wanted_message());
	datagram(LOST, "", 0);
	message(signal_message(PROSE_CMD_SIGNAL_SEND));
	ack(0, NULL, 0);
	put("send-with-events-between", out.data, out.len);
}
