// SPDX-License-Identifier: MIT
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "watch.h"

/* Written, put in place, linked, or gone; not what a writer is still at. */
#define CHANGES	(IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | \
		 IN_DELETE_SELF | IN_MOVE_SELF)

/* One of the paths: a folder, with @name empty, or a file in a folder. */
struct watched {
	int descriptor;
	char name[NAME_MAX + 1];
};

struct watch {
	int fd;
	struct watched *list;
	size_t n;
	bool changed;	/* one of those that were watched before */
};

struct watch *watch_open(char *why, size_t why_len)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	if (watch)
		watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (watch && watch->fd >= 0)
		return watch;
	snprintf(why, why_len, "changes of files are not noticed: %s",
		 watch ? strerror(errno) : "out of memory");
	free(watch);
	return NULL;
}

static void forget(struct watch *watch)
{
	size_t i;

	/* Two files of one folder have one descriptor; the second removal finds nothing. */
	for (i = 0; i < watch->n; i++)
		inotify_rm_watch(watch->fd, watch->list[i].descriptor);
	free(watch->list);
	watch->list = NULL;
	watch->n = 0;
}

void watch_close(struct watch *watch)
{
	if (!watch)
		return;
	forget(watch);
	close(watch->fd);
	free(watch);
}

int watch_fd(const struct watch *watch)
{
	return watch->fd;
}

/* The folder to watch, and the name in it that counts. */
static char *split(const char *path, char name[static NAME_MAX + 1])
{
	struct stat status;
	char *copy = strdup(path), *folder;

	name[0] = '\0';
	if (!copy || (!stat(path, &status) && S_ISDIR(status.st_mode)))
		return copy;
	snprintf(name, NAME_MAX + 1, "%s", basename(copy));
	free(copy);
	copy = strdup(path);
	folder = copy ? strdup(dirname(copy)) : NULL;
	free(copy);
	return folder;
}

int watch_set(struct watch *watch, char *const *paths, size_t n, char *why, size_t why_len)
{
	size_t i;
	int ret = 0;

	/* Events of watches that are gone fit no list. That those have ended is one, so somebody will ask. */
	watch->changed = watch_changed(watch);
	forget(watch);
	watch->list = calloc(n + 1, sizeof(*watch->list));
	for (i = 0; watch->list && i < n; i++) {
		struct watched *watched = &watch->list[watch->n];
		char *folder = split(paths[i], watched->name);

		watched->descriptor = folder ? inotify_add_watch(watch->fd, folder, CHANGES) : -1;
		if (watched->descriptor >= 0)
			watch->n++;
		else if (!ret)
			ret = snprintf(why, why_len, "changes of %s are not noticed: %s",
				       paths[i], folder ? strerror(errno) : "out of memory");
		free(folder);
	}
	return ret || !watch->list ? -1 : 0;
}

/* In a folder only what is read of it, or a state file there would have it read for ever. */
static bool is_crl(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && (!strcmp(dot, ".pem") || !strcmp(dot, ".crl"));
}

static bool wanted(const struct watch *watch, const struct inotify_event *event)
{
	size_t i;

	/* Events were lost: any may have been meant. */
	if (event->mask & IN_Q_OVERFLOW)
		return true;
	for (i = 0; i < watch->n; i++) {
		const struct watched *watched = &watch->list[i];

		if (watched->descriptor != event->wd)
			continue;
		if (!event->len || (watched->name[0] ? !strcmp(watched->name, event->name) :
						       is_crl(event->name)))
			return true;
	}
	return false;
}

bool watch_changed(struct watch *watch)
{
	_Alignas(struct inotify_event) char buffer[4096];
	const struct inotify_event *event;
	bool changed = watch->changed;
	ssize_t got, at;

	watch->changed = false;
	while ((got = read(watch->fd, buffer, sizeof(buffer))) > 0) {
		for (at = 0; at < got; at += (ssize_t)(sizeof(*event) + event->len)) {
			event = (const struct inotify_event *)(buffer + at);
			changed = changed || wanted(watch, event);
		}
	}
	return changed;
}
