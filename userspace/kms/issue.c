// SPDX-License-Identifier: MIT
#include "issue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "audit.h"
#include "keying/sentence.h"
#include "mikey/key_file.h"
#include "revoked.h"
#include "sakke/extract.h"

#define REASON_MAX	256
/* "uid-4294967295" and a blank. */
#define UID_TEXT_MAX	16

static void list_months(const struct issue *issue, char *out)
{
	*out = 0;
	for (size_t i = 0; i < issue->n_uids; i++)
		sprintf(out + strlen(out), "%suid-%u", i ? " " : "", issue->uids[i].number);
	/* Of too many, which are refused, those that there is a place for. */
	for (size_t i = 0; i < issue->n && i < ISSUE_MONTHS_MAX; i++) {
		if (i)
			strcat(out, " ");
		period_text(&issue->months[i], out + strlen(out));
	}
}

static int note(struct kms *kms, const struct issue *issue, const char *outcome, char *why,
		size_t why_len)
{
	char months[ISSUE_MONTHS_MAX * PERIOD_MONTH_LEN + PERIOD_DUE_UID_MAX * UID_TEXT_MAX + 1];
	struct audit_entry entry = {
		.at = issue->now, .event = issue->event, .identity = issue->identity,
		.months = months, .requester = issue->requester, .outcome = outcome,
	};

	list_months(issue, months);
	return audit_add(kms->db, &kms->domain, &entry, why, why_len);
}

int issue_refused(struct kms *kms, const struct issue *issue, const char *reason, char *why,
		  size_t why_len)
{
	if (db_begin(kms->db, why, why_len))
		return -1;
	return db_end(kms->db, note(kms, issue, reason, why, why_len), why, why_len);
}

/* Why there are no keys for this, "" when there are. */
static int refusal(struct kms *kms, const struct issue *issue, char *reason, size_t reason_len,
		   char *why, size_t why_len)
{
	const char *identity = issue->identity;
	struct mikey_user user;
	const char *fault;
	bool revoked;

	*reason = 0;
	if (!issue->n_uids && (!issue->n || issue->n > ISSUE_MONTHS_MAX)) {
		keying_sentence(reason, reason_len, "Between 1 and %d months can be had at a time",
				ISSUE_MONTHS_MAX);
		return 0;
	}
	fault = mikey_uri_fault(mikey_scheme_of(identity, strlen(identity)), identity,
				strlen(identity));
	if (issue->n_uids && fault)
		keying_sentence(reason, reason_len, "%s %s", identity, fault);
	if (*reason || (!issue->n_uids && mikey_user_by_month(identity, &issue->months[0], &user,
							      reason, reason_len)))
		return 0;
	if (revoked_has(kms->db, issue->identity, &revoked, why, why_len))
		return -1;
	if (revoked)
		keying_sentence(reason, reason_len,
				"%s is revoked and gets no keys; prose-kms unrevoke takes that back",
				issue->identity);
	return 0;
}

static int decide(struct kms *kms, const struct issue *issue, char *reason, size_t reason_len,
		  char *why, size_t why_len)
{
	if (refusal(kms, issue, reason, reason_len, why, why_len))
		return -1;
	return note(kms, issue, *reason ? reason : AUDIT_OK, why, why_len);
}

static int append(struct keying_file *file, const struct keying_file *part)
{
	struct keying_file both = { malloc(file->len + part->len + 1), file->len + part->len };

	if (!both.data)
		return -1;
	if (file->len)
		memcpy(both.data, file->data, file->len);
	memcpy(both.data + file->len, part->data, part->len);
	both.data[both.len] = 0;
	keying_file_free(file);
	*file = both;
	return 0;
}

/* Whose keys they are, for the n-th of the months, or of the UIDs' periods. */
static int user_of(const struct issue *issue, size_t n, struct mikey_user *user)
{
	uint8_t uid[MIKEY_UID_LEN];
	char reason[REASON_MAX];

	if (!issue->n_uids)
		return mikey_user_by_month(issue->identity, &issue->months[n], user, reason,
					   sizeof(reason));
	if (mikey_uid(issue->identity, &issue->uids[n], uid))
		return -1;
	mikey_user_by_uid(uid, user);
	return 0;
}

/* Keys of one period, put behind those that are there. */
static int make(struct kms *kms, const struct issue *issue, size_t n, struct keying_file *file)
{
	const struct domain *domain = &kms->domain;
	struct mikey_key_material material;
	struct keying_file part = { 0 };
	struct mikey_user user;
	int err;

	err = user_of(issue, n, &user) ||
	      eccsi_extract(domain->ksak, user.id.octets, user.id.len, NULL, material.ssk,
			    material.pvt) ||
	      sakke_extract(domain->z_secret, user.id.octets, user.id.len, material.rsk) ||
	      mikey_key_file_format(&domain->community, &user, &material, &part) ||
	      append(file, &part);
	OPENSSL_cleanse(&material, sizeof(material));
	keying_file_free(&part);
	return err ? -1 : 0;
}

int issue_keys(struct kms *kms, const struct issue *issue, struct keying_file *file, char *why,
	       size_t why_len)
{
	char reason[REASON_MAX];
	int err;

	*file = (struct keying_file){ 0 };
	if (!keying_text_valid(issue->identity, strlen(issue->identity))) {
		keying_sentence(why, why_len, "The identity has octets in it that no text has");
		return 1;
	}
	if (db_begin(kms->db, why, why_len))
		return -1;
	err = decide(kms, issue, reason, sizeof(reason), why, why_len);
	if (db_end(kms->db, err, why, why_len))
		return -1;
	if (*reason) {
		keying_sentence(why, why_len, "%s", reason);
		return 1;
	}
	for (size_t i = 0; !err && i < (issue->n_uids ? issue->n_uids : issue->n); i++)
		err = make(kms, issue, i, file);
	if (!err)
		return 0;
	keying_file_free(file);
	return keying_sentence(why, why_len, "No keys can be made: no memory, or OpenSSL failed");
}
