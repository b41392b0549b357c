// SPDX-License-Identifier: GPL-2.0-only
/*
 * PC5 signalling. The kernel numbers, protects and sends what the one owner of a
 * device gives it, and hands to the owner what was received: what verified, what is
 * unprotected, and the first message under a KD-sess that is still to be made. The
 * last two anyone can send, so they are limited.
 */

#include <linux/netdevice.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>
#include <net/genetlink.h>

#include "assoc.h"
#include "carrier.h"
#include "device.h"
#include "netlink.h"
#include "pdcp.h"
#include "peer.h"
#include "signal.h"
#include "stats.h"
#include "transmit.h"

/* Room for all attributes of signal-ntf but the message. */
#define SIGNAL_NTF_ROOM		(GENL_HDRLEN + 160)

/**
 * prose_bucket_init() - a full bucket
 * @bucket: the bucket
 */
void prose_bucket_init(struct prose_bucket *bucket)
{
	spin_lock_init(&bucket->lock);
	bucket->credit = NSEC_PER_SEC;
	bucket->last = ktime_get_ns();
}

/**
 * prose_bucket_take() - may this go on?
 * @bucket: the bucket
 * @rate: how many a second, and how many at once
 *
 * Context: any.
 * Return: true if it may, and was taken off the bucket.
 */
bool prose_bucket_take(struct prose_bucket *bucket, u32 rate)
{
	bool taken = false;
	u64 now, cost;

	if (!rate)
		return false;
	cost = div_u64(NSEC_PER_SEC, rate);

	spin_lock_bh(&bucket->lock);
	now = ktime_get_ns();
	bucket->credit = min_t(u64, bucket->credit + (now - bucket->last), NSEC_PER_SEC);
	bucket->last = now;
	if (bucket->credit >= cost) {
		bucket->credit -= cost;
		taken = true;
	}
	spin_unlock_bh(&bucket->lock);
	return taken;
}

static int fill_signal(struct sk_buff *msg, struct prose_dev *prose, const struct sk_buff *skb,
		       const struct prose_signal *signal)
{
	const struct prose_nl_to to = { .cmd = PROSE_CMD_SIGNAL_NTF };
	struct nlattr *nest, *message;
	void *hdr;

	hdr = prose_nl_begin(msg, &to, prose);
	if (!hdr)
		return -EMSGSIZE;
	nest = nla_nest_start(msg, PROSE_A_SIGNAL);
	if (!nest ||
	    nla_put_u32(msg, PROSE_A_SIGNAL_L2_ID, signal->l2_id) ||
	    nla_put_u32(msg, PROSE_A_SIGNAL_LOCAL_L2_ID, signal->local_l2_id) ||
	    nla_put_u8(msg, PROSE_A_SIGNAL_BEARER, signal->bearer) ||
	    nla_put_u32(msg, PROSE_A_SIGNAL_PROTECTION, signal->protection) ||
	    nla_put(msg, PROSE_A_SIGNAL_CARRIER_ADDR, prose->carrier->addr_len,
		    signal->from->octets))
		return -EMSGSIZE;
	if (signal->protection != PROSE_PROTECTION_NONE &&
	    (nla_put_u32(msg, PROSE_A_SIGNAL_KD_SESS_ID, signal->kd_sess_id) ||
	     nla_put_u32(msg, PROSE_A_SIGNAL_COUNT, signal->count)))
		return -EMSGSIZE;
	if (signal->protection == PROSE_PROTECTION_UNVERIFIED &&
	    (nla_put(msg, PROSE_A_SIGNAL_PDCP_HEADER, PROSE_PDCP_HDR_LEN, signal->pdcp_header) ||
	     nla_put(msg, PROSE_A_SIGNAL_MAC_I, PROSE_MAC_I_LEN, signal->mac_i)))
		return -EMSGSIZE;

	message = nla_reserve(msg, PROSE_A_SIGNAL_MESSAGE, skb->len);
	if (!message)
		return -EMSGSIZE;
	skb_copy_bits(skb, 0, nla_data(message), skb->len);

	nla_nest_end(msg, nest);
	genlmsg_end(msg, hdr);
	return 0;
}

/**
 * prose_signal_deliver() - hand a PC5-S message to the owner
 * @prose: the device
 * @skb: the message, consumed
 * @signal: what came with it
 *
 * Context: BH disabled. What an unauthenticated sender makes this do is bounded by
 * the rate, before anything is allocated.
 */
void prose_signal_deliver(struct prose_dev *prose, struct sk_buff *skb,
			  const struct prose_signal *signal)
{
	u32 owner = READ_ONCE(prose->owner);
	struct sk_buff *msg;
	int err;

	if (unlikely(skb->len > PROSE_SIGNAL_MAX_LEN)) {
		prose_drop(prose, skb, PROSE_A_STAT_RX_RESERVED);
		return;
	}
	if (!owner) {
		prose_drop(prose, skb, PROSE_A_STAT_SIGNAL_NO_OWNER);
		return;
	}
	if ((signal->protection == PROSE_PROTECTION_NONE ||
	     signal->protection == PROSE_PROTECTION_UNVERIFIED) &&
	    !prose_bucket_take(&prose->signal_bucket, READ_ONCE(prose->unprotected_rate))) {
		prose_drop(prose, skb, PROSE_A_STAT_SIGNAL_RATE);
		return;
	}

	msg = genlmsg_new(SIGNAL_NTF_ROOM + nla_total_size(skb->len), GFP_ATOMIC);
	if (!msg) {
		prose_drop(prose, skb, PROSE_A_STAT_RX_NOMEM);
		return;
	}
	if (fill_signal(msg, prose, skb, signal)) {
		nlmsg_free(msg);
		prose_drop(prose, skb, PROSE_A_STAT_RX_NOMEM);
		return;
	}
	/* RCU keeps the namespace; the crypto layer calls without it. */
	rcu_read_lock();
	err = genlmsg_unicast(dev_net(prose->dev), msg, owner);
	rcu_read_unlock();
	if (err) {
		prose_drop(prose, skb, PROSE_A_STAT_SIGNAL_QUEUE);
		return;
	}
	consume_skb(skb);
}

/**
 * prose_signal_disown() - end the ownership of a socket that is gone
 * @prose: the device
 * @portid: netlink port of the socket, 0 for whichever it is
 *
 * Return: true if it was the owner.
 */
bool prose_signal_disown(struct prose_dev *prose, u32 portid)
{
	u32 owner = READ_ONCE(prose->owner);

	if (!owner || (portid && owner != portid))
		return false;
	if (cmpxchg(&prose->owner, owner, 0) != owner)
		return false;
	prose_nl_dev_changed(prose, GFP_ATOMIC);
	return true;
}

/**
 * prose_nl_signal_register_doit() - make the socket the owner of the device's PC5 signalling
 * @skb: the request
 * @info: the same, parsed; user_ptr[0] is the device
 *
 * Return: 0 or a negative errno, with a message for the user.
 */
int prose_nl_signal_register_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct prose_dev *prose = prose_nl_dev(info);
	u32 owner;
	int err = 0;

	/* Against the device's leaving the namespace, or going away. */
	rtnl_lock();
	if (prose->dev->reg_state != NETREG_REGISTERED ||
	    !net_eq(dev_net(prose->dev), genl_info_net(info))) {
		err = PROSE_NL_REFUSE(info->extack, info->attrs[PROSE_A_IFINDEX], -ENODEV,
				      "attribute ifindex: no such device");
		goto out_unlock;
	}
	owner = cmpxchg(&prose->owner, 0, info->snd_portid);
	if (owner && owner != info->snd_portid)
		err = PROSE_NL_REFUSE(info->extack, info->attrs[PROSE_A_IFINDEX], -EBUSY,
				      "attribute ifindex: the device has another signalling owner");
	else if (!owner)
		prose_nl_dev_changed(prose, GFP_KERNEL);

out_unlock:
	rtnl_unlock();
	return err;
}

/**
 * struct send_request - what signal-send asks for
 * @tb: its attributes
 * @l2_id: receiver
 * @bearer: LCID
 * @protection: enum prose_protection
 * @kd_sess_id: association, 0 for none
 * @dest: where to send it on the carrier, if tb has that
 */
struct send_request {
	struct nlattr *tb[PROSE_A_SIGNAL_LOCAL_L2_ID + 1];
	u32 l2_id;
	u8 bearer;
	u32 protection;
	u16 kd_sess_id;
	struct prose_carrier_addr dest;
};

static int parse_send(struct send_request *req, struct genl_info *info)
{
	struct nlattr *nest = info->attrs[PROSE_A_SIGNAL];
	struct netlink_ext_ack *extack = info->extack;
	struct nlattr **tb = req->tb;
	bool none;
	int err;

	memset(req, 0, sizeof(*req));
	if (PROSE_NL_REQUIRE(extack, NULL, info->attrs, PROSE_A_SIGNAL, "signal"))
		return -EINVAL;
	err = nla_parse_nested(tb, PROSE_A_SIGNAL_LOCAL_L2_ID, nest, prose_signal_input_nl_policy,
			       extack);
	if (err)
		return err;
	if (PROSE_NL_REQUIRE(extack, nest, tb, PROSE_A_SIGNAL_L2_ID, "signal.l2-id") ||
	    PROSE_NL_REQUIRE(extack, nest, tb, PROSE_A_SIGNAL_BEARER, "signal.bearer") ||
	    PROSE_NL_REQUIRE(extack, nest, tb, PROSE_A_SIGNAL_PROTECTION, "signal.protection") ||
	    PROSE_NL_REQUIRE(extack, nest, tb, PROSE_A_SIGNAL_MESSAGE, "signal.message"))
		return -EINVAL;

	req->l2_id = nla_get_u32(tb[PROSE_A_SIGNAL_L2_ID]);
	req->bearer = nla_get_u8(tb[PROSE_A_SIGNAL_BEARER]);
	req->protection = nla_get_u32(tb[PROSE_A_SIGNAL_PROTECTION]);
	if (tb[PROSE_A_SIGNAL_KD_SESS_ID])
		req->kd_sess_id = nla_get_u32(tb[PROSE_A_SIGNAL_KD_SESS_ID]);

	if (!nla_len(tb[PROSE_A_SIGNAL_MESSAGE]))
		return PROSE_NL_REFUSE(extack, tb[PROSE_A_SIGNAL_MESSAGE], -EINVAL,
				       "attribute signal.message: empty");
	if (tb[PROSE_A_SIGNAL_CARRIER_ADDR]) {
		err = prose_nl_carrier_addr(prose_nl_dev(info), tb[PROSE_A_SIGNAL_CARRIER_ADDR],
					    &req->dest, extack);
		if (err)
			return err;
	}

	if (req->protection == PROSE_PROTECTION_UNVERIFIED)
		return PROSE_NL_REFUSE(extack, tb[PROSE_A_SIGNAL_PROTECTION], -EINVAL,
				       "attribute signal.protection: nothing is sent unverified");
	none = req->protection == PROSE_PROTECTION_NONE;
	if (none ? req->bearer != PROSE_LCID_UNPROTECTED : req->bearer == PROSE_LCID_UNPROTECTED)
		return PROSE_NL_REFUSE(extack, tb[PROSE_A_SIGNAL_PROTECTION], -EINVAL,
				       "attribute signal.protection: none goes with bearer 28, and nothing else does");
	if (none && req->kd_sess_id)
		return PROSE_NL_REFUSE(extack, tb[PROSE_A_SIGNAL_KD_SESS_ID], -EINVAL,
				       "attribute signal.kd-sess-id: there is none without protection");
	if (!none && !req->kd_sess_id) {
		if (PROSE_NL_REQUIRE(extack, nest, tb, PROSE_A_SIGNAL_KD_SESS_ID,
				     "signal.kd-sess-id"))
			return -EINVAL;
		return PROSE_NL_REFUSE(extack, tb[PROSE_A_SIGNAL_KD_SESS_ID], -EINVAL,
				       "attribute signal.kd-sess-id: 0 means unprotected");
	}
	return 0;
}

/* Association and address to send with. Under RCU. */
static int resolve_send(struct prose_dev *prose, const struct send_request *req,
			struct prose_tx *tx, struct netlink_ext_ack *extack)
{
	struct prose_peer *peer = prose_peer_find(prose, req->l2_id);
	const struct prose_endpoint *endpoint;
	struct nlattr *const *tb = req->tb;
	u32 full = PROSE_PROTECTION_FULL;

	tx->src = READ_ONCE(prose->l2_id);
	tx->dst = req->l2_id;
	tx->lcid = req->bearer;
	if (tb[PROSE_A_SIGNAL_LOCAL_L2_ID]) {
		if (nla_get_u32(tb[PROSE_A_SIGNAL_LOCAL_L2_ID]) != tx->src)
			return PROSE_NL_REFUSE(extack, tb[PROSE_A_SIGNAL_LOCAL_L2_ID],
					       -EADDRNOTAVAIL,
					       "attribute signal.local-l2-id: not the device's own");
	} else if (peer) {
		prose_peer_ids(peer, &tx->src, &tx->dst);
	}
	if (tb[PROSE_A_SIGNAL_CARRIER_ADDR]) {
		tx->dest = req->dest;
	} else {
		endpoint = peer ? prose_peer_endpoint(peer) : prose->carrier->contact(prose);
		if (!endpoint)
			return PROSE_NL_REFUSE(extack, tb[PROSE_A_SIGNAL_L2_ID], -EDESTADDRREQ,
					       "attribute signal.l2-id: its address on the carrier is not known, and the device has no remote");
		tx->dest = endpoint->addr;
	}

	if (req->protection == PROSE_PROTECTION_NONE)
		return 0;
	if (!peer)
		return PROSE_NL_REFUSE(extack, tb[PROSE_A_SIGNAL_L2_ID], -ENOENT,
				       "attribute signal.l2-id: no such peer");
	tx->assoc = prose_assoc_get_rx(peer, req->kd_sess_id);
	if (!tx->assoc)
		return PROSE_NL_REFUSE(extack, tb[PROSE_A_SIGNAL_KD_SESS_ID], -ENOENT,
				       "attribute signal.kd-sess-id: no such association");

	/* The frame does not say whether it is ciphered, so both ends go by this rule. */
	if (req->bearer == PROSE_LCID_SMC && tx->assoc->config.direction == 1)
		full = PROSE_PROTECTION_INTEGRITY;
	if (req->protection == full)
		return 0;
	prose_assoc_put(tx->assoc);
	if (full == PROSE_PROTECTION_FULL)
		return PROSE_NL_REFUSE(extack, tb[PROSE_A_SIGNAL_PROTECTION], -EINVAL,
				       "attribute signal.protection: must be full here");
	return PROSE_NL_REFUSE(extack, tb[PROSE_A_SIGNAL_PROTECTION], -EINVAL,
			       "attribute signal.protection: must be integrity on bearer 29 with direction 1");
}

/* Consumes the message, which has the room. */
static int reply_sent(struct sk_buff *msg, struct genl_info *info, struct prose_dev *prose,
		      const struct send_request *req, u32 count)
{
	const struct prose_nl_to to = {
		.portid = info->snd_portid,
		.seq = info->snd_seq,
		.cmd = PROSE_CMD_SIGNAL_SEND,
	};
	struct nlattr *nest;
	void *hdr;

	hdr = prose_nl_begin(msg, &to, prose);
	if (!hdr)
		goto err_free;
	nest = nla_nest_start(msg, PROSE_A_SIGNAL);
	if (!nest ||
	    nla_put_u32(msg, PROSE_A_SIGNAL_L2_ID, req->l2_id) ||
	    nla_put_u8(msg, PROSE_A_SIGNAL_BEARER, req->bearer) ||
	    nla_put_u32(msg, PROSE_A_SIGNAL_PROTECTION, req->protection))
		goto err_free;
	if (req->kd_sess_id &&
	    (nla_put_u32(msg, PROSE_A_SIGNAL_KD_SESS_ID, req->kd_sess_id) ||
	     nla_put_u32(msg, PROSE_A_SIGNAL_COUNT, count)))
		goto err_free;
	nla_nest_end(msg, nest);
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);

err_free:
	nlmsg_free(msg);
	return -EMSGSIZE;
}

/**
 * prose_nl_signal_send_doit() - protect, number and send a PC5-S message
 * @skb: the request
 * @info: the same, parsed; user_ptr[0] is the device
 *
 * Return: 0 or a negative errno, with a message for the user.
 */
int prose_nl_signal_send_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct prose_dev *prose = prose_nl_dev(info);
	struct netlink_ext_ack *extack = info->extack;
	struct sk_buff *msg, *reply;
	struct send_request req;
	struct prose_tx tx = {};
	unsigned int len;
	u32 count = 0;
	int headroom;
	int err;

	err = parse_send(&req, info);
	if (err)
		return err;
	if (READ_ONCE(prose->owner) != info->snd_portid)
		return PROSE_NL_REFUSE(extack, info->attrs[PROSE_A_IFINDEX], -EPERM,
				       "attribute ifindex: the socket does not own the device's signalling");
	if (prose_port_own(prose, req.l2_id))
		return PROSE_NL_REFUSE(extack, req.tb[PROSE_A_SIGNAL_L2_ID], -EADDRINUSE,
				       "attribute signal.l2-id: the device's own");
	len = nla_len(req.tb[PROSE_A_SIGNAL_MESSAGE]);
	if (len > READ_ONCE(prose->dev->max_mtu))
		return PROSE_NL_REFUSE(extack, req.tb[PROSE_A_SIGNAL_MESSAGE], -EMSGSIZE,
				       "attribute signal.message: longer than the carrier takes");

	/* Before it is sent: who is told that it failed sends it again. */
	reply = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!reply)
		return -ENOMEM;
	/* Read once: the lower device's needs may change any time. */
	headroom = prose->carrier->headroom(prose);
	msg = alloc_skb(headroom + len + prose->carrier->tailroom(prose), GFP_KERNEL);
	if (!msg) {
		nlmsg_free(reply);
		return -ENOMEM;
	}
	skb_reserve(msg, headroom);
	skb_put_data(msg, nla_data(req.tb[PROSE_A_SIGNAL_MESSAGE]), len);
	msg->dev = prose->dev;
	msg->priority = TC_PRIO_CONTROL;

	/*
	 * BH off as in the packet path. RTNL is not held: a device that goes down meanwhile
	 * sends one message more.
	 */
	local_bh_disable();
	rcu_read_lock();
	if (!netif_running(prose->dev)) {
		err = PROSE_NL_REFUSE(extack, info->attrs[PROSE_A_IFINDEX], -ENETDOWN,
				      "attribute ifindex: the device is down");
		kfree_skb(msg);
		goto out_unlock;
	}
	err = resolve_send(prose, &req, &tx, extack);
	if (err) {
		kfree_skb(msg);
		goto out_unlock;
	}
	err = prose_transmit(prose, msg, &tx, &count);
	if (err == -EOVERFLOW)
		NL_SET_ERR_MSG_ATTR(extack, req.tb[PROSE_A_SIGNAL_KD_SESS_ID],
				    "attribute signal.kd-sess-id: its COUNT is used up");
	else if (err)
		NL_SET_ERR_MSG(extack, "attribute signal: the message could not be sent");

out_unlock:
	rcu_read_unlock();
	local_bh_enable();
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return reply_sent(reply, info, prose, &req, count);
}
