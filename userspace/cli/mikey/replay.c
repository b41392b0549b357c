// SPDX-License-Identifier: MIT
/* The file of --replay: what prose mikey open has opened, for the next time. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "mikey.h"
#include "mikey/profile.h"
#include "replay.h"

/* One that is not there yet is empty. */
static int read_cache(struct replay *replay, struct mikey_time now)
{
	char why[MIKEY_WHY_MAX] = "";
	struct keying_file file;
	int err;

	if (access(replay->path, F_OK) && errno == ENOENT)
		return 0;
	if (keying_file_read(replay->path, false, &file, why, sizeof(why))) {
		mikey_fail(why);
		return -1;
	}
	err = mikey_replay_restore(replay->cache, (const uint8_t *)file.data, file.len, &now);
	keying_file_free(&file);
	if (err)
		cli_error("%s: this is no replay cache of prose mikey; remove it, and messages count as new again",
			  replay->path);
	return err;
}

/* Beside the file and not on it, since a rename replaces that. */
static int lock(struct replay *replay)
{
	char path[PATH_MAX], why[MIKEY_WHY_MAX] = "";
	int len = snprintf(path, sizeof(path), "%s.lock", replay->path);

	if (len < 0 || (size_t)len >= sizeof(path)) {
		cli_error("%s: the name is too long", replay->path);
		return -1;
	}
	replay->lock = keying_file_lock(path, O_RDWR | O_CREAT | O_NOFOLLOW, why, sizeof(why));
	if (replay->lock < 0)
		mikey_fail(why);
	return replay->lock < 0 ? -1 : 0;
}

int replay_open(struct replay *replay, const struct mikey_call *call)
{
	*replay = (struct replay){ .path = call->replay, .lock = -1 };
	replay->cache = mikey_replay_new(MIKEY_REPLAY_ENTRIES,
					 call->has_window ? call->window : MIKEY_WINDOW);
	if (!replay->cache) {
		mikey_fail("There is no memory left");
		return -1;
	}
	if (!replay->path)
		return 0;
	return lock(replay) || read_cache(replay, mikey_call_time(call)) ? -1 : 0;
}

int replay_save(const struct replay *replay)
{
	char why[MIKEY_WHY_MAX] = "There is no memory left";
	uint8_t *data;
	size_t len;
	int err;

	if (!replay->path || !mikey_replay_changes(replay->cache))
		return 0;
	data = mikey_replay_save(replay->cache, &len);
	err = data ? keying_file_write(replay->path, data, len, 0600, true, why, sizeof(why)) : -1;
	free(data);
	if (err)
		mikey_fail(why);
	return err;
}

void replay_close(struct replay *replay)
{
	mikey_replay_free(replay->cache);
	if (replay->lock >= 0)
		close(replay->lock);
}
