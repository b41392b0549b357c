// SPDX-License-Identifier: MIT
/* What really happened to keys, ledger.h. */
#include "ledger.h"

#include <stdlib.h>
#include <string.h>

struct key *ledger_key(struct key **keys, const struct ue_assoc *assoc)
{
	struct key *key;

	for (key = *keys; key; key = key->next)
		if (!memcmp(key->pik, assoc->pik, UE_KEY_LEN) &&
		    !memcmp(key->pek, assoc->pek, UE_KEY_LEN) && key->eea == assoc->eea &&
		    key->eia == assoc->eia)
			return key;
	key = calloc(1, sizeof(*key));
	if (!key)
		abort();
	memcpy(key->pek, assoc->pek, UE_KEY_LEN);
	memcpy(key->pik, assoc->pik, UE_KEY_LEN);
	key->eea = assoc->eea;
	key->eia = assoc->eia;
	key->next = *keys;
	*keys = key;
	return key;
}

void ledger_free(struct key **keys)
{
	while (*keys) {
		struct key *key = *keys;

		*keys = key->next;
		free(key);
	}
}

void ledger_offer(const struct ue_config *config, struct offer *offer)
{
	*offer = (struct offer){
		.capabilities = config->capabilities,
		.up_integrity = config->up_integrity,
		.up_ciphering = config->up_ciphering,
		.count_profile = config->count_profile,
		.n_methods = config->n_methods,
	};
	memcpy(offer->eea_order, config->eea_order, sizeof(offer->eea_order));
	memcpy(offer->eia_order, config->eia_order, sizeof(offer->eia_order));
	for (size_t i = 0; i < config->n_methods; i++) {
		offer->methods[i] = config->methods[i]->id;
		offer->exchange[i] = config->methods[i]->containers;
	}
}
