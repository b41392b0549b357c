/* SPDX-License-Identifier: MIT */
/* Where a program of a guest says what of it is to be counted by executed.c. */
#ifndef PROSE_BENCH_MARKS_H
#define PROSE_BENCH_MARKS_H

/*
 * Instructions that do nothing: nopl with a displacement that a compiler has no use for. Without
 * the plugin they are no more than that.
 */
#define MARK_LEN	7
#define MARK_START	0x0f, 0x1f, 0x80, 0x01, 0x50, 0x52, 0x00
#define MARK_END	0x0f, 0x1f, 0x80, 0x02, 0x50, 0x52, 0x00

#ifdef __x86_64__
#define MARK_TEXT(...)	#__VA_ARGS__
#define MARK_BYTES(...)	MARK_TEXT(__VA_ARGS__)
#define MARK(which)	__asm__ volatile(".byte " MARK_BYTES(which) : : : "memory")
#else
#define MARK(which)	((void)0)
#endif

#endif
