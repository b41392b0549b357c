/* SPDX-License-Identifier: MIT */
/* Own keys and trusted communities, as they were read from files; immutable from then on. */
#ifndef PROSE_KEYING_MIKEY_SAKKE_PROVISION_H
#define PROSE_KEYING_MIKEY_SAKKE_PROVISION_H

#include "mikey/key_file.h"

#include "mikey_sakke.h"

#define PROVISION_MAX		32	/* communities; what a hello has room for */
#define PROVISION_KEYS_MAX	64
#define FINGERPRINT_LEN		32

/**
 * struct community - one that is trusted
 * @file: what was in its file
 * @fingerprint: SHA-256 of name, KPAK and Z: a community is those, not its name
 */
struct community {
	struct mikey_key_file file;
	uint8_t fingerprint[FINGERPRINT_LEN];
};

/**
 * struct provision - what a UE has
 * @communities: trusted
 * @trusted: the same, as mikey_sakke_open() wants them
 * @n_communities: entries in both
 * @files: of own keys
 * @keys: own keys, in the order they are to be used in
 * @n_keys: entries in both
 * @identity: whose they are
 * @reply_required: message 2 is not to be left out
 */
struct provision {
	struct community communities[PROVISION_MAX];
	const struct mikey_community *trusted[PROVISION_MAX];
	size_t n_communities;
	struct mikey_key_file files[PROVISION_KEYS_MAX];
	const struct mikey_keys *keys[PROVISION_KEYS_MAX];
	size_t n_keys;
	char identity[MIKEY_URI_MAX + 1];
	bool reply_required;
};

/* Reads all. 0, or -1 with a sentence; @provision has to be freed then too. */
int provision_load(struct provision *provision, const struct mikey_sakke_files *files,
		     char *why, size_t why_len);
/* Wipes them. */
void provision_free(struct provision *provision);

/* The entry of a community that is the same: by its keys, not by its name alone. NULL: none. */
const struct community *provision_community(const struct provision *provision,
					      const struct mikey_community *community);
/* By the first @len octets of its fingerprint. */
const struct community *provision_by_fingerprint(const struct provision *provision,
						   const uint8_t *fingerprint, size_t len);

/* Own keys of a month, of a community or, with NULL, of any; NULL when there are none. */
const struct mikey_keys *provision_keys(const struct provision *provision,
					  const struct mikey_community *community,
					  const struct mikey_month *month);

#endif
