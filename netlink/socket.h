/* SPDX-License-Identifier: MIT */
/*
 * Inside of the client library: the socket, one request and its answer, and reading of
 * attributes. Programs include prose-nl.h only.
 */
#ifndef PROSE_NL_SOCKET_H
#define PROSE_NL_SOCKET_H

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "prose-nl.h"

/* The longest PC5-S message with all headers fits, and so does what a dump returns at once. */
#define NL_TX_LEN	16384
#define NL_RX_LEN	65536

/* An event that came while a request waited for its answer, not decoded yet. */
struct nl_pending {
	struct nl_pending *next;
	struct nlmsghdr nlh[];
};

/**
 * struct prose_nl - one netlink socket
 * @sock: libmnl's socket
 * @family: number of the generic netlink family in this kernel
 * @seq: sequence number of the last request; starts at random, so that an answer to an
 *	 earlier socket with the same port is not taken for ours
 * @events: this is an event socket
 * @ops: callbacks of an event socket
 * @context: handed to them
 * @epoll: what prose_nl_fd() returns for an event socket: @sock and @wakeup in one
 * @wakeup: eventfd, readable while @pending or @overrun hold work
 * @pending: events that came between a request and its answer, oldest first
 * @pending_tail: where the next goes
 * @overrun: the kernel dropped events
 * @tx: the request; holds keys for a moment
 * @rx: answers
 * @rx_event: events; apart from @rx because a callback may send a request
 * @error: sentence about the last call
 * @attr: attribute the kernel pointed at
 */
struct prose_nl {
	struct mnl_socket *sock;
	uint16_t family;
	uint32_t version;	/* of the family */
	uint32_t seq;
	bool events;
	struct prose_nl_ops ops;
	void *context;
	int epoll, wakeup;
	struct nl_pending *pending, **pending_tail;
	bool overrun;
	char error[320];
	char attr[64];
	uint8_t tx[NL_TX_LEN] __attribute__((aligned(8)));
	uint8_t rx[NL_RX_LEN] __attribute__((aligned(8)));
	uint8_t rx_event[NL_RX_LEN] __attribute__((aligned(8)));
};

/* Called for each message of an answer; 0, or a negative errno that ends the request. */
typedef int (*nl_reply)(void *context, const struct nlmsghdr *nlh);

/* Starts a request in nl->tx. Attributes follow through mnl_attr_put_*_check(). */
struct nlmsghdr *nl_request(struct prose_nl *nl, uint8_t cmd, uint16_t flags);

/**
 * nl_talk() - send the request in nl->tx and take its answer
 * @nl: socket
 * @nlh: the request; wiped before the call returns
 * @fits: all attributes found room
 * @reply: for each message of the answer; NULL when none is expected
 * @context: handed to @reply
 *
 * Return: 0, or a negative errno with nl->error filled. -EINTR: the dump was inconsistent.
 */
int nl_talk(struct prose_nl *nl, struct nlmsghdr *nlh, bool fits, nl_reply reply, void *context);

/* One datagram from the kernel into @buf. Octets, or a negative errno. */
ssize_t nl_receive(struct prose_nl *nl, void *buf, size_t len, int flags);

/* Makes prose_nl_fd() readable, or not, as the pending work asks. */
void nl_wake(struct prose_nl *nl);

/* Commands the kernel sends by itself, whatever their sequence number. */
bool nl_is_event(uint8_t cmd);

/*
 * Errors. nl_fail() sets the sentence and returns @err; nl_explain() makes it of an answer
 * that carries an extended acknowledgement, @sent being the request it is about.
 */
int nl_fail(struct prose_nl *nl, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int nl_explain(struct prose_nl *nl, int err, const struct nlmsghdr *sent,
	       const struct nlmsghdr *answer, size_t fixed);

/* Is there a whole message at @nlh, within the @left octets of its datagram? */
bool nl_ok(const struct nlmsghdr *nlh, int left);

/*
 * Reading. Attributes beyond @max are ignored, a newer kernel may send them. nl_attrs() is
 * false when the lengths do not add up. The others leave *to alone when the attribute is
 * absent and set *bad when its length is wrong.
 */
bool nl_attrs(const void *data, size_t len, const struct nlattr **tb, uint16_t max);
bool nl_nest(const struct nlattr *nest, const struct nlattr **tb, uint16_t max);
bool nl_top(const struct nlmsghdr *nlh, const struct nlattr **tb);
void nl_u8(bool *bad, const struct nlattr *attr, uint8_t *to);
void nl_u16_be(bool *bad, const struct nlattr *attr, uint16_t *to);
void nl_u32(bool *bad, const struct nlattr *attr, uint32_t *to);
void nl_u64(bool *bad, const struct nlattr *attr, uint64_t *to);
void nl_octets(bool *bad, const struct nlattr *attr, void *to, size_t len);
/* Any number of them, up to max. */
void nl_some_octets(bool *bad, const struct nlattr *attr, void *to, size_t max, size_t *len);

/* Objects, from messages; 0 or -EBADMSG. */
int nl_parse_device(const struct nlmsghdr *nlh, struct prose_nl_device *device);
int nl_parse_peer(const struct nlmsghdr *nlh, struct prose_nl_peer *peer);
int nl_parse_assoc(const struct nlmsghdr *nlh, struct prose_nl_assoc *assoc);
int nl_parse_signal(const struct nlattr *nest, struct prose_nl_signal *signal);
/* -ENOMSG: a notification this library does not know. */
int nl_parse_event(const struct nlmsghdr *nlh, struct prose_nl_event *event);

/* Top of each request that names a peer: ifindex and the nest peer { l2-id }. */
bool nl_put_ifindex(struct nlmsghdr *nlh, uint32_t ifindex);
bool nl_put_peer_id(struct nlmsghdr *nlh, uint32_t ifindex, uint32_t l2_id);

/* Collects the objects of a dump. */
struct nl_list {
	void *items;
	size_t n, size;
	int (*parse)(const struct nlmsghdr *nlh, void *item);
};

/**
 * nl_dump() - dump objects, again when the kernel says they changed meanwhile
 * @nl: socket
 * @cmd: PROSE_CMD_*_GET
 * @ifindex: device, or 0
 * @list: size and parse are set; the rest is filled. Empty after an error
 */
int nl_dump(struct prose_nl *nl, uint8_t cmd, uint32_t ifindex, struct nl_list *list);

#endif
