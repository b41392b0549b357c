// SPDX-License-Identifier: MIT

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "finding.h"

/* A broken capture can have a hundred thousand of a kind; the first ones tell the story. */
#define TOLD_PER_KIND	10

static uint64_t counts[FINDINGS];
static bool tell_all;

static const struct {
	const char *name, *title;
} kinds[FINDINGS] = {
	[FINDING_UNDECODABLE] = { "undecodable", "cannot be decoded" },
	[FINDING_MAC] = { "mac_failures", "MAC-I wrong" },
	[FINDING_SDU] = { "bad_sdus", "deciphers into no valid SDU" },
	[FINDING_REPEAT] = { "keystream_repeats", "COUNT used again" },
	[FINDING_PLAINTEXT] = { "plaintext_hits", "plaintext on the wire" },
	[FINDING_KEY] = { "key_hits", "key on the wire" },
	[FINDING_UNPROTECTED] = { "unprotected_wrongly", "must not go unprotected" },
	[FINDING_AFTER_MARK] = { "data_frames_after_mark", "user data after the mark" },
	[FINDING_AFTER_RELEASE] = { "data_frames_after_release", "user data after release" },
	[FINDING_FOREIGN] = { "foreign_frames", "not a frame of the carrier" },
	[FINDING_FLOW] = { "flow_faults", "not what the flow had to bring" },
};

const char *finding_name(enum finding kind)
{
	return kinds[kind].name;
}

void finding_verbose(bool all)
{
	tell_all = all;
}

void finding_add(enum finding kind, uint64_t frame, const char *format, ...)
{
	va_list args;

	counts[kind]++;
	if (counts[kind] > TOLD_PER_KIND && !tell_all) {
		if (counts[kind] == TOLD_PER_KIND + 1)
			fprintf(stderr, "decode: more of '%s' are counted, not told (-v tells them)\n",
				kinds[kind].title);
		return;
	}
	fprintf(stderr, "decode: frame %" PRIu64 ": %s: ", frame, kinds[kind].title);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

uint64_t finding_count(enum finding kind)
{
	return counts[kind];
}

uint64_t finding_total(void)
{
	uint64_t total = 0;
	int i;

	for (i = 0; i < FINDINGS; i++)
		total += counts[i];
	return total;
}
