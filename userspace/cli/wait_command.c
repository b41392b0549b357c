// SPDX-License-Identifier: MIT
#include "cli.h"
#include "options.h"

#define WAIT_DEFAULT	30

int wait_command(const struct command *command, int argc, char **argv, enum outcome outcome)
{
	static const struct option options[] = {
		{ "kd", no_argument, NULL, 'k' },
		{ "wait", optional_argument, NULL, 'w' },
		{ "no-wait", no_argument, NULL, 'n' },
		CLI_OPTIONS_END
	};
	bool rekey = outcome == OUTCOME_REKEYED;
	unsigned int seconds = WAIT_DEFAULT;
	json_t *request;
	int option, status, kd = 0;

	while ((option = cli_option(command, argc, argv, "h", options + !rekey, &status)) != -1) {
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
		}
	}
	if (status != CLI_GO_ON)
		return status;
	if (optind + 1 != argc)
		return cli_usage(command, "name one peer");
	request = json_pack("{s:s, s:s}", "command", command->name, "peer", argv[optind]);
	if (rekey && request)
		json_object_set_new(request, "kd", json_boolean(kd));
	return wait_run(request, argv[optind], outcome, seconds);
}
