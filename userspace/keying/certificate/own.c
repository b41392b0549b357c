// SPDX-License-Identifier: MIT
#include "load.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "../sentence.h"
#include "../x509_text.h"
#include "identity.h"
#include "token.h"

#define CHAIN_MAX	8	/* own intermediate certificates */

static int take_own(struct load *load, const char *path, const struct pem_block *block)
{
	X509 *certificate = pem_certificate(path, block, load->why, load->why_len);

	if (!certificate)
		return -1;
	if (!load->leaf) {
		load->leaf = certificate;
		return 0;
	}
	if (sk_X509_num(load->chain) >= CHAIN_MAX) {
		X509_free(certificate);
		return keying_sentence(load->why, load->why_len,
				       "%s: line %u: item %u: more than %u certificates above the own one",
				       path, block->line, block->item, CHAIN_MAX);
	}
	if (!sk_X509_push(load->chain, certificate)) {
		X509_free(certificate);
		return load_out_of_memory(load);
	}
	return 0;
}

/* Both may be on one token, so it is opened once. */
static struct token *token_of(struct load *load, const char *uri)
{
	struct credentials *credentials = load->credentials;

	if (!credentials->token)
		credentials->token = token_open(uri, load->files->pin_file, load->why,
						load->why_len);
	return credentials->token;
}

/* A token has the certificate alone; load_own_chain() looks for what is above it. */
static int take_from_token(struct load *load, const char *uri)
{
	struct token *token = token_of(load, uri);

	if (token)
		load->leaf = token_certificate(token, uri, load->why, load->why_len);
	return load->leaf ? 0 : -1;
}

static int use_certificate(struct load *load, const char *path)
{
	struct credentials *credentials = load->credentials;
	int form;

	load_subject(load->leaf, credentials->subject, sizeof(credentials->subject));
	credentials->not_before = x509_time(X509_get0_notBefore(load->leaf));
	credentials->not_after = x509_time(X509_get0_notAfter(load->leaf));
	credentials->newest = credentials->not_before;
	if (identity_of(load->leaf, "", credentials->identity, &form) != IDENTITY_OK)
		return keying_sentence(load->why, load->why_len,
				       "%s: item 1: %s has no identity: neither a subject alternative name of type URI or DNS nor a common name that can be used",
				       path, credentials->subject);
	if (!SSL_CTX_use_certificate(credentials->ssl, load->leaf) ||
	    !SSL_CTX_set1_chain(credentials->ssl, load->chain))
		return keying_sentence(load->why, load->why_len, "%s: %s cannot be used: %s", path,
				       credentials->subject, keying_openssl_reason());
	load_describe(credentials->file, sizeof(credentials->file), &path, 1);
	return 0;
}

static int load_certificate(struct load *load)
{
	const char *path = load->files->certificate;
	char shown[96];

	if (!token_named(path)) {
		if (load_blocks(load, path, "CERTIFICATE", take_own))
			return -1;
		return use_certificate(load, path);
	}
	if (take_from_token(load, path))
		return -1;
	return use_certificate(load, token_shown(path, shown, sizeof(shown)));
}

static int use_key(struct load *load, const char *where, EVP_PKEY *key)
{
	int ret = -1;

	if (!X509_check_private_key(load->leaf, key))
		keying_sentence(load->why, load->why_len,
				"%s: this is not the private key of %s in %s", where,
				load->credentials->subject, load->files->certificate);
	else if (!SSL_CTX_use_PrivateKey(load->credentials->ssl, key))
		keying_sentence(load->why, load->why_len, "%s: cannot be used: %s", where,
				keying_openssl_reason());
	else
		ret = 0;
	ERR_clear_error();
	return ret;
}

static int load_key_file(struct load *load)
{
	const char *path = load->files->key;
	struct pem_block block = { 0 };
	char where[KEYING_TEXT_MAX];
	struct keying_file file;
	EVP_PKEY *key = NULL;
	int more, ret;

	if (keying_file_read(path, true, &file, load->why, load->why_len))
		return -1;
	/* `openssl ecparam -genkey` puts the curve in front of the key. */
	do {
		more = pem_next(path, &file, &block, load->why, load->why_len);
	} while (more > 0 && !strcmp(block.label, "EC PARAMETERS"));
	if (!more)
		keying_sentence(load->why, load->why_len, "%s: holds no PEM private key", path);
	else if (more > 0)
		key = pem_private_key(path, &block, load->why, load->why_len);
	keying_file_free(&file);
	if (!key)
		return -1;
	keying_sentence(where, sizeof(where), "%s: line %u", path, block.line);
	ret = use_key(load, where, key);
	EVP_PKEY_free(key);
	return ret;
}

static int load_key(struct load *load)
{
	const char *uri = load->files->key;
	struct token *token;
	EVP_PKEY *key;
	char shown[96];
	int ret;

	if (!token_named(uri))
		return load_key_file(load);
	token = token_of(load, uri);
	key = token ? token_key(token, uri, load->why, load->why_len) : NULL;
	if (!key)
		return -1;
	ret = use_key(load, token_shown(uri, shown, sizeof(shown)), key);
	EVP_PKEY_free(key);
	return ret;
}

/*
 * New CRLs alone: certificate and key stay what they are. What the files hold by now may be
 * half of a renewal, and a token may have been taken out.
 */
static int keep_own(struct load *load)
{
	SSL_CTX *ssl = load->before->ssl;
	STACK_OF(X509) *chain = NULL;

	load->credentials->token = token_hold(load->before->token);
	if (!X509_up_ref(SSL_CTX_get0_certificate(ssl)))
		return load_out_of_memory(load);
	load->leaf = SSL_CTX_get0_certificate(ssl);
	if (!SSL_CTX_get0_chain_certs(ssl, &chain))
		return load_out_of_memory(load);
	sk_X509_free(load->chain);
	load->chain = chain ? X509_chain_up_ref(chain) : sk_X509_new_null();
	if (!load->chain)
		return load_out_of_memory(load);
	if (use_certificate(load, load->files->certificate))
		return -1;
	return use_key(load, load->files->key, SSL_CTX_get0_privatekey(ssl));
}

int load_own(struct load *load)
{
	if (load->before && load->files->keep_own)
		return keep_own(load);
	return load_certificate(load) || load_key(load) ? -1 : 0;
}

int load_own_chain(struct load *load)
{
	SSL_CTX *ssl = load->credentials->ssl;
	STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(SSL_CTX_get_cert_store(ssl));
	X509 *below = load->leaf, *ca;
	int i;

	if (!token_named(load->files->certificate) || sk_X509_num(load->chain))
		return 0;
	for (i = 0; i < sk_X509_OBJECT_num(objects); i++) {
		ca = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
		/* Peers have the root; it is not sent. */
		if (!ca || (X509_get_extension_flags(ca) & EXFLAG_SS) ||
		    X509_check_issued(ca, below) != X509_V_OK)
			continue;
		if (sk_X509_num(load->chain) >= CHAIN_MAX)
			break;
		if (!X509_up_ref(ca) || !sk_X509_push(load->chain, ca))
			return load_out_of_memory(load);
		below = ca;
		i = -1;		/* what is above this one may stand before it */
	}
	if (!SSL_CTX_set1_chain(ssl, load->chain))
		return load_out_of_memory(load);
	return 0;
}
