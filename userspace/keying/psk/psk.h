/* SPDX-License-Identifier: MIT */
/*
 * Keying method psk: KD from a 256-bit key that was provisioned for the peer's identity.
 *
 * No container is exchanged, so nothing but the MAC of the security mode command proves
 * that the peer holds the key: the identity in the result counts from then on. There is
 * no forward secrecy; the method is for bring-up.
 */
#ifndef PROSE_KEYING_PSK_H
#define PROSE_KEYING_PSK_H

#include "../keying.h"

/**
 * psk_new() - make the method from a key file
 * @path: text, one peer a line: `identity hexkey`, 64 hexadecimal digits; empty lines
 *	  and lines that start with # are skipped. The file must be readable by its owner
 *	  only.
 * @why: gets a sentence with file, line and reason when it fails
 * @why_len: its size
 *
 * The object is immutable; a reload makes a new one and frees the old one when no
 * session uses it any more.
 *
 * Return: the method, to be freed with psk_free(), or NULL.
 */
struct keying_method *psk_new(const char *path, char *why, size_t why_len);

/* Wipes the keys and frees. All sessions must be closed. NULL is allowed. */
void psk_free(struct keying_method *method);

/* Peers the file has a key for. */
size_t psk_count(const struct keying_method *method);

#endif
