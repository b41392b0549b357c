// SPDX-License-Identifier: MIT
/* PC5-S messages, up and down. */
#include <errno.h>
#include <string.h>

#include "socket.h"

int nl_parse_signal(const struct nlattr *nest, struct prose_nl_signal *signal)
{
	const struct nlattr *tb[PROSE_A_SIGNAL_MAX + 1];
	uint32_t kd_sess_id = 0;
	bool bad = false;

	memset(signal, 0, sizeof(*signal));
	if (!nl_nest(nest, tb, PROSE_A_SIGNAL_MAX) || !tb[PROSE_A_SIGNAL_L2_ID] ||
	    !tb[PROSE_A_SIGNAL_BEARER] || !tb[PROSE_A_SIGNAL_PROTECTION])
		return -EBADMSG;
	nl_u32(&bad, tb[PROSE_A_SIGNAL_L2_ID], &signal->l2_id);
	nl_u8(&bad, tb[PROSE_A_SIGNAL_BEARER], &signal->bearer);
	nl_u32(&bad, tb[PROSE_A_SIGNAL_PROTECTION], &signal->protection);
	nl_u32(&bad, tb[PROSE_A_SIGNAL_KD_SESS_ID], &kd_sess_id);
	signal->kd_sess_id = kd_sess_id;
	nl_some_octets(&bad, tb[PROSE_A_SIGNAL_CARRIER_ADDR], signal->carrier_addr,
		       sizeof(signal->carrier_addr), &signal->carrier_addr_len);
	signal->has_count = tb[PROSE_A_SIGNAL_COUNT];
	nl_u32(&bad, tb[PROSE_A_SIGNAL_COUNT], &signal->count);
	signal->has_mac_i = tb[PROSE_A_SIGNAL_PDCP_HEADER] && tb[PROSE_A_SIGNAL_MAC_I];
	nl_octets(&bad, tb[PROSE_A_SIGNAL_PDCP_HEADER], signal->pdcp_header,
		  sizeof(signal->pdcp_header));
	nl_octets(&bad, tb[PROSE_A_SIGNAL_MAC_I], signal->mac_i, sizeof(signal->mac_i));
	nl_u32(&bad, tb[PROSE_A_SIGNAL_LOCAL_L2_ID], &signal->local_l2_id);
	if (tb[PROSE_A_SIGNAL_MESSAGE]) {
		signal->message = mnl_attr_get_payload(tb[PROSE_A_SIGNAL_MESSAGE]);
		signal->len = mnl_attr_get_payload_len(tb[PROSE_A_SIGNAL_MESSAGE]);
	}
	return bad || kd_sess_id > UINT16_MAX ? -EBADMSG : 0;
}

int prose_nl_signal_register(struct prose_nl *nl, uint32_t ifindex)
{
	struct nlmsghdr *nlh = nl_request(nl, PROSE_CMD_SIGNAL_REGISTER, NLM_F_ACK);

	if (!nl->events) {
		nl_talk(nl, nlh, false, NULL, NULL);
		return nl_fail(nl, -EINVAL, "only an event socket can own a device's signalling");
	}
	return nl_talk(nl, nlh, nl_put_ifindex(nlh, ifindex), NULL, NULL);
}

/* The answer to signal-send holds the nest signal with the COUNT, if the message got one. */
static int count_reply(void *context, const struct nlmsghdr *nlh)
{
	const struct nlattr *top[PROSE_A_MAX + 1], *tb[PROSE_A_SIGNAL_MAX + 1];
	bool bad = false;

	if (!nl_top(nlh, top) || !nl_nest(top[PROSE_A_SIGNAL], tb, PROSE_A_SIGNAL_MAX))
		return -EBADMSG;
	nl_u32(&bad, tb[PROSE_A_SIGNAL_COUNT], context);
	return bad ? -EBADMSG : 0;
}

int prose_nl_signal_send(struct prose_nl *nl, uint32_t ifindex,
			 const struct prose_nl_signal *signal, uint32_t *count)
{
	struct nlmsghdr *nlh = nl_request(nl, PROSE_CMD_SIGNAL_SEND, NLM_F_ACK);
	uint32_t got = 0;
	struct nlattr *nest;
	bool fits;
	int err;

	fits = nl_put_ifindex(nlh, ifindex);
	nest = mnl_attr_nest_start(nlh, PROSE_A_SIGNAL);
	mnl_attr_put_u32(nlh, PROSE_A_SIGNAL_L2_ID, signal->l2_id);
	mnl_attr_put_u8(nlh, PROSE_A_SIGNAL_BEARER, signal->bearer);
	mnl_attr_put_u32(nlh, PROSE_A_SIGNAL_PROTECTION, signal->protection);
	if (signal->protection != PROSE_PROTECTION_NONE)
		mnl_attr_put_u32(nlh, PROSE_A_SIGNAL_KD_SESS_ID, signal->kd_sess_id);
	if (signal->carrier_addr_len)
		mnl_attr_put(nlh, PROSE_A_SIGNAL_CARRIER_ADDR, signal->carrier_addr_len,
			     signal->carrier_addr);
	if (signal->local_l2_id)
		mnl_attr_put_u32(nlh, PROSE_A_SIGNAL_LOCAL_L2_ID, signal->local_l2_id);
	fits = fits && signal->len <= NL_TX_LEN &&
	       mnl_attr_put_check(nlh, NL_TX_LEN, PROSE_A_SIGNAL_MESSAGE, signal->len,
				  signal->message);
	mnl_attr_nest_end(nlh, nest);
	err = nl_talk(nl, nlh, fits, count_reply, &got);
	if (count)
		*count = got;
	return err;
}

const char *prose_nl_protection_name(uint32_t protection)
{
	switch (protection) {
	case PROSE_PROTECTION_NONE:
		return "none";
	case PROSE_PROTECTION_INTEGRITY:
		return "integrity";
	case PROSE_PROTECTION_FULL:
		return "full";
	case PROSE_PROTECTION_UNVERIFIED:
		return "unverified";
	}
	return "unknown";
}
