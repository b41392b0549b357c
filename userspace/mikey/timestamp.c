// SPDX-License-Identifier: MIT
#include "timestamp.h"

#include <time.h>

#define FROM_1900_TO_1970	2208988800LL
#define ERA			(1LL << 32)
/* The first second that has its most significant bit set, and all that have one of either era. */
#define NTP_FIRST		((1LL << 31) - FROM_1900_TO_1970)
#define NTP_END			(ERA + (1LL << 31) - FROM_1900_TO_1970)
#define DAY			86400

static uint32_t get_32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

int mikey_time_decode(const struct mikey_payload *payload, struct mikey_time *time)
{
	const uint8_t *value = payload->data.data;
	uint32_t seconds;

	*time = (struct mikey_time){ 0 };
	if (payload->type != MIKEY_TS_NTP_UTC && payload->type != MIKEY_TS_NTP &&
	    payload->type != MIKEY_TS_NTP_UTC_32)
		return -1;
	seconds = get_32(value);
	time->seconds = (int64_t)seconds - FROM_1900_TO_1970 + (seconds >> 31 ? 0 : ERA);
	if (payload->type != MIKEY_TS_NTP_UTC_32)
		time->fraction = get_32(value + 4);
	return 0;
}

int mikey_time_encode(const struct mikey_time *time, uint8_t out[static MIKEY_NTP_LEN])
{
	uint64_t value;

	if (time->seconds < NTP_FIRST || time->seconds >= NTP_END)
		return -1;
	value = (uint64_t)(time->seconds + FROM_1900_TO_1970) << 32 | time->fraction;
	for (int i = 0; i < MIKEY_NTP_LEN; i++)
		out[i] = (uint8_t)(value >> (56 - 8 * i));
	return 0;
}

int mikey_time_compare(const struct mikey_time *a, const struct mikey_time *b)
{
	if (a->seconds != b->seconds)
		return a->seconds < b->seconds ? -1 : 1;
	return (a->fraction > b->fraction) - (a->fraction < b->fraction);
}

bool mikey_time_within(const struct mikey_time *time, const struct mikey_time *now,
		       uint32_t window)
{
	struct mikey_time first = { now->seconds - window, now->fraction };
	struct mikey_time last = { now->seconds + window, now->fraction };

	return mikey_time_compare(&first, time) <= 0 && mikey_time_compare(time, &last) <= 0;
}

static struct mikey_month month_of(int64_t seconds)
{
	time_t when = (time_t)seconds;
	struct tm tm = { 0 };

	gmtime_r(&when, &tm);
	return (struct mikey_month){ tm.tm_year + 1900, tm.tm_mon + 1 };
}

struct mikey_month mikey_month_of(const struct mikey_time *time)
{
	return month_of(time->seconds);
}

static bool same(struct mikey_month a, const struct mikey_month *b)
{
	return a.year == b->year && a.month == b->month;
}

/* Two days on it is the next month from the second-to-last day on, two days back the last one. */
bool mikey_month_acceptable(const struct mikey_month *month, const struct mikey_time *now)
{
	return same(month_of(now->seconds), month) ||
	       same(month_of(now->seconds + 2 * DAY), month) ||
	       same(month_of(now->seconds - 2 * DAY), month);
}
