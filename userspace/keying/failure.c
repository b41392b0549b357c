// SPDX-License-Identifier: MIT
#include "failure.h"

#include <stdarg.h>
#include <stdio.h>

#include "sentence.h"

enum keying_status keying_fail(struct keying_error *error, enum keying_cause cause,
			       const char *format, ...)
{
	char text[KEYING_TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	error->cause = (uint8_t)cause;
	keying_sentence(error->text, sizeof(error->text), "%s", text);
	return KEYING_FAILED;
}
