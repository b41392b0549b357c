/* SPDX-License-Identifier: MIT */
/*
 * 128-EIA1, 128-EIA2 and 128-EIA3, and 128-EEA2 (TS 33.401 Annex B) in userspace.
 *
 * The kernel protects all traffic. The core needs the MAC for one message only: the first
 * DIRECT SECURITY MODE COMMAND of an association, which arrives before the kernel can hold
 * its keys. The cipher serves eea.h.
 */
#ifndef PROSE_CORE_EIA_H
#define PROSE_CORE_EIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EIA_KEY_LEN	16
#define EIA_MAC_LEN	4
/* The PDCP header and the longest SDU, TS 36.323 4.3.1. */
#define EIA_MESSAGE_MAX	(5 + 8188)

/* Algorithm identities, TS 33.401 5.1.3.2 and 5.1.4.2. */
#define EEA0		0
#define EEA1		1
#define EEA2		2
#define EEA3		3
#define EIA0		0
#define EIA1		1
#define EIA2		2
#define EIA3		3

/* Inputs besides key and message; @bearer is the LCID. */
struct eia_input {
	uint32_t count;
	uint8_t bearer;
	uint8_t direction;
};

/* Can eia() compute this algorithm? */
bool eia_supported(uint8_t algorithm);

/**
 * eia() - MAC-I of a message given in two pieces
 * @algorithm: EIA1, EIA2 or EIA3
 * @key: PIK
 * @input: COUNT, BEARER, DIRECTION
 * @header: first piece, for instance the PDCP header
 * @header_len: its octets; both pieces together at most EIA_MESSAGE_MAX for EIA1 and EIA3
 * @message: second piece
 * @len: its octets
 * @mac: MAC-I
 *
 * Return: 0, or -1 when the algorithm is not supported or the library fails.
 */
int eia(uint8_t algorithm, const uint8_t key[EIA_KEY_LEN], const struct eia_input *input,
	const uint8_t *header, size_t header_len, const uint8_t *message, size_t len,
	uint8_t mac[EIA_MAC_LEN]);

/* 128-EEA2, in place or not; enciphers and deciphers. Return: 0 or -1. */
int eea2(const uint8_t key[EIA_KEY_LEN], const struct eia_input *input, const uint8_t *in,
	 size_t len, uint8_t *out);

#endif
