/* SPDX-License-Identifier: MIT */
/*
 * The key log: one line for each KD-sess, so that a capture can be deciphered.
 *
 *	PROSE_SESSION <UE_1 Layer-2 ID> <UE_2 Layer-2 ID> <KD-sess ID> <EEA> <EIA>
 *		<user-plane integrity> <hfn|sess-id> <KD-sess>
 *
 * UE_2 is the side that sent the security mode command. Layer-2 IDs are 6, KD-sess ID 4,
 * KD-sess 64 hexadecimal digits.
 */
#ifndef PROSE_DAEMON_KEYLOG_H
#define PROSE_DAEMON_KEYLOG_H

#include "core/ue.h"

/* Opens for appending, makes it with mode 0600. -1 with a sentence in @why. */
int keylog_open(const char *path, char *why, size_t why_len);

/* Appends one line in one write. 0 or a negative errno. */
int keylog_write(int fd, const struct ue_key_log *entry);

#endif
