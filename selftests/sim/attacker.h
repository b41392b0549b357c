/* SPDX-License-Identifier: MIT */
/*
 * Who sees each frame, can send any, and has no key: what it sends protected, or changes under
 * protection, never verifies; what is ciphered it cannot read. In schedules where it may, it
 * keeps frames from arriving too.
 */
#ifndef SIM_ATTACKER_H
#define SIM_ATTACKER_H

#include <stdbool.h>
#include <stdint.h>

#include "medium.h"
#include "rng.h"

#define ATTACKER_HEARD_MAX	64

struct world;

struct attacker {
	struct rng rng;
	bool active;
	uint64_t next_ms;			/* when it has its next idea of itself */
	struct frame *heard[ATTACKER_HEARD_MAX];
	size_t n_heard;
};

void attacker_init(struct world *world);
void attacker_free(struct world *world);
/* A frame leaves a UE. Takes it over, and lets it go on its way if it likes. */
void attacker_see(struct world *world, struct frame *frame);
/* Something of its own making. */
void attacker_act(struct world *world);

#endif
