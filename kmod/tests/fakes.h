/* SPDX-License-Identifier: GPL-2.0-only */
/* What stands in for netlink and the counters while suites run. */
#ifndef _PROSE_TESTS_FAKES_H
#define _PROSE_TESTS_FAKES_H

#include <linux/atomic.h>

#include "../assoc.h"

/**
 * struct fake_events - what would have been notified
 * @soft: soft limits, by bearer
 * @exhausted: hard limits, by bearer
 * @assocs_gone: associations that went
 * @last_gone: KD-sess ID of the last of them
 * @last_reason: and why
 * @peers_gone: peers that went
 * @bumps: changes a dump would see
 * @last_released: own Layer-2 ID that was given up last
 */
struct fake_events {
	atomic_t soft[PROSE_N_BEARERS];
	atomic_t exhausted[PROSE_N_BEARERS];
	atomic_t assocs_gone;
	u16 last_gone;
	enum prose_gone_reason last_reason;
	atomic_t peers_gone;
	atomic_t bumps;
	u32 last_released;
};

extern struct fake_events fake_events;

#endif /* _PROSE_TESTS_FAKES_H */
