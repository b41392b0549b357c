// SPDX-License-Identifier: MIT
#include "command.h"
#include "keying/file.h"
#include "kms.h"
#include "mikey/key_file.h"

static int run(const struct arguments *arguments)
{
	struct keying_file file = { 0 };
	char why[WHY_MAX] = "";
	struct kms *kms;
	int err;

	/* With the secrets, since then the public keys are known not to have been changed. */
	kms = kms_open(arguments->dir, true, why, sizeof(why));
	if (!kms)
		return say("%s", why);
	err = mikey_key_file_format(&kms->domain.community, NULL, NULL, &file);
	if (!err && (fwrite(file.data, 1, file.len, stdout) != file.len || fflush(stdout)))
		err = -1;
	if (err)
		say("the public parameters cannot be written");
	keying_file_free(&file);
	kms_close(kms);
	return err ? KMS_FAILED : KMS_OK;
}

const struct command command_public = {
	.name = "public",
	.arguments = "DIR",
	.summary = "print what UEs need to know of the KMS",
	.help =
		"Prints the public parameters of the community: name, KPAK, Z. Every UE needs them, and\n"
		"from whom it trusts: who gives a UE other ones is its KMS.\n"
		"\n"
		"Example: prose-kms public /var/lib/prose-kms > kms.example.org.community\n",
	.options = "",
	.run = run,
};
