// SPDX-License-Identifier: MIT
#include <string.h>

#include "cli.h"
#include "format.h"
#include "options.h"

static void print_list(const char *label, const json_t *list)
{
	char text[1024] = "";
	const json_t *entry;
	size_t i, at = 0;

	json_array_foreach(list, i, entry)
		if (json_is_string(entry) && at < sizeof(text))
			at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s", at ? ", " : "",
					       json_string_value(entry));
	if (at)
		output_field(label, "", "%s", text);
}

/* Counters that are not 0. */
static void print_counters(const char *label, const json_t *counters, const char *const *only)
{
	char text[2048] = "";
	const json_t *value;
	const char *name;
	size_t at = 0, i;

	json_object_foreach((json_t *)counters, name, value) {
		if (json_integer_value(value) <= 0 || at >= sizeof(text))
			continue;
		for (i = 0; only && only[i] && strcmp(only[i], name); i++)
			;
		if (only && !only[i])
			continue;
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s %lld", at ? ", " : "",
				       name, (long long)json_integer_value(value));
	}
	if (at)
		output_field(label, "", "%s", text);
}

static void print_carrier(const json_t *device)
{
	const char *lower = output_text(device, "lower"), *remote = output_text(device, "remote");

	if (!strcmp(output_text(device, "carrier"), "udp"))
		output_field("carrier", "", "UDP port %lld%s%s%s%s",
			     (long long)output_number(device, "port"), lower[0] ? " on " : "", lower,
			     remote[0] ? ", unknown UEs at " : "", remote);
	else if (lower[0])
		output_field("lower device", "", "%s, EtherType %s", lower,
			     output_text(device, "ethertype"));
}

static void print_device(const json_t *result, bool verbose)
{
	/* What others did to the signalling; the rest is for -v. */
	static const char *const suspicious[] = {
		"malformed", "mac_failed", "half_open_full", "containers_limited", NULL
	};
	const json_t *device = json_object_get(result, "device"), *peer;
	const json_t *peers = json_object_get(result, "peers");
	size_t i, up = 0;

	printf("%sdevice:%s %s%s%s (%s)\n", output_bold(stdout), output_plain(stdout),
	       output_good(stdout), output_text(device, "name"), output_plain(stdout),
	       output_text(device, "layer2_id"));
	output_field("identity", "", "%s", output_text(device, "identity"));
	print_carrier(device);
	print_list("addresses", json_object_get(device, "addresses"));
	print_list("keying methods", json_object_get(device, "methods"));
	output_field("profile", "", "%s, COUNT %s%s", output_text(device, "profile"),
		     output_text(device, "count"),
		     output_true(device, "strict_24334") ? ", strict TS 24.334: no extensions" : "");
	if (output_true(device, "key_log"))
		output_field("key log", output_bad(stdout),
			     "on; whoever reads it reads the traffic");
	if (output_text(device, "error")[0])
		output_field("error", output_bad(stdout), "%s", output_text(device, "error"));
	print_counters("dropped", json_object_get(device, "drops"), NULL);
	print_counters("signalling", json_object_get(device, "signalling"),
		       verbose ? NULL : suspicious);
	if (verbose) {
		output_field("prosed", "", "%s, since %s, %s", output_text(result, "version"),
			     output_text(result, "started"), output_text(result, "configuration"));
		json_array_foreach(peers, i, peer)
			up += output_up(peer);
		output_field("peers", "", "%zu, %zu connected", json_array_size(peers), up);
	}
}

static void print_context(const json_t *peer)
{
	const char *kd_id = output_text(peer, "kd_id");
	char age[FORMAT_MAX], made[2 * FORMAT_MAX] = "", times[FORMAT_MAX] = "";

	if (!output_text(peer, "ciphering")[0])
		return;
	output_field("algorithms", "", "%s, %s, user data %s",
		     format_algorithm(output_text(peer, "ciphering")),
		     format_algorithm(output_text(peer, "integrity")),
		     output_true(peer, "user_plane_integrity") ? "integrity protected" :
								 "without integrity protection");
	if (output_known(peer, "rekeyed_seconds"))
		snprintf(made, sizeof(made), ", made %s ago",
			 format_age(output_number(peer, "rekeyed_seconds"), age, sizeof(age)));
	if (output_number(peer, "rekeys"))
		snprintf(times, sizeof(times), ", rekeyed %lld time%s (%lld with a new KD)",
			 (long long)output_number(peer, "rekeys"),
			 output_number(peer, "rekeys") == 1 ? "" : "s",
			 (long long)output_number(peer, "kd_rekeys"));
	output_field("KD-sess", "", "%s%s%s", output_text(peer, "kd_sess_id"), made, times);
	if (kd_id[0])
		output_field("KD", "", "%s", kd_id);
}

static void print_traffic(const json_t *peer)
{
	char received[FORMAT_MAX], sent[FORMAT_MAX], age[FORMAT_MAX];

	if (!json_object_get(peer, "rx_bytes"))
		return;
	output_field("transfer", "", "%s received, %s sent",
		     format_octets(output_number(peer, "rx_bytes"), received, sizeof(received)),
		     format_octets(output_number(peer, "tx_bytes"), sent, sizeof(sent)));
	if (output_known(peer, "last_heard_seconds"))
		output_field("last heard", "", "%s ago",
			     format_age(output_number(peer, "last_heard_seconds"), age, sizeof(age)));
}

static void print_associations(const json_t *peer, bool verbose)
{
	const json_t *list = json_object_get(peer, "associations"), *assoc;
	json_int_t failures = 0, replays = 0;
	double used;
	size_t i;

	json_array_foreach(list, i, assoc) {
		failures += output_number(assoc, "integrity_failures");
		replays += output_number(assoc, "replays");
		used = cli_count_used(assoc);
		if (verbose)
			output_field("association", "", "KD-sess %s %s, %lld packets received, "
				     "%lld sent, %.3g %% of COUNT used",
				     output_text(assoc, "kd_sess_id"),
				     output_true(assoc, "sends") ? "sends and receives" : "receives",
				     (long long)output_number(assoc, "rx_packets"),
				     (long long)output_number(assoc, "tx_packets"), used * 100);
		else if (output_true(assoc, "sends") && used >= 0.5)
			output_field("COUNT", output_warn(stdout), "%.3g %% used; at the end "
				     "nothing is sent any more without a rekey", used * 100);
	}
	if (failures)
		output_field("integrity failures", output_bad(stdout), "%lld; somebody forges "
			     "frames, or the keys differ", (long long)failures);
	if (replays)
		output_field("replays", "", "%lld", (long long)replays);
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

static void print_failure(const json_t *failure)
{
	const char *when = output_text(failure, "time"), *cause = output_text(failure, "cause_text");
	char age[FORMAT_MAX], ago[2 * FORMAT_MAX];
	time_t at = format_utc(when), now = time(NULL);

	/* A clock that was set meanwhile makes no age. */
	if (at != -1 && at <= now)
		snprintf(ago, sizeof(ago), "%s ago", format_age(now - at, age, sizeof(age)));
	else
		snprintf(ago, sizeof(ago), "%s", when);
	output_field("last failure", output_bad(stdout), "%s%s%s%s%s%s",
		     output_text(failure, "text"), ago[0] || cause[0] ? " (" : "", ago,
		     cause[0] ? ", cause: " : "", cause, ago[0] || cause[0] ? ")" : "");
}

static void print_peer(const json_t *peer, bool verbose)
{
	const char *id = output_text(peer, "layer2_id"), *state = output_text(peer, "state");
	const json_t *ids = json_object_get(peer, "connection_ids");
	const json_t *l2_ids = json_object_get(peer, "link_layer2_ids");
	const char *identity = output_text(peer, "identity");
	char age[FORMAT_MAX], since[2 * FORMAT_MAX] = "";

	printf("\n%speer:%s %s%s%s", output_bold(stdout), output_plain(stdout),
	       output_up(peer) ? output_good(stdout) : output_bold(stdout), output_name(peer),
	       output_plain(stdout));
	if (identity[0] && id[0])
		printf(" (%s)", id);
	printf("\n");
	if (output_known(peer, "connected_seconds"))
		snprintf(since, sizeof(since), " for %s",
			 format_age(output_number(peer, "connected_seconds"), age, sizeof(age)));
	output_field("state", output_up(peer) ? output_good(stdout) : "", "%s%s%s%s",
		     state_words(state), since,
		     output_true(peer, "held") && !output_up(peer) ? ", released by the user" : "",
		     output_true(peer, "configured") ? "" : ", not configured");
	if (output_text(peer, "method")[0])
		output_field(output_true(peer, "authenticated") ? "authenticated" :
								  "not authenticated yet", "",
			     "%s%s%s", output_text(peer, "method"),
			     output_text(peer, "detail")[0] ? ": " : "",
			     output_text(peer, "detail"));
	print_context(peer);
	if (verbose && output_text(peer, "role")[0])
		output_field("role", "", "%s", output_text(peer, "role"));
	if (verbose && json_is_object(l2_ids))
		output_field("Layer-2 IDs", "", "%s here, %s there, for this link",
			     output_text(l2_ids, "local"), output_text(l2_ids, "remote"));
	if (verbose && ids)
		output_field("connection identities", "", "local %s, remote %s",
			     output_text(ids, "local"), output_text(ids, "remote"));
	print_list("addresses", json_object_get(peer, "addresses"));
	print_list("services", json_object_get(peer, "expressions"));
	print_list("announces", json_object_get(peer, "announced"));
	if (output_text(peer, "carrier_address")[0])
		output_field("carrier address", "", "%s", output_text(peer, "carrier_address"));
	print_traffic(peer);
	print_associations(peer, verbose);
	if (json_is_object(json_object_get(peer, "last_failure")))
		print_failure(json_object_get(peer, "last_failure"));
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

static void print_all(const json_t *result, bool device, bool verbose)
{
	json_t *sorted = cli_peers_sorted(result), *peer;
	size_t i;

	if (device)
		print_device(result, verbose);
	json_array_foreach(sorted, i, peer)
		print_peer(peer, verbose);
	json_decref(sorted);
}

static int run(const struct command *command, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "verbose", no_argument, NULL, 'v' },
		CLI_OPTION_COLOUR_ROW,
		CLI_OPTIONS_END
	};
	bool as_json = false, verbose = false;
	json_t *result;
	int option, status;

	while ((option = cli_option(command, argc, argv, "jvh", options, &status)) != -1) {
		switch (option) {
		case 'j':
			as_json = true;
			break;
		case 'v':
			verbose = true;
			break;
		}
	}
	if (status != CLI_GO_ON)
		return status;
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
	if (as_json)
		output_json(result, JSON_INDENT(2));
	else
		print_all(result, optind == argc, verbose);
	json_decref(result);
	return CLI_OK;
}

const struct command command_show = {
	.name = "show",
	.arguments = "[-j] [-v] [--color=WHEN] [PEER]",
	.summary = "show the device and its peers",
	.help =
		"Peers that were heard last come first.\n"
		"\n"
		"  -j, --json      everything, as JSON; share/prose/prose-show.schema.json and\n"
		"                  Documentation/control.rst name its members\n"
		"  -v, --verbose   also connection identities, associations, signalling, prosed\n"
		"  --color=WHEN    auto (the default: on a terminal), always or never\n"
		"\n"
		"Example: prose show ue2\n",
	.run = run,
};
