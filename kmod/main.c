// SPDX-License-Identifier: GPL-2.0-only
/* prose: 3GPP ProSe sidelink security. Module start and end. */

#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>
#include <net/rtnetlink.h>

#include <linux/prose.h>

#include "assoc.h"
#include "device.h"
#include "netlink.h"
#include "parallel.h"

struct workqueue_struct *prose_wq;

static int __init prose_init(void)
{
	int err;

	prose_wq = alloc_workqueue("prose", WQ_UNBOUND, 0);
	if (!prose_wq)
		return -ENOMEM;

	err = prose_parallel_init();
	if (err)
		goto err_parallel;
	err = prose_netlink_init();
	if (err)
		goto err_netlink;

	err = prose_device_init();
	if (err)
		goto err_device;

	return 0;

err_device:
	prose_netlink_exit();
err_netlink:
	prose_parallel_exit();
err_parallel:
	destroy_workqueue(prose_wq);
	return err;
}

static void __exit prose_exit(void)
{
	/* Waits for the last packets of all devices, and for requests that hold one. */
	prose_device_exit();
	prose_netlink_exit();
	/* Those packets may have been the last thing that a serial part did. */
	prose_parallel_exit();
	/*
	 * Associations were queued for freeing by RCU and are on the workqueue after it;
	 * freeing them may have freed peers, by RCU again.
	 */
	rcu_barrier();
	destroy_workqueue(prose_wq);
	rcu_barrier();
}

module_init(prose_init);
module_exit(prose_exit);

MODULE_DESCRIPTION("3GPP ProSe sidelink security");
MODULE_AUTHOR("The prose authors");
MODULE_LICENSE("GPL");
MODULE_ALIAS_RTNL_LINK("prose");
MODULE_ALIAS_GENL_FAMILY(PROSE_FAMILY_NAME);
/* By modprobe; insmod leaves it to the user, and algs.c to what is there without. */
MODULE_SOFTDEP("pre: prose_aes");
