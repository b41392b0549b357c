// SPDX-License-Identifier: GPL-2.0-only
/* Peers: tables, overlay addresses, lifetime. */

#include <linux/slab.h>
#include <net/ipv6.h>

#include "assoc.h"
#include "carrier.h"
#include "device.h"
#include "endpoint.h"
#include "netlink.h"
#include "peer.h"
#include "stats.h"

/**
 * prose_addr_v4() - an IPv4 overlay address
 * @addr: where to put it
 * @v4: the address
 */
void prose_addr_v4(struct prose_addr *addr, __be32 v4)
{
	ipv6_addr_set_v4mapped(v4, &addr->in6);
}

/**
 * prose_addr_v6() - an IPv6 overlay address
 * @addr: where to put it
 * @v6: the address
 */
void prose_addr_v6(struct prose_addr *addr, const struct in6_addr *v6)
{
	addr->in6 = *v6;
}

/**
 * prose_addr_is_v4() - of which family is it?
 * @addr: an overlay address
 *
 * Return: true for IPv4.
 */
bool prose_addr_is_v4(const struct prose_addr *addr)
{
	return ipv6_addr_v4mapped(&addr->in6);
}

static bool addr_equal(const struct prose_addr *a, const struct prose_addr *b)
{
	return ipv6_addr_equal(&a->in6, &b->in6);
}

static struct hlist_head *addr_bucket(struct prose_dev *prose, const struct prose_addr *addr)
{
	u32 words[4], hash;

	memcpy(words, &addr->in6, sizeof(words));
	hash = hsiphash_4u32(words[0], words[1], words[2], words[3], &prose->addr_key);

	return &prose->addrs[hash & ((1 << PROSE_ADDR_HASH_BITS) - 1)];
}

/**
 * prose_peer_endpoint() - where frames to a peer go
 * @peer: the peer
 *
 * Context: RCU read section.
 * Return: the endpoint, good for as long as that is held; NULL if its address is not
 * known and the carrier has none for such.
 */
struct prose_endpoint *prose_peer_endpoint(const struct prose_peer *peer)
{
	struct prose_endpoint *endpoint = rcu_dereference(peer->endpoint);

	return endpoint ? endpoint : peer->prose->carrier->contact(peer->prose);
}

/**
 * prose_peer_local() - the own Layer-2 ID that belongs to a peer
 * @peer: the peer
 *
 * Return: the Layer-2 ID, or 0 without one.
 */
u32 prose_peer_local(const struct prose_peer *peer)
{
	return atomic64_read(&peer->ids) >> 32;
}

/**
 * prose_peer_remote() - the Layer-2 ID that a peer has for its link
 * @peer: the peer
 *
 * Return: the Layer-2 ID, or 0 without one; there is an own one where there is this.
 */
u32 prose_peer_remote(const struct prose_peer *peer)
{
	return atomic64_read(&peer->ids) & PROSE_L2_ID_MAX;
}

/**
 * prose_peer_ids() - Layer-2 IDs of a frame to a peer
 * @peer: the peer
 * @src: where to put the source
 * @dst: where to put the destination
 *
 * Context: any. Both are of one link, or both of the device and the peer.
 */
void prose_peer_ids(const struct prose_peer *peer, u32 *src, u32 *dst)
{
	u64 ids = atomic64_read(&peer->ids);

	if (ids & PROSE_L2_ID_MAX) {
		*src = ids >> 32;
		*dst = ids & PROSE_L2_ID_MAX;
	} else {
		*src = READ_ONCE(peer->prose->l2_id);
		*dst = peer->l2_id;
	}
}

/**
 * prose_peer_set_ids() - change the Layer-2 IDs of a peer's link
 * @peer: the peer
 * @local: own one, claimed on the port for this peer if it is new; 0 for none
 * @remote: that of the peer, 0 for none, and always so without an own one
 *
 * The own one that it had before is given up.
 *
 * Context: the device's lock.
 */
void prose_peer_set_ids(struct prose_peer *peer, u32 local, u32 remote)
{
	u32 old = prose_peer_local(peer);

	lockdep_assert_held(&peer->prose->lock);

	atomic64_set(&peer->ids, (u64)local << 32 | remote);
	if (old && old != local)
		prose_port_release(peer->prose, old);
}

/**
 * prose_peer_find() - a peer by its Layer-2 ID
 * @prose: the device
 * @l2_id: the Layer-2 ID
 *
 * Context: RCU read section or the device's lock.
 * Return: the peer, good for as long as that is held, or NULL.
 */
struct prose_peer *prose_peer_find(struct prose_dev *prose, u32 l2_id)
{
	return xa_load(&prose->peers, l2_id);
}

/**
 * prose_peer_find_addr() - a peer by an overlay address
 * @prose: the device
 * @addr: the address
 *
 * Context: RCU read section or the device's lock.
 * Return: the peer, good for as long as that is held, or NULL.
 */
struct prose_peer *prose_peer_find_addr(struct prose_dev *prose, const struct prose_addr *addr)
{
	struct prose_peer_addr *entry;

	hlist_for_each_entry_rcu(entry, addr_bucket(prose, addr), node,
				 lockdep_is_held(&prose->lock)) {
		if (addr_equal(&entry->addr, addr))
			return entry->peer;
	}
	return NULL;
}

/**
 * prose_peer_has_addr() - is an overlay address a peer's own?
 * @peer: the peer
 * @addr: the address
 *
 * Sooner said than prose_peer_find_addr() says whose it is. While addresses are replaced, one that
 * stays may be missed here.
 *
 * Context: RCU read section.
 * Return: true if it was found.
 */
bool prose_peer_has_addr(const struct prose_peer *peer, const struct prose_addr *addr)
{
	const struct prose_peer_addr *entry;
	unsigned int i;

	for (i = 0; i < PROSE_PEER_ADDRS_MAX; i++) {
		entry = rcu_dereference(peer->addrs[i]);
		if (!entry)
			break;
		if (addr_equal(&entry->addr, addr))
			return true;
	}
	return false;
}

static struct prose_peer_addr *addr_at(const struct prose_peer *peer, unsigned int i)
{
	return rcu_dereference_protected(peer->addrs[i], lockdep_is_held(&peer->prose->lock));
}

/**
 * prose_peer_addr_at() - one of a peer's overlay addresses
 * @peer: the peer
 * @i: which, less than its n_addrs
 *
 * Context: the device's lock.
 * Return: the address, good for as long as that is held.
 */
const struct prose_addr *prose_peer_addr_at(const struct prose_peer *peer, unsigned int i)
{
	return &addr_at(peer, i)->addr;
}

/**
 * prose_peer_alloc() - a peer, in no table yet
 * @prose: the device
 * @l2_id: its Layer-2 ID
 *
 * Return: the peer with one reference, the caller's, or NULL without memory.
 */
struct prose_peer *prose_peer_alloc(struct prose_dev *prose, u32 l2_id)
{
	struct prose_peer *peer;

	peer = kzalloc(sizeof(*peer), GFP_KERNEL_ACCOUNT);
	if (!peer)
		return NULL;
	peer->traffic = prose_traffic_alloc();
	if (!peer->traffic) {
		kfree(peer);
		return NULL;
	}

	peer->prose = prose;
	netdev_hold(prose->dev, &peer->tracker, GFP_KERNEL);
	kref_init(&peer->ref);
	peer->l2_id = l2_id;
	INIT_LIST_HEAD(&peer->assocs);
	INIT_WORK(&peer->retire_work, prose_assoc_retire_work);
	return peer;
}

/**
 * prose_peer_add() - put a peer into its device's table
 * @peer: the peer, of which the table takes a reference
 *
 * Context: the device's lock; the Layer-2 ID is not in the table.
 * Return: 0 or -ENOMEM.
 */
int prose_peer_add(struct prose_peer *peer)
{
	struct prose_dev *prose = peer->prose;
	int err;

	lockdep_assert_held(&prose->lock);

	err = xa_insert(&prose->peers, peer->l2_id, peer, GFP_KERNEL_ACCOUNT);
	if (err)
		return err;
	kref_get(&peer->ref);
	peer->serial = prose->next_serial++;
	prose->n_peers++;
	prose_genid_bump();
	return 0;
}

static void peer_free_rcu(struct rcu_head *rcu)
{
	struct prose_peer *peer = container_of(rcu, struct prose_peer, rcu);

	prose_endpoint_free(rcu_dereference_raw(peer->endpoint));
	free_percpu(peer->traffic);
	kfree(peer);
}

static void peer_release(struct kref *ref)
{
	struct prose_peer *peer = container_of(ref, struct prose_peer, ref);

	/*
	 * Readers that still see the peer found it by its device, and by RCU: they
	 * need no reference of ours to the device.
	 */
	netdev_put(peer->prose->dev, &peer->tracker);
	call_rcu(&peer->rcu, peer_free_rcu);
}

/**
 * prose_peer_put() - drop a reference
 * @peer: the peer
 *
 * Context: any.
 */
void prose_peer_put(struct prose_peer *peer)
{
	kref_put(&peer->ref, peer_release);
}

static bool addr_among(const struct prose_addr *addr, const struct prose_addr *addrs,
		       unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (addr_equal(addr, &addrs[i]))
			return true;
	}
	return false;
}

/**
 * prose_peer_set_addrs() - replace all overlay addresses of a peer
 * @peer: the peer
 * @addrs: the addresses, different from each other
 * @n: how many, PROSE_PEER_ADDRS_MAX at most
 * @bad: which one is another peer's, for -EEXIST
 *
 * An address that stays is in the table all the time.
 *
 * Context: the device's lock.
 * Return: 0, -EEXIST or -ENOMEM, the latter two with nothing changed.
 */
int prose_peer_set_addrs(struct prose_peer *peer, const struct prose_addr *addrs,
			 unsigned int n, const struct prose_addr **bad)
{
	struct prose_peer_addr *fresh[PROSE_PEER_ADDRS_MAX] = {};
	struct prose_peer_addr *stay[PROSE_PEER_ADDRS_MAX] = {}, *gone[PROSE_PEER_ADDRS_MAX];
	struct prose_dev *prose = peer->prose;
	unsigned int i, n_fresh = 0, n_stay = 0, n_gone = 0;

	lockdep_assert_held(&prose->lock);

	for (i = 0; i < n; i++) {
		struct prose_peer *owner = prose_peer_find_addr(prose, &addrs[i]);

		if (owner == peer)
			continue;
		if (owner) {
			*bad = &addrs[i];
			goto err_exist;
		}
		fresh[n_fresh] = kzalloc(sizeof(*fresh[0]), GFP_KERNEL_ACCOUNT);
		if (!fresh[n_fresh])
			goto err_nomem;
		fresh[n_fresh]->peer = peer;
		fresh[n_fresh]->addr = addrs[i];
		n_fresh++;
	}

	for (i = 0; i < peer->n_addrs; i++) {
		struct prose_peer_addr *old = addr_at(peer, i);

		if (addr_among(&old->addr, addrs, n)) {
			stay[n_stay++] = old;
		} else {
			hlist_del_rcu(&old->node);
			gone[n_gone++] = old;
		}
	}
	for (i = 0; i < n_fresh; i++) {
		hlist_add_head_rcu(&fresh[i]->node, addr_bucket(prose, &fresh[i]->addr));
		stay[n_stay++] = fresh[i];
	}
	for (i = 0; i < PROSE_PEER_ADDRS_MAX; i++)
		rcu_assign_pointer(peer->addrs[i], stay[i]);
	peer->n_addrs = n_stay;
	/* Nobody finds them any more, neither in the table nor here. */
	while (n_gone) {
		n_gone--;
		kfree_rcu(gone[n_gone], rcu);
	}
	return 0;

err_exist:
	while (n_fresh)
		kfree(fresh[--n_fresh]);
	return -EEXIST;

err_nomem:
	while (n_fresh)
		kfree(fresh[--n_fresh]);
	return -ENOMEM;
}

/**
 * prose_peer_unlink() - take a peer out of all tables, without a word
 * @peer: the peer, which has no associations; the table's reference is dropped
 *
 * Context: the device's lock.
 */
void prose_peer_unlink(struct prose_peer *peer)
{
	struct prose_dev *prose = peer->prose;
	unsigned int i;

	lockdep_assert_held(&prose->lock);

	prose_peer_set_ids(peer, 0, 0);
	xa_erase(&prose->peers, peer->l2_id);
	for (i = 0; i < peer->n_addrs; i++) {
		struct prose_peer_addr *old = addr_at(peer, i);

		hlist_del_rcu(&old->node);
		RCU_INIT_POINTER(peer->addrs[i], NULL);
		kfree_rcu(old, rcu);
	}
	peer->n_addrs = 0;
	prose->n_peers--;
	prose_genid_bump();
	prose_peer_put(peer);
}

/**
 * prose_peer_remove() - delete a peer with all its associations
 * @peer: the peer, in its device's table
 * @reason: why, for the notifications
 *
 * After this no lookup finds it. Who may still have it, and why that ends:
 *
 * 1. a packet being sent or received, inside the RCU read section in which it was
 *    looked up. It can find no association any more, or one whose count of
 *    references it cannot raise from zero;
 * 2. a packet whose association it got before: the association keeps the peer. Such
 *    a packet goes out or in, or is dropped, when the crypto layer is done with it,
 *    and gives its reference back;
 * 3. retire_work, which holds a reference, takes the lock, finds nothing to retire
 *    and gives it back;
 * 4. a netlink request, under the lock. It is over before this starts.
 *
 * Nobody hands a reference on, so the count goes to zero by itself. The device is
 * not freed before that.
 *
 * Context: the device's lock.
 */
void prose_peer_remove(struct prose_peer *peer, enum prose_gone_reason reason)
{
	struct prose_assoc *assoc, *tmp;

	lockdep_assert_held(&peer->prose->lock);

	list_for_each_entry_safe(assoc, tmp, &peer->assocs, list)
		prose_assoc_remove(assoc, reason);
	prose_nl_peer_gone(peer, reason);
	prose_peer_unlink(peer);
}

/**
 * prose_peers_flush() - delete all peers, and let none be added again
 * @prose: the device, which is going away
 */
void prose_peers_flush(struct prose_dev *prose)
{
	struct prose_peer *peer;
	unsigned long l2_id;

	mutex_lock(&prose->lock);
	prose->dying = true;
	xa_for_each(&prose->peers, l2_id, peer)
		prose_peer_remove(peer, PROSE_GONE_REASON_DEVICE);
	mutex_unlock(&prose->lock);
}
