/* SPDX-License-Identifier: MIT */
/*
 * Where a key comes from that seals what is stored: what the daemon keeps, or a KMS:
 *
 *	/FILE			32 octets, or 64 hexadecimal digits; store_key_load() makes one
 *	keyring:DESCRIPTION	a key of type "user" in the session, user or persistent keyring
 *	credential:NAME		a credential of systemd, which may be sealed to the TPM
 */
#ifndef PROSE_KEYING_STORE_KEY_H
#define PROSE_KEYING_STORE_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "sealing.h"

/* Is it the name of a file? */
bool store_key_is_file(const char *from);

/* Is it of one of the forms above? NULL, or what is wrong with it. */
const char *store_key_fault(const char *from);

/**
 * store_key_read() - get the key
 * @from: from where
 * @key: gets it; the caller wipes it
 * @why: gets a sentence when there is none
 * @why_len: its size
 *
 * Return: 0 or -1.
 */
int store_key_read(const char *from, struct sealing_key *key, char *why, size_t why_len);

/**
 * store_key_load() - get the key, or make the file that has it
 * @from: from where
 * @key: gets it; the caller wipes it
 * @made: it was made just now
 * @why: gets a sentence when there is none
 * @why_len: its size
 *
 * Return: 0 or -1.
 */
int store_key_load(const char *from, struct sealing_key *key, bool *made, char *why,
		   size_t why_len);

#endif
