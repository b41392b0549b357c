/* SPDX-License-Identifier: MIT */
/* Throughput of peers over the last samples, from the counters of one show after another. */
#ifndef PROSE_CLI_RATES_H
#define PROSE_CLI_RATES_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#define RATES_SAMPLES	120

/**
 * struct rates_peer - one peer
 * @name: Layer-2 ID, or identity where there is none
 * @rx: octets a second, the oldest sample first; -1 where it was not known
 * @tx: the same of what was sent
 * @rx_bytes: counters of the last sample
 * @tx_bytes: the same of what was sent
 * @known: the last sample had counters
 * @seen: it was in the last sample
 */
struct rates_peer {
	char name[64];
	double rx[RATES_SAMPLES], tx[RATES_SAMPLES];
	json_int_t rx_bytes, tx_bytes;
	bool known, seen;
};

struct rates {
	struct rates_peer *peers;
	size_t n;
	long long at_ms;
};

/**
 * rates_sample() - take in another result of show
 * @rates: all zero at first
 * @result: of the command show
 * @now_ms: monotonic
 *
 * A counter that went back belongs to a new link, and counts from 0. A peer that is no longer
 * there is forgotten.
 */
void rates_sample(struct rates *rates, const json_t *result, long long now_ms);
/* NULL when the peer was not in the last sample. */
const struct rates_peer *rates_find(const struct rates *rates, const json_t *peer);
void rates_free(struct rates *rates);

#endif
