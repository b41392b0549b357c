// SPDX-License-Identifier: MIT
#include "pem.h"
#include "sentence.h"

#include <string.h>

#include <openssl/bio.h>
#include <openssl/pem.h>

#define BEGIN	"-----BEGIN "
#define END	"-----END "
#define DASHES	"-----"

static const char *line_end(const char *at, const char *end)
{
	const char *nl = memchr(at, '\n', (size_t)(end - at));

	return nl ? nl + 1 : end;
}

static int starts(const char *at, const char *end, const char *with)
{
	size_t len = strlen(with);

	return (size_t)(end - at) >= len && !memcmp(at, with, len);
}

int pem_next(const char *path, const struct keying_file *file, struct pem_block *block,
	     char *why, size_t why_len)
{
	const char *at = block->text ? block->text + block->len : file->data;
	const char *end = file->data + file->len;
	const char *next, *dashes, *c;
	unsigned int line = 1;
	size_t len;

	for (c = file->data; c < at; c++)
		line += *c == '\n';
	for (; at < end && !starts(at, end, BEGIN); at = line_end(at, end))
		line++;
	if (at >= end)
		return 0;
	block->item++;
	block->line = line;
	block->text = at;
	next = line_end(at, end);
	at += strlen(BEGIN);
	dashes = memmem(at, (size_t)(next - at), DASHES, strlen(DASHES));
	len = dashes ? (size_t)(dashes - at) : sizeof(block->label);
	if (len >= sizeof(block->label))
		return keying_sentence(why, why_len, "%s: line %u: this BEGIN line is broken",
				       path, line);
	memcpy(block->label, at, len);
	block->label[len] = '\0';
	for (at = next; at < end; at = next) {
		next = line_end(at, end);
		if (starts(at, end, BEGIN))
			break;
		if (starts(at, end, END)) {
			block->len = (size_t)(next - block->text);
			return 1;
		}
	}
	return keying_sentence(why, why_len, "%s: line %u: item %u (%s) has no END line",
			       path, line, block->item, block->label);
}

static BIO *block_bio(const struct pem_block *block)
{
	return BIO_new_mem_buf(block->text, (int)block->len);
}

static int broken(const char *path, const struct pem_block *block, const char *what,
		  char *why, size_t why_len)
{
	return keying_sentence(why, why_len, "%s: line %u: item %u is not a valid %s: %s", path,
			       block->line, block->item, what, keying_openssl_reason());
}

X509 *pem_certificate(const char *path, const struct pem_block *block,
		      char *why, size_t why_len)
{
	BIO *bio = block_bio(block);
	X509 *certificate = NULL;

	if (bio)
		certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	BIO_free(bio);
	if (!certificate)
		broken(path, block, "certificate", why, why_len);
	return certificate;
}

X509_CRL *pem_crl(const char *path, const struct pem_block *block, char *why, size_t why_len)
{
	BIO *bio = block_bio(block);
	X509_CRL *crl = NULL;

	if (bio)
		crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);
	BIO_free(bio);
	if (!crl)
		broken(path, block, "CRL", why, why_len);
	return crl;
}

/* Called for an encrypted key: a daemon has nobody to ask. */
static int no_passphrase(char *buffer, int size, int writing, void *asked)
{
	(void)buffer;
	(void)size;
	(void)writing;
	*(int *)asked = 1;
	return -1;
}

EVP_PKEY *pem_private_key(const char *path, const struct pem_block *block,
			  char *why, size_t why_len)
{
	BIO *bio = block_bio(block);
	EVP_PKEY *key = NULL;
	int asked = 0;

	if (bio)
		key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, &asked);
	BIO_free(bio);
	if (key)
		return key;
	if (asked) {
		keying_openssl_reason();
		keying_sentence(why, why_len,
				"%s: line %u: the private key is encrypted; store it without a passphrase",
				path, block->line);
	} else {
		broken(path, block, "private key", why, why_len);
	}
	return NULL;
}
