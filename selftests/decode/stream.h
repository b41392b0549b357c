/* SPDX-License-Identifier: MIT */
/* What one side sends on one bearer of a context: COUNT recovered from SN, loss, order. */
#ifndef DECODE_STREAM_H
#define DECODE_STREAM_H

#include <stdbool.h>
#include <stdint.h>

struct stream {
	uint64_t frames;	/* taken */
	uint64_t reordered;	/* came behind a higher COUNT */
	uint32_t start;		/* lowest COUNT there can be */
	uint32_t highest;	/* start - 1 while nothing was taken */
	double first, last;	/* when frames were taken */
};

void stream_init(struct stream *stream, uint32_t start);

/**
 * stream_count() - COUNT of a received SN, TS 38.323 5.2.2.1
 *
 * With the state variable at the COUNT behind the highest one taken.
 *
 * Return: false when the SN lies before HFN 0.
 */
bool stream_count(const struct stream *stream, uint16_t sn, uint32_t *count);

void stream_take(struct stream *stream, uint32_t count, double when);

/* COUNTs up to the highest that never came by. */
uint64_t stream_missing(const struct stream *stream);

#endif
