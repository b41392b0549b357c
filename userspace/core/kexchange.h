/* SPDX-License-Identifier: MIT */
/*
 * Transport of key establishment containers (TR 33.833 6.4.1.4.3.1): fragmentation, lock
 * step and duplicates. Whether a message goes unprotected (setup) or protected (rekeying)
 * is the link's affair, as are sequence numbers and timers.
 *
 * UE_2 drives. Each message of UE_2 is a fragment or an acknowledgement and elicits exactly
 * one message of UE_1: the acknowledgement of a fragment that is not the last of its
 * container, the first fragment of the answer, or the next one. UE_2 retransmits its last
 * message until the next one of UE_1 arrives; UE_1 answers a duplicate with its last answer.
 * So at most one message is under way in each direction and neither end needs a window.
 */
#ifndef PROSE_CORE_KEXCHANGE_H
#define PROSE_CORE_KEXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../keying/keying.h"
#include "pc5s.h"

enum kexchange_status {
	KEXCHANGE_RUNNING,
	KEXCHANGE_DONE,		/* result is there; at UE_1 duplicates are still answered */
	KEXCHANGE_FAILED,	/* error is there */
};

/* One direction of the container that is under way. */
struct kexchange_container {
	uint8_t *data;
	size_t len;		/* octets sent or received so far; what data holds when sending */
	size_t total;
	uint8_t round;
	uint8_t fragment;	/* sending: the one last sent; receiving: the one expected */
};

/**
 * struct kexchange - one run of a keying method
 * @method: the method, NULL when there is no run
 * @session: its session, NULL when it is over
 * @context: what it is bound to
 * @status: how far it is
 * @failing: UE_2's method failed and its last container is still to be delivered
 * @result: valid when @status is DONE; secret
 * @error: valid when @status is FAILED or @failing
 * @fragment_len: octets of a fragment
 * @tx: container being sent, its data owned
 * @tx_at: octets of @tx sent before the present fragment
 * @rx: container being received, its data owned
 * @handled: UE_1: round, fragment and flags of the message of UE_2 last answered
 */
struct kexchange {
	const struct keying_method *method;
	struct keying_session *session;
	struct keying_context context;
	enum kexchange_status status;
	bool failing;
	struct keying_result result;
	struct keying_error error;
	size_t fragment_len;
	struct kexchange_container tx, rx;
	size_t tx_at;
	struct {
		bool any;
		uint8_t round, fragment, flags;
	} handled;
};

/**
 * struct kexchange_out - what is to be sent after an event
 * @send: send @message, a new one; its pointers are valid until the next event
 * @resend: send the last message of this run again, same octets
 * @progress: the peer sent something new
 */
struct kexchange_out {
	bool send, resend, progress;
	struct pc5s_message message;
};

/**
 * kexchange_open() - begin a run
 * @kx: filled; must be zero or closed
 * @method: keying method, outlives the run
 * @context: copied
 * @fragment_len: octets of a fragment, PROSE_KE_FRAGMENT_MIN to PROSE_KE_FRAGMENT_MAX
 * @out: UE_2's first message, if any
 *
 * At UE_2 the method's first step is done. A method without containers is done, or has
 * failed, when this returns, at either end.
 *
 * Return: the status.
 */
enum kexchange_status kexchange_open(struct kexchange *kx, const struct keying_method *method,
				     const struct keying_context *context, size_t fragment_len,
				     struct kexchange_out *out);

/**
 * kexchange_receive() - take a KEY ESTABLISHMENT message
 * @kx: an open run
 * @message: decoded; its Nonce_1 is that of the run (the caller found the run by it)
 * @out: what to send
 *
 * Return: the status after it.
 */
enum kexchange_status kexchange_receive(struct kexchange *kx, const struct pc5s_message *message,
					struct kexchange_out *out);

/* UE_2 gives up waiting for an answer. Return: FAILED, or DONE if it was done before. */
enum kexchange_status kexchange_give_up(struct kexchange *kx);

/* Ends a run in any state and wipes it; harmless on a closed one. */
void kexchange_close(struct kexchange *kx);

static inline bool kexchange_is_open(const struct kexchange *kx)
{
	return kx->method;
}

#endif
