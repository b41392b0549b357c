/* SPDX-License-Identifier: MIT */
/* kms.conf in the folder of a KMS. */
#ifndef PROSE_KMS_SETTINGS_H
#define PROSE_KMS_SETTINGS_H

#include <stddef.h>
#include <stdint.h>

#define SETTINGS_FILE		"kms.conf"
#define SETTINGS_STORE		"kms.db"
#define SETTINGS_MASTER_KEY	"master.key"
#define SETTINGS_WRAPPED	"master.wrapped"

/**
 * struct settings - what it says; texts are never NULL
 * @path: the file
 * @master_key: where the key is from that seals the master secrets (master_key.h)
 * @wrapped: file that has it when that is a token
 * @store: where tables are (db.h), absolute
 * @advance_days: how long before a month its keys are handed out
 * @deny_days: how long a deny list is good for
 * @uid_period, @uid_offset: length and offset of key periods of UIDs, in seconds
 * @listen: address and port of prose-kms serve
 * @chain: certificate of the server
 * @key: its private key
 * @roots: certificates of the authorities that UEs' certificates come from; ended by NULL
 * @crls: their CRLs; ended by NULL
 * @rate: requests a minute that one identity may make
 * @connections: clients at a time
 */
struct settings {
	char *path;
	char *master_key;
	char *wrapped;
	char *store;
	unsigned int advance_days;
	unsigned int deny_days;
	uint32_t uid_period, uid_offset;
	char *listen;
	char *chain, *key;
	char **roots, **crls;
	unsigned int rate;
	unsigned int connections;
};

/**
 * settings_load() - read kms.conf
 * @dir: the folder
 * @why: gets a sentence with file and line when it cannot be used
 * @why_len: its size
 *
 * Names of files are taken from the folder unless they begin with a slash.
 *
 * Return: the settings, to be freed with settings_free(), or NULL.
 */
struct settings *settings_load(const char *dir, char *why, size_t why_len);

/* NULL is allowed. */
void settings_free(struct settings *settings);

/**
 * settings_write() - the first kms.conf of a folder
 * @dir: the folder
 * @master_key: as above
 * @store: as above
 * @why: gets a sentence when it fails
 * @why_len: its size
 *
 * Return: 0 or -1.
 */
int settings_write(const char *dir, const char *master_key, const char *store, char *why,
		   size_t why_len);

#endif
