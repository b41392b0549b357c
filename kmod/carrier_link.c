// SPDX-License-Identifier: GPL-2.0-only
/*
 * The link carrier: frames directly behind an Ethernet header. All devices above one
 * lower device that use one EtherType share a port, and its packet_type.
 *
 * A packet_type and no rx_handler, because there can be one rx_handler only
 * (a tap may be in a bridge) and because the lower device goes on to carry
 * whatever else it carries.
 */

#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "carrier_link.h"
#include "device.h"
#include "pdcp.h"

/**
 * struct link_port - the carrier of one EtherType on one lower device
 * @port: what all carriers have
 * @pt: how the stack hands frames over. pt.dev is the lower device, which every
 *	device on the port holds.
 */
struct link_port {
	struct prose_port port;
	struct packet_type pt;
};

/* Under RTNL. */
static LIST_HEAD(ports);

/* Whose address is not known is among all. */
static struct prose_endpoint broadcast = {
	.addr.octets = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
};

/* Called by the stack in softirq context, under RCU. */
static int link_rcv(struct sk_buff *skb, struct net_device *dev, struct packet_type *pt,
		    struct net_device *orig_dev)
{
	struct prose_port *port = &container_of(pt, struct link_port, pt)->port;
	struct prose_origin origin = {};

	skb = skb_share_check(skb, GFP_ATOMIC);
	if (unlikely(!skb))
		return prose_port_drop(port, NULL, PROSE_A_STAT_RX_NOMEM);

	/* The sender's socket, if it is on this machine, is done with it; GRO would mind. */
	skb_orphan(skb);

	/* Another station's, seen because the lower device is promiscuous. */
	if (unlikely(skb->pkt_type == PACKET_OTHERHOST))
		return prose_port_drop(port, skb, PROSE_A_STAT_RX_NOT_FOR_US);

	ether_addr_copy(origin.addr.octets, eth_hdr(skb)->h_source);
	return prose_port_receive(port, skb, &origin);
}

static struct prose_port *link_port_get(const struct prose_dev *prose,
					const struct prose_carrier_config *config,
					struct netlink_ext_ack *extack)
{
	struct link_port *link;

	ASSERT_RTNL();
	list_for_each_entry(link, &ports, port.list) {
		if (link->pt.dev == prose->lower && link->pt.type == htons(config->ethertype)) {
			link->port.n_devs++;
			return &link->port;
		}
	}

	link = kzalloc(sizeof(*link), GFP_KERNEL);
	if (!link)
		return ERR_PTR(-ENOMEM);
	if (prose_port_init(&link->port, &prose_carrier_link)) {
		kfree(link);
		return ERR_PTR(-ENOMEM);
	}
	link->pt.type = htons(config->ethertype);
	link->pt.dev = prose->lower;
	link->pt.func = link_rcv;
	list_add(&link->port.list, &ports);
	dev_add_pack(&link->pt);
	return &link->port;
}

static void link_port_free(struct prose_port *port)
{
	struct link_port *link = container_of(port, struct link_port, port);

	list_del(&port->list);
	/* Waits until no packet is in link_rcv(). */
	dev_remove_pack(&link->pt);
	prose_port_destroy(port);
	kfree(link);
}

static int mtu_of(const struct net_device *lower)
{
	return min_t(int, (int)lower->mtu - PROSE_OVERHEAD, PROSE_SDU_MAX);
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
		NL_SET_ERR_MSG_ATTR(extack, link,
				    "prose: link: not an Ethernet device; what carries IP carries prose with carrier udp");
		return ERR_PTR(-EINVAL);
	}
	if (mtu_of(lower) < ETH_MIN_MTU) {
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

static int link_setup(struct prose_dev *prose, struct net *net, const struct nlattr *link,
		      const struct prose_carrier_request *req, struct netlink_ext_ack *extack)
{
	struct net_device *lower = find_lower(net, link, extack);
	int err;

	if (IS_ERR(lower))
		return PTR_ERR(lower);
	prose->lower = lower;
	prose->config.ethertype = PROSE_ETHERTYPE_DEFAULT;
	if (req->ethertype) {
		prose->config.ethertype = ntohs(nla_get_be16(req->ethertype));
		err = check_ethertype(prose->config.ethertype, req->ethertype, extack);
		if (err)
			return err;
	}
	prose->pad = req->pad ? nla_get_u8(req->pad) : pads(lower);
	return 0;
}

static int link_configure(struct prose_dev *prose, const struct prose_carrier_request *req,
			  struct netlink_ext_ack *extack)
{
	struct prose_carrier_config next = prose->config;
	int err;

	if (req->ethertype)
		next.ethertype = ntohs(nla_get_be16(req->ethertype));
	if (next.ethertype != prose->config.ethertype) {
		err = check_ethertype(next.ethertype, req->ethertype, extack);
		if (err)
			return err;
		err = prose_port_move(prose, &next, req->ethertype, extack);
		if (err)
			return err;
	}
	if (req->pad)
		WRITE_ONCE(prose->pad, nla_get_u8(req->pad));
	return 0;
}

static int link_max_mtu(const struct prose_dev *prose)
{
	return mtu_of(prose->lower);
}

static int link_check_addr(const struct prose_dev *prose, const struct prose_carrier_addr *addr,
			   int len, struct netlink_ext_ack *extack)
{
	if (len != ETH_ALEN) {
		NL_SET_ERR_MSG(extack, "attribute carrier-addr: has 6 octets on the link carrier");
		return -EINVAL;
	}
	if (!is_valid_ether_addr(addr->octets) && !is_broadcast_ether_addr(addr->octets)) {
		NL_SET_ERR_MSG(extack, "attribute carrier-addr: neither unicast nor broadcast");
		return -EINVAL;
	}
	return 0;
}

static bool link_is_unicast(const struct prose_dev *prose, const struct prose_carrier_addr *addr)
{
	return is_valid_ether_addr(addr->octets);
}

static struct prose_endpoint *link_contact(const struct prose_dev *prose)
{
	return &broadcast;
}

static int link_headroom(const struct prose_dev *prose)
{
	return LL_RESERVED_SPACE(prose->lower) + PROSE_MAC_HDR_LEN + PROSE_MAC_PAD_LEN +
	       PROSE_PDCP_HDR_LEN;
}

static int link_tailroom(const struct prose_dev *prose)
{
	return prose->lower->needed_tailroom + PROSE_MAC_I_LEN;
}

static int link_xmit(struct prose_dev *prose, struct sk_buff *skb, const struct prose_peer *peer,
		     const struct prose_carrier_addr *dest, u8 ecn)
{
	struct net_device *lower = prose->lower;
	u16 ethertype = READ_ONCE(prose->config.ethertype);
	int err;

	skb->dev = lower;
	skb->protocol = htons(ethertype);
	skb_reset_network_header(skb);
	skb_reset_transport_header(skb);
	if (dev_hard_header(skb, lower, ethertype, dest->octets, NULL, skb->len) < 0) {
		kfree_skb(skb);
		return -EINVAL;
	}
	err = dev_queue_xmit(skb);
	return err > 0 ? net_xmit_errno(err) : err;
}

const struct prose_carrier_ops prose_carrier_link = {
	.id		= PROSE_CARRIER_LINK,
	.addr_len	= ETH_ALEN,
	/* By Ethernet hardware, FCS not counted. */
	.padded_below	= ETH_ZLEN - ETH_HLEN,
	.stacked	= true,
	.setup		= link_setup,
	.configure	= link_configure,
	.max_mtu	= link_max_mtu,
	.mtu		= link_max_mtu,
	.port_get	= link_port_get,
	.port_free	= link_port_free,
	.check_addr	= link_check_addr,
	.is_unicast	= link_is_unicast,
	.contact	= link_contact,
	.headroom	= link_headroom,
	.tailroom	= link_tailroom,
	.xmit		= link_xmit,
};
