/* SPDX-License-Identifier: GPL-2.0-only */
/* From an SDU to a frame on the carrier. */
#ifndef _PROSE_TRANSMIT_H
#define _PROSE_TRANSMIT_H

#include <linux/netdevice.h>

#include "carrier.h"

struct prose_assoc;
struct prose_dev;
struct sk_buff;

netdev_tx_t prose_xmit(struct sk_buff *skb, struct net_device *dev);

/**
 * struct prose_tx - how an SDU is to be sent
 * @assoc: association that protects it, with a reference that is handed over; NULL
 *	for none, on LCID 28 alone
 * @src: Layer-2 ID of the sender, one of ours
 * @dst: Layer-2 ID of the receiver
 * @dest: where it is on the carrier
 * @lcid: logical channel
 * @ecn: that of the packet inside, for those that have their own packets around it
 */
struct prose_tx {
	struct prose_assoc *assoc;
	u32 src;
	u32 dst;
	struct prose_carrier_addr dest;
	u8 lcid;
	u8 ecn;
};

int prose_transmit(struct prose_dev *prose, struct sk_buff *skb, const struct prose_tx *tx,
		   u32 *count);

#endif /* _PROSE_TRANSMIT_H */
