/* SPDX-License-Identifier: MIT */
/*
 * What a KMS did, and for whom. Rows are chained: each has a MAC over itself and the MAC before it, under
 * a key that comes from the master secret, so who has the store without that cannot change or
 * take out a row unseen; only cutting off the end of it shows nowhere but in a copy.
 */
#ifndef PROSE_KMS_AUDIT_H
#define PROSE_KMS_AUDIT_H

#include "domain.h"

#define AUDIT_OK	"ok"

/**
 * struct audit_entry - a row
 * @number: from 1, without gaps
 * @at: seconds since 1970
 * @event: "create", "extract", "revoke", "unrevoke", "serve"
 * @identity: whom it is about, or ""
 * @months: key periods, "2026-11 2026-12", or ""
 * @requester: who asked: "uid 0" on this machine, or identity and address of a client
 * @outcome: AUDIT_OK, or why it was refused
 */
struct audit_entry {
	long long number;
	long long at;
	const char *event, *identity, *months, *requester, *outcome;
};

/**
 * audit_add() - note something, in the transaction that does it
 * @db: where
 * @domain: with its secrets
 * @entry: what; the number is given here
 * @why: gets a sentence when it fails
 * @why_len: its size
 *
 * Return: 0 or -1.
 */
int audit_add(struct db *db, const struct domain *domain, const struct audit_entry *entry, char *why,
	      size_t why_len);

/* Gets a row. */
typedef void (*audit_row)(void *context, const struct audit_entry *entry);

/**
 * audit_list() - all rows, the oldest first, each checked
 * @db: where
 * @domain: with its secrets
 * @row: gets them; NULL: they are only checked
 * @context: for @row
 * @why: gets a sentence when one is not as it was written
 * @why_len: its size
 *
 * Return: 0 or -1.
 */
int audit_list(struct db *db, const struct domain *domain, audit_row row, void *context, char *why,
	       size_t why_len);

#endif
