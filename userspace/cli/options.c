// SPDX-License-Identifier: MIT
/* What --help, --color and a wrong option or action do is the same in all subcommands. */
#include "options.h"

#include <string.h>

#include "cli.h"
#include "daemon/text.h"

int cli_option(const struct command *command, int argc, char **argv, const char *letters,
	       const struct option *options, int *status)
{
	int option;

	*status = CLI_GO_ON;
	for (;;) {
		option = getopt_long(argc, argv, letters, options, NULL);
		switch (option) {
		case CLI_OPTION_COLOUR:
			if (output_set_colour(optarg))
				continue;
			*status = CLI_USAGE;
			return -1;
		case 'h':
			cli_help(command, stdout);
			*status = CLI_OK;
			return -1;
		case '?':
			*status = cli_usage(command, NULL);
			return -1;
		default:
			return option;
		}
	}
}

void cli_note(cli_given *given, const struct cli_scope *scopes, int option)
{
	for (size_t i = 0; scopes[i].option; i++)
		if (scopes[i].option == option)
			*given |= 1ul << i;
}

/* Is the action a word of the list? */
static bool is_for(const char *actions, const char *action)
{
	size_t len = strlen(action);

	for (const char *at = actions; (at = strstr(at, action)); at += len)
		if ((at == actions || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return true;
	return false;
}

int cli_fits(const struct command *command, const char *action, const struct option *options,
	     const struct cli_scope *scopes, cli_given given)
{
	const char *name = "";

	for (size_t i = 0; scopes[i].option; i++) {
		if (!(given & 1ul << i) || is_for(scopes[i].actions, action))
			continue;
		for (const struct option *option = options; option->name; option++)
			if (option->val == scopes[i].option)
				name = option->name;
		return cli_usage(command, "--%s is for %s", name, scopes[i].actions);
	}
	return CLI_OK;
}

int cli_no_options(const struct command *command, int argc, char **argv)
{
	static const struct option options[] = { CLI_OPTIONS_END };
	int status;

	cli_option(command, argc, argv, "h", options, &status);
	return status;
}

int cli_no_action(const struct command *command, const char *action, const char *const *names)
{
	const char *nearest = text_nearest(action, names);

	return nearest ? cli_usage(command, "there is no '%s'; did you mean %s?", action, nearest) :
			 cli_usage(command, "there is no '%s'", action);
}
