/* SPDX-License-Identifier: MIT */
/*
 * Where code runs: in an RCU read section, with bottom halves off, under which lock. There is
 * one thread; locks and sections are counters, and every rule about them an assertion.
 */
#ifndef _KSHIM_CONTEXT_H
#define _KSHIM_CONTEXT_H

#include <kshim/base.h>

extern int kshim_rcu;	/* depth of RCU read sections */
extern int kshim_bh;	/* depth of BH disabled */
extern int kshim_spin;	/* spinlocks held */
extern int kshim_mutexes;	/* mutexes held */
extern bool kshim_rtnl;	/* RTNL held */

void kshim_might_sleep(const char *what);
/* Nothing is held and nothing open: what every entry point has to leave behind. */
void kshim_context_is_clean(void);

void rcu_read_lock(void);
void rcu_read_unlock(void);
void local_bh_disable(void);
void local_bh_enable(void);
void rtnl_lock(void);
void rtnl_unlock(void);

static inline bool kshim_rcu_allowed(void)
{
	return kshim_rcu > 0;
}

#define rcu_dereference(p)	({ kshim_assert(kshim_rcu_allowed()); READ_ONCE(p); })
#define rcu_dereference_protected(p, cond)	({ kshim_assert(cond); (p); })
#define rtnl_dereference(p)	rcu_dereference_protected(p, kshim_rtnl)
#define rcu_dereference_raw(p)	READ_ONCE(p)
#define rcu_access_pointer(p)	READ_ONCE(p)
#define unrcu_pointer(p)	(p)
#define RCU_INITIALIZER(v)	(v)
#define rcu_assign_pointer(p, v)	WRITE_ONCE(p, v)
#define RCU_INIT_POINTER(p, v)	WRITE_ONCE(p, v)
#define lockdep_rtnl_is_held()	kshim_rtnl
#define ASSERT_RTNL()		kshim_assert(kshim_rtnl)

#define list_for_each_entry_rcu(pos, head, member, cond)			\
	for (({ kshim_assert(kshim_rcu_allowed() || (cond)); }),		\
	     pos = list_entry((head)->next, __typeof__(*pos), member);		\
	     &pos->member != (head);						\
	     pos = list_entry(pos->member.next, __typeof__(*pos), member))
#define hlist_for_each_entry_rcu(pos, head, member, cond)			\
	for (({ kshim_assert(kshim_rcu_allowed() || (cond)); }),		\
	     pos = hlist_entry_safe((head)->first, __typeof__(*pos), member);	\
	     pos;								\
	     pos = hlist_entry_safe(pos->member.next, __typeof__(*pos), member))

typedef struct {
	bool ready;
	bool held;
} spinlock_t;

void spin_lock_init(spinlock_t *lock);
/* BH is disabled already. */
void spin_lock(spinlock_t *lock);
void spin_unlock(spinlock_t *lock);
void spin_lock_bh(spinlock_t *lock);
void spin_unlock_bh(spinlock_t *lock);

struct mutex {
	bool ready;
	bool held;
};

void mutex_init(struct mutex *mutex);
void mutex_lock(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);

#define lockdep_is_held(lock)	((lock)->held)
#define lockdep_assert_held(lock)	kshim_assert((lock)->held)

/* Statistics of 64 bits: writers are never interrupted by another one. */
struct u64_stats_sync {
	int writers;
};

typedef struct { u64 v; } u64_stats_t;

#define u64_stats_init(sync)		((void)((sync)->writers = 0))
#define u64_stats_update_begin(sync)	kshim_assert(kshim_bh && !(sync)->writers++)
#define u64_stats_update_end(sync)	kshim_assert(!--(sync)->writers)
#define u64_stats_fetch_begin(sync)	((unsigned int)(sync)->writers)
#define u64_stats_fetch_retry(sync, start)	((void)(start), (sync)->writers != 0)
#define u64_stats_inc(p)		((p)->v++)
#define u64_stats_add(p, n)		((p)->v += (n))
#define u64_stats_read(p)		((p)->v)

#endif /* _KSHIM_CONTEXT_H */
