/* SPDX-License-Identifier: MIT */
/*
 * A prose device over the shim with two peers and their associations, and frames for it: what
 * the tests and the fuzzer of the receive path share.
 */
#ifndef _KSHIM_RIG_H
#define _KSHIM_RIG_H

#include <kshim/kernel.h>

#include "algs.h"
#include "assoc.h"
#include "device.h"
#include "peer.h"
#include "stats.h"

#define RIG_OWN		0x0a0b0c
#define RIG_PEER	0x0a0b0d
#define RIG_OTHER	0x0a0b0e
#define RIG_OWNER	4711	/* netlink port of the signalling owner */

/*
 * Associations of RIG_PEER. What sends is RIG_CURRENT; the others receive. RIG_OTHER has one
 * with the KD-sess ID of RIG_CURRENT and another key.
 */
enum rig_assoc {
	RIG_CURRENT,	/* EEA2, integrity of user data */
	RIG_NEXT,	/* the same, newer */
	RIG_REL12,	/* EEA2, user data without MAC-I */
	RIG_CLEAR,	/* EEA0, integrity; near its limit; DIRECTION of this side is 1 */
	RIG_OTHERS,	/* of RIG_OTHER */
	RIG_N_ASSOCS,
};

struct rig {
	struct net_device *lower;
	struct prose_dev *prose;
	struct prose_peer *peers[2];
	struct prose_assoc *assocs[RIG_N_ASSOCS];
	/* The sender's side of each: the same keys, without the association. */
	struct prose_keys keys[RIG_N_ASSOCS];
};

/* What netlink would have said. */
struct rig_events {
	unsigned long assocs_gone, peers_gone, soft, exhausted, integrity, wanted, dev_changed;
};

extern struct rig_events rig_events;

/* False without memory, with nothing left behind. */
bool rig_up(struct rig *rig);
/* Takes everything down, and asserts that nothing is left. */
void rig_down(struct rig *rig);

/* KD-sess ID of one. */
u16 rig_kd_sess_id(enum rig_assoc id);
u32 rig_l2_id(enum rig_assoc id);

/* What fails on order does not while the rig does something of its own. */
struct rig_calm {
	long fail_after;
	int crypto_error, mac_error;
	enum kshim_crypto_mode mode;
};

struct rig_calm rig_calm(void);
void rig_resume(const struct rig_calm *calm);

struct rig_frame {
	u32 src, dst;
	u8 lcid;
	bool padded;
	u8 sdu_type;
	u16 kd_sess_id;
	u32 count;
};

/* As the other end of an association would send on a channel. */
struct rig_frame rig_frame_of(enum rig_assoc id, u8 lcid, u32 count);

/*
 * Ethernet frame, MAC header to MAC-I, protected under an association as its other end does it.
 * In malloc'ed memory.
 */
u8 *rig_frame(struct rig *rig, enum rig_assoc id, const struct rig_frame *frame, const u8 *sdu,
	      size_t sdu_len, size_t *len);
/* The same of octets that are a frame already: MAC-I anew, then ciphered, in place. */
void rig_protect(struct rig *rig, enum rig_assoc id, u8 *frame, size_t len, u32 count);

/* How a frame arrives. */
enum rig_shape {
	RIG_LINEAR = 0,
	RIG_PAGED = 1,		/* some of it in fragments */
	RIG_CLONED = 2,		/* a capture has the same buffer */
	RIG_SHARED = 4,		/* and another one the very sk_buff */
	RIG_OTHERHOST = 8,
	RIG_GSO = 16,
	RIG_ROOM = 32,		/* with room at both ends, else exactly as long as it is */
};

/*
 * Receive octets, Ethernet header first; and look that a capture still sees them unchanged
 * when all is done. NULL without one.
 */
struct rig_capture;
struct rig_capture *rig_receive(struct rig *rig, const u8 *octets, size_t len, unsigned int shape,
				size_t cut);
void rig_capture_done(struct rig_capture *capture);

/* Drops of the device and its carrier, all causes together. */
u64 rig_drops(struct rig *rig);
u64 rig_drop(struct rig *rig, int stat);

/* Everything a frame may move. */
struct rig_state {
	struct {
		struct prose_replay replay[PROSE_N_BEARERS];
		unsigned long flags;
		u64 integrity_failures, replays;
		struct prose_traffic_sum traffic;
	} assocs[RIG_N_ASSOCS];
	struct {
		u64 carrier_addr, last_rx;
		struct prose_traffic_sum traffic;
	} peers[2];
	struct prose_traffic_sum traffic;
	u64 drops[PROSE_N_STATS];
};

void rig_state(struct rig *rig, struct rig_state *state);

/* Where frames to a peer go. */
u64 rig_carrier_addr(struct rig *rig, int peer);

#endif /* _KSHIM_RIG_H */
