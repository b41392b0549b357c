// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "history.h"

struct history_peer *history_find(const struct history *history, uint32_t l2_id)
{
	size_t i;

	for (i = 0; i < history->n; i++)
		if (history->peers[i].l2_id == l2_id)
			return &history->peers[i];
	return NULL;
}

static struct history_peer *oldest_stranger(const struct history *history, size_t *strangers)
{
	struct history_peer *oldest = NULL;
	size_t i;

	*strangers = 0;
	for (i = 0; i < history->n; i++) {
		if (history->peers[i].configured)
			continue;
		++*strangers;
		if (!oldest || history->peers[i].touched < oldest->touched)
			oldest = &history->peers[i];
	}
	return oldest;
}

struct history_peer *history_touch(struct history *history, uint32_t l2_id, bool configured)
{
	struct history_peer *peer = history_find(history, l2_id), *grown;
	size_t strangers;

	if (!peer && !configured) {
		peer = oldest_stranger(history, &strangers);
		if (strangers < HISTORY_STRANGERS)
			peer = NULL;
		else
			memset(peer, 0, sizeof(*peer));
	}
	if (!peer) {
		if (history->n == history->room) {
			grown = realloc(history->peers, (history->room + 16) * sizeof(*grown));
			if (!grown)
				return NULL;
			history->peers = grown;
			history->room += 16;
		}
		peer = &history->peers[history->n++];
		memset(peer, 0, sizeof(*peer));
	}
	peer->l2_id = l2_id;
	peer->configured = configured;
	peer->touched = ++history->clock;
	return peer;
}

void history_note(struct history_peer *peer, uint8_t cause, const char *text)
{
	snprintf(peer->failure, sizeof(peer->failure), "%s", text);
	peer->cause = cause;
	peer->failed_at = time(NULL);
}

void history_failed(struct history_peer *peer, uint64_t now_ms, uint8_t cause, const char *text)
{
	uint16_t jitter = 0;
	uint32_t half;

	history_note(peer, cause, text);
	if (!peer->trying)
		return;
	peer->trying = false;
	if (!peer->delay_ms)
		peer->delay_ms = HISTORY_DELAY_MS;
	/* Up to a half less, so that UEs which fail together, as many do, do not retry together. */
	if (RAND_bytes((uint8_t *)&jitter, sizeof(jitter)) != 1)
		jitter = 0;
	half = peer->delay_ms / 2;
	peer->next_try_ms = now_ms + half + (uint64_t)half * jitter / UINT16_MAX;
	peer->delay_ms = peer->delay_ms * 2 > HISTORY_DELAY_MAX_MS ? HISTORY_DELAY_MAX_MS :
								    peer->delay_ms * 2;
}

void history_connected(struct history_peer *peer)
{
	peer->held = false;
	peer->trying = false;
	peer->next_try_ms = 0;
	peer->delay_ms = 0;
}

void history_released(struct history_peer *peer, uint64_t now_ms)
{
	peer->next_try_ms = now_ms + HISTORY_RELEASED_MS;
}

void history_free(struct history *history)
{
	free(history->peers);
	memset(history, 0, sizeof(*history));
}
