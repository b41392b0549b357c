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
	return wait_run(json_pack("{s:s, s:s}", "command", "release", "peer", argv[optind]),
			argv[optind], OUTCOME_RELEASED, seconds);
}

const struct command command_release = {
	.name = "release",
	.arguments = "[--wait[=SECONDS] | --no-wait] PEER",
	.summary = "end the link to a peer",
	.help =
		"The link stays down, whatever traffic wants, until `prose connect`, or until the\n"
		"peer connects.\n"
		"\n"
		"  --wait=SECONDS  wait so long for the outcome (default 30)\n"
		"  --no-wait       return when the request is on its way\n"
		"\n"
		"Example: prose release ue2\n",
	.run = run,
};
