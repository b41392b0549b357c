/* SPDX-License-Identifier: GPL-2.0-only */
/* The link carrier: frames directly behind an Ethernet header. */
#ifndef _PROSE_CARRIER_LINK_H
#define _PROSE_CARRIER_LINK_H

#include "carrier.h"

extern const struct prose_carrier_ops prose_carrier_link;

#endif /* _PROSE_CARRIER_LINK_H */
