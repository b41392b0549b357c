/* SPDX-License-Identifier: MIT */
/*
 * Mutual TLS 1.3 over a socket, with the credentials and the rules of the method certificate: for what
 * a UE asks of a server of its own organisation. The socket may be non-blocking, or have timeouts.
 */
#ifndef PROSE_KEYING_CHANNEL_H
#define PROSE_KEYING_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "certificate.h"

struct channel;
struct credentials;

enum channel_status {
	CHANNEL_DONE,
	CHANNEL_READ,		/* again, when the socket can be read */
	CHANNEL_WRITE,		/* again, when it can be written */
	CHANNEL_CLOSED,		/* the other end closed it */
	CHANNEL_FAILED,		/* channel_why() says why */
};

/* What certificate_new() reads, for channels; NULL with a sentence. Has to outlive them. */
struct credentials *channel_credentials(const struct certificate_files *files, char *why,
					size_t why_len);
void channel_credentials_free(struct credentials *credentials);

/**
 * channel_new() - a connection, before its handshake
 * @credentials: own
 * @fd: the socket; stays the caller's
 * @server: this end was connected to
 * @expected: identity that the other end's certificate has to name, "" for any
 * @now: wall-clock time
 *
 * Return: the channel, or NULL without memory.
 */
struct channel *channel_new(const struct credentials *credentials, int fd, bool server,
			    const char *expected, time_t now);

/* Wipes what it has of keys; NULL is allowed. */
void channel_free(struct channel *channel);

enum channel_status channel_handshake(struct channel *channel);
enum channel_status channel_read(struct channel *channel, char *data, size_t size, size_t *got);
enum channel_status channel_write(struct channel *channel, const char *data, size_t len, size_t *put);
/* Says that no more comes. */
enum channel_status channel_end(struct channel *channel);

/* Why it failed, a sentence without its end. */
const char *channel_why(const struct channel *channel);

/* Once the handshake is done: whom the other end's certificate names first. */
const char *channel_identity(const struct channel *channel);

/* And whether it names this one, as a subject alternative name of type URI. */
bool channel_names(const struct channel *channel, const char *uri);

#endif
