/* SPDX-License-Identifier: MIT */
/*
 * What method mikey-sakke remembers of messages, in a file beside the store, for the time after a
 * restart. Nothing in it is secret. Its size is bounded as that of the replay cache is.
 */
#ifndef PROSE_DAEMON_REPLAY_FILE_H
#define PROSE_DAEMON_REPLAY_FILE_H

#include <stddef.h>
#include <time.h>

#include "keying/keying.h"

#define REPLAY_FILE_SUFFIX	".replay"

/**
 * replay_file_read() - what an earlier run has remembered
 * @store: file name of the store; NULL when nothing is kept
 * @method: the method, new
 * @now: the time
 * @why: gets a sentence when it cannot be read
 * @why_len: its size
 *
 * Without a file nothing was ever taken.
 *
 * Return: 0; or -1 when there is one that cannot be read, and then no message is taken for some time.
 */
int replay_file_read(const char *store, const struct keying_method *method, time_t now, char *why,
		     size_t why_len);

/* Writes it, at once or not at all. 0, also without a store, or -1 with a sentence in @why. */
int replay_file_write(const char *store, const struct keying_method *method, char *why,
		      size_t why_len);

#endif
