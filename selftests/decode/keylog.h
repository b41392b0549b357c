/* SPDX-License-Identifier: MIT */
/*
 * Contexts, from key logs: a line
 * PROSE_SESSION UE_1 UE_2 KD-SESS-ID EEA EIA USER-PLANE-INTEGRITY hfn|sess-id KD-SESS
 * each. UE_2 is the side that sent the security mode command.
 */
#ifndef DECODE_KEYLOG_H
#define DECODE_KEYLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto.h"
#include "stream.h"

#define KEYLOG_BEARERS	32
#define KEYLOG_LOGS_MAX	8

struct context {
	uint32_t ue_1, ue_2;
	uint16_t kd_sess_id;
	uint8_t eea, eia;
	bool up_integrity;
	bool hfn;			/* COUNT profile hfn, else sess-id */
	uint8_t kd_sess[32];
	uint8_t pek[CRYPTO_KEY_LEN], pik[CRYPTO_KEY_LEN];
	uint32_t key;			/* number of PEK, the same for equal ones */
	uint32_t logs;			/* bit per key log that has it */

	uint64_t frames;		/* taken */
	double first, last;		/* when */
	bool released;
	double released_at;
	struct stream streams[KEYLOG_BEARERS][2];	/* by LCID and DIRECTION */
	struct context *same_id;	/* another one with this KD-sess ID */
	struct context *next;		/* in order of appearance */
};

struct keylog {
	struct context *first, *last;
	struct context *by_id[0x10000];
	size_t n, files;
};

struct keylog *keylog_new(void);
void keylog_free(struct keylog *keylog);

/* Reads one file. false: told on standard error with file and line. */
bool keylog_read(struct keylog *keylog, const char *path);

/*
 * Contexts between two UEs with this KD-sess ID, the last used one first; none: NULL.
 * Walk on with keylog_next().
 */
struct context *keylog_find(const struct keylog *keylog, uint32_t a, uint32_t b, uint16_t id);
struct context *keylog_next(const struct context *context, uint32_t a, uint32_t b);

/* Found first from now on. */
void keylog_prefer(struct keylog *keylog, struct context *context);

#endif
