/* SPDX-License-Identifier: ((GPL-2.0-only WITH Linux-syscall-note) OR MIT) */
/* Do not edit directly, auto-generated from: */
/*	netlink/prose.yaml */
/* by netlink/gen */

#ifndef _UAPI_LINUX_PROSE_H
#define _UAPI_LINUX_PROSE_H

#define PROSE_FAMILY_NAME		"prose"
#define PROSE_FAMILY_VERSION	1

/* Octets in PEK and in PIK. */
#define PROSE_KEY_LEN	16
/*
 * Octets of the longest PC5-S message, 8188 (TS 36.323 4.3.1) less PDCP header
 * and MAC-I. The carrier's MTU usually rules before.
 */
#define PROSE_SIGNAL_MAX_LEN	8179
/* The greatest Layer-2 ID; it is 24 bits wide. */
#define PROSE_L2_ID_MAX	0xffffff
/* Octets of the longest carrier address. */
#define PROSE_CARRIER_ADDR_MAX_LEN	18
/* UDP port of the udp carrier unless another is set. */
#define PROSE_UDP_PORT	7800

/* Ciphering algorithm identity, TS 33.401 5.1.3.2. */
enum {
	PROSE_EEA_EEA0,
	PROSE_EEA_EEA1,
	PROSE_EEA_EEA2,
	PROSE_EEA_EEA3,
};

/* Integrity algorithm identity, TS 33.401 5.1.4.2. */
enum {
	PROSE_EIA_EIA0,
	PROSE_EIA_EIA1,
	PROSE_EIA_EIA2,
	PROSE_EIA_EIA3,
};

/**
 * enum prose_protection - What protects one PC5-S message on the carrier.
 * @PROSE_PROTECTION_NONE: KD-sess ID 0, no ciphering, no MAC-I.
 * @PROSE_PROTECTION_INTEGRITY: MAC-I under PIK, not ciphered (Direct Security
 *   Mode Command).
 * @PROSE_PROTECTION_FULL: MAC-I under PIK, then ciphered under PEK.
 * @PROSE_PROTECTION_UNVERIFIED: Received only. The frame names a KD-sess ID the
 *   kernel does not hold and came on the bearer of the security mode procedure;
 *   the owner must derive the key and verify mac-i itself before it believes a
 *   word.
 */
enum prose_protection {
	PROSE_PROTECTION_NONE,
	PROSE_PROTECTION_INTEGRITY,
	PROSE_PROTECTION_FULL,
	PROSE_PROTECTION_UNVERIFIED,
};

/**
 * enum prose_gone_reason - Why a peer or an association went away.
 * @PROSE_GONE_REASON_REQUESTED: A netlink request deleted it.
 * @PROSE_GONE_REASON_REPLACED: A newer association took over and the grace time
 *   ended.
 * @PROSE_GONE_REASON_EXHAUSTED: Reserved. An association whose COUNT is used up
 *   stays, to receive and to signal the rekey.
 * @PROSE_GONE_REASON_DEVICE: The device or its lower device is going away.
 */
enum prose_gone_reason {
	PROSE_GONE_REASON_REQUESTED,
	PROSE_GONE_REASON_REPLACED,
	PROSE_GONE_REASON_EXHAUSTED,
	PROSE_GONE_REASON_DEVICE,
};

/**
 * enum prose_carrier - What carries the frames.
 * @PROSE_CARRIER_LINK: Frames directly behind an Ethernet header.
 * @PROSE_CARRIER_UDP: Frames in UDP datagrams, over IPv4 and IPv6.
 */
enum prose_carrier {
	PROSE_CARRIER_LINK = 1,
	PROSE_CARRIER_UDP,
};

/*
 * One prose network device.
 */
enum {
	PROSE_A_DEVICE_IFINDEX = 1,
	PROSE_A_DEVICE_IFNAME,
	PROSE_A_DEVICE_LOWER_IFINDEX,
	PROSE_A_DEVICE_L2_ID,
	PROSE_A_DEVICE_CARRIER,
	PROSE_A_DEVICE_ETHERTYPE,
	PROSE_A_DEVICE_PAD,
	PROSE_A_DEVICE_UNPROTECTED_RATE,
	PROSE_A_DEVICE_INTEGRITY_THRESHOLD,
	PROSE_A_DEVICE_OWNED,
	PROSE_A_DEVICE_STATS,
	PROSE_A_DEVICE_PORT,
	PROSE_A_DEVICE_LOCAL,
	PROSE_A_DEVICE_LOCAL6,
	PROSE_A_DEVICE_REMOTE,
	PROSE_A_DEVICE_REMOTE6,
	PROSE_A_DEVICE_REMOTE_PORT,

	/* private: */
	__PROSE_A_DEVICE_MAX,
	PROSE_A_DEVICE_MAX = (__PROSE_A_DEVICE_MAX - 1)
};

/*
 * Why packets were dropped, one counter for each cause; u64 each.
 */
enum {
	PROSE_A_STAT_PAD64 = 1,
	PROSE_A_STAT_TX_NO_PEER,
	PROSE_A_STAT_TX_NO_ASSOC,
	PROSE_A_STAT_TX_COUNT_LIMIT,
	PROSE_A_STAT_TX_CRYPTO,
	PROSE_A_STAT_TX_LOWER,
	PROSE_A_STAT_TX_NOMEM,
	PROSE_A_STAT_TX_TOO_BIG,
	PROSE_A_STAT_TX_NOT_IP,
	PROSE_A_STAT_RX_SHORT,
	PROSE_A_STAT_RX_RESERVED,
	PROSE_A_STAT_RX_OWN_SOURCE,
	PROSE_A_STAT_RX_NOT_FOR_US,
	PROSE_A_STAT_RX_NO_PEER,
	PROSE_A_STAT_RX_NO_ASSOC,
	PROSE_A_STAT_RX_UNPROTECTED,
	PROSE_A_STAT_RX_BEARER,
	PROSE_A_STAT_RX_INTEGRITY,
	PROSE_A_STAT_RX_REPLAY,
	PROSE_A_STAT_RX_COUNT_LIMIT,
	PROSE_A_STAT_RX_CRYPTO,
	PROSE_A_STAT_RX_NOMEM,
	PROSE_A_STAT_RX_SPOOFED,
	PROSE_A_STAT_RX_NOT_IP,
	PROSE_A_STAT_RX_SDU_TYPE,
	PROSE_A_STAT_SIGNAL_RATE,
	PROSE_A_STAT_SIGNAL_NO_OWNER,
	PROSE_A_STAT_SIGNAL_QUEUE,
	PROSE_A_STAT_TX_NO_CARRIER_ADDR,

	/* private: */
	__PROSE_A_STAT_MAX,
	PROSE_A_STAT_MAX = (__PROSE_A_STAT_MAX - 1)
};

/*
 * One remote UE.
 */
enum {
	PROSE_A_PEER_L2_ID = 1,
	PROSE_A_PEER_CARRIER_ADDR,
	PROSE_A_PEER_IPV4,
	PROSE_A_PEER_IPV6,
	PROSE_A_PEER_PAD64,
	PROSE_A_PEER_RX_PACKETS,
	PROSE_A_PEER_RX_BYTES,
	PROSE_A_PEER_TX_PACKETS,
	PROSE_A_PEER_TX_BYTES,
	PROSE_A_PEER_LAST_RX_MS,
	PROSE_A_PEER_GONE_REASON,

	/* private: */
	__PROSE_A_PEER_MAX,
	PROSE_A_PEER_MAX = (__PROSE_A_PEER_MAX - 1)
};

/*
 * One security association (a KD-sess with its keys, COUNTs and limits).
 */
enum {
	PROSE_A_ASSOC_KD_SESS_ID = 1,
	PROSE_A_ASSOC_PEK,
	PROSE_A_ASSOC_PIK,
	PROSE_A_ASSOC_EEA,
	PROSE_A_ASSOC_EIA,
	PROSE_A_ASSOC_UP_INTEGRITY,
	PROSE_A_ASSOC_DIRECTION,
	PROSE_A_ASSOC_COUNT_START,
	PROSE_A_ASSOC_COUNT_LIMIT,
	PROSE_A_ASSOC_COUNT_SOFT,
	PROSE_A_ASSOC_WINDOW,
	PROSE_A_ASSOC_GRACE_MS,
	PROSE_A_ASSOC_TX,
	PROSE_A_ASSOC_BEARER,
	PROSE_A_ASSOC_PAD64,
	PROSE_A_ASSOC_RX_PACKETS,
	PROSE_A_ASSOC_RX_BYTES,
	PROSE_A_ASSOC_TX_PACKETS,
	PROSE_A_ASSOC_TX_BYTES,
	PROSE_A_ASSOC_INTEGRITY_FAILURES,
	PROSE_A_ASSOC_REPLAYS,
	PROSE_A_ASSOC_GONE_REASON,

	/* private: */
	__PROSE_A_ASSOC_MAX,
	PROSE_A_ASSOC_MAX = (__PROSE_A_ASSOC_MAX - 1)
};

/*
 * COUNTs of one bearer of an association.
 */
enum {
	PROSE_A_BEARER_LCID = 1,
	PROSE_A_BEARER_TX_NEXT,
	PROSE_A_BEARER_RX_HIGHEST,

	/* private: */
	__PROSE_A_BEARER_MAX,
	PROSE_A_BEARER_MAX = (__PROSE_A_BEARER_MAX - 1)
};

/*
 * One PC5-S message.
 */
enum {
	PROSE_A_SIGNAL_L2_ID = 1,
	PROSE_A_SIGNAL_BEARER,
	PROSE_A_SIGNAL_PROTECTION,
	PROSE_A_SIGNAL_KD_SESS_ID,
	PROSE_A_SIGNAL_MESSAGE,
	PROSE_A_SIGNAL_CARRIER_ADDR,
	PROSE_A_SIGNAL_COUNT,
	PROSE_A_SIGNAL_PDCP_HEADER,
	PROSE_A_SIGNAL_MAC_I,

	/* private: */
	__PROSE_A_SIGNAL_MAX,
	PROSE_A_SIGNAL_MAX = (__PROSE_A_SIGNAL_MAX - 1)
};

/*
 * Top level attributes.
 */
enum {
	PROSE_A_IFINDEX = 1,
	PROSE_A_DEVICE,
	PROSE_A_PEER,
	PROSE_A_ASSOC,
	PROSE_A_SIGNAL,
	PROSE_A_IPV4,
	PROSE_A_IPV6,
	PROSE_A_LCID,

	/* private: */
	__PROSE_A_MAX,
	PROSE_A_MAX = (__PROSE_A_MAX - 1)
};

/*
 * IFLA_INFO_DATA of rtnetlink links of kind prose. No operation of this family
 * uses it; the names, values and the policy are generated all the same.
 */
enum {
	IFLA_PROSE_ETHERTYPE = 1,
	IFLA_PROSE_PAD,
	IFLA_PROSE_CARRIER,
	IFLA_PROSE_CARRIER_ADDR,
	IFLA_PROSE_PORT,
	IFLA_PROSE_LOCAL,
	IFLA_PROSE_LOCAL6,
	IFLA_PROSE_REMOTE,
	IFLA_PROSE_REMOTE6,
	IFLA_PROSE_REMOTE_PORT,

	/* private: */
	__IFLA_PROSE_MAX,
	IFLA_PROSE_MAX = (__IFLA_PROSE_MAX - 1)
};

enum {
	PROSE_CMD_DEV_GET = 1,
	PROSE_CMD_DEV_SET,
	PROSE_CMD_DEV_NTF,
	PROSE_CMD_PEER_NEW,
	PROSE_CMD_PEER_SET,
	PROSE_CMD_PEER_GET,
	PROSE_CMD_PEER_DEL,
	PROSE_CMD_PEER_NTF,
	PROSE_CMD_PEER_DEL_NTF,
	PROSE_CMD_ASSOC_NEW,
	PROSE_CMD_ASSOC_SET,
	PROSE_CMD_ASSOC_GET,
	PROSE_CMD_ASSOC_DEL,
	PROSE_CMD_ASSOC_DEL_NTF,
	PROSE_CMD_SIGNAL_REGISTER,
	PROSE_CMD_SIGNAL_SEND,
	PROSE_CMD_SIGNAL_NTF,
	PROSE_CMD_PEER_WANTED_NTF,
	PROSE_CMD_COUNT_SOFT_NTF,
	PROSE_CMD_COUNT_EXHAUSTED_NTF,
	PROSE_CMD_INTEGRITY_FAILURES_NTF,

	/* private: */
	__PROSE_CMD_MAX,
	PROSE_CMD_MAX = (__PROSE_CMD_MAX - 1)
};

#define PROSE_MCGRP_EVENTS	"events"

#endif /* _UAPI_LINUX_PROSE_H */
