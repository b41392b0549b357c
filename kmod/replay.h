/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Replay window over COUNT: a ring of bits, as RFC 6479 has it. Moving it
 * forward clears the words it enters; nothing is shifted.
 *
 * Pure. The caller serialises prose_replay_check() and prose_replay_update();
 * prose_replay_ref() may run beside them, it only guides the choice of an HFN.
 */
#ifndef _PROSE_REPLAY_H
#define _PROSE_REPLAY_H

#include "shim.h"

#define PROSE_REPLAY_MIN	64
#define PROSE_REPLAY_MAX	32768

/**
 * struct prose_replay - what was received in one bearer
 * @next: the COUNT after the highest received, or the first there can be.
 *	Saturates at 0xffffffff, after which only older ones can come.
 * @highest: highest COUNT received
 * @seen: something was received, @highest means something
 * @window: how many COUNTs, the highest and those behind it, are told apart
 * @mask: words of @bits less 1
 * @bits: ring of twice @window bits, so that the words being cleared are never
 *	those of the window
 */
struct prose_replay {
	u32 next;
	u32 highest;
	bool seen;
	u32 window;
	u32 mask;
	unsigned long *bits;
};

size_t prose_replay_size(u32 window);
void prose_replay_init(struct prose_replay *replay, u32 first, u32 window, unsigned long *bits);
bool prose_replay_check(const struct prose_replay *replay, u32 count);
bool prose_replay_update(struct prose_replay *replay, u32 count);

/**
 * prose_replay_ref() - the COUNT expected next
 * @replay: the window
 *
 * Return: reference for prose_count_recover().
 */
static inline u32 prose_replay_ref(const struct prose_replay *replay)
{
	return READ_ONCE(replay->next);
}

#endif /* _PROSE_REPLAY_H */
