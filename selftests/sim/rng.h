/* SPDX-License-Identifier: MIT */
/* The one source of chance: splitmix64. Equal seeds, equal schedules, on every machine. */
#ifndef SIM_RNG_H
#define SIM_RNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rng {
	uint64_t state;
};

static inline uint64_t rng_next(struct rng *rng)
{
	uint64_t z = rng->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* 0 to n - 1. */
static inline uint32_t rng_below(struct rng *rng, uint32_t n)
{
	return (uint32_t)(rng_next(rng) % n);
}

static inline uint32_t rng_between(struct rng *rng, uint32_t low, uint32_t high)
{
	return low + rng_below(rng, high - low + 1);
}

static inline bool rng_per_mille(struct rng *rng, uint32_t p)
{
	return rng_below(rng, 1000) < p;
}

static inline void rng_fill(struct rng *rng, uint8_t *out, size_t len)
{
	while (len--)
		*out++ = (uint8_t)(rng_next(rng) >> 24);
}

/* A stream of its own, so that one part of a schedule does not shift the others. */
static inline struct rng rng_split(uint64_t seed, uint64_t part)
{
	struct rng rng = { seed };

	rng.state = rng_next(&rng) ^ part * UINT64_C(0xd6e8feb86659fd93);
	rng_next(&rng);
	return rng;
}

#endif
