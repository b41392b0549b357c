// SPDX-License-Identifier: MIT
#include "kms.h"

#include <errno.h>
#include <stdbool.h>
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

static int make_folder(const char *dir, const char *conf, char *why, size_t why_len)
{
	if (mkdir(dir, 0700) && errno != EEXIST)
		return keying_sentence(why, why_len, "%s: %s", dir, strerror(errno));
	if (check_folder(dir, why, why_len))
		return -1;
	if (!access(conf, F_OK))
		return keying_sentence(why, why_len, "%s: is there already: %s is a KMS", conf, dir);
	return 0;
}

/* The domain, as it can be read again, and the first row of its audit log. */
static int fill(struct db *db, const struct sealing_key *key, const char *name, char *why,
		size_t why_len)
{
	char requester[32];
	struct audit_entry entry = {
		.at = time(NULL), .event = "create", .identity = "", .months = "",
		.requester = requester, .outcome = AUDIT_OK,
	};
	struct domain domain;
	int err;

	snprintf(requester, sizeof(requester), "uid %u", (unsigned int)getuid());
	if (domain_create(db, key, name, entry.at, why, why_len) ||
	    domain_load(db, key, &domain, why, why_len))
		return -1;
	err = audit_add(db, &domain, &entry, why, why_len);
	domain_wipe(&domain);
	return err;
}

/*
 * All of it, or nothing. @in_doubt: the store was told to keep it, and what became of that is not known,
 * as when a server is gone; the key must then stay, for it may be the only one of a domain that is there.
 */
static int make_domain(const struct settings *settings, const char *name, bool *in_doubt, char *why,
		       size_t why_len)
{
	bool server = !strncmp(settings->store, DB_POSTGRESQL, strlen(DB_POSTGRESQL));
	struct db *db = db_open(settings->store, true, why, why_len);
	const char *made = NULL;
	struct sealing_key key;
	int err = -1;

	if (db && !master_key_make(settings, &key, &made, why, why_len) &&
	    !db_begin(db, why, why_len)) {
		err = fill(db, &key, name, why, why_len);
		*in_doubt = !err && server;
		err = db_end(db, err, why, why_len);
		*in_doubt = *in_doubt && err;
	}
	OPENSSL_cleanse(&key, sizeof(key));
	db_close(db);
	/* Files of ours that nobody has used yet. */
	if (err && db && !server)
		unlink(settings->store);
	if (err && made && !*in_doubt)
		unlink(made);
	return err;
}

static int make_kms(const char *dir, const struct kms_new *new, bool *in_doubt, char *why,
		    size_t why_len)
{
	struct settings *settings = settings_load(dir, why, why_len);
	struct kms *kms;
	int err;

	if (!settings)
		return -1;
	if (new->name) {
		err = make_domain(settings, new->name, in_doubt, why, why_len);
	} else {
		kms = kms_open(dir, true, why, why_len);
		err = kms ? 0 : -1;
		kms_close(kms);
	}
	settings_free(settings);
	return err;
}

int kms_create(const char *dir, const struct kms_new *new, char *why, size_t why_len)
{
	const char *fault = master_key_fault(new->master_key);
	bool in_doubt = false;
	char *conf;
	int err;

	/* Before it is in a file that whoever began has not written. */
	if (fault)
		return keying_sentence(why, why_len, "The name of the master key, %s, %s",
				       new->master_key, fault);
	if (asprintf(&conf, "%s/" SETTINGS_FILE, dir) < 0)
		return keying_sentence(why, why_len, "%s: out of memory", dir);
	err = make_folder(dir, conf, why, why_len) ||
	      settings_write(dir, new->master_key, new->store, why, why_len) ? -1 : 0;
	if (!err) {
		err = make_kms(dir, new, &in_doubt, why, why_len);
		if (err && !in_doubt)
			unlink(conf);
	}
	free(conf);
	if (in_doubt)
		keying_sentence(why + strlen(why), why_len - strlen(why),
				"; whether the domain was made is not known, so the key stays: if prose-kms public %s does not print it, remove %s/" SETTINGS_FILE " and begin again",
				dir, dir);
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
