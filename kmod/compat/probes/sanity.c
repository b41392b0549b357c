// SPDX-License-Identifier: GPL-2.0-only
/* Must compile everywhere, see probe.sh. */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <net/genetlink.h>

int probe(struct net_device *dev)
{
	return dev->ifindex;
}
