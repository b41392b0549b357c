// SPDX-License-Identifier: MIT
/* Devices: settings and drop counters. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "socket.h"

static const struct {
	const char *name, *text;
} stat_names[PROSE_A_STAT_MAX + 1] = {
#define STAT(name, text)	{ name, text }
#include "stats-gen.h"
#undef STAT
};

static bool parse_stats(const struct nlattr *nest, struct prose_nl_device *device)
{
	const struct nlattr *tb[PROSE_A_STAT_MAX + 1];
	bool bad = false;
	int i;

	if (!nl_nest(nest, tb, PROSE_A_STAT_MAX))
		return false;
	for (i = PROSE_A_STAT_PAD64 + 1; i <= PROSE_A_STAT_MAX; i++) {
		struct prose_nl_stat *stat = &device->stats[device->n_stats];

		if (!tb[i])
			continue;
		stat->name = stat_names[i].name;
		stat->text = stat_names[i].text;
		nl_u64(&bad, tb[i], &stat->value);
		device->n_stats++;
	}
	return !bad;
}

/* As a carrier address: 16 octets, IPv4 as ::ffff:a.b.c.d, and the port. */
static void parse_remote(bool *bad, const struct nlattr **tb, struct prose_nl_device *device)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (!tb[PROSE_A_DEVICE_REMOTE] && !tb[PROSE_A_DEVICE_REMOTE6])
		return;
	memcpy(device->remote, mapped, sizeof(mapped));
	nl_octets(bad, tb[PROSE_A_DEVICE_REMOTE], device->remote + 12, 4);
	nl_octets(bad, tb[PROSE_A_DEVICE_REMOTE6], device->remote, 16);
	nl_octets(bad, tb[PROSE_A_DEVICE_REMOTE_PORT], device->remote + 16, 2);
	device->remote_len = sizeof(device->remote);
}

int nl_parse_device(const struct nlmsghdr *nlh, struct prose_nl_device *device)
{
	const struct nlattr *top[PROSE_A_MAX + 1], *tb[PROSE_A_DEVICE_MAX + 1], *name;
	bool bad = false;
	uint8_t pad = 0;

	memset(device, 0, sizeof(*device));
	if (!nl_top(nlh, top) || !nl_nest(top[PROSE_A_DEVICE], tb, PROSE_A_DEVICE_MAX))
		return -EBADMSG;
	nl_u32(&bad, top[PROSE_A_IFINDEX], &device->ifindex);
	nl_u32(&bad, tb[PROSE_A_DEVICE_IFINDEX], &device->ifindex);
	nl_u32(&bad, tb[PROSE_A_DEVICE_LOWER_IFINDEX], &device->lower_ifindex);
	nl_u32(&bad, tb[PROSE_A_DEVICE_L2_ID], &device->l2_id);
	nl_u32(&bad, tb[PROSE_A_DEVICE_CARRIER], &device->carrier);
	nl_u16_be(&bad, tb[PROSE_A_DEVICE_ETHERTYPE], &device->ethertype);
	nl_u8(&bad, tb[PROSE_A_DEVICE_PAD], &pad);
	device->pad = pad;
	nl_u16_be(&bad, tb[PROSE_A_DEVICE_PORT], &device->port);
	parse_remote(&bad, tb, device);
	nl_u32(&bad, tb[PROSE_A_DEVICE_UNPROTECTED_RATE], &device->unprotected_rate);
	nl_u32(&bad, tb[PROSE_A_DEVICE_INTEGRITY_THRESHOLD], &device->integrity_threshold);
	device->owned = tb[PROSE_A_DEVICE_OWNED];
	name = tb[PROSE_A_DEVICE_IFNAME];
	if (name) {
		size_t len = mnl_attr_get_payload_len(name);

		if (!len || len > sizeof(device->ifname) ||
		    ((const char *)mnl_attr_get_payload(name))[len - 1])
			return -EBADMSG;
		memcpy(device->ifname, mnl_attr_get_payload(name), len);
	}
	if (tb[PROSE_A_DEVICE_STATS] && !parse_stats(tb[PROSE_A_DEVICE_STATS], device))
		return -EBADMSG;
	return bad || !device->ifindex ? -EBADMSG : 0;
}

static int device_reply(void *context, const struct nlmsghdr *nlh)
{
	return nl_parse_device(nlh, context);
}

static int device_item(const struct nlmsghdr *nlh, void *item)
{
	return nl_parse_device(nlh, item);
}

int prose_nl_device_get(struct prose_nl *nl, uint32_t ifindex, struct prose_nl_device *device)
{
	struct nlmsghdr *nlh = nl_request(nl, PROSE_CMD_DEV_GET, NLM_F_ACK);

	memset(device, 0, sizeof(*device));
	return nl_talk(nl, nlh, nl_put_ifindex(nlh, ifindex), device_reply, device);
}

int prose_nl_device_dump(struct prose_nl *nl, struct prose_nl_device **list, size_t *n)
{
	struct nl_list found = { .size = sizeof(**list), .parse = device_item };
	int err = nl_dump(nl, PROSE_CMD_DEV_GET, 0, &found);

	*list = found.items;
	*n = found.n;
	return err;
}

int prose_nl_device_set(struct prose_nl *nl, uint32_t ifindex,
			const struct prose_nl_device_config *config)
{
	struct nlmsghdr *nlh = nl_request(nl, PROSE_CMD_DEV_SET, NLM_F_ACK);
	struct nlattr *nest;
	bool fits;

	/* These few small attributes always find room. */
	fits = nl_put_ifindex(nlh, ifindex);
	nest = mnl_attr_nest_start(nlh, PROSE_A_DEVICE);
	if (config->has_ethertype)
		mnl_attr_put_u16(nlh, PROSE_A_DEVICE_ETHERTYPE, htons(config->ethertype));
	if (config->has_pad)
		mnl_attr_put_u8(nlh, PROSE_A_DEVICE_PAD, config->pad);
	if (config->port)
		mnl_attr_put_u16(nlh, PROSE_A_DEVICE_PORT, htons(config->port));
	if (config->remote.family == 4)
		mnl_attr_put(nlh, PROSE_A_DEVICE_REMOTE, 4, config->remote.addr);
	if (config->remote.family == 6)
		mnl_attr_put(nlh, PROSE_A_DEVICE_REMOTE6, 16, config->remote.addr);
	if (config->remote_port)
		mnl_attr_put_u16(nlh, PROSE_A_DEVICE_REMOTE_PORT, htons(config->remote_port));
	if (config->has_unprotected_rate)
		mnl_attr_put_u32(nlh, PROSE_A_DEVICE_UNPROTECTED_RATE, config->unprotected_rate);
	if (config->has_integrity_threshold)
		mnl_attr_put_u32(nlh, PROSE_A_DEVICE_INTEGRITY_THRESHOLD,
				 config->integrity_threshold);
	mnl_attr_nest_end(nlh, nest);
	return nl_talk(nl, nlh, fits, NULL, NULL);
}
