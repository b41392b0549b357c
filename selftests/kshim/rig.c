// SPDX-License-Identifier: MIT
/* See rig.h. */
#include "rig.h"

#include "carrier_link.h"
#include "netlink.h"
#include "pdcp.h"

struct workqueue_struct *prose_wq;
struct rig_events rig_events;
const struct nla_policy prose_signal_input_nl_policy[PROSE_A_SIGNAL_LOCAL_L2_ID + 1];

/* Netlink, as far as the packet path calls it. */

void prose_genid_bump(void)
{
}

void prose_nl_dev_changed(struct prose_dev *prose, gfp_t gfp)
{
	rig_events.dev_changed++;
}

void prose_nl_peer_gone(struct prose_peer *peer, enum prose_gone_reason reason)
{
	rig_events.peers_gone++;
}

void prose_nl_peer_wanted(struct prose_dev *prose, struct prose_peer *peer,
			  const struct prose_addr *addr)
{
	rig_events.wanted++;
}

void prose_nl_assoc_gone(struct prose_assoc *assoc, enum prose_gone_reason reason)
{
	rig_events.assocs_gone++;
}

void prose_nl_count_soft(struct prose_assoc *assoc, enum prose_bearer_id id)
{
	rig_events.soft++;
}

void prose_nl_count_exhausted(struct prose_assoc *assoc, enum prose_bearer_id id)
{
	rig_events.exhausted++;
}

void prose_nl_integrity(struct prose_assoc *assoc)
{
	rig_events.integrity++;
}

void *prose_nl_begin(struct sk_buff *msg, const struct prose_nl_to *to,
		     const struct prose_dev *prose)
{
	u8 *p;

	if ((size_t)(msg->end - msg->tail) < NLMSG_HDRLEN + GENL_HDRLEN)
		return NULL;
	p = skb_put(msg, NLMSG_HDRLEN + GENL_HDRLEN);
	memset(p, 0, NLMSG_HDRLEN + GENL_HDRLEN);
	((struct genlmsghdr *)(p + NLMSG_HDRLEN))->cmd = to->cmd;
	if (nla_put_u32(msg, PROSE_A_IFINDEX, prose->dev->ifindex))
		return NULL;
	return p + NLMSG_HDRLEN + GENL_HDRLEN;
}

bool prose_dev_is(const struct net_device *dev)
{
	return false;
}

int prose_nl_carrier_addr(const struct prose_dev *prose, const struct nlattr *attr,
			  struct prose_carrier_addr *addr, struct netlink_ext_ack *extack)
{
	memcpy(addr->octets, nla_data(attr), ETH_ALEN);
	return 0;
}

/* The rig. */

static const struct {
	u16 kd_sess_id;
	int peer;
	u8 eea;
	bool up_integrity;
	u8 direction;
	u32 count_start, count_limit;
	u8 key;
} rig_assocs[RIG_N_ASSOCS] = {
	[RIG_CURRENT] = { 0x0101, 0, PROSE_EEA_EEA2, true, 0, 1, 0xffffffff, 1 },
	[RIG_NEXT] = { 0x0202, 0, PROSE_EEA_EEA2, true, 0, 0x0000fff0, 0xffffffff, 2 },
	[RIG_REL12] = { 0x0303, 0, PROSE_EEA_EEA2, false, 0, 1, 0xffffffff, 3 },
	[RIG_CLEAR] = { 0x0404, 0, PROSE_EEA_EEA0, true, 1, 0x04040000, 0x0404ffff, 4 },
	[RIG_OTHERS] = { 0x0101, 1, PROSE_EEA_EEA2, true, 0, 1, 0xffffffff, 5 },
};

u16 rig_kd_sess_id(enum rig_assoc id)
{
	return rig_assocs[id].kd_sess_id;
}

u32 rig_l2_id(enum rig_assoc id)
{
	return rig_assocs[id].peer ? RIG_OTHER : RIG_PEER;
}

static bool keys_of(struct prose_keys *keys, enum rig_assoc id)
{
	u8 pek[PROSE_KEY_LEN] = { 0x10, rig_assocs[id].key }, pik[PROSE_KEY_LEN] = { 0x20,
		rig_assocs[id].key };

	return !prose_keys_set(keys, rig_assocs[id].eea, pek, PROSE_EIA_EIA2, pik, NULL);
}

static bool assoc_up(struct rig *rig, enum rig_assoc id)
{
	const struct prose_assoc_config config = {
		.kd_sess_id = rig_assocs[id].kd_sess_id,
		.eea = rig_assocs[id].eea,
		.eia = PROSE_EIA_EIA2,
		.up_integrity = rig_assocs[id].up_integrity,
		.direction = rig_assocs[id].direction,
		.count_start = rig_assocs[id].count_start,
		.count_limit = rig_assocs[id].count_limit,
		.count_soft = rig_assocs[id].count_limit - 1000,
		.window = 64,
		.grace_ms = 1000,
	};
	struct prose_assoc *assoc = prose_assoc_alloc(&config);
	int err = -ENOMEM;

	if (!assoc)
		return false;
	if (keys_of(&assoc->keys, id) && keys_of(&rig->keys[id], id)) {
		mutex_lock(&rig->prose->lock);
		err = prose_assoc_add(assoc, rig->peers[rig_assocs[id].peer]);
		mutex_unlock(&rig->prose->lock);
	}
	if (err) {
		prose_assoc_put(assoc);
		return false;
	}
	/* The rig's own reference stays, so that its state can be read to the end. */
	rig->assocs[id] = assoc;
	return true;
}

static bool peer_up(struct rig *rig, int i, u32 l2_id)
{
	struct prose_peer *peer = prose_peer_alloc(rig->prose, l2_id);
	const struct prose_addr *bad;
	struct prose_addr addrs[2];
	struct in6_addr in6 = { .s6_addr = { 0xfd, [15] = 2 + i } };
	int err;

	if (!peer)
		return false;
	/* 10.0.0.2 and fd00::2 are the first peer's, .3 the other's. */
	prose_addr_v4(&addrs[0], htonl(0x0a000002 + i));
	prose_addr_v6(&addrs[1], &in6);
	mutex_lock(&rig->prose->lock);
	err = prose_peer_add(peer);
	if (!err) {
		err = prose_peer_set_addrs(peer, addrs, 2, &bad);
		if (err)
			prose_peer_unlink(peer);
	}
	mutex_unlock(&rig->prose->lock);
	rig->peers[i] = peer;
	return !err;
}

bool rig_up(struct rig *rig)
{
	struct prose_dev *prose;
	struct prose_port *port;
	struct net_device *dev;
	int id, err;

	memset(rig, 0, sizeof(*rig));
	memset(&rig_events, 0, sizeof(rig_events));
	rig->lower = alloc_netdev(0, "tap0", 0, ether_setup);
	dev = alloc_netdev(sizeof(*prose), "prose0", 0, ether_setup);
	prose_wq = alloc_workqueue("prose", 0, 0);
	if (!rig->lower || !dev || !prose_wq)
		goto err_devs;

	rig->lower->running = true;
	memcpy(rig->lower->dev_addr, "\x02\0\0\0\0\x01", ETH_ALEN);
	dev->running = true;
	dev->reg_state = NETREG_REGISTERED;
	dev->ifindex = 7;
	dev->max_mtu = PROSE_SDU_MAX;
	prose = netdev_priv(dev);
	prose->dev = dev;
	prose->carrier = &prose_carrier_link;
	prose->lower = rig->lower;
	prose->config.ethertype = PROSE_ETHERTYPE_DEFAULT;
	prose->l2_id = RIG_OWN;
	prose->unprotected_rate = 1000;
	prose->integrity_threshold = 3;
	prose->owner = RIG_OWNER;
	prose->next_serial = 1;
	mutex_init(&prose->lock);
	INIT_LIST_HEAD(&prose->ids);
	xa_init(&prose->peers);
	get_random_bytes(&prose->addr_key, sizeof(prose->addr_key));
	prose_bucket_init(&prose->signal_bucket);
	prose_bucket_init(&prose->wanted_bucket);
	prose_bucket_init(&prose->integrity_bucket);
	prose->addrs = kvcalloc(1 << PROSE_ADDR_HASH_BITS, sizeof(*prose->addrs), GFP_KERNEL);
	prose->traffic = prose_traffic_alloc();
	prose->drops = prose_drops_alloc();
	rig->prose = prose;
	if (!prose->addrs || !prose->traffic || !prose->drops)
		goto err_prose;

	rtnl_lock();
	port = prose->carrier->port_get(prose, &prose->config, NULL);
	err = IS_ERR(port) ? PTR_ERR(port) : 0;
	if (!err) {
		err = prose_port_join(prose, port);
		if (err)
			prose_port_put(port);
	}
	rtnl_unlock();
	if (err)
		goto err_prose;
	if (!peer_up(rig, 0, RIG_PEER) || !peer_up(rig, 1, RIG_OTHER))
		goto err_all;
	for (id = 0; id < RIG_N_ASSOCS; id++) {
		if (!assoc_up(rig, id))
			goto err_all;
	}
	mutex_lock(&prose->lock);
	prose_assoc_set_tx(rig->assocs[RIG_CURRENT]);
	mutex_unlock(&prose->lock);
	return true;

err_all:
	rig_down(rig);
	return false;
err_prose:
	kvfree(prose->addrs);
	free_percpu(prose->traffic);
	free_percpu(prose->drops);
err_devs:
	if (prose_wq)
		destroy_workqueue(prose_wq);
	if (dev)
		free_netdev(dev);
	if (rig->lower)
		free_netdev(rig->lower);
	return false;
}

void rig_down(struct rig *rig)
{
	struct prose_dev *prose = rig->prose;
	struct net_device *dev = prose->dev;
	int i;

	kshim_context_is_clean();
	prose_peers_flush(prose);
	rtnl_lock();
	prose_port_leave(prose);
	rtnl_unlock();
	/* What the crypto layer still has may be the last to hold anything. */
	kshim_crypto_run();
	for (i = 0; i < RIG_N_ASSOCS; i++) {
		prose_keys_free(&rig->keys[i]);
		if (rig->assocs[i])
			prose_assoc_put(rig->assocs[i]);
	}
	for (i = 0; i < 2; i++) {
		if (rig->peers[i])
			prose_peer_put(rig->peers[i]);
	}
	kshim_run();
	kshim_assert(!prose->n_peers && !prose->n_assocs);
	kshim_assert(!kshim_skbs);
	destroy_workqueue(prose_wq);
	prose_wq = NULL;
	xa_destroy(&prose->peers);
	kvfree(prose->addrs);
	free_percpu(prose->traffic);
	free_percpu(prose->drops);
	free_netdev(dev);
	free_netdev(rig->lower);
}

struct rig_frame rig_frame_of(enum rig_assoc id, u8 lcid, u32 count)
{
	return (struct rig_frame){
		.src = rig_l2_id(id),
		.dst = RIG_OWN,
		.lcid = lcid,
		.sdu_type = lcid == PROSE_LCID_DATA ? PROSE_SDU_IP : PROSE_SDU_PC5S,
		.kd_sess_id = rig_kd_sess_id(id),
		.count = count,
	};
}

struct rig_calm rig_calm(void)
{
	struct rig_calm calm = {
		.fail_after = kshim_fail_after,
		.crypto_error = kshim_crypto_error,
		.mac_error = kshim_mac_error,
		.mode = kshim_crypto_mode,
	};

	kshim_fail_after = -1;
	kshim_crypto_error = 0;
	kshim_mac_error = 0;
	kshim_crypto_mode = KSHIM_CRYPTO_SYNC;
	return calm;
}

void rig_resume(const struct rig_calm *calm)
{
	kshim_fail_after = calm->fail_after;
	kshim_crypto_error = calm->crypto_error;
	kshim_mac_error = calm->mac_error;
	kshim_crypto_mode = calm->mode;
}

static bool has_mac(enum rig_assoc id, u8 lcid)
{
	return lcid != PROSE_LCID_DATA || rig_assocs[id].up_integrity;
}

void rig_protect(struct rig *rig, enum rig_assoc id, u8 *frame, size_t len, u32 count)
{
	/* DIRECTION of the other end. */
	u8 direction = !rig_assocs[id].direction;
	struct prose_keys *keys = &rig->keys[id];
	struct prose_mac_hdr mac = {};
	struct prose_eea_op *op;
	struct rig_calm calm;
	u8 *pdcp;
	size_t sdu;

	if (len < ETH_HLEN ||
	    prose_mac_parse_sdu(frame + ETH_HLEN, len - ETH_HLEN, len - ETH_HLEN, &mac) !=
	    PROSE_PARSE_OK || prose_bearer_of(mac.lcid) < 0 ||
	    mac.sdu_len < PROSE_PDCP_HDR_LEN + (has_mac(id, mac.lcid) ? PROSE_MAC_I_LEN : 0))
		return;
	calm = rig_calm();
	pdcp = frame + ETH_HLEN + mac.sdu_off;
	sdu = mac.sdu_len - PROSE_PDCP_HDR_LEN;
	if (has_mac(id, mac.lcid)) {
		sdu -= PROSE_MAC_I_LEN;
		kshim_assert(!prose_eia_mac(keys, count, mac.lcid, direction, pdcp,
					    PROSE_PDCP_HDR_LEN + sdu,
					    pdcp + PROSE_PDCP_HDR_LEN + sdu));
	}
	/* The commander's security mode message is not ciphered. */
	if (keys->eea && !(mac.lcid == PROSE_LCID_SMC && direction == 1) && sdu) {
		kshim_assert(!prose_eea_op_get(keys, &op) &&
			     !prose_eea_crypt(keys, op, count, mac.lcid, direction,
					      pdcp + PROSE_PDCP_HDR_LEN, sdu, NULL, NULL));
		kfree(op);
	}
	rig_resume(&calm);
}

u8 *rig_frame(struct rig *rig, enum rig_assoc id, const struct rig_frame *frame, const u8 *sdu,
	      size_t sdu_len, size_t *len)
{
	size_t mac_len = prose_mac_len(frame->padded), off = ETH_HLEN + mac_len;
	bool tag = frame->lcid != PROSE_LCID_UNPROTECTED && has_mac(id, frame->lcid);
	size_t pdu_len = PROSE_PDCP_HDR_LEN + sdu_len + (tag ? PROSE_MAC_I_LEN : 0);
	u8 *p;

	*len = off + pdu_len;
	if (frame->padded && *len < ETH_ZLEN)
		*len = ETH_ZLEN;
	p = calloc(1, *len);
	kshim_assert(p);
	memcpy(p, "\x02\0\0\0\0\x01\x02\0\0\0\0", 11);
	p[11] = frame->src & 0xff;
	prose_put_be16(p + 12, PROSE_ETHERTYPE_DEFAULT);
	prose_mac_build(p + ETH_HLEN, frame->src, frame->dst, frame->lcid, frame->padded, pdu_len);
	prose_pdcp_build(p + off, frame->sdu_type, frame->kd_sess_id, frame->count & 0xffff);
	memcpy(p + off + PROSE_PDCP_HDR_LEN, sdu, sdu_len);
	if (frame->lcid != PROSE_LCID_UNPROTECTED)
		rig_protect(rig, id, p, *len, frame->count);
	return p;
}

struct rig_capture {
	struct sk_buff *skb;
	u8 *octets;
	unsigned int len;
};

static struct rig_capture *capture_of(struct sk_buff *skb)
{
	struct rig_capture *capture = malloc(sizeof(*capture));

	kshim_assert(capture);
	capture->skb = skb;
	capture->len = skb->len;
	capture->octets = kshim_skb_octets(skb);
	return capture;
}

void rig_capture_done(struct rig_capture *capture)
{
	u8 *now;

	if (!capture)
		return;
	kshim_assert(capture->skb->len == capture->len);
	now = kshim_skb_octets(capture->skb);
	if (memcmp(now, capture->octets, capture->len))
		kshim_bug("a shared packet was written");
	free(now);
	free(capture->octets);
	consume_skb(capture->skb);
	free(capture);
}

struct rig_capture *rig_receive(struct rig *rig, const u8 *octets, size_t len, unsigned int shape,
				size_t cut)
{
	unsigned int room = shape & RIG_ROOM ? 64 : 0;
	struct rig_capture *capture = NULL;
	struct rig_calm calm;
	struct sk_buff *skb;
	size_t linear = len;

	if (len < ETH_HLEN)
		return NULL;
	if (shape & RIG_PAGED)
		linear = ETH_HLEN + min_t(size_t, cut, len - ETH_HLEN);
	/* What brings the frame is no part of the test. */
	calm = rig_calm();
	skb = alloc_skb(room + linear + room, GFP_ATOMIC);
	skb_reserve(skb, room);
	skb_put_data(skb, octets, linear);
	while (linear < len) {
		/* In two fragments, if there is enough. */
		size_t some = skb->buffer->n_frags ? len - linear : (len - linear + 1) / 2;

		kshim_skb_add_frag(skb, octets + linear, some);
		linear += some;
	}
	skb->dev = rig->lower;
	skb_reset_mac_header(skb);
	skb->protocol = htons(prose_get_be16(octets + 12));
	skb_pull(skb, ETH_HLEN);
	skb_reset_network_header(skb);
	skb->pkt_type = shape & RIG_OTHERHOST ? PACKET_OTHERHOST : PACKET_HOST;
	skb->buffer->gso_size = shape & RIG_GSO ? 100 : 0;
	if (shape & RIG_CLONED)
		capture = capture_of(skb_clone(skb, GFP_ATOMIC));
	else if (shape & RIG_SHARED)
		capture = capture_of(skb_get(skb));
	rig_resume(&calm);
	kshim_receive(skb);
	return capture;
}

u64 rig_carrier_addr(struct rig *rig, int peer)
{
	u64 addr;

	rcu_read_lock();
	addr = ether_addr_to_u64(prose_peer_endpoint(rig->peers[peer])->addr.octets);
	rcu_read_unlock();
	return addr;
}

void rig_state(struct rig *rig, struct rig_state *state)
{
	int i, j;

	memset(state, 0, sizeof(*state));
	for (i = 0; i < RIG_N_ASSOCS; i++) {
		struct prose_assoc *assoc = rig->assocs[i];

		for (j = 0; j < PROSE_N_BEARERS; j++)
			state->assocs[i].replay[j] = assoc->bearers[j].replay;
		state->assocs[i].flags = assoc->flags;
		state->assocs[i].integrity_failures = atomic64_read(&assoc->integrity_failures);
		state->assocs[i].replays = atomic64_read(&assoc->replays);
		prose_traffic_sum(assoc->traffic, &state->assocs[i].traffic);
	}
	for (i = 0; i < 2; i++) {
		state->peers[i].carrier_addr = rig_carrier_addr(rig, i);
		state->peers[i].last_rx = atomic64_read(&rig->peers[i]->last_rx);
		prose_traffic_sum(rig->peers[i]->traffic, &state->peers[i].traffic);
	}
	prose_traffic_sum(rig->prose->traffic, &state->traffic);
	prose_stats_collect(rig->prose, state->drops);
}

u64 rig_drop(struct rig *rig, int stat)
{
	u64 sum[PROSE_N_STATS];

	prose_stats_collect(rig->prose, sum);
	return sum[stat - PROSE_STAT_FIRST];
}

u64 rig_drops(struct rig *rig)
{
	u64 sum[PROSE_N_STATS], all = 0;
	int i;

	prose_stats_collect(rig->prose, sum);
	for (i = 0; i < PROSE_N_STATS; i++)
		all += sum[i];
	return all;
}
