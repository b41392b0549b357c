// SPDX-License-Identifier: GPL-2.0-only
/* A policy points at a constant range, 6.2. */
#include <net/netlink.h>

static const struct netlink_range_validation range = { .max = 1 };
const struct nla_policy probe[] = { NLA_POLICY_FULL_RANGE(NLA_U32, &range) };
