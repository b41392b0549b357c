// SPDX-License-Identifier: GPL-2.0-only
/* Associations of a peer: who sends, who still receives, COUNTs and their limits. */

#include <linux/delay.h>
#include <linux/netdevice.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "../device.h"
#include "../peer.h"

#include "fakes.h"
#include "suites.h"

#define L2_ID	0x0a0b0c
#define OTHER	0x0a0b0d

/* Far longer than any test takes. */
#define GRACE_LONG	600000

/**
 * struct lab - a device with one peer, of which no stack knows
 * @prose: the device
 * @peer: the peer
 */
struct lab {
	struct prose_dev prose;
	struct prose_peer *peer;
};

static void lab_settle(void)
{
	/* Freeing an association is RCU and then work; it frees a peer, by RCU again. */
	rcu_barrier();
	flush_workqueue(prose_wq);
	rcu_barrier();
}

static int lab_init(struct kunit *test)
{
	struct lab *lab = kunit_kzalloc(test, sizeof(*lab), GFP_KERNEL);
	struct prose_dev *prose;

	if (!lab)
		return -ENOMEM;
	memset(&fake_events, 0, sizeof(fake_events));

	prose = &lab->prose;
	prose->dev = alloc_netdev(0, "prose%d", NET_NAME_ENUM, ether_setup);
	if (!prose->dev)
		return -ENOMEM;
	prose_wq = alloc_workqueue("prose_kunit", WQ_UNBOUND, 0);
	prose->addrs = kvcalloc(1 << PROSE_ADDR_HASH_BITS, sizeof(*prose->addrs), GFP_KERNEL);
	if (!prose_wq || !prose->addrs)
		goto err_free;
	mutex_init(&prose->lock);
	xa_init(&prose->peers);
	prose->next_serial = 1;
	get_random_bytes(&prose->addr_key, sizeof(prose->addr_key));

	lab->peer = prose_peer_alloc(prose, L2_ID);
	if (!lab->peer)
		goto err_free;
	mutex_lock(&prose->lock);
	KUNIT_EXPECT_EQ(test, prose_peer_add(lab->peer), 0);
	mutex_unlock(&prose->lock);
	test->priv = lab;
	return 0;

err_free:
	kvfree(prose->addrs);
	if (prose_wq)
		destroy_workqueue(prose_wq);
	free_netdev(prose->dev);
	return -ENOMEM;
}

static void lab_exit(struct kunit *test)
{
	struct lab *lab = test->priv;

	if (!lab)
		return;
	prose_peers_flush(&lab->prose);
	KUNIT_EXPECT_EQ(test, lab->prose.n_peers, 0U);
	KUNIT_EXPECT_EQ(test, lab->prose.n_assocs, 0U);
	prose_peer_put(lab->peer);
	lab_settle();
	destroy_workqueue(prose_wq);
	prose_wq = NULL;
	xa_destroy(&lab->prose.peers);
	kvfree(lab->prose.addrs);
	/* The tracker of references says if one is left. */
	free_netdev(lab->prose.dev);
}

static const struct prose_assoc_config config = {
	.eea = PROSE_EEA_EEA0,
	.eia = PROSE_EIA_EIA2,
	.up_integrity = true,
	.count_start = 1,
	.count_limit = 0xffffffff,
	.count_soft = 0xf0000000,
	.window = 64,
	.grace_ms = GRACE_LONG,
};

/* An association of the peer, with a reference of the caller's; no keys, none sends. */
static struct prose_assoc *add_config(struct kunit *test, u16 kd_sess_id,
				      const struct prose_assoc_config *base)
{
	struct prose_assoc_config mine = *base;
	struct lab *lab = test->priv;
	struct prose_assoc *assoc;
	int err;

	mine.kd_sess_id = kd_sess_id;
	assoc = prose_assoc_alloc(&mine);
	KUNIT_ASSERT_NOT_NULL(test, assoc);
	mutex_lock(&lab->prose.lock);
	err = prose_assoc_add(assoc, lab->peer);
	mutex_unlock(&lab->prose.lock);
	if (err)
		prose_assoc_put(assoc);
	KUNIT_ASSERT_EQ(test, err, 0);
	return assoc;
}

/* One that lives as long as the peer has it. */
static struct prose_assoc *add(struct kunit *test, u16 kd_sess_id)
{
	struct prose_assoc *assoc = add_config(test, kd_sess_id, &config);

	prose_assoc_put(assoc);
	return assoc;
}

static void set_tx(struct kunit *test, struct prose_assoc *assoc)
{
	struct lab *lab = test->priv;

	mutex_lock(&lab->prose.lock);
	prose_assoc_set_tx(assoc);
	mutex_unlock(&lab->prose.lock);
}

static void set_grace(struct kunit *test, struct prose_assoc *assoc, u32 grace_ms)
{
	struct lab *lab = test->priv;

	mutex_lock(&lab->prose.lock);
	prose_assoc_set_grace(assoc, grace_ms);
	mutex_unlock(&lab->prose.lock);
}

static void verified(struct kunit *test, struct prose_assoc *assoc, enum prose_bearer_id id)
{
	local_bh_disable();
	prose_assoc_verified(assoc, id);
	local_bh_enable();
	flush_workqueue(prose_wq);
}

/* KD-sess ID of what sends, 0 for nothing. */
static u16 sends(struct kunit *test)
{
	struct lab *lab = test->priv;
	struct prose_assoc *assoc;
	u16 id = 0;

	rcu_read_lock();
	assoc = prose_assoc_get_tx(lab->peer);
	rcu_read_unlock();
	if (assoc) {
		id = assoc->config.kd_sess_id;
		prose_assoc_put(assoc);
	}
	return id;
}

static bool receives(struct kunit *test, u16 kd_sess_id)
{
	struct lab *lab = test->priv;
	struct prose_assoc *assoc;

	rcu_read_lock();
	assoc = prose_assoc_get_rx(lab->peer, kd_sess_id);
	rcu_read_unlock();
	if (!assoc)
		return false;
	KUNIT_EXPECT_EQ(test, assoc->config.kd_sess_id, kd_sess_id);
	prose_assoc_put(assoc);
	return true;
}

static bool retiring(struct kunit *test, struct prose_assoc *assoc)
{
	struct lab *lab = test->priv;
	bool yes;

	mutex_lock(&lab->prose.lock);
	yes = assoc->retiring;
	mutex_unlock(&lab->prose.lock);
	return yes;
}

/* Within 10 s, which is far more than the millisecond of grace it has left. */
static bool goes(struct kunit *test, u16 kd_sess_id)
{
	int i;

	for (i = 0; i < 10000; i++) {
		if (!receives(test, kd_sess_id))
			return true;
		usleep_range(1000, 2000);
	}
	return false;
}

static void receives_before_it_sends(struct kunit *test)
{
	struct prose_assoc *a = add(test, 0x0101);

	KUNIT_EXPECT_TRUE(test, receives(test, 0x0101));
	KUNIT_EXPECT_FALSE(test, receives(test, 0x0102));
	KUNIT_EXPECT_EQ(test, sends(test), (u16)0);
	set_tx(test, a);
	KUNIT_EXPECT_EQ(test, sends(test), (u16)0x0101);
	KUNIT_EXPECT_TRUE(test, receives(test, 0x0101));
}

static void make_before_break(struct kunit *test)
{
	struct prose_assoc *a = add(test, 0x0101);
	struct prose_assoc *b;

	set_tx(test, a);
	b = add(test, 0x0202);
	KUNIT_EXPECT_EQ(test, sends(test), (u16)0x0101);
	KUNIT_EXPECT_TRUE(test, receives(test, 0x0101) && receives(test, 0x0202));

	set_tx(test, b);
	KUNIT_EXPECT_EQ(test, sends(test), (u16)0x0202);
	KUNIT_EXPECT_TRUE(test, receives(test, 0x0101) && receives(test, 0x0202));
	/* The other side may not have heard yet: no grace time runs. */
	KUNIT_EXPECT_FALSE(test, retiring(test, a));
	KUNIT_EXPECT_EQ(test, atomic_read(&fake_events.assocs_gone), 0);

	verified(test, b, PROSE_BEARER_DATA);
	KUNIT_EXPECT_TRUE(test, retiring(test, a));
	KUNIT_EXPECT_FALSE(test, retiring(test, b));
	KUNIT_EXPECT_TRUE(test, receives(test, 0x0101) && receives(test, 0x0202));

	set_grace(test, a, 1);
	KUNIT_EXPECT_TRUE(test, goes(test, 0x0101));
	KUNIT_EXPECT_EQ(test, atomic_read(&fake_events.assocs_gone), 1);
	KUNIT_EXPECT_EQ(test, fake_events.last_gone, (u16)0x0101);
	KUNIT_EXPECT_EQ(test, (int)fake_events.last_reason, (int)PROSE_GONE_REASON_REPLACED);
	KUNIT_EXPECT_EQ(test, sends(test), (u16)0x0202);
}

/* The other side switched first. */
static void verified_before_it_sends(struct kunit *test)
{
	struct prose_assoc *a = add(test, 0x0101), *b = add(test, 0x0202);

	set_tx(test, a);
	verified(test, b, PROSE_BEARER_SIGNAL);
	KUNIT_EXPECT_TRUE(test, test_bit(PROSE_ASSOC_VERIFIED, &b->flags));
	KUNIT_EXPECT_FALSE(test, test_bit(PROSE_ASSOC_TOOK_OVER, &b->flags));
	KUNIT_EXPECT_FALSE(test, retiring(test, a));

	set_tx(test, b);
	KUNIT_EXPECT_TRUE(test, test_bit(PROSE_ASSOC_TOOK_OVER, &b->flags));
	KUNIT_EXPECT_TRUE(test, retiring(test, a));
}

/* The security mode procedure belongs to the making of it, and proves no switch. */
static void smc_proves_nothing(struct kunit *test)
{
	struct prose_assoc *a = add(test, 0x0101), *b = add(test, 0x0202);

	set_tx(test, a);
	verified(test, b, PROSE_BEARER_SMC);
	KUNIT_EXPECT_EQ(test, b->flags, 0UL);
	set_tx(test, b);
	verified(test, b, PROSE_BEARER_SMC);
	KUNIT_EXPECT_EQ(test, b->flags, 0UL);
	KUNIT_EXPECT_FALSE(test, retiring(test, a));
}

static void each_other_bearer_proves(struct kunit *test)
{
	static const enum prose_bearer_id bearers[] = { PROSE_BEARER_DATA, PROSE_BEARER_SIGNAL };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bearers); i++) {
		struct prose_assoc *a = add(test, 0x1000 + i), *b = add(test, 0x2000 + i);

		set_tx(test, b);
		verified(test, b, bearers[i]);
		KUNIT_EXPECT_TRUE(test, test_bit(PROSE_ASSOC_VERIFIED, &b->flags));
		KUNIT_EXPECT_TRUE(test, test_bit(PROSE_ASSOC_TOOK_OVER, &b->flags));
		KUNIT_EXPECT_TRUE_MSG(test, retiring(test, a), "bearer %d", bearers[i]);
	}
}

/* A packet under an old one is no reason to give up anything. */
static void late_packet_under_the_old(struct kunit *test)
{
	struct prose_assoc *a = add(test, 0x0101), *b = add(test, 0x0202);

	set_tx(test, a);
	verified(test, a, PROSE_BEARER_DATA);
	set_tx(test, b);
	verified(test, a, PROSE_BEARER_DATA);
	KUNIT_EXPECT_FALSE(test, retiring(test, a));
	KUNIT_EXPECT_FALSE(test, retiring(test, b));
	verified(test, b, PROSE_BEARER_DATA);
	KUNIT_EXPECT_TRUE(test, retiring(test, a));
}

static void going_back(struct kunit *test)
{
	struct prose_assoc *a = add(test, 0x0101), *b = add(test, 0x0202);

	set_tx(test, a);
	verified(test, a, PROSE_BEARER_DATA);
	set_tx(test, b);
	verified(test, b, PROSE_BEARER_DATA);
	KUNIT_ASSERT_TRUE(test, retiring(test, a));

	/* Of the time that ran nothing is left; the newer one stays, to receive. */
	set_tx(test, a);
	KUNIT_EXPECT_EQ(test, sends(test), (u16)0x0101);
	KUNIT_EXPECT_FALSE(test, retiring(test, a));
	KUNIT_EXPECT_FALSE(test, retiring(test, b));
	set_grace(test, a, 0);
	flush_delayed_work(&a->grace_work);
	lab_settle();
	KUNIT_EXPECT_TRUE(test, receives(test, 0x0101));

	/* And forth: the other side has shown before that it has the newer one. */
	set_grace(test, a, GRACE_LONG);
	set_tx(test, b);
	KUNIT_EXPECT_TRUE(test, retiring(test, a));
	set_grace(test, a, 1);
	KUNIT_EXPECT_TRUE(test, goes(test, 0x0101));
	KUNIT_EXPECT_TRUE(test, receives(test, 0x0202));
}

/* What started the time may run late, after it was taken back or set anew. */
static void grace_work_looks_again(struct kunit *test)
{
	struct prose_assoc *a = add(test, 0x0101), *b = add(test, 0x0202);

	set_tx(test, b);
	verified(test, b, PROSE_BEARER_DATA);
	KUNIT_ASSERT_TRUE(test, retiring(test, a));
	/* Run it now: its time is not over. */
	flush_delayed_work(&a->grace_work);
	KUNIT_EXPECT_TRUE(test, receives(test, 0x0101));
	KUNIT_EXPECT_EQ(test, atomic_read(&fake_events.assocs_gone), 0);
	/* It is not queued any more; a new time starts it again. */
	set_grace(test, a, 1);
	KUNIT_EXPECT_TRUE(test, goes(test, 0x0101));
}

static void grace_of_several(struct kunit *test)
{
	struct prose_assoc *a = add(test, 0x0101), *b = add(test, 0x0202);
	struct prose_assoc *c = add(test, 0x0303), *d = add(test, 0x0404);

	set_tx(test, a);
	set_tx(test, c);
	verified(test, c, PROSE_BEARER_DATA);
	/* All older ones, also those that never sent; not the newer one. */
	KUNIT_EXPECT_TRUE(test, retiring(test, a));
	KUNIT_EXPECT_TRUE(test, retiring(test, b));
	KUNIT_EXPECT_FALSE(test, retiring(test, c));
	KUNIT_EXPECT_FALSE(test, retiring(test, d));
}

static void removed_sender_has_no_heir(struct kunit *test)
{
	struct prose_assoc *a = add(test, 0x0101), *b = add(test, 0x0202);
	struct lab *lab = test->priv;

	set_tx(test, b);
	mutex_lock(&lab->prose.lock);
	prose_assoc_remove(b, PROSE_GONE_REASON_REQUESTED);
	mutex_unlock(&lab->prose.lock);
	KUNIT_EXPECT_EQ(test, sends(test), (u16)0);
	KUNIT_EXPECT_FALSE(test, receives(test, 0x0202));
	KUNIT_EXPECT_TRUE(test, receives(test, 0x0101));
	KUNIT_EXPECT_FALSE(test, retiring(test, a));
	KUNIT_EXPECT_EQ(test, lab->peer->n_assocs, 1U);
	KUNIT_EXPECT_EQ(test, lab->prose.n_assocs, 1U);
	KUNIT_EXPECT_EQ(test, fake_events.last_gone, (u16)0x0202);
}

/* A packet in the works keeps its association, that its peer, and nobody finds them. */
static void reference_outlives_removal(struct kunit *test)
{
	struct prose_assoc *a = add_config(test, 0x0101, &config);
	struct lab *lab = test->priv;
	u32 count;

	set_tx(test, a);
	mutex_lock(&lab->prose.lock);
	prose_peer_remove(lab->peer, PROSE_GONE_REASON_REQUESTED);
	mutex_unlock(&lab->prose.lock);
	lab_settle();

	rcu_read_lock();
	KUNIT_EXPECT_PTR_EQ(test, prose_peer_find(&lab->prose, L2_ID), NULL);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, sends(test), (u16)0);
	KUNIT_EXPECT_FALSE(test, receives(test, 0x0101));
	KUNIT_EXPECT_EQ(test, atomic_read(&fake_events.assocs_gone), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake_events.peers_gone), 1);

	KUNIT_EXPECT_TRUE(test, prose_assoc_take_count(a, PROSE_BEARER_DATA, &count));
	KUNIT_EXPECT_PTR_EQ(test, a->peer, lab->peer);
	prose_assoc_put(a);
}

/* A removal while the grace time runs takes the reference of its work along. */
static void removed_while_retiring(struct kunit *test)
{
	struct prose_assoc *a = add(test, 0x0101), *b = add(test, 0x0202);
	struct lab *lab = test->priv;

	set_tx(test, b);
	verified(test, b, PROSE_BEARER_DATA);
	KUNIT_ASSERT_TRUE(test, retiring(test, a));
	mutex_lock(&lab->prose.lock);
	prose_assoc_remove(a, PROSE_GONE_REASON_REQUESTED);
	mutex_unlock(&lab->prose.lock);
	lab_settle();
	KUNIT_EXPECT_FALSE(test, receives(test, 0x0101));
	KUNIT_EXPECT_EQ(test, lab->peer->n_assocs, 1U);
}

static void only_so_many(struct kunit *test)
{
	struct lab *lab = test->priv;
	struct prose_assoc *more;
	int i;

	for (i = 1; i <= PROSE_ASSOCS_MAX; i++)
		add(test, i);
	more = prose_assoc_alloc(&config);
	KUNIT_ASSERT_NOT_NULL(test, more);
	mutex_lock(&lab->prose.lock);
	KUNIT_EXPECT_EQ(test, prose_assoc_add(more, lab->peer), -ENOSPC);
	mutex_unlock(&lab->prose.lock);
	prose_assoc_put(more);
	KUNIT_EXPECT_EQ(test, lab->peer->n_assocs, (unsigned int)PROSE_ASSOCS_MAX);
	for (i = 1; i <= PROSE_ASSOCS_MAX; i++)
		KUNIT_EXPECT_TRUE(test, receives(test, i));
}

static void bearers_have_their_channels(struct kunit *test)
{
	int id, lcid, found = 0;

	for (id = 0; id < PROSE_N_BEARERS; id++)
		KUNIT_EXPECT_EQ(test, prose_bearer_of(prose_bearer_lcid(id)), id);
	for (lcid = 0; lcid < 256; lcid++)
		found += prose_bearer_of(lcid) != -ENOENT;
	KUNIT_EXPECT_EQ(test, found, (int)PROSE_N_BEARERS);
	KUNIT_EXPECT_EQ(test, prose_bearer_of(PROSE_LCID_UNPROTECTED), -ENOENT);
}

static void counts_of_bearers_are_apart(struct kunit *test)
{
	struct prose_assoc *a = add(test, 0x0101);
	int id;
	u32 count, i;

	for (i = 0; i < 3; i++) {
		for (id = 0; id < PROSE_N_BEARERS; id++) {
			KUNIT_EXPECT_TRUE(test, prose_assoc_take_count(a, id, &count));
			KUNIT_EXPECT_EQ(test, count, config.count_start + i);
		}
	}
}

static void soft_limit_is_told_once(struct kunit *test)
{
	struct prose_assoc_config mine = config;
	struct lab *lab = test->priv;
	struct prose_assoc *a;
	u32 count;
	int i;

	mine.count_start = 10;
	mine.count_soft = 12;
	a = add_config(test, 0x0101, &mine);
	prose_assoc_put(a);

	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_TRUE(test, prose_assoc_take_count(a, PROSE_BEARER_DATA, &count));
	KUNIT_EXPECT_EQ(test, atomic_read(&fake_events.soft[PROSE_BEARER_DATA]), 0);
	for (i = 0; i < 5; i++) {
		KUNIT_EXPECT_TRUE(test, prose_assoc_take_count(a, PROSE_BEARER_DATA, &count));
		KUNIT_EXPECT_EQ(test, atomic_read(&fake_events.soft[PROSE_BEARER_DATA]), 1);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&fake_events.soft[PROSE_BEARER_SIGNAL]), 0);

	/* A new limit is told anew. */
	mutex_lock(&lab->prose.lock);
	prose_assoc_set_soft(a, 18);
	mutex_unlock(&lab->prose.lock);
	KUNIT_EXPECT_TRUE(test, prose_assoc_take_count(a, PROSE_BEARER_DATA, &count));
	KUNIT_EXPECT_EQ(test, count, 17U);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake_events.soft[PROSE_BEARER_DATA]), 1);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_TRUE(test, prose_assoc_take_count(a, PROSE_BEARER_DATA, &count));
	KUNIT_EXPECT_EQ(test, atomic_read(&fake_events.soft[PROSE_BEARER_DATA]), 2);
}

static void hard_limit_holds(struct kunit *test)
{
	static const u32 limits[] = { 1, 5, 0xffff, 0xffffffff };
	size_t i;
	int n;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		struct prose_assoc_config mine = config;
		struct prose_assoc *a;
		u32 count;

		mine.count_start = limits[i] - min_t(u32, limits[i] - 1, 2);
		mine.count_limit = limits[i];
		a = add_config(test, 1 + i, &mine);
		prose_assoc_put(a);
		memset(&fake_events, 0, sizeof(fake_events));

		for (n = 0; n < 1 + (limits[i] > 1 ? 2 : 0); n++) {
			KUNIT_EXPECT_EQ(test,
					atomic_read(&fake_events.exhausted[PROSE_BEARER_SMC]), 0);
			KUNIT_EXPECT_TRUE(test, prose_assoc_take_count(a, PROSE_BEARER_SMC,
								       &count));
			KUNIT_EXPECT_EQ(test, count, mine.count_start + n);
		}
		/* Never again, also not where 32 bits come round. */
		for (n = 0; n < 1000; n++)
			KUNIT_ASSERT_FALSE(test, prose_assoc_take_count(a, PROSE_BEARER_SMC,
									&count));
		KUNIT_EXPECT_EQ(test, count, limits[i]);
		KUNIT_EXPECT_EQ(test, atomic_read(&fake_events.exhausted[PROSE_BEARER_SMC]), 1);
		KUNIT_EXPECT_EQ(test, atomic_read(&fake_events.exhausted[PROSE_BEARER_DATA]), 0);
	}
}

/* More takers at once than COUNTs: each COUNT goes to one, and the last to one. */
#define TAKERS	8
#define COUNTS	2000

struct taker {
	struct work_struct work;
	struct prose_assoc *assoc;
	atomic_t *given;
	int n;
};

static void take_many(struct work_struct *work)
{
	struct taker *taker = container_of(work, struct taker, work);
	u32 count;
	int i;

	for (i = 0; i < COUNTS / 4; i++) {
		bool taken;

		local_bh_disable();
		taken = prose_assoc_take_count(taker->assoc, PROSE_BEARER_DATA, &count);
		local_bh_enable();
		if (taken) {
			atomic_inc(&taker->given[count - 1]);
			taker->n++;
		}
	}
}

static void one_packet_a_count(struct kunit *test)
{
	struct taker *takers = kunit_kzalloc(test, TAKERS * sizeof(*takers), GFP_KERNEL);
	atomic_t *given = kunit_kzalloc(test, COUNTS * sizeof(*given), GFP_KERNEL);
	struct prose_assoc_config mine = config;
	int i, others = 0, taken = 0;
	struct prose_assoc *a;

	KUNIT_ASSERT_NOT_NULL(test, takers);
	KUNIT_ASSERT_NOT_NULL(test, given);
	mine.count_start = 1;
	mine.count_soft = COUNTS / 2;
	mine.count_limit = COUNTS;
	a = add_config(test, 0x0101, &mine);

	for (i = 0; i < TAKERS; i++) {
		takers[i].assoc = a;
		takers[i].given = given;
		INIT_WORK(&takers[i].work, take_many);
		queue_work(prose_wq, &takers[i].work);
	}
	for (i = 0; i < TAKERS; i++) {
		flush_work(&takers[i].work);
		taken += takers[i].n;
	}

	for (i = 0; i < COUNTS; i++)
		others += atomic_read(&given[i]) != 1;
	KUNIT_EXPECT_EQ(test, others, 0);
	KUNIT_EXPECT_EQ(test, taken, COUNTS);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake_events.soft[PROSE_BEARER_DATA]), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake_events.exhausted[PROSE_BEARER_DATA]), 1);
	prose_assoc_put(a);
}

/* What is received under one association, or on one bearer, moves no other window. */
static void windows_are_apart(struct kunit *test)
{
	struct prose_assoc *a = add(test, 0x0101), *b = add(test, 0x0202);
	int id;

	for (id = 0; id < PROSE_N_BEARERS; id++) {
		KUNIT_EXPECT_EQ(test, prose_replay_ref(&a->bearers[id].replay), 1U);
		KUNIT_EXPECT_TRUE(test, prose_replay_update(&a->bearers[id].replay, 1000 + id));
	}
	for (id = 0; id < PROSE_N_BEARERS; id++) {
		KUNIT_EXPECT_EQ(test, prose_replay_ref(&a->bearers[id].replay), 1001U + id);
		KUNIT_EXPECT_FALSE(test, prose_replay_check(&a->bearers[id].replay, 1000 + id));
		KUNIT_EXPECT_TRUE(test, prose_replay_check(&b->bearers[id].replay, 1000 + id));
		KUNIT_EXPECT_EQ(test, prose_replay_ref(&b->bearers[id].replay), 1U);
	}
}

static bool has_addr(const struct prose_peer *peer, const struct prose_addr *addr)
{
	bool has;

	rcu_read_lock();
	has = prose_peer_has_addr(peer, addr);
	rcu_read_unlock();
	return has;
}

/* Addresses of a peer are found while it has them, and are one peer's alone. */
static void addresses_are_found(struct kunit *test)
{
	struct lab *lab = test->priv;
	struct prose_peer *other = prose_peer_alloc(&lab->prose, OTHER);
	const struct prose_addr *bad = NULL;
	struct prose_addr addrs[3];

	KUNIT_ASSERT_NOT_NULL(test, other);
	prose_addr_v4(&addrs[0], htonl(0x0a000001));
	prose_addr_v4(&addrs[1], htonl(0x0a000002));
	memset(&addrs[2], 0xfd, sizeof(addrs[2]));
	KUNIT_EXPECT_TRUE(test, prose_addr_is_v4(&addrs[0]));
	KUNIT_EXPECT_FALSE(test, prose_addr_is_v4(&addrs[2]));

	mutex_lock(&lab->prose.lock);
	KUNIT_EXPECT_EQ(test, prose_peer_add(other), 0);
	KUNIT_EXPECT_EQ(test, prose_peer_set_addrs(lab->peer, addrs, 2, &bad), 0);
	KUNIT_EXPECT_EQ(test, prose_peer_set_addrs(other, addrs + 1, 2, &bad), -EEXIST);
	KUNIT_EXPECT_PTR_EQ(test, bad, &addrs[1]);
	KUNIT_EXPECT_EQ(test, other->n_addrs, 0U);
	KUNIT_EXPECT_EQ(test, prose_peer_set_addrs(other, addrs + 2, 1, &bad), 0);
	KUNIT_EXPECT_PTR_EQ(test, prose_peer_find_addr(&lab->prose, &addrs[0]), lab->peer);
	KUNIT_EXPECT_PTR_EQ(test, prose_peer_find_addr(&lab->prose, &addrs[1]), lab->peer);
	KUNIT_EXPECT_PTR_EQ(test, prose_peer_find_addr(&lab->prose, &addrs[2]), other);
	KUNIT_EXPECT_TRUE(test, has_addr(lab->peer, &addrs[0]));
	KUNIT_EXPECT_TRUE(test, has_addr(lab->peer, &addrs[1]));
	KUNIT_EXPECT_FALSE(test, has_addr(lab->peer, &addrs[2]));
	KUNIT_EXPECT_FALSE(test, has_addr(other, &addrs[1]));
	/* One stays, one goes. */
	KUNIT_EXPECT_EQ(test, prose_peer_set_addrs(lab->peer, addrs, 1, &bad), 0);
	KUNIT_EXPECT_TRUE(test, has_addr(lab->peer, &addrs[0]));
	KUNIT_EXPECT_FALSE(test, has_addr(lab->peer, &addrs[1]));
	KUNIT_EXPECT_PTR_EQ(test, prose_peer_find_addr(&lab->prose, &addrs[0]), lab->peer);
	KUNIT_EXPECT_PTR_EQ(test, prose_peer_find_addr(&lab->prose, &addrs[1]), NULL);
	prose_peer_remove(other, PROSE_GONE_REASON_REQUESTED);
	KUNIT_EXPECT_PTR_EQ(test, prose_peer_find_addr(&lab->prose, &addrs[2]), NULL);
	KUNIT_EXPECT_FALSE(test, has_addr(other, &addrs[2]));
	mutex_unlock(&lab->prose.lock);
	prose_peer_put(other);
}

static struct kunit_case prose_assoc_cases[] = {
	KUNIT_CASE(receives_before_it_sends),
	KUNIT_CASE(make_before_break),
	KUNIT_CASE(verified_before_it_sends),
	KUNIT_CASE(smc_proves_nothing),
	KUNIT_CASE(each_other_bearer_proves),
	KUNIT_CASE(late_packet_under_the_old),
	KUNIT_CASE(going_back),
	KUNIT_CASE(grace_work_looks_again),
	KUNIT_CASE(grace_of_several),
	KUNIT_CASE(removed_sender_has_no_heir),
	KUNIT_CASE(reference_outlives_removal),
	KUNIT_CASE(removed_while_retiring),
	KUNIT_CASE(only_so_many),
	KUNIT_CASE(bearers_have_their_channels),
	KUNIT_CASE(counts_of_bearers_are_apart),
	KUNIT_CASE(soft_limit_is_told_once),
	KUNIT_CASE(hard_limit_holds),
	KUNIT_CASE(one_packet_a_count),
	KUNIT_CASE(windows_are_apart),
	KUNIT_CASE(addresses_are_found),
	{}
};

struct kunit_suite prose_assoc_suite = {
	.name = "prose_assoc",
	.init = lab_init,
	.exit = lab_exit,
	.test_cases = prose_assoc_cases,
};
