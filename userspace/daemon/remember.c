// SPDX-License-Identifier: MIT
/*
 * What method mikey-sakke remembers, in its files beside the store: messages, so that none is taken twice
 * after a restart, and deny lists, so that no older one is. A disk that is full may have room later.
 */
#include "daemon.h"

static bool write_messages(struct daemon *daemon, uint64_t now_ms)
{
	char why[CONFIG_WHY_MAX];

	if (!methods_keep_replay(daemon->methods, daemon->config, why, sizeof(why)))
		return true;
	log_limited(&daemon->unkept, now_ms, LOG_LEVEL_ERROR, "%s", why);
	return false;
}

static bool write_lists(struct daemon *daemon, uint64_t now_ms)
{
	char why[CONFIG_WHY_MAX];

	if (!daemon->lists_due)
		return true;
	daemon->lists_due = methods_keep_seen(daemon->methods, daemon->config, why, sizeof(why));
	if (daemon->lists_due)
		log_limited(&daemon->unkept, now_ms, LOG_LEVEL_WARNING,
			    "%s; after a restart an older deny list may be taken", why);
	return !daemon->lists_due;
}

void remember_write(struct daemon *daemon, bool again)
{
	uint64_t now_ms = daemon->setup.now_ms(daemon->setup.context);
	bool messages, lists;

	if (daemon->remember_ms && !again)
		return;
	messages = write_messages(daemon, now_ms);
	lists = write_lists(daemon, now_ms);
	daemon->remember_ms = messages && lists ? 0 : now_ms + KEEP_AGAIN_MS;
}

void remember_lists(struct daemon *daemon)
{
	methods_taken(daemon->methods);
	daemon->lists_due = true;
	remember_write(daemon, true);
}
