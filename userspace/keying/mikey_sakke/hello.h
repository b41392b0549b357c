/* SPDX-License-Identifier: MIT */
/*
 * Container 0, the hello of UE_2: what UE_1 has to know to make an I_MESSAGE that UE_2 can open.
 *
 *	0	version, 1
 *	1	bit 0: UE_2 requires message 2
 *	2	number of communities that UE_2 trusts
 *	each:	first 8 octets of the fingerprint of the community
 *		bit 0: UE_2 has keys of it that are in use
 *
 * Nothing in it is authentic when it comes, but its hash is in what both messages are bound to.
 */
#ifndef PROSE_KEYING_MIKEY_SAKKE_HELLO_H
#define PROSE_KEYING_MIKEY_SAKKE_HELLO_H

#include "provision.h"

#define HELLO_VERSION		1
#define HELLO_FINGERPRINT_LEN	8
#define HELLO_MAX		(3 + PROVISION_MAX * (HELLO_FINGERPRINT_LEN + 1))

struct hello {
	bool reply_required;
	size_t n;
	struct {
		uint8_t fingerprint[HELLO_FINGERPRINT_LEN];
		bool keys;
	} communities[PROVISION_MAX];
};

/* That of a UE at a time. */
void hello_make(struct hello *hello, const struct provision *provision,
		const struct mikey_time *now);

/* Octets. */
size_t hello_encode(const struct hello *hello, uint8_t out[static HELLO_MAX]);

/* 0, or -1 with a sentence when it is none, or of another version. */
int hello_decode(struct hello *hello, const uint8_t *data, size_t len, char *why, size_t why_len);

/* Does the sender trust that community; does it have keys of it? */
bool hello_trusts(const struct hello *hello, const struct community *community);
bool hello_has_keys(const struct hello *hello, const struct community *community);

#endif
