// SPDX-License-Identifier: MIT
/*
 * The main() of a fuzzer without libFuzzer: runs the files it is given, one after the other,
 * and dies of the first that breaks something; or writes the seeds.
 *
 * Usage: NAME FILE...
 *        NAME --seeds DIRECTORY
 */
#include "fuzz.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma weak LLVMFuzzerInitialize
#pragma weak fuzz_seeds

static const char *folder;

static void put(const char *name, const void *data, size_t size)
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	if (!file || fwrite(data, 1, size, file) != size || fclose(file)) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(1);
	}
}

static int replay(const char *path)
{
	FILE *file = fopen(path, "r");
	uint8_t *data, *exact;
	size_t size;

	if (!file) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	data = malloc(1 << 20);
	fuzz_check(data);
	size = fread(data, 1, 1 << 20, file);
	fclose(file);
	/* Of the exact size, so that a sanitizer sees each overread. */
	exact = malloc(size ? size : 1);
	fuzz_check(exact);
	memcpy(exact, data, size);
	free(data);
	/* Read by whoever looks for the input that was too much. */
	fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
	return 0;
}

int main(int argc, char **argv)
{
	int i, ret = 0;

	if (argc < 2 || !strcmp(argv[1], "--help") || (!strcmp(argv[1], "--seeds") && argc != 3)) {
		fprintf(stderr, "usage: %s FILE...\n       %s --seeds DIRECTORY\n", argv[0], argv[0]);
		return argc < 2 || strcmp(argv[1], "--help") ? 2 : 0;
	}
	if (LLVMFuzzerInitialize)
		LLVMFuzzerInitialize(&argc, &argv);
	if (!strcmp(argv[1], "--seeds")) {
		folder = argv[2];
		if (fuzz_seeds)
			fuzz_seeds(put);
		return 0;
	}
	for (i = 1; i < argc; i++)
		ret |= replay(argv[i]);
	return ret ? 1 : 0;
}
