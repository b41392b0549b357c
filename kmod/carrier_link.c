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
#include <linux/netdevice.h>
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

static bool link_is_unicast(const struct prose_carrier_addr *addr)
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
	.port_get	= link_port_get,
	.port_free	= link_port_free,
	.check_addr	= link_check_addr,
	.is_unicast	= link_is_unicast,
	.contact	= link_contact,
	.headroom	= link_headroom,
	.tailroom	= link_tailroom,
	.xmit		= link_xmit,
};
