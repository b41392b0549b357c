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
 */
struct loop_options {
	const char *config;
	const char *key_log;
	bool strict_24334;
};

/**
 * loop_run() - be the daemon until told to end
 *
 * Return: exit status: 0 after SIGTERM or SIGINT, 1 when something failed.
 */
int loop_run(const struct loop_options *options);

#endif
