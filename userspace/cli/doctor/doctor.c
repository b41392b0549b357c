// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../cli.h"
#include "../format.h"
#include "../options.h"
#include "doctor.h"

static const struct {
	const char *name;
	void (*run)(struct doctor *doctor);
} checks[] = {
	{ "module", doctor_module }, { "configuration", doctor_settings },
	{ "clock", doctor_clock }, { "prosed", doctor_daemon }, { "device", doctor_device },
	{ "lower device", doctor_lower }, { "filters", doctor_filters }, { "udp", doctor_udp },
	{ "peers", doctor_peers },
};

#define CHECK_WIDTH	14
#define ETHERTYPE_DEFAULT	0x88b5	/* of the link carrier, netlink/prose.yaml */

static void print_finding(enum doctor_verdict verdict, const char *check, const char *found,
			  const char *cure)
{
	static const char *const words[] = {
		[DOCTOR_OK] = "ok", [DOCTOR_SKIPPED] = "-", [DOCTOR_WARN] = "warn",
		[DOCTOR_FAIL] = "FAIL",
	};
	const char *colour = verdict == DOCTOR_FAIL ? output_bad(stdout) :
			     verdict == DOCTOR_WARN ? output_warn(stdout) :
			     verdict == DOCTOR_OK ? output_good(stdout) : output_dim(stdout);

	printf("%s%-4s%s  %s%-*s%s ", colour, words[verdict], output_plain(stdout),
	       output_bold(stdout), CHECK_WIDTH, check, output_plain(stdout));
	output_wrapped(stdout, 7 + CHECK_WIDTH, 7 + CHECK_WIDTH, found);
	putchar('\n');
	if (cure) {
		printf("%*s-> ", 7 + CHECK_WIDTH, "");
		output_wrapped(stdout, 10 + CHECK_WIDTH, 10 + CHECK_WIDTH, cure);
		putchar('\n');
	}
	fflush(stdout);
}

void doctor_say(struct doctor *doctor, enum doctor_verdict verdict, const char *cure,
		const char *format, ...)
{
	static const char *const names[] = {
		[DOCTOR_OK] = "ok", [DOCTOR_SKIPPED] = "skipped", [DOCTOR_WARN] = "warn",
		[DOCTOR_FAIL] = "fail",
	};
	char found[2048], harmless[DOCTOR_CURE_MAX];
	json_t *finding;
	va_list args;

	va_start(args, format);
	vsnprintf(found, sizeof(found), format, args);
	va_end(args);
	/* Words of files and of other programs, too, may hold anything. */
	format_clean(found, output_utf8());
	if (cure) {
		snprintf(harmless, sizeof(harmless), "%s", cure);
		format_clean(harmless, output_utf8());
	}
	finding = json_pack("{s:s, s:s, s:s, s:s?}", "check", doctor->check, "verdict",
			    names[verdict], "found", found, "cure", cure ? harmless : NULL);
	json_array_append_new(doctor->findings, finding);
	if (doctor->print)
		print_finding(verdict, doctor->check, found, cure ? harmless : NULL);
}

const char *doctor_cure(char *buffer, size_t len, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(buffer, len, format, args);
	va_end(args);
	return buffer;
}

bool doctor_on_udp(const struct doctor *doctor)
{
	if (doctor->has_kernel)
		return doctor->kernel.carrier == PROSE_CARRIER_UDP;
	return doctor->config && doctor->config->udp.present;
}

unsigned int doctor_ethertype(const struct doctor *doctor)
{
	return doctor->has_kernel && doctor->kernel.ethertype ? doctor->kernel.ethertype :
								ETHERTYPE_DEFAULT;
}

/* What show says, when somebody answers. */
static void ask_daemon(struct doctor *doctor)
{
	struct client *client = client_try(doctor->no_daemon, sizeof(doctor->no_daemon));
	json_t *response;

	if (!client)
		return;
	doctor->pid = client_pid(client);
	response = client_call(client, json_pack("{s:s}", "command", "show"));
	doctor->show = json_incref(json_object_get(response, "result"));
	json_decref(response);
	client_close(client);
	if (!json_is_object(doctor->show)) {
		json_decref(doctor->show);
		doctor->show = NULL;
		snprintf(doctor->no_daemon, sizeof(doctor->no_daemon),
			 "something listens at the socket, but does not answer as prosed does");
	}
}

/* The file of the prosed that runs may be named from where that was started. */
static char *running_path(const struct doctor *doctor)
{
	const char *path = output_text(doctor->show, "configuration");
	char *full = NULL;

	if (!path[0])
		return NULL;
	if (path[0] == '/' || !doctor->pid)
		return strdup(path);
	return asprintf(&full, "/proc/%d/cwd/%s", (int)doctor->pid, path) < 0 ? NULL : full;
}

static bool has_socket(void)
{
	const char *socket = getenv("PROSE_SOCKET");

	return cli_socket || (socket && socket[0]);
}

/*
 * Configuration and daemon belong together: either is found by the other, unless the user names
 * both. Returns the path, to be freed.
 */
static char *find_both(struct doctor *doctor, const char *wanted)
{
	char *path = wanted ? strdup(wanted) : NULL;

	if (!path) {
		ask_daemon(doctor);
		path = running_path(doctor);
	}
	if (!path)
		path = strdup(CONFIG_DEFAULT_PATH);
	if (!path)
		return NULL;
	doctor->path = path;
	doctor->config = config_load(path, doctor->why, sizeof(doctor->why));
	if (!doctor->show && (wanted || !has_socket())) {
		if (doctor->config && !has_socket())
			cli_socket = doctor->config->control;
		ask_daemon(doctor);
	}
	return path;
}

/*
 * The devices are where prosed is. Nothing that follows would come back from there, and nothing
 * has to.
 */
static void follow_namespace(struct doctor *doctor)
{
	struct stat own, other;
	char path[64];
	int fd;

	if (!doctor->pid)
		return;
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)doctor->pid);
	if (stat("/proc/self/ns/net", &own) || stat(path, &other) ||
	    (own.st_dev == other.st_dev && own.st_ino == other.st_ino))
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	doctor->elsewhere = fd < 0 || setns(fd, CLONE_NEWNET);
	if (fd >= 0)
		close(fd);
}

static void find_links(struct doctor *doctor)
{
	const char *name = output_text(json_object_get(doctor->show, "device"), "name");

	if (!name[0] && doctor->config)
		name = doctor->config->device;
	snprintf(doctor->ifname, sizeof(doctor->ifname), "%s", name);
	if (doctor->elsewhere || !doctor->ifname[0])
		return;
	doctor_link_get(doctor->ifname, 0, &doctor->device);
	/* An index means something in the namespace of that device only, which may not be this. */
	if (doctor->config && doctor->config->lower[0])
		doctor_link_get(doctor->config->lower, 0, &doctor->lower);
	else if (doctor->device.lower)
		doctor_link_get(NULL, doctor->device.lower, &doctor->lower);
}

static size_t count(const struct doctor *doctor, const char *verdict)
{
	const json_t *finding;
	size_t i, n = 0;

	json_array_foreach(doctor->findings, i, finding)
		n += !strcmp(output_text(finding, "verdict"), verdict);
	return n;
}

static int examine(struct doctor *doctor)
{
	size_t i, failures, warnings;

	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		doctor->check = checks[i].name;
		checks[i].run(doctor);
	}
	failures = count(doctor, "fail");
	warnings = count(doctor, "warn");
	if (!doctor->print)
		output_json(doctor->findings, JSON_INDENT(2));
	else if (failures || warnings)
		printf("\n%zu problem%s, %zu warning%s\n", failures, failures == 1 ? "" : "s",
		       warnings, warnings == 1 ? "" : "s");
	else
		printf("\nno problem found\n");
	return failures ? CLI_FAILED : CLI_OK;
}

static int run(const struct command *command, int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "json", no_argument, NULL, 'j' },
		CLI_OPTION_COLOUR_ROW,
		CLI_OPTIONS_END
	};
	struct doctor doctor = { .print = true };
	const char *wanted = NULL;
	int option, status;
	char *path;

	while ((option = cli_option(command, argc, argv, "c:jh", options, &status)) != -1) {
		switch (option) {
		case 'c':
			wanted = optarg;
			break;
		case 'j':
			doctor.print = false;
			break;
		}
	}
	if (status != CLI_GO_ON)
		return status;
	if (optind != argc)
		return cli_usage(command, "unexpected '%s'", argv[optind]);
	doctor.findings = json_array();
	path = find_both(&doctor, wanted);
	follow_namespace(&doctor);
	find_links(&doctor);
	status = examine(&doctor);
	config_free(doctor.config);
	json_decref(doctor.show);
	json_decref(doctor.findings);
	free(path);
	return status;
}

const struct command command_doctor = {
	.name = "doctor",
	.arguments = "[-j] [-c FILE] [--color=WHEN]",
	.summary = "find the usual mistakes",
	.help =
		"Looks at module, configuration, credentials, clock, prosed, devices, filters and\n"
		"peers, and says for each what was found and what cures it. prosed need not run.\n"
		"Changes nothing, and sends nothing. As root it sees more.\n"
		"\n"
		"  -c, --config FILE  configuration to check (default: that of the prosed that\n"
		"                     answers, else /etc/prose/prosed.conf)\n"
		"  -j, --json         the findings as JSON; share/prose/prose-doctor.schema.json\n"
		"  --color=WHEN       auto (the default: on a terminal), always or never\n"
		"\n"
		"Ends with 0 when nothing failed, warnings or not, else with 1.\n"
		"\n"
		"Example: sudo prose doctor\n",
	.run = run,
};
