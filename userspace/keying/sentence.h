/* SPDX-License-Identifier: MIT */
/* Sentences for people: why something was refused. */
#ifndef PROSE_KEYING_SENTENCE_H
#define PROSE_KEYING_SENTENCE_H

#include <stddef.h>

/**
 * keying_sentence() - write a sentence that is safe to show
 * @why: where to; may be NULL when @why_len is 0
 * @why_len: its size; what does not fit is cut off
 * @format: as printf
 *
 * Parts of a sentence come from certificates of strangers and end in terminals, logs
 * and JSON, so control characters and octets that are not UTF-8 become '?'.
 *
 * Return: -1, so that a function can fail in one line.
 */
int keying_sentence(char *why, size_t why_len, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Does the text hold only well-formed UTF-8 without control characters? */
int keying_text_valid(const char *text, size_t len);

/**
 * keying_openssl_reason() - reason of the latest error of OpenSSL in this thread
 *
 * Empties the error queue.
 *
 * Return: a static text.
 */
const char *keying_openssl_reason(void);

#endif
