// SPDX-License-Identifier: MIT
#include "sealed_file.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "sentence.h"

#define MAGIC		"prosefile"
#define MAGIC_LEN	(sizeof(MAGIC) - 1)
#define VERSION		1
#define ID_AT		(MAGIC_LEN + 1)
#define NONCE_AT	(ID_AT + SEALING_KEY_ID_LEN)
#define HEADER_LEN	(NONCE_AT + SEALING_NONCE_LEN)

bool sealed_file_is(const struct keying_file *file)
{
	return file->len >= MAGIC_LEN && !memcmp(file->data, MAGIC, MAGIC_LEN);
}

int sealed_file_open(const char *path, const struct sealing_key *key,
		     const struct keying_file *sealed, struct keying_file *file, char *why,
		     size_t why_len)
{
	const uint8_t *octets = (const uint8_t *)sealed->data;
	uint8_t id[SEALING_KEY_ID_LEN];
	size_t len;

	*file = (struct keying_file){ 0 };
	if (!sealed_file_is(sealed))
		return keying_sentence(why, why_len, "%s: is not a sealed file", path);
	if (sealed->len < HEADER_LEN + SEALING_TAG_LEN)
		return keying_sentence(why, why_len, "%s: is cut off; copy it anew", path);
	if (octets[MAGIC_LEN] != VERSION)
		return keying_sentence(why, why_len,
				       "%s: is a sealed file of version %u; this program knows version %u",
				       path, octets[MAGIC_LEN], VERSION);
	if (sealing_key_id(key, id))
		return keying_sentence(why, why_len, "%s: OpenSSL failed", path);
	if (memcmp(octets + ID_AT, id, sizeof(id)))
		return keying_sentence(why, why_len,
				       "%s: is sealed with another key than the one given; both ends need the same",
				       path);
	len = sealed->len - HEADER_LEN;
	file->data = malloc(len + 1);
	if (!file->data)
		return keying_sentence(why, why_len, "%s: out of memory", path);
	if (sealing_open(key, octets + NONCE_AT, octets, HEADER_LEN, octets + HEADER_LEN, len,
			 (uint8_t *)file->data)) {
		free(file->data);
		file->data = NULL;
		return keying_sentence(why, why_len,
				       "%s: is damaged or was changed; copy it anew", path);
	}
	file->len = len - SEALING_TAG_LEN;
	file->data[file->len] = 0;
	return 0;
}

int sealed_file_write(const char *path, const struct sealing_key *key, const void *data, size_t len,
		      bool replace, char *why, size_t why_len)
{
	size_t size = HEADER_LEN + len + SEALING_TAG_LEN;
	uint8_t *octets = calloc(1, size);
	int rc = -1;

	if (!octets)
		return keying_sentence(why, why_len, "%s: out of memory", path);
	memcpy(octets, MAGIC, MAGIC_LEN);
	octets[MAGIC_LEN] = VERSION;
	if (sealing_key_id(key, octets + ID_AT) ||
	    RAND_bytes(octets + NONCE_AT, SEALING_NONCE_LEN) != 1 ||
	    sealing_seal(key, octets + NONCE_AT, octets, HEADER_LEN, data, len,
			 octets + HEADER_LEN))
		keying_sentence(why, why_len, "%s: cannot be sealed, OpenSSL failed", path);
	else
		rc = keying_file_write(path, octets, size, 0600, replace, why, why_len);
	OPENSSL_cleanse(octets, size);
	free(octets);
	return rc;
}
