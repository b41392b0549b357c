/* SPDX-License-Identifier: MIT */
/*
 * What a UE was provisioned with: own keys, trusted communities and their deny lists, as they were
 * read from files; immutable from then on.
 */
#ifndef PROSE_KEYING_MIKEY_SAKKE_PROVISION_H
#define PROSE_KEYING_MIKEY_SAKKE_PROVISION_H

#include "../identity/deny.h"
#include "../identity/keys.h"

#include "mikey_sakke.h"

#define PROVISION_MAX		32	/* communities; what a hello has room for */
#define PROVISION_KEYS_MAX	64	/* months of keys, of all communities */
#define FINGERPRINT_LEN		32

struct seen;

/**
 * struct community - one that is trusted
 * @mikey: what its KMS publishes
 * @fingerprint: SHA-256 of name, KPAK and Z: a community is those, not its name
 * @deny: its deny list, NULL when there is none
 */
struct community {
	const struct mikey_community *mikey;
	uint8_t fingerprint[FINGERPRINT_LEN];
	struct deny_list *deny;
};

/**
 * struct provision - what a UE has
 * @trust: owns the communities
 * @communities: the same, with what else is known of each
 * @n_communities: how many
 * @files: own the keys
 * @n_files: how many
 * @keys: own keys
 * @n_keys: how many
 * @identity: whose they are
 * @reply_required: message 2 is not to be left out
 */
struct provision {
	struct identity_trust trust;
	struct community communities[PROVISION_MAX];
	size_t n_communities;
	struct identity_keys *files[PROVISION_KEYS_MAX];
	size_t n_files;
	const struct mikey_keys *keys[PROVISION_KEYS_MAX];
	size_t n_keys;
	char identity[MIKEY_URI_MAX + 1];
	bool reply_required;
};

/*
 * Reads all; no deny list may be older than the one that was @seen in use, and communities that @before
 * has too, which may be NULL, are shared with it. 0, or -1 with a sentence; @provision, zero before, has to
 * be freed then too.
 */
int provision_load(struct provision *provision, const struct mikey_sakke_files *files,
		   const struct provision *before, const struct seen *seen, char *why,
		   size_t why_len);
/*
 * Tells what works but should not stay so at the time @now, and what does not work any more, a sentence for
 * each: keys of a month that are missing, and deny lists that end.
 */
void provision_warn(const struct provision *provision, const struct seen *seen, time_t now,
		    void (*warn)(void *context, const char *sentence), void *context);
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

/* There are no own keys of the month that it is. KEYING_FAILED, with the sentence that says so. */
enum keying_status provision_no_keys(const struct provision *provision,
				     const struct mikey_month *month, struct keying_error *error);

/* What a method mikey-sakke was made from. */
const struct provision *provision_of_method(const struct keying_method *method);

/* Has its KMS denied the user? */
bool community_denies(const struct community *community, const char *uri);

/*
 * May a user of it be connected to at that time, as far as its deny list goes? 0; or -1 with a sentence
 * when he is on it, or when its time has ended: who is on the next one is not known then.
 */
int community_judge(const struct community *community, const char *uri, time_t now, char *why,
		    size_t why_len);

#endif
