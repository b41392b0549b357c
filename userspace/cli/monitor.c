// SPDX-License-Identifier: MIT
#include <getopt.h>
#include <string.h>

#include "cli.h"

static void print_event(const json_t *event)
{
	const char *what = output_text(event, "event"), *text = output_text(event, "text");
	const char *identity = output_text(event, "identity");
	const char *id = output_text(event, "layer2_id");
	const char *colour = output_plain(stdout);

	if (!strcmp(what, "failed"))
		colour = output_bad(stdout);
	else if (!strcmp(what, "connected") || !strcmp(what, "rekeyed"))
		colour = output_good(stdout);
	printf("%s%s%s %s%s%s%s %s%s%s", output_dim(stdout), output_text(event, "time"),
	       output_plain(stdout), identity[0] ? identity : id, identity[0] ? " (" : "",
	       identity[0] ? id : "", identity[0] ? ")" : "", colour,
	       !strcmp(what, "state") ? output_text(event, "state") : what, output_plain(stdout));
	if (json_is_true(json_object_get(event, "kd_changed")))
		printf(" with a new KD");
	if (json_is_true(json_object_get(event, "by_peer")) && strcmp(what, "state"))
		printf(" by the peer");
	if (text[0])
		printf(": %s", text);
	printf("\n");
}

static int run(const struct command *command, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	bool as_json = false, timed_out;
	struct client *client;
	json_t *event, *response;
	int option;

	while ((option = getopt_long(argc, argv, "jh", options, NULL)) != -1) {
		switch (option) {
		case 'j':
			as_json = true;
			break;
		case 'h':
			cli_help(command, stdout);
			return CLI_OK;
		default:
			return cli_usage(command, NULL);
		}
	}
	if (optind != argc)
		return cli_usage(command, "unexpected '%s'", argv[optind]);
	client = client_open();
	if (!client)
		return CLI_NO_DAEMON;
	response = client_call(client, json_pack("{s:s}", "command", "subscribe"));
	if (!response || !client_result(response)) {
		json_decref(response);
		client_close(client);
		return CLI_NO_DAEMON;
	}
	json_decref(response);
	/* Each line at once, also into a pipe; ends with the daemon, or with the reader. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (!ferror(stdout) && (event = client_event(client, -1, &timed_out))) {
		if (as_json) {
			json_dumpf(event, stdout, JSON_COMPACT);
			putchar('\n');
		} else {
			print_event(event);
		}
		json_decref(event);
	}
	client_close(client);
	return CLI_NO_DAEMON;
}

const struct command command_monitor = {
	.name = "monitor",
	.arguments = "[-j]",
	.summary = "print what happens, as it happens",
	.help =
		"  -j, --json  one JSON object a line, as at the control socket\n"
		"\n"
		"Ends when prosed ends, with exit status 3.\n",
	.run = run,
};
