// SPDX-License-Identifier: MIT
#include "keys.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "keying/sealed_file.h"
#include "keying/sentence.h"
#include "keying/store_key.h"
#include "mikey/key_file.h"

struct identity_keys {
	size_t n;
	struct mikey_key_file files[IDENTITY_KEYS_MAX];
};

const struct mikey_community *identity_trust_find(const struct identity_trust *trust,
						  const char *kms)
{
	for (size_t i = 0; i < trust->n; i++)
		if (!strcmp(trust->communities[i]->kms, kms))
			return trust->communities[i];
	return NULL;
}

int identity_trust_add(struct identity_trust *trust, const char *path, char *why, size_t why_len)
{
	const struct identity_trust *before = trust->before;
	const struct mikey_community *known;
	struct mikey_community **more;
	struct mikey_key_file parsed;
	struct keying_file file;
	int err;

	if (keying_file_read(path, false, &file, why, why_len))
		return -1;
	err = mikey_key_file_parse_among(path, &file, before ? before->communities : NULL,
					 before ? before->n : 0, &parsed, why, why_len);
	keying_file_free(&file);
	if (err)
		return -1;
	known = identity_trust_find(trust, parsed.community->kms);
	more = NULL;
	if (parsed.keys)
		keying_sentence(why, why_len,
				"%s: has keys of an identity in it, which are secret; public parameters are wanted, as prose-kms public prints them",
				path);
	else if (known)
		keying_sentence(why, why_len, "%s: KMS %s is trusted already, with %s", path,
				known->kms, mikey_community_same(known, parsed.community) ?
				"the same parameters" : "other parameters; one of the two is not its");
	else if (!(more = reallocarray(trust->communities, trust->n + 1, sizeof(*more))))
		keying_sentence(why, why_len, "%s: out of memory", path);
	if (!more) {
		mikey_key_file_free(&parsed);
		return -1;
	}
	trust->communities = more;
	trust->communities[trust->n++] = parsed.community;
	return 0;
}

void identity_trust_free(struct identity_trust *trust)
{
	for (size_t i = 0; i < trust->n; i++)
		mikey_community_free(trust->communities[i]);
	free(trust->communities);
	*trust = (struct identity_trust){ 0 };
}

static int compare(const void *a, const void *b)
{
	const struct mikey_user *x = &((const struct mikey_key_file *)a)->keys->user;
	const struct mikey_user *y = &((const struct mikey_key_file *)b)->keys->user;
	int order = strcmp(((const struct mikey_key_file *)a)->community->kms,
			   ((const struct mikey_key_file *)b)->community->kms);

	if (!order)
		order = strcmp(x->uri, y->uri);
	if (!order)
		order = x->month.year - y->month.year;
	if (!order)
		order = x->month.month - y->month.month;
	/* Those of the scheme UID have no URI and no month. */
	return order ? order : memcmp(x->id.octets, y->id.octets, sizeof(x->id.octets));
}

static const char *skip(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	return at;
}

static const char *line_end(const char *at, const char *end)
{
	const char *nl = memchr(at, '\n', (size_t)(end - at));

	return nl ? nl + 1 : end;
}

static size_t word_len(const char *at, const char *end)
{
	size_t len = 0;

	while (at + len < end && !strchr(" \t\r\n", at[len]))
		len++;
	return len;
}

/* The first word of the file; its length, 0 when there is none. */
static size_t first_word(const struct keying_file *file, const char **word)
{
	const char *end = file->data + file->len, *at;
	size_t len;

	for (at = file->data; at < end; at = line_end(at, end)) {
		*word = skip(at, end);
		len = word_len(*word, end);
		if (len && **word != '#')
			return len;
	}
	return 0;
}

/* Where the next key file begins, behind the line at @at. */
static const char *next_part(const char *at, const char *end, const char *word, size_t word_size)
{
	bool inside = false;

	for (; at < end; at = line_end(at, end)) {
		const char *name = skip(at, end);

		if (!word || word_len(name, end) != word_size || memcmp(name, word, word_size))
			continue;
		if (inside)
			return at;
		inside = true;
	}
	return end;
}

/* Where nobody says which KMS is trusted, that of a name is one throughout the file. */
static int check_alone(const struct identity_keys *keys, const struct mikey_community *community,
		       const char *path, char *why, size_t why_len)
{
	for (size_t i = 0; i < keys->n; i++)
		if (!strcmp(keys->files[i].community->kms, community->kms) &&
		    !mikey_community_same(keys->files[i].community, community))
			return keying_sentence(why, why_len,
					       "%s: has keys of two KMSs that call themselves %s and have other public parameters",
					       path, community->kms);
	return 0;
}

/* The KMS that the keys are of is the one that is trusted. */
static int check_trusted(const struct identity_trust *trust, const struct mikey_community *community,
			 const char *path, char *why, size_t why_len)
{
	const struct mikey_community *trusted = identity_trust_find(trust, community->kms);

	if (!trusted)
		return keying_sentence(why, why_len,
				       "%s: has keys of KMS %s, which is not trusted here; get its public parameters from whom you trust",
				       path, community->kms);
	if (!mikey_community_same(trusted, community))
		return keying_sentence(why, why_len,
				       "%s: has keys of a KMS that calls itself %s and has other public parameters than the one trusted here",
				       path, community->kms);
	return 0;
}

/* One key file; lines are counted from the beginning of the whole, so as many empty ones go before. */
static int read_part(const char *path, const char *at, const char *end, size_t lines,
		     const struct identity_trust *trust, struct identity_keys *keys, char *why,
		     size_t why_len)
{
	struct mikey_key_file *parsed = &keys->files[keys->n];
	struct mikey_community *known[IDENTITY_KEYS_MAX];
	struct keying_file part = { malloc(lines + (size_t)(end - at) + 1), 0 };
	int err;

	if (!part.data)
		return keying_sentence(why, why_len, "%s: out of memory", path);
	memset(part.data, '\n', lines);
	memcpy(part.data + lines, at, (size_t)(end - at));
	part.len = lines + (size_t)(end - at);
	part.data[part.len] = 0;
	for (size_t i = 0; i < keys->n; i++)
		known[i] = keys->files[i].community;
	err = mikey_key_file_parse_among(path, &part, trust ? trust->communities : known,
					 trust ? trust->n : keys->n, parsed, why, why_len);
	keying_file_free(&part);
	if (err)
		return -1;
	if (!parsed->keys)
		err = keying_sentence(why, why_len,
				      "%s: has public parameters only, and no keys; prose-kms extract makes those",
				      path);
	else if (trust)
		err = check_trusted(trust, parsed->community, path, why, why_len);
	else
		err = check_alone(keys, parsed->community, path, why, why_len);
	if (err)
		mikey_key_file_free(parsed);
	return err;
}

struct identity_keys *identity_keys_parse(const char *path, const struct keying_file *file,
					  const struct identity_trust *trust, char *why,
					  size_t why_len)
{
	const char *at = file->data, *end = at + file->len, *word = NULL, *next;
	struct identity_keys *keys = OPENSSL_zalloc(sizeof(*keys));
	size_t lines = 0, word_size = first_word(file, &word);
	int err = 0;

	if (!keys) {
		keying_sentence(why, why_len, "%s: out of memory", path);
		return NULL;
	}
	if (!word_size)
		err = keying_sentence(why, why_len, "%s: is empty; get the file anew", path);
	for (; !err && at < end; at = next) {
		next = next_part(at, end, word, word_size);
		if (keys->n == IDENTITY_KEYS_MAX)
			err = keying_sentence(why, why_len, "%s: has keys of more than %d months",
					      path, IDENTITY_KEYS_MAX);
		else
			err = read_part(path, at, next, lines, trust, keys, why, why_len);
		keys->n += !err;
		for (const char *c = at; c < next; c++)
			lines += *c == '\n';
	}
	if (!err)
		qsort(keys->files, keys->n, sizeof(keys->files[0]), compare);
	for (size_t i = 1; !err && i < keys->n; i++)
		if (!compare(&keys->files[i - 1], &keys->files[i]))
			err = keying_sentence(why, why_len,
					      "%s: has keys of one identity and month twice", path);
	if (!err)
		return keys;
	identity_keys_free(keys);
	return NULL;
}

struct identity_keys *identity_keys_load(const char *path, const char *seal,
					 const struct identity_trust *trust, char *why,
					 size_t why_len)
{
	struct keying_file file, opened = { 0 };
	struct identity_keys *keys = NULL;
	struct sealing_key key;
	int err = 0;

	if (keying_file_read(path, true, &file, why, why_len))
		return NULL;
	if (!seal && sealed_file_is(&file))
		err = keying_sentence(why, why_len, "%s: is sealed, and no key is named for it",
				      path);
	else if (seal)
		err = store_key_read(seal, &key, why, why_len) ||
		      sealed_file_open(path, &key, &file, &opened, why, why_len);
	if (!err)
		keys = identity_keys_parse(path, seal ? &opened : &file, trust, why, why_len);
	OPENSSL_cleanse(&key, sizeof(key));
	keying_file_free(&file);
	keying_file_free(&opened);
	return keys;
}

void identity_keys_free(struct identity_keys *keys)
{
	if (!keys)
		return;
	for (size_t i = 0; i < keys->n; i++)
		mikey_key_file_free(&keys->files[i]);
	OPENSSL_clear_free(keys, sizeof(*keys));
}

size_t identity_keys_count(const struct identity_keys *keys)
{
	return keys->n;
}

const struct mikey_keys *identity_keys_at(const struct identity_keys *keys, size_t i)
{
	return i < keys->n ? keys->files[i].keys : NULL;
}

const struct mikey_keys *identity_keys_find(const struct identity_keys *keys, const char *kms,
					    const char *uri, const struct mikey_month *month)
{
	for (size_t i = 0; i < keys->n; i++) {
		const struct mikey_key_file *file = &keys->files[i];
		const struct mikey_user *user = &file->keys->user;

		if (user->scheme != MIKEY_SCHEME_UID && user->month.year == month->year &&
		    user->month.month == month->month &&
		    (!kms || !strcmp(kms, file->community->kms)) &&
		    (!uri || !strcmp(uri, user->uri)))
			return file->keys;
	}
	return NULL;
}
