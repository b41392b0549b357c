// SPDX-License-Identifier: MIT
#include "eccsi_sakke.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "core/constants.h"

#include "../failure.h"
#include "../kd.h"
#include "../mikey_sakke/origin.h"
#include "../sentence.h"
#include "seen.h"
#include "signed.h"
#include "signer.h"

#define COMMAND_LEN	(SAKKE_DATA_LEN + ECCSI_SIGNATURE_LEN)

/* The method with what it uses and what it remembers. */
struct eccsi_sakke {
	struct keying_method method;
	const struct provision *provision;
	struct seen *seen;
};

/**
 * struct keying_session - a run
 * @sakke: the method
 * @context: what it is bound to
 * @own: own keys of the month that it is, to sign with
 * @peer: the other one: who has to be it, or empty
 * @known: rekeying: the community whose user the peer is, NULL when nothing tells
 * @bound: UE_1: the command has come
 * @opened: UE_1: there was a command that is authentic, and could be opened
 * @command: the container of it
 * @name: who it is from
 * @signer: what signed it
 * @ssv: what was in it; secret
 */
struct keying_session {
	const struct eccsi_sakke *sakke;
	struct keying_context context;
	const struct mikey_keys *own;
	char peer[MIKEY_URI_MAX + 1];
	const struct community *known;
	bool bound;
	bool opened;
	uint8_t command[COMMAND_LEN];
	char name[MIKEY_URI_MAX + 1];
	struct signer signer;
	uint8_t ssv[SAKKE_SSV_LEN];
};

static const struct provision *provision_of(const struct keying_session *session)
{
	return session->sakke->provision;
}

static struct mikey_month month_now(const struct keying_session *session)
{
	const struct mikey_time now = { .seconds = session->context.now };

	return mikey_month_of(&now);
}

/* May it be the peer's name? 0, or -1 with @error filled. */
static int check_name(const struct provision *provision, const char *name,
		      struct keying_error *error)
{
	size_t len = strlen(name);
	const char *fault;

	if (len > MIKEY_URI_MAX) {
		keying_fail(error, KEYING_CAUSE_AUTHENTICATION,
			    "the identity of the peer is longer than the %d octets that there are keys for",
			    MIKEY_URI_MAX);
		return -1;
	}
	fault = mikey_uri_fault(mikey_scheme_of(name, len), name, len);
	if (fault) {
		keying_fail(error, KEYING_CAUSE_AUTHENTICATION, "the peer's '%s' %s", name, fault);
		return -1;
	}
	/* Sent back to where it came from, a signature would be good else. */
	if (!strcmp(name, provision->identity)) {
		keying_fail(error, KEYING_CAUSE_AUTHENTICATION,
			    "the peer has the identity of this UE itself");
		return -1;
	}
	return 0;
}

static struct keying_session *session_open(const struct keying_method *method,
					   const struct keying_context *context,
					   struct keying_error *error)
{
	const struct eccsi_sakke *sakke = method->credentials;
	struct keying_session *session;
	struct mikey_month month;

	if (!context->embedded) {
		keying_fail(error, KEYING_CAUSE_AUTHENTICATION,
			    "method eccsi-sakke needs the signature of the peer in its request, which has none");
		return NULL;
	}
	if (*context->peer_identity &&
	    check_name(sakke->provision, context->peer_identity, error))
		return NULL;
	session = OPENSSL_zalloc(sizeof(*session));
	if (!session) {
		keying_fail(error, KEYING_CAUSE_UNSPECIFIED, "out of memory");
		return NULL;
	}
	session->sakke = sakke;
	session->context = *context;
	strcpy(session->peer, context->peer_identity);
	month = month_now(session);
	session->own = provision_keys(sakke->provision, NULL, &month);
	if (context->rekeying && context->evidence_len)
		session->known = origin_community(sakke->provision, context->evidence,
						  context->evidence_len);
	/* Not owned, and read. */
	session->context.evidence = NULL;
	if (!session->own) {
		provision_no_keys(sakke->provision, &month, error);
		method->close(session);
		return NULL;
	}
	return session;
}

static void session_bind(struct keying_session *session, const uint8_t nonce_2[KEYING_NONCE_LEN],
			 const uint8_t request_hash[KEYING_HASH_LEN])
{
	memcpy(session->context.nonce_2, nonce_2, KEYING_NONCE_LEN);
	memcpy(session->context.request_hash, request_hash, KEYING_HASH_LEN);
	session->bound = true;
}

static void session_close(struct keying_session *session)
{
	OPENSSL_clear_free(session, sizeof(*session));
}

/* Is it signed by who it is said to be from? */
static enum keying_status verify(const struct keying_session *session, const char *name,
				 const uint8_t *data, size_t len, const uint8_t *signature,
				 struct signer *signer, struct keying_error *error)
{
	const struct mikey_octets message = { data, len };
	char why[KEYING_TEXT_MAX];

	if (signer_find(signer, provision_of(session), name, &message, signature,
			session->context.now, why, sizeof(why)))
		return keying_fail(error, KEYING_CAUSE_AUTHENTICATION, "%s", why);
	return KEYING_SEND;
}

/* KD and what there is to know of it. */
static enum keying_status finish(const struct keying_session *session, const char *peer,
				 const uint8_t payload[static SAKKE_DATA_LEN],
				 const struct signer *signer,
				 const uint8_t ssv[static SAKKE_SSV_LEN],
				 struct keying_result *result, struct keying_error *error)
{
	const char *own = provision_of(session)->identity;
	uint8_t hash[KEYING_HASH_LEN];
	struct kd_input input;

	kd_input_run(&input, PROSE_FC_ECCSI_SAKKE_KD, &session->context);
	if (!EVP_Digest(payload, SAKKE_DATA_LEN, hash, NULL, EVP_sha256(), NULL) ||
	    kd_input_names(&input, session->context.role, own, peer) ||
	    kd_input_add(&input, hash, sizeof(hash)) ||
	    kd_derive(&input, ssv, SAKKE_SSV_LEN, result->kd))
		return kd_failed(result, error);
	snprintf(result->detail, sizeof(result->detail), "ECCSI and SAKKE, %04d-%02d, KMS %s",
		 signer->month.year, signer->month.month, signer->community->mikey->kms);
	origin_make(result, peer, signer->community, &signer->month);
	return KEYING_DONE;
}

/* Sends a container of one or two parts. 0, or -1 without memory. */
static int put_out(const void *data, size_t len, const char *name, struct keying_buffer *out)
{
	size_t name_len = strlen(name);

	out->data = malloc(len + name_len);
	if (!out->data)
		return -1;
	memcpy(out->data, data, len);
	memcpy(out->data + len, name, name_len);
	out->len = len + name_len;
	return 0;
}

static int sign(const struct mikey_keys *own, const uint8_t *data, size_t len,
		uint8_t signature[static ECCSI_SIGNATURE_LEN])
{
	return eccsi_sign(own->community->eccsi, &own->eccsi, data, len, signature);
}

/* UE_1: the container of the request. */
static enum keying_status make_request(const struct keying_session *session,
				       struct keying_buffer *out, struct keying_error *error)
{
	uint8_t data[SIGNED_MAX], signature[ECCSI_SIGNATURE_LEN];
	size_t len;

	if (session->context.rekeying)
		return KEYING_SEND;
	len = signed_request(provision_of(session)->identity, session->context.nonce_1, data);
	if (!sign(session->own, data, len, signature) &&
	    !put_out(signature, sizeof(signature), "", out))
		return KEYING_SEND;
	/* no fault of the peer, whom another method may do for */
	keying_fail(error, KEYING_CAUSE_UNSPECIFIED, "the request could not be signed: %s",
		    keying_openssl_reason());
	return KEYING_DECLINED;
}

/* UE_2, rekeying: the peer is known, and what its keys are is known as far as KD tells. */
static enum keying_status take_rekeying(const struct keying_session *session, size_t in_len,
					struct signer *signer, struct keying_error *error)
{
	char why[KEYING_TEXT_MAX];

	if (in_len)
		return keying_fail(error, KEYING_CAUSE_AUTHENTICATION,
				   "the rekeying request has a signature, which it must not");
	signer->month = month_now(session);
	signer->community = session->known ? session->known :
		provision_community(provision_of(session), session->own->community);
	if (!signer->community)
		return keying_fail(error, KEYING_CAUSE_UNSPECIFIED,
				   "the peer's community was not found: %s",
				   keying_openssl_reason());
	if (community_judge(signer->community, session->peer, session->context.now, why,
			    sizeof(why)))
		return keying_fail(error, KEYING_CAUSE_AUTHENTICATION, "%s", why);
	return KEYING_SEND;
}

/* UE_2: is the request from whom it says? */
static enum keying_status take_request(const struct keying_session *session, const uint8_t *in,
				       size_t in_len, struct signer *signer,
				       struct keying_error *error)
{
	const uint8_t *nonce_1 = session->context.nonce_1;
	uint8_t data[SIGNED_MAX];
	enum keying_status status;
	size_t len;

	if (!*session->peer)
		return keying_fail(error, KEYING_CAUSE_AUTHENTICATION,
				   "the request does not say who it is from, which its signature would have to prove");
	if (session->context.rekeying)
		return take_rekeying(session, in_len, signer, error);
	if (in_len != ECCSI_SIGNATURE_LEN)
		return keying_fail(error, KEYING_CAUSE_AUTHENTICATION,
				   "the signature of the request has %zu octets, and those of ECCSI have %d",
				   in_len, ECCSI_SIGNATURE_LEN);
	if (!session->context.again &&
	    seen_has(session->sakke->seen, session->peer, nonce_1))
		return keying_fail(error, KEYING_CAUSE_AUTHENTICATION,
				   "the request was here before: it is a replay");
	len = signed_request(session->peer, nonce_1, data);
	status = verify(session, session->peer, data, len, in, signer, error);
	error->authentic = signer->verified;
	if (signer->verified && !session->context.again)
		seen_add(session->sakke->seen, session->peer, nonce_1);
	return status;
}

/* UE_2: Encrypted Payload to UE_1, and the signature, as one container. */
static int make_command(const struct keying_session *session, const struct signer *to,
			const uint8_t ssv[static SAKKE_SSV_LEN],
			uint8_t command[static COMMAND_LEN])
{
	const struct provision *provision = provision_of(session);
	struct mikey_month month = month_now(session);
	/* Keys of its community, which it surely trusts, if there are any. */
	const struct mikey_keys *own = provision_keys(provision, to->community->mikey, &month);
	struct mikey_identifier id;
	uint8_t data[SIGNED_MAX];
	size_t len;

	if (mikey_identifier(session->peer, strlen(session->peer), &to->month, &id) ||
	    sakke_encapsulate(to->community->mikey->sakke, id.octets, id.len, ssv, command))
		return -1;
	len = signed_command(provision->identity, session->context.nonce_1, command, data);
	return sign(own ? own : session->own, data, len, command + SAKKE_DATA_LEN);
}

static enum keying_status answer_request(struct keying_session *session, const uint8_t *in,
					 size_t in_len, struct keying_buffer *out,
					 struct keying_result *result, struct keying_error *error)
{
	uint8_t ssv[SAKKE_SSV_LEN], command[COMMAND_LEN];
	struct signer signer = { 0 };
	enum keying_status status;

	/* Without a community it has failed, which clang's analyzer does not see. */
	if (take_request(session, in, in_len, &signer, error) == KEYING_FAILED ||
	    !signer.community)
		return KEYING_FAILED;
	if (RAND_priv_bytes(ssv, sizeof(ssv)) != 1 ||
	    make_command(session, &signer, ssv, command))
		status = keying_fail(error, KEYING_CAUSE_UNSPECIFIED,
				     "the command could not be made: %s", keying_openssl_reason());
	else
		status = finish(session, session->peer, command, &signer, ssv, result, error);
	if (status == KEYING_DONE &&
	    put_out(command, sizeof(command), provision_of(session)->identity, out)) {
		OPENSSL_cleanse(result, sizeof(*result));
		status = keying_fail(error, KEYING_CAUSE_UNSPECIFIED,
				     "the command could not be made: out of memory");
	}
	OPENSSL_cleanse(ssv, sizeof(ssv));
	return status;
}

/* UE_1: with the keys that the request was signed with; rekeying: with those of UE_2's month. */
static int decapsulate(const struct keying_session *session, const struct mikey_month *month,
		       const uint8_t payload[static SAKKE_DATA_LEN],
		       uint8_t ssv[static SAKKE_SSV_LEN])
{
	const struct provision *provision = provision_of(session);

	if (!session->context.rekeying)
		return sakke_decapsulate(session->own->sakke, payload, SAKKE_DATA_LEN, ssv);
	for (size_t i = 0; i < provision->n_communities; i++) {
		const struct mikey_keys *keys =
			provision_keys(provision, provision->communities[i].mikey, month);

		if (keys && !sakke_decapsulate(keys->sakke, payload, SAKKE_DATA_LEN, ssv))
			return 0;
	}
	return -1;
}

/*
 * UE_1: a command that is authentic may come again with other octets around it, which its signature
 * does not cover. What was opened is not opened again.
 */
static enum keying_status open_command(struct keying_session *session, const char *name,
				       const uint8_t *in, struct keying_error *error)
{
	struct signer signer;
	uint8_t data[SIGNED_MAX];
	size_t len;

	if (session->opened && !strcmp(session->name, name) &&
	    !memcmp(session->command, in, COMMAND_LEN))
		return KEYING_SEND;
	len = signed_command(name, session->context.nonce_1, in, data);
	if (verify(session, name, data, len, in + SAKKE_DATA_LEN, &signer, error) ==
	    KEYING_FAILED)
		return KEYING_FAILED;
	session->opened = false;
	if (decapsulate(session, &signer.month, in, session->ssv))
		return keying_fail(error, KEYING_CAUSE_AUTHENTICATION,
				   "the secret in the command could not be opened");
	session->opened = true;
	memcpy(session->command, in, COMMAND_LEN);
	strcpy(session->name, name);
	session->signer = signer;
	return KEYING_SEND;
}

/* UE_1: it may fail, and be given another command then. */
static enum keying_status take_command(struct keying_session *session, const uint8_t *in,
				       size_t in_len, struct keying_result *result,
				       struct keying_error *error)
{
	char claimed[KEYING_TEXT_MAX] = "";
	const char *name = session->peer;

	if (in_len < COMMAND_LEN || in_len - COMMAND_LEN >= sizeof(claimed))
		return keying_fail(error, KEYING_CAUSE_AUTHENTICATION,
				   "the command has no Encrypted Payload and Signature, or they are malformed");
	memcpy(claimed, in + COMMAND_LEN, in_len - COMMAND_LEN);
	if (!*name)
		name = claimed;
	if (!*name)
		return keying_fail(error, KEYING_CAUSE_AUTHENTICATION,
				   "the command does not say who it is from, which its signature would have to prove");
	if (*claimed && strcmp(claimed, name))
		return keying_fail(error, KEYING_CAUSE_AUTHENTICATION,
				   "the command is from '%.100s', and '%.100s' was awaited",
				   claimed, name);
	if (check_name(provision_of(session), name, error) ||
	    open_command(session, name, in, error) == KEYING_FAILED)
		return KEYING_FAILED;
	return finish(session, name, in, &session->signer, session->ssv, result, error);
}

static enum keying_status session_step(struct keying_session *session, const uint8_t *in,
				       size_t in_len, struct keying_buffer *out,
				       struct keying_result *result, struct keying_error *error)
{
	*out = (struct keying_buffer){ 0 };
	*result = (struct keying_result){ 0 };
	if (session->context.role == KEYING_UE_2)
		return answer_request(session, in, in_len, out, result, error);
	if (!session->bound)
		return make_request(session, out, error);
	return take_command(session, in, in_len, result, error);
}

static int recheck(const struct keying_method *method, const uint8_t *evidence, size_t len,
		   time_t now, struct keying_error *error)
{
	const struct eccsi_sakke *sakke = method->credentials;

	error->cause = KEYING_CAUSE_AUTHENTICATION;
	return origin_judge(sakke->provision, evidence, len, now, error->text,
			    sizeof(error->text));
}

struct keying_method *eccsi_sakke_new(const struct keying_method *mikey_sakke,
				      const struct keying_method *before, char *why,
				      size_t why_len)
{
	const struct eccsi_sakke *old = before ? before->credentials : NULL;
	const struct provision *provision = provision_of_method(mikey_sakke);
	struct eccsi_sakke *sakke;

	if (provision->n_communities > ECCSI_SAKKE_COMMUNITIES_MAX) {
		keying_sentence(why, why_len,
				"method eccsi-sakke tries a signature in each community, and there are more than %d; name fewer, or leave the method out",
				ECCSI_SAKKE_COMMUNITIES_MAX);
		return NULL;
	}
	sakke = OPENSSL_zalloc(sizeof(*sakke));
	if (!sakke) {
		keying_sentence(why, why_len, "out of memory");
		return NULL;
	}
	sakke->method = (struct keying_method){
		.id = KEYING_ECCSI_SAKKE,
		.name = "eccsi-sakke",
		.credentials = sakke,
		.open = session_open,
		.step = session_step,
		.bind = session_bind,
		.close = session_close,
		.recheck = recheck,
	};
	sakke->provision = provision;
	sakke->seen = old ? seen_share(old->seen) : seen_new();
	if (sakke->seen)
		return &sakke->method;
	keying_sentence(why, why_len, "out of memory");
	eccsi_sakke_free(&sakke->method);
	return NULL;
}

void eccsi_sakke_free(struct keying_method *method)
{
	struct eccsi_sakke *sakke;

	if (!method)
		return;
	sakke = method->credentials;
	seen_release(sakke->seen);
	OPENSSL_free(sakke);
}
