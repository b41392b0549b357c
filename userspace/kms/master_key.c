// SPDX-License-Identifier: MIT
#include "master_key.h"

#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "keying/certificate/token.h"
#include "keying/file.h"
#include "keying/sentence.h"
#include "keying/store_key.h"

/* Of an RSA key of 4096 bits. */
#define WRAPPED_MAX	512

const char *master_key_fault(const char *from)
{
	return token_named(from) ? NULL : store_key_fault(from);
}

bool master_key_is_file(const char *from)
{
	return !token_named(from) && store_key_is_file(from);
}

/* OAEP with the hashes that tokens have. */
static EVP_PKEY_CTX *oaep(EVP_PKEY *rsa, int (*init)(EVP_PKEY_CTX *ctx))
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(rsa, NULL);

	if (ctx && EVP_PKEY_is_a(rsa, "RSA") && init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

static int wrap(EVP_PKEY *rsa, const struct settings *settings, struct sealing_key *key, char *why,
		size_t why_len)
{
	EVP_PKEY_CTX *ctx = oaep(rsa, EVP_PKEY_encrypt_init);
	uint8_t wrapped[WRAPPED_MAX];
	size_t len = sizeof(wrapped);
	int err;

	err = !ctx || EVP_PKEY_get_size(rsa) > WRAPPED_MAX ||
	      RAND_priv_bytes(key->octets, sizeof(key->octets)) != 1 ||
	      EVP_PKEY_encrypt(ctx, wrapped, &len, key->octets, sizeof(key->octets)) != 1;
	EVP_PKEY_CTX_free(ctx);
	if (err)
		return keying_sentence(why, why_len,
				       "master-key: nothing can be encrypted to the token's key, which has to be of RSA, 2048 to 4096 bits: %s",
				       keying_openssl_reason());
	return keying_file_write(settings->wrapped, wrapped, len, 0600, false, why, why_len);
}

static int unwrap(EVP_PKEY *rsa, const struct settings *settings, struct sealing_key *key, char *why,
		  size_t why_len)
{
	uint8_t plain[WRAPPED_MAX];
	size_t len = sizeof(plain);
	struct keying_file file;
	EVP_PKEY_CTX *ctx;
	int err;

	if (keying_file_read(settings->wrapped, true, &file, why, why_len))
		return -1;
	ctx = oaep(rsa, EVP_PKEY_decrypt_init);
	err = !ctx || EVP_PKEY_decrypt(ctx, plain, &len, (const uint8_t *)file.data, file.len) != 1 ||
	      len != sizeof(key->octets);
	if (!err)
		memcpy(key->octets, plain, sizeof(key->octets));
	OPENSSL_cleanse(plain, sizeof(plain));
	EVP_PKEY_CTX_free(ctx);
	keying_file_free(&file);
	if (!err)
		return 0;
	ERR_clear_error();
	return keying_sentence(why, why_len,
			       "%s: the token's key does not open it; it is damaged, or master-key names another key than it was made for",
			       settings->wrapped);
}

static int by_token(const struct settings *settings, bool make, struct sealing_key *key, char *why,
		    size_t why_len)
{
	struct token *token = token_open(settings->master_key, NULL, why, why_len);
	EVP_PKEY *rsa;
	int err = -1;

	if (!token)
		return -1;
	rsa = token_key(token, settings->master_key, why, why_len);
	if (rsa)
		err = make ? wrap(rsa, settings, key, why, why_len) : 0;
	/* Also what was made: a token that cannot decrypt is to be found out now. */
	if (!err)
		err = unwrap(rsa, settings, key, why, why_len);
	EVP_PKEY_free(rsa);
	token_release(token);
	return err;
}

int master_key_read(const struct settings *settings, struct sealing_key *key, char *why,
		    size_t why_len)
{
	return token_named(settings->master_key) ? by_token(settings, false, key, why, why_len) :
						   store_key_read(settings->master_key, key, why, why_len);
}

int master_key_make(const struct settings *settings, struct sealing_key *key, const char **made,
		    char *why, size_t why_len)
{
	bool is_new = false;
	int err;

	*made = NULL;
	if (token_named(settings->master_key)) {
		is_new = access(settings->wrapped, F_OK);
		err = by_token(settings, is_new, key, why, why_len);
		*made = is_new ? settings->wrapped : NULL;
		/* Of a first try that failed. */
		if (err && is_new)
			unlink(settings->wrapped);
		return err;
	}
	err = store_key_load(settings->master_key, key, &is_new, why, why_len);
	*made = is_new ? settings->master_key : NULL;
	return err;
}
