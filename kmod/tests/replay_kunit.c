// SPDX-License-Identifier: GPL-2.0-only
/* The replay window: its edges, and whether it is what a simple model is. */

#include "../replay.h"

#include "suites.h"

static void setup(struct kunit *test, struct prose_replay *replay, u32 first, u32 window)
{
	unsigned long *bits = kunit_kzalloc(test, prose_replay_size(window), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, bits);
	prose_replay_init(replay, first, window, bits);
}

/* COUNTs one after the other, and whether each is taken. */
struct step {
	u32 count;
	bool taken;
};

static void walk(struct kunit *test, const char *name, u32 window, const struct step *steps,
		 size_t n)
{
	struct prose_replay replay;
	size_t i;

	setup(test, &replay, 0, window);
	for (i = 0; i < n; i++) {
		struct prose_replay before = replay;
		bool taken;

		KUNIT_EXPECT_EQ_MSG(test, prose_replay_check(&replay, steps[i].count),
				    steps[i].taken, "%s, window %u, step %zu: check of %u", name,
				    window, i, steps[i].count);
		KUNIT_EXPECT_EQ(test, memcmp(&before, &replay, sizeof(replay)), 0);
		taken = prose_replay_update(&replay, steps[i].count);
		KUNIT_EXPECT_EQ_MSG(test, taken, steps[i].taken,
				    "%s, window %u, step %zu: update of %u", name, window, i,
				    steps[i].count);
		if (!taken)
			KUNIT_EXPECT_EQ(test, memcmp(&before, &replay, sizeof(replay)), 0);
	}
}

#define WALK(test, window, ...) do {					\
	const struct step __steps[] = { __VA_ARGS__ };			\
									\
	walk(test, __func__, window, __steps, ARRAY_SIZE(__steps));	\
} while (0)

static const u32 windows[] = { PROSE_REPLAY_MIN, 128, 256, 1024, PROSE_REPLAY_MAX };

static void in_order(struct kunit *test)
{
	WALK(test, PROSE_REPLAY_MIN, { 0, true }, { 1, true }, { 1, false }, { 0, false },
	     { 2, true }, { 2, false }, { 5, true }, { 3, true }, { 4, true }, { 4, false },
	     { 5, false }, { 6, true });
}

static void first_may_be_any(struct kunit *test)
{
	size_t i;

	WALK(test, 64, { 1000, true }, { 1000, false }, { 999, true });
	WALK(test, 64, { 0xffffffff, true }, { 0xffffffff, false }, { 0xfffffffe, true });
	for (i = 0; i < ARRAY_SIZE(windows); i++)
		WALK(test, windows[i], { 7, true }, { 6, true }, { 7, false });
}

static void edges_of_the_window(struct kunit *test)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(windows); i++) {
		u32 w = windows[i];

		/* The last one inside, the first one outside. */
		WALK(test, w, { w, true }, { 1, true }, { 0, false }, { 1, false }, { w, false });
		WALK(test, w, { 0, true }, { w - 1, true }, { 0, false }, { 1, true },
		     { w - 2, true }, { w, true }, { 0, false }, { 2, true });
		/* What falls out was never received, and is refused all the same. */
		WALK(test, w, { 2 * w, true }, { w, false }, { w + 1, true }, { 3 * w, true },
		     { 2 * w, false }, { 2 * w + 1, true });
	}
}

static void edges_of_the_ring(struct kunit *test)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(windows); i++) {
		u32 ring = 2 * windows[i];

		/* Same bit of the ring, one turn later. */
		WALK(test, windows[i], { 3, true }, { ring + 3, true }, { ring + 3, false },
		     { ring + 2, true }, { 3, false });
		/* Jumps of a word, of the ring less a word, of the ring, and far beyond. */
		WALK(test, windows[i], { 0, true }, { BITS_PER_LONG, true },
		     { BITS_PER_LONG - 1, true }, { BITS_PER_LONG, false },
		     { ring, true }, { ring - 1, true }, { ring - 1, false });
		WALK(test, windows[i], { 63, true }, { ring + 62, true }, { ring + 61, true },
		     { ring + 63, true }, { ring + 62, false });
		WALK(test, windows[i], { 5, true }, { 5 + 100 * ring, true },
		     { 4 + 100 * ring, true }, { 5 + 100 * ring, false });
	}
}

/* All of a window filled, in whatever order, and each refused after. */
static void full_window(struct kunit *test)
{
	size_t i;
	u32 n;

	for (i = 0; i < ARRAY_SIZE(windows); i++) {
		u32 w = windows[i], base = 12345;
		struct prose_replay replay;
		u32 refused = 0;

		setup(test, &replay, 0, w);
		KUNIT_EXPECT_TRUE(test, prose_replay_update(&replay, base + w - 1));
		/* An odd step goes through all, as the window is a power of two. */
		for (n = 1; n < w; n++)
			refused += !prose_replay_update(&replay,
							base + w - 1 - (n * 37 & (w - 1)));
		KUNIT_EXPECT_EQ_MSG(test, refused, 0U, "window %u", w);
		for (n = 0; n < w; n++)
			refused += !prose_replay_update(&replay, base + n);
		KUNIT_EXPECT_EQ_MSG(test, refused, w, "window %u", w);
		KUNIT_EXPECT_FALSE(test, prose_replay_check(&replay, base - 1));
		KUNIT_EXPECT_TRUE(test, prose_replay_check(&replay, base + w));
	}
}

static void end_of_counts(struct kunit *test)
{
	struct prose_replay replay;

	setup(test, &replay, 0, 64);
	KUNIT_EXPECT_TRUE(test, prose_replay_update(&replay, 0xfffffffe));
	KUNIT_EXPECT_EQ(test, prose_replay_ref(&replay), 0xffffffffU);
	KUNIT_EXPECT_TRUE(test, prose_replay_update(&replay, 0xffffffff));
	/* There is none after the last. */
	KUNIT_EXPECT_EQ(test, prose_replay_ref(&replay), 0xffffffffU);
	KUNIT_EXPECT_FALSE(test, prose_replay_update(&replay, 0xffffffff));
	KUNIT_EXPECT_FALSE(test, prose_replay_update(&replay, 0));
	KUNIT_EXPECT_FALSE(test, prose_replay_update(&replay, 0xffffffff - 64));
	KUNIT_EXPECT_TRUE(test, prose_replay_update(&replay, 0xffffffff - 63));
}

/* What is expected next guides the choice of an HFN. */
static void ref_follows_the_highest(struct kunit *test)
{
	struct prose_replay replay;

	setup(test, &replay, 77, 64);
	KUNIT_EXPECT_EQ(test, prose_replay_ref(&replay), 77U);
	prose_replay_update(&replay, 80);
	KUNIT_EXPECT_EQ(test, prose_replay_ref(&replay), 81U);
	prose_replay_update(&replay, 79);
	KUNIT_EXPECT_EQ(test, prose_replay_ref(&replay), 81U);
	prose_replay_update(&replay, 80);
	KUNIT_EXPECT_EQ(test, prose_replay_ref(&replay), 81U);
	prose_replay_update(&replay, 1000);
	KUNIT_EXPECT_EQ(test, prose_replay_ref(&replay), 1001U);
}

/* The model: everything ever received, each with an octet of its own. */
#define MODEL_COUNTS	65536

struct model {
	u32 base;
	u32 highest;
	bool any;
	u8 *seen;
};

static bool model_takes(const struct model *model, u32 window, u32 count)
{
	if (!model->any || count > model->highest)
		return true;
	return model->highest - count < window && !model->seen[count - model->base];
}

static u32 next_random(u32 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* Mostly near what came last, sometimes a jump, sometimes far behind. */
static u32 next_offset(u32 at, u32 window, u32 *seed)
{
	u32 r = next_random(seed);
	u32 far = r >> 8;

	switch (r & 15) {
	case 0:
		return at + far % (3 * window);
	case 1:
		return far % (at + 1);
	case 2:
	case 3:
		return at + 1;
	default:
		return at - min_t(u32, at, far % (window + window / 4));
	}
}

static void against_model(struct kunit *test, u32 base, u32 window, u32 seed)
{
	struct model model = { .base = base };
	unsigned int i, last = 0, taken = 0;
	struct prose_replay replay;
	u32 at = 0;

	model.seen = kunit_kzalloc(test, MODEL_COUNTS, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, model.seen);
	setup(test, &replay, base, window);

	for (i = 0; i < 100000; i++) {
		u32 off = next_offset(at, window, &seed);
		u32 count;
		bool want;

		/* The range ends: some more at its end, and anew. */
		if (off >= MODEL_COUNTS) {
			off = MODEL_COUNTS - 1;
			last++;
		}
		if (last > 100) {
			memset(model.seen, 0, MODEL_COUNTS);
			model.any = false;
			setup(test, &replay, base, window);
			at = 0;
			off = 0;
			last = 0;
		}
		count = base + off;

		want = model_takes(&model, window, count);
		if (prose_replay_check(&replay, count) != want ||
		    prose_replay_update(&replay, count) != want) {
			KUNIT_FAIL(test, "window %u, base %08x, packet %u: %08x, highest %08x",
				   window, base, i, count, model.highest);
			return;
		}
		if (want) {
			model.seen[off] = 1;
			taken++;
			if (!model.any || count > model.highest)
				model.highest = count;
			model.any = true;
			at = model.highest - base;
		}
	}
	/* Else what came was all of one kind. */
	KUNIT_EXPECT_GT(test, taken, 20000U);
	KUNIT_EXPECT_LT(test, taken, 80000U);
}

static void is_what_a_model_is(struct kunit *test)
{
	against_model(test, 0, 64, 0x9e3779b9);
	against_model(test, 1, 128, 0x7f4a7c15);
	against_model(test, 0x0000fff1, 256, 0xf39cc060);
	against_model(test, 0x7fffff00, 1024, 0x5cedc834);
	against_model(test, 0U - MODEL_COUNTS, 64, 0x1082276b);
	against_model(test, 0U - MODEL_COUNTS, 4096, 0xf3a27251);
}

static struct kunit_case prose_replay_cases[] = {
	KUNIT_CASE(in_order),
	KUNIT_CASE(first_may_be_any),
	KUNIT_CASE(edges_of_the_window),
	KUNIT_CASE(edges_of_the_ring),
	KUNIT_CASE(full_window),
	KUNIT_CASE(end_of_counts),
	KUNIT_CASE(ref_follows_the_highest),
	KUNIT_CASE(is_what_a_model_is),
	{}
};

struct kunit_suite prose_replay_suite = {
	.name = "prose_replay",
	.test_cases = prose_replay_cases,
};
