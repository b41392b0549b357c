// SPDX-License-Identifier: MIT
/*
 * The parser of prosed.conf. An input is a file: refused with a sentence that names it, or a
 * configuration within its bounds, which the core takes.
 */
#include <string.h>

#include "daemon/config.h"
#include "lib/fuzz.h"

/* A string must end within its field: what lies behind it is somebody else's. */
#define ends(field)	fuzz_check(memchr(field, '\0', sizeof(field)))

static void examine(const struct config *config)
{
	ends(config->device);
	ends(config->lower);
	ends(config->identity);
	fuzz_check(config->device[0] && config->control && config->state);
	fuzz_check(config->l2_id <= 0xffffff);
	fuzz_check(config->n_addresses <= UE_ADDRESSES_MAX);
	fuzz_check(config->n_methods && config->n_methods <= UE_METHODS_MAX);
	fuzz_check(config->certificate.present || config->psk.present);
	fuzz_check(config->eia_order[0] != 0);
	for (size_t i = 0; i < config->n_addresses; i++) {
		const struct config_address *own = &config->addresses[i];

		fuzz_check(own->address.family == 4 || own->address.family == 6);
		fuzz_check(own->prefix <= (own->address.family == 4 ? 32 : 128));
	}
	for (size_t i = 0; i < config->n_peers; i++) {
		const struct config_peer *peer = &config->peers[i];

		ends(peer->identity);
		fuzz_check(peer->identity[0] && peer->l2_id <= 0xffffff);
		fuzz_check(peer->n_addresses <= UE_ADDRESSES_MAX);
		/* No two claim the same name, Layer-2 ID or address. */
		fuzz_check(config_peer(config, peer->identity) == peer);
		if (peer->l2_id)
			fuzz_check(config_peer_by_l2_id(config, peer->l2_id) == peer);
		for (size_t j = 0; j < peer->n_addresses; j++)
			fuzz_check(config_peer_by_address(config, &peer->addresses[j]) == peer);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char why[CONFIG_WHY_MAX] = "";
	const char *path = fuzz_file(0, data, size);
	struct config *config = config_load(path, why, sizeof(why));

	if (config) {
		examine(config);
		config_free(config);
		return 0;
	}
	ends(why);
	fuzz_check(!strncmp(why, path, strlen(path)));
	/* It goes to a terminal. */
	for (size_t i = 0; why[i]; i++)
		fuzz_check((unsigned char)why[i] >= ' ' && why[i] != 0x7f);
	return 0;
}

static void seed(fuzz_put *put, const char *name, const char *text)
{
	put(name, text, strlen(text));
}

#define BASE	"device = \"prose0\"\nidentity = \"urn:prose:ue1\"\npsk {\n\tfile = \"psk\"\n}\n"

void fuzz_seeds(fuzz_put *put)
{
	seed(put, "empty", "");
	seed(put, "psk", BASE);
	seed(put, "certificate",
	     "device = \"prose0\"\nlower = \"tap0\"\nlayer2-id = \"0a:0b:0c\"\n"
	     "addresses = { \"10.0.0.1/24\", \"fd00::1/64\" }\n"
	     "certificate {\n\tchain = \"ue.pem\"\n\tkey = \"ue.key\"\n\troots = { \"ca.pem\" }\n"
	     "\tcrls = { \"crl.pem\" }\n\tcrl-policy = \"require\"\n\tcrl-grace-days = 30\n}\n"
	     "peer \"urn:prose:ue2\" {\n\tlayer2-id = \"0a:0b:0d\"\n"
	     "\taddresses = { \"10.0.0.2\", \"fd00::2\" }\n\tauto-connect = true\n}\n");
	seed(put, "no-crl",
	     "device = prose0\ncertificate {\nchain = a\nkey = b\nroots = {c}\n"
	     "crl-policy = \"if-present\"\n}\n");
	seed(put, "all",
	     BASE "profile = \"rel12\"\ncount = \"sess-id\"\nciphering = { \"eea2\", \"eea0\" }\n"
	     "integrity = { \"eia2\" }\nmethods = { \"psk\" }\ncontrol = \"/run/prose/a.sock\"\n"
	     "state = \"a.state\"\nkey-log = \"/root/keys.log\"\naccept = \"any-authenticated\"\n"
	     "on-demand = false\nstrict-24334 = true\nrekey-packets = 1000000\n");
	seed(put, "timers",
	     BASE "timers {\n\tt4100-ms = 1000\n\tt4101-ms = 1000\n\tt4102-ms = 10000\n"
	     "\tt4103-ms = 500\n\tt4111-ms = 4000\n\tt4112-ms = 1000\n"
	     "\tkey-establishment-ms = 400\n\taccept-ms = 500\n\tretries = 5\n\tgrace-ms = 2000\n}\n");
	seed(put, "peers",
	     BASE "addresses = { \"10.0.0.1/24\" }\npeer \"a\" {\n}\npeer \"b\" {\n"
	     "layer2-id = \"000001\"\naddresses = { \"10.0.0.3\" }\n}\n"
	     "peer \"b\" {\n}\n");
	seed(put, "append", BASE "addresses += { \"10.0.0.1/8\" }\naddresses += { \"10.1.0.1/8\" }\n");
	seed(put, "unknown", BASE "adresses = { \"10.0.0.1/24\" }\n");
	seed(put, "misplaced", "file = \"psk\"\nchain = \"x\"\npeer \"x\" {\n\tdevice = \"y\"\n}\n");
	seed(put, "open-quote", BASE "lower = \"tap0\n");
	seed(put, "open-section", "psk {\n");
	seed(put, "open-comment", BASE "/* never closed\n");
	seed(put, "comments", BASE "# one\n// two\n/* three\n*/\n");
	seed(put, "escapes", BASE "lower = \"a\\\"b\\x41\\101\\n\\t${HOME:-tap0}\"\nkey-log = 'k'\n");
	seed(put, "twice", BASE "device = \"prose1\"\n");
	seed(put, "wrong", BASE "layer2-id = \"0a:0b\"\nrekey-packets = -1\nciphering = { \"eea1\" }\n");
	seed(put, "control-characters", BASE "lower = \"\033[31m\x7f\"\n");
	seed(put, "number", BASE "rekey-packets = 0x7fffffffffffffffffff\n");
	seed(put, "semicolon", BASE "lower = \"a\";\n");
}
