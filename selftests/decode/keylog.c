// SPDX-License-Identifier: MIT

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keylog.h"

struct keylog *keylog_new(void)
{
	return calloc(1, sizeof(struct keylog));
}

void keylog_free(struct keylog *keylog)
{
	struct context *context, *next;

	if (!keylog)
		return;
	for (context = keylog->first; context; context = next) {
		next = context->next;
		OPENSSL_cleanse(context, sizeof(*context));
		free(context);
	}
	free(keylog);
}

static bool hex_octets(const char *text, uint8_t *out, size_t len)
{
	size_t i;

	if (strlen(text) != 2 * len || strspn(text, "0123456789abcdefABCDEF") != 2 * len)
		return false;
	for (i = 0; i < len; i++) {
		const char octet[3] = { text[2 * i], text[2 * i + 1], 0 };

		out[i] = (uint8_t)strtoul(octet, NULL, 16);
	}
	return true;
}

/* A Layer-2 ID, with or without 0x or colons. */
static bool layer_2_id(const char *text, uint32_t *out)
{
	char digits[7];
	uint8_t octets[3];
	size_t n = 0;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		text += 2;
	for (; *text; text++) {
		if (*text == ':')
			continue;
		if (n == sizeof(digits) - 1)
			return false;
		digits[n++] = *text;
	}
	digits[n] = 0;
	if (!hex_octets(digits, octets, sizeof(octets)))
		return false;
	*out = (uint32_t)octets[0] << 16 | (uint32_t)octets[1] << 8 | octets[2];
	return true;
}

static bool small_number(const char *text, unsigned int max, uint8_t *out)
{
	char *end;
	unsigned long value;

	if (*text < '0' || *text > '9')
		return false;
	value = strtoul(text, &end, 10);
	if (*end || value > max)
		return false;
	*out = (uint8_t)value;
	return true;
}

/* NULL, or what is wrong with the line. */
static const char *parse(char *line, struct context *context)
{
	char *fields[10], *save, *word;
	uint8_t id[2], flag;
	size_t n = 0;

	for (word = strtok_r(line, " \t\r\n", &save); word; word = strtok_r(NULL, " \t\r\n", &save)) {
		if (n == 10)
			return "too many fields";
		fields[n++] = word;
	}
	if (n != 9)
		return "a PROSE_SESSION line has 9 fields";
	if (!layer_2_id(fields[1], &context->ue_1) || !layer_2_id(fields[2], &context->ue_2))
		return "a Layer-2 ID is 6 hexadecimal digits";
	if (context->ue_1 == context->ue_2)
		return "both Layer-2 IDs are the same";
	if (!hex_octets(fields[3], id, sizeof(id)))
		return "the KD-sess ID is 4 hexadecimal digits";
	context->kd_sess_id = (uint16_t)(id[0] << 8 | id[1]);
	if (!context->kd_sess_id)
		return "KD-sess ID 0 means no security";
	if (!small_number(fields[4], 7, &context->eea) || !small_number(fields[5], 7, &context->eia))
		return "an algorithm is 0 to 7";
	if (!small_number(fields[6], 1, &flag))
		return "user-plane integrity is 0 or 1";
	context->up_integrity = flag;
	if (!strcmp(fields[7], "hfn"))
		context->hfn = true;
	else if (strcmp(fields[7], "sess-id"))
		return "the COUNT profile is hfn or sess-id";
	if (!hex_octets(fields[8], context->kd_sess, sizeof(context->kd_sess)))
		return "KD-sess is 64 hexadecimal digits";
	return NULL;
}

static bool same_context(const struct context *a, const struct context *b)
{
	return a->ue_1 == b->ue_1 && a->ue_2 == b->ue_2 && a->kd_sess_id == b->kd_sess_id &&
	       a->eea == b->eea && a->eia == b->eia && a->up_integrity == b->up_integrity &&
	       a->hfn == b->hfn && !CRYPTO_memcmp(a->kd_sess, b->kd_sess, sizeof(a->kd_sess));
}

/* Both ends log the same context; it is one. */
static void add(struct keylog *keylog, struct context *context, uint32_t log)
{
	struct context *other;
	uint32_t start = context->hfn ? 1 : (uint32_t)context->kd_sess_id << 16 | 1;
	int i;

	context->logs = log;
	context->key = (uint32_t)keylog->n;
	for (other = keylog->first; other; other = other->next) {
		if (same_context(other, context)) {
			other->logs |= log;
			OPENSSL_cleanse(context, sizeof(*context));
			free(context);
			return;
		}
		/* A key that comes back under another name is still the same key. */
		if (!memcmp(other->pek, context->pek, sizeof(other->pek)))
			context->key = other->key;
	}
	for (i = 0; i < KEYLOG_BEARERS; i++) {
		stream_init(&context->streams[i][0], start);
		stream_init(&context->streams[i][1], start);
	}
	context->same_id = keylog->by_id[context->kd_sess_id];
	keylog->by_id[context->kd_sess_id] = context;
	if (keylog->last)
		keylog->last->next = context;
	else
		keylog->first = context;
	keylog->last = context;
	keylog->n++;
}

bool keylog_read(struct keylog *keylog, const char *path)
{
	char line[512];
	unsigned int number = 0;
	bool ok = true;
	FILE *file;

	if (keylog->files == KEYLOG_LOGS_MAX) {
		fprintf(stderr, "decode: more than %d key logs\n", KEYLOG_LOGS_MAX);
		return false;
	}
	file = fopen(path, "r");
	if (!file) {
		fprintf(stderr, "decode: key log %s: %s\n", path, strerror(errno));
		return false;
	}
	while (ok && fgets(line, sizeof(line), file)) {
		struct context *context;
		const char *wrong;

		number++;
		/* Comments and lines of other kinds may stand between. */
		if (strncmp(line, "PROSE_SESSION", 13))
			continue;
		context = calloc(1, sizeof(*context));
		wrong = context ? parse(line, context) : "out of memory";
		if (!wrong && (!crypto_derive(context->kd_sess, false, context->eea, context->pek) ||
			       !crypto_derive(context->kd_sess, true, context->eia, context->pik)))
			wrong = "HMAC-SHA-256 failed";
		if (wrong) {
			fprintf(stderr, "decode: %s:%u: %s\n", path, number, wrong);
			free(context);
			ok = false;
			break;
		}
		add(keylog, context, 1U << keylog->files);
	}
	if (ok && ferror(file)) {
		fprintf(stderr, "decode: key log %s: cannot read\n", path);
		ok = false;
	}
	OPENSSL_cleanse(line, sizeof(line));
	fclose(file);
	keylog->files++;
	return ok;
}

static bool is_pair(const struct context *context, uint32_t a, uint32_t b)
{
	return (context->ue_1 == a && context->ue_2 == b) ||
	       (context->ue_1 == b && context->ue_2 == a);
}

struct context *keylog_find(const struct keylog *keylog, uint32_t a, uint32_t b, uint16_t id)
{
	struct context *context = keylog->by_id[id];

	while (context && !is_pair(context, a, b))
		context = context->same_id;
	return context;
}

struct context *keylog_next(const struct context *context, uint32_t a, uint32_t b)
{
	struct context *other = context->same_id;

	while (other && !is_pair(other, a, b))
		other = other->same_id;
	return other;
}

void keylog_prefer(struct keylog *keylog, struct context *context)
{
	struct context **place = &keylog->by_id[context->kd_sess_id];

	if (*place == context)
		return;
	while (*place != context)
		place = &(*place)->same_id;
	*place = context->same_id;
	context->same_id = keylog->by_id[context->kd_sess_id];
	keylog->by_id[context->kd_sess_id] = context;
}
