// SPDX-License-Identifier: MIT
/* Network devices, carriers, routes, see kshim/net.h. */
#include <kshim/net.h>

#include "segment.h"

struct net init_net;
int (*kshim_xmit)(struct sk_buff *skb);
void (*kshim_deliver)(const struct sk_buff *skb);
unsigned long kshim_delivered, kshim_icmps;
struct rtable *kshim_route4;
struct rt6_info *kshim_route6;

static struct packet_type *types;

void ether_setup(struct net_device *dev)
{
	dev->hard_header_len = ETH_HLEN;
	dev->mtu = ETH_DATA_LEN;
}

struct net_device *alloc_netdev(size_t priv, const char *name, int type,
				void (*setup)(struct net_device *dev))
{
	struct net_device *dev = kshim_alloc(sizeof(*dev) + priv, GFP_KERNEL, true);

	(void)type;
	if (!dev)
		return NULL;
	snprintf(dev->name, sizeof(dev->name), "%.8s", name);
	setup(dev);
	return dev;
}

void free_netdev(struct net_device *dev)
{
	kshim_assert(!dev->refs);
	free(dev);
}

void netdev_hold(struct net_device *dev, netdevice_tracker *tracker, gfp_t gfp)
{
	(void)gfp;
	kshim_assert(!tracker->held);
	tracker->held = true;
	dev->refs++;
}

void netdev_put(struct net_device *dev, netdevice_tracker *tracker)
{
	kshim_assert(tracker->held && dev->refs > 0);
	tracker->held = false;
	dev->refs--;
}

void dev_add_pack(struct packet_type *pt)
{
	pt->next = types;
	types = pt;
}

void dev_remove_pack(struct packet_type *pt)
{
	struct packet_type **at;

	for (at = &types; *at != pt; at = &(*at)->next)
		kshim_assert(*at);
	*at = pt->next;
	synchronize_net();
}

bool kshim_receive(struct sk_buff *skb)
{
	struct packet_type *pt;
	bool taken = false;

	local_bh_disable();
	rcu_read_lock();
	for (pt = types; pt && !taken; pt = pt->next) {
		if (pt->type != skb->protocol || pt->dev != skb->dev)
			continue;
		pt->func(skb, skb->dev, pt, skb->dev);
		taken = true;
	}
	kshim_assert(kshim_rcu == 1 && kshim_bh == 1 && !kshim_spin);
	rcu_read_unlock();
	local_bh_enable();
	if (!taken)
		kfree_skb(skb);
	return taken;
}

int dev_hard_header(struct sk_buff *skb, struct net_device *dev, unsigned short type,
		    const void *dest, const void *src, unsigned int len)
{
	struct ethhdr *eth = skb_push(skb, ETH_HLEN);

	(void)len;
	eth->h_proto = htons(type);
	ether_addr_copy(eth->h_source, src ? src : dev->dev_addr);
	ether_addr_copy(eth->h_dest, dest);
	return ETH_HLEN;
}

int dev_queue_xmit(struct sk_buff *skb)
{
	kshim_assert(kshim_bh);
	if (kshim_xmit)
		return kshim_xmit(skb);
	kfree_skb(skb);
	return -ENETDOWN;
}

int gro_cells_receive(struct gro_cells *cells, struct sk_buff *skb)
{
	(void)cells;
	kshim_assert(kshim_bh);
	kshim_delivered++;
	if (kshim_deliver)
		kshim_deliver(skb);
	consume_skb(skb);
	return NET_RX_SUCCESS;
}

__be16 ip_tunnel_parse_protocol(const struct sk_buff *skb)
{
	const u8 *p = skb_network_header(skb);

	if (p >= skb->head && p + sizeof(struct iphdr) <= skb->tail && *p >> 4 == 4)
		return htons(ETH_P_IP);
	if (p >= skb->head && p + sizeof(struct ipv6hdr) <= skb->tail && *p >> 4 == 6)
		return htons(ETH_P_IPV6);
	return 0;
}

struct rtable *ip_route_output_key(struct net *net, struct flowi4 *fl4)
{
	(void)net;
	(void)fl4;
	kshim_assert(kshim_rcu_allowed());
	if (!kshim_route4)
		return ERR_PTR(-ENETUNREACH);
	kshim_route4->dst.refs++;
	return kshim_route4;
}

struct dst_entry *ip6_dst_lookup_flow(struct net *net, const struct sock *sk, struct flowi6 *fl6,
				      const struct in6_addr *final)
{
	(void)net;
	(void)sk;
	(void)fl6;
	(void)final;
	kshim_assert(kshim_rcu_allowed());
	if (!kshim_route6)
		return ERR_PTR(-ENETUNREACH);
	kshim_route6->dst.refs++;
	return &kshim_route6->dst;
}

void dst_release(struct dst_entry *dst)
{
	kshim_assert(dst->refs > 0);
	dst->refs--;
}

u32 ethtool_op_get_link(struct net_device *dev)
{
	return dev->running;
}

/* No packet here is a super-packet: their segmentation is the stack's. */
struct sk_buff *prose_segment(struct sk_buff *skb, unsigned int headroom)
{
	(void)headroom;
	kshim_assert(!skb_is_gso(skb));
	return skb;
}

bool prose_segment_fits(const struct sk_buff *skb, unsigned int mtu)
{
	return skb->len <= mtu;
}
