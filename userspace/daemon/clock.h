/* SPDX-License-Identifier: MIT */
/*
 * A clock that is not trusted: a UE without a battery-backed clock starts years in the past.
 * What it has seen signed is past all the same; the newest of it, the floor, is kept in a
 * file, and the time never taken to be before it.
 */
#ifndef PROSE_DAEMON_CLOCK_H
#define PROSE_DAEMON_CLOCK_H

#include <stddef.h>
#include <time.h>

#define CLOCK_DEFAULT_PATH	"/var/lib/prose/clock"

/* When this was written, so past for whoever runs it. Moves with releases. */
#define CLOCK_RELEASED		((time_t)1795651200)	/* 2026-11-26 */

/* The time, given the floor. */
time_t clock_now(time_t floor);

/*
 * Reads the floor; CLOCK_RELEASED at least, and if there is no file. -1 with a sentence when
 * there is one that cannot be understood: whoever broke it may have wanted that.
 */
int clock_read(const char *path, time_t *floor, char *why, size_t why_len);

/* Keeps it, if it is later than what the file has. 0 or -1 with a sentence. */
int clock_write(const char *path, time_t floor, char *why, size_t why_len);

#endif
