/* SPDX-License-Identifier: MIT */
/*
 * 128-EEA1, 128-EEA2 and 128-EEA3 (TS 33.401 Annex B) in userspace.
 *
 * The kernel ciphers all traffic. Here they serve `prose decode`, and tests.
 */
#ifndef PROSE_CORE_EEA_H
#define PROSE_CORE_EEA_H

#include "eia.h"

/* Can eea() compute this algorithm? EEA0, which leaves everything as it is, is one. */
bool eea_supported(uint8_t algorithm);

/**
 * eea() - encipher or decipher
 * @algorithm: EEA0 to EEA3
 * @key: PEK
 * @input: COUNT, BEARER, DIRECTION
 * @in: the SDU
 * @len: its octets
 * @out: where to; may be @in
 *
 * Return: 0, or -1 when the algorithm is not supported or the library fails.
 */
int eea(uint8_t algorithm, const uint8_t key[EIA_KEY_LEN], const struct eia_input *input,
	const uint8_t *in, size_t len, uint8_t *out);

#endif
