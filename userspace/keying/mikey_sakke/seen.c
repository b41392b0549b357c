// SPDX-License-Identifier: MIT
#include "seen.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>
#include <openssl/crypto.h>

#include "../sentence.h"

#define VERSION			1
#define FINGERPRINT_TEXT	(2 * FINGERPRINT_LEN + 1)

const struct seen_list *seen_find(const struct seen *seen,
				  const uint8_t fingerprint[static FINGERPRINT_LEN])
{
	for (size_t i = 0; i < seen->n; i++)
		if (!memcmp(seen->lists[i].fingerprint, fingerprint, FINGERPRINT_LEN))
			return &seen->lists[i];
	return NULL;
}

bool seen_is_newer(const struct seen *seen, const struct community *community)
{
	const struct seen_list *newest = seen_find(seen, community->fingerprint);
	const struct deny_list *list = community->deny;

	if (!newest || !list)
		return false;
	return list->number != newest->number ? list->number < newest->number :
						list->issued < newest->issued;
}

/* Where a community's goes: where it is, behind the others, or where the oldest one was. */
static struct seen_list *place(struct seen *seen, const uint8_t fingerprint[static FINGERPRINT_LEN])
{
	struct seen_list *oldest = &seen->lists[0];

	for (size_t i = 0; i < seen->n; i++) {
		if (!memcmp(seen->lists[i].fingerprint, fingerprint, FINGERPRINT_LEN))
			return &seen->lists[i];
		if (seen->lists[i].issued < oldest->issued)
			oldest = &seen->lists[i];
	}
	return seen->n < SEEN_MAX ? &seen->lists[seen->n++] : oldest;
}

void seen_note(struct seen *seen, const struct community *community)
{
	struct seen_list *list;

	if (!community->deny)
		return;
	list = place(seen, community->fingerprint);
	memcpy(list->fingerprint, community->fingerprint, FINGERPRINT_LEN);
	strcpy(list->kms, community->deny->kms);
	list->number = community->deny->number;
	list->issued = community->deny->issued;
}

static json_t *entry(const struct seen_list *list)
{
	char fingerprint[FINGERPRINT_TEXT];

	if (!OPENSSL_buf2hexstr_ex(fingerprint, sizeof(fingerprint), NULL, list->fingerprint,
				   FINGERPRINT_LEN, '\0'))
		return NULL;
	return json_pack("{s:s, s:s, s:I, s:I}", "kms", list->kms, "fingerprint", fingerprint,
			 "number", (json_int_t)list->number, "issued", (json_int_t)list->issued);
}

char *seen_text(const struct seen *seen)
{
	json_t *lists = json_array(), *json;
	bool failed = !lists;
	char *text;

	for (size_t i = 0; !failed && i < seen->n; i++)
		failed = json_array_append_new(lists, entry(&seen->lists[i]));
	json = json_pack("{s:i, s:o}", "seen", VERSION, "lists", lists);
	text = failed || !json ? NULL : json_dumps(json, JSON_INDENT(2));
	json_decref(json);
	return text;
}

static int read_entry(json_t *json, struct seen_list *list)
{
	const char *kms, *fingerprint;
	json_int_t number, issued;
	size_t len;

	if (json_unpack(json, "{s:s, s:s, s:I, s:I !}", "kms", &kms, "fingerprint", &fingerprint,
			"number", &number, "issued", &issued) ||
	    strlen(kms) > MIKEY_URI_MAX || number < 0 ||
	    !OPENSSL_hexstr2buf_ex(list->fingerprint, FINGERPRINT_LEN, &len, fingerprint, '\0') ||
	    len != FINGERPRINT_LEN)
		return -1;
	strcpy(list->kms, kms);
	list->number = (uint64_t)number;
	list->issued = issued;
	return 0;
}

static int read_text(struct seen *seen, const char *text, size_t len)
{
	json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL), *lists = NULL, *one;
	int version = 0, err;
	size_t i;

	seen->n = 0;
	err = json_unpack(json, "{s:i, s:o !}", "seen", &version, "lists", &lists) ||
	      version != VERSION || !json_is_array(lists) || json_array_size(lists) > SEEN_MAX;
	if (!err)
		json_array_foreach(lists, i, one)
			err = err || read_entry(one, &seen->lists[i]);
	if (!err)
		seen->n = json_array_size(lists);
	json_decref(json);
	return err ? -1 : 0;
}

int seen_load(struct seen *seen, const char *path, char *why, size_t why_len)
{
	struct keying_file file;
	int err;

	seen->n = 0;
	if (access(path, F_OK) && errno == ENOENT)
		return 0;
	if (keying_file_read(path, false, &file, why, why_len))
		return -1;
	err = read_text(seen, file.data, file.len);
	keying_file_free(&file);
	if (!err)
		return 0;
	return keying_sentence(why, why_len,
			       "%s: is damaged, and tells no more which deny lists were in use; remove it when those that are named here are known to be the newest",
			       path);
}
