// SPDX-License-Identifier: MIT
/*
 * Loading and unloading of the module while allocations fail. Loading makes some hundred, most
 * of them the kernel's: for the text, sysfs, trace events. Tried are the last ones, among which
 * are all of the module's own start (some 40). "module all" tries them all; the kernel prints
 * traces for some of its own then.
 */
#include <sys/syscall.h>

#include "../netlink/raw.h"
#include "inject.h"

#define LAST	80u

static int file;
static bool all;

static int load(void)
{
	return (int)syscall(SYS_finit_module, file, "", 0) ? errno : 0;
}

static int unload(void)
{
	return (int)syscall(SYS_delete_module, "prose", O_NONBLOCK) ? errno : 0;
}

static bool loaded(void)
{
	return !access("/sys/module/prose", F_OK);
}

static bool answers(void)
{
	static struct raw raw;
	bool found = raw_open(&raw);

	raw_close(&raw);
	return found;
}

/* For whoever reads the console: which one it was. */
static void note(const char *what, unsigned int n, unsigned int total)
{
	char text[64];
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	int len = snprintf(text, sizeof(text), "%s: allocation %u of %u fails", what, n, total);

	need(fd >= 0 && write(fd, text, (size_t)len) == len, "/dev/kmsg: %s", strerror(errno));
	close(fd);
}

/* What a load or an unload allocates. */
static unsigned int count(int (*what)(void))
{
	unsigned int left;
	int err;

	inject_arm(INJECT_MAX);
	err = what();
	left = inject_disarm();
	need(!err, "without failing allocations: %s", strerror(err));
	return INJECT_MAX - left;
}

static void loading(void)
{
	unsigned int total, n, tried = 0, refused = 0;
	int err;

	if (loaded())
		need(!unload(), "the module is in use");
	/* Once for what is made once. */
	need(!load() && !unload(), "the module cannot be loaded");
	total = count(load);
	need(!unload(), "the module cannot be unloaded");

	for (n = all || total < LAST ? 1 : total - LAST; n <= total + 1 && ktap_failures < KTAP_SHOWN;
	     n++) {
		bool failed;

		note("loading", n, total);
		inject_arm(n);
		err = load();
		failed = !inject_disarm();
		tried++;
		if (err) {
			refused++;
			check(failed, "allocation %u did not fail, but: %s", n, strerror(err));
			check(inject_error(err) || err == ENOENT || err == ENOEXEC,
			      "allocation %u: %s", n, strerror(err));
			need(!loaded(), "allocation %u: refused, but there it is", n);
			check(!answers(), "allocation %u: refused, but the family is there", n);
		} else {
			check(answers(), "allocation %u: loaded, but there is no family", n);
			need(!unload(), "allocation %u: it cannot be unloaded", n);
		}
	}
	ktap_say("%u of %u allocations failed one by one: %u times refused", tried, total, refused);
	check(refused, "there was none to fail");
	need(!load() && answers() && !unload(), "afterwards it cannot be loaded");
}

static void unloading(void)
{
	unsigned int total, n, refused = 0;
	int err;

	need(!load(), "the module cannot be loaded");
	total = count(unload);
	for (n = 1; n <= total && ktap_failures < KTAP_SHOWN; n++) {
		need(!load(), "the module cannot be loaded");
		note("unloading", n, total);
		inject_arm(n);
		err = unload();
		inject_disarm();
		refused += err > 0;
		if (err) {
			check(inject_error(err), "allocation %u: %s", n, strerror(err));
			check(answers(), "allocation %u: it stays, and does not answer", n);
			need(!unload(), "allocation %u: it cannot be unloaded", n);
		}
		need(!loaded(), "allocation %u: it stays", n);
	}
	ktap_say("%u allocations failed one by one: %u times refused", total, refused);
	check(total, "there was none to fail");
}

int main(int argc, char **argv)
{
	static const struct ktap_test tests[] = {
		{ "loading", loading },
		{ "unloading", unloading },
	};

	if (argc < 2) {
		fprintf(stderr, "usage: module FILE.ko [all]\n");
		return 2;
	}
	/* Now: to open it takes memory, too. */
	file = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (file < 0) {
		printf("Bail out! %s: %s\n", argv[1], strerror(errno));
		return KTAP_FAIL;
	}
	all = argc > 2 && !strcmp(argv[2], "all");
	inject_open();
	return KTAP_MAIN(tests, NULL, 1, argv);
}
