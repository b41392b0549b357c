/* SPDX-License-Identifier: MIT */
/*
 * What a UE and its KMS say to each other over mutual TLS (certificate/channel.h): a line of JSON each,
 * then the connection ends.
 *
 *	{ "prose-kms": 1, "identity": "tel:+447700900123" }
 *	{ "prose-kms": 1, "keys": "...", "deny": "..." }	or
 *	{ "prose-kms": 1, "error": "..." }
 *
 * Which months' keys come is for the KMS to say. Keys are as keys.h has them in a file, and the deny
 * list as deny.h has it.
 */
#ifndef PROSE_KEYING_IDENTITY_PROTOCOL_H
#define PROSE_KEYING_IDENTITY_PROTOCOL_H

#include "keying/file.h"
#include "mikey/identifier.h"

#define PROTOCOL_PORT		"7801"
#define PROTOCOL_REQUEST_MAX	1024

/* What a KMS answers; none of it is checked but its form. */
struct protocol_response {
	struct keying_file keys, deny;
	char error[512];	/* "" when there are keys */
};

/* The request for an identity, with its end of line; NULL without memory. */
char *protocol_request(const char *identity);

/**
 * protocol_request_read() - what a UE asks for
 * @line: the line
 * @len: its octets
 * @identity: gets whose keys it wants
 * @why: gets a sentence when it is no request
 * @why_len: its size
 *
 * Return: 0 or -1.
 */
int protocol_request_read(const char *line, size_t len, char identity[static MIKEY_URI_MAX + 1],
			  char *why, size_t why_len);

/*
 * The response with keys, or with an error, as contents that are wiped when they are freed; -1 without
 * memory.
 */
int protocol_response(const struct keying_file *keys, const struct keying_file *deny,
		      struct keying_file *line);
int protocol_error(const char *error, struct keying_file *line);

/**
 * protocol_response_read() - what the KMS answers
 * @line: the line
 * @len: its octets
 * @response: gets it, to be freed with protocol_response_free()
 * @why: gets a sentence when it is no response
 * @why_len: its size
 *
 * Return: 0 or -1.
 */
int protocol_response_read(const char *line, size_t len, struct protocol_response *response,
			   char *why, size_t why_len);
void protocol_response_free(struct protocol_response *response);

#endif
