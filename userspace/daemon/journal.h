/* SPDX-License-Identifier: MIT */
/*
 * Messages with fields, to the journal's own socket, without its library: the protocol is a
 * datagram of lines, systemd.io/JOURNAL_NATIVE_PROTOCOL.
 */
#ifndef PROSE_DAEMON_JOURNAL_H
#define PROSE_DAEMON_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

#define JOURNAL_SOCKET	"/run/systemd/journal/socket"

/* A field; its name is of the journal's kind, upper case. One without a value is left out. */
struct journal_field {
	const char *name, *value;
};

/**
 * journal_encode() - the datagram of a message
 * @fields: its fields, ended by one without a name
 * @buffer: gets it
 * @len: its size
 *
 * Return: octets of it, 0 when @buffer is too small.
 */
size_t journal_encode(const struct journal_field *fields, void *buffer, size_t len);

/* Opens the socket; -1 when there is none. To be closed by whoever opened it. */
int journal_open(const char *path);

/* Sends one message, and never waits; false when the journal does not take it. */
bool journal_send(int fd, const struct journal_field *fields);

#endif
