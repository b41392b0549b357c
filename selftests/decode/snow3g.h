/* SPDX-License-Identifier: MIT */
/*
 * SNOW 3G as TS 35.216 writes it, octet by octet, and what TS 35.215 and TS 33.401 make of it.
 * Nothing here is fast or hides anything: it shares no line and no idea with the product.
 */
#ifndef DECODE_SNOW3G_H
#define DECODE_SNOW3G_H

#include <stddef.h>
#include <stdint.h>

#include "crypto.h"

void snow3g_eea1(const struct crypto_input *input, const uint8_t *in, size_t len, uint8_t *out);
uint32_t snow3g_eia1(const struct crypto_input *input, const uint8_t *message, size_t len);

#endif
