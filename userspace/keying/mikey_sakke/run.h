/* SPDX-License-Identifier: MIT */
/*
 * What makes a message good in one run only, and KD that comes of it.
 *
 * The binding is SHA-256 of
 *
 *	"prose mikey-sakke run", version (1 octet), round (1): 1 from UE_1, 2 from UE_2,
 *	Layer-2 ID of UE_1 (3) and of UE_2 (3), Nonce_1 (16), Nonce_2 (16), request hash (32),
 *	SHA-256 of the hello (32), round 2 only: SHA-256 of message 1 (32)
 *
 * In an embedded run, where message 1 is in the request and message 2 in the security mode command, it is
 * SHA-256 of
 *
 *	"prose mikey-sakke embedded", version (1), round (1), Layer-2 ID of UE_1 (3) and of UE_2 (3),
 *	Nonce_1 (16), round 2 only: Nonce_2 (16), request hash (32), SHA-256 of message 1 (32)
 *
 * It goes into the message as a general extension of type MIKEY_EXT_RUN: version (1 octet), flags (1),
 * those 32 octets; in front of SAKKE and so under the signature. Flags: bit 0, the sender requires a
 * message 2.
 *
 * KD = KDF(KD_1 || KD_2, PROSE_FC_MIKEY_KD or, embedded, PROSE_FC_MIKEY_EMBEDDED, Layer-2 ID of UE_1,
 * of UE_2, Nonce_1, Nonce_2, request hash, identity of UE_1, of UE_2, SHA-256 of all containers, of which
 * each comes with its length before it, 4 octets); without message 2 there is no KD_2.
 */
#ifndef PROSE_KEYING_MIKEY_SAKKE_RUN_H
#define PROSE_KEYING_MIKEY_SAKKE_RUN_H

#include <openssl/evp.h>

#include "mikey/mikey.h"
#include "mikey/profile.h"

#include "../keying.h"

#define RUN_VERSION		1
#define RUN_EXTENSION_LEN	(2 + KEYING_HASH_LEN)
#define RUN_REPLY_REQUIRED	1

/**
 * struct run - a run so far
 * @context: what it is bound to
 * @hello: hash of container 0
 * @first: hash of message 1
 * @transcript: of all containers
 * @sent: of message 1 alone; UE_1 of an embedded run, once it was bound
 * @kd: KD of message 1, and of message 2; secret
 * @kd_len: octets of them
 */
struct run {
	struct keying_context context;
	uint8_t hello[KEYING_HASH_LEN];
	uint8_t first[KEYING_HASH_LEN];
	EVP_MD_CTX *transcript, *sent;
	uint8_t kd[2 * MIKEY_KD_LEN];
	size_t kd_len;
};

/* 0 or -1. */
int run_begin(struct run *run, const struct keying_context *context);
/* Wipes it. */
void run_end(struct run *run);

/* The container of that round was sent or received. 0 or -1. */
int run_container(struct run *run, unsigned int round, const uint8_t *data, size_t len);

/*
 * UE_1 of an embedded run, which has sent message 1: what it is bound to from there on. However often
 * this is called, it is then as if nothing else had come. 0 or -1.
 */
int run_bind(struct run *run, const uint8_t nonce_2[KEYING_NONCE_LEN],
	     const uint8_t request_hash[KEYING_HASH_LEN]);

/* Contents of the extension of the message of that round, 1 or 2. 0 or -1. */
int run_extension(const struct run *run, unsigned int round, uint8_t flags,
		  uint8_t out[static RUN_EXTENSION_LEN]);

/* Flags of the message, when it is, as far as it says, one of that round of this run; else -1. */
int run_flags(const struct run *run, unsigned int round, const struct mikey_message *message);

/* KD of a message, in their order. */
void run_add_kd(struct run *run, const uint8_t kd[MIKEY_KD_LEN]);

/* KD of the run, by the identities of both. 0, or -1 when the library fails. */
int run_kd(const struct run *run, const char *own, const char *peer, uint8_t kd[KEYING_KD_LEN]);

#endif
