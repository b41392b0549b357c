// SPDX-License-Identifier: MIT
/* Transport of key establishment containers, kexchange.h. */
#include "kexchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#define ROUND_LAST	253	/* both parities still fit an octet after it */

static const char refused_last[] = "The peer refused the last message of the key establishment.";

static bool even(uint8_t round)
{
	return !(round & 1);
}

static bool is_ue_1(const struct kexchange *kx)
{
	return kx->context.role == KEYING_UE_1;
}

/* Containers may hold what a method considers secret, so they are wiped. */
static void container_free(struct kexchange_container *container, size_t held)
{
	if (container->data)
		OPENSSL_cleanse(container->data, held);
	free(container->data);
	container->data = NULL;
	container->len = container->total = 0;
	container->fragment = 0;
}

static void tx_free(struct kexchange *kx)
{
	container_free(&kx->tx, kx->tx.total);
	kx->tx_at = 0;
}

static void rx_free(struct kexchange *kx)
{
	container_free(&kx->rx, kx->rx.len);
}

static void session_close(struct kexchange *kx)
{
	if (kx->session)
		kx->method->close(kx->session);
	kx->session = NULL;
}

static enum kexchange_status fail(struct kexchange *kx, uint8_t cause, const char *text)
{
	kx->error.cause = cause;
	snprintf(kx->error.text, sizeof(kx->error.text), "%s", text);
	session_close(kx);
	return kx->status = KEXCHANGE_FAILED;
}

static void prepare(const struct kexchange *kx, struct kexchange_out *out, uint8_t round,
		    uint8_t fragment, uint8_t flags)
{
	struct pc5s_message *message = &out->message;

	memset(message, 0, sizeof(*message));
	message->type = PC5S_KEY_ESTABLISHMENT;
	memcpy(message->nonce_1, kx->context.nonce_1, sizeof(message->nonce_1));
	message->ke_method = kx->method->id;
	message->ke_round = round;
	message->ke_fragment = fragment;
	message->ke_flags = flags;
	out->send = true;
}

static void acknowledge(const struct kexchange *kx, struct kexchange_out *out, uint8_t round,
			uint8_t fragment)
{
	prepare(kx, out, round, fragment, PC5S_KE_ACK);
}

static void send_abort(const struct kexchange *kx, struct kexchange_out *out, uint8_t round,
		       uint8_t fragment)
{
	prepare(kx, out, round, fragment, PC5S_KE_ABORT);
	out->message.has |= PC5S_BIT(PC5S_IE_CAUSE);
	out->message.cause = kx->error.cause;
}

static bool tx_last(const struct kexchange *kx)
{
	return kx->tx.total - kx->tx_at <= kx->fragment_len;
}

/* The fragment that begins at tx_at. */
static void send_fragment(const struct kexchange *kx, struct kexchange_out *out)
{
	bool last = tx_last(kx);
	size_t len = last ? kx->tx.total - kx->tx_at : kx->fragment_len;

	prepare(kx, out, kx->tx.round, kx->tx.fragment, last ? 0 : PC5S_KE_MORE);
	out->message.has |= PC5S_BIT(PC5S_IE_CONTAINER);
	out->message.container.data = kx->tx.data + kx->tx_at;
	out->message.container.len = (uint16_t)len;
	out->message.ke_total = (uint16_t)kx->tx.total;
	if (kx->tx.round == 0) {
		out->message.has |= PC5S_BIT(PC5S_IE_NONCE_2);
		memcpy(out->message.nonce_2, kx->context.nonce_2, sizeof(out->message.nonce_2));
	}
}

static void tx_next(struct kexchange *kx, struct kexchange_out *out)
{
	kx->tx_at += kx->fragment_len;
	kx->tx.fragment++;
	send_fragment(kx, out);
}

/*
 * Feed the method and queue its answer. @round and @fragment name the message of the peer
 * that completed the container, for an acknowledgement when there is no answer.
 */
static enum kexchange_status step(struct kexchange *kx, const uint8_t *in, size_t in_len,
				  uint8_t round, uint8_t fragment, struct kexchange_out *out)
{
	struct keying_buffer buffer = { NULL, 0 };
	enum keying_status status;

	status = kx->method->step(kx->session, in, in_len, &buffer, &kx->result, &kx->error);
	if (status == KEYING_FAILED && !kx->error.cause)
		kx->error.cause = PC5S_CAUSE_AUTHENTICATION;
	if (status != KEYING_SEND)
		session_close(kx);
	if (buffer.len > PROSE_KE_CONTAINER_MAX || round > ROUND_LAST ||
	    (status == KEYING_SEND && !buffer.len)) {
		if (buffer.data)
			OPENSSL_cleanse(buffer.data, buffer.len);
		free(buffer.data);
		return fail(kx, PC5S_CAUSE_UNSPECIFIED,
			    "The keying method made a container that cannot be sent.");
	}
	tx_free(kx);
	if (status == KEYING_FAILED && is_ue_1(kx) && buffer.len > kx->fragment_len) {
		/* UE_1 only answers, and is gone after one answer: the cause has to do */
		OPENSSL_cleanse(buffer.data, buffer.len);
		free(buffer.data);
		buffer = (struct keying_buffer){ NULL, 0 };
	}
	if (buffer.len) {
		kx->tx.data = buffer.data;
		kx->tx.total = buffer.len;
		/* UE_2's first container answers nothing and is round 0 */
		kx->tx.round = in ? (uint8_t)(round + 1) : 0;
		send_fragment(kx, out);
	} else {
		free(buffer.data);
	}

	switch (status) {
	case KEYING_SEND:
		return kx->status;
	case KEYING_DONE:
		if (is_ue_1(kx)) {
			if (!buffer.len && in)
				acknowledge(kx, out, round, fragment);
			return kx->status = KEXCHANGE_DONE;
		}
		/* UE_2 goes on when its last container has arrived, not before */
		return kx->status = buffer.len ? KEXCHANGE_RUNNING : KEXCHANGE_DONE;
	case KEYING_FAILED:
	case KEYING_DECLINED:
		break;
	}
	if (is_ue_1(kx)) {
		if (!buffer.len && in)
			send_abort(kx, out, round, fragment);
		return kx->status = KEXCHANGE_FAILED;
	}
	kx->failing = true;
	return kx->status = buffer.len ? KEXCHANGE_RUNNING : KEXCHANGE_FAILED;
}

enum kexchange_status kexchange_open(struct kexchange *kx, const struct keying_method *method,
				     const struct keying_context *context, size_t fragment_len,
				     struct kexchange_out *out)
{
	memset(kx, 0, sizeof(*kx));
	memset(out, 0, sizeof(*out));
	kx->method = method;
	kx->context = *context;
	kx->fragment_len = fragment_len;
	kx->rx.round = is_ue_1(kx) ? 0 : 1;
	kx->session = method->open(method, context, &kx->error);
	if (!kx->session) {
		if (!kx->error.cause)
			kx->error.cause = PC5S_CAUSE_AUTHENTICATION;
		return kx->status = KEXCHANGE_FAILED;
	}
	if (is_ue_1(kx) && method->containers)
		return kx->status;
	step(kx, NULL, 0, 0, 0, out);
	if (!method->containers && kx->status == KEXCHANGE_RUNNING)
		return fail(kx, PC5S_CAUSE_UNSPECIFIED,
			    "A keying method without containers wants to exchange one.");
	return kx->status;
}

/* Takes a fragment that is the next expected. Returns false when it does not fit. */
static bool take_fragment(struct kexchange *kx, const struct pc5s_message *message)
{
	struct kexchange_container *rx = &kx->rx;
	size_t len = message->container.len;
	bool last = !(message->ke_flags & PC5S_KE_MORE);
	uint8_t *data;

	if (message->ke_fragment == 0)
		rx->total = message->ke_total;
	if (message->ke_total != rx->total || len > rx->total - rx->len ||
	    last != (rx->len + len == rx->total))
		return false;
	/* memory grows with what has arrived, never with what is announced */
	data = malloc(rx->len + len);
	if (!data)
		return false;
	if (rx->len)
		memcpy(data, rx->data, rx->len);
	memcpy(data + rx->len, message->container.data, len);
	if (rx->data)
		OPENSSL_cleanse(rx->data, rx->len);
	free(rx->data);
	rx->data = data;
	rx->len += len;
	rx->fragment++;
	return true;
}

static enum kexchange_status take(struct kexchange *kx, const struct pc5s_message *message,
				  struct kexchange_out *out)
{
	struct kexchange_container whole;

	if (!take_fragment(kx, message))
		return kx->status;
	out->progress = true;
	if (message->ke_flags & PC5S_KE_MORE) {
		acknowledge(kx, out, message->ke_round, message->ke_fragment);
		return kx->status;
	}
	whole = kx->rx;
	kx->rx = (struct kexchange_container){ .round = (uint8_t)(whole.round + 2) };
	step(kx, whole.data, whole.len, message->ke_round, message->ke_fragment, out);
	container_free(&whole, whole.len);
	return kx->status;
}

static enum kexchange_status ue_1_receive(struct kexchange *kx, const struct pc5s_message *message,
					  struct kexchange_out *out)
{
	if (kx->handled.any && kx->handled.round == message->ke_round &&
	    kx->handled.fragment == message->ke_fragment &&
	    kx->handled.flags == message->ke_flags) {
		out->resend = true;
		return kx->status;
	}
	if (message->ke_flags & PC5S_KE_ACK) {
		if (!kx->tx.data || message->ke_round != kx->tx.round ||
		    message->ke_fragment != kx->tx.fragment || tx_last(kx))
			return kx->status;
		tx_next(kx, out);
		out->progress = true;
	} else {
		/* a new container says that ours arrived whole */
		if (kx->status == KEXCHANGE_FAILED || message->ke_round != kx->rx.round ||
		    message->ke_fragment != kx->rx.fragment || (kx->tx.data && !tx_last(kx)))
			return kx->status;
		if (kx->status == KEXCHANGE_DONE) {
			/* an alert after what was our last word: UE_2 did not like it */
			out->progress = true;
			fail(kx, PC5S_CAUSE_AUTHENTICATION, refused_last);
			send_abort(kx, out, message->ke_round, message->ke_fragment);
			return kx->status;
		}
		take(kx, message, out);
		if (!out->progress)
			return kx->status;
	}
	kx->handled.any = true;
	kx->handled.round = message->ke_round;
	kx->handled.fragment = message->ke_fragment;
	kx->handled.flags = message->ke_flags;
	return kx->status;
}

static enum kexchange_status ue_2_receive(struct kexchange *kx, const struct pc5s_message *message,
					  struct kexchange_out *out)
{
	if (kx->status != KEXCHANGE_RUNNING)
		return kx->status;
	if (message->ke_flags & PC5S_KE_ACK) {
		if (!kx->tx.data || message->ke_round != kx->tx.round ||
		    message->ke_fragment != kx->tx.fragment)
			return kx->status;
		out->progress = true;
		if (!tx_last(kx)) {
			tx_next(kx, out);
			return kx->status;
		}
		tx_free(kx);
		if (kx->failing)
			return kx->status = KEXCHANGE_FAILED;
		if (!kx->session)
			return kx->status = KEXCHANGE_DONE;
		return fail(kx, PC5S_CAUSE_AUTHENTICATION,
			    "The peer ended the key establishment before this side did.");
	}
	if (message->ke_round != kx->rx.round || message->ke_fragment != kx->rx.fragment ||
	    (kx->tx.data && !tx_last(kx)))
		return kx->status;
	if (!kx->session) {
		/*
		 * Our last container was answered by a further one, the peer's alert as a
		 * rule. It ends a run that had ended well here.
		 */
		out->progress = true;
		tx_free(kx);
		if (kx->failing)
			return kx->status = KEXCHANGE_FAILED;
		return fail(kx, PC5S_CAUSE_AUTHENTICATION, refused_last);
	}
	return take(kx, message, out);
}

enum kexchange_status kexchange_receive(struct kexchange *kx, const struct pc5s_message *message,
					struct kexchange_out *out)
{
	bool fragment = pc5s_has(message, PC5S_IE_CONTAINER);
	bool from_ue_2 = is_ue_1(kx);

	memset(out, 0, sizeof(*out));
	if (message->ke_method != kx->method->id)
		return kx->status;
	if (message->ke_flags & PC5S_KE_ABORT) {
		char text[KEYING_TEXT_MAX];

		if (kx->status != KEXCHANGE_RUNNING)
			return kx->status;
		out->progress = true;
		if (kx->failing)
			return kx->status = KEXCHANGE_FAILED;
		snprintf(text, sizeof(text),
			 "The peer gave up the key establishment with cause %u.", message->cause);
		return fail(kx, message->cause, text);
	}
	/* fragments of UE_2 are even rounds, what it acknowledges is odd; UE_1 conversely */
	if (even(message->ke_round) != (fragment == from_ue_2))
		return kx->status;
	if (from_ue_2 && fragment && message->ke_round == 0 &&
	    memcmp(message->nonce_2, kx->context.nonce_2, sizeof(message->nonce_2)))
		return kx->status;
	return from_ue_2 ? ue_1_receive(kx, message, out) : ue_2_receive(kx, message, out);
}

enum kexchange_status kexchange_give_up(struct kexchange *kx)
{
	if (kx->status != KEXCHANGE_RUNNING)
		return kx->status;
	if (kx->failing)
		return kx->status = KEXCHANGE_FAILED;
	return fail(kx, PC5S_CAUSE_NO_RESPONSE,
		    "The peer fell silent during the key establishment.");
}

void kexchange_close(struct kexchange *kx)
{
	if (kx->method)
		session_close(kx);
	tx_free(kx);
	rx_free(kx);
	OPENSSL_cleanse(kx, sizeof(*kx));
}
