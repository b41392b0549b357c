// SPDX-License-Identifier: GPL-2.0-only
/* Super-packets: what the stack hands down as one, and goes out as many. */

#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "segment.h"

/*
 * A super-packet with just the headroom that its segments need. Segments get that of the
 * whole, and TCP leaves room for headers of any kind: which for a usual MTU makes each
 * buffer one size larger than it has to be. Returns @skb itself if that cannot be had.
 */
static struct sk_buff *trim_headroom(struct sk_buff *skb, unsigned int headroom)
{
	struct sk_buff *trimmed;

	/* Out of another tunnel it has more headers to keep track of; of fragments, buffers. */
	if (skb_headroom(skb) <= headroom || skb->encapsulation || skb_has_frag_list(skb))
		return skb;
	trimmed = __pskb_copy(skb, headroom, GFP_ATOMIC);
	if (unlikely(!trimmed))
		return skb;
	/* It has the offsets of the old buffer. */
	skb_reset_mac_header(trimmed);
	skb_set_network_header(trimmed, skb_network_offset(skb));
	skb_set_transport_header(trimmed, skb_transport_offset(skb));
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		trimmed->csum_start = skb_headroom(trimmed) + skb_checksum_start_offset(skb);
	/* What the socket was charged for goes over with its owner. */
	trimmed->truesize = skb->truesize;
	trimmed->destructor = skb->destructor;
	trimmed->sk = skb->sk;
	skb->destructor = NULL;
	skb->sk = NULL;
	consume_skb(skb);
	return trimmed;
}

/**
 * prose_segment() - the packets that a super-packet stands for
 * @skb: the super-packet, consumed
 * @headroom: octets that each needs in front
 *
 * They are linear, with checksums computed: one pass does both.
 *
 * Context: any.
 * Return: a list of packets, or NULL without memory or if it makes no sense.
 */
struct sk_buff *prose_segment(struct sk_buff *skb, unsigned int headroom)
{
	struct sk_buff *segs;

	skb = trim_headroom(skb, headroom);
	segs = skb_gso_segment(skb, 0);
	if (IS_ERR_OR_NULL(segs)) {
		kfree_skb(skb);
		return NULL;
	}
	consume_skb(skb);
	return segs;
}

/**
 * prose_segment_fits() - is a packet within the MTU?
 * @skb: the packet; a super-packet is if its segments are
 * @mtu: the MTU
 *
 * Context: any.
 * Return: true if it is.
 */
bool prose_segment_fits(const struct sk_buff *skb, unsigned int mtu)
{
	if (skb_is_gso(skb))
		return skb_gso_validate_network_len(skb, mtu);
	return skb->len <= mtu;
}
