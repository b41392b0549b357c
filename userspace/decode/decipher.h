/* SPDX-License-Identifier: MIT */
/* Frames deciphered and verified with the keys of a log. */
#ifndef PROSE_DECODE_DECIPHER_H
#define PROSE_DECODE_DECIPHER_H

#include "frame.h"
#include "keylog.h"

/* What came of a frame; on the wire of writer.h, so the numbers stay. */
enum verdict {
	VERDICT_LEFT		= 0,	/* not protected, or nothing of a carrier */
	VERDICT_VERIFIED	= 1,	/* deciphered, the MAC-I is right */
	VERDICT_NO_MAC		= 2,	/* deciphered, there is no MAC-I on it, it is an IP packet */
	VERDICT_MAC_WRONG	= 3,
	VERDICT_NO_KEY		= 4,
	VERDICT_MALFORMED	= 5,
	VERDICT_FAILED		= 6,	/* the crypto library failed; goes nowhere */
};

/**
 * struct opened - a protected frame, opened
 * @eea: algorithm of its context, like all but the last two for any verdict but VERDICT_NO_KEY
 * @maced: there is a MAC-I behind the SDU
 * @len: octets at @sdu
 * @sdu: the SDU in clear, without MAC-I; for VERDICT_VERIFIED and VERDICT_NO_MAC
 */
struct opened {
	uint8_t eea, eia, direction;
	bool maced;
	uint32_t count;
	size_t len;
	uint8_t sdu[FRAME_SDU_MAX];
};

/**
 * decipher() - open a protected frame
 * @keylog: contexts; how far their COUNTs have come is noted there
 * @octets: what was captured
 * @frame: where things are in it, FRAME_PROTECTED
 * @opened: filled
 */
enum verdict decipher(struct keylog *keylog, const uint8_t *octets, const struct frame *frame,
		      struct opened *opened);

#endif
