/* SPDX-License-Identifier: MIT */
/* prose identity: what its actions share. */
#ifndef PROSE_CLI_IDENTITY_H
#define PROSE_CLI_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

#define IDENTITY_WHY	512
#define IDENTITY_LIST	8

/**
 * struct identity_call - what was typed
 * @what: identity, or file of keys
 * @communities: --community
 * @n_communities: how many
 * @config: --config
 * @kms: --kms
 * @server: --server
 * @chain, @key: --chain, --key
 * @roots, @crls: --roots, --crls
 * @n_roots, @n_crls: how many
 * @output: --output
 * @deny: --deny
 * @seal: --seal-with
 * @json: --json
 */
struct identity_call {
	const char *what;
	const char *communities[IDENTITY_LIST];
	size_t n_communities;
	const char *config;
	const char *kms, *server;
	const char *chain, *key;
	const char *roots[IDENTITY_LIST], *crls[IDENTITY_LIST];
	size_t n_roots, n_crls;
	const char *output, *deny, *seal;
	bool json;
};

/* fetch.c, show.c: exit status */
int identity_fetch(const struct identity_call *call);
int identity_show(const struct identity_call *call);

/* ask.c: what the KMS answers to a request line, wiped when freed; -1 with a sentence. */
struct keying_file;
int identity_ask(const struct identity_call *call, const char *server, const char *request,
		 struct keying_file *answer, char *why, size_t why_len);

#endif
