// SPDX-License-Identifier: MIT
/*
 * Key establishment within a setup or a rekeying: TR 33.833 6.4.1.4.3.1 messages 1 to 4.
 * kexchange.c orders the containers; here they get bearer, protection and timers.
 */
#include <stdio.h>
#include <string.h>

#include "identity.h"
#include "link.h"

const struct keying_method *establish_method(const struct ue *ue, uint8_t id)
{
	for (size_t i = 0; i < ue->config.n_methods; i++)
		if (ue->config.methods[i]->id == id)
			return ue->config.methods[i];
	return NULL;
}

static bool offered(const struct pc5s_methods *methods, uint8_t id)
{
	return memchr(methods->id, id, methods->n);
}

/*
 * UE_2 takes the first of its own order that the request offers. TS 24.334 by itself has
 * no exchange, so a request without the extension leaves the methods that need none.
 */
static const struct keying_method *choose(const struct ue *ue, const struct procedure *procedure,
					  const struct pc5s_method_container *embedded)
{
	/* in rekeying it is what the present KD comes from; else UE_1 has not begun a run */
	if (procedure->kind == PROCEDURE_REKEY && embedded &&
	    (!procedure->sent.has_methods ||
	     offered(&procedure->sent.methods, embedded->method)))
		return establish_method(ue, embedded->method);
	for (size_t i = 0; i < ue->config.n_methods; i++) {
		const struct keying_method *method = ue->config.methods[i];

		if (embedded_only(method) && (!embedded || embedded->method != method->id))
			continue;
		if (procedure->sent.has_methods ? offered(&procedure->sent.methods, method->id) :
		    !method->containers)
			return method;
	}
	return NULL;
}

const char *establish_whom(const struct link *link, const struct keying_method *method)
{
	const char *expected = setup_expected(link);

	if (link->procedure->kind == PROCEDURE_REKEY && *link->identity)
		return link->identity;
	/* who was there last, where there has to be a name */
	return !*expected && method->needs_peer ? link->identity : expected;
}

void establish_context(const struct link *link, const struct keying_method *method,
		       const char *claimed, struct keying_context *context)
{
	const struct ue_config *config = &link->ue->config;
	const struct procedure *procedure = link->procedure;
	bool ue_1 = procedure->role == KEYING_UE_1;
	const char *identity = claimed;

	memset(context, 0, sizeof(*context));
	context->role = procedure->role;
	context->ue_1_l2_id = ue_1 ? procedure->own_l2_id : link->l2_id;
	context->ue_2_l2_id = ue_1 ? link->l2_id : procedure->own_l2_id;
	context->now = (time_t)config->wall_clock(config->context);
	if (procedure->kind == PROCEDURE_REKEY && *link->identity)
		identity = link->identity;
	else if (ue_1 && *establish_whom(link, method))
		identity = establish_whom(link, method);
	snprintf(context->peer_identity, sizeof(context->peer_identity), "%s", identity);
	memcpy(context->nonce_1, procedure->nonce_1, sizeof(context->nonce_1));
	memcpy(context->request_hash, procedure->hash, sizeof(context->request_hash));
	if (procedure->kind == PROCEDURE_REKEY) {
		context->rekeying = true;
		context->evidence = link->context.evidence;
		context->evidence_len = link->context.evidence_len;
	}
}

/*
 * Opens a run for the present procedure. @claimed is who the peer says it is, empty when it
 * has not yet: a method without containers chooses its key by it.
 */
enum kexchange_status establish_open(struct link *link, const struct keying_method *method,
				     const uint8_t nonce_2[PC5S_NONCE_LEN], const char *claimed,
				     struct kexchange *kx, struct kexchange_out *out)
{
	struct keying_context context;

	establish_context(link, method, claimed, &context);
	memcpy(context.nonce_2, nonce_2, sizeof(context.nonce_2));
	return kexchange_open(kx, method, &context, link->ue->config.ke_fragment, out);
}

/* KD and what is to be known of it, from a run that ended well; it has no ID yet. */
void establish_take_kd(struct ue *ue, const struct keying_method *method,
		       const struct keying_result *result, struct kd *kd)
{
	memset(kd, 0, sizeof(*kd));
	kd->held = true;
	memcpy(kd->kd, result->kd, sizeof(kd->kd));
	kd->made = ue->config.wall_clock(ue->config.context);
	kd->by = method;
	snprintf(kd->method, sizeof(kd->method), "%s", method->name);
	snprintf(kd->detail, sizeof(kd->detail), "%s", result->detail);
	snprintf(kd->identity, sizeof(kd->identity), "%s", result->peer_identity);
	memcpy(kd->evidence, result->evidence, sizeof(kd->evidence));
	kd->evidence_len = result->evidence_len;
	/*
	 * Credentials replaced while the run went on: good for this KD-sess, for more only if
	 * the new ones take the peer too.
	 */
	if (recheck_renew(ue, kd, true) == RECHECK_REFUSED)
		ue->recheck_due = true;
}

static bool send(struct link *link, struct kexchange_out *out)
{
	if (link->procedure->kind == PROCEDURE_SETUP)
		return procedure_send(link, &out->message, UE_BEARER_PLAIN, UE_PROTECT_NONE, 0);
	return procedure_send(link, &out->message, UE_BEARER_SIGNALLING, UE_PROTECT_FULL,
			      link_tx_id(link));
}

/* Tells the peer that this end gave up, without naming a fragment of its. */
void establish_abort(struct link *link, uint8_t cause)
{
	struct procedure *procedure = link->procedure;
	const struct keying_method *method = procedure->kx.method;
	struct kexchange_out out = { .send = true };

	out.message.type = PC5S_KEY_ESTABLISHMENT;
	out.message.has = PC5S_BIT(PC5S_IE_CAUSE);
	memcpy(out.message.nonce_1, procedure->nonce_1, sizeof(procedure->nonce_1));
	out.message.ke_method = method ? method->id : link->ue->config.methods[0]->id;
	out.message.ke_flags = PC5S_KE_ABORT;
	out.message.cause = cause;
	send(link, &out);
}

/* Ends the procedure; the peer learns the cause. */
static void fail(struct link *link, uint64_t now, uint8_t cause, const char *text)
{
	struct procedure *procedure = link->procedure;

	if (procedure->role == KEYING_UE_2 && procedure->kind == PROCEDURE_SETUP)
		setup_reject(link, cause);
	else if (!link->ue->config.strict_24334)
		establish_abort(link, cause);
	if (procedure->kind == PROCEDURE_SETUP && procedure->role == KEYING_UE_1)
		setup_remember_farewell(link, &procedure->last);
	procedure_fail(link, now, cause, false, text);
}

/* KD is there, in procedure->kd. */
void establish_secure(struct link *link, uint64_t now)
{
	struct procedure *procedure = link->procedure;
	char why[KEYING_TEXT_MAX];
	uint8_t cause;

	if (!procedure_authenticate(link, procedure->kd.identity, &cause, why, sizeof(why))) {
		procedure->heard = true;	/* somebody with credentials stands behind it */
		fail(link, now, cause, why);
		return;
	}
	procedure->kd_is_new = true;
	smc_command(link, now);
}

static void finish_ue_2(struct link *link, uint64_t now)
{
	struct procedure *procedure = link->procedure;

	establish_take_kd(link->ue, procedure->kx.method, &procedure->kx.result, &procedure->kd);
	establish_secure(link, now);
}

/* UE_2: by what the request carries, with the nonce that the answer will have. */
static enum keying_status look_into(struct link *link, uint64_t now,
				    const struct keying_method *method,
				    const struct pc5s_method_container *embedded,
				    struct keying_error *error)
{
	struct procedure *procedure = link->procedure;
	enum keying_status status = KEYING_DECLINED;

	link->ue->config.random(link->ue->config.context, procedure->nonce_2,
				sizeof(procedure->nonce_2));
	procedure->has_nonce_2 = true;
	if (embedded)
		status = embedded_answer(link, now, method, embedded, &procedure->kd, error);
	procedure->vouched = status == KEYING_DONE;
	return status;
}

bool establish_vouch(struct link *link, uint64_t now,
		     const struct pc5s_method_container *embedded)
{
	const struct keying_method *method = choose(link->ue, link->procedure, embedded);
	struct keying_error error = { 0 };

	return method && look_into(link, now, method, embedded, &error) == KEYING_DONE;
}

/* UE_2 begins; and has done, when the request has all it takes. */
void establish_start(struct link *link, uint64_t now,
		     const struct pc5s_method_container *embedded)
{
	struct procedure *procedure = link->procedure;
	const struct keying_method *method = choose(link->ue, procedure, embedded);
	struct keying_error error = { 0 };
	struct kexchange_out out;

	if (!method) {
		procedure->heard = true;	/* worth remembering: a configuration to be cured */
		fail(link, now, PC5S_CAUSE_CAPABILITIES,
		     "The peer offers no keying method that this UE has; compare those "
		     "configured at both ends.");
		return;
	}
	switch (look_into(link, now, method, embedded, &error)) {
	case KEYING_DONE:
		establish_secure(link, now);
		return;
	case KEYING_FAILED:
		procedure->heard = error.authentic;	/* else it is anybody's */
		fail(link, now, error.cause, error.text);
		return;
	default:
		break;
	}
	if (embedded_only(method)) {
		fail(link, now, PC5S_CAUSE_RESOURCES,
		     "The keying method has to take what the request carries, and cannot now.");
		return;
	}
	switch (establish_open(link, method, procedure->nonce_2, procedure->claimed,
			       &procedure->kx, &out)) {
	case KEXCHANGE_DONE:
		finish_ue_2(link, now);
		break;
	case KEXCHANGE_FAILED:
		procedure->heard = true;	/* the fault is ours as a rule */
		fail(link, now, procedure->kx.error.cause, procedure->kx.error.text);
		break;
	case KEXCHANGE_RUNNING:
		procedure->step = STEP_KEYING;
		procedure->tries = 0;
		procedure->deadline = now + ladder(link->ue->config.timers.ke, 0);
		send(link, &out);
		link_show(link);
		break;
	}
}

/* UE_1: the first fragment of a run opens it. */
static bool open_ue_1(struct link *link, const struct ue_receive *receive,
		      const struct pc5s_message *message)
{
	struct procedure *procedure = link->procedure;
	const struct keying_method *method = establish_method(link->ue, message->ke_method);
	struct kexchange_out out;

	if (!pc5s_has(message, PC5S_IE_NONCE_2) || message->ke_fragment || !method ||
	    !method->containers || !offered(&procedure->sent.methods, method->id))
		return false;
	memcpy(procedure->nonce_2, message->nonce_2, sizeof(procedure->nonce_2));
	procedure->has_nonce_2 = true;
	procedure_heard_from(procedure, receive);
	establish_open(link, method, procedure->nonce_2, "", &procedure->kx, &out);
	return true;
}

static void receive_ue_1(struct link *link, uint64_t now, const struct ue_receive *receive,
			 const struct pc5s_message *message)
{
	const struct ue_timers *timers = &link->ue->config.timers;
	struct procedure *procedure = link->procedure;
	struct kexchange_out out = { 0 };
	enum kexchange_status status;
	char why[KEYING_TEXT_MAX];
	uint8_t cause;

	if (procedure->step != STEP_REQUESTED && procedure->step != STEP_KEYING)
		return;
	/* In a setup the abort is not protected: UE_2 would send REJECT, 10.4.2.5. */
	if (message->ke_flags & PC5S_KE_ABORT && procedure->kind == PROCEDURE_SETUP)
		return;
	if (!kexchange_is_open(&procedure->kx)) {
		if (message->ke_flags & PC5S_KE_ABORT) {
			snprintf(why, sizeof(why), "The peer gave up with cause %u, %s.",
				 message->cause, ue_cause_text(message->cause));
			procedure_fail(link, now, message->cause, true, why);
			return;
		}
		if (!open_ue_1(link, receive, message))
			return;
		procedure->step = STEP_KEYING;
		procedure->tries = 0;
		link_show(link);
		if (procedure->kx.status == KEXCHANGE_FAILED) {
			fail(link, now, procedure->kx.error.cause, procedure->kx.error.text);
			return;
		}
	}
	status = kexchange_receive(&procedure->kx, message, &out);
	if (out.progress || out.resend) {
		procedure->heard = true;
		procedure_heard_from(procedure, receive);
	}
	if (out.progress) {
		procedure->tries = 0;
		procedure->deadline = now + patience(link->ue);
	}
	if (out.progress && status == KEXCHANGE_DONE &&
	    !procedure_authenticate(link, procedure->kx.result.peer_identity, &cause, why,
				    sizeof(why))) {
		fail(link, now, cause, why);
		return;
	}
	if (out.send)
		send(link, &out);
	else if (out.resend)
		procedure_resend(link);
	if (status == KEXCHANGE_FAILED) {
		if (procedure->kind == PROCEDURE_SETUP)
			setup_remember_farewell(link, &procedure->last);
		procedure_fail(link, now, procedure->kx.error.cause, false,
			       procedure->kx.error.text);
	} else if (out.progress && status == KEXCHANGE_DONE) {
		/* from here on the command may be lost: ask for it again */
		procedure->deadline = now + (procedure->kind == PROCEDURE_SETUP ? timers->t4100 :
					     timers->t4112);
	}
}

static void receive_ue_2(struct link *link, uint64_t now, const struct ue_receive *receive,
			 const struct pc5s_message *message)
{
	struct procedure *procedure = link->procedure;
	struct kexchange_out out = { 0 };
	enum kexchange_status status;

	if (procedure->step != STEP_KEYING || !kexchange_is_open(&procedure->kx))
		return;
	status = kexchange_receive(&procedure->kx, message, &out);
	if (!out.progress)
		return;
	procedure->heard = true;
	procedure_heard_from(procedure, receive);
	if (out.send) {
		send(link, &out);
		procedure->tries = 0;
		procedure->deadline = now + ladder(link->ue->config.timers.ke, 0);
	}
	if (status == KEXCHANGE_DONE)
		finish_ue_2(link, now);
	else if (status == KEXCHANGE_FAILED)
		fail(link, now, procedure->kx.error.cause, procedure->kx.error.text);
}

void establish_receive(struct link *link, uint64_t now, const struct ue_receive *receive,
		       const struct pc5s_message *message)
{
	struct procedure *procedure = link->procedure;
	bool setup = receive->bearer == UE_BEARER_PLAIN;

	if (link->ue->config.strict_24334 || link->release.running || !procedure ||
	    memcmp(procedure->nonce_1, message->nonce_1, sizeof(procedure->nonce_1)) ||
	    setup != (procedure->kind == PROCEDURE_SETUP)) {
		link->ue->stats.unexpected++;
		return;
	}
	if (procedure->role == KEYING_UE_1)
		receive_ue_1(link, now, receive, message);
	else
		receive_ue_2(link, now, receive, message);
}

/* UE_2 retransmits, and gives up in the end. */
void establish_expire(struct link *link, uint64_t now)
{
	const struct ue_timers *timers = &link->ue->config.timers;
	struct procedure *procedure = link->procedure;

	if (procedure->tries < timers->retries) {
		procedure->tries++;
		procedure->deadline = now + ladder(timers->ke, procedure->tries);
		procedure_resend(link);
		return;
	}
	if (!kexchange_is_open(&procedure->kx) ||
	    kexchange_give_up(&procedure->kx) == KEXCHANGE_FAILED)
		fail(link, now, procedure->kx.error.cause, procedure->kx.error.text);
	else
		finish_ue_2(link, now);
}
