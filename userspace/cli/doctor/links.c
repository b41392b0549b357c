// SPDX-License-Identifier: MIT
/* What rtnetlink says of links and their addresses. */
#include <stdio.h>
#include <string.h>

#include <netlink/addr.h>
#include <netlink/cache.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>

#include "doctor.h"

static struct nl_sock *open_route(void)
{
	struct nl_sock *sock = nl_socket_alloc();

	if (sock && nl_connect(sock, NETLINK_ROUTE)) {
		nl_socket_free(sock);
		return NULL;
	}
	return sock;
}

bool doctor_link_get(const char *name, int ifindex, struct doctor_link *link)
{
	struct nl_sock *sock = open_route();
	struct rtnl_link *found = NULL;
	const char *kind;

	memset(link, 0, sizeof(*link));
	if (sock && !rtnl_link_get_kernel(sock, ifindex, name, &found)) {
		kind = rtnl_link_get_type(found);
		link->ifindex = rtnl_link_get_ifindex(found);
		snprintf(link->name, sizeof(link->name), "%s", rtnl_link_get_name(found));
		snprintf(link->kind, sizeof(link->kind), "%s", kind ? kind : "");
		link->up = rtnl_link_get_flags(found) & IFF_UP;
		/* The flag follows the carrier up to a second late. */
		link->carrier = (rtnl_link_get_flags(found) & IFF_RUNNING) &&
				rtnl_link_get_carrier(found);
		link->mtu = rtnl_link_get_mtu(found);
		link->lower = rtnl_link_get_link(found);
		link->master = rtnl_link_get_master(found);
		rtnl_link_put(found);
	}
	nl_socket_free(sock);
	return link->ifindex != 0;
}

int doctor_route(const struct ue_address *address)
{
	struct nl_sock *sock = open_route();
	struct nl_addr *to = nl_addr_build(address->family == 4 ? AF_INET : AF_INET6,
					   (void *)address->addr, address->family == 4 ? 4 : 16);
	struct rtnl_route *route = NULL;
	struct rtnl_nexthop *hop;
	int ifindex = 0;

	if (sock && to && !rtnl_route_lookup(sock, to, &route)) {
		hop = rtnl_route_nexthop_n(route, 0);
		ifindex = hop ? rtnl_route_nh_get_ifindex(hop) : 0;
		rtnl_route_put(route);
	}
	nl_addr_put(to);
	nl_socket_free(sock);
	return ifindex;
}

int doctor_has_address(int ifindex, const struct ue_address *address)
{
	struct nl_sock *sock = open_route();
	struct nl_cache *cache = NULL;
	struct nl_object *object;
	struct nl_addr *local;
	int has = -1;

	if (sock && !rtnl_addr_alloc_cache(sock, &cache)) {
		has = 0;
		for (object = nl_cache_get_first(cache); object; object = nl_cache_get_next(object)) {
			local = rtnl_addr_get_local((struct rtnl_addr *)object);
			if (rtnl_addr_get_ifindex((struct rtnl_addr *)object) != ifindex || !local)
				continue;
			if (nl_addr_get_len(local) == (address->family == 4 ? 4u : 16u) &&
			    !memcmp(nl_addr_get_binary_addr(local), address->addr,
				    nl_addr_get_len(local)))
				has = 1;
		}
		nl_cache_free(cache);
	}
	nl_socket_free(sock);
	return has;
}
