/* SPDX-License-Identifier: MIT */
/* The service manager's watchdog, sd_watchdog_enabled(3): told that the loop still gets on. */
#ifndef PROSE_DAEMON_WATCHDOG_H
#define PROSE_DAEMON_WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>

#include <ev.h>

/**
 * struct watchdog - one loop's
 * @timer: when the manager is told again; not active when nobody watches
 * @progress: whether what the loop is there for gets done; NULL: the loop turning is enough
 * @context: handed to @progress
 */
struct watchdog {
	ev_timer timer;
	bool (*progress)(void *context);
	void *context;
};

/**
 * watchdog_period_ms() - how often to tell
 * @usec: WATCHDOG_USEC of the environment, or NULL
 * @watched: WATCHDOG_PID of the environment, or NULL
 * @self: own process ID
 *
 * Return: half of the time after which the manager acts, 0 when it does not watch this process.
 */
uint64_t watchdog_period_ms(const char *usec, const char *watched, long self);

/*
 * Tells from now on, for as long as @loop turns and @progress says so. A watchdog that is not
 * wanted costs nothing.
 */
void watchdog_start(struct watchdog *watchdog, struct ev_loop *loop,
		    bool (*progress)(void *context), void *context);
void watchdog_stop(struct watchdog *watchdog, struct ev_loop *loop);

#endif
