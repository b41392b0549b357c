// SPDX-License-Identifier: MIT
/*
 * The control socket of prosed, with the commands behind it and two daemons behind those, on
 * the bench of the unit tests. The input is what a client sends, with how much of it arrives
 * at once and how much time passes in between. Whatever it asks for: each line that comes back
 * is JSON, and is an event or an answer; too long a line ends the connection; both daemons live
 * on and can be asked again.
 */
#include <sys/socket.h>

#include "../unit/daemon_lab.h"
#include "daemon/requests.h"
#include "lib/fuzz.h"

#include "daemon/control.c"

static struct lab *lab;
static struct control control = { .fd = -1 };

/* Of the client's end. */
static int fd;
static char heard[1 << 17];
static size_t n_heard;
static unsigned int asked, answers;

static json_t *request(void *context, const struct control_client *who, const json_t *json,
		       bool *subscribe)
{
	json_t *response = requests_answer(context, who, json, subscribe);

	fuzz_check(response);
	asked++;
	return response;
}

static void nothing(void *context)
{
	(void)context;
}

static void on_event(void *context, json_t *event)
{
	(void)context;
	fuzz_check(event);
	control_event(&control, event);
}

/* As lab_start(), but nothing is stored, and events go to who subscribed. */
static void start(struct lab_ue *ue)
{
	struct daemon_setup setup = {
		.kernel = { &lab_ops, &ue->kernel }, .now_ms = lab_now, .save = nothing,
		.event = on_event, .context = ue,
	};
	char why[CONFIG_WHY_MAX] = "";

	setup.config = config_load(ue->conf, why, sizeof(why));
	setup.methods = setup.config ? methods_load(setup.config, why, sizeof(why)) : NULL;
	if (setup.methods)
		ue->daemon = daemon_new(&setup, why, sizeof(why));
	if (!ue->daemon)
		fprintf(stderr, "%s\n", why);
	fuzz_check(ue->daemon);
	daemon_start(ue->daemon, NULL);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	/* What is asked for in vain is logged otherwise. */
	log_init((enum log_level)0);
	lab = calloc(1, sizeof(*lab));
	fuzz_check(lab);
	control.loop = ev_loop_new(EVFLAG_AUTO);
	control.request = request;
	for (unsigned int i = 0; i < 2; i++) {
		struct lab_ue *ue = &lab->ue[i];
		char text[512];

		ue->lab = lab;
		ue->kernel.queue = calloc(LAB_QUEUE_MAX, sizeof(*ue->kernel.queue));
		fuzz_check(ue->kernel.queue);
		snprintf(text, sizeof(text), "urn:prose:ue%u " LAB_KEY "\n", 2 - i);
		snprintf(ue->keys, sizeof(ue->keys), "%s", fuzz_file(i, text, strlen(text)));
		snprintf(text, sizeof(text),
			 "device = \"prose0\"\nidentity = \"urn:prose:ue%u\"\n"
			 "addresses = { \"10.0.0.%u/24\" }\npsk { file = \"%s\" }\n"
			 "peer \"urn:prose:ue%u\" {\n layer2-id = \"0a:0b:0%u\"\n}\n",
			 i + 1, i + 1, ue->keys, 2 - i, 2 - i);
		snprintf(ue->conf, sizeof(ue->conf), "%s", fuzz_file(2 + i, text, strlen(text)));
	}
	return 0;
}

static void judge(const char *line, size_t len)
{
	json_error_t error;
	json_t *json = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	const json_t *ok;

	fuzz_check(json_is_object(json));
	ok = json_object_get(json, "ok");
	if (json_is_boolean(ok)) {
		answers++;
		if (json_is_false(ok))
			fuzz_check(json_string_length(json_object_get(
					json_object_get(json, "error"), "message")));
		else
			fuzz_check(json_object_get(json, "result"));
	} else {
		fuzz_check(json_is_string(json_object_get(json, "event")));
	}
	json_decref(json);
}

/* Takes all that came, and what had to wait for that. */
static void listen_to(void)
{
	ssize_t got;
	char *end;

	for (;;) {
		got = recv(fd, heard + n_heard, sizeof(heard) - n_heard, MSG_DONTWAIT);
		if (got <= 0 && control.clients && control.clients->out_len) {
			client_flush(control.clients);
			continue;
		}
		if (got <= 0)
			break;
		n_heard += (size_t)got;
		while ((end = memchr(heard, '\n', n_heard))) {
			judge(heard, (size_t)(end - heard));
			n_heard -= (size_t)(end - heard) + 1;
			memmove(heard, end + 1, n_heard);
		}
		fuzz_check(n_heard < sizeof(heard));
	}
}

static struct client *dial(void)
{
	struct client *client = calloc(1, sizeof(*client));
	int ends[2];

	fuzz_check(client && !socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
	fd = ends[0];
	client->in = malloc(CONTROL_LINE_MAX);
	fuzz_check(client->in);
	client->control = &control;
	client->fd = ends[1];
	client->next = control.clients;
	control.clients = client;
	control.n_clients++;
	ev_io_init(&client->reader, on_readable, client->fd, EV_READ);
	ev_io_init(&client->writer, on_writable, client->fd, EV_WRITE);
	client->reader.data = client->writer.data = client;
	return client;
}

static void say(const void *data, size_t len)
{
	struct client *client = control.clients;

	if (!client || client->closing || !len)
		return;
	fuzz_check(send(fd, data, len, MSG_NOSIGNAL) == (ssize_t)len);
	on_readable(control.loop, &client->reader, EV_READ);
	listen_to();
}

static void open_all(void)
{
	asked = answers = 0;
	n_heard = 0;
	fuzz_random(1);
	lab->now_ms = 1000000;
	for (unsigned int i = 0; i < 2; i++) {
		struct lab_ue *ue = &lab->ue[i];
		struct lab_event *queue = ue->kernel.queue;

		memset(&ue->kernel, 0, sizeof(ue->kernel));
		ue->kernel.lab = lab;
		ue->kernel.other = &lab->ue[1 - i].kernel;
		ue->kernel.l2_id = 0x0a0b01 + i;
		ue->kernel.error = "";
		ue->kernel.queue = queue;
		start(ue);
	}
	control.context = lab->ue[0].daemon;
	dial();
}

static void close_all(void)
{
	for (unsigned int i = 0; i < 2; i++) {
		daemon_free(lab->ue[i].daemon);
		lab->ue[i].daemon = NULL;
	}
	while (control.clients)
		client_free(control.clients);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	/* 0: all at once. */
	uint8_t piece = fuzz_u8(&input), pause = fuzz_u8(&input);
	char text[4096];
	unsigned int before;

	open_all();
	while (input.len) {
		const char *end = memchr(input.at, '\n', input.len);
		size_t len = end ? (size_t)(end - (const char *)input.at) + 1 : input.len;

		/* A line at a time, or in pieces, or several. */
		if (piece & 1)
			len = 1 + piece / 2u;
		else if (piece & 2)
			len = sizeof(text);
		len = fuzz_octets(&input, text, len < sizeof(text) ? len : sizeof(text));
		say(text, len);
		lab_run(lab, pause * 8u);
		listen_to();
	}
	/* A line without end: turned away, and that is all. */
	if (pause == 0xff) {
		memset(text, 'x', sizeof(text));
		for (size_t n = 0; n <= CONTROL_LINE_MAX && control.clients; n += sizeof(text))
			say(text, sizeof(text));
		fuzz_check(!control.clients);
	}
	fuzz_check(answers >= asked);

	/* As before: somebody else is served. */
	while (control.clients)
		client_free(control.clients);
	close(fd);
	n_heard = 0;
	dial();
	before = answers;
	say("{\"command\":\"show\"}\n", 19);
	fuzz_check(answers == before + 1);
	lab_run(lab, 60000);
	close_all();
	return 0;
}

static void seed(fuzz_put *put, const char *name, uint8_t piece, uint8_t pause, const char *text)
{
	static struct fuzz_output out;

	out.len = 0;
	fuzz_put_u8(&out, piece);
	fuzz_put_u8(&out, pause);
	fuzz_put_octets(&out, text, strlen(text));
	put(name, out.data, out.len);
}

#define ASK(command)		"{\"command\":\"" command "\"}\n"
#define ABOUT(command, peer)	"{\"command\":\"" command "\",\"peer\":\"" peer "\",\"id\":7}\n"

void fuzz_seeds(fuzz_put *put)
{
	static const char life[] = ASK("subscribe") ABOUT("connect", "urn:prose:ue2") ASK("show")
		ABOUT("rekey", "ue2") "{\"command\":\"rekey\",\"peer\":\"0a:0b:02\",\"kd\":true}\n"
		ASK("show") ABOUT("release", "0a:0b:02") ASK("show");

	seed(put, "version", 0, 0, ASK("version"));
	seed(put, "show", 0, 0, ASK("show"));
	seed(put, "life", 0, 250, life);
	seed(put, "life-in-haste", 0, 1, life);
	seed(put, "life-in-pieces", 15, 4, life);
	seed(put, "life-at-once", 2, 0, life);
	seed(put, "reload", 0, 0, ASK("reload") ASK("show"));
	seed(put, "reload-connected", 0, 250, ABOUT("connect", "ue2") ASK("reload") ASK("show"));
	seed(put, "unknown-peer", 0, 10, ABOUT("connect", "nobody") ABOUT("rekey", "ff:ff:ff")
	     ABOUT("release", "") ABOUT("connect", "urn:prose:ue1"));
	seed(put, "not-connected", 0, 10, ABOUT("rekey", "ue2") ABOUT("release", "ue2"));
	seed(put, "wrong-types", 0, 0, "{\"command\":1}\n{\"peer\":2}\n"
	     "{\"command\":\"rekey\",\"peer\":\"ue2\",\"kd\":3}\n{\"command\":\"connect\",\"peer\":[]}\n");
	seed(put, "no-object", 0, 0, "1\n[]\nnull\n\n\"x\"\n");
	seed(put, "no-json", 0, 0, "connect ue2\n{\n}\n\x01\x02\n");
	seed(put, "twice", 0, 0, "{\"command\":\"show\",\"command\":\"version\"}\n");
	seed(put, "ids", 0, 0, "{\"command\":\"version\",\"id\":{\"a\":[1,2,null,1e5]}}\n"
	     "{\"command\":\"x\",\"id\":\"\\u0000\"}\n");
	seed(put, "odd-names", 0, 0,
	     ABOUT("connect", "\\u0000") ABOUT("connect", "\\u001b[31m") ABOUT("connect", "\xc3\xbc"));
	seed(put, "endless", 0, 0xff, ASK("show"));
}
