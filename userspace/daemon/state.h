/* SPDX-License-Identifier: MIT */
/*
 * What a restarted daemon needs to know and the kernel cannot tell: who the peers are, and
 * what was made here. Keys are never in it: they stay in the kernel.
 *
 * The file is JSON, mode 0600, in the runtime folder; it means nothing after a reboot.
 */
#ifndef PROSE_DAEMON_STATE_H
#define PROSE_DAEMON_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/ue.h"

#include "config.h"
#include "netif.h"

/* One link, and whether the user had released the peer. */
struct state_link {
	struct ue_link_info info;	/* who it is and since when; not its association */
	bool held;
};

/**
 * struct state - what the file holds
 * @device_created: the daemon made the device
 * @added: addresses the daemon gave it
 * @n_added: entries in @added
 * @links: peers with a link, or held
 * @n_links: entries in @links
 */
struct state {
	bool device_created;
	struct config_address added[NETIF_ADDED_MAX];
	size_t n_added;
	struct state_link *links;
	size_t n_links;
};

/**
 * state_load() - read what an earlier run left
 * @path: the file
 * @device: name of the device; a file about another one is refused
 * @state: filled, to be freed with state_free()
 * @why: gets a sentence
 * @why_len: its size
 *
 * Return: 1 with @state filled; 0 when there is nothing to take over (no file, or one from
 * before the last boot); -1 when there is a file that cannot be used.
 */
int state_load(const char *path, const char *device, struct state *state,
	       char *why, size_t why_len);

/* Writes beside, syncs, renames. 0 or -1 with @why. */
int state_save(const char *path, const char *device, const struct state *state,
	       char *why, size_t why_len);

void state_free(struct state *state);

#endif
