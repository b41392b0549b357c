/* SPDX-License-Identifier: MIT */
/*
 * What a UE has from its KMS: keys of identities, month by month, in a file that is sealed, or in
 * clear and its owner's alone.
 *
 * Inside are key files (mikey/key_file.h), one behind the other, one for each month: where the word
 * comes again with which the file begins, the next one begins.
 */
#ifndef PROSE_KEYING_IDENTITY_KEYS_H
#define PROSE_KEYING_IDENTITY_KEYS_H

#include "keying/file.h"
#include "mikey/keys.h"

/* Months in a file; a KMS does not hand out more than two, and not many by hand. */
#define IDENTITY_KEYS_MAX	64

/**
 * struct identity_trust - the communities whose KMS this UE trusts
 * @communities: they
 * @n: how many
 * @before: the trust that this one is to follow, or NULL: what it has is not made once more. Needed
 *	    only while files are added
 */
struct identity_trust {
	struct mikey_community **communities;
	size_t n;
	const struct identity_trust *before;
};

/* Keys, checked. */
struct identity_keys;

/**
 * identity_trust_add() - trust the community that a file of public parameters is about
 * @trust: all zero to begin with, but for what it follows
 * @path: the file
 * @why: gets a sentence when it is none, or its KMS is trusted with other parameters already
 * @why_len: its size
 *
 * Return: 0 or -1; @trust is then as it was.
 */
int identity_trust_add(struct identity_trust *trust, const char *path, char *why, size_t why_len);

/* Keys of these communities have to be gone by then. */
void identity_trust_free(struct identity_trust *trust);

/* The trusted community of that KMS, or NULL. */
const struct mikey_community *identity_trust_find(const struct identity_trust *trust,
						  const char *kms);

/**
 * identity_keys_load() - read a file of keys and check all that is in it
 * @path: the file
 * @seal: where the key is from that it is sealed with (keying/store_key.h); NULL when it is in clear
 * @trust: communities that the keys may be of; NULL: those that the file has itself, which are as good
 *	   as the file
 * @why: gets a sentence with the file and the reason when anything in it is not good
 * @why_len: its size
 *
 * Each key is checked against what its community publishes (RFC 6507 5.1.2, RFC 6508 6.1.2), so keys
 * that do not work are found when they come, not when they are needed.
 *
 * Return: the keys, or NULL.
 */
struct identity_keys *identity_keys_load(const char *path, const char *seal,
					 const struct identity_trust *trust, char *why,
					 size_t why_len);

/* The same for contents that came another way; @path is then only for sentences. */
struct identity_keys *identity_keys_parse(const char *path, const struct keying_file *file,
					  const struct identity_trust *trust, char *why,
					  size_t why_len);

/* Wipes them; NULL is allowed. */
void identity_keys_free(struct identity_keys *keys);

/* How many there are, and the one at @i, by KMS, identity and month. */
size_t identity_keys_count(const struct identity_keys *keys);
const struct mikey_keys *identity_keys_at(const struct identity_keys *keys, size_t i);

/**
 * identity_keys_find() - those of an identity and a month
 * @keys: the keys
 * @kms: name of the KMS; NULL: any
 * @uri: the identity; NULL: any
 * @month: the month
 *
 * Return: the keys, or NULL when there are none.
 */
const struct mikey_keys *identity_keys_find(const struct identity_keys *keys, const char *kms,
					    const char *uri, const struct mikey_month *month);

#endif
