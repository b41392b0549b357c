// SPDX-License-Identifier: MIT
/*
 * libconfuse splits the file into options; everything it cannot know is checked while it
 * parses, because only then it tells the line.
 */
#include <confuse.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/prose.h>

#include "keying/certificate/token.h"

#include "clock.h"
#include "config.h"
#include "store_key.h"

#define FILE_MAX_SIZE	(1 << 20)

/* Added behind the file: seen inside a section, that section was never closed. */
#define END_MARK	"end-of-configuration"

/* What to write: shown behind each complaint about the option. */
static const struct option_help {
	const char *section;	/* NULL: top level */
	const char *name;
	const char *write;
} helps[] = {
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
	{ NULL, "methods", "methods = { \"certificate\", \"psk\" }" },
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

/*
 * The file being parsed. libconfuse's callbacks carry no context, and a file is parsed
 * from start to end by one call, so this lives as long as that call.
 */
static struct parsing {
	const char *path;
	const char *text;
	char *why;
	size_t why_len;
	bool failed;
	struct {
		const cfg_opt_t *opt;
		int line;
	} seen[512];
	size_t n_seen;
} parsing;

static const char *section_name(const cfg_t *cfg)
{
	return strcmp(cfg_name((cfg_t *)cfg), "root") ? cfg_name((cfg_t *)cfg) : NULL;
}

static const struct option_help *help_for(const char *section, const char *name)
{
	const struct option_help *help;

	for (help = helps; help->name; help++)
		if (!strcmp(help->name, name) && !help->section == !section &&
		    (!section || !strcmp(section, help->section)))
			return help;
	return NULL;
}

/* The first complaint counts; what follows is its consequence. */
__attribute__((format(printf, 2, 3)))
static int complain(int line, const char *format, ...)
{
	va_list args;
	int len;

	if (parsing.failed)
		return -1;
	parsing.failed = true;
	len = line > 0 ? snprintf(parsing.why, parsing.why_len, "%s:%d: ", parsing.path, line) :
			 snprintf(parsing.why, parsing.why_len, "%s: ", parsing.path);
	if (len > 0 && (size_t)len < parsing.why_len) {
		va_start(args, format);
		vsnprintf(parsing.why + len, parsing.why_len - (size_t)len, format, args);
		va_end(args);
	}
	text_harmless(parsing.why);
	return -1;
}

/* A value of an option is wrong: reason, and what to write. */
__attribute__((format(printf, 3, 4)))
static int refuse(const cfg_t *cfg, const cfg_opt_t *opt, const char *format, ...)
{
	const struct option_help *help = help_for(section_name(cfg), opt->name);
	char reason[CONFIG_WHY_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	return complain(cfg->line, "%s: %s; write %s", opt->name, reason,
			help ? help->write : "another value");
}

static void unknown_option(const cfg_t *cfg, const char *name)
{
	const char *known[sizeof(helps) / sizeof(helps[0])], *section = section_name(cfg), *nearest;
	const struct option_help *help;
	size_t n = 0;

	if (!strcmp(name, END_MARK)) {
		complain(cfg->line - 1, "section %s is not closed; write } at its end",
			 section ? section : "");
		return;
	}
	if (!strcmp(name, ";")) {
		complain(cfg->line, "unexpected ';'; options end with their line");
		return;
	}
	for (help = helps; help->name; help++)
		if (!help->section == !section && (!section || !strcmp(section, help->section)))
			known[n++] = help->name;
	known[n] = NULL;
	nearest = text_nearest(name, known);
	if (nearest) {
		complain(cfg->line, "unknown option '%s'%s%s; did you mean %s", name,
			 section ? " in section " : "", section ? section : "",
			 help_for(section, nearest)->write);
		return;
	}
	for (help = helps; help->name; help++) {
		if (strcmp(help->name, name))
			continue;
		if (help->section)
			complain(cfg->line, "option '%s' belongs into section %s; write %s { %s }",
				 name, help->section, help->section, help->write);
		else
			complain(cfg->line,
				 "option '%s' does not belong into section %s; write it before or after",
				 name, section);
		return;
	}
	complain(cfg->line, "unknown option '%s'%s%s; prosed.conf(5) lists all", name,
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

/* What libconfuse itself finds wrong, said again with a cure. */
__attribute__((format(printf, 2, 0)))
static void on_error(cfg_t *cfg, const char *format, va_list args)
{
	char text[256], name[128] = "";
	const struct option_help *help;
	const char *quote;

	if (parsing.failed)
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
		complain(cfg->line, "a second section peer \"%s\"; make them one", name);
		return;
	}
	if (!strncmp(text, "premature end of file", 21)) {
		complain(open_quote(parsing.text), "the quote is not closed; write \" at its end");
		return;
	}
	help = help_for(section_name(cfg), name);
	if (help)
		complain(cfg->line, "%s; write %s", text, help->write);
	else
		complain(cfg->line, "%s", text);
}

static int line_of(const cfg_opt_t *opt)
{
	size_t i;

	for (i = 0; i < parsing.n_seen; i++)
		if (parsing.seen[i].opt == opt)
			return parsing.seen[i].line;
	return 0;
}

/* Notes where an option stands; one that may stand once only must not stand twice. */
static int note(const cfg_t *cfg, const cfg_opt_t *opt)
{
	int line = line_of(opt);

	if (line && !(opt->flags & (CFGF_LIST | CFGF_MULTI)))
		return complain(cfg->line, "%s is already set in line %d; remove one", opt->name, line);
	if (!line && parsing.n_seen < sizeof(parsing.seen) / sizeof(parsing.seen[0])) {
		parsing.seen[parsing.n_seen].opt = opt;
		parsing.seen[parsing.n_seen++].line = cfg->line;
	}
	return 0;
}

/* The value just read: the last one. */
static const char *latest(cfg_opt_t *opt)
{
	return cfg_opt_getnstr(opt, cfg_opt_size(opt) - 1);
}

static int check_any(cfg_t *cfg, cfg_opt_t *opt)
{
	if (note(cfg, opt))
		return -1;
	if (opt->type == CFGT_STR && cfg_opt_size(opt) && !latest(opt)[0])
		return refuse(cfg, opt, "is empty");
	return 0;
}

static int check_interface(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *name = latest(opt);

	if (check_any(cfg, opt))
		return -1;
	if (strlen(name) >= IF_NAMESIZE)
		return refuse(cfg, opt, "'%s' is longer than the %d characters of an interface's name",
			      name, IF_NAMESIZE - 1);
	if (strpbrk(name, "/: \t\n") || !strcmp(name, ".") || !strcmp(name, ".."))
		return refuse(cfg, opt, "'%s' is no name of an interface", name);
	return 0;
}

static int check_port(cfg_t *cfg, cfg_opt_t *opt)
{
	long port = cfg_opt_getnint(opt, cfg_opt_size(opt) - 1);

	if (check_any(cfg, opt))
		return -1;
	if (port < 1 || port > UINT16_MAX)
		return refuse(cfg, opt, "%ld is no UDP port (1 to 65535)", port);
	return 0;
}

static int check_remote(cfg_t *cfg, cfg_opt_t *opt)
{
	struct ue_address address;
	uint16_t port;

	if (check_any(cfg, opt))
		return -1;
	if (!text_to_remote(latest(opt), &address, &port))
		return refuse(cfg, opt, "'%s' is no IP address, with or without a port",
			      latest(opt));
	return 0;
}

static int check_local(cfg_t *cfg, cfg_opt_t *opt)
{
	struct ue_address address;

	if (check_any(cfg, opt))
		return -1;
	if (!text_to_address(latest(opt), &address, NULL))
		return refuse(cfg, opt, "'%s' is no IP address", latest(opt));
	return 0;
}

static int check_l2_id(cfg_t *cfg, cfg_opt_t *opt)
{
	uint32_t l2_id;

	if (check_any(cfg, opt))
		return -1;
	if (!text_to_l2_id(latest(opt), &l2_id))
		return refuse(cfg, opt, "'%s' is no Layer-2 ID (3 octets in hexadecimal, not all 0)",
			      latest(opt));
	return 0;
}

static int check_own_l2_id(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *value = latest(opt);

	return value && !strcmp(value, "random") ? check_any(cfg, opt) : check_l2_id(cfg, opt);
}

static int check_identity(cfg_t *cfg, cfg_opt_t *opt)
{
	if (check_any(cfg, opt))
		return -1;
	if (strlen(latest(opt)) > PROSE_IDENTITY_MAX)
		return refuse(cfg, opt, "is longer than %d octets", PROSE_IDENTITY_MAX);
	return 0;
}

static int check_word(cfg_t *cfg, cfg_opt_t *opt, const char *const *words)
{
	if (check_any(cfg, opt))
		return -1;
	for (; *words; words++)
		if (!strcmp(latest(opt), *words))
			return 0;
	return refuse(cfg, opt, "'%s' is not known", latest(opt));
}

static int check_profile(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_word(cfg, opt, (const char *const []){ "full", "rel12", NULL });
}

static int check_policy(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_word(cfg, opt, (const char *const []){ "required", "preferred", "not-needed",
							    NULL });
}

static int check_count(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_word(cfg, opt, (const char *const []){ "hfn", "sess-id", NULL });
}

static int check_accept(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_word(cfg, opt, (const char *const []){ "configured", "any-authenticated",
							    NULL });
}

static int check_connection_identities(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_word(cfg, opt, (const char *const []){ "reusable", "single-use", NULL });
}

static int check_store_key(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *fault;

	if (check_any(cfg, opt))
		return -1;
	fault = store_key_fault(latest(opt));
	return fault ? refuse(cfg, opt, "'%s' %s", latest(opt), fault) : 0;
}

static int check_crl_policy(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_word(cfg, opt, (const char *const []){ "require", "if-present", NULL });
}

static int check_clock(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_word(cfg, opt, (const char *const []){ "trusted", "untrusted", NULL });
}

/* Lists are checked value by value, and a value must not come twice. */
static int check_list(cfg_t *cfg, cfg_opt_t *opt, unsigned int max)
{
	unsigned int i, n = cfg_opt_size(opt);

	if (check_any(cfg, opt))
		return -1;
	if (n > max)
		return refuse(cfg, opt, "has more than %u values", max);
	for (i = 0; i + 1 < n; i++)
		if (!strcmp(cfg_opt_getnstr(opt, i), cfg_opt_getnstr(opt, n - 1)))
			return refuse(cfg, opt, "'%s' stands there twice", latest(opt));
	return 0;
}

/*
 * libconfuse calls back once more behind the last value of a list, with nothing new in
 * it, so each check must bear to see a value again; it does, as it compares with others only.
 */
static int check_ciphering(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *value = latest(opt);

	if (check_list(cfg, opt, 4))
		return -1;
	if (strncmp(value, "eea", 3) || value[3] < '0' || value[3] > '3' || value[4])
		return refuse(cfg, opt, "'%s' is no ciphering algorithm", value);
	return 0;
}

static int check_integrity(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *value = latest(opt);

	if (check_list(cfg, opt, 4))
		return -1;
	if (!strcmp(value, "eia0"))
		return refuse(cfg, opt, "'eia0' protects nothing and is refused for signalling");
	if (strncmp(value, "eia", 3) || value[3] < '1' || value[3] > '3' || value[4])
		return refuse(cfg, opt, "'%s' is no integrity algorithm", value);
	return 0;
}

static int check_methods(cfg_t *cfg, cfg_opt_t *opt)
{
	if (check_list(cfg, opt, UE_METHODS_MAX))
		return -1;
	if (strcmp(latest(opt), "certificate") && strcmp(latest(opt), "psk"))
		return refuse(cfg, opt, "'%s' is no keying method", latest(opt));
	return 0;
}

static int check_files(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_list(cfg, opt, 64);
}

/* Only a unicast address can be that of one UE. */
static const char *address_fault(const struct ue_address *address)
{
	static const uint8_t zero[16], loopback[16] = { [15] = 1 };

	if (address->family == 4) {
		if (address->addr[0] >= 224)
			return "is a multicast, reserved or broadcast address";
		if (address->addr[0] == 127 || !address->addr[0])
			return "is a loopback or unspecified address";
		return NULL;
	}
	if (address->addr[0] == 0xff)
		return "is a multicast address";
	if (!memcmp(address->addr, zero, 16) || !memcmp(address->addr, loopback, 16))
		return "is a loopback or unspecified address";
	if (address->addr[0] == 0xfe && (address->addr[1] & 0xc0) == 0x80)
		return "is link-local; those come from the Layer-2 ID";
	return NULL;
}

static int check_address(cfg_t *cfg, cfg_opt_t *opt, bool own)
{
	struct ue_address address;
	unsigned int prefix;
	const char *fault;

	if (check_list(cfg, opt, UE_ADDRESSES_MAX))
		return -1;
	if (!text_to_address(latest(opt), &address, own ? &prefix : NULL))
		return refuse(cfg, opt, own ? "'%s' is no address" :
					      "'%s' is no address (a prefix length is not wanted)",
			      latest(opt));
	fault = address_fault(&address);
	if (fault)
		return refuse(cfg, opt, "'%s' %s", latest(opt), fault);
	if (own && !strchr(latest(opt), '/'))
		return refuse(cfg, opt, "'%s' lacks the length of its subnet", latest(opt));
	if (own && !prefix)
		return refuse(cfg, opt, "'%s' would route everything here", latest(opt));
	return 0;
}

static int check_own_address(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_address(cfg, opt, true);
}

static int check_peer_address(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_address(cfg, opt, false);
}

static int check_range(cfg_t *cfg, cfg_opt_t *opt, long min, long max)
{
	long value = cfg_opt_getnint(opt, 0);

	if (check_any(cfg, opt))
		return -1;
	if (value < min || value > max)
		return refuse(cfg, opt, "%ld is not between %ld and %ld", value, min, max);
	return 0;
}

static int check_timer(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_range(cfg, opt, 10, 3600000);
}

/* Short enough for all of a list to fit into one IE. */
static int check_expression(cfg_t *cfg, cfg_opt_t *opt)
{
	if (check_list(cfg, opt, PROSE_EXPRESSIONS_MAX))
		return -1;
	if (!latest(opt)[0] || strlen(latest(opt)) > PROSE_EXPRESSION_MAX)
		return refuse(cfg, opt, "'%.60s' is not a name of 1 to %d octets", latest(opt),
			      PROSE_EXPRESSION_MAX);
	return 0;
}

static int check_retries(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_range(cfg, opt, 0, 100);
}

static int check_grace(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_range(cfg, opt, 0, 600000);
}

/* Seconds, packets or octets; large enough for any, small enough to be taken times 1000. */
static int check_lifetime(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_range(cfg, opt, 0, 1000000000000000L);
}

static int check_days(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_range(cfg, opt, 0, 3650);
}

static int check_packets(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_range(cfg, opt, 0, 0xffffffffL);
}

static int check_mark(cfg_t *cfg, cfg_opt_t *opt)
{
	(void)cfg;
	(void)opt;
	return 0;
}

/* Relative names start at the configuration file's folder; those of tokens are no files. */
static char *file_name(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');
	char *full;

	if (name[0] == '/' || !slash || token_named(name))
		return strdup(name);
	if (asprintf(&full, "%.*s/%s", (int)(slash - path), path, name) < 0)
		return NULL;
	return full;
}

static char **file_names(const char *path, cfg_t *cfg, const char *option, size_t *n)
{
	char **names;
	size_t i;

	*n = 0;
	names = calloc(cfg_size(cfg, option) + 1, sizeof(*names));
	for (i = 0; names && i < cfg_size(cfg, option); i++) {
		names[i] = file_name(path, cfg_getnstr(cfg, option, (unsigned int)i));
		if (!names[i])
			return names;	/* fewer than wanted: out of memory, config_load() sees it */
		*n = i + 1;
	}
	return names;
}

/* Line of the option a section is about; without it that of the section's end. */
static int section_line(cfg_t *cfg, const char *section, const char *option)
{
	int line = line_of(cfg_getopt(cfg_getsec(cfg, section), option));

	return line ? line : line_of(cfg_getopt(cfg, section));
}

static int take_certificate(struct config *config, cfg_t *cfg)
{
	struct config_certificate *certificate = &config->certificate;
	cfg_t *section;

	if (!cfg_size(cfg, "certificate"))
		return 0;
	section = cfg_getsec(cfg, "certificate");
	certificate->present = true;
	certificate->line = section_line(cfg, "certificate", "chain");
	certificate->crl_required = !strcmp(cfg_getstr(section, "crl-policy"), "require");
	certificate->crl_grace_days = (unsigned int)cfg_getint(section, "crl-grace-days");
	if (!cfg_getstr(section, "chain"))
		return complain(certificate->line, "section certificate lacks its chain; "
				"write chain = \"ue.pem\", own certificate first");
	if (!cfg_getstr(section, "key"))
		return complain(certificate->line,
				"section certificate lacks its key; write key = \"ue.key\"");
	if (!cfg_size(section, "roots"))
		return complain(certificate->line,
				"section certificate lacks roots; write roots = { \"ca.pem\" }");
	if (certificate->crl_required && !cfg_size(section, "crls"))
		return complain(certificate->line, "section certificate lacks crls; write "
				"crls = { \"crl.pem\" }, or crl-policy = \"if-present\" to do "
				"without revocation");
	certificate->chain = file_name(config->path, cfg_getstr(section, "chain"));
	certificate->key = file_name(config->path, cfg_getstr(section, "key"));
	certificate->roots = file_names(config->path, section, "roots", &certificate->n_roots);
	certificate->crls = file_names(config->path, section, "crls", &certificate->n_crls);
	certificate->clock_untrusted = !strcmp(cfg_getstr(section, "clock"), "untrusted");
	certificate->clock_file = file_name(config->path, cfg_getstr(section, "clock-file"));
	if (cfg_getstr(section, "pin-file")) {
		certificate->pin_file = file_name(config->path, cfg_getstr(section, "pin-file"));
		if (!certificate->pin_file)
			return complain(0, "out of memory");
	}
	if (!certificate->chain || !certificate->key || !certificate->clock_file ||
	    certificate->n_roots != cfg_size(section, "roots") ||
	    certificate->n_crls != cfg_size(section, "crls"))
		return complain(0, "out of memory");
	return 0;
}

static int take_psk(struct config *config, cfg_t *cfg)
{
	cfg_t *section;

	if (!cfg_size(cfg, "psk"))
		return 0;
	section = cfg_getsec(cfg, "psk");
	config->psk.present = true;
	config->psk.line = section_line(cfg, "psk", "file");
	if (!cfg_getstr(section, "file"))
		return complain(config->psk.line,
				"section psk lacks its file; write file = \"psk\"");
	config->psk.file = file_name(config->path, cfg_getstr(section, "file"));
	return config->psk.file ? 0 : complain(0, "out of memory");
}

static int take_methods(struct config *config, cfg_t *cfg)
{
	unsigned int i;

	for (i = 0; i < cfg_size(cfg, "methods"); i++) {
		const char *name = cfg_getnstr(cfg, "methods", i);
		bool psk = !strcmp(name, "psk");

		if (!(psk ? config->psk.present : config->certificate.present))
			return complain(line_of(cfg_getopt(cfg, "methods")),
					"methods names %s, but section %s is missing; write %s",
					name, name, help_for(NULL, name)->write);
		config->methods[config->n_methods++] = psk ? KEYING_PSK : KEYING_CERTIFICATE;
	}
	if (!i && config->certificate.present)
		config->methods[config->n_methods++] = KEYING_CERTIFICATE;
	if (!i && config->psk.present)
		config->methods[config->n_methods++] = KEYING_PSK;
	if (!config->n_methods)
		return complain(0, "there are no credentials; write a section certificate or psk, "
				"`prose pki --help` shows how to make some");
	if (config->strict_24334) {
		for (i = 0; i < config->n_methods; i++)
			if (config->methods[i] == KEYING_PSK)
				break;
		if (i == config->n_methods)
			return complain(line_of(cfg_getopt(cfg, "strict-24334")),
					"strict-24334 leaves out the messages method certificate "
					"needs; write a section psk { file = \"psk\" }");
	}
	return 0;
}

static void take_algorithms(struct config *config, cfg_t *cfg)
{
	unsigned int i;

	memset(config->eea_order, 0xff, sizeof(config->eea_order));
	memset(config->eia_order, 0xff, sizeof(config->eia_order));
	for (i = 0; i < cfg_size(cfg, "ciphering"); i++) {
		config->eea_order[i] = (uint8_t)(cfg_getnstr(cfg, "ciphering", i)[3] - '0');
		config->capabilities |= 0x8000 >> config->eea_order[i];
	}
	for (i = 0; i < cfg_size(cfg, "integrity"); i++) {
		config->eia_order[i] = (uint8_t)(cfg_getnstr(cfg, "integrity", i)[3] - '0');
		config->capabilities |= 0x0080 >> config->eia_order[i];
	}
}

static enum ue_policy policy_of(const char *word)
{
	return !strcmp(word, "required") ? UE_REQUIRED : !strcmp(word, "preferred") ? UE_PREFERRED :
		UE_NOT_NEEDED;
}

/*
 * What is not written follows from the profile, and from whether the list of algorithms has eea0;
 * what is written must not contradict them.
 */
static int take_policies(struct config *config, cfg_t *cfg)
{
	const char *integrity = cfg_getstr(cfg, "user-plane-integrity");
	const char *ciphering = cfg_getstr(cfg, "user-plane-ciphering");
	bool none = config->capabilities & 0x8000, some = config->capabilities & 0x7f00;
	bool full = !strcmp(cfg_getstr(cfg, "profile"), "full");
	cfg_opt_t *opt = cfg_getopt(cfg, "user-plane-ciphering");

	config->up_integrity = full ? UE_REQUIRED : UE_NOT_NEEDED;
	config->up_ciphering = !none ? UE_REQUIRED : some ? UE_PREFERRED : UE_NOT_NEEDED;
	if (integrity && !full && policy_of(integrity) != UE_NOT_NEEDED)
		return complain(line_of(cfg_getopt(cfg, "user-plane-integrity")),
				"user-plane-integrity: profile rel12 has none; remove one of the two");
	if (integrity)
		config->up_integrity = policy_of(integrity);
	if (!ciphering)
		return 0;
	if (policy_of(ciphering) == UE_REQUIRED && !some)
		return complain(line_of(opt), "user-plane-ciphering: is required, but ciphering "
				"allows none only; write ciphering = { \"eea2\" }");
	if (policy_of(ciphering) == UE_NOT_NEEDED && !none)
		return complain(line_of(opt), "user-plane-ciphering: is not needed, but ciphering "
				"does not allow none; write ciphering = { \"eea2\", \"eea0\" }");
	config->up_ciphering = policy_of(ciphering);
	return 0;
}

/* Of one key and one kind of limit; @soft NULL: there is none here. */
static int take_limit(cfg_t *section, const char *key, const char *unit, uint64_t *soft,
		      uint64_t *hard, unsigned int scale)
{
	char soft_name[32], hard_name[32];
	cfg_opt_t *soft_opt, *hard_opt;

	snprintf(soft_name, sizeof(soft_name), "%s-soft-%s", key, unit);
	snprintf(hard_name, sizeof(hard_name), "%s-hard-%s", key, unit);
	hard_opt = cfg_getopt(section, hard_name);
	*hard = (uint64_t)cfg_opt_getnint(hard_opt, 0) * scale;
	if (!soft)
		return 0;
	soft_opt = cfg_getopt(section, soft_name);
	*soft = (uint64_t)cfg_opt_getnint(soft_opt, 0) * scale;
	if (*soft && *hard && *soft >= *hard)
		return complain(line_of(line_of(hard_opt) ? hard_opt : soft_opt),
				"lifetimes: %s is not below %s; new keys could not be made in time",
				soft_name, hard_name);
	return 0;
}

static int take_lifetimes(struct config *config, cfg_t *cfg)
{
	struct ue_lifetimes *limits = &config->lifetimes;
	cfg_t *section = cfg_getsec(cfg, "lifetimes");

	return take_limit(section, "kd-sess", "s", &limits->kd_sess_soft.ms,
			  &limits->kd_sess_hard.ms, 1000) ||
	       /* soft: rekey-packets, which the kernel itself watches */
	       take_limit(section, "kd-sess", "packets", NULL, &limits->kd_sess_hard.packets, 1) ||
	       take_limit(section, "kd-sess", "octets", &limits->kd_sess_soft.octets,
			  &limits->kd_sess_hard.octets, 1) ||
	       take_limit(section, "kd", "s", &limits->kd_soft.ms, &limits->kd_hard.ms, 1000) ||
	       take_limit(section, "kd", "packets", &limits->kd_soft.packets,
			  &limits->kd_hard.packets, 1) ||
	       take_limit(section, "kd", "octets", &limits->kd_soft.octets,
			  &limits->kd_hard.octets, 1) ? -1 : 0;
}

static int take_addresses(struct config *config, cfg_t *cfg)
{
	unsigned int i;
	size_t j;

	for (i = 0; i < cfg_size(cfg, "addresses"); i++) {
		struct config_address *own = &config->addresses[config->n_addresses];

		text_to_address(cfg_getnstr(cfg, "addresses", i), &own->address, &own->prefix);
		for (j = 0; j < config->n_addresses; j++)
			if (text_address_equal(&config->addresses[j].address, &own->address))
				return complain(line_of(cfg_getopt(cfg, "addresses")),
						"addresses: '%s' stands there twice; remove one",
						cfg_getnstr(cfg, "addresses", i));
		config->n_addresses++;
	}
	return 0;
}

/* Two peers with one address or Layer-2 ID would make the route, or the link, ambiguous. */
static int check_peer_alone(const struct config *config, const struct config_peer *peer, int line)
{
	char buffer[TEXT_ADDRESS_LEN];
	const struct config_peer *other;
	size_t i;

	if (config->identity[0] && !strcmp(config->identity, peer->identity))
		return complain(line, "peer \"%s\" is this UE itself; remove the section",
				peer->identity);
	if (peer->l2_id && peer->l2_id == config->l2_id)
		return complain(line, "peer \"%s\" has our own Layer-2 ID %s; give it another",
				peer->identity, text_l2_id(peer->l2_id, buffer));
	other = peer->l2_id ? config_peer_by_l2_id(config, peer->l2_id) : NULL;
	if (other && other != peer)
		return complain(line, "peers \"%s\" and \"%s\" have the same Layer-2 ID %s; "
				"give each its own", other->identity, peer->identity,
				text_l2_id(peer->l2_id, buffer));
	for (i = 0; i < peer->n_addresses; i++) {
		size_t j;

		for (j = 0; j < config->n_addresses; j++)
			if (text_address_equal(&peer->addresses[i], &config->addresses[j].address))
				return complain(line, "peer \"%s\" has our own address %s; "
						"give it another", peer->identity,
						text_address(&peer->addresses[i], buffer));
		other = config_peer_by_address(config, &peer->addresses[i]);
		if (other && other != peer)
			return complain(line, "peers \"%s\" and \"%s\" have the same address %s; "
					"give each its own", other->identity, peer->identity,
					text_address(&peer->addresses[i], buffer));
	}
	return 0;
}

/* check_expression() saw to number and length. */
static void take_expressions(cfg_t *section, const char *option, struct ue_expressions *out)
{
	for (out->n = 0; out->n < cfg_size(section, option); out->n++)
		snprintf(out->name[out->n], sizeof(out->name[0]), "%s",
			 cfg_getnstr(section, option, (unsigned int)out->n));
}

static int take_peers(struct config *config, cfg_t *cfg)
{
	unsigned int i, j, n = cfg_size(cfg, "peer");

	config->peers = calloc(n + 1, sizeof(*config->peers));
	if (!config->peers)
		return complain(0, "out of memory");
	for (i = 0; i < n; i++) {
		struct config_peer *peer = &config->peers[config->n_peers];
		cfg_t *section = cfg_getnsec(cfg, "peer", i);

		if (!cfg_title(section)[0] || strlen(cfg_title(section)) > PROSE_IDENTITY_MAX)
			return complain(section->line, "the identity of a peer has 1 to %d octets; "
					"write peer \"urn:prose:ue2\" { ... }", PROSE_IDENTITY_MAX);
		snprintf(peer->identity, sizeof(peer->identity), "%s", cfg_title(section));
		if (cfg_getstr(section, "layer2-id"))
			text_to_l2_id(cfg_getstr(section, "layer2-id"), &peer->l2_id);
		for (j = 0; j < cfg_size(section, "addresses"); j++)
			text_to_address(cfg_getnstr(section, "addresses", j),
					&peer->addresses[peer->n_addresses++], NULL);
		peer->auto_connect = cfg_getbool(section, "auto-connect");
		take_expressions(section, "expressions", &peer->asks);
		if (peer->auto_connect && !peer->l2_id)
			return complain(line_of(cfg_getopt(section, "auto-connect")),
					"auto-connect: peer \"%s\" has no Layer-2 ID to connect to; "
					"write layer2-id = \"0a:0b:0d\"", peer->identity);
		config->n_peers++;
		if (check_peer_alone(config, peer, section->line))
			return -1;
	}
	return 0;
}

static int take_paths(struct config *config, cfg_t *cfg)
{
	const char *control = cfg_getstr(cfg, "control"), *state = cfg_getstr(cfg, "state");
	size_t len;

	if (control)
		config->control = file_name(config->path, control);
	else if (asprintf(&config->control, CONFIG_RUNTIME_DIR "/%s.sock", config->device) < 0)
		config->control = NULL;
	if (!config->control)
		return complain(0, "out of memory");
	if (strlen(config->control) > 100)	/* sun_path holds 108 */
		return complain(line_of(cfg_getopt(cfg, "control")),
				"control: '%s' is longer than the 100 octets a socket's name may "
				"have; write %s", config->control, help_for(NULL, "control")->write);
	len = strlen(config->control);
	if (len > 5 && !strcmp(config->control + len - 5, ".sock"))
		len -= 5;
	if (state)
		config->state = file_name(config->path, state);
	else if (asprintf(&config->state, "%.*s.state", (int)len, config->control) < 0)
		config->state = NULL;
	if (cfg_getstr(cfg, "key-log")) {
		config->key_log = file_name(config->path, cfg_getstr(cfg, "key-log"));
		if (!config->key_log)
			return complain(0, "out of memory");
	}
	return config->state ? 0 : complain(0, "out of memory");
}

static int take_store(struct config *config, cfg_t *cfg)
{
	const char *store = cfg_getstr(cfg, "store"), *key = cfg_getstr(cfg, "store-key");

	config->single_use_ids = !strcmp(cfg_getstr(cfg, "connection-identities"), "single-use");
	config->hide_identity = cfg_getbool(cfg, "hide-identity");
	config->link_l2_ids = cfg_getbool(cfg, "link-layer2-ids");
	config->reveal_identity = cfg_getbool(cfg, "reveal-identity");
	config->store_key = store_key_is_file(key) ? file_name(config->path, key) : strdup(key);
	if (!config->store_key)
		return complain(0, "out of memory");
	if (store && !strcmp(store, "none"))
		return 0;
	if (store)
		config->store = file_name(config->path, store);
	else if (asprintf(&config->store, CONFIG_STORE_DIR "/%s.store", config->device) < 0)
		config->store = NULL;
	return config->store ? 0 : complain(0, "out of memory");
}

static void take_timers(struct config *config, cfg_t *cfg)
{
	struct ue_timers *timers = &config->timers;
	cfg_t *section = cfg_getsec(cfg, "timers");
	const struct {
		const char *name;
		uint32_t *value;
	} table[] = {
		{ "t4100-ms", &timers->t4100 }, { "t4101-ms", &timers->t4101 },
		{ "t4102-ms", &timers->t4102 }, { "t4103-ms", &timers->t4103 },
		{ "t4111-ms", &timers->t4111 }, { "t4112-ms", &timers->t4112 },
		{ "key-establishment-ms", &timers->ke }, { "accept-ms", &timers->accept },
		{ "retries", &timers->retries }, { "grace-ms", &timers->grace },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		*table[i].value = (uint32_t)cfg_getint(section, table[i].name);
}

static int take_udp(struct config *config, cfg_t *cfg)
{
	struct config_udp *udp = &config->udp;
	cfg_t *section;
	unsigned int i;

	if (!cfg_size(cfg, "udp"))
		return 0;
	section = cfg_getsec(cfg, "udp");
	udp->present = true;
	udp->port = (uint16_t)cfg_getint(section, "port");
	udp->remote_port = udp->port;
	if (cfg_getstr(section, "remote"))
		text_to_remote(cfg_getstr(section, "remote"), &udp->remote, &udp->remote_port);
	for (i = 0; i < cfg_size(section, "local"); i++) {
		struct ue_address address = { 0 };

		text_to_address(cfg_getnstr(section, "local", i), &address, NULL);
		if (i == 2 || (i && udp->local[0].family == address.family))
			return complain(line_of(cfg_getopt(section, "local")),
					"local: one address of each family at most; write "
					"local = { \"192.0.2.2\", \"2001:db8::2\" }");
		udp->local[udp->n_local++] = address;
	}
	return 0;
}

static int take(struct config *config, cfg_t *cfg)
{
	if (!cfg_getstr(cfg, "device"))
		return complain(0, "option device is missing; write device = \"prose0\"");
	snprintf(config->device, sizeof(config->device), "%s", cfg_getstr(cfg, "device"));
	if (cfg_getstr(cfg, "lower"))
		snprintf(config->lower, sizeof(config->lower), "%s", cfg_getstr(cfg, "lower"));
	if (!strcmp(config->device, config->lower))
		return complain(line_of(cfg_getopt(cfg, "lower")),
				"lower: '%s' is the prose device itself; name the device below it",
				config->lower);
	if (take_udp(config, cfg))
		return -1;
	if (cfg_getstr(cfg, "layer2-id"))
		config->l2_random = !text_to_l2_id(cfg_getstr(cfg, "layer2-id"), &config->l2_id);
	if (cfg_getstr(cfg, "identity"))
		snprintf(config->identity, sizeof(config->identity), "%s",
			 cfg_getstr(cfg, "identity"));
	config->identity_line = line_of(cfg_getopt(cfg, "identity"));
	config->count_profile = strcmp(cfg_getstr(cfg, "count"), "hfn") ? UE_COUNT_SESS_ID :
									   UE_COUNT_HFN;
	config->strict_24334 = cfg_getbool(cfg, "strict-24334");
	config->any_authenticated = !strcmp(cfg_getstr(cfg, "accept"), "any-authenticated");
	config->on_demand = cfg_getbool(cfg, "on-demand");
	config->rekey_packets = (uint32_t)cfg_getint(cfg, "rekey-packets");
	if (!cfg_size(cfg, "ciphering") || !cfg_size(cfg, "integrity"))
		return complain(line_of(cfg_getopt(cfg, cfg_size(cfg, "ciphering") ? "integrity" :
								"ciphering")),
				"the list of algorithms is empty; write ciphering = { \"eea2\" } "
				"and integrity = { \"eia2\" }");
	take_algorithms(config, cfg);
	take_timers(config, cfg);
	take_expressions(cfg_getsec(cfg, "expressions"), "announce", &config->announces);
	take_expressions(cfg_getsec(cfg, "expressions"), "accept", &config->accepts);
	if (take_policies(config, cfg) || take_lifetimes(config, cfg))
		return -1;
	if (take_certificate(config, cfg) || take_psk(config, cfg) || take_methods(config, cfg) ||
	    take_addresses(config, cfg) || take_peers(config, cfg) || take_paths(config, cfg) ||
	    take_store(config, cfg))
		return -1;
	if (!config->certificate.present && !config->identity[0])
		return complain(0, "option identity is missing, and there is no certificate to take "
				"it from; write identity = \"urn:prose:ue1\"");
	return 0;
}

/* The file with the end mark behind it; NULL when it cannot be read. */
static char *read_file(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text, *end;
	size_t len;
	int err;

	if (!file) {
		if (errno == ENOENT)
			complain(0, "there is no such file; write one, prosed.conf(5) shows how, "
				 "or name another with -c");
		else
			complain(0, "cannot be opened: %s", strerror(errno));
		return NULL;
	}
	text = malloc(FILE_MAX_SIZE + sizeof(END_MARK) + 16);
	len = text ? fread(text, 1, FILE_MAX_SIZE, file) : 0;
	err = text ? ferror(file) ? errno : 0 : ENOMEM;
	if (!err && !feof(file))
		err = EFBIG;
	fclose(file);
	if (err) {
		complain(0, "cannot be read: %s", strerror(err));
	} else if (memchr(text, '\0', len)) {
		complain(0, "is no text: it holds a zero octet");
	} else {
		end = text + len;
		if (len && end[-1] != '\n')
			*end++ = '\n';
		strcpy(end, END_MARK " = true\n");
		return text;
	}
	free(text);
	return NULL;
}

static cfg_t *parse(const char *path)
{
	static const struct {
		const char *option;
		cfg_validate_callback_t check;
	} checks[] = {
		{ "device", check_interface }, { "lower", check_interface },
		{ "layer2-id", check_own_l2_id }, { "identity", check_identity },
		{ "profile", check_profile }, { "count", check_count },
		{ "user-plane-integrity", check_policy },
		{ "user-plane-ciphering", check_policy },
		{ "ciphering", check_ciphering }, { "integrity", check_integrity },
		{ "methods", check_methods }, { "addresses", check_own_address },
		{ "control", check_any }, { "state", check_any }, { "key-log", check_any },
		{ "store", check_any }, { "store-key", check_store_key },
		{ "connection-identities", check_connection_identities },
		{ "hide-identity", check_any }, { "reveal-identity", check_any },
		{ "link-layer2-ids", check_any },
		{ "accept", check_accept }, { "on-demand", check_any },
		{ "strict-24334", check_any }, { "rekey-packets", check_packets },
		{ "certificate", check_any }, { "psk", check_any }, { "timers", check_any },
		{ "peer", check_any }, { END_MARK, check_mark },
		{ "certificate|chain", check_any }, { "certificate|key", check_any },
		{ "certificate|roots", check_files }, { "certificate|crls", check_files },
		{ "certificate|crl-policy", check_crl_policy },
		{ "certificate|crl-grace-days", check_days },
		{ "certificate|pin-file", check_any }, { "certificate|clock", check_clock },
		{ "certificate|clock-file", check_any },
		{ "psk|file", check_any }, { "udp", check_any }, { "udp|port", check_port },
		{ "udp|remote", check_remote }, { "udp|local", check_local },
		{ "peer|layer2-id", check_l2_id }, { "peer|addresses", check_peer_address },
		{ "peer|auto-connect", check_any },
		{ "timers|t4100-ms", check_timer }, { "timers|t4101-ms", check_timer },
		{ "timers|t4102-ms", check_timer }, { "timers|t4103-ms", check_timer },
		{ "timers|t4111-ms", check_timer }, { "timers|t4112-ms", check_timer },
		{ "timers|key-establishment-ms", check_timer },
		{ "timers|accept-ms", check_timer }, { "timers|retries", check_retries },
		{ "timers|grace-ms", check_grace }, { "lifetimes", check_any },
		{ "expressions", check_any }, { "expressions|announce", check_expression },
		{ "expressions|accept", check_expression },
		{ "peer|expressions", check_expression },
		{ "lifetimes|kd-sess-soft-s", check_lifetime },
		{ "lifetimes|kd-sess-hard-s", check_lifetime },
		{ "lifetimes|kd-sess-hard-packets", check_lifetime },
		{ "lifetimes|kd-sess-soft-octets", check_lifetime },
		{ "lifetimes|kd-sess-hard-octets", check_lifetime },
		{ "lifetimes|kd-soft-s", check_lifetime },
		{ "lifetimes|kd-hard-s", check_lifetime },
		{ "lifetimes|kd-soft-packets", check_lifetime },
		{ "lifetimes|kd-hard-packets", check_lifetime },
		{ "lifetimes|kd-soft-octets", check_lifetime },
		{ "lifetimes|kd-hard-octets", check_lifetime },
	};
	cfg_opt_t certificate[] = {
		CFG_STR("chain", NULL, CFGF_NONE),
		CFG_STR("key", NULL, CFGF_NONE),
		CFG_STR_LIST("roots", NULL, CFGF_NONE),
		CFG_STR_LIST("crls", NULL, CFGF_NONE),
		CFG_STR("crl-policy", "require", CFGF_NONE),
		CFG_INT("crl-grace-days", 30, CFGF_NONE),
		CFG_STR("pin-file", NULL, CFGF_NONE),
		CFG_STR("clock", "trusted", CFGF_NONE),
		CFG_STR("clock-file", CLOCK_DEFAULT_PATH, CFGF_NONE),
		CFG_END()
	};
	cfg_opt_t psk[] = {
		CFG_STR("file", NULL, CFGF_NONE),
		CFG_END()
	};
	cfg_opt_t udp[] = {
		CFG_INT("port", PROSE_UDP_PORT, CFGF_NONE),
		CFG_STR("remote", NULL, CFGF_NONE),
		CFG_STR_LIST("local", NULL, CFGF_NONE),
		CFG_END()
	};
	cfg_opt_t timers[] = {
		CFG_INT("t4100-ms", PROSE_T4100_MS, CFGF_NONE),
		CFG_INT("t4101-ms", PROSE_T4101_MS, CFGF_NONE),
		CFG_INT("t4102-ms", PROSE_T4102_MS, CFGF_NONE),
		CFG_INT("t4103-ms", PROSE_T4103_MS, CFGF_NONE),
		CFG_INT("t4111-ms", PROSE_T4111_MS, CFGF_NONE),
		CFG_INT("t4112-ms", PROSE_T4112_MS, CFGF_NONE),
		CFG_INT("key-establishment-ms", PROSE_TKE_MS, CFGF_NONE),
		CFG_INT("accept-ms", PROSE_TACCEPT_MS, CFGF_NONE),
		CFG_INT("retries", PROSE_RETRIES, CFGF_NONE),
		CFG_INT("grace-ms", 2000, CFGF_NONE),
		CFG_END()
	};
	cfg_opt_t lifetimes[] = {
		CFG_INT("kd-sess-soft-s", PROSE_KD_SESS_SOFT_S, CFGF_NONE),
		CFG_INT("kd-sess-hard-s", PROSE_KD_SESS_HARD_S, CFGF_NONE),
		CFG_INT("kd-sess-hard-packets", 0, CFGF_NONE),
		CFG_INT("kd-sess-soft-octets", 0, CFGF_NONE),
		CFG_INT("kd-sess-hard-octets", 0, CFGF_NONE),
		CFG_INT("kd-soft-s", PROSE_KD_SOFT_S, CFGF_NONE),
		CFG_INT("kd-hard-s", PROSE_KD_HARD_S, CFGF_NONE),
		CFG_INT("kd-soft-packets", 0, CFGF_NONE),
		CFG_INT("kd-hard-packets", 0, CFGF_NONE),
		CFG_INT("kd-soft-octets", 0, CFGF_NONE),
		CFG_INT("kd-hard-octets", 0, CFGF_NONE),
		CFG_END()
	};
	cfg_opt_t expressions[] = {
		CFG_STR_LIST("announce", NULL, CFGF_NONE),
		CFG_STR_LIST("accept", NULL, CFGF_NONE),
		CFG_END()
	};
	cfg_opt_t peer[] = {
		CFG_STR("layer2-id", NULL, CFGF_NONE),
		CFG_STR_LIST("addresses", NULL, CFGF_NONE),
		CFG_BOOL("auto-connect", cfg_false, CFGF_NONE),
		CFG_STR_LIST("expressions", NULL, CFGF_NONE),
		CFG_END()
	};
	cfg_opt_t top[] = {
		CFG_STR("device", NULL, CFGF_NONE),
		CFG_STR("lower", NULL, CFGF_NONE),
		CFG_STR("layer2-id", NULL, CFGF_NONE),
		CFG_STR("identity", NULL, CFGF_NONE),
		CFG_STR("profile", "full", CFGF_NONE),
		CFG_STR("user-plane-integrity", NULL, CFGF_NONE),
		CFG_STR("user-plane-ciphering", NULL, CFGF_NONE),
		CFG_STR("count", "hfn", CFGF_NONE),
		CFG_STR_LIST("ciphering", "{eea2}", CFGF_NONE),
		CFG_STR_LIST("integrity", "{eia2}", CFGF_NONE),
		CFG_STR_LIST("methods", NULL, CFGF_NONE),
		CFG_STR_LIST("addresses", NULL, CFGF_NONE),
		CFG_STR("control", NULL, CFGF_NONE),
		CFG_STR("state", NULL, CFGF_NONE),
		CFG_STR("store", NULL, CFGF_NONE),
		CFG_STR("store-key", CONFIG_STORE_DIR "/store.key", CFGF_NONE),
		CFG_STR("connection-identities", "reusable", CFGF_NONE),
		CFG_BOOL("hide-identity", cfg_false, CFGF_NONE),
		CFG_BOOL("link-layer2-ids", cfg_true, CFGF_NONE),
		CFG_BOOL("reveal-identity", cfg_true, CFGF_NONE),
		CFG_STR("key-log", NULL, CFGF_NONE),
		CFG_STR("accept", "configured", CFGF_NONE),
		CFG_BOOL("on-demand", cfg_true, CFGF_NONE),
		CFG_BOOL("strict-24334", cfg_false, CFGF_NONE),
		CFG_INT("rekey-packets", 0, CFGF_NONE),
		CFG_SEC("certificate", certificate, CFGF_NODEFAULT),
		CFG_SEC("psk", psk, CFGF_NODEFAULT),
		CFG_SEC("udp", udp, CFGF_NODEFAULT),
		CFG_SEC("timers", timers, CFGF_NONE),
		CFG_SEC("lifetimes", lifetimes, CFGF_NONE),
		CFG_SEC("expressions", expressions, CFGF_NONE),
		CFG_SEC("peer", peer, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
		CFG_BOOL(END_MARK, cfg_false, CFGF_NONE),
		CFG_END()
	};
	char *text;
	cfg_t *cfg;
	size_t i;
	int rc;

	text = read_file(path);
	if (!text)
		return NULL;
	cfg = cfg_init(top, CFGF_NONE);
	if (!cfg) {
		complain(0, "out of memory");
		free(text);
		return NULL;
	}
	cfg_set_error_function(cfg, on_error);
	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		cfg_set_validate_func(cfg, checks[i].option, checks[i].check);
	parsing.text = text;
	rc = cfg_parse_buf(cfg, text);
	parsing.text = NULL;
	free(text);
	if (rc != CFG_SUCCESS)
		complain(cfg->line, "cannot be understood; prosed.conf(5) shows the form");
	else if (!cfg_getbool(cfg, END_MARK))
		complain(cfg->line - 2, "the file ends within a comment; write */ at its end");
	if (parsing.failed) {
		cfg_free(cfg);
		return NULL;
	}
	return cfg;
}

struct config *config_load(const char *path, char *why, size_t why_len)
{
	struct config *config = NULL;
	cfg_t *cfg;

	memset(&parsing, 0, sizeof(parsing));
	parsing.path = path;
	parsing.why = why;
	parsing.why_len = why_len;
	cfg = parse(path);
	if (cfg) {
		config = calloc(1, sizeof(*config));
		if (config)
			config->path = strdup(path);
		if (!config || !config->path)
			complain(0, "out of memory");
		else
			take(config, cfg);
		cfg_free(cfg);
	}
	if (parsing.failed) {
		config_free(config);
		config = NULL;
	}
	memset(&parsing, 0, sizeof(parsing));
	return config;
}

static void free_names(char **names, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(names[i]);
	free(names);
}

void config_free(struct config *config)
{
	if (!config)
		return;
	free(config->path);
	free(config->control);
	free(config->state);
	free(config->key_log);
	free(config->store);
	free(config->store_key);
	free(config->certificate.chain);
	free(config->certificate.key);
	free(config->certificate.pin_file);
	free(config->certificate.clock_file);
	free_names(config->certificate.roots, config->certificate.n_roots);
	free_names(config->certificate.crls, config->certificate.n_crls);
	free(config->psk.file);
	free(config->peers);
	free(config);
}

const struct config_peer *config_peer(const struct config *config, const char *identity)
{
	size_t i;

	for (i = 0; i < config->n_peers; i++)
		if (!strcmp(config->peers[i].identity, identity))
			return &config->peers[i];
	return NULL;
}

const struct config_peer *config_peer_by_l2_id(const struct config *config, uint32_t l2_id)
{
	size_t i;

	for (i = 0; i < config->n_peers; i++)
		if (config->peers[i].l2_id == l2_id && l2_id)
			return &config->peers[i];
	return NULL;
}

const struct config_peer *config_peer_by_address(const struct config *config,
						 const struct ue_address *address)
{
	size_t i, j;

	for (i = 0; i < config->n_peers; i++)
		for (j = 0; j < config->peers[i].n_addresses; j++)
			if (text_address_equal(&config->peers[i].addresses[j], address))
				return &config->peers[i];
	return NULL;
}
