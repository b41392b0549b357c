/* SPDX-License-Identifier: MIT */
/* Identities of UEs: what names are accepted, and their IE User Info. */
#ifndef PROSE_CORE_IDENTITY_H
#define PROSE_CORE_IDENTITY_H

#include <stdbool.h>

#include "pc5s.h"

/*
 * Is this a name we send, accept and print? 1 to PROSE_IDENTITY_MAX octets of UTF-8
 * without control characters: a peer chooses its name, and it ends in logs and terminals.
 */
bool identity_valid(const char *identity);

/*
 * Makes any text printable: control characters and what is not UTF-8 become '?', in
 * place. A character cut off at the end goes.
 */
void text_clean(char *text);

/* User Info (type 1) of a valid identity. */
void identity_to_user_info(const char *identity, struct pc5s_user_info *info);

/* The identity in a User Info; false when it is none of type 1 or not a valid one. */
bool identity_from_user_info(const struct pc5s_user_info *info,
			     char identity[PROSE_IDENTITY_MAX + 1]);

#endif
