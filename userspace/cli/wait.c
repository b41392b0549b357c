// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

#define REKEY_AGAIN_MAX	3

struct waiting {
	struct client *client;
	json_t *request;	/* to send again */
	const char *peer;
	char l2_id[16];
	enum outcome outcome;
	bool kd;
	unsigned int again;
	struct timespec since;
};

bool wait_seconds(const char *value, unsigned int *seconds)
{
	unsigned long number;
	char *end;

	if (!value)
		return true;	/* --wait alone: the default */
	number = strtoul(value, &end, 10);
	if (!value[0] || *end || value[0] == '-' || number > 86400)
		return false;
	*seconds = (unsigned int)number;
	return true;
}

static double elapsed(const struct waiting *waiting)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - waiting->since.tv_sec) +
	       (double)(now.tv_nsec - waiting->since.tv_nsec) / 1e9;
}

/* The peer's entry of a show, NULL when it has none. */
static json_t *look(struct waiting *waiting)
{
	json_t *response = client_call(waiting->client, json_pack("{s:s}", "command", "show"));
	json_t *peers = json_object_get(json_object_get(response, "result"), "peers"), *peer;
	size_t i;

	json_array_foreach(peers, i, peer) {
		if (!cli_peer_matches(peer, waiting->l2_id[0] ? waiting->l2_id : waiting->peer))
			continue;
		json_incref(peer);
		json_decref(response);
		return peer;
	}
	json_decref(response);
	return NULL;
}

/* Is the link on its way to a connection that somebody else asked for? */
static bool on_its_way(const char *state)
{
	return !strcmp(state, "requested") || !strcmp(state, "keying") ||
	       !strcmp(state, "securing") || !strcmp(state, "accepting");
}

/*
 * A refusal is no failure when things are as wanted already: connected when it was to be
 * connected, about to be.
 * Returns an exit status, or -1 to wait on.
 */
static int refused(struct waiting *waiting, json_t *response)
{
	json_t *peer = waiting->outcome == OUTCOME_CONNECTED ? look(waiting) : NULL;
	const char *state = output_text(peer, "state");
	int status = CLI_FAILED;

	if (!strcmp(state, "connected") || !strcmp(state, "rekeying")) {
		printf("%s: already connected\n", waiting->peer);
		status = CLI_OK;
	} else if (on_its_way(state)) {
		snprintf(waiting->l2_id, sizeof(waiting->l2_id), "%s",
			 output_text(peer, "layer2_id"));
		status = -1;
	} else {
		client_result(response);	/* prints it */
	}
	json_decref(peer);
	return status;
}

static int send_request(struct waiting *waiting)
{
	json_t *response = client_call(waiting->client, json_incref(waiting->request));
	const char *id;
	int status = -1;

	if (!response)
		return CLI_NO_DAEMON;
	id = output_text(json_object_get(response, "result"), "layer2_id");
	if (!json_is_true(json_object_get(response, "ok")))
		status = refused(waiting, response);
	else
		snprintf(waiting->l2_id, sizeof(waiting->l2_id), "%s", id);
	json_decref(response);
	return status;
}

/* Exit status when the event ends the wait, else -1. */
static int judge(struct waiting *waiting, const json_t *event)
{
	const char *what = output_text(event, "event"), *text = output_text(event, "text");
	const char *state = output_text(event, "state");

	if (strcmp(output_text(event, "layer2_id"), waiting->l2_id))
		return -1;
	if (!text[0])
		text = "it ended, and prosed gives no reason; look at its log: journalctl -u prosed";
	if (!strcmp(what, "state") && isatty(STDERR_FILENO))
		fprintf(stderr, "%s%s: %s%s\n", output_dim(stderr), waiting->peer, state,
			output_plain(stderr));
	if (!strcmp(what, "failed")) {
		cli_error("%s", text);
		return CLI_FAILED;
	}
	switch (waiting->outcome) {
	case OUTCOME_CONNECTED:
		if (!strcmp(what, "connected")) {
			printf("%s: connected in %.2f s\n", waiting->peer, elapsed(waiting));
			return CLI_OK;
		}
		break;
	case OUTCOME_REKEYED:
		if (!strcmp(what, "rekeyed") && waiting->kd &&
		    !json_is_true(json_object_get(event, "kd_changed"))) {
			/* The peer's rekey of KD-sess won over ours of KD. */
			if (waiting->again++ < REKEY_AGAIN_MAX)
				return send_request(waiting);
			cli_error("%s: KD-sess is new, but KD was not changed", waiting->peer);
			return CLI_FAILED;
		}
		if (!strcmp(what, "rekeyed")) {
			printf("%s: rekeyed%s in %.2f s\n", waiting->peer,
			       waiting->kd ? " with a new KD" : "", elapsed(waiting));
			return CLI_OK;
		}
		break;
	case OUTCOME_RELEASED:
		if (!strcmp(what, "released") ||
		    (!strcmp(what, "state") && (!strcmp(state, "null") || !strcmp(state, "idle")))) {
			printf("%s: released\n", waiting->peer);
			return CLI_OK;
		}
		return -1;
	}
	if (strcmp(what, "released"))
		return -1;
	cli_error("%s", text);
	return CLI_FAILED;
}

static int wait_events(struct waiting *waiting, unsigned int seconds)
{
	int status = -1, left;
	bool timed_out;
	json_t *event;

	while (status < 0) {
		left = (int)(seconds * 1000. - elapsed(waiting) * 1000.);
		event = client_event(waiting->client, left > 0 ? left : 0, &timed_out);
		if (!event && !timed_out)
			return CLI_NO_DAEMON;
		if (!event) {
			cli_error("%s: no outcome within %u s; it goes on, watch it with prose "
				  "monitor, or wait longer with --wait=SECONDS", waiting->peer,
				  seconds);
			return CLI_TIMEOUT;
		}
		status = judge(waiting, event);
		json_decref(event);
	}
	return status;
}

int wait_run(json_t *request, const char *peer, enum outcome outcome, unsigned int seconds)
{
	struct waiting waiting = {
		.request = request,
		.peer = peer,
		.outcome = outcome,
		.kd = json_is_true(json_object_get(request, "kd")),
	};
	json_t *response;
	int status;

	clock_gettime(CLOCK_MONOTONIC, &waiting.since);
	waiting.client = request ? client_open() : NULL;
	if (!waiting.client) {
		if (!request)
			cli_error("%s is no UTF-8, or memory is out", peer);
		json_decref(request);
		return request ? CLI_NO_DAEMON : CLI_USAGE;
	}
	/* First, so that no outcome is too quick to be seen. */
	response = client_call(waiting.client, json_pack("{s:s}", "command", "subscribe"));
	status = response ? send_request(&waiting) : CLI_NO_DAEMON;
	json_decref(response);
	if (status < 0 && !seconds) {
		status = CLI_OK;
	} else if (status < 0) {
		status = wait_events(&waiting, seconds);
	}
	client_close(waiting.client);
	json_decref(request);
	return status;
}
