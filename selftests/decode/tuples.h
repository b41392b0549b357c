/* SPDX-License-Identifier: MIT */
/* The exact set of (key, COUNT, BEARER, DIRECTION) that were used. */
#ifndef DECODE_TUPLES_H
#define DECODE_TUPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tuple {
	uint32_t key, count;
	uint8_t bearer, direction;
	uint64_t frame;		/* that used it first; 0 marks an empty slot */
};

struct tuples {
	struct tuple *slots;
	size_t size, used;
};

/**
 * tuples_add() - a frame used a tuple
 * @before: number of the frame that used it first, 0 when none did
 *
 * Frames are numbered from 1. Return: false when memory is out.
 */
bool tuples_add(struct tuples *tuples, const struct tuple *tuple, uint64_t *before);
void tuples_free(struct tuples *tuples);

#endif
