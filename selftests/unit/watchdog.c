// SPDX-License-Identifier: MIT
/* The service manager's watchdog: who is watched, and that a loop that stands is noticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/notify.h"
#include "daemon/watchdog.h"

#define SELF	4711

static void period(void **state)
{
	(void)state;
	/* Nobody watches. */
	assert_int_equal(watchdog_period_ms(NULL, NULL, SELF), 0);
	assert_int_equal(watchdog_period_ms("", NULL, SELF), 0);
	assert_int_equal(watchdog_period_ms("0", "4711", SELF), 0);
	/* Half of it, so that one that comes late still comes in time. */
	assert_int_equal(watchdog_period_ms("30000000", "4711", SELF), 15000);
	assert_int_equal(watchdog_period_ms("30000000", NULL, SELF), 15000);
	assert_int_equal(watchdog_period_ms("1", NULL, SELF), 1);
	/* Somebody else is watched, whose environment was inherited. */
	assert_int_equal(watchdog_period_ms("30000000", "4712", SELF), 0);
	/* What no service manager writes. */
	assert_int_equal(watchdog_period_ms("30s", NULL, SELF), 0);
	assert_int_equal(watchdog_period_ms("-1", NULL, SELF), 0);
	assert_int_equal(watchdog_period_ms("99999999999999999999", NULL, SELF), 0);
	assert_int_equal(watchdog_period_ms("30000000", "self", SELF), 0);
	assert_int_equal(watchdog_period_ms("30000000", "", SELF), 0);
}

/* A service manager with an abstract socket, and a loop that it watches. */
struct manager {
	int fd;
	struct ev_loop *loop;
	struct watchdog watchdog;
	bool progress;
	unsigned int asked;
};

static int setup(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct manager *manager = calloc(1, sizeof(*manager));
	char name[64];

	assert_non_null(manager);
	snprintf(name, sizeof(name), "@prose-watchdog-%ld", (long)getpid());
	memcpy(address.sun_path, name, strlen(name));
	address.sun_path[0] = '\0';
	manager->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(manager->fd >= 0);
	assert_int_equal(bind(manager->fd, (struct sockaddr *)&address,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))), 0);
	setenv("NOTIFY_SOCKET", name, 1);
	setenv("WATCHDOG_USEC", "2000", 1);
	unsetenv("WATCHDOG_PID");
	manager->loop = ev_loop_new(EVFLAG_AUTO);
	assert_non_null(manager->loop);
	*state = manager;
	return 0;
}

static int teardown(void **state)
{
	struct manager *manager = *state;

	watchdog_stop(&manager->watchdog, manager->loop);
	ev_loop_destroy(manager->loop);
	close(manager->fd);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	free(manager);
	return 0;
}

static bool progress(void *context)
{
	struct manager *manager = context;

	manager->asked++;
	return manager->progress;
}

/* How often it was told, and nothing else. */
static unsigned int told(struct manager *manager)
{
	unsigned int n = 0;
	char said[64];
	ssize_t len;

	while ((len = recv(manager->fd, said, sizeof(said) - 1, 0)) > 0) {
		said[len] = '\0';
		assert_string_equal(said, "WATCHDOG=1");
		n++;
	}
	return n;
}

static void is_told(void **state)
{
	struct manager *manager = *state;

	manager->progress = true;
	watchdog_start(&manager->watchdog, manager->loop, progress, manager);
	ev_run(manager->loop, EVRUN_ONCE);
	ev_run(manager->loop, EVRUN_ONCE);
	assert_int_equal(told(manager), 2);
	assert_int_equal(manager->asked, 2);
}

static void is_not_told_without_progress(void **state)
{
	struct manager *manager = *state;

	watchdog_start(&manager->watchdog, manager->loop, progress, manager);
	ev_run(manager->loop, EVRUN_ONCE);
	assert_int_equal(manager->asked, 1);
	assert_int_equal(told(manager), 0);
	/* It is asked again, and may have recovered. */
	manager->progress = true;
	ev_run(manager->loop, EVRUN_ONCE);
	assert_int_equal(told(manager), 1);
}

static void is_not_told_when_nobody_watches(void **state)
{
	struct manager *manager = *state;

	setenv("WATCHDOG_PID", "1", 1);
	manager->progress = true;
	watchdog_start(&manager->watchdog, manager->loop, progress, manager);
	/* Nothing is left to wait for, so it returns. */
	ev_run(manager->loop, 0);
	assert_int_equal(told(manager), 0);
	assert_int_equal(manager->asked, 0);
	unsetenv("WATCHDOG_PID");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(period),
		cmocka_unit_test_setup_teardown(is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(is_not_told_without_progress, setup, teardown),
		cmocka_unit_test_setup_teardown(is_not_told_when_nobody_watches, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
