// SPDX-License-Identifier: MIT
#include <getopt.h>

#include "cli.h"

#define WAIT_DEFAULT	30

static int run(const struct command *command, int argc, char **argv)
{
	static const struct option options[] = {
		{ "wait", optional_argument, NULL, 'w' },
		{ "no-wait", no_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	unsigned int seconds = WAIT_DEFAULT;
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (option) {
		case 'w':
			if (!wait_seconds(optarg, &seconds))
				return cli_usage(command, "--wait=%s is no number of seconds", optarg);
			break;
		case 'n':
			seconds = 0;
			break;
		case 'h':
			cli_help(command, stdout);
			return CLI_OK;
		default:
			return cli_usage(command, NULL);
		}
	}
	if (optind + 1 != argc)
		return cli_usage(command, "name one peer");
	return wait_run(json_pack("{s:s, s:s}", "command", "connect", "peer", argv[optind]),
			argv[optind], OUTCOME_CONNECTED, seconds);
}

const struct command command_connect = {
	.name = "connect",
	.arguments = "[--wait[=SECONDS] | --no-wait] PEER",
	.summary = "set up a secured link to a peer",
	.help =
		"PEER is an identity (urn:prose:ue2), its last part (ue2), or a Layer-2 ID (0a:0b:0d).\n"
		"\n"
		"  --wait=SECONDS  wait so long for the outcome (default 30)\n"
		"  --no-wait       return when the request is on its way\n"
		"\n"
		"Exit status: 0 connected, 1 failed (with the reason), 3 prosed does not answer,\n"
		"4 no outcome in time.\n"
		"\n"
		"Example: prose connect --wait=60 ue2\n",
	.run = run,
};
