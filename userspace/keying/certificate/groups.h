/* SPDX-License-Identifier: MIT */
/* Key exchange groups: what of the wanted ones the OpenSSL at hand has. */
#ifndef PROSE_KEYING_GROUPS_H
#define PROSE_KEYING_GROUPS_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/ssl.h>

/**
 * struct group - one that is wanted
 * @name: OpenSSL's
 * @share: send a key share of it, so that a peer that takes it needs no second round
 */
struct group {
	const char *name;
	bool share;
};

/* Best first; those that resist quantum computers before those that do not. */
#define GROUPS_N	4
extern const struct group groups[GROUPS_N];

/**
 * groups_set() - use those there are, in their order
 * @ssl: where to
 * @wanted: which
 * @n: how many of them
 *
 * Asked for one by one, since a list with one that is not known is refused as a whole: it
 * depends on release, build and providers.
 *
 * Return: false when there is none.
 */
bool groups_set(SSL_CTX *ssl, const struct group *wanted, size_t n);

#endif
