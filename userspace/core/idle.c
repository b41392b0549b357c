// SPDX-License-Identifier: MIT
/*
 * D2D-Idle: what is kept of a peer without a link to it (TR 33.833 6.4.1.3), and how a setup
 * finds it again by connection identity and KD ID (6.4.1.4.2).
 *
 * Everything a request says can be forged or be an old one, so it only points at what is kept
 * here: nothing of it changes before the setup has verified under KD.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "identity.h"
#include "link.h"

#define PSEUDONYM_LEN	(2 * UE_CONNECTION_ID_LEN)

void idle_changed(struct link *link, bool now)
{
	struct ue_action *action = action_new(link->ue, UE_IDLE);

	action->idle.l2_id = link->l2_id;
	action->idle.now = now;
}

void idle_wipe(struct link *link)
{
	kd_wipe(&link->kd);
	OPENSSL_cleanse(link->local_ids, sizeof(link->local_ids));
	OPENSSL_cleanse(link->remote_id, sizeof(link->remote_id));
	memset(&link->expressions, 0, sizeof(link->expressions));
	link->n_local_ids = 0;
	link->has_remote_id = link->remote_id_sent = false;
}

/* Its place among those of the link, or their number. */
static size_t local_id(const struct link *link, const uint8_t id[UE_CONNECTION_ID_LEN])
{
	size_t i = 0;

	while (i < link->n_local_ids && memcmp(link->local_ids[i], id, UE_CONNECTION_ID_LEN))
		i++;
	return i;
}

static bool has_local_id(const struct link *link, const uint8_t id[UE_CONNECTION_ID_LEN])
{
	return local_id(link, id) < link->n_local_ids;
}

static struct link *by_local_id(const struct ue *ue, const uint8_t id[UE_CONNECTION_ID_LEN])
{
	struct link *link = ue->links;

	while (link && !has_local_id(link, id))
		link = link->next;
	return link;
}

/*
 * The last one is the one the peer surely got. It stays, however often a setup fails before the
 * peer has got another.
 */
static void push_local_id(struct link *link, const uint8_t id[UE_CONNECTION_ID_LEN])
{
	size_t kept = link->n_local_ids;

	if (kept == UE_LOCAL_IDS_MAX) {
		kept -= 2;
		memcpy(link->local_ids[kept], link->local_ids[kept + 1], UE_CONNECTION_ID_LEN);
		kept++;
	}
	memmove(link->local_ids[1], link->local_ids[0], kept * sizeof(link->local_ids[0]));
	memcpy(link->local_ids[0], id, UE_CONNECTION_ID_LEN);
	link->n_local_ids = kept + 1;
}

/* TR 33.833 6.4.1.4.2: unique at the UE that creates it. */
const uint8_t *idle_new_local_id(struct link *link)
{
	const struct procedure *procedure = link->procedure;
	struct ue *ue = link->ue;
	uint8_t id[UE_CONNECTION_ID_LEN];

	/* What it called us by, it has got, and gave up those before for it. */
	if (procedure->role == KEYING_UE_2 && procedure->sent.has_connection_id &&
	    has_local_id(link, procedure->sent.connection_id))
		link->n_local_ids = local_id(link, procedure->sent.connection_id) + 1;
	do {
		ue->config.random(ue->config.context, id, sizeof(id));
	} while (by_local_id(ue, id));
	push_local_id(link, id);
	idle_changed(link, false);
	return link->local_ids[0];
}

void idle_confirm_local_id(struct link *link)
{
	if (link->n_local_ids < 2)
		return;
	link->n_local_ids = 1;
	idle_changed(link, false);
}

void idle_adopt_ids(struct link *link, const struct ue_link_info *info)
{
	if (!has_local_id(link, info->local_connection_id))
		push_local_id(link, info->local_connection_id);
	if (link->has_remote_id && !memcmp(link->remote_id, info->remote_connection_id,
					   sizeof(link->remote_id)))
		return;
	memcpy(link->remote_id, info->remote_connection_id, sizeof(link->remote_id));
	link->has_remote_id = true;
	link->remote_id_sent = false;
}

void idle_take_remote_id(struct link *link, const struct pc5s_message *message)
{
	link->has_remote_id = pc5s_has(message, PC5S_IE_CONNECTION_ID);
	link->remote_id_sent = false;
	if (link->has_remote_id)
		memcpy(link->remote_id, message->connection_id, sizeof(link->remote_id));
	idle_changed(link, false);
}

static void pseudonym(const uint8_t id[UE_CONNECTION_ID_LEN], char out[PSEUDONYM_LEN + 1])
{
	for (size_t i = 0; i < UE_CONNECTION_ID_LEN; i++)
		snprintf(out + 2 * i, 3, "%02x", id[i]);
}

/* Does the request call its sender by the connection identity that it names? */
static bool hidden(const struct pc5s_message *message)
{
	char name[PSEUDONYM_LEN + 1], claimed[PROSE_IDENTITY_MAX + 1];

	if (!pc5s_has(message, PC5S_IE_CONNECTION_ID) ||
	    !identity_from_user_info(&message->user_info, claimed))
		return false;
	pseudonym(message->connection_id, name);
	return !strcmp(claimed, name);
}

/*
 * KD ID stays the same as long as KD does, so in clear it would tell a listener what the
 * pseudonym hides. Who holds KD, which the connection identity leads to, takes the cover off.
 * Done twice it undoes itself.
 */
static void cover(const struct kd *kd, const uint8_t nonce_1[PC5S_NONCE_LEN], uint32_t *kd_id)
{
	const struct kdf_param params[] = { { nonce_1, PC5S_NONCE_LEN } };
	uint8_t key[KDF_LEN];

	if (!kdf(kd->kd, sizeof(kd->kd), PROSE_FC_KD_ID, params, 1, key))
		*kd_id ^= (uint32_t)key[0] << 24 | (uint32_t)key[1] << 16 |
			  (uint32_t)key[2] << 8 | key[3];
	OPENSSL_cleanse(key, sizeof(key));
}

bool idle_offer(struct link *link, uint64_t now, struct pc5s_message *message, char *why,
		size_t why_len)
{
	const struct ue_config *config = &link->ue->config;
	struct procedure *procedure = link->procedure;
	bool known = !config->strict_24334 && link->has_remote_id;
	bool spent = known && config->single_use_ids && link->remote_id_sent;
	bool named = known && !spent && !link->revealing;

	if (known && !named && config->hide_identity && !config->reveal_identity) {
		snprintf(why, why_len,
			 "The connection identity that the peer gave is used up, and reveal-identity "
			 "does not allow to say who this UE is; `prose forget` allows it once.");
		return false;
	}
	procedure->hidden = named && config->hide_identity;
	if (named) {
		message->has |= PC5S_BIT(PC5S_IE_CONNECTION_ID);
		memcpy(message->connection_id, link->remote_id, sizeof(link->remote_id));
		/* It is on disk before it is on the air: a crash must not use it twice. */
		if (!link->remote_id_sent)
			idle_changed(link, config->single_use_ids);
		link->remote_id_sent = true;
	}
	/* KD ID says who asks as well as a connection identity does: both once, or neither */
	if (lifetime_kd_usable(link, now) && !spent) {
		message->has |= PC5S_BIT(PC5S_IE_KD_ID);
		message->kd_id = link->kd.id;
		if (procedure->hidden)
			cover(&link->kd, message->nonce_1, &message->kd_id);
	}
	if (procedure->hidden) {
		char name[PSEUDONYM_LEN + 1];

		pseudonym(link->remote_id, name);
		identity_to_user_info(name, &message->user_info);
	} else {
		identity_to_user_info(config->identity, &message->user_info);
	}
	return true;
}

/* Whom a request means by its connection identity. */
static struct link *named_by(const struct ue *ue, const struct pc5s_message *message)
{
	struct link *link = pc5s_has(message, PC5S_IE_CONNECTION_ID) ?
		by_local_id(ue, message->connection_id) : NULL;

	return link && link->kd.held ? link : NULL;
}

uint8_t idle_claimed(const struct ue *ue, const struct pc5s_message *message,
		     char claimed[PROSE_IDENTITY_MAX + 1], char *why, size_t why_len)
{
	const struct link *link;

	if (!identity_from_user_info(&message->user_info, claimed)) {
		snprintf(why, why_len, "Its User Info is not a name of an upper layer.");
		return PC5S_CAUSE_SETUP_FAILED;
	}
	if (!hidden(message))
		return 0;
	link = named_by(ue, message);
	if (!link) {
		snprintf(why, why_len,
			 "It comes by a connection identity that this UE has not given, or has forgotten.");
		return PC5S_CAUSE_SYNCHRONISATION;
	}
	snprintf(claimed, PROSE_IDENTITY_MAX + 1, "%.*s", PROSE_IDENTITY_MAX, link->kd.identity);
	return 0;
}

bool idle_take_kd(struct link *link, uint64_t now, const struct pc5s_message *message)
{
	struct procedure *procedure = link->procedure;
	const struct link *holder = named_by(link->ue, message);

	procedure->hidden = hidden(message);
	if (!holder || strcmp(holder->kd.identity, procedure->claimed))
		holder = link;
	if (!procedure->sent.has_kd_id || !lifetime_kd_usable(holder, now) ||
	    strcmp(holder->kd.identity, procedure->claimed))
		return false;
	procedure->idle_l2_id = holder->l2_id;
	if (procedure->hidden)
		cover(&holder->kd, procedure->nonce_1, &procedure->sent.kd_id);
	if (holder->kd.id != procedure->sent.kd_id)
		return false;
	procedure->kd = holder->kd;
	return true;
}

/*
 * The peer has proved that it holds KD, or its credentials, at this Layer-2 ID: there is one KD
 * for a pair of UEs, and no second link.
 */
void idle_move(struct link *link, uint64_t now)
{
	struct procedure *procedure = link->procedure;

	if (!procedure->kd_is_new && procedure->idle_l2_id != link->l2_id) {
		link->kd = procedure->kd;
		snprintf(link->identity, sizeof(link->identity), "%s", procedure->kd.identity);
		idle_changed(link, false);
	}
	for (struct link *other = link->ue->links; other; other = other->next) {
		if (other == link || !other->kd.held ||
		    strcmp(other->kd.identity, procedure->identity) ||
		    (other->live && other->l2_id != procedure->idle_l2_id))
			continue;
		if (other->live) {
			link_set_failure(other, now, "%s has moved to Layer-2 ID %06x.",
					 NAME(other), link->l2_id);
			report(other, UE_REPORT_RELEASED, 0, true, "%s", other->failure);
			link_down(other, false);
			continue;
		}
		if (!other->procedure)
			memset(other->identity, 0, sizeof(other->identity));
		idle_wipe(other);
		idle_changed(other, false);
		link_show(other);
	}
}

bool idle_reveal(struct link *link, uint64_t now)
{
	const struct ue_config *config = &link->ue->config;
	struct procedure *procedure = link->procedure;

	if (procedure->kind != PROCEDURE_SETUP || !procedure->hidden ||
	    procedure->rejected != PC5S_CAUSE_SYNCHRONISATION || procedure->installed)
		return false;
	if (!config->reveal_identity) {
		snprintf(procedure->hint, sizeof(procedure->hint),
			 "The peer does not know the connection identity it gave, and reveal-identity "
			 "does not allow to say who this UE is; `prose forget` allows it once.");
		return false;
	}
	report(link, UE_REPORT_NOTICE, 0, false,
	       "%s does not know the connection identity it gave; it is asked again by name.",
	       NAME(link));
	procedure_discard(link);
	link->revealing = true;
	setup_start(link, now, 0);
	return true;
}

static bool terminated(const char *text, size_t size)
{
	return memchr(text, 0, size);
}

static bool plausible(const struct ue *ue, const struct ue_idle *idle)
{
	return idle->l2_id && idle->l2_id <= 0xffffff && idle->l2_id != ue->config.l2_id &&
	       idle->kd_id && idle->n_local_ids <= UE_LOCAL_IDS_MAX &&
	       idle->evidence_len <= sizeof(idle->evidence) &&
	       expressions_valid(&idle->expressions) &&
	       terminated(idle->identity, sizeof(idle->identity)) &&
	       terminated(idle->method, sizeof(idle->method)) &&
	       terminated(idle->detail, sizeof(idle->detail)) && identity_valid(idle->identity);
}

/* What was kept knows the wall clock only; one that went back makes nothing older. */
static uint64_t age_ms(const struct ue *ue, int64_t made)
{
	int64_t now = ue->config.wall_clock(ue->config.context);

	if (made < 0)
		made = 0;
	return now > made ? (uint64_t)(now - made) * 1000 : 0;
}

int ue_restore(struct ue *ue, uint64_t now, const struct ue_idle *idle, char *why, size_t why_len)
{
	const struct ue_config *config = &ue->config;
	const struct keying_method *method;
	struct keying_error error = { 0 };
	enum recheck_verdict verdict;
	const char *expected;
	struct link *link;

	if (!plausible(ue, idle)) {
		snprintf(why, why_len, "What was kept of %06x makes no sense.", idle->l2_id);
		return -1;
	}
	if (link_find(ue, idle->l2_id)) {
		snprintf(why, why_len, "There is a link to %06x already.", idle->l2_id);
		return -1;
	}
	expected = config->expected ? config->expected(config->context, idle->l2_id) : NULL;
	if (expected && *expected && strcmp(expected, idle->identity)) {
		snprintf(why, why_len, "%.90s is expected at Layer-2 ID %06x now.", expected,
			 idle->l2_id);
		return -1;
	}
	snprintf(why, why_len, "%.80s is not authorised any more.", idle->identity);
	if (config->authorise && !config->authorise(config->context, idle->identity, idle->l2_id,
						    NULL, 0, why, why_len))
		return -1;
	method = recheck_method(ue, idle->method);
	if (!method) {
		snprintf(why, why_len, "Its keying method %.31s is not configured any more.",
			 idle->method);
		return -1;
	}
	verdict = recheck_judge(ue, idle->method, idle->evidence, idle->evidence_len, &error);
	if (verdict == RECHECK_REFUSED || (verdict == RECHECK_UNKNOWN && method->recheck)) {
		snprintf(why, why_len, "%s.", verdict == RECHECK_REFUSED ? error.text :
			 "Nothing was kept that its credentials could be judged by");
		return -1;
	}
	link = link_get(ue, idle->l2_id);
	if (!link) {
		snprintf(why, why_len, "Out of memory.");
		return -1;
	}
	link->kd.held = true;
	memcpy(link->kd.kd, idle->kd, sizeof(link->kd.kd));
	link->kd.id = idle->kd_id;
	link->kd.made = idle->kd_made;
	link->kd.made_ms = now;
	link->kd.aged_ms = age_ms(ue, idle->kd_made);
	link->kd.packets = idle->kd_packets;
	link->kd.octets = idle->kd_octets;
	link->kd.by = method;
	memcpy(link->kd.method, idle->method, sizeof(link->kd.method));
	memcpy(link->kd.detail, idle->detail, sizeof(link->kd.detail));
	memcpy(link->kd.identity, idle->identity, sizeof(link->kd.identity));
	memcpy(link->kd.evidence, idle->evidence, idle->evidence_len);
	link->kd.evidence_len = idle->evidence_len;
	link->expressions = idle->expressions;
	memcpy(link->identity, idle->identity, sizeof(link->identity));
	memcpy(link->local_ids, idle->local_ids, sizeof(link->local_ids));
	link->n_local_ids = idle->n_local_ids;
	memcpy(link->remote_id, idle->remote_id, sizeof(link->remote_id));
	link->has_remote_id = idle->has_remote_id;
	link->remote_id_sent = idle->remote_id_sent;
	link_show(link);
	return 0;
}

static void idle_of(const struct link *link, struct ue_idle *idle)
{
	const struct kd *kd = &link->kd;

	memset(idle, 0, sizeof(*idle));
	idle->l2_id = link->l2_id;
	snprintf(idle->identity, sizeof(idle->identity), "%s", kd->identity);
	memcpy(idle->local_ids, link->local_ids, sizeof(idle->local_ids));
	idle->n_local_ids = link->n_local_ids;
	memcpy(idle->remote_id, link->remote_id, sizeof(idle->remote_id));
	idle->has_remote_id = link->has_remote_id;
	idle->remote_id_sent = link->remote_id_sent;
	idle->kd_id = kd->id;
	memcpy(idle->kd, kd->kd, sizeof(idle->kd));
	idle->kd_made = kd->made;
	idle->kd_packets = kd->packets;
	idle->kd_octets = kd->octets;
	snprintf(idle->method, sizeof(idle->method), "%s", kd->method);
	snprintf(idle->detail, sizeof(idle->detail), "%s", kd->detail);
	memcpy(idle->evidence, kd->evidence, kd->evidence_len);
	idle->evidence_len = kd->evidence_len;
	idle->expressions = link->expressions;
}

void ue_idle(const struct ue *ue, bool (*each)(void *context, const struct ue_idle *idle),
	     void *context)
{
	struct ue_idle idle;
	bool more = true;

	for (const struct link *link = ue->links; link && more; link = link->next) {
		if (!link->kd.held || link->kd.stale)
			continue;
		idle_of(link, &idle);
		more = each(context, &idle);
	}
	OPENSSL_cleanse(&idle, sizeof(idle));
}

int ue_forget(struct ue *ue, uint32_t l2_id, char *why, size_t why_len)
{
	struct link *link = link_find(ue, l2_id);

	if (!link || (!link->kd.held && !link->live && !link->procedure)) {
		snprintf(why, why_len, "Nothing is kept of %06x.", l2_id);
		return -1;
	}
	if (link->live || link->procedure || link->release.running) {
		snprintf(why, why_len, "There is a link to %s, or one is being set up; release it first.",
			 NAME(link));
		return -1;
	}
	/* a setup from another Layer-2 ID that goes on by this KD must not bring it back */
	for (struct link *other = ue->links; other; other = other->next)
		if (other->procedure && other->procedure->idle_l2_id == l2_id &&
		    !other->procedure->kd_is_new)
			procedure_discard(other);
	idle_wipe(link);
	memset(link->identity, 0, sizeof(link->identity));
	idle_changed(link, false);
	link_show(link);
	links_sweep(ue);
	return 0;
}
