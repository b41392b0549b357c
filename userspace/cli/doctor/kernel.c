// SPDX-License-Identifier: MIT
/* The module: loaded, of this release; or why not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "doctor.h"

#define KLOG_READ_ALL	3	/* syslog(2) */
#define KLOG_SIZE	10

/* What the kernel said when it refused a module, as far as it may be read. */
static bool kernel_refused(void)
{
	static const char *const words[] = {
		"Loading of unsigned module is rejected", "Lockdown: modprobe",
		"Lockdown: insmod", "Loading of module with unavailable key is rejected",
		"prose: loading out-of-tree module taints kernel", NULL
	};
	int len = klogctl(KLOG_SIZE, NULL, 0), i;
	char *text = len > 0 ? malloc((size_t)len + 1) : NULL;
	bool refused = false;

	len = text ? klogctl(KLOG_READ_ALL, text, len) : -1;
	if (len >= 0) {
		text[len] = '\0';
		/* The last is no refusal. */
		for (i = 0; words[i + 1]; i++)
			refused |= strstr(text, words[i]) != NULL;
	}
	free(text);
	return refused;
}

/* Does only signed code get into this kernel? */
static bool locked_down(char *how, size_t len)
{
	char line[128];

	snprintf(how, len, "%s", "");
	if (doctor_line("/sys/module/module/parameters/sig_enforce", line, sizeof(line)) &&
	    line[0] == 'Y') {
		snprintf(how, len, "it takes signed modules only (module.sig_enforce)");
		return true;
	}
	if (doctor_line("/sys/kernel/security/lockdown", line, sizeof(line)) &&
	    !strstr(line, "[none]")) {
		snprintf(how, len, "it is locked down, as with Secure Boot: %s", line);
		return true;
	}
	return false;
}

/* What DKMS knows of the module for a kernel; false without DKMS, or when it knows nothing. */
static bool dkms_state(char *state, size_t len)
{
	const char *const argv[] = { "dkms", "status", "prose", NULL };
	char *text = doctor_run(argv);
	bool known = text && text[0];

	if (known) {
		text[strcspn(text, "\n")] = '\0';
		snprintf(state, len, "%s", text);
	}
	free(text);
	return known;
}

static void why_missing(struct doctor *doctor, const char *release)
{
	char state[256], headers[512], cure[DOCTOR_CURE_MAX];
	bool have_headers;

	snprintf(headers, sizeof(headers), "/lib/modules/%s/build", release);
	have_headers = !access(headers, F_OK);
	if (!have_headers)
		doctor_say(doctor, DOCTOR_FAIL,
			   doctor_cure(cure, sizeof(cure), "apt-get install linux-headers-%s, then make "
				       "dkms in prose's sources (or dkms autoinstall)", release),
			   "there is no prose.ko for this kernel, %s, and none can be built: its "
			   "headers are not installed", release);
	else if (dkms_state(state, sizeof(state)))
		doctor_say(doctor, DOCTOR_FAIL,
			   doctor_cure(cure, sizeof(cure), "dkms autoinstall -k %s; if that fails, "
				       "/var/lib/dkms/prose/*/build/make.log says why", release),
			   "there is no prose.ko for this kernel, %s; DKMS says: %s", release, state);
	else
		doctor_say(doctor, DOCTOR_FAIL, "install the package prose-dkms, or make dkms in "
			   "prose's sources", "there is no prose.ko for this kernel, %s", release);
}

/* Loaded is one thing, the one that is installed may be another. */
static void compare_loaded(struct doctor *doctor)
{
	const char *const argv[] = { "modinfo", "-F", "srcversion", "prose", NULL };
	char loaded[64], *installed;

	if (!doctor_line("/sys/module/prose/srcversion", loaded, sizeof(loaded)))
		return;
	installed = doctor_run(argv);
	if (installed) {
		installed[strcspn(installed, "\n")] = '\0';
		if (installed[0] && strcmp(installed, loaded))
			doctor_say(doctor, DOCTOR_WARN, "stop prosed, then: modprobe -r prose && "
				   "modprobe prose; or reboot", "the module that is loaded (%s) is not "
				   "the one that is installed (%s): an update is not in force yet",
				   loaded, installed);
	}
	free(installed);
}

static void not_loaded(struct doctor *doctor)
{
	const char *const argv[] = { "modinfo", "-F", "filename", "prose", NULL };
	char cure[DOCTOR_CURE_MAX], how[256];
	struct utsname name;
	char *file;

	uname(&name);
	file = doctor_run(argv);
	if (!file || !file[0]) {
		why_missing(doctor, name.release);
	} else if (locked_down(how, sizeof(how)) || kernel_refused()) {
		file[strcspn(file, "\n")] = '\0';
		doctor_say(doctor, DOCTOR_FAIL,
			   "sign it with a key the machine trusts: mokutil --import "
			   "/var/lib/dkms/mok.pub, reboot, enroll it, dkms autoinstall; or switch "
			   "Secure Boot off", "%s is installed, but the kernel refuses it: %s", file,
			   how[0] ? how : "its log says that the module is not signed by a trusted key");
	} else {
		file[strcspn(file, "\n")] = '\0';
		doctor_say(doctor, DOCTOR_FAIL,
			   doctor_cure(cure, sizeof(cure), "modprobe prose; if it is refused, dmesg has "
				       "the reason"), "%s is installed, but not loaded", file);
	}
	free(file);
}

void doctor_module(struct doctor *doctor)
{
	struct prose_nl_device *list = NULL;
	char why[256] = "", cure[DOCTOR_CURE_MAX];
	struct prose_nl *nl;
	size_t n = 0, i;

	if (access("/sys/module/prose", F_OK)) {
		not_loaded(doctor);
		return;
	}
	nl = prose_nl_open(why, sizeof(why));
	if (!nl || prose_nl_device_dump(nl, &list, &n)) {
		doctor_say(doctor, DOCTOR_FAIL, "stop prosed, then: modprobe -r prose && modprobe prose",
			   "the module is loaded, but does not answer: %s",
			   nl ? prose_nl_error(nl) : why);
		prose_nl_close(nl);
		return;
	}
	if (prose_nl_version(nl) != PROSE_FAMILY_VERSION)
		doctor_say(doctor, DOCTOR_FAIL,
			   doctor_cure(cure, sizeof(cure), "install module and programs of one release, "
				       "then reload the module"),
			   "the module speaks version %u of the netlink family, this program %u",
			   prose_nl_version(nl), PROSE_FAMILY_VERSION);
	else
		doctor_say(doctor, DOCTOR_OK, NULL, "prose.ko is loaded, netlink family version %u",
			   prose_nl_version(nl));
	for (i = 0; i < n; i++) {
		if (strcmp(list[i].ifname, doctor->ifname))
			continue;
		doctor->kernel = list[i];
		doctor->has_kernel = true;
	}
	free(list);
	prose_nl_close(nl);
	compare_loaded(doctor);
}
