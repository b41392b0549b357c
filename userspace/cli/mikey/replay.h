/* SPDX-License-Identifier: MIT */
/*
 * What was opened before, in the file of --replay. From when it is read until it is closed nobody else can
 * have it, so that of two who open one message at once only one succeeds.
 */
#ifndef PROSE_CLI_MIKEY_REPLAY_H
#define PROSE_CLI_MIKEY_REPLAY_H

#include "mikey/replay.h"

struct mikey_call;

/**
 * struct replay - the cache, and where it is kept
 * @cache: the cache
 * @path: its file; NULL: it is not kept
 * @lock: descriptor of the file beside it that is locked, or -1
 */
struct replay {
	struct mikey_replay *cache;
	const char *path;
	int lock;
};

/* Reads it: 0, or -1 with the reason printed; to be closed all the same. */
int replay_open(struct replay *replay, const struct mikey_call *call);
/* Writes it, if it has changed: 0, or -1 with the reason printed. */
int replay_save(const struct replay *replay);
void replay_close(struct replay *replay);

#endif
