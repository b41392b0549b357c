// SPDX-License-Identifier: MIT
/* Timestamps of MIKEY, key periods, and the replay cache, on a clock that the test turns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "mikey/replay.h"

#define WINDOW	600
#define NOW	1302868800		/* 2011-04-15 12:00:00 */
#define MAX	64

static const struct mikey_octets alice = { (const uint8_t *)"tel:+447700900123", 17 };
static const struct mikey_octets bob = { (const uint8_t *)"tel:+447700900456", 17 };

static struct mikey_time at(int64_t seconds)
{
	return (struct mikey_time){ NOW + seconds, 7 };
}

static struct mikey_time on(int year, int month, int day, int hour, int second)
{
	struct tm tm = {
		.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour,
		.tm_sec = second,
	};

	return (struct mikey_time){ timegm(&tm), 0 };
}

static struct mikey_payload stamp(uint8_t type, const char *value, size_t len)
{
	return (struct mikey_payload){ .payload = MIKEY_T, .type = type,
				       .data = { (const uint8_t *)value, len } };
}

static void timestamps(void **state)
{
	struct mikey_payload t = stamp(MIKEY_TS_NTP_UTC, "\xd1\x52\xb1\xc0\x80\0\0\0", 8);
	struct mikey_time time, first = { -61505152, 0 }, last = { 4233462143, UINT32_MAX };
	uint8_t out[MIKEY_NTP_LEN];

	(void)state;
	/* that of Annex A.4 */
	assert_int_equal(mikey_time_decode(&t, &time), 0);
	assert_int_equal(time.seconds, NOW);
	assert_int_equal(time.fraction, 0x80000000);
	assert_int_equal(mikey_time_encode(&time, out), 0);
	assert_memory_equal(out, t.data.data, 8);
	t = stamp(MIKEY_TS_NTP_UTC_32, "\xd1\x52\xb1\xc0", 4);
	assert_int_equal(mikey_time_decode(&t, &time), 0);
	assert_true(time.seconds == NOW && !time.fraction);
	t = stamp(MIKEY_TS_COUNTER, "\xd1\x52\xb1\xc0", 4);
	assert_int_equal(mikey_time_decode(&t, &time), -1);
	/* RFC 4330: 0 is 2036-02-07 06:28:16, and the second before it is the last of the era */
	t = stamp(MIKEY_TS_NTP, "\0\0\0\0\0\0\0\0", 8);
	assert_int_equal(mikey_time_decode(&t, &time), 0);
	assert_int_equal(time.seconds, on(2036, 2, 7, 6, 28 * 60 + 16).seconds);
	t = stamp(MIKEY_TS_NTP, "\xff\xff\xff\xff\0\0\0\0", 8);
	assert_int_equal(mikey_time_decode(&t, &time), 0);
	assert_int_equal(time.seconds, on(2036, 2, 7, 6, 28 * 60 + 15).seconds);
	/* from 1968-01-20 03:14:08 to 2104-02-26 09:42:23 */
	assert_int_equal(mikey_time_encode(&first, out), 0);
	t = stamp(MIKEY_TS_NTP, (const char *)out, 8);
	assert_int_equal(mikey_time_decode(&t, &time), 0);
	assert_int_equal(mikey_time_compare(&time, &first), 0);
	assert_int_equal(mikey_time_encode(&last, out), 0);
	assert_int_equal(mikey_time_decode(&t, &time), 0);
	assert_int_equal(mikey_time_compare(&time, &last), 0);
	first.seconds--;
	assert_int_equal(mikey_time_encode(&first, out), -1);
	last.seconds++;
	assert_int_equal(mikey_time_encode(&last, out), -1);
}

static void windows(void **state)
{
	struct mikey_time now = at(0), time;

	(void)state;
	time = at(WINDOW);
	assert_true(mikey_time_within(&time, &now, WINDOW));
	time.fraction++;
	assert_false(mikey_time_within(&time, &now, WINDOW));
	time = at(-WINDOW);
	assert_true(mikey_time_within(&time, &now, WINDOW));
	time.fraction--;
	assert_false(mikey_time_within(&time, &now, WINDOW));
	time = at(0);
	assert_true(mikey_time_within(&time, &now, 0));
}

static void acceptable(int year, int month, struct mikey_time now, bool expected)
{
	assert_int_equal(mikey_month_acceptable(&(struct mikey_month){ year, month }, &now), expected);
}

/* RFC 6509 3.3, to the second, in months of each length and over the end of a year. */
static void key_periods(void **state)
{
	static const struct { int year, month, days; } months[] = {
		{ 2026, 11, 30 }, { 2026, 12, 31 }, { 2027, 2, 28 }, { 2028, 2, 29 },
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		int year = months[i].year, month = months[i].month, days = months[i].days;
		int next_year = month == 12 ? year + 1 : year, next = month % 12 + 1;
		int last_year = month == 1 ? year - 1 : year, last = (month + 10) % 12 + 1;

		for (int day = 1; day <= days; day++)
			acceptable(year, month, on(year, month, day, 12, 0), true);
		acceptable(next_year, next, on(year, month, days - 2, 23, 3599), false);
		acceptable(next_year, next, on(year, month, days - 1, 0, 0), true);
		acceptable(next_year, next, on(year, month, days, 12, 0), true);
		acceptable(year, month, on(next_year, next, 1, 0, 0), true);
		acceptable(year, month, on(next_year, next, 2, 23, 3599), true);
		acceptable(year, month, on(next_year, next, 3, 0, 0), false);
		acceptable(last_year, last, on(year, month, 15, 0, 0), false);
		acceptable(year - 1, month, on(year, month, 15, 0, 0), false);
		acceptable(year + 1, month, on(year, month, 15, 0, 0), false);
	}
	assert_int_equal(mikey_month_of(&(struct mikey_time){ NOW, 0 }).month, 4);
}

static enum mikey_replay_verdict add(struct mikey_replay *replay, const struct mikey_octets *sender,
				     uint32_t csb_id, int64_t when, int64_t now)
{
	struct mikey_time time = at(when), clock = at(now);
	enum mikey_replay_verdict verdict;

	verdict = mikey_replay_check(replay, sender, csb_id, &time, &clock);
	assert_int_equal(mikey_replay_add(replay, sender, csb_id, &time, &clock), verdict);
	/* What was fresh is not any more, and what was not has changed nothing. */
	if (verdict == MIKEY_REPLAY_FRESH)
		assert_int_equal(mikey_replay_check(replay, sender, csb_id, &time, &clock),
				 mikey_replay_count(replay) ? MIKEY_REPLAY_SEEN : verdict);
	return verdict;
}

static void once(void **state)
{
	struct mikey_replay *replay = mikey_replay_new(MAX, WINDOW);

	(void)state;
	assert_non_null(replay);
	assert_int_equal(add(replay, &alice, 1, 0, 0), MIKEY_REPLAY_FRESH);
	assert_int_equal(add(replay, &alice, 1, 0, 0), MIKEY_REPLAY_SEEN);
	/* another CSB, another sender, another time, an older one even */
	assert_int_equal(add(replay, &alice, 2, 0, 0), MIKEY_REPLAY_FRESH);
	assert_int_equal(add(replay, &bob, 1, 0, 0), MIKEY_REPLAY_FRESH);
	assert_int_equal(add(replay, &alice, 1, 1, 0), MIKEY_REPLAY_FRESH);
	assert_int_equal(add(replay, &alice, 1, -1, 0), MIKEY_REPLAY_FRESH);
	assert_int_equal(mikey_replay_count(replay), 5);
	assert_int_equal(add(replay, &alice, 1, -1, 0), MIKEY_REPLAY_SEEN);
	/* as long as the clock would take it */
	assert_int_equal(add(replay, &alice, 1, 0, WINDOW), MIKEY_REPLAY_SEEN);
	assert_int_equal(add(replay, &alice, 1, 0, WINDOW + 1), MIKEY_REPLAY_OLD);
	assert_int_equal(add(replay, &alice, 1, WINDOW + 1, 0), MIKEY_REPLAY_OLD);
	/* forgotten behind the window, and old even when the clock goes back */
	assert_int_equal(add(replay, &alice, 9, 2 * WINDOW, 2 * WINDOW), MIKEY_REPLAY_FRESH);
	assert_int_equal(mikey_replay_count(replay), 1);
	assert_int_equal(add(replay, &alice, 1, 0, 0), MIKEY_REPLAY_OLD);
	mikey_replay_free(replay);
}

/* What was saved is known to be out of date, however many entries there are. */
static void changes(void **state)
{
	struct mikey_replay *replay = mikey_replay_new(8, WINDOW), *next;
	struct mikey_time now = at(0), late = at(2 * WINDOW);
	unsigned long before = mikey_replay_changes(replay);
	struct mikey_octets sender;
	char name[8][8];
	uint8_t *saved;
	size_t len;

	(void)state;
	for (int i = 0; i < 8; i++) {
		snprintf(name[i], sizeof(name[i]), "u%d", i);
		sender = (struct mikey_octets){ (const uint8_t *)name[i], 2 };
		assert_int_equal(add(replay, &sender, 0, i, 0), MIKEY_REPLAY_FRESH);
		assert_int_equal(mikey_replay_changes(replay), ++before);
		assert_int_equal(add(replay, &sender, 0, i, 0), MIKEY_REPLAY_SEEN);
		assert_int_equal(mikey_replay_changes(replay), before);
	}
	/* full: the oldest goes */
	assert_int_equal(add(replay, &bob, 0, 9, 0), MIKEY_REPLAY_FRESH);
	assert_int_equal(mikey_replay_count(replay), 8);
	assert_int_equal(mikey_replay_changes(replay), ++before);
	saved = mikey_replay_save(replay, &len);
	next = mikey_replay_new(8, WINDOW);
	assert_int_equal(mikey_replay_restore(next, saved, len, &now), 0);
	assert_int_equal(mikey_replay_changes(next), 0);
	/* all are over, and one comes; another one in its place */
	assert_int_equal(add(next, &bob, 1, 2 * WINDOW, 2 * WINDOW), MIKEY_REPLAY_FRESH);
	assert_int_equal(add(next, &bob, 2, 4 * WINDOW, 4 * WINDOW), MIKEY_REPLAY_FRESH);
	assert_int_equal(mikey_replay_count(next), 1);
	assert_int_equal(mikey_replay_changes(next), 2);
	mikey_replay_free(next);
	/* damaged, which raises the floor alone */
	next = mikey_replay_new(8, WINDOW);
	assert_int_equal(mikey_replay_restore(next, saved, len - 1, &late), -1);
	assert_int_equal(mikey_replay_count(next), 0);
	assert_int_equal(mikey_replay_changes(next), 1);
	mikey_replay_free(next);
	free(saved);
	mikey_replay_free(replay);
}

/* Nobody alone fills it; when it is full the oldest is refused rather than taken again. */
static void bounded(void **state)
{
	struct mikey_replay *replay = mikey_replay_new(MAX, WINDOW);
	char name[8][8];
	struct mikey_octets sender;

	(void)state;
	for (int i = 0; i < MAX / 8; i++)
		assert_int_equal(add(replay, &alice, (uint32_t)i, 100 + i, 0), MIKEY_REPLAY_FRESH);
	assert_int_equal(add(replay, &alice, 99, 200, 0), MIKEY_REPLAY_BUSY);
	for (int s = 0; s < 7; s++) {
		snprintf(name[s], sizeof(name[s]), "u%d", s);
		sender = (struct mikey_octets){ (const uint8_t *)name[s], 2 };
		for (int i = 0; i < MAX / 8; i++)
			assert_int_equal(add(replay, &sender, 0, -100 + 10 * s + i, 0), MIKEY_REPLAY_FRESH);
	}
	assert_int_equal(mikey_replay_count(replay), MAX);
	assert_int_equal(add(replay, &bob, 0, 0, 0), MIKEY_REPLAY_FRESH);
	assert_int_equal(mikey_replay_count(replay), MAX);
	sender = (struct mikey_octets){ (const uint8_t *)name[0], 2 };
	/* the oldest had to go: it, and all as old, are refused now */
	assert_int_equal(add(replay, &sender, 0, -100, 0), MIKEY_REPLAY_OLD);
	assert_int_equal(add(replay, &bob, 5, -101, 0), MIKEY_REPLAY_OLD);
	assert_int_equal(add(replay, &sender, 0, -99, 0), MIKEY_REPLAY_SEEN);
	/* time has passed: there is room again, for alice too */
	assert_int_equal(add(replay, &alice, 0, WINDOW + 200, WINDOW + 200), MIKEY_REPLAY_FRESH);
	mikey_replay_free(replay);
	assert_null(mikey_replay_new(7, WINDOW));
	assert_null(mikey_replay_new(MIKEY_REPLAY_MAX + 1, WINDOW));
}

static void lost(void **state)
{
	struct mikey_replay *replay = mikey_replay_new(MAX, WINDOW);
	struct mikey_time now = at(0);

	(void)state;
	mikey_replay_lost(replay, &now);
	assert_int_equal(add(replay, &alice, 1, 0, 0), MIKEY_REPLAY_OLD);
	assert_int_equal(add(replay, &alice, 1, WINDOW, 0), MIKEY_REPLAY_OLD);
	assert_int_equal(add(replay, &alice, 1, WINDOW, WINDOW), MIKEY_REPLAY_OLD);
	assert_int_equal(add(replay, &alice, 1, WINDOW + 1, WINDOW + 1), MIKEY_REPLAY_FRESH);
	mikey_replay_free(replay);
}

static void restarts(void **state)
{
	struct mikey_replay *replay = mikey_replay_new(MAX, WINDOW), *next;
	struct mikey_time now = at(0);
	uint8_t *saved, *copy;
	size_t len, len_2;

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(add(replay, &alice, (uint32_t)i, i * i - 4, 0), MIKEY_REPLAY_FRESH);
	assert_int_equal(add(replay, &bob, 0, 0, 0), MIKEY_REPLAY_FRESH);
	saved = mikey_replay_save(replay, &len);
	assert_non_null(saved);

	next = mikey_replay_new(MAX, WINDOW);
	assert_int_equal(mikey_replay_restore(next, saved, len, &now), 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(add(next, &alice, (uint32_t)i, i * i - 4, 0), MIKEY_REPLAY_SEEN);
	assert_int_equal(add(next, &alice, 7, -5, 0), MIKEY_REPLAY_FRESH);
	mikey_replay_free(next);

	/* Into a smaller one: the newest 8 fit. And the floor goes along. */
	for (int i = 0; i < 6; i++)
		assert_int_equal(add(replay, &bob, 1, 20 + i, 0), MIKEY_REPLAY_FRESH);
	free(saved);
	saved = mikey_replay_save(replay, &len);
	next = mikey_replay_new(8, WINDOW);
	assert_int_equal(mikey_replay_restore(next, saved, len, &now), 0);
	assert_int_equal(mikey_replay_count(next), 8);
	assert_int_equal(add(next, &alice, 0, -4, 0), MIKEY_REPLAY_OLD);
	assert_int_equal(add(next, &bob, 1, 25, 0), MIKEY_REPLAY_SEEN);
	copy = mikey_replay_save(next, &len_2);
	mikey_replay_free(next);
	next = mikey_replay_new(MAX, WINDOW);
	assert_int_equal(mikey_replay_restore(next, copy, len_2, &now), 0);
	assert_int_equal(add(next, &alice, 0, -4, 0), MIKEY_REPLAY_OLD);
	mikey_replay_free(next);
	free(copy);

	/* Cut off, or something else: lost, whatever there was of it. */
	for (size_t i = 0; i < len; i++) {
		copy = malloc(i ? i : 1);
		memcpy(copy, saved, i);
		next = mikey_replay_new(MAX, WINDOW);
		assert_int_equal(mikey_replay_restore(next, copy, i, &now), -1);
		assert_int_equal(mikey_replay_count(next), 0);
		assert_int_equal(add(next, &bob, 77, 0, 0), MIKEY_REPLAY_OLD);
		mikey_replay_free(next);
		free(copy);
	}
	/* out of order: the last entry first */
	memcpy(saved + 20, saved + len - 48, 48);
	next = mikey_replay_new(MAX, WINDOW);
	assert_int_equal(mikey_replay_restore(next, saved, len, &now), -1);
	assert_int_equal(add(next, &bob, 77, 0, 0), MIKEY_REPLAY_OLD);
	mikey_replay_free(next);
	free(saved);
	mikey_replay_free(replay);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timestamps),
		cmocka_unit_test(windows),
		cmocka_unit_test(key_periods),
		cmocka_unit_test(once),
		cmocka_unit_test(changes),
		cmocka_unit_test(bounded),
		cmocka_unit_test(lost),
		cmocka_unit_test(restarts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
