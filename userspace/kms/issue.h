/* SPDX-License-Identifier: MIT */
/* Keys of identities, and the audit log of them. */
#ifndef PROSE_KMS_ISSUE_H
#define PROSE_KMS_ISSUE_H

#include "keying/file.h"
#include "keying/identity/keys.h"
#include "kms.h"
#include "period.h"

/* At a time: as many as a file of keys may have. */
#define ISSUE_MONTHS_MAX	IDENTITY_KEYS_MAX

/**
 * struct issue - whose keys, for when, asked for by whom
 * @event: for the audit log
 * @identity: whose
 * @months: which months, none twice
 * @n: how many
 * @uids: instead of months, key periods of UIDs
 * @n_uids: how many; 0 for months
 * @requester: who asked
 * @now: seconds since 1970
 */
struct issue {
	const char *event;
	const char *identity;
	const struct mikey_month *months;
	size_t n;
	const struct mikey_uid_period *uids;
	size_t n_uids;
	const char *requester;
	long long now;
};

/**
 * issue_keys() - make keys, as identity_keys_parse() reads them
 * @kms: open, with its secrets
 * @issue: whose
 * @file: gets them, to be freed with keying_file_free()
 * @why: gets a sentence when there are none
 * @why_len: its size
 *
 * It is noted in the audit log before there are any, and when they are refused, why.
 *
 * Return: 0, 1 when they are refused, which whoever asked may know, or -1 when something failed.
 */
int issue_keys(struct kms *kms, const struct issue *issue, struct keying_file *file, char *why,
	       size_t why_len);

/* A row of the audit log about a request that was refused elsewhere. */
int issue_refused(struct kms *kms, const struct issue *issue, const char *reason, char *why,
		  size_t why_len);

#endif
