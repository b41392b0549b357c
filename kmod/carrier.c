// SPDX-License-Identifier: GPL-2.0-only
/*
 * What carriers have in common: ports, with a table that gives a frame to the device
 * whose Layer-2 ID is its destination, at a cost that does not grow with them.
 *
 * A port's counters are of frames that no device can be named for.
 */

#include <linux/hash.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>

#include "carrier.h"
#include "device.h"
#include "pdcp.h"
#include "receive.h"

/* Layer-2 IDs in the table are our own, an administrator's choice: no need for a secret. */
static struct hlist_head *bucket(struct prose_port *port, u32 l2_id)
{
	return &port->devs[hash_32(l2_id, PROSE_PORT_HASH_BITS)];
}

static struct prose_dev *find_dev(struct prose_port *port, u32 l2_id)
{
	struct prose_dev *prose;

	hlist_for_each_entry_rcu(prose, bucket(port, l2_id), port_node, lockdep_rtnl_is_held()) {
		if (READ_ONCE(prose->l2_id) == l2_id)
			return prose;
	}
	return NULL;
}

/**
 * prose_port_init() - a port with no device on it, held once
 * @port: the port
 * @ops: the carrier
 *
 * Return: 0 or -ENOMEM.
 */
int prose_port_init(struct prose_port *port, const struct prose_carrier_ops *ops)
{
	port->drops = prose_drops_alloc();
	if (!port->drops)
		return -ENOMEM;
	port->ops = ops;
	port->n_devs = 1;
	return 0;
}

/**
 * prose_port_destroy() - the reverse
 * @port: the port, that no packet is in
 */
void prose_port_destroy(struct prose_port *port)
{
	free_percpu(port->drops);
}

/**
 * prose_port_put() - let go of a port
 * @port: the port
 *
 * Context: RTNL, may sleep.
 */
void prose_port_put(struct prose_port *port)
{
	ASSERT_RTNL();
	if (!--port->n_devs)
		port->ops->port_free(port);
}

/**
 * prose_port_taken() - is a Layer-2 ID in use on a port?
 * @port: the port
 * @l2_id: the Layer-2 ID
 * @besides: a device that does not count, or NULL
 *
 * Context: RTNL.
 * Return: true if another device has it.
 */
bool prose_port_taken(struct prose_port *port, u32 l2_id, const struct prose_dev *besides)
{
	struct prose_dev *prose = find_dev(port, l2_id);

	return prose && prose != besides;
}

/**
 * prose_port_join() - put a device on a port
 * @prose: the device, with its Layer-2 ID set
 * @port: the port; who holds it is the device from now on
 *
 * Context: RTNL; prose_port_taken() has been asked.
 */
void prose_port_join(struct prose_dev *prose, struct prose_port *port)
{
	prose_drops_sum(port->drops, prose->port_base);
	rcu_assign_pointer(prose->port, port);
	hlist_add_head_rcu(&prose->port_node, bucket(port, prose->l2_id));
}

/**
 * prose_port_leave() - take a device off its port
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
	/* Freeing it waits, too. */
	if (port->n_devs > 1)
		synchronize_net();
	prose_port_put(port);
}

/**
 * prose_port_move() - change the port of a device
 * @prose: the device
 * @config: the settings that name the new one
 * @attr: which of them is new, where it stands in the request
 * @extack: told why not
 *
 * What is in flight to the old one is lost.
 *
 * Context: RTNL, may sleep.
 * Return: 0 or a negative errno, with nothing changed.
 */
int prose_port_move(struct prose_dev *prose, const struct prose_carrier_config *config,
		    const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	struct prose_port *port = prose->carrier->port_get(prose, config, extack);

	if (IS_ERR(port))
		return PTR_ERR(port);
	if (prose_port_taken(port, prose->l2_id, prose)) {
		prose_port_put(port);
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "prose: another device there has the same address");
		return -EADDRINUSE;
	}
	prose_port_leave(prose);
	prose_port_join(prose, port);
	WRITE_ONCE(prose->config.ethertype, config->ethertype);
	WRITE_ONCE(prose->config.port, config->port);
	return 0;
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
 * prose_port_drops() - drops of a device's ports while it was on them
 * @prose: the device
 * @sum: where to put one sum for each cause
 *
 * Also called without RTNL. A reader that meets a change of port may see the sums of
 * the moment before or after mixed; the next reading is right.
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
 * prose_port_drop() - drop a frame that is no device's
 * @port: the port
 * @skb: the frame, consumed; NULL when there was no memory for it
 * @stat: the cause, PROSE_A_STAT_
 *
 * Context: BH disabled.
 * Return: NET_RX_DROP.
 */
int prose_port_drop(struct prose_port *port, struct sk_buff *skb, int stat)
{
	prose_drop_on(skb ? skb->dev : NULL, port->drops, skb, stat);
	return NET_RX_DROP;
}

/**
 * prose_port_receive() - give a frame to the device that it is for
 * @port: the port
 * @skb: the MAC PDU, not shared, consumed
 * @origin: where it came from
 *
 * Context: softirq, RCU read section.
 * Return: NET_RX_SUCCESS if there is such a device, else NET_RX_DROP.
 */
int prose_port_receive(struct prose_port *port, struct sk_buff *skb,
		       const struct prose_origin *origin)
{
	struct prose_mac_hdr mac;
	struct prose_dev *prose;
	int readable;

	/* Nothing joins or splits frames of ours; a tap's writer may say so all the same. */
	if (unlikely(skb_is_gso(skb)))
		return prose_port_drop(port, skb, PROSE_A_STAT_RX_RESERVED);

	readable = min_t(int, skb->len, PROSE_MAC_HDR_MAX + PROSE_PDCP_HDR_LEN);
	if (unlikely(!pskb_may_pull(skb, readable)))
		return prose_port_drop(port, skb, PROSE_A_STAT_RX_NOMEM);

	switch (prose_mac_parse_ids(skb->data, readable, &mac)) {
	case PROSE_PARSE_OK:
		break;
	case PROSE_PARSE_SHORT:
		return prose_port_drop(port, skb, PROSE_A_STAT_RX_SHORT);
	default:
		return prose_port_drop(port, skb, PROSE_A_STAT_RX_RESERVED);
	}

	/*
	 * What we sent ourselves comes back from a hub or a reflecting radio, or
	 * an attacker. DIRECTION would give it away, but why decipher it.
	 */
	prose = find_dev(port, mac.src);
	if (unlikely(prose && (mac.dst == mac.src || !find_dev(port, mac.dst)))) {
		prose_drop(prose, skb, PROSE_A_STAT_RX_OWN_SOURCE);
		return NET_RX_DROP;
	}

	prose = find_dev(port, mac.dst);
	if (!prose || unlikely(!netif_running(prose->dev)))
		return prose_port_drop(port, skb, PROSE_A_STAT_RX_NOT_FOR_US);

	prose_receive(prose, skb, readable, &mac, origin);
	return NET_RX_SUCCESS;
}

/**
 * prose_carrier_net() - the namespace that frames travel in
 * @prose: the device
 *
 * That of the lower device or of the sockets, wherever the device is.
 *
 * Return: the namespace; the device goes when it does.
 */
struct net *prose_carrier_net(const struct prose_dev *prose)
{
	return prose->net ? prose->net : dev_net(prose->lower);
}
