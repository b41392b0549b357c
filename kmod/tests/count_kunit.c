// SPDX-License-Identifier: GPL-2.0-only
/* Recovery of COUNT from an SN, TS 38.323 5.2.2.1. */

#include "../pdcp.h"

#include "suites.h"

/* What prose_count_recover() says when there is no such COUNT. */
#define NONE	(-1LL)

static const struct {
	u32 ref;
	u16 sn;
	long long count;
} edges[] = {
	/* HFN 0: nothing is below. */
	{ 0x00000000, 0x0000, 0x00000000 },
	{ 0x00000000, 0x0001, 0x00000001 },
	{ 0x00000000, 0x7fff, 0x00007fff },
	{ 0x00000000, 0x8000, NONE },
	{ 0x00000000, 0xffff, NONE },
	{ 0x00000001, 0x8000, 0x00008000 },
	{ 0x00000001, 0x8001, NONE },
	{ 0x00007fff, 0xfffe, 0x0000fffe },
	{ 0x00007fff, 0xffff, NONE },
	{ 0x00008000, 0xffff, 0x0000ffff },
	{ 0x00008000, 0x0000, 0x00000000 },
	/* Half of the SNs are ahead, half behind; the farthest of all is behind. */
	{ 0x00008001, 0x0000, 0x00010000 },
	{ 0x00008001, 0x0001, 0x00000001 },
	{ 0x0000ffff, 0x7ffe, 0x00017ffe },
	{ 0x0000ffff, 0x7fff, 0x00007fff },
	{ 0x0000ffff, 0xffff, 0x0000ffff },
	{ 0x0000ffff, 0x0000, 0x00010000 },
	/* HFN goes on where SN wraps, and back for what comes late. */
	{ 0x00010000, 0x0000, 0x00010000 },
	{ 0x00010000, 0xffff, 0x0000ffff },
	{ 0x00010000, 0x8000, 0x00008000 },
	{ 0x00010000, 0x7fff, 0x00017fff },
	{ 0x12345678, 0x5678, 0x12345678 },
	{ 0x12345678, 0xd677, 0x1234d677 },
	{ 0x12345678, 0xd678, 0x1233d678 },
	{ 0x1234fff0, 0x0010, 0x12350010 },
	{ 0x12350010, 0xfff0, 0x1234fff0 },
	/* HFN 0xffff: nothing is above. */
	{ 0xfffeffff, 0x0000, 0xffff0000 },
	{ 0xffff0000, 0x0000, 0xffff0000 },
	{ 0xffff0000, 0xffff, 0xfffeffff },
	{ 0xffff8000, 0x0000, 0xffff0000 },
	{ 0xffff8001, 0x0000, NONE },
	{ 0xffff8001, 0x0001, 0xffff0001 },
	{ 0xffffffff, 0xffff, 0xffffffff },
	{ 0xffffffff, 0x7fff, 0xffff7fff },
	{ 0xffffffff, 0x7ffe, NONE },
	{ 0xffffffff, 0x0000, NONE },
};

static long long recover(u32 ref, u16 sn)
{
	u32 count;

	return prose_count_recover(ref, sn, &count) ? (long long)count : NONE;
}

static void count_edges(struct kunit *test)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(edges); i++)
		KUNIT_EXPECT_EQ_MSG(test, recover(edges[i].ref, edges[i].sn), edges[i].count,
				    "ref %08x sn %04x", edges[i].ref, edges[i].sn);
}

/* Of the COUNTs that end in SN, the one from 32768 below to 32767 above ref. */
static long long nearest(u32 ref, u16 sn)
{
	long long count = (long long)ref + (s16)(sn - (ref & 0xffff));

	return count >= 0 && count <= 0xffffffffLL ? count : NONE;
}

static void count_is_nearest(struct kunit *test)
{
	static const u32 refs[] = {
		0, 1, 0x7fff, 0x8000, 0x8001, 0xffff, 0x10000, 0x17fff, 0x18000, 0x18001,
		0x7fffffff, 0x80000000, 0xfffeffff, 0xffff0000, 0xffff7fff, 0xffff8000,
		0xffff8001, 0xfffffffe, 0xffffffff,
	};
	size_t i;
	u32 sn;

	for (i = 0; i < ARRAY_SIZE(refs); i++) {
		for (sn = 0; sn <= 0xffff; sn++) {
			if (recover(refs[i], sn) == nearest(refs[i], sn))
				continue;
			KUNIT_FAIL(test, "ref %08x sn %04x: %llx, nearest is %llx", refs[i], sn,
				   recover(refs[i], sn), nearest(refs[i], sn));
			break;
		}
	}
}

static void count_none_leaves_it(struct kunit *test)
{
	u32 count = 0x5a5a5a5a;

	KUNIT_EXPECT_FALSE(test, prose_count_recover(0, 0xffff, &count));
	KUNIT_EXPECT_FALSE(test, prose_count_recover(0xffffffff, 0, &count));
	KUNIT_EXPECT_EQ(test, count, 0x5a5a5a5aU);
}

/* A receiver that is in step follows the sender over every HFN. */
static void count_follows_sender(struct kunit *test)
{
	u32 sent = 0x0000fff0, lost;

	for (lost = 0; lost < 0x8000; lost += 0x1ff) {
		long long got = recover(sent, (u16)(sent + lost));

		KUNIT_ASSERT_EQ_MSG(test, got, (long long)sent + lost, "%x lost", lost);
		sent += lost + 1;
	}
	KUNIT_EXPECT_GT(test, sent >> 16, 0x10U);
}

static struct kunit_case prose_count_cases[] = {
	KUNIT_CASE(count_edges),
	KUNIT_CASE(count_is_nearest),
	KUNIT_CASE(count_none_leaves_it),
	KUNIT_CASE(count_follows_sender),
	{}
};

struct kunit_suite prose_count_suite = {
	.name = "prose_count",
	.test_cases = prose_count_cases,
};
