/* SPDX-License-Identifier: MIT */
/*
 * The key that seals the master secrets: from a file, a keyring or a credential
 * (keying/store_key.h), or by a PKCS#11 token. A token has an RSA key that it does not give away;
 * master.wrapped in the folder has the sealing key, encrypted to that (RSAES-OAEP), so that it
 * can be had with the token and its PIN only.
 */
#ifndef PROSE_KMS_MASTER_KEY_H
#define PROSE_KMS_MASTER_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "keying/sealing.h"
#include "settings.h"

/* Is it of one of the forms? NULL, or what is wrong with it. */
const char *master_key_fault(const char *from);

/* Is it the name of a file? */
bool master_key_is_file(const char *from);

/**
 * master_key_make() - get the key, or make one where there is none
 * @settings: where from
 * @key: gets it; the caller wipes it
 * @made: gets the file that was made for it, or NULL
 * @why: gets a sentence when it fails
 * @why_len: its size
 *
 * Return: 0 or -1.
 */
int master_key_make(const struct settings *settings, struct sealing_key *key, const char **made,
		    char *why, size_t why_len);

/* Get the key; none is made. */
int master_key_read(const struct settings *settings, struct sealing_key *key, char *why,
		    size_t why_len);

#endif
