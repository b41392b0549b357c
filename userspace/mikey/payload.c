// SPDX-License-Identifier: MIT
#include "payload.h"

#define N(array)	(sizeof(array) / sizeof((array)[0]))

/*
 * Several: ID of both ends, certificates of a chain, policies, errors, extensions. What goes by roles
 * is single for its role, see mikey_payload_allowed().
 */
static const struct payload_layout layouts[] = {
	{ MIKEY_KEMAC,	   false, true,  LENGTH_16,	   true,  false },
	{ MIKEY_PKE,	   false, false, LENGTH_14,	   true,  false },
	{ MIKEY_SIGN,	   false, false, LENGTH_12,	   true,  true },
	{ MIKEY_T,	   false, true,  LENGTH_TIMESTAMP, true,  false },
	{ MIKEY_ID,	   false, true,  LENGTH_16,	   false, false },
	{ MIKEY_CERT,	   false, true,  LENGTH_16,	   false, false },
	{ MIKEY_CHASH,	   false, true,  LENGTH_HASH,	   true,  false },
	{ MIKEY_V,	   false, true,  LENGTH_MAC,	   true,  true },
	{ MIKEY_SP,	   true,  true,  LENGTH_16,	   false, false },
	{ MIKEY_RAND,	   false, false, LENGTH_8,	   true,  false },
	{ MIKEY_ERR,	   false, true,  LENGTH_NONE,	   false, false },
	{ MIKEY_TR,	   true,  true,  LENGTH_TIMESTAMP, false, false },
	{ MIKEY_IDR,	   true,  true,  LENGTH_16,	   false, false },
	{ MIKEY_RANDR,	   true,  false, LENGTH_8,	   false, false },
	{ MIKEY_EXTENSION, false, true,  LENGTH_16,	   false, false },
	{ MIKEY_SAKKE,	   true,  true,  LENGTH_16,	   true,  false },
};

const struct payload_layout *mikey_payload_layout(uint8_t payload)
{
	for (size_t i = 0; i < N(layouts); i++)
		if (layouts[i].payload == payload)
			return &layouts[i];
	return NULL;
}

static int of(const int8_t *lengths, size_t n, uint8_t type)
{
	return type < n ? lengths[type] : -1;
}

int mikey_timestamp_len(uint8_t type)
{
	static const int8_t lengths[] = { 8, 8, 4, 4 };

	return of(lengths, N(lengths), type);
}

int mikey_mac_len(uint8_t alg)
{
	static const int8_t lengths[] = { 0, 20, 32 };

	return of(lengths, N(lengths), alg);
}

/* SHA-1, MD5, SHA-256 */
int mikey_hash_len(uint8_t hash)
{
	static const int8_t lengths[] = { 20, 16, 32 };

	return of(lengths, N(lengths), hash);
}

int mikey_implied_len(const struct payload_layout *layout, uint8_t type)
{
	switch (layout->length) {
	case LENGTH_TIMESTAMP:
		return mikey_timestamp_len(type);
	case LENGTH_MAC:
		return mikey_mac_len(type);
	case LENGTH_HASH:
		return mikey_hash_len(type);
	default:
		return 0;
	}
}

uint8_t mikey_implied_error(const struct payload_layout *layout)
{
	switch (layout->length) {
	case LENGTH_TIMESTAMP:
		return MIKEY_ERR_TS;
	case LENGTH_MAC:
		return MIKEY_ERR_MAC;
	case LENGTH_HASH:
		return MIKEY_ERR_HA;
	default:
		return MIKEY_ERR_UNSPECIFIED;
	}
}

const char *mikey_payload_allowed(const struct mikey_message *message,
				  const struct mikey_payload *next)
{
	const struct payload_layout *layout = mikey_payload_layout(next->payload);
	const struct payload_layout *last;
	size_t same = 0;

	if (message->n == MIKEY_PAYLOADS_MAX)
		return "is one payload too many";
	if (message->n) {
		last = mikey_payload_layout(message->payload[message->n - 1].payload);
		if (last->last)
			return "stands behind the payload that has to be the last";
	}
	for (size_t i = 0; i < message->n; i++) {
		const struct mikey_payload *before = &message->payload[i];

		if (before->payload != next->payload)
			continue;
		same++;
		if (layout->single)
			return "is there twice";
		if (layout->has_role && before->role == next->role)
			return next->payload == MIKEY_SP ? "has the policy number of another" :
							   "is there twice for its role";
	}
	/* the initiator's and the responder's */
	if (next->payload == MIKEY_ID && same == 2)
		return "is there three times";
	return NULL;
}

size_t mikey_covered(const struct mikey_payload *payload)
{
	/* next payload, encr alg, length, data, mac alg */
	if (payload->payload == MIKEY_KEMAC)
		return payload->offset + 4 + payload->data.len + 1;
	/* of SIGN the S type and length, of V next payload and alg */
	return payload->offset + 2;
}

const struct mikey_payload *mikey_find(const struct mikey_message *message, uint8_t type, size_t n)
{
	for (size_t i = 0; i < message->n; i++)
		if (message->payload[i].payload == type && !n--)
			return &message->payload[i];
	return NULL;
}

const struct mikey_payload *mikey_find_role(const struct mikey_message *message, uint8_t role)
{
	for (size_t i = 0; i < message->n; i++)
		if (message->payload[i].payload == MIKEY_IDR && message->payload[i].role == role)
			return &message->payload[i];
	return NULL;
}
