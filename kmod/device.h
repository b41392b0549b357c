/* SPDX-License-Identifier: GPL-2.0-only */
/* The network device. */
#ifndef _PROSE_DEVICE_H
#define _PROSE_DEVICE_H

#include <linux/if_ether.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/xarray.h>
#include <net/gro_cells.h>

#include "carrier.h"
#include "pdcp.h"
#include "stats.h"

/* Octets of the hardware address, a Layer-2 ID. */
#define PROSE_ADDR_LEN			3

/* ETH_P_802_EX1, the local experimental EtherType. */
#define PROSE_ETHERTYPE_DEFAULT		0x88b5
#define PROSE_ETHERTYPE_MIN		ETH_P_802_3_MIN

#define PROSE_UNPROTECTED_RATE_DEFAULT	50
#define PROSE_INTEGRITY_THRESHOLD_DEFAULT	100

/* Notifications a second that packets can cause, for each kind of a device. */
#define PROSE_NOTIFY_RATE		10

/* Buckets of the table of overlay addresses, for PROSE_PEERS_MAX peers. */
#define PROSE_ADDR_HASH_BITS		12

/**
 * struct prose_bucket - token bucket that fills in a second
 * @lock: protects the others
 * @credit: nanoseconds of the rate not used yet, at most a second
 * @last: when @credit was brought up to date
 *
 * Its state is two numbers whatever comes in, and from however many sources.
 */
struct prose_bucket {
	spinlock_t lock;	/* protects the others */
	u64 credit;
	u64 last;
};

void prose_bucket_init(struct prose_bucket *bucket);
bool prose_bucket_take(struct prose_bucket *bucket, u32 rate);

/**
 * struct prose_dev - private part of a prose network device
 * @dev: the network device. Peers hold references to it, and by them associations
 *	and packets in the crypto layer; it cannot be freed before them.
 * @carrier: what carries its frames, same for life
 * @lower: the lower device, same for life, held; NULL for sockets bound to none
 * @lower_tracker: reference to @lower, from ndo_init to the destructor
 * @net: udp: where the sockets are, same for life. Not held: the device goes first.
 * @remote: udp: where frames go to a UE whose address is not known, or NULL; RCU,
 *	written under RTNL
 * @port: port of the carrier; RCU, written under RTNL and @lock
 * @ids: own Layer-2 IDs in the port's table, its own and those for peers; under @lock
 * @port_past: drops of ports this device was on before; written under RTNL
 * @port_base: drops @port had when this device joined it; written under RTNL
 * @list: entry in the list of all devices; RCU, written under RTNL
 * @serial: number in order of creation, by which dumps find their place again
 * @l2_id: own Layer-2 ID, the same as dev->dev_addr; written under RTNL and @lock
 * @deleting: about to be unregistered; under RTNL
 * @user_mtu: MTU that was asked for, 0 to follow @lower; under RTNL
 * @following: the MTU change under way is ours, not the user's; under RTNL
 * @config: which port it is on; written under RTNL
 * @pad: short frames are padded explicitly; written under RTNL
 * @unprotected_rate: unprotected PC5-S messages a second
 * @integrity_threshold: integrity failures for each notification
 * @lock: protects peers and associations against other writers; taken inside RTNL,
 *	never around it. Packets do not take it.
 * @dying: peers are being removed for good, none may be added; under @lock
 * @next_serial: serial number of the next peer or association; under @lock
 * @n_peers: number of peers; under @lock
 * @n_assocs: number of associations; under @lock
 * @peers: peers by Layer-2 ID. A sender can name any ID, so no hash that it
 *	could steer: four steps at most for 24 bits. RCU, written under @lock.
 * @addrs: overlay addresses, hashed with @addr_key; RCU, written under @lock
 * @addr_key: secret of the hash
 * @signal_bucket: limits unprotected and unverified PC5-S messages
 * @wanted_bucket: limits peer-wanted notifications for unknown addresses
 * @integrity_bucket: limits integrity-failures notifications
 * @owner: netlink port of the signalling owner, 0 without. The socket is in the
 *	device's own namespace: a move elsewhere ends ownership.
 * @gro: where decrypted packets enter the stack
 * @traffic: user data
 * @drops: drops by cause
 */
struct prose_dev {
	struct net_device *dev;
	const struct prose_carrier_ops *carrier;
	struct net_device *lower;
	netdevice_tracker lower_tracker;
	struct net *net;

	struct prose_endpoint __rcu *remote;
	struct prose_port __rcu *port;
	struct list_head ids;
	u64 port_past[PROSE_N_STATS];
	u64 port_base[PROSE_N_STATS];

	struct list_head list;
	u64 serial;

	u32 l2_id;
	bool deleting;
	u32 user_mtu;
	bool following;
	struct prose_carrier_config config;
	bool pad;
	u32 unprotected_rate;
	u32 integrity_threshold;

	struct mutex lock;	/* writers of peers and associations */
	bool dying;
	u64 next_serial;
	unsigned int n_peers;
	unsigned int n_assocs;
	struct xarray peers;
	struct hlist_head *addrs;
	hsiphash_key_t addr_key;

	struct prose_bucket signal_bucket;
	struct prose_bucket wanted_bucket;
	struct prose_bucket integrity_bucket;
	u32 owner;

	struct gro_cells gro;
	struct prose_traffic __percpu *traffic;
	struct prose_drops __percpu *drops;
};

/* All devices, in order of their serial numbers. RCU, written under RTNL. */
extern struct list_head prose_devices;

bool prose_dev_is(const struct net_device *dev);

int prose_dev_configure(struct prose_dev *prose, const struct prose_carrier_request *req,
			struct netlink_ext_ack *extack);

int prose_device_init(void);
void prose_device_exit(void);

#endif /* _PROSE_DEVICE_H */
