/* SPDX-License-Identifier: MIT */
/*
 * All of the shim. Every header of the kernel that the module's sources name leads here, so
 * that they compile unchanged; what is declared is what they use, no more.
 */
#ifndef _KSHIM_KERNEL_H
#define _KSHIM_KERNEL_H

#include <kshim/crypto.h>
#include <kshim/netlink.h>
#include <kshim/queue.h>

#endif /* _KSHIM_KERNEL_H */
