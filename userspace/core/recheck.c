// SPDX-License-Identifier: MIT
/*
 * Are the credentials that a KD came from still good? The method that is configured now
 * judges the evidence that the run which made KD left behind.
 */
#include <string.h>

#include "link.h"

const struct keying_method *recheck_method(const struct ue *ue, const char *name)
{
	for (size_t i = 0; i < ue->config.n_methods; i++)
		if (!strcmp(ue->config.methods[i]->name, name))
			return ue->config.methods[i];
	return NULL;
}

enum recheck_verdict recheck_judge(const struct ue *ue, const char *name, const uint8_t *evidence,
				   size_t evidence_len, struct keying_error *error)
{
	const struct keying_method *method = recheck_method(ue, name);
	time_t now = (time_t)ue->config.wall_clock(ue->config.context);

	if (!method || !method->recheck || !evidence_len)
		return RECHECK_UNKNOWN;
	return method->recheck(method, evidence, evidence_len, now, error) ? RECHECK_REFUSED :
									     RECHECK_GOOD;
}

enum recheck_verdict recheck_renew(struct ue *ue, struct kd *kd, bool same_identity)
{
	enum recheck_verdict verdict;
	struct keying_error error;

	for (size_t i = 0; i < ue->config.n_methods; i++)
		if (ue->config.methods[i] == kd->by)
			return RECHECK_GOOD;
	verdict = recheck_judge(ue, kd->method, kd->evidence, kd->evidence_len, &error);
	if (verdict == RECHECK_GOOD && !kd->stale && same_identity)
		kd->by = recheck_method(ue, kd->method);
	else
		kd->stale = true;
	return verdict;
}

static void drop_live(struct link *link, uint64_t now, const struct keying_error *error)
{
	if (link->release.running) {
		/* it ends already; nothing of it is to stay */
		link->release.reason = PC5S_RELEASE_NOT_ALLOWED;
		return;
	}
	link_set_failure(link, now, "The link to %s is released: %s.", NAME(link), error->text);
	report(link, UE_REPORT_FAILED, error->cause, false, "%s", link->failure);
	release_now(link, now, PC5S_RELEASE_NOT_ALLOWED, false);
}

static void drop_idle(struct link *link, uint64_t now, const struct keying_error *error)
{
	link_set_failure(link, now, "KD shared with %s is forgotten: %s.", NAME(link),
			 error->text);
	report(link, UE_REPORT_NOTICE, error->cause, false, "%s", link->failure);
	idle_wipe(link);
	idle_changed(link, false);
	link_show(link);
}

static void drop_procedure(struct link *link, uint64_t now, const struct keying_error *error)
{
	struct procedure *procedure = link->procedure;

	if (procedure->kind == PROCEDURE_SETUP && procedure_half_open(procedure))
		setup_reject(link, error->cause);
	procedure_fail(link, now, error->cause, false, error->text);
}

static void recheck(struct link *link, uint64_t now)
{
	struct procedure *procedure = link->procedure;
	struct ue *ue = link->ue;
	struct keying_error error;

	if (procedure && procedure->kd.held &&
	    recheck_judge(ue, procedure->kd.method, procedure->kd.evidence, procedure->kd.evidence_len,
		  &error) == RECHECK_REFUSED)
		drop_procedure(link, now, &error);
	if (link->live) {
		if (recheck_judge(ue, link->context.method, link->context.evidence,
			  link->context.evidence_len, &error) == RECHECK_REFUSED)
			drop_live(link, now, &error);
	} else if (link->kd.held &&
		   recheck_judge(ue, link->kd.method, link->kd.evidence, link->kd.evidence_len,
			 &error) == RECHECK_REFUSED) {
		drop_idle(link, now, &error);
	}
}

void ue_recheck(struct ue *ue, uint64_t now)
{
	ue->recheck_due = false;
	for (struct link *link = ue->links; link; link = link->next)
		recheck(link, now);
	links_sweep(ue);
}
