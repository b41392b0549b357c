/* SPDX-License-Identifier: MIT */
/*
 * Which deny lists method mikey-sakke has used, in a file beside the store, so that no older one takes
 * their place after a restart. Nothing in it is secret.
 */
#ifndef PROSE_DAEMON_SEEN_FILE_H
#define PROSE_DAEMON_SEEN_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "keying/keying.h"

#define SEEN_FILE_SUFFIX	".seen"

/* Its name; false when nothing is kept, for want of a store. */
bool seen_file_name(const char *store, char path[static PATH_MAX]);

/*
 * Writes it, at once or not at all, when the method knows of another list than is in it. 0, also without
 * a store, or -1 with a sentence in @why.
 */
int seen_file_write(const char *store, const struct keying_method *method, char *why,
		    size_t why_len);

#endif
