// SPDX-License-Identifier: MIT
/* prose identity: a UE's keys from its KMS. */
#include <string.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "identity.h"

enum {
	OPTION_COMMUNITY = 256,
	OPTION_KMS,
	OPTION_SERVER,
	OPTION_CHAIN,
	OPTION_KEY,
	OPTION_ROOTS,
	OPTION_CRLS,
	OPTION_DENY,
	OPTION_SEAL,
};

static const struct option options[] = {
	{ "community", required_argument, NULL, OPTION_COMMUNITY },
	{ "config", required_argument, NULL, 'c' },
	{ "kms", required_argument, NULL, OPTION_KMS },
	{ "server", required_argument, NULL, OPTION_SERVER },
	{ "chain", required_argument, NULL, OPTION_CHAIN },
	{ "key", required_argument, NULL, OPTION_KEY },
	{ "roots", required_argument, NULL, OPTION_ROOTS },
	{ "crls", required_argument, NULL, OPTION_CRLS },
	{ "output", required_argument, NULL, 'o' },
	{ "deny", required_argument, NULL, OPTION_DENY },
	{ "seal-with", required_argument, NULL, OPTION_SEAL },
	{ "json", no_argument, NULL, 'j' },
	CLI_OPTIONS_END
};

static const struct cli_scope scopes[] = {
	{ 'c', "fetch" },
	{ OPTION_KMS, "fetch" },
	{ OPTION_SERVER, "fetch" },
	{ OPTION_CHAIN, "fetch" },
	{ OPTION_KEY, "fetch" },
	{ OPTION_ROOTS, "fetch" },
	{ OPTION_CRLS, "fetch" },
	{ 'o', "fetch" },
	{ 'j', "show" },
	{ 0 }
};

static bool add(const char *list[static IDENTITY_LIST], size_t *n)
{
	if (*n == IDENTITY_LIST)
		return false;
	list[(*n)++] = optarg;
	return true;
}

/* CLI_GO_ON, or an exit status. */
static int parse(const struct command *command, int argc, char **argv, struct identity_call *call,
		 cli_given *given)
{
	bool fits = true;
	int option, status;

	while ((option = cli_option(command, argc, argv, "c:o:jh", options, &status)) != -1) {
		cli_note(given, scopes, option);
		switch (option) {
		case OPTION_COMMUNITY:
			fits = add(call->communities, &call->n_communities);
			break;
		case 'c':
			call->config = optarg;
			break;
		case OPTION_KMS:
			call->kms = optarg;
			break;
		case OPTION_SERVER:
			call->server = optarg;
			break;
		case OPTION_CHAIN:
			call->chain = optarg;
			break;
		case OPTION_KEY:
			call->key = optarg;
			break;
		case OPTION_ROOTS:
			fits = add(call->roots, &call->n_roots);
			break;
		case OPTION_CRLS:
			fits = add(call->crls, &call->n_crls);
			break;
		case 'o':
			call->output = optarg;
			break;
		case OPTION_DENY:
			call->deny = optarg;
			break;
		case OPTION_SEAL:
			call->seal = optarg;
			break;
		case 'j':
			call->json = true;
			break;
		}
		if (!fits)
			return cli_usage(command, "an option is given more than %d times",
					 IDENTITY_LIST);
	}
	return status;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct identity_call call = { 0 };
	cli_given given = 0;
	int status = parse(command, argc, argv, &call, &given);
	const char *action;
	bool fetch;

	if (status != CLI_GO_ON)
		return status;
	action = optind < argc ? argv[optind] : "";
	fetch = !strcmp(action, "fetch");
	if (!fetch && strcmp(action, "show"))
		return cli_usage(command, "say what: fetch or show");
	if (argc - optind != 2)
		return cli_usage(command, "%s takes %s", action, fetch ? "an identity" :
				 "a file of keys");
	call.what = argv[optind + 1];
	status = cli_fits(command, action, options, scopes, given);
	if (status)
		return status;
	if (!call.n_communities)
		return cli_usage(command, "%s needs --community FILE, as prose-kms public prints it",
				 action);
	if (!fetch)
		return identity_show(&call);
	if (call.n_communities > 1)
		return cli_usage(command, "fetch takes one --community, that of the KMS it asks");
	if (!call.kms || !call.output)
		return cli_usage(command, "fetch needs --kms HOST[:PORT] and --output FILE");
	if (!call.chain != !call.key || !call.chain != !call.n_roots)
		return cli_usage(command, "--chain, --key and --roots go together");
	if (call.config && call.chain)
		return cli_usage(command, "--config is for its certificates; with --chain there are others");
	if (call.n_crls && !call.chain)
		return cli_usage(command, "--crls goes with --chain, --key and --roots; the certificates of "
				 "prosed.conf have their own, option crls of section certificate");
	return identity_fetch(&call);
}

const struct command command_identity = {
	.name = "identity",
	.arguments = "fetch|show [OPTION...] IDENTITY|KEYS",
	.summary = "get the keys of an identity from its KMS, and look at them",
	.help =
		"  prose identity fetch --kms HOST[:PORT] --community FILE -o KEYS IDENTITY\n"
		"                           gets the keys of the months that are due, checks them, and\n"
		"                           puts them in place of those in the file\n"
		"  prose identity show --community FILE [-j] KEYS\n"
		"                           checks a file of keys and says what is in it\n"
		"\n"
		"  --community FILE       public parameters of the KMS, as prose-kms public prints them;\n"
		"                         show: of several, given several times\n"
		"  -o, --output FILE      fetch: gets the keys\n"
		"  --deny FILE            fetch: gets the deny list, unless that there is newer;\n"
		"                         show: the list, to see who is on it\n"
		"  --seal-with FROM       seals the keys, or opens them, with a key from FILE,\n"
		"                         keyring:DESCRIPTION or credential:NAME\n"
		"  -c, --config FILE      prosed.conf, whose section certificate is used for TLS\n"
		"  --chain, --key, --roots FILE, and --crls FILE   these instead\n"
		"  --server IDENTITY      name in the certificate of the KMS; that of the KMS unless given\n"
		"  -j, --json             show: as JSON\n"
		"\n"
		"Example: prose identity fetch --kms kms.example.org --community example.community \\\n"
		"             --deny example.deny -o ue1.keys tel:+447700900123\n",
	.run = run,
};
