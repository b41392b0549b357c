// SPDX-License-Identifier: MIT
/*
 * What a value may be by itself. It is checked while libconfuse parses, because only then it tells
 * the line.
 */
#include <stdio.h>
#include <string.h>

#include "keying/store_key.h"

#include "config_parts.h"

/* The value just read: the last one. */
static const char *latest(cfg_opt_t *opt)
{
	return cfg_opt_getnstr(opt, cfg_opt_size(opt) - 1);
}

static int check_any(cfg_t *cfg, cfg_opt_t *opt)
{
	if (config_note(cfg, opt))
		return -1;
	if (opt->type == CFGT_STR && cfg_opt_size(opt) && !latest(opt)[0])
		return config_refuse(cfg, opt, "is empty");
	return 0;
}

static int check_interface(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *name = latest(opt);

	if (check_any(cfg, opt))
		return -1;
	if (strlen(name) >= IF_NAMESIZE)
		return config_refuse(cfg, opt,
				     "'%s' is longer than the %d characters of an interface's name",
				     name, IF_NAMESIZE - 1);
	if (strpbrk(name, "/: \t\n") || !strcmp(name, ".") || !strcmp(name, ".."))
		return config_refuse(cfg, opt, "'%s' is no name of an interface", name);
	return 0;
}

static int check_port(cfg_t *cfg, cfg_opt_t *opt)
{
	long port = cfg_opt_getnint(opt, cfg_opt_size(opt) - 1);

	if (check_any(cfg, opt))
		return -1;
	if (port < 1 || port > UINT16_MAX)
		return config_refuse(cfg, opt, "%ld is no UDP port (1 to 65535)", port);
	return 0;
}

static int check_remote(cfg_t *cfg, cfg_opt_t *opt)
{
	struct ue_address address;
	uint16_t port;

	if (check_any(cfg, opt))
		return -1;
	if (!text_to_remote(latest(opt), &address, &port))
		return config_refuse(cfg, opt, "'%s' is no IP address, with or without a port",
				     latest(opt));
	return 0;
}

static int check_local(cfg_t *cfg, cfg_opt_t *opt)
{
	struct ue_address address;

	if (check_any(cfg, opt))
		return -1;
	if (!text_to_address(latest(opt), &address, NULL))
		return config_refuse(cfg, opt, "'%s' is no IP address", latest(opt));
	return 0;
}

static int check_l2_id(cfg_t *cfg, cfg_opt_t *opt)
{
	uint32_t l2_id;

	if (check_any(cfg, opt))
		return -1;
	if (!text_to_l2_id(latest(opt), &l2_id))
		return config_refuse(cfg, opt,
				     "'%s' is no Layer-2 ID (3 octets in hexadecimal, not all 0)",
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
		return config_refuse(cfg, opt, "is longer than %d octets", PROSE_IDENTITY_MAX);
	return 0;
}

static int check_word(cfg_t *cfg, cfg_opt_t *opt, const char *const *words)
{
	if (check_any(cfg, opt))
		return -1;
	for (; *words; words++)
		if (!strcmp(latest(opt), *words))
			return 0;
	return config_refuse(cfg, opt, "'%s' is not known", latest(opt));
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
	return fault ? config_refuse(cfg, opt, "'%s' %s", latest(opt), fault) : 0;
}

static int check_crl_policy(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_word(cfg, opt, (const char *const []){ "require", "if-present", NULL });
}

static int check_reply(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_word(cfg, opt, (const char *const []){ "required", "optional", NULL });
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
		return config_refuse(cfg, opt, "has more than %u values", max);
	for (i = 0; i + 1 < n; i++)
		if (!strcmp(cfg_opt_getnstr(opt, i), cfg_opt_getnstr(opt, n - 1)))
			return config_refuse(cfg, opt, "'%s' stands there twice", latest(opt));
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
		return config_refuse(cfg, opt, "'%s' is no ciphering algorithm", value);
	return 0;
}

static int check_integrity(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *value = latest(opt);

	if (check_list(cfg, opt, 4))
		return -1;
	if (!strcmp(value, "eia0"))
		return config_refuse(cfg, opt,
				     "'eia0' protects nothing and is refused for signalling");
	if (strncmp(value, "eia", 3) || value[3] < '1' || value[3] > '3' || value[4])
		return config_refuse(cfg, opt, "'%s' is no integrity algorithm", value);
	return 0;
}

static int check_methods(cfg_t *cfg, cfg_opt_t *opt)
{
	if (check_list(cfg, opt, UE_METHODS_MAX))
		return -1;
	if (strcmp(latest(opt), "certificate") && strcmp(latest(opt), "mikey-sakke") &&
	    strcmp(latest(opt), "eccsi-sakke") && strcmp(latest(opt), "psk"))
		return config_refuse(cfg, opt, "'%s' is no keying method", latest(opt));
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
		return config_refuse(cfg, opt, own ? "'%s' is no address" :
					      "'%s' is no address (a prefix length is not wanted)",
				     latest(opt));
	fault = address_fault(&address);
	if (fault)
		return config_refuse(cfg, opt, "'%s' %s", latest(opt), fault);
	if (own && !strchr(latest(opt), '/'))
		return config_refuse(cfg, opt, "'%s' lacks the length of its subnet", latest(opt));
	if (own && !prefix)
		return config_refuse(cfg, opt, "'%s' would route everything here", latest(opt));
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
		return config_refuse(cfg, opt, "%ld is not between %ld and %ld", value, min, max);
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
		return config_refuse(cfg, opt, "'%.60s' is not a name of 1 to %d octets",
				     latest(opt), PROSE_EXPRESSION_MAX);
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

void config_check_values(cfg_t *cfg)
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
		{ "mikey-sakke", check_any }, { "mikey-sakke|communities", check_files },
		{ "mikey-sakke|keys", check_files }, { "mikey-sakke|deny", check_files },
		{ "mikey-sakke|sealed-with", check_store_key },
		{ "mikey-sakke|reply", check_reply }, { "mikey-sakke|in-request", check_any },
		{ "peer", check_any }, { CONFIG_END_MARK, check_mark },
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
	size_t i;

	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		cfg_set_validate_func(cfg, checks[i].option, checks[i].check);
}
