// SPDX-License-Identifier: MIT
/* The clock, by which certificates are valid or not. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <time.h>

#include "doctor.h"

static const char *const cure =
	"set it, and keep it so: timedatectl set-ntp true, or hwclock and date";

void doctor_clock(struct doctor *doctor)
{
	char now_text[32], then_text[32];
	struct timex timex = { 0 };
	time_t now = time(NULL);
	struct stat program;
	struct tm tm;
	int state;

	strftime(now_text, sizeof(now_text), "%F %T UTC", gmtime_r(&now, &tm));
	/* It cannot be earlier than the program came to be that asks. */
	if (!stat("/proc/self/exe", &program) && now < program.st_mtime - 86400) {
		strftime(then_text, sizeof(then_text), "%F", gmtime_r(&program.st_mtime, &tm));
		doctor_say(doctor, DOCTOR_FAIL, cure, "the clock says %s, but this program is of %s: "
			   "certificates will not be valid yet", now_text, then_text);
		return;
	}
	state = adjtimex(&timex);
	if (state < 0)
		doctor_say(doctor, DOCTOR_SKIPPED, NULL, "the clock says %s; whether something keeps "
			   "it right cannot be read: %s", now_text, strerror(errno));
	else if (state == TIME_ERROR || (timex.status & STA_UNSYNC))
		doctor_say(doctor, DOCTOR_WARN, cure, "the clock says %s, and nothing synchronises it",
			   now_text);
	else
		doctor_say(doctor, DOCTOR_OK, NULL, "%s, synchronised", now_text);
}
