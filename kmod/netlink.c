// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink: the family, devices, and what all objects share.
 *
 * A request finds its device in the namespace of its socket. The family's operations
 * run in parallel; each takes the lock of its device, and RTNL around that where it
 * changes what rtnetlink changes too.
 */

#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include <linux/prose.h>

#include "carrier.h"
#include "carrier_udp.h"
#include "device.h"
#include "netlink.h"
#include "peer.h"
#include "signal.h"
#include "stats.h"

/*
 * Changes with every device, peer and association, so that a dump can tell. One number for
 * all devices: a device that goes away in the middle of its dump could not tell by one of
 * its own.
 */
static atomic_t genid = ATOMIC_INIT(1);

/**
 * prose_genid_bump() - note a change that a dump under way would show half of
 *
 * Context: any.
 */
void prose_genid_bump(void)
{
	atomic_inc(&genid);
}

/*
 * The request still lies in a buffer after it is handled, and comes back to the
 * sender in an error message. A key may stand in it more than once.
 */
static void wipe_keys(struct genl_info *info)
{
	const struct nlmsghdr *nlh = info->nlhdr;
	struct nlattr *outer, *inner;
	int rem, rem_inner;

	nlmsg_for_each_attr(outer, nlh, GENL_HDRLEN, rem) {
		if (nla_type(outer) != PROSE_A_ASSOC)
			continue;
		nla_for_each_nested(inner, outer, rem_inner) {
			if (nla_type(inner) == PROSE_A_ASSOC_PEK ||
			    nla_type(inner) == PROSE_A_ASSOC_PIK)
				memzero_explicit(nla_data(inner), nla_len(inner));
		}
	}
}

static int hold_device(struct genl_info *info)
{
	netdevice_tracker *tracker = (netdevice_tracker *)&info->user_ptr[1];
	struct net_device *dev;
	bool ours;

	BUILD_BUG_ON(sizeof(*tracker) > sizeof(info->user_ptr[1]));

	if (PROSE_NL_REQUIRE(info->extack, NULL, info->attrs, PROSE_A_IFINDEX, "ifindex"))
		return -EINVAL;

	rcu_read_lock();
	dev = dev_get_by_index_rcu(genl_info_net(info), nla_get_u32(info->attrs[PROSE_A_IFINDEX]));
	ours = dev && prose_dev_is(dev);
	if (ours)
		netdev_hold(dev, tracker, GFP_ATOMIC);
	rcu_read_unlock();

	if (!dev)
		return PROSE_NL_REFUSE(info->extack, info->attrs[PROSE_A_IFINDEX], -ENODEV,
				       "attribute ifindex: no such device");
	if (!ours)
		return PROSE_NL_REFUSE(info->extack, info->attrs[PROSE_A_IFINDEX], -EOPNOTSUPP,
				       "attribute ifindex: not a prose device");
	info->user_ptr[0] = netdev_priv(dev);
	return 0;
}

/**
 * prose_nl_pre_doit() - find and hold the device that a request names
 * @ops: the operation
 * @skb: the request
 * @info: the same, parsed; user_ptr[0] is the device afterwards
 *
 * Return: 0 or a negative errno, with a message for the user.
 */
int prose_nl_pre_doit(const struct genl_split_ops *ops, struct sk_buff *skb,
		      struct genl_info *info)
{
	int err = hold_device(info);

	/* post_doit is not called then. */
	if (err)
		wipe_keys(info);
	return err;
}

/**
 * prose_nl_post_doit() - let go of the device that a request named
 * @ops: the operation
 * @skb: the request
 * @info: the same, parsed
 */
void prose_nl_post_doit(const struct genl_split_ops *ops, struct sk_buff *skb,
			struct genl_info *info)
{
	struct prose_dev *prose = prose_nl_dev(info);

	wipe_keys(info);
	netdev_put(prose->dev, (netdevice_tracker *)&info->user_ptr[1]);
}

/*
 * The first device from a serial number on, held. It is listed before its registration is
 * through; if that fails nobody waits for references, so only a registered one counts.
 */
static struct prose_dev *next_device(struct net *net, const struct prose_nl_dump *at,
				     netdevice_tracker *tracker)
{
	struct prose_dev *prose;

	rcu_read_lock();
	list_for_each_entry_rcu(prose, &prose_devices, list) {
		if (prose->serial < at->dev || !net_eq(dev_net(prose->dev), net) ||
		    !compat_dev_is_registered(prose->dev) ||
		    (at->ifindex && prose->dev->ifindex != at->ifindex))
			continue;
		netdev_hold(prose->dev, tracker, GFP_ATOMIC);
		rcu_read_unlock();
		return prose;
	}
	rcu_read_unlock();
	return NULL;
}

/* What ifindex a dump is for, checked the first time. */
static int dump_filter(struct netlink_callback *cb, struct prose_nl_dump *at)
{
	struct nlattr **attrs = genl_info_dump(cb)->attrs;
	struct nlattr *attr = attrs ? attrs[PROSE_A_IFINDEX] : NULL;
	struct net_device *dev;
	bool ours;

	if (at->dev || !attr)
		return 0;

	at->ifindex = nla_get_u32(attr);
	rcu_read_lock();
	dev = dev_get_by_index_rcu(sock_net(cb->skb->sk), at->ifindex);
	ours = dev && prose_dev_is(dev);
	rcu_read_unlock();

	if (!dev)
		return PROSE_NL_REFUSE(cb->extack, attr, -ENODEV,
				       "attribute ifindex: no such device");
	if (!ours)
		return PROSE_NL_REFUSE(cb->extack, attr, -EOPNOTSUPP,
				       "attribute ifindex: not a prose device");
	return 0;
}

/**
 * prose_nl_dump() - dump objects of one or all devices
 * @skb: message to fill
 * @cb: the dump
 * @one: puts what it can of one device, from a place on that it keeps up to date;
 *	called under the device's lock
 *
 * Return: as dumpit does.
 */
int prose_nl_dump(struct sk_buff *skb, struct netlink_callback *cb, prose_nl_dump_fn one)
{
	struct prose_nl_dump *at = (struct prose_nl_dump *)cb->ctx;
	struct net *net = sock_net(cb->skb->sk);
	netdevice_tracker tracker;
	struct prose_dev *prose;
	int err;

	BUILD_BUG_ON(sizeof(*at) > sizeof(cb->ctx));

	err = dump_filter(cb, at);
	while (!err) {
		prose = next_device(net, at, &tracker);
		if (!prose)
			break;
		if (at->dev != prose->serial) {
			at->dev = prose->serial;
			at->peer = 0;
			at->assoc = 0;
		}

		mutex_lock(&prose->lock);
		cb->seq = atomic_read(&genid);
		err = one(skb, cb, prose, at);
		mutex_unlock(&prose->lock);
		netdev_put(prose->dev, &tracker);
		if (!err) {
			at->dev++;
			at->peer = 0;
			at->assoc = 0;
		}
	}
	if (err == -EMSGSIZE && skb->len)
		return skb->len;
	/* A device that went away between two messages shows in the last one. */
	if (!err)
		cb->seq = atomic_read(&genid);
	return err ? err : skb->len;
}

/**
 * prose_nl_to_dump() - address messages of a dump
 * @to: where to put it
 * @cb: the dump
 * @cmd: command of the messages
 */
void prose_nl_to_dump(struct prose_nl_to *to, struct netlink_callback *cb, u8 cmd)
{
	memset(to, 0, sizeof(*to));
	to->cb = cb;
	to->portid = NETLINK_CB(cb->skb).portid;
	to->seq = cb->nlh->nlmsg_seq;
	to->cmd = cmd;
}

/**
 * prose_nl_begin() - start a message about a device
 * @msg: the message
 * @to: whom it is for
 * @prose: the device
 *
 * Return: for genlmsg_end() or genlmsg_cancel(); NULL without room.
 */
void *prose_nl_begin(struct sk_buff *msg, const struct prose_nl_to *to,
		     const struct prose_dev *prose)
{
	void *hdr;

	hdr = genlmsg_put(msg, to->portid, to->seq, &prose_nl_family, to->cb ? NLM_F_MULTI : 0,
			  to->cmd);
	if (!hdr)
		return NULL;
	if (nla_put_u32(msg, PROSE_A_IFINDEX, prose->dev->ifindex)) {
		genlmsg_cancel(msg, hdr);
		return NULL;
	}
	if (to->cb)
		genl_dump_check_consistent(to->cb, hdr);
	return hdr;
}

/**
 * prose_nl_reply() - answer a request with an object
 * @info: the request
 * @cmd: command of the answer
 * @fill: writes the object
 * @obj: the object
 *
 * Return: 0 or a negative errno.
 */
int prose_nl_reply(struct genl_info *info, u8 cmd,
		   int (*fill)(struct sk_buff *msg, const void *obj,
			       const struct prose_nl_to *to),
		   const void *obj)
{
	const struct prose_nl_to to = {
		.portid = info->snd_portid,
		.seq = info->snd_seq,
		.cmd = cmd,
	};
	struct sk_buff *msg;
	int err;

	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	err = fill(msg, obj, &to);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

/*
 * The device may be moving while something happens to it, and the namespace it leaves
 * may end. NULL when that has begun; nobody is left to hear of it.
 */
static struct net *get_net_of(struct prose_dev *prose)
{
	struct net *net;

	rcu_read_lock();
	net = maybe_get_net(dev_net(prose->dev));
	rcu_read_unlock();
	return net;
}

/**
 * prose_nl_wanted() - is anyone listening?
 * @prose: the device
 *
 * Return: false if a notification need not be made.
 */
bool prose_nl_wanted(struct prose_dev *prose)
{
	bool wanted;

	rcu_read_lock();
	wanted = genl_has_listeners(&prose_nl_family, dev_net(prose->dev), PROSE_NLGRP_EVENTS);
	rcu_read_unlock();
	return wanted;
}

/**
 * prose_nl_multicast() - send a notification
 * @prose: the device it is about
 * @msg: the notification, consumed
 * @gfp: how it may be copied
 */
void prose_nl_multicast(struct prose_dev *prose, struct sk_buff *msg, gfp_t gfp)
{
	struct net *net = get_net_of(prose);

	if (!net) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_multicast_netns(&prose_nl_family, net, msg, 0, PROSE_NLGRP_EVENTS, gfp);
	put_net(net);
}

/**
 * prose_nl_lost() - tell that a notification could not be made
 * @prose: the device it would have been about
 *
 * Listeners hear what those hear who read too slowly: ENOBUFS, and that the dumps say
 * what is.
 */
void prose_nl_lost(struct prose_dev *prose)
{
	struct net *net = get_net_of(prose);

	if (!net)
		return;
	genl_set_err(&prose_nl_family, net, 0, PROSE_NLGRP_EVENTS, -ENOBUFS);
	put_net(net);
}

static int put_stats(struct sk_buff *msg, struct prose_dev *prose)
{
	u64 sum[PROSE_N_STATS];
	struct nlattr *nest;
	int i;

	nest = nla_nest_start(msg, PROSE_A_DEVICE_STATS);
	if (!nest)
		return -EMSGSIZE;
	prose_stats_collect(prose, sum);
	for (i = 0; i < PROSE_N_STATS; i++) {
		if (nla_put_u64_64bit(msg, PROSE_STAT_FIRST + i, sum[i], PROSE_A_STAT_PAD64))
			return -EMSGSIZE;
	}
	nla_nest_end(msg, nest);
	return 0;
}

static int put_carrier(struct sk_buff *msg, const struct prose_dev *prose)
{
	static const struct prose_udp_attrs attrs = {
		.port = PROSE_A_DEVICE_PORT,
		.local = PROSE_A_DEVICE_LOCAL,
		.local6 = PROSE_A_DEVICE_LOCAL6,
		.remote = PROSE_A_DEVICE_REMOTE,
		.remote6 = PROSE_A_DEVICE_REMOTE6,
		.remote_port = PROSE_A_DEVICE_REMOTE_PORT,
	};
	u16 ethertype = READ_ONCE(prose->config.ethertype);

	if (prose->carrier->id == PROSE_CARRIER_UDP)
		return prose_udp_fill(msg, prose, &attrs);
	if (nla_put_be16(msg, PROSE_A_DEVICE_ETHERTYPE, htons(ethertype)) ||
	    nla_put_u8(msg, PROSE_A_DEVICE_PAD, READ_ONCE(prose->pad)))
		return -EMSGSIZE;
	return 0;
}

static int fill_dev(struct sk_buff *msg, const void *obj, const struct prose_nl_to *to)
{
	struct prose_dev *prose = (struct prose_dev *)obj;
	const struct net_device *dev = prose->dev;
	struct nlattr *nest;
	void *hdr;

	hdr = prose_nl_begin(msg, to, prose);
	if (!hdr)
		return -EMSGSIZE;
	nest = nla_nest_start(msg, PROSE_A_DEVICE);
	if (!nest ||
	    nla_put_u32(msg, PROSE_A_DEVICE_IFINDEX, dev->ifindex) ||
	    nla_put_string(msg, PROSE_A_DEVICE_IFNAME, dev->name) ||
	    (prose->lower &&
	     nla_put_u32(msg, PROSE_A_DEVICE_LOWER_IFINDEX, prose->lower->ifindex)) ||
	    nla_put_u32(msg, PROSE_A_DEVICE_L2_ID, READ_ONCE(prose->l2_id)) ||
	    nla_put_u32(msg, PROSE_A_DEVICE_CARRIER, prose->carrier->id) ||
	    put_carrier(msg, prose) ||
	    nla_put_u32(msg, PROSE_A_DEVICE_UNPROTECTED_RATE,
			READ_ONCE(prose->unprotected_rate)) ||
	    nla_put_u32(msg, PROSE_A_DEVICE_INTEGRITY_THRESHOLD,
			READ_ONCE(prose->integrity_threshold)) ||
	    (READ_ONCE(prose->owner) && nla_put_flag(msg, PROSE_A_DEVICE_OWNED)) ||
	    put_stats(msg, prose))
		goto err_cancel;
	nla_nest_end(msg, nest);
	genlmsg_end(msg, hdr);
	return 0;

err_cancel:
	genlmsg_cancel(msg, hdr);
	return -EMSGSIZE;
}

/**
 * prose_nl_dev_changed() - tell that a device's settings or owner changed
 * @prose: the device
 * @gfp: how to allocate
 */
void prose_nl_dev_changed(struct prose_dev *prose, gfp_t gfp)
{
	const struct prose_nl_to to = { .cmd = PROSE_CMD_DEV_NTF };
	struct sk_buff *msg;

	if (!prose_nl_wanted(prose))
		return;
	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, gfp);
	if (!msg) {
		prose_nl_lost(prose);
		return;
	}
	if (fill_dev(msg, prose, &to)) {
		nlmsg_free(msg);
		return;
	}
	prose_nl_multicast(prose, msg, gfp);
}

/**
 * prose_nl_dev_get_doit() - reply with settings and counters of a device
 * @skb: the request
 * @info: the same, parsed; user_ptr[0] is the device
 *
 * Return: 0 or a negative errno, with a message for the user.
 */
int prose_nl_dev_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return prose_nl_reply(info, PROSE_CMD_DEV_GET, fill_dev, prose_nl_dev(info));
}

static int dump_dev(struct sk_buff *skb, struct netlink_callback *cb, struct prose_dev *prose,
		    struct prose_nl_dump *at)
{
	struct prose_nl_to to;

	prose_nl_to_dump(&to, cb, PROSE_CMD_DEV_GET);
	return fill_dev(skb, prose, &to);
}

/**
 * prose_nl_dev_get_dumpit() - all devices of the namespace
 * @skb: message to fill
 * @cb: the dump
 *
 * Return: as dumpit does.
 */
int prose_nl_dev_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return prose_nl_dump(skb, cb, dump_dev);
}

/**
 * prose_nl_dev_set_doit() - change settings of a device, all or none
 * @skb: the request
 * @info: the same, parsed; user_ptr[0] is the device
 *
 * Return: 0 or a negative errno, with a message for the user.
 */
int prose_nl_dev_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[PROSE_A_DEVICE_MAX + 1];
	struct netlink_ext_ack *extack = info->extack;
	struct prose_dev *prose = prose_nl_dev(info);
	struct prose_carrier_request req = {};
	int err;

	if (PROSE_NL_REQUIRE(extack, NULL, info->attrs, PROSE_A_DEVICE, "device"))
		return -EINVAL;
	err = nla_parse_nested(tb, PROSE_A_DEVICE_REMOTE_PORT, info->attrs[PROSE_A_DEVICE],
			       prose_device_set_input_nl_policy, extack);
	if (err)
		return err;

	req.ethertype = tb[PROSE_A_DEVICE_ETHERTYPE];
	req.pad = tb[PROSE_A_DEVICE_PAD];
	req.port = tb[PROSE_A_DEVICE_PORT];
	req.remote = tb[PROSE_A_DEVICE_REMOTE];
	req.remote6 = tb[PROSE_A_DEVICE_REMOTE6];
	req.remote_port = tb[PROSE_A_DEVICE_REMOTE_PORT];

	rtnl_lock();
	/* The device may have left the namespace or the system since it was found. */
	if (prose->dev->reg_state != NETREG_REGISTERED ||
	    !net_eq(dev_net(prose->dev), genl_info_net(info))) {
		err = PROSE_NL_REFUSE(extack, info->attrs[PROSE_A_IFINDEX], -ENODEV,
				      "attribute ifindex: no such device");
		goto out_unlock;
	}
	/* The carrier stays where it was made, whoever has the device now. */
	if (memchr_inv(&req, 0, sizeof(req)) &&
	    !netlink_ns_capable(skb, prose_carrier_net(prose)->user_ns, CAP_NET_ADMIN)) {
		err = PROSE_NL_REFUSE(extack, info->attrs[PROSE_A_DEVICE], -EPERM,
				      "attribute device: ethertype, pad, port and remote need CAP_NET_ADMIN where the carrier is");
		goto out_unlock;
	}
	err = prose_dev_configure(prose, &req, extack);
	if (err)
		goto out_unlock;
	if (tb[PROSE_A_DEVICE_UNPROTECTED_RATE])
		WRITE_ONCE(prose->unprotected_rate,
			   nla_get_u32(tb[PROSE_A_DEVICE_UNPROTECTED_RATE]));
	if (tb[PROSE_A_DEVICE_INTEGRITY_THRESHOLD])
		WRITE_ONCE(prose->integrity_threshold,
			   nla_get_u32(tb[PROSE_A_DEVICE_INTEGRITY_THRESHOLD]));
	prose_nl_dev_changed(prose, GFP_KERNEL);

out_unlock:
	rtnl_unlock();
	return err;
}

/* A netlink socket was closed; perhaps it owned devices. */
static int netlink_event(struct notifier_block *nb, unsigned long event, void *data)
{
	struct netlink_notify *notify = data;
	struct prose_dev *prose;

	if (event != NETLINK_URELEASE || notify->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;

	rcu_read_lock();
	list_for_each_entry_rcu(prose, &prose_devices, list) {
		if (net_eq(dev_net(prose->dev), notify->net))
			prose_signal_disown(prose, notify->portid);
	}
	rcu_read_unlock();
	return NOTIFY_DONE;
}

static struct notifier_block netlink_notifier = {
	.notifier_call = netlink_event,
};

/**
 * prose_netlink_init() - make the family known
 *
 * Return: 0 or a negative errno.
 */
int __init prose_netlink_init(void)
{
	int err;

	err = netlink_register_notifier(&netlink_notifier);
	if (err)
		return err;
	err = genl_register_family(&prose_nl_family);
	if (err)
		netlink_unregister_notifier(&netlink_notifier);
	return err;
}

/**
 * prose_netlink_exit() - the reverse
 *
 * No request runs after it.
 */
void prose_netlink_exit(void)
{
	genl_unregister_family(&prose_nl_family);
	netlink_unregister_notifier(&netlink_notifier);
}
