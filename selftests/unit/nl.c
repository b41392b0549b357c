// SPDX-License-Identifier: MIT
/*
 * Reading of kernel messages by the client library: whole ones give what was put in, cut ones
 * and ones with a wrong length are refused, and nothing is read beyond their end (the messages
 * lie in allocations of their exact length, for AddressSanitizer to watch).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <arpa/inet.h>

#include <cmocka.h>

#include "socket.h"

#define FAMILY	0x1c

static uint8_t buf[NL_RX_LEN] __attribute__((aligned(8)));

static struct nlmsghdr *start(uint8_t cmd)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));

	nlh->nlmsg_type = FAMILY;
	genl->cmd = cmd;
	genl->version = 1;
	return nlh;
}

static const uint8_t mac[6] = { 2, 3, 4, 5, 6, 7 };
static const uint8_t ipv6[16] = { 0xfd, 1, [15] = 9 };

static struct nlmsghdr *device_message(void)
{
	struct nlmsghdr *nlh = start(PROSE_CMD_DEV_NTF);
	struct nlattr *device = mnl_attr_nest_start(nlh, PROSE_A_DEVICE), *stats;

	mnl_attr_put_u32(nlh, PROSE_A_DEVICE_IFINDEX, 7);
	mnl_attr_put_strz(nlh, PROSE_A_DEVICE_IFNAME, "prose0");
	mnl_attr_put_u32(nlh, PROSE_A_DEVICE_LOWER_IFINDEX, 3);
	mnl_attr_put_u32(nlh, PROSE_A_DEVICE_L2_ID, 0x0a0b0c);
	mnl_attr_put_u32(nlh, PROSE_A_DEVICE_CARRIER, PROSE_CARRIER_LINK);
	mnl_attr_put_u16(nlh, PROSE_A_DEVICE_ETHERTYPE, htons(0x88b5));
	mnl_attr_put_u8(nlh, PROSE_A_DEVICE_PAD, 1);
	mnl_attr_put_u32(nlh, PROSE_A_DEVICE_UNPROTECTED_RATE, 50);
	mnl_attr_put_u32(nlh, PROSE_A_DEVICE_INTEGRITY_THRESHOLD, 100);
	mnl_attr_put(nlh, PROSE_A_DEVICE_OWNED, 0, NULL);
	stats = mnl_attr_nest_start(nlh, PROSE_A_DEVICE_STATS);
	mnl_attr_put_u64(nlh, PROSE_A_STAT_RX_REPLAY, 1234567890123ull);
	mnl_attr_put_u64(nlh, PROSE_A_STAT_SIGNAL_QUEUE, 5);
	mnl_attr_nest_end(nlh, stats);
	mnl_attr_nest_end(nlh, device);
	return nlh;
}

static struct nlmsghdr *peer_message(uint8_t cmd)
{
	struct nlmsghdr *nlh = start(cmd);
	struct nlattr *peer;

	mnl_attr_put_u32(nlh, PROSE_A_IFINDEX, 7);
	peer = mnl_attr_nest_start(nlh, PROSE_A_PEER);
	mnl_attr_put_u32(nlh, PROSE_A_PEER_L2_ID, 0x0a0b0d);
	mnl_attr_put(nlh, PROSE_A_PEER_CARRIER_ADDR, sizeof(mac), mac);
	mnl_attr_put_u32(nlh, PROSE_A_PEER_IPV4, htonl(0x0a000002));
	mnl_attr_put(nlh, PROSE_A_PEER_IPV6, sizeof(ipv6), ipv6);
	mnl_attr_put_u64(nlh, PROSE_A_PEER_RX_PACKETS, 11);
	mnl_attr_put_u64(nlh, PROSE_A_PEER_RX_BYTES, 12);
	mnl_attr_put_u64(nlh, PROSE_A_PEER_TX_PACKETS, 13);
	mnl_attr_put_u64(nlh, PROSE_A_PEER_TX_BYTES, 14);
	mnl_attr_put_u64(nlh, PROSE_A_PEER_LAST_RX_MS, 15);
	mnl_attr_put_u32(nlh, PROSE_A_PEER_GONE_REASON, PROSE_GONE_REASON_DEVICE);
	mnl_attr_put_u32(nlh, PROSE_A_PEER_LOCAL_L2_ID, 0x0c0b0a);
	mnl_attr_put_u32(nlh, PROSE_A_PEER_REMOTE_L2_ID, 0x0d0b0a);
	mnl_attr_nest_end(nlh, peer);
	return nlh;
}

static struct nlmsghdr *assoc_message(uint8_t cmd)
{
	struct nlmsghdr *nlh = start(cmd);
	struct nlattr *nest, *bearer;

	mnl_attr_put_u32(nlh, PROSE_A_IFINDEX, 7);
	if (cmd == PROSE_CMD_COUNT_SOFT_NTF || cmd == PROSE_CMD_COUNT_EXHAUSTED_NTF)
		mnl_attr_put_u8(nlh, PROSE_A_LCID, 30);
	nest = mnl_attr_nest_start(nlh, PROSE_A_PEER);
	mnl_attr_put_u32(nlh, PROSE_A_PEER_L2_ID, 0x0a0b0d);
	mnl_attr_nest_end(nlh, nest);
	nest = mnl_attr_nest_start(nlh, PROSE_A_ASSOC);
	mnl_attr_put_u32(nlh, PROSE_A_ASSOC_KD_SESS_ID, 0xbeef);
	mnl_attr_put_u32(nlh, PROSE_A_ASSOC_EEA, 2);
	mnl_attr_put_u32(nlh, PROSE_A_ASSOC_EIA, 2);
	mnl_attr_put_u8(nlh, PROSE_A_ASSOC_UP_INTEGRITY, 1);
	mnl_attr_put_u8(nlh, PROSE_A_ASSOC_DIRECTION, 1);
	mnl_attr_put_u32(nlh, PROSE_A_ASSOC_COUNT_START, 1);
	mnl_attr_put_u32(nlh, PROSE_A_ASSOC_COUNT_LIMIT, 0xffffffff);
	mnl_attr_put(nlh, PROSE_A_ASSOC_TX, 0, NULL);
	bearer = mnl_attr_nest_start(nlh, PROSE_A_ASSOC_BEARER);
	mnl_attr_put_u8(nlh, PROSE_A_BEARER_LCID, 1);
	mnl_attr_put_u32(nlh, PROSE_A_BEARER_TX_NEXT, 77);
	mnl_attr_nest_end(nlh, bearer);
	bearer = mnl_attr_nest_start(nlh, PROSE_A_ASSOC_BEARER);
	mnl_attr_put_u8(nlh, PROSE_A_BEARER_LCID, 30);
	mnl_attr_put_u32(nlh, PROSE_A_BEARER_RX_HIGHEST, 78);
	mnl_attr_nest_end(nlh, bearer);
	mnl_attr_put_u64(nlh, PROSE_A_ASSOC_REPLAYS, 3);
	mnl_attr_nest_end(nlh, nest);
	return nlh;
}

static struct nlmsghdr *signal_message(void)
{
	struct nlmsghdr *nlh = start(PROSE_CMD_SIGNAL_NTF);
	struct nlattr *nest;

	mnl_attr_put_u32(nlh, PROSE_A_IFINDEX, 7);
	nest = mnl_attr_nest_start(nlh, PROSE_A_SIGNAL);
	mnl_attr_put_u32(nlh, PROSE_A_SIGNAL_L2_ID, 0x0a0b0d);
	mnl_attr_put_u8(nlh, PROSE_A_SIGNAL_BEARER, 29);
	mnl_attr_put_u32(nlh, PROSE_A_SIGNAL_PROTECTION, PROSE_PROTECTION_UNVERIFIED);
	mnl_attr_put_u32(nlh, PROSE_A_SIGNAL_KD_SESS_ID, 0x1234);
	mnl_attr_put(nlh, PROSE_A_SIGNAL_CARRIER_ADDR, sizeof(mac), mac);
	mnl_attr_put_u32(nlh, PROSE_A_SIGNAL_COUNT, 9);
	mnl_attr_put(nlh, PROSE_A_SIGNAL_PDCP_HEADER, 5, "\x40\x12\x34\x00\x09");
	mnl_attr_put(nlh, PROSE_A_SIGNAL_MAC_I, 4, "\1\2\3\4");
	mnl_attr_put_u32(nlh, PROSE_A_SIGNAL_LOCAL_L2_ID, 0x0c0b0a);
	mnl_attr_put(nlh, PROSE_A_SIGNAL_MESSAGE, 3, "\x05\x06\x07");
	mnl_attr_nest_end(nlh, nest);
	return nlh;
}

static struct nlmsghdr *wanted_message(void)
{
	struct nlmsghdr *nlh = start(PROSE_CMD_PEER_WANTED_NTF);

	mnl_attr_put_u32(nlh, PROSE_A_IFINDEX, 7);
	mnl_attr_put(nlh, PROSE_A_IPV6, sizeof(ipv6), ipv6);
	return nlh;
}

/* Parses a copy that ends where the message does. */
static int parse(const struct nlmsghdr *nlh, size_t len, struct prose_nl_event *event)
{
	struct nlmsghdr *copy = malloc(len);
	int err;

	assert_non_null(copy);
	memcpy(copy, nlh, len);
	copy->nlmsg_len = len;
	err = nl_parse_event(copy, event);
	if (!err && event->type == PROSE_NL_SIGNAL && event->signal.len) {
		/* Read all of it while it is there. */
		uint8_t *all = malloc(event->signal.len);

		assert_non_null(all);
		memcpy(all, event->signal.message, event->signal.len);
		free(all);
	}
	free(copy);
	return err;
}

static void whole_device(void **state)
{
	const struct nlmsghdr *nlh = device_message();
	struct prose_nl_event event;

	(void)state;
	assert_int_equal(parse(nlh, nlh->nlmsg_len, &event), 0);
	assert_int_equal(event.type, PROSE_NL_DEVICE_CHANGED);
	assert_int_equal(event.ifindex, 7);
	assert_string_equal(event.device.ifname, "prose0");
	assert_int_equal(event.device.l2_id, 0x0a0b0c);
	assert_int_equal(event.device.ethertype, 0x88b5);
	assert_true(event.device.pad && event.device.owned);
	assert_int_equal(event.device.n_stats, 2);
	assert_string_equal(event.device.stats[0].name, "rx-replay");
	assert_true(event.device.stats[0].value == 1234567890123ull);
	assert_string_equal(event.device.stats[1].name, "signal-queue");
}

static void whole_peer(void **state)
{
	const struct nlmsghdr *nlh = peer_message(PROSE_CMD_PEER_DEL_NTF);
	struct prose_nl_event event;

	(void)state;
	assert_int_equal(parse(nlh, nlh->nlmsg_len, &event), 0);
	assert_int_equal(event.type, PROSE_NL_PEER_GONE);
	assert_int_equal(event.peer.l2_id, 0x0a0b0d);
	assert_int_equal(event.peer.n_addresses, 2);
	assert_int_equal(event.peer.addresses[0].family, 4);
	assert_memory_equal(event.peer.addresses[0].addr, "\x0a\0\0\2", 4);
	assert_int_equal(event.peer.addresses[1].family, 6);
	assert_memory_equal(event.peer.addresses[1].addr, ipv6, 16);
	assert_memory_equal(event.peer.carrier_addr, mac, 6);
	assert_int_equal(event.peer.tx_bytes, 14);
	assert_true(event.peer.has_last_rx && event.peer.has_gone_reason);
	assert_string_equal(prose_nl_gone_reason_name(event.peer.gone_reason), "device");
	assert_true(event.peer.has_local_l2_id && event.peer.has_remote_l2_id);
	assert_int_equal(event.peer.local_l2_id, 0x0c0b0a);
	assert_int_equal(event.peer.remote_l2_id, 0x0d0b0a);
}

static void whole_assoc(void **state)
{
	const struct nlmsghdr *nlh = assoc_message(PROSE_CMD_ASSOC_DEL_NTF);
	struct prose_nl_event event;

	(void)state;
	assert_int_equal(parse(nlh, nlh->nlmsg_len, &event), 0);
	assert_int_equal(event.type, PROSE_NL_ASSOC_GONE);
	assert_int_equal(event.assoc.kd_sess_id, 0xbeef);
	assert_int_equal(event.assoc.n_bearers, 2);
	assert_true(event.assoc.bearers[0].has_tx_next && !event.assoc.bearers[0].has_rx_highest);
	assert_int_equal(event.assoc.bearers[0].tx_next, 77);
	assert_int_equal(event.assoc.bearers[1].lcid, 30);
	assert_int_equal(event.assoc.bearers[1].rx_highest, 78);
	assert_true(event.assoc.tx && !event.assoc.has_gone_reason);
	assert_int_equal(event.assoc.replays, 3);

	nlh = assoc_message(PROSE_CMD_COUNT_SOFT_NTF);
	assert_int_equal(parse(nlh, nlh->nlmsg_len, &event), 0);
	assert_int_equal(event.type, PROSE_NL_COUNT_SOFT);
	assert_int_equal(event.count.lcid, 30);
	assert_int_equal(event.count.l2_id, 0x0a0b0d);
	assert_int_equal(event.count.kd_sess_id, 0xbeef);
}

static void whole_signal(void **state)
{
	const struct nlmsghdr *nlh = signal_message();
	struct prose_nl_event event;

	(void)state;
	assert_int_equal(nl_parse_event(nlh, &event), 0);
	assert_int_equal(event.type, PROSE_NL_SIGNAL);
	assert_int_equal(event.signal.protection, PROSE_PROTECTION_UNVERIFIED);
	assert_int_equal(event.signal.kd_sess_id, 0x1234);
	assert_true(event.signal.has_count && event.signal.has_mac_i);
	assert_true(event.signal.carrier_addr_len);
	assert_int_equal(event.signal.count, 9);
	assert_int_equal(event.signal.len, 3);
	assert_memory_equal(event.signal.message, "\5\6\7", 3);
	assert_memory_equal(event.signal.mac_i, "\1\2\3\4", 4);
	assert_int_equal(event.signal.local_l2_id, 0x0c0b0a);
}

static void whole_wanted(void **state)
{
	const struct nlmsghdr *nlh = wanted_message();
	struct prose_nl_event event;

	(void)state;
	assert_int_equal(parse(nlh, nlh->nlmsg_len, &event), 0);
	assert_int_equal(event.type, PROSE_NL_PEER_WANTED);
	assert_true(event.wanted.has_address && !event.wanted.has_l2_id);
	assert_int_equal(event.wanted.address.family, 6);
	assert_memory_equal(event.wanted.address.addr, ipv6, 16);
}

/* Every message of the kernel's, for the tests that damage them. */
static struct nlmsghdr *message(int i)
{
	switch (i) {
	case 0: return device_message();
	case 1: return peer_message(PROSE_CMD_PEER_NTF);
	case 2: return assoc_message(PROSE_CMD_ASSOC_DEL_NTF);
	case 3: return assoc_message(PROSE_CMD_COUNT_EXHAUSTED_NTF);
	case 4: return assoc_message(PROSE_CMD_INTEGRITY_FAILURES_NTF);
	case 5: return signal_message();
	case 6: return wanted_message();
	}
	return NULL;
}

/*
 * A cut message is refused wherever the cut does not fall between two top-level attributes;
 * there it may still be complete without the last ones.
 */
static void cut(void **state)
{
	struct prose_nl_event event;
	int i;

	(void)state;
	for (i = 0; message(i); i++) {
		size_t whole = message(i)->nlmsg_len, len;

		for (len = MNL_NLMSG_HDRLEN; len < whole; len++) {
			const struct nlmsghdr *nlh = message(i);
			size_t at = MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(struct genlmsghdr));

			while (at < len) {
				const struct nlattr *attr =
					(const struct nlattr *)((const uint8_t *)nlh + at);

				at += MNL_ALIGN(attr->nla_len);
			}
			if (at == len)
				parse(nlh, len, &event);
			else if (len >= MNL_NLMSG_HDRLEN + sizeof(struct genlmsghdr) &&
				 at - len < MNL_ALIGNTO)
				parse(nlh, len, &event); /* only the padding is missing */
			else
				assert_int_equal(parse(nlh, len, &event), -EBADMSG);
		}
	}
}

/* Any octet of any length field made any of these values: no crash, no reading beyond. */
static void damaged(void **state)
{
	static const uint8_t values[] = { 0, 1, 3, 4, 5, 7, 8, 12, 0x7f, 0x80, 0xff };
	struct prose_nl_event event;
	size_t at, v;
	int i;

	(void)state;
	for (i = 0; message(i); i++) {
		size_t whole = message(i)->nlmsg_len;

		for (at = MNL_NLMSG_HDRLEN; at < whole; at++) {
			for (v = 0; v < sizeof(values); v++) {
				struct nlmsghdr *nlh = message(i);

				((uint8_t *)nlh)[at] = values[v];
				parse(nlh, whole, &event);
			}
		}
	}
}

/* Fixed lengths are fixed. */
static void wrong_length(void **state)
{
	struct prose_nl_event event;
	struct nlmsghdr *nlh = start(PROSE_CMD_PEER_WANTED_NTF);

	(void)state;
	mnl_attr_put_u16(nlh, PROSE_A_IFINDEX, 7);
	mnl_attr_put(nlh, PROSE_A_IPV6, sizeof(ipv6), ipv6);
	assert_int_equal(parse(nlh, nlh->nlmsg_len, &event), -EBADMSG);

	nlh = start(PROSE_CMD_PEER_WANTED_NTF);
	mnl_attr_put_u32(nlh, PROSE_A_IFINDEX, 7);
	mnl_attr_put(nlh, PROSE_A_IPV6, sizeof(ipv6) - 1, ipv6);
	assert_int_equal(parse(nlh, nlh->nlmsg_len, &event), -EBADMSG);
}

static void unknown(void **state)
{
	struct nlmsghdr *nlh = start(PROSE_CMD_MAX + 1);
	struct prose_nl_event event;

	(void)state;
	mnl_attr_put_u32(nlh, PROSE_A_IFINDEX, 7);
	assert_int_equal(parse(nlh, nlh->nlmsg_len, &event), -ENOMSG);

	/* An attribute of a newer kernel is passed over. */
	nlh = wanted_message();
	mnl_attr_put_u32(nlh, PROSE_A_MAX + 3, 1);
	assert_int_equal(parse(nlh, nlh->nlmsg_len, &event), 0);
}

/* A refusal as Linux 6.1 sends it, with CAP_ACK: header of the request only, then TLVs. */
static void refusal(struct prose_nl *nl, const struct nlmsghdr *sent, const char *text,
		    uint32_t offset, uint32_t missing, uint32_t nest)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nlmsgerr *err = mnl_nlmsg_put_extra_header(nlh, sizeof(*err));

	nlh->nlmsg_type = NLMSG_ERROR;
	nlh->nlmsg_flags = NLM_F_CAPPED | NLM_F_ACK_TLVS;
	err->error = -EINVAL;
	err->msg = *sent;
	if (text)
		mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, text);
	if (offset)
		mnl_attr_put_u32(nlh, NLMSGERR_ATTR_OFFS, offset);
	if (missing)
		mnl_attr_put_u32(nlh, 5, missing);
	if (nest)
		mnl_attr_put_u32(nlh, 6, nest);
	nl->error[0] = '\0';
	nl->attr[0] = '\0';
	assert_int_equal(nl_explain(nl, -EINVAL, sent, nlh, sizeof(*err)), -EINVAL);
}

static void explained(void **state)
{
	struct prose_nl *nl = calloc(1, sizeof(*nl));
	struct nlmsghdr *sent;
	struct nlattr *assoc, *bearer;
	uint32_t offset, nest;

	(void)state;
	assert_non_null(nl);
	sent = nl_request(nl, PROSE_CMD_ASSOC_NEW, NLM_F_ACK);
	assert_true(nl_put_peer_id(sent, 7, 0x0a0b0d));
	assoc = mnl_attr_nest_start(sent, PROSE_A_ASSOC);
	nest = (uint8_t *)assoc - (uint8_t *)sent;
	mnl_attr_put_u32(sent, PROSE_A_ASSOC_KD_SESS_ID, 1);
	bearer = mnl_attr_nest_start(sent, PROSE_A_ASSOC_BEARER);
	mnl_attr_put_u8(sent, PROSE_A_BEARER_LCID, 31);
	mnl_attr_nest_end(sent, bearer);
	mnl_attr_nest_end(sent, assoc);

	offset = (uint8_t *)bearer + MNL_ATTR_HDRLEN - (uint8_t *)sent;
	refusal(nl, sent, "integer out of range", offset, 0, 0);
	assert_string_equal(prose_nl_error(nl), "integer out of range (assoc.bearer.lcid)");
	assert_string_equal(prose_nl_error_attr(nl), "assoc.bearer.lcid");
	refusal(nl, sent, NULL, offset, 0, 0);
	assert_string_equal(prose_nl_error(nl), "Invalid argument (assoc.bearer.lcid)");
	refusal(nl, sent, "no such thing", nest, 0, 0);
	assert_string_equal(prose_nl_error(nl), "no such thing (assoc)");
	refusal(nl, sent, NULL, 0, PROSE_A_ASSOC_PEK, nest);
	assert_string_equal(prose_nl_error(nl), "attribute assoc.pek is missing");
	refusal(nl, sent, NULL, 0, PROSE_A_IFINDEX, 0);
	assert_string_equal(prose_nl_error(nl), "attribute ifindex is missing");
	refusal(nl, sent, NULL, 0, 0, 0);
	assert_string_equal(prose_nl_error(nl), "Invalid argument");
	/* Offsets beyond the request, and odd ones inside it, do no harm. */
	for (offset = 1; offset < 2 * sent->nlmsg_len; offset++)
		refusal(nl, sent, "text", offset, 200, offset);
	free(nl);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_device),
		cmocka_unit_test(whole_peer),
		cmocka_unit_test(whole_assoc),
		cmocka_unit_test(whole_signal),
		cmocka_unit_test(whole_wanted),
		cmocka_unit_test(cut),
		cmocka_unit_test(damaged),
		cmocka_unit_test(wrong_length),
		cmocka_unit_test(unknown),
		cmocka_unit_test(explained),
	};

	return cmocka_run_group_tests_name("nl", tests, NULL, NULL);
}
