// SPDX-License-Identifier: MIT

#include <stdlib.h>

#include "tuples.h"

static bool same(const struct tuple *a, const struct tuple *b)
{
	return a->key == b->key && a->count == b->count && a->bearer == b->bearer &&
	       a->direction == b->direction;
}

static struct tuple *slot(const struct tuples *tuples, const struct tuple *tuple)
{
	uint64_t mix = (uint64_t)tuple->key << 38 ^ (uint64_t)tuple->bearer << 33 ^
		       (uint64_t)tuple->direction << 32 ^ tuple->count;
	size_t i = (mix * 0x9e3779b97f4a7c15u >> 20) & (tuples->size - 1);

	while (tuples->slots[i].frame && !same(&tuples->slots[i], tuple))
		i = (i + 1) & (tuples->size - 1);
	return &tuples->slots[i];
}

static bool grow(struct tuples *tuples)
{
	struct tuples bigger = { .size = tuples->size ? 2 * tuples->size : 1 << 16 };
	size_t i;

	bigger.slots = calloc(bigger.size, sizeof(*bigger.slots));
	if (!bigger.slots)
		return false;
	for (i = 0; i < tuples->size; i++)
		if (tuples->slots[i].frame)
			*slot(&bigger, &tuples->slots[i]) = tuples->slots[i];
	bigger.used = tuples->used;
	free(tuples->slots);
	*tuples = bigger;
	return true;
}

bool tuples_add(struct tuples *tuples, const struct tuple *tuple, uint64_t *before)
{
	struct tuple *place;

	if (2 * tuples->used >= tuples->size && !grow(tuples))
		return false;
	place = slot(tuples, tuple);
	*before = place->frame;
	if (!place->frame) {
		*place = *tuple;
		tuples->used++;
	}
	return true;
}

void tuples_free(struct tuples *tuples)
{
	free(tuples->slots);
	*tuples = (struct tuples){ 0 };
}
