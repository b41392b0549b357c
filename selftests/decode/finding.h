/* SPDX-License-Identifier: MIT */
/* What is wrong with a capture, by kind, counted and told. */
#ifndef DECODE_FINDING_H
#define DECODE_FINDING_H

#include <stdbool.h>
#include <stdint.h>

enum finding {
	FINDING_UNDECODABLE,	/* a frame of the carrier that cannot be decoded */
	FINDING_MAC,		/* a MAC-I that does not verify */
	FINDING_SDU,		/* deciphers, but into no valid SDU */
	FINDING_REPEAT,		/* (key, COUNT, BEARER, DIRECTION) used twice */
	FINDING_PLAINTEXT,	/* octets of a given file on the wire */
	FINDING_KEY,		/* octets of a KD-sess on the wire */
	FINDING_UNPROTECTED,	/* signalling in clear that must not be */
	FINDING_AFTER_MARK,	/* user data after the time given */
	FINDING_AFTER_RELEASE,	/* user data under a context that was released */
	FINDING_FOREIGN,	/* --exclusive: a frame that is no carrier's */
	FINDING_FLOW,		/* --flows: what was sent is missing, late, twice or changed */
	FINDINGS
};

/* Name of a kind as the JSON report has it. */
const char *finding_name(enum finding kind);

/* Tell all of them, not only the first few of a kind. */
void finding_verbose(bool all);

/* Count one, and tell it on standard error with its frame's number. */
__attribute__((format(printf, 3, 4)))
void finding_add(enum finding kind, uint64_t frame, const char *format, ...);

uint64_t finding_count(enum finding kind);
uint64_t finding_total(void);

#endif
