/* SPDX-License-Identifier: MIT */
/*
 * What really happened to keys: each that was ever installed, by whom, for whom, and what was
 * sent under it. No UE can see this; the invariants do.
 */
#ifndef SIM_LEDGER_H
#define SIM_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/ue.h"
#include "signatures.h"

#define LEDGER_BEARERS	3	/* user data, security mode, signalling */

struct station;

/* Algorithms, methods and policies of a UE at one time. */
struct offer {
	uint16_t capabilities;
	uint8_t eea_order[4], eia_order[4];
	enum ue_policy up_integrity, up_ciphering;
	enum ue_count_profile count_profile;
	uint8_t methods[UE_METHODS_MAX];
	bool exchange[UE_METHODS_MAX];	/* the method has containers */
	size_t n_methods;
};

/* One end of a key. */
struct end {
	const struct station *station;	/* NULL: nobody has installed it there */
	uint32_t peer;			/* for whom */
	uint16_t kd_sess_id;
	uint32_t count_start, count_limit;
	bool up_integrity;
	bool holds;			/* its kernel has it now */
	uint64_t last_ms;		/* when it had it last */
	uint64_t verified_ms;		/* when something verified under it here */
	uint64_t next[LEDGER_BEARERS];	/* COUNT that may be used next */
	struct offer offer;		/* of that UE when it was installed */
};

/* Equal octets and algorithms, equal key: what one protects the other verifies. */
struct key {
	struct key *next;
	uint8_t pek[UE_KEY_LEN], pik[UE_KEY_LEN];
	uint8_t eea, eia;
	struct end ends[2];		/* by DIRECTION of what they send */
	bool commanded;			/* UE_2 has sent a COMMAND under it, which said: */
	bool kd_is_new;
	bool rekeying;			/* and came under a key they had */
	uint8_t method;			/* that made the new KD, 0 if it says none */
	bool has_payload;		/* Encrypted Payload of TS 24.334: */
	uint8_t payload[SAKKE_DATA_LEN];
	bool asked;			/* UE_2 made it for a request of good signature: */
	struct signature request;
};

struct key *ledger_key(struct key **keys, const struct ue_assoc *assoc);
void ledger_free(struct key **keys);
void ledger_offer(const struct ue_config *config, struct offer *offer);

#endif
