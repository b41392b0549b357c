/* SPDX-License-Identifier: MIT */
/*
 * What the Signature IEs are over, TS 24.334 10.4.2.2 and 10.4.5.2:
 *
 *	request		User Info of UE_1, Nonce_1
 *	command		User Info of UE_2, Nonce_1, Encrypted Payload
 *
 * User Info is the value of the IE as on the air, without IEI and length: the standard lists IEs, and
 * TS 33.303, which may have more about them, was not at hand. No label stands before. Even so none
 * is another: the first has at most 135 octets and the second 291 or more, and an I_MESSAGE, which the
 * same keys sign, begins with an octet that no User Info of a name has.
 */
#ifndef PROSE_KEYING_ECCSI_SAKKE_SIGNED_H
#define PROSE_KEYING_ECCSI_SAKKE_SIGNED_H

#include "mikey/identifier.h"
#include "sakke/sakke.h"

#include "../keying.h"

#define SIGNED_MAX	(MIKEY_URI_MAX + 1 + KEYING_NONCE_LEN + SAKKE_DATA_LEN)

/* Of an identity that has at most MIKEY_URI_MAX octets. The number of octets. */
size_t signed_request(const char *identity, const uint8_t nonce_1[static KEYING_NONCE_LEN],
		      uint8_t out[static SIGNED_MAX]);
size_t signed_command(const char *identity, const uint8_t nonce_1[static KEYING_NONCE_LEN],
		      const uint8_t payload[static SAKKE_DATA_LEN],
		      uint8_t out[static SIGNED_MAX]);

#endif
