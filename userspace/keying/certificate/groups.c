// SPDX-License-Identifier: MIT
#include "groups.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>

#define NAME_LEN	32
#define LIST_LEN	256

/*
 * OpenSSL has the hybrids of ML-KEM from 3.5 on, an older one may have them of a provider.
 * Two shares, so that a peer without the hybrids needs no second round either.
 */
const struct group groups[GROUPS_N] = {
	{ "X25519MLKEM768", true },
	{ "SecP256r1MLKEM768", false },
	{ "X25519", true },
	{ "P-256", false },
};

/*
 * The name as it goes into a list. The star that asks for a share came with 3.5; before, it
 * is the first of the list that there is a share of.
 */
static bool known(SSL_CTX *ssl, const struct group *group, char name[NAME_LEN])
{
	snprintf(name, NAME_LEN, "*%s", group->name);
	if (group->share && SSL_CTX_set1_groups_list(ssl, name))
		return true;
	memmove(name, name + 1, strlen(name));
	return SSL_CTX_set1_groups_list(ssl, name);
}

bool groups_set(SSL_CTX *ssl, const struct group *wanted, size_t n)
{
	char list[LIST_LEN] = "", name[NAME_LEN];
	size_t i, at = 0;

	for (i = 0; i < n && at + NAME_LEN + 1 < sizeof(list); i++)
		if (known(ssl, &wanted[i], name))
			at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s",
					       at ? ":" : "", name);
	ERR_clear_error();
	return at && SSL_CTX_set1_groups_list(ssl, list);
}
