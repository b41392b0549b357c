// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel_netlink.h"

/*
 * Two sockets, because only the socket that owns the device's signalling may send, and
 * because an event must not come between another request and its answer.
 */
struct kernel_netlink {
	struct prose_nl *requests, *events;
	struct netif *netif;
	uint32_t ifindex;
	const char *error;
};

/* Keeps the sentence of the socket the call went to. */
static int said(struct kernel_netlink *netlink, const struct prose_nl *nl, int err)
{
	netlink->error = err ? prose_nl_error(nl) : "";
	return err;
}

static int device_get(void *context, struct prose_nl_device *device)
{
	struct kernel_netlink *netlink = context;
	int err = prose_nl_device_get(netlink->requests, netlink->ifindex, device);

	if (!err && netlink->netif && netif_lower_elsewhere(netlink->netif))
		device->lower_ifindex = 0;
	return said(netlink, netlink->requests, err);
}

static int peer_new(void *context, const struct prose_nl_peer *peer)
{
	struct kernel_netlink *netlink = context;
	struct prose_nl_peer full = *peer;

	full.ifindex = netlink->ifindex;
	return said(netlink, netlink->requests, prose_nl_peer_new(netlink->requests, &full, NULL));
}

static int peer_set(void *context, const struct prose_nl_peer *peer)
{
	struct kernel_netlink *netlink = context;
	struct prose_nl_peer full = *peer;

	full.ifindex = netlink->ifindex;
	return said(netlink, netlink->requests, prose_nl_peer_set(netlink->requests, &full));
}

static int peer_del(void *context, uint32_t l2_id)
{
	struct kernel_netlink *netlink = context;

	return said(netlink, netlink->requests,
		    prose_nl_peer_del(netlink->requests, netlink->ifindex, l2_id));
}

static int peer_dump(void *context, struct prose_nl_peer **list, size_t *n)
{
	struct kernel_netlink *netlink = context;

	return said(netlink, netlink->requests,
		    prose_nl_peer_dump(netlink->requests, netlink->ifindex, list, n));
}

static int assoc_new(void *context, uint32_t l2_id, const struct prose_nl_assoc_config *assoc)
{
	struct kernel_netlink *netlink = context;

	return said(netlink, netlink->requests,
		    prose_nl_assoc_new(netlink->requests, netlink->ifindex, l2_id, assoc, NULL));
}

static int assoc_set(void *context, uint32_t l2_id, uint16_t kd_sess_id,
		     const struct prose_nl_assoc_change *change)
{
	struct kernel_netlink *netlink = context;

	return said(netlink, netlink->requests,
		    prose_nl_assoc_set(netlink->requests, netlink->ifindex, l2_id, kd_sess_id,
				       change));
}

static int assoc_del(void *context, uint32_t l2_id, uint16_t kd_sess_id)
{
	struct kernel_netlink *netlink = context;

	return said(netlink, netlink->requests,
		    prose_nl_assoc_del(netlink->requests, netlink->ifindex, l2_id, kd_sess_id));
}

static int assoc_get(void *context, uint32_t l2_id, uint16_t kd_sess_id,
		     struct prose_nl_assoc *assoc)
{
	struct kernel_netlink *netlink = context;

	return said(netlink, netlink->requests,
		    prose_nl_assoc_get(netlink->requests, netlink->ifindex, l2_id, kd_sess_id,
				       assoc));
}

static int assoc_dump(void *context, struct prose_nl_assoc **list, size_t *n)
{
	struct kernel_netlink *netlink = context;

	return said(netlink, netlink->requests,
		    prose_nl_assoc_dump(netlink->requests, netlink->ifindex, list, n));
}

static int signal_send(void *context, const struct prose_nl_signal *signal)
{
	struct kernel_netlink *netlink = context;

	return said(netlink, netlink->events,
		    prose_nl_signal_send(netlink->events, netlink->ifindex, signal, NULL));
}

static int addresses_set(void *context, const struct config_address *addresses, size_t n)
{
	struct kernel_netlink *netlink = context;
	int err = netif_addresses_set(netlink->netif, addresses, n);

	netlink->error = err ? netif_error(netlink->netif) : "";
	return err;
}

static int l2_id_set(void *context, uint32_t l2_id, bool follow)
{
	struct kernel_netlink *netlink = context;
	int err = netif_l2_id_set(netlink->netif, l2_id, follow);

	netlink->error = err ? netif_error(netlink->netif) : "";
	return err;
}

static int route_set(void *context, const struct ue_address *address, bool present)
{
	struct kernel_netlink *netlink = context;
	int err = netif_route_set(netlink->netif, address, present);

	netlink->error = err ? netif_error(netlink->netif) : "";
	return err;
}

static const char *error(void *context)
{
	struct kernel_netlink *netlink = context;

	return netlink->error;
}

static const struct kernel_ops netlink_ops = {
	.device_get	= device_get,
	.peer_new	= peer_new,
	.peer_set	= peer_set,
	.peer_del	= peer_del,
	.peer_dump	= peer_dump,
	.assoc_new	= assoc_new,
	.assoc_set	= assoc_set,
	.assoc_del	= assoc_del,
	.assoc_get	= assoc_get,
	.assoc_dump	= assoc_dump,
	.signal_send	= signal_send,
	.addresses_set	= addresses_set,
	.l2_id_set	= l2_id_set,
	.route_set	= route_set,
	.error		= error,
};

struct kernel_netlink *kernel_netlink_open(uint32_t ifindex, const char *ifname,
					   const struct prose_nl_ops *ops, void *context,
					   char *why, size_t why_len)
{
	struct kernel_netlink *netlink = calloc(1, sizeof(*netlink));
	int err;

	if (!netlink) {
		snprintf(why, why_len, "out of memory");
		return NULL;
	}
	netlink->ifindex = ifindex;
	netlink->error = "";
	netlink->requests = prose_nl_open(why, why_len);
	if (netlink->requests)
		netlink->events = prose_nl_events_open(ops, context, why, why_len);
	if (!netlink->events) {
		kernel_netlink_close(netlink);
		return NULL;
	}
	err = prose_nl_signal_register(netlink->events, ifindex);
	if (!err)
		return netlink;
	if (err == -EBUSY)
		snprintf(why, why_len, "%s: another program owns its PC5 signalling, most likely "
			 "another prosed; stop that one first (ps -C prosed shows them)", ifname);
	else if (err == -EPERM || err == -EACCES)
		snprintf(why, why_len, "%s: not permitted; prosed needs CAP_NET_ADMIN, run it as "
			 "root or by its systemd unit", ifname);
	else if (err == -ENODEV || err == -EOPNOTSUPP)
		snprintf(why, why_len, "%s is no prose device; remove it, or name another one "
			 "with device = in the configuration", ifname);
	else
		snprintf(why, why_len, "%s: its PC5 signalling cannot be owned: %s", ifname,
			 prose_nl_error(netlink->events));
	kernel_netlink_close(netlink);
	return NULL;
}

void kernel_netlink_close(struct kernel_netlink *netlink)
{
	if (!netlink)
		return;
	prose_nl_close(netlink->events);
	prose_nl_close(netlink->requests);
	free(netlink);
}

void kernel_netlink_set_netif(struct kernel_netlink *netlink, struct netif *netif)
{
	netlink->netif = netif;
}

struct kernel kernel_netlink_kernel(struct kernel_netlink *netlink)
{
	return (struct kernel){ .ops = &netlink_ops, .context = netlink };
}

int kernel_netlink_fd(const struct kernel_netlink *netlink)
{
	return prose_nl_fd(netlink->events);
}

int kernel_netlink_dispatch(struct kernel_netlink *netlink)
{
	return said(netlink, netlink->events, prose_nl_dispatch(netlink->events));
}
