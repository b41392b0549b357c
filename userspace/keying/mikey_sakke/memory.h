/* SPDX-License-Identifier: MIT */
/*
 * What is remembered: of messages that were taken the replay cache, and which deny lists were in use.
 * Shared by a method and by those that replace it when the configuration is read again.
 */
#ifndef PROSE_KEYING_MIKEY_SAKKE_MEMORY_H
#define PROSE_KEYING_MIKEY_SAKKE_MEMORY_H

#include "mikey/replay.h"

#include "seen.h"

/**
 * struct memory - shared
 * @users: methods that have it
 * @replay: the replay cache
 * @saved: its mikey_replay_changes() when it was saved
 * @seen: deny lists
 */
struct memory {
	unsigned int users;
	struct mikey_replay *replay;
	unsigned long saved;
	struct seen seen;
};

/* For one user; NULL without memory. */
struct memory *memory_new(void);
/* For one more. */
struct memory *memory_share(struct memory *memory);
/* One less; the last one frees it. NULL is allowed. */
void memory_release(struct memory *memory);

#endif
