// SPDX-License-Identifier: MIT
/* prose-kms revoke, unrevoke, deny, list. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "audit.h"
#include "command.h"
#include "keying/sentence.h"
#include "kms.h"
#include "mikey/identifier.h"
#include "revoked.h"

static int change(const struct arguments *arguments, struct kms *kms, bool revoke, char *why,
		  size_t why_len)
{
	char requester[WHO_TEXT];
	struct audit_entry entry = {
		.at = time(NULL), .event = revoke ? "revoke" : "unrevoke",
		.identity = arguments->identity, .months = "", .requester = who(requester),
		.outcome = AUDIT_OK,
	};
	int err;

	if (db_begin(kms->db, why, why_len))
		return -1;
	err = revoke ? revoked_add(kms->db, arguments->identity,
				   arguments->reason ? arguments->reason : "", entry.at, why,
				   why_len) :
		       revoked_remove(kms->db, arguments->identity, entry.at, why, why_len);
	if (!err)
		err = audit_add(kms->db, &kms->domain, &entry, why, why_len);
	return db_end(kms->db, err, why, why_len);
}

static int run_change(const struct arguments *arguments, bool revoke)
{
	size_t len = strlen(arguments->identity);
	char why[WHY_MAX] = "";
	const char *fault;
	struct kms *kms;
	int err;

	/* One that is written otherwise than in keys would be denied to nobody. */
	fault = mikey_uri_fault(mikey_scheme_of(arguments->identity, len), arguments->identity, len);
	if (fault)
		return say("'%s' %s", arguments->identity, fault);
	if (arguments->reason && !keying_text_valid(arguments->reason, strlen(arguments->reason)))
		return say("--reason: has a tab, the end of a line or other octets in it that no line of text has");
	kms = kms_open(arguments->dir, true, why, sizeof(why));
	if (!kms)
		return say("%s", why);
	err = change(arguments, kms, revoke, why, sizeof(why));
	kms_close(kms);
	if (err)
		return say("%s", why);
	printf("%s %s. Give the UEs the new list: prose-kms deny %s > deny\n", arguments->identity,
	       revoke ? "gets no keys any more; those that it has are good until the UEs know" :
			"gets keys again", arguments->dir);
	return KMS_OK;
}

static int run_revoke(const struct arguments *arguments)
{
	return run_change(arguments, true);
}

static int run_unrevoke(const struct arguments *arguments)
{
	return run_change(arguments, false);
}

static int run_deny(const struct arguments *arguments)
{
	struct keying_file file = { 0 };
	char why[WHY_MAX] = "";
	struct kms *kms;
	int err;

	kms = kms_open(arguments->dir, true, why, sizeof(why));
	if (!kms)
		return say("%s", why);
	err = revoked_deny(kms->db, &kms->domain, time(NULL), kms->settings->deny_days, &file, why,
			   sizeof(why));
	if (!err && (fwrite(file.data, 1, file.len, stdout) != file.len || fflush(stdout))) {
		snprintf(why, sizeof(why), "the list cannot be written");
		err = -1;
	}
	keying_file_free(&file);
	kms_close(kms);
	return err ? say("%s", why) : KMS_OK;
}

static void print_entry(void *context, const struct revoked_entry *entry)
{
	char at[TIME_TEXT];

	(void)context;
	printf("%s\t%s\t%s\n", time_text(entry->at, at), entry->identity, entry->reason);
}

static void collect_entry(void *context, const struct revoked_entry *entry)
{
	char at[TIME_TEXT];

	json_array_append_new(context, json_pack("{s:s, s:s, s:s}", "at", time_text(entry->at, at),
						 "identity", entry->identity, "reason",
						 entry->reason));
}

static int run_list(const struct arguments *arguments)
{
	json_t *list = arguments->json ? json_array() : NULL;
	char why[WHY_MAX] = "";
	struct kms *kms;
	int err;

	kms = kms_open(arguments->dir, false, why, sizeof(why));
	err = kms ? revoked_list(kms->db, list ? collect_entry : print_entry, list, why,
				 sizeof(why)) : -1;
	if (!err && list) {
		json_dumpf(list, stdout, JSON_INDENT(2));
		printf("\n");
	}
	json_decref(list);
	kms_close(kms);
	return err ? say("%s", why) : KMS_OK;
}

const struct command command_revoke = {
	.name = "revoke",
	.arguments = "DIR IDENTITY [--reason TEXT]",
	.summary = "give an identity no keys any more, and put it on the deny list",
	.help =
		"The identity gets no keys any more, and is on the deny list from now on. The keys it\n"
		"has, of this month and perhaps the next, are refused by UEs that have the new list.\n"
		"\n"
		"  --reason TEXT  for prose-kms list\n"
		"\n"
		"Example: prose-kms revoke /var/lib/prose-kms tel:+447700900123 --reason stolen\n",
	.options = "r",
	.identity = true,
	.run = run_revoke,
};

const struct command command_unrevoke = {
	.name = "unrevoke",
	.arguments = "DIR IDENTITY",
	.summary = "take that back",
	.help =
		"Takes a revocation back: the identity gets keys again, and is not on the deny list.\n"
		"\n"
		"Example: prose-kms unrevoke /var/lib/prose-kms tel:+447700900123\n",
	.options = "",
	.identity = true,
	.run = run_unrevoke,
};

const struct command command_deny = {
	.name = "deny",
	.arguments = "DIR",
	.summary = "print the deny list, signed, for UEs",
	.help =
		"Prints the deny list, signed by the KMS. It is good for deny-days of kms.conf; give the\n"
		"UEs a new one by then.\n"
		"\n"
		"Example: prose-kms deny /var/lib/prose-kms > kms.example.org.deny\n",
	.options = "",
	.run = run_deny,
};

const struct command command_list = {
	.name = "list",
	.arguments = "DIR [-j]",
	.summary = "show who is revoked",
	.help =
		"Prints who is revoked: since when, whom, why.\n"
		"\n"
		"  -j, --json  as JSON\n"
		"\n"
		"Example: prose-kms list /var/lib/prose-kms\n",
	.options = "j",
	.run = run_list,
};
