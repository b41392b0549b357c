// SPDX-License-Identifier: MIT
#include <string.h>

#include "cli.h"
#include "daemon/daemon.h"

/* Exit status when there was an option, -1 when there was none. */
static int no_options(const struct command *command, int argc, char **argv)
{
	if (argc < 2 || argv[1][0] != '-')
		return argc > 2 ? cli_usage(command, "unexpected '%s'", argv[2]) : -1;
	if (strcmp(argv[1], "-h") && strcmp(argv[1], "--help"))
		return cli_usage(command, "%s is no option", argv[1]);
	cli_help(command, stdout);
	return CLI_OK;
}

static int run_help(const struct command *command, int argc, char **argv)
{
	int status = no_options(command, argc, argv);
	const struct command *topic;
	size_t i;

	if (status >= 0)
		return status;
	if (argc > 1) {
		topic = cli_command(argv[1]);
		if (!topic)
			return CLI_USAGE;
		cli_help(topic, stdout);
		return CLI_OK;
	}
	printf("usage: prose [-s SOCKET] [--color=WHEN] COMMAND [ARGUMENT...]\n\n"
	       "Shows and steers prosed, and makes credentials.\n\n");
	for (i = 0; commands[i]; i++)
		printf("  %-8s  %s\n", commands[i]->name, commands[i]->summary);
	printf("\n  -s, --socket SOCKET  control socket of the prosed to ask, or the name of its\n"
	       "                       device; needed when several run here (or set PROSE_SOCKET)\n"
	       "  --color=WHEN         auto (the default: on a terminal), always or never\n"
	       "\nprose COMMAND --help explains each; prose(8), prosed(8), prosed.conf(5)\n");
	return CLI_OK;
}

static int run_version(const struct command *command, int argc, char **argv)
{
	int status = no_options(command, argc, argv);

	if (status >= 0)
		return status;
	if (argc > 1)
		return cli_usage(command, "unexpected '%s'", argv[1]);
	printf("prose %s\n", DAEMON_VERSION);
	return CLI_OK;
}

const struct command command_help = {
	.name = "help",
	.arguments = "[COMMAND]",
	.summary = "print this, or the help of a command",
	.help = "",
	.run = run_help,
};

const struct command command_version = {
	.name = "version",
	.arguments = "",
	.summary = "print the version",
	.help = "",
	.run = run_version,
};
