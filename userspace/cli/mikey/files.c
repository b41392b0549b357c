// SPDX-License-Identifier: MIT
/* What prose mikey reads and shows in one way in all its actions. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "../format.h"
#include "keying/sentence.h"
#include "mikey.h"
#include "mikey/mikey.h"
#include "mikey/sdp.h"

/* Base64 of the longest message, with some lines of SDP around it. */
#define INPUT_MAX	(1 << 18)

/* Names in it are a stranger's. */
int mikey_fail(const char *why)
{
	char text[MIKEY_WHY_MAX];

	snprintf(text, sizeof(text), "%s", why);
	format_clean(text, output_utf8());
	cli_error("%s", text);
	return CLI_FAILED;
}

static int read_community(const char *path, struct mikey_key_file *parsed)
{
	char why[MIKEY_WHY_MAX] = "";
	struct keying_file file;
	int err;

	if (keying_file_read(path, false, &file, why, sizeof(why))) {
		mikey_fail(why);
		return -1;
	}
	err = mikey_key_file_parse(path, &file, parsed, why, sizeof(why));
	keying_file_free(&file);
	if (err)
		mikey_fail(why);
	return err;
}

static int read_files(const struct mikey_call *call, struct mikey_files *files)
{
	char why[MIKEY_WHY_MAX] = "";

	for (size_t i = 0; i < call->n_keys; i++) {
		files->keys[i] = identity_keys_load(call->keys[i], call->seal, NULL, why,
						    sizeof(why));
		if (!files->keys[i]) {
			mikey_fail(why);
			return -1;
		}
		files->n_own += identity_keys_count(files->keys[i]);
	}
	for (size_t i = 0; i < call->n_communities; i++)
		if (read_community(call->communities[i], &files->communities[i]))
			return -1;
	return 0;
}

int mikey_files_read(const struct mikey_call *call, struct mikey_files *files)
{
	size_t n = 0;

	memset(files, 0, sizeof(*files));
	if (read_files(call, files))
		return -1;
	files->n_trusted = files->n_own + call->n_communities;
	files->own = calloc(files->n_own, sizeof(*files->own));
	files->trusted = calloc(files->n_trusted, sizeof(*files->trusted));
	if (!files->own || !files->trusted) {
		mikey_fail("There is no memory left");
		return -1;
	}
	for (size_t i = 0; i < call->n_keys; i++) {
		for (size_t k = 0; k < identity_keys_count(files->keys[i]); k++) {
			const struct mikey_keys *keys = identity_keys_at(files->keys[i], k);

			files->trusted[n] = keys->community;
			files->own[n++] = keys;
		}
	}
	for (size_t i = 0; i < call->n_communities; i++)
		files->trusted[n + i] = files->communities[i].community;
	return 0;
}

void mikey_files_free(struct mikey_files *files)
{
	free(files->own);
	free(files->trusted);
	for (size_t i = 0; i < MIKEY_FILES_MAX; i++) {
		identity_keys_free(files->keys[i]);
		mikey_key_file_free(&files->communities[i]);
	}
}

static int read_input(struct keying_file *file)
{
	size_t got;

	file->data = malloc(INPUT_MAX + 1);
	if (!file->data) {
		mikey_fail("There is no memory left");
		return -1;
	}
	got = fread(file->data, 1, INPUT_MAX + 1, stdin);
	if (!ferror(stdin) && got <= INPUT_MAX) {
		file->data[got] = 0;
		file->len = got;
		return 0;
	}
	mikey_fail(ferror(stdin) ? "Standard input cannot be read" :
				   "There is more on standard input than any message has");
	free(file->data);
	return -1;
}

/* A text without any attribute may be a value alone. */
static void from_sdp(const struct mikey_call *call, const struct keying_file *file,
		     struct mikey_input *input, const char **reason)
{
	size_t at = 0, line_len = file->len;
	const char *line = file->data;

	if (mikey_sdp_find(file->data, file->len, &at, &line_len)) {
		line = mikey_sdp_pick(file->data, file->len, call->medium, &line_len, reason);
		input->offered = mikey_sdp_offered(file->data, file->len);
	} else if (call->medium) {
		line = NULL;
		*reason = "is not in a description, with media";
	} else {
		input->offered = strdup("mikey");
	}
	if (line && !input->offered)
		*reason = "does not fit into memory";
	else if (line)
		input->data = mikey_sdp_decode(line, line_len, &input->len, reason);
}

int mikey_message_read(const struct mikey_call *call, struct mikey_input *input)
{
	const char *path = call->argument[0], *reason = "";
	const char *name = path && strcmp(path, "-") != 0 ? path : NULL;
	char why[MIKEY_WHY_MAX] = "";
	struct keying_file file;

	*input = (struct mikey_input){ 0 };
	if (name && keying_file_read(name, false, &file, why, sizeof(why))) {
		mikey_fail(why);
		return -1;
	}
	if (!name && read_input(&file))
		return -1;
	if (file.len && file.data[0] == MIKEY_VERSION && call->medium) {
		cli_error("%s: this is a message alone, and no SDP with media",
			  name ? name : "standard input");
		keying_file_free(&file);
		return -1;
	}
	if (file.len && file.data[0] == MIKEY_VERSION) {
		input->data = (uint8_t *)file.data;
		input->len = file.len;
		return 0;
	}
	from_sdp(call, &file, input, &reason);
	keying_file_free(&file);
	if (input->data)
		return 0;
	cli_error("%s: this is no MIKEY message, and in SDP the key-mgmt attribute %s",
		  name ? name : "standard input", reason);
	return -1;
}

void mikey_message_free(struct mikey_input *input)
{
	free(input->data);
	free(input->offered);
}

struct mikey_time mikey_call_time(const struct mikey_call *call)
{
	struct timespec now;

	if (call->has_at)
		return call->at;
	clock_gettime(CLOCK_REALTIME, &now);
	return (struct mikey_time){
		now.tv_sec, (uint32_t)(((uint64_t)now.tv_nsec << 32) / 1000000000),
	};
}

const char *mikey_date(const struct mikey_time *time, char buffer[static MIKEY_DATE_LEN])
{
	time_t when = (time_t)time->seconds;
	struct tm tm;

	if (!gmtime_r(&when, &tm) || !strftime(buffer, MIKEY_DATE_LEN, "%F %T UTC", &tm))
		snprintf(buffer, MIKEY_DATE_LEN, "?");
	return buffer;
}

bool mikey_uid_read(const char *text, uint8_t uid[static MIKEY_UID_LEN])
{
	size_t len = 0;

	return strlen(text) == 2 * MIKEY_UID_LEN &&
	       OPENSSL_hexstr2buf_ex(uid, MIKEY_UID_LEN, &len, text, '\0') && len == MIKEY_UID_LEN;
}

char *mikey_hex(const struct mikey_octets *octets)
{
	char *text = malloc(2 * octets->len + 1);

	if (!text)
		return NULL;
	text[0] = 0;
	for (size_t i = 0; i < octets->len; i++)
		snprintf(text + 2 * i, 3, "%02x", octets->data[i]);
	return text;
}

char *mikey_readable(const struct mikey_octets *octets)
{
	char *text;

	if (!octets->len || !keying_text_valid((const char *)octets->data, octets->len))
		return mikey_hex(octets);
	text = strndup((const char *)octets->data, octets->len);
	if (text)
		format_clean(text, output_utf8());
	return text;
}
