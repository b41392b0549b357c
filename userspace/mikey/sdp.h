/* SPDX-License-Identifier: MIT */
/*
 * MIKEY messages in SDP: a=key-mgmt:mikey BASE64, RFC 4567 3.1; and the list of all protocols that are
 * offered, prtcl-list of RFC 4567 4.1.4, with ';' between them, so that none can be taken out on the way.
 */
#ifndef PROSE_MIKEY_SDP_H
#define PROSE_MIKEY_SDP_H

#include <stdbool.h>
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
 * Finds a=key-mgmt of any protocol and level.
 *
 * Return: the line, or NULL when there is none.
 */
const char *mikey_sdp_find(const char *sdp, size_t len, size_t *at, size_t *line_len);

/**
 * mikey_sdp_pick() - the attribute of mikey for a medium
 * @sdp: the description
 * @len: its octets
 * @medium: which one, from 1; 0 when all have the same
 * @line_len: gets the length of the line, without its end
 * @reason: as mikey_sdp_decode() has it
 *
 * RFC 4567 3.1: attributes of a medium, of whatever protocol, override those of the session.
 *
 * Return: the line, or NULL.
 */
const char *mikey_sdp_pick(const char *sdp, size_t len, size_t medium, size_t *line_len,
			   const char **reason);

/**
 * mikey_sdp_offered() - the list of protocols that a description offers
 * @sdp: the description
 * @len: its octets
 *
 * One for each attribute, in their order, on whatever level. What is no identifier of a protocol is an empty
 * one, which no list of a message has.
 *
 * Return: the list, to be freed with free(); NULL without memory.
 */
char *mikey_sdp_offered(const char *sdp, size_t len);

/* Is it such a list, with mikey in it? */
bool mikey_sdp_offers(const char *list);

#endif
