/* SPDX-License-Identifier: MIT */
/* Word to the service manager, sd_notify(3), without its library. */
#ifndef PROSE_DAEMON_NOTIFY_H
#define PROSE_DAEMON_NOTIFY_H

/* For instance "READY=1\nSTATUS=2 peers". Does nothing when nobody wants to know. */
void notify(const char *state);

#endif
