/* SPDX-License-Identifier: MIT */
/*
 * All that the kernel shows of prose in this namespace, as octets that can be compared: devices,
 * peers, associations with their COUNTs and counters, and the links as rtnetlink has them. Left
 * out are times, counters of drops and the statistics of the stack.
 */
#ifndef SELFTESTS_STATE_H
#define SELFTESTS_STATE_H

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "../netlink/raw.h"

#define STATE_MAX	(256 * 1024)
/* IFF_RUNNING, IFF_LOWER_UP, IFF_DORMANT: <linux/if.h> and <net/if.h> exclude each other. */
#define STATE_PASSING	(0x40u | 0x10000u | 0x20000u)

struct state {
	size_t len;
	uint8_t data[STATE_MAX];
};

static struct raw state_genl;
static struct mnl_socket *state_rtnl;

__attribute__((unused))
static void state_open(void)
{
	if (!raw_open(&state_genl)) {
		printf("Bail out! there is no family prose\n");
		exit(KTAP_FAIL);
	}
	state_rtnl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!state_rtnl || mnl_socket_bind(state_rtnl, 0, MNL_SOCKET_AUTOPID) < 0) {
		printf("Bail out! no rtnetlink socket: %s\n", strerror(errno));
		exit(KTAP_FAIL);
	}
}

static void state_add(struct state *state, const void *data, size_t len)
{
	need(state->len + len <= sizeof(state->data), "there is more state than expected");
	memcpy(state->data + state->len, data, len);
	state->len += len;
}

/* Zeroes what changes by itself. */
static void state_calm(struct nlattr *outer, uint16_t type, uint16_t inner)
{
	struct nlattr *attr;

	if (mnl_attr_get_type(outer) != type)
		return;
	mnl_attr_for_each_nested(attr, outer)
		if (mnl_attr_get_type(attr) == inner)
			memset(mnl_attr_get_payload(attr), 0, mnl_attr_get_payload_len(attr));
}

static void state_add_dump(struct state *state, uint8_t cmd)
{
	static struct raw_answer answer;
	static uint8_t buf[512];
	struct nlmsghdr *nlh;
	struct nlattr *attr;
	int left;

	raw_talk(&state_genl, raw_request(&state_genl, buf, cmd, NLM_F_DUMP), &answer);
	need(!answer.err, "dump %u: %s, %s", cmd, strerror(answer.err), answer.text);
	left = (int)answer.len;
	for (nlh = (struct nlmsghdr *)answer.data; mnl_nlmsg_ok(nlh, left);
	     nlh = mnl_nlmsg_next(nlh, &left)) {
		mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
			state_calm(attr, PROSE_A_DEVICE, PROSE_A_DEVICE_STATS);
			state_calm(attr, PROSE_A_PEER, PROSE_A_PEER_LAST_RX_MS);
		}
		state_add(state, mnl_nlmsg_get_payload(nlh), mnl_nlmsg_get_payload_len(nlh));
	}
}

static int state_add_link(const struct nlmsghdr *nlh, void *data)
{
	struct ifinfomsg link = *(const struct ifinfomsg *)mnl_nlmsg_get_payload(nlh);
	struct state *state = data;
	const struct nlattr *attr;

	/* The state of the link is looked at some time after it was made. */
	link.ifi_flags &= ~STATE_PASSING;
	state_add(state, &link, sizeof(link));
	mnl_attr_for_each(attr, nlh, sizeof(link)) {
		switch (mnl_attr_get_type(attr)) {
		case IFLA_STATS:
		case IFLA_STATS64:
		case IFLA_AF_SPEC:	/* statistics of IPv6 */
		case IFLA_OPERSTATE:
		case IFLA_CARRIER_CHANGES:
		case IFLA_CARRIER_UP_COUNT:
		case IFLA_CARRIER_DOWN_COUNT:
			break;
		default:
			state_add(state, attr, MNL_ALIGN(attr->nla_len));
		}
	}
	return MNL_CB_OK;
}

__attribute__((unused))
static void state_take(struct state *state)
{
	static uint8_t buf[65536];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *link;
	ssize_t got;
	int more;

	state->len = 0;
	state_add_dump(state, PROSE_CMD_DEV_GET);
	state_add_dump(state, PROSE_CMD_PEER_GET);
	state_add_dump(state, PROSE_CMD_ASSOC_GET);

	nlh->nlmsg_type = RTM_GETLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	link = mnl_nlmsg_put_extra_header(nlh, sizeof(*link));
	link->ifi_family = AF_UNSPEC;
	need(mnl_socket_sendto(state_rtnl, nlh, nlh->nlmsg_len) > 0, "links: %s", strerror(errno));
	do {
		got = mnl_socket_recvfrom(state_rtnl, buf, sizeof(buf));
		need(got >= 0, "links: %s", strerror(errno));
		more = mnl_cb_run(buf, (size_t)got, 0, mnl_socket_get_portid(state_rtnl),
				  state_add_link, state);
		need(more >= 0, "links: %s", strerror(errno));
	} while (more);
}

__attribute__((unused))
static bool state_equal(const struct state *a, const struct state *b)
{
	return a->len == b->len && !memcmp(a->data, b->data, a->len);
}

#endif
