// SPDX-License-Identifier: MIT
/* Sentences for people: reports, names of states and causes. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "identity.h"
#include "link.h"

#define NOTICES_BURST	20
#define NOTICE_MS	500	/* one more every half second */
#define SHOWN_IDENTITY	64	/* octets of an identity in a sentence */

const char *ue_state_name(enum ue_link_state state)
{
	static const char * const names[] = {
		[UE_LINK_NULL] = "null",
		[UE_LINK_REQUESTED] = "requested",
		[UE_LINK_KEYING] = "keying",
		[UE_LINK_SECURING] = "securing",
		[UE_LINK_ACCEPTING] = "accepting",
		[UE_LINK_CONNECTED] = "connected",
		[UE_LINK_REKEYING] = "rekeying",
		[UE_LINK_RELEASING] = "releasing",
		[UE_LINK_IDLE] = "idle",
	};

	return state <= UE_LINK_IDLE ? names[state] : "unknown";
}

const char *ue_cause_text(uint8_t cause)
{
	static const char * const texts[] = {
		[PC5S_CAUSE_NOT_ALLOWED] = "communication to the target UE is not allowed",
		[PC5S_CAUSE_AUTHENTICATION] = "authentication failure",
		[PC5S_CAUSE_L2_ID_CONFLICT] = "conflict of Layer-2 ID detected",
		[PC5S_CAUSE_RESOURCES] = "lack of resources",
		[PC5S_CAUSE_IP_VERSION] = "IP version mismatch",
		[PC5S_CAUSE_SETUP_FAILED] = "link setup failed for another reason",
		[PC5S_CAUSE_CAPABILITIES] =
			"security capabilities, security policy or keying methods mismatch",
		[PC5S_CAUSE_UNSPECIFIED] = "unspecified error",
		[PC5S_CAUSE_SYNCHRONISATION] = "authentication synchronisation error",
		[PC5S_CAUSE_NO_RESPONSE] = "non-responsive peer in the security mode procedure",
	};

	return cause && cause <= PC5S_CAUSE_NO_RESPONSE ? texts[cause] : "unknown cause";
}

const char *link_name(const struct link *link, char *out)
{
	const struct procedure *procedure = link->procedure;
	const char *identity = link->identity;
	char shown[SHOWN_IDENTITY + 1];

	if (!*identity && procedure && *procedure->identity)
		identity = procedure->identity;
	if (!*identity && procedure)
		identity = procedure->claimed;
	if (!*identity)
		identity = link->wanted;
	if (!*identity) {
		snprintf(out, LINK_NAME_MAX, "%06x", link->l2_id);
		return out;
	}
	snprintf(shown, sizeof(shown), "%.*s", SHOWN_IDENTITY, identity);
	text_clean(shown);
	snprintf(out, LINK_NAME_MAX, "%06x (%s)", link->l2_id, shown);
	return out;
}

static void report_va(struct link *link, enum ue_report_kind kind, uint8_t cause, bool by_peer,
		      const char *format, va_list args)
{
	struct ue_action *action = action_new(link->ue, UE_REPORT);
	struct ue_report *out = &action->report;

	out->kind = kind;
	out->l2_id = link->l2_id;
	out->state = link_state(link);
	out->cause = cause;
	out->by_peer = by_peer;
	vsnprintf(out->text, sizeof(out->text), format, args);
	text_clean(out->text);
}

void report(struct link *link, enum ue_report_kind kind, uint8_t cause, bool by_peer,
	    const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report_va(link, kind, cause, by_peer, format, args);
	va_end(args);
}

void report_limited(struct link *link, uint64_t now, enum ue_report_kind kind, uint8_t cause,
		    bool by_peer, const char *format, ...)
{
	va_list args;

	if (!bucket_take(&link->ue->notices, now, NOTICE_MS, NOTICES_BURST))
		return;
	va_start(args, format);
	report_va(link, kind, cause, by_peer, format, args);
	va_end(args);
}
