/* SPDX-License-Identifier: MIT */
/*
 * The system's own headers of the kernel, below those of this folder. In this order: what one
 * of them includes leads back to the shim, and must be there by then.
 */
#ifndef _KSHIM_UAPI_H
#define _KSHIM_UAPI_H

#include <asm/byteorder.h>

#include_next <linux/if_ether.h>
#include_next <linux/if_packet.h>
#include_next <linux/in.h>
#include_next <linux/in6.h>
#include_next <linux/ip.h>
#include_next <linux/ipv6.h>
#include_next <linux/icmp.h>
#include_next <linux/icmpv6.h>
#include_next <linux/netlink.h>
#include_next <linux/genetlink.h>
#include_next <linux/rtnetlink.h>
#include_next <linux/in_route.h>
#include_next <linux/pkt_sched.h>
#include_next <linux/ethtool.h>
#include_next <linux/if_arp.h>

#endif /* _KSHIM_UAPI_H */
