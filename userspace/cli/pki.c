// SPDX-License-Identifier: MIT
/* prose pki: a certification authority in a folder, so that two commands make credentials. */
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "options.h"
#include "keying/pki/pki.h"

#define WHY_MAX	512

struct pki_call {
	const char *dir, *what;		/* arguments */
	const char *name;		/* --name */
	const char *parent;		/* --parent */
	bool json;
	struct pki_options options;
};

static int fail(const char *why)
{
	cli_error("%s", why);
	return CLI_FAILED;
}

static int run_init(const struct pki_call *call)
{
	const char *name = call->name ? call->name : "prose root";
	char why[WHY_MAX] = "";
	int err;

	err = call->parent ? pki_subordinate(call->dir, call->parent, name, &call->options, why,
					     sizeof(why)) :
			     pki_init(call->dir, name, &call->options, why, sizeof(why));
	if (err)
		return fail(why);
	printf("%s/ca.pem is the certificate all peers need; %s/ca.key is its secret: keep it off "
	       "the peers.\nNext: prose pki issue %s urn:prose:ue1\n", call->dir, call->dir,
	       call->dir);
	return CLI_OK;
}

/* What a peer's prosed.conf says about these files. */
static int print_configuration(const struct pki_call *call)
{
	char why[WHY_MAX] = "", certificate[PATH_MAX], key[PATH_MAX], full[PATH_MAX];
	const char *dir = realpath(call->dir, full) ? full : call->dir;

	if (pki_path(dir, call->what, "pem", certificate, sizeof(certificate), why, sizeof(why)) ||
	    pki_path(dir, call->what, "key", key, sizeof(key), why, sizeof(why)))
		return fail(why);
	printf("# for prosed.conf of %s:\n"
	       "certificate {\n"
	       "\tchain = \"%s\"\n"
	       "\tkey = \"%s\"\n"
	       "\troots = { \"%s/ca.pem\" }\n"
	       "\tcrls = { \"%s/crl.pem\" }\n"
	       "}\n", call->what, certificate, key, dir, dir);
	return CLI_OK;
}

static int run_issue(const struct pki_call *call)
{
	char why[WHY_MAX] = "";

	if (pki_issue(call->dir, call->what, &call->options, why, sizeof(why)))
		return fail(why);
	return print_configuration(call);
}

static int run_revoke(const struct pki_call *call)
{
	char why[WHY_MAX] = "";

	if (pki_revoke(call->dir, call->what, &call->options, why, sizeof(why)))
		return fail(why);
	printf("%s is revoked. Copy %s/crl.pem to every peer, then there: prose reload\n",
	       call->what, call->dir);
	return CLI_OK;
}

static int run_crl(const struct pki_call *call)
{
	char why[WHY_MAX] = "";

	if (pki_crl(call->dir, &call->options, why, sizeof(why)))
		return fail(why);
	printf("%s/crl.pem is new. Copy it to every peer, then there: prose reload\n", call->dir);
	return CLI_OK;
}

static const char *date(time_t when, char *buffer, size_t len)
{
	struct tm tm;

	if (!gmtime_r(&when, &tm) || !strftime(buffer, len, "%FT%TZ", &tm))
		snprintf(buffer, len, "?");
	return buffer;
}

static bool print_entry(void *context, const struct pki_entry *entry)
{
	char before[32], after[32], revoked[32];

	(void)context;
	date(entry->not_before, before, sizeof(before));
	date(entry->not_after, after, sizeof(after));
	if (entry->revoked)
		date(entry->revoked, revoked, sizeof(revoked));
	printf("%s\t%s\t%s\t%s\t%s%s%s%s\n", entry->serial, before, after,
	       entry->revoked ? revoked : "-", entry->revoked ? output_bad(stdout) : "",
	       entry->identity, entry->revoked ? output_plain(stdout) : "",
	       !entry->revoked && entry->not_after < time(NULL) ? "\t(expired)" : "");
	return true;
}

static bool collect_entry(void *context, const struct pki_entry *entry)
{
	char before[32], after[32], revoked[32];

	json_array_append_new(context, json_pack("{s:s, s:s, s:s, s:s, s:o}",
		"serial", entry->serial, "identity", entry->identity,
		"not_before", date(entry->not_before, before, sizeof(before)),
		"not_after", date(entry->not_after, after, sizeof(after)), "revoked",
		entry->revoked ? json_string(date(entry->revoked, revoked, sizeof(revoked))) :
				 json_null()));
	return true;
}

static int run_list(const struct pki_call *call)
{
	json_t *list = call->json ? json_array() : NULL;
	char why[WHY_MAX] = "";
	int err;

	if (!call->json)
		printf("%sserial\tnot before\tnot after\trevoked\tidentity%s\n", output_dim(stdout),
		       output_plain(stdout));
	err = pki_list(call->dir, call->json ? collect_entry : print_entry, list, why, sizeof(why));
	if (!err && call->json) {
		json_dumpf(list, stdout, JSON_INDENT(2));
		printf("\n");
	}
	json_decref(list);
	return err ? fail(why) : CLI_OK;
}

static const struct {
	const char *name;
	int arguments;
	int (*run)(const struct pki_call *call);
} actions[] = {
	{ "init", 1, run_init }, { "issue", 2, run_issue }, { "revoke", 2, run_revoke },
	{ "crl", 1, run_crl }, { "list", 1, run_list },
};

/* "2027-01-31" or "2027-01-31T12:00:00Z" */
static bool to_time(const char *text, time_t *when)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%d", &tm);

	if (end && *end == 'T')
		end = strptime(end, "T%H:%M:%SZ", &tm);
	if (!end || *end)
		return false;
	*when = timegm(&tm);
	return true;
}

static bool to_days(const char *text, unsigned int *days)
{
	unsigned long value;
	char *end;

	value = strtoul(text, &end, 10);
	if (!isdigit((unsigned char)text[0]) || *end || !value || value > 36500)
		return false;
	*days = (unsigned int)value;
	return true;
}

static int unknown_action(const struct command *command, const char *name)
{
	const char *names[sizeof(actions) / sizeof(actions[0]) + 1];
	size_t i;

	for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		names[i] = actions[i].name;
	names[i] = NULL;
	return cli_no_action(command, name, names);
}

enum {
	OPTION_DAYS = 256,
	OPTION_CRL_DAYS,
	OPTION_NOT_BEFORE,
	OPTION_NOT_AFTER,
	OPTION_KEY,
	OPTION_USAGE,
	OPTION_NAME,
	OPTION_PARENT,
	OPTION_REPLACE,
};

static const struct option options[] = {
	{ "days", required_argument, NULL, OPTION_DAYS },
	{ "crl-days", required_argument, NULL, OPTION_CRL_DAYS },
	{ "not-before", required_argument, NULL, OPTION_NOT_BEFORE },
	{ "not-after", required_argument, NULL, OPTION_NOT_AFTER },
	{ "key", required_argument, NULL, OPTION_KEY },
	{ "extended-key-usage", required_argument, NULL, OPTION_USAGE },
	{ "name", required_argument, NULL, OPTION_NAME },
	{ "parent", required_argument, NULL, OPTION_PARENT },
	{ "replace", no_argument, NULL, OPTION_REPLACE },
	{ "json", no_argument, NULL, 'j' },
	CLI_OPTIONS_END
};

static const struct cli_scope scopes[] = {
	{ OPTION_DAYS, "init issue" },
	{ OPTION_CRL_DAYS, "init revoke crl" },
	{ OPTION_NOT_BEFORE, "init issue" },
	{ OPTION_NOT_AFTER, "init issue" },
	{ OPTION_KEY, "init issue" },
	{ OPTION_USAGE, "issue" },
	{ OPTION_NAME, "init" },
	{ OPTION_PARENT, "init" },
	{ OPTION_REPLACE, "issue" },
	{ 'j', "list" },
	{ 0 }
};

static int parse(const struct command *command, int argc, char **argv, struct pki_call *call,
		 cli_given *given)
{
	int option, status;

	while ((option = cli_option(command, argc, argv, "jh", options, &status)) != -1) {
		cli_note(given, scopes, option);
		switch (option) {
		case OPTION_DAYS:
			if (!to_days(optarg, &call->options.days))
				return cli_usage(command, "--days: '%s' is not between 1 and 36500",
						 optarg);
			break;
		case OPTION_CRL_DAYS:
			if (!to_days(optarg, &call->options.crl_days))
				return cli_usage(command, "--crl-days: '%s' is not between 1 and 36500",
						 optarg);
			break;
		case OPTION_NOT_BEFORE:
			if (!to_time(optarg, &call->options.not_before))
				return cli_usage(command, "--not-before: '%s' is no date such as "
						 "2027-01-31", optarg);
			break;
		case OPTION_NOT_AFTER:
			if (!to_time(optarg, &call->options.not_after))
				return cli_usage(command, "--not-after: '%s' is no date such as "
						 "2027-01-31", optarg);
			break;
		case OPTION_KEY:
			call->options.key_type = optarg;
			break;
		case OPTION_USAGE:
			call->options.extended_key_usage = optarg;
			break;
		case OPTION_NAME:
			call->name = optarg;
			break;
		case OPTION_PARENT:
			call->parent = optarg;
			break;
		case OPTION_REPLACE:
			call->options.replace = true;
			break;
		case 'j':
			call->json = true;
			break;
		}
	}
	return status;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct pki_call call = { 0 };
	const char *action;
	cli_given given = 0;
	int status, words;
	size_t i;

	status = parse(command, argc, argv, &call, &given);
	if (status != CLI_GO_ON)
		return status;
	words = argc - optind - 1;
	if (words < 0)
		return cli_usage(command, "say what: init, issue, revoke, crl or list");
	action = argv[optind];
	for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(actions[i].name, action))
			continue;
		if (words != actions[i].arguments)
			return cli_usage(command, "%s takes %s", action, actions[i].arguments == 1 ?
					 "the folder of the authority" :
					 "the folder of the authority and an identity");
		status = cli_fits(command, action, options, scopes, given);
		if (status)
			return status;
		call.dir = argv[optind + 1];
		call.what = words > 1 ? argv[optind + 2] : NULL;
		return actions[i].run(&call);
	}
	return unknown_action(command, action);
}

const struct command command_pki = {
	.name = "pki",
	.arguments = "init|issue|revoke|crl|list DIR [IDENTITY] [OPTION...]",
	.summary = "make test credentials: a root, device certificates, revocation",
	.help =
		"  prose pki init DIR             a root with an empty CRL in DIR\n"
		"  prose pki issue DIR IDENTITY   key and certificate, such as urn:prose:ue1; prints\n"
		"                                 what to put into prosed.conf\n"
		"  prose pki revoke DIR IDENTITY  (or a serial number) and a new CRL\n"
		"  prose pki crl DIR              a new CRL with the same revocations\n"
		"  prose pki list DIR [-j]        what was issued\n"
		"\n"
		"  --days N                  init, issue: validity\n"
		"  --not-before, --not-after DATE   the same; 2027-01-31 or 2027-01-31T12:00:00Z, UTC\n"
		"  --crl-days N              init, revoke, crl: until the CRL's next update\n"
		"  --key TYPE                init, issue: P-256 (default), P-384, ED25519, RSA-3072\n"
		"  --extended-key-usage LIST issue: clientAuth,serverAuth unless given\n"
		"  --name NAME               init: common name of the root\n"
		"  --parent DIR              init: signed by that authority, instead of a root\n"
		"  --replace                 issue: write over files of the same identity\n"
		"\n"
		"Example: prose pki init pki && prose pki issue pki urn:prose:ue1\n",
	.run = run,
};
