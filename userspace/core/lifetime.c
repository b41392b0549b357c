// SPDX-License-Identifier: MIT
/*
 * How long keys live: KD-sess and KD, by time, packets and octets. At the soft limit new keys are
 * asked for; at the hard one the old are not used any more, whatever that costs.
 *
 * Times are kept as beginnings, not as ends, so a configuration that is loaded later counts at
 * once. Packets and octets are those the kernel counted, both ways, as the driver tells them from
 * time to time (ue_usage()): by as much as goes through in between, a limit may be late. COUNT
 * has its own limit in the kernel, which is not.
 */
#include "link.h"

#define JITTER_SHARE	10	/* up to a tenth of the soft time is taken off, by chance */
#define AGAIN_MS	10000	/* before a rekeying that came to nothing is begun again */

/*
 * Both ends have the same limits as a rule, and need not both begin. Who was UE_1 last time goes
 * a little earlier than it must; when both do all the same, 10.4.8.6 decides.
 */
static uint64_t soft_ms(const struct link *link, uint64_t ms)
{
	return ms - ms / JITTER_SHARE * link->jitter / UINT8_MAX;
}

static uint64_t after(uint64_t since, uint64_t ms)
{
	return ms && since + ms > since ? since + ms : NEVER;
}

/* When KD has lived so long. */
static uint64_t kd_after(const struct link *link, uint64_t ms)
{
	const struct kd *kd = &link->kd;

	if (!ms)
		return NEVER;
	return ms > kd->aged_ms ? after(kd->made_ms, ms - kd->aged_ms) : kd->made_ms;
}

void lifetime_start(struct link *link, uint64_t now, bool kd_is_new)
{
	struct ue *ue = link->ue;

	ue->config.random(ue->config.context, &link->jitter, sizeof(link->jitter));
	link->kd_sess_ms = now;
	link->rekey_again_ms = 0;
	if (kd_is_new) {
		link->kd.made_ms = now;
		link->kd.aged_ms = link->kd.packets = link->kd.octets = 0;
	}
}

static bool over(const struct ue_lifetime *limit, uint64_t packets, uint64_t octets)
{
	return (limit->packets && packets >= limit->packets) ||
	       (limit->octets && octets >= limit->octets);
}

static bool kd_is_over(const struct link *link, uint64_t now)
{
	const struct ue_lifetime *hard = &link->ue->config.lifetimes.kd_hard;

	return link->kd.held && (kd_after(link, hard->ms) <= now ||
				 over(hard, link->kd.packets, link->kd.octets));
}

/* A KD that has outlived its hard limit makes no more KD-sess. Asked before each use. */
bool lifetime_kd_usable(const struct link *link, uint64_t now)
{
	return link->kd.held && !link->kd.stale && !kd_is_over(link, now);
}

uint64_t lifetime_deadline(const struct link *link)
{
	const struct ue_lifetimes *limits = &link->ue->config.lifetimes;
	uint64_t soft = NEVER, hard = NEVER, t;

	if (link->kd.held)
		hard = kd_after(link, limits->kd_hard.ms);
	if (!link->live)
		return link->procedure ? NEVER : hard;
	if (link->release.running)
		return NEVER;
	t = after(link->kd_sess_ms, limits->kd_sess_hard.ms);
	hard = t < hard ? t : hard;
	if (!link->procedure || link->procedure->kind != PROCEDURE_REKEY) {
		soft = after(link->kd_sess_ms, soft_ms(link, limits->kd_sess_soft.ms));
		if (link->kd.held) {
			t = kd_after(link, soft_ms(link, limits->kd_soft.ms));
			soft = t < soft ? t : soft;
		}
		if (soft < link->rekey_again_ms)
			soft = link->rekey_again_ms;
	}
	return soft < hard ? soft : hard;
}

static void expired(struct link *link, uint64_t now, const char *what, bool keep_kd)
{
	link_set_failure(link, now, "%s with %s has reached the end of its life, and no rekeying "
			 "succeeded before; the link is released.", what, NAME(link));
	report(link, UE_REPORT_FAILED, 0, false, "%s", link->failure);
	release_now(link, now, PC5S_RELEASE_NOT_AVAILABLE, keep_kd);
}

static void rekey(struct link *link, uint64_t now, bool kd)
{
	char why[KEYING_TEXT_MAX];

	if (now < link->rekey_again_ms)
		return;
	link->rekey_again_ms = now + AGAIN_MS;
	rekey_start(link, now, kd, why, sizeof(why));
}

void lifetime_expire(struct link *link, uint64_t now)
{
	const struct ue_lifetimes *limits = &link->ue->config.lifetimes;
	struct assoc_ref *sending;
	bool kd_soft, kd_sess_soft;

	if (kd_is_over(link, now) && !link->procedure && !link->live) {
		/* D2D-Idle ends, D2D-Null begins */
		idle_wipe(link);
		idle_changed(link, false);
		link_show(link);
		return;
	}
	if (!link->live || link->release.running)
		return;
	sending = link_assoc(link, link_tx_id(link));
	if (kd_is_over(link, now)) {
		expired(link, now, "KD", false);
		return;
	}
	if (after(link->kd_sess_ms, limits->kd_sess_hard.ms) <= now ||
	    (sending && over(&limits->kd_sess_hard, sending->packets, sending->octets))) {
		expired(link, now, "KD-sess", true);
		return;
	}
	if (link->procedure && link->procedure->kind == PROCEDURE_REKEY)
		return;
	kd_soft = link->kd.held &&
		  (kd_after(link, soft_ms(link, limits->kd_soft.ms)) <= now ||
		   over(&limits->kd_soft, link->kd.packets, link->kd.octets));
	kd_sess_soft = after(link->kd_sess_ms, soft_ms(link, limits->kd_sess_soft.ms)) <= now ||
		       (sending && over(&limits->kd_sess_soft, sending->packets, sending->octets));
	if (kd_soft || kd_sess_soft)
		rekey(link, now, kd_soft);
}

static bool counts(const struct ue_lifetime *limit)
{
	return limit->packets || limit->octets;
}

bool ue_wants_usage(const struct ue *ue)
{
	const struct ue_lifetimes *limits = &ue->config.lifetimes;

	return counts(&limits->kd_sess_soft) || counts(&limits->kd_sess_hard) ||
	       counts(&limits->kd_soft) || counts(&limits->kd_hard);
}

void ue_usage(struct ue *ue, uint64_t now, uint32_t l2_id, uint16_t kd_sess_id, uint64_t packets,
	      uint64_t octets)
{
	struct link *link = link_find(ue, l2_id);
	struct assoc_ref *assoc = link ? link_assoc(link, kd_sess_id) : NULL;

	if (!assoc)
		return;
	/* counters only go up; those of an association that was made anew begin again */
	if (packets > assoc->packets)
		link->kd.packets += packets - assoc->packets;
	if (octets > assoc->octets)
		link->kd.octets += octets - assoc->octets;
	assoc->packets = packets;
	assoc->octets = octets;
	lifetime_expire(link, now);
	links_sweep(ue);
}
