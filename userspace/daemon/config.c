// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "config_parts.h"

struct config *config_load_as(const char *path, bool strict_24334, char *why, size_t why_len)
{
	struct config *config = NULL;
	cfg_t *cfg;

	memset(&config_parsing, 0, sizeof(config_parsing));
	config_parsing.path = path;
	config_parsing.why = why;
	config_parsing.why_len = why_len;
	config_parsing.strict_24334 = strict_24334;
	cfg = config_parse(path);
	if (cfg) {
		config = calloc(1, sizeof(*config));
		if (config)
			config->path = strdup(path);
		if (!config || !config->path)
			config_complain(0, "out of memory");
		else
			config_take(config, cfg);
		cfg_free(cfg);
	}
	if (config_parsing.failed) {
		config_free(config);
		config = NULL;
	}
	memset(&config_parsing, 0, sizeof(config_parsing));
	return config;
}

struct config *config_load(const char *path, char *why, size_t why_len)
{
	return config_load_as(path, false, why, why_len);
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
	free_names(config->mikey_sakke.communities, config->mikey_sakke.n_communities);
	free_names(config->mikey_sakke.keys, config->mikey_sakke.n_keys);
	free_names(config->mikey_sakke.deny, config->mikey_sakke.n_deny);
	free(config->mikey_sakke.seal);
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
