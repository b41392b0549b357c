// SPDX-License-Identifier: MIT
#include "psk.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "../failure.h"
#include "../file.h"
#include "../kd.h"
#include "../sentence.h"
#include "core/constants.h"

#define PSK_LEN			32
#define CHECK_LEN		16

struct psk_entry {
	char identity[KEYING_TEXT_MAX];
	uint8_t key[PSK_LEN];
	unsigned int line;
};

/* Credentials. Never changed once made, so sessions read it without a lock. */
struct psk_file {
	struct keying_method method;
	size_t n;
	struct psk_entry entries[];
};

struct keying_session {
	struct keying_context context;
	uint8_t key[PSK_LEN];
};

static int derive_kd(const struct keying_session *session, uint8_t kd[KEYING_KD_LEN])
{
	struct kd_input input;

	kd_input_run(&input, PROSE_FC_PSK_KD, &session->context);
	return kd_derive(&input, session->key, sizeof(session->key), kd);
}

static const struct psk_entry *find(const struct psk_file *file, const char *identity)
{
	size_t i;

	for (i = 0; i < file->n; i++)
		if (!strcmp(file->entries[i].identity, identity))
			return &file->entries[i];
	return NULL;
}

static struct keying_session *psk_open(const struct keying_method *method,
				       const struct keying_context *context,
				       struct keying_error *error)
{
	const struct psk_entry *entry;
	struct keying_session *session;

	error->cause = KEYING_CAUSE_AUTHENTICATION;
	if (!context->peer_identity[0]) {
		keying_sentence(error->text, sizeof(error->text),
				"method psk needs the identity of the peer to choose a key; name it");
		return NULL;
	}
	entry = find(method->credentials, context->peer_identity);
	if (!entry) {
		keying_sentence(error->text, sizeof(error->text),
				"the key file has no key for %.150s; add a line for it to the file of method psk",
				context->peer_identity);
		return NULL;
	}
	session = malloc(sizeof(*session));
	if (!session) {
		keying_sentence(error->text, sizeof(error->text), "out of memory");
		return NULL;
	}
	session->context = *context;
	memcpy(session->key, entry->key, sizeof(session->key));
	return session;
}

/*
 * What tells a key from another, and nothing of either: the keys are of 256 bits, so nobody
 * finds one by trying.
 */
static int check_value(const uint8_t key[PSK_LEN], uint8_t check[CHECK_LEN])
{
	static const char label[] = "prose psk evidence";
	uint8_t mac[EVP_MAX_MD_SIZE];
	unsigned int len;

	if (!HMAC(EVP_sha256(), key, PSK_LEN, (const uint8_t *)label, sizeof(label) - 1, mac, &len))
		return -1;
	memcpy(check, mac, CHECK_LEN);
	OPENSSL_cleanse(mac, sizeof(mac));
	return 0;
}

/* The check value, and whose key it is. */
static int make_evidence(const struct keying_session *session, struct keying_result *result)
{
	const char *identity = session->context.peer_identity;

	if (check_value(session->key, result->evidence))
		return -1;
	result->evidence_len = CHECK_LEN + strlen(identity);
	memcpy(result->evidence + CHECK_LEN, identity, strlen(identity));
	return 0;
}

/* Is the key still in the file? The file is what says who may connect by it. */
static int psk_recheck(const struct keying_method *method, const uint8_t *evidence,
		       size_t evidence_len, time_t now, struct keying_error *error)
{
	char identity[KEYING_TEXT_MAX] = "";
	const struct psk_entry *entry;
	uint8_t check[CHECK_LEN];

	(void)now;
	error->cause = KEYING_CAUSE_AUTHENTICATION;
	if (evidence_len <= CHECK_LEN || evidence_len - CHECK_LEN >= sizeof(identity))
		return keying_sentence(error->text, sizeof(error->text),
				       "nothing tells which key it came from");
	memcpy(identity, evidence + CHECK_LEN, evidence_len - CHECK_LEN);
	entry = find(method->credentials, identity);
	if (!entry)
		return keying_sentence(error->text, sizeof(error->text),
				       "the key file has no key for %.150s any more", identity);
	if (check_value(entry->key, check) || CRYPTO_memcmp(check, evidence, sizeof(check)))
		return keying_sentence(error->text, sizeof(error->text),
				       "the key file has another key for %.150s", identity);
	return 0;
}

static enum keying_status psk_step(struct keying_session *session,
				   const uint8_t *in, size_t in_len,
				   struct keying_buffer *out,
				   struct keying_result *result,
				   struct keying_error *error)
{
	(void)in;
	*out = (struct keying_buffer){ 0 };
	*result = (struct keying_result){ 0 };
	error->cause = KEYING_CAUSE_AUTHENTICATION;
	if (in_len) {
		keying_sentence(error->text, sizeof(error->text),
				"the peer sent a key establishment message; method psk has none");
		return KEYING_FAILED;
	}
	if (derive_kd(session, result->kd) || make_evidence(session, result)) {
		OPENSSL_cleanse(result, sizeof(*result));
		keying_sentence(error->text, sizeof(error->text), "KD was not derived: %s",
				keying_openssl_reason());
		return KEYING_FAILED;
	}
	memcpy(result->peer_identity, session->context.peer_identity,
	       sizeof(result->peer_identity));
	strcpy(result->detail, "provisioned key");
	return KEYING_DONE;
}

static void psk_close(struct keying_session *session)
{
	if (!session)
		return;
	OPENSSL_cleanse(session, sizeof(*session));
	free(session);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static int blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/*
 * One line, without its end, blanks trimmed: the key is the last word, the identity is
 * what stands before it, so it may hold spaces. The sentences never quote the key.
 */
static int parse_line(struct psk_file *file, const char *path, unsigned int line,
		      const char *at, size_t len, char *why, size_t why_len)
{
	struct psk_entry *entry = &file->entries[file->n];
	const struct psk_entry *other;
	size_t key_at = len, identity_len, i;
	unsigned int any = 0;
	int high, low;

	while (key_at && !blank(at[key_at - 1]))
		key_at--;
	identity_len = key_at;
	while (identity_len && blank(at[identity_len - 1]))
		identity_len--;
	if (!identity_len)
		return keying_sentence(why, why_len,
				       "%s: line %u: expected an identity and a key", path, line);
	if (identity_len > PROSE_IDENTITY_MAX)
		return keying_sentence(why, why_len,
				       "%s: line %u: the identity is longer than %u octets", path,
				       line, PROSE_IDENTITY_MAX);
	if (!keying_text_valid(at, identity_len))
		return keying_sentence(why, why_len,
				       "%s: line %u: the identity is not plain UTF-8 text", path,
				       line);
	memcpy(entry->identity, at, identity_len);
	entry->identity[identity_len] = '\0';
	if (len - key_at != 2 * PSK_LEN)
		return keying_sentence(why, why_len,
				       "%s: line %u: the key has %zu digits; it must be %u hexadecimal digits",
				       path, line, len - key_at, 2 * PSK_LEN);
	for (i = 0; i < PSK_LEN; i++) {
		high = hex_digit(at[key_at + 2 * i]);
		low = hex_digit(at[key_at + 2 * i + 1]);
		if (high < 0 || low < 0)
			return keying_sentence(why, why_len,
					       "%s: line %u: digit %zu of the key is not hexadecimal",
					       path, line, 2 * i + (high < 0 ? 1 : 2));
		entry->key[i] = (uint8_t)(high << 4 | low);
		any |= entry->key[i];
	}
	if (!any)
		return keying_sentence(why, why_len,
				       "%s: line %u: the key is all zero; make one with `openssl rand -hex 32`",
				       path, line);
	other = find(file, entry->identity);
	if (other)
		return keying_sentence(why, why_len,
				       "%s: line %u: %.100s has a key on line %u already",
				       path, line, entry->identity, other->line);
	entry->line = line;
	file->n++;
	return 0;
}

static int parse(struct psk_file *file, const char *path, const struct keying_file *text,
		 char *why, size_t why_len)
{
	const char *at = text->data, *end = text->data + text->len, *stop, *next;
	unsigned int line;

	for (line = 1; at < end; line++, at = next) {
		stop = memchr(at, '\n', (size_t)(end - at));
		next = stop ? stop + 1 : end;
		if (!stop)
			stop = end;
		while (at < stop && blank(*at))
			at++;
		while (stop > at && blank(stop[-1]))
			stop--;
		if (at == stop || *at == '#')
			continue;
		if (parse_line(file, path, line, at, (size_t)(stop - at), why, why_len))
			return -1;
	}
	if (!file->n)
		return keying_sentence(why, why_len, "%s: holds no key", path);
	return 0;
}

static size_t count_lines(const struct keying_file *text)
{
	size_t lines = 1, i;

	for (i = 0; i < text->len; i++)
		lines += text->data[i] == '\n';
	return lines;
}

struct keying_method *psk_new(const char *path, char *why, size_t why_len)
{
	struct keying_file text;
	struct psk_file *file;
	size_t size;

	if (keying_file_read(path, true, &text, why, why_len))
		return NULL;
	size = sizeof(*file) + count_lines(&text) * sizeof(file->entries[0]);
	file = calloc(1, size);
	if (!file) {
		keying_sentence(why, why_len, "%s: out of memory", path);
	} else if (parse(file, path, &text, why, why_len)) {
		OPENSSL_cleanse(file, size);
		free(file);
		file = NULL;
	}
	keying_file_free(&text);
	if (!file)
		return NULL;
	file->method = (struct keying_method){
		.id = KEYING_PSK,
		.name = "psk",
		.containers = 0,
		.credentials = file,
		.open = psk_open,
		.step = psk_step,
		.close = psk_close,
		.recheck = psk_recheck,
	};
	return &file->method;
}

void psk_free(struct keying_method *method)
{
	struct psk_file *file;

	if (!method)
		return;
	file = method->credentials;
	OPENSSL_cleanse(file, sizeof(*file) + file->n * sizeof(file->entries[0]));
	free(file);
}

size_t psk_count(const struct keying_method *method)
{
	const struct psk_file *file = method->credentials;

	return file->n;
}
