// SPDX-License-Identifier: GPL-2.0-only
/* Segmentation has a header of its own, 6.6; it was in netdevice.h. */
#include <net/gso.h>

struct sk_buff *probe(struct sk_buff *skb)
{
	return skb_gso_segment(skb, 0);
}
