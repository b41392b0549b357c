/* SPDX-License-Identifier: MIT */
/*
 * The PRF of MIKEY and the keys that come from it: RFC 3830 4.1.2 to 4.1.4, with HMAC-SHA-1
 * (MIKEY-1), and with HMAC-SHA-256 as RFC 6043 6.1 has it.
 */
#ifndef PROSE_MIKEY_PRF_H
#define PROSE_MIKEY_PRF_H

#include <stddef.h>
#include <stdint.h>

#include "mikey.h"

#define MIKEY_RAND_MIN		16
#define MIKEY_RAND_MAX		255
#define MIKEY_OWN_CS		0xff	/* CS ID where MIKEY's own keys are meant */

/* Which key; the values are the constants that labels begin with. */
enum mikey_key {
	/* from a TGK, for the security protocol */
	MIKEY_KEY_TEK		= 0x2ad01c64,
	MIKEY_KEY_TEK_AUTH	= 0x1b5c7973,
	MIKEY_KEY_TEK_ENCR	= 0x15798cef,
	MIKEY_KEY_TEK_SALT	= 0x39a2c14b,
	/* from a pre-shared or an envelope key, for the message itself */
	MIKEY_KEY_ENCR		= 0x150533e1,
	MIKEY_KEY_AUTH		= 0x2d22ac75,
	MIKEY_KEY_SALT		= 0x29b88916,
};

/**
 * mikey_prf() - PRF(inkey, label)
 * @prf: &enum mikey_prf
 * @inkey: TGK, pre-shared key
 * @inkey_len: its octets
 * @label: the label
 * @label_len: its octets
 * @out: gets the key; it is zero when this fails
 * @out_len: how long that is to be
 *
 * Return: 0 or -1.
 */
int mikey_prf(uint8_t prf, const uint8_t *inkey, size_t inkey_len, const uint8_t *label,
	      size_t label_len, uint8_t *out, size_t out_len);

/**
 * mikey_derive() - one of the keys, by the label that RFC 3830 has for it
 * @prf: &enum mikey_prf
 * @key: which one
 * @inkey: TGK or pre-shared key
 * @cs_id: CS ID, or MIKEY_OWN_CS
 * @csb_id: CSB ID
 * @rand: contents of RAND
 * @out: gets the key; it is zero when this fails
 * @out_len: how long that is to be
 *
 * Return: 0 or -1.
 */
int mikey_derive(uint8_t prf, enum mikey_key key, const struct mikey_octets *inkey, uint8_t cs_id,
		 uint32_t csb_id, const struct mikey_octets *rand, uint8_t *out, size_t out_len);

#endif
