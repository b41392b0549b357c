// SPDX-License-Identifier: MIT
/* Reading and writing of attributes; every length is checked before anything is read. */
#include <arpa/inet.h>
#include <string.h>

#include "socket.h"

/*
 * libmnl compares lengths as int: mnl_nlmsg_ok() takes one of 2 GiB and more for negative, that
 * is for short enough.
 */
bool nl_ok(const struct nlmsghdr *nlh, int left)
{
	return mnl_nlmsg_ok(nlh, left) && nlh->nlmsg_len <= (uint32_t)left;
}

bool nl_attrs(const void *data, size_t len, const struct nlattr **tb, uint16_t max)
{
	const struct nlattr *attr = data;

	memset(tb, 0, sizeof(*tb) * (max + 1u));
	while (mnl_attr_ok(attr, (int)len)) {
		size_t whole = MNL_ALIGN(attr->nla_len);
		uint16_t type = mnl_attr_get_type(attr);

		if (type <= max)
			tb[type] = attr;
		/* The last attribute may come without its padding. */
		if (whole > len)
			whole = len;
		len -= whole;
		attr = (const struct nlattr *)((const uint8_t *)attr + whole);
	}
	return !len;
}

bool nl_nest(const struct nlattr *nest, const struct nlattr **tb, uint16_t max)
{
	return nest &&
	       nl_attrs(mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest), tb, max);
}

bool nl_top(const struct nlmsghdr *nlh, const struct nlattr **tb)
{
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(struct genlmsghdr))
		return false;
	return nl_attrs(mnl_nlmsg_get_payload_offset(nlh, sizeof(struct genlmsghdr)),
			mnl_nlmsg_get_payload_len(nlh) - MNL_ALIGN(sizeof(struct genlmsghdr)),
			tb, PROSE_A_MAX);
}

void nl_octets(bool *bad, const struct nlattr *attr, void *to, size_t len)
{
	if (!attr)
		return;
	if (mnl_attr_get_payload_len(attr) == len)
		memcpy(to, mnl_attr_get_payload(attr), len);
	else
		*bad = true;
}

void nl_some_octets(bool *bad, const struct nlattr *attr, void *to, size_t max, size_t *len)
{
	size_t got = attr ? mnl_attr_get_payload_len(attr) : 0;

	*len = 0;
	if (!attr)
		return;
	if (!got || got > max) {
		*bad = true;
		return;
	}
	memcpy(to, mnl_attr_get_payload(attr), got);
	*len = got;
}

void nl_u8(bool *bad, const struct nlattr *attr, uint8_t *to)
{
	nl_octets(bad, attr, to, sizeof(*to));
}

void nl_u16_be(bool *bad, const struct nlattr *attr, uint16_t *to)
{
	uint16_t value = htons(*to);

	nl_octets(bad, attr, &value, sizeof(value));
	*to = ntohs(value);
}

void nl_u32(bool *bad, const struct nlattr *attr, uint32_t *to)
{
	nl_octets(bad, attr, to, sizeof(*to));
}

void nl_u64(bool *bad, const struct nlattr *attr, uint64_t *to)
{
	nl_octets(bad, attr, to, sizeof(*to));
}

bool nl_put_ifindex(struct nlmsghdr *nlh, uint32_t ifindex)
{
	return mnl_attr_put_u32_check(nlh, NL_TX_LEN, PROSE_A_IFINDEX, ifindex);
}

bool nl_put_peer_id(struct nlmsghdr *nlh, uint32_t ifindex, uint32_t l2_id)
{
	struct nlattr *nest;

	if (!nl_put_ifindex(nlh, ifindex))
		return false;
	nest = mnl_attr_nest_start_check(nlh, NL_TX_LEN, PROSE_A_PEER);
	if (!nest || !mnl_attr_put_u32_check(nlh, NL_TX_LEN, PROSE_A_PEER_L2_ID, l2_id))
		return false;
	mnl_attr_nest_end(nlh, nest);
	return true;
}
