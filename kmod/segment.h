/* SPDX-License-Identifier: GPL-2.0-only */
/* Super-packets. */
#ifndef _PROSE_SEGMENT_H
#define _PROSE_SEGMENT_H

#include <linux/types.h>

struct sk_buff;

struct sk_buff *prose_segment(struct sk_buff *skb, unsigned int headroom);
bool prose_segment_fits(const struct sk_buff *skb, unsigned int mtu);

#endif /* _PROSE_SEGMENT_H */
