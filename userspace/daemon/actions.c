// SPDX-License-Identifier: MIT
/* What the core wants done, carried out in its order. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "daemon.h"
#include "keylog.h"

/* The store is written so long after the first of some changes. */
#define KEEP_DELAY_MS	100

static uint64_t now(const struct daemon *daemon)
{
	return daemon->setup.now_ms(daemon->setup.context);
}

/*
 * A message that found no room is like one the air lost: its timer repeats it. Anything
 * else will not get better by itself.
 */
static bool passing(int err)
{
	return err == -ENOBUFS || err == -EAGAIN || err == -ENOMEM || err == -EINTR;
}

static int send_message(struct daemon *daemon, const struct ue_send *send)
{
	static const uint32_t protection[] = {
		[UE_PROTECT_NONE] = PROSE_PROTECTION_NONE,
		[UE_PROTECT_INTEGRITY] = PROSE_PROTECTION_INTEGRITY,
		[UE_PROTECT_FULL] = PROSE_PROTECTION_FULL,
		[UE_PROTECT_UNVERIFIED] = PROSE_PROTECTION_UNVERIFIED,
	};
	const struct kernel *kernel = &daemon->setup.kernel;
	struct prose_nl_signal signal = {
		.l2_id = send->l2_id,
		.bearer = (uint8_t)send->bearer,
		.protection = protection[send->protection],
		.kd_sess_id = send->kd_sess_id,
		.message = send->message,
		.len = send->len,
		.carrier_addr_len = send->carrier_addr.len,
	};
	int err;

	daemon->l2_on_air = true;
	if (send->in_setup)
		signal.local_l2_id = daemon->l2_id;
	memcpy(signal.carrier_addr, send->carrier_addr.octets, send->carrier_addr.len);
	err = kernel->ops->signal_send(kernel->context, &signal);
	if (passing(err)) {
		log_debug("a message to %06x was lost on the way to the kernel: %s", send->l2_id,
			  kernel->ops->error(kernel->context));
		return 0;
	}
	return err;
}

/*
 * A peer that does not tell its addresses, because it knows no extensions, has those of its
 * section. The core let it hold them: its identity belongs to this Layer-2 ID.
 */
static void fill_addresses(const struct daemon *daemon, struct ue_peer *peer)
{
	const struct config_peer *section = config_peer_by_l2_id(daemon->config, peer->l2_id);
	size_t i;

	for (i = 0; i < peer->n_addresses; i++)
		if (!text_address_link_local(&peer->addresses[i]))
			return;
	for (i = 0; section && i < section->n_addresses && peer->n_addresses < UE_ADDRESSES_MAX; i++)
		peer->addresses[peer->n_addresses++] = section->addresses[i];
}

static int add_peer(struct daemon *daemon, const struct ue_peer *wanted)
{
	const struct kernel *kernel = &daemon->setup.kernel;
	struct ue_peer full = *wanted, *peer = &full;
	struct prose_nl_peer request = {
		.l2_id = wanted->l2_id,
		.carrier_addr_len = wanted->carrier_addr.len,
	};
	size_t i;
	int err;

	if (peer->has_link_ids) {
		request.has_local_l2_id = request.has_remote_l2_id = true;
		request.local_l2_id = peer->local_l2_id;
		request.remote_l2_id = peer->remote_l2_id;
	} else {
		fill_addresses(daemon, peer);
	}
	memcpy(request.carrier_addr, peer->carrier_addr.octets, peer->carrier_addr.len);
	for (i = 0; i < peer->n_addresses && i < PROSE_NL_ADDRESSES_MAX; i++) {
		request.addresses[i].family = peer->addresses[i].family;
		memcpy(request.addresses[i].addr, peer->addresses[i].addr,
		       sizeof(request.addresses[i].addr));
	}
	request.n_addresses = i;
	err = kernel->ops->peer_new(kernel->context, &request);
	if (err == -EEXIST)
		err = kernel->ops->peer_set(kernel->context, &request);
	return err;
}

static int delete_peer(struct daemon *daemon, const struct ue_peer *peer)
{
	const struct kernel *kernel = &daemon->setup.kernel;
	int err = kernel->ops->peer_del(kernel->context, peer->l2_id);

	return err == -ENOENT || err == -ENODEV ? 0 : err;
}

static int add_assoc(struct daemon *daemon, const struct ue_assoc *assoc)
{
	const struct kernel *kernel = &daemon->setup.kernel;
	struct prose_nl_assoc_config request = {
		.kd_sess_id = assoc->kd_sess_id,
		.eea = assoc->eea,
		.eia = assoc->eia,
		.up_integrity = assoc->up_integrity,
		.direction = assoc->direction,
		.count_start = assoc->count_start,
		.count_limit = assoc->count_limit,
		.count_soft = assoc->count_soft,
		.has_grace_ms = true,
		.grace_ms = assoc->grace_ms,
	};
	int err;

	memcpy(request.pek, assoc->pek, sizeof(request.pek));
	memcpy(request.pik, assoc->pik, sizeof(request.pik));
	if (assoc->smc_seen) {
		request.seen[0].lcid = UE_BEARER_SMC;
		request.seen[0].has_rx_highest = true;
		request.seen[0].rx_highest = assoc->smc_count;
		request.n_seen = 1;
	}
	err = kernel->ops->assoc_new(kernel->context, assoc->l2_id, &request);
	OPENSSL_cleanse(&request, sizeof(request));
	return err;
}

static int delete_assoc(struct daemon *daemon, const struct ue_assoc *assoc)
{
	const struct kernel *kernel = &daemon->setup.kernel;
	int err = kernel->ops->assoc_del(kernel->context, assoc->l2_id, assoc->kd_sess_id);

	/* Its grace may have ended meanwhile. */
	return err == -ENOENT || err == -ENODEV ? 0 : err;
}

static int switch_assoc(struct daemon *daemon, const struct ue_assoc *assoc)
{
	const struct kernel *kernel = &daemon->setup.kernel;
	struct prose_nl_assoc_change change = { .tx = true };

	return kernel->ops->assoc_set(kernel->context, assoc->l2_id, assoc->kd_sess_id, &change);
}

static void remember(struct daemon *daemon, const struct ue_report *report)
{
	bool configured = config_peer_by_l2_id(daemon->config, report->l2_id);
	struct history_peer *history;

	bool refused = report->kind == UE_REPORT_NOTICE && report->cause;

	if (report->kind != UE_REPORT_FAILED && report->kind != UE_REPORT_CONNECTED && !refused &&
	    !(report->kind == UE_REPORT_RELEASED && report->by_peer))
		return;
	history = history_touch(&daemon->history, report->l2_id, configured);
	if (!history)
		return;
	if (refused)
		history_note(history, report->cause, report->text);
	else if (report->kind == UE_REPORT_FAILED)
		history_failed(history, now(daemon), report->cause, report->text);
	else if (report->kind == UE_REPORT_CONNECTED)
		history_connected(history);
	else
		history_released(history, now(daemon));
}

static void tell(struct daemon *daemon, const struct ue_report *report)
{
	struct log_limit *limit = &daemon->notices;
	json_t *event = show_event(daemon, report);
	const struct log_about about = {
		.peer = json_string_value(json_object_get(event, "identity")),
		.l2_id = json_string_value(json_object_get(event, "layer2_id")),
		.event = json_string_value(json_object_get(event, "event")),
	};
	enum log_level level = LOG_LEVEL_NOTICE;

	switch (report->kind) {
	case UE_REPORT_STATE:
		level = LOG_LEVEL_DEBUG;
		limit = &daemon->states;
		break;
	case UE_REPORT_REKEYED:
		level = LOG_LEVEL_INFO;
		break;
	case UE_REPORT_FAILED:
		level = LOG_LEVEL_WARNING;
		limit = &daemon->failures;
		break;
	case UE_REPORT_NOTICE:
		limit = &daemon->warnings;
		break;
	case UE_REPORT_CONNECTED:
	case UE_REPORT_RELEASED:
		break;
	}
	/* A full sentence, with the peer's name in it. */
	log_limited_about(limit, now(daemon), level, &about, "%s", report->text);
	remember(daemon, report);
	/* What is kept is of connected links alone; the steps on the way there change nothing in it. */
	if (report->kind != UE_REPORT_NOTICE && report->kind != UE_REPORT_STATE)
		daemon->dirty = true;
	daemon->setup.event(daemon->setup.context, event);
}

/* The kernel was not asked: nothing to add to what it said. */
static int log_key(struct daemon *daemon, const struct ue_key_log *entry)
{
	int err;

	if (daemon->key_log_fd < 0)
		return 0;
	err = keylog_write(daemon->key_log_fd, entry);
	if (err)	/* a debugging aid: traffic goes on without it */
		log_limited(&daemon->warnings, now(daemon), LOG_LEVEL_ERROR,
			    "the key log cannot be written: %s", strerror(-err));
	return 0;
}

/*
 * KD and connection identities of a peer changed. Soon is early enough: what a crash until then
 * costs is a key establishment, for the two ends find out by KD ID and connection identity that
 * they do not hold the same. Many links that come up at once make one file of it. A connection
 * identity that may stand in one request only is another matter: it is marked before it is sent.
 */
static void keep(struct daemon *daemon, const struct ue_idle_change *change)
{
	if (!daemon->keep_ms || change->now)
		daemon->keep_ms = now(daemon) + KEEP_DELAY_MS;
	if (change->now)
		daemon_keep(daemon);
}

static int carry_out(struct daemon *daemon, const struct ue_action *action)
{
	switch (action->type) {
	case UE_SEND:
		return send_message(daemon, &action->send);
	case UE_PEER_ADD:
		return add_peer(daemon, &action->peer);
	case UE_PEER_DEL:
		return delete_peer(daemon, &action->peer);
	case UE_ASSOC_ADD:
		return add_assoc(daemon, &action->assoc);
	case UE_ASSOC_TX:
		return switch_assoc(daemon, &action->assoc);
	case UE_ASSOC_DEL:
		return delete_assoc(daemon, &action->assoc);
	case UE_REPORT:
		tell(daemon, &action->report);
		return 0;
	case UE_KEY_LOG:
		return log_key(daemon, &action->key_log);
	case UE_IDLE:
		keep(daemon, &action->idle);
		return 0;
	}
	return -EINVAL;
}

void daemon_drain(struct daemon *daemon)
{
	const struct kernel *kernel = &daemon->setup.kernel;
	const struct ue_action *action;
	char reason[KEYING_TEXT_MAX];
	int err;

	if (daemon->draining)
		return;
	daemon->draining = true;
	while ((action = ue_action(daemon->ue))) {
		err = carry_out(daemon, action);
		if (err) {
			const char *said = kernel->ops->error(kernel->context);

			snprintf(reason, sizeof(reason), "%s", said && said[0] ? said : strerror(-err));
			daemon->lost = daemon->lost || err == -ENODEV;
			ue_action_failed(daemon->ue, now(daemon), action, reason);
		}
		ue_action_done(daemon->ue);
	}
	daemon->draining = false;
	if (daemon->dirty) {
		daemon->dirty = false;
		daemon->setup.save(daemon->setup.context);
	}
}
