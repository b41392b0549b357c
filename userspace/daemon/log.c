// SPDX-License-Identifier: MIT
#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal.h"
#include "log.h"
#include "text.h"

static enum log_level max_level = LOG_LEVEL_NOTICE;
static bool journal;		/* reads standard error */
static int journal_fd = -1;
static log_sink *diverted;
static void *diverted_to;
static char about_device[IF_NAMESIZE];

/* JOURNAL_STREAM holds device and inode of the stream (systemd.exec(5)). */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       !fstat(STDERR_FILENO, &st) && st.st_dev == device && st.st_ino == inode;
}

void log_init_journal(enum log_level level, const char *path)
{
	if (journal_fd >= 0)
		close(journal_fd);
	max_level = level;
	journal = stderr_is_journal();
	journal_fd = journal ? journal_open(path) : -1;
}

void log_init(enum log_level level)
{
	log_init_journal(level, JOURNAL_SOCKET);
}

void log_divert(log_sink *sink, void *context)
{
	diverted = sink;
	diverted_to = context;
}

void log_device(const char *ifname)
{
	snprintf(about_device, sizeof(about_device), "%s", ifname);
}

enum log_level log_level_get(void)
{
	return max_level;
}

static bool to_journal(enum log_level level, const char *text, const struct log_about *about)
{
	char priority[] = { (char)('0' + level), '\0' };
	const struct journal_field fields[] = {
		{ "MESSAGE", text },
		{ "PRIORITY", priority },
		{ "SYSLOG_IDENTIFIER", "prosed" },
		{ "PROSE_DEVICE", about_device[0] ? about_device : NULL },
		{ "PROSE_PEER", about && about->peer && about->peer[0] ? about->peer : NULL },
		{ "PROSE_L2_ID", about ? about->l2_id : NULL },
		{ "PROSE_EVENT", about ? about->event : NULL },
		{ 0 }
	};
	int saved = errno;	/* a message may tell of it next */
	bool sent;

	if (journal_fd < 0)
		return false;
	sent = journal_send(journal_fd, fields);
	errno = saved;
	return sent;
}

static void vlog(enum log_level level, const struct log_about *about, unsigned long suppressed,
		 const char *format, va_list args)
{
	char text[1100], line[1200], prefix[16] = "prosed: ";
	int len;

	if (level > max_level)
		return;
	vsnprintf(text, 1024, format, args);
	text_harmless(text);
	if (suppressed)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 " (%lu like it not shown)", suppressed);
	if (diverted) {
		diverted(diverted_to, level, text);
		return;
	}
	if (to_journal(level, text, about))
		return;
	if (journal)
		snprintf(prefix, sizeof(prefix), "<%d>", level);
	len = snprintf(line, sizeof(line), "%s%s", prefix, text);
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
	vlog(level, NULL, 0, format, args);
	va_end(args);
}

/* Takes one of the bucket's lines; false when there is none. */
static bool take(struct log_limit *limit, uint64_t now_ms)
{
	uint64_t due;

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
		return false;
	}
	limit->tokens--;
	return true;
}

void log_limited(struct log_limit *limit, uint64_t now_ms, enum log_level level,
		 const char *format, ...)
{
	va_list args;

	if (level > max_level || !take(limit, now_ms))
		return;
	va_start(args, format);
	vlog(level, NULL, limit->suppressed, format, args);
	va_end(args);
	limit->suppressed = 0;
}

void log_limited_about(struct log_limit *limit, uint64_t now_ms, enum log_level level,
		       const struct log_about *about, const char *format, ...)
{
	va_list args;

	if (level > max_level || !take(limit, now_ms))
		return;
	va_start(args, format);
	vlog(level, about, limit->suppressed, format, args);
	va_end(args);
	limit->suppressed = 0;
}
