/* SPDX-License-Identifier: MIT */
/*
 * Routes to configured peers whose overlay addresses lie outside the own subnets. They
 * follow from the configuration alone, so that a packet for a peer that is not connected
 * comes to the device, and asks for a connection, instead of leaving elsewhere in clear.
 */
#ifndef PROSE_DAEMON_ROUTES_H
#define PROSE_DAEMON_ROUTES_H

#include "config.h"
#include "kernel.h"

/* Does the configuration want a route to this address? NULL wants none. */
bool routes_wanted(const struct config *config, const struct ue_address *address);

/* Makes the routes of @config (may be NULL), removes those only @before (may be NULL) has. */
void routes_set(const struct kernel *kernel, const struct config *before,
		const struct config *config);

#endif
