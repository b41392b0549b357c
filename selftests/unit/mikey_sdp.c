// SPDX-License-Identifier: MIT
/* a=key-mgmt: there and back, and what is no such attribute. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mikey/mikey.h"
#include "mikey/sdp.h"
#include "mikey_vectors.h"

static void fielded(void **state)
{
	json_t *vectors = mikey_vectors(), *of = json_object_get(vectors, "fielded");
	static const char *const which[] = { "gmk", "csk" };
	static const char *const heads[] = { "a=key-mgmt:mikey ", "key-mgmt:mikey ", "mikey ", " mikey ",
					     "a=key-mgmt: mikey " };
	static const char *const ends[] = { "", "\r\n", "\n" };
	const char *reason;
	char text[2048];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct octets message = mikey_vector(of, which[i], "message");
		const char *base64 = mikey_vector_text(of, which[i], "base64");
		char *line = mikey_sdp_encode(message.data, message.len);

		assert_non_null(line);
		snprintf(text, sizeof(text), "a=key-mgmt:mikey %s", base64);
		assert_string_equal(line, text);
		free(line);
		for (size_t n = 0; n < 15; n++) {
			size_t len;
			uint8_t *back;

			snprintf(text, sizeof(text), "%s%s%s", heads[n / 3], base64, ends[n % 3]);
			back = mikey_sdp_decode(text, strlen(text), &len, &reason);
			assert_non_null(back);
			assert_int_equal(len, message.len);
			assert_memory_equal(back, message.data, len);
			free(back);
		}
	}
	json_decref(vectors);
}

/* All lengths, so that all paddings; each cut refused or another message. */
static void lengths(void **state)
{
	uint8_t data[64], *back, *again;
	const char *reason;
	char *line, *cut;
	size_t got;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 37 + 1);
	for (size_t len = 1; len <= sizeof(data); len++) {
		line = mikey_sdp_encode(data, len);
		back = mikey_sdp_decode(line, strlen(line), &got, &reason);
		assert_non_null(back);
		assert_int_equal(got, len);
		assert_memory_equal(back, data, len);
		for (size_t i = 0; i < strlen(line); i++) {
			cut = malloc(i ? i : 1);
			memcpy(cut, line, i);
			again = mikey_sdp_decode(cut, i, &got, &reason);
			/* as if there were less: base64 does not show where it ends */
			assert_true(!again || (got % 3 == 0 && got < len));
			free(again);
			free(cut);
		}
		free(back);
		free(line);
	}
	assert_null(mikey_sdp_encode(data, 0));
	assert_null(mikey_sdp_encode(data, MIKEY_MAX_LEN + 1));
}

static void refused(void **state)
{
	static const struct {
		const char *line, *reason;
	} cases[] = {
		{ "a=crypto:1 AES", "another attribute" },
		{ "a=key-mgmt:other AAAA", "protocol" },
		{ "a=key-mgmt:mikeyAAAA", "protocol" },
		{ "a=key-mgmt:  mikey AAAA", "protocol" },
		{ "a=key-mgmt:MIKEY AAAA", "protocol" },
		{ "a=key-mgmt:mikey ", "cut off" },
		{ "a=key-mgmt:mikey AAA", "cut off" },
		{ "a=key-mgmt:mikey  AAAA", "cut off" },
		{ "a=key-mgmt:mikey AAA\r", "cut off" },
		{ "a=key-mgmt:mikey AAA ", "not base64" },
		{ "a=key-mgmt:mikey  AAA", "not base64" },
		{ "a=key-mgmt:mikey AA=A", "not base64" },
		{ "a=key-mgmt:mikey A===", "not base64" },
		{ "a=key-mgmt:mikey ====", "not base64" },
		{ "a=key-mgmt:mikey AA==AAAA", "not base64" },
		{ "a=key-mgmt:mikey AB==", "not base64" },
		{ "a=key-mgmt:mikey AAB=", "not base64" },
		{ "a=key-mgmt:mikey AA-A", "not base64" },
		{ "a=key-mgmt:mikey AA_A", "not base64" },
		{ "a=key-mgmt:mikey AA\nA", "not base64" },
		{ "a=key-mgmt:mikey \xff\xff\xff\xff", "not base64" },
	};
	const char *reason;
	char *long_one;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		reason = "";
		if (mikey_sdp_decode(cases[i].line, strlen(cases[i].line), &len, &reason) || len ||
		    !strstr(reason, cases[i].reason))
			fail_msg("%s: %s", cases[i].line, reason);
	}
	/* 65535 octets are the most a message has */
	long_one = malloc(17 + 87384);
	memcpy(long_one, "a=key-mgmt:mikey ", 17);
	memset(long_one + 17, 'A', 87384);
	assert_null(mikey_sdp_decode(long_one, 17 + 87384, &len, &reason));
	assert_non_null(strstr(reason, "too long"));
	free(mikey_sdp_decode(long_one, 17 + 87380, &len, &reason));
	assert_int_equal(len, 65535);
	free(long_one);
}

static void in_a_description(void **state)
{
	static const char sdp[] =
		"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n"
		"a=key-mgmt:mikey AAAA\r\n"
		"a=key-mgmtx:mikey AAAA\r\n"
		"m=audio 49170 RTP/SAVP 0\r\n"
		"a=key-mgmt:other BBBB\n"
		"a=key-mgmt:mikey CCCC";
	size_t at = 0, len, found = 0;
	const char *line;
	char *exact = malloc(sizeof(sdp) - 1);

	(void)state;
	memcpy(exact, sdp, sizeof(sdp) - 1);
	while ((line = mikey_sdp_find(exact, sizeof(sdp) - 1, &at, &len)) != NULL) {
		static const char *const lines[] = { "a=key-mgmt:mikey AAAA", "a=key-mgmt:other BBBB",
						     "a=key-mgmt:mikey CCCC" };

		assert_int_equal(len, strlen(lines[found]));
		assert_memory_equal(line, lines[found], len);
		found++;
	}
	assert_int_equal(found, 3);
	free(exact);
}

static void offered(void **state)
{
	static const struct {
		const char *sdp, *list;
	} cases[] = {
		{ "", "" },
		{ "v=0\r\n", "" },
		{ "a=key-mgmt:mikey AAAA", "mikey" },
		{ "a=key-mgmt:mikey AAAA\r\na=key-mgmt: k1 x\nm=audio 9 RTP/SAVP 0\na=key-mgmt:MIKEY x", "mikey;k1;MIKEY" },
		/* no identifiers, and none of them makes up several */
		{ "a=key-mgmt:mikey\na=key-mgmt:k1;k2 x\na=key-mgmt:mikey AAAA\na=key-mgmt:\na=key-mgmt:  k1 x", ";;mikey;;" },
		{ "a=key-mgmtx:mikey AAAA\nb=key-mgmt:k1 x", "" },
	};
	static const char *const lists[] = { "mikey", "mikey;k1", "k1;mikey", "k1;mikey;K2" };
	static const char *const none[] = { "", ";", "mikey;", ";mikey", "k1", "Mikey", "mikeyx", "mikey;;k1",
					    "mikey k1", "mikey;k-1", "k1;k2" };
	char *list;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		list = mikey_sdp_offered(cases[i].sdp, strlen(cases[i].sdp));
		assert_string_equal(list, cases[i].list);
		free(list);
	}
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		assert_true(mikey_sdp_offers(lists[i]));
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_false(mikey_sdp_offers(none[i]));
}

/* Which attribute is that of a medium; each has a number in place of a message. */
static void levels(void **state)
{
#define OF(n)	"a=key-mgmt:mikey " #n "\r\n"
#define OTHER	"a=key-mgmt:other x\r\n"
#define MEDIUM	"m=audio 9 RTP/SAVP 0\r\n"
	static const struct {
		const char *sdp;
		const char *of[4];	/* all media, and each of three */
	} cases[] = {
		{ "v=0\r\n", { "there", "not as many", "not as many", "not as many" } },
		{ OF(1), { "1", "not as many", "not as many", "not as many" } },
		{ OTHER OF(1) OF(2), { "1", "not as many", "not as many", "not as many" } },
		{ OF(1) MEDIUM, { "1", "1", "not as many", "not as many" } },
		{ OF(1) MEDIUM MEDIUM, { "1", "1", "1", "not as many" } },
		{ OF(1) MEDIUM OF(2), { "2", "2", "not as many", "not as many" } },
		{ OF(1) MEDIUM OTHER, { "protocol mikey", "protocol mikey", "not as many", "not as many" } },
		{ OF(1) MEDIUM OTHER OF(2), { "2", "2", "not as many", "not as many" } },
		{ OF(1) MEDIUM OF(2) MEDIUM, { "same for all", "2", "1", "not as many" } },
		{ OF(1) MEDIUM MEDIUM OF(2), { "same for all", "1", "2", "not as many" } },
		{ MEDIUM MEDIUM OF(2) MEDIUM, { "2", "protocol mikey", "2", "protocol mikey" } },
		{ MEDIUM OF(1) MEDIUM OF(2), { "same for all", "1", "2", "not as many" } },
		{ MEDIUM OTHER MEDIUM OF(2), { "same for all", "protocol mikey", "2", "not as many" } },
	};
	const char *line, *reason;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t medium = 0; medium < 4; medium++) {
			const char *of = cases[i].of[medium];

			reason = "";
			line = mikey_sdp_pick(cases[i].sdp, strlen(cases[i].sdp), medium, &len, &reason);
			if (line ? of[1] || len != 18 || line[17] != of[0] : !of[1] || !strstr(reason, of))
				fail_msg("%zu, medium %zu: %s %s", i, medium, line ? line : "none", reason);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fielded),
		cmocka_unit_test(lengths),
		cmocka_unit_test(refused),
		cmocka_unit_test(in_a_description),
		cmocka_unit_test(offered),
		cmocka_unit_test(levels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
