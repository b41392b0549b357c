// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "format.h"
#include "options.h"

/* Local time, as a clock on the wall shows it; what is no time as it came. */
static const char *local_time(const char *utc, char *buffer, size_t len)
{
	time_t when = format_utc(utc);
	struct tm tm;

	if (when == -1 || !localtime_r(&when, &tm) || !strftime(buffer, len, "%F %T", &tm))
		snprintf(buffer, len, "%s", utc);
	return buffer;
}

static const char *colour_of(const char *what)
{
	if (!strcmp(what, "failed"))
		return output_bad(stdout);
	if (!strcmp(what, "connected") || !strcmp(what, "rekeyed"))
		return output_good(stdout);
	if (!strcmp(what, "released") || !strcmp(what, "notice"))
		return output_warn(stdout);
	return output_dim(stdout);
}

static void print_event(const json_t *event)
{
	const char *what = output_text(event, "event"), *text = output_text(event, "text");
	const char *identity = output_text(event, "identity");
	const char *id = output_text(event, "layer2_id");
	bool state = !strcmp(what, "state");
	char when[FORMAT_MAX];

	printf("%s%s%s %s%s%s%s%s%s%s %s%s%s", output_dim(stdout),
	       local_time(output_text(event, "time"), when, sizeof(when)), output_plain(stdout),
	       output_bold(stdout), identity[0] ? identity : id, output_plain(stdout),
	       output_dim(stdout), identity[0] ? " (" : "", identity[0] ? id : "",
	       identity[0] ? ")" : "", output_plain(stdout), colour_of(what),
	       state ? output_text(event, "state") : what);
	printf("%s", output_plain(stdout));
	if (output_true(event, "kd_changed"))
		printf(" with a new KD");
	if (output_true(event, "by_peer") && !state)
		printf(" by the peer");
	if (text[0])
		printf(": %s", text);
	printf("\n");
}

/* Events until there are enough, or the daemon ends; exit status. */
static int follow(struct client *client, const char *peer, bool as_json, unsigned long count)
{
	unsigned long shown = 0;
	json_t *event;
	bool timed_out;

	while (!ferror(stdout) && (event = client_event(client, -1, &timed_out))) {
		if (peer && !cli_peer_matches(event, peer)) {
			json_decref(event);
			continue;
		}
		if (as_json)
			output_json(event, JSON_COMPACT);
		else
			print_event(event);
		json_decref(event);
		if (count && ++shown >= count)
			return CLI_OK;
	}
	return CLI_NO_DAEMON;
}

static bool count_of(const char *text, unsigned long *count)
{
	char *end;

	errno = 0;
	*count = strtoul(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && !*end && !errno && *count;
}

static int run(const struct command *command, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "count", required_argument, NULL, 'n' },
		CLI_OPTION_COLOUR_ROW,
		CLI_OPTIONS_END
	};
	unsigned long count = 0;
	struct client *client;
	bool as_json = false;
	int option, status;
	json_t *response;

	while ((option = cli_option(command, argc, argv, "jn:h", options, &status)) != -1) {
		switch (option) {
		case 'j':
			as_json = true;
			break;
		case 'n':
			if (!count_of(optarg, &count))
				return cli_usage(command, "-n %s: events, 1 and more", optarg);
			break;
		}
	}
	if (status != CLI_GO_ON)
		return status;
	if (optind + 1 < argc)
		return cli_usage(command, "name one peer at most");
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
	if (isatty(STDOUT_FILENO) && !as_json)
		printf("%swaiting for events; Ctrl-C ends%s\n", output_dim(stdout),
		       output_plain(stdout));
	status = follow(client, optind < argc ? argv[optind] : NULL, as_json, count);
	client_close(client);
	return status;
}

const struct command command_monitor = {
	.name = "monitor",
	.arguments = "[-j] [-n COUNT] [--color=WHEN] [PEER]",
	.summary = "print what happens, as it happens",
	.help =
		"With a PEER, what happens on its link only. Times are local ones.\n"
		"\n"
		"  -j, --json         one JSON object a line, as at the control socket;\n"
		"                     share/prose/prose-event.schema.json names its members\n"
		"  -n, --count COUNT  end after so many events\n"
		"  --color=WHEN       auto (the default: on a terminal), always or never\n"
		"\n"
		"Ends when prosed ends, with exit status 3.\n"
		"\n"
		"Example: prose monitor -n 1 ue2\n",
	.run = run,
};
