/* SPDX-License-Identifier: MIT */
/*
 * A sealed file, for what is secret and has to travel, such as keys of an identity from their KMS to
 * a UE. Octets:
 *
 *	0-8	"prosefile"
 *	9	version, 1
 *	10-17	which key seals it, sealing_key_id()
 *	18-29	nonce, random: a key seals a few thousand files, not billions
 *	30-	AES-256-GCM of the contents, tag last; the octets before are authenticated with it
 */
#ifndef PROSE_KEYING_SEALED_FILE_H
#define PROSE_KEYING_SEALED_FILE_H

#include "file.h"
#include "sealing.h"

/* Does it begin like a sealed file? */
bool sealed_file_is(const struct keying_file *file);

/**
 * sealed_file_open() - unseal what was read
 * @path: its name, for sentences
 * @key: the key
 * @sealed: contents of the file
 * @file: gets what is in it, to be freed with keying_file_free()
 * @why: gets a sentence when it fails
 * @why_len: its size
 *
 * Return: 0 or -1.
 */
int sealed_file_open(const char *path, const struct sealing_key *key,
		     const struct keying_file *sealed, struct keying_file *file, char *why,
		     size_t why_len);

/**
 * sealed_file_write() - seal, and put the file in place at once or not at all
 * @path: the file
 * @key: the key
 * @data: contents
 * @len: octets
 * @replace: an existing file is replaced, otherwise it is an error
 * @why: gets a sentence when it fails
 * @why_len: its size
 *
 * Return: 0 or -1.
 */
int sealed_file_write(const char *path, const struct sealing_key *key, const void *data, size_t len,
		      bool replace, char *why, size_t why_len);

#endif
