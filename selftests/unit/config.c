// SPDX-License-Identifier: MIT
/* prosed.conf: what is taken, and that each fault is refused with its line and its cure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/config.h"

static char folder[] = "/tmp/prose-config-XXXXXX";
static char path[64];

static struct config *load(const char *text, size_t len, char *why)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	fclose(file);
	return config_load(path, why, CONFIG_WHY_MAX);
}

static struct config *good(const char *text)
{
	char why[CONFIG_WHY_MAX] = "";
	struct config *config = load(text, strlen(text), why);

	if (!config)
		fail_msg("refused: %s", why);
	return config;
}

#define CREDENTIALS "psk { file = \"keys\" }\nidentity = \"urn:prose:ue1\"\n"
#define TEN "0123456789"
#define MINIMUM "device = \"prose0\"\n" CREDENTIALS

static void test_minimum(void **state)
{
	struct config *config = good(MINIMUM);
	char expected[64];

	(void)state;
	assert_string_equal(config->device, "prose0");
	assert_string_equal(config->identity, "urn:prose:ue1");
	assert_string_equal(config->control, "/run/prose/prose0.sock");
	assert_string_equal(config->state, "/run/prose/prose0.state");
	snprintf(expected, sizeof(expected), "%s/keys", folder);
	assert_string_equal(config->psk.file, expected);
	assert_int_equal(config->capabilities, 0x2020);
	assert_int_equal(config->eea_order[0], 2);
	assert_int_equal(config->eea_order[1], 0xff);
	assert_int_equal(config->eia_order[0], 2);
	assert_int_equal(config->up_integrity, UE_REQUIRED);
	assert_int_equal(config->up_ciphering, UE_REQUIRED);
	assert_int_equal(config->lifetimes.kd_sess_soft.ms, PROSE_KD_SESS_SOFT_S * 1000ULL);
	assert_int_equal(config->lifetimes.kd_hard.ms, PROSE_KD_HARD_S * 1000ULL);
	assert_int_equal(config->lifetimes.kd_hard.octets, 0);
	assert_int_equal(config->count_profile, UE_COUNT_HFN);
	assert_int_equal(config->n_methods, 1);
	assert_int_equal(config->methods[0], KEYING_PSK);
	assert_int_equal(config->timers.t4100, PROSE_T4100_MS);
	assert_int_equal(config->timers.retries, PROSE_RETRIES);
	assert_false(config->any_authenticated);
	assert_true(config->on_demand);
	assert_null(config->key_log);
	config_free(config);
}

/* Names of objects on a token are no files, and have no folder. */
static void test_token(void **state)
{
	struct config *config = good(
		"device = prose7\n"
		"certificate {\n chain = \"pkcs11:token=ue;object=ue1;type=cert\"\n"
		" key = \"pkcs11:token=ue;object=ue1\"\n pin-file = \"pin\"\n"
		" roots = { \"r1\" }\n crls = { \"c\" }\n}\n");

	(void)state;
	assert_string_equal(config->certificate.chain, "pkcs11:token=ue;object=ue1;type=cert");
	assert_string_equal(config->certificate.key, "pkcs11:token=ue;object=ue1");
	assert_non_null(strstr(config->certificate.pin_file, "/pin"));
	assert_false(config->certificate.clock_untrusted);
	assert_string_equal(config->certificate.clock_file, "/var/lib/prose/clock");
	config_free(config);
}

static void test_mikey_sakke(void **state)
{
	static const char section[] = "device = \"prose0\"\nmikey-sakke {\n"
		" communities = { \"a.public\", \"/b.public\" }\n keys = { \"ue.keys\" }\n";
	char text[512], why[CONFIG_WHY_MAX] = "";
	struct config *config;

	(void)state;
	/* The identity is that of the keys. */
	snprintf(text, sizeof(text), "%s}\n", section);
	config = good(text);
	assert_int_equal(config->n_methods, 1);
	assert_int_equal(config->methods[0], KEYING_MIKEY_SAKKE);
	assert_int_equal(config->mikey_sakke.n_communities, 2);
	assert_string_equal(config->mikey_sakke.communities[1], "/b.public");
	assert_int_equal(config->mikey_sakke.n_keys, 1);
	assert_string_equal(strrchr(config->mikey_sakke.keys[0], '/'), "/ue.keys");
	assert_int_equal(config->mikey_sakke.n_deny, 0);
	assert_null(config->mikey_sakke.seal);
	assert_false(config->mikey_sakke.reply_optional);
	assert_true(config->mikey_sakke.in_request);
	config_free(config);
	snprintf(text, sizeof(text), "%s sealed-with = \"key\"\n deny = { \"d\" }\n"
		 " reply = \"optional\"\n in-request = false\n}\npsk { file = \"k\" }\n", section);
	config = good(text);
	assert_int_equal(config->n_methods, 2);
	assert_int_equal(config->methods[0], KEYING_MIKEY_SAKKE);
	assert_int_equal(config->methods[1], KEYING_PSK);
	assert_string_equal(strrchr(config->mikey_sakke.seal, '/'), "/key");
	assert_string_equal(strrchr(config->mikey_sakke.deny[0], '/'), "/d");
	assert_true(config->mikey_sakke.reply_optional);
	assert_false(config->mikey_sakke.in_request);
	config_free(config);
	snprintf(text, sizeof(text), "methods = { \"psk\", \"mikey-sakke\" }\n"
		 "psk { file = \"k\" }\n%s sealed-with = \"credential:keys\"\n}\n", section);
	config = good(text);
	assert_int_equal(config->n_methods, 2);
	assert_int_equal(config->methods[0], KEYING_PSK);
	assert_int_equal(config->methods[1], KEYING_MIKEY_SAKKE);
	assert_string_equal(config->mikey_sakke.seal, "credential:keys");
	config_free(config);
	/* The same keys for the standard's own method: by itself where nothing else is allowed. */
	snprintf(text, sizeof(text), "strict-24334 = true\n%s}\npsk { file = \"k\" }\n", section);
	config = good(text);
	assert_int_equal(config->n_methods, 3);
	assert_int_equal(config->methods[0], KEYING_MIKEY_SAKKE);
	assert_int_equal(config->methods[1], KEYING_ECCSI_SAKKE);
	assert_int_equal(config->methods[2], KEYING_PSK);
	config_free(config);
	/* As prosed --strict-24334 has it. */
	snprintf(text, sizeof(text), "%s}\npsk { file = \"k\" }\n", section);
	config = good(text);
	assert_int_equal(config->n_methods, 2);
	config_free(config);
	config = config_load_as(path, true, why, sizeof(why));
	if (!config)
		fail_msg("%s", why);
	assert_true(config->strict_24334);
	assert_int_equal(config->n_methods, 3);
	assert_int_equal(config->methods[1], KEYING_ECCSI_SAKKE);
	config_free(config);
	snprintf(text, sizeof(text), "methods = { \"eccsi-sakke\" }\n%s}\npsk { file = \"k\" }\n",
		 section);
	config = good(text);
	assert_int_equal(config->n_methods, 1);
	assert_int_equal(config->methods[0], KEYING_ECCSI_SAKKE);
	config_free(config);
}

static void test_everything(void **state)
{
	struct config *config = good(
		"device = prose7 # a comment\n"
		"lower = \"tap0\"\n"
		"layer2-id = \"0A:0b:0C\"\n"
		"profile = \"rel12\"\ncount = \"sess-id\"\n"
		"ciphering = { \"eea2\", \"eea0\" }\n"
		"methods = { \"psk\", \"certificate\" }\n"
		"addresses = { \"10.0.0.1/24\", \"fd00::1/64\" }\n"
		"control = \"/tmp/a.sock\"\nkey-log = \"/tmp/k\"\n"
		"accept = \"any-authenticated\"\non-demand = false\nrekey-packets = 5000\n"
		"certificate {\n chain = \"c.pem\"\n key = \"/abs/c.key\"\n"
		" roots = { \"r1\", \"r2\" }\n crl-policy = \"if-present\"\n"
		" clock = \"untrusted\"\n clock-file = \"clock\"\n}\n"
		"psk { file = \"keys\" }\n"
		"timers {\n t4100-ms = 50\n retries = 2\n}\n"
		"lifetimes {\n kd-sess-soft-s = 60\n kd-sess-hard-octets = 5000000000\n"
		" kd-soft-packets = 7\n}\n"
		"expressions {\n announce = { \"chat\" }\n accept = { \"voice\", \"chat\" }\n}\n"
		"peer \"urn:prose:ue2\" {\n layer2-id = \"0a0b0d\"\n"
		" addresses = { \"10.0.0.2\", \"fd00::2\" }\n auto-connect = true\n"
		" expressions = { \"voice\" }\n}\n"
		"peer \"urn:prose:ue3\" { }\n");
	const struct config_peer *peer;
	struct ue_address address;

	(void)state;
	assert_string_equal(config->lower, "tap0");
	assert_int_equal(config->l2_id, 0x0a0b0c);
	assert_int_equal(config->capabilities, 0xa020);
	assert_int_equal(config->eea_order[1], 0);
	assert_int_equal(config->methods[0], KEYING_PSK);
	assert_int_equal(config->methods[1], KEYING_CERTIFICATE);
	assert_int_equal(config->up_integrity, UE_NOT_NEEDED);
	assert_int_equal(config->up_ciphering, UE_PREFERRED);
	assert_int_equal(config->lifetimes.kd_sess_soft.ms, 60000);
	assert_int_equal(config->lifetimes.kd_sess_hard.octets, 5000000000);
	assert_int_equal(config->lifetimes.kd_soft.packets, 7);
	assert_int_equal(config->announces.n, 1);
	assert_int_equal(config->accepts.n, 2);
	assert_string_equal(config->accepts.name[1], "chat");
	assert_string_equal(config->peers[0].asks.name[0], "voice");
	assert_int_equal(config->count_profile, UE_COUNT_SESS_ID);
	assert_int_equal(config->n_addresses, 2);
	assert_int_equal(config->addresses[1].prefix, 64);
	assert_string_equal(config->state, "/tmp/a.state");
	assert_string_equal(config->certificate.key, "/abs/c.key");
	assert_int_equal(config->certificate.n_roots, 2);
	assert_false(config->certificate.crl_required);
	assert_true(config->certificate.clock_untrusted);
	assert_non_null(strstr(config->certificate.clock_file, "/clock"));
	assert_null(config->certificate.pin_file);
	assert_int_equal(config->timers.t4100, 50);
	assert_int_equal(config->timers.t4101, PROSE_T4101_MS);
	assert_int_equal(config->rekey_packets, 5000);
	assert_int_equal(config->n_peers, 2);
	peer = config_peer_by_l2_id(config, 0x0a0b0d);
	assert_ptr_equal(peer, config_peer(config, "urn:prose:ue2"));
	assert_true(peer->auto_connect);
	assert_true(text_to_address("fd00::2", &address, NULL));
	assert_ptr_equal(peer, config_peer_by_address(config, &address));
	assert_null(config_peer_by_l2_id(config, 0));
	assert_null(config_peer(config, "urn:prose:ue4"));
	config_free(config);
}

static void test_udp(void **state)
{
	static const char *const no_remotes[] = {
		"", "x", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:7x",
		"[2001:db8::1", "2001:db8::1]", "[2001:db8::1]7800", "[]:7800", "192.0.2.1/24",
		"[2001:db8::1]:+7",
	};
	static const uint8_t mac[6] = { 2, [5] = 1 }, v6[18] = { 0x20, 1, [15] = 1, 0x1e, 0x78 },
			     v4[18] = { [10] = 0xff, 0xff, 192, 0, 2, 1, 0x1e, 0x79 };
	struct config *config = good(MINIMUM "udp {\n port = 7801\n"
				     " remote = \"[2001:db8::1]:7802\"\n"
				     " local = { \"192.0.2.2\", \"2001:db8::2\" }\n}\n");
	struct ue_address address;
	char text[TEXT_CARRIER_LEN];
	uint16_t port = 9;
	size_t i;

	(void)state;
	assert_true(config->udp.present);
	assert_int_equal(config->udp.port, 7801);
	assert_int_equal(config->udp.remote.family, 6);
	assert_int_equal(config->udp.remote_port, 7802);
	assert_int_equal(config->udp.n_local, 2);
	config_free(config);
	config = good(MINIMUM "udp { }\n");
	assert_true(config->udp.present);
	assert_int_equal(config->udp.port, 7800);
	assert_int_equal(config->udp.remote.family, 0);
	config_free(config);
	config = good(MINIMUM "udp { remote = \"192.0.2.1\" }\n");
	assert_int_equal(config->udp.remote.family, 4);
	assert_int_equal(config->udp.remote_port, 7800);
	config_free(config);

	assert_true(text_to_remote("2001:db8::1", &address, &port));
	assert_int_equal(port, 9);
	assert_true(text_to_remote("[2001:db8::1]", &address, &port));
	assert_true(text_to_remote("192.0.2.1:65535", &address, &port));
	assert_int_equal(port, 65535);
	for (i = 0; i < sizeof(no_remotes) / sizeof(no_remotes[0]); i++)
		if (text_to_remote(no_remotes[i], &address, &port))
			fail_msg("'%s' was taken", no_remotes[i]);
	assert_string_equal(text_carrier(mac, sizeof(mac), text), "02:00:00:00:00:01");
	assert_string_equal(text_carrier(v4, sizeof(v4), text), "192.0.2.1:7801");
	assert_string_equal(text_carrier(v6, sizeof(v6), text), "[2001::1]:7800");
}

static void test_store(void **state)
{
	struct config *config = good(MINIMUM);
	const char *slash = strrchr(config->path, '/');
	char expected[128];

	(void)state;
	assert_string_equal(config->store, "/var/lib/prose/prose0.store");
	assert_string_equal(config->store_key, "/var/lib/prose/store.key");
	assert_false(config->single_use_ids || config->hide_identity);
	assert_true(config->reveal_identity);
	snprintf(expected, sizeof(expected), "%.*s/a.store", (int)(slash - config->path),
		 config->path);
	config_free(config);
	config = good(MINIMUM "store = \"a.store\"\nstore-key = \"keyring:prose store\"\n"
		      "connection-identities = \"single-use\"\nhide-identity = true\n"
		      "reveal-identity = false\n");
	assert_string_equal(config->store, expected);
	assert_string_equal(config->store_key, "keyring:prose store");
	assert_true(config->single_use_ids && config->hide_identity);
	assert_false(config->reveal_identity);
	config_free(config);
	config = good(MINIMUM "store = \"none\"\nstore-key = \"a.key\"\n");
	assert_null(config->store);
	assert_string_equal(strrchr(config->store_key, '/'), "/a.key");
	config_free(config);
	config = good(MINIMUM "store-key = \"credential:prose\"\n");
	assert_string_equal(config->store_key, "credential:prose");
	config_free(config);
	/* a name with a colon in it is a file all the same */
	config = good(MINIMUM "store-key = \"urn:prose:key\"\n");
	assert_string_equal(strrchr(config->store_key, '/'), "/urn:prose:key");
	config_free(config);
}

/* @line 0: the fault has no line of its own. @reason and @cure must be in the sentence. */
struct fault {
	const char *text;
	int line;
	const char *reason, *cure;
};

static const struct fault faults[] = {
	{ "", 0, "option device is missing", "write device = \"prose0\"" },
	{ "device = \"prose0\"\n", 0, "no credentials", "section certificate or psk" },
	{ MINIMUM "devise = \"x\"\n", 4, "unknown option 'devise'", "did you mean device" },
	{ MINIMUM "address = { \"10.0.0.1/24\" }\n", 4, "'address'", "did you mean addresses" },
	{ MINIMUM "colour = \"red\"\n", 4, "unknown option 'colour'", "prosed.conf(5)" },
	{ MINIMUM "retries = 3\n", 4, "belongs into section timers", "timers { retries = 5 }" },
	{ MINIMUM "peer \"a\" {\n device = \"x\"\n}\n", 5, "does not belong into section peer",
	  "before or after" },
	{ "device = \"prose0\"\ndevice = \"prose1\"\n", 2, "already set in line 1", "remove one" },
	{ "device = \"a-name-of-16-char\"\n", 1, "longer than the 15", "write device" },
	{ "device = \"a/b\"\n", 1, "no name of an interface", "write device" },
	{ "device = \"\"\n", 1, "is empty", "write device" },
	{ "device = { \"x\" }\n", 1, "unexpected", "" },
	{ "device \"prose0\"\n", 1, "missing equal sign", "write device = " },
	{ MINIMUM "store-key = \"keyring:\"\n", 4, "names no key behind keyring:",
	  "\"keyring:NAME\"" },
	{ MINIMUM "store-key = \"credential:a/b\"\n", 4, "names no credential",
	  "\"credential:NAME\"" },
	{ MINIMUM "store = \"\"\n", 4, "is empty", "store = \"none\"" },
	{ MINIMUM "connection-identities = \"twice\"\n", 4, "'twice' is not known",
	  "connection-identities = \"single-use\"" },
	{ "device = \"prose0\";\n", 1, "unexpected ';'", "end with their line" },
	{ "device = \"prose0\"\nidentity = \"urn\n", 2, "the quote is not closed", "write" },
	{ MINIMUM "lower = \"prose0\"\n", 4, "is the prose device itself", "device below" },
	{ MINIMUM "udp {\n port = 0\n}\n", 5, "no UDP port", "port = 7800" },
	{ MINIMUM "udp {\n port = 65536\n}\n", 5, "no UDP port", "port = 7800" },
	{ MINIMUM "udp {\n remote = \"x\"\n}\n", 5, "no IP address", "192.0.2.1" },
	{ MINIMUM "udp {\n local = { \"192.0.2.1/24\" }\n}\n", 5, "no IP address", "192.0.2.2" },
	{ MINIMUM "udp {\n local = { \"192.0.2.1\", \"192.0.2.2\" }\n}\n", 5, "one address of each",
	  "2001:db8::2" },
	{ MINIMUM "layer2-id = \"0a:0b\"\n", 4, "no Layer-2 ID", "write layer2-id = " },
	{ MINIMUM "layer2-id = \"00:00:00\"\n", 4, "no Layer-2 ID", "not all 0" },
	{ MINIMUM "layer2-id = \"0a:0b:0c:0d\"\n", 4, "no Layer-2 ID", "" },
	{ MINIMUM "layer2-id = \"0a::0b:0c\"\n", 4, "no Layer-2 ID", "" },
	{ MINIMUM "layer2-id = \"Random\"\n", 4, "no Layer-2 ID", "\"random\"" },
	{ MINIMUM "peer \"a\" {\n layer2-id = \"random\"\n}\n", 5, "no Layer-2 ID", "0a:0b:0d" },
	{ MINIMUM "layer2-id = \"a0b:0c\"\n", 4, "no Layer-2 ID", "" },
	{ MINIMUM "layer2-id = \"0a:0b:0x\"\n", 4, "no Layer-2 ID", "" },
	{ MINIMUM "profile = \"rel13\"\n", 4, "'rel13' is not known", "\"full\" or" },
	{ MINIMUM "expressions {\n accept = { \"" TEN TEN TEN TEN "123456789\" }\n}\n", 5,
	  "is not a name of 1 to 48", "voice" },
	{ MINIMUM "expressions {\n announce = { \"a\", \"a\" }\n}\n", 5, "twice", "" },
	{ MINIMUM "expressions {\n announce = { \"a\", \"b\", \"c\", \"d\", \"e\" }\n}\n", 5,
	  "more than 4 values", "" },
	{ MINIMUM "user-plane-integrity = \"yes\"\n", 4, "'yes' is not known", "not-needed" },
	{ MINIMUM "profile = \"rel12\"\nuser-plane-integrity = \"required\"\n", 5, "has none",
	  "remove one" },
	{ MINIMUM "user-plane-ciphering = \"not-needed\"\n", 4, "does not allow none", "eea0" },
	{ MINIMUM "ciphering = { \"eea0\" }\nuser-plane-ciphering = \"required\"\n", 5,
	  "allows none only", "eea2" },
	{ MINIMUM "lifetimes {\n kd-hard-s = 60\n}\n", 5, "kd-soft-s is not below kd-hard-s", "" },
	{ MINIMUM "lifetimes {\n kd-hard-octets = 60\n kd-soft-octets = 60\n}\n", 5, "not below", "" },
	{ MINIMUM "lifetimes {\n kd-hard-octets = -1\n}\n", 5, "is not between 0 and", "kd-hard-octets" },
	{ MINIMUM "count = 32\n", 4, "'32' is not known", "\"sess-id\"" },
	{ MINIMUM "ciphering = { \"eea9\" }\n", 4, "no ciphering algorithm", "eea2" },
	{ MINIMUM "ciphering = {\n\"eea2\",\n\"eea2\" }\n", 6, "stands there twice", "" },
	{ MINIMUM "ciphering = { \"eea\" }\n", 4, "no ciphering algorithm", "eea2" },
	{ MINIMUM "ciphering = { \"eea12\" }\n", 4, "no ciphering algorithm", "eea2" },
	{ MINIMUM "integrity = { \"eia4\" }\n", 4, "no integrity algorithm", "eia2" },
	{ MINIMUM "ciphering = { }\n", 0, "list of algorithms is empty", "eea2" },
	{ MINIMUM "integrity = { \"eia0\" }\n", 4, "protects nothing", "eia2" },
	{ MINIMUM "methods = { \"pgp\" }\n", 4, "no keying method", "certificate" },
	{ MINIMUM "methods = { \"certificate\" }\n", 4, "section certificate is missing", "chain" },
	{ MINIMUM "methods = { \"mikey-sakke\" }\n", 4, "section mikey-sakke is missing",
	  "communities" },
	{ MINIMUM "methods = { \"eccsi-sakke\" }\n", 4,
	  "names eccsi-sakke, but section mikey-sakke is missing", "communities" },
	{ MINIMUM "mikey-sakke {\n keys = { \"k\" }\n}\n", 5, "lacks communities", "prose-kms public" },
	{ MINIMUM "mikey-sakke {\n communities = { \"k\" }\n}\n", 6, "lacks keys",
	  "prose-kms extract" },
	{ MINIMUM "mikey-sakke {\n reply = \"never\"\n}\n", 5, "'never' is not known", "optional" },
	{ MINIMUM "mikey-sakke {\n keys = { \"k\", \"k\" }\n}\n", 5, "twice", "keys =" },
	{ MINIMUM "mikey-sakke {\n sealed-with = \"keyring:\"\n}\n", 5, "'keyring:'", "credential" },
	{ MINIMUM "reply = \"optional\"\n", 4, "belongs into section mikey-sakke", "reply" },
	{ MINIMUM "mikey-sakke {\n in-request = \"maybe\"\n}\n", 5, "in-request", "in-request = true" },
	{ "device = \"prose0\"\nidentity = \"u\"\nstrict-24334 = true\nmethods = { \"mikey-sakke\" }\n"
	  "mikey-sakke {\ncommunities = { \"a\" }\nkeys = { \"b\" }\n}\n",
	  3, "messages method mikey-sakke needs", "section psk" },
	{ MINIMUM "strict-24334 = maybe\n", 4, "invalid boolean", "true or" },
	{ "device = \"prose0\"\nidentity = \"u\"\nstrict-24334 = true\n"
	  "certificate {\nchain = \"a\"\nkey = \"b\"\nroots = { \"c\" }\ncrls = { \"d\" }\n}\n",
	  3, "strict-24334", "section psk" },
	{ MINIMUM "addresses = { \"10.0.0.1\" }\n", 4, "lacks the length", "/24" },
	{ MINIMUM "addresses = { \"10.0.0.1/33\" }\n", 4, "is no address", "/24" },
	{ MINIMUM "addresses = { \"10.0.0.1/0\" }\n", 4, "route everything", "/24" },
	{ MINIMUM "addresses = { \"224.0.0.1/24\" }\n", 4, "multicast", "/24" },
	{ MINIMUM "addresses = { \"fe80::1/64\" }\n", 4, "link-local", "" },
	{ MINIMUM "addresses = { \"10.0.0.1/24\", \"10.0.0.1/25\" }\n", 4, "twice", "remove one" },
	{ MINIMUM "rekey-packets = -1\n", 4, "is not between 0 and", "write rekey-packets" },
	{ MINIMUM "rekey-packets = many\n", 4, "invalid integer", "write rekey-packets" },
	{ MINIMUM "timers {\n retries = 101\n}\n", 5, "not between 0 and 100", "retries = 5" },
	{ MINIMUM "timers {\n t4100-ms = 1\n}\n", 5, "not between 10 and", "t4100-ms = 1000" },
	{ MINIMUM "timers {\n t4100-ms = 99999999999999999999\n}\n", 5, "out of range", "1000" },
	{ MINIMUM "accept = \"all\"\n", 4, "'all' is not known", "any-authenticated" },
	{ MINIMUM "psk { file = \"x\" }\n", 4, "already set in line 2", "" },
	{ MINIMUM "certificate {\nkey = \"b\"\nroots = { \"c\" }\n}\n", 7, "lacks its chain", "chain =" },
	{ MINIMUM "certificate {\nchain = \"b\"\nroots = { \"c\" }\n}\n", 5, "lacks its key", "key =" },
	{ MINIMUM "certificate {\nchain = \"b\"\nkey = \"c\"\n}\n", 5, "lacks roots", "roots =" },
	{ MINIMUM "certificate {\nchain = \"b\"\nkey = \"c\"\nroots = { \"d\" }\n}\n",
	  5, "lacks crls", "if-present" },
	{ MINIMUM "certificate {\n crl-grace-days = 5000\n}\n", 5, "not between", "30" },
	{ MINIMUM "certificate {\n clock = \"rtc\"\n}\n", 5, "'rtc' is not known", "untrusted" },
	{ MINIMUM "certificate {\n pin-file = \"\"\n}\n", 5, "is empty", "pin-file = \"pin\"" },
	{ MINIMUM "certificate {\n crl-policy = \"no\"\n}\n", 5, "'no' is not known", "require" },
	{ MINIMUM "peer {\n}\n", 4, "missing title", "peer \"urn:prose:ue2\"" },
	{ MINIMUM "peer \"a\" {\n}\npeer \"a\" {\n}\n", 6, "a second section peer \"a\"", "one" },
	{ MINIMUM "peer \"a\" {\n layer2-id = \"x\"\n}\n", 5, "no Layer-2 ID", "0a:0b:0d" },
	{ MINIMUM "peer \"a\" {\n addresses = { \"10.0.0.2/24\" }\n}\n", 5, "not wanted", "10.0.0.2" },
	{ MINIMUM "peer \"a\" {\n auto-connect = true\n}\n", 5, "no Layer-2 ID to connect to", "write" },
	{ MINIMUM "peer \"a\" {\n layer2-id = \"00:00:01\"\n", 5, "section peer is not closed", "}" },
	{ MINIMUM "peer \"a\" {\n layer2-id = \"00:00:01\"\n}\n"
	  "peer \"b\" {\n layer2-id = \"00:00:01\"\n}\n", 9, "same Layer-2 ID 00:00:01", "own" },
	{ MINIMUM "peer \"a\" {\n addresses = { \"10.0.0.2\" }\n}\n"
	  "peer \"b\" {\n addresses = { \"10.0.0.2\" }\n}\n", 9, "same address 10.0.0.2", "own" },
	{ MINIMUM "addresses = { \"10.0.0.1/24\" }\npeer \"a\" {\n addresses = { \"10.0.0.1\" }\n}\n",
	  7, "our own address", "another" },
	{ MINIMUM "peer \"urn:prose:ue1\" {\n}\n", 5, "is this UE itself", "remove" },
	{ MINIMUM "layer2-id = \"00:00:01\"\npeer \"b\" {\n layer2-id = \"00:00:01\"\n}\n",
	  7, "our own Layer-2 ID", "another" },
	{ MINIMUM "/* no end\n", 4, "ends within a comment", "*/" },
	{ "device = \"prose0\"\npsk { file = \"k\" }\n", 0, "option identity is missing", "write" },
};

static void test_faults(void **state)
{
	char why[CONFIG_WHY_MAX], start[128];
	struct config *config;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		const struct fault *fault = &faults[i];

		why[0] = '\0';
		config = load(fault->text, strlen(fault->text), why);
		if (config)
			fail_msg("taken, but should not be:\n%s", fault->text);
		if (fault->line)
			snprintf(start, sizeof(start), "%s:%d: ", path, fault->line);
		else
			snprintf(start, sizeof(start), "%s", path);
		if (strncmp(why, start, strlen(start)) || !strstr(why, fault->reason) ||
		    !strstr(why, fault->cure))
			fail_msg("fault %zu: got '%s'\nwanted '%s' '%s' '%s'\nfor:\n%s", i, why,
				 start, fault->reason, fault->cure, fault->text);
	}
}

static void test_files(void **state)
{
	char why[CONFIG_WHY_MAX];

	(void)state;
	assert_null(config_load("/nonexistent/prosed.conf", why, sizeof(why)));
	assert_non_null(strstr(why, "/nonexistent/prosed.conf: there is no such file"));
	assert_null(config_load("/", why, sizeof(why)));
	assert_non_null(strstr(why, "cannot be"));
	assert_null(load("device = \"a\"\0\n", 14, why));
	assert_non_null(strstr(why, "no text"));
}

/* A file cut anywhere is refused or taken, never a crash or a hang. */
static void test_prefixes(void **state)
{
	static const char whole[] = MINIMUM "addresses = { \"10.0.0.1/24\" }\n"
		"timers {\n retries = 2\n}\npeer \"urn:prose:ue2\" {\n layer2-id = \"0a0b0d\"\n}\n";
	char why[CONFIG_WHY_MAX];
	size_t len;

	(void)state;
	for (len = 0; len < sizeof(whole); len++) {
		struct config *config = load(whole, len, why);

		if (len < strlen("device = \"prose0\"\npsk { file = \"keys\" }\nidentity = \"u"))
			assert_null(config);
		config_free(config);
	}
}

static void test_sample(void **state)
{
	char why[CONFIG_WHY_MAX], name[256] = __FILE__, *slash;
	struct config *config;
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		slash = strrchr(name, '/');
		assert_non_null(slash);
		*slash = '\0';
	}
	strcat(name, "/userspace/share/prosed.conf");
	config = config_load(name, why, sizeof(why));
	if (!config)
		fail_msg("%s", why);
	config_free(config);
}

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/prosed.conf", folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_minimum),
		cmocka_unit_test(test_mikey_sakke),
		cmocka_unit_test(test_everything),
		cmocka_unit_test(test_token),
		cmocka_unit_test(test_udp),
		cmocka_unit_test(test_store),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_sample),
	};

	return cmocka_run_group_tests_name("config", tests, setup, teardown);
}
