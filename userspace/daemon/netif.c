// SPDX-License-Identifier: MIT
/*
 * Two netlink sockets: one asks, one listens to the link group, so that news never comes
 * between a request and its answer.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <netlink/addr.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/inet6.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <linux/if_link.h>
#include <linux/prose.h>
#include <linux/rtnetlink.h>

#include "log.h"
#include "netif.h"
#include "text.h"

struct netif {
	struct nl_sock *requests, *events;
	struct netif_ops ops;
	void *context;
	char ifname[IF_NAMESIZE];
	int ifindex;
	bool created;		/* by this or an earlier run: removed at the end */
	bool gone, running;
	bool lower_elsewhere;
	struct config_address added[NETIF_ADDED_MAX];
	size_t n_added;
	char error[256];
};

static int failed(struct netif *netif, const char *what, int err)
{
	snprintf(netif->error, sizeof(netif->error), "%s: %s: %s", netif->ifname, what,
		 nl_geterror(err));
	switch (-err) {
	case NLE_NODEV:
	case NLE_OBJ_NOTFOUND:
		return -ENODEV;
	case NLE_PERM:
	case NLE_NOACCESS:
		return -EPERM;
	case NLE_NOMEM:
		return -ENOMEM;
	default:
		return -EIO;
	}
}

void netif_local_address(uint32_t l2_id, uint8_t address[static 16])
{
	memset(address, 0, 16);
	address[0] = 0xfe;
	address[1] = 0x80;
	address[8] = 0x02;
	address[11] = 0xff;
	address[12] = 0xfe;
	address[13] = (uint8_t)(l2_id >> 16);
	address[14] = (uint8_t)(l2_id >> 8);
	address[15] = (uint8_t)l2_id;
}

uint32_t netif_local_from(const struct ue_address *address)
{
	uint32_t l2_id = (uint32_t)address->addr[13] << 16 | (uint32_t)address->addr[14] << 8 |
			 address->addr[15];
	uint8_t same[16];

	netif_local_address(l2_id, same);
	return address->family == 6 && !memcmp(same, address->addr, 16) ? l2_id : 0;
}

static struct nl_addr *nl_address(const struct ue_address *address, unsigned int prefix)
{
	struct nl_addr *nl = nl_addr_build(address->family == 4 ? AF_INET : AF_INET6,
					   address->addr, address->family == 4 ? 4 : 16);

	if (nl)
		nl_addr_set_prefixlen(nl, (int)prefix);
	return nl;
}

static int address_change(struct netif *netif, const struct config_address *own, bool add)
{
	struct nl_addr *local = nl_address(&own->address, own->prefix);
	struct rtnl_addr *address = rtnl_addr_alloc();
	int err = -NLE_NOMEM;

	if (local && address) {
		rtnl_addr_set_ifindex(address, netif->ifindex);
		err = rtnl_addr_set_local(address, local);
		/* No duplicate address detection: nobody answers before there is a link. */
		if (!err && own->address.family == 6)
			rtnl_addr_set_flags(address, IFA_F_NODAD);
		if (!err && add)
			err = rtnl_addr_add(netif->requests, address, 0);
		else if (!err)
			err = rtnl_addr_delete(netif->requests, address, 0);
	}
	nl_addr_put(local);
	rtnl_addr_put(address);
	return err;
}

static bool named(const struct config_address *own, const struct config_address *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (own->prefix == list[i].prefix &&
		    text_address_equal(&own->address, &list[i].address))
			return true;
	return false;
}

static int address_add(struct netif *netif, const struct config_address *own)
{
	char what[TEXT_ADDRESS_LEN + 64], buffer[TEXT_ADDRESS_LEN];
	int err = address_change(netif, own, true);

	if (err == -NLE_EXIST)
		return 0;	/* somebody else's: left in place at the end */
	if (err) {
		snprintf(what, sizeof(what), "address %s/%u cannot be added",
			 text_address(&own->address, buffer), own->prefix);
		return failed(netif, what, err);
	}
	if (!named(own, netif->added, netif->n_added) &&
	    netif->n_added < sizeof(netif->added) / sizeof(netif->added[0]))
		netif->added[netif->n_added++] = *own;
	return 0;
}

int netif_addresses_set(struct netif *netif, const struct config_address *addresses, size_t n)
{
	size_t i, kept = 0;
	int err;

	for (i = 0; i < netif->n_added; i++) {
		struct config_address *own = &netif->added[i];

		if (text_address_link_local(&own->address) || named(own, addresses, n))
			netif->added[kept++] = *own;
		else
			address_change(netif, own, false);	/* gone already is as good */
	}
	netif->n_added = kept;
	/* All of them: the kernel drops IPv6 addresses when the device goes down. */
	for (i = 0; i < n; i++) {
		err = address_add(netif, &addresses[i]);
		if (err)
			return err;
	}
	return 0;
}

/* The link-local address that follows from the old Layer-2 ID goes, if it was added here. */
static void follow(struct netif *netif, uint32_t l2_id)
{
	struct config_address local = { .address.family = 6, .prefix = 64 };
	size_t i, kept = 0;

	for (i = 0; i < netif->n_added; i++) {
		if (text_address_link_local(&netif->added[i].address))
			address_change(netif, &netif->added[i], false);
		else
			netif->added[kept++] = netif->added[i];
	}
	netif->n_added = kept;
	netif_local_address(l2_id, local.address.addr);
	address_add(netif, &local);	/* fails on a host without IPv6: then there are none */
}

int netif_l2_id_set(struct netif *netif, uint32_t l2_id, bool follow_it)
{
	uint8_t octets[3] = { (uint8_t)(l2_id >> 16), (uint8_t)(l2_id >> 8), (uint8_t)l2_id };
	struct nl_addr *address = nl_addr_build(AF_UNSPEC, octets, sizeof(octets));
	struct rtnl_link *have = NULL, *change = rtnl_link_alloc();
	int err = -NLE_NOMEM;

	if (address && change) {
		rtnl_link_set_addr(change, address);
		err = rtnl_link_get_kernel(netif->requests, netif->ifindex, NULL, &have);
		if (!err)
			err = rtnl_link_change(netif->requests, have, change, 0);
	}
	rtnl_link_put(have);
	rtnl_link_put(change);
	nl_addr_put(address);
	if (!err) {
		if (follow_it)
			follow(netif, l2_id);
		return 0;
	}
	failed(netif, "its Layer-2 ID cannot be changed", err);
	return err == -NLE_EXIST ? -EADDRINUSE : -EIO;
}

int netif_route_set(struct netif *netif, const struct ue_address *address, bool present)
{
	struct nl_addr *destination = nl_address(address, address->family == 4 ? 32 : 128);
	struct rtnl_route *route = rtnl_route_alloc();
	struct rtnl_nexthop *nexthop = rtnl_route_nh_alloc();
	char what[TEXT_ADDRESS_LEN + 64], buffer[TEXT_ADDRESS_LEN];
	int err = -NLE_NOMEM;

	if (destination && route && nexthop) {
		rtnl_route_set_family(route, address->family == 4 ? AF_INET : AF_INET6);
		rtnl_route_set_scope(route, address->family == 4 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE);
		rtnl_route_set_table(route, RT_TABLE_MAIN);
		rtnl_route_set_protocol(route, NETIF_PROTOCOL);
		rtnl_route_set_dst(route, destination);
		rtnl_route_nh_set_ifindex(nexthop, netif->ifindex);
		rtnl_route_add_nexthop(route, nexthop);	/* takes it over */
		nexthop = NULL;
		err = present ? rtnl_route_add(netif->requests, route, NLM_F_REPLACE) :
				rtnl_route_delete(netif->requests, route, 0);
	}
	if (nexthop)
		rtnl_route_nh_free(nexthop);
	rtnl_route_put(route);
	nl_addr_put(destination);
	if (!err || (!present && (err == -NLE_OBJ_NOTFOUND || err == -NLE_NODEV)))
		return 0;
	snprintf(what, sizeof(what), "the route to %s cannot be %s",
		 text_address(address, buffer), present ? "added" : "removed");
	return failed(netif, what, err);
}

struct sweep {
	struct netif *netif;
	const struct config *config;
	bool (*wanted)(const struct config *config, const struct ue_address *address);
};

static void sweep_one(struct nl_object *object, void *context)
{
	struct rtnl_route *route = (struct rtnl_route *)object;
	struct rtnl_nexthop *nexthop = rtnl_route_nexthop_n(route, 0);
	struct nl_addr *destination = rtnl_route_get_dst(route);
	struct sweep *sweep = context;
	struct ue_address address = { 0 };

	if (rtnl_route_get_protocol(route) != NETIF_PROTOCOL || !nexthop || !destination ||
	    rtnl_route_nh_get_ifindex(nexthop) != sweep->netif->ifindex ||
	    nl_addr_get_len(destination) > sizeof(address.addr))
		return;
	address.family = rtnl_route_get_family(route) == AF_INET ? 4 : 6;
	memcpy(address.addr, nl_addr_get_binary_addr(destination), nl_addr_get_len(destination));
	if (!sweep->wanted(sweep->config, &address))
		netif_route_set(sweep->netif, &address, false);
}

void netif_routes_sweep(struct netif *netif, const struct config *config,
			bool (*wanted)(const struct config *config,
				       const struct ue_address *address))
{
	struct sweep sweep = { netif, config, wanted };
	struct nl_cache *routes;

	if (rtnl_route_alloc_cache(netif->requests, AF_UNSPEC, 0, &routes))
		return;
	nl_cache_foreach(routes, sweep_one, &sweep);
	nl_cache_free(routes);
}

static bool kind_is_prose(struct rtnl_link *nl)
{
	const char *kind = rtnl_link_get_type(nl);

	return kind && !strcmp(kind, "prose");
}

/* News of the link group. */
static int on_message(struct nl_msg *message, void *context)
{
	const struct nlmsghdr *header = nlmsg_hdr(message);
	struct netif *netif = context;
	const struct ifinfomsg *info;
	bool running;

	if (header->nlmsg_type != RTM_NEWLINK && header->nlmsg_type != RTM_DELLINK)
		return NL_OK;
	if (!nlmsg_valid_hdr(header, sizeof(*info)))
		return NL_OK;
	info = nlmsg_data(header);
	if (info->ifi_index != netif->ifindex || info->ifi_family != AF_UNSPEC)
		return NL_OK;
	if (header->nlmsg_type == RTM_DELLINK) {
		if (!netif->gone)
			netif->ops.gone(netif->context);
		netif->gone = true;
		return NL_OK;
	}
	running = (info->ifi_flags & IFF_UP) && (info->ifi_flags & IFF_RUNNING);
	if (running != netif->running)
		netif->ops.running(netif->context, running);
	netif->running = running;
	return NL_OK;
}

static int open_sockets(struct netif *netif)
{
	int err;

	netif->requests = nl_socket_alloc();
	netif->events = nl_socket_alloc();
	if (!netif->requests || !netif->events)
		return -NLE_NOMEM;
	err = nl_connect(netif->requests, NETLINK_ROUTE);
	if (err)
		return err;
	nl_socket_disable_seq_check(netif->events);
	nl_socket_modify_cb(netif->events, NL_CB_VALID, NL_CB_CUSTOM, on_message, netif);
	err = nl_connect(netif->events, NETLINK_ROUTE);
	if (!err)
		err = nl_socket_add_memberships(netif->events, RTNLGRP_LINK, 0);
	if (!err)
		err = nl_socket_set_nonblocking(netif->events);
	fcntl(nl_socket_get_fd(netif->requests), F_SETFD, FD_CLOEXEC);
	fcntl(nl_socket_get_fd(netif->events), F_SETFD, FD_CLOEXEC);
	return err;
}

static int put_address(struct nl_msg *msg, int v4, int v6, const struct ue_address *address)
{
	if (address->family == 4)
		return nla_put(msg, v4, 4, address->addr);
	return address->family == 6 ? nla_put(msg, v6, 16, address->addr) : 0;
}

static int put_udp(struct nl_msg *msg, const struct config_udp *udp)
{
	size_t i;

	for (i = 0; i < udp->n_local; i++)
		if (put_address(msg, IFLA_PROSE_LOCAL, IFLA_PROSE_LOCAL6, &udp->local[i]))
			return -NLE_NOMEM;
	if (nla_put_u32(msg, IFLA_PROSE_CARRIER, PROSE_CARRIER_UDP) ||
	    nla_put_u16(msg, IFLA_PROSE_PORT, htons(udp->port)))
		return -NLE_NOMEM;
	if (!udp->remote.family)
		return 0;
	if (put_address(msg, IFLA_PROSE_REMOTE, IFLA_PROSE_REMOTE6, &udp->remote) ||
	    nla_put_u16(msg, IFLA_PROSE_REMOTE_PORT, htons(udp->remote_port)))
		return -NLE_NOMEM;
	return 0;
}

/* libnl knows no settings of prose links, so the message is made here. */
static int add_link(struct netif *netif, const struct config *config, int lower)
{
	struct ifinfomsg ifm = { .ifi_family = AF_UNSPEC };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	struct nlattr *info, *data;

	if (!msg || nlmsg_append(msg, &ifm, sizeof(ifm), NLMSG_ALIGNTO) ||
	    nla_put_string(msg, IFLA_IFNAME, config->device) ||
	    (lower && nla_put_u32(msg, IFLA_LINK, (uint32_t)lower)))
		goto nomem;
	info = nla_nest_start(msg, IFLA_LINKINFO);
	if (!info || nla_put_string(msg, IFLA_INFO_KIND, "prose"))
		goto nomem;
	if (config->udp.present) {
		data = nla_nest_start(msg, IFLA_INFO_DATA);
		if (!data || put_udp(msg, &config->udp))
			goto nomem;
		nla_nest_end(msg, data);
	}
	nla_nest_end(msg, info);
	/* Frees it. */
	return nl_send_sync(netif->requests, msg);
nomem:
	nlmsg_free(msg);
	return -NLE_NOMEM;
}

static int create(struct netif *netif, const struct config *config, bool *absent,
		  char *why, size_t why_len)
{
	int lower = config->lower[0] ? (int)if_nametoindex(config->lower) : 0, err;

	if (!lower && config->lower[0]) {
		*absent = true;
		snprintf(why, why_len, "%s: the lower device %s does not exist; make it (ip link), "
			 "start what makes it, or name another with lower = in %s",
			 config->device, config->lower, config->path);
		return -1;
	}
	err = add_link(netif, config, lower);
	if (!err) {
		netif->created = true;
		return 0;
	}
	*absent = err == -NLE_NOADDR && config->udp.present;
	if (err == -NLE_OPNOTSUPP)
		snprintf(why, why_len, "the kernel has no prose devices; load the module: "
			 "modprobe prose (or insmod prose.ko)");
	else if (err == -NLE_PERM)
		snprintf(why, why_len, "%s cannot be made: not permitted; prosed needs "
			 "CAP_NET_ADMIN, run it as root or by its systemd unit", config->device);
	else if (err == -NLE_EXIST && config->udp.present)
		snprintf(why, why_len, "%s cannot be made: UDP port %u is in use; end what uses it, "
			 "or write another port in section udp of %s", config->device,
			 config->udp.port, config->path);
	else if (*absent)
		snprintf(why, why_len, "%s cannot be made: this host has not the address that local "
			 "in section udp of %s names; add it, or leave local out", config->device,
			 config->path);
	else if (config->udp.present)
		snprintf(why, why_len, "%s cannot be made on UDP: %s; are local and remote in "
			 "section udp of %s right?", config->device, nl_geterror(err), config->path);
	else
		snprintf(why, why_len, "%s cannot be made above %s: %s", config->device,
			 config->lower, nl_geterror(err));
	return -1;
}

static uint32_t l2_id_of(struct rtnl_link *nl)
{
	struct nl_addr *address = rtnl_link_get_addr(nl);
	const uint8_t *octets;

	if (!address || nl_addr_get_len(address) != 3)
		return 0;
	octets = nl_addr_get_binary_addr(address);
	return (uint32_t)octets[0] << 16 | (uint32_t)octets[1] << 8 | octets[2];
}

/* Changes what the configuration wants different: Layer-2 ID, no address made by the kernel. */
static int adjust(struct netif *netif, struct rtnl_link *have, const struct config *config,
		  char *why, size_t why_len)
{
	uint8_t octets[3] = { (uint8_t)(config->l2_id >> 16), (uint8_t)(config->l2_id >> 8),
			      (uint8_t)config->l2_id };
	struct rtnl_link *change = rtnl_link_alloc();
	struct nl_addr *address = NULL;
	char id[TEXT_L2_ID_LEN];
	int err = -NLE_NOMEM;

	if (!change)
		goto out;
	/*
	 * The link-local address must follow from the Layer-2 ID, so that it is the same
	 * at both ends; the kernel would make a random one.
	 */
	err = rtnl_link_inet6_set_addr_gen_mode(change, IN6_ADDR_GEN_MODE_NONE);
	if (!err)
		err = rtnl_link_change(netif->requests, have, change, 0);
	if (err && err != -NLE_OPNOTSUPP && err != -NLE_PERM && err != -NLE_NOACCESS)
		err = 0;	/* no IPv6 here */
	if (err || !config->l2_id || l2_id_of(have) == config->l2_id)
		goto out;
	rtnl_link_put(change);
	change = rtnl_link_alloc();
	address = nl_addr_build(AF_UNSPEC, octets, sizeof(octets));
	if (!change || !address) {
		err = -NLE_NOMEM;
		goto out;
	}
	rtnl_link_set_addr(change, address);
	err = rtnl_link_change(netif->requests, have, change, 0);
	if (err) {
		snprintf(why, why_len, "%s: the Layer-2 ID cannot be set to %s: %s; ip link set %s "
			 "down may help, or leave layer2-id out of %s", config->device,
			 text_l2_id(config->l2_id, id), nl_geterror(err), config->device,
			 config->path);
		goto out_said;
	}
out:
	if (err == -NLE_PERM || err == -NLE_NOACCESS)
		snprintf(why, why_len, "%s: not permitted to change it; prosed needs "
			 "CAP_NET_ADMIN, run it as root or by its systemd unit", config->device);
	else if (err)
		snprintf(why, why_len, "%s cannot be changed: %s", config->device, nl_geterror(err));
out_said:
	nl_addr_put(address);
	rtnl_link_put(change);
	return err ? -1 : 0;
}

/*
 * Whether a device that an earlier run made is what the configuration wants, as far as it cannot
 * be changed into that: above another device, or known to peers by another Layer-2 ID.
 */
static bool fits(struct rtnl_link *have, const struct config *config)
{
	int32_t netns_id;

	if (!kind_is_prose(have))
		return true;	/* none of ours */
	if (config->l2_id && l2_id_of(have) != config->l2_id)
		return false;
	/* The index means nothing here when the lower device stayed in another namespace. */
	return !config->lower[0] || !rtnl_link_get_link_netnsid(have, &netns_id) ||
	       rtnl_link_get_link(have) == (int)if_nametoindex(config->lower);
}

/* Links lasted until now because it did; as it is, they are of no use any more. */
static void remove_unfit(struct netif *netif, struct rtnl_link **have,
			 const struct config *config)
{
	if (fits(*have, config))
		return;
	log_warning("%s was made for another configuration; it is made anew, and its links end",
		    config->device);
	rtnl_link_delete(netif->requests, *have);
	rtnl_link_put(*have);
	*have = NULL;
}

struct netif *netif_open(const struct config *config, bool created_before,
		       const struct netif_ops *ops, void *context, bool *absent,
		       char *why, size_t why_len)
{
	struct netif *netif = calloc(1, sizeof(*netif));
	struct rtnl_link *have = NULL;
	int32_t netns_id;
	int err;

	*absent = false;
	if (!netif) {
		snprintf(why, why_len, "out of memory");
		return NULL;
	}
	netif->ops = *ops;
	netif->context = context;
	snprintf(netif->ifname, sizeof(netif->ifname), "%s", config->device);
	err = open_sockets(netif);
	if (err) {
		snprintf(why, why_len, "no rtnetlink socket: %s", nl_geterror(err));
		goto fail;
	}
	err = rtnl_link_get_kernel(netif->requests, 0, config->device, &have);
	if (!err && created_before) {
		remove_unfit(netif, &have, config);
		err = have ? 0 : -NLE_OBJ_NOTFOUND;
	}
	if (err && (config->lower[0] || config->udp.present)) {
		if (create(netif, config, absent, why, why_len))
			goto fail;
		err = rtnl_link_get_kernel(netif->requests, 0, config->device, &have);
	} else if (!err) {
		netif->created = created_before;
	}
	if (err) {
		*absent = true;
		snprintf(why, why_len, "%s does not exist; make it: ip link add link LOWER name %s "
			 "type prose, or write lower = \"LOWER\" or udp { } in %s and prosed makes it",
			 config->device, config->device, config->path);
		goto fail;
	}
	netif->ifindex = rtnl_link_get_ifindex(have);
	netif->lower_elsewhere = !rtnl_link_get_link_netnsid(have, &netns_id);
	if (!kind_is_prose(have)) {
		snprintf(why, why_len, "%s is no prose device; remove it, or name another one with "
			 "device = in %s", config->device, config->path);
		goto fail;
	}
	if (adjust(netif, have, config, why, why_len))
		goto fail;
	rtnl_link_put(have);
	return netif;
fail:
	rtnl_link_put(have);
	netif_close(netif, true);
	return NULL;
}

int netif_readdress(struct netif *netif, const struct config *config, char *why, size_t why_len)
{
	struct config_address local = { .address.family = 6, .prefix = 64 };
	struct rtnl_link *have = NULL;
	size_t i;

	if (!rtnl_link_get_kernel(netif->requests, netif->ifindex, NULL, &have)) {
		netif_local_address(l2_id_of(have), local.address.addr);
		/* The one there was stays: links that were taken over depend on it. */
		for (i = 0; i < netif->n_added; i++)
			if (netif_local_from(&netif->added[i].address))
				local = netif->added[i];
		address_add(netif, &local);	/* fails on a host without IPv6: then there are none */
		rtnl_link_put(have);
	}
	if (!netif_addresses_set(netif, config->addresses, config->n_addresses))
		return 0;
	snprintf(why, why_len, "%s", netif->error);
	return -1;
}

int netif_up(struct netif *netif, const struct config *config, char *why, size_t why_len)
{
	struct rtnl_link *have = NULL, *change = NULL;
	int err;

	err = rtnl_link_get_kernel(netif->requests, netif->ifindex, NULL, &have);
	if (!err)
		change = rtnl_link_alloc();
	if (!err && !change)
		err = -NLE_NOMEM;
	if (!err) {
		rtnl_link_set_flags(change, IFF_UP);
		err = rtnl_link_change(netif->requests, have, change, 0);
	}
	rtnl_link_put(change);
	rtnl_link_put(have);
	if (!err)
		return netif_readdress(netif, config, why, why_len);
	snprintf(why, why_len, "%s cannot be set up: %s; is its lower device up?", netif->ifname,
		 nl_geterror(err));
	return -1;
}

void netif_close(struct netif *netif, bool clean)
{
	struct rtnl_link *nl;
	size_t i;

	if (!netif)
		return;
	if (clean && !netif->gone && netif->ifindex) {
		for (i = 0; i < netif->n_added; i++)
			address_change(netif, &netif->added[i], false);
		nl = netif->created ? rtnl_link_alloc() : NULL;
		if (nl) {
			rtnl_link_set_ifindex(nl, netif->ifindex);
			rtnl_link_delete(netif->requests, nl);
			rtnl_link_put(nl);
		}
	}
	nl_socket_free(netif->events);
	nl_socket_free(netif->requests);
	free(netif);
}

void netif_added_before(struct netif *netif, const struct config_address *added, size_t n)
{
	size_t i;

	for (i = 0; i < n && netif->n_added < sizeof(netif->added) / sizeof(netif->added[0]); i++)
		netif->added[netif->n_added++] = added[i];
}

const struct config_address *netif_added(const struct netif *netif, size_t *n)
{
	*n = netif->n_added;
	return netif->added;
}

uint32_t netif_ifindex(const struct netif *netif)
{
	return (uint32_t)netif->ifindex;
}

bool netif_created(const struct netif *netif)
{
	return netif->created;
}

bool netif_lower_elsewhere(const struct netif *netif)
{
	return netif->lower_elsewhere;
}

int netif_fd(const struct netif *netif)
{
	return nl_socket_get_fd(netif->events);
}

void netif_dispatch(struct netif *netif)
{
	struct rtnl_link *nl = NULL;

	if (nl_recvmsgs_default(netif->events) != -NLE_NOMEM || netif->gone)
		return;
	/* ENOBUFS: news was lost; the one that matters is whether the device is still there. */
	if (rtnl_link_get_kernel(netif->requests, netif->ifindex, NULL, &nl)) {
		netif->gone = true;
		netif->ops.gone(netif->context);
	}
	rtnl_link_put(nl);
}

const char *netif_error(const struct netif *netif)
{
	return netif->error;
}
