/* SPDX-License-Identifier: MIT */
/* Commands of prose-kms. */
#ifndef PROSE_KMS_COMMAND_H
#define PROSE_KMS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "issue.h"

#define WHY_MAX	512

/* Exit status, as prose(8) has them. */
enum {
	KMS_OK		= 0,
	KMS_FAILED	= 1,
	KMS_USAGE	= 2,
};

/**
 * struct arguments - what was typed; options that a command does not have are refused before
 * @dir: folder of the KMS
 * @identity: for those that take one
 * @community: --community
 * @master_key: --master-key
 * @store: --store
 * @join: --join
 * @months: --month
 * @n_months: how many
 * @uid: --uid
 * @output: -o
 * @seal: --seal-with
 * @plain: --plain
 * @replace: --replace
 * @reason: --reason
 * @json: -j
 */
struct arguments {
	const char *dir, *identity;
	const char *community, *master_key, *store;
	bool join;
	struct mikey_month months[ISSUE_MONTHS_MAX];
	size_t n_months;
	bool uid;
	const char *output, *seal;
	bool plain, replace;
	const char *reason;
	bool json;
};

/**
 * struct command - one of them
 * @name: as typed
 * @arguments: for the usage line
 * @summary: one line, for the list
 * @help: what --help prints below the usage line
 * @options: letters of the options that it takes, as main.c has them
 * @identity: it takes an identity behind the folder
 * @run: returns the exit status
 */
struct command {
	const char *name;
	const char *arguments;
	const char *summary;
	const char *help;
	const char *options;
	bool identity;
	int (*run)(const struct arguments *arguments);
};

extern const struct command command_init, command_public, command_extract, command_revoke,
			    command_unrevoke, command_deny, command_list, command_audit,
			    command_serve;

/* "prose-kms: ..." on standard error; returns KMS_FAILED. */
int say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "2026-11-26T10:00:00Z" into @out, returned. */
#define TIME_TEXT	32
const char *time_text(long long seconds, char out[static TIME_TEXT]);

/* "uid 0", who types. */
#define WHO_TEXT	32
const char *who(char out[static WHO_TEXT]);

#endif
