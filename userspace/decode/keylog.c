// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "core/eea.h"
#include "keying/file.h"
#include "keylog.h"

#define FIELDS	9

struct keylog *keylog_new(void)
{
	return calloc(1, sizeof(struct keylog));
}

static void free_context(struct context *context)
{
	OPENSSL_cleanse(context, sizeof(*context));
	free(context);
}

void keylog_free(struct keylog *keylog)
{
	struct context *context;

	if (!keylog)
		return;
	for (size_t i = 0; i < sizeof(keylog->by_id) / sizeof(keylog->by_id[0]); i++) {
		while ((context = keylog->by_id[i])) {
			keylog->by_id[i] = context->next;
			free_context(context);
		}
	}
	free(keylog);
}

static bool to_octets(const char *text, uint8_t *out, size_t len)
{
	if (strlen(text) != 2 * len || strspn(text, "0123456789abcdefABCDEF") != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		char octet[3] = { text[2 * i], text[2 * i + 1], 0 };

		out[i] = (uint8_t)strtoul(octet, NULL, 16);
		OPENSSL_cleanse(octet, sizeof(octet));
	}
	return true;
}

static bool to_l2_id(const char *text, uint32_t *l2_id)
{
	uint8_t octets[3];

	if (!to_octets(text, octets, sizeof(octets)))
		return false;
	*l2_id = (uint32_t)octets[0] << 16 | (uint32_t)octets[1] << 8 | octets[2];
	return *l2_id;
}

static bool to_digit(const char *text, uint8_t *digit)
{
	*digit = (uint8_t)(text[0] - '0');
	return *digit <= 9 && !text[1];
}

/* NULL, or what is wrong with the line. */
static const char *parse(char *line, struct context *context)
{
	char *fields[FIELDS + 1], *save, *word;
	uint8_t id[2], flag;
	size_t n = 0;

	for (word = strtok_r(line, " \t\r", &save); word && n <= FIELDS;
	     word = strtok_r(NULL, " \t\r", &save))
		fields[n++] = word;
	if (n != FIELDS)
		return "a line of a key log has 9 words; was it cut off?";
	if (!to_l2_id(fields[1], &context->ue_1) || !to_l2_id(fields[2], &context->ue_2) ||
	    context->ue_1 == context->ue_2)
		return "words 2 and 3 must be two Layer-2 IDs, such as 0a0b0c";
	if (!to_octets(fields[3], id, sizeof(id)) || !(id[0] | id[1]))
		return "word 4 must be a KD-sess ID, such as 1234";
	context->kd_sess_id = (uint16_t)(id[0] << 8 | id[1]);
	if (!to_digit(fields[4], &context->eea) || !eea_supported(context->eea))
		return "word 5 must be the number of a ciphering algorithm, 0 to 3";
	if (!to_digit(fields[5], &context->eia) || !eia_supported(context->eia))
		return "word 6 must be the number of an integrity algorithm, 1 to 3";
	if (!to_digit(fields[6], &flag) || flag > 1)
		return "word 7, integrity of user data, must be 0 or 1";
	context->up_integrity = flag;
	context->hfn = !strcmp(fields[7], "hfn");
	if (!context->hfn && strcmp(fields[7], "sess-id"))
		return "word 8, the COUNT profile, must be hfn or sess-id";
	if (!to_octets(fields[8], context->kd_sess, sizeof(context->kd_sess)))
		return "word 9 must be KD-sess, 64 hexadecimal digits; was it cut off?";
	return NULL;
}

static bool same(const struct context *a, const struct context *b)
{
	return a->ue_1 == b->ue_1 && a->ue_2 == b->ue_2 && a->eea == b->eea && a->eia == b->eia &&
	       a->up_integrity == b->up_integrity && a->hfn == b->hfn &&
	       !CRYPTO_memcmp(a->kd_sess, b->kd_sess, sizeof(a->kd_sess));
}

static void add(struct keylog *keylog, struct context *context)
{
	struct context **list = &keylog->by_id[context->kd_sess_id];

	context->first = context->hfn ? 1 : (uint32_t)context->kd_sess_id << 16 | 1;
	for (const struct context *other = *list; other; other = other->next) {
		if (same(other, context)) {
			free_context(context);
			return;
		}
	}
	for (size_t lcid = 0; lcid < KEYLOG_LCIDS; lcid++)
		for (size_t direction = 0; direction < KEYLOG_DIRECTIONS; direction++)
			context->streams[lcid][direction].highest = context->first - 1;
	context->next = *list;
	*list = context;
	keylog->n++;
}

static const char *take_line(struct keylog *keylog, char *line)
{
	struct context *context;
	const char *wrong;

	if (strncmp(line, "PROSE_SESSION", strlen("PROSE_SESSION")))
		return NULL;
	context = calloc(1, sizeof(*context));
	if (!context)
		return "out of memory";
	wrong = parse(line, context);
	if (!wrong && (kdf_pek(context->kd_sess, context->eea, context->pek) ||
		       kdf_pik(context->kd_sess, context->eia, context->pik)))
		wrong = "the crypto library failed";
	if (wrong) {
		free_context(context);
		return wrong;
	}
	add(keylog, context);
	return NULL;
}

int keylog_read(struct keylog *keylog, const char *path, char *why, size_t why_len)
{
	struct keying_file file;
	unsigned int number = 0;
	const char *wrong = NULL;
	char *line, *rest;

	/* Whoever was given a log of somebody else's may have it with any rights. */
	if (keying_file_read(path, false, &file, why, why_len))
		return -1;
	rest = file.data;
	while (!wrong && (line = strsep(&rest, "\n"))) {
		number++;
		wrong = take_line(keylog, line);
	}
	if (wrong)
		snprintf(why, why_len, "%s:%u: %s", path, number, wrong);
	keying_file_free(&file);
	return wrong ? -1 : 0;
}

struct context *keylog_find(const struct keylog *keylog, uint32_t src, uint32_t dst, uint16_t id,
			    const struct context *after)
{
	struct context *context = after ? after->next : keylog->by_id[id];

	while (context && !(context->ue_1 == src && context->ue_2 == dst) &&
	       !(context->ue_1 == dst && context->ue_2 == src))
		context = context->next;
	return context;
}

void keylog_prefer(struct keylog *keylog, struct context *context)
{
	struct context **place = &keylog->by_id[context->kd_sess_id];

	if (*place == context)
		return;
	while (*place != context)
		place = &(*place)->next;
	*place = context->next;
	context->next = keylog->by_id[context->kd_sess_id];
	keylog->by_id[context->kd_sess_id] = context;
}
