// SPDX-License-Identifier: MIT
#include <getopt.h>

#include "cli.h"

#define WAIT_DEFAULT	30

int wait_command(const struct command *command, int argc, char **argv, enum outcome outcome)
{
	static const struct option options[] = {
		{ "kd", no_argument, NULL, 'k' },
		{ "wait", optional_argument, NULL, 'w' },
		{ "no-wait", no_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	bool rekey = outcome == OUTCOME_REKEYED;
	unsigned int seconds = WAIT_DEFAULT;
	json_t *request;
	int option, kd = 0;

	while ((option = getopt_long(argc, argv, "h", options + !rekey, NULL)) != -1) {
		switch (option) {
		case 'k':
			kd = 1;
			break;
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
	request = json_pack("{s:s, s:s}", "command", command->name, "peer", argv[optind]);
	if (rekey && request)
		json_object_set_new(request, "kd", json_boolean(kd));
	return wait_run(request, argv[optind], outcome, seconds);
}
