// SPDX-License-Identifier: MIT
/* What there is to show, as JSON; Documentation/control.rst names every member. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon.h"
#include "keying/sentence.h"

json_t *show_text(const char *text)
{
	char *harmless, *c;
	json_t *json;

	if (keying_text_valid(text, strlen(text)))
		return json_string(text);
	harmless = strdup(text);
	for (c = harmless; c && *c; c++)
		if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f)
			*c = '?';
	json = harmless ? json_string(harmless) : NULL;
	free(harmless);
	return json;
}

static json_t *show_time(time_t when)
{
	char text[32];
	struct tm tm;

	if (!when || !gmtime_r(&when, &tm) || !strftime(text, sizeof(text), "%FT%TZ", &tm))
		return json_null();
	return json_string(text);
}

static json_t *show_hex(uint32_t value, int digits)
{
	return json_sprintf("%0*x", digits, value);
}

static json_t *show_l2_id(uint32_t l2_id)
{
	char text[TEXT_L2_ID_LEN];

	return json_string(text_l2_id(l2_id, text));
}

static json_t *show_address(const struct ue_address *address)
{
	char text[TEXT_ADDRESS_LEN];

	return json_string(text_address(address, text));
}

static json_t *show_octets(const uint8_t *octets, size_t len, const char *between)
{
	char text[64] = "";
	size_t i, at = 0;

	for (i = 0; i < len && at + 4 < sizeof(text); i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%02x",
				       i ? between : "", octets[i]);
	return json_string(text);
}

static json_t *show_carrier_addr(const uint8_t *octets, size_t len)
{
	char text[TEXT_CARRIER_LEN];

	return len ? json_string(text_carrier(octets, len, text)) : json_null();
}

static json_t *show_seconds(uint64_t now_ms, uint64_t since_ms)
{
	return since_ms && since_ms <= now_ms ?
	       json_integer((json_int_t)((now_ms - since_ms) / 1000)) : json_null();
}

static const char *count_name(enum ue_count_profile profile)
{
	return profile == UE_COUNT_HFN ? "hfn" : "sess-id";
}

static json_t *show_algorithms(const char *prefix, const uint8_t order[static 4])
{
	json_t *list = json_array();
	int i;

	for (i = 0; i < 4 && order[i] != 0xff; i++)
		json_array_append_new(list, json_sprintf("%s%u", prefix, order[i]));
	return list;
}

static json_t *show_drops(const struct prose_nl_device *device)
{
	json_t *drops = json_object();
	size_t i;

	for (i = 0; i < device->n_stats; i++)
		json_object_set_new(drops, device->stats[i].name,
				    json_integer((json_int_t)device->stats[i].value));
	return drops;
}

static json_t *show_signalling(const struct daemon *daemon)
{
	struct ue_stats stats = { 0 };

	ue_get_stats(daemon->ue, &stats);
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
			 "received", (json_int_t)stats.received,
			 "sent", (json_int_t)stats.sent,
			 "retransmitted", (json_int_t)stats.retransmitted,
			 "malformed", (json_int_t)stats.malformed,
			 "unknown_type", (json_int_t)stats.unknown_type,
			 "unexpected", (json_int_t)stats.unexpected,
			 "unprotected_ignored", (json_int_t)stats.unprotected_ignored,
			 "mac_failed", (json_int_t)stats.mac_failed,
			 "half_open_full", (json_int_t)stats.half_open_full,
			 "cookies", (json_int_t)stats.cookies,
			 "containers_limited", (json_int_t)stats.containers_limited);
}

static json_t *show_device(struct daemon *daemon)
{
	const struct kernel *kernel = &daemon->setup.kernel;
	const struct config *config = daemon->config;
	json_t *json, *addresses = json_array(), *methods = json_array();
	char lower[IF_NAMESIZE] = "", text[TEXT_ADDRESS_LEN];
	struct prose_nl_device device = { 0 };
	size_t i;

	for (i = 0; i < config->n_addresses; i++)
		json_array_append_new(addresses,
			json_sprintf("%s/%u", text_address(&config->addresses[i].address, text),
				     config->addresses[i].prefix));
	for (i = 0; i < daemon->methods->n; i++)
		json_array_append_new(methods, json_string(daemon->methods->list[i]->name));
	json = json_pack("{s:s, s:i, s:o, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:s, s:b, s:b, s:b}",
			 "name", daemon->ifname, "ifindex", (int)daemon->ifindex,
			 "layer2_id", show_l2_id(daemon->l2_id),
			 "identity", show_text(methods_identity(daemon->methods, config)),
			 "profile", config->up_integrity != UE_NOT_NEEDED ? "full" : "rel12",
			 "count", count_name(config->count_profile),
			 "ciphering", show_algorithms("eea", config->eea_order),
			 "integrity", show_algorithms("eia", config->eia_order),
			 "methods", methods, "addresses", addresses,
			 "accept", config->any_authenticated ? "any-authenticated" : "configured",
			 "on_demand", config->on_demand,
			 "strict_24334", config->strict_24334,
			 "key_log", daemon->key_log_fd >= 0);
	json_object_set_new(json, "signalling", show_signalling(daemon));
	if (kernel->ops->device_get(kernel->context, &device)) {
		json_object_set_new(json, "error", show_text(kernel->ops->error(kernel->context)));
		return json;
	}
	if (device.lower_ifindex && if_indextoname(device.lower_ifindex, lower))
		json_object_set_new(json, "lower", json_string(lower));
	if (device.carrier == PROSE_CARRIER_UDP) {
		json_object_set_new(json, "carrier", json_string("udp"));
		json_object_set_new(json, "port", json_integer(device.port));
		json_object_set_new(json, "remote",
				    show_carrier_addr(device.remote, device.remote_len));
	} else {
		json_object_set_new(json, "carrier", json_string("link"));
		json_object_set_new(json, "ethertype", show_hex(device.ethertype, 4));
	}
	json_object_set_new(json, "drops", show_drops(&device));
	return json;
}

static json_t *show_assoc(const struct prose_nl_assoc *assoc)
{
	json_t *bearers = json_array(), *json;
	size_t i;

	for (i = 0; i < assoc->n_bearers; i++) {
		const struct prose_nl_bearer *bearer = &assoc->bearers[i];

		json_array_append_new(bearers, json_pack("{s:i, s:o, s:o}", "lcid", bearer->lcid,
			"tx_next", bearer->has_tx_next ? json_integer(bearer->tx_next) : json_null(),
			"rx_highest", bearer->has_rx_highest ? json_integer(bearer->rx_highest) :
							       json_null()));
	}
	json = json_pack("{s:o, s:b, s:o, s:o, s:b, s:i, s:I, s:I, s:I, s:o}",
			 "kd_sess_id", show_hex(assoc->kd_sess_id, 4), "sends", assoc->tx,
			 "ciphering", json_sprintf("eea%u", assoc->eea),
			 "integrity", json_sprintf("eia%u", assoc->eia),
			 "user_plane_integrity", assoc->up_integrity,
			 "direction", assoc->direction,
			 "count_start", (json_int_t)assoc->count_start,
			 "count_soft", (json_int_t)assoc->count_soft,
			 "count_limit", (json_int_t)assoc->count_limit, "bearers", bearers);
	json_object_set_new(json, "rx_packets", json_integer((json_int_t)assoc->rx_packets));
	json_object_set_new(json, "rx_bytes", json_integer((json_int_t)assoc->rx_bytes));
	json_object_set_new(json, "tx_packets", json_integer((json_int_t)assoc->tx_packets));
	json_object_set_new(json, "tx_bytes", json_integer((json_int_t)assoc->tx_bytes));
	json_object_set_new(json, "integrity_failures",
			    json_integer((json_int_t)assoc->integrity_failures));
	json_object_set_new(json, "replays", json_integer((json_int_t)assoc->replays));
	return json;
}

/* All that is asked of the kernel for one answer. */
struct view {
	struct prose_nl_peer *peers;
	struct prose_nl_assoc *assocs;
	size_t n_peers, n_assocs;
	uint64_t now_ms;
};

static void show_kernel_peer(json_t *json, const struct view *view, uint32_t l2_id)
{
	const struct prose_nl_peer *peer = NULL;
	json_t *assocs;
	size_t i;

	for (i = 0; i < view->n_peers; i++)
		if (view->peers[i].l2_id == l2_id)
			peer = &view->peers[i];
	if (!peer)
		return;
	json_object_set_new(json, "carrier_address",
			    show_carrier_addr(peer->carrier_addr, peer->carrier_addr_len));
	json_object_set_new(json, "rx_packets", json_integer((json_int_t)peer->rx_packets));
	json_object_set_new(json, "rx_bytes", json_integer((json_int_t)peer->rx_bytes));
	json_object_set_new(json, "tx_packets", json_integer((json_int_t)peer->tx_packets));
	json_object_set_new(json, "tx_bytes", json_integer((json_int_t)peer->tx_bytes));
	json_object_set_new(json, "last_heard_seconds", peer->has_last_rx ?
			    json_integer((json_int_t)(peer->last_rx_ms / 1000)) : json_null());
	assocs = json_array();
	for (i = 0; i < view->n_assocs; i++)
		if (view->assocs[i].l2_id == l2_id)
			json_array_append_new(assocs, show_assoc(&view->assocs[i]));
	json_object_set_new(json, "associations", assocs);
}

static void show_failure(json_t *json, const struct daemon *daemon, uint32_t l2_id,
			 const struct ue_link_info *info)
{
	const struct history_peer *history = history_find(&daemon->history, l2_id);
	json_t *failure;

	json_object_set_new(json, "held", json_boolean(history && history->held));
	if (history && history->failed_at) {
		failure = json_pack("{s:o, s:i, s:o}", "text", show_text(history->failure),
				    "cause", history->cause,
				    "time", show_time(history->failed_at));
		if (history->cause)
			json_object_set_new(failure, "cause_text",
					    json_string(ue_cause_text(history->cause)));
	} else if (info && info->failure[0]) {
		failure = json_pack("{s:o}", "text", show_text(info->failure));
	} else {
		failure = json_null();
	}
	json_object_set_new(json, "last_failure", failure);
}

static json_t *show_expressions(const struct ue_expressions *expressions)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < expressions->n; i++)
		json_array_append_new(list, show_text(expressions->name[i]));
	return list;
}

static void show_link(json_t *json, const struct view *view, const struct ue_link_info *info)
{
	json_t *addresses = json_array();
	size_t i;

	for (i = 0; i < info->n_addresses; i++)
		json_array_append_new(addresses, show_address(&info->addresses[i]));
	json_object_set_new(json, "state", json_string(ue_state_name(info->state)));
	json_object_set_new(json, "authenticated", json_boolean(info->authenticated));
	json_object_set_new(json, "method", show_text(info->method));
	json_object_set_new(json, "detail", show_text(info->detail));
	json_object_set_new(json, "addresses", addresses);
	json_object_set_new(json, "kd_made", info->kd_id ? show_time((time_t)info->kd_made) :
							   json_null());
	if (!daemon_link_connected(info->state))
		return;
	json_object_set_new(json, "role", json_string(info->is_ue_1 ? "ue_1" : "ue_2"));
	json_object_set_new(json, "ciphering", json_sprintf("eea%u", info->eea));
	json_object_set_new(json, "integrity", json_sprintf("eia%u", info->eia));
	json_object_set_new(json, "user_plane_integrity", json_boolean(info->up_integrity));
	json_object_set_new(json, "count", json_string(count_name(info->count_profile)));
	json_object_set_new(json, "kd_sess_id", show_hex(info->kd_sess_id, 4));
	json_object_set_new(json, "kd_id", info->kd_id ? show_hex(info->kd_id, 8) : json_null());
	json_object_set_new(json, "expressions", show_expressions(&info->expressions));
	json_object_set_new(json, "announced", show_expressions(&info->announced));
	json_object_set_new(json, "connected_seconds",
			    show_seconds(view->now_ms, info->connected_ms));
	json_object_set_new(json, "rekeyed_seconds", show_seconds(view->now_ms, info->rekeyed_ms));
	json_object_set_new(json, "rekeys", json_integer(info->rekeys));
	json_object_set_new(json, "kd_rekeys", json_integer(info->kd_rekeys));
	json_object_set_new(json, "link_layer2_ids", info->remote_l2_id ?
			    json_pack("{s:o, s:o}", "local", show_l2_id(info->local_l2_id),
				      "remote", show_l2_id(info->remote_l2_id)) : json_null());
	if (info->has_connection_ids)
		json_object_set_new(json, "connection_ids",
				    json_pack("{s:o, s:o}", "local",
					      show_octets(info->local_connection_id,
							  UE_CONNECTION_ID_LEN, ""),
					      "remote",
					      show_octets(info->remote_connection_id,
							  UE_CONNECTION_ID_LEN, "")));
}

static json_t *show_peer(const struct daemon *daemon, const struct view *view, uint32_t l2_id,
			 const struct config_peer *peer, const struct ue_link_info *info)
{
	const char *identity = info && info->identity[0] ? info->identity :
			       peer ? peer->identity : "";
	json_t *json = json_pack("{s:o, s:o, s:b, s:b, s:s, s:b}",
				 "identity", show_text(identity),
				 "layer2_id", l2_id ? show_l2_id(l2_id) : json_null(),
				 "configured", peer != NULL,
				 "auto_connect", peer && peer->auto_connect,
				 "state", ue_state_name(UE_LINK_NULL), "authenticated", 0);

	if (info)
		show_link(json, view, info);
	if (l2_id) {
		show_kernel_peer(json, view, l2_id);
		show_failure(json, daemon, l2_id, info);
	}
	return json;
}

/* Configured peers in their order, then the others that have a link or a failure to show. */
static json_t *show_peers(const struct daemon *daemon, const struct view *view)
{
	json_t *list = json_array();
	struct ue_link_info *links;
	size_t n, i, j;

	links = daemon_links(daemon, &n);
	for (i = 0; i < daemon->config->n_peers; i++) {
		const struct config_peer *peer = &daemon->config->peers[i];
		const struct ue_link_info *info = NULL;

		for (j = 0; j < n; j++)
			if (peer->l2_id ? links[j].l2_id == peer->l2_id :
					  !strcmp(links[j].identity, peer->identity))
				info = &links[j];
		json_array_append_new(list, show_peer(daemon, view, info ? info->l2_id : peer->l2_id,
						      peer, info));
	}
	for (j = 0; j < n; j++)
		if (!config_peer_by_l2_id(daemon->config, links[j].l2_id) &&
		    !config_peer(daemon->config, links[j].identity))
			json_array_append_new(list, show_peer(daemon, view, links[j].l2_id, NULL,
							      &links[j]));
	free(links);
	for (i = 0; i < daemon->history.n; i++) {
		const struct history_peer *history = &daemon->history.peers[i];
		struct ue_link_info info;

		if (history->failed_at && !ue_link(daemon->ue, history->l2_id, &info) &&
		    !config_peer_by_l2_id(daemon->config, history->l2_id))
			json_array_append_new(list, show_peer(daemon, view, history->l2_id, NULL,
							      NULL));
	}
	return list;
}

json_t *daemon_show(struct daemon *daemon)
{
	const struct kernel *kernel = &daemon->setup.kernel;
	struct view view = { .now_ms = daemon->setup.now_ms(daemon->setup.context) };
	json_t *json;

	/* Without the kernel's numbers there is still the rest to show. */
	if (kernel->ops->peer_dump(kernel->context, &view.peers, &view.n_peers))
		view.n_peers = 0;
	if (kernel->ops->assoc_dump(kernel->context, &view.assocs, &view.n_assocs))
		view.n_assocs = 0;
	json = json_pack("{s:s, s:o, s:o, s:o, s:o}", "version", DAEMON_VERSION,
			 "started", show_time(daemon->started),
			 "configuration", show_text(daemon->config->path),
			 "device", show_device(daemon), "peers", show_peers(daemon, &view));
	free(view.assocs);
	free(view.peers);
	return json;
}

json_t *show_event(const struct daemon *daemon, const struct ue_report *report)
{
	static const char *const names[] = {
		[UE_REPORT_STATE] = "state", [UE_REPORT_CONNECTED] = "connected",
		[UE_REPORT_REKEYED] = "rekeyed", [UE_REPORT_RELEASED] = "released",
		[UE_REPORT_FAILED] = "failed", [UE_REPORT_NOTICE] = "notice",
	};
	const struct config_peer *peer = config_peer_by_l2_id(daemon->config, report->l2_id);
	const char *identity = peer ? peer->identity : "";
	struct ue_link_info info;
	json_t *json;

	if (ue_link(daemon->ue, report->l2_id, &info) && info.identity[0])
		identity = info.identity;
	json = json_pack("{s:s, s:o, s:o, s:o, s:s, s:o, s:b, s:b}", "event", names[report->kind],
			 "time", show_time(time(NULL)), "layer2_id", show_l2_id(report->l2_id),
			 "identity", show_text(identity), "state", ue_state_name(report->state),
			 "text", show_text(report->text), "by_peer", report->by_peer,
			 "kd_changed", report->kd_changed);
	if (report->cause) {
		json_object_set_new(json, "cause", json_integer(report->cause));
		json_object_set_new(json, "cause_text", json_string(ue_cause_text(report->cause)));
	}
	return json;
}
