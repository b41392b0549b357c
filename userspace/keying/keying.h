/* SPDX-License-Identifier: MIT */
/*
 * The seam between the link state machine and the keying methods (design decision D8).
 *
 * A method gets roles, identities and credentials, exchanges opaque containers with
 * its peer and ends with KD and an authenticated peer identity, or with a cause. It
 * is pure: no sockets, no clocks, no globals; time comes in with the context. The
 * link fragments, retransmits and orders the containers, so a method sees each
 * container exactly once, whole and in lock step: UE_2 sends first.
 *
 * A method may also offer to run embedded: request and security mode command of a setup carry
 * its containers, so that UE_1 sends first and nothing is added to the messages there are
 * (TR 33.833 6.4.3.3.3, TS 24.334 10.4.2.2 and 10.4.5.2).
 */
#ifndef PROSE_KEYING_H
#define PROSE_KEYING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define KEYING_KD_LEN		32
#define KEYING_NONCE_LEN	16
#define KEYING_HASH_LEN		32
#define KEYING_TEXT_MAX		256
#define KEYING_EVIDENCE_MAX	512

/* Method ids on the air, IE Keying Methods. */
enum keying_method_id {
	KEYING_PSK		= 1,
	KEYING_CERTIFICATE	= 2,
	KEYING_MIKEY_SAKKE	= 3,
	KEYING_ECCSI_SAKKE	= 4,
};

/* UE_1 sent the request; UE_2 answers it and will send the security mode command. */
enum keying_role {
	KEYING_UE_1,
	KEYING_UE_2,
};

enum keying_status {
	KEYING_SEND,	/* container in out; an answer of the peer is awaited */
	KEYING_DONE,	/* result is filled; out may hold a last container for the peer */
	KEYING_FAILED,	/* error is filled; out may hold a last container (an alert) */
	KEYING_DECLINED,/* embedded: not with this container, which may be no fault of anybody */
};

/**
 * struct keying_context - what one run is bound to
 * @role: own role
 * @ue_1_l2_id: Layer-2 ID of UE_1, 24 bits
 * @ue_2_l2_id: Layer-2 ID of UE_2, 24 bits
 * @nonce_1: Nonce_1 of the request
 * @nonce_2: Nonce_2, chosen by UE_2 before the first container
 * @request_hash: SHA-256 of the request that caused the run, octets as on the air,
 *		  so that capabilities, policies and offered methods are bound too
 * @peer_identity: identity the peer claims or we expect; empty string accepts any
 *		   that the credentials authorise
 * @now: wall-clock time for validity periods
 * @embedded: the run is carried by request and command; UE_1 does not know @nonce_2 and
 *	      @request_hash yet, both are zero and come with bind() of &struct keying_method
 * @again: UE_2, embedded: this request was found to be authentic a moment ago, and the setup gave way to
 *	   another before anything came of it. So it may come again, and is no replay
 * @rekeying: the peer has authenticated itself before, and speaks under the protection of the
 *	      present link: an embedded run's request has no container
 * @evidence: rekeying: of the KD there is, as it came with its result; for open() to read
 * @evidence_len: octets of @evidence, 0 when there is none
 */
struct keying_context {
	enum keying_role role;
	uint32_t ue_1_l2_id;
	uint32_t ue_2_l2_id;
	uint8_t nonce_1[KEYING_NONCE_LEN];
	uint8_t nonce_2[KEYING_NONCE_LEN];
	uint8_t request_hash[KEYING_HASH_LEN];
	char peer_identity[KEYING_TEXT_MAX];
	time_t now;
	bool embedded;
	bool again;
	bool rekeying;
	const uint8_t *evidence;
	size_t evidence_len;
};

/**
 * struct keying_result - what a run that ends well hands over
 * @kd: KD; the receiver wipes it
 * @peer_identity: the identity the method authenticated, UTF-8
 * @detail: for people, for instance "TLS 1.3, X25519, issuer CN=..."
 * @evidence: what the method needs to judge the peer's credentials again later, without
 *	      them, see @recheck of &struct keying_method. Not secret; kept with KD
 * @evidence_len: octets of @evidence, 0 when there is nothing to judge
 */
struct keying_result {
	uint8_t kd[KEYING_KD_LEN];
	char peer_identity[KEYING_TEXT_MAX];
	char detail[KEYING_TEXT_MAX];
	uint8_t evidence[KEYING_EVIDENCE_MAX];
	size_t evidence_len;
};

/**
 * struct keying_error - why a run failed
 * @cause: PC5 cause value for the peer (TS 24.334 12.5.1.7), 2 = authentication failure
 * @authentic: UE_2, embedded: the request failed though it is from whom it says, which had verified
 *	       before. Else it may be anybody's, and is not worth remembering
 * @text: a full sentence for `prose show` and the log, with the reason and the cure
 */
struct keying_error {
	uint8_t cause;
	bool authentic;
	char text[KEYING_TEXT_MAX];
};

/* A container to send. The method allocates @data with malloc(), the caller frees it. */
struct keying_buffer {
	uint8_t *data;
	size_t len;
};

struct keying_session;

/**
 * struct keying_method - one way to agree on KD
 * @id: &enum keying_method_id
 * @name: as configured and shown
 * @containers: 0 when both ends derive KD without any exchange; UE_1 then runs the
 *		method when the security mode command names it. Otherwise how many there
 *		are as a rule: some runs need more (certificate: two for a hello retry)
 * @credentials: private to the method; owned by whoever made the method object and
 *		 outlives all sessions. Credentials are immutable: a reload makes a new
 *		 method object and retires the old one when its sessions are closed.
 * @open: start a run; NULL with @error filled when the credentials do not allow one. UE_1's embedded run:
 *	  nor any other of this method with that peer, so that it is not offered
 * @step: feed one container (@in NULL, @in_len 0 at UE_2's first step, and for a method
 *	  without containers), get the next. After DONE or FAILED only @close follows.
 *	  @out and @result are overwritten on each call: @out is empty unless there is a
 *	  container, @result all zero unless DONE. A container that comes with DONE or
 *	  FAILED has to reach the peer all the same: it ends the run there.
 * @bind: NULL when the method cannot run embedded. At UE_1: a command has come, with it
 *	  Nonce_2, and what request it answers. An embedded run: UE_1's step() without a container
 *	  gives the one for the request (SEND), or FAILED, which ends the setup, for the peer is
 *	  denied, or DECLINED, upon which there is no container, and what is left is an exchange,
 *	  where the method has one. Then bind(), then step() with the container of the
 *	  command (NULL and 0 when there is none): DONE or FAILED. The command may be a forged one,
 *	  of which either result says nothing: only its MAC does. So bind() and step() may follow
 *	  again, for another command or for the same, and each time what they say is about that
 *	  command alone. UE_2's only step() takes the container of the request and ends the run:
 *	  DONE, with the container for the command in @out, FAILED, or DECLINED, upon which the
 *	  caller closes it and opens one that is not embedded. A method without containers that
 *	  has this runs embedded or not at all
 * @close: end a run in any state, wipe and free; NULL is allowed
 * @recheck: are the credentials a KD came from still good, by what this method object knows
 *	     now (CRLs, roots, the time)? 0, or -1 with @error filled. NULL: they do not expire
 * @needs_peer: UE_1 cannot run it without knowing whom it calls
 */
struct keying_method {
	uint8_t id;
	const char *name;
	unsigned int containers;
	void *credentials;
	struct keying_session *(*open)(const struct keying_method *method,
				       const struct keying_context *context,
				       struct keying_error *error);
	enum keying_status (*step)(struct keying_session *session,
				   const uint8_t *in, size_t in_len,
				   struct keying_buffer *out,
				   struct keying_result *result,
				   struct keying_error *error);
	void (*bind)(struct keying_session *session, const uint8_t nonce_2[KEYING_NONCE_LEN],
		     const uint8_t request_hash[KEYING_HASH_LEN]);
	void (*close)(struct keying_session *session);
	int (*recheck)(const struct keying_method *method, const uint8_t *evidence,
		       size_t evidence_len, time_t now, struct keying_error *error);
	bool needs_peer;
};

#endif
