/* SPDX-License-Identifier: MIT */
/*
 * KEMAC, the payload that transports keys under a key both ends have: AES in counter mode or no
 * encryption, HMAC-SHA-1-160, HMAC-SHA-256-256 or no MAC (RFC 3830 4.2.3, 4.2.4, 6.2; RFC 6043).
 */
#ifndef PROSE_MIKEY_KEMAC_H
#define PROSE_MIKEY_KEMAC_H

#include "mikey.h"

/* Keys of one message, from its pre-shared or envelope key. */
struct mikey_kemac_keys {
	uint8_t encr[32];
	uint8_t salt[14];
	uint8_t auth[MIKEY_MAC_MAX];
};

/**
 * mikey_kemac_keys() - derive the keys
 * @message: its PRF, CSB ID, RAND, and the algorithms of its KEMAC
 * @key: pre-shared key
 * @keys: gets them; the caller wipes it. All zero when this fails
 *
 * Return: 0, or -1 without RAND or KEMAC, or for an algorithm that is not supported.
 */
int mikey_kemac_keys(const struct mikey_message *message, const struct mikey_octets *key,
		     struct mikey_kemac_keys *keys);

/**
 * mikey_kemac_crypt() - encrypt or decrypt, which is the same
 * @message: its KEMAC says how, its CSB ID and T go into the IV
 * @keys: of the message
 * @in: octets
 * @out: gets as many; all zero when this fails
 *
 * Return: 0 or -1.
 */
int mikey_kemac_crypt(const struct mikey_message *message, const struct mikey_kemac_keys *keys,
		      const struct mikey_octets *in, uint8_t *out);

/**
 * mikey_kemac_mac() - the MAC of a message that ends with KEMAC, or with KEMAC and SIGN
 * @message: as decoded from @data
 * @keys: of the message
 * @data: the message
 * @mac: gets it
 *
 * Return: octets of it, or -1.
 */
int mikey_kemac_mac(const struct mikey_message *message, const struct mikey_kemac_keys *keys,
		    const uint8_t *data, uint8_t mac[static MIKEY_MAC_MAX]);

/**
 * mikey_kemac_verify() - is the MAC of the message right?
 *
 * A message without MAC is not.
 */
bool mikey_kemac_verify(const struct mikey_message *message, const struct mikey_kemac_keys *keys,
			const uint8_t *data);

#endif
