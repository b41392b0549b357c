/* SPDX-License-Identifier: MIT */
/* The blocks of a PEM file (RFC 7468), one by one, with the place each stands at. */
#ifndef PROSE_KEYING_PEM_H
#define PROSE_KEYING_PEM_H

#include <stddef.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "file.h"

/**
 * struct pem_block - one block, or the place to start from when all zero
 * @label: between BEGIN and the dashes
 * @text: from BEGIN to the end of END, in the file's memory
 * @len: octets of @text
 * @item: number of the block, from 1
 * @line: line of its BEGIN, from 1
 */
struct pem_block {
	char label[48];
	const char *text;
	size_t len;
	unsigned int item;
	unsigned int line;
};

/**
 * pem_next() - step to the next block
 * @path: for the sentence
 * @file: the contents
 * @block: the present block, becomes the next; all zero for the first
 * @why: gets a sentence when a block is broken
 * @why_len: its size
 *
 * Return: 1 with a block, 0 at the end, -1 when a block does not end.
 */
int pem_next(const char *path, const struct keying_file *file, struct pem_block *block,
	     char *why, size_t why_len);

/* The block as a certificate, CRL or private key; NULL with a sentence. */
X509 *pem_certificate(const char *path, const struct pem_block *block,
		      char *why, size_t why_len);
X509_CRL *pem_crl(const char *path, const struct pem_block *block, char *why, size_t why_len);
EVP_PKEY *pem_private_key(const char *path, const struct pem_block *block,
			  char *why, size_t why_len);

#endif
