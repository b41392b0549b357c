// SPDX-License-Identifier: MIT
#include <errno.h>
#include <glob.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "daemon/config.h"
#include "format.h"

/* How long prosed may take to answer; it answers at once unless it hangs. */
#define ANSWER_MS	10000

struct client {
	int fd;
	char *in;
	size_t in_len, in_room;
	json_t *events;		/* that came before a response */
};

/* The one socket there is, when the user named none. */
static bool only_socket(char *path, size_t len, char *why, size_t why_len)
{
	glob_t found = { 0 };
	bool one = false;
	size_t i, at;

	glob(CONFIG_RUNTIME_DIR "/*.sock", 0, NULL, &found);
	if (found.gl_pathc == 1) {
		one = (size_t)snprintf(path, len, "%s", found.gl_pathv[0]) < len;
	} else if (found.gl_pathc) {
		at = (size_t)snprintf(why, why_len, "several prosed run here; say which with -s:");
		for (i = 0; i < found.gl_pathc && at < why_len; i++)
			at += (size_t)snprintf(why + at, why_len - at, "\n  prose -s %s",
					       found.gl_pathv[i]);
	} else {
		snprintf(why, why_len, "prosed does not run (there is no socket in "
			 CONFIG_RUNTIME_DIR "); start it: systemctl start prosed, or prosed -c "
			 CONFIG_DEFAULT_PATH "; or name its socket with -s");
	}
	globfree(&found);
	return one;
}

static bool socket_path(char *path, size_t len, char *why, size_t why_len)
{
	const char *wanted = cli_socket ? cli_socket : getenv("PROSE_SOCKET");
	int used;

	if (!wanted || !wanted[0])
		return only_socket(path, len, why, why_len);
	if (strchr(wanted, '/'))
		used = snprintf(path, len, "%s", wanted);
	else
		used = snprintf(path, len, CONFIG_RUNTIME_DIR "/%s.sock", wanted);
	if (used > 0 && (size_t)used < len)
		return true;
	snprintf(why, why_len, "%s: too long for the name of a socket", wanted);
	return false;
}

struct client *client_try(char *why, size_t why_len)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct client *client;
	int err;

	if (!socket_path(address.sun_path, sizeof(address.sun_path), why, why_len))
		return NULL;
	client = calloc(1, sizeof(*client));
	if (!client) {
		snprintf(why, why_len, "out of memory");
		return NULL;
	}
	client->events = json_array();
	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd >= 0 && !connect(client->fd, (struct sockaddr *)&address, sizeof(address)))
		return client;
	err = errno;
	if (err == ENOENT)
		snprintf(why, why_len, "%s: there is no such socket; start prosed (systemctl start "
			 "prosed, or prosed -c FILE), or name the right one with -s",
			 address.sun_path);
	else if (err == ECONNREFUSED)
		snprintf(why, why_len, "%s: prosed does not run any more; start it: systemctl start "
			 "prosed, or prosed -c FILE", address.sun_path);
	else if (err == EACCES || err == EPERM)
		snprintf(why, why_len, "%s: permission denied; only the user prosed runs as, most "
			 "often root, may ask it: sudo prose ...", address.sun_path);
	else
		snprintf(why, why_len, "%s: %s", address.sun_path, strerror(err));
	client_close(client);
	return NULL;
}

struct client *client_open(void)
{
	char why[1024] = "";
	struct client *client = client_try(why, sizeof(why));

	if (!client)
		cli_error("%s", why);
	return client;
}

pid_t client_pid(const struct client *client)
{
	struct ucred who = { 0 };
	socklen_t len = sizeof(who);

	return getsockopt(client->fd, SOL_SOCKET, SO_PEERCRED, &who, &len) ? 0 : who.pid;
}

void client_close(struct client *client)
{
	if (!client)
		return;
	if (client->fd >= 0)
		close(client->fd);
	json_decref(client->events);
	free(client->in);
	free(client);
}

static bool send_all(struct client *client, const char *text, size_t len)
{
	ssize_t sent;

	while (len) {
		sent = send(client->fd, text, len, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return false;
		text += sent;
		len -= (size_t)sent;
	}
	return true;
}

/* A whole line as JSON, if one is there. */
static json_t *buffered(struct client *client, bool *broken)
{
	char *end = client->in_len ? memchr(client->in, '\n', client->in_len) : NULL;
	json_error_t error;
	json_t *json;
	size_t len;

	if (!end)
		return NULL;
	len = (size_t)(end - client->in);
	json = json_loadb(client->in, len, 0, &error);
	client->in_len -= len + 1;
	memmove(client->in, end + 1, client->in_len);
	if (!json) {
		cli_error("prosed sent what is no JSON: %s", error.text);
		*broken = true;
	} else {
		/* Peers choose some of the words, and a terminal may read them. */
		format_clean_json(json, output_utf8());
	}
	return json;
}

static void say_closed(void)
{
	cli_error("prosed closed the connection; it may have ended, look at its log: "
		  "journalctl -u prosed");
}

static json_t *next_line(struct client *client, int timeout_ms, bool *timed_out)
{
	struct pollfd poll_fd = { .fd = client->fd, .events = POLLIN };
	struct timespec now;
	int64_t end_ms, left;
	bool broken = false;
	json_t *json;
	ssize_t got;
	char *grown;
	int rc;

	clock_gettime(CLOCK_MONOTONIC, &now);
	end_ms = now.tv_sec * 1000LL + now.tv_nsec / 1000000 + timeout_ms;
	while (!(json = buffered(client, &broken)) && !broken) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		left = end_ms - (now.tv_sec * 1000LL + now.tv_nsec / 1000000);
		rc = poll(&poll_fd, 1, timeout_ms < 0 ? -1 : left < 0 ? 0 : (int)left);
		if (rc < 0 && errno == EINTR)
			continue;
		if (rc == 0) {
			*timed_out = true;
			return NULL;
		}
		if (client->in_len == client->in_room) {
			grown = realloc(client->in, client->in_room + 65536);
			if (!grown) {
				cli_error("out of memory");
				return NULL;
			}
			client->in = grown;
			client->in_room += 65536;
		}
		got = recv(client->fd, client->in + client->in_len,
			   client->in_room - client->in_len, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			say_closed();
			return NULL;
		}
		client->in_len += (size_t)got;
	}
	return json;
}

json_t *client_call(struct client *client, json_t *request)
{
	char *text = request ? json_dumps(request, JSON_COMPACT) : NULL;
	bool sent, timed_out = false;
	json_t *response;

	json_decref(request);
	if (!text) {
		cli_error("what you gave is no UTF-8, or memory is out");
		return NULL;
	}
	sent = send_all(client, text, strlen(text)) && send_all(client, "\n", 1);
	free(text);
	if (!sent) {
		if (errno == EPIPE || errno == ECONNRESET)
			say_closed();
		else
			cli_error("prosed cannot be asked: %s", strerror(errno));
		return NULL;
	}
	while ((response = next_line(client, ANSWER_MS, &timed_out))) {
		if (!json_object_get(response, "event"))
			return response;
		json_array_append_new(client->events, response);
	}
	if (timed_out)
		cli_error("prosed does not answer; it may hang, look at its log: "
			  "journalctl -u prosed");
	return NULL;
}

json_t *client_event(struct client *client, int timeout_ms, bool *timed_out)
{
	json_t *event;

	*timed_out = false;
	if (json_array_size(client->events)) {
		event = json_incref(json_array_get(client->events, 0));
		json_array_remove(client->events, 0);
		return event;
	}
	return next_line(client, timeout_ms, timed_out);
}

json_t *client_result(json_t *response)
{
	const char *message;

	if (json_is_true(json_object_get(response, "ok")))
		return json_object_get(response, "result");
	message = json_string_value(json_object_get(json_object_get(response, "error"), "message"));
	cli_error("%s", message && message[0] ? message : "prosed refuses, without a reason");
	return NULL;
}

json_t *client_ask(json_t *request, int *status)
{
	struct client *client = client_open();
	json_t *response, *result;

	*status = CLI_NO_DAEMON;
	if (!client) {
		json_decref(request);
		return NULL;
	}
	response = client_call(client, request);
	client_close(client);
	if (!response)
		return NULL;
	result = json_incref(client_result(response));
	json_decref(response);
	*status = result ? CLI_OK : CLI_FAILED;
	return result;
}
