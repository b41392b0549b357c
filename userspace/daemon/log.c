// SPDX-License-Identifier: MIT
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "text.h"

static enum log_level max_level = LOG_LEVEL_NOTICE;
static bool journal;

/* JOURNAL_STREAM holds device and inode of the stream (systemd.exec(5)). */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       !fstat(STDERR_FILENO, &st) && st.st_dev == device && st.st_ino == inode;
}

void log_init(enum log_level level)
{
	max_level = level;
	journal = stderr_is_journal();
}

enum log_level log_level_get(void)
{
	return max_level;
}

static void vlog(enum log_level level, unsigned long suppressed, const char *format, va_list args)
{
	char text[1024], line[1200], prefix[16] = "prosed: ";
	int len;

	if (level > max_level)
		return;
	vsnprintf(text, sizeof(text), format, args);
	text_harmless(text);
	if (journal)
		snprintf(prefix, sizeof(prefix), "<%d>", level);
	len = snprintf(line, sizeof(line), "%s%s", prefix, text);
	if (suppressed && len > 0 && (size_t)len < sizeof(line))
		len += snprintf(line + len, sizeof(line) - (size_t)len,
				" (%lu like it not shown)", suppressed);
	/* One write, so that lines of two daemons on one terminal do not mix. */
	if (len > 0 && (size_t)len < sizeof(line) - 1) {
		line[len++] = '\n';
		if (write(STDERR_FILENO, line, (size_t)len) < 0)
			return;		/* nowhere to say it */
	}
}

void log_write(enum log_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vlog(level, 0, format, args);
	va_end(args);
}

void log_limited(struct log_limit *limit, uint64_t now_ms, enum log_level level,
		 const char *format, ...)
{
	uint64_t due;
	va_list args;

	if (level > max_level)
		return;
	if (!limit->started) {
		limit->started = true;
		limit->tokens = limit->burst;
		limit->since_ms = now_ms;
	}
	due = limit->refill_ms ? (now_ms - limit->since_ms) / limit->refill_ms : limit->burst;
	if (due) {
		limit->since_ms += due * limit->refill_ms;
		limit->tokens = due + limit->tokens > limit->burst ? limit->burst :
				(unsigned int)due + limit->tokens;
	}
	if (!limit->tokens) {
		limit->suppressed++;
		return;
	}
	limit->tokens--;
	va_start(args, format);
	vlog(level, limit->suppressed, format, args);
	va_end(args);
	limit->suppressed = 0;
}
