// SPDX-License-Identifier: MIT
/*
 * Direct security mode, TS 24.334 10.4.5 and TR 33.833 6.4.1.4.4.
 *
 * UE_2 installs the new association, receive only, and sends the COMMAND under it. UE_1
 * cannot hold its keys yet, so its kernel hands the COMMAND up unverified and UE_1 verifies
 * the MAC-I here. Nothing changes before it has, and what the COMMAND echoes of the request
 * is compared right after.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "eia.h"
#include "identity.h"
#include "link.h"

#define CHANGED		"the request was changed on its way."

#define DIRECTION_UE_1	0
#define DIRECTION_UE_2	1

struct keys {
	uint8_t kd_sess[KDF_LEN], pek[KDF_KEY_LEN], pik[KDF_KEY_LEN];
};

static bool derive(const struct kd *kd, const struct procedure *procedure,
		   const uint8_t nonce_2[PC5S_NONCE_LEN], uint8_t eea, uint8_t eia_id,
		   struct keys *keys)
{
	return !kdf_kd_sess(kd->kd, procedure->nonce_1, nonce_2, keys->kd_sess) &&
	       !kdf_pek(keys->kd_sess, eea, keys->pek) &&
	       !kdf_pik(keys->kd_sess, eia_id, keys->pik);
}

static uint32_t count_start(const struct procedure *procedure, uint16_t kd_sess_id)
{
	return procedure->count_profile == UE_COUNT_SESS_ID ? (uint32_t)kd_sess_id << 16 | 1 : 1;
}

static uint32_t count_limit(const struct procedure *procedure, uint16_t kd_sess_id)
{
	return procedure->count_profile == UE_COUNT_SESS_ID ?
		(uint32_t)kd_sess_id << 16 | 0xffff : UINT32_MAX;
}

static void log_keys(struct link *link, const uint8_t kd_sess[KDF_LEN], uint32_t here,
		     uint32_t there)
{
	const struct procedure *procedure = link->procedure;
	struct ue_action *action = action_new(link->ue, UE_KEY_LOG);
	bool ue_1 = procedure->role == KEYING_UE_1;

	action->key_log.ue_1_l2_id = ue_1 ? here : there;
	action->key_log.ue_2_l2_id = ue_1 ? there : here;
	action->key_log.kd_sess_id = procedure->kd_sess_id;
	action->key_log.eea = procedure->eea;
	action->key_log.eia = procedure->eia;
	action->key_log.up_integrity = procedure->up_integrity;
	action->key_log.count_profile = procedure->count_profile;
	memcpy(action->key_log.kd_sess, kd_sess, KDF_LEN);
}

void smc_log_keys(struct link *link)
{
	uint8_t kd_sess[KDF_LEN];

	if (!kdf_kd_sess(link->procedure->kd.kd, link->procedure->nonce_1, link->procedure->nonce_2,
			 kd_sess))
		log_keys(link, kd_sess, layer2_here(link), layer2_there(link));
	OPENSSL_cleanse(kd_sess, sizeof(kd_sess));
}

/* Tells the kernel and the key log of the new KD-sess. */
static void install(struct link *link, const struct keys *keys,
		    const struct ue_carrier_addr *carrier_addr, bool smc_seen, uint32_t smc_count)
{
	struct ue *ue = link->ue;
	const struct ue_config *config = &ue->config;
	struct procedure *procedure = link->procedure;
	bool ue_1 = procedure->role == KEYING_UE_1;
	struct ue_action *action;
	uint32_t room;

	link_peer_add(link, carrier_addr, false);
	link_assoc_note(link, procedure->kd_sess_id);
	procedure->installed = true;

	action = action_new(ue, UE_ASSOC_ADD);
	action->assoc.l2_id = link->l2_id;
	action->assoc.kd_sess_id = procedure->kd_sess_id;
	memcpy(action->assoc.pek, keys->pek, sizeof(keys->pek));
	memcpy(action->assoc.pik, keys->pik, sizeof(keys->pik));
	action->assoc.eea = procedure->eea;
	action->assoc.eia = procedure->eia;
	action->assoc.up_integrity = procedure->up_integrity;
	action->assoc.direction = ue_1 ? DIRECTION_UE_1 : DIRECTION_UE_2;
	action->assoc.count_start = count_start(procedure, procedure->kd_sess_id);
	action->assoc.count_limit = count_limit(procedure, procedure->kd_sess_id);
	room = action->assoc.count_limit - action->assoc.count_start;
	if (config->kd_sess_soft_packets && config->kd_sess_soft_packets < room)
		action->assoc.count_soft = action->assoc.count_start +
					   config->kd_sess_soft_packets;
	action->assoc.smc_seen = smc_seen;
	action->assoc.smc_count = smc_count;
	action->assoc.grace_ms = config->timers.grace;

	if (procedure->kind == PROCEDURE_SETUP)
		log_keys(link, keys->kd_sess, procedure->own_l2_id, link->l2_id);
	else
		log_keys(link, keys->kd_sess, layer2_here(link), layer2_there(link));
}

static void fail_ue_2(struct link *link, uint64_t now, uint8_t cause, const char *text)
{
	if (link->procedure->kind == PROCEDURE_SETUP)
		setup_reject(link, cause);
	procedure_fail(link, now, cause, false, text);
}

/* UE_2: KD is agreed on, in procedure->kd; a new one gets the MSB of its ID here. */
void smc_command(struct link *link, uint64_t now)
{
	struct ue *ue = link->ue;
	const struct ue_config *config = &ue->config;
	struct procedure *procedure = link->procedure;
	struct pc5s_message message = { .type = PC5S_SMC_COMMAND };
	struct embedded *embedded = &procedure->embedded;
	const struct keying_method *method;
	struct agreement agreement;
	char why[KEYING_TEXT_MAX];
	struct keys keys;
	bool ok;

	/* again, for a configuration may have been loaded since the request came */
	if (!negotiate(config, procedure->sent.capabilities,
		       procedure->sent.has_policy ? &procedure->sent.policy : NULL, &agreement, why,
		       sizeof(why))) {
		fail_ue_2(link, now, PC5S_CAUSE_CAPABILITIES, why);
		return;
	}
	procedure->eea = agreement.eea;
	procedure->eia = agreement.eia;
	procedure->up_integrity = agreement.up_integrity;
	if (!ids_pick_kd_sess(link, procedure->sent.msb_kd_sess_id, &procedure->kd_sess_id)) {
		fail_ue_2(link, now, PC5S_CAUSE_RESOURCES,
			  "All KD-sess IDs with the peer's MSB are in use.");
		return;
	}
	if (!procedure->has_nonce_2) {
		config->random(config->context, procedure->nonce_2, sizeof(procedure->nonce_2));
		procedure->has_nonce_2 = true;
	}
	ok = derive(&procedure->kd, procedure, procedure->nonce_2, procedure->eea, procedure->eia,
		    &keys);
	if (ok)
		install(link, &keys, NULL, false, 0);
	OPENSSL_cleanse(&keys, sizeof(keys));
	if (!ok) {
		fail_ue_2(link, now, PC5S_CAUSE_UNSPECIFIED, "Deriving the session keys failed.");
		return;
	}

	message.capabilities = procedure->sent.capabilities;
	memcpy(message.nonce_2, procedure->nonce_2, sizeof(message.nonce_2));
	message.chosen_algorithms = (uint8_t)(procedure->eea << 4 | procedure->eia);
	message.lsb_kd_sess_id = (uint8_t)procedure->kd_sess_id;
	/* who hides its own identity does not want the peer's in clear either */
	if (!procedure->hidden) {
		message.has |= PC5S_BIT(PC5S_IE_USER_INFO);
		identity_to_user_info(config->identity, &message.user_info);
	}
	if (procedure->kd_is_new) {
		uint16_t msb = ids_pick_msb_kd(ue);

		procedure->kd.id = (uint32_t)msb << 16;
		message.has |= PC5S_BIT(PC5S_IE_MSB_KD_ID);
		message.msb_kd_id = msb;
	}
	if (!config->strict_24334) {
		method = embedded->method ? embedded->method : procedure->kx.method;
		if (procedure->sent.has_methods)
			message.has |= PC5S_BIT(PC5S_IE_KEYING_METHODS);
		message.methods = procedure->sent.methods;
		if (procedure->sent.has_policy)
			message.has |= PC5S_BIT(PC5S_IE_SECURITY_POLICY);
		message.policy = procedure->sent.policy;
		message.has |= PC5S_BIT(PC5S_IE_CHOSEN_POLICY);
		message.chosen_policy = procedure->up_integrity;
		message.has |= PC5S_BIT(PC5S_IE_REQUEST_HASH);
		memcpy(message.request_hash, procedure->hash, sizeof(message.request_hash));
		if (procedure->kd_is_new && method) {
			message.has |= PC5S_BIT(PC5S_IE_SELECTED_METHOD);
			message.selected_method = method->id;
		}
	}
	if (embedded->container.len && !embedded_put(embedded, &message)) {
		fail_ue_2(link, now, PC5S_CAUSE_UNSPECIFIED,
			  "The keying method made a container that cannot be sent.");
		return;
	}
	procedure->step = STEP_SECURING;
	procedure->tries = 0;
	procedure->deadline = now + config->timers.t4111;
	procedure_send(link, &message, UE_BEARER_SMC, UE_PROTECT_INTEGRITY, procedure->kd_sess_id);
	/* the result is derived from, and the run is over */
	kexchange_close(&procedure->kx);
	embedded_close(embedded);
	link_show(link);
}

/*
 * UE_1: the KD a COMMAND means. Nothing is believed yet: a method without containers runs
 * on a copy, and the MAC decides whether its KD was the right one.
 */
static bool candidate(struct link *link, uint64_t now, const struct pc5s_message *message,
		      struct kd *kd, bool *is_new)
{
	struct ue *ue = link->ue;
	struct procedure *procedure = link->procedure;
	const struct keying_method *method = NULL;
	char claimed[PROSE_IDENTITY_MAX + 1] = "";
	struct kexchange kx = { 0 };
	struct kexchange_out out;
	bool of_kx;

	*is_new = pc5s_has(message, PC5S_IE_MSB_KD_ID);
	if (!*is_new) {
		/* the one we named, or in rekeying the present one */
		if (!link->kd.held || (procedure->kind == PROCEDURE_SETUP &&
				       (!procedure->sent.has_kd_id ||
					procedure->sent.kd_id != link->kd.id)) ||
		    procedure->sent.auth_flag)
			return false;
		*kd = link->kd;
		return true;
	}
	/* of the exchange it has Nonce_2 */
	of_kx = kexchange_is_open(&procedure->kx) && procedure->kx.status == KEXCHANGE_DONE &&
		!memcmp(procedure->kx.context.nonce_2, message->nonce_2, PC5S_NONCE_LEN);
	if (!of_kx && embedded_meant(link, message))
		return embedded_judge(link, now, message, kd);
	if (kexchange_is_open(&procedure->kx)) {
		if (!of_kx ||
		    (pc5s_has(message, PC5S_IE_SELECTED_METHOD) &&
		     message->selected_method != procedure->kx.method->id))
			return false;
		establish_take_kd(ue, procedure->kx.method, &procedure->kx.result, kd);
		return true;
	}
	if (pc5s_has(message, PC5S_IE_SELECTED_METHOD)) {
		method = establish_method(ue, message->selected_method);
	} else {
		for (size_t i = 0; i < ue->config.n_methods && !method; i++)
			if (!ue->config.methods[i]->containers && !ue->config.methods[i]->bind)
				method = ue->config.methods[i];
	}
	if (!method || method->containers || method->bind)
		return false;
	if (pc5s_has(message, PC5S_IE_USER_INFO) &&
	    !identity_from_user_info(&message->user_info, claimed))
		return false;
	if (procedure->hidden)
		snprintf(claimed, sizeof(claimed), "%.*s", PROSE_IDENTITY_MAX, link->identity);
	if (establish_open(link, method, message->nonce_2, claimed, &kx, &out) !=
	    KEXCHANGE_DONE) {
		snprintf(procedure->hint, sizeof(procedure->hint), "%s", kx.error.text);
		kexchange_close(&kx);
		return false;
	}
	establish_take_kd(ue, kx.method, &kx.result, kd);
	kexchange_close(&kx);
	return true;
}

/* Does the MAC-I of a COMMAND verify under these keys? */
static bool verified(const struct procedure *procedure, const struct ue_receive *receive,
		     uint8_t eia_id, const struct keys *keys, uint32_t *count)
{
	const uint8_t *header = receive->pdcp_header;
	struct eia_input input = { .bearer = UE_BEARER_SMC, .direction = DIRECTION_UE_2 };
	uint32_t start = count_start(procedure, receive->kd_sess_id);
	uint8_t mac[EIA_MAC_LEN];
	bool ok;

	/* the MAC covers the header, so what it says is what the kernel took from it */
	if ((header[1] << 8 | header[2]) != receive->kd_sess_id ||
	    (uint32_t)(header[3] << 8 | header[4]) != (receive->count & 0xffff))
		return false;
	input.count = (start & 0xffff0000) | (receive->count & 0xffff);
	if (input.count < start)
		return false;
	ok = !eia(eia_id, keys->pik, &input, header, sizeof(receive->pdcp_header),
		  receive->message, receive->len, mac) &&
	     !CRYPTO_memcmp(mac, receive->mac_i, sizeof(mac));
	*count = input.count;
	return ok;
}

static bool same_methods(const struct pc5s_methods *a, const struct pc5s_methods *b)
{
	return a->n == b->n && !memcmp(a->id, b->id, a->n);
}

/*
 * Does a COMMAND whose MAC-I verified echo what our request said? A UE that accepted it
 * otherwise could be bid down to weaker algorithms (TR 33.833 6.4.1.4.4). Returns NULL, or
 * a sentence.
 */
static const char *bidding_down(const struct ue *ue, const struct procedure *procedure,
				const struct pc5s_message *message)
{
	uint8_t eea = message->chosen_algorithms >> 4, eia_id = message->chosen_algorithms & 7;

	if (message->capabilities != procedure->sent.capabilities)
		return "The peer saw other security capabilities than this UE sent: " CHANGED;
	if (!(procedure->sent.capabilities & 0x8000 >> eea) || eia_id == EIA0 ||
	    !(procedure->sent.capabilities & 0x80 >> eia_id))
		return "The peer chose algorithms that this UE did not offer.";
	if (ue->config.strict_24334) {
		if (pc5s_has_extensions(message))
			return "The peer uses extensions, and this UE keeps to TS 24.334 strictly.";
		return NULL;
	}
	if (!pc5s_has(message, PC5S_IE_SECURITY_POLICY) ||
	    message->policy.up_integrity != procedure->sent.policy.up_integrity ||
	    message->policy.up_ciphering != procedure->sent.policy.up_ciphering ||
	    message->policy.count_profile != procedure->sent.policy.count_profile)
		return "The peer saw another security policy than this UE sent: " CHANGED;
	if (!pc5s_has(message, PC5S_IE_CHOSEN_POLICY) ||
	    !negotiate_fits(&procedure->sent.policy, &(struct agreement){
			    .eea = eea, .up_integrity = message->chosen_policy }))
		return "The peer chose for user data what the policy of this UE rules out.";
	if (!pc5s_has(message, PC5S_IE_KEYING_METHODS) ||
	    !same_methods(&message->methods, &procedure->sent.methods))
		return "The peer saw other keying methods than this UE sent: " CHANGED;
	if (!pc5s_has(message, PC5S_IE_REQUEST_HASH) ||
	    CRYPTO_memcmp(message->request_hash, procedure->hash, sizeof(procedure->hash)))
		return "The peer answered another request than this UE sent: " CHANGED;
	if (procedure->kx.method && !pc5s_has(message, PC5S_IE_MSB_KD_ID))
		return "The peer dropped the KD that was just established.";
	return NULL;
}

/* UE_1 refuses a COMMAND of the true peer. */
static void refuse(struct link *link, uint64_t now, uint8_t cause, const char *text)
{
	struct procedure *procedure = link->procedure;
	struct pc5s_message message = { .type = PC5S_SMC_REJECT, .cause = cause };

	if (!link->ue->config.strict_24334) {
		message.has |= PC5S_BIT(PC5S_IE_REQUEST_HASH);
		memcpy(message.request_hash, procedure->hash, sizeof(message.request_hash));
	}
	/* in a setup there is no context that UE_2 could check it by */
	if (procedure->kind == PROCEDURE_SETUP)
		procedure_send(link, &message, UE_BEARER_PLAIN, UE_PROTECT_NONE, 0);
	else
		procedure_send(link, &message, UE_BEARER_SIGNALLING, UE_PROTECT_FULL,
			       link_tx_id(link));
	procedure_fail(link, now, cause, false, text);
}

static bool used(const struct procedure *procedure, const uint8_t nonce_2[PC5S_NONCE_LEN])
{
	if (procedure->n_used_nonces == USED_NONCES_MAX)
		return true;
	for (size_t i = 0; i < procedure->n_used_nonces; i++)
		if (!memcmp(procedure->used_nonces[i], nonce_2, PC5S_NONCE_LEN))
			return true;
	return false;
}

/* UE_1: COMPLETE, ciphered and integrity protected under the new association. */
static void complete(struct link *link, const struct pc5s_message *command)
{
	struct procedure *procedure = link->procedure;
	struct pc5s_message message = { .type = PC5S_SMC_COMPLETE };

	if (procedure->kd_is_new) {
		uint16_t lsb = ids_pick_lsb_kd(link->ue, command->msb_kd_id);

		procedure->kd.id = (uint32_t)command->msb_kd_id << 16 | lsb;
		message.has |= PC5S_BIT(PC5S_IE_LSB_KD_ID);
		message.lsb_kd_id = lsb;
	}
	procedure_send(link, &message, UE_BEARER_SMC, UE_PROTECT_FULL, procedure->kd_sess_id);
}

static void take_command(struct link *link, uint64_t now, const struct ue_receive *receive,
			 const struct pc5s_message *message)
{
	struct ue *ue = link->ue;
	const struct ue_timers *timers = &ue->config.timers;
	struct procedure *procedure = link->procedure;
	bool setup = procedure->kind == PROCEDURE_SETUP;
	uint8_t eea = message->chosen_algorithms >> 4, eia_id = message->chosen_algorithms & 7;
	char identity[PROSE_IDENTITY_MAX + 1], why[KEYING_TEXT_MAX];
	struct keys keys = { 0 };
	struct kd kd = { 0 };
	const char *reason;
	uint32_t count = 0;
	uint8_t cause;
	bool is_new;

	if (!candidate(link, now, message, &kd, &is_new) ||
	    !derive(&kd, procedure, message->nonce_2, eea, eia_id, &keys) ||
	    !verified(procedure, receive, eia_id, &keys, &count)) {
		/*
		 * 24.334 would answer with REJECT 8. That would help whoever forges COMMANDs,
		 * and tell the true peer nothing, so: silence (spec-facts 9.6).
		 */
		procedure->bad_macs++;
		ue->stats.mac_failed++;
		goto out;
	}
	/* From here on it is the holder of KD who speaks. */
	procedure->heard = true;
	reason = bidding_down(ue, procedure, message);
	if (reason) {
		refuse(link, now, PC5S_CAUSE_CAPABILITIES, reason);
		goto out;
	}
	if (pc5s_has(message, PC5S_IE_USER_INFO) &&
	    (!identity_from_user_info(&message->user_info, identity) ||
	     strcmp(identity, kd.identity))) {
		refuse(link, now, PC5S_CAUSE_AUTHENTICATION,
		       "The peer names itself otherwise in the security mode command than its "
		       "credentials do.");
		goto out;
	}
	if (!procedure_authenticate(link, kd.identity, &cause, why, sizeof(why))) {
		refuse(link, now, cause, why);
		goto out;
	}
	if (link_assoc(link, receive->kd_sess_id)) {
		refuse(link, now, PC5S_CAUSE_UNSPECIFIED, "The KD-sess ID is in use at this UE.");
		goto out;
	}

	/* A second COMMAND for one request: UE_2 had forgotten the first. Its keys go. */
	if (procedure->installed) {
		if (procedure->switched && link->n_assocs)
			for (size_t i = 0; i < link->n_assocs; i++)
				if (link->assocs[i].kd_sess_id != procedure->kd_sess_id) {
					link_assoc_tx(link, link->assocs[i].kd_sess_id);
					break;
				}
		link_assoc_delete(link, procedure->kd_sess_id);
		procedure->switched = false;
	}
	memcpy(procedure->used_nonces[procedure->n_used_nonces++], message->nonce_2,
	       PC5S_NONCE_LEN);
	memcpy(procedure->nonce_2, message->nonce_2, sizeof(procedure->nonce_2));
	procedure->has_nonce_2 = true;
	procedure->kd_sess_id = receive->kd_sess_id;
	procedure->eea = eea;
	procedure->eia = eia_id;
	if (pc5s_has(message, PC5S_IE_CHOSEN_POLICY))
		procedure->up_integrity = message->chosen_policy;
	procedure->kd = kd;
	procedure->kd_is_new = is_new;
	procedure->step = STEP_SECURING;
	procedure->tries = 0;
	procedure->deadline = now + (setup ? timers->t4100 : timers->t4112);
	procedure_heard_from(procedure, receive);
	install(link, &keys, setup ? &receive->carrier_addr : NULL, true, count);
	complete(link, message);
	/*
	 * Rekeying: UE_2 receives under the new association already, so data may follow the
	 * COMPLETE at once. In a setup data waits for ACCEPT.
	 */
	if (!setup) {
		link_assoc_tx(link, procedure->kd_sess_id);
		procedure->switched = true;
	}
	link_show(link);
out:
	OPENSSL_cleanse(&keys, sizeof(keys));
	kd_wipe(&kd);
}

void smc_receive_command(struct link *link, uint64_t now, const struct ue_receive *receive,
			 const struct pc5s_message *message)
{
	struct procedure *procedure = link->procedure;

	if (!procedure || procedure->role != KEYING_UE_1 || procedure->step == STEP_BACKOFF ||
	    (uint8_t)receive->kd_sess_id != message->lsb_kd_sess_id ||
	    receive->kd_sess_id >> 8 != procedure->sent.msb_kd_sess_id) {
		link->ue->stats.unexpected++;
		return;
	}
	if (receive->protection == UE_PROTECT_INTEGRITY) {
		/* The kernel holds the keys: our COMPLETE was lost. */
		if (procedure->step == STEP_SECURING && receive->kd_sess_id == procedure->kd_sess_id)
			procedure_resend(link);
		return;
	}
	/* A duplicate that overtook the installation is one of these. */
	if (used(procedure, message->nonce_2)) {
		if (procedure->step == STEP_SECURING &&
		    !memcmp(procedure->nonce_2, message->nonce_2, sizeof(procedure->nonce_2)))
			procedure_resend(link);
		return;
	}
	take_command(link, now, receive, message);
}

/* UE_2: COMPLETE. The peer holds KD: a setup is authenticated now. */
void smc_receive_complete(struct link *link, uint64_t now, const struct ue_receive *receive,
			  const struct pc5s_message *message)
{
	struct procedure *procedure = link->procedure;

	if (!procedure || procedure->role != KEYING_UE_2 || procedure->step != STEP_SECURING ||
	    receive->kd_sess_id != procedure->kd_sess_id) {
		link->ue->stats.unexpected++;
		return;
	}
	if (pc5s_has(message, PC5S_IE_LSB_KD_ID) != procedure->kd_is_new) {
		link->ue->stats.malformed++;
		return;
	}
	procedure->heard = true;
	if (procedure->kd_is_new)
		procedure->kd.id |= message->lsb_kd_id;
	if (procedure->kind == PROCEDURE_SETUP)
		setup_secured(link, now);
	else
		rekey_secured(link, now);
}

/*
 * UE_2: a refusal. Unprotected, as in a setup, it only explains the timeout that follows;
 * in a rekeying it comes under the present context and is believed.
 */
void smc_receive_reject(struct link *link, uint64_t now, const struct ue_receive *receive,
			const struct pc5s_message *message)
{
	struct procedure *procedure = link->procedure;
	bool rekey = receive->protection == UE_PROTECT_FULL;

	if (!procedure || procedure->role != KEYING_UE_2 || procedure->step != STEP_SECURING ||
	    rekey != (procedure->kind == PROCEDURE_REKEY) ||
	    (pc5s_has(message, PC5S_IE_REQUEST_HASH) &&
	     memcmp(message->request_hash, procedure->hash, sizeof(procedure->hash)))) {
		link->ue->stats.unprotected_ignored += !rekey;
		link->ue->stats.unexpected += rekey;
		return;
	}
	procedure->rejected = message->cause;
	if (rekey)
		procedure_fail(link, now, message->cause, true,
			       "The peer refused the security mode command.");
}
