/* SPDX-License-Identifier: MIT */
/* Netlink messages from choices: right by the specification, or wrong in one place. */
#ifndef KFUZZ_MESSAGE_H
#define KFUZZ_MESSAGE_H

#include <linux/genetlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "engine.h"
#include "spec.h"

#define KEYS	4

enum wrong {
	RIGHT, LENGTH, LIMIT, MISSING, TWICE, UNKNOWN, NESTED, ORDER_BIT, GARBAGE, LONG_LEN,
	SHORT_LEN, EMPTY, SWAPPED, WRONGS,
};

struct message {
	union {
		struct nlmsghdr nlh;
		uint8_t data[32768];
	};
	size_t len;
	/* The one that is wrong, and how. */
	unsigned int at, target;
	enum wrong how;
	uint8_t arg;
};

/* Nobody else sends these. */
static const uint8_t kfuzz_keys[KEYS][17] = {
	"kfuzz-KEY-0-\xe1\xe2\xe3\xe4", "KEY-1-of-kfuzz\x91\x92",
	"\x03\x14\x15key2*kfuzz\xf7\xf8\xf9", "3-kfuzz:yek:\x81\x82\x83\x84",
};

static const char *kfuzz_key_in(const void *data, size_t len)
{
	int i;

	for (i = 0; i < KEYS; i++)
		if (memmem(data, len, kfuzz_keys[i], 8) || memmem(data, len, kfuzz_keys[i] + 8, 8))
			return "a key";
	return NULL;
}

/* What the fuzzer knows of its devices. */
static uint32_t (*message_ifindex)(uint8_t choice);

static void put(struct message *m, const void *data, size_t len)
{
	if (m->len + NLMSG_ALIGN(len) > sizeof(m->data) - 64)
		return;
	memset(m->data + m->len, 0, NLMSG_ALIGN(len));
	memcpy(m->data + m->len, data, len);
	m->len += NLMSG_ALIGN(len);
}

/* One attribute, perhaps spoilt. */
static void put_attr(struct message *m, uint16_t type, const void *data, size_t len)
{
	struct nlattr nla = { .nla_len = (uint16_t)(NLA_HDRLEN + len), .nla_type = type };
	bool mine = m->how != RIGHT && m->at++ == m->target;
	uint8_t copy[16];
	size_t i;

	if (mine) {
		switch (m->how) {
		case MISSING:
			return;
		case TWICE:
			put(m, &nla, sizeof(nla));
			put(m, data, len);
			break;
		case LENGTH:
			len = m->arg < 250 ? m->arg % 40u : m->arg * 100u;
			nla.nla_len = (uint16_t)(NLA_HDRLEN + len);
			put(m, &nla, sizeof(nla));
			for (i = 0; i < len; i++)
				m->data[m->len + i] = (uint8_t)(i * 7);
			m->len += NLA_ALIGN(len);
			return;
		case UNKNOWN:
			nla.nla_type = m->arg < 64 ? m->arg : (uint16_t)(m->arg << 6);
			break;
		case NESTED:
			nla.nla_type ^= NLA_F_NESTED;
			break;
		case ORDER_BIT:
			nla.nla_type |= NLA_F_NET_BYTEORDER;
			break;
		case LONG_LEN:
			nla.nla_len = (uint16_t)(nla.nla_len + 1 + m->arg);
			break;
		case SHORT_LEN:
			nla.nla_len = m->arg % 5;
			break;
		case EMPTY:
			len = 0;
			nla.nla_len = NLA_HDRLEN;
			break;
		case SWAPPED:
			for (i = 0; i < len && i < sizeof(copy); i++)
				copy[i] = ((const uint8_t *)data)[len - 1 - i];
			if (len <= sizeof(copy))
				data = copy;
			break;
		default:
			break;
		}
	}
	put(m, &nla, sizeof(nla));
	if (len)
		put(m, data, len);
}

static size_t nest_start(struct message *m, uint16_t type)
{
	struct nlattr nla = { .nla_len = NLA_HDRLEN, .nla_type = type | NLA_F_NESTED };
	size_t at = m->len;

	put(m, &nla, sizeof(nla));
	return at;
}

static void nest_end(struct message *m, size_t at)
{
	struct nlattr *nla = (struct nlattr *)(m->data + at);

	nla->nla_len = (uint16_t)(m->len - at);
}

/* What makes sense, the ordinary value first; what has no line here is drawn from its range. */
static const struct hint {
	const char *name;
	uint8_t n;
	uint64_t values[10];
} hints[] = {
	{ "l2-id", 8, { 0x0a0b0d, 0x0a0b0e, 0x0a0b0f, 0x0a0b0c, 0x0a0b10, 1, 0xffffff, 0x0a0b11 } },
	{ "kd-sess-id", 8, { 0x101, 0x102, 0x103, 0x104, 0x105, 1, 0xffff, 0x110 } },
	{ "eea", 4, { 2, 0, 1, 3 } },
	{ "eia", 3, { 2, 1, 3 } },
	{ "up-integrity", 2, { 1, 0 } },
	{ "direction", 2, { 0, 1 } },
	{ "count-start", 7, { 1, 0, 2, 0xffff, 0x10000, 0xfffffff0, 0xffffffff } },
	{ "count-limit", 7, { 0xffffffff, 1, 8, 100, 0x10001, 0xfffffffe, 0 } },
	{ "count-soft", 7, { 3, 1, 2, 0xffffffff, 0x10000, 0xfffffff0, 0 } },
	{ "window", 6, { 64, 65, 32768, 2048, 32767, 100 } },
	{ "grace-ms", 6, { 0, 1, 10, 100, 600000, 2000 } },
	{ "lcid", 5, { 29, 30, 1, 28, 10 } },
	{ "tx-next", 1, { 1 } },
	{ "rx-highest", 6, { 5, 1, 2, 0xffffffff, 0x10000, 0 } },
	{ "bearer", 3, { 30, 29, 28 } },
	{ "protection", 4, { 2, 1, 0, 3 } },
	{ "ethertype", 8, { 0x88b5, 0x88b6, 0x0600, 0x05ff, 0x8100, 0x88a8, 0x0800, 0xffff } },
	{ "unprotected-rate", 5, { 100000, 50, 0, 1, 1000 } },
	{ "integrity-threshold", 4, { 1, 2, 100, 0xffffffff } },
	{ "ipv4", 8, { 0x0a4d0002, 0x0a4d0003, 0x0a4d0004, 0x0a4d0001, 0x7f000001, 0xe0000001, 0,
		       0xffffffff } },
};

static const uint8_t addrs6[][16] = {
	{ 0xfd, 0x77, [15] = 2 }, { 0xfd, 0x77, [15] = 3 }, { 0xfe, 0x80, [15] = 2 },
	{ 0xff, 2, [15] = 1 }, { [15] = 1 }, { 0 },
	{ [10] = 0xff, 0xff, 10, 77, 0, 2 }, { 0xfd, 0x77, [15] = 1 },
};

static const uint8_t addrs_link[][6] = {
	{ 2, 0x77, 0, 0, 0, 1 }, { 2, 0x77, 0, 0, 0, 2 }, { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
	{ 0 }, { 1, 0, 0x5e, 0, 0, 1 }, { 2, 0x66, 0, 0, 0, 9 },
};

static uint64_t number_of(const struct spec_attr *attr, struct choices *from)
{
	static const uint32_t any[] = { 1, 2, 0, 100, 0xffff, 0x10000, 0x7fffffff, 0xffffffff };
	uint8_t c = choose(from);
	const struct hint *hint = NULL;
	size_t i;

	if (!strcmp(attr->name, "ifindex") && c < 192)
		return message_ifindex(c);
	for (i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (!strcmp(hints[i].name, attr->name))
			hint = &hints[i];
	if (c < 160) {
		if (hint)
			return hint->values[c % hint->n];
		if (attr->max - attr->min < 256)
			return attr->min + c % (attr->max - attr->min + 1);
		return any[c % 8] < attr->min ? attr->min : any[c % 8];
	}
	if (c < 200) {
		switch (c & 3) {
		case 0: return attr->min;
		case 1: return attr->max;
		case 2: return attr->min + 1;
		default: return attr->max - 1;
		}
	}
	if (c < 236 && attr->max - attr->min < UINT64_MAX)
		return attr->min + choose32(from) % (attr->max - attr->min + 1);
	switch (c & 3) {
	case 0: return attr->min - 1;
	case 1: return attr->max + 1;
	case 2: return 0;
	default: return UINT64_MAX;
	}
}

static void put_number(struct message *m, const struct spec_attr *attr, struct choices *from)
{
	uint64_t value = number_of(attr, from);
	uint8_t data[8];
	int i;

	if (m->how == LIMIT && m->at == m->target)
		value = m->arg & 1 ? attr->max + 1 + (m->arg >> 1) : attr->min - 1 - (m->arg >> 1);
	for (i = 0; i < attr->size; i++)
		data[attr->big_endian ? attr->size - 1 - i : i] = value >> 8 * i & 0xff;
	put_attr(m, attr->type, data, attr->size);
}

static void put_binary(struct message *m, const struct spec_attr *attr, struct choices *from)
{
	static uint8_t data[16384];
	uint8_t c = choose(from);
	size_t len, i;

	if (attr->secret) {
		put_attr(m, attr->type, kfuzz_keys[c % KEYS], 16);
	} else if (attr->exact == 16) {
		put_attr(m, attr->type, addrs6[c % 8], 16);
	} else if (attr->exact == 6) {
		put_attr(m, attr->type, addrs_link[c % 6], 6);
	} else {
		len = attr->exact >= 0 ? (size_t)attr->exact : attr->min_len + 8u;
		if (attr->exact < 0 && c >= 128)
			len = c < 250 ? (c - 128u) * 12u : attr->max_len + c - 252u;
		for (i = 0; i < len && i < sizeof(data); i++)
			data[i] = (uint8_t)(i + c);
		put_attr(m, attr->type, data, len);
	}
}

static void put_set(struct message *m, const struct spec_set *set, struct choices *from);

static void put_one(struct message *m, const struct spec_attr *attr, struct choices *from)
{
	static const char name[] = "prose0";
	size_t at;

	switch (attr->kind) {
	case KIND_U8:
	case KIND_U16:
	case KIND_U32:
	case KIND_U64:
		put_number(m, attr, from);
		break;
	case KIND_BINARY:
		put_binary(m, attr, from);
		break;
	case KIND_STRING:
		put_attr(m, attr->type, name, sizeof(name));
		break;
	case KIND_FLAG:
	case KIND_PAD:
		put_attr(m, attr->type, NULL, 0);
		break;
	case KIND_NEST:
		if ((m->how == GARBAGE || m->how == LENGTH) && m->at == m->target) {
			uint8_t junk[64];
			size_t i;

			for (i = 0; i < sizeof(junk); i++)
				junk[i] = (uint8_t)(choose(from) + i * m->arg);
			put_attr(m, attr->type | NLA_F_NESTED, junk, m->arg % sizeof(junk));
			break;
		}
		if (m->how == MISSING && m->at == m->target) {
			m->at++;
			break;
		}
		at = nest_start(m, attr->type);
		if (m->how == NESTED && m->at == m->target)
			((struct nlattr *)(m->data + at))->nla_type = attr->type;
		m->at++;
		put_set(m, attr->nest, from);
		nest_end(m, at);
		break;
	}
}

/* Of some attributes there are few: the first choice says which are left out. */
static void put_set(struct message *m, const struct spec_set *set, struct choices *from)
{
	size_t i;

	for (i = 0; i < set->n; i++) {
		const struct spec_attr *attr = &set->attrs[i];
		uint8_t c = attr->kind == KIND_NEST || !strcmp(attr->name, "ifindex") ||
			    !strcmp(attr->name, "l2-id") || !strcmp(attr->name, "kd-sess-id") ?
			    0 : choose(from);
		unsigned int n = 1;

		/* Half of all values leave it there. */
		if (c >= 224)
			continue;
		if (attr->multi) {
			n = choose(from);
			n = n < 160 ? 1 : n < 224 ? 2 : n < 248 ? 8 : n == 248 ? 0 : 12;
		}
		while (n--)
			put_one(m, attr, from);
	}
}

static void message_begin(struct message *m, uint16_t type, uint16_t flags, uint32_t seq)
{
	struct nlmsghdr nlh = {
		.nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | flags, .nlmsg_seq = seq,
	};

	m->len = 0;
	m->at = 0;
	put(m, &nlh, sizeof(nlh));
}

/* Three octets say what is wrong, mostly nothing. */
static void message_spoil(struct message *m, struct choices *from)
{
	uint8_t how = choose(from);

	m->target = choose(from) % 20;
	m->arg = choose(from);
	m->how = how < 160 ? RIGHT : (enum wrong)(how % WRONGS);
}

#endif
