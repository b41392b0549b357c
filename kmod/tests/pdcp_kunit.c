// SPDX-License-Identifier: GPL-2.0-only
/* Headers of the frame: MAC and PDCP. */

#include "../pdcp.h"

#include "suites.h"

#define SRC	0x0a0b0c
#define DST	0xfdfeff

/* Memory of exactly this length, so that KASAN or ASan sees a step beyond. */
static u8 *exact(struct kunit *test, const u8 *octets, size_t len)
{
	u8 *p = kunit_kzalloc(test, len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	if (len)
		memcpy(p, octets, len);
	return p;
}

static void ids_are_read(struct kunit *test)
{
	static const u8 frame[] = { 0x30, 0x0a, 0x0b, 0x0c, 0xfd, 0xfe, 0xff, 0x01 };
	struct prose_mac_hdr hdr = {};

	KUNIT_EXPECT_EQ(test, (int)prose_mac_parse_ids(frame, sizeof(frame), &hdr),
			(int)PROSE_PARSE_OK);
	KUNIT_EXPECT_EQ(test, hdr.src, (u32)SRC);
	KUNIT_EXPECT_EQ(test, hdr.dst, (u32)DST);
}

static void ids_of_short_frames_are_not(struct kunit *test)
{
	static const u8 frame[] = { 0x30, 0x0a, 0x0b, 0x0c, 0xfd, 0xfe, 0xff, 0x01 };
	size_t len;

	for (len = 0; len < sizeof(frame); len++) {
		struct prose_mac_hdr hdr = { .src = 1, .dst = 2 };
		u8 *p = exact(test, frame, len);

		KUNIT_EXPECT_EQ_MSG(test, (int)prose_mac_parse_ids(p, len, &hdr),
				    (int)PROSE_PARSE_SHORT, "%zu octets", len);
		KUNIT_EXPECT_EQ(test, hdr.src, 1U);
		KUNIT_EXPECT_EQ(test, hdr.dst, 2U);
	}
}

/* Only V 3 has a DST of 24 bits; the R bits beside it are ignored. */
static void ids_need_version_3(struct kunit *test)
{
	unsigned int first;

	for (first = 0; first < 0x100; first++) {
		const u8 frame[] = { first, 0, 0, 1, 0, 0, 2, 1 };
		struct prose_mac_hdr hdr;

		KUNIT_EXPECT_EQ_MSG(test, (int)prose_mac_parse_ids(frame, sizeof(frame), &hdr),
				    first >> 4 == 3 ? (int)PROSE_PARSE_OK :
						      (int)PROSE_PARSE_RESERVED,
				    "first octet %02x", first);
	}
}

/* From octet 8 on; in front of it are good IDs. */
static const struct {
	const char *what;
	u8 rest[8];
	size_t len;
	size_t total;
	enum prose_parse verdict;
	size_t sdu_off;
	size_t sdu_len;
} sdus[] = {
	{ "no octet 8", { 0 }, 7, 7, PROSE_PARSE_SHORT, 0, 0 },
	{ "to the end, of nothing", { 0x01 }, 8, 8, PROSE_PARSE_OK, 8, 0 },
	{ "to the end", { 0x01, 9 }, 9, 9, PROSE_PARSE_OK, 8, 1 },
	{ "to the end, most not at hand", { 0x01, 9 }, 9, 1500, PROSE_PARSE_OK, 8, 1492 },
	{ "R bits", { 0xc1, 9 }, 9, 9, PROSE_PARSE_OK, 8, 1 },
	{ "LCID 28", { 28 }, 8, 20, PROSE_PARSE_OK, 8, 12 },
	{ "LCID 29", { 29 }, 8, 20, PROSE_PARSE_OK, 8, 12 },
	{ "LCID 30", { 30 }, 8, 20, PROSE_PARSE_OK, 8, 12 },
	{ "short L not there", { 0x21 }, 8, 8, PROSE_PARSE_SHORT, 0, 0 },
	{ "short L, no padding subheader", { 0x21, 1 }, 9, 9, PROSE_PARSE_SHORT, 0, 0 },
	{ "short L of nothing", { 0x21, 0, 31 }, 10, 10, PROSE_PARSE_OK, 10, 0 },
	{ "short L, SDU not there", { 0x21, 1, 31 }, 10, 10, PROSE_PARSE_SHORT, 0, 0 },
	{ "short L, all of it", { 0x21, 1, 31, 9 }, 11, 11, PROSE_PARSE_OK, 10, 1 },
	{ "short L, one octet short", { 0x21, 2, 31, 9 }, 11, 11, PROSE_PARSE_SHORT, 0, 0 },
	{ "short L and padding", { 0x21, 1, 31, 9, 0, 0 }, 13, 13, PROSE_PARSE_OK, 10, 1 },
	{ "longest short L", { 0x21, 127, 31 }, 10, 137, PROSE_PARSE_OK, 10, 127 },
	{ "longest short L, too long", { 0x21, 127, 31 }, 10, 136, PROSE_PARSE_SHORT, 0, 0 },
	{ "R bits of padding", { 0x21, 1, 0xdf, 9 }, 11, 11, PROSE_PARSE_OK, 10, 1 },
	{ "second SDU", { 0x21, 1, 0x01, 9, 9 }, 12, 12, PROSE_PARSE_RESERVED, 0, 0 },
	{ "second L", { 0x21, 1, 0x3f, 9, 9 }, 12, 12, PROSE_PARSE_RESERVED, 0, 0 },
	{ "long L, half of it", { 0x21, 0x80 }, 9, 9, PROSE_PARSE_SHORT, 0, 0 },
	{ "long L, no padding subheader", { 0x21, 0x80, 1 }, 10, 10, PROSE_PARSE_SHORT, 0, 0 },
	{ "long L of nothing", { 0x21, 0x80, 0, 31 }, 11, 11, PROSE_PARSE_OK, 11, 0 },
	{ "long L", { 0x21, 0x81, 2, 31 }, 11, 11 + 258, PROSE_PARSE_OK, 11, 258 },
	{ "long L, one octet short", { 0x21, 0x81, 2, 31 }, 11, 10 + 258,
	  PROSE_PARSE_SHORT, 0, 0 },
	{ "longest long L", { 0x21, 0xff, 0xff, 31 }, 11, 11 + 32767, PROSE_PARSE_OK,
	  11, 32767 },
	{ "longest long L, alone", { 0x21, 0xff, 0xff, 31 }, 11, 11, PROSE_PARSE_SHORT, 0, 0 },
};

static void sdu_is_found(struct kunit *test)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sdus); i++) {
		u8 frame[16] = { 0x30, 0, 0, 1, 0, 0, 2 };
		struct prose_mac_hdr hdr = {};
		int verdict;
		u8 *p;

		memcpy(frame + 7, sdus[i].rest, sizeof(sdus[i].rest));
		p = exact(test, frame, sdus[i].len);
		verdict = prose_mac_parse_sdu(p, sdus[i].len, sdus[i].total, &hdr);
		KUNIT_EXPECT_EQ_MSG(test, verdict, (int)sdus[i].verdict, "%s", sdus[i].what);
		if (verdict != PROSE_PARSE_OK)
			continue;
		KUNIT_EXPECT_EQ_MSG(test, hdr.sdu_off, sdus[i].sdu_off, "%s", sdus[i].what);
		KUNIT_EXPECT_EQ_MSG(test, hdr.sdu_len, sdus[i].sdu_len, "%s", sdus[i].what);
		KUNIT_EXPECT_EQ_MSG(test, hdr.lcid, (u8)(p[7] & 31), "%s", sdus[i].what);
	}
}

static void every_lcid_has_its_verdict(struct kunit *test)
{
	unsigned int lcid;

	for (lcid = 0; lcid < 32; lcid++) {
		const u8 frame[] = { 0x30, 0, 0, 1, 0, 0, 2, lcid, 0 };
		struct prose_mac_hdr hdr = {};
		int want = PROSE_PARSE_RESERVED;

		if (lcid == 1 || (lcid >= 28 && lcid <= 30))
			want = PROSE_PARSE_OK;
		else if (lcid >= 2 && lcid <= 10)
			want = PROSE_PARSE_BEARER;
		KUNIT_EXPECT_EQ_MSG(test, (int)prose_mac_parse_sdu(frame, sizeof(frame),
								   sizeof(frame), &hdr),
				    want, "LCID %u", lcid);
	}
}

/* Whatever the octets and wherever the frame ends, an SDU lies inside it. */
static void sdu_lies_in_the_frame(struct kunit *test)
{
	u32 x = 0x2545f491;
	size_t len, i;
	int round;

	for (round = 0; round < 20000; round++) {
		struct prose_mac_hdr hdr = {};
		u8 frame[32];

		for (i = 0; i < sizeof(frame); i++) {
			x ^= x << 13;
			x ^= x >> 17;
			x ^= x << 5;
			frame[i] = x >> 11;
		}
		/* Often enough a good beginning. */
		if (round & 1) {
			frame[7] = 0x21;
			frame[8] &= 0x9f;
			frame[9 + (frame[8] >> 7)] |= 31;
		}
		len = x >> 24 & 31;
		if (prose_mac_parse_sdu(frame, len, len, &hdr) != PROSE_PARSE_OK)
			continue;
		KUNIT_ASSERT_GE(test, hdr.sdu_off, (size_t)PROSE_MAC_HDR_LEN);
		KUNIT_ASSERT_LE(test, hdr.sdu_off, (size_t)PROSE_MAC_HDR_MAX);
		KUNIT_ASSERT_LE(test, hdr.sdu_off, len);
		KUNIT_ASSERT_LE(test, hdr.sdu_len, len - hdr.sdu_off);
	}
}

static void mac_is_built_as_laid_out(struct kunit *test)
{
	static const u8 plain[] = { 0x30, 0x0a, 0x0b, 0x0c, 0xfd, 0xfe, 0xff, 0x01 };
	static const u8 padded[] = { 0x30, 0x0a, 0x0b, 0x0c, 0xfd, 0xfe, 0xff, 0x3e, 36, 0x1f };
	u8 *p;

	KUNIT_ASSERT_EQ(test, prose_mac_len(false), sizeof(plain));
	p = kunit_kzalloc(test, sizeof(plain), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	prose_mac_build(p, SRC, DST, PROSE_LCID_DATA, false, 36);
	KUNIT_EXPECT_EQ(test, memcmp(p, plain, sizeof(plain)), 0);

	KUNIT_ASSERT_EQ(test, prose_mac_len(true), sizeof(padded));
	p = kunit_kzalloc(test, sizeof(padded), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	prose_mac_build(p, SRC, DST, PROSE_LCID_SIGNAL, true, 36);
	KUNIT_EXPECT_EQ(test, memcmp(p, padded, sizeof(padded)), 0);
}

static void mac_built_is_read_back(struct kunit *test)
{
	static const u8 lcids[] = { PROSE_LCID_DATA, PROSE_LCID_UNPROTECTED, PROSE_LCID_SMC,
				    PROSE_LCID_SIGNAL };
	size_t i, len, form, total;

	for (i = 0; i < ARRAY_SIZE(lcids); i++) {
		for (form = 0; form < 2; form++) {
			for (len = 0; len < 128; len++) {
				struct prose_mac_hdr hdr = {};
				u8 frame[PROSE_MAC_HDR_MAX];

				prose_mac_build(frame, SRC, DST, lcids[i], form, len);
				total = prose_mac_len(form) + len + 3 * form;
				KUNIT_ASSERT_EQ(test, (int)prose_mac_parse_ids(frame, 8, &hdr),
						(int)PROSE_PARSE_OK);
				KUNIT_ASSERT_EQ(test,
						(int)prose_mac_parse_sdu(frame, prose_mac_len(form),
									 total, &hdr),
						(int)PROSE_PARSE_OK);
				KUNIT_ASSERT_EQ(test, hdr.src, (u32)SRC);
				KUNIT_ASSERT_EQ(test, hdr.dst, (u32)DST);
				KUNIT_ASSERT_EQ(test, hdr.lcid, lcids[i]);
				KUNIT_ASSERT_EQ(test, hdr.sdu_off, prose_mac_len(form));
				KUNIT_ASSERT_EQ(test, hdr.sdu_len, len);
			}
		}
	}
}

static const struct {
	const char *what;
	u8 lcid;
	u8 hdr[PROSE_PDCP_HDR_LEN];
	enum prose_parse verdict;
} pdcps[] = {
	{ "IP on data", 1, { 0x00, 0x12, 0x34, 0x56, 0x78 }, PROSE_PARSE_OK },
	{ "R bits", 1, { 0x1f, 0x12, 0x34, 0x56, 0x78 }, PROSE_PARSE_OK },
	{ "SN 0", 1, { 0x00, 0x00, 0x01, 0x00, 0x00 }, PROSE_PARSE_OK },
	{ "ARP on data", 1, { 0x20, 0x12, 0x34, 0x56, 0x78 }, PROSE_PARSE_SDU_TYPE },
	{ "PC5-S on data", 1, { 0x40, 0x12, 0x34, 0x56, 0x78 }, PROSE_PARSE_SDU_TYPE },
	{ "non-IP on data", 1, { 0x60, 0x12, 0x34, 0x56, 0x78 }, PROSE_PARSE_SDU_TYPE },
	{ "SDU type 4", 1, { 0x80, 0x12, 0x34, 0x56, 0x78 }, PROSE_PARSE_RESERVED },
	{ "SDU type 7", 30, { 0xe0, 0x12, 0x34, 0x56, 0x78 }, PROSE_PARSE_RESERVED },
	{ "data in clear", 1, { 0x00, 0x00, 0x00, 0x56, 0x78 }, PROSE_PARSE_UNPROTECTED },
	{ "signalling in clear", 30, { 0x40, 0, 0, 0, 0 }, PROSE_PARSE_UNPROTECTED },
	{ "security mode in clear", 29, { 0x40, 0, 0, 0, 0 }, PROSE_PARSE_UNPROTECTED },
	{ "PC5-S on signalling", 30, { 0x40, 0x00, 0x01, 0, 0 }, PROSE_PARSE_OK },
	{ "PC5-S on security mode", 29, { 0x40, 0xff, 0xff, 0xff, 0xff }, PROSE_PARSE_OK },
	{ "IP on signalling", 30, { 0x00, 0x00, 0x01, 0, 0 }, PROSE_PARSE_SDU_TYPE },
	{ "unprotected", 28, { 0x40, 0, 0, 0, 0 }, PROSE_PARSE_OK },
	{ "unprotected IP", 28, { 0x00, 0, 0, 0, 0 }, PROSE_PARSE_SDU_TYPE },
	{ "unprotected with KD-sess ID", 28, { 0x40, 0, 1, 0, 0 }, PROSE_PARSE_RESERVED },
	{ "unprotected with SN", 28, { 0x40, 0, 0, 0, 1 }, PROSE_PARSE_RESERVED },
};

static void pdcp_has_its_verdict(struct kunit *test)
{
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(pdcps); i++) {
		struct prose_pdcp_hdr hdr = {};
		const u8 *p = exact(test, pdcps[i].hdr, PROSE_PDCP_HDR_LEN);

		KUNIT_EXPECT_EQ_MSG(test, (int)prose_pdcp_parse(p, PROSE_PDCP_HDR_LEN,
								pdcps[i].lcid, &hdr),
				    (int)pdcps[i].verdict, "%s", pdcps[i].what);
		KUNIT_EXPECT_EQ(test, hdr.sdu_type, (u8)(p[0] >> 5));
		KUNIT_EXPECT_EQ(test, hdr.kd_sess_id, (u16)(p[1] << 8 | p[2]));
		KUNIT_EXPECT_EQ(test, hdr.sn, (u16)(p[3] << 8 | p[4]));

		for (len = 0; len < PROSE_PDCP_HDR_LEN; len++) {
			p = exact(test, pdcps[i].hdr, len);
			KUNIT_EXPECT_EQ_MSG(test, (int)prose_pdcp_parse(p, len, pdcps[i].lcid,
									&hdr),
					    (int)PROSE_PARSE_SHORT, "%s, %zu octets",
					    pdcps[i].what, len);
		}
	}
}

static void pdcp_is_built_as_laid_out(struct kunit *test)
{
	static const u8 want[] = { 0x40, 0xab, 0xcd, 0x01, 0xfe };
	u8 *p = kunit_kzalloc(test, sizeof(want), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	prose_pdcp_build(p, PROSE_SDU_PC5S, 0xabcd, 0x01fe);
	KUNIT_EXPECT_EQ(test, memcmp(p, want, sizeof(want)), 0);
}

/* Octets of TS 33.401 B.1.3 and B.2.3, whatever this machine's own order is. */
static void inputs_of_algorithms(struct kunit *test)
{
	static const u8 iv[PROSE_EEA_IV_LEN] = { 0x39, 0x8a, 0x59, 0xb4, 0xac };
	static const u8 prefix[PROSE_EIA_PREFIX_LEN] = { 0x38, 0xa6, 0xf0, 0x56, 0xf0 };
	u8 got[PROSE_EEA_IV_LEN];

	memset(got, 0xff, sizeof(got));
	prose_eea_iv(got, 0x398a59b4, 0x15, 1);
	KUNIT_EXPECT_EQ(test, memcmp(got, iv, sizeof(iv)), 0);

	memset(got, 0xff, sizeof(got));
	prose_eia_prefix(got, 0x38a6f056, 0x1e, 0);
	KUNIT_EXPECT_EQ(test, memcmp(got, prefix, sizeof(prefix)), 0);
}

static struct kunit_case prose_pdcp_cases[] = {
	KUNIT_CASE(ids_are_read),
	KUNIT_CASE(ids_of_short_frames_are_not),
	KUNIT_CASE(ids_need_version_3),
	KUNIT_CASE(sdu_is_found),
	KUNIT_CASE(every_lcid_has_its_verdict),
	KUNIT_CASE(sdu_lies_in_the_frame),
	KUNIT_CASE(mac_is_built_as_laid_out),
	KUNIT_CASE(mac_built_is_read_back),
	KUNIT_CASE(pdcp_has_its_verdict),
	KUNIT_CASE(pdcp_is_built_as_laid_out),
	KUNIT_CASE(inputs_of_algorithms),
	{}
};

struct kunit_suite prose_pdcp_suite = {
	.name = "prose_pdcp",
	.test_cases = prose_pdcp_cases,
};
