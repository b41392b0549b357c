/* SPDX-License-Identifier: GPL-2.0-only */
/* Ciphering on all processors, and the order of packets after it. */
#ifndef _PROSE_PARALLEL_H
#define _PROSE_PARALLEL_H

#include <linux/llist.h>
#include <linux/skbuff.h>
#include <linux/types.h>

struct prose_assoc;
struct prose_eea_op;

/* What may wait behind a packet whose processor does something else meanwhile. */
#define PROSE_QUEUE_LEN		1024

#define PROSE_ANY_CPU		UINT_MAX

/**
 * struct prose_queue_ops - what is done to the packets of a queue
 * @parallel: first; BH disabled, several of a queue at a time; returns what @serial gets
 * @serial: then; BH disabled, one of a queue at a time, in order; consumes the packet
 *	and its reference
 */
struct prose_queue_ops {
	int (*parallel)(struct sk_buff *skb);
	void (*serial)(struct sk_buff *skb, int result);
};

/**
 * struct prose_queue - packets of an association and direction, in order
 * @packets: those in the works, the oldest first; under its own lock. Each has a
 *	reference to the association.
 * @pending: those, and what @serial has in hand; written under the same lock
 * @cpu: where all packets leave, in the queue or not, or PROSE_ANY_CPU while none is under
 *	way; written under the same lock
 * @assoc: whose it is
 * @ops: what is done to them
 * @node: entry in the list of a processor that is to hand on what is done at the front
 * @listed: it is there, and has a reference to the association
 */
struct prose_queue {
	struct sk_buff_head packets;
	unsigned int pending;
	unsigned int cpu;
	struct prose_assoc *assoc;
	const struct prose_queue_ops *ops;
	struct llist_node node;
	int listed;
};

/**
 * struct prose_queues - those of an association
 * @tx: for what goes out
 * @rx: for what comes in
 */
struct prose_queues {
	struct prose_queue tx;
	struct prose_queue rx;
};

/**
 * struct prose_job - where a packet in a queue stands
 * @result: what the parallel part returned, for the serial part
 * @done: the parallel part has ended
 * @out: the packet is on its way out
 */
struct prose_job {
	int result;
	bool done;
	bool out;
};

/**
 * struct prose_cb - what skb->cb starts with from lookup to the end of ciphering
 * @assoc: association, referenced; by it peer and device. NULL for none.
 * @op: cipher operation under way, or NULL
 * @job: instead of @op, while the packet is in a queue
 */
struct prose_cb {
	struct prose_assoc *assoc;
	union {
		struct prose_eea_op *op;
		struct prose_job job;
	};
};

extern const struct prose_queue_ops prose_transmit_ops, prose_receive_ops;

static inline bool prose_queue_full(const struct prose_queue *queue)
{
	return queue->pending >= PROSE_QUEUE_LEN;
}

int prose_queues_alloc(struct prose_assoc *assoc);
struct prose_queue *prose_queue_wanted(struct prose_assoc *assoc, bool out, unsigned int len);
void prose_queue_add(struct prose_queue *queue, struct sk_buff *skb);
void prose_queue_run(struct prose_queue *queue, struct sk_buff *skb);

int prose_parallel_init(void);
void prose_parallel_exit(void);

#endif /* _PROSE_PARALLEL_H */
