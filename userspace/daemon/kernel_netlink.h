/* SPDX-License-Identifier: MIT */
/* The kernel behind the seam: generic netlink by the client library, rtnetlink by netif.h. */
#ifndef PROSE_DAEMON_KERNEL_NETLINK_H
#define PROSE_DAEMON_KERNEL_NETLINK_H

#include "kernel.h"
#include "netif.h"

struct kernel_netlink;

/**
 * kernel_netlink_open() - sockets for one device, and ownership of its PC5 signalling
 * @ifindex: the device
 * @ifname: its name, for sentences
 * @ops: who is told of events
 * @context: handed to @ops
 * @why: gets a sentence with cause and cure: no module, not permitted, owned by another
 * @why_len: its size
 */
struct kernel_netlink *kernel_netlink_open(uint32_t ifindex, const char *ifname,
					   const struct prose_nl_ops *ops, void *context,
					   char *why, size_t why_len);
void kernel_netlink_close(struct kernel_netlink *netlink);

/* Addresses and routes go there. Not owned. */
void kernel_netlink_set_netif(struct kernel_netlink *netlink, struct netif *netif);

struct kernel kernel_netlink_kernel(struct kernel_netlink *netlink);

/* Descriptor for the loop; readable when kernel_netlink_dispatch() has work. */
int kernel_netlink_fd(const struct kernel_netlink *netlink);
int kernel_netlink_dispatch(struct kernel_netlink *netlink);

#endif
