// SPDX-License-Identifier: GPL-2.0-only
/* Counters and their views: generic netlink, rtnetlink, ethtool. */

#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "carrier.h"
#include "device.h"
#include "stats.h"
#include "trace.h"

/* How the standard counters of the device, "ip -s link", count a cause. */
enum stat_kind {
	TX_DROPPED,
	TX_ERROR,
	RX_DROPPED,
	RX_ERROR,
	RX_FRAME,
	SIGNAL,
};

/*
 * What a cause is to those who do not know ours. The reason is one of the core's, for
 * skb:kfree_skb and what listens there; subsystems with reasons of their own are an enum
 * of the kernel that no module can add to. Most of what a security layer refuses has no
 * name there; prose:prose_drop always says it.
 */
static const struct {
	enum stat_kind kind;
	enum skb_drop_reason reason;
} stats[PROSE_A_STAT_MAX + 1] = {
	[PROSE_A_STAT_TX_NO_PEER] = { TX_DROPPED, SKB_DROP_REASON_NEIGH_FAILED },
	[PROSE_A_STAT_TX_NO_ASSOC] = { TX_DROPPED, SKB_DROP_REASON_NOT_SPECIFIED },
	[PROSE_A_STAT_TX_COUNT_LIMIT] = { TX_DROPPED, SKB_DROP_REASON_NOT_SPECIFIED },
	[PROSE_A_STAT_TX_CRYPTO] = { TX_ERROR, SKB_DROP_REASON_NOT_SPECIFIED },
	[PROSE_A_STAT_TX_LOWER] = { TX_DROPPED, SKB_DROP_REASON_NOT_SPECIFIED },
	[PROSE_A_STAT_TX_NOMEM] = { TX_DROPPED, SKB_DROP_REASON_NOMEM },
	[PROSE_A_STAT_TX_TOO_BIG] = { TX_ERROR, SKB_DROP_REASON_PKT_TOO_BIG },
	[PROSE_A_STAT_TX_NOT_IP] = { TX_ERROR, SKB_DROP_REASON_UNHANDLED_PROTO },
	[PROSE_A_STAT_RX_SHORT] = { RX_FRAME, SKB_DROP_REASON_PKT_TOO_SMALL },
	[PROSE_A_STAT_RX_RESERVED] = { RX_FRAME, SKB_DROP_REASON_DEV_HDR },
	[PROSE_A_STAT_RX_OWN_SOURCE] = { RX_DROPPED, SKB_DROP_REASON_NOT_SPECIFIED },
	[PROSE_A_STAT_RX_NOT_FOR_US] = { SIGNAL, SKB_DROP_REASON_OTHERHOST },
	[PROSE_A_STAT_RX_NO_PEER] = { RX_DROPPED, SKB_DROP_REASON_NOT_SPECIFIED },
	[PROSE_A_STAT_RX_NO_ASSOC] = { RX_DROPPED, SKB_DROP_REASON_NOT_SPECIFIED },
	[PROSE_A_STAT_RX_UNPROTECTED] = { RX_DROPPED, SKB_DROP_REASON_NOT_SPECIFIED },
	[PROSE_A_STAT_RX_BEARER] = { RX_DROPPED, SKB_DROP_REASON_NOT_SPECIFIED },
	[PROSE_A_STAT_RX_INTEGRITY] = { RX_ERROR, SKB_DROP_REASON_NOT_SPECIFIED },
	[PROSE_A_STAT_RX_REPLAY] = { RX_DROPPED, SKB_DROP_REASON_NOT_SPECIFIED },
	[PROSE_A_STAT_RX_COUNT_LIMIT] = { RX_DROPPED, SKB_DROP_REASON_NOT_SPECIFIED },
	[PROSE_A_STAT_RX_CRYPTO] = { RX_ERROR, SKB_DROP_REASON_NOT_SPECIFIED },
	[PROSE_A_STAT_RX_NOMEM] = { RX_DROPPED, SKB_DROP_REASON_NOMEM },
	[PROSE_A_STAT_RX_SPOOFED] = { RX_DROPPED, SKB_DROP_REASON_IP_RPFILTER },
	[PROSE_A_STAT_RX_NOT_IP] = { RX_ERROR, SKB_DROP_REASON_UNHANDLED_PROTO },
	[PROSE_A_STAT_RX_SDU_TYPE] = { RX_DROPPED, SKB_DROP_REASON_UNHANDLED_PROTO },
	[PROSE_A_STAT_SIGNAL_RATE] = { SIGNAL, SKB_DROP_REASON_NOT_SPECIFIED },
	[PROSE_A_STAT_SIGNAL_NO_OWNER] = { SIGNAL, SKB_DROP_REASON_NO_SOCKET },
	[PROSE_A_STAT_SIGNAL_QUEUE] = { SIGNAL, SKB_DROP_REASON_SOCKET_RCVBUFF },
	[PROSE_A_STAT_TX_NO_CARRIER_ADDR] = { TX_DROPPED, SKB_DROP_REASON_NEIGH_FAILED },
};

static const char names[PROSE_A_STAT_MAX + 1][ETH_GSTRING_LEN] = {
#define STAT(name, text)	name
#include "stats-gen.h"
#undef STAT
};

/**
 * prose_drops_alloc() - counters of drops, all 0
 *
 * Return: the counters, NULL without memory; free_percpu() frees them.
 */
struct prose_drops __percpu *prose_drops_alloc(void)
{
	struct prose_drops __percpu *drops;
	int cpu;

	drops = alloc_percpu_gfp(struct prose_drops, GFP_KERNEL_ACCOUNT);
	if (!drops)
		return NULL;
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(drops, cpu)->syncp);
	return drops;
}

/**
 * prose_traffic_alloc() - counters of traffic, all 0
 *
 * Return: the counters, NULL without memory; free_percpu() frees them.
 */
struct prose_traffic __percpu *prose_traffic_alloc(void)
{
	struct prose_traffic __percpu *traffic;
	int cpu;

	traffic = alloc_percpu_gfp(struct prose_traffic, GFP_KERNEL_ACCOUNT);
	if (!traffic)
		return NULL;
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(traffic, cpu)->syncp);
	return traffic;
}

/**
 * prose_drops_sum() - add up what all CPUs dropped
 * @drops: the counters
 * @sum: where to put one sum for each cause
 */
void prose_drops_sum(const struct prose_drops __percpu *drops, u64 sum[PROSE_N_STATS])
{
	unsigned int start;
	int cpu, i;

	memset(sum, 0, PROSE_N_STATS * sizeof(*sum));
	for_each_possible_cpu(cpu) {
		const struct prose_drops *one = per_cpu_ptr(drops, cpu);
		u64 count[PROSE_N_STATS];

		do {
			start = u64_stats_fetch_begin(&one->syncp);
			for (i = 0; i < PROSE_N_STATS; i++)
				count[i] = u64_stats_read(&one->count[i]);
		} while (u64_stats_fetch_retry(&one->syncp, start));

		for (i = 0; i < PROSE_N_STATS; i++)
			sum[i] += count[i];
	}
}

/**
 * prose_traffic_sum() - add up the traffic of all CPUs
 * @traffic: the counters
 * @sum: where to put the sums
 */
void prose_traffic_sum(const struct prose_traffic __percpu *traffic,
		       struct prose_traffic_sum *sum)
{
	unsigned int start;
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		const struct prose_traffic *one = per_cpu_ptr(traffic, cpu);
		struct prose_traffic_sum part;

		do {
			start = u64_stats_fetch_begin(&one->syncp);
			part.rx_packets = u64_stats_read(&one->rx_packets);
			part.rx_bytes = u64_stats_read(&one->rx_bytes);
			part.tx_packets = u64_stats_read(&one->tx_packets);
			part.tx_bytes = u64_stats_read(&one->tx_bytes);
		} while (u64_stats_fetch_retry(&one->syncp, start));

		sum->rx_packets += part.rx_packets;
		sum->rx_bytes += part.rx_bytes;
		sum->tx_packets += part.tx_packets;
		sum->tx_bytes += part.tx_bytes;
	}
}

/**
 * prose_drop_on() - drop a packet that is no device's, count and trace why
 * @dev: the device it came by, for the trace; may be NULL
 * @drops: the counters
 * @skb: the packet, consumed; may be NULL when there was none to be had
 * @stat: the cause, PROSE_A_STAT_
 *
 * Context: BH disabled.
 */
void prose_drop_on(const struct net_device *dev, struct prose_drops __percpu *drops,
		   struct sk_buff *skb, int stat)
{
	trace_prose_drop(dev, names[stat], skb ? skb->len : 0);
	prose_drops_inc(drops, stat);
	kfree_skb_reason(skb, stats[stat].reason);
}

/**
 * prose_drop() - drop a packet, count and trace why
 * @prose: the device
 * @skb: the packet, consumed; may be NULL when there was none to be had
 * @stat: the cause, PROSE_A_STAT_
 *
 * Context: BH disabled.
 */
void prose_drop(struct prose_dev *prose, struct sk_buff *skb, int stat)
{
	prose_drop_on(prose->dev, prose->drops, skb, stat);
}

/**
 * prose_stats_collect() - all drops that concern a device
 * @prose: the device
 * @sum: where to put one sum for each cause
 *
 * The device's own, and those of its carrier while it was on it: what is dropped
 * before a frame is known to be some device's.
 */
void prose_stats_collect(struct prose_dev *prose, u64 sum[PROSE_N_STATS])
{
	u64 carrier[PROSE_N_STATS];
	int i;

	prose_drops_sum(prose->drops, sum);
	prose_port_drops(prose, carrier);
	for (i = 0; i < PROSE_N_STATS; i++)
		sum[i] += carrier[i];
}

/**
 * prose_get_stats64() - standard counters of the device
 * @dev: the device
 * @tot: where to put them
 */
void prose_get_stats64(struct net_device *dev, struct rtnl_link_stats64 *tot)
{
	struct prose_dev *prose = netdev_priv(dev);
	struct prose_traffic_sum traffic;
	u64 sum[PROSE_N_STATS];
	int i;

	prose_traffic_sum(prose->traffic, &traffic);
	tot->rx_packets = traffic.rx_packets;
	tot->rx_bytes = traffic.rx_bytes;
	tot->tx_packets = traffic.tx_packets;
	tot->tx_bytes = traffic.tx_bytes;

	prose_stats_collect(prose, sum);
	for (i = 0; i < PROSE_N_STATS; i++) {
		switch (stats[PROSE_STAT_FIRST + i].kind) {
		case TX_DROPPED:
			tot->tx_dropped += sum[i];
			break;
		case TX_ERROR:
			tot->tx_errors += sum[i];
			break;
		case RX_DROPPED:
			tot->rx_dropped += sum[i];
			break;
		case RX_FRAME:
			tot->rx_frame_errors += sum[i];
			fallthrough;
		case RX_ERROR:
			tot->rx_errors += sum[i];
			break;
		case SIGNAL:
			/* No packets of this device. */
			break;
		}
	}
}

/* What ethtool -S shows: the traffic, and every cause of a drop by its name in netlink. */
static const char traffic_names[][ETH_GSTRING_LEN] = {
	"rx-packets", "rx-bytes", "tx-packets", "tx-bytes",
};

static int get_sset_count(struct net_device *dev, int sset)
{
	if (sset != ETH_SS_STATS)
		return -EOPNOTSUPP;
	return ARRAY_SIZE(traffic_names) + PROSE_N_STATS;
}

static void get_strings(struct net_device *dev, u32 sset, u8 *buf)
{
	if (sset != ETH_SS_STATS)
		return;
	memcpy(buf, traffic_names, sizeof(traffic_names));
	memcpy(buf + sizeof(traffic_names), names[PROSE_STAT_FIRST],
	       PROSE_N_STATS * ETH_GSTRING_LEN);
}

static void get_ethtool_stats(struct net_device *dev, struct ethtool_stats *unused, u64 *data)
{
	struct prose_dev *prose = netdev_priv(dev);
	struct prose_traffic_sum traffic;

	prose_traffic_sum(prose->traffic, &traffic);
	*data++ = traffic.rx_packets;
	*data++ = traffic.rx_bytes;
	*data++ = traffic.tx_packets;
	*data++ = traffic.tx_bytes;
	prose_stats_collect(prose, data);
}

const struct ethtool_ops prose_ethtool_ops = {
	.get_link		= ethtool_op_get_link,
	.get_sset_count		= get_sset_count,
	.get_strings		= get_strings,
	.get_ethtool_stats	= get_ethtool_stats,
};
