// SPDX-License-Identifier: MIT
/*
 * What options make together: each section of the file taken over, and what in one contradicts another.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keying/certificate/token.h"
#include "keying/store_key.h"

#include "config_parts.h"

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
			return names; /* fewer than wanted: out of memory, config_load() sees it */
		*n = i + 1;
	}
	return names;
}

/* Line of the option a section is about; without it that of the section's end. */
static int section_line(cfg_t *cfg, const char *section, const char *option)
{
	int line = config_line_of(cfg_getopt(cfg_getsec(cfg, section), option));

	return line ? line : config_line_of(cfg_getopt(cfg, section));
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
		return config_complain(certificate->line, "section certificate lacks its chain; "
				       "write chain = \"ue.pem\", own certificate first");
	if (!cfg_getstr(section, "key"))
		return config_complain(certificate->line,
				       "section certificate lacks its key; write key = \"ue.key\"");
	if (!cfg_size(section, "roots"))
		return config_complain(certificate->line, "section certificate lacks roots; write "
							  "roots = { \"ca.pem\" }");
	if (certificate->crl_required && !cfg_size(section, "crls"))
		return config_complain(certificate->line, "section certificate lacks crls; write "
							  "crls = { \"crl.pem\" }, or crl-policy = "
							  "\"if-present\" to do "
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
			return config_complain(0, "out of memory");
	}
	if (!certificate->chain || !certificate->key || !certificate->clock_file ||
	    certificate->n_roots != cfg_size(section, "roots") ||
	    certificate->n_crls != cfg_size(section, "crls"))
		return config_complain(0, "out of memory");
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
		return config_complain(config->psk.line,
				       "section psk lacks its file; write file = \"psk\"");
	config->psk.file = file_name(config->path, cfg_getstr(section, "file"));
	return config->psk.file ? 0 : config_complain(0, "out of memory");
}

static int take_mikey_sakke(struct config *config, cfg_t *cfg)
{
	struct config_mikey_sakke *mikey = &config->mikey_sakke;
	const char *seal;
	cfg_t *section;

	if (!cfg_size(cfg, "mikey-sakke"))
		return 0;
	section = cfg_getsec(cfg, "mikey-sakke");
	mikey->present = true;
	mikey->line = section_line(cfg, "mikey-sakke", "keys");
	mikey->reply_optional = !strcmp(cfg_getstr(section, "reply"), "optional");
	mikey->in_request = cfg_getbool(section, "in-request");
	if (!cfg_size(section, "communities"))
		return config_complain(mikey->line,
				       "section mikey-sakke lacks communities; write "
				       "communities = { \"kms.public\" }, which `prose-kms public` "
				       "prints");
	if (!cfg_size(section, "keys"))
		return config_complain(mikey->line,
				       "section mikey-sakke lacks keys; write keys = { \"ue.keys\" }, "
				       "which `prose-kms extract` makes");
	mikey->communities = file_names(config->path, section, "communities",
					&mikey->n_communities);
	mikey->keys = file_names(config->path, section, "keys", &mikey->n_keys);
	mikey->deny = file_names(config->path, section, "deny", &mikey->n_deny);
	seal = cfg_getstr(section, "sealed-with");
	if (seal)
		mikey->seal = store_key_is_file(seal) ? file_name(config->path, seal) :
							strdup(seal);
	if (mikey->n_communities != cfg_size(section, "communities") ||
	    mikey->n_keys != cfg_size(section, "keys") ||
	    mikey->n_deny != cfg_size(section, "deny") || (seal && !mikey->seal))
		return config_complain(0, "out of memory");
	return 0;
}

static int take_methods(struct config *config, cfg_t *cfg)
{
	/* In the order of preference, unless another is written. */
	const struct {
		const char *name;
		enum keying_method_id id;
		const char *section;
		bool present;
		bool named_only;
	} known[] = {
		{ "certificate", KEYING_CERTIFICATE, "certificate", config->certificate.present,
		  false },
		{ "mikey-sakke", KEYING_MIKEY_SAKKE, "mikey-sakke", config->mikey_sakke.present,
		  false },
		/* Where extensions are allowed mikey-sakke does more with the same keys. */
		{ "eccsi-sakke", KEYING_ECCSI_SAKKE, "mikey-sakke", config->mikey_sakke.present,
		  !config->strict_24334 },
		{ "psk", KEYING_PSK, "psk", config->psk.present, false },
	};
	const size_t n_known = sizeof(known) / sizeof(known[0]);
	unsigned int i;
	size_t j;

	for (i = 0; i < cfg_size(cfg, "methods"); i++) {
		const char *name = cfg_getnstr(cfg, "methods", i);

		for (j = 0; j + 1 < n_known && strcmp(known[j].name, name); j++)
			;
		if (!known[j].present)
			return config_complain(
				config_line_of(cfg_getopt(cfg, "methods")),
				"methods names %s, but section %s is missing; write %s", name,
				known[j].section, config_help(NULL, known[j].section)->write);
		config->methods[config->n_methods++] = known[j].id;
	}
	for (j = 0; !i && j < n_known; j++)
		if (known[j].present && !known[j].named_only)
			config->methods[config->n_methods++] = known[j].id;
	if (!config->n_methods)
		return config_complain(
			0, "there are no credentials; write a section certificate or psk, "
			   "`prose pki --help` shows how to make some, or mikey-sakke, see "
			   "prose-kms(8)");
	if (config->strict_24334) {
		for (i = 0; i < config->n_methods; i++)
			if (config->methods[i] == KEYING_PSK ||
			    config->methods[i] == KEYING_ECCSI_SAKKE)
				break;
		if (i == config->n_methods)
			return config_complain(
				config_line_of(cfg_getopt(cfg, "strict-24334")),
				"strict-24334 leaves out the messages method %s "
				"needs; write a section psk { file = \"psk\" }, or "
				"methods = { \"eccsi-sakke\" } with a section mikey-sakke",
				config->methods[0] == KEYING_CERTIFICATE ? "certificate" :
									   "mikey-sakke");
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
		return config_complain(
			config_line_of(cfg_getopt(cfg, "user-plane-integrity")),
			"user-plane-integrity: profile rel12 has none; remove one of the two");
	if (integrity)
		config->up_integrity = policy_of(integrity);
	if (!ciphering)
		return 0;
	if (policy_of(ciphering) == UE_REQUIRED && !some)
		return config_complain(config_line_of(opt),
				       "user-plane-ciphering: is required, but ciphering "
				       "allows none only; write ciphering = { \"eea2\" }");
	if (policy_of(ciphering) == UE_NOT_NEEDED && !none)
		return config_complain(
			config_line_of(opt),
			"user-plane-ciphering: is not needed, but ciphering "
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
		return config_complain(
			config_line_of(config_line_of(hard_opt) ? hard_opt : soft_opt),
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
				return config_complain(
					config_line_of(cfg_getopt(cfg, "addresses")),
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
		return config_complain(line, "peer \"%s\" is this UE itself; remove the section",
				       peer->identity);
	if (peer->l2_id && peer->l2_id == config->l2_id)
		return config_complain(line,
				       "peer \"%s\" has our own Layer-2 ID %s; give it another",
				       peer->identity, text_l2_id(peer->l2_id, buffer));
	other = peer->l2_id ? config_peer_by_l2_id(config, peer->l2_id) : NULL;
	if (other && other != peer)
		return config_complain(line, "peers \"%s\" and \"%s\" have the same Layer-2 ID %s; "
				       "give each its own", other->identity, peer->identity,
				       text_l2_id(peer->l2_id, buffer));
	for (i = 0; i < peer->n_addresses; i++) {
		size_t j;

		for (j = 0; j < config->n_addresses; j++)
			if (text_address_equal(&peer->addresses[i], &config->addresses[j].address))
				return config_complain(line, "peer \"%s\" has our own address %s; "
						       "give it another", peer->identity,
						       text_address(&peer->addresses[i], buffer));
		other = config_peer_by_address(config, &peer->addresses[i]);
		if (other && other != peer)
			return config_complain(line,
					       "peers \"%s\" and \"%s\" have the same address %s; "
					       "give each its own",
					       other->identity, peer->identity,
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
		return config_complain(0, "out of memory");
	for (i = 0; i < n; i++) {
		struct config_peer *peer = &config->peers[config->n_peers];
		cfg_t *section = cfg_getnsec(cfg, "peer", i);

		if (!cfg_title(section)[0] || strlen(cfg_title(section)) > PROSE_IDENTITY_MAX)
			return config_complain(section->line,
					       "the identity of a peer has 1 to %d octets; "
					       "write peer \"urn:prose:ue2\" { ... }",
					       PROSE_IDENTITY_MAX);
		snprintf(peer->identity, sizeof(peer->identity), "%s", cfg_title(section));
		if (cfg_getstr(section, "layer2-id"))
			text_to_l2_id(cfg_getstr(section, "layer2-id"), &peer->l2_id);
		for (j = 0; j < cfg_size(section, "addresses"); j++)
			text_to_address(cfg_getnstr(section, "addresses", j),
					&peer->addresses[peer->n_addresses++], NULL);
		peer->auto_connect = cfg_getbool(section, "auto-connect");
		take_expressions(section, "expressions", &peer->asks);
		if (peer->auto_connect && !peer->l2_id)
			return config_complain(
				config_line_of(cfg_getopt(section, "auto-connect")),
				"auto-connect: peer \"%s\" has no Layer-2 ID to connect to; "
				"write layer2-id = \"0a:0b:0d\"",
				peer->identity);
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
		return config_complain(0, "out of memory");
	if (strlen(config->control) > 100)	/* sun_path holds 108 */
		return config_complain(
			config_line_of(cfg_getopt(cfg, "control")),
			"control: '%s' is longer than the 100 octets a socket's name may "
			"have; write %s",
			config->control, config_help(NULL, "control")->write);
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
			return config_complain(0, "out of memory");
	}
	return config->state ? 0 : config_complain(0, "out of memory");
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
		return config_complain(0, "out of memory");
	if (store && !strcmp(store, "none"))
		return 0;
	if (store)
		config->store = file_name(config->path, store);
	else if (asprintf(&config->store, CONFIG_STORE_DIR "/%s.store", config->device) < 0)
		config->store = NULL;
	return config->store ? 0 : config_complain(0, "out of memory");
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
			return config_complain(config_line_of(cfg_getopt(section, "local")),
					       "local: one address of each family at most; write "
					       "local = { \"192.0.2.2\", \"2001:db8::2\" }");
		udp->local[udp->n_local++] = address;
	}
	return 0;
}

int config_take(struct config *config, cfg_t *cfg)
{
	if (!cfg_getstr(cfg, "device"))
		return config_complain(0, "option device is missing; write device = \"prose0\"");
	snprintf(config->device, sizeof(config->device), "%s", cfg_getstr(cfg, "device"));
	if (cfg_getstr(cfg, "lower"))
		snprintf(config->lower, sizeof(config->lower), "%s", cfg_getstr(cfg, "lower"));
	if (!strcmp(config->device, config->lower))
		return config_complain(
			config_line_of(cfg_getopt(cfg, "lower")),
			"lower: '%s' is the prose device itself; name the device below it",
			config->lower);
	if (take_udp(config, cfg))
		return -1;
	if (cfg_getstr(cfg, "layer2-id"))
		config->l2_random = !text_to_l2_id(cfg_getstr(cfg, "layer2-id"), &config->l2_id);
	if (cfg_getstr(cfg, "identity"))
		snprintf(config->identity, sizeof(config->identity), "%s",
			 cfg_getstr(cfg, "identity"));
	config->identity_line = config_line_of(cfg_getopt(cfg, "identity"));
	config->count_profile = strcmp(cfg_getstr(cfg, "count"), "hfn") ? UE_COUNT_SESS_ID :
									   UE_COUNT_HFN;
	config->strict_24334 = config_parsing.strict_24334 || cfg_getbool(cfg, "strict-24334");
	config->any_authenticated = !strcmp(cfg_getstr(cfg, "accept"), "any-authenticated");
	config->on_demand = cfg_getbool(cfg, "on-demand");
	config->rekey_packets = (uint32_t)cfg_getint(cfg, "rekey-packets");
	if (!cfg_size(cfg, "ciphering") || !cfg_size(cfg, "integrity"))
		return config_complain(
			config_line_of(cfg_getopt(cfg, cfg_size(cfg, "ciphering") ? "integrity"
										  : "ciphering")),
			"the list of algorithms is empty; write ciphering = { \"eea2\" } "
			"and integrity = { \"eia2\" }");
	take_algorithms(config, cfg);
	take_timers(config, cfg);
	take_expressions(cfg_getsec(cfg, "expressions"), "announce", &config->announces);
	take_expressions(cfg_getsec(cfg, "expressions"), "accept", &config->accepts);
	if (take_policies(config, cfg) || take_lifetimes(config, cfg))
		return -1;
	if (take_certificate(config, cfg) || take_mikey_sakke(config, cfg) ||
	    take_psk(config, cfg) || take_methods(config, cfg) || take_addresses(config, cfg) || take_peers(config, cfg) || take_paths(config, cfg) ||
	    take_store(config, cfg))
		return -1;
	if (!config->certificate.present && !config->mikey_sakke.present && !config->identity[0])
		return config_complain(
			0, "option identity is missing, and there is no certificate to take "
			   "it from; write identity = \"urn:prose:ue1\"");
	return 0;
}
