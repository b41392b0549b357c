// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control.h"
#include "log.h"

struct client {
	struct control *control;
	struct client *next;
	struct control_client who;
	ev_io reader, writer;
	int fd;
	bool subscribed, closing;
	char *in;			/* CONTROL_LINE_MAX octets */
	size_t in_len;
	char *out;
	size_t out_len, out_sent, out_room;
};

struct control {
	struct ev_loop *loop;
	char *path;
	int fd;
	ev_io listener;
	control_request *request;
	void *context;
	struct client *clients;
	unsigned int n_clients;
	dev_t device;
	ino_t inode;		/* of the socket: another's is not removed */
};

static void client_free(struct client *client)
{
	struct control *control = client->control;
	struct client **place;

	for (place = &control->clients; *place; place = &(*place)->next) {
		if (*place == client) {
			*place = client->next;
			control->n_clients--;
			break;
		}
	}
	ev_io_stop(control->loop, &client->reader);
	ev_io_stop(control->loop, &client->writer);
	close(client->fd);
	free(client->in);
	free(client->out);
	free(client);
}

/* Sends what the socket takes. The client may be gone after. */
static bool client_flush(struct client *client)
{
	ssize_t sent;

	while (client->out_sent < client->out_len) {
		sent = send(client->fd, client->out + client->out_sent,
			    client->out_len - client->out_sent, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN) {
			ev_io_start(client->control->loop, &client->writer);
			return true;
		}
		if (sent < 0) {
			client_free(client);
			return false;
		}
		client->out_sent += (size_t)sent;
	}
	client->out_len = 0;
	client->out_sent = 0;
	ev_io_stop(client->control->loop, &client->writer);
	if (client->closing) {
		client_free(client);
		return false;
	}
	return true;
}

/* Queues a line; a client too far behind is cut off, the others do not wait for it. */
static bool client_send(struct client *client, const json_t *line)
{
	char *text = json_dumps(line, JSON_COMPACT), *grown;
	size_t len = text ? strlen(text) : 0, need;

	if (!text)
		return true;
	if (client->out_sent) {
		memmove(client->out, client->out + client->out_sent,
			client->out_len - client->out_sent);
		client->out_len -= client->out_sent;
		client->out_sent = 0;
	}
	need = client->out_len + len + 1;
	if (need > CONTROL_BACKLOG_MAX) {
		log_warning("control: client of process %d does not read; cut off",
			    (int)client->who.pid);
		free(text);
		client_free(client);
		return false;
	}
	if (need > client->out_room) {
		grown = realloc(client->out, need + 4096);
		if (!grown) {
			free(text);
			client_free(client);
			return false;
		}
		client->out = grown;
		client->out_room = need + 4096;
	}
	memcpy(client->out + client->out_len, text, len);
	client->out[client->out_len + len] = '\n';
	client->out_len = need;
	free(text);
	return client_flush(client);
}

json_t *control_result(json_t *result)
{
	return json_pack("{s:b, s:o}", "ok", 1, "result", result ? result : json_null());
}

json_t *control_error(const char *code, const char *message)
{
	return json_pack("{s:b, s:{s:s, s:s}}", "ok", 0, "error", "code", code,
			 "message", message);
}

static bool client_line(struct client *client, const char *line, size_t len)
{
	struct control *control = client->control;
	bool subscribe = client->subscribed, alive;
	json_t *request, *response, *id = NULL;
	json_error_t error;
	char message[256];

	request = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	if (!request || !json_is_object(request)) {
		snprintf(message, sizeof(message), "A request is one JSON object on one line: %s.",
			 request ? "this is none" : error.text);
		response = control_error("bad-request", message);
	} else {
		id = json_object_get(request, "id");
		response = control->request(control->context, &client->who, request, &subscribe);
	}
	if (id && response)
		json_object_set(response, "id", id);
	client->subscribed = subscribe;
	alive = !response || client_send(client, response);
	json_decref(response);
	json_decref(request);
	return alive;
}

/* Returns false when the client is gone. */
static bool client_lines(struct client *client)
{
	char *end;
	size_t len;

	while ((end = memchr(client->in, '\n', client->in_len))) {
		len = (size_t)(end - client->in);
		if (len && !client_line(client, client->in, len))
			return false;
		client->in_len -= len + 1;
		memmove(client->in, end + 1, client->in_len);
	}
	if (client->in_len < CONTROL_LINE_MAX)
		return true;
	/* What follows cannot be told apart from the line's rest: answer, then close. */
	ev_io_stop(client->control->loop, &client->reader);
	client->closing = true;
	json_t *response = control_error("bad-request", "The request's line is too long.");
	bool alive = client_send(client, response);

	json_decref(response);
	return alive;
}

static void on_readable(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct client *client = watcher->data;
	ssize_t got;

	(void)loop;
	(void)events;
	got = recv(client->fd, client->in + client->in_len, CONTROL_LINE_MAX - client->in_len,
		   MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		client_free(client);
		return;
	}
	client->in_len += (size_t)got;
	client_lines(client);
}

static void on_writable(struct ev_loop *loop, ev_io *watcher, int events)
{
	(void)loop;
	(void)events;
	client_flush(watcher->data);
}

static void on_connection(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct control *control = watcher->data;
	struct ucred credentials = { 0 };
	socklen_t len = sizeof(credentials);
	struct client *client;
	int fd;

	(void)events;
	fd = accept4(control->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return;
	client = control->n_clients < CONTROL_CLIENTS_MAX ? calloc(1, sizeof(*client)) : NULL;
	if (client)
		client->in = malloc(CONTROL_LINE_MAX);
	if (!client || !client->in ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &len)) {
		log_warning("control: a client was turned away, %u are connected",
			    control->n_clients);
		if (client)
			free(client->in);
		free(client);
		close(fd);
		return;
	}
	client->control = control;
	client->fd = fd;
	client->who.pid = credentials.pid;
	client->who.uid = credentials.uid;
	client->next = control->clients;
	control->clients = client;
	control->n_clients++;
	ev_io_init(&client->reader, on_readable, fd, EV_READ);
	ev_io_init(&client->writer, on_writable, fd, EV_WRITE);
	client->reader.data = client;
	client->writer.data = client;
	ev_io_start(loop, &client->reader);
	log_debug("control: process %d of user %u connected", (int)client->who.pid,
		  (unsigned int)client->who.uid);
}

/* The process that listens on a socket; 0 when none does, and it is a leftover. */
static pid_t listener_of(const struct sockaddr_un *address)
{
	struct ucred credentials = { 0 };
	socklen_t len = sizeof(credentials);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	pid_t pid = 0;

	if (fd < 0)
		return 0;
	if (!connect(fd, (const struct sockaddr *)address, sizeof(*address)) || errno == EAGAIN)
		pid = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &len) ? 1 :
		      credentials.pid;
	close(fd);
	return pid;
}

static int make_folder(const char *path, char *why, size_t why_len)
{
	char *copy = strdup(path), *folder = copy ? dirname(copy) : NULL;
	int rc = 0;

	if (!folder || (mkdir(folder, 0755) && errno != EEXIST)) {
		snprintf(why, why_len, "the folder of %s cannot be made: %s", path,
			 folder ? strerror(errno) : "out of memory");
		rc = -1;
	}
	free(copy);
	return rc;
}

static int listen_at(struct control *control, char *why, size_t why_len)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct stat st;
	mode_t mask;
	pid_t pid;
	int rc;

	if (strlen(control->path) >= sizeof(address.sun_path)) {
		snprintf(why, why_len, "control = \"%s\" is too long for a socket", control->path);
		return -1;
	}
	strcpy(address.sun_path, control->path);
	if (make_folder(control->path, why, why_len))
		return -1;
	if (!lstat(control->path, &st)) {
		if (!S_ISSOCK(st.st_mode)) {
			snprintf(why, why_len, "%s exists and is no socket; remove it, or name "
				 "another with control =", control->path);
			return -1;
		}
		pid = listener_of(&address);
		if (pid) {
			snprintf(why, why_len, "%s: process %d listens there, most likely another "
				 "prosed; stop it, or name another socket with control =",
				 control->path, (int)pid);
			return -1;
		}
		unlink(control->path);
	}
	control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mask = umask(0177);	/* never open to others, not even for a moment */
	rc = control->fd < 0 ? -1 : bind(control->fd, (struct sockaddr *)&address, sizeof(address));
	umask(mask);
	if (rc || listen(control->fd, 8) || lstat(control->path, &st)) {
		snprintf(why, why_len, "%s: cannot listen there: %s", control->path,
			 strerror(errno));
		return -1;
	}
	control->device = st.st_dev;
	control->inode = st.st_ino;
	return 0;
}

struct control *control_open(struct ev_loop *loop, const char *path, control_request *request,
			     void *context, char *why, size_t why_len)
{
	struct control *control = calloc(1, sizeof(*control));

	if (control)
		control->path = strdup(path);
	if (!control || !control->path) {
		free(control);
		snprintf(why, why_len, "out of memory");
		return NULL;
	}
	control->loop = loop;
	control->request = request;
	control->context = context;
	control->fd = -1;
	if (listen_at(control, why, why_len)) {
		if (control->fd >= 0)
			close(control->fd);
		free(control->path);
		free(control);
		return NULL;
	}
	ev_io_init(&control->listener, on_connection, control->fd, EV_READ);
	control->listener.data = control;
	ev_io_start(loop, &control->listener);
	return control;
}

void control_close(struct control *control)
{
	struct stat st;

	if (!control)
		return;
	while (control->clients)
		client_free(control->clients);
	ev_io_stop(control->loop, &control->listener);
	close(control->fd);
	if (!lstat(control->path, &st) && st.st_dev == control->device &&
	    st.st_ino == control->inode)
		unlink(control->path);
	free(control->path);
	free(control);
}

void control_event(struct control *control, json_t *event)
{
	struct client *client, *next;

	for (client = control && event ? control->clients : NULL; client; client = next) {
		next = client->next;
		if (client->subscribed && !client->closing)
			client_send(client, event);
	}
	json_decref(event);
}
