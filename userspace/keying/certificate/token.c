// SPDX-License-Identifier: MIT
/*
 * Debian 12 has OpenSSL 3.0 and no provider for PKCS#11, only libp11's engine. Engines are
 * deprecated since 3.0, which the compiler would warn of; they work until 4.0, and for keys
 * of an engine OpenSSL takes its older code by itself. Only this file knows of it.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "token.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>
#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/ui.h>

#include "../file.h"
#include "../sentence.h"

#define SCHEME		"pkcs11:"
#define ENGINE_NAME	"pkcs11"
#define SHOWN_MAX	96
#define URI_MAX		512
#define PIN_MAX		255

/* Errors of PKCS#11 2.40, as the engine hands them on. */
#define CKR_PIN_INCORRECT	0xa0
#define CKR_PIN_LOCKED		0xa4

struct token {
	ENGINE *engine;
	UI_METHOD *nobody;
	unsigned int holders;
};

bool token_named(const char *name)
{
	return !strncasecmp(name, SCHEME, strlen(SCHEME));
}

const char *token_shown(const char *uri, char *out, size_t len)
{
	size_t shown = strcspn(uri, "?");

	keying_sentence(out, len, "%.*s", shown < len ? (int)shown : (int)len - 1, uri);
	return out;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A value of the query, with %XX resolved; -1 when it is too long or none. */
static int decode(const char *value, size_t value_len, char *out, size_t len)
{
	size_t i, at = 0;

	for (i = 0; i < value_len; i++) {
		char c = value[i];

		if (c == '%') {
			int high = i + 2 < value_len ? hex_digit(value[i + 1]) : -1;
			int low = high < 0 ? -1 : hex_digit(value[i + 2]);

			if (low < 0 || !(high | low))
				return -1;
			c = (char)(high << 4 | low);
			i += 2;
		}
		if (at + 1 >= len)
			return -1;
		out[at++] = c;
	}
	out[at] = '\0';
	return at ? 0 : -1;
}

/* What follows the question mark, RFC 7512 2.4. */
struct query {
	char module[PATH_MAX], pin_source[PATH_MAX];
};

static int take_query(const char *uri, struct query *query, char *why, size_t why_len)
{
	const char *at = strchr(uri, '?'), *equals;
	char shown[SHOWN_MAX];
	size_t len, name;
	int bad = 0;

	query->module[0] = query->pin_source[0] = '\0';
	token_shown(uri, shown, sizeof(shown));
	for (at = at ? at + 1 : ""; !bad && *at; at += len + (at[len] == '&')) {
		len = strcspn(at, "&");
		equals = memchr(at, '=', len);
		name = equals ? (size_t)(equals - at) : len;
		if (name == 9 && !strncmp(at, "pin-value", name))
			return keying_sentence(why, why_len,
					       "%s: a PIN does not belong into the configuration; write it to a file of mode 0600 and name that as pin-file",
					       shown);
		if (name == 11 && !strncmp(at, "module-path", name))
			bad = !equals || decode(equals + 1, len - name - 1, query->module,
						sizeof(query->module));
		else if (name == 10 && !strncmp(at, "pin-source", name))
			bad = !equals || decode(equals + 1, len - name - 1, query->pin_source,
						sizeof(query->pin_source));
		else
			bad = 1;
	}
	if (bad)
		return keying_sentence(why, why_len,
				       "%s: what follows the ? is neither module-path=/FILE nor pin-source=file:/FILE",
				       shown);
	if (query->pin_source[0] && strncmp(query->pin_source, "file:/", 6) &&
	    query->pin_source[0] != '/')
		return keying_sentence(why, why_len,
				       "%s: pin-source is no file; write pin-source=file:/FILE", shown);
	return 0;
}

static int set_pin(struct token *token, const char *path, char *why, size_t why_len)
{
	struct keying_file file;
	int ret = 0;

	if (keying_file_read(path, true, &file, why, why_len))
		return -1;
	file.data[strcspn(file.data, "\r\n")] = '\0';
	if (!file.data[0] || strlen(file.data) > PIN_MAX)
		ret = keying_sentence(why, why_len,
				      "%s: its first line is no PIN of 1 to %u octets", path,
				      PIN_MAX);
	else if (!ENGINE_ctrl_cmd_string(token->engine, "PIN", file.data, 0))
		ret = keying_sentence(why, why_len, "%s: the PIN was not taken: %s", path,
				      keying_openssl_reason());
	keying_file_free(&file);
	return ret;
}

/* Called when a PIN is needed and there is none: a daemon has nobody to ask. */
static int ask_nobody(UI *ui, UI_STRING *string)
{
	(void)ui;
	(void)string;
	return 0;
}

static int start(struct token *token, const struct query *query, const char *pin_file,
		 char *why, size_t why_len)
{
	ENGINE *engine;

	token->nobody = UI_create_method("nobody");
	if (!token->nobody || UI_method_set_reader(token->nobody, ask_nobody))
		return keying_sentence(why, why_len, "out of memory");
	engine = ENGINE_by_id(ENGINE_NAME);
	if (!engine)
		return keying_sentence(why, why_len,
				       "OpenSSL has no engine for PKCS#11; install libengine-pkcs11-openssl");
	/* It has its own way of telling errors, on stderr; ours has words for them. */
	ENGINE_ctrl_cmd_string(engine, "QUIET", NULL, 0);
	if ((query->module[0] &&
	     !ENGINE_ctrl_cmd_string(engine, "MODULE_PATH", query->module, 0)) ||
	    !ENGINE_init(engine)) {
		ENGINE_free(engine);
		return keying_sentence(why, why_len, "the engine for PKCS#11 does not start: %s",
				       keying_openssl_reason());
	}
	token->engine = engine;
	if (!pin_file && query->pin_source[0])
		pin_file = query->pin_source + (query->pin_source[0] == '/' ? 0 : 5);
	return pin_file ? set_pin(token, pin_file, why, why_len) : 0;
}

struct token *token_open(const char *uri, const char *pin_file, char *why, size_t why_len)
{
	struct token *token;
	struct query query;

	if (take_query(uri, &query, why, why_len))
		return NULL;
	token = calloc(1, sizeof(*token));
	if (!token) {
		keying_sentence(why, why_len, "out of memory");
		return NULL;
	}
	token->holders = 1;
	if (start(token, &query, pin_file, why, why_len)) {
		token_release(token);
		return NULL;
	}
	return token;
}

struct token *token_hold(struct token *token)
{
	if (token)
		token->holders++;
	return token;
}

void token_release(struct token *token)
{
	if (!token || --token->holders)
		return;
	if (token->engine) {
		ENGINE_finish(token->engine);
		ENGINE_free(token->engine);
	}
	UI_destroy_method(token->nobody);
	free(token);
	ERR_clear_error();
}

/* The first error is the cause, those behind it are where it was noticed. */
static void say(const char *uri, const char *what, char *why, size_t why_len)
{
	unsigned long error = ERR_peek_error();
	const char *reason = error ? ERR_reason_error_string(error) : NULL;
	char shown[SHOWN_MAX];

	token_shown(uri, shown, sizeof(shown));
	if (ERR_GET_REASON(error) == CKR_PIN_INCORRECT)
		keying_sentence(why, why_len,
				"%s: the PIN is wrong; correct it in pin-file before you try again, for a token locks itself after a few wrong ones",
				shown);
	else if (ERR_GET_REASON(error) == CKR_PIN_LOCKED)
		keying_sentence(why, why_len,
				"%s: the PIN is locked; its security officer has to set a new one",
				shown);
	else if (ERR_GET_LIB(error) == ERR_LIB_UI)
		keying_sentence(why, why_len,
				"%s: the token wants a PIN; write it to a file of mode 0600 and name that as pin-file",
				shown);
	else if (reason && strstr(reason, "object not found"))
		keying_sentence(why, why_len,
				"%s: there is no token with such a %s: plug it in, or correct the name; `pkcs11-tool --login --list-objects` lists what it has",
				shown, what);
	else if (reason && strstr(reason, "Unable to load"))
		keying_sentence(why, why_len,
				"%s: the PKCS#11 module cannot be loaded; correct module-path, or install the module of the token",
				shown);
	else
		keying_sentence(why, why_len, "%s: no %s was had of the token: %s", shown, what,
				reason ? reason : "no reason given by OpenSSL");
	ERR_clear_error();
}

/* The engine does not know all of the query. */
static int without_query(const char *uri, char name[URI_MAX], char *why, size_t why_len)
{
	size_t len = strcspn(uri, "?");

	if (len >= URI_MAX)
		return keying_sentence(why, why_len, "%.64s...: the name is too long", uri);
	memcpy(name, uri, len);
	name[len] = '\0';
	return 0;
}

EVP_PKEY *token_key(struct token *token, const char *uri, char *why, size_t why_len)
{
	EVP_PKEY *key = NULL;
	char name[URI_MAX];

	if (without_query(uri, name, why, why_len))
		return NULL;
	ERR_clear_error();
	key = ENGINE_load_private_key(token->engine, name, token->nobody, NULL);
	if (!key)
		say(uri, "private key", why, why_len);
	return key;
}

X509 *token_certificate(struct token *token, const char *uri, char *why, size_t why_len)
{
	/* The engine's own, of the command LOAD_CERT_CTRL. */
	struct {
		const char *name;
		X509 *certificate;
	} wanted = { 0 };
	char name[URI_MAX];

	if (without_query(uri, name, why, why_len))
		return NULL;
	wanted.name = name;
	ERR_clear_error();
	if (!ENGINE_ctrl_cmd(token->engine, "LOAD_CERT_CTRL", 0, &wanted, NULL, 1) ||
	    !wanted.certificate)
		say(uri, "certificate", why, why_len);
	return wanted.certificate;
}
