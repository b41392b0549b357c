/* SPDX-License-Identifier: MIT */
/*
 * Time, grace periods and work. Time stands still until it is moved; callbacks of RCU and
 * work run when they are driven, or when code waits for them.
 */
#ifndef _KSHIM_WORK_H
#define _KSHIM_WORK_H

#include <kshim/alloc.h>

#define HZ	250

extern unsigned long jiffies;

unsigned long msecs_to_jiffies(unsigned int ms);
#define time_after_eq(a, b)	((long)((a) - (b)) >= 0)
#define time_before(a, b)	((long)((a) - (b)) < 0)
#define time_in_range_open(a, b, c)	(time_after_eq(a, b) && time_before(a, c))
u64 ktime_get_ns(void);
u64 ktime_get_coarse_boottime_ns(void);

/* Move time on; what was due is queued. */
void kshim_time_pass(unsigned long ticks);
/* End a grace period and do all work there is, until nothing is left. */
void kshim_run(void);

void usleep_range(unsigned long min, unsigned long max);

struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *rcu);
	void *to_free;
};

void call_rcu(struct rcu_head *rcu, void (*func)(struct rcu_head *rcu));
void kshim_kfree_rcu(struct rcu_head *rcu, void *p);
#define kfree_rcu(p, field)	kshim_kfree_rcu(&(p)->field, p)
void rcu_barrier(void);
void synchronize_net(void);
#define synchronize_rcu()	synchronize_net()

struct work_struct {
	void (*func)(struct work_struct *work);
	struct work_struct *next;
	unsigned int on;	/* the processor, counted from 1, or 0 for any */
	bool pending;
};

struct delayed_work {
	struct work_struct work;
	struct delayed_work *next;
	unsigned long expires;
	bool timer;
};

struct rcu_work {
	struct work_struct work;
	struct rcu_head rcu;
};

struct workqueue_struct {
	char name[24];
};

#define WQ_UNBOUND	0

struct workqueue_struct *alloc_workqueue(const char *name, unsigned int flags, int max);
void destroy_workqueue(struct workqueue_struct *wq);
void flush_workqueue(struct workqueue_struct *wq);

#define INIT_WORK(w, fn)	((void)(*(w) = (struct work_struct){ .func = (fn) }))
#define INIT_DELAYED_WORK(w, fn)	((void)(*(w) = (struct delayed_work){ .work.func = (fn) }))
#define INIT_RCU_WORK(w, fn)	((void)(*(w) = (struct rcu_work){ .work.func = (fn) }))
#define to_delayed_work(w)	container_of(w, struct delayed_work, work)
#define to_rcu_work(w)		container_of(w, struct rcu_work, work)

bool queue_work(struct workqueue_struct *wq, struct work_struct *work);
bool queue_work_on(unsigned int cpu, struct workqueue_struct *wq, struct work_struct *work);
bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork, unsigned long delay);
bool cancel_delayed_work(struct delayed_work *dwork);
bool flush_work(struct work_struct *work);
bool flush_delayed_work(struct delayed_work *dwork);
bool queue_rcu_work(struct workqueue_struct *wq, struct rcu_work *rwork);

struct completion {
	bool done;
};

void init_completion(struct completion *done);
void complete(struct completion *done);
void wait_for_completion(struct completion *done);

#endif /* _KSHIM_WORK_H */
