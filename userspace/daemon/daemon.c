// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "clock.h"
#include "daemon.h"
#include "keylog.h"
#include "netif.h"
#include "routes.h"

/*
 * The kernel is asked who was heard no more often than this, and with many peers, of whom a timer is
 * always due, less often: one of whom that is not known yet is asked by a keepalive.
 */
#define HEARD_INTERVAL_MS	100
#define HEARD_PEER_MS		4	/* more for each of them */
/* Limits of keys by packets or octets are late by what goes through in this time. */
#define USAGE_INTERVAL_MS	1000

/* Certificates and CRLs run out by the day; to judge them by the hour is soon enough. */
#define RECHECK_INTERVAL_MS	3600000

static uint64_t now(const struct daemon *daemon)
{
	return daemon->setup.now_ms(daemon->setup.context);
}

static void random_octets(void *context, uint8_t *out, size_t len)
{
	(void)context;
	/* Without randomness there is no security: nothing may go on. */
	if (RAND_bytes(out, (int)len) != 1) {
		log_error("the random number generator of OpenSSL failed; prosed ends");
		abort();
	}
}

static int64_t wall_clock(void *context)
{
	const struct daemon *daemon = context;

	return clock_now(daemon->methods ? daemon->methods->floor : 0);
}

/* Of bearers under which nothing went yet the kernel has no COUNT: the one before the first. */
static bool counts_of(void *context, uint32_t l2_id, uint16_t kd_sess_id, struct ue_counts *counts)
{
	const struct daemon *daemon = context;
	const struct kernel *kernel = &daemon->setup.kernel;
	struct prose_nl_assoc assoc;
	size_t i;

	if (kernel->ops->assoc_get(kernel->context, l2_id, kd_sess_id, &assoc))
		return false;
	for (i = 0; i < assoc.n_bearers && counts->n < 4; i++) {
		const struct prose_nl_bearer *bearer = &assoc.bearers[i];

		counts->c[counts->n].bearer = bearer->lcid;
		counts->c[counts->n].sent = bearer->has_tx_next ? bearer->tx_next - 1 :
							      assoc.count_limit;
		counts->c[counts->n].received = bearer->has_rx_highest ? bearer->rx_highest :
								  assoc.count_start - 1;
		counts->n++;
	}
	return true;
}

static void ue_configuration(const struct daemon *daemon, const struct config *config,
			     const struct methods *methods, struct ue_config *out)
{
	size_t i;

	ue_config_defaults(out);
	out->l2_id = daemon->l2_id;
	snprintf(out->identity, sizeof(out->identity), "%s", methods_identity(methods, config));
	out->capabilities = config->capabilities;
	memcpy(out->eea_order, config->eea_order, sizeof(out->eea_order));
	memcpy(out->eia_order, config->eia_order, sizeof(out->eia_order));
	out->up_integrity = config->up_integrity;
	out->up_ciphering = config->up_ciphering;
	out->count_profile = config->count_profile;
	out->single_use_ids = config->single_use_ids;
	out->hide_identity = config->hide_identity;
	out->link_l2_ids = config->link_l2_ids;
	out->reveal_identity = config->reveal_identity;
	out->strict_24334 = config->strict_24334;
	for (i = 0; i < methods->n; i++)
		out->methods[i] = methods->list[i];
	out->n_methods = methods->n;
	for (i = 0; i < config->n_addresses; i++)
		out->addresses[i] = config->addresses[i].address;
	out->n_addresses = config->n_addresses;
	netif_local_address(daemon->local_from, out->link_local);
	out->timers = config->timers;
	out->lifetimes = config->lifetimes;
	out->announces = config->announces;
	out->accepts = config->accepts;
	out->kd_sess_soft_packets = config->rekey_packets;
	out->random = random_octets;
	out->wall_clock = wall_clock;
	out->authorise = policy_authorise;
	out->expected = policy_expected;
	out->counts = counts_of;
	out->asks = policy_asks;
	out->context = (void *)daemon;
}

static int open_key_log(const struct daemon *daemon, const struct config *config, int *fd,
			char *why, size_t why_len)
{
	const char *path = daemon->setup.key_log ? daemon->setup.key_log : config->key_log;

	*fd = -1;
	if (!path)
		return 0;
	*fd = keylog_open(path, why, why_len);
	if (*fd < 0)
		return -1;
	log_warning("%s: session keys are written here; whoever reads it reads the traffic", path);
	return 0;
}

static void remember_configured(struct daemon *daemon)
{
	size_t i;

	for (i = 0; i < daemon->history.n; i++)
		daemon->history.peers[i].configured = false;
	for (i = 0; i < daemon->config->n_peers; i++)
		if (daemon->config->peers[i].l2_id)
			history_touch(&daemon->history, daemon->config->peers[i].l2_id, true);
}

struct daemon *daemon_new(const struct daemon_setup *setup, char *why, size_t why_len)
{
	struct daemon *daemon = calloc(1, sizeof(*daemon));
	struct ue_config config = { 0 };
	struct prose_nl_device device;

	if (!daemon) {
		snprintf(why, why_len, "out of memory");
		return NULL;
	}
	daemon->setup = *setup;
	daemon->key_log_fd = -1;
	daemon->started = time(NULL);
	daemon->failures = (struct log_limit)LOG_LIMIT(10, 2000);
	daemon->notices = (struct log_limit)LOG_LIMIT(5, 5000);
	daemon->warnings = (struct log_limit)LOG_LIMIT(5, 5000);
	daemon->states = (struct log_limit)LOG_LIMIT(100, 20);
	daemon->unkept = (struct log_limit)LOG_LIMIT(3, 60000);
	if (setup->kernel.ops->device_get(setup->kernel.context, &device)) {
		snprintf(why, why_len, "%s: %s", setup->config->device,
			 setup->kernel.ops->error(setup->kernel.context));
		goto fail;
	}
	daemon->ifindex = device.ifindex;
	daemon->l2_id = device.l2_id;
	daemon->local_from = setup->local_from ? setup->local_from : device.l2_id;
	snprintf(daemon->ifname, sizeof(daemon->ifname), "%s", setup->config->device);
	if (open_key_log(daemon, setup->config, &daemon->key_log_fd, why, why_len))
		goto fail;
	daemon->config = setup->config;
	ue_configuration(daemon, setup->config, setup->methods, &config);
	daemon->ue = ue_new(&config, why, why_len);
	if (!daemon->ue)
		goto fail;
	daemon->methods = setup->methods;
	remember_configured(daemon);
	return daemon;
fail:
	if (daemon->key_log_fd >= 0)
		close(daemon->key_log_fd);
	free(daemon);
	return NULL;
}

void daemon_free(struct daemon *daemon)
{
	if (!daemon)
		return;
	ue_free(daemon->ue);
	methods_free(daemon->methods);
	config_free(daemon->config);
	history_free(&daemon->history);
	if (daemon->key_log_fd >= 0)
		close(daemon->key_log_fd);
	free(daemon);
}

static void say_clock(const struct daemon *daemon)
{
	time_t floor = daemon->methods->floor, now_s = time(NULL);
	char says[32] = "?", past[32] = "?";
	struct tm tm;

	if (now_s >= floor)
		return;
	if (gmtime_r(&now_s, &tm))
		strftime(says, sizeof(says), "%F", &tm);
	if (gmtime_r(&floor, &tm))
		strftime(past, sizeof(past), "%F", &tm);
	log_notice("the clock says %s, but %s is past; until it is right, that is the time for "
		   "certificates", says, past);
}

static void recheck(struct daemon *daemon)
{
	uint64_t now_ms = now(daemon);

	daemon->recheck_ms = now_ms + RECHECK_INTERVAL_MS;
	methods_warn(daemon->methods, daemon->config, (time_t)wall_clock(daemon));
	ue_recheck(daemon->ue, now_ms);
}

void daemon_start(struct daemon *daemon, const struct state *before)
{
	methods_keep_clock(daemon->methods, daemon->config);
	remember_lists(daemon);
	say_clock(daemon);
	routes_set(&daemon->setup.kernel, NULL, daemon->config);
	adopt_links(daemon, before);
	recheck(daemon);
	/* the kernel tells of a limit of COUNT once, and it may have been when nobody listened */
	adopt_compare(daemon);
	daemon_drain(daemon);
	autoconnect_run(daemon);
}

struct collection {
	struct ue_link_info *list;
	size_t n, room;
};

static bool collect(void *context, const struct ue_link_info *info)
{
	struct collection *collection = context;
	struct ue_link_info *grown;

	if (collection->n == collection->room) {
		collection->room = collection->room ? 2 * collection->room : 16;
		grown = realloc(collection->list, collection->room * sizeof(*grown));
		if (!grown)
			return false;
		collection->list = grown;
	}
	collection->list[collection->n++] = *info;
	return true;
}

struct ue_link_info *daemon_links(const struct daemon *daemon, size_t *n)
{
	struct collection collection = { 0 };

	ue_links(daemon->ue, collect, &collection);
	*n = collection.n;
	return collection.list;
}

bool daemon_link_live(enum ue_link_state state)
{
	return state != UE_LINK_NULL && state != UE_LINK_IDLE;
}

bool daemon_link_connected(enum ue_link_state state)
{
	return state == UE_LINK_CONNECTED || state == UE_LINK_REKEYING;
}

const char *daemon_name(const struct daemon *daemon, uint32_t l2_id,
			char buffer[static DAEMON_NAME_MAX])
{
	const struct config_peer *peer = config_peer_by_l2_id(daemon->config, l2_id);
	const char *identity = peer ? peer->identity : "";
	struct ue_link_info info;
	char id[TEXT_L2_ID_LEN];

	if (ue_link(daemon->ue, l2_id, &info) && info.identity[0])
		identity = info.identity;
	snprintf(buffer, DAEMON_NAME_MAX, identity[0] ? "%s%s (%s)" : "%s%s%s", identity, "",
		 text_l2_id(l2_id, id));
	return buffer;
}

static void signal_event(struct daemon *daemon, const struct prose_nl_signal *signal)
{
	struct ue_receive receive = {
		.l2_id = signal->l2_id,
		.bearer = (enum ue_bearer)signal->bearer,
		.kd_sess_id = signal->kd_sess_id,
		.count = signal->count,
		.message = signal->message,
		.len = signal->len,
	};

	switch (signal->protection) {
	case PROSE_PROTECTION_NONE:
		receive.protection = UE_PROTECT_NONE;
		break;
	case PROSE_PROTECTION_INTEGRITY:
		receive.protection = UE_PROTECT_INTEGRITY;
		break;
	case PROSE_PROTECTION_FULL:
		receive.protection = UE_PROTECT_FULL;
		break;
	case PROSE_PROTECTION_UNVERIFIED:
		if (!signal->has_mac_i)
			return;
		receive.protection = UE_PROTECT_UNVERIFIED;
		break;
	default:
		return;		/* a newer kernel's: nothing to believe */
	}
	receive.carrier_addr.len = (uint8_t)signal->carrier_addr_len;
	memcpy(receive.carrier_addr.octets, signal->carrier_addr, signal->carrier_addr_len);
	memcpy(receive.pdcp_header, signal->pdcp_header, sizeof(receive.pdcp_header));
	memcpy(receive.mac_i, signal->mac_i, sizeof(receive.mac_i));
	ue_receive(daemon->ue, now(daemon), &receive);
}

static void integrity_event(struct daemon *daemon, const struct prose_nl_assoc *assoc)
{
	char name[DAEMON_NAME_MAX];
	struct ue_report report = {
		.kind = UE_REPORT_NOTICE,
		.l2_id = assoc->l2_id,
	};
	struct ue_link_info info;

	if (ue_link(daemon->ue, assoc->l2_id, &info))
		report.state = info.state;
	snprintf(report.text, sizeof(report.text),
		 "%llu frames that claim to come from this peer failed the integrity check: "
		 "somebody forges them, or the carrier damages them.",
		 (unsigned long long)assoc->integrity_failures);
	log_limited(&daemon->warnings, now(daemon), LOG_LEVEL_WARNING, "%s: %s",
		    daemon_name(daemon, assoc->l2_id, name), report.text);
	daemon->setup.event(daemon->setup.context, show_event(daemon, &report));
}

static void device_event(struct daemon *daemon, const struct prose_nl_device *device)
{
	char old[TEXT_L2_ID_LEN], new[TEXT_L2_ID_LEN];

	if (device->l2_id == daemon->l2_id)
		return;
	log_limited(&daemon->warnings, now(daemon), LOG_LEVEL_ERROR,
		    "%s: somebody changed its Layer-2 ID from %s to %s; connections fail until "
		    "it is changed back, or prosed is restarted", daemon->ifname,
		    text_l2_id(daemon->l2_id, old), text_l2_id(device->l2_id, new));
}

void daemon_kernel_event(struct daemon *daemon, const struct prose_nl_event *event)
{
	if (event->ifindex != daemon->ifindex)
		return;		/* the group tells of every device in the namespace */
	switch (event->type) {
	case PROSE_NL_SIGNAL:
		signal_event(daemon, &event->signal);
		break;
	case PROSE_NL_DEVICE_CHANGED:
		device_event(daemon, &event->device);
		break;
	case PROSE_NL_PEER_CHANGED:
		break;
	case PROSE_NL_PEER_GONE:
		/* The echo of what we deleted ourselves, as a rule: then there is nothing to compare. */
		if (daemon_link_connected(ue_link_state(daemon->ue, event->peer.l2_id)))
			adopt_compare(daemon);
		break;
	case PROSE_NL_ASSOC_GONE:
		ue_assoc_gone(daemon->ue, now(daemon), event->assoc.l2_id,
			      event->assoc.kd_sess_id);
		break;
	case PROSE_NL_PEER_WANTED:
		autoconnect_wanted(daemon, &event->wanted);
		break;
	case PROSE_NL_COUNT_SOFT:
		log_debug("KD-sess %04x of %06x passed its soft limit on bearer %u",
			  event->count.kd_sess_id, event->count.l2_id, event->count.lcid);
		ue_count_soft(daemon->ue, now(daemon), event->count.l2_id,
			      event->count.kd_sess_id);
		break;
	case PROSE_NL_COUNT_EXHAUSTED:
		ue_count_exhausted(daemon->ue, now(daemon), event->count.l2_id,
				   event->count.kd_sess_id);
		break;
	case PROSE_NL_INTEGRITY_FAILURES:
		integrity_event(daemon, &event->assoc);
		break;
	}
	daemon_drain(daemon);
}

void daemon_kernel_resync(struct daemon *daemon)
{
	log_limited(&daemon->warnings, now(daemon), LOG_LEVEL_WARNING,
		    "%s: events of the kernel were lost; comparing with what it holds",
		    daemon->ifname);
	adopt_compare(daemon);
	daemon_drain(daemon);
}

uint64_t daemon_deadline(const struct daemon *daemon)
{
	uint64_t core = ue_deadline(daemon->ue), automatic = autoconnect_deadline(daemon);
	uint64_t earliest = core < automatic ? core : automatic;

	if (daemon->keep_ms && daemon->keep_ms < earliest)
		earliest = daemon->keep_ms;
	if (daemon->remember_ms && daemon->remember_ms < earliest)
		earliest = daemon->remember_ms;
	if (daemon->recheck_ms && daemon->recheck_ms < earliest)
		earliest = daemon->recheck_ms;
	return ue_wants_usage(daemon->ue) && daemon->usage_ms < earliest ? daemon->usage_ms :
									    earliest;
}

/* What went under each key so far: only the kernel counts it. */
static void ask_usage(struct daemon *daemon, uint64_t now_ms)
{
	const struct kernel *kernel = &daemon->setup.kernel;
	struct prose_nl_assoc *assocs = NULL;
	size_t n = 0, i;

	if (!ue_wants_usage(daemon->ue) || now_ms < daemon->usage_ms)
		return;
	daemon->usage_ms = now_ms + USAGE_INTERVAL_MS;
	if (kernel->ops->assoc_dump(kernel->context, &assocs, &n))
		return;		/* asked again in a moment */
	for (i = 0; i < n; i++)
		ue_usage(daemon->ue, now_ms, assocs[i].l2_id, assocs[i].kd_sess_id,
			 assocs[i].rx_packets + assocs[i].tx_packets,
			 assocs[i].rx_bytes + assocs[i].tx_bytes);
	free(assocs);
}

/*
 * Only verified traffic proves that a peer lives (threat 19), and only the kernel sees it.
 * It is asked when a timer is due, not told of each packet.
 */
static void ask_who_was_heard(struct daemon *daemon, uint64_t now_ms)
{
	const struct kernel *kernel = &daemon->setup.kernel;
	struct prose_nl_peer *peers = NULL;
	size_t n = 0, i;

	if (daemon->heard_ms && now_ms - daemon->heard_ms <
				HEARD_INTERVAL_MS + HEARD_PEER_MS * daemon->n_heard)
		return;
	daemon->heard_ms = now_ms;
	if (kernel->ops->peer_dump(kernel->context, &peers, &n))
		return;		/* the keepalive then asks the peer itself */
	daemon->n_heard = n;
	for (i = 0; i < n; i++)
		if (peers[i].has_last_rx && peers[i].last_rx_ms <= now_ms)
			ue_activity(daemon->ue, now_ms - peers[i].last_rx_ms, peers[i].l2_id);
	free(peers);
}

void daemon_expire(struct daemon *daemon)
{
	uint64_t now_ms = now(daemon);

	ask_usage(daemon, now_ms);
	if (ue_deadline(daemon->ue) <= now_ms) {
		ask_who_was_heard(daemon, now_ms);
		ue_expire(daemon->ue, now_ms);
	}
	if (daemon->recheck_ms && daemon->recheck_ms <= now_ms)
		recheck(daemon);
	daemon_drain(daemon);
	if (daemon->keep_ms && daemon->keep_ms <= now_ms)
		daemon_keep(daemon);
	if (daemon->remember_ms && daemon->remember_ms <= now_ms)
		remember_write(daemon, true);
	methods_sweep(daemon->methods, daemon->ue);
	autoconnect_run(daemon);
}

void daemon_keep(struct daemon *daemon)
{
	if (!daemon->keep_ms)
		return;
	daemon->keep_ms = 0;
	if (daemon->setup.keep && daemon->setup.keep(daemon->setup.context))
		daemon->keep_ms = now(daemon) + KEEP_AGAIN_MS;
}

int daemon_connect(struct daemon *daemon, const char *name, uint32_t *l2_id,
		   char *why, size_t why_len)
{
	struct history_peer *history;
	const char *identity;
	int err;

	if (daemon->stopping) {
		snprintf(why, why_len, "prosed is about to end.");
		return -1;
	}
	if (policy_resolve(daemon, name, l2_id, &identity, why, why_len))
		return -1;
	if (!identity && !daemon->config->any_authenticated) {
		snprintf(why, why_len, "No peer with Layer-2 ID %s is configured; add a section "
			 "peer to %s, or write accept = \"any-authenticated\".", name,
			 daemon->config->path);
		return -1;
	}
	history = history_touch(&daemon->history, *l2_id, identity != NULL);
	if (history) {
		history->held = false;
		history->trying = true;
	}
	daemon->dirty = true;
	pseudonym_refresh(daemon);
	err = ue_connect(daemon->ue, now(daemon), *l2_id, identity ? identity : "", why, why_len);
	daemon_drain(daemon);
	return err;
}

int daemon_rekey(struct daemon *daemon, const char *name, bool kd, uint32_t *l2_id,
		 char *why, size_t why_len)
{
	const char *identity;
	int err;

	if (policy_resolve(daemon, name, l2_id, &identity, why, why_len))
		return -1;
	err = ue_rekey(daemon->ue, now(daemon), *l2_id, kd, why, why_len);
	daemon_drain(daemon);
	return err;
}

int daemon_release(struct daemon *daemon, const char *name, uint32_t *l2_id,
		   char *why, size_t why_len)
{
	struct history_peer *history;
	const char *identity;
	int err;

	if (policy_resolve(daemon, name, l2_id, &identity, why, why_len))
		return -1;
	/* Traffic that still wants to flow must not bring the link back against the user's will. */
	history = history_touch(&daemon->history, *l2_id, identity != NULL);
	if (history)
		history->held = true;
	daemon->dirty = true;
	err = ue_release(daemon->ue, now(daemon), *l2_id, why, why_len);
	daemon_drain(daemon);
	return err;
}

int daemon_forget(struct daemon *daemon, const char *name, uint32_t *l2_id,
		  char *why, size_t why_len)
{
	const char *identity;
	int err;

	if (policy_resolve(daemon, name, l2_id, &identity, why, why_len))
		return -1;
	err = ue_forget(daemon->ue, *l2_id, why, why_len);
	daemon_drain(daemon);
	/* who asks for it wants it gone from the disk when the answer comes */
	daemon_keep(daemon);
	return err;
}

int daemon_reconfigure(struct daemon *daemon, char *why, size_t why_len)
{
	struct ue_config config = { 0 };

	ue_configuration(daemon, daemon->config, daemon->methods, &config);
	return ue_reconfigure(daemon->ue, &config, why, why_len);
}

/* What sockets, files and the device were opened by cannot change under a running daemon. */
static int check_fixed(const struct daemon *daemon, const struct config *new,
		       char *why, size_t why_len)
{
	const struct config *old = daemon->config;
	const char *what = NULL;

	if (strcmp(old->device, new->device))
		what = "device";
	else if (strcmp(old->lower, new->lower))
		what = "lower";
	else if (memcmp(&old->udp, &new->udp, sizeof(old->udp)))
		what = "udp";
	else if (old->l2_random != new->l2_random ||
		 (new->l2_id && new->l2_id != daemon->l2_id))
		what = "layer2-id";
	else if (strcmp(old->control, new->control))
		what = "control";
	else if (strcmp(old->state, new->state))
		what = "state";
	else if (!old->store != !new->store || (old->store && strcmp(old->store, new->store)))
		what = "store";
	else if (strcmp(old->store_key, new->store_key))
		what = "store-key";
	if (!what)
		return 0;
	snprintf(why, why_len, "%s: %s cannot change while prosed runs; write the old value, or "
		 "restart prosed", new->path, what);
	return -1;
}

/* Links that the new configuration no longer allows end, and nothing is kept of such peers. */
static void release_unwanted(struct daemon *daemon)
{
	char name[DAEMON_NAME_MAX], why[KEYING_TEXT_MAX];
	struct ue_link_info *links;
	size_t n, i;

	links = daemon_links(daemon, &n);
	for (i = 0; i < n; i++) {
		if (!daemon_link_connected(links[i].state) && links[i].state != UE_LINK_IDLE)
			continue;
		if (policy_authorise(daemon, links[i].identity, links[i].l2_id,
				     links[i].addresses, links[i].n_addresses, why, sizeof(why)))
			continue;
		if (links[i].state == UE_LINK_IDLE) {
			log_notice("%s is forgotten: %s", daemon_name(daemon, links[i].l2_id, name),
				   why);
			ue_forget(daemon->ue, links[i].l2_id, why, sizeof(why));
			continue;
		}
		log_warning("%s is released: %s", daemon_name(daemon, links[i].l2_id, name), why);
		ue_release(daemon->ue, now(daemon), links[i].l2_id, why, sizeof(why));
	}
	free(links);
}

/* After the core has taken them. */
static void take_methods(struct daemon *daemon, struct methods *methods)
{
	methods->retired = daemon->methods;
	daemon->methods = methods;
	methods_keep_clock(methods, daemon->config);
	remember_lists(daemon);
	recheck(daemon);
}

int daemon_reload_crls(struct daemon *daemon, char *why, size_t why_len)
{
	struct ue_config ue_config = { 0 };
	struct methods *methods;

	methods = methods_reload(daemon->config, daemon->methods, true, why, why_len);
	if (!methods)
		return -1;
	ue_configuration(daemon, daemon->config, methods, &ue_config);
	if (ue_reconfigure(daemon->ue, &ue_config, why, why_len)) {
		methods_free(methods);
		return -1;
	}
	take_methods(daemon, methods);
	daemon->dirty = true;
	daemon_drain(daemon);
	methods_sweep(daemon->methods, daemon->ue);
	autoconnect_run(daemon);
	return 0;
}

int daemon_reload(struct daemon *daemon, char *why, size_t why_len)
{
	const struct kernel *kernel = &daemon->setup.kernel;
	struct config *old = daemon->config, *config;
	struct ue_config ue_config = { 0 };
	struct methods *methods = NULL;
	bool readdressed = false;
	int fd = -1;

	config = config_load_as(old->path, daemon->setup.strict_24334, why, why_len);
	if (!config)
		return -1;
	if (check_fixed(daemon, config, why, why_len))
		goto fail;
	methods = methods_reload(config, daemon->methods, false, why, why_len);
	if (!methods || open_key_log(daemon, config, &fd, why, why_len))
		goto fail;
	readdressed = true;
	if (kernel->ops->addresses_set(kernel->context, config->addresses, config->n_addresses)) {
		snprintf(why, why_len, "%s", kernel->ops->error(kernel->context));
		goto fail;
	}
	ue_configuration(daemon, config, methods, &ue_config);
	if (ue_reconfigure(daemon->ue, &ue_config, why, why_len))
		goto fail;
	daemon->config = config;
	daemon->reloads++;
	take_methods(daemon, methods);
	if (daemon->key_log_fd >= 0)
		close(daemon->key_log_fd);
	daemon->key_log_fd = fd;
	remember_configured(daemon);
	release_unwanted(daemon);
	routes_set(kernel, old, config);
	config_free(old);
	daemon->dirty = true;
	daemon_drain(daemon);
	methods_sweep(daemon->methods, daemon->ue);
	autoconnect_run(daemon);
	return 0;
fail:
	if (readdressed &&
	    kernel->ops->addresses_set(kernel->context, old->addresses, old->n_addresses))
		log_error("%s", kernel->ops->error(kernel->context));
	if (fd >= 0)
		close(fd);
	methods_free(methods);
	config_free(config);
	return -1;
}

void daemon_stop(struct daemon *daemon)
{
	char why[KEYING_TEXT_MAX];
	struct ue_link_info *links;
	size_t n, i;

	if (daemon->stopping)
		return;
	daemon->stopping = true;
	links = daemon_links(daemon, &n);
	for (i = 0; i < n; i++)
		if (daemon_link_live(links[i].state) && links[i].state != UE_LINK_RELEASING)
			ue_release(daemon->ue, now(daemon), links[i].l2_id, why, sizeof(why));
	free(links);
	daemon_drain(daemon);
}

bool daemon_stopped(const struct daemon *daemon)
{
	struct ue_link_info *links;
	bool live = false;
	size_t n, i;

	links = daemon_links(daemon, &n);
	for (i = 0; i < n; i++)
		live = live || daemon_link_live(links[i].state);
	free(links);
	return daemon->stopping && !live;
}

void daemon_clean(struct daemon *daemon)
{
	const struct kernel *kernel = &daemon->setup.kernel;
	struct prose_nl_peer *peers = NULL;
	size_t n = 0, i;

	if (kernel->ops->peer_dump(kernel->context, &peers, &n))
		return;		/* the device, and all it had, is gone */
	routes_set(kernel, daemon->config, NULL);
	for (i = 0; i < n; i++)
		if (kernel->ops->peer_del(kernel->context, peers[i].l2_id))
			log_error("%s: peer %06x stays: %s", daemon->ifname, peers[i].l2_id,
				  kernel->ops->error(kernel->context));
	free(peers);
}

int daemon_state(const struct daemon *daemon, struct state *state)
{
	struct ue_link_info *links;
	size_t n, i;

	links = daemon_links(daemon, &n);
	state->links = calloc(n + daemon->history.n + 1, sizeof(*state->links));
	state->n_links = 0;
	if (!state->links) {
		free(links);
		return -1;
	}
	for (i = 0; i < n; i++) {
		const struct history_peer *history = history_find(&daemon->history, links[i].l2_id);

		if (daemon_link_connected(links[i].state))
			state->links[state->n_links++] = (struct state_link){
				.info = links[i], .held = history && history->held };
	}
	for (i = 0; i < daemon->history.n; i++) {
		const struct history_peer *history = &daemon->history.peers[i];
		struct ue_link_info info;

		if (history->held && !(ue_link(daemon->ue, history->l2_id, &info) &&
				       daemon_link_connected(info.state)))
			state->links[state->n_links++] = (struct state_link){
				.info.l2_id = history->l2_id, .held = true };
	}
	free(links);
	return 0;
}
