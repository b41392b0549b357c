// SPDX-License-Identifier: MIT
/* Keying methods of the simulator, keying.h. */
#include "keying.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "core/pc5s.h"

#define TAG_LEN		16
#define ALERT		0xff

struct keying_session {
	struct keying_credentials *credentials;
	struct keying_context context;
	unsigned int containers, next;
	char peer[64];
	uint8_t transcript[SHA256_DIGEST_LENGTH], sent[SHA256_DIGEST_LENGTH];
};

/*
 * A hash over the secret of the pair, which is its two names and a salt that no attacker of
 * the simulator knows how to use, and over what both ends have to agree on.
 */
static void bound(const struct keying_session *session, const char *purpose, uint8_t *out)
{
	const struct keying_context *context = &session->context;
	const char *own = session->credentials->identity;
	bool first = strcmp(own, session->peer) < 0;
	uint8_t in[16 + 64 + 64 + 8 + 16 + 16 + 32 + 32] = { 0 };
	size_t n = 0;

	snprintf((char *)in, 16, "secret %s", purpose);
	n += 16;
	memcpy(in + n, first ? own : session->peer, 64);
	n += 64;
	memcpy(in + n, first ? session->peer : own, 64);
	n += 64;
	memcpy(in + n, &context->ue_1_l2_id, 4);
	memcpy(in + n + 4, &context->ue_2_l2_id, 4);
	n += 8;
	memcpy(in + n, context->nonce_1, 16);
	memcpy(in + n + 16, context->nonce_2, 16);
	n += 32;
	memcpy(in + n, session->transcript, 32);
	n += 32;
	if (session->credentials->bind_hash)
		memcpy(in + n, context->request_hash, 32);
	SHA256(in, sizeof(in), out);
}

static void append(struct keying_session *session, const uint8_t *data, size_t len)
{
	uint8_t in[2 * SHA256_DIGEST_LENGTH];

	memcpy(in, session->transcript, SHA256_DIGEST_LENGTH);
	SHA256(data, len, in + SHA256_DIGEST_LENGTH);
	SHA256(in, sizeof(in), session->transcript);
}

static struct keying_session *open_session(const struct keying_method *method,
					   const struct keying_context *context,
					   struct keying_error *error)
{
	struct keying_credentials *credentials = method->credentials;
	struct keying_session *session;

	if (method->containers &&
	    (context->now < KEYING_VALID_FROM || context->now > KEYING_VALID_UNTIL)) {
		error->cause = PC5S_CAUSE_AUTHENTICATION;
		snprintf(error->text, sizeof(error->text), "The credentials are not valid now.");
		return NULL;
	}
	session = calloc(1, sizeof(*session));
	if (!session)
		abort();
	session->credentials = credentials;
	session->context = *context;
	session->containers = method->containers;
	credentials->open++;
	return session;
}

static void close_session(struct keying_session *session)
{
	if (!session)
		return;
	session->credentials->open--;
	OPENSSL_cleanse(session, sizeof(*session));
	free(session);
}

static enum keying_status failed(struct keying_error *error, const char *text)
{
	error->cause = PC5S_CAUSE_AUTHENTICATION;
	snprintf(error->text, sizeof(error->text), "%s", text);
	return KEYING_FAILED;
}

static enum keying_status done(struct keying_session *session, struct keying_result *result)
{
	bound(session, "KD", result->kd);
	memcpy(result->peer_identity, session->peer, sizeof(session->peer));
	snprintf(result->detail, sizeof(result->detail), "%u containers", session->containers);
	return KEYING_DONE;
}

/* Index, identity, tag, and as many octets as it takes. */
static void make(struct keying_session *session, struct keying_buffer *out, bool alert)
{
	uint8_t hash[SHA256_DIGEST_LENGTH];

	out->len = alert ? KEYING_CONTAINER_MIN : session->credentials->size + session->next;
	out->data = calloc(1, out->len);
	if (!out->data)
		abort();
	out->data[0] = alert ? ALERT : (uint8_t)session->next;
	memcpy(out->data + 1, session->credentials->identity, 64);
	if (session->next) {
		bound(session, "tag", hash);
		memcpy(out->data + 65, hash, TAG_LEN);
	}
	append(session, out->data, out->len);
	session->next++;
}

static bool take(struct keying_session *session, const uint8_t *in, size_t len)
{
	uint8_t hash[SHA256_DIGEST_LENGTH];

	if (len < KEYING_CONTAINER_MIN || in[0] != session->next)
		return false;
	if (session->next < 2) {
		memcpy(session->peer, in + 1, sizeof(session->peer));
		session->peer[sizeof(session->peer) - 1] = 0;
	} else if (memcmp(session->peer, in + 1, sizeof(session->peer))) {
		return false;
	}
	if (session->next) {
		bound(session, "tag", hash);
		if (memcmp(hash, in + 65, TAG_LEN))
			return false;
	}
	append(session, in, len);
	session->next++;
	return true;
}

/* What nobody else can make who is not of that name, for this run and place. */
static void sign(const struct keying_session *session, const char *identity, unsigned int round,
		 uint8_t *out)
{
	const struct keying_context *context = &session->context;
	uint8_t in[16 + 64 + 4 + 8 + 16 + 16 + 32 + 32] = { 0 };
	size_t n = 0;

	snprintf((char *)in, 16, "signature");
	n += 16;
	memcpy(in + n, identity, 64);
	n += 64;
	in[n] = (uint8_t)round;
	n += 4;
	memcpy(in + n, &context->ue_1_l2_id, 4);
	memcpy(in + n + 4, &context->ue_2_l2_id, 4);
	n += 8;
	memcpy(in + n, context->nonce_1, 16);
	n += 16;
	if (round) {
		memcpy(in + n, context->nonce_2, 16);
		memcpy(in + n + 16, session->transcript, 32);
		if (session->credentials->bind_hash)
			memcpy(in + n + 48, context->request_hash, 32);
	}
	SHA256(in, sizeof(in), out);
}

static void make_signed(struct keying_session *session, unsigned int round,
			struct keying_buffer *out)
{
	uint8_t hash[SHA256_DIGEST_LENGTH];

	out->len = KEYING_CONTAINER_MIN + round;
	out->data = calloc(1, out->len);
	if (!out->data)
		abort();
	memcpy(out->data + 1, session->credentials->identity, 64);
	sign(session, session->credentials->identity, round, hash);
	memcpy(out->data + 65, hash, TAG_LEN);
	append(session, out->data, out->len);
}

static bool take_signed(struct keying_session *session, unsigned int round, const uint8_t *in,
			size_t len)
{
	uint8_t hash[SHA256_DIGEST_LENGTH];

	if (len != KEYING_CONTAINER_MIN + round)
		return false;
	memcpy(session->peer, in + 1, sizeof(session->peer));
	session->peer[sizeof(session->peer) - 1] = 0;
	sign(session, session->peer, round, hash);
	if (memcmp(hash, in + 65, TAG_LEN))
		return false;
	append(session, in, len);
	return true;
}

static void bind_session(struct keying_session *session, const uint8_t nonce_2[KEYING_NONCE_LEN],
			 const uint8_t request_hash[KEYING_HASH_LEN])
{
	memcpy(session->context.nonce_2, nonce_2, KEYING_NONCE_LEN);
	memcpy(session->context.request_hash, request_hash, KEYING_HASH_LEN);
	memcpy(session->transcript, session->sent, sizeof(session->transcript));
}

static enum keying_status embedded_step(struct keying_session *session, const uint8_t *in,
					size_t in_len, struct keying_buffer *out,
					struct keying_result *result, struct keying_error *error)
{
	*out = (struct keying_buffer){ NULL, 0 };
	if (session->context.role == KEYING_UE_2) {
		if (!(session->context.nonce_1[15] & 3))
			return KEYING_DECLINED;
		if (!take_signed(session, 0, in, in_len))
			return failed(error, "The container of the request does not verify.");
		make_signed(session, 1, out);
		session->credentials->embedded++;
		return done(session, result);
	}
	if (!session->next++) {
		make_signed(session, 0, out);
		memcpy(session->sent, session->transcript, sizeof(session->sent));
		return KEYING_SEND;
	}
	if (!in || !take_signed(session, 1, in, in_len))
		return failed(error, "The container of the command does not verify.");
	return done(session, result);
}

static enum keying_status exchange_step(struct keying_session *session, const uint8_t *in,
					size_t in_len, struct keying_buffer *out,
					struct keying_result *result, struct keying_error *error)
{
	if (session->context.embedded)
		return embedded_step(session, in, in_len, out, result, error);
	if (in && in_len && in[0] == ALERT)
		return failed(error, "The peer sent an alert.");
	if (in && !take(session, in, in_len)) {
		make(session, out, true);
		return failed(error, "A container of the peer does not verify.");
	}
	if (session->next == session->containers)
		return done(session, result);
	make(session, out, false);
	return session->next == session->containers ? done(session, result) : KEYING_SEND;
}

static enum keying_status shared_step(struct keying_session *session, const uint8_t *in,
				      size_t in_len, struct keying_buffer *out,
				      struct keying_result *result, struct keying_error *error)
{
	(void)in;
	(void)in_len;
	(void)out;
	if (!*session->context.peer_identity)
		return failed(error, "Nobody said who the peer is.");
	snprintf(session->peer, sizeof(session->peer), "%.63s", session->context.peer_identity);
	return done(session, result);
}

void keying_exchange(struct keying_method *method, struct keying_credentials *credentials,
		     unsigned int containers)
{
	*method = (struct keying_method){
		.id = KEYING_EXCHANGE, .name = "exchange", .containers = containers,
		.credentials = credentials, .open = open_session, .step = exchange_step,
		.bind = credentials->embeds ? bind_session : NULL, .close = close_session,
	};
}

void keying_shared(struct keying_method *method, struct keying_credentials *credentials)
{
	*method = (struct keying_method){
		.id = KEYING_PSK, .name = "shared", .credentials = credentials,
		.open = open_session, .step = shared_step, .close = close_session,
	};
}
