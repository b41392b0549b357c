// SPDX-License-Identifier: MIT
/*
 * Setups whose request was found to be from whom it says, by what it carries. Anybody can send another
 * request in that name; it takes the place of such a setup only if that is found of it as well. The
 * one that gave way may be the true one, for requests can be recorded. UE_1 repeats it as long as it
 * waits, and that long it is taken again; a method that remembers requests would call it a replay.
 */
#include <string.h>

#include "link.h"

bool vouched(const struct procedure *procedure)
{
	return procedure && procedure->vouched;
}

/* UE_1 repeats its request no longer than that. */
static uint64_t life(const struct ue *ue)
{
	return (uint64_t)(ue->config.timers.retries + 1) * ue->config.timers.t4100;
}

void vouched_interrupt(struct link *link)
{
	const struct procedure *procedure = link->procedure;
	struct ue *ue = link->ue;
	struct interrupted *interrupted;

	if (vouched(procedure) && procedure->kind == PROCEDURE_SETUP) {
		interrupted = &ue->interrupted[ue->next_interrupted++ % INTERRUPTED_MAX];
		interrupted->l2_id = link->l2_id;
		interrupted->taken_ms = procedure->taken_ms;
		memcpy(interrupted->hash, procedure->hash, sizeof(interrupted->hash));
	}
	procedure_discard(link);
}

bool vouched_before(struct link *link, uint64_t now)
{
	struct procedure *procedure = link->procedure;
	struct ue *ue = link->ue;

	for (size_t i = 0; i < INTERRUPTED_MAX; i++) {
		struct interrupted *interrupted = &ue->interrupted[i];

		if (!interrupted->taken_ms || interrupted->l2_id != link->l2_id ||
		    memcmp(interrupted->hash, procedure->hash, sizeof(interrupted->hash)) ||
		    now - interrupted->taken_ms >= life(ue))
			continue;
		/* from when it came first, so that its time ends however often it gives way */
		procedure->taken_ms = interrupted->taken_ms;
		interrupted->taken_ms = 0;
		return true;
	}
	return false;
}

void vouched_forget(struct link *link)
{
	struct ue *ue = link->ue;

	for (size_t i = 0; i < INTERRUPTED_MAX; i++)
		if (ue->interrupted[i].l2_id == link->l2_id)
			ue->interrupted[i].taken_ms = 0;
}
