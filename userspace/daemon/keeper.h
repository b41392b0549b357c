/* SPDX-License-Identifier: MIT */
/*
 * The store of a daemon that runs: opened at the start, written when there is something new to
 * keep. A prosed without one works all the same: after a restart its peers authenticate again.
 */
#ifndef PROSE_DAEMON_KEEPER_H
#define PROSE_DAEMON_KEEPER_H

#include "config.h"
#include "store.h"

struct keeper;

/**
 * keeper_open() - find key and file of the configuration, and read
 * @config: says where
 * @identity: own identity
 * @before: gets what an earlier run kept, to be freed with store_peers_free()
 *
 * A file that cannot be used is set aside, never written over; where that is not possible, and
 * where there is no key, nothing is kept. Each is logged with its cure.
 *
 * Return: NULL when nothing is to be kept, or can be.
 */
struct keeper *keeper_open(const struct config *config, const char *identity,
			   struct store_peers *before);

/* Writes what @ue holds. 0 or -1 with @why. */
int keeper_save(struct keeper *keeper, const char *identity, const struct ue *ue, char *why,
		size_t why_len);

/* Wipes and frees; NULL is allowed. */
void keeper_close(struct keeper *keeper);

#endif
