/* SPDX-License-Identifier: MIT */
/* Time in MIKEY: NTP timestamps, key periods of months, and which of them are acceptable. */
#ifndef PROSE_MIKEY_TIMESTAMP_H
#define PROSE_MIKEY_TIMESTAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "mikey.h"

#define MIKEY_NTP_LEN		8

/* A time of day: seconds since 1970 in UTC, and 2^-32 of them. */
struct mikey_time {
	int64_t seconds;
	uint32_t fraction;
};

/* A month of UTC. */
struct mikey_month {
	int year;
	int month;	/* from 1 */
};

/**
 * mikey_time_decode() - what a T or TR says
 * @payload: the payload
 * @time: gets it
 *
 * Seconds of NTP have 32 bits and begin anew in 2036. As RFC 4330 3 has it, and RFC 6043 6.3 after
 * it: with the most significant bit set they count from 1900, without from 2036.
 *
 * Return: 0, or -1 for a counter.
 */
int mikey_time_decode(const struct mikey_payload *payload, struct mikey_time *time);

/**
 * mikey_time_encode() - the value of an NTP or NTP-UTC timestamp
 * @time: from 1968 to 2104, for others there is none
 * @out: gets it
 *
 * Return: 0 or -1.
 */
int mikey_time_encode(const struct mikey_time *time, uint8_t out[static MIKEY_NTP_LEN]);

/* Less than, equal to or greater than 0. */
int mikey_time_compare(const struct mikey_time *a, const struct mikey_time *b);

/* Is it at most @window seconds from now, either way? */
bool mikey_time_within(const struct mikey_time *time, const struct mikey_time *now,
		       uint32_t window);

/* The month of a time; the year is between 1968 and 2104. */
struct mikey_month mikey_month_of(const struct mikey_time *time);

/**
 * mikey_month_acceptable() - may messages under keys of this month be received?
 * @month: of the message
 * @now: by the clock
 *
 * RFC 6509 3.3: those of the month that it is; those of the next one from the second-to-last day on;
 * those of the one before on the first and the second day.
 */
bool mikey_month_acceptable(const struct mikey_month *month, const struct mikey_time *now);

#endif
