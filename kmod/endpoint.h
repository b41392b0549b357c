/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses on a carrier. */
#ifndef _PROSE_ENDPOINT_H
#define _PROSE_ENDPOINT_H

#include <linux/string.h>
#include <linux/types.h>
#include <net/dst_cache.h>

#include <linux/prose.h>

/**
 * struct prose_carrier_addr - where a UE is on a carrier
 * @octets: as netlink has them, zeroes behind the length that the carrier's have
 */
struct prose_carrier_addr {
	u8 octets[PROSE_CARRIER_ADDR_MAX_LEN];
} __aligned(2);

/**
 * struct prose_endpoint - an address that frames go to, and the way there
 * @addr: the address; never changes, so that @routes are always routes to it
 * @routes: the carrier's routes; each CPU's own, empty on a carrier without
 * @rcu: freed after a grace period
 */
struct prose_endpoint {
	struct prose_carrier_addr addr;
	struct dst_cache routes;
	struct rcu_head rcu;
};

static inline bool prose_carrier_addr_equal(const struct prose_carrier_addr *a,
					    const struct prose_carrier_addr *b)
{
	return !memcmp(a->octets, b->octets, sizeof(a->octets));
}

struct prose_endpoint *prose_endpoint_alloc(const struct prose_carrier_addr *addr, bool routed,
					    gfp_t gfp);
void prose_endpoint_free(struct prose_endpoint *endpoint);
void prose_endpoint_set(struct prose_endpoint __rcu **to, struct prose_endpoint *endpoint);

#endif /* _PROSE_ENDPOINT_H */
