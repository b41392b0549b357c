/* SPDX-License-Identifier: MIT */
/*
 * Keying methods for tests of the core. "exchange" sends a given number of containers of
 * a given size and can be told to fail anywhere; "shared" has none, as psk; "embedded" is as
 * "exchange", and can run in request and command, where its containers have something of a
 * signature. All derive KD from a shared secret and the context, so two ends that see different
 * contexts get different keys. Unless bind_hash is set they leave the request hash out: then only the
 * comparison of echoes in the security mode procedure notices a changed request.
 */
#ifndef SIM_FAKE_METHODS_H
#define SIM_FAKE_METHODS_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "core/pc5s.h"
#include "keying/keying.h"

/* Stops the program; unlike assert() it is never compiled out. */
#define sim_check(condition) do { \
	if (!(condition)) { \
		fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
		abort(); \
	} \
} while (0)

#define FAKE_EXCHANGE	9
#define FAKE_EMBEDDED	10
#define FAKE_SHARED	KEYING_PSK
#define FAKE_SIGNED_MIN	(65 + 32)	/* octets of a container of an embedded run, at least */

enum fake_failure { FAKE_OK, FAKE_FAIL_SILENT, FAKE_FAIL_ALERT, FAKE_FAIL_LONG_ALERT };

struct fake_credentials {
	char identity[64];	/* own, sent to the peer */
	uint8_t secret;		/* equal at both ends, or KD differs */
	size_t size;		/* octets of a container, at least 80, embedded FAKE_SIGNED_MIN */
	bool bind_hash;
	bool lenient;		/* takes changed containers, for tests with noise */
	enum fake_failure failure;
	unsigned int fail_at;	/* container that is not accepted */
	bool cannot;		/* embedded, UE_1: it is of no use */
	bool denies;		/* embedded, UE_1: not for this peer */
	bool declines;		/* embedded: not with a container */
	bool silent;		/* embedded, UE_2: the command goes without a container */
	unsigned int judged;	/* embedded: containers looked into */
	bool judges;		/* leaves evidence, and judges it again by fake_recheck() .. */
	bool refuses;		/* .. badly */
	unsigned int open_sessions;
	unsigned int runs;
};

struct fake_method {
	struct keying_method method;
	struct fake_credentials credentials;
};

struct keying_session {
	struct fake_credentials *credentials;
	struct keying_context context;
	unsigned int containers, next;
	char peer[64];
	bool bound;
};

static enum keying_status fake_failed(struct keying_error *error, const char *text)
{
	error->cause = PC5S_CAUSE_AUTHENTICATION;
	snprintf(error->text, sizeof(error->text), "%s", text);
	return KEYING_FAILED;
}

static struct keying_session *fake_open(const struct keying_method *method,
					const struct keying_context *context,
					struct keying_error *error)
{
	struct fake_credentials *credentials = method->credentials;
	struct keying_session *session;

	if (credentials->cannot && context->embedded && context->role == KEYING_UE_1) {
		fake_failed(error, "There are no keys for this month.");
		return NULL;
	}
	session = calloc(1, sizeof(*session));
	sim_check(session);
	session->credentials = credentials;
	session->context = *context;
	session->containers = method->containers;
	session->credentials->open_sessions++;
	session->credentials->runs++;
	return session;
}

static void fake_close(struct keying_session *session)
{
	if (!session)
		return;
	session->credentials->open_sessions--;
	OPENSSL_cleanse(session, sizeof(*session));
	free(session);
}

static void fake_kd(const struct keying_session *session, uint8_t kd[KEYING_KD_LEN])
{
	const struct keying_context *context = &session->context;
	uint8_t in[128] = { 0 };
	size_t n = 0;

	in[n++] = session->credentials->secret;
	memcpy(in + n, context->nonce_1, 16);
	n += 16;
	memcpy(in + n, context->nonce_2, 16);
	n += 16;
	memcpy(in + n, &context->ue_1_l2_id, 4);
	n += 4;
	memcpy(in + n, &context->ue_2_l2_id, 4);
	n += 4;
	if (session->credentials->bind_hash)
		memcpy(in + n, context->request_hash, 32);
	SHA256(in, sizeof(in), kd);
}

static void fake_fill(uint8_t *data, size_t len, unsigned int index)
{
	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)(i * 7 + index * 13 + (i >> 8));
}

static void fake_container(const struct keying_session *session, struct keying_buffer *out,
			   bool alert)
{
	/* an alert is short, as those of TLS, unless the test wants another */
	bool short_one = alert && session->credentials->failure == FAKE_FAIL_ALERT;
	size_t len = short_one ? 100 : session->credentials->size + session->next;

	out->data = malloc(len);
	sim_check(out->data);
	out->len = len;
	fake_fill(out->data, len, session->next);
	out->data[0] = alert ? 0xff : (uint8_t)session->next;
	memset(out->data + 1, 0, sizeof(session->credentials->identity));
	memcpy(out->data + 1, session->credentials->identity,
	       sizeof(session->credentials->identity));
}

static enum keying_status fake_done(struct keying_session *session, struct keying_result *result)
{
	fake_kd(session, result->kd);
	snprintf(result->peer_identity, sizeof(result->peer_identity), "%s", session->peer);
	if (session->credentials->judges) {
		result->evidence[0] = 0xe1;
		result->evidence_len = 1;
	}
	snprintf(result->detail, sizeof(result->detail), "fake of %u containers",
		 session->containers);
	return KEYING_DONE;
}

static enum keying_status fake_step(struct keying_session *session, const uint8_t *in,
				    size_t in_len, struct keying_buffer *out,
				    struct keying_result *result, struct keying_error *error)
{
	const struct fake_credentials *credentials = session->credentials;

	if (in && credentials->lenient) {
		if (in_len >= 65)
			memcpy(session->peer, in + 1, sizeof(session->peer));
		session->peer[sizeof(session->peer) - 1] = 0;
		session->next++;
	} else if (in) {
		if (in[0] == 0xff)
			return fake_failed(error, "The peer sent an alert.");
		/* whole, in order, once: else the transport is broken */
		sim_check(in[0] == session->next);
		sim_check(in_len == credentials->size + session->next);
		for (size_t i = 66; i < in_len; i++) {
			uint8_t want = (uint8_t)(i * 7 + session->next * 13 + (i >> 8));
			sim_check(in[i] == want);
		}
		memcpy(session->peer, in + 1, sizeof(session->peer));
		session->peer[sizeof(session->peer) - 1] = 0;
		if (credentials->failure != FAKE_OK && credentials->fail_at == session->next) {
			if (credentials->failure != FAKE_FAIL_SILENT) {
				session->next++;
				fake_container(session, out, true);
			}
			return fake_failed(error, "The peer's credentials are not accepted.");
		}
		session->next++;
	}
	if (session->next == session->containers)
		return fake_done(session, result);
	fake_container(session, out, false);
	session->next++;
	return session->next == session->containers ? fake_done(session, result) : KEYING_SEND;
}

/* What nobody makes who has not the secret: in which round, for which of the two, in which run. */
static void fake_sign(const struct keying_session *session, uint8_t round, uint8_t out[32])
{
	const struct keying_context *context = &session->context;
	uint8_t in[3 + 8 + 16 + 16 + 32] = { session->credentials->secret, round };

	memcpy(in + 3, &context->ue_1_l2_id, 4);
	memcpy(in + 7, &context->ue_2_l2_id, 4);
	memcpy(in + 11, context->nonce_1, 16);
	if (round == 2) {
		memcpy(in + 27, context->nonce_2, 16);
		memcpy(in + 43, context->request_hash, 32);
	}
	SHA256(in, sizeof(in), out);
}

static void fake_put_signed(const struct keying_session *session, uint8_t round,
			    struct keying_buffer *out)
{
	out->len = session->credentials->size + round;
	out->data = calloc(1, out->len);
	sim_check(out->data && out->len >= FAKE_SIGNED_MIN);
	out->data[0] = 0xe0 | round;
	memcpy(out->data + 1, session->credentials->identity, 64);
	fake_sign(session, round, out->data + 65);
}

static enum keying_status fake_take_signed(struct keying_session *session, uint8_t round,
					   const uint8_t *in, size_t in_len,
					   struct keying_error *error)
{
	uint8_t hash[32];

	session->credentials->judged++;
	fake_sign(session, round, hash);
	if (in_len != session->credentials->size + round || in[0] != (0xe0 | round) ||
	    memcmp(in + 65, hash, sizeof(hash)))
		return fake_failed(error, "The signature of the embedded container is not good.");
	memcpy(session->peer, in + 1, sizeof(session->peer));
	session->peer[sizeof(session->peer) - 1] = 0;
	return KEYING_DONE;
}

static inline enum keying_status fake_embedded_step(struct keying_session *session, const uint8_t *in,
					     size_t in_len, struct keying_buffer *out,
					     struct keying_result *result,
					     struct keying_error *error)
{
	const struct fake_credentials *credentials = session->credentials;

	if (!session->context.embedded)
		return fake_step(session, in, in_len, out, result, error);
	*out = (struct keying_buffer){ NULL, 0 };
	if (session->context.role == KEYING_UE_2) {
		if (credentials->declines)
			return KEYING_DECLINED;
		if (fake_take_signed(session, 1, in, in_len, error) == KEYING_FAILED)
			return KEYING_FAILED;
		if (!credentials->silent)
			fake_put_signed(session, 2, out);
		return fake_done(session, result);
	}
	if (!session->next++) {
		sim_check(*session->context.peer_identity && !in);
		if (credentials->denies)
			return fake_failed(error, "The peer is denied.");
		if (credentials->declines) {
			fake_failed(error, "The peer may have other keys.");
			return KEYING_DECLINED;
		}
		fake_put_signed(session, 1, out);
		return KEYING_SEND;
	}
	/* each step is about another command */
	sim_check(session->bound);
	session->bound = false;
	snprintf(session->peer, sizeof(session->peer), "%.63s", session->context.peer_identity);
	if (in && fake_take_signed(session, 2, in, in_len, error) == KEYING_FAILED)
		return KEYING_FAILED;
	return fake_done(session, result);
}

static inline void fake_bind(struct keying_session *session, const uint8_t nonce_2[KEYING_NONCE_LEN],
		      const uint8_t request_hash[KEYING_HASH_LEN])
{
	memcpy(session->context.nonce_2, nonce_2, KEYING_NONCE_LEN);
	memcpy(session->context.request_hash, request_hash, KEYING_HASH_LEN);
	session->bound = true;
}

/* A method without containers knows the peer by its Layer-2 ID. */
static enum keying_status fake_shared_step(struct keying_session *session, const uint8_t *in,
					   size_t in_len, struct keying_buffer *out,
					   struct keying_result *result,
					   struct keying_error *error)
{
	const struct keying_context *context = &session->context;

	(void)in;
	(void)in_len;
	(void)out;
	if (session->credentials->failure != FAKE_OK)
		return fake_failed(error, "There is no provisioned key for the peer.");
	if (!*context->peer_identity)
		return fake_failed(error, "Nobody said who the peer is.");
	fake_kd(session, result->kd);
	snprintf(result->peer_identity, sizeof(result->peer_identity), "ue-%06x",
		 context->role == KEYING_UE_1 ? context->ue_2_l2_id : context->ue_1_l2_id);
	snprintf(result->detail, sizeof(result->detail), "shared secret");
	return KEYING_DONE;
}

static inline int fake_recheck(const struct keying_method *method, const uint8_t *evidence,
			       size_t evidence_len, time_t now, struct keying_error *error)
{
	const struct fake_credentials *credentials = method->credentials;

	(void)now;
	sim_check(evidence_len == 1 && evidence[0] == 0xe1);
	if (!credentials->refuses)
		return 0;
	error->cause = PC5S_CAUSE_AUTHENTICATION;
	snprintf(error->text, sizeof(error->text), "it was revoked");
	return -1;
}

static inline void fake_exchange(struct fake_method *fake, const char *identity,
				 unsigned int containers, size_t size)
{
	memset(fake, 0, sizeof(*fake));
	fake->method = (struct keying_method){
		.id = FAKE_EXCHANGE, .name = "exchange", .containers = containers,
		.credentials = &fake->credentials,
		.open = fake_open, .step = fake_step, .close = fake_close,
	};
	snprintf(fake->credentials.identity, sizeof(fake->credentials.identity), "%.63s", identity);
	fake->credentials.size = size;
	fake->credentials.secret = 1;
}

static inline void fake_embeds(struct fake_method *fake)
{
	fake->method.step = fake_embedded_step;
	fake->method.bind = fake_bind;
	fake->method.needs_peer = true;
}

/* Of @containers 0 it cannot do without request and command. */
static inline void fake_embedded(struct fake_method *fake, const char *identity,
				 unsigned int containers, size_t size)
{
	fake_exchange(fake, identity, containers, size);
	fake->method.id = FAKE_EMBEDDED;
	fake->method.name = "embedded";
	fake_embeds(fake);
}

static inline void fake_shared(struct fake_method *fake)
{
	memset(fake, 0, sizeof(*fake));
	fake->method = (struct keying_method){
		.id = FAKE_SHARED, .name = "psk", .credentials = &fake->credentials,
		.open = fake_open, .step = fake_shared_step, .close = fake_close,
	};
	fake->credentials.secret = 2;
}

#endif
