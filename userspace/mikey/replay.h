/* SPDX-License-Identifier: MIT */
/*
 * The replay cache of MIKEY, RFC 3830 5.4: which authenticated messages there were, as long as the
 * clock would let them pass once more.
 *
 * An entry is sender, CSB ID and timestamp: every message of an initiator has a timestamp of its
 * own. Signatures are no part of it, for of one signature another can be made that verifies as well.
 *
 * The cache is bounded. When it is full, the entry with the oldest timestamp goes, and messages
 * that are as old as that are refused from then on, as RFC 3830 has it ("dynamically decrease the
 * looseness"). Only authenticated senders can fill it, and none of them more than an eighth, so that
 * one alone cannot have those of others refused.
 */
#ifndef PROSE_MIKEY_REPLAY_H
#define PROSE_MIKEY_REPLAY_H

#include "timestamp.h"

#define MIKEY_REPLAY_MAX	65536

struct mikey_replay;

enum mikey_replay_verdict {
	MIKEY_REPLAY_FRESH,
	MIKEY_REPLAY_SEEN,	/* it was there before */
	MIKEY_REPLAY_OLD,	/* whether it was is no longer known */
	MIKEY_REPLAY_BUSY,	/* its sender has sent too many */
};

/**
 * mikey_replay_new() - an empty cache, for a UE that has never accepted a message
 * @max: entries at most, 8 to MIKEY_REPLAY_MAX
 * @window: how far from the clock a timestamp may be, in seconds
 *
 * Return: the cache, or NULL.
 */
struct mikey_replay *mikey_replay_new(size_t max, uint32_t window);
void mikey_replay_free(struct mikey_replay *replay);

uint32_t mikey_replay_window(const struct mikey_replay *replay);

/**
 * mikey_replay_lost() - what was in the cache is lost
 * @replay: the cache
 * @now: by the clock
 *
 * Until the window has passed nothing can be said to be fresh: RFC 3830 5.4.
 */
void mikey_replay_lost(struct mikey_replay *replay, const struct mikey_time *now);

/**
 * mikey_replay_check() - may this be a new message?
 * @replay: the cache, which is not changed
 * @sender: who it is from, as authenticated by it
 * @csb_id: its CSB ID
 * @time: its timestamp
 * @now: by the clock
 */
enum mikey_replay_verdict mikey_replay_check(const struct mikey_replay *replay,
					     const struct mikey_octets *sender, uint32_t csb_id,
					     const struct mikey_time *time,
					     const struct mikey_time *now);

/**
 * mikey_replay_add() - the message is authentic
 *
 * As mikey_replay_check(), and when it is fresh it is not from now on.
 */
enum mikey_replay_verdict mikey_replay_add(struct mikey_replay *replay,
					   const struct mikey_octets *sender, uint32_t csb_id,
					   const struct mikey_time *time,
					   const struct mikey_time *now);

/* How many entries there are. */
size_t mikey_replay_count(const struct mikey_replay *replay);

/*
 * How often it has changed: by a message, or by being lost. What was saved is out of date from when this is
 * another number; how many entries there are does not tell, for old ones go as new ones come.
 */
unsigned long mikey_replay_changes(const struct mikey_replay *replay);

/**
 * mikey_replay_save() - the cache as octets
 * @replay: the cache
 * @len: gets how many
 *
 * Nothing in them is secret, but they have to be kept from being changed.
 *
 * Return: octets to be freed with free(), or NULL.
 */
uint8_t *mikey_replay_save(const struct mikey_replay *replay, size_t *len);

/**
 * mikey_replay_restore() - what was saved, into an empty cache
 * @replay: the cache; its window and its size may be others than those of what was saved
 * @data: octets
 * @len: how many
 * @now: by the clock
 *
 * Return: 0; or -1 when they are no such octets, and then the cache counts as lost.
 */
int mikey_replay_restore(struct mikey_replay *replay, const uint8_t *data, size_t len,
			 const struct mikey_time *now);

#endif
