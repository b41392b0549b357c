/* SPDX-License-Identifier: MIT */
/* A KMS that answers over mutual TLS: one thread, one libev loop. */
#ifndef PROSE_KMS_SERVER_H
#define PROSE_KMS_SERVER_H

#include <ev.h>

#include "daemon/log.h"
#include "keying/certificate/channel.h"
#include "keying/file.h"
#include "kms.h"
#include "rate.h"

#define SERVER_SOCKETS_MAX	8
/* A client that has not shown its certificate by then is dropped; or that is not done by then. */
#define SERVER_HANDSHAKE	5.0
#define SERVER_TIMEOUT		15.0
/* "2001:db8::/64" */
#define SERVER_SOURCE_MAX	64
/* Handshakes from an address in a minute, before it is known who is there, for each one that an
 * identity may make. */
#define SERVER_ADDRESS_SHARE	4

struct client;

/**
 * struct server - it
 * @kms: whose keys; its secrets are open
 * @loop: libev's
 * @credentials: own certificate, roots, CRLs
 * @sockets: where it listens
 * @n_sockets: how many
 * @clients: those that are connected
 * @n_clients: how many
 * @identities: how often an identity may ask
 * @addresses: how often an address may connect, or a network of IPv6
 * @strangers: lines of the log about those who have not shown a certificate
 * @pause: then it listens again
 * @end, @terminate, @reload: signals
 */
struct server {
	struct kms *kms;
	struct ev_loop *loop;
	struct credentials *credentials;
	ev_io sockets[SERVER_SOCKETS_MAX];
	unsigned int n_sockets;
	struct client *clients;
	unsigned int n_clients;
	struct rate *identities, *addresses;
	struct log_limit strangers;
	ev_timer pause;
	ev_signal end, terminate, reload;
};

/**
 * server_run() - serve until SIGINT or SIGTERM
 * @kms: open, with its secrets
 * @why: gets a sentence when it cannot begin
 * @why_len: its size
 *
 * SIGHUP reads the certificates and CRLs again; when they are not good, the old ones stay.
 *
 * Return: 0, or -1 when it did not begin.
 */
int server_run(struct kms *kms, char *why, size_t why_len);

/* client.c: takes over the socket. @source is what @address is counted as. */
void client_accept(struct server *server, int fd, const char *address, const char *source);
void client_drop(struct client *client);

/**
 * client_make_room() - drop one of those who have not shown a certificate
 * @server: where
 * @source: for whom; NULL is anybody
 *
 * The oldest one of that source, or of all: who holds many connections and makes more loses his own, and
 * who has just come is not the one who goes.
 *
 * Return: false when there is none.
 */
bool client_make_room(struct server *server, const char *source);

/* answer.c: the answer to a request line, or an error; -1 without memory. */
int answer(struct server *server, const struct channel *channel, const char *address,
	   const char *line, size_t len, struct keying_file *out);

/* For @strangers. */
uint64_t server_now_ms(const struct server *server);

#endif
