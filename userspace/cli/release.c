// SPDX-License-Identifier: MIT
#include "cli.h"

static int run(const struct command *command, int argc, char **argv)
{
	return wait_command(command, argc, argv, OUTCOME_RELEASED);
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
