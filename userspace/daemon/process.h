/* SPDX-License-Identifier: MIT */
/* The process itself: its memory has keys. */
#ifndef PROSE_DAEMON_PROCESS_H
#define PROSE_DAEMON_PROCESS_H

/**
 * process_keep_secrets() - leave no core file, and let nobody look
 *
 * A size of 0 alone has a kernel that pipes core files into a program do so all the same (core(5)); a
 * process that is not dumpable has none, and other processes of its user can neither attach to it nor
 * read its memory. At the beginning of main(): it is of the process, and what is started by it again is
 * as usual.
 *
 * Return: 0, or -1 with errno.
 */
int process_keep_secrets(void);

#endif
