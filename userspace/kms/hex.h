/* SPDX-License-Identifier: MIT */
/* Octets as hexadecimal digits, as tables have them. */
#ifndef PROSE_KMS_HEX_H
#define PROSE_KMS_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* @out gets 2 * @len digits and their end. */
void hex_put(const uint8_t *octets, size_t len, char *out);

/* False when @text is not 2 * @len digits; NULL is not. */
bool hex_get(const char *text, uint8_t *octets, size_t len);

#endif
