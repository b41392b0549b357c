// SPDX-License-Identifier: MIT
#include "key_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "keying/sentence.h"

#define FORMAT	"1"

/* All that a file can say, in the order in which it is written. */
struct contents {
	char version[4];
	char kms[MIKEY_URI_MAX + 1];
	uint8_t kpak[ECCSI_POINT_LEN];
	uint8_t z[SAKKE_POINT_LEN];
	char identity[MIKEY_URI_MAX + 1];
	uint8_t uid[MIKEY_UID_LEN];
	char month[8];			/* "2026-11" */
	struct mikey_key_material material;
	bool has[10];
};

enum word { VERSION, KMS, KPAK, Z, IDENTITY, UID, MONTH, SSK, PVT, RSK, WORDS };

static const struct {
	const char *name;
	bool text;
	size_t at, size;
} words[] = {
#define WORD(name, text, member) \
	{ name, text, offsetof(struct contents, member), sizeof(((struct contents *)0)->member) }
	[VERSION] = WORD("version", true, version),
	[KMS] = WORD("kms", true, kms), [KPAK] = WORD("kpak", false, kpak),
	[Z] = WORD("z", false, z), [IDENTITY] = WORD("identity", true, identity),
	[UID] = WORD("uid", false, uid), [MONTH] = WORD("month", true, month),
	[SSK] = WORD("ssk", false, material.ssk), [PVT] = WORD("pvt", false, material.pvt),
	[RSK] = WORD("rsk", false, material.rsk),
#undef WORD
};

struct line {
	const char *path;
	unsigned int number;
	const char *at, *end;
	char *why;
	size_t why_len;
};

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of a line. */
static size_t next(struct line *line, const char **word)
{
	while (line->at < line->end && blank(*line->at))
		line->at++;
	*word = line->at;
	while (line->at < line->end && !blank(*line->at))
		line->at++;
	return (size_t)(line->at - *word);
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int read_octets(const struct line *line, enum word w, const char *value, size_t len,
		       uint8_t *out)
{
	size_t size = words[w].size;

	if (len != 2 * size)
		return keying_sentence(line->why, line->why_len,
				       "%s: line %u: %s has %zu digits; it has to have %zu hexadecimal ones",
				       line->path, line->number, words[w].name, len, 2 * size);
	for (size_t i = 0; i < size; i++) {
		int high = digit(value[2 * i]), low = digit(value[2 * i + 1]);

		if (high < 0 || low < 0)
			return keying_sentence(line->why, line->why_len,
					       "%s: line %u: digit %zu of %s is not hexadecimal",
					       line->path, line->number, 2 * i + (high < 0 ? 1 : 2),
					       words[w].name);
		out[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

static int read_text(const struct line *line, enum word w, const char *value, size_t len, char *out)
{
	if (!len || len >= words[w].size || !keying_text_valid(value, len))
		return keying_sentence(line->why, line->why_len,
				       "%s: line %u: %s has to have 1 to %zu characters behind it",
				       line->path, line->number, words[w].name, words[w].size - 1);
	memcpy(out, value, len);
	return 0;
}

static int read_line(struct line *line, struct contents *contents)
{
	const char *name, *value, *rest;
	size_t len = next(line, &name), value_len;
	int w, err;
	void *out;

	if (!len || *name == '#')
		return 0;
	for (w = 0; w < WORDS; w++)
		if (strlen(words[w].name) == len && !memcmp(words[w].name, name, len))
			break;
	if (w == WORDS)
		return keying_sentence(line->why, line->why_len,
				       "%s: line %u: '%.*s' is no word of a key file; those are version, kms, kpak, z, identity, uid, month, ssk, pvt, rsk",
				       line->path, line->number, (int)(len < 32 ? len : 32), name);
	if (contents->has[w])
		return keying_sentence(line->why, line->why_len, "%s: line %u: %s is there twice",
				       line->path, line->number, words[w].name);
	value_len = next(line, &value);
	out = (uint8_t *)contents + words[w].at;
	err = words[w].text ? read_text(line, w, value, value_len, out) :
			      read_octets(line, w, value, value_len, out);
	if (err)
		return -1;
	contents->has[w] = true;
	if (w == VERSION && strcmp(contents->version, FORMAT))
		return keying_sentence(line->why, line->why_len,
				       "%s: line %u: is of version %s; this program knows version %s",
				       line->path, line->number, contents->version, FORMAT);
	if (next(line, &rest) && *rest != '#')
		return keying_sentence(line->why, line->why_len,
				       "%s: line %u: there is more than one value behind %s",
				       line->path, line->number, words[w].name);
	return 0;
}

static int missing(const char *path, enum word w, char *why, size_t why_len)
{
	return keying_sentence(why, why_len, "%s: there is no %s in it; get the file anew", path,
			       words[w].name);
}

/* "2026-11" */
static bool read_month(const char *text, struct mikey_month *month)
{
	for (int i = 0; i < 7; i++)
		if (i == 4 ? text[i] != '-' : text[i] < '0' || text[i] > '9')
			return false;
	*month = (struct mikey_month){ atoi(text), atoi(text + 5) };
	return true;
}

static int read_user(const char *path, const struct contents *c, struct mikey_user *user, char *why,
		     size_t why_len)
{
	char reason[MIKEY_URI_MAX + 128];
	struct mikey_month month;

	if (c->has[IDENTITY] == c->has[UID])
		return keying_sentence(why, why_len,
				       "%s: it has to have either an identity or a uid", path);
	if (c->has[UID]) {
		mikey_user_by_uid(c->uid, user);
		return 0;
	}
	if (!c->has[MONTH])
		return missing(path, MONTH, why, why_len);
	if (!read_month(c->month, &month))
		return keying_sentence(why, why_len, "%s: the month is no month, such as 2026-11",
				       path);
	if (mikey_user_by_month(c->identity, &month, user, reason, sizeof(reason)))
		return keying_sentence(why, why_len, "%s: %s", path, reason);
	return 0;
}

static struct mikey_community *community_of(const struct contents *c,
					    struct mikey_community *const *known, size_t n,
					    char *why, size_t why_len)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(known[i]->kms, c->kms) &&
		    !memcmp(known[i]->kpak, c->kpak, sizeof(c->kpak)) &&
		    !memcmp(known[i]->z, c->z, sizeof(c->z)))
			return mikey_community_hold(known[i]);
	return mikey_community_new(c->kms, c->kpak, c->z, why, why_len);
}

static int use(const char *path, const struct contents *c, struct mikey_community *const *known,
	       size_t n, struct mikey_key_file *parsed, char *why, size_t why_len)
{
	char reason[MIKEY_URI_MAX + 256];
	struct mikey_user user;
	bool of_user = false;

	for (int w = KMS; w <= Z; w++)
		if (!c->has[w])
			return missing(path, w, why, why_len);
	for (int w = IDENTITY; w < WORDS; w++)
		of_user = of_user || c->has[w];
	for (int w = SSK; of_user && w < WORDS; w++)
		if (!c->has[w])
			return missing(path, w, why, why_len);
	if (of_user && read_user(path, c, &user, why, why_len))
		return -1;
	parsed->community = community_of(c, known, n, reason, sizeof(reason));
	if (parsed->community && of_user)
		parsed->keys = mikey_keys_new(parsed->community, &user, &c->material, reason,
					      sizeof(reason));
	if (parsed->community && (parsed->keys || !of_user))
		return 0;
	mikey_key_file_free(parsed);
	return keying_sentence(why, why_len, "%s: %s", path, reason);
}

int mikey_key_file_parse(const char *path, const struct keying_file *file,
			 struct mikey_key_file *parsed, char *why, size_t why_len)
{
	return mikey_key_file_parse_among(path, file, NULL, 0, parsed, why, why_len);
}

int mikey_key_file_parse_among(const char *path, const struct keying_file *file,
			       struct mikey_community *const *known, size_t n,
			       struct mikey_key_file *parsed, char *why, size_t why_len)
{
	struct contents contents = { 0 };
	struct line line = { path, 0, file->data, NULL, why, why_len };
	const char *end = file->data + file->len, *nl;
	int err = 0;

	*parsed = (struct mikey_key_file){ 0 };
	while (!err && line.at < end) {
		const char *at = line.at;

		nl = memchr(at, '\n', (size_t)(end - at));
		line.end = nl ? nl : end;
		line.number++;
		err = read_line(&line, &contents);
		line.at = nl ? nl + 1 : end;
	}
	if (!err)
		err = use(path, &contents, known, n, parsed, why, why_len);
	OPENSSL_cleanse(&contents, sizeof(contents));
	return err;
}

void mikey_key_file_free(struct mikey_key_file *parsed)
{
	mikey_keys_free(parsed->keys);
	mikey_community_free(parsed->community);
	*parsed = (struct mikey_key_file){ 0 };
}

/* A line, and a 0 behind it; returns where that is. */
static char *put_word(char *at, enum word w, const struct contents *c)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *value = (const uint8_t *)c + words[w].at;

	at = stpcpy(stpcpy(at, words[w].name), " ");
	if (words[w].text)
		return stpcpy(stpcpy(at, (const char *)value), "\n");
	for (size_t i = 0; i < words[w].size; i++) {
		*at++ = digits[value[i] >> 4];
		*at++ = digits[value[i] & 0xf];
	}
	return stpcpy(at, "\n");
}

int mikey_key_file_format(const struct mikey_community *community, const struct mikey_user *user,
			  const struct mikey_key_material *material, struct keying_file *file)
{
	struct contents c = {
		.version = FORMAT,
		.has = { [VERSION] = true, [KMS] = true, [KPAK] = true, [Z] = true },
	};
	size_t size = 1;
	char *at;

	memcpy(c.kms, community->kms, sizeof(c.kms));
	memcpy(c.kpak, community->kpak, sizeof(c.kpak));
	memcpy(c.z, community->z, sizeof(c.z));
	if (user) {
		c.has[UID] = user->scheme == MIKEY_SCHEME_UID;
		c.has[IDENTITY] = c.has[MONTH] = !c.has[UID];
		c.has[SSK] = c.has[PVT] = c.has[RSK] = true;
		memcpy(c.identity, user->uri, sizeof(c.identity));
		memcpy(c.uid, user->id.octets, sizeof(c.uid));
		snprintf(c.month, sizeof(c.month), "%04u-%02u",
			 (unsigned int)user->month.year % 10000,
			 (unsigned int)user->month.month % 100);
		c.material = *material;
	}
	for (int w = 0; w < WORDS; w++)
		size += c.has[w] ? strlen(words[w].name) + 2 + 2 * words[w].size : 0;
	at = malloc(size);
	*file = (struct keying_file){ at, 0 };
	for (int w = 0; file->data && w < WORDS; w++)
		at = c.has[w] ? put_word(at, w, &c) : at;
	OPENSSL_cleanse(&c, sizeof(c));
	if (!file->data)
		return -1;
	file->len = (size_t)(at - file->data);
	return 0;
}
