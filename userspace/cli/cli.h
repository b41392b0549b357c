/* SPDX-License-Identifier: MIT */
/* prose, the command: what its subcommands share. */
#ifndef PROSE_CLI_CLI_H
#define PROSE_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include <jansson.h>

/* Exit status. */
enum {
	CLI_OK		= 0,
	CLI_FAILED	= 1,	/* what was asked for did not come to be */
	CLI_USAGE	= 2,
	CLI_NO_DAEMON	= 3,	/* nobody answers at the socket */
	CLI_TIMEOUT	= 4,	/* no outcome within the time to wait */
};

/**
 * struct command - one subcommand
 * @name: as typed
 * @arguments: for the usage line
 * @summary: one line, for the list
 * @help: what --help prints below the usage line
 * @run: gets its own arguments, argv[0] is the name; returns the exit status
 */
struct command {
	const char *name;
	const char *arguments;
	const char *summary;
	const char *help;
	int (*run)(const struct command *command, int argc, char **argv);
};

extern const struct command command_show, command_watch, command_monitor, command_connect,
			    command_rekey, command_release, command_forget, command_reload,
			    command_doctor, command_metrics, command_pki, command_mikey, command_identity,
			    command_decode, command_help, command_version;
extern const struct command *const commands[];

/* -s of the command line: path of a socket or name of a device; NULL when not given. */
extern const char *cli_socket;

/* Prints usage and help of a subcommand. */
void cli_help(const struct command *command, FILE *to);
/* The same hint after every wrong use; returns CLI_USAGE. */
int cli_usage(const struct command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* "prose: ..." on standard error. */
void cli_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The subcommand of that name, NULL with a suggestion printed. */
const struct command *cli_command(const char *name);

/*
 * The daemon's end (client.c).
 */
struct client;

/* Connects; NULL with the cause and its cure printed, or put into @why. */
struct client *client_open(void);
struct client *client_try(char *why, size_t why_len);
/* Process of the other end, 0 when it is not known. */
pid_t client_pid(const struct client *client);
void client_close(struct client *client);

/*
 * Sends a request and waits for its response; takes over @request. NULL: printed why. No text in
 * what comes has characters that a terminal acts on.
 */
json_t *client_call(struct client *client, json_t *request);

/*
 * The next event, within @timeout_ms (-1: for ever). NULL with *timed_out set, or with the
 * reason printed.
 */
json_t *client_event(struct client *client, int timeout_ms, bool *timed_out);

/* One request on a connection of its own; prints an error response. NULL when it failed. */
json_t *client_ask(json_t *request, int *status);

/* Member result of a response, or NULL with its message printed. */
json_t *client_result(json_t *response);

/*
 * Output (output.c). Colours are escape sequences, or nothing where nothing is coloured.
 */
/* WHEN of --color: auto, always, never; NULL is always. False: said what it can be. */
bool output_set_colour(const char *when);
bool output_colour(FILE *to);
const char *output_bold(FILE *to);
const char *output_good(FILE *to);
const char *output_warn(FILE *to);
const char *output_bad(FILE *to);
const char *output_dim(FILE *to);
const char *output_plain(FILE *to);
/* The locale's character set is UTF-8. */
bool output_utf8(void);
/* Columns of the terminal; 0 when it is none, and lines are as long as they are. */
unsigned int output_width(FILE *to);

/* Prints words; they go on at column @indent where the terminal ends. @at: columns used. */
void output_wrapped(FILE *to, size_t at, size_t indent, const char *text);
/* "  label: text", wrapped; @before is a colour for the text, or "". */
void output_field(const char *label, const char *before, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void output_json(const json_t *json, size_t flags);

/* Members: text, "" when it is missing; number, 0 likewise, and whether it is one; truth. */
const char *output_text(const json_t *object, const char *member);
json_int_t output_number(const json_t *object, const char *member);
bool output_known(const json_t *object, const char *member);
bool output_true(const json_t *object, const char *member);
/* A peer of show: its link is up; its identity, else its Layer-2 ID. */
bool output_up(const json_t *peer);
const char *output_name(const json_t *peer);

/*
 * Peers as show has them (peers.c).
 */
/* Does @wanted (identity, its last part, Layer-2 ID) mean this peer? */
bool cli_peer_matches(const json_t *peer, const char *wanted);
/* Those of a result of show, as a new list, those that were heard last first. */
json_t *cli_peers_sorted(const json_t *result);
/* How much of an association's COUNT is used, from 0 to 1. */
double cli_count_used(const json_t *assoc);

/*
 * Requests with an outcome to wait for (wait.c).
 */
enum outcome {
	OUTCOME_CONNECTED,
	OUTCOME_REKEYED,
	OUTCOME_RELEASED,
};

/**
 * wait_run() - ask, show the states on the way, say how it ended
 * @request: taken over
 * @peer: whom it is about
 * @outcome: what is waited for
 * @seconds: how long, 0 does not wait
 * Return: exit status
 */
int wait_run(json_t *request, const char *peer, enum outcome outcome, unsigned int seconds);

/**
 * wait_command() - a command for one peer, that has an outcome to be waited for
 * @command: it; what prosed is asked has its name
 * @argc: of its arguments: --wait, --no-wait and the peer, and --kd of one that is rekeyed
 * @argv: the same
 * @outcome: what makes it a success
 *
 * Return: the exit status.
 */
int wait_command(const struct command *command, int argc, char **argv, enum outcome outcome);

/* Value of --wait[=SECONDS]; false when it is none. */
bool wait_seconds(const char *value, unsigned int *seconds);

#endif
