/* SPDX-License-Identifier: MIT */
/* prose mikey: what its actions share. */
#ifndef PROSE_CLI_MIKEY_MIKEY_H
#define PROSE_CLI_MIKEY_MIKEY_H

#include "../cli.h"
#include "keying/identity/keys.h"
#include "mikey/key_file.h"
#include "mikey/timestamp.h"

#define MIKEY_FILES_MAX	16
#define MIKEY_WHY_MAX	512

/* What the command line says. */
struct mikey_call {
	const char *keys[MIKEY_FILES_MAX];		/* -k */
	size_t n_keys;
	const char *seal;				/* --seal-with */
	const char *as;					/* --as */
	const char *communities[MIKEY_FILES_MAX];	/* -c */
	size_t n_communities;
	const char *from;				/* --from */
	const char *replay;				/* --replay */
	const char *kd;					/* --kd */
	struct mikey_time at;				/* --at, else the clock */
	bool has_at;
	uint32_t window;				/* --window */
	bool has_window;
	const char *sdp;				/* --sdp, what is offered */
	size_t medium;					/* --media; 0: not given */
	bool no_kms;					/* --no-kms */
	bool json;					/* -j */
	const char *argument[2];
	int n_arguments;
};

int mikey_make(const struct mikey_call *call);
int mikey_open(const struct mikey_call *call);
int mikey_show(const struct mikey_call *call);

/* Prints why, which is a sentence; returns CLI_FAILED. */
int mikey_fail(const char *why);

/**
 * struct mikey_files - the files of -k and of -c
 * @keys: each of -k
 * @communities: each of -c
 * @own: all keys in them
 * @n_own: how many
 * @trusted: communities of these keys, then those of -c
 * @n_trusted: how many
 */
struct mikey_files {
	struct identity_keys *keys[MIKEY_FILES_MAX];
	struct mikey_key_file communities[MIKEY_FILES_MAX];
	const struct mikey_keys **own;
	size_t n_own;
	const struct mikey_community **trusted;
	size_t n_trusted;
};

/* Reads them: 0, or -1 with the reason printed; to be freed all the same. */
int mikey_files_read(const struct mikey_call *call, struct mikey_files *files);
void mikey_files_free(struct mikey_files *files);

/**
 * struct mikey_input - a message, and what it came in
 * @data: the octets
 * @len: how many
 * @offered: what the SDP offers, as mikey_sdp_offered() has it; NULL: it came in none
 */
struct mikey_input {
	uint8_t *data;
	size_t len;
	char *offered;
};

/**
 * mikey_message_read() - the message of the first argument, a file or standard input
 * @call: the call
 * @input: gets it
 *
 * A message begins with an octet of 1; all else is SDP: a description, or an attribute of it.
 *
 * Return: 0, or -1 with the reason printed; to be freed all the same.
 */
int mikey_message_read(const struct mikey_call *call, struct mikey_input *input);
void mikey_message_free(struct mikey_input *input);

/* Now, or the time of --at. */
struct mikey_time mikey_call_time(const struct mikey_call *call);

/* "2026-11-26 10:00:00 UTC" */
#define MIKEY_DATE_LEN	32
const char *mikey_date(const struct mikey_time *time, char buffer[static MIKEY_DATE_LEN]);

/* A UID as people type it, 64 hexadecimal digits; false: it is none, but a URI perhaps. */
bool mikey_uid_read(const char *text, uint8_t uid[static MIKEY_UID_LEN]);

/* Text that may be shown, else hexadecimal digits; to be freed. */
char *mikey_readable(const struct mikey_octets *octets);
char *mikey_hex(const struct mikey_octets *octets);

#endif
