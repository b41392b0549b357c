/* SPDX-License-Identifier: MIT */
/* MIKEY messages in SDP: a=key-mgmt:mikey BASE64, RFC 4567 3.1. */
#ifndef PROSE_MIKEY_SDP_H
#define PROSE_MIKEY_SDP_H

#include <stddef.h>
#include <stdint.h>

/**
 * mikey_sdp_encode() - the attribute of a message
 * @data: the message
 * @len: its octets
 *
 * Return: the line without its end, to be freed with free(); NULL for an empty message, one that is
 *	   too long, and without memory.
 */
char *mikey_sdp_encode(const uint8_t *data, size_t len);

/**
 * mikey_sdp_decode() - the message of an attribute
 * @line: a line of SDP, or its value from "key-mgmt" or from "mikey" on; with or without its end
 * @len: its octets
 * @out_len: gets the length of the message
 * @reason: gets a static text that goes on behind "the key-mgmt attribute ", when it fails
 *
 * Base64 is taken in the one form that an encoder makes: no other characters, padded, no bits
 * left over.
 *
 * Return: the message, to be freed with free(); or NULL.
 */
uint8_t *mikey_sdp_decode(const char *line, size_t len, size_t *out_len, const char **reason);

/**
 * mikey_sdp_find() - the attributes in a session description
 * @sdp: the description
 * @len: its octets
 * @at: where to look from, 0 at first; moved behind what was found
 * @line_len: gets the length of the line, without its end
 *
 * Finds a=key-mgmt of any protocol. RFC 4567 3.1: one of a media section overrides the session's.
 *
 * Return: the line, or NULL when there is none.
 */
const char *mikey_sdp_find(const char *sdp, size_t len, size_t *at, size_t *line_len);

#endif
