// SPDX-License-Identifier: MIT
/* Time, RCU callbacks, work, see kshim/work.h. */
#include <kshim/crypto.h>
#include <kshim/work.h>

unsigned int kshim_cpus = 1, kshim_cpu;

/* As the kernel does: it wraps five minutes after the start. */
unsigned long jiffies = (unsigned long)(unsigned int)(-300 * HZ);

static u64 now_ns = 1000000000ULL;
static struct rcu_head *callbacks, **callbacks_end = &callbacks;
static struct work_struct *works, **works_end = &works;
static struct delayed_work *timers;

unsigned long msecs_to_jiffies(unsigned int ms)
{
	return (ms + 1000UL / HZ - 1) / (1000 / HZ);
}

u64 ktime_get_ns(void)
{
	return now_ns;
}

u64 ktime_get_coarse_boottime_ns(void)
{
	return now_ns;
}

static void timers_run(void)
{
	struct delayed_work **at = &timers;

	while (*at) {
		struct delayed_work *one = *at;

		if (!time_after_eq(jiffies, one->expires)) {
			at = &one->next;
			continue;
		}
		*at = one->next;
		one->timer = false;
		queue_work(NULL, &one->work);
	}
}

void kshim_time_pass(unsigned long ticks)
{
	jiffies += ticks;
	now_ns += (u64)ticks * (NSEC_PER_SEC / HZ);
	timers_run();
}

void call_rcu(struct rcu_head *rcu, void (*func)(struct rcu_head *rcu))
{
	rcu->func = func;
	rcu->to_free = NULL;
	rcu->next = NULL;
	*callbacks_end = rcu;
	callbacks_end = &rcu->next;
}

void kshim_kfree_rcu(struct rcu_head *rcu, void *p)
{
	call_rcu(rcu, NULL);
	rcu->to_free = p;
}

/* Those there are; they may add others, which are of the next grace period. */
static void grace_period(void)
{
	struct rcu_head *rcu = callbacks;

	kshim_assert(!kshim_rcu);
	callbacks = NULL;
	callbacks_end = &callbacks;
	while (rcu) {
		struct rcu_head *next = rcu->next;

		local_bh_disable();
		if (rcu->to_free)
			kfree(rcu->to_free);
		else
			rcu->func(rcu);
		local_bh_enable();
		rcu = next;
	}
}

void rcu_barrier(void)
{
	kshim_might_sleep("rcu_barrier()");
	grace_period();
}

void synchronize_net(void)
{
	kshim_might_sleep("synchronize_net()");
	grace_period();
}

static bool work_run(void)
{
	struct work_struct *work = works;
	unsigned int here;

	if (!work)
		return false;
	works = work->next;
	if (!works)
		works_end = &works;
	work->pending = false;
	here = kshim_cpu;
	if (work->on)
		kshim_cpu = work->on - 1;
	work->on = 0;
	work->func(work);
	kshim_cpu = here;
	kshim_context_is_clean();
	return true;
}

static void work_run_all(void)
{
	kshim_might_sleep("waiting for work");
	while (work_run())
		;
}

void kshim_run(void)
{
	do {
		grace_period();
		work_run_all();
	} while (callbacks);
}

void usleep_range(unsigned long min, unsigned long max)
{
	(void)min;
	(void)max;
	kshim_might_sleep("usleep_range()");
	kshim_time_pass(1);
	kshim_run();
}

struct workqueue_struct *alloc_workqueue(const char *name, unsigned int flags, int max)
{
	struct workqueue_struct *wq = kshim_alloc(sizeof(*wq), GFP_KERNEL, true);

	(void)flags;
	(void)max;
	if (wq)
		snprintf(wq->name, sizeof(wq->name), "%s", name);
	return wq;
}

void destroy_workqueue(struct workqueue_struct *wq)
{
	work_run_all();
	/* A timer would queue work on what is gone. */
	kshim_assert(!timers);
	kfree(wq);
}

void flush_workqueue(struct workqueue_struct *wq)
{
	kshim_assert(wq);
	work_run_all();
}

bool queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	(void)wq;
	if (work->pending)
		return false;
	work->pending = true;
	work->next = NULL;
	*works_end = work;
	works_end = &work->next;
	return true;
}

bool queue_work_on(unsigned int cpu, struct workqueue_struct *wq, struct work_struct *work)
{
	kshim_assert(cpu < kshim_cpus);
	if (!queue_work(wq, work))
		return false;
	work->on = cpu + 1;
	return true;
}

static bool timer_stop(struct delayed_work *dwork)
{
	struct delayed_work **at;

	for (at = &timers; *at; at = &(*at)->next) {
		if (*at != dwork)
			continue;
		*at = dwork->next;
		dwork->timer = false;
		return true;
	}
	return false;
}

bool cancel_delayed_work(struct delayed_work *dwork)
{
	struct work_struct **at;

	if (timer_stop(dwork))
		return true;
	for (at = &works; *at; at = &(*at)->next) {
		if (*at != &dwork->work)
			continue;
		*at = dwork->work.next;
		if (works_end == &dwork->work.next)
			works_end = at;
		dwork->work.pending = false;
		return true;
	}
	return false;
}

bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork, unsigned long delay)
{
	bool was = cancel_delayed_work(dwork);

	if (!delay) {
		queue_work(wq, &dwork->work);
		return was;
	}
	dwork->expires = jiffies + delay;
	dwork->timer = true;
	dwork->next = timers;
	timers = dwork;
	return was;
}

bool flush_work(struct work_struct *work)
{
	bool was = work->pending;

	work_run_all();
	return was;
}

bool flush_delayed_work(struct delayed_work *dwork)
{
	bool was = timer_stop(dwork);

	if (was)
		queue_work(NULL, &dwork->work);
	work_run_all();
	return was;
}

static void rcu_work_queue(struct rcu_head *rcu)
{
	queue_work(NULL, &container_of(rcu, struct rcu_work, rcu)->work);
}

bool queue_rcu_work(struct workqueue_struct *wq, struct rcu_work *rwork)
{
	(void)wq;
	call_rcu(&rwork->rcu, rcu_work_queue);
	return true;
}

void init_completion(struct completion *done)
{
	done->done = false;
}

void complete(struct completion *done)
{
	done->done = true;
}

void wait_for_completion(struct completion *done)
{
	kshim_might_sleep("wait_for_completion()");
	while (!done->done) {
		if (!kshim_crypto_run())
			kshim_bug("nothing is under way that would complete it");
	}
}
