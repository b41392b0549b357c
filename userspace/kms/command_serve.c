// SPDX-License-Identifier: MIT
#include "command.h"
#include "kms.h"
#include "server.h"

static int run(const struct arguments *arguments)
{
	char why[WHY_MAX] = "";
	struct kms *kms;
	int err;

	kms = kms_open(arguments->dir, true, why, sizeof(why));
	err = kms ? server_run(kms, why, sizeof(why)) : -1;
	kms_close(kms);
	return err ? say("%s", why) : KMS_OK;
}

const struct command command_serve = {
	.name = "serve",
	.arguments = "DIR",
	.summary = "give UEs their keys over mutual TLS",
	.help =
		"Listens where kms.conf says, and gives each UE the keys of the months that are due, for\n"
		"identities that its certificate names, with the deny list. Runs until it gets SIGTERM;\n"
		"SIGHUP has it read certificates and CRLs again. prose identity fetch is the other end.\n"
		"\n"
		"Example: prose-kms serve /var/lib/prose-kms\n",
	.options = "",
	.run = run,
};
