/* SPDX-License-Identifier: MIT */
/*
 * Who made a signature that says nothing of itself: neither the month of the keys nor the KMS that
 * they are from. Those months are tried that messages are taken of at a time, the present one first,
 * and the communities that are trusted.
 */
#ifndef PROSE_KEYING_ECCSI_SAKKE_SIGNER_H
#define PROSE_KEYING_ECCSI_SAKKE_SIGNER_H

#include "../mikey_sakke/provision.h"

/**
 * struct signer - whose keys
 * @community: the community whose user it is
 * @month: the month they are of
 * @verified: it is a signature by those, even if nobody of the community is to be connected to now
 */
struct signer {
	const struct community *community;
	struct mikey_month month;
	bool verified;
};

/**
 * signer_find() - find out
 * @signer: gets it
 * @provision: communities
 * @name: who it is to be from; a URI without fault
 * @message: what is signed
 * @signature: ECCSI_SIGNATURE_LEN octets
 * @now: wall-clock time
 * @why: gets a sentence when nobody of that name made it, its KMS has denied that one, or the time of the
 *	 KMS's deny list has ended
 * @why_len: its size
 *
 * Return: 0 or -1.
 */
int signer_find(struct signer *signer, const struct provision *provision, const char *name,
		const struct mikey_octets *message, const uint8_t *signature, time_t now, char *why,
		size_t why_len);

#endif
