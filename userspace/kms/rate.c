// SPDX-License-Identifier: MIT
#include "rate.h"

#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LEN	128

struct bucket {
	char name[NAME_MAX_LEN];
	double left, at;
};

struct rate {
	double per_minute;
	size_t n;
	struct bucket buckets[RATE_NAMES];
};

struct rate *rate_new(unsigned int per_minute)
{
	struct rate *rate = calloc(1, sizeof(*rate));

	if (rate)
		rate->per_minute = per_minute;
	return rate;
}

void rate_free(struct rate *rate)
{
	free(rate);
}

static struct bucket *find(struct rate *rate, const char *name, double now)
{
	struct bucket *oldest = &rate->buckets[0];

	for (size_t i = 0; i < rate->n; i++) {
		if (!strncmp(rate->buckets[i].name, name, NAME_MAX_LEN - 1))
			return &rate->buckets[i];
		if (rate->buckets[i].at < oldest->at)
			oldest = &rate->buckets[i];
	}
	if (rate->n < RATE_NAMES)
		oldest = &rate->buckets[rate->n++];
	memset(oldest, 0, sizeof(*oldest));
	strncpy(oldest->name, name, NAME_MAX_LEN - 1);
	oldest->left = rate->per_minute;
	oldest->at = now;
	return oldest;
}

bool rate_take(struct rate *rate, const char *name, double now)
{
	struct bucket *bucket = find(rate, name, now);

	bucket->left += (now - bucket->at) * rate->per_minute / 60;
	if (bucket->left > rate->per_minute)
		bucket->left = rate->per_minute;
	bucket->at = now;
	if (bucket->left < 1)
		return false;
	bucket->left--;
	return true;
}
