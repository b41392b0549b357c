/* SPDX-License-Identifier: MIT */
/* Key periods: which months' keys a KMS hands out at a time. Pure. */
#ifndef PROSE_KMS_PERIOD_H
#define PROSE_KMS_PERIOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mikey/identifier.h"

#define PERIOD_MONTH_LEN	8	/* "2026-11", with its end */
#define PERIOD_DUE_MAX		3
/* Periods of UIDs may be as short as a day: PERIOD_OVERLAP_DAYS, today, PERIOD_ADVANCE_MAX, and one. */
#define PERIOD_DUE_UID_MAX	32

/*
 * A UE needs the next month's keys before the second-to-last day of this one (RFC 6509 3.3), so they are
 * to be had some days before that; and not long before, or who is excluded is so that much later.
 */
#define PERIOD_ADVANCE_DAYS	7
#define PERIOD_ADVANCE_MIN	3
#define PERIOD_ADVANCE_MAX	28

/* The first and the second day of a month: messages under the one before may still come. */
#define PERIOD_OVERLAP_DAYS	2

/* "2026-11"; false when it is no month of a four-digit year. */
bool period_read(const char *text, struct mikey_month *month);
const char *period_text(const struct mikey_month *month, char out[static PERIOD_MONTH_LEN]);

/* Months from @a to @b; less than 0 when @b is before. */
int period_between(const struct mikey_month *a, const struct mikey_month *b);

/**
 * period_due() - the months whose keys a UE should have now
 * @now: seconds since 1970
 * @advance_days: how many days before its beginning a month's keys are to be had
 * @months: gets them, the earliest first
 *
 * Return: how many.
 */
size_t period_due(int64_t now, unsigned int advance_days,
		  struct mikey_month months[static PERIOD_DUE_MAX]);

/*
 * The same for UIDs (TS 33.180), whose periods have a length and an offset in seconds, and are counted:
 * period n begins at 1900-01-01 + offset + n * length. Each entry gets the number of one; none between
 * the first and the last is left out. A length is a day at least.
 */
size_t period_due_uid(int64_t now, unsigned int advance_days, const struct mikey_uid_period *like,
		      struct mikey_uid_period periods[static PERIOD_DUE_UID_MAX]);

#endif
