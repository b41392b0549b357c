/* SPDX-License-Identifier: MIT */
/* The result, for people and as JSON. */
#ifndef DECODE_REPORT_H
#define DECODE_REPORT_H

#include <stdbool.h>

#include "decoder.h"

void report_text(const struct decoder *decoder, bool clean);
/* false: told on standard error. */
bool report_json(const struct decoder *decoder, bool clean, const char *path);

#endif
