/* SPDX-License-Identifier: MIT */
/*
 * Requests that were answered lately, by who sent them and Nonce_1: shared by a method and by those
 * that replace it when the configuration is read again. It is not kept over a restart, for what it saves
 * is work and not secrets: the SSV of an answer is always a new one.
 */
#ifndef PROSE_KEYING_ECCSI_SAKKE_SEEN_H
#define PROSE_KEYING_ECCSI_SAKKE_SEEN_H

#include <stdbool.h>

#include "../keying.h"

#define SEEN_MAX	1024

/**
 * struct seen - shared
 * @users: methods that have it
 * @next: where the next request goes; the oldest gives way
 * @n: how many there are
 * @hash: SHA-256 of the identity and Nonce_1 of each
 */
struct seen {
	unsigned int users;
	size_t next;
	size_t n;
	uint8_t hash[SEEN_MAX][KEYING_HASH_LEN];
};

/* For one user; NULL without memory. */
struct seen *seen_new(void);
/* For one more. */
struct seen *seen_share(struct seen *seen);
/* One less; the last one frees it. NULL is allowed. */
void seen_release(struct seen *seen);

/* Was there such a request? What cannot be hashed counts as seen. */
bool seen_has(const struct seen *seen, const char *identity,
	      const uint8_t nonce_1[static KEYING_NONCE_LEN]);
/* It is authentic: from now on it was there. */
void seen_add(struct seen *seen, const char *identity,
	      const uint8_t nonce_1[static KEYING_NONCE_LEN]);

#endif
