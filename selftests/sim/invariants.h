/* SPDX-License-Identifier: MIT */
/*
 * What must hold, at each step. Each has a name, a sentence (tally.h), and is counted when it is
 * checked; the first that does not hold ends the schedule.
 */
#ifndef SIM_INVARIANTS_H
#define SIM_INVARIANTS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/ue.h"
#include "ledger.h"
#include "tally.h"

struct world;
struct station;
struct assoc;
struct frame;
struct pc5s_message;
struct ue_action;

struct invariants {
	/* until when a link of these two may end, see invariant_excuse() */
	uint64_t excused[8][8];
};

/* Notes that it was checked, and ends the schedule if it does not hold. */
bool invariant_check(struct world *world, enum tally_invariant which, bool holds,
		     const char *format, ...) __attribute__((format(printf, 4, 5)));

/*
 * Something happened between two UEs, by number, for which a link of theirs may end within the
 * next while: a user's release, a crash, a new configuration, a frame that was lost. -1: any.
 */
void invariant_excuse(struct world *world, int a, int b);

/* The kernel of @station was given a key. */
void invariant_installed(struct station *station, const struct assoc *assoc);
/* It lost it, for whatever reason. */
void invariant_removed(struct station *station, const struct assoc *assoc);
/* It sends under it. */
void invariant_protected(struct station *station, const struct assoc *assoc, uint8_t lcid,
			 unsigned int bearer, uint64_t count);
/* It sends in clear. */
void invariant_unprotected(struct station *station, const struct pc5s_message *message);
/* UE_2 sends a COMMAND. */
void invariant_commanded(struct station *station, const struct assoc *assoc,
			 const struct pc5s_message *message, bool in_setup);
/* A message came whose signature is not that of who it is from: what the core wants done for it, and says after it. */
void invariant_unmoving(struct station *station, const struct ue_action *action);
void invariant_unmoved(struct station *station, size_t peer, enum ue_link_state was,
		       uint16_t kd_sess_id);
/* What the core of @station says of its link to UE number @peer is new; @was: it said before. */
void invariant_view(struct station *station, size_t peer, enum ue_link_state was);

#endif
