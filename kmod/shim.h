/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What pdcp.c and replay.c need of their surroundings. Both are pure and also
 * compile in userspace, for the unit tests.
 */
#ifndef _PROSE_SHIM_H
#define _PROSE_SHIM_H

#ifdef __KERNEL__

#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>

#else

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;

#define BITS_PER_LONG		((u32)(sizeof(long) * CHAR_BIT))
/* The tests have one thread. */
#define READ_ONCE(x)		(x)
#define WRITE_ONCE(x, val)	((x) = (val))

#endif

#endif /* _PROSE_SHIM_H */
