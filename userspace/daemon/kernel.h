/* SPDX-License-Identifier: MIT */
/*
 * The seam between the daemon and the kernel: what it asks of one prose device.
 *
 * kernel_netlink.c implements it with generic netlink and rtnetlink, tests with a kernel
 * made of arrays. All calls return 0 or a negative errno; error() then has a sentence.
 * Events come the other way by daemon_kernel_event() and daemon_kernel_resync(), never
 * from within one of these calls.
 */
#ifndef PROSE_DAEMON_KERNEL_H
#define PROSE_DAEMON_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "prose-nl.h"

#include "config.h"

/**
 * struct kernel_ops - operations on the device
 * @device_get: settings and counters; lower_ifindex is 0 when it means nothing here
 * @peer_new: -EEXIST when there is one
 * @peer_set: change addresses
 * @peer_del: with all its associations
 * @peer_dump: *list is malloc()ed; NULL when there are none
 * @assoc_new: install receive only
 * @assoc_set: make it the sending one, change limits
 * @assoc_del: at once
 * @assoc_get: one of them
 * @assoc_dump: of all peers; *list is malloc()ed; NULL when there are none
 * @signal_send: one PC5-S message
 * @addresses_set: make these the device's own overlay addresses
 * @l2_id_set: this is the device's Layer-2 ID from now on, and the link-local address follows it if
 *	       @follow; -EADDRINUSE when another device or a peer has it
 * @route_set: packets to @address go through the device, or no longer do
 * @error: sentence about the last call that failed
 */
struct kernel_ops {
	int (*device_get)(void *context, struct prose_nl_device *device);
	int (*peer_new)(void *context, const struct prose_nl_peer *peer);
	int (*peer_set)(void *context, const struct prose_nl_peer *peer);
	int (*peer_del)(void *context, uint32_t l2_id);
	int (*peer_dump)(void *context, struct prose_nl_peer **list, size_t *n);
	int (*assoc_new)(void *context, uint32_t l2_id, const struct prose_nl_assoc_config *assoc);
	int (*assoc_set)(void *context, uint32_t l2_id, uint16_t kd_sess_id,
			 const struct prose_nl_assoc_change *change);
	int (*assoc_del)(void *context, uint32_t l2_id, uint16_t kd_sess_id);
	int (*assoc_get)(void *context, uint32_t l2_id, uint16_t kd_sess_id,
			 struct prose_nl_assoc *assoc);
	int (*assoc_dump)(void *context, struct prose_nl_assoc **list, size_t *n);
	int (*signal_send)(void *context, const struct prose_nl_signal *signal);
	int (*addresses_set)(void *context, const struct config_address *addresses, size_t n);
	int (*l2_id_set)(void *context, uint32_t l2_id, bool follow);
	int (*route_set)(void *context, const struct ue_address *address, bool present);
	const char *(*error)(void *context);
};

struct kernel {
	const struct kernel_ops *ops;
	void *context;
};

#endif
