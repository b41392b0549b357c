// SPDX-License-Identifier: MIT
#include <getopt.h>

#include "cli.h"

static int run(const struct command *command, int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	int option, status;
	json_t *result;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option != 'h')
			return cli_usage(command, NULL);
		cli_help(command, stdout);
		return CLI_OK;
	}
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
