// SPDX-License-Identifier: GPL-2.0-only
/* Replay window over COUNT, see replay.h. */

#include "replay.h"

static size_t ring_words(u32 window)
{
	return 2 * (size_t)window / BITS_PER_LONG;
}

/**
 * prose_replay_size() - memory a window needs
 * @window: its size, a power of two from PROSE_REPLAY_MIN to PROSE_REPLAY_MAX
 *
 * Return: octets.
 */
size_t prose_replay_size(u32 window)
{
	return ring_words(window) * sizeof(unsigned long);
}

/**
 * prose_replay_init() - an empty window
 * @replay: the window
 * @first: the first COUNT there can be
 * @window: its size, a power of two from PROSE_REPLAY_MIN to PROSE_REPLAY_MAX
 * @bits: zeroed memory of prose_replay_size() octets; stays the caller's
 */
void prose_replay_init(struct prose_replay *replay, u32 first, u32 window, unsigned long *bits)
{
	replay->next = first;
	replay->highest = 0;
	replay->seen = false;
	replay->window = window;
	replay->mask = ring_words(window) - 1;
	replay->bits = bits;
}

/**
 * prose_replay_check() - would a COUNT be taken?
 * @replay: the window
 * @count: the COUNT
 *
 * Return: false if it was received before or is behind the window.
 */
bool prose_replay_check(const struct prose_replay *replay, u32 count)
{
	unsigned long word;

	if (!replay->seen || count > replay->highest)
		return true;
	if (replay->highest - count >= replay->window)
		return false;
	word = replay->bits[count / BITS_PER_LONG & replay->mask];
	return !(word >> count % BITS_PER_LONG & 1);
}

/**
 * prose_replay_update() - take a COUNT whose frame is genuine
 * @replay: the window
 * @count: the COUNT
 *
 * Return: false, with nothing changed, if it was received before or is behind
 * the window.
 */
bool prose_replay_update(struct prose_replay *replay, u32 count)
{
	u32 to = count / BITS_PER_LONG;

	if (!prose_replay_check(replay, count))
		return false;

	if (!replay->seen || count > replay->highest) {
		if (replay->seen) {
			u32 from = replay->highest / BITS_PER_LONG;
			u32 step = to - from;

			/* A jump beyond the ring clears all of it, once. */
			if (step > replay->mask)
				step = replay->mask + 1;
			while (step) {
				replay->bits[(from + step) & replay->mask] = 0;
				step--;
			}
		}
		replay->highest = count;
		replay->seen = true;
		WRITE_ONCE(replay->next, count == 0xffffffff ? count : count + 1);
	}
	replay->bits[to & replay->mask] |= 1UL << count % BITS_PER_LONG;
	return true;
}
