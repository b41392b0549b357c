// SPDX-License-Identifier: MIT
#include "cli.h"
#include "options.h"

static int run(const struct command *command, int argc, char **argv)
{
	int status = cli_no_options(command, argc, argv);
	json_t *result;

	if (status != CLI_GO_ON)
		return status;
	if (optind + 1 != argc)
		return cli_usage(command, "name one peer");
	result = client_ask(json_pack("{s:s, s:s}", "command", "forget", "peer", argv[optind]),
			    &status);
	if (result)
		printf("%s: forgotten\n", argv[optind]);
	json_decref(result);
	return status;
}

const struct command command_forget = {
	.name = "forget",
	.arguments = "PEER",
	.summary = "wipe what is kept of a peer that is not connected",
	.help =
		"That is KD and the connection identities, by which it could reconnect without\n"
		"authenticating again. The next connection is a full one, by name.\n"
		"\n"
		"Example: prose forget ue2\n",
	.run = run,
};
