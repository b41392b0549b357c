// SPDX-License-Identifier: MIT
#include "kms.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "audit.h"
#include "keying/sentence.h"
#include "master_key.h"

static int check_folder(const char *dir, char *why, size_t why_len)
{
	struct stat status;

	if (stat(dir, &status))
		return keying_sentence(why, why_len, "%s: %s%s", dir, strerror(errno),
				       errno == ENOENT ? "; prose-kms init makes it" : "");
	if (!S_ISDIR(status.st_mode))
		return keying_sentence(why, why_len, "%s: is not a folder", dir);
	if (status.st_mode & 077)
		return keying_sentence(why, why_len,
				       "%s: others may look into it (mode %04o); run chmod 700 on it",
				       dir, (unsigned int)(status.st_mode & 07777));
	return 0;
}

static int make_folder(const char *dir, char *why, size_t why_len)
{
	char *conf;
	int err = 0;

	if (mkdir(dir, 0700) && errno != EEXIST)
		return keying_sentence(why, why_len, "%s: %s", dir, strerror(errno));
	if (check_folder(dir, why, why_len))
		return -1;
	if (asprintf(&conf, "%s/" SETTINGS_FILE, dir) < 0)
		return keying_sentence(why, why_len, "%s: out of memory", dir);
	if (!access(conf, F_OK))
		err = keying_sentence(why, why_len, "%s: is there already: %s is a KMS", conf, dir);
	free(conf);
	return err;
}

/* The domain, and the first row of its audit log. */
static int make_domain(const struct settings *settings, const struct kms_new *new, char *why,
		       size_t why_len)
{
	struct db *db = db_open(settings->store, true, why, why_len);
	struct audit_entry entry = {
		.at = time(NULL), .event = "create", .identity = "", .months = "", .outcome = AUDIT_OK,
	};
	struct sealing_key key;
	struct domain domain;
	char requester[32];
	const char *made = NULL;
	int err = -1;

	snprintf(requester, sizeof(requester), "uid %u", (unsigned int)getuid());
	entry.requester = requester;
	if (db && !master_key_make(settings, &key, &made, why, why_len)) {
		err = domain_create(db, &key, new->name, entry.at, why, why_len);
		if (!err)
			err = domain_load(db, &key, &domain, why, why_len);
		if (!err) {
			err = audit_add(db, &domain, &entry, why, why_len);
			domain_wipe(&domain);
		}
	}
	OPENSSL_cleanse(&key, sizeof(key));
	db_close(db);
	/* Files of ours that nobody has used yet; tables on a server were undone there. */
	if (err && db && strncmp(settings->store, DB_POSTGRESQL, strlen(DB_POSTGRESQL)))
		unlink(settings->store);
	if (err && made)
		unlink(made);
	return err;
}

int kms_create(const char *dir, const struct kms_new *new, char *why, size_t why_len)
{
	struct settings *settings;
	struct kms *kms;
	int err;

	if (make_folder(dir, why, why_len) ||
	    settings_write(dir, new->master_key, new->store, why, why_len))
		return -1;
	settings = settings_load(dir, why, why_len);
	err = settings ? 0 : -1;
	if (settings && new->name) {
		err = make_domain(settings, new, why, why_len);
	} else if (settings) {
		kms = kms_open(dir, true, why, why_len);
		err = kms ? 0 : -1;
		kms_close(kms);
	}
	if (err && settings)
		unlink(settings->path);
	settings_free(settings);
	return err;
}

struct kms *kms_open(const char *dir, bool secrets, char *why, size_t why_len)
{
	struct sealing_key key;
	struct kms *kms;
	int err = -1;

	if (check_folder(dir, why, why_len))
		return NULL;
	kms = OPENSSL_zalloc(sizeof(*kms));
	if (!kms) {
		keying_sentence(why, why_len, "Out of memory");
		return NULL;
	}
	kms->settings = settings_load(dir, why, why_len);
	if (kms->settings)
		kms->db = db_open(kms->settings->store, false, why, why_len);
	if (kms->settings && kms->db &&
	    (!secrets || !master_key_read(kms->settings, &key, why, why_len)))
		err = domain_load(kms->db, secrets ? &key : NULL, &kms->domain, why, why_len);
	OPENSSL_cleanse(&key, sizeof(key));
	if (!err)
		return kms;
	kms_close(kms);
	return NULL;
}

void kms_close(struct kms *kms)
{
	if (!kms)
		return;
	domain_wipe(&kms->domain);
	db_close(kms->db);
	settings_free(kms->settings);
	OPENSSL_free(kms);
}
