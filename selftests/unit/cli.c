// SPDX-License-Identifier: MIT
/* Numbers and texts as prose prints them, rates, and what its doctor reads of tc and nft. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/cli.h"
#include "cli/doctor/doctor.h"
#include "cli/format.h"
#include "cli/rates.h"

/* Of prose.c, whose main() cannot be here too. */
const char *cli_socket;
const struct command *const commands[] = { &command_show, NULL };

void cli_error(const char *format, ...)
{
	(void)format;
}

int cli_usage(const struct command *command, const char *format, ...)
{
	(void)command;
	(void)format;
	return CLI_USAGE;
}

void cli_help(const struct command *command, FILE *to)
{
	(void)command;
	(void)to;
}

const struct command *cli_command(const char *name)
{
	(void)name;
	return NULL;
}

static void ages(void **state)
{
	static const struct {
		json_int_t seconds;
		const char *full, *brief;
	} table[] = {
		{ 0, "0 seconds", "0s" }, { 1, "1 second", "1s" }, { 59, "59 seconds", "59s" },
		{ 60, "1 minute", "1m00s" }, { 123, "2 minutes, 3 seconds", "2m03s" },
		{ 599, "9 minutes, 59 seconds", "9m59s" }, { 600, "10 minutes", "10m" },
		{ 3600, "1 hour", "1h00m" }, { 3661, "1 hour, 1 minute", "1h01m" },
		{ 3601, "1 hour, 1 second", "1h00m" }, { 35999, "9 hours, 59 minutes", "9h59m" },
		{ 36000, "10 hours", "10h" }, { 90061, "1 day, 1 hour", "1d" },
		{ 8640000, "100 days", "100d" }, { 864000000, "10000 days", ">27y" },
		{ -5, "0 seconds", "0s" },
	};
	char buffer[FORMAT_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_string_equal(format_age(table[i].seconds, buffer, sizeof(buffer)),
				    table[i].full);
		assert_string_equal(format_age_short(table[i].seconds, buffer, sizeof(buffer)),
				    table[i].brief);
		assert_true(strlen(buffer) <= 5);
	}
	/* All there can be, and too little room. */
	format_age(INT64_MAX, buffer, sizeof(buffer));
	format_age(INT64_MAX, buffer, 5);
	assert_int_equal(strlen(buffer), 4);
}

static void units(void **state)
{
	static const struct {
		json_int_t octets;
		const char *text;
	} table[] = {
		{ 0, "0 B" }, { 1023, "1023 B" }, { 1024, "1.0 KiB" }, { 1536, "1.5 KiB" },
		{ 1048575, "1.0 MiB" }, { 1048576, "1.0 MiB" }, { 123456789, "117.7 MiB" },
		{ INT64_MAX, "8.0 EiB" }, { -1, "0 B" },
	};
	char buffer[FORMAT_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_string_equal(format_octets(table[i].octets, buffer, sizeof(buffer)),
				    table[i].text);
	assert_string_equal(format_rate(2048, buffer, sizeof(buffer)), "2.0 KiB/s");
	assert_string_equal(format_rate(-1, buffer, sizeof(buffer)), "0 B/s");
	assert_string_equal(format_algorithm("eea1"), "128-EEA1 (SNOW 3G)");
	assert_string_equal(format_algorithm("eia3"), "128-EIA3 (ZUC)");
	assert_string_equal(format_algorithm("eea9"), "eea9");
	assert_int_equal(format_utc("1970-01-02T00:00:01Z"), 86401);
	assert_int_equal(format_utc("1970-01-02T00:00:01"), -1);
	assert_int_equal(format_utc("now"), -1);
	assert_int_equal(format_utc(""), -1);
}

static void curves(void **state)
{
	static const double rising[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8 }, none[] = { 0, -1, 0 };
	static const double small[] = { 1e-9, 1e9 }, unknown[] = { -1, 5 };
	char buffer[64];

	(void)state;
	assert_string_equal(format_sparkline(rising, 9, 0, true, buffer, sizeof(buffer)),
			    " ▁▂▃▄▅▆▇█");
	assert_string_equal(format_sparkline(rising, 9, 0, false, buffer, sizeof(buffer)),
			    " .:-=+*#@");
	/* Half as high below a line that is twice as high. */
	assert_string_equal(format_sparkline(rising, 9, 16, false, buffer, sizeof(buffer)),
			    " ..::--==");
	assert_string_equal(format_sparkline(none, 3, 0, true, buffer, sizeof(buffer)), "   ");
	assert_string_equal(format_sparkline(small, 2, 0, true, buffer, sizeof(buffer)), "▁█");
	assert_string_equal(format_sparkline(unknown, 2, 0, true, buffer, sizeof(buffer)), " █");
	assert_string_equal(format_sparkline(rising, 0, 0, true, buffer, sizeof(buffer)), "");
	/* A buffer that is too small is not written past. */
	memset(buffer, 'x', sizeof(buffer));
	format_sparkline(rising, 9, 0, true, buffer, 8);
	assert_int_equal(buffer[8], 'x');
	assert_true(memchr(buffer, '\0', 8));
}

static void clean(const char *text, const char *utf8, const char *ascii)
{
	char buffer[256];

	snprintf(buffer, sizeof(buffer), "%s", text);
	format_clean(buffer, true);
	assert_string_equal(buffer, utf8);
	snprintf(buffer, sizeof(buffer), "%s", text);
	format_clean(buffer, false);
	assert_string_equal(buffer, ascii);
}

static void cleaning(void **state)
{
	json_t *json;

	(void)state;
	clean("urn:prose:ue2", "urn:prose:ue2", "urn:prose:ue2");
	clean("é €𝄞", "é €𝄞", "? ??");
	/* Escape sequences: of two octets, of one (CSI), a title, DEL; ends of lines. */
	clean("a\033[31mb", "a?[31mb", "a?[31mb");
	clean("a\xc2\x9b" "31mb", "a?31mb", "a?31mb");
	clean("\033]0;title\a", "?]0;title?", "?]0;title?");
	clean("a\x7f\r\n\tb", "a????b", "a????b");
	/* The direction of writing, no width, a line, a tag. */
	clean("a\u202eb\u2066c\u200bd\u2028e\U000e0041f", "a?b?c?d?e?f", "a?b?c?d?e?f");
	/* No UTF-8: alone, cut off, overlong, a surrogate, beyond the last. */
	clean("\x9b", "?", "?");
	clean("a\xe2\x82", "a??", "a??");
	clean("\xc0\x9b", "??", "??");
	clean("\xed\xa0\x80", "???", "???");
	clean("\xf4\x90\x80\x80", "????", "????");
	json = json_loads("{\"a\": [\"x\\u001by\", 1, null, {\"b\": \"\\u009b\"}]}", 0, NULL);
	assert_non_null(json);
	format_clean_json(json, true);
	assert_string_equal(json_string_value(json_array_get(json_object_get(json, "a"), 0)), "x?y");
	assert_string_equal(json_string_value(json_object_get(
		json_array_get(json_object_get(json, "a"), 3), "b")), "?");
	json_decref(json);
}

/* Emulated processors of the other endianness have no locale that could be read. */
static bool utf8_at_hand;

static void fitting(void **state)
{
	char buffer[64];

	(void)state;
	assert_string_equal(format_fit("abc", 5, true, buffer, sizeof(buffer), true), "abc  ");
	assert_string_equal(format_fit("abc", 5, true, buffer, sizeof(buffer), false), "abc");
	assert_string_equal(format_fit("abcde", 5, true, buffer, sizeof(buffer), true), "abcde");
	assert_string_equal(format_fit("abcdef", 5, true, buffer, sizeof(buffer), true), "abcd…");
	assert_string_equal(format_fit("abcdef", 5, false, buffer, sizeof(buffer), true), "abcd~");
	assert_string_equal(format_fit("abc", 0, true, buffer, sizeof(buffer), true), "");
	memset(buffer, 'x', sizeof(buffer));
	format_fit("aaaaaaaaaaaaaaaaaaaaaaa", 20, true, buffer, 8, true);
	assert_int_equal(buffer[8], 'x');
	assert_true(memchr(buffer, '\0', 8));
	if (!utf8_at_hand)
		skip();
	assert_string_equal(format_fit("é€abcd", 4, true, buffer, sizeof(buffer), true), "é€a…");
	/* Characters that are two columns wide: one that does not fit is not half there. */
	assert_int_equal(format_columns("日本"), 4);
	assert_string_equal(format_fit("日本語", 5, true, buffer, sizeof(buffer), true), "日本…");
	assert_string_equal(format_fit("日本語", 4, true, buffer, sizeof(buffer), true), "日… ");
}

static void sample(struct rates *rates, long long ms, const char *text)
{
	json_t *result = json_loads(text, 0, NULL);

	assert_non_null(result);
	rates_sample(rates, result, ms);
	json_decref(result);
}

static void throughput(void **state)
{
	json_t *two = json_pack("{s:s}", "layer2_id", "0a:0b:02");
	json_t *three = json_pack("{s:s, s:n}", "identity", "urn:prose:ue3", "layer2_id");
	const struct rates_peer *peer;
	struct rates rates = { 0 };

	(void)state;
	sample(&rates, 1000, "{\"peers\": [{\"layer2_id\": \"0a:0b:02\", \"rx_bytes\": 5000, "
	       "\"tx_bytes\": 100}, {\"identity\": \"urn:prose:ue3\", \"layer2_id\": null}]}");
	peer = rates_find(&rates, two);
	assert_non_null(peer);
	assert_true(peer->rx[RATES_SAMPLES - 1] < 0);	/* one sample has no rate */
	assert_non_null(rates_find(&rates, three));
	sample(&rates, 1500, "{\"peers\": [{\"layer2_id\": \"0a:0b:02\", \"rx_bytes\": 6000, "
	       "\"tx_bytes\": 100}]}");
	peer = rates_find(&rates, two);
	assert_float_equal(peer->rx[RATES_SAMPLES - 1], 2000, 0.001);
	assert_float_equal(peer->tx[RATES_SAMPLES - 1], 0, 0.001);
	assert_null(rates_find(&rates, three));		/* gone */
	/* A new link counts from 0. */
	sample(&rates, 2500, "{\"peers\": [{\"layer2_id\": \"0a:0b:02\", \"rx_bytes\": 300, "
	       "\"tx_bytes\": 90}]}");
	peer = rates_find(&rates, two);
	assert_float_equal(peer->rx[RATES_SAMPLES - 1], 300, 0.001);
	assert_float_equal(peer->rx[RATES_SAMPLES - 2], 2000, 0.001);
	/* Down: no counters, no rate; neither has the first sample after that. */
	sample(&rates, 3500, "{\"peers\": [{\"layer2_id\": \"0a:0b:02\"}]}");
	assert_true(rates_find(&rates, two)->rx[RATES_SAMPLES - 1] < 0);
	sample(&rates, 4500, "{\"peers\": [{\"layer2_id\": \"0a:0b:02\", \"rx_bytes\": 300, "
	       "\"tx_bytes\": 90}]}");
	assert_true(rates_find(&rates, two)->rx[RATES_SAMPLES - 1] < 0);
	rates_free(&rates);
	json_decref(two);
	json_decref(three);
}

static void order_and_count(void **state)
{
	json_t *result = json_loads(
		"{\"peers\": [{\"identity\": \"down\", \"state\": \"idle\", \"last_heard_seconds\": 0},"
		"{\"identity\": \"never\", \"state\": \"connected\"},"
		"{\"identity\": \"late\", \"state\": \"connected\", \"last_heard_seconds\": 9},"
		"{\"identity\": \"first\", \"state\": \"rekeying\", \"last_heard_seconds\": 1},"
		"{\"identity\": \"second\", \"state\": \"connected\", \"last_heard_seconds\": 1},"
		"{\"identity\": \"none\", \"state\": \"null\"}]}", 0, NULL);
	static const char *const order[] = { "first", "second", "late", "never", "down", "none" };
	json_t *sorted, *peer, *assoc;
	size_t i;

	(void)state;
	sorted = cli_peers_sorted(result);
	assert_int_equal(json_array_size(sorted), 6);
	json_array_foreach(sorted, i, peer)
		assert_string_equal(output_name(peer), order[i]);
	json_decref(sorted);
	json_decref(result);
	assoc = json_loads("{\"count_start\": 1, \"count_limit\": 100, \"bearers\": ["
			   "{\"lcid\": 1, \"tx_next\": 51}, {\"lcid\": 30, \"tx_next\": 2}]}", 0, NULL);
	assert_float_equal(cli_count_used(assoc), 0.5, 1e-9);
	json_object_set_new(json_array_get(json_object_get(assoc, "bearers"), 1), "tx_next", json_null());
	assert_float_equal(cli_count_used(assoc), 1, 1e-9);
	json_decref(assoc);
}

/* What tc of iproute2 6.1 and nft print, with -j. */
static void filters(void **state)
{
	static const struct {
		bool nft;
		unsigned int found;
		const char *verdict, *text;
	} table[] = {
		{ false, 1, "fail", "[{\"protocol\":\"[34997]\",\"pref\":7,\"kind\":\"matchall\","
		  "\"chain\":0,\"options\":{\"handle\":1,\"actions\":[{\"order\":1,\"kind\":\"gact\","
		  "\"control_action\":{\"type\":\"drop\"}}]}}]" },
		{ false, 0, NULL, "[{\"protocol\":\"[34998]\",\"pref\":7,\"kind\":\"matchall\","
		  "\"options\":{\"actions\":[{\"control_action\":{\"type\":\"drop\"}}]}}]" },
		{ false, 0, NULL, "[{\"protocol\":\"[34997]\",\"pref\":7,\"kind\":\"matchall\","
		  "\"options\":{\"actions\":[{\"control_action\":{\"type\":\"pass\"}}]}}]" },
		{ false, 1, "warn", "[{\"protocol\":\"all\",\"pref\":7,\"kind\":\"u32\","
		  "\"options\":{\"actions\":[{\"control_action\":{\"type\":\"drop\"}}]}}]" },
		{ true, 1, "fail", "{\"nftables\":[{\"chain\":{\"family\":\"netdev\",\"table\":\"t\","
		  "\"name\":\"c\",\"handle\":1,\"dev\":\"eth0\",\"type\":\"filter\",\"hook\":\"ingress\","
		  "\"prio\":0,\"policy\":\"accept\"}},{\"rule\":{\"family\":\"netdev\",\"table\":\"t\","
		  "\"chain\":\"c\",\"handle\":2,\"expr\":[{\"match\":{\"op\":\"==\",\"left\":{\"payload\":"
		  "{\"protocol\":\"ether\",\"field\":\"type\"}},\"right\":\"0x88b5\"}},{\"drop\":null}]}}]}" },
		/* 1.0.6: a number, and no device. */
		{ true, 1, "fail", "{\"nftables\":[{\"chain\":{\"family\":\"netdev\",\"table\":\"no-such\","
		  "\"name\":\"c\",\"handle\":1,\"type\":\"filter\",\"hook\":\"ingress\",\"prio\":0,"
		  "\"policy\":\"accept\"}},{\"rule\":{\"family\":\"netdev\",\"table\":\"no-such\","
		  "\"chain\":\"c\",\"handle\":2,\"expr\":[{\"match\":{\"op\":\"==\",\"left\":{\"payload\":"
		  "{\"protocol\":\"ether\",\"field\":\"type\"}},\"right\":34997}},{\"drop\":null}]}}]}" },
		{ true, 0, NULL, "{\"nftables\":[{\"chain\":{\"family\":\"netdev\",\"table\":\"t\","
		  "\"name\":\"c\",\"dev\":\"eth1\",\"hook\":\"ingress\",\"policy\":\"accept\"}},"
		  "{\"rule\":{\"family\":\"netdev\",\"table\":\"t\",\"chain\":\"c\",\"handle\":2,"
		  "\"expr\":[{\"drop\":null}]}}]}" },
		{ true, 0, NULL, "{\"nftables\":[{\"chain\":{\"family\":\"netdev\",\"table\":\"t\","
		  "\"name\":\"c\",\"dev\":\"eth0\",\"hook\":\"ingress\",\"policy\":\"accept\"}},"
		  "{\"rule\":{\"family\":\"netdev\",\"table\":\"t\",\"chain\":\"c\",\"handle\":2,"
		  "\"expr\":[{\"match\":{\"op\":\"==\",\"left\":{\"meta\":{\"key\":\"protocol\"}},"
		  "\"right\":\"ip\"}},{\"drop\":null}]}}]}" },
		{ true, 1, "warn", "{\"nftables\":[{\"chain\":{\"family\":\"netdev\",\"table\":\"t\","
		  "\"name\":\"c\",\"dev\":[\"eth1\",\"eth0\"],\"hook\":\"ingress\",\"policy\":\"drop\"}}]}" },
		{ true, 0, NULL, "{\"nftables\":[{\"chain\":{\"family\":\"bridge\",\"table\":\"t\","
		  "\"name\":\"c\",\"hook\":\"forward\",\"policy\":\"drop\"}}]}" },
		/* What is no such thing. */
		{ false, 0, NULL, "[1, null, {}]" }, { true, 0, NULL, "[]" },
		{ true, 0, NULL, "{\"nftables\": [1, {\"chain\": 5}, {\"rule\": null}]}" },
	};
	struct doctor doctor = { .check = "filters" };
	json_t *json;
	size_t i;

	(void)state;
	strcpy(doctor.lower.name, "eth0");
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		doctor.findings = json_array();
		json = json_loads(table[i].text, 0, NULL);
		assert_non_null(json);
		assert_int_equal(table[i].nft ? doctor_nft_ruleset(&doctor, json) :
						doctor_tc_filters(&doctor, "ingress", json),
				 table[i].found);
		assert_int_equal(json_array_size(doctor.findings), table[i].found);
		if (table[i].found)
			assert_string_equal(output_text(json_array_get(doctor.findings, 0), "verdict"),
					    table[i].verdict);
		json_decref(json);
		json_decref(doctor.findings);
	}
}

static void programs(void **state)
{
	const char *const missing[] = { "no-such-program-of-prose", NULL };
	const char *const fails[] = { "false", NULL }, *const says[] = { "echo", "[1]", NULL };
	const char *const big[] = { "head", "-c", "2000000", "/dev/zero", NULL };
	const char *const nothing[] = { "true", NULL };
	json_t *json;

	(void)state;
	assert_null(doctor_run(missing));
	assert_null(doctor_run(fails));
	assert_null(doctor_run(big));
	json = doctor_run_json(says);
	assert_int_equal(json_array_size(json), 1);
	json_decref(json);
	json = doctor_run_json(nothing);
	assert_true(json_is_array(json));
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ages), cmocka_unit_test(units), cmocka_unit_test(curves),
		cmocka_unit_test(cleaning), cmocka_unit_test(fitting), cmocka_unit_test(throughput),
		cmocka_unit_test(order_and_count), cmocka_unit_test(filters), cmocka_unit_test(programs),
	};

	utf8_at_hand = setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
