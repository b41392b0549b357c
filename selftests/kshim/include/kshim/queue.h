/* SPDX-License-Identifier: MIT */
/*
 * Several processors, as far as code asks: how many there are and which one we are on are
 * variables, and so is whether others want to run there, and what softirqs are to come. Works run on the one they were queued for.
 * Queues and rings of packets; a ring can give the newest first, as processors that are slow and
 * fast do.
 */
#ifndef _KSHIM_QUEUE_H
#define _KSHIM_QUEUE_H

#include <kshim/skbuff.h>
#include <kshim/work.h>

extern bool kshim_newest_first;
extern bool kshim_others_run;
extern u32 kshim_softirqs;

#define nr_cpu_ids		kshim_cpus
#define smp_processor_id()	({ kshim_assert(kshim_bh); kshim_cpu; })
#define cpu_online_mask		NULL
#define cpumask_first(mask)	((void)(mask), 0U)
#define cpumask_next(cpu, mask)	((void)(mask), (cpu) + 1)
#define HK_TYPE_DOMAIN		0
#define housekeeping_test_cpu(cpu, type)	((void)(cpu), (void)(type), true)

#define alloc_percpu(type)	alloc_percpu_gfp(type, GFP_KERNEL)
#define DEFINE_PER_CPU(type, name)	__typeof__(type) name
#define __this_cpu_read(name)	({ kshim_assert(kshim_bh); (name); })
#define __this_cpu_write(name, val)	({ kshim_assert(kshim_bh); (name) = (val); })

#define smp_load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, val)	__atomic_store_n(p, val, __ATOMIC_RELEASE)
#define single_task_running()	(!kshim_others_run)
#define cond_resched()		kshim_might_sleep("cond_resched()")

#define BIT(n)			(1UL << (n))
#define NET_TX_SOFTIRQ		2
#define NET_RX_SOFTIRQ		3
#define local_softirq_pending()	({ kshim_assert(kshim_bh); kshim_softirqs; })

#define WQ_MEM_RECLAIM		0

struct sk_buff_head {
	struct sk_buff *next;
	spinlock_t lock;
};

void __skb_queue_head_init(struct sk_buff_head *list);
void skb_queue_head_init(struct sk_buff_head *list);
void __skb_queue_tail(struct sk_buff_head *list, struct sk_buff *skb);
struct sk_buff *skb_peek(const struct sk_buff_head *list);
void __skb_unlink(struct sk_buff *skb, struct sk_buff_head *list);
struct sk_buff *__skb_dequeue(struct sk_buff_head *list);

struct llist_node {
	struct llist_node *next;
};

struct llist_head {
	struct llist_node *first;
};

#define init_llist_head(list)	((void)((list)->first = NULL))
#define llist_entry(node, type, member)	container_of(node, type, member)

static inline bool llist_add(struct llist_node *node, struct llist_head *list)
{
	node->next = list->first;
	list->first = node;
	return !node->next;
}

static inline struct llist_node *llist_del_all(struct llist_head *list)
{
	struct llist_node *first = list->first;

	list->first = NULL;
	return first;
}

struct ptr_ring {
	void **queue;
	int size, n;
};

int ptr_ring_init(struct ptr_ring *ring, int size, gfp_t gfp);
void ptr_ring_cleanup(struct ptr_ring *ring, void (*destroy)(void *p));
int ptr_ring_produce(struct ptr_ring *ring, void *p);
void *ptr_ring_consume_bh(struct ptr_ring *ring);

#endif /* _KSHIM_QUEUE_H */
