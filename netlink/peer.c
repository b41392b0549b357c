// SPDX-License-Identifier: MIT
/* Peers. */
#include <errno.h>
#include <string.h>

#include "socket.h"

/* Addresses may occur several times, so the table of nl_nest() does not do. */
static bool parse_addresses(const struct nlattr *nest, struct prose_nl_peer *peer)
{
	const struct nlattr *attr;
	bool bad = false;

	mnl_attr_for_each_nested(attr, nest) {
		uint16_t type = mnl_attr_get_type(attr);
		bool ipv4 = type == PROSE_A_PEER_IPV4;
		struct prose_nl_address *address = &peer->addresses[peer->n_addresses];

		if (!ipv4 && type != PROSE_A_PEER_IPV6)
			continue;
		/* A newer kernel may allow more; the first ones are better than none. */
		if (peer->n_addresses == PROSE_NL_ADDRESSES_MAX)
			break;
		address->family = ipv4 ? 4 : 6;
		nl_octets(&bad, attr, address->addr, ipv4 ? 4 : 16);
		peer->n_addresses++;
	}
	return !bad;
}

int nl_parse_peer(const struct nlmsghdr *nlh, struct prose_nl_peer *peer)
{
	const struct nlattr *top[PROSE_A_MAX + 1], *tb[PROSE_A_PEER_MAX + 1];
	bool bad = false;

	memset(peer, 0, sizeof(*peer));
	if (!nl_top(nlh, top) || !nl_nest(top[PROSE_A_PEER], tb, PROSE_A_PEER_MAX))
		return -EBADMSG;
	nl_u32(&bad, top[PROSE_A_IFINDEX], &peer->ifindex);
	nl_u32(&bad, tb[PROSE_A_PEER_L2_ID], &peer->l2_id);
	nl_some_octets(&bad, tb[PROSE_A_PEER_CARRIER_ADDR], peer->carrier_addr,
		       sizeof(peer->carrier_addr), &peer->carrier_addr_len);
	if (!parse_addresses(top[PROSE_A_PEER], peer))
		return -EBADMSG;
	nl_u64(&bad, tb[PROSE_A_PEER_RX_PACKETS], &peer->rx_packets);
	nl_u64(&bad, tb[PROSE_A_PEER_RX_BYTES], &peer->rx_bytes);
	nl_u64(&bad, tb[PROSE_A_PEER_TX_PACKETS], &peer->tx_packets);
	nl_u64(&bad, tb[PROSE_A_PEER_TX_BYTES], &peer->tx_bytes);
	peer->has_last_rx = tb[PROSE_A_PEER_LAST_RX_MS];
	nl_u64(&bad, tb[PROSE_A_PEER_LAST_RX_MS], &peer->last_rx_ms);
	peer->has_gone_reason = tb[PROSE_A_PEER_GONE_REASON];
	nl_u32(&bad, tb[PROSE_A_PEER_GONE_REASON], &peer->gone_reason);
	peer->has_local_l2_id = tb[PROSE_A_PEER_LOCAL_L2_ID];
	nl_u32(&bad, tb[PROSE_A_PEER_LOCAL_L2_ID], &peer->local_l2_id);
	peer->has_remote_l2_id = tb[PROSE_A_PEER_REMOTE_L2_ID];
	nl_u32(&bad, tb[PROSE_A_PEER_REMOTE_L2_ID], &peer->remote_l2_id);
	return bad || !peer->ifindex || !peer->l2_id ? -EBADMSG : 0;
}

static int peer_reply(void *context, const struct nlmsghdr *nlh)
{
	struct prose_nl_peer unused;

	return nl_parse_peer(nlh, context ? context : &unused);
}

static int peer_item(const struct nlmsghdr *nlh, void *item)
{
	return nl_parse_peer(nlh, item);
}

static int write_peer(struct prose_nl *nl, uint8_t cmd, const struct prose_nl_peer *peer,
		      nl_reply reply, void *context)
{
	struct nlmsghdr *nlh = nl_request(nl, cmd, NLM_F_ACK);
	struct nlattr *nest;
	bool fits;
	size_t i;

	fits = nl_put_ifindex(nlh, peer->ifindex);
	nest = mnl_attr_nest_start(nlh, PROSE_A_PEER);
	mnl_attr_put_u32(nlh, PROSE_A_PEER_L2_ID, peer->l2_id);
	if (peer->carrier_addr_len)
		mnl_attr_put(nlh, PROSE_A_PEER_CARRIER_ADDR, peer->carrier_addr_len,
			     peer->carrier_addr);
	if (peer->has_local_l2_id)
		mnl_attr_put_u32(nlh, PROSE_A_PEER_LOCAL_L2_ID, peer->local_l2_id);
	if (peer->has_remote_l2_id)
		mnl_attr_put_u32(nlh, PROSE_A_PEER_REMOTE_L2_ID, peer->remote_l2_id);
	for (i = 0; i < peer->n_addresses && fits; i++) {
		const struct prose_nl_address *address = &peer->addresses[i];
		bool ipv4 = address->family == 4;

		fits = mnl_attr_put_check(nlh, NL_TX_LEN,
					  ipv4 ? PROSE_A_PEER_IPV4 : PROSE_A_PEER_IPV6,
					  ipv4 ? 4 : 16, address->addr);
	}
	mnl_attr_nest_end(nlh, nest);
	return nl_talk(nl, nlh, fits, reply, context);
}

int prose_nl_peer_new(struct prose_nl *nl, const struct prose_nl_peer *peer,
		      struct prose_nl_peer *made)
{
	return write_peer(nl, PROSE_CMD_PEER_NEW, peer, peer_reply, made);
}

int prose_nl_peer_set(struct prose_nl *nl, const struct prose_nl_peer *peer)
{
	return write_peer(nl, PROSE_CMD_PEER_SET, peer, NULL, NULL);
}

int prose_nl_peer_get(struct prose_nl *nl, uint32_t ifindex, uint32_t l2_id,
		      struct prose_nl_peer *peer)
{
	struct nlmsghdr *nlh = nl_request(nl, PROSE_CMD_PEER_GET, NLM_F_ACK);

	memset(peer, 0, sizeof(*peer));
	return nl_talk(nl, nlh, nl_put_peer_id(nlh, ifindex, l2_id), peer_reply, peer);
}

int prose_nl_peer_del(struct prose_nl *nl, uint32_t ifindex, uint32_t l2_id)
{
	struct nlmsghdr *nlh = nl_request(nl, PROSE_CMD_PEER_DEL, NLM_F_ACK);

	return nl_talk(nl, nlh, nl_put_peer_id(nlh, ifindex, l2_id), NULL, NULL);
}

int prose_nl_peer_dump(struct prose_nl *nl, uint32_t ifindex,
		       struct prose_nl_peer **list, size_t *n)
{
	struct nl_list found = { .size = sizeof(**list), .parse = peer_item };
	int err = nl_dump(nl, PROSE_CMD_PEER_GET, ifindex, &found);

	*list = found.items;
	*n = found.n;
	return err;
}
