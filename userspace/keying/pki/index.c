// SPDX-License-Identifier: MIT
#include "index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../file.h"
#include "../sentence.h"

#define TIME_FORMAT	"%Y-%m-%dT%H:%M:%SZ"
#define TIME_LEN	24
#define FIELDS		5
#define LINE_MAX_LEN	(PKI_SERIAL_MAX + 3 * TIME_LEN + PKI_IDENTITY_MAX + 8)

int pki_index_add(struct pki_index *index, const struct pki_entry *entry,
		  char *why, size_t why_len)
{
	struct pki_entry *grown = realloc(index->entries, (index->n + 1) * sizeof(*grown));

	if (!grown)
		return keying_sentence(why, why_len, "out of memory");
	index->entries = grown;
	grown[index->n++] = *entry;
	return 0;
}

static int parse_time(const char *text, time_t *time)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, TIME_FORMAT, &tm);

	if (!end || *end)
		return -1;
	*time = timegm(&tm);
	return 0;
}

/* Copies a field that fits; an empty one is an error. */
static int copy(char *out, size_t len, const char *field)
{
	size_t length = strlen(field);

	if (!length || length >= len)
		return -1;
	memcpy(out, field, length + 1);
	return 0;
}

static int parse_line(char *line, struct pki_entry *entry)
{
	char *fields[FIELDS], *rest = line;
	size_t i;

	*entry = (struct pki_entry){ 0 };
	for (i = 0; i < FIELDS; i++)
		fields[i] = rest ? strsep(&rest, "\t") : NULL;
	if (rest || !fields[FIELDS - 1])
		return -1;
	if (copy(entry->serial, sizeof(entry->serial), fields[0]) ||
	    entry->serial[strspn(entry->serial, "0123456789ABCDEF")] ||
	    parse_time(fields[1], &entry->not_before) ||
	    parse_time(fields[2], &entry->not_after) ||
	    (strcmp(fields[3], "-") && parse_time(fields[3], &entry->revoked)) ||
	    copy(entry->identity, sizeof(entry->identity), fields[4]))
		return -1;
	return 0;
}

int pki_index_read(const char *path, struct pki_index *index, char *why, size_t why_len)
{
	struct pki_entry entry;
	struct keying_file file;
	char *rest, *line;
	unsigned int number = 0;
	int ret = 0;

	*index = (struct pki_index){ 0 };
	if (keying_file_read(path, false, &file, why, why_len))
		return -1;
	rest = file.data;
	while (!ret && (line = strsep(&rest, "\n"))) {
		number++;
		if (!*line)
			continue;
		if (parse_line(line, &entry))
			ret = keying_sentence(why, why_len,
					      "%s: line %u: expected serial, not before, not after, revoked at or -, identity, with tabs between",
					      path, number);
		else
			ret = pki_index_add(index, &entry, why, why_len);
	}
	keying_file_free(&file);
	if (ret)
		pki_index_free(index);
	return ret;
}

static const char *format_time(time_t time, char text[TIME_LEN])
{
	struct tm tm;

	if (!gmtime_r(&time, &tm) || !strftime(text, TIME_LEN, TIME_FORMAT, &tm))
		strcpy(text, "-");
	return text;
}

int pki_index_write(const char *path, const struct pki_index *index, bool replace,
		    char *why, size_t why_len)
{
	char before[TIME_LEN], after[TIME_LEN], revoked[TIME_LEN];
	const struct pki_entry *entry;
	size_t i, len = 0, size = index->n * LINE_MAX_LEN + 1;
	char *text = malloc(size);
	int ret;

	if (!text)
		return keying_sentence(why, why_len, "out of memory");
	for (i = 0; i < index->n; i++) {
		entry = &index->entries[i];
		len += (size_t)snprintf(text + len, size - len, "%s\t%s\t%s\t%s\t%s\n",
					entry->serial, format_time(entry->not_before, before),
					format_time(entry->not_after, after),
					entry->revoked ? format_time(entry->revoked, revoked) : "-",
					entry->identity);
	}
	ret = keying_file_write(path, text, len, 0644, replace, why, why_len);
	free(text);
	return ret;
}

void pki_index_free(struct pki_index *index)
{
	free(index->entries);
	*index = (struct pki_index){ 0 };
}
