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
	if (optind != argc)
		return cli_usage(command, "unexpected '%s'", argv[optind]);
	result = client_ask(json_pack("{s:s}", "command", "reload"), &status);
	if (result)
		printf("%s: in force\n", output_text(result, "configuration"));
	else if (status == CLI_FAILED)
		fprintf(stderr, "The old configuration stays in force.\n");
	json_decref(result);
	return status;
}

const struct command command_reload = {
	.name = "reload",
	.arguments = "",
	.summary = "read configuration, certificates and CRLs again",
	.help = "When something in them is wrong it is said, and the old configuration stays in\n"
		"force. Links go on; those the new configuration does not allow are released.\n"
		"\n"
		"Example: prose reload && prose show\n",
	.run = run,
};
