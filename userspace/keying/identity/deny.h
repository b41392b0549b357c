/* SPDX-License-Identifier: MIT */
/*
 * Deny list of a KMS: identities whose keys, of whatever month, are not to be trusted any more. Not
 * getting new keys takes a month to work; this works as soon as a UE has it. Lines of text:
 *
 *	deny 1				version
 *	kms kms.example.org		whose
 *	number 12			grows with each change
 *	issued 2026-11-26T10:00:00Z
 *	until 2026-12-26T10:00:00Z	by then there is a newer one
 *	identity tel:+447700900123	each that is denied, in the order of their octets
 *	signature ...			ECCSI, in hexadecimal digits, of all the octets before this line
 *
 * It is signed under the identity "prose-deny", 0, name of the KMS, 0, which no user has: theirs begin
 * with a month.
 */
#ifndef PROSE_KEYING_IDENTITY_DENY_H
#define PROSE_KEYING_IDENTITY_DENY_H

#include <stdbool.h>
#include <stdint.h>

#include "keying/file.h"
#include "mikey/keys.h"

#define DENY_IDENTITIES_MAX	100000
#define DENY_TIME_LEN		21	/* "2026-11-26T10:00:00Z", with its end */

/**
 * struct deny_list - a deny list
 * @kms: whose
 * @number: which
 * @issued: when, seconds since 1970
 * @until: the next one is due
 * @identities: sorted
 * @n: how many
 */
struct deny_list {
	char kms[MIKEY_URI_MAX + 1];
	uint64_t number;
	int64_t issued, until;
	char **identities;
	size_t n;
};

/* The identity that signs those of a KMS. 0, or -1 when its name is too long. */
int deny_identifier(const char *kms, struct mikey_identifier *id);

/**
 * deny_format() - a deny list without its signature, which is what is signed
 * @list: the list; its identities are sorted, none twice
 * @file: gets it, to be freed with keying_file_free()
 *
 * Return: 0, or -1 without memory.
 */
int deny_format(const struct deny_list *list, struct keying_file *file);

/* Puts the signature behind it. 0, or -1 without memory. */
int deny_append(struct keying_file *file, const uint8_t signature[static ECCSI_SIGNATURE_LEN]);

/**
 * deny_parse() - a deny list, once its signature has verified
 * @path: its name, for sentences
 * @file: contents
 * @community: whose KMS has to have signed it
 * @why: gets a sentence when it is not good
 * @why_len: its size
 *
 * Return: the list, or NULL.
 */
struct deny_list *deny_parse(const char *path, const struct keying_file *file,
			     const struct mikey_community *community, char *why, size_t why_len);

/* The same from a file. */
struct deny_list *deny_load(const char *path, const struct mikey_community *community, char *why,
			    size_t why_len);

/* NULL is allowed. */
void deny_free(struct deny_list *list);

/*
 * Has its time ended? Then it does not tell any more who is not denied: a newer one may have been kept
 * from this UE.
 */
bool deny_is_over(const struct deny_list *list, int64_t now);

/* A time as it stands in a list. */
const char *deny_time_text(int64_t seconds, char out[static DENY_TIME_LEN]);

/* Is the identity on it? */
bool deny_has(const struct deny_list *list, const char *uri);

/*
 * May @list take the place of @present, which may be NULL? Not when it is older, or another KMS's:
 * else whoever keeps a new one from a UE could give it an old one again.
 */
bool deny_replaces(const struct deny_list *list, const struct deny_list *present);

#endif
