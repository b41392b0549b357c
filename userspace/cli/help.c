// SPDX-License-Identifier: MIT
#include <string.h>

#include "cli.h"
#include "daemon/daemon.h"

static int run_help(const struct command *command, int argc, char **argv)
{
	const struct command *topic;
	size_t i;

	(void)command;
	if (argc > 1) {
		topic = cli_command(argv[1]);
		if (!topic)
			return CLI_USAGE;
		cli_help(topic, stdout);
		return CLI_OK;
	}
	printf("usage: prose [-s SOCKET] COMMAND [ARGUMENT...]\n\n"
	       "Shows and steers prosed, and makes credentials.\n\n");
	for (i = 0; commands[i]; i++)
		printf("  %-8s  %s\n", commands[i]->name, commands[i]->summary);
	printf("\n  -s, --socket SOCKET  control socket of the prosed to ask, or the name of its\n"
	       "                       device; needed when several run here (or set PROSE_SOCKET)\n"
	       "\nprose COMMAND --help explains each; prose(8), prosed(8), prosed.conf(5)\n");
	return CLI_OK;
}

static int run_version(const struct command *command, int argc, char **argv)
{
	(void)command;
	(void)argc;
	(void)argv;
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
