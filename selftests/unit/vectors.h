/* SPDX-License-Identifier: MIT */
/* Reads the files of selftests/vectors for the unit tests that use them. */
#ifndef UNIT_VECTORS_H
#define UNIT_VECTORS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

/* Beside the sources wherever they were built: __FILE__ is absolute in our builds. */
static inline json_t *vectors_load_file(const char *name, const char *given)
{
	char path[4096];
	json_error_t error;
	json_t *root;

	snprintf(path, sizeof(path), "%.*s/../vectors/%s",
		 (int)(strrchr(__FILE__, '/') - __FILE__), __FILE__, name);
	root = json_load_file(given ? given : path, 0, &error);
	if (!root) {
		fprintf(stderr, "%s: line %d: %s\n", given ? given : path, error.line, error.text);
		exit(1);
	}
	return root;
}

static inline json_t *vectors_load(void)
{
	return vectors_load_file("eea-eia-kdf-vectors.json", getenv("PROSE_VECTORS"));
}

static inline size_t vectors_hex_string(const char *hex, uint8_t *out, size_t size)
{
	size_t len = strlen(hex) / 2;

	if (strlen(hex) % 2 || len > size)
		abort();
	for (size_t i = 0; i < len; i++) {
		unsigned int octet;

		if (sscanf(hex + 2 * i, "%2x", &octet) != 1)
			abort();
		out[i] = (uint8_t)octet;
	}
	return len;
}

static inline size_t vectors_hex(json_t *entry, const char *key, uint8_t *out, size_t size)
{
	const char *hex = json_string_value(json_object_get(entry, key));

	if (!hex)
		abort();
	return vectors_hex_string(hex, out, size);
}

#endif
