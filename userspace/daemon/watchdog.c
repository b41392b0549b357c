// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "log.h"
#include "notify.h"
#include "watchdog.h"

static bool number(const char *text, uint64_t *value)
{
	char *end;

	if (!text || *text < '0' || *text > '9')
		return false;
	errno = 0;
	*value = strtoull(text, &end, 10);
	return !errno && !*end;
}

uint64_t watchdog_period_ms(const char *usec, const char *watched, long self)
{
	uint64_t limit, pid;

	if (!number(usec, &limit))
		return 0;
	/* Without it, whoever has the variables is meant. */
	if (watched && (!number(watched, &pid) || pid != (uint64_t)self))
		return 0;
	if (limit && limit < 2000)
		return 1;
	return limit / 2000;
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
	const struct watchdog *watchdog = timer->data;

	(void)loop;
	(void)events;
	if (watchdog->progress && !watchdog->progress(watchdog->context)) {
		log_error("no progress is made; the watchdog is not told otherwise");
		return;
	}
	notify("WATCHDOG=1");
}

void watchdog_start(struct watchdog *watchdog, struct ev_loop *loop,
		    bool (*progress)(void *context), void *context)
{
	uint64_t period_ms = watchdog_period_ms(getenv("WATCHDOG_USEC"), getenv("WATCHDOG_PID"),
						getpid());

	watchdog->progress = progress;
	watchdog->context = context;
	ev_timer_init(&watchdog->timer, on_timer, (double)period_ms / 1000,
		      (double)period_ms / 1000);
	watchdog->timer.data = watchdog;
	if (period_ms)
		ev_timer_start(loop, &watchdog->timer);
}

void watchdog_stop(struct watchdog *watchdog, struct ev_loop *loop)
{
	ev_timer_stop(loop, &watchdog->timer);
}
