// SPDX-License-Identifier: MIT
/*
 * What show knows, in the text format of Prometheus (exposition format 0.0.4). All samples of a
 * metric stand together below its HELP and TYPE, as that format wants it.
 */
#include <string.h>

#include "cli.h"
#include "format.h"
#include "options.h"

/* Label values: backslash, quote and line feed are escaped; nothing else is. */
static void print_label(const char *name, const char *value, bool first)
{
	printf("%s%s=\"", first ? "" : ",", name);
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			putchar('\\');
		if (*value == '\n')
			fputs("\\n", stdout);
		else
			putchar(*value);
	}
	putchar('"');
}

static void print_family(const char *name, const char *type, const char *help)
{
	printf("# HELP prose_%s %s\n# TYPE prose_%s %s\n", name, help, name, type);
}

struct label {
	const char *name, *value;
};

/* A sample with the device's label, and others, ended by one without a name; NULL is none. */
static void print_sample(const json_t *result, const char *name, double value,
			 const struct label *labels)
{
	const json_t *device = json_object_get(result, "device");

	printf("prose_%s{", name);
	print_label("device", output_text(device, "name"), true);
	for (; labels && labels->name; labels++)
		print_label(labels->name, labels->value, false);
	printf("} %.17g\n", value);
}

static void print_number(const json_t *result, const char *name, const char *type, const char *help,
			 double value)
{
	print_family(name, type, help);
	print_sample(result, name, value, NULL);
}

/* An object of counters, each a sample that a label names. */
static void print_counters(const json_t *result, const char *name, const char *help,
			   const char *label, const json_t *counters)
{
	struct label labels[] = { { label, NULL }, { 0 } };
	const json_t *value;
	const char *member;

	if (!json_object_size(counters))
		return;
	print_family(name, "counter", help);
	json_object_foreach((json_t *)counters, member, value) {
		labels[0].value = member;
		if (json_is_integer(value))
			print_sample(result, name, (double)json_integer_value(value), labels);
	}
}

static double state_up(const json_t *peer)
{
	return output_up(peer);
}

static double sum(const json_t *peer, const char *member)
{
	const json_t *assoc;
	double total = 0;
	size_t i;

	json_array_foreach(json_object_get(peer, "associations"), i, assoc)
		total += (double)output_number(assoc, member);
	return total;
}

static double integrity_failures(const json_t *peer)
{
	return sum(peer, "integrity_failures");
}

static double replays(const json_t *peer)
{
	return sum(peer, "replays");
}

static double count_used(const json_t *peer)
{
	const json_t *assoc;
	size_t i;

	json_array_foreach(json_object_get(peer, "associations"), i, assoc)
		if (output_true(assoc, "sends"))
			return cli_count_used(assoc);
	return 0;
}

static double failed_at(const json_t *peer)
{
	return (double)format_utc(output_text(json_object_get(peer, "last_failure"), "time"));
}

/*
 * Each metric of a peer: a number of show, or what a function makes of it. A member that is
 * missing, or null, or a value below 0 is no sample: it is not known.
 */
static const struct {
	const char *name, *type, *help;
	const char *member;
	double (*value)(const json_t *peer);
} of_peers[] = {
	{ "peer_up", "gauge", "Whether the link to the peer is up.", NULL, state_up },
	{ "peer_receive_bytes_total", "counter", "Octets of user data received on this link.",
	  "rx_bytes", NULL },
	{ "peer_transmit_bytes_total", "counter", "Octets of user data sent on this link.",
	  "tx_bytes", NULL },
	{ "peer_receive_packets_total", "counter", "Packets of user data received on this link.",
	  "rx_packets", NULL },
	{ "peer_transmit_packets_total", "counter", "Packets of user data sent on this link.",
	  "tx_packets", NULL },
	{ "peer_last_heard_seconds", "gauge", "Age of the last frame whose MAC verified.",
	  "last_heard_seconds", NULL },
	{ "peer_connected_seconds", "gauge", "How long the link has been up.",
	  "connected_seconds", NULL },
	{ "peer_key_age_seconds", "gauge", "Age of KD-sess.", "rekeyed_seconds", NULL },
	{ "peer_rekeys_total", "counter", "Rekeyings of this link.", "rekeys", NULL },
	{ "peer_kd_rekeys_total", "counter", "Rekeyings of this link that made a new KD.",
	  "kd_rekeys", NULL },
	{ "peer_count_used_ratio", "gauge", "Part of COUNT that is used, of what sends.",
	  "associations", count_used },
	{ "peer_integrity_failures", "gauge", "Frames whose MAC-I did not verify, of what is "
	  "associated now.", "associations", integrity_failures },
	{ "peer_replays", "gauge", "Frames that were seen before, of what is associated now.",
	  "associations", replays },
	{ "peer_last_failure_timestamp_seconds", "gauge", "When a setup, a rekey or the link "
	  "failed last.", "last_failure", failed_at },
};

static void print_of_peer(const json_t *result, const char *name, double value,
			  const json_t *peer, const char *state)
{
	const struct label labels[] = {
		{ "peer", output_text(peer, "identity") },
		{ "layer2_id", output_text(peer, "layer2_id") },
		{ state ? "state" : NULL, state },
		{ 0 }
	};

	print_sample(result, name, value, labels);
}

static void print_peers(const json_t *result)
{
	const json_t *peers = json_object_get(result, "peers"), *peer, *member;
	bool begun;
	size_t i, j;
	double value;

	for (i = 0; i < sizeof(of_peers) / sizeof(of_peers[0]); i++) {
		begun = false;
		json_array_foreach(peers, j, peer) {
			member = of_peers[i].member ? json_object_get(peer, of_peers[i].member) : NULL;
			if (of_peers[i].member && (!member || json_is_null(member)))
				continue;
			value = of_peers[i].value ? of_peers[i].value(peer) : json_number_value(member);
			if (value < 0)
				continue;
			if (!begun)
				print_family(of_peers[i].name, of_peers[i].type, of_peers[i].help);
			begun = true;
			print_of_peer(result, of_peers[i].name, value, peer, NULL);
		}
	}
}

static const char *const states[] = {
	"null", "requested", "keying", "securing", "accepting", "connected", "rekeying",
	"releasing", "idle", NULL
};

/* One sample a state, 1 for the present one: the way of an enumeration in that format. */
static void print_states(const json_t *result)
{
	const json_t *peers = json_object_get(result, "peers"), *peer;
	size_t i, j;

	if (!json_array_size(peers))
		return;
	print_family("peer_state", "gauge", "State of the link: 1 at the label of the present one.");
	json_array_foreach(peers, i, peer)
		for (j = 0; states[j]; j++)
			print_of_peer(result, "peer_state",
				      !strcmp(states[j], output_text(peer, "state")), peer, states[j]);
}

static void print_all(const json_t *result)
{
	const json_t *device = json_object_get(result, "device");
	const struct label labels[] = {
		{ "version", output_text(result, "version") },
		{ "identity", output_text(device, "identity") },
		{ "layer2_id", output_text(device, "layer2_id") },
		{ "carrier", output_text(device, "carrier") },
		{ 0 }
	};
	time_t started = format_utc(output_text(result, "started"));

	print_family("info", "gauge", "What answers: always 1.");
	print_sample(result, "info", 1, labels);
	if (started != -1)
		print_number(result, "start_time_seconds", "gauge", "When prosed was started.",
			     (double)started);
	print_number(result, "peers", "gauge", "Peers that are configured, or known otherwise.",
		     (double)json_array_size(json_object_get(result, "peers")));
	print_number(result, "key_log", "gauge", "Whether session keys are written to a file.",
		     output_true(device, "key_log"));
	print_counters(result, "drops_total", "Packets and frames dropped by the kernel.", "reason",
		       json_object_get(device, "drops"));
	print_counters(result, "signalling_messages_total",
		       "PC5-S messages, by what became of them.", "kind",
		       json_object_get(device, "signalling"));
	print_peers(result);
	print_states(result);
}

static int run(const struct command *command, int argc, char **argv)
{
	int status = cli_no_options(command, argc, argv);
	json_t *result;

	if (status != CLI_GO_ON)
		return status;
	if (optind != argc)
		return cli_usage(command, "unexpected '%s'", argv[optind]);
	result = client_ask(json_pack("{s:s}", "command", "show"), &status);
	if (!result)
		return status;
	print_all(result);
	json_decref(result);
	/* A reader that takes half for the whole would store half. */
	if (fflush(stdout) || ferror(stdout)) {
		cli_error("the metrics could not be written whole");
		return CLI_FAILED;
	}
	return CLI_OK;
}

const struct command command_metrics = {
	.name = "metrics",
	.arguments = "",
	.summary = "print metrics for Prometheus",
	.help =
		"Prints what prose show knows in the text format of Prometheus, once. For the\n"
		"textfile collector of its node exporter, from a timer:\n"
		"\n"
		"  prose metrics >/var/lib/prometheus/node-exporter/prose.prom.new &&\n"
		"    mv /var/lib/prometheus/node-exporter/prose.prom.new \\\n"
		"       /var/lib/prometheus/node-exporter/prose.prom\n"
		"\n"
		"Example: prose metrics | grep peer_up\n",
	.run = run,
};
