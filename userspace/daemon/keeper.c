// SPDX-License-Identifier: MIT
#include "keeper.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/crypto.h>

#include "keying/store_key.h"
#include "log.h"

struct keeper {
	char *path, *device;
	struct sealing_key key;
};

static struct store_place place_of(const struct keeper *keeper, const char *identity)
{
	return (struct store_place){ keeper->path, keeper->device, identity, keeper->key };
}

/* The last folder of the name; systemd's StateDirectory= and packages make it before. */
static void make_folder(const char *path)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');

	if (!slash || slash == path)
		return;
	snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	if (!mkdir(folder, 0700))
		log_notice("%s: made", folder);
}

static int take_before(const struct keeper *keeper, const char *identity,
		       struct store_peers *before)
{
	struct store_place place = place_of(keeper, identity);
	char why[CONFIG_WHY_MAX], aside[PATH_MAX];
	int rc = store_load(&place, before, why, sizeof(why));

	OPENSSL_cleanse(&place, sizeof(place));
	if (rc >= 0)
		return 0;
	log_error("%s", why);
	if (store_set_aside(keeper->path, aside, sizeof(aside))) {
		log_error("%s: cannot be set aside: %s; it stays, nothing is kept, and peers have to "
			  "authenticate again", keeper->path, strerror(errno));
		return -1;
	}
	log_error("%s: set aside as %s; peers have to authenticate again", keeper->path, aside);
	return 0;
}

struct keeper *keeper_open(const struct config *config, const char *identity,
			   struct store_peers *before)
{
	char why[CONFIG_WHY_MAX];
	struct keeper *keeper;
	bool made;

	*before = (struct store_peers){ 0 };
	if (!config->store)
		return NULL;
	keeper = calloc(1, sizeof(*keeper));
	if (!keeper)
		return NULL;
	keeper->path = strdup(config->store);
	keeper->device = strdup(config->device);
	if (!keeper->path || !keeper->device)
		goto fail;
	make_folder(keeper->path);
	if (store_key_load(config->store_key, &keeper->key, &made, why, sizeof(why))) {
		log_error("%s (nothing is kept in %s, and peers have to authenticate again after a "
			  "restart)", why, config->store);
		goto fail;
	}
	if (made)
		log_notice("%s: made; it seals %s", config->store_key, config->store);
	if (take_before(keeper, identity, before))
		goto fail;
	return keeper;
fail:
	keeper_close(keeper);
	return NULL;
}

struct collection {
	struct store_peers peers;
	bool whole;
};

static bool collect(void *context, const struct ue_idle *idle)
{
	struct collection *collection = context;

	collection->whole = store_peers_add(&collection->peers, idle);
	return collection->whole;
}

int keeper_save(struct keeper *keeper, const char *identity, const struct ue *ue, char *why,
		size_t why_len)
{
	struct store_place place = place_of(keeper, identity);
	struct collection collection = { .whole = true };
	int rc = -1;

	ue_idle(ue, collect, &collection);
	if (collection.whole)
		rc = store_save(&place, &collection.peers, why, why_len);
	else
		snprintf(why, why_len, "%s cannot be written: out of memory", keeper->path);
	store_peers_free(&collection.peers);
	OPENSSL_cleanse(&place, sizeof(place));
	return rc;
}

void keeper_close(struct keeper *keeper)
{
	if (!keeper)
		return;
	free(keeper->path);
	free(keeper->device);
	OPENSSL_cleanse(keeper, sizeof(*keeper));
	free(keeper);
}
