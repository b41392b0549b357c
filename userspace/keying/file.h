/* SPDX-License-Identifier: MIT */
/* Whole files: read with their secrets guarded, written so that no half file is seen. */
#ifndef PROSE_KEYING_FILE_H
#define PROSE_KEYING_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define KEYING_FILE_MAX		(16u << 20)

/* Contents of a file; data[len] is 0. */
struct keying_file {
	char *data;
	size_t len;
};

/**
 * keying_file_read() - read a regular file whole
 * @path: the file
 * @secret: refuse it when group or others have any right to it
 * @file: gets the contents, to be freed with keying_file_free()
 * @why: gets a sentence when it fails
 * @why_len: its size
 *
 * Return: 0 or -1.
 */
int keying_file_read(const char *path, bool secret, struct keying_file *file,
		     char *why, size_t why_len);

/* Wipes and frees. */
void keying_file_free(struct keying_file *file);

/**
 * keying_file_write() - put a file in place at once, or not at all
 * @path: the file
 * @data: contents
 * @len: octets
 * @mode: rights, whatever the umask
 * @replace: an existing file is replaced, otherwise it is an error
 * @why: gets a sentence when it fails
 * @why_len: its size
 *
 * After a return of 0 the file and its name survive a power cut.
 *
 * Return: 0 or -1.
 */
int keying_file_write(const char *path, const void *data, size_t len, mode_t mode,
		      bool replace, char *why, size_t why_len);

/**
 * keying_file_lock() - be the only one at work on something
 * @path: a directory, or a file that is there for that; what is replaced by a rename is neither
 * @flags: of open(), with which O_CREAT makes a file that is its owner's alone
 * @why: gets a sentence when it fails
 * @why_len: its size
 *
 * Waits for whoever has it.
 *
 * Return: a descriptor, whose close() ends it, or -1.
 */
int keying_file_lock(const char *path, int flags, char *why, size_t why_len);

#endif
