/* SPDX-License-Identifier: MIT */
#ifndef PROSE_KEYING_CERTIFICATE_WARNINGS_H
#define PROSE_KEYING_CERTIFICATE_WARNINGS_H

#include <time.h>

#include "credentials.h"

typedef void credentials_warn_t(void *context, const char *sentence);

/**
 * credentials_warn() - what works but should not stay so, or what peers will refuse
 * @credentials: own certificate, roots and CRLs
 * @now: wall-clock time
 * @warn: called with a sentence for each: an end that is near or over, and what peers with our roots and
 *	  CRLs would say of us. No sentence has @now in it: the same state gives the same sentences
 * @context: handed to @warn
 *
 * Return: 0, or -1 without memory.
 */
int credentials_warn(const struct credentials *credentials, time_t now, credentials_warn_t *warn,
		     void *context);

#endif
