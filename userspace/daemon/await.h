/* SPDX-License-Identifier: MIT */
/*
 * Waiting for what others bring about: news of links and addresses, before there is a device.
 * The daemon may be started before the network is up.
 */
#ifndef PROSE_DAEMON_AWAIT_H
#define PROSE_DAEMON_AWAIT_H

#include <stddef.h>

#include <ev.h>

struct await;

enum await_event {
	AWAIT_NEWS,		/* links or addresses changed: worth another look */
	AWAIT_RELOAD,		/* SIGHUP */
	AWAIT_BROKEN,		/* there will be no more news */
	AWAIT_END,		/* SIGTERM, SIGINT, SIGUSR2 */
};

/**
 * await_open() - listen, from now on
 * @loop: the loop that turns meanwhile, and nothing else in it waits for these signals
 * @why: gets a sentence
 * @why_len: its size
 *
 * What changes between this and await_event() is not missed.
 *
 * Return: the listener, or NULL.
 */
struct await *await_open(struct ev_loop *loop, char *why, size_t why_len);

/* Turns the loop until something happens. */
enum await_event await_event(struct await *await);

/* NULL is allowed. */
void await_close(struct await *await);

#endif
