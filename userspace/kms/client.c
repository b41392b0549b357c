// SPDX-License-Identifier: MIT
/* A connection: handshake, a line in, a line out, the end; each step when the socket is ready. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "keying/identity/protocol.h"
#include "server.h"

struct client {
	struct client *next, **before;
	struct server *server;
	struct channel *channel;
	int fd;
	char address[64], source[SERVER_SOURCE_MAX];
	ev_io io;
	ev_timer timer;
	enum { SHAKING, ASKING, ANSWERING, ENDING, LINGERING } state;
	char line[PROTOCOL_REQUEST_MAX];
	size_t len;
	struct keying_file answer;
	size_t sent;
};

void client_drop(struct client *client)
{
	ev_io_stop(client->server->loop, &client->io);
	ev_timer_stop(client->server->loop, &client->timer);
	if (client->next)
		client->next->before = client->before;
	*client->before = client->next;
	client->server->n_clients--;
	channel_free(client->channel);
	close(client->fd);
	keying_file_free(&client->answer);
	free(client);
}

/* No certificate was seen, or it was not good. */
static bool is_stranger(const struct client *client)
{
	return client->state == SHAKING || client->state == LINGERING;
}

bool client_make_room(struct server *server, const char *source)
{
	struct client *client, *oldest = NULL, *own = NULL;

	/* The first one is the newest. */
	for (client = server->clients; client; client = client->next) {
		if (!is_stranger(client))
			continue;
		oldest = client;
		if (source && !strcmp(client->source, source))
			own = client;
	}
	if (own)
		oldest = own;
	if (!oldest)
		return false;
	log_limited(&server->strangers, server_now_ms(server), LOG_LEVEL_NOTICE,
		    "%s: dropped to make room", oldest->address);
	client_drop(oldest);
	return true;
}

static enum channel_status ask(struct client *client)
{
	enum channel_status status;
	const char *end;
	size_t got;

	if (client->len == sizeof(client->line))
		return CHANNEL_CLOSED;
	status = channel_read(client->channel, client->line + client->len,
			      sizeof(client->line) - client->len, &got);
	client->len += got;
	end = memchr(client->line, '\n', client->len);
	if (status != CHANNEL_DONE || !end)
		return status;
	if (answer(client->server, client->channel, client->address, client->line,
		   (size_t)(end - client->line), &client->answer))
		return CHANNEL_CLOSED;
	client->state = ANSWERING;
	return CHANNEL_DONE;
}

static enum channel_status say_it(struct client *client)
{
	enum channel_status status;
	size_t put;

	status = channel_write(client->channel, client->answer.data + client->sent,
			       client->answer.len - client->sent, &put);
	client->sent += put;
	if (client->sent == client->answer.len)
		client->state = ENDING;
	return status;
}

/*
 * What the client has sent and nobody reads would have the kernel reset the connection, and the alert
 * that says why would be lost with it.
 */
static enum channel_status linger(const struct client *client)
{
	char rest[512];
	ssize_t got = recv(client->fd, rest, sizeof(rest), 0);

	if (got > 0)
		return CHANNEL_DONE;
	return got < 0 && (errno == EAGAIN || errno == EINTR) ? CHANNEL_READ : CHANNEL_CLOSED;
}

/*
 * Until there is a request, nobody is known to be there but an address, of which IPv6 has as many as
 * one likes.
 */
static void tell(struct client *client, const char *what)
{
	struct server *server = client->server;

	if (client->state == SHAKING)
		log_limited(&server->strangers, server_now_ms(server), LOG_LEVEL_NOTICE, "%s: %s",
			    client->address, what);
	else
		log_notice("%s: %s", client->address, what);
}

static enum channel_status step(struct client *client)
{
	enum channel_status status;

	switch (client->state) {
	case SHAKING:
		status = channel_handshake(client->channel);
		if (status == CHANNEL_DONE) {
			client->state = ASKING;
			ev_timer_stop(client->server->loop, &client->timer);
			ev_timer_set(&client->timer, SERVER_TIMEOUT, 0);
			ev_timer_start(client->server->loop, &client->timer);
		}
		return status;
	case ASKING:
		return ask(client);
	case ANSWERING:
		return say_it(client);
	case LINGERING:
		return linger(client);
	default:
		status = channel_end(client->channel);
		return status == CHANNEL_DONE ? CHANNEL_CLOSED : status;
	}
}

static void on_ready(struct ev_loop *loop, ev_io *io, int events)
{
	struct client *client = io->data;
	enum channel_status status;

	(void)events;
	do
		status = step(client);
	while (status == CHANNEL_DONE);
	if (status == CHANNEL_FAILED) {
		tell(client, channel_why(client->channel));
		client->state = LINGERING;
		shutdown(client->fd, SHUT_WR);
		status = CHANNEL_READ;
	}
	if (status == CHANNEL_CLOSED) {
		client_drop(client);
		return;
	}
	ev_io_stop(loop, io);
	ev_io_set(io, client->fd, status == CHANNEL_READ ? EV_READ : EV_WRITE);
	ev_io_start(loop, io);
}

static void on_timeout(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct client *client = timer->data;
	char late[64];

	(void)loop;
	(void)events;
	if (client->state != LINGERING) {
		snprintf(late, sizeof(late), "not done within %.0f seconds",
			 client->state == SHAKING ? SERVER_HANDSHAKE : SERVER_TIMEOUT);
		tell(client, late);
	}
	client_drop(client);
}

void client_accept(struct server *server, int fd, const char *address, const char *source)
{
	struct client *client = calloc(1, sizeof(*client));

	if (client)
		client->channel = channel_new(server->credentials, fd, true, "", time(NULL));
	if (!client || !client->channel) {
		log_notice("%s: out of memory", address);
		free(client);
		close(fd);
		return;
	}
	client->server = server;
	client->fd = fd;
	snprintf(client->address, sizeof(client->address), "%s", address);
	snprintf(client->source, sizeof(client->source), "%s", source);
	client->next = server->clients;
	client->before = &server->clients;
	if (client->next)
		client->next->before = &client->next;
	server->clients = client;
	server->n_clients++;
	ev_io_init(&client->io, on_ready, fd, EV_READ);
	client->io.data = client;
	ev_io_start(server->loop, &client->io);
	ev_timer_init(&client->timer, on_timeout, SERVER_HANDSHAKE, 0);
	client->timer.data = client;
	ev_timer_start(server->loop, &client->timer);
}
