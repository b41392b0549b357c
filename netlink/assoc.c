// SPDX-License-Identifier: MIT
/* Security associations. Keys go out and never come back; nl_talk() wipes the request. */
#include <errno.h>
#include <string.h>

#include "socket.h"

static bool parse_bearers(const struct nlattr *nest, struct prose_nl_assoc *assoc)
{
	const struct nlattr *attr;
	bool bad = false;

	mnl_attr_for_each_nested(attr, nest) {
		struct prose_nl_bearer *bearer = &assoc->bearers[assoc->n_bearers];
		const struct nlattr *tb[PROSE_A_BEARER_MAX + 1];

		if (mnl_attr_get_type(attr) != PROSE_A_ASSOC_BEARER)
			continue;
		if (assoc->n_bearers == PROSE_NL_BEARERS_MAX ||
		    !nl_nest(attr, tb, PROSE_A_BEARER_MAX) || !tb[PROSE_A_BEARER_LCID])
			return false;
		nl_u8(&bad, tb[PROSE_A_BEARER_LCID], &bearer->lcid);
		bearer->has_tx_next = tb[PROSE_A_BEARER_TX_NEXT];
		nl_u32(&bad, tb[PROSE_A_BEARER_TX_NEXT], &bearer->tx_next);
		bearer->has_rx_highest = tb[PROSE_A_BEARER_RX_HIGHEST];
		nl_u32(&bad, tb[PROSE_A_BEARER_RX_HIGHEST], &bearer->rx_highest);
		assoc->n_bearers++;
	}
	return !bad;
}

int nl_parse_assoc(const struct nlmsghdr *nlh, struct prose_nl_assoc *assoc)
{
	const struct nlattr *top[PROSE_A_MAX + 1], *peer[PROSE_A_PEER_MAX + 1];
	const struct nlattr *tb[PROSE_A_ASSOC_MAX + 1];
	uint32_t kd_sess_id = 0, eea = 0, eia = 0;
	uint8_t up_integrity = 0;
	bool bad = false;

	memset(assoc, 0, sizeof(*assoc));
	if (!nl_top(nlh, top) || !nl_nest(top[PROSE_A_PEER], peer, PROSE_A_PEER_MAX) ||
	    !nl_nest(top[PROSE_A_ASSOC], tb, PROSE_A_ASSOC_MAX))
		return -EBADMSG;
	nl_u32(&bad, top[PROSE_A_IFINDEX], &assoc->ifindex);
	nl_u32(&bad, peer[PROSE_A_PEER_L2_ID], &assoc->l2_id);
	nl_u32(&bad, tb[PROSE_A_ASSOC_KD_SESS_ID], &kd_sess_id);
	nl_u32(&bad, tb[PROSE_A_ASSOC_EEA], &eea);
	nl_u32(&bad, tb[PROSE_A_ASSOC_EIA], &eia);
	nl_u8(&bad, tb[PROSE_A_ASSOC_UP_INTEGRITY], &up_integrity);
	nl_u8(&bad, tb[PROSE_A_ASSOC_DIRECTION], &assoc->direction);
	nl_u32(&bad, tb[PROSE_A_ASSOC_COUNT_START], &assoc->count_start);
	nl_u32(&bad, tb[PROSE_A_ASSOC_COUNT_LIMIT], &assoc->count_limit);
	nl_u32(&bad, tb[PROSE_A_ASSOC_COUNT_SOFT], &assoc->count_soft);
	nl_u32(&bad, tb[PROSE_A_ASSOC_WINDOW], &assoc->window);
	nl_u32(&bad, tb[PROSE_A_ASSOC_GRACE_MS], &assoc->grace_ms);
	assoc->tx = tb[PROSE_A_ASSOC_TX];
	if (!parse_bearers(top[PROSE_A_ASSOC], assoc))
		return -EBADMSG;
	nl_u64(&bad, tb[PROSE_A_ASSOC_RX_PACKETS], &assoc->rx_packets);
	nl_u64(&bad, tb[PROSE_A_ASSOC_RX_BYTES], &assoc->rx_bytes);
	nl_u64(&bad, tb[PROSE_A_ASSOC_TX_PACKETS], &assoc->tx_packets);
	nl_u64(&bad, tb[PROSE_A_ASSOC_TX_BYTES], &assoc->tx_bytes);
	nl_u64(&bad, tb[PROSE_A_ASSOC_INTEGRITY_FAILURES], &assoc->integrity_failures);
	nl_u64(&bad, tb[PROSE_A_ASSOC_REPLAYS], &assoc->replays);
	assoc->has_gone_reason = tb[PROSE_A_ASSOC_GONE_REASON];
	nl_u32(&bad, tb[PROSE_A_ASSOC_GONE_REASON], &assoc->gone_reason);
	if (bad || !assoc->ifindex || !assoc->l2_id || !kd_sess_id || kd_sess_id > UINT16_MAX ||
	    eea > UINT8_MAX || eia > UINT8_MAX)
		return -EBADMSG;
	assoc->kd_sess_id = kd_sess_id;
	assoc->eea = eea;
	assoc->eia = eia;
	assoc->up_integrity = up_integrity;
	return 0;
}

static int assoc_reply(void *context, const struct nlmsghdr *nlh)
{
	struct prose_nl_assoc unused;

	return nl_parse_assoc(nlh, context ? context : &unused);
}

static int assoc_item(const struct nlmsghdr *nlh, void *item)
{
	return nl_parse_assoc(nlh, item);
}

/* Everything here is small and bounded, so it fits; only lengths of lists are checked. */
static void put_config(struct nlmsghdr *nlh, const struct prose_nl_assoc_config *config)
{
	size_t i;

	mnl_attr_put_u32(nlh, PROSE_A_ASSOC_KD_SESS_ID, config->kd_sess_id);
	mnl_attr_put(nlh, PROSE_A_ASSOC_PEK, sizeof(config->pek), config->pek);
	mnl_attr_put(nlh, PROSE_A_ASSOC_PIK, sizeof(config->pik), config->pik);
	mnl_attr_put_u32(nlh, PROSE_A_ASSOC_EEA, config->eea);
	mnl_attr_put_u32(nlh, PROSE_A_ASSOC_EIA, config->eia);
	mnl_attr_put_u8(nlh, PROSE_A_ASSOC_UP_INTEGRITY, config->up_integrity);
	mnl_attr_put_u8(nlh, PROSE_A_ASSOC_DIRECTION, config->direction);
	if (config->count_start)
		mnl_attr_put_u32(nlh, PROSE_A_ASSOC_COUNT_START, config->count_start);
	if (config->count_limit)
		mnl_attr_put_u32(nlh, PROSE_A_ASSOC_COUNT_LIMIT, config->count_limit);
	if (config->count_soft)
		mnl_attr_put_u32(nlh, PROSE_A_ASSOC_COUNT_SOFT, config->count_soft);
	if (config->window)
		mnl_attr_put_u32(nlh, PROSE_A_ASSOC_WINDOW, config->window);
	if (config->has_grace_ms)
		mnl_attr_put_u32(nlh, PROSE_A_ASSOC_GRACE_MS, config->grace_ms);
	if (config->tx)
		mnl_attr_put(nlh, PROSE_A_ASSOC_TX, 0, NULL);
	for (i = 0; i < config->n_seen; i++) {
		const struct prose_nl_bearer *seen = &config->seen[i];
		struct nlattr *nest = mnl_attr_nest_start(nlh, PROSE_A_ASSOC_BEARER);

		mnl_attr_put_u8(nlh, PROSE_A_BEARER_LCID, seen->lcid);
		if (seen->has_rx_highest)
			mnl_attr_put_u32(nlh, PROSE_A_BEARER_RX_HIGHEST, seen->rx_highest);
		mnl_attr_nest_end(nlh, nest);
	}
}

int prose_nl_assoc_new(struct prose_nl *nl, uint32_t ifindex, uint32_t l2_id,
		       const struct prose_nl_assoc_config *config, struct prose_nl_assoc *made)
{
	struct nlmsghdr *nlh = nl_request(nl, PROSE_CMD_ASSOC_NEW, NLM_F_ACK);
	struct nlattr *nest;

	if (config->n_seen > sizeof(config->seen) / sizeof(config->seen[0]) ||
	    !nl_put_peer_id(nlh, ifindex, l2_id))
		return nl_talk(nl, nlh, false, NULL, NULL);
	nest = mnl_attr_nest_start(nlh, PROSE_A_ASSOC);
	put_config(nlh, config);
	mnl_attr_nest_end(nlh, nest);
	return nl_talk(nl, nlh, true, assoc_reply, made);
}

/* Starts a request about one association; its nest is left open. NULL when it does not fit. */
static struct nlattr *start_assoc(struct nlmsghdr *nlh, uint32_t ifindex, uint32_t l2_id,
				  uint16_t kd_sess_id)
{
	struct nlattr *nest;

	if (!nl_put_peer_id(nlh, ifindex, l2_id))
		return NULL;
	nest = mnl_attr_nest_start(nlh, PROSE_A_ASSOC);
	mnl_attr_put_u32(nlh, PROSE_A_ASSOC_KD_SESS_ID, kd_sess_id);
	return nest;
}

int prose_nl_assoc_set(struct prose_nl *nl, uint32_t ifindex, uint32_t l2_id,
		       uint16_t kd_sess_id, const struct prose_nl_assoc_change *change)
{
	struct nlmsghdr *nlh = nl_request(nl, PROSE_CMD_ASSOC_SET, NLM_F_ACK);
	struct nlattr *nest = start_assoc(nlh, ifindex, l2_id, kd_sess_id);

	if (nest) {
		if (change->has_count_soft)
			mnl_attr_put_u32(nlh, PROSE_A_ASSOC_COUNT_SOFT, change->count_soft);
		if (change->has_grace_ms)
			mnl_attr_put_u32(nlh, PROSE_A_ASSOC_GRACE_MS, change->grace_ms);
		if (change->tx)
			mnl_attr_put(nlh, PROSE_A_ASSOC_TX, 0, NULL);
		mnl_attr_nest_end(nlh, nest);
	}
	return nl_talk(nl, nlh, nest, NULL, NULL);
}

static int assoc_by_id(struct prose_nl *nl, uint8_t cmd, uint32_t ifindex, uint32_t l2_id,
		       uint16_t kd_sess_id, nl_reply reply, void *context)
{
	struct nlmsghdr *nlh = nl_request(nl, cmd, NLM_F_ACK);
	struct nlattr *nest = start_assoc(nlh, ifindex, l2_id, kd_sess_id);

	if (nest)
		mnl_attr_nest_end(nlh, nest);
	return nl_talk(nl, nlh, nest, reply, context);
}

int prose_nl_assoc_get(struct prose_nl *nl, uint32_t ifindex, uint32_t l2_id,
		       uint16_t kd_sess_id, struct prose_nl_assoc *assoc)
{
	memset(assoc, 0, sizeof(*assoc));
	return assoc_by_id(nl, PROSE_CMD_ASSOC_GET, ifindex, l2_id, kd_sess_id, assoc_reply, assoc);
}

int prose_nl_assoc_del(struct prose_nl *nl, uint32_t ifindex, uint32_t l2_id, uint16_t kd_sess_id)
{
	return assoc_by_id(nl, PROSE_CMD_ASSOC_DEL, ifindex, l2_id, kd_sess_id, NULL, NULL);
}

int prose_nl_assoc_dump(struct prose_nl *nl, uint32_t ifindex,
			struct prose_nl_assoc **list, size_t *n)
{
	struct nl_list found = { .size = sizeof(**list), .parse = assoc_item };
	int err = nl_dump(nl, PROSE_CMD_ASSOC_GET, ifindex, &found);

	*list = found.items;
	*n = found.n;
	return err;
}

const char *prose_nl_gone_reason_name(uint32_t reason)
{
	switch (reason) {
	case PROSE_GONE_REASON_REQUESTED:
		return "requested";
	case PROSE_GONE_REASON_REPLACED:
		return "replaced";
	case PROSE_GONE_REASON_EXHAUSTED:
		return "exhausted";
	case PROSE_GONE_REASON_DEVICE:
		return "device";
	}
	return "unknown";
}
