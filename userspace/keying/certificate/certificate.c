// SPDX-License-Identifier: MIT
#include "certificate.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "../failure.h"
#include "../sentence.h"
#include "../x509_text.h"
#include "core/constants.h"
#include "credentials.h"
#include "evidence.h"
#include "verify.h"
#include "warnings.h"

/* Four messages, and a hello retry request with its answer. */
#define STEPS_MAX		3

/* Protected success indication, RFC 9190 2.5. */
#define SUCCESS			0x00

struct keying_session {
	const struct credentials *credentials;
	struct keying_context context;
	struct verify verify;
	SSL *ssl;		/* owns both ends of the memory BIOs */
	BIO *in, *out;
	unsigned int steps;	/* containers of the peer */
	bool begun;
	bool shaken;		/* the handshake is complete on this side */
	bool over;
	int alert;		/* description of the peer's fatal alert, -1 when none came */
};

struct alert_words {
	int alert;
	const char *words;
};

/* RFC 8446 6.2, as far as they speak of certificates, with what to do about them. */
static const struct alert_words alert_words[] = {
	{ SSL_AD_BAD_CERTIFICATE,
	  "bad certificate; it may expect another identity than this one, or the CAs above may not sign such a one" },
	{ SSL_AD_UNSUPPORTED_CERTIFICATE,
	  "unsupported certificate; its key usage or extended key usage does not fit" },
	{ SSL_AD_CERTIFICATE_REVOKED, "certificate revoked; a new one is needed" },
	{ SSL_AD_CERTIFICATE_EXPIRED,
	  "certificate expired or not valid yet; check its dates and both clocks" },
	{ SSL_AD_CERTIFICATE_UNKNOWN,
	  "certificate not checked; the peer's CRL may be missing or too old" },
	{ SSL_AD_UNKNOWN_CA, "unknown CA; the peer does not have the root of it" },
	{ SSL_AD_ACCESS_DENIED, "access denied" },
};

static enum keying_status failed(struct keying_session *session, struct keying_error *error)
{
	session->over = true;
	error->cause = KEYING_CAUSE_AUTHENTICATION;
	return KEYING_FAILED;
}

/* Notes what the peer's alert says; a warning such as close_notify is not fatal as such. */
static void on_info(const SSL *ssl, int where, int ret)
{
	struct keying_session *session = SSL_get_app_data(ssl);

	if (where == SSL_CB_READ_ALERT && (ret & 0xff) != SSL_AD_CLOSE_NOTIFY)
		session->alert = ret & 0xff;
}

static int on_verify(X509_STORE_CTX *context, void *unused)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct keying_session *session = SSL_get_app_data(ssl);

	(void)unused;
	return verify_chain(context, &session->verify);
}

static void say_alert(const struct keying_session *session, struct keying_error *error)
{
	const struct credentials *credentials = session->credentials;
	const char *known = "";
	size_t i;

	for (i = 0; i < sizeof(alert_words) / sizeof(alert_words[0]); i++)
		if (alert_words[i].alert == session->alert)
			break;
	if (i == sizeof(alert_words) / sizeof(alert_words[0])) {
		keying_sentence(error->text, sizeof(error->text),
				"the peer ended the key establishment: %s",
				SSL_alert_desc_string_long(session->alert));
		return;
	}
	if (session->context.now >= credentials->not_after)
		known = " (it has expired)";
	else if (session->context.now < credentials->not_before)
		known = " (it is not valid yet)";
	keying_sentence(error->text, sizeof(error->text),
			"the peer refused our certificate %s%s: %s", credentials->subject, known,
			alert_words[i].words);
}

/* The most telling of what is known: our verdict, then the peer's alert, then OpenSSL's. */
static void say_why(const struct keying_session *session, struct keying_error *error)
{
	int reason = ERR_GET_REASON(ERR_peek_error());

	if (session->verify.text[0])
		keying_sentence(error->text, sizeof(error->text), "%s", session->verify.text);
	else if (session->alert >= 0)
		say_alert(session, error);
	else if (reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE)
		keying_sentence(error->text, sizeof(error->text),
				"the peer sent no certificate; both ends need one");
	else
		keying_sentence(error->text, sizeof(error->text),
				"key establishment message %u of the peer was not accepted: %s",
				session->steps, keying_openssl_reason());
	ERR_clear_error();
}

static int take_out(struct keying_session *session, struct keying_buffer *out)
{
	char *data;
	long len = BIO_get_mem_data(session->out, &data);

	if (len <= 0)
		return 0;
	if (len > PROSE_KE_CONTAINER_MAX)
		return -1;
	out->data = malloc((size_t)len);
	if (!out->data)
		return -1;
	memcpy(out->data, data, (size_t)len);
	out->len = (size_t)len;
	(void)BIO_reset(session->out);
	return 0;
}

/* Lock step: a container is one flight, no more, no less. */
static bool has_rest(const struct keying_session *session)
{
	return BIO_pending(session->in) > 0 || SSL_has_pending(session->ssl);
}

static uint8_t *put(uint8_t *at, const void *data, size_t len)
{
	memcpy(at, data, len);
	return at + len;
}

static uint8_t *put_l2_id(uint8_t *at, uint32_t l2_id)
{
	*at++ = (uint8_t)(l2_id >> 16);
	*at++ = (uint8_t)(l2_id >> 8);
	*at++ = (uint8_t)l2_id;
	return at;
}

static int export_kd(const struct keying_session *session, uint8_t kd[KEYING_KD_LEN])
{
	const struct keying_context *context = &session->context;
	uint8_t binding[1 + 3 + 3 + 2 * KEYING_NONCE_LEN + KEYING_HASH_LEN];
	uint8_t *at = binding;

	*at++ = CERTIFICATE_EXPORTER_VERSION;
	at = put_l2_id(at, context->ue_1_l2_id);
	at = put_l2_id(at, context->ue_2_l2_id);
	at = put(at, context->nonce_1, sizeof(context->nonce_1));
	at = put(at, context->nonce_2, sizeof(context->nonce_2));
	put(at, context->request_hash, sizeof(context->request_hash));
	return SSL_export_keying_material(session->ssl, kd, KEYING_KD_LEN,
					  CERTIFICATE_EXPORTER_LABEL,
					  strlen(CERTIFICATE_EXPORTER_LABEL), binding,
					  sizeof(binding), 1) == 1 ? 0 : -1;
}

static void describe(const struct keying_session *session, struct keying_result *result)
{
	const char *group = SSL_group_to_name(session->ssl,
					      (int)SSL_get_negotiated_group(session->ssl));
	const struct verify *verify = &session->verify;
	char late[48] = "";

	if (verify->crl_days_late)
		snprintf(late, sizeof(late), ", CRL %u days late", verify->crl_days_late);
	else if (verify->early)
		snprintf(late, sizeof(late), ", clock late");
	keying_sentence(result->detail, sizeof(result->detail), "%s, %s, %s, issuer %s%s%s",
			SSL_get_version(session->ssl), group ? group : "unknown group",
			SSL_get_cipher_name(session->ssl), verify->issuer, late,
			verify->crl_missing ? ", no CRL" : "");
}

static enum keying_status finish(struct keying_session *session, struct keying_buffer *out,
				 struct keying_result *result, struct keying_error *error)
{
	/* The verdict is the callback's; this is the second lock on the same door. */
	if (SSL_get_verify_result(session->ssl) != X509_V_OK || !session->verify.identity[0] ||
	    session->verify.text[0]) {
		keying_sentence(error->text, sizeof(error->text),
				"the peer's certificate was not verified");
		return failed(session, error);
	}
	if (export_kd(session, result->kd) || take_out(session, out)) {
		OPENSSL_cleanse(result->kd, sizeof(result->kd));
		keying_sentence(error->text, sizeof(error->text), "KD was not derived: %s",
				keying_openssl_reason());
		return failed(session, error);
	}
	memcpy(result->peer_identity, session->verify.identity, sizeof(result->peer_identity));
	memcpy(result->evidence, session->verify.evidence, sizeof(result->evidence));
	result->evidence_len = session->verify.evidence_len;
	describe(session, result);
	session->over = true;
	return KEYING_DONE;
}

/* TLS did not like it. Its alert, if it has one, goes to the peer. */
static enum keying_status refuse(struct keying_session *session, struct keying_buffer *out,
				 struct keying_error *error)
{
	say_why(session, error);
	take_out(session, out);
	return failed(session, error);
}

static enum keying_status incomplete(struct keying_session *session, const char *what,
				     struct keying_error *error)
{
	ERR_clear_error();
	keying_sentence(error->text, sizeof(error->text),
			"key establishment message %u of the peer %s", session->steps, what);
	return failed(session, error);
}

/* UE_2 waits for the word that UE_1 took its certificate. */
static enum keying_status read_success(struct keying_session *session,
				       struct keying_buffer *out,
				       struct keying_result *result,
				       struct keying_error *error)
{
	uint8_t word[2];
	int got = SSL_read(session->ssl, word, sizeof(word));

	if (got <= 0) {
		if (SSL_get_error(session->ssl, got) != SSL_ERROR_WANT_READ)
			return refuse(session, out, error);
		return incomplete(session, "ends too early", error);
	}
	if (got != 1 || word[0] != SUCCESS || has_rest(session))
		return incomplete(session, "is not the success indication", error);
	return finish(session, out, result, error);
}

static enum keying_status shake(struct keying_session *session, struct keying_buffer *out,
				struct keying_result *result, struct keying_error *error)
{
	static const uint8_t success = SUCCESS;
	int ret = SSL_do_handshake(session->ssl);

	if (ret != 1 && SSL_get_error(session->ssl, ret) != SSL_ERROR_WANT_READ)
		return refuse(session, out, error);
	if (has_rest(session))
		return incomplete(session, "has octets left over", error);
	session->shaken = ret == 1;
	if (session->shaken && session->context.role == KEYING_UE_1) {
		if (SSL_write(session->ssl, &success, 1) != 1)
			return refuse(session, out, error);
		return finish(session, out, result, error);
	}
	if (BIO_pending(session->out) <= 0)
		return incomplete(session, "ends too early", error);
	if (take_out(session, out)) {
		keying_sentence(error->text, sizeof(error->text),
				"our key establishment message is too large or memory is out; shorten the certificate chain");
		return failed(session, error);
	}
	return KEYING_SEND;
}

static enum keying_status certificate_step(struct keying_session *session,
					   const uint8_t *in, size_t in_len,
					   struct keying_buffer *out,
					   struct keying_result *result,
					   struct keying_error *error)
{
	bool first = !session->begun && session->context.role == KEYING_UE_2;

	*out = (struct keying_buffer){ 0 };
	*result = (struct keying_result){ 0 };
	*error = (struct keying_error){ 0 };
	ERR_clear_error();
	if (session->over) {
		keying_sentence(error->text, sizeof(error->text), "this key establishment is over");
		return failed(session, error);
	}
	session->begun = true;
	if (!first)
		session->steps++;
	if (first != !in_len || in_len > PROSE_KE_CONTAINER_MAX)
		return incomplete(session, "has an impossible length", error);
	if (session->steps > STEPS_MAX)
		return incomplete(session, "is one too many", error);
	if (in_len && BIO_write(session->in, in, (int)in_len) != (int)in_len) {
		keying_sentence(error->text, sizeof(error->text), "out of memory");
		return failed(session, error);
	}
	if (session->shaken)
		return read_success(session, out, result, error);
	return shake(session, out, result, error);
}

static void certificate_close(struct keying_session *session)
{
	if (!session)
		return;
	SSL_free(session->ssl);
	OPENSSL_cleanse(session, sizeof(*session));
	free(session);
}

static struct keying_session *certificate_open(const struct keying_method *method,
					       const struct keying_context *context,
					       struct keying_error *error)
{
	const struct credentials *credentials = method->credentials;
	struct keying_session *session = calloc(1, sizeof(*session));

	ERR_clear_error();
	if (session) {
		session->ssl = SSL_new(credentials->ssl);
		session->in = BIO_new(BIO_s_mem());
		session->out = BIO_new(BIO_s_mem());
	}
	/* The callbacks find the session by it, so it must be there. */
	if (!session || !session->ssl || !session->in || !session->out ||
	    !SSL_set_app_data(session->ssl, session)) {
		if (session) {
			BIO_free(session->in);
			BIO_free(session->out);
			certificate_close(session);
		}
		ERR_clear_error();
		keying_sentence(error->text, sizeof(error->text), "out of memory");
		error->cause = KEYING_CAUSE_AUTHENTICATION;
		return NULL;
	}
	/* An empty BIO means "wait for the next container", not the end. */
	BIO_set_mem_eof_return(session->in, -1);
	BIO_set_mem_eof_return(session->out, -1);
	SSL_set_bio(session->ssl, session->in, session->out);
	session->credentials = credentials;
	session->context = *context;
	session->alert = -1;
	session->verify = (struct verify){
		.credentials = credentials,
		.now = context->now,
		.expected = session->context.peer_identity,
	};
	SSL_set_info_callback(session->ssl, on_info);
	/* UE_2 sends first, so it is the client. */
	if (context->role == KEYING_UE_2)
		SSL_set_connect_state(session->ssl);
	else
		SSL_set_accept_state(session->ssl);
	return session;
}

static int certificate_recheck(const struct keying_method *method, const uint8_t *evidence,
			       size_t evidence_len, time_t now, struct keying_error *error)
{
	*error = (struct keying_error){ 0 };
	if (!evidence_judge(method->credentials, evidence, evidence_len, now, error->text,
			    sizeof(error->text)))
		return 0;
	error->cause = KEYING_CAUSE_AUTHENTICATION;
	return -1;
}

struct keying_method *certificate_new(const struct certificate_files *files,
				      char *why, size_t why_len)
{
	struct credentials *credentials = credentials_load(files, why, why_len);

	if (!credentials)
		return NULL;
	SSL_CTX_set_cert_verify_callback(credentials->ssl, on_verify, NULL);
	credentials->method = (struct keying_method){
		.id = KEYING_CERTIFICATE,
		.name = "certificate",
		.containers = 4,
		.credentials = credentials,
		.open = certificate_open,
		.step = certificate_step,
		.close = certificate_close,
		.recheck = certificate_recheck,
	};
	return &credentials->method;
}

void certificate_free(struct keying_method *method)
{
	if (method)
		credentials_free(method->credentials);
}

const char *certificate_identity(const struct keying_method *method)
{
	const struct credentials *credentials = method->credentials;

	return credentials->identity;
}

void certificate_warn(const struct keying_method *method, time_t now,
		      void (*warn)(void *context, const char *sentence), void *context)
{
	/* Without memory nothing is said; it is asked again. */
	credentials_warn(method->credentials, now, warn, context);
}

time_t certificate_newest(const struct keying_method *method)
{
	const struct credentials *credentials = method->credentials;

	return credentials->newest;
}
