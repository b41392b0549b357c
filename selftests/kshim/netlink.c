// SPDX-License-Identifier: MIT
/* Netlink messages, see kshim/netlink.h. */
#include <kshim/netlink.h>

void (*kshim_unicast)(const struct sk_buff *msg, u32 portid);
unsigned long kshim_unicasts;
int kshim_unicast_error;

struct nlattr *nla_reserve(struct sk_buff *msg, int type, int len)
{
	struct nlattr *attr;

	if ((size_t)(msg->end - msg->tail) < (size_t)nla_total_size(len))
		return NULL;
	attr = skb_put(msg, nla_total_size(len));
	memset(attr, 0, nla_total_size(len));
	attr->nla_type = type;
	attr->nla_len = NLA_HDRLEN + len;
	return attr;
}

int nla_put(struct sk_buff *msg, int type, int len, const void *p)
{
	struct nlattr *attr = nla_reserve(msg, type, len);

	if (!attr)
		return -EMSGSIZE;
	memcpy(nla_data(attr), p, len);
	return 0;
}

struct nlattr *nla_nest_start(struct sk_buff *msg, int type)
{
	return nla_reserve(msg, type | NLA_F_NESTED, 0);
}

void nla_nest_end(struct sk_buff *msg, struct nlattr *nest)
{
	nest->nla_len = msg->tail - (u8 *)nest;
}

int nla_parse_nested(struct nlattr *tb[], int max, const struct nlattr *nest,
		     const struct nla_policy *policy, struct netlink_ext_ack *extack)
{
	int left = nla_len(nest);
	u8 *p = nla_data(nest);

	(void)policy;
	(void)extack;
	memset(tb, 0, (max + 1) * sizeof(*tb));
	while (left >= NLA_HDRLEN) {
		struct nlattr *attr = (struct nlattr *)p;
		int type = attr->nla_type & NLA_TYPE_MASK;

		if (attr->nla_len < NLA_HDRLEN || attr->nla_len > left)
			return -EINVAL;
		if (type <= max)
			tb[type] = attr;
		p += NLA_ALIGN(attr->nla_len);
		left -= NLA_ALIGN(attr->nla_len);
	}
	return 0;
}

struct sk_buff *genlmsg_new(size_t payload, gfp_t gfp)
{
	return alloc_skb(NLMSG_HDRLEN + GENL_HDRLEN + payload, gfp);
}

void genlmsg_end(struct sk_buff *msg, void *hdr)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)((u8 *)hdr - GENL_HDRLEN - NLMSG_HDRLEN);

	nlh->nlmsg_len = msg->tail - (u8 *)nlh;
}

int genlmsg_unicast(struct net *net, struct sk_buff *msg, u32 portid)
{
	(void)net;
	kshim_assert(kshim_rcu_allowed());
	if (kshim_unicast_error) {
		kfree_skb(msg);
		return kshim_unicast_error;
	}
	kshim_unicasts++;
	if (kshim_unicast)
		kshim_unicast(msg, portid);
	consume_skb(msg);
	return 0;
}

int genlmsg_reply(struct sk_buff *msg, struct genl_info *info)
{
	int err;

	rcu_read_lock();
	err = genlmsg_unicast(&init_net, msg, info->snd_portid);
	rcu_read_unlock();
	return err;
}
