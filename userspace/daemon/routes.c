// SPDX-License-Identifier: MIT
#include "log.h"
#include "routes.h"
#include "text.h"

bool routes_wanted(const struct config *config, const struct ue_address *address)
{
	size_t i;

	if (!config || !config_peer_by_address(config, address))
		return false;
	for (i = 0; i < config->n_addresses; i++)
		if (text_address_within(address, &config->addresses[i].address,
					config->addresses[i].prefix))
			return false;
	return true;
}

static void set_one(const struct kernel *kernel, const struct ue_address *address, bool present)
{
	if (kernel->ops->route_set(kernel->context, address, present))
		log_error("%s", kernel->ops->error(kernel->context));
}

void routes_set(const struct kernel *kernel, const struct config *before,
		const struct config *config)
{
	const struct ue_address *address;
	size_t i, j;

	for (i = 0; before && i < before->n_peers; i++) {
		for (j = 0; j < before->peers[i].n_addresses; j++) {
			address = &before->peers[i].addresses[j];
			if (routes_wanted(before, address) && !routes_wanted(config, address))
				set_one(kernel, address, false);
		}
	}
	for (i = 0; config && i < config->n_peers; i++) {
		for (j = 0; j < config->peers[i].n_addresses; j++) {
			address = &config->peers[i].addresses[j];
			if (routes_wanted(config, address))
				set_one(kernel, address, true);
		}
	}
}
