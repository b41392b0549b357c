/* SPDX-License-Identifier: MIT */
/*
 * The medium: frames on their way, in order of arrival. It loses, duplicates, delays and so
 * reorders them, and for a while may join some UEs no more (a partition).
 */
#ifndef SIM_MEDIUM_H
#define SIM_MEDIUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger.h"
#include "rng.h"

#define MEDIUM_HEADER_LEN	5	/* PDCP */
#define MEDIUM_MAC_LEN		4

#define SDU_IP			0
#define SDU_PC5S		2

struct world;

/**
 * struct frame - what is on the air
 * @at: when it arrives
 * @order: of equal arrivals
 * @src: Layer-2 ID
 * @dst: Layer-2 ID
 * @from: UE it was last sent by, -1 for the attacker
 * @to: UE it is for, -1 if none
 * @lcid: logical channel
 * @key: it is protected under. What matters of a MAC-I is modelled: a frame verifies if the
 *	 receiver's key is this one and nobody has changed the frame
 * @direction: of who protected it
 * @count: COUNT, of which the header shows the low half
 * @genuine: as it left the kernel of a UE
 * @held: the attacker had it for a while, so it is not of the medium's delay
 * @ciphered: the octets of the message are not to be seen without the key
 * @header: PDCP header
 * @mac: MAC-I; computed for a COMMAND alone, which a core has to verify
 * @len: octets of the message
 * @message: in clear, see @ciphered
 */
struct frame {
	uint64_t at, order;
	uint32_t src, dst;
	int from, to;
	uint8_t lcid;
	struct key *key;
	uint8_t direction;
	uint32_t count;
	bool genuine, held, ciphered;
	uint8_t header[MEDIUM_HEADER_LEN], mac[MEDIUM_MAC_LEN];
	size_t len;
	uint8_t message[];
};

struct medium {
	struct rng rng;
	uint32_t loss, duplicate;		/* per mille */
	uint32_t delay_min, delay_max;		/* ms */
	uint32_t parted;			/* bit i: UE i hears and reaches none of those without */
	uint64_t parted_until;
	struct frame **heap;
	size_t n, room;
	uint64_t order;
};

struct frame *frame_new(const uint8_t *message, size_t len);
struct frame *frame_copy(const struct frame *frame);

/* Takes the frame over: it arrives, or it is lost. */
void medium_transmit(struct world *world, struct frame *frame);
/* Past all chance, at that time. */
void medium_queue(struct world *world, struct frame *frame, uint64_t at);
/* UINT64_MAX when nothing is on its way. */
uint64_t medium_next(const struct medium *medium);
/* The next frame to arrive, the caller's from now on. */
struct frame *medium_take(struct medium *medium);
/* No loss, no delay to speak of; what the attacker held back is gone. */
void medium_fair(struct medium *medium);
void medium_free(struct medium *medium);

#endif
