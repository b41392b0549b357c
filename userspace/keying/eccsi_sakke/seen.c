// SPDX-License-Identifier: MIT
#include "seen.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

struct seen *seen_new(void)
{
	struct seen *seen = calloc(1, sizeof(*seen));

	if (seen)
		seen->users = 1;
	return seen;
}

struct seen *seen_share(struct seen *seen)
{
	seen->users++;
	return seen;
}

void seen_release(struct seen *seen)
{
	if (seen && !--seen->users)
		free(seen);
}

/* Of the sender too, so that nobody can use up the nonce of somebody else. */
static int hash_of(const char *identity, const uint8_t *nonce_1, uint8_t hash[KEYING_HASH_LEN])
{
	uint8_t data[KEYING_NONCE_LEN + KEYING_TEXT_MAX];
	size_t len = strnlen(identity, KEYING_TEXT_MAX);

	memcpy(data, nonce_1, KEYING_NONCE_LEN);
	memcpy(data + KEYING_NONCE_LEN, identity, len);
	return EVP_Digest(data, KEYING_NONCE_LEN + len, hash, NULL, EVP_sha256(), NULL) ? 0 : -1;
}

bool seen_has(const struct seen *seen, const char *identity,
	      const uint8_t nonce_1[static KEYING_NONCE_LEN])
{
	uint8_t hash[KEYING_HASH_LEN];

	if (hash_of(identity, nonce_1, hash))
		return true;
	for (size_t i = 0; i < seen->n; i++)
		if (!memcmp(seen->hash[i], hash, sizeof(hash)))
			return true;
	return false;
}

void seen_add(struct seen *seen, const char *identity,
	      const uint8_t nonce_1[static KEYING_NONCE_LEN])
{
	if (hash_of(identity, nonce_1, seen->hash[seen->next]))
		return;
	seen->next = (seen->next + 1) % SEEN_MAX;
	if (seen->n < SEEN_MAX)
		seen->n++;
}
