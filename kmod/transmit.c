// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transmission: peer, COUNT, MAC-I, ciphering, carrier.
 *
 * The packet's buffer is made ours, linear and with room at both ends at one go, and
 * then worked on in place. A super-packet comes down the stack in one piece, and peer and
 * association are looked up for it once; then it is segmented, by which copy out of
 * pages and checksum are done in one pass, and the segments are mostly linear, unshared
 * and with room already.
 *
 * Ciphering may end later, in another context. Between its start and its end the
 * packet belongs to the crypto layer, and cb holds the references.
 */

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/dst_metadata.h>
#include <net/icmp.h>
#include <net/inet_ecn.h>
#include <net/ip6_route.h>
#include <net/ip_tunnels.h>
#include <net/route.h>

#include "assoc.h"
#include "carrier.h"
#include "device.h"
#include "netlink.h"
#include "pdcp.h"
#include "peer.h"
#include "segment.h"
#include "stats.h"
#include "trace.h"
#include "transmit.h"

/**
 * struct prose_tx_cb - a packet on its way out, in skb->cb
 * @base: association, and where ciphering stands
 * @count: COUNT
 * @src: Layer-2 ID of the sender, of 24 bits, as all are
 * @lcid: logical channel
 * @dst: Layer-2 ID of the receiver
 * @ecn: that of the SDU
 * @len: octets of the SDU
 * @dest: where the receiver is on the carrier
 */
struct prose_tx_cb {
	struct prose_cb base;
	u32 count;
	u32 src : 24, lcid : 8;
	u32 dst : 24, ecn : 8;
	u16 len;
	struct prose_carrier_addr dest;
};

static struct prose_tx_cb *tx_cb(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct prose_tx_cb) > sizeof(skb->cb));
	return (struct prose_tx_cb *)skb->cb;
}

/* The PDCP PDU is complete: MAC PDU around it, and out. */
static int tx_frame(struct prose_dev *prose, struct sk_buff *skb)
{
	const struct prose_tx_cb cb = *tx_cb(skb);
	struct prose_assoc *assoc = cb.base.assoc;
	size_t pdu_len = skb->len;
	bool padded;
	int err;

	padded = READ_ONCE(prose->pad) &&
		 PROSE_MAC_HDR_LEN + pdu_len < prose->carrier->padded_below;
	prose_mac_build(skb_push(skb, prose_mac_len(padded)), cb.src, cb.dst, cb.lcid, padded,
			pdu_len);
	if (padded && __skb_put_padto(skb, prose->carrier->padded_below, false)) {
		prose_drop(prose, skb, PROSE_A_STAT_TX_NOMEM);
		return -ENOMEM;
	}

	/* The stack below reads its own things in it. */
	memset(skb->cb, 0, sizeof(skb->cb));
	err = prose->carrier->xmit(prose, skb, assoc ? assoc->peer : NULL, &cb.dest, cb.ecn);
	if (unlikely(err)) {
		/* The packet is gone already. */
		prose_drop(prose, NULL, PROSE_A_STAT_TX_LOWER);
		return err;
	}

	if (assoc) {
		prose_traffic_tx(assoc->traffic, cb.len);
		if (cb.lcid == PROSE_LCID_DATA) {
			prose_traffic_tx(assoc->peer->traffic, cb.len);
			prose_traffic_tx(prose->traffic, cb.len);
		}
	}
	trace_prose_tx(prose->dev, assoc ? assoc->peer->l2_id : cb.dst,
		       assoc ? assoc->config.kd_sess_id : 0, cb.lcid, cb.count, cb.len);
	return 0;
}

/*
 * Ciphering ended. Called for both ways it can: on the spot with its result, and by
 * the crypto layer, BH disabled.
 */
static int tx_done(struct sk_buff *skb, int err)
{
	struct prose_assoc *assoc = tx_cb(skb)->base.assoc;
	struct prose_dev *prose = assoc->peer->prose;

	if (unlikely(err))
		prose_drop(prose, skb, PROSE_A_STAT_TX_CRYPTO);
	else
		err = tx_frame(prose, skb);
	/* May be the last reference to anything of the device. */
	prose_assoc_put(assoc);
	return err;
}

static void tx_crypto_done(void *data, int err)
{
	/* A request that waited in a queue has started; its end is still to come. */
	if (err == -EINPROGRESS)
		return;
	kfree(tx_cb(data)->base.op);
	tx_done(data, err);
}

COMPAT_CRYPTO_DONE(tx_crypto_done)

/*
 * Make the buffer linear and ours alone, with room for everything: one allocation
 * and one copy at most, none for most packets. skb->sk stays, so that the socket's
 * accounting holds until the frame is really out.
 */
static int tx_make_room(struct prose_dev *prose, struct sk_buff *skb)
{
	int head = prose->carrier->headroom(prose) - (int)skb_headroom(skb);
	int tail = prose->carrier->tailroom(prose) + (int)skb->data_len -
		   (int)(skb_end_pointer(skb) - skb_tail_pointer(skb));

	if (head > 0 || tail > 0 || skb_cloned(skb)) {
		if (pskb_expand_head(skb, SKB_DATA_ALIGN(max(head, 0)), max(tail, 0), GFP_ATOMIC))
			return -ENOMEM;
	}
	return skb_linearize(skb);
}

/* Whether the SDU is ciphered. Only the commander's security mode message is not. */
static bool tx_ciphered(const struct prose_assoc *assoc, u8 lcid)
{
	return assoc->keys.eea && !(lcid == PROSE_LCID_SMC && assoc->config.direction == 1);
}

static bool tx_integrity(const struct prose_assoc *assoc, u8 lcid)
{
	return lcid != PROSE_LCID_DATA || assoc->config.up_integrity;
}

static int tx_add_mac(struct sk_buff *skb)
{
	const struct prose_tx_cb *cb = tx_cb(skb);
	const struct prose_assoc *assoc = cb->base.assoc;
	u8 mac[PROSE_MAC_I_LEN];
	int err;

	err = prose_eia_mac(&assoc->keys, cb->count, cb->lcid, assoc->config.direction,
			    skb->data, skb->len, mac);
	if (likely(!err))
		skb_put_data(skb, mac, sizeof(mac));
	return err;
}

/* COUNT and header. False if no COUNT is left. */
static bool tx_number(struct sk_buff *skb)
{
	struct prose_tx_cb *cb = tx_cb(skb);
	struct prose_assoc *assoc = cb->base.assoc;

	if (unlikely(!prose_assoc_take_count(assoc, prose_bearer_of(cb->lcid), &cb->count)))
		return false;
	prose_pdcp_build(skb_push(skb, PROSE_PDCP_HDR_LEN),
			 cb->lcid == PROSE_LCID_DATA ? PROSE_SDU_IP : PROSE_SDU_PC5S,
			 assoc->config.kd_sess_id, cb->count & 0xffff);
	return true;
}

/* MAC-I and ciphering of a packet in its queue. 0 or a negative errno. */
static int tx_parallel(struct sk_buff *skb)
{
	const struct prose_tx_cb *cb = tx_cb(skb);
	const struct prose_assoc *assoc = cb->base.assoc;
	int err = 0;

	if (tx_integrity(assoc, cb->lcid))
		err = tx_add_mac(skb);
	if (!err && tx_ciphered(assoc, cb->lcid))
		err = prose_eea_crypt(&assoc->keys, NULL, cb->count, cb->lcid,
				      assoc->config.direction, skb->data + PROSE_PDCP_HDR_LEN,
				      cb->len, NULL, NULL);
	return err;
}

static void tx_serial(struct sk_buff *skb, int err)
{
	tx_done(skb, err);
}

const struct prose_queue_ops prose_transmit_ops = {
	.parallel	= tx_parallel,
	.serial		= tx_serial,
};

/* A packet that others work on. Consumes packet and reference. */
static int tx_spread(struct prose_dev *prose, struct sk_buff *skb, struct prose_queue *queue)
{
	struct prose_assoc *assoc = tx_cb(skb)->base.assoc;
	int stat = 0;

	/* So that the order of COUNTs is that of the queue. */
	spin_lock(&queue->packets.lock);
	if (unlikely(prose_queue_full(queue)))
		stat = PROSE_A_STAT_TX_NOMEM;
	else if (unlikely(!tx_number(skb)))
		stat = PROSE_A_STAT_TX_COUNT_LIMIT;
	else
		prose_queue_add(queue, skb);
	spin_unlock(&queue->packets.lock);
	if (unlikely(stat)) {
		prose_drop(prose, skb, stat);
		prose_assoc_put(assoc);
		return stat == PROSE_A_STAT_TX_NOMEM ? -ENOBUFS : -EOVERFLOW;
	}
	prose_queue_run(queue, skb);
	return 0;
}

/* Header, MAC-I and ciphering of a protected SDU. Consumes packet and reference. */
static int tx_protect(struct prose_dev *prose, struct sk_buff *skb, u32 *count)
{
	struct prose_tx_cb *cb = tx_cb(skb);
	struct prose_assoc *assoc = cb->base.assoc;
	struct prose_queue *queue;
	bool ciphered;
	int err;

	queue = cb->lcid == PROSE_LCID_DATA ? prose_queue_wanted(assoc, true, cb->len) : NULL;
	if (queue)
		return tx_spread(prose, skb, queue);

	/* Before a COUNT is taken, which then would be wasted. */
	ciphered = tx_ciphered(assoc, cb->lcid);
	if (ciphered) {
		err = prose_eea_op_get(&assoc->keys, &cb->base.op);
		if (unlikely(err)) {
			prose_drop(prose, skb, PROSE_A_STAT_TX_NOMEM);
			goto out_put;
		}
	}

	if (unlikely(!tx_number(skb))) {
		err = -EOVERFLOW;
		kfree(cb->base.op);
		prose_drop(prose, skb, PROSE_A_STAT_TX_COUNT_LIMIT);
		goto out_put;
	}

	if (count)
		*count = cb->count;

	if (tx_integrity(assoc, cb->lcid)) {
		err = tx_add_mac(skb);
		if (unlikely(err)) {
			kfree(cb->base.op);
			prose_drop(prose, skb, PROSE_A_STAT_TX_CRYPTO);
			goto out_put;
		}
	}

	err = 0;
	if (ciphered) {
		err = prose_eea_crypt(&assoc->keys, cb->base.op, cb->count, cb->lcid,
				      assoc->config.direction, skb->data + PROSE_PDCP_HDR_LEN,
				      cb->len, COMPAT_CRYPTO_DONE_FN(tx_crypto_done), skb);
		/* The packet is not ours any more. */
		if (err == -EINPROGRESS)
			return 0;
		kfree(cb->base.op);
	}
	return tx_done(skb, err);

out_put:
	prose_assoc_put(assoc);
	return err;
}

/**
 * prose_transmit() - protect, number and send an SDU
 * @prose: the device
 * @skb: the SDU, consumed
 * @tx: how; its reference is consumed
 * @count: where to put the COUNT if it is protected, or NULL
 *
 * Context: BH disabled.
 * Return: 0 if it was sent or is on its way, or a negative errno. Drops are counted.
 */
int prose_transmit(struct prose_dev *prose, struct sk_buff *skb, const struct prose_tx *tx,
		   u32 *count)
{
	struct prose_tx_cb *cb;
	int err;

	if (unlikely(skb->len > PROSE_SDU_MAX)) {
		err = -EMSGSIZE;
		prose_drop(prose, skb, PROSE_A_STAT_TX_TOO_BIG);
		goto err_put;
	}
	if (unlikely(tx_make_room(prose, skb) ||
		     (skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb)))) {
		err = -ENOMEM;
		prose_drop(prose, skb, PROSE_A_STAT_TX_NOMEM);
		goto err_put;
	}

	cb = tx_cb(skb);
	memset(cb, 0, sizeof(*cb));
	cb->base.assoc = tx->assoc;
	cb->src = tx->src;
	cb->dst = tx->dst;
	cb->len = skb->len;
	cb->lcid = tx->lcid;
	cb->ecn = tx->ecn;
	cb->dest = tx->dest;

	if (!tx->assoc) {
		prose_pdcp_build(skb_push(skb, PROSE_PDCP_HDR_LEN), PROSE_SDU_PC5S, 0, 0);
		return tx_frame(prose, skb);
	}
	return tx_protect(prose, skb, count);

err_put:
	if (tx->assoc)
		prose_assoc_put(tx->assoc);
	return err;
}

/* The address to look a peer up by: of the router if there is one, else the receiver's. */
static void next_hop(const struct sk_buff *skb, const struct net_device *dev,
		     struct prose_addr *addr)
{
	const struct dst_entry *dst = skb_valid_dst(skb) ? skb_dst(skb) : NULL;

	/* A route through another device, when the packet was redirected here. */
	if (dst && dst->dev != dev)
		dst = NULL;

	if (skb->protocol == htons(ETH_P_IPV6)) {
		const struct in6_addr *daddr = &ipv6_hdr(skb)->daddr;

		if (dst)
			daddr = rt6_nexthop(dst_rt6_info(dst), daddr);
		prose_addr_v6(addr, daddr);
		return;
	}

	if (dst) {
		const struct rtable *rt = dst_rtable(dst);

		if (rt->rt_gw_family == AF_INET6) {
			prose_addr_v6(addr, &rt->rt_gw6);
			return;
		}
		prose_addr_v4(addr, rt_nexthop(rt, ip_hdr(skb)->daddr));
		return;
	}
	prose_addr_v4(addr, ip_hdr(skb)->daddr);
}

/* For many, or for all in the subnet; groups are no peers. */
static bool is_multicast(const struct sk_buff *skb, const struct prose_addr *addr)
{
	__be32 v4 = addr->in6.s6_addr32[3];

	if (!prose_addr_is_v4(addr))
		return ipv6_addr_is_multicast(&addr->in6);
	if (skb_valid_dst(skb) && skb->protocol == htons(ETH_P_IP) &&
	    skb_rtable(skb)->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST))
		return true;
	return ipv4_is_multicast(v4) || ipv4_is_lbcast(v4);
}

/* Tell the sender. Not sent in clear, not queued: there may never be an association. */
static void tx_unreachable(struct prose_dev *prose, struct sk_buff *skb, struct prose_peer *peer,
			   const struct prose_addr *addr)
{
	if (is_multicast(skb, addr))
		return;
	prose_nl_peer_wanted(prose, peer, addr);
	if (skb->protocol == htons(ETH_P_IPV6))
		icmpv6_ndo_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, 0);
	else
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
}

/* Each segment of a super-packet. Consumes packet and reference. */
static void tx_segments(struct prose_dev *prose, struct sk_buff *skb, const struct prose_tx *tx)
{
	struct sk_buff *segs, *next;

	segs = prose_segment(skb, SKB_DATA_ALIGN(prose->carrier->headroom(prose)));
	if (unlikely(!segs)) {
		prose_drop(prose, NULL, PROSE_A_STAT_TX_NOMEM);
		prose_assoc_put(tx->assoc);
		return;
	}

	skb_list_walk_safe(segs, skb, next) {
		skb_mark_not_on_list(skb);
		skb->encapsulation = 0;
		/* All but the last take a reference of their own. */
		if (next)
			prose_assoc_get(tx->assoc);
		prose_transmit(prose, skb, tx, NULL);
	}
}

/*
 * More than the way to the peer takes: tell the sender. What may be split goes all the
 * same, and is split below us, as is what every IPv6 link must take.
 */
static bool tx_too_long(struct prose_dev *prose, struct sk_buff *skb,
			struct prose_endpoint *endpoint)
{
	unsigned int max = prose->carrier->max_sdu(prose, endpoint);
	bool v6 = skb->protocol == htons(ETH_P_IPV6);

	if (!max || prose_segment_fits(skb, max) ||
	    (!v6 && !(ip_hdr(skb)->frag_off & htons(IP_DF))))
		return false;
	max = max_t(unsigned int, max, IPV6_MIN_MTU);
	skb_dst_update_pmtu_no_confirm(skb, max);
	if (v6)
		icmpv6_ndo_send(skb, ICMPV6_PKT_TOOBIG, 0, max);
	else
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, htonl(max));
	return true;
}

/**
 * prose_xmit() - ndo_start_xmit
 * @skb: an IP packet
 * @dev: the device
 *
 * Return: NETDEV_TX_OK, always.
 */
netdev_tx_t prose_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct prose_dev *prose = netdev_priv(dev);
	struct prose_tx tx = { .lcid = PROSE_LCID_DATA };
	struct prose_endpoint *endpoint;
	struct prose_addr addr;
	struct prose_peer *peer;
	__be16 protocol;

	/* It may come from a packet socket, which sends what it likes. */
	protocol = ip_tunnel_parse_protocol(skb);
	if (unlikely(!protocol || protocol != skb->protocol || skb_network_offset(skb) ||
		     !pskb_may_pull(skb, protocol == htons(ETH_P_IPV6) ?
					 sizeof(struct ipv6hdr) : sizeof(struct iphdr)))) {
		prose_drop(prose, skb, PROSE_A_STAT_TX_NOT_IP);
		return NETDEV_TX_OK;
	}
	if (unlikely(!prose_segment_fits(skb, READ_ONCE(dev->mtu)))) {
		prose_drop(prose, skb, PROSE_A_STAT_TX_TOO_BIG);
		return NETDEV_TX_OK;
	}

	next_hop(skb, dev, &addr);

	rcu_read_lock();
	peer = prose_peer_find_addr(prose, &addr);
	if (unlikely(!peer)) {
		tx_unreachable(prose, skb, NULL, &addr);
		prose_drop(prose, skb, PROSE_A_STAT_TX_NO_PEER);
		goto out_unlock;
	}
	tx.assoc = prose_assoc_get_tx(peer);
	if (unlikely(!tx.assoc)) {
		tx_unreachable(prose, skb, peer, &addr);
		prose_drop(prose, skb, PROSE_A_STAT_TX_NO_ASSOC);
		goto out_unlock;
	}
	endpoint = prose_peer_endpoint(peer);
	if (unlikely(!endpoint)) {
		prose_assoc_put(tx.assoc);
		prose_drop(prose, skb, PROSE_A_STAT_TX_NO_CARRIER_ADDR);
		goto out_unlock;
	}
	if (skb->len > IPV6_MIN_MTU && prose->carrier->max_sdu &&
	    unlikely(tx_too_long(prose, skb, endpoint))) {
		prose_assoc_put(tx.assoc);
		prose_drop(prose, skb, PROSE_A_STAT_TX_TOO_BIG);
		goto out_unlock;
	}
	prose_peer_ids(peer, &tx.src, &tx.dst);
	tx.dest = endpoint->addr;
	tx.ecn = ip_tunnel_get_dsfield(ip_hdr(skb), skb) & INET_ECN_MASK;

	/* What the lower device sees is a new packet, perhaps in another namespace. */
	skb_dst_drop(skb);
	skb_scrub_packet(skb, !net_eq(dev_net(dev), prose_carrier_net(prose)));
	if (skb_is_gso(skb)) {
		tx_segments(prose, skb, &tx);
	} else {
		skb->encapsulation = 0;
		prose_transmit(prose, skb, &tx, NULL);
	}

out_unlock:
	rcu_read_unlock();
	return NETDEV_TX_OK;
}
