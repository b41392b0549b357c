/* SPDX-License-Identifier: MIT */
/* The domain of a KMS: one community, its public keys, and its master secrets, sealed. */
#ifndef PROSE_KMS_DOMAIN_H
#define PROSE_KMS_DOMAIN_H

#include "db.h"
#include "keying/sealing.h"
#include "mikey/keys.h"

/**
 * struct domain - a domain; whoever has it wipes it with domain_wipe()
 * @community: name and public keys; eccsi and sakke of it are not set
 * @created: seconds since 1970
 * @opened: the secrets are here
 * @ksak: KMS Secret Authentication Key
 * @z_secret: KMS Master Secret
 */
struct domain {
	struct mikey_community community;
	long long created;
	bool opened;
	uint8_t ksak[ECCSI_SCALAR_LEN];
	uint8_t z_secret[SAKKE_SCALAR_LEN];
};

/**
 * domain_create() - make tables, and a domain with new master secrets
 * @db: where, in a transaction
 * @key: seals the secrets
 * @kms: name of the KMS
 * @now: seconds since 1970
 * @why: gets a sentence when it fails, as when there is a domain already
 * @why_len: its size
 *
 * Return: 0 or -1; the transaction is to be undone then.
 */
int domain_create(struct db *db, const struct sealing_key *key, const char *kms, long long now,
		  char *why, size_t why_len);

/**
 * domain_load() - read it
 * @db: where
 * @key: opens the secrets, which are then checked against the public keys; NULL leaves them sealed
 * @domain: gets it
 * @why: gets a sentence when it fails
 * @why_len: its size
 *
 * Return: 0 or -1; nothing is left in @domain then.
 */
int domain_load(struct db *db, const struct sealing_key *key, struct domain *domain, char *why,
		size_t why_len);

void domain_wipe(struct domain *domain);

#endif
