/* SPDX-License-Identifier: MIT */
/* prosed's event loop: kernel, control socket, timers and signals around one daemon. */
#ifndef PROSE_DAEMON_LOOP_H
#define PROSE_DAEMON_LOOP_H

#include <stdbool.h>

/**
 * struct loop_options - what the command line says
 * @config: the configuration file
 * @key_log: key log to write, or NULL for what the file says
 * @strict_24334: leave out every extension
 * @wait: wait for what the device needs, a lower device or an address, if it is not there
 */
struct loop_options {
	const char *config;
	const char *key_log;
	bool strict_24334;
	bool wait;
};

/* Exit status when the file says what cannot be: EX_CONFIG of sysexits.h. */
#define LOOP_BAD_CONFIG	78

/**
 * loop_run() - be the daemon until told to end
 *
 * Return: exit status: 0 after SIGTERM, SIGINT or SIGUSR2, LOOP_BAD_CONFIG when the configuration
 * cannot be used, which starting again does not cure, 1 when something else failed.
 */
int loop_run(const struct loop_options *options);

#endif
