// SPDX-License-Identifier: MIT
/* One UE: configuration, events, and which message goes where; ue.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "eia.h"
#include "identity.h"
#include "link.h"

#define L2_ID_MAX	0xffffff
#define RETRIES_MAX	20

void ue_config_defaults(struct ue_config *config)
{
	static const uint8_t eea_order[] = { EEA2, EEA3, EEA1, 0xff };
	static const uint8_t eia_order[] = { EIA2, 0xff, 0xff, 0xff };

	config->capabilities = 0x2020;
	memcpy(config->eea_order, eea_order, sizeof(config->eea_order));
	memcpy(config->eia_order, eia_order, sizeof(config->eia_order));
	config->up_integrity = UE_REQUIRED;
	config->up_ciphering = UE_PREFERRED;
	config->count_profile = UE_COUNT_HFN;
	config->reveal_identity = true;
	config->timers = (struct ue_timers){
		.t4100 = PROSE_T4100_MS,
		.t4101 = PROSE_T4101_MS,
		.t4102 = PROSE_T4102_MS,
		.t4103 = PROSE_T4103_MS,
		.t4111 = PROSE_T4111_MS,
		.t4112 = PROSE_T4112_MS,
		.ke = PROSE_TKE_MS,
		.accept = PROSE_TACCEPT_MS,
		.retries = PROSE_RETRIES,
		.grace = PROSE_GRACE_MS,
	};
	config->ke_fragment = PROSE_KE_FRAGMENT;
}

static bool valid_timers(const struct ue_timers *t)
{
	return t->t4100 && t->t4101 && t->t4102 && t->t4103 && t->t4111 && t->t4112 && t->ke &&
	       t->accept && t->retries && t->retries <= RETRIES_MAX;
}

static bool valid_methods(const struct ue_config *config)
{
	bool without_containers = false;

	if (!config->n_methods || config->n_methods > UE_METHODS_MAX)
		return false;
	for (size_t i = 0; i < config->n_methods; i++) {
		if (!config->methods[i] || !config->methods[i]->id)
			return false;
		without_containers |= !config->methods[i]->containers;
		for (size_t j = 0; j < i; j++)
			if (config->methods[j]->id == config->methods[i]->id)
				return false;
	}
	return !config->strict_24334 || without_containers;
}

/* Returns NULL, or what is wrong. */
static const char *check(const struct ue_config *config)
{
	if (!config->l2_id || config->l2_id > L2_ID_MAX)
		return "The Layer-2 ID is not between 000001 and ffffff.";
	if (!memchr(config->identity, 0, sizeof(config->identity)) ||
	    !identity_valid(config->identity))
		return "The identity is empty, too long, or not UTF-8 text.";
	if (!config->random || !config->wall_clock)
		return "Neither randomness nor a clock are given.";
	if (!valid_methods(config))
		return config->strict_24334 ?
			"Strict TS 24.334 needs a keying method without an exchange, such as psk or eccsi-sakke." :
			"There is no keying method, or one is named twice.";
	for (unsigned int i = 0; i < 8; i++)
		if (config->capabilities & 0x80 >> i && !eia_supported((uint8_t)i))
			return i == EIA0 ? "EIA0 is no integrity and not allowed." :
				"An integrity algorithm is named that this program cannot compute.";
	if (config->up_integrity > UE_REQUIRED || config->up_ciphering > UE_REQUIRED)
		return "A user-plane policy is none of required, preferred and not needed.";
	if (!negotiate_possible(config))
		return "No ciphering or no integrity algorithm of the preferences is among the capabilities.";
	if (config->n_addresses > UE_ADDRESSES_MAX)
		return "There are more than 8 overlay addresses.";
	for (size_t i = 0; i < config->n_addresses; i++)
		if (config->addresses[i].family != 4 && config->addresses[i].family != 6)
			return "An overlay address is neither IPv4 nor IPv6.";
	if (!expressions_valid(&config->announces) || !expressions_valid(&config->accepts))
		return "There are more than 4 expressions, or one is empty or longer than 48 octets.";
	if (!valid_timers(&config->timers))
		return "A timer is zero, or there are more than 20 retries.";
	if (config->ke_fragment < PROSE_KE_FRAGMENT_MIN ||
	    config->ke_fragment > PROSE_KE_FRAGMENT_MAX)
		return "The key establishment fragment is not between 256 and 4096 octets.";
	return NULL;
}

struct ue *ue_new(const struct ue_config *config, char *why, size_t why_len)
{
	const char *wrong = check(config);
	struct ue *ue;

	if (wrong) {
		snprintf(why, why_len, "%s", wrong);
		return NULL;
	}
	ue = calloc(1, sizeof(*ue));
	if (!ue) {
		snprintf(why, why_len, "Out of memory.");
		return NULL;
	}
	ue->config = *config;
	config->random(config->context, (uint8_t *)&ue->sequence, sizeof(ue->sequence));
	return ue;
}

void ue_free(struct ue *ue)
{
	if (!ue)
		return;
	while (ue->links)
		link_free(ue->links);
	actions_free(ue);
	for (size_t i = 0; i < FAREWELLS_MAX; i++)
		outgoing_free(&ue->farewells[i].message);
	OPENSSL_cleanse(ue, sizeof(*ue));
	free(ue);
}

static bool has_method(const struct ue *ue, const struct keying_method *method)
{
	for (size_t i = 0; i < ue->config.n_methods; i++)
		if (ue->config.methods[i] == method)
			return true;
	return false;
}

static bool links_are_up(const struct ue *ue)
{
	for (const struct link *link = ue->links; link; link = link->next)
		if (link->procedure || link->release.running ||
		    ((link->live || link->peer_added) && !link->remote_l2_id))
			return true;
	return false;
}

int ue_reconfigure(struct ue *ue, const struct ue_config *config, char *why, size_t why_len)
{
	const char *wrong = check(config);
	bool same_identity = !strcmp(ue->config.identity, config->identity);

	/* what is kept in D2D-Idle does not depend on it */
	if (!wrong && config->l2_id != ue->config.l2_id && links_are_up(ue))
		wrong = "The Layer-2 ID cannot change while there are links.";
	if (wrong) {
		snprintf(why, why_len, "%s", wrong);
		return -1;
	}
	ue->config = *config;
	/*
	 * A KD proves what the credentials said that made it. When they are replaced, and the
	 * new ones do not say the same of the peer, the next KD-sess takes a new authentication.
	 * What they refuse ends in ue_recheck().
	 */
	for (struct link *link = ue->links; link; link = link->next) {
		struct procedure *procedure = link->procedure;

		if (link->kd.held) {
			bool was_stale = link->kd.stale;

			if (recheck_renew(ue, &link->kd, same_identity) != RECHECK_REFUSED &&
			    link->kd.stale) {
				if (!link->live && !procedure)
					idle_wipe(link);
				if (!was_stale)
					idle_changed(link, false);
				link_show(link);
			}
		}
		if (procedure && procedure->kd.held)
			recheck_renew(ue, &procedure->kd, same_identity);
	}
	links_sweep(ue);
	return 0;
}

bool ue_method_in_use(const struct ue *ue, const struct keying_method *method)
{
	for (const struct link *link = ue->links; link; link = link->next)
		if (link->procedure && (link->procedure->kx.method == method ||
					link->procedure->embedded.method == method))
			return true;
	return has_method(ue, method);
}

static struct link *find(struct ue *ue, uint32_t l2_id, char *why, size_t why_len)
{
	struct link *link = link_find(ue, l2_id);

	if (!link)
		snprintf(why, why_len, "There is no link to %06x.", l2_id);
	return link;
}

int ue_connect(struct ue *ue, uint64_t now, uint32_t l2_id, const char *identity, char *why,
	       size_t why_len)
{
	struct link *link;
	int ret;

	if (!l2_id || l2_id > L2_ID_MAX || l2_id == ue->config.l2_id) {
		snprintf(why, why_len, l2_id == ue->config.l2_id ?
			 "%06x is this UE's own Layer-2 ID." :
			 "%06x is no Layer-2 ID; it is 24 bits wide and not 0.", l2_id);
		return -1;
	}
	if (identity && *identity && !identity_valid(identity)) {
		snprintf(why, why_len, "The identity is too long or not UTF-8 text.");
		return -1;
	}
	link = link_get(ue, l2_id);
	if (!link) {
		snprintf(why, why_len, "Out of memory.");
		return -1;
	}
	ret = setup_connect(link, now, identity, why, why_len);
	links_sweep(ue);
	return ret;
}

int ue_rekey(struct ue *ue, uint64_t now, uint32_t l2_id, bool kd, char *why, size_t why_len)
{
	struct link *link = find(ue, l2_id, why, why_len);

	return link ? rekey_start(link, now, kd, why, why_len) : -1;
}

int ue_release(struct ue *ue, uint64_t now, uint32_t l2_id, char *why, size_t why_len)
{
	struct link *link = find(ue, l2_id, why, why_len);

	if (!link)
		return -1;
	if (link->release.running) {
		snprintf(why, why_len, "The link to %s is being released already.", NAME(link));
		return -1;
	}
	if (link->live) {
		release_start(link, now, PC5S_RELEASE_NOT_NEEDED);
	} else if (link->connecting) {
		/* TS 24.334 has no message for it; the peer's timers end its side */
		procedure_discard(link);
		link->connecting = false;
		link_show(link);
		report(link, UE_REPORT_RELEASED, 0, false, "Connecting to %s was given up.",
		       NAME(link));
	} else {
		snprintf(why, why_len, "%s is not connected.", NAME(link));
		return -1;
	}
	links_sweep(ue);
	return 0;
}

/* Which protection a message must have come with; everything else is not for us. */
static bool fitting(const struct ue_receive *receive, uint8_t type)
{
	bool plain = receive->bearer == UE_BEARER_PLAIN && receive->protection == UE_PROTECT_NONE;
	bool full = receive->bearer == UE_BEARER_SIGNALLING &&
		    receive->protection == UE_PROTECT_FULL;

	switch (type) {
	case PC5S_REQUEST:
	case PC5S_REJECT:
		return plain;
	case PC5S_SMC_REJECT:
	case PC5S_KEY_ESTABLISHMENT:
		return plain || full;
	case PC5S_SMC_COMMAND:
		return receive->bearer == UE_BEARER_SMC &&
		       (receive->protection == UE_PROTECT_UNVERIFIED ||
			receive->protection == UE_PROTECT_INTEGRITY);
	case PC5S_SMC_COMPLETE:
		return receive->bearer == UE_BEARER_SMC && receive->protection == UE_PROTECT_FULL;
	default:
		return full;
	}
}

static void dispatch(struct ue *ue, struct link *link, uint64_t now,
		     const struct ue_receive *receive, const struct pc5s_message *message)
{
	switch (message->type) {
	case PC5S_REJECT:
		setup_receive_reject(link, now, message);
		break;
	case PC5S_ACCEPT:
		setup_receive_accept(link, now, receive, message);
		break;
	case PC5S_CONNECTION_COMPLETE:
		setup_receive_complete(link, now, receive, message);
		break;
	case PC5S_KEY_ESTABLISHMENT:
		establish_receive(link, now, receive, message);
		break;
	case PC5S_SMC_COMMAND:
		smc_receive_command(link, now, receive, message);
		break;
	case PC5S_SMC_COMPLETE:
		smc_receive_complete(link, now, receive, message);
		break;
	case PC5S_SMC_REJECT:
		smc_receive_reject(link, now, receive, message);
		break;
	case PC5S_REKEYING_REQUEST:
		rekey_receive_request(link, now, receive, message);
		break;
	case PC5S_REKEYING_RESPONSE:
		rekey_receive_response(link, now, receive);
		break;
	case PC5S_KEEPALIVE:
		keepalive_receive(link, now, receive, message);
		break;
	case PC5S_KEEPALIVE_ACK:
		keepalive_receive_ack(link, now, receive, message);
		break;
	case PC5S_RELEASE:
		release_receive(link, now, receive, message);
		break;
	case PC5S_RELEASE_ACCEPT:
		release_receive_accept(link, now);
		break;
	default:
		/* relays only: TRIGGER, REMOTE UE INFO */
		ue->stats.unexpected++;
		break;
	}
}

static void receive_verified(struct ue *ue, struct link *link, uint64_t now,
			     const struct ue_receive *receive, const struct pc5s_message *message)
{
	const struct procedure *procedure = link->procedure;

	/* the kernel and we may differ for a moment over what exists */
	if (!link_assoc(link, receive->kd_sess_id)) {
		ue->stats.unexpected++;
		return;
	}
	if (link->live && !link->release.running)
		keepalive_activity(link, now);
	/* UE_2 begins neither of these before it has the CONNECTION COMPLETE, with what is in it */
	if (link->live && !procedure && (message->type == PC5S_KEEPALIVE ||
					 message->type == PC5S_REKEYING_REQUEST))
		idle_confirm_local_id(link);
	/*
	 * UE_2 sends signalling under the new association when it has the COMPLETE, so
	 * anything there stands for a REKEYING RESPONSE that was lost.
	 */
	if (procedure && procedure->kind == PROCEDURE_REKEY && procedure->role == KEYING_UE_1 &&
	    procedure->step == STEP_SECURING && receive->bearer == UE_BEARER_SIGNALLING &&
	    receive->kd_sess_id == procedure->kd_sess_id &&
	    message->type != PC5S_REKEYING_RESPONSE)
		rekey_finish(link, now);
	dispatch(ue, link, now, receive, message);
}

void ue_receive(struct ue *ue, uint64_t now, const struct ue_receive *receive)
{
	bool verified = receive->protection == UE_PROTECT_FULL ||
			receive->protection == UE_PROTECT_INTEGRITY;
	struct pc5s_message message;
	struct link *link;

	ue->stats.received++;
	if (receive->l2_id == ue->config.l2_id || !receive->l2_id ||
	    receive->l2_id > L2_ID_MAX) {
		ue->stats.malformed++;
		return;
	}
	if (pc5s_decode(&message, receive->message, receive->len, NULL)) {
		if (receive->len >= PC5S_HEADER_LEN && !pc5s_type_known(receive->message[0]))
			ue->stats.unknown_type++;
		else
			ue->stats.malformed++;
		return;
	}
	if (!fitting(receive, message.type)) {
		if (receive->protection == UE_PROTECT_NONE)
			ue->stats.unprotected_ignored++;
		else
			ue->stats.unexpected++;
		return;
	}
	if (message.type == PC5S_REQUEST) {
		setup_receive_request(ue, now, receive, &message);
		links_sweep(ue);
		return;
	}
	link = link_find(ue, receive->l2_id);
	if (!verified && message.type == PC5S_KEY_ESTABLISHMENT &&
	    setup_farewell(ue, receive, message.nonce_1))
		return;
	if (!link)
		ue->stats.unexpected++;
	else if (verified)
		receive_verified(ue, link, now, receive, &message);
	else
		dispatch(ue, link, now, receive, &message);
	links_sweep(ue);
}

void ue_count_soft(struct ue *ue, uint64_t now, uint32_t l2_id, uint16_t kd_sess_id)
{
	struct link *link = link_find(ue, l2_id);

	if (link && link_tx_id(link) == kd_sess_id) {
		char why[KEYING_TEXT_MAX];

		/* one that runs already is what was wanted, if it ends in yet another key */
		if (link->procedure && link->procedure->kind == PROCEDURE_REKEY)
			link->worn_id = kd_sess_id;
		rekey_start(link, now, false, why, sizeof(why));
	}
}

void ue_count_exhausted(struct ue *ue, uint64_t now, uint32_t l2_id, uint16_t kd_sess_id)
{
	struct link *link = link_find(ue, l2_id);

	if (!link || link_tx_id(link) != kd_sess_id)
		return;
	report_limited(link, now, UE_REPORT_NOTICE, 0, false,
		       "COUNT of KD-sess %04x with %s is used up; nothing is sent until the rekeying ends.",
		       kd_sess_id, NAME(link));
	ue_count_soft(ue, now, l2_id, kd_sess_id);
}

void ue_activity(struct ue *ue, uint64_t when, uint32_t l2_id)
{
	struct link *link = link_find(ue, l2_id);

	if (link && link->live && !link->release.running)
		keepalive_activity(link, when);
}

void ue_assoc_gone(struct ue *ue, uint64_t now, uint32_t l2_id, uint16_t kd_sess_id)
{
	struct link *link = link_find(ue, l2_id);
	bool tx;

	if (!link || !link_assoc(link, kd_sess_id))
		return;
	tx = link_assoc(link, kd_sess_id)->tx;
	link_assoc_forget(link, kd_sess_id);
	if (link->procedure && link->procedure->installed &&
	    link->procedure->kd_sess_id == kd_sess_id) {
		link->procedure->installed = false;
		procedure_fail(link, now, PC5S_CAUSE_UNSPECIFIED, false,
			       "The kernel dropped the new association.");
	} else if (tx && link->live) {
		/* not of our doing: nothing can be sent any more, not even a release */
		link_set_failure(link, now, "The kernel dropped the association with %s.",
				 NAME(link));
		link_down(link, true);
		report(link, UE_REPORT_FAILED, 0, false, "%s", link->failure);
	}
	links_sweep(ue);
}

void ue_action_failed(struct ue *ue, uint64_t now, const struct ue_action *action,
		      const char *reason)
{
	enum ue_action_type type = action->type;
	uint16_t kd_sess_id = 0;
	char text[UE_TEXT_MAX];
	uint32_t l2_id;
	struct link *link;

	switch (type) {
	case UE_SEND:
		l2_id = action->send.l2_id;
		break;
	case UE_PEER_ADD:
		l2_id = action->peer.l2_id;
		break;
	case UE_ASSOC_ADD:
	case UE_ASSOC_TX:
		l2_id = action->assoc.l2_id;
		kd_sess_id = action->assoc.kd_sess_id;
		break;
	default:
		return;	/* what was to be deleted is not there: as it should be */
	}
	link = link_find(ue, l2_id);
	if (!link)
		return;
	if (type == UE_SEND) {
		/* retransmission is the cure, a timeout the end */
		report_limited(link, now, UE_REPORT_NOTICE, 0, false,
			       "A message to %s could not be sent: %s", NAME(link), reason);
		return;
	}
	snprintf(text, sizeof(text), "The kernel refused it: %.300s", reason);
	if (link->procedure && link->procedure->installed &&
	    (!kd_sess_id || link->procedure->kd_sess_id == kd_sess_id)) {
		if (link->procedure->kind == PROCEDURE_SETUP &&
		    link->procedure->role == KEYING_UE_2)
			setup_reject(link, PC5S_CAUSE_SETUP_FAILED);
		procedure_fail(link, now, PC5S_CAUSE_SETUP_FAILED, false, text);
	} else if (link->live && (!kd_sess_id || link_tx_id(link) == kd_sess_id)) {
		link_set_failure(link, now, "The link to %s was released: %s", NAME(link), text);
		report(link, UE_REPORT_FAILED, 0, false, "%s", link->failure);
		release_now(link, now, PC5S_RELEASE_NOT_AVAILABLE, true);
	}
	links_sweep(ue);
}

uint64_t ue_deadline(const struct ue *ue)
{
	uint64_t deadline = ue->recheck_due ? 0 : NEVER;

	for (const struct link *link = ue->links; link; link = link->next) {
		uint64_t own = link_deadline(link);

		if (own < deadline)
			deadline = own;
	}
	return deadline;
}

void ue_expire(struct ue *ue, uint64_t now)
{
	/* no handler frees a link; that is links_sweep()'s alone */
	for (struct link *link = ue->links; link; link = link->next)
		link_expire(link, now);
	if (ue->recheck_due)
		ue_recheck(ue, now);
	links_sweep(ue);
}

static void info_of(const struct link *link, struct ue_link_info *info)
{
	const struct procedure *procedure = link->procedure;
	const char *identity = link->identity;

	memset(info, 0, sizeof(*info));
	info->l2_id = link->l2_id;
	info->own_l2_id = link->own_l2_id;
	info->local_l2_id = link->local_l2_id;
	info->remote_l2_id = link->remote_l2_id;
	info->state = link_state(link);
	info->authenticated = *identity && (link->live || link->kd.held);
	if (!*identity && procedure)
		identity = *procedure->identity ? procedure->identity : procedure->claimed;
	if (!*identity)
		identity = *link->wanted ? link->wanted : setup_expected(link);
	snprintf(info->identity, sizeof(info->identity), "%s", identity);
	/*
	 * The KD that the sending association comes from, before it is the link's, too: what is
	 * stored of both is taken over together, or a restart would find a KD of another time.
	 */
	if (procedure && procedure->switched)
		info->kd_id = procedure->kd.id;
	else
		info->kd_id = link->kd.held ? link->kd.id : 0;
	info->kd_made = link->kd.held ? link->kd.made : 0;
	if (link->live) {
		snprintf(info->method, sizeof(info->method), "%s", link->context.method);
		snprintf(info->detail, sizeof(info->detail), "%s", link->context.detail);
		info->eea = link->context.eea;
		info->eia = link->context.eia;
		info->up_integrity = link->context.up_integrity;
		info->count_profile = link->context.count_profile;
		info->is_ue_1 = link->context.is_ue_1;
		info->kd_sess_id = link_tx_id(link);
		info->connected_ms = link->connected_ms;
		info->rekeyed_ms = link->rekeyed_ms;
		info->rekeys = link->rekeys;
		info->kd_rekeys = link->kd_rekeys;
		memcpy(info->evidence, link->context.evidence, sizeof(info->evidence));
		info->evidence_len = link->context.evidence_len;
	}
	info->has_connection_ids = link->n_local_ids && link->has_remote_id;
	memcpy(info->local_connection_id, link->local_ids[0], sizeof(link->local_ids[0]));
	memcpy(info->remote_connection_id, link->remote_id, sizeof(link->remote_id));
	memcpy(info->addresses, link->addresses, sizeof(link->addresses));
	info->n_addresses = link->n_addresses;
	info->expressions = link->expressions;
	info->announced = link->announced;
	snprintf(info->failure, sizeof(info->failure), "%s", link->failure);
}

void ue_links(const struct ue *ue, bool (*each)(void *context, const struct ue_link_info *info),
	      void *context)
{
	struct ue_link_info info;

	for (const struct link *link = ue->links; link; link = link->next) {
		info_of(link, &info);
		if (!each(context, &info))
			break;
	}
}

bool ue_link(const struct ue *ue, uint32_t l2_id, struct ue_link_info *info)
{
	const struct link *link = link_find(ue, l2_id);

	if (!link)
		return false;
	info_of(link, info);
	return true;
}

enum ue_link_state ue_link_state(const struct ue *ue, uint32_t l2_id)
{
	const struct link *link = link_find(ue, l2_id);

	return link ? link_state(link) : UE_LINK_NULL;
}

bool ue_address_holder(const struct ue *ue, const struct ue_address *address, uint32_t but,
		       struct ue_link_info *info)
{
	size_t len = address->family == 4 ? 4 : 16;

	for (const struct link *link = ue->links; link; link = link->next) {
		if (link->l2_id == but)
			continue;
		for (size_t i = 0; i < link->n_addresses; i++) {
			if (link->addresses[i].family != address->family ||
			    memcmp(link->addresses[i].addr, address->addr, len) ||
			    link_state(link) == UE_LINK_NULL || link_state(link) == UE_LINK_IDLE)
				continue;
			info_of(link, info);
			return true;
		}
	}
	return false;
}

void ue_get_stats(const struct ue *ue, struct ue_stats *stats)
{
	*stats = ue->stats;
}

int ue_adopt(struct ue *ue, uint64_t now, const struct ue_link_info *info,
	     const uint16_t *kd_sess_ids, size_t n_kd_sess_ids)
{
	const struct ue_timers *timers = &ue->config.timers;
	struct link *link = link_find(ue, info->l2_id);
	bool sends = false;

	for (size_t i = 0; i < n_kd_sess_ids; i++) {
		if (!kd_sess_ids[i])
			return -1;
		sends |= kd_sess_ids[i] == info->kd_sess_id;
	}
	if (!sends || n_kd_sess_ids > LINK_ASSOCS_MAX || !info->l2_id ||
	    info->l2_id > L2_ID_MAX || info->l2_id == ue->config.l2_id ||
	    info->n_addresses > UE_ADDRESSES_MAX || info->evidence_len > KEYING_EVIDENCE_MAX ||
	    (link && (link->live || link->procedure || link->release.running)))
		return -1;
	link = link_get(ue, info->l2_id);
	if (!link)
		return -1;
	for (size_t i = 0; i < n_kd_sess_ids; i++) {
		link_assoc_note(link, kd_sess_ids[i]);
		link->assocs[i].tx = kd_sess_ids[i] == info->kd_sess_id;
	}
	link_retire_others(link, info->kd_sess_id, now + 2 * (uint64_t)timers->grace +
			   timers->t4112);
	if (link->kd.held && (link->kd.id != info->kd_id || strcmp(link->identity, info->identity))) {
		idle_wipe(link);
		idle_changed(link, false);
	}
	link->own_l2_id = info->own_l2_id ? info->own_l2_id : ue->config.l2_id;
	link->local_l2_id = info->local_l2_id;
	link->remote_l2_id = info->remote_l2_id;
	link->peer_added = true;
	link->live = true;
	snprintf(link->identity, sizeof(link->identity), "%s", info->identity);
	snprintf(link->context.method, sizeof(link->context.method), "%s", info->method);
	snprintf(link->context.detail, sizeof(link->context.detail), "%s", info->detail);
	memcpy(link->context.evidence, info->evidence, info->evidence_len);
	link->context.evidence_len = info->evidence_len;
	link->context.eea = info->eea;
	link->context.eia = info->eia;
	link->context.up_integrity = info->up_integrity;
	link->context.count_profile = info->count_profile;
	link->context.is_ue_1 = info->is_ue_1;
	/* how old its keys are nobody knows any more: as old as they are known to be */
	lifetime_start(link, info->rekeyed_ms ? info->rekeyed_ms :
		       info->connected_ms ? info->connected_ms : now, false);
	link->connected_ms = info->connected_ms;
	link->rekeyed_ms = info->rekeyed_ms;
	link->rekeys = info->rekeys;
	link->kd_rekeys = info->kd_rekeys;
	if (info->has_connection_ids)
		idle_adopt_ids(link, info);
	memcpy(link->addresses, info->addresses, sizeof(link->addresses));
	link->n_addresses = info->n_addresses;
	link->expressions = info->expressions;
	link->announced = info->announced;
	keepalive_start(link, now);
	link_show(link);
	return 0;
}
