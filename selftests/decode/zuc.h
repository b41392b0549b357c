/* SPDX-License-Identifier: MIT */
/*
 * ZUC as TS 35.222 writes it, with its tables, and what TS 35.221 makes of it. Nothing here is
 * fast or hides anything: it shares no line and no idea with the product.
 */
#ifndef DECODE_ZUC_H
#define DECODE_ZUC_H

#include <stddef.h>
#include <stdint.h>

#include "crypto.h"

void zuc_eea3(const struct crypto_input *input, const uint8_t *in, size_t len, uint8_t *out);
uint32_t zuc_eia3(const struct crypto_input *input, const uint8_t *message, size_t len);

#endif
