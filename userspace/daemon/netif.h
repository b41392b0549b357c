/* SPDX-License-Identifier: MIT */
/*
 * The prose device as a network interface: made when it is missing, given its Layer-2 ID
 * and overlay addresses, set up; watched for removal; what was added is taken away again.
 */
#ifndef PROSE_DAEMON_NETIF_H
#define PROSE_DAEMON_NETIF_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"

struct netif;

/**
 * struct netif_ops - what the owner is told
 * @gone: the device was removed, or moved to another network namespace
 * @running: the device went up or down, or its carrier did
 */
struct netif_ops {
	void (*gone)(void *context);
	void (*running)(void *context, bool running);
};

/**
 * netif_open() - have the device as configured
 * @config: names it, what lies below it, its Layer-2 ID and addresses
 * @created_before: an earlier run of the daemon made the device: remove it at the end
 * @ops: copied
 * @context: handed to @ops
 * @absent: set when what failed may go well later, without a change here: what the device needs,
 *	    a lower device or an address, is not there yet
 * @why: gets a sentence with cause and cure
 * @why_len: its size
 *
 * A device that the daemon made before and that is configured otherwise now is made anew; its
 * links end.
 *
 * The device is not set up yet: netif_up() does that, once somebody listens to it.
 *
 * Return: the device, or NULL.
 */
struct netif *netif_open(const struct config *config, bool created_before,
		       const struct netif_ops *ops, void *context, bool *absent,
		       char *why, size_t why_len);

/* Up, then addresses. 0 or -1 with @why. */
int netif_up(struct netif *netif, const struct config *config, char *why, size_t why_len);

/* Adds the addresses again that the kernel took off a device that was down. */
int netif_readdress(struct netif *netif, const struct config *config, char *why, size_t why_len);

/**
 * netif_close() - let go of the device
 * @netif: the device; NULL is allowed
 * @clean: remove the addresses and routes that were added, and the device if netif_open()
 *	   made it
 */
void netif_close(struct netif *netif, bool clean);

/*
 * Addresses the daemon added, this run or an earlier one: they are removed at the end, what
 * others added stays.
 */
#define NETIF_ADDED_MAX	(UE_ADDRESSES_MAX + 1)	/* and the link-local one */
void netif_added_before(struct netif *netif, const struct config_address *added, size_t n);
const struct config_address *netif_added(const struct netif *netif, size_t *n);

uint32_t netif_ifindex(const struct netif *netif);
bool netif_created(const struct netif *netif);
/* The lower device stayed in another network namespace: its index means nothing here. */
bool netif_lower_elsewhere(const struct netif *netif);

/* Readable when netif_dispatch() has work. */
int netif_fd(const struct netif *netif);
void netif_dispatch(struct netif *netif);

/*
 * 0 or a negative errno, with a sentence from netif_error(). netif_addresses_set() adds what
 * is missing and removes what it added before and is no longer named; netif_l2_id_set() also
 * replaces the link-local address that follows from the Layer-2 ID, if @follow.
 */
int netif_addresses_set(struct netif *netif, const struct config_address *addresses, size_t n);
int netif_l2_id_set(struct netif *netif, uint32_t l2_id, bool follow);
int netif_route_set(struct netif *netif, const struct ue_address *address, bool present);

/*
 * Removes the routes that an earlier run added and nobody wants any more: it was killed, and the
 * configuration is another now. They are told from those of others by NETIF_PROTOCOL.
 */
#define NETIF_PROTOCOL	136	/* rtm_protocol; none that iproute2 has a name for */
void netif_routes_sweep(struct netif *netif, const struct config *config,
			bool (*wanted)(const struct config *config,
				       const struct ue_address *address));
const char *netif_error(const struct netif *netif);

/* Link-local IPv6 address that follows from a Layer-2 ID (RFC 4291 2.5.1, EUI-64 form). */
void netif_local_address(uint32_t l2_id, uint8_t address[static 16]);
/* Of which Layer-2 ID it is; 0 when it is another address. */
uint32_t netif_local_from(const struct ue_address *address);

#endif
