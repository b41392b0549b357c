// SPDX-License-Identifier: GPL-2.0-only
/* Generic netlink: security associations. Keys come in here and never go out. */

#include <linux/log2.h>

#include "assoc.h"
#include "device.h"
#include "netlink.h"
#include "pdcp.h"
#include "peer.h"
#include "replay.h"
#include "stats.h"

#define COUNT_START_DEFAULT	1
#define COUNT_LIMIT_DEFAULT	0xffffffff
#define WINDOW_DEFAULT		2048
#define GRACE_MS_DEFAULT	2000

/**
 * prose_nl_put_assoc_id() - name an association
 * @msg: the message
 * @assoc: the association
 *
 * Return: 0 or -EMSGSIZE.
 */
int prose_nl_put_assoc_id(struct sk_buff *msg, const struct prose_assoc *assoc)
{
	struct nlattr *nest = nla_nest_start(msg, PROSE_A_ASSOC);

	if (!nest || nla_put_u32(msg, PROSE_A_ASSOC_KD_SESS_ID, assoc->config.kd_sess_id))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int put_bearers(struct sk_buff *msg, struct prose_assoc *assoc)
{
	int id;

	for (id = 0; id < PROSE_N_BEARERS; id++) {
		struct prose_bearer *bearer = &assoc->bearers[id];
		u64 tx_next = atomic64_read(&bearer->tx_next);
		struct nlattr *nest;
		u32 highest;
		bool seen;

		spin_lock_bh(&bearer->lock);
		highest = bearer->replay.highest;
		seen = bearer->replay.seen;
		spin_unlock_bh(&bearer->lock);

		nest = nla_nest_start(msg, PROSE_A_ASSOC_BEARER);
		if (!nest ||
		    nla_put_u8(msg, PROSE_A_BEARER_LCID, prose_bearer_lcid(id)) ||
		    (tx_next <= assoc->config.count_limit &&
		     nla_put_u32(msg, PROSE_A_BEARER_TX_NEXT, tx_next)) ||
		    (seen && nla_put_u32(msg, PROSE_A_BEARER_RX_HIGHEST, highest)))
			return -EMSGSIZE;
		nla_nest_end(msg, nest);
	}
	return 0;
}

static int put_counters(struct sk_buff *msg, const struct prose_assoc *assoc)
{
	struct prose_traffic_sum sum;

	prose_traffic_sum(assoc->traffic, &sum);
	if (nla_put_u64_64bit(msg, PROSE_A_ASSOC_RX_PACKETS, sum.rx_packets,
			      PROSE_A_ASSOC_PAD64) ||
	    nla_put_u64_64bit(msg, PROSE_A_ASSOC_RX_BYTES, sum.rx_bytes, PROSE_A_ASSOC_PAD64) ||
	    nla_put_u64_64bit(msg, PROSE_A_ASSOC_TX_PACKETS, sum.tx_packets,
			      PROSE_A_ASSOC_PAD64) ||
	    nla_put_u64_64bit(msg, PROSE_A_ASSOC_TX_BYTES, sum.tx_bytes, PROSE_A_ASSOC_PAD64) ||
	    nla_put_u64_64bit(msg, PROSE_A_ASSOC_INTEGRITY_FAILURES,
			      atomic64_read(&assoc->integrity_failures), PROSE_A_ASSOC_PAD64) ||
	    nla_put_u64_64bit(msg, PROSE_A_ASSOC_REPLAYS, atomic64_read(&assoc->replays),
			      PROSE_A_ASSOC_PAD64))
		return -EMSGSIZE;
	return 0;
}

/* Under the device's lock. */
static int fill_assoc(struct sk_buff *msg, const void *obj, const struct prose_nl_to *to)
{
	struct prose_assoc *assoc = (struct prose_assoc *)obj;
	const struct prose_assoc_config *config = &assoc->config;
	const struct prose_peer *peer = assoc->peer;
	struct nlattr *nest;
	void *hdr;

	hdr = prose_nl_begin(msg, to, peer->prose);
	if (!hdr)
		return -EMSGSIZE;
	if (prose_nl_put_peer_id(msg, peer))
		goto err_cancel;
	nest = nla_nest_start(msg, PROSE_A_ASSOC);
	if (!nest ||
	    nla_put_u32(msg, PROSE_A_ASSOC_KD_SESS_ID, config->kd_sess_id) ||
	    nla_put_u32(msg, PROSE_A_ASSOC_EEA, config->eea) ||
	    nla_put_u32(msg, PROSE_A_ASSOC_EIA, config->eia) ||
	    nla_put_u8(msg, PROSE_A_ASSOC_UP_INTEGRITY, config->up_integrity) ||
	    nla_put_u8(msg, PROSE_A_ASSOC_DIRECTION, config->direction) ||
	    nla_put_u32(msg, PROSE_A_ASSOC_COUNT_START, config->count_start) ||
	    nla_put_u32(msg, PROSE_A_ASSOC_COUNT_LIMIT, config->count_limit) ||
	    nla_put_u32(msg, PROSE_A_ASSOC_COUNT_SOFT, config->count_soft) ||
	    nla_put_u32(msg, PROSE_A_ASSOC_WINDOW, config->window) ||
	    nla_put_u32(msg, PROSE_A_ASSOC_GRACE_MS, config->grace_ms) ||
	    (rcu_access_pointer(peer->tx) == assoc && nla_put_flag(msg, PROSE_A_ASSOC_TX)) ||
	    put_bearers(msg, assoc) ||
	    put_counters(msg, assoc) ||
	    (to->gone && nla_put_u32(msg, PROSE_A_ASSOC_GONE_REASON, to->reason)))
		goto err_cancel;
	nla_nest_end(msg, nest);
	genlmsg_end(msg, hdr);
	return 0;

err_cancel:
	genlmsg_cancel(msg, hdr);
	return -EMSGSIZE;
}

/**
 * prose_nl_assoc_gone() - tell that an association is being deleted
 * @assoc: the association
 * @reason: why
 *
 * Context: the device's lock.
 */
void prose_nl_assoc_gone(struct prose_assoc *assoc, enum prose_gone_reason reason)
{
	const struct prose_nl_to to = {
		.cmd = PROSE_CMD_ASSOC_DEL_NTF,
		.gone = true,
		.reason = reason,
	};
	struct prose_dev *prose = assoc->peer->prose;
	struct sk_buff *msg;

	if (!prose_nl_wanted(prose))
		return;
	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg) {
		prose_nl_lost(prose);
		return;
	}
	if (fill_assoc(msg, assoc, &to)) {
		nlmsg_free(msg);
		return;
	}
	prose_nl_multicast(prose, msg, GFP_KERNEL);
}

/* An event that names an association, and a bearer if there is one (lcid not 0). */
static void event(struct prose_assoc *assoc, u8 cmd, u8 lcid)
{
	struct prose_dev *prose = assoc->peer->prose;
	const struct prose_nl_to to = { .cmd = cmd };
	struct nlattr *nest;
	struct sk_buff *msg;
	void *hdr;

	if (!prose_nl_wanted(prose))
		return;
	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_ATOMIC);
	if (!msg) {
		prose_nl_lost(prose);
		return;
	}
	hdr = prose_nl_begin(msg, &to, prose);
	if (!hdr || prose_nl_put_peer_id(msg, assoc->peer))
		goto err_free;
	if (lcid) {
		if (prose_nl_put_assoc_id(msg, assoc) || nla_put_u8(msg, PROSE_A_LCID, lcid))
			goto err_free;
	} else {
		nest = nla_nest_start(msg, PROSE_A_ASSOC);
		if (!nest ||
		    nla_put_u32(msg, PROSE_A_ASSOC_KD_SESS_ID, assoc->config.kd_sess_id) ||
		    nla_put_u64_64bit(msg, PROSE_A_ASSOC_INTEGRITY_FAILURES,
				      atomic64_read(&assoc->integrity_failures),
				      PROSE_A_ASSOC_PAD64))
			goto err_free;
		nla_nest_end(msg, nest);
	}
	genlmsg_end(msg, hdr);
	prose_nl_multicast(prose, msg, GFP_ATOMIC);
	return;

err_free:
	nlmsg_free(msg);
}

/**
 * prose_nl_count_soft() - tell that the soft limit was passed
 * @assoc: the association
 * @id: the bearer
 *
 * Context: any; comes once for each bearer.
 */
void prose_nl_count_soft(struct prose_assoc *assoc, enum prose_bearer_id id)
{
	event(assoc, PROSE_CMD_COUNT_SOFT_NTF, prose_bearer_lcid(id));
}

/**
 * prose_nl_count_exhausted() - tell that the last COUNT was taken
 * @assoc: the association
 * @id: the bearer
 *
 * Context: any; comes once for each bearer.
 */
void prose_nl_count_exhausted(struct prose_assoc *assoc, enum prose_bearer_id id)
{
	event(assoc, PROSE_CMD_COUNT_EXHAUSTED_NTF, prose_bearer_lcid(id));
}

/**
 * prose_nl_integrity() - tell that integrity failures passed a threshold
 * @assoc: the association
 *
 * Forgers decide how often this is called, so it is limited.
 *
 * Context: any.
 */
void prose_nl_integrity(struct prose_assoc *assoc)
{
	if (prose_bucket_take(&assoc->peer->prose->integrity_bucket, PROSE_NOTIFY_RATE))
		event(assoc, PROSE_CMD_INTEGRITY_FAILURES_NTF, 0);
}

/* The association a request names; under the device's lock. */
static struct prose_assoc *assoc_of(struct prose_dev *prose, struct genl_info *info)
{
	struct nlattr *nest = info->attrs[PROSE_A_ASSOC];
	struct nlattr *tb[PROSE_A_ASSOC_TX + 1];
	struct prose_assoc *assoc;
	struct prose_peer *peer;
	int err;

	peer = prose_nl_peer_of(prose, info);
	if (IS_ERR(peer))
		return ERR_CAST(peer);
	if (PROSE_NL_REQUIRE(info->extack, NULL, info->attrs, PROSE_A_ASSOC, "assoc"))
		return ERR_PTR(-EINVAL);
	/* Those of assoc-set, of which the others have the first only. */
	err = nla_parse_nested(tb, PROSE_A_ASSOC_TX, nest, prose_assoc_set_input_nl_policy,
			       info->extack);
	if (err)
		return ERR_PTR(err);
	if (PROSE_NL_REQUIRE(info->extack, nest, tb, PROSE_A_ASSOC_KD_SESS_ID,
			     "assoc.kd-sess-id"))
		return ERR_PTR(-EINVAL);
	assoc = prose_assoc_find(peer, nla_get_u32(tb[PROSE_A_ASSOC_KD_SESS_ID]));
	if (!assoc)
		return ERR_PTR(PROSE_NL_REFUSE(info->extack, tb[PROSE_A_ASSOC_KD_SESS_ID],
					       -ENOENT,
					       "attribute assoc.kd-sess-id: no such association"));
	return assoc;
}

static const struct {
	u8 attr;
	const char *missing;
} required[] = {
	{ PROSE_A_ASSOC_KD_SESS_ID, "attribute assoc.kd-sess-id is missing" },
	{ PROSE_A_ASSOC_PEK, "attribute assoc.pek is missing" },
	{ PROSE_A_ASSOC_PIK, "attribute assoc.pik is missing" },
	{ PROSE_A_ASSOC_EEA, "attribute assoc.eea is missing" },
	{ PROSE_A_ASSOC_EIA, "attribute assoc.eia is missing" },
	{ PROSE_A_ASSOC_UP_INTEGRITY, "attribute assoc.up-integrity is missing" },
	{ PROSE_A_ASSOC_DIRECTION, "attribute assoc.direction is missing" },
};

/* Limits, and the window, with what is left out filled in. */
static int parse_counts(struct nlattr *tb[], struct prose_assoc_config *config,
			struct netlink_ext_ack *extack)
{
	u32 span;

	config->count_start = COUNT_START_DEFAULT;
	if (tb[PROSE_A_ASSOC_COUNT_START])
		config->count_start = nla_get_u32(tb[PROSE_A_ASSOC_COUNT_START]);
	if (!config->count_start)
		return PROSE_NL_REFUSE(extack, tb[PROSE_A_ASSOC_COUNT_START], -EINVAL,
				       "attribute assoc.count-start: 0 is reserved");

	config->count_limit = COUNT_LIMIT_DEFAULT;
	if (tb[PROSE_A_ASSOC_COUNT_LIMIT])
		config->count_limit = nla_get_u32(tb[PROSE_A_ASSOC_COUNT_LIMIT]);
	if (config->count_limit < config->count_start)
		return PROSE_NL_REFUSE(extack, tb[PROSE_A_ASSOC_COUNT_LIMIT], -ERANGE,
				       "attribute assoc.count-limit: below count-start");

	span = config->count_limit - config->count_start;
	config->count_soft = config->count_start + span / 8 * 7;
	if (tb[PROSE_A_ASSOC_COUNT_SOFT])
		config->count_soft = nla_get_u32(tb[PROSE_A_ASSOC_COUNT_SOFT]);
	if (config->count_soft < config->count_start || config->count_soft > config->count_limit)
		return PROSE_NL_REFUSE(extack, tb[PROSE_A_ASSOC_COUNT_SOFT], -ERANGE,
				       "attribute assoc.count-soft: not from count-start to count-limit");

	config->window = WINDOW_DEFAULT;
	if (tb[PROSE_A_ASSOC_WINDOW])
		config->window = roundup_pow_of_two(nla_get_u32(tb[PROSE_A_ASSOC_WINDOW]));
	config->grace_ms = GRACE_MS_DEFAULT;
	if (tb[PROSE_A_ASSOC_GRACE_MS])
		config->grace_ms = nla_get_u32(tb[PROSE_A_ASSOC_GRACE_MS]);
	return 0;
}

static int parse_config(struct nlattr *tb[], struct nlattr *nest,
			struct prose_assoc_config *config, struct netlink_ext_ack *extack)
{
	int i;

	memset(config, 0, sizeof(*config));
	for (i = 0; i < ARRAY_SIZE(required); i++) {
		if (NL_REQ_ATTR_CHECK(extack, nest, tb, required[i].attr)) {
			extack->_msg = required[i].missing;
			return -EINVAL;
		}
	}

	config->kd_sess_id = nla_get_u32(tb[PROSE_A_ASSOC_KD_SESS_ID]);
	config->up_integrity = nla_get_u8(tb[PROSE_A_ASSOC_UP_INTEGRITY]);
	config->direction = nla_get_u8(tb[PROSE_A_ASSOC_DIRECTION]);

	/* The policy lets none pass that prose_keys_set() has not. */
	config->eea = nla_get_u32(tb[PROSE_A_ASSOC_EEA]);
	config->eia = nla_get_u32(tb[PROSE_A_ASSOC_EIA]);
	return parse_counts(tb, config, extack);
}

/* COUNTs that were received before the association was there: do not take them again. */
static int mark_received(struct prose_assoc *assoc, struct nlattr *nest,
			 struct netlink_ext_ack *extack)
{
	const struct prose_assoc_config *config = &assoc->config;
	struct nlattr *tb[PROSE_A_BEARER_RX_HIGHEST + 1];
	struct nlattr *attr;
	int err, id, rem;
	u32 count;

	nla_for_each_nested(attr, nest, rem) {
		if (nla_type(attr) != PROSE_A_ASSOC_BEARER)
			continue;
		err = nla_parse_nested(tb, PROSE_A_BEARER_RX_HIGHEST, attr,
				       prose_bearer_input_nl_policy, extack);
		if (err)
			return err;
		if (PROSE_NL_REQUIRE(extack, attr, tb, PROSE_A_BEARER_LCID, "assoc.bearer.lcid"))
			return -EINVAL;
		id = prose_bearer_of(nla_get_u8(tb[PROSE_A_BEARER_LCID]));
		if (id < 0)
			return PROSE_NL_REFUSE(extack, tb[PROSE_A_BEARER_LCID], -EINVAL,
					       "attribute assoc.bearer.lcid: not 1, 29 or 30");
		if (PROSE_NL_REQUIRE(extack, attr, tb, PROSE_A_BEARER_RX_HIGHEST,
				     "assoc.bearer.rx-highest"))
			return -EINVAL;
		count = nla_get_u32(tb[PROSE_A_BEARER_RX_HIGHEST]);
		if (count < config->count_start || count > config->count_limit)
			return PROSE_NL_REFUSE(extack, tb[PROSE_A_BEARER_RX_HIGHEST], -ERANGE,
					       "attribute assoc.bearer.rx-highest: not from count-start to count-limit");
		/* No packet knows the association yet, so no lock. */
		if (assoc->bearers[id].replay.seen)
			return PROSE_NL_REFUSE(extack, tb[PROSE_A_BEARER_LCID], -EINVAL,
					       "attribute assoc.bearer.lcid: given twice");
		prose_replay_update(&assoc->bearers[id].replay, count);
	}
	return 0;
}

static int assoc_install(struct prose_dev *prose, struct prose_assoc *assoc, bool tx,
			 struct nlattr *kd_sess_id, struct genl_info *info)
{
	struct netlink_ext_ack *extack = info->extack;
	struct prose_peer *peer;
	int err;

	lockdep_assert_held(&prose->lock);

	if (prose->dying)
		return PROSE_NL_REFUSE(extack, info->attrs[PROSE_A_IFINDEX], -ENODEV,
				       "attribute ifindex: no such device");
	peer = prose_nl_peer_of(prose, info);
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	if (prose_assoc_find(peer, assoc->config.kd_sess_id))
		return PROSE_NL_REFUSE(extack, kd_sess_id, -EEXIST,
				       "attribute assoc.kd-sess-id: the association exists");
	err = prose_assoc_add(assoc, peer);
	if (err)
		return PROSE_NL_REFUSE(extack, info->attrs[PROSE_A_ASSOC], err,
				       "attribute assoc: the peer has 8 associations");
	if (tx)
		prose_assoc_set_tx(assoc);
	return 0;
}

/**
 * prose_nl_assoc_new_doit() - install an association
 * @skb: the request
 * @info: the same, parsed; user_ptr[0] is the device
 *
 * Return: 0 or a negative errno, with a message for the user.
 */
int prose_nl_assoc_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *nest = info->attrs[PROSE_A_ASSOC];
	struct nlattr *tb[PROSE_A_ASSOC_BEARER + 1];
	struct prose_dev *prose = prose_nl_dev(info);
	struct netlink_ext_ack *extack = info->extack;
	struct prose_assoc_config config;
	struct prose_assoc *assoc;
	int err;

	if (PROSE_NL_REQUIRE(extack, NULL, info->attrs, PROSE_A_PEER, "peer") ||
	    PROSE_NL_REQUIRE(extack, NULL, info->attrs, PROSE_A_ASSOC, "assoc"))
		return -EINVAL;
	err = nla_parse_nested(tb, PROSE_A_ASSOC_BEARER, nest, prose_assoc_new_input_nl_policy,
			       extack);
	if (err)
		return err;
	err = parse_config(tb, nest, &config, extack);
	if (err)
		return err;

	assoc = prose_assoc_alloc(&config);
	if (!assoc)
		return -ENOMEM;
	err = mark_received(assoc, nest, extack);
	if (err)
		goto out_put;
	/* Outside the lock: it may load modules. */
	err = prose_keys_set(&assoc->keys, config.eea, nla_data(tb[PROSE_A_ASSOC_PEK]),
			     config.eia, nla_data(tb[PROSE_A_ASSOC_PIK]), extack);
	if (err)
		goto out_put;

	mutex_lock(&prose->lock);
	err = assoc_install(prose, assoc, nla_get_flag(tb[PROSE_A_ASSOC_TX]),
			    tb[PROSE_A_ASSOC_KD_SESS_ID], info);
	/*
	 * An answer that cannot be sent is no reason to take the association back: it
	 * may have sent already, and its COUNTs with it.
	 */
	if (!err)
		prose_nl_reply(info, PROSE_CMD_ASSOC_NEW, fill_assoc, assoc);
	mutex_unlock(&prose->lock);

out_put:
	prose_assoc_put(assoc);
	return err;
}

/**
 * prose_nl_assoc_set_doit() - change an association, or send under it
 * @skb: the request
 * @info: the same, parsed; user_ptr[0] is the device
 *
 * Return: 0 or a negative errno, with a message for the user.
 */
int prose_nl_assoc_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct prose_dev *prose = prose_nl_dev(info);
	struct nlattr *tb[PROSE_A_ASSOC_TX + 1];
	struct prose_assoc *assoc;
	u32 count_soft;
	int err;

	mutex_lock(&prose->lock);
	assoc = assoc_of(prose, info);
	if (IS_ERR(assoc)) {
		err = PTR_ERR(assoc);
		goto out_unlock;
	}
	err = nla_parse_nested(tb, PROSE_A_ASSOC_TX, info->attrs[PROSE_A_ASSOC],
			       prose_assoc_set_input_nl_policy, info->extack);
	if (err)
		goto out_unlock;

	if (tb[PROSE_A_ASSOC_COUNT_SOFT]) {
		count_soft = nla_get_u32(tb[PROSE_A_ASSOC_COUNT_SOFT]);
		if (count_soft < assoc->config.count_start ||
		    count_soft > assoc->config.count_limit) {
			err = PROSE_NL_REFUSE(info->extack, tb[PROSE_A_ASSOC_COUNT_SOFT], -ERANGE,
					      "attribute assoc.count-soft: not from count-start to count-limit");
			goto out_unlock;
		}
		prose_assoc_set_soft(assoc, count_soft);
	}
	if (tb[PROSE_A_ASSOC_GRACE_MS])
		prose_assoc_set_grace(assoc, nla_get_u32(tb[PROSE_A_ASSOC_GRACE_MS]));
	if (nla_get_flag(tb[PROSE_A_ASSOC_TX]))
		prose_assoc_set_tx(assoc);

out_unlock:
	mutex_unlock(&prose->lock);
	return err;
}

/**
 * prose_nl_assoc_get_doit() - reply with an association, without its keys
 * @skb: the request
 * @info: the same, parsed; user_ptr[0] is the device
 *
 * Return: 0 or a negative errno, with a message for the user.
 */
int prose_nl_assoc_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct prose_dev *prose = prose_nl_dev(info);
	struct prose_assoc *assoc;
	int err;

	mutex_lock(&prose->lock);
	assoc = assoc_of(prose, info);
	err = PTR_ERR_OR_ZERO(assoc);
	if (!err)
		err = prose_nl_reply(info, PROSE_CMD_ASSOC_GET, fill_assoc, assoc);
	mutex_unlock(&prose->lock);
	return err;
}

static int dump_assocs(struct sk_buff *skb, struct netlink_callback *cb, struct prose_dev *prose,
		       struct prose_nl_dump *at)
{
	struct prose_assoc *assoc;
	struct prose_peer *peer;
	struct prose_nl_to to;
	unsigned long l2_id;

	prose_nl_to_dump(&to, cb, PROSE_CMD_ASSOC_GET);
	xa_for_each_start(&prose->peers, l2_id, peer, at->peer) {
		/* A list is in the order of serial numbers. */
		if (at->peer != l2_id)
			at->assoc = 0;
		at->peer = l2_id;
		list_for_each_entry(assoc, &peer->assocs, list) {
			if (assoc->serial < at->assoc)
				continue;
			at->assoc = assoc->serial;
			if (fill_assoc(skb, assoc, &to))
				return -EMSGSIZE;
			at->assoc++;
		}
	}
	return 0;
}

/**
 * prose_nl_assoc_get_dumpit() - all associations of a device or of the namespace
 * @skb: message to fill
 * @cb: the dump
 *
 * Return: as dumpit does.
 */
int prose_nl_assoc_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return prose_nl_dump(skb, cb, dump_assocs);
}

/**
 * prose_nl_assoc_del_doit() - delete an association at once
 * @skb: the request
 * @info: the same, parsed; user_ptr[0] is the device
 *
 * Return: 0 or a negative errno, with a message for the user.
 */
int prose_nl_assoc_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct prose_dev *prose = prose_nl_dev(info);
	struct prose_assoc *assoc;
	int err;

	mutex_lock(&prose->lock);
	assoc = assoc_of(prose, info);
	err = PTR_ERR_OR_ZERO(assoc);
	if (!err)
		prose_assoc_remove(assoc, PROSE_GONE_REASON_REQUESTED);
	mutex_unlock(&prose->lock);
	return err;
}
