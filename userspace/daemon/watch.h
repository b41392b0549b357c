/* SPDX-License-Identifier: MIT */
/*
 * CRLs, files and folders of *.pem and *.crl, and other files of credentials whose changes are to be
 * noticed. The folders they
 * are in are watched (inotify), since a new file is written beside the old one and renamed.
 */
#ifndef PROSE_DAEMON_WATCH_H
#define PROSE_DAEMON_WATCH_H

#include <stdbool.h>
#include <stddef.h>

struct watch;

/* NULL when the kernel has no more of it to give, with a sentence in @why. */
struct watch *watch_open(char *why, size_t why_len);
void watch_close(struct watch *watch);

/* Readable when watch_changed() has something to look at. */
int watch_fd(const struct watch *watch);

/*
 * Watches these, and nothing else any more. What has changed of the earlier ones, and was not looked at, is
 * still told: they may have been read before that. 0, or -1 with a sentence: some are not watched.
 */
int watch_set(struct watch *watch, char *const *paths, size_t n, char *why, size_t why_len);

/* Takes what has come; true when one of the files may have changed. */
bool watch_changed(struct watch *watch);

#endif
