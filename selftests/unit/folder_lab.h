/* SPDX-License-Identifier: MIT */
/* Files in the folder of a test. */
#ifndef SELFTESTS_UNIT_FOLDER_LAB_H
#define SELFTESTS_UNIT_FOLDER_LAB_H

#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

/* Name of a file in the folder; 32 may be in use at a time. */
static inline const char *folder_file_va(const char *folder, const char *format, va_list args)
{
	static char names[32][PATH_MAX];
	static unsigned int next;
	char *name = names[next++ % 32];
	size_t len = (size_t)snprintf(name, PATH_MAX, "%s/", folder);

	vsnprintf(name + len, PATH_MAX - len, format, args);
	return name;
}

__attribute__((format(printf, 2, 3)))
static inline const char *folder_file(const char *folder, const char *format, ...)
{
	const char *name;
	va_list args;

	va_start(args, format);
	name = folder_file_va(folder, format, args);
	va_end(args);
	return name;
}

static inline int folder_remove_one(const char *path, const struct stat *status, int type,
				    struct FTW *ftw)
{
	(void)status;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* With all that is in it. 0 or -1. */
static inline int folder_remove(const char *folder)
{
	return nftw(folder, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
