/* SPDX-License-Identifier: MIT */
/*
 * Two daemons on a bench: each with a kernel made of arrays, an air between the two
 * kernels, one clock that moves when told to.
 *
 * The kernel numbers, MACs and checks signalling as prose.ko does, so that a daemon that
 * installs a wrong key, direction or COUNT is found out; it does not cipher.
 */
#ifndef DAEMON_LAB_H
#define DAEMON_LAB_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/eia.h"
#include "daemon/daemon.h"

#define LAB_IFINDEX	7
#define LAB_QUEUE_MAX	256

struct lab_assoc {
	struct prose_nl_assoc show;
	struct prose_nl_assoc_config config;
	uint32_t next[32];
};

struct lab_event {
	struct prose_nl_event event;
	uint8_t message[2048];
};

/* What is to go wrong: each counts down when it happens. */
struct lab_faults {
	int send_busy, assoc_new, addresses, device_gone, lose, l2_id;
};

struct lab_kernel {
	struct lab *lab;
	struct lab_kernel *other;
	uint32_t l2_id;
	struct prose_nl_peer peers[16];
	size_t n_peers;
	size_t crowd;				/* more that it tells of when asked for all */
	uint64_t heard_ms[16];
	struct lab_assoc assocs[32];
	size_t n_assocs;
	struct lab_event *queue;
	size_t n_queue;
	struct lab_faults faults;
	unsigned int deletions, sent, routes, readdressed, dumps, followed;
	const char *error;
};

struct lab_ue {
	struct lab *lab;
	struct lab_kernel kernel;
	struct daemon *daemon;
	json_t *events;
	unsigned int saved;
	bool keeps, keep_fails;			/* a store, in memory */
	unsigned int kept, sent_when_kept;
	struct store_peers store;
	char conf[64], keys[64], state[64], key_log[64];
};

struct lab {
	char folder[32];
	uint64_t now_ms;
	struct lab_ue ue[2];
};

static inline struct prose_nl_peer *lab_peer(struct lab_kernel *kernel, uint32_t l2_id)
{
	size_t i;

	for (i = 0; i < kernel->n_peers; i++)
		if (kernel->peers[i].l2_id == l2_id)
			return &kernel->peers[i];
	return NULL;
}

static inline struct lab_assoc *lab_assoc(struct lab_kernel *kernel, uint32_t l2_id, uint16_t id)
{
	size_t i;

	for (i = 0; i < kernel->n_assocs; i++)
		if (kernel->assocs[i].show.l2_id == l2_id && kernel->assocs[i].show.kd_sess_id == id)
			return &kernel->assocs[i];
	return NULL;
}

static inline struct lab_assoc *lab_sending(struct lab_kernel *kernel, uint32_t l2_id)
{
	size_t i;

	for (i = 0; i < kernel->n_assocs; i++)
		if (kernel->assocs[i].show.l2_id == l2_id && kernel->assocs[i].show.tx)
			return &kernel->assocs[i];
	return NULL;
}

static inline int lab_fail(struct lab_kernel *kernel, int err, const char *error)
{
	kernel->error = error;
	return err;
}

static inline struct lab_event *lab_queue(struct lab_kernel *kernel, enum prose_nl_event_type type)
{
	struct lab_event *entry;

	assert_true(kernel->n_queue < LAB_QUEUE_MAX);
	entry = &kernel->queue[kernel->n_queue++];
	memset(entry, 0, sizeof(*entry));
	entry->event.type = type;
	entry->event.ifindex = LAB_IFINDEX;
	return entry;
}

static inline int lab_device_get(void *context, struct prose_nl_device *device)
{
	struct lab_kernel *kernel = context;

	memset(device, 0, sizeof(*device));
	device->ifindex = LAB_IFINDEX;
	snprintf(device->ifname, sizeof(device->ifname), "prose0");
	device->l2_id = kernel->l2_id;
	device->ethertype = 0x88b5;
	device->owned = true;
	device->stats[0] = (struct prose_nl_stat){ "rx-replay", "", 3 };
	device->n_stats = 1;
	return 0;
}

static inline int lab_peer_new(void *context, const struct prose_nl_peer *peer)
{
	struct lab_kernel *kernel = context;

	if (lab_peer(kernel, peer->l2_id))
		return lab_fail(kernel, -EEXIST, "the peer exists");
	assert_true(kernel->n_peers < 16);
	kernel->peers[kernel->n_peers++] = *peer;
	return 0;
}

static inline int lab_peer_set(void *context, const struct prose_nl_peer *peer)
{
	struct lab_kernel *kernel = context;
	struct prose_nl_peer *mine = lab_peer(kernel, peer->l2_id);
	size_t i;

	if (!mine)
		return lab_fail(kernel, -ENOENT, "there is no such peer");
	for (i = 0; i < kernel->n_peers; i++)
		if (peer->has_local_l2_id && peer->local_l2_id && &kernel->peers[i] != mine &&
		    kernel->peers[i].local_l2_id == peer->local_l2_id)
			return lab_fail(kernel, -EADDRINUSE, "another peer has it");
	/* what is not said stays */
	if (peer->has_local_l2_id)
		mine->local_l2_id = peer->local_l2_id;
	if (peer->has_remote_l2_id)
		mine->remote_l2_id = peer->remote_l2_id;
	mine->has_local_l2_id = mine->local_l2_id;
	mine->has_remote_l2_id = mine->remote_l2_id;
	if (peer->n_addresses) {
		mine->n_addresses = peer->n_addresses;
		memcpy(mine->addresses, peer->addresses, sizeof(mine->addresses));
	}
	if (peer->carrier_addr_len) {
		mine->carrier_addr_len = peer->carrier_addr_len;
		memcpy(mine->carrier_addr, peer->carrier_addr, sizeof(mine->carrier_addr));
	}
	return 0;
}

static inline int lab_assoc_del(void *context, uint32_t l2_id, uint16_t id)
{
	struct lab_kernel *kernel = context;
	struct lab_assoc *assoc = lab_assoc(kernel, l2_id, id);

	if (!assoc)
		return lab_fail(kernel, -ENOENT, "there is no such association");
	kernel->deletions++;
	memmove(assoc, assoc + 1, (size_t)(kernel->assocs + --kernel->n_assocs - assoc) *
				  sizeof(*assoc));
	return 0;
}

static inline int lab_peer_del(void *context, uint32_t l2_id)
{
	struct lab_kernel *kernel = context;
	struct prose_nl_peer *peer = lab_peer(kernel, l2_id);
	size_t i = 0;

	if (!peer)
		return lab_fail(kernel, -ENOENT, "there is no such peer");
	kernel->deletions++;
	memmove(peer, peer + 1, (size_t)(kernel->peers + --kernel->n_peers - peer) * sizeof(*peer));
	while (i < kernel->n_assocs) {
		if (kernel->assocs[i].show.l2_id == l2_id)
			lab_assoc_del(kernel, l2_id, kernel->assocs[i].show.kd_sess_id);
		else
			i++;
	}
	lab_queue(kernel, PROSE_NL_PEER_GONE)->event.peer.l2_id = l2_id;
	return 0;
}

static inline int lab_peer_dump(void *context, struct prose_nl_peer **list, size_t *n)
{
	struct lab_kernel *kernel = context;

	kernel->dumps++;
	*n = kernel->n_peers + kernel->crowd;
	*list = calloc(*n + 1, sizeof(**list));
	assert_non_null(*list);
	memcpy(*list, kernel->peers, kernel->n_peers * sizeof(**list));
	return 0;
}

static inline int lab_assoc_new(void *context, uint32_t l2_id,
				const struct prose_nl_assoc_config *config)
{
	struct lab_kernel *kernel = context;
	struct lab_assoc *assoc;
	size_t i;

	if (kernel->faults.assoc_new) {
		kernel->faults.assoc_new--;
		return lab_fail(kernel, -ENOSPC, "no room for another association");
	}
	if (!lab_peer(kernel, l2_id))
		return lab_fail(kernel, -ENOENT, "there is no such peer");
	if (lab_assoc(kernel, l2_id, config->kd_sess_id))
		return lab_fail(kernel, -EEXIST, "KD-sess ID is in use");
	assert_true(kernel->n_assocs < 32);
	assoc = &kernel->assocs[kernel->n_assocs++];
	memset(assoc, 0, sizeof(*assoc));
	assoc->config = *config;
	assoc->show.ifindex = LAB_IFINDEX;
	assoc->show.l2_id = l2_id;
	assoc->show.kd_sess_id = config->kd_sess_id;
	assoc->show.eea = config->eea;
	assoc->show.eia = config->eia;
	assoc->show.up_integrity = config->up_integrity;
	assoc->show.direction = config->direction;
	assoc->show.count_start = config->count_start ? config->count_start : 1;
	assoc->show.count_limit = config->count_limit ? config->count_limit : 0xffffffff;
	assoc->show.count_soft = config->count_soft ? config->count_soft : 0xe0000000;
	assoc->show.tx = config->tx;
	for (i = 0; i < 32; i++)
		assoc->next[i] = assoc->show.count_start;
	return 0;
}

static inline int lab_assoc_set(void *context, uint32_t l2_id, uint16_t id,
				const struct prose_nl_assoc_change *change)
{
	struct lab_kernel *kernel = context;
	struct lab_assoc *assoc = lab_assoc(kernel, l2_id, id);
	size_t i;

	if (!assoc)
		return lab_fail(kernel, -ENOENT, "there is no such association");
	for (i = 0; change->tx && i < kernel->n_assocs; i++)
		if (kernel->assocs[i].show.l2_id == l2_id)
			kernel->assocs[i].show.tx = &kernel->assocs[i] == assoc;
	return 0;
}

static inline int lab_assoc_dump(void *context, struct prose_nl_assoc **list, size_t *n)
{
	struct lab_kernel *kernel = context;
	size_t i;

	*list = malloc((kernel->n_assocs + 1) * sizeof(**list));
	assert_non_null(*list);
	for (i = 0; i < kernel->n_assocs; i++) {
		struct lab_assoc *assoc = &kernel->assocs[i];

		(*list)[i] = assoc->show;
		(*list)[i].n_bearers = 1;
		(*list)[i].bearers[0] = (struct prose_nl_bearer){
			.lcid = UE_BEARER_DATA, .has_tx_next = true,
			.tx_next = assoc->next[UE_BEARER_DATA] };
	}
	*n = kernel->n_assocs;
	return 0;
}

static inline int lab_assoc_get(void *context, uint32_t l2_id, uint16_t id,
				struct prose_nl_assoc *assoc)
{
	struct lab_kernel *kernel = context;
	struct lab_assoc *found = lab_assoc(kernel, l2_id, id);

	if (!found)
		return lab_fail(kernel, -ENOENT, "there is no such association");
	*assoc = found->show;
	assoc->n_bearers = 1;
	assoc->bearers[0] = (struct prose_nl_bearer){
		.lcid = UE_BEARER_DATA, .has_tx_next = true,
		.tx_next = found->next[UE_BEARER_DATA] };
	return 0;
}

/* As the receiving kernel: believe a MAC that verifies, hand up what may be a COMMAND. */
static inline void lab_receive(struct lab_kernel *kernel, uint32_t from,
			       const struct prose_nl_signal *signal, uint32_t count,
			       const uint8_t header[5], const uint8_t mac[4])
{
	struct lab_event *entry = lab_queue(kernel, PROSE_NL_SIGNAL);
	struct prose_nl_signal *up = &entry->event.signal;
	struct lab_assoc *assoc;
	uint8_t expected[4];

	assert_true(signal->len <= sizeof(entry->message));
	memcpy(entry->message, signal->message, signal->len);
	up->l2_id = from;
	up->bearer = signal->bearer;
	up->len = signal->len;
	up->carrier_addr_len = 6;
	up->carrier_addr[5] = (uint8_t)from;
	up->protection = PROSE_PROTECTION_NONE;
	if (signal->protection == PROSE_PROTECTION_NONE)
		return;
	up->kd_sess_id = signal->kd_sess_id;
	up->has_count = true;
	up->count = count;
	assoc = lab_assoc(kernel, from, signal->kd_sess_id);
	if (!assoc) {
		if (signal->bearer != UE_BEARER_SMC) {
			kernel->n_queue--;
			return;
		}
		up->protection = PROSE_PROTECTION_UNVERIFIED;
		up->count = count & 0xffff;
		up->has_mac_i = true;
		memcpy(up->pdcp_header, header, 5);
		memcpy(up->mac_i, mac, 4);
		return;
	}
	assert_int_equal(eia(assoc->show.eia, assoc->config.pik,
			     &(struct eia_input){ count, signal->bearer,
						  !assoc->show.direction },
			     header, 5, signal->message, signal->len, expected), 0);
	assert_memory_equal(expected, mac, 4);
	up->protection = signal->protection;
	if (lab_peer(kernel, from))
		kernel->heard_ms[lab_peer(kernel, from) - kernel->peers] = 1;
}

/* By the Layer-2 IDs of the link, if it has any and the message is of no setup. */
static inline void lab_transmit(struct lab_kernel *kernel, const struct prose_nl_signal *signal,
				uint32_t count, const uint8_t header[5], const uint8_t mac[4])
{
	const struct prose_nl_peer *peer = lab_peer(kernel, signal->l2_id);
	bool link_ids = peer && peer->remote_l2_id && !signal->local_l2_id;
	uint32_t dst = link_ids ? peer->remote_l2_id : signal->l2_id;
	struct lab_kernel *other = kernel->other;
	size_t i;

	assert_true(!signal->local_l2_id || signal->local_l2_id == kernel->l2_id);
	for (i = 0; other && i < other->n_peers; i++)
		if (other->peers[i].local_l2_id == dst) {
			lab_receive(other, other->peers[i].l2_id, signal, count, header, mac);
			return;
		}
	if (other && other->l2_id == dst)
		lab_receive(other, link_ids ? peer->local_l2_id : kernel->l2_id, signal, count,
			    header, mac);
}

static inline int lab_signal_send(void *context, const struct prose_nl_signal *signal)
{
	struct lab_kernel *kernel = context;
	uint8_t header[5] = { 2 << 5 }, mac[4] = { 0 };
	struct lab_assoc *assoc;
	uint32_t count = 0;

	kernel->sent++;
	if (kernel->faults.device_gone)
		return lab_fail(kernel, -ENODEV, "there is no such device");
	if (kernel->faults.send_busy) {
		kernel->faults.send_busy--;
		return lab_fail(kernel, -ENOBUFS, "the lower device's queue is full");
	}
	if (signal->protection != PROSE_PROTECTION_NONE) {
		assoc = lab_assoc(kernel, signal->l2_id, signal->kd_sess_id);
		if (!assoc)
			return lab_fail(kernel, -ENOKEY, "there is no such association");
		count = assoc->next[signal->bearer]++;
		header[1] = (uint8_t)(signal->kd_sess_id >> 8);
		header[2] = (uint8_t)signal->kd_sess_id;
		header[3] = (uint8_t)(count >> 8);
		header[4] = (uint8_t)count;
		assert_int_equal(eia(assoc->show.eia, assoc->config.pik,
				     &(struct eia_input){ count, signal->bearer,
							  assoc->show.direction },
				     header, 5, signal->message, signal->len, mac), 0);
	}
	if (kernel->faults.lose) {
		kernel->faults.lose--;
		return 0;
	}
	lab_transmit(kernel, signal, count, header, mac);
	return 0;
}

static inline int lab_addresses_set(void *context, const struct config_address *addresses, size_t n)
{
	struct lab_kernel *kernel = context;

	(void)addresses;
	(void)n;
	kernel->readdressed++;
	if (kernel->faults.addresses) {
		kernel->faults.addresses--;
		return lab_fail(kernel, -EIO, "prose0: address 10.0.0.1/24 cannot be added");
	}
	return 0;
}

static inline int lab_l2_id_set(void *context, uint32_t l2_id, bool follow)
{
	struct lab_kernel *kernel = context;
	size_t i;

	for (i = 0; i < kernel->n_peers; i++)
		if (!kernel->peers[i].remote_l2_id)
			return lab_fail(kernel, -EIO, "a peer depends on it");
	if (kernel->faults.l2_id) {
		kernel->faults.l2_id--;
		return lab_fail(kernel, -EADDRINUSE, "another device on the carrier has it");
	}
	kernel->l2_id = l2_id;
	kernel->followed += follow;
	return 0;
}

static inline int lab_route_set(void *context, const struct ue_address *address, bool present)
{
	struct lab_kernel *kernel = context;

	(void)address;
	kernel->routes += present ? 1 : -1U;
	return 0;
}

static inline const char *lab_error(void *context)
{
	return ((struct lab_kernel *)context)->error;
}

static const struct kernel_ops lab_ops = {
	.device_get = lab_device_get, .peer_new = lab_peer_new, .peer_set = lab_peer_set,
	.peer_del = lab_peer_del, .peer_dump = lab_peer_dump, .assoc_new = lab_assoc_new,
	.assoc_set = lab_assoc_set, .assoc_del = lab_assoc_del, .assoc_get = lab_assoc_get,
	.assoc_dump = lab_assoc_dump,
	.signal_send = lab_signal_send, .addresses_set = lab_addresses_set,
	.l2_id_set = lab_l2_id_set,
	.route_set = lab_route_set, .error = lab_error,
};

static inline uint64_t lab_now(void *context)
{
	return ((struct lab_ue *)context)->lab->now_ms;
}

static inline void lab_event(void *context, json_t *event)
{
	struct lab_ue *ue = context;

	assert_non_null(event);
	assert_int_equal(json_array_append_new(ue->events, event), 0);
}

static inline void lab_save(void *context)
{
	struct lab_ue *ue = context;
	struct state state = { 0 };
	char why[256];

	if (!ue->daemon)
		return;
	ue->saved++;
	assert_int_equal(daemon_state(ue->daemon, &state), 0);
	assert_int_equal(state_save(ue->state, "prose0", &state, why, sizeof(why)), 0);
	state_free(&state);
}

static inline bool lab_collect(void *context, const struct ue_idle *idle)
{
	return store_peers_add(context, idle);
}

static inline int lab_keep(void *context)
{
	struct lab_ue *ue = context;

	if (!ue->daemon)
		return 0;
	ue->kept++;
	ue->sent_when_kept = ue->kernel.sent;
	if (ue->keep_fails)
		return -1;
	store_peers_free(&ue->store);
	ue_idle(ue->daemon->ue, lab_collect, &ue->store);
	return 0;
}

/* Hands all that is on its way to the daemons, until the air is quiet. */
static inline void lab_pump(struct lab *lab)
{
	bool busy = true;
	int i;

	while (busy) {
		busy = false;
		for (i = 0; i < 2; i++) {
			struct lab_kernel *kernel = &lab->ue[i].kernel;
			struct lab_event entry;

			if (!kernel->n_queue)
				continue;
			entry = kernel->queue[0];
			memmove(kernel->queue, kernel->queue + 1,
				--kernel->n_queue * sizeof(entry));
			if (entry.event.type == PROSE_NL_SIGNAL)
				entry.event.signal.message = entry.message;
			if (lab->ue[i].daemon)
				daemon_kernel_event(lab->ue[i].daemon, &entry.event);
			busy = true;
		}
	}
}

/* Time goes on, timers run when they are due. */
static inline void lab_run(struct lab *lab, uint64_t ms)
{
	uint64_t end = lab->now_ms + ms, next, deadline;
	int i;

	lab_pump(lab);
	for (;;) {
		next = UINT64_MAX;
		for (i = 0; i < 2; i++) {
			deadline = lab->ue[i].daemon ? daemon_deadline(lab->ue[i].daemon) :
						       UINT64_MAX;
			next = deadline < next ? deadline : next;
		}
		if (next > end)
			break;
		if (next > lab->now_ms)
			lab->now_ms = next;
		for (i = 0; i < 2; i++)
			if (lab->ue[i].daemon)
				daemon_expire(lab->ue[i].daemon);
		lab_pump(lab);
	}
	lab->now_ms = end;
}

static inline void lab_write(const char *path, const char *text)
{
	FILE *file;

	unlink(path);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(path, 0600), 0);
}

#define LAB_KEY "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* prosed.conf of a UE, with @more behind. The peer's section is left out without @peer. */
static inline void lab_configure(struct lab_ue *ue, const char *peer, const char *more)
{
	int me = ue == &ue->lab->ue[0] ? 1 : 2, other = 3 - me;
	char text[2048];

	snprintf(text, sizeof(text),
		 "device = \"prose0\"\nidentity = \"urn:prose:ue%d\"\n"
		 "addresses = { \"10.0.0.%d/24\" }\ncontrol = \"%s/ue%d.sock\"\n"
		 "key-log = \"%s\"\npsk { file = \"%s\" }\n", me, me, ue->lab->folder, me,
		 ue->key_log, ue->keys);
	if (peer)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "peer \"urn:prose:ue%d\" {\n layer2-id = \"0a:0b:0%d\"\n%s\n}\n",
			 other, other, peer);
	snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s", more);
	lab_write(ue->conf, text);
}

/* Starts the daemon of a UE on what its kernel holds, as prosed does. */
static inline void lab_start(struct lab_ue *ue)
{
	struct daemon_setup setup = {
		.kernel = { &lab_ops, &ue->kernel }, .now_ms = lab_now, .event = lab_event,
		.save = lab_save, .keep = ue->keeps ? lab_keep : NULL, .context = ue,
	};
	char why[CONFIG_WHY_MAX] = "";
	struct state before = { 0 };

	setup.config = config_load(ue->conf, why, sizeof(why));
	if (!setup.config)
		fail_msg("%s", why);
	setup.methods = methods_load(setup.config, why, sizeof(why));
	if (!setup.methods)
		fail_msg("%s", why);
	ue->daemon = daemon_new(&setup, why, sizeof(why));
	if (!ue->daemon)
		fail_msg("%s", why);
	if (state_load(ue->state, "prose0", &before, why, sizeof(why)) < 0)
		fail_msg("%s", why);
	if (ue->keeps)
		daemon_restore(ue->daemon, &ue->store);
	daemon_start(ue->daemon, &before);
	state_free(&before);
}

/* As SIGKILL: nothing is said to anybody. */
static inline void lab_kill(struct lab_ue *ue)
{
	struct daemon *daemon = ue->daemon;

	ue->daemon = NULL;
	daemon_free(daemon);
	ue->kernel.n_queue = 0;
}

static inline int lab_setup(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));
	int i;

	assert_non_null(lab);
	log_init(LOG_LEVEL_ERROR);
	strcpy(lab->folder, "/tmp/prose-daemon-XXXXXX");
	assert_non_null(mkdtemp(lab->folder));
	lab->now_ms = 1000000;
	for (i = 0; i < 2; i++) {
		struct lab_ue *ue = &lab->ue[i];
		char keys[256];

		ue->lab = lab;
		ue->events = json_array();
		ue->kernel.lab = lab;
		ue->kernel.other = &lab->ue[1 - i].kernel;
		ue->kernel.l2_id = 0x0a0b01 + (uint32_t)i;
		ue->kernel.error = "";
		ue->kernel.queue = calloc(LAB_QUEUE_MAX, sizeof(*ue->kernel.queue));
		assert_non_null(ue->kernel.queue);
		snprintf(ue->conf, sizeof(ue->conf), "%s/ue%d.conf", lab->folder, i + 1);
		snprintf(ue->keys, sizeof(ue->keys), "%s/ue%d.psk", lab->folder, i + 1);
		snprintf(ue->state, sizeof(ue->state), "%s/ue%d.state", lab->folder, i + 1);
		snprintf(ue->key_log, sizeof(ue->key_log), "%s/ue%d.log", lab->folder, i + 1);
		snprintf(keys, sizeof(keys), "urn:prose:ue%d " LAB_KEY "\n", 2 - i);
		lab_write(ue->keys, keys);
		lab_configure(ue, "", "");
	}
	*state = lab;
	return 0;
}

static inline int lab_teardown(void **state)
{
	struct lab *lab = *state;
	int i;

	for (i = 0; i < 2; i++) {
		lab_kill(&lab->ue[i]);
		json_decref(lab->ue[i].events);
		store_peers_free(&lab->ue[i].store);
		free(lab->ue[i].kernel.queue);
		unlink(lab->ue[i].conf);
		unlink(lab->ue[i].keys);
		unlink(lab->ue[i].state);
		unlink(lab->ue[i].key_log);
	}
	assert_int_equal(rmdir(lab->folder), 0);
	free(lab);
	return 0;
}

/* Peer 0 of show, as text of one member; "" when there is none. */
static inline const char *lab_show(struct lab_ue *ue, const char *member, char *buffer, size_t len)
{
	json_t *show = daemon_show(ue->daemon), *peer, *value;

	assert_non_null(show);
	peer = json_array_get(json_object_get(show, "peers"), 0);
	value = json_object_get(peer, member);
	buffer[0] = '\0';
	if (json_is_string(value))
		snprintf(buffer, len, "%s", json_string_value(value));
	else if (json_is_integer(value))
		snprintf(buffer, len, "%lld", (long long)json_integer_value(value));
	else if (json_is_object(value))
		snprintf(buffer, len, "%s", json_string_value(json_object_get(value, "text")));
	else if (json_is_boolean(value))
		snprintf(buffer, len, "%s", json_is_true(value) ? "true" : "false");
	json_decref(show);
	return buffer;
}

static inline void lab_assert(struct lab_ue *ue, const char *member, const char *expected)
{
	char buffer[KEYING_TEXT_MAX];

	assert_string_equal(lab_show(ue, member, buffer, sizeof(buffer)), expected);
}

/* Was there such an event? */
static inline json_t *lab_find_event(struct lab_ue *ue, const char *name)
{
	json_t *event;
	size_t i;

	json_array_foreach(ue->events, i, event)
		if (!strcmp(json_string_value(json_object_get(event, "event")), name))
			return event;
	return NULL;
}

static inline void lab_connect(struct lab *lab)
{
	char why[KEYING_TEXT_MAX] = "";
	uint32_t l2_id = 0;

	if (daemon_connect(lab->ue[0].daemon, "urn:prose:ue2", &l2_id, why, sizeof(why)))
		fail_msg("%s", why);
	assert_int_equal(l2_id, 0x0a0b02);
	lab_run(lab, 2000);
	lab_assert(&lab->ue[0], "state", "connected");
	lab_assert(&lab->ue[1], "state", "connected");
}

/**
 * struct lab_said - what the log has said with these words in it
 * @of: the words
 * @n: how often
 * @last: the last of it
 */
struct lab_said {
	const char *of;
	unsigned int n;
	char last[CONFIG_WHY_MAX];
};

static inline void lab_hear(void *context, enum log_level level, const char *text)
{
	struct lab_said *said = context;

	(void)level;
	if (!strstr(text, said->of))
		return;
	said->n++;
	snprintf(said->last, sizeof(said->last), "%s", text);
}

static inline void lab_listen(struct lab_said *said)
{
	log_init(LOG_LEVEL_WARNING);
	log_divert(lab_hear, said);
}

/* The clock goes there and the daemon runs on for some hours, after which it has spoken @n times. */
static inline void lab_hears(struct lab_ue *ue, const struct lab_said *said, time_t now,
			     unsigned int hours, unsigned int n, const char *last)
{
	ue->daemon->methods->floor = now;
	lab_run(ue->lab, (uint64_t)hours * 3600000);
	assert_int_equal(said->n, n);
	if (!strstr(said->last, last))
		fail_msg("'%s' not in '%s'", last, said->last);
}

#endif
