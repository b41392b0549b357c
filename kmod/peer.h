/* SPDX-License-Identifier: GPL-2.0-only */
/* Remote UEs. */
#ifndef _PROSE_PEER_H
#define _PROSE_PEER_H

#include <linux/in6.h>
#include <linux/kref.h>
#include <linux/netdevice.h>
#include <linux/workqueue.h>

#include <linux/prose.h>

struct prose_assoc;
struct prose_dev;
struct prose_endpoint;

#define PROSE_PEERS_MAX		4096
/* Overlay addresses of a peer, both families together. */
#define PROSE_PEER_ADDRS_MAX	8

/**
 * struct prose_addr - an overlay address, both families in one space
 * @in6: the address; IPv4 as ::ffff:a.b.c.d, which is no overlay IPv6 address
 */
struct prose_addr {
	struct in6_addr in6;
};

/**
 * struct prose_peer_addr - an overlay address of a peer
 * @node: entry in the device's table; RCU, written under the device's lock
 * @peer: whose it is. Not counted: the entry is out of the table before the
 *	peer's own reference is dropped, and both are freed after a grace period.
 * @addr: the address
 * @rcu: freed after a grace period
 */
struct prose_peer_addr {
	struct hlist_node node;
	struct prose_peer *peer;
	struct prose_addr addr;
	struct rcu_head rcu;
};

/**
 * struct prose_peer - one remote UE
 * @prose: the device; held from prose_peer_alloc() to the release
 * @tracker: the reference to the device
 * @ref: references: one is that of the device's table, one of each association,
 *	one of retire_work while it is queued
 * @rcu: freed after a grace period
 * @l2_id: its Layer-2 ID, by which it is named; same for life
 * @ids: Layer-2 IDs of the link: own one, shifted by 32, and remote one, 0 for none; in
 *	one, so that nobody sees half of a change. Written under the device's lock.
 * @serial: number in order of creation
 * @endpoint: where its frames go, NULL until that is known. Set by netlink, learned
 *	from frames that are genuine and the newest. RCU; prose_endpoint_set() writes it.
 * @last_rx: coarse boot time in ns of the last frame whose MAC verified, 0 for never
 * @wanted: jiffies of the last peer-wanted notification
 * @wanted_once: there was one
 * @n_addrs: entries in @addrs; under the device's lock
 * @addrs: overlay addresses, NULL behind the last. RCU, written under the device's lock.
 * @n_assocs: entries in @assocs; under the device's lock
 * @assocs: associations, PROSE_ASSOCS_MAX at most, so that going through all is
 *	constant work; oldest first. RCU, written under the device's lock.
 * @tx: the one that sends, or NULL. Not counted: one of @assocs. RCU, written under
 *	the device's lock.
 * @retire_work: starts the grace time of associations older than @tx
 * @traffic: user data
 */
struct prose_peer {
	struct prose_dev *prose;
	netdevice_tracker tracker;
	struct kref ref;
	struct rcu_head rcu;

	u32 l2_id;
	atomic64_t ids;
	u64 serial;

	struct prose_endpoint __rcu *endpoint;
	atomic64_t last_rx;
	unsigned long wanted;
	bool wanted_once;

	unsigned int n_addrs;
	struct prose_peer_addr __rcu *addrs[PROSE_PEER_ADDRS_MAX];

	unsigned int n_assocs;
	struct list_head assocs;
	struct prose_assoc __rcu *tx;
	struct work_struct retire_work;

	struct prose_traffic __percpu *traffic;
};

struct prose_peer *prose_peer_alloc(struct prose_dev *prose, u32 l2_id);
int prose_peer_add(struct prose_peer *peer);
void prose_peer_put(struct prose_peer *peer);

struct prose_endpoint *prose_peer_endpoint(const struct prose_peer *peer);

u32 prose_peer_local(const struct prose_peer *peer);
u32 prose_peer_remote(const struct prose_peer *peer);
void prose_peer_ids(const struct prose_peer *peer, u32 *src, u32 *dst);
void prose_peer_set_ids(struct prose_peer *peer, u32 local, u32 remote);

struct prose_peer *prose_peer_find(struct prose_dev *prose, u32 l2_id);
struct prose_peer *prose_peer_find_addr(struct prose_dev *prose, const struct prose_addr *addr);

void prose_addr_v4(struct prose_addr *addr, __be32 v4);
void prose_addr_v6(struct prose_addr *addr, const struct in6_addr *v6);
bool prose_addr_is_v4(const struct prose_addr *addr);

bool prose_peer_has_addr(const struct prose_peer *peer, const struct prose_addr *addr);
const struct prose_addr *prose_peer_addr_at(const struct prose_peer *peer, unsigned int i);
int prose_peer_set_addrs(struct prose_peer *peer, const struct prose_addr *addrs,
			 unsigned int n, const struct prose_addr **bad);

void prose_peer_unlink(struct prose_peer *peer);
void prose_peer_remove(struct prose_peer *peer, enum prose_gone_reason reason);
void prose_peers_flush(struct prose_dev *prose);

#endif /* _PROSE_PEER_H */
