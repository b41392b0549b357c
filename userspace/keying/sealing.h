/* SPDX-License-Identifier: MIT */
/* AES-256-GCM over what leaves memory for a disk. */
#ifndef PROSE_KEYING_SEALING_H
#define PROSE_KEYING_SEALING_H

#include <stddef.h>
#include <stdint.h>

#define SEALING_KEY_LEN		32
#define SEALING_KEY_ID_LEN	8
#define SEALING_NONCE_LEN	12
#define SEALING_TAG_LEN		16

struct sealing_key {
	uint8_t octets[SEALING_KEY_LEN];
};

/*
 * What a key may be called by where others can read it: tells one from another, and nothing of
 * either. 0 or -1.
 */
int sealing_key_id(const struct sealing_key *key, uint8_t id[SEALING_KEY_ID_LEN]);

/**
 * sealing_seal() - cipher and authenticate
 * @key: the key
 * @nonce: never one that was used with this key
 * @header: is authenticated and stays in clear
 * @header_len: its octets
 * @plain: is ciphered
 * @len: its octets
 * @out: gets @len + SEALING_TAG_LEN octets
 *
 * Return: 0 or -1.
 */
int sealing_seal(const struct sealing_key *key, const uint8_t nonce[SEALING_NONCE_LEN],
		 const uint8_t *header, size_t header_len, const uint8_t *plain, size_t len,
		 uint8_t *out);

/*
 * The reverse: @len counts the tag, @out gets what is left without it. -1 when one bit of
 * anything is not as it was; @out is then wiped.
 */
int sealing_open(const struct sealing_key *key, const uint8_t nonce[SEALING_NONCE_LEN],
		 const uint8_t *header, size_t header_len, const uint8_t *sealed, size_t len,
		 uint8_t *out);

#endif
