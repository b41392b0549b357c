/* SPDX-License-Identifier: MIT */
/*
 * One schedule: UEs on a virtual clock, the medium between them, their users and an attacker. All
 * of it follows from one seed.
 *
 *	world.c		the clock, what a schedule is made of, and its end on a fair network
 *	medium.c	frames on their way
 *	station.c	a UE: the product's core, and a model of the kernel below it
 *	keying.c	keying methods that an attacker cannot cheat
 *	identity.c	the product's methods mikey-sakke and eccsi-sakke, with a KMS
 *	primitives.c	what they sign and encapsulate with: the product's, or what is faster
 *	signatures.c	which of them a UE has found good
 *	user.c		what users, administrators and accidents do
 *	attacker.c	who sees everything and has no key
 *	ledger.c	what really happened to keys
 *	invariants.c	what must hold, at each step
 *	tally.c		what happened, counted
 *	schedules.c	many schedules on all processors, and the report
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attacker.h"
#include "invariants.h"
#include "ledger.h"
#include "medium.h"
#include "rng.h"
#include "station.h"
#include "tally.h"

#define STATIONS_MAX	5
#define WORLD_START_MS	100000

/**
 * struct settings - what one schedule is like
 * @stations: how many UEs
 * @strict: strict-24334 everywhere
 * @psk: the product's method psk takes the place of the simulator's
 * @identity: the product's method mikey-sakke takes the place of the one with an exchange
 * @isolated: not that one but eccsi-sakke, under strict-24334, too
 * @products: with the product's primitives
 * @replies_optional: bit i: UE i can do without message 2
 * @epoch: what wall clocks show at the beginning of virtual time
 * @bind_hash: KD depends on the request
 * @up_integrity: each UE prefers or has this policy
 * @up_ciphering: likewise
 * @containers: of the method with an exchange
 * @embeds: that method can do without one
 * @container_size: octets
 * @fragment: octets
 * @packets: of user data, and of signalling, that a key is good for; 0: no limit of ours
 * @polls: what verified is told to the core from time to time, not at once
 * @lifetimes: of keys
 * @loss: per mille, at first
 * @duplicate: per mille
 * @delay_max: ms
 * @upcall_max: ms until the daemon hears of what its kernel knows
 * @acts: how often somebody does something
 * @crashes: daemons die, UEs reboot
 * @releases: users release links
 * @reconfigures: configurations change
 * @refusals: the kernel refuses now and then
 * @clock_jumps: wall clocks jump
 * @partitions: the medium falls apart now and then
 * @attacks: attacks per mille frames sent, and about as many per second; 0: no attacker
 * @drops: the attacker can keep frames from arriving, too
 * @bids_down: it goes for each request that begins a setup
 * @uneven: some UEs have shorter timers than others
 * @floods: it makes up UEs that ask for setups, many at once
 * @wanted: who wants links with whom; i < j only
 */
struct settings {
	size_t stations;
	bool strict, psk, bind_hash, embeds, identity, isolated, products;
	uint32_t replies_optional;
	int64_t epoch;
	enum ue_policy up_integrity, up_ciphering;
	enum ue_count_profile count_profile;
	uint32_t containers, container_size, fragment, packets;
	uint32_t loss, duplicate, delay_max;
	uint32_t upcall_max, acts;
	bool crashes, releases, reconfigures, refusals, clock_jumps, partitions;
	uint32_t attacks;
	bool drops, bids_down, floods, polls, uneven;
	struct ue_timers timers;
	struct ue_lifetimes lifetimes;
	bool wanted[STATIONS_MAX][STATIONS_MAX];
};

struct world {
	uint64_t seed;
	uint64_t now;
	struct rng rng;
	struct settings settings;
	struct station stations[STATIONS_MAX];
	struct medium medium;
	struct attacker attacker;
	struct invariants invariants;
	struct key *keys;
	struct tally *tally;
	uint32_t round;			/* of packets that all have to arrive */
	bool failed;
	bool verbose;
	uint64_t steps;
};

/* Runs the schedule of a seed. Returns true if every invariant held. */
bool world_run(uint64_t seed, struct tally *tally, bool verbose);

/* The next event that is due until then; false if there is none. */
bool world_step(struct world *world, uint64_t until);
void world_advance(struct world *world, uint64_t ms);

static inline void world_count(struct world *world, enum tally_count count)
{
	world->tally->counts[count]++;
}

/* The method with an exchange, or in its place. */
static inline uint8_t world_exchange(const struct world *world)
{
	return world->settings.isolated ? KEYING_ECCSI_SAKKE :
	       world->settings.identity ? KEYING_MIKEY_SAKKE : KEYING_EXCHANGE;
}

/* -1 when it is nobody's. */
int world_index(const struct world *world, uint32_t l2_id);
uint32_t world_l2_id(size_t index);

/* A line of the trace; @station -1: of nobody. */
void world_trace(const struct world *world, int station, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* For the trace: what a frame is; good until the next call. */
const char *world_frame_text(const struct world *world, const struct frame *frame);

/* Is the medium so slow that answers come late for a timer, with nothing lost? */
bool world_slow(const struct world *world);
/* Timers added up: until a UE knows that its peer is gone, and until a procedure has ended. */
uint64_t world_silence(const struct world *world);
uint64_t world_procedure(const struct world *world);

#endif
