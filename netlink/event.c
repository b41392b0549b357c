// SPDX-License-Identifier: MIT
/* Events: decoding, and the part of an event loop that is ours. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "socket.h"

/* Datagrams taken per call, so that a flood does not hold up the rest of the loop. */
#define DISPATCH_MAX	64

static int parse_wanted(const struct nlattr **top, struct prose_nl_wanted *wanted)
{
	const struct nlattr *peer[PROSE_A_PEER_MAX + 1];
	bool bad = false;

	memset(wanted, 0, sizeof(*wanted));
	if (top[PROSE_A_PEER]) {
		if (!nl_nest(top[PROSE_A_PEER], peer, PROSE_A_PEER_MAX))
			return -EBADMSG;
		wanted->has_l2_id = peer[PROSE_A_PEER_L2_ID];
		nl_u32(&bad, peer[PROSE_A_PEER_L2_ID], &wanted->l2_id);
	}
	if (top[PROSE_A_IPV4]) {
		wanted->has_address = true;
		wanted->address.family = 4;
		nl_octets(&bad, top[PROSE_A_IPV4], wanted->address.addr, 4);
	} else if (top[PROSE_A_IPV6]) {
		wanted->has_address = true;
		wanted->address.family = 6;
		nl_octets(&bad, top[PROSE_A_IPV6], wanted->address.addr, 16);
	}
	return bad || (!wanted->has_l2_id && !wanted->has_address) ? -EBADMSG : 0;
}

static int parse_count(const struct nlmsghdr *nlh, const struct nlattr **top,
		       struct prose_nl_count *count)
{
	struct prose_nl_assoc assoc;
	bool bad = !top[PROSE_A_LCID];
	int err = nl_parse_assoc(nlh, &assoc);

	memset(count, 0, sizeof(*count));
	nl_u8(&bad, top[PROSE_A_LCID], &count->lcid);
	count->l2_id = assoc.l2_id;
	count->kd_sess_id = assoc.kd_sess_id;
	return bad ? -EBADMSG : err;
}

int nl_parse_event(const struct nlmsghdr *nlh, struct prose_nl_event *event)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *top[PROSE_A_MAX + 1];
	bool bad = false;

	event->ifindex = 0;
	if (!nl_top(nlh, top))
		return -EBADMSG;
	nl_u32(&bad, top[PROSE_A_IFINDEX], &event->ifindex);
	if (bad)
		return -EBADMSG;
	if (!event->ifindex && genl->cmd != PROSE_CMD_DEV_NTF)
		return nl_is_event(genl->cmd) ? -EBADMSG : -ENOMSG;

	switch (genl->cmd) {
	case PROSE_CMD_SIGNAL_NTF:
		event->type = PROSE_NL_SIGNAL;
		return nl_parse_signal(top[PROSE_A_SIGNAL], &event->signal);
	case PROSE_CMD_DEV_NTF:
		event->type = PROSE_NL_DEVICE_CHANGED;
		if (nl_parse_device(nlh, &event->device))
			return -EBADMSG;
		event->ifindex = event->device.ifindex;
		return 0;
	case PROSE_CMD_PEER_NTF:
		event->type = PROSE_NL_PEER_CHANGED;
		return nl_parse_peer(nlh, &event->peer);
	case PROSE_CMD_PEER_DEL_NTF:
		event->type = PROSE_NL_PEER_GONE;
		return nl_parse_peer(nlh, &event->peer);
	case PROSE_CMD_ASSOC_DEL_NTF:
		event->type = PROSE_NL_ASSOC_GONE;
		return nl_parse_assoc(nlh, &event->assoc);
	case PROSE_CMD_PEER_WANTED_NTF:
		event->type = PROSE_NL_PEER_WANTED;
		return parse_wanted(top, &event->wanted);
	case PROSE_CMD_COUNT_SOFT_NTF:
		event->type = PROSE_NL_COUNT_SOFT;
		return parse_count(nlh, top, &event->count);
	case PROSE_CMD_COUNT_EXHAUSTED_NTF:
		event->type = PROSE_NL_COUNT_EXHAUSTED;
		return parse_count(nlh, top, &event->count);
	case PROSE_CMD_INTEGRITY_FAILURES_NTF:
		event->type = PROSE_NL_INTEGRITY_FAILURES;
		return nl_parse_assoc(nlh, &event->assoc);
	}
	return -ENOMSG;
}

static void deliver(struct prose_nl *nl, const struct nlmsghdr *nlh)
{
	struct prose_nl_event event;
	int err;

	/* Late answers to requests that were given up are no events. */
	if (nlh->nlmsg_type != nl->family)
		return;
	err = nl_parse_event(nlh, &event);
	if (!err)
		nl->ops.event(nl->context, &event);
	else if (err == -EBADMSG)
		nl->overrun = true;	/* what cannot be read is as good as lost */
}

/* Return: 1, took something; 0, nothing there; or a negative errno. */
static int take_one(struct prose_nl *nl)
{
	struct nl_pending *pending = nl->pending;
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)nl->rx_event;
	ssize_t got;
	int left;

	if (pending) {
		nl->pending = pending->next;
		if (!nl->pending)
			nl->pending_tail = &nl->pending;
		deliver(nl, pending->nlh);
		free(pending);
		return 1;
	}
	got = nl_receive(nl, nl->rx_event, sizeof(nl->rx_event), MSG_DONTWAIT);
	if (got == -EAGAIN)
		return 0;
	if (got == -ENOBUFS || got == -EMSGSIZE) {
		nl->overrun = true;
		return 1;
	}
	if (got < 0)
		return nl_fail(nl, (int)got, "cannot receive events: %s", strerror((int)-got));
	left = (int)got;
	for (; nl_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
		deliver(nl, nlh);
	return 1;
}

int prose_nl_dispatch(struct prose_nl *nl)
{
	int i, err = 1;

	for (i = 0; i < DISPATCH_MAX && err > 0; i++)
		err = take_one(nl);
	if (nl->overrun) {
		nl->overrun = false;
		if (nl->ops.resync)
			nl->ops.resync(nl->context);
	}
	nl_wake(nl);
	return err < 0 ? err : 0;
}
