// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reception: headers, association, deciphering, MAC-I, replay window, and then the
 * stack or the signalling owner.
 *
 * The order is the point. Lengths are checked before anything is read; until the MAC
 * has verified nothing changes but counters of drops; the window moves after that and
 * only then does anyone see the SDU. Every packet from outside ends in exactly one of
 * delivered, or dropped under one name.
 *
 * The buffer is made linear and ours alone before it is deciphered in place. Pages
 * are copied, not deciphered: a frame that never left this machine may still have
 * pages of a file in it that someone sent with sendfile().
 */

#include <crypto/algapi.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/inet_ecn.h>
#include <net/ip6_route.h>
#include <net/ip_tunnels.h>
#include <net/l3mdev.h>
#include <net/route.h>

#include "assoc.h"
#include "carrier.h"
#include "device.h"
#include "netlink.h"
#include "pdcp.h"
#include "peer.h"
#include "receive.h"
#include "signal.h"
#include "stats.h"
#include "trace.h"

/**
 * struct prose_rx_cb - a packet on its way in, in skb->cb
 * @base: association, and where deciphering stands
 * @count: COUNT
 * @origin: where it came from
 * @lcid: logical channel
 * @dst: own Layer-2 ID that it was sent to
 */
struct prose_rx_cb {
	struct prose_cb base;
	u32 count;
	struct prose_origin origin;
	u8 lcid;
	u32 dst;
};

static struct prose_rx_cb *rx_cb(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct prose_rx_cb) > sizeof(skb->cb));
	return (struct prose_rx_cb *)skb->cb;
}

static int parse_stat(enum prose_parse verdict)
{
	switch (verdict) {
	case PROSE_PARSE_SHORT:
		return PROSE_A_STAT_RX_SHORT;
	case PROSE_PARSE_BEARER:
		return PROSE_A_STAT_RX_BEARER;
	case PROSE_PARSE_SDU_TYPE:
		return PROSE_A_STAT_RX_SDU_TYPE;
	case PROSE_PARSE_UNPROTECTED:
		return PROSE_A_STAT_RX_UNPROTECTED;
	case PROSE_PARSE_OK:
	case PROSE_PARSE_RESERVED:
		break;
	}
	return PROSE_A_STAT_RX_RESERVED;
}

static bool rx_integrity(const struct prose_assoc *assoc, u8 lcid)
{
	return lcid != PROSE_LCID_DATA || assoc->config.up_integrity;
}

static u8 rx_direction(const struct prose_assoc *assoc)
{
	return !assoc->config.direction;
}

/* Whether the SDU is ciphered. Only the commander's security mode message is not. */
static bool rx_ciphered(const struct prose_assoc *assoc, u8 lcid)
{
	return assoc->keys.eea && !(lcid == PROSE_LCID_SMC && rx_direction(assoc) == 1);
}

static void integrity_failed(struct prose_assoc *assoc)
{
	u32 threshold = READ_ONCE(assoc->peer->prose->integrity_threshold);
	u64 failures = atomic64_inc_return(&assoc->integrity_failures);
	u32 rem;

	div_u64_rem(failures, threshold, &rem);
	if (!rem)
		prose_nl_integrity(assoc);
}

/* Without memory, the next frame says it again. */
static void rx_learn(struct prose_peer *peer, const struct prose_carrier_addr *from)
{
	struct prose_endpoint *endpoint;
	bool known;

	rcu_read_lock();
	endpoint = rcu_dereference(peer->endpoint);
	known = endpoint && prose_carrier_addr_equal(&endpoint->addr, from);
	rcu_read_unlock();
	if (likely(known) || !peer->prose->carrier->is_unicast(peer->prose, from))
		return;
	endpoint = prose_endpoint_alloc(from, peer->prose->carrier->routed, GFP_ATOMIC);
	if (endpoint)
		prose_endpoint_set(&peer->endpoint, endpoint);
}

/*
 * The MAC verified and the frame is new. Where it came from counts only if it is the
 * newest: an older one that was held back, or came another way, must not lead ours away.
 */
static void rx_genuine(struct prose_assoc *assoc, int id, const struct prose_carrier_addr *from,
		       bool newest)
{
	struct prose_peer *peer = assoc->peer;
	u64 now = ktime_get_coarse_boottime_ns();

	if (atomic64_read(&peer->last_rx) != now)
		atomic64_set(&peer->last_rx, now);
	if (newest)
		rx_learn(peer, from);
	prose_assoc_verified(assoc, id);
}

static struct prose_peer *peer_behind_v4(struct prose_dev *prose, __be32 saddr)
{
	/* Any route, but in a VRF those of the VRF: a better one elsewhere means no. */
	struct flowi4 fl4 = {
		.daddr = saddr,
		.flowi4_oif = l3mdev_master_ifindex_rcu(prose->dev),
	};
	struct prose_addr addr;
	struct rtable *rt;

	rt = ip_route_output_key(dev_net(prose->dev), &fl4);
	if (IS_ERR(rt))
		return NULL;
	if (rt->dst.dev != prose->dev || rt->rt_type != RTN_UNICAST) {
		ip_rt_put(rt);
		return NULL;
	}
	if (rt->rt_gw_family == AF_INET6)
		prose_addr_v6(&addr, &rt->rt_gw6);
	else
		prose_addr_v4(&addr, rt_nexthop(rt, saddr));
	ip_rt_put(rt);
	return prose_peer_find_addr(prose, &addr);
}

static struct prose_peer *peer_behind_v6(struct prose_dev *prose, const struct in6_addr *saddr)
{
	struct flowi6 fl6 = {
		.daddr = *saddr,
		.flowi6_oif = l3mdev_master_ifindex_rcu(prose->dev),
	};
	struct prose_addr addr;
	struct dst_entry *dst;

	dst = compat_ip6_dst_lookup(dev_net(prose->dev), NULL, &fl6);
	if (IS_ERR(dst))
		return NULL;
	if (dst->dev != prose->dev) {
		dst_release(dst);
		return NULL;
	}
	prose_addr_v6(&addr, rt6_nexthop(dst_rt6_info(dst), saddr));
	dst_release(dst);
	return prose_peer_find_addr(prose, &addr);
}

/*
 * Would an answer go back to the peer it came from? Most are from an address of the
 * peer. A peer that routes for others sends with addresses behind it; then the route
 * to them must lead to the peer.
 */
static bool source_is_peers(struct prose_peer *peer, struct sk_buff *skb)
{
	struct prose_dev *prose = peer->prose;
	struct prose_peer *owner;
	struct prose_addr addr;

	if (skb->protocol == htons(ETH_P_IPV6)) {
		const struct in6_addr *saddr = &ipv6_hdr(skb)->saddr;

		prose_addr_v6(&addr, saddr);
		/* IPv4 in disguise is nobody's. */
		if (prose_addr_is_v4(&addr))
			return false;
		if (likely(prose_peer_has_addr(peer, &addr)))
			return true;
		owner = prose_peer_find_addr(prose, &addr);
		if (!owner && !(ipv6_addr_type(saddr) & (IPV6_ADDR_MULTICAST | IPV6_ADDR_LOOPBACK |
							 IPV6_ADDR_LINKLOCAL)) &&
		    !ipv6_addr_any(saddr))
			owner = peer_behind_v6(prose, saddr);
	} else {
		__be32 saddr = ip_hdr(skb)->saddr;

		prose_addr_v4(&addr, saddr);
		if (likely(prose_peer_has_addr(peer, &addr)))
			return true;
		owner = prose_peer_find_addr(prose, &addr);
		if (!owner && !ipv4_is_multicast(saddr) && !ipv4_is_lbcast(saddr) &&
		    !ipv4_is_loopback(saddr) && !ipv4_is_zeronet(saddr))
			owner = peer_behind_v4(prose, saddr);
	}
	return owner == peer;
}

/* A user-data SDU that passed. Consumes the packet, not the reference. */
static void rx_data(struct prose_assoc *assoc, struct sk_buff *skb, const struct prose_rx_cb *cb)
{
	struct prose_peer *peer = assoc->peer;
	struct prose_dev *prose = peer->prose;
	unsigned int len = skb->len;
	bool ours;

	skb_reset_network_header(skb);
	skb->protocol = ip_tunnel_parse_protocol(skb);
	if (unlikely(!skb->protocol ||
		     (skb->protocol == htons(ETH_P_IPV6) && len < sizeof(struct ipv6hdr)))) {
		prose_drop(prose, skb, PROSE_A_STAT_RX_NOT_IP);
		return;
	}

	rcu_read_lock();
	ours = source_is_peers(peer, skb);
	rcu_read_unlock();
	if (unlikely(!ours)) {
		prose_drop(prose, skb, PROSE_A_STAT_RX_SPOOFED);
		return;
	}

	/* RFC 6040; but what cannot be marked is not dropped, for nobody verifies the mark. */
	if (unlikely(cb->origin.ce))
		INET_ECN_set_ce(skb);

	skb->dev = prose->dev;
	skb_scrub_packet(skb, true);
	skb->pkt_type = PACKET_HOST;
	/* Under a MAC the octets are those the peer sent: a checksum would find no more. */
	skb->ip_summed = assoc->config.up_integrity ? CHECKSUM_UNNECESSARY : CHECKSUM_NONE;
	skb->csum_level = assoc->config.up_integrity ? ~0 : 0;
	skb->encapsulation = 0;
	skb_clear_hash(skb);
	skb_set_queue_mapping(skb, 0);
	skb_reset_mac_header(skb);
	skb_reset_mac_len(skb);
	skb_reset_transport_header(skb);
	memset(skb->cb, 0, sizeof(skb->cb));

	prose_traffic_rx(peer->traffic, len);
	prose_traffic_rx(prose->traffic, len);
	trace_prose_rx(prose->dev, peer->l2_id, assoc->config.kd_sess_id, PROSE_LCID_DATA,
		       cb->count, len);
	/* Drops, and counts it itself, what comes too fast for the stack. */
	gro_cells_receive(&prose->gro, skb);
}

static void rx_signal(struct prose_assoc *assoc, struct sk_buff *skb, const struct prose_rx_cb *cb)
{
	struct prose_peer *peer = assoc->peer;
	const struct prose_signal signal = {
		.l2_id = peer->l2_id,
		.local_l2_id = cb->dst,
		.from = &cb->origin.addr,
		.bearer = cb->lcid,
		.protection = cb->lcid == PROSE_LCID_SMC && rx_direction(assoc) == 1 ?
			      PROSE_PROTECTION_INTEGRITY : PROSE_PROTECTION_FULL,
		.kd_sess_id = assoc->config.kd_sess_id,
		.count = cb->count,
	};

	trace_prose_rx(peer->prose->dev, peer->l2_id, assoc->config.kd_sess_id, cb->lcid, cb->count,
		       skb->len);
	prose_signal_deliver(peer->prose, skb, &signal);
}

/*
 * The SDU is plain text now: a PDCP header, the SDU, and MAC-I if integrity applies.
 * 0, or the cause to drop it for.
 */
static int rx_verify(struct sk_buff *skb)
{
	const struct prose_rx_cb *cb = rx_cb(skb);
	struct prose_assoc *assoc = cb->base.assoc;
	unsigned int len = skb->len - PROSE_MAC_I_LEN;
	u8 mac[PROSE_MAC_I_LEN];

	if (!rx_integrity(assoc, cb->lcid))
		return 0;
	if (unlikely(prose_eia_mac(&assoc->keys, cb->count, cb->lcid, rx_direction(assoc),
				   skb->data, len, mac)))
		return PROSE_A_STAT_RX_CRYPTO;
	if (unlikely(crypto_memneq(skb->data + len, mac, sizeof(mac)))) {
		integrity_failed(assoc);
		return PROSE_A_STAT_RX_INTEGRITY;
	}
	skb_trim(skb, len);
	return 0;
}

/* A packet in its queue: decipher and verify. 0, or the cause to drop it for. */
static int rx_parallel(struct sk_buff *skb)
{
	const struct prose_rx_cb *cb = rx_cb(skb);
	struct prose_assoc *assoc = cb->base.assoc;
	unsigned int len = skb->len - PROSE_PDCP_HDR_LEN;

	if (rx_integrity(assoc, cb->lcid))
		len -= PROSE_MAC_I_LEN;
	if (rx_ciphered(assoc, cb->lcid) &&
	    unlikely(prose_eea_crypt(&assoc->keys, NULL, cb->count, cb->lcid, rx_direction(assoc),
				     skb->data + PROSE_PDCP_HDR_LEN, len, NULL, NULL)))
		return PROSE_A_STAT_RX_CRYPTO;
	return rx_verify(skb);
}

/*
 * What is left of the order above, for a verified packet without its MAC-I, or one that
 * is to be dropped for @stat. Consumes packet and reference.
 */
static void rx_serial(struct sk_buff *skb, int stat)
{
	const struct prose_rx_cb cb = *rx_cb(skb);
	struct prose_assoc *assoc = cb.base.assoc;
	struct prose_dev *prose = assoc->peer->prose;
	int id = prose_bearer_of(cb.lcid);
	struct prose_bearer *bearer = &assoc->bearers[id];
	bool newest, taken;

	if (unlikely(stat)) {
		prose_drop(prose, skb, stat);
		goto out_put;
	}

	spin_lock_bh(&bearer->lock);
	newest = !bearer->replay.seen || cb.count > bearer->replay.highest;
	taken = prose_replay_update(&bearer->replay, cb.count);
	spin_unlock_bh(&bearer->lock);
	if (unlikely(!taken)) {
		atomic64_inc(&assoc->replays);
		prose_drop(prose, skb, PROSE_A_STAT_RX_REPLAY);
		goto out_put;
	}
	if (rx_integrity(assoc, cb.lcid))
		rx_genuine(assoc, id, &cb.origin.addr, newest);

	skb_pull(skb, PROSE_PDCP_HDR_LEN);
	prose_traffic_rx(assoc->traffic, skb->len);
	if (cb.lcid == PROSE_LCID_DATA)
		rx_data(assoc, skb, &cb);
	else
		rx_signal(assoc, skb, &cb);

out_put:
	/* May be the last reference to anything of the device. */
	prose_assoc_put(assoc);
}

const struct prose_queue_ops prose_receive_ops = {
	.parallel	= rx_parallel,
	.serial		= rx_serial,
};

/* Deciphering ended. */
static void rx_done(struct sk_buff *skb, int err)
{
	kfree(rx_cb(skb)->base.op);
	rx_serial(skb, unlikely(err) ? PROSE_A_STAT_RX_CRYPTO : rx_verify(skb));
}

static void rx_crypto_done(void *data, int err)
{
	/* A request that waited in a queue has started; its end is still to come. */
	if (err == -EINPROGRESS)
		return;
	rx_done(data, err);
}

COMPAT_CRYPTO_DONE(rx_crypto_done)

static bool count_is_valid(const struct prose_assoc *assoc, u32 count)
{
	return count >= assoc->config.count_start && count <= assoc->config.count_limit;
}

/* COUNT, and what can be said before deciphering. 0, or the cause to drop it for. */
static int rx_count(struct prose_assoc *assoc, u8 lcid, u16 sn, u32 *count)
{
	struct prose_bearer *bearer = &assoc->bearers[prose_bearer_of(lcid)];
	bool fresh;
	u32 ref;

	ref = prose_replay_ref(&bearer->replay);
	if (!prose_count_recover(ref, sn, count) || !count_is_valid(assoc, *count)) {
		/* After a long gap, the nearest COUNT may be none, and this the only one. */
		*count = (ref & 0xffff0000) | sn;
		if (!count_is_valid(assoc, *count))
			return PROSE_A_STAT_RX_COUNT_LIMIT;
	}

	if (rx_integrity(assoc, lcid))
		return 0;
	/* There is no MAC to wait for. */
	spin_lock_bh(&bearer->lock);
	fresh = prose_replay_check(&bearer->replay, *count);
	spin_unlock_bh(&bearer->lock);
	if (fresh)
		return 0;
	atomic64_inc(&assoc->replays);
	return PROSE_A_STAT_RX_REPLAY;
}

/* A packet that others work on. Consumes it and its reference, or false if too many wait. */
static bool rx_spread(struct sk_buff *skb, struct prose_queue *queue)
{
	bool full;

	spin_lock(&queue->packets.lock);
	full = prose_queue_full(queue);
	if (likely(!full))
		prose_queue_add(queue, skb);
	spin_unlock(&queue->packets.lock);
	if (unlikely(full))
		return false;
	prose_queue_run(queue, skb);
	return true;
}

/* A frame under an association we have. Consumes packet and reference. */
static void rx_protected(struct prose_dev *prose, struct sk_buff *skb, struct prose_assoc *assoc,
			 const struct prose_mac_hdr *mac, const struct prose_pdcp_hdr *pdcp,
			 const struct prose_origin *origin)
{
	unsigned int min = PROSE_PDCP_HDR_LEN + 1;
	struct prose_queue *queue;
	struct prose_rx_cb *cb;
	unsigned int len;
	int stat, err = 0;
	u32 count;

	if (rx_integrity(assoc, mac->lcid))
		min += PROSE_MAC_I_LEN;
	stat = PROSE_A_STAT_RX_SHORT;
	if (unlikely(skb->len < min))
		goto err_drop;
	len = skb->len - min + 1;
	stat = PROSE_A_STAT_RX_RESERVED;
	if (unlikely(len > PROSE_SDU_MAX))
		goto err_drop;

	stat = rx_count(assoc, mac->lcid, pdcp->sn, &count);
	if (unlikely(stat))
		goto err_drop;

	stat = PROSE_A_STAT_RX_NOMEM;
	if (unlikely(skb_linearize_cow(skb)))
		goto err_drop;

	cb = rx_cb(skb);
	memset(cb, 0, sizeof(*cb));
	cb->base.assoc = assoc;
	cb->count = count;
	cb->lcid = mac->lcid;
	cb->dst = mac->dst;
	cb->origin = *origin;

	queue = mac->lcid == PROSE_LCID_DATA ? prose_queue_wanted(assoc, false, len) : NULL;
	if (queue) {
		if (unlikely(!rx_spread(skb, queue)))
			goto err_drop;
		return;
	}

	if (rx_ciphered(assoc, mac->lcid)) {
		if (unlikely(prose_eea_op_get(&assoc->keys, &cb->base.op)))
			goto err_drop;
		err = prose_eea_crypt(&assoc->keys, cb->base.op, count, mac->lcid,
				      rx_direction(assoc), skb->data + PROSE_PDCP_HDR_LEN, len,
				      COMPAT_CRYPTO_DONE_FN(rx_crypto_done), skb);
		/* The packet is not ours any more. */
		if (err == -EINPROGRESS)
			return;
	}
	rx_done(skb, err);
	return;

err_drop:
	prose_drop(prose, skb, stat);
	prose_assoc_put(assoc);
}

/* PC5-S without protection, LCID 28. */
static void rx_unprotected(struct prose_dev *prose, struct sk_buff *skb, u32 l2_id,
			   const struct prose_mac_hdr *mac, const struct prose_origin *origin)
{
	const struct prose_signal signal = {
		.l2_id = l2_id,
		.local_l2_id = mac->dst,
		.from = &origin->addr,
		.bearer = mac->lcid,
		.protection = PROSE_PROTECTION_NONE,
	};

	if (unlikely(skb->len <= PROSE_PDCP_HDR_LEN)) {
		prose_drop(prose, skb, PROSE_A_STAT_RX_SHORT);
		return;
	}
	skb_pull(skb, PROSE_PDCP_HDR_LEN);
	prose_signal_deliver(prose, skb, &signal);
}

/*
 * The first message under a new KD-sess, which names it. Only the owner can derive the
 * keys, from what the message says.
 */
static void rx_unverified(struct prose_dev *prose, struct sk_buff *skb, u32 l2_id,
			  const struct prose_mac_hdr *mac, const struct prose_pdcp_hdr *pdcp,
			  const struct prose_origin *origin)
{
	u8 header[PROSE_PDCP_HDR_LEN], mac_i[PROSE_MAC_I_LEN];
	const struct prose_signal signal = {
		.l2_id = l2_id,
		.local_l2_id = mac->dst,
		.from = &origin->addr,
		.bearer = mac->lcid,
		.protection = PROSE_PROTECTION_UNVERIFIED,
		.kd_sess_id = pdcp->kd_sess_id,
		.count = pdcp->sn,
		.pdcp_header = header,
		.mac_i = mac_i,
	};

	if (unlikely(skb->len <= PROSE_PDCP_HDR_LEN + PROSE_MAC_I_LEN)) {
		prose_drop(prose, skb, PROSE_A_STAT_RX_SHORT);
		return;
	}
	skb_copy_bits(skb, 0, header, sizeof(header));
	skb_copy_bits(skb, skb->len - sizeof(mac_i), mac_i, sizeof(mac_i));
	if (unlikely(pskb_trim(skb, skb->len - sizeof(mac_i)))) {
		prose_drop(prose, skb, PROSE_A_STAT_RX_NOMEM);
		return;
	}
	skb_pull(skb, sizeof(header));
	prose_signal_deliver(prose, skb, &signal);
}

/**
 * prose_receive() - take a frame that names the device as its receiver
 * @prose: the device
 * @peer: the peer that the own Layer-2 ID it names belongs to, NULL if that is the device's
 * @skb: the frame from its MAC header on, not shared, consumed
 * @readable: octets that can be read at skb->data
 * @mac: SL-SCH subheader
 * @origin: where it came from
 *
 * Context: softirq, RCU read section.
 */
void prose_receive(struct prose_dev *prose, struct prose_peer *peer, struct sk_buff *skb,
		   unsigned int readable, struct prose_mac_hdr *mac,
		   const struct prose_origin *origin)
{
	struct prose_pdcp_hdr pdcp;
	struct prose_assoc *assoc;
	enum prose_parse verdict;
	u32 l2_id;

	/* No UE has Layer-2 ID 0. */
	if (unlikely(!mac->src)) {
		prose_drop(prose, skb, PROSE_A_STAT_RX_RESERVED);
		return;
	}
	verdict = prose_mac_parse_sdu(skb->data, readable, skb->len, mac);
	if (unlikely(verdict != PROSE_PARSE_OK)) {
		prose_drop(prose, skb, parse_stat(verdict));
		return;
	}

	/* What is behind the SDU is padding, and off. */
	if (unlikely(pskb_trim(skb, mac->sdu_off + mac->sdu_len))) {
		prose_drop(prose, skb, PROSE_A_STAT_RX_NOMEM);
		return;
	}
	skb_pull(skb, mac->sdu_off);

	verdict = prose_pdcp_parse(skb->data, min_t(size_t, readable - mac->sdu_off, skb->len),
				   mac->lcid, &pdcp);
	if (unlikely(verdict != PROSE_PARSE_OK)) {
		prose_drop(prose, skb, parse_stat(verdict));
		return;
	}

	/* The owner knows a peer by its name, not by what it goes by on one link. */
	l2_id = peer ? peer->l2_id : mac->src;
	if (mac->lcid == PROSE_LCID_UNPROTECTED) {
		rx_unprotected(prose, skb, l2_id, mac, origin);
		return;
	}

	/*
	 * To an own ID that belongs to a peer a frame is that peer's, whatever it says it is
	 * from; the MAC tells. So both ends may change their IDs without losing a frame.
	 */
	if (!peer)
		peer = prose_peer_find(prose, mac->src);
	assoc = peer ? prose_assoc_get_rx(peer, pdcp.kd_sess_id) : NULL;
	if (likely(assoc))
		rx_protected(prose, skb, assoc, mac, &pdcp, origin);
	else if (mac->lcid == PROSE_LCID_SMC)
		rx_unverified(prose, skb, l2_id, mac, &pdcp, origin);
	else
		prose_drop(prose, skb, peer ? PROSE_A_STAT_RX_NO_ASSOC : PROSE_A_STAT_RX_NO_PEER);
}
