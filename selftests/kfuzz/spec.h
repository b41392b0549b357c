/* SPDX-License-Identifier: MIT */
/*
 * The form of the table that gen makes of netlink/prose.yaml, and the check against it of what the
 * kernel sends, and of what it has done as asked.
 */
#ifndef KFUZZ_SPEC_H
#define KFUZZ_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <linux/netlink.h>

enum spec_kind {
	KIND_U8, KIND_U16, KIND_U32, KIND_U64, KIND_BINARY, KIND_STRING, KIND_FLAG, KIND_NEST,
	KIND_PAD,
};

struct spec_set;

struct spec_attr {
	const char *name;
	uint16_t type;
	enum spec_kind kind;
	uint8_t size;			/* of integers */
	bool big_endian, multi;
	bool secret;			/* goes in, never comes out */
	uint64_t min, max;
	int exact;			/* length of binary, -1 for any */
	unsigned int min_len, max_len;
	const struct spec_set *nest;
};

struct spec_set {
	const char *name;
	const struct spec_attr *attrs;
	size_t n;
	uint16_t max;			/* greatest attribute of the full set */
};

struct spec_op {
	const char *name;
	uint8_t cmd;
	bool has_do, has_dump, admin;
	const struct spec_set *do_request, *dump_request;
	const struct spec_set *heard;	/* in replies, dumps and notifications */
};

#define ATTR_NEXT(p)	((p) + NLA_ALIGN(((const struct nlattr *)(p))->nla_len))

static uint64_t spec_number(const struct spec_attr *attr, const uint8_t *data)
{
	uint64_t value = 0;
	int i;

	for (i = 0; i < attr->size; i++)
		value |= (uint64_t)data[attr->big_endian ? attr->size - 1 - i : i] << 8 * i;
	return value;
}

enum spec_way { SPEC_IN, SPEC_OUT };

static bool spec_check_attr(enum spec_way way, const struct spec_attr *attr,
			    const struct nlattr *nla, char *why, size_t size);

/*
 * Are these attributes of the set, each as it should be? Else says why not. To the kernel (SPEC_IN)
 * keys may go, an attribute may come twice, and it is the request that lists attributes, not sets.
 */
static bool spec_check(enum spec_way way, const struct spec_set *set, const uint8_t *p, size_t len,
		       char *why, size_t size)
{
	const uint8_t *end = p + len;
	uint64_t seen = 0;

	while (p < end) {
		const struct nlattr *nla = (const struct nlattr *)p;
		uint16_t type;
		size_t i;

		if (end - p < NLA_HDRLEN || nla->nla_len < NLA_HDRLEN ||
		    nla->nla_len > end - p) {
			snprintf(why, size, "%s: an attribute that does not fit", set->name);
			return false;
		}
		type = nla->nla_type & NLA_TYPE_MASK;
		for (i = 0; i < set->n && set->attrs[i].type != type; i++)
			;
		if (i == set->n && way == SPEC_IN) {
			p = ATTR_NEXT(p);
			continue;
		}
		if (i == set->n) {
			snprintf(why, size, "%s: attribute %u is not listed", set->name, type);
			return false;
		}
		if (way == SPEC_OUT && !set->attrs[i].multi && set->attrs[i].kind != KIND_PAD) {
			if (type < 64 && seen >> type & 1) {
				snprintf(why, size, "%s.%s comes twice", set->name,
					 set->attrs[i].name);
				return false;
			}
			seen |= 1ull << (type & 63);
		}
		if (!spec_check_attr(way, &set->attrs[i], nla, why, size))
			return false;
		p = ATTR_NEXT(p);
	}
	return true;
}

static bool spec_check_attr(enum spec_way way, const struct spec_attr *attr,
			    const struct nlattr *nla, char *why, size_t size)
{
	const uint8_t *data = (const uint8_t *)nla + NLA_HDRLEN;
	size_t len = nla->nla_len - NLA_HDRLEN;
	bool nested = nla->nla_type & NLA_F_NESTED, fits = true;

	if (attr->secret && way == SPEC_OUT) {
		snprintf(why, size, "%s is shown", attr->name);
		return false;
	}
	switch (attr->kind) {
	case KIND_U8:
	case KIND_U16:
	case KIND_U32:
	case KIND_U64:
		fits = len == attr->size;
		if (fits) {
			uint64_t value = spec_number(attr, data);

			if (value < attr->min || value > attr->max) {
				snprintf(why, size, "%s is %llu", attr->name,
					 (unsigned long long)value);
				return false;
			}
		}
		break;
	case KIND_BINARY:
		fits = attr->exact >= 0 ? len == (size_t)attr->exact :
					  len >= attr->min_len && len <= attr->max_len;
		break;
	case KIND_STRING:
		fits = len && !data[len - 1];
		break;
	case KIND_FLAG:
	case KIND_PAD:
		fits = !len;
		break;
	case KIND_NEST:
		return spec_check(way, attr->nest, data, len, why, size);
	}
	if (fits && !nested)
		return true;
	snprintf(why, size, "%s has %zu octets%s", attr->name, len, nested ? ", nested" : "");
	return false;
}

#endif
