// SPDX-License-Identifier: GPL-2.0-only
/* Do not edit directly, auto-generated from: */
/*	netlink/prose.yaml */
/* by netlink/gen */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink-gen.h"

#include <linux/prose.h>

/* Ranges of attributes that do not fit a policy */
static const struct netlink_range_validation prose_a_device_set_input_unprotected_rate_range = {
	.max	= 100000ULL,
};

static const struct netlink_range_validation prose_a_peer_id_l2_id_range = {
	.min	= 1ULL,
	.max	= PROSE_L2_ID_MAX,
};

static const struct netlink_range_validation prose_a_peer_input_l2_id_range = {
	.min	= 1ULL,
	.max	= PROSE_L2_ID_MAX,
};

static const struct netlink_range_validation prose_a_peer_input_local_l2_id_range = {
	.max	= PROSE_L2_ID_MAX,
};

static const struct netlink_range_validation prose_a_peer_input_remote_l2_id_range = {
	.max	= PROSE_L2_ID_MAX,
};

static const struct netlink_range_validation prose_a_assoc_id_kd_sess_id_range = {
	.min	= 1ULL,
	.max	= 65535ULL,
};

static const struct netlink_range_validation prose_a_assoc_new_input_kd_sess_id_range = {
	.min	= 1ULL,
	.max	= 65535ULL,
};

static const struct netlink_range_validation prose_a_assoc_new_input_window_range = {
	.min	= 64ULL,
	.max	= 32768ULL,
};

static const struct netlink_range_validation prose_a_assoc_new_input_grace_ms_range = {
	.max	= 600000ULL,
};

static const struct netlink_range_validation prose_a_assoc_set_input_kd_sess_id_range = {
	.min	= 1ULL,
	.max	= 65535ULL,
};

static const struct netlink_range_validation prose_a_assoc_set_input_grace_ms_range = {
	.max	= 600000ULL,
};

static const struct netlink_range_validation prose_a_signal_input_l2_id_range = {
	.min	= 1ULL,
	.max	= PROSE_L2_ID_MAX,
};

static const struct netlink_range_validation prose_a_signal_input_kd_sess_id_range = {
	.max	= 65535ULL,
};

static const struct netlink_range_validation prose_a_signal_input_local_l2_id_range = {
	.min	= 1ULL,
	.max	= PROSE_L2_ID_MAX,
};

/* Common nested types */
const struct nla_policy prose_device_set_input_nl_policy[PROSE_A_DEVICE_REMOTE_PORT + 1] = {
	[PROSE_A_DEVICE_ETHERTYPE] = { .type = NLA_BE16, },
	[PROSE_A_DEVICE_PAD] = NLA_POLICY_MAX(NLA_U8, 1),
	[PROSE_A_DEVICE_UNPROTECTED_RATE] = NLA_POLICY_FULL_RANGE(NLA_U32,
			&prose_a_device_set_input_unprotected_rate_range),
	[PROSE_A_DEVICE_INTEGRITY_THRESHOLD] = NLA_POLICY_MIN(NLA_U32, 1),
	[PROSE_A_DEVICE_PORT] = { .type = NLA_BE16, },
	[PROSE_A_DEVICE_REMOTE] = { .type = NLA_BE32, },
	[PROSE_A_DEVICE_REMOTE6] = NLA_POLICY_EXACT_LEN(16),
	[PROSE_A_DEVICE_REMOTE_PORT] = { .type = NLA_BE16, },
};

const struct nla_policy prose_peer_id_nl_policy[PROSE_A_PEER_L2_ID + 1] = {
	[PROSE_A_PEER_L2_ID] = NLA_POLICY_FULL_RANGE(NLA_U32, &prose_a_peer_id_l2_id_range),
};

const struct nla_policy prose_peer_input_nl_policy[PROSE_A_PEER_REMOTE_L2_ID + 1] = {
	[PROSE_A_PEER_L2_ID] = NLA_POLICY_FULL_RANGE(NLA_U32, &prose_a_peer_input_l2_id_range),
	[PROSE_A_PEER_CARRIER_ADDR] = NLA_POLICY_MAX_LEN(PROSE_CARRIER_ADDR_MAX_LEN),
	[PROSE_A_PEER_IPV4] = { .type = NLA_BE32, },
	[PROSE_A_PEER_IPV6] = NLA_POLICY_EXACT_LEN(16),
	[PROSE_A_PEER_LOCAL_L2_ID] = NLA_POLICY_FULL_RANGE(NLA_U32,
			&prose_a_peer_input_local_l2_id_range),
	[PROSE_A_PEER_REMOTE_L2_ID] = NLA_POLICY_FULL_RANGE(NLA_U32,
			&prose_a_peer_input_remote_l2_id_range),
};

const struct nla_policy prose_bearer_input_nl_policy[PROSE_A_BEARER_RX_HIGHEST + 1] = {
	[PROSE_A_BEARER_LCID] = NLA_POLICY_RANGE(NLA_U8, 1, 30),
	[PROSE_A_BEARER_RX_HIGHEST] = { .type = NLA_U32, },
};

const struct nla_policy prose_assoc_id_nl_policy[PROSE_A_ASSOC_KD_SESS_ID + 1] = {
	[PROSE_A_ASSOC_KD_SESS_ID] = NLA_POLICY_FULL_RANGE(NLA_U32,
			&prose_a_assoc_id_kd_sess_id_range),
};

const struct nla_policy prose_assoc_new_input_nl_policy[PROSE_A_ASSOC_BEARER + 1] = {
	[PROSE_A_ASSOC_KD_SESS_ID] = NLA_POLICY_FULL_RANGE(NLA_U32,
			&prose_a_assoc_new_input_kd_sess_id_range),
	[PROSE_A_ASSOC_PEK] = NLA_POLICY_EXACT_LEN(PROSE_KEY_LEN),
	[PROSE_A_ASSOC_PIK] = NLA_POLICY_EXACT_LEN(PROSE_KEY_LEN),
	[PROSE_A_ASSOC_EEA] = NLA_POLICY_MAX(NLA_U32, 3),
	[PROSE_A_ASSOC_EIA] = NLA_POLICY_RANGE(NLA_U32, 1, 3),
	[PROSE_A_ASSOC_UP_INTEGRITY] = NLA_POLICY_MAX(NLA_U8, 1),
	[PROSE_A_ASSOC_DIRECTION] = NLA_POLICY_MAX(NLA_U8, 1),
	[PROSE_A_ASSOC_COUNT_START] = { .type = NLA_U32, },
	[PROSE_A_ASSOC_COUNT_LIMIT] = { .type = NLA_U32, },
	[PROSE_A_ASSOC_COUNT_SOFT] = { .type = NLA_U32, },
	[PROSE_A_ASSOC_WINDOW] = NLA_POLICY_FULL_RANGE(NLA_U32,
			&prose_a_assoc_new_input_window_range),
	[PROSE_A_ASSOC_GRACE_MS] = NLA_POLICY_FULL_RANGE(NLA_U32,
			&prose_a_assoc_new_input_grace_ms_range),
	[PROSE_A_ASSOC_TX] = { .type = NLA_FLAG, },
	[PROSE_A_ASSOC_BEARER] = NLA_POLICY_NESTED(prose_bearer_input_nl_policy),
};

const struct nla_policy prose_assoc_set_input_nl_policy[PROSE_A_ASSOC_TX + 1] = {
	[PROSE_A_ASSOC_KD_SESS_ID] = NLA_POLICY_FULL_RANGE(NLA_U32,
			&prose_a_assoc_set_input_kd_sess_id_range),
	[PROSE_A_ASSOC_COUNT_SOFT] = { .type = NLA_U32, },
	[PROSE_A_ASSOC_GRACE_MS] = NLA_POLICY_FULL_RANGE(NLA_U32,
			&prose_a_assoc_set_input_grace_ms_range),
	[PROSE_A_ASSOC_TX] = { .type = NLA_FLAG, },
};

const struct nla_policy prose_signal_input_nl_policy[PROSE_A_SIGNAL_LOCAL_L2_ID + 1] = {
	[PROSE_A_SIGNAL_L2_ID] = NLA_POLICY_FULL_RANGE(NLA_U32, &prose_a_signal_input_l2_id_range),
	[PROSE_A_SIGNAL_BEARER] = NLA_POLICY_RANGE(NLA_U8, 28, 30),
	[PROSE_A_SIGNAL_PROTECTION] = NLA_POLICY_MAX(NLA_U32, 3),
	[PROSE_A_SIGNAL_KD_SESS_ID] = NLA_POLICY_FULL_RANGE(NLA_U32,
			&prose_a_signal_input_kd_sess_id_range),
	[PROSE_A_SIGNAL_MESSAGE] = NLA_POLICY_MAX_LEN(PROSE_SIGNAL_MAX_LEN),
	[PROSE_A_SIGNAL_CARRIER_ADDR] = NLA_POLICY_MAX_LEN(PROSE_CARRIER_ADDR_MAX_LEN),
	[PROSE_A_SIGNAL_LOCAL_L2_ID] = NLA_POLICY_FULL_RANGE(NLA_U32,
			&prose_a_signal_input_local_l2_id_range),
};

const struct nla_policy prose_link_nl_policy[IFLA_PROSE_REMOTE_PORT + 1] = {
	[IFLA_PROSE_ETHERTYPE] = { .type = NLA_BE16, },
	[IFLA_PROSE_PAD] = NLA_POLICY_MAX(NLA_U8, 1),
	[IFLA_PROSE_CARRIER] = NLA_POLICY_RANGE(NLA_U32, 1, 2),
	[IFLA_PROSE_CARRIER_ADDR] = NLA_POLICY_MAX_LEN(PROSE_CARRIER_ADDR_MAX_LEN),
	[IFLA_PROSE_PORT] = { .type = NLA_BE16, },
	[IFLA_PROSE_LOCAL] = { .type = NLA_BE32, },
	[IFLA_PROSE_LOCAL6] = NLA_POLICY_EXACT_LEN(16),
	[IFLA_PROSE_REMOTE] = { .type = NLA_BE32, },
	[IFLA_PROSE_REMOTE6] = NLA_POLICY_EXACT_LEN(16),
	[IFLA_PROSE_REMOTE_PORT] = { .type = NLA_BE16, },
};

/* PROSE_CMD_DEV_GET - do */
static const struct nla_policy prose_dev_get_do_nl_policy[PROSE_A_IFINDEX + 1] = {
	[PROSE_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* PROSE_CMD_DEV_SET - do */
static const struct nla_policy prose_dev_set_nl_policy[PROSE_A_DEVICE + 1] = {
	[PROSE_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[PROSE_A_DEVICE] = NLA_POLICY_NESTED(prose_device_set_input_nl_policy),
};

/* PROSE_CMD_PEER_NEW - do */
static const struct nla_policy prose_peer_new_nl_policy[PROSE_A_PEER + 1] = {
	[PROSE_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[PROSE_A_PEER] = NLA_POLICY_NESTED(prose_peer_input_nl_policy),
};

/* PROSE_CMD_PEER_SET - do */
static const struct nla_policy prose_peer_set_nl_policy[PROSE_A_PEER + 1] = {
	[PROSE_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[PROSE_A_PEER] = NLA_POLICY_NESTED(prose_peer_input_nl_policy),
};

/* PROSE_CMD_PEER_GET - do */
static const struct nla_policy prose_peer_get_do_nl_policy[PROSE_A_PEER + 1] = {
	[PROSE_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[PROSE_A_PEER] = NLA_POLICY_NESTED(prose_peer_id_nl_policy),
};

/* PROSE_CMD_PEER_GET - dump */
static const struct nla_policy prose_peer_get_dump_nl_policy[PROSE_A_IFINDEX + 1] = {
	[PROSE_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* PROSE_CMD_PEER_DEL - do */
static const struct nla_policy prose_peer_del_nl_policy[PROSE_A_PEER + 1] = {
	[PROSE_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[PROSE_A_PEER] = NLA_POLICY_NESTED(prose_peer_id_nl_policy),
};

/* PROSE_CMD_ASSOC_NEW - do */
static const struct nla_policy prose_assoc_new_nl_policy[PROSE_A_ASSOC + 1] = {
	[PROSE_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[PROSE_A_PEER] = NLA_POLICY_NESTED(prose_peer_id_nl_policy),
	[PROSE_A_ASSOC] = NLA_POLICY_NESTED(prose_assoc_new_input_nl_policy),
};

/* PROSE_CMD_ASSOC_SET - do */
static const struct nla_policy prose_assoc_set_nl_policy[PROSE_A_ASSOC + 1] = {
	[PROSE_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[PROSE_A_PEER] = NLA_POLICY_NESTED(prose_peer_id_nl_policy),
	[PROSE_A_ASSOC] = NLA_POLICY_NESTED(prose_assoc_set_input_nl_policy),
};

/* PROSE_CMD_ASSOC_GET - do */
static const struct nla_policy prose_assoc_get_do_nl_policy[PROSE_A_ASSOC + 1] = {
	[PROSE_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[PROSE_A_PEER] = NLA_POLICY_NESTED(prose_peer_id_nl_policy),
	[PROSE_A_ASSOC] = NLA_POLICY_NESTED(prose_assoc_id_nl_policy),
};

/* PROSE_CMD_ASSOC_GET - dump */
static const struct nla_policy prose_assoc_get_dump_nl_policy[PROSE_A_IFINDEX + 1] = {
	[PROSE_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* PROSE_CMD_ASSOC_DEL - do */
static const struct nla_policy prose_assoc_del_nl_policy[PROSE_A_ASSOC + 1] = {
	[PROSE_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[PROSE_A_PEER] = NLA_POLICY_NESTED(prose_peer_id_nl_policy),
	[PROSE_A_ASSOC] = NLA_POLICY_NESTED(prose_assoc_id_nl_policy),
};

/* PROSE_CMD_SIGNAL_REGISTER - do */
static const struct nla_policy prose_signal_register_nl_policy[PROSE_A_IFINDEX + 1] = {
	[PROSE_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* PROSE_CMD_SIGNAL_SEND - do */
static const struct nla_policy prose_signal_send_nl_policy[PROSE_A_SIGNAL + 1] = {
	[PROSE_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[PROSE_A_SIGNAL] = NLA_POLICY_NESTED(prose_signal_input_nl_policy),
};

/* Ops table for prose */
static const struct genl_split_ops prose_nl_ops[] = {
	{
		.cmd		= PROSE_CMD_DEV_GET,
		.pre_doit	= prose_nl_pre_doit,
		.doit		= prose_nl_dev_get_doit,
		.post_doit	= prose_nl_post_doit,
		.policy		= prose_dev_get_do_nl_policy,
		.maxattr	= PROSE_A_IFINDEX,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd	= PROSE_CMD_DEV_GET,
		.dumpit	= prose_nl_dev_get_dumpit,
		.flags	= GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= PROSE_CMD_DEV_SET,
		.pre_doit	= prose_nl_pre_doit,
		.doit		= prose_nl_dev_set_doit,
		.post_doit	= prose_nl_post_doit,
		.policy		= prose_dev_set_nl_policy,
		.maxattr	= PROSE_A_DEVICE,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= PROSE_CMD_PEER_NEW,
		.pre_doit	= prose_nl_pre_doit,
		.doit		= prose_nl_peer_new_doit,
		.post_doit	= prose_nl_post_doit,
		.policy		= prose_peer_new_nl_policy,
		.maxattr	= PROSE_A_PEER,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= PROSE_CMD_PEER_SET,
		.pre_doit	= prose_nl_pre_doit,
		.doit		= prose_nl_peer_set_doit,
		.post_doit	= prose_nl_post_doit,
		.policy		= prose_peer_set_nl_policy,
		.maxattr	= PROSE_A_PEER,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= PROSE_CMD_PEER_GET,
		.pre_doit	= prose_nl_pre_doit,
		.doit		= prose_nl_peer_get_doit,
		.post_doit	= prose_nl_post_doit,
		.policy		= prose_peer_get_do_nl_policy,
		.maxattr	= PROSE_A_PEER,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= PROSE_CMD_PEER_GET,
		.dumpit		= prose_nl_peer_get_dumpit,
		.policy		= prose_peer_get_dump_nl_policy,
		.maxattr	= PROSE_A_IFINDEX,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= PROSE_CMD_PEER_DEL,
		.pre_doit	= prose_nl_pre_doit,
		.doit		= prose_nl_peer_del_doit,
		.post_doit	= prose_nl_post_doit,
		.policy		= prose_peer_del_nl_policy,
		.maxattr	= PROSE_A_PEER,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= PROSE_CMD_ASSOC_NEW,
		.pre_doit	= prose_nl_pre_doit,
		.doit		= prose_nl_assoc_new_doit,
		.post_doit	= prose_nl_post_doit,
		.policy		= prose_assoc_new_nl_policy,
		.maxattr	= PROSE_A_ASSOC,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= PROSE_CMD_ASSOC_SET,
		.pre_doit	= prose_nl_pre_doit,
		.doit		= prose_nl_assoc_set_doit,
		.post_doit	= prose_nl_post_doit,
		.policy		= prose_assoc_set_nl_policy,
		.maxattr	= PROSE_A_ASSOC,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= PROSE_CMD_ASSOC_GET,
		.pre_doit	= prose_nl_pre_doit,
		.doit		= prose_nl_assoc_get_doit,
		.post_doit	= prose_nl_post_doit,
		.policy		= prose_assoc_get_do_nl_policy,
		.maxattr	= PROSE_A_ASSOC,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= PROSE_CMD_ASSOC_GET,
		.dumpit		= prose_nl_assoc_get_dumpit,
		.policy		= prose_assoc_get_dump_nl_policy,
		.maxattr	= PROSE_A_IFINDEX,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= PROSE_CMD_ASSOC_DEL,
		.pre_doit	= prose_nl_pre_doit,
		.doit		= prose_nl_assoc_del_doit,
		.post_doit	= prose_nl_post_doit,
		.policy		= prose_assoc_del_nl_policy,
		.maxattr	= PROSE_A_ASSOC,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= PROSE_CMD_SIGNAL_REGISTER,
		.pre_doit	= prose_nl_pre_doit,
		.doit		= prose_nl_signal_register_doit,
		.post_doit	= prose_nl_post_doit,
		.policy		= prose_signal_register_nl_policy,
		.maxattr	= PROSE_A_IFINDEX,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= PROSE_CMD_SIGNAL_SEND,
		.pre_doit	= prose_nl_pre_doit,
		.doit		= prose_nl_signal_send_doit,
		.post_doit	= prose_nl_post_doit,
		.policy		= prose_signal_send_nl_policy,
		.maxattr	= PROSE_A_SIGNAL,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
};

static const struct genl_multicast_group prose_nl_mcgrps[] = {
	[PROSE_NLGRP_EVENTS] = { PROSE_MCGRP_EVENTS, GENL_MCAST_CAP_NET_ADMIN, },
};

struct genl_family prose_nl_family __ro_after_init = {
	.name		= PROSE_FAMILY_NAME,
	.version	= PROSE_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.split_ops	= prose_nl_ops,
	.n_split_ops	= ARRAY_SIZE(prose_nl_ops),
	.mcgrps		= prose_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(prose_nl_mcgrps),
};
