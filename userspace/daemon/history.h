/* SPDX-License-Identifier: MIT */
/*
 * What the daemon remembers of a peer beside its link: the last failure, which outlives a
 * link that never came to be, and when a connection may be tried again of itself.
 *
 * Peers without a section in the configuration can be made up by anybody on the air, so only
 * HISTORY_STRANGERS of them are kept, the latest.
 */
#ifndef PROSE_DAEMON_HISTORY_H
#define PROSE_DAEMON_HISTORY_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "keying/keying.h"

#define HISTORY_STRANGERS	64
#define HISTORY_DELAY_MS	1000	/* first wait after a failure at most, doubled at each */
#define HISTORY_DELAY_MAX_MS	60000
#define HISTORY_RELEASED_MS	30000	/* after the peer ended a link on purpose */

/**
 * struct history_peer - one peer
 * @l2_id: whose
 * @configured: has a section: never pushed out
 * @trying: we asked for a connection: its failure makes the next wait
 * @held: the user released it: no connection of itself until the user or the peer makes one
 * @next_try_ms: not before, in the clock of the events
 * @delay_ms: wait after the next failure, at most; half of it at least
 * @cause: of the last failure, a PC5 cause, 0 when none
 * @failed_at: when, 0 when there was none
 * @failure: the last failure, a sentence
 * @touched: order of use
 */
struct history_peer {
	uint32_t l2_id;
	bool configured, trying, held;
	uint64_t next_try_ms;
	uint32_t delay_ms;
	uint8_t cause;
	time_t failed_at;
	char failure[KEYING_TEXT_MAX];
	uint64_t touched;
};

struct history {
	struct history_peer *peers;
	size_t n, room;
	uint64_t clock;
};

/* The entry of a peer; NULL when there is none. Valid until the next history_touch(). */
struct history_peer *history_find(const struct history *history, uint32_t l2_id);
/* The same, made when missing; NULL when out of memory. */
struct history_peer *history_touch(struct history *history, uint32_t l2_id, bool configured);

/* Keeps why a setup failed. */
void history_note(struct history_peer *peer, uint8_t cause, const char *text);
/*
 * The same; after one that we started the next waits. What others start must not: they
 * could keep us from connecting for ever.
 */
void history_failed(struct history_peer *peer, uint64_t now_ms, uint8_t cause, const char *text);
void history_connected(struct history_peer *peer);
/* The peer does not want a link now: traffic must not bring it back at once. */
void history_released(struct history_peer *peer, uint64_t now_ms);

void history_free(struct history *history);

#endif
