// SPDX-License-Identifier: GPL-2.0-only
/* That a work stays on the processor it is queued on has to be asked for, 6.17. */
#include <linux/workqueue.h>

unsigned int probe(void)
{
	return WQ_PERCPU;
}
