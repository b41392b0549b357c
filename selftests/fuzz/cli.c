// SPDX-License-Identifier: MIT
/*
 * What prose, the command, makes of what prosed answers. The subcommands run as they are, over
 * a socket made of the input: octet 1 names the subcommand, the rest is what the daemon says.
 * A hostile daemon is none of prose's threats, but a broken one, or one of another version, is
 * not to be met by a crash or by a wait without end.
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include "cli/cli.h"
#include "lib/fuzz.h"

static struct fuzz_input air;

/* The daemon hears everything and is done when its text is. */
static ssize_t fuzz_recv(int fd, void *to, size_t len, int flags)
{
	(void)fd;
	(void)flags;
	return (ssize_t)fuzz_octets(&air, to, len < air.len ? len : air.len);
}

static ssize_t fuzz_send(int fd, const void *data, size_t len, int flags)
{
	(void)fd;
	(void)flags;
	fuzz_check(len && (len > 1 || *(const char *)data == '\n'));
	return (ssize_t)len;
}

static int fuzz_poll(struct pollfd *fds, nfds_t n, int ms)
{
	(void)fds;
	(void)n;
	(void)ms;
	return 1;
}

static int fuzz_ok(int unused, ...)
{
	return unused;
}

#define recv		fuzz_recv
#define send		fuzz_send
#define poll		fuzz_poll
#define socket(...)	fuzz_ok(0, __VA_ARGS__)
#define connect(...)	fuzz_ok(0, __VA_ARGS__)
#define close(...)	fuzz_ok(0, __VA_ARGS__)
#include "cli/client.c"
#undef close

/* Of prose.c, whose main() cannot be here too. */
const char *cli_socket = "./fuzz";
const struct command *const commands[] = { &command_show, NULL };

void cli_error(const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fuzz_check(text[0]);
}

int cli_usage(const struct command *command, const char *format, ...)
{
	(void)command;
	(void)format;
	/* The arguments below are right. */
	fuzz_check(false);
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

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	fuzz_check(freopen("/dev/null", "w", stdout));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct {
		const struct command *command;
		const char *arguments[5];
	} table[] = {
		{ &command_show, { "show" } },
		{ &command_show, { "show", "-j" } },
		{ &command_show, { "show", "ue2" } },
		{ &command_show, { "show", "0a:0b:0d" } },
		{ &command_monitor, { "monitor" } },
		{ &command_monitor, { "monitor", "-j" } },
		{ &command_connect, { "connect", "ue2" } },
		{ &command_connect, { "connect", "--no-wait", "ue2" } },
		{ &command_rekey, { "rekey", "ue2" } },
		{ &command_rekey, { "rekey", "--kd", "ue2" } },
		{ &command_release, { "release", "ue2" } },
		{ &command_forget, { "forget", "ue2" } },
		{ &command_reload, { "reload" } },
		{ &command_show, { "show", "-v", "--color=always" } },
		{ &command_monitor, { "monitor", "-n", "1", "ue2" } },
		{ &command_metrics, { "metrics" } },
	};
	struct fuzz_input input = { data, size };
	size_t n = fuzz_u8(&input) % (sizeof(table) / sizeof(table[0])), argc = 0;
	char *argv[6] = { NULL };
	int status;

	while (argc < 5 && table[n].arguments[argc]) {
		argv[argc] = (char *)table[n].arguments[argc];
		argc++;
	}
	air = input;
	optind = 0;
	status = table[n].command->run(table[n].command, (int)argc, argv);
	fuzz_check(status >= CLI_OK && status <= CLI_TIMEOUT);
	/* Nobody is told that all is well by a daemon that said nothing. */
	fuzz_check(input.len || status == CLI_NO_DAEMON);
	return 0;
}

static void seed(fuzz_put *put, const char *name, uint8_t command, const char *text)
{
	static struct fuzz_output out;

	out.len = 0;
	fuzz_put_u8(&out, command);
	fuzz_put_octets(&out, text, strlen(text));
	put(name, out.data, out.len);
}

#define OK(result)	"{\"ok\":true,\"result\":" result "}\n"
#define DEVICE \
	"{\"name\":\"prose0\",\"layer2_id\":\"0a:0b:0c\",\"identity\":\"urn:prose:ue1\"," \
	"\"lower\":\"tap0\",\"addresses\":[\"10.0.0.1/24\"],\"methods\":[\"certificate\"]," \
	"\"profile\":\"full\",\"count\":\"hfn\",\"strict_24334\":true,\"key_log\":true," \
	"\"error\":\"\",\"drops\":{\"rx-replay\":3,\"rx-short\":0,\"tx-nomem\":1}}"
#define PEER \
	"{\"identity\":\"urn:prose:ue2\",\"layer2_id\":\"0a:0b:0d\",\"state\":\"connected\"," \
	"\"detail\":\"TLSv1.3\",\"authenticated\":true,\"method\":\"certificate\"," \
	"\"connected_seconds\":3725,\"ciphering\":\"eea2\",\"integrity\":\"eia2\"," \
	"\"user_plane_integrity\":true,\"kd_sess_id\":\"0x1234\",\"rekeyed_seconds\":7," \
	"\"rekeys\":2,\"kd_rekeys\":1,\"addresses\":[\"10.0.0.2\"],\"rx_bytes\":123456789," \
	"\"tx_bytes\":5,\"last_heard_seconds\":90061,\"held\":false," \
	"\"last_failure\":{\"text\":\"It failed.\",\"time\":\"12:00\",\"cause_text\":\"x\"}}"
#define EVENT(what) \
	"{\"event\":\"" what "\",\"layer2_id\":\"0a:0b:0d\",\"identity\":\"urn:prose:ue2\"," \
	"\"state\":\"connected\",\"text\":\"A sentence.\",\"time\":\"12:00\"," \
	"\"kd_changed\":false,\"by_peer\":true}\n"
#define GOING	OK("null") OK("{\"layer2_id\":\"0a:0b:0d\"}")

void fuzz_seeds(fuzz_put *put)
{
	char name[32];
	uint8_t i;

	for (i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "show-%u", i);
		seed(put, name, i, OK("{\"device\":" DEVICE ",\"peers\":[" PEER "," PEER "]}"));
	}
	for (i = 4; i < 6; i++) {
		snprintf(name, sizeof(name), "monitor-%u", i);
		seed(put, name, i, OK("null") EVENT("state") EVENT("connected") EVENT("rekeyed")
		     EVENT("failed") EVENT("released"));
	}
	for (i = 6; i < 11; i++) {
		snprintf(name, sizeof(name), "goes-well-%u", i);
		seed(put, name, i, GOING EVENT("state") EVENT("connected") EVENT("rekeyed")
		     "{\"event\":\"rekeyed\",\"layer2_id\":\"0a:0b:0d\",\"kd_changed\":true}\n"
		     EVENT("released"));
		snprintf(name, sizeof(name), "fails-%u", i);
		seed(put, name, i, GOING EVENT("failed"));
		snprintf(name, sizeof(name), "refused-%u", i);
		seed(put, name, i, OK("null") "{\"ok\":false,\"error\":{\"code\":\"refused\","
		     "\"message\":\"The link is up already.\"}}\n"
		     OK("{\"peers\":[" PEER "]}"));
		snprintf(name, sizeof(name), "silent-%u", i);
		seed(put, name, i, GOING);
		snprintf(name, sizeof(name), "again-%u", i);
		seed(put, name, i, GOING EVENT("rekeyed") OK("{\"layer2_id\":\"0a:0b:0d\"}")
		     EVENT("rekeyed") OK("{\"layer2_id\":\"0a:0b:0d\"}") EVENT("rekeyed"));
	}
	seed(put, "show-verbose", 12, OK("{\"device\":" DEVICE ",\"peers\":[" PEER "]}"));
	seed(put, "monitor-one", 13, OK("null") EVENT("state") EVENT("failed"));
	seed(put, "metrics", 14, OK("{\"device\":" DEVICE ",\"peers\":[" PEER "]}"));
	seed(put, "hostile", 12, OK("{\"peers\":[{\"identity\":\"\\u001b[31m\\u009b\\u202e\\n\"}]}"));
	seed(put, "reload", 11, OK("{\"configuration\":\"/etc/prose/prosed.conf\"}"));
	seed(put, "events-first", 0, EVENT("state") OK("{}"));
	seed(put, "no-json", 0, "what\n");
	seed(put, "no-object", 0, "[]\n");
	seed(put, "error-without-message", 0, "{\"ok\":false}\n");
	seed(put, "half-a-line", 0, "{\"ok\":tr");
	seed(put, "odd-types", 0,
	     OK("{\"device\":{\"addresses\":[1,null],\"drops\":{\"x\":-1}},\"peers\":[1,{\"addresses\":"
		"[{}],\"rx_bytes\":-5,\"tx_bytes\":9223372036854775807,\"connected_seconds\":-90061}]}"));
}
