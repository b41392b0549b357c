// SPDX-License-Identifier: MIT
#include "replay_file.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keying/file.h"
#include "keying/mikey_sakke/mikey_sakke.h"

static int name(const char *store, char path[static PATH_MAX])
{
	return snprintf(path, PATH_MAX, "%s%s", store, REPLAY_FILE_SUFFIX) < PATH_MAX ? 0 : -1;
}

int replay_file_read(const char *store, const struct keying_method *method, time_t now, char *why,
		     size_t why_len)
{
	struct keying_file file = { 0 };
	char path[PATH_MAX], reason[256];
	int rc;

	if (!store || name(store, path) || (access(path, F_OK) && errno == ENOENT))
		return 0;
	if (keying_file_read(path, false, &file, reason, sizeof(reason))) {
		rc = mikey_sakke_restore(method, (const uint8_t *)"lost", 0, now);
	} else {
		snprintf(reason, sizeof(reason), "%.200s: is damaged", path);
		rc = mikey_sakke_restore(method, (const uint8_t *)file.data, file.len, now);
	}
	keying_file_free(&file);
	if (rc)
		snprintf(why, why_len,
			 "%s; for ten minutes nobody can be connected to by method mikey-sakke, since any message may be a replay",
			 reason);
	return rc;
}

int replay_file_write(const char *store, const struct keying_method *method, char *why,
		      size_t why_len)
{
	char path[PATH_MAX];
	uint8_t *data;
	size_t len;
	int rc;

	if (!store || name(store, path)) {
		mikey_sakke_saved(method);
		return 0;
	}
	data = mikey_sakke_save(method, &len);
	if (!data) {
		snprintf(why, why_len, "%s cannot be written: out of memory", path);
		return -1;
	}
	rc = keying_file_write(path, data, len, 0600, true, why, why_len);
	if (!rc)
		mikey_sakke_saved(method);
	free(data);
	return rc;
}
