// SPDX-License-Identifier: MIT
/* The device below. */
#include <string.h>

#include "../cli.h"
#include "doctor.h"

void doctor_lower(struct doctor *doctor)
{
	const char *name = doctor->lower.name[0] ? doctor->lower.name :
			   doctor->config ? doctor->config->lower : "";
	char cure[DOCTOR_CURE_MAX];

	if (doctor->elsewhere || !name[0]) {
		if (!doctor->elsewhere && doctor->device.ifindex && !doctor_on_udp(doctor))
			doctor_say(doctor, DOCTOR_SKIPPED, "look there: ip link", "the device below %s "
				   "is in another network namespace", doctor->ifname);
		return;
	}
	if (!doctor->lower.ifindex)
		doctor_say(doctor, DOCTOR_FAIL, "start what makes it, or name another with lower = in "
			   "the configuration", "%s, which %s is to be on, does not exist", name,
			   doctor->ifname);
	else if (!doctor->lower.up)
		doctor_say(doctor, DOCTOR_FAIL,
			   doctor_cure(cure, sizeof(cure), "ip link set %s up", name),
			   "%s, the device below %s, is down", name, doctor->ifname);
	else if (!doctor->lower.carrier)
		doctor_say(doctor, DOCTOR_FAIL, "plug it in; a tap needs the program that serves it, a "
			   "veth its other end up, Wi-Fi an association",
			   "%s, the device below %s, has no carrier", name, doctor->ifname);
	else
		doctor_say(doctor, DOCTOR_OK, NULL, "%s is up, MTU %u", name, doctor->lower.mtu);
}
