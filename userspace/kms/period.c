// SPDX-License-Identifier: MIT
#include "period.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define DAY	86400
/* From 1900 to 1970. */
#define NTP_EPOCH	INT64_C(2208988800)

bool period_read(const char *text, struct mikey_month *month)
{
	static const char form[] = "dddd-dd";

	for (size_t i = 0; i < sizeof(form); i++)
		if (form[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
			return false;
	month->year = (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 +
		      text[3] - '0';
	month->month = (text[5] - '0') * 10 + text[6] - '0';
	return month->year && month->month >= 1 && month->month <= 12;
}

const char *period_text(const struct mikey_month *month, char out[static PERIOD_MONTH_LEN])
{
	snprintf(out, PERIOD_MONTH_LEN, "%04u-%02u", (unsigned int)month->year % 10000,
		 (unsigned int)month->month % 100);
	return out;
}

int period_between(const struct mikey_month *a, const struct mikey_month *b)
{
	return (b->year - a->year) * 12 + b->month - a->month;
}

static struct mikey_month month_at(int64_t seconds)
{
	return mikey_month_of(&(struct mikey_time){ seconds, 0 });
}

size_t period_due(int64_t now, unsigned int advance_days,
		  struct mikey_month months[static PERIOD_DUE_MAX])
{
	struct mikey_month present = month_at(now);
	struct mikey_month before = month_at(now - PERIOD_OVERLAP_DAYS * DAY);
	struct mikey_month next = month_at(now + (int64_t)advance_days * DAY);
	size_t n = 0;

	if (period_between(&before, &present))
		months[n++] = before;
	months[n++] = present;
	if (period_between(&present, &next))
		months[n++] = next;
	return n;
}

static int64_t uid_number(int64_t seconds, const struct mikey_uid_period *like)
{
	int64_t since = seconds + NTP_EPOCH - like->offset;

	return since < 0 ? -1 : since / like->length;
}

size_t period_due_uid(int64_t now, unsigned int advance_days, const struct mikey_uid_period *like,
		      struct mikey_uid_period periods[static PERIOD_DUE_UID_MAX])
{
	int64_t number = uid_number(now - PERIOD_OVERLAP_DAYS * DAY, like);
	int64_t last = uid_number(now + (int64_t)advance_days * DAY, like);
	size_t n = 0;

	for (number = number < 0 ? 0 : number;
	     number <= last && number <= UINT32_MAX && n < PERIOD_DUE_UID_MAX; number++) {
		periods[n] = *like;
		periods[n++].number = (uint32_t)number;
	}
	return n;
}
