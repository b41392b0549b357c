// SPDX-License-Identifier: GPL-2.0-only
/* The registration state is an octet of its own, no bit-field: 6.9, and late 6.1.y. */
#include <linux/netdevice.h>

bool probe(struct net_device *dev)
{
	return READ_ONCE(dev->reg_state) == NETREG_REGISTERED;
}
