/* SPDX-License-Identifier: MIT */
/*
 * The keying methods with their credentials. A set is immutable: a reload makes a new one
 * and retires the old, which lives until no running procedure uses it.
 */
#ifndef PROSE_DAEMON_METHODS_H
#define PROSE_DAEMON_METHODS_H

#include "config.h"

struct methods {
	const struct keying_method *list[UE_METHODS_MAX];	/* in order of preference */
	size_t n;
	struct keying_method *certificate, *psk;		/* NULL when not configured */
	struct methods *retired;				/* the set before */
};

/* Reads the credentials. NULL with `FILE:LINE: reason` in @why. */
struct methods *methods_load(const struct config *config, char *why, size_t why_len);
/* Frees the set and those it retired. NULL is allowed. */
void methods_free(struct methods *methods);

/* Frees retired sets that @ue no longer uses. */
void methods_sweep(struct methods *methods, const struct ue *ue);

/* The identity peers will authenticate: configured, or that of the certificate. */
const char *methods_identity(const struct methods *methods, const struct config *config);

#endif
