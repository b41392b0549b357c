// SPDX-License-Identifier: MIT
#include "command.h"
#include "kms.h"

static int run(const struct arguments *arguments)
{
	struct kms_new new = {
		.name = arguments->community,
		.master_key = arguments->master_key ? arguments->master_key : SETTINGS_MASTER_KEY,
		.store = arguments->store ? arguments->store : SETTINGS_STORE,
	};
	char why[WHY_MAX] = "";

	if (!arguments->community == !arguments->join) {
		say("name the community with --community NAME, or --join the one in the store; see prose-kms init --help");
		return KMS_USAGE;
	}
	if (kms_create(arguments->dir, &new, why, sizeof(why)))
		return say("%s", why);
	if (arguments->join) {
		printf("%s is one more instance for the domain in its store.\n", arguments->dir);
		return KMS_OK;
	}
	printf("%s is the KMS %s. Who has its master secret can open every call of the community\n"
	       "and sign for everyone in it.\n", arguments->dir, arguments->community);
	if (!arguments->master_key)
		printf("The key that seals it is %s/" SETTINGS_MASTER_KEY ": next to what it seals. Move it\n"
		       "elsewhere and name the place in %s/" SETTINGS_FILE " (master-key).\n",
		       arguments->dir, arguments->dir);
	printf("Without that key nothing of this KMS can be used again: keep a copy of it.\n"
	       "Next: prose-kms public %s > community\n", arguments->dir);
	return KMS_OK;
}

const struct command command_init = {
	.name = "init",
	.arguments = "DIR --community NAME [OPTION...]",
	.summary = "make a KMS: a domain with new master secrets",
	.help =
		"Makes a folder for a KMS, its store, and new master secrets, sealed.\n"
		"\n"
		"  --community NAME   name of the KMS, as messages and UEs have it: kms.example.org\n"
		"  --join             none is made: the store has one, which this is another instance for\n"
		"  --master-key FROM  what seals the master secrets: FILE (made when there is none),\n"
		"                     keyring:DESCRIPTION, credential:NAME or pkcs11:..., an RSA key on a\n"
		"                     token; DIR/master.key unless given\n"
		"  --store WHERE      tables: FILE, or postgresql:CONNINFO for several instances;\n"
		"                     DIR/kms.db unless given\n"
		"\n"
		"Example: prose-kms init /var/lib/prose-kms --community kms.example.org \\\n"
		"             --master-key /media/key/master.key\n",
	.options = "CJMS",
	.run = run,
};
