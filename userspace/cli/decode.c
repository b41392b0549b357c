// SPDX-License-Identifier: MIT
/* prose decode: a program of its own, prose-decode, so that a UE needs no libpcap. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

#define PROGRAM	"prose-decode"

static int run(const struct command *command, int argc, char **argv)
{
	char path[PATH_MAX];
	ssize_t len;
	char *name;

	(void)command;
	(void)argc;
	/* The one beside this program, as in a folder that was built and not installed. */
	len = readlink("/proc/self/exe", path, sizeof(path) - sizeof(PROGRAM));
	if (len > 0) {
		path[len] = 0;
		name = strrchr(path, '/') + 1;
		memcpy(name, PROGRAM, sizeof(PROGRAM));
		execv(path, argv);
	}
	execvp(PROGRAM, argv);
	cli_error(PROGRAM ": %s", errno == ENOENT ?
		  "it is not installed; it comes with the package prose-tools" : strerror(errno));
	return CLI_FAILED;
}

const struct command command_decode = {
	.name = "decode",
	.arguments = "-k KEYLOG [OPTION...] CAPTURE [OUTPUT]",
	.summary = "decipher a capture of a carrier with the key logs of prosed",
	.help = "prose decode --help explains the options.\n"
		"\n"
		"Example: prose decode -k ue1.keys carrier.pcap clear.pcap\n",
	.run = run,
};
