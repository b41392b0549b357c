// SPDX-License-Identifier: GPL-2.0-only
/* Counters and their views: generic netlink, rtnetlink, ethtool. */

#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "carrier_link.h"
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

static const struct {
	const char name[ETH_GSTRING_LEN];
	enum stat_kind kind;
} stats[PROSE_N_STATS] = {
#define INDEX(attr)	(PROSE_A_STAT_##attr - PROSE_STAT_FIRST)
	[INDEX(TX_NO_PEER)] = { "tx-no-peer", TX_DROPPED },
	[INDEX(TX_NO_ASSOC)] = { "tx-no-assoc", TX_DROPPED },
	[INDEX(TX_COUNT_LIMIT)] = { "tx-count-limit", TX_DROPPED },
	[INDEX(TX_CRYPTO)] = { "tx-crypto", TX_ERROR },
	[INDEX(TX_LOWER)] = { "tx-lower", TX_DROPPED },
	[INDEX(TX_NOMEM)] = { "tx-nomem", TX_DROPPED },
	[INDEX(TX_TOO_BIG)] = { "tx-too-big", TX_ERROR },
	[INDEX(TX_NOT_IP)] = { "tx-not-ip", TX_ERROR },
	[INDEX(RX_SHORT)] = { "rx-short", RX_FRAME },
	[INDEX(RX_RESERVED)] = { "rx-reserved", RX_FRAME },
	[INDEX(RX_OWN_SOURCE)] = { "rx-own-source", RX_DROPPED },
	[INDEX(RX_NOT_FOR_US)] = { "rx-not-for-us", SIGNAL },
	[INDEX(RX_NO_PEER)] = { "rx-no-peer", RX_DROPPED },
	[INDEX(RX_NO_ASSOC)] = { "rx-no-assoc", RX_DROPPED },
	[INDEX(RX_UNPROTECTED)] = { "rx-unprotected", RX_DROPPED },
	[INDEX(RX_BEARER)] = { "rx-bearer", RX_DROPPED },
	[INDEX(RX_INTEGRITY)] = { "rx-integrity", RX_ERROR },
	[INDEX(RX_REPLAY)] = { "rx-replay", RX_DROPPED },
	[INDEX(RX_COUNT_LIMIT)] = { "rx-count-limit", RX_DROPPED },
	[INDEX(RX_CRYPTO)] = { "rx-crypto", RX_ERROR },
	[INDEX(RX_NOMEM)] = { "rx-nomem", RX_DROPPED },
	[INDEX(RX_SPOOFED)] = { "rx-spoofed", RX_DROPPED },
	[INDEX(RX_NOT_IP)] = { "rx-not-ip", RX_ERROR },
	[INDEX(RX_SDU_TYPE)] = { "rx-sdu-type", RX_DROPPED },
	[INDEX(SIGNAL_RATE)] = { "signal-rate", SIGNAL },
	[INDEX(SIGNAL_NO_OWNER)] = { "signal-no-owner", SIGNAL },
	[INDEX(SIGNAL_QUEUE)] = { "signal-queue", SIGNAL },
#undef INDEX
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
 * prose_drop() - drop a packet, count and trace why
 * @prose: the device
 * @skb: the packet, consumed; may be NULL when there was none to be had
 * @stat: the cause, PROSE_A_STAT_
 *
 * Context: BH disabled.
 */
void prose_drop(struct prose_dev *prose, struct sk_buff *skb, int stat)
{
	trace_prose_drop(prose->dev, stats[stat - PROSE_STAT_FIRST].name, skb ? skb->len : 0);
	prose_drops_inc(prose->drops, stat);
	kfree_skb(skb);
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
		switch (stats[i].kind) {
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

static int get_sset_count(struct net_device *dev, int sset)
{
	return sset == ETH_SS_STATS ? PROSE_N_STATS : -EOPNOTSUPP;
}

static void get_strings(struct net_device *dev, u32 sset, u8 *buf)
{
	int i;

	if (sset != ETH_SS_STATS)
		return;
	for (i = 0; i < PROSE_N_STATS; i++)
		memcpy(buf + i * ETH_GSTRING_LEN, stats[i].name, ETH_GSTRING_LEN);
}

static void get_ethtool_stats(struct net_device *dev, struct ethtool_stats *unused, u64 *data)
{
	prose_stats_collect(netdev_priv(dev), data);
}

const struct ethtool_ops prose_ethtool_ops = {
	.get_link		= ethtool_op_get_link,
	.get_sset_count		= get_sset_count,
	.get_strings		= get_strings,
	.get_ethtool_stats	= get_ethtool_stats,
};
