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
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define BITS_PER_LONG		((u32)(sizeof(long) * CHAR_BIT))
#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, val)	(*(volatile __typeof__(x) *)&(x) = (val))

#endif

#endif /* _PROSE_SHIM_H */
