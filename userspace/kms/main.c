// SPDX-License-Identifier: MIT
/*
 * prose-kms: a Key Management Service for keys from identities (RFC 6507 to 6509). A program of its own:
 * a UE has no use for it, and must not have what it keeps.
 */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "daemon/daemon.h"
#include "daemon/process.h"
#include "daemon/text.h"

static const struct command *const commands[] = {
	&command_init, &command_public, &command_extract, &command_revoke, &command_unrevoke,
	&command_deny, &command_list, &command_audit, &command_serve,
};

#define COMMANDS	(sizeof(commands) / sizeof(commands[0]))

int say(const char *format, ...)
{
	va_list args;

	fputs("prose-kms: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return KMS_FAILED;
}

const char *time_text(long long seconds, char out[static TIME_TEXT])
{
	time_t when = seconds;
	struct tm tm;

	if (!gmtime_r(&when, &tm) || !strftime(out, TIME_TEXT, "%FT%TZ", &tm))
		strcpy(out, "?");
	return out;
}

const char *who(char out[static WHO_TEXT])
{
	snprintf(out, WHO_TEXT, "uid %u", (unsigned int)getuid());
	return out;
}

static void print_usage(const struct command *command, FILE *to)
{
	fprintf(to, "usage: prose-kms %s %s\n", command->name, command->arguments);
}

static int help_all(void)
{
	printf("usage: prose-kms COMMAND DIR [ARGUMENT...]\n\n"
	       "A Key Management Service: makes the keys of a community from identities.\n\n");
	for (size_t i = 0; i < COMMANDS; i++)
		printf("  %-8s  %s\n", commands[i]->name, commands[i]->summary);
	printf("\nprose-kms COMMAND --help explains each; prose-kms(8)\n"
	       "\nExample: prose-kms init /var/lib/prose-kms --community kms.example.org\n");
	return KMS_OK;
}

/* The one of that name; else says which there are. */
static const struct command *find(const char *name)
{
	const char *names[COMMANDS + 1], *nearest;

	for (size_t i = 0; i < COMMANDS; i++) {
		if (!strcmp(commands[i]->name, name))
			return commands[i];
		names[i] = commands[i]->name;
	}
	names[COMMANDS] = NULL;
	nearest = text_nearest(name, names);
	say(nearest ? "there is no '%s'; did you mean %s?" :
	    "there is no '%s'%s; prose-kms --help has the commands", name, nearest ? nearest : "");
	return NULL;
}

static int take(int option, struct arguments *arguments)
{
	switch (option) {
	case 'C':
		arguments->community = optarg;
		break;
	case 'M':
		arguments->master_key = optarg;
		break;
	case 'S':
		arguments->store = optarg;
		break;
	case 'J':
		arguments->join = true;
		break;
	case 'm':
		if (arguments->n_months == sizeof(arguments->months) / sizeof(arguments->months[0]))
			return say("--month: a file of keys has at most %d months", ISSUE_MONTHS_MAX);
		if (!period_read(optarg, &arguments->months[arguments->n_months++]))
			return say("--month: '%s' is no month such as 2026-11", optarg);
		break;
	case 'U':
		arguments->uid = true;
		break;
	case 'o':
		arguments->output = optarg;
		break;
	case 'W':
		arguments->seal = optarg;
		break;
	case 'P':
		arguments->plain = true;
		break;
	case 'R':
		arguments->replace = true;
		break;
	case 'r':
		arguments->reason = optarg;
		break;
	case 'j':
		arguments->json = true;
		break;
	}
	return KMS_OK;
}

/* -1: go on; else the exit status. */
static int parse(const struct command *command, int argc, char **argv, struct arguments *arguments)
{
	static const struct option options[] = {
		{ "community", required_argument, NULL, 'C' },
		{ "master-key", required_argument, NULL, 'M' },
		{ "store", required_argument, NULL, 'S' },
		{ "join", no_argument, NULL, 'J' },
		{ "month", required_argument, NULL, 'm' },
		{ "uid", no_argument, NULL, 'U' },
		{ "output", required_argument, NULL, 'o' },
		{ "seal-with", required_argument, NULL, 'W' },
		{ "plain", no_argument, NULL, 'P' },
		{ "replace", no_argument, NULL, 'R' },
		{ "reason", required_argument, NULL, 'r' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	int option, wanted = command->identity ? 2 : 1;

	while ((option = getopt_long(argc, argv, "o:jh", options, NULL)) != -1) {
		if (option == 'h') {
			print_usage(command, stdout);
			printf("\n%s", command->help);
			return KMS_OK;
		}
		if (option != '?' && !strchr(command->options, option))
			say("%s has no such option", command->name);
		if (option == '?' || !strchr(command->options, option)) {
			print_usage(command, stderr);
			return KMS_USAGE;
		}
		if (take(option, arguments))
			return KMS_USAGE;
	}
	if (argc - optind != wanted) {
		say("%s takes %s", command->name, wanted == 1 ? "the folder of the KMS" :
		    "the folder of the KMS and an identity");
		print_usage(command, stderr);
		return KMS_USAGE;
	}
	arguments->dir = argv[optind];
	arguments->identity = command->identity ? argv[optind + 1] : NULL;
	return -1;
}

int main(int argc, char **argv)
{
	struct arguments arguments = { 0 };
	const struct command *command;
	int status;

	if (process_keep_secrets())
		say("note: a core file may be written if this fails, with secrets in it: %s",
		    strerror(errno));
	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
			 !strcmp(argv[1], "help")))
		return help_all();
	if (argc > 1 && !strcmp(argv[1], "--version")) {
		printf("prose-kms %s\n", DAEMON_VERSION);
		return KMS_OK;
	}
	if (argc < 2) {
		say("say what to do; prose-kms --help has the commands");
		return KMS_USAGE;
	}
	command = find(argv[1]);
	if (!command)
		return KMS_USAGE;
	status = parse(command, argc - 1, argv + 1, &arguments);
	return status < 0 ? command->run(&arguments) : status;
}
