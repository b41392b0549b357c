/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The seam between a device and what carries its frames. A carrier's address is a
 * value that only the carrier looks into.
 *
 * Devices that share a carrier, as one EtherType on one lower device, are on one port.
 * What a port is to the outside is the carrier's; which of its devices a frame is for
 * is the same for all, and here.
 */
#ifndef _PROSE_CARRIER_H
#define _PROSE_CARRIER_H

#include <linux/in6.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include <linux/prose.h>

#include "endpoint.h"
#include "stats.h"

struct net;
struct netlink_ext_ack;
struct nlattr;
struct prose_dev;
struct prose_peer;
struct sk_buff;

#define PROSE_PORT_HASH_BITS	8

/**
 * struct prose_origin - what a carrier tells of a frame it received
 * @addr: where it came from
 * @ce: it met congestion on the way
 */
struct prose_origin {
	struct prose_carrier_addr addr;
	bool ce;
};

/**
 * struct prose_port_id - an own Layer-2 ID on a port: a device's, or one for a peer of it
 * @node: entry in the port's table; RCU, written under the port's lock
 * @list: entry in the device's list; under the device's lock
 * @l2_id: the Layer-2 ID, never 0, same for life
 * @prose: the device. Not counted: the entry is out of the table before the device goes,
 *	and is freed after a grace period.
 * @peer: the peer it belongs to, NULL for the device's. Not counted: so is that.
 * @rcu: freed after a grace period
 */
struct prose_port_id {
	struct hlist_node node;
	struct list_head list;
	u32 l2_id;
	struct prose_dev *prose;
	struct prose_peer *peer;
	struct rcu_head rcu;
};

/**
 * struct prose_port - what devices that share a carrier have in common
 * @ops: the carrier
 * @list: entry in the carrier's list of ports; under RTNL
 * @drops: frames that no device can be named for
 * @n_devs: devices on it, and who holds it for a moment; under RTNL. The last to go
 *	frees the port.
 * @lock: protects @ids against other writers: peers of different devices are written in
 *	parallel and without RTNL. The innermost, inside RTNL and a device's lock.
 * @ids: own Layer-2 IDs, of which none is there twice; RCU, written under @lock
 */
struct prose_port {
	const struct prose_carrier_ops *ops;
	struct list_head list;
	struct prose_drops __percpu *drops;
	unsigned int n_devs;
	spinlock_t lock;	/* writers of ids */
	struct hlist_head ids[1 << PROSE_PORT_HASH_BITS];
};

/**
 * struct prose_carrier_config - which port of a carrier a device is on
 * @ethertype: link: EtherType
 * @port: udp: own port
 * @local: udp: own IPv4 address, 0 for none in particular
 * @local6: udp: own IPv6 address, :: for none in particular
 * @port_attr: where @port stands in a request, or NULL; so the next two
 * @local_attr: where @local does
 * @local6_attr: where @local6 does
 */
struct prose_carrier_config {
	u16 ethertype;
	__be16 port;
	__be32 local;
	struct in6_addr local6;
	const struct nlattr *port_attr;
	const struct nlattr *local_attr;
	const struct nlattr *local6_attr;
};

/**
 * struct prose_carrier_request - what a request sets of a carrier, NULL where nothing
 * @carrier: which one
 * @ethertype: of link
 * @pad: of link
 * @port: of udp, as all below
 * @local: at creation only
 * @local6: at creation only
 * @remote: IPv4 address of a UE that is not known
 * @remote6: the same, IPv6
 * @remote_port: its port
 */
struct prose_carrier_request {
	const struct nlattr *carrier;
	const struct nlattr *ethertype;
	const struct nlattr *pad;
	const struct nlattr *port;
	const struct nlattr *local;
	const struct nlattr *local6;
	const struct nlattr *remote;
	const struct nlattr *remote6;
	const struct nlattr *remote_port;
};

/**
 * struct prose_carrier_ops - a carrier
 * @id: its name
 * @addr_len: octets of its addresses
 * @routed: endpoints have routes
 * @stacked: frames go through the lower device, whatever else happens to them
 * @padded_below: shorter MAC PDUs are padded on the way by what does not say so; 0 for
 *	a carrier that leaves them alone
 * @setup: take what a request to make a device says: lower device, @config and the like.
 *	0, or a negative errno after the user was told why.
 * @remote: the endpoint of a UE that is not known, as a request wants it: NULL to leave
 *	it, an ERR_PTR() after the user was told why. NULL for a carrier without.
 * @configure: change settings, all or none. Under RTNL, may sleep.
 * @max_mtu: the greatest MTU a device may have
 * @mtu: and the one that it has unless it is set
 * @port_get: the port that settings name, made if need be, held for the caller. Under RTNL.
 *	An ERR_PTR() after the user was told why.
 * @port_free: free a port that the last device has left. Under RTNL, may sleep; waits
 *	until no packet is in it.
 * @check_addr: may a request name an address of that many octets? 0, or a negative errno
 *	after the user was told why not.
 * @is_unicast: is a frame's origin an address to answer to? Any context.
 * @contact: where frames go to a UE whose address is not known, NULL if there is no such
 *	place. Under RCU.
 * @headroom: octets a frame needs in front of its SDU
 * @tailroom: octets a frame needs behind its SDU
 * @max_sdu: octets of the longest SDU on the way to an endpoint, 0 for the device's MTU.
 *	NULL if no way is narrower than others. BH disabled, under RCU.
 * @xmit: send a frame, the MAC PDU with @headroom in front, consumed. The peer may be
 *	NULL; ECN is that of the packet inside. BH disabled. Returns 0 or a negative errno
 *	when it was dropped.
 */
struct prose_carrier_ops {
	enum prose_carrier id;
	unsigned int addr_len;
	unsigned int padded_below;
	bool routed;
	bool stacked;

	int (*setup)(struct prose_dev *prose, struct net *net, const struct nlattr *link,
		     const struct prose_carrier_request *req, struct netlink_ext_ack *extack);
	struct prose_endpoint *(*remote)(const struct prose_dev *prose,
					 const struct prose_carrier_request *req,
					 struct netlink_ext_ack *extack);
	int (*configure)(struct prose_dev *prose, const struct prose_carrier_request *req,
			 struct netlink_ext_ack *extack);
	int (*max_mtu)(const struct prose_dev *prose);
	int (*mtu)(const struct prose_dev *prose);

	struct prose_port *(*port_get)(const struct prose_dev *prose,
				       const struct prose_carrier_config *config,
				       struct netlink_ext_ack *extack);
	void (*port_free)(struct prose_port *port);

	int (*check_addr)(const struct prose_dev *prose, const struct prose_carrier_addr *addr,
			  int len, struct netlink_ext_ack *extack);
	bool (*is_unicast)(const struct prose_dev *prose, const struct prose_carrier_addr *addr);
	struct prose_endpoint *(*contact)(const struct prose_dev *prose);

	int (*headroom)(const struct prose_dev *prose);
	int (*tailroom)(const struct prose_dev *prose);
	unsigned int (*max_sdu)(struct prose_dev *prose, struct prose_endpoint *to);
	int (*xmit)(struct prose_dev *prose, struct sk_buff *skb, const struct prose_peer *peer,
		    const struct prose_carrier_addr *dest, u8 ecn);
};

struct net *prose_carrier_net(const struct prose_dev *prose);

int prose_port_init(struct prose_port *port, const struct prose_carrier_ops *ops);
void prose_port_destroy(struct prose_port *port);
void prose_port_put(struct prose_port *port);
bool prose_port_taken(struct prose_port *port, u32 l2_id);
int prose_port_drop(struct prose_port *port, struct sk_buff *skb, int stat);
int prose_port_receive(struct prose_port *port, struct sk_buff *skb,
		       const struct prose_origin *origin);

bool prose_port_own(const struct prose_dev *prose, u32 l2_id);
int prose_port_claim(struct prose_dev *prose, struct prose_peer *peer, u32 l2_id);
void prose_port_release(struct prose_dev *prose, u32 l2_id);

int prose_port_join(struct prose_dev *prose, struct prose_port *port);
void prose_port_leave(struct prose_dev *prose);
int prose_port_move(struct prose_dev *prose, const struct prose_carrier_config *config,
		    const struct nlattr *attr, struct netlink_ext_ack *extack);
int prose_port_rename(struct prose_dev *prose, u32 l2_id);
void prose_port_drops(struct prose_dev *prose, u64 sum[PROSE_N_STATS]);

#endif /* _PROSE_CARRIER_H */
