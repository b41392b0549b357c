// SPDX-License-Identifier: GPL-2.0-only
/*
 * Security associations: keys, COUNTs and limits, and who sends under which.
 *
 * Make before break. An association is installed to receive; another request makes
 * it the one that sends (peer->tx). It takes over when a packet has verified under
 * it and it is the one that sends: the other side has switched, so what it sent
 * before can only be on its way still. From then on older associations have their
 * grace time. Only a MAC counts as proof, and not on the bearer of the security mode
 * procedure, which belongs to the making of the association: the other side may go on
 * sending under the old one until it has the last message of that.
 */

#include <linux/slab.h>

#include "assoc.h"
#include "device.h"
#include "netlink.h"
#include "pdcp.h"
#include "peer.h"
#include "stats.h"

static const u8 bearer_lcids[PROSE_N_BEARERS] = {
	[PROSE_BEARER_DATA]	= PROSE_LCID_DATA,
	[PROSE_BEARER_SMC]	= PROSE_LCID_SMC,
	[PROSE_BEARER_SIGNAL]	= PROSE_LCID_SIGNAL,
};

/**
 * prose_bearer_of() - the bearer on a logical channel
 * @lcid: the logical channel
 *
 * Return: an enum prose_bearer_id, or -ENOENT.
 */
int prose_bearer_of(u8 lcid)
{
	int id;

	for (id = 0; id < PROSE_N_BEARERS; id++) {
		if (bearer_lcids[id] == lcid)
			return id;
	}
	return -ENOENT;
}

/**
 * prose_bearer_lcid() - the logical channel of a bearer
 * @id: the bearer
 *
 * Return: the LCID.
 */
u8 prose_bearer_lcid(enum prose_bearer_id id)
{
	return bearer_lcids[id];
}

/* Where crypto_free_*() and free_percpu() may sleep, after all RCU readers. */
static void assoc_free_work(struct work_struct *work)
{
	struct prose_assoc *assoc = container_of(to_rcu_work(work), struct prose_assoc, free_work);

	prose_keys_free(&assoc->keys);
	kfree(assoc->queues);
	free_percpu(assoc->traffic);
	kvfree(assoc->windows);
	if (assoc->peer)
		prose_peer_put(assoc->peer);
	kfree(assoc);
}

static void assoc_release(struct kref *ref)
{
	struct prose_assoc *assoc = container_of(ref, struct prose_assoc, ref);

	queue_rcu_work(prose_wq, &assoc->free_work);
}

/**
 * prose_assoc_put() - drop a reference
 * @assoc: the association
 *
 * Context: any.
 */
void prose_assoc_put(struct prose_assoc *assoc)
{
	kref_put(&assoc->ref, assoc_release);
}

/* The grace time is over. Holds a reference, dropped here. */
static void assoc_grace_work(struct work_struct *work)
{
	struct prose_assoc *assoc = container_of(to_delayed_work(work), struct prose_assoc,
						 grace_work);
	struct prose_dev *prose = assoc->peer->prose;

	mutex_lock(&prose->lock);
	/*
	 * It may have been made the sending one again while this waited for the lock, and
	 * even have been replaced again; then another run of this work is to come.
	 */
	if (!assoc->dead && assoc->retiring && time_after_eq(jiffies, assoc->retire_at))
		prose_assoc_remove(assoc, PROSE_GONE_REASON_REPLACED);
	mutex_unlock(&prose->lock);
	prose_assoc_put(assoc);
}

/**
 * prose_assoc_alloc() - an association, of no peer yet
 * @config: what it is made of, checked; the caller sets the keys
 *
 * Return: the association with one reference, the caller's, or NULL without memory.
 */
struct prose_assoc *prose_assoc_alloc(const struct prose_assoc_config *config)
{
	size_t size = prose_replay_size(config->window);
	struct prose_assoc *assoc;
	int id;

	assoc = kzalloc(sizeof(*assoc), GFP_KERNEL_ACCOUNT);
	if (!assoc)
		return NULL;
	assoc->windows = kvzalloc(PROSE_N_BEARERS * size, GFP_KERNEL_ACCOUNT);
	if (!assoc->windows)
		goto err_free;
	assoc->traffic = prose_traffic_alloc();
	if (!assoc->traffic)
		goto err_free_windows;

	kref_init(&assoc->ref);
	INIT_LIST_HEAD(&assoc->list);
	INIT_DELAYED_WORK(&assoc->grace_work, assoc_grace_work);
	INIT_RCU_WORK(&assoc->free_work, assoc_free_work);
	assoc->config = *config;
	assoc->dead = true;
	if (prose_queues_alloc(assoc))
		goto err_free_traffic;

	for (id = 0; id < PROSE_N_BEARERS; id++) {
		struct prose_bearer *bearer = &assoc->bearers[id];

		atomic64_set(&bearer->tx_next, config->count_start);
		spin_lock_init(&bearer->lock);
		prose_replay_init(&bearer->replay, config->count_start, config->window,
				  assoc->windows + id * size / sizeof(*assoc->windows));
	}
	return assoc;

err_free_traffic:
	free_percpu(assoc->traffic);
err_free_windows:
	kvfree(assoc->windows);
err_free:
	kfree(assoc);
	return NULL;
}

/**
 * prose_assoc_add() - give an association to a peer, to receive
 * @assoc: the association, of which the peer takes a reference
 * @peer: the peer
 *
 * Context: the device's lock; the peer has none with this KD-sess ID.
 * Return: 0, or -ENOSPC if the peer has too many.
 */
int prose_assoc_add(struct prose_assoc *assoc, struct prose_peer *peer)
{
	struct prose_dev *prose = peer->prose;

	lockdep_assert_held(&prose->lock);

	if (peer->n_assocs >= PROSE_ASSOCS_MAX)
		return -ENOSPC;

	kref_get(&peer->ref);
	assoc->peer = peer;
	kref_get(&assoc->ref);
	assoc->dead = false;
	assoc->serial = prose->next_serial++;
	list_add_tail_rcu(&assoc->list, &peer->assocs);
	peer->n_assocs++;
	prose->n_assocs++;
	prose_genid_bump();
	return 0;
}

/**
 * prose_assoc_find() - an association by its KD-sess ID
 * @peer: whose
 * @kd_sess_id: KD-sess ID
 *
 * Context: RCU read section or the device's lock.
 * Return: the association, good for as long as that is held, or NULL.
 */
struct prose_assoc *prose_assoc_find(struct prose_peer *peer, u16 kd_sess_id)
{
	struct prose_assoc *assoc;

	list_for_each_entry_rcu(assoc, &peer->assocs, list,
				lockdep_is_held(&peer->prose->lock)) {
		if (assoc->config.kd_sess_id == kd_sess_id)
			return assoc;
	}
	return NULL;
}

/**
 * prose_assoc_get() - one more reference
 * @assoc: an association the caller has a reference to
 *
 * Context: any.
 */
void prose_assoc_get(struct prose_assoc *assoc)
{
	kref_get(&assoc->ref);
}

/**
 * prose_assoc_get_rx() - a reference to the association a frame names
 * @peer: the sender
 * @kd_sess_id: KD-sess ID
 *
 * Context: RCU read section.
 * Return: the association with a reference, or NULL.
 */
struct prose_assoc *prose_assoc_get_rx(struct prose_peer *peer, u16 kd_sess_id)
{
	struct prose_assoc *assoc = prose_assoc_find(peer, kd_sess_id);

	return assoc && kref_get_unless_zero(&assoc->ref) ? assoc : NULL;
}

/**
 * prose_assoc_get_tx() - a reference to the association that sends
 * @peer: the receiver
 *
 * Context: RCU read section.
 * Return: the association with a reference, or NULL.
 */
struct prose_assoc *prose_assoc_get_tx(struct prose_peer *peer)
{
	struct prose_assoc *assoc = rcu_dereference(peer->tx);

	return assoc && kref_get_unless_zero(&assoc->ref) ? assoc : NULL;
}

static void assoc_start_grace(struct prose_assoc *assoc)
{
	unsigned long delay = msecs_to_jiffies(assoc->config.grace_ms);

	assoc->retiring = true;
	assoc->retire_at = jiffies + delay;
	kref_get(&assoc->ref);
	/* True: it was queued already, and has its reference. */
	if (mod_delayed_work(prose_wq, &assoc->grace_work, delay))
		prose_assoc_put(assoc);
}

static void assoc_stop_grace(struct prose_assoc *assoc)
{
	assoc->retiring = false;
	if (cancel_delayed_work(&assoc->grace_work))
		prose_assoc_put(assoc);
}

static void peer_retire(struct prose_peer *peer)
{
	struct prose_assoc *tx, *assoc;

	tx = rcu_dereference_protected(peer->tx, lockdep_is_held(&peer->prose->lock));
	if (!tx || !test_bit(PROSE_ASSOC_VERIFIED, &tx->flags))
		return;

	set_bit(PROSE_ASSOC_TOOK_OVER, &tx->flags);
	list_for_each_entry(assoc, &peer->assocs, list) {
		if (assoc->serial < tx->serial && !assoc->retiring)
			assoc_start_grace(assoc);
	}
}

/**
 * prose_assoc_retire_work() - start the grace time of replaced associations
 * @work: retire_work of a peer, with a reference that is dropped here
 */
void prose_assoc_retire_work(struct work_struct *work)
{
	struct prose_peer *peer = container_of(work, struct prose_peer, retire_work);
	struct prose_dev *prose = peer->prose;

	mutex_lock(&prose->lock);
	peer_retire(peer);
	mutex_unlock(&prose->lock);
	prose_peer_put(peer);
}

/**
 * prose_assoc_verified() - a MAC verified under an association
 * @assoc: the association
 * @id: the bearer
 *
 * Context: softirq. Costs a test of a bit, but for the first time.
 */
void prose_assoc_verified(struct prose_assoc *assoc, enum prose_bearer_id id)
{
	struct prose_peer *peer = assoc->peer;

	if (id == PROSE_BEARER_SMC)
		return;

	if (!test_bit(PROSE_ASSOC_VERIFIED, &assoc->flags)) {
		set_bit(PROSE_ASSOC_VERIFIED, &assoc->flags);
		/* Pairs with prose_assoc_set_tx(). */
		smp_mb__after_atomic();
	}

	if (rcu_access_pointer(peer->tx) != assoc ||
	    test_bit(PROSE_ASSOC_TOOK_OVER, &assoc->flags) ||
	    test_and_set_bit(PROSE_ASSOC_TOOK_OVER, &assoc->flags))
		return;

	kref_get(&peer->ref);
	if (!queue_work(prose_wq, &peer->retire_work))
		prose_peer_put(peer);
}

/**
 * prose_assoc_set_tx() - make an association the one that sends
 * @assoc: the association
 *
 * Context: the device's lock.
 */
void prose_assoc_set_tx(struct prose_assoc *assoc)
{
	struct prose_peer *peer = assoc->peer;

	lockdep_assert_held(&peer->prose->lock);

	/* Going back to an older one: it is no more on its way out. */
	assoc_stop_grace(assoc);
	clear_bit(PROSE_ASSOC_TOOK_OVER, &assoc->flags);
	rcu_assign_pointer(peer->tx, assoc);
	/*
	 * Pairs with prose_assoc_verified(), which sets VERIFIED and then looks at tx:
	 * one of the two sees what the other did.
	 */
	smp_mb();
	peer_retire(peer);
	prose_genid_bump();
}

/**
 * prose_assoc_set_grace() - change the grace time
 * @assoc: the association
 * @grace_ms: milliseconds; if the time runs already, it starts again
 *
 * Context: the device's lock.
 */
void prose_assoc_set_grace(struct prose_assoc *assoc, u32 grace_ms)
{
	lockdep_assert_held(&assoc->peer->prose->lock);

	assoc->config.grace_ms = grace_ms;
	if (assoc->retiring)
		assoc_start_grace(assoc);
}

/**
 * prose_assoc_set_soft() - change the soft limit
 * @assoc: the association
 * @count_soft: COUNT from which on a rekey is asked for, once
 *
 * Context: the device's lock.
 */
void prose_assoc_set_soft(struct prose_assoc *assoc, u32 count_soft)
{
	int id;

	lockdep_assert_held(&assoc->peer->prose->lock);

	WRITE_ONCE(assoc->config.count_soft, count_soft);
	for (id = 0; id < PROSE_N_BEARERS; id++)
		clear_bit(0, &assoc->bearers[id].soft_told);
}

/**
 * prose_assoc_remove() - delete an association
 * @assoc: the association, one of a peer's
 * @reason: why, for the notification
 *
 * No packet that comes after this is sent or received under it. Those that hold a
 * reference go their way, see prose_peer_remove().
 *
 * Context: the device's lock.
 */
void prose_assoc_remove(struct prose_assoc *assoc, enum prose_gone_reason reason)
{
	struct prose_peer *peer = assoc->peer;
	struct prose_dev *prose = peer->prose;

	lockdep_assert_held(&prose->lock);

	prose_nl_assoc_gone(assoc, reason);

	/* No other takes its place: what sends is the owner's decision. */
	if (rcu_access_pointer(peer->tx) == assoc)
		RCU_INIT_POINTER(peer->tx, NULL);
	list_del_rcu(&assoc->list);
	peer->n_assocs--;
	prose->n_assocs--;
	assoc->dead = true;
	assoc_stop_grace(assoc);
	prose_genid_bump();
	prose_assoc_put(assoc);
}

/**
 * prose_assoc_take_count() - take a COUNT to send with
 * @assoc: the association
 * @id: the bearer
 * @count: where to put it
 *
 * The same COUNT is given out once only, whoever asks at the same time.
 *
 * Context: BH disabled.
 * Return: false when all are used up.
 */
bool prose_assoc_take_count(struct prose_assoc *assoc, enum prose_bearer_id id, u32 *count)
{
	struct prose_bearer *bearer = &assoc->bearers[id];
	u64 taken = atomic64_fetch_inc(&bearer->tx_next);

	if (unlikely(taken > assoc->config.count_limit))
		return false;

	if (unlikely(taken >= READ_ONCE(assoc->config.count_soft)) &&
	    !test_bit(0, &bearer->soft_told) && !test_and_set_bit(0, &bearer->soft_told))
		prose_nl_count_soft(assoc, id);
	/* Only one packet gets the last one. */
	if (unlikely(taken == assoc->config.count_limit))
		prose_nl_count_exhausted(assoc, id);

	*count = taken;
	return true;
}
