// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ciphering on processors that have nothing else to do, and the order of packets after it.
 *
 * SNOW 3G and ZUC take several times as long as all else that is done to a packet. With
 * them the packets of an association go to other processors in turn, as long as these
 * are free; each has a ring of them and a work that empties it. Where none is free, or
 * all rings are full, a packet is ciphered where it is: handing it over would take time
 * from somebody else then, and some more for nothing. That also bounds how many packets
 * are in the works. AES takes less time than it takes to hand a packet over and back,
 * and stays where it is.
 *
 * A packet enters the queue of its association before it goes to another processor, in
 * the order of COUNTs, and leaves at the front when it is done: out to the carrier, or in
 * to the replay window and the stack. All leave on the same processor, those that were
 * handed over and those that were not: the stack's own queues are a processor's, and
 * what is in one could be overtaken by what is in another. It may be another one after
 * these queues were seen to be empty, which that processor alone can say.
 */

#include <linux/cpumask.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/percpu.h>
#include <linux/ptr_ring.h>
#include <linux/sched/isolation.h>
#include <linux/sched/stat.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "assoc.h"
#include "parallel.h"

/* What one processor may be behind; the packets behind these wait as long. */
#define PROSE_RING_LEN		32

/* A work ends after as many, for a serial part may wait for the same processor. */
#define PROSE_WORK_PACKETS	16

/* Of many processors only so many are asked for each packet. */
#define PROSE_ASKED_CPUS	4

/* So long a processor is left alone that something else wanted to run on. */
#define PROSE_BUSY_JIFFIES	max(HZ / 100, 1)

/* Shorter packets are ciphered before another processor has noticed them. */
#define PROSE_PARALLEL_MIN_LEN	256

/**
 * struct prose_worker - what one processor has to do
 * @ring: packets, of any queue
 * @work: ciphers them
 * @queues: those of which packets that are done leave here
 * @serial: hands these on
 * @cpu: the processor
 * @busy: something else wanted to run there while @work did
 * @busy_since: when, in jiffies
 */
struct prose_worker {
	struct ptr_ring ring;
	struct work_struct work;
	struct llist_head queues;
	struct work_struct serial;
	unsigned int cpu;
	bool busy;
	unsigned long busy_since;
};

static struct prose_worker __percpu *workers;
static struct workqueue_struct *parallel_wq;

/* The processor that was asked last, by each that asks. */
static DEFINE_PER_CPU(unsigned int, last_cpu);

/* In turn, but for those that are kept free of others' work. */
static unsigned int next_cpu(unsigned int cpu)
{
	unsigned int i;

	for (i = 0; i < nr_cpu_ids; i++) {
		cpu = cpumask_next(cpu, cpu_online_mask);
		if (cpu >= nr_cpu_ids)
			cpu = cpumask_first(cpu_online_mask);
		if (housekeeping_test_cpu(cpu, HK_TYPE_DOMAIN))
			break;
	}
	return cpu;
}

static struct prose_cb *cb_of(struct sk_buff *skb)
{
	return (struct prose_cb *)skb->cb;
}

/*
 * Has the stack taken all that has left on this processor? What is in its queues here raises one of
 * these, until they are empty. That BH is disabled says that none is just being worked on.
 */
static bool has_all_gone(void)
{
	const u32 network = BIT(NET_TX_SOFTIRQ) | BIT(NET_RX_SOFTIRQ);

	return !(local_softirq_pending() & network);
}

/*
 * Have a processor hand on what is done at the front of a queue. Takes the caller's reference. A
 * queue is in one list at most, and whoever finds it there already has it seen all the same: both
 * here and where it is taken out, there is a full barrier between that and what is done.
 */
static void hand_on(struct prose_queue *queue, unsigned int cpu)
{
	struct prose_worker *worker = per_cpu_ptr(workers, cpu);
	struct prose_assoc *assoc = queue->assoc;

	if (xchg(&queue->listed, true)) {
		prose_assoc_put(assoc);
		return;
	}
	llist_add(&queue->node, &worker->queues);
	queue_work_on(cpu, parallel_wq, &worker->serial);
}

/* What is done at the front of a queue, on the processor where its packets leave. */
static void serial(struct prose_worker *worker, struct prose_queue *queue)
{
	struct prose_assoc *assoc = queue->assoc;
	unsigned int n = 0, cpu;
	struct sk_buff_head done;
	struct sk_buff *skb;

	__skb_queue_head_init(&done);
	spin_lock_bh(&queue->packets.lock);
	cpu = queue->cpu;
	while (cpu == worker->cpu) {
		skb = skb_peek(&queue->packets);
		/* Pairs with the store in parallel(). */
		if (!skb || !smp_load_acquire(&cb_of(skb)->job.done))
			break;
		__skb_unlink(skb, &queue->packets);
		__skb_queue_tail(&done, skb);
	}
	spin_unlock_bh(&queue->packets.lock);
	if (unlikely(cpu != worker->cpu)) {
		/* Who sent it here was late: it was empty meanwhile, and may have others now. */
		if (cpu != PROSE_ANY_CPU)
			hand_on(queue, cpu);
		else
			prose_assoc_put(assoc);
		return;
	}

	local_bh_disable();
	while ((skb = __skb_dequeue(&done))) {
		queue->ops->serial(skb, cb_of(skb)->job.result);
		n++;
	}
	/* Softirqs run here, if they do not wait for their thread. */
	local_bh_enable();
	spin_lock_bh(&queue->packets.lock);
	queue->pending -= n;
	/*
	 * Those that leave without the queue do so on this processor as well, with BH disabled from
	 * when they asked to when they are gone. If it is another one that does this, this one is
	 * offline, and what was in the stack's queues is in those of others.
	 */
	if (!queue->pending && (smp_processor_id() != worker->cpu || has_all_gone()))
		WRITE_ONCE(queue->cpu, PROSE_ANY_CPU);
	spin_unlock_bh(&queue->packets.lock);
	/* May be the last; the queue goes with it. */
	prose_assoc_put(assoc);
}

static void serial_work(struct work_struct *work)
{
	struct prose_worker *worker = container_of(work, struct prose_worker, serial);
	struct llist_node *node = llist_del_all(&worker->queues);

	while (node) {
		struct prose_queue *queue = llist_entry(node, struct prose_queue, node);

		node = node->next;
		/* From here on it may be in a list again. */
		xchg(&queue->listed, false);
		serial(worker, queue);
		cond_resched();
	}
}

static struct prose_queue *queue_of(const struct prose_assoc *assoc, bool out)
{
	return out ? &assoc->queues->tx : &assoc->queues->rx;
}

static void parallel(struct sk_buff *skb)
{
	struct prose_cb *cb = cb_of(skb);
	struct prose_assoc *assoc = cb->assoc;
	struct prose_queue *queue = queue_of(assoc, cb->job.out);
	unsigned int cpu = READ_ONCE(queue->cpu);

	/* That of the packet is gone with it, perhaps as soon as it is done. */
	prose_assoc_get(assoc);
	cb->job.result = queue->ops->parallel(skb);
	/* Pairs with the load in serial(). */
	smp_store_release(&cb->job.done, true);
	hand_on(queue, cpu);
}

static void worker_work(struct work_struct *work)
{
	struct prose_worker *worker = container_of(work, struct prose_worker, work);
	struct sk_buff *skb;
	unsigned int i;

	for (i = 0; i < PROSE_WORK_PACKETS; i++) {
		skb = ptr_ring_consume_bh(&worker->ring);
		if (!skb)
			break;
		local_bh_disable();
		parallel(skb);
		local_bh_enable();
	}
	/* Read by others without a lock: they may be a packet late to notice. */
	if (single_task_running()) {
		WRITE_ONCE(worker->busy, false);
	} else {
		WRITE_ONCE(worker->busy_since, jiffies);
		WRITE_ONCE(worker->busy, true);
	}
	if (i == PROSE_WORK_PACKETS)
		queue_work_on(worker->cpu, parallel_wq, work);
}

/* The next processor in turn that is another one and, as far as is known, free; or NULL. */
static struct prose_worker *free_worker(void)
{
	unsigned int self = smp_processor_id(), cpu = __this_cpu_read(last_cpu), i;
	struct prose_worker *worker = NULL;

	for (i = 0; i < PROSE_ASKED_CPUS && !worker; i++) {
		unsigned long since;

		cpu = next_cpu(cpu);
		if (cpu == self)
			continue;
		worker = per_cpu_ptr(workers, cpu);
		since = READ_ONCE(worker->busy_since);
		if (READ_ONCE(worker->busy) &&
		    time_in_range_open(jiffies, since, since + PROSE_BUSY_JIFFIES))
			worker = NULL;
	}
	/* Even if it is not: then others are asked next time. */
	__this_cpu_write(last_cpu, cpu);
	return worker;
}

/* EEA1 and EIA1 are SNOW 3G, EEA3 and EIA3 ZUC; both lists have the same numbers. */
static bool is_slow(u8 algorithm)
{
	return algorithm & 1;
}

static void queue_init(struct prose_queue *queue, struct prose_assoc *assoc,
		       const struct prose_queue_ops *ops)
{
	skb_queue_head_init(&queue->packets);
	queue->assoc = assoc;
	queue->ops = ops;
	queue->cpu = PROSE_ANY_CPU;
}

/**
 * prose_queues_alloc() - empty queues for an association, if its algorithms are worth it
 * @assoc: the association; its configuration is set. It frees them with kfree().
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int prose_queues_alloc(struct prose_assoc *assoc)
{
	if (!is_slow(assoc->config.eea) &&
	    !(assoc->config.up_integrity && is_slow(assoc->config.eia)))
		return 0;
	assoc->queues = kzalloc(sizeof(*assoc->queues), GFP_KERNEL_ACCOUNT);
	if (!assoc->queues)
		return -ENOMEM;
	queue_init(&assoc->queues->tx, assoc, &prose_transmit_ops);
	queue_init(&assoc->queues->rx, assoc, &prose_receive_ops);
	return 0;
}

/**
 * prose_queue_wanted() - the queue that a packet goes through
 * @assoc: its association
 * @out: it is on its way out
 * @len: octets of the SDU
 *
 * Asynchronous ciphers have queues of their own.
 *
 * Context: BH disabled.
 * Return: the queue, or NULL if it is ciphered at once.
 */
struct prose_queue *prose_queue_wanted(struct prose_assoc *assoc, bool out, unsigned int len)
{
	unsigned int cpu = smp_processor_id();
	struct prose_queue *queue;
	bool wanted;

	if (!assoc->queues || assoc->keys.op_size)
		return NULL;
	queue = queue_of(assoc, out);
	spin_lock(&queue->packets.lock);
	if (queue->cpu == PROSE_ANY_CPU)
		WRITE_ONCE(queue->cpu, cpu);
	/* It does not go ahead of those in the queue, or of those that left elsewhere. */
	wanted = queue->pending || queue->cpu != cpu ||
		 (len >= PROSE_PARALLEL_MIN_LEN && free_worker());
	spin_unlock(&queue->packets.lock);
	return wanted ? queue : NULL;
}

/**
 * prose_queue_add() - a packet is the last of a queue
 * @queue: the queue
 * @skb: the packet
 *
 * Context: the queue's lock held, BH disabled; it is not full. prose_queue_run() follows,
 * without the lock.
 */
void prose_queue_add(struct prose_queue *queue, struct sk_buff *skb)
{
	cb_of(skb)->job = (struct prose_job){ .out = queue->ops == &prose_transmit_ops };
	__skb_queue_tail(&queue->packets, skb);
	queue->pending++;
	/* Those that were ahead when it asked may all have gone since. */
	if (queue->cpu == PROSE_ANY_CPU)
		WRITE_ONCE(queue->cpu, smp_processor_id());
}

/**
 * prose_queue_run() - have the last packet of a queue ciphered or deciphered
 * @queue: the queue
 * @skb: the packet
 *
 * The packet is nobody's any more that has it now. A processor that goes away meanwhile
 * leaves its work to others.
 *
 * Context: BH disabled.
 */
void prose_queue_run(struct prose_queue *queue, struct sk_buff *skb)
{
	struct prose_worker *worker = NULL;

	if (skb->len >= PROSE_PARALLEL_MIN_LEN)
		worker = free_worker();
	if (worker && !ptr_ring_produce(&worker->ring, skb))
		queue_work_on(worker->cpu, parallel_wq, &worker->work);
	else
		parallel(skb);
}

static void free_workers(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct prose_worker *worker = per_cpu_ptr(workers, cpu);

		if (worker->ring.queue)
			ptr_ring_cleanup(&worker->ring, NULL);
	}
	free_percpu(workers);
}

/**
 * prose_parallel_init() - rings and works of the processors
 *
 * Return: 0 or -ENOMEM.
 */
int prose_parallel_init(void)
{
	int cpu;

	workers = alloc_percpu(struct prose_worker);
	if (!workers)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct prose_worker *worker = per_cpu_ptr(workers, cpu);

		INIT_WORK(&worker->work, worker_work);
		init_llist_head(&worker->queues);
		INIT_WORK(&worker->serial, serial_work);
		worker->cpu = cpu;
		if (ptr_ring_init(&worker->ring, PROSE_RING_LEN, GFP_KERNEL))
			goto err_free;
	}
	parallel_wq = alloc_workqueue("prose-crypt", WQ_MEM_RECLAIM | WQ_PERCPU, 0);
	if (!parallel_wq)
		goto err_free;
	return 0;

err_free:
	free_workers();
	return -ENOMEM;
}

/**
 * prose_parallel_exit() - the end of them
 *
 * Context: may sleep; there is no packet any more.
 */
void prose_parallel_exit(void)
{
	destroy_workqueue(parallel_wq);
	free_workers();
}
