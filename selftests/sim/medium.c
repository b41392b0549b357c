// SPDX-License-Identifier: MIT
/* The medium, medium.h. */
#include "medium.h"

#include <stdlib.h>
#include <string.h>

#include "invariants.h"
#include "world.h"

struct frame *frame_new(const uint8_t *message, size_t len)
{
	struct frame *frame = malloc(sizeof(*frame) + len);

	if (!frame)
		abort();
	memset(frame, 0, sizeof(*frame));
	frame->from = frame->to = -1;
	frame->len = len;
	if (len)
		memcpy(frame->message, message, len);
	return frame;
}

struct frame *frame_copy(const struct frame *frame)
{
	struct frame *copy = malloc(sizeof(*copy) + frame->len);

	if (!copy)
		abort();
	memcpy(copy, frame, sizeof(*copy) + frame->len);
	return copy;
}

static bool before(const struct frame *a, const struct frame *b)
{
	return a->at < b->at || (a->at == b->at && a->order < b->order);
}

static void swap(struct frame **heap, size_t i, size_t j)
{
	struct frame *frame = heap[i];

	heap[i] = heap[j];
	heap[j] = frame;
}

static void rise(struct frame **heap, size_t i)
{
	for (; i && before(heap[i], heap[(i - 1) / 2]); i = (i - 1) / 2)
		swap(heap, i, (i - 1) / 2);
}

static void sink(struct frame **heap, size_t n, size_t i)
{
	for (;;) {
		size_t least = i;

		for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < n; child++)
			if (before(heap[child], heap[least]))
				least = child;
		if (least == i)
			return;
		swap(heap, i, least);
		i = least;
	}
}

void medium_queue(struct world *world, struct frame *frame, uint64_t at)
{
	struct medium *medium = &world->medium;

	if (medium->n == medium->room) {
		medium->room = medium->room ? 2 * medium->room : 64;
		medium->heap = realloc(medium->heap, medium->room * sizeof(*medium->heap));
		if (!medium->heap)
			abort();
	}
	frame->at = at;
	frame->order = medium->order++;
	frame->to = world_index(world, frame->dst);
	medium->heap[medium->n] = frame;
	rise(medium->heap, medium->n++);
}

static uint64_t arrival(struct world *world)
{
	struct medium *medium = &world->medium;

	return world->now + rng_between(&medium->rng, medium->delay_min, medium->delay_max);
}

static bool parted(const struct world *world, const struct frame *frame)
{
	const struct medium *medium = &world->medium;

	return world->now < medium->parted_until && frame->from >= 0 && frame->to >= 0 &&
	       (medium->parted >> frame->from & 1) != (medium->parted >> frame->to & 1);
}

void medium_transmit(struct world *world, struct frame *frame)
{
	struct medium *medium = &world->medium;
	bool lost = parted(world, frame) || rng_per_mille(&medium->rng, medium->loss);

	frame->to = world_index(world, frame->dst);
	if (!lost && rng_per_mille(&medium->rng, medium->duplicate)) {
		world_count(world, TALLY_duplicated);
		medium_queue(world, frame_copy(frame), arrival(world));
	}
	if (lost) {
		world_trace(world, frame->from, "-> %s lost", world_frame_text(world, frame));
		world_count(world, TALLY_lost);
		invariant_excuse(world, frame->from, frame->to);
		free(frame);
		return;
	}
	medium_queue(world, frame, arrival(world));
}

uint64_t medium_next(const struct medium *medium)
{
	return medium->n ? medium->heap[0]->at : UINT64_MAX;
}

struct frame *medium_take(struct medium *medium)
{
	struct frame *frame = medium->heap[0];

	medium->heap[0] = medium->heap[--medium->n];
	sink(medium->heap, medium->n, 0);
	return frame;
}

void medium_fair(struct medium *medium)
{
	size_t kept = 0;

	medium->loss = medium->duplicate = 0;
	medium->delay_min = 1;
	medium->delay_max = 10;
	medium->parted_until = 0;
	for (size_t i = 0; i < medium->n; i++) {
		if (medium->heap[i]->held || medium->heap[i]->from < 0)
			free(medium->heap[i]);
		else
			medium->heap[kept++] = medium->heap[i];
	}
	medium->n = kept;
	for (size_t i = kept; i--;)
		sink(medium->heap, kept, i);
}

void medium_free(struct medium *medium)
{
	while (medium->n)
		free(medium->heap[--medium->n]);
	free(medium->heap);
}
