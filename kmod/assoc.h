/* SPDX-License-Identifier: GPL-2.0-only */
/* Security associations. */
#ifndef _PROSE_ASSOC_H
#define _PROSE_ASSOC_H

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include <linux/prose.h>

#include "algs.h"
#include "parallel.h"
#include "replay.h"

struct prose_peer;

/* Associations of a peer: one that sends, one that is next, and some that linger. */
#define PROSE_ASSOCS_MAX	8

/* Work of the module: the end of associations, and freeing their keys. */
extern struct workqueue_struct *prose_wq;

/**
 * enum prose_bearer_id - bearers an association has
 * @PROSE_BEARER_DATA: user data, LCID 1
 * @PROSE_BEARER_SMC: security mode procedure, LCID 29
 * @PROSE_BEARER_SIGNAL: other protected signalling, LCID 30
 * @PROSE_N_BEARERS: how many
 */
enum prose_bearer_id {
	PROSE_BEARER_DATA,
	PROSE_BEARER_SMC,
	PROSE_BEARER_SIGNAL,
	PROSE_N_BEARERS,
};

/**
 * struct prose_bearer - one bearer of an association, both directions
 * @tx_next: COUNT the next packet gets. 64 bits, so that going on past the limit
 *	never comes round to a COUNT again.
 * @soft_told: the soft limit was notified
 * @lock: protects @replay
 * @replay: what was received. A window for each bearer, as PDCP entities have, so
 *	that what comes on a bearer without MAC cannot move that of signalling.
 */
struct prose_bearer {
	atomic64_t tx_next;
	unsigned long soft_told;
	spinlock_t lock;	/* protects replay */
	struct prose_replay replay;
};

/* Bits of struct prose_assoc.flags. */
enum {
	/* The other side sends under it: a packet verified, see prose_assoc_verified(). */
	PROSE_ASSOC_VERIFIED,
	/* Older associations were given their grace time for it. */
	PROSE_ASSOC_TOOK_OVER,
};

/**
 * struct prose_assoc_config - what an association is made of
 * @kd_sess_id: KD-sess ID
 * @eea: ciphering algorithm
 * @eia: integrity algorithm
 * @up_integrity: user data carries MAC-I
 * @direction: DIRECTION of what this side sends
 * @count_start: first COUNT
 * @count_limit: last COUNT
 * @count_soft: COUNT at which a rekey is asked for
 * @window: replay window, a power of two
 * @grace_ms: how long it receives after it was replaced
 */
struct prose_assoc_config {
	u16 kd_sess_id;
	u8 eea;
	u8 eia;
	bool up_integrity;
	u8 direction;
	u32 count_start;
	u32 count_limit;
	u32 count_soft;
	u32 window;
	u32 grace_ms;
};

/**
 * struct prose_assoc - one security association
 * @peer: whose it is; counted, and by it the device
 * @list: entry in the peer's list; RCU, written under the device's lock
 * @ref: references: one is that of the list, one of each packet in the works, one
 *	of grace_work while it is queued
 * @serial: number in order of creation; tells older from newer
 * @config: see there; count_soft and grace_ms may change
 * @keys: keyed algorithms
 * @flags: bits, see above
 * @dead: off the list; under the device's lock
 * @retiring: the grace time runs; under the device's lock
 * @retire_at: when it ends, in jiffies; under the device's lock
 * @grace_work: ends the grace time
 * @free_work: frees it after a grace period of RCU, where sleeping is allowed
 * @integrity_failures: MAC-I that did not verify
 * @replays: packets dropped by a replay window
 * @traffic: all that was sent and received under it
 * @windows: memory of the replay windows
 * @queues: packets that other processors cipher; NULL if none ever does
 * @bearers: the bearers
 */
struct prose_assoc {
	struct prose_peer *peer;
	struct list_head list;
	struct kref ref;
	u64 serial;
	struct prose_assoc_config config;
	struct prose_keys keys;
	unsigned long flags;
	bool dead;
	bool retiring;
	unsigned long retire_at;
	struct delayed_work grace_work;
	struct rcu_work free_work;
	atomic64_t integrity_failures;
	atomic64_t replays;
	struct prose_traffic __percpu *traffic;
	unsigned long *windows;
	struct prose_queues *queues;
	struct prose_bearer bearers[PROSE_N_BEARERS];
};

int prose_bearer_of(u8 lcid);
u8 prose_bearer_lcid(enum prose_bearer_id id);

struct prose_assoc *prose_assoc_alloc(const struct prose_assoc_config *config);
int prose_assoc_add(struct prose_assoc *assoc, struct prose_peer *peer);
void prose_assoc_put(struct prose_assoc *assoc);

struct prose_assoc *prose_assoc_find(struct prose_peer *peer, u16 kd_sess_id);
struct prose_assoc *prose_assoc_get_rx(struct prose_peer *peer, u16 kd_sess_id);
struct prose_assoc *prose_assoc_get_tx(struct prose_peer *peer);
void prose_assoc_get(struct prose_assoc *assoc);

void prose_assoc_set_tx(struct prose_assoc *assoc);
void prose_assoc_set_grace(struct prose_assoc *assoc, u32 grace_ms);
void prose_assoc_set_soft(struct prose_assoc *assoc, u32 count_soft);
void prose_assoc_remove(struct prose_assoc *assoc, enum prose_gone_reason reason);

bool prose_assoc_take_count(struct prose_assoc *assoc, enum prose_bearer_id id, u32 *count);
void prose_assoc_verified(struct prose_assoc *assoc, enum prose_bearer_id id);
void prose_assoc_retire_work(struct work_struct *work);

#endif /* _PROSE_ASSOC_H */
