// SPDX-License-Identifier: GPL-2.0-only
/*
 * Endpoints: where frames go on a carrier. One is never changed but replaced, so that a
 * packet on its way sees an address whole, and with the routes to that very address.
 */

#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "endpoint.h"

/**
 * prose_endpoint_alloc() - an endpoint
 * @addr: the address
 * @routed: there are routes to it
 * @gfp: how to allocate
 *
 * Return: the endpoint, NULL without memory.
 */
struct prose_endpoint *prose_endpoint_alloc(const struct prose_carrier_addr *addr, bool routed,
					    gfp_t gfp)
{
	struct prose_endpoint *endpoint = kzalloc(sizeof(*endpoint), gfp);

	if (!endpoint)
		return NULL;
	if (routed && dst_cache_init(&endpoint->routes, gfp)) {
		kfree(endpoint);
		return NULL;
	}
	endpoint->addr = *addr;
	return endpoint;
}

/**
 * prose_endpoint_free() - free an endpoint that nobody can see
 * @endpoint: the endpoint, or NULL
 *
 * Context: any.
 */
void prose_endpoint_free(struct prose_endpoint *endpoint)
{
	if (!endpoint)
		return;
	dst_cache_destroy(&endpoint->routes);
	kfree(endpoint);
}

static void endpoint_free_rcu(struct rcu_head *rcu)
{
	prose_endpoint_free(container_of(rcu, struct prose_endpoint, rcu));
}

/**
 * prose_endpoint_set() - let frames go to another endpoint
 * @to: where it is kept; RCU, written by this alone
 * @endpoint: the endpoint, or NULL for none
 *
 * Several may do it at once; one of them was the last.
 *
 * Context: any.
 */
void prose_endpoint_set(struct prose_endpoint __rcu **to, struct prose_endpoint *endpoint)
{
	struct prose_endpoint *old = unrcu_pointer(xchg(to, RCU_INITIALIZER(endpoint)));

	if (old)
		call_rcu(&old->rcu, endpoint_free_rcu);
}
