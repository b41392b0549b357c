/* SPDX-License-Identifier: MIT */
/* How often someone may ask: a bucket for each name, filled with time. Pure. */
#ifndef PROSE_KMS_RATE_H
#define PROSE_KMS_RATE_H

#include <stdbool.h>
#include <stddef.h>

/* Names that are remembered; the one that was last heard of longest ago makes room. */
#define RATE_NAMES	1024

struct rate;

/* @per_minute: requests that a name may make; as many at once. NULL without memory. */
struct rate *rate_new(unsigned int per_minute);
void rate_free(struct rate *rate);

/* Takes one of @name's at @now, seconds of a clock that does not go back; false: none is left. */
bool rate_take(struct rate *rate, const char *name, double now);

#endif
