/* SPDX-License-Identifier: GPL-2.0-only */
/* From a frame on the carrier to an SDU. */
#ifndef _PROSE_RECEIVE_H
#define _PROSE_RECEIVE_H

#include <linux/types.h>

struct prose_dev;
struct prose_mac_hdr;
struct prose_origin;
struct prose_peer;
struct sk_buff;

void prose_receive(struct prose_dev *prose, struct prose_peer *peer, struct sk_buff *skb,
		   unsigned int readable, struct prose_mac_hdr *mac,
		   const struct prose_origin *origin);

#endif /* _PROSE_RECEIVE_H */
