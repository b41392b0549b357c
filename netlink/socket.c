// SPDX-License-Identifier: MIT
/* The socket: family lookup, one request and its answer, dumps. */
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

/* Answers are in the queue when sendmsg() returns; only a kernel in trouble gets this far. */
#define ANSWER_MS	10000
/* Signalling of many peers, and a burst of notifications, while the owner is busy. */
#define EVENT_RCVBUF	(4 * 1024 * 1024)
#define DUMP_TRIES	20
/* The greatest errno a kernel has, as its own MAX_ERRNO. */
#define ERRNO_MAX	4095

struct nlmsghdr *nl_request(struct prose_nl *nl, uint8_t cmd, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(nl->tx);
	struct genlmsghdr *genl;

	nl->error[0] = '\0';
	nl->attr[0] = '\0';
	if (!++nl->seq)
		nl->seq = 1;
	nlh->nlmsg_type = nl->family;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = nl->seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = PROSE_FAMILY_VERSION;
	return nlh;
}

ssize_t nl_receive(struct prose_nl *nl, void *buf, size_t len, int flags)
{
	struct sockaddr_nl from = { 0 };
	struct iovec iov = { .iov_base = buf, .iov_len = len };
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1,
	};
	ssize_t got;

	for (;;) {
		got = recvmsg(mnl_socket_get_fd(nl->sock), &msg, flags);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (msg.msg_flags & MSG_TRUNC)
			return -EMSGSIZE;
		/* Other processes with the privilege can send to our port; only the kernel is 0. */
		if (msg.msg_namelen == sizeof(from) && !from.nl_pid)
			return got;
		msg.msg_namelen = sizeof(from);
	}
}

void nl_wake(struct prose_nl *nl)
{
	uint64_t count = 1;
	ssize_t done;

	if (!nl->events)
		return;
	/* Neither can fail but with EAGAIN, which means that it is as we want it already. */
	if (nl->pending || nl->overrun)
		done = write(nl->wakeup, &count, sizeof(count));
	else
		done = read(nl->wakeup, &count, sizeof(count));
	(void)done;
}

bool nl_is_event(uint8_t cmd)
{
	switch (cmd) {
	case PROSE_CMD_DEV_NTF:
	case PROSE_CMD_PEER_NTF:
	case PROSE_CMD_PEER_DEL_NTF:
	case PROSE_CMD_ASSOC_DEL_NTF:
	case PROSE_CMD_SIGNAL_NTF:
	case PROSE_CMD_PEER_WANTED_NTF:
	case PROSE_CMD_COUNT_SOFT_NTF:
	case PROSE_CMD_COUNT_EXHAUSTED_NTF:
	case PROSE_CMD_INTEGRITY_FAILURES_NTF:
		return true;
	}
	return false;
}

/* Keeps an event for prose_nl_dispatch(). Without memory it counts as lost. */
static void keep(struct prose_nl *nl, const struct nlmsghdr *nlh)
{
	struct nl_pending *pending = malloc(sizeof(*pending) + nlh->nlmsg_len);

	if (pending) {
		pending->next = NULL;
		memcpy(pending->nlh, nlh, nlh->nlmsg_len);
		*nl->pending_tail = pending;
		nl->pending_tail = &pending->next;
	} else {
		nl->overrun = true;
	}
	nl_wake(nl);
}

/* Negative, whichever sign it came with; a number that is no errno is not handed on. */
static int errno_of(int err)
{
	if (err < -ERRNO_MAX || err > ERRNO_MAX)
		return -EBADMSG;
	return err < 0 ? err : -err;
}

/*
 * One message that came while we wait. Return: 1, the answer is complete; 0, wait on; or a
 * negative errno, which ends the request.
 */
static int take(struct prose_nl *nl, const struct nlmsghdr *sent, const struct nlmsghdr *nlh,
		nl_reply reply, void *context)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	size_t len = mnl_nlmsg_get_payload_len(nlh);
	const int *err = mnl_nlmsg_get_payload(nlh);

	if (nlh->nlmsg_type == nl->family && len >= sizeof(*genl) && nl_is_event(genl->cmd)) {
		if (nl->events)
			keep(nl, nlh);
		return 0;
	}
	if (nlh->nlmsg_seq != sent->nlmsg_seq || nlh->nlmsg_pid != mnl_socket_get_portid(nl->sock))
		return 0;
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		return nl_fail(nl, -EINTR, "the objects changed while they were listed");

	switch (nlh->nlmsg_type) {
	case NLMSG_ERROR:
		if (len < sizeof(struct nlmsgerr))
			return nl_fail(nl, -EBADMSG, "the kernel's answer is too short");
		return *err ? nl_explain(nl, errno_of(*err), sent, nlh,
					 sizeof(struct nlmsgerr)) : 1;
	case NLMSG_DONE:
		if (len >= sizeof(*err) && *err < 0)
			return nl_explain(nl, errno_of(*err), sent, nlh, sizeof(*err));
		return 1;
	case NLMSG_NOOP:
		return 0;
	case NLMSG_OVERRUN:
		return nl_fail(nl, -ENOBUFS, "the kernel lost a part of its answer");
	}
	if (nlh->nlmsg_type == sent->nlmsg_type && reply) {
		int done = reply(context, nlh);

		if (done == -EBADMSG)
			return nl_fail(nl, done, "the kernel's answer is malformed");
		return done < 0 ? nl_fail(nl, done, "%s", strerror(-done)) : 0;
	}
	return 0;
}

/*
 * Waits for all of the answer. What is left of it after an error is told apart from later
 * answers by its sequence number.
 */
static int answer(struct prose_nl *nl, const struct nlmsghdr *sent, nl_reply reply, void *context)
{
	struct pollfd wait = { .fd = mnl_socket_get_fd(nl->sock), .events = POLLIN };
	bool lost = false;

	for (;;) {
		ssize_t got = nl_receive(nl, nl->rx, sizeof(nl->rx), MSG_DONTWAIT);
		const struct nlmsghdr *nlh = (const struct nlmsghdr *)nl->rx;
		int left = (int)got, done = 0;

		if (got == -ENOBUFS) {
			/* The answer may be among what was lost; look at what is left first. */
			lost = true;
			nl->overrun = nl->events;
			nl_wake(nl);
			continue;
		}
		if (got == -EAGAIN) {
			if (lost)
				return nl_fail(nl, -ENOBUFS,
					       "the answer was lost, too many events are waiting");
			done = poll(&wait, 1, ANSWER_MS);
			if (!done)
				return nl_fail(nl, -ETIMEDOUT, "the kernel does not answer");
			if (done < 0 && errno != EINTR)
				return nl_fail(nl, -errno, "cannot wait for the answer: %s",
					       strerror(errno));
			continue;
		}
		if (got < 0)
			return nl_fail(nl, (int)got, "cannot receive the answer: %s",
				       strerror((int)-got));
		for (; !done && nl_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
			done = take(nl, sent, nlh, reply, context);
		if (done)
			return done < 0 ? done : 0;
	}
}

int nl_talk(struct prose_nl *nl, struct nlmsghdr *nlh, bool fits, nl_reply reply, void *context)
{
	int err;

	if (!fits) {
		err = nl_fail(nl, -EMSGSIZE, "the request does not fit into a netlink message");
	} else if (mnl_socket_sendto(nl->sock, nlh, nlh->nlmsg_len) < 0) {
		err = -errno;
		nl_fail(nl, err, "cannot send the request: %s", strerror(errno));
	} else {
		err = answer(nl, nlh, reply, context);
	}
	/* The request may hold keys. Its headers were needed until now to explain a refusal. */
	explicit_bzero(nl->tx, sizeof(nl->tx));
	return err;
}

static int collect(void *context, const struct nlmsghdr *nlh)
{
	struct nl_list *list = context;
	uint8_t *items = list->items;

	/* Room doubles: at powers of two, and at the start. */
	if (!(list->n & (list->n - 1))) {
		items = realloc(items, (list->n ? list->n * 2 : 1) * list->size);
		if (!items)
			return -ENOMEM;
		list->items = items;
	}
	return list->parse(nlh, items + list->n++ * list->size);
}

int nl_dump(struct prose_nl *nl, uint8_t cmd, uint32_t ifindex, struct nl_list *list)
{
	int tries, err = -EINTR;

	for (tries = 0; err == -EINTR && tries < DUMP_TRIES; tries++) {
		struct nlmsghdr *nlh = nl_request(nl, cmd, NLM_F_ACK | NLM_F_DUMP);

		list->n = 0;
		err = nl_talk(nl, nlh, !ifindex || nl_put_ifindex(nlh, ifindex), collect, list);
	}
	if (err || !list->n) {
		free(list->items);
		list->items = NULL;
		list->n = 0;
	}
	return err;
}

/* The family's number, and that of its multicast group. */
struct family {
	uint16_t id;
	uint32_t version;
	uint32_t group;
};

static int family_reply(void *context, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[CTRL_ATTR_MCAST_GROUPS + 1], *group;
	struct family *family = context;
	bool bad = false;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(struct genlmsghdr) ||
	    !nl_attrs(mnl_nlmsg_get_payload_offset(nlh, sizeof(struct genlmsghdr)),
		      mnl_nlmsg_get_payload_len(nlh) - sizeof(struct genlmsghdr),
		      tb, CTRL_ATTR_MCAST_GROUPS))
		return -EBADMSG;
	nl_octets(&bad, tb[CTRL_ATTR_FAMILY_ID], &family->id, sizeof(family->id));
	nl_u32(&bad, tb[CTRL_ATTR_VERSION], &family->version);
	if (!tb[CTRL_ATTR_MCAST_GROUPS])
		return bad ? -EBADMSG : 0;
	mnl_attr_for_each_nested(group, tb[CTRL_ATTR_MCAST_GROUPS]) {
		const struct nlattr *one[CTRL_ATTR_MCAST_GRP_ID + 1];
		const struct nlattr *name;

		if (!nl_nest(group, one, CTRL_ATTR_MCAST_GRP_ID))
			return -EBADMSG;
		name = one[CTRL_ATTR_MCAST_GRP_NAME];
		if (name && mnl_attr_get_payload_len(name) == sizeof(PROSE_MCGRP_EVENTS) &&
		    !memcmp(mnl_attr_get_payload(name), PROSE_MCGRP_EVENTS,
			    sizeof(PROSE_MCGRP_EVENTS)))
			nl_u32(&bad, one[CTRL_ATTR_MCAST_GRP_ID], &family->group);
	}
	return bad ? -EBADMSG : 0;
}

static int find_family(struct prose_nl *nl, struct family *family)
{
	struct nlmsghdr *nlh;
	int err;

	nl->family = GENL_ID_CTRL;
	nlh = nl_request(nl, CTRL_CMD_GETFAMILY, NLM_F_ACK);
	((struct genlmsghdr *)mnl_nlmsg_get_payload(nlh))->version = 1;
	err = nl_talk(nl, nlh, mnl_attr_put_strz_check(nlh, NL_TX_LEN, CTRL_ATTR_FAMILY_NAME,
						       PROSE_FAMILY_NAME),
		      family_reply, family);
	if (err == -ENOENT)
		return nl_fail(nl, err,
			       "the kernel has no netlink family \"%s\": load the module with "
			       "'modprobe prose'", PROSE_FAMILY_NAME);
	if (!err && !family->id)
		return nl_fail(nl, -EBADMSG, "the kernel did not number netlink family \"%s\"",
			       PROSE_FAMILY_NAME);
	nl->family = family->id;
	nl->version = family->version;
	return err;
}

static int set_options(struct prose_nl *nl)
{
	int on = 1, size = EVENT_RCVBUF, fd = mnl_socket_get_fd(nl->sock);

	/* CAP_ACK is no nicety: without it a refusal would carry the request, keys and all. */
	if (mnl_socket_setsockopt(nl->sock, NETLINK_CAP_ACK, &on, sizeof(on)) < 0 ||
	    mnl_socket_setsockopt(nl->sock, NETLINK_EXT_ACK, &on, sizeof(on)) < 0)
		return nl_fail(nl, -errno, "cannot set up the netlink socket: %s", strerror(errno));
	/* The plain option stops at net.core.rmem_max; that is not worth failing for. */
	if (nl->events && setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return 0;
}

static int set_events(struct prose_nl *nl, uint32_t group)
{
	struct epoll_event in = { .events = EPOLLIN };

	if (!group)
		return nl_fail(nl, -ENOENT, "netlink family \"%s\" has no multicast group \"%s\"",
			       PROSE_FAMILY_NAME, PROSE_MCGRP_EVENTS);
	if (mnl_socket_setsockopt(nl->sock, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0)
		return nl_fail(nl, -errno, "cannot join the multicast group: %s", strerror(errno));
	nl->epoll = epoll_create1(EPOLL_CLOEXEC);
	nl->wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (nl->epoll < 0 || nl->wakeup < 0 ||
	    epoll_ctl(nl->epoll, EPOLL_CTL_ADD, nl->wakeup, &in) < 0 ||
	    epoll_ctl(nl->epoll, EPOLL_CTL_ADD, mnl_socket_get_fd(nl->sock), &in) < 0)
		return nl_fail(nl, -errno, "cannot set up waiting for events: %s", strerror(errno));
	return 0;
}

static int set_up(struct prose_nl *nl)
{
	struct family family = { 0 };
	int err;

	nl->sock = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!nl->sock || mnl_socket_bind(nl->sock, 0, MNL_SOCKET_AUTOPID) < 0)
		return nl_fail(nl, -errno, "cannot open a netlink socket: %s", strerror(errno));
	if (getrandom(&nl->seq, sizeof(nl->seq), 0) != sizeof(nl->seq))
		return nl_fail(nl, -EIO, "no random number for the sequence");
	err = set_options(nl);
	if (!err)
		err = find_family(nl, &family);
	if (!err && nl->events)
		err = set_events(nl, family.group);
	return err;
}

static struct prose_nl *open_socket(const struct prose_nl_ops *ops, void *context,
				    char *error, size_t error_len)
{
	struct prose_nl *nl = calloc(1, sizeof(*nl));

	if (!nl) {
		if (error)
			snprintf(error, error_len, "out of memory");
		return NULL;
	}
	nl->epoll = -1;
	nl->wakeup = -1;
	nl->pending_tail = &nl->pending;
	nl->context = context;
	if (ops) {
		nl->ops = *ops;
		nl->events = true;
	}
	if (set_up(nl) < 0) {
		if (error)
			snprintf(error, error_len, "%s", nl->error);
		prose_nl_close(nl);
		return NULL;
	}
	return nl;
}

unsigned int prose_nl_version(const struct prose_nl *nl)
{
	return nl->version;
}

struct prose_nl *prose_nl_open(char *error, size_t error_len)
{
	return open_socket(NULL, NULL, error, error_len);
}

struct prose_nl *prose_nl_events_open(const struct prose_nl_ops *ops, void *context,
				      char *error, size_t error_len)
{
	return open_socket(ops, context, error, error_len);
}

void prose_nl_close(struct prose_nl *nl)
{
	if (!nl)
		return;
	while (nl->pending) {
		struct nl_pending *next = nl->pending->next;

		free(nl->pending);
		nl->pending = next;
	}
	if (nl->wakeup >= 0)
		close(nl->wakeup);
	if (nl->epoll >= 0)
		close(nl->epoll);
	if (nl->sock)
		mnl_socket_close(nl->sock);
	explicit_bzero(nl, sizeof(*nl));
	free(nl);
}

int prose_nl_fd(const struct prose_nl *nl)
{
	return nl->events ? nl->epoll : mnl_socket_get_fd(nl->sock);
}
