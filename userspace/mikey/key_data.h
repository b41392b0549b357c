/* SPDX-License-Identifier: MIT */
/* Key data sub-payloads, which are what KEMAC has in it: RFC 3830 6.13, 6.14, RFC 6043 6.9. */
#ifndef PROSE_MIKEY_KEY_DATA_H
#define PROSE_MIKEY_KEY_DATA_H

#include "mikey.h"

#define MIKEY_KEYS_MAX	8

/* Type; odd ones have a salt. */
enum mikey_key_data_type {
	MIKEY_TGK	= 0,
	MIKEY_TGK_SALT	= 1,
	MIKEY_TEK	= 2,
	MIKEY_TEK_SALT	= 3,
	MIKEY_GTGK	= 4,
	MIKEY_GTGK_SALT	= 5,
	MIKEY_MPK	= 6,
};

enum mikey_validity {
	MIKEY_KV_NULL	  = 0,
	MIKEY_KV_SPI	  = 1,
	MIKEY_KV_INTERVAL = 2,
};

/**
 * struct mikey_key_data - one key
 * @type: &enum mikey_key_data_type
 * @validity: &enum mikey_validity
 * @key: its octets
 * @salt: empty for a type without one
 * @spi: with MIKEY_KV_SPI
 * @from: with MIKEY_KV_INTERVAL
 * @to: likewise
 */
struct mikey_key_data {
	uint8_t type;
	uint8_t validity;
	struct mikey_octets key, salt, spi, from, to;
};

/**
 * mikey_key_data_decode() - what is in KEMAC, when it is decrypted
 * @data: octets of it
 * @keys: gets them; their octets are those of @data
 *
 * The chain of sub-payloads has to end where @data does.
 *
 * Return: how many there are, at least one, or -1.
 */
int mikey_key_data_decode(const struct mikey_octets *data,
			  struct mikey_key_data keys[static MIKEY_KEYS_MAX]);

/**
 * mikey_key_data_encode() - what to encrypt for KEMAC
 * @keys: the keys
 * @n: how many
 * @out: gets the octets
 * @size: room
 *
 * Return: octets, or -1 when they do not fit or cannot be said.
 */
int mikey_key_data_encode(const struct mikey_key_data *keys, size_t n, uint8_t *out, size_t size);

#endif
