/* SPDX-License-Identifier: MIT */
/*
 * The prose device as a network interface: made when it is missing, given its Layer-2 ID
 * and overlay addresses, set up; watched for removal; what was added is taken away again.
 */
#ifndef PROSE_DAEMON_LINK_H
#define PROSE_DAEMON_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"

struct link;

/**
 * struct link_ops - what the owner is told
 * @gone: the device was removed, or moved to another network namespace
 * @running: the device went up or down, or its carrier did
 */
struct link_ops {
	void (*gone)(void *context);
	void (*running)(void *context, bool running);
};

/**
 * link_open() - have the device as configured
 * @config: names it, what lies below it, its Layer-2 ID and addresses
 * @created_before: an earlier run of the daemon made the device: remove it at the end
 * @ops: copied
 * @context: handed to @ops
 * @why: gets a sentence with cause and cure
 * @why_len: its size
 *
 * The device is not set up yet: link_up() does that, once somebody listens to it.
 *
 * Return: the link, or NULL.
 */
struct link *link_open(const struct config *config, bool created_before,
		       const struct link_ops *ops, void *context, char *why, size_t why_len);

/* Addresses, then up. 0 or -1 with @why. */
int link_up(struct link *link, const struct config *config, char *why, size_t why_len);

/**
 * link_close() - let go of the device
 * @link: the link; NULL is allowed
 * @clean: remove the addresses and routes that were added, and the device if link_open()
 *	   made it
 */
void link_close(struct link *link, bool clean);

/*
 * Addresses the daemon added, this run or an earlier one: they are removed at the end, what
 * others added stays.
 */
#define LINK_ADDED_MAX	(UE_ADDRESSES_MAX + 1)	/* and the link-local one */
void link_added_before(struct link *link, const struct config_address *added, size_t n);
const struct config_address *link_added(const struct link *link, size_t *n);

uint32_t link_ifindex(const struct link *link);
bool link_created(const struct link *link);

/* Readable when link_dispatch() has work. */
int link_fd(const struct link *link);
void link_dispatch(struct link *link);

/*
 * 0 or a negative errno, with a sentence from link_error(). link_addresses_set() adds what
 * is missing and removes what it added before and is no longer named.
 */
int link_addresses_set(struct link *link, const struct config_address *addresses, size_t n);
int link_route_set(struct link *link, const struct ue_address *address, bool present);
const char *link_error(const struct link *link);

/* Link-local IPv6 address that follows from a Layer-2 ID (RFC 4291 2.5.1, EUI-64 form). */
void link_local_address(uint32_t l2_id, uint8_t address[static 16]);

#endif
