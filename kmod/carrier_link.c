// SPDX-License-Identifier: GPL-2.0-only
/*
 * The link carrier. All devices above one lower device that use one EtherType
 * share a port: one packet_type, and a table that gives a frame to the device
 * whose Layer-2 ID is its destination, at a cost that does not grow with them.
 *
 * A packet_type and no rx_handler, because there can be one rx_handler only
 * (a tap may be in a bridge) and because the lower device goes on to carry
 * whatever else it carries.
 *
 * The port's counters are of frames that no device can be named for.
 */

#include <linux/etherdevice.h>
#include <linux/hash.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "carrier_link.h"
#include "device.h"
#include "pdcp.h"
#include "receive.h"

#define PORT_HASH_BITS	8

/**
 * struct prose_port - the carrier of one EtherType on one lower device
 * @list: entry in the list of ports; under RTNL
 * @pt: how the stack hands frames over. pt.dev is the lower device, which every
 *	device on the port holds.
 * @drops: frames that are no device's
 * @n_devs: devices on it; under RTNL. The last to leave frees the port.
 * @devs: devices by Layer-2 ID; RCU, written under RTNL
 */
struct prose_port {
	struct list_head list;
	struct packet_type pt;
	struct prose_drops __percpu *drops;
	unsigned int n_devs;
	struct hlist_head devs[1 << PORT_HASH_BITS];
};

/* Under RTNL. */
static LIST_HEAD(ports);

/* Layer-2 IDs in the table are our own, an administrator's choice: no need for a secret. */
static struct hlist_head *bucket(struct prose_port *port, u32 l2_id)
{
	return &port->devs[hash_32(l2_id, PORT_HASH_BITS)];
}

static struct prose_dev *port_find_dev(struct prose_port *port, u32 l2_id)
{
	struct prose_dev *prose;

	hlist_for_each_entry_rcu(prose, bucket(port, l2_id), port_node, lockdep_rtnl_is_held()) {
		if (READ_ONCE(prose->l2_id) == l2_id)
			return prose;
	}
	return NULL;
}

static int port_drop(struct prose_port *port, struct sk_buff *skb, int stat)
{
	prose_drop_on(port->pt.dev, port->drops, skb, stat);
	return NET_RX_DROP;
}

/* Called by the stack in softirq context, under RCU. */
static int link_rcv(struct sk_buff *skb, struct net_device *dev, struct packet_type *pt,
		    struct net_device *orig_dev)
{
	struct prose_port *port = container_of(pt, struct prose_port, pt);
	struct prose_mac_hdr mac;
	struct prose_dev *prose;
	u8 from[ETH_ALEN];
	int readable;

	skb = skb_share_check(skb, GFP_ATOMIC);
	if (unlikely(!skb))
		return port_drop(port, NULL, PROSE_A_STAT_RX_NOMEM);

	/* The sender's socket, if it is on this machine, is done with it; GRO would mind. */
	skb_orphan(skb);

	/* Another station's, seen because the lower device is promiscuous. */
	if (unlikely(skb->pkt_type == PACKET_OTHERHOST))
		return port_drop(port, skb, PROSE_A_STAT_RX_NOT_FOR_US);

	/* Nothing joins or splits frames of ours; a tap's writer may say so all the same. */
	if (unlikely(skb_is_gso(skb)))
		return port_drop(port, skb, PROSE_A_STAT_RX_RESERVED);

	readable = min_t(int, skb->len, PROSE_MAC_HDR_MAX + PROSE_PDCP_HDR_LEN);
	if (unlikely(!pskb_may_pull(skb, readable)))
		return port_drop(port, skb, PROSE_A_STAT_RX_NOMEM);

	switch (prose_mac_parse_ids(skb->data, readable, &mac)) {
	case PROSE_PARSE_OK:
		break;
	case PROSE_PARSE_SHORT:
		return port_drop(port, skb, PROSE_A_STAT_RX_SHORT);
	default:
		return port_drop(port, skb, PROSE_A_STAT_RX_RESERVED);
	}

	/*
	 * What we sent ourselves comes back from a hub or a reflecting radio, or
	 * an attacker. DIRECTION would give it away, but why decipher it.
	 */
	prose = port_find_dev(port, mac.src);
	if (unlikely(prose && (mac.dst == mac.src || !port_find_dev(port, mac.dst)))) {
		prose_drop(prose, skb, PROSE_A_STAT_RX_OWN_SOURCE);
		return NET_RX_DROP;
	}

	prose = port_find_dev(port, mac.dst);
	if (!prose || unlikely(!netif_running(prose->dev)))
		return port_drop(port, skb, PROSE_A_STAT_RX_NOT_FOR_US);

	ether_addr_copy(from, eth_hdr(skb)->h_source);
	prose_receive(prose, skb, readable, &mac, from);
	return NET_RX_SUCCESS;
}

static struct prose_port *port_find(const struct net_device *lower, u16 ethertype)
{
	struct prose_port *port;

	ASSERT_RTNL();
	list_for_each_entry(port, &ports, list) {
		if (port->pt.dev == lower && port->pt.type == htons(ethertype))
			return port;
	}
	return NULL;
}

static struct prose_port *port_get(struct net_device *lower, u16 ethertype)
{
	struct prose_port *port = port_find(lower, ethertype);

	if (port) {
		port->n_devs++;
		return port;
	}

	port = kzalloc(sizeof(*port), GFP_KERNEL);
	if (!port)
		return NULL;
	port->drops = prose_drops_alloc();
	if (!port->drops) {
		kfree(port);
		return NULL;
	}
	port->n_devs = 1;
	port->pt.type = htons(ethertype);
	port->pt.dev = lower;
	port->pt.func = link_rcv;
	list_add(&port->list, &ports);
	dev_add_pack(&port->pt);
	return port;
}

/* Waits until no packet is in link_rcv() with what the caller took out of the table. */
static void port_put(struct prose_port *port)
{
	if (--port->n_devs) {
		synchronize_net();
		return;
	}
	list_del(&port->list);
	dev_remove_pack(&port->pt);
	free_percpu(port->drops);
	kfree(port);
}

/**
 * prose_port_taken() - is a Layer-2 ID in use on a carrier?
 * @lower: the lower device
 * @ethertype: EtherType of the carrier
 * @l2_id: the Layer-2 ID
 * @besides: a device that does not count, or NULL
 *
 * Context: RTNL.
 * Return: true if another device has it.
 */
bool prose_port_taken(const struct net_device *lower, u16 ethertype, u32 l2_id,
		      const struct prose_dev *besides)
{
	struct prose_port *port = port_find(lower, ethertype);
	struct prose_dev *prose = port ? port_find_dev(port, l2_id) : NULL;

	return prose && prose != besides;
}

/**
 * prose_port_join() - put a device on its carrier
 * @prose: the device, with its lower device and Layer-2 ID set
 * @ethertype: EtherType of the carrier
 *
 * Context: RTNL; prose_port_taken() has been asked.
 * Return: 0 or -ENOMEM.
 */
int prose_port_join(struct prose_dev *prose, u16 ethertype)
{
	struct prose_port *port = port_get(prose->lower, ethertype);

	if (!port)
		return -ENOMEM;
	prose_drops_sum(port->drops, prose->port_base);
	rcu_assign_pointer(prose->port, port);
	WRITE_ONCE(prose->ethertype, ethertype);
	hlist_add_head_rcu(&prose->port_node, bucket(port, prose->l2_id));
	return 0;
}

/**
 * prose_port_leave() - take a device off its carrier
 * @prose: the device
 *
 * No frame is handed to it after this returns.
 *
 * Context: RTNL, may sleep.
 */
void prose_port_leave(struct prose_dev *prose)
{
	struct prose_port *port = rtnl_dereference(prose->port);
	u64 sum[PROSE_N_STATS];
	int i;

	prose_drops_sum(port->drops, sum);
	for (i = 0; i < PROSE_N_STATS; i++)
		prose->port_past[i] += sum[i] - prose->port_base[i];

	hlist_del_rcu(&prose->port_node);
	RCU_INIT_POINTER(prose->port, NULL);
	port_put(port);
}

/**
 * prose_port_move() - change the EtherType of a device
 * @prose: the device
 * @ethertype: the new EtherType
 *
 * Context: RTNL, may sleep; prose_port_taken() has been asked.
 * Return: 0 or -ENOMEM, with nothing changed.
 */
int prose_port_move(struct prose_dev *prose, u16 ethertype)
{
	/* Held over the change, so that joining it cannot fail half-way. */
	struct prose_port *port = port_get(prose->lower, ethertype);
	int err;

	if (!port)
		return -ENOMEM;
	prose_port_leave(prose);
	err = prose_port_join(prose, ethertype);
	port_put(port);
	return err;
}

/**
 * prose_port_rehash() - change the Layer-2 ID of a device
 * @prose: the device
 * @l2_id: the new one
 *
 * Context: RTNL, may sleep; prose_port_taken() has been asked.
 */
void prose_port_rehash(struct prose_dev *prose, u32 l2_id)
{
	hlist_del_rcu(&prose->port_node);
	/* A reader on the entry must not be led into the other bucket. */
	synchronize_net();
	WRITE_ONCE(prose->l2_id, l2_id);
	hlist_add_head_rcu(&prose->port_node, bucket(rtnl_dereference(prose->port), l2_id));
}

/**
 * prose_port_drops() - drops of a device's carriers while it was on them
 * @prose: the device
 * @sum: where to put one sum for each cause
 *
 * Also called without RTNL. A reader that meets a change of carrier may see the
 * sums of the moment before or after mixed; the next reading is right.
 */
void prose_port_drops(struct prose_dev *prose, u64 sum[PROSE_N_STATS])
{
	struct prose_port *port;
	int i;

	rcu_read_lock();
	port = rcu_dereference(prose->port);
	if (port) {
		prose_drops_sum(port->drops, sum);
		for (i = 0; i < PROSE_N_STATS; i++)
			sum[i] -= prose->port_base[i];
	} else {
		memset(sum, 0, PROSE_N_STATS * sizeof(*sum));
	}
	rcu_read_unlock();

	for (i = 0; i < PROSE_N_STATS; i++)
		sum[i] += prose->port_past[i];
}

/**
 * prose_link_headroom() - room a frame needs in front of its SDU
 * @prose: the device
 *
 * Return: octets.
 */
int prose_link_headroom(const struct prose_dev *prose)
{
	return LL_RESERVED_SPACE(prose->lower) + PROSE_MAC_HDR_LEN + PROSE_MAC_PAD_LEN +
	       PROSE_PDCP_HDR_LEN;
}

/**
 * prose_link_tailroom() - room a frame needs behind its SDU
 * @prose: the device
 *
 * Return: octets.
 */
int prose_link_tailroom(const struct prose_dev *prose)
{
	return prose->lower->needed_tailroom + PROSE_MAC_I_LEN;
}

/**
 * prose_link_xmit() - send a frame
 * @prose: the device
 * @skb: the MAC PDU, consumed, with prose_link_headroom() in front
 * @dest: Ethernet address it goes to
 *
 * Context: BH disabled.
 * Return: 0 or a negative errno when it was dropped.
 */
int prose_link_xmit(struct prose_dev *prose, struct sk_buff *skb, const u8 *dest)
{
	struct net_device *lower = prose->lower;
	u16 ethertype = READ_ONCE(prose->ethertype);
	int err;

	skb->dev = lower;
	skb->protocol = htons(ethertype);
	skb_reset_network_header(skb);
	skb_reset_transport_header(skb);
	if (dev_hard_header(skb, lower, ethertype, dest, NULL, skb->len) < 0) {
		kfree_skb(skb);
		return -EINVAL;
	}
	err = dev_queue_xmit(skb);
	return err > 0 ? net_xmit_errno(err) : err;
}
