/* SPDX-License-Identifier: MIT */
/*
 * The keying methods with their credentials. A set is immutable, but for what was said of it: a reload
 * makes a new one and retires the old, which lives until no running procedure uses it.
 */
#ifndef PROSE_DAEMON_METHODS_H
#define PROSE_DAEMON_METHODS_H

#include <time.h>

#include "config.h"

struct methods {
	const struct keying_method *list[UE_METHODS_MAX];	/* in order of preference */
	size_t n;
	/* NULL when not configured. mikey_sakke has the keys of eccsi_sakke, in the list or not. */
	struct keying_method *certificate, *mikey_sakke, *eccsi_sakke, *psk;
	time_t floor;						/* clock.h; 0: the clock is trusted */
	char *warned;						/* of what methods_warn() has, last */
	time_t warned_at;
	struct methods *retired;				/* the set before */
};

/* Reads the credentials. NULL with `FILE:LINE: reason` in @why. */
struct methods *methods_load(const struct config *config, char *why, size_t why_len);

/**
 * methods_reload() - read them again
 * @config: the configuration, the one of @before when @crls_only
 * @before: the present set: its CRLs do not become older, nor does the time
 * @crls_only: own certificate and keys stay as they are
 * @why: gets `FILE:LINE: reason`
 * @why_len: its size
 *
 * Return: a set of its own, @before not yet retired by it; or NULL.
 */
struct methods *methods_reload(const struct config *config, const struct methods *before,
			       bool crls_only, char *why, size_t why_len);

/* Keeps what is known of the time, where the clock is not trusted. Says so if it cannot. */
void methods_keep_clock(const struct methods *methods, const struct config *config);

/*
 * Logs what works but should not stay so, as is done when the set is read: again when that has changed, and
 * else when a day has passed. To be called from time to time.
 */
void methods_warn(struct methods *methods, const struct config *config, time_t now);

/* The set is in use from now on: no older deny list takes the place of one of it. */
void methods_taken(const struct methods *methods);

/* Keeps which deny lists were in use. 0, or -1 with a sentence. */
int methods_keep_seen(const struct methods *methods, const struct config *config, char *why,
		      size_t why_len);

/* Keeps what is remembered of messages, when there is more of it. 0, or -1 with a sentence. */
int methods_keep_replay(const struct methods *methods, const struct config *config, char *why,
			size_t why_len);

/* Frees the set and those it retired. NULL is allowed. */
void methods_free(struct methods *methods);

/* Frees retired sets that @ue no longer uses. */
void methods_sweep(struct methods *methods, const struct ue *ue);

/* The identity peers will authenticate: configured, or that of the credentials. */
const char *methods_identity(const struct methods *methods, const struct config *config);

#endif
