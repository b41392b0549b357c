// SPDX-License-Identifier: MIT
/*
 * Why a request was refused, as a sentence: the kernel's extended acknowledgement, with the
 * name of the attribute it points at.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "socket.h"

/* Since Linux 6.1; older headers lack them. The values are the kernel's. */
#define NL_ERR_MISS_TYPE	5
#define NL_ERR_MISS_NEST	6

static const char * const top_names[] = {
	[PROSE_A_IFINDEX] = "ifindex",
	[PROSE_A_DEVICE] = "device",
	[PROSE_A_PEER] = "peer",
	[PROSE_A_ASSOC] = "assoc",
	[PROSE_A_SIGNAL] = "signal",
	[PROSE_A_IPV4] = "ipv4",
	[PROSE_A_IPV6] = "ipv6",
	[PROSE_A_LCID] = "lcid",
	[PROSE_A_MAX + 1] = NULL,
};

static const char * const device_names[] = {
	[PROSE_A_DEVICE_IFINDEX] = "ifindex",
	[PROSE_A_DEVICE_IFNAME] = "ifname",
	[PROSE_A_DEVICE_LOWER_IFINDEX] = "lower-ifindex",
	[PROSE_A_DEVICE_L2_ID] = "l2-id",
	[PROSE_A_DEVICE_CARRIER] = "carrier",
	[PROSE_A_DEVICE_ETHERTYPE] = "ethertype",
	[PROSE_A_DEVICE_PAD] = "pad",
	[PROSE_A_DEVICE_UNPROTECTED_RATE] = "unprotected-rate",
	[PROSE_A_DEVICE_INTEGRITY_THRESHOLD] = "integrity-threshold",
	[PROSE_A_DEVICE_OWNED] = "owned",
	[PROSE_A_DEVICE_STATS] = "stats",
	[PROSE_A_DEVICE_PORT] = "port",
	[PROSE_A_DEVICE_LOCAL] = "local",
	[PROSE_A_DEVICE_LOCAL6] = "local6",
	[PROSE_A_DEVICE_REMOTE] = "remote",
	[PROSE_A_DEVICE_REMOTE6] = "remote6",
	[PROSE_A_DEVICE_REMOTE_PORT] = "remote-port",
	[PROSE_A_DEVICE_MAX + 1] = NULL,
};

static const char * const peer_names[] = {
	[PROSE_A_PEER_L2_ID] = "l2-id",
	[PROSE_A_PEER_CARRIER_ADDR] = "carrier-addr",
	[PROSE_A_PEER_IPV4] = "ipv4",
	[PROSE_A_PEER_IPV6] = "ipv6",
	[PROSE_A_PEER_LOCAL_L2_ID] = "local-l2-id",
	[PROSE_A_PEER_REMOTE_L2_ID] = "remote-l2-id",
	[PROSE_A_PEER_MAX + 1] = NULL,
};

static const char * const assoc_names[] = {
	[PROSE_A_ASSOC_KD_SESS_ID] = "kd-sess-id",
	[PROSE_A_ASSOC_PEK] = "pek",
	[PROSE_A_ASSOC_PIK] = "pik",
	[PROSE_A_ASSOC_EEA] = "eea",
	[PROSE_A_ASSOC_EIA] = "eia",
	[PROSE_A_ASSOC_UP_INTEGRITY] = "up-integrity",
	[PROSE_A_ASSOC_DIRECTION] = "direction",
	[PROSE_A_ASSOC_COUNT_START] = "count-start",
	[PROSE_A_ASSOC_COUNT_LIMIT] = "count-limit",
	[PROSE_A_ASSOC_COUNT_SOFT] = "count-soft",
	[PROSE_A_ASSOC_WINDOW] = "window",
	[PROSE_A_ASSOC_GRACE_MS] = "grace-ms",
	[PROSE_A_ASSOC_TX] = "tx",
	[PROSE_A_ASSOC_BEARER] = "bearer",
	[PROSE_A_ASSOC_MAX + 1] = NULL,
};

static const char * const bearer_names[] = {
	[PROSE_A_BEARER_LCID] = "lcid",
	[PROSE_A_BEARER_TX_NEXT] = "tx-next",
	[PROSE_A_BEARER_RX_HIGHEST] = "rx-highest",
	[PROSE_A_BEARER_MAX + 1] = NULL,
};

static const char * const signal_names[] = {
	[PROSE_A_SIGNAL_L2_ID] = "l2-id",
	[PROSE_A_SIGNAL_BEARER] = "bearer",
	[PROSE_A_SIGNAL_PROTECTION] = "protection",
	[PROSE_A_SIGNAL_KD_SESS_ID] = "kd-sess-id",
	[PROSE_A_SIGNAL_MESSAGE] = "message",
	[PROSE_A_SIGNAL_CARRIER_ADDR] = "carrier-addr",
	[PROSE_A_SIGNAL_COUNT] = "count",
	[PROSE_A_SIGNAL_PDCP_HEADER] = "pdcp-header",
	[PROSE_A_SIGNAL_MAC_I] = "mac-i",
	[PROSE_A_SIGNAL_LOCAL_L2_ID] = "local-l2-id",
	[PROSE_A_SIGNAL_MAX + 1] = NULL,
};

/* Which names the attributes inside an attribute of those names have. */
static const char * const *names_inside(const char * const *names, uint16_t type, uint16_t *max)
{
	if (names == assoc_names && type == PROSE_A_ASSOC_BEARER) {
		*max = PROSE_A_BEARER_MAX;
		return bearer_names;
	}
	if (names != top_names)
		return NULL;
	switch (type) {
	case PROSE_A_DEVICE:
		*max = PROSE_A_DEVICE_MAX;
		return device_names;
	case PROSE_A_PEER:
		*max = PROSE_A_PEER_MAX;
		return peer_names;
	case PROSE_A_ASSOC:
		*max = PROSE_A_ASSOC_MAX;
		return assoc_names;
	case PROSE_A_SIGNAL:
		*max = PROSE_A_SIGNAL_MAX;
		return signal_names;
	}
	return NULL;
}

static void append(char *to, size_t size, const char *names_entry, uint16_t type)
{
	size_t len = strlen(to);

	if (names_entry)
		snprintf(to + len, size - len, "%s%s", len ? "." : "", names_entry);
	else
		snprintf(to + len, size - len, "%s%u", len ? "." : "", type);
}

/*
 * Writes the path of the attribute at @offset of the request to @to, and leaves in *inside
 * the names of what it may hold.
 */
static void name_at(const struct nlmsghdr *sent, uint32_t offset, char *to, size_t size,
		    const char * const **inside, uint16_t *max)
{
	const uint8_t *start = (const uint8_t *)sent;
	uint32_t at = MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(struct genlmsghdr));
	uint32_t end = sent->nlmsg_len;
	const char * const *names = top_names;

	*max = PROSE_A_MAX;
	to[0] = '\0';
	while (names && at + sizeof(struct nlattr) <= end && offset >= at && offset < end) {
		const struct nlattr *attr = (const struct nlattr *)(start + at);
		uint32_t next = at + MNL_ALIGN(attr->nla_len);
		uint16_t type;

		if (attr->nla_len < sizeof(*attr))
			break;
		if (offset >= next) {
			at = next;
			continue;
		}
		type = mnl_attr_get_type(attr);
		append(to, size, type <= *max ? names[type] : NULL, type);
		names = names_inside(names, type, max);
		end = at + attr->nla_len;
		at += MNL_ATTR_HDRLEN;
		if (offset < at)
			break;
	}
	*inside = names;
}

int nl_fail(struct prose_nl *nl, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(nl->error, sizeof(nl->error), format, args);
	va_end(args);
	return err;
}

int nl_explain(struct prose_nl *nl, int err, const struct nlmsghdr *sent,
	       const struct nlmsghdr *answer, size_t fixed)
{
	const struct nlattr *tb[NL_ERR_MISS_NEST + 1] = { NULL };
	const char * const *inside = top_names;
	uint16_t max = PROSE_A_MAX;
	char message[200] = "";
	uint32_t offset = 0, missing = 0;
	bool bad = false;

	if ((answer->nlmsg_flags & NLM_F_ACK_TLVS) &&
	    mnl_nlmsg_get_payload_len(answer) >= MNL_ALIGN(fixed) &&
	    nl_attrs(mnl_nlmsg_get_payload_offset(answer, fixed),
		     mnl_nlmsg_get_payload_len(answer) - MNL_ALIGN(fixed), tb, NL_ERR_MISS_NEST)) {
		if (tb[NLMSGERR_ATTR_MSG])
			snprintf(message, sizeof(message), "%.*s",
				 (int)mnl_attr_get_payload_len(tb[NLMSGERR_ATTR_MSG]),
				 mnl_attr_get_str(tb[NLMSGERR_ATTR_MSG]));
		nl_u32(&bad, tb[NLMSGERR_ATTR_OFFS], &offset);
		if (offset)
			name_at(sent, offset, nl->attr, sizeof(nl->attr), &inside, &max);
		nl_u32(&bad, tb[NL_ERR_MISS_TYPE], &missing);
		if (missing) {
			offset = 0;
			nl_u32(&bad, tb[NL_ERR_MISS_NEST], &offset);
			nl->attr[0] = '\0';
			inside = top_names;
			max = PROSE_A_MAX;
			if (offset)
				name_at(sent, offset, nl->attr, sizeof(nl->attr), &inside, &max);
			append(nl->attr, sizeof(nl->attr),
			       inside && missing <= max ? inside[missing] : NULL, missing);
		}
	}
	if (message[0] && nl->attr[0])
		return nl_fail(nl, err, "%s (%s)", message, nl->attr);
	if (message[0])
		return nl_fail(nl, err, "%s", message);
	if (missing)
		return nl_fail(nl, err, "attribute %s is missing", nl->attr);
	if (nl->attr[0])
		return nl_fail(nl, err, "%s (%s)", strerror(-err), nl->attr);
	return nl_fail(nl, err, "%s", strerror(-err));
}

const char *prose_nl_error(const struct prose_nl *nl)
{
	return nl->error;
}

const char *prose_nl_error_attr(const struct prose_nl *nl)
{
	return nl->attr;
}
