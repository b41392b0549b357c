/* SPDX-License-Identifier: MIT */
/* The shim is the newest kernel there is, as kmod/compat has it; but for a stub of IPv6. */
#define PROSE_HAVE_CRYPTO_DONE_DATA 1
#define PROSE_HAVE_DEV_LLTX 1
#define PROSE_HAVE_GENL_INFO_DUMP 1
#define PROSE_HAVE_GENL_SPLIT_OPS 1
#define PROSE_HAVE_NLA_RANGE_CONST 1
#define PROSE_HAVE_REG_STATE_OCTET 1
#define PROSE_HAVE_RTNL_NEWLINK_PARAMS 1
