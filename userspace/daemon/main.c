// SPDX-License-Identifier: MIT
/* prosed: arguments, and what can be said without a device. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "config.h"
#include "daemon.h"
#include "log.h"
#include "loop.h"
#include "methods.h"
#include "process.h"

enum {
	OPTION_KEY_LOG = 256,
	OPTION_STRICT,
	OPTION_WAIT,
	OPTION_VERSION,
};

static void usage(FILE *to)
{
	fprintf(to,
		"usage: prosed [-c FILE] [OPTION...]\n"
		"\n"
		"Runs the PC5-S handshakes of one prose device and pushes their keys to the kernel.\n"
		"Stays in the foreground and logs to standard error.\n"
		"\n"
		"  -c, --config FILE   configuration (default " CONFIG_DEFAULT_PATH ")\n"
		"  -t, --check-config  read configuration and credentials, say what is wrong, end\n"
		"      --key-log FILE  append every session key to FILE: for a debugging lab only\n"
		"      --strict-24334  leave out all extensions of TS 24.334\n"
		"      --wait          wait for the lower device, or own address, that is not there\n"
		"  -f, --foreground    stay in the foreground (always so)\n"
		"  -v, --verbose       log more; twice for every step\n"
		"      --version       print the version\n"
		"  -h, --help          print this\n"
		"\n"
		"SIGHUP reloads, SIGTERM releases all links and removes what prosed made, SIGUSR2\n"
		"ends prosed and leaves all of it to the next one.\n"
		"prosed(8), prosed.conf(5), prose(8)\n");
}

static int check_config(const char *path, bool strict_24334)
{
	char why[CONFIG_WHY_MAX];
	struct config *config = config_load_as(path, strict_24334, why, sizeof(why));
	struct methods *methods = config ? methods_load(config, why, sizeof(why)) : NULL;

	if (!methods)
		fprintf(stderr, "%s\n", why);
	else
		printf("%s: ok; identity %s, %zu peer%s\n", path, methods_identity(methods, config),
		       config->n_peers, config->n_peers == 1 ? "" : "s");
	methods_free(methods);
	config_free(config);
	return methods ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check-config", no_argument, NULL, 't' },
		{ "key-log", required_argument, NULL, OPTION_KEY_LOG },
		{ "strict-24334", no_argument, NULL, OPTION_STRICT },
		{ "wait", no_argument, NULL, OPTION_WAIT },
		{ "foreground", no_argument, NULL, 'f' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "version", no_argument, NULL, OPTION_VERSION },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	struct loop_options loop = { .config = CONFIG_DEFAULT_PATH };
	int level = LOG_LEVEL_NOTICE, option;
	bool check = false;

	while ((option = getopt_long(argc, argv, "c:tfvh", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			loop.config = optarg;
			break;
		case 't':
			check = true;
			break;
		case OPTION_KEY_LOG:
			loop.key_log = optarg;
			break;
		case OPTION_STRICT:
			loop.strict_24334 = true;
			break;
		case OPTION_WAIT:
			loop.wait = true;
			break;
		case 'f':
			break;
		case 'v':
			level++;
			break;
		case OPTION_VERSION:
			printf("prosed %s\n", DAEMON_VERSION);
			return EXIT_SUCCESS;
		case 'h':
			usage(stdout);
			return EXIT_SUCCESS;
		default:
			fprintf(stderr, "prosed --help lists the options.\n");
			return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "prosed: unexpected '%s'; prosed --help lists the options.\n",
			argv[optind]);
		return 2;
	}
	log_init(level > LOG_LEVEL_DEBUG ? LOG_LEVEL_DEBUG : (enum log_level)level);
	if (process_keep_secrets())
		log_warning("core files cannot be switched off; one would hold keys");
	if (check)
		return check_config(loop.config, loop.strict_24334);
	return loop_run(&loop);
}
