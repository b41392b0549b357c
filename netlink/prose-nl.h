/* SPDX-License-Identifier: MIT */
/*
 * Client library of the generic netlink family "prose", whose contract is
 * netlink/prose.yaml.
 *
 * Two kinds of socket, never mixed in one object, because an event that arrives
 * between a request and its answer is easily lost (OpenVPN/openvpn#793):
 *
 *   prose_nl_open()         requests. Each call sends one and waits for its answer.
 *   prose_nl_events_open()  events of the multicast group, and received PC5-S messages
 *                           once it is registered as owner of a device. Its descriptor
 *                           goes into an event loop, which calls prose_nl_dispatch().
 *
 * Calls return 0 or a negative errno; prose_nl_error() then has a sentence for people,
 * made of the kernel's extended acknowledgement. Nothing is printed. Buffers that held
 * keys are wiped before a call returns. No thread safety: one object, one thread.
 */
#ifndef PROSE_NL_H
#define PROSE_NL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/prose.h>

#define PROSE_NL_CARRIER_ADDR_MAX	PROSE_CARRIER_ADDR_MAX_LEN
#define PROSE_NL_ADDRESSES_MAX	8	/* of a peer, both families together */
#define PROSE_NL_BEARERS_MAX	32	/* LCID has 5 bits */
#define PROSE_NL_STATS_MAX	(PROSE_A_STAT_MAX)
#define PROSE_NL_IFNAME_LEN	16

struct prose_nl;

/* Overlay address of a peer. */
struct prose_nl_address {
	uint8_t family;		/* 4 or 6 */
	uint8_t addr[16];	/* 4 octets used for IPv4, network order */
};

/* A drop counter: "rx-replay", "COUNT seen before or behind the window." */
struct prose_nl_stat {
	const char *name;
	const char *text;
	uint64_t value;
};

/**
 * struct prose_nl_device - one prose device
 * @ifindex: index in the namespace the socket was opened in
 * @ifname: name
 * @lower_ifindex: lower device, or the one that the udp carrier's sockets are bound to, in the
 *		   namespace that device lives in; 0 when there is none
 * @l2_id: own Layer-2 ID
 * @carrier: enum prose_carrier
 * @ethertype: of the link carrier
 * @pad: short frames carry explicit padding
 * @port: own port of the udp carrier, 0 on link
 * @remote: where frames of the udp carrier go to a UE whose address is not known, as a carrier
 *	    address; valid if @remote_len is not 0
 * @remote_len: octets of @remote
 * @unprotected_rate: unprotected PC5-S messages handed up per second at most
 * @integrity_threshold: failures per notification
 * @owned: a signalling owner is registered
 * @stats: drop counters, in the order of the specification
 * @n_stats: entries in @stats
 */
struct prose_nl_device {
	uint32_t ifindex;
	char ifname[PROSE_NL_IFNAME_LEN];
	uint32_t lower_ifindex;
	uint32_t l2_id;
	uint32_t carrier;
	uint16_t ethertype;
	bool pad;
	uint16_t port;
	uint8_t remote[PROSE_NL_CARRIER_ADDR_MAX];
	size_t remote_len;
	uint32_t unprotected_rate;
	uint32_t integrity_threshold;
	bool owned;
	struct prose_nl_stat stats[PROSE_NL_STATS_MAX];
	size_t n_stats;
};

/* What prose_nl_device_set() changes; what has no has_ flag set stays. */
struct prose_nl_device_config {
	bool has_ethertype, has_pad, has_unprotected_rate, has_integrity_threshold;
	uint16_t ethertype;
	bool pad;
	uint16_t port;		/* of the udp carrier, 0: stays */
	uint16_t remote_port;	/* the same */
	struct prose_nl_address remote;		/* family 0: stays */
	uint32_t unprotected_rate;
	uint32_t integrity_threshold;
};

/**
 * struct prose_nl_peer - one remote UE
 * @ifindex: prose device
 * @l2_id: Layer-2 ID
 * @carrier_addr: where it is on the carrier, as the attribute has it
 * @carrier_addr_len: its octets, 6 on link and 18 on udp; 0 when it is not known, or, in a
 *		      request, stays
 * @addresses: overlay addresses; in prose_nl_peer_set(), each family that occurs
 *	       replaces the kernel's whole list of that family, the other stays
 * @n_addresses: entries in @addresses
 * @rx_packets: user-data packets delivered
 * @rx_bytes: their octets
 * @tx_packets: user-data packets sent
 * @tx_bytes: their octets
 * @has_last_rx: @last_rx_ms is valid
 * @last_rx_ms: milliseconds since the last frame whose MAC verified
 * @has_gone_reason: @gone_reason is valid (PROSE_NL_PEER_GONE)
 * @gone_reason: enum prose_gone_reason
 * @has_local_l2_id: @local_l2_id is valid; in a request that does not set it, the peer's stays
 * @local_l2_id: own Layer-2 ID that is this peer's; in a request, 0 to take it away
 * @has_remote_l2_id: the same of @remote_l2_id
 * @remote_l2_id: Layer-2 ID that the peer has for this link; in a request, 0 to take it away
 */
struct prose_nl_peer {
	uint32_t ifindex;
	uint32_t l2_id;
	uint8_t carrier_addr[PROSE_NL_CARRIER_ADDR_MAX];
	size_t carrier_addr_len;
	struct prose_nl_address addresses[PROSE_NL_ADDRESSES_MAX];
	size_t n_addresses;
	uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes;
	bool has_last_rx;
	uint64_t last_rx_ms;
	bool has_gone_reason;
	uint32_t gone_reason;
	bool has_local_l2_id, has_remote_l2_id;
	uint32_t local_l2_id, remote_l2_id;
};

/* COUNTs of one bearer. Absent tx_next: used up; absent rx_highest: nothing verified yet. */
struct prose_nl_bearer {
	uint8_t lcid;
	bool has_tx_next, has_rx_highest;
	uint32_t tx_next, rx_highest;
};

/**
 * struct prose_nl_assoc - one security association, as the kernel shows it
 *
 * Members are those of the attribute set assoc; there are no keys in it.
 * @tx says that this is the peer's association that sends.
 */
struct prose_nl_assoc {
	uint32_t ifindex;
	uint32_t l2_id;
	uint16_t kd_sess_id;
	uint8_t eea, eia;
	bool up_integrity;
	uint8_t direction;
	uint32_t count_start, count_limit, count_soft;
	uint32_t window;
	uint32_t grace_ms;
	bool tx;
	struct prose_nl_bearer bearers[PROSE_NL_BEARERS_MAX];
	size_t n_bearers;
	uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes;
	uint64_t integrity_failures, replays;
	bool has_gone_reason;
	uint32_t gone_reason;
};

/**
 * struct prose_nl_assoc_config - an association to install
 * @kd_sess_id: 1 to 0xffff
 * @pek: PEK; the caller wipes its copy
 * @pik: PIK
 * @eea: ciphering algorithm
 * @eia: integrity algorithm, not 0
 * @up_integrity: user data carries MAC-I
 * @direction: DIRECTION of what this side sends
 * @count_start: COUNT of the first packet, 0 for the kernel's default
 * @count_limit: COUNT of the last packet, 0 for the default
 * @count_soft: COUNT at which count-soft is notified, 0 for the default
 * @window: replay window, 0 for the default
 * @has_grace_ms: @grace_ms is set (0 is a value: no grace)
 * @grace_ms: how long it still receives after a newer one took over
 * @tx: send with it at once
 * @seen: COUNTs to be marked as received; tx_next is not used
 * @n_seen: entries in @seen
 */
struct prose_nl_assoc_config {
	uint16_t kd_sess_id;
	uint8_t pek[PROSE_KEY_LEN], pik[PROSE_KEY_LEN];
	uint8_t eea, eia;
	bool up_integrity;
	uint8_t direction;
	uint32_t count_start, count_limit, count_soft;
	uint32_t window;
	bool has_grace_ms;
	uint32_t grace_ms;
	bool tx;
	struct prose_nl_bearer seen[4];
	size_t n_seen;
};

/* What prose_nl_assoc_set() changes; what is not set stays. */
struct prose_nl_assoc_change {
	bool tx;		/* make it the one that sends */
	bool has_count_soft, has_grace_ms;
	uint32_t count_soft, grace_ms;
};

/**
 * struct prose_nl_signal - one PC5-S message
 * @l2_id: the other UE: destination when sent, source when received
 * @bearer: LCID 28, 29 or 30
 * @protection: enum prose_protection
 * @kd_sess_id: association to use, or used; 0 when @protection is none
 * @message: the message, type octet first. In an event it is valid until the callback
 *	     returns
 * @len: octets of @message
 * @carrier_addr: where to send instead of to the peer's address; where it came from
 * @carrier_addr_len: its octets, 0 for none
 * @has_count: @count is valid (events)
 * @count: COUNT of the frame; the SN alone when @protection is unverified
 * @has_mac_i: @pdcp_header and @mac_i are valid (events, unverified)
 * @pdcp_header: as received
 * @mac_i: as received
 * @local_l2_id: own Layer-2 ID that it was sent to (events), 0 from a kernel that does not
 *		 tell. When sending, 0, or the device's: then it goes from that to @l2_id,
 *		 past what the peer has for its link
 */
struct prose_nl_signal {
	uint32_t l2_id;
	uint8_t bearer;
	uint32_t protection;
	uint16_t kd_sess_id;
	const uint8_t *message;
	size_t len;
	uint8_t carrier_addr[PROSE_NL_CARRIER_ADDR_MAX];
	size_t carrier_addr_len;
	bool has_count;
	uint32_t count;
	bool has_mac_i;
	uint8_t pdcp_header[5], mac_i[4];
	uint32_t local_l2_id;
};

/* A packet that found no association: who is to be connected. */
struct prose_nl_wanted {
	bool has_l2_id;		/* a peer has the address */
	uint32_t l2_id;
	bool has_address;
	struct prose_nl_address address;	/* next hop */
};

/* An association's COUNT passed a mark. */
struct prose_nl_count {
	uint32_t l2_id;
	uint16_t kd_sess_id;
	uint8_t lcid;
};

enum prose_nl_event_type {
	PROSE_NL_SIGNAL,		/* signal */
	PROSE_NL_DEVICE_CHANGED,	/* device; its stats may be absent */
	PROSE_NL_PEER_CHANGED,		/* peer */
	PROSE_NL_PEER_GONE,		/* peer */
	PROSE_NL_ASSOC_GONE,		/* assoc */
	PROSE_NL_PEER_WANTED,		/* wanted */
	PROSE_NL_COUNT_SOFT,		/* count */
	PROSE_NL_COUNT_EXHAUSTED,	/* count */
	PROSE_NL_INTEGRITY_FAILURES,	/* assoc */
};

/* One event, decoded. All of it is valid until the callback returns. */
struct prose_nl_event {
	enum prose_nl_event_type type;
	uint32_t ifindex;
	union {
		struct prose_nl_signal signal;
		struct prose_nl_device device;
		struct prose_nl_peer peer;
		struct prose_nl_assoc assoc;
		struct prose_nl_wanted wanted;
		struct prose_nl_count count;
	};
};

/**
 * struct prose_nl_ops - what the owner of an event socket is told
 * @event: one event, in the order the kernel sent them
 * @resync: events were lost (ENOBUFS): read the state again by dumps. Received PC5-S
 *	    messages may be lost too; their senders repeat them
 *
 * Both may call anything of this library except prose_nl_dispatch() and prose_nl_close()
 * of the same object.
 */
struct prose_nl_ops {
	void (*event)(void *context, const struct prose_nl_event *event);
	void (*resync)(void *context);
};

/**
 * prose_nl_open() - open a socket for requests, in the present network namespace
 * @error: filled with a sentence when NULL is returned; may be NULL
 * @error_len: its size
 *
 * Return: the object, or NULL: no memory, no socket, or the kernel does not know the family
 * (the sentence says how to load the module).
 */
struct prose_nl *prose_nl_open(char *error, size_t error_len);

/**
 * prose_nl_events_open() - open a socket for events, subscribed to the group
 * @ops: copied
 * @context: handed to @ops
 * @error: filled with a sentence when NULL is returned; may be NULL
 * @error_len: its size
 */
struct prose_nl *prose_nl_events_open(const struct prose_nl_ops *ops, void *context,
				      char *error, size_t error_len);

/* Version of the family that the kernel speaks; this library's is PROSE_FAMILY_VERSION. */
unsigned int prose_nl_version(const struct prose_nl *nl);

/* Closes and frees. Ownership of devices ends with it. NULL is allowed. */
void prose_nl_close(struct prose_nl *nl);

/**
 * prose_nl_fd() - descriptor to wait on
 *
 * Becomes readable when prose_nl_dispatch() has work. Never read from it. Events that came
 * while prose_nl_signal_send() waited for its answer make it readable too.
 */
int prose_nl_fd(const struct prose_nl *nl);

/**
 * prose_nl_dispatch() - take all events that are there and call the callbacks
 *
 * Does not block. Takes at most a bounded number, so that a flood cannot hold the loop; the
 * descriptor then stays readable.
 *
 * Return: 0, or a negative errno when the socket is broken and must be closed.
 */
int prose_nl_dispatch(struct prose_nl *nl);

/**
 * prose_nl_error() - why the last call failed
 *
 * Return: a sentence for people such as "KD-sess ID is in use (assoc.kd-sess-id)", or an
 * empty string when the last call went well. Valid until the next call.
 */
const char *prose_nl_error(const struct prose_nl *nl);

/* Full name of the attribute the kernel pointed at, as "assoc.kd-sess-id", or "". */
const char *prose_nl_error_attr(const struct prose_nl *nl);

/*
 * Devices. dump: *list is malloc()ed, free() it; NULL when there are none. A dump that the
 * kernel marks inconsistent is repeated.
 */
int prose_nl_device_get(struct prose_nl *nl, uint32_t ifindex, struct prose_nl_device *device);
int prose_nl_device_dump(struct prose_nl *nl, struct prose_nl_device **list, size_t *n);
int prose_nl_device_set(struct prose_nl *nl, uint32_t ifindex,
			const struct prose_nl_device_config *config);

/* Peers. @made: what the kernel made of it; may be NULL. @ifindex 0 in dump: of all devices. */
int prose_nl_peer_new(struct prose_nl *nl, const struct prose_nl_peer *peer,
		      struct prose_nl_peer *made);
int prose_nl_peer_set(struct prose_nl *nl, const struct prose_nl_peer *peer);
int prose_nl_peer_get(struct prose_nl *nl, uint32_t ifindex, uint32_t l2_id,
		      struct prose_nl_peer *peer);
int prose_nl_peer_del(struct prose_nl *nl, uint32_t ifindex, uint32_t l2_id);
int prose_nl_peer_dump(struct prose_nl *nl, uint32_t ifindex,
		       struct prose_nl_peer **list, size_t *n);

/* Associations. */
int prose_nl_assoc_new(struct prose_nl *nl, uint32_t ifindex, uint32_t l2_id,
		       const struct prose_nl_assoc_config *config, struct prose_nl_assoc *made);
int prose_nl_assoc_set(struct prose_nl *nl, uint32_t ifindex, uint32_t l2_id,
		       uint16_t kd_sess_id, const struct prose_nl_assoc_change *change);
int prose_nl_assoc_get(struct prose_nl *nl, uint32_t ifindex, uint32_t l2_id,
		       uint16_t kd_sess_id, struct prose_nl_assoc *assoc);
int prose_nl_assoc_del(struct prose_nl *nl, uint32_t ifindex, uint32_t l2_id,
		       uint16_t kd_sess_id);
int prose_nl_assoc_dump(struct prose_nl *nl, uint32_t ifindex,
			struct prose_nl_assoc **list, size_t *n);

/**
 * prose_nl_signal_register() - own a device's PC5 signalling
 * @nl: an event socket; received messages come to it as PROSE_NL_SIGNAL
 * @ifindex: prose device
 *
 * Return: 0, -EBUSY while another socket owns it, or another negative errno. Ownership ends
 * with prose_nl_close().
 */
int prose_nl_signal_register(struct prose_nl *nl, uint32_t ifindex);

/**
 * prose_nl_signal_send() - protect, number and send one PC5-S message
 * @nl: the event socket that is registered: only the owner may send
 * @ifindex: prose device
 * @signal: what; members only events have are not used
 * @count: COUNT the message got, 0 when unprotected; may be NULL
 */
int prose_nl_signal_send(struct prose_nl *nl, uint32_t ifindex,
			 const struct prose_nl_signal *signal, uint32_t *count);

/* "replaced" and the like; "unknown" for values this library does not know. */
const char *prose_nl_gone_reason_name(uint32_t reason);
const char *prose_nl_protection_name(uint32_t protection);

#endif
