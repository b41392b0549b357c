// SPDX-License-Identifier: MIT
/*
 * Key establishment without messages of its own: request and security mode command carry a
 * container each (TR 33.833 6.4.3.3.3).
 *
 * Neither is protected when it comes. What a request carries is looked into at once, by who has not
 * heard anything of its sender before, so how often that is done is bounded. What a command carries
 * ends nothing: the run goes on until the MAC of a command has verified under the KD that it gave.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "identity.h"
#include "link.h"

/* A command but for its container: with each IE it may have, and the head of that of the container. */
#define COMMAND_LEN(identity_len, n_methods) \
	(23 + 3 + (3 + (identity_len)) + (2 + (n_methods)) + 5 + 34 + 3 + 3 + 4)

static void buffer_free(struct keying_buffer *buffer)
{
	if (buffer->data)
		OPENSSL_cleanse(buffer->data, buffer->len);
	free(buffer->data);
	*buffer = (struct keying_buffer){ NULL, 0 };
}

void embedded_close(struct embedded *embedded)
{
	if (embedded->session)
		embedded->method->close(embedded->session);
	buffer_free(&embedded->container);
	memset(embedded, 0, sizeof(*embedded));
}

/* Octets of the longest message that is sent without thinking: one with a fragment. */
static size_t room(const struct ue *ue)
{
	return ue->config.ke_fragment + PROSE_KE_FRAGMENT_HEAD;
}

/*
 * Whoever is not to be connected to need not prove who he is. That is asked when many are looked into, for
 * what is refused to who has proved it is worth more to know.
 */
static bool allowed(const struct link *link, struct keying_error *error)
{
	const struct ue_config *config = &link->ue->config;
	char why[UE_TEXT_MAX] = "";

	if (!config->authorise ||
	    config->authorise(config->context, link->procedure->claimed, link->l2_id, NULL, 0, why,
			      sizeof(why)))
		return true;
	error->cause = PC5S_CAUSE_NOT_ALLOWED;
	snprintf(error->text, sizeof(error->text), "%.*s", KEYING_TEXT_MAX - 1, why);
	return false;
}

static void unoffer(struct pc5s_message *request, const struct keying_method *method)
{
	struct pc5s_methods *methods = &request->methods;
	uint8_t *at = memchr(methods->id, method->id, methods->n);

	if (!at)
		return;
	methods->n--;
	memmove(at, at + 1, (size_t)(methods->id + methods->n - at));
}

/*
 * The method whose container the request is to carry: the one wanted most, for UE_2 makes nothing of that
 * of another one than it chooses; or else the first that there is no other way for. Strict TS 24.334 has
 * neither exchanges nor the IE for containers.
 */
static const struct keying_method *wanted(const struct link *link)
{
	const struct ue_config *config = &link->ue->config;
	bool first = true;

	for (size_t i = 0; i < config->n_methods; i++) {
		const struct keying_method *method = config->methods[i];

		if (method->needs_peer && !*establish_whom(link, method))
			continue;
		if (config->strict_24334 &&
		    (method->containers || (method->bind && !isolated_carries(method))))
			continue;
		if (method->bind && (first || embedded_only(method)))
			return method;
		first = false;
	}
	return NULL;
}

/*
 * UE_1 begins a run. SEND, or with a sentence FAILED, when the peer is denied, or DECLINED. @opened tells
 * then whether there is no container only, or nothing to be done by the method at all.
 */
static enum keying_status begin(struct link *link, const struct keying_method *method, bool *opened,
				char *why, size_t why_len)
{
	struct embedded *embedded = &link->procedure->embedded;
	struct keying_result result = { 0 };
	struct keying_error error = { 0 };
	struct keying_context context;
	enum keying_status status = KEYING_DECLINED;

	establish_context(link, method, "", &context);
	context.embedded = true;
	memset(context.request_hash, 0, sizeof(context.request_hash));
	embedded->method = method;
	embedded->session = method->open(method, &context, &error);
	*opened = embedded->session;
	if (*opened)
		status = method->step(embedded->session, NULL, 0, &embedded->container, &result,
				      &error);
	OPENSSL_cleanse(&result, sizeof(result));
	if (status == KEYING_SEND)
		return status;
	embedded_close(embedded);
	snprintf(why, why_len, "%s", error.text);
	return status;
}

/* Does the request fit with the container, and with a cookie that it may have to have? */
static bool fits(const struct link *link, const struct pc5s_message *request)
{
	uint8_t data[PC5S_MAX_LEN];
	int len = pc5s_encode(request, data, sizeof(data), NULL);

	return len >= 0 && (size_t)len + PC5S_COOKIE_IE_LEN <= room(link->ue);
}

bool embedded_put(const struct embedded *embedded, struct pc5s_message *message)
{
	const struct keying_buffer *container = &embedded->container;

	if (isolated_carries(embedded->method))
		return isolated_put(message, container);
	message->has |= PC5S_BIT(PC5S_IE_METHOD_CONTAINER);
	message->method_container.method = embedded->method->id;
	message->method_container.octets =
		(struct pc5s_octets){ container->data, (uint16_t)container->len };
	return container->len <= PROSE_KE_FRAGMENT_MAX;
}

static void put(struct link *link, struct pc5s_message *request)
{
	struct embedded *embedded = &link->procedure->embedded;

	if (!embedded->container.len ||
	    (embedded_put(embedded, request) && fits(link, request)))
		return;
	request->has &= ~(PC5S_BIT(PC5S_IE_METHOD_CONTAINER) | PC5S_BIT(PC5S_IE_SIGNATURE));
	embedded_close(embedded);
}

/* Takes from a request the methods that are of no use without a run that has begun. */
static void unoffer_idle(const struct link *link, struct pc5s_message *request)
{
	const struct ue_config *config = &link->ue->config;

	for (size_t i = 0; i < config->n_methods; i++)
		if (embedded_only(config->methods[i]) &&
		    config->methods[i] != link->procedure->embedded.method)
			unoffer(request, config->methods[i]);
}

/* Under strict TS 24.334 a request names no methods: is there one that UE_2 may take it to mean? */
static bool any_left(const struct link *link, const struct pc5s_message *request)
{
	const struct ue_config *config = &link->ue->config;

	if (!config->strict_24334)
		return request->methods.n;
	for (size_t i = 0; i < config->n_methods; i++)
		if (config->methods[i] == link->procedure->embedded.method ||
		    (!config->methods[i]->containers && !embedded_only(config->methods[i])))
			return true;
	return false;
}

bool embedded_offer(struct link *link, uint64_t now, struct pc5s_message *request, char *why,
		    size_t why_len)
{
	struct procedure *procedure = link->procedure;
	const struct keying_method *method = wanted(link);

	snprintf(why, why_len,
		 "The keying methods of this UE have to know who the peer is: say its name.");
	if (method && procedure->hidden)
		snprintf(why, why_len,
			 "With keying method %s a UE cannot hide its identity: have another one beside it, or do without hide-identity.",
			 method->name);
	/*
	 * A container has names in it, which a hidden request must not have. And where both hold a KD
	 * that the request names there is nothing to establish; if the peer has lost it, an exchange will
	 * do, where there is one.
	 */
	if (method && !procedure->hidden &&
	    !(method->containers && pc5s_has(request, PC5S_IE_KD_ID))) {
		memcpy(procedure->nonce_1, request->nonce_1, sizeof(procedure->nonce_1));
		bool opened;
		enum keying_status status = begin(link, method, &opened, why, why_len);

		/* who is denied by the best method is not let in by another one */
		if (status == KEYING_FAILED)
			return false;
		if (status == KEYING_SEND) {
			put(link, request);
		} else {
			bool exchange = opened && method->containers;

			if (!exchange)
				unoffer(request, method);
			if (any_left(link, request))
				report_limited(link, now, UE_REPORT_NOTICE, 0, false,
					       "%s is %s keying method %s: %s", NAME(link),
					       exchange ? "offered only an exchange of" :
							  "not offered", method->name, why);
		}
	}
	unoffer_idle(link, request);
	return any_left(link, request);
}

/* The method that goes on in rekeying, as it was used in the setup. */
static const struct keying_method *going_on(const struct link *link)
{
	const struct ue_config *config = &link->ue->config;

	for (size_t i = 0; i < config->n_methods; i++)
		if (isolated_carries(config->methods[i]) &&
		    !strcmp(config->methods[i]->name, link->context.method))
			return config->methods[i];
	return NULL;
}

void embedded_rekey(struct link *link, struct pc5s_message *request)
{
	const struct keying_method *method = going_on(link);
	char why[KEYING_TEXT_MAX];
	bool opened;

	/* It is UE_2 that may want a new KD; without a run this UE cannot have it. */
	if (method) {
		memcpy(link->procedure->nonce_1, request->nonce_1, sizeof(request->nonce_1));
		if (begin(link, method, &opened, why, sizeof(why)) != KEYING_SEND)
			snprintf(link->procedure->hint, sizeof(link->procedure->hint), "%s", why);
	}
	unoffer_idle(link, request);
}

bool embedded_goes_on(const struct link *link, struct pc5s_method_container *container)
{
	const struct keying_method *method = going_on(link);

	if (!method)
		return false;
	*container = (struct pc5s_method_container){ .method = method->id };
	return true;
}

bool embedded_in_request(const struct pc5s_message *request,
			 struct pc5s_method_container *container)
{
	if (isolated_request(request, container))
		return true;
	if (!pc5s_has(request, PC5S_IE_METHOD_CONTAINER) ||
	    request->method_container.method == KEYING_ECCSI_SAKKE)
		return false;
	*container = request->method_container;
	return true;
}

enum keying_status embedded_answer(struct link *link, uint64_t now,
				   const struct keying_method *method,
				   const struct pc5s_method_container *container, struct kd *kd,
				   struct keying_error *error)
{
	struct procedure *procedure = link->procedure;
	struct embedded *embedded = &procedure->embedded;
	struct ue *ue = link->ue;
	struct keying_result result = { 0 };
	enum keying_status status = KEYING_FAILED;
	struct keying_context context;

	if (!method->bind || container->method != method->id)
		return KEYING_DECLINED;
	/* in rekeying it is the peer who asks, and nobody else can */
	if (procedure->kind == PROCEDURE_SETUP) {
		if (station_crowded(ue, &procedure->carrier, now) && !allowed(link, error))
			return KEYING_FAILED;
		if (!station_take(ue, &procedure->carrier, now)) {
			ue->stats.containers_limited++;
			return KEYING_DECLINED;
		}
	}
	establish_context(link, method, procedure->claimed, &context);
	context.embedded = true;
	context.again = procedure->kind == PROCEDURE_SETUP && vouched_before(link, now);
	memcpy(context.nonce_2, procedure->nonce_2, sizeof(context.nonce_2));
	embedded->method = method;
	embedded->session = method->open(method, &context, error);
	if (embedded->session)
		status = method->step(embedded->session, container->octets.data,
				      container->octets.len, &embedded->container, &result, error);
	if (embedded->session)
		method->close(embedded->session);
	embedded->session = NULL;
	if (status == KEYING_DONE && embedded->container.len &&
	    COMMAND_LEN(strlen(ue->config.identity), procedure->sent.methods.n) +
	    embedded->container.len > room(ue))
		status = KEYING_DECLINED;
	if (status == KEYING_DONE) {
		establish_take_kd(ue, method, &result, kd);
	} else {
		embedded_close(embedded);
		if (!error->cause)
			error->cause = PC5S_CAUSE_AUTHENTICATION;
	}
	OPENSSL_cleanse(&result, sizeof(result));
	return status;
}

bool embedded_meant(const struct link *link, const struct pc5s_message *command)
{
	const struct keying_method *method = link->procedure->embedded.method;

	if (!method)
		return false;
	/* TS 24.334 has one method that makes a KD in the command, and none is named */
	if (link->ue->config.strict_24334)
		return isolated_carries(method) && pc5s_has(command, PC5S_IE_ENCRYPTED_PAYLOAD);
	return pc5s_has(command, PC5S_IE_SELECTED_METHOD) &&
	       command->selected_method == method->id;
}

/* UE_1: the container of a command, for the present run. False when there is none. */
static bool find_container(const struct embedded *embedded, const struct pc5s_message *command,
			   uint8_t isolated[static ISOLATED_COMMAND_MAX],
			   struct pc5s_method_container *container)
{
	if (!isolated_carries(embedded->method)) {
		*container = command->method_container;
		return pc5s_has(command, PC5S_IE_METHOD_CONTAINER);
	}
	container->method = embedded->method->id;
	container->octets = (struct pc5s_octets){
		isolated, (uint16_t)isolated_command(command, isolated) };
	return container->octets.len;
}

static bool take_command(struct ue *ue, uint64_t now)
{
	if (bucket_take(&ue->commands, now, PROSE_EMBEDDED_MS, PROSE_EMBEDDED_BURST))
		return true;
	ue->stats.containers_limited++;
	return false;
}

bool embedded_judge(struct link *link, uint64_t now, const struct pc5s_message *command,
		    struct kd *kd)
{
	struct procedure *procedure = link->procedure;
	struct embedded *embedded = &procedure->embedded;
	uint8_t isolated[ISOLATED_COMMAND_MAX];
	struct pc5s_method_container container;
	bool has = find_container(embedded, command, isolated, &container);
	struct keying_buffer out = { NULL, 0 };
	struct keying_result result = { 0 };
	struct keying_error error = { 0 };
	enum keying_status status;

	/* what comes of another request than was sent gives another KD; that is seen here for nothing */
	if (!link->ue->config.strict_24334 &&
	    (!pc5s_has(command, PC5S_IE_REQUEST_HASH) ||
	     memcmp(command->request_hash, procedure->hash, sizeof(procedure->hash)))) {
		snprintf(procedure->hint, sizeof(procedure->hint),
			 "The peer answered another request than this UE sent: the request was "
			 "changed on its way.");
		return false;
	}
	if (has && (container.method != embedded->method->id ||
		    !take_command(link->ue, now)))
		return false;
	embedded->method->bind(embedded->session, command->nonce_2, procedure->hash);
	status = embedded->method->step(embedded->session, has ? container.octets.data : NULL,
					has ? container.octets.len : 0, &out, &result, &error);
	buffer_free(&out);
	if (status == KEYING_DONE)
		establish_take_kd(link->ue, embedded->method, &result, kd);
	else
		snprintf(procedure->hint, sizeof(procedure->hint), "%s", error.text);
	OPENSSL_cleanse(&result, sizeof(result));
	return status == KEYING_DONE;
}
