/* SPDX-License-Identifier: MIT */
/*
 * sk_buff. The buffer has exactly the length asked for, fragments are allocations of their own,
 * and what is behind the data is poisoned for ASan: a step beyond shows wherever it goes. Clones
 * share a buffer as the kernel's do.
 */
#ifndef _KSHIM_SKBUFF_H
#define _KSHIM_SKBUFF_H

#include <kshim/alloc.h>
#include <kshim/uapi.h>

struct net_device;
struct dst_entry;
struct sock;

#define KSHIM_FRAGS		8

/* Of a fragment; shared as a file's page would be. */
struct kshim_page {
	int refs;
	unsigned int len;
	u8 *p;
};

struct kshim_buffer {
	int refs;
	u8 *p;
	unsigned int size;
	unsigned int n_frags;
	struct {
		struct kshim_page *page;
		unsigned int off, len;
	} frags[KSHIM_FRAGS];
	unsigned short gso_size;
};

struct sk_buff {
	int users;
	struct kshim_buffer *buffer;
	u8 *head, *data, *tail, *end;
	unsigned int len, data_len;
	unsigned int mac_header, network_header, transport_header;
	unsigned int mac_len;
	struct net_device *dev;
	struct dst_entry *dst;
	struct sock *sk;
	__be16 protocol;
	u8 pkt_type;
	u8 ip_summed;
	u8 csum_level;
	u8 encapsulation;
	u32 priority;
	u32 hash;
	u16 queue_mapping;
	struct sk_buff *next;
	char cb[48] __aligned(8);
};

#define CHECKSUM_NONE		0
#define CHECKSUM_UNNECESSARY	1
#define CHECKSUM_PARTIAL	3

#define SKB_DATA_ALIGN(x)	(((x) + 63) & ~63)

/* How many there are, clones counted: 0 at the end, or one leaked. */
extern unsigned long kshim_skbs;
/* How many were dropped with kfree_skb(), given back with consume_skb(). */
extern unsigned long kshim_skbs_dropped, kshim_skbs_consumed;

struct sk_buff *alloc_skb(unsigned int size, gfp_t gfp);
void kfree_skb(struct sk_buff *skb);

/* Those that the module names. */
enum skb_drop_reason {
	SKB_NOT_DROPPED_YET,
	SKB_CONSUMED,
	SKB_DROP_REASON_NOT_SPECIFIED,
	SKB_DROP_REASON_NO_SOCKET,
	SKB_DROP_REASON_PKT_TOO_SMALL,
	SKB_DROP_REASON_PKT_TOO_BIG,
	SKB_DROP_REASON_OTHERHOST,
	SKB_DROP_REASON_IP_RPFILTER,
	SKB_DROP_REASON_SOCKET_RCVBUFF,
	SKB_DROP_REASON_NEIGH_FAILED,
	SKB_DROP_REASON_UNHANDLED_PROTO,
	SKB_DROP_REASON_DEV_HDR,
	SKB_DROP_REASON_NOMEM,
};

/* The last one given. */
extern enum skb_drop_reason kshim_drop_reason;

void kfree_skb_reason(struct sk_buff *skb, enum skb_drop_reason reason);
void consume_skb(struct sk_buff *skb);
struct sk_buff *skb_clone(struct sk_buff *skb, gfp_t gfp);
struct sk_buff *skb_share_check(struct sk_buff *skb, gfp_t gfp);
int pskb_expand_head(struct sk_buff *skb, int nhead, int ntail, gfp_t gfp);
void *__pskb_pull_tail(struct sk_buff *skb, unsigned int delta);
int pskb_trim(struct sk_buff *skb, unsigned int len);
void skb_trim(struct sk_buff *skb, unsigned int len);
void *skb_pull(struct sk_buff *skb, unsigned int len);
void *skb_push(struct sk_buff *skb, unsigned int len);
void *skb_put(struct sk_buff *skb, unsigned int len);
void skb_reserve(struct sk_buff *skb, unsigned int len);
int skb_copy_bits(const struct sk_buff *skb, int off, void *to, int len);
int __skb_put_padto(struct sk_buff *skb, unsigned int len, bool free_on_error);
void skb_scrub_packet(struct sk_buff *skb, bool xnet);
/* A fragment at the end, of a page of its own. Not failed. */
void kshim_skb_add_frag(struct sk_buff *skb, const void *p, unsigned int len);
/* All octets, wherever they are, in malloc'ed memory. */
u8 *kshim_skb_octets(const struct sk_buff *skb);

static inline struct sk_buff *skb_get(struct sk_buff *skb)
{
	skb->users++;
	return skb;
}

static inline bool skb_is_nonlinear(const struct sk_buff *skb)
{
	return skb->data_len;
}

static inline unsigned int skb_headlen(const struct sk_buff *skb)
{
	return skb->len - skb->data_len;
}

static inline bool skb_cloned(const struct sk_buff *skb)
{
	return skb->buffer->refs > 1;
}

static inline bool pskb_may_pull(struct sk_buff *skb, unsigned int len)
{
	if (len <= skb_headlen(skb))
		return true;
	if (len > skb->len)
		return false;
	return __pskb_pull_tail(skb, len - skb_headlen(skb));
}

static inline int skb_linearize(struct sk_buff *skb)
{
	return skb_is_nonlinear(skb) && !__pskb_pull_tail(skb, skb->data_len) ? -ENOMEM : 0;
}

static inline int skb_linearize_cow(struct sk_buff *skb)
{
	if (!skb_is_nonlinear(skb) && !skb_cloned(skb))
		return 0;
	return __pskb_pull_tail(skb, skb->data_len) ? 0 : -ENOMEM;
}

static inline void *skb_put_data(struct sk_buff *skb, const void *p, unsigned int len)
{
	return memcpy(skb_put(skb, len), p, len);
}

#define skb_tail_pointer(skb)		((skb)->tail)
#define skb_end_pointer(skb)		((skb)->end)
#define skb_headroom(skb)		((unsigned int)((skb)->data - (skb)->head))
#define skb_network_header(skb)		((skb)->head + (skb)->network_header)
#define skb_mac_header(skb)		((skb)->head + (skb)->mac_header)
#define skb_network_offset(skb)		((int)(skb_network_header(skb) - (skb)->data))
#define skb_reset_mac_header(skb)	((void)((skb)->mac_header = (skb)->data - (skb)->head))
#define skb_reset_network_header(skb)	((void)((skb)->network_header = (skb)->data - (skb)->head))
#define skb_reset_transport_header(skb)	((void)((skb)->transport_header = (skb)->data - (skb)->head))
#define skb_reset_mac_len(skb)	((void)((skb)->mac_len = (skb)->network_header - (skb)->mac_header))
#define skb_set_queue_mapping(skb, q)	((void)((skb)->queue_mapping = (q)))
#define skb_clear_hash(skb)		((void)((skb)->hash = 0))
#define skb_orphan(skb)			((void)((skb)->sk = NULL))
#define skb_mark_not_on_list(skb)	((void)((skb)->next = NULL))
#define skb_list_walk_safe(first, skb, next_skb)				\
	for ((skb) = (first), (next_skb) = (skb) ? (skb)->next : NULL; (skb);	\
	     (skb) = (next_skb), (next_skb) = (skb) ? (skb)->next : NULL)
#define skb_is_gso(skb)			((skb)->buffer->gso_size != 0)
#define skb_checksum_help(skb)		((void)((skb)->ip_summed = CHECKSUM_NONE), 0)
#define skb_dst(skb)			((skb)->dst)
#define skb_valid_dst(skb)		((skb)->dst != NULL)
#define skb_dst_drop(skb)		((void)((skb)->dst = NULL))
#define skb_rtable(skb)			((struct rtable *)(skb)->dst)

#define eth_hdr(skb)			((struct ethhdr *)skb_mac_header(skb))
#define ip_hdr(skb)			((struct iphdr *)skb_network_header(skb))
#define ipv6_hdr(skb)			((struct ipv6hdr *)skb_network_header(skb))

#endif /* _KSHIM_SKBUFF_H */
