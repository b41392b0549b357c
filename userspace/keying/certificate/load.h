/* SPDX-License-Identifier: MIT */
/*
 * One load of credentials, in progress: what the parts of it share.
 *
 *	credentials.c	all together, TLS, roots
 *	own.c		own certificate and key
 *	token.c		both of them on a PKCS#11 token
 *	crls.c		CRLs
 *	load.c		PEM files and folders of them
 */
#ifndef PROSE_KEYING_LOAD_H
#define PROSE_KEYING_LOAD_H

#include "../pem.h"
#include "credentials.h"

/**
 * struct load - one load
 * @files: what is asked for
 * @before: what is to be replaced, or NULL
 * @credentials: what becomes of it
 * @leaf: own certificate
 * @chain: own intermediate ones
 * @roots: self-signed roots so far
 * @why: gets a sentence when it fails
 * @why_len: its size
 */
struct load {
	const struct certificate_files *files;
	const struct credentials *before;
	struct credentials *credentials;
	X509 *leaf;
	STACK_OF(X509) *chain;
	size_t roots;
	char *why;
	size_t why_len;
};

/* Takes one block of a file; -1 with a sentence. */
typedef int (*load_take)(struct load *load, const char *path, const struct pem_block *block);

/* load.c: each returns 0, or -1 with a sentence */
void load_warn(const struct load *load, const char *sentence);
int load_out_of_memory(const struct load *load);
const char *load_subject(const X509 *certificate, char *out, size_t len);
/* Each block of @label goes to @take; anything else in the file is refused. */
int load_blocks(struct load *load, const char *path, const char *label, load_take take);
/* Files, or folders of files with one of two suffixes. */
int load_paths(struct load *load, const char *const *paths, size_t n, const char *label,
	       load_take take, const char *const suffixes[2]);
/* Where they are, for sentences. */
void load_describe(char *out, size_t len, const char *const *paths, size_t n);

/* own.c */
int load_own(struct load *load);
/* After the roots: intermediate ones of a certificate that came alone, from a token. */
int load_own_chain(struct load *load);

/* crls.c, after the roots */
int load_crls(struct load *load);

#endif
