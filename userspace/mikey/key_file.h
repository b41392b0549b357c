/* SPDX-License-Identifier: MIT */
/*
 * Files of communities and of keys. Each line is a word and its value; # begins a comment.
 *
 *	version 1			of this form; what has none is of version 1
 *	kms kms.example.org		name of the KMS
 *	kpak 04...			KMS Public Authentication Key, in hexadecimal digits
 *	z 04...				KMS Public Key
 *
 * is a community, and secret in nothing. Keys of a user in it go on with
 *
 *	identity tel:+447700900123	or: uid 15a4...	(scheme 2), which has no month
 *	month 2026-11
 *	ssk ...				Secret Signing Key
 *	pvt 04...			Public Validation Token
 *	rsk 04...			Receiver Secret Key
 */
#ifndef PROSE_MIKEY_KEY_FILE_H
#define PROSE_MIKEY_KEY_FILE_H

#include "keying/file.h"
#include "keys.h"

/* What was in one; the community may be had by others too. */
struct mikey_key_file {
	struct mikey_community *community;
	struct mikey_keys *keys;	/* NULL in a file of a community */
};

/**
 * mikey_key_file_parse() - what a file says, once it was found to be good
 * @path: its name, for sentences
 * @file: its contents
 * @parsed: gets it, to be freed with mikey_key_file_free()
 * @why: gets a sentence with file and line when it is not
 * @why_len: its size
 *
 * Return: 0 or -1.
 */
int mikey_key_file_parse(const char *path, const struct keying_file *file,
			 struct mikey_key_file *parsed, char *why, size_t why_len);

/* The same; of a community that is among the @n known ones, that is shared and not made once more. */
int mikey_key_file_parse_among(const char *path, const struct keying_file *file,
			       struct mikey_community *const *known, size_t n,
			       struct mikey_key_file *parsed, char *why, size_t why_len);
void mikey_key_file_free(struct mikey_key_file *parsed);

/**
 * mikey_key_file_format() - the contents of such a file
 * @community: the community
 * @user: NULL for a file of a community
 * @material: keys of the user
 * @file: gets them, to be freed with keying_file_free()
 *
 * Return: 0, or -1 without memory.
 */
int mikey_key_file_format(const struct mikey_community *community, const struct mikey_user *user,
			  const struct mikey_key_material *material, struct keying_file *file);

#endif
