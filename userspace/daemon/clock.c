// SPDX-License-Identifier: MIT
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "keying/file.h"

#define FORMAT		"%Y-%m-%dT%H:%M:%SZ"
#define TEXT_LEN	24

time_t clock_now(time_t floor)
{
	time_t now = time(NULL);

	return now > floor ? now : floor;
}

static int parse(const char *text, time_t *floor)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, FORMAT, &tm);

	if (!end || strcmp(end, "\n"))
		return -1;
	*floor = timegm(&tm);
	return 0;
}

int clock_read(const char *path, time_t *floor, char *why, size_t why_len)
{
	struct keying_file file;
	time_t kept = 0;
	int ret;

	*floor = CLOCK_RELEASED;
	if (access(path, F_OK) && errno == ENOENT)
		return 0;
	if (keying_file_read(path, false, &file, why, why_len))
		return -1;
	ret = parse(file.data, &kept);
	keying_file_free(&file);
	if (ret) {
		snprintf(why, why_len, "%s: is not one line with a time such as "
			 "2026-11-26T00:00:00Z; write the present one, or remove the file to begin "
			 "with what the CRLs prove", path);
		return -1;
	}
	if (kept > *floor)
		*floor = kept;
	return 0;
}

/* The folder may be missing where no systemd made it. */
static void make_folder(const char *path)
{
	char *copy = strdup(path);

	if (copy)
		mkdir(dirname(copy), 0755);
	free(copy);
}

int clock_write(const char *path, time_t floor, char *why, size_t why_len)
{
	char text[TEXT_LEN];
	time_t kept;
	struct tm tm;
	size_t len;

	if (!access(path, F_OK)) {
		if (clock_read(path, &kept, why, why_len))
			return -1;
		if (kept >= floor)
			return 0;
	} else {
		make_folder(path);
	}
	len = gmtime_r(&floor, &tm) ? strftime(text, sizeof(text) - 1, FORMAT, &tm) : 0;
	if (!len) {
		snprintf(why, why_len, "%s: the time cannot be written", path);
		return -1;
	}
	text[len++] = '\n';
	return keying_file_write(path, text, len, 0644, true, why, why_len);
}
