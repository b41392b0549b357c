// SPDX-License-Identifier: MIT
/* I_MESSAGE: how it is opened. Each step is a function, in the order of what they cost. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "keying/sentence.h"
#include "sakke_message.h"

#define PARAMETER_SET_1	1
#define SDP_ALONE	"mikey"

/* What goes from step to step. */
struct opening {
	const struct mikey_sakke_receiver *receiver;
	const uint8_t *data;
	struct mikey_sakke_opened *out;
	const struct mikey_payload *sakke, *sign, *rand;
	char *why;
	size_t why_len;
};

static enum mikey_refusal refuse(struct opening *o, enum mikey_refusal refusal,
				 const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static enum mikey_refusal refuse(struct opening *o, enum mikey_refusal refusal,
				 const char *format, ...)
{
	char text[MIKEY_REASON_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	keying_sentence(o->why, o->why_len, "%s", text);
	return refusal;
}

/* For printf's %.*s */
#define TEXT(octets)	(int)((octets).len < 100 ? (octets).len : 100), (const char *)(octets).data

static bool equal(const struct mikey_octets *a, const void *data, size_t len)
{
	return a->len == len && (!len || !memcmp(a->data, data, len));
}

static enum mikey_refusal check_payloads(struct opening *o)
{
	const struct mikey_message *m = &o->out->message;

	for (size_t i = 0; i < m->n; i++) {
		switch (m->payload[i].payload) {
		case MIKEY_T:
		case MIKEY_RAND:
		case MIKEY_IDR:
		case MIKEY_SP:
		case MIKEY_EXTENSION:
		case MIKEY_SAKKE:
		case MIKEY_SIGN:
			break;
		/* RFC 6509 2.2.1: not with ECCSI. */
		default:
			return refuse(o, MIKEY_UNSUPPORTED,
				      "The message has %s in it, which has no place in an I_MESSAGE of MIKEY-SAKKE",
				      mikey_payload_name(m->payload[i].payload));
		}
	}
	return MIKEY_TAKEN;
}

static enum mikey_refusal check_form(struct opening *o, size_t len)
{
	struct mikey_message *m = &o->out->message;
	const struct mikey_payload *t;
	struct mikey_error error;

	if (mikey_decode(m, o->data, len, &error))
		return refuse(o, MIKEY_MALFORMED, "The message is malformed: %s %s (octet %zu)",
			      error.where, error.reason, error.offset);
	if (m->data_type != MIKEY_DATA_SAKKE)
		return refuse(o, MIKEY_UNSUPPORTED,
			      "The message is none of MIKEY-SAKKE, but of the data type %s",
			      mikey_data_type_name(m->data_type));
	o->sign = mikey_find(m, MIKEY_SIGN, 0);
	if (!o->sign)
		return refuse(o, MIKEY_UNSIGNED, "The message has no signature at its end");
	if (check_payloads(o))
		return MIKEY_UNSUPPORTED;
	o->sakke = mikey_find(m, MIKEY_SAKKE, 0);
	o->rand = mikey_find(m, MIKEY_RAND, 0);
	t = mikey_find(m, MIKEY_T, 0);
	if (!o->sakke || !o->rand || !t)
		return refuse(o, MIKEY_INCOMPLETE, "The message has no %s",
			      !o->sakke ? "SAKKE" : !o->rand ? "RAND" : "T");
	if (o->rand->data.len < MIKEY_RAND_MIN)
		return refuse(o, MIKEY_INCOMPLETE, "RAND has %zu octets; it has to have %d",
			      o->rand->data.len, MIKEY_RAND_MIN);
	if (m->prf != MIKEY_PRF_SHA_256)
		return refuse(o, MIKEY_UNSUPPORTED, "The PRF of the message is not HMAC-SHA-256");
	if (o->sign->type != MIKEY_SIGN_ECCSI || o->sign->data.len != ECCSI_SIGNATURE_LEN)
		return refuse(o, MIKEY_UNSUPPORTED, "The signature is none of ECCSI");
	if (o->sakke->role != PARAMETER_SET_1 || o->sakke->data.len != SAKKE_DATA_LEN)
		return refuse(o, MIKEY_UNSUPPORTED,
			      "The SAKKE data are none of parameter set 1, or of another length");
	if (o->sakke->type != MIKEY_SCHEME_TEL && o->sakke->type != MIKEY_SCHEME_UID &&
	    o->sakke->type != MIKEY_SCHEME_URI)
		return refuse(o, MIKEY_UNSUPPORTED,
			      "The identifiers are of scheme %u, which is not known",
			      o->sakke->type);
	if (t->type != MIKEY_TS_NTP_UTC && t->type != MIKEY_TS_NTP)
		return refuse(o, MIKEY_UNSUPPORTED,
			      "The timestamp is none of NTP, so that there is no month to it");
	mikey_time_decode(t, &o->out->time);
	return MIKEY_TAKEN;
}

/*
 * RFC 4567 4.1.4 and 7: the sender says which protocols it offers, so that nobody on the way can take out
 * the better ones. Who offers one only has to say so too; but what a single one comes in may as well be an
 * answer, or go one way (4.1.3), for which there is nothing to be said.
 */
static enum mikey_refusal check_offer(struct opening *o)
{
	const char *offered = o->receiver->offered;
	const struct mikey_payload *extension;
	bool listed = false;

	for (size_t i = 0; offered && (extension = mikey_find(&o->out->message, MIKEY_EXTENSION, i));
	     i++) {
		if (extension->type != MIKEY_EXT_SDP_IDS)
			continue;
		listed = true;
		if (!equal(&extension->data, offered, strlen(offered)))
			return refuse(o, MIKEY_OTHER_OFFER,
				      "The message was made for an offer of '%.*s', and came in one of '%.100s': somebody has changed the SDP on its way",
				      TEXT(extension->data), offered);
	}
	if (offered && !listed && strcmp(offered, SDP_ALONE) != 0)
		return refuse(o, MIKEY_OTHER_OFFER,
			      "The SDP offers '%.100s', and the message does not say that its sender did (RFC 4567 4.1.4)",
			      offered);
	return MIKEY_TAKEN;
}

static bool by_month(const struct opening *o)
{
	return o->sakke->type != MIKEY_SCHEME_UID;
}

static enum mikey_refusal check_time(struct opening *o)
{
	uint32_t window = mikey_replay_window(o->receiver->replay);
	struct mikey_month month = mikey_month_of(&o->out->time);
	int64_t ahead = o->out->time.seconds - o->receiver->now.seconds;

	if (!mikey_time_within(&o->out->time, &o->receiver->now, window))
		return refuse(o, MIKEY_STALE,
			      "The timestamp is %lld seconds %s this clock, and may be %u; is one of the clocks wrong?",
			      (long long)(ahead < 0 ? -ahead : ahead),
			      ahead < 0 ? "behind" : "ahead of", window);
	if (by_month(o) && !mikey_month_acceptable(&month, &o->receiver->now))
		return refuse(o, MIKEY_WRONG_MONTH,
			      "The message is of %04d-%02d, whose keys are not in use at this time",
			      month.year, month.month);
	return MIKEY_TAKEN;
}

static const struct mikey_octets *named(const struct opening *o, uint8_t role)
{
	const struct mikey_payload *idr = mikey_find_role(&o->out->message, role);

	return idr ? &idr->data : NULL;
}

/* Is it the user that the message is for, as far as it says? */
static bool is_user(const struct opening *o, const struct mikey_keys *keys)
{
	const struct mikey_octets *to;

	if (by_month(o)) {
		to = named(o, MIKEY_ROLE_RESPONDER);
		/* Telephone numbers are of the scheme URI too, but not the other way round. */
		return (keys->user.scheme == o->sakke->type ||
			keys->user.scheme == MIKEY_SCHEME_TEL) &&
		       (!to || equal(to, keys->user.uri, strlen(keys->user.uri)));
	}
	to = named(o, MIKEY_ROLE_RESPONDER_UID);
	return keys->user.scheme == MIKEY_SCHEME_UID &&
	       (!to || equal(to, keys->user.id.octets, keys->user.id.len));
}

static bool is_month(const struct opening *o, const struct mikey_keys *keys)
{
	struct mikey_month month = mikey_month_of(&o->out->time);

	return !by_month(o) ||
	       (month.year == keys->user.month.year && month.month == keys->user.month.month);
}

static bool is_community(const struct mikey_octets *kms, const struct mikey_community *community)
{
	return !kms || equal(kms, community->kms, strlen(community->kms));
}

/* Own keys: of the identity, then of the community, then of the month. */
static enum mikey_refusal find_keys(struct opening *o)
{
	const struct mikey_octets *kms = named(o, MIKEY_ROLE_RESPONDER_KMS);
	struct mikey_month month = mikey_month_of(&o->out->time);
	const struct mikey_keys *user = NULL, *community = NULL;

	for (size_t i = 0; i < o->receiver->n_keys; i++) {
		const struct mikey_keys *keys = o->receiver->keys[i];

		if (!is_user(o, keys))
			continue;
		user = keys;
		if (!is_community(kms, keys->community))
			continue;
		community = keys;
		if (!is_month(o, keys))
			continue;
		o->out->keys = keys;
		return MIKEY_TAKEN;
	}
	if (!user)
		return refuse(o, MIKEY_NOT_FOR_US,
			      "The message is for an identity that there are no keys of here");
	if (!community)
		return refuse(o, MIKEY_WRONG_COMMUNITY,
			      "The message is for this UE as a user of KMS '%.*s', which it has no keys from",
			      TEXT(*kms));
	return refuse(o, MIKEY_WRONG_MONTH,
		      "The message needs keys of %04d-%02d, which KMS %s has not given yet or are gone",
		      month.year, month.month, community->community->kms);
}

/* Whose word a signature of the initiator is good on. */
static enum mikey_refusal find_community(struct opening *o)
{
	const struct mikey_octets *kms = named(o, MIKEY_ROLE_INITIATOR_KMS);

	/* RFC 6509 2.2.1: of a closed group the one KMS need not be named. */
	if (!kms) {
		o->out->initiator_community = o->out->keys->community;
		return MIKEY_TAKEN;
	}
	for (size_t i = 0; i < o->receiver->n_communities; i++) {
		if (!is_community(kms, o->receiver->communities[i]))
			continue;
		o->out->initiator_community = o->receiver->communities[i];
		return MIKEY_TAKEN;
	}
	return refuse(o, MIKEY_WRONG_COMMUNITY,
		      "The initiator is a user of KMS '%.*s', whose community is not trusted here",
		      TEXT(*kms));
}

static enum mikey_refusal find_initiator(struct opening *o)
{
	const struct mikey_octets *expected = &o->receiver->initiator;
	const struct mikey_octets *from = named(o, by_month(o) ? MIKEY_ROLE_INITIATOR :
								 MIKEY_ROLE_INITIATOR_UID);
	const struct mikey_user *own = &o->out->keys->user;
	const char *fault;

	if (!from && !expected->len)
		return refuse(o, MIKEY_WRONG_INITIATOR,
			      "The message does not say who it is from");
	if (from && expected->len && !equal(from, expected->data, expected->len)) {
		if (!by_month(o))
			return refuse(o, MIKEY_WRONG_INITIATOR,
				      "The message is from another UID than was awaited");
		return refuse(o, MIKEY_WRONG_INITIATOR,
			      "The message is from '%.*s', and '%.*s' was awaited", TEXT(*from),
			      TEXT(*expected));
	}
	if (!from)
		from = expected;
	o->out->initiator = *from;
	if (!by_month(o)) {
		if (from->len != MIKEY_UID_LEN)
			return refuse(o, MIKEY_WRONG_INITIATOR, "The initiator's UID has not %d octets",
				      MIKEY_UID_LEN);
		return equal(from, own->id.octets, own->id.len) ?
		       refuse(o, MIKEY_WRONG_INITIATOR, "The message is one of this UE itself") :
		       MIKEY_TAKEN;
	}
	fault = mikey_uri_fault(o->sakke->type, (const char *)from->data, from->len);
	if (fault)
		return refuse(o, MIKEY_WRONG_INITIATOR, "The initiator's '%.*s' %s", TEXT(*from),
			      fault);
	/* Sent back to where it came from, it would be good else. */
	if (equal(from, own->uri, strlen(own->uri)))
		return refuse(o, MIKEY_WRONG_INITIATOR, "The message is one of this UE itself");
	return MIKEY_TAKEN;
}

static enum mikey_refusal of_replay(struct opening *o, enum mikey_replay_verdict verdict)
{
	switch (verdict) {
	case MIKEY_REPLAY_FRESH:
		return MIKEY_TAKEN;
	case MIKEY_REPLAY_SEEN:
		return refuse(o, MIKEY_REPLAYED, "The message was here before: it is a replay");
	case MIKEY_REPLAY_OLD:
		return refuse(o, MIKEY_OVERLOAD,
			      "The message is older than what is remembered of others, so it may be a replay");
	default:
		return refuse(o, MIKEY_OVERLOAD,
			      "The initiator has sent too many messages within %u seconds",
			      mikey_replay_window(o->receiver->replay));
	}
}

static enum mikey_refusal check_signature(struct opening *o)
{
	struct mikey_month month = mikey_month_of(&o->out->time);
	const struct mikey_octets *from = &o->out->initiator;
	struct mikey_identifier id = { .len = from->len };

	if (by_month(o)) {
		if (mikey_identifier((const char *)from->data, from->len, &month, &id))
			return refuse(o, MIKEY_WRONG_MONTH, "There are no keys for %04d-%02d",
				      month.year, month.month);
	} else {
		memcpy(id.octets, from->data, from->len);
	}
	if (eccsi_verify(o->out->initiator_community->eccsi, id.octets, id.len, o->data,
			 mikey_covered(o->sign), o->sign->data.data, o->sign->data.len))
		return refuse(o, MIKEY_BAD_SIGNATURE,
			      "The signature of the message is not the initiator's");
	return MIKEY_TAKEN;
}

static enum mikey_refusal decapsulate(struct opening *o)
{
	struct mikey_sakke_opened *out = o->out;

	if (sakke_decapsulate(out->keys->sakke, o->sakke->data.data, o->sakke->data.len,
			      out->ssv) ||
	    mikey_sakke_kd(out->ssv, out->message.csb_id, &o->rand->data, out->kd)) {
		OPENSSL_cleanse(out->ssv, sizeof(out->ssv));
		OPENSSL_cleanse(out->kd, sizeof(out->kd));
		return refuse(o, MIKEY_NOT_OPENED, "The secret in the message could not be opened");
	}
	return MIKEY_TAKEN;
}

enum mikey_refusal mikey_sakke_open(const struct mikey_sakke_receiver *receiver,
				    const uint8_t *data, size_t len,
				    struct mikey_sakke_opened *opened, char *why, size_t why_len)
{
	struct opening o = {
		.receiver = receiver, .data = data, .out = opened, .why = why, .why_len = why_len,
	};
	enum mikey_refusal refusal;

	memset(opened, 0, sizeof(*opened));
	if (len > MIKEY_SAKKE_MAX)
		return refuse(&o, MIKEY_MALFORMED, "The message is longer than %d octets",
			      MIKEY_SAKKE_MAX);
	if ((refusal = check_form(&o, len)) || (refusal = check_offer(&o)) ||
	    (refusal = check_time(&o)) || (refusal = find_keys(&o)) || (refusal = find_community(&o)) ||
	    (refusal = find_initiator(&o)) ||
	    (refusal = of_replay(&o, mikey_replay_check(receiver->replay, &opened->initiator,
							opened->message.csb_id, &opened->time,
							&receiver->now))) ||
	    (refusal = check_signature(&o)) ||
	    (refusal = of_replay(&o, mikey_replay_add(receiver->replay, &opened->initiator,
						      opened->message.csb_id, &opened->time,
						      &receiver->now))))
		return refusal;
	return decapsulate(&o);
}

uint8_t mikey_refusal_error(enum mikey_refusal refusal)
{
	switch (refusal) {
	case MIKEY_UNSUPPORTED:
		return MIKEY_ERR_MESSAGE;
	case MIKEY_STALE:
	case MIKEY_WRONG_MONTH:
	case MIKEY_REPLAYED:
		return MIKEY_ERR_TS;
	case MIKEY_WRONG_COMMUNITY:
	case MIKEY_NOT_FOR_US:
	case MIKEY_WRONG_INITIATOR:
		return MIKEY_ERR_ID;
	case MIKEY_BAD_SIGNATURE:
	case MIKEY_NOT_OPENED:
		return MIKEY_ERR_AUTH;
	default:
		return MIKEY_ERR_UNSPECIFIED;
	}
}
