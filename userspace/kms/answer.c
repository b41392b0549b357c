// SPDX-License-Identifier: MIT
/* Whether a client gets keys, and which. */
#include <stdio.h>
#include <time.h>

#include "issue.h"
#include "keying/identity/protocol.h"
#include "keying/sentence.h"
#include "revoked.h"
#include "server.h"

#define WHY_MAX	512

/* Keys of the months that are due, and the deny list; 1 when they are refused, -1 when it failed. */
static int keys(struct server *server, const char *identity, const char *requester,
		struct keying_file *out, char *why, size_t why_len)
{
	struct keying_file made = { 0 }, deny = { 0 };
	const struct settings *settings = server->kms->settings;
	struct mikey_month months[PERIOD_DUE_MAX];
	struct issue issue = {
		.event = "serve", .identity = identity, .months = months, .requester = requester,
		.now = time(NULL),
	};
	int err;

	issue.n = period_due(issue.now, settings->advance_days, months);
	err = issue_keys(server->kms, &issue, &made, why, why_len);
	if (!err)
		err = revoked_deny(server->kms->db, &server->kms->domain, issue.now,
				   settings->deny_days, &deny, why, why_len);
	if (!err && protocol_response(&made, &deny, out))
		err = keying_sentence(why, why_len, "Out of memory");
	keying_file_free(&made);
	keying_file_free(&deny);
	return err;
}

/* Who asks for another's keys is written down. */
static int not_named(struct server *server, const char *identity, const char *requester, char *why,
		     size_t why_len)
{
	struct issue issue = {
		.event = "serve", .identity = identity, .requester = requester, .now = time(NULL),
	};
	char reason[WHY_MAX], failed[WHY_MAX] = "";

	keying_sentence(reason, sizeof(reason), "The certificate of %s does not name %s (as a URI)",
			requester, identity);
	if (issue_refused(server->kms, &issue, reason, failed, sizeof(failed)))
		log_notice("%s", failed);
	keying_sentence(why, why_len,
			"Your certificate does not name %s (subject alternative name of type URI); only who is named gets keys",
			identity);
	return 1;
}

int answer(struct server *server, const struct channel *channel, const char *address,
	   const char *line, size_t len, struct keying_file *out)
{
	char identity[MIKEY_URI_MAX + 1], requester[KEYING_TEXT_MAX + 64];
	char why[WHY_MAX] = "", what[WHY_MAX] = "";
	int err;

	snprintf(requester, sizeof(requester), "%s at %s", channel_identity(channel), address);
	if (!rate_take(server->identities, channel_identity(channel), ev_now(server->loop))) {
		keying_sentence(why, sizeof(why), "Too many requests of %s; ask again in a minute",
				channel_identity(channel));
		err = 1;
	} else if (protocol_request_read(line, len, identity, what, sizeof(what))) {
		keying_sentence(why, sizeof(why), "The request %s", what);
		err = 1;
	} else if (!channel_names(channel, identity)) {
		err = not_named(server, identity, requester, why, sizeof(why));
	} else {
		err = keys(server, identity, requester, out, why, sizeof(why));
	}
	log_notice("%s: %s", requester, err ? why : "got keys");
	if (!err)
		return 0;
	/* How the KMS is built is nobody's business. */
	return protocol_error(err > 0 ? why : "The KMS has a problem of its own; its log says which",
			      out);
}
