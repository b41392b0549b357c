// SPDX-License-Identifier: MIT
/* The other UEs: who is not reached, and why. */
#include <string.h>
#include <time.h>

#include "../cli.h"
#include "../format.h"
#include "doctor.h"

/* Messages went out, and nothing has ever come in: it is not about keys. */
static bool nothing_came(const struct doctor *doctor)
{
	const json_t *signalling =
		json_object_get(json_object_get(doctor->show, "device"), "signalling");

	return output_number(signalling, "sent") > 0 && !output_number(signalling, "received") &&
	       !output_number(signalling, "malformed") &&
	       !output_number(signalling, "unprotected_ignored");
}

static void check_air(struct doctor *doctor)
{
	const json_t *device = json_object_get(doctor->show, "device");
	long long sent = (long long)output_number(json_object_get(device, "signalling"), "sent");
	char cure[DOCTOR_CURE_MAX];

	if (!nothing_came(doctor))
		return;
	if (doctor_on_udp(doctor))
		doctor_cure(cure, sizeof(cure), "is the other UE on, and its port the one in section udp? "
			    "does a firewall between drop UDP port %u? tcpdump -n udp port %u shows both "
			    "ways", doctor->kernel.port, doctor->kernel.port);
	else
		doctor_cure(cure, sizeof(cure), "is the other UE on, on the same segment, with the same "
			    "EtherType? do a switch, a Wi-Fi access point or a virtual machine's host "
			    "between drop EtherType %04x? tcpdump -n -i %s ether proto 0x%04x shows both "
			    "ways", doctor_ethertype(doctor),
			    doctor->lower.name[0] ? doctor->lower.name : "LOWER",
			    doctor_ethertype(doctor));
	doctor_say(doctor, DOCTOR_FAIL, cure, "%lld signalling messages were sent since prosed was "
		   "started, and nothing ever came back: frames are lost on the way, there or back",
		   sent);
}

static void check_failure(struct doctor *doctor, const json_t *peer)
{
	const json_t *failure = json_object_get(peer, "last_failure");
	time_t at = format_utc(output_text(failure, "time")), now = time(NULL);
	const char *cause = output_text(failure, "cause_text");
	char age[FORMAT_MAX], ago[2 * FORMAT_MAX] = "", cure[DOCTOR_CURE_MAX];

	if (at != -1 && at <= now)
		snprintf(ago, sizeof(ago), ", %s ago", format_age(now - at, age, sizeof(age)));
	doctor_cure(cure, sizeof(cure), "prose connect %s tries again, prose monitor shows the steps; "
		    "the other end's log says more", output_name(peer));
	doctor_say(doctor, DOCTOR_FAIL, cure, "%s is not connected; the last attempt failed%s: %s%s%s",
		   output_name(peer), ago, output_text(failure, "text"), cause[0] ? " Cause: " : "",
		   cause);
}

static void check_heard(struct doctor *doctor, const json_t *peer)
{
	json_int_t heard = output_number(peer, "last_heard_seconds");
	char age[FORMAT_MAX];

	if (output_known(peer, "last_heard_seconds") && heard > 60)
		doctor_say(doctor, DOCTOR_WARN, "is it still there? the keepalive will find out; with "
			   "long timers that takes long", "%s is connected, but was last heard %s ago",
			   output_name(peer), format_age(heard, age, sizeof(age)));
}

void doctor_peers(struct doctor *doctor)
{
	const json_t *peers = json_object_get(doctor->show, "peers"), *peer;
	size_t i, up = 0, failed = 0, waiting = 0;

	if (!doctor->show) {
		doctor_say(doctor, DOCTOR_SKIPPED, NULL, "without prosed nobody knows of its peers");
		return;
	}
	if (!json_array_size(peers) && doctor->config && !doctor->config->any_authenticated) {
		doctor_say(doctor, DOCTOR_WARN, "write a section peer for each, or accept = "
			   "\"any-authenticated\"", "no peer is configured, so nobody may connect");
		return;
	}
	check_air(doctor);
	json_array_foreach(peers, i, peer) {
		if (output_up(peer)) {
			up++;
			check_heard(doctor, peer);
		} else if (output_true(peer, "held")) {
			waiting++;
		} else if (!output_true(peer, "configured")) {
			/* Anybody can try; what a stranger failed at is no mistake of ours. */
			continue;
		} else if (json_is_object(json_object_get(peer, "last_failure"))) {
			failed++;
			check_failure(doctor, peer);
		} else {
			waiting++;
		}
	}
	if (!failed)
		doctor_say(doctor, DOCTOR_OK, NULL, "%zu connected, %zu not asked for or released", up,
			   waiting);
}
