// SPDX-License-Identifier: MIT
#include "seen_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keying/file.h"
#include "keying/mikey_sakke/mikey_sakke.h"

bool seen_file_name(const char *store, char path[static PATH_MAX])
{
	return store && snprintf(path, PATH_MAX, "%s%s", store, SEEN_FILE_SUFFIX) < PATH_MAX;
}

/* What cannot be read is replaced too. */
static bool has(const char *path, const char *text)
{
	struct keying_file file;
	bool same;

	if (keying_file_read(path, false, &file, NULL, 0))
		return false;
	same = !strcmp(file.data, text);
	keying_file_free(&file);
	return same;
}

int seen_file_write(const char *store, const struct keying_method *method, char *why,
		    size_t why_len)
{
	char path[PATH_MAX], *text;
	int rc = 0;

	if (!seen_file_name(store, path))
		return 0;
	text = mikey_sakke_seen(method);
	if (!text) {
		snprintf(why, why_len, "%s cannot be written: out of memory", path);
		return -1;
	}
	if (!has(path, text))
		rc = keying_file_write(path, text, strlen(text), 0600, true, why, why_len);
	free(text);
	return rc;
}
