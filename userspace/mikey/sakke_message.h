/* SPDX-License-Identifier: MIT */
/*
 * I_MESSAGE of MIKEY-SAKKE, RFC 6509 2: one message, from which its receiver has a secret and knows
 * who sent it.
 *
 *	HDR, T, RAND, [IDRi], [IDRr], [IDRkmsi], [IDRkmsr], {SP}, {GenExt}, SAKKE, SIGN
 *
 * SAKKE encapsulates the SSV to the responder's identifier, SIGN is an ECCSI signature by the
 * initiator's. The SSV is the TGK that KD comes from, see profile.h. In the scheme UID the users are in
 * IDR of roles of 3GPP, as octets.
 *
 * To open one, what is cheap comes first: the form, the time, the names, the replay cache; then the
 * signature; and only what has a good signature is worth a pairing. A forged message never costs
 * one. Why a decapsulation failed is not told.
 */
#ifndef PROSE_MIKEY_SAKKE_MESSAGE_H
#define PROSE_MIKEY_SAKKE_MESSAGE_H

#include "keys.h"
#include "mikey.h"
#include "prf.h"
#include "replay.h"

#define MIKEY_SAKKE_MAX		4096	/* octets that we make, or open */
#define MIKEY_REASON_MAX	256

/**
 * struct mikey_sakke_offer - what to make
 * @from: own keys; of the month that @time is in, except in the scheme UID
 * @to: URI of the responder, or its UID
 * @community: the responder's
 * @time: T. Of all messages of an initiator each has another
 * @csb_id: random
 * @rand: random
 * @ssv: random, and secret
 * @name_kms: say in the message which KMS both have
 * @more: payloads to be put in front of SAKKE: SP, general extensions
 * @n_more: how many
 * @j: for vectors only: the random number of the signature; otherwise NULL
 */
struct mikey_sakke_offer {
	const struct mikey_keys *from;
	struct mikey_octets to;
	const struct mikey_community *community;
	struct mikey_time time;
	uint32_t csb_id;
	uint8_t rand[MIKEY_RAND_MIN];
	uint8_t ssv[SAKKE_SSV_LEN];
	bool name_kms;
	const struct mikey_payload *more;
	size_t n_more;
	const uint8_t *j;
};

/* Fills in what is random. 0, or -1 when the random generator fails. The caller wipes the SSV. */
int mikey_sakke_random(struct mikey_sakke_offer *offer);

/**
 * mikey_sakke_make() - make an I_MESSAGE
 * @offer: what to say
 * @out: gets it
 * @size: room
 * @kd: gets KD, unless NULL; the caller wipes it
 * @why: gets a sentence when it cannot be made
 * @why_len: its size
 *
 * Return: octets, or -1.
 */
int mikey_sakke_make(const struct mikey_sakke_offer *offer, uint8_t *out, size_t size,
		     uint8_t kd[MIKEY_KD_LEN], char *why, size_t why_len);

/* Why a message was refused. */
enum mikey_refusal {
	MIKEY_TAKEN		= 0,
	MIKEY_MALFORMED,	/* no MIKEY message */
	MIKEY_UNSUPPORTED,	/* another one than is meant here, or other algorithms */
	MIKEY_UNSIGNED,		/* without SIGN */
	MIKEY_INCOMPLETE,	/* without another payload that it has to have */
	MIKEY_STALE,		/* timestamp too far from the clock */
	MIKEY_WRONG_MONTH,	/* a month that keys are not used in now, or none are there for */
	MIKEY_WRONG_COMMUNITY,	/* a KMS that is not trusted, or has no keys for this UE */
	MIKEY_NOT_FOR_US,	/* a responder that this UE is not */
	MIKEY_WRONG_INITIATOR,	/* another initiator than is awaited, this UE, or none */
	MIKEY_REPLAYED,
	MIKEY_OVERLOAD,		/* the replay cache has no place for it */
	MIKEY_BAD_SIGNATURE,
	MIKEY_NOT_OPENED,	/* the decapsulation failed */
	MIKEY_OTHER_OFFER,	/* made for another offer than it came in */
};

/**
 * struct mikey_sakke_receiver - who opens
 * @keys: own keys, of all communities and months there are
 * @n_keys: how many
 * @communities: those whose users are trusted to be who they say
 * @n_communities: how many
 * @replay: replay cache; its window is how far T may be from the clock
 * @now: by the clock
 * @initiator: URI or UID of who has to have made it; empty for anyone
 * @offered: protocols of the SDP that it came in, as mikey_sdp_offered() has them; NULL: it came in none
 */
struct mikey_sakke_receiver {
	const struct mikey_keys *const *keys;
	size_t n_keys;
	const struct mikey_community *const *communities;
	size_t n_communities;
	struct mikey_replay *replay;
	struct mikey_time now;
	struct mikey_octets initiator;
	const char *offered;
};

/**
 * struct mikey_sakke_opened - what was in it
 * @message: the message; its octets are those that were opened
 * @initiator: URI or UID that it is authentic from
 * @initiator_community: its community
 * @keys: own keys it was for
 * @time: T
 * @ssv: secret
 * @kd: secret
 */
struct mikey_sakke_opened {
	struct mikey_message message;
	struct mikey_octets initiator;
	const struct mikey_community *initiator_community;
	const struct mikey_keys *keys;
	struct mikey_time time;
	uint8_t ssv[SAKKE_SSV_LEN];
	uint8_t kd[MIKEY_KD_LEN];
};

/**
 * mikey_sakke_open() - open an I_MESSAGE
 * @receiver: by whom; its replay cache is changed only when the signature is good
 * @data: the message
 * @len: its octets
 * @opened: gets what was in it; the caller wipes it. Its secrets are zero unless it was taken
 * @why: gets a sentence for the log when it is refused
 * @why_len: its size
 *
 * An authentic message that cannot be opened is remembered all the same (RFC 3830 5.3), so that it
 * costs one pairing, however often it is sent.
 *
 * Return: MIKEY_TAKEN, or why not.
 */
enum mikey_refusal mikey_sakke_open(const struct mikey_sakke_receiver *receiver,
				    const uint8_t *data, size_t len,
				    struct mikey_sakke_opened *opened, char *why, size_t why_len);

/* Error no that ERR would have for it, RFC 3830 6.12: no more than its sender may know. */
uint8_t mikey_refusal_error(enum mikey_refusal refusal);

/**
 * mikey_sakke_kd() - KD of a secret
 * @ssv: SSV, as TGK
 * @csb_id: CSB ID
 * @rand: contents of RAND
 * @kd: gets KD; zero when it fails
 *
 * Return: 0 or -1.
 */
int mikey_sakke_kd(const uint8_t ssv[SAKKE_SSV_LEN], uint32_t csb_id,
		   const struct mikey_octets *rand, uint8_t kd[MIKEY_KD_LEN]);

#endif
