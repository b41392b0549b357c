// SPDX-License-Identifier: MIT
#include "mikey_sakke.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "mikey/sakke_message.h"

#include "../failure.h"
#include "../kd.h"
#include "../sentence.h"
#include "origin.h"
#include "hello.h"
#include "memory.h"
#include "run.h"

/* The method with what it was provisioned with. */
struct mikey_sakke {
	struct keying_method method;
	struct provision provision;
	struct memory *memory;
};

/**
 * struct keying_session - a run
 * @sakke: the method
 * @run: what it is bound to
 * @round: of the container that is to come next
 * @reply: message 2 is required, by either end
 * @peer: the other one: who has to be it, or empty; then who it is
 * @community: whose user it is
 * @month: of its keys
 * @sent: UE_1, embedded: month of message 1
 * @broken: UE_1, embedded: it could not be bound
 * @opened: UE_1, embedded: message 2 that was opened last, to know it again. It may have come in a command
 *	    that was forged around it, and may come in the true one; and no message is opened twice
 */
struct keying_session {
	const struct mikey_sakke *sakke;
	struct run run;
	unsigned int round;
	bool reply;
	char peer[MIKEY_URI_MAX + 1];
	const struct community *community;
	struct mikey_month month, sent;
	bool broken;
	struct {
		bool any;
		uint8_t hash[KEYING_HASH_LEN];
		uint8_t kd[MIKEY_KD_LEN];
		struct mikey_month month;
	} opened;
};

static const struct provision *provision_of(const struct keying_session *session)
{
	return &session->sakke->provision;
}

/* Fails for what a lower layer says. Its sentences stand alone; here they follow a colon. */
static enum keying_status fail_below(struct keying_error *error, enum keying_cause cause, char *why)
{
	if (isupper((unsigned char)why[0]) && (islower((unsigned char)why[1]) || why[1] == ' '))
		why[0] = (char)tolower((unsigned char)why[0]);
	return keying_fail(error, cause, "%s", why);
}

/*
 * UE_1: can the method be used with that peer at all? A message is encrypted to its name, and no KMS has
 * keys for a name that is no URI; such a peer is another method's, so it is to be known before any is
 * offered.
 */
static int check_peer(const struct provision *provision, const struct keying_context *context,
		      struct keying_error *error)
{
	const struct mikey_time now = { .seconds = context->now };
	const struct mikey_month month = mikey_month_of(&now);
	const char *peer = context->peer_identity;
	const char *fault = mikey_uri_fault(mikey_scheme_of(peer, strlen(peer)), peer, strlen(peer));

	if (!*peer)
		keying_fail(error, KEYING_CAUSE_AUTHENTICATION,
			    "method mikey-sakke needs the identity of the peer, which its message is encrypted to; name it");
	else if (fault)
		keying_fail(error, KEYING_CAUSE_AUTHENTICATION,
			    "method mikey-sakke has no keys for the peer, whose '%.100s' %s", peer, fault);
	else if (context->embedded && !provision_keys(provision, NULL, &month))
		provision_no_keys(provision, &month, error);
	else
		return 0;
	return -1;
}

static struct keying_session *session_open(const struct keying_method *method,
					   const struct keying_context *context,
					   struct keying_error *error)
{
	const struct mikey_sakke *sakke = method->credentials;
	struct keying_session *session;

	if (strlen(context->peer_identity) > MIKEY_URI_MAX) {
		keying_fail(error, KEYING_CAUSE_AUTHENTICATION,
			    "the identity of the peer is longer than the %d octets that there are keys for",
			    MIKEY_URI_MAX);
		return NULL;
	}
	if (context->role == KEYING_UE_1 && check_peer(&sakke->provision, context, error))
		return NULL;
	session = OPENSSL_zalloc(sizeof(*session));
	if (!session) {
		keying_fail(error, KEYING_CAUSE_UNSPECIFIED, "out of memory");
		return NULL;
	}
	session->sakke = sakke;
	strcpy(session->peer, context->peer_identity);
	if (run_begin(&session->run, context)) {
		keying_fail(error, KEYING_CAUSE_UNSPECIFIED, "the run could not begin: %s",
			    keying_openssl_reason());
		method->close(session);
		return NULL;
	}
	return session;
}

static void session_close(struct keying_session *session)
{
	if (!session)
		return;
	run_end(&session->run);
	OPENSSL_clear_free(session, sizeof(*session));
}

/* Sends a container. 0 or -1 without memory. */
static int put_out(struct keying_session *session, unsigned int round, const uint8_t *data,
		   size_t len, struct keying_buffer *out)
{
	if (run_container(&session->run, round, data, len))
		return -1;
	out->data = malloc(len);
	if (!out->data)
		return -1;
	memcpy(out->data, data, len);
	out->len = len;
	return 0;
}

/* Of a second there may be several messages, and no two have the same timestamp. */
static int timestamp(const struct keying_session *session, struct mikey_time *time)
{
	time->seconds = session->run.context.now;
	return RAND_bytes((unsigned char *)&time->fraction, sizeof(time->fraction)) == 1 ? 0 : -1;
}

/* Makes the message of a round, from own keys to the peer in its community. */
static enum keying_status make(struct keying_session *session, unsigned int round,
			       const struct mikey_keys *from, const struct mikey_time *time,
			       struct keying_buffer *out, struct keying_error *error)
{
	uint8_t extension[RUN_EXTENSION_LEN], message[MIKEY_SAKKE_MAX], kd[MIKEY_KD_LEN];
	const struct mikey_payload more = {
		.payload = MIKEY_EXTENSION, .type = MIKEY_EXT_RUN,
		.data = { extension, sizeof(extension) },
	};
	struct mikey_sakke_offer offer = {
		.from = from,
		.to = { (const uint8_t *)session->peer, strlen(session->peer) },
		.community = session->community->mikey,
		.time = *time, .name_kms = true, .more = &more, .n_more = 1,
	};
	enum keying_status status = KEYING_SEND;
	char why[MIKEY_REASON_MAX];
	int len;

	if (run_extension(&session->run, round,
			  round == 1 && session->reply ? RUN_REPLY_REQUIRED : 0, extension) ||
	    mikey_sakke_random(&offer)) {
		status = keying_fail(error, KEYING_CAUSE_UNSPECIFIED,
				     "message %u could not be made: %s", round,
				     keying_openssl_reason());
		goto out;
	}
	len = mikey_sakke_make(&offer, message, sizeof(message), kd, why, sizeof(why));
	if (len < 0) {
		status = fail_below(error, KEYING_CAUSE_UNSPECIFIED, why);
		goto out;
	}
	if (put_out(session, round, message, (size_t)len, out)) {
		status = keying_fail(error, KEYING_CAUSE_UNSPECIFIED,
				     "message %u could not be sent: out of memory", round);
		goto out;
	}
	run_add_kd(&session->run, kd);
out:
	OPENSSL_cleanse(&offer, sizeof(offer));
	OPENSSL_cleanse(kd, sizeof(kd));
	return status;
}

/* It costs nothing to find out that a message is for another run, before any signature is verified. */
static enum keying_status check_run(struct keying_session *session, unsigned int round,
				    const uint8_t *in, size_t in_len, struct keying_error *error)
{
	struct mikey_message message;
	int flags;

	/* What is malformed is told when it is opened. */
	if (in_len > MIKEY_SAKKE_MAX || mikey_decode(&message, in, in_len, NULL))
		return KEYING_SEND;
	flags = run_flags(&session->run, round, &message);
	if (flags < 0)
		return keying_fail(error, KEYING_CAUSE_AUTHENTICATION,
				   "the message was not made for this connection: it was for another one, or something on the way was changed");
	if (flags & RUN_REPLY_REQUIRED)
		session->reply = true;
	return KEYING_SEND;
}

static bool denied(const struct keying_session *session, struct keying_error *error)
{
	char why[KEYING_TEXT_MAX];

	if (!community_judge(session->community, session->peer, session->run.context.now, why,
			     sizeof(why)))
		return false;
	keying_fail(error, KEYING_CAUSE_AUTHENTICATION, "%s", why);
	return true;
}

/* What an exchange may do better: another community, another month's keys, or a message made anew. */
static bool exchange_helps(enum mikey_refusal refusal)
{
	return refusal == MIKEY_WRONG_MONTH || refusal == MIKEY_WRONG_COMMUNITY ||
	       refusal == MIKEY_REPLAYED;
}

static enum keying_status open_message(struct keying_session *session, unsigned int round,
				       const uint8_t *in, size_t in_len,
				       struct mikey_sakke_opened *opened,
				       struct keying_error *error)
{
	const struct provision *provision = provision_of(session);
	const struct mikey_sakke_receiver receiver = {
		.keys = provision->keys, .n_keys = provision->n_keys,
		.communities = (const struct mikey_community *const *)provision->trust.communities,
		.n_communities = provision->trust.n,
		.replay = session->sakke->memory->replay,
		.now = { .seconds = session->run.context.now },
		.initiator = { (const uint8_t *)session->peer, strlen(session->peer) },
	};
	const struct community *community;
	char why[MIKEY_REASON_MAX];
	enum mikey_refusal refusal;

	if (check_run(session, round, in, in_len, error) == KEYING_FAILED)
		return KEYING_FAILED;
	refusal = mikey_sakke_open(&receiver, in, in_len, opened, why, sizeof(why));
	/* the signature has verified, and no message is taken twice */
	if (refusal == MIKEY_TAKEN || refusal == MIKEY_NOT_OPENED)
		error->authentic = true;
	if (refusal) {
		fail_below(error, KEYING_CAUSE_AUTHENTICATION, why);
		return session->run.context.embedded && round == 1 && exchange_helps(refusal) ?
			KEYING_DECLINED : KEYING_FAILED;
	}
	community = provision_community(provision, opened->initiator_community);
	if (!community || (session->community && session->community != community))
		return keying_fail(error, KEYING_CAUSE_AUTHENTICATION,
				   "the peer is a user of KMS %s, and another community was awaited",
				   opened->initiator_community->kms);
	/* No longer than that, or there would be no identifier of it. */
	memcpy(session->peer, opened->initiator.data, opened->initiator.len);
	session->peer[opened->initiator.len] = '\0';
	session->community = community;
	session->month = mikey_month_of(&opened->time);
	if (denied(session, error))
		return KEYING_FAILED;
	run_add_kd(&session->run, opened->kd);
	return KEYING_SEND;
}

static enum keying_status finish(struct keying_session *session, struct keying_result *result,
				 struct keying_error *error)
{
	if (run_kd(&session->run, provision_of(session)->identity, session->peer, result->kd))
		return kd_failed(result, error);
	snprintf(result->detail, sizeof(result->detail), "MIKEY-SAKKE, %04d-%02d, KMS %s%s",
		 session->month.year, session->month.month, session->community->mikey->kms,
		 session->reply ? "" : ", no reply");
	origin_make(result, session->peer, session->community, &session->month);
	return KEYING_DONE;
}

/* UE_2, container 0. */
static enum keying_status say_hello(struct keying_session *session, struct keying_buffer *out,
				    struct keying_error *error)
{
	const struct mikey_time now = { .seconds = session->run.context.now };
	uint8_t data[HELLO_MAX];
	struct hello hello;

	hello_make(&hello, provision_of(session), &now);
	if (put_out(session, 0, data, hello_encode(&hello, data), out))
		return keying_fail(error, KEYING_CAUSE_UNSPECIFIED, "out of memory");
	session->reply = hello.reply_required;
	session->round = 1;
	return KEYING_SEND;
}

/*
 * UE_1: which of its keys to sign with, of those whose community the peer trusts, and the community to
 * encrypt for, of those that the peer has keys of. One for both when there is one.
 */
static const struct mikey_keys *choose(struct keying_session *session, const struct hello *hello,
				       const struct mikey_month *month, struct keying_error *error)
{
	const struct provision *provision = provision_of(session);
	const struct mikey_keys *from = NULL;

	for (size_t i = 0; i < provision->n_communities; i++) {
		const struct community *community = &provision->communities[i];
		const struct mikey_keys *keys =
			provision_keys(provision, community->mikey, month);
		bool there = hello_has_keys(hello, community);

		if (keys && hello_trusts(hello, community) && (!from || there)) {
			from = keys;
			if (there) {
				session->community = community;
				return from;
			}
		}
		if (there && !session->community)
			session->community = community;
	}
	if (!provision_keys(provision, NULL, month))
		provision_no_keys(provision, month, error);
	else if (!from)
		keying_fail(error, KEYING_CAUSE_AUTHENTICATION,
			    "the peer trusts none of the communities that this UE has keys of; it has to be given the file of one");
	else if (!session->community)
		keying_fail(error, KEYING_CAUSE_AUTHENTICATION,
			    "the peer has keys for the time it is of none of the communities that are trusted here");
	return session->community ? from : NULL;
}

/* UE_1, containers 0 and 1. */
static enum keying_status answer_hello(struct keying_session *session, const uint8_t *in,
				       size_t in_len, struct keying_buffer *out,
				       struct keying_result *result, struct keying_error *error)
{
	const struct mikey_keys *from;
	char why[KEYING_TEXT_MAX];
	struct mikey_time time;
	struct hello hello;

	if (hello_decode(&hello, in, in_len, why, sizeof(why)))
		return keying_fail(error, KEYING_CAUSE_AUTHENTICATION, "%s", why);
	if (run_container(&session->run, 0, in, in_len) || timestamp(session, &time))
		return keying_fail(error, KEYING_CAUSE_UNSPECIFIED,
				   "message 1 could not be made: %s", keying_openssl_reason());
	session->month = mikey_month_of(&time);
	from = choose(session, &hello, &session->month, error);
	session->reply = hello.reply_required || provision_of(session)->reply_required;
	if (!from || denied(session, error) ||
	    make(session, 1, from, &time, out, error) == KEYING_FAILED)
		return KEYING_FAILED;
	session->round = 2;
	return session->reply ? KEYING_SEND : finish(session, result, error);
}

/* UE_2, messages 1 and 2. */
static enum keying_status answer_message(struct keying_session *session, const uint8_t *in,
					 size_t in_len, struct keying_buffer *out,
					 struct keying_result *result, struct keying_error *error)
{
	struct mikey_sakke_opened opened;
	const struct mikey_keys *own;
	enum keying_status status;
	struct mikey_time time;
	struct mikey_month month;

	status = open_message(session, 1, in, in_len, &opened, error);
	own = status == KEYING_SEND ? opened.keys : NULL;
	OPENSSL_cleanse(&opened, sizeof(opened));
	if (status != KEYING_SEND)
		return status;
	if (run_container(&session->run, 1, in, in_len) || timestamp(session, &time))
		return keying_fail(error, KEYING_CAUSE_UNSPECIFIED,
				   "message 2 could not be made: %s", keying_openssl_reason());
	if (!session->reply)
		return finish(session, result, error);
	/* Its keys of the month that it is here, which may be another than it is at the peer. */
	month = mikey_month_of(&time);
	own = provision_keys(provision_of(session), own->community, &month);
	if (!own)
		return provision_no_keys(provision_of(session), &month, error);
	if (make(session, 2, own, &time, out, error) == KEYING_FAILED)
		return KEYING_FAILED;
	return finish(session, result, error);
}

/* UE_1, message 2. */
static enum keying_status take_reply(struct keying_session *session, const uint8_t *in,
				     size_t in_len, struct keying_result *result,
				     struct keying_error *error)
{
	struct mikey_sakke_opened opened;
	enum keying_status status = open_message(session, 2, in, in_len, &opened, error);

	OPENSSL_cleanse(&opened, sizeof(opened));
	if (status == KEYING_FAILED)
		return status;
	if (run_container(&session->run, 2, in, in_len))
		return kd_failed(result, error);
	return finish(session, result, error);
}

/*
 * UE_1, embedded: own keys of this month. That the peer is a user of their community is a guess, which an
 * exchange spares: so the peer is refused when the KMS has denied it; when the time of the deny list has
 * ended, which says nothing of this peer, another community is tried, and then it is left to an exchange.
 */
static enum keying_status choose_embedded(struct keying_session *session,
					  const struct mikey_keys **from,
					  struct keying_error *error)
{
	const struct provision *provision = provision_of(session);
	const time_t now = session->run.context.now;
	char why[KEYING_TEXT_MAX];

	provision_no_keys(provision, &session->sent, error);
	for (size_t i = 0; i < provision->n_keys; i++) {
		const struct mikey_keys *keys = provision->keys[i];

		if (keys->user.month.year != session->sent.year ||
		    keys->user.month.month != session->sent.month)
			continue;
		session->community = provision_community(provision, keys->community);
		if (!session->community)
			continue;
		if (!community_judge(session->community, session->peer, now, why, sizeof(why))) {
			*from = keys;
			return KEYING_SEND;
		}
		keying_fail(error, KEYING_CAUSE_AUTHENTICATION, "%s", why);
		if (community_denies(session->community, session->peer))
			return KEYING_FAILED;
	}
	return KEYING_DECLINED;
}

/* UE_1, embedded: message 1, to the peer as a user of the community that own keys are of. */
static enum keying_status begin_embedded(struct keying_session *session, struct keying_buffer *out,
					 struct keying_error *error)
{
	const struct mikey_keys *from = NULL;
	enum keying_status status;
	struct mikey_time time;

	if (timestamp(session, &time)) {
		keying_fail(error, KEYING_CAUSE_UNSPECIFIED, "message 1 could not be made: %s",
			    keying_openssl_reason());
		return KEYING_DECLINED;
	}
	session->sent = mikey_month_of(&time);
	status = choose_embedded(session, &from, error);
	if (status != KEYING_SEND)
		return status;
	session->reply = provision_of(session)->reply_required;
	session->round = 2;
	return make(session, 1, from, &time, out, error) == KEYING_SEND ? KEYING_SEND :
									  KEYING_DECLINED;
}

static void session_bind(struct keying_session *session, const uint8_t nonce_2[KEYING_NONCE_LEN],
			 const uint8_t request_hash[KEYING_HASH_LEN])
{
	session->broken = run_bind(&session->run, nonce_2, request_hash);
	session->reply = provision_of(session)->reply_required;
	session->month = session->sent;
}

/* UE_1, embedded: the message 2 that is known already. */
static enum keying_status open_again(struct keying_session *session, const uint8_t *in,
				     size_t in_len, struct keying_error *error)
{
	if (check_run(session, 2, in, in_len, error) == KEYING_FAILED)
		return KEYING_FAILED;
	run_add_kd(&session->run, session->opened.kd);
	session->month = session->opened.month;
	return KEYING_SEND;
}

/* UE_1, embedded: message 2, or that there is none, of what may be the command, or is a forged one. */
static enum keying_status judge_command(struct keying_session *session, const uint8_t *in,
					size_t in_len, struct keying_result *result,
					struct keying_error *error)
{
	struct mikey_sakke_opened opened;
	uint8_t hash[KEYING_HASH_LEN];
	enum keying_status status;

	if (session->broken || (in && !EVP_Digest(in, in_len, hash, NULL, EVP_sha256(), NULL)))
		return kd_failed(result, error);
	if (!in)
		return session->reply ?
		       keying_fail(error, KEYING_CAUSE_AUTHENTICATION,
				   "the peer has sent no message 2, which this UE requires") :
		       finish(session, result, error);
	session->reply = true;
	if (session->opened.any && !memcmp(session->opened.hash, hash, sizeof(hash))) {
		status = open_again(session, in, in_len, error);
	} else {
		status = open_message(session, 2, in, in_len, &opened, error);
		if (status == KEYING_SEND) {
			session->opened.any = true;
			session->opened.month = session->month;
			memcpy(session->opened.hash, hash, sizeof(hash));
			memcpy(session->opened.kd, opened.kd, sizeof(opened.kd));
		}
		OPENSSL_cleanse(&opened, sizeof(opened));
	}
	if (status != KEYING_SEND)
		return KEYING_FAILED;
	if (run_container(&session->run, 2, in, in_len))
		return kd_failed(result, error);
	return finish(session, result, error);
}

static enum keying_status session_step(struct keying_session *session, const uint8_t *in,
				       size_t in_len, struct keying_buffer *out,
				       struct keying_result *result, struct keying_error *error)
{
	bool ue_1 = session->run.context.role == KEYING_UE_1;

	*out = (struct keying_buffer){ 0 };
	*result = (struct keying_result){ 0 };
	if (session->run.context.embedded) {
		if (!ue_1) {
			session->reply = provision_of(session)->reply_required;
			return answer_message(session, in, in_len, out, result, error);
		}
		return session->round ? judge_command(session, in, in_len, result, error) :
					begin_embedded(session, out, error);
	}
	if (!ue_1 && session->round == 0)
		return say_hello(session, out, error);
	if (ue_1 && session->round == 0)
		return answer_hello(session, in, in_len, out, result, error);
	if (ue_1)
		return take_reply(session, in, in_len, result, error);
	return answer_message(session, in, in_len, out, result, error);
}

static int recheck(const struct keying_method *method, const uint8_t *evidence, size_t len,
		   time_t now, struct keying_error *error)
{
	const struct mikey_sakke *sakke = method->credentials;

	error->cause = KEYING_CAUSE_AUTHENTICATION;
	return origin_judge(&sakke->provision, evidence, len, now, error->text,
			      sizeof(error->text));
}

/* What is remembered, by the method before or, when there is none, by an earlier run. */
static struct memory *remember(const struct mikey_sakke_files *files, char *why, size_t why_len)
{
	const struct mikey_sakke *before = files->before ? files->before->credentials : NULL;
	struct memory *memory = before ? memory_share(before->memory) : memory_new();

	if (!memory) {
		keying_sentence(why, why_len, "out of memory");
		return NULL;
	}
	if (before || !files->seen || !seen_load(&memory->seen, files->seen, why, why_len))
		return memory;
	memory_release(memory);
	return NULL;
}

struct keying_method *mikey_sakke_new(const struct mikey_sakke_files *files, char *why,
				      size_t why_len)
{
	const struct mikey_sakke *before = files->before ? files->before->credentials : NULL;
	struct mikey_sakke *sakke = OPENSSL_zalloc(sizeof(*sakke));

	if (!sakke) {
		keying_sentence(why, why_len, "out of memory");
		return NULL;
	}
	sakke->method = (struct keying_method){
		.id = KEYING_MIKEY_SAKKE,
		.name = "mikey-sakke",
		.containers = 3,
		.credentials = sakke,
		.open = session_open,
		.step = session_step,
		.close = session_close,
		.recheck = recheck,
		.bind = files->in_request ? session_bind : NULL,
		.needs_peer = true,
	};
	sakke->memory = remember(files, why, why_len);
	if (!sakke->memory ||
	    provision_load(&sakke->provision, files, before ? &before->provision : NULL,
			   &sakke->memory->seen, why, why_len)) {
		mikey_sakke_free(&sakke->method);
		return NULL;
	}
	return &sakke->method;
}

void mikey_sakke_taken(const struct keying_method *method)
{
	const struct mikey_sakke *sakke = method->credentials;

	for (size_t i = 0; i < sakke->provision.n_communities; i++)
		seen_note(&sakke->memory->seen, &sakke->provision.communities[i]);
}

void mikey_sakke_warn(const struct keying_method *method, time_t now,
		      void (*warn)(void *context, const char *sentence), void *context)
{
	const struct mikey_sakke *sakke = method->credentials;

	provision_warn(&sakke->provision, &sakke->memory->seen, now, warn, context);
}

void mikey_sakke_free(struct keying_method *method)
{
	struct mikey_sakke *sakke;

	if (!method)
		return;
	sakke = method->credentials;
	provision_free(&sakke->provision);
	memory_release(sakke->memory);
	OPENSSL_clear_free(sakke, sizeof(*sakke));
}

const struct provision *provision_of_method(const struct keying_method *method)
{
	const struct mikey_sakke *sakke = method->credentials;

	return &sakke->provision;
}

const char *mikey_sakke_identity(const struct keying_method *method)
{
	const struct mikey_sakke *sakke = method->credentials;

	return sakke->provision.identity;
}

char *mikey_sakke_seen(const struct keying_method *method)
{
	const struct mikey_sakke *sakke = method->credentials;

	return seen_text(&sakke->memory->seen);
}

unsigned long mikey_sakke_changes(const struct keying_method *method)
{
	const struct mikey_sakke *sakke = method->credentials;

	return mikey_replay_changes(sakke->memory->replay) - sakke->memory->saved;
}

uint8_t *mikey_sakke_save(const struct keying_method *method, size_t *len)
{
	const struct mikey_sakke *sakke = method->credentials;

	return mikey_replay_save(sakke->memory->replay, len);
}

void mikey_sakke_saved(const struct keying_method *method)
{
	const struct mikey_sakke *sakke = method->credentials;

	sakke->memory->saved = mikey_replay_changes(sakke->memory->replay);
}

int mikey_sakke_restore(const struct keying_method *method, const uint8_t *data, size_t len,
			time_t now)
{
	const struct mikey_sakke *sakke = method->credentials;
	const struct mikey_time time = { .seconds = now };

	return mikey_replay_restore(sakke->memory->replay, data, len, &time);
}
