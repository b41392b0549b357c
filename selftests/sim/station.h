/* SPDX-License-Identifier: MIT */
/*
 * A UE: the product's core, and below it a model of what prose.ko does for it. The model keeps to
 * kmod/assoc.c: receive first, who sends, grace times, COUNTs, limits and windows. It protects in
 * effect, not in octets, but for the MAC-I of a COMMAND, see struct frame.
 */
#ifndef SIM_STATION_H
#define SIM_STATION_H

#include <stdbool.h>
#include <stdint.h>

#include "core/ue.h"
#include "identity.h"
#include "keying.h"
#include "ledger.h"
#include "medium.h"
#include "rng.h"
#include "signatures.h"

#define STATION_ASSOCS_MAX	8
#define STATION_PEERS_MAX	128	/* of which an attacker can cause PROSE_HALF_OPEN_MAX */
#define STATION_WINDOW		256

struct world;

struct assoc_bearer {
	uint64_t next;			/* COUNT of the next packet */
	bool told;
	uint64_t highest;
	uint8_t seen[STATION_WINDOW / 8];
};

/*
 * What the kernel tells the daemon, in order, and not at once: each acts on what it knows,
 * which the other may have changed already.
 */
enum upcall_kind {
	UPCALL_MESSAGE,
	UPCALL_SOFT,		/* COUNT is past its soft limit */
	UPCALL_EXHAUSTED,	/* COUNT is used up */
	UPCALL_GONE,		/* an association was dropped by the kernel */
	UPCALL_ACTIVITY,	/* something verified */
};

struct upcall {
	struct upcall *next;
	enum upcall_kind kind;
	uint64_t at, happened;
	uint32_t l2_id;
	uint16_t kd_sess_id;
	struct ue_receive receive;
	uint8_t *message;
};

struct assoc {
	struct ue_assoc a;
	struct key *key;
	bool tx, verified, took_over;
	uint64_t packets;		/* both ways */
	uint64_t serial;
	uint64_t retire_at;		/* UINT64_MAX: it is not on its way out */
	struct assoc_bearer bearers[LEDGER_BEARERS];
};

struct kernel_peer {
	uint32_t l2_id;
	uint32_t local_l2_id, remote_l2_id;	/* for this link, 0: none */
	uint64_t verified_ms;		/* not told yet, 0: nothing */
	size_t n_assocs;
	struct assoc assocs[STATION_ASSOCS_MAX];
};

/* What a core says of a link to another UE of the world. */
struct view {
	enum ue_link_state state;
	struct ue_link_info info;	/* good while @known */
	bool known;
};

struct request {
	uint8_t nonce_1[16];
	bool rekeying;
	bool isolated;			/* it is signed, or in rekeying offers eccsi-sakke */
	struct offer offer;
};

/* What a daemon keeps on disk: daemon/keeper.c for D2D-Idle, daemon/state.c for links. */
struct store {
	struct ue_idle idle[8];
	size_t n_idle;
	struct view links[8];		/* by index of the other UE */
	bool dirty;			/* to be written when there is time */
};

struct station {
	struct world *world;
	size_t index;
	uint32_t l2_id;
	bool on;			/* the UE is; else it neither hears nor sends */
	struct ue *ue;			/* NULL: no daemon runs */
	uint64_t started_ms;		/* when it was started last */
	uint64_t back_at;		/* when it comes back; UINT64_MAX if it runs */
	uint64_t recheck_ms;		/* when it judges credentials again */
	struct store store;
	struct ue_config config, first_config;
	struct keying_method exchange[2], shared;
	const struct keying_method *psk;
	struct keying_credentials credentials;
	unsigned int generation;	/* which of exchange[] is in force */
	struct identity identity;	/* where mikey-sakke or eccsi-sakke is the exchange */
	struct signatures signatures;
	bool unsigned_event;		/* what it is about was not signed by who it says */
	struct rng rng;
	int64_t clock_offset;
	bool refuses;			/* the access list has nobody */
	struct kernel_peer *peers[STATION_PEERS_MAX];
	size_t n_peers;
	uint64_t serial;
	struct view views[8];		/* by index of the other UE */
	struct request requests[8];	/* last ones sent */
	struct upcall *upcalls, *last_upcall;
	size_t gone;			/* of them UPCALL_GONE */
	uint32_t refuse_after;		/* actions until the kernel refuses one, 0: never */
	uint32_t die_after;		/* actions until the daemon dies, 0: never */
	uint32_t arrived[8];		/* packets of user data from each */
};

void station_init(struct world *world, struct station *station, size_t index);
/* Ends and frees everything. */
void station_free(struct station *station);

void station_receive(struct station *station, const struct frame *frame);
void station_expire(struct station *station);
uint64_t station_deadline(const struct station *station);
/* @identity NULL: the one the peer has */
int station_connect(struct station *station, const struct station *peer, const char *identity);
int station_rekey(struct station *station, const struct station *peer, bool kd);
int station_release(struct station *station, const struct station *peer);
/* A packet of user data; false if nothing is there to send it under. */
bool station_data(struct station *station, const struct station *peer);
/*
 * What a daemon does now and then: tells the core what went under its keys and when something
 * verified last, writes its store, judges credentials again.
 */
void station_poll(struct station *station);
int station_reconfigure(struct station *station, const struct ue_config *config);
/* The kernel loses one association, by hand of its administrator. */
void station_lose_assoc(struct station *station, const struct station *peer);

/* The daemon dies. @lost: what it had stored is gone, too. */
void station_die(struct station *station, bool lost, uint64_t until);
/* The whole UE goes off, with its kernel's keys; and its store? */
void station_off(struct station *station, bool lost, uint64_t until);
void station_start(struct station *station);

struct kernel_peer *station_peer(const struct station *station, uint32_t l2_id);
/* Whose own Layer-2 ID for a link that is. */
struct kernel_peer *station_peer_local(const struct station *station, uint32_t l2_id);
struct assoc *station_assoc(struct kernel_peer *peer, uint16_t kd_sess_id);
struct assoc *station_tx(struct kernel_peer *peer);
enum ue_link_state station_state(const struct station *station, const struct station *peer);

#endif
