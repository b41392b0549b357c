// SPDX-License-Identifier: MIT
#include "domain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "hex.h"
#include "keying/identity/deny.h"
#include "keying/sentence.h"
#include "sakke/extract.h"

#define SCHEMA		"1"

#define MASTER_LEN	(ECCSI_SCALAR_LEN + SAKKE_SCALAR_LEN)
#define NONCE_AT	SEALING_KEY_ID_LEN
#define CIPHER_AT	(NONCE_AT + SEALING_NONCE_LEN)
#define SEALED_LEN	(CIPHER_AT + MASTER_LEN + SEALING_TAG_LEN)

static const char *const tables[] = {
	"CREATE TABLE domain (one BIGINT PRIMARY KEY CHECK (one = 1), version BIGINT NOT NULL, "
	"kms TEXT NOT NULL, kpak TEXT NOT NULL, z TEXT NOT NULL, master TEXT NOT NULL, "
	"created BIGINT NOT NULL, deny_number BIGINT NOT NULL)",
	"CREATE TABLE revoked (identity TEXT PRIMARY KEY, at BIGINT NOT NULL, reason TEXT NOT NULL)",
	"CREATE TABLE audit (number BIGINT PRIMARY KEY, at BIGINT NOT NULL, event TEXT NOT NULL, "
	"identity TEXT NOT NULL, months TEXT NOT NULL, requester TEXT NOT NULL, "
	"outcome TEXT NOT NULL, mac TEXT NOT NULL)",
};

/* What is authenticated with the secrets: sealed ones cannot be put under another name. */
static size_t header(const struct mikey_community *community, uint8_t *out)
{
	size_t len = 0, name = strlen(community->kms) + 1;
	static const char label[] = "prose-kms master " SCHEMA;

	memcpy(out, label, sizeof(label));
	len += sizeof(label);
	memcpy(out + len, community->kms, name);
	len += name;
	memcpy(out + len, community->kpak, sizeof(community->kpak));
	len += sizeof(community->kpak);
	memcpy(out + len, community->z, sizeof(community->z));
	return len + sizeof(community->z);
}

#define HEADER_MAX	(64 + sizeof(struct mikey_community))

/* Key ID, nonce, sealed secrets. */
static int seal(const struct domain *domain, const struct sealing_key *key,
		uint8_t out[static SEALED_LEN])
{
	uint8_t about[HEADER_MAX], master[MASTER_LEN];
	size_t len = header(&domain->community, about);
	int err;

	memcpy(master, domain->ksak, sizeof(domain->ksak));
	memcpy(master + sizeof(domain->ksak), domain->z_secret, sizeof(domain->z_secret));
	err = sealing_key_id(key, out) || RAND_bytes(out + NONCE_AT, SEALING_NONCE_LEN) != 1 ||
	      sealing_seal(key, out + NONCE_AT, about, len, master, sizeof(master), out + CIPHER_AT);
	OPENSSL_cleanse(master, sizeof(master));
	return err ? -1 : 0;
}

static int unseal(struct domain *domain, const struct sealing_key *key,
		  const uint8_t sealed[static SEALED_LEN], char *why, size_t why_len)
{
	uint8_t about[HEADER_MAX], master[MASTER_LEN], id[SEALING_KEY_ID_LEN];
	uint8_t kpak[ECCSI_POINT_LEN], z[SAKKE_POINT_LEN];
	size_t len = header(&domain->community, about);

	if (sealing_key_id(key, id))
		return keying_sentence(why, why_len, "OpenSSL failed");
	if (memcmp(id, sealed, sizeof(id)))
		return keying_sentence(why, why_len,
				       "The master secrets of KMS %s are sealed with another key than master-key names; put that one back",
				       domain->community.kms);
	if (sealing_open(key, sealed + NONCE_AT, about, len, sealed + CIPHER_AT,
			 MASTER_LEN + SEALING_TAG_LEN, master))
		return keying_sentence(why, why_len,
				       "The master secrets of KMS %s, or its public keys, were changed in the store; put back a copy of the store",
				       domain->community.kms);
	memcpy(domain->ksak, master, sizeof(domain->ksak));
	memcpy(domain->z_secret, master + sizeof(domain->ksak), sizeof(domain->z_secret));
	OPENSSL_cleanse(master, sizeof(master));
	domain->opened = true;
	if (eccsi_master_public(domain->ksak, kpak) || sakke_master_public(domain->z_secret, z) ||
	    memcmp(kpak, domain->community.kpak, sizeof(kpak)) ||
	    memcmp(z, domain->community.z, sizeof(z)))
		return keying_sentence(why, why_len,
				       "The master secrets of KMS %s are not those of its public keys",
				       domain->community.kms);
	return 0;
}

static int make_tables(struct db *db, const struct domain *domain, const uint8_t *sealed, char *why,
		       size_t why_len)
{
	char kpak[2 * ECCSI_POINT_LEN + 1], z[2 * SAKKE_POINT_LEN + 1];
	char master[2 * SEALED_LEN + 1], at[24];
	int err = 0;

	hex_put(domain->community.kpak, sizeof(domain->community.kpak), kpak);
	hex_put(domain->community.z, sizeof(domain->community.z), z);
	hex_put(sealed, SEALED_LEN, master);
	snprintf(at, sizeof(at), "%lld", domain->created);
	for (size_t i = 0; !err && i < sizeof(tables) / sizeof(tables[0]); i++)
		err = db_run(db, tables[i], NULL, 0, NULL, NULL, why, why_len);
	if (!err)
		err = db_run(db, "INSERT INTO domain VALUES (1, " SCHEMA ", $1, $2, $3, $4, $5, 0)",
			     DB_VALUES(domain->community.kms, kpak, z, master, at), NULL, NULL, why,
			     why_len);
	return err;
}

int domain_create(struct db *db, const struct sealing_key *key, const char *kms, long long now,
		  char *why, size_t why_len)
{
	struct domain domain = { .created = now };
	struct mikey_identifier id;
	uint8_t sealed[SEALED_LEN];
	int err;

	if (!*kms || strlen(kms) > MIKEY_URI_MAX || !keying_text_valid(kms, strlen(kms)) ||
	    strpbrk(kms, " #\"\\") || deny_identifier(kms, &id))
		return keying_sentence(why, why_len,
				       "'%s' is no name for a KMS: 1 to %d characters, no blanks, none of # \" \\, such as kms.example.org",
				       kms, MIKEY_IDENTIFIER_MAX - 12);
	strcpy(domain.community.kms, kms);
	if (eccsi_master_make(domain.ksak, domain.community.kpak) ||
	    sakke_master_make(domain.z_secret, domain.community.z) || seal(&domain, key, sealed)) {
		domain_wipe(&domain);
		return keying_sentence(why, why_len, "No master secrets can be made: OpenSSL failed");
	}
	err = make_tables(db, &domain, sealed, why, why_len);
	domain_wipe(&domain);
	return err;
}

struct row {
	struct domain *domain;
	uint8_t sealed[SEALED_LEN];
	bool found;
	const char *fault;
};

static int take(void *context, const char *const *columns)
{
	struct row *row = context;
	struct mikey_community *community = &row->domain->community;

	row->found = true;
	if (!columns[0] || strcmp(columns[0], SCHEMA))
		row->fault = "was made by another version of prose-kms";
	else if (!columns[1] || !*columns[1] || strlen(columns[1]) >= sizeof(community->kms) ||
		 !hex_get(columns[2], community->kpak, sizeof(community->kpak)) ||
		 !hex_get(columns[3], community->z, sizeof(community->z)) ||
		 !hex_get(columns[4], row->sealed, sizeof(row->sealed)) || !columns[5])
		row->fault = "is damaged; put back a copy of the store";
	if (row->fault)
		return -1;
	strcpy(community->kms, columns[1]);
	row->domain->created = strtoll(columns[5], NULL, 10);
	return 0;
}

int domain_load(struct db *db, const struct sealing_key *key, struct domain *domain, char *why,
		size_t why_len)
{
	struct row row = { .domain = domain };
	int err;

	memset(domain, 0, sizeof(*domain));
	err = db_run(db, "SELECT version, kms, kpak, z, master, created FROM domain", NULL, 0, take,
		     &row, why, why_len);
	if (row.fault)
		keying_sentence(why, why_len, "The domain in the store %s", row.fault);
	else if (!err && !row.found)
		err = keying_sentence(why, why_len, "There is no domain in the store");
	if (!err && key)
		err = unseal(domain, key, row.sealed, why, why_len);
	if (err)
		domain_wipe(domain);
	return err;
}

void domain_wipe(struct domain *domain)
{
	OPENSSL_cleanse(domain, sizeof(*domain));
}
