/* SPDX-License-Identifier: MIT */
/*
 * The control socket: one JSON object a line, requests in, responses and events out, as
 * Documentation/control.rst says. Who may open the socket (mode 0600) may do everything.
 */
#ifndef PROSE_DAEMON_CONTROL_H
#define PROSE_DAEMON_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <ev.h>
#include <jansson.h>

#define CONTROL_CLIENTS_MAX	32
#define CONTROL_LINE_MAX	65536		/* octets of a request */
#define CONTROL_BACKLOG_MAX	(4 << 20)	/* octets a client may be behind before it is cut off */

struct control;

/* Who asks (SO_PEERCRED). */
struct control_client {
	pid_t pid;
	uid_t uid;
};

/**
 * typedef control_request - answer a request
 * @context: as given to control_open()
 * @client: who asks
 * @request: an object
 * @subscribe: set to true to send the client events from now on
 *
 * Return: the response, without the member id; control adds that.
 */
typedef json_t *control_request(void *context, const struct control_client *client,
				const json_t *request, bool *subscribe);

/**
 * control_open() - listen
 * @path: of the socket; its folder is made if it is missing, a socket nobody listens on any
 *	  more is replaced
 * @why: gets a sentence; when another daemon listens, with its process id
 */
struct control *control_open(struct ev_loop *loop, const char *path, control_request *request,
			     void *context, char *why, size_t why_len);

/* Sends what can be sent without waiting, removes the socket. NULL is allowed. */
void control_close(struct control *control);

/* Sends @event to all who subscribed; takes over the reference. */
void control_event(struct control *control, json_t *event);

/* {"ok": true, "result": ...} and {"ok": false, "error": {...}}; take over @result. */
json_t *control_result(json_t *result);
json_t *control_error(const char *code, const char *message);

#endif
