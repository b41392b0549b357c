// SPDX-License-Identifier: MIT
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "db.h"
#include "kms.h"
#include "master_key.h"

/* A name of a file that was typed, for kms.conf, which takes such names from its own folder. */
static char *absolute(const char *name)
{
	char here[PATH_MAX], *path;

	if (name[0] == '/')
		return strdup(name);
	return getcwd(here, sizeof(here)) && asprintf(&path, "%s/%s", here, name) >= 0 ? path : NULL;
}

/* Is the file right in the folder? */
static bool lies_in(const char *path, const char *dir)
{
	char folder[PATH_MAX];
	struct stat a, b;

	snprintf(folder, sizeof(folder), "%s", path);
	return !stat(dirname(folder), &a) && !stat(dir, &b) && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

static int create(const struct arguments *arguments, const char *master_key, const char *store)
{
	const struct kms_new new = {
		.name = arguments->community, .master_key = master_key, .store = store,
	};
	char why[WHY_MAX] = "";

	if (kms_create(arguments->dir, &new, why, sizeof(why)))
		return say("%s", why);
	if (arguments->join) {
		printf("%s is one more instance for the domain in its store.\n", arguments->dir);
		return KMS_OK;
	}
	printf("%s is the KMS %s. Who has its master secret can open every call of the community\n"
	       "and sign for everyone in it.\n", arguments->dir, arguments->community);
	if (!strcmp(master_key, SETTINGS_MASTER_KEY) ||
	    (master_key_is_file(master_key) && lies_in(master_key, arguments->dir)))
		printf("The key that seals it is %s/%s: next to what it seals. Move it\n"
		       "elsewhere and name the place in %s/" SETTINGS_FILE " (master-key).\n",
		       arguments->dir, strrchr(master_key, '/') ? strrchr(master_key, '/') + 1 : master_key,
		       arguments->dir);
	printf("Without that key nothing of this KMS can be used again: keep a copy of it.\n"
	       "Next: prose-kms public %s > community\n", arguments->dir);
	return KMS_OK;
}

static int run(const struct arguments *arguments)
{
	const char *key = arguments->master_key, *store = arguments->store;
	char *key_path = NULL, *store_path = NULL;
	int status;

	if (!arguments->community == !arguments->join) {
		say("name the community with --community NAME, or --join the one in the store; see prose-kms init --help");
		return KMS_USAGE;
	}
	if (key && master_key_is_file(key))
		key = key_path = absolute(key);
	else if (!key)
		key = SETTINGS_MASTER_KEY;
	if (store && strncmp(store, DB_POSTGRESQL, strlen(DB_POSTGRESQL)))
		store = store_path = absolute(store);
	else if (!store)
		store = SETTINGS_STORE;
	status = key && store ? create(arguments, key, store) : say("%s", strerror(errno));
	free(key_path);
	free(store_path);
	return status;
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
