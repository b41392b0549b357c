// SPDX-License-Identifier: MIT
/*
 * The packet path over the shim of the kernel: what a frame may move and when, that each ends
 * in one way, and what happens when memory or the crypto layer fails.
 */
#include "rig.h"

#include <kunit/test.h>

#include "carrier_link.h"
#include "netlink.h"
#include "pdcp.h"
#include "signal.h"
#include "transmit.h"

static struct rig rig;

static int rig_init(struct kunit *test)
{
	if (!rig_up(&rig))
		return -ENOMEM;
	test->priv = &rig;
	return 0;
}

static void rig_exit(struct kunit *test)
{
	kshim_crypto_mode = KSHIM_CRYPTO_SYNC;
	kshim_fail_after = -1;
	kshim_deliver = NULL;
	kshim_unicast = NULL;
	kshim_unicast_error = 0;
	kshim_xmit = NULL;
	kshim_route4 = NULL;
	kshim_route6 = NULL;
	if (test->priv)
		rig_down(&rig);
}

/* An IPv4 packet of the first peer's, or a PC5-S message: what the channel carries. */
static const u8 ip[] = {
	0x45, 0, 0, 24, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 2, 10, 0, 0, 1, 'd', 'a', 't', 'a',
};
static const u8 pc5s[] = { 1, 2, 3, 4, 5, 6 };

static const u8 *sdu_of(u8 lcid, size_t *len)
{
	*len = lcid == PROSE_LCID_DATA ? sizeof(ip) : sizeof(pc5s);
	return lcid == PROSE_LCID_DATA ? ip : pc5s;
}

static u8 *frame_of(enum rig_assoc id, u8 lcid, u32 count, size_t *len)
{
	struct rig_frame frame = rig_frame_of(id, lcid, count);
	size_t sdu_len;
	const u8 *sdu = sdu_of(lcid, &sdu_len);

	return rig_frame(&rig, id, &frame, sdu, sdu_len, len);
}

/* How frames ended since this was asked last. */
struct ends {
	unsigned long delivered, signals;
	u64 drops;
};

static struct ends ends(void)
{
	static struct ends before;
	struct ends now = { kshim_delivered, kshim_unicasts, rig_drops(&rig) }, diff;

	diff.delivered = now.delivered - before.delivered;
	diff.signals = now.signals - before.signals;
	diff.drops = now.drops - before.drops;
	before = now;
	return diff;
}

static void receive(const u8 *frame, size_t len, unsigned int shape, size_t cut)
{
	struct rig_capture *capture = rig_receive(&rig, frame, len, shape, cut);

	kshim_crypto_run();
	rig_capture_done(capture);
}

#define EXPECT_DROP(test, stat) do {						\
	struct ends _ends = ends();						\
										\
	KUNIT_EXPECT_EQ(test, _ends.drops, 1ULL);				\
	KUNIT_EXPECT_EQ(test, _ends.delivered + _ends.signals, 0UL);		\
	KUNIT_EXPECT_EQ(test, rig_drop(&rig, stat), ++dropped[stat]);		\
} while (0)
#define EXPECT_TAKEN(test) do {							\
	struct ends _ends = ends();						\
										\
	KUNIT_EXPECT_EQ(test, _ends.drops, 0ULL);				\
	KUNIT_EXPECT_EQ(test, _ends.delivered + _ends.signals, 1UL);		\
} while (0)

static u64 dropped[PROSE_A_STAT_MAX + 1];

static void start(void)
{
	memset(dropped, 0, sizeof(dropped));
	ends();
}

static void one(u8 *frame, size_t len)
{
	receive(frame, len, RIG_LINEAR, 0);
	free(frame);
}

static void one_of(enum rig_assoc id, u8 lcid, u32 count)
{
	size_t len;
	u8 *frame = frame_of(id, lcid, count, &len);

	one(frame, len);
}

static u8 got[9000];
static size_t got_len;

static void keep(const struct sk_buff *skb)
{
	got_len = skb->len;
	kshim_assert(!skb_copy_bits(skb, 0, got, skb->len));
}

static const u8 lcids[] = { PROSE_LCID_DATA, PROSE_LCID_SMC, PROSE_LCID_SIGNAL };

static void genuine_frames_arrive(struct kunit *test)
{
	int id;
	size_t i, len;

	start();
	kshim_deliver = keep;
	for (id = 0; id < RIG_OTHERS; id++) {
		u32 count = rig.assocs[id]->config.count_start;

		for (i = 0; i < ARRAY_SIZE(lcids); i++) {
			u8 *frame = frame_of(id, lcids[i], count, &len);

			got_len = 0;
			one(frame, len);
			EXPECT_TAKEN(test);
			if (lcids[i] != PROSE_LCID_DATA)
				continue;
			KUNIT_EXPECT_EQ(test, got_len, sizeof(ip));
			KUNIT_EXPECT_EQ(test, memcmp(got, ip, sizeof(ip)), 0);
		}
	}
}

/* The whole rule in one: everything a frame may move is what it was, but the counters. */
static void expect_unmoved(struct kunit *test, const struct rig_state *before, const char *what)
{
	struct rig_state now, want = *before;
	int i;

	rig_state(&rig, &now);
	for (i = 0; i < RIG_N_ASSOCS; i++) {
		want.assocs[i].integrity_failures = now.assocs[i].integrity_failures;
		want.assocs[i].replays = now.assocs[i].replays;
	}
	memcpy(want.drops, now.drops, sizeof(want.drops));
	KUNIT_EXPECT_EQ_MSG(test, memcmp(&want, &now, sizeof(now)), 0, "%s", what);
}

static void forged_mac_moves_nothing(struct kunit *test)
{
	static const enum kshim_crypto_mode modes[] = { KSHIM_CRYPTO_SYNC, KSHIM_CRYPTO_ASYNC,
							KSHIM_CRYPTO_QUEUED };
	static const u32 aheads[] = { 0, 1, 63, 64, 30000 };
	struct rig_state before;
	size_t i, j, m, len;
	int id;

	start();
	for (m = 0; m < ARRAY_SIZE(modes); m++) {
		kshim_crypto_mode = modes[m];
		for (id = 0; id < RIG_N_ASSOCS; id++) {
			for (i = 0; i < ARRAY_SIZE(lcids); i++) {
				if (id == RIG_REL12 && lcids[i] == PROSE_LCID_DATA)
					continue;
				for (j = 0; j < ARRAY_SIZE(aheads); j++) {
					u32 count = rig.assocs[id]->config.count_start + aheads[j];
					u8 *frame = frame_of(id, lcids[i], count, &len);

					frame[len - 1] ^= 1;
					rig_state(&rig, &before);
					one(frame, len);
					EXPECT_DROP(test, PROSE_A_STAT_RX_INTEGRITY);
					expect_unmoved(test, &before, "a forged MAC");
				}
			}
		}
	}
	KUNIT_EXPECT_GT(test, rig_events.integrity, 0UL);
}

/* A forgery does not keep the genuine frame with its COUNT out. */
static void genuine_after_forged(struct kunit *test)
{
	size_t len;
	u8 *frame = frame_of(RIG_CURRENT, PROSE_LCID_DATA, 100, &len);

	start();
	frame[len - 1] ^= 0x80;
	receive(frame, len, RIG_LINEAR, 0);
	EXPECT_DROP(test, PROSE_A_STAT_RX_INTEGRITY);
	frame[len - 1] ^= 0x80;
	receive(frame, len, RIG_LINEAR, 0);
	EXPECT_TAKEN(test);
	one(frame, len);
	EXPECT_DROP(test, PROSE_A_STAT_RX_REPLAY);
}

/* Changed anywhere, a frame is not taken, and moves nothing. */
static void every_bit_counts(struct kunit *test)
{
	struct rig_state before;
	size_t len, bit;
	u8 *good = frame_of(RIG_CURRENT, PROSE_LCID_DATA, 5, &len);

	start();
	rig_state(&rig, &before);
	for (bit = 8 * (ETH_HLEN + 1); bit < 8 * len; bit++) {
		struct ends now;
		u8 *frame;

		/* R bits of the MAC header are ignored; those of PDCP are under the MAC. */
		if (bit / 8 == ETH_HLEN + 7 && bit % 8 < 2)
			continue;
		frame = malloc(len);
		memcpy(frame, good, len);
		frame[bit / 8] ^= 0x80 >> bit % 8;
		one(frame, len);
		now = ends();
		KUNIT_EXPECT_EQ_MSG(test, now.drops, 1ULL, "bit %zu", bit);
		KUNIT_EXPECT_EQ_MSG(test, now.delivered + now.signals, 0UL, "bit %zu", bit);
		expect_unmoved(test, &before, "a changed bit");
	}
	one(good, len);
	EXPECT_TAKEN(test);
}

/* Until the crypto layer is done nothing is known, and nothing moves. */
static void nothing_moves_before_the_end(struct kunit *test)
{
	struct rig_state before;
	size_t len;
	u8 *frame = frame_of(RIG_CURRENT, PROSE_LCID_DATA, 5, &len);

	start();
	kshim_crypto_mode = KSHIM_CRYPTO_ASYNC;
	rig_state(&rig, &before);
	rig_receive(&rig, frame, len, RIG_LINEAR, 0);
	/* And the same once more, while the first is under way. */
	rig_receive(&rig, frame, len, RIG_LINEAR, 0);
	free(frame);
	expect_unmoved(test, &before, "a frame that is not deciphered yet");
	KUNIT_EXPECT_EQ(test, ends().drops, 0ULL);
	KUNIT_EXPECT_EQ(test, kshim_crypto_run(), 2U);
	KUNIT_EXPECT_EQ(test, rig_drop(&rig, PROSE_A_STAT_RX_REPLAY), 1ULL);
	KUNIT_EXPECT_EQ(test, ends().delivered, 1UL);
}

/* What holds the last reference is the packet; the device follows it. */
static void peers_go_while_it_is_under_way(struct kunit *test)
{
	size_t len;
	u8 *frame = frame_of(RIG_CURRENT, PROSE_LCID_SIGNAL, 5, &len);

	start();
	kshim_crypto_mode = KSHIM_CRYPTO_ASYNC;
	rig_receive(&rig, frame, len, RIG_LINEAR, 0);
	free(frame);
	mutex_lock(&rig.prose->lock);
	prose_peer_remove(rig.peers[0], PROSE_GONE_REASON_REQUESTED);
	mutex_unlock(&rig.prose->lock);
	kshim_run();
	KUNIT_EXPECT_EQ(test, kshim_crypto_run(), 1U);
	EXPECT_TAKEN(test);

	frame = frame_of(RIG_CURRENT, PROSE_LCID_SIGNAL, 6, &len);
	one(frame, len);
	EXPECT_DROP(test, PROSE_A_STAT_RX_NO_PEER);
}

/* The newest genuine frame says where the peer is; a held back one does not. */
static void address_follows_the_newest(struct kunit *test)
{
	size_t len;
	u64 there;
	u8 *frame = frame_of(RIG_CURRENT, PROSE_LCID_DATA, 20, &len);

	start();
	one(frame, len);
	EXPECT_TAKEN(test);
	there = rig_carrier_addr(&rig, 0);
	KUNIT_EXPECT_EQ(test, there, 0x02000000000dULL);

	frame = frame_of(RIG_CURRENT, PROSE_LCID_DATA, 19, &len);
	frame[11] = 0x66;
	one(frame, len);
	EXPECT_TAKEN(test);
	KUNIT_EXPECT_EQ(test, rig_carrier_addr(&rig, 0), there);

	frame = frame_of(RIG_CURRENT, PROSE_LCID_DATA, 21, &len);
	frame[11] = 0x67;
	one(frame, len);
	EXPECT_TAKEN(test);
	KUNIT_EXPECT_EQ(test, rig_carrier_addr(&rig, 0), 0x020000000067ULL);

	/* Without MAC it says nothing. */
	frame = frame_of(RIG_REL12, PROSE_LCID_DATA, 22, &len);
	frame[11] = 0x68;
	one(frame, len);
	EXPECT_TAKEN(test);
	KUNIT_EXPECT_EQ(test, rig_carrier_addr(&rig, 0), 0x020000000067ULL);
}

/* Of user data without MAC nothing but its own window moves. */
static void unverified_data_proves_nothing(struct kunit *test)
{
	struct rig_state before, now;

	start();
	rig_state(&rig, &before);
	one_of(RIG_REL12, PROSE_LCID_DATA, 22);
	EXPECT_TAKEN(test);
	rig_state(&rig, &now);
	KUNIT_EXPECT_EQ(test, now.assocs[RIG_REL12].flags, 0UL);
	KUNIT_EXPECT_EQ(test, now.peers[0].last_rx, 0ULL);
	KUNIT_EXPECT_EQ(test, now.peers[0].carrier_addr, before.peers[0].carrier_addr);
	KUNIT_EXPECT_TRUE(test, now.assocs[RIG_REL12].replay[PROSE_BEARER_DATA].seen);
	KUNIT_EXPECT_FALSE(test, now.assocs[RIG_REL12].replay[PROSE_BEARER_SIGNAL].seen);
	one_of(RIG_REL12, PROSE_LCID_DATA, 22);
	EXPECT_DROP(test, PROSE_A_STAT_RX_REPLAY);
}

/* Cut off anywhere, in every shape: no step beyond what is there, one end for each. */
static void every_length_in_every_shape(struct kunit *test)
{
	static const unsigned int shapes[] = { RIG_LINEAR, RIG_PAGED, RIG_CLONED, RIG_SHARED,
					       RIG_PAGED | RIG_CLONED, RIG_PAGED | RIG_SHARED,
					       RIG_ROOM, RIG_ROOM | RIG_PAGED | RIG_CLONED };
	size_t s, i, len, cut, form;
	u32 count = 1;

	start();
	for (form = 0; form < 2; form++) {
		for (i = 0; i < ARRAY_SIZE(lcids); i++) {
			for (s = 0; s < ARRAY_SIZE(shapes); s++) {
				for (cut = ETH_HLEN; ; cut++) {
					struct rig_frame want = rig_frame_of(RIG_CURRENT, lcids[i],
									     count++);
					size_t sdu_len, whole;
					const u8 *sdu = sdu_of(lcids[i], &sdu_len);
					struct ends now;
					u8 *frame;

					/* What is padding may be missing. */
					whole = ETH_HLEN + prose_mac_len(form) +
						PROSE_PDCP_HDR_LEN + sdu_len + PROSE_MAC_I_LEN;
					want.padded = form;
					frame = rig_frame(&rig, RIG_CURRENT, &want, sdu, sdu_len,
							  &len);
					if (cut > len) {
						free(frame);
						break;
					}
					receive(frame, cut, shapes[s], count % 30);
					free(frame);
					now = ends();
					KUNIT_ASSERT_EQ(test, now.drops + now.delivered + now.signals,
							1ULL);
					KUNIT_ASSERT_EQ_MSG(test, now.drops, cut < whole ? 1ULL : 0ULL,
							    "LCID %u, %zu of %zu", lcids[i], cut,
							    len);
				}
			}
		}
	}
}

/* Each allocation on the way fails once: dropped for it, and nothing has moved. */
static void memory_fails_on_the_way(struct kunit *test)
{
	static const unsigned int shapes[] = { RIG_LINEAR, RIG_PAGED, RIG_CLONED, RIG_SHARED,
					       RIG_PAGED | RIG_SHARED };
	struct rig_state before;
	unsigned long failures = 0;
	size_t s, i, len;
	u32 count = 1;

	start();
	/* Where the peer is has been learned, which is tried again and again: the next test. */
	one_of(RIG_CURRENT, PROSE_LCID_DATA, count++);
	EXPECT_TAKEN(test);
	for (s = 0; s < ARRAY_SIZE(shapes); s++) {
		for (i = 0; i < ARRAY_SIZE(lcids); i++) {
			long n;

			for (n = 0; n < 100; n++) {
				u8 *frame = frame_of(RIG_CURRENT, lcids[i], count++, &len);
				unsigned long failed = kshim_failed;

				rig_state(&rig, &before);
				kshim_fail_after = n;
				receive(frame, len, shapes[s], 3);
				kshim_fail_after = -1;
				free(frame);
				if (kshim_failed == failed) {
					EXPECT_TAKEN(test);
					break;
				}
				failures++;
				EXPECT_DROP(test, PROSE_A_STAT_RX_NOMEM);
				/* The message to the owner is made when all is known to be good. */
				if (lcids[i] == PROSE_LCID_DATA)
					expect_unmoved(test, &before, "no memory");
			}
			KUNIT_EXPECT_LT(test, n, 100L);
		}
	}
	KUNIT_EXPECT_GT(test, failures, 20UL);
}

/* Without memory for the address the frame is taken all the same, and the next one tells it. */
static void address_waits_for_memory(struct kunit *test)
{
	unsigned long failed = kshim_failed;
	size_t len;
	u8 *frame = frame_of(RIG_CURRENT, PROSE_LCID_DATA, 20, &len);

	start();
	/* The cipher's operation comes first. */
	kshim_fail_after = 1;
	one(frame, len);
	kshim_fail_after = -1;
	KUNIT_EXPECT_EQ(test, kshim_failed, failed + 1);
	EXPECT_TAKEN(test);
	KUNIT_EXPECT_EQ(test, rig_carrier_addr(&rig, 0), 0xffffffffffffULL);
	one_of(RIG_CURRENT, PROSE_LCID_DATA, 21);
	EXPECT_TAKEN(test);
	KUNIT_EXPECT_EQ(test, rig_carrier_addr(&rig, 0), 0x02000000000dULL);
}

static void crypto_fails(struct kunit *test)
{
	static const enum kshim_crypto_mode modes[] = { KSHIM_CRYPTO_SYNC, KSHIM_CRYPTO_ASYNC,
							KSHIM_CRYPTO_QUEUED };
	struct rig_state before;
	size_t m, len;

	start();
	for (m = 0; m < ARRAY_SIZE(modes); m++) {
		u8 *frame = frame_of(RIG_CURRENT, PROSE_LCID_DATA, 5 + m, &len);

		kshim_crypto_mode = modes[m];
		rig_state(&rig, &before);
		kshim_crypto_error = -EIO;
		receive(frame, len, RIG_LINEAR, 0);
		EXPECT_DROP(test, PROSE_A_STAT_RX_CRYPTO);
		kshim_mac_error = -EIO;
		receive(frame, len, RIG_LINEAR, 0);
		EXPECT_DROP(test, PROSE_A_STAT_RX_CRYPTO);
		expect_unmoved(test, &before, "an error of the crypto layer");
		one(frame, len);
		EXPECT_TAKEN(test);
	}
}

static void counts_beyond_the_limits(struct kunit *test)
{
	start();
	/* HFN would be below the first COUNT's; the only other one is none, too. */
	one_of(RIG_NEXT, PROSE_LCID_DATA, 0x0000ffef);
	EXPECT_DROP(test, PROSE_A_STAT_RX_COUNT_LIMIT);
	one_of(RIG_NEXT, PROSE_LCID_DATA, 0x0000fff0);
	EXPECT_TAKEN(test);
	/* Over the HFN, without a word. */
	one_of(RIG_NEXT, PROSE_LCID_DATA, 0x00010005);
	EXPECT_TAKEN(test);
	one_of(RIG_NEXT, PROSE_LCID_DATA, 0x0000fff1);
	EXPECT_TAKEN(test);
	/* After a gap of more than half the SNs the only one there can be is taken. */
	one_of(RIG_CLEAR, PROSE_LCID_DATA, 0x0404f000);
	EXPECT_TAKEN(test);
	one_of(RIG_CLEAR, PROSE_LCID_DATA, 0x0404ffff);
	EXPECT_TAKEN(test);
	one_of(RIG_CLEAR, PROSE_LCID_DATA, 0x0404ffff);
	EXPECT_DROP(test, PROSE_A_STAT_RX_REPLAY);
}

static void signalling_without_protection(struct kunit *test)
{
	struct rig_frame frame = { .src = 0x999999, .dst = RIG_OWN, .lcid = PROSE_LCID_UNPROTECTED,
				   .sdu_type = PROSE_SDU_PC5S };
	struct rig_state before;
	size_t len;
	u8 *p = rig_frame(&rig, 0, &frame, pc5s, sizeof(pc5s), &len);
	int i;

	start();
	rig_state(&rig, &before);
	receive(p, len, RIG_LINEAR, 0);
	EXPECT_TAKEN(test);
	receive(p, len, RIG_PAGED, 0);
	EXPECT_TAKEN(test);
	kshim_unicast_error = -EAGAIN;
	receive(p, len, RIG_LINEAR, 0);
	EXPECT_DROP(test, PROSE_A_STAT_SIGNAL_QUEUE);
	kshim_unicast_error = 0;
	WRITE_ONCE(rig.prose->owner, 0);
	receive(p, len, RIG_LINEAR, 0);
	EXPECT_DROP(test, PROSE_A_STAT_SIGNAL_NO_OWNER);
	WRITE_ONCE(rig.prose->owner, RIG_OWNER);
	rig.prose->unprotected_rate = 2;
	for (i = 0; i < 10; i++)
		receive(p, len, RIG_LINEAR, 0);
	KUNIT_EXPECT_GE(test, rig_drop(&rig, PROSE_A_STAT_SIGNAL_RATE), 8ULL);
	kshim_time_pass(2 * HZ);
	ends();
	receive(p, len, RIG_LINEAR, 0);
	EXPECT_TAKEN(test);
	rig.prose->unprotected_rate = 0;
	dropped[PROSE_A_STAT_SIGNAL_RATE] = rig_drop(&rig, PROSE_A_STAT_SIGNAL_RATE);
	receive(p, len, RIG_LINEAR, 0);
	EXPECT_DROP(test, PROSE_A_STAT_SIGNAL_RATE);
	expect_unmoved(test, &before, "unprotected signalling");
	free(p);

	/* The first message under a KD-sess nobody has. */
	rig.prose->unprotected_rate = 1000;
	frame = rig_frame_of(RIG_CURRENT, PROSE_LCID_SMC, 7);
	frame.kd_sess_id = 0x7777;
	p = rig_frame(&rig, RIG_CURRENT, &frame, pc5s, sizeof(pc5s), &len);
	for (i = 0; i < 8; i++) {
		receive(p, len, i, 4);
		EXPECT_TAKEN(test);
	}
	/* Its MAC-I alone is no message. */
	p[ETH_HLEN + 7] = PROSE_LCID_SMC;
	receive(p, len - sizeof(pc5s), RIG_LINEAR, 0);
	EXPECT_DROP(test, PROSE_A_STAT_RX_SHORT);
	p[ETH_HLEN + 7] = PROSE_LCID_SIGNAL;
	receive(p, len, RIG_LINEAR, 0);
	EXPECT_DROP(test, PROSE_A_STAT_RX_NO_ASSOC);
	expect_unmoved(test, &before, "an unverified message");
	free(p);
}

static void frames_of_nobody(struct kunit *test)
{
	struct rig_frame want = rig_frame_of(RIG_CURRENT, PROSE_LCID_DATA, 9);
	struct rig_state before;
	size_t len;
	u8 *p;

	start();
	rig_state(&rig, &before);
	p = rig_frame(&rig, RIG_CURRENT, &want, ip, sizeof(ip), &len);
	receive(p, len, RIG_OTHERHOST, 0);
	EXPECT_DROP(test, PROSE_A_STAT_RX_NOT_FOR_US);
	receive(p, len, RIG_GSO, 0);
	EXPECT_DROP(test, PROSE_A_STAT_RX_RESERVED);
	rig.prose->dev->running = false;
	receive(p, len, RIG_LINEAR, 0);
	EXPECT_DROP(test, PROSE_A_STAT_RX_NOT_FOR_US);
	rig.prose->dev->running = true;
	prose_put_be24(p + ETH_HLEN + 4, 0x123456);
	receive(p, len, RIG_LINEAR, 0);
	EXPECT_DROP(test, PROSE_A_STAT_RX_NOT_FOR_US);
	prose_put_be24(p + ETH_HLEN + 1, RIG_OWN);
	receive(p, len, RIG_LINEAR, 0);
	EXPECT_DROP(test, PROSE_A_STAT_RX_OWN_SOURCE);
	prose_put_be24(p + ETH_HLEN + 4, RIG_OWN);
	receive(p, len, RIG_LINEAR, 0);
	EXPECT_DROP(test, PROSE_A_STAT_RX_OWN_SOURCE);
	prose_put_be24(p + ETH_HLEN + 1, 0);
	receive(p, len, RIG_LINEAR, 0);
	EXPECT_DROP(test, PROSE_A_STAT_RX_RESERVED);
	prose_put_be24(p + ETH_HLEN + 1, 0x555555);
	receive(p, len, RIG_LINEAR, 0);
	EXPECT_DROP(test, PROSE_A_STAT_RX_NO_PEER);
	/* Another peer's name for the same KD-sess ID: not its key. */
	prose_put_be24(p + ETH_HLEN + 1, RIG_OTHER);
	receive(p, len, RIG_LINEAR, 0);
	EXPECT_DROP(test, PROSE_A_STAT_RX_INTEGRITY);
	expect_unmoved(test, &before, "nobody's frame");
	free(p);
}

/* One SDU under the right key, and what of it the stack gets. */
static void sdu(struct kunit *test, enum rig_assoc id, const u8 *octets, size_t sdu_len, int stat)
{
	static u32 count = 1000;
	struct rig_frame want = rig_frame_of(id, PROSE_LCID_DATA, count++);
	size_t len;
	u8 *frame = rig_frame(&rig, id, &want, octets, sdu_len, &len);

	one(frame, len);
	if (stat)
		EXPECT_DROP(test, stat);
	else
		EXPECT_TAKEN(test);
}

static void sources_are_the_peers(struct kunit *test)
{
	struct net_device *elsewhere = rig.lower;
	struct rt6_info route6 = {};
	struct rtable route = {};
	u8 v4[sizeof(ip)], v6[40] = { 0x60, [7] = 64, [8] = 0xfd, [23] = 2 };

	memcpy(v4, ip, sizeof(v4));
	start();
	sdu(test, RIG_CURRENT, v4, sizeof(v4), 0);
	sdu(test, RIG_OTHERS, v4, sizeof(v4), PROSE_A_STAT_RX_SPOOFED);
	v4[15] = 3;
	sdu(test, RIG_CURRENT, v4, sizeof(v4), PROSE_A_STAT_RX_SPOOFED);
	sdu(test, RIG_OTHERS, v4, sizeof(v4), 0);
	v4[15] = 9;
	sdu(test, RIG_CURRENT, v4, sizeof(v4), PROSE_A_STAT_RX_SPOOFED);
	/* Behind the peer, by a route. */
	route.dst.dev = rig.prose->dev;
	route.rt_type = RTN_UNICAST;
	route.rt_gw_family = AF_INET;
	route.rt_gw4 = htonl(0x0a000002);
	kshim_route4 = &route;
	sdu(test, RIG_CURRENT, v4, sizeof(v4), 0);
	sdu(test, RIG_OTHERS, v4, sizeof(v4), PROSE_A_STAT_RX_SPOOFED);
	route.rt_gw_family = AF_INET6;
	route.rt_gw6.s6_addr[0] = 0xfd;
	route.rt_gw6.s6_addr[15] = 2;
	sdu(test, RIG_CURRENT, v4, sizeof(v4), 0);
	route.rt_type = RTN_LOCAL;
	sdu(test, RIG_CURRENT, v4, sizeof(v4), PROSE_A_STAT_RX_SPOOFED);
	route.rt_type = RTN_UNICAST;
	route.dst.dev = elsewhere;
	sdu(test, RIG_CURRENT, v4, sizeof(v4), PROSE_A_STAT_RX_SPOOFED);
	route.dst.dev = rig.prose->dev;
	v4[12] = 0xe0;
	sdu(test, RIG_CURRENT, v4, sizeof(v4), PROSE_A_STAT_RX_SPOOFED);
	v4[12] = 127;
	sdu(test, RIG_CURRENT, v4, sizeof(v4), PROSE_A_STAT_RX_SPOOFED);
	v4[12] = 0;
	sdu(test, RIG_CURRENT, v4, sizeof(v4), PROSE_A_STAT_RX_SPOOFED);
	KUNIT_EXPECT_EQ(test, route.dst.refs, 0);

	sdu(test, RIG_CURRENT, v6, sizeof(v6), 0);
	sdu(test, RIG_OTHERS, v6, sizeof(v6), PROSE_A_STAT_RX_SPOOFED);
	v6[23] = 9;
	sdu(test, RIG_CURRENT, v6, sizeof(v6), PROSE_A_STAT_RX_SPOOFED);
	route6.dst.dev = rig.prose->dev;
	route6.rt6i_gateway = route.rt_gw6;
	kshim_route6 = &route6;
	sdu(test, RIG_CURRENT, v6, sizeof(v6), 0);
	route6.dst.dev = elsewhere;
	sdu(test, RIG_CURRENT, v6, sizeof(v6), PROSE_A_STAT_RX_SPOOFED);
	v6[8] = 0xff;
	sdu(test, RIG_CURRENT, v6, sizeof(v6), PROSE_A_STAT_RX_SPOOFED);
	/* IPv4 in disguise. */
	memset(v6 + 8, 0, 16);
	v6[18] = 0xff;
	v6[19] = 0xff;
	v6[20] = 10;
	v6[23] = 2;
	sdu(test, RIG_CURRENT, v6, sizeof(v6), PROSE_A_STAT_RX_SPOOFED);
	KUNIT_EXPECT_EQ(test, route6.dst.refs, 0);

	/* No IP, or less of it than a header. */
	sdu(test, RIG_CURRENT, v6, 39, PROSE_A_STAT_RX_NOT_IP);
	sdu(test, RIG_CURRENT, v4, 19, PROSE_A_STAT_RX_NOT_IP);
	v4[0] = 0x55;
	sdu(test, RIG_CURRENT, v4, sizeof(v4), PROSE_A_STAT_RX_NOT_IP);
	sdu(test, RIG_CURRENT, v4, 1, PROSE_A_STAT_RX_NOT_IP);
}

/* Which association sends, and when older ones have their time, by frames alone. */
static void switching_by_frames(struct kunit *test)
{
	start();
	one_of(RIG_NEXT, PROSE_LCID_DATA, 0x0000fff0);
	EXPECT_TAKEN(test);
	kshim_run();
	KUNIT_EXPECT_FALSE(test, rig.assocs[RIG_CURRENT]->retiring);
	mutex_lock(&rig.prose->lock);
	prose_assoc_set_tx(rig.assocs[RIG_NEXT]);
	mutex_unlock(&rig.prose->lock);
	KUNIT_EXPECT_TRUE(test, rig.assocs[RIG_CURRENT]->retiring);
	one_of(RIG_CURRENT, PROSE_LCID_DATA, 40);
	EXPECT_TAKEN(test);
	kshim_time_pass(2 * HZ);
	kshim_run();
	KUNIT_EXPECT_TRUE(test, rig.assocs[RIG_CURRENT]->dead);
	one_of(RIG_CURRENT, PROSE_LCID_DATA, 41);
	EXPECT_DROP(test, PROSE_A_STAT_RX_NO_ASSOC);
	one_of(RIG_NEXT, PROSE_LCID_DATA, 0x0000fff1);
	EXPECT_TAKEN(test);
}

/* Transmission. */

static u8 sent[9000];
static size_t sent_len;
static unsigned int n_sent;

static int take_frame(struct sk_buff *skb)
{
	sent_len = skb->len;
	kshim_assert(!skb_copy_bits(skb, 0, sent, skb->len));
	n_sent++;
	consume_skb(skb);
	return 0;
}

static struct sk_buff *packet(const u8 *octets, size_t len, unsigned int head, unsigned int tail)
{
	struct sk_buff *skb = alloc_skb(head + len + tail, GFP_ATOMIC);

	kshim_assert(skb);
	skb_reserve(skb, head);
	skb_put_data(skb, octets, len);
	skb_reset_network_header(skb);
	skb->protocol = htons(octets[0] >> 4 == 6 ? ETH_P_IPV6 : ETH_P_IP);
	skb->dev = rig.prose->dev;
	return skb;
}

static void xmit(struct sk_buff *skb)
{
	local_bh_disable();
	prose_xmit(skb, rig.prose->dev);
	local_bh_enable();
	kshim_crypto_run();
}

/* To the first peer. */
static const u8 out[] = {
	0x45, 0, 0, 24, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 'd', 'a', 't', 'a',
};

/* What goes out is what the other end's keys make of it, COUNT by COUNT. */
static void sent_as_the_other_end_has_it(struct kunit *test)
{
	static const enum kshim_crypto_mode modes[] = { KSHIM_CRYPTO_SYNC, KSHIM_CRYPTO_ASYNC };
	unsigned int room, pad, m;
	u32 count = 1;

	start();
	n_sent = 0;
	kshim_xmit = take_frame;
	for (m = 0; m < ARRAY_SIZE(modes); m++) {
		kshim_crypto_mode = modes[m];
		for (pad = 0; pad < 2; pad++) {
			rig.prose->pad = pad;
			for (room = 0; room < 80; room += 8) {
				struct prose_mac_hdr mac = {};
				struct prose_pdcp_hdr pdcp;
				u8 *p = sent + ETH_HLEN, tag[PROSE_MAC_I_LEN];
				struct prose_eea_op *op;

				xmit(packet(out, sizeof(out), room, room / 8));
				KUNIT_ASSERT_EQ(test, n_sent, count);
				KUNIT_ASSERT_EQ(test,
						(int)prose_mac_parse_ids(p, sent_len - ETH_HLEN,
									 &mac),
						(int)PROSE_PARSE_OK);
				KUNIT_ASSERT_EQ(test,
						(int)prose_mac_parse_sdu(p, sent_len - ETH_HLEN,
									 sent_len - ETH_HLEN, &mac),
						(int)PROSE_PARSE_OK);
				KUNIT_EXPECT_EQ(test, mac.src, (u32)RIG_OWN);
				KUNIT_EXPECT_EQ(test, mac.dst, (u32)RIG_PEER);
				KUNIT_ASSERT_EQ(test, mac.sdu_len, sizeof(out) + 9);
				p += mac.sdu_off;
				KUNIT_ASSERT_EQ(test, (int)prose_pdcp_parse(p, mac.sdu_len, 1,
									    &pdcp),
						(int)PROSE_PARSE_OK);
				KUNIT_EXPECT_EQ(test, pdcp.sn, (u16)count);
				KUNIT_EXPECT_NE(test, memcmp(p + 5, out, sizeof(out)), 0);

				/* The other end deciphers with the DIRECTION of this one. */
				KUNIT_ASSERT_EQ(test, prose_eea_op_get(&rig.keys[RIG_CURRENT], &op),
						0);
				kshim_crypto_mode = KSHIM_CRYPTO_SYNC;
				KUNIT_EXPECT_EQ(test,
						prose_eea_crypt(&rig.keys[RIG_CURRENT], op, count, 1,
								0, p + 5, sizeof(out), NULL, NULL),
						0);
				kshim_crypto_mode = modes[m];
				kfree(op);
				KUNIT_EXPECT_EQ(test, memcmp(p + 5, out, sizeof(out)), 0);
				KUNIT_EXPECT_EQ(test, prose_eia_mac(&rig.keys[RIG_CURRENT], count, 1,
								    0, p, 5 + sizeof(out), tag), 0);
				KUNIT_EXPECT_EQ(test, memcmp(p + 5 + sizeof(out), tag, sizeof(tag)),
						0);
				count++;
			}
		}
	}
	KUNIT_EXPECT_EQ(test, ends().drops, 0ULL);
}

/* No peer, no association, no IP, too long: told, dropped, and never in clear. */
static void nothing_leaves_in_clear(struct kunit *test)
{
	u8 v6[40] = { 0x60, [7] = 64, [24] = 0xfd, [39] = 9 };
	struct sk_buff *skb;
	u8 big[2000] = { 0x45, [16] = 10, [19] = 2 };
	u8 nobody[sizeof(out)];

	memcpy(nobody, out, sizeof(nobody));
	nobody[19] = 77;
	kshim_xmit = take_frame;
	n_sent = 0;
	start();
	kshim_icmps = 0;
	xmit(packet(nobody, sizeof(nobody), 64, 16));
	EXPECT_DROP(test, PROSE_A_STAT_TX_NO_PEER);
	xmit(packet(v6, sizeof(v6), 64, 16));
	EXPECT_DROP(test, PROSE_A_STAT_TX_NO_PEER);
	KUNIT_EXPECT_EQ(test, kshim_icmps, 2UL);
	/* RIG_OTHER has one to receive, and none that sends. */
	nobody[19] = 3;
	xmit(packet(nobody, sizeof(nobody), 64, 16));
	EXPECT_DROP(test, PROSE_A_STAT_TX_NO_ASSOC);
	KUNIT_EXPECT_EQ(test, kshim_icmps, 3UL);
	/* Groups are nobody, and nobody is told. */
	nobody[16] = 0xe0;
	xmit(packet(nobody, sizeof(nobody), 64, 16));
	EXPECT_DROP(test, PROSE_A_STAT_TX_NO_PEER);
	v6[24] = 0xff;
	xmit(packet(v6, sizeof(v6), 64, 16));
	EXPECT_DROP(test, PROSE_A_STAT_TX_NO_PEER);
	KUNIT_EXPECT_EQ(test, kshim_icmps, 3UL);
	xmit(packet(big, sizeof(big), 64, 16));
	EXPECT_DROP(test, PROSE_A_STAT_TX_TOO_BIG);
	nobody[0] = 0x55;
	xmit(packet(nobody, sizeof(nobody), 64, 16));
	EXPECT_DROP(test, PROSE_A_STAT_TX_NOT_IP);
	xmit(packet(out, 19, 64, 16));
	EXPECT_DROP(test, PROSE_A_STAT_TX_NOT_IP);
	skb = packet(out, sizeof(out), 64, 16);
	skb->protocol = htons(ETH_P_IPV6);
	xmit(skb);
	EXPECT_DROP(test, PROSE_A_STAT_TX_NOT_IP);
	KUNIT_EXPECT_EQ(test, n_sent, 0U);
}

/* Each failure on the way out: counted under its name, no COUNT is used twice. */
static void sending_fails(struct kunit *test)
{
	unsigned long failures = 0;
	u32 last = 0;
	long n;

	start();
	n_sent = 0;
	kshim_xmit = take_frame;
	for (n = 0; n < 100; n++) {
		struct sk_buff *skb = packet(out, sizeof(out), 0, 0), *clone;
		unsigned long failed = kshim_failed;

		clone = skb_clone(skb, GFP_ATOMIC);
		kshim_fail_after = n;
		xmit(skb);
		kshim_fail_after = -1;
		KUNIT_EXPECT_EQ(test, memcmp(clone->data, out, sizeof(out)), 0);
		consume_skb(clone);
		if (kshim_failed == failed)
			break;
		failures++;
		EXPECT_DROP(test, PROSE_A_STAT_TX_NOMEM);
	}
	KUNIT_EXPECT_GT(test, failures, 1UL);
	KUNIT_EXPECT_EQ(test, n_sent, 1U);
	last = prose_get_be16(sent + ETH_HLEN + PROSE_MAC_HDR_LEN + 3);
	kshim_crypto_error = -EIO;
	xmit(packet(out, sizeof(out), 64, 16));
	EXPECT_DROP(test, PROSE_A_STAT_TX_CRYPTO);
	kshim_crypto_mode = KSHIM_CRYPTO_ASYNC;
	kshim_crypto_error = -EIO;
	xmit(packet(out, sizeof(out), 64, 16));
	EXPECT_DROP(test, PROSE_A_STAT_TX_CRYPTO);
	kshim_mac_error = -EIO;
	xmit(packet(out, sizeof(out), 64, 16));
	EXPECT_DROP(test, PROSE_A_STAT_TX_CRYPTO);
	kshim_xmit = NULL;
	xmit(packet(out, sizeof(out), 64, 16));
	EXPECT_DROP(test, PROSE_A_STAT_TX_LOWER);
	kshim_xmit = take_frame;
	xmit(packet(out, sizeof(out), 64, 16));
	KUNIT_EXPECT_EQ(test, n_sent, 2U);
	KUNIT_EXPECT_EQ(test, prose_get_be16(sent + ETH_HLEN + PROSE_MAC_HDR_LEN + 3), last + 5);
}

static void last_count_is_the_last(struct kunit *test)
{
	int i;

	start();
	n_sent = 0;
	kshim_xmit = take_frame;
	mutex_lock(&rig.prose->lock);
	prose_assoc_set_tx(rig.assocs[RIG_CLEAR]);
	mutex_unlock(&rig.prose->lock);
	atomic64_set(&rig.assocs[RIG_CLEAR]->bearers[PROSE_BEARER_DATA].tx_next, 0x0404fffe);
	for (i = 0; i < 2; i++)
		xmit(packet(out, sizeof(out), 64, 16));
	KUNIT_EXPECT_EQ(test, n_sent, 2U);
	KUNIT_EXPECT_EQ(test, rig_events.exhausted, 1UL);
	KUNIT_EXPECT_EQ(test, rig_events.soft, 1UL);
	for (i = 0; i < 3; i++) {
		xmit(packet(out, sizeof(out), 64, 16));
		EXPECT_DROP(test, PROSE_A_STAT_TX_COUNT_LIMIT);
	}
	KUNIT_EXPECT_EQ(test, n_sent, 2U);
}

/* Signalling that the owner sends. */

struct request {
	u32 portid, l2_id;
	u8 bearer;
	u32 protection, kd_sess_id;
	unsigned int len;
	int err;
};

static int ask(const struct request *req)
{
	struct nlattr *attrs[PROSE_A_MAX + 1] = {};
	struct netlink_ext_ack ack = {};
	struct genl_info info = {
		.snd_portid = req->portid,
		.attrs = attrs,
		.extack = &ack,
		.user_ptr = { rig.prose },
	};
	struct sk_buff *msg = alloc_skb(12000, GFP_KERNEL);
	struct nlattr *nest = nla_nest_start(msg, PROSE_A_SIGNAL);
	int err;

	kshim_assert(!nla_put_u32(msg, PROSE_A_SIGNAL_L2_ID, req->l2_id) &&
		     !nla_put_u8(msg, PROSE_A_SIGNAL_BEARER, req->bearer) &&
		     !nla_put_u32(msg, PROSE_A_SIGNAL_PROTECTION, req->protection));
	if (req->kd_sess_id)
		kshim_assert(!nla_put_u32(msg, PROSE_A_SIGNAL_KD_SESS_ID, req->kd_sess_id));
	kshim_assert(nla_reserve(msg, PROSE_A_SIGNAL_MESSAGE, req->len));
	nla_nest_end(msg, nest);
	attrs[PROSE_A_SIGNAL] = nest;

	err = prose_nl_signal_send_doit(msg, &info);
	kshim_crypto_run();
	/* Who is refused is told why. */
	if (err && err != -ENOMEM)
		kshim_assert(ack._msg);
	consume_skb(msg);
	return err;
}

#define NONE	PROSE_PROTECTION_NONE
#define FULL	PROSE_PROTECTION_FULL
#define ONLY	PROSE_PROTECTION_INTEGRITY

static const struct request requests[] = {
	{ RIG_OWNER, 0x999999, 28, NONE, 0, 20, 0 },
	{ RIG_OWNER, RIG_PEER, 28, NONE, 0, 1, 0 },
	{ RIG_OWNER, RIG_PEER, 30, FULL, 0x0101, 20, 0 },
	{ RIG_OWNER, RIG_PEER, 29, FULL, 0x0101, 20, 0 },
	{ RIG_OWNER, RIG_PEER, 29, ONLY, 0x0404, 20, 0 },
	{ RIG_OWNER, RIG_PEER, 29, FULL, 0x0404, 20, -EINVAL },
	{ RIG_OWNER, RIG_PEER, 29, ONLY, 0x0101, 20, -EINVAL },
	{ RIG_OWNER, RIG_PEER, 30, ONLY, 0x0101, 20, -EINVAL },
	{ RIG_OWNER, RIG_PEER, 30, FULL, 0x7777, 20, -ENOENT },
	{ RIG_OWNER, 0x999999, 30, FULL, 0x0101, 20, -ENOENT },
	{ RIG_OWNER, RIG_OWN, 28, NONE, 0, 20, -EADDRINUSE },
	{ RIG_OWNER, RIG_PEER, 28, NONE, 0, 0, -EINVAL },
	{ RIG_OWNER, RIG_PEER, 28, NONE, 0, 8189, -EMSGSIZE },
	{ RIG_OWNER, RIG_PEER, 28, NONE, 0x0101, 20, -EINVAL },
	{ RIG_OWNER, RIG_PEER, 30, NONE, 0, 20, -EINVAL },
	{ RIG_OWNER, RIG_PEER, 28, FULL, 0x0101, 20, -EINVAL },
	{ RIG_OWNER, RIG_PEER, 30, FULL, 0, 20, -EINVAL },
	{ RIG_OWNER, RIG_PEER, 30, PROSE_PROTECTION_UNVERIFIED, 0x0101, 20, -EINVAL },
	{ 5, RIG_PEER, 28, NONE, 0, 20, -EPERM },
};

static void signalling_is_sent(struct kunit *test)
{
	static const enum kshim_crypto_mode modes[] = { KSHIM_CRYPTO_SYNC, KSHIM_CRYPTO_ASYNC };
	size_t i, m;

	kshim_xmit = take_frame;
	for (m = 0; m < ARRAY_SIZE(modes); m++) {
		kshim_crypto_mode = modes[m];
		for (i = 0; i < ARRAY_SIZE(requests); i++) {
			unsigned int before = n_sent;

			KUNIT_EXPECT_EQ_MSG(test, ask(&requests[i]), requests[i].err,
					    "request %zu", i);
			KUNIT_EXPECT_EQ_MSG(test, n_sent, before + !requests[i].err,
					    "request %zu", i);
		}
	}
	rig.prose->dev->running = false;
	KUNIT_EXPECT_EQ(test, ask(&requests[0]), -ENETDOWN);
	rig.prose->dev->running = true;
	kshim_xmit = NULL;
	KUNIT_EXPECT_EQ(test, ask(&requests[0]), -ENETDOWN);
	kshim_xmit = take_frame;
	atomic64_set(&rig.assocs[RIG_CLEAR]->bearers[PROSE_BEARER_SMC].tx_next, 0x04050000);
	KUNIT_EXPECT_EQ(test, ask(&requests[4]), -EOVERFLOW);
}

static void one_owner_at_a_time(struct kunit *test)
{
	struct nlattr *attrs[PROSE_A_MAX + 1] = {};
	struct netlink_ext_ack ack = {};
	struct genl_info info = { .attrs = attrs, .extack = &ack, .user_ptr = { rig.prose } };

	KUNIT_EXPECT_FALSE(test, prose_signal_disown(rig.prose, 5));
	KUNIT_EXPECT_TRUE(test, prose_signal_disown(rig.prose, RIG_OWNER));
	KUNIT_EXPECT_FALSE(test, prose_signal_disown(rig.prose, RIG_OWNER));
	info.snd_portid = 5;
	KUNIT_EXPECT_EQ(test, prose_nl_signal_register_doit(NULL, &info), 0);
	KUNIT_EXPECT_EQ(test, prose_nl_signal_register_doit(NULL, &info), 0);
	info.snd_portid = 6;
	KUNIT_EXPECT_EQ(test, prose_nl_signal_register_doit(NULL, &info), -EBUSY);
	KUNIT_EXPECT_TRUE(test, prose_signal_disown(rig.prose, 0));
	KUNIT_EXPECT_EQ(test, prose_nl_signal_register_doit(NULL, &info), 0);
	KUNIT_EXPECT_EQ(test, rig.prose->owner, 6U);
	KUNIT_EXPECT_EQ(test, rig_events.dev_changed, 4UL);
	rig.prose->dev->reg_state = 0;
	KUNIT_EXPECT_EQ(test, prose_nl_signal_register_doit(NULL, &info), -ENODEV);
}

/* Without memory nothing comes up, and nothing is left of it. */
static void nothing_comes_up_without_memory(struct kunit *test)
{
	long n;

	rig_down(&rig);
	test->priv = NULL;
	for (n = 0; n < 1000; n++) {
		unsigned long failed = kshim_failed;
		bool up;

		kshim_fail_after = n;
		up = rig_up(&rig);
		kshim_fail_after = -1;
		if (up) {
			rig_down(&rig);
			KUNIT_EXPECT_EQ(test, kshim_failed, failed);
			break;
		}
		kshim_run();
		KUNIT_EXPECT_EQ(test, kshim_failed, failed + 1);
	}
	KUNIT_EXPECT_GT(test, n, 30L);
	KUNIT_EXPECT_LT(test, n, 1000L);
}

static int move(u16 ethertype)
{
	const struct prose_carrier_config config = { .ethertype = ethertype };

	return prose_port_move(rig.prose, &config, NULL, NULL);
}

static struct prose_port *port(void)
{
	return rtnl_dereference(rig.prose->port);
}

/* Another EtherType, another Layer-2 ID. */
static void carrier_moves(struct kunit *test)
{
	size_t len;
	u8 *frame = frame_of(RIG_CURRENT, PROSE_LCID_DATA, 5, &len);

	start();
	rtnl_lock();
	KUNIT_EXPECT_TRUE(test, prose_port_taken(port(), RIG_OWN));
	KUNIT_EXPECT_TRUE(test, prose_port_own(rig.prose, RIG_OWN));
	KUNIT_EXPECT_FALSE(test, prose_port_taken(port(), RIG_PEER));
	KUNIT_EXPECT_EQ(test, move(0x88b6), 0);
	rtnl_unlock();
	receive(frame, len, RIG_LINEAR, 0);
	KUNIT_EXPECT_EQ(test, ends().drops, 0ULL);
	prose_put_be16(frame + 12, 0x88b6);
	rtnl_lock();
	mutex_lock(&rig.prose->lock);
	KUNIT_EXPECT_EQ(test, prose_port_rename(rig.prose, 0x0a0b0f), 0);
	mutex_unlock(&rig.prose->lock);
	rtnl_unlock();
	receive(frame, len, RIG_LINEAR, 0);
	EXPECT_DROP(test, PROSE_A_STAT_RX_NOT_FOR_US);
	prose_put_be24(frame + ETH_HLEN + 4, 0x0a0b0f);
	one(frame, len);
	EXPECT_TAKEN(test);
	rtnl_lock();
	kshim_fail_after = 0;
	KUNIT_EXPECT_EQ(test, move(0x88b7), -ENOMEM);
	kshim_fail_after = 1;
	KUNIT_EXPECT_EQ(test, move(0x88b7), -ENOMEM);
	kshim_fail_after = -1;
	KUNIT_EXPECT_EQ(test, rig.prose->config.ethertype, (u16)0x88b6);
	/* What was dropped on the old carrier is still counted. */
	KUNIT_EXPECT_EQ(test, move(0x88b5), 0);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, rig_drop(&rig, PROSE_A_STAT_RX_NOT_FOR_US), 1ULL);
}

/* Two own Layer-2 IDs: frames to either come in, and both go along to another port. */
static void link_ids(struct kunit *test)
{
	const u32 local = 0x0c0c0c, remote = 0x0d0d0d, third = 0x0e0e0e;
	size_t len;
	u8 *frame = frame_of(RIG_CURRENT, PROSE_LCID_DATA, 5, &len);
	u32 src, dst;
	int fail;

	start();
	mutex_lock(&rig.prose->lock);
	KUNIT_EXPECT_EQ(test, prose_port_claim(rig.prose, rig.peers[0], local), 0);
	KUNIT_EXPECT_EQ(test, prose_port_claim(rig.prose, rig.peers[1], local), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, prose_port_claim(rig.prose, rig.peers[1], RIG_OWN), -EADDRINUSE);
	prose_peer_set_ids(rig.peers[0], local, 0);
	mutex_unlock(&rig.prose->lock);
	prose_peer_ids(rig.peers[0], &src, &dst);
	KUNIT_EXPECT_EQ(test, src, (u32)RIG_OWN);
	KUNIT_EXPECT_EQ(test, dst, (u32)RIG_PEER);

	/* Whoever it says it is from; the MAC says who. */
	prose_put_be24(frame + ETH_HLEN + 1, third);
	prose_put_be24(frame + ETH_HLEN + 4, local);
	one(frame, len);
	EXPECT_TAKEN(test);
	frame = frame_of(RIG_CURRENT, PROSE_LCID_DATA, 6, &len);
	one(frame, len);
	EXPECT_TAKEN(test);
	/* Not from ourselves, by whichever ID. */
	frame = frame_of(RIG_CURRENT, PROSE_LCID_DATA, 7, &len);
	prose_put_be24(frame + ETH_HLEN + 1, local);
	receive(frame, len, RIG_LINEAR, 0);
	EXPECT_DROP(test, PROSE_A_STAT_RX_OWN_SOURCE);
	prose_put_be24(frame + ETH_HLEN + 1, RIG_OWN);
	prose_put_be24(frame + ETH_HLEN + 4, local);
	receive(frame, len, RIG_LINEAR, 0);
	EXPECT_DROP(test, PROSE_A_STAT_RX_OWN_SOURCE);
	free(frame);

	mutex_lock(&rig.prose->lock);
	prose_peer_set_ids(rig.peers[0], local, remote);
	mutex_unlock(&rig.prose->lock);
	prose_peer_ids(rig.peers[0], &src, &dst);
	KUNIT_EXPECT_EQ(test, src, local);
	KUNIT_EXPECT_EQ(test, dst, remote);

	/* A move that fails leaves both where they are. */
	rtnl_lock();
	for (fail = 0; fail < 4; fail++) {
		kshim_fail_after = fail;
		KUNIT_EXPECT_EQ(test, move(0x88b6), -ENOMEM);
	}
	kshim_fail_after = -1;
	KUNIT_EXPECT_TRUE(test, prose_port_own(rig.prose, RIG_OWN));
	KUNIT_EXPECT_TRUE(test, prose_port_own(rig.prose, local));
	KUNIT_EXPECT_EQ(test, move(0x88b6), 0);
	rtnl_unlock();
	KUNIT_EXPECT_TRUE(test, prose_port_own(rig.prose, RIG_OWN));
	KUNIT_EXPECT_TRUE(test, prose_port_own(rig.prose, local));
	frame = frame_of(RIG_CURRENT, PROSE_LCID_DATA, 8, &len);
	prose_put_be16(frame + 12, 0x88b6);
	prose_put_be24(frame + ETH_HLEN + 4, local);
	one(frame, len);
	EXPECT_TAKEN(test);

	mutex_lock(&rig.prose->lock);
	prose_peer_set_ids(rig.peers[0], 0, 0);
	mutex_unlock(&rig.prose->lock);
	KUNIT_EXPECT_FALSE(test, prose_port_own(rig.prose, local));
	frame = frame_of(RIG_CURRENT, PROSE_LCID_DATA, 9, &len);
	prose_put_be16(frame + 12, 0x88b6);
	prose_put_be24(frame + ETH_HLEN + 4, local);
	receive(frame, len, RIG_LINEAR, 0);
	EXPECT_DROP(test, PROSE_A_STAT_RX_NOT_FOR_US);
	free(frame);
}

static void counters_are_shown(struct kunit *test)
{
	struct net_device *dev = rig.prose->dev;
	struct rtnl_link_stats64 link = {};
	/* Four of traffic, then the causes of drops. */
	const char *traffic[] = { "rx-packets", "rx-bytes", "tx-packets", "tx-bytes" };
	u64 values[ARRAY_SIZE(traffic) + PROSE_N_STATS];
	u8 names[sizeof(values) / sizeof(*values) * ETH_GSTRING_LEN];
	size_t len, i;
	u8 *frame;

	start();
	one_of(RIG_CURRENT, PROSE_LCID_DATA, 5);
	one_of(RIG_CURRENT, PROSE_LCID_DATA, 5);
	frame = frame_of(RIG_CURRENT, PROSE_LCID_DATA, 6, &len);
	frame[len - 1] ^= 1;
	one(frame, len);
	frame = frame_of(RIG_CURRENT, PROSE_LCID_DATA, 6, &len);
	one(frame, ETH_HLEN + 3);
	xmit(packet(out, 3, 64, 16));
	prose_get_stats64(dev, &link);
	KUNIT_EXPECT_EQ(test, link.rx_packets, 1ULL);
	KUNIT_EXPECT_EQ(test, link.rx_bytes, (u64)sizeof(ip));
	KUNIT_EXPECT_EQ(test, link.rx_dropped, 1ULL);
	KUNIT_EXPECT_EQ(test, link.rx_errors, 2ULL);
	KUNIT_EXPECT_EQ(test, link.rx_frame_errors, 1ULL);
	KUNIT_EXPECT_EQ(test, link.tx_errors, 1ULL);

	KUNIT_EXPECT_EQ(test, prose_ethtool_ops.get_sset_count(dev, ETH_SS_STATS),
			(int)ARRAY_SIZE(values));
	KUNIT_EXPECT_EQ(test, prose_ethtool_ops.get_sset_count(dev, ETH_SS_TEST), -EOPNOTSUPP);
	memset(names, 0, sizeof(names));
	prose_ethtool_ops.get_strings(dev, ETH_SS_TEST, names);
	KUNIT_EXPECT_EQ(test, names[0], (u8)0);
	prose_ethtool_ops.get_strings(dev, ETH_SS_STATS, names);
	prose_ethtool_ops.get_ethtool_stats(dev, NULL, values);
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		const char *name = (const char *)names + i * ETH_GSTRING_LEN;

		KUNIT_EXPECT_TRUE(test, *name);
		if (i < ARRAY_SIZE(traffic))
			KUNIT_EXPECT_EQ(test, strcmp(name, traffic[i]), 0);
		if (!strcmp(name, "rx-replay") || !strcmp(name, "rx-integrity") ||
		    !strcmp(name, "rx-packets"))
			KUNIT_EXPECT_EQ(test, values[i], 1ULL);
		if (!strcmp(name, "rx-bytes"))
			KUNIT_EXPECT_EQ(test, values[i], (u64)sizeof(ip));
		if (!strncmp(name, "tx-", 3) && strcmp(name, "tx-not-ip"))
			KUNIT_EXPECT_EQ(test, values[i], 0ULL);
	}
}

/* Each moves one counter of its own and gives the kernel a reason; the shim insists. */
static void causes_are_told_apart(struct kunit *test)
{
	u64 sum[PROSE_N_STATS];
	size_t i, j;

	start();
	for (i = 0; i < PROSE_N_STATS; i++) {
		local_bh_disable();
		prose_drop(rig.prose, packet(out, 3, 64, 16), PROSE_STAT_FIRST + i);
		local_bh_enable();
		prose_stats_collect(rig.prose, sum);
		for (j = 0; j < PROSE_N_STATS; j++)
			KUNIT_EXPECT_EQ(test, sum[j], (u64)(j <= i));
	}

	local_bh_disable();
	prose_drop(rig.prose, packet(out, 3, 64, 16), PROSE_A_STAT_RX_NOMEM);
	KUNIT_EXPECT_EQ(test, (int)kshim_drop_reason, (int)SKB_DROP_REASON_NOMEM);
	/* There may be none to be had. */
	prose_drop(rig.prose, NULL, PROSE_A_STAT_RX_REPLAY);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, (int)kshim_drop_reason, (int)SKB_DROP_REASON_NOT_SPECIFIED);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(genuine_frames_arrive),
	KUNIT_CASE(forged_mac_moves_nothing),
	KUNIT_CASE(genuine_after_forged),
	KUNIT_CASE(every_bit_counts),
	KUNIT_CASE(nothing_moves_before_the_end),
	KUNIT_CASE(peers_go_while_it_is_under_way),
	KUNIT_CASE(address_follows_the_newest),
	KUNIT_CASE(unverified_data_proves_nothing),
	KUNIT_CASE(every_length_in_every_shape),
	KUNIT_CASE(memory_fails_on_the_way),
	KUNIT_CASE(address_waits_for_memory),
	KUNIT_CASE(crypto_fails),
	KUNIT_CASE(counts_beyond_the_limits),
	KUNIT_CASE(signalling_without_protection),
	KUNIT_CASE(frames_of_nobody),
	KUNIT_CASE(sources_are_the_peers),
	KUNIT_CASE(switching_by_frames),
	KUNIT_CASE(sent_as_the_other_end_has_it),
	KUNIT_CASE(nothing_leaves_in_clear),
	KUNIT_CASE(sending_fails),
	KUNIT_CASE(last_count_is_the_last),
	KUNIT_CASE(signalling_is_sent),
	KUNIT_CASE(one_owner_at_a_time),
	KUNIT_CASE(nothing_comes_up_without_memory),
	KUNIT_CASE(carrier_moves),
	KUNIT_CASE(link_ids),
	KUNIT_CASE(counters_are_shown),
	KUNIT_CASE(causes_are_told_apart),
	{}
};

static struct kunit_suite suite = {
	.name = "prose_frames",
	.init = rig_init,
	.exit = rig_exit,
	.test_cases = cases,
};

int main(void)
{
	static struct kunit_suite *const suites[] = { &suite };

	return kunit_run(suites, ARRAY_SIZE(suites));
}
