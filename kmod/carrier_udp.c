// SPDX-License-Identifier: GPL-2.0-only
/*
 * The udp carrier: frames in UDP datagrams, over IPv4 and IPv6. An address is an IP
 * address, 16 octets with IPv4 as ::ffff:a.b.c.d, and a port, 2 octets, big-endian.
 *
 * All devices with the same own port, own addresses and link share a port, and its
 * sockets: one for each family, in the namespace that the devices were made in. They do
 * not move with a device, and they do not keep their namespace: prose_net_exit() ends
 * the devices before that goes.
 *
 * Around a frame there is always a UDP checksum, also over IPv6. IPv4 packets are sent
 * with DF as long as the way takes them; what it does not take, and transmit.c let pass,
 * is split.
 */

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/security.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/udp.h>
#include <net/dst_cache.h>
#include <net/inet_ecn.h>
#include <net/ip6_route.h>
#include <net/ip_tunnels.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/sock.h>

#include "carrier_udp.h"
#include "compat/udp_tunnel.h"
#include "device.h"
#include "pdcp.h"
#include "peer.h"

/* IP and UDP headers, the longer ones. */
#define UDP_OVERHEAD	(sizeof(struct ipv6hdr) + sizeof(struct udphdr))

/*
 * Devices that one packet may be in at once. A way that leads back here through another
 * tunnel ends at that; the kernel would end it too, later, and call it an emergency.
 */
#define UDP_XMIT_LEVELS	4

/**
 * struct udp_port - the carrier of one UDP port
 * @port: what all carriers have
 * @net: namespace of the sockets
 * @ifindex: device they are bound to, 0 for none
 * @config: own port and addresses
 * @sock4: IPv4 socket, or NULL
 * @sock6: IPv6 socket, or NULL
 */
struct udp_port {
	struct prose_port port;
	struct net *net;
	int ifindex;
	struct prose_carrier_config config;
	struct socket *sock4;
	struct socket *sock6;
};

/* Under RTNL. */
static LIST_HEAD(ports);

static void set_addr4(struct prose_carrier_addr *addr, __be32 v4, __be16 port)
{
	struct in6_addr mapped;

	ipv6_addr_set_v4mapped(v4, &mapped);
	memcpy(addr->octets, &mapped, sizeof(mapped));
	memcpy(addr->octets + sizeof(mapped), &port, sizeof(port));
}

static void set_addr6(struct prose_carrier_addr *addr, const struct in6_addr *v6, __be16 port)
{
	memcpy(addr->octets, v6, sizeof(*v6));
	memcpy(addr->octets + sizeof(*v6), &port, sizeof(port));
}

static void get_addr(const struct prose_carrier_addr *addr, struct in6_addr *v6, __be16 *port)
{
	BUILD_BUG_ON(sizeof(*v6) + sizeof(*port) != sizeof(addr->octets));

	memcpy(v6, addr->octets, sizeof(*v6));
	memcpy(port, addr->octets + sizeof(*v6), sizeof(*port));
}

/* With one own address the carrier speaks the family of that one only. */
static bool has_v4(const struct prose_carrier_config *config)
{
	return config->local || ipv6_addr_any(&config->local6);
}

static bool has_v6(const struct prose_carrier_config *config)
{
	return !ipv6_addr_any(&config->local6) || !config->local;
}

static bool is_host4(__be32 v4)
{
	return !ipv4_is_zeronet(v4) && !ipv4_is_multicast(v4) && !ipv4_is_lbcast(v4);
}

static bool is_host6(const struct in6_addr *v6)
{
	return !ipv6_addr_any(v6) && !ipv6_addr_is_multicast(v6);
}

/* A link-local address says nothing without the link. */
static bool needs_link(const struct prose_dev *prose, const struct in6_addr *v6)
{
	return !prose->lower && ipv6_addr_type(v6) & IPV6_ADDR_LINKLOCAL;
}

static bool udp_is_unicast(const struct prose_dev *prose, const struct prose_carrier_addr *addr)
{
	struct in6_addr v6;
	__be16 port;

	get_addr(addr, &v6, &port);
	if (!port)
		return false;
	if (ipv6_addr_v4mapped(&v6))
		return is_host4(v6.s6_addr32[3]);
	return is_host6(&v6) && !needs_link(prose, &v6);
}

/* A request calls an address the peer's, or the device's remote. */
#define REFUSE_ADDR(extack, remote, peer_msg, remote_msg) do {				\
	struct netlink_ext_ack *__ack = (extack);					\
											\
	if (remote)									\
		NL_SET_ERR_MSG(__ack, remote_msg);					\
	else										\
		NL_SET_ERR_MSG(__ack, peer_msg);					\
} while (0)

static int check_addr(const struct prose_dev *prose, const struct prose_carrier_addr *addr,
		      bool remote, struct netlink_ext_ack *extack)
{
	struct in6_addr v6;
	__be16 port;
	bool v4;

	get_addr(addr, &v6, &port);
	v4 = ipv6_addr_v4mapped(&v6);
	if (!port) {
		REFUSE_ADDR(extack, remote,
			    "attribute carrier-addr: port 0 is nobody's",
			    "prose: attribute remote: port 0 is nobody's");
		return -EINVAL;
	}
	if (v4 ? !is_host4(v6.s6_addr32[3]) : !is_host6(&v6)) {
		REFUSE_ADDR(extack, remote,
			    "attribute carrier-addr: not the address of one host",
			    "prose: attribute remote: not the address of one host");
		return -EINVAL;
	}
	if (v4 ? !has_v4(&prose->config) : !has_v6(&prose->config)) {
		REFUSE_ADDR(extack, remote,
			    "attribute carrier-addr: the own address is of the other family",
			    "prose: attribute remote: the own address is of the other family");
		return -EAFNOSUPPORT;
	}
	if (needs_link(prose, &v6)) {
		REFUSE_ADDR(extack, remote,
			    "attribute carrier-addr: a link-local address needs a link",
			    "prose: attribute remote: a link-local address needs a link");
		return -EINVAL;
	}
	return 0;
}

static int udp_check_addr(const struct prose_dev *prose, const struct prose_carrier_addr *addr,
			  int len, struct netlink_ext_ack *extack)
{
	if (len != PROSE_CARRIER_ADDR_MAX_LEN) {
		NL_SET_ERR_MSG(extack, "attribute carrier-addr: has 18 octets on the udp carrier");
		return -EINVAL;
	}
	return check_addr(prose, addr, false, extack);
}

static struct prose_endpoint *udp_contact(const struct prose_dev *prose)
{
	return rcu_dereference(prose->remote);
}

/* Called by the stack in softirq context, under RCU. The checksum is right. */
static int udp_frame_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct udp_port *udp = rcu_dereference_sk_user_data(sk);
	struct prose_origin origin = {};

	/* The socket is about to go. */
	if (unlikely(!udp)) {
		kfree_skb(skb);
		return 0;
	}

	/* Each socket speaks its own family only. */
	if (sk->sk_family == AF_INET) {
		set_addr4(&origin.addr, ip_hdr(skb)->saddr, udp_hdr(skb)->source);
		origin.ce = INET_ECN_is_ce(ip_hdr(skb)->tos);
	} else {
		set_addr6(&origin.addr, &ipv6_hdr(skb)->saddr, udp_hdr(skb)->source);
		origin.ce = INET_ECN_is_ce(ipv6_get_dsfield(ipv6_hdr(skb)));
	}

	/* Not counted, so good under RCU only; deciphering may go on without. */
	skb_dst_drop(skb);
	__skb_pull(skb, sizeof(struct udphdr));
	prose_port_receive(&udp->port, skb, &origin);
	return 0;
}

static void close_sockets(struct udp_port *udp)
{
	if (udp->sock4)
		compat_udp_sock_release(udp->sock4);
	if (udp->sock6)
		compat_udp_sock_release(udp->sock6);
}

static void refuse_socket(const struct prose_carrier_config *config, bool v6, int err,
			  struct netlink_ext_ack *extack)
{
	switch (err) {
	case -EADDRINUSE:
		NL_SET_ERR_MSG_ATTR(extack, config->port_attr,
				    "prose: attribute port: in use by another socket");
		break;
	case -EADDRNOTAVAIL:
		if (v6)
			NL_SET_ERR_MSG_ATTR(extack, config->local6_attr,
					    "prose: attribute local6: not an address of this namespace");
		else
			NL_SET_ERR_MSG_ATTR(extack, config->local_attr,
					    "prose: attribute local: not an address of this namespace");
		break;
	default:
		NL_SET_ERR_MSG(extack, "prose: no UDP socket could be made");
	}
}

static int open_socket4(struct udp_port *udp, struct netlink_ext_ack *extack)
{
	struct udp_port_cfg cfg = {
		.family = AF_INET,
		.local_ip.s_addr = udp->config.local,
		.local_udp_port = udp->config.port,
		.bind_ifindex = udp->ifindex,
		.use_udp_checksums = true,
	};
	int err = udp_sock_create(udp->net, &cfg, &udp->sock4);

	if (err)
		refuse_socket(&udp->config, false, err, extack);
	return err;
}

static int open_socket6(struct udp_port *udp, struct netlink_ext_ack *extack)
{
#if IS_ENABLED(CONFIG_IPV6)
	struct udp_port_cfg cfg = {
		.family = AF_INET6,
		.local_ip6 = udp->config.local6,
		.local_udp_port = udp->config.port,
		.bind_ifindex = udp->ifindex,
		.use_udp6_tx_checksums = true,
		.use_udp6_rx_checksums = true,
		.ipv6_v6only = true,
	};
	int err = udp_sock_create(udp->net, &cfg, &udp->sock6);
#else
	int err = -EAFNOSUPPORT;
#endif

	/* A machine without IPv6. */
	if ((err == -EAFNOSUPPORT || err == -EPFNOSUPPORT) && udp->sock4 && !udp->config.local)
		return 0;
	if (err)
		refuse_socket(&udp->config, true, err, extack);
	return err;
}

static int open_sockets(struct udp_port *udp, struct netlink_ext_ack *extack)
{
	struct udp_tunnel_sock_cfg cfg = {
		.sk_user_data = udp,
		.encap_type = 1,
		.encap_rcv = udp_frame_rcv,
	};
	int err;

	err = has_v4(&udp->config) ? open_socket4(udp, extack) : 0;
	if (!err && has_v6(&udp->config))
		err = open_socket6(udp, extack);
	if (err) {
		close_sockets(udp);
		return err;
	}
	if (udp->sock4)
		compat_udp_sock_setup(udp->net, udp->sock4, &cfg);
	if (udp->sock6)
		compat_udp_sock_setup(udp->net, udp->sock6, &cfg);
	return 0;
}

static struct prose_port *udp_port_get(const struct prose_dev *prose,
				       const struct prose_carrier_config *config,
				       struct netlink_ext_ack *extack)
{
	int ifindex = prose->lower ? prose->lower->ifindex : 0;
	struct udp_port *udp;
	int err;

	ASSERT_RTNL();
	list_for_each_entry(udp, &ports, port.list) {
		if (udp->net == prose->net && udp->ifindex == ifindex &&
		    udp->config.port == config->port && udp->config.local == config->local &&
		    ipv6_addr_equal(&udp->config.local6, &config->local6)) {
			udp->port.n_devs++;
			return &udp->port;
		}
	}

	udp = kzalloc(sizeof(*udp), GFP_KERNEL);
	if (!udp)
		return ERR_PTR(-ENOMEM);
	err = prose_port_init(&udp->port, &prose_carrier_udp);
	if (err)
		goto err_free;
	udp->net = prose->net;
	udp->ifindex = ifindex;
	udp->config = *config;
	err = open_sockets(udp, extack);
	if (err)
		goto err_port;
	list_add(&udp->port.list, &ports);
	return &udp->port;

err_port:
	prose_port_destroy(&udp->port);
err_free:
	kfree(udp);
	return ERR_PTR(err);
}

static void udp_port_free(struct prose_port *port)
{
	struct udp_port *udp = container_of(port, struct udp_port, port);

	list_del(&port->list);
	/* No packet comes in by the sockets after this, and none that found the port goes out. */
	if (udp->sock4)
		rcu_assign_sk_user_data(udp->sock4->sk, NULL);
	if (udp->sock6)
		rcu_assign_sk_user_data(udp->sock6->sk, NULL);
	synchronize_net();
	close_sockets(udp);
	prose_port_destroy(port);
	kfree(udp);
}

static int parse_port(const struct prose_carrier_request *req, __be16 *port,
		      struct netlink_ext_ack *extack)
{
	if (!req->port)
		return 0;
	*port = nla_get_be16(req->port);
	if (!*port) {
		NL_SET_ERR_MSG_ATTR(extack, req->port, "prose: attribute port: 0 is none");
		return -EINVAL;
	}
	return 0;
}

static int parse_local(struct prose_dev *prose, const struct prose_carrier_request *req,
		       struct netlink_ext_ack *extack)
{
	struct prose_carrier_config *config = &prose->config;

	if (req->local) {
		config->local = nla_get_in_addr(req->local);
		if (!is_host4(config->local)) {
			NL_SET_ERR_MSG_ATTR(extack, req->local,
					    "prose: attribute local: not the address of one host");
			return -EINVAL;
		}
	}
	if (req->local6) {
		config->local6 = nla_get_in6_addr(req->local6);
		if (!is_host6(&config->local6) || ipv6_addr_v4mapped(&config->local6)) {
			NL_SET_ERR_MSG_ATTR(extack, req->local6,
					    "prose: attribute local6: not the IPv6 address of one host");
			return -EINVAL;
		}
		if (needs_link(prose, &config->local6)) {
			NL_SET_ERR_MSG_ATTR(extack, req->local6,
					    "prose: attribute local6: a link-local address needs a link");
			return -EINVAL;
		}
	}
	config->local_attr = req->local;
	config->local6_attr = req->local6;
	return 0;
}

static int udp_setup(struct prose_dev *prose, struct net *net, const struct nlattr *link,
		     const struct prose_carrier_request *req, struct netlink_ext_ack *extack)
{
	struct prose_carrier_config *config = &prose->config;
	int err;

	prose->net = net;
	if (link) {
		prose->lower = __dev_get_by_index(net, nla_get_u32(link));
		if (!prose->lower) {
			NL_SET_ERR_MSG_ATTR(extack, link, "prose: link: no such device");
			return -ENODEV;
		}
		if (prose_dev_is(prose->lower)) {
			NL_SET_ERR_MSG_ATTR(extack, link,
					    "prose: link: a prose device carries no other");
			return -EINVAL;
		}
	}
	config->port = htons(PROSE_UDP_PORT);
	config->port_attr = req->port;
	err = parse_port(req, &config->port, extack);
	if (err)
		return err;
	return parse_local(prose, req, extack);
}

static struct prose_endpoint *udp_remote(const struct prose_dev *prose,
					 const struct prose_carrier_request *req,
					 struct netlink_ext_ack *extack)
{
	const struct prose_endpoint *old = rtnl_dereference(prose->remote);
	const struct nlattr *where = req->remote;
	struct prose_carrier_addr addr;
	struct prose_endpoint *remote;
	struct in6_addr v6 = {};
	__be16 port;
	int err;

	if (!req->remote && !req->remote6 && !req->remote_port)
		return NULL;

	port = req->port ? nla_get_be16(req->port) : prose->config.port;
	if (old)
		get_addr(&old->addr, &v6, &port);
	if (req->remote_port)
		port = nla_get_be16(req->remote_port);
	if (!port) {
		NL_SET_ERR_MSG_ATTR(extack, req->remote_port,
				    "prose: attribute remote-port: 0 is none");
		return ERR_PTR(-EINVAL);
	}

	if (req->remote && req->remote6) {
		NL_SET_ERR_MSG_ATTR(extack, req->remote6,
				    "prose: attribute remote6: there is a remote");
		return ERR_PTR(-EINVAL);
	}
	if (req->remote) {
		set_addr4(&addr, nla_get_in_addr(req->remote), port);
	} else if (req->remote6) {
		where = req->remote6;
		v6 = nla_get_in6_addr(req->remote6);
		if (ipv6_addr_v4mapped(&v6)) {
			NL_SET_ERR_MSG_ATTR(extack, where,
					    "prose: attribute remote6: an IPv4 address is a remote");
			return ERR_PTR(-EINVAL);
		}
		set_addr6(&addr, &v6, port);
	} else if (old) {
		where = req->remote_port;
		set_addr6(&addr, &v6, port);
	} else {
		NL_SET_ERR_MSG_ATTR(extack, req->remote_port,
				    "prose: attribute remote-port: there is no remote");
		return ERR_PTR(-EINVAL);
	}

	err = check_addr(prose, &addr, true, extack);
	if (err) {
		NL_SET_BAD_ATTR(extack, where);
		return ERR_PTR(err);
	}
	remote = prose_endpoint_alloc(&addr, true, GFP_KERNEL);
	return remote ? remote : ERR_PTR(-ENOMEM);
}

/* The way to an address may depend on the port that it starts from. */
static void forget_routes(struct prose_dev *prose)
{
	struct prose_endpoint *endpoint;
	struct prose_peer *peer;
	unsigned long l2_id;

	mutex_lock(&prose->lock);
	rcu_read_lock();
	xa_for_each(&prose->peers, l2_id, peer) {
		endpoint = rcu_dereference(peer->endpoint);
		if (endpoint)
			dst_cache_reset(&endpoint->routes);
	}
	endpoint = rcu_dereference(prose->remote);
	if (endpoint)
		dst_cache_reset(&endpoint->routes);
	rcu_read_unlock();
	mutex_unlock(&prose->lock);
}

static int udp_configure(struct prose_dev *prose, const struct prose_carrier_request *req,
			 struct netlink_ext_ack *extack)
{
	struct prose_carrier_config next = prose->config;
	struct prose_endpoint *remote;
	int err;

	if ((req->local && nla_get_in_addr(req->local) != next.local) ||
	    (req->local6 && nla_memcmp(req->local6, &next.local6, sizeof(next.local6)))) {
		NL_SET_ERR_MSG_ATTR(extack, req->local ? req->local : req->local6,
				    "prose: attribute local: a device keeps the one it was made with");
		return -EOPNOTSUPP;
	}
	next.port_attr = req->port;
	err = parse_port(req, &next.port, extack);
	if (err)
		return err;
	remote = udp_remote(prose, req, extack);
	if (IS_ERR(remote))
		return PTR_ERR(remote);
	if (next.port != prose->config.port) {
		err = prose_port_move(prose, &next, req->port, extack);
		if (err) {
			prose_endpoint_free(remote);
			return err;
		}
		forget_routes(prose);
	}
	if (remote)
		prose_endpoint_set(&prose->remote, remote);
	return 0;
}

static int udp_max_mtu(const struct prose_dev *prose)
{
	return PROSE_SDU_MAX;
}

static int udp_mtu(const struct prose_dev *prose)
{
	int mtu = prose->lower ? prose->lower->mtu : ETH_DATA_LEN;

	return clamp_t(int, mtu - (int)UDP_OVERHEAD - PROSE_OVERHEAD, ETH_MIN_MTU, PROSE_SDU_MAX);
}

/* The device that a packet leaves by is known when it does. */
static int udp_headroom(const struct prose_dev *prose)
{
	return LL_MAX_HEADER + UDP_OVERHEAD + PROSE_MAC_HDR_LEN + PROSE_PDCP_HDR_LEN;
}

static int udp_tailroom(const struct prose_dev *prose)
{
	return PROSE_MAC_I_LEN;
}

/* A prose device as a way would lead back here, or on for ever. */
static int check_dst(const struct dst_entry *dst)
{
	return prose_dev_is(dst->dev) ? -ELOOP : 0;
}

static struct rtable *route4(const struct udp_port *udp, __be32 daddr, __be16 dport,
			     struct dst_cache *routes, __be32 *saddr)
{
	struct sock *sk = udp->sock4->sk;
	struct flowi4 fl4 = {
		.flowi4_oif = udp->ifindex,
		.flowi4_proto = IPPROTO_UDP,
		.daddr = daddr,
		.saddr = udp->config.local,
		.fl4_dport = dport,
		.fl4_sport = udp->config.port,
	};
	struct rtable *rt;
	int err;

	rt = routes ? dst_cache_get_ip4(routes, saddr) : NULL;
	if (rt)
		return rt;
	security_sk_classify_flow(sk, flowi4_to_flowi_common(&fl4));
	rt = ip_route_output_flow(udp->net, &fl4, sk);
	if (IS_ERR(rt))
		return rt;
	err = check_dst(&rt->dst);
	if (!err && rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST))
		err = -EACCES;
	if (err) {
		ip_rt_put(rt);
		return ERR_PTR(err);
	}
	if (routes)
		dst_cache_set_ip4(routes, &rt->dst, fl4.saddr);
	*saddr = fl4.saddr;
	return rt;
}

static int xmit4(const struct udp_port *udp, struct sk_buff *skb, __be32 daddr, __be16 dport,
		 struct dst_cache *routes, u8 ecn)
{
	struct rtable *rt;
	__be16 df = 0;
	__be32 saddr;

	rt = route4(udp, daddr, dport, routes, &saddr);
	if (IS_ERR(rt))
		return PTR_ERR(rt);
	if (skb->len + sizeof(struct udphdr) + sizeof(struct iphdr) <= dst_mtu(&rt->dst))
		df = htons(IP_DF);
	compat_udp_xmit4(rt, udp->sock4->sk, skb, saddr, daddr, INET_ECN_encapsulate(0, ecn),
			 ip4_dst_hoplimit(&rt->dst), df, udp->config.port, dport);
	return 0;
}

#if IS_ENABLED(CONFIG_IPV6)
static struct dst_entry *route6(const struct udp_port *udp, const struct in6_addr *daddr,
				__be16 dport, struct dst_cache *routes, struct in6_addr *saddr)
{
	struct sock *sk = udp->sock6->sk;
	struct flowi6 fl6 = {
		.flowi6_oif = udp->ifindex,
		.flowi6_proto = IPPROTO_UDP,
		.daddr = *daddr,
		.saddr = udp->config.local6,
		.fl6_dport = dport,
		.fl6_sport = udp->config.port,
	};
	struct dst_entry *dst;
	int err;

	dst = routes ? dst_cache_get_ip6(routes, saddr) : NULL;
	if (dst)
		return dst;
	security_sk_classify_flow(sk, flowi6_to_flowi_common(&fl6));
	dst = compat_ip6_dst_lookup(udp->net, sk, &fl6);
	if (IS_ERR(dst))
		return dst;
	err = check_dst(dst);
	if (err) {
		dst_release(dst);
		return ERR_PTR(err);
	}
	if (routes)
		dst_cache_set_ip6(routes, dst, &fl6.saddr);
	*saddr = fl6.saddr;
	return dst;
}

static int xmit6(const struct udp_port *udp, struct sk_buff *skb, struct in6_addr *daddr,
		 __be16 dport, struct dst_cache *routes, u8 ecn)
{
	struct dst_entry *dst;
	struct in6_addr saddr;

	dst = route6(udp, daddr, dport, routes, &saddr);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	skb->ignore_df = skb->len + UDP_OVERHEAD > dst_mtu(dst);
	compat_udp_xmit6(dst, udp->sock6->sk, skb, &saddr, daddr, INET_ECN_encapsulate(0, ecn),
			 ip6_dst_hoplimit(dst), udp->config.port, dport);
	return 0;
}
#else
static struct dst_entry *route6(const struct udp_port *udp, const struct in6_addr *daddr,
				__be16 dport, struct dst_cache *routes, struct in6_addr *saddr)
{
	return ERR_PTR(-EAFNOSUPPORT);
}

static int xmit6(const struct udp_port *udp, struct sk_buff *skb, struct in6_addr *daddr,
		 __be16 dport, struct dst_cache *routes, u8 ecn)
{
	return -EAFNOSUPPORT;
}
#endif

/* The sockets, NULL when the device is off its carrier. Under RCU. */
static struct udp_port *udp_port_of(const struct prose_dev *prose)
{
	struct prose_port *port = rcu_dereference(prose->port);

	return port ? container_of(port, struct udp_port, port) : NULL;
}

static unsigned int udp_max_sdu(struct prose_dev *prose, struct prose_endpoint *to)
{
	const struct udp_port *udp = udp_port_of(prose);
	unsigned int around = PROSE_OVERHEAD + sizeof(struct udphdr);
	struct dst_entry *dst = NULL;
	struct in6_addr v6, saddr6;
	unsigned int mtu;
	__be32 saddr;
	__be16 port;

	get_addr(&to->addr, &v6, &port);
	if (udp && ipv6_addr_v4mapped(&v6)) {
		struct rtable *rt = ERR_PTR(-EAFNOSUPPORT);

		if (udp->sock4)
			rt = route4(udp, v6.s6_addr32[3], port, &to->routes, &saddr);
		dst = IS_ERR(rt) ? NULL : &rt->dst;
		around += sizeof(struct iphdr);
	} else if (udp && udp->sock6) {
		dst = route6(udp, &v6, port, &to->routes, &saddr6);
		around += sizeof(struct ipv6hdr);
	}
	/* Why there is no way is for the transmission to find out. */
	if (IS_ERR_OR_NULL(dst))
		return 0;
	mtu = dst_mtu(dst);
	dst_release(dst);
	return mtu > around ? mtu - around : 1;
}

static int udp_xmit(struct prose_dev *prose, struct sk_buff *skb, const struct prose_peer *peer,
		    const struct prose_carrier_addr *dest, u8 ecn)
{
	struct dst_cache *routes = NULL;
	struct prose_endpoint *to;
	const struct udp_port *udp;
	struct in6_addr v6;
	__be16 port;
	int err;

	get_addr(dest, &v6, &port);

	/* What is around it starts anew. No tunnel device counts it, prose_tx does. */
	skb->dev = NULL;
	skb->mark = 0;
	skb->ip_summed = CHECKSUM_NONE;

	/* The crypto layer calls without. */
	rcu_read_lock();
	to = peer ? prose_peer_endpoint(peer) : udp_contact(prose);
	if (likely(to && prose_carrier_addr_equal(&to->addr, dest)))
		routes = &to->routes;

	udp = udp_port_of(prose);
	if (unlikely(!udp))
		err = -ENETDOWN;
	else if (unlikely(dev_recursion_level() > UDP_XMIT_LEVELS))
		err = -ELOOP;
	else if (ipv6_addr_v4mapped(&v6))
		err = udp->sock4 ? xmit4(udp, skb, v6.s6_addr32[3], port, routes, ecn) :
				   -EAFNOSUPPORT;
	else
		err = udp->sock6 ? xmit6(udp, skb, &v6, port, routes, ecn) : -EAFNOSUPPORT;
	rcu_read_unlock();

	if (unlikely(err))
		kfree_skb(skb);
	return err;
}

/**
 * prose_udp_fill() - put the settings of a device on the udp carrier
 * @skb: the message
 * @prose: the device
 * @attrs: what they are called there
 *
 * Return: 0 or -EMSGSIZE.
 */
int prose_udp_fill(struct sk_buff *skb, const struct prose_dev *prose,
		   const struct prose_udp_attrs *attrs)
{
	const struct prose_carrier_config *config = &prose->config;
	const struct prose_endpoint *remote;
	struct in6_addr v6 = {};
	__be16 port = 0;

	rcu_read_lock();
	remote = rcu_dereference(prose->remote);
	if (remote)
		get_addr(&remote->addr, &v6, &port);
	rcu_read_unlock();

	if (nla_put_be16(skb, attrs->port, READ_ONCE(config->port)) ||
	    (config->local && nla_put_in_addr(skb, attrs->local, config->local)) ||
	    (!ipv6_addr_any(&config->local6) &&
	     nla_put_in6_addr(skb, attrs->local6, &config->local6)))
		return -EMSGSIZE;
	if (!port)
		return 0;
	if (ipv6_addr_v4mapped(&v6) ? nla_put_in_addr(skb, attrs->remote, v6.s6_addr32[3]) :
				      nla_put_in6_addr(skb, attrs->remote6, &v6))
		return -EMSGSIZE;
	return nla_put_be16(skb, attrs->remote_port, port);
}

const struct prose_carrier_ops prose_carrier_udp = {
	.id		= PROSE_CARRIER_UDP,
	.addr_len	= PROSE_CARRIER_ADDR_MAX_LEN,
	.routed		= true,
	.setup		= udp_setup,
	.remote		= udp_remote,
	.configure	= udp_configure,
	.max_mtu	= udp_max_mtu,
	.mtu		= udp_mtu,
	.port_get	= udp_port_get,
	.port_free	= udp_port_free,
	.check_addr	= udp_check_addr,
	.is_unicast	= udp_is_unicast,
	.contact	= udp_contact,
	.headroom	= udp_headroom,
	.tailroom	= udp_tailroom,
	.max_sdu	= udp_max_sdu,
	.xmit		= udp_xmit,
};
