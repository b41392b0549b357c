/* SPDX-License-Identifier: MIT */
/* Reads selftests/vectors/mikey.json for the unit tests of MIKEY. */
#ifndef UNIT_MIKEY_VECTORS_H
#define UNIT_MIKEY_VECTORS_H

#include <stdint.h>

#include "vectors.h"

#define MIKEY_TEST_MAX	1024

/* Octets of a vector. */
struct octets {
	uint8_t data[MIKEY_TEST_MAX];
	size_t len;
};

static inline json_t *mikey_vectors(void)
{
	char path[4096];
	json_error_t error;
	json_t *root;

	snprintf(path, sizeof(path), "%.*s/../vectors/mikey.json",
		 (int)(strrchr(__FILE__, '/') - __FILE__), __FILE__);
	root = json_load_file(path, 0, &error);
	if (!root) {
		fprintf(stderr, "%s: line %d: %s\n", path, error.line, error.text);
		exit(1);
	}
	return root;
}

/* Text of one of them: names of members, one within the other, NULL at the end. */
static inline const char *mikey_vector_text(json_t *from, const char *member, const char *within)
{
	const char *text;

	from = json_object_get(from, member);
	text = json_string_value(within ? json_object_get(from, within) : from);
	if (!text)
		abort();
	return text;
}

static inline struct octets mikey_vector(json_t *from, const char *member, const char *within)
{
	struct octets octets;

	octets.len = vectors_hex_string(mikey_vector_text(from, member, within), octets.data,
					sizeof(octets.data));
	return octets;
}

#endif
