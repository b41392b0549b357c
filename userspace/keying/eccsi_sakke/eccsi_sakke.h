/* SPDX-License-Identifier: MIT */
/*
 * Keying method eccsi-sakke: isolated one-to-one communication of TS 24.334, 10.4.2.2 and 10.4.5.2.
 *
 *	UE_1						UE_2
 *	Signature			->		DIRECT_COMMUNICATION_REQUEST
 *	<-		Signature, Encrypted Payload	DIRECT_SECURITY_MODE_COMMAND
 *
 * It runs embedded only. UE_2 makes the secret (SSV), encapsulates it to UE_1 with SAKKE, and signs
 * that with ECCSI. UE_1 verifies before it decapsulates. What is signed is in signed.h.
 *
 * The containers, as the link gives and takes them:
 *
 *	request		Signature, 129 octets; none in rekeying, where UE_1 is known
 *	command		Encrypted Payload, 273 octets, Signature, 129, and the identity that User
 *			Info has, as text; without any where the message has no User Info
 *
 * No message says which KMS its sender is a user of: in the standard there is one. A signature is tried
 * in each trusted community, of which there are few therefore, for the month that it is and, about the
 * end of a month, for the one before or after.
 *
 * The signatures cover neither Nonce_2 nor Layer-2 IDs nor what else the messages say. KD does:
 *
 *	KD = KDF(SSV, PROSE_FC_ECCSI_SAKKE_KD, Layer-2 ID of UE_1, of UE_2, Nonce_1, Nonce_2,
 *		 request hash, identity of UE_1, of UE_2, SHA-256 of Encrypted Payload)
 *
 * A request that is repeated later has a good signature still. So that it costs UE_2 nothing, the method
 * remembers those that it has answered last.
 */
#ifndef PROSE_KEYING_ECCSI_SAKKE_H
#define PROSE_KEYING_ECCSI_SAKKE_H

#include "../keying.h"

#define ECCSI_SAKKE_COMMUNITIES_MAX	4

/**
 * eccsi_sakke_new() - make the method
 * @mikey_sakke: the method mikey-sakke, whose keys, communities and deny lists it uses; has to
 *		 outlive it
 * @before: the method that is to be replaced, or NULL; what it remembers of requests goes on
 * @why: gets a sentence when it fails
 * @why_len: its size
 *
 * Return: the method, to be freed with eccsi_sakke_free(), or NULL.
 */
struct keying_method *eccsi_sakke_new(const struct keying_method *mikey_sakke,
				      const struct keying_method *before, char *why,
				      size_t why_len);

/* All sessions must be closed. NULL is allowed. */
void eccsi_sakke_free(struct keying_method *method);

#endif
