/* SPDX-License-Identifier: MIT */
/*
 * Keys and certificates on a PKCS#11 token, by OpenSSL's engine for it: TR 33.833 5.3.1.3
 * wants credentials kept where they cannot be read out.
 */
#ifndef PROSE_KEYING_TOKEN_H
#define PROSE_KEYING_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

/* The engine, at work. A key that came from it must be freed first. */
struct token;

/* Does this name an object on a token (RFC 7512), not a file? */
bool token_named(const char *name);

/* Without its query, which may tell where the PIN is, for sentences; cut off at @len. */
const char *token_shown(const char *uri, char *out, size_t len);

/**
 * token_open() - start the engine
 * @uri: of the key or certificate wanted; module-path and pin-source of it are obeyed
 * @pin_file: file with the PIN, readable by its owner only; NULL: that of pin-source, or none
 * @why: gets a sentence when it fails
 * @why_len: its size
 *
 * The engine is one for the whole program: so is the module it loads first.
 *
 * Return: to be given up with token_release(), or NULL.
 */
struct token *token_open(const char *uri, const char *pin_file, char *why, size_t why_len);

/* One more that holds it; returns @token. NULL is allowed. */
struct token *token_hold(struct token *token);
void token_release(struct token *token);

/* The private key, or the certificate, of that name; NULL with a sentence. */
EVP_PKEY *token_key(struct token *token, const char *uri, char *why, size_t why_len);
X509 *token_certificate(struct token *token, const char *uri, char *why, size_t why_len);

#endif
