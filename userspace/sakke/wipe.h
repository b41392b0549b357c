/* SPDX-License-Identifier: MIT */
/* What functions that have returned left on the stack. */
#ifndef PROSE_SAKKE_WIPE_H
#define PROSE_SAKKE_WIPE_H

/*
 * Wipes below the caller's frame, further down than anything here goes. The arithmetic does not wipe
 * the few limbs of each step; whoever began it with a secret calls this once at the end.
 */
void wipe_stack(void);

#endif
