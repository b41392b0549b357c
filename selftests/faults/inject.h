/* SPDX-License-Identifier: MIT */
/*
 * Failing allocations on order. One thread asks that the n-th of its own fails, whatever it is
 * for: memory from slabs or pages, or a copy to or from user space (Documentation/fault-injection
 * of the kernel). What softirqs and workers allocate is out of its reach.
 */
#ifndef SELFTESTS_INJECT_H
#define SELFTESTS_INJECT_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

/* More allocations than anything here makes. */
#define INJECT_MAX	100000u

static int inject_fd = -1;

static void inject_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0) {
		printf("Bail out! %s: %s; this needs the debug kernel: selftests/vm/run --kernel debug\n",
		       path, strerror(errno));
		exit(1);
	}
	close(fd);
}

/*
 * Allocations that may sleep fail too, and nobody prints a stack for it. `ip netns exec` mounts a
 * /sys of its own, without debugfs.
 */
__attribute__((unused))
static void inject_open(void)
{
	static const char *const kinds[] = { "failslab", "fail_page_alloc", "fail_usercopy" };
	char path[96];
	size_t i;

	if (access("/sys/kernel/debug/failslab", F_OK))
		mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/verbose", kinds[i]);
		inject_write(path, "0");
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/ignore-gfp-wait", kinds[i]);
		if (i < 2)
			inject_write(path, "N");
	}
	inject_write("/sys/kernel/debug/fail_page_alloc/min-order", "0");
	inject_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	/* Page faults allocate as well: none of ours in between. */
	if (inject_fd < 0 || mlockall(MCL_CURRENT | MCL_FUTURE)) {
		printf("Bail out! /proc/thread-self/fail-nth: %s\n", strerror(errno));
		exit(1);
	}
}

/* From here on the @n-th fails; 0 for none. */
__attribute__((unused))
static void inject_arm(unsigned int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", n);

	/* It may be this very write that fails. */
	while (pwrite(inject_fd, text, (size_t)len, 0) != len)
		;
}

/* How many are left until the one that was to fail: 0 when it did. None fails from here on. */
__attribute__((unused))
static unsigned int inject_disarm(void)
{
	char text[16] = "";
	ssize_t got = pread(inject_fd, text, sizeof(text) - 1, 0);
	int saved = errno;

	inject_arm(0);
	errno = saved;
	/* It was this read, which copies to us, after all else. */
	if (got < 0)
		return 1;
	return (unsigned int)strtoul(text, NULL, 10);
}

/*
 * For all that a thread cannot ask for: of the allocations that have the module on their stack,
 * in whatever context, so many in a hundred fail. 0 ends it.
 */
__attribute__((unused))
static void inject_pressure(unsigned int percent)
{
	static const char *const kinds[] = { "failslab", "fail_page_alloc" };
	char name[64], path[96], text[32];
	unsigned long size = 0, start = 0;
	FILE *f = fopen("/proc/modules", "r");
	size_t i;

	while (f && !start && fscanf(f, "%63s %lu %*[^\n]", name, &size) == 2)
		if (!strcmp(name, "prose")) {
			FILE *text_file = fopen("/sys/module/prose/sections/.text", "r");

			if (!text_file || fscanf(text_file, "%lx", &start) != 1)
				start = 0;
			if (text_file)
				fclose(text_file);
		}
	if (f)
		fclose(f);
	if (!start) {
		printf("Bail out! it is not to be seen where prose.ko lies\n");
		exit(1);
	}
	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/probability", kinds[i]);
		inject_write(path, "0");
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/stacktrace-depth", kinds[i]);
		inject_write(path, "32");
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/require-start", kinds[i]);
		snprintf(text, sizeof(text), "%#lx", start);
		inject_write(path, text);
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/require-end", kinds[i]);
		snprintf(text, sizeof(text), "%#lx", start + size);
		inject_write(path, text);
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/times", kinds[i]);
		inject_write(path, "-1");
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/probability", kinds[i]);
		snprintf(text, sizeof(text), "%u", percent);
		inject_write(path, text);
	}
}

/* Errors that stand for a failed allocation, or a failed copy. */
__attribute__((unused))
static bool inject_error(int err)
{
	return err == ENOMEM || err == ENOBUFS || err == EFAULT;
}

#endif
