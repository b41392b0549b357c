// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "requests.h"

struct command {
	const char *name;
	bool changes;		/* logged, with who asked */
	json_t *(*answer)(struct daemon *daemon, const json_t *request, bool *subscribe);
};

static json_t *answer_version(struct daemon *daemon, const json_t *request, bool *subscribe)
{
	(void)daemon;
	(void)request;
	(void)subscribe;
	return control_result(json_pack("{s:s, s:i}", "version", DAEMON_VERSION, "protocol", 1));
}

static json_t *answer_show(struct daemon *daemon, const json_t *request, bool *subscribe)
{
	(void)request;
	(void)subscribe;
	return control_result(daemon_show(daemon));
}

static json_t *answer_subscribe(struct daemon *daemon, const json_t *request, bool *subscribe)
{
	(void)daemon;
	(void)request;
	*subscribe = true;
	return control_result(NULL);
}

/* Member peer of a request, NULL with the response to send when it is missing. */
static const char *wanted_peer(const json_t *request, json_t **response)
{
	const json_t *peer = json_object_get(request, "peer");

	if (json_is_string(peer) && json_string_length(peer) == strlen(json_string_value(peer)))
		return json_string_value(peer);
	*response = control_error("bad-request", "The request needs a text member \"peer\".");
	return NULL;
}

static json_t *peer_answer(int err, uint32_t l2_id, const char *why)
{
	char id[TEXT_L2_ID_LEN];
	json_t *json;

	if (!err)
		return control_result(json_pack("{s:s}", "layer2_id", text_l2_id(l2_id, id)));
	json = control_error("refused", "");
	json_object_set_new(json_object_get(json, "error"), "message", show_text(why));
	return json;
}

static json_t *answer_connect(struct daemon *daemon, const json_t *request, bool *subscribe)
{
	char why[KEYING_TEXT_MAX] = "";
	json_t *response = NULL;
	const char *peer = wanted_peer(request, &response);
	uint32_t l2_id = 0;
	int err;

	(void)subscribe;
	if (!peer)
		return response;
	err = daemon_connect(daemon, peer, &l2_id, why, sizeof(why));
	return peer_answer(err, l2_id, why);
}

static json_t *answer_rekey(struct daemon *daemon, const json_t *request, bool *subscribe)
{
	const json_t *kd = json_object_get(request, "kd");
	char why[KEYING_TEXT_MAX] = "";
	json_t *response = NULL;
	const char *peer = wanted_peer(request, &response);
	uint32_t l2_id = 0;
	int err;

	(void)subscribe;
	if (!peer)
		return response;
	if (kd && !json_is_boolean(kd))
		return control_error("bad-request", "The member \"kd\" is true or false.");
	err = daemon_rekey(daemon, peer, json_is_true(kd), &l2_id, why, sizeof(why));
	return peer_answer(err, l2_id, why);
}

static json_t *answer_release(struct daemon *daemon, const json_t *request, bool *subscribe)
{
	char why[KEYING_TEXT_MAX] = "";
	json_t *response = NULL;
	const char *peer = wanted_peer(request, &response);
	uint32_t l2_id = 0;
	int err;

	(void)subscribe;
	if (!peer)
		return response;
	err = daemon_release(daemon, peer, &l2_id, why, sizeof(why));
	return peer_answer(err, l2_id, why);
}

static json_t *answer_forget(struct daemon *daemon, const json_t *request, bool *subscribe)
{
	char why[KEYING_TEXT_MAX] = "";
	json_t *response = NULL;
	const char *peer = wanted_peer(request, &response);
	uint32_t l2_id = 0;
	int err;

	(void)subscribe;
	if (!peer)
		return response;
	err = daemon_forget(daemon, peer, &l2_id, why, sizeof(why));
	return peer_answer(err, l2_id, why);
}

static json_t *answer_reload(struct daemon *daemon, const json_t *request, bool *subscribe)
{
	char why[CONFIG_WHY_MAX] = "";
	json_t *json;

	(void)request;
	(void)subscribe;
	if (!daemon_reload(daemon, why, sizeof(why))) {
		log_notice("%s: reloaded", daemon->config->path);
		return control_result(json_pack("{s:o}", "configuration",
						show_text(daemon->config->path)));
	}
	log_error("%s (the old configuration stays in force)", why);
	json = control_error("bad-configuration", "");
	json_object_set_new(json_object_get(json, "error"), "message", show_text(why));
	return json;
}

static const struct command commands[] = {
	{ "version", false, answer_version },
	{ "show", false, answer_show },
	{ "subscribe", false, answer_subscribe },
	{ "connect", true, answer_connect },
	{ "rekey", true, answer_rekey },
	{ "release", true, answer_release },
	{ "forget", true, answer_forget },
	{ "reload", true, answer_reload },
};

json_t *requests_answer(void *context, const struct control_client *client,
			const json_t *request, bool *subscribe)
{
	const char *name = json_string_value(json_object_get(request, "command"));
	const char *peer = json_string_value(json_object_get(request, "peer"));
	struct daemon *daemon = context;
	size_t i;

	if (!name)
		return control_error("bad-request",
				     "The request needs a text member \"command\".");
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, name))
			continue;
		if (commands[i].changes)
			log_info("control: process %d of user %u asks: %s%s%.100s",
				 (int)client->pid, (unsigned int)client->uid, name,
				 peer ? " " : "", peer ? peer : "");
		return commands[i].answer(daemon, request, subscribe);
	}
	return control_error("unknown-command", "There is no such command; "
			     "Documentation/control.rst lists them.");
}
