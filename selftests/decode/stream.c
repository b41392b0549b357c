// SPDX-License-Identifier: MIT

#include "stream.h"

#define SN_BITS	16
#define WINDOW	(1 << (SN_BITS - 1))

void stream_init(struct stream *stream, uint32_t start)
{
	*stream = (struct stream){ .start = start, .highest = start - 1 };
}

bool stream_count(const struct stream *stream, uint16_t sn, uint32_t *count)
{
	/* 64 bits: behind COUNT 2^32 - 1 comes no HFN 0. */
	int64_t next = (int64_t)stream->highest + 1;
	int64_t hfn = next >> SN_BITS;
	int32_t next_sn = (int32_t)(next & 0xffff);

	if (sn < next_sn - WINDOW)
		hfn++;
	else if (sn >= next_sn + WINDOW)
		hfn--;
	if (hfn < 0 || hfn > 0xffff)
		return false;
	*count = (uint32_t)hfn << SN_BITS | sn;
	return true;
}

void stream_take(struct stream *stream, uint32_t count, double when)
{
	if (!stream->frames++)
		stream->first = when;
	stream->last = when;
	if (count > stream->highest)
		stream->highest = count;
	else
		stream->reordered++;
}

uint64_t stream_missing(const struct stream *stream)
{
	uint64_t sent = (uint64_t)stream->highest + 1 - stream->start;

	/* Repeats, an error told elsewhere, can make it more frames than COUNTs. */
	return stream->frames < sent ? sent - stream->frames : 0;
}
