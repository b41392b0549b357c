/* SPDX-License-Identifier: MIT */
/* Nothing is left to define, see linux/tracepoint.h. */
