// SPDX-License-Identifier: MIT
/* prose mikey: MIKEY messages in files, for what carries them other than PC5 does. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../format.h"
#include "../options.h"
#include "mikey.h"
#include "mikey/sdp.h"

static const struct {
	const char *name;
	int least, most;		/* arguments */
	const char *takes;
	int (*run)(const struct mikey_call *call);
} actions[] = {
	{ "make", 1, 2, "an identity, and perhaps a file", mikey_make },
	{ "open", 0, 1, "a file, or standard input", mikey_open },
	{ "show", 0, 1, "a file, or standard input", mikey_show },
};

#define ACTIONS	(sizeof(actions) / sizeof(actions[0]))

enum { OPTION_SEAL = 256, OPTION_AS, OPTION_FROM, OPTION_REPLAY, OPTION_KD, OPTION_AT, OPTION_WINDOW, OPTION_SDP,
       OPTION_NO_KMS, OPTION_MEDIA };

static const struct option options[] = {
	{ "keys", required_argument, NULL, 'k' },
	{ "seal-with", required_argument, NULL, OPTION_SEAL },
	{ "as", required_argument, NULL, OPTION_AS },
	{ "community", required_argument, NULL, 'c' },
	{ "from", required_argument, NULL, OPTION_FROM },
	{ "replay", required_argument, NULL, OPTION_REPLAY },
	{ "kd", required_argument, NULL, OPTION_KD },
	{ "at", required_argument, NULL, OPTION_AT },
	{ "window", required_argument, NULL, OPTION_WINDOW },
	{ "sdp", optional_argument, NULL, OPTION_SDP },
	{ "media", required_argument, NULL, OPTION_MEDIA },
	{ "no-kms", no_argument, NULL, OPTION_NO_KMS },
	{ "json", no_argument, NULL, 'j' },
	CLI_OPTIONS_END
};

static const struct cli_scope scopes[] = {
	{ 'k', "make and open" },
	{ OPTION_SEAL, "make and open" },
	{ OPTION_AS, "make" },
	{ 'c', "make and open" },
	{ OPTION_FROM, "open" },
	{ OPTION_REPLAY, "open" },
	{ OPTION_KD, "make and open" },
	{ OPTION_AT, "make and open" },
	{ OPTION_WINDOW, "open" },
	{ OPTION_SDP, "make" },
	{ OPTION_MEDIA, "open and show" },
	{ OPTION_NO_KMS, "make" },
	{ 'j', "show" },
	{ 0 }
};

static bool to_number(const char *text, uint32_t *number)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || end == text || *end || text[0] == '-' || value > INT32_MAX)
		return false;
	*number = (uint32_t)value;
	return true;
}

/* CLI_GO_ON, or an exit status. */
static int parse(const struct command *command, int argc, char **argv, struct mikey_call *call,
		 cli_given *given)
{
	int option, status;
	uint32_t number;
	bool sdp = false;
	time_t at;

	while ((option = cli_option(command, argc, argv, "k:c:jh", options, &status)) != -1) {
		cli_note(given, scopes, option);
		switch (option) {
		case 'k':
			if (call->n_keys == MIKEY_FILES_MAX)
				return cli_usage(command, "there are too many files of keys");
			call->keys[call->n_keys++] = optarg;
			break;
		case 'c':
			if (call->n_communities == MIKEY_FILES_MAX)
				return cli_usage(command, "there are too many files of communities");
			call->communities[call->n_communities++] = optarg;
			break;
		case OPTION_SEAL:
			call->seal = optarg;
			break;
		case OPTION_AS:
			call->as = optarg;
			break;
		case OPTION_FROM:
			call->from = optarg;
			break;
		case OPTION_REPLAY:
			call->replay = optarg;
			break;
		case OPTION_KD:
			call->kd = optarg;
			break;
		case OPTION_AT:
			at = format_utc(optarg);
			if (at == -1)
				return cli_usage(command, "--at: '%s' is no time such as "
						 "2027-01-31T12:00:00Z", optarg);
			call->at = (struct mikey_time){ at, 0 };
			call->has_at = true;
			break;
		case OPTION_WINDOW:
			if (!to_number(optarg, &call->window))
				return cli_usage(command, "--window: '%s' is no number of seconds",
						 optarg);
			call->has_window = true;
			break;
		case OPTION_SDP:
			sdp = true;
			call->sdp = optarg;
			break;
		case OPTION_MEDIA:
			if (!to_number(optarg, &number) || !number)
				return cli_usage(command, "--media: '%s' is no number, from 1", optarg);
			call->medium = number;
			break;
		case OPTION_NO_KMS:
			call->no_kms = true;
			break;
		case 'j':
			call->json = true;
			break;
		}
	}
	if (sdp && !call->sdp)
		call->sdp = "mikey";
	if (sdp && status == CLI_GO_ON && !mikey_sdp_offers(call->sdp))
		return cli_usage(command, "--sdp: '%s' is no list such as mikey;other, with mikey in it",
				 call->sdp);
	return status;
}

static int unknown_action(const struct command *command, const char *action)
{
	const char *names[ACTIONS + 1];

	for (size_t i = 0; i < ACTIONS; i++)
		names[i] = actions[i].name;
	names[ACTIONS] = NULL;
	return cli_no_action(command, action, names);
}

static int check(const struct command *command, const char *action, const struct mikey_call *call)
{
	bool make = !strcmp(action, "make"), show = !strcmp(action, "show");

	if (!show && !call->n_keys)
		return cli_usage(command, "%s needs your keys: -k FILE", action);
	if (make && call->n_keys > 1)
		return cli_usage(command, "make signs with one file of keys");
	if (make && call->n_communities > 1)
		return cli_usage(command, "make takes one community, the responder's");
	if (make && !call->sdp && call->n_arguments < 2 && isatty(STDOUT_FILENO))
		return cli_usage(command, "a message is no text for a terminal: name a file, or use --sdp");
	return CLI_OK;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct mikey_call call = { 0 };
	cli_given given = 0;
	const char *action;
	int status;

	status = parse(command, argc, argv, &call, &given);
	if (status != CLI_GO_ON)
		return status;
	call.n_arguments = argc - optind - 1;
	if (call.n_arguments < 0)
		return cli_usage(command, "say what: make, open or show");
	action = argv[optind];
	for (size_t i = 0; i < ACTIONS; i++) {
		if (strcmp(actions[i].name, action))
			continue;
		if (call.n_arguments < actions[i].least || call.n_arguments > actions[i].most)
			return cli_usage(command, "%s takes %s", action, actions[i].takes);
		for (int n = 0; n < call.n_arguments; n++)
			call.argument[n] = argv[optind + 1 + n];
		status = cli_fits(command, action, options, scopes, given);
		if (!status)
			status = check(command, action, &call);
		return status ? status : actions[i].run(&call);
	}
	return unknown_action(command, action);
}

const struct command command_mikey = {
	.name = "mikey",
	.arguments = "make|open|show [OPTION...] [IDENTITY] [FILE]",
	.summary = "make, open and show MIKEY messages: keys from identities, for any transport",
	.help =
		"  prose mikey make -k KEYS IDENTITY [FILE]  a secret for IDENTITY, signed by the one\n"
		"                          whose KEYS these are\n"
		"  prose mikey open -k KEYS [FILE]  who a message is from, if it is for the one whose\n"
		"                          KEYS these are, authentic and recent\n"
		"  prose mikey show [-j] [FILE]  what is in any MIKEY message, verified or not\n"
		"\n"
		"A FILE has a message, or SDP with one in a=key-mgmt; without FILE it is standard\n"
		"input or output.\n"
		"\n"
		"  -k, --keys FILE       keys from a KMS, of all months that it has given; open: several\n"
		"                        files, of several KMSs\n"
		"  --seal-with FROM      make, open: what these are sealed with: FILE,\n"
		"                        keyring:DESCRIPTION or credential:NAME\n"
		"  --as IDENTITY         make: signed as this one, where they are of several, or of UIDs\n"
		"  -c, --community FILE  make: the responder's, when it has another KMS\n"
		"                        open: others whose users are trusted to be who they say\n"
		"  --kd FILE             make, open: put KD there, 32 octets\n"
		"  --at TIME             make, open: as if it were then, 2027-01-31T12:00:00Z\n"
		"  --sdp[=LIST]          make: as an attribute of SDP, for an offer of these protocols, in\n"
		"                        this order: mikey, unless it is more, such as 'mikey;other'\n"
		"  --media N             open, show: the message for the N-th medium of the SDP\n"
		"  --no-kms              make: do not name the KMSs, where there is only one\n"
		"  --from IDENTITY       open: nobody else's\n"
		"  --window SECONDS      open: how far the timestamp may be from the clock (600)\n"
		"  --replay FILE         open: remember there what was opened, and not open it again\n"
		"  -j, --json            show: as JSON; share/prose/prose-mikey.schema.json\n"
		"\n"
		"Example: prose mikey make -k ue1.keys --kd kd1 --sdp tel:+447700900456 offer.sdp\n"
		"         prose mikey open -k ue2.keys --kd kd2 --replay seen offer.sdp\n",
	.run = run,
};
