// SPDX-License-Identifier: MIT
/* prosed: whether it answers, and whether it is the one that belongs to all this. */
#include <string.h>

#include "../cli.h"
#include "doctor.h"

#include "daemon/daemon.h"

void doctor_daemon(struct doctor *doctor)
{
	const json_t *device = json_object_get(doctor->show, "device");
	const char *version = output_text(doctor->show, "version");
	char cure[DOCTOR_CURE_MAX];

	if (!doctor->show) {
		if (doctor->has_kernel && doctor->kernel.owned)
			doctor_say(doctor, DOCTOR_FAIL,
				   "name its socket with -s; or end it, ps -C prosed shows it",
				   "%s, but some process owns the signalling of %s: a prosed with "
				   "another socket, or that hangs", doctor->no_daemon, doctor->ifname);
		else
			doctor_say(doctor, DOCTOR_FAIL, "systemctl start prosed, or prosed -c FILE; "
				   "then journalctl -u prosed", "%s", doctor->no_daemon);
		return;
	}
	if (strcmp(version, DAEMON_VERSION))
		doctor_say(doctor, DOCTOR_WARN, "systemctl restart prosed",
			   "prosed is of version %s, this program of %s", version, DAEMON_VERSION);
	if (output_text(device, "error")[0])
		doctor_say(doctor, DOCTOR_FAIL, "is the device still there, and in its network "
			   "namespace? journalctl -u prosed", "prosed cannot ask the kernel: %s",
			   output_text(device, "error"));
	else
		doctor_say(doctor, DOCTOR_OK, NULL, "prosed %s answers for %s, process %d", version,
			   output_text(device, "name"), (int)doctor->pid);
	if (doctor->config && strcmp(doctor->config->device, output_text(device, "name")))
		doctor_say(doctor, DOCTOR_WARN,
			   doctor_cure(cure, sizeof(cure), "prose -s %s doctor asks for that one",
				       doctor->config->device),
			   "the configuration is of %s, the prosed that answers is of %s",
			   doctor->config->device, output_text(device, "name"));
	if (doctor->elsewhere)
		doctor_say(doctor, DOCTOR_SKIPPED,
			   doctor_cure(cure, sizeof(cure), "as root: nsenter -t %d -n prose doctor",
				       (int)doctor->pid),
			   "prosed is in another network namespace; its devices are not looked at");
}
