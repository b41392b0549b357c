// SPDX-License-Identifier: MIT
/*
 * Every operation, every attribute, made wrong in every way: the kernel has to refuse it, to say
 * why in a text that names the attribute or points at it, and to leave everything as it was.
 *
 * Usage: negative DEVICE FOREIGN-IFINDEX [TEST...]; FOREIGN-IFINDEX is of a prose device in
 * another network namespace.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <net/if.h>
#include <sys/wait.h>

#include "raw.h"

enum kind { NEST, U8, U16, U32, OCTETS, FLAG };

/* One attribute of a request that is valid as it stands. */
struct field {
	const char *name;
	uint16_t type;
	enum kind kind;
	bool must;			/* the request is refused without it */
	bool bounded;			/* to min ... max */
	uint32_t min, max;
	uint32_t value;			/* numbers; IPv4 in network order */
	const void *octets;
	uint16_t len;			/* of octets */
	bool any_len;			/* up to max octets */
	const struct field *inside;	/* of a nest */
	size_t n;
	uint16_t set_max;		/* greatest attribute of the nest's set */
};

#define ARRAY(a)	.inside = (a), .n = sizeof(a) / sizeof((a)[0])
#define BOUNDED(a, b)	.bounded = true, .min = (a), .max = (b)

/* How one field is made wrong. */
enum wrong { NOTHING, MISSING, LENGTH, VALUE, NESTED_BIT, EXTRA, CONTENT };

struct spoil {
	const struct field *field;
	enum wrong how;
	uint32_t arg;			/* length, value, or type of the extra attribute */
	const void *content;
	size_t content_len;
};

static struct raw sock;
static uint32_t ifindex, foreign;

/* --- the requests */

#define PEER_A		0x0a0b0du
#define PEER_B		0x0a0b0eu
#define PEER_NEW	0x0a0b0fu
#define OWN_ID		0x0a0b0cu
#define LINK_ID		0x0c0d0eu
#define REMOTE_ID	0x0d0e0fu

static const uint8_t pek[] = "PEK of negative", pik[] = "PIK of negative";
static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 };
static const uint8_t ipv6_new[16] = { 0xfd, [15] = 0x66 }, ipv6_a[16] = { 0xfd, [15] = 2 };
static uint8_t long_message[PROSE_SIGNAL_MAX_LEN + 1];

/* Filled in main(), once the index is known. */
static struct field f_ifindex = {
	.name = "ifindex", .type = PROSE_A_IFINDEX, .kind = U32, .must = true,
	BOUNDED(1, UINT32_MAX),
};

static const struct field device_fields[] = {
	{ .name = "ethertype", .type = PROSE_A_DEVICE_ETHERTYPE, .kind = U16, .value = 0xb588 },
	{ .name = "pad", .type = PROSE_A_DEVICE_PAD, .kind = U8, BOUNDED(0, 1) },
	{ .name = "unprotected-rate", .type = PROSE_A_DEVICE_UNPROTECTED_RATE, .kind = U32,
	  BOUNDED(0, 100000), .value = 50 },
	{ .name = "integrity-threshold", .type = PROSE_A_DEVICE_INTEGRITY_THRESHOLD, .kind = U32,
	  BOUNDED(1, UINT32_MAX), .value = 100 },
};

#define L2_ID_FIELD(id)	\
	{ .name = "l2-id", .type = PROSE_A_PEER_L2_ID, .kind = U32, .must = true, \
	  BOUNDED(1, PROSE_L2_ID_MAX), .value = (id) }

static const struct field peer_new_fields[] = {
	L2_ID_FIELD(PEER_NEW),
	{ .name = "carrier-addr", .type = PROSE_A_PEER_CARRIER_ADDR, .kind = OCTETS,
	  .octets = mac, .len = sizeof(mac) },
	{ .name = "ipv4", .type = PROSE_A_PEER_IPV4, .kind = U32, .value = 0x6600000a },
	{ .name = "ipv6", .type = PROSE_A_PEER_IPV6, .kind = OCTETS, .octets = ipv6_new,
	  .len = 16 },
	{ .name = "local-l2-id", .type = PROSE_A_PEER_LOCAL_L2_ID, .kind = U32,
	  BOUNDED(0, PROSE_L2_ID_MAX), .value = LINK_ID },
	{ .name = "remote-l2-id", .type = PROSE_A_PEER_REMOTE_L2_ID, .kind = U32,
	  BOUNDED(0, PROSE_L2_ID_MAX), .value = REMOTE_ID },
};

static const struct field peer_set_fields[] = {
	L2_ID_FIELD(PEER_A),
	{ .name = "carrier-addr", .type = PROSE_A_PEER_CARRIER_ADDR, .kind = OCTETS,
	  .octets = mac, .len = sizeof(mac) },
	{ .name = "ipv4", .type = PROSE_A_PEER_IPV4, .kind = U32, .value = 0x0200000a },
	{ .name = "ipv6", .type = PROSE_A_PEER_IPV6, .kind = OCTETS, .octets = ipv6_a, .len = 16 },
	/* it has none, and this is to change nothing */
	{ .name = "local-l2-id", .type = PROSE_A_PEER_LOCAL_L2_ID, .kind = U32,
	  BOUNDED(0, PROSE_L2_ID_MAX) },
	{ .name = "remote-l2-id", .type = PROSE_A_PEER_REMOTE_L2_ID, .kind = U32,
	  BOUNDED(0, PROSE_L2_ID_MAX) },
};

static const struct field peer_a_fields[] = { L2_ID_FIELD(PEER_A) };
static const struct field peer_b_fields[] = { L2_ID_FIELD(PEER_B) };

#define KD_SESS_ID_FIELD(id) \
	{ .name = "kd-sess-id", .type = PROSE_A_ASSOC_KD_SESS_ID, .kind = U32, .must = true, \
	  BOUNDED(1, 0xffff), .value = (id) }

static const struct field bearer_fields[] = {
	{ .name = "lcid", .type = PROSE_A_BEARER_LCID, .kind = U8, .must = true, BOUNDED(1, 30),
	  .value = 29 },
	{ .name = "rx-highest", .type = PROSE_A_BEARER_RX_HIGHEST, .kind = U32, .must = true,
	  .value = 1 },
};

static const struct field assoc_new_fields[] = {
	KD_SESS_ID_FIELD(0x0200),
	{ .name = "pek", .type = PROSE_A_ASSOC_PEK, .kind = OCTETS, .must = true, .octets = pek,
	  .len = PROSE_KEY_LEN },
	{ .name = "pik", .type = PROSE_A_ASSOC_PIK, .kind = OCTETS, .must = true, .octets = pik,
	  .len = PROSE_KEY_LEN },
	{ .name = "eea", .type = PROSE_A_ASSOC_EEA, .kind = U32, .must = true, BOUNDED(0, 3),
	  .value = 2 },
	{ .name = "eia", .type = PROSE_A_ASSOC_EIA, .kind = U32, .must = true, BOUNDED(1, 3),
	  .value = 2 },
	{ .name = "up-integrity", .type = PROSE_A_ASSOC_UP_INTEGRITY, .kind = U8, .must = true,
	  BOUNDED(0, 1), .value = 1 },
	{ .name = "direction", .type = PROSE_A_ASSOC_DIRECTION, .kind = U8, .must = true,
	  BOUNDED(0, 1), .value = 1 },
	{ .name = "count-start", .type = PROSE_A_ASSOC_COUNT_START, .kind = U32, .value = 1 },
	{ .name = "count-limit", .type = PROSE_A_ASSOC_COUNT_LIMIT, .kind = U32, .value = 1000 },
	{ .name = "count-soft", .type = PROSE_A_ASSOC_COUNT_SOFT, .kind = U32, .value = 900 },
	{ .name = "window", .type = PROSE_A_ASSOC_WINDOW, .kind = U32, BOUNDED(64, 32768),
	  .value = 64 },
	{ .name = "grace-ms", .type = PROSE_A_ASSOC_GRACE_MS, .kind = U32, BOUNDED(0, 600000),
	  .value = 1000 },
	{ .name = "tx", .type = PROSE_A_ASSOC_TX, .kind = FLAG },
	{ .name = "bearer", .type = PROSE_A_ASSOC_BEARER, .kind = NEST, ARRAY(bearer_fields),
	  .set_max = PROSE_A_BEARER_MAX },
};

static const struct field assoc_set_fields[] = {
	KD_SESS_ID_FIELD(0x0101),
	{ .name = "count-soft", .type = PROSE_A_ASSOC_COUNT_SOFT, .kind = U32, .value = 900 },
	{ .name = "grace-ms", .type = PROSE_A_ASSOC_GRACE_MS, .kind = U32, BOUNDED(0, 600000),
	  .value = 1000 },
	{ .name = "tx", .type = PROSE_A_ASSOC_TX, .kind = FLAG },
};

static const struct field assoc_id_fields[] = { KD_SESS_ID_FIELD(0x0101) };
static const struct field assoc_del_fields[] = { KD_SESS_ID_FIELD(0x0102) };

static const struct field signal_fields[] = {
	{ .name = "l2-id", .type = PROSE_A_SIGNAL_L2_ID, .kind = U32, .must = true,
	  BOUNDED(1, PROSE_L2_ID_MAX), .value = PEER_A },
	{ .name = "bearer", .type = PROSE_A_SIGNAL_BEARER, .kind = U8, .must = true,
	  BOUNDED(28, 30), .value = 30 },
	{ .name = "protection", .type = PROSE_A_SIGNAL_PROTECTION, .kind = U32, .must = true,
	  BOUNDED(0, 3), .value = PROSE_PROTECTION_FULL },
	{ .name = "kd-sess-id", .type = PROSE_A_SIGNAL_KD_SESS_ID, .kind = U32, .must = true,
	  BOUNDED(0, 0xffff), .value = 0x0101 },
	{ .name = "message", .type = PROSE_A_SIGNAL_MESSAGE, .kind = OCTETS, .must = true,
	  .octets = long_message, .len = 3, .any_len = true, .max = PROSE_SIGNAL_MAX_LEN },
	{ .name = "carrier-addr", .type = PROSE_A_SIGNAL_CARRIER_ADDR, .kind = OCTETS,
	  .octets = mac, .len = sizeof(mac) },
	{ .name = "local-l2-id", .type = PROSE_A_SIGNAL_LOCAL_L2_ID, .kind = U32,
	  BOUNDED(1, PROSE_L2_ID_MAX), .value = OWN_ID },
};

/* The requests, each as a nest without a header. main() puts f_ifindex into the first field. */
#define NEST_FIELD(what, fields, TYPE, SET) \
	{ .name = (what), .type = PROSE_A_##TYPE, .kind = NEST, .must = true, ARRAY(fields), \
	  .set_max = PROSE_A_##SET##_MAX }

static struct field r_ifindex[] = { { 0 } };
static struct field r_dev_set[] = { { 0 }, NEST_FIELD("device", device_fields, DEVICE, DEVICE) };
static struct field r_peer_new[] = { { 0 }, NEST_FIELD("peer", peer_new_fields, PEER, PEER) };
static struct field r_peer_set[] = { { 0 }, NEST_FIELD("peer", peer_set_fields, PEER, PEER) };
static struct field r_peer_a[] = { { 0 }, NEST_FIELD("peer", peer_a_fields, PEER, PEER) };
static struct field r_peer_b[] = { { 0 }, NEST_FIELD("peer", peer_b_fields, PEER, PEER) };
static struct field r_assoc_new[] = {
	{ 0 }, NEST_FIELD("peer", peer_a_fields, PEER, PEER),
	NEST_FIELD("assoc", assoc_new_fields, ASSOC, ASSOC),
};
static struct field r_assoc_set[] = {
	{ 0 }, NEST_FIELD("peer", peer_a_fields, PEER, PEER),
	NEST_FIELD("assoc", assoc_set_fields, ASSOC, ASSOC),
};
static struct field r_assoc_get[] = {
	{ 0 }, NEST_FIELD("peer", peer_a_fields, PEER, PEER),
	NEST_FIELD("assoc", assoc_id_fields, ASSOC, ASSOC),
};
static struct field r_assoc_del[] = {
	{ 0 }, NEST_FIELD("peer", peer_a_fields, PEER, PEER),
	NEST_FIELD("assoc", assoc_del_fields, ASSOC, ASSOC),
};
static struct field r_signal[] = { { 0 }, NEST_FIELD("signal", signal_fields, SIGNAL, SIGNAL) };

#define REQUEST(c, fields, ...) \
	{ .cmd = (c), .root = { .name = #fields, .kind = NEST, ARRAY(fields), \
	  .set_max = PROSE_A_MAX }, __VA_ARGS__ }

static const struct request {
	uint8_t cmd;
	struct field root;
	bool unprivileged;		/* anyone may ask */
} requests[] = {
	REQUEST(PROSE_CMD_DEV_GET, r_ifindex, .unprivileged = true),
	REQUEST(PROSE_CMD_DEV_SET, r_dev_set),
	REQUEST(PROSE_CMD_PEER_NEW, r_peer_new),
	REQUEST(PROSE_CMD_PEER_SET, r_peer_set),
	REQUEST(PROSE_CMD_PEER_GET, r_peer_a),
	REQUEST(PROSE_CMD_PEER_DEL, r_peer_b),
	REQUEST(PROSE_CMD_ASSOC_NEW, r_assoc_new),
	REQUEST(PROSE_CMD_ASSOC_SET, r_assoc_set),
	REQUEST(PROSE_CMD_ASSOC_GET, r_assoc_get),
	REQUEST(PROSE_CMD_ASSOC_DEL, r_assoc_del),
	REQUEST(PROSE_CMD_SIGNAL_REGISTER, r_ifindex),
	REQUEST(PROSE_CMD_SIGNAL_SEND, r_signal),
};

static const struct request *request_of(uint8_t cmd)
{
	size_t i;

	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		if (requests[i].cmd == cmd)
			return &requests[i];
	abort();
}

/* --- building them, right and wrong */

/* Where the attribute that is wrong starts and ends in the last message built. */
static uint32_t culprit, culprit_end;
static uint8_t message_buf[65536] __attribute__((aligned(8)));

static void put_raw(struct nlmsghdr *nlh, uint16_t type, const void *data, size_t len)
{
	mnl_attr_put(nlh, type, len, data);
}

static void put_fields(struct nlmsghdr *nlh, const struct field *parent, const struct spoil *spoil);

static void put_field(struct nlmsghdr *nlh, const struct field *field, const struct spoil *spoil)
{
	bool mine = spoil->field == field;
	uint32_t start = nlh->nlmsg_len, number = field->value;
	uint16_t type = field->type;
	uint8_t one, zeros[64] = { 0 };
	uint16_t two;

	if (mine && spoil->how == MISSING)
		return;
	if (mine && spoil->how == NESTED_BIT)
		type |= NLA_F_NESTED;
	if (mine && spoil->how == VALUE)
		number = spoil->arg;

	if (mine && spoil->how == CONTENT) {
		put_raw(nlh, type | (field->kind == NEST ? NLA_F_NESTED : 0), spoil->content,
			spoil->content_len);
	} else if (mine && spoil->how == LENGTH && field->any_len) {
		put_raw(nlh, type, long_message, spoil->arg);
	} else if (mine && spoil->how == LENGTH) {
		memcpy(zeros, field->kind == OCTETS ? field->octets : (const void *)&number,
		       field->kind == OCTETS ? field->len : 4);
		put_raw(nlh, type, zeros, spoil->arg);
	} else {
		switch (field->kind) {
		case NEST:
			{
				bool bare = mine && spoil->how == NESTED_BIT;
				struct nlattr *nest = bare ? mnl_nlmsg_get_payload_tail(nlh) :
							     mnl_attr_nest_start(nlh, type);

				if (bare)
					put_raw(nlh, field->type, NULL, 0);
				put_fields(nlh, field, spoil);
				mnl_attr_nest_end(nlh, nest);
			}
			break;
		case U8:
			one = (uint8_t)number;
			put_raw(nlh, type, &one, 1);
			break;
		case U16:
			two = (uint16_t)number;
			put_raw(nlh, type, &two, 2);
			break;
		case U32:
			put_raw(nlh, type, &number, 4);
			break;
		case OCTETS:
			put_raw(nlh, type, field->octets, field->len);
			break;
		case FLAG:
			put_raw(nlh, type, NULL, 0);
			break;
		}
	}
	if (mine && spoil->how != EXTRA) {
		culprit = start;
		culprit_end = nlh->nlmsg_len;
	}
}

static void put_fields(struct nlmsghdr *nlh, const struct field *parent, const struct spoil *spoil)
{
	uint32_t zero = 0;
	size_t i;

	for (i = 0; i < parent->n; i++)
		put_field(nlh, &parent->inside[i], spoil);
	if (spoil->field == parent && spoil->how == EXTRA) {
		culprit = nlh->nlmsg_len;
		put_raw(nlh, (uint16_t)spoil->arg, &zero, sizeof(zero));
		culprit_end = nlh->nlmsg_len;
	}
}

static struct nlmsghdr *build(struct raw *raw, const struct request *request, uint16_t flags,
			      const struct spoil *spoil)
{
	struct nlmsghdr *nlh = raw_request(raw, message_buf, request->cmd, flags);

	culprit = 0;
	culprit_end = 0;
	put_fields(nlh, &request->root, spoil);
	return nlh;
}

/* --- keys must not come back */

static bool has_key(const void *data, size_t len)
{
	return memmem(data, len, pek, 8) || memmem(data, len, pek + 8, 7) ||
	       memmem(data, len, pik, 8) || memmem(data, len, pik + 8, 7);
}

static void find_keys(const void *data, size_t len)
{
	check(!has_key(data, len), "the kernel sent a key");
}

/* --- state */

struct state {
	uint8_t data[3 * RAW_LEN];
	size_t len;
};

/* Everything the kernel shows, without what differs between two readings by itself. */
static void state_take(struct state *state)
{
	static const uint8_t cmds[] = {
		PROSE_CMD_DEV_GET, PROSE_CMD_PEER_GET, PROSE_CMD_ASSOC_GET,
	};
	static struct raw_answer answer;
	uint8_t buf[64];
	size_t i;

	state->len = 0;
	for (i = 0; i < sizeof(cmds); i++) {
		struct nlmsghdr *in;
		int left;

		raw_talk(&sock, raw_request(&sock, buf, cmds[i], NLM_F_DUMP), &answer);
		need(!answer.err, "dump of command %u: %s %s", cmds[i], strerror(answer.err),
		     answer.text);
		left = (int)answer.len;
		for (in = (struct nlmsghdr *)answer.data; mnl_nlmsg_ok(in, left);
		     in = mnl_nlmsg_next(in, &left)) {
			size_t payload = mnl_nlmsg_get_payload_len(in);

			memcpy(state->data + state->len, mnl_nlmsg_get_payload(in), payload);
			state->len += payload;
		}
	}
}

static struct state before, after;

static bool unchanged(const char *what)
{
	state_take(&after);
	if (check(before.len == after.len && !memcmp(before.data, after.data, after.len),
		  "%s: the state changed", what))
		return true;
	before = after;
	return false;
}

/* --- judging an answer */

static void flatten(char *to, size_t size, const char *text)
{
	size_t i;

	for (i = 0; text[i] && i + 1 < size; i++)
		to[i] = strchr("-_", text[i]) ? ' ' : (char)tolower((unsigned char)text[i]);
	to[i] = '\0';
}

static bool names(const char *text, const char *attribute)
{
	char a[300], b[64];

	flatten(a, sizeof(a), text);
	flatten(b, sizeof(b), attribute);
	return strstr(a, b);
}

/* What may be asked of a refusal. */
enum expect { BY_POLICY, BY_HANDLER, TEXT_ONLY };

/*
 * @errnos: those that fit, 0 ends; NULL: EINVAL or ERANGE. @name: the attribute that the answer
 * has to name or point at.
 */
static void refused(struct raw *raw, struct nlmsghdr *nlh, const int *errnos, const char *name,
		    uint16_t type, enum expect expect, const char *what)
{
	static const int policy[] = { EINVAL, ERANGE, 0 };
	static struct raw_answer answer;
	bool fits = false;

	raw_talk(raw, nlh, &answer);
	if (!errnos)
		errnos = policy;
	while (*errnos)
		fits |= answer.err == *errnos++;
	if (!check(answer.err, "%s: accepted", what)) {
		before.len = 0;
		state_take(&before);
		return;
	}
	check(fits, "%s: refused with %s (%s)", what, strerror(answer.err), answer.text);
	check(answer.text[0] || answer.miss_type, "%s: refused with %s, without a text", what,
	      strerror(answer.err));
	if (expect != TEXT_ONLY)
		check((answer.offset && answer.offset >= culprit && answer.offset < culprit_end) ||
		      (answer.miss_type && answer.miss_type == type) || names(answer.text, name),
		      "%s: \"%s\" (offset %u, missing %u) does not name %s (offset %u)", what,
		      answer.text, answer.offset, answer.miss_type, name, culprit);
	unchanged(what);
}

static bool accepted(struct raw *raw, struct nlmsghdr *nlh, const char *what)
{
	static struct raw_answer answer;

	raw_talk(raw, nlh, &answer);
	return check(!answer.err, "%s: refused with %s: %s, attribute at %u", what,
		     strerror(answer.err), answer.text, answer.offset);
}

/* --- one field after the other */

static const struct request *now;	/* the request under test */
static uint16_t now_flags;
static const char *now_name;

static void wrong(const struct field *field, enum wrong how, uint32_t arg, enum expect expect,
		  const char *name, uint16_t type, const char *format, ...)
	__attribute__((format(printf, 7, 8)));

static void wrong(const struct field *field, enum wrong how, uint32_t arg, enum expect expect,
		  const char *name, uint16_t type, const char *format, ...)
{
	struct spoil spoil = { .field = field, .how = how, .arg = arg };
	char what[160];
	va_list args;
	int at;

	at = snprintf(what, sizeof(what), "%s, %s: ", now_name, name);
	va_start(args, format);
	vsnprintf(what + at, sizeof(what) - (size_t)at, format, args);
	va_end(args);
	refused(&sock, build(&sock, now, now_flags, &spoil), NULL, name, type, expect, what);
}

/* A value that only the handler can know to be wrong. */
static void refused_value(const struct field *field, uint32_t value, const int *errnos,
			  const char *what)
{
	struct spoil spoil = { .field = field, .how = VALUE, .arg = value };

	refused(&sock, build(&sock, now, now_flags, &spoil), errnos, field->name, field->type,
		BY_HANDLER, what);
}

static void wrong_content(const struct field *field, const void *content, size_t len,
			  const char *how)
{
	struct spoil spoil = {
		.field = field, .how = CONTENT, .content = content, .content_len = len,
	};
	char what[160];

	snprintf(what, sizeof(what), "%s, %s: %s", now_name, field->name, how);
	refused(&sock, build(&sock, now, now_flags, &spoil), NULL, field->name, field->type,
		TEXT_ONLY, what);
}

static void each_length(const struct field *field)
{
	static const uint16_t sizes[] = { [U8] = 1, [U16] = 2, [U32] = 4, [FLAG] = 0 };
	uint32_t right = field->kind == OCTETS ? field->len : sizes[field->kind], len;

	if (field->any_len) {
		wrong(field, LENGTH, 0, BY_POLICY, field->name, field->type, "no octets");
		wrong(field, LENGTH, field->max + 1, BY_POLICY, field->name, field->type,
		      "%u octets", field->max + 1);
		return;
	}
	for (len = 0; len <= right + 8; len++)
		if (len != right)
			wrong(field, LENGTH, len, BY_POLICY, field->name, field->type,
			      "%u octets", len);
	wrong(field, LENGTH, 64, BY_POLICY, field->name, field->type, "64 octets");
}

static void each_bound(const struct field *field)
{
	uint32_t most = field->kind == U8 ? UINT8_MAX : UINT32_MAX;

	if (field->min) {
		wrong(field, VALUE, field->min - 1, BY_POLICY, field->name, field->type, "%u",
		      field->min - 1);
		wrong(field, VALUE, 0, BY_POLICY, field->name, field->type, "0");
	}
	if (field->max < most) {
		wrong(field, VALUE, field->max + 1, BY_POLICY, field->name, field->type, "%u",
		      field->max + 1);
		wrong(field, VALUE, most, BY_POLICY, field->name, field->type, "%u", most);
	}
}

static bool takes(const struct field *nest, uint16_t type)
{
	size_t i;

	for (i = 0; i < nest->n; i++)
		if (nest->inside[i].type == type)
			return true;
	return false;
}

/* Attributes the nest does not take: those of its set, and those of no set. */
static void each_other(const struct field *nest)
{
	static const uint16_t unknown[] = { 100, 255, 0x3fff };
	uint16_t type;
	size_t i;

	for (type = 0; type <= nest->set_max + 2; type++)
		if (!takes(nest, type))
			wrong(nest, EXTRA, type, BY_POLICY, nest->name, type,
			      "attribute %u, which it does not take", type);
	for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		wrong(nest, EXTRA, unknown[i], BY_POLICY, nest->name, unknown[i],
		      "unknown attribute %u", unknown[i]);
}

static void each_garbage(const struct field *nest)
{
	static const uint8_t junk[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	/* Lengths of inner attributes that cannot be: 0, 3, beyond the nest. */
	static const uint8_t zero[] = { 0, 0, 1, 0, 0, 0, 0, 0 }, three[] = { 3, 0, 1, 0 };
	static const uint8_t beyond[] = { 9, 0, 1, 0, 1, 2, 3, 4 };
	static const uint8_t huge[] = { 0xff, 0xff, 1, 0, 1, 2, 3, 4 };
	size_t len;

	for (len = 1; len <= sizeof(junk); len++)
		wrong_content(nest, junk, len, "garbage inside");
	wrong_content(nest, zero, sizeof(zero), "an attribute of length 0 inside");
	wrong_content(nest, three, sizeof(three), "an attribute of length 3 inside");
	wrong_content(nest, beyond, sizeof(beyond), "an attribute that ends beyond");
	wrong_content(nest, huge, sizeof(huge), "an attribute of 65535 octets inside");
}

static void each_field(const struct field *nest)
{
	size_t i;

	each_other(nest);
	for (i = 0; i < nest->n; i++) {
		const struct field *field = &nest->inside[i];

		if (field->must)
			wrong(field, MISSING, 0, BY_HANDLER, field->name, field->type, "missing");
		wrong(field, NESTED_BIT, 0, BY_POLICY, field->name, field->type,
		      field->kind == NEST ? "not marked as nested" : "marked as nested");
		if (field->kind == NEST) {
			each_garbage(field);
			each_field(field);
			/* Nothing to be changed is no mistake, nothing to be named is one. */
			if (field->inside[0].must)
				wrong_content(field, NULL, 0, "empty");
			continue;
		}
		each_length(field);
		if (field->bounded)
			each_bound(field);
	}
}

/* The device: none, no prose device, none there is, one in another namespace. */
static void each_ifindex(void)
{
	static const int no_device[] = { ENODEV, EINVAL, EOPNOTSUPP, 0 };
	uint32_t indexes[] = { if_nametoindex("lo"), if_nametoindex("eth0"), 9999, 0x7fffffff,
			       0xffffffff, foreign };
	size_t i;

	for (i = 0; i < sizeof(indexes) / sizeof(indexes[0]); i++) {
		struct spoil spoil = {
			.field = &now->root.inside[0], .how = VALUE, .arg = indexes[i],
		};
		char what[100];

		snprintf(what, sizeof(what), "%s, ifindex %u", now_name, indexes[i]);
		refused(&sock, build(&sock, now, now_flags, &spoil), no_device, "ifindex",
			PROSE_A_IFINDEX, BY_HANDLER, what);
	}
}

static struct nlmsghdr *valid(uint8_t cmd)
{
	static const struct spoil none;

	return build(&sock, request_of(cmd), 0, &none);
}

static void all_of(uint8_t cmd, const char *name)
{
	now = request_of(cmd);
	now_flags = 0;
	now_name = name;
	each_field(&now->root);
	each_ifindex();
}

/* --- fixture: peers A and B, two associations of A */

static void put_assoc(uint32_t id)
{
	const struct request *request = request_of(PROSE_CMD_ASSOC_NEW);
	struct spoil spoil = { .field = &assoc_new_fields[0], .how = VALUE, .arg = id };

	need(accepted(&sock, build(&sock, request, 0, &spoil), "fixture, association"),
	     "no fixture");
}

static void put_peer(uint32_t id, uint32_t ipv4)
{
	struct nlmsghdr *nlh = raw_request(&sock, message_buf, PROSE_CMD_PEER_NEW, 0);
	struct nlattr *nest;

	mnl_attr_put_u32(nlh, PROSE_A_IFINDEX, ifindex);
	nest = mnl_attr_nest_start(nlh, PROSE_A_PEER);
	mnl_attr_put_u32(nlh, PROSE_A_PEER_L2_ID, id);
	mnl_attr_put_u32(nlh, PROSE_A_PEER_IPV4, htonl(ipv4));
	if (id == PEER_A) {
		mnl_attr_put(nlh, PROSE_A_PEER_CARRIER_ADDR, sizeof(mac), mac);
		mnl_attr_put(nlh, PROSE_A_PEER_IPV6, sizeof(ipv6_a), ipv6_a);
	}
	mnl_attr_nest_end(nlh, nest);
	need(accepted(&sock, nlh, "fixture, peer"), "no fixture");
}

static void peer_delete(uint32_t id)
{
	static struct raw_answer answer;
	struct nlmsghdr *nlh = raw_request(&sock, message_buf, PROSE_CMD_PEER_DEL, 0);
	struct nlattr *nest;

	mnl_attr_put_u32(nlh, PROSE_A_IFINDEX, ifindex);
	nest = mnl_attr_nest_start(nlh, PROSE_A_PEER);
	mnl_attr_put_u32(nlh, PROSE_A_PEER_L2_ID, id);
	mnl_attr_nest_end(nlh, nest);
	raw_talk(&sock, nlh, &answer);	/* may well not exist */
}

static void fixture(void)
{
	raw_close(&sock);
	need(raw_open(&sock), "no netlink family");
	peer_delete(PEER_A);
	peer_delete(PEER_B);
	peer_delete(PEER_NEW);
	put_peer(PEER_A, 0x0a000002);
	put_peer(PEER_B, 0x0a000003);
	put_assoc(0x0101);
	put_assoc(0x0102);
	state_take(&before);
}

/* A request that goes well, after which the fixture is made again. */
static void goes_well(uint8_t cmd, const char *name)
{
	accepted(&sock, valid(cmd), name);
}

/* --- tests */

static void dev_get(void)
{
	all_of(PROSE_CMD_DEV_GET, "dev-get");
	goes_well(PROSE_CMD_DEV_GET, "dev-get");
	unchanged("dev-get");
}

static void dev_set(void)
{
	/* Lengths, and the tags of VLANs, behind which anything might stand. */
	static const uint16_t bad[] = { 0, 1, 0x05dc, 0x05ff, 0x8100, 0x88a8 };
	size_t i;

	all_of(PROSE_CMD_DEV_SET, "dev-set");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		wrong(&device_fields[0], VALUE, htons(bad[i]), BY_HANDLER, "ethertype",
		      PROSE_A_DEVICE_ETHERTYPE, "%04x", bad[i]);
	goes_well(PROSE_CMD_DEV_SET, "dev-set");
}

/* peer-new and peer-set with a list of addresses. */
static void addresses(uint8_t cmd, uint32_t id, const int *errnos, size_t n, const uint32_t *ipv4,
		      const char *what)
{
	struct nlmsghdr *nlh = raw_request(&sock, message_buf, cmd, 0);
	struct nlattr *nest;
	char text[128];
	size_t i;

	mnl_attr_put_u32(nlh, PROSE_A_IFINDEX, ifindex);
	nest = mnl_attr_nest_start(nlh, PROSE_A_PEER);
	mnl_attr_put_u32(nlh, PROSE_A_PEER_L2_ID, id);
	culprit = nlh->nlmsg_len;
	for (i = 0; i < n; i++)
		mnl_attr_put_u32(nlh, PROSE_A_PEER_IPV4, htonl(ipv4[i]));
	culprit_end = nlh->nlmsg_len;
	mnl_attr_nest_end(nlh, nest);
	snprintf(text, sizeof(text), "%s, %s", cmd == PROSE_CMD_PEER_NEW ? "peer-new" : "peer-set",
		 what);
	if (errnos)
		refused(&sock, nlh, errnos, "address", PROSE_A_PEER_IPV4, BY_HANDLER, text);
	else
		accepted(&sock, nlh, text);
}

static void address6(uint8_t cmd, uint32_t id, const uint8_t ipv6[16], const char *what)
{
	static const int errnos[] = { EINVAL, EEXIST, EADDRINUSE, EADDRNOTAVAIL, 0 };
	struct nlmsghdr *nlh = raw_request(&sock, message_buf, cmd, 0);
	struct nlattr *nest;

	mnl_attr_put_u32(nlh, PROSE_A_IFINDEX, ifindex);
	nest = mnl_attr_nest_start(nlh, PROSE_A_PEER);
	mnl_attr_put_u32(nlh, PROSE_A_PEER_L2_ID, id);
	culprit = nlh->nlmsg_len;
	mnl_attr_put(nlh, PROSE_A_PEER_IPV6, 16, ipv6);
	culprit_end = nlh->nlmsg_len;
	mnl_attr_nest_end(nlh, nest);
	refused(&sock, nlh, errnos, "address", PROSE_A_PEER_IPV6, BY_HANDLER, what);
}

static void bad_addresses(uint8_t cmd, uint32_t id)
{
	static const int invalid[] = { EINVAL, EADDRNOTAVAIL, 0 };
	static const int taken[] = { EEXIST, EADDRINUSE, 0 };
	static const int twice[] = { EINVAL, EEXIST, EADDRINUSE, 0 };
	static const int many[] = { EINVAL, E2BIG, ENOSPC, ERANGE, 0 };
	static const uint32_t zero[] = { 0 }, all[] = { 0xffffffff }, group[] = { 0xe0000005 };
	static const uint32_t others[] = { 0x0a000003 }, mixed[] = { 0x0a000070, 0x0a000003 };
	static const uint32_t same[] = { 0x0a000071, 0x0a000072, 0x0a000071 };
	static const uint8_t any6[16], group6[16] = { 0xff, 2, [15] = 1 };
	uint32_t nine[9];
	size_t i;

	for (i = 0; i < 9; i++)
		nine[i] = 0x0a000080 + (uint32_t)i;
	addresses(cmd, id, invalid, 1, zero, "address 0.0.0.0");
	addresses(cmd, id, invalid, 1, all, "broadcast address");
	addresses(cmd, id, invalid, 1, group, "multicast address");
	addresses(cmd, id, taken, 1, others, "another peer's address");
	addresses(cmd, id, taken, 2, mixed, "a free address and another peer's");
	addresses(cmd, id, twice, 3, same, "an address twice");
	addresses(cmd, id, many, 9, nine, "nine addresses");
	address6(cmd, id, any6, "address ::");
	address6(cmd, id, group6, "IPv6 multicast address");
	if (cmd == PROSE_CMD_PEER_NEW)
		address6(cmd, id, ipv6_a, "another peer's IPv6 address");
}

static void carrier_address(const struct field *field)
{
	static const uint8_t zero[6], group[6] = { 1, 0, 0x5e, 0, 0, 1 };

	wrong_content(field, zero, 6, "all zeros");
	wrong_content(field, group, 6, "multicast");
}

static void peer_new(void)
{
	static const int exists[] = { EEXIST, 0 }, own[] = { EINVAL, EADDRINUSE, 0 };
	static const uint32_t eight[] = { 1 + 0x0a000090, 2 + 0x0a000090, 3 + 0x0a000090,
		4 + 0x0a000090, 5 + 0x0a000090, 6 + 0x0a000090, 7 + 0x0a000090, 8 + 0x0a000090 };

	all_of(PROSE_CMD_PEER_NEW, "peer-new");
	refused_value(&peer_new_fields[0], PEER_A, exists, "peer-new, a peer there is");
	refused_value(&peer_new_fields[0], OWN_ID, own, "peer-new, the own Layer-2 ID");
	bad_addresses(PROSE_CMD_PEER_NEW, PEER_NEW);
	carrier_address(&peer_new_fields[1]);
	goes_well(PROSE_CMD_PEER_NEW, "peer-new");
	peer_delete(PEER_NEW);
	/* Eight addresses are not too many; what was refused left none of its addresses behind. */
	addresses(PROSE_CMD_PEER_NEW, PEER_NEW, NULL, 8, eight, "eight addresses");
}

static void no_such_peer(const struct field *field, const char *what)
{
	static const int none[] = { ENOENT, 0 };

	refused_value(field, PEER_NEW, none, what);
}

static void no_such_assoc(const struct field *field, const char *what)
{
	static const int none[] = { ENOENT, 0 };

	refused_value(field, 0x0999, none, what);
}

static void peer_set(void)
{
	all_of(PROSE_CMD_PEER_SET, "peer-set");
	no_such_peer(&peer_set_fields[0], "peer-set, no such peer");
	bad_addresses(PROSE_CMD_PEER_SET, PEER_A);
	carrier_address(&peer_set_fields[1]);
	goes_well(PROSE_CMD_PEER_SET, "peer-set, with what it has");
	unchanged("peer-set, with what it has");
}

static void peer_get(void)
{
	all_of(PROSE_CMD_PEER_GET, "peer-get");
	no_such_peer(&peer_a_fields[0], "peer-get, no such peer");
	goes_well(PROSE_CMD_PEER_GET, "peer-get");
	unchanged("peer-get");
}

static void peer_del(void)
{
	all_of(PROSE_CMD_PEER_DEL, "peer-del");
	no_such_peer(&peer_b_fields[0], "peer-del, no such peer");
	goes_well(PROSE_CMD_PEER_DEL, "peer-del");
}

static const struct field *assoc_field(uint16_t type)
{
	size_t i;

	for (i = 0; i < sizeof(assoc_new_fields) / sizeof(assoc_new_fields[0]); i++)
		if (assoc_new_fields[i].type == type)
			return &assoc_new_fields[i];
	abort();
}

static void wrong_assoc(uint16_t type, uint32_t value, const int *errnos, const char *how)
{
	const struct field *field = assoc_field(type);
	char what[128];

	snprintf(what, sizeof(what), "assoc-new, %s: %s", field->name, how);
	refused_value(field, value, errnos, what);
}

static void wrong_bearer(const struct field *field, uint32_t value, const char *how)
{
	char what[128];

	snprintf(what, sizeof(what), "assoc-new, bearer.%s: %s", field->name, how);
	refused_value(field, value, NULL, what);
}

static void assoc_new(void)
{
	static const int exists[] = { EEXIST, 0 };
	struct nlmsghdr *nlh;
	struct nlattr *nest, *bearer;
	uint32_t lcid;
	char how[48];

	all_of(PROSE_CMD_ASSOC_NEW, "assoc-new");
	no_such_peer(&peer_a_fields[0], "assoc-new, no such peer");
	wrong_assoc(PROSE_A_ASSOC_KD_SESS_ID, 0x0101, exists, "one there is");
	wrong_assoc(PROSE_A_ASSOC_EEA, 4, NULL, "EEA4, which there is not");
	wrong_assoc(PROSE_A_ASSOC_EIA, 4, NULL, "EIA4, which there is not");
	wrong_assoc(PROSE_A_ASSOC_EIA, 0, NULL, "EIA0, which protects nothing");
	wrong_assoc(PROSE_A_ASSOC_COUNT_START, 0, NULL, "0, SN 0 at HFN 0");
	wrong_assoc(PROSE_A_ASSOC_COUNT_START, 1001, NULL, "beyond the limit");
	wrong_assoc(PROSE_A_ASSOC_COUNT_LIMIT, 0, NULL, "before the start");
	wrong_assoc(PROSE_A_ASSOC_COUNT_SOFT, 0, NULL, "before the start");
	wrong_assoc(PROSE_A_ASSOC_COUNT_SOFT, 1001, NULL, "beyond the limit");
	wrong_bearer(&bearer_fields[1], 0, "before the start");
	wrong_bearer(&bearer_fields[1], 1001, "beyond the limit");
	for (lcid = 1; lcid <= 30; lcid++) {
		if (lcid == 1 || lcid == 29 || lcid == 30)
			continue;
		snprintf(how, sizeof(how), "%u, which is no protected bearer", lcid);
		wrong_bearer(&bearer_fields[0], lcid, how);
	}

	/* The same bearer twice. */
	nlh = valid(PROSE_CMD_ASSOC_NEW);
	nest = NULL;
	mnl_attr_for_each(bearer, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(bearer) == PROSE_A_ASSOC)
			nest = bearer;
	need(nest, "no nest");
	bearer = mnl_attr_nest_start(nlh, PROSE_A_ASSOC_BEARER);
	culprit = (uint32_t)((uint8_t *)bearer - (uint8_t *)nlh);
	mnl_attr_put_u8(nlh, PROSE_A_BEARER_LCID, 29);
	mnl_attr_put_u32(nlh, PROSE_A_BEARER_RX_HIGHEST, 2);
	mnl_attr_nest_end(nlh, bearer);
	mnl_attr_nest_end(nlh, nest);
	culprit_end = nlh->nlmsg_len;
	refused(&sock, nlh, (const int[]){ EINVAL, EEXIST, 0 }, "lcid", PROSE_A_BEARER_LCID,
		BY_HANDLER, "assoc-new, the same bearer twice");

	goes_well(PROSE_CMD_ASSOC_NEW, "assoc-new");
}

static void assoc_set(void)
{
	all_of(PROSE_CMD_ASSOC_SET, "assoc-set");
	no_such_peer(&peer_a_fields[0], "assoc-set, no such peer");
	no_such_assoc(&assoc_set_fields[0], "assoc-set, no such association");
	refused_value(&assoc_set_fields[1], 0, NULL, "assoc-set, count-soft before the start");
	refused_value(&assoc_set_fields[1], 1001, NULL, "assoc-set, count-soft beyond the limit");
	goes_well(PROSE_CMD_ASSOC_SET, "assoc-set");
}

static void assoc_get(void)
{
	all_of(PROSE_CMD_ASSOC_GET, "assoc-get");
	no_such_peer(&peer_a_fields[0], "assoc-get, no such peer");
	no_such_assoc(&assoc_id_fields[0], "assoc-get, no such association");
	goes_well(PROSE_CMD_ASSOC_GET, "assoc-get");
	unchanged("assoc-get");
}

static void assoc_del(void)
{
	all_of(PROSE_CMD_ASSOC_DEL, "assoc-del");
	no_such_peer(&peer_a_fields[0], "assoc-del, no such peer");
	no_such_assoc(&assoc_del_fields[0], "assoc-del, no such association");
	goes_well(PROSE_CMD_ASSOC_DEL, "assoc-del");
}

static void signal_register(void)
{
	static const int busy[] = { EBUSY, 0 };
	struct nlmsghdr *nlh;
	struct raw other;

	all_of(PROSE_CMD_SIGNAL_REGISTER, "signal-register");
	need(raw_open(&other), "no second socket");
	nlh = raw_request(&other, message_buf, PROSE_CMD_SIGNAL_REGISTER, 0);
	mnl_attr_put_u32(nlh, PROSE_A_IFINDEX, ifindex);
	need(accepted(&other, nlh, "signal-register, another socket"), "no owner");
	state_take(&before);
	refused(&sock, valid(PROSE_CMD_SIGNAL_REGISTER), busy, "owner", PROSE_A_IFINDEX, BY_HANDLER,
		"signal-register, while another socket is registered");
	raw_close(&other);
	goes_well(PROSE_CMD_SIGNAL_REGISTER, "signal-register, after the owner closed");
}

static void wrong_protection(uint32_t bearer, uint32_t protection)
{
	struct nlmsghdr *nlh = raw_request(&sock, message_buf, PROSE_CMD_SIGNAL_SEND, 0);
	struct nlattr *nest;
	char what[96];

	mnl_attr_put_u32(nlh, PROSE_A_IFINDEX, ifindex);
	nest = mnl_attr_nest_start(nlh, PROSE_A_SIGNAL);
	mnl_attr_put_u32(nlh, PROSE_A_SIGNAL_L2_ID, PEER_A);
	mnl_attr_put_u8(nlh, PROSE_A_SIGNAL_BEARER, (uint8_t)bearer);
	culprit = nlh->nlmsg_len;
	mnl_attr_put_u32(nlh, PROSE_A_SIGNAL_PROTECTION, protection);
	culprit_end = nlh->nlmsg_len;
	if (protection != PROSE_PROTECTION_NONE)
		mnl_attr_put_u32(nlh, PROSE_A_SIGNAL_KD_SESS_ID, 0x0101);
	mnl_attr_put(nlh, PROSE_A_SIGNAL_MESSAGE, 1, long_message);
	mnl_attr_nest_end(nlh, nest);
	snprintf(what, sizeof(what), "signal-send, protection %u on bearer %u", protection, bearer);
	refused(&sock, nlh, NULL, "protection", PROSE_A_SIGNAL_PROTECTION, BY_HANDLER, what);
}

/* Every combination of bearer and protection that the wire contract does not have. */
static void protections(void)
{
	/* The association's direction is 1: LCID 29 is a COMMAND. */
	static const uint32_t right[] = {
		[28] = PROSE_PROTECTION_NONE, [29] = PROSE_PROTECTION_INTEGRITY,
		[30] = PROSE_PROTECTION_FULL,
	};
	uint32_t bearer, protection;

	for (bearer = 28; bearer <= 30; bearer++)
		for (protection = 0; protection <= PROSE_PROTECTION_UNVERIFIED; protection++)
			if (protection != right[bearer])
				wrong_protection(bearer, protection);
}

static void signal_send(void)
{
	static const int not_owner[] = { EPERM, EACCES, 0 }, none[] = { ENOENT, 0 };
	static const int too_long[] = { EMSGSIZE, 0 }, invalid[] = { EINVAL, ENOENT, 0 };
	static const int own[] = { EINVAL, EADDRINUSE, 0 };
	struct spoil spoil;
	struct nlmsghdr *nlh;
	struct nlattr *nest;

	now = request_of(PROSE_CMD_SIGNAL_SEND);
	refused(&sock, valid(PROSE_CMD_SIGNAL_SEND), not_owner, "own", PROSE_A_IFINDEX,
		BY_HANDLER, "signal-send, by a socket that is not registered");
	goes_well(PROSE_CMD_SIGNAL_REGISTER, "signal-register");
	state_take(&before);
	all_of(PROSE_CMD_SIGNAL_SEND, "signal-send");
	protections();

	refused_value(&signal_fields[3], 0x0999, none, "signal-send, no such association");
	refused_value(&signal_fields[3], 0, invalid, "signal-send, KD-sess ID 0 and protection");
	refused_value(&signal_fields[0], PEER_NEW, none, "signal-send, protected, no such peer");
	refused_value(&signal_fields[0], OWN_ID, own, "signal-send, to the own Layer-2 ID");
	spoil = (struct spoil){ .field = &signal_fields[4], .how = LENGTH, .arg = 1484 };
	refused(&sock, build(&sock, now, 0, &spoil), too_long, "message", PROSE_A_SIGNAL_MESSAGE,
		BY_HANDLER, "signal-send, one octet more than the MTU takes");
	spoil.arg = PROSE_SIGNAL_MAX_LEN;
	refused(&sock, build(&sock, now, 0, &spoil), too_long, "message", PROSE_A_SIGNAL_MESSAGE,
		BY_HANDLER, "signal-send, the longest message, beyond the MTU");
	carrier_address(&signal_fields[5]);

	/* A KD-sess ID where there is no protection. */
	nlh = raw_request(&sock, message_buf, PROSE_CMD_SIGNAL_SEND, 0);
	mnl_attr_put_u32(nlh, PROSE_A_IFINDEX, ifindex);
	nest = mnl_attr_nest_start(nlh, PROSE_A_SIGNAL);
	mnl_attr_put_u32(nlh, PROSE_A_SIGNAL_L2_ID, PEER_A);
	mnl_attr_put_u8(nlh, PROSE_A_SIGNAL_BEARER, 28);
	mnl_attr_put_u32(nlh, PROSE_A_SIGNAL_PROTECTION, PROSE_PROTECTION_NONE);
	culprit = nlh->nlmsg_len;
	mnl_attr_put_u32(nlh, PROSE_A_SIGNAL_KD_SESS_ID, 0x0101);
	culprit_end = nlh->nlmsg_len;
	mnl_attr_put(nlh, PROSE_A_SIGNAL_MESSAGE, 1, long_message);
	mnl_attr_nest_end(nlh, nest);
	refused(&sock, nlh, NULL, "kd-sess-id", PROSE_A_SIGNAL_KD_SESS_ID, BY_HANDLER,
		"signal-send, a KD-sess ID without protection");

	spoil.arg = 1483;
	accepted(&sock, build(&sock, now, 0, &spoil), "signal-send, as long as the MTU takes");
	goes_well(PROSE_CMD_SIGNAL_SEND, "signal-send");
}

static void dumps(void)
{
	static const uint8_t cmds[] = { PROSE_CMD_PEER_GET, PROSE_CMD_ASSOC_GET };
	static struct request dump;
	size_t i;

	for (i = 0; i < sizeof(cmds); i++) {
		dump = *request_of(PROSE_CMD_DEV_GET);
		dump.cmd = cmds[i];
		now = &dump;
		now_flags = NLM_F_DUMP;
		now_name = cmds[i] == PROSE_CMD_PEER_GET ? "peer-get dump" : "assoc-get dump";
		each_other(&now->root);
		each_length(&now->root.inside[0]);
		each_bound(&now->root.inside[0]);
		each_ifindex();
		accepted(&sock, build(&sock, now, NLM_F_DUMP, &(struct spoil){ 0 }), now_name);
	}
}

/* Commands that are no requests, and none at all. */
static void commands(void)
{
	static struct raw_answer answer;
	unsigned int cmd;

	for (cmd = 0; cmd < 256; cmd++) {
		bool known = false;
		size_t i;

		for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
			known |= requests[i].cmd == cmd;
		if (known)
			continue;
		raw_talk(&sock, raw_request(&sock, message_buf, (uint8_t)cmd, 0), &answer);
		check(answer.err == EOPNOTSUPP, "command %u: %s", cmd, strerror(answer.err));
		raw_talk(&sock, raw_request(&sock, message_buf, (uint8_t)cmd, NLM_F_DUMP), &answer);
		check(answer.err == EOPNOTSUPP, "dump of command %u: %s", cmd,
		      strerror(answer.err));
	}
	unchanged("unknown commands");
}

/* Without CAP_NET_ADMIN nothing can be done, and peers and associations cannot be seen. */
static void privilege(void)
{
	size_t i;
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (!child) {
		static struct raw_answer answer;

		ktap_failures = 0;
		if (setgid(65534) || setuid(65534) || !raw_open(&sock))
			_exit(1);
		for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
			raw_talk(&sock, valid(requests[i].cmd), &answer);
			check(answer.err == (requests[i].unprivileged ? 0 : EPERM),
			      "command %u as nobody: %s", requests[i].cmd, strerror(answer.err));
		}
		raw_talk(&sock, raw_request(&sock, message_buf, PROSE_CMD_PEER_GET, NLM_F_DUMP),
			 &answer);
		check(answer.err == EPERM, "peer dump as nobody: %s", strerror(answer.err));
		raw_talk(&sock, raw_request(&sock, message_buf, PROSE_CMD_ASSOC_GET, NLM_F_DUMP),
			 &answer);
		check(answer.err == EPERM, "assoc dump as nobody: %s", strerror(answer.err));
		raw_talk(&sock, raw_request(&sock, message_buf, PROSE_CMD_DEV_GET, NLM_F_DUMP),
			 &answer);
		check(!answer.err, "dev dump as nobody: %s", strerror(answer.err));
		fflush(stdout);
		_exit(ktap_failures ? 1 : 0);
	}
	waitpid(child, &status, 0);
	check(WIFEXITED(status) && !WEXITSTATUS(status), "the unprivileged child failed");
	unchanged("requests as nobody");
}

/* A second socket on the events group, to see that keys are not in notifications either. */
static void keys_never_come_back(void)
{
	static const int exists[] = { EEXIST, 0 };
	static uint8_t buf[65536];
	struct raw events;
	size_t n = 0, dumped;
	int off = 0;
	ssize_t got;

	/* Is the search any good? It has to find a key that is there. */
	memcpy(buf + 77, pik, 16);
	check(has_key(buf, sizeof(buf)), "the search does not find a key");
	need(raw_open(&events) && events.group, "no group");
	need(!mnl_socket_setsockopt(events.sock, NETLINK_ADD_MEMBERSHIP, &events.group,
				    sizeof(events.group)), "cannot join: %s", strerror(errno));
	goes_well(PROSE_CMD_ASSOC_NEW, "assoc-new");
	goes_well(PROSE_CMD_ASSOC_GET, "assoc-get");
	state_take(&after);
	dumped = after.len;
	check(dumped, "nothing was dumped");
	goes_well(PROSE_CMD_ASSOC_DEL, "assoc-del");
	peer_delete(PEER_A);
	while ((got = recv(mnl_socket_get_fd(events.sock), buf, sizeof(buf), MSG_DONTWAIT)) > 0) {
		find_keys(buf, (size_t)got);
		n++;
	}
	check(n >= 3, "only %zu notifications were looked at", n);
	raw_close(&events);

	/*
	 * Who does not ask for short refusals gets the request back, without the keys once the
	 * handler had it. (What the policy refuses the core sends back before that.)
	 */
	fixture();
	mnl_socket_setsockopt(sock.sock, NETLINK_CAP_ACK, &off, sizeof(off));
	now = request_of(PROSE_CMD_ASSOC_NEW);
	now_flags = 0;
	refused_value(assoc_field(PROSE_A_ASSOC_KD_SESS_ID), 0x0101, exists,
		      "assoc-new of one there is, sent back");
	refused_value(assoc_field(PROSE_A_ASSOC_COUNT_START), 0, NULL,
		      "assoc-new with COUNT 0, sent back");
}

int main(int argc, char **argv)
{
	static const struct ktap_test tests[] = {
		{ "dev_get", dev_get },
		{ "dev_set", dev_set },
		{ "peer_new", peer_new },
		{ "peer_set", peer_set },
		{ "peer_get", peer_get },
		{ "peer_del", peer_del },
		{ "assoc_new", assoc_new },
		{ "assoc_set", assoc_set },
		{ "assoc_get", assoc_get },
		{ "assoc_del", assoc_del },
		{ "signal_register", signal_register },
		{ "signal_send", signal_send },
		{ "dumps", dumps },
		{ "commands", commands },
		{ "privilege", privilege },
		{ "keys_never_come_back", keys_never_come_back },
	};
	struct field *first[] = { r_ifindex, r_dev_set, r_peer_new, r_peer_set, r_peer_a, r_peer_b,
				  r_assoc_new, r_assoc_set, r_assoc_get, r_assoc_del, r_signal };
	size_t i;

	if (argc < 3) {
		fprintf(stderr, "usage: negative DEVICE FOREIGN-IFINDEX [TEST...]\n");
		return 2;
	}
	ifindex = if_nametoindex(argv[1]);
	foreign = (uint32_t)strtoul(argv[2], NULL, 0);
	if (!ifindex || !raw_open(&sock)) {
		printf("Bail out! no device %s, or no netlink family\n", argv[1]);
		return KTAP_FAIL;
	}
	f_ifindex.value = ifindex;
	for (i = 0; i < sizeof(first) / sizeof(first[0]); i++)
		*first[i] = f_ifindex;
	memset(long_message, 5, sizeof(long_message));
	raw_watch = find_keys;
	return KTAP_MAIN(tests, fixture, argc - 2, argv + 2);
}
