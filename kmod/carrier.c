// SPDX-License-Identifier: GPL-2.0-only
/*
 * What carriers have in common: ports, with a table that gives a frame to the device,
 * and perhaps the peer, whose own Layer-2 ID is its destination, at a cost that does not
 * grow with them.
 *
 * A port's counters are of frames that no device can be named for.
 */

#include <linux/hash.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "carrier.h"
#include "device.h"
#include "pdcp.h"
#include "receive.h"

/* Layer-2 IDs in the table are our own, an administrator's choice: no need for a secret. */
static struct hlist_head *bucket(struct prose_port *port, u32 l2_id)
{
	return &port->ids[hash_32(l2_id, PROSE_PORT_HASH_BITS)];
}

static struct prose_port_id *find_id(struct prose_port *port, u32 l2_id)
{
	struct prose_port_id *id;

	hlist_for_each_entry_rcu(id, bucket(port, l2_id), node, lockdep_is_held(&port->lock)) {
		if (id->l2_id == l2_id)
			return id;
	}
	return NULL;
}

/* The port of a device, for who holds the device's lock. */
static struct prose_port *port_of(const struct prose_dev *prose)
{
	return rcu_dereference_protected(prose->port, lockdep_is_held(&prose->lock));
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
	spin_lock_init(&port->lock);
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
 *
 * For a sentence that says so; who takes it may still find that another was faster.
 *
 * Context: any.
 * Return: true if it is a device's, or one for a peer of a device.
 */
bool prose_port_taken(struct prose_port *port, u32 l2_id)
{
	bool taken;

	rcu_read_lock();
	taken = find_id(port, l2_id);
	rcu_read_unlock();
	return taken;
}

/**
 * prose_port_own() - is a Layer-2 ID one of a device's own?
 * @prose: the device
 * @l2_id: the Layer-2 ID
 *
 * Context: any; under the device's lock it stays so.
 * Return: true if it is the device's, or one for a peer of it.
 */
bool prose_port_own(const struct prose_dev *prose, u32 l2_id)
{
	const struct prose_port_id *id;
	struct prose_port *port;
	bool own;

	rcu_read_lock();
	port = rcu_dereference(prose->port);
	id = port ? find_id(port, l2_id) : NULL;
	own = id && id->prose == prose;
	rcu_read_unlock();
	return own;
}

static struct prose_port_id *alloc_id(struct prose_dev *prose, struct prose_peer *peer, u32 l2_id)
{
	struct prose_port_id *id = kzalloc(sizeof(*id), GFP_KERNEL_ACCOUNT);

	if (id) {
		id->l2_id = l2_id;
		id->prose = prose;
		id->peer = peer;
	}
	return id;
}

/* All entries of a list into a port's table, or none. */
static int insert_ids(struct prose_port *port, struct list_head *ids, u32 *taken)
{
	struct prose_port_id *id;
	int err = 0;

	spin_lock_bh(&port->lock);
	list_for_each_entry(id, ids, list) {
		if (find_id(port, id->l2_id)) {
			*taken = id->l2_id;
			err = -EADDRINUSE;
			goto out_unlock;
		}
	}
	list_for_each_entry(id, ids, list)
		hlist_add_head_rcu(&id->node, bucket(port, id->l2_id));

out_unlock:
	spin_unlock_bh(&port->lock);
	return err;
}

/* Out of a port's table, and freed when no packet can be on them any more. */
static void remove_ids(struct prose_port *port, struct list_head *ids)
{
	struct prose_port_id *id, *tmp;

	spin_lock_bh(&port->lock);
	list_for_each_entry(id, ids, list)
		hlist_del_rcu(&id->node);
	spin_unlock_bh(&port->lock);
	list_for_each_entry_safe(id, tmp, ids, list) {
		list_del(&id->list);
		kfree_rcu(id, rcu);
	}
}

static void free_ids(struct list_head *ids)
{
	struct prose_port_id *id, *tmp;

	list_for_each_entry_safe(id, tmp, ids, list) {
		list_del(&id->list);
		kfree(id);
	}
}

static int claim_on(struct prose_port *port, struct prose_dev *prose, struct prose_peer *peer,
		    u32 l2_id)
{
	struct prose_port_id *id = alloc_id(prose, peer, l2_id);
	LIST_HEAD(fresh);
	int err;

	if (!id)
		return -ENOMEM;
	list_add(&id->list, &fresh);
	err = insert_ids(port, &fresh, &l2_id);
	if (err)
		free_ids(&fresh);
	else
		list_splice(&fresh, &prose->ids);
	return err;
}

/**
 * prose_port_claim() - take one more own Layer-2 ID for a device
 * @prose: the device, on a port
 * @peer: the peer that it is for, NULL for the device itself
 * @l2_id: the Layer-2 ID
 *
 * Frames to it come to the device from now on.
 *
 * Context: the device's lock.
 * Return: 0, -EADDRINUSE if it is in use on the port, or -ENOMEM.
 */
int prose_port_claim(struct prose_dev *prose, struct prose_peer *peer, u32 l2_id)
{
	lockdep_assert_held(&prose->lock);
	return claim_on(port_of(prose), prose, peer, l2_id);
}

/**
 * prose_port_release() - give up an own Layer-2 ID of a device
 * @prose: the device, on a port
 * @l2_id: the Layer-2 ID, which it has claimed
 *
 * Packets that found it may still be on their way in.
 *
 * Context: the device's lock.
 */
void prose_port_release(struct prose_dev *prose, u32 l2_id)
{
	struct prose_port *port = port_of(prose);
	struct prose_port_id *id;
	LIST_HEAD(gone);

	lockdep_assert_held(&prose->lock);

	rcu_read_lock();
	id = find_id(port, l2_id);
	rcu_read_unlock();
	/* Nobody else writes what is the device's. */
	if (WARN_ON_ONCE(!id || id->prose != prose))
		return;
	list_move(&id->list, &gone);
	remove_ids(port, &gone);
}

/**
 * prose_port_join() - put a device on a port
 * @prose: the device, with its Layer-2 ID set and without peers
 * @port: the port; who holds it is the device from now on, if it is on it
 *
 * Context: RTNL, may sleep.
 * Return: 0, -EADDRINUSE if the Layer-2 ID is in use there, or -ENOMEM.
 */
int prose_port_join(struct prose_dev *prose, struct prose_port *port)
{
	int err;

	mutex_lock(&prose->lock);
	prose_drops_sum(port->drops, prose->port_base);
	err = claim_on(port, prose, NULL, prose->l2_id);
	if (!err)
		rcu_assign_pointer(prose->port, port);
	mutex_unlock(&prose->lock);
	return err;
}

/* What a port has counted since the device joined it is the past. */
static void keep_drops(struct prose_dev *prose, struct prose_port *port)
{
	u64 sum[PROSE_N_STATS];
	int i;

	prose_drops_sum(port->drops, sum);
	for (i = 0; i < PROSE_N_STATS; i++)
		prose->port_past[i] += sum[i] - prose->port_base[i];
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

	mutex_lock(&prose->lock);
	keep_drops(prose, port);
	remove_ids(port, &prose->ids);
	RCU_INIT_POINTER(prose->port, NULL);
	mutex_unlock(&prose->lock);
	/* Freeing it waits, too. */
	if (port->n_devs > 1)
		synchronize_net();
	prose_port_put(port);
}

/* The same own Layer-2 IDs once more. */
static int copy_ids(struct prose_dev *prose, struct list_head *fresh)
{
	struct prose_port_id *id, *copy;

	list_for_each_entry(id, &prose->ids, list) {
		copy = alloc_id(prose, id->peer, id->l2_id);
		if (!copy) {
			free_ids(fresh);
			return -ENOMEM;
		}
		list_add_tail(&copy->list, fresh);
	}
	return 0;
}

/**
 * prose_port_move() - change the port of a device
 * @prose: the device
 * @config: the settings that name the new one
 * @attr: which of them is new, where it stands in the request
 * @extack: told why not
 *
 * All own Layer-2 IDs of the device go with it. What is in flight to the old port may
 * still come in; what comes there later is lost.
 *
 * Context: RTNL, may sleep.
 * Return: 0 or a negative errno, with nothing changed.
 */
int prose_port_move(struct prose_dev *prose, const struct prose_carrier_config *config,
		    const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	struct prose_port *port, *old = rtnl_dereference(prose->port);
	LIST_HEAD(fresh);
	u32 taken = 0;
	int err;

	port = prose->carrier->port_get(prose, config, extack);
	if (IS_ERR(port))
		return PTR_ERR(port);

	mutex_lock(&prose->lock);
	err = copy_ids(prose, &fresh);
	if (err)
		goto err_unlock;
	err = insert_ids(port, &fresh, &taken);
	if (err)
		goto err_taken;
	keep_drops(prose, old);
	prose_drops_sum(port->drops, prose->port_base);
	rcu_assign_pointer(prose->port, port);
	remove_ids(old, &prose->ids);
	list_splice(&fresh, &prose->ids);
	WRITE_ONCE(prose->config.ethertype, config->ethertype);
	WRITE_ONCE(prose->config.port, config->port);
	mutex_unlock(&prose->lock);
	prose_port_put(old);
	return 0;

err_taken:
	if (taken == prose->l2_id)
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "prose: another device there has the same address");
	else
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "prose: another device there has the local-l2-id of a peer");
	free_ids(&fresh);
err_unlock:
	mutex_unlock(&prose->lock);
	prose_port_put(port);
	return err;
}

/**
 * prose_port_rename() - change the Layer-2 ID of a device
 * @prose: the device
 * @l2_id: the new one
 *
 * Context: RTNL and the device's lock.
 * Return: 0, -EADDRINUSE if it is in use on the port, or -ENOMEM; then nothing changed.
 */
int prose_port_rename(struct prose_dev *prose, u32 l2_id)
{
	u32 old = prose->l2_id;
	int err;

	err = prose_port_claim(prose, NULL, l2_id);
	if (err)
		return err;
	WRITE_ONCE(prose->l2_id, l2_id);
	prose_port_release(prose, old);
	return 0;
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
	const struct prose_port_id *from, *to;
	struct prose_mac_hdr mac;
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
	 * an attacker. DIRECTION would give it away, but why decipher it. Neither does a
	 * device send to itself, by whichever of its IDs.
	 */
	from = find_id(port, mac.src);
	to = find_id(port, mac.dst);
	if (unlikely(from && (!to || to->prose == from->prose))) {
		prose_drop(from->prose, skb, PROSE_A_STAT_RX_OWN_SOURCE);
		return NET_RX_DROP;
	}
	if (!to || unlikely(!netif_running(to->prose->dev)))
		return prose_port_drop(port, skb, PROSE_A_STAT_RX_NOT_FOR_US);

	prose_receive(to->prose, to->peer, skb, readable, &mac, origin);
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
