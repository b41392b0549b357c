/* SPDX-License-Identifier: GPL-2.0-only */
/* Per-CPU counters: drops by cause, traffic. */
#ifndef _PROSE_STATS_H
#define _PROSE_STATS_H

#include <linux/ethtool.h>
#include <linux/percpu.h>
#include <linux/u64_stats_sync.h>

#include <linux/prose.h>

struct net_device;
struct prose_dev;
struct rtnl_link_stats64;
struct sk_buff;

/* A cause is named by its PROSE_A_STAT_ attribute; the first is no counter. */
#define PROSE_STAT_FIRST	(PROSE_A_STAT_PAD64 + 1)
#define PROSE_N_STATS		(PROSE_A_STAT_MAX - PROSE_A_STAT_PAD64)

/**
 * struct prose_drops - dropped packets by cause, of one CPU
 * @count: one counter for each cause, PROSE_STAT_FIRST first
 * @syncp: makes 64-bit counters readable on 32-bit machines
 */
struct prose_drops {
	u64_stats_t count[PROSE_N_STATS];
	struct u64_stats_sync syncp;
};

/**
 * struct prose_traffic - packets and octets, of one CPU
 * @rx_packets: packets received
 * @rx_bytes: their octets
 * @tx_packets: packets sent
 * @tx_bytes: their octets
 * @syncp: makes 64-bit counters readable on 32-bit machines
 */
struct prose_traffic {
	u64_stats_t rx_packets;
	u64_stats_t rx_bytes;
	u64_stats_t tx_packets;
	u64_stats_t tx_bytes;
	struct u64_stats_sync syncp;
};

/**
 * struct prose_traffic_sum - a struct prose_traffic over all CPUs
 * @rx_packets: packets received
 * @rx_bytes: their octets
 * @tx_packets: packets sent
 * @tx_bytes: their octets
 */
struct prose_traffic_sum {
	u64 rx_packets;
	u64 rx_bytes;
	u64 tx_packets;
	u64 tx_bytes;
};

struct prose_drops __percpu *prose_drops_alloc(void);
struct prose_traffic __percpu *prose_traffic_alloc(void);

/* The three below run with BH disabled: the counters are this CPU's alone. */

static inline void prose_drops_inc(struct prose_drops __percpu *drops, int stat)
{
	struct prose_drops *mine = this_cpu_ptr(drops);

	u64_stats_update_begin(&mine->syncp);
	u64_stats_inc(&mine->count[stat - PROSE_STAT_FIRST]);
	u64_stats_update_end(&mine->syncp);
}

static inline void prose_traffic_rx(struct prose_traffic __percpu *traffic, unsigned int len)
{
	struct prose_traffic *mine = this_cpu_ptr(traffic);

	u64_stats_update_begin(&mine->syncp);
	u64_stats_inc(&mine->rx_packets);
	u64_stats_add(&mine->rx_bytes, len);
	u64_stats_update_end(&mine->syncp);
}

static inline void prose_traffic_tx(struct prose_traffic __percpu *traffic, unsigned int len)
{
	struct prose_traffic *mine = this_cpu_ptr(traffic);

	u64_stats_update_begin(&mine->syncp);
	u64_stats_inc(&mine->tx_packets);
	u64_stats_add(&mine->tx_bytes, len);
	u64_stats_update_end(&mine->syncp);
}

void prose_drops_sum(const struct prose_drops __percpu *drops, u64 sum[PROSE_N_STATS]);
void prose_traffic_sum(const struct prose_traffic __percpu *traffic,
		       struct prose_traffic_sum *sum);

void prose_drop_on(const struct net_device *dev, struct prose_drops __percpu *drops,
		   struct sk_buff *skb, int stat);
void prose_drop(struct prose_dev *prose, struct sk_buff *skb, int stat);
void prose_stats_collect(struct prose_dev *prose, u64 sum[PROSE_N_STATS]);
void prose_get_stats64(struct net_device *dev, struct rtnl_link_stats64 *tot);

extern const struct ethtool_ops prose_ethtool_ops;

#endif /* _PROSE_STATS_H */
