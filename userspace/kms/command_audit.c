// SPDX-License-Identifier: MIT
#include <string.h>

#include <jansson.h>

#include "audit.h"
#include "command.h"
#include "kms.h"

static void print_entry(void *context, const struct audit_entry *entry)
{
	char at[TIME_TEXT];

	(void)context;
	printf("%lld\t%s\t%s\t%s\t%s\t%s\t%s\n", entry->number, time_text(entry->at, at),
	       entry->event, entry->identity[0] ? entry->identity : "-",
	       entry->months[0] ? entry->months : "-", entry->requester, entry->outcome);
}

/* "2026-11 2026-12" as a list. */
static json_t *months_json(const char *months)
{
	json_t *list = json_array();
	size_t len;

	for (; *months; months += len + (months[len] == ' ')) {
		len = strcspn(months, " ");
		json_array_append_new(list, json_stringn(months, len));
	}
	return list;
}

static void collect_entry(void *context, const struct audit_entry *entry)
{
	const char *identity = entry->identity[0] ? entry->identity : NULL;
	char at[TIME_TEXT];

	json_array_append_new(context, json_pack("{s:I, s:s, s:s, s:s?, s:o, s:s, s:s}", "number",
						 (json_int_t)entry->number, "at",
						 time_text(entry->at, at), "event", entry->event,
						 "identity", identity, "months",
						 months_json(entry->months), "requester",
						 entry->requester, "outcome", entry->outcome));
}

static int run(const struct arguments *arguments)
{
	json_t *list = arguments->json ? json_array() : NULL;
	char why[WHY_MAX] = "";
	struct kms *kms;
	int err;

	kms = kms_open(arguments->dir, true, why, sizeof(why));
	err = kms ? audit_list(kms->db, &kms->domain, list ? collect_entry : print_entry, list, why,
			       sizeof(why)) : -1;
	if (kms && list) {
		json_dumpf(list, stdout, JSON_INDENT(2));
		printf("\n");
	}
	json_decref(list);
	kms_close(kms);
	return err ? say("%s", why) : KMS_OK;
}

const struct command command_audit = {
	.name = "audit",
	.arguments = "DIR [-j]",
	.summary = "show and check what was done, for whom, when",
	.help =
		"Prints the audit log: number, time, event, identity, months, who asked, outcome; and\n"
		"checks each row. It fails at the first one that is not as it was written.\n"
		"\n"
		"  -j, --json  as JSON\n"
		"\n"
		"Example: prose-kms audit /var/lib/prose-kms\n",
	.options = "j",
	.run = run,
};
