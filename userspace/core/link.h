/* SPDX-License-Identifier: MIT */
/*
 * Inside the core: a UE, its links and the procedures that run on them. Only the files
 * of this folder include it; ue.h is the interface.
 *
 *	ue.c		configuration, events in, dispatch of messages
 *	link.c		a link: its life, timers, associations, what it shows
 *	procedure.c	what setup and rekeying have in common: request, keys, failure
 *	setup.c		direct link setup, TS 24.334 10.4.2
 *	cookie.c	who asks, when too many do
 *	station.c	how much is done for whom, before it is known who it is
 *	establish.c	key establishment within a procedure, TR 33.833 6.4.1.4.3
 *	embedded.c	key establishment without messages of its own, TR 33.833 6.4.3.3.3
 *	vouched.c	setups whose request was found to be authentic
 *	isolated.c	the same in the IEs of TS 24.334, method eccsi-sakke
 *	negotiate.c	algorithms and user-plane policies
 *	smc.c		direct security mode, 10.4.5
 *	rekey.c		direct rekeying, 10.4.8
 *	lifetime.c	how long KD-sess and KD live
 *	expressions.c	names of services
 *	keepalive.c	direct link keepalive, 10.4.3
 *	release.c	direct link release, 10.4.4
 *	recheck.c	credentials that are no longer good
 *	action.c	the queue of actions
 *	report.c	sentences for people
 *	ids.c		KD-sess IDs and KD IDs
 *	layer2.c	Layer-2 IDs of a link
 *	idle.c		what D2D-Idle keeps, and reconnection by it
 */
#ifndef PROSE_CORE_LINK_H
#define PROSE_CORE_LINK_H

#include "constants.h"
#include "kdf.h"
#include "kexchange.h"
#include "pc5s.h"
#include "ue.h"

#define LINK_ASSOCS_MAX		8
#define LINK_REMEMBERED_MAX	64	/* links kept only to show why they failed */
#define LINK_BUCKETS		256
#define FAREWELLS_MAX		16
#define INTERRUPTED_MAX		16
#define USED_NONCES_MAX		4
#define NEVER			UINT64_MAX

/* A message as it was sent, to be sent again octet by octet. */
struct outgoing {
	uint8_t *data;
	size_t len;
	enum ue_bearer bearer;
	enum ue_protection protection;
	uint16_t kd_sess_id;
	bool in_setup;		/* goes under the Layer-2 IDs of the devices */
};

/* An association the kernel holds for a link. */
struct assoc_ref {
	uint16_t kd_sess_id;
	bool tx;
	uint64_t delete_ms;	/* leftover of a rekey: delete it then; else NEVER */
	uint64_t packets, octets;	/* as last told by ue_usage() */
};

/**
 * struct kd - root key shared with a peer
 * @held: there is one
 * @stale: not to be used for a new KD-sess: the credentials it came from were replaced
 * @kd: the key; secret
 * @id: KD ID
 * @made: when it was agreed on, wall clock
 * @by: method that made it. For comparison only, the object may be gone
 * @method: its name
 * @detail: its account for people
 * @identity: identity of the peer that it authenticated
 * @evidence: of the peer's credentials, for the method to judge them again
 * @evidence_len: octets of it
 * @made_ms: when it was agreed on, or restored
 * @aged_ms: how old it was then
 * @packets: that went under its KD-sess, as far as known
 * @octets: likewise
 */
struct kd {
	bool held, stale;
	uint8_t kd[KDF_LEN];
	uint32_t id;
	int64_t made;
	const struct keying_method *by;
	char method[32];
	char detail[KEYING_TEXT_MAX];
	char identity[KEYING_TEXT_MAX];
	uint8_t evidence[KEYING_EVIDENCE_MAX];
	size_t evidence_len;
	uint64_t made_ms, aged_ms, packets, octets;
};

/**
 * struct embedded - a run of a keying method that request and command carry
 * @method: NULL when there is none
 * @session: UE_1: what waits for the command
 * @container: that of the request at UE_1, of the command at UE_2, until it is in there. Owned
 */
struct embedded {
	const struct keying_method *method;
	struct keying_session *session;
	struct keying_buffer container;
};

enum procedure_kind {
	PROCEDURE_SETUP,
	PROCEDURE_REKEY,
};

enum procedure_step {
	STEP_REQUESTED,		/* UE_1: request sent. T4100 or T4112 */
	STEP_KEYING,		/* key establishment runs */
	STEP_SECURING,		/* UE_2: COMMAND sent, T4111. UE_1: COMPLETE sent, T4100 or T4112 */
	STEP_ACCEPTING,		/* UE_2: ACCEPT sent, CONNECTION COMPLETE awaited */
	STEP_BACKOFF,		/* UE_1: equal nonces collided, starts afresh at the deadline */
};

/**
 * struct procedure - one setup or rekeying
 * @kind: setup or rekeying
 * @role: UE_1 sent the request
 * @step: how far it is
 * @started_ms: for choosing whom to give up first
 * @own_l2_id: that of this device, for the link if this ends well
 * @request: octets of the request, own or the peer's, but for its cookie
 * @hash: SHA-256 of it
 * @sent: what the peer's request said, or ours: IEs that are echoed under the MAC
 * @claimed: UE_2: identity the request claims
 * @hidden: the request has a pseudonym in the place of UE_1's identity
 * @idle_l2_id: UE_2: the link whose KD the request named, 0 when none. Not always this one: UE_1
 *		may have another Layer-2 ID by now
 * @nonce_1: Nonce_1
 * @nonce_2: Nonce_2, once @has_nonce_2
 * @used_nonces: UE_1: every Nonce_2 whose KD-sess was installed for this request. A
 *		 COMMAND with one of them is never taken again: the same keys with COUNTs
 *		 from the start would repeat keystream
 * @embedded: key establishment that has come with the request, or may come with the command
 * @kx: key establishment by messages of its own. UE_1 may have both: anybody can send the first message of
 *	it, so it does not take the place of the other one before a command has verified
 * @kd: KD of this procedure: copy of the one held, or the new one
 * @kd_is_new: it becomes the link's when the procedure ends well
 * @kd_sess_id: KD-sess ID of the new association
 * @expressions: services the request asks for
 * @eea: ciphering algorithm chosen
 * @eia: integrity algorithm chosen
 * @installed: the kernel was told to install the association
 * @switched: and to send by it
 * @identity: authenticated identity of the peer, empty while it is not
 * @last: last answer of this side within the procedure, for duplicates and retransmission
 * @first: UE_1: the request as sent
 * @carrier: where the peer's last message came from
 * @deadline: of the timer that runs, NEVER when none
 * @tries: retransmissions so far
 * @extended: UE_2: how often a repeated request restarted T4111
 * @restarts: UE_1: how often equal nonces made it start afresh
 * @heard: the peer answered at least once, so it is not a forged or replayed request
 * @vouched: UE_2: what the request carries proved whom it is from. It may be a replayed one
 * @taken_ms: UE_2: when this request was taken first
 * @rejected: UE_1: cause of an unprotected REJECT, 0 if none; believed only at the end
 * @bad_macs: UE_1: COMMANDs whose MAC-I did not verify
 * @cookies: UE_1: how many were taken
 * @hint: a sentence that explains a timeout better than the timeout does
 */
struct procedure {
	enum procedure_kind kind;
	enum keying_role role;
	enum procedure_step step;
	uint64_t started_ms;
	uint32_t own_l2_id;
	uint8_t *request;
	size_t request_len;
	uint8_t hash[KEYING_HASH_LEN];
	struct {
		uint16_t capabilities;
		struct pc5s_methods methods;
		struct pc5s_policy policy;
		bool has_policy, has_methods;
		bool has_kd_id, has_connection_id;
		uint32_t kd_id;
		uint8_t connection_id[UE_CONNECTION_ID_LEN];
		uint8_t msb_kd_sess_id;
		bool auth_flag;
		bool has_link_local;
		uint8_t link_local[16];
	} sent;
	char claimed[PROSE_IDENTITY_MAX + 1];
	bool hidden;
	uint32_t idle_l2_id;
	uint8_t nonce_1[PC5S_NONCE_LEN], nonce_2[PC5S_NONCE_LEN];
	bool has_nonce_2;
	uint8_t used_nonces[USED_NONCES_MAX][PC5S_NONCE_LEN];
	size_t n_used_nonces;
	struct embedded embedded;
	struct kexchange kx;
	struct kd kd;
	bool kd_is_new;
	uint16_t kd_sess_id;
	struct ue_expressions expressions;
	uint8_t eea, eia;
	bool up_integrity;
	enum ue_count_profile count_profile;
	bool installed, switched;
	char identity[KEYING_TEXT_MAX];
	struct outgoing last, first;
	struct ue_carrier_addr carrier;
	uint64_t deadline;
	uint32_t tries, extended, restarts;
	bool heard, vouched;
	uint64_t taken_ms;
	uint8_t rejected;
	uint32_t bad_macs;
	uint32_t cookies;
	char hint[KEYING_TEXT_MAX];
};

/**
 * struct link - what this UE holds for one other UE
 * @next: next link of the UE
 * @beside: next link in the same bucket
 * @ue: the UE
 * @l2_id: the other UE's Layer-2 ID, by which it was reached or came; the link is known by it
 * @own_l2_id: that of this device at the time; what both ends bind keys to
 * @local_l2_id: own Layer-2 ID for this link, 0 when it has none
 * @remote_l2_id: the other UE's for this link, 0 until it is known
 * @wanted: identity the user asked for, empty when any
 * @connecting: the user wants a link: if an answer to a crossing request fails, ask again
 * @identity: identity last authenticated, empty when none
 * @kd: root key
 * @local_ids: connection identities the peer may call us by, the newest first. A new one is
 *	       handed out in each setup, and whether the peer got it is known later: until then
 *	       those before are honoured too, as an MME does with an S-TMSI
 * @n_local_ids: entries in @local_ids
 * @remote_id: the one we call the peer by
 * @remote_id_sent: it stood in a request
 * @revealing: the peer does not know its own connection identity any more: this UE says who it is
 * @assocs: associations in the kernel
 * @peer_added: the kernel has the peer
 * @live: connected
 * @context: of the association that sends
 * @addresses: overlay addresses of the peer
 * @expressions: services this link was set up for; kept in D2D-Idle
 * @announced: services the peer announces
 * @procedure: setup or rekeying that runs, NULL when none
 * @answer: last word of the last procedure, for duplicates of what it answers: ACCEPT
 *	    (strict), CONNECTION COMPLETE, REKEYING RESPONSE
 * @answer_nonce: Nonce_1 of that procedure
 * @answer_until_ms: nobody repeats that long afterwards
 * @release: RELEASE sent, answer awaited
 * @keepalive_sent_ms: when the KEEPALIVE that awaits its answer went out first
 * @t4101: of the KEEPALIVE sent, NEVER when none awaits its answer
 * @t4102: silence until a KEEPALIVE
 * @t4108: inactivity the peer allows, NEVER when it named none
 * @t4108_period: milliseconds
 * @resync_ms: not before then is another rekeying begun because COUNTs differ
 * @kd_sess_ms: when the present KD-sess was agreed on
 * @rekey_again_ms: not before then is another rekeying begun because keys grew old
 * @jitter: share of the soft limits that is taken off
 * @worn_id: KD-sess ID that the kernel said is at a limit of COUNT while a rekeying ran, 0 when none
 * @shown: state last reported
 * @failure: last failure, a sentence
 * @failed_ms: when
 */
struct link {
	struct link *next, *beside;
	struct ue *ue;
	uint32_t l2_id;
	uint32_t own_l2_id, local_l2_id, remote_l2_id;
	char wanted[PROSE_IDENTITY_MAX + 1];
	bool connecting;
	char identity[KEYING_TEXT_MAX];
	struct kd kd;
	uint8_t local_ids[UE_LOCAL_IDS_MAX][UE_CONNECTION_ID_LEN];
	size_t n_local_ids;
	uint8_t remote_id[UE_CONNECTION_ID_LEN];
	bool has_remote_id, remote_id_sent, revealing;
	struct assoc_ref assocs[LINK_ASSOCS_MAX];
	size_t n_assocs;
	bool peer_added;
	bool live;
	struct {
		uint8_t eea, eia;
		bool up_integrity;
		enum ue_count_profile count_profile;
		bool is_ue_1;
		char method[32];
		char detail[KEYING_TEXT_MAX];
		uint8_t evidence[KEYING_EVIDENCE_MAX];
		size_t evidence_len;
	} context;
	struct ue_address addresses[UE_ADDRESSES_MAX];
	size_t n_addresses;
	struct ue_expressions expressions, announced;
	struct procedure *procedure;
	struct outgoing answer;
	uint8_t answer_nonce[PC5S_NONCE_LEN];
	uint64_t answer_until_ms;
	struct {
		bool running;
		uint8_t reason;
		struct outgoing message;
		uint64_t deadline;
		uint32_t tries;
	} release;
	uint32_t keepalive_counter, keepalive_tries;
	struct outgoing keepalive;
	uint64_t keepalive_sent_ms, t4101, t4102, t4108, t4108_period;
	uint64_t connected_ms, rekeyed_ms;
	uint32_t rekeys, kd_rekeys;
	uint64_t resync_ms, kd_sess_ms, rekey_again_ms;
	uint8_t jitter;
	uint16_t worn_id;
	enum ue_link_state shown;
	char failure[UE_TEXT_MAX];
	uint64_t failed_ms;
};

/*
 * Last word of a setup that is over, for a peer that did not hear it and repeats its own:
 * so a request that was refused is not worked through again.
 */
struct farewell {
	uint32_t l2_id;
	uint8_t nonce_1[PC5S_NONCE_LEN];
	struct outgoing message;
	uint32_t left;		/* answers still given */
};

/* A vouched setup that another one has taken the place of, by its request. */
struct interrupted {
	uint32_t l2_id;
	uint8_t hash[KEYING_HASH_LEN];
	uint64_t taken_ms;	/* when it began, 0: none */
};

/* Secrets of cookies. */
struct cookies {
	bool made, before_good;
	uint64_t made_ms;
	uint8_t secret[KDF_LEN], before[KDF_LEN];
};

/* A token bucket: what was taken of it, and the time up to which that was given back. */
struct bucket {
	uint64_t at_ms;
	uint32_t taken;
};

/* One of @burst, of which one comes back each @ms; false when none is left. */
static inline bool bucket_take(struct bucket *bucket, uint64_t now, uint64_t ms, uint32_t burst)
{
	uint64_t more = now > bucket->at_ms ? (now - bucket->at_ms) / ms : 0;

	if (more >= bucket->taken) {
		*bucket = (struct bucket){ .at_ms = now };
	} else {
		bucket->taken -= (uint32_t)more;
		bucket->at_ms += more * ms;
	}
	if (bucket->taken >= burst)
		return false;
	bucket->taken++;
	return true;
}

/* How many are left. */
static inline uint32_t bucket_left(const struct bucket *bucket, uint64_t now, uint64_t ms,
				   uint32_t burst)
{
	uint64_t more = now > bucket->at_ms ? (now - bucket->at_ms) / ms : 0;

	return burst - (more >= bucket->taken ? 0 : bucket->taken - (uint32_t)more);
}

/*
 * A station on the carrier: what was looked into for it, when last, and whether a link came about. Part of
 * the UE, as &struct interrupted is: it ends with that, or when another one needs its place.
 */
struct station {
	bool used, known;
	struct ue_carrier_addr carrier;
	uint64_t at_ms;
	struct bucket share;
};

struct stations {
	struct station of[PROSE_STATIONS_MAX];
	struct bucket strangers, known;
};

struct action {
	struct action *next;
	struct ue_action action;
	uint8_t *message;	/* UE_SEND: own copy */
};

struct ue {
	struct ue_config config;
	struct link *links;
	struct link *buckets[LINK_BUCKETS];	/* the same, by Layer-2 ID */
	struct action *first, *last;
	struct ue_stats stats;
	uint16_t sequence;
	struct farewell farewells[FAREWELLS_MAX];
	size_t next_farewell;
	struct interrupted interrupted[INTERRUPTED_MAX];
	size_t next_interrupted;
	struct cookies cookies;
	struct bucket notices;	/* rate-limited reports */
	struct stations stations;	/* whose requests' containers are looked into */
	struct bucket commands;		/* the same of commands */
	bool recheck_due;	/* a run ended whose peer the present credentials refuse */
};

/* action.c; a queue that cannot grow loses the action, as the medium loses messages */
struct ue_action *action_new(struct ue *ue, enum ue_action_type type);
void action_send(struct ue *ue, uint32_t l2_id, const struct outgoing *outgoing,
		 const struct ue_carrier_addr *carrier_addr);
void actions_free(struct ue *ue);

/* report.c */
void report(struct link *link, enum ue_report_kind kind, uint8_t cause, bool by_peer,
	    const char *format, ...) __attribute__((format(printf, 5, 6)));
/* The same, at most a few per second: for what a stranger can cause. */
void report_limited(struct link *link, uint64_t now, enum ue_report_kind kind, uint8_t cause,
		    bool by_peer, const char *format, ...) __attribute__((format(printf, 6, 7)));
/* "0a0b0c (alice)" in @out of LINK_NAME_MAX octets; NAME() lends one for a sentence. */
#define LINK_NAME_MAX	96
const char *link_name(const struct link *link, char *out);
#define NAME(link)	link_name(link, (char[LINK_NAME_MAX]){ 0 })

/* ids.c */
bool ids_kd_sess_in_use(const struct ue *ue, uint16_t kd_sess_id);
bool ids_pick_msb(struct link *link, uint8_t *msb);
bool ids_pick_kd_sess(struct link *link, uint8_t msb, uint16_t *kd_sess_id);
uint16_t ids_pick_msb_kd(struct ue *ue);
uint16_t ids_pick_lsb_kd(struct ue *ue, uint16_t msb);

/*
 * idle.c
 */

/* Tells the driver that there is something else to store; @now: before it goes on. */
void idle_changed(struct link *link, bool now);
/* Nothing is kept of the peer any more. */
void idle_wipe(struct link *link);
/* Makes a connection identity for the peer to call us by, and returns it. */
const uint8_t *idle_new_local_id(struct link *link);
/* The peer has got the newest one. */
void idle_confirm_local_id(struct link *link);
/* What a restart knows of them. */
void idle_adopt_ids(struct link *link, const struct ue_link_info *info);
void idle_take_remote_id(struct link *link, const struct pc5s_message *message);
/*
 * UE_1: puts into a request who this UE is, and what both still hold. False with a sentence when
 * it may not say who it is.
 */
bool idle_offer(struct link *link, uint64_t now, struct pc5s_message *message, char *why,
		size_t why_len);
/* UE_2: who a request claims to come from. Returns a cause and the reason, or 0. */
uint8_t idle_claimed(const struct ue *ue, const struct pc5s_message *message,
		     char claimed[PROSE_IDENTITY_MAX + 1], char *why, size_t why_len);
/* UE_2: takes a copy of the KD that the request names into the procedure, if both hold it. */
bool idle_take_kd(struct link *link, uint64_t now, const struct pc5s_message *message);
/* The setup has verified: what was kept of the peer elsewhere is this link's. */
void idle_move(struct link *link, uint64_t now);
/* UE_1: the peer has forgotten the connection identity. True: asked again, by name. */
bool idle_reveal(struct link *link, uint64_t now);
/* May a KD of replaced credentials go on under the method object that took their place? */

/*
 * layer2.c
 */

/* Are they wanted? Then nothing in clear names what stays the same, where there is a choice. */
bool layer2_wanted(const struct ue *ue);
/* UE_2, before ACCEPT: draws an own ID for the link, if that is wanted, and offers it. */
void layer2_offer(struct link *link, struct pc5s_message *accept);
/* UE_1: what ACCEPT offers; answers with an own one in @complete, if that is wanted. */
void layer2_answer(struct link *link, const struct pc5s_message *accept,
		   struct pc5s_message *complete);
/* UE_2: the answer, or that there is none. */
void layer2_take(struct link *link, const struct pc5s_message *complete);
/* Layer-2 IDs that frames of the link have from now on. */
uint32_t layer2_here(const struct link *link);
uint32_t layer2_there(const struct link *link);

/* link.c */
struct link *link_find(const struct ue *ue, uint32_t l2_id);
struct link *link_get(struct ue *ue, uint32_t l2_id);	/* made if need be; NULL: no memory */
void link_free(struct link *link);
void links_sweep(struct ue *ue);
enum ue_link_state link_state(const struct link *link);
void link_show(struct link *link);
void link_set_failure(struct link *link, uint64_t now, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
uint64_t link_deadline(const struct link *link);
void link_expire(struct link *link, uint64_t now);
void link_peer_add(struct link *link, const struct ue_carrier_addr *carrier_addr, bool with_addresses);
void link_peer_ids(struct link *link, uint32_t local_l2_id, uint32_t remote_l2_id);
void link_peer_delete(struct link *link);
void link_assoc_note(struct link *link, uint16_t kd_sess_id);
void link_assoc_tx(struct link *link, uint16_t kd_sess_id);
void link_assoc_delete(struct link *link, uint16_t kd_sess_id);
void link_assoc_forget(struct link *link, uint16_t kd_sess_id);
struct assoc_ref *link_assoc(struct link *link, uint16_t kd_sess_id);
uint16_t link_tx_id(const struct link *link);
/* Deletes all associations but one: at once (@when 0), or then. */
void link_retire_others(struct link *link, uint16_t kd_sess_id, uint64_t when);
void link_down(struct link *link, bool keep_kd);
void link_take_addresses(const struct pc5s_message *message, const uint8_t *link_local,
			 struct ue_address *addresses, size_t *n_addresses);
bool link_encode(struct ue *ue, struct pc5s_message *message, enum ue_bearer bearer,
		 enum ue_protection protection, uint16_t kd_sess_id, struct outgoing *outgoing);
void link_send(struct link *link, const struct outgoing *outgoing, const struct ue_carrier_addr *carrier_addr);
void link_send_again(struct link *link, const struct outgoing *outgoing,
		     const struct ue_carrier_addr *carrier_addr);
/* Encodes and sends on bearer 30 under the association; kept in @keep unless NULL. */
bool link_send_protected(struct link *link, struct pc5s_message *message, uint16_t kd_sess_id,
			 struct outgoing *keep);
void outgoing_free(struct outgoing *outgoing);
/* Takes @outgoing over; empty when duplicates are only to be recognised. */
void link_remember_answer(struct link *link, struct outgoing *outgoing,
			  const uint8_t nonce_1[PC5S_NONCE_LEN], uint64_t now);
void kd_wipe(struct kd *kd);

/* procedure.c */
struct procedure *procedure_new(struct link *link, uint64_t now, enum procedure_kind kind,
				enum keying_role role);
void procedure_end(struct link *link);
void procedure_discard(struct link *link);
size_t procedure_request_len(const struct pc5s_message *message, size_t len);
bool procedure_set_request(struct procedure *procedure, const uint8_t *data, size_t len);
void procedure_take_echoes(struct procedure *procedure, const struct pc5s_message *message);
void procedure_offer(const struct link *link, struct pc5s_message *message);
void procedure_heard_from(struct procedure *procedure, const struct ue_receive *receive);
const struct ue_carrier_addr *procedure_carrier(const struct procedure *procedure);
bool procedure_send(struct link *link, struct pc5s_message *message, enum ue_bearer bearer,
		    enum ue_protection protection, uint16_t kd_sess_id);
void procedure_resend(struct link *link);
void procedure_fail(struct link *link, uint64_t now, uint8_t cause, bool by_peer,
		    const char *text);
void procedure_expire(struct link *link, uint64_t now);
void procedure_commit(struct link *link, uint64_t now);
bool procedure_half_open(const struct procedure *procedure);
bool procedure_authenticate(struct link *link, const char *identity, uint8_t *cause,
			    char *why, size_t why_len);
uint64_t ladder(uint32_t base, uint32_t tries);
uint64_t jittered(struct ue *ue, uint32_t base);
uint64_t patience(const struct ue *ue);

/* negotiate.c */
struct agreement {
	uint8_t eea, eia;
	bool up_integrity;
};
uint16_t negotiate_capabilities(const struct ue_config *config);
void negotiate_offer(const struct ue_config *config, struct pc5s_policy *policy);
bool negotiate_possible(const struct ue_config *config);
/* @policy is NULL when the request names none, as under strict TS 24.334. */
bool negotiate(const struct ue_config *config, uint16_t capabilities,
	       const struct pc5s_policy *policy, struct agreement *out, char *why, size_t why_len);
bool negotiate_fits(const struct pc5s_policy *sent, const struct agreement *agreement);

/* setup.c */
int setup_connect(struct link *link, uint64_t now, const char *identity, char *why,
		  size_t why_len);
void setup_start(struct link *link, uint64_t now, uint32_t restarts);
void setup_receive_request(struct ue *ue, uint64_t now, const struct ue_receive *receive,
			   const struct pc5s_message *message);
void setup_receive_reject(struct link *link, uint64_t now, const struct pc5s_message *message);
void setup_receive_accept(struct link *link, uint64_t now, const struct ue_receive *receive,
			  const struct pc5s_message *message);
void setup_receive_complete(struct link *link, uint64_t now, const struct ue_receive *receive,
			    const struct pc5s_message *message);
void setup_secured(struct link *link, uint64_t now);
void setup_reject(struct link *link, uint8_t cause);
bool setup_farewell(struct ue *ue, const struct ue_receive *receive, const uint8_t *nonce_1);
void setup_remember_farewell(struct link *link, const struct outgoing *outgoing);
const char *setup_expected(const struct link *link);

/*
 * vouched.c
 */

/* Is it one, whose request may be believed? NULL is none. */
bool vouched(const struct procedure *procedure);
/* Discards the procedure of a link in favour of another one; a vouched one may come back. */
void vouched_interrupt(struct link *link);
/* Did the present procedure's request give way a short time ago, and may it come again? */
bool vouched_before(struct link *link, uint64_t now);
/* The peer is connected: what was before is over. */
void vouched_forget(struct link *link);

/*
 * station.c
 */

/* One transmitter has one address; of ports it has as many as it likes. */
bool same_station(const struct ue_carrier_addr *a, const struct ue_carrier_addr *b);
/* May a container that came from there be looked into? */
bool station_take(struct ue *ue, const struct ue_carrier_addr *carrier, uint64_t now);
/* Are many looked into, and none was from there that a link came of? */
bool station_crowded(struct ue *ue, const struct ue_carrier_addr *carrier, uint64_t now);
/* A link was set up with who is there. */
void station_known(struct ue *ue, const struct ue_carrier_addr *carrier, uint64_t now);

/* cookie.c */
bool cookie_make(struct ue *ue, uint64_t now, const struct ue_receive *receive,
		 const uint8_t hash[KEYING_HASH_LEN], uint8_t cookie[PROSE_COOKIE_LEN]);
bool cookie_valid(struct ue *ue, uint64_t now, const struct ue_receive *receive,
		  const uint8_t hash[KEYING_HASH_LEN], const uint8_t cookie[PROSE_COOKIE_LEN]);

/* establish.c */
/* @embedded: container of the request, or NULL. */
void establish_start(struct link *link, uint64_t now,
		     const struct pc5s_method_container *embedded);
/* The same in two parts: whom the request is from, if it has what proves it; and then to go on. */
bool establish_vouch(struct link *link, uint64_t now,
		     const struct pc5s_method_container *embedded);
void establish_secure(struct link *link, uint64_t now);
void establish_receive(struct link *link, uint64_t now, const struct ue_receive *receive,
		       const struct pc5s_message *message);
void establish_expire(struct link *link, uint64_t now);
const struct keying_method *establish_method(const struct ue *ue, uint8_t id);
/* UE_1: whom the method is to find at the other end; empty for anybody. */
const char *establish_whom(const struct link *link, const struct keying_method *method);
/* What a run of the present procedure is bound to. @claimed: by UE_2, who the peer says it is. */
void establish_context(const struct link *link, const struct keying_method *method,
		       const char *claimed, struct keying_context *context);
enum kexchange_status establish_open(struct link *link, const struct keying_method *method,
				     const uint8_t nonce_2[PC5S_NONCE_LEN], const char *claimed,
				     struct kexchange *kx, struct kexchange_out *out);
void establish_take_kd(struct ue *ue, const struct keying_method *method,
		       const struct keying_result *result, struct kd *kd);
void establish_abort(struct link *link, uint8_t cause);

/*
 * embedded.c
 */

/* Does the method know no other way? */
static inline bool embedded_only(const struct keying_method *method)
{
	return method->bind && !method->containers;
}

/*
 * UE_1: puts into a request, which is otherwise as it will be sent, the container of the method this UE wants
 * most, if it has one, and takes from the methods offered what cannot run. False with a sentence when none
 * is left.
 */
bool embedded_offer(struct link *link, uint64_t now, struct pc5s_message *request, char *why,
		    size_t why_len);
/*
 * UE_2: the container of a request, for the method that this UE chose. DONE with @kd, and the run has the
 * container for the command; FAILED with @error; DECLINED: an exchange has to do.
 */
enum keying_status embedded_answer(struct link *link, uint64_t now,
				   const struct keying_method *method,
				   const struct pc5s_method_container *container, struct kd *kd,
				   struct keying_error *error);
/* UE_1: the KD a command means, if it was made by this run; whether it was, its MAC says. */
bool embedded_judge(struct link *link, uint64_t now, const struct pc5s_message *command,
		    struct kd *kd);
/*
 * A rekeying, which has nothing of it in its request. UE_1: begins a run, and takes from the methods offered
 * what cannot run.
 */
void embedded_rekey(struct link *link, struct pc5s_message *request);
/* UE_2: does the present KD come from a method that goes on without a container? Then an empty one. */
bool embedded_goes_on(const struct link *link, struct pc5s_method_container *container);
/* UE_2: the container of a setup's request, if it has one. */
bool embedded_in_request(const struct pc5s_message *request,
			 struct pc5s_method_container *container);
/* UE_2: that for the command into it; the run has to outlive the message. False when it does not fit in. */
bool embedded_put(const struct embedded *embedded, struct pc5s_message *command);
/* UE_1: does a command say that its KD is by this run? */
bool embedded_meant(const struct link *link, const struct pc5s_message *command);
/* Ends the run in any state; harmless when there is none. */
void embedded_close(struct embedded *embedded);

/* isolated.c */
#define ISOLATED_PAYLOAD_LEN	273	/* of SAKKE with parameter set 1 (RFC 6508, RFC 6509) */
#define ISOLATED_COMMAND_MAX	(ISOLATED_PAYLOAD_LEN + PC5S_SIGNATURE_LEN + PROSE_IDENTITY_MAX)

/* Does the method go in IEs of TS 24.334? */
bool isolated_carries(const struct keying_method *method);
/* Its container into request or command. False when it is none that fits. */
bool isolated_put(struct pc5s_message *message, const struct keying_buffer *container);
/* The container of a request, which has to outlive it; false when there is none. */
bool isolated_request(const struct pc5s_message *request, struct pc5s_method_container *container);
/* The container of a command; 0 octets when there is none. */
size_t isolated_command(const struct pc5s_message *command,
			uint8_t container[static ISOLATED_COMMAND_MAX]);

/* smc.c */
void smc_command(struct link *link, uint64_t now);
/* The keys of the present procedure for the key log, under the Layer-2 IDs of the link by now. */
void smc_log_keys(struct link *link);
void smc_receive_command(struct link *link, uint64_t now, const struct ue_receive *receive,
			 const struct pc5s_message *message);
void smc_receive_complete(struct link *link, uint64_t now, const struct ue_receive *receive,
			  const struct pc5s_message *message);
void smc_receive_reject(struct link *link, uint64_t now, const struct ue_receive *receive,
			const struct pc5s_message *message);

/* rekey.c */
int rekey_start(struct link *link, uint64_t now, bool kd, char *why, size_t why_len);
void rekey_request(struct link *link, uint64_t now, bool kd, uint32_t restarts);
void rekey_receive_request(struct link *link, uint64_t now, const struct ue_receive *receive,
			   const struct pc5s_message *message);
void rekey_receive_response(struct link *link, uint64_t now, const struct ue_receive *receive);
void rekey_secured(struct link *link, uint64_t now);
void rekey_finish(struct link *link, uint64_t now);
void rekey_resend_request(struct link *link);
void rekey_worn(struct link *link, uint64_t now);

/* keepalive.c */
void keepalive_start(struct link *link, uint64_t now);
void keepalive_stop(struct link *link);
void keepalive_receive(struct link *link, uint64_t now, const struct ue_receive *receive,
		       const struct pc5s_message *message);
void keepalive_receive_ack(struct link *link, uint64_t now, const struct ue_receive *receive,
			   const struct pc5s_message *message);
void keepalive_activity(struct link *link, uint64_t when);
void keepalive_expire(struct link *link, uint64_t now);
uint32_t keepalive_period(const struct ue *ue);

/* expressions.c */
bool expressions_valid(const struct ue_expressions *expressions);
void expressions_put(const struct ue_config *config, const struct ue_expressions *expressions,
		     struct pc5s_message *message);
void expressions_take(const struct pc5s_message *message, struct ue_expressions *expressions);
/* The first that is not accepted, or NULL. */
const char *expressions_refused(const struct ue_config *config, const struct pc5s_message *message);

/* lifetime.c */
void lifetime_start(struct link *link, uint64_t now, bool kd_is_new);
bool lifetime_kd_usable(const struct link *link, uint64_t now);
uint64_t lifetime_deadline(const struct link *link);
void lifetime_expire(struct link *link, uint64_t now);

/* release.c */
void release_start(struct link *link, uint64_t now, uint8_t reason);
/* Sends RELEASE once and ends the link at once, whatever the peer says. */
void release_now(struct link *link, uint64_t now, uint8_t reason, bool keep_kd);
void release_receive(struct link *link, uint64_t now, const struct ue_receive *receive,
		     const struct pc5s_message *message);
void release_receive_accept(struct link *link, uint64_t now);
void release_expire(struct link *link, uint64_t now);

/* recheck.c */
enum recheck_verdict {
	RECHECK_GOOD,
	RECHECK_REFUSED,
	RECHECK_UNKNOWN,	/* the method cannot judge, or is not configured any more */
};

/* By name: the object that made a KD may be gone, and an adopted link never had one. */
const struct keying_method *recheck_method(const struct ue *ue, const char *name);
enum recheck_verdict recheck_judge(const struct ue *ue, const char *name, const uint8_t *evidence,
				   size_t evidence_len, struct keying_error *error);
/*
 * After the credentials were replaced: a KD whose peer is still good, and that was made under
 * the identity this UE still has, goes on as one of the present method; else it is stale.
 */
enum recheck_verdict recheck_renew(struct ue *ue, struct kd *kd, bool same_identity);

#endif
