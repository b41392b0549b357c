/* SPDX-License-Identifier: MIT */
/*
 * Generic netlink by hand: requests built attribute by attribute, so that they can be wrong, and
 * answers taken as they come. Does not use the client library, which would refuse to be wrong.
 */
#ifndef SELFTESTS_RAW_H
#define SELFTESTS_RAW_H

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/prose.h>

#include "ktap.h"

#define RAW_LEN		32768

/* Since Linux 6.1; older headers lack them. */
#define RAW_ERR_MISS_TYPE	5
#define RAW_ERR_MISS_NEST	6

struct raw {
	struct mnl_socket *sock;
	uint16_t family;
	uint32_t group;
	uint32_t seq;
};

/* What the kernel answered. */
struct raw_answer {
	int err;			/* positive errno, 0 when it went well */
	char text[256];			/* of the extended acknowledgement */
	uint32_t offset;		/* attribute it points at, 0 for none */
	uint32_t miss_type, miss_nest;
	size_t n;			/* messages before the end of the answer */
	uint8_t data[RAW_LEN];		/* those messages, whole, one after the other */
	size_t len;
};

/* Looks at every datagram from the kernel; set by who searches for something. */
static void (*raw_watch)(const void *data, size_t len);

__attribute__((unused))
static struct nlmsghdr *raw_request(struct raw *raw, void *buf, uint8_t cmd, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = raw->family;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	nlh->nlmsg_seq = ++raw->seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = 1;
	return nlh;
}

/* What stands before the attributes of a refusal: with it the request, unless that is capped. */
static size_t raw_refusal_len(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);

	if (!err->error || (nlh->nlmsg_flags & NLM_F_CAPPED))
		return sizeof(*err);
	return sizeof(*err) + err->msg.nlmsg_len - sizeof(err->msg);
}

static void raw_explain(const struct nlmsghdr *nlh, size_t fixed, struct raw_answer *answer)
{
	const struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	mnl_attr_for_each(attr, nlh, fixed) {
		const void *value = mnl_attr_get_payload(attr);

		switch (mnl_attr_get_type(attr)) {
		case NLMSGERR_ATTR_MSG:
			snprintf(answer->text, sizeof(answer->text), "%s", (const char *)value);
			break;
		case NLMSGERR_ATTR_OFFS:
			memcpy(&answer->offset, value, 4);
			break;
		case RAW_ERR_MISS_TYPE:
			memcpy(&answer->miss_type, value, 4);
			break;
		case RAW_ERR_MISS_NEST:
			memcpy(&answer->miss_nest, value, 4);
			break;
		}
	}
}

/* Sends a request and takes all of its answer. Events that come between are not kept. */
__attribute__((unused))
static void raw_talk(struct raw *raw, struct nlmsghdr *nlh, struct raw_answer *answer)
{
	static uint8_t buf[65536];
	uint32_t seq = nlh->nlmsg_seq;

	memset(answer, 0, sizeof(*answer));
	if (mnl_socket_sendto(raw->sock, nlh, nlh->nlmsg_len) < 0) {
		answer->err = errno;
		snprintf(answer->text, sizeof(answer->text), "sendto failed");
		return;
	}
	for (;;) {
		ssize_t got = mnl_socket_recvfrom(raw->sock, buf, sizeof(buf));
		const struct nlmsghdr *in = (const struct nlmsghdr *)buf;
		int left = (int)got;

		if (got < 0 && errno == EINTR)
			continue;
		need(got >= 0, "receiving: %s", strerror(errno));
		if (raw_watch)
			raw_watch(buf, (size_t)got);
		for (; mnl_nlmsg_ok(in, left); in = mnl_nlmsg_next(in, &left)) {
			const int *err = mnl_nlmsg_get_payload(in);

			if (in->nlmsg_seq != seq)
				continue;
			if (in->nlmsg_type == NLMSG_ERROR) {
				answer->err = -*err;
				raw_explain(in, raw_refusal_len(in), answer);
				return;
			}
			if (in->nlmsg_type == NLMSG_DONE) {
				if (mnl_nlmsg_get_payload_len(in) >= sizeof(*err) && *err < 0) {
					answer->err = -*err;
					raw_explain(in, sizeof(*err), answer);
				}
				return;
			}
			need(answer->len + in->nlmsg_len <= sizeof(answer->data), "a long answer");
			memcpy(answer->data + answer->len, in, in->nlmsg_len);
			answer->len += MNL_ALIGN(in->nlmsg_len);
			answer->n++;
		}
	}
}

static int raw_group(const struct nlattr *attr, void *data)
{
	const struct nlattr *group, *field;
	uint32_t *id = data, number = 0;
	const char *name = "";

	if (mnl_attr_get_type(attr) != CTRL_ATTR_MCAST_GROUPS)
		return MNL_CB_OK;
	mnl_attr_for_each_nested(group, attr) {
		mnl_attr_for_each_nested(field, group) {
			if (mnl_attr_get_type(field) == CTRL_ATTR_MCAST_GRP_NAME)
				name = mnl_attr_get_str(field);
			if (mnl_attr_get_type(field) == CTRL_ATTR_MCAST_GRP_ID)
				number = mnl_attr_get_u32(field);
		}
		if (!strcmp(name, PROSE_MCGRP_EVENTS))
			*id = number;
	}
	return MNL_CB_OK;
}

/* Opens a socket and finds the family. False when there is none. */
__attribute__((unused))
static bool raw_open(struct raw *raw)
{
	uint8_t buf[512];
	static struct raw_answer answer;
	const struct nlattr *attr;
	struct nlmsghdr *nlh;
	int on = 1;

	memset(raw, 0, sizeof(*raw));
	raw->sock = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!raw->sock || mnl_socket_bind(raw->sock, 0, MNL_SOCKET_AUTOPID) < 0)
		return false;
	mnl_socket_setsockopt(raw->sock, NETLINK_CAP_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(raw->sock, NETLINK_EXT_ACK, &on, sizeof(on));
	raw->family = GENL_ID_CTRL;
	nlh = raw_request(raw, buf, CTRL_CMD_GETFAMILY, 0);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, PROSE_FAMILY_NAME);
	raw_talk(raw, nlh, &answer);
	if (answer.err || !answer.n)
		return false;
	raw->family = 0;
	mnl_attr_for_each(attr, (struct nlmsghdr *)answer.data, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			raw->family = mnl_attr_get_u16(attr);
		raw_group(attr, &raw->group);
	}
	return raw->family;
}

__attribute__((unused))
static void raw_close(struct raw *raw)
{
	if (raw->sock)
		mnl_socket_close(raw->sock);
	raw->sock = NULL;
}

#endif
