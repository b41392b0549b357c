/* SPDX-License-Identifier: MIT */
/*
 * One UE on one prose device: its links to other UEs and the PC5-S procedures of
 * TS 24.334 10.4 and TR 33.833 6.4.1 that run on them.
 *
 * The core is pure (design decision D9). Each event takes the present time and may queue
 * actions; the driver takes and carries them out in order. The daemon drives it with
 * epoll and the kernel, tests with a virtual clock and a lossy medium.
 *
 * Nothing here is thread safe; one UE belongs to one thread.
 */
#ifndef PROSE_CORE_UE_H
#define PROSE_CORE_UE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "constants.h"
#include "../keying/keying.h"

#define UE_METHODS_MAX		8
#define UE_ADDRESSES_MAX	8
#define UE_CONNECTION_ID_LEN	8
#define UE_LOCAL_IDS_MAX	3	/* connection identities of this UE that one peer may hold */
#define UE_KEY_LEN		16
#define UE_CARRIER_ADDR_MAX	18
#define UE_TEXT_MAX		512	/* a sentence with a keying method's reason in it */

/*
 * Where a UE is on the carrier, as the kernel tells it: an Ethernet address, 6 octets, or an IP
 * address and a port, 16 and 2. Nothing here looks into it, but for who is the same station.
 */
struct ue_carrier_addr {
	uint8_t len;		/* 0: not known */
	uint8_t octets[UE_CARRIER_ADDR_MAX];
};

/* Overlay address of a UE. */
struct ue_address {
	uint8_t family;		/* 4 or 6 */
	uint8_t addr[16];	/* 4 octets used for IPv4 */
};

enum ue_count_profile {
	UE_COUNT_HFN,		/* HFN kept by both ends, as TS 38.323 */
	UE_COUNT_SESS_ID,	/* COUNT = KD-sess ID || SN, as TS 36.323 */
};

/* What a UE wants for user data, as the NR specifications have it (TS 33.536). On the air too. */
enum ue_policy {
	UE_NOT_NEEDED,
	UE_PREFERRED,
	UE_REQUIRED,
};

/* Bearers, by LCID. */
enum ue_bearer {
	UE_BEARER_DATA		= 1,
	UE_BEARER_PLAIN		= 28,
	UE_BEARER_SMC		= 29,
	UE_BEARER_SIGNALLING	= 30,
};

/* As enum prose_protection of the uapi; the core does not include kernel headers. */
enum ue_protection {
	UE_PROTECT_NONE,
	UE_PROTECT_INTEGRITY,
	UE_PROTECT_FULL,
	UE_PROTECT_UNVERIFIED,
};

/* TR 33.833 6.4.1.3, with the steps on the way between them. */
enum ue_link_state {
	UE_LINK_NULL,		/* D2D-Null */
	UE_LINK_REQUESTED,	/* REQUEST sent */
	UE_LINK_KEYING,		/* key establishment runs */
	UE_LINK_SECURING,	/* security mode procedure runs */
	UE_LINK_ACCEPTING,	/* secured, ACCEPT or CONNECTION COMPLETE awaited */
	UE_LINK_CONNECTED,	/* D2D-Connected */
	UE_LINK_REKEYING,	/* connected, and a rekeying procedure runs */
	UE_LINK_RELEASING,	/* RELEASE sent */
	UE_LINK_IDLE,		/* D2D-Idle: identities and KD kept */
};

struct ue_timers {		/* milliseconds */
	uint32_t t4100, t4101, t4102, t4103, t4111, t4112, ke, accept;
	uint32_t retries;
	uint32_t grace;		/* an old association still receives this long */
};

/* How long a key may live; 0 of each is for ever. */
struct ue_lifetime {
	uint64_t ms, packets, octets;
};

/* Names of services, TR 33.833 expressions: UTF-8, 1 to 48 octets, with a zero behind. */
struct ue_expressions {
	size_t n;
	char name[PROSE_EXPRESSIONS_MAX][PROSE_EXPRESSION_MAX + 1];
};

/**
 * struct ue_counts - COUNTs of one association, as the kernel has them
 * @n: entries in @c
 * @bearer: LCID
 * @sent: of the last packet sent; the one before the first, when there was none
 * @received: highest received; likewise
 */
struct ue_counts {
	size_t n;
	struct {
		uint8_t bearer;
		uint32_t sent, received;
	} c[4];
};

/**
 * struct ue_lifetimes - limits of keys; packets and octets of both directions together
 * @kd_sess_soft: a new KD-sess is asked for
 * @kd_sess_hard: the link is released, KD is kept (D2D-Idle)
 * @kd_soft: a new KD is asked for, when the link is up
 * @kd_hard: KD is forgotten; a link whose keys come from it is released
 */
struct ue_lifetimes {
	struct ue_lifetime kd_sess_soft, kd_sess_hard, kd_soft, kd_hard;
};

/**
 * struct ue_config - what a UE is made of
 * @l2_id: own Layer-2 ID
 * @identity: own identity, sent as User Info (type 1), at most PROSE_IDENTITY_MAX octets
 * @capabilities: UE Security Capabilities, EEA0-7 in the high octet, EIA0-7 in the low
 *		  (0x2020 = 128-EEA2, 128-EIA2); what the kernel can do and policy allows
 * @eea_order: ciphering algorithms in order of preference, 0xff ends the list
 * @eia_order: the same for integrity; 0 (EIA0) is refused
 * @up_integrity: whether user data is to carry MAC-I: required (profile full), preferred, or
 *		  not needed (rel12). Required and not needed refuse each other with cause 7
 * @up_ciphering: likewise for ciphering. Not needed asks for EEA0, required refuses it, and
 *		  preferred leaves it to the order of preference
 * @count_profile: both ends must agree, else cause 7
 * @strict_24334: leave out every extension; only method psk works
 * @single_use_ids: a connection identity that stood in one request stands in no other
 * @hide_identity: a request to a peer that gave a connection identity has that in the place of
 *		   @identity
 * @reveal_identity: such a peer may be asked again by @identity when it has forgotten, or when
 *		     its connection identity is used up
 * @link_l2_ids: each link goes on under Layer-2 IDs of its own once it is set up, drawn by both
 *		 ends; false: under those of the devices, also when the peer wants otherwise
 * @methods: keying methods in order of preference; not owned
 * @n_methods: entries in @methods
 * @addresses: own overlay addresses, told to the peer under protection
 * @n_addresses: entries in @addresses
 * @link_local: own link-local IPv6 address, all zero when there is none
 * @timers: values of table 13.2.1
 * @lifetimes: of KD-sess and KD
 * @kd_sess_soft_packets: rekey when COUNT is this far from its start, 0 = kernel default
 * @ke_fragment: octets of a key establishment fragment
 * @random: fills @len octets; a deterministic one makes a run repeatable
 * @wall_clock: seconds since the epoch, for validity periods
 * @authorise: may this identity hold this Layer-2 ID and these addresses? It has proved to be the one, or,
 *	       without addresses, only claims it: then what costs something is spared if it may not.
 *	       false refuses with cause 1 and the sentence written to @why. NULL allows all.
 * @expected: identity configured for a Layer-2 ID, NULL when none is
 * @announces: expressions that peers are told under protection
 * @accepts: expressions that a request may ask for; one that asks for another is refused with
 *	     cause 1. A request that asks for none is taken
 * @asks: what to ask the UE with a Layer-2 ID for; NULL, or to return NULL: nothing
 * @counts: COUNTs of an association right now, for keepalives; false when they cannot be had.
 *	    NULL: keepalives carry none
 * @context: handed to the callbacks
 */
struct ue_config {
	uint32_t l2_id;
	char identity[PROSE_IDENTITY_MAX + 1];
	uint16_t capabilities;
	uint8_t eea_order[4];
	uint8_t eia_order[4];
	enum ue_policy up_integrity, up_ciphering;
	enum ue_count_profile count_profile;
	bool strict_24334;
	bool single_use_ids, hide_identity, reveal_identity;
	bool link_l2_ids;
	const struct keying_method *methods[UE_METHODS_MAX];
	size_t n_methods;
	struct ue_address addresses[UE_ADDRESSES_MAX];
	size_t n_addresses;
	uint8_t link_local[16];
	struct ue_timers timers;
	struct ue_lifetimes lifetimes;
	uint32_t kd_sess_soft_packets;
	uint32_t ke_fragment;
	void (*random)(void *context, uint8_t *out, size_t len);
	int64_t (*wall_clock)(void *context);
	bool (*authorise)(void *context, const char *identity, uint32_t l2_id,
			  const struct ue_address *addresses, size_t n_addresses,
			  char *why, size_t why_len);
	const char *(*expected)(void *context, uint32_t l2_id);
	struct ue_expressions announces, accepts;
	const struct ue_expressions *(*asks)(void *context, uint32_t l2_id);
	bool (*counts)(void *context, uint32_t l2_id, uint16_t kd_sess_id,
		       struct ue_counts *counts);
	void *context;
};

/* Fills timers, preferences and fragment size with the defaults of constants.h. */
void ue_config_defaults(struct ue_config *config);

enum ue_action_type {
	UE_SEND,		/* hand a PC5-S message to the kernel */
	UE_PEER_ADD,		/* make the kernel peer, or update its addresses if it exists */
	UE_PEER_DEL,		/* delete it with all its associations */
	UE_ASSOC_ADD,		/* install receive only */
	UE_ASSOC_TX,		/* make it the sending one */
	UE_ASSOC_DEL,		/* delete at once */
	UE_REPORT,		/* state change or event, for people, monitor and store */
	UE_KEY_LOG,		/* one line for the key log, if there is one */
	UE_IDLE,		/* what ue_idle() has of a peer changed: store it */
};

/* UE_SEND */
struct ue_send {
	uint32_t l2_id;
	bool in_setup;		/* under the Layer-2 IDs of the devices, whatever the link has */
	enum ue_bearer bearer;
	enum ue_protection protection;
	uint16_t kd_sess_id;
	struct ue_carrier_addr carrier_addr;	/* answer to where a message came from */
	const uint8_t *message;
	size_t len;
};

/*
 * UE_PEER_ADD, UE_PEER_DEL. Of an existing peer, UE_PEER_ADD changes its addresses if there are
 * any, and its Layer-2 IDs for this link if @has_link_ids; then 0 takes them away.
 */
struct ue_peer {
	uint32_t l2_id;
	bool has_link_ids;
	uint32_t local_l2_id, remote_l2_id;
	struct ue_carrier_addr carrier_addr;
	struct ue_address addresses[UE_ADDRESSES_MAX];
	size_t n_addresses;
};

/* UE_ASSOC_ADD; UE_ASSOC_TX and UE_ASSOC_DEL use l2_id and kd_sess_id only. */
struct ue_assoc {
	uint32_t l2_id;
	uint16_t kd_sess_id;
	uint8_t pek[UE_KEY_LEN], pik[UE_KEY_LEN];
	uint8_t eea, eia;
	bool up_integrity;
	uint8_t direction;		/* of what this side sends */
	uint32_t count_start, count_limit, count_soft;	/* soft 0 = kernel default */
	bool smc_seen;			/* a COMMAND was verified here, outside the kernel */
	uint32_t smc_count;		/* its COUNT, to be marked received on UE_BEARER_SMC */
	uint32_t grace_ms;
};

enum ue_report_kind {
	UE_REPORT_STATE,		/* the link's state changed */
	UE_REPORT_CONNECTED,		/* setup ended well */
	UE_REPORT_REKEYED,		/* a rekey ended well */
	UE_REPORT_RELEASED,		/* the link ended as asked, by either side */
	UE_REPORT_FAILED,		/* setup, rekey or link failed; text says why */
	UE_REPORT_NOTICE,		/* something worth a log line, rate limited */
};

/* UE_REPORT */
struct ue_report {
	enum ue_report_kind kind;
	uint32_t l2_id;
	enum ue_link_state state;
	uint8_t cause;			/* PC5 cause or release reason, 0 if none */
	bool by_peer;			/* the peer started it */
	bool kd_changed;		/* connected, rekeyed: by a new KD */
	char text[UE_TEXT_MAX];		/* a full sentence */
};

/* UE_KEY_LOG */
struct ue_key_log {
	uint32_t ue_1_l2_id, ue_2_l2_id;
	uint16_t kd_sess_id;
	uint8_t eea, eia;
	bool up_integrity;
	enum ue_count_profile count_profile;
	uint8_t kd_sess[32];
};

/* UE_IDLE */
struct ue_idle_change {
	uint32_t l2_id;
	bool now;	/* before the next action, not when there is time */
};

/**
 * struct ue_action - one thing the driver is to do
 *
 * Valid until the next call of ue_action_done(). Holds keys: never log it.
 */
struct ue_action {
	enum ue_action_type type;
	union {
		struct ue_send send;
		struct ue_peer peer;
		struct ue_assoc assoc;
		struct ue_report report;
		struct ue_key_log key_log;
		struct ue_idle_change idle;
	};
};

struct ue;

/* NULL when out of memory or the configuration is invalid; @why then holds a sentence. */
struct ue *ue_new(const struct ue_config *config, char *why, size_t why_len);

/* Wipes and frees everything, sends nothing. NULL is allowed. */
void ue_free(struct ue *ue);

/**
 * ue_reconfigure() - take new methods, policy, addresses or timers
 *
 * Running procedures end under the old methods, which must stay valid until
 * ue_method_in_use() is false for them. @l2_id may not change while links are on
 * their way, or up without Layer-2 IDs of their own.
 *
 * A KD is good for further KD-sess as long as the new methods take the peer's credentials
 * too. ue_recheck() ends what they refuse; call it next.
 *
 * Return: 0, or -1 with @why filled and the old configuration in force.
 */
int ue_reconfigure(struct ue *ue, const struct ue_config *config, char *why, size_t why_len);
bool ue_method_in_use(const struct ue *ue, const struct keying_method *method);

/*
 * Judges the peers' credentials again: a link whose peer was revoked, has expired or has lost
 * its root is released with reason 2 (not allowed), and its KD forgotten; so is an idle KD.
 * To be called after ue_reconfigure(), and now and then, for time goes on.
 */
void ue_recheck(struct ue *ue, uint64_t now_ms);

/* A PC5-S message from the kernel. */
struct ue_receive {
	uint32_t l2_id;			/* source */
	enum ue_bearer bearer;
	enum ue_protection protection;
	uint16_t kd_sess_id;
	uint32_t count;			/* unverified: the SN */
	struct ue_carrier_addr carrier_addr;
	uint8_t pdcp_header[5], mac_i[4];	/* unverified only */
	const uint8_t *message;
	size_t len;
};

/*
 * Events. @now_ms is monotonic. Requests of the user return 0, or -1 with a sentence
 * in @why (no such link, already connected, ...); the outcome comes as a UE_REPORT.
 * A request to rekey while that is under way takes what is running, @kd or not.
 */
int ue_connect(struct ue *ue, uint64_t now_ms, uint32_t l2_id, const char *identity,
	       char *why, size_t why_len);
int ue_rekey(struct ue *ue, uint64_t now_ms, uint32_t l2_id, bool kd, char *why, size_t why_len);
int ue_release(struct ue *ue, uint64_t now_ms, uint32_t l2_id, char *why, size_t why_len);
void ue_receive(struct ue *ue, uint64_t now_ms, const struct ue_receive *receive);

/* COUNT passed its soft limit: rekeys, unless one runs or this association does not send. */
void ue_count_soft(struct ue *ue, uint64_t now_ms, uint32_t l2_id, uint16_t kd_sess_id);
/* COUNT is used up: same, and reported. */
void ue_count_exhausted(struct ue *ue, uint64_t now_ms, uint32_t l2_id, uint16_t kd_sess_id);
/* What went under an association so far, both ways; how often is up to the driver. */
void ue_usage(struct ue *ue, uint64_t now_ms, uint32_t l2_id, uint16_t kd_sess_id,
	      uint64_t packets, uint64_t octets);
/* Does any limit need ue_usage()? */
bool ue_wants_usage(const struct ue *ue);
/* The kernel verified traffic of the peer at @when_ms: restarts liveness timers (threat 19). */
void ue_activity(struct ue *ue, uint64_t when_ms, uint32_t l2_id);
/* The kernel dropped an association of itself (grace over, replaced). */
void ue_assoc_gone(struct ue *ue, uint64_t now_ms, uint32_t l2_id, uint16_t kd_sess_id);
/* An action could not be carried out; the procedure it belongs to fails, with this reason. */
void ue_action_failed(struct ue *ue, uint64_t now_ms, const struct ue_action *action,
		      const char *reason);

/* Earliest deadline in milliseconds, UINT64_MAX when none. */
uint64_t ue_deadline(const struct ue *ue);
/* Runs every timer that is due. */
void ue_expire(struct ue *ue, uint64_t now_ms);

/* The next action, NULL when there is none; then done with it (it is wiped and freed). */
const struct ue_action *ue_action(struct ue *ue);
void ue_action_done(struct ue *ue);

/**
 * struct ue_link_info - what there is to show of a link
 *
 * No keys. Times are in the clock of the events.
 */
struct ue_link_info {
	uint32_t l2_id;
	uint32_t own_l2_id;			/* of the device when the link was set up, 0 if it never was */
	uint32_t local_l2_id, remote_l2_id;	/* of both ends for this link, 0 when it has none */
	enum ue_link_state state;
	char identity[KEYING_TEXT_MAX];		/* authenticated, else claimed or expected */
	bool authenticated;
	char method[32];
	char detail[KEYING_TEXT_MAX];		/* of the keying method */
	uint8_t eea, eia;
	bool up_integrity;
	enum ue_count_profile count_profile;
	uint16_t kd_sess_id;			/* the sending one, 0 when none */
	uint32_t kd_id;				/* that it comes from, 0 when no KD is held */
	int64_t kd_made;			/* seconds since the epoch */
	bool is_ue_1;				/* of the present context */
	uint64_t connected_ms, rekeyed_ms;
	uint32_t rekeys, kd_rekeys;
	uint8_t local_connection_id[UE_CONNECTION_ID_LEN];	/* the peer calls us by it */
	uint8_t remote_connection_id[UE_CONNECTION_ID_LEN];
	bool has_connection_ids;
	struct ue_address addresses[UE_ADDRESSES_MAX];		/* of the peer */
	size_t n_addresses;
	struct ue_expressions expressions;	/* asked for when the link was set up */
	struct ue_expressions announced;	/* by the peer */
	char failure[UE_TEXT_MAX];		/* last failure, a sentence; empty when none */
	uint8_t evidence[KEYING_EVIDENCE_MAX];	/* live: of the peer's credentials, see keying.h */
	size_t evidence_len;
};

/* Calls @each for every link, in no order; stops when it returns false. */
void ue_links(const struct ue *ue, bool (*each)(void *context, const struct ue_link_info *info),
	      void *context);
bool ue_link(const struct ue *ue, uint32_t l2_id, struct ue_link_info *info);
/* The state alone, for who asks often; UE_LINK_NULL when there is no link. */
enum ue_link_state ue_link_state(const struct ue *ue, uint32_t l2_id);

/* Another peer than @but that holds this overlay address, if it is linked or on its way. */
bool ue_address_holder(const struct ue *ue, const struct ue_address *address, uint32_t but,
		       struct ue_link_info *info);

/* Counters of messages dropped before or during parsing, by reason; for prose show -j. */
struct ue_stats {
	uint64_t received, sent, retransmitted;
	uint64_t malformed, unknown_type, unexpected, unprotected_ignored, mac_failed, half_open_full;
	uint64_t cookies;	/* asked for, before anything else was done */
	uint64_t containers_limited;	/* of requests and commands, not looked into: too many came */
};

void ue_get_stats(const struct ue *ue, struct ue_stats *stats);

/**
 * ue_adopt() - take over a link that lives in the kernel after a restart (D11)
 *
 * Keys stay in the kernel. Call it behind ue_restore(): a KD that was restored for the peer is
 * the link's if it is the one that @info names, else it is dropped, and the next rekey
 * establishes a new one. A KD that is not that of the association would make each rekey fail.
 * @info supplies state kept for the restart; only its link and association fields are used.
 *
 * Return: 0, or -1 when there is a link to that Layer-2 ID in another state than idle or memory
 * is out.
 */
int ue_adopt(struct ue *ue, uint64_t now_ms, const struct ue_link_info *info,
	     const uint16_t *kd_sess_ids, size_t n_kd_sess_ids);

/**
 * struct ue_idle - what D2D-Idle keeps of a peer (TR 33.833 6.4.1.3)
 * @l2_id: its Layer-2 ID
 * @identity: the identity it authenticated
 * @local_ids: connection identities it may call this UE by, the newest first
 * @n_local_ids: entries in @local_ids
 * @remote_id: the one this UE calls it by, if @has_remote_id
 * @has_remote_id: there is one
 * @remote_id_sent: it stood in a request
 * @kd_id: KD ID, the TR's DKSI
 * @kd: KD; secret
 * @kd_made: when it was agreed on, seconds since the epoch
 * @kd_packets: that went under its KD-sess, as far as known
 * @kd_octets: likewise
 * @method: name of the keying method that made it
 * @detail: its account for people
 * @evidence: of the peer's credentials, for the method to judge them again
 * @evidence_len: octets of it
 * @expressions: used with it, those of the last link
 *
 * Session keys never are in it.
 */
struct ue_idle {
	uint32_t l2_id;
	char identity[KEYING_TEXT_MAX];
	uint8_t local_ids[UE_LOCAL_IDS_MAX][UE_CONNECTION_ID_LEN];
	size_t n_local_ids;
	uint8_t remote_id[UE_CONNECTION_ID_LEN];
	bool has_remote_id, remote_id_sent;
	uint32_t kd_id;
	uint8_t kd[KEYING_KD_LEN];
	int64_t kd_made;
	uint64_t kd_packets, kd_octets;
	char method[32];
	char detail[KEYING_TEXT_MAX];
	uint8_t evidence[KEYING_EVIDENCE_MAX];
	size_t evidence_len;
	struct ue_expressions expressions;
};

/*
 * ue_idle() - what is worth keeping for later, of each peer, connected or not
 * Calls @each; stops when it returns false. The structure is wiped afterwards, the copies of it
 * are the caller's to wipe.
 */
void ue_idle(const struct ue *ue, bool (*each)(void *context, const struct ue_idle *idle),
	     void *context);

/**
 * ue_restore() - take what an earlier run kept of a peer
 * @ue: the UE
 * @now_ms: monotonic
 * @idle: what was kept; the caller wipes it
 * @why: gets a sentence when it is refused
 * @why_len: its size
 *
 * A KD is as good as the credentials it came from: it is refused when its keying method is not
 * configured any more or does not take the evidence, and when the peer is not authorised.
 *
 * Return: 0 or -1.
 */
int ue_restore(struct ue *ue, uint64_t now_ms, const struct ue_idle *idle, char *why,
	       size_t why_len);

/*
 * Wipes what is kept of a peer that is not connected: the next setup authenticates anew, by
 * name. -1 with a sentence in @why when there is nothing, or a link.
 */
int ue_forget(struct ue *ue, uint32_t l2_id, char *why, size_t why_len);

const char *ue_state_name(enum ue_link_state state);	/* "connected" */
const char *ue_cause_text(uint8_t cause);		/* "authentication failure" */

#endif
