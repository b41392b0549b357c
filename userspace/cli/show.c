// SPDX-License-Identifier: MIT
#include <getopt.h>
#include <string.h>

#include "cli.h"

static json_int_t number(const json_t *object, const char *member)
{
	return json_integer_value(json_object_get(object, member));
}

static bool truth(const json_t *object, const char *member)
{
	return json_is_true(json_object_get(object, member));
}

static void print_list(const char *label, const json_t *list)
{
	const json_t *entry;
	size_t i;

	if (!json_array_size(list))
		return;
	printf("  %s: ", label);
	json_array_foreach(list, i, entry)
		printf("%s%s", i ? ", " : "", json_string_value(entry));
	printf("\n");
}

static void print_drops(const json_t *drops)
{
	const char *name;
	const json_t *value;
	bool first = true;

	json_object_foreach((json_t *)drops, name, value) {
		if (!json_integer_value(value))
			continue;
		printf("%s%s %lld", first ? "  dropped: " : ", ", name,
		       (long long)json_integer_value(value));
		first = false;
	}
	if (!first)
		printf("\n");
}

static void print_device(const json_t *device)
{
	const char *lower = output_text(device, "lower");

	printf("%sdevice: %s%s (%s)\n", output_good(stdout), output_text(device, "name"),
	       output_plain(stdout), output_text(device, "layer2_id"));
	printf("  identity: %s\n", output_text(device, "identity"));
	if (lower[0])
		printf("  lower device: %s\n", lower);
	print_list("addresses", json_object_get(device, "addresses"));
	print_list("keying methods", json_object_get(device, "methods"));
	printf("  profile: %s, COUNT %s\n", output_text(device, "profile"),
	       output_text(device, "count"));
	if (truth(device, "strict_24334"))
		printf("  strict TS 24.334: no extensions\n");
	if (truth(device, "key_log"))
		printf("  %skey log: on; whoever reads it reads the traffic%s\n", output_bad(stdout),
		       output_plain(stdout));
	if (output_text(device, "error")[0])
		printf("  %serror: %s%s\n", output_bad(stdout), output_text(device, "error"),
		       output_plain(stdout));
	print_drops(json_object_get(device, "drops"));
}

static void print_context(const json_t *peer)
{
	char buffer[80];

	if (!output_text(peer, "ciphering")[0])
		return;
	printf("  algorithms: %s, %s, user data %s\n",
	       output_algorithm(output_text(peer, "ciphering")),
	       output_algorithm(output_text(peer, "integrity")),
	       truth(peer, "user_plane_integrity") ? "integrity protected" :
						     "without integrity protection");
	printf("  KD-sess: %s", output_text(peer, "kd_sess_id"));
	if (json_is_integer(json_object_get(peer, "rekeyed_seconds")))
		printf(", %s old", output_age(number(peer, "rekeyed_seconds"), buffer,
					      sizeof(buffer)));
	if (number(peer, "rekeys"))
		printf(", rekeyed %lld time%s (%lld with a new KD)",
		       (long long)number(peer, "rekeys"), number(peer, "rekeys") == 1 ? "" : "s",
		       (long long)number(peer, "kd_rekeys"));
	printf("\n");
}

static void print_traffic(const json_t *peer)
{
	char received[32], sent[32], age[80];

	if (!json_object_get(peer, "rx_bytes"))
		return;
	printf("  transfer: %s received, %s sent\n",
	       output_octets(number(peer, "rx_bytes"), received, sizeof(received)),
	       output_octets(number(peer, "tx_bytes"), sent, sizeof(sent)));
	if (json_is_integer(json_object_get(peer, "last_heard_seconds")))
		printf("  last heard: %s ago\n", output_age(number(peer, "last_heard_seconds"), age,
							    sizeof(age)));
}

/* TR 33.833 6.4.1.3 has names for them; people have others. */
static const char *state_words(const char *state)
{
	if (!strcmp(state, "null"))
		return "not connected";
	if (!strcmp(state, "idle"))
		return "not connected (keys of the last link are kept)";
	return state;
}

static void print_peer(const json_t *peer)
{
	const char *identity = output_text(peer, "identity"), *id = output_text(peer, "layer2_id");
	const char *state = output_text(peer, "state"), *detail = output_text(peer, "detail");
	const json_t *failure = json_object_get(peer, "last_failure");
	bool up = !strcmp(state, "connected") || !strcmp(state, "rekeying");
	char age[80];

	printf("\n%speer: %s%s", output_bold(stdout), identity[0] ? identity : id,
	       output_plain(stdout));
	if (identity[0] && id[0])
		printf(" (%s)", id);
	printf("\n  state: %s%s%s", up ? output_good(stdout) : "", state_words(state),
	       output_plain(stdout));
	if (json_is_integer(json_object_get(peer, "connected_seconds")))
		printf(" for %s", output_age(number(peer, "connected_seconds"), age, sizeof(age)));
	if (!up && truth(peer, "held"))
		printf(", released by the user");
	printf("\n");
	if (truth(peer, "authenticated") && output_text(peer, "method")[0])
		printf("  authenticated by: %s%s%s%s\n", output_text(peer, "method"),
		       detail[0] ? " (" : "", detail, detail[0] ? ")" : "");
	print_context(peer);
	print_list("addresses", json_object_get(peer, "addresses"));
	print_traffic(peer);
	if (!json_is_object(failure))
		return;
	printf("  %slast failure:%s %s", output_bad(stdout), output_plain(stdout),
	       output_text(failure, "text"));
	if (output_text(failure, "time")[0])
		printf(" %s(%s%s%s)%s", output_dim(stdout), output_text(failure, "time"),
		       output_text(failure, "cause_text")[0] ? ", cause: " : "",
		       output_text(failure, "cause_text"), output_plain(stdout));
	printf("\n");
}

/* Leaves the wanted peer alone in the list. */
static bool choose(json_t *result, const char *wanted)
{
	json_t *peers = json_object_get(result, "peers");
	size_t i = 0;

	while (i < json_array_size(peers)) {
		if (cli_peer_matches(json_array_get(peers, i), wanted))
			i++;
		else
			json_array_remove(peers, i);
	}
	return i > 0;
}

static int run(const struct command *command, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	bool as_json = false;
	json_t *result, *peer;
	int option, status;
	size_t i;

	while ((option = getopt_long(argc, argv, "jh", options, NULL)) != -1) {
		switch (option) {
		case 'j':
			as_json = true;
			break;
		case 'h':
			cli_help(command, stdout);
			return CLI_OK;
		default:
			return cli_usage(command, NULL);
		}
	}
	if (optind + 1 < argc)
		return cli_usage(command, "name one peer at most");
	result = client_ask(json_pack("{s:s}", "command", "show"), &status);
	if (!result)
		return status;
	if (optind < argc && !choose(result, argv[optind])) {
		cli_error("there is no peer \"%s\"; prose show lists all", argv[optind]);
		json_decref(result);
		return CLI_FAILED;
	}
	if (as_json) {
		json_dumpf(result, stdout, JSON_INDENT(2));
		printf("\n");
	} else {
		if (optind == argc)
			print_device(json_object_get(result, "device"));
		json_array_foreach(json_object_get(result, "peers"), i, peer)
			print_peer(peer);
	}
	json_decref(result);
	return CLI_OK;
}

const struct command command_show = {
	.name = "show",
	.arguments = "[-j] [PEER]",
	.summary = "show the device and its peers",
	.help =
		"  -j, --json  everything, as JSON; Documentation/control.rst names its members\n",
	.run = run,
};
