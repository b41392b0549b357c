/* SPDX-License-Identifier: MIT */
/* Options of a subcommand, and the action that some have before them. */
#ifndef PROSE_CLI_OPTIONS_H
#define PROSE_CLI_OPTIONS_H

#include <getopt.h>

/* In the place of an exit status: there is something to do yet. */
#define CLI_GO_ON		(-1)

/* A row for those that colour what they print. */
#define CLI_OPTION_COLOUR	0x10000
#define CLI_OPTION_COLOUR_ROW	{ "color", required_argument, NULL, CLI_OPTION_COLOUR }
/* The last rows of each table. */
#define CLI_OPTIONS_END		{ "help", no_argument, NULL, 'h' }, { 0 }

struct command;

/**
 * struct cli_scope - an option that means something to some actions only
 * @option: as cli_option() returns it
 * @actions: which, as they are named to people: "make and open"
 */
struct cli_scope {
	int option;
	const char *actions;
};

/* Which of the scopes of a command were used. */
typedef unsigned long cli_given;

/**
 * cli_option() - the next option
 * @command: whose it is
 * @argc: of its arguments
 * @argv: the same
 * @letters: as getopt() has them, with 'h'
 * @options: as getopt_long() has them, up to CLI_OPTIONS_END
 * @status: gets CLI_GO_ON; or the exit status when help was asked for, or something that is none of these
 *
 * Help, colours and what is wrong are seen to here.
 *
 * Return: the option, -1 after the last one, and when the command is to end.
 */
int cli_option(const struct command *command, int argc, char **argv, const char *letters,
	       const struct option *options, int *status);

/* Notes that an option was given; @scopes end with one that is all zero. */
void cli_note(cli_given *given, const struct cli_scope *scopes, int option);

/**
 * cli_fits() - are the options that were given of any use?
 * @command: of which
 * @action: its action
 * @options: as cli_option() has them, for their names
 * @scopes: what they are for
 * @given: as cli_note() has left it
 *
 * One that another action has would do nothing, which is not what it was given for.
 *
 * Return: CLI_OK; or CLI_USAGE, once it is said what the option is for.
 */
int cli_fits(const struct command *command, const char *action, const struct option *options,
	     const struct cli_scope *scopes, cli_given given);

/* For a command that has none but --help: CLI_GO_ON or the exit status. */
int cli_no_options(const struct command *command, int argc, char **argv);

/* Says that there is no action of that name, and which of @names, up to NULL, may be meant. CLI_USAGE. */
int cli_no_action(const struct command *command, const char *action, const char *const *names);

#endif
