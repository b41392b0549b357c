// SPDX-License-Identifier: MIT
/*
 * One thread, one libev loop. Order of the start: what fails without a trace first, and
 * the device's ownership before anything a second prosed could disturb.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <ev.h>

#include "await.h"
#include "control.h"
#include "daemon.h"
#include "keeper.h"
#include "kernel_netlink.h"
#include "log.h"
#include "loop.h"
#include "netif.h"
#include "notify.h"
#include "requests.h"
#include "routes.h"
#include "watch.h"
#include "watchdog.h"

/* A writer may replace several files: wait until none has changed for so long. */
#define CRLS_SETTLE_S	0.5

/* How long SIGTERM waits for peers to answer RELEASE, beyond the core's own retries. */
#define STOP_SPARE_MS	500

/*
 * The state is written whole, so while many links come up or go down at once it is written no more
 * often than this, and no more than a twentieth of the time is spent on it; a change after a quiet time
 * is written at once. What a daemon that is killed
 * within that time has not written are links it made a moment ago: the next one finds their peers in
 * the kernel without a name, deletes them, and they are set up anew. One that ended is in the file
 * still, and not in the kernel, whose word counts.
 */
#define SAVE_SPACING_MS	200
#define SAVE_SHARE	20
#define SAVE_MAX_MS	2000

struct loop {
	struct ev_loop *ev;
	struct daemon *daemon;
	struct kernel_netlink *netlink;
	struct netif *netif;
	struct control *control;
	struct keeper *keeper;
	char *device, *state_path;
	struct watch *watch;	/* of CRLs; NULL when there is no inotify */
	unsigned int watched;	/* the configuration whose CRLs these are, counted */
	ev_io kernel_io, netif_io, watch_io;
	ev_timer timer, settle, save;
	ev_prepare prepare;
	ev_signal hangup, terminate, interrupt, leave;
	struct watchdog watchdog;
	uint64_t stop_by_ms, saved_ms, save_took_ms;
	uint64_t overdue_ms;	/* the deadline that was, when the watchdog was told last */
	size_t n_up;		/* links, as the service manager knows them */
	bool gone, clean;
	bool made;		/* the device, by a start that has not succeeded yet */
	bool keep;		/* for the next one to take over */
	bool ended;		/* before there was a device */
	int status;
};

static uint64_t monotonic_ms(void *context)
{
	struct timespec now;

	(void)context;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void on_event(void *context, json_t *event)
{
	struct loop *loop = context;

	control_event(loop->control, event);
}

/* What systemctl status shows. */
static void tell_links(struct loop *loop, const struct state *state)
{
	size_t i, n_up = 0;
	char text[64];

	for (i = 0; i < state->n_links; i++)
		if (daemon_link_connected(state->links[i].info.state))
			n_up++;
	if (n_up == loop->n_up)
		return;
	loop->n_up = n_up;
	snprintf(text, sizeof(text), "STATUS=%s: %zu link%s up", loop->device, n_up,
		 n_up == 1 ? "" : "s");
	notify(text);
}

static void write_state(struct loop *loop)
{
	static struct log_limit limit = LOG_LIMIT(3, 60000);
	struct state state = { 0 };
	const struct config_address *added;
	char why[CONFIG_WHY_MAX];

	state.device_created = netif_created(loop->netif);
	added = netif_added(loop->netif, &state.n_added);
	memcpy(state.added, added, state.n_added * sizeof(*added));
	if (daemon_state(loop->daemon, &state)) {
		snprintf(why, sizeof(why), "the state cannot be kept: out of memory");
	} else {
		tell_links(loop, &state);
		if (!state_save(loop->state_path, loop->device, &state, why, sizeof(why))) {
			state_free(&state);
			return;
		}
	}
	log_limited(&limit, monotonic_ms(NULL), LOG_LEVEL_ERROR, "%s", why);
	state_free(&state);
}

static int on_keep(void *context)
{
	static struct log_limit limit = LOG_LIMIT(3, 60000);
	struct loop *loop = context;
	struct daemon *daemon = loop->daemon;
	char why[CONFIG_WHY_MAX];

	if (!daemon || !loop->keeper ||
	    !keeper_save(loop->keeper, methods_identity(daemon->methods, daemon->config), daemon->ue,
			 why, sizeof(why)))
		return 0;
	log_limited(&limit, monotonic_ms(NULL), LOG_LEVEL_ERROR, "%s", why);
	return -1;
}

static void save(struct loop *loop)
{
	uint64_t start = monotonic_ms(NULL);

	write_state(loop);
	loop->saved_ms = monotonic_ms(NULL);
	loop->save_took_ms = loop->saved_ms - start;
}

static void on_save_due(struct ev_loop *ev, ev_timer *watcher, int events)
{
	(void)ev;
	(void)events;
	save(watcher->data);
}

static void on_save(void *context)
{
	struct loop *loop = context;
	uint64_t since = monotonic_ms(NULL) - loop->saved_ms;
	uint64_t spacing = loop->save_took_ms * SAVE_SHARE;

	if (spacing < SAVE_SPACING_MS)
		spacing = SAVE_SPACING_MS;
	if (spacing > SAVE_MAX_MS)
		spacing = SAVE_MAX_MS;
	if (!loop->daemon || loop->clean || ev_is_active(&loop->save))
		return;
	if (since >= spacing) {
		save(loop);
		return;
	}
	ev_timer_set(&loop->save, (double)(spacing - since) / 1000, 0.);
	ev_timer_start(loop->ev, &loop->save);
}

static void on_kernel_event(void *context, const struct prose_nl_event *event)
{
	struct loop *loop = context;

	if (loop->daemon)
		daemon_kernel_event(loop->daemon, event);
}

static void on_kernel_resync(void *context)
{
	struct loop *loop = context;

	if (loop->daemon)
		daemon_kernel_resync(loop->daemon);
}

static void device_gone(struct loop *loop)
{
	if (loop->gone)
		return;
	log_error("%s is gone: removed, or moved to another network namespace; prosed ends",
		  loop->device);
	loop->gone = true;
	loop->status = 1;
	ev_break(loop->ev, EVBREAK_ALL);
}

static void on_netif_gone(void *context)
{
	device_gone(context);
}

static void on_netif_running(void *context, bool running)
{
	struct loop *loop = context;
	char why[CONFIG_WHY_MAX];

	log_notice("%s is %s", loop->device, running ? "up" : "down");
	if (!running || !loop->daemon)
		return;
	/* The kernel drops routes, and IPv6 addresses, of a device that goes down. */
	if (netif_readdress(loop->netif, loop->daemon->config, why, sizeof(why)))
		log_error("%s", why);
	routes_set(&loop->daemon->setup.kernel, NULL, loop->daemon->config);
}

static void on_kernel_readable(struct ev_loop *ev, ev_io *watcher, int events)
{
	struct loop *loop = watcher->data;
	int err;

	(void)ev;
	(void)events;
	err = kernel_netlink_dispatch(loop->netlink);
	if (!err)
		return;
	log_error("the netlink socket is broken: %s", strerror(-err));
	loop->status = 1;
	ev_break(loop->ev, EVBREAK_ALL);
}

static void on_netif_readable(struct ev_loop *ev, ev_io *watcher, int events)
{
	struct loop *loop = watcher->data;

	(void)ev;
	(void)events;
	netif_dispatch(loop->netif);
}

static void on_timer(struct ev_loop *ev, ev_timer *watcher, int events)
{
	struct loop *loop = watcher->data;

	(void)ev;
	(void)events;
	daemon_expire(loop->daemon);
}

static void on_crls_changed(struct ev_loop *ev, ev_io *watcher, int events)
{
	struct loop *loop = watcher->data;

	(void)events;
	if (watch_changed(loop->watch))
		ev_timer_again(ev, &loop->settle);
}

/* CRLs, and what comes from a KMS: keys of the next month, deny lists. */
static void watch_crls(struct loop *loop)
{
	const struct config_mikey_sakke *mikey = &loop->daemon->config->mikey_sakke;
	const struct config_certificate *certificate = &loop->daemon->config->certificate;
	char *paths[64 * 3], why[CONFIG_WHY_MAX] = "";
	size_t n = 0;

	for (size_t i = 0; i < certificate->n_crls; i++)
		paths[n++] = certificate->crls[i];
	for (size_t i = 0; i < mikey->n_keys; i++)
		paths[n++] = mikey->keys[i];
	for (size_t i = 0; i < mikey->n_deny; i++)
		paths[n++] = mikey->deny[i];
	loop->watched = loop->daemon->reloads;
	if (loop->watch && watch_set(loop->watch, paths, n, why, sizeof(why)))
		log_warning("%s; `prose reload` takes them in", why);
}

static void on_crls_settled(struct ev_loop *ev, ev_timer *watcher, int events)
{
	struct loop *loop = watcher->data;
	char why[CONFIG_WHY_MAX];
	const char *what;

	(void)events;
	ev_timer_stop(ev, watcher);
	what = loop->daemon->config->mikey_sakke.present ? "CRLs, keys or deny lists" : "CRLs";
	/* A folder may have been replaced as a whole. First, or what comes meanwhile goes unseen. */
	watch_crls(loop);
	if (daemon_reload_crls(loop->daemon, why, sizeof(why)))
		log_error("%s (the old %s stay in force)", why, what);
	else
		log_notice("%s have changed: read again", what);
}

/* Before each wait: whoever acted may have set another deadline. */
static void on_prepare(struct ev_loop *ev, ev_prepare *watcher, int events)
{
	struct loop *loop = watcher->data;
	uint64_t now_ms = monotonic_ms(NULL), deadline;

	(void)events;
	if (loop->daemon->lost) {
		device_gone(loop);
		return;
	}
	if (loop->watched != loop->daemon->reloads)
		watch_crls(loop);
	remember_write(loop->daemon, false);
	deadline = daemon_deadline(loop->daemon);
	if (loop->stop_by_ms) {
		if (daemon_stopped(loop->daemon) || now_ms >= loop->stop_by_ms) {
			ev_break(ev, EVBREAK_ALL);
			return;
		}
		if (loop->stop_by_ms < deadline)
			deadline = loop->stop_by_ms;
	}
	ev_timer_stop(ev, &loop->timer);
	if (deadline == UINT64_MAX)
		return;
	/* Half a millisecond late rather than early, when nothing would be due yet. */
	ev_now_update(ev);
	ev_timer_set(&loop->timer, deadline > now_ms ?
		     (double)(deadline - now_ms) / 1000 + 0.0005 : 0., 0.);
	ev_timer_start(ev, &loop->timer);
}

static void on_hangup(struct ev_loop *ev, ev_signal *watcher, int events)
{
	struct loop *loop = watcher->data;
	char why[CONFIG_WHY_MAX];

	(void)ev;
	(void)events;
	notify("RELOADING=1");
	if (daemon_reload(loop->daemon, why, sizeof(why)))
		log_error("%s (the old configuration stays in force)", why);
	else
		log_notice("%s: reloaded", loop->daemon->config->path);
	notify("READY=1");
}

static void on_terminate(struct ev_loop *ev, ev_signal *watcher, int events)
{
	struct loop *loop = watcher->data;
	const struct ue_timers *timers = &loop->daemon->config->timers;

	(void)events;
	if (loop->stop_by_ms) {		/* asked twice: no more waiting */
		ev_break(ev, EVBREAK_ALL);
		return;
	}
	notify("STOPPING=1");
	log_notice("ending; links are released");
	loop->stop_by_ms = monotonic_ms(NULL) + STOP_SPARE_MS +
			   (uint64_t)timers->t4103 * (timers->retries + 1);
	daemon_stop(loop->daemon);
}

/*
 * A restart: what lives in the kernel goes on without a daemon, and the next one takes it over.
 * Peers do not notice.
 */
static void on_leave(struct ev_loop *ev, ev_signal *watcher, int events)
{
	struct loop *loop = watcher->data;

	(void)events;
	if (loop->stop_by_ms)
		return;		/* links are being released already */
	notify("STOPPING=1");
	log_notice("ending; links are left to the next prosed");
	save(loop);
	loop->keep = true;
	ev_break(ev, EVBREAK_ALL);
}

/*
 * For the watchdog: a deadline that was over when it was told last, and still is the next one,
 * is not being served, however fast the loop turns.
 */
static bool progress(void *context)
{
	struct loop *loop = context;
	uint64_t deadline, overdue;

	if (!loop->daemon)
		return true;
	deadline = daemon_deadline(loop->daemon);
	overdue = deadline < monotonic_ms(NULL) ? deadline : 0;
	if (overdue && overdue == loop->overdue_ms)
		return false;
	loop->overdue_ms = overdue;
	return true;
}

static void watch(struct loop *loop)
{
	char why[CONFIG_WHY_MAX];

	loop->watch = watch_open(why, sizeof(why));
	if (!loop->watch)
		log_warning("%s; `prose reload` takes in new CRLs", why);
	ev_timer_init(&loop->settle, on_crls_settled, 0., CRLS_SETTLE_S);
	loop->settle.data = loop;
	if (loop->watch) {
		ev_io_init(&loop->watch_io, on_crls_changed, watch_fd(loop->watch), EV_READ);
		loop->watch_io.data = loop;
		ev_io_start(loop->ev, &loop->watch_io);
		watch_crls(loop);
	}
	ev_io_init(&loop->kernel_io, on_kernel_readable, kernel_netlink_fd(loop->netlink), EV_READ);
	ev_io_init(&loop->netif_io, on_netif_readable, netif_fd(loop->netif), EV_READ);
	ev_timer_init(&loop->timer, on_timer, 0., 0.);
	ev_timer_init(&loop->save, on_save_due, 0., 0.);
	ev_prepare_init(&loop->prepare, on_prepare);
	ev_signal_init(&loop->hangup, on_hangup, SIGHUP);
	ev_signal_init(&loop->terminate, on_terminate, SIGTERM);
	ev_signal_init(&loop->interrupt, on_terminate, SIGINT);
	ev_signal_init(&loop->leave, on_leave, SIGUSR2);
	loop->kernel_io.data = loop;
	loop->netif_io.data = loop;
	loop->timer.data = loop;
	loop->save.data = loop;
	loop->prepare.data = loop;
	loop->hangup.data = loop;
	loop->terminate.data = loop;
	loop->interrupt.data = loop;
	loop->leave.data = loop;
	ev_io_start(loop->ev, &loop->kernel_io);
	ev_io_start(loop->ev, &loop->netif_io);
	ev_prepare_start(loop->ev, &loop->prepare);
	ev_signal_start(loop->ev, &loop->hangup);
	ev_signal_start(loop->ev, &loop->terminate);
	ev_signal_start(loop->ev, &loop->interrupt);
	ev_signal_start(loop->ev, &loop->leave);
}

static void unwatch(struct loop *loop)
{
	ev_io_stop(loop->ev, &loop->kernel_io);
	ev_io_stop(loop->ev, &loop->netif_io);
	if (loop->watch)
		ev_io_stop(loop->ev, &loop->watch_io);
	ev_timer_stop(loop->ev, &loop->settle);
	ev_timer_stop(loop->ev, &loop->timer);
	ev_timer_stop(loop->ev, &loop->save);
	ev_prepare_stop(loop->ev, &loop->prepare);
	ev_signal_stop(loop->ev, &loop->hangup);
	ev_signal_stop(loop->ev, &loop->terminate);
	ev_signal_stop(loop->ev, &loop->interrupt);
	ev_signal_stop(loop->ev, &loop->leave);
}

static int open_device(struct loop *loop, const struct config *config, const struct state *before,
		       bool *absent, char *why, size_t why_len)
{
	static const struct netif_ops netif_ops = { on_netif_gone, on_netif_running };
	static const struct prose_nl_ops nl_ops = { on_kernel_event, on_kernel_resync };

	loop->netif = netif_open(config, before->device_created, &netif_ops, loop, absent,
				 why, why_len);
	if (!loop->netif)
		return -1;
	loop->made = netif_created(loop->netif) && !before->device_created;
	loop->netlink = kernel_netlink_open(netif_ifindex(loop->netif), config->device, &nl_ops,
					    loop, why, why_len);
	if (!loop->netlink)
		return -1;
	kernel_netlink_set_netif(loop->netlink, loop->netif);
	netif_added_before(loop->netif, before->added, before->n_added);
	return 0;
}

/* What the files say: configuration, credentials, and what an earlier run has left. */
static int read_files(struct loop *loop, const struct loop_options *options,
		      struct daemon_setup *setup, struct state *before, char *why, size_t why_len)
{
	struct config *config = config_load_as(options->config, options->strict_24334, why,
					       why_len);
	struct methods *methods = config ? methods_load(config, why, why_len) : NULL;
	char *device = methods ? strdup(config->device) : NULL;
	char *state_path = methods ? strdup(config->state) : NULL;
	char warning[CONFIG_WHY_MAX];

	if (!device || !state_path) {
		if (!config)
			loop->status = LOOP_BAD_CONFIG;
		else if (methods)
			snprintf(why, why_len, "out of memory");
		free(device);
		free(state_path);
		methods_free(methods);
		config_free(config);
		return -1;
	}
	methods_free(setup->methods);
	config_free(setup->config);
	free(loop->device);
	free(loop->state_path);
	setup->config = config;
	setup->methods = methods;
	loop->device = device;
	loop->state_path = state_path;
	log_device(loop->device);
	state_free(before);
	memset(before, 0, sizeof(*before));
	if (state_load(loop->state_path, loop->device, before, warning, sizeof(warning)) < 0)
		log_warning("%s", warning);
	return 0;
}

static void reread_files(struct loop *loop, const struct loop_options *options,
			 struct daemon_setup *setup, struct state *before)
{
	char why[CONFIG_WHY_MAX];

	notify("RELOADING=1");
	if (read_files(loop, options, setup, before, why, sizeof(why)))
		log_error("%s (the old configuration stays in force)", why);
	else
		log_notice("%s: reloaded", setup->config->path);
	loop->status = 0;
	notify("READY=1");
}

/*
 * The device, as soon as what it needs is there. The service manager is told meanwhile that the
 * daemon is ready: all that can be done is done, and what is to start after it, maybe what makes
 * the lower device, is not held up. With @loop->ended set there is none, and is not to be.
 */
static int await_device(struct loop *loop, const struct loop_options *options,
			struct daemon_setup *setup, struct state *before, char *why, size_t why_len)
{
	char said[CONFIG_WHY_MAX] = "";
	struct await *await = await_open(loop->ev, why, why_len);
	bool absent;
	int rc;

	if (!await)
		return -1;
	for (;;) {
		rc = open_device(loop, setup->config, before, &absent, why, why_len);
		if (!rc || !absent)
			break;
		if (strcmp(said, why)) {
			log_notice("waiting, for %s", why);
			notify("READY=1\nSTATUS=Waiting for the lower device or own address; "
			       "the log says which");
			memcpy(said, why, sizeof(said));
		}
		switch (await_event(await)) {
		case AWAIT_NEWS:
			break;
		case AWAIT_RELOAD:
			reread_files(loop, options, setup, before);
			break;
		case AWAIT_BROKEN:
			snprintf(why, why_len, "the netlink socket is broken");
			await_close(await);
			return -1;
		case AWAIT_END:
			loop->ended = true;
			await_close(await);
			return -1;
		}
	}
	await_close(await);
	return rc;
}

/* Everything up to the loop. On failure what was opened stays in @loop, for close_all(). */
static int open_all(struct loop *loop, const struct loop_options *options)
{
	struct daemon_setup setup = {
		.strict_24334 = options->strict_24334,
		.key_log = options->key_log,
		.now_ms = monotonic_ms,
		.event = on_event,
		.save = on_save,
		.keep = on_keep,
		.context = loop,
	};
	struct store_peers kept = { 0 };
	struct state before = { 0 };
	char why[CONFIG_WHY_MAX] = "";
	bool absent;
	int rc = -1;

	if (read_files(loop, options, &setup, &before, why, sizeof(why)))
		goto fail;
	if (options->wait ? await_device(loop, options, &setup, &before, why, sizeof(why)) :
			    open_device(loop, setup.config, &before, &absent, why, sizeof(why)))
		goto fail;
	setup.kernel = kernel_netlink_kernel(loop->netlink);
	for (size_t i = 0; i < before.n_added; i++)
		if (netif_local_from(&before.added[i].address))
			setup.local_from = netif_local_from(&before.added[i].address);
	loop->daemon = daemon_new(&setup, why, sizeof(why));
	if (!loop->daemon)
		goto fail;
	/* From here on both belong to the daemon. */
	memset(&setup, 0, sizeof(setup));
	loop->control = control_open(loop->ev, loop->daemon->config->control, requests_answer,
				     loop->daemon, why, sizeof(why));
	if (!loop->control || netif_up(loop->netif, loop->daemon->config, why, sizeof(why)))
		goto fail;
	netif_routes_sweep(loop->netif, loop->daemon->config, routes_wanted);
	watch(loop);
	loop->keeper = keeper_open(loop->daemon->config,
				   methods_identity(loop->daemon->methods, loop->daemon->config),
				   &kept);
	daemon_restore(loop->daemon, &kept);
	daemon_start(loop->daemon, &before);
	save(loop);
	loop->made = false;
	rc = 0;
fail:
	if (rc && !loop->ended)
		log_error("%s", why);
	state_free(&before);
	store_peers_free(&kept);
	methods_free(setup.methods);
	config_free(setup.config);
	return rc;
}

/* @clean: nothing is to stay behind. */
static void close_all(struct loop *loop, bool clean)
{
	loop->clean = clean;
	if (loop->daemon) {
		remember_write(loop->daemon, true);
		daemon_keep(loop->daemon);
	}
	if (loop->daemon && clean && !loop->gone)
		daemon_clean(loop->daemon);
	watch_close(loop->watch);
	control_close(loop->control);
	daemon_free(loop->daemon);
	keeper_close(loop->keeper);
	kernel_netlink_close(loop->netlink);
	netif_close(loop->netif, clean || loop->made);
	if (clean && loop->state_path)
		unlink(loop->state_path);
	if (loop->ev)
		ev_loop_destroy(loop->ev);
	free(loop->state_path);
	free(loop->device);
}

int loop_run(const struct loop_options *options)
{
	struct loop loop = { .n_up = SIZE_MAX };
	char id[TEXT_L2_ID_LEN];

	signal(SIGPIPE, SIG_IGN);
	loop.ev = ev_default_loop(EVFLAG_AUTO);
	if (!loop.ev) {
		log_error("no event loop, or no memory for one");
		return 1;
	}
	watchdog_start(&loop.watchdog, loop.ev, progress, &loop);
	if (open_all(&loop, options)) {
		/*
		 * Another daemon may be at work here, or links of an earlier run wait to be
		 * taken over by a better configuration: leave them alone. A device made a
		 * moment ago is ours, and goes.
		 */
		watchdog_stop(&loop.watchdog, loop.ev);
		close_all(&loop, false);
		return loop.ended ? 0 : loop.status ? loop.status : 1;
	}
	log_notice("ready: %s, Layer-2 ID %s, identity %s", loop.device,
		   text_l2_id(loop.daemon->l2_id, id),
		   methods_identity(loop.daemon->methods, loop.daemon->config));
	notify("READY=1");
	ev_run(loop.ev, 0);
	unwatch(&loop);
	watchdog_stop(&loop.watchdog, loop.ev);
	close_all(&loop, !loop.keep);
	return loop.status;
}
