// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <netlink/netlink.h>
#include <linux/rtnetlink.h>

#include "await.h"

struct await {
	struct ev_loop *loop;
	struct nl_sock *socket;
	ev_io io;
	ev_signal hangup, terminate, interrupt, leave;
	enum await_event event;
};

static void happened(struct await *await, enum await_event event)
{
	/* What comes last in the list is not overtaken by what comes before. */
	if (event > await->event)
		await->event = event;
	ev_break(await->loop, EVBREAK_ALL);
}

static int on_message(struct nl_msg *message, void *context)
{
	(void)message;
	(void)context;
	return NL_OK;
}

static void on_readable(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct await *await = watcher->data;
	int err;

	(void)loop;
	(void)events;
	/* What they say is not read: that something changed is enough, also when some were lost. */
	err = nl_recvmsgs_default(await->socket);
	if (err && err != -NLE_AGAIN && err != -NLE_INTR && err != -NLE_NOMEM)
		happened(await, AWAIT_BROKEN);
	else
		happened(await, AWAIT_NEWS);
}

static void on_hangup(struct ev_loop *loop, ev_signal *watcher, int events)
{
	(void)loop;
	(void)events;
	happened(watcher->data, AWAIT_RELOAD);
}

static void on_end(struct ev_loop *loop, ev_signal *watcher, int events)
{
	(void)loop;
	(void)events;
	happened(watcher->data, AWAIT_END);
}

struct await *await_open(struct ev_loop *loop, char *why, size_t why_len)
{
	struct await *await = calloc(1, sizeof(*await));
	int err;

	if (await)
		await->socket = nl_socket_alloc();
	if (!await || !await->socket) {
		snprintf(why, why_len, "out of memory");
		free(await);
		return NULL;
	}
	await->loop = loop;
	nl_socket_disable_seq_check(await->socket);
	nl_socket_modify_cb(await->socket, NL_CB_VALID, NL_CB_CUSTOM, on_message, NULL);
	err = nl_connect(await->socket, NETLINK_ROUTE);
	if (!err)
		err = nl_socket_add_memberships(await->socket, RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR,
						RTNLGRP_IPV6_IFADDR, 0);
	if (!err)
		err = nl_socket_set_nonblocking(await->socket);
	if (err) {
		snprintf(why, why_len, "no rtnetlink socket: %s", nl_geterror(err));
		nl_socket_free(await->socket);
		free(await);
		return NULL;
	}
	fcntl(nl_socket_get_fd(await->socket), F_SETFD, FD_CLOEXEC);
	ev_io_init(&await->io, on_readable, nl_socket_get_fd(await->socket), EV_READ);
	ev_signal_init(&await->hangup, on_hangup, SIGHUP);
	ev_signal_init(&await->terminate, on_end, SIGTERM);
	ev_signal_init(&await->interrupt, on_end, SIGINT);
	ev_signal_init(&await->leave, on_end, SIGUSR2);
	await->io.data = await;
	await->hangup.data = await;
	await->terminate.data = await;
	await->interrupt.data = await;
	await->leave.data = await;
	ev_io_start(loop, &await->io);
	ev_signal_start(loop, &await->hangup);
	ev_signal_start(loop, &await->terminate);
	ev_signal_start(loop, &await->interrupt);
	ev_signal_start(loop, &await->leave);
	return await;
}

enum await_event await_event(struct await *await)
{
	await->event = AWAIT_NEWS;
	ev_run(await->loop, 0);
	return await->event;
}

void await_close(struct await *await)
{
	if (!await)
		return;
	ev_io_stop(await->loop, &await->io);
	ev_signal_stop(await->loop, &await->hangup);
	ev_signal_stop(await->loop, &await->terminate);
	ev_signal_stop(await->loop, &await->interrupt);
	ev_signal_stop(await->loop, &await->leave);
	nl_socket_free(await->socket);
	free(await);
}
