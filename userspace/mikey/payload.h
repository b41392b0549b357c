/* SPDX-License-Identifier: MIT */
/* Layout of each payload: what decode.c and encode.c share. */
#ifndef PROSE_MIKEY_PAYLOAD_H
#define PROSE_MIKEY_PAYLOAD_H

#include "mikey.h"

/* How the length of a payload's data is told. */
enum payload_length {
	LENGTH_NONE,		/* no data */
	LENGTH_8,		/* one octet */
	LENGTH_16,		/* two octets */
	LENGTH_12,		/* the type in 4 bits, the length in the other 12 */
	LENGTH_14,		/* the type in 2 bits, the length in the other 14 */
	LENGTH_TIMESTAMP,	/* by the TS type */
	LENGTH_MAC,		/* by the MAC algorithm */
	LENGTH_HASH,		/* by the hash function */
};

/**
 * struct payload_layout - a kind of payload
 * @payload: &enum mikey_payload_type
 * @has_role: an octet of role comes first
 * @has_type: an octet of type comes then
 * @length: then the length, then the data
 * @single: there may be only one in a message
 * @last: nothing may follow it
 */
struct payload_layout {
	uint8_t payload;
	bool has_role;
	bool has_type;
	uint8_t length;
	bool single;
	bool last;
};

/* NULL for a payload that is not known. */
const struct payload_layout *mikey_payload_layout(uint8_t payload);

/* Octets of what has no length of its own, -1 for a type that is not known. */
int mikey_timestamp_len(uint8_t type);
int mikey_mac_len(uint8_t alg);
int mikey_hash_len(uint8_t hash);
int mikey_implied_len(const struct payload_layout *layout, uint8_t type);

/* Error no for a type that is not known. */
uint8_t mikey_implied_error(const struct payload_layout *layout);

/* May this be the next one, behind those there are? NULL, or why not. */
const char *mikey_payload_allowed(const struct mikey_message *message,
				  const struct mikey_payload *next);

bool mikey_data_type_known(uint8_t data_type);

#endif
