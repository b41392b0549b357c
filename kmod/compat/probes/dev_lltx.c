// SPDX-License-Identifier: GPL-2.0-only
/* Lockless transmission is a member of its own, 6.12. */
#include <linux/netdevice.h>

void probe(struct net_device *dev)
{
	dev->lltx = true;
}
