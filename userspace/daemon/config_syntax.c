// SPDX-License-Identifier: MIT
/*
 * What options there are, and their defaults; libconfuse splits the file into them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/prose.h>

#include "clock.h"
#include "config_parts.h"

#define FILE_MAX_SIZE	(1 << 20)

/* The file with the end mark behind it; NULL when it cannot be read. */
static char *read_file(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text, *end;
	size_t len;
	int err;

	if (!file) {
		if (errno == ENOENT)
			config_complain(
				0, "there is no such file; write one, prosed.conf(5) shows how, "
				   "or name another with -c");
		else
			config_complain(0, "cannot be opened: %s", strerror(errno));
		return NULL;
	}
	text = malloc(FILE_MAX_SIZE + sizeof(CONFIG_END_MARK) + 16);
	len = text ? fread(text, 1, FILE_MAX_SIZE, file) : 0;
	err = text ? ferror(file) ? errno : 0 : ENOMEM;
	if (!err && !feof(file))
		err = EFBIG;
	fclose(file);
	if (err) {
		config_complain(0, "cannot be read: %s", strerror(err));
	} else if (memchr(text, '\0', len)) {
		config_complain(0, "is no text: it holds a zero octet");
	} else {
		end = text + len;
		if (len && end[-1] != '\n')
			*end++ = '\n';
		strcpy(end, CONFIG_END_MARK " = true\n");
		return text;
	}
	free(text);
	return NULL;
}

cfg_t *config_parse(const char *path)
{
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
	cfg_opt_t mikey_sakke[] = {
		CFG_STR_LIST("communities", NULL, CFGF_NONE),
		CFG_STR_LIST("keys", NULL, CFGF_NONE),
		CFG_STR("sealed-with", NULL, CFGF_NONE),
		CFG_STR_LIST("deny", NULL, CFGF_NONE),
		CFG_STR("reply", "required", CFGF_NONE),
		CFG_BOOL("in-request", cfg_true, CFGF_NONE),
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
		CFG_SEC("mikey-sakke", mikey_sakke, CFGF_NODEFAULT),
		CFG_SEC("psk", psk, CFGF_NODEFAULT),
		CFG_SEC("udp", udp, CFGF_NODEFAULT),
		CFG_SEC("timers", timers, CFGF_NONE),
		CFG_SEC("lifetimes", lifetimes, CFGF_NONE),
		CFG_SEC("expressions", expressions, CFGF_NONE),
		CFG_SEC("peer", peer, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
		CFG_BOOL(CONFIG_END_MARK, cfg_false, CFGF_NONE),
		CFG_END()
	};
	char *text;
	cfg_t *cfg;
	int rc;

	text = read_file(path);
	if (!text)
		return NULL;
	cfg = cfg_init(top, CFGF_NONE);
	if (!cfg) {
		config_complain(0, "out of memory");
		free(text);
		return NULL;
	}
	cfg_set_error_function(cfg, config_on_error);
	config_check_values(cfg);
	config_parsing.text = text;
	rc = cfg_parse_buf(cfg, text);
	config_parsing.text = NULL;
	free(text);
	if (rc != CFG_SUCCESS)
		config_complain(cfg->line, "cannot be understood; prosed.conf(5) shows the form");
	else if (!cfg_getbool(cfg, CONFIG_END_MARK))
		config_complain(cfg->line - 2,
				"the file ends within a comment; write */ at its end");
	if (config_parsing.failed) {
		cfg_free(cfg);
		return NULL;
	}
	return cfg;
}
