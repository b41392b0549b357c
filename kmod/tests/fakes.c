// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink notifications are counted, not sent. Of stats.c what associations and peers
 * need is little, and stands here: the rest of it would bring the carrier and the
 * tracepoints, which prose.ko may have registered already.
 */

#include <linux/percpu.h>

#include "../carrier.h"
#include "../netlink.h"
#include "../peer.h"
#include "../stats.h"

#include "fakes.h"

struct workqueue_struct *prose_wq;
struct fake_events fake_events;

void prose_genid_bump(void)
{
	atomic_inc(&fake_events.bumps);
}

void prose_nl_assoc_gone(struct prose_assoc *assoc, enum prose_gone_reason reason)
{
	atomic_inc(&fake_events.assocs_gone);
	fake_events.last_gone = assoc->config.kd_sess_id;
	fake_events.last_reason = reason;
}

int prose_queues_alloc(struct prose_assoc *assoc)
{
	return 0;
}

void prose_port_release(struct prose_dev *prose, u32 l2_id)
{
	fake_events.last_released = l2_id;
}

void prose_nl_peer_gone(struct prose_peer *peer, enum prose_gone_reason reason)
{
	atomic_inc(&fake_events.peers_gone);
	fake_events.last_reason = reason;
}

void prose_nl_count_soft(struct prose_assoc *assoc, enum prose_bearer_id id)
{
	atomic_inc(&fake_events.soft[id]);
}

void prose_nl_count_exhausted(struct prose_assoc *assoc, enum prose_bearer_id id)
{
	atomic_inc(&fake_events.exhausted[id]);
}

struct prose_traffic __percpu *prose_traffic_alloc(void)
{
	struct prose_traffic __percpu *traffic = alloc_percpu_gfp(struct prose_traffic, GFP_KERNEL);
	int cpu;

	if (!traffic)
		return NULL;
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(traffic, cpu)->syncp);
	return traffic;
}
