// SPDX-License-Identifier: GPL-2.0-only
/*
 * The network device and its rtnetlink side.
 *
 * A device is made on a lower device and stays with it. It may move to another
 * namespace; the lower device and the carrier stay where they are. When the lower
 * device goes, the device goes.
 *
 * ndo_init and ndo_uninit bracket what others can see: carrier, peers, the list of
 * devices. What packets may still need after ndo_uninit goes in the destructor, which
 * the core calls when all references are back.
 */

#include <linux/etherdevice.h>
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

static int max_mtu(const struct net_device *lower)
{
	return min_t(int, (int)lower->mtu - PROSE_OVERHEAD, PROSE_SDU_MAX);
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
	/* Peers know the associations by it. */
	if (prose->n_assocs) {
		NL_SET_ERR_MSG_MOD(extack, "address: the device has associations");
		return -EBUSY;
	}
	if (prose_peer_find(prose, l2_id)) {
		NL_SET_ERR_MSG_MOD(extack, "address: Layer-2 ID is that of a peer");
		return -EADDRINUSE;
	}
	if (prose_port_taken(rtnl_dereference(prose->port), l2_id, prose)) {
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
	prose_port_join(prose, port);

	netdev_lockdep_set_classes(dev);
	prose->serial = ++last_serial;
	list_add_tail_rcu(&prose->list, &prose_devices);
	prose_genid_bump();
	return 0;

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
		prose_port_rehash(prose, l2_id);
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

	return prose->lower->ifindex;
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
	prose->config.ethertype = PROSE_ETHERTYPE_DEFAULT;
	prose->unprotected_rate = PROSE_UNPROTECTED_RATE_DEFAULT;
	prose->integrity_threshold = PROSE_INTEGRITY_THRESHOLD_DEFAULT;
	mutex_init(&prose->lock);
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

static void parse_config(struct nlattr *data[], struct prose_dev_config *config)
{
	memset(config, 0, sizeof(*config));
	if (!data)
		return;
	if (data[IFLA_PROSE_ETHERTYPE]) {
		config->has_ethertype = true;
		config->ethertype = ntohs(nla_get_be16(data[IFLA_PROSE_ETHERTYPE]));
	}
	if (data[IFLA_PROSE_PAD]) {
		config->has_pad = true;
		config->pad = nla_get_u8(data[IFLA_PROSE_PAD]);
	}
}

static int check_ethertype(u16 ethertype, const struct nlattr *attr,
			   struct netlink_ext_ack *extack)
{
	if (ethertype < PROSE_ETHERTYPE_MIN) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "prose: attribute ethertype: below 0x0600 is a length");
		return -EINVAL;
	}
	/* The header behind it would be read as a tag and a packet of any kind. */
	if (eth_type_vlan(htons(ethertype))) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "prose: attribute ethertype: is a VLAN tag's");
		return -EINVAL;
	}
	return 0;
}

/**
 * prose_dev_configure() - change settings of a device
 * @prose: the device
 * @config: the settings
 * @ethertype_attr: where the EtherType stands in the request, or NULL
 * @extack: told why not
 *
 * Context: RTNL, may sleep.
 * Return: 0 or a negative errno, with nothing changed.
 */
int prose_dev_configure(struct prose_dev *prose, const struct prose_dev_config *config,
			const struct nlattr *ethertype_attr, struct netlink_ext_ack *extack)
{
	struct prose_carrier_config next = prose->config;
	int err;

	ASSERT_RTNL();

	if (config->has_ethertype && config->ethertype != prose->config.ethertype) {
		err = check_ethertype(config->ethertype, ethertype_attr, extack);
		if (err)
			return err;
		next.ethertype = config->ethertype;
		err = prose_port_move(prose, &next, ethertype_attr, extack);
		if (err)
			return err;
	}
	if (config->has_pad)
		WRITE_ONCE(prose->pad, config->pad);
	return 0;
}

static struct net_device *find_lower(struct net *net, const struct nlattr *link,
				     struct netlink_ext_ack *extack)
{
	struct net_device *lower;

	if (!link) {
		NL_SET_ERR_MSG_MOD(extack, "link: a lower device is needed");
		return ERR_PTR(-EINVAL);
	}
	lower = __dev_get_by_index(net, nla_get_u32(link));
	if (!lower) {
		NL_SET_ERR_MSG_ATTR(extack, link, "prose: link: no such device");
		return ERR_PTR(-ENODEV);
	}
	if (prose_dev_is(lower)) {
		NL_SET_ERR_MSG_ATTR(extack, link, "prose: link: a prose device carries no other");
		return ERR_PTR(-EINVAL);
	}
	if (lower->flags & IFF_LOOPBACK) {
		NL_SET_ERR_MSG_ATTR(extack, link, "prose: link: loopback has no other end");
		return ERR_PTR(-EINVAL);
	}
	if (lower->type != ARPHRD_ETHER || lower->addr_len != ETH_ALEN) {
		NL_SET_ERR_MSG_ATTR(extack, link, "prose: link: not an Ethernet device");
		return ERR_PTR(-EINVAL);
	}
	if (max_mtu(lower) < ETH_MIN_MTU) {
		NL_SET_ERR_MSG_ATTR(extack, link, "prose: link: MTU of the device is too small");
		return ERR_PTR(-EINVAL);
	}
	return lower;
}

static int is_hardware(struct net_device *dev, struct netdev_nested_priv *priv)
{
	return dev->dev.parent ? 1 : 0;
}

/* Hardware, here or below a VLAN or bond, pads short frames, and says nothing. */
static bool pads(struct net_device *lower)
{
	struct netdev_nested_priv priv = {};

	return is_hardware(lower, &priv) || netdev_walk_all_lower_dev(lower, is_hardware, &priv);
}

static int set_l2_id(struct prose_dev *prose, struct prose_port *port, struct nlattr *attr,
		     struct netlink_ext_ack *extack)
{
	struct net_device *dev = prose->dev;
	u8 addr[PROSE_ADDR_LEN];

	if (attr) {
		prose->l2_id = prose_get_be24(dev->dev_addr);
		if (prose_port_taken(port, prose->l2_id, prose)) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "prose: address: another device on the carrier has it");
			return -EADDRINUSE;
		}
		return 0;
	}

	do {
		get_random_bytes(addr, sizeof(addr));
		prose->l2_id = prose_get_be24(addr);
	} while (!prose->l2_id || prose_port_taken(port, prose->l2_id, prose));
	__dev_addr_set(dev, addr, sizeof(addr));
	dev->addr_assign_type = NET_ADDR_RANDOM;
	return 0;
}

static int set_mtu(struct prose_dev *prose, struct nlattr *attr, struct netlink_ext_ack *extack)
{
	struct net_device *dev = prose->dev;

	dev->max_mtu = max_mtu(prose->lower);
	if (!attr) {
		dev->mtu = dev->max_mtu;
		return 0;
	}
	if (dev->mtu > dev->max_mtu) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "prose: mtu: more than the lower device carries");
		return -EINVAL;
	}
	prose->user_mtu = dev->mtu < dev->max_mtu ? dev->mtu : 0;
	return 0;
}

/* The device can send when the lower one can. */
static void follow_operstate(struct prose_dev *prose)
{
	netif_stacked_transfer_operstate(prose->lower, prose->dev);
	if (!netif_running(prose->lower))
		netif_carrier_off(prose->dev);
}

static int prose_newlink(struct net_device *dev, struct rtnl_newlink_params *params,
			 struct netlink_ext_ack *extack)
{
	struct prose_dev *prose = netdev_priv(dev);
	struct nlattr **data = params->data;
	struct nlattr **tb = params->tb;
	struct prose_dev_config config;
	struct net_device *lower;
	struct prose_port *port;
	int err;

	prose->carrier = &prose_carrier_link;
	lower = find_lower(rtnl_newlink_link_net(params), tb[IFLA_LINK], extack);
	if (IS_ERR(lower))
		return PTR_ERR(lower);
	prose->lower = lower;

	parse_config(data, &config);
	if (config.has_ethertype) {
		err = check_ethertype(config.ethertype, data[IFLA_PROSE_ETHERTYPE], extack);
		if (err)
			return err;
		prose->config.ethertype = config.ethertype;
	}
	prose->pad = config.has_pad ? config.pad : pads(lower);

	/* Held until the device holds it itself, so that what it refuses is said here. */
	port = prose->carrier->port_get(prose, &prose->config, extack);
	if (IS_ERR(port))
		return PTR_ERR(port);
	err = set_l2_id(prose, port, tb[IFLA_ADDRESS], extack);
	if (err)
		goto out_put;
	err = set_mtu(prose, tb[IFLA_MTU], extack);
	if (err)
		goto out_put;
	dev->needed_headroom = prose->carrier->headroom(prose);
	dev->needed_tailroom = prose->carrier->tailroom(prose);

	err = register_netdevice(dev);
	if (err)
		goto out_put;
	err = netdev_upper_dev_link(lower, dev, extack);
	if (err) {
		unregister_netdevice(dev);
		goto out_put;
	}
	follow_operstate(prose);
	linkwatch_fire_event(dev);

out_put:
	prose_port_put(port);
	return err;
}

COMPAT_NEWLINK(prose_newlink)

static int prose_changelink(struct net_device *dev, struct nlattr *tb[], struct nlattr *data[],
			    struct netlink_ext_ack *extack)
{
	struct prose_dev *prose = netdev_priv(dev);
	struct prose_dev_config config;
	int err;

	parse_config(data, &config);
	/* The lower device stays where it was made, whoever has the device now. */
	if ((config.has_ethertype || config.has_pad) &&
	    !ns_capable(dev_net(prose->lower)->user_ns, CAP_NET_ADMIN)) {
		NL_SET_ERR_MSG_MOD(extack,
				   "ethertype and pad need CAP_NET_ADMIN where the lower device is");
		return -EPERM;
	}
	err = prose_dev_configure(prose, &config, data ? data[IFLA_PROSE_ETHERTYPE] : NULL, extack);
	if (!err)
		prose_nl_dev_changed(prose, GFP_KERNEL);
	return err;
}

static void prose_dellink(struct net_device *dev, struct list_head *head)
{
	struct prose_dev *prose = netdev_priv(dev);

	prose->deleting = true;
	unregister_netdevice_queue(dev, head);
	netdev_upper_dev_unlink(prose->lower, dev);
}

static size_t prose_get_size(const struct net_device *dev)
{
	return nla_total_size(sizeof(u16)) +	/* IFLA_PROSE_ETHERTYPE */
	       nla_total_size(sizeof(u8)) +	/* IFLA_PROSE_PAD */
	       nla_total_size(sizeof(u32)) +	/* IFLA_PROSE_CARRIER */
	       nla_total_size(ETH_ALEN);	/* IFLA_PROSE_CARRIER_ADDR */
}

static int prose_fill_info(struct sk_buff *skb, const struct net_device *dev)
{
	const struct prose_dev *prose = netdev_priv(dev);

	if (nla_put_be16(skb, IFLA_PROSE_ETHERTYPE, htons(prose->config.ethertype)) ||
	    nla_put_u8(skb, IFLA_PROSE_PAD, prose->pad) ||
	    nla_put_u32(skb, IFLA_PROSE_CARRIER, prose->carrier->id) ||
	    nla_put(skb, IFLA_PROSE_CARRIER_ADDR, ETH_ALEN, prose->lower->dev_addr))
		return -EMSGSIZE;
	return 0;
}

static struct net *prose_get_link_net(const struct net_device *dev)
{
	const struct prose_dev *prose = netdev_priv(dev);

	return dev_net(prose->lower);
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
	int max = max(max_mtu(prose->lower), ETH_MIN_MTU);
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
			follow_mtu(prose);
			break;
		case NETDEV_PRE_TYPE_CHANGE:
			return NOTIFY_BAD;
		case NETDEV_UNREGISTER:
			/* Not when it only moves to another namespace. */
			if (lower->reg_state == NETREG_UNREGISTERING)
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

/**
 * prose_device_init() - make the link kind known
 *
 * Return: 0 or a negative errno.
 */
int __init prose_device_init(void)
{
	int err;

	err = register_netdevice_notifier(&netdev_notifier);
	if (err)
		return err;
	err = rtnl_link_register(&link_ops);
	if (err)
		unregister_netdevice_notifier(&netdev_notifier);
	return err;
}

/**
 * prose_device_exit() - the reverse, which deletes all devices
 */
void prose_device_exit(void)
{
	rtnl_link_unregister(&link_ops);
	unregister_netdevice_notifier(&netdev_notifier);
}
