/* SPDX-License-Identifier: MIT */
/* Communities and the keys of users in them, checked when they are made. */
#ifndef PROSE_MIKEY_KEYS_H
#define PROSE_MIKEY_KEYS_H

#include "identifier.h"
#include "sakke/eccsi.h"
#include "sakke/sakke.h"

/**
 * struct mikey_community - the users of one KMS
 * @kms: its name, as IDRkmsi and IDRkmsr have it
 * @kpak: its public authentication key
 * @z: its public key
 * @eccsi: made of @kpak
 * @sakke: made of @z, which costs as much as a hundred signatures: it is for sharing
 * @refs: who have it; the last one's mikey_community_free() is its end
 */
struct mikey_community {
	char kms[MIKEY_URI_MAX + 1];
	uint8_t kpak[ECCSI_POINT_LEN];
	uint8_t z[SAKKE_POINT_LEN];
	struct eccsi_domain *eccsi;
	struct sakke_domain *sakke;
	unsigned int refs;
};

/**
 * mikey_community_new() - a community by what its KMS publishes
 * @kms: name of the KMS
 * @kpak: KMS Public Authentication Key
 * @z: KMS Public Key
 * @why: gets a sentence when a key is none
 * @why_len: its size
 *
 * Return: the community, or NULL.
 */
struct mikey_community *mikey_community_new(const char *kms, const uint8_t kpak[ECCSI_POINT_LEN],
					    const uint8_t z[SAKKE_POINT_LEN], char *why,
					    size_t why_len);
/* One more who has it, and is to free it; returns it. */
struct mikey_community *mikey_community_hold(struct mikey_community *community);
/* NULL is allowed; no keys of it may be left when the last one does. */
void mikey_community_free(struct mikey_community *community);

/* Whether the KMS is the same: its keys, not its name alone. */
bool mikey_community_same(const struct mikey_community *a, const struct mikey_community *b);

/**
 * struct mikey_user - whose keys, and when
 * @scheme: &enum mikey_scheme
 * @uri: who; not in the scheme UID
 * @month: of the key period; not in the scheme UID
 * @id: the identifier, that is the UID in that scheme
 */
struct mikey_user {
	uint8_t scheme;
	char uri[MIKEY_URI_MAX + 1];
	struct mikey_month month;
	struct mikey_identifier id;
};

/**
 * struct mikey_keys - keys of a user for one key period
 * @community: whose KMS made them; outlives them
 * @user: whose they are
 * @eccsi: SSK and PVT
 * @sakke: RSK
 */
struct mikey_keys {
	const struct mikey_community *community;
	struct mikey_user user;
	struct eccsi_key eccsi;
	struct sakke_key *sakke;
};

/* What a KMS makes for a user; secret but for the PVT. */
struct mikey_key_material {
	uint8_t ssk[ECCSI_SCALAR_LEN];
	uint8_t pvt[ECCSI_POINT_LEN];
	uint8_t rsk[SAKKE_POINT_LEN];
};

/**
 * mikey_user_by_month() - a user of a scheme by months
 * @uri: who
 * @month: when
 * @user: gets it
 * @why: gets a sentence when the URI is none that keys are made for
 * @why_len: its size
 *
 * Return: 0 or -1.
 */
int mikey_user_by_month(const char *uri, const struct mikey_month *month, struct mikey_user *user,
			char *why, size_t why_len);

/* A user of the scheme UID. */
void mikey_user_by_uid(const uint8_t uid[static MIKEY_UID_LEN], struct mikey_user *user);

/**
 * mikey_keys_new() - keys that a KMS has given, once they were found to be the user's
 * @community: whose KMS it was
 * @user: whose they are
 * @material: the keys
 * @why: gets a sentence when they are not
 * @why_len: its size
 *
 * Return: the keys, or NULL.
 */
struct mikey_keys *mikey_keys_new(const struct mikey_community *community,
				  const struct mikey_user *user,
				  const struct mikey_key_material *material, char *why,
				  size_t why_len);
/* Wipes them; NULL is allowed. */
void mikey_keys_free(struct mikey_keys *keys);

#endif
