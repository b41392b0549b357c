// SPDX-License-Identifier: MIT
/* Contexts and locks, see kshim/context.h. */
#include <kshim/context.h>

int kshim_rcu, kshim_bh, kshim_spin, kshim_mutexes;
bool kshim_rtnl;

void kshim_might_sleep(const char *what)
{
	if (kshim_rcu || kshim_bh || kshim_spin)
		kshim_bug("%s may sleep: RCU %d, BH %d, spinlocks %d", what, kshim_rcu, kshim_bh,
			  kshim_spin);
}

void kshim_context_is_clean(void)
{
	if (kshim_rcu || kshim_bh || kshim_spin || kshim_mutexes || kshim_rtnl)
		kshim_bug("left behind: RCU %d, BH %d, spinlocks %d, mutexes %d, RTNL %d",
			  kshim_rcu, kshim_bh, kshim_spin, kshim_mutexes, kshim_rtnl);
}

void rcu_read_lock(void)
{
	kshim_rcu++;
}

void rcu_read_unlock(void)
{
	kshim_assert(kshim_rcu > 0);
	kshim_rcu--;
}

void local_bh_disable(void)
{
	kshim_bh++;
}

void local_bh_enable(void)
{
	kshim_assert(kshim_bh > 0);
	kshim_bh--;
}

void rtnl_lock(void)
{
	kshim_might_sleep("rtnl_lock()");
	kshim_assert(!kshim_rtnl);
	kshim_rtnl = true;
}

void rtnl_unlock(void)
{
	kshim_assert(kshim_rtnl);
	kshim_rtnl = false;
}

void spin_lock_init(spinlock_t *lock)
{
	lock->ready = true;
	lock->held = false;
}

void spin_lock(spinlock_t *lock)
{
	kshim_assert(kshim_bh);
	spin_lock_bh(lock);
}

void spin_unlock(spinlock_t *lock)
{
	spin_unlock_bh(lock);
}

void spin_lock_bh(spinlock_t *lock)
{
	kshim_assert(lock->ready && !lock->held);
	lock->held = true;
	kshim_spin++;
	kshim_bh++;
}

void spin_unlock_bh(spinlock_t *lock)
{
	kshim_assert(lock->held);
	lock->held = false;
	kshim_spin--;
	local_bh_enable();
}

void mutex_init(struct mutex *mutex)
{
	mutex->ready = true;
	mutex->held = false;
}

void mutex_lock(struct mutex *mutex)
{
	kshim_might_sleep("mutex_lock()");
	kshim_assert(mutex->ready && !mutex->held);
	mutex->held = true;
	kshim_mutexes++;
}

void mutex_unlock(struct mutex *mutex)
{
	kshim_assert(mutex->held);
	mutex->held = false;
	kshim_mutexes--;
}
