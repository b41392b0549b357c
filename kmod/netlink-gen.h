/* SPDX-License-Identifier: GPL-2.0-only */
/* Do not edit directly, auto-generated from: */
/*	netlink/prose.yaml */
/* by netlink/gen */

#ifndef _LINUX_PROSE_GEN_H
#define _LINUX_PROSE_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <linux/prose.h>

/* Common nested types */
extern const struct nla_policy prose_device_set_input_nl_policy[PROSE_A_DEVICE_REMOTE_PORT + 1];
extern const struct nla_policy prose_peer_id_nl_policy[PROSE_A_PEER_L2_ID + 1];
extern const struct nla_policy prose_peer_input_nl_policy[PROSE_A_PEER_REMOTE_L2_ID + 1];
extern const struct nla_policy prose_bearer_input_nl_policy[PROSE_A_BEARER_RX_HIGHEST + 1];
extern const struct nla_policy prose_assoc_id_nl_policy[PROSE_A_ASSOC_KD_SESS_ID + 1];
extern const struct nla_policy prose_assoc_new_input_nl_policy[PROSE_A_ASSOC_BEARER + 1];
extern const struct nla_policy prose_assoc_set_input_nl_policy[PROSE_A_ASSOC_TX + 1];
extern const struct nla_policy prose_signal_input_nl_policy[PROSE_A_SIGNAL_LOCAL_L2_ID + 1];
extern const struct nla_policy prose_link_nl_policy[IFLA_PROSE_REMOTE_PORT + 1];

int prose_nl_pre_doit(const struct genl_split_ops *ops,
		      struct sk_buff *skb, struct genl_info *info);
void
prose_nl_post_doit(const struct genl_split_ops *ops, struct sk_buff *skb,
		   struct genl_info *info);

int prose_nl_dev_get_doit(struct sk_buff *skb, struct genl_info *info);
int prose_nl_dev_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int prose_nl_dev_set_doit(struct sk_buff *skb, struct genl_info *info);
int prose_nl_peer_new_doit(struct sk_buff *skb, struct genl_info *info);
int prose_nl_peer_set_doit(struct sk_buff *skb, struct genl_info *info);
int prose_nl_peer_get_doit(struct sk_buff *skb, struct genl_info *info);
int prose_nl_peer_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int prose_nl_peer_del_doit(struct sk_buff *skb, struct genl_info *info);
int prose_nl_assoc_new_doit(struct sk_buff *skb, struct genl_info *info);
int prose_nl_assoc_set_doit(struct sk_buff *skb, struct genl_info *info);
int prose_nl_assoc_get_doit(struct sk_buff *skb, struct genl_info *info);
int prose_nl_assoc_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int prose_nl_assoc_del_doit(struct sk_buff *skb, struct genl_info *info);
int prose_nl_signal_register_doit(struct sk_buff *skb, struct genl_info *info);
int prose_nl_signal_send_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	PROSE_NLGRP_EVENTS,
};

extern struct genl_family prose_nl_family;

#endif /* _LINUX_PROSE_GEN_H */
