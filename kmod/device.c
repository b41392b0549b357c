// SPDX-License-Identifier: GPL-2.0-only
/*
 * The network device and its rtnetlink side.
 *
 * A device is made on a carrier and stays with it: on a lower device, or on sockets in a
 * namespace. It may move to another namespace; the lower device or the sockets stay where
 * they are. When the lower device or their namespace goes, the device goes.
 *
 * ndo_init and ndo_uninit bracket what others can see: carrier, peers, the list of
 * devices. What packets may still need after ndo_uninit goes in the destructor, which
 * the core calls when all references are back.
 */

#include <linux/if_arp.h>
#include <linux/inetdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <net/addrconf.h>
#include <net/ip_tunnels.h>
#include <net/rtnetlink.h>

#include <linux/prose.h>

#include "assoc.h"
#include "carrier_link.h"
#include "carrier_udp.h"
#include "device.h"
#include "netlink.h"
#include "peer.h"
#include "signal.h"
#include "stats.h"
#include "transmit.h"

LIST_HEAD(prose_devices);

/* Serial number of the last device; under RTNL. */
static u64 last_serial;

static struct rtnl_link_ops link_ops;

/**
 * prose_dev_is() - is it one of ours?
 * @dev: a network device
 *
 * Return: true if netdev_priv() is a struct prose_dev.
 */
bool prose_dev_is(const struct net_device *dev)
{
	return dev->rtnl_link_ops == &link_ops;
}

/* Does a peer with associations know them by the device's Layer-2 ID? Under the device's lock. */
static bool known_by_address(struct prose_dev *prose)
{
	struct prose_peer *peer;
	unsigned long l2_id;

	if (!prose->n_assocs)
		return false;
	xa_for_each(&prose->peers, l2_id, peer) {
		if (peer->n_assocs && !prose_peer_remote(peer))
			return true;
	}
	return false;
}

/* Why a Layer-2 ID cannot be the device's, or 0. Under RTNL and the device's lock. */
static int check_l2_id(struct prose_dev *prose, u32 l2_id, struct netlink_ext_ack *extack)
{
	if (!l2_id) {
		NL_SET_ERR_MSG_MOD(extack, "address: Layer-2 ID 00:00:00 is nobody's");
		return -EADDRNOTAVAIL;
	}
	if (l2_id == prose->l2_id)
		return 0;
	/* Peers know the associations by it, unless they have IDs of their own for the link. */
	if (known_by_address(prose)) {
		NL_SET_ERR_MSG_MOD(extack, "address: the device has associations");
		return -EBUSY;
	}
	if (prose_peer_find(prose, l2_id)) {
		NL_SET_ERR_MSG_MOD(extack, "address: Layer-2 ID is that of a peer");
		return -EADDRINUSE;
	}
	if (prose_port_own(prose, l2_id)) {
		NL_SET_ERR_MSG_MOD(extack, "address: Layer-2 ID is the local-l2-id of a peer");
		return -EADDRINUSE;
	}
	if (prose_port_taken(rtnl_dereference(prose->port), l2_id)) {
		NL_SET_ERR_MSG_MOD(extack, "address: another device on the carrier has it");
		return -EADDRINUSE;
	}
	return 0;
}

static int prose_net_init(struct net_device *dev)
{
	struct prose_dev *prose = netdev_priv(dev);
	struct prose_port *port;
	int err;

	prose->traffic = prose_traffic_alloc();
	if (!prose->traffic)
		return -ENOMEM;
	err = -ENOMEM;
	prose->drops = prose_drops_alloc();
	if (!prose->drops)
		goto err_traffic;
	prose->addrs = kvcalloc(1 << PROSE_ADDR_HASH_BITS, sizeof(*prose->addrs),
				GFP_KERNEL_ACCOUNT);
	if (!prose->addrs)
		goto err_drops;
	err = gro_cells_init(&prose->gro, dev);
	if (err)
		goto err_addrs;
	netdev_hold(prose->lower, &prose->lower_tracker, GFP_KERNEL);
	/* prose_newlink() holds it, so that this finds it. */
	port = prose->carrier->port_get(prose, &prose->config, NULL);
	err = PTR_ERR_OR_ZERO(port);
	if (err)
		goto err_lower;
	err = prose_port_join(prose, port);
	if (err)
		goto err_port;

	netdev_lockdep_set_classes(dev);
	prose->serial = ++last_serial;
	list_add_tail_rcu(&prose->list, &prose_devices);
	prose_genid_bump();
	return 0;

err_port:
	prose_port_put(port);
err_lower:
	netdev_put(prose->lower, &prose->lower_tracker);
	gro_cells_destroy(&prose->gro);
err_addrs:
	kvfree(prose->addrs);
err_drops:
	free_percpu(prose->drops);
err_traffic:
	free_percpu(prose->traffic);
	return err;
}

static void prose_net_uninit(struct net_device *dev)
{
	struct prose_dev *prose = netdev_priv(dev);

	list_del_rcu(&prose->list);
	prose_peers_flush(prose);
	/* Waits for readers of the list, too. */
	prose_port_leave(prose);
	prose_endpoint_set(&prose->remote, NULL);
	gro_cells_destroy(&prose->gro);
	prose_genid_bump();
}

/* All references are back: no peer, no association, no packet is left. */
static void prose_net_destruct(struct net_device *dev)
{
	struct prose_dev *prose = netdev_priv(dev);

	netdev_put(prose->lower, &prose->lower_tracker);
	xa_destroy(&prose->peers);
	kvfree(prose->addrs);
	memzero_explicit(&prose->addr_key, sizeof(prose->addr_key));
	free_percpu(prose->drops);
	free_percpu(prose->traffic);
	mutex_destroy(&prose->lock);
}

static int prose_net_set_mac_address(struct net_device *dev, void *p)
{
	struct prose_dev *prose = netdev_priv(dev);
	const struct sockaddr *sa = p;
	u32 l2_id = prose_get_be24((const u8 *)sa->sa_data);
	int err;

	/* The notifier said why not, if so; the lock is new. */
	mutex_lock(&prose->lock);
	err = check_l2_id(prose, l2_id, NULL);
	if (!err && l2_id != prose->l2_id)
		err = prose_port_rename(prose, l2_id);
	mutex_unlock(&prose->lock);
	if (err)
		return err;

	__dev_addr_set(dev, sa->sa_data, PROSE_ADDR_LEN);
	return 0;
}

static int prose_net_change_mtu(struct net_device *dev, int mtu)
{
	struct prose_dev *prose = netdev_priv(dev);

	/* The core has compared it with max_mtu. The greatest there can be: follow. */
	if (!prose->following)
		prose->user_mtu = mtu < dev->max_mtu ? mtu : 0;
	dev->mtu = mtu;
	return 0;
}

static int prose_net_get_iflink(const struct net_device *dev)
{
	const struct prose_dev *prose = netdev_priv(dev);

	return prose->lower ? prose->lower->ifindex : 0;
}

static const struct net_device_ops netdev_ops = {
	.ndo_init		= prose_net_init,
	.ndo_uninit		= prose_net_uninit,
	.ndo_start_xmit		= prose_xmit,
	.ndo_set_mac_address	= prose_net_set_mac_address,
	.ndo_change_mtu		= prose_net_change_mtu,
	.ndo_get_stats64	= prose_get_stats64,
	.ndo_get_iflink		= prose_net_get_iflink,
};

#define PROSE_FEATURES	(NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_HIGHDMA | NETIF_F_GSO_SOFTWARE)

static const struct device_type device_type = { .name = KBUILD_MODNAME };

static void prose_setup(struct net_device *dev)
{
	struct prose_dev *prose = netdev_priv(dev);

	dev->netdev_ops = &netdev_ops;
	dev->ethtool_ops = &prose_ethtool_ops;
	dev->header_ops = &ip_tunnel_header_ops;
	dev->needs_free_netdev = true;
	dev->priv_destructor = prose_net_destruct;
	SET_NETDEV_DEVTYPE(dev, &device_type);

	dev->type = ARPHRD_NONE;
	dev->flags = IFF_POINTOPOINT | IFF_NOARP;
	/* netpoll sends with interrupts off, and Ethernet frames. */
	dev->priv_flags |= IFF_NO_QUEUE | IFF_DISABLE_NETPOLL;
	compat_set_lltx(dev);
	/* Whole super-packets, to look up their peer once; transmit.c segments them. */
	dev->features |= PROSE_FEATURES;
	dev->hw_features |= PROSE_FEATURES;
	dev->hard_header_len = 0;
	dev->addr_len = PROSE_ADDR_LEN;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = PROSE_SDU_MAX;
	dev->mtu = ETH_DATA_LEN - PROSE_OVERHEAD;
	/* The route tells the peer, and ICMP errors need it. */
	netif_keep_dst(dev);

	prose->dev = dev;
	prose->unprotected_rate = PROSE_UNPROTECTED_RATE_DEFAULT;
	prose->integrity_threshold = PROSE_INTEGRITY_THRESHOLD_DEFAULT;
	mutex_init(&prose->lock);
	INIT_LIST_HEAD(&prose->ids);
	prose->next_serial = 1;
	xa_init(&prose->peers);
	get_random_bytes(&prose->addr_key, sizeof(prose->addr_key));
	prose_bucket_init(&prose->signal_bucket);
	prose_bucket_init(&prose->wanted_bucket);
	prose_bucket_init(&prose->integrity_bucket);
}

static int prose_validate(struct nlattr *tb[], struct nlattr *data[],
			  struct netlink_ext_ack *extack)
{
	if (tb[IFLA_ADDRESS]) {
		if (nla_len(tb[IFLA_ADDRESS]) != PROSE_ADDR_LEN) {
			NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_ADDRESS],
					    "prose: address: a Layer-2 ID has 3 octets");
			return -EINVAL;
		}
		if (!prose_get_be24(nla_data(tb[IFLA_ADDRESS]))) {
			NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_ADDRESS],
					    "prose: address: Layer-2 ID 00:00:00 is nobody's");
			return -EADDRNOTAVAIL;
		}
	}
	if (!data)
		return 0;
	if (data[IFLA_PROSE_CARRIER_ADDR]) {
		NL_SET_ERR_MSG_ATTR(extack, data[IFLA_PROSE_CARRIER_ADDR],
				    "prose: carrier-addr: is the lower device's");
		return -EINVAL;
	}
	return 0;
}

static const struct prose_carrier_ops *const carriers[] = {
	[PROSE_CARRIER_LINK] = &prose_carrier_link,
	[PROSE_CARRIER_UDP] = &prose_carrier_udp,
};

static void parse_request(struct nlattr *data[], struct prose_carrier_request *req)
{
	memset(req, 0, sizeof(*req));
	if (!data)
		return;
	req->carrier = data[IFLA_PROSE_CARRIER];
	req->ethertype = data[IFLA_PROSE_ETHERTYPE];
	req->pad = data[IFLA_PROSE_PAD];
	req->port = data[IFLA_PROSE_PORT];
	req->local = data[IFLA_PROSE_LOCAL];
	req->local6 = data[IFLA_PROSE_LOCAL6];
	req->remote = data[IFLA_PROSE_REMOTE];
	req->remote6 = data[IFLA_PROSE_REMOTE6];
	req->remote_port = data[IFLA_PROSE_REMOTE_PORT];
}

#define REFUSE_OTHERS(extack, attr, name, carrier) ({				\
	const struct nlattr *__attr = (attr);					\
										\
	if (__attr)								\
		NL_SET_ERR_MSG_ATTR(extack, __attr,				\
				    "prose: attribute " name ": is of the " carrier " carrier"); \
	__attr;									\
})

/* Whether a request says something of a carrier that the device is not on. */
static bool refuse_mixed(const struct prose_carrier_ops *carrier,
			 const struct prose_carrier_request *req, struct netlink_ext_ack *extack)
{
	if (carrier->id == PROSE_CARRIER_UDP)
		return REFUSE_OTHERS(extack, req->ethertype, "ethertype", "link") ||
		       REFUSE_OTHERS(extack, req->pad, "pad", "link");
	return REFUSE_OTHERS(extack, req->port, "port", "udp") ||
	       REFUSE_OTHERS(extack, req->local, "local", "udp") ||
	       REFUSE_OTHERS(extack, req->local6, "local6", "udp") ||
	       REFUSE_OTHERS(extack, req->remote, "remote", "udp") ||
	       REFUSE_OTHERS(extack, req->remote6, "remote6", "udp") ||
	       REFUSE_OTHERS(extack, req->remote_port, "remote-port", "udp");
}

/**
 * prose_dev_configure() - change settings of a device's carrier
 * @prose: the device
 * @req: the settings
 * @extack: told why not
 *
 * Context: RTNL, may sleep.
 * Return: 0 or a negative errno, with nothing changed.
 */
int prose_dev_configure(struct prose_dev *prose, const struct prose_carrier_request *req,
			struct netlink_ext_ack *extack)
{
	ASSERT_RTNL();

	if (req->carrier && nla_get_u32(req->carrier) != prose->carrier->id) {
		NL_SET_ERR_MSG_ATTR(extack, req->carrier,
				    "prose: attribute carrier: a device keeps the one it was made with");
		return -EOPNOTSUPP;
	}
	if (refuse_mixed(prose->carrier, req, extack))
		return -EINVAL;
	return prose->carrier->configure(prose, req, extack);
}

static int set_l2_id(struct prose_dev *prose, struct prose_port *port, struct nlattr *attr,
		     struct netlink_ext_ack *extack)
{
	struct net_device *dev = prose->dev;
	u8 addr[PROSE_ADDR_LEN];

	if (attr) {
		prose->l2_id = prose_get_be24(dev->dev_addr);
		if (prose_port_taken(port, prose->l2_id)) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "prose: address: another device on the carrier has it");
			return -EADDRINUSE;
		}
		return 0;
	}

	do {
		get_random_bytes(addr, sizeof(addr));
		prose->l2_id = prose_get_be24(addr);
	} while (!prose->l2_id || prose_port_taken(port, prose->l2_id));
	__dev_addr_set(dev, addr, sizeof(addr));
	dev->addr_assign_type = NET_ADDR_RANDOM;
	return 0;
}

static int set_mtu(struct prose_dev *prose, struct nlattr *attr, struct netlink_ext_ack *extack)
{
	struct net_device *dev = prose->dev;

	dev->max_mtu = prose->carrier->max_mtu(prose);
	if (!attr) {
		dev->mtu = prose->carrier->mtu(prose);
		return 0;
	}
	if (dev->mtu > dev->max_mtu) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "prose: mtu: more than the carrier takes");
		return -EINVAL;
	}
	prose->user_mtu = dev->mtu < dev->max_mtu ? dev->mtu : 0;
	return 0;
}

/* The device can send when the lower one can; without one, always. */
static void follow_operstate(struct prose_dev *prose)
{
	if (!prose->lower)
		return;
	netif_stacked_transfer_operstate(prose->lower, prose->dev);
	if (!netif_running(prose->lower))
		netif_carrier_off(prose->dev);
}

static int register_on(struct prose_dev *prose, struct netlink_ext_ack *extack)
{
	struct net_device *dev = prose->dev;
	int err;

	dev->needed_headroom = prose->carrier->headroom(prose);
	dev->needed_tailroom = prose->carrier->tailroom(prose);

	err = register_netdevice(dev);
	if (err || !prose->carrier->stacked)
		return err;
	err = netdev_upper_dev_link(prose->lower, dev, extack);
	if (err)
		unregister_netdevice(dev);
	return err;
}

static int prose_newlink(struct net_device *dev, struct rtnl_newlink_params *params,
			 struct netlink_ext_ack *extack)
{
	struct prose_dev *prose = netdev_priv(dev);
	struct nlattr **tb = params->tb;
	struct prose_carrier_request req;
	struct prose_endpoint *remote;
	struct prose_port *port;
	int err;

	parse_request(params->data, &req);
	prose->carrier = carriers[req.carrier ? nla_get_u32(req.carrier) : PROSE_CARRIER_LINK];
	if (refuse_mixed(prose->carrier, &req, extack))
		return -EINVAL;
	err = prose->carrier->setup(prose, rtnl_newlink_link_net(params), tb[IFLA_LINK], &req,
				    extack);
	if (err)
		return err;
	remote = prose->carrier->remote ? prose->carrier->remote(prose, &req, extack) : NULL;
	if (IS_ERR(remote))
		return PTR_ERR(remote);

	/* Held until the device holds it itself, so that what it refuses is said here. */
	port = prose->carrier->port_get(prose, &prose->config, extack);
	if (IS_ERR(port)) {
		err = PTR_ERR(port);
		goto err_remote;
	}
	err = set_l2_id(prose, port, tb[IFLA_ADDRESS], extack);
	if (err)
		goto err_port;
	err = set_mtu(prose, tb[IFLA_MTU], extack);
	if (err)
		goto err_port;

	/* What stands in the request is not there any more when it is looked for again. */
	prose->config.port_attr = NULL;
	prose->config.local_attr = NULL;
	prose->config.local6_attr = NULL;
	err = register_on(prose, extack);
	if (err)
		goto err_port;
	prose_endpoint_set(&prose->remote, remote);
	follow_operstate(prose);
	linkwatch_fire_event(dev);
	prose_port_put(port);
	return 0;

err_port:
	prose_port_put(port);
err_remote:
	prose_endpoint_free(remote);
	return err;
}

COMPAT_NEWLINK(prose_newlink)

static int prose_changelink(struct net_device *dev, struct nlattr *tb[], struct nlattr *data[],
			    struct netlink_ext_ack *extack)
{
	struct prose_dev *prose = netdev_priv(dev);
	struct prose_carrier_request req;
	int err;

	parse_request(data, &req);
	/* The carrier stays where it was made, whoever has the device now. */
	if (memchr_inv(&req, 0, sizeof(req)) &&
	    !ns_capable(prose_carrier_net(prose)->user_ns, CAP_NET_ADMIN)) {
		NL_SET_ERR_MSG_MOD(extack,
				   "ethertype, pad, port and remote need CAP_NET_ADMIN where the carrier is");
		return -EPERM;
	}
	err = prose_dev_configure(prose, &req, extack);
	if (!err)
		prose_nl_dev_changed(prose, GFP_KERNEL);
	return err;
}

static void prose_dellink(struct net_device *dev, struct list_head *head)
{
	struct prose_dev *prose = netdev_priv(dev);

	prose->deleting = true;
	unregister_netdevice_queue(dev, head);
	if (prose->carrier->stacked)
		netdev_upper_dev_unlink(prose->lower, dev);
}

static size_t prose_get_size(const struct net_device *dev)
{
	return nla_total_size(sizeof(u32)) +	/* IFLA_PROSE_CARRIER */
	       max(nla_total_size(sizeof(u16)) +	/* IFLA_PROSE_ETHERTYPE */
		   nla_total_size(sizeof(u8)) +		/* IFLA_PROSE_PAD */
		   nla_total_size(ETH_ALEN),		/* IFLA_PROSE_CARRIER_ADDR */
		   nla_total_size(sizeof(u16)) +	/* IFLA_PROSE_PORT */
		   nla_total_size(sizeof(struct in_addr)) +	/* IFLA_PROSE_LOCAL */
		   nla_total_size(sizeof(struct in6_addr)) +	/* IFLA_PROSE_LOCAL6 */
		   nla_total_size(sizeof(struct in6_addr)) +	/* IFLA_PROSE_REMOTE or 6 */
		   nla_total_size(sizeof(u16)));	/* IFLA_PROSE_REMOTE_PORT */
}

static int fill_link(struct sk_buff *skb, const struct prose_dev *prose)
{
	if (nla_put_be16(skb, IFLA_PROSE_ETHERTYPE, htons(prose->config.ethertype)) ||
	    nla_put_u8(skb, IFLA_PROSE_PAD, prose->pad) ||
	    nla_put(skb, IFLA_PROSE_CARRIER_ADDR, ETH_ALEN, prose->lower->dev_addr))
		return -EMSGSIZE;
	return 0;
}

static const struct prose_udp_attrs udp_attrs = {
	.port = IFLA_PROSE_PORT,
	.local = IFLA_PROSE_LOCAL,
	.local6 = IFLA_PROSE_LOCAL6,
	.remote = IFLA_PROSE_REMOTE,
	.remote6 = IFLA_PROSE_REMOTE6,
	.remote_port = IFLA_PROSE_REMOTE_PORT,
};

static int prose_fill_info(struct sk_buff *skb, const struct net_device *dev)
{
	const struct prose_dev *prose = netdev_priv(dev);

	if (nla_put_u32(skb, IFLA_PROSE_CARRIER, prose->carrier->id))
		return -EMSGSIZE;
	if (prose->carrier->id == PROSE_CARRIER_UDP)
		return prose_udp_fill(skb, prose, &udp_attrs);
	return fill_link(skb, prose);
}

static struct net *prose_get_link_net(const struct net_device *dev)
{
	return prose_carrier_net(netdev_priv(dev));
}

static struct rtnl_link_ops link_ops __read_mostly = {
	.kind			= KBUILD_MODNAME,
	.priv_size		= sizeof(struct prose_dev),
	.setup			= prose_setup,
	.maxtype		= IFLA_PROSE_MAX,
	.policy			= prose_link_nl_policy,
	.validate		= prose_validate,
	.newlink		= COMPAT_NEWLINK_FN(prose_newlink),
	.changelink		= prose_changelink,
	.dellink		= prose_dellink,
	.get_size		= prose_get_size,
	.fill_info		= prose_fill_info,
	.get_link_net		= prose_get_link_net,
};

static void follow_mtu(struct prose_dev *prose)
{
	struct net_device *dev = prose->dev;
	int max = max(prose->carrier->max_mtu(prose), ETH_MIN_MTU);
	int mtu = prose->user_mtu ? min_t(int, prose->user_mtu, max) : max;

	prose->following = true;
	/* Down before the limit goes down, up after it went up. */
	dev->max_mtu = max_t(unsigned int, max, dev->mtu);
	dev_set_mtu(dev, mtu);
	dev->max_mtu = max;
	prose->following = false;
}

/* Something happened to a device; perhaps it is a lower one. */
static int lower_event(struct net_device *lower, unsigned long event)
{
	struct prose_dev *prose;
	LIST_HEAD(gone);

	list_for_each_entry(prose, &prose_devices, list) {
		if (prose->lower != lower || prose->deleting)
			continue;
		switch (event) {
		case NETDEV_UP:
		case NETDEV_DOWN:
		case NETDEV_CHANGE:
			follow_operstate(prose);
			break;
		case NETDEV_CHANGEMTU:
			if (prose->carrier->stacked)
				follow_mtu(prose);
			break;
		case NETDEV_PRE_TYPE_CHANGE:
			if (prose->carrier->stacked)
				return NOTIFY_BAD;
			break;
		case NETDEV_UNREGISTER:
			/* Not when it only moves to another namespace; sockets do not follow. */
			if (lower->reg_state == NETREG_UNREGISTERING || !prose->carrier->stacked)
				prose_dellink(prose->dev, &gone);
			break;
		}
	}
	unregister_netdevice_many(&gone);
	return NOTIFY_DONE;
}

/* In a namespace, at first or anew. */
static void arrived(struct net_device *dev)
{
	struct in_device *dev_v4 = __in_dev_get_rtnl(dev);
	struct inet6_dev *dev_v6 = __in6_dev_get(dev);

	/* Packets from one peer to another leave on the device they came by, rightly. */
	if (dev_v4) {
		IN_DEV_CONF_SET(dev_v4, SEND_REDIRECTS, false);
		IPV4_DEVCONF_ALL(dev_net(dev), SEND_REDIRECTS) = false;
	}
	/* Link-local addresses are exchanged in signalling, not made up. */
	if (dev_v6)
		dev_v6->cnf.addr_gen_mode = IN6_ADDR_GEN_MODE_NONE;
}

static int own_event(struct net_device *dev, unsigned long event, void *ptr)
{
	struct prose_dev *prose = netdev_priv(dev);
	const struct netdev_notifier_pre_changeaddr_info *info = ptr;
	int err;

	switch (event) {
	case NETDEV_REGISTER:
		arrived(dev);
		break;
	case NETDEV_UNREGISTER:
		/* The owner's socket stays in the namespace that the device leaves. */
		prose_signal_disown(prose, 0);
		break;
	case NETDEV_PRE_CHANGEADDR:
		mutex_lock(&prose->lock);
		err = check_l2_id(prose, prose_get_be24(info->dev_addr),
				  netdev_notifier_info_to_extack(ptr));
		mutex_unlock(&prose->lock);
		return notifier_from_errno(err);
	case NETDEV_CHANGEADDR:
		prose_nl_dev_changed(prose, GFP_KERNEL);
		break;
	}
	return NOTIFY_DONE;
}

static int netdev_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);

	ASSERT_RTNL();
	if (prose_dev_is(dev))
		return own_event(dev, event, ptr);
	return lower_event(dev, event);
}

static struct notifier_block netdev_notifier = {
	.notifier_call = netdev_event,
};

/* Namespaces end. Their own devices go by themselves, those with sockets in them do not. */
static void __net_exit prose_net_exit(struct list_head *nets)
{
	struct prose_dev *prose;
	struct net *net;
	LIST_HEAD(gone);

	rtnl_lock();
	list_for_each_entry(net, nets, exit_list) {
		list_for_each_entry(prose, &prose_devices, list) {
			if (prose->net == net && !prose->deleting)
				prose_dellink(prose->dev, &gone);
		}
	}
	unregister_netdevice_many(&gone);
	rtnl_unlock();
}

static struct pernet_operations net_ops = {
	.exit_batch = prose_net_exit,
};

/**
 * prose_device_init() - make the link kind known
 *
 * Return: 0 or a negative errno.
 */
int __init prose_device_init(void)
{
	int err;

	err = register_pernet_device(&net_ops);
	if (err)
		return err;
	err = register_netdevice_notifier(&netdev_notifier);
	if (err)
		goto err_net;
	err = rtnl_link_register(&link_ops);
	if (err)
		goto err_notifier;
	return 0;

err_notifier:
	unregister_netdevice_notifier(&netdev_notifier);
err_net:
	unregister_pernet_device(&net_ops);
	return err;
}

/**
 * prose_device_exit() - the reverse, which deletes all devices
 */
void prose_device_exit(void)
{
	rtnl_link_unregister(&link_ops);
	unregister_netdevice_notifier(&netdev_notifier);
	unregister_pernet_device(&net_ops);
}
