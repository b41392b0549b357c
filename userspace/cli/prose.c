// SPDX-License-Identifier: MIT
/* prose: shows and steers prosed. A table of subcommands, each in a file of its own. */
#include <locale.h>
#include <stdarg.h>
#include <string.h>

#include "cli.h"
#include "daemon/text.h"
#include "terminal.h"

const char *cli_socket;

const struct command *const commands[] = {
	&command_show, &command_watch, &command_monitor, &command_connect, &command_rekey,
	&command_release, &command_forget, &command_reload, &command_doctor, &command_metrics,
	&command_pki, &command_mikey, &command_identity, &command_decode, &command_help,
	&command_version, NULL
};

void cli_help(const struct command *command, FILE *to)
{
	fprintf(to, "usage: prose %s%s%s\n\n%c%s.\n", command->name,
		command->arguments[0] ? " " : "", command->arguments,
		command->summary[0] - 'a' + 'A', command->summary + 1);
	if (command->help[0])
		fprintf(to, "\n%s", command->help);
}

void cli_error(const char *format, ...)
{
	va_list args;

	/* On the other screen it would be gone with that. */
	terminal_end();
	va_start(args, format);
	fprintf(stderr, "%sprose:%s ", output_bad(stderr), output_plain(stderr));
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

int cli_usage(const struct command *command, const char *format, ...)
{
	va_list args;

	if (format) {
		va_start(args, format);
		fprintf(stderr, "prose %s: ", command->name);
		vfprintf(stderr, format, args);
		fputc('\n', stderr);
		va_end(args);
	}
	fprintf(stderr, "usage: prose %s %s\nprose %s --help explains it.\n", command->name,
		command->arguments, command->name);
	return CLI_USAGE;
}

const struct command *cli_command(const char *name)
{
	const char *names[sizeof(commands) / sizeof(commands[0])], *nearest;
	size_t i;

	for (i = 0; commands[i]; i++) {
		if (!strcmp(commands[i]->name, name))
			return commands[i];
		names[i] = commands[i]->name;
	}
	names[i] = NULL;
	nearest = text_nearest(name, names);
	if (nearest)
		cli_error("there is no command '%s'; did you mean %s?", name, nearest);
	else
		cli_error("there is no command '%s'; prose help lists them", name);
	return NULL;
}

int main(int argc, char **argv)
{
	const struct command *command;
	int i = 1;

	/* The character set, for the width of text; numbers stay those of C. */
	setlocale(LC_CTYPE, "");
	while (i < argc && argv[i][0] == '-') {
		if (!strcmp(argv[i], "-h") || !strcmp(argv[i], "--help"))
			return command_help.run(&command_help, 1, argv);
		if (!strcmp(argv[i], "-V") || !strcmp(argv[i], "--version"))
			return command_version.run(&command_version, 1, argv);
		if (!strncmp(argv[i], "--socket=", 9)) {
			cli_socket = argv[i++] + 9;
			continue;
		}
		if (!strncmp(argv[i], "--color=", 8)) {
			if (!output_set_colour(argv[i++] + 8))
				return CLI_USAGE;
			continue;
		}
		if ((!strcmp(argv[i], "-s") || !strcmp(argv[i], "--socket")) && i + 1 < argc) {
			cli_socket = argv[i + 1];
			i += 2;
			continue;
		}
		cli_error("%s %s; prose --help lists the options", argv[i],
			  argv[i][1] == 's' ? "needs a socket behind it" : "is no option");
		return CLI_USAGE;
	}
	if (i == argc)
		return command_show.run(&command_show, 1, (char *[]){ "show", NULL });
	command = cli_command(argv[i]);
	return command ? command->run(command, argc - i, argv + i) : CLI_USAGE;
}
