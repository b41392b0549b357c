// SPDX-License-Identifier: MIT
#include "cli.h"

static int run(const struct command *command, int argc, char **argv)
{
	return wait_command(command, argc, argv, OUTCOME_REKEYED);
}

const struct command command_rekey = {
	.name = "rekey",
	.arguments = "[--kd] [--wait[=SECONDS] | --no-wait] PEER",
	.summary = "agree on new keys; traffic goes on",
	.help =
		"  --kd            authenticate again and make a new KD, not only a new KD-sess\n"
		"  --wait=SECONDS  wait so long for the outcome (default 30)\n"
		"  --no-wait       return when the request is on its way\n"
		"\n"
		"Example: prose rekey --kd ue2\n",
	.run = run,
};
