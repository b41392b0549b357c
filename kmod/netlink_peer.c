// SPDX-License-Identifier: GPL-2.0-only
/* Generic netlink: peers. */

#include <linux/inetdevice.h>
#include <net/ipv6.h>

#include "carrier.h"
#include "device.h"
#include "netlink.h"
#include "peer.h"
#include "stats.h"

/* peer-wanted notifications about one peer come no closer than this. */
#define WANTED_INTERVAL		HZ

/**
 * prose_nl_put_peer_id() - name a peer
 * @msg: the message
 * @peer: the peer
 *
 * Return: 0 or -EMSGSIZE.
 */
int prose_nl_put_peer_id(struct sk_buff *msg, const struct prose_peer *peer)
{
	struct nlattr *nest = nla_nest_start(msg, PROSE_A_PEER);

	if (!nest || nla_put_u32(msg, PROSE_A_PEER_L2_ID, peer->l2_id))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int put_addrs(struct sk_buff *msg, const struct prose_peer *peer)
{
	unsigned int i;

	for (i = 0; i < peer->n_addrs; i++) {
		const struct prose_addr *addr = prose_peer_addr_at(peer, i);
		int err;

		if (prose_addr_is_v4(addr))
			err = nla_put_in_addr(msg, PROSE_A_PEER_IPV4, addr->in6.s6_addr32[3]);
		else
			err = nla_put_in6_addr(msg, PROSE_A_PEER_IPV6, &addr->in6);
		if (err)
			return err;
	}
	return 0;
}

static int put_carrier_addr(struct sk_buff *msg, const struct prose_peer *peer)
{
	const struct prose_endpoint *endpoint;
	int err = 0;

	rcu_read_lock();
	endpoint = prose_peer_endpoint(peer);
	if (endpoint)
		err = nla_put(msg, PROSE_A_PEER_CARRIER_ADDR, peer->prose->carrier->addr_len,
			      endpoint->addr.octets);
	rcu_read_unlock();
	return err;
}

static int put_ids(struct sk_buff *msg, const struct prose_peer *peer)
{
	u32 local = prose_peer_local(peer), remote = prose_peer_remote(peer);

	if ((local && nla_put_u32(msg, PROSE_A_PEER_LOCAL_L2_ID, local)) ||
	    (remote && nla_put_u32(msg, PROSE_A_PEER_REMOTE_L2_ID, remote)))
		return -EMSGSIZE;
	return 0;
}

/* Under the device's lock. */
static int fill_peer(struct sk_buff *msg, const void *obj, const struct prose_nl_to *to)
{
	const struct prose_peer *peer = obj;
	struct prose_traffic_sum sum;
	struct nlattr *nest;
	u64 last_rx;
	void *hdr;

	hdr = prose_nl_begin(msg, to, peer->prose);
	if (!hdr)
		return -EMSGSIZE;

	prose_traffic_sum(peer->traffic, &sum);
	nest = nla_nest_start(msg, PROSE_A_PEER);
	if (!nest ||
	    nla_put_u32(msg, PROSE_A_PEER_L2_ID, peer->l2_id) ||
	    put_carrier_addr(msg, peer) ||
	    put_addrs(msg, peer) ||
	    put_ids(msg, peer) ||
	    nla_put_u64_64bit(msg, PROSE_A_PEER_RX_PACKETS, sum.rx_packets,
			      PROSE_A_PEER_PAD64) ||
	    nla_put_u64_64bit(msg, PROSE_A_PEER_RX_BYTES, sum.rx_bytes, PROSE_A_PEER_PAD64) ||
	    nla_put_u64_64bit(msg, PROSE_A_PEER_TX_PACKETS, sum.tx_packets,
			      PROSE_A_PEER_PAD64) ||
	    nla_put_u64_64bit(msg, PROSE_A_PEER_TX_BYTES, sum.tx_bytes, PROSE_A_PEER_PAD64))
		goto err_cancel;

	last_rx = atomic64_read(&peer->last_rx);
	if (last_rx) {
		u64 ago = ktime_get_coarse_boottime_ns() - last_rx;

		if (nla_put_u64_64bit(msg, PROSE_A_PEER_LAST_RX_MS, div_u64(ago, NSEC_PER_MSEC),
				      PROSE_A_PEER_PAD64))
			goto err_cancel;
	}
	if (to->gone && nla_put_u32(msg, PROSE_A_PEER_GONE_REASON, to->reason))
		goto err_cancel;

	nla_nest_end(msg, nest);
	genlmsg_end(msg, hdr);
	return 0;

err_cancel:
	genlmsg_cancel(msg, hdr);
	return -EMSGSIZE;
}

static void notify(const struct prose_peer *peer, const struct prose_nl_to *to)
{
	struct sk_buff *msg;

	if (!prose_nl_wanted(peer->prose))
		return;
	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg) {
		prose_nl_lost(peer->prose);
		return;
	}
	if (fill_peer(msg, peer, to)) {
		nlmsg_free(msg);
		return;
	}
	prose_nl_multicast(peer->prose, msg, GFP_KERNEL);
}

/**
 * prose_nl_peer_changed() - tell that a peer was added or changed
 * @peer: the peer
 *
 * Context: the device's lock.
 */
void prose_nl_peer_changed(struct prose_peer *peer)
{
	const struct prose_nl_to to = { .cmd = PROSE_CMD_PEER_NTF };

	notify(peer, &to);
}

/**
 * prose_nl_peer_gone() - tell that a peer is being deleted
 * @peer: the peer
 * @reason: why
 *
 * Context: the device's lock.
 */
void prose_nl_peer_gone(struct prose_peer *peer, enum prose_gone_reason reason)
{
	const struct prose_nl_to to = {
		.cmd = PROSE_CMD_PEER_DEL_NTF,
		.gone = true,
		.reason = reason,
	};

	notify(peer, &to);
}

/**
 * prose_nl_peer_wanted() - tell that a packet found no association
 * @prose: the device
 * @peer: the peer that has the address, or NULL
 * @addr: address of the next hop
 *
 * Whoever sends packets decides how often this is called, so it is limited for
 * each peer and, for addresses nobody has, in all.
 *
 * Context: softirq, RCU read section.
 */
void prose_nl_peer_wanted(struct prose_dev *prose, struct prose_peer *peer,
			  const struct prose_addr *addr)
{
	const struct prose_nl_to to = { .cmd = PROSE_CMD_PEER_WANTED_NTF };
	struct sk_buff *msg;
	void *hdr;
	int err;

	if (!prose_nl_wanted(prose))
		return;

	if (peer) {
		unsigned long last = READ_ONCE(peer->wanted);

		/* Two CPUs may both find it time. That makes one message more. */
		if (READ_ONCE(peer->wanted_once) &&
		    time_before(jiffies, last + WANTED_INTERVAL))
			return;
		WRITE_ONCE(peer->wanted, jiffies);
		WRITE_ONCE(peer->wanted_once, true);
	} else if (!prose_bucket_take(&prose->wanted_bucket, PROSE_NOTIFY_RATE)) {
		return;
	}

	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_ATOMIC);
	if (!msg) {
		prose_nl_lost(prose);
		return;
	}
	hdr = prose_nl_begin(msg, &to, prose);
	if (!hdr)
		goto err_free;
	if (peer && prose_nl_put_peer_id(msg, peer))
		goto err_free;
	if (prose_addr_is_v4(addr))
		err = nla_put_in_addr(msg, PROSE_A_IPV4, addr->in6.s6_addr32[3]);
	else
		err = nla_put_in6_addr(msg, PROSE_A_IPV6, &addr->in6);
	if (err)
		goto err_free;
	genlmsg_end(msg, hdr);
	prose_nl_multicast(prose, msg, GFP_ATOMIC);
	return;

err_free:
	nlmsg_free(msg);
}

/**
 * prose_nl_carrier_addr() - read a carrier address
 * @prose: the device
 * @attr: where it stands in a request
 * @addr: where to put it
 * @extack: told why not
 *
 * Return: 0 or a negative errno.
 */
int prose_nl_carrier_addr(const struct prose_dev *prose, const struct nlattr *attr,
			  struct prose_carrier_addr *addr, struct netlink_ext_ack *extack)
{
	int err;

	memset(addr, 0, sizeof(*addr));
	nla_memcpy(addr->octets, attr, sizeof(addr->octets));
	err = prose->carrier->check_addr(prose, addr, nla_len(attr), extack);
	if (err)
		NL_SET_BAD_ATTR(extack, attr);
	return err;
}

/**
 * prose_nl_peer_of() - the peer a request names
 * @prose: the device
 * @info: the request
 *
 * Context: the device's lock.
 * Return: the peer, or an ERR_PTR() after the user was told why.
 */
struct prose_peer *prose_nl_peer_of(struct prose_dev *prose, struct genl_info *info)
{
	struct nlattr *nest = info->attrs[PROSE_A_PEER];
	struct nlattr *tb[PROSE_A_PEER_L2_ID + 1];
	struct prose_peer *peer;
	int err;

	if (PROSE_NL_REQUIRE(info->extack, NULL, info->attrs, PROSE_A_PEER, "peer"))
		return ERR_PTR(-EINVAL);
	err = nla_parse_nested(tb, PROSE_A_PEER_L2_ID, nest, prose_peer_id_nl_policy,
			       info->extack);
	if (err)
		return ERR_PTR(err);
	if (PROSE_NL_REQUIRE(info->extack, nest, tb, PROSE_A_PEER_L2_ID, "peer.l2-id"))
		return ERR_PTR(-EINVAL);
	peer = prose_peer_find(prose, nla_get_u32(tb[PROSE_A_PEER_L2_ID]));
	if (!peer)
		return ERR_PTR(PROSE_NL_REFUSE(info->extack, tb[PROSE_A_PEER_L2_ID], -ENOENT,
					       "attribute peer.l2-id: no such peer"));
	return peer;
}

/**
 * struct peer_request - what peer-new and peer-set ask for
 * @tb: the peer's attributes
 * @carrier_addr: address on the carrier, if tb has one
 * @addrs: overlay addresses
 * @attrs: where each of them stands
 * @n: how many
 * @has_v4: there are IPv4 ones
 * @has_v6: there are IPv6 ones
 */
struct peer_request {
	struct nlattr *tb[PROSE_A_PEER_REMOTE_L2_ID + 1];
	struct prose_carrier_addr carrier_addr;
	struct prose_addr addrs[PROSE_PEER_ADDRS_MAX];
	const struct nlattr *attrs[PROSE_PEER_ADDRS_MAX];
	unsigned int n;
	bool has_v4;
	bool has_v6;
};

static int parse_addr(struct peer_request *req, const struct nlattr *attr,
		      struct netlink_ext_ack *extack)
{
	struct prose_addr addr;
	unsigned int i;

	if (nla_type(attr) == PROSE_A_PEER_IPV4) {
		__be32 v4 = nla_get_in_addr(attr);

		if (ipv4_is_zeronet(v4) || ipv4_is_loopback(v4) || ipv4_is_multicast(v4) ||
		    ipv4_is_lbcast(v4))
			return PROSE_NL_REFUSE(extack, attr, -EINVAL,
					       "attribute peer.ipv4: not the address of a host");
		prose_addr_v4(&addr, v4);
		req->has_v4 = true;
	} else {
		struct in6_addr v6 = nla_get_in6_addr(attr);

		if (ipv6_addr_any(&v6) || ipv6_addr_loopback(&v6) || ipv6_addr_is_multicast(&v6) ||
		    ipv6_addr_v4mapped(&v6))
			return PROSE_NL_REFUSE(extack, attr, -EINVAL,
					       "attribute peer.ipv6: not the address of a host");
		prose_addr_v6(&addr, &v6);
		req->has_v6 = true;
	}

	for (i = 0; i < req->n; i++) {
		if (ipv6_addr_equal(&addr.in6, &req->addrs[i].in6))
			return PROSE_NL_REFUSE(extack, attr, -EINVAL,
					       "attribute peer: an address is given twice");
	}
	if (req->n == PROSE_PEER_ADDRS_MAX)
		return PROSE_NL_REFUSE(extack, attr, -ENOSPC,
				       "attribute peer: more than 8 addresses");
	req->addrs[req->n] = addr;
	req->attrs[req->n] = attr;
	req->n++;
	return 0;
}

static int parse_request(struct peer_request *req, struct genl_info *info)
{
	struct nlattr *nest = info->attrs[PROSE_A_PEER];
	struct netlink_ext_ack *extack = info->extack;
	const struct nlattr *attr;
	int err, rem;

	memset(req, 0, sizeof(*req));
	if (PROSE_NL_REQUIRE(extack, NULL, info->attrs, PROSE_A_PEER, "peer"))
		return -EINVAL;
	err = nla_parse_nested(req->tb, PROSE_A_PEER_REMOTE_L2_ID, nest,
			       prose_peer_input_nl_policy, extack);
	if (err)
		return err;
	if (PROSE_NL_REQUIRE(extack, nest, req->tb, PROSE_A_PEER_L2_ID, "peer.l2-id"))
		return -EINVAL;

	attr = req->tb[PROSE_A_PEER_CARRIER_ADDR];
	if (attr) {
		err = prose_nl_carrier_addr(prose_nl_dev(info), attr, &req->carrier_addr, extack);
		if (err)
			return err;
	}

	nla_for_each_nested(attr, nest, rem) {
		if (nla_type(attr) != PROSE_A_PEER_IPV4 && nla_type(attr) != PROSE_A_PEER_IPV6)
			continue;
		err = parse_addr(req, attr, extack);
		if (err)
			return err;
	}
	return 0;
}

/* Addresses of a family that the request has none of stay. */
static int keep_addrs(struct peer_request *req, const struct prose_peer *peer,
		      struct genl_info *info)
{
	unsigned int i;

	for (i = 0; i < peer->n_addrs; i++) {
		const struct prose_addr *addr = prose_peer_addr_at(peer, i);

		if (prose_addr_is_v4(addr) ? req->has_v4 : req->has_v6)
			continue;
		if (req->n == PROSE_PEER_ADDRS_MAX)
			return PROSE_NL_REFUSE(info->extack, info->attrs[PROSE_A_PEER], -ENOSPC,
					       "attribute peer: more than 8 addresses");
		req->addrs[req->n] = *addr;
		req->attrs[req->n] = info->attrs[PROSE_A_PEER];
		req->n++;
	}
	return 0;
}

/*
 * The Layer-2 IDs that the peer's link is to have. A new own one is claimed, which is to be
 * undone when the request fails later.
 */
static int claim_ids(const struct peer_request *req, struct prose_peer *peer, u32 *local,
		     u32 *remote, struct netlink_ext_ack *extack)
{
	const struct nlattr *local_attr = req->tb[PROSE_A_PEER_LOCAL_L2_ID];
	const struct nlattr *remote_attr = req->tb[PROSE_A_PEER_REMOTE_L2_ID];
	struct prose_dev *prose = peer->prose;
	int err;

	*local = local_attr ? nla_get_u32(local_attr) : prose_peer_local(peer);
	*remote = remote_attr ? nla_get_u32(remote_attr) : prose_peer_remote(peer);

	if (*remote && !*local) {
		if (remote_attr)
			return PROSE_NL_REFUSE(extack, remote_attr, -EINVAL,
					       "attribute peer.remote-l2-id: needs a local-l2-id");
		return PROSE_NL_REFUSE(extack, local_attr, -EBUSY,
				       "attribute peer.local-l2-id: the peer has a remote-l2-id");
	}
	if (remote_attr && *remote && (*remote == *local || prose_port_own(prose, *remote)))
		return PROSE_NL_REFUSE(extack, remote_attr, -EADDRINUSE,
				       "attribute peer.remote-l2-id: the device's own");
	if (!*local || *local == prose_peer_local(peer))
		return 0;

	if (prose_peer_find(prose, *local))
		return PROSE_NL_REFUSE(extack, local_attr, -EADDRINUSE,
				       "attribute peer.local-l2-id: is that of a peer");
	err = prose_port_claim(prose, peer, *local);
	if (err == -EADDRINUSE)
		NL_SET_ERR_MSG_ATTR(extack, local_attr,
				    "attribute peer.local-l2-id: in use on the carrier");
	return err;
}

static int apply_request(struct peer_request *req, struct prose_peer *peer,
			 struct genl_info *info)
{
	struct prose_endpoint *endpoint = NULL;
	const struct prose_addr *bad;
	u32 local, remote;
	int err;

	if (req->tb[PROSE_A_PEER_CARRIER_ADDR]) {
		endpoint = prose_endpoint_alloc(&req->carrier_addr, peer->prose->carrier->routed,
						GFP_KERNEL_ACCOUNT);
		if (!endpoint)
			return -ENOMEM;
	}
	err = claim_ids(req, peer, &local, &remote, info->extack);
	if (err) {
		prose_endpoint_free(endpoint);
		return err;
	}
	err = prose_peer_set_addrs(peer, req->addrs, req->n, &bad);
	if (err) {
		if (local && local != prose_peer_local(peer))
			prose_port_release(peer->prose, local);
		prose_endpoint_free(endpoint);
		if (err == -EEXIST)
			NL_SET_ERR_MSG_ATTR(info->extack, req->attrs[bad - req->addrs],
					    "attribute peer: address is another peer's");
		return err;
	}
	prose_peer_set_ids(peer, local, remote);
	if (endpoint)
		prose_endpoint_set(&peer->endpoint, endpoint);
	return 0;
}

/**
 * prose_nl_peer_new_doit() - add a peer
 * @skb: the request
 * @info: the same, parsed; user_ptr[0] is the device
 *
 * Return: 0 or a negative errno, with a message for the user.
 */
int prose_nl_peer_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct prose_dev *prose = prose_nl_dev(info);
	struct netlink_ext_ack *extack = info->extack;
	struct peer_request req;
	struct prose_peer *peer;
	u32 l2_id;
	int err;

	err = parse_request(&req, info);
	if (err)
		return err;
	l2_id = nla_get_u32(req.tb[PROSE_A_PEER_L2_ID]);

	peer = prose_peer_alloc(prose, l2_id);
	if (!peer)
		return -ENOMEM;

	mutex_lock(&prose->lock);
	if (prose->dying) {
		err = PROSE_NL_REFUSE(extack, info->attrs[PROSE_A_IFINDEX], -ENODEV,
				      "attribute ifindex: no such device");
		goto out_unlock;
	}
	if (prose_port_own(prose, l2_id)) {
		err = PROSE_NL_REFUSE(extack, req.tb[PROSE_A_PEER_L2_ID], -EADDRINUSE,
				      "attribute peer.l2-id: the device's own");
		goto out_unlock;
	}
	if (prose_peer_find(prose, l2_id)) {
		err = PROSE_NL_REFUSE(extack, req.tb[PROSE_A_PEER_L2_ID], -EEXIST,
				      "attribute peer.l2-id: the peer exists");
		goto out_unlock;
	}
	if (prose->n_peers >= PROSE_PEERS_MAX) {
		err = PROSE_NL_REFUSE(extack, info->attrs[PROSE_A_PEER], -ENOSPC,
				      "attribute peer: the device has 4096 peers");
		goto out_unlock;
	}

	err = prose_peer_add(peer);
	if (err)
		goto out_unlock;
	err = apply_request(&req, peer, info);
	if (!err)
		err = prose_nl_reply(info, PROSE_CMD_PEER_NEW, fill_peer, peer);
	if (err) {
		prose_peer_unlink(peer);
		goto out_unlock;
	}
	prose_nl_peer_changed(peer);

out_unlock:
	mutex_unlock(&prose->lock);
	prose_peer_put(peer);
	return err;
}

/**
 * prose_nl_peer_set_doit() - change a peer
 * @skb: the request
 * @info: the same, parsed; user_ptr[0] is the device
 *
 * Return: 0 or a negative errno, with a message for the user.
 */
int prose_nl_peer_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct prose_dev *prose = prose_nl_dev(info);
	struct peer_request req;
	struct prose_peer *peer;
	int err;

	err = parse_request(&req, info);
	if (err)
		return err;

	mutex_lock(&prose->lock);
	peer = prose_peer_find(prose, nla_get_u32(req.tb[PROSE_A_PEER_L2_ID]));
	if (!peer) {
		err = PROSE_NL_REFUSE(info->extack, req.tb[PROSE_A_PEER_L2_ID], -ENOENT,
				      "attribute peer.l2-id: no such peer");
		goto out_unlock;
	}
	err = keep_addrs(&req, peer, info);
	if (!err)
		err = apply_request(&req, peer, info);
	if (!err) {
		prose_genid_bump();
		prose_nl_peer_changed(peer);
	}

out_unlock:
	mutex_unlock(&prose->lock);
	return err;
}

/**
 * prose_nl_peer_get_doit() - reply with a peer
 * @skb: the request
 * @info: the same, parsed; user_ptr[0] is the device
 *
 * Return: 0 or a negative errno, with a message for the user.
 */
int prose_nl_peer_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct prose_dev *prose = prose_nl_dev(info);
	struct prose_peer *peer;
	int err;

	mutex_lock(&prose->lock);
	peer = prose_nl_peer_of(prose, info);
	err = PTR_ERR_OR_ZERO(peer);
	if (!err)
		err = prose_nl_reply(info, PROSE_CMD_PEER_GET, fill_peer, peer);
	mutex_unlock(&prose->lock);
	return err;
}

static int dump_peers(struct sk_buff *skb, struct netlink_callback *cb, struct prose_dev *prose,
		      struct prose_nl_dump *at)
{
	struct prose_peer *peer;
	struct prose_nl_to to;
	unsigned long l2_id;

	prose_nl_to_dump(&to, cb, PROSE_CMD_PEER_GET);
	xa_for_each_start(&prose->peers, l2_id, peer, at->peer) {
		at->peer = l2_id;
		if (fill_peer(skb, peer, &to))
			return -EMSGSIZE;
	}
	return 0;
}

/**
 * prose_nl_peer_get_dumpit() - all peers of a device or of the namespace
 * @skb: message to fill
 * @cb: the dump
 *
 * Return: as dumpit does.
 */
int prose_nl_peer_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return prose_nl_dump(skb, cb, dump_peers);
}

/**
 * prose_nl_peer_del_doit() - delete a peer with its associations
 * @skb: the request
 * @info: the same, parsed; user_ptr[0] is the device
 *
 * Return: 0 or a negative errno, with a message for the user.
 */
int prose_nl_peer_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct prose_dev *prose = prose_nl_dev(info);
	struct prose_peer *peer;
	int err;

	mutex_lock(&prose->lock);
	peer = prose_nl_peer_of(prose, info);
	err = PTR_ERR_OR_ZERO(peer);
	if (!err)
		prose_peer_remove(peer, PROSE_GONE_REASON_REQUESTED);
	mutex_unlock(&prose->lock);
	return err;
}
