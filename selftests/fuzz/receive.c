// SPDX-License-Identifier: MIT
/*
 * The packet path of the module from the carrier up, compiled over the shim of the kernel
 * (selftests/kshim). An input is a program: frames in any shape, and what happens around them:
 * ciphers that end late or badly, memory that fails, keys that change, peers that go.
 *
 * A frame may ask for a MAC, and for headers that fit, of an association; else, with 2^32 to
 * one, nothing would be seen of what comes behind the MAC. What must hold is known from an
 * oracle that tries the keys itself: nothing moves but for a frame whose MAC verifies with the
 * COUNT that is then in the window; every frame ends in one way; a packet of someone else's is
 * never written; and at the end nothing is left.
 */
#include "rig.h"

#include "pdcp.h"

#include "lib/fuzz.h"

#define OPS_MAX		64
#define FRAME_MAX	9000

/* Of a frame's third octet: an association below RIG_N_ASSOCS, and */
#define WITH_HEADERS	0x80	/* IDs, KD-sess ID and SN as that has them */
#define SPOILT		0x40	/* the last bit of all is changed after that */
#define AS_IT_IS	0x3f	/* nothing of it */

enum op {
	OP_FRAME,	/* up to OP_FRAME_LAST, to be the usual one */
	OP_FRAME_LAST = 9,
	OP_CRYPTO_RUN,
	OP_TIME,
	OP_SET_TX,
	OP_REMOVE,
	OP_MEMORY,
	OP_TROUBLE,
	N_OPS,
};

/* A frame that may be taken under one COUNT. */
struct valid {
	int assoc, bearer;
	u32 count;
	bool mac;	/* and it proves what it says */
	u64 from;
	u64 hash;	/* of the SDU */
	int sdu;	/* that is taken to have been in it, or -1; see take() */
};

/* What was handed on. */
struct sdu {
	bool data;
	u64 hash;
	unsigned int n_valid;	/* frames there were by then */
};

static struct rig rig;
static struct valid valid[OPS_MAX * 8];
static unsigned int n_valid;
static struct sdu sdus[OPS_MAX];
static unsigned int n_sdus;
static struct rig_capture *captures[OPS_MAX];
static unsigned int n_captures;
/* Frames of the carrier, and how many have ended. */
static u64 frames, ended_before;

static u64 hash_of(const u8 *p, size_t len)
{
	u64 hash = 0xcbf29ce484222325ULL;

	while (len--)
		hash = (hash ^ *p++) * 0x100000001b3ULL;
	return hash ^ hash >> 29;
}

static u64 ended(void)
{
	return kshim_delivered + kshim_unicasts + rig_drops(&rig) - ended_before;
}

static u8 rx_direction(int id)
{
	return !rig.assocs[id]->config.direction;
}

/* Under one COUNT: does its MAC verify, and what is its SDU? */
static void try_count(int id, const struct prose_mac_hdr *mac, const u8 *pdu, size_t len, u64 from,
		      u32 count)
{
	bool tag = mac->lcid != PROSE_LCID_DATA || rig.assocs[id]->config.up_integrity;
	size_t sdu = len - PROSE_PDCP_HDR_LEN - (tag ? PROSE_MAC_I_LEN : 0);
	const struct prose_keys *keys = &rig.keys[id];
	u8 direction = rx_direction(id);
	u8 *plain = malloc(len), want[PROSE_MAC_I_LEN];
	bool good = true;

	fuzz_check(plain && n_valid < ARRAY_SIZE(valid));
	memcpy(plain, pdu, len);
	if (keys->eea && !(mac->lcid == PROSE_LCID_SMC && direction == 1)) {
		struct prose_eea_op *op = NULL;

		fuzz_check(!prose_eea_op_get(keys, &op) &&
			   !prose_eea_crypt(keys, op, count, mac->lcid, direction,
					    plain + PROSE_PDCP_HDR_LEN, sdu, NULL, NULL));
		kfree(op);
	}
	if (tag) {
		fuzz_check(!prose_eia_mac(keys, count, mac->lcid, direction, plain,
					  PROSE_PDCP_HDR_LEN + sdu, want));
		good = !memcmp(want, plain + PROSE_PDCP_HDR_LEN + sdu, sizeof(want));
	}
	if (good)
		valid[n_valid++] = (struct valid){
			.assoc = id,
			.bearer = prose_bearer_of(mac->lcid),
			.count = count,
			.mac = tag,
			.from = from,
			.hash = hash_of(plain + PROSE_PDCP_HDR_LEN, sdu),
			.sdu = -1,
		};
	free(plain);
}

/* What of this frame could be taken. */
static void oracle(const u8 *frame, size_t len)
{
	struct prose_mac_hdr mac = {};
	int id, bearer, hfn;
	const u8 *pdu;
	size_t min;
	u16 sn;

	if (len < ETH_HLEN || prose_get_be16(frame + 12) != PROSE_ETHERTYPE_DEFAULT)
		return;
	len -= ETH_HLEN;
	if (prose_mac_parse_ids(frame + ETH_HLEN, len, &mac) != PROSE_PARSE_OK ||
	    prose_mac_parse_sdu(frame + ETH_HLEN, len, len, &mac) != PROSE_PARSE_OK)
		return;
	bearer = prose_bearer_of(mac.lcid);
	if (bearer < 0 || mac.dst != RIG_OWN || mac.sdu_len < PROSE_PDCP_HDR_LEN)
		return;
	pdu = frame + ETH_HLEN + mac.sdu_off;
	sn = prose_get_be16(pdu + 3);
	for (id = 0; id < RIG_N_ASSOCS; id++) {
		u32 ref = prose_replay_ref(&rig.assocs[id]->bearers[bearer].replay);

		min = PROSE_PDCP_HDR_LEN + 1;
		if (mac.lcid != PROSE_LCID_DATA || rig.assocs[id]->config.up_integrity)
			min += PROSE_MAC_I_LEN;
		if (mac.src != rig_l2_id(id) || prose_get_be16(pdu + 1) != rig_kd_sess_id(id) ||
		    mac.sdu_len < min)
			continue;
		/* Which of them it is, is settled when it comes in, not when it is deciphered. */
		for (hfn = -1; hfn <= 1; hfn++)
			try_count(id, &mac, pdu, mac.sdu_len, ether_addr_to_u64(frame + 6),
				  (ref & 0xffff0000) + ((u32)hfn << 16) + sn);
	}
}

static const struct valid *justified(int id, int bearer, u32 count)
{
	unsigned int i;

	for (i = 0; i < n_valid; i++) {
		if (valid[i].assoc == id && valid[i].bearer == bearer && valid[i].count == count)
			return &valid[i];
	}
	return NULL;
}

/* Everything that moved since the state before is some valid frame's doing. */
static void check_moves(const struct rig_state *before)
{
	struct rig_state now;
	unsigned int i;
	int id, bearer;

	rig_state(&rig, &now);
	for (id = 0; id < RIG_N_ASSOCS; id++) {
		bool proof = false;

		for (i = 0; i < n_valid; i++)
			proof = proof || (valid[i].assoc == id && valid[i].mac &&
					  valid[i].bearer != PROSE_BEARER_SMC);
		fuzz_check(proof || !(now.assocs[id].flags & (1UL << PROSE_ASSOC_VERIFIED)));
		for (bearer = 0; bearer < PROSE_N_BEARERS; bearer++) {
			const struct prose_replay *was = &before->assocs[id].replay[bearer];
			const struct prose_replay *is = &now.assocs[id].replay[bearer];

			fuzz_check(is->next >= was->next && is->highest >= was->highest);
			if (is->seen)
				fuzz_check(justified(id, bearer, is->highest));
			if (is->seen != was->seen || is->highest != was->highest)
				fuzz_check(is->next == is->highest + (is->highest != U32_MAX));
			else
				fuzz_check(is->next == was->next);
		}
	}
	for (i = 0; i < 2; i++) {
		bool moved = now.peers[i].last_rx != before->peers[i].last_rx;
		bool led = now.peers[i].carrier_addr != before->peers[i].carrier_addr;
		unsigned int j;

		for (j = 0; j < n_valid && (moved || led); j++) {
			if (!valid[j].mac || rig.assocs[valid[j].assoc]->peer != rig.peers[i])
				continue;
			moved = false;
			if (valid[j].from == now.peers[i].carrier_addr)
				led = false;
		}
		fuzz_check(!moved && !led);
	}
}

/* All windows, bit by bit: no COUNT is marked that no valid frame had. */
static void check_windows(void)
{
	int id, bearer;
	u32 back;

	for (id = 0; id < RIG_N_ASSOCS; id++) {
		for (bearer = 0; bearer < PROSE_N_BEARERS; bearer++) {
			struct prose_replay *replay = &rig.assocs[id]->bearers[bearer].replay;

			for (back = 0; replay->seen && back < replay->window; back++) {
				u32 count = replay->highest - back;

				if (count > replay->highest)
					break;
				if (!prose_replay_check(replay, count))
					fuzz_check(justified(id, bearer, count));
			}
		}
	}
}

/* The first frame of the same COUNT stands for all of them: one of them only may be taken. */
static unsigned int first_of_count(unsigned int frame)
{
	unsigned int i;

	for (i = 0; i < frame; i++)
		if (valid[i].assoc == valid[frame].assoc &&
		    valid[i].bearer == valid[frame].bearer && valid[i].count == valid[frame].count)
			break;
	return i;
}

/* Finds a COUNT for an SDU, others giving way where they have another one (an augmenting path). */
static bool place(int sdu, bool *seen)
{
	unsigned int i, count;

	for (i = 0; i < sdus[sdu].n_valid; i++) {
		if (valid[i].hash != sdus[sdu].hash ||
		    sdus[sdu].data != (valid[i].bearer == PROSE_BEARER_DATA))
			continue;
		count = first_of_count(i);
		if (seen[count])
			continue;
		seen[count] = true;
		if (valid[count].sdu < 0 || place(valid[count].sdu, seen)) {
			valid[count].sdu = sdu;
			return true;
		}
	}
	return false;
}

/*
 * What is handed on was in a valid frame, and is so once. Frames of the same content cannot be told
 * apart, and some of them are dropped: it is enough that there is a frame for each SDU.
 */
static void take(int bearer, u64 hash)
{
	static bool seen[ARRAY_SIZE(valid)];

	fuzz_check(n_sdus < OPS_MAX);
	sdus[n_sdus] = (struct sdu){ bearer == PROSE_BEARER_DATA, hash, n_valid };
	memset(seen, 0, sizeof(seen));
	if (!place((int)n_sdus++, seen))
		fuzz_fail(__FILE__, __LINE__, "an SDU that was in no valid frame, or twice");
}

static void delivered(const struct sk_buff *skb)
{
	u8 *octets = kshim_skb_octets(skb);

	take(PROSE_BEARER_DATA, hash_of(octets, skb->len));
	free(octets);
}

/* Messages say of themselves whether they are verified. */
static void messaged(const struct sk_buff *msg, u32 portid)
{
	struct nlattr *tb[PROSE_A_MAX + 1], *signal[PROSE_A_SIGNAL_MAX + 1];
	struct nlattr *top = malloc(NLA_HDRLEN + msg->len);
	size_t off = NLMSG_HDRLEN + GENL_HDRLEN;
	u32 protection;

	fuzz_check(top && portid == RIG_OWNER);
	top->nla_len = NLA_HDRLEN + msg->len - off;
	memcpy(nla_data(top), msg->data + off, msg->len - off);
	fuzz_check(!nla_parse_nested(tb, PROSE_A_MAX, top, NULL, NULL) && tb[PROSE_A_SIGNAL]);
	fuzz_check(!nla_parse_nested(signal, PROSE_A_SIGNAL_MAX, tb[PROSE_A_SIGNAL], NULL, NULL));
	protection = nla_get_u32(signal[PROSE_A_SIGNAL_PROTECTION]);
	if (protection == PROSE_PROTECTION_FULL || protection == PROSE_PROTECTION_INTEGRITY)
		take(PROSE_BEARER_SIGNAL, hash_of(nla_data(signal[PROSE_A_SIGNAL_MESSAGE]),
						  nla_len(signal[PROSE_A_SIGNAL_MESSAGE])));
	free(top);
}

static void op_frame(struct fuzz_input *input)
{
	u8 shape = fuzz_u8(input), cut = fuzz_u8(input), asked = fuzz_u8(input);
	int id = asked & AS_IT_IS;
	u32 count = fuzz_u32(input);
	size_t want = fuzz_u16(input) % FRAME_MAX, len;
	u8 *frame = fuzz_copy(input, want, &len);
	struct rig_calm calm;

	if (id < RIG_N_ASSOCS) {
		struct prose_mac_hdr mac = {};

		if (asked & WITH_HEADERS && len >= ETH_HLEN + PROSE_MAC_HDR_LEN) {
			prose_put_be16(frame + 12, PROSE_ETHERTYPE_DEFAULT);
			frame[ETH_HLEN] = 0x30;
			prose_put_be24(frame + ETH_HLEN + 1, rig_l2_id(id));
			prose_put_be24(frame + ETH_HLEN + 4, RIG_OWN);
			if (prose_mac_parse_sdu(frame + ETH_HLEN, len - ETH_HLEN, len - ETH_HLEN,
						&mac) == PROSE_PARSE_OK &&
			    mac.sdu_len >= PROSE_PDCP_HDR_LEN)
				prose_pdcp_build(frame + ETH_HLEN + mac.sdu_off,
						 mac.lcid == PROSE_LCID_DATA ? PROSE_SDU_IP :
						 PROSE_SDU_PC5S, rig_kd_sess_id(id), count & 0xffff);
		}
		rig_protect(&rig, id, frame, len, count);
		if (asked & SPOILT && len)
			frame[len - 1] ^= 1;
	}
	calm = rig_calm();
	oracle(frame, len);
	rig_resume(&calm);
	if (len >= ETH_HLEN && prose_get_be16(frame + 12) == PROSE_ETHERTYPE_DEFAULT)
		frames++;
	captures[n_captures++] = rig_receive(&rig, frame, len, shape, cut);
	free(frame);
}

static bool on_list(const struct prose_assoc *assoc)
{
	return !assoc->dead;
}

static void op_trouble(u8 what)
{
	switch (what % 8) {
	case 0:
		kshim_crypto_error = -EIO;
		break;
	case 1:
		kshim_mac_error = -ENOMEM;
		break;
	case 2:
		kshim_unicast_error = kshim_unicast_error ? 0 : -EAGAIN;
		break;
	case 3:
		rig.prose->owner = rig.prose->owner ? 0 : RIG_OWNER;
		break;
	case 4:
		rig.prose->dev->running = !rig.prose->dev->running;
		break;
	case 5:
		rig.prose->unprotected_rate = what >> 3;
		break;
	default:
		kshim_crypto_mode = (what >> 3) % 3;
	}
}

/* Ends what is under way. What the crypto layer or memory does to the frames is not over before. */
static void crypto_run(void)
{
	kshim_crypto_run();
	fuzz_check(ended() == frames);
}

static void one_op(struct fuzz_input *input)
{
	u8 op = fuzz_u8(input) % N_OPS, arg;
	struct prose_assoc *assoc;

	switch (op) {
	case OP_CRYPTO_RUN:
		crypto_run();
		break;
	case OP_TIME:
		kshim_time_pass(fuzz_u8(input) * 4);
		kshim_run();
		break;
	case OP_SET_TX:
	case OP_REMOVE:
		assoc = rig.assocs[fuzz_u8(input) % RIG_N_ASSOCS];
		mutex_lock(&rig.prose->lock);
		if (on_list(assoc) && op == OP_SET_TX)
			prose_assoc_set_tx(assoc);
		else if (on_list(assoc))
			prose_assoc_remove(assoc, PROSE_GONE_REASON_REQUESTED);
		mutex_unlock(&rig.prose->lock);
		break;
	case OP_MEMORY:
		arg = fuzz_u8(input);
		kshim_fail_after = arg < 16 ? arg : -1;
		if (input->len)
			op_frame(input);
		kshim_fail_after = -1;
		break;
	case OP_TROUBLE:
		op_trouble(fuzz_u8(input));
		break;
	default:
		op_frame(input);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	struct rtable route = { .rt_type = RTN_UNICAST };
	struct rig_state before;
	unsigned int i;

	kshim_fail_after = -1;
	kshim_crypto_error = 0;
	kshim_mac_error = 0;
	kshim_unicast_error = 0;
	kshim_crypto_mode = fuzz_u8(&input) % 3;
	fuzz_check(rig_up(&rig));
	kshim_deliver = delivered;
	kshim_unicast = messaged;
	n_valid = 0;
	n_sdus = 0;
	n_captures = 0;
	frames = 0;
	ended_before = 0;
	ended_before = ended();
	/* Half of the addresses nobody has are behind the first peer. */
	route.dst.dev = rig.prose->dev;
	route.rt_gw_family = AF_INET;
	route.rt_gw4 = htonl(0x0a000002);
	kshim_route4 = size & 1 ? &route : NULL;

	for (i = 0; i < OPS_MAX && input.len; i++) {
		rig_state(&rig, &before);
		one_op(&input);
		check_moves(&before);
		fuzz_check(ended() <= frames);
		if (kshim_crypto_mode == KSHIM_CRYPTO_SYNC && i == 0)
			fuzz_check(ended() == frames);
		kshim_context_is_clean();
	}
	rig_state(&rig, &before);
	crypto_run();
	check_moves(&before);
	check_windows();
	for (i = 0; i < n_captures; i++)
		rig_capture_done(captures[i]);
	fuzz_check(!route.dst.refs);
	kshim_route4 = NULL;
	rig_down(&rig);
	return 0;
}

/*
 * Octet by octet libFuzzer would break the structure more often than use it: one time in two a
 * frame is changed, doubled, dropped or given a MAC as a whole.
 */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max) __attribute__((weak));
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed);

/* Where the operations start that are frames, the first octet of an input apart. */
static unsigned int find_frames(const uint8_t *data, size_t size, size_t *at, size_t *len)
{
	size_t i = 1;
	unsigned int n = 0;

	while (i + 10 <= size && n < OPS_MAX) {
		u8 op = data[i] % N_OPS;

		if (op > OP_FRAME_LAST) {
			i += op == OP_CRYPTO_RUN ? 1 : 2;
			continue;
		}
		at[n] = i;
		len[n] = 10 + (data[i + 8] << 8 | data[i + 9]) % FRAME_MAX;
		len[n] = min_t(size_t, len[n], size - i);
		i += len[n++];
	}
	return n;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	size_t at[OPS_MAX], len[OPS_MAX], body;
	unsigned int n = seed & 1 ? find_frames(data, size, at, len) : 0, one, other;

	if (!n)
		return LLVMFuzzerMutate(data, size, max);
	one = (seed >> 8) % n;
	other = (seed >> 16) % n;
	body = len[one] - 10;
	switch (seed >> 1 & 7) {
	case 0:	/* once more: a replay */
		if (size + len[one] > max)
			break;
		memmove(data + at[one] + len[one], data + at[one], size - at[one]);
		return size + len[one];
	case 1:	/* lost */
		memmove(data + at[one], data + at[one] + len[one], size - at[one] - len[one]);
		return size - len[one];
	case 2:	/* a MAC of some association, and headers to it */
		data[at[one] + 3] = WITH_HEADERS | (seed >> 24) % RIG_N_ASSOCS;
		return size;
	case 3:	/* a MAC that is wrong, or of another key */
		data[at[one] + 3] ^= seed >> 24 & 1 ? SPOILT : 0x07;
		return size;
	case 4:	/* a COUNT near another frame's */
		memcpy(data + at[one] + 4, data + at[other] + 4, 4);
		data[at[one] + 7] += (seed >> 24) - 128;
		return size;
	case 5:	/* a shape */
		data[at[one] + 1] = seed >> 24 & 0x3f;
		data[at[one] + 2] = seed >> 20 & 0x3f;
		return size;
	default:	/* its octets, in place */
		if (body)
			LLVMFuzzerMutate(data + at[one] + 10, body, body);
		return size;
	}
	return LLVMFuzzerMutate(data, size, max);
}

/* Seeds. */

static void put_frame(struct fuzz_output *to, u8 shape, u8 cut, u8 asked, u32 count,
		      const u8 *frame, size_t len)
{
	fuzz_put_u8(to, OP_FRAME);
	fuzz_put_u8(to, shape);
	fuzz_put_u8(to, cut);
	fuzz_put_u8(to, asked);
	fuzz_put_u16(to, count >> 16);
	fuzz_put_u16(to, count & 0xffff);
	fuzz_put_u16(to, len);
	fuzz_put_octets(to, frame, len);
}

static void put_op(struct fuzz_output *to, u8 op, u8 arg)
{
	fuzz_put_u8(to, op);
	fuzz_put_u8(to, arg);
}

/* A frame of the channel with room for a MAC. */
static size_t plain(u8 *p, u8 lcid, bool padded, const u8 *sdu, size_t len)
{
	size_t mac_len = prose_mac_len(padded);
	size_t pdu = PROSE_PDCP_HDR_LEN + len + (lcid == PROSE_LCID_UNPROTECTED ? 0 : 4);

	memset(p, 0, ETH_HLEN + mac_len + pdu + 8);
	memcpy(p, "\x02\0\0\0\0\x01\x02\0\0\0\0\x0d\x88\xb5", ETH_HLEN);
	prose_mac_build(p + ETH_HLEN, RIG_PEER, RIG_OWN, lcid, padded, pdu);
	prose_pdcp_build(p + ETH_HLEN + mac_len, lcid == PROSE_LCID_DATA ? PROSE_SDU_IP :
			 PROSE_SDU_PC5S, 0, 0);
	memcpy(p + ETH_HLEN + mac_len + PROSE_PDCP_HDR_LEN, sdu, len);
	return ETH_HLEN + mac_len + pdu + (padded ? 8 : 0);
}

static const u8 lcids[] = { PROSE_LCID_DATA, PROSE_LCID_SMC, PROSE_LCID_SIGNAL };
static const u32 starts[] = { 1, 0xfff0, 1, 0x04040000, 1 };

void fuzz_seeds(fuzz_put *put)
{
	static const u8 v4[] = { 0x45, 0, 0, 21, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 2, 10, 0, 0,
				 1, 'x' };
	static const u8 v6[40] = { 0x60, [6] = 59, [7] = 64, [8] = 0xfd, [23] = 2, [24] = 0xfd };
	static const u8 pc5s[] = { 1, 0, 1, 2, 3 };
	static struct fuzz_output to;
	unsigned int mode, i, id;
	u8 frame[256];
	char name[64];
	size_t len;

	for (mode = 0; mode < 3; mode++) {
		for (id = 0; id < RIG_N_ASSOCS; id++) {
			to.len = 0;
			fuzz_put_u8(&to, mode);
			for (i = 0; i < ARRAY_SIZE(lcids); i++) {
				len = plain(frame, lcids[i], i == 1, i ? pc5s : v4,
					    i ? sizeof(pc5s) : sizeof(v4));
				/* Genuine, again, forged, late, in another shape. */
				put_frame(&to, 0, 0, WITH_HEADERS | id, starts[id] + 2, frame, len);
				put_frame(&to, 0, 0, WITH_HEADERS | id, starts[id] + 2, frame, len);
				put_frame(&to, 0, 0, SPOILT | WITH_HEADERS | id, starts[id] + 3,
					  frame, len);
				put_frame(&to, 0, 0, WITH_HEADERS | id, starts[id] + 3, frame, len);
				put_frame(&to, 0, 0, AS_IT_IS, 0, frame, len);
				put_frame(&to, RIG_PAGED, 4, WITH_HEADERS | id, starts[id] + 1,
					  frame, len);
				put_frame(&to, RIG_CLONED | RIG_PAGED, 20, WITH_HEADERS | id,
					  starts[id] + 40, frame, len);
				put_frame(&to, RIG_SHARED, 0, WITH_HEADERS | id, starts[id] + 100,
					  frame, len);
				fuzz_put_u8(&to, OP_CRYPTO_RUN);
			}
			snprintf(name, sizeof(name), "association-%u-%u", id, mode);
			put(name, to.data, to.len);
		}

		to.len = 0;
		fuzz_put_u8(&to, mode);
		len = plain(frame, PROSE_LCID_DATA, false, v4, sizeof(v4));
		put_frame(&to, 0, 0, WITH_HEADERS | RIG_CURRENT, 1, frame, len);
		put_frame(&to, 0, 0, WITH_HEADERS | RIG_NEXT, 0xfff0, frame, len);
		put_op(&to, OP_SET_TX, RIG_NEXT);
		put_frame(&to, 0, 0, WITH_HEADERS | RIG_NEXT, 0x10001, frame, len);
		put_frame(&to, 0, 0, WITH_HEADERS | RIG_CURRENT, 2, frame, len);
		put_op(&to, OP_TIME, 250);
		put_frame(&to, 0, 0, WITH_HEADERS | RIG_CURRENT, 3, frame, len);
		put_op(&to, OP_REMOVE, RIG_NEXT);
		put_frame(&to, 0, 0, WITH_HEADERS | RIG_NEXT, 0x10002, frame, len);
		snprintf(name, sizeof(name), "rekey-%u", mode);
		put(name, to.data, to.len);

		to.len = 0;
		fuzz_put_u8(&to, mode);
		for (i = 0; i < 6; i++) {
			put_op(&to, OP_MEMORY, i);
			put_frame(&to, i, 3, WITH_HEADERS | RIG_CURRENT, 10 + i, frame, len);
			/* What OP_MEMORY takes is a frame without its first octet. */
			memmove(to.data + to.len - len - 10, to.data + to.len - len - 9, len + 9);
			to.len--;
			put_op(&to, OP_TROUBLE, i);
			put_frame(&to, 0, 0, WITH_HEADERS | RIG_CURRENT, 20 + i, frame, len);
		}
		snprintf(name, sizeof(name), "trouble-%u", mode);
		put(name, to.data, to.len);
	}

	to.len = 0;
	fuzz_put_u8(&to, 0);
	len = plain(frame, PROSE_LCID_DATA, true, v6, sizeof(v6));
	put_frame(&to, 0, 0, WITH_HEADERS | RIG_CURRENT, 1, frame, len);
	put_frame(&to, 0, 0, WITH_HEADERS | RIG_OTHERS, 1, frame, len);
	put("version-6", to.data, to.len);

	to.len = 0;
	fuzz_put_u8(&to, 0);
	len = plain(frame, PROSE_LCID_UNPROTECTED, false, pc5s, sizeof(pc5s));
	put_frame(&to, 0, 0, AS_IT_IS, 0, frame, len);
	len = plain(frame, PROSE_LCID_SMC, false, pc5s, sizeof(pc5s));
	prose_put_be16(frame + ETH_HLEN + PROSE_MAC_HDR_LEN + 1, 0x7777);
	put_frame(&to, RIG_PAGED, 14, AS_IT_IS, 0, frame, len);
	put_frame(&to, RIG_OTHERHOST, 0, AS_IT_IS, 0, frame, len);
	put_frame(&to, RIG_GSO, 0, AS_IT_IS, 0, frame, len);
	prose_put_be24(frame + ETH_HLEN + 1, RIG_OWN);
	put_frame(&to, 0, 0, AS_IT_IS, 0, frame, len);
	put("unprotected", to.data, to.len);
}
