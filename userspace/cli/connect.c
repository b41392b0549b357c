// SPDX-License-Identifier: MIT
#include "cli.h"

static int run(const struct command *command, int argc, char **argv)
{
	return wait_command(command, argc, argv, OUTCOME_CONNECTED);
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
