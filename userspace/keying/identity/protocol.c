// SPDX-License-Identifier: MIT
#include "protocol.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <openssl/crypto.h>

#include "keying/sentence.h"

#define VERSION		1
#define MARK		"prose-kms"

/* Puts the line's end behind it; takes over @json. */
static int dump(json_t *json, struct keying_file *line)
{
	size_t len = json ? json_dumpb(json, NULL, 0, JSON_COMPACT) : 0;

	*line = (struct keying_file){ len ? malloc(len + 2) : NULL, 0 };
	if (line->data && json_dumpb(json, line->data, len, JSON_COMPACT) == len) {
		memcpy(line->data + len, "\n", 2);
		line->len = len + 1;
	}
	json_decref(json);
	if (line->len)
		return 0;
	free(line->data);
	line->data = NULL;
	return -1;
}

/* A JSON object of ours, or NULL with a sentence. */
static json_t *load(const char *line, size_t len, char *why, size_t why_len)
{
	json_error_t error;
	json_t *json = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);

	if (json_is_object(json) && json_integer_value(json_object_get(json, MARK)) == VERSION)
		return json;
	keying_sentence(why, why_len, json_is_object(json) && json_object_get(json, MARK) ?
			"is of another version of the protocol" : "is not what prose-kms speaks");
	json_decref(json);
	return NULL;
}

char *protocol_request(const char *identity)
{
	struct keying_file line;

	return dump(json_pack("{s:i, s:s}", MARK, VERSION, "identity", identity), &line) ? NULL :
	       line.data;
}

int protocol_request_read(const char *line, size_t len, char identity[static MIKEY_URI_MAX + 1],
			  char *why, size_t why_len)
{
	json_t *json = load(line, len, why, why_len);
	const char *text;
	int err = 0;

	if (!json)
		return -1;
	text = json_string_value(json_object_get(json, "identity"));
	if (!text || !*text || strlen(text) > MIKEY_URI_MAX || !keying_text_valid(text, strlen(text)))
		err = keying_sentence(why, why_len, "names no identity");
	else
		strcpy(identity, text);
	json_decref(json);
	return err;
}

/*
 * jansson's copies of the keys would stay in freed memory, so that the few keys there are go
 * into the line by hand: they have no character that JSON writes otherwise but the end of line.
 */
int protocol_response(const struct keying_file *keys, const struct keying_file *deny,
		      struct keying_file *line)
{
	struct keying_file rest;
	size_t at;

	if (dump(json_pack("{s:i, s:s, s:s#}", MARK, VERSION, "keys", "", "deny", deny->data,
			   deny->len), &rest))
		return -1;
	at = (size_t)(strstr(rest.data, "\"keys\":\"") + strlen("\"keys\":\"") - rest.data);
	*line = (struct keying_file){ malloc(rest.len + 2 * keys->len + 1), 0 };
	if (line->data) {
		memcpy(line->data, rest.data, at);
		line->len = at;
		for (size_t i = 0; i < keys->len; i++) {
			if (keys->data[i] == '\n')
				line->data[line->len++] = '\\';
			line->data[line->len++] = keys->data[i] == '\n' ? 'n' : keys->data[i];
		}
		memcpy(line->data + line->len, rest.data + at, rest.len - at + 1);
		line->len += rest.len - at;
	}
	keying_file_free(&rest);
	return line->data ? 0 : -1;
}

int protocol_error(const char *error, struct keying_file *line)
{
	return dump(json_pack("{s:i, s:s}", MARK, VERSION, "error", error), line);
}

static int copy(const json_t *json, const char *member, struct keying_file *file)
{
	const json_t *text = json_object_get(json, member);

	*file = (struct keying_file){ 0 };
	if (!json_is_string(text))
		return -1;
	file->len = json_string_length(text);
	file->data = malloc(file->len + 1);
	if (!file->data)
		return -1;
	memcpy(file->data, json_string_value(text), file->len + 1);
	return 0;
}

/* The string that jansson has, before it goes. */
static void wipe(const json_t *json, const char *member)
{
	const json_t *text = json_object_get(json, member);

	if (json_is_string(text))
		OPENSSL_cleanse((void *)json_string_value(text), json_string_length(text));
}

int protocol_response_read(const char *line, size_t len, struct protocol_response *response,
			   char *why, size_t why_len)
{
	json_t *json = load(line, len, why, why_len);
	const char *error;
	int err = 0;

	*response = (struct protocol_response){ 0 };
	if (!json)
		return -1;
	error = json_string_value(json_object_get(json, "error"));
	if (error && *error)
		keying_sentence(response->error, sizeof(response->error), "%s", error);
	else if (copy(json, "keys", &response->keys) || copy(json, "deny", &response->deny))
		err = keying_sentence(why, why_len, "has neither keys nor an error in it");
	wipe(json, "keys");
	json_decref(json);
	if (err)
		protocol_response_free(response);
	return err;
}

void protocol_response_free(struct protocol_response *response)
{
	keying_file_free(&response->keys);
	keying_file_free(&response->deny);
}
