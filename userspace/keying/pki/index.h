/* SPDX-License-Identifier: MIT */
/* The list of certificates an authority has issued; pki.h has the form of the file. */
#ifndef PROSE_KEYING_PKI_INDEX_H
#define PROSE_KEYING_PKI_INDEX_H

#include "pki.h"

/* All entries, oldest first; all zero is an empty one. */
struct pki_index {
	struct pki_entry *entries;
	size_t n;
};

/* Reads the file; 0 or -1 with file, line and reason. */
int pki_index_read(const char *path, struct pki_index *index, char *why, size_t why_len);

/* Adds a copy of @entry; -1 when memory is out. */
int pki_index_add(struct pki_index *index, const struct pki_entry *entry,
		  char *why, size_t why_len);

/* Puts the file in place. */
int pki_index_write(const char *path, const struct pki_index *index, bool replace,
		    char *why, size_t why_len);

void pki_index_free(struct pki_index *index);

#endif
