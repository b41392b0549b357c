// SPDX-License-Identifier: MIT
/*
 * Packets that several processors cipher, over the shim of the kernel, where the processors take the
 * newest first: whatever order they are done in, they go on in that of their COUNTs.
 */
#include "rig.h"

#include <kunit/test.h>

#include "parallel.h"
#include "pdcp.h"
#include "transmit.h"

enum { LONG = 300, SHORT = 40, MANY = PROSE_QUEUE_LEN + 50 };

static struct rig rig;

/* What left, or was delivered: the COUNT of each, or the mark in it. */
static u32 seen[MANY];
static unsigned int n_seen;

static void use_zuc(struct prose_keys *keys)
{
	const u8 pek[PROSE_KEY_LEN] = { 1 }, pik[PROSE_KEY_LEN] = { 2 };

	prose_keys_free(keys);
	kshim_assert(!prose_keys_set(keys, PROSE_EEA_EEA3, pek, PROSE_EIA_EIA2, pik, NULL));
}

static int rig_init(struct kunit *test)
{
	if (!rig_up(&rig))
		return -ENOMEM;
	if (prose_parallel_init()) {
		rig_down(&rig);
		return -ENOMEM;
	}
	kshim_cpus = 2;
	kshim_newest_first = true;
	use_zuc(&rig.assocs[RIG_CURRENT]->keys);
	use_zuc(&rig.keys[RIG_CURRENT]);
	rig.assocs[RIG_CURRENT]->config.eea = PROSE_EEA_EEA3;
	kshim_assert(!prose_queues_alloc(rig.assocs[RIG_CURRENT]));
	n_seen = 0;
	test->priv = &rig;
	return 0;
}

static void rig_exit(struct kunit *test)
{
	kshim_xmit = NULL;
	kshim_deliver = NULL;
	kshim_mac_error = 0;
	if (!test->priv)
		return;
	kshim_run();
	rig_down(&rig);
	prose_parallel_exit();
	kshim_cpus = 1;
	kshim_newest_first = false;
	kshim_others_run = false;
	kshim_cpu = 0;
	kshim_softirqs = 0;
}

/* An IPv4 packet from one end to the other, with a mark. */
static void ipv4(u8 *octets, size_t len, u8 from, u8 to, u32 mark)
{
	memset(octets, 0, len);
	octets[0] = 0x45;
	octets[2] = (u8)(len >> 8);
	octets[3] = (u8)len;
	octets[8] = 64;
	octets[9] = 17;
	octets[12] = 10;
	octets[15] = from;
	octets[16] = 10;
	octets[19] = to;
	memcpy(octets + len - sizeof(mark), &mark, sizeof(mark));
}

static int take_frame(struct sk_buff *skb)
{
	u8 sn[2];

	kshim_assert(!skb_copy_bits(skb, ETH_HLEN + PROSE_MAC_HDR_LEN + 3, sn, sizeof(sn)));
	kshim_assert(n_seen < MANY);
	seen[n_seen++] = prose_get_be16(sn);
	consume_skb(skb);
	return 0;
}

static unsigned int left_on;

static int take_frame_somewhere(struct sk_buff *skb)
{
	left_on = kshim_cpu;
	return take_frame(skb);
}

static void take_packet(const struct sk_buff *skb)
{
	kshim_assert(n_seen < MANY);
	kshim_assert(!skb_copy_bits(skb, (int)(skb->len - sizeof(u32)), &seen[n_seen++], sizeof(u32)));
}

static void send_one(size_t len)
{
	struct sk_buff *skb = alloc_skb(64 + LONG + 16, GFP_ATOMIC);
	u8 octets[LONG];

	ipv4(octets, len, 1, 2, 0);
	kshim_assert(skb);
	skb_reserve(skb, 64);
	skb_put_data(skb, octets, len);
	skb_reset_network_header(skb);
	skb->protocol = htons(ETH_P_IP);
	skb->dev = rig.prose->dev;
	local_bh_disable();
	prose_xmit(skb, rig.prose->dev);
	local_bh_enable();
}

static void receive_one(u32 count, size_t len, bool forged)
{
	struct rig_frame frame = rig_frame_of(RIG_CURRENT, PROSE_LCID_DATA, count);
	u8 octets[LONG], *made;
	size_t made_len;

	ipv4(octets, len, 2, 1, count);
	made = rig_frame(&rig, RIG_CURRENT, &frame, octets, len, &made_len);
	if (forged)
		made[made_len - 1] ^= 1;
	rig_capture_done(rig_receive(&rig, made, made_len, RIG_LINEAR, 0));
	free(made);
}

#define EXPECT_SEEN(test, ...) do {						\
	const u32 _want[] = { __VA_ARGS__ };					\
	unsigned int _i;							\
										\
	KUNIT_ASSERT_EQ(test, n_seen, (unsigned int)ARRAY_SIZE(_want));		\
	for (_i = 0; _i < n_seen; _i++)						\
		KUNIT_EXPECT_EQ(test, seen[_i], _want[_i]);			\
} while (0)

static void leaves_in_order(struct kunit *test)
{
	int i;

	kshim_xmit = take_frame;
	for (i = 0; i < 5; i++)
		send_one(LONG);
	/* It is done at once, and waits all the same. */
	send_one(SHORT);
	KUNIT_EXPECT_EQ(test, n_seen, 0U);
	kshim_run();
	EXPECT_SEEN(test, 1, 2, 3, 4, 5, 6);
	/* Nothing is in its way now. */
	send_one(SHORT);
	EXPECT_SEEN(test, 1, 2, 3, 4, 5, 6, 7);
	KUNIT_EXPECT_EQ(test, rig_drops(&rig), 0ULL);
}

static void comes_in_order(struct kunit *test)
{
	kshim_deliver = take_packet;
	receive_one(1, LONG, false);
	receive_one(2, LONG, false);
	/* A forgery in between is dropped, and the same frame once more as well. */
	receive_one(3, LONG, true);
	receive_one(2, LONG, false);
	receive_one(3, LONG, false);
	receive_one(4, SHORT, false);
	KUNIT_EXPECT_EQ(test, n_seen, 0U);
	KUNIT_EXPECT_EQ(test, rig_drops(&rig), 0ULL);
	kshim_run();
	EXPECT_SEEN(test, 1, 2, 3, 4);
	KUNIT_EXPECT_EQ(test, rig_drop(&rig, PROSE_A_STAT_RX_INTEGRITY), 1ULL);
	KUNIT_EXPECT_EQ(test, rig_drop(&rig, PROSE_A_STAT_RX_REPLAY), 1ULL);
	KUNIT_EXPECT_EQ(test, rig_drops(&rig), 2ULL);
}

/* More than the rings take are done where they are; more than the queue takes are dropped. */
static void what_waits_is_bounded(struct kunit *test)
{
	unsigned int i;

	kshim_xmit = take_frame;
	kshim_deliver = take_packet;
	for (i = 0; i < MANY; i++)
		send_one(LONG);
	KUNIT_EXPECT_EQ(test, rig_drop(&rig, PROSE_A_STAT_TX_NOMEM), 50ULL);
	kshim_run();
	KUNIT_ASSERT_EQ(test, n_seen, (unsigned int)PROSE_QUEUE_LEN);
	for (i = 0; i < n_seen; i++)
		KUNIT_EXPECT_EQ(test, seen[i], i + 1);

	n_seen = 0;
	for (i = 0; i < MANY; i++)
		receive_one(i + 1, LONG, false);
	KUNIT_EXPECT_EQ(test, rig_drop(&rig, PROSE_A_STAT_RX_NOMEM), 50ULL);
	kshim_run();
	KUNIT_ASSERT_EQ(test, n_seen, (unsigned int)PROSE_QUEUE_LEN);
	for (i = 0; i < n_seen; i++)
		KUNIT_EXPECT_EQ(test, seen[i], i + 1);
	KUNIT_EXPECT_EQ(test, rig_drops(&rig), 100ULL);
}

static void one_that_fails_is_dropped(struct kunit *test)
{
	kshim_xmit = take_frame;
	send_one(LONG);
	send_one(LONG);
	send_one(LONG);
	/* The first that is done, which is the last. */
	kshim_mac_error = -EIO;
	kshim_run();
	EXPECT_SEEN(test, 1, 2);
	KUNIT_EXPECT_EQ(test, rig_drop(&rig, PROSE_A_STAT_TX_CRYPTO), 1ULL);
}

static void last_count_is_the_last(struct kunit *test)
{
	atomic64_set(&rig.assocs[RIG_CURRENT]->bearers[PROSE_BEARER_DATA].tx_next, 0xfffffffe);
	kshim_xmit = take_frame;
	send_one(LONG);
	send_one(LONG);
	send_one(LONG);
	kshim_run();
	EXPECT_SEEN(test, 0xfffe, 0xffff);
	KUNIT_EXPECT_EQ(test, rig_drop(&rig, PROSE_A_STAT_TX_COUNT_LIMIT), 1ULL);
}

/* What holds the last reference is a packet, and then its queue. */
static void peer_goes_meanwhile(struct kunit *test)
{
	kshim_xmit = take_frame;
	kshim_deliver = take_packet;
	send_one(LONG);
	send_one(LONG);
	receive_one(9, LONG, false);
	prose_assoc_put(rig.assocs[RIG_CURRENT]);
	rig.assocs[RIG_CURRENT] = NULL;
	mutex_lock(&rig.prose->lock);
	prose_peer_remove(rig.peers[0], PROSE_GONE_REASON_REQUESTED);
	mutex_unlock(&rig.prose->lock);
	kshim_run();
	/* They were protected before; what came in is nobody's any more. */
	EXPECT_SEEN(test, 1, 2);
	KUNIT_EXPECT_EQ(test, rig_drop(&rig, PROSE_A_STAT_RX_SPOOFED), 1ULL);
}

static void one_processor_does_it_at_once(struct kunit *test)
{
	kshim_cpus = 1;
	kshim_xmit = take_frame;
	send_one(LONG);
	EXPECT_SEEN(test, 1);
}

/* While the first leaves, another comes. */
static int take_frame_and_send(struct sk_buff *skb)
{
	kshim_xmit = take_frame;
	send_one(SHORT);
	return take_frame(skb);
}

/* What the serial part has in hand is ahead, though it is in the queue no more. */
static void waits_for_what_leaves(struct kunit *test)
{
	kshim_xmit = take_frame_and_send;
	send_one(LONG);
	kshim_run();
	EXPECT_SEEN(test, 1, 2);
}

/* What is in the stack's queues of one processor is not overtaken on another. */
static void leaves_on_one_processor(struct kunit *test)
{
	kshim_xmit = take_frame_somewhere;
	send_one(SHORT);
	EXPECT_SEEN(test, 1);
	KUNIT_EXPECT_EQ(test, left_on, 0U);

	/* They have not all gone, as far as anybody can say: this goes the same way. */
	kshim_softirqs = BIT(NET_RX_SOFTIRQ);
	kshim_cpu = 1;
	send_one(SHORT);
	EXPECT_SEEN(test, 1);
	kshim_run();
	EXPECT_SEEN(test, 1, 2);
	KUNIT_EXPECT_EQ(test, left_on, 0U);
	send_one(SHORT);
	EXPECT_SEEN(test, 1, 2);
	/* And still when this has left; but after this they have. */
	kshim_softirqs = 1;
	kshim_run();
	EXPECT_SEEN(test, 1, 2, 3);
	KUNIT_EXPECT_EQ(test, left_on, 0U);
	send_one(SHORT);
	EXPECT_SEEN(test, 1, 2, 3, 4);
	KUNIT_EXPECT_EQ(test, left_on, 1U);

	/* Time alone says nothing. */
	kshim_time_pass(10 * HZ);
	kshim_cpu = 0;
	send_one(SHORT);
	EXPECT_SEEN(test, 1, 2, 3, 4);
	kshim_run();
	EXPECT_SEEN(test, 1, 2, 3, 4, 5);
	KUNIT_EXPECT_EQ(test, left_on, 1U);
	kshim_softirqs = 0;
}

/* A processor that others want to run on is left alone, and asked again later. */
static void busy_processors_are_left_alone(struct kunit *test)
{
	kshim_xmit = take_frame;
	kshim_others_run = true;
	send_one(LONG);
	/* Nobody knew yet. */
	KUNIT_EXPECT_EQ(test, n_seen, 0U);
	kshim_run();
	EXPECT_SEEN(test, 1);
	send_one(LONG);
	EXPECT_SEEN(test, 1, 2);

	kshim_others_run = false;
	kshim_time_pass(HZ / 100);
	send_one(LONG);
	EXPECT_SEEN(test, 1, 2);
	kshim_run();
	EXPECT_SEEN(test, 1, 2, 3);
	/* It is free for all that is known. */
	send_one(LONG);
	EXPECT_SEEN(test, 1, 2, 3);
}

static void aes_is_done_at_once(struct kunit *test)
{
	struct prose_assoc_config config = rig.assocs[RIG_CURRENT]->config;
	static const struct {
		u8 eea, eia;
		bool up_integrity, slow;
	} pairs[] = {
		{ PROSE_EEA_EEA0, PROSE_EIA_EIA2, true, false },
		{ PROSE_EEA_EEA2, PROSE_EIA_EIA2, true, false },
		{ PROSE_EEA_EEA2, PROSE_EIA_EIA1, true, true },
		{ PROSE_EEA_EEA2, PROSE_EIA_EIA1, false, false },
		{ PROSE_EEA_EEA1, PROSE_EIA_EIA2, false, true },
		{ PROSE_EEA_EEA3, PROSE_EIA_EIA3, true, true },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		struct prose_assoc *assoc;

		config.eea = pairs[i].eea;
		config.eia = pairs[i].eia;
		config.up_integrity = pairs[i].up_integrity;
		assoc = prose_assoc_alloc(&config);
		KUNIT_ASSERT_TRUE(test, assoc);
		KUNIT_EXPECT_EQ(test, !!assoc->queues, pairs[i].slow);
		prose_assoc_put(assoc);
	}
	kshim_run();
}

/* Without memory for the queues there is no association, and nothing is left of it. */
static void queues_need_memory(struct kunit *test)
{
	struct prose_assoc_config config = rig.assocs[RIG_CURRENT]->config;
	struct prose_assoc *assoc;
	long n = 0;

	do {
		kshim_fail_after = n++;
		assoc = prose_assoc_alloc(&config);
	} while (!assoc && n < 20);
	kshim_fail_after = -1;
	KUNIT_ASSERT_TRUE(test, assoc);
	KUNIT_EXPECT_TRUE(test, assoc->queues);
	KUNIT_EXPECT_EQ(test, n, 5L);
	prose_assoc_put(assoc);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(leaves_in_order),
	KUNIT_CASE(waits_for_what_leaves),
	KUNIT_CASE(leaves_on_one_processor),
	KUNIT_CASE(comes_in_order),
	KUNIT_CASE(what_waits_is_bounded),
	KUNIT_CASE(one_that_fails_is_dropped),
	KUNIT_CASE(last_count_is_the_last),
	KUNIT_CASE(peer_goes_meanwhile),
	KUNIT_CASE(one_processor_does_it_at_once),
	KUNIT_CASE(busy_processors_are_left_alone),
	KUNIT_CASE(aes_is_done_at_once),
	KUNIT_CASE(queues_need_memory),
	{}
};

static struct kunit_suite suite = {
	.name = "prose_parallel",
	.init = rig_init,
	.exit = rig_exit,
	.test_cases = cases,
};

int main(void)
{
	static struct kunit_suite *const suites[] = { &suite };

	return kunit_run(suites, ARRAY_SIZE(suites));
}
