/* SPDX-License-Identifier: MIT */
/* How a run of a method fails: a cause for the peer, a sentence for people. */
#ifndef PROSE_KEYING_FAILURE_H
#define PROSE_KEYING_FAILURE_H

#include "keying.h"

/* Of the PC5 cause values, TS 24.334 12.5.1.7, those that methods have a use for. */
enum keying_cause {
	KEYING_CAUSE_AUTHENTICATION	= 2,
	KEYING_CAUSE_UNSPECIFIED	= 8,
};

/**
 * keying_fail() - say why a run failed
 * @error: gets it
 * @cause: for the peer
 * @format: as printf; what comes of it is made safe to show, see keying_sentence()
 *
 * Return: KEYING_FAILED, so that a step can fail in one line.
 */
enum keying_status keying_fail(struct keying_error *error, enum keying_cause cause,
			       const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
