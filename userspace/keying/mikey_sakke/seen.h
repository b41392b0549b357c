/* SPDX-License-Identifier: MIT */
/*
 * Which deny lists were in use: of each community the newest, by its number. An older one does not take
 * its place, else whoever is denied could have a UE use a list of before; neither after a reload with no
 * list in between, nor after a restart, for which it can be kept as text. Nothing in it is secret.
 *
 *	{ "seen": 1, "lists": [ { "kms": "kms.example.org", "fingerprint": "5f...", "number": 12,
 *				  "issued": 1796083170 } ] }
 *
 * The fingerprint tells the community; its name is there for people.
 */
#ifndef PROSE_KEYING_MIKEY_SAKKE_SEEN_H
#define PROSE_KEYING_MIKEY_SAKKE_SEEN_H

#include "provision.h"

#define SEEN_MAX	256	/* communities; beyond, the one whose list is the oldest is forgotten */

/**
 * struct seen_list - a deny list that was in use
 * @fingerprint: of the community
 * @kms: its name
 * @number: of the list
 * @issued: when it was
 */
struct seen_list {
	uint8_t fingerprint[FINGERPRINT_LEN];
	char kms[MIKEY_URI_MAX + 1];
	uint64_t number;
	int64_t issued;
};

/**
 * struct seen - those of all communities
 * @lists: one of each
 * @n: how many
 */
struct seen {
	struct seen_list lists[SEEN_MAX];
	size_t n;
};

/* The one of a community, NULL when there was none. */
const struct seen_list *seen_find(const struct seen *seen,
				  const uint8_t fingerprint[static FINGERPRINT_LEN]);

/* Is the list of a community older than the one that was in use? */
bool seen_is_newer(const struct seen *seen, const struct community *community);

/* The list of a community is in use now, if it has one. */
void seen_note(struct seen *seen, const struct community *community);

/* As text, to be freed with free(); NULL without memory. */
char *seen_text(const struct seen *seen);

/**
 * seen_load() - what seen_text() has made, from a file
 * @seen: gets it; nothing when there is no such file
 * @path: the file
 * @why: gets a sentence when it cannot be read, or is another text
 * @why_len: its size
 *
 * Return: 0 or -1.
 */
int seen_load(struct seen *seen, const char *path, char *why, size_t why_len);

#endif
