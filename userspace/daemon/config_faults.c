// SPDX-License-Identifier: MIT
/*
 * What is wrong with the file, where, and what to write instead.
 */
#include <confuse.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "config_parts.h"

/* What to write: shown behind each complaint about the option. */
static const struct option_help helps[] = {
	{ NULL, "device", "device = \"prose0\"" },
	{ NULL, "lower", "lower = \"tap0\"" },
	{ NULL, "udp", "udp { remote = \"192.0.2.1\" }" },
	{ NULL, "layer2-id", "layer2-id = \"0a:0b:0c\" or layer2-id = \"random\"" },
	{ NULL, "identity", "identity = \"urn:prose:ue1\"" },
	{ NULL, "profile", "profile = \"full\" or profile = \"rel12\"" },
	{ NULL, "user-plane-integrity", "user-plane-integrity = \"required\", \"preferred\" or "
	  "\"not-needed\"" },
	{ NULL, "user-plane-ciphering", "user-plane-ciphering = \"required\", \"preferred\" or "
	  "\"not-needed\"" },
	{ NULL, "count", "count = \"hfn\" or count = \"sess-id\"" },
	{ NULL, "ciphering", "ciphering = { \"eea2\" }" },
	{ NULL, "integrity", "integrity = { \"eia2\" }" },
	{ NULL, "methods", "methods = { \"certificate\", \"mikey-sakke\", \"psk\" }" },
	{ NULL, "addresses", "addresses = { \"10.0.0.1/24\", \"fd00::1/64\" }" },
	{ NULL, "control", "control = \"/run/prose/prose0.sock\"" },
	{ NULL, "state", "state = \"/run/prose/prose0.state\"" },
	{ NULL, "store", "store = \"/var/lib/prose/prose0.store\" or store = \"none\"" },
	{ NULL, "store-key", "store-key = \"/var/lib/prose/store.key\", \"keyring:NAME\" or "
	  "\"credential:NAME\"" },
	{ NULL, "connection-identities", "connection-identities = \"reusable\" or "
	  "connection-identities = \"single-use\"" },
	{ NULL, "hide-identity", "hide-identity = true or hide-identity = false" },
	{ NULL, "reveal-identity", "reveal-identity = true or reveal-identity = false" },
	{ NULL, "link-layer2-ids", "link-layer2-ids = true or link-layer2-ids = false" },
	{ NULL, "key-log", "key-log = \"/var/lib/prose/keys.log\"" },
	{ NULL, "accept", "accept = \"configured\" or accept = \"any-authenticated\"" },
	{ NULL, "on-demand", "on-demand = true or on-demand = false" },
	{ NULL, "strict-24334", "strict-24334 = true or strict-24334 = false" },
	{ NULL, "rekey-packets", "rekey-packets = 1000000, or 0 for the kernel's default" },
	{ NULL, "certificate",
	  "certificate { chain = \"ue.pem\" key = \"ue.key\" roots = { \"ca.pem\" } "
	  "crls = { \"crl.pem\" } }, each option on its line" },
	{ NULL, "mikey-sakke", "mikey-sakke { communities = { \"kms.public\" } "
	  "keys = { \"ue.keys\" } }, each option on its line" },
	{ NULL, "psk", "psk { file = \"psk\" }" },
	{ NULL, "timers", "timers { retries = 5 }" },
	{ NULL, "expressions", "expressions { accept = { \"voice\" } }" },
	{ "expressions", "announce", "announce = { \"voice\" }" },
	{ "expressions", "accept", "accept = { \"voice\", \"chat\" }" },
	{ "peer", "expressions", "expressions = { \"voice\" }" },
	{ NULL, "lifetimes", "lifetimes { kd-sess-soft-s = 3600 }" },
	{ NULL, "peer", "peer \"urn:prose:ue2\" { layer2-id = \"0a:0b:0d\" }" },
	{ "certificate", "chain", "chain = \"ue.pem\"" },
	{ "certificate", "key", "key = \"ue.key\" or key = \"pkcs11:token=ue;object=ue1\"" },
	{ "certificate", "pin-file", "pin-file = \"pin\"" },
	{ "certificate", "roots", "roots = { \"ca.pem\" }" },
	{ "certificate", "crls", "crls = { \"crl.pem\" }" },
	{ "certificate", "crl-policy", "crl-policy = \"require\" or crl-policy = \"if-present\"" },
	{ "certificate", "crl-grace-days", "crl-grace-days = 30" },
	{ "certificate", "clock", "clock = \"trusted\" or clock = \"untrusted\"" },
	{ "certificate", "clock-file", "clock-file = \"/var/lib/prose/clock\"" },
	{ "mikey-sakke", "communities", "communities = { \"kms.public\" }" },
	{ "mikey-sakke", "keys", "keys = { \"ue.keys\" }" },
	{ "mikey-sakke", "sealed-with", "sealed-with = \"ue.transport\", \"keyring:NAME\" or "
	  "\"credential:NAME\"" },
	{ "mikey-sakke", "deny", "deny = { \"kms.deny\" }" },
	{ "mikey-sakke", "reply", "reply = \"required\" or reply = \"optional\"" },
	{ "mikey-sakke", "in-request", "in-request = true or in-request = false" },
	{ "psk", "file", "file = \"psk\"" },
	{ "udp", "port", "port = 7800" },
	{ "udp", "remote", "remote = \"192.0.2.1\" or remote = \"[2001:db8::1]:7800\"" },
	{ "udp", "local", "local = { \"192.0.2.2\" } or local = { \"192.0.2.2\", \"2001:db8::2\" }" },
	{ "peer", "layer2-id", "layer2-id = \"0a:0b:0d\"" },
	{ "peer", "addresses", "addresses = { \"10.0.0.2\", \"fd00::2\" }" },
	{ "peer", "auto-connect", "auto-connect = true or auto-connect = false" },
	{ "timers", "t4100-ms", "t4100-ms = 1000" },
	{ "timers", "t4101-ms", "t4101-ms = 1000" },
	{ "timers", "t4102-ms", "t4102-ms = 10000" },
	{ "timers", "t4103-ms", "t4103-ms = 500" },
	{ "timers", "t4111-ms", "t4111-ms = 4000" },
	{ "timers", "t4112-ms", "t4112-ms = 1000" },
	{ "timers", "key-establishment-ms", "key-establishment-ms = 400" },
	{ "timers", "accept-ms", "accept-ms = 500" },
	{ "timers", "retries", "retries = 5" },
	{ "timers", "grace-ms", "grace-ms = 2000" },
	{ "lifetimes", "kd-sess-soft-s", "kd-sess-soft-s = 3600" },
	{ "lifetimes", "kd-sess-hard-s", "kd-sess-hard-s = 7200" },
	{ "lifetimes", "kd-sess-hard-packets", "kd-sess-hard-packets = 2000000" },
	{ "lifetimes", "kd-sess-soft-octets", "kd-sess-soft-octets = 1000000000" },
	{ "lifetimes", "kd-sess-hard-octets", "kd-sess-hard-octets = 2000000000" },
	{ "lifetimes", "kd-soft-s", "kd-soft-s = 86400" },
	{ "lifetimes", "kd-hard-s", "kd-hard-s = 604800" },
	{ "lifetimes", "kd-soft-packets", "kd-soft-packets = 1000000" },
	{ "lifetimes", "kd-hard-packets", "kd-hard-packets = 2000000" },
	{ "lifetimes", "kd-soft-octets", "kd-soft-octets = 1000000000" },
	{ "lifetimes", "kd-hard-octets", "kd-hard-octets = 2000000000" },
	{ NULL, NULL, NULL }
};

struct parsing config_parsing;

static const char *section_name(const cfg_t *cfg)
{
	return strcmp(cfg_name((cfg_t *)cfg), "root") ? cfg_name((cfg_t *)cfg) : NULL;
}

const struct option_help *config_help(const char *section, const char *name)
{
	const struct option_help *help;

	for (help = helps; help->name; help++)
		if (!strcmp(help->name, name) && !help->section == !section &&
		    (!section || !strcmp(section, help->section)))
			return help;
	return NULL;
}

/* The first complaint counts; what follows is its consequence. */
int config_complain(int line, const char *format, ...)
{
	va_list args;
	int len;

	if (config_parsing.failed)
		return -1;
	config_parsing.failed = true;
	len = line > 0 ? snprintf(config_parsing.why, config_parsing.why_len, "%s:%d: ",
				  config_parsing.path, line) :
			 snprintf(config_parsing.why, config_parsing.why_len, "%s: ",
				  config_parsing.path);
	if (len > 0 && (size_t)len < config_parsing.why_len) {
		va_start(args, format);
		vsnprintf(config_parsing.why + len, config_parsing.why_len - (size_t)len, format,
			  args);
		va_end(args);
	}
	text_harmless(config_parsing.why);
	return -1;
}

int config_refuse(const cfg_t *cfg, const cfg_opt_t *opt, const char *format, ...)
{
	const struct option_help *help = config_help(section_name(cfg), opt->name);
	char reason[CONFIG_WHY_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	return config_complain(cfg->line, "%s: %s; write %s", opt->name, reason,
			       help ? help->write : "another value");
}

static void unknown_option(const cfg_t *cfg, const char *name)
{
	const char *known[sizeof(helps) / sizeof(helps[0])], *section = section_name(cfg), *nearest;
	const struct option_help *help;
	size_t n = 0;

	if (!strcmp(name, CONFIG_END_MARK)) {
		config_complain(cfg->line - 1, "section %s is not closed; write } at its end",
				section ? section : "");
		return;
	}
	if (!strcmp(name, ";")) {
		config_complain(cfg->line, "unexpected ';'; options end with their line");
		return;
	}
	for (help = helps; help->name; help++)
		if (!help->section == !section && (!section || !strcmp(section, help->section)))
			known[n++] = help->name;
	known[n] = NULL;
	nearest = text_nearest(name, known);
	if (nearest) {
		config_complain(cfg->line, "unknown option '%s'%s%s; did you mean %s", name,
				section ? " in section " : "", section ? section : "",
				config_help(section, nearest)->write);
		return;
	}
	for (help = helps; help->name; help++) {
		if (strcmp(help->name, name))
			continue;
		if (help->section)
			config_complain(cfg->line,
					"option '%s' belongs into section %s; write %s { %s }",
					name, help->section, help->section, help->write);
		else
			config_complain(cfg->line,
					"option '%s' does not belong into section %s; write it "
					"before or after",
					name, section);
		return;
	}
	config_complain(cfg->line, "unknown option '%s'%s%s; prosed.conf(5) lists all", name,
			section ? " in section " : "", section ? section : "");
}

/* Line of a quote that is open when the text ends, 0 when none is. */
static int open_quote(const char *text)
{
	int line = 1, opened = 0;
	char quote = 0;

	for (; *text; text++) {
		if (*text == '\n')
			line++;
		if (quote) {
			if (*text == '\\' && text[1])
				text++;
			else if (*text == quote)
				quote = 0;
		} else if (*text == '"' || *text == '\'') {
			quote = *text;
			opened = line;
		} else if (*text == '#' || (*text == '/' && text[1] == '/')) {
			text += strcspn(text, "\n") - 1;
		}
	}
	return quote ? opened : 0;
}

void config_on_error(cfg_t *cfg, const char *format, va_list args)
{
	char text[256], name[128] = "";
	const struct option_help *help;
	const char *quote;

	if (config_parsing.failed)
		return;
	vsnprintf(text, sizeof(text), format, args);
	quote = strchr(text, '\'');
	if (quote)
		sscanf(quote + 1, "%127[^']", name);
	if (!strncmp(text, "no such option", 14)) {
		unknown_option(cfg, name);
		return;
	}
	if (!strncmp(text, "found duplicate title", 21)) {
		config_complain(cfg->line, "a second section peer \"%s\"; make them one", name);
		return;
	}
	if (!strncmp(text, "premature end of file", 21)) {
		config_complain(open_quote(config_parsing.text),
				"the quote is not closed; write \" at its end");
		return;
	}
	help = config_help(section_name(cfg), name);
	if (help)
		config_complain(cfg->line, "%s; write %s", text, help->write);
	else
		config_complain(cfg->line, "%s", text);
}

int config_line_of(const cfg_opt_t *opt)
{
	size_t i;

	for (i = 0; i < config_parsing.n_seen; i++)
		if (config_parsing.seen[i].opt == opt)
			return config_parsing.seen[i].line;
	return 0;
}

int config_note(const cfg_t *cfg, const cfg_opt_t *opt)
{
	int line = config_line_of(opt);

	if (line && !(opt->flags & (CFGF_LIST | CFGF_MULTI)))
		return config_complain(cfg->line, "%s is already set in line %d; remove one",
				       opt->name, line);
	if (!line &&
	    config_parsing.n_seen < sizeof(config_parsing.seen) / sizeof(config_parsing.seen[0])) {
		config_parsing.seen[config_parsing.n_seen].opt = opt;
		config_parsing.seen[config_parsing.n_seen++].line = cfg->line;
	}
	return 0;
}
