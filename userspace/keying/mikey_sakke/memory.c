// SPDX-License-Identifier: MIT
#include "memory.h"

#include <stdlib.h>

#include "mikey/profile.h"

struct memory *memory_new(void)
{
	struct memory *memory = calloc(1, sizeof(*memory));

	if (!memory)
		return NULL;
	memory->users = 1;
	memory->replay = mikey_replay_new(MIKEY_REPLAY_ENTRIES, MIKEY_WINDOW);
	if (!memory->replay) {
		free(memory);
		return NULL;
	}
	return memory;
}

struct memory *memory_share(struct memory *memory)
{
	memory->users++;
	return memory;
}

void memory_release(struct memory *memory)
{
	if (!memory || --memory->users)
		return;
	mikey_replay_free(memory->replay);
	free(memory);
}
