// SPDX-License-Identifier: MIT

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "needles.h"

#define MAX_OCTETS	(1U << 30)

struct needle {
	const char *name;
	size_t start, end;	/* in octets; starts at a multiple of the block */
};

struct needles {
	struct needle *list;
	size_t n;
	uint8_t *octets;
	size_t len, room;
	uint32_t *table;	/* block number + 1 */
	size_t size;
	uint64_t *filter;	/* a bit per hash; keeps most look-ups in the cache */
	size_t filter_bits;
	uint8_t *marks;		/* per block: indexed, marked */
	size_t blocks, marked;
};

#define INDEXED	1
#define MARKED	2

struct needles *needles_new(void)
{
	return calloc(1, sizeof(struct needles));
}

void needles_free(struct needles *needles)
{
	if (!needles)
		return;
	if (needles->octets)
		explicit_bzero(needles->octets, needles->len);
	free(needles->list);
	free(needles->octets);
	free(needles->table);
	free(needles->filter);
	free(needles->marks);
	free(needles);
}

static bool reserve(struct needles *needles, size_t more)
{
	size_t room = needles->room;
	uint8_t *grown;

	if (more > MAX_OCTETS - needles->len)
		return false;
	while (room < needles->len + more)
		room = room ? 2 * room : 1 << 16;
	if (room == needles->room)
		return true;
	/* Not realloc(): a KD-sess would stay behind in freed memory. */
	grown = calloc(1, room);
	if (!grown)
		return false;
	if (needles->octets) {
		memcpy(grown, needles->octets, needles->len);
		explicit_bzero(needles->octets, needles->len);
		free(needles->octets);
	}
	needles->octets = grown;
	needles->room = room;
	return true;
}

bool needles_add(struct needles *needles, const uint8_t *octets, size_t len, const char *name)
{
	struct needle *list;
	size_t padded = (len + NEEDLES_BLOCK - 1) / NEEDLES_BLOCK * NEEDLES_BLOCK;

	if (len < NEEDLES_WINDOW || len > MAX_OCTETS || !reserve(needles, padded))
		return false;
	list = realloc(needles->list, (needles->n + 1) * sizeof(*list));
	if (!list)
		return false;
	needles->list = list;
	list[needles->n++] = (struct needle){
		.name = name, .start = needles->len, .end = needles->len + len,
	};
	memcpy(needles->octets + needles->len, octets, len);
	needles->len += padded;
	return true;
}

bool needles_add_file(struct needles *needles, const char *path)
{
	uint8_t *octets = NULL;
	FILE *file = fopen(path, "rb");
	bool ok = false;
	long len;

	if (!file || fseek(file, 0, SEEK_END) || (len = ftell(file)) < 0 ||
	    fseek(file, 0, SEEK_SET)) {
		fprintf(stderr, "decode: %s: %s\n", path, strerror(errno));
		goto out;
	}
	if (len < NEEDLES_WINDOW || len > (long)MAX_OCTETS) {
		fprintf(stderr, "decode: %s: %ld octets; a plaintext has %d to %u\n", path, len,
			NEEDLES_WINDOW, MAX_OCTETS);
		goto out;
	}
	octets = malloc((size_t)len);
	if (!octets || fread(octets, 1, (size_t)len, file) != (size_t)len) {
		fprintf(stderr, "decode: %s: cannot read\n", path);
		goto out;
	}
	ok = needles_add(needles, octets, (size_t)len, path);
	if (!ok)
		fprintf(stderr, "decode: %s: out of memory\n", path);
out:
	free(octets);
	if (file)
		fclose(file);
	return ok;
}

static uint64_t hash(const uint8_t *block)
{
	uint64_t a, b;

	memcpy(&a, block, 8);
	memcpy(&b, block + 8, 8);
	a = (a ^ (b << 29 | b >> 35)) * 0x9e3779b97f4a7c15u;
	return a ^ a >> 32;
}

static const struct needle *needle_at(const struct needles *needles, size_t pos)
{
	size_t low = 0, high = needles->n;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (needles->list[middle].start <= pos)
			low = middle;
		else
			high = middle;
	}
	return &needles->list[low];
}

static bool same_surroundings(const struct needles *needles, size_t a, size_t b)
{
	const struct needle *of_a = needle_at(needles, a), *of_b = needle_at(needles, b);

	if (a < of_a->start + NEEDLES_BLOCK || b < of_b->start + NEEDLES_BLOCK ||
	    a + 2 * NEEDLES_BLOCK > of_a->end || b + 2 * NEEDLES_BLOCK > of_b->end)
		return false;
	return !memcmp(needles->octets + a - NEEDLES_BLOCK, needles->octets + b - NEEDLES_BLOCK,
		       3 * NEEDLES_BLOCK);
}

/* A block that looks the same 16 octets to each side as one before it finds nothing new. */
static void index_block(struct needles *needles, size_t number)
{
	size_t pos = number * NEEDLES_BLOCK, i;
	uint64_t h = hash(needles->octets + pos);

	for (i = h & (needles->size - 1); needles->table[i]; i = (i + 1) & (needles->size - 1))
		if (same_surroundings(needles, (needles->table[i] - 1) * (size_t)NEEDLES_BLOCK, pos))
			return;
	needles->table[i] = (uint32_t)number + 1;
	h = h >> 7 & (needles->filter_bits - 1);
	needles->filter[h / 64] |= (uint64_t)1 << h % 64;
	needles->marks[number] = INDEXED;
	needles->blocks++;
}

bool needles_build(struct needles *needles)
{
	size_t total = needles->len / NEEDLES_BLOCK, i, pos;

	for (needles->size = 64; needles->size < 2 * total; needles->size *= 2)
		;
	needles->filter_bits = 8 * needles->size;
	needles->table = calloc(needles->size, sizeof(*needles->table));
	needles->filter = calloc(needles->filter_bits / 64, sizeof(*needles->filter));
	needles->marks = calloc(total + 1, 1);
	if (!needles->table || !needles->filter || !needles->marks)
		return false;
	for (i = 0; i < needles->n; i++)
		for (pos = needles->list[i].start; pos + NEEDLES_BLOCK <= needles->list[i].end;
		     pos += NEEDLES_BLOCK)
			index_block(needles, pos / NEEDLES_BLOCK);
	return true;
}

/* Octets in a row that are the same, from a block found at @at on to both sides. */
static bool is_window(const struct needles *needles, size_t pos, const uint8_t *octets, size_t len,
		      size_t at, struct needles_hit *hit)
{
	const struct needle *needle = needle_at(needles, pos);
	size_t before = 0, after = NEEDLES_BLOCK;

	while (before < NEEDLES_BLOCK && before < at && pos - before > needle->start &&
	       octets[at - before - 1] == needles->octets[pos - before - 1])
		before++;
	while (before + after < NEEDLES_WINDOW && at + after < len && pos + after < needle->end &&
	       octets[at + after] == needles->octets[pos + after])
		after++;
	if (before + after < NEEDLES_WINDOW)
		return false;
	hit->at = at - before;
	hit->name = needle->name;
	hit->offset = pos - before - needle->start;
	return true;
}

/* Walks the blocks equal to the one at @block: *@i is where to go on, return its position. */
static bool next_block(const struct needles *needles, const uint8_t *block, size_t *i, size_t *pos)
{
	uint32_t number;

	while ((number = needles->table[*i & (needles->size - 1)])) {
		(*i)++;
		*pos = (number - 1) * (size_t)NEEDLES_BLOCK;
		if (!memcmp(needles->octets + *pos, block, NEEDLES_BLOCK))
			return true;
	}
	return false;
}

static bool may_hold(const struct needles *needles, uint64_t h)
{
	h = h >> 7 & (needles->filter_bits - 1);
	return needles->filter[h / 64] >> h % 64 & 1;
}

bool needles_find(const struct needles *needles, const uint8_t *octets, size_t len,
		  struct needles_hit *hit)
{
	size_t at, i, pos;

	if (!needles->n)
		return false;
	for (at = 0; at + NEEDLES_BLOCK <= len; at++) {
		uint64_t h = hash(octets + at);

		if (!may_hold(needles, h))
			continue;
		i = h & (needles->size - 1);
		while (next_block(needles, octets + at, &i, &pos))
			if (is_window(needles, pos, octets, len, at, hit))
				return true;
	}
	return false;
}

void needles_mark(struct needles *needles, const uint8_t *octets, size_t len)
{
	size_t at, i, pos;

	if (!needles->n)
		return;
	for (at = 0; at + NEEDLES_BLOCK <= len; at++) {
		uint64_t h = hash(octets + at);

		if (!may_hold(needles, h))
			continue;
		i = h & (needles->size - 1);
		while (next_block(needles, octets + at, &i, &pos)) {
			uint8_t *mark = &needles->marks[pos / NEEDLES_BLOCK];

			if (!(*mark & MARKED))
				needles->marked++;
			*mark |= MARKED;
		}
	}
}

size_t needles_octets(const struct needles *needles)
{
	size_t total = 0, i;

	for (i = 0; i < needles->n; i++)
		total += needles->list[i].end - needles->list[i].start;
	return total;
}

size_t needles_blocks(const struct needles *needles)
{
	return needles->blocks;
}

size_t needles_marked(const struct needles *needles)
{
	return needles->marked;
}
