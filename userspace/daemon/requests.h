/* SPDX-License-Identifier: MIT */
/* What can be asked at the control socket: a table of commands. */
#ifndef PROSE_DAEMON_REQUESTS_H
#define PROSE_DAEMON_REQUESTS_H

#include "control.h"
#include "daemon.h"

/* A control_request; @context is the struct daemon. */
json_t *requests_answer(void *context, const struct control_client *client,
			const json_t *request, bool *subscribe);

#endif
