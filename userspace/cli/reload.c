// SPDX-License-Identifier: MIT
#include "cli.h"
#include "options.h"

static int run(const struct command *command, int argc, char **argv)
{
	int status = cli_no_options(command, argc, argv);
	json_t *result;

	if (status != CLI_GO_ON)
		return status;
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
