/* SPDX-License-Identifier: MIT */
/* Words of people: Layer-2 IDs, overlay addresses, and what a mistyped word was meant to be. */
#ifndef PROSE_DAEMON_TEXT_H
#define PROSE_DAEMON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/ue.h"

#define TEXT_L2_ID_LEN		9	/* "0a:0b:0c" */
#define TEXT_ADDRESS_LEN	50	/* IPv6 with prefix length */
#define TEXT_CARRIER_LEN	56	/* "[IPv6]:port" */

/**
 * text_to_l2_id() - read a Layer-2 ID
 * @text: "0a:0b:0c" or "0a0b0c"
 * @l2_id: set when it is one
 *
 * Return: whether @text is a Layer-2 ID. 0 is none.
 */
bool text_to_l2_id(const char *text, uint32_t *l2_id);

/* Writes "0a:0b:0c" and returns @buffer. */
const char *text_l2_id(uint32_t l2_id, char buffer[static TEXT_L2_ID_LEN]);

/**
 * text_to_address() - read an overlay address
 * @text: "10.0.0.1", "10.0.0.1/24", "fd00::1", "fd00::1/64"
 * @address: set when it is one
 * @prefix: length of the prefix; the whole address when @text names none. NULL refuses
 *	    a prefix
 */
bool text_to_address(const char *text, struct ue_address *address, unsigned int *prefix);

/* Writes "10.0.0.1" and returns @buffer. */
const char *text_address(const struct ue_address *address, char buffer[static TEXT_ADDRESS_LEN]);

/**
 * text_to_remote() - read where a UE is on the udp carrier
 * @text: "192.0.2.1", "192.0.2.1:7800", "2001:db8::1", "[2001:db8::1]:7800"
 * @address: set when it is one
 * @port: the port, when @text has one
 */
bool text_to_remote(const char *text, struct ue_address *address, uint16_t *port);

/*
 * Writes an address on the carrier, "02:00:00:00:00:01", "192.0.2.1:7800" or
 * "[2001:db8::1]:7800", and returns @buffer.
 */
const char *text_carrier(const uint8_t *octets, size_t len, char buffer[static TEXT_CARRIER_LEN]);

/* Do the first @prefix bits agree? */
bool text_address_within(const struct ue_address *address, const struct ue_address *subnet,
			 unsigned int prefix);
bool text_address_link_local(const struct ue_address *address);
bool text_address_equal(const struct ue_address *a, const struct ue_address *b);

/**
 * text_nearest() - the known word that an unknown one is likely to mean
 * @word: the unknown one
 * @known: array of words, ended by NULL
 *
 * Return: one of @known, or NULL when none is near.
 */
const char *text_nearest(const char *word, const char *const *known);

/* Replaces control characters by '?', for logs and terminals. */
void text_harmless(char *text);

#endif
