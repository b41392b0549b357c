/* SPDX-License-Identifier: MIT */
/*
 * Keying methods of the simulator. Unlike those of fake_methods.h they stand up to somebody who
 * changes and makes up containers: each pair of identities has a secret, which an attacker has
 * not, and KD and all containers but the first depend on it.
 *
 *	exchange	some containers, as certificate; or embedded, as mikey-sakke, one in a request and one in a
 *			command, which are signed
 *	shared		none, as psk
 */
#ifndef SIM_KEYING_H
#define SIM_KEYING_H

#include <stdbool.h>
#include <stdint.h>

#include "keying/keying.h"

#define KEYING_EXCHANGE		9
#define KEYING_VALID_FROM	1600000000	/* of the credentials of exchange */
#define KEYING_VALID_UNTIL	1800000000

/*
 * What one UE has.
 *
 * @bind_hash: KD depends on the whole request. If not, then the comparison of what a COMMAND
 *	       echoes is all that can notice a change of it
 * @embeds: it can run embedded; UE_2 leaves one in four to an exchange
 * @embedded: how many runs it was UE_2 of that ended well and were embedded
 * @open: runs that are not closed; 0 when all is over
 */
struct keying_credentials {
	char identity[64];
	bool bind_hash;
	bool embeds;
	uint32_t size;			/* octets of a container, at least KEYING_CONTAINER_MIN */
	uint32_t open, embedded;
};

#define KEYING_CONTAINER_MIN	96

void keying_exchange(struct keying_method *method, struct keying_credentials *credentials,
		     unsigned int containers);
void keying_shared(struct keying_method *method, struct keying_credentials *credentials);

#endif
