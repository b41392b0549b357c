// SPDX-License-Identifier: MIT
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>

#include "command.h"
#include "hex.h"
#include "issue.h"
#include "keying/sealed_file.h"
#include "keying/sentence.h"
#include "keying/store_key.h"

static int check_months(const struct arguments *arguments, const struct mikey_month *due, size_t n,
			char *why, size_t why_len)
{
	char text[PERIOD_MONTH_LEN];

	for (size_t i = 0; i < arguments->n_months; i++) {
		const struct mikey_month *month = &arguments->months[i];

		if (period_between(&due[0], month) < 0)
			return keying_sentence(why, why_len,
					       "%s is over; keys of it only serve to open what was said then",
					       period_text(month, text));
		if (period_between(&due[n - 1], month) > 0)
			say("note: %s is ahead; whoever is revoked until then has keys for it all the same",
			    period_text(month, text));
		for (size_t j = 0; j < i; j++)
			if (!period_between(month, &arguments->months[j]))
				return keying_sentence(why, why_len, "%s is named twice",
						       period_text(month, text));
	}
	return 0;
}

static int write_keys(const struct arguments *arguments, const struct sealing_key *key,
		      const struct keying_file *file, char *why, size_t why_len)
{
	if (arguments->plain)
		return keying_file_write(arguments->output, file->data, file->len, 0600,
					 arguments->replace, why, why_len);
	return sealed_file_write(arguments->output, key, file->data, file->len, arguments->replace,
				 why, why_len);
}

/* Which UID that is, for whoever sends to it. */
static void print_uid(const char *identity, const struct mikey_uid_period *period)
{
	uint8_t uid[MIKEY_UID_LEN];
	char text[2 * MIKEY_UID_LEN + 1];

	if (mikey_uid(identity, period, uid))
		return;
	hex_put(uid, sizeof(uid), text);
	printf(" uid-%u %s", period->number, text);
}

static int extract(const struct arguments *arguments, struct kms *kms,
		   const struct sealing_key *key, char *why, size_t why_len)
{
	long long now = time(NULL);
	struct mikey_month due[PERIOD_DUE_MAX];
	size_t n = period_due(now, kms->settings->advance_days, due);
	bool given = arguments->n_months;
	char requester[WHO_TEXT], text[PERIOD_MONTH_LEN];
	const struct mikey_uid_period like = {
		.kms_uri = kms->domain.community.kms, .length = kms->settings->uid_period,
		.offset = kms->settings->uid_offset,
	};
	struct mikey_uid_period periods[PERIOD_DUE_UID_MAX];
	struct issue issue = {
		.event = "extract", .identity = arguments->identity,
		.months = given ? arguments->months : due, .n = given ? arguments->n_months : n,
		.requester = who(requester), .now = now,
	};
	struct keying_file file;
	int err;

	if (arguments->uid) {
		issue.n = 0;
		issue.uids = periods;
		issue.n_uids = period_due_uid(now, kms->settings->advance_days, &like, periods);
	}

	if (check_months(arguments, due, n, why, why_len) ||
	    issue_keys(kms, &issue, &file, why, why_len))
		return -1;
	err = write_keys(arguments, key, &file, why, why_len);
	keying_file_free(&file);
	if (err)
		return -1;
	printf("%s: keys of %s for", arguments->output, arguments->identity);
	for (size_t i = 0; i < issue.n; i++)
		printf(" %s", period_text(&issue.months[i], text));
	for (size_t i = 0; i < issue.n_uids; i++)
		print_uid(arguments->identity, &periods[i]);
	printf("\n");
	return 0;
}

static int run(const struct arguments *arguments)
{
	struct sealing_key key;
	char why[WHY_MAX] = "";
	struct kms *kms = NULL;
	int err = -1;

	if (!arguments->output || !strcmp(arguments->output, "-")) {
		say("name a file for the keys with -o FILE; they are secret and are not printed");
		return KMS_USAGE;
	}
	if (arguments->uid && arguments->n_months) {
		say("--uid has periods of its own, and no --month");
		return KMS_USAGE;
	}
	if (!arguments->seal == !arguments->plain) {
		say("say --seal-with FROM, with a key that the UE has too, or --plain to have the keys in clear");
		return KMS_USAGE;
	}
	if (arguments->plain)
		say("note: the file will have secret keys in clear; let nobody see it on its way");
	if (arguments->plain || !store_key_read(arguments->seal, &key, why, sizeof(why)))
		kms = kms_open(arguments->dir, true, why, sizeof(why));
	if (kms)
		err = extract(arguments, kms, &key, why, sizeof(why));
	OPENSSL_cleanse(&key, sizeof(key));
	kms_close(kms);
	return err ? say("%s", why) : KMS_OK;
}

const struct command command_extract = {
	.name = "extract",
	.arguments = "DIR IDENTITY -o FILE --seal-with FROM|--plain [OPTION...]",
	.summary = "make keys of an identity, to be provisioned by hand",
	.help =
		"Makes the keys of an identity for the months that it needs now, or those named, and\n"
		"notes it in the audit log.\n"
		"\n"
		"  -o, --output FILE  gets the keys\n"
		"  --seal-with FROM   seals them with a key that the UE has too: FILE, keyring:DESCRIPTION\n"
		"                     or credential:NAME; a new one: head -c 32 /dev/urandom > FILE\n"
		"  --plain            writes them in clear, readable by the owner only\n"
		"  --month YYYY-MM    a month; can be given several times\n"
		"  --uid              of UIDs (3GPP, mission critical services) instead, for the key periods\n"
		"                     that it needs now; uid-period and uid-offset of kms.conf\n"
		"  --replace          writes over an existing file\n"
		"\n"
		"Example: prose-kms extract /var/lib/prose-kms tel:+447700900123 -o ue1.keys \\\n"
		"             --seal-with ue1.transport\n",
	.options = "oWPmRU",
	.identity = true,
	.run = run,
};
