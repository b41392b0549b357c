/* SPDX-License-Identifier: MIT */
/*
 * A terminal that is redrawn: its other screen, without cursor and echo. However the program
 * ends, by itself or by a signal that can be caught, the terminal is as it was.
 */
#ifndef PROSE_CLI_TERMINAL_H
#define PROSE_CLI_TERMINAL_H

#include <stdbool.h>

enum terminal_wait {
	TERMINAL_TIME,		/* it is time for the next frame */
	TERMINAL_REDRAW,	/* another size, or back from the background */
	TERMINAL_QUIT,		/* q, or a signal that ends */
};

/* From here on signals are noted, and seen by terminal_wait() only. */
void terminal_begin(void);
/* As it was; safe to call twice. */
void terminal_end(void);

/* Start and end of a frame: what is printed between replaces the old one without flicker. */
void terminal_home(void);
void terminal_rest(void);

/* Waits until @ms of the monotonic clock, or for something to happen. */
enum terminal_wait terminal_wait(long long ms);
long long terminal_now_ms(void);

/* Lines, 0 when standard output is no terminal. */
unsigned int terminal_lines(void);

#endif
