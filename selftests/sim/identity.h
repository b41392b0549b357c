/* SPDX-License-Identifier: MIT */
/*
 * The product's methods mikey-sakke and eccsi-sakke in UEs of the simulator: keys that a KMS makes once in a process, its
 * deny lists, credentials that are read again while runs go on with the old ones, and what is
 * remembered of messages over the life of a daemon, as daemon/methods.c has it.
 */
#ifndef SIM_IDENTITY_H
#define SIM_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IDENTITY_METHODS_MAX	4
#define IDENTITY_NOBODY		(-1)

/* There are keys for the month before and the one after; nobody has any other. */
#define IDENTITY_MONTH_ENDS	INT64_C(1701388800)	/* 2023-12-01 */

struct keying_method;
struct station;
struct ue;
struct world;

/**
 * struct identity - of one UE
 * @methods: mikey-sakke: the one in force, and those that runs may still go on with
 * @isolated: eccsi-sakke by the keys of each of them, where that one is used in its place
 * @current: which is in force
 * @denied: number of the UE that its deny list has, or IDENTITY_NOBODY
 * @list: number of that list; 0: there never was one
 * @denied_ms: when it was read
 * @saved: what is stored of messages that were taken; NULL: nothing
 * @saved_len: octets of it
 */
struct identity {
	struct keying_method *methods[IDENTITY_METHODS_MAX];
	struct keying_method *isolated[IDENTITY_METHODS_MAX];
	size_t current;
	int denied;
	uint64_t list, denied_ms;
	uint8_t *saved;
	size_t saved_len;
};

/* A KMS with keys for all UEs, once in a process, by the primitives there are. Exits if that cannot be. */
void identity_provision(bool products);
void identity_deprovision(void);

/* A daemon starts: it reads its files, and what was stored. */
void identity_start(struct station *station);
/*
 * It reads its files again, and a new deny list with that UE in it. False: too many runs go on
 * with older ones.
 */
bool identity_renew(struct station *station, int denied);
/* What was taken since is stored, if anything was. */
void identity_keep(struct station *station);
/* The daemon is no more; @lost: nor what it had stored. */
void identity_stop(struct station *station, bool lost);
const struct keying_method *identity_method(const struct station *station);
/* Number of the UE whose identifier that is, of one of these months; -1: of nobody. */
int identity_signer(const struct world *world, const uint8_t *id, size_t id_len);

#endif
