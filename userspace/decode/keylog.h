/* SPDX-License-Identifier: MIT */
/* Key logs of prosed(8): the security contexts that frames of a capture may be under. */
#ifndef PROSE_DECODE_KEYLOG_H
#define PROSE_DECODE_KEYLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/kdf.h"

#define KEYLOG_LCIDS		32
#define KEYLOG_DIRECTIONS	2

/**
 * struct stream - what one side sends on one bearer
 * @highest: COUNT up to which it has come; one below the first while nothing was taken
 * @taken: something has verified
 * @searches: how often its HFN was looked for in vain
 */
struct stream {
	uint32_t highest;
	bool taken;
	uint8_t searches;
};

/**
 * struct context - one line of a key log
 * @next: another with the same KD-sess ID
 * @first: lowest COUNT there is
 */
struct context {
	struct context *next;
	uint32_t ue_1, ue_2;
	uint16_t kd_sess_id;
	uint8_t eea, eia;
	bool up_integrity, hfn;
	uint32_t first;
	uint8_t kd_sess[KDF_LEN];
	uint8_t pek[KDF_KEY_LEN], pik[KDF_KEY_LEN];
	struct stream streams[KEYLOG_LCIDS][KEYLOG_DIRECTIONS];
};

struct keylog {
	struct context *by_id[1u << 16];
	size_t n;
};

struct keylog *keylog_new(void);
/* Wipes all keys. */
void keylog_free(struct keylog *keylog);

/**
 * keylog_read() - take in a key log
 * @keylog: what is known already; both ends may have logged the same context
 * @path: the file
 * @why: gets a sentence when it fails
 * @why_len: its size
 *
 * Lines of other kinds may stand between.
 *
 * Return: 0 or -1.
 */
int keylog_read(struct keylog *keylog, const char *path, char *why, size_t why_len);

/*
 * The first context between these two UEs under an ID, or the one behind @after; NULL when there
 * is no more.
 */
struct context *keylog_find(const struct keylog *keylog, uint32_t src, uint32_t dst, uint16_t id,
			    const struct context *after);

/* An ID can come back: the context that served last is found first. */
void keylog_prefer(struct keylog *keylog, struct context *context);

#endif
