/* SPDX-License-Identifier: MIT */
/*
 * The log: standard error. When the journal reads that, messages go to it directly, with fields
 * (prosed(8)); what it does not take goes to standard error all the same, with the priorities of
 * sd-daemon(3).
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

/**
 * struct log_about - what a message is about, for the journal's fields; NULL is none
 * @peer: identity of the peer
 * @l2_id: its Layer-2 ID, in words
 * @event: as in the control protocol
 */
struct log_about {
	const char *peer, *l2_id, *event;
};

/* Messages up to @level are written. Looks once whether the journal reads standard error. */
void log_init(enum log_level level);
/* The same, with a journal that listens elsewhere, for tests; may be called again. */
void log_init_journal(enum log_level level, const char *path);
/*
 * Messages go there instead, for who reads files as prosed does but has no log. NULL: to the log
 * again.
 */
typedef void log_sink(void *context, enum log_level level, const char *text);
void log_divert(log_sink *sink, void *context);
/* The device that all messages are about from now on. */
void log_device(const char *ifname);
enum log_level log_level_get(void);

void log_write(enum log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void log_limited(struct log_limit *limit, uint64_t now_ms, enum log_level level,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));
void log_limited_about(struct log_limit *limit, uint64_t now_ms, enum log_level level,
		       const struct log_about *about, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

#define log_error(...)		log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...)	log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...)		log_write(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...)		log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)		log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
