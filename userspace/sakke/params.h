/* SPDX-License-Identifier: MIT */
/* Parameter set 1 of RFC 6509, beside p (fp.c) and q (modulus.c). */
#ifndef PROSE_SAKKE_PARAMS_H
#define PROSE_SAKKE_PARAMS_H

#include "fp.h"
#include "point.h"

/* q has 1022 bits, and p + 1 = 4 q. */
#define PARAMS_Q_BITS	1022

extern const struct affine params_p;	/* P */
extern const struct fp params_g;	/* g = <P,P>, as Im/Re */

#endif
