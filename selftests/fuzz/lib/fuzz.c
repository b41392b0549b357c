// SPDX-License-Identifier: MIT
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_MAX	8

void fuzz_fail(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
	abort();
}

size_t fuzz_octets(struct fuzz_input *input, void *to, size_t len)
{
	size_t got = len < input->len ? len : input->len;

	memset(to, 0, len);
	if (got)
		memcpy(to, input->at, got);
	input->at += got;
	input->len -= got;
	return got;
}

uint8_t fuzz_u8(struct fuzz_input *input)
{
	uint8_t octet;

	fuzz_octets(input, &octet, 1);
	return octet;
}

uint16_t fuzz_u16(struct fuzz_input *input)
{
	uint8_t octets[2];

	fuzz_octets(input, octets, 2);
	return (uint16_t)(octets[0] << 8 | octets[1]);
}

uint32_t fuzz_u32(struct fuzz_input *input)
{
	uint32_t high = fuzz_u16(input);

	return high << 16 | fuzz_u16(input);
}

uint8_t *fuzz_copy(struct fuzz_input *input, size_t len, size_t *got)
{
	uint8_t *copy;

	*got = len < input->len ? len : input->len;
	copy = malloc(*got ? *got : 1);
	fuzz_check(copy);
	fuzz_octets(input, copy, *got);
	return copy;
}

void fuzz_put_octets(struct fuzz_output *output, const void *data, size_t len)
{
	fuzz_check(len <= sizeof(output->data) - output->len);
	memcpy(output->data + output->len, data, len);
	output->len += len;
}

void fuzz_put_u8(struct fuzz_output *output, uint8_t value)
{
	fuzz_put_octets(output, &value, 1);
}

void fuzz_put_u16(struct fuzz_output *output, uint16_t value)
{
	fuzz_put_u8(output, (uint8_t)(value >> 8));
	fuzz_put_u8(output, (uint8_t)value);
}

const char *fuzz_file(unsigned int n, const void *data, size_t len)
{
	static int fds[FILES_MAX];
	static char names[FILES_MAX][32];

	fuzz_check(n < FILES_MAX);
	if (!fds[n]) {
		fds[n] = memfd_create("fuzz", MFD_CLOEXEC);
		fuzz_check(fds[n] > 0 && !fchmod(fds[n], 0600));
		snprintf(names[n], sizeof(names[n]), "/proc/self/fd/%d", fds[n]);
	}
	fuzz_check(!ftruncate(fds[n], 0));
	fuzz_check(pwrite(fds[n], data, len, 0) == (ssize_t)len);
	return names[n];
}
