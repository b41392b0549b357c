/* SPDX-License-Identifier: MIT */
/* Decodes a capture frame by frame and keeps the sums. */
#ifndef DECODE_DECODER_H
#define DECODE_DECODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flows.h"
#include "frame.h"
#include "keylog.h"
#include "needles.h"
#include "tuples.h"

#define DECODER_REASONS	64
#define DECODER_SENDERS	256

struct decoder_options {
	struct frame_carriers carriers;
	bool exclusive;		/* what is no carrier's is a finding */
	bool verbose;		/* a line per frame */
	bool has_mark;
	double mark;		/* no user data after it */
	bool has_until;
	double until;		/* user data before it is also summed by sender */
	double release_grace;	/* seconds a released context may still be on its way */
};

struct decoder_sums {
	uint64_t frames;		/* all in the capture */
	uint64_t carrier;		/* of the carriers */
	uint64_t padded;		/* with MAC padding */
	uint64_t protected;		/* with a KD-sess ID, on a bearer that may have one */
	uint64_t decoded;		/* of them: deciphered, verified, and a valid SDU */
	uint64_t macs_verified;
	uint64_t data, data_without_mac;
	struct decoder_sender {
		uint32_t layer_2_id;
		uint64_t data, data_until;	/* user data decoded: all, and before the time asked for */
	} senders[DECODER_SENDERS];
	size_t n_senders;		/* more than there is room for are not told apart */
	uint64_t bearer_frames[32], bearer_decoded[32];		/* by LCID */
	uint64_t signalling[256];	/* protected PC5-S, by message type */
	uint64_t clear[256];		/* unprotected PC5-S, by message type */
	uint64_t ethertypes[0x10000];	/* of the others */
	struct {
		const char *text;
		uint64_t n;
	} reasons[DECODER_REASONS];
	double first, last;		/* time of the first and last frame */
};

struct decoder {
	struct decoder_options options;
	struct keylog *keylog;
	struct needles *plaintext, *keys;
	struct tuples tuples;
	struct flows flows;
	struct decoder_sums sums;
};

/* Returns false when it cannot go on (memory, the crypto library); told on standard error. */
bool decoder_frame(struct decoder *decoder, double when, const uint8_t *octets, size_t len,
		   size_t wire_len);

#endif
