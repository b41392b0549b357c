/* SPDX-License-Identifier: GPL-2.0-only */
/* Tunnels over UDP: how the kernel's functions are called here, see compat.h. */
#ifndef _PROSE_COMPAT_UDP_TUNNEL_H
#define _PROSE_COMPAT_UDP_TUNNEL_H

#include <net/udp_tunnel.h>

static inline void compat_udp_sock_setup(struct net *net, struct socket *sock,
					 struct udp_tunnel_sock_cfg *cfg)
{
#ifdef PROSE_HAVE_UDP_TUNNEL_SK
	setup_udp_tunnel_sock(net, sock->sk, cfg);
#else
	setup_udp_tunnel_sock(net, sock, cfg);
#endif
}

static inline void compat_udp_sock_release(struct socket *sock)
{
#ifdef PROSE_HAVE_UDP_TUNNEL_SK
	udp_tunnel_sock_release(sock->sk);
#else
	udp_tunnel_sock_release(sock);
#endif
}

/* With a checksum, to the same namespace. */
static inline void compat_udp_xmit4(struct rtable *rt, struct sock *sk, struct sk_buff *skb,
				    __be32 saddr, __be32 daddr, u8 tos, u8 ttl, __be16 df,
				    __be16 sport, __be16 dport)
{
#ifdef PROSE_HAVE_UDP_TUNNEL_XMIT_FLAGS
	udp_tunnel_xmit_skb(rt, sk, skb, saddr, daddr, tos, ttl, df, sport, dport, false, false,
			    0);
#else
	udp_tunnel_xmit_skb(rt, sk, skb, saddr, daddr, tos, ttl, df, sport, dport, false, false);
#endif
}

#if IS_ENABLED(CONFIG_IPV6)
static inline void compat_udp_xmit6(struct dst_entry *dst, struct sock *sk, struct sk_buff *skb,
				    struct in6_addr *saddr, struct in6_addr *daddr, u8 tclass,
				    u8 hop_limit, __be16 sport, __be16 dport)
{
#ifdef PROSE_HAVE_UDP_TUNNEL_XMIT_FLAGS
	udp_tunnel6_xmit_skb(dst, sk, skb, NULL, saddr, daddr, tclass, hop_limit, 0, sport, dport,
			     false, 0);
#else
	udp_tunnel6_xmit_skb(dst, sk, skb, NULL, saddr, daddr, tclass, hop_limit, 0, sport, dport,
			     false);
#endif
}
#endif

#endif /* _PROSE_COMPAT_UDP_TUNNEL_H */
