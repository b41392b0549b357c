/* SPDX-License-Identifier: MIT */
/*
 * What a KD came from, for it to be judged again later:
 *
 *	version 1 (1 octet), year (2), month (1), fingerprint of the peer's community (32), identity
 */
#ifndef PROSE_KEYING_MIKEY_SAKKE_ORIGIN_H
#define PROSE_KEYING_MIKEY_SAKKE_ORIGIN_H

#include "provision.h"

/* Who the peer is, by that identity, community, and the month its keys are of: into the result. */
void origin_make(struct keying_result *result, const char *identity,
		   const struct community *community, const struct mikey_month *month);

/* Whose user the peer was, when that community is trusted still; else NULL. */
const struct community *origin_community(const struct provision *provision,
					 const uint8_t *evidence, size_t len);

/* May a KD from it still be used? 0, or -1 with a sentence. */
int origin_judge(const struct provision *provision, const uint8_t *evidence, size_t len,
		   time_t now, char *why, size_t why_len);

#endif
