// SPDX-License-Identifier: MIT
#include "replay.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#define SENDER_LEN	32		/* SHA-256: identities have any length */
#define SHARE		8		/* of how many senders the cache is, at least */
#define MAGIC		"MRC1"
#define HEAD_LEN	(4 + 12 + 4)
#define ENTRY_LEN	(SENDER_LEN + 4 + 12)

struct entry {
	struct mikey_time time;
	uint32_t csb_id;
	uint8_t sender[SENDER_LEN];
};

/**
 * struct mikey_replay - the cache
 * @max: entries there is room for
 * @window: seconds
 * @floor: what is not newer than that is refused
 * @changes: how often any of this was
 * @n: entries
 * @entry: by time, the oldest first
 */
struct mikey_replay {
	size_t max;
	uint32_t window;
	struct mikey_time floor;
	unsigned long changes;
	size_t n;
	struct entry entry[];
};

struct mikey_replay *mikey_replay_new(size_t max, uint32_t window)
{
	struct mikey_replay *replay;

	if (max < SHARE || max > MIKEY_REPLAY_MAX)
		return NULL;
	replay = calloc(1, sizeof(*replay) + max * sizeof(replay->entry[0]));
	if (!replay)
		return NULL;
	replay->max = max;
	replay->window = window;
	replay->floor.seconds = INT64_MIN;
	return replay;
}

void mikey_replay_free(struct mikey_replay *replay)
{
	free(replay);
}

uint32_t mikey_replay_window(const struct mikey_replay *replay)
{
	return replay->window;
}

size_t mikey_replay_count(const struct mikey_replay *replay)
{
	return replay->n;
}

unsigned long mikey_replay_changes(const struct mikey_replay *replay)
{
	return replay->changes;
}

static void raise(struct mikey_replay *replay, const struct mikey_time *floor)
{
	if (mikey_time_compare(&replay->floor, floor) < 0)
		replay->floor = *floor;
}

/* A timestamp may be ahead of the clock by as much. */
void mikey_replay_lost(struct mikey_replay *replay, const struct mikey_time *now)
{
	struct mikey_time newest = { now->seconds + replay->window, now->fraction };

	replay->changes++;
	raise(replay, &newest);
}

static bool past(const struct mikey_replay *replay, const struct mikey_time *time,
		 const struct mikey_time *now)
{
	struct mikey_time first = { now->seconds - replay->window, now->fraction };

	return mikey_time_compare(time, &first) < 0;
}

static int make(struct entry *entry, const struct mikey_octets *sender, uint32_t csb_id,
		const struct mikey_time *time)
{
	*entry = (struct entry){ .time = *time, .csb_id = csb_id };
	return EVP_Digest(sender->data, sender->len, entry->sender, NULL, EVP_sha256(), NULL) ? 0 :
											     -1;
}

static int compare(const struct entry *a, const struct entry *b)
{
	int order = mikey_time_compare(&a->time, &b->time);

	if (!order)
		order = (a->csb_id > b->csb_id) - (a->csb_id < b->csb_id);
	return order ? order : memcmp(a->sender, b->sender, sizeof(a->sender));
}

/* Where it stands or would stand. */
static size_t place(const struct mikey_replay *replay, const struct entry *entry)
{
	size_t low = 0, high = replay->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&replay->entry[middle], entry) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static enum mikey_replay_verdict judge(const struct mikey_replay *replay,
				       const struct entry *entry, size_t at,
				       const struct mikey_time *now)
{
	size_t same = 0;

	if (mikey_time_compare(&entry->time, &replay->floor) <= 0 ||
	    !mikey_time_within(&entry->time, now, replay->window))
		return MIKEY_REPLAY_OLD;
	if (at < replay->n && !compare(&replay->entry[at], entry))
		return MIKEY_REPLAY_SEEN;
	for (size_t i = 0; i < replay->n; i++)
		same += !past(replay, &replay->entry[i].time, now) &&
			!memcmp(replay->entry[i].sender, entry->sender, SENDER_LEN);
	return same >= replay->max / SHARE ? MIKEY_REPLAY_BUSY : MIKEY_REPLAY_FRESH;
}

enum mikey_replay_verdict mikey_replay_check(const struct mikey_replay *replay,
					     const struct mikey_octets *sender, uint32_t csb_id,
					     const struct mikey_time *time,
					     const struct mikey_time *now)
{
	struct entry entry;

	if (make(&entry, sender, csb_id, time))
		return MIKEY_REPLAY_BUSY;
	return judge(replay, &entry, place(replay, &entry), now);
}

/* The first ones. */
static void drop(struct mikey_replay *replay, size_t n)
{
	replay->n -= n;
	memmove(replay->entry, replay->entry + n, replay->n * sizeof(replay->entry[0]));
}

enum mikey_replay_verdict mikey_replay_add(struct mikey_replay *replay,
					   const struct mikey_octets *sender, uint32_t csb_id,
					   const struct mikey_time *time,
					   const struct mikey_time *now)
{
	enum mikey_replay_verdict verdict;
	struct entry entry;
	size_t at = 0;

	if (make(&entry, sender, csb_id, time))
		return MIKEY_REPLAY_BUSY;
	verdict = judge(replay, &entry, place(replay, &entry), now);
	if (verdict != MIKEY_REPLAY_FRESH)
		return verdict;
	/* Whether it finds a place or not: what goes for it raises the floor. */
	replay->changes++;
	/*
	 * What the clock refuses need not be known. But a clock can be set back, so that it is no
	 * longer refused: what is forgotten stays too old whatever the clock says.
	 */
	while (at < replay->n && past(replay, &replay->entry[at].time, now))
		at++;
	if (at) {
		raise(replay, &replay->entry[at - 1].time);
		drop(replay, at);
	}
	if (replay->n == replay->max) {
		/* The new one may be the oldest, which is as good as having dropped it. */
		if (compare(&entry, &replay->entry[0]) < 0)
			return MIKEY_REPLAY_OLD;
		raise(replay, &replay->entry[0].time);
		drop(replay, 1);
	}
	at = place(replay, &entry);
	memmove(replay->entry + at + 1, replay->entry + at,
		(replay->n - at) * sizeof(replay->entry[0]));
	replay->entry[at] = entry;
	replay->n++;
	return MIKEY_REPLAY_FRESH;
}

static uint8_t *put(uint8_t *at, uint64_t value, size_t len)
{
	while (len--)
		*at++ = (uint8_t)(value >> 8 * len);
	return at;
}

static uint8_t *put_time(uint8_t *at, const struct mikey_time *time)
{
	return put(put(at, (uint64_t)time->seconds, 8), time->fraction, 4);
}

/* "MRC1", floor (12), number of entries (4); each sender (32), CSB ID (4), time (12). */
uint8_t *mikey_replay_save(const struct mikey_replay *replay, size_t *len)
{
	uint8_t *data = malloc(HEAD_LEN + replay->n * ENTRY_LEN), *at = data;

	if (!data)
		return NULL;
	memcpy(at, MAGIC, 4);
	at = put_time(at + 4, &replay->floor);
	at = put(at, replay->n, 4);
	for (size_t i = 0; i < replay->n; i++) {
		memcpy(at, replay->entry[i].sender, SENDER_LEN);
		at = put(at + SENDER_LEN, replay->entry[i].csb_id, 4);
		at = put_time(at, &replay->entry[i].time);
	}
	*len = (size_t)(at - data);
	return data;
}

static uint64_t get(const uint8_t **at, size_t len)
{
	uint64_t value = 0;

	while (len--)
		value = value << 8 | *(*at)++;
	return value;
}

static struct mikey_time get_time(const uint8_t **at)
{
	struct mikey_time time;

	time.seconds = (int64_t)get(at, 8);
	time.fraction = (uint32_t)get(at, 4);
	return time;
}

static int read_entries(struct mikey_replay *replay, const uint8_t *at, size_t n)
{
	struct entry entry;

	for (size_t i = 0; i < n; i++) {
		memcpy(entry.sender, at, SENDER_LEN);
		at += SENDER_LEN;
		entry.csb_id = (uint32_t)get(&at, 4);
		entry.time = get_time(&at);
		if (replay->n && compare(&replay->entry[replay->n - 1], &entry) >= 0)
			return -1;
		/* A smaller cache than the one that was saved keeps the newest. */
		if (replay->n == replay->max) {
			raise(replay, &replay->entry[0].time);
			drop(replay, 1);
		}
		replay->entry[replay->n++] = entry;
	}
	return 0;
}

int mikey_replay_restore(struct mikey_replay *replay, const uint8_t *data, size_t len,
			 const struct mikey_time *now)
{
	const uint8_t *at = data + 4;
	struct mikey_time floor;
	size_t n;

	if (len < HEAD_LEN || memcmp(data, MAGIC, 4))
		goto lost;
	floor = get_time(&at);
	n = (size_t)get(&at, 4);
	if (n > MIKEY_REPLAY_MAX || len != HEAD_LEN + n * ENTRY_LEN || read_entries(replay, at, n))
		goto lost;
	raise(replay, &floor);
	return 0;
lost:
	replay->n = 0;
	mikey_replay_lost(replay, now);
	return -1;
}
