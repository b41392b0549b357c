/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Force-included into every source file. What the newest kernel has and the one
 * at hand has not; autoconf.h, written by probe.sh, says which is which. The
 * oldest kernel looked at is 6.1.
 */
#ifndef _PROSE_COMPAT_H
#define _PROSE_COMPAT_H

#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>
#ifdef PROSE_HAVE_NET_GSO
#include <net/gso.h>
#endif
#include <net/ip6_fib.h>
#include <net/netlink.h>
#include <net/route.h>
#include <net/rtnetlink.h>

#ifndef NLA_POLICY_MAX_LEN
#define NLA_POLICY_MAX_LEN(_len)	NLA_POLICY_MAX(NLA_BINARY, _len)
#endif

#ifndef PROSE_HAVE_NLA_RANGE_CONST
#undef NLA_POLICY_FULL_RANGE
#define NLA_POLICY_FULL_RANGE(tp, _range) {				\
	.type = NLA_ENSURE_UINT_OR_BINARY_TYPE(tp),			\
	.validation_type = NLA_VALIDATE_RANGE_PTR,			\
	.range = (struct netlink_range_validation *)(_range),		\
}
#endif

/*
 * Older kernels call some functions with other arguments. COMPAT_*(fn) after
 * such a function makes an adaptor, fn##_fn() is what goes into a table.
 */

#ifdef PROSE_HAVE_CRYPTO_DONE_DATA
#define COMPAT_CRYPTO_DONE(fn)
#define COMPAT_CRYPTO_DONE_FN(fn)	fn
#else
#define COMPAT_CRYPTO_DONE(fn)							\
	static void fn##_compat(struct crypto_async_request *req, int err)	\
	{									\
		fn(req->data, err);						\
	}
#define COMPAT_CRYPTO_DONE_FN(fn)	fn##_compat
#endif

#ifdef PROSE_HAVE_RTNL_NEWLINK_PARAMS
#define COMPAT_NEWLINK(fn)
#define COMPAT_NEWLINK_FN(fn)		fn
#else
struct rtnl_newlink_params {
	struct net *src_net;
	struct nlattr **tb;
	struct nlattr **data;
};

static inline struct net *rtnl_newlink_link_net(struct rtnl_newlink_params *params)
{
	return params->src_net;
}

#define COMPAT_NEWLINK(fn)							\
	static int fn##_compat(struct net *src_net, struct net_device *dev,	\
			       struct nlattr *tb[], struct nlattr *data[],	\
			       struct netlink_ext_ack *extack)			\
	{									\
		struct rtnl_newlink_params params = {				\
			.src_net = src_net,					\
			.tb = tb,						\
			.data = data,						\
		};								\
										\
		return fn(dev, &params, extack);				\
	}
#define COMPAT_NEWLINK_FN(fn)		fn##_compat
#endif

/* Before, works stayed where they were queued unless WQ_UNBOUND. */
#ifndef PROSE_HAVE_WQ_PERCPU
#define WQ_PERCPU	0
#endif

static inline void compat_set_lltx(struct net_device *dev)
{
#ifdef PROSE_HAVE_DEV_LLTX
	dev->lltx = true;
#else
	dev->features |= NETIF_F_LLTX;
#endif
}

/* The registration state, for those who do not hold RTNL. */
static inline bool compat_dev_is_registered(const struct net_device *dev)
{
#ifdef PROSE_HAVE_REG_STATE_OCTET
	return READ_ONCE(dev->reg_state) == NETREG_REGISTERED;
#else
	return dev->reg_state == NETREG_REGISTERED;
#endif
}

#ifndef dst_rt6_info
#define dst_rt6_info(_ptr)		container_of(_ptr, struct rt6_info, dst)
#endif

#ifndef dst_rtable
#define dst_rtable(_ptr)		container_of(_ptr, struct rtable, dst)
#endif

#ifdef PROSE_HAVE_IPV6_STUB
#include <net/ipv6_stubs.h>

/* IPv6 may be a module here, reached through a table. */
static inline struct dst_entry *compat_ip6_dst_lookup(struct net *net, const struct sock *sk,
						      struct flowi6 *fl6)
{
	return ipv6_stub->ipv6_dst_lookup_flow(net, sk, fl6, NULL);
}
#else
#include <net/ipv6.h>

static inline struct dst_entry *compat_ip6_dst_lookup(struct net *net, const struct sock *sk,
						      struct flowi6 *fl6)
{
#if IS_ENABLED(CONFIG_IPV6)
	return ip6_dst_lookup_flow(net, sk, fl6, NULL);
#else
	return ERR_PTR(-EAFNOSUPPORT);
#endif
}
#endif

#ifndef PROSE_HAVE_GENL_INFO_DUMP
#define genl_info_dump(cb)		genl_dumpit_info(cb)
#endif

#ifndef PROSE_HAVE_GENL_SPLIT_OPS
/*
 * Operations with a policy for each way they can be called. Here a family has
 * one table with one policy for both do and dump, and one pre_doit for all.
 * genl.c translates.
 */
struct genl_split_ops {
	union {
		struct {
			int (*pre_doit)(const struct genl_split_ops *ops,
					struct sk_buff *skb, struct genl_info *info);
			int (*doit)(struct sk_buff *skb, struct genl_info *info);
			void (*post_doit)(const struct genl_split_ops *ops,
					  struct sk_buff *skb, struct genl_info *info);
		};
		struct {
			int (*start)(struct netlink_callback *cb);
			int (*dumpit)(struct sk_buff *skb, struct netlink_callback *cb);
			int (*done)(struct netlink_callback *cb);
		};
	};
	const struct nla_policy *policy;
	unsigned int maxattr;
	u8 cmd;
	u8 internal_flags;
	u8 flags;
	u8 validate;
};

struct compat_genl_family {
	struct genl_family family;	/* what the kernel knows */
	char name[GENL_NAMSIZ];
	unsigned int version;
	u8 netnsok:1;
	u8 parallel_ops:1;
	u8 n_split_ops;
	u8 n_mcgrps;
	const struct genl_split_ops *split_ops;
	const struct genl_multicast_group *mcgrps;
	struct module *module;
};

int compat_genl_register_family(struct compat_genl_family *family);
int compat_genl_unregister_family(const struct compat_genl_family *family);

static inline void *compat_genlmsg_put(struct sk_buff *skb, u32 portid, u32 seq,
				       const struct compat_genl_family *family, int flags, u8 cmd)
{
	return genlmsg_put(skb, portid, seq, &family->family, flags, cmd);
}

static inline void *compat_genlmsg_put_reply(struct sk_buff *skb, struct genl_info *info,
					     const struct compat_genl_family *family, int flags,
					     u8 cmd)
{
	return genlmsg_put_reply(skb, info, &family->family, flags, cmd);
}

static inline int compat_genlmsg_multicast_netns(const struct compat_genl_family *family,
						 struct net *net, struct sk_buff *skb,
						 u32 portid, unsigned int group, gfp_t flags)
{
	return genlmsg_multicast_netns(&family->family, net, skb, portid, group, flags);
}

static inline int compat_genl_has_listeners(const struct compat_genl_family *family,
					    struct net *net, unsigned int group)
{
	return genl_has_listeners(&family->family, net, group);
}

static inline int compat_genl_set_err(const struct compat_genl_family *family, struct net *net,
				      u32 portid, u32 group, int code)
{
	return genl_set_err(&family->family, net, portid, group, code);
}

#ifndef COMPAT_GENL_IMPLEMENTATION
#define genl_family			compat_genl_family
#define genl_register_family		compat_genl_register_family
#define genl_unregister_family		compat_genl_unregister_family
#define genlmsg_put			compat_genlmsg_put
#define genlmsg_put_reply		compat_genlmsg_put_reply
#define genlmsg_multicast_netns		compat_genlmsg_multicast_netns
#define genl_has_listeners		compat_genl_has_listeners
#define genl_set_err			compat_genl_set_err
#endif
#endif /* !PROSE_HAVE_GENL_SPLIT_OPS */

#endif /* _PROSE_COMPAT_H */
