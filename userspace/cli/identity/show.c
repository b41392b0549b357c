// SPDX-License-Identifier: MIT
/* prose identity show: what is in a file of keys, once it was checked. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "identity.h"
#include "keying/identity/deny.h"
#include "keying/identity/keys.h"

static json_t *describe(const struct mikey_keys *keys, const struct deny_list *deny)
{
	bool denied = deny && !strcmp(deny->kms, keys->community->kms) &&
		      deny_has(deny, keys->user.uri);
	char month[16] = "", uid[2 * MIKEY_UID_LEN + 1] = "";

	if (keys->user.scheme != MIKEY_SCHEME_UID)
		snprintf(month, sizeof(month), "%04d-%02d", keys->user.month.year,
			 keys->user.month.month);
	else
		for (size_t i = 0; i < MIKEY_UID_LEN; i++)
			sprintf(uid + 2 * i, "%02x", keys->user.id.octets[i]);
	return json_pack("{s:s, s:s, s:s?, s:b}", "kms", keys->community->kms, "identity",
			 uid[0] ? uid : keys->user.uri, "month", month[0] ? month : NULL, "denied", denied);
}

static void print(const json_t *list)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(list, i, entry) {
		const char *month = output_text(entry, "month");
		bool denied = output_true(entry, "denied");

		printf("%s\t%s\t%s%s%s%s\n", month[0] ? month : "-",
		       output_text(entry, "identity"), output_text(entry, "kms"),
		       denied ? output_bad(stdout) : "", denied ? "\tdenied" : "",
		       denied ? output_plain(stdout) : "");
	}
}

static void note_end(const struct deny_list *deny)
{
	char until[DENY_TIME_LEN];

	cli_error("note: the deny list of KMS %s was good until %s; get the next one", deny->kms,
		  deny_time_text(deny->until, until));
}

int identity_show(const struct identity_call *call)
{
	struct identity_trust trust = { 0 };
	struct identity_keys *keys = NULL;
	struct deny_list *deny = NULL;
	char why[IDENTITY_WHY] = "";
	json_t *list = json_array();
	int err = 0;

	for (size_t i = 0; !err && i < call->n_communities; i++)
		err = identity_trust_add(&trust, call->communities[i], why, sizeof(why));
	if (!err && call->deny && trust.n) {
		deny = deny_load(call->deny, trust.communities[0], why, sizeof(why));
		err = deny ? 0 : -1;
	}
	if (deny && deny_is_over(deny, time(NULL)))
		note_end(deny);
	if (!err) {
		keys = identity_keys_load(call->what, call->seal, &trust, why, sizeof(why));
		err = keys ? 0 : -1;
	}
	for (size_t i = 0; !err && i < identity_keys_count(keys); i++)
		json_array_append_new(list, describe(identity_keys_at(keys, i), deny));
	if (err)
		cli_error("%s", why);
	else if (call->json)
		output_json(list, JSON_INDENT(2));
	else
		print(list);
	json_decref(list);
	identity_keys_free(keys);
	deny_free(deny);
	identity_trust_free(&trust);
	return err ? CLI_FAILED : CLI_OK;
}
