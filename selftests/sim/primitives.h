/* SPDX-License-Identifier: MIT */
/*
 * ECCSI and SAKKE of the simulator. The linker puts primitives.c between methods mikey-sakke and
 * eccsi-sakke and the product's primitives (ld --wrap), which take 8 ms for a message: a schedule is done in one. In most
 * schedules hashes take their place, which do the same for whoever does not compute those: what is
 * signed, or encapsulated, by or to one identity of one KMS verifies, or opens, for that one only, and
 * not with an octet changed. In some the product's own run.
 *
 * OpenSSL's random octets follow from a seed here, too.
 */
#ifndef SIM_PRIMITIVES_H
#define SIM_PRIMITIVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the primitives were asked for, since primitives_begin(). */
struct primitives_calls {
	uint64_t verified;		/* signatures that were good */
	uint64_t forged;		/* and those that were not */
	uint64_t opened;		/* SSVs decapsulated */
	uint64_t not_opened;
	uint64_t unverified;		/* decapsulations without a good signature just before */
};

/*
 * A schedule begins: by those of the product or in their place. What was made by the ones is not to
 * be used with the others.
 */
void primitives_begin(bool products, uint64_t seed);
/* Tells @good of each signature that is found good from now on; NULL: nobody. */
void primitives_watch(void (*good)(void *context, const uint8_t *id, size_t id_len,
				   const uint8_t *message, size_t len), void *context);
const struct primitives_calls *primitives_calls(void);

#endif
