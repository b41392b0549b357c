/* SPDX-License-Identifier: GPL-2.0-only */
/* The udp carrier: frames in UDP datagrams. */
#ifndef _PROSE_CARRIER_UDP_H
#define _PROSE_CARRIER_UDP_H

#include "carrier.h"

struct sk_buff;

/**
 * struct prose_udp_attrs - what settings are called in one kind of message
 * @port: own port
 * @local: own IPv4 address
 * @local6: own IPv6 address
 * @remote: IPv4 address of a UE that is not known
 * @remote6: the same, IPv6
 * @remote_port: its port
 */
struct prose_udp_attrs {
	int port;
	int local;
	int local6;
	int remote;
	int remote6;
	int remote_port;
};

int prose_udp_fill(struct sk_buff *skb, const struct prose_dev *prose,
		   const struct prose_udp_attrs *attrs);

extern const struct prose_carrier_ops prose_carrier_udp;

#endif /* _PROSE_CARRIER_UDP_H */
