// SPDX-License-Identifier: MIT
/* A live view: who is there, what goes over each link, and how that changed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "format.h"
#include "options.h"
#include "rates.h"
#include "terminal.h"

#define WIDTH_PIPE	80	/* where nobody says how wide it is */
#define NAME_MIN	14
#define CURVE_MAX	40

/* How the columns of a frame are shared out. */
struct frame {
	bool utf8, terminal;
	size_t width, name, curve;
	unsigned int lines, printed;
};

/* Name, state, heard; then twice a rate and its curve; a space between. */
#define STATE_WIDTH	10
#define HEARD_WIDTH	5
#define RATE_WIDTH	12

static void share_out(struct frame *frame)
{
	size_t fixed = 1 + STATE_WIDTH + 1 + HEARD_WIDTH + 2 * (1 + RATE_WIDTH + 1);
	size_t left = frame->width > fixed ? frame->width - fixed : 0;

	frame->name = left * 2 / 5 > NAME_MIN ? left * 2 / 5 : NAME_MIN;
	if (frame->name > 32)
		frame->name = 32;
	frame->curve = left > frame->name ? (left - frame->name) / 2 : 0;
	if (frame->curve > CURVE_MAX)
		frame->curve = CURVE_MAX;
}

static void line_end(struct frame *frame)
{
	fputs(frame->terminal ? "\033[K\n" : "\n", stdout);
	frame->printed++;
}

static void print_text(const struct frame *frame, const char *text, size_t columns, const char *colour,
		       bool pad)
{
	char buffer[2048];

	printf("%s%s%s", colour, format_fit(text, columns, frame->utf8, buffer, sizeof(buffer), pad),
	       colour[0] ? output_plain(stdout) : "");
}

static void print_rate(const struct frame *frame, const double values[static RATES_SAMPLES])
{
	char rate[FORMAT_MAX], curve[3 * CURVE_MAX + 1], text[FORMAT_MAX];
	double now = values[RATES_SAMPLES - 1];

	snprintf(text, sizeof(text), "%*s", RATE_WIDTH,
		 now < 0 ? "-" : format_rate(now, rate, sizeof(rate)));
	putchar(' ');
	print_text(frame, text, RATE_WIDTH, now > 0 ? output_bold(stdout) : "", true);
	printf(" %s", format_sparkline(values + RATES_SAMPLES - frame->curve, frame->curve, 0,
				       frame->utf8, curve, sizeof(curve)));
}

/* Without what it has in common with the own one: of "urn:prose:ue2" the end tells who it is. */
static const char *short_name(const json_t *peer, const char *own)
{
	const char *name = output_name(peer), *end = strrchr(own, ':');
	size_t common = end ? (size_t)(end + 1 - own) : 0;

	return strncmp(name, own, common) || !name[common] ? name : name + common;
}

static void print_peer(struct frame *frame, const json_t *peer, const char *own,
		       const struct rates_peer *rates)
{
	const char *state = output_text(peer, "state");
	char heard[FORMAT_MAX] = "-";

	print_text(frame, short_name(peer, own), frame->name, "", true);
	putchar(' ');
	print_text(frame, !strcmp(state, "null") || !strcmp(state, "idle") ? "down" : state, STATE_WIDTH,
		   output_up(peer) ? output_good(stdout) : output_dim(stdout), true);
	if (output_known(peer, "last_heard_seconds"))
		format_age_short(output_number(peer, "last_heard_seconds"), heard, sizeof(heard));
	printf(" %*s", HEARD_WIDTH, heard);
	if (rates) {
		print_rate(frame, rates->rx);
		print_rate(frame, rates->tx);
	}
	line_end(frame);
}

static void print_head(struct frame *frame, const json_t *result, double interval)
{
	const json_t *device = json_object_get(result, "device"), *peer;
	const json_t *peers = json_object_get(result, "peers");
	char text[1024], clock[32] = "", head[256];
	time_t now = time(NULL);
	size_t i, up = 0;
	struct tm tm;

	json_array_foreach(peers, i, peer)
		up += output_up(peer);
	if (localtime_r(&now, &tm))
		strftime(clock, sizeof(clock), "%T", &tm);
	snprintf(text, sizeof(text), "%s (%s) %s: %zu of %zu connected, %s, every %g s",
		 output_text(device, "name"), output_text(device, "layer2_id"),
		 output_text(device, "identity"), up, json_array_size(peers), clock, interval);
	print_text(frame, text, frame->width, output_bold(stdout), false);
	line_end(frame);
	snprintf(head, sizeof(head), "%-*s %-*s %*s %*s %-*s %*s", (int)frame->name, "peer",
		 STATE_WIDTH, "state", HEARD_WIDTH, "heard", RATE_WIDTH, "received",
		 (int)frame->curve, "", RATE_WIDTH, "sent");
	print_text(frame, head, frame->width, output_dim(stdout), false);
	line_end(frame);
}

static void print_frame(const json_t *result, const struct rates *rates, double interval)
{
	struct frame frame = {
		.utf8 = output_utf8(), .width = output_width(stdout), .lines = terminal_lines(),
	};
	json_t *sorted = cli_peers_sorted(result), *peer;
	char more[64];
	size_t i;

	frame.terminal = frame.lines != 0;
	if (!frame.width)
		frame.width = WIDTH_PIPE;
	share_out(&frame);
	terminal_home();
	print_head(&frame, result, interval);
	json_array_foreach(sorted, i, peer) {
		/* The last line stays empty, or the terminal scrolls. */
		if (frame.lines && frame.printed + 3 > frame.lines && i + 1 < json_array_size(sorted)) {
			snprintf(more, sizeof(more), "and %zu more", json_array_size(sorted) - i);
			print_text(&frame, more, frame.width, output_dim(stdout), false);
			line_end(&frame);
			break;
		}
		print_peer(&frame, peer, output_text(json_object_get(result, "device"), "identity"),
			   rates_find(rates, peer));
	}
	terminal_rest();
	json_decref(sorted);
}

/* Until it is enough; exit status. */
static int show_frames(struct client *client, double interval, unsigned long count)
{
	enum terminal_wait why = TERMINAL_TIME;
	long long next = terminal_now_ms();
	struct rates rates = { 0 };
	json_t *response = NULL, *result = NULL, *last;
	unsigned long shown = 0;

	while (why != TERMINAL_QUIT && !ferror(stdout)) {
		if (why == TERMINAL_TIME) {
			last = response;
			response = client_call(client, json_pack("{s:s}", "command", "show"));
			result = response ? client_result(response) : NULL;
			json_decref(last);
			if (!result)
				break;
			rates_sample(&rates, result, terminal_now_ms());
			shown++;
			/* After a pause, such as in the background, no frames are made up for. */
			next += (long long)(interval * 1000);
			if (next < terminal_now_ms())
				next = terminal_now_ms();
		}
		print_frame(result, &rates, interval);
		if (count && shown >= count)
			break;
		why = terminal_wait(next);
	}
	rates_free(&rates);
	json_decref(response);
	return result ? CLI_OK : CLI_NO_DAEMON;
}

static bool number_of(const char *text, double least, double greatest, double *number)
{
	char *end;

	errno = 0;
	*number = strtod(text, &end);
	return text[0] && !*end && !errno && *number >= least && *number <= greatest;
}

static int run(const struct command *command, int argc, char **argv)
{
	static const struct option options[] = {
		{ "interval", required_argument, NULL, 'i' },
		{ "count", required_argument, NULL, 'n' },
		CLI_OPTION_COLOUR_ROW,
		CLI_OPTIONS_END
	};
	double interval = 1, count = 0;
	struct client *client;
	int option, status;

	while ((option = cli_option(command, argc, argv, "i:n:h", options, &status)) != -1) {
		switch (option) {
		case 'i':
			if (!number_of(optarg, 0.1, 3600, &interval))
				return cli_usage(command, "-i %s: seconds from 0.1 to 3600", optarg);
			break;
		case 'n':
			if (!number_of(optarg, 1, 1e9, &count))
				return cli_usage(command, "-n %s: frames, 1 and more", optarg);
			break;
		}
	}
	if (status != CLI_GO_ON)
		return status;
	if (optind != argc)
		return cli_usage(command, "unexpected '%s'", argv[optind]);
	client = client_open();
	if (!client)
		return CLI_NO_DAEMON;
	terminal_begin();
	status = show_frames(client, interval, (unsigned long)count);
	terminal_end();
	client_close(client);
	return status;
}

const struct command command_watch = {
	.name = "watch",
	.arguments = "[-i SECONDS] [-n COUNT] [--color=WHEN]",
	.summary = "show peers and their throughput, live",
	.help =
		"Ends with q or Ctrl-C. Into a pipe it prints one frame after another.\n"
		"\n"
		"  -i, --interval SECONDS  from one frame to the next (default 1)\n"
		"  -n, --count COUNT       end after so many frames\n"
		"  --color=WHEN            auto (the default: on a terminal), always or never\n"
		"\n"
		"The curves are of the last samples, each as high as its own highest value; in a\n"
		"terminal without UTF-8 they are drawn with the characters . : - = + * # @\n"
		"\n"
		"Example: prose watch -i 0.5\n",
	.run = run,
};
