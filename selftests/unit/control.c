// SPDX-License-Identifier: MIT
/* The control socket: lines, clients, limits; and the table of commands behind it. */
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "daemon/control.h"
#include "daemon/requests.h"
#include "daemon_lab.h"

struct bench {
	struct ev_loop *loop;
	struct control *control;
	char folder[32], path[64];
	unsigned int asked;
	uid_t uid;
	pid_t pid;
};

/* Says back what was asked. */
static json_t *echo(void *context, const struct control_client *client, const json_t *request,
		    bool *subscribe)
{
	struct bench *bench = context;

	bench->asked++;
	bench->uid = client->uid;
	bench->pid = client->pid;
	if (json_object_get(request, "subscribe"))
		*subscribe = true;
	if (json_object_get(request, "big")) {
		json_t *list = json_array();
		int i;

		for (i = 0; i < 20000; i++)
			json_array_append_new(list, json_string("0123456789012345678901234567890"));
		return control_result(list);
	}
	return control_result(json_deep_copy(json_object_get(request, "say")));
}

static int setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	char why[CONFIG_WHY_MAX] = "";

	assert_non_null(bench);
	log_init(LOG_LEVEL_ERROR);
	strcpy(bench->folder, "/tmp/prose-control-XXXXXX");
	assert_non_null(mkdtemp(bench->folder));
	/* The last folder of the path is made. */
	snprintf(bench->path, sizeof(bench->path), "%s/run/ue.sock", bench->folder);
	bench->loop = ev_loop_new(EVFLAG_AUTO);
	bench->control = control_open(bench->loop, bench->path, echo, bench, why, sizeof(why));
	if (!bench->control)
		fail_msg("%s", why);
	*state = bench;
	return 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;
	struct stat st;

	control_close(bench->control);
	assert_int_equal(stat(bench->path, &st), -1);
	ev_loop_destroy(bench->loop);
	*strrchr(bench->path, '/') = '\0';
	assert_int_equal(rmdir(bench->path), 0);
	assert_int_equal(rmdir(bench->folder), 0);
	free(bench);
	return 0;
}

static void turn(struct bench *bench)
{
	int i;

	/* What is ready leads to more that is, but not for long. */
	for (i = 0; i < 16; i++)
		ev_run(bench->loop, EVRUN_NOWAIT);
}

static int dial(struct bench *bench)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, bench->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	turn(bench);
	return fd;
}

static void say(struct bench *bench, int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
	turn(bench);
}

/* All that came, NULL at the end of the stream. */
static const char *hear(struct bench *bench, int fd)
{
	static char text[8192];
	ssize_t got;

	turn(bench);
	got = recv(fd, text, sizeof(text) - 1, 0);
	if (got == 0 || (got < 0 && errno == ECONNRESET))
		return NULL;
	text[got < 0 ? 0 : got] = '\0';
	return text;
}

static void test_requests(void **state)
{
	struct bench *bench = *state;
	int fd = dial(bench);

	say(bench, fd, "{\"id\": 7, \"say\": \"a\"}\n");
	assert_string_equal(hear(bench, fd), "{\"ok\":true,\"result\":\"a\",\"id\":7}\n");
	assert_int_equal(bench->uid, getuid());
	assert_int_equal(bench->pid, getpid());
	/* In pieces, and several at once; an empty line is nothing. */
	say(bench, fd, "{\"say\":");
	assert_string_equal(hear(bench, fd), "");
	say(bench, fd, " 1}\n\n{\"say\": 2, \"id\": {\"x\": 1}}\n{\"sa");
	assert_string_equal(hear(bench, fd), "{\"ok\":true,\"result\":1}\n"
			    "{\"ok\":true,\"result\":2,\"id\":{\"x\":1}}\n");
	say(bench, fd, "y\": 3}\n");
	assert_string_equal(hear(bench, fd), "{\"ok\":true,\"result\":3}\n");
	assert_int_equal(bench->asked, 4);
	close(fd);
	turn(bench);
}

static void test_bad_lines(void **state)
{
	static const char *const lines[] = {
		"nonsense\n", "[1]\n", "{\"a\": 1\n", "{\"a\": 1} x\n", "\"text\"\n", "{\"a\":1,\"a\":2}\n",
		"{\"a\": \"\xff\"}\n", "{\"a\": \"\\u0000\"}\n", "\x01\n", "{]}\n",
	};
	struct bench *bench = *state;
	int fd = dial(bench);
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const char *answer;

		say(bench, fd, lines[i]);
		answer = hear(bench, fd);
		if (!answer || !strstr(answer, "\"code\":\"bad-request\""))
			fail_msg("%zu: %s", i, answer);
	}
	assert_int_equal(bench->asked, 0);
	/* The client is still served. */
	say(bench, fd, "{\"say\": 1}\n");
	assert_string_equal(hear(bench, fd), "{\"ok\":true,\"result\":1}\n");
	close(fd);
}

static void test_long_line(void **state)
{
	struct bench *bench = *state;
	char *much = malloc(CONTROL_LINE_MAX + 1);
	int fd = dial(bench), other = dial(bench);
	size_t sent = 0;

	memset(much, ' ', CONTROL_LINE_MAX);
	while (sent < CONTROL_LINE_MAX) {
		ssize_t n = send(fd, much, CONTROL_LINE_MAX - sent, MSG_NOSIGNAL);

		assert_true(n > 0 || errno == EAGAIN);
		sent += n > 0 ? (size_t)n : 0;
		turn(bench);
	}
	assert_non_null(strstr(hear(bench, fd), "too long"));
	assert_null(hear(bench, fd));
	/* One octet less is a line. */
	memcpy(much, "{\"say\": 1}", 10);
	much[CONTROL_LINE_MAX - 2] = '\n';
	for (sent = 0; sent < CONTROL_LINE_MAX - 1;) {
		ssize_t n = send(other, much + sent, CONTROL_LINE_MAX - 1 - sent, MSG_NOSIGNAL);

		assert_true(n > 0 || errno == EAGAIN);
		sent += n > 0 ? (size_t)n : 0;
		turn(bench);
	}
	assert_string_equal(hear(bench, other), "{\"ok\":true,\"result\":1}\n");
	close(fd);
	close(other);
	free(much);
}

static void test_events(void **state)
{
	struct bench *bench = *state;
	int fd = dial(bench), other = dial(bench), third = dial(bench);

	say(bench, fd, "{\"subscribe\": 1}\n");
	say(bench, third, "{\"subscribe\": 1}\n");
	hear(bench, fd);
	close(third);
	control_event(bench->control, json_pack("{s:s}", "event", "state"));
	assert_string_equal(hear(bench, fd), "{\"event\":\"state\"}\n");
	assert_string_equal(hear(bench, other), "");
	control_event(NULL, json_pack("{s:s}", "event", "state"));
	close(fd);
	close(other);
	turn(bench);
	control_event(bench->control, json_pack("{s:s}", "event", "state"));
}

/* A client that asks and never reads is cut off; the others go on. */
static void test_slow(void **state)
{
	struct bench *bench = *state;
	int fd = dial(bench), other = dial(bench), i;
	ssize_t got = 1;
	char text[65536];

	for (i = 0; i < 20; i++)
		if (send(fd, "{\"big\": 1}\n", 11, MSG_NOSIGNAL) == 11)
			turn(bench);
	say(bench, other, "{\"say\": 1}\n");
	assert_string_equal(hear(bench, other), "{\"ok\":true,\"result\":1}\n");
	while (got > 0)
		got = recv(fd, text, sizeof(text), 0);
	assert_true(got == 0 || errno == ECONNRESET);
	/* One that reads gets all of a long answer. */
	say(bench, other, "{\"big\": 1}\n");
	got = 0;
	for (i = 0; i < 200; i++) {
		ssize_t n = recv(other, text, sizeof(text), 0);

		if (n > 0)
			got += n;
		if (n > 0 && text[n - 1] == '\n')
			break;
		turn(bench);
	}
	assert_true(got > 20000 * 31);
	close(fd);
	close(other);
}

static void test_many_clients(void **state)
{
	struct bench *bench = *state;
	int fds[CONTROL_CLIENTS_MAX + 1], i;

	for (i = 0; i <= CONTROL_CLIENTS_MAX; i++)
		fds[i] = dial(bench);
	assert_null(hear(bench, fds[CONTROL_CLIENTS_MAX]));
	close(fds[0]);
	turn(bench);
	fds[0] = dial(bench);
	say(bench, fds[0], "{\"say\": 1}\n");
	assert_string_equal(hear(bench, fds[0]), "{\"ok\":true,\"result\":1}\n");
	for (i = 0; i <= CONTROL_CLIENTS_MAX; i++)
		close(fds[i]);
}

static void test_socket_file(void **state)
{
	struct bench *bench = *state;
	char why[CONFIG_WHY_MAX] = "", pid[32], path[128];
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct control *second;
	struct stat st;
	int fd;

	assert_int_equal(stat(bench->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_null(control_open(bench->loop, bench->path, echo, bench, why, sizeof(why)));
	snprintf(pid, sizeof(pid), "process %d listens", (int)getpid());
	assert_non_null(strstr(why, pid));

	/* A socket left behind is replaced, any other file is not. */
	snprintf(path, sizeof(path), "%s/old.sock", bench->folder);
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	second = control_open(bench->loop, path, echo, bench, why, sizeof(why));
	assert_non_null(second);
	/* Somebody put another in its place: that one is left alone. */
	unlink(path);
	lab_write(path, "not ours");
	control_close(second);
	assert_null(control_open(bench->loop, path, echo, bench, why, sizeof(why)));
	assert_non_null(strstr(why, "is no socket"));
	assert_int_equal(unlink(path), 0);
	assert_null(control_open(bench->loop, "/nonexistent/folder/x.sock", echo, bench, why,
				 sizeof(why)));
	assert_non_null(strstr(why, "cannot be made"));
}

static json_t *ask(struct lab_ue *ue, const char *request, bool *subscribe)
{
	struct control_client client = { getpid(), getuid() };
	json_t *json = json_loads(request, 0, NULL), *response;

	assert_non_null(json);
	response = requests_answer(ue->daemon, &client, json, subscribe);
	assert_non_null(response);
	json_decref(json);
	return response;
}

static void refused(struct lab_ue *ue, const char *request, const char *code, const char *part)
{
	bool subscribe = false;
	json_t *response = ask(ue, request, &subscribe), *error = json_object_get(response, "error");
	const char *message = json_string_value(json_object_get(error, "message"));

	assert_true(json_is_false(json_object_get(response, "ok")));
	assert_string_equal(json_string_value(json_object_get(error, "code")), code);
	if (!message || !strstr(message, part))
		fail_msg("%s: '%s'", request, message);
	assert_false(subscribe);
	json_decref(response);
}

static void granted(struct lab_ue *ue, const char *request, const char *member)
{
	bool subscribe = false;
	json_t *response = ask(ue, request, &subscribe);

	if (!json_is_true(json_object_get(response, "ok")))
		fail_msg("%s refused", request);
	if (member)
		assert_non_null(json_object_get(json_object_get(response, "result"), member));
	json_decref(response);
}

static void test_commands(void **state)
{
	struct lab *lab = *state;
	struct lab_ue *ue = &lab->ue[0];
	bool subscribe = false;

	lab_start(ue);
	lab_start(&lab->ue[1]);
	refused(ue, "{}", "bad-request", "\"command\"");
	refused(ue, "{\"command\": 5}", "bad-request", "\"command\"");
	refused(ue, "{\"command\": \"dance\"}", "unknown-command", "no such command");
	refused(ue, "{\"command\": \"connect\"}", "bad-request", "\"peer\"");
	refused(ue, "{\"command\": \"connect\", \"peer\": 5}", "bad-request", "\"peer\"");
	refused(ue, "{\"command\": \"connect\", \"peer\": \"nobody\"}", "refused", "\"nobody\"");
	refused(ue, "{\"command\": \"rekey\", \"peer\": \"ue2\"}", "refused", "");
	refused(ue, "{\"command\": \"rekey\", \"peer\": \"ue2\", \"kd\": 1}", "bad-request", "kd");
	refused(ue, "{\"command\": \"release\", \"peer\": \"ue2\"}", "refused", "");
	granted(ue, "{\"command\": \"version\"}", "protocol");
	granted(ue, "{\"command\": \"show\"}", "device");
	granted(ue, "{\"command\": \"connect\", \"peer\": \"ue2\"}", "layer2_id");
	lab_run(lab, 2000);
	refused(ue, "{\"command\": \"connect\", \"peer\": \"ue2\"}", "refused", "");
	granted(ue, "{\"command\": \"rekey\", \"peer\": \"ue2\", \"kd\": true}", "layer2_id");
	lab_run(lab, 2000);
	lab_assert(ue, "kd_rekeys", "1");
	granted(ue, "{\"command\": \"reload\"}", "configuration");
	granted(ue, "{\"command\": \"release\", \"peer\": \"0a:0b:02\"}", "layer2_id");
	lab_run(lab, 2000);
	lab_write(ue->conf, "x");
	refused(ue, "{\"command\": \"reload\"}", "bad-configuration", ".conf:1: ");
	json_decref(ask(ue, "{\"command\": \"subscribe\"}", &subscribe));
	assert_true(subscribe);
}

#define BENCH_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(test_requests),
		BENCH_TEST(test_bad_lines),
		BENCH_TEST(test_long_line),
		BENCH_TEST(test_events),
		BENCH_TEST(test_slow),
		BENCH_TEST(test_many_clients),
		BENCH_TEST(test_socket_file),
		cmocka_unit_test_setup_teardown(test_commands, lab_setup, lab_teardown),
	};

	return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
