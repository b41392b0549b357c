/* SPDX-License-Identifier: MIT */
/* Network devices, carriers, addresses, routes. */
#ifndef _KSHIM_NET_H
#define _KSHIM_NET_H

#include <kshim/skbuff.h>
#include <kshim/work.h>

#ifndef AF_INET
#define AF_INET		2
#define AF_INET6	10
#endif

struct net {
	int dummy;
};

extern struct net init_net;

typedef struct { bool held; } netdevice_tracker;
typedef u8 netdev_tx_t;

#define NETDEV_TX_OK		0
#define NET_RX_SUCCESS		0
#define NET_RX_DROP		1
#define NET_NAME_ENUM		1
#define NETREG_REGISTERED	1
#define NETIF_F_LLTX		(1UL << 12)
#define ETH_P_802_3_MIN		0x0600

struct net_device {
	char name[IFNAMSIZ];
	int ifindex;
	int refs;
	unsigned int mtu, max_mtu;
	unsigned short needed_headroom, needed_tailroom, hard_header_len;
	unsigned long features;
	u8 reg_state;
	bool lltx;
	bool running;
	u8 dev_addr[8];
	unsigned int flags;
	unsigned short type;
	u8 addr_len;
	struct {
		void *parent;
	} dev;
	alignas(16) u8 priv[];
};

struct net_device *alloc_netdev(size_t priv, const char *name, int type,
				void (*setup)(struct net_device *dev));
void free_netdev(struct net_device *dev);
void ether_setup(struct net_device *dev);
void netdev_hold(struct net_device *dev, netdevice_tracker *tracker, gfp_t gfp);
void netdev_put(struct net_device *dev, netdevice_tracker *tracker);

/* Devices are made by hand here: none is looked up, none is above another. */
struct netdev_nested_priv {
	void *data;
};

#define __dev_get_by_index(net, ifindex)	((void)(net), (void)(ifindex),		\
						 (struct net_device *)NULL)

static inline int netdev_walk_all_lower_dev(struct net_device *dev,
					    int (*fn)(struct net_device *lower,
						      struct netdev_nested_priv *priv),
					    struct netdev_nested_priv *priv)
{
	(void)dev;
	(void)fn;
	(void)priv;
	return 0;
}

static inline bool eth_type_vlan(__be16 ethertype)
{
	return ethertype == htons(ETH_P_8021Q) || ethertype == htons(ETH_P_8021AD);
}

#define netdev_priv(dev)	((void *)(dev)->priv)
#define netif_running(dev)	((dev)->running)
#define dev_net(dev)		((void)(dev), &init_net)
#define net_eq(a, b)		((a) == (b))
#define LL_RESERVED_SPACE(dev)							\
	((((dev)->hard_header_len + (dev)->needed_headroom) & ~15) + 16)

struct packet_type {
	__be16 type;
	struct net_device *dev;
	int (*func)(struct sk_buff *skb, struct net_device *dev, struct packet_type *pt,
		    struct net_device *orig_dev);
	struct packet_type *next;
};

void dev_add_pack(struct packet_type *pt);
void dev_remove_pack(struct packet_type *pt);

/*
 * Hand a frame, Ethernet header pulled off already, to the carrier on its device: what the
 * stack does in softirq. Consumed. False, if none takes it.
 */
bool kshim_receive(struct sk_buff *skb);

/* A frame that was sent. NULL: it is dropped. Must be consumed. */
extern int (*kshim_xmit)(struct sk_buff *skb);
int dev_queue_xmit(struct sk_buff *skb);
int dev_hard_header(struct sk_buff *skb, struct net_device *dev, unsigned short type,
		    const void *dest, const void *src, unsigned int len);
#define net_xmit_errno(e)	((e) != 2 ? -ENOBUFS : 0)

struct gro_cells {
	int dummy;
};

/* A packet that was handed to the stack. Not consumed. */
extern void (*kshim_deliver)(const struct sk_buff *skb);
extern unsigned long kshim_delivered;
int gro_cells_receive(struct gro_cells *cells, struct sk_buff *skb);

/* Ethernet addresses. */
static inline void ether_addr_copy(u8 *dst, const u8 *src)
{
	memcpy(dst, src, ETH_ALEN);
}

static inline bool is_valid_ether_addr(const u8 *addr)
{
	static const u8 zero[ETH_ALEN];

	return !(addr[0] & 1) && memcmp(addr, zero, ETH_ALEN);
}

static inline bool is_broadcast_ether_addr(const u8 *addr)
{
	return !memcmp(addr, "\xff\xff\xff\xff\xff\xff", ETH_ALEN);
}

static inline void eth_broadcast_addr(u8 *addr)
{
	memset(addr, 0xff, ETH_ALEN);
}

static inline u64 ether_addr_to_u64(const u8 *addr)
{
	u64 u = 0;
	int i;

	for (i = 0; i < ETH_ALEN; i++)
		u = u << 8 | addr[i];
	return u;
}

static inline void u64_to_ether_addr(u64 u, u8 *addr)
{
	int i;

	for (i = ETH_ALEN - 1; i >= 0; i--) {
		addr[i] = u & 0xff;
		u >>= 8;
	}
}

/* IP addresses. */
#define IPV6_ADDR_LOOPBACK	0x0010U
#define IPV6_ADDR_LINKLOCAL	0x0020U
#define IPV6_ADDR_UNICAST	0x0001U
#define IPV6_ADDR_MULTICAST	0x0002U

static inline bool ipv6_addr_equal(const struct in6_addr *a, const struct in6_addr *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static inline bool ipv6_addr_any(const struct in6_addr *a)
{
	static const struct in6_addr any;

	return ipv6_addr_equal(a, &any);
}

static inline bool ipv6_addr_v4mapped(const struct in6_addr *a)
{
	return !a->s6_addr32[0] && !a->s6_addr32[1] && a->s6_addr32[2] == htonl(0xffff);
}

static inline void ipv6_addr_set_v4mapped(__be32 v4, struct in6_addr *a)
{
	a->s6_addr32[0] = 0;
	a->s6_addr32[1] = 0;
	a->s6_addr32[2] = htonl(0xffff);
	a->s6_addr32[3] = v4;
}

static inline bool ipv6_addr_is_multicast(const struct in6_addr *a)
{
	return a->s6_addr[0] == 0xff;
}

static inline unsigned int ipv6_addr_type(const struct in6_addr *a)
{
	static const struct in6_addr loopback = { .s6_addr[15] = 1 };

	if (ipv6_addr_is_multicast(a))
		return IPV6_ADDR_MULTICAST;
	if (ipv6_addr_equal(a, &loopback))
		return IPV6_ADDR_LOOPBACK | IPV6_ADDR_UNICAST;
	if (a->s6_addr[0] == 0xfe && (a->s6_addr[1] & 0xc0) == 0x80)
		return IPV6_ADDR_LINKLOCAL | IPV6_ADDR_UNICAST;
	return IPV6_ADDR_UNICAST;
}

#define ipv4_is_multicast(a)	(((a) & htonl(0xf0000000)) == htonl(0xe0000000))
#define ipv4_is_lbcast(a)	((a) == htonl(0xffffffff))
#define ipv4_is_loopback(a)	(((a) & htonl(0xff000000)) == htonl(0x7f000000))
#define ipv4_is_zeronet(a)	(((a) & htonl(0xff000000)) == 0)

__be16 ip_tunnel_parse_protocol(const struct sk_buff *skb);

/* Routes: the one the test has set, or none. */
struct dst_entry {
	struct net_device *dev;
	int refs;
};

struct rtable {
	struct dst_entry dst;
	unsigned int rt_flags;
	u16 rt_type;
	u8 rt_gw_family;
	__be32 rt_gw4;
	struct in6_addr rt_gw6;
};

struct rt6_info {
	struct dst_entry dst;
	struct in6_addr rt6i_gateway;
};

struct flowi4 {
	__be32 daddr;
	int flowi4_oif;
};

struct flowi6 {
	struct in6_addr daddr;
	int flowi6_oif;
};

/* Routes of a carrier: the link carrier has none. */
struct dst_cache {
	void *cache;
};

static inline int dst_cache_init(struct dst_cache *cache, gfp_t gfp)
{
	(void)cache;
	(void)gfp;
	return 0;
}

static inline void dst_cache_destroy(struct dst_cache *cache)
{
	(void)cache;
}

extern struct rtable *kshim_route4;
extern struct rt6_info *kshim_route6;

struct rtable *ip_route_output_key(struct net *net, struct flowi4 *fl4);
struct dst_entry *ip6_dst_lookup_flow(struct net *net, const struct sock *sk, struct flowi6 *fl6,
				      const struct in6_addr *final);
void dst_release(struct dst_entry *dst);
#define ip_rt_put(rt)		dst_release(&(rt)->dst)
#define l3mdev_master_ifindex_rcu(dev)	({ kshim_assert(kshim_rcu_allowed()); (void)(dev); 0; })

static inline __be32 rt_nexthop(const struct rtable *rt, __be32 daddr)
{
	return rt->rt_gw_family == AF_INET ? rt->rt_gw4 : daddr;
}

static inline const struct in6_addr *rt6_nexthop(const struct rt6_info *rt,
						 const struct in6_addr *daddr)
{
	return ipv6_addr_any(&rt->rt6i_gateway) ? daddr : &rt->rt6i_gateway;
}

/* ECN. */
#define INET_ECN_MASK		3
#define INET_ECN_set_ce(skb)	((void)(skb))
#define ip_tunnel_get_dsfield(ip, skb)	((void)(ip), (void)(skb), 0)

#define skb_dst_update_pmtu_no_confirm(skb, mtu)	((void)(skb), (void)(mtu))

#define IP_DF			0x4000
#define IPV6_MIN_MTU		1280

/* Errors told to senders. */
extern unsigned long kshim_icmps;
#define icmp_ndo_send(skb, type, code, info)	((void)(skb), (void)kshim_icmps++)
#define icmpv6_ndo_send(skb, type, code, info)	((void)(skb), (void)kshim_icmps++)

/* ethtool. */
struct ethtool_ops {
	u32 (*get_link)(struct net_device *dev);
	int (*get_sset_count)(struct net_device *dev, int sset);
	void (*get_strings)(struct net_device *dev, u32 sset, u8 *buf);
	void (*get_ethtool_stats)(struct net_device *dev, struct ethtool_stats *stats, u64 *data);
};

u32 ethtool_op_get_link(struct net_device *dev);

#endif /* _KSHIM_NET_H */
