// SPDX-License-Identifier: MIT
/* Queues and rings of packets. */
#include <kshim/queue.h>

u32 kshim_softirqs;
bool kshim_newest_first;
bool kshim_others_run;

void __skb_queue_head_init(struct sk_buff_head *list)
{
	list->next = NULL;
}

void skb_queue_head_init(struct sk_buff_head *list)
{
	spin_lock_init(&list->lock);
	__skb_queue_head_init(list);
}

void __skb_queue_tail(struct sk_buff_head *list, struct sk_buff *skb)
{
	struct sk_buff **at;

	for (at = &list->next; *at; at = &(*at)->next)
		kshim_assert(*at != skb);
	skb->next = NULL;
	*at = skb;
}

struct sk_buff *skb_peek(const struct sk_buff_head *list)
{
	return list->next;
}

void __skb_unlink(struct sk_buff *skb, struct sk_buff_head *list)
{
	struct sk_buff **at;

	for (at = &list->next; *at != skb; at = &(*at)->next)
		kshim_assert(*at);
	*at = skb->next;
	skb->next = NULL;
}

struct sk_buff *__skb_dequeue(struct sk_buff_head *list)
{
	struct sk_buff *skb = list->next;

	if (skb)
		__skb_unlink(skb, list);
	return skb;
}

int ptr_ring_init(struct ptr_ring *ring, int size, gfp_t gfp)
{
	ring->queue = kshim_alloc((size_t)size * sizeof(*ring->queue), gfp, true);
	ring->size = size;
	ring->n = 0;
	return ring->queue ? 0 : -ENOMEM;
}

void ptr_ring_cleanup(struct ptr_ring *ring, void (*destroy)(void *p))
{
	kshim_assert(!destroy && !ring->n);
	kfree(ring->queue);
	ring->queue = NULL;
}

int ptr_ring_produce(struct ptr_ring *ring, void *p)
{
	if (ring->n == ring->size)
		return -ENOSPC;
	ring->queue[ring->n++] = p;
	return 0;
}

void *ptr_ring_consume_bh(struct ptr_ring *ring)
{
	void *p;

	if (!ring->n)
		return NULL;
	ring->n--;
	if (kshim_newest_first)
		return ring->queue[ring->n];
	p = ring->queue[0];
	memmove(ring->queue, ring->queue + 1, (size_t)ring->n * sizeof(*ring->queue));
	return p;
}
