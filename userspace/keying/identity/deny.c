// SPDX-License-Identifier: MIT
#include "deny.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "keying/sentence.h"

#define VERSION		1

int deny_identifier(const char *kms, struct mikey_identifier *id)
{
	static const char label[] = "prose-deny";	/* its end is the separator */
	size_t len = strlen(kms) + 1;

	if (sizeof(label) + len > sizeof(id->octets))
		return -1;
	memcpy(id->octets, label, sizeof(label));
	memcpy(id->octets + sizeof(label), kms, len);
	id->len = sizeof(label) + len;
	return 0;
}

const char *deny_time_text(int64_t seconds, char out[static DENY_TIME_LEN])
{
	time_t when = seconds;
	struct tm tm;

	if (!gmtime_r(&when, &tm) || !strftime(out, DENY_TIME_LEN, "%Y-%m-%dT%H:%M:%SZ", &tm))
		out[0] = 0;
	return out;
}

int deny_format(const struct deny_list *list, struct keying_file *file)
{
	char issued[DENY_TIME_LEN], until[DENY_TIME_LEN];
	FILE *to;

	*file = (struct keying_file){ 0 };
	to = open_memstream(&file->data, &file->len);
	if (!to)
		return -1;
	fprintf(to, "deny %d\nkms %s\n", VERSION, list->kms);
	fprintf(to, "number %" PRIu64 "\nissued %s\nuntil %s\n", list->number,
		deny_time_text(list->issued, issued), deny_time_text(list->until, until));
	for (size_t i = 0; i < list->n; i++)
		fprintf(to, "identity %s\n", list->identities[i]);
	if (!fclose(to))
		return 0;
	free(file->data);
	*file = (struct keying_file){ 0 };
	return -1;
}

int deny_append(struct keying_file *file, const uint8_t signature[static ECCSI_SIGNATURE_LEN])
{
	static const char word[] = "signature ";
	size_t size = file->len + sizeof(word) + 2 * ECCSI_SIGNATURE_LEN + 1;
	char *data = realloc(file->data, size), *at;

	if (!data)
		return -1;
	at = stpcpy(data + file->len, word);
	for (size_t i = 0; i < ECCSI_SIGNATURE_LEN; i++)
		at += sprintf(at, "%02x", signature[i]);
	at = stpcpy(at, "\n");
	file->data = data;
	file->len = (size_t)(at - data);
	return 0;
}

/* What is left to read. */
struct reader {
	const char *path;
	const char *at, *end;
	unsigned int line, present;	/* how many were read; the one that is looked at */
	char *why;
	size_t why_len;
};

/*
 * The value of the next line when its word is the given one. What is signed has one form, so
 * there are no comments, and no other blanks than one.
 */
static bool next(struct reader *reader, const char *word, const char **value, size_t *len)
{
	size_t word_size = strlen(word);
	const char *nl = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));

	reader->present = reader->line + 1;
	if (!nl || (size_t)(nl - reader->at) <= word_size + 1 ||
	    memcmp(reader->at, word, word_size) || reader->at[word_size] != ' ')
		return false;
	*value = reader->at + word_size + 1;
	*len = (size_t)(nl - *value);
	reader->at = nl + 1;
	reader->line++;
	return true;
}

static int wanted(const struct reader *reader, const char *what)
{
	return keying_sentence(reader->why, reader->why_len,
			       "%s: line %u: a deny list has %s there; get it anew", reader->path,
			       reader->present, what);
}

static int read_number(struct reader *reader, const char *word, uint64_t *number)
{
	const char *value;
	size_t len;

	if (!next(reader, word, &value, &len) || len > 18 || (len > 1 && *value == '0'))
		return wanted(reader, word);
	*number = 0;
	for (size_t i = 0; i < len; i++) {
		if (value[i] < '0' || value[i] > '9')
			return wanted(reader, word);
		*number = 10 * *number + (uint64_t)(value[i] - '0');
	}
	return 0;
}

static int read_time(struct reader *reader, const char *word, int64_t *seconds)
{
	char text[DENY_TIME_LEN], again[DENY_TIME_LEN];
	struct tm tm = { 0 };
	const char *value, *end;
	size_t len;

	if (!next(reader, word, &value, &len) || len != DENY_TIME_LEN - 1)
		return wanted(reader, word);
	memcpy(text, value, len);
	text[len] = 0;
	end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	*seconds = timegm(&tm);
	if (!end || *end || strcmp(deny_time_text(*seconds, again), text))
		return wanted(reader, word);
	return 0;
}

static int read_identities(struct reader *reader, struct deny_list *list)
{
	size_t size = 0;
	const char *value;
	size_t len;

	while (next(reader, "identity", &value, &len)) {
		if (list->n == DENY_IDENTITIES_MAX)
			return wanted(reader, "no more identities");
		if (len > MIKEY_URI_MAX || !keying_text_valid(value, len))
			return wanted(reader, "an identity");
		if (list->n == size) {
			char **more;

			size = size ? 2 * size : 16;
			more = reallocarray(list->identities, size, sizeof(*more));
			if (!more)
				return wanted(reader, "what memory does not suffice for");
			list->identities = more;
		}
		list->identities[list->n] = strndup(value, len);
		if (!list->identities[list->n])
			return wanted(reader, "what memory does not suffice for");
		list->n++;
		if (list->n > 1 && strcmp(list->identities[list->n - 2],
					  list->identities[list->n - 1]) >= 0)
			return wanted(reader, "identities in order, each once");
	}
	return 0;
}

static int read_signature(struct reader *reader, uint8_t signature[static ECCSI_SIGNATURE_LEN])
{
	static const char digits[] = "0123456789abcdef";
	const char *value;
	size_t len;

	if (!next(reader, "signature", &value, &len) || len != 2 * ECCSI_SIGNATURE_LEN)
		return wanted(reader, "an identity or the signature");
	for (size_t i = 0; i < ECCSI_SIGNATURE_LEN; i++) {
		const char *high = memchr(digits, value[2 * i], 16);
		const char *low = memchr(digits, value[2 * i + 1], 16);

		if (!high || !low)
			return wanted(reader, "the signature");
		signature[i] = (uint8_t)((high - digits) << 4 | (low - digits));
	}
	return reader->at == reader->end ? 0 : wanted(reader, "nothing behind its signature");
}

static int read_list(struct reader *reader, const struct mikey_community *community,
		     struct deny_list *list)
{
	uint8_t signature[ECCSI_SIGNATURE_LEN];
	const char *begin = reader->at, *value;
	struct mikey_identifier id;
	uint64_t version = 0;
	size_t len, signed_len;

	if (read_number(reader, "deny", &version))
		return -1;
	if (version != VERSION)
		return keying_sentence(reader->why, reader->why_len,
				       "%s: is a deny list of version %" PRIu64 "; this program knows version %d",
				       reader->path, version, VERSION);
	if (!next(reader, "kms", &value, &len) || len >= sizeof(list->kms) ||
	    !keying_text_valid(value, len))
		return wanted(reader, "kms");
	memcpy(list->kms, value, len);
	if (strcmp(list->kms, community->kms))
		return keying_sentence(reader->why, reader->why_len,
				       "%s: is the deny list of KMS %s, not of %s", reader->path,
				       list->kms, community->kms);
	if (read_number(reader, "number", &list->number) ||
	    read_time(reader, "issued", &list->issued) ||
	    read_time(reader, "until", &list->until) || read_identities(reader, list))
		return -1;
	signed_len = (size_t)(reader->at - begin);
	if (read_signature(reader, signature))
		return -1;
	if (deny_identifier(list->kms, &id) ||
	    eccsi_verify(community->eccsi, id.octets, id.len, (const uint8_t *)begin, signed_len,
			 signature, sizeof(signature)))
		return keying_sentence(reader->why, reader->why_len,
				       "%s: its signature is not that of KMS %s; get the list anew",
				       reader->path, list->kms);
	return 0;
}

struct deny_list *deny_parse(const char *path, const struct keying_file *file,
			     const struct mikey_community *community, char *why, size_t why_len)
{
	struct reader reader = { path, file->data, file->data + file->len, 0, 0, why, why_len };
	struct deny_list *list = calloc(1, sizeof(*list));

	if (!list) {
		keying_sentence(why, why_len, "%s: out of memory", path);
		return NULL;
	}
	if (!read_list(&reader, community, list))
		return list;
	deny_free(list);
	return NULL;
}

struct deny_list *deny_load(const char *path, const struct mikey_community *community, char *why,
			    size_t why_len)
{
	struct keying_file file;
	struct deny_list *list;

	if (keying_file_read(path, false, &file, why, why_len))
		return NULL;
	list = deny_parse(path, &file, community, why, why_len);
	keying_file_free(&file);
	return list;
}

void deny_free(struct deny_list *list)
{
	if (!list)
		return;
	for (size_t i = 0; i < list->n; i++)
		free(list->identities[i]);
	free(list->identities);
	free(list);
}

static int compare(const void *uri, const void *entry)
{
	return strcmp(uri, *(char *const *)entry);
}

bool deny_has(const struct deny_list *list, const char *uri)
{
	return list->n &&
	       bsearch(uri, list->identities, list->n, sizeof(list->identities[0]), compare);
}

bool deny_is_over(const struct deny_list *list, int64_t now)
{
	return now >= list->until;
}

bool deny_replaces(const struct deny_list *list, const struct deny_list *present)
{
	if (!present)
		return true;
	if (strcmp(list->kms, present->kms))
		return false;
	return list->number != present->number ? list->number > present->number :
						 list->issued >= present->issued;
}
