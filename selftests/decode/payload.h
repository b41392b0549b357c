/* SPDX-License-Identifier: MIT */
/* Deciphered SDUs: IP packets and PC5-S messages of TS 24.334. */
#ifndef DECODE_PAYLOAD_H
#define DECODE_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pc5s_type {
	PC5S_REQUEST		= 1,
	PC5S_REJECT		= 3,
	PC5S_RELEASE		= 6,
	PC5S_RELEASE_ACCEPT	= 7,
	PC5S_COMMAND		= 12,
	PC5S_COMPLETE		= 13,
	PC5S_SMC_REJECT		= 14,
	PC5S_KEY_ESTABLISHMENT	= 0xf0,	/* TR 33.833 6.4.1.4.3; number is provisional */
};

/* An IP packet that fills the SDU, with all its checksums: NULL, else what is wrong. */
const char *payload_ip(const uint8_t *sdu, size_t len);

/* A PC5-S message of known type, long enough for its mandatory part: NULL, else the reason. */
const char *payload_pc5s(const uint8_t *sdu, size_t len);

const char *payload_pc5s_name(uint8_t type);

/* May this type go without protection? Only what is sent before there is a context. */
bool payload_pc5s_may_be_clear(uint8_t type);

/* Chosen Algorithms and LSB of KD-sess ID of a security mode command. */
bool payload_command(const uint8_t *sdu, size_t len, uint8_t *algorithms, uint8_t *id_lsb);

#endif
