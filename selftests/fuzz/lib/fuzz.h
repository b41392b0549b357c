/* SPDX-License-Identifier: MIT */
/*
 * What the fuzzers share. Each selftests/fuzz/NAME.c has LLVMFuzzerTestOneInput(), which
 * libFuzzer calls with octets of its making, and fuzz_seeds(), which hands out meaningful
 * inputs to start from; lib/replay.c is the main() where there is no libFuzzer.
 *
 * An input is a program for the target: octets are taken from its front one after the other,
 * and where there are none left they count as 0. So each input means something, and one
 * octet changed is one thing changed.
 */
#ifndef SELFTESTS_FUZZ_H
#define SELFTESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* Once, before the first input; a target may have it. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Gets one seed; its name becomes that of a file. */
typedef void fuzz_put(const char *name, const void *data, size_t size);
void fuzz_seeds(fuzz_put *put);

/* Stops the program: this must never be. Unlike assert() it is never compiled out. */
#define fuzz_check(condition) \
	((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))
void fuzz_fail(const char *file, int line, const char *what) __attribute__((noreturn));

/* What is left of an input. */
struct fuzz_input {
	const uint8_t *at;
	size_t len;
};

uint8_t fuzz_u8(struct fuzz_input *input);
uint16_t fuzz_u16(struct fuzz_input *input);
uint32_t fuzz_u32(struct fuzz_input *input);
/* As many of @len octets as there are; returns how many. */
size_t fuzz_octets(struct fuzz_input *input, void *to, size_t len);
/* A part of the input in an allocation of its exact size, for AddressSanitizer to guard. */
uint8_t *fuzz_copy(struct fuzz_input *input, size_t len, size_t *got);

/* For seeds: an input being written. */
struct fuzz_output {
	size_t len;
	uint8_t data[65536];
};

void fuzz_put_u8(struct fuzz_output *output, uint8_t value);
void fuzz_put_u16(struct fuzz_output *output, uint16_t value);
void fuzz_put_octets(struct fuzz_output *output, const void *data, size_t len);

/* The n-th file that is made of memory (from 0): contents, and the name to open it by. */
const char *fuzz_file(unsigned int n, const void *data, size_t len);

/* OpenSSL's random numbers come from a seed from now on, so that a run can be repeated. */
void fuzz_random(uint64_t seed);

#endif
