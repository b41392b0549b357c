// SPDX-License-Identifier: MIT
#include "settings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <confuse.h>

#include "db.h"
#include "keying/file.h"
#include "keying/sentence.h"
#include "master_key.h"
#include "period.h"

#define TEXT_MAX	512
#define LISTEN		"[::]:7801"
/* 30 days; a day to ten years. */
#define UID_PERIOD	2592000
#define UID_PERIOD_MIN	86400
#define UID_PERIOD_MAX	315360000

/* libconfuse tells of errors through a function that has no context. */
static struct {
	const char *path;
	char *why;
	size_t why_len;
	bool said;
} reading;

static void on_error(cfg_t *cfg, const char *format, va_list args)
{
	char text[TEXT_MAX];

	if (reading.said)
		return;
	vsnprintf(text, sizeof(text), format, args);
	keying_sentence(reading.why, reading.why_len, "%s: line %d: %s; prose-kms(8) has the options",
			reading.path, cfg->line, text);
	reading.said = true;
}

static int check_range(cfg_t *cfg, cfg_opt_t *opt, long min, long max)
{
	long value = cfg_opt_getnint(opt, 0);

	if (value >= min && value <= max)
		return 0;
	cfg_error(cfg, "%s has to be between %ld and %ld", cfg_opt_name(opt), min, max);
	return -1;
}

static int check_advance(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_range(cfg, opt, PERIOD_ADVANCE_MIN, PERIOD_ADVANCE_MAX);
}

static int check_deny(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_range(cfg, opt, 1, 366);
}

static int check_uid(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_range(cfg, opt, UID_PERIOD_MIN, UID_PERIOD_MAX);
}

static int check_uid_offset(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_range(cfg, opt, 0, UID_PERIOD_MAX);
}

static int check_rate(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_range(cfg, opt, 1, 100000);
}

static int check_key(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *fault = master_key_fault(cfg_opt_getnstr(opt, 0));

	if (!fault)
		return 0;
	cfg_error(cfg, "%s %s", cfg_opt_name(opt), fault);
	return -1;
}

/* A name of a file, from the folder. */
static char *in_folder(const char *dir, const char *name)
{
	char *path;

	if (name[0] == '/' || !name[0])
		return strdup(name);
	return asprintf(&path, "%s/%s", dir, name) < 0 ? NULL : path;
}

static char **files(const char *dir, cfg_t *cfg, const char *name)
{
	size_t n = cfg_size(cfg, name);
	char **list = calloc(n + 1, sizeof(*list));

	for (size_t i = 0; list && i < n; i++)
		list[i] = in_folder(dir, cfg_getnstr(cfg, name, (unsigned int)i));
	return list;
}

static int take(const char *dir, cfg_t *cfg, struct settings *settings)
{
	const char *key = cfg_getstr(cfg, "master-key"), *store = cfg_getstr(cfg, "store");

	settings->master_key = master_key_is_file(key) ? in_folder(dir, key) : strdup(key);
	settings->wrapped = in_folder(dir, SETTINGS_WRAPPED);
	settings->store = strncmp(store, DB_POSTGRESQL, strlen(DB_POSTGRESQL)) ?
			  in_folder(dir, store) : strdup(store);
	settings->advance_days = (unsigned int)cfg_getint(cfg, "advance-days");
	settings->deny_days = (unsigned int)cfg_getint(cfg, "deny-days");
	settings->uid_period = (uint32_t)cfg_getint(cfg, "uid-period");
	settings->uid_offset = (uint32_t)cfg_getint(cfg, "uid-offset");
	settings->listen = strdup(cfg_getstr(cfg, "listen"));
	settings->chain = in_folder(dir, cfg_getstr(cfg, "chain"));
	settings->key = in_folder(dir, cfg_getstr(cfg, "key"));
	settings->roots = files(dir, cfg, "roots");
	settings->crls = files(dir, cfg, "crls");
	settings->rate = (unsigned int)cfg_getint(cfg, "rate");
	settings->connections = (unsigned int)cfg_getint(cfg, "connections");
	return settings->master_key && settings->wrapped && settings->store && settings->listen && settings->chain &&
	       settings->key && settings->roots && settings->crls ? 0 : -1;
}

struct settings *settings_load(const char *dir, char *why, size_t why_len)
{
	cfg_opt_t options[] = {
		CFG_STR("master-key", SETTINGS_MASTER_KEY, CFGF_NONE),
		CFG_STR("store", SETTINGS_STORE, CFGF_NONE),
		CFG_INT("advance-days", PERIOD_ADVANCE_DAYS, CFGF_NONE),
		CFG_INT("deny-days", 30, CFGF_NONE),
		CFG_INT("uid-period", UID_PERIOD, CFGF_NONE),
		CFG_INT("uid-offset", 0, CFGF_NONE),
		CFG_STR("listen", LISTEN, CFGF_NONE),
		CFG_STR("chain", "", CFGF_NONE),
		CFG_STR("key", "", CFGF_NONE),
		CFG_STR_LIST("roots", "{}", CFGF_NONE),
		CFG_STR_LIST("crls", "{}", CFGF_NONE),
		CFG_INT("rate", 30, CFGF_NONE),
		CFG_INT("connections", 64, CFGF_NONE),
		CFG_END()
	};
	struct settings *settings = calloc(1, sizeof(*settings));
	struct keying_file file = { 0 };
	cfg_t *cfg = NULL;
	bool taken = false;

	if (!settings || asprintf(&settings->path, "%s/" SETTINGS_FILE, dir) < 0) {
		free(settings);
		keying_sentence(why, why_len, "%s: out of memory", dir);
		return NULL;
	}
	if (!keying_file_read(settings->path, false, &file, why, why_len))
		cfg = cfg_init(options, CFGF_NONE);
	if (cfg) {
		reading.path = settings->path;
		reading.why = why;
		reading.why_len = why_len;
		reading.said = false;
		cfg_set_error_function(cfg, on_error);
		cfg_set_validate_func(cfg, "advance-days", check_advance);
		cfg_set_validate_func(cfg, "deny-days", check_deny);
		cfg_set_validate_func(cfg, "uid-period", check_uid);
		cfg_set_validate_func(cfg, "uid-offset", check_uid_offset);
		cfg_set_validate_func(cfg, "rate", check_rate);
		cfg_set_validate_func(cfg, "connections", check_rate);
		cfg_set_validate_func(cfg, "master-key", check_key);
		if (cfg_parse_buf(cfg, file.data) == CFG_SUCCESS && !reading.said)
			taken = !take(dir, cfg, settings);
		else if (!reading.said)
			keying_sentence(why, why_len, "%s: line %d: cannot be understood",
					settings->path, cfg->line);
		cfg_free(cfg);
	}
	keying_file_free(&file);
	if (taken)
		return settings;
	settings_free(settings);
	return NULL;
}

static void free_list(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

void settings_free(struct settings *settings)
{
	if (!settings)
		return;
	free(settings->path);
	free(settings->master_key);
	free(settings->wrapped);
	free(settings->store);
	free(settings->listen);
	free(settings->chain);
	free(settings->key);
	free_list(settings->roots);
	free_list(settings->crls);
	free(settings);
}

int settings_write(const char *dir, const char *master_key, const char *store, char *why,
		   size_t why_len)
{
	char *path = NULL, *text = NULL;
	int err = -1, len;

	for (const char *c = master_key; *c; c++)
		if (*c == '"' || *c == '\\')
			return keying_sentence(why, why_len, "The name of the master key has a %c", *c);
	for (const char *c = store; *c; c++)
		if (*c == '"' || *c == '\\')
			return keying_sentence(why, why_len, "The name of the store has a %c", *c);
	len = asprintf(&text,
		       "# A KMS of prose; prose-kms(8) has all options.\n"
		       "\n"
		       "# What seals the master secrets: FILE, keyring:DESCRIPTION, credential:NAME or\n"
		       "# pkcs11:..., an RSA key on a token.\n"
		       "master-key = \"%s\"\n"
		       "# Tables: FILE, or postgresql:CONNINFO when several instances serve one domain.\n"
		       "store = \"%s\"\n"
		       "\n"
		       "# For prose-kms serve:\n"
		       "# listen = \"" LISTEN "\"\n"
		       "# chain = \"server.pem\"\n"
		       "# key = \"server.key\"\n"
		       "# roots = { \"ca.pem\" }\n"
		       "# crls = { \"crl.pem\" }\n", master_key, store);
	if (len < 0 || asprintf(&path, "%s/" SETTINGS_FILE, dir) < 0)
		keying_sentence(why, why_len, "%s: out of memory", dir);
	else
		err = keying_file_write(path, text, (size_t)len, 0600, false, why, why_len);
	free(text);
	free(path);
	return err;
}
