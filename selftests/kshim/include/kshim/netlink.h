/* SPDX-License-Identifier: MIT */
/* Netlink: messages are built as the kernel builds them, and end with the test. */
#ifndef _KSHIM_NETLINK_H
#define _KSHIM_NETLINK_H

#include <kshim/net.h>

struct netlink_ext_ack {
	const char *_msg;
	const struct nlattr *bad_attr;
};

struct nla_policy {
	u8 type;
};

struct netlink_callback;
struct genl_split_ops;
struct genl_multicast_group;

struct genl_info {
	u32 snd_seq, snd_portid;
	struct nlattr **attrs;
	struct netlink_ext_ack *extack;
	void *user_ptr[2];
};

#define genl_info_net(info)	((void)(info), &init_net)

#define NL_SET_ERR_MSG_ATTR(ack, attr, msg) do {				\
	struct netlink_ext_ack *_ack = (ack);					\
										\
	if (_ack) {								\
		_ack->_msg = (msg);						\
		_ack->bad_attr = (attr);					\
	}									\
} while (0)
#define NL_SET_ERR_MSG(ack, msg)	NL_SET_ERR_MSG_ATTR(ack, NULL, msg)
#define NL_SET_ERR_MSG_MOD(ack, msg)	NL_SET_ERR_MSG(ack, "prose: " msg)
#define NL_REQ_ATTR_CHECK(ack, nest, tb, type)					\
	((void)(ack), (void)(nest), !(tb)[type])

#define nla_total_size(len)	NLA_ALIGN(NLA_HDRLEN + (len))
#define nla_data(attr)		((void *)((u8 *)(attr) + NLA_HDRLEN))
#define nla_len(attr)		((int)(attr)->nla_len - NLA_HDRLEN)

static inline u32 nla_get_u32(const struct nlattr *attr)
{
	u32 v;

	memcpy(&v, nla_data(attr), sizeof(v));
	return v;
}

static inline __be16 nla_get_be16(const struct nlattr *attr)
{
	__be16 v;

	memcpy(&v, nla_data(attr), sizeof(v));
	return v;
}

static inline u8 nla_get_u8(const struct nlattr *attr)
{
	return *(u8 *)nla_data(attr);
}

struct nlattr *nla_reserve(struct sk_buff *msg, int type, int len);
int nla_put(struct sk_buff *msg, int type, int len, const void *p);
struct nlattr *nla_nest_start(struct sk_buff *msg, int type);
void nla_nest_end(struct sk_buff *msg, struct nlattr *nest);
int nla_parse_nested(struct nlattr *tb[], int max, const struct nlattr *nest,
		     const struct nla_policy *policy, struct netlink_ext_ack *extack);

static inline int nla_put_u8(struct sk_buff *msg, int type, u8 v)
{
	return nla_put(msg, type, sizeof(v), &v);
}

static inline int nla_put_u32(struct sk_buff *msg, int type, u32 v)
{
	return nla_put(msg, type, sizeof(v), &v);
}

#define GENLMSG_DEFAULT_SIZE	3840

struct sk_buff *genlmsg_new(size_t payload, gfp_t gfp);
void genlmsg_end(struct sk_buff *msg, void *hdr);

/* A message to userspace. Not consumed. */
extern void (*kshim_unicast)(const struct sk_buff *msg, u32 portid);
extern unsigned long kshim_unicasts;
/* What sending ends with, 0 for well. */
extern int kshim_unicast_error;
int genlmsg_unicast(struct net *net, struct sk_buff *msg, u32 portid);
int genlmsg_reply(struct sk_buff *msg, struct genl_info *info);
#define nlmsg_free(msg)		kfree_skb(msg)

#endif /* _KSHIM_NETLINK_H */
