/* SPDX-License-Identifier: MIT */
/* Identities that get no keys any more, and the deny list that says so to UEs. */
#ifndef PROSE_KMS_REVOKED_H
#define PROSE_KMS_REVOKED_H

#include "domain.h"
#include "keying/file.h"

/* In the transaction that notes it; -1 also when it is there already, or is not. */
int revoked_add(struct db *db, const char *identity, const char *reason, long long now, char *why,
		size_t why_len);
int revoked_remove(struct db *db, const char *identity, long long now, char *why, size_t why_len);

/* Is it? Into *@revoked; -1 when that cannot be found out. */
int revoked_has(struct db *db, const char *identity, bool *revoked, char *why, size_t why_len);

/**
 * struct revoked_entry - one of them
 * @identity: whom
 * @at: since when, seconds since 1970
 * @reason: for people
 */
struct revoked_entry {
	const char *identity;
	long long at;
	const char *reason;
};

typedef void (*revoked_row)(void *context, const struct revoked_entry *entry);

/* All of them, in the order of their octets. */
int revoked_list(struct db *db, revoked_row row, void *context, char *why, size_t why_len);

/**
 * revoked_deny() - the deny list as it is now, signed
 * @db: where
 * @domain: with its secrets
 * @now: seconds since 1970
 * @days: until the next one
 * @file: gets it, to be freed with keying_file_free()
 * @why: gets a sentence when it fails
 * @why_len: its size
 *
 * The key that signs is extracted for it and forgotten: it lives nowhere else than the master secret.
 *
 * Return: 0 or -1.
 */
int revoked_deny(struct db *db, const struct domain *domain, long long now, unsigned int days,
		 struct keying_file *file, char *why, size_t why_len);

#endif
