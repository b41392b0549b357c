/* SPDX-License-Identifier: MIT */
/* A KMS at work: its folder, its store, its domain. */
#ifndef PROSE_KMS_KMS_H
#define PROSE_KMS_KMS_H

#include "domain.h"
#include "settings.h"

/**
 * struct kms - an open KMS
 * @settings: kms.conf
 * @db: the store
 * @domain: with its secrets, unless it was opened without
 */
struct kms {
	struct settings *settings;
	struct db *db;
	struct domain domain;
};

/**
 * struct kms_new - what kms_create() makes
 * @name: of the KMS; NULL: the store has a domain already, and this is one more instance for it
 * @master_key: where the key is from that seals the master secrets
 * @store: where tables are
 */
struct kms_new {
	const char *name;
	const char *master_key;
	const char *store;
};

/**
 * kms_create() - make a folder for a KMS
 * @dir: the folder; it may be there, with no kms.conf in it
 * @new: what it is to be
 * @why: gets a sentence when it fails
 * @why_len: its size
 *
 * Return: 0 or -1.
 */
int kms_create(const char *dir, const struct kms_new *new, char *why, size_t why_len);

/**
 * kms_open() - open it
 * @dir: the folder
 * @secrets: the master secrets are needed
 * @why: gets a sentence when it fails
 * @why_len: its size
 *
 * Return: the KMS, or NULL.
 */
struct kms *kms_open(const char *dir, bool secrets, char *why, size_t why_len);

/* Wipes the secrets; NULL is allowed. */
void kms_close(struct kms *kms);

#endif
