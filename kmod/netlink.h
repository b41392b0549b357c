/* SPDX-License-Identifier: GPL-2.0-only */
/* Generic netlink: what the other files call, and what its own files share. */
#ifndef _PROSE_NETLINK_H
#define _PROSE_NETLINK_H

#include <net/genetlink.h>

#include <linux/prose.h>

#include "assoc.h"
#include "netlink-gen.h"

struct prose_addr;
struct prose_assoc;
struct prose_carrier_addr;
struct prose_dev;
struct prose_peer;

int prose_netlink_init(void);
void prose_netlink_exit(void);

void prose_genid_bump(void);

/* Notifications. None fails: who is not heard shows in the next dump. */
void prose_nl_dev_changed(struct prose_dev *prose, gfp_t gfp);
void prose_nl_peer_changed(struct prose_peer *peer);
void prose_nl_peer_gone(struct prose_peer *peer, enum prose_gone_reason reason);
void prose_nl_peer_wanted(struct prose_dev *prose, struct prose_peer *peer,
			  const struct prose_addr *addr);
void prose_nl_assoc_gone(struct prose_assoc *assoc, enum prose_gone_reason reason);
void prose_nl_count_soft(struct prose_assoc *assoc, enum prose_bearer_id id);
void prose_nl_count_exhausted(struct prose_assoc *assoc, enum prose_bearer_id id);
void prose_nl_integrity(struct prose_assoc *assoc);

/**
 * PROSE_NL_REQUIRE() - is a mandatory attribute missing?
 * @extack: told which, in numbers and in words
 * @nest: the nest it should be in, NULL at the top
 * @tb: the attributes there are
 * @attr: the attribute
 * @name: its name in the specification
 *
 * Return: true if it is missing.
 */
#define PROSE_NL_REQUIRE(extack, nest, tb, attr, name) ({			\
	struct netlink_ext_ack *__ack = (extack);				\
	bool __missing = NL_REQ_ATTR_CHECK(__ack, nest, tb, attr);		\
										\
	if (__missing)								\
		NL_SET_ERR_MSG(__ack, "attribute " name " is missing");		\
	__missing;								\
})

/* Refuse an attribute: point at it and say what is wrong. */
#define PROSE_NL_REFUSE(extack, attr, err, msg) ({				\
	NL_SET_ERR_MSG_ATTR(extack, attr, msg);					\
	err;									\
})

/**
 * struct prose_nl_dump - where a dump is, in struct netlink_callback.ctx
 * @dev: serial number of the device to go on with
 * @peer: Layer-2 ID of the peer to go on with
 * @assoc: serial number of the association to go on with
 * @ifindex: the one device asked for, or 0
 */
struct prose_nl_dump {
	u64 dev;
	u64 assoc;
	u32 peer;
	int ifindex;
};

typedef int (*prose_nl_dump_fn)(struct sk_buff *skb, struct netlink_callback *cb,
				struct prose_dev *prose, struct prose_nl_dump *at);

int prose_nl_dump(struct sk_buff *skb, struct netlink_callback *cb, prose_nl_dump_fn one);

/**
 * struct prose_nl_to - who a message is for
 * @cb: the dump it is part of, or NULL
 * @portid: receiver, 0 for a notification
 * @seq: number of the request
 * @cmd: PROSE_CMD_
 * @gone: it tells that the object is gone
 * @reason: and why
 */
struct prose_nl_to {
	struct netlink_callback *cb;
	u32 portid;
	u32 seq;
	u8 cmd;
	bool gone;
	enum prose_gone_reason reason;
};

void *prose_nl_begin(struct sk_buff *msg, const struct prose_nl_to *to,
		     const struct prose_dev *prose);
void prose_nl_to_dump(struct prose_nl_to *to, struct netlink_callback *cb, u8 cmd);

static inline struct prose_dev *prose_nl_dev(struct genl_info *info)
{
	return info->user_ptr[0];
}

int prose_nl_reply(struct genl_info *info, u8 cmd,
		   int (*fill)(struct sk_buff *msg, const void *obj,
			       const struct prose_nl_to *to),
		   const void *obj);
bool prose_nl_wanted(struct prose_dev *prose);
void prose_nl_multicast(struct prose_dev *prose, struct sk_buff *msg, gfp_t gfp);
void prose_nl_lost(struct prose_dev *prose);

int prose_nl_put_peer_id(struct sk_buff *msg, const struct prose_peer *peer);
int prose_nl_put_assoc_id(struct sk_buff *msg, const struct prose_assoc *assoc);
int prose_nl_carrier_addr(const struct prose_dev *prose, const struct nlattr *attr,
			  struct prose_carrier_addr *addr, struct netlink_ext_ack *extack);
struct prose_peer *prose_nl_peer_of(struct prose_dev *prose, struct genl_info *info);

#endif /* _PROSE_NETLINK_H */
