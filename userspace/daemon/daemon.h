/* SPDX-License-Identifier: MIT */
/*
 * One UE: its links (core/ue.h), the kernel behind its device, its configuration, and who
 * wants to know. Pure glue: events come in, actions go to the kernel, words to people.
 *
 * No descriptors but that of the key log, no loop: loop.c drives it in prosed, tests with
 * a kernel made of arrays and a clock of their own. One thread.
 */
#ifndef PROSE_DAEMON_DAEMON_H
#define PROSE_DAEMON_DAEMON_H

#include <jansson.h>

#include "core/ue.h"

#include "config.h"
#include "history.h"
#include "kernel.h"
#include "netif.h"
#include "log.h"
#include "methods.h"
#include "state.h"
#include "store_codec.h"

#define DAEMON_VERSION	"0.1.0"

/* What could not be written is tried again after so long. */
#define KEEP_AGAIN_MS	10000

/**
 * struct daemon_setup - what a daemon is made of
 * @config: configuration; taken over when daemon_new() succeeds
 * @methods: credentials of @config; likewise
 * @kernel: the seam
 * @strict_24334: a reload leaves out every extension, too, whatever the file says
 * @local_from: Layer-2 ID that the link-local address comes from, 0 for the present one
 * @key_log: key log to write instead of the configured one, or NULL; not copied
 * @now_ms: monotonic clock
 * @event: called with each event of the control protocol; the daemon keeps its reference
 * @save: state worth keeping changed; call daemon_state() and store it
 * @keep: what ue_idle() has changed; put it into the store. 0, or -1: asked again later. NULL:
 *	  nothing is kept
 * @context: handed to @now_ms, @event, @save and @keep
 */
struct daemon_setup {
	struct config *config;
	struct methods *methods;
	struct kernel kernel;
	bool strict_24334;
	uint32_t local_from;
	const char *key_log;
	uint64_t (*now_ms)(void *context);
	void (*event)(void *context, json_t *event);
	void (*save)(void *context);
	int (*keep)(void *context);
	void *context;
};

struct daemon {
	struct daemon_setup setup;
	struct config *config;
	struct methods *methods;
	struct ue *ue;
	struct history history;
	int key_log_fd;
	uint32_t ifindex, l2_id;
	uint32_t local_from;	/* Layer-2 ID that the link-local address comes from */
	bool l2_on_air;		/* since it was drawn, where it is random */
	char ifname[IF_NAMESIZE];
	bool stopping;
	bool dirty;		/* state changed since it was saved */
	bool draining;
	uint64_t keep_ms;	/* when the store is to be written, 0 when it is as it should be */
	bool lists_due;		/* which deny lists were in use is to be written */
	uint64_t remember_ms;	/* when that is tried again, and what is known of messages; 0: nothing failed */
	bool lost;		/* the kernel no longer answers: the device is gone */
	size_t next_auto;	/* peer whose turn to be connected of itself comes next */
	time_t started;
	uint64_t usage_ms;	/* when the kernel is asked next how much went under keys */
	uint64_t heard_ms;	/* when the kernel was asked last who was heard */
	size_t n_heard;		/* peers it had then */
	uint64_t recheck_ms;	/* when the peers' credentials are judged again */
	unsigned int reloads;	/* how often @config was replaced */
	struct log_limit failures, notices, warnings, states, unkept;
};

/*
 * daemon_new() - make one; reads the device, opens the key log
 * Returns NULL with a sentence in @why; @setup->config and methods then still belong to the
 * caller.
 */
struct daemon *daemon_new(const struct daemon_setup *setup, char *why, size_t why_len);
/* Frees; the kernel keeps what it has. NULL is allowed. */
void daemon_free(struct daemon *daemon);

/* Before daemon_start(): what an earlier run kept of peers (adopt.c). */
void daemon_restore(struct daemon *daemon, const struct store_peers *before);

/*
 * daemon_start() - take over the links that live in the kernel, with what an earlier run
 * stored about them (may be NULL), then connect to the peers that want it.
 */
void daemon_start(struct daemon *daemon, const struct state *before);

/* Events from the kernel. */
void daemon_kernel_event(struct daemon *daemon, const struct prose_nl_event *event);
void daemon_kernel_resync(struct daemon *daemon);

/* Earliest deadline, UINT64_MAX when none; and run what is due. */
uint64_t daemon_deadline(const struct daemon *daemon);
void daemon_expire(struct daemon *daemon);

/*
 * Wishes of the user. @name is an identity, its last part, or a Layer-2 ID. 0, or -1 with a
 * sentence in @why; *l2_id is the peer meant.
 */
int daemon_connect(struct daemon *daemon, const char *name, uint32_t *l2_id,
		   char *why, size_t why_len);
int daemon_rekey(struct daemon *daemon, const char *name, bool kd, uint32_t *l2_id,
		 char *why, size_t why_len);
int daemon_release(struct daemon *daemon, const char *name, uint32_t *l2_id,
		   char *why, size_t why_len);

/* Nothing is kept of a peer that is not connected. */
int daemon_forget(struct daemon *daemon, const char *name, uint32_t *l2_id,
		  char *why, size_t why_len);

/* Writes the store now, if it is not as it should be. */
void daemon_keep(struct daemon *daemon);

/*
 * remember_write() - write what method mikey-sakke remembers, as far as it is not in its files (remember.c)
 * @daemon: the daemon
 * @again: also when that has failed a moment ago; else it waits for its turn
 *
 * To be called before each wait, since a replay is to be known again after a crash too.
 */
void remember_write(struct daemon *daemon, bool again);

/* Reads the configuration and the credentials again. -1: the old ones stay in force. */
int daemon_reload(struct daemon *daemon, char *why, size_t why_len);
/* Reads the CRLs (and roots) again, nothing else. -1: the old ones stay in force. */
int daemon_reload_crls(struct daemon *daemon, char *why, size_t why_len);

/* Starts to release all links; daemon_stopped() says when that is done. */
void daemon_stop(struct daemon *daemon);
bool daemon_stopped(const struct daemon *daemon);
/* Deletes every peer and route in the kernel. */
void daemon_clean(struct daemon *daemon);

/* What is to be stored; to be freed with state_free(). -1 when out of memory. */
int daemon_state(const struct daemon *daemon, struct state *state);

/* Result of the command show. */
json_t *daemon_show(struct daemon *daemon);

/*
 * For the parts of the daemon only.
 */

/* Carries out what the core wants (actions.c). Called after every event. */
void daemon_drain(struct daemon *daemon);

/* All links; malloc()ed, NULL when there are none or no memory. */
struct ue_link_info *daemon_links(const struct daemon *daemon, size_t *n);

/* Whether a link is up, or on its way. */
bool daemon_link_live(enum ue_link_state state);
bool daemon_link_connected(enum ue_link_state state);

/* "urn:prose:ue2 (0a:0b:0d)", or the Layer-2 ID alone, for sentences. */
#define DAEMON_NAME_MAX	(KEYING_TEXT_MAX + 16)
const char *daemon_name(const struct daemon *daemon, uint32_t l2_id,
			char buffer[static DAEMON_NAME_MAX]);

/* Callbacks of the core (policy.c). */
bool policy_authorise(void *context, const char *identity, uint32_t l2_id,
		      const struct ue_address *addresses, size_t n_addresses,
		      char *why, size_t why_len);
const char *policy_expected(void *context, uint32_t l2_id);
const struct ue_expressions *policy_asks(void *context, uint32_t l2_id);
/* The peer a user means (policy.c). */
int policy_resolve(const struct daemon *daemon, const char *name, uint32_t *l2_id,
		   const char **identity, char *why, size_t why_len);

/* Links of an earlier run (adopt.c). */
void adopt_links(struct daemon *daemon, const struct state *before);
/* Compares links with what the kernel has, after events were lost or peers vanished. */
void adopt_compare(struct daemon *daemon);

/* Other deny lists are in use from now on, which is written at once, or else again and again (remember.c). */
void remember_lists(struct daemon *daemon);

/* Tells the core what changed but the configuration. 0, or -1 with @why, and nothing changed. */
int daemon_reconfigure(struct daemon *daemon, char *why, size_t why_len);

/* Another Layer-2 ID, where it is random and none depends on the old one (pseudonym.c). */
void pseudonym_refresh(struct daemon *daemon);

/* Connections the daemon makes of itself (autoconnect.c). */
void autoconnect_run(struct daemon *daemon);
uint64_t autoconnect_deadline(const struct daemon *daemon);
void autoconnect_wanted(struct daemon *daemon, const struct prose_nl_wanted *wanted);

/* JSON of texts that may hold anything, and of a report (show.c). */
json_t *show_text(const char *text);
json_t *show_event(const struct daemon *daemon, const struct ue_report *report);

#endif
