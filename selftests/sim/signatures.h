/* SPDX-License-Identifier: MIT */
/*
 * Signatures of method eccsi-sakke that a UE has found good, as primitives.c sees it: by whom, and what
 * they are over. No core and no method is asked. What is signed is told apart by its length here: User Info
 * and Nonce_1, in a request, and Encrypted Payload behind them, in a command (TS 24.334 10.4.2.2, 10.4.5.2).
 */
#ifndef SIM_SIGNATURES_H
#define SIM_SIGNATURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/pc5s.h"
#include "sakke/sakke.h"

struct station;

/**
 * struct signature - one of them
 * @signer: number of the UE
 * @command: of a command
 * @nonce_1: of the run
 * @payload: command: what is encrypted
 */
struct signature {
	size_t signer;
	bool command;
	uint8_t nonce_1[PC5S_NONCE_LEN];
	uint8_t payload[SAKKE_DATA_LEN];
};

/**
 * struct signatures - of one UE
 * @list: in the order in which they were found good
 * @n: how many
 * @before: how many there were before the message that was received last
 */
struct signatures {
	struct signature *list;
	size_t n, before;
};

/* A message is received, from now until then. */
void signatures_begin(struct station *station);
void signatures_end(void);
/* That of the request which was received last; NULL if it has none that is good. */
const struct signature *signatures_request(const struct station *station);
/* Was there one of a command: by that UE, for that run, over that payload? */
bool signatures_command(const struct station *station, size_t signer,
			const uint8_t nonce_1[static PC5S_NONCE_LEN],
			const uint8_t payload[static SAKKE_DATA_LEN]);
void signatures_free(struct station *station);

#endif
