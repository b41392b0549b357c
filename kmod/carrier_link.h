/* SPDX-License-Identifier: GPL-2.0-only */
/* The link carrier: frames directly behind an Ethernet header. */
#ifndef _PROSE_CARRIER_LINK_H
#define _PROSE_CARRIER_LINK_H

#include <linux/types.h>

#include "stats.h"

struct net_device;
struct netlink_ext_ack;
struct prose_dev;
struct sk_buff;

/* A frame below this length is padded by Ethernet hardware, FCS not counted. */
#define PROSE_LINK_MIN_LEN	ETH_ZLEN

bool prose_port_taken(const struct net_device *lower, u16 ethertype, u32 l2_id,
		      const struct prose_dev *besides);
int prose_port_join(struct prose_dev *prose, u16 ethertype);
void prose_port_leave(struct prose_dev *prose);
int prose_port_move(struct prose_dev *prose, u16 ethertype);
void prose_port_rehash(struct prose_dev *prose, u32 l2_id);
void prose_port_drops(struct prose_dev *prose, u64 sum[PROSE_N_STATS]);

int prose_link_headroom(const struct prose_dev *prose);
int prose_link_tailroom(const struct prose_dev *prose);
int prose_link_xmit(struct prose_dev *prose, struct sk_buff *skb, const u8 *dest);

#endif /* _PROSE_CARRIER_LINK_H */
