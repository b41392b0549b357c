// SPDX-License-Identifier: MIT
#include "revoked.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "keying/identity/deny.h"
#include "keying/sentence.h"
#include "sakke/extract.h"

#define DAY	86400

static int take_count(void *context, const char *const *columns)
{
	*(bool *)context = columns[0] && strcmp(columns[0], "0");
	return 0;
}

static int take_number(void *context, const char *const *columns)
{
	*(uint64_t *)context = columns[0] ? strtoull(columns[0], NULL, 10) : 0;
	return 0;
}

int revoked_has(struct db *db, const char *identity, bool *revoked, char *why, size_t why_len)
{
	*revoked = true;
	return db_run(db, "SELECT COUNT(*) FROM revoked WHERE identity = $1", DB_VALUES(identity),
		      take_count, revoked, why, why_len);
}

/*
 * The number of the list is that of the second, unless there was a change in it already: so the next
 * change after a copy of the store was put back has a higher one than all lists that UEs have seen.
 */
static int count_up(struct db *db, long long now, char *why, size_t why_len)
{
	char at[24];

	snprintf(at, sizeof(at), "%lld", now);
	return db_run(db, "UPDATE domain SET deny_number = "
		      "CASE WHEN deny_number < $1 THEN $1 ELSE deny_number + 1 END",
		      DB_VALUES(at), NULL, NULL, why, why_len);
}

int revoked_add(struct db *db, const char *identity, const char *reason, long long now, char *why,
		size_t why_len)
{
	bool revoked;
	uint64_t n = 0;
	char at[24];

	if (revoked_has(db, identity, &revoked, why, why_len))
		return -1;
	if (revoked)
		return keying_sentence(why, why_len, "%s is revoked already", identity);
	/* UEs take no longer list. */
	if (db_run(db, "SELECT COUNT(*) FROM revoked", NULL, 0, take_number, &n, why, why_len))
		return -1;
	if (n >= DENY_IDENTITIES_MAX)
		return keying_sentence(why, why_len,
				       "%d are revoked, which is as many as a deny list can have; unrevoke those whose keys have all ended, prose-kms list shows since when each is",
				       DENY_IDENTITIES_MAX);
	snprintf(at, sizeof(at), "%lld", now);
	if (db_run(db, "INSERT INTO revoked VALUES ($1, $2, $3)", DB_VALUES(identity, at, reason),
		   NULL, NULL, why, why_len))
		return -1;
	return count_up(db, now, why, why_len);
}

int revoked_remove(struct db *db, const char *identity, long long now, char *why, size_t why_len)
{
	bool revoked;

	if (revoked_has(db, identity, &revoked, why, why_len))
		return -1;
	if (!revoked)
		return keying_sentence(why, why_len,
				       "%s is not revoked; prose-kms list shows who is", identity);
	if (db_run(db, "DELETE FROM revoked WHERE identity = $1", DB_VALUES(identity), NULL, NULL,
		   why, why_len))
		return -1;
	return count_up(db, now, why, why_len);
}

struct walk {
	revoked_row row;
	void *context;
};

static int take_entry(void *context, const char *const *columns)
{
	const struct walk *walk = context;

	if (!columns[0] || !columns[1] || !columns[2])
		return -1;
	walk->row(walk->context, &(struct revoked_entry){ columns[0], strtoll(columns[1], NULL, 10),
							  columns[2] });
	return 0;
}

int revoked_list(struct db *db, revoked_row row, void *context, char *why, size_t why_len)
{
	struct walk walk = { row, context };

	return db_run(db, "SELECT identity, at, reason FROM revoked ORDER BY identity", NULL, 0,
		      take_entry, &walk, why, why_len);
}

struct collected {
	struct deny_list list;
	size_t size;
	bool failed;
};

static void collect(void *context, const struct revoked_entry *entry)
{
	struct collected *collected = context;
	struct deny_list *list = &collected->list;

	if (list->n == collected->size) {
		size_t size = collected->size ? 2 * collected->size : 16;
		char **more = reallocarray(list->identities, size, sizeof(*more));

		collected->failed = collected->failed || !more;
		if (!more)
			return;
		list->identities = more;
		collected->size = size;
	}
	list->identities[list->n] = strdup(entry->identity);
	collected->failed = collected->failed || !list->identities[list->n];
	list->n += !!list->identities[list->n];
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Makes the key of the list's identity, signs, wipes it. */
static int sign(const struct domain *domain, struct keying_file *file)
{
	struct eccsi_domain *eccsi = eccsi_domain_new(domain->community.kpak);
	uint8_t ssk[ECCSI_SCALAR_LEN], pvt[ECCSI_POINT_LEN], signature[ECCSI_SIGNATURE_LEN];
	struct mikey_identifier id;
	struct eccsi_key key;
	int err;

	err = !eccsi || deny_identifier(domain->community.kms, &id) ||
	      eccsi_extract(domain->ksak, id.octets, id.len, NULL, ssk, pvt) ||
	      eccsi_key_check(eccsi, id.octets, id.len, ssk, pvt, &key) ||
	      eccsi_sign(eccsi, &key, (const uint8_t *)file->data, file->len, signature) ||
	      deny_append(file, signature);
	OPENSSL_cleanse(ssk, sizeof(ssk));
	OPENSSL_cleanse(&key, sizeof(key));
	eccsi_domain_free(eccsi);
	return err ? -1 : 0;
}

/* Number and list are of one moment. */
static int read_list(struct db *db, struct collected *collected, char *why, size_t why_len)
{
	int err;

	if (db_begin(db, why, why_len))
		return -1;
	err = db_run(db, "SELECT deny_number FROM domain", NULL, 0, take_number,
		     &collected->list.number, why, why_len);
	if (!err)
		err = revoked_list(db, collect, collected, why, why_len);
	return db_end(db, err, why, why_len);
}

int revoked_deny(struct db *db, const struct domain *domain, long long now, unsigned int days,
		 struct keying_file *file, char *why, size_t why_len)
{
	struct collected collected = {
		.list = { .issued = now, .until = now + (long long)days * DAY },
	};
	struct deny_list *list = &collected.list;
	int err;

	*file = (struct keying_file){ 0 };
	strcpy(list->kms, domain->community.kms);
	err = read_list(db, &collected, why, why_len);
	/* A server may sort by the rules of a language. */
	if (!err && list->n)
		qsort(list->identities, list->n, sizeof(list->identities[0]), compare);
	if (!err && (collected.failed || deny_format(list, file) || sign(domain, file)))
		err = keying_sentence(why, why_len, "The deny list cannot be signed: no memory, or OpenSSL failed");
	for (size_t i = 0; i < list->n; i++)
		free(list->identities[i]);
	free(list->identities);
	if (err)
		keying_file_free(file);
	return err;
}
