/* SPDX-License-Identifier: MIT */
/*
 * The log: standard error, with the priorities of sd-daemon(3) when the journal reads it.
 *
 * Never given a secret. What the air can cause goes through a struct log_limit, so that a
 * stranger's frames cannot fill a disk.
 */
#ifndef PROSE_DAEMON_LOG_H
#define PROSE_DAEMON_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level {		/* as syslog(3) */
	LOG_LEVEL_ERROR		= 3,
	LOG_LEVEL_WARNING	= 4,
	LOG_LEVEL_NOTICE	= 5,
	LOG_LEVEL_INFO		= 6,
	LOG_LEVEL_DEBUG		= 7,
};

/**
 * struct log_limit - bucket of lines, for one kind of message
 * @burst: lines at once
 * @refill_ms: a line more after this time
 * @tokens: lines left; starts full
 * @since_ms: when it was refilled
 * @suppressed: lines not written since the last one that was
 * @started: @tokens has been filled for the first time
 */
struct log_limit {
	unsigned int burst, refill_ms;
	unsigned int tokens;
	uint64_t since_ms;
	unsigned long suppressed;
	bool started;
};

#define LOG_LIMIT(lines, ms)	{ .burst = (lines), .refill_ms = (ms) }

/* Messages up to @level are written. Looks once whether the journal reads standard error. */
void log_init(enum log_level level);
enum log_level log_level_get(void);

void log_write(enum log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void log_limited(struct log_limit *limit, uint64_t now_ms, enum log_level level,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));

#define log_error(...)		log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...)	log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...)		log_write(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...)		log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)		log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
