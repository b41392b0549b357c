/* SPDX-License-Identifier: MIT */
/*
 * Octets that must not be on the wire, and the search for any 32 of them in a row.
 *
 * All 16-octet blocks at multiples of 16 of the needles are indexed. Any 32 octets in a
 * row contain one of them whole, so a look-up at each offset of a frame, lengthened to
 * both sides where it succeeds, misses nothing.
 */
#ifndef DECODE_NEEDLES_H
#define DECODE_NEEDLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NEEDLES_WINDOW	32
#define NEEDLES_BLOCK	16

struct needles;

struct needles *needles_new(void);
void needles_free(struct needles *needles);

/* Adds octets; @name is kept by reference. false: too short, or memory is out. */
bool needles_add(struct needles *needles, const uint8_t *octets, size_t len, const char *name);
bool needles_add_file(struct needles *needles, const char *path);

/* Builds the index; after the last needle, before the first search. */
bool needles_build(struct needles *needles);

struct needles_hit {
	size_t at;		/* offset in what was searched */
	const char *name;	/* of the needle */
	size_t offset;		/* in the needle */
};

bool needles_find(const struct needles *needles, const uint8_t *octets, size_t len,
		  struct needles_hit *hit);

/*
 * Notes which blocks occur in deciphered octets: that they do proves both that the file
 * was sent and that the search could have found it.
 */
void needles_mark(struct needles *needles, const uint8_t *octets, size_t len);

size_t needles_octets(const struct needles *needles);
size_t needles_blocks(const struct needles *needles);
size_t needles_marked(const struct needles *needles);

#endif
